//! `djscaffold diff`: what the user made of the generated files, or what `sync` would make of them.

use clap::Args;

use super::{Exit, change, show};
use crate::catalog::Source;
use crate::error::{Error, Result};
use crate::living::{Intent, edits, look_ahead};
use crate::report::{Printer, in_colour, unified_diff};
use crate::tree::ProjectPath;

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// Show only these files and directories
    #[arg(value_name = "PATH")]
    paths: Vec<String>,

    /// Show what `djscaffold sync` would change instead
    #[arg(long)]
    pending: bool,
}

pub(super) fn run(arguments: &DiffArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let project = change::open(printer)?;
    let mut diffs = Vec::new();
    if arguments.pending {
        let outlook = look_ahead(&project, source, &Intent::Update)?;
        for change in show::visible(&outlook.plan) {
            diffs.push((change.path.clone(), show::unified(change)));
        }
    } else {
        for edited in edits(&project)? {
            let diff = unified_diff(&edited.path, &edited.generated, &edited.mine);
            diffs.push((edited.path, diff));
        }
    }
    let paths: Vec<ProjectPath> = arguments
        .paths
        .iter()
        .map(|said| project.path(said))
        .collect::<Result<_>>()?;
    for asked in &paths {
        let base = project.base()?;
        let is_known = base.iter().any(|(path, _)| asked.holds(path));
        if !is_known && !diffs.iter().any(|(path, _)| asked.holds(path)) {
            return Err(Error::input(format!("`{asked}` is not managed by djscaffold"))
                .hint("`djscaffold status --all` lists them"));
        }
    }
    for (path, diff) in diffs {
        let is_wanted = paths.is_empty() || paths.iter().any(|asked| asked.holds(&path));
        if is_wanted && !diff.is_empty() {
            printer.data(&in_colour(&diff))?;
        }
    }
    Ok(Exit::Success)
}
