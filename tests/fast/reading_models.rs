//! Models are read from the code: what was rendered reads back as what went in, and what people write by hand is seen.

use djscaffold::catalog::{Catalog, Source};
use djscaffold::inspect::{Note, fill};
use djscaffold::model::{App, Field, UNKNOWN};
use djscaffold::render::{Rendered, Secrets, render};
use djscaffold::spec::{AnswerLayer, Answers, Spec};
use djscaffold::tree::Tree;
use indexmap::IndexMap;
use proptest::prelude::*;

use crate::random_models;
use crate::support::catalog;

/// A catalog that renders models and nothing else.
fn models_only() -> Catalog {
    let all = Source::embedded();
    let text = |path: &str| String::from_utf8(all.get(path).unwrap().to_vec()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, content: String| {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    };
    for component in all.folders_with("component.toml") {
        let path = format!("{component}/component.toml");
        let mut manifest: toml::Table = text(&path).parse().unwrap();
        for about_files in [
            "slots",
            "conditions",
            "executable",
            "once",
            "bare",
            "private",
            "fields-in",
        ] {
            manifest.remove(about_files);
        }
        put(&path, manifest.to_string());
    }
    for path in ["django.toml", "app/files/__app__/models.py.hbs"] {
        put(path, text(path));
    }
    let mut source = Source::default();
    source.overlay(folder.path()).unwrap();
    Catalog::from_source(&source).unwrap()
}

fn rendered(spec: &Spec, catalog: &Catalog) -> Rendered {
    render(spec, catalog, &Secrets::new(), "0.0.0").unwrap()
}

/// The declaration as `djscaffold.toml` has it: without fields.
fn pointers_only(apps: &IndexMap<String, App>) -> IndexMap<String, App> {
    let mut apps = apps.clone();
    for model in apps.values_mut().flat_map(|app| app.models.values_mut()) {
        model.fields.clear();
    }
    apps
}

fn read_back(spec: &Spec, catalog: &Catalog) -> (IndexMap<String, App>, Vec<Note>) {
    let rendered = rendered(spec, catalog);
    let read = |path: &str| {
        let entry = rendered.tree.get(path);
        Ok(entry.map(|entry| String::from_utf8(entry.content.clone()).unwrap()))
    };
    fill(
        pointers_only(&spec.apps),
        read,
        catalog.kinds(),
        &spec.provided_models(catalog),
    )
    .unwrap()
}

/// Maps count as equal in any order; here the order of models, fields and choices matters too.
fn written(apps: &IndexMap<String, App>) -> String {
    format!("{apps:#?}")
}

#[test]
fn what_was_rendered_reads_back_as_what_went_in() {
    let catalog = models_only();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 96,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    });
    runner
        .run(&random_models::apps(&catalog), |apps| {
            let mut answers = Answers::default();
            answers.set_project("name", "myproj");
            answers.with("app");
            answers.apps = apps;
            let spec =
                Spec::from_answers(&answers, &catalog).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let (read, notes) = read_back(&spec, &catalog);
            prop_assert_eq!(&notes, &Vec::new());
            prop_assert_eq!(written(&read), written(&spec.apps));
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_models_of_presets_and_examples_read_back() {
    let catalog = catalog();
    let examples = ["every-kind", "twenty"].map(|name| {
        let path = format!("{}/tests/lab/models/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        Some(fs_err::read_to_string(path).unwrap())
    });
    for answers_file in examples.into_iter().chain([None]) {
        let mut answers = Answers::from_preset("minimal", &catalog).unwrap();
        answers.set_project("name", "myproj");
        if let Some(text) = answers_file {
            answers.lay_over(AnswerLayer::parse(&text, "the example").unwrap());
        }
        let spec = Spec::from_answers(&answers, &catalog).unwrap();
        let (read, notes) = read_back(&spec, &catalog);
        assert_eq!(notes, []);
        assert_eq!(written(&read), written(&spec.apps));
    }
}

const HEAD: &str = "\
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import CharField as Line
from django.utils.translation import gettext_lazy as _

";

/// Reads `blog/models.py` for an app `blog` with these pointers.
fn blog(pointers: &str, source: &str) -> djscaffold::error::Result<(IndexMap<String, Field>, Vec<Note>)> {
    let catalog = catalog();
    let mut answers = Answers::from_preset("minimal", &catalog)?;
    answers.set_project("name", "myproj");
    let provided = Spec::from_answers(&answers, &catalog)?.provided_models(&catalog);
    let apps = AnswerLayer::parse(&format!("[apps.blog.models.Post]\n{pointers}\n"), "the test")?.apps;
    let read = |path: &str| Ok((path == "blog/models.py").then(|| format!("{HEAD}{source}")));
    let (mut apps, notes) = fill(apps, read, catalog.kinds(), &provided)?;
    let mut blog = apps.swap_remove("blog").unwrap();
    Ok((blog.models.swap_remove("Post").unwrap().fields, notes))
}

/// The project of a preset whose app `blog` has these pointers and this `models.py`.
fn project_of(preset: &str, pointers: &str, source: &str) -> (Tree, Vec<Note>) {
    let catalog = catalog();
    let mut answers = Answers::from_preset(preset, &catalog).unwrap();
    answers.set_project("name", "myproj");
    let provided = Spec::from_answers(&answers, &catalog)
        .unwrap()
        .provided_models(&catalog);
    let apps = AnswerLayer::parse(pointers, "the test").unwrap().apps;
    let read = |_: &str| Ok(Some(format!("{HEAD}{source}")));
    let (apps, notes) = fill(apps, read, catalog.kinds(), &provided).unwrap();
    answers.apps = apps;
    let spec = Spec::from_answers(&answers, &catalog).unwrap();
    (crate::support::rendered(&catalog, &spec).tree, notes)
}

fn text_of(tree: &Tree, path: &str) -> String {
    let entry = tree.get(path).unwrap_or_else(|| panic!("no {path}"));
    String::from_utf8_lossy(&entry.content).into_owned()
}

/// What stands between two texts, without its spaces and line ends.
fn between(text: &str, start: &str, end: &str) -> String {
    let (_, rest) = text
        .split_once(start)
        .unwrap_or_else(|| panic!("no {start} in:\n{text}"));
    let (found, _) = rest.split_once(end).unwrap();
    found.split_whitespace().collect()
}

fn fields(source: &str) -> IndexMap<String, Field> {
    let (fields, notes) = blog("", source).unwrap();
    assert_eq!(notes, []);
    fields
}

/// Fields as an answers file has them.
fn declared(text: &str) -> IndexMap<String, Field> {
    toml::from_str(text).unwrap()
}

#[test]
fn fields_that_were_written_by_hand_are_seen() {
    let read = fields(
        "LONGEST = 200

class Post(models.Model):
    title = models.CharField('the title', max_length=LONGEST, db_comment='x', validators=[])
    line: str = Line(max_length=3, default='a', db_index=True)
    size = models.BigIntegerField(default=-3)
    rank = models.PositiveSmallIntegerField(null=True)
    price = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal('0.50'))
    length = models.DurationField(default=timedelta(days=1, hours=2))
    extra = models.JSONField(default=lambda: 0, blank=True) if False else None
    author = models.ForeignKey(get_user_model(), models.PROTECT, related_name='%(class)ss')
    editor = models.ForeignKey(to=settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name='edited')
    parent = models.ForeignKey('self', null=True, on_delete=models.SET_NULL)
    twin = models.OneToOneField('Post', on_delete=models.CASCADE, related_name='other')

    objects = models.Manager()
",
    );
    let expected = declared(
        "title = { kind = \"char\", max_length = 200 }
line = { kind = \"char\", max_length = 3, default = \"a\", index = true }
size = { kind = \"integer\", default = -3 }
rank = { kind = \"positive\", null = true }
price = { kind = \"decimal\", max_digits = 5, decimal_places = 2, default = \"0.50\" }
length = { kind = \"duration\", default = 93600 }
author = { kind = \"foreign_key\", to = \"accounts.CustomUser\", on_delete = \"protect\", related_name = \"posts\" }
editor = { kind = \"foreign_key\", to = \"accounts.CustomUser\", on_delete = \"cascade\", related_name = \"edited\" }
parent = { kind = \"foreign_key\", to = \"blog.Post\", on_delete = \"set_null\", null = true }
twin = { kind = \"one_to_one\", to = \"blog.Post\", on_delete = \"cascade\", related_name = \"other\" }
",
    );
    assert_eq!(read, expected);
}

#[test]
fn choices_are_read_however_they_are_written() {
    let read = fields(
        "class Level(models.TextChoices):
    LOW = 'low', _('Quite low')
    VERY_HIGH = 'vh'

class Post(models.Model):
    class Status(models.TextChoices):
        DRAFT = 'draft', 'Draft'
        IN_REVIEW = 'in_review'

    COLOURS = [('r', _('Red')), ('g', 'Green')]
    status = models.CharField(choices=Status.choices, default=Status.IN_REVIEW)
    level = models.CharField(max_length=30, choices=Level, default=Level.VERY_HIGH.value)
    colour = models.CharField(max_length=1, choices=COLOURS, default='g')
",
    );
    let mut expected = declared(
        "status = { kind = \"choice\", max_length = 20, default = \"in_review\", choices = { draft = \"Draft\", in_review = \"In Review\" } }
level = { kind = \"choice\", max_length = 30, default = \"vh\", choices = { low = \"Quite low\", vh = \"Very High\" } }
colour = { kind = \"choice\", max_length = 1, default = \"g\", choices = { r = \"Red\", g = \"Green\" } }
",
    );
    expected["level"].raw_choices = true;
    expected["colour"].raw_choices = true;
    assert_eq!(read, expected);
}

#[test]
fn choices_with_names_of_their_own_are_rendered_by_value() {
    let pointers = "[apps.blog.models.Post]\npublic = { field = \"state\", value = \"2\" }\n";
    let source = "class Post(models.Model):
    class State(models.TextChoices):
        HIDDEN = '1', 'Hidden'
        SHOWN = '2', 'Shown'

    state = models.CharField(max_length=1, choices=State.choices)
";
    let (tree, _) = project_of("minimal", pointers, source);
    let text = |path: &str| text_of(&tree, path);
    let factories = text("blog/tests/factories.py");
    assert!(
        factories.contains("state = \"1\"") && factories.contains("Trait(state=\"2\")"),
        "{factories}"
    );
    assert!(text("blog/selectors.py").contains("filter(state=\"2\")"));
    for path in [
        "blog/tests/factories.py",
        "blog/selectors.py",
        "blog/tests/test_post.py",
        "blog/views.py",
    ] {
        assert!(!text(path).contains("State."), "{path}");
    }
}

#[test]
fn an_abstract_base_gives_its_fields() {
    let read = fields(
        "class Dated(models.Model):
    made_at = models.DateTimeField(auto_now_add=True)
    note = models.TextField()
    gone = models.TextField()

    class Meta:
        abstract = True

class Money(models.DecimalField):
    pass

class Post(Dated):
    title = models.TextField()
    note = models.TextField(blank=True)
    gone = None
    price = Money(max_digits=5, decimal_places=2)
",
    );
    let names: Vec<_> = read.keys().map(String::as_str).collect();
    assert_eq!(names, ["made_at", "title", "note", "price"]);
    assert!(read["note"].blank && read["made_at"].auto_now_add);
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let (fields, notes) = blog(
        "",
        "class Post(models.Model):
    title = models.TextField(unique=True)
    body = RichTextField(blank=True)
    secret = models.TextField(editable=False)
    key = models.UUIDField(primary_key=True)
    group = models.ForeignKey('auth.Group', on_delete=models.CASCADE)
    rank = models.IntegerField(default=compute())
    level = models.IntegerField(choices=Level)
    slug = models.CharField()
    firstName = models.CharField(max_length=9)
    _hidden = models.TextField(blank=True)
    both = models.GeneratedField(expression=models.F('rank'), output_field=models.IntegerField(), db_persist=True)
",
    )
    .unwrap();
    let read: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, field)| (name.as_str(), field.kind.as_str()))
        .collect();
    assert_eq!(
        read,
        [
            ("title", "text"),
            ("body", UNKNOWN),
            ("key", UNKNOWN),
            ("group", UNKNOWN),
            ("rank", "integer"),
            ("level", "integer"),
            ("slug", UNKNOWN),
            ("firstName", UNKNOWN),
        ]
    );
    let first_line = HEAD.lines().count() + 1;
    let told: Vec<(usize, &str)> = notes
        .iter()
        .map(|note| (note.line - first_line, note.text.split_whitespace().next().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (1, "`Post.title`"),
            (3, "`Post.secret`"),
            (6, "`Post.rank`"),
            (7, "`Post.level`"),
            (8, "`Post.slug`"),
            (9, "`Post.firstName`"),
            (10, "`Post._hidden`"),
        ],
        "{notes:#?}"
    );
}

/// A model with fields of which djscaffold knows nothing, and some that no form can have.
const STRANGE: &str = "from django.contrib.postgres.fields import ArrayField
from django.contrib.contenttypes.fields import GenericForeignKey

class Post(models.Model):
    number = models.BigAutoField(primary_key=True)
    title = models.CharField(max_length=9)
    places = ArrayField(models.TextField(), REQUIRED)
    kind = models.ForeignKey('contenttypes.ContentType', on_delete=models.CASCADE, blank=True, null=True)
    draft = models.ForeignKey('Draft', on_delete=models.CASCADE, blank=True, null=True)
    firstName = models.CharField(max_length=9, blank=True)
    about = GenericForeignKey('kind', 'title')
    packed = models.BinaryField()
    upper = models.GeneratedField(expression=models.F('title'), output_field=models.TextField(), db_persist=True)
    secret = models.TextField(editable=False)

class Draft(models.Model):
    text = models.TextField()
";

#[test]
fn fields_of_unknown_kinds_and_strange_relations_are_only_named() {
    let (tree, _) = project_of(
        "standard",
        "[apps.blog.models.Post]\n",
        &STRANGE.replace("REQUIRED", "blank=True"),
    );
    let form = text_of(&tree, "blog/forms.py");
    assert_eq!(
        between(&form, "fields = [", "]").trim_end_matches(','),
        "\"title\",\"places\",\"kind\",\"draft\",\"firstName\""
    );
    assert!(!form.contains("widgets"), "{form}");
    let api = text_of(&tree, "blog/api.py");
    assert_eq!(
        between(&api, "fields = [", "]").trim_end_matches(','),
        "\"number\",\"title\",\"places\",\"kind\",\"draft\",\"firstName\""
    );
    assert!(!api.contains("filterset_fields"), "{api}");
    assert_eq!(between(&api, "search_fields = [", "]"), "\"title\"");
    assert_eq!(between(&api, "ordering_fields = [", "]"), "\"title\"");
    assert!(text_of(&tree, "blog/templates/blog/post_detail.html").contains("object.places"));
    // Nothing else is made of them, and nothing at all of what no form can have.
    for (path, entry) in tree.iter().filter(|(path, _)| path.starts_with("blog/")) {
        let text = String::from_utf8_lossy(&entry.content);
        let words: Vec<&str> = text
            .split(|character: char| !(character.is_alphanumeric() || character == '_'))
            .collect();
        // The last looks whether the form has them.
        let names_strangers = [
            "forms.py",
            "api.py",
            ".html",
            "models.py",
            "0001_initial.py",
            "test_post.py",
        ];
        for name in ["places", "draft", "firstName"] {
            assert!(
                !words.contains(&name) || names_strangers.iter().any(|end| path.ends_with(end)),
                "{name} in {path}:\n{text}"
            );
        }
        for name in ["about", "packed", "upper", "secret"] {
            assert!(!words.contains(&name), "{name} in {path}:\n{text}");
        }
    }
}

#[test]
fn a_model_whose_required_field_is_unknown_gets_all_but_tests() {
    let paths = |required: &str| {
        let source = STRANGE.replace("REQUIRED", required);
        let (tree, _) = project_of("standard", "[apps.blog.models.Post]\n", &source);
        assert_eq!(
            text_of(&tree, "blog/tests/factories.py").contains("PostFactory"),
            required.contains("blank=True"),
            "{required}"
        );
        let below = tree.iter().filter(|(path, _)| path.starts_with("blog/"));
        below.map(|(path, _)| path.to_owned()).collect::<Vec<_>>()
    };
    let tests = ["blog/tests/test_post.py", "blog/tests/test_post_api.py"];
    let mut all = paths("blank=True, null=True");
    assert!(tests.iter().all(|test| all.iter().any(|path| path == test)), "{all:?}");
    all.retain(|path| !tests.contains(&path.as_str()));
    // A form asks for it whether or not a row could do without.
    for required in ["size=3", "null=True", "default=list", "db_default=0", "blank=False"] {
        assert_eq!(paths(required), all, "{required}");
    }
}

#[test]
fn a_model_without_an_order_gets_one_in_its_selector() {
    let selectors = |meta: &str| {
        let source = format!(
            "class Ordered(models.Model):\n    class Meta:\n        abstract = True\n        ordering = ['title']\n\n\
             class Post(BASE):\n    title = models.CharField(max_length=9)\n{meta}"
        );
        let source = if meta == "inherited" {
            source.replace("BASE", "Ordered").replace("inherited", "")
        } else {
            source.replace("BASE", "models.Model")
        };
        text_of(
            &project_of("minimal", "[apps.blog.models.Post]\n", &source).0,
            "blog/selectors.py",
        )
    };
    for unordered in [
        "",
        "\n    class Meta:\n        ordering = []\n",
        "\n    class Meta:\n        verbose_name = 'x'\n",
    ] {
        let text = selectors(unordered);
        assert!(text.contains("Post.objects.order_by(\"-pk\")"), "{unordered}:\n{text}");
    }
    for ordered in ["inherited", "\n    class Meta:\n        ordering = ('title',)\n"] {
        let text = selectors(ordered);
        assert!(
            text.contains("Post.objects.all()") && !text.contains("order_by"),
            "{ordered}:\n{text}"
        );
    }
}

#[test]
fn a_model_that_is_not_declared_is_told_with_what_declares_it() {
    let source = "class Post(models.Model):\n    title = models.TextField()\n\nclass Draft(models.Model):\n    text = models.TextField(unique=True)\n\nclass Dated(models.Model):\n    class Meta:\n        abstract = True\n";
    let (tree, notes) = project_of("minimal", "[apps.blog.models.Post]\n", source);
    let told: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let line = HEAD.lines().count() + 4;
    assert!(
        told[0].starts_with(&format!("`blog/models.py` line {line}: `Draft` "))
            && told[0].contains("`[apps.blog.models.Draft]`")
            && told[0].contains("`djscaffold sync`"),
        "{told:?}"
    );
    assert!(!text_of(&tree, "blog/forms.py").contains("Draft"));
}

#[test]
fn a_syntax_error_names_its_line() {
    let error = blog("", "class Post(models.Model):\n    title = models.TextField(\n").unwrap_err();
    assert!(error.to_string().starts_with("`blog/models.py` line 1"), "{error}");
    assert!(!error.hints().is_empty());
}

#[test]
fn a_pointer_to_a_field_that_is_gone_names_the_class() {
    let source = "class Post(models.Model):\n    heading = models.TextField()\n";
    let line = HEAD.lines().count() + 1;
    for pointer in [
        "label = \"title\"",
        "owner = \"title\"",
        "public = { field = \"title\" }",
    ] {
        let error = blog(pointer, source).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("`blog/models.py` line {line}: ")),
            "{error}"
        );
        assert!(
            error.to_string().contains("`title`") && !error.hints().is_empty(),
            "{error}"
        );
    }
}

#[test]
fn a_declared_model_that_is_gone_is_an_error() {
    let error = blog("", "class Article(models.Model):\n    title = models.TextField()\n").unwrap_err();
    assert!(error.to_string().contains("`Post`"), "{error}");
    assert!(
        error.hints().iter().any(|hint| hint.contains("`Article`")),
        "{:?}",
        error.hints()
    );
}

#[test]
fn a_missing_file_is_an_error_with_a_way_out() {
    let apps = AnswerLayer::parse("[apps.blog.models.Post]\n", "the test")
        .unwrap()
        .apps;
    let catalog = catalog();
    let error = fill(
        apps,
        |_| Ok(None),
        catalog.kinds(),
        &std::collections::BTreeMap::default(),
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("`blog/models.py`") && !error.hints().is_empty(),
        "{error}"
    );
}

#[test]
fn a_base_from_elsewhere_is_told() {
    let (fields, notes) = blog(
        "",
        "from core.models import Dated\n\nclass Post(Dated):\n    title = models.TextField()\n",
    )
    .unwrap();
    assert_eq!(fields.len(), 1);
    assert!(notes[0].text.contains("`core.models.Dated`"), "{notes:?}");
}

#[test]
fn the_key_is_what_the_model_has() {
    let key = |field: &str| {
        let source = format!("class Post(models.Model):\n    {field}\n    title = models.CharField(max_length=9)\n");
        let (tree, _) = project_of("standard", "[apps.blog.models.Post]\n", &source);
        let urls = text_of(&tree, "blog/urls.py");
        let fields = between(&text_of(&tree, "blog/api.py"), "fields = [", "]");
        (between(&urls, "\"posts/<", ">"), fields)
    };
    let expect = |converter: &str, fields: &str| (converter.to_owned(), fields.to_owned());
    assert_eq!(key("body = models.TextField(blank=True)").0, "int:pk");
    let made = key("key = models.UUIDField(primary_key=True, default=uuid4)");
    assert_eq!(made, expect("uuid:pk", "\"key\",\"title\""));
    let chosen = key("word = models.CharField(max_length=9, primary_key=True)");
    assert_eq!(chosen, expect("str:pk", "\"word\",\"title\""));
}
