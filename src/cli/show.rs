//! How a plan is told: to people line by line, to machines as one JSON document.

use std::path::Path;

use serde_json::{Value, json};

use super::Exit;
use crate::VERSION;
use crate::error::Result;
use crate::inspect::{Note, SNAPSHOT};
use crate::living::News;
use crate::merge::{Action, Change, Dispute, Plan, Step};
use crate::render::BASE;
use crate::report::{Format, Outcome, Printer, count, in_colour, unified_diff};
use crate::setup::{Environment, python_of};

/// What is told besides the plan.
pub(super) struct Told<'a> {
    /// What was asked for.
    pub(super) command: &'a str,
    /// What of the models could not be read.
    pub(super) notes: &'a [Note],
    /// Commands that take tables away.
    pub(super) farewells: &'a [String],
    /// What modules take from others and don't find there then.
    pub(super) loose: &'a [Note],
}

/// The changes that people see: djscaffold's own memory is nothing to them, unless there is nothing else.
pub(super) fn visible(plan: &Plan) -> impl Iterator<Item = &Change> {
    let is_memory = |change: &&Change| [BASE, SNAPSHOT].contains(&change.path.as_str());
    let is_alone = plan.notable().all(|change| is_memory(&change));
    plan.notable().filter(move |change| is_alone || !is_memory(change))
}

fn line(change: &Change) -> String {
    let old = change.renamed_from.as_ref();
    let path = match old {
        Some(old) => format!("{old} → {}", change.path),
        None => change.path.clone(),
    };
    let is_plain = matches!(change.action, Action::Create | Action::Update | Action::Delete) && old.is_none();
    if is_plain || change.reason.is_empty() {
        path
    } else {
        format!("{path} ({})", change.reason)
    }
}

/// The exit that a plan leads to once it is written.
fn exit(plan: &Plan, told: &Told<'_>) -> Exit {
    if !told.loose.is_empty() || plan.changes.iter().any(|change| change.action.is_open()) {
        Exit::Conflicts
    } else {
        Exit::Success
    }
}

/// There is nothing to do.
pub(super) fn calm(told: &Told<'_>, format: Format, printer: Printer) -> Result<Exit> {
    if format == Format::Json {
        printer.data(&format!("{:#}", document(&Plan::default(), told, false)))?;
    } else {
        tell_notes(told.notes, printer);
        printer.line("already up to date");
        tell_loose(told.loose);
    }
    Ok(exit(&Plan::default(), told))
}

/// What would be done, as data.
pub(super) fn planned(plan: &Plan, told: &Told<'_>, diff: bool, format: Format, printer: Printer) -> Result<Exit> {
    if format == Format::Json {
        printer.data(&format!("{:#}", document(plan, told, diff)))?;
        return Ok(exit(plan, told));
    }
    tell_notes(told.notes, printer);
    if plan.notable().next().is_none() {
        printer.line("already up to date");
        tell_loose(told.loose);
        return Ok(exit(plan, told));
    }
    for change in visible(plan) {
        printer.data(&format!("{:>10} {}", change.action.verb(), line(change)))?;
    }
    if diff {
        for change in visible(plan) {
            printer.data(&in_colour(&unified(change)))?;
        }
    }
    tell_farewells(told.farewells, printer);
    printer.line("nothing was written");
    tell_loose(told.loose);
    Ok(exit(plan, told))
}

/// What will be done, before anybody is asked.
pub(super) fn before(plan: &Plan, told: &Told<'_>, diff: bool, talk: Printer) {
    tell_notes(told.notes, talk);
    tell_farewells(told.farewells, talk);
    for change in visible(plan) {
        talk.change(change.action.verb(), change.action.is_open(), &line(change));
    }
    if diff {
        for change in visible(plan) {
            talk.line(&in_colour(&unified(change)));
        }
    }
}

/// What followed once the files were written.
pub(super) struct After {
    /// How bringing the packages up to date went, if that was due.
    pub(super) environment: Option<Outcome>,
    /// Commands that the user has to run.
    pub(super) due: Vec<String>,
    /// Where to look: a command or an address, with what it shows.
    pub(super) look: Vec<(String, String)>,
}

impl After {
    /// What follows in the project at `root`; `commands` of `manage.py` are due.
    pub(super) fn of(root: &Path, environment: Option<Environment>, commands: &[&str]) -> Self {
        let python = python_of(root);
        let (environment, mut due) = environment.map_or((None, Vec::new()), |environment| {
            (Some(environment.outcome), environment.due)
        });
        due.extend(commands.iter().map(|command| format!("{python} manage.py {command}")));
        Self {
            environment,
            due,
            look: Vec::new(),
        }
    }

    /// The same with what is new to see in the project at `root`.
    pub(super) fn with_news(mut self, root: &Path, news: News) -> Self {
        let python = python_of(root);
        let steps = news.steps.into_iter().filter_map(|step| {
            let command = step.command.replace("{python}", &python);
            step.later.map(|about| (about, command))
        });
        self.look = steps.collect();
        if !news.sections.is_empty() {
            self.look.push(("README.md".to_owned(), news.sections.join(", ")));
        }
        self
    }
}

/// What was done.
pub(super) fn done(plan: &Plan, told: &Told<'_>, after: &After, format: Format, printer: Printer) -> Result<Exit> {
    let exit = exit(plan, told);
    if format == Format::Json {
        let mut document = document(plan, told, false);
        if let Some(environment) = &after.environment {
            document["environment"] = outcome(environment);
        }
        document["due"] = json!(after.due);
        document["look"] = after
            .look
            .iter()
            .map(|(about, place)| json!({ "about": about, "place": place }))
            .collect();
        printer.data(&format!("{document:#}"))?;
        return Ok(exit);
    }
    let written = visible(plan).filter(|change| change.step != Step::Leave).count();
    printer.status("done", &format!("{}, {}", told.command, count(written, "file")));
    if let Some(environment) = &after.environment {
        printer.outcome("installed", "packages", environment);
    }
    tell_steps(
        "Next",
        after.due.iter().map(|command| (String::new(), command.clone())),
        printer,
    );
    tell_steps("Look at", after.look.iter().cloned(), printer);
    if !(after.due.is_empty() && after.look.is_empty()) {
        printer.line("");
    }
    let open: Vec<&Change> = plan.changes.iter().filter(|change| change.action.is_open()).collect();
    tell_loose(told.loose);
    if !open.is_empty() {
        // That is what went wrong, and said even by a quiet printer.
        let printer = Printer::new(false);
        printer.line(&format!("{} for you to look at:", count(open.len(), "file")));
        for change in open {
            printer.change(change.action.verb(), true, &line(change));
            if change.action == Action::Unapplied {
                printer.line(in_colour(&unified(change)).trim_end());
            }
        }
    }
    if exit == Exit::Conflicts && written > 0 {
        let back = if told.command.starts_with("undo") {
            "redo"
        } else {
            "undo"
        };
        Printer::new(false).line(&format!("`djscaffold {back}` reverts all of this"));
    }
    Ok(exit)
}

/// Commands and addresses under a heading, each behind what it is good for.
pub(super) fn tell_steps(heading: &str, steps: impl Iterator<Item = (String, String)> + Clone, talk: Printer) {
    let Some(widest) = steps.clone().map(|(about, _)| about.len()).max() else {
        return;
    };
    talk.line(&format!("\n{heading}:\n"));
    for (about, command) in steps {
        let gap = if about.is_empty() { "" } else { "  " };
        talk.line(&format!("    {about:<widest$}{gap}{command}"));
    }
}

fn tell_notes(notes: &[Note], talk: Printer) {
    for note in notes {
        talk.warning(&note.to_string());
    }
}

/// That is what went wrong, and said even by a quiet printer.
fn tell_loose(loose: &[Note]) {
    for note in loose {
        Printer::new(false).warning(&note.to_string());
    }
}

fn tell_farewells(farewells: &[String], talk: Printer) {
    if farewells.is_empty() {
        return;
    }
    talk.warning(
        "these tables remain in every database; to remove them, run this first, while the code is still there:",
    );
    for command in farewells {
        talk.line(&format!("    python manage.py {command}"));
    }
}

pub(super) fn unified(change: &Change) -> String {
    if change.is_private {
        return format!("{}: values of this machine, not shown\n", change.path);
    }
    let (before, after) = change.sides();
    match &change.dispute {
        // What would lie there if nobody were asked.
        Some(Dispute::Text(conflict)) => unified_diff(&change.path, before, &conflict.with_markers(VERSION)),
        Some(Dispute::Binary { theirs }) => unified_diff(&change.path, before, theirs),
        Some(Dispute::Removed) => unified_diff(&change.path, before, &[]),
        None => unified_diff(&change.path, before, after),
    }
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Done(what) => json!({ "state": "done", "detail": what }),
        Outcome::Skipped(why) => json!({ "state": "skipped", "detail": why }),
        Outcome::Failed { reason, command } => json!({ "state": "failed", "detail": reason, "command": command }),
    }
}

/// A plan for machines.
fn document(plan: &Plan, told: &Told<'_>, diff: bool) -> Value {
    let files: Vec<Value> = visible(plan)
        .map(|change| {
            let mut file = json!({
                "action": change.action.verb(),
                "path": change.path,
                "component": change.component,
                "reason": change.reason,
            });
            if let Some(old) = &change.renamed_from {
                file["renamed_from"] = json!(old);
            }
            if diff {
                file["diff"] = json!(unified(change));
            }
            file
        })
        .collect();
    let as_json = |note: &Note| json!({ "path": note.path, "line": note.line, "text": note.text });
    let notes: Vec<Value> = told.notes.iter().map(as_json).collect();
    let loose: Vec<Value> = told.loose.iter().map(as_json).collect();
    json!({
        "format": 1,
        "command": told.command,
        "files": files,
        "notes": notes,
        "unresolved": loose,
        "tables_left": told.farewells,
    })
}
