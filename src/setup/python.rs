//! Finding a Python that fits: on the PATH, by uv, in pyenv's directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An interpreter that runs here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// Where it is.
    pub path: PathBuf,
    /// Its version: `3.12`.
    pub version: String,
}

/// The first interpreter whose version is one of `wanted`: the plain `python3` first, then the newest.
#[must_use]
pub fn find_python(wanted: &[String]) -> Option<Python> {
    candidates(wanted).into_iter().find_map(|path| {
        let version = version_of(&path)?;
        wanted.contains(&version).then_some(Python { path, version })
    })
}

fn candidates(wanted: &[String]) -> Vec<PathBuf> {
    let mut names = vec!["python3".to_owned(), "python".to_owned()];
    names.extend(wanted.iter().rev().map(|version| format!("python{version}")));
    let mut candidates: Vec<PathBuf> = names.iter().filter_map(|name| which::which(name).ok()).collect();
    for version in wanted.iter().rev() {
        candidates.extend(from_uv(version));
        candidates.extend(from_pyenv(version));
    }
    candidates
}

fn from_uv(version: &str) -> Option<PathBuf> {
    let uv = which::which("uv").ok()?;
    let output = Command::new(uv)
        .args(["python", "find", "--no-python-downloads", "--no-project", version])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim()))
}

fn from_pyenv(version: &str) -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    let Some(Ok(folders)) = root.map(|root| std::fs::read_dir(root.join("versions"))) else {
        return Vec::new();
    };
    folders
        .flatten()
        .filter(|folder| folder.file_name().to_string_lossy().starts_with(&format!("{version}.")))
        .map(|folder| folder.path().join("bin").join("python"))
        .filter(|path| path.exists())
        .collect()
}

fn version_of(python: &Path) -> Option<String> {
    let output = Command::new(python)
        .args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
