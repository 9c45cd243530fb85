//! The migrations of a project's apps, as they lie there.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::Project;
use crate::error::Result;
use crate::inspect::{Note, dependencies, read_migrations};
use crate::merge::{Action, Change, Dispute, Plan, Step};
use crate::model::{App, FIRST, RELATIONS, loose_ends};
use crate::tree::{Entry, Ownership, Tree};

/// The names of the migrations of the app in a directory, in order.
pub(super) fn names(project: &Project, folder: &str) -> Vec<String> {
    let folder = project.root.join(folder).join("migrations");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".py").map(str::to_owned))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    names.sort();
    names
}

/// Tells the apps which migrations they have, and which were rendered before: a number is never given twice.
pub(super) fn read(project: &Project, apps: &mut IndexMap<String, App>) -> Result<()> {
    let base = project.base()?;
    for (app, declared) in apps {
        let folder = declared.folder(app);
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for (path, entry) in base.iter() {
            if let Some((_, name)) = migration(path).filter(|(of, _)| *of == folder) {
                files.insert(name.to_owned(), String::from_utf8_lossy(&entry.content).into_owned());
            }
        }
        for name in names(project, &folder) {
            let text = project
                .read(&format!("{folder}/migrations/{name}.py"))?
                .unwrap_or_default();
            files.insert(name, text);
        }
        let files: Vec<(String, String)> = files.into_iter().collect();
        declared.migrations = read_migrations(app, &files);
    }
    Ok(())
}

/// A migration that goes: the directory of its app and its name.
fn migration(path: &str) -> Option<(&str, &str)> {
    let (app, name) = path.split_once("/migrations/")?;
    let name = name.strip_suffix(".py")?;
    name.starts_with(|first: char| first.is_ascii_digit())
        .then_some((app, name))
}

/// Whether a path is that of a migration.
pub(super) fn is_one(path: &str) -> bool {
    migration(path).is_some()
}

/// The label that Django gives the app in a directory unasked.
fn label(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

/// Whether a plan writes migrations.
pub(super) fn are_written(plan: &Plan) -> bool {
    plan.with_action(Action::Create)
        .any(|change| migration(&change.path).is_some())
}

/// Keeps migrations that others of the app still depend on, and says how to take back those that go.
/// In an app that goes, nothing stays for the sake of its own.
pub(super) fn settle(project: &Project, plan: &mut Plan, gone: Option<&str>) -> Result<Vec<String>> {
    let mut going: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.step == Step::Remove && migration(&change.path).is_some())
        .map(|change| change.path.clone())
        .collect();
    // What stays may need what would go, and that then stays too.
    while let Some((needed, dependent)) = needed_one(project, &going, gone)? {
        going.retain(|path| *path != needed);
        let reason = format!("no longer part of the project, but `{dependent}` depends on it");
        let mut changes = plan.changes.iter_mut();
        if let Some(change) = changes.find(|change| change.path == needed) {
            dispute(change, reason);
        }
    }
    let mut commands = Vec::new();
    for (app, name) in going.iter().filter_map(|path| migration(path)) {
        let is_staying = |other: &String| !going.contains(&format!("{app}/migrations/{other}.py"));
        let mut staying = names(project, app).into_iter().filter(is_staying);
        let before = staying.rfind(|other| other.as_str() < name);
        let label = label(app);
        commands.push(format!("migrate {label} {}", before.as_deref().unwrap_or("zero")));
    }
    commands.dedup();
    Ok(commands)
}

/// A migration that would go, with one of any app that stays and depends on it.
fn needed_one(project: &Project, going: &[String], gone: Option<&str>) -> Result<Option<(String, String)>> {
    for path in going {
        let Some((app, name)) = migration(path) else { continue };
        if let Some(dependent) = dependent_on(project, app, name, going, gone)? {
            return Ok(Some((path.clone(), dependent)));
        }
    }
    Ok(None)
}

/// The migration of any app that stays and depends on one that would go.
fn dependent_on(
    project: &Project,
    app: &str,
    name: &str,
    going: &[String],
    gone: Option<&str>,
) -> Result<Option<String>> {
    for other in project
        .app_folders()
        .into_iter()
        .filter(|other| Some(other.as_str()) != gone)
    {
        for stem in names(project, &other) {
            let path = format!("{other}/migrations/{stem}.py");
            if going.contains(&path) {
                continue;
            }
            let text = project.read(&path)?.unwrap_or_default();
            let mut needed = dependencies(&text).into_iter();
            if needed.any(|(app_label, needed)| app_label == label(app) && needed == name) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// The migration of another app that depends on one of this app's.
pub(super) fn dependent_app(project: &Project, app: &str, folder: &str) -> Result<Option<String>> {
    for other in project.app_folders().into_iter().filter(|other| other != folder) {
        for stem in names(project, &other) {
            let path = format!("{other}/migrations/{stem}.py");
            let text = project.read(&path)?.unwrap_or_default();
            if dependencies(&text).into_iter().any(|(label, _)| label == app) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// Whether an app's migrations name every one of its models: else `makemigrations` is due.
pub(super) fn have_all(project: &Project, app: &str, declared: &App) -> Result<bool> {
    let mut missing: Vec<&String> = declared.models.keys().collect();
    let folder = declared.folder(app);
    for name in names(project, &folder) {
        let text = text(project, &folder, &name)?;
        missing.retain(|class| !is_named(&text, class));
    }
    Ok(missing.is_empty())
}

/// Whether the first migration of the app in a directory makes the table of a model.
pub(super) fn first_has(project: &Project, folder: &str, class: &str) -> Result<bool> {
    Ok(is_named(&text(project, folder, FIRST)?, class))
}

fn text(project: &Project, folder: &str, name: &str) -> Result<String> {
    Ok(project
        .read(&format!("{folder}/migrations/{name}.py"))?
        .unwrap_or_default())
}

/// Whether a migration has the name of a model's class in quotes.
fn is_named(text: &str, class: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|quote| text.contains(&format!("{quote}{class}{quote}")))
}

/// Takes out of a render the migrations that must not be written: the first one of an app, unless that `starts` now,
/// as Django makes it for models that the user wrote; and one that would come before that of a model. Whether there was
/// one of the latter.
pub(super) fn withhold(
    project: &Project,
    apps: &IndexMap<String, App>,
    starts: Option<&str>,
    base: &Tree,
    tree: &mut Tree,
) -> Result<bool> {
    let is_new = |path: &str, entry: &Entry| entry.ownership == Ownership::Once && base.get(path).is_none();
    let new: Vec<String> = tree
        .iter()
        .filter(|(path, entry)| {
            is_new(path, entry) && migration(path).is_some_and(|(folder, _)| starts != Some(label(folder)))
        })
        .map(|(path, _)| path.to_owned())
        .collect();
    let mut is_early = false;
    for path in new {
        let Some((folder, name)) = migration(&path) else {
            continue;
        };
        let app = label(folder);
        let Some(declared) = apps.get(app) else { continue };
        if [FIRST, RELATIONS].contains(&name) {
            tree.remove(&path);
        } else if !have_all(project, app, declared)? {
            tree.remove(&path);
            is_early = true;
        }
    }
    Ok(is_early)
}

/// What to say of apps whose migrations end in more than one: two branches that each brought one were joined.
pub(super) fn loose_ends_of(apps: &IndexMap<String, App>) -> Vec<Note> {
    let ends = apps.iter().filter_map(|(app, declared)| {
        let ends = loose_ends(&declared.migrations);
        let last = ends.last()?;
        Some(Note {
            path: format!("{}/migrations/{last}.py", declared.folder(app)),
            line: 1,
            text: format!(
                "`{}` follow the same migration: run `python manage.py makemigrations --merge {app}`",
                ends.join("` and `")
            ),
        })
    });
    ends.collect()
}

fn dispute(change: &mut Change, reason: String) {
    change.action = Action::Conflict;
    change.reason = reason;
    change.step = Step::Leave;
    change.dispute = Some(Dispute::Removed);
}
