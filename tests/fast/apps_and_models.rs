//! Apps and models that come to a living project and leave it.

use djscaffold::catalog::{Catalog, Source};
use djscaffold::inspect::{SNAPSHOT, Snapshot};
use djscaffold::living::Intent;
use djscaffold::merge::Action;
use djscaffold::model::NewModel;
use djscaffold::spec::{AnswerLayer, Answers};

use crate::equal_renders::assert_same;
use crate::site::{Site, answers, generated, models};

fn app(name: &str) -> Intent {
    Intent::AddApp {
        name: name.to_owned(),
        title: None,
        options: Vec::new(),
    }
}

fn model(place: &str, fields: &[&str], pointers: &[(&str, &str)]) -> Intent {
    let (app, name) = place.split_once('.').unwrap();
    Intent::AddModel(NewModel {
        app: app.to_owned(),
        name: name.to_owned(),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        pointers: pointers
            .iter()
            .map(|&(pointer, value)| (pointer.to_owned(), value.to_owned()))
            .collect(),
    })
}

/// The answers with more apps behind those that they have.
fn with_apps(answers: &Answers, apps: &str) -> Answers {
    let mut answers = answers.clone();
    answers.apps.extend(AnswerLayer::parse(apps, "the test").unwrap().apps);
    answers
}

const PRODUCT: &str = r#"
[apps.shop]
title = "The shop"
views = "fbv"
[apps.shop.models.Product]
owner = "owner"
label = "name"
slug = "slug"
public = { field = "status", value = "live" }
[apps.shop.models.Product.fields]
name = { kind = "char", max_length = 120 }
slug = { kind = "slug", max_length = 120, unique = true }
price = { kind = "decimal", max_digits = 8, decimal_places = 2 }
stock = { kind = "positive", default = 0 }
status = { kind = "choice", choices = ["draft", "live"], default = "draft" }
post = { kind = "foreign_key", to = "blog.Post", null = true, blank = true }
tags = { kind = "many_to_many", to = "blog.Tag" }
owner = { kind = "foreign_key", to = "accounts.CustomUser" }
"#;

const FIELDS: [&str; 7] = [
    "name:char:120",
    "price:decimal:8,2",
    "stock:positive=0",
    "status:choice:draft,live=draft",
    "post:fk:blog.Post?",
    "tags:m2m:blog.Tag",
    "owner:user",
];
const POINTERS: [(&str, &str); 4] = [
    ("owner", "owner"),
    ("label", "name"),
    ("slug", "slug"),
    ("public", "status=live"),
];

#[test]
fn an_app_and_its_model_come_as_new_writes_them_and_go_again() {
    let source = Source::embedded();
    let catalog = Catalog::from_source(&source).unwrap();
    for preset in ["minimal", "standard", "full", "api"] {
        let from = answers(preset, &catalog);
        let site = Site::from_answers(&from, Source::embedded());
        let there = Intent::AddApp {
            name: "shop".to_owned(),
            title: Some("The shop".to_owned()),
            options: vec![("views".to_owned(), "fbv".to_owned())],
        };
        site.apply(&there).unwrap();
        let bare = with_apps(&from, "[apps.shop]\ntitle = \"The shop\"\nviews = \"fbv\"\n");
        assert_same(&site.files(), &generated(&bare, &source), &there);
        assert!(site.look(&Intent::Sync).unwrap().is_calm());
        let there = model("shop.Product", &FIELDS, &POINTERS);
        site.apply(&there).unwrap();
        assert_same(&site.files(), &generated(&with_apps(&from, PRODUCT), &source), &there);
        assert!(site.look(&Intent::Sync).unwrap().is_calm());
        let back = Intent::RemoveModel {
            app: "shop".to_owned(),
            name: "Product".to_owned(),
        };
        site.apply(&back).unwrap();
        assert_eq!(site.read("shop/models.py"), "# Create your models here.\n");
        assert!(site.root.join("shop/migrations/0001_initial.py").exists());
        let back = Intent::RemoveApp {
            name: "shop".to_owned(),
        };
        site.apply(&back).unwrap();
        assert_same(&site.files(), &generated(&from, &source), &back);
        assert!(!site.root.join("shop").exists());
    }
}

#[test]
fn an_app_without_models_has_four_files() {
    let site = Site::new("full");
    let plan = site.apply(&app("shop")).unwrap();
    let created: Vec<&str> = plan
        .with_action(Action::Create)
        .map(|change| change.path.as_str())
        .collect();
    let files = ["__init__.py", "apps.py", "migrations/__init__.py", "models.py"];
    assert_eq!(created, files.map(|file| format!("shop/{file}")));
    assert!(site.read("config/settings/base.py").contains("    \"shop\",\n"));
    assert!(!site.read("config/urls.py").contains("shop"));
}

#[test]
fn only_a_class_and_its_imports_come_into_an_edited_models_file() {
    let site = Site::new("standard");
    site.edit(
        "blog/models.py",
        "    content = models.TextField()\n",
        "    content = models.TextField()\n    minutes = models.IntegerField(default=1)\n",
    );
    site.edit(
        "blog/models.py",
        "from django.conf",
        "from functools import cached_property\n\nfrom django.conf",
    );
    let mine = "\n    @cached_property\n    def teaser(self) -> str:\n        return self.content[:80]  # mine\n";
    let own = "\n\nclass Draft(models.Model):\n    note = models.TextField()  # also mine\n";
    let text = site.read("blog/models.py") + mine + own;
    site.write("blog/models.py", &text);
    let told = models(
        "content = ",
        "minutes = { kind = \"integer\", default = 1 }\ncontent = ",
    );
    site.django_says(&(told + "[apps.blog.models.Draft.fields]\nnote = { kind = \"text\" }\n"));
    site.edit(
        "config/urls.py",
        "urlpatterns = [\n",
        "urlpatterns = [\n    # our own come first\n",
    );
    let ran = site.must(
        0,
        &[
            "add",
            "model",
            "blog.Review",
            "text:text",
            "score:decimal:3,1",
            "post:fk:Post",
            "--yes",
            "--no-sync",
        ],
    );
    assert!(
        ran.err.contains("manage.py makemigrations") && ran.err.contains("manage.py migrate"),
        "{}",
        ran.err
    );
    let merged = site.read("blog/models.py");
    for line in text.lines().filter(|line| !line.is_empty()) {
        assert!(merged.contains(line), "lost {line}:\n{merged}");
    }
    assert!(
        merged.contains("class Review(models.Model):\n    text = models.TextField()\n"),
        "{merged}"
    );
    assert!(!site.root.join("blog/migrations/0003_review.py").exists());
    assert!(site.read("config/urls.py").contains("# our own come first"));
    site.must(0, &["check"]);
    let ran = site.must(0, &["remove", "model", "blog.Review", "--yes", "--no-sync"]);
    assert!(ran.err.contains("manage.py makemigrations"), "{}", ran.err);
    assert_eq!(site.read("blog/models.py"), text);
    site.must(0, &["check"]);
}

#[test]
fn a_models_file_of_the_users_own_gets_a_class_at_its_end() {
    let site = Site::new("minimal");
    let own = "class Own(models.Model):\n    x = models.TextField()\n";
    let tops = [
        (
            "\"\"\"Ours.\"\"\"\n\nimport math\n\nfrom django.db import models\n\nTAU = math.tau\n\n\n",
            "import math\n\nfrom django.conf import settings\nfrom django.db import models\nfrom django.urls import reverse\n",
        ),
        (
            "from django.db import models  # ours\n\n\n",
            "from django.db import models  # ours\nfrom django.conf import settings\n",
        ),
        (
            "import django.db.models\nfrom django.db import models\n\n\n",
            "import django.db.models\nfrom django.conf import settings\n",
        ),
    ];
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.django_says(&(models("", "") + "[apps.shop.models.Own.fields]\nx = { kind = \"text\" }\n"));
    for (top, imports) in tops {
        site.write("shop/models.py", format!("{top}{own}"));
        site.must(0, &["add", "model", "shop.Product", "name:char:9", "by:user", "--yes"]);
        let text = site.read("shop/models.py");
        assert!(text.contains(imports) && text.contains(own), "{text}");
        assert!(
            text.contains("\n\n\nclass Product(models.Model):\n    name = "),
            "{text}"
        );
        site.must(0, &["check"]);
        site.must(0, &["undo", "--yes"]);
    }
}

#[test]
fn a_class_that_was_changed_stays_when_its_model_goes() {
    let site = Site::new("minimal");
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(0, &["add", "model", "shop.Product", "name:char:120", "--yes"]);
    let mine = [
        (
            "    class Meta:",
            "    size = models.IntegerField(default=1)\n\n    class Meta:",
            "size = { kind = \"integer\", default = 1 }\n",
        ),
        (
            "    def __str__",
            "    def mine(self) -> int:\n        return 1\n\n    def __str__",
            "",
        ),
    ];
    let pristine = site.read("shop/models.py");
    for (from, to, field) in mine {
        site.write("shop/models.py", &pristine).edit("shop/models.py", from, to);
        let product = "[apps.shop.models.Product.fields]\nname = { kind = \"char\", max_length = 120 }\n";
        site.django_says(&(models("", "") + product + field));
        site.must(0, &["sync", "--yes"]);
        let edited = site.read("shop/models.py");
        let ran = site.must(0, &["remove", "model", "shop.Product", "--yes"]);
        assert_eq!(site.read("shop/models.py"), edited);
        assert!(
            ran.err.contains("stays there, as you have changed it or"),
            "{}",
            ran.err
        );
        assert!(!ran.err.contains("makemigrations"), "{}", ran.err);
        assert!(!site.root.join("shop/admin.py").exists());
        // Its class is there: it comes back as it is.
        let ran = site.must(1, &["add", "model", "shop.Product", "name:text", "--yes"]);
        assert!(ran.err.contains("has a class `Product` already"), "{}", ran.err);
        let ran = site.must(0, &["add", "model", "shop.Product", "--yes"]);
        assert!(!ran.err.contains("makemigrations"), "{}", ran.err);
        assert_eq!(site.read("shop/models.py"), edited);
        site.must(0, &["sync", "--yes"]);
    }
}

#[test]
fn a_class_that_stays_beside_a_changed_one_is_told_with_its_line() {
    let site = Site::new("minimal");
    let is_tags = |line: &&str| line.trim_start().starts_with("tags = ");
    let source = site.read("blog/models.py");
    let tags = format!("{}\n", source.lines().find(is_tags).unwrap());
    site.edit("blog/models.py", &tags, "");
    let fields = models("", "");
    let fields: Vec<&str> = fields.lines().filter(|line| !is_tags(line)).collect();
    site.django_says(&fields.join("\n"));
    site.must(0, &["sync", "--yes"]);
    let ran = site.must(0, &["remove", "model", "blog.Tag", "--yes"]);
    let line = 1 + source.lines().position(|line| line.starts_with("class Tag(")).unwrap();
    let told = format!("`blog/models.py` line {line}: `Tag` stays there");
    assert!(ran.err.contains(&told), "{}", ran.err);
    assert!(!ran.err.contains("makemigrations"), "{}", ran.err);
}

#[test]
fn a_model_that_the_user_wrote_gets_pages_and_no_migration() {
    let site = Site::new("standard");
    site.must(0, &["add", "app", "shop", "--yes", "--no-sync"]);
    let own =
        "from django.db import models\n\n\nclass Product(models.Model):\n    name = models.CharField(max_length=50)\n";
    site.write("shop/models.py", own);
    let product = "[apps.shop.models.Product.fields]\nname = { kind = \"char\", max_length = 50 }\n";
    site.django_says(&(models("", "") + product));
    let ran = site.must(
        0,
        &["add", "model", "shop.Product", "--label", "name", "--yes", "--no-sync"],
    );
    assert!(ran.err.contains("manage.py makemigrations"), "{}", ran.err);
    assert_eq!(site.read("shop/models.py"), own);
    assert!(site.root.join("shop/views.py").exists() && !site.root.join("shop/migrations/0001_initial.py").exists());
    // The index of a search waits for the table.
    assert!(!site.root.join("shop/migrations/0002_search.py").exists());
    site.must(0, &["check"]);
    site.write(
        "shop/migrations/0001_initial.py",
        "operations = [CreateModel(name='Product')]\n",
    );
    site.must(0, &["sync", "--yes", "--no-sync"]);
    assert!(
        site.read("shop/migrations/0002_search.py")
            .contains("(\"shop\", \"0001_initial\")")
    );
}

#[test]
fn a_relation_to_what_no_first_migration_makes_is_left_to_django() {
    let site = Site::new("minimal");
    site.must(0, &["add", "model", "blog.Series", "name:char:50", "--yes"]);
    site.must(0, &["add", "app", "shop", "--yes"]);
    let ran = site.must(
        0,
        &[
            "add",
            "model",
            "shop.Product",
            "series:fk:blog.Series",
            "post:fk:blog.Post",
            "--yes",
        ],
    );
    assert!(ran.err.contains("manage.py makemigrations"), "{}", ran.err);
    assert!(!site.root.join("shop/migrations/0001_initial.py").exists());
    site.must(0, &["check"]);
}

#[test]
fn what_others_need_is_not_removed() {
    let site = Site::new("minimal");
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(
        0,
        &[
            "add",
            "model",
            "shop.Product",
            "post:fk:blog.Post",
            "also:m2m:blog.Tag",
            "--yes",
        ],
    );
    let before = site.everything();
    let refused: [(&[&str], &str); 6] = [
        (&["remove", "model", "blog.Post"], "as `shop.Product.post` points at it"),
        (
            &["remove", "model", "blog.Tag"],
            "as `blog.Post.tags`, `shop.Product.also` point at it",
        ),
        (
            &["remove", "app", "blog"],
            "as `shop.Product.post`, `shop.Product.also` point at it",
        ),
        (&["remove", "app", "bolg"], "did you mean `blog`?"),
        (&["remove", "model", "blog.Poost"], "did you mean `Post`?"),
        (&["remove", "app", "accounts"], "there is no app `accounts`"),
    ];
    for (command, said) in refused {
        let ran = site.must(1, &[command, &["--yes"]].concat());
        assert!(ran.err.contains(said), "{command:?}: {}", ran.err);
    }
    assert!(site.everything() == before);
    site.must(0, &["remove", "model", "shop.Product", "--yes"]);
    let ran = site.must(1, &["remove", "app", "blog", "--yes"]);
    assert!(
        ran.err
            .contains("`shop/migrations/0001_initial.py` depends on its migrations"),
        "{}",
        ran.err
    );
    site.must(0, &["remove", "app", "shop", "--yes"]);
    site.must(0, &["remove", "app", "blog", "--yes"]);
    assert!(!site.root.join("blog").exists() && !site.read("README.md").contains("blog"));
    site.must(0, &["check"]);
    let ran = site.must(1, &["add", "model", "shop.Product", "name:text", "--yes"]);
    assert!(
        ran.err.contains("add it first: `djscaffold add app shop`"),
        "{}",
        ran.err
    );
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(0, &["add", "model", "shop.Product", "name:text", "--yes"]);
    site.must(0, &["check"]);
}

#[test]
fn what_the_user_wrote_stays_when_an_app_goes() {
    let site = Site::new("minimal");
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(0, &["add", "model", "shop.Product", "name:char:120", "--yes"]);
    site.edit("shop/admin.py", "from django", "# mine\nfrom django");
    site.write("shop/prices.py", "TAX = 19\n");
    let own = "class Migration:\n    dependencies = [(\"shop\", \"0001_initial\")]\n";
    site.write("shop/migrations/0002_own.py", own);
    let ran = site.must(3, &["remove", "app", "shop", "--yes"]);
    assert!(ran.err.contains("python manage.py migrate shop zero"), "{}", ran.err);
    assert!(ran.err.contains("conflict shop/admin.py"), "{}", ran.err);
    assert!(site.read("shop/admin.py").contains("# mine") && site.root.join("shop/prices.py").exists());
    assert!(!site.root.join("shop/models.py").exists() && !site.root.join("shop/migrations/0001_initial.py").exists());
    let told = "`shop/admin.py`, `shop/migrations/0002_own.py`, `shop/prices.py` stay";
    assert!(ran.err.contains(told), "{}", ran.err);
    assert!(!site.read("djscaffold.toml").contains("shop"));
}

#[test]
fn an_untouched_directory_of_startapp_counts_as_empty() {
    let untouched = [
        ("__init__.py", ""),
        (
            "admin.py",
            "from django.contrib import admin\n\n# Register your models here.\n",
        ),
        (
            "apps.py",
            "from django.apps import AppConfig\n\n\nclass ShopConfig(AppConfig):\n    default_auto_field = 'django.db.models.BigAutoField'\n    name = 'shop'\n",
        ),
        ("migrations/__init__.py", ""),
        (
            "models.py",
            "from django.db import models\n\n# Create your models here.\n",
        ),
        (
            "tests.py",
            "from django.test import TestCase\n\n# Create your tests here.\n",
        ),
        (
            "views.py",
            "from django.shortcuts import render\n\n# Create your views here.\n",
        ),
    ];
    let site = Site::new("minimal");
    for (path, text) in untouched {
        site.write(&format!("shop/{path}"), text);
    }
    site.django_says(&models("", ""));
    site.must(0, &["add", "app", "shop", "--yes"]);
    let fresh = Site::new("minimal");
    fresh.must(0, &["add", "app", "shop", "--yes"]);
    assert!(site.everything() == fresh.everything());
    // What was touched is the user's.
    let site = Site::new("minimal");
    for (path, text) in untouched {
        site.write(&format!("shop/{path}"), text);
    }
    site.django_says(&models("", ""));
    site.write(
        "shop/tests.py",
        "from django.test import TestCase\n\n\nclass OurTests(TestCase):\n    pass\n",
    );
    site.edit("shop/models.py", "# Create", "MOST = 3\n# Create");
    site.edit(
        "config/settings/base.py",
        "    \"blog\",\n",
        "    \"blog\",\n    \"shop\",\n",
    );
    site.must(0, &["add", "app", "shop", "--yes"]);
    assert!(!site.root.join("shop/views.py").exists() && site.read("shop/tests.py").contains("OurTests"));
    assert_eq!(site.read("config/settings/base.py").matches("\"shop\"").count(), 1);
    let ran = site.must(0, &["add", "model", "shop.Product", "name:char:120", "--yes"]);
    assert!(ran.err.contains("hidden by the package `shop/tests/`"), "{}", ran.err);
    let models = site.read("shop/models.py");
    assert!(
        models.contains("MOST = 3") && models.contains("class Product"),
        "{models}"
    );
}

#[test]
fn names_that_django_has_or_needs_are_refused() {
    let site = Site::new("minimal");
    let before = site.everything();
    let refused: [(&[&str], &str); 4] = [
        (&["app", "auth"], "is that of an app of Django's"),
        (
            &["model", "blog.X", "tag:fk:Tag", "tag_id:int"],
            "the name of the column of",
        ),
        (&["model", "blog.User", "x:text"], "would hide a name"),
        (
            &["model", "blog.Nothing"],
            "there is no class `Nothing` in the models of `blog`",
        ),
    ];
    for (words, said) in refused {
        let ran = site.must(1, &[&["add"], words, &["--yes"]].concat());
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
    }
    assert!(site.everything() == before);
}

#[test]
fn an_app_can_lie_in_a_package() {
    let site = Site::new("standard");
    let ran = site.must(1, &["add", "app", "apps.shop", "--yes"]);
    assert!(
        ran.err.contains("`mkdir -p apps && touch apps/__init__.py`"),
        "{}",
        ran.err
    );
    let before = site.write("apps/__init__.py", "").files();
    site.must(0, &["add", "app", "apps.shop", "--yes"]);
    site.must(
        0,
        &[
            "add",
            "model",
            "shop.Product",
            "name:char:9",
            "--label",
            "name",
            "--yes",
        ],
    );
    assert!(site.read("config/settings/base.py").contains("    \"apps.shop\",\n"));
    assert!(
        site.read("config/urls.py")
            .contains("path(\"shop/\", include(\"apps.shop.urls\"))")
    );
    assert!(
        site.read("apps/shop/views.py")
            .contains("from apps.shop.models import Product\n")
    );
    assert!(site.read("apps/shop/apps.py").contains("name = \"apps.shop\""));
    assert!(site.root.join("apps/shop/templates/shop/product_list.html").exists());
    assert!(site.root.join("apps/shop/migrations/0001_initial.py").exists() && !site.root.join("shop").exists());
    let views = site.read("apps/shop/views.py");
    assert!(
        views.contains("\n\nfrom apps.shop.forms import ProductForm\n"),
        "{views}"
    );
    assert!(
        views.contains("products\nfrom shared.transactions import retry_on_conflict\n"),
        "{views}"
    );
    site.must(0, &["check"]);
    site.must(0, &["remove", "model", "shop.Product", "--yes"]);
    site.must(0, &["remove", "app", "shop", "--yes"]);
    assert!(site.files() == before);
}

#[test]
fn an_app_that_is_installed_by_its_class_stays_so() {
    let site = Site::new("standard");
    let product = r#"{"path": "shop/models.py", "fields": [{"name": "name", "class": "TextField"}]}"#;
    let shop = format!(r#"{{"name": "shop", "entry": "shop.apps.ShopConfig", "models": {{"Product": {product}}}}}"#);
    let blog = Snapshot::parse(&site.read(SNAPSHOT)).unwrap().write().unwrap();
    let (_, blog) = blog.split_once("\"apps\": {").unwrap();
    site.django_answers(&format!(r#"{{"apps": {{"shop": {shop}, {blog}"#));
    site.write("shop/models.py", "x = 1\n").edit(
        "config/settings/base.py",
        "    \"blog\",\n",
        "    \"blog\",\n    \"shop.apps.ShopConfig\",\n",
    );
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(0, &["add", "model", "shop.Product", "--yes"]);
    let settings = site.read("config/settings/base.py");
    assert_eq!(settings.matches("shop").count(), 1, "{settings}");
    site.must(0, &["check"]);
}

#[test]
fn a_package_of_models_gets_no_module_beside_it() {
    let site = Site::new("standard");
    for (path, text) in [
        ("__init__.py", ""),
        ("models/__init__.py", "from .one import *\n"),
        ("models/one.py", ""),
    ] {
        site.write(&format!("shop/{path}"), text);
    }
    site.django_says(&(models("", "") + "[apps.shop.models.Product.fields]\nname = { kind = \"text\" }\n"));
    site.must(0, &["add", "app", "shop", "--yes"]);
    site.must(0, &["add", "model", "shop.Product", "--yes"]);
    assert!(!site.root.join("shop/models.py").exists() && site.read("shop/forms.py").contains("ProductForm"));
    let ran = site.must(1, &["add", "model", "shop.Other", "x:text", "--yes"]);
    assert!(ran.err.contains("`shop/models/` is a package"), "{}", ran.err);
    site.must(0, &["check"]);
}

/// What of the command line is marked in an error.
fn marked(error: &str) -> String {
    let lines: Vec<&str> = error.lines().collect();
    let index = lines.iter().position(|line| line.trim_start().starts_with('^'));
    let index = index.unwrap_or_else(|| panic!("nothing is marked in {error}"));
    let (start, end) = (lines[index].find('^').unwrap(), lines[index].len());
    lines[index - 1][start..end].to_owned()
}

#[test]
fn the_wrong_word_is_marked() {
    let site = Site::new("minimal");
    let before = site.everything();
    let refused: [(&[&str], &str, &str); 14] = [
        (&["name:chr:9"], "chr", "did you mean `char`?"),
        (
            &["name:text", "to:fk:Tga", "x:text"],
            "to:fk:Tga",
            "did you mean `blog.Tag`?",
        ),
        (
            &["by:fk:User", "x:text"],
            "by:fk:User",
            "did you mean `accounts.CustomUser`?",
        ),
        (&["name:text", "--label", "nam"], "nam", "no such field"),
        (&["x:char:9", "--slug", "slug"], "slug", "no `label` to make it from"),
        (
            &["x:char:9", "slug:slug", "--label", "x", "--slug", "slug"],
            "slug",
            "hint: write `slug:slug!`",
        ),
        (&["name:text", "name:text"], "name", "stands twice"),
        (&["x:text", "--owner", "x"], "x", "not a foreign key to the user model"),
        (&["x:text", "id:int"], "id:int", "would hide Django's own `id`"),
        (&["a:fk:Tag", "b:fk:Tag"], "b:fk:Tag", "another `related_name`"),
        (&["x:char:9", "--label", "x", "--public", "x"], "x", "not a boolean"),
        (&["x:choice:a,b=c?"], "c", "one of its choices"),
        (
            &["x:fk:Tag:protect"],
            ":protect",
            "separate arguments with commas: `to,on_delete,related_name`",
        ),
        (
            &["x:char:9", "y:fk:Tga", "--label", "x", "--slug", "slug"],
            "y:fk:Tga",
            "does not exist",
        ),
    ];
    for (words, part, said) in refused {
        let ran = site.must(1, &[&["add", "model", "blog.Thing"], words, &["--yes"]].concat());
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
        assert_eq!(marked(&ran.err), part, "{words:?}");
        assert!(ran.err.contains("djscaffold add model blog.Thing "), "{}", ran.err);
    }
    let another = site.must(1, &["add", "model", "blog.Thing", "to:fk:blog.Product", "--yes"]);
    assert!(!another.err.contains("did you mean"), "{}", another.err);
    let words = [
        "class_of_this_one:char:120",
        "another_long_name:char:120",
        "tehre:chr:120",
    ];
    let ran = site.must(1, &[&["add", "model", "blog.post"], &words[..], &["--yes"]].concat());
    assert!(ran.err.contains("    … tehre:chr:120\n"), "{}", ran.err);
    let unmarked: [(&[&str], &str); 3] = [
        (&["blog.Thing"], "djscaffold add model blog.Thing name:char:120"),
        (&["shop.Thing", "x:text"], "`djscaffold add app shop`"),
        (&["blog.Post", "x:text"], "is there already"),
    ];
    for (words, said) in unmarked {
        let ran = site.must(1, &[&["add", "model"], words, &["--yes"]].concat());
        assert!(ran.err.contains(said), "{words:?}: {}", ran.err);
    }
    assert!(site.everything() == before);
}

#[test]
fn an_edited_declaration_gets_what_came_and_loses_what_went() {
    let site = Site::new("minimal");
    site.edit(
        "djscaffold.toml",
        "[apps.blog.models.Post]",
        "# our diary\n[apps.blog.models.Post]",
    );
    let before = site.read("djscaffold.toml");
    site.must(0, &["add", "app", "shop", "--yes"]);
    assert_eq!(site.read("djscaffold.toml"), format!("{before}\n[apps.shop]\n"));
    site.must(
        0,
        &[
            "add",
            "model",
            "shop.Product",
            "name:char:120",
            "--label",
            "name",
            "--yes",
        ],
    );
    let text = site.read("djscaffold.toml");
    assert_eq!(
        text,
        format!("{before}\n[apps.shop]\n\n[apps.shop.models.Product]\nlabel = \"name\"\n")
    );
    site.must(
        0,
        &["add", "model", "blog.Note", "name:char:120", "--label", "name", "--yes"],
    );
    site.must(0, &["check"]);
    site.must(0, &["remove", "model", "blog.Note", "--yes"]);
    assert_eq!(site.read("djscaffold.toml"), text);
    site.must(0, &["remove", "model", "shop.Product", "--yes"]);
    site.must(0, &["remove", "app", "shop", "--yes"]);
    assert_eq!(site.read("djscaffold.toml"), before);
}

#[test]
fn samples_have_what_no_default_fills() {
    let site = Site::new("minimal");
    let fields = ["name:char:120", "is_new:bool", "price:decimal:10,2"];
    site.must(0, &[&["add", "model", "blog.Thing"], &fields[..], &["--yes"]].concat());
    let command = site.read("blog/management/commands/seed_blog.py");
    let price = "price=fake.pydecimal(left_digits=3, right_digits=2, positive=True)";
    for value in ["is_new=fake.pybool()", price] {
        assert!(command.contains(value), "{command}");
    }
}

#[test]
fn machines_are_told_what_is_due() {
    let site = Site::new("minimal");
    let ran = site.must(0, &["add", "app", "shop", "--yes", "--no-sync", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&document["command"], &document["due"]),
        (&"add app shop".into(), &serde_json::json!([]))
    );
    let due = |arguments: &[&str]| {
        let ran = site.must(0, &[arguments, &["--yes", "--no-sync", "--format", "json"]].concat());
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let commands = document["due"].as_array().unwrap().iter();
        let words = commands.map(|command| command.as_str().unwrap().rsplit(' ').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    assert_eq!(due(&["add", "model", "shop.Product", "name:char:9"]), ["migrate"]);
    assert_eq!(
        due(&["add", "model", "shop.Order", "name:char:9"]),
        ["makemigrations", "migrate"]
    );
    assert_eq!(due(&["remove", "model", "shop.Order"]), ["makemigrations", "migrate"]);
    let ran = site.must(0, &["add", "model", "shop.Order", "name:char:9", "--dry-run"]);
    assert!(
        ran.out.contains("create shop/tests/test_order.py") && ran.out.contains("update shop/models.py"),
        "{}",
        ran.out
    );
    assert_eq!(due(&["undo"]), [""; 0]);
}

#[test]
fn one_more_of_many_models_changes_only_what_it_must() {
    let source = Source::embedded();
    let catalog = Catalog::from_source(&source).unwrap();
    let mut apps = String::new();
    for app in 0..20 {
        for model in 0..10 {
            apps.push_str(&format!(
                "[apps.part{app}.models.Thing{app}In{model}]\nlabel = \"name\"\n[apps.part{app}.models.Thing{app}In{model}.fields]\nname = {{ kind = \"char\", max_length = 20 }}\n"
            ));
        }
    }
    let mut many = answers("standard", &catalog);
    many.apps.clear();
    let site = Site::from_answers(&with_apps(&many, &apps), source);
    let started = std::time::Instant::now();
    let plan = site
        .apply(&model("part7.Extra", &["name:char:20"], &[("label", "name")]))
        .unwrap();
    assert!(started.elapsed().as_secs() < 30);
    let elsewhere: Vec<&str> = plan
        .notable()
        .map(|change| change.path.as_str())
        .filter(|path| !path.starts_with("part7/"))
        .collect();
    let shared = [
        "README.md",
        "config/api_urls.py",
        "templates/base.html",
        "templates/home.html",
        "tests/test_site.py",
        "djscaffold.toml",
        ".djscaffold/base",
        ".djscaffold/models.json",
    ];
    assert!(elsewhere.iter().all(|path| shared.contains(path)), "{elsewhere:?}");
    let untouched = |path: &str| plan.notable().all(|change| change.path != path);
    assert!(untouched("part7/tests/test_thing7_in1.py") && untouched("part7/templates/part7/thing7_in1_list.html"));
}

#[test]
fn a_project_without_any_model_is_one() {
    let site = Site::new("full");
    site.must(0, &["remove", "model", "blog.Post", "--yes", "--no-sync"]);
    site.must(0, &["remove", "model", "blog.Tag", "--yes", "--no-sync"]);
    assert!(!site.root.join("blog/views.py").exists() && site.root.join("blog/apps.py").exists());
    site.must(0, &["check"]);
    site.must(
        0,
        &[
            "add",
            "model",
            "blog.Post",
            "title:char:200",
            "--label",
            "title",
            "--yes",
            "--no-sync",
        ],
    );
    site.must(0, &["check"]);
}

#[test]
fn the_examples_of_all_kinds_make_one_model() {
    let site = Site::new("standard");
    let catalog = Catalog::from_source(&site.source).unwrap();
    let examples = catalog.kinds().declarable();
    let examples: Vec<String> = examples.map(|(_, kind)| kind.example.clone().unwrap()).collect();
    site.must(0, &["add", "app", "shop", "--yes", "--no-sync"]);
    for name in ["Category", "Tag"] {
        let place = format!("shop.{name}");
        site.must(0, &["add", "model", &place, "label:text", "--yes", "--no-sync"]);
    }
    let mut command = vec!["add", "model", "shop.Everything"];
    command.extend(examples.iter().map(String::as_str));
    command.extend([
        "--label",
        "name",
        "--slug",
        "slug",
        "--public",
        "status=live",
        "--yes",
        "--no-sync",
    ]);
    site.must(0, &command);
    site.must(0, &["check"]);
}
