//! The command line: what can be said, and which operation that calls.

mod change;
mod check;
mod diff;
mod generate;
mod help;
mod list;
mod log;
mod new;
mod show;
mod status;
mod undo;
mod why;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use serde_json::json;

use crate::LONG_VERSION;
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::living::{Intent, source_of};
use crate::report::{self, Format, Printer};

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Success,
    /// Bad input, or the environment refused.
    Failure,
    /// Conflicts are left in the project, or changes that have no place.
    Conflicts,
    /// The project is not what its declaration says.
    Drift,
    /// Ctrl-C.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Conflicts => 3,
            Exit::Drift => 4,
            Exit::Interrupted => 130,
        })
    }
}

/// Generate and maintain Django projects.
#[derive(Debug, Parser)]
#[command(name = "djscaffold", version = LONG_VERSION, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Print errors only
    #[arg(
        long,
        short,
        global = true,
        help_heading = "Global options",
        conflicts_with = "verbose"
    )]
    quiet: bool,

    /// Print the commands of git, uv and pip as they are run
    #[arg(long, short, global = true, help_heading = "Global options")]
    verbose: bool,

    /// Run as if started in this directory
    #[arg(short = 'C', value_name = "DIR", global = true, help_heading = "Global options", value_hint = ValueHint::DirPath)]
    directory: Option<PathBuf>,

    /// When to use color
    #[arg(long, value_name = "WHEN", global = true, help_heading = "Global options", value_enum, default_value_t = Color::Auto)]
    color: Color,

    /// A directory of your own templates, which override the built-in ones
    #[arg(long, value_name = "DIR", global = true, help_heading = "Global options")]
    templates: Option<PathBuf>,
}

/// When messages are in colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    /// At a terminal, unless `NO_COLOR` is set
    Auto,
    /// Even where the output is not a terminal
    Always,
    /// Never
    Never,
}

impl Color {
    /// Holds for all that is printed and asked from now on.
    fn set(self) {
        let choice = match self {
            Self::Auto => return,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        console::set_colors_enabled(self == Self::Always);
        console::set_colors_enabled_stderr(self == Self::Always);
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a project
    New(Box<new::NewArguments>),
    /// List presets, components and options
    List(list::ListArguments),
    /// Add components, an app or a model to this project
    Add(change::AddArguments),
    /// Remove components, an app or a model from this project
    Remove(change::RemoveArguments),
    /// Change options of this project's components
    Set(change::SetArguments),
    /// Update generated files after `djscaffold.toml` or models have changed
    Sync(change::SyncArguments),
    /// Update this project to this version of djscaffold
    Update(change::UpdateArguments),
    /// Generate files again: restore missing ones, keep edits
    Regen(change::RegenerateArguments),
    /// Show which files you have edited, and what `sync` would change
    Status(status::StatusArguments),
    /// Show your edits to generated files
    Diff(diff::DiffArguments),
    /// Fail if `sync` would change anything; for CI
    Check(check::CheckArguments),
    /// Undo the last run; repeat to go further back
    Undo(undo::UndoArguments),
    /// Redo what `undo` reverted
    Redo(undo::RedoArguments),
    /// List what was run in this project on this machine
    Log(log::LogArguments),
    /// Explain which component and templates generated a file
    Why(why::WhyArguments),
    /// Stop managing files, and leave them to you
    Eject(change::EjectArguments),
    /// Print a completion script for a shell
    Completions(generate::CompletionsArguments),
    /// Write man pages
    Man(generate::ManArguments),
}

impl Command {
    /// How the result is to be written.
    fn format(&self) -> Format {
        match self {
            Self::New(new) => new.format,
            Self::List(list) => list.format,
            Self::Add(add) => add.flags().format,
            Self::Remove(remove) => remove.flags().format,
            Self::Set(set) => set.flags.format,
            Self::Sync(sync) => sync.flags.format,
            Self::Update(update) => update.flags.format,
            Self::Regen(regenerate) => regenerate.flags.format,
            Self::Eject(eject) => eject.flags.format,
            Self::Undo(undo) => undo.flags.format,
            Self::Redo(redo) => redo.flags.format,
            Self::Status(status) => status.format,
            Self::Check(check) => check.format,
            Self::Log(log) => log.format,
            Self::Diff(_) | Self::Why(_) | Self::Completions(_) | Self::Man(_) => Format::Text,
        }
    }
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> Exit {
    let arguments = parse();
    arguments.color.set();
    report::set_verbose(arguments.verbose);
    let printer = Printer::new(arguments.quiet);
    let format = arguments.command.format();
    match dispatch(arguments, printer) {
        Ok(exit) => exit,
        Err(Error::Interrupted) => {
            report::error(&Error::Interrupted);
            Exit::Interrupted
        }
        Err(error) => {
            report::error(&error);
            if format == Format::Json {
                let document = json!({ "format": 1, "error": error.to_string(), "hints": error.hints() });
                // What went wrong was said already.
                let _ = printer.data(&format!("{document:#}"));
            }
            Exit::Failure
        }
    }
}

/// The process's arguments; ends the process where they are wrong, or ask for help.
fn parse() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| {
        if error.kind() == ErrorKind::DisplayHelp {
            // Reading the catalog takes longer than most commands: only who reads help waits for it.
            if let Ok(catalog) = Catalog::from_source(&Source::embedded()) {
                help::complete(Arguments::command(), &catalog).get_matches();
            }
            error.exit();
        }
        let said = match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(said)) => said.as_str(),
            _ => error.exit(),
        };
        match CALLED_OTHERWISE.iter().find(|(called, _)| *called == said) {
            Some((called, command)) => {
                let there_is_none = Error::input(format!("there is no command `{called}`"));
                report::error(&there_is_none.hint(format!("did you mean `djscaffold {command}`?")));
                std::process::exit(2);
            }
            None => error.exit(),
        }
    })
}

/// What other programs call a command of this one.
const CALLED_OTHERWISE: [(&str, &str); 12] = [
    ("create", "new"),
    ("init", "new"),
    ("startproject", "new"),
    ("generate", "new"),
    ("delete", "remove"),
    ("uninstall", "remove"),
    ("install", "add"),
    ("upgrade", "update"),
    ("rollback", "undo"),
    ("revert", "undo"),
    ("history", "log"),
    ("components", "list"),
];

fn dispatch(arguments: Arguments, printer: Printer) -> Result<Exit> {
    if let Some(directory) = &arguments.directory {
        std::env::set_current_dir(directory).map_err(Error::file("change to", directory))?;
    }
    if let Command::Log(log) = &arguments.command {
        return log::run(log, printer);
    }
    let source = match (&arguments.templates, &arguments.command) {
        (None, Command::New(_)) => Source::embedded(),
        (None, _) => source_of(Path::new("."))?,
        (Some(folder), _) => Source::with_overlay(Some(folder))?,
    };
    let catalog = || Catalog::from_source(&source);
    match arguments.command {
        Command::New(new) => new::run(&new, &source, printer).map(|()| Exit::Success),
        Command::List(list) => list::run(&list, &catalog()?, printer).map(|()| Exit::Success),
        Command::Add(add) => change::run(&add.intent(&source)?, add.flags(), &source, printer),
        Command::Remove(remove) => change::run(&remove.intent(), remove.flags(), &source, printer),
        Command::Set(set) => change::run(&set.intent(), &set.flags, &source, printer),
        Command::Sync(sync) => change::run(&Intent::Sync, &sync.flags, &source, printer),
        Command::Update(update) => change::run(&Intent::Update, &update.flags, &source, printer),
        Command::Regen(regenerate) => change::run(&regenerate.intent(), &regenerate.flags, &source, printer),
        Command::Eject(eject) => change::run(&eject.intent(), &eject.flags, &source, printer),
        Command::Status(status) => status::run(&status, &source, printer),
        Command::Diff(diff) => diff::run(&diff, &source, printer),
        Command::Check(check) => check::run(&check, &source, printer),
        Command::Undo(undo) => undo::undo(&undo, &source, printer),
        Command::Redo(redo) => undo::redo(&redo, &source, printer),
        Command::Log(log) => log::run(&log, printer),
        Command::Why(why) => why::run(&why, &catalog()?, printer),
        Command::Completions(completions) => {
            generate::completions(&completions, Arguments::command(), &catalog()?, printer).map(|()| Exit::Success)
        }
        Command::Man(man) => {
            generate::man(&man, help::complete(Arguments::command(), &catalog()?), printer).map(|()| Exit::Success)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
