//! The commands that change a project: `add`, `remove`, `set`, `sync`, `update`, `regen`, `eject`. They differ in what
//! they ask for; the way is the same: look ahead, show, ask, settle, write, tell.

use std::io::IsTerminal as _;
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::Exit;
use super::show::{self, Told};
use crate::VERSION;
use crate::apply::{Recovery, Writer};
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::living::{Intent, Project, look_ahead, references};
use crate::merge::{Plan, Settlement};
use crate::model::NewModel;
use crate::prompt::{
    Prompter as _, Terminal, ask_app, ask_model, ignore_interrupts, settle_by_asking, stop_ignoring_interrupts,
};
use crate::render::render_one;
use crate::report::{Format, Printer};
use crate::setup::refresh_environment;
use crate::spec::Spec;

/// What every writing command takes.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Show what would be done, without doing it
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Also show the changes as a diff
    #[arg(long)]
    pub(super) diff: bool,

    /// Don't ask before writing
    #[arg(long, short)]
    pub(super) yes: bool,

    /// Don't lock and install packages when dependencies change
    #[arg(long)]
    pub(super) no_sync: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    /// How to resolve conflicts [default: ask at a terminal, else markers]
    #[arg(long, value_enum)]
    pub(super) conflict: Option<ConflictChoice>,
}

/// What is done with conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ConflictChoice {
    /// Ask about each
    Ask,
    /// Write both sides with conflict markers
    Markers,
    /// Keep yours
    Mine,
    /// Take what djscaffold generates
    Theirs,
    /// Write nothing
    Abort,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub(super) struct AddArguments {
    #[command(subcommand)]
    what: Option<Addition>,

    /// Components to add
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',')]
    components: Vec<String>,

    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE", value_parser = setting)]
    set: Vec<String>,

    #[command(flatten)]
    flags: Flags,
}

/// What can be added besides components.
#[derive(Debug, Subcommand)]
enum Addition {
    /// Add an app without models
    App(AddAppArguments),
    /// Add a model with its pages, forms, admin, API and tests
    Model(AddModelArguments),
}

#[derive(Debug, Args)]
struct AddAppArguments {
    /// The app's name, such as `shop` [asked for at a terminal]
    #[arg(value_name = "APP")]
    name: Option<String>,

    /// What the app is called on pages
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,

    /// How its views are written, if not as the project's
    #[arg(long, value_name = "STYLE")]
    views: Option<String>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
struct AddModelArguments {
    /// The app and the model's class, such as `shop.Product` [asked for at a terminal]
    #[arg(value_name = "APP.MODEL", value_parser = model_place)]
    model: Option<(String, String)>,

    /// Its fields; none if the class is in `models.py` already [asked for at a terminal]
    #[arg(value_name = "NAME:KIND[:ARGUMENTS][?][!][=DEFAULT]")]
    fields: Vec<String>,

    /// The field that names the user whom an object belongs to
    #[arg(long, value_name = "FIELD")]
    owner: Option<String>,

    /// The text field that names an object
    #[arg(long, value_name = "FIELD")]
    label: Option<String>,

    /// The field for URLs, made from the label; added if it is not among the fields
    #[arg(long, value_name = "FIELD")]
    slug: Option<String>,

    /// What makes an object visible to everyone: a yes-or-no field, or a choice
    #[arg(long, value_name = "FIELD[=CHOICE][,SINCE]")]
    public: Option<String>,

    /// The plural, if English rules don't give it
    #[arg(long, value_name = "WORDS")]
    plural: Option<String>,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true
)]
pub(super) struct RemoveArguments {
    #[command(subcommand)]
    what: Option<Removal>,

    /// Components to remove
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',')]
    components: Vec<String>,

    #[command(flatten)]
    flags: Flags,
}

/// What can be removed besides components.
#[derive(Debug, Subcommand)]
enum Removal {
    /// Remove an app with its models
    App(RemoveAppArguments),
    /// Remove a model with its pages, forms, admin, API and tests
    Model(RemoveModelArguments),
}

#[derive(Debug, Args)]
struct RemoveAppArguments {
    /// The app's name
    #[arg(value_name = "APP")]
    name: String,

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
struct RemoveModelArguments {
    /// The app and the model's class, such as `shop.Product`
    #[arg(value_name = "APP.MODEL", value_parser = model_place)]
    model: (String, String),

    #[command(flatten)]
    flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct SetArguments {
    /// Options to change; `project.title=…` and so on change facts about the project
    #[arg(required = true, value_name = "COMPONENT.OPTION=VALUE", value_parser = setting)]
    settings: Vec<String>,

    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct SyncArguments {
    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct UpdateArguments {
    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct RegenerateArguments {
    /// What to generate again [default: everything]
    #[arg(value_name = "COMPONENT|PATH", value_hint = ValueHint::AnyPath)]
    targets: Vec<String>,

    /// Discard your edits to these files; `undo` restores them
    #[arg(long)]
    discard_edits: bool,

    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct EjectArguments {
    /// Files to stop managing
    #[arg(required = true, value_name = "PATH", value_hint = ValueHint::FilePath)]
    paths: Vec<String>,

    /// Manage these files again, and merge what is generated into them
    #[arg(long = "return")]
    is_return: bool,

    #[command(flatten)]
    pub(super) flags: Flags,
}

/// A setting as it has to look; whether there is such an option, the catalog knows.
pub(super) fn setting(text: &str) -> std::result::Result<String, &'static str> {
    let path = text.split_once('=').map(|(path, _)| path);
    match path.and_then(|path| path.split_once('.')) {
        Some((component, option)) if !component.is_empty() && !option.is_empty() => Ok(text.to_owned()),
        _ => Err("it must look like `api.auth=jwt`; `djscaffold list` shows all components and options"),
    }
}

/// An app and a model of it.
fn model_place(text: &str) -> std::result::Result<(String, String), &'static str> {
    match text.split_once('.') {
        Some((app, model)) if !app.is_empty() && !model.is_empty() => Ok((app.to_owned(), model.to_owned())),
        _ => Err("it must look like `shop.Product`: the app, a dot and the model's class"),
    }
}

impl AddArguments {
    pub(super) const fn flags(&self) -> &Flags {
        match &self.what {
            None => &self.flags,
            Some(Addition::App(app)) => &app.flags,
            Some(Addition::Model(model)) => &model.flags,
        }
    }

    /// What is asked for; what is missing is asked for at a terminal.
    pub(super) fn intent(&self, source: &Source) -> Result<Intent> {
        match &self.what {
            None => Ok(Intent::Add {
                components: self.components.clone(),
                settings: self.set.clone(),
            }),
            Some(Addition::App(app)) => app.intent(source),
            Some(Addition::Model(model)) => model.intent(source),
        }
    }
}

impl AddAppArguments {
    fn intent(&self, source: &Source) -> Result<Intent> {
        let name = if let Some(name) = &self.name {
            name.clone()
        } else {
            let mut terminal = self.flags.terminal("name the app: `djscaffold add app shop`")?;
            let catalog = Catalog::from_source(source)?;
            let spec = Project::find(Path::new("."))?.spec(&catalog)?;
            ask_app(&mut terminal, &spec, &catalog)?
        };
        let views = self.views.iter().map(|views| ("views".to_owned(), views.clone()));
        Ok(Intent::AddApp {
            name,
            title: self.title.clone(),
            options: views.collect(),
        })
    }
}

impl AddModelArguments {
    fn intent(&self, source: &Source) -> Result<Intent> {
        let pointers = [
            ("owner", &self.owner),
            ("label", &self.label),
            ("slug", &self.slug),
            ("public", &self.public),
            ("plural", &self.plural),
        ];
        let pointers = pointers
            .into_iter()
            .filter_map(|(pointer, value)| Some((pointer.to_owned(), value.clone()?)))
            .collect();
        if let Some((app, name)) = &self.model {
            return Ok(Intent::AddModel(NewModel {
                app: app.clone(),
                name: name.clone(),
                fields: self.fields.clone(),
                pointers,
            }));
        }
        let hint = "name the model and its fields: `djscaffold add model shop.Product name:char:120`";
        let mut terminal = self.flags.terminal(hint)?;
        let catalog = Catalog::from_source(source)?;
        let spec = Project::find(Path::new("."))?.spec(&catalog)?;
        let class = |spec: &Spec, app: &str, name: &str| {
            let entry = render_one(spec, &catalog, &format!("{app}/models.py"), VERSION)?;
            let text = entry.map(|entry| String::from_utf8_lossy(&entry.content).into_owned());
            let begin = format!("class {name}(");
            let text = text.unwrap_or_default();
            Ok(text
                .split("\n\n\n")
                .find(|part| part.starts_with(&begin))
                .unwrap_or_default()
                .to_owned())
        };
        ask_model(&mut terminal, &spec, &catalog, &class).map(Intent::AddModel)
    }
}

impl RemoveArguments {
    pub(super) const fn flags(&self) -> &Flags {
        match &self.what {
            None => &self.flags,
            Some(Removal::App(app)) => &app.flags,
            Some(Removal::Model(model)) => &model.flags,
        }
    }

    pub(super) fn intent(&self) -> Intent {
        match &self.what {
            None => Intent::Remove {
                components: self.components.clone(),
            },
            Some(Removal::App(app)) => Intent::RemoveApp { name: app.name.clone() },
            Some(Removal::Model(model)) => {
                let (app, name) = model.model.clone();
                Intent::RemoveModel { app, name }
            }
        }
    }
}

impl SetArguments {
    pub(super) fn intent(&self) -> Intent {
        Intent::Set {
            settings: self.settings.clone(),
        }
    }
}

impl RegenerateArguments {
    pub(super) fn intent(&self) -> Intent {
        Intent::Regenerate {
            targets: self.targets.clone(),
            discard: self.discard_edits,
        }
    }
}

impl EjectArguments {
    pub(super) fn intent(&self) -> Intent {
        let paths = self.paths.clone();
        if self.is_return {
            Intent::Return { paths }
        } else {
            Intent::Eject { paths }
        }
    }
}

/// The project that the user stands in, with a word on what a killed run had left.
pub(super) fn open(printer: Printer) -> Result<Project> {
    let project = Project::find(Path::new("."))?;
    tell_recovery(&project.recovery, printer);
    Ok(project)
}

pub(super) fn tell_recovery(recovery: &Recovery, printer: Printer) {
    match recovery {
        Recovery::None => {}
        Recovery::RolledBack => printer.status("recovered", "an interrupted run had written nothing yet"),
        Recovery::Finished { command, kept } => {
            printer.status("recovered", &format!("the interrupted `{command}` was completed"));
            for path in kept {
                printer.status(
                    "keep",
                    &format!("{path}: changed since then; `djscaffold diff` shows what is missing"),
                );
            }
        }
    }
}

/// Changes a project as it is asked for.
pub(super) fn run(intent: &Intent, flags: &Flags, source: &Source, printer: Printer) -> Result<Exit> {
    let project = open(flags.talk(printer))?;
    if flags.dry_run {
        let outlook = look_ahead(&project, source, intent)?;
        let told = Told {
            command: &intent.command(),
            notes: &outlook.notes,
            farewells: &outlook.farewells,
            loose: &references(&project, &outlook.plan)?.loose,
        };
        return show::planned(&outlook.plan, &told, flags.diff, flags.format, printer);
    }
    let (writer, recovery) = Writer::take(&project.root)?;
    tell_recovery(&recovery, flags.talk(printer));
    // Looked at under the lock: nobody else writes between the look and the writing.
    let project = Project::find(Path::new("."))?;
    let mut outlook = look_ahead(&project, source, intent)?;
    let environment = Environment::of(&project.root)?;
    let mut plan = std::mem::take(&mut outlook.plan);
    let found = references(&project, &plan)?;
    let is_settled = plan.changes.iter().all(|change| change.dispute.is_none());
    let told = Told {
        command: &intent.command(),
        notes: &outlook.notes,
        farewells: &outlook.farewells,
        loose: &found.loose,
    };
    if let Some(exit) = flags.settle(&mut plan, &told, printer)? {
        if plan.notable().next().is_none() {
            outlook.keep_snapshot(&project)?;
            // What can't be remembered is rendered again the next time.
            let _ = outlook.remember(&project, source);
            found.remember(&project);
        }
        return Ok(exit);
    }
    // What was chosen may leave other references loose than what was proposed.
    let chosen = if is_settled {
        None
    } else {
        Some(references(&project, &plan)?)
    };
    let told = Told {
        loose: chosen.as_ref().map_or(told.loose, |chosen| &chosen.loose),
        ..told
    };
    writer.apply(&plan, &intent.command())?;
    stop_ignoring_interrupts();
    // What can't be remembered is rendered again the next time.
    let _ = outlook.remember(&project, source);
    drop(writer);
    let outcome = environment.refresh(&project.root, &outlook.pythons, flags.no_sync, flags.talk(printer));
    let mut due: Vec<&str> = Vec::new();
    if outlook.needs_makemigrations || outlook.needs_sync || *intent == Intent::Sync && outlook.changes_apps {
        // Models or fields that came or went are in no migration yet.
        due.push("makemigrations");
    }
    if outlook.needs_migrate || !due.is_empty() {
        due.push("migrate");
    }
    let mut after = show::After::of(&project.root, outcome, &due).with_news(&project.root, outlook.news);
    if outlook.needs_sync {
        let sync = "djscaffold sync  # adds migrations that come after those";
        after.due.push(sync.to_owned());
    }
    show::done(&plan, &told, &after, flags.format, printer)
}

impl Flags {
    /// The terminal at which what is missing is asked for.
    fn terminal(&self, hint: &str) -> Result<Terminal> {
        let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !is_terminal || self.yes || self.format == Format::Json {
            let why = if is_terminal {
                "no questions are asked here"
            } else {
                "not a terminal, so no questions can be asked"
            };
            return Err(Error::input(why).hint(hint));
        }
        ignore_interrupts();
        Ok(Terminal::default())
    }

    /// The printer for what people read: silent where a machine reads.
    pub(super) fn talk(&self, printer: Printer) -> Printer {
        if self.format == Format::Json {
            Printer::new(true)
        } else {
            printer
        }
    }

    /// Shows the plan, asks whether to go on, and settles its disputes; an exit where nothing is to be written.
    pub(super) fn settle(&self, plan: &mut Plan, told: &Told<'_>, printer: Printer) -> Result<Option<Exit>> {
        let talk = self.talk(printer);
        if plan.notable().next().is_none() {
            return show::calm(told, self.format, printer).map(Some);
        }
        if self.conflict == Some(ConflictChoice::Abort) && plan.changes.iter().any(|change| change.dispute.is_some()) {
            show::planned(plan, told, self.diff, self.format, printer)?;
            talk.line("nothing was written, as there are conflicts");
            return Ok(Some(Exit::Conflicts));
        }
        let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if !self.yes {
            if !is_terminal {
                return Err(Error::input("not a terminal, so no questions can be asked")
                    .hint("add `--yes` to write without being asked, or `--dry-run` to see what would be written"));
            }
            ignore_interrupts();
        }
        show::before(plan, told, self.diff, talk);
        if !self.yes && !Terminal::default().confirm("Write this?", "", false)? {
            talk.line("nothing was written");
            return Ok(Some(Exit::Success));
        }
        let default = if is_terminal && !self.yes {
            ConflictChoice::Ask
        } else {
            ConflictChoice::Markers
        };
        match self.conflict.unwrap_or(default) {
            ConflictChoice::Ask if !is_terminal => {
                return Err(Error::input("not a terminal, so conflicts can't be asked about")
                    .hint("use `--conflict markers`, `mine`, `theirs` or `abort`"));
            }
            ConflictChoice::Ask => {
                ignore_interrupts();
                settle_by_asking(&mut Terminal::default(), plan, VERSION)?;
            }
            ConflictChoice::Mine => plan.settle_all(&Settlement::Mine),
            ConflictChoice::Theirs => plan.settle_all(&Settlement::Theirs),
            ConflictChoice::Markers | ConflictChoice::Abort => plan.settle_all(&Settlement::Markers {
                version: VERSION.to_owned(),
            }),
        }
        Ok(None)
    }
}

/// What the project's environment was made from, so that a change is seen.
pub(super) struct Environment {
    before: Option<String>,
}

impl Environment {
    pub(super) fn of(root: &Path) -> Result<Self> {
        Ok(Self {
            before: manifest(root)?,
        })
    }

    /// Locks and installs packages where other ones are asked for now.
    pub(super) fn refresh(
        &self,
        root: &Path,
        pythons: &[String],
        skip: bool,
        talk: Printer,
    ) -> Option<crate::setup::Environment> {
        let after = manifest(root).ok()?;
        refresh_environment(
            root,
            self.before.as_deref(),
            after.as_deref(),
            pythons,
            skip,
            talk.progress(),
        )
    }
}

fn manifest(root: &Path) -> Result<Option<String>> {
    let found = crate::tree::find(root, "pyproject.toml")?;
    Ok(found
        .content()
        .map(|content| String::from_utf8_lossy(content).into_owned()))
}
