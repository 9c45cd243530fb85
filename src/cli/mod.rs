//! The command line: what can be said, and which operation that calls.

mod list;
mod new;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::report::{self, Printer};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Success,
    /// Bad input, or the environment refused.
    Failure,
    /// Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Interrupted => 130,
        })
    }
}

/// Writes Django projects the way the best Django engineers would, and keeps looking after them.
#[derive(Debug, Parser)]
#[command(name = "djscaffold", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Say only what went wrong
    #[arg(long, short, global = true)]
    quiet: bool,

    /// A folder of templates of your own, laid over the built-in ones
    #[arg(long, value_name = "DIR", global = true)]
    templates: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a new project
    New(Box<new::NewArguments>),
    /// Name the components with their options
    List(list::ListArguments),
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> Exit {
    let arguments = Arguments::parse();
    let printer = Printer::new(arguments.quiet);
    match dispatch(arguments, printer) {
        Ok(()) => Exit::Success,
        Err(Error::Interrupted) => {
            report::error(&Error::Interrupted);
            Exit::Interrupted
        }
        Err(error) => {
            report::error(&error);
            Exit::Failure
        }
    }
}

fn dispatch(arguments: Arguments, printer: Printer) -> Result<()> {
    let catalog = Catalog::load(arguments.templates.as_deref())?;
    match arguments.command {
        Command::New(new) => new::run(&new, &catalog, printer),
        Command::List(list) => list::run(&list, &catalog, printer),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
