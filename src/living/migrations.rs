//! The migrations of a project's apps, as they lie there.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::Project;
use crate::error::Result;
use crate::inspect::read_migrations;
use crate::merge::{Action, Change, Dispute, Plan, Step};
use crate::model::App;

/// The names of an app's migrations, in order.
pub(super) fn names(project: &Project, app: &str) -> Vec<String> {
    let folder = project.root.join(app).join("migrations");
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
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for (path, entry) in base.iter() {
            if let Some((_, name)) = migration(path).filter(|(of, _)| of == app) {
                files.insert(name.to_owned(), String::from_utf8_lossy(&entry.content).into_owned());
            }
        }
        for name in names(project, app) {
            let text = project
                .read(&format!("{app}/migrations/{name}.py"))?
                .unwrap_or_default();
            files.insert(name, text);
        }
        let files: Vec<(String, String)> = files.into_iter().collect();
        declared.migrations = read_migrations(app, &files);
    }
    Ok(())
}

/// A migration that goes: its app and its name.
fn migration(path: &str) -> Option<(&str, &str)> {
    let (app, name) = path.split_once("/migrations/")?;
    let name = name.strip_suffix(".py")?;
    name.starts_with(|first: char| first.is_ascii_digit())
        .then_some((app, name))
}

/// Whether a plan writes migrations.
pub(super) fn are_written(plan: &Plan) -> bool {
    plan.with_action(Action::Create)
        .any(|change| migration(&change.path).is_some())
}

/// Keeps migrations that others of the app still depend on, and says how to take back those that go.
pub(super) fn settle(project: &Project, plan: &mut Plan) -> Result<Vec<String>> {
    let going: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| change.step == Step::Remove && migration(&change.path).is_some())
        .map(|change| change.path.clone())
        .collect();
    let mut commands = Vec::new();
    for change in &mut plan.changes {
        let Some((app, name)) = migration(&change.path).filter(|_| change.step == Step::Remove) else {
            continue;
        };
        let staying: Vec<String> = names(project, app)
            .into_iter()
            .filter(|other| !going.contains(&format!("{app}/migrations/{other}.py")))
            .collect();
        if let Some(dependent) = dependent_on(project, app, name, &staying)? {
            let reason = format!("no longer part of the project, but `{dependent}` depends on it");
            dispute(change, reason);
            continue;
        }
        let before = staying.iter().rfind(|other| other.as_str() < name);
        let target = before.map_or("zero", String::as_str);
        commands.push(format!("migrate {app} {target}"));
    }
    commands.dedup();
    Ok(commands)
}

fn dependent_on(project: &Project, app: &str, name: &str, staying: &[String]) -> Result<Option<String>> {
    for other in staying {
        let path = format!("{app}/migrations/{other}.py");
        let text = project.read(&path)?.unwrap_or_default();
        if text.contains(&format!("\"{name}\"")) || text.contains(&format!("'{name}'")) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn dispute(change: &mut Change, reason: String) {
    change.action = Action::Conflict;
    change.reason = reason;
    change.step = Step::Leave;
    change.dispute = Some(Dispute::Removed);
}
