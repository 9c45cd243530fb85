//! The programs that set-up runs: in the project's directory, and without the variables of the caller that would send them
//! to another repository or another environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What sends uv elsewhere, or keeps it from locking and installing what the project asks for.
const OF_UV: [&str; 12] = [
    "UV_FROZEN",
    "UV_ISOLATED",
    "UV_LOCKED",
    "UV_NO_DEFAULT_GROUPS",
    "UV_NO_DEV",
    "UV_NO_GROUP",
    "UV_NO_SYNC",
    "UV_PROJECT",
    "UV_PROJECT_ENVIRONMENT",
    "UV_WORKING_DIR",
    "UV_WORKING_DIRECTORY",
    "VIRTUAL_ENV",
];

/// What makes pip install elsewhere than into its own environment, or not at all.
const OF_PIP: [&str; 9] = [
    "PIP_DRY_RUN",
    "PIP_NO_DEPENDENCIES",
    "PIP_NO_DEPS",
    "PIP_PREFIX",
    "PIP_PYTHON",
    "PIP_ROOT",
    "PIP_TARGET",
    "PIP_USER",
    "PYTHONHOME",
];

/// git, which asks nothing but the directory that it runs in.
#[derive(Debug)]
pub(super) struct Git {
    program: PathBuf,
    /// What ties git to one repository, as it says itself.
    local: Vec<String>,
}

impl Git {
    /// git, if it is installed.
    pub(super) fn find() -> Option<Self> {
        let program = which::which("git").ok()?;
        let output = Command::new(&program)
            .args(["rev-parse", "--local-env-vars"])
            .output()
            .ok()?;
        let local = String::from_utf8_lossy(&output.stdout);
        Some(Self {
            program,
            local: local.lines().map(str::to_owned).collect(),
        })
    }

    /// Runs a command of git in a directory; see [`run`].
    pub(super) fn run(&self, folder: &Path, arguments: &[&str], input: &str) -> Result<String, String> {
        let mut command = Command::new(&self.program);
        command.args(arguments);
        for name in &self.local {
            command.env_remove(name);
        }
        run(command, folder, input)
    }
}

/// Runs a command of uv in a directory; see [`run`].
pub(super) fn run_uv(uv: &Path, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(uv);
    command.args(arguments);
    for name in OF_UV {
        command.env_remove(name);
    }
    run(command, folder, "")
}

/// Runs Python in a directory, for its `venv` and `pip`; see [`run`].
pub(super) fn run_python(python: &Path, folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(python);
    command.args(arguments);
    for name in OF_PIP {
        command.env_remove(name);
    }
    run(command, folder, "")
}

/// Runs a command quietly in a directory, and returns what it wrote.
///
/// # Errors
/// What it wrote of its failure, or why it could not be started.
fn run(mut command: Command, folder: &Path, input: &str) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let not_started = |error: std::io::Error| format!("`{program}` could not be started: {error}");
    crate::report::running(&command);
    let mut child = command
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read to the end closes the pipe, and says itself how it went.
        let _ = std::io::Write::write_all(&mut stdin, input.as_bytes());
    }
    let output = child.wait_with_output().map_err(not_started)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    let written = text(&output.stdout);
    if output.status.success() {
        return Ok(written);
    }
    let errors = text(&output.stderr);
    let said = if errors.is_empty() { written } else { errors };
    Err(if said.is_empty() {
        format!("`{program}` failed with {} and no output", output.status)
    } else {
        said
    })
}
