//! Taking the last transaction back.

use std::collections::BTreeMap;

use super::outlook::{spec_of, table_changes};
use super::{Project, migrations};
use crate::apply::{Contents, Record, Version, Writer};
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::merge::{Layout, Plan, Reach, Sides, Step};
use crate::render::DECLARATION;
use crate::tree::{Entry, Mode, Tree, find_all};

/// What taking a transaction back would do.
#[derive(Debug)]
pub struct TakeBack {
    /// The transaction.
    pub record: Record,
    /// The changes: a file that was changed since then is merged, never overwritten.
    pub plan: Plan,
    /// Commands of `manage.py` that take tables away while the code that made them is still there.
    pub farewells: Vec<String>,
}

/// Works out how the last transaction is taken back.
///
/// # Errors
/// There is none, or a file can't be read.
pub fn take_back(project: &Project, writer: &Writer, source: &Source) -> Result<TakeBack> {
    let Some((record, contents)) = writer.last()? else {
        return Err(Error::input("there is nothing to take back")
            .hint("`djscaffold undo` takes back the last run that changed something on this machine"));
    };
    let (before, after) = trees(&record, &contents);
    let paths = record.files.iter().map(|file| file.path.as_str());
    let ours = find_all(&project.root, paths)?;
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
        if let Step::Write { content, bits } = &mut change.step
            && Version::of(content, version.bits) == version
        {
            *bits = version.bits;
        }
    }
    let mut farewells = farewells(project, &before, &after, source).unwrap_or_default();
    farewells.extend(migrations::settle(project, &mut plan)?);
    Ok(TakeBack {
        record,
        plan,
        farewells,
    })
}

/// None where models or declarations can't be read: going back must be possible then, too.
fn farewells(project: &Project, before: &Tree, after: &Tree, source: &Source) -> Option<Vec<String>> {
    let catalog = Catalog::from_source(source).ok()?;
    let (answers, _) = project.answers(&catalog).ok()?;
    let spec = |tree: &Tree| spec_of(&tree.get(DECLARATION)?.content, &answers.apps, &catalog);
    let (going, _) = table_changes(&spec(after)?, &spec(before)?, &catalog).ok()?;
    Some(going.iter().map(|app| format!("migrate {app} zero")).collect())
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
