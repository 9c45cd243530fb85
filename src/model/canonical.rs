//! One form for each model, whichever way it was spelled, so that what is read from code equals what was declared.

use indexmap::IndexMap;
use serde_json::Value;

use super::{App, Choices, Field, Kind, Kinds, Provided, resolve};

/// The shortest column of a choice, so that a further value needs no migration.
const CHOICE_LENGTH: usize = 20;

/// The apps with every field in its one form: relations by `app.Model` and with their `on_delete`, choices with labels
/// and a length, decimals as text. Rendering both forms gives the same bytes.
#[must_use]
pub fn canonical(apps: &IndexMap<String, App>, kinds: &Kinds, provided: &Provided) -> IndexMap<String, App> {
    let mut result = apps.clone();
    for (app_name, app) in &mut result {
        for (class, model) in &mut app.models {
            if let Some(slug) = model.slug.as_ref().and_then(|name| model.fields.get_mut(name)) {
                slug.blank = true; // a signal fills it
            }
            for field in model.fields.values_mut() {
                if let Some(full) = field
                    .to
                    .as_deref()
                    .and_then(|target| resolve(apps, provided, app_name, class, target))
                {
                    field.to = Some(full);
                }
                if let Some(kind) = kinds.get(&field.kind) {
                    canonical_field(field, kind);
                }
            }
        }
    }
    result
}

fn canonical_field(field: &mut Field, kind: &Kind) {
    if kind.takes("on_delete") && field.on_delete.is_none() {
        field.on_delete = Some("cascade".to_owned());
    }
    if let Some(choices) = &field.choices {
        let labelled = choices.labelled();
        let longest = labelled.iter().map(|(value, _)| value.chars().count()).max();
        let length = u32::try_from(longest.unwrap_or_default().max(CHOICE_LENGTH)).ok();
        field.max_length = field.max_length.or(length);
        field.choices = Some(Choices::Labelled(labelled.into_iter().collect()));
    }
    if kind.default.as_deref() == Some("number")
        && let Some(Value::Number(number)) = &field.default
    {
        field.default = Some(Value::String(number.to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Field {
        let fields = toml::from_str(text).unwrap();
        let model = super::super::Model {
            fields,
            ..Default::default()
        };
        let app = App {
            models: IndexMap::from([("Post".to_owned(), model)]),
            ..App::default()
        };
        let apps = IndexMap::from([("blog".to_owned(), app)]);
        let kinds = Kinds::embedded().unwrap();
        let once = canonical(&apps, &kinds, &Provided::new());
        assert_eq!(once, canonical(&once, &kinds, &Provided::new()));
        once["blog"].models["Post"].fields["x"].clone()
    }

    #[test]
    fn spellings_of_the_same_field_become_one() {
        let same = [
            (
                "x = { kind = \"choice\", choices = [\"in_review\"] }",
                "x = { kind = \"choice\", choices = { in_review = \"In review\" }, max_length = 20 }",
            ),
            (
                "x = { kind = \"decimal\", max_digits = 3, decimal_places = 1, default = 0.5 }",
                "x = { kind = \"decimal\", max_digits = 3, decimal_places = 1, default = \"0.5\" }",
            ),
            (
                "x = { kind = \"foreign_key\", to = \"self\" }",
                "x = { kind = \"foreign_key\", to = \"blog.Post\", on_delete = \"cascade\" }",
            ),
            (
                "x = { kind = \"many_to_many\", to = \"Post\" }",
                "x = { kind = \"many_to_many\", to = \"self\" }",
            ),
        ];
        for (one, other) in same {
            assert_eq!(of(one), of(other));
        }
    }

    #[test]
    fn a_long_choice_gets_room() {
        let long = "x".repeat(31);
        assert_eq!(
            of(&format!("x = {{ kind = \"choice\", choices = [\"{long}\"] }}")).max_length,
            Some(31)
        );
    }
}
