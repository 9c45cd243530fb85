//! `djscaffold new`: a project from nothing.

mod answers;
mod command;
mod finish;
mod overview;

use std::path::{Path, PathBuf};

use clap::{Args, ValueHint};

use crate::VERSION;
use crate::apply::{self, Ground};
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::living::templates_of;
use crate::merge::Plan;
use crate::prompt::stop_ignoring_interrupts;
use crate::render::{DECLARATION, render};
use crate::report::{Format, Printer, shell_word};
use crate::setup::make_secrets;
use crate::spec::Spec;
use crate::tree::Tree;
use command::command;
use finish::{Written, finish, show_plan};

#[derive(Debug, Default, Args)]
pub(super) struct NewArguments {
    /// The project's name; may contain hyphens
    name: Option<String>,

    /// Write into this directory [default: ./NAME]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    into: Option<PathBuf>,

    /// Title shown on its pages [default: made from the name]
    #[arg(long)]
    title: Option<String>,

    /// Name of an app; can be repeated [default: the preset's]
    #[arg(long = "app", value_name = "APP")]
    apps: Vec<String>,

    /// Preset to start from
    #[arg(long)]
    preset: Option<String>,

    /// Components to add
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',')]
    with: Vec<String>,

    /// Components to leave out
    #[arg(long, value_name = "COMPONENT", value_delimiter = ',')]
    without: Vec<String>,

    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE", value_parser = super::change::setting)]
    set: Vec<String>,

    /// Read answers from a file in the format of `djscaffold.toml`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    answers: Option<PathBuf>,

    /// The Django version, such as 5.2
    #[arg(long, value_name = "LINE")]
    django: Option<String>,

    /// Ask nothing; use the defaults
    #[arg(long, short)]
    yes: bool,

    /// Show what would be written, without writing it
    #[arg(long)]
    dry_run: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    /// Don't create a git repository or a first commit
    #[arg(long)]
    no_git: bool,

    /// Don't install the project's packages
    #[arg(long)]
    no_sync: bool,
}

pub(super) fn run(arguments: &NewArguments, source: &Source, printer: Printer) -> Result<()> {
    let catalog = &Catalog::from_source(source)?;
    let answers = if arguments.yes || arguments.dry_run {
        let answers = arguments.answers(catalog, None)?;
        if !answers.project.contains_key("name") {
            return Err(Error::input("no project name given").hint("give one: `djscaffold new mysite --yes`"));
        }
        answers
    } else {
        let Some(answers) = arguments.ask(catalog)? else {
            printer.line("nothing was written");
            return Ok(());
        };
        answers
    };
    let mut spec = Spec::from_answers(&answers, catalog)?;
    let along: Vec<&str> = arguments.along(&answers, &spec, catalog)?;
    if arguments.yes && !along.is_empty() && arguments.format == Format::Text {
        printer.status("with", &format!("{}, required by what you chose", along.join(", ")));
    }
    let target = arguments.target(&spec);
    spec.templates = source.own().map(|own| templates_of(own, &target));
    let rendered = render(&spec, catalog, &make_secrets(&spec, catalog)?, VERSION)?;
    let mut ground = apply::survey(&target)?;
    if matches!(ground, Ground::Interrupted) {
        ground = end_interrupted(arguments, &target, &rendered.tree, printer)?;
    }
    let plan = match &ground {
        Ground::Existing(found) => Plan::first(&rendered.tree, found),
        Ground::Free => Plan::first(&rendered.tree, &Tree::default()),
        // It is there, just as it would be written.
        Ground::Interrupted => Plan::first(&rendered.tree, &rendered.tree),
    };
    if arguments.dry_run {
        show_plan(&plan, &spec, &target, arguments.format, printer)?;
        return Ok(());
    }
    if !matches!(ground, Ground::Interrupted) {
        apply::write_project(&plan, &target, &ground)?;
    }
    stop_ignoring_interrupts();
    let asked = if arguments.yes {
        None
    } else {
        Some(command(arguments, &answers, &spec, catalog)?)
    };
    let written = Written {
        spec,
        plan,
        target,
        rendered,
    };
    finish(arguments, &written, asked.as_deref(), catalog, printer)
}

/// Brings to an end what a killed run left where a project is to be written. What is there then: the same project, whole,
/// or what was there before that run.
fn end_interrupted(arguments: &NewArguments, target: &Path, wanted: &Tree, printer: Printer) -> Result<Ground> {
    let place = target.display();
    if arguments.dry_run {
        return Err(Error::input(format!("an interrupted run left `{place}` half written"))
            .hint("run the same command without `--dry-run` to finish or undo that first"));
    }
    let talk = Printer::new(arguments.format == Format::Json);
    let talk = if arguments.format == Format::Json {
        talk
    } else {
        printer
    };
    if !apply::complete(target)? {
        talk.status("recovered", "an interrupted run was rolled back");
        return apply::survey(target);
    }
    talk.status("recovered", "an interrupted run was completed");
    let is_same = |entry: &crate::tree::Entry| {
        let there = std::fs::read(target.join(DECLARATION));
        there.is_ok_and(|content| content == entry.content)
    };
    if wanted.get(DECLARATION).is_some_and(is_same) {
        return Ok(Ground::Interrupted);
    }
    let folder = shell_word(&place.to_string());
    Err(Error::input(format!(
        "`{place}` now contains another project: the one that the interrupted run was writing"
    ))
    .hint(format!(
        "look at it (`cd {folder} && djscaffold status`), or remove it and run this again"
    )))
}
