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
fn a_walk_through_the_prompts_writes_a_project_and_tells_how_to_repeat_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = start(folder.path(), &["new", "--no-git", "--no-sync"]);
    session.exp_string("Preset").unwrap();
    press_enter(&mut session);
    session.exp_string("Project name").unwrap();
    session.send("my shop\r").unwrap();
    session.flush().unwrap();
    // What it is turned into stands there to be edited.
    session.exp_string("how about this").unwrap();
    session.exp_string("my-shop").unwrap();
    press_enter(&mut session);
    session.exp_string("What now").unwrap();
    session.exp_string("Write it").unwrap();
    session.send("\u{1b}[B\r").unwrap(); // the second: customise
    session.flush().unwrap();
    session.exp_string("[ ] api").unwrap();
    session.send("\u{1b}[B ").unwrap(); // the first component, switched on
    session.flush().unwrap();
    session.exp_string("api is on").unwrap();
    session.send("\u{1b}[A\r").unwrap(); // done
    session.flush().unwrap();
    session.exp_string("Options").unwrap();
    session.exp_string("2. First app").unwrap();
    session.send("\u{1b}[B\u{1b}[B\r").unwrap();
    session.flush().unwrap();
    session.exp_string("A small example app").unwrap();
    session.send("news\r").unwrap();
    session.flush().unwrap();
    session.exp_string("2. First app").unwrap();
    session.send("\u{1b}").unwrap(); // back to the components
    session.flush().unwrap();
    session.exp_string("[x] api").unwrap();
    session.send("\u{1b}").unwrap(); // back to what now
    session.flush().unwrap();
    session.exp_string("Write it").unwrap();
    press_enter(&mut session);
    session.exp_string("Next:").unwrap();
    session.exp_string("the same answers again").unwrap();
    let command = session.read_line().unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), Some(0));
    let written = files(&folder.path().join("my-shop"));
    assert!(
        written.contains_key("news/api.py") && written.contains_key("news/models.py"),
        "{:?}",
        written.keys()
    );

    let again = tempfile::tempdir().unwrap();
    let words = shlex::split(command.trim()).unwrap();
    assert_eq!(words[0], "djscaffold");
    let output = Command::new(program())
        .args(&words[1..])
        .args(["--no-git", "--no-sync"])
        .current_dir(again.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {output:?}");
    let mut repeated = files(&again.path().join("my-shop"));
    let mut wanted = written;
    for files in [&mut repeated, &mut wanted] {
        files.remove(".env"); // has secrets
    }
    assert!(repeated == wanted, "{command}");
}

#[test]
fn ctrl_c_gives_the_cursor_back_and_writes_nothing() {
    for prompt in ["Preset", "Project name", "What now"] {
        let folder = tempfile::tempdir().unwrap();
        let mut session = start(folder.path(), &["new"]);
        for earlier in ["Preset", "Project name", "What now"] {
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

/// A session together with the screen that it has drawn.
struct Watched {
    session: PtySession,
    screen: vt100::Parser,
}

impl Watched {
    /// Starts the prompts in a terminal that is so wide.
    fn start(folder: &Path, columns: u16, has_color: bool) -> Self {
        let mut command = Command::new("sh");
        command
            .args([
                "-c",
                &format!("stty cols {columns} rows 40; exec \"$0\" new --no-git --no-sync"),
            ])
            .arg(program())
            .current_dir(folder)
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR");
        if !has_color {
            command.env("NO_COLOR", "1");
        }
        Self {
            session: spawn_command(command, Some(PATIENCE)).unwrap(),
            screen: vt100::Parser::new(40, columns, 0),
        }
    }

    fn wait_for(&mut self, text: &str) {
        let before = self.session.exp_string(text).unwrap();
        // Each character that rexpect gives is a byte.
        let bytes: Vec<u8> = before.chars().chain(text.chars()).map(|byte| byte as u8).collect();
        self.screen.process(&bytes);
    }

    fn press(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
        self.session.flush().unwrap();
    }

    fn rows(&self) -> Vec<String> {
        let columns = self.screen.screen().size().1;
        let rows = self.screen.screen().rows(0, columns);
        rows.map(|row| row.trim_end().to_owned())
            .filter(|row| !row.is_empty())
            .collect()
    }
}

#[test]
fn nothing_is_left_behind_at_any_width() {
    for (columns, has_color) in [(30, true), (30, false), (80, true), (80, false), (120, true)] {
        let folder = tempfile::tempdir().unwrap();
        let mut terminal = Watched::start(folder.path(), columns, has_color);
        terminal.wait_for("full");
        terminal.press("\r");
        terminal.wait_for("Project name");
        // Longer than a narrow terminal, so that it fills several rows.
        terminal.press("The shop around the corner\r");
        terminal.wait_for("this?");
        terminal.wait_for("the-shop-around-the-corner");
        terminal.press("\r");
        terminal.wait_for("Cancel");
        let answered = ["✔ Preset · minimal", "✔ Project name · the-shop-around-the-corner"];
        let shown = |row: &str| row.chars().take(usize::from(columns) - 2).collect::<String>();
        let rows = terminal.rows();
        let at = format!("{columns} columns: {rows:#?}");
        for (row, wanted) in rows.iter().zip(answered) {
            assert!(row.starts_with(&shown(wanted)), "{at}");
        }
        assert!(rows[2].starts_with("base, accounts"), "{at}");
        assert!(
            rows.iter().any(|row| row == "❯ Write it"),
            "where the cursor is shows without colour: {at}"
        );
        assert_eq!(rows.last().map(String::as_str), Some("  Cancel"), "{at}");

        terminal.press("\u{1b}[B\r");
        terminal.wait_for("Done");
        terminal.wait_for("tasks");
        for _ in 0..3 {
            terminal.press("\u{1b}[B ");
            terminal.wait_for(" is on");
            terminal.wait_for("Done");
            terminal.wait_for("tasks");
        }
        let rows = terminal.rows();
        let at = format!("{columns} columns: {rows:#?}");
        assert_eq!(rows.iter().filter(|row| row.contains("Components")).count(), 1, "{at}");
        assert_eq!(rows.iter().filter(|row| row.contains("[x]")).count(), 3, "{at}");
        assert_eq!(rows.iter().filter(|row| row.contains("Done")).count(), 1, "{at}");
        terminal.session.send_control('c').unwrap();
        terminal.session.exp_eof().unwrap();
    }
}

#[test]
fn ctrl_c_while_packages_are_installed_says_what_is_left() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let programs = tempfile::tempdir().unwrap();
    let uv = programs.path().join("uv");
    fs_err::write(&uv, "#!/bin/sh\ntouch \"$0.started\"\nsleep 60\n").unwrap();
    fs_err::set_permissions(&uv, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let mut session = start_with(folder.path(), &["new", "shop", "--yes"], &[("PATH", &path)]);
    session.exp_string("created").unwrap();
    while !programs.path().join("uv.started").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    session.send_control('c').unwrap();
    session.exp_string("all files are written").unwrap();
    session.exp_string("cd shop").unwrap();
    session.exp_string("manage.py migrate").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(exit_code(&session), Some(130));
    assert!(files(&folder.path().join("shop")).contains_key("manage.py"));
}
