//! A project as a value: every path with its content, mode and owner; and what lies at those paths on a disk.

mod base;
mod found;
mod path;

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

pub use base::{parse_base, write_base};
pub(crate) use found::on_disk;
pub use found::{Found, Place, find, find_all};
pub use path::ProjectPath;
pub(crate) use path::is_inside;

/// Who may see a file, and whether it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// An ordinary file.
    #[default]
    Normal,
    /// A file with the executable bit.
    Executable,
    /// A file only its owner may read: it holds secrets, and never gets into the base.
    Private,
}

impl Mode {
    /// The permission bits on systems that have them.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Normal => 0o644,
            Self::Executable => 0o755,
            Self::Private => 0o600,
        }
    }
}

/// Whose a file is after the first time it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ownership {
    /// Merged at every run.
    #[default]
    Managed,
    /// Written if missing, then the user's.
    Once,
}

/// One file of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The content, byte for byte.
    pub content: Vec<u8>,
    /// Its permissions.
    pub mode: Mode,
    /// Whose it is from now on.
    pub ownership: Ownership,
    /// The component whose file it is; empty for djscaffold's own.
    pub component: String,
    /// The hash of a binary file that is known by nothing else: then `content` is empty.
    pub digest: Option<u64>,
}

impl Entry {
    /// A managed text file without special permissions.
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            content: content.into().into_bytes(),
            mode: Mode::Normal,
            ownership: Ownership::Managed,
            component: String::new(),
            digest: None,
        }
    }

    /// Whether this content is the entry's.
    #[must_use]
    pub fn holds(&self, content: &[u8]) -> bool {
        match self.digest {
            Some(digest) => digest == xxh3_64(content),
            None => self.content == content,
        }
    }

    /// Whether two entries have the same content and run alike.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let content = match (self.digest, other.digest) {
            (Some(digest), Some(others)) => digest == others,
            (Some(_), None) => self.holds(&other.content),
            _ => other.holds(&self.content),
        };
        content && self.is_executable() == other.is_executable()
    }

    /// Whether the file has the executable bit.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.mode == Mode::Executable
    }
}

/// Files by their path; paths are relative, with `/` between their parts on every system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
}

impl Tree {
    /// Adds a file and gives back the one that was there.
    pub fn insert(&mut self, path: impl Into<String>, entry: Entry) -> Option<Entry> {
        self.entries.insert(path.into(), entry)
    }

    /// The file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) -> Option<Entry> {
        self.entries.remove(path)
    }

    /// All files, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(path, entry)| (path.as_str(), entry))
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
