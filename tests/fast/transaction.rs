//! Writing as one transaction.

use std::path::Path;

use djscaffold::apply::{Ground, complete, survey, write_project};
use djscaffold::merge::Plan;
use djscaffold::tree::{Entry, Mode, Tree};

use crate::support::files;

fn tree() -> Tree {
    let mut tree = Tree::default();
    for path in [
        ".djscaffold/base",
        "README.md",
        "config/settings/base.py",
        "config/urls.py",
        "manage.py",
    ] {
        tree.insert(path, Entry::text(format!("generated {path}\n")));
    }
    tree.insert(
        "manage.py",
        Entry {
            mode: Mode::Executable,
            ..Entry::text("generated manage.py\n")
        },
    );
    tree.insert(
        ".env",
        Entry {
            mode: Mode::Private,
            ..Entry::text("SECRET=hush\n")
        },
    );
    tree
}

fn write(target: &Path) -> djscaffold::error::Result<()> {
    let ground = survey(target)?;
    let nothing = Tree::default();
    let found = if let Ground::Existing(found) = &ground {
        found
    } else {
        &nothing
    };
    write_project(&Plan::first(&tree(), found), target, &ground)
}

#[test]
fn a_new_folder_gets_all_files_and_nothing_lies_beside_it() {
    let parent = tempfile::tempdir().unwrap();
    write(&parent.path().join("a/b/site")).unwrap();
    let written = files(parent.path());
    assert_eq!(written.len(), tree().len(), "{:?}", written.keys());
}

#[cfg(unix)]
#[test]
fn modes_are_as_planned() {
    use std::os::unix::fs::PermissionsExt as _;
    let parent = tempfile::tempdir().unwrap();
    let site = parent.path().join("site");
    write(&site).unwrap();
    let mode = |path: &str| fs_err::metadata(site.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(".env"), 0o600);
    assert_eq!(mode("manage.py") & 0o100, 0o100);
    assert_eq!(mode("config/urls.py") & 0o111, 0);
}

#[test]
fn a_fresh_clone_keeps_what_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::create_dir(folder.path().join(".git")).unwrap();
    fs_err::write(folder.path().join("README.md"), "mine\n").unwrap();
    fs_err::write(folder.path().join("LICENSE"), "mine too\n").unwrap();
    write(folder.path()).unwrap();
    let written = files(folder.path());
    assert_eq!(written["README.md"], b"mine\n");
    assert_eq!(written["LICENSE"], b"mine too\n");
    assert_eq!(written["config/urls.py"], b"generated config/urls.py\n");
    assert!(
        !written
            .keys()
            .any(|path| path.contains("staging") || path.contains("journal")),
        "{:?}",
        written.keys()
    );
}

#[cfg(unix)]
#[test]
fn an_empty_folder_stays_the_same_folder() {
    use std::os::unix::fs::MetadataExt as _;
    let folder = tempfile::tempdir().unwrap();
    let inode = || fs_err::metadata(folder.path()).unwrap().ino();
    let before = inode();
    write(folder.path()).unwrap();
    assert_eq!(inode(), before, "a shell that stands in the folder would stand nowhere");
    assert_eq!(files(folder.path()).len(), tree().len());
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::write(folder.path().join("notes.txt"), "mine\n").unwrap();
    let error = write(folder.path()).unwrap_err();
    assert!(error.to_string().contains("notes.txt") && !error.hints().is_empty());
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn moves_that_a_killed_run_left_are_finished() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join(".djscaffold");
    // As a run leaves it that was killed between its first move and its second.
    for (path, content) in [("staging/config/urls.py", "u"), ("staging/.djscaffold/base", "b")] {
        let path = state.join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    fs_err::write(folder.path().join(".env"), "e").unwrap();
    fs_err::write(state.join("journal"), ".djscaffold/base\n.env\nconfig").unwrap();
    assert!(matches!(survey(folder.path()).unwrap(), Ground::Interrupted));
    assert!(state.join("journal").exists(), "looking does nothing");
    assert!(complete(folder.path()).unwrap());
    let found = files(folder.path());
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        [".djscaffold/base", ".env", "config/urls.py"]
    );
}

#[test]
fn staging_that_a_killed_run_left_is_cleared_away() {
    let parent = tempfile::tempdir().unwrap();
    let stale = parent.path().join(".site.djscaffold/staging/config");
    fs_err::create_dir_all(&stale).unwrap();
    fs_err::write(stale.join("half.py"), "half").unwrap();
    write(&parent.path().join("site")).unwrap();
    assert!(!parent.path().join(".site.djscaffold").exists());
    assert!(!files(parent.path()).keys().any(|path| path.contains("half")));
}

#[test]
fn a_second_run_at_the_same_place_is_told_of_the_first() {
    let parent = tempfile::tempdir().unwrap();
    let work = parent.path().join(".site.djscaffold");
    fs_err::create_dir_all(&work).unwrap();
    let lock = std::fs::File::create(work.join("lock")).unwrap();
    lock.lock().unwrap();
    let error = write(&parent.path().join("site")).unwrap_err();
    assert!(error.to_string().contains("another djscaffold"));
    assert!(work.exists() && !parent.path().join("site").exists());
}

#[test]
fn a_folder_of_somebody_elses_beside_it_is_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let theirs = parent.path().join(".site.djscaffold/notes.txt");
    fs_err::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs_err::write(&theirs, "theirs\n").unwrap();
    let error = write(&parent.path().join("site")).unwrap_err();
    assert!(error.to_string().contains(".site.djscaffold") && !error.hints().is_empty());
    assert_eq!(fs_err::read_to_string(theirs).unwrap(), "theirs\n");
    assert!(!parent.path().join("site").exists());
}

#[test]
fn what_tools_keep_in_a_clone_stays_or_is_merged() {
    let folder = tempfile::tempdir().unwrap();
    let theirs = [
        (".gitignore", "*.log\n__pycache__/\n"),
        (".github/workflows/mine.yml", "on: push\n"),
        (".vscode/settings.json", "{}\n"),
    ];
    for (path, content) in theirs {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    let mut wanted = tree();
    wanted.insert(".gitignore", Entry::text("__pycache__/\n.env\n"));
    wanted.insert(".github/workflows/ci.yml", Entry::text("on: pull_request\n"));
    let Ground::Existing(found) = survey(folder.path()).unwrap() else {
        panic!("there is something");
    };
    write_project(
        &Plan::first(&wanted, &found),
        folder.path(),
        &Ground::Existing(found.clone()),
    )
    .unwrap();
    let read = |path: &str| fs_err::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(read(".gitignore"), "*.log\n__pycache__/\n\n.env\n");
    assert_eq!(read(".github/workflows/mine.yml"), "on: push\n");
    assert_eq!(read(".github/workflows/ci.yml"), "on: pull_request\n");
    assert_eq!(read(".vscode/settings.json"), "{}\n");
}

#[test]
fn moves_that_are_refused_are_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    // What is not known of is in the way: a folder where a file would go.
    fs_err::create_dir_all(folder.path().join("manage.py/deep")).unwrap();
    let before = files(folder.path());
    let ground = Ground::Existing(Tree::default());
    assert!(write_project(&Plan::first(&tree(), &Tree::default()), folder.path(), &ground).is_err());
    assert_eq!(files(folder.path()), before);
    let left: Vec<_> = fs_err::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["manage.py"]);
}
