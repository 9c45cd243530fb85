//! What Django says of a project's models, as `django.py` prints it and as the project keeps it.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{FoundModel, FoundModels, files_of};
use crate::error::{Error, Result};
use crate::model::{App, Choices, Field, Kind, Kinds, Model, PrimaryKey, UNKNOWN, choice_member, choices_class};

/// Where a project keeps it.
pub const SNAPSHOT: &str = ".djscaffold/models.json";

/// The models of a project's own apps.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Snapshot {
    /// The hash of the code that it was taken of; see [`super::models_key`].
    #[serde(default)]
    pub key: String,
    /// The apps by label.
    apps: BTreeMap<String, SeenApp>,
}

/// One app of the project's own.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SeenApp {
    /// Its dotted name: `apps.shop`.
    pub name: String,
    /// What `INSTALLED_APPS` has for it, where that is not its name.
    #[serde(default)]
    pub entry: Option<String>,
    /// Its models by class name.
    models: BTreeMap<String, SeenModel>,
}

/// One model.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
struct SeenModel {
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<SeenKey>,
    #[serde(skip_serializing_if = "is_false")]
    ordered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    manager: Option<String>,
    /// The models that it inherits or is a proxy of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<String>,
    /// The constraints that compare fields with one another.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spanning: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    excerpt: bool,
    #[serde(skip_serializing_if = "is_false")]
    unmanaged: bool,
    #[serde(skip_serializing)]
    fields: Vec<SeenField>,
}

#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
struct SeenKey {
    name: String,
    class: String,
}

/// One field, also one that is inherited.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default)]
struct SeenField {
    name: String,
    /// Django's class, or the dotted name of one that people fill in otherwise.
    class: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    editable: Option<bool>,
    #[serde(skip_serializing_if = "is_false")]
    null: bool,
    #[serde(skip_serializing_if = "is_false")]
    blank: bool,
    #[serde(skip_serializing_if = "is_false")]
    unique: bool,
    #[serde(skip_serializing_if = "is_false")]
    db_index: bool,
    #[serde(skip_serializing_if = "is_false")]
    auto_now: bool,
    #[serde(skip_serializing_if = "is_false")]
    auto_now_add: bool,
    /// Whether a row needs it, and neither people nor Django fill it in.
    #[serde(skip_serializing_if = "is_false")]
    unfilled: bool,
    /// Whether it is much text, and `__str__` has it.
    #[serde(skip_serializing_if = "is_false")]
    shown: bool,
    #[serde(skip_serializing_if = "is_false")]
    validators: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_digits: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decimal_places: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<Value>,
    /// The enumeration of the choices and its members, where the model has one.
    #[serde(rename = "enum", skip_serializing_if = "Vec::is_empty")]
    enumeration: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_delete: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    related_name: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    limited: bool,
    #[serde(skip_serializing_if = "is_false")]
    inherited: bool,
    /// The date for which its values are unique.
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_for: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What makes a default that JSON has no value for.
fn made_by(name: &str) -> Value {
    json!({ "made_by": name })
}

impl SeenApp {
    /// Whether it has models.
    #[must_use]
    pub fn has_models(&self) -> bool {
        !self.models.is_empty()
    }
}

impl Snapshot {
    /// Reads an answer of Django, or what a project keeps of one.
    ///
    /// # Errors
    /// It is not such JSON.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// What Django would say of models that are declared with their fields, in their one form. Of those that were read
    /// there is nothing to say.
    #[must_use]
    pub fn of(apps: &IndexMap<String, App>, kinds: &Kinds) -> Self {
        let seen = |(name, app): (&String, &App)| {
            let models = app.models.iter().filter(|(_, model)| !model.is_read);
            let models = models.map(|(class, model)| (class.clone(), SeenModel::of(name, class, model, kinds)));
            let app = SeenApp {
                name: app.module(name).to_owned(),
                entry: app.entry.clone(),
                models: models.collect(),
            };
            (name.clone(), app)
        };
        Self {
            key: String::new(),
            apps: apps.iter().map(seen).collect(),
        }
    }

    /// The same without the apps that somebody else sees to.
    #[must_use]
    pub fn without(mut self, is_others: impl Fn(&str, &SeenApp) -> bool) -> Self {
        self.apps.retain(|label, app| !is_others(label, app));
        self
    }

    /// The files that models are defined in, or may be.
    pub fn files(&self) -> impl Iterator<Item = String> {
        let modules = self
            .apps
            .values()
            .flat_map(|app| files_of(&format!("{}.models", app.name)));
        let models = self.apps.values().flat_map(|app| app.models.values());
        modules.chain(models.filter_map(|model| model.path.clone()))
    }

    /// Takes in what another one has.
    pub fn extend(&mut self, other: Self) {
        for (label, app) in other.apps {
            match self.apps.get_mut(&label) {
                Some(known) => known.models.extend(app.models),
                None => drop(self.apps.insert(label, app)),
            }
        }
    }

    /// Takes out an app.
    pub fn remove_app(&mut self, label: &str) {
        self.apps.remove(label);
    }

    /// Takes out a model.
    pub fn remove_model(&mut self, app: &str, class: &str) {
        if let Some(app) = self.apps.get_mut(app) {
            app.models.remove(class);
        }
    }

    /// An app by its label.
    #[must_use]
    pub fn app(&self, label: &str) -> Option<&SeenApp> {
        self.apps.get(label)
    }

    /// The apps by label.
    pub fn apps(&self) -> impl Iterator<Item = (&str, &SeenApp)> {
        self.apps.iter().map(|(label, app)| (label.as_str(), app))
    }

    /// The models of one app; none if Django has no such app.
    #[must_use]
    pub fn models(&self, app: &str, kinds: &Kinds) -> Option<FoundModels> {
        let app = self.apps.get(app)?;
        let found = |(class, model): (&String, &SeenModel)| (class.clone(), model.found(kinds));
        Some(app.models.iter().map(found).collect())
    }

    /// The text that a project keeps: sorted, one field a line.
    ///
    /// # Errors
    /// Never: all that it holds came from JSON.
    pub fn write(&self) -> Result<String> {
        let mut text = format!("{{\"key\": {}, \"apps\": {{", line(&self.key)?);
        for (index, (label, app)) in self.apps.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let (label, name) = (line(label)?, line(&app.name)?);
            text += &format!("{comma}\n{label}: {{\"name\": {name}, ");
            if let Some(entry) = &app.entry {
                text += &format!("\"entry\": {}, ", line(entry)?);
            }
            text += "\"models\": {";
            for (index, (class, model)) in app.models.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                let head = line(model)?;
                let head = head.strip_suffix('}').unwrap_or(&head);
                let separator = if head == "{" { "" } else { "," };
                text += &format!("{comma}\n {}: {head}{separator}\"fields\": [", line(class)?);
                let fields: Vec<_> = model.fields.iter().map(line).collect::<Result<_>>()?;
                let fields: Vec<_> = fields.into_iter().map(|field| format!("\n  {field}")).collect();
                text += &fields.join(",");
                text += "]}";
            }
            text += "}}";
        }
        text += "}}\n";
        Ok(text)
    }
}

fn line(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::template(SNAPSHOT, error))
}

impl SeenModel {
    /// What Django would say of a declared model.
    fn of(app: &str, class: &str, model: &Model, kinds: &Kinds) -> Self {
        let field = |(name, field): (&String, &Field)| {
            let kind = kinds.get(&field.kind)?;
            let is_large = kind.columns.get("large").and_then(toml::Value::as_bool) == Some(true);
            Some(SeenField {
                shown: is_large && model.label.as_ref() == Some(name),
                ..SeenField::of(app, class, name, field, kind)
            })
        };
        Self {
            path: Some(format!("{app}/models.py")),
            ordered: true,
            fields: model.fields.iter().filter_map(field).collect(),
            ..Self::default()
        }
    }

    fn found(&self, kinds: &Kinds) -> FoundModel {
        let fields = self.fields.iter();
        let key = |key: &SeenKey| PrimaryKey {
            name: key.name.clone(),
            // A number that the database gives.
            kind: kinds
                .of_class(
                    if key.class == "AutoField" {
                        "IntegerField"
                    } else {
                        &key.class
                    },
                    false,
                )
                .map(|(name, _)| name.to_owned()),
        };
        FoundModel {
            path: self.path.clone().unwrap_or_default(),
            refusal: self.refusal(),
            model: Model {
                fields: fields.map(|field| (field.name.clone(), field.field(kinds))).collect(),
                key: self.key.as_ref().map(key),
                unordered: !self.ordered,
                manager: self.manager.clone(),
                without_table: self.unmanaged,
                parents: self.parents.clone(),
                spanning: self.spanning.clone(),
                has_excerpt: self.excerpt,
                is_read: true,
                ..Model::default()
            },
        }
    }

    /// Why it can have no pages; none if it can.
    fn refusal(&self) -> Option<&'static str> {
        let class = self.key.as_ref()?.class.as_str();
        (class == "CompositePrimaryKey")
            .then_some("has a key of several fields, which Django's forms and admin don't take")
    }
}

impl SeenField {
    /// What Django would say of a declared field.
    fn of(app: &str, class: &str, name: &str, field: &Field, kind: &Kind) -> Self {
        let text = |column: &str| kind.columns.get(column).and_then(toml::Value::as_str);
        let usual = kind.columns.get("usual-length").and_then(toml::Value::as_integer);
        let arguments = kind.columns.get("given").and_then(toml::Value::as_array);
        let mut arguments = arguments.into_iter().flatten().filter_map(toml::Value::as_str);
        let values: Vec<String> = field
            .choices
            .iter()
            .flat_map(Choices::labelled)
            .map(|(value, _)| value)
            .collect();
        let members = values.iter().map(|value| choice_member(value));
        let own_function = || format!("{app}.models.default_{}_{name}", heck::AsSnakeCase(class));
        let default = field.default.as_ref().map(|value| match value {
            Value::Object(entries) if entries.is_empty() => made_by("builtins.dict"),
            Value::Array(values) if values.is_empty() => made_by("builtins.list"),
            Value::Object(_) | Value::Array(_) => made_by(&own_function()),
            value => text("made-by").map_or_else(|| value.clone(), made_by),
        });
        Self {
            name: name.to_owned(),
            class: kind.class.clone(),
            editable: (field.auto_now || field.auto_now_add).then_some(false),
            null: field.null,
            blank: field.blank,
            unique: field.unique,
            db_index: field.index,
            auto_now: field.auto_now,
            auto_now_add: field.auto_now_add,
            unfilled: false,
            shown: false,
            validators: arguments.any(|argument| argument.starts_with("validators=")),
            max_length: field.max_length.filter(|length| Some(i64::from(*length)) != usual),
            max_digits: field.max_digits,
            decimal_places: field.decimal_places,
            default,
            enumeration: if values.is_empty() {
                Vec::new()
            } else {
                std::iter::once(choices_class(name)).chain(members).collect()
            },
            choices: values.into_iter().map(Value::from).collect(),
            to: field.to.clone(),
            on_delete: field.on_delete.as_ref().map(|on_delete| on_delete.to_uppercase()),
            related_name: field.related_name.clone().filter(|name| !name.ends_with('+')),
            limited: false,
            inherited: false,
            unique_for: None,
        }
    }

    fn field(&self, kinds: &Kinds) -> Field {
        let kind = kinds.of_class(&self.class, !self.choices.is_empty());
        let takes_choices = kind.is_some_and(|(_, kind)| kind.takes("choices"));
        let is_as_made = self.enumeration.split_first().is_some_and(|(class, members)| {
            let made = self
                .choices
                .iter()
                .map(|value| choice_member(value.as_str().unwrap_or_default()));
            *class == choices_class(&self.name) && members.iter().cloned().eq(made)
        });
        let values = self.choices.iter();
        let values = values.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        Field {
            kind: kind.map_or(UNKNOWN, |(name, _)| name).to_owned(),
            null: self.null,
            blank: self.blank,
            unique: self.unique,
            index: self.db_index,
            default: self.default.as_ref().and_then(default),
            max_length: self.max_length,
            max_digits: self.max_digits,
            decimal_places: self.decimal_places,
            auto_now: self.auto_now,
            auto_now_add: self.auto_now_add,
            choices: takes_choices.then(|| Choices::Values(values.collect())),
            raw_choices: takes_choices && !is_as_made,
            to: self.to.clone(),
            on_delete: self.on_delete.as_ref().map(|on_delete| on_delete.to_lowercase()),
            related_name: self.related_name.clone(),
            read_only: self.editable == Some(false) && !(self.auto_now || self.auto_now_add),
            has_labels: !self.choices.is_empty() && !takes_choices,
            is_narrow: self.validators
                || self.limited
                || (!self.choices.is_empty() && !takes_choices)
                || kind.is_none_or(|(_, kind)| !kind.relation && !kind.columns.contains_key("factory")),
            is_inherited: self.inherited,
            is_limited: self.limited,
            is_unfilled: self.unfilled,
            is_in_str: self.shown,
            unique_for: self.unique_for.clone(),
            help_text: None,
            is_foreign: false,
        }
    }
}

/// A default as a declaration has it, where it has one.
fn default(seen: &Value) -> Option<Value> {
    let made_by = seen.get("made_by").and_then(Value::as_str);
    match made_by {
        Some("builtins.dict") => Some(json!({})),
        Some("builtins.list") => Some(json!([])),
        _ => Some(seen.clone()).filter(|value| !value.is_null()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = r#"{"apps": {"shop": {"name": "apps.shop", "models": {"Product": {
        "path": "apps/shop/models.py", "key": {"name": "code", "class": "CharField"},
        "fields": [
            {"name": "code", "class": "CharField", "max_length": 5},
            {"name": "state", "class": "CharField", "max_length": 5, "default": "a", "choices": ["a", "b"]},
            {"name": "twice", "class": "GeneratedField", "editable": false},
            {"name": "owner", "class": "ForeignKey", "to": "accounts.CustomUser", "on_delete": "CASCADE"}
        ]}}}}}"#;

    #[test]
    fn what_django_says_becomes_a_model() {
        let snapshot = Snapshot::parse(SAID).unwrap();
        let mut found = snapshot.models("shop", &Kinds::embedded().unwrap()).unwrap();
        let product = found.swap_remove("Product").unwrap().model;
        assert_eq!(product.key.unwrap().kind.as_deref(), Some("char"));
        let state = &product.fields["state"];
        assert_eq!(state.kind, "choice");
        assert_eq!(state.choices.as_ref().unwrap().labelled().len(), 2);
        assert_eq!(product.fields["twice"].kind, UNKNOWN);
        assert!(product.fields["twice"].read_only);
        assert_eq!(product.fields["owner"].on_delete.as_deref(), Some("cascade"));
        assert!(product.unordered);
    }

    #[test]
    fn a_snapshot_is_read_as_it_was_written() {
        let snapshot = Snapshot::parse(SAID).unwrap();
        let text = snapshot.write().unwrap();
        assert_eq!(Snapshot::parse(&text).unwrap(), snapshot);
        assert!(text.contains("\n  {\"name\":\"code\""), "{text}");
    }
}
