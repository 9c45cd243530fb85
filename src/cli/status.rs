//! `djscaffold status`: how each file stands.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;
use serde_json::json;

use super::{Exit, change, show};
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{FileState, Outlook, Pending, Standing, due_command, standing};
use crate::merge::Change;
use crate::report::{self, Format, Printer};

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// List every file, not only those that differ from what was generated
    #[arg(long)]
    all: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn run(arguments: &StatusArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let talk = Printer::new(arguments.format == Format::Json);
    let project = change::open(talk)?;
    let standing = standing(&project, source)?;
    match arguments.format {
        Format::Json => printer.data(&format!("{:#}", as_json(&standing)))?,
        Format::Text => {
            printer.data(&describe(&standing, arguments.all))?;
            match &standing.pending {
                Pending::Conflicts => {
                    printer.line("unresolved conflicts: resolve them, then run `djscaffold sync`");
                }
                Pending::Unreadable(error) => {
                    printer.line("cannot tell what would change:");
                    report::error(error);
                }
                Pending::Known(outlook) => printer.data(&describe_pending(outlook, due_command(&project, source)))?,
            }
        }
    }
    Ok(Exit::Success)
}

fn pending(standing: &Standing) -> Option<impl Iterator<Item = &Change>> {
    match &standing.pending {
        Pending::Known(outlook) => Some(show::visible(&outlook.plan)),
        Pending::Conflicts | Pending::Unreadable(_) => None,
    }
}

fn as_json(standing: &Standing) -> serde_json::Value {
    let is_newer = newer(standing);
    let files: Vec<_> = standing
        .files
        .iter()
        .map(|(path, (component, state))| {
            json!({
                "path": path,
                "component": component,
                "state": state.name(),
                "template_newer": is_newer.contains(path.as_str()),
            })
        })
        .collect();
    let as_due =
        |change: &Change| json!({ "action": change.action.verb(), "path": change.path, "reason": change.reason });
    let due: Option<Vec<_>> = pending(standing).map(|changes| changes.map(as_due).collect());
    let mut document = json!({ "format": 1, "files": files, "pending": due });
    if let Pending::Unreadable(error) = &standing.pending {
        document["error"] = json!(error.to_string());
        document["hints"] = json!(error.hints());
    }
    document
}

/// The files that would be rendered otherwise now.
fn newer(standing: &Standing) -> BTreeSet<&str> {
    pending(standing)
        .into_iter()
        .flatten()
        .map(|change| change.path.as_str())
        .collect()
}

fn describe(standing: &Standing, all: bool) -> String {
    let mut components: BTreeMap<&str, Vec<(&str, FileState)>> = BTreeMap::new();
    for (path, (component, state)) in &standing.files {
        components.entry(component).or_default().push((path, *state));
    }
    let is_newer = newer(standing);
    let mut text = String::new();
    for (component, files) in components {
        let mut counts: BTreeMap<FileState, usize> = BTreeMap::new();
        for (_, state) in &files {
            *counts.entry(*state).or_default() += 1;
        }
        let mut counted: Vec<String> = counts
            .iter()
            .map(|(state, count)| format!("{count} {}", state.name()))
            .collect();
        match files.iter().filter(|(path, _)| is_newer.contains(path)).count() {
            0 => {}
            1 => counted.push("1 with a newer template".to_owned()),
            count => counted.push(format!("{count} with newer templates")),
        }
        let component = if component.is_empty() { "yours alone" } else { component };
        text.push_str(&format!("{component}: {}\n", counted.join(", ")));
        for (path, state) in files {
            if all || !matches!(state, FileState::Pristine | FileState::Yours) {
                text.push_str(&format!("{:>10} {path}\n", state.name()));
            }
        }
    }
    text
}

fn describe_pending(outlook: &Outlook, command: &str) -> String {
    let due: Vec<&Change> = show::visible(&outlook.plan).collect();
    if due.is_empty() {
        return "\neverything matches `djscaffold.toml` and the models".to_owned();
    }
    let mut text = format!("\n`{command}` would change:\n");
    for change in due {
        text.push_str(&format!("{:>10} {}\n", change.action.verb(), change.path));
    }
    text
}
