//! A change for every path.

use std::collections::{BTreeMap, BTreeSet};

use super::table::{self, Case};
use super::{Action, Change, Layout, Settlement, Step};
use crate::tree::{Entry, Found, Mode, Ownership, Tree};

/// The three sides of a merge.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What was rendered last time.
    pub base: &'a Tree,
    /// What lies in the directory, at every path of the two others.
    pub ours: &'a BTreeMap<String, Found>,
    /// What is rendered now.
    pub theirs: &'a Tree,
    /// How the project lays out Python.
    pub layout: &'a Layout,
    /// Files that have another name now: old → new.
    pub renames: &'a BTreeMap<String, String>,
}

/// How far a run goes.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The only paths that are touched; all if there is none.
    pub only: Option<BTreeSet<String>>,
    /// Whether files that the user deleted come back.
    pub restore: bool,
    /// Whether the user's edits go.
    pub discard: bool,
    /// Whether private files, which are each machine's own, stay as they are.
    pub spare_private: bool,
    /// The components of the project: what one of them wrote once stays, though it would not be written today.
    pub components: BTreeSet<String>,
    /// What the paths of an app that goes begin with: nothing of it stays for that.
    pub gone: Option<String>,
}

impl Reach {
    /// Takes in the other name of each path that is renamed: a file is not touched by half.
    pub fn follow(&mut self, renames: &BTreeMap<String, String>) {
        let Some(only) = &mut self.only else { return };
        for (old, new) in renames {
            if only.contains(old) || only.contains(new) {
                only.extend([old.clone(), new.clone()]);
            }
        }
    }

    /// Whether a path is touched.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(path))
    }

    /// Whether a file that is no longer rendered was written once by a component that is still there: a migration stays,
    /// even if the models of today would have had no need for it.
    fn leaves_behind(&self, path: &str, base: Option<&Entry>) -> bool {
        let is_gone = self.gone.as_ref().is_some_and(|gone| path.starts_with(gone));
        let is_left = |entry: &Entry| entry.ownership == Ownership::Once && self.components.contains(&entry.component);
        !is_gone && base.is_some_and(is_left)
    }
}

/// Everything that a run will do, in the order of the paths.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Plans a project's first writing: what lies in the directory already is the user's and stays.
    #[must_use]
    pub fn first(wanted: &Tree, found: &Tree) -> Self {
        let changes = wanted.iter().map(|(path, entry)| {
            let there = found.get(path);
            let (action, step) = match there {
                None => (Action::Create, write(entry)),
                Some(there) if there.content == entry.content => (Action::Identical, Step::Leave),
                Some(there) => match with_missing_lines(path, &there.content, &entry.content) {
                    Some(content) => (
                        Action::Merge,
                        Step::Write {
                            content,
                            bits: entry.mode.bits(),
                        },
                    ),
                    None => (Action::Keep, Step::Leave),
                },
            };
            Change {
                path: path.to_owned(),
                component: entry.component.clone(),
                action,
                reason: String::new(),
                step,
                dispute: None,
                before: there.map_or(Found::Missing, |there| Found::File {
                    content: there.content.clone(),
                    bits: there.mode.bits(),
                }),
                withheld: None,
                is_private: entry.mode == Mode::Private,
                renamed_from: None,
            }
        });
        Self {
            changes: changes.collect(),
        }
    }

    /// Plans a change of a living project.
    #[must_use]
    pub fn merge(sides: Sides<'_>, reach: &Reach) -> Self {
        let renames = effective_renames(sides);
        let paths: BTreeSet<&str> = sides
            .base
            .iter()
            .chain(sides.theirs.iter())
            .filter(|(path, entry)| reach.covers(path) && !(reach.spare_private && entry.mode == Mode::Private))
            .map(|(path, _)| path)
            .collect();
        let mut changes = Vec::new();
        for path in paths {
            if let Some(new) = renames.get(path) {
                changes.push(table::moved_away(path, new, sides));
                continue;
            }
            let old = renames
                .iter()
                .find(|(_, new)| *new == path)
                .map(|(old, _)| old.as_str());
            changes.push(table::decide(
                Case {
                    path,
                    renamed_from: old,
                    base: sides.base.get(old.unwrap_or(path)),
                    ours: sides.ours.get(old.unwrap_or(path)).unwrap_or(&Found::Missing),
                    theirs: sides.theirs.get(path),
                    layout: sides.layout,
                    is_left_behind: reach.leaves_behind(path, sides.base.get(path)),
                },
                reach,
            ));
        }
        Self { changes }
    }

    /// The changes of one kind.
    pub fn with_action(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.action == action)
    }

    /// The changes that do something to the disk or that somebody has to look at.
    pub fn notable(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.step != Step::Leave || change.action.is_open())
    }

    /// Whether nothing on the disk is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(|change| change.step == Step::Leave)
    }

    /// Settles every dispute that is left in the same way.
    pub fn settle_all(&mut self, settlement: &Settlement) {
        for change in &mut self.changes {
            change.settle(settlement.clone());
        }
    }
}

/// A list of patterns that is there, with the generated ones that it lacks behind it; none for other files. Without
/// them git would take in what is secret.
fn with_missing_lines(path: &str, there: &[u8], generated: &[u8]) -> Option<Vec<u8>> {
    if ![".gitignore", ".gitattributes", ".dockerignore"].contains(&path) {
        return None;
    }
    let (there, generated) = (std::str::from_utf8(there).ok()?, std::str::from_utf8(generated).ok()?);
    let has: BTreeSet<&str> = there.lines().map(str::trim_end).collect();
    let missing: Vec<&str> = generated
        .lines()
        .filter(|line| line.is_empty() || !has.contains(line))
        .collect();
    let missing = missing.join("\n");
    Some(format!("{}\n\n{}\n", there.trim_end(), missing.trim()).into_bytes())
}

fn write(entry: &Entry) -> Step {
    Step::Write {
        content: entry.content.clone(),
        bits: entry.mode.bits(),
    }
}

/// The renames that happen now: the old name was rendered last time, the new one is now, and nothing is in its way.
fn effective_renames(sides: Sides<'_>) -> BTreeMap<String, String> {
    let happens = |old: &str, new: &str| {
        let is_moved = sides.base.get(old).is_some() && sides.theirs.get(old).is_none();
        let is_new = sides.base.get(new).is_none() && sides.theirs.get(new).is_some();
        is_moved && is_new && matches!(sides.ours.get(new), None | Some(Found::Missing))
    };
    sides
        .renames
        .iter()
        .filter(|(old, new)| happens(old, new))
        .map(|(old, new)| (old.clone(), new.clone()))
        .collect()
}

/// What the next run takes for the last render: the new one, whatever the user made of it, or what was answered once
/// would be asked again. Files that are written once stay as they were written.
#[must_use]
pub fn next_base(base: &Tree, theirs: &Tree, reach: &Reach) -> Tree {
    let mut next = Tree::default();
    for (path, entry) in theirs.iter().filter(|(_, entry)| entry.mode != Mode::Private) {
        let last = base.get(path);
        let entry = match last {
            Some(last) if entry.ownership == Ownership::Once => Some(Entry {
                content: last.content.clone(),
                digest: last.digest,
                ..entry.clone()
            }),
            _ if reach.covers(path) => Some(entry.clone()),
            _ => last.cloned(),
        };
        if let Some(entry) = entry {
            next.insert(path, entry);
        }
    }
    for (path, entry) in base.iter() {
        let stays = !reach.covers(path) || reach.leaves_behind(path, Some(entry));
        if theirs.get(path).is_none() && stays {
            next.insert(path, entry.clone());
        }
    }
    next
}
