//! Questions about a change, in a real terminal.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;

use rexpect::session::PtySession;

use crate::site::Site;
use crate::terminal::{exit_code, press_enter, start_with};

const SETTINGS: &str = "config/settings/base.py";
const DOWN: &str = "\u{1b}[B";

/// A project in which the title was edited by hand and is then set.
fn in_conflict() -> Site {
    let site = Site::new("minimal");
    site.edit(SETTINGS, "SITE_NAME = \"Mysite\"", "SITE_NAME = \"Mine\"");
    site
}

fn begin(site: &Site, variables: &[(&str, &str)]) -> PtySession {
    let mut session = start_with(&site.root, &["set", "project.title=Theirs", "--no-sync"], variables);
    session.exp_string("conflict").unwrap();
    session.exp_string("Write this?").unwrap();
    session
}

/// Goes down so many choices and takes that one.
fn take(session: &mut PtySession, downs: usize) {
    for _ in 0..downs {
        session.send(DOWN).unwrap();
    }
    press_enter(session);
}

fn name(site: &Site) -> String {
    let settings = site.read(SETTINGS);
    let line = settings.lines().find(|line| line.starts_with("SITE_NAME")).unwrap();
    line.to_owned()
}

/// Answers a question of yes or no.
fn agree(session: &mut PtySession) {
    session.send("y").unwrap();
    session.flush().unwrap();
}

#[test]
fn the_empty_answer_writes_nothing() {
    let site = in_conflict();
    let before = site.everything();
    let mut session = begin(&site, &[]);
    take(&mut session, 0);
    session.exp_string("nothing was written").unwrap();
    assert_eq!(exit_code(&session), Some(0));
    assert!(site.everything() == before);
}

#[test]
fn a_conflict_is_asked_about_and_the_empty_answer_keeps_mine() {
    for (downs, expected) in [(0, "SITE_NAME = \"Mine\""), (1, "SITE_NAME = \"Theirs\"")] {
        let site = in_conflict();
        let mut session = begin(&site, &[]);
        agree(&mut session);
        session
            .exp_string("one place changed by you and by djscaffold")
            .unwrap();
        for line in [
            "yours:",
            "SITE_NAME = \"Mine\"",
            "djscaffold's:",
            "SITE_NAME = \"Theirs\"",
            "before:",
            "SITE_NAME = \"Mysite\"",
        ] {
            session.exp_string(line).unwrap();
        }
        take(&mut session, downs);
        session.exp_string("done").unwrap();
        session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), Some(0));
        assert_eq!(name(&site), expected);
        site.must(0, &["check"]);
    }
}

#[test]
fn the_difference_can_be_seen_first_and_both_sides_edited() {
    let site = in_conflict();
    let editor = site.root.parent().unwrap().join("editor");
    let script = "#!/bin/sh\nsed -i -e '/^<<<<<<< /d' -e '/^||||||| /,/^=======$/d' -e '/^>>>>>>> /d' -e 's/Mine/Both/' -e '/Theirs/d' \"$1\"\n";
    fs_err::write(&editor, script).unwrap();
    fs_err::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
    let editor = editor.to_string_lossy().into_owned();
    let mut session = begin(&site, &[("VISUAL", &editor), ("EDITOR", &editor)]);
    agree(&mut session);
    session.exp_string("keep yours").unwrap();
    take(&mut session, 4);
    session.exp_string("+SITE_NAME = \"Theirs\"").unwrap();
    session.exp_string("keep yours").unwrap();
    take(&mut session, 3);
    session.exp_string("done").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), Some(0));
    assert_eq!(name(&site), "SITE_NAME = \"Both\"");
}

#[test]
fn an_edit_that_leaves_markers_or_does_not_run_is_told() {
    for (script, told) in [
        ("echo '# seen' >> \"$1\"", "conflict markers are left"),
        ("echo 'X = (' > \"$1\"", "can't be parsed any more"),
        (
            "echo 'X = unheard_of' > \"$1\"",
            "`unheard_of` is used but neither defined nor imported",
        ),
    ] {
        let site = in_conflict();
        let editor = site.root.parent().unwrap().join("editor");
        fs_err::write(&editor, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs_err::set_permissions(&editor, std::fs::Permissions::from_mode(0o755)).unwrap();
        let editor = editor.to_string_lossy().into_owned();
        let mut session = begin(&site, &[("VISUAL", &editor), ("EDITOR", &editor)]);
        agree(&mut session);
        session.exp_string("keep yours").unwrap();
        take(&mut session, 3);
        session.exp_string(told).unwrap();
        session.exp_eof().unwrap();
        assert_eq!(exit_code(&session), Some(3));
    }
}

#[test]
fn ctrl_c_at_a_conflict_writes_nothing() {
    let site = in_conflict();
    let before = site.everything();
    let mut session = begin(&site, &[]);
    agree(&mut session);
    session.exp_string("keep yours").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("nothing was written").unwrap();
    assert_eq!(exit_code(&session), Some(130));
    assert!(site.everything() == before);
}
