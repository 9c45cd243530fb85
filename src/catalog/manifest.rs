//! `component.toml`: what a component says of itself.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// The whole of a `component.toml`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// What it is, in one line.
    pub summary: String,
    /// What people call it otherwise: whoever asks for that is told its name.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How the prompt asks for it; without one it is never asked for.
    pub question: Option<String>,
    /// Why it can be neither added nor removed after `new`; none if it can.
    pub fixed: Option<String>,
    /// Components that must be there too.
    #[serde(default)]
    pub requires: Vec<String>,
    /// Whether it is there for others only: it comes with the first that requires it, and goes with the last.
    #[serde(default)]
    pub shared: bool,
    /// Components that must not be there.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// Paths that get the executable bit.
    #[serde(default)]
    pub executable: Vec<String>,
    /// Paths that are written once and belong to the user from then on.
    #[serde(default)]
    pub once: Vec<String>,
    /// What an app without models has of its files.
    #[serde(default)]
    pub bare: Vec<String>,
    /// Paths that hold secrets: mode 600, never kept in the base.
    #[serde(default)]
    pub private: Vec<String>,
    /// Modules of an app whose class bodies have the fields of a model as attributes: no field is called as what they
    /// import.
    #[serde(default)]
    pub fields_in: Vec<String>,
    /// What functions and templates of an app call other things: no variable for a model's objects is called so.
    #[serde(default)]
    pub local_names: Vec<String>,
    /// What can be chosen.
    #[serde(default)]
    pub options: IndexMap<String, OptionSpec>,
    /// Packages the project needs everywhere: requirement → its particulars.
    #[serde(default)]
    pub dependencies: IndexMap<String, DependencyDetail>,
    /// Packages needed only in production.
    #[serde(default)]
    pub production_dependencies: IndexMap<String, DependencyDetail>,
    /// Packages needed only by developers.
    #[serde(default)]
    pub development_dependencies: IndexMap<String, DependencyDetail>,
    /// Environment variables that the project reads.
    #[serde(default)]
    pub env: Vec<EnvironmentVariable>,
    /// What variables of any component are in containers, whatever the environment says: name → value.
    #[serde(default)]
    pub container_env: IndexMap<String, ContainerValue>,
    /// The same for the containers of development.
    #[serde(default)]
    pub development_env: IndexMap<String, ContainerValue>,
    /// Path (a directory's ends in `/`) → the condition under which it is there.
    #[serde(default)]
    pub conditions: IndexMap<String, String>,
    /// Where its contributions stand among those of others.
    #[serde(default)]
    pub slots: BTreeMap<String, SlotOrder>,
    /// Models that it brings, as targets for relations.
    #[serde(default)]
    pub models: IndexMap<String, ProvidedModel>,
    /// Django apps with database tables that it brings besides the project's own.
    #[serde(default)]
    pub tables: Vec<DatabaseTables>,
    /// Files that were called otherwise in older versions: old path → new path.
    #[serde(default)]
    pub renamed: IndexMap<String, String>,
    /// What the user does next.
    #[serde(default)]
    pub next_steps: Vec<NextStep>,
    /// Commands of `manage.py` that follow `migrate`.
    #[serde(default)]
    pub after_migrate: Vec<NextStep>,
    /// Commands of `manage.py` that clear what piles up, once a day.
    #[serde(default)]
    pub daily: Vec<NextStep>,
    /// What runs beside the web server in production, from the same image.
    #[serde(default)]
    pub processes: Vec<Process>,
}

impl Manifest {
    /// The packages of all three groups.
    pub fn all_dependencies(&self) -> impl Iterator<Item = Dependency<'_>> {
        self.dependencies
            .iter()
            .chain(&self.production_dependencies)
            .chain(&self.development_dependencies)
            .map(|(requirement, detail)| Dependency {
                requirement,
                modules: &detail.modules,
            })
    }
}

/// A requirement with the modules that it installs.
#[derive(Debug)]
pub struct Dependency<'a> {
    /// As pip reads it: `django-environ>=0.14,<0.15`.
    pub requirement: &'a str,
    /// The top-level modules that it and what it needs bring.
    pub modules: &'a [String],
}

impl Dependency<'_> {
    /// The package's name, without version limits and extras.
    #[must_use]
    pub fn package(&self) -> &str {
        let end = self
            .requirement
            .find(|character: char| !(character.is_ascii_alphanumeric() || "-_.".contains(character)));
        &self.requirement[..end.unwrap_or(self.requirement.len())]
    }
}

/// The particulars of a requirement.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DependencyDetail {
    /// The top-level modules that it and what it needs bring: apps must not be called so.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Those of its modules that have no types, as mypy's patterns.
    #[serde(default)]
    pub untyped: Vec<String>,
    /// A handlebars condition.
    pub when: Option<String>,
}

/// One thing that can be chosen about a component.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OptionSpec {
    /// How the prompt asks; without one it is only a flag.
    pub question: Option<String>,
    /// What values it takes.
    #[serde(rename = "type", default)]
    pub kind: OptionKind,
    /// The values of a choice.
    #[serde(default)]
    pub choices: Vec<String>,
    /// Taken when nothing is said.
    pub default: toml::Value,
    /// When to take which.
    pub help: String,
    /// A few words on single choices.
    #[serde(default)]
    pub help_choices: IndexMap<String, String>,
    /// Components that single choices require.
    #[serde(default)]
    pub requires: IndexMap<String, Vec<String>>,
    /// Components that single choices can't be combined with.
    #[serde(default)]
    pub conflicts: IndexMap<String, Vec<String>>,
    /// Whether it may name none of its choices.
    #[serde(default)]
    pub may_be_empty: bool,
    /// Why it can't be changed after `new`, and what to do instead; none if it can.
    pub fixed: Option<String>,
    /// Whether an app can have its own value (`[apps.NAME] option = …`).
    #[serde(default)]
    pub per_app: bool,
}

/// The values that an option takes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptionKind {
    /// One of its choices.
    #[default]
    Choice,
    /// Any of its choices.
    Choices,
    /// Names, each with a list of texts: `{ editor = ["blog.add_post"] }`.
    Lists,
    /// true or false.
    Boolean,
    /// A whole number.
    Integer,
    /// Any text.
    Text,
}

/// One environment variable that the generated project reads.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EnvironmentVariable {
    /// Its name.
    pub name: String,
    /// What it is for, in a sentence.
    pub help: String,
    /// What development takes when it is not set.
    #[serde(default)]
    pub default: String,
    /// What `.env.example` shows, and what production takes for a placeholder.
    #[serde(default)]
    pub example: String,
    /// Generated with this many characters; written to private files only.
    pub secret: Option<usize>,
    /// The number of who runs djscaffold; written to private files only.
    pub identity: Option<Identity>,
    /// Whether production refuses to start without it.
    #[serde(default)]
    pub required: bool,
    /// Whether it is for what runs the containers, and Django never reads it.
    #[serde(default)]
    pub outside: bool,
    /// A handlebars condition.
    pub when: Option<String>,
}

/// Whose number a variable holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// The user's, as `id -u` says it.
    User,
    /// The group's, as `id -g` says it.
    Group,
}

/// What a variable is in containers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerValue {
    /// The value, as Compose reads it.
    pub value: String,
    /// A handlebars condition.
    pub when: Option<String>,
}

/// Where a contribution stands in a slot.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SlotOrder {
    /// After the contribution of this component.
    pub after: Option<String>,
    /// Before the contribution of this component.
    pub before: Option<String>,
}

/// A model that a component brings.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProvidedModel {
    /// How models refer to it, as a Python expression: `settings.AUTH_USER_MODEL`.
    pub reference: String,
    /// Whether it is the user model.
    #[serde(default)]
    pub user: bool,
    /// The function in the selectors of its app that says which of its rows a user may choose.
    pub selector: String,
    /// The dotted path of its test factory.
    pub factory: String,
    /// The field that names one in a list or a search, for lookups through a relation.
    pub label: String,
    /// Names that a `related_name` pointing at it must not take.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// A Django app of a package, with tables of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseTables {
    /// The app's label, as `manage.py migrate` takes it.
    pub app: String,
    /// A handlebars condition.
    pub when: Option<String>,
}

/// A process that production runs beside the web server, from the same image and with the same environment.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all(deserialize = "kebab-case"), deny_unknown_fields)]
pub struct Process {
    /// The name of its container: `worker`.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// A shell command that ends with 0 while it is healthy.
    pub health: String,
    /// How many seconds it may take to finish what it is doing.
    pub stop_seconds: u32,
    /// Whether only one may run, however many machines there are.
    #[serde(default)]
    pub single: bool,
    /// Whether it connects to servers of others, such as a mail server.
    #[serde(default)]
    pub outgoing: bool,
}

/// A line that is shown after writing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NextStep {
    /// A command that works when pasted.
    pub text: String,
    /// A handlebars condition.
    pub when: Option<String>,
    /// What it is good for, if it is not for now.
    pub later: Option<String>,
}
