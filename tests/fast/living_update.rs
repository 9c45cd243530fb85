//! Projects that an older djscaffold wrote are brought up to date. `older/*.base` are renders of the preset `standard` as
//! earlier templates wrote it; other steps between versions are made here by altering templates.

use std::path::Path;

use djscaffold::catalog::{Catalog, Source};
use djscaffold::living::Intent;
use djscaffold::merge::Action;
use djscaffold::render::BASE;
use djscaffold::spec::Spec;
use djscaffold::tree::{Ownership, parse_base};

use crate::site::{Site, answers, generated, models};
use crate::support::rendered_as;

const PRESET: &str = "standard";
/// Templates that differ from today's in all ways that there are, as if they were of an older version.
const ALTERED: &str = "altered";

/// The bases of projects of older versions, with the version's name.
fn older() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fast/older");
    let mut found: Vec<(String, String)> = fs_err::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_stem().unwrap().to_string_lossy().into_owned(),
                fs_err::read_to_string(path).unwrap(),
            )
        })
        .collect();
    found.push((ALTERED.to_owned(), altered_base()));
    found.sort();
    assert!(found.len() >= 2);
    found
}

/// A base of templates with other lines, lines more and less, a file more and a file less.
fn altered_base() -> String {
    let change = |path: &str, from: &str, to: &str| {
        let text = template(path);
        assert!(text.contains(from), "no `{from}` in {path}:\n{text}");
        (path.to_owned(), text.replace(from, to))
    };
    let files = [
        change(
            "base/component.toml",
            "[conditions]\n",
            "[conditions]\n\"config/wsgi.py\" = '(eq django \"0\")'\n",
        ),
        change(
            "base/files/config/settings/base.py.hbs",
            "{{else}}3  # seconds, as users",
            "{{else}}20  # seconds, as users",
        ),
        change(
            "base/files/config/context_processors.py.hbs",
            "def ",
            "CONTEXT = {}\n\n\ndef ",
        ),
        change(
            "accounts/files/accounts/adapters.py.hbs",
            "def client_ip(",
            "def client_address(",
        ),
        change(
            "app/files/__app__/forms.py.hbs",
            "from django import forms\n",
            "import json\n\nfrom django import forms\n\nJSON = json\n",
        ),
        change("api/files/config/api.py.hbs", "\nclass ", "\n# Once.\nclass "),
        change("api/slots/settings.installed_apps.hbs", "\"rest_framework\",\n", ""),
        ("base/files/config/old.py".to_owned(), "OLD = True\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let catalog = Catalog::from_source(&altered(&files)).unwrap();
    let spec = Spec::from_answers(&answers(PRESET, &catalog), &catalog).unwrap();
    let tree = rendered_as(&catalog, &spec, "0.0.2").tree;
    String::from_utf8(tree.get(BASE).unwrap().content.clone()).unwrap()
}

/// The templates with files of a folder laid over them.
fn altered(files: &[(&str, &str)]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
    let mut source = Source::embedded();
    source.overlay(folder.path()).unwrap();
    source
}

fn template(path: &str) -> String {
    String::from_utf8(Source::embedded().get(path).unwrap().to_vec()).unwrap()
}

#[test]
fn a_file_as_it_was_rendered_holds_no_conflict() {
    let source = altered(&[("base/files/how-to-merge.txt", "<<<<<<< yours\n")]);
    let answers = answers(PRESET, &Catalog::from_source(&source).unwrap());
    let site = Site::from_answers(&answers, source);
    site.look(&Intent::Sync).unwrap();
    site.write("how-to-merge.txt", "<<<<<<< yours\nmine\n");
    let error = site.look(&Intent::Sync).unwrap_err().to_string();
    assert!(error.contains("unresolved conflicts in `how-to-merge.txt`"), "{error}");
}

#[test]
fn an_untouched_older_project_becomes_what_new_writes() {
    let catalog = Catalog::load(None).unwrap();
    let wanted = generated(&answers(PRESET, &catalog), &Source::embedded());
    for (version, base) in older() {
        let site = Site::from_base(&base);
        site.django_says(&models("", ""));
        assert!(
            site.run(&["add", "gunicorn", "--yes"])
                .err
                .contains("djscaffold update"),
            "{version}"
        );
        let status = site.must(0, &["status"]).out;
        assert!(
            status.contains("`djscaffold update` would change") && status.contains("update "),
            "{version}: {status}"
        );
        assert!(
            version != ALTERED || status.contains("with newer templates"),
            "{version}: {status}"
        );
        site.must(4, &["check"]);
        site.must(0, &["update", "--yes"]);
        let once = |path: &str| {
            parse_base(&base)
                .unwrap()
                .get(path)
                .is_some_and(|entry| entry.ownership == Ownership::Once)
        };
        for (path, content) in site.files() {
            if !path.starts_with(".djscaffold/") && !once(&path) {
                let content = String::from_utf8_lossy(&content);
                let wanted = wanted.get(&path).map(|wanted| String::from_utf8_lossy(wanted));
                assert_eq!(Some(content), wanted, "{version}: {path}");
            }
        }
        assert!(wanted.keys().all(|path| site.root.join(path).exists()), "{version}");
        site.must(0, &["check"]);
    }
}

#[test]
fn edits_of_an_older_project_stay() {
    for (version, base) in older() {
        let site = Site::from_base(&base);
        site.django_says(&models("", ""));
        let mut marks = Vec::new();
        for (index, (path, entry)) in parse_base(&base).unwrap().iter().enumerate() {
            let is_code = path.ends_with(".py") && !entry.content.is_empty();
            if !is_code || entry.ownership == Ownership::Once {
                continue;
            }
            // A line of the user's own at a place that differs from file to file.
            let text = site.read(path);
            let starts: Vec<usize> = text.match_indices("\n\n\n").map(|(at, _)| at + 3).collect();
            let at = starts.get(index % starts.len().max(1)).copied().unwrap_or(text.len());
            let mark = format!("MARK_{index} = {index}\n\n\n");
            site.write(path, format!("{}{mark}{}", &text[..at], &text[at..]));
            marks.push((path.to_owned(), format!("MARK_{index} = {index}")));
        }
        assert!(marks.len() > 30);
        let ran = site.run(&["update", "--yes"]);
        assert!([0, 3].contains(&ran.code), "{version}: {}", ran.err);
        for (path, mark) in marks {
            let is_there = site.root.join(&path).exists() && site.read(&path).contains(&mark);
            assert!(is_there, "{version}: {path} lost its line");
        }
        let ran = site.run(&["undo", "--yes"]);
        assert!([0, 3].contains(&ran.code), "{version}: {}", ran.err);
    }
}

/// A source in which a file has another name and begins otherwise, with the names before and after.
fn renaming() -> (Source, &'static str, &'static str) {
    let (old, new) = ("config/context_processors.py", "config/context.py");
    let manifest = template("base/component.toml").replace(
        "[conditions]\n",
        &format!("[renamed]\n\"{old}\" = \"{new}\"\n\n[conditions]\n\"{old}\" = '(eq django \"0\")'\n"),
    );
    let newer = format!("\"\"\"Pages.\"\"\"\n\n{}", template(&format!("base/files/{old}.hbs")));
    let source = altered(&[
        ("base/component.toml", &manifest),
        (&format!("base/files/{new}.hbs"), &newer),
    ]);
    (source, old, new)
}

#[test]
fn regen_of_one_name_takes_the_edits_along_to_the_other() {
    for by_old_name in [true, false] {
        let (source, old, new) = renaming();
        let mut site = Site::new("minimal");
        site.source = source;
        site.edit(old, "def ", "# mine\ndef ");
        let target = if by_old_name { old } else { new };
        site.apply(&Intent::Regenerate {
            targets: vec![target.to_owned()],
            discard: false,
        })
        .unwrap();
        assert!(site.read(new).contains("# mine\ndef "), "{target}");
        assert!(!site.root.join(old).exists(), "{target}");
        site.apply(&Intent::Update).unwrap();
        assert!(site.read(new).contains("# mine\ndef "), "{target}");
        assert!(site.look(&Intent::Sync).unwrap().is_calm());
    }
}

#[test]
fn an_ejected_file_stays_where_it_is() {
    let (source, old, new) = renaming();
    let mut site = Site::new("minimal");
    site.edit(old, "def ", "# mine\ndef ");
    site.apply(&Intent::Eject {
        paths: vec![old.to_owned()],
    })
    .unwrap();
    site.source = source;
    site.apply(&Intent::Update).unwrap();
    assert!(site.read(old).contains("# mine\ndef "));
    assert!(!site.root.join(new).exists());
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}

#[test]
fn an_edited_file_goes_along_to_its_new_name() {
    let (source, old, new) = renaming();
    let mut site = Site::new("minimal");
    site.source = source;
    site.edit(old, "def ", "# mine\ndef ");
    let plan = site.apply(&Intent::Update).unwrap();
    assert!(!site.root.join(old).exists());
    let moved = site.read(new);
    assert!(
        moved.contains("# mine\ndef ") && moved.starts_with("\"\"\"Pages.\"\"\""),
        "{moved}"
    );
    assert!(
        plan.changes
            .iter()
            .any(|change| change.renamed_from.as_deref() == Some(old))
    );
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}

#[test]
fn a_file_that_newer_templates_lack_goes_unless_it_was_edited() {
    let older = altered(&[
        ("base/files/config/old.py", "OLD = True\n"),
        ("base/files/config/older.py", "OLDER = True\n"),
    ]);
    let catalog = Catalog::from_source(&older).unwrap();
    let mut site = Site::from_answers(&answers("minimal", &catalog), older);
    site.source = Source::embedded();
    site.edit("config/older.py", "True", "\"mine\"");
    let plan = site.apply(&Intent::Update).unwrap();
    let action = |path: &str| plan.changes.iter().find(|change| change.path == path).unwrap().action;
    assert_eq!(action("config/old.py"), Action::Delete);
    assert_eq!(action("config/older.py"), Action::Conflict);
    assert!(!site.root.join("config/old.py").exists());
    assert_eq!(site.read("config/older.py"), "OLDER = \"mine\"\n");
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}

#[test]
fn what_is_changed_on_both_sides_is_merged_across_versions() {
    let older = template("accounts/files/accounts/adapters.py.hbs")
        .replace("\"\"\"", "'''")
        .replace("\ndef ", "\n# once\ndef ");
    let source = altered(&[("accounts/files/accounts/adapters.py.hbs", &older)]);
    let catalog = Catalog::from_source(&source).unwrap();
    let mut site = Site::from_answers(&answers("minimal", &catalog), source);
    site.source = Source::embedded();
    let text = site.read("accounts/adapters.py");
    assert!(text.contains("# once"), "{text}");
    site.write("accounts/adapters.py", format!("{text}\n\nMINE = 1\n"));
    site.apply(&Intent::Update).unwrap();
    let merged = site.read("accounts/adapters.py");
    assert!(merged.ends_with("MINE = 1\n") && !merged.contains("# once"), "{merged}");
}

#[test]
fn a_newer_project_is_refused() {
    let site = Site::new("minimal");
    site.edit(
        "djscaffold.toml",
        &format!("version = \"{}\"", djscaffold::VERSION),
        "version = \"99.0.0\"",
    );
    let ran = site.must(1, &["sync", "--yes"]);
    assert!(ran.err.contains("99.0.0") && ran.err.contains("newer"), "{}", ran.err);
    site.edit("djscaffold.toml", "format = 1", "format = 2");
    let ran = site.must(1, &["sync", "--yes"]);
    assert!(ran.err.contains("format 2") && ran.err.contains("newer"), "{}", ran.err);
}
