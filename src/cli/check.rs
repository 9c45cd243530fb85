//! `djscaffold check`: for CI. The user's own edits are no drift.

use clap::Args;
use serde_json::json;

use super::{Exit, change, show};
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{due_command, standing};
use crate::report::{Format, Printer};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn run(arguments: &CheckArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let project = change::open(Printer::new(arguments.format == Format::Json))?;
    let standing = standing(&project, source)?;
    let told = show::Told {
        command: "check",
        notes: standing.pending.as_ref().map_or(&[], |outlook| &outlook.notes),
        farewells: &[],
    };
    let Some(outlook) = &standing.pending else {
        let conflicts: Vec<&str> = standing.conflicts().collect();
        match arguments.format {
            Format::Json => {
                let files: Vec<_> = conflicts
                    .iter()
                    .map(|path| json!({ "action": "conflict", "path": path }))
                    .collect();
                printer.data(&format!(
                    "{:#}",
                    json!({ "format": 1, "command": "check", "files": files })
                ));
            }
            Format::Text => {
                for path in conflicts {
                    printer.data(&format!("{:>10} {path}", "conflict"));
                }
            }
        }
        printer.line("conflicts are left: choose between the sides, then `djscaffold sync`");
        return Ok(Exit::Drift);
    };
    if outlook.is_calm() {
        show::calm(&told, arguments.format, printer);
        return Ok(Exit::Success);
    }
    show::planned(&outlook.plan, &told, false, arguments.format, printer);
    printer.line(&format!(
        "the project is not what its declaration says: run `{}` and commit what it does",
        due_command(&project)
    ));
    Ok(Exit::Drift)
}
