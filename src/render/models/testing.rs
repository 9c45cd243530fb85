//! What generated tests need to know of a model: objects to relate it to, fields to fill, names to avoid.

use serde::Serialize;
use serde_json::{Value, json};

use super::model::ModelView;
use super::scope::{Factory, column, flag};
use crate::model::Model;

/// The script that generated tests try to smuggle in, in characters.
const SCRIPT: u32 = 25;

/// The name of what a user may not see, in characters.
const SECRET: u32 = 10;

/// The relations in a form, from the side of one user.
#[derive(Debug, Default, Serialize)]
struct Relations {
    /// A value for each, which the user may see.
    related: Vec<Value>,
    /// Those that can point at what the user may not see.
    refused: Vec<Value>,
    /// Those that can point at an object with a page that the user may not see.
    guarded: Vec<Value>,
    /// Permissions without which there is nothing to choose.
    grants: Vec<String>,
    /// For each that can point at many, what makes one of them.
    several: Vec<Value>,
    /// The factories that make the values.
    factories: Vec<Factory>,
}

impl Relations {
    /// Whether one of the values has to do with the user.
    fn uses_user(&self) -> bool {
        let is_users = |value: &Value| value["value"].as_str().is_some_and(|value| value.contains("user"));
        self.related.iter().any(is_users)
    }
}

impl ModelView<'_> {
    /// What templates of tests see.
    pub(super) fn tests(&self) -> Value {
        let relations = self.relations();
        let editable = self
            .fields
            .iter()
            .find(|field| field.in_form() && field.takes_text(7))
            .map(|field| json!(field.name));
        let needle = self
            .fields
            .iter()
            .find(|field| field.is("search") && !self.is_slug(field) && field.takes_text(6))
            .map(|field| json!(field.name));
        let scripts = self.names_of(|field| field.takes_text(SCRIPT));
        let files: Vec<Value> = self
            .fields
            .iter()
            .filter(|field| field.kind.media)
            .map(|field| json!({"name": field.name, "value": field.sample()}))
            .collect();
        let unstorable: Vec<Value> = self
            .fields
            .iter()
            .filter(|field| field.in_form())
            .filter_map(|field| Some(json!({"name": field.name, "value": column(field.kind, "refused")?})))
            .collect();
        let uses_user = self.place.model.owner.is_some() || relations.uses_user();
        let label = self.named(self.place.model.label.as_deref());
        let is_slug_numbered = self.place.model.slug.is_some()
            && label.is_some_and(|label| !label.field.unique && label.takes_text(3))
            && self
                .named(self.place.model.slug.as_deref())
                .is_some_and(|slug| slug.field.max_length.is_none_or(|n| n >= 5));
        let is_script_label = self
            .named(self.place.model.label.as_deref())
            .is_some_and(|label| label.takes_text(SCRIPT));
        // A model may be called as the class that tests use to ask for pages.
        let client = if self.place.class == "Client" {
            "DjangoClient"
        } else {
            "Client"
        };
        json!({
            "client": client,
            // Pytest takes whatever is called Test… for a test.
            "mark": if self.place.class.starts_with("Test") { "_" } else { "" },
            "related": relations.related,
            "refused": relations.refused,
            "guarded": relations.guarded,
            "several": relations.several,
            "grants": relations.grants,
            "factories": relations.factories,
            "editable": editable,
            "needle": needle,
            "scripts": scripts,
            "files": files,
            "shown_as_json": self.names_of(|field| field.filter() == Some("as_json")),
            "shown_by_name": self.names_of(|field| field.filter() == Some("base_name")),
            "moments": self.names_of(|field| field.field.kind == "datetime" && field.in_form()),
            "unstorable": unstorable,
            // What `make` is called with, alone and before more, and the fixture that brings it.
            "who": if uses_user { "user" } else { "" },
            "who_and": if uses_user { "user, " } else { "" },
            "user": if uses_user { "user: CustomUser, " } else { "" },
            "is_slug_numbered": is_slug_numbered,
            "is_script_label": is_script_label,
        })
    }

    /// The label of that model, if it can hold a text that no page has otherwise.
    fn telling_label<'m>(&self, model: &'m Model) -> Option<&'m str> {
        let label = model.label.as_deref()?;
        let field = model.fields.get(label)?;
        let takes_it = field.max_length.is_none_or(|longest| longest >= SECRET);
        let is_text = self.scope.kind(field).is_ok_and(|kind| flag(kind, "script"));
        (takes_it && is_text).then_some(label)
    }

    fn relations(&self) -> Relations {
        let mut relations = Relations::default();
        let mut may_see_users = false;
        for field in self.fields.iter().filter(|field| field.in_form()) {
            let Some(target) = &field.target else { continue };
            let is_many = field.is_many();
            let value = match target.model {
                Some(model) => {
                    let factory = self.scope.factory(&self.place, &target.app, &target.class);
                    let values = if let Some(owner) = &model.owner {
                        relations
                            .refused
                            .push(json!({"name": field.name, "factory": factory.alias, "many": is_many}));
                        format!("{owner}=user")
                    } else if model.public.is_some() {
                        "public=True".to_owned()
                    } else {
                        String::new()
                    };
                    if field.is_guarded() {
                        relations.guarded.push(json!({
                            "name": field.name,
                            "factory": factory.alias,
                            "many": is_many,
                            "label": self.telling_label(model),
                            "display": self.related_name(field).map(|display| display["name"].clone()),
                        }));
                    }
                    let made = format!("{}.create({values})", factory.alias);
                    relations.factories.push(factory);
                    made
                }
                None if target.is_user() && !field.is("exclusive") => {
                    let factory = target.factory_class();
                    relations
                        .refused
                        .push(json!({"name": field.name, "factory": factory, "many": is_many, "user": true}));
                    "user".to_owned()
                }
                None => {
                    if !field.field.null && !is_many {
                        may_see_users |= target.is_user();
                        let permission = format!("{}.view_{}", target.app, target.class.to_lowercase());
                        relations.grants.push(permission);
                    }
                    continue;
                }
            };
            if is_many {
                let one = if target.is_user() {
                    format!("{}.create()", target.factory_class())
                } else {
                    value.clone()
                };
                relations.several.push(json!({"name": field.name, "value": one}));
            }
            let value = if is_many { format!("[{value}]") } else { value };
            relations.related.push(json!({"name": field.name, "value": value}));
        }
        if may_see_users {
            relations.refused.retain(|entry| entry["user"] != true);
        }
        relations
    }
}
