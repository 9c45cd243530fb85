//! `djscaffold log`: what was run on the project, on this machine.

use std::path::Path;

use chrono::{DateTime, Local};
use clap::Args;
use serde_json::json;

use super::{Exit, change};
use crate::apply::runs;
use crate::error::Result;
use crate::living::Project;
use crate::report::{Format, Printer, count};

#[derive(Debug, Args)]
pub(super) struct LogArguments {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn run(arguments: &LogArguments, printer: Printer) -> Result<Exit> {
    let (root, recovery) = Project::locate(Path::new("."))?;
    change::tell_recovery(&recovery, Printer::new(arguments.format == Format::Json));
    let runs = runs(&root)?;
    if arguments.format == Format::Json {
        printer.data(&format!("{:#}", json!({ "format": 1, "runs": runs })))?;
        return Ok(Exit::Success);
    }
    if runs.is_empty() {
        printer.line("nothing has been run here since `new`");
    }
    for run in runs.iter().rev() {
        printer.data(&run_line(run.moment, &run.command, run.files))?;
    }
    Ok(Exit::Success)
}

/// A run as it is listed, with its moment (in seconds since 1970) in the machine's time zone.
pub(super) fn run_line(moment: u64, command: &str, files: usize) -> String {
    let moment = i64::try_from(moment)
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    let when = moment.map_or_else(
        || "?".to_owned(),
        |moment| moment.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string(),
    );
    format!("{when}  {command} ({})", count(files, "file"))
}
