//! `djscaffold undo` and `djscaffold redo`: steps back through the runs that are kept, and forward again.

use std::path::Path;

use clap::Args;
use serde_json::json;

use super::Exit;
use super::change::{Environment, Flags, tell_recovery};
use super::log::run_line;
use super::show::{self, Told};
use crate::apply::{Direction, Writer, kept_runs};
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{Project, References, references, take_back};
use crate::merge::Plan;
use crate::prompt::stop_ignoring_interrupts;
use crate::report::{Format, Printer};

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    /// List the runs that can be undone and redone, the next one first
    #[arg(long, conflicts_with_all = ["dry_run", "diff", "yes", "no_sync", "conflict"])]
    list: bool,

    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct RedoArguments {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn undo(arguments: &UndoArguments, source: &Source, printer: Printer) -> Result<Exit> {
    if arguments.list {
        list(&arguments.flags, printer)
    } else {
        run(Direction::Undo, &arguments.flags, source, printer)
    }
}

pub(super) fn redo(arguments: &RedoArguments, source: &Source, printer: Printer) -> Result<Exit> {
    run(Direction::Redo, &arguments.flags, source, printer)
}

fn list(flags: &Flags, printer: Printer) -> Result<Exit> {
    let (root, recovery) = Project::locate(Path::new("."))?;
    tell_recovery(&recovery, flags.talk(printer));
    let lists = [Direction::Undo, Direction::Redo].map(|direction| (direction, kept_runs(&root, direction)));
    if flags.format == Format::Json {
        let mut document = json!({ "format": 1 });
        for (direction, runs) in lists {
            let runs = runs?.into_iter();
            document[direction.command()] = runs
                .map(|run| json!({ "moment": run.moment, "command": run.command, "files": run.file_count() }))
                .collect();
        }
        printer.data(&format!("{document:#}"))?;
        return Ok(Exit::Success);
    }
    for (direction, runs) in lists {
        let runs = runs?;
        if runs.is_empty() {
            printer.line(&format!("nothing to {}", direction.command()));
        } else {
            printer.data(&format!("`djscaffold {}`, next first:", direction.command()))?;
        }
        for run in runs {
            printer.data(&format!("    {}", run_line(run.moment, &run.command, run.file_count())))?;
        }
    }
    Ok(Exit::Success)
}

fn run(direction: Direction, flags: &Flags, source: &Source, printer: Printer) -> Result<Exit> {
    let (root, recovery) = Project::locate(Path::new("."))?;
    tell_recovery(&recovery, flags.talk(printer));
    let (writer, recovery) = Writer::take(&root)?;
    tell_recovery(&recovery, flags.talk(printer));
    let taken = take_back(&root, &writer, source, direction)?;
    let command = format!("{} {}", direction.command(), taken.command);
    // Going back must be possible where the project can't be read, too.
    let project = Project::find(&root).ok();
    let loose = |plan: &Plan| {
        let found = project.as_ref().map(|project| references(project, plan));
        found.unwrap_or_else(|| Ok(References::default()))
    };
    let told = Told {
        command: &command,
        notes: &[],
        farewells: &taken.farewells,
        loose: &loose(&taken.plan)?.loose,
    };
    if flags.dry_run {
        return show::planned(&taken.plan, &told, flags.diff, flags.format, printer);
    }
    let environment = Environment::of(&root)?;
    let mut plan = taken.plan;
    if let Some(exit) = flags.settle(&mut plan, &told, printer)? {
        return Ok(exit);
    }
    let told = Told {
        loose: &loose(&plan)?.loose,
        ..told
    };
    writer.apply_as(taken.kind, &plan, &taken.command)?;
    stop_ignoring_interrupts();
    drop(writer);
    // What can't be told now is no reason to say that nothing was done.
    let pythons = Project::find(&root)
        .and_then(|project| project.pythons(source))
        .unwrap_or_default();
    let outcome = environment.refresh(&root, &pythons, flags.no_sync, flags.talk(printer));
    let after = show::After::of(&root, outcome, if taken.needs_migrate { &["migrate"] } else { &[] });
    show::done(&plan, &told, &after, flags.format, printer)
}
