//! What Django says of a project's models, as `django.py` prints it.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::{FoundModel, FoundModels, Note};
use crate::model::{Choices, Field, Kinds, PrimaryKey, UNKNOWN};

/// Django's apps by label: the project's own, and those of packages that have models.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Snapshot {
    apps: IndexMap<String, SeenApp>,
}

/// One app.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SeenApp {
    /// Its dotted name: `apps.shop`.
    pub name: String,
    /// Whether it is the project's own.
    own: bool,
    /// Its models by class name.
    #[serde(default)]
    models: IndexMap<String, SeenModel>,
}

/// One model. Of packages' models only the type of the key is there.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SeenModel {
    path: Option<String>,
    line: Option<usize>,
    key: String,
    ordering: Vec<Value>,
    fields: Vec<SeenField>,
}

/// One field, also one that is inherited.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct SeenField {
    name: String,
    class: String,
    primary_key: bool,
    auto_created: bool,
    editable: Option<bool>,
    null: bool,
    blank: bool,
    unique: bool,
    db_index: bool,
    auto_now: bool,
    auto_now_add: bool,
    default: Option<Value>,
    max_length: Option<u32>,
    max_digits: Option<u32>,
    decimal_places: Option<u32>,
    choices: Vec<(Value, Value)>,
    relation: Option<Relation>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Relation {
    to: String,
    on_delete: Option<String>,
    related_name: Option<String>,
}

impl Snapshot {
    /// Reads an answer of Django.
    ///
    /// # Errors
    /// It is not such JSON.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// The project's own apps by label.
    pub fn own_apps(&self) -> impl Iterator<Item = (&str, &SeenApp)> {
        self.apps
            .iter()
            .filter(|(_, app)| app.own)
            .map(|(label, app)| (label.as_str(), app))
    }

    /// The models of one app; none if Django has no such app.
    #[must_use]
    pub fn models(&self, app: &str, kinds: &Kinds) -> Option<FoundModels> {
        let app = self.apps.get(app)?;
        let mut found = FoundModels::default();
        for (class, model) in &app.models {
            let (model, notes) = model.found(class, kinds);
            found.models.insert(class.clone(), model);
            found.notes.extend(notes);
        }
        Some(found)
    }
}

impl SeenModel {
    fn found(&self, class: &str, kinds: &Kinds) -> (FoundModel, Vec<Note>) {
        let line = self.line.unwrap_or(1);
        let key = self
            .fields
            .iter()
            .find(|field| field.primary_key && !field.auto_created);
        let mut notes = Vec::new();
        let mut fields = IndexMap::new();
        let mut field_lines = IndexMap::new();
        for seen in self.fields.iter().filter(|field| !field.primary_key) {
            let field = seen.field(kinds);
            if field.kind == UNKNOWN {
                notes.push(Note {
                    path: self.path.clone().unwrap_or_default(),
                    line,
                    text: format!("`{class}.{}` is a {}, which is only named", seen.name, seen.class),
                });
            }
            fields.insert(seen.name.clone(), field);
            field_lines.insert(seen.name.clone(), line);
        }
        let model = FoundModel {
            fields,
            field_lines,
            key: key.map(|field| PrimaryKey {
                name: field.name.clone(),
                kind: field.kind(kinds).map(str::to_owned),
            }),
            unordered: self.ordering.is_empty(),
            line,
        };
        (model, notes)
    }
}

impl SeenField {
    /// The kind of its class, also of one in a package that is called as Django's.
    fn kind<'a>(&self, kinds: &'a Kinds) -> Option<&'a str> {
        let class = self.class.rsplit('.').next().unwrap_or(&self.class);
        kinds.of_class(class, !self.choices.is_empty()).map(|(name, _)| name)
    }

    fn field(&self, kinds: &Kinds) -> Field {
        let field = Field {
            kind: UNKNOWN.to_owned(),
            null: self.null,
            blank: self.blank,
            ..Field::default()
        };
        let Some(kind) = self
            .kind(kinds)
            .filter(|_| self.editable != Some(false) || self.auto_now || self.auto_now_add)
        else {
            return field;
        };
        let relation = self.relation.as_ref();
        Field {
            kind: kind.to_owned(),
            unique: self.unique,
            index: self.db_index,
            default: self.default.clone().filter(|value| !value.is_object()),
            max_length: self.max_length,
            max_digits: self.max_digits,
            decimal_places: self.decimal_places,
            auto_now: self.auto_now,
            auto_now_add: self.auto_now_add,
            choices: self.choices(),
            raw_choices: !self.choices.is_empty(),
            to: relation.map(|relation| relation.to.clone()),
            on_delete: relation.and_then(|relation| relation.on_delete.as_deref().map(str::to_lowercase)),
            related_name: relation.and_then(|relation| relation.related_name.clone()),
            ..field
        }
    }

    /// The choices, those of groups among the others.
    fn choices(&self) -> Option<Choices> {
        let mut labelled = IndexMap::new();
        for (value, label) in &self.choices {
            match label {
                Value::Array(group) => {
                    for pair in group {
                        labelled.insert(text(&pair[0]), text(&pair[1]));
                    }
                }
                label => {
                    labelled.insert(text(value), text(label));
                }
            }
        }
        (!labelled.is_empty()).then_some(Choices::Labelled(labelled))
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_django_says_becomes_a_model() {
        let said = r#"{"shop": {"name": "apps.shop", "own": true, "models": {"Product": {
            "path": "apps/shop/models.py", "line": 7, "key": "code",
            "fields": [
                {"name": "code", "class": "django.db.models.fields.CharField", "primary_key": true, "max_length": 5},
                {"name": "state", "class": "django.db.models.fields.CharField", "max_length": 5, "default": "a",
                 "choices": [["Group", [["a", "A"]]], ["b", "B"]]},
                {"name": "twice", "class": "django.db.models.fields.generated.GeneratedField", "editable": false},
                {"name": "owner", "class": "django.db.models.fields.related.ForeignKey", "db_index": true,
                 "relation": {"to": "accounts.CustomUser", "on_delete": "CASCADE", "related_name": "products"}}
            ]}}}}"#;
        let snapshot = Snapshot::parse(said).unwrap();
        let mut found = snapshot.models("shop", &Kinds::embedded().unwrap()).unwrap();
        let product = found.models.swap_remove("Product").unwrap();
        assert_eq!(product.key.unwrap().kind.as_deref(), Some("char"));
        let state = &product.fields["state"];
        assert_eq!(state.kind, "choice");
        assert_eq!(state.choices.as_ref().unwrap().labelled().len(), 2);
        assert_eq!(product.fields["twice"].kind, UNKNOWN);
        assert_eq!(product.fields["owner"].on_delete.as_deref(), Some("cascade"));
        assert!(product.unordered);
    }
}
