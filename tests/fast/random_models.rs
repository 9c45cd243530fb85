//! Any models that are accepted render: every Python file parses, whatever the kinds, modifiers and pointers.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use proptest::prelude::*;

use djscaffold::model::{App, Choices, Field, Model, Public};
use djscaffold::spec::{Answers, Spec};

use crate::support::{catalog, rendered};

/// A field of a kind with modifiers that the kind takes; `targets` are the models that a relation can point at.
fn field(kinds: Vec<(String, Vec<String>, bool)>, targets: Vec<String>) -> impl Strategy<Value = Field> {
    (
        proptest::sample::select(kinds),
        proptest::sample::select(targets),
        any::<[bool; 6]>(),
        1u32..300,
    )
        .prop_map(|((kind, accepts, relation), target, bits, length)| {
            let takes = |option: &str| accepts.iter().any(|accepted| accepted == option);
            let mut field = Field {
                kind,
                blank: bits[0],
                ..Field::default()
            };
            field.null = bits[1] && takes("null");
            field.unique = bits[2] && takes("unique");
            field.index = bits[3] && takes("index") && !field.unique;
            field.auto_now_add = bits[4] && takes("auto_now_add");
            field.auto_now = bits[5] && takes("auto_now") && !field.auto_now_add;
            if takes("max_length") {
                field.max_length = Some(length.max(20));
            }
            if takes("max_digits") {
                field.max_digits = Some(length % 20 + 4);
                field.decimal_places = Some(length % 4);
            }
            if takes("choices") {
                let values = ["draft", "in_review", "published"].map(str::to_owned).to_vec();
                field.choices = Some(Choices::Values(values));
                field.default = bits[4].then(|| "draft".into());
            }
            if relation {
                // Required relations in a circle are refused, as nothing could ever be saved.
                field.null = takes("null") && (field.null || target != "accounts.CustomUser");
                field.to = Some(target);
                field.on_delete = match length % 4 {
                    0 if takes("on_delete") => Some("protect".to_owned()),
                    1 if takes("on_delete") && field.null => Some("set_null".to_owned()),
                    _ => None,
                };
            }
            field
        })
}

fn apps(kinds: Vec<(String, Vec<String>, bool)>) -> impl Strategy<Value = IndexMap<String, App>> {
    let model_names = ["Invoice", "Category", "Person", "HTTPLog"];
    let app_names = ["alpha", "beta"];
    (1usize..=2, 1usize..=4).prop_flat_map(move |(app_count, model_count)| {
        let mut targets = vec!["accounts.CustomUser".to_owned(), "self".to_owned()];
        for app in &app_names[..app_count] {
            targets.extend(model_names[..model_count].iter().map(|model| format!("{app}.{model}")));
        }
        let fields = proptest::collection::vec(field(kinds.clone(), targets), 1..8);
        let model = (fields, any::<[bool; 3]>()).prop_map(|(fields, pointers)| make_model(fields, pointers));
        proptest::collection::vec(model, app_count * model_count).prop_map(move |models| {
            let mut models = models.into_iter();
            let mut apps = IndexMap::new();
            for app in &app_names[..app_count] {
                let mut declared = App::default();
                for name in &model_names[..model_count] {
                    let mut model = models.next().expect("one for each name");
                    // Relations need names of their own on their targets.
                    for (field_name, field) in &mut model.fields {
                        field.related_name = field
                            .to
                            .is_some()
                            .then(|| format!("{app}_{}_{field_name}", name.to_lowercase()));
                    }
                    declared.models.insert((*name).to_owned(), model);
                }
                apps.insert((*app).to_owned(), declared);
            }
            apps
        })
    })
}

/// Numbers the fields, and adds what pointers need.
fn make_model(fields: Vec<Field>, [owner, slug, public]: [bool; 3]) -> Model {
    let mut model = Model::default();
    for (index, field) in fields.into_iter().enumerate() {
        model.fields.insert(format!("field_{index}"), field);
    }
    let of_kind = |kind: &str| Field {
        kind: kind.to_owned(),
        ..Field::default()
    };
    if owner {
        model.fields.insert(
            "keeper".into(),
            Field {
                to: Some("accounts.CustomUser".into()),
                ..of_kind("foreign_key")
            },
        );
        model.owner = Some("keeper".into());
    }
    if slug {
        model.fields.insert(
            "heading".into(),
            Field {
                max_length: Some(80),
                ..of_kind("char")
            },
        );
        model.fields.insert(
            "address".into(),
            Field {
                unique: true,
                ..of_kind("slug")
            },
        );
        (model.label, model.slug) = (Some("heading".into()), Some("address".into()));
    }
    if public {
        model.fields.insert("shown".into(), of_kind("boolean"));
        model.public = Some(Public {
            field: "shown".into(),
            value: None,
            since: None,
        });
    }
    model
}

#[test]
fn every_accepted_declaration_renders() {
    let catalog = catalog();
    let kinds: Vec<_> = catalog
        .kinds()
        .iter()
        .map(|(name, kind)| (name.to_owned(), kind.accepts.clone(), kind.relation))
        .collect();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 12,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    });
    let styles = proptest::sample::select(vec!["cbv", "fbv", "both"]);
    runner
        .run(&(apps(kinds), styles), |(apps, style)| {
            let mut answers = Answers::from_preset("standard", &catalog).unwrap();
            answers.set_project("name", "myproj");
            answers.apps = apps;
            answers.set("app", "views", style.into());
            let spec = match Spec::from_answers(&answers, &catalog) {
                Ok(spec) => spec,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let rendered = rendered(&catalog, &spec);
            let paths: BTreeSet<&str> = rendered.tree.iter().map(|(path, _)| path).collect();
            for (name, app) in &spec.apps {
                let models = rendered.tree.get(&format!("{name}/models.py")).expect("models.py");
                let text = String::from_utf8_lossy(&models.content);
                for (model_name, model) in &app.models {
                    let class = format!("class {model_name}(");
                    prop_assert!(text.contains(&class), "no {}", class);
                    for field in model.fields.keys() {
                        let line = format!("    {field} = models.");
                        prop_assert!(text.contains(&line), "no {}", line);
                    }
                }
                for module in ["serializers", "filters", "viewsets"] {
                    let path = format!("{name}/api/{module}.py");
                    prop_assert!(paths.contains(path.as_str()), "no {}", path);
                }
                let migration = format!("{name}/migrations/0001_initial.py");
                prop_assert!(paths.contains(migration.as_str()));
            }
            Ok(())
        })
        .unwrap();
}
