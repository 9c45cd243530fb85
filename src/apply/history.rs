//! The runs that are kept, so that `undo` and `redo` can step through them: a directory each, numbered.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::STATE_FOLDER;
use super::record::{Record, Version, Which, content_name};
use super::staging::{private_folder, remove_if_there, rename};
use crate::error::{Error, Result};

/// How many runs are kept.
const KEPT: usize = 10;
/// A directory that is on its way out: it goes by one rename, and is cleared away afterwards.
pub(super) const DISCARDED: &str = "discarded";

/// What a run is to the runs before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It does something new.
    Run,
    /// It reverts the kept run with this number.
    Undo(u32),
    /// It does again what the undo with this number reverted.
    Redo(u32),
}

/// In which direction kept runs are reverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The runs that `undo` reverts.
    Undo,
    /// The undos that `redo` reverts.
    Redo,
}

impl Direction {
    /// Its command, which is also the directory that keeps its runs.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }

    /// What reverting the run with this number is.
    #[must_use]
    pub fn kind(self, number: u32) -> Kind {
        match self {
            Self::Undo => Kind::Undo(number),
            Self::Redo => Kind::Redo(number),
        }
    }

    pub(super) fn folder(self, root: &Path) -> PathBuf {
        root.join(STATE_FOLDER).join(self.command())
    }
}

/// The runs that `undo` or `redo` would revert, the next one first.
///
/// # Errors
/// A record can't be read.
pub fn kept_runs(root: &Path, direction: Direction) -> Result<Vec<Record>> {
    let folder = direction.folder(root);
    let numbers = numbers(&folder).into_iter().rev();
    numbers
        .map(|number| Record::read(&folder.join(number.to_string())))
        .collect()
}

/// Keeps a transaction that has been performed, and drops what it reverted or made impossible. Done again after a kill, it
/// does what is left: moving the transaction away comes last.
pub(super) fn keep(root: &Path, pending: &Path, kind: Kind) -> Result<()> {
    let of = |direction: Direction, number: u32| direction.folder(root).join(number.to_string());
    let (direction, outdated) = match kind {
        Kind::Run => (Direction::Undo, Direction::Redo.folder(root)),
        Kind::Undo(number) => (Direction::Redo, of(Direction::Undo, number)),
        Kind::Redo(number) => (Direction::Undo, of(Direction::Redo, number)),
    };
    discard(root, &outdated)?;
    let folder = direction.folder(root);
    private_folder(&folder)?;
    let mut numbers = numbers(&folder);
    let number = numbers.last().map_or(1, |last| last + 1);
    rename(pending, &folder.join(number.to_string()))?;
    numbers.push(number);
    for outdated in numbers.iter().rev().skip(KEPT) {
        discard(root, &folder.join(outdated.to_string()))?;
    }
    Ok(())
}

fn discard(root: &Path, folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let discarded = root.join(STATE_FOLDER).join(DISCARDED);
    remove_if_there(&discarded)?;
    rename(folder, &discarded)?;
    remove_if_there(&discarded)
}

/// The numbers of the runs in a directory, in order.
fn numbers(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut numbers: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// A file's content before and after a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// None where there was no file.
    pub before: Option<Vec<u8>>,
    /// None where there is no file now.
    pub after: Option<Vec<u8>>,
}

/// A kept run, with what it takes to revert it.
#[derive(Debug)]
pub struct KeptRun {
    /// Its number among those of its direction.
    pub number: u32,
    /// What it did.
    pub record: Record,
    /// The contents of its files, in the record's order.
    pub contents: Vec<Contents>,
}

/// The run that is next to be reverted.
///
/// # Errors
/// Its record or a content can't be read.
pub(super) fn next(root: &Path, direction: Direction) -> Result<Option<KeptRun>> {
    let Some(number) = numbers(&direction.folder(root)).pop() else {
        return Ok(None);
    };
    let folder = direction.folder(root).join(number.to_string());
    let record = Record::read(&folder)?;
    let read = |version: Option<Version>, index, which| match version {
        Some(_) => {
            let path = folder.join(content_name(index, which));
            std::fs::read(&path).map(Some).map_err(Error::file("read", path))
        }
        None => Ok(None),
    };
    let mut contents = Vec::new();
    for (index, file) in record.files.iter().enumerate() {
        contents.push(Contents {
            before: read(file.before, index, Which::Before)?,
            after: read(file.after, index, Which::After)?,
        });
    }
    Ok(Some(KeptRun {
        number,
        record,
        contents,
    }))
}
