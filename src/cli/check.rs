//! `djscaffold check`: for CI. The user's own edits are no drift.

use clap::Args;
use serde_json::json;

use super::{Exit, change, show};
use crate::catalog::Source;
use crate::error::Result;
use crate::living::{Pending, Standing, due_command, references, standing};
use crate::report::{self, Format, Printer};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn run(arguments: &CheckArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let project = change::open(Printer::new(arguments.format == Format::Json))?;
    let standing = standing(&project, source)?;
    let outlook = match standing.pending {
        Pending::Known(outlook) => outlook,
        Pending::Unreadable(error) if project.models_have_changed() => {
            report::error(&error);
            printer.line("models changed: fix this, then run `djscaffold sync`");
            if arguments.format == Format::Json {
                let document =
                    json!({ "format": 1, "command": "check", "error": error.to_string(), "hints": error.hints() });
                printer.data(&format!("{document:#}"))?;
            }
            return Ok(Exit::Drift);
        }
        Pending::Unreadable(error) => return Err(error),
        Pending::Conflicts => return tell_conflicts(&standing, arguments.format, printer),
    };
    let told = show::Told {
        command: "check",
        notes: &outlook.notes,
        farewells: &[],
        loose: &references(&project, &outlook.plan)?.loose,
    };
    if outlook.is_calm() {
        return show::calm(&told, arguments.format, printer);
    }
    show::planned(&outlook.plan, &told, false, arguments.format, printer)?;
    printer.line(&format!(
        "the project does not match `djscaffold.toml` and its models: run `{}` and commit the result",
        due_command(&project, source)
    ));
    Ok(Exit::Drift)
}

fn tell_conflicts(standing: &Standing, format: Format, printer: Printer) -> Result<Exit> {
    let conflicts = standing.conflicts();
    match format {
        Format::Json => {
            let files: Vec<_> = conflicts
                .map(|path| json!({ "action": "conflict", "path": path }))
                .collect();
            let document = json!({ "format": 1, "command": "check", "files": files });
            printer.data(&format!("{document:#}"))?;
        }
        Format::Text => {
            for path in conflicts {
                printer.data(&format!("{:>10} {path}", "conflict"))?;
            }
        }
    }
    printer.line("unresolved conflicts: resolve them, then run `djscaffold sync`");
    Ok(Exit::Drift)
}
