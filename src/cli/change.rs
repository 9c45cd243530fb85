//! The commands that change a project: `add`, `remove`, `set`, `sync`, `update`, `regen`, `eject`. They differ in what
//! they ask for; the way is the same: look ahead, show, ask, settle, write, tell.

use std::io::IsTerminal as _;
use std::path::Path;

use clap::{Args, ValueEnum, ValueHint};

use super::Exit;
use super::show::{self, Told};
use crate::VERSION;
use crate::apply::{Recovery, Writer};
use crate::catalog::Source;
use crate::error::{Error, Result};
use crate::living::{Intent, Project, look_ahead, loose_references};
use crate::merge::{Plan, Settlement};
use crate::prompt::{Prompter as _, Terminal, ignore_interrupts, settle_by_asking, stop_ignoring_interrupts};
use crate::report::{Format, Printer};
use crate::setup::refresh_environment;

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
pub(super) struct AddArguments {
    /// Components to add
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',')]
    components: Vec<String>,

    /// Set an option of a component
    #[arg(long, value_name = "COMPONENT.OPTION=VALUE", value_parser = setting)]
    set: Vec<String>,

    #[command(flatten)]
    pub(super) flags: Flags,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// Components to remove
    #[arg(required = true, value_name = "COMPONENT", value_delimiter = ',')]
    components: Vec<String>,

    #[command(flatten)]
    pub(super) flags: Flags,
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

impl AddArguments {
    pub(super) fn intent(&self) -> Intent {
        Intent::Add {
            components: self.components.clone(),
            settings: self.set.clone(),
        }
    }
}

impl RemoveArguments {
    pub(super) fn intent(&self) -> Intent {
        Intent::Remove {
            components: self.components.clone(),
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
            loose: &loose_references(&project, &outlook.plan)?,
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
    let told = Told {
        command: &intent.command(),
        notes: &outlook.notes,
        farewells: &outlook.farewells,
        loose: &loose_references(&project, &plan)?,
    };
    if let Some(exit) = flags.settle(&mut plan, &told, printer)? {
        if plan.notable().next().is_none() {
            outlook.keep_snapshot(&project)?;
        }
        return Ok(exit);
    }
    // What was chosen may leave other references loose than what was proposed.
    let told = Told {
        loose: &loose_references(&project, &plan)?,
        ..told
    };
    writer.apply(&plan, &intent.command())?;
    stop_ignoring_interrupts();
    // What can't be remembered is rendered again the next time.
    let _ = outlook.remember(&project, source);
    drop(writer);
    let outcome = environment.refresh(&project.root, &outlook.pythons, flags.no_sync, flags.talk(printer));
    let mut due: Vec<&str> = Vec::new();
    if *intent == Intent::Sync && outlook.changes_apps {
        // Fields that came or went are in no migration yet.
        due.push("makemigrations");
    }
    if outlook.needs_migrate || !due.is_empty() {
        due.push("migrate");
    }
    let after = show::After::of(&project.root, outcome, &due).with_news(&project.root, outlook.news);
    show::done(&plan, &told, &after, flags.format, printer)
}

impl Flags {
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
