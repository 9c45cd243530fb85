//! Taking a run back, or an undo of it.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;

use super::outlook::{spec_of, table_changes};
use super::{Project, migrations};
use crate::VERSION;
use crate::apply::{Contents, Direction, KeptRun, Kind, Record, Version, Writer};
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::inspect::SNAPSHOT;
use crate::merge::{Change, Layout, Plan, Reach, Settlement, Sides, Step, has_markers, own_side};
use crate::model::App;
use crate::render::{BASE, DECLARATION};
use crate::spec::{Spec, edit_declaration};
use crate::tree::{Entry, Found, Mode, Tree, find_all};

/// What taking a run back would do.
#[derive(Debug)]
pub struct TakeBack {
    /// What doing that is.
    pub kind: Kind,
    /// The run that it is about, as it was given: `add api`.
    pub command: String,
    /// The changes: a file that was changed since then is merged, never overwritten.
    pub plan: Plan,
    /// Commands of `manage.py` that take tables away while the code that made them is still there.
    pub farewells: Vec<String>,
    /// Whether `manage.py migrate` is due then.
    pub needs_migrate: bool,
}

/// Works out how the run that is next in this direction is taken back.
///
/// # Errors
/// There is none, or a file can't be read.
pub fn take_back(root: &Path, writer: &Writer, source: &Source, direction: Direction) -> Result<TakeBack> {
    let Some(KeptRun {
        number,
        record,
        contents,
    }) = writer.next(direction)?
    else {
        return Err(match direction {
            Direction::Undo => Error::input("nothing to undo")
                .hint("`djscaffold undo` reverts runs on this machine that changed something, the last one first"),
            Direction::Redo => Error::input("nothing to redo")
                .hint("`djscaffold redo` repeats what `djscaffold undo` reverted, until another run changes something"),
        });
    };
    let (before, mut after) = trees(&record, &contents);
    let paths = record.files.iter().map(|file| file.path.as_str());
    let ours = find_all(root, paths)?;
    // Where a run left markers and people have settled them, they began at what they were shown of their own.
    for file in &record.files {
        let found = ours.get(&file.path).and_then(Found::content);
        let is_settled = found.is_some_and(|content| !has_markers(content));
        if let Some(entry) = after
            .get(&file.path)
            .filter(|entry| is_settled && has_markers(&entry.content))
        {
            let content = own_side(&entry.content);
            let entry = Entry {
                content,
                ..entry.clone()
            };
            after.insert(&file.path, entry);
        }
    }
    // What djscaffold itself wrote is compared as it is: its layout is no matter here.
    let layout = Layout::default();
    let sides = Sides {
        base: &after,
        ours: &ours,
        theirs: &before,
        layout: &layout,
        renames: &BTreeMap::new(),
    };
    let mut plan = Plan::merge(sides, &Reach::default());
    for change in &mut plan.changes {
        let file = record.files.iter().find(|file| file.path == change.path);
        let Some(version) = file.and_then(|file| file.before) else {
            continue;
        };
        change.is_private = matches!(version.bits & 0o077, 0);
        if change.is_private && change.dispute.is_some() {
            // What is secret now is nobody's to mix with what was, and is not shown.
            change.settle(Settlement::Mine);
            "changed since, and private".clone_into(&mut change.reason);
        }
        if let Step::Write { content, bits } = &mut change.step
            && Version::of(content, version.bits) == version
        {
            *bits = version.bits;
        }
    }
    let catalog = Catalog::from_source(source)?;
    // Going back must be possible where the declaration or the models can't be read, too.
    let project = Project::find(root).ok();
    let known = project
        .as_ref()
        .and_then(|project| project.spec_as_known(&catalog).ok());
    let apps = known.map(|(spec, _)| spec.apps).unwrap_or_default();
    let spec = |tree: &Tree| spec_of(&tree.get(DECLARATION)?.content, &apps, &catalog);
    let specs = spec(&before).zip(spec(&after));
    let mut farewells = Vec::new();
    let mut has_new_tables = false;
    if let Some((before, after)) = &specs {
        let (going, coming) = table_changes(after, before, &catalog)?;
        has_new_tables = !coming.is_empty();
        farewells.extend(going.iter().map(|app| format!("migrate {app} zero")));
    }
    if let Some(project) = &project {
        farewells.extend(migrations::settle(project, &mut plan, None)?);
    }
    for change in &mut plan.changes {
        settle_own(change, specs.as_ref(), &apps, &catalog)?;
    }
    Ok(TakeBack {
        kind: direction.kind(number),
        command: record.command,
        needs_migrate: has_new_tables || migrations::are_written(&plan),
        plan,
        farewells,
    })
}

/// djscaffold's own files hold no markers: without them no command would run. The declaration is changed as `set` changes
/// it, and the base goes back to what it was.
fn settle_own(
    change: &mut Change,
    specs: Option<&(Spec, Spec)>,
    apps: &IndexMap<String, App>,
    catalog: &Catalog,
) -> Result<()> {
    if change.dispute.is_none() {
        return Ok(());
    }
    if [BASE, SNAPSHOT].contains(&change.path.as_str()) {
        change.settle(Settlement::Theirs);
    } else if change.path == DECLARATION {
        let content = change.before.content().unwrap_or_default();
        let text = String::from_utf8_lossy(content).into_owned();
        let edited = specs
            .zip(spec_of(content, apps, catalog))
            .and_then(|((before, _), current)| edit_declaration(&text, &current, before, VERSION).ok())
            .ok_or_else(|| {
                Error::input(format!(
                    "`{DECLARATION}` has changed since, so this run can't be reverted"
                ))
                .hint("nothing was written; restore it to what the last run left, and try again")
            })?;
        change.settle(Settlement::Text(edited.into_bytes()));
    }
    Ok(())
}

fn trees(record: &Record, contents: &[Contents]) -> (Tree, Tree) {
    let (mut before, mut after) = (Tree::default(), Tree::default());
    for (file, contents) in record.files.iter().zip(contents) {
        let sides = [
            (&mut before, file.before, &contents.before),
            (&mut after, file.after, &contents.after),
        ];
        for (tree, version, content) in sides {
            if let (Some(version), Some(content)) = (version, content) {
                let mode = if version.bits & 0o100 == 0 {
                    Mode::Normal
                } else {
                    Mode::Executable
                };
                let entry = Entry {
                    content: content.clone(),
                    mode,
                    ..Entry::text("")
                };
                tree.insert(&file.path, entry);
            }
        }
    }
    (before, after)
}
