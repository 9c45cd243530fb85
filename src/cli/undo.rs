//! `djscaffold undo`: the last run is taken back.

use clap::Args;

use super::Exit;
use super::change::{Environment, Flags, environment_due, open, tell_recovery};
use super::show::{self, Told};
use crate::apply::Writer;
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{Project, take_back};
use crate::prompt::stop_ignoring_interrupts;
use crate::report::Printer;

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(arguments: &UndoArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let flags = &arguments.flags;
    let project = open(flags.talk(printer))?;
    let (writer, recovery) = Writer::take(&project.root)?;
    tell_recovery(&recovery, flags.talk(printer));
    let taken = take_back(&project, &writer, source)?;
    let command = match taken.record.command.strip_prefix("undo ") {
        Some(undone) => format!("redo {undone}"),
        None => format!("undo {}", taken.record.command.trim_start_matches("redo ")),
    };
    let told = Told {
        command: &command,
        notes: &[],
        farewells: &taken.farewells,
    };
    if flags.dry_run {
        return Ok(show::planned(&taken.plan, &told, flags.diff, flags.format, printer));
    }
    let environment = Environment::of(&project.root)?;
    let mut plan = taken.plan;
    if let Some(exit) = flags.settle(&mut plan, &told, printer)? {
        return Ok(exit);
    }
    writer.apply(&plan, &command)?;
    stop_ignoring_interrupts();
    drop(writer);
    let pythons = Project::find(&project.root)?.pythons(source)?;
    let outcome = environment.refresh(&project.root, &pythons, flags.no_sync, flags.talk(printer));
    let after = show::After {
        due: environment_due(outcome.as_ref()),
        environment: outcome.map(|environment| environment.outcome),
    };
    Ok(show::done(&plan, &command, &after, flags.format, printer))
}
