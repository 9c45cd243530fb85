//! Projects that an older djscaffold wrote are brought up to date. `older/*.base` are renders of the preset `minimal` as
//! earlier templates wrote it; other steps between versions are made here by altering a template.

use std::path::Path;

use djscaffold::catalog::{Catalog, Source};
use djscaffold::living::Intent;
use djscaffold::merge::Action;
use djscaffold::tree::{Ownership, parse_base};

use crate::site::{Site, answers, generated};

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
    found.sort();
    assert!(found.len() >= 2);
    found
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
fn an_untouched_older_project_becomes_what_new_writes() {
    let catalog = Catalog::load(None).unwrap();
    let wanted = generated(&answers("minimal", &catalog), &Source::embedded());
    for (version, base) in older() {
        let site = Site::from_base(&base);
        assert!(
            site.run(&["add", "health", "--yes"]).err.contains("djscaffold update"),
            "{version}"
        );
        let status = site.must(0, &["status"]).out;
        assert!(
            status.contains("with newer templates") && status.contains("update "),
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
            if path != ".djscaffold/base" && !once(&path) {
                assert!(wanted.get(&path) == Some(&content), "{version}: {path}");
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
        site.must(0, &["undo", "--yes"]);
    }
}

#[test]
fn an_edited_file_goes_along_to_its_new_name() {
    let manifest = template("base/component.toml").replace(
        "[conditions]\n",
        "[renamed]\n\"core/views.py\" = \"core/pages.py\"\n\n[conditions]\n\"core/views.py\" = '(eq django \"0\")'\n",
    );
    let views = template("base/files/core/views.py");
    let newer = format!("\"\"\"Pages.\"\"\"\n\n{views}");
    let mut site = Site::new("minimal");
    site.source = altered(&[("base/component.toml", &manifest), ("base/files/core/pages.py", &newer)]);
    site.edit("core/views.py", "def ", "# mine\ndef ");
    let plan = site.apply(&Intent::Update).unwrap();
    assert!(!site.root.join("core/views.py").exists());
    let moved = site.read("core/pages.py");
    assert!(
        moved.contains("# mine\ndef ") && moved.starts_with("\"\"\"Pages.\"\"\""),
        "{moved}"
    );
    assert!(
        plan.changes
            .iter()
            .any(|change| change.renamed_from.as_deref() == Some("core/views.py"))
    );
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}

#[test]
fn a_file_that_newer_templates_lack_goes_unless_it_was_edited() {
    let older = altered(&[
        ("base/files/core/old.py", "OLD = True\n"),
        ("base/files/core/older.py", "OLDER = True\n"),
    ]);
    let catalog = Catalog::from_source(&older).unwrap();
    let mut site = Site::from_answers(&answers("minimal", &catalog), older);
    site.source = Source::embedded();
    site.edit("core/older.py", "True", "\"mine\"");
    let plan = site.apply(&Intent::Update).unwrap();
    let action = |path: &str| plan.changes.iter().find(|change| change.path == path).unwrap().action;
    assert_eq!(action("core/old.py"), Action::Delete);
    assert_eq!(action("core/older.py"), Action::Conflict);
    assert!(!site.root.join("core/old.py").exists());
    assert_eq!(site.read("core/older.py"), "OLDER = \"mine\"\n");
    assert!(site.look(&Intent::Sync).unwrap().is_calm());
}

#[test]
fn what_is_changed_on_both_sides_is_merged_across_versions() {
    let older = template("base/files/core/client_ip.py")
        .replace("\"\"\"", "'''")
        .replace("def ", "# once\ndef ");
    let source = altered(&[("base/files/core/client_ip.py", &older)]);
    let catalog = Catalog::from_source(&source).unwrap();
    let mut site = Site::from_answers(&answers("minimal", &catalog), source);
    site.source = Source::embedded();
    let text = site.read("core/client_ip.py");
    site.write("core/client_ip.py", format!("{text}\n\nMINE = 1\n"));
    site.apply(&Intent::Update).unwrap();
    let merged = site.read("core/client_ip.py");
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
