//! Laws of what is rendered, and what is refused before anything is.

use std::collections::BTreeSet;

use djscaffold::catalog::{Catalog, Source};
use djscaffold::render::{Secrets, render};
use djscaffold::spec::{AnswerLayer, Answers, Spec};
use ruff_python_formatter::{PyFormatOptions, format_module_source};

use crate::support::{catalog, rendered, spec};

#[test]
fn the_same_answers_give_the_same_bytes() {
    let catalog = catalog();
    let spec = spec(&catalog, "").unwrap();
    assert_eq!(
        rendered(&catalog, &spec).tree,
        rendered(&Catalog::load(None).unwrap(), &spec).tree
    );
}

#[test]
fn secrets_are_in_private_files_only() {
    let catalog = catalog();
    let spec = spec(&catalog, "").unwrap();
    let secret = "s".repeat(40);
    let rendered = rendered(&catalog, &spec);
    let holding: Vec<_> = rendered
        .tree
        .iter()
        .filter(|(_, entry)| String::from_utf8_lossy(&entry.content).contains(&secret))
        .map(|(path, _)| path)
        .collect();
    assert_eq!(holding, [".env"]);
}

#[test]
fn python_that_is_copied_as_it_is_is_formatted_already() {
    let catalog = catalog();
    for component in catalog.components() {
        for (path, content) in component.files.iter().filter(|(path, _)| path.ends_with(".py")) {
            let source = std::str::from_utf8(content).unwrap();
            let formatted = format_module_source(source, PyFormatOptions::default()).unwrap();
            assert_eq!(source, formatted.as_code(), "{}/files/{path}", component.name);
        }
    }
}

/// Everything between our tags in every template, with the file's name.
fn tags() -> Vec<(String, String)> {
    let source = Source::embedded();
    let catalog = catalog();
    let mut tags = Vec::new();
    for component in catalog.components() {
        for folder in ["files", "slots"] {
            for (path, content) in source.files_below(&format!("{}/{folder}", component.name)) {
                if !path.ends_with(".hbs") {
                    continue;
                }
                let (open, close) = if path.contains(".html") {
                    ("[[", "]]")
                } else {
                    ("{{", "}}")
                };
                let text = String::from_utf8(content.to_vec()).unwrap();
                for piece in text.split(open).skip(1) {
                    let tag = piece.split(close).next().unwrap_or_default();
                    tags.push((format!("{}/{folder}/{path}", component.name), tag.to_owned()));
                }
            }
        }
    }
    tags
}

#[test]
fn free_text_goes_through_the_helper_of_the_files_language() {
    let texts = ["title", "description", "author", "email"].map(|fact| format!("project.{fact}"));
    let raw: Vec<_> = tags()
        .into_iter()
        .filter(|(_, tag)| texts.iter().any(|text| tag.trim() == text))
        .collect();
    assert!(raw.is_empty(), "unquoted: {raw:?}");
}

#[test]
fn templates_ask_only_for_components_and_options_that_there_are() {
    let catalog = catalog();
    for (file, tag) in tags() {
        for word in tag.split(|character: char| !(character.is_alphanumeric() || "._".contains(character))) {
            let Some(path) = word.strip_prefix("components.") else {
                continue;
            };
            // What follows the option is an index into it.
            let mut parts = path.split('.');
            let (component, option) = (parts.next().unwrap_or(path), parts.next().unwrap_or_default());
            let manifest = &catalog
                .component(component)
                .unwrap_or_else(|error| panic!("{file}: {error}"))
                .manifest;
            assert!(
                option.is_empty() || manifest.options.contains_key(option),
                "{file}: no option `{word}`"
            );
        }
    }
}

#[test]
fn names_that_cannot_be_are_refused_with_a_way_out() {
    let catalog = catalog();
    for name in [
        "class",
        "django",
        "test",
        "2fast",
        "my-app/../../x",
        "",
        "Ünï",
        "json",
        "environ",
        "accounts",
        "shared",
        "x".repeat(80).as_str(),
    ] {
        let mut answers = Answers::from_preset("minimal", &catalog).unwrap();
        answers.set_project("name", "myproj");
        let error = answers
            .name_apps(&[name.to_owned()])
            .and_then(|()| Spec::from_answers(&answers, &catalog).map(|_| ()))
            .unwrap_err();
        assert!(!error.hints().is_empty(), "the app name {name:?}: {error}");
        let mut answers = Answers::from_preset("minimal", &catalog).unwrap();
        answers.set_project("name", name);
        let error = Spec::from_answers(&answers, &catalog).unwrap_err();
        assert!(!error.hints().is_empty(), "the project name {name:?}: {error}");
    }
}

#[test]
fn names_with_hyphens_and_underscores_are_accepted() {
    let catalog = catalog();
    for name in ["my-shop", "my_shop", "shop2"] {
        let mut answers = Answers::from_preset("minimal", &catalog).unwrap();
        answers.set_project("name", name);
        let spec = Spec::from_answers(&answers, &catalog).unwrap();
        assert_eq!(spec.project.package(), name.replace('-', "_"));
    }
}

#[test]
fn models_that_cannot_be_are_refused_by_their_place() {
    let catalog = catalog();
    let cases = [
        ("", "has no fields"),
        ("x = { kind = \"chart\" }", "unknown kind `chart`"),
        ("x = { kind = \"char\" }", "needs `max_length`"),
        ("x = { kind = \"text\", choices = [\"a\"] }", "takes no `choices`"),
        ("save = { kind = \"text\" }", "would hide Django's own"),
        ("a__b = { kind = \"text\" }", "underscore"),
        ("class = { kind = \"text\" }", "identifier"),
        (
            "x = { kind = \"foreign_key\", to = \"Nowhere\" }",
            "`Nowhere`, which does not exist",
        ),
        (
            "x = { kind = \"foreign_key\", to = \"self\", on_delete = \"set_null\" }",
            "needs `null = true`",
        ),
        ("x = { kind = \"choice\", choices = [\"a\", \"A\"] }", "twice"),
        ("x = { kind = \"integer\", default = \"many\" }", "a whole number"),
        ("x = { kind = \"positive\", default = -1 }", "whole number"),
        (
            "x = { kind = \"decimal\", max_digits = 2, decimal_places = 3 }",
            "more `decimal_places`",
        ),
        (
            "x = { kind = \"foreign_key\", to = \"self\" }\ny = { kind = \"foreign_key\", to = \"self\" }",
            "would both be",
        ),
    ];
    for (fields, expected) in cases {
        let answers = format!("[apps.shop.models.Item.fields]\n{fields}\n");
        let error = spec(&catalog, &answers).unwrap_err().to_string();
        assert!(error.contains(expected), "{fields}: {error}");
        assert!(error.contains("shop.Item"), "{fields}: {error}");
    }
}

#[test]
fn a_model_is_not_called_like_a_class_made_for_another() {
    let fields = "fields]\nx = { kind = \"text\" }\n";
    for suffix in ["Form", "ListView", "Admin", "Serializer", "ViewSet", "Factory"] {
        let answers = format!("[apps.shop.models.Item.{fields}[apps.shop.models.Item{suffix}.{fields}");
        let error = spec(&catalog(), &answers).unwrap_err().to_string();
        assert!(
            error.contains(&format!("shop.Item{suffix}")) && error.contains("shop.Item`"),
            "{error}"
        );
    }
}

#[test]
fn two_models_do_not_share_an_address() {
    let catalog = catalog();
    let fields = "fields]\nx = { kind = \"text\" }\n";
    for (one, other, word) in [("Person", "People", "people/"), ("Post", "Posts", "posts/")] {
        let answers = format!("[apps.shop.models.{one}.{fields}[apps.shop.models.{other}.{fields}");
        let spec = spec(&catalog, &answers).unwrap();
        let error = render(&spec, &catalog, &Secrets::new(), "1").unwrap_err();
        for part in ["shop.", one, other, word] {
            assert!(error.to_string().contains(part), "{error}");
        }
        let hint = error.hints().join("\n");
        assert!(hint.contains(&format!("[apps.shop.models.{other}]")), "{hint}");
    }
}

/// What the modules of an app import from elsewhere, as far as a model could be called so.
fn imported_class_names(source: &str) -> Vec<String> {
    let source = source.replace("(\n", "").replace(",\n    ", ", ").replace(",\n)", "");
    let imports = source
        .lines()
        .filter_map(|line| line.strip_prefix("from ")?.split_once(" import "));
    let foreign = imports.filter(|(module, _)| !module.starts_with("blog"));
    let names = foreign.flat_map(|(_, names)| names.split(','));
    names
        .map(|name| name.rsplit(' ').next().unwrap_or_default().to_owned())
        .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()) && name.contains(char::is_lowercase))
        .collect()
}

#[test]
fn a_model_is_not_called_like_what_generated_modules_import() {
    let catalog = catalog();
    let mut names = BTreeSet::from(["ModelViewSet", "SuccessMessageMixin", "QuerySet", "Prefetch"].map(str::to_owned));
    for views in ["both", "cbv", "fbv"] {
        let mut answers = Answers::from_preset("full", &catalog).unwrap();
        answers.set_project("name", "myproj");
        answers.set("app", "views", views.into());
        let tree = rendered(&catalog, &Spec::from_answers(&answers, &catalog).unwrap()).tree;
        for (path, entry) in tree.iter() {
            if path.starts_with("blog/") && path.ends_with(".py") && !path.contains("/migrations/") {
                names.extend(imported_class_names(&String::from_utf8_lossy(&entry.content)));
            }
        }
    }
    assert!(names.len() > 30, "{names:?}");
    for name in names {
        let answers = format!("[apps.shop.models.{name}.fields]\nx = {{ kind = \"text\" }}\n");
        let Err(error) = spec(&catalog, &answers) else {
            panic!("a model can be called `{name}`")
        };
        assert!(
            error.to_string().contains(&format!("shop.{name}")) && !error.hints().is_empty(),
            "{error}"
        );
    }
}

#[test]
fn a_kind_that_only_code_can_give_is_refused_in_answers() {
    let answers = "[apps.shop.models.Item.fields]\nx = { kind = \"unknown\" }\n";
    let error = AnswerLayer::parse(answers, "the test").unwrap_err().to_string();
    assert!(error.contains("`unknown` is not a kind of field"), "{error}");
    let error = spec(&catalog(), &answers.replace("unknown", "chart")).unwrap_err();
    assert!(
        error.hints().iter().all(|hint| !hint.contains("unknown")),
        "{:?}",
        error.hints()
    );
}

#[test]
fn a_model_is_not_called_like_one_that_a_component_brings() {
    let answers = "[apps.shop.models.CustomUser.fields]\nx = { kind = \"text\" }\n";
    let error = spec(&catalog(), answers).unwrap_err().to_string();
    assert!(error.contains("shop.CustomUser"), "{error}");
}

#[test]
fn pointers_must_fit() {
    let catalog = catalog();
    let cases = [
        ("owner = \"title\"", "not a foreign key"),
        ("owner = \"gone\"", "no such field"),
        ("label = \"count\"", "not a text field"),
        ("label = \"title\"\nslug = \"count\"", "not a slug"),
        ("public = { field = \"title\" }", "not a boolean"),
    ];
    for (pointer, expected) in cases {
        let answers = format!(
            "[apps.shop.models.Item]\n{pointer}\n[apps.shop.models.Item.fields]\ntitle = {{ kind = \"char\", max_length = 9 }}\ncount = {{ kind = \"integer\" }}\n"
        );
        let error = spec(&catalog, &answers).unwrap_err().to_string();
        assert!(error.contains(expected), "{pointer}: {error}");
    }
}

#[test]
fn project_facts_are_checked() {
    let catalog = catalog();
    for fact in [
        "time_zone = \"Mars/Olympus\"",
        "email = \"nobody\"",
        "domain = \"https://x.example\"",
        "django = \"4.2\"",
        "colour = \"red\"",
        "title = \"two\\nlines\"",
        "author = \"a\\ttab\"",
        "language = \"de\"",
        "language = \"english\"",
        "language = \"en-GB\"",
    ] {
        let error = spec(&catalog, &format!("[project]\n{fact}\n")).unwrap_err();
        assert!(!error.hints().is_empty(), "{fact}: {error}");
    }
    for language in ["en", "en-us", "en-gb"] {
        spec(&catalog, &format!("[project]\nlanguage = \"{language}\"\n")).unwrap();
    }
}

#[test]
fn a_further_app_gets_the_models_too_without_a_collision() {
    let catalog = catalog();
    let mut answers = Answers::from_preset("minimal", &catalog).unwrap();
    answers.set_project("name", "myproj");
    answers.name_apps(&["news".to_owned(), "wiki".to_owned()]).unwrap();
    let spec = Spec::from_answers(&answers, &catalog).unwrap();
    let related_name = |app: &str| {
        spec.apps[app].models["Post"].fields["author"]
            .related_name
            .clone()
            .unwrap()
    };
    assert_eq!(
        (related_name("news").as_str(), related_name("wiki").as_str()),
        ("posts", "wiki_posts")
    );
}
