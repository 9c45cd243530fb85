//! Asking the project's own Django for its models.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Snapshot;
use crate::error::{Error, Result};

/// Given to the interpreter by its standard input, so that nothing is written.
const PROGRAM: &str = include_str!("django.py");

/// Asks Django for the models of the project in `folder`; `python` is the interpreter or the command that starts it. No
/// `AppConfig.ready()` runs.
///
/// # Errors
/// The interpreter does not start, or Django does not: its own message.
pub fn ask(python: &[String], folder: &Path) -> Result<Snapshot> {
    // What a project prints while it starts stands outside the marks.
    let mark = format!("djscaffold-{}", std::process::id());
    let command = python.join(" ");
    let not_started = |error: std::io::Error| Error::input(format!("`{command}` could not be started: {error}"));
    let (program, arguments) = python
        .split_first()
        .ok_or_else(|| Error::input("no interpreter is named"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .args(["-", &mark])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    if let Some(mut stdin) = child.stdin.take() {
        // An interpreter that ends early says why.
        let _ = stdin.write_all(PROGRAM.as_bytes());
    }
    let output = child.wait_with_output().map_err(not_started)?;
    let said = String::from_utf8_lossy(&output.stdout);
    if let Some(answer) = said.split(&mark).nth(1).filter(|_| output.status.success()) {
        return Snapshot::parse(answer).map_err(|error| Error::input(format!("`{command}` did not answer: {error}")));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = errors.trim().lines().rev().take(3).collect();
    let last: Vec<_> = last.into_iter().rev().collect();
    Err(Error::input(format!(
        "Django does not start, so that it can't say what models there are:\n{}",
        last.join("\n")
    ))
    .hint(format!("`{command} manage.py check` shows more")))
}
