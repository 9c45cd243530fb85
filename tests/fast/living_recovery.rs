//! What a killed run left, and what of it the next command makes. (The lab kills the real program at every step.)

use std::path::Path;

use djscaffold::apply::{Direction, Kind, Recovery, Writer, kept_runs, recover};
use djscaffold::merge::{Action, Change, Plan, Step};
use djscaffold::tree::Found;

use crate::support::files;

fn change(path: &str, before: Option<&str>, after: Option<&str>) -> Change {
    Change {
        path: path.to_owned(),
        component: String::new(),
        action: Action::Update,
        reason: String::new(),
        step: match after {
            Some(text) => Step::Write {
                content: text.as_bytes().to_vec(),
                bits: 0o644,
            },
            None => Step::Remove,
        },
        dispute: None,
        before: match before {
            Some(text) => Found::File {
                content: text.as_bytes().to_vec(),
                bits: 0o644,
            },
            None => Found::Missing,
        },
        withheld: None,
        is_private: false,
        renamed_from: None,
    }
}

/// A project with two files, and a plan that changes, adds and removes.
fn project(root: &Path) -> Plan {
    fs_err::create_dir_all(root.join("a/b")).unwrap();
    for (path, text) in [("one.py", "one\n"), ("a/b/two.py", "two\n")] {
        fs_err::write(root.join(path), text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs_err::set_permissions(root.join(path), std::fs::Permissions::from_mode(0o644)).unwrap();
        }
    }
    Plan {
        changes: vec![
            change("a/b/two.py", Some("two\n"), None),
            change("c/three.py", None, Some("three\n")),
            change("one.py", Some("one\n"), Some("1\n")),
        ],
    }
}

fn visible(root: &Path) -> Vec<(String, String)> {
    let all = files(root)
        .into_iter()
        .filter(|(path, _)| !path.starts_with(".djscaffold/"));
    all.map(|(path, content)| (path, String::from_utf8(content).unwrap()))
        .collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[test]
fn a_transaction_writes_removes_and_clears_empty_folders() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project(folder.path());
    let (writer, recovery) = Writer::take(folder.path()).unwrap();
    assert_eq!(recovery, Recovery::None);
    writer.apply(&plan, "test").unwrap();
    assert_eq!(
        visible(folder.path()),
        pairs(&[("c/three.py", "three\n"), ("one.py", "1\n")])
    );
    assert!(!folder.path().join("a").exists());
    let kept = writer.next(Direction::Undo).unwrap().unwrap();
    assert_eq!(kept.record.command, "test");
    assert_eq!(kept.contents[2].before.as_deref(), Some(b"one\n".as_slice()));
}

#[test]
fn what_python_compiled_of_removed_modules_goes_along_and_nothing_else() {
    for (path, is_kept) in [
        ("a/b/__pycache__/two.pyc", false),
        ("a/b/__pycache__/mine.txt", true),
        ("a/b/mine.txt", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let plan = project(folder.path());
        fs_err::create_dir_all(folder.path().join("a/b/__pycache__")).unwrap();
        fs_err::write(folder.path().join(path), "x").unwrap();
        Writer::take(folder.path()).unwrap().0.apply(&plan, "test").unwrap();
        assert_eq!(folder.path().join(path).exists(), is_kept, "{path}");
        assert_eq!(folder.path().join("a").exists(), is_kept, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn what_undo_keeps_is_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let plan = project(folder.path());
    Writer::take(folder.path()).unwrap().0.apply(&plan, "test").unwrap();
    let mode = |path: &str| fs_err::metadata(folder.path().join(path)).unwrap().permissions().mode() & 0o077;
    assert_eq!(mode(".djscaffold/undo"), 0);
    assert_eq!(mode(".djscaffold/undo/1"), 0);
}

#[test]
fn a_file_that_was_changed_meanwhile_stops_the_run_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project(folder.path());
    fs_err::write(folder.path().join("one.py"), "mine\n").unwrap();
    let before = visible(folder.path());
    let error = Writer::take(folder.path()).unwrap().0.apply(&plan, "test").unwrap_err();
    assert!(error.to_string().contains("one.py"));
    assert_eq!(visible(folder.path()), before);
    assert_eq!(recover(folder.path()).unwrap(), Recovery::None);
}

#[test]
fn a_step_that_fails_takes_the_others_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = project(folder.path());
    // A folder can't be made below a file: the step fails when the others are done.
    plan.changes.push(change("one.py/below.py", None, Some("x\n")));
    let before = visible(folder.path());
    let (writer, _) = Writer::take(folder.path()).unwrap();
    plan.changes[3].before = djscaffold::tree::find(folder.path(), "one.py/below.py").unwrap();
    assert!(writer.apply(&plan, "test").is_err());
    drop(writer);
    assert_eq!(visible(folder.path()), before);
    assert_eq!(recover(folder.path()).unwrap(), Recovery::None);
}

#[test]
fn what_was_only_prepared_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let before = visible(folder.path());
    let staged = folder.path().join(".djscaffold/staged");
    fs_err::create_dir_all(&staged).unwrap();
    fs_err::write(staged.join("0.after"), "half").unwrap();
    assert_eq!(recover(folder.path()).unwrap(), Recovery::RolledBack);
    assert_eq!(visible(folder.path()), before);
    assert!(!staged.exists());
}

/// Leaves a transaction as a run does that was killed when the first `done` of its files were in place.
fn leave_half_done(root: &Path, done: usize) {
    let plan = project(root);
    let (writer, _) = Writer::take(root).unwrap();
    writer.apply(&plan, "test").unwrap();
    drop(writer);
    let state = root.join(".djscaffold");
    fs_err::rename(state.join("undo/1"), state.join("pending")).unwrap();
    // Back to where the files were that had not been moved yet.
    fs_err::create_dir_all(root.join("a/b")).unwrap();
    if done < 1 {
        fs_err::write(root.join("a/b/two.py"), "two\n").unwrap();
    }
    for (index, path) in [(1, "c/three.py"), (2, "one.py")] {
        if done <= index {
            fs_err::rename(root.join(path), state.join(format!("pending/{index}.move"))).unwrap();
        }
    }
    if done <= 2 {
        fs_err::write(root.join("one.py"), "one\n").unwrap();
    }
}

#[test]
fn what_was_begun_is_finished() {
    for done in 0..=3 {
        let folder = tempfile::tempdir().unwrap();
        leave_half_done(folder.path(), done);
        let recovery = recover(folder.path()).unwrap();
        let Recovery::Finished { command, kept } = recovery else {
            panic!("{done}: {recovery:?}");
        };
        assert_eq!((command.as_str(), kept.as_slice()), ("test", [].as_slice()));
        assert_eq!(
            visible(folder.path()),
            pairs(&[("c/three.py", "three\n"), ("one.py", "1\n")]),
            "{done}"
        );
        assert!(folder.path().join(".djscaffold/undo/1").exists());
        assert_eq!(recover(folder.path()).unwrap(), Recovery::None);
    }
}

#[test]
fn what_was_edited_after_the_kill_is_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    leave_half_done(folder.path(), 0);
    fs_err::write(folder.path().join("one.py"), "mine\n").unwrap();
    let Recovery::Finished { kept, .. } = recover(folder.path()).unwrap() else {
        panic!("not finished");
    };
    assert_eq!(kept, ["one.py"]);
    assert_eq!(
        visible(folder.path()),
        pairs(&[("c/three.py", "three\n"), ("one.py", "mine\n")])
    );
}

#[test]
fn what_the_disk_lost_is_not_put_in_place() {
    for torn in ["", "thr", "four\n"] {
        for done in 0..=1 {
            let folder = tempfile::tempdir().unwrap();
            leave_half_done(folder.path(), done);
            fs_err::write(folder.path().join(".djscaffold/pending/1.move"), torn).unwrap();
            assert_eq!(recover(folder.path()).unwrap(), Recovery::RolledBack, "{torn:?} {done}");
            assert_eq!(
                visible(folder.path()),
                pairs(&[("a/b/two.py", "two\n"), ("one.py", "one\n")]),
                "{torn:?} {done}"
            );
            assert!(!folder.path().join(".djscaffold/pending").exists());
        }
    }
}

#[test]
fn what_was_going_back_goes_back() {
    for done in 0..=3 {
        let folder = tempfile::tempdir().unwrap();
        leave_half_done(folder.path(), done);
        fs_err::write(folder.path().join(".djscaffold/pending/back"), done.to_string()).unwrap();
        assert_eq!(recover(folder.path()).unwrap(), Recovery::RolledBack, "{done}");
        assert_eq!(
            visible(folder.path()),
            pairs(&[("a/b/two.py", "two\n"), ("one.py", "one\n")]),
            "{done}"
        );
    }
}

#[test]
fn a_former_content_that_the_disk_lost_is_not_put_back() {
    let folder = tempfile::tempdir().unwrap();
    leave_half_done(folder.path(), 3);
    let pending = folder.path().join(".djscaffold/pending");
    fs_err::write(pending.join("back"), "3").unwrap();
    fs_err::write(pending.join("2.before"), "o").unwrap();
    let error = recover(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("2.before") && !error.hints().is_empty(),
        "{error}"
    );
    assert_eq!(fs_err::read_to_string(folder.path().join("one.py")).unwrap(), "1\n");
}

#[test]
fn a_kill_between_dropping_a_run_and_keeping_its_undo_loses_neither() {
    let folder = tempfile::tempdir().unwrap();
    let plan = project(folder.path());
    let back = Plan {
        changes: vec![change("one.py", Some("1\n"), Some("one\n"))],
    };
    let state = folder.path().join(".djscaffold");
    let (writer, _) = Writer::take(folder.path()).unwrap();
    for command in ["first", "second"] {
        writer.apply(&plan, command).unwrap();
        project(folder.path());
        fs_err::remove_dir_all(folder.path().join("c")).unwrap();
    }
    fs_err::write(folder.path().join("one.py"), "1\n").unwrap();
    let number = writer.next(Direction::Undo).unwrap().unwrap().number;
    writer.apply_as(Kind::Undo(number), &back, "second").unwrap();
    drop(writer);
    // The run is dropped already, or not yet, or half.
    for left in [None, Some("undo/2"), Some("discarded")] {
        fs_err::rename(state.join("redo/1"), state.join("pending")).unwrap();
        if let Some(left) = left {
            fs_err::create_dir_all(state.join(left)).unwrap();
        }
        recover(folder.path()).unwrap();
        let kept = |direction| kept_runs(folder.path(), direction).unwrap();
        let commands = |direction| kept(direction).into_iter().map(|run| run.title()).collect::<Vec<_>>();
        assert_eq!(commands(Direction::Undo), ["first"], "{left:?}");
        assert_eq!(commands(Direction::Redo), ["undo second"], "{left:?}");
        assert!(!state.join("discarded").exists());
    }
}
