//! What is generated from the definition of the command line: shell completions and man pages.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Command};
use clap_complete::Shell;

use crate::catalog::{Catalog, OptionKind};
use crate::error::{Error, Result};
use crate::report::Printer;

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Directory for the man pages; it is created if it is missing
    // Another identifier than that of the global `-C`, which clap would set too.
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pages: PathBuf,
}

/// Prints the script that a shell completes with.
pub(super) fn completions(
    arguments: &CompletionsArguments,
    command: Command,
    catalog: &Catalog,
    printer: Printer,
) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut with_names(command, catalog),
        "djscaffold",
        &mut script,
    );
    printer.data(&String::from_utf8_lossy(&script))
}

/// Writes a man page for the program and one for each command.
pub(super) fn man(arguments: &ManArguments, command: Command, printer: Printer) -> Result<()> {
    let directory = &arguments.pages;
    std::fs::create_dir_all(directory).map_err(Error::file("create", directory))?;
    clap_mangen::generate_to(command, directory).map_err(Error::file("write", directory))?;
    printer.status("created", &format!("man pages in `{}`", directory.display()));
    Ok(())
}

/// The command line with the catalog's names wherever one can stand. Nothing is refused by them: it is the catalog that
/// says what is wrong with a name, and what is near it.
fn with_names(command: Command, catalog: &Catalog) -> Command {
    let components: Vec<String> = catalog
        .components()
        .filter(|component| !component.manifest.shared)
        .map(|component| component.name.clone())
        .collect();
    let presets: Vec<String> = catalog.preset_names().into_iter().map(str::to_owned).collect();
    let lines: Vec<String> = catalog.lines().lines.keys().cloned().collect();
    let settings = settings(catalog);
    let known = [
        ("new", "preset", &presets),
        ("new", "with", &components),
        ("new", "without", &components),
        ("new", "set", &settings),
        ("new", "django", &lines),
        ("list", "component", &components),
        ("add", "components", &components),
        ("add", "set", &settings),
        ("remove", "components", &components),
        ("set", "settings", &settings),
    ];
    let mut command = command;
    for (name, argument, values) in known {
        command = command.mut_subcommand(name, |command| {
            command.mut_arg(argument, |argument| {
                argument.value_parser(PossibleValuesParser::new(values.clone()))
            })
        });
    }
    command
}

/// Every `component.option=value` that can be written down beforehand, and the beginning of the others.
fn settings(catalog: &Catalog) -> Vec<String> {
    let mut settings = Vec::new();
    for component in catalog.components() {
        for (name, option) in &component.manifest.options {
            let path = format!("{}.{name}=", component.name);
            match option.kind {
                OptionKind::Choice | OptionKind::Choices => {
                    settings.extend(option.choices.iter().map(|choice| format!("{path}{choice}")));
                }
                OptionKind::Boolean => settings.extend([format!("{path}true"), format!("{path}false")]),
                OptionKind::Integer | OptionKind::Text | OptionKind::Lists => settings.push(path),
            }
        }
    }
    settings
}
