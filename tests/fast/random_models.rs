//! Any models that are accepted render: every Python file is as ruff writes it, whatever the names, kinds, modifiers and
//! pointers.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use proptest::prelude::*;
use ruff_python_ast::PythonVersion;
use ruff_python_formatter::{PyFormatOptions, format_module_source};
use serde_json::{Value, json};

use djscaffold::catalog::Catalog;
use djscaffold::model::{App, Choices, Field, Model, Public};
use djscaffold::render::Rendered;
use djscaffold::spec::{Answers, Spec};

use crate::support::{catalog, rendered};

/// What the generator has to know of a kind.
#[derive(Debug, Clone)]
struct Taking {
    kind: String,
    accepts: Vec<String>,
    relation: bool,
    default: Option<String>,
    written_as: Option<String>,
}

impl Taking {
    fn takes(&self, option: &str) -> bool {
        self.accepts.iter().any(|accepted| accepted == option)
    }
}

fn kinds(catalog: &Catalog) -> Vec<Taking> {
    let taking = |(name, kind): (&str, &djscaffold::model::Kind)| Taking {
        kind: name.to_owned(),
        accepts: kind.accepts.clone(),
        relation: kind.relation,
        default: kind.default.clone(),
        written_as: kind.written_as.clone(),
    };
    catalog.kinds().declarable().map(taking).collect()
}

/// Text with all that a literal has to escape.
fn awkward_text() -> impl Strategy<Value = String> {
    "[a-z \"'\\\\\n\r\t{}%$#é漢\u{202e}\u{2028}\u{7f}\u{1f600}]{0,16}"
}

fn nested_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        awkward_text().prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(awkward_text(), inner, 0..3)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    });
    inner.prop_map(|value| match value {
        Value::Array(_) | Value::Object(_) => value,
        other => json!([other]),
    })
}

/// A default that the kind takes, if it takes one.
fn default_of(taking: &Taking) -> BoxedStrategy<Option<Value>> {
    let is_positive = taking.kind == "positive";
    let value = match taking.default.as_deref() {
        None => return Just(None).boxed(),
        Some("integer") if is_positive => (0i64..).prop_map(Value::from).boxed(),
        Some("integer") => any::<i64>().prop_map(Value::from).boxed(),
        Some("seconds") => (-9_000_000_000i64..9_000_000_000).prop_map(Value::from).boxed(),
        Some("float") => prop_oneof![any::<i32>().prop_map(Value::from), any::<f64>().prop_map(Value::from)].boxed(),
        Some("number") => prop_oneof![(-9i32..10).prop_map(Value::from), "-?[0-9](E0)?".prop_map(Value::from),].boxed(),
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("now") => Just(json!("now")).boxed(),
        Some("uuid") => Just(json!("uuid4")).boxed(),
        Some("json") => nested_json().boxed(),
        Some("choice") => Just(json!("in_review")).boxed(),
        Some("address") => prop_oneof![Just(json!("192.0.2.7")), Just(json!("2001:db8::7"))].boxed(),
        Some(_) if taking.written_as.is_some() => {
            let text = match taking.written_as.as_deref() {
                Some("email") => "[a-z.+]{1,6}@[a-z]{1,4}\\.[a-z]{2}",
                Some("slug") => "[a-zA-Z0-9_-]{0,16}",
                _ => "https?://[a-z]{1,8}",
            };
            text.prop_map(Value::from).boxed()
        }
        Some(_) => awkward_text().prop_map(Value::from).boxed(),
    };
    proptest::option::of(value).boxed()
}

fn choices() -> impl Strategy<Value = Choices> {
    let values = ["draft", "in_review", "on-sale"];
    prop_oneof![
        Just(Choices::Values(values.map(str::to_owned).to_vec())),
        proptest::collection::vec(awkward_text(), 3)
            .prop_map(move |labels| { Choices::Labelled(values.map(str::to_owned).into_iter().zip(labels).collect()) }),
    ]
}

/// A field of a kind with modifiers that the kind takes; `targets` are the models that a relation can point at.
fn field(kinds: Vec<Taking>, targets: Vec<String>) -> impl Strategy<Value = Field> {
    proptest::sample::select(kinds).prop_flat_map(move |taking| {
        (
            default_of(&taking),
            choices(),
            proptest::option::of(awkward_text()),
            proptest::sample::select(targets.clone()),
            any::<[bool; 8]>(),
            1u32..300,
        )
            .prop_map(move |(default, choices, help_text, target, bits, length)| {
                let mut field = Field {
                    kind: taking.kind.clone(),
                    blank: bits[0],
                    help_text,
                    ..Field::default()
                };
                field.null = bits[1] && taking.takes("null");
                field.unique = bits[2] && taking.takes("unique");
                field.index = bits[3] && taking.takes("index") && !field.unique;
                field.auto_now_add = bits[4] && taking.takes("auto_now_add");
                field.auto_now = bits[5] && taking.takes("auto_now") && !field.auto_now_add;
                field.default = default.filter(|_| !field.auto_now && !field.auto_now_add);
                if taking.takes("max_length") && (bits[6] || taking.kind == "char") {
                    field.max_length = Some(length.max(20));
                }
                if taking.takes("max_digits") {
                    field.max_digits = Some(length % 20 + 4);
                    field.decimal_places = Some(length % 4);
                }
                if taking.takes("choices") {
                    field.choices = Some(choices);
                }
                if taking.relation {
                    // Required relations in a circle are refused, as nothing could ever be saved.
                    field.null = taking.takes("null") && (field.null || target != "accounts.CustomUser");
                    field.to = Some(target);
                    field.on_delete = match length % 5 {
                        0 if taking.takes("on_delete") => Some("protect".to_owned()),
                        1 if taking.takes("on_delete") && field.null => Some("set_null".to_owned()),
                        2 if taking.takes("on_delete") => Some("restrict".to_owned()),
                        3 if taking.takes("on_delete") => Some("cascade".to_owned()),
                        _ => None,
                    };
                }
                field
            })
    })
}

/// Apps with models of every kind of field.
pub(crate) fn apps(catalog: &Catalog) -> impl Strategy<Value = IndexMap<String, App>> + use<> {
    let kinds = kinds(catalog);
    // What lines have room for depends on the names' lengths.
    let tails = ("[a-z]{0,14}", "[a-z]{0,14}");
    (1usize..=2, 1usize..=4, tails).prop_flat_map(move |(app_count, model_count, (app_tail, model_tail))| {
        let model_names = ["Invoice", "Category", "Person", "HTTPLog"].map(|name| format!("{name}{model_tail}"));
        let app_names = ["alpha", "beta"].map(|name| format!("{name}{app_tail}"));
        let mut targets = vec!["accounts.CustomUser".to_owned(), "self".to_owned()];
        targets.extend(model_names[..model_count].iter().cloned());
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
                    declared.models.insert(name.clone(), model);
                }
                apps.insert(app.clone(), declared);
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

/// The modules of a project with their texts.
fn python(rendered: &Rendered) -> impl Iterator<Item = (&str, &str)> {
    let modules = rendered.tree.iter().filter(|(path, _)| path.ends_with(".py"));
    modules.map(|(path, entry)| (path, std::str::from_utf8(&entry.content).unwrap()))
}

/// A module as ruff's formatter writes it for the oldest Python of the default Django.
fn formatted(text: &str) -> String {
    let version = PythonVersion { major: 3, minor: 11 };
    let options = PyFormatOptions::default().with_target_version(version);
    format_module_source(text, options).unwrap().into_code()
}

#[test]
fn every_accepted_declaration_renders() {
    let catalog = catalog();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 12,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    });
    let styles = proptest::sample::select(vec!["cbv", "fbv", "both"]);
    runner
        .run(&(apps(&catalog), styles), |(apps, style)| {
            let mut answers = Answers::from_preset("standard", &catalog).unwrap();
            answers.set_project("name", "myproj");
            answers.apps = apps;
            answers.set("app", "views", style.into());
            let spec = match Spec::from_answers(&answers, &catalog) {
                Ok(spec) => spec,
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let rendered = rendered(&catalog, &spec);
            for (path, text) in python(&rendered) {
                prop_assert_eq!(formatted(text), text, "{} is not as ruff writes it", path);
            }
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
                let serves = |path: &str, class: &str| {
                    let module = rendered.tree.get(&format!("{name}/{path}")).expect(path);
                    String::from_utf8_lossy(&module.content).contains(class)
                };
                for model_name in app.models.keys() {
                    for (path, suffix) in [("forms.py", "Form"), ("api.py", "Serializer"), ("api.py", "ViewSet")] {
                        let class = format!("class {model_name}{suffix}(");
                        prop_assert!(serves(path, &class), "no {} in {}", class, path);
                    }
                }
                let migration = format!("{name}/migrations/0001_initial.py");
                prop_assert!(paths.contains(migration.as_str()));
            }
            Ok(())
        })
        .unwrap();
}
