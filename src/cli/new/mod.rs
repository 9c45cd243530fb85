//! `djscaffold new`: a project from nothing.

mod answers;
mod finish;

use std::path::PathBuf;

use clap::Args;

use crate::VERSION;
use crate::apply::{self, Ground};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::merge::Plan;
use crate::prompt::stop_ignoring_interrupts;
use crate::render::render;
use crate::report::{Format, Printer};
use crate::setup::make_secrets;
use crate::spec::Spec;
use crate::tree::Tree;
use finish::{Written, finish, show_plan};

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
    pub(super) format: Format,

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
