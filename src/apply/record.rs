//! What a transaction does, written down: the next command finishes it if it was killed, and `undo` takes it back.

use std::path::Path;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::STATE_FOLDER;
use super::history::Kind;
use crate::error::{Error, Result};
use crate::tree::{Found, is_inside};

const RECORD: &str = "record.json";
const FORMAT: u32 = 2;

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    format: u32,
    /// What the run is to those before it.
    pub kind: Kind,
    /// What was run: `add api`; of an undo or a redo, what that reverts or does again.
    pub command: String,
    /// When, in seconds since 1970.
    pub moment: u64,
    /// The files, in their order.
    pub files: Vec<FileRecord>,
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The path in the project.
    pub path: String,
    /// What lay there.
    pub before: Option<Version>,
    /// What lies there then.
    pub after: Option<Version>,
}

/// One state of a file; its content lies beside the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The permission bits.
    pub bits: u32,
    /// The hash of the content.
    pub digest: u64,
}

impl Version {
    /// The version that content and permissions are.
    #[must_use]
    pub fn of(content: &[u8], bits: u32) -> Self {
        Self {
            bits,
            digest: xxh3_64(content),
        }
    }

    /// Whether a file holds this content.
    #[must_use]
    pub(super) fn is_at(&self, path: &Path) -> bool {
        std::fs::read(path).is_ok_and(|content| xxh3_64(&content) == self.digest)
    }

    /// Whether a file that was found has this content.
    #[must_use]
    pub fn is_in(&self, found: &Found) -> bool {
        found.content().is_some_and(|content| xxh3_64(content) == self.digest)
    }
}

impl Record {
    /// A record without files yet.
    #[must_use]
    pub fn new(kind: Kind, command: &str) -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            format: FORMAT,
            kind,
            command: command.to_owned(),
            moment: now.map_or(0, |since| since.as_secs()),
            files: Vec::new(),
        }
    }

    /// What was run, as it is told: `add api`, `undo add api`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.kind {
            Kind::Run => self.command.clone(),
            Kind::Undo(_) => format!("undo {}", self.command),
            Kind::Redo(_) => format!("redo {}", self.command),
        }
    }

    /// How many files it changed, djscaffold's own memory apart.
    #[must_use]
    pub fn file_count(&self) -> usize {
        let is_memory = |path: &str| path.split('/').next() == Some(STATE_FOLDER);
        self.files.iter().filter(|file| !is_memory(&file.path)).count()
    }

    /// Writes it into a directory.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(RECORD);
        let text = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .map_err(Error::file("write", &path))?;
        std::fs::write(&path, text).map_err(Error::file("write", &path))
    }

    /// Reads the record in a directory.
    ///
    /// # Errors
    /// It is not there, or from another version of djscaffold.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(RECORD);
        let text = std::fs::read(&path).map_err(Error::file("read", &path))?;
        let record: Self = serde_json::from_slice(&text)
            .map_err(std::io::Error::from)
            .map_err(Error::file("read", &path))?;
        if let Some(file) = record.files.iter().find(|file| !is_inside(&file.path)) {
            return Err(Error::input(format!(
                "`{}` names `{}`, which is not in the project",
                path.display(),
                file.path
            ))
            .hint(format!("djscaffold did not write that: remove `{}`", folder.display())));
        }
        if record.format == FORMAT {
            Ok(record)
        } else {
            Err(Error::input(format!(
                "`{}` was written by another version of djscaffold",
                path.display()
            ))
            .hint("run that version again to finish its interrupted run"))
        }
    }
}

/// The content of a file before, after, and on its way to its place, by its index.
pub(super) fn content_name(index: usize, which: Which) -> String {
    let which = match which {
        Which::Before => "before",
        Which::After => "after",
        Which::Move => "move",
    };
    format!("{index}.{which}")
}

/// Which content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// What lay there.
    Before,
    /// What lies there then.
    After,
    /// The same, to be renamed into place.
    Move,
}
