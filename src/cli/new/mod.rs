//! `djscaffold new`: a project from nothing.

mod answers;
mod finish;

use std::path::PathBuf;

use clap::Args;

use crate::apply::{self, Ground};
use crate::catalog::{Catalog, Identity};
use crate::error::{Error, Result};
use crate::merge::Plan;
use crate::prompt::stop_ignoring_interrupts;
use crate::render::{Secrets, needed_identities, needed_secrets, render};
use crate::report::{Format, Printer};
use crate::spec::Spec;
use crate::tree::Tree;
use finish::{Written, finish, show_plan};

/// The version that projects are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// The project's name; may hold hyphens
    name: Option<String>,

    /// Write into this folder [default: ./NAME]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,

    /// What people read on its pages [default: made from the name]
    #[arg(long)]
    title: Option<String>,

    /// An app's name; can be given several times [default: the preset's]
    #[arg(long = "app", value_name = "APP")]
    apps: Vec<String>,

    /// What to begin with
    #[arg(long)]
    preset: Option<String>,

    /// Components to add
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',')]
    with: Vec<String>,

    /// Components to leave out
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',')]
    without: Vec<String>,

    /// Choose an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE")]
    set: Vec<String>,

    /// Take answers from a file in the format of `djscaffold.toml`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,

    /// The Django line
    #[arg(long, value_name = "LINE")]
    django: Option<String>,

    /// Ask nothing: take defaults for what is not said
    #[arg(long, short)]
    yes: bool,

    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Make no git repository and no commit
    #[arg(long)]
    no_git: bool,

    /// Don't install the project's packages
    #[arg(long)]
    no_sync: bool,
}

pub(super) fn run(arguments: &NewArguments, catalog: &Catalog, printer: Printer) -> Result<()> {
    let answers = if arguments.yes || arguments.dry_run {
        let answers = arguments.answers(catalog, None)?;
        if !answers.project.contains_key("name") {
            return Err(Error::input("the project has no name").hint("say it: `djscaffold new NAME`"));
        }
        answers
    } else {
        let Some(answers) = arguments.ask(catalog)? else {
            printer.line("nothing was written");
            return Ok(());
        };
        answers
    };
    let spec = Spec::from_answers(&answers, catalog)?;
    let target = arguments.target(&spec);
    let ground = apply::survey(&target)?;
    let rendered = render(&spec, catalog, &make_secrets(&spec, catalog)?, VERSION)?;
    let plan = match &ground {
        Ground::Existing(found) => Plan::first(&rendered.tree, found),
        Ground::Free | Ground::Recovered => Plan::first(&rendered.tree, &Tree::default()),
    };
    if arguments.dry_run {
        show_plan(&plan, &spec, &target, arguments.format, printer);
        return Ok(());
    }
    if matches!(ground, Ground::Recovered) {
        printer.status(
            "recovered",
            "an interrupted run had written most of this project; now it is whole",
        );
    }
    apply::write_project(&plan, &target, &ground)?;
    stop_ignoring_interrupts();
    let written = Written {
        spec,
        plan,
        target,
        rendered,
    };
    finish(arguments, &written, catalog, printer)
}

fn make_secrets(spec: &Spec, catalog: &Catalog) -> Result<Secrets> {
    let mut secrets = Secrets::new();
    for (name, length) in needed_secrets(spec, catalog) {
        secrets.insert(name.to_owned(), random_text(length)?);
    }
    for (name, identity) in needed_identities(spec, catalog) {
        secrets.insert(name.to_owned(), number_of(identity).to_string());
    }
    Ok(secrets)
}

#[cfg(unix)]
fn number_of(identity: Identity) -> u32 {
    match identity {
        Identity::User => rustix::process::geteuid().as_raw(),
        Identity::Group => rustix::process::getegid().as_raw(),
    }
}

/// Elsewhere files have no such owner: what the images take by themselves.
#[cfg(not(unix))]
fn number_of(_: Identity) -> u32 {
    1000
}

/// Random text of a URL-safe alphabet of 64 characters: six bits each.
fn random_text(length: usize) -> Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::input(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 64)]))
        .collect())
}
