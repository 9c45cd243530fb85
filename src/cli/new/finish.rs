//! What follows once the files of a new project are there, and how all of it is told.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::show::tell_steps;
use super::NewArguments;
use crate::catalog::Catalog;
use crate::error::Result;
use crate::merge::{Action, Plan};
use crate::prompt::tell_at_interrupt;
use crate::render::Rendered;
use crate::report::{Format, Outcome, Printer, count, shell_word};
use crate::setup::{Environment, first_commit, make_environment};
use crate::spec::Spec;

/// A project that lies on the disk.
pub(super) struct Written {
    pub(super) spec: Spec,
    pub(super) plan: Plan,
    pub(super) target: PathBuf,
    pub(super) rendered: Rendered,
}

/// Shows what would be written.
pub(super) fn show_plan(plan: &Plan, spec: &Spec, target: &Path, format: Format, printer: Printer) -> Result<()> {
    match format {
        Format::Json => printer.data(&format!("{:#}", plan_json(plan, spec, target)))?,
        Format::Text => {
            for change in &plan.changes {
                printer.data(&format!("{:>10} {}", change.action.verb(), change.path))?;
            }
            printer.line(&format!(
                "nothing was written; without `--dry-run`, this is written to `{}`",
                target.display()
            ));
        }
    }
    Ok(())
}

fn plan_json(plan: &Plan, spec: &Spec, target: &Path) -> Value {
    let files: Vec<Value> = plan
        .changes
        .iter()
        .map(|change| json!({ "action": change.action.verb(), "path": change.path }))
        .collect();
    json!({
        "format": 1,
        "project": spec.project.name,
        "directory": target.display().to_string(),
        "components": spec.components.keys().collect::<Vec<_>>(),
        "files": files,
    })
}

/// Makes the environment and the first commit, and says what to do next; of answers that were asked for, with the command
/// that gives the same ones.
pub(super) fn finish(
    arguments: &NewArguments,
    written: &Written,
    asked: Option<&str>,
    catalog: &Catalog,
    printer: Printer,
) -> Result<()> {
    let talk = if arguments.format == Format::Json {
        Printer::new(true)
    } else {
        printer
    };
    let created = written.plan.with_action(Action::Create).count();
    if created > 0 {
        talk.status(
            "created",
            &format!("{} in `{}`", count(created, "file"), written.target.display()),
        );
    }
    for change in written.plan.with_action(Action::Keep) {
        talk.status("keep", &format!("`{}`, which existed already", change.path));
    }
    for change in written.plan.with_action(Action::Merge) {
        talk.status(
            "merge",
            &format!("`{}`: missing lines were added after yours", change.path),
        );
    }
    let pythons = &catalog.lines().get(&written.spec.project.django)?.pythons;
    if !arguments.no_sync {
        let (steps, _) = next_steps(
            written,
            &make_environment(&written.target, pythons, true, talk.progress()),
        );
        tell_at_interrupt(format!(
            "interrupted; all files are written. To finish, run:\n\n    {}\n",
            steps.join("\n    ")
        ));
    }
    let environment = make_environment(&written.target, pythons, arguments.no_sync, talk.progress());
    talk.outcome("installed", "packages", &environment.outcome);
    let committed = if arguments.no_git {
        Outcome::Skipped("--no-git".to_owned())
    } else {
        let project = &written.spec.project;
        let author = (!project.author.is_empty() && !project.email.is_empty())
            .then_some((project.author.as_str(), project.email.as_str()));
        let paths = written.plan.changes.iter().map(|change| change.path.as_str());
        first_commit(&written.target, author, paths)
    };
    talk.outcome("committed", "first commit", &committed);
    let (steps, later) = next_steps(written, &environment);
    if arguments.format == Format::Json {
        let mut document = plan_json(&written.plan, &written.spec, &written.target);
        document["environment"] = outcome_json(&environment.outcome);
        document["commit"] = outcome_json(&committed);
        document["next_steps"] = json!(steps);
        document["later"] = later
            .iter()
            .map(|(about, command)| json!({ "about": about, "command": command }))
            .collect();
        printer.data(&format!("{document:#}"))?;
    } else {
        let again = asked.map(|command| ("the same answers again".to_owned(), command.to_owned()));
        tell_steps("Next", steps.iter().map(|step| (String::new(), step.clone())), talk);
        tell_steps("Later", later.into_iter().chain(again), talk);
        talk.line("");
    }
    Ok(())
}

fn outcome_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Done(what) => json!({ "state": "done", "detail": what }),
        Outcome::Skipped(why) => json!({ "state": "skipped", "detail": why }),
        Outcome::Failed { reason, command } => json!({ "state": "failed", "detail": reason, "command": command }),
    }
}

/// Commands that work when pasted, from the directory that the user stands in; and those for later, from the project's,
/// each with what it is good for.
fn next_steps(written: &Written, environment: &Environment) -> (Vec<String>, Vec<(String, String)>) {
    let mut steps = Vec::new();
    if written.target != Path::new(".") {
        steps.push(format!("cd {}", shell_word(&written.target.display().to_string())));
    }
    steps.extend(environment.due.iter().cloned());
    let mut later = Vec::new();
    for step in &written.rendered.next_steps {
        let command = step.command.replace("{python}", &environment.python);
        match &step.later {
            Some(about) => later.push((about.clone(), command)),
            None => steps.push(command),
        }
    }
    (steps, later)
}
