//! What people get wrong, what they are told, and whether the way out that they are shown is one.

use std::process::Command;

use crate::site::Site;
use crate::support::{files, program};

/// A command line in the directory of a project, its exit code, and what it must say.
type Mistake<'a> = (&'a [&'a str], i32, &'a str);

const MISTAKES: [Mistake; 21] = [
    (&["init", "shop"], 2, "did you mean `djscaffold new`?"),
    (&["create"], 2, "did you mean `djscaffold new`?"),
    (&["startproject", "shop"], 2, "did you mean `djscaffold new`?"),
    (&["upgrade"], 2, "did you mean `djscaffold update`?"),
    (&["statsu"], 2, "'status'"),
    (&["add", "postgres"], 1, "did you mean `database`?"),
    (&["add", "postgresq"], 1, "did you mean `database`?"),
    (&["add", "drf"], 1, "did you mean `api`?"),
    (&["add", "Celry"], 1, "did you mean `celery`?"),
    (&["add", "redis"], 1, "cache, celery"),
    (
        &["add", "health", "--set", "api.auth=jwt"],
        1,
        "djscaffold add api --set api.auth=jwt",
    ),
    (&["add", "api", "--set", "api.auht=jwt"], 1, "did you mean `auth`?"),
    (&["add", "api", "--set", "api.auth=jtw"], 1, "did you mean `jwt`?"),
    (&["add", "api", "--set", "api.auth="], 1, "is empty; choose from"),
    (
        &["set", "cache.backend=memcached"],
        1,
        "djscaffold add cache --set cache.backend=memcached",
    ),
    (&["set", "app.views"], 2, "`djscaffold list`"),
    (&["add", "api", "--set", "auth=jwt"], 2, "must look like"),
    (&["set", "app.views=fvb"], 1, "did you mean `fbv`?"),
    (&["new", "shop", "--preset", "ful"], 1, "did you mean `full`?"),
    (&["regen", "blog/view.py"], 1, "djscaffold status"),
    (&["-C", "nowhere", "status"], 1, "nowhere"),
];

#[test]
fn mistakes_change_nothing_and_name_what_was_meant() {
    let site = Site::new("minimal");
    let before = site.everything();
    for (command, code, told) in MISTAKES {
        let ran = site.must(
            code,
            &[command, &["--yes"][..usize::from(code == 1 && command[0] != "-C")]].concat(),
        );
        assert!(ran.err.contains(told), "{command:?}: {}", ran.err);
        assert!(site.everything() == before, "{command:?}");
    }
}

/// The commands that a message shows between backticks, as far as they are meant to be pasted as they are.
fn shown(message: &str) -> Vec<Vec<String>> {
    let quoted = message.split('`').skip(1).step_by(2);
    let commands = quoted.filter_map(|text| text.strip_prefix("djscaffold "));
    commands.filter_map(shlex::split).collect()
}

#[test]
fn every_command_of_a_hint_works_when_pasted() {
    let mut tried = 0;
    for (command, code, _) in MISTAKES {
        let told = Site::new("minimal").must(
            code,
            &[command, &["--yes"][..usize::from(code == 1 && command[0] != "-C")]].concat(),
        );
        for mut words in shown(&told.err) {
            if words == ["new"] {
                words.push("another".to_owned()); // what is meant, and still needs a name
            }
            match words[0].as_str() {
                "new" => words.extend(["--yes", "--no-git", "--no-sync"].map(str::to_owned)),
                "list" | "status" | "log" => {}
                _ => words.extend(["--yes", "--no-sync"].map(str::to_owned)),
            }
            let site = Site::new("minimal");
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            site.must(0, &words);
            tried += 1;
        }
    }
    assert!(tried >= 10, "only {tried} commands");
}

#[test]
fn outside_of_a_project_it_says_how_to_create_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program())
        .arg("status")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("no djscaffold project found in") && told.contains("any parent directory"),
        "{told}"
    );
    let mut create = shown(&told).remove(0);
    create.extend(["--yes", "--no-git", "--no-sync"].map(str::to_owned));
    let output = Command::new(program())
        .args(create)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!files(folder.path()).is_empty());
}

#[test]
fn what_comes_along_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(program())
            .args(["new", "shop", "--yes", "--no-git", "--no-sync", "--dry-run"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let told = run(&["--with", "celery"]);
    assert!(told.contains("with cache, redis, required"), "{told}");
    let told = run(&["--set", "api.auth=session"]);
    assert!(told.contains("with api, required"), "{told}");
    assert!(!run(&["--preset", "full"]).contains("required by what you chose"));
}

#[test]
fn color_and_directory_are_as_they_are_said() {
    let site = Site::new("minimal");
    site.remove("accounts/views.py");
    for (color, has_escapes) in [("always", true), ("never", false), ("auto", false)] {
        let ran = site.must(1, &["add", "nothing", "--color", color]);
        assert_eq!(ran.err.contains('\u{1b}'), has_escapes, "{color}: {ran:?}");
    }
    let parent = site.root.parent().unwrap();
    let name = site.root.file_name().unwrap();
    let output = Command::new(program())
        .arg("-C")
        .arg(name)
        .args(["regen", "--yes", "--no-sync"])
        .current_dir(parent)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(site.root.join("accounts/views.py").exists());
}

#[test]
fn list_marks_what_the_project_has() {
    let site = Site::new("standard");
    let told = site.must(0, &["list"]).out;
    assert!(
        told.contains("presets:\n    minimal: ") && told.contains("    full: "),
        "{told}"
    );
    let line = |name: &str| {
        told.lines()
            .find(|line| line.starts_with(&format!("{name}: ")))
            .unwrap()
            .to_owned()
    };
    assert!(line("api").ends_with("(in this project)") && !line("celery").contains("in this project"));
    assert!(told.contains("here jwt"), "{told}");
    let listed: serde_json::Value = serde_json::from_str(&site.must(0, &["list", "--format", "json"]).out).unwrap();
    assert_eq!(listed["presets"][0]["name"], "minimal");
    let components = listed["components"].as_array().unwrap();
    let find = |name: &str| components.iter().find(|component| component["name"] == name).unwrap();
    assert_eq!(
        (&find("api")["chosen"], &find("celery")["chosen"]),
        (&true.into(), &false.into())
    );
}

#[test]
fn completions_know_the_catalog_and_man_pages_every_command() {
    let site = Site::new("minimal");
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = site.must(0, &["completions", shell]).out;
        for name in ["standard", "celery", "api.auth=jwt", "5.2"] {
            assert!(
                script.contains(name) || shell == "powershell",
                "{shell} does not know {name}"
            );
        }
        assert!(script.contains("regen"), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    site.must(0, &["man", pages.to_str().unwrap()]);
    let pages = files(&pages);
    for page in ["djscaffold.1", "djscaffold-new.1", "djscaffold-undo.1"] {
        assert!(pages.contains_key(page), "{:?}", pages.keys());
    }
}
