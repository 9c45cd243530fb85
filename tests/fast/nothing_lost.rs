//! Whatever a project's owner did to its files, and whatever djscaffold is then asked to do: every line they wrote is in
//! the result or inside a conflict that is shown, and doing it again changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use djscaffold::catalog::{Catalog, Source};
use djscaffold::merge::{Action, Layout, Plan, Reach, Settlement, Sides, Step, next_base};
use djscaffold::spec::{Answers, Spec};
use djscaffold::tree::{Entry, Found, Mode, Ownership, Place, Tree};

use crate::site::answers;
use crate::support::rendered_as;

/// Edited files in all; the law must hold for each.
const EDITS: usize = 20_000;
const RUFF: &str = "line-length = 120\n[format]\nquote-style = \"single\"\n";

/// A random number generator that gives the same numbers on every machine: xorshift64*.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % below.max(1)
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }
}

/// Renders of neighbouring declarations, with the reach of a run that makes them: any can become any other.
fn pool() -> Vec<(Tree, Reach)> {
    let catalog = Catalog::from_source(&Source::embedded()).unwrap();
    let with = |preset: &str, change: &dyn Fn(&mut Answers)| {
        let mut answers = answers(preset, &catalog);
        change(&mut answers);
        let spec = Spec::from_answers(&answers, &catalog).unwrap();
        let mut tree = rendered_as(&catalog, &spec, "1.0.0").tree;
        tree.remove(djscaffold::render::BASE);
        tree.remove(djscaffold::render::DECLARATION);
        let reach = Reach {
            components: spec.components.keys().cloned().collect(),
            ..Reach::default()
        };
        (tree, reach)
    };
    vec![
        with("minimal", &|_| {}),
        with("minimal", &|answers| answers.set("app", "views", "cbv".into())),
        with("minimal", &|answers| answers.with("health")),
        with("minimal", &|answers| answers.set_project("django", "6.1")),
        with("standard", &|_| {}),
        with("standard", &|answers| answers.set_project("title", "Another")),
        with("full", &|_| {}),
        with("full", &|answers| answers.set("nginx", "tls", "terminate".into())),
    ]
}

/// What the owner wrote into one file, and what the file became.
struct Edit {
    found: Found,
    written: Vec<String>,
    is_deleted: bool,
}

fn lines(text: &str) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    text.split('\n').map(str::to_owned).collect()
}

/// Lines of `mine` that are not in `theirs`, as often as they are more.
fn more(mine: &[String], theirs: &[String]) -> Vec<String> {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for line in theirs {
        *left.entry(line).or_default() += 1;
    }
    let mut added = Vec::new();
    for line in mine {
        match left.get_mut(line.as_str()) {
            Some(count) if *count > 0 => *count -= 1,
            _ => added.push(line.clone()),
        }
    }
    added
}

fn edit(path: &str, text: &str, bits: u32, layout: &Layout, dice: &mut Dice) -> Edit {
    let mut all: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut bits = bits;
    for _ in 0..=dice.roll(3) {
        let at = dice.roll(all.len() + 1);
        let number = dice.roll(100_000);
        match dice.roll(10) {
            0..=2 => all.insert(at, format!("owned_{number} = {number}\n")),
            3 if at < all.len() => {
                all.remove(at);
            }
            4 if at < all.len() => all[at] = format!("{}  # owned {number}\n", all[at].trim_end()),
            5 if at < all.len() => {
                let line = all.remove(at);
                let to = dice.roll(all.len() + 1);
                all.insert(to, line);
            }
            6 if at < all.len() && all[at].contains("\",") => {
                // A whole element, as people copy one and change it.
                let copy = all[at].replace("\",", &format!("_{number}\","));
                all.insert(at + 1, copy);
            }
            7 => bits ^= 0o111,
            8 => {
                let kept = all.len().saturating_sub(dice.roll(4));
                all.truncate(kept);
            }
            _ => {}
        }
    }
    let mut text: String = all.concat();
    match dice.roll(16) {
        0 => text = text.replace('\n', "\r\n"),
        1 => text.truncate(text.trim_end_matches('\n').len()),
        2 => text.insert(0, '\u{feff}'),
        3 => text = String::from_utf8(layout.apply(path, text.as_bytes()).into_owned()).unwrap(),
        _ => {}
    }
    let content = text.into_bytes();
    match dice.roll(24) {
        0 => Edit {
            found: Found::Missing,
            written: Vec::new(),
            is_deleted: true,
        },
        1 => Edit {
            found: Found::Other(*dice.pick(&[Place::Link, Place::BehindLink, Place::Folder])),
            written: Vec::new(),
            is_deleted: true,
        },
        2 => Edit {
            found: Found::File {
                content: [&content[..], b"\0\xff"].concat(),
                bits,
            },
            written: vec!["\0".to_owned()],
            is_deleted: false,
        },
        _ => Edit {
            written: lines(std::str::from_utf8(&content).unwrap()),
            found: Found::File { content, bits },
            is_deleted: false,
        },
    }
}

/// What lies at a path after a plan, and the text of a conflict that is shown for it.
fn after(plan: &Plan, path: &str, before: &Found) -> Found {
    let change = plan.changes.iter().find(|change| change.path == path);
    match change.map(|change| &change.step) {
        None | Some(Step::Leave) => before.clone(),
        Some(Step::Write { content, bits }) => Found::File {
            content: content.clone(),
            bits: *bits,
        },
        Some(Step::Remove) => Found::Missing,
    }
}

fn check(path: &str, edit: &Edit, base: Option<&[u8]>, result: &Found, change: Option<Action>, layout: &Layout) {
    if edit.is_deleted {
        assert!(
            *result == edit.found,
            "{path}: what was deleted or replaced came back ({change:?})"
        );
        return;
    }
    let Found::File { content: mine, .. } = &edit.found else {
        unreachable!()
    };
    let base = base.unwrap_or_default();
    let formatted = layout.apply(path, base);
    if *mine == base || *mine == *formatted {
        return;
    }
    let Some(left) = result.content() else {
        // Only what was never edited, its layout apart, may go.
        let theirs = lines(&String::from_utf8_lossy(base));
        let laid_out = lines(&String::from_utf8_lossy(&formatted));
        let is_layout = edit.written == theirs
            || edit.written == laid_out
            || more(&edit.written, &theirs).iter().all(String::is_empty)
                && more(&theirs, &edit.written).iter().all(String::is_empty);
        assert!(is_layout, "{path}: an edited file is gone ({change:?})");
        return;
    };
    if edit.written == ["\0"] {
        assert!(left == mine.as_slice(), "{path}: a binary file was changed");
        return;
    }
    // A line counts as the owner's if neither the render nor the same render in their layout has it.
    let left = lines(std::str::from_utf8(left).unwrap());
    let known = lines(&String::from_utf8_lossy(&formatted));
    let plain = lines(&String::from_utf8_lossy(base));
    let mine = if more(&edit.written, &known).len() <= more(&edit.written, &plain).len() {
        more(&edit.written, &known)
    } else {
        more(&edit.written, &plain)
    };
    let lost = more(&mine, &left);
    // A final newline, and the blank lines that a formatter moves, are no text of anybody's.
    let lost: Vec<&String> = lost
        .iter()
        .filter(|line| !line.trim().is_empty() && !is_merged_import(line, &plain, &left))
        .collect();
    assert!(
        lost.is_empty(),
        "{path}: lost {lost:?} ({change:?})\n--- mine\n{}\n--- left\n{}",
        edit.written.join("\n"),
        left.join("\n")
    );
}

/// Whether all that an import says is still there, but for names that were rendered: names of both sides share a statement.
fn is_merged_import(line: &str, rendered: &[String], left: &[String]) -> bool {
    let words = |text: &str| -> BTreeSet<String> {
        let word = |character: char| !(character.is_alphanumeric() || "_.".contains(character));
        text.split(word)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let is_import = line.starts_with("from ") || line.starts_with("import ") || line.starts_with(')');
    let all = |lines: &[String]| lines.iter().flat_map(|line| words(line)).collect::<BTreeSet<_>>();
    let mine: BTreeSet<String> = words(line).difference(&all(rendered)).cloned().collect();
    is_import && mine.is_subset(&all(left))
}

/// A project as it was rendered, with the places of what it is to become.
fn untouched(from: &Tree, to: &Tree) -> BTreeMap<String, Found> {
    let mut ours: BTreeMap<String, Found> = to.iter().map(|(path, _)| (path.to_owned(), Found::Missing)).collect();
    for (path, entry) in from.iter() {
        let (content, bits) = (entry.content.clone(), entry.mode.bits());
        ours.insert(path.to_owned(), Found::File { content, bits });
    }
    ours
}

/// The files that are edited. Those that differ between the two renders come up more often: there is something to merge.
fn choose<'a>(base: &'a Tree, to: &Tree, dice: &mut Dice) -> BTreeSet<&'a str> {
    let all: Vec<&str> = base.iter().map(|(path, _)| path).collect();
    let differs = |(path, entry): &(&str, &Entry)| to.get(path).is_none_or(|theirs| !theirs.is_same(entry));
    let differing: Vec<&str> = base.iter().filter(differs).map(|(path, _)| path).collect();
    let mut chosen = BTreeSet::new();
    for _ in 0..40 {
        let from_differing = !differing.is_empty() && dice.roll(3) > 0;
        chosen.insert(*dice.pick(if from_differing { &differing } else { &all }));
    }
    chosen
}

/// What a run came to.
#[derive(Clone, Copy)]
struct Outcome<'a> {
    reach: &'a Reach,
    to: &'a Tree,
    layout: &'a Layout,
    left: &'a BTreeMap<String, Found>,
}

/// What a run is asked for besides becoming another render.
#[derive(Debug, Default)]
struct Wish {
    /// The only files that `regen` was called with, and whether edits of them go.
    only: Option<BTreeSet<String>>,
    discard: bool,
    /// Files that are ejected.
    ejected: BTreeSet<String>,
    /// Files that have another name now.
    renames: BTreeMap<String, String>,
}

impl Wish {
    fn roll(from: &Tree, to: &Tree, dice: &mut Dice) -> Self {
        let both: Vec<String> = from
            .iter()
            .filter(|(path, _)| to.get(path).is_some())
            .map(|(path, _)| path.to_owned())
            .collect();
        let mut some = |count: usize| -> BTreeSet<String> { (0..count).map(|_| dice.pick(&both).clone()).collect() };
        let (half, few) = (some(both.len() / 2), some(8));
        let mut wish = Self::default();
        match dice.roll(8) {
            0 => wish.only = Some(half),
            1 => (wish.only, wish.discard) = (Some(half), true),
            2 => wish.ejected = few,
            3 => {
                let new = |old: &String| match old.rsplit_once('/') {
                    Some((folder, name)) => format!("{folder}/moved_{name}"),
                    None => format!("moved_{old}"),
                };
                wish.renames = few.iter().map(|old| (old.clone(), new(old))).collect();
            }
            4 => {
                wish.only = Some(half);
                wish.renames = few.iter().map(|old| (old.clone(), format!("{old}.moved"))).collect();
            }
            _ => {}
        }
        wish
    }

    /// The two trees and the reach of the run that does this.
    fn grant(&self, base: &mut Tree, to: &mut Tree, reach: &Reach) -> Reach {
        for path in &self.ejected {
            base.remove(path);
            to.remove(path);
        }
        for (old, new) in &self.renames {
            let entry = to.get(old).unwrap().clone();
            to.remove(old);
            to.insert(new, entry);
        }
        let mut reach = Reach {
            only: self.only.clone(),
            restore: self.only.is_some(),
            discard: self.discard,
            ..reach.clone()
        };
        reach.follow(&self.renames);
        reach
    }

    /// The law for one file that its owner edited.
    fn check(&self, path: &str, edit: &Edit, entry: &Entry, change: Option<Action>, outcome: &Outcome<'_>) {
        let Outcome {
            reach,
            to,
            layout,
            left,
        } = *outcome;
        if !self.touches(path, reach) {
            assert!(left[path] == edit.found, "{path} is out of reach: {self:?}");
            return;
        }
        let is_there = matches!(edit.found, Found::File { .. });
        if self.discard && is_there && entry.mode != Mode::Private {
            let theirs = if entry.ownership == Ownership::Once {
                entry
            } else {
                to.get(path).unwrap()
            };
            let pristine = layout.apply(path, &theirs.content);
            let is_pristine = left[path].content().is_some_and(|content| *content == *pristine);
            assert!(is_pristine, "{path} keeps edits that were to go");
            return;
        }
        if edit.is_deleted && reach.restore {
            return;
        }
        let place = match self.renames.get(path) {
            Some(new) if !edit.is_deleted => new,
            _ => path,
        };
        let is_renamed = self.renames.contains_key(path);
        if entry.ownership == Ownership::Once && to.get(path).is_some() && !is_renamed {
            assert!(left[path] == edit.found, "{path} is the owner's");
        }
        check(path, edit, Some(&entry.content), &left[place], change, layout);
    }

    fn touches(&self, path: &str, reach: &Reach) -> bool {
        !self.ejected.contains(path) && reach.only.as_ref().is_none_or(|only| only.contains(path))
    }
}

#[test]
fn no_line_is_lost_and_twice_is_once() {
    let pool = pool();
    let mut dice = Dice(0x5EED);
    let (mut edits, mut seen) = (0, BTreeMap::<&str, usize>::new());
    while edits < EDITS {
        let ((from, _), (to, reach)) = (dice.pick(&pool), dice.pick(&pool));
        let mut base = next_base(&Tree::default(), from, reach);
        let whole_base = base.clone();
        let mut to = to.clone();
        let wish = Wish::roll(from, &to, &mut dice);
        let reach = &wish.grant(&mut base, &mut to, reach);
        let to = &to;
        let layout = if dice.roll(4) == 0 {
            Layout::of_project(None, Some(RUFF))
        } else {
            Layout::default()
        };
        let mut ours = untouched(from, to);
        let chosen = choose(&whole_base, to, &mut dice);
        let mut made: BTreeMap<&str, Edit> = BTreeMap::new();
        for path in chosen {
            let entry = from.get(path).unwrap();
            let edit = edit(
                path,
                std::str::from_utf8(&entry.content).unwrap(),
                entry.mode.bits(),
                &layout,
                &mut dice,
            );
            ours.insert(path.to_owned(), edit.found.clone());
            made.insert(path, edit);
        }
        edits += made.len();
        let sides = Sides {
            base: &base,
            ours: &ours,
            theirs: to,
            layout: &layout,
            renames: &wish.renames,
        };
        let mut plan = Plan::merge(sides, reach);
        let settlement = match dice.roll(2) {
            0 => Settlement::Mine,
            _ => Settlement::Markers {
                version: "1.0.0".to_owned(),
            },
        };
        plan.settle_all(&settlement);
        let mut left: BTreeMap<String, Found> = BTreeMap::new();
        for (path, before) in &ours {
            left.insert(path.clone(), after(&plan, path, before));
        }
        for (path, edit) in &made {
            let change = plan
                .changes
                .iter()
                .find(|change| change.path == *path)
                .map(|change| change.action);
            *seen.entry(change.map_or("none", Action::verb)).or_default() += 1;
            let entry = whole_base.get(path).unwrap();
            let outcome = Outcome {
                reach,
                to,
                layout: &layout,
                left: &left,
            };
            wish.check(path, edit, entry, change, &outcome);
        }
        let next = next_base(&base, to, reach);
        let again = Plan::merge(
            Sides {
                base: &next,
                ours: &left,
                ..sides
            },
            reach,
        );
        // Where something else lies in a file's place, `regen` says so every time.
        let is_other = |path: &str| matches!(left[path], Found::Other(_));
        let in_the_way = |path: &String| {
            let old = wish.renames.iter().find(|(_, new)| *new == path).map(|(old, _)| old);
            reach.restore && (is_other(path) || old.is_some_and(|old| is_other(old)))
        };
        let open: Vec<_> = again
            .notable()
            .filter(|change| !in_the_way(&change.path))
            .map(|change| (&change.path, change.action))
            .collect();
        assert!(open.is_empty(), "once more would change {open:?}");
    }
    for verb in ["merge", "conflict", "keep", "unapplied", "delete"] {
        assert!(
            seen.get(verb).is_some_and(|count| *count > 50),
            "hardly any {verb}: {seen:?}"
        );
    }
}
