//! What is done in the world once the files are there: the environment and the first commit. Each step may fail without
//! harm to the project; then it says which command to run by hand.

mod environment;
mod python;
mod refresh;
mod repository;
mod secrets;

use std::path::Path;
use std::process::Command;

pub use environment::{Environment, make_environment};
pub use python::{Python, find_python};
pub use refresh::refresh_environment;
pub use repository::first_commit;
pub use secrets::make_secrets;

use crate::report::{Outcome, Progress};

/// Runs a command quietly in a folder.
///
/// # Errors
/// The last line it wrote, or why it could not be started.
fn run_quietly(mut command: Command, folder: &Path) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| format!("`{program}` could not be started: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        return Ok(text(&output.stdout));
    }
    let errors = text(&output.stderr);
    let all = if errors.is_empty() {
        text(&output.stdout)
    } else {
        errors
    };
    let first = all
        .lines()
        .find(|line| line.contains("error"))
        .or_else(|| all.lines().last());
    Err(first.unwrap_or("it failed without a word").trim().to_owned())
}

/// Runs a step under a spinner.
fn with_progress(progress: Progress, message: &str, step: impl FnOnce() -> Outcome) -> Outcome {
    let spinner = progress.spinner(message);
    let outcome = step();
    spinner.finish_and_clear();
    outcome
}
