//! `djscaffold undo`: the last run is taken back.

use std::path::Path;

use clap::Args;

use super::Exit;
use super::change::{Environment, Flags, environment_due, tell_recovery};
use super::show::{self, Told};
use crate::apply::Writer;
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{Project, loose_references, take_back};
use crate::merge::Plan;
use crate::prompt::stop_ignoring_interrupts;
use crate::report::Printer;

#[derive(Debug, Args)]
pub(super) struct UndoArguments {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(arguments: &UndoArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let flags = &arguments.flags;
    let (root, recovery) = Project::locate(Path::new("."))?;
    tell_recovery(&recovery, flags.talk(printer));
    let (writer, recovery) = Writer::take(&root)?;
    tell_recovery(&recovery, flags.talk(printer));
    let taken = take_back(&root, &writer, source)?;
    let command = match taken.record.command.strip_prefix("undo ") {
        Some(undone) => format!("redo {undone}"),
        None => format!("undo {}", taken.record.command.trim_start_matches("redo ")),
    };
    // Going back must be possible where the project can't be read, too.
    let project = Project::find(&root).ok();
    let loose = |plan: &Plan| {
        let found = project.as_ref().map(|project| loose_references(project, plan));
        found.unwrap_or_else(|| Ok(Vec::new()))
    };
    let told = Told {
        command: &command,
        notes: &[],
        farewells: &taken.farewells,
        loose: &loose(&taken.plan)?,
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
        loose: &loose(&plan)?,
        ..told
    };
    writer.apply(&plan, &command)?;
    stop_ignoring_interrupts();
    drop(writer);
    // What can't be told now is no reason to say that nothing was done.
    let pythons = Project::find(&root)
        .and_then(|project| project.pythons(source))
        .unwrap_or_default();
    let outcome = environment.refresh(&root, &pythons, flags.no_sync, flags.talk(printer));
    let after = show::After {
        due: environment_due(outcome.as_ref()),
        environment: outcome.map(|environment| environment.outcome),
    };
    show::done(&plan, &told, &after, flags.format, printer)
}
