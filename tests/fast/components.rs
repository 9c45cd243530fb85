//! Folders of components: what of them is refused, and a team's own that a project is written with.

use std::path::{Path, PathBuf};

use djscaffold::catalog::{Catalog, Source};
use djscaffold::error::Result;
use djscaffold::spec::{Answers, Spec};
use djscaffold::tree::Tree;

use crate::site::{Site, answers};
use crate::support::{catalog, files, program, rendered};

/// A folder of templates with these files.
fn overlay(folder: &Path, files: &[(&str, &str)]) -> PathBuf {
    let root = folder.join("pack");
    for (path, text) in files {
        let path = root.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    root
}

fn loaded(files: &[(&str, &str)]) -> Result<Catalog> {
    let folder = tempfile::tempdir().unwrap();
    Catalog::from_source(&Source::with_overlay(Some(&overlay(folder.path(), files)))?)
}

#[test]
fn a_slip_in_a_component_is_refused_by_its_file() {
    let manifest = "extra/component.toml";
    let cases: &[(&str, &[(&str, &str)])] = &[
        (
            "`nothing`",
            &[(manifest, "summary = \"x\"\nrequires = [\"nothing\"]\n")],
        ),
        (
            "`nothing`",
            &[(manifest, "summary = \"x\"\nconflicts = [\"nothing\"]\n")],
        ),
        (
            "the default of `a`",
            &[(
                manifest,
                "summary = \"x\"\n[options.a]\ntype = \"choice\"\nchoices = [\"b\"]\nhelp = \"x\"\ndefault = \"c\"\n",
            )],
        ),
        (
            "`private` names `vault.evn`",
            &[(manifest, "summary = \"x\"\nprivate = [\"vault.evn\"]\n")],
        ),
        (
            "`conditions` names `x.py`",
            &[(manifest, "summary = \"x\"\n[conditions]\n\"x.py\" = '(eq 1 1)'\n")],
        ),
        (
            "no template has the slot `settings.bse`",
            &[
                (manifest, "summary = \"x\"\n"),
                ("extra/slots/settings.bse.hbs", "A = 1\n"),
            ],
        ),
        (
            "orders the slot `settings.base`",
            &[(
                manifest,
                "summary = \"x\"\n[slots.\"settings.base\"]\nafter = \"api\"\n",
            )],
        ),
        (
            "`components.api.auht`",
            &[
                (manifest, "summary = \"x\"\n"),
                ("extra/files/x.txt.hbs", "{{#if components.api.auht}}x{{/if}}\n"),
            ],
        ),
        (
            "`components.nothing`",
            &[
                (manifest, "summary = \"x\"\n"),
                ("extra/files/x.txt.hbs", "{{#if components.nothing.chosen}}x{{/if}}\n"),
            ],
        ),
        (
            "there is no component `nothing`",
            &[
                (manifest, "summary = \"x\"\n"),
                (
                    "extra/files/x.txt.hbs",
                    "{{#if (contains components \"nothing\")}}x{{/if}}\n",
                ),
            ],
        ),
        (
            "`components.api.auth` can't be `jtw`",
            &[
                (manifest, "summary = \"x\"\n"),
                (
                    "extra/files/x.txt.hbs",
                    "{{#if (contains components.api.auth \"jtw\")}}x{{/if}}\n",
                ),
            ],
        ),
        (
            "`components.app.views` can't be `function`",
            &[
                (
                    manifest,
                    "summary = \"x\"\n[conditions]\n\"x.txt\" = '(eq components.app.views \"function\")'\n",
                ),
                ("extra/files/x.txt", ""),
            ],
        ),
    ];
    loaded(&[(manifest, "summary = \"x\"\n")]).unwrap();
    for (expected, files) in cases {
        let error = loaded(files).unwrap_err().to_string();
        assert!(
            error.contains(expected) && error.contains("extra/"),
            "{expected}: {error}"
        );
    }
}

#[test]
fn the_example_that_contributors_are_given_is_a_component() {
    let text = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/CONTRIBUTING.md")).unwrap();
    let example = text.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let lines: Vec<&str> = example.lines().map(str::trim_start).collect();
    let manifest = lines.join("\n");
    let files = [
        ("queue/component.toml", manifest.as_str()),
        ("queue/files/config/queue.py", "KEY = \"site\"\n"),
        (
            "queue/slots/settings.base.hbs",
            "QUEUE = os.environ.get(\"QUEUE_URL\")\n",
        ),
    ];
    let catalog = loaded(&files).unwrap();
    for (backend, has_file) in [("redis", true), ("memory", false)] {
        let mut answers: Answers = answers("minimal", &catalog);
        answers.set("queue", "backend", toml::Value::String(backend.to_owned()));
        let tree = rendered(&catalog, &Spec::from_answers(&answers, &catalog).unwrap()).tree;
        assert_eq!(tree.get("config/queue.py").is_some(), has_file);
        let manifest = String::from_utf8_lossy(&tree.get("pyproject.toml").unwrap().content).into_owned();
        assert_eq!(manifest.contains("redis>=8,<9"), has_file);
        let example = String::from_utf8_lossy(&tree.get(".env.example").unwrap().content).into_owned();
        assert!(example.contains("QUEUE_URL"), "{example}");
    }
}

/// A project of a team with templates of its own, beside it.
fn team() -> (Site, PathBuf) {
    let site = Site::new("minimal");
    let pack = overlay(
        site.root.parent().unwrap(),
        &[
            ("motto/component.toml", "summary = \"Our motto\"\n"),
            ("motto/files/MOTTO.txt", "One\n"),
        ],
    );
    let said = pack.to_string_lossy().into_owned();
    let refused = site.must(1, &["add", "motto", "--yes", "--templates", &said]);
    assert!(refused.err.contains("djscaffold update --templates"), "{}", refused.err);
    site.must(0, &["update", "--yes", "--templates", &said]);
    site.must(0, &["add", "motto", "--yes", "--no-sync"]);
    (site, pack)
}

#[test]
fn a_teams_templates_are_remembered() {
    let (site, pack) = team();
    assert!(
        site.read("djscaffold.toml")
            .contains("[templates]\npath = \"../pack\"\ndigest = \"")
    );
    site.must(0, &["check"]);
    site.must(0, &["set", "project.title=Other", "--yes"]);
    assert_eq!(site.read("MOTTO.txt"), "One\n");
    assert!(site.must(0, &["why", "MOTTO.txt"]).out.contains("component motto"));
    // The team changes them: everybody is told, and one command takes them.
    fs_err::write(pack.join("motto/files/MOTTO.txt"), "Two\n").unwrap();
    let drift = site.must(4, &["check"]);
    assert!(drift.err.contains("djscaffold update"), "{}", drift.err);
    assert!(
        site.must(0, &["status"])
            .out
            .contains("`djscaffold update` would change")
    );
    let refused = site.must(1, &["set", "project.title=Third", "--yes"]);
    assert!(
        refused.err.contains("`../pack`") && refused.err.contains("`djscaffold update`"),
        "{}",
        refused.err
    );
    site.must(0, &["update", "--yes"]);
    assert_eq!(site.read("MOTTO.txt"), "Two\n");
    site.must(0, &["check"]);
    site.must(0, &["undo", "--yes"]);
    assert_eq!(site.read("MOTTO.txt"), "One\n");
    site.must(4, &["check"]);
}

#[test]
fn templates_that_are_not_there_are_missed() {
    let (site, pack) = team();
    let elsewhere = pack.with_file_name("elsewhere");
    fs_err::rename(&pack, &elsewhere).unwrap();
    let ran = site.must(1, &["status"]);
    assert!(
        ran.err.contains("`../pack`") && ran.err.contains("--templates DIR"),
        "{}",
        ran.err
    );
    site.must(0, &["log"]);
    site.must(0, &["check", "--templates", &elsewhere.to_string_lossy()]);
}

#[test]
fn a_new_project_remembers_its_templates() {
    let folder = tempfile::tempdir().unwrap();
    let pack = overlay(
        folder.path(),
        &[
            ("motto/component.toml", "summary = \"x\"\n"),
            ("motto/files/MOTTO.txt", "One\n"),
        ],
    );
    let ran = std::process::Command::new(program())
        .args([
            "new",
            "shop",
            "--with",
            "motto",
            "--yes",
            "--no-git",
            "--no-sync",
            "--templates",
        ])
        .arg(&pack)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let check = std::process::Command::new(program())
        .arg("check")
        .current_dir(folder.path().join("shop"))
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stderr));
}

#[test]
fn what_is_there_for_others_comes_and_goes_with_them() {
    let site = Site::new("standard");
    let components = |site: &Site| site.read("djscaffold.toml").contains("[components.redis]");
    let refused = site.must(1, &["add", "redis", "--yes", "--no-sync"]);
    assert!(
        refused.err.contains("components that can need it: cache"),
        "{}",
        refused.err
    );
    site.must(0, &["add", "cache", "--yes", "--no-sync"]);
    assert!(components(&site));
    site.must(1, &["remove", "redis", "--yes", "--no-sync"]);
    site.must(0, &["set", "cache.backend=memcached", "--yes", "--no-sync"]);
    assert!(!components(&site));
    site.must(0, &["set", "cache.backend=redis", "--yes", "--no-sync"]);
    assert!(components(&site));
    site.must(0, &["remove", "cache", "--yes", "--no-sync"]);
    assert!(!components(&site));
}

#[test]
fn an_option_may_be_lists_by_name() {
    let site = Site::new("standard");
    let wrong = site.must(
        1,
        &["add", "roles", "--set", "roles.roles=editor", "--yes", "--no-sync"],
    );
    assert!(wrong.err.contains("a table of lists of strings"), "{}", wrong.err);
    let lists = "roles.roles={ editor = [\"blog.change_post\"], \"head of tags\" = [] }";
    site.must(0, &["add", "roles", "--yes", "--no-sync"]);
    site.must(0, &["set", lists, "--yes", "--no-sync"]);
    assert!(site.read("accounts/roles.py").contains("\"head of tags\": []"));
    site.must(0, &["check"]);
}

#[test]
fn what_cannot_be_together_names_the_other() {
    let site = Site::new("standard");
    site.must(0, &["add", "tasks", "--yes", "--no-sync"]);
    let refused = site.must(1, &["add", "celery", "--yes", "--no-sync"]);
    assert!(
        refused.err.contains("`celery` and `tasks` can't be combined"),
        "{}",
        refused.err
    );
    site.must(0, &["add", "nginx", "--yes", "--no-sync"]);
    let refused = site.must(1, &["add", "aws", "--yes", "--no-sync"]);
    assert!(
        refused
            .err
            .contains("choose another value with `--set nginx.tls=upstream`, or"),
        "{}",
        refused.err
    );
}

#[test]
fn templates_render_alike_from_a_directory_and_built_in() {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")) {
        let mut text = String::from_utf8(content).unwrap();
        // With a comment, it is another text than the one that was parsed when the program was built.
        if path.ends_with(".hbs") {
            let has_brackets = path.ends_with(".html.hbs") || path.contains("dot-github");
            text.push_str(if has_brackets {
                "\n[[! read ]]\n"
            } else {
                "\n{{! read }}\n"
            });
        }
        let place = folder.path().join(path);
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        fs_err::write(place, text).unwrap();
    }
    let (built_in, read) = (catalog(), Catalog::load(Some(folder.path())).unwrap());
    for preset in built_in.preset_names() {
        let mut answers = Answers::from_preset(preset, &built_in).unwrap();
        answers.set_project("name", "myproj");
        let spec = Spec::from_answers(&answers, &built_in).unwrap();
        let from_program = rendered(&built_in, &spec).tree;
        let from_folder = rendered(&read, &spec).tree;
        let paths = |tree: &Tree| tree.iter().map(|(path, _)| path.to_owned()).collect::<Vec<_>>();
        assert_eq!(paths(&from_program), paths(&from_folder), "{preset}");
        for (path, entry) in from_program.iter() {
            let read = from_folder.get(path).unwrap();
            let text = |content: &[u8]| String::from_utf8_lossy(content).into_owned();
            assert_eq!(text(&entry.content), text(&read.content), "{preset}: {path}");
        }
    }
}
