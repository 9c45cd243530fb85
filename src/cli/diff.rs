//! `djscaffold diff`: what the user made of the generated files, or what `sync` would make of them.

use clap::Args;

use super::{Exit, change};
use crate::catalog::Source;
use crate::error::{Error, Result};
use crate::living::{Intent, edits, look_ahead, standing};
use crate::render::BASE;
use crate::report::{Printer, unified_diff};

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// Only these files and folders
    #[arg(value_name = "PATH")]
    paths: Vec<String>,

    /// What `djscaffold sync` would change, instead
    #[arg(long)]
    pending: bool,
}

pub(super) fn run(arguments: &DiffArguments, source: &Source, printer: Printer) -> Result<Exit> {
    let project = change::open(printer)?;
    let mut diffs = Vec::new();
    if arguments.pending {
        let outlook = look_ahead(&project, source, &Intent::Update)?;
        for change in outlook.plan.notable().filter(|change| change.path != BASE) {
            let (before, after) = change.sides();
            diffs.push((change.path.clone(), unified_diff(&change.path, before, after)));
        }
    } else {
        for edited in edits(&project, &standing(&project, source)?)? {
            let diff = unified_diff(&edited.path, &edited.generated, &edited.mine);
            diffs.push((edited.path, diff));
        }
    }
    let is_asked_for = |path: &str, asked: &str| {
        let asked = asked.trim_start_matches("./").trim_end_matches('/');
        path == asked || path.starts_with(&format!("{asked}/"))
    };
    for asked in &arguments.paths {
        let base = project.base()?;
        let is_known = base.iter().any(|(path, _)| is_asked_for(path, asked));
        if !is_known && !diffs.iter().any(|(path, _)| is_asked_for(path, asked)) {
            return Err(
                Error::input(format!("`{asked}` is no file that djscaffold looks after"))
                    .hint("`djscaffold status --all` names them"),
            );
        }
    }
    for (path, diff) in diffs {
        let is_wanted = arguments.paths.is_empty() || arguments.paths.iter().any(|asked| is_asked_for(&path, asked));
        if is_wanted && !diff.is_empty() {
            printer.data(&diff);
        }
    }
    Ok(Exit::Success)
}
