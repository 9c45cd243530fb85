//! What is done in the world once the files are there: the environment and the first commit. Each step may fail without
//! harm to the project; then it says which command to run by hand.

mod environment;
mod programs;
mod python;
mod refresh;
mod repository;
mod secrets;

pub use environment::{Environment, interpreter, make_environment, python_of};
pub use python::{Python, find_python};
pub use refresh::refresh_environment;
pub use repository::first_commit;
pub use secrets::make_secrets;

use crate::report::{Outcome, Progress};

/// Runs a step under a spinner.
fn with_progress(progress: Progress, message: &str, step: impl FnOnce() -> Outcome) -> Outcome {
    let spinner = progress.spinner(message);
    let outcome = step();
    spinner.finish_and_clear();
    outcome
}
