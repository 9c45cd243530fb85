//! The project's environment: uv's, or a venv with pip where uv is missing.

use std::path::{Path, PathBuf};

use super::programs::{run_python, run_uv};
use super::{find_python, with_progress};
use crate::error::Error;
use crate::report::{Outcome, Progress};

/// The environment that a project got, and how commands run in it.
#[derive(Debug)]
pub struct Environment {
    /// How making it went.
    pub outcome: Outcome,
    /// What to put before `manage.py`: `uv run` or the venv's interpreter.
    pub python: String,
    /// What has to run before that, if anything.
    pub due: Vec<String>,
}

const VENV_PYTHON: &str = if cfg!(windows) {
    ".venv\\Scripts\\python"
} else {
    ".venv/bin/python"
};

/// Makes the environment of the project in `folder`, or with `skip` only says how commands would run.
#[must_use]
pub fn make_environment(folder: &Path, pythons: &[String], skip: bool, progress: Progress) -> Environment {
    let uv = uv_of(folder);
    let by_hand = by_hand(folder);
    let python = python_of(folder);
    if skip {
        return Environment {
            outcome: Outcome::Skipped("--no-sync".to_owned()),
            due: if uv.is_some() { Vec::new() } else { by_hand },
            python,
        };
    }
    let Some(interpreter) = find_python(pythons) else {
        return Environment {
            outcome: Outcome::Failed {
                reason: format!("no suitable Python found; any of {} would do", pythons.join(", ")),
                command: match &uv {
                    Some(_) => format!("uv python install {}", pythons.last().map_or("", String::as_str)),
                    None => format!("install Python {}", pythons.last().map_or("", String::as_str)),
                },
            },
            due: by_hand,
            python,
        };
    };
    let outcome = with_progress(progress, "installing the project's packages", || {
        let installed = match &uv {
            Some(uv) => with_uv(uv, &interpreter.path, folder),
            None => with_pip(&interpreter.path, folder),
        };
        match installed.and_then(|place| pin_python(folder, &interpreter.version).map(|()| place)) {
            Ok(place) => Outcome::Done(format!("Python {} in {place}", interpreter.version)),
            Err(reason) => Outcome::Failed {
                reason,
                command: by_hand.join(" && "),
            },
        }
    });
    let due = if matches!(outcome, Outcome::Done(_)) {
        Vec::new()
    } else {
        by_hand
    };
    Environment { outcome, python, due }
}

/// uv, unless it is not installed or the project in `folder` has an environment of pip's.
pub(super) fn uv_of(folder: &Path) -> Option<PathBuf> {
    let is_pips = folder.join(".venv").exists() && !folder.join("uv.lock").exists();
    which::which("uv").ok().filter(|_| !is_pips)
}

/// What to put before `manage.py` in the project in `folder`: `uv run` or the venv's interpreter.
#[must_use]
pub fn python_of(folder: &Path) -> String {
    let python = uv_of(folder).map_or(VENV_PYTHON, |_| "uv run");
    python.to_owned()
}

/// The interpreter of the project in `folder`, or the command that starts it: what was `configured`, the environment in
/// it, the active one, one above it as a workspace of uv's has, else whatever is on the PATH.
///
/// # Errors
/// There is none.
pub fn interpreter(folder: &Path, configured: &[String]) -> Result<Vec<String>, Error> {
    if !configured.is_empty() {
        return Ok(configured.to_vec());
    }
    let folder = std::path::absolute(folder).map_err(Error::file("find", folder))?;
    let of_environment = |environment: PathBuf| {
        let python = environment.join(
            Path::new(VENV_PYTHON)
                .strip_prefix(".venv")
                .unwrap_or(Path::new(VENV_PYTHON)),
        );
        python.exists().then_some(python)
    };
    let above = || {
        folder
            .ancestors()
            .skip(1)
            .find_map(|above| of_environment(above.join(".venv")))
    };
    let active = || std::env::var_os("VIRTUAL_ENV").and_then(|environment| of_environment(environment.into()));
    let on_path = || ["python3", "python"].iter().find_map(|name| which::which(name).ok());
    let found = of_environment(folder.join(".venv"))
        .or_else(active)
        .or_else(above)
        .or_else(on_path);
    let found = found.ok_or_else(|| {
        Error::input("no Python of this project found, so that Django can't be asked for its models")
            .hint(format!("install its packages: `{}`", by_hand(&folder).join(" && ")))
    })?;
    Ok(vec![found.to_string_lossy().into_owned()])
}

/// The commands that bring the environment of the project in `folder` to what it asks for.
pub(super) fn by_hand(folder: &Path) -> Vec<String> {
    if uv_of(folder).is_some() {
        return vec!["uv sync".to_owned()];
    }
    let mut commands = Vec::new();
    if !folder.join(".venv").exists() {
        commands.push("python3 -m venv .venv".to_owned());
        commands.push(format!("{VENV_PYTHON} -m pip install --upgrade pip"));
    }
    commands.push(format!("{VENV_PYTHON} -m pip install --group dev ."));
    commands
}

/// Writes the version that the project is developed with, for uv and pyenv, unless there is one.
fn pin_python(folder: &Path, version: &str) -> Result<(), String> {
    let path = folder.join(".python-version");
    if path.exists() {
        return Ok(());
    }
    std::fs::write(path, format!("{version}\n")).map_err(|error| format!("`.python-version`: {error}"))
}

/// Makes the environment by uv, and says where it is: in a workspace of uv's there is one for all its projects.
fn with_uv(uv: &Path, interpreter: &Path, folder: &Path) -> Result<String, String> {
    run_uv(uv, folder, &["sync", "--python", &interpreter.to_string_lossy()])?;
    if folder.join(".venv").exists() {
        return Ok(".venv".to_owned());
    }
    let python = run_uv(uv, folder, &["python", "find"])?;
    let environment = Path::new(&python).parent().and_then(Path::parent);
    Ok(format!("`{}`", environment.unwrap_or(Path::new(&python)).display()))
}

fn with_pip(interpreter: &Path, folder: &Path) -> Result<String, String> {
    run_python(interpreter, folder, &["-m", "venv", ".venv"])?;
    // A program's relative path would be looked for from wherever the system likes: from here or from `folder`.
    let python = std::path::absolute(folder.join(VENV_PYTHON)).map_err(|error| error.to_string())?;
    let install = ["-m", "pip", "install", "--quiet", "--no-user"];
    for what in [&["--upgrade", "pip"][..], &["--group", "dev", "."]] {
        run_python(&python, folder, &[&install[..], what].concat())?;
    }
    Ok(".venv".to_owned())
}
