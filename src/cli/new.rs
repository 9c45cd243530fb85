//! `djscaffold new`: a project from nothing.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::apply::{self, Ground};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::merge::{Action, Plan};
use crate::render::{Rendered, Secrets, needed_secrets, render};
use crate::report::{Format, Printer};
use crate::setup::{Environment, Outcome, first_commit, make_environment};
use crate::spec::{AnswerLayer, Answers, Spec, import_form, parse_setting};
use crate::tree::Tree;

/// The version that projects are marked with.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The preset taken when nothing is said.
const DEFAULT_PRESET: &str = "minimal";

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

pub(super) fn run(arguments: NewArguments, catalog: &Catalog, printer: Printer) -> Result<()> {
    let answers = arguments.answers(catalog)?;
    if !arguments.yes && !arguments.dry_run {
        let has_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !has_terminal {
            return Err(Error::input("there is no terminal to ask at")
                .hint("add `--yes`, with NAME and flags for what the defaults don't fit")
                .hint("flags: --title, --app, --preset, --with, --without, --set, --answers, --django"));
        }
    }
    let spec = Spec::from_answers(&answers, catalog)?;
    let target = arguments.target(&spec);
    let ground = apply::survey(&target)?;
    let rendered = render(&spec, catalog, &make_secrets(&spec, catalog)?, VERSION)?;
    let plan = match &ground {
        Ground::Clone(found) => Plan::first(&rendered.tree, found),
        Ground::Free | Ground::Recovered => Plan::first(&rendered.tree, &Tree::default()),
    };
    if arguments.dry_run {
        show_plan(&plan, &spec, &target, arguments.format, printer);
        return Ok(());
    }
    apply::write_project(&plan, &target, &ground)?;
    finish(
        &arguments,
        &Written {
            spec,
            plan,
            target,
            rendered,
        },
        catalog,
        printer,
    )
}

/// A project that lies on the disk.
struct Written {
    spec: Spec,
    plan: Plan,
    target: PathBuf,
    rendered: Rendered,
}

impl NewArguments {
    /// Preset, answers file and flags, each over the one before.
    fn answers(&self, catalog: &Catalog) -> Result<Answers> {
        let layer = match &self.answers {
            Some(path) => {
                let text = fs_err::read_to_string(path).map_err(Error::file("read", path))?;
                Some(AnswerLayer::parse(&text, &format!("`{}`", path.display()))?)
            }
            None => None,
        };
        let named = self
            .preset
            .as_deref()
            .or(layer.as_ref().and_then(|layer| layer.preset.as_deref()));
        let mut answers = match (named, &layer) {
            // An answers file with components of its own needs no preset.
            (None, Some(layer)) if !layer.components.is_empty() => Answers::default(),
            (named, _) => Answers::from_preset(named.unwrap_or(DEFAULT_PRESET), catalog)?,
        };
        if let Some(layer) = layer {
            answers.lay_over(layer);
        }
        for (key, value) in [("name", &self.name), ("title", &self.title), ("django", &self.django)] {
            if let Some(value) = value {
                answers.set_project(key, value.clone());
            }
        }
        if !self.apps.is_empty() {
            answers.name_apps(&self.apps)?;
        }
        for component in &self.with {
            catalog.component(component)?;
            answers.with(component);
        }
        for component in &self.without {
            catalog.component(component)?;
            answers.without(component);
        }
        for setting in &self.set {
            let (component, option, value) = parse_setting(setting, catalog)?;
            answers.set(&component, &option, value);
        }
        Ok(answers)
    }

    fn target(&self, spec: &Spec) -> PathBuf {
        self.into.clone().unwrap_or_else(|| PathBuf::from(&spec.project.name))
    }
}

fn make_secrets(spec: &Spec, catalog: &Catalog) -> Result<Secrets> {
    let mut secrets = Secrets::new();
    for (name, length) in needed_secrets(spec, catalog) {
        secrets.insert(name.to_owned(), random_text(length)?);
    }
    Ok(secrets)
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

fn show_plan(plan: &Plan, spec: &Spec, target: &Path, format: Format, printer: Printer) {
    match format {
        Format::Json => printer.data(&format!("{:#}", plan_json(plan, spec, target))),
        Format::Text => {
            for change in &plan.changes {
                printer.data(&format!("{:>10} {}", change.action.verb(), change.path));
            }
            printer.line(&format!(
                "nothing was written; without `--dry-run` this goes to `{}`",
                target.display()
            ));
        }
    }
}

fn plan_json(plan: &Plan, spec: &Spec, target: &Path) -> Value {
    let files: Vec<Value> = plan
        .changes
        .iter()
        .map(|change| json!({ "action": change.action.verb(), "path": change.path }))
        .collect();
    json!({
        "format": 1,
        "project": spec.project.name,
        "folder": target.display().to_string(),
        "components": spec.components.keys().collect::<Vec<_>>(),
        "files": files,
    })
}

fn finish(arguments: &NewArguments, written: &Written, catalog: &Catalog, printer: Printer) -> Result<()> {
    let talk = if arguments.format == Format::Json {
        Printer::new(true)
    } else {
        printer
    };
    let created = written.plan.with_action(Action::Create).count();
    talk.status("created", &format!("{created} files in `{}`", written.target.display()));
    for change in written.plan.with_action(Action::Keep) {
        talk.status("keep", &format!("`{}`, which was there", change.path));
    }
    let pythons = &catalog.lines().get(&written.spec.project.django)?.pythons;
    let environment = make_environment(&written.target, pythons, arguments.no_sync, &talk.progress());
    talk.outcome("installed", &environment.outcome);
    let committed = if arguments.no_git {
        Outcome::Skipped("--no-git".to_owned())
    } else {
        let project = &written.spec.project;
        let author = (!project.author.is_empty() && !project.email.is_empty())
            .then_some((project.author.as_str(), project.email.as_str()));
        first_commit(&written.target, author)
    };
    talk.outcome("committed", &committed);
    let steps = next_steps(written, &environment);
    if arguments.format == Format::Json {
        let mut document = plan_json(&written.plan, &written.spec, &written.target);
        document["environment"] = outcome_json(&environment.outcome);
        document["commit"] = outcome_json(&committed);
        document["next_steps"] = json!(steps);
        printer.data(&format!("{document:#}"));
    } else {
        talk.line("\nNext:\n");
        for step in &steps {
            talk.line(&format!("    {step}"));
        }
        talk.line("");
    }
    Ok(())
}

fn outcome_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Done(what) => json!({ "state": "done", "detail": what }),
        Outcome::Skipped(why) => json!({ "state": "skipped", "detail": why }),
        Outcome::Failed { reason, command } => json!({ "state": "failed", "detail": reason, "command": command }),
    }
}

/// Commands that work when pasted, from the folder that the user stands in.
fn next_steps(written: &Written, environment: &Environment) -> Vec<String> {
    let mut steps = Vec::new();
    if written.target != Path::new(".") {
        steps.push(format!("cd {}", shell_word(&written.target.display().to_string())));
    }
    steps.extend(environment.due.iter().cloned());
    let named = written.rendered.next_steps.iter();
    steps.extend(named.map(|step| step.replace("{python}", &environment.python)));
    steps
}

fn shell_word(text: &str) -> String {
    let plain = text
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "/._-+~".contains(character));
    if plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The name that is proposed for a project that is made in the folder `into`.
#[expect(dead_code, reason = "the prompts use it")]
fn proposed_name(into: Option<&Path>) -> Option<String> {
    let folder = into?.canonicalize().ok()?;
    Some(import_form(folder.file_name()?.to_str()?))
}
