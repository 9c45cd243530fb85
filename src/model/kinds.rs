//! The kinds of field as a data table: `kinds.toml`.

use indexmap::IndexMap;
use serde::Deserialize;

use super::TakenNames;
use crate::error::{Error, Result};
use crate::parsed;

/// The kind of a field that djscaffold knows nothing of: generated code only names it.
pub const UNKNOWN: &str = "unknown";

/// The table, by kind.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Kinds {
    kinds: IndexMap<String, Kind>,
    /// The names that generated code uses besides the models' own.
    #[serde(skip)]
    pub taken: TakenNames,
}

/// What djscaffold knows of one kind of field. Columns that only templates read stay in `columns`.
#[derive(Debug, Clone, Deserialize)]
pub struct Kind {
    /// The Django class: `CharField`.
    pub class: String,
    /// Django classes that take part as this kind where they stand in `models.py`.
    #[serde(default)]
    pub also: Vec<String>,
    /// Options it takes besides `null`, `blank`, `default` and `help_text`.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// Options that must be given.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The type of a default: `string`, `integer`, `number`, `boolean`, `json`, or none where none can be given.
    pub default: Option<String>,
    /// What a text is that it takes, if not any: `email`, `slug`, `url`.
    #[serde(rename = "written-as")]
    pub written_as: Option<String>,
    /// Whether it points at another model.
    #[serde(default)]
    pub relation: bool,
    /// The package that it needs.
    pub requirement: Option<String>,
    /// The modules that the package installs.
    #[serde(default)]
    pub modules: Vec<String>,
    /// Whether no answers file can name it.
    #[serde(default)]
    pub undeclarable: bool,
    /// Whether people upload something.
    #[serde(default)]
    pub media: bool,
    /// What may point at it: `label`, `slug`, `owner`, `public`, `since`.
    #[serde(default)]
    pub pointers: Vec<String>,
    /// What it is called for short, besides its name.
    #[serde(default)]
    pub short: Vec<String>,
    /// The short name that also says that it points at the user model.
    #[serde(rename = "user-short")]
    pub user_short: Option<String>,
    /// The options that stand behind its name on a command line, in their order.
    #[serde(default)]
    pub arguments: Vec<String>,
    /// A field of this kind as a word of a command line.
    pub example: Option<String>,
    /// The least number that it takes.
    pub minimum: Option<i64>,
    /// All else: read by templates only.
    #[serde(flatten)]
    pub columns: IndexMap<String, toml::Value>,
}

impl Kinds {
    /// The table built into the program.
    ///
    /// # Errors
    /// The table is not as it should be.
    pub fn embedded() -> Result<Self> {
        parsed::toml(include_str!("kinds.toml")).map_err(|error| Error::template("kinds.toml", error))
    }

    /// The kind of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.get(name)
    }

    /// The kind of a Django class; of two, the one that needs choices is it where there are some.
    #[must_use]
    pub fn of_class(&self, class: &str, has_choices: bool) -> Option<(&str, &Kind)> {
        let is_kind = |kind: &Kind| kind.class == class || kind.also.iter().any(|also| also == class);
        let needs_choices = |kind: &Kind| kind.requires.iter().any(|required| required == "choices");
        let mut candidates = self.iter().filter(|(name, kind)| *name != UNKNOWN && is_kind(kind));
        if has_choices && let Some(found) = candidates.clone().find(|(_, kind)| needs_choices(kind)) {
            return Some(found);
        }
        candidates.find(|(_, kind)| !needs_choices(kind))
    }

    /// All kinds by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Kind)> + Clone {
        self.kinds.iter().map(|(name, kind)| (name.as_str(), kind))
    }

    /// The kinds that an answers file can name.
    pub fn declarable(&self) -> impl Iterator<Item = (&str, &Kind)> + Clone {
        self.iter().filter(|(_, kind)| !kind.undeclarable)
    }

    /// The top-level modules of the packages that kinds need.
    pub fn modules(&self) -> impl Iterator<Item = &String> {
        self.kinds.values().flat_map(|kind| &kind.modules)
    }
}

impl Kind {
    /// Whether a field of this kind can be given the option.
    #[must_use]
    pub fn takes(&self, option: &str) -> bool {
        self.accepts.iter().any(|accepted| accepted == option)
    }

    /// Whether a model's pointer of that name can lead to a field of this kind.
    #[must_use]
    pub fn can_be(&self, pointer: &str) -> bool {
        self.pointers.iter().any(|known| known == pointer)
    }
}
