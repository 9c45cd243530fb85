//! The real prompts in a real terminal.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use crate::support::{files, program};

const PATIENCE: u64 = 60_000;
const CURSOR_BACK: &str = "\u{1b}[?25h";

fn start(folder: &Path, arguments: &[&str]) -> PtySession {
    start_with(folder, arguments, &[])
}

/// Starts the program in a terminal, with these variables set.
pub(crate) fn start_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> PtySession {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR");
    spawn_command(command, Some(PATIENCE)).unwrap()
}

pub(crate) fn press_enter(session: &mut PtySession) {
    session.send("\r").unwrap();
    session.flush().unwrap();
}

/// Waits for the program's end; one that a signal ended has no code.
pub(crate) fn exit_code(session: &PtySession) -> Option<i32> {
    match session.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => Some(code),
        _ => None,
    }
}

#[test]
fn a_walk_through_the_prompts_writes_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = start(folder.path(), &["new", "--no-git", "--no-sync"]);
    session.exp_string("Preset").unwrap();
    press_enter(&mut session);
    session.exp_string("Project name").unwrap();
    session.send("2fast\r").unwrap();
    session.flush().unwrap();
    // The name is refused where it was typed, and can be typed again.
    session.exp_string("begins with a digit").unwrap();
    session.send("\u{15}").unwrap();
    for _ in 0.."2fast".len() {
        session.send("\u{7f}").unwrap();
    }
    session.send("walked\r").unwrap();
    session.flush().unwrap();
    session.exp_string("Title").unwrap();
    press_enter(&mut session);
    session.exp_string("First app").unwrap();
    session.send("news\r").unwrap();
    session.flush().unwrap();
    // Whatever the catalog asks takes its default, until the summary. Questions are printed in bold.
    for _ in 0..100 {
        let (_, question) = session.exp_regex("\u{1b}\\[1m[^\u{1b}]+\u{1b}\\[0m").unwrap();
        press_enter(&mut session);
        if question.contains("What now") {
            break;
        }
    }
    session.exp_string("Next:").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), Some(0));
    let written = files(&folder.path().join("walked"));
    assert!(
        written.contains_key("manage.py") && written.contains_key("news/models.py"),
        "{:?}",
        written.keys()
    );
}

#[test]
fn ctrl_c_gives_the_cursor_back_and_writes_nothing() {
    for prompt in ["Preset", "Project name", "First app"] {
        let folder = tempfile::tempdir().unwrap();
        let mut session = start(folder.path(), &["new"]);
        for earlier in ["Preset", "Project name", "Title", "First app"] {
            session.exp_string(earlier).unwrap();
            if earlier == prompt {
                break;
            }
            press_enter(&mut session);
        }
        session.send_control('c').unwrap();
        let told = session.exp_string("nothing was written").unwrap();
        assert_eq!(exit_code(&session), Some(130), "at {prompt}");
        let hidden = told.rfind("\u{1b}[?25l");
        assert!(told.rfind(CURSOR_BACK) >= hidden, "the cursor stays hidden at {prompt}");
        assert!(files(folder.path()).is_empty(), "at {prompt}");
    }
}

#[test]
fn without_a_terminal_it_says_what_to_add() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program())
        .args(["new", "myproj"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(told.contains("--yes") && told.contains("--preset"), "{told}");
    assert!(files(folder.path()).is_empty());
}
