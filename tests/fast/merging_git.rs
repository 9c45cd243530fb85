//! The merge beside `git merge-file`, which has been right for long.

use std::path::Path;
use std::process::Command;

use djscaffold::merge::{Layout, Merged, merge};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// One change of lines: which third of the text, where in it, how many lines go, how many come.
type Edit = (usize, usize, usize, usize);

fn edit() -> impl Strategy<Value = Edit> {
    let removed = proptest::sample::select(vec![0, 0, 0, 1, 2]);
    (0usize..6, 0usize..4, removed, 0usize..3)
}

/// Every fourth line is blank, all others are unlike.
fn base() -> Vec<String> {
    let line = |number: usize| {
        if number % 4 == 3 {
            String::new()
        } else {
            format!("line {number}")
        }
    };
    (0..36).map(line).collect()
}

/// Writes over the base; the side that edits even parts leaves the odd ones to the other, mostly.
fn edited(edits: &[Edit], writer: &str) -> String {
    let mut lines = base();
    let mut edits = edits.to_vec();
    edits.sort_unstable();
    edits.dedup_by_key(|(part, ..)| *part);
    for (part, offset, removed, added) in edits.into_iter().rev() {
        let at = part * 6 + offset;
        let new = (0..added).map(|index| format!("{writer} {part} {index}"));
        lines.splice(at..at + removed, new);
    }
    lines.join("\n") + "\n"
}

/// What git makes of it, and whether it is clean.
fn with_git(folder: &Path, base: &str, ours: &str, theirs: &str) -> (String, bool) {
    for (name, text) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs_err::write(folder.join(name), text).unwrap();
    }
    let output = Command::new("git")
        .args(["merge-file", "-p", "--diff3", "ours", "base", "theirs"])
        .current_dir(folder)
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

/// Git's merge with both sides' lines in its conflicts, the new render's first; nothing where one of them changed lines.
fn with_both(merged: &str) -> Option<String> {
    let (mut result, mut ours, mut theirs) = (String::new(), String::new(), String::new());
    let mut side = ' ';
    for line in merged.split_inclusive('\n') {
        match line.split(' ').next().unwrap_or_default().trim_end() {
            "<<<<<<<" => side = '<',
            "|||||||" => side = '|',
            "=======" => side = '=',
            ">>>>>>>" => {
                result += &std::mem::take(&mut theirs);
                result += &std::mem::take(&mut ours);
                side = ' ';
            }
            _ => match side {
                '<' => ours += line,
                '=' => theirs += line,
                '|' => return None,
                _ => result += line,
            },
        }
    }
    Some(result)
}

#[test]
fn a_clean_merge_is_gits_or_a_union_of_insertions() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::new(ProptestConfig::default());
    let edits = || proptest::collection::vec(edit(), 1..4);
    let base = base().join("\n") + "\n";
    let (mut same, mut unions, mut conflicts) = (0, 0, 0);
    for _ in 0..400 {
        let (mine, generated) = (edits(), edits()).new_tree(&mut runner).unwrap().current();
        let (ours, theirs) = (edited(&mine, "mine"), edited(&generated, "generated"));
        let (git, is_clean) = with_git(folder.path(), &base, &ours, &theirs);
        let shown = || format!("ours:\n{ours}\ntheirs:\n{theirs}\ngit:\n{git}");
        match merge(
            "a.txt",
            base.as_bytes(),
            ours.as_bytes(),
            theirs.as_bytes(),
            &Layout::default(),
        ) {
            Merged::Clean(result) if is_clean => {
                assert_eq!(String::from_utf8(result).unwrap(), git, "{}", shown());
                same += 1;
            }
            Merged::Clean(result) => {
                assert_eq!(Some(String::from_utf8(result).unwrap()), with_both(&git), "{}", shown());
                unions += 1;
            }
            Merged::Conflict(_) => {
                assert!(!is_clean, "{}", shown());
                conflicts += 1;
            }
            Merged::Binary => panic!("binary"),
        }
    }
    assert!(
        same > 100 && unions > 0 && conflicts > 20,
        "{same} {unions} {conflicts}"
    );
}
