//! What lies at a path of a project on the disk. Links are never followed: what is behind one is not the project's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What was found at one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A file.
    File {
        /// Its content, byte for byte.
        content: Vec<u8>,
        /// Its permission bits; those of an ordinary file where the system has none.
        bits: u32,
    },
    /// Something that djscaffold does not touch.
    Other(Place),
}

/// What stands where a file could be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A symbolic link.
    Link,
    /// A path below a symbolic link.
    BehindLink,
    /// A directory.
    Folder,
    /// A path below something that is not a directory.
    BehindFile,
    /// A pipe, a device, …
    Special,
}

impl Place {
    /// What it is, to be read after "is".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "a symbolic link",
            Self::BehindLink => "behind a symbolic link",
            Self::Folder => "a directory",
            Self::BehindFile => "below something that is not a directory",
            Self::Special => "not a regular file",
        }
    }
}

impl Found {
    /// The content of a file.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        match self {
            Self::File { content, .. } => Some(content),
            Self::Missing | Self::Other(_) => None,
        }
    }

    /// Whether it is a file with the executable bit.
    #[must_use]
    pub const fn is_executable(&self) -> bool {
        matches!(self, Self::File { bits, .. } if *bits & 0o100 != 0)
    }
}

/// Looks at every one of the paths; nothing else in the directory is looked at, however much there is.
///
/// # Errors
/// A file that can't be read.
pub fn find_all<'a>(root: &Path, paths: impl IntoIterator<Item = &'a str>) -> Result<BTreeMap<String, Found>> {
    let mut folders = BTreeMap::new();
    let mut all = BTreeMap::new();
    for path in paths {
        if !all.contains_key(path) {
            all.insert(path.to_owned(), look(root, path, &mut folders)?);
        }
    }
    Ok(all)
}

/// Looks at one path.
///
/// # Errors
/// As [`find_all`].
pub fn find(root: &Path, path: &str) -> Result<Found> {
    look(root, path, &mut BTreeMap::new())
}

/// What a directory on the way to a path is.
#[derive(Clone, Copy)]
enum Step {
    Folder,
    Missing,
    Blocked(Place),
}

fn look<'a>(root: &Path, path: &'a str, folders: &mut BTreeMap<&'a str, Step>) -> Result<Found> {
    if let Some((folder, _)) = path.rsplit_once('/') {
        match step(root, folder, folders)? {
            Step::Folder => {}
            Step::Missing => return Ok(Found::Missing),
            Step::Blocked(place) => return Ok(Found::Other(place)),
        }
    }
    let full = on_disk(root, path);
    let Some(metadata) = metadata_of(&full)? else {
        return Ok(Found::Missing);
    };
    if metadata.is_symlink() {
        return Ok(Found::Other(Place::Link));
    }
    if metadata.is_dir() {
        return Ok(Found::Other(Place::Folder));
    }
    if !metadata.is_file() {
        return Ok(Found::Other(Place::Special));
    }
    let content = std::fs::read(&full).map_err(Error::file("read", &full))?;
    Ok(Found::File {
        content,
        bits: bits(&metadata),
    })
}

fn step<'a>(root: &Path, folder: &'a str, folders: &mut BTreeMap<&'a str, Step>) -> Result<Step> {
    if let Some(known) = folders.get(folder) {
        return Ok(*known);
    }
    let above = match folder.rsplit_once('/') {
        Some((above, _)) => step(root, above, folders)?,
        None => Step::Folder,
    };
    let found = match above {
        Step::Folder => match metadata_of(&on_disk(root, folder))? {
            None => Step::Missing,
            Some(metadata) if metadata.is_symlink() => Step::Blocked(Place::BehindLink),
            Some(metadata) if metadata.is_dir() => Step::Folder,
            Some(_) => Step::Blocked(Place::BehindFile),
        },
        other => other,
    };
    folders.insert(folder, found);
    Ok(found)
}

fn metadata_of(path: &Path) -> Result<Option<std::fs::Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path)(error)),
    }
}

/// The path as the system writes it.
pub(crate) fn on_disk(root: &Path, path: &str) -> PathBuf {
    path.split('/').fold(root.to_path_buf(), |path, part| path.join(part))
}

#[cfg(unix)]
fn bits(metadata: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn bits(_: &std::fs::Metadata) -> u32 {
    0o644
}
