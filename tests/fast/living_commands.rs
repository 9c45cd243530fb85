//! The commands as a user meets them: what they say, what they refuse, how they end.

use djscaffold::catalog::{Catalog, Source};
use djscaffold::living::Intent;
use djscaffold::spec::AnswerLayer;

use crate::site::{Site, answers, models};

#[test]
fn twice_is_once() {
    let commands: [&[&str]; 7] = [
        &["add", "health,gunicorn"],
        &["set", "database.connections=persistent"],
        &["remove", "gunicorn"],
        &["regen"],
        &["regen", "accounts/views.py", "--discard-edits"],
        &["sync"],
        &["update"],
    ];
    let site = Site::new("standard");
    site.edit("accounts/views.py", "def ", "# mine\ndef ");
    for command in commands {
        let command: Vec<&str> = command.iter().copied().chain(["--yes"]).collect();
        site.must(0, &command);
        let once = site.everything();
        let ran = site.must(0, &command);
        assert!(ran.err.contains("already up to date"), "{command:?}: {}", ran.err);
        assert!(site.everything() == once, "{command:?}");
    }
}

#[test]
fn what_is_fixed_is_refused_with_its_reason() {
    let site = Site::new("standard");
    let before = site.everything();
    let refused: [(&[&str], &str); 5] = [
        (&["set", "accounts.login=email"], "write the migration by hand"),
        (&["set", "project.name=other"], "volumes"),
        (&["remove", "accounts"], "first migration"),
        (&["remove", "base"], "needed by"),
        (&["remove", "database", "--set"], "unexpected"),
    ];
    for (command, said) in refused {
        let ran = site.run(&[command, &["--yes"]].concat());
        assert!(ran.code == 1 || ran.code == 2, "{command:?}");
        assert!(ran.err.contains(said), "{command:?}: {}", ran.err);
        assert!(site.everything() == before, "{command:?}");
    }
    // By hand in the declaration it is the same.
    site.edit("djscaffold.toml", "login = \"username\"", "login = \"email\"");
    let ran = site.must(1, &["sync", "--yes"]);
    assert!(ran.err.contains("fixed at `new`"), "{}", ran.err);
}

#[test]
fn bad_input_changes_nothing_and_names_the_way_out() {
    let site = Site::new("minimal");
    let before = site.everything();
    let refused: [(&[&str], &str); 7] = [
        (&["add", "cash"], "there is no component `cash`"),
        (&["add", "health", "--set", "health.color=red"], "has no option `color`"),
        (&["set", "app.views=mvc"], "cbv"),
        (&["set", "api.auth=jwt"], "djscaffold add api"),
        (&["regen", "blgo"], "neither a component"),
        (&["eject", "nothing.py"], "is not managed by djscaffold"),
        (&["undo"], "nothing to undo"),
    ];
    for (command, said) in refused {
        let ran = site.must(1, &[command, &["--yes"]].concat());
        assert!(ran.err.contains(said), "{command:?}: {}", ran.err);
        assert!(
            ran.err.contains("hint: ") || ran.err.contains("it can be"),
            "{command:?}: {}",
            ran.err
        );
        assert!(site.everything() == before, "{command:?}");
    }
}

#[test]
fn without_a_terminal_the_missing_flag_is_named() {
    let site = Site::new("minimal");
    let before = site.everything();
    let ran = site.must(1, &["add", "health"]);
    assert!(
        ran.err.contains("--yes") && ran.err.contains("--dry-run"),
        "{}",
        ran.err
    );
    let ran = site.must(0, &["add", "health", "--dry-run", "--diff"]);
    assert!(
        ran.out.contains("create config/health.py") && ran.out.contains("+    \"config.health.HealthMiddleware\""),
        "{}",
        ran.out
    );
    assert!(site.everything() == before);
}

#[test]
fn machines_get_one_document() {
    let site = Site::new("minimal");
    site.remove("README.md");
    let ran = site.must(3, &["add", "health", "--yes", "--format", "json"]);
    assert_eq!(ran.err, "");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let files = document["files"].as_array().unwrap();
    let action = |path: &str| {
        files
            .iter()
            .find(|file| file["path"] == path)
            .map(|file| file["action"].clone())
    };
    assert_eq!(action("config/health.py"), Some("create".into()));
    assert_eq!(action("README.md"), Some("unapplied".into()));
    let status: serde_json::Value = serde_json::from_str(&site.must(0, &["status", "--format", "json"]).out).unwrap();
    let states = status["files"].as_array().unwrap();
    assert!(
        states
            .iter()
            .any(|file| file["path"] == "README.md" && file["state"] == "missing")
    );
    let check: serde_json::Value = serde_json::from_str(&site.must(0, &["check", "--format", "json"]).out).unwrap();
    assert_eq!(check["files"], serde_json::json!([]));
}

#[test]
fn check_tells_drift_from_edits() {
    let site = Site::new("minimal");
    site.edit("accounts/views.py", "def ", "# mine\ndef ")
        .remove("README.md");
    site.must(0, &["check"]);
    // A colleague's clone has no `.env`, and that is no drift.
    site.remove(".env");
    site.must(0, &["check"]);
    site.edit("djscaffold.toml", "title = \"Mysite\"", "title = \"Shop\"");
    let ran = site.must(4, &["check"]);
    assert!(ran.out.contains("update config/settings/base.py"), "{}", ran.out);
    let diff = site.must(0, &["diff", "--pending"]);
    assert!(diff.out.contains("+SITE_NAME = \"Shop\""), "{}", diff.out);
    site.must(3, &["sync", "--yes"]);
    site.must(0, &["check"]);
}

#[test]
fn diff_shows_what_the_user_made_of_it() {
    let site = Site::new("minimal");
    site.edit("accounts/views.py", "def ", "# mine\ndef ");
    site.edit("config/urls.py", "urlpatterns", "# urls\nurlpatterns");
    let all = site.must(0, &["diff"]);
    assert!(
        all.out.contains("+# mine") && all.out.contains("+# urls"),
        "{}",
        all.out
    );
    let one = site.must(0, &["diff", "accounts"]);
    assert!(
        one.out.contains("+# mine") && !one.out.contains("+# urls"),
        "{}",
        one.out
    );
    let status = site.must(0, &["status"]);
    assert!(
        status.out.contains("edited accounts/views.py") && !status.out.contains("edited manage.py"),
        "{}",
        status.out
    );
}

#[test]
fn regenerating_brings_back_and_takes_edits_only_when_told() {
    let site = Site::new("minimal");
    let generated = site.everything();
    site.edit("accounts/views.py", "def ", "# mine\ndef ")
        .remove("accounts/forms.py")
        .remove("blog/admin.py");
    site.must(0, &["regen", "accounts", "--yes"]);
    assert!(site.read("accounts/views.py").contains("# mine"));
    assert!(site.root.join("accounts/forms.py").exists() && !site.root.join("blog/admin.py").exists());
    site.must(0, &["regen", "app", "--yes"]);
    assert!(site.root.join("blog/admin.py").exists());
    let edited = site.everything();
    site.must(0, &["regen", "--discard-edits", "--yes"]);
    assert!(site.everything() == generated);
    site.must(0, &["undo", "--yes"]);
    assert!(site.everything() == edited);
}

#[test]
fn what_was_ejected_is_left_alone() {
    let site = Site::new("minimal");
    site.must(0, &["eject", "README.md", "--yes"]);
    let readme = site.read("README.md");
    let added = site.must(0, &["add", "health", "--yes"]);
    assert!(
        added
            .err
            .contains("`djscaffold eject --return README.md --dry-run --diff`"),
        "{}",
        added.err
    );
    assert_eq!(site.read("README.md"), readme);
    site.must(0, &["remove", "health", "--yes"]);
    assert!(site.read("djscaffold.toml").contains("ejected = [\"README.md\"]"));
    assert!(site.must(0, &["status"]).out.contains("ejected README.md"));
    assert!(site.must(0, &["why", "README.md"]).out.contains("eject --return"));
}

#[test]
fn what_was_ejected_can_be_given_back() {
    let site = Site::new("minimal");
    let generated = site.everything();
    site.must(1, &["eject", "--return", "README.md", "--yes"]);
    site.must(0, &["eject", "README.md", "blog/forms.py", "--yes"]);
    site.edit("blog/forms.py", "class PostForm", "# mine\nclass PostForm");
    site.must(0, &["eject", "--return", "README.md", "--yes"]);
    let ran = site.must(3, &["eject", "--return", "blog/forms.py", "--yes"]);
    assert!(ran.err.contains("you have a file of that name"), "{}", ran.err);
    let marked = site.read("blog/forms.py");
    assert!(marked.contains("<<<<<<< yours\n# mine\n"), "{marked}");
    site.must(0, &["undo", "--yes"]);
    let theirs = ["eject", "--return", "blog/forms.py", "--yes", "--conflict", "theirs"];
    site.must(0, &theirs);
    assert!(site.everything() == generated);
}

#[test]
fn a_hash_in_a_text_is_no_comment() {
    let site = Site::new("minimal");
    site.edit(
        "djscaffold.toml",
        "description = \"\"",
        "description = \"\"\"# one\"\"\" # kept\nauthor = '# \\'\nemail = \"\" # also",
    );
    let text = site.read("djscaffold.toml");
    let text = text.replacen("author = \"\"\nemail = \"\"\n", "", 1);
    site.write("djscaffold.toml", text);
    site.must(0, &["sync", "--yes"]);
    site.must(0, &["set", "project.description=Two", "project.author=Ann", "--yes"]);
    let text = site.read("djscaffold.toml");
    assert!(
        text.contains("description = \"Two\" # kept") && text.contains("author = \"Ann\""),
        "{text}"
    );
    assert!(!text.contains("# one") && !text.contains("# \\"), "{text}");
}

#[test]
fn settings_of_thousands_of_terms_are_read() {
    let site = Site::new("minimal");
    let sum = format!("\nTERMS = 1{}\n", " + 1".repeat(30_000));
    let settings = site.read("config/settings/base.py");
    site.write("config/settings/base.py", settings + &sum);
    site.must(0, &["add", "health", "--yes", "--no-sync"]);
    assert!(site.read("config/settings/base.py").contains(&sum));
    site.must(0, &["check"]);
}

#[test]
fn the_log_names_what_was_run() {
    let site = Site::new("minimal");
    assert_eq!(site.must(0, &["log"]).out, "");
    site.must(0, &["add", "health", "--yes"]);
    site.must(0, &["sync", "--yes"]);
    site.must(0, &["undo", "--yes"]);
    let log = site.must(0, &["log"]).out;
    let runs: Vec<&str> = log.lines().collect();
    assert!(
        runs.len() == 2 && runs[0].contains("undo add health (5 files)") && runs[1].contains("  add health (5 files)"),
        "{log}"
    );
    let document: serde_json::Value = serde_json::from_str(&site.must(0, &["log", "--format", "json"]).out).unwrap();
    assert_eq!(document["runs"][0]["command"], "add health");
}

#[test]
fn why_names_component_slots_and_options() {
    let site = Site::new("standard");
    let ran = site.must(0, &["why", "config/settings/base.py"]);
    for said in [
        "component base",
        "settings.installed_apps: accounts, api",
        "api.auth = [\"jwt\"]",
    ] {
        assert!(ran.out.contains(said), "no `{said}` in {}", ran.out);
    }
    site.must(1, &["why", "notes.txt"]);
}

#[test]
fn commands_work_from_any_folder_of_the_project_and_nowhere_else() {
    let site = Site::new("minimal");
    assert_eq!(site.run_in("blog/templates", &["status"]).code, 0);
    let ran = site.run_in("..", &["status"]);
    assert!(ran.code == 1 && ran.err.contains("djscaffold new"), "{}", ran.err);
}

#[test]
fn tables_that_stay_behind_are_told_before_anything_changes() {
    let site = Site::new("standard");
    let before = site.everything();
    let ran = site.must(0, &["remove", "api", "--dry-run"]);
    assert!(
        ran.err.contains("python manage.py migrate token_blacklist zero"),
        "{}",
        ran.err
    );
    let ran = site.must(0, &["set", "api.auth=session", "--dry-run"]);
    assert!(ran.err.contains("migrate token_blacklist zero"), "{}", ran.err);
    let ran = site.must(0, &["remove", "database", "--dry-run"]);
    assert!(ran.err.contains("migrate blog 0001_initial"), "{}", ran.err);
    let after = Site::new("minimal");
    after.must(0, &["add", "api,database", "--yes"]);
    let ran = after.must(0, &["undo", "--dry-run"]);
    for command in ["migrate token_blacklist zero", "migrate blog 0001_initial"] {
        assert!(ran.err.contains(command), "{}", ran.err);
    }
    assert!(site.everything() == before);
}

#[test]
fn what_is_due_is_told_as_commands() {
    let site = Site::new("minimal");
    let due = |arguments: &[&str]| {
        let ran = site.must(0, &[arguments, &["--yes", "--no-sync", "--format", "json"]].concat());
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let commands = document["due"].as_array().unwrap().iter();
        let of_django = commands.filter_map(|command| command.as_str()?.split_once(" manage.py "));
        of_django.map(|(_, command)| command.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(&["add", "health"]), [""; 0]);
    assert_eq!(due(&["add", "api"]), ["migrate"]);
    assert_eq!(due(&["add", "database"]), ["migrate"]);
    assert_eq!(due(&["undo"]), [""; 0]);
    assert_eq!(due(&["redo"]), ["migrate"]);
    site.edit(
        "blog/models.py",
        "    created_at = ",
        "    subtitle = models.CharField(max_length=50, blank=True)\n    created_at = ",
    );
    site.django_says(&models(
        "content = ",
        "subtitle = { kind = \"char\", max_length = 80, blank = true }\ncontent = ",
    ));
    assert_eq!(due(&["sync"]), ["makemigrations", "migrate"]);
}

#[test]
fn a_migration_that_has_to_wait_is_due_with_a_reason() {
    let site = Site::new("minimal");
    site.must(0, &["add", "model", "blog.Note", "name:char:9", "--yes"]);
    let ran = site.must(0, &["add", "database", "--yes", "--no-sync"]);
    let told = "manage.py makemigrations\n    .venv/bin/python manage.py migrate\n    djscaffold sync  # adds migrations that come after those\n";
    assert!(ran.err.contains(told), "{}", ran.err);
    // As makemigrations writes it.
    site.write(
        "blog/migrations/0002_note.py",
        "from django.db import migrations, models\n\n\nclass Migration(migrations.Migration):\n    dependencies = [(\"blog\", \"0001_initial\")]\n    operations = [migrations.CreateModel(name=\"Note\", fields=[])]\n",
    );
    let ran = site.must(0, &["sync", "--yes", "--no-sync"]);
    assert!(
        site.read("blog/migrations/0003_search.py").contains("0002_note"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("manage.py migrate\n") && !ran.err.contains("djscaffold sync"),
        "{}",
        ran.err
    );
}

#[test]
fn what_is_new_is_shown() {
    let site = Site::new("minimal");
    let ran = site.must(0, &["add", "api", "--yes", "--no-sync"]);
    assert!(
        ran.err.contains("/api/v1/docs/") && ran.err.contains("README.md                API"),
        "{}",
        ran.err
    );
    let ran = site.must(0, &["set", "api.auth=token", "--yes", "--no-sync"]);
    assert!(!ran.err.contains("Look at"), "{}", ran.err);
}

#[test]
fn a_dry_run_shows_the_lines_of_conflicts() {
    let site = Site::new("minimal");
    site.edit(
        "config/settings/base.py",
        "SITE_NAME = \"Mysite\"",
        "SITE_NAME = \"Mine\"",
    );
    let ran = site.must(3, &["set", "project.title=Theirs", "--dry-run", "--diff"]);
    assert!(
        ran.out.contains("+<<<<<<<") && ran.out.contains("+SITE_NAME = \"Theirs\""),
        "{}",
        ran.out
    );
    let coloured = site.must(
        3,
        &[
            "--color",
            "always",
            "set",
            "project.title=Theirs",
            "--dry-run",
            "--diff",
        ],
    );
    assert!(coloured.out.contains("\u{1b}[32m+SITE_NAME"), "{}", coloured.out);
}

#[test]
fn a_migration_that_others_depend_on_stays() {
    let site = Site::new("standard");
    let migration = "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    \
                     dependencies = [(\"blog\", \"0002_search\")]\n    operations = []\n";
    site.write("blog/migrations/0003_mine.py", migration);
    let ran = site.must(3, &["remove", "database", "--yes"]);
    assert!(ran.err.contains("0003_mine.py"), "{}", ran.err);
    assert!(site.root.join("blog/migrations/0002_search.py").exists());
}

#[test]
fn a_migration_that_another_app_depends_on_stays() {
    let site = Site::new("standard");
    let depending = |app: &str, on: &str| {
        format!(
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n    \
             dependencies = [(\"{app}\", \"{on}\")]\n    operations = []\n"
        )
    };
    site.write("stats/migrations/0001_initial.py", depending("blog", "0002_search"));
    let ran = site.must(3, &["remove", "database", "--yes"]);
    assert!(ran.err.contains("stats/migrations/0001_initial.py"), "{}", ran.err);
    assert!(site.root.join("blog/migrations/0002_search.py").exists());
}

#[test]
fn a_migration_that_nothing_needs_goes() {
    let site = Site::new("standard");
    // The same name in another app, and a word in a text.
    site.write(
        "stats/migrations/0002_search.py",
        "class Migration:\n    dependencies = [(\"stats\", \"0002_search\"), (\"blog\", \"0001_initial\")]\n\
         # as \"0002_search\" of blog did\n",
    );
    site.must(0, &["remove", "database", "--yes"]);
    assert!(!site.root.join("blog/migrations/0002_search.py").exists());
}

#[test]
fn two_migrations_of_one_number_are_told() {
    let site = Site::new("standard");
    let ran = site.must(0, &["status"]);
    assert!(!ran.err.contains("makemigrations --merge"), "{}", ran.err);
    let other = "class Migration:\n    dependencies = [(\"blog\", \"0001_initial\")]\n";
    site.write("blog/migrations/0002_price.py", other);
    let ran = site.must(0, &["sync", "--yes"]);
    let told =
        "`0002_price` and `0002_search` follow the same migration: run `python manage.py makemigrations --merge blog`";
    assert!(ran.err.contains(told), "{}", ran.err);
}

#[test]
fn models_that_can_not_be_read_stop_the_run() {
    let site = Site::new("minimal");
    site.edit(
        "blog/models.py",
        "class Post(models.Model):",
        "class Post(models.Model:",
    );
    let before = site.everything();
    let ran = site.must(1, &["add", "health", "--yes"]);
    assert!(
        ran.err.contains("Django does not start") && ran.err.contains("there is no Django here"),
        "{}",
        ran.err
    );
    assert!(site.everything() == before);
}

#[test]
fn a_field_added_by_hand_comes_everywhere() {
    let site = Site::new("standard");
    site.edit(
        "blog/models.py",
        "    content = ",
        "    subtitle = models.CharField(max_length=80, blank=True)\n    content = ",
    );
    site.django_says(&models(
        "content = ",
        "subtitle = { kind = \"char\", max_length = 80, blank = true }\ncontent = ",
    ));
    site.edit("blog/forms.py", "class PostForm", "# mine\nclass PostForm");
    site.must(0, &["sync", "--yes"]);
    assert!(site.read("blog/forms.py").contains("# mine\nclass PostForm"));
    for path in ["blog/forms.py", "blog/api.py", "blog/templates/blog/post_detail.html"] {
        assert!(site.read(path).contains("subtitle"), "not in {path}");
    }
    let models = site.read("blog/models.py");
    assert_eq!(models.matches("subtitle").count(), 1, "models.py is the user's");
    site.must(0, &["check"]);
}

#[test]
fn a_model_that_was_written_by_hand_needs_nothing_of_ours() {
    for views in ["both", "cbv", "fbv"] {
        let site = Site::new("standard");
        site.must(0, &["set", &format!("app.views={views}"), "--yes"]);
        site.write(
            "blog/models.py",
            "from django.db import models\n\n\nclass Thing(models.Model):\n    title = models.CharField(max_length=50)\n    \
             size = models.IntegerField()\n",
        );
        let declaration = site.read("djscaffold.toml");
        let (head, _) = declaration.split_once("[apps.").unwrap();
        site.write("djscaffold.toml", format!("{head}[apps.blog.models.Thing]\n"));
        let fields =
            r#"{"name": "title", "class": "CharField", "max_length": 50}, {"name": "size", "class": "IntegerField"}"#;
        let thing = format!(r#"{{"Thing": {{"path": "blog/models.py", "fields": [{fields}]}}}}"#);
        site.django_answers(&format!(
            r#"{{"apps": {{"blog": {{"name": "blog", "models": {thing}}}}}}}"#
        ));
        let ran = site.must(0, &["sync", "--yes"]);
        assert!(!ran.err.contains("warning"), "{}", ran.err);
        let rendered = site.files();
        let of_app = rendered
            .iter()
            .filter(|(path, _)| path.starts_with("blog/") && !path.starts_with("blog/migrations/"));
        let mut named = 0;
        for (path, content) in of_app {
            let text = String::from_utf8_lossy(content);
            for ours in ["get_absolute_url", "is_owned_by", "publish", "is_public", "visible_to"] {
                assert!(!text.contains(ours), "{views}: `{ours}` in {path}:\n{text}");
            }
            for gone in ["Post", "Tag", "post_list", "author", "slug"] {
                assert!(!text.contains(gone), "{views}: `{gone}` in {path}:\n{text}");
            }
            named += usize::from(text.contains("Thing"));
        }
        // Selectors, forms, views, admin, API, models, seed, factories, tests of pages and of the API.
        assert!(named >= 10, "{named}");
        for path in ["blog/forms.py", "blog/api.py"] {
            let text = site.read(path);
            assert!(text.contains("\"title\"") && text.contains("\"size\""), "{text}");
        }
        site.must(0, &["check"]);
    }
}

#[test]
fn a_migration_stays_when_the_models_need_it_no_more() {
    let source = Source::embedded();
    let mut answers = answers("standard", &Catalog::from_source(&source).unwrap());
    let models = "[apps.blog.models.Reading.fields]\nnote = { kind = \"text\" }\nvalue = { kind = \"integer\" }\n";
    answers.lay_over(AnswerLayer::parse(models, "the test").unwrap());
    let site = Site::from_answers(&answers, source);
    let migration = site.read("blog/migrations/0002_search.py");
    let searching = [("blog/views.py", "__icontains"), ("blog/api.py", "search_fields = [")];
    for (path, search) in searching {
        assert!(site.read(path).contains(search), "no `{search}` in {path}");
    }
    site.edit("blog/models.py", "    note = models.TextField()\n", "");
    site.django_says("[apps.blog.models.Reading.fields]\nvalue = { kind = \"integer\" }\n");
    for _ in 0..2 {
        site.must(0, &["sync", "--yes"]);
        for (path, search) in searching {
            assert!(!site.read(path).contains(search), "there is nothing to search: {path}");
        }
        assert_eq!(site.read("blog/migrations/0002_search.py"), migration);
    }
    // It goes with its component.
    site.must(0, &["remove", "database", "--yes"]);
    assert!(!site.root.join("blog/migrations/0002_search.py").exists());
}

#[test]
fn a_change_at_the_same_time_is_refused() {
    let site = Site::new("minimal");
    let (_writer, _) = djscaffold::apply::Writer::take(&site.root).unwrap();
    let ran = site.must(1, &["add", "health", "--yes"]);
    assert!(ran.err.contains("another djscaffold"), "{}", ran.err);
}

#[test]
fn undo_merges_what_was_changed_since() {
    let site = Site::new("minimal");
    let before = site.everything();
    site.apply(&Intent::Add {
        components: vec!["health".to_owned()],
        settings: Vec::new(),
    })
    .unwrap();
    site.edit("config/settings/base.py", "EMAIL_TIMEOUT = 3", "EMAIL_TIMEOUT = 60");
    site.must(0, &["undo", "--yes"]);
    let settings = site.read("config/settings/base.py");
    assert!(settings.contains("EMAIL_TIMEOUT = 60") && !settings.contains("HealthMiddleware"));
    site.edit("config/settings/base.py", "EMAIL_TIMEOUT = 60", "EMAIL_TIMEOUT = 3");
    assert!(site.everything() == before);
    site.must(0, &["redo", "--yes"]);
    assert!(site.root.join("config/health.py").exists());
}

#[test]
fn undo_steps_back_through_the_runs_and_redo_forward() {
    let site = Site::new("minimal");
    let runs: [&[&str]; 3] = [
        &["add", "health"],
        &["set", "project.title=The shop"],
        &["add", "api", "--set", "api.auth=token"],
    ];
    let mut states = vec![site.everything()];
    for run in runs {
        site.must(0, &[run, &["--yes", "--no-sync"]].concat());
        states.push(site.everything());
    }
    let listed = site.must(0, &["undo", "--list"]);
    let lines: Vec<&str> = listed.out.lines().collect();
    assert!(lines[0].contains("`djscaffold undo`") && lines[1].contains("add api --set api.auth=token ("));
    assert!(lines[3].ends_with("  add health (5 files)") && listed.err.contains("nothing to redo"));
    for state in states.iter().rev().skip(1) {
        site.must(0, &["undo", "--yes", "--no-sync"]);
        assert!(site.everything() == *state);
    }
    assert!(site.must(1, &["undo", "--yes"]).err.contains("nothing to undo"));
    let document: serde_json::Value =
        serde_json::from_str(&site.must(0, &["undo", "--list", "--format", "json"]).out).unwrap();
    assert_eq!(document["redo"][0]["command"], "add health");
    assert_eq!(document["undo"], serde_json::json!([]));
    for state in &states[1..] {
        site.must(0, &["redo", "--yes", "--no-sync"]);
        assert!(site.everything() == *state);
    }
    assert!(site.must(1, &["redo", "--yes"]).err.contains("nothing to redo"));
    // What is done anew leaves nothing to do again.
    site.must(0, &["undo", "--yes", "--no-sync"]);
    site.must(0, &["set", "project.title=Another", "--yes"]);
    assert!(site.must(1, &["redo", "--yes"]).err.contains("nothing to redo"));
    assert!(site.must(0, &["log"]).out.contains("  redo add health (5 files)"));
}

#[test]
fn the_last_ten_runs_are_kept() {
    let site = Site::new("minimal");
    for number in 0..12 {
        site.must(0, &["set", &format!("project.title=Title {number}"), "--yes"]);
    }
    for _ in 0..10 {
        site.must(0, &["undo", "--yes"]);
    }
    site.must(1, &["undo", "--yes"]);
    assert!(site.read("djscaffold.toml").contains("Title 1\""));
}

#[test]
fn what_comes_along_can_be_given_options() {
    let site = Site::new("minimal");
    site.must(
        0,
        &[
            "add",
            "celery",
            "--set",
            "cache.backend=memcached",
            "--yes",
            "--no-sync",
        ],
    );
    assert!(site.read("djscaffold.toml").contains("memcached"));
}

#[test]
fn errors_are_documents_for_machines_too() {
    let site = Site::new("minimal");
    let error = |arguments: &[&str]| {
        let ran = site.must(1, arguments);
        let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        document["error"].as_str().unwrap().to_owned()
    };
    assert!(error(&["add", "nonsense", "--yes", "--format", "json"]).contains("nonsense"));
    assert!(error(&["add", "health", "--format", "json"]).contains("terminal"));
    site.edit(
        "config/settings/base.py",
        "SITE_NAME = \"Mysite\"",
        "SITE_NAME = \"Mine\"",
    );
    site.must(3, &["set", "project.title=Theirs", "--yes", "--format", "json"]);
    let ran = site.must(4, &["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["files"][0]["action"], "conflict");
}

#[test]
fn no_diff_shows_a_secret() {
    let site = Site::new("minimal");
    site.write(".env", "SECRET_KEY=hushhush\n");
    let ran = site.must(0, &["add", "api", "--dry-run", "--diff"]);
    assert!(ran.out.contains(".env: values of this machine"), "{}", ran.out);
    let written = site.must(0, &["add", "api", "--yes", "--diff"]);
    let back = site.must(0, &["undo", "--dry-run", "--diff"]);
    for said in [&ran.out, &written.err, &back.out] {
        assert!(
            !said.contains("hushhush") && !said.contains("JWT_SIGNING_KEY=ss"),
            "{said}"
        );
    }
}

#[test]
fn paths_are_read_from_where_the_user_is() {
    let site = Site::new("standard");
    assert_eq!(site.run_in("accounts/tests", &["why", "test_accounts.py"]).code, 0);
    assert_eq!(site.run_in("accounts", &["diff", "views.py"]).code, 0);
    assert_eq!(site.run_in("accounts", &["eject", "README.md", "--yes"]).code, 1);
    // The folder that is there, not the component that is called so.
    let profile = "accounts/templates/accounts/profile.html";
    site.edit("accounts/views.py", "def ", "# mine\ndef ")
        .edit(profile, "<h1>", "<h1>mine ");
    assert_eq!(
        site.run_in("accounts/templates", &["regen", "accounts", "--discard-edits", "--yes"])
            .code,
        0
    );
    assert!(site.read("accounts/views.py").contains("# mine") && !site.read(profile).contains("mine"));
    assert_eq!(site.run_in("accounts", &["eject", "../README.md", "--yes"]).code, 0);
    assert!(site.read("djscaffold.toml").contains("ejected = [\"README.md\"]"));
}

#[cfg(unix)]
#[test]
fn nothing_that_lies_in_a_checkout_leads_out_of_it() {
    let record = r#"{"format":2,"kind":"run","command":"x","moment":0,"files":[{"path":"../outside","before":null,"after":{"bits":420,"digest":0}}]}"#;
    for folder in ["pending", "undo/1"] {
        let site = Site::new("minimal");
        let state = format!(".djscaffold/{folder}");
        site.write(&format!("{state}/record.json"), record);
        for name in ["0.move", "0.after"] {
            site.write(&format!("{state}/{name}"), "x");
        }
        site.must(1, &["undo", "--yes"]);
        assert!(!site.root.join("../outside").exists(), "{folder}");
    }
    for name in ["fresh", "log", "lock"] {
        let site = Site::new("minimal");
        let victim = site.root.parent().unwrap().join("victim");
        fs_err::write(&victim, "mine\n").unwrap();
        std::os::unix::fs::symlink(&victim, site.root.join(".djscaffold").join(name)).unwrap();
        site.run(&["status"]);
        site.run(&["add", "health", "--yes"]);
        assert_eq!(fs_err::read_to_string(&victim).unwrap(), "mine\n", "{name}");
    }
    let site = Site::new("minimal");
    site.write(".djscaffold/journal", "../outside\n")
        .write(".djscaffold/staging/x", "x");
    fs_err::write(site.root.join(".djscaffold/outside"), "x").unwrap();
    site.run(&["status"]);
    assert!(!site.root.join("../outside").exists());
}
