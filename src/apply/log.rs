//! What was run on a project, on this machine.

use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Record, STATE_FOLDER};
use crate::error::{Error, Result};

const FILE: &str = "log";

/// One run that changed something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// When, in seconds since 1970.
    pub moment: u64,
    /// What was run: `add api`.
    pub command: String,
    /// How many files it changed, its own memory apart.
    pub files: usize,
}

/// Adds a run; a line each. What was done is done even where it can't be noted.
pub(super) fn note(root: &Path, record: &Record) {
    let run = Run {
        moment: record.moment,
        command: record.title(),
        files: record.file_count(),
    };
    let path = root.join(STATE_FOLDER).join(FILE);
    if path.is_symlink() {
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let last = known.lines().last().and_then(|line| serde_json::from_str(line).ok());
    if last.as_ref() == Some(&run) {
        // It was killed when it had noted itself, and somebody else brought it to its end.
        return;
    }
    // Behind a line that a kill cut off, the next one begins anew.
    let gap = if known.is_empty() || known.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
    if let (Ok(mut file), Ok(line)) = (file, serde_json::to_string(&run)) {
        let _ = file.write_all(format!("{gap}{line}\n").as_bytes());
    }
}

/// All runs, the first one first; lines that are none are passed over.
///
/// # Errors
/// The log is there and can't be read.
pub fn runs(root: &Path) -> Result<Vec<Run>> {
    let path = root.join(STATE_FOLDER).join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}
