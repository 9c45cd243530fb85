//! What an app's models are: their fields, relations and the pointers into them. Where a description came from (an
//! answers file, a preset, Python code) makes no difference here.

mod canonical;
mod kinds;
mod migrations;
mod taken;
mod validate;
mod words;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use canonical::canonical;
pub use kinds::{Kind, Kinds, UNKNOWN};
pub use migrations::{FIRST, Migration, MigrationPlace, RELATIONS, leaf, loose_ends, migration_place};
pub use taken::TakenNames;
pub use validate::{Provided, ProvidedTarget, resolve, validate_apps};
pub use words::{Mistake, NewModel, parse_field};

/// One app of the project.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
pub struct App {
    /// What it is called on pages; from its name where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its models by class name.
    #[serde(default)]
    pub models: IndexMap<String, Model>,
    /// Its dotted name, where Django told of it; else it is the name that it is declared with.
    #[serde(skip)]
    pub module: Option<String>,
    /// What `INSTALLED_APPS` has for it, where Django told of something other than its dotted name.
    #[serde(skip)]
    pub entry: Option<String>,
    /// The migrations that the project has of it, and those that were rendered before; none while it is new.
    #[serde(skip)]
    pub migrations: Vec<Migration>,
    /// Its own values of options that can differ by app.
    #[serde(flatten)]
    pub options: IndexMap<String, toml::Value>,
}

impl App {
    /// Puts it where Django says that it is: its dotted name, and what `INSTALLED_APPS` has for it if that is another.
    pub fn place(&mut self, told: Option<(&str, Option<&str>)>) {
        self.module = told.map(|(name, _)| name.to_owned());
        self.entry = told.and_then(|(_, entry)| entry).map(str::to_owned);
    }

    /// The dotted name of its module, given its label.
    #[must_use]
    pub fn module<'a>(&'a self, label: &'a str) -> &'a str {
        self.module.as_deref().unwrap_or(label)
    }

    /// Its directory, given its label.
    #[must_use]
    pub fn folder(&self, label: &str) -> String {
        self.module(label).replace('.', "/")
    }
}

/// One model: pointers into its fields, and the fields themselves.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// The relation to the user whom an object belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The field that names an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The field that stands in addresses, made from the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What makes an object visible to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<Public>,
    /// The plural, where English rules don't give it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural: Option<String>,
    /// The field that is the key; none where Django makes one.
    #[serde(skip)]
    pub key: Option<PrimaryKey>,
    /// Whether the model says no order of its rows, so that generated code has to give one.
    #[serde(skip)]
    pub unordered: bool,
    /// The manager that generated code asks for rows, where it is not `objects`.
    #[serde(skip)]
    pub manager: Option<String>,
    /// The models that it inherits or is a proxy of, by `app.Model`.
    #[serde(skip)]
    pub parents: Vec<String>,
    /// The constraints that compare fields with one another.
    #[serde(skip)]
    pub spanning: Vec<String>,
    /// Whether something of its own is called `excerpt`.
    #[serde(skip)]
    pub has_excerpt: bool,
    /// Whether Django makes no table for it, so that tests have none.
    #[serde(skip)]
    pub without_table: bool,
    /// Whether Django told of its fields, so that they are right as they are; else they are declared.
    #[serde(skip)]
    pub is_read: bool,
    /// The fields by name. They live in `models.py`; a declaration never repeats them.
    #[serde(default, skip_serializing)]
    pub fields: IndexMap<String, Field>,
}

impl Model {
    /// The manager that gives its rows.
    #[must_use]
    pub fn manager(&self) -> &str {
        self.manager.as_deref().unwrap_or("objects")
    }

    /// Whether a row is there for its owner only, and for those who have the permission.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.owner.is_some() && self.public.is_none()
    }
}

/// The key of a model that has one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryKey {
    /// The field's name.
    pub name: String,
    /// Its kind, where djscaffold knows it.
    pub kind: Option<String>,
}

/// The state in which everybody may see an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Public {
    /// A boolean field, or a choice.
    pub field: String,
    /// The choice that makes it public; none for a boolean field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The date-and-time field that remembers when it first became public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// One field. Which of the options a kind takes, the table of kinds says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// A name in the table of kinds: `char`, `foreign_key`, …
    #[serde(deserialize_with = "declarable")]
    pub kind: String,
    /// Whether the database takes NULL.
    #[serde(default)]
    pub null: bool,
    /// Whether a form takes nothing.
    #[serde(default)]
    pub blank: bool,
    /// Whether two rows can't have the same.
    #[serde(default)]
    pub unique: bool,
    /// Whether the column has an index.
    #[serde(default)]
    pub index: bool,
    /// The value of a new object.
    pub default: Option<serde_json::Value>,
    /// The help text in forms.
    pub help_text: Option<String>,
    /// The longest text, in characters.
    pub max_length: Option<u32>,
    /// Digits of a decimal number in all.
    pub max_digits: Option<u32>,
    /// Digits of a decimal number behind the point.
    pub decimal_places: Option<u32>,
    /// Set when the object is made.
    #[serde(default)]
    pub auto_now_add: bool,
    /// Set whenever the object is saved.
    #[serde(default)]
    pub auto_now: bool,
    /// The values of a choice, or values with what people read.
    pub choices: Option<Choices>,
    /// Whether generated code names a choice by its value, as the code has other names for class and members than
    /// djscaffold would give them.
    #[serde(skip)]
    pub raw_choices: bool,
    /// The target of a relation: `Tag`, `shop.Product`, `accounts.CustomUser`, `self`.
    pub to: Option<String>,
    /// What happens when the target is deleted: `cascade`, `protect`, `restrict`, `set_null`.
    pub on_delete: Option<String>,
    /// The relation's name on the target.
    pub related_name: Option<String>,
    /// Whether no form can have it.
    #[serde(skip)]
    pub read_only: bool,
    /// Whether a row needs it, and neither people nor Django fill it in.
    #[serde(skip)]
    pub is_unfilled: bool,
    /// Whether it is much text, and the model's `__str__` has it.
    #[serde(skip)]
    pub is_in_str: bool,
    /// Whether its values have labels, though its kind is no choice.
    #[serde(skip)]
    pub has_labels: bool,
    /// Whether it takes fewer values than its kind says, so that tests ask the field for one.
    #[serde(skip)]
    pub is_narrow: bool,
    /// Whether a relation takes some rows only.
    #[serde(skip)]
    pub is_limited: bool,
    /// The date for which its values are unique.
    #[serde(skip)]
    pub unique_for: Option<String>,
    /// Whether its column is in the table of another model, which this one inherits.
    #[serde(skip)]
    pub is_inherited: bool,
    /// Whether it points at a model that is not declared.
    #[serde(skip)]
    pub is_foreign: bool,
}

/// Takes any kind but the one that only reading code gives.
fn declarable<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let kind = String::deserialize(deserializer)?;
    if kind == UNKNOWN {
        return Err(serde::de::Error::custom(format!("`{UNKNOWN}` is not a kind of field")));
    }
    Ok(kind)
}

/// The values of a choice field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum Choices {
    /// Values only; labels are made from them.
    Values(Vec<String>),
    /// Value → label.
    Labelled(IndexMap<String, String>),
}

impl Choices {
    /// Each value with its label.
    #[must_use]
    pub fn labelled(&self) -> Vec<(String, String)> {
        match self {
            Self::Values(values) => values
                .iter()
                .map(|value| (value.clone(), sentence_case(value)))
                .collect(),
            Self::Labelled(labels) => labels
                .iter()
                .map(|(value, label)| (value.clone(), label.clone()))
                .collect(),
        }
    }
}

/// The class that holds the values of a choice field, within the model.
#[must_use]
pub fn choices_class(field: &str) -> String {
    let class = heck::AsUpperCamelCase(field).to_string();
    match class.as_str() {
        "Meta" | "DoesNotExist" | "MultipleObjectsReturned" => format!("{class}Choice"),
        _ => class,
    }
}

/// A choice's name in Python: `in_review` → `IN_REVIEW`.
#[must_use]
pub fn choice_member(value: &str) -> String {
    heck::AsShoutySnakeCase(value).to_string()
}

/// `in_review` → `In review`.
#[must_use]
pub fn sentence_case(text: &str) -> String {
    let words = text.replace(['_', '-'], " ");
    let mut characters = words.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().collect::<String>() + characters.as_str(),
        None => String::new(),
    }
}
