//! `djscaffold new`: a project from nothing.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::apply::{self, Ground};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::merge::{Action, Plan};
use crate::prompt::{Decision, Question, Session, Terminal, ignore_interrupts, stop_ignoring_interrupts};
use crate::render::{Rendered, Secrets, needed_secrets, one_line, render};
use crate::report::{Format, Printer};
use crate::setup::{Environment, Outcome, first_commit, make_environment};
use crate::spec::{AnswerLayer, Answers, Spec, check_project_name, parse_setting};
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

pub(super) fn run(arguments: &NewArguments, catalog: &Catalog, printer: Printer) -> Result<()> {
    let answers = if arguments.yes || arguments.dry_run {
        arguments.answers(catalog, None)?
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
        Ground::Clone(found) => Plan::first(&rendered.tree, found),
        Ground::Free | Ground::Recovered => Plan::first(&rendered.tree, &Tree::default()),
    };
    if arguments.dry_run {
        show_plan(&plan, &spec, &target, arguments.format, printer);
        return Ok(());
    }
    apply::write_project(&plan, &target, &ground)?;
    stop_ignoring_interrupts();
    finish(
        arguments,
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
    fn answers(&self, catalog: &Catalog, preset: Option<&str>) -> Result<Answers> {
        let layer = match &self.answers {
            Some(path) => {
                let text = fs_err::read_to_string(path).map_err(Error::file("read", path))?;
                Some(AnswerLayer::parse(&text, &format!("`{}`", path.display()))?)
            }
            None => None,
        };
        let named = preset
            .or(self.preset.as_deref())
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

    /// Asks at the terminal; none when the user leaves without writing.
    fn ask(&self, catalog: &Catalog) -> Result<Option<Answers>> {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(Error::input("there is no terminal to ask at")
                .hint("add `--yes`, with NAME and flags for what the defaults don't fit")
                .hint("flags: --title, --app, --preset, --with, --without, --set, --answers, --django"));
        }
        ignore_interrupts();
        let begin = |preset: Option<&str>| {
            let mut answers = self.answers(catalog, preset)?;
            if !answers.project.contains_key("name") {
                answers.set_project("name", self.proposed_name(catalog));
            }
            Ok(answers)
        };
        let is_free = |name: &str| apply::survey(&self.folder(name)).map(|_| ());
        let summarise = |spec: &Spec| self.summary(spec, catalog);
        let mut session = Session::new(catalog, &begin, &is_free, self.said(catalog)?);
        let (decision, answers) = session.run(&mut Terminal::default(), &summarise)?;
        Ok((decision == Decision::Write).then_some(answers))
    }

    /// The questions that flags and the answers file answer already.
    fn said(&self, catalog: &Catalog) -> Result<Vec<Question>> {
        let mut said = Vec::new();
        if self.preset.is_some() || self.answers.is_some() {
            said.push(Question::Preset);
        }
        let answers = self.answers(catalog, None)?;
        for fact in ["name", "title", "django"] {
            if answers.project.contains_key(fact) {
                said.push(Question::Project(fact));
            }
        }
        if !self.apps.is_empty() || self.answers.is_some() {
            said.push(Question::FirstApp);
        }
        said.extend(self.with.iter().chain(&self.without).cloned().map(Question::Component));
        for (component, option, _) in answers.settings {
            said.push(Question::Option(component, option));
        }
        Ok(said)
    }

    /// The name that is proposed: the folder's that is written into, if it can be one.
    fn proposed_name(&self, catalog: &Catalog) -> String {
        self.into
            .as_ref()
            .and_then(|folder| std::path::absolute(folder).ok())
            .and_then(|folder| folder.file_name().map(|name| name.to_string_lossy().into_owned()))
            .filter(|name| check_project_name(name, catalog).is_ok())
            .unwrap_or_else(|| "mysite".to_owned())
    }

    /// What will be written, for the user to say yes to.
    fn summary(&self, spec: &Spec, catalog: &Catalog) -> Result<String> {
        let rendered = render(spec, catalog, &Secrets::new(), VERSION)?;
        let project = &spec.project;
        let mut lines = vec![
            String::new(),
            format!("  {:<12} {} ({})", "Project", project.name, one_line(&project.title)),
            format!("  {:<12} {}", "Django", project.django),
        ];
        for (name, app) in &spec.apps {
            let models: Vec<_> = app.models.keys().map(String::as_str).collect();
            lines.push(format!("  {:<12} {name}: {}", "App", models.join(", ")));
        }
        for (name, options) in &spec.components {
            let chosen: Vec<_> = options
                .iter()
                .map(|(option, value)| {
                    format!(
                        "{option} = {}",
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            lines.push(
                format!("  {:<12} {name} {}", "Component", chosen.join(", "))
                    .trim_end()
                    .to_owned(),
            );
        }
        lines.push(format!(
            "  {:<12} {} files in `{}`\n",
            "Writes",
            rendered.tree.len(),
            self.folder(&project.name).display()
        ));
        Ok(lines.join("\n"))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.into.clone().unwrap_or_else(|| PathBuf::from(name))
    }

    fn target(&self, spec: &Spec) -> PathBuf {
        self.folder(&spec.project.name)
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
    let environment = make_environment(&written.target, pythons, arguments.no_sync, talk.progress());
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
