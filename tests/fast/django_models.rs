//! The models are Django's answer: kept until the code changes, asked for again then, and served as they are.

use djscaffold::catalog::Catalog;
use djscaffold::inspect::{SNAPSHOT, Snapshot, fill};
use djscaffold::living::Intent;
use djscaffold::model::App;
use djscaffold::spec::{Answers, Spec};
use djscaffold::tree::Ownership;
use indexmap::IndexMap;
use proptest::prelude::*;

use crate::random_models;
use crate::site::{Site, models};
use crate::support::{catalog, rendered};

const SUBTITLE: &str = "    subtitle = models.CharField(max_length=80)\n    content = ";

fn with_subtitle() -> String {
    models(
        "content = ",
        "subtitle = { kind = \"char\", max_length = 80 }\ncontent = ",
    )
}

/// The apps with what Django would say of them in place of the fields that were declared.
fn told(apps: &IndexMap<String, App>, spec: &Spec, catalog: &Catalog) -> IndexMap<String, App> {
    let mut pointers = apps.clone();
    for model in pointers.values_mut().flat_map(|app| app.models.values_mut()) {
        model.fields.clear();
    }
    let text = Snapshot::of(apps, catalog.kinds()).write().unwrap();
    let snapshot = Snapshot::parse(&text).unwrap();
    let provided = spec.provided_models(catalog);
    let (told, notes) = fill(pointers, &snapshot, |_| None, |_, _| true, catalog.kinds(), &provided).unwrap();
    assert_eq!(notes, []);
    told
}

#[test]
fn what_django_tells_renders_as_what_was_declared() {
    let catalog = catalog();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 24,
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    });
    let run = runner.run(&random_models::apps(&catalog), |apps| {
        let mut answers = Answers::from_preset("standard", &catalog).unwrap();
        answers.set_project("name", "myproj");
        answers.apps = apps;
        let declared =
            Spec::from_answers(&answers, &catalog).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let mut read = declared.clone();
        read.apps = told(&declared.apps, &declared, &catalog);
        let (declared, read) = (rendered(&catalog, &declared).tree, rendered(&catalog, &read).tree);
        for (path, entry) in declared.iter() {
            // What is written once is not written again, and a choice's help is in `models.py` alone.
            if entry.ownership == Ownership::Once || path.starts_with(".djscaffold/") {
                continue;
            }
            let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
            let found = read.get(path).map(|entry| text(&entry.content));
            prop_assert_eq!(found, Some(text(&entry.content)), "{}", path);
        }
        Ok(())
    });
    run.unwrap();
}

#[test]
fn django_is_asked_only_where_the_code_of_models_has_changed() {
    // There is no Django here.
    let site = Site::new("standard");
    site.edit("blog/models.py", "class Post(", "# A post.\n\n\n\nclass Post(");
    site.write("shop/views.py", "x = 1\n");
    assert!(site.must(0, &["sync", "--yes"]).err.contains("already up to date"));
    site.must(0, &["check"]);
    site.must(0, &["add", "gunicorn", "--yes"]);
    site.must(0, &["check"]);
    site.edit("blog/models.py", "    content = ", SUBTITLE);
    let before = site.everything();
    for command in [&["sync", "--yes"][..], &["add", "docs", "--yes"]] {
        let ran = site.must(1, command);
        assert!(ran.err.contains("there is no Django here"), "{}", ran.err);
    }
    assert!(site.everything() == before);
    let ran = site.must(4, &["check"]);
    assert!(
        ran.err.contains("models changed: fix this, then run `djscaffold sync`"),
        "{}",
        ran.err
    );
    let told = site.must(4, &["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&told.out).unwrap();
    assert!(document["error"].as_str().unwrap().contains("Django does not start"));
    site.django_says(&with_subtitle());
    site.must(0, &["sync", "--yes"]);
    assert!(site.read("blog/forms.py").contains("subtitle"));
    assert!(
        site.read(SNAPSHOT)
            .contains("  {\"name\":\"subtitle\",\"class\":\"CharField\",\"max_length\":80}")
    );
    site.must(0, &["check"]);
    site.must(0, &["undo", "--yes"]);
    assert!(!site.read("blog/forms.py").contains("subtitle") && !site.read(SNAPSHOT).contains("subtitle"));
}

#[test]
fn an_answer_that_changes_nothing_is_kept_without_a_question() {
    let site = Site::new("standard");
    site.django_says(&models("", ""));
    site.edit("blog/models.py", "class Post(", "NAME = 1\n\n\nclass Post(");
    site.must(0, &["check"]);
    let before = site.read(SNAPSHOT);
    assert!(site.must(0, &["sync"]).err.contains("already up to date"));
    assert_ne!(site.read(SNAPSHOT), before);
    site.django_answers("nonsense");
    site.must(0, &["sync"]);
}

#[test]
fn an_answer_that_git_left_in_conflict_is_asked_for_again() {
    let site = Site::new("standard");
    let kept = site.read(SNAPSHOT);
    site.write(SNAPSHOT, format!("<<<<<<< HEAD\n{kept}=======\n{kept}>>>>>>> other\n"));
    site.django_says(&models("", ""));
    site.must(0, &["sync", "--yes"]);
    assert_eq!(site.read(SNAPSHOT), kept);
}

#[test]
fn all_that_the_declaration_has_and_django_has_not_is_told_at_once() {
    let site = Site::new("standard");
    let changed = models("content = ", "body = ")
        .replace("models.Tag", "models.Label")
        .replace("\"Tag\"", "\"Label\"");
    site.django_says(&changed.replace("title", "heading"));
    site.edit("blog/models.py", "class Tag(", "class Label(");
    let before = site.everything();
    let ran = site.must(1, &["sync", "--yes"]);
    for said in [
        "`Post` has no field `title`, which its `label` in `djscaffold.toml` names",
        "Django has no model `blog.Tag`",
        "undeclared models there: `Label`",
    ] {
        assert!(ran.err.contains(said), "no `{said}` in {}", ran.err);
    }
    assert!(site.everything() == before);
}

#[test]
fn models_that_are_not_declared_are_told_with_their_lines() {
    let site = Site::new("standard");
    let more = models("", "") + "\n[apps.blog.models.Draft.fields]\ntext = { kind = \"text\" }\n";
    site.django_says(&more);
    site.edit(
        "blog/models.py",
        "class Tag(",
        "class Draft(models.Model):\n    text = models.TextField()\n\n\nclass Tag(",
    );
    let line = 1 + site
        .read("blog/models.py")
        .split("class Draft")
        .next()
        .unwrap()
        .matches('\n')
        .count();
    let ran = site.must(0, &["sync", "--yes"]);
    assert!(
        ran.err
            .contains(&format!("`blog/models.py` line {line}: `Draft` is not declared")),
        "{}",
        ran.err
    );
}

#[test]
fn a_model_that_can_not_be_served_is_told_and_stops_no_other() {
    let site = Site::new("standard");
    let answer = |key: &str| {
        let composite =
            format!(r#"{{"path": "blog/models.py", "key": {{"name": "pk", "class": "{key}"}}, "fields": []}}"#);
        let tag = r#"{"path": "blog/models.py", "fields": [{"name": "name", "class": "CharField"}]}"#;
        format!(r#"{{"apps": {{"blog": {{"name": "blog", "models": {{"Pair": {composite}, "Tag": {tag}}}}}}}}}"#)
    };
    let declaration = site.read("djscaffold.toml");
    let (head, _) = declaration.split_once("[apps.").unwrap();
    site.write(
        "djscaffold.toml",
        format!("{head}[apps.blog.models.Pair]\n[apps.blog.models.Tag]\n"),
    );
    site.django_answers(&answer("CompositePrimaryKey"));
    let ran = site.run(&["sync", "--yes"]);
    assert!(site.read("blog/forms.py").contains("TagForm") && !site.read("blog/forms.py").contains("PairForm"));
    assert!(ran.err.contains("`Pair` has a key of several fields"), "{}", ran.err);
}

#[test]
fn a_proxy_and_a_child_hide_what_their_parent_hides() {
    let site = Site::new("standard");
    let owner = r#"{"name": "owner", "class": "ForeignKey", "to": "accounts.CustomUser", "on_delete": "CASCADE"}"#;
    let item = |parents: &str| format!(r#"{{"path": "shop/models.py", "parents": [{parents}], "fields": [{owner}]}}"#);
    let (parent, proxy) = (item(""), item(r#""shop.Item""#));
    site.django_answers(&format!(
        r#"{{"apps": {{"shop": {{"name": "shop", "models": {{"Item": {parent}, "Old": {proxy}}}}}}}}}"#
    ));
    let declaration = site.read("djscaffold.toml");
    let (head, _) = declaration.split_once("[apps.").unwrap();
    let declared = "[apps.shop.models.Item]\nowner = \"owner\"\n\n[apps.shop.models.Old]\n";
    site.write("djscaffold.toml", format!("{head}{declared}"));
    site.run(&["sync", "--yes", "--conflict", "theirs"]);
    let selectors = site.read("shop/selectors.py");
    assert_eq!(
        selectors.matches("rows.filter(owner=user.pk)").count(),
        2,
        "{selectors}"
    );
    assert!(site.read("djscaffold.toml").ends_with(declared));
}

#[test]
fn a_package_that_would_hide_a_module_is_told() {
    let site = Site::new("standard");
    site.django_says(&(models("", "") + "[apps.shop.models.Product.fields]\nname = { kind = \"text\" }\n"));
    site.write("shop/models.py", "x = 1\n")
        .write("shop/forms/__init__.py", "");
    let declaration = site.read("djscaffold.toml");
    site.write("djscaffold.toml", declaration + "\n[apps.shop.models.Product]\n");
    let ran = site.must(0, &["sync", "--yes"]);
    let told = "`shop/forms/__init__.py` is a package where `shop/forms.py` would be written";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(!site.root.join("shop/forms.py").exists() && !site.root.join("shop/views.py").exists());
    // The models import what would import them.
    fs_err::remove_dir_all(site.root.join("shop/forms")).unwrap();
    site.write("shop/forms.py", "y = 1\n")
        .write("shop/models.py", "from shop.forms import y\n");
    let ran = site.must(0, &["sync", "--yes"]);
    assert!(
        ran.err.contains("`shop/forms.py` is imported by the models"),
        "{}",
        ran.err
    );
    assert_eq!(site.read("shop/forms.py"), "y = 1\n");
    // A module that became a package has served its app before.
    let site = Site::new("standard");
    let forms = site.read("blog/forms.py");
    site.remove("blog/forms.py").write("blog/forms/__init__.py", forms);
    site.must(0, &["add", "gunicorn", "--yes"]);
    assert!(site.root.join("blog/views.py").exists());
}

#[test]
fn the_interpreter_can_be_declared() {
    let site = Site::new("standard");
    site.edit("blog/models.py", "    content = ", SUBTITLE);
    let answer = Snapshot::parse(r#"{"apps": {}}"#).unwrap().write().unwrap();
    site.write(
        "answer.sh",
        format!("cat >/dev/null\necho \"$2\"\ncat <<'END'\n{answer}END\necho \"$2\"\n"),
    );
    site.edit(
        "djscaffold.toml",
        "[components.base]",
        "python = [\"sh\", \"answer.sh\"]\n\n[components.base]",
    );
    let ran = site.must(1, &["sync", "--yes"]);
    assert!(ran.err.contains("Django has no app `blog`"), "{}", ran.err);
    site.edit("djscaffold.toml", "\"answer.sh\"", "\"gone.sh\"");
    let ran = site.must(1, &["sync", "--yes"]);
    assert!(
        ran.err.contains("Django does not start") && ran.err.contains("gone.sh"),
        "{}",
        ran.err
    );
    // What is declared by hand stays when the declaration is edited.
    site.edit("blog/models.py", SUBTITLE, "    content = ");
    site.must(0, &["set", "project.title=Other", "--yes"]);
    assert!(site.read("djscaffold.toml").contains("python = [\"sh\", \"gone.sh\"]"));
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}
