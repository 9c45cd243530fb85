//! A plan for a living project becomes files.
//!
//! All new content is written below `.djscaffold/` first, with what it replaces and a record of both. Renaming that directory
//! is the one moment at which the transaction begins to count: killed before, it never was; killed after, the next
//! command finishes it. When the system refuses a step, all is put back; that it goes back is on the disk before the first
//! file does, so that the next command goes on in the same direction. When it is done, the directory is kept for `undo`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::history::{self, DISCARDED, Direction, KeptRun, Kind};
use super::record::{FileRecord, Record, Version, Which, content_name};
use super::staging::{Lock, private_folder, remove_if_there, rename, synchronise_all, synchronise_folder, write_file};
use super::{LOCK, STATE_FOLDER, journal_of_new};
use crate::error::{Error, Result};
use crate::merge::{Plan, Step};
use crate::tree::{Found, find, on_disk};

const STAGED: &str = "staged";
const PENDING: &str = "pending";
/// In the directory of a transaction that goes back: how many of its files had been done or begun.
const BACK: &str = "back";

/// What a killed run had left, and became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing was left.
    None,
    /// It had not begun to write: what it prepared is gone.
    RolledBack,
    /// It had: what it wanted is there now.
    Finished {
        /// What had been run.
        command: String,
        /// Files that were changed since the run was killed, and stayed so.
        kept: Vec<String>,
    },
}

/// The right to write to a project, for as long as it lives.
#[derive(Debug)]
pub struct Writer {
    root: PathBuf,
    _lock: Lock,
}

/// Finishes or clears away what a killed run left, if there is anything; a look at the disk if there is not.
///
/// # Errors
/// Another run is writing, or the file system refuses.
pub fn recover(root: &Path) -> Result<Recovery> {
    let state = root.join(STATE_FOLDER);
    let left = [STAGED, PENDING, DISCARDED]
        .iter()
        .any(|name| state.join(name).exists());
    if left || journal_of_new(root) {
        Writer::take(root).map(|(_, recovery)| recovery)
    } else {
        Ok(Recovery::None)
    }
}

impl Writer {
    /// Takes the right to write, and brings to an end what a killed run left.
    ///
    /// # Errors
    /// Another run has it, or the file system refuses.
    pub fn take(root: &Path) -> Result<(Self, Recovery)> {
        let state = root.join(STATE_FOLDER);
        let own = [STAGED, PENDING, DISCARDED, LOCK].map(|name| state.join(name));
        let kept = [Direction::Undo, Direction::Redo].map(|direction| direction.folder(root));
        if let Some(link) = own.iter().chain(&kept).chain([&state]).find(|path| path.is_symlink()) {
            return Err(Error::input(format!("`{}` is a symbolic link", link.display()))
                .hint("djscaffold writes inside the project only: remove the link"));
        }
        std::fs::create_dir_all(&state).map_err(Error::file("create", &state))?;
        let lock = Lock::take(&state.join(LOCK))?;
        if journal_of_new(root) {
            super::end_moves(root)?;
        }
        let writer = Self {
            root: root.to_owned(),
            _lock: lock,
        };
        let recovery = writer.bring_to_an_end()?;
        Ok((writer, recovery))
    }

    fn state(&self, name: &str) -> PathBuf {
        self.root.join(STATE_FOLDER).join(name)
    }

    fn bring_to_an_end(&self) -> Result<Recovery> {
        let was_staging = self.state(STAGED).exists();
        remove_if_there(&self.state(STAGED))?;
        remove_if_there(&self.state(DISCARDED))?;
        if self.state(PENDING).exists() {
            let record = Record::read(&self.state(PENDING))?;
            let goes_back = self.goes_back(&record)?;
            if let Some(begun) = goes_back {
                self.put_back(&record, begun)?;
                return Ok(Recovery::RolledBack);
            }
            let kept = self.perform(&record).map_err(|(error, _)| error)?;
            super::log::note(&self.root, &record);
            history::keep(&self.root, &self.state(PENDING), record.kind)?;
            return Ok(Recovery::Finished {
                command: record.title(),
                kept,
            });
        }
        Ok(if was_staging {
            Recovery::RolledBack
        } else {
            Recovery::None
        })
    }

    /// Does what a plan says, all of it or nothing.
    ///
    /// # Errors
    /// A file was changed since the plan was made, or the file system refuses: then everything is as before.
    pub fn apply(&self, plan: &Plan, command: &str) -> Result<()> {
        self.apply_as(Kind::Run, plan, command)
    }

    /// The same for a run that is another kind than a new one: `command` is then that of the run it reverts.
    ///
    /// # Errors
    /// As of [`Writer::apply`].
    pub fn apply_as(&self, kind: Kind, plan: &Plan, command: &str) -> Result<()> {
        let staged = self.state(STAGED);
        let record = self.stage(plan, Record::new(kind, command), &staged).inspect_err(|_| {
            // What can't be cleared away now, the next command clears away.
            let _ = remove_if_there(&staged);
        })?;
        if record.files.is_empty() {
            return remove_if_there(&staged);
        }
        let durable = synchronise_all(&staged)
            .and_then(|()| rename(&staged, &self.state(PENDING)))
            .and_then(|()| synchronise_folder(&self.root.join(STATE_FOLDER)));
        durable.inspect_err(|_| {
            let _ = remove_if_there(&staged);
            let _ = self.forget();
        })?;
        let (error, begun) = match self.perform(&record) {
            Ok(kept) => match kept.first() {
                None => {
                    super::log::note(&self.root, &record);
                    return history::keep(&self.root, &self.state(PENDING), kind);
                }
                Some(path) => (changed_meanwhile(path), record.files.len()),
            },
            Err((error, done)) => (error, done + 1),
        };
        self.go_back(begun)?;
        self.put_back(&record, begun)?;
        Err(error)
    }

    /// Notes on the disk that the transaction goes back, of which `begun` files had been done or begun.
    fn go_back(&self, begun: usize) -> Result<()> {
        let draft = self.state(PENDING).join("back.new");
        std::fs::write(&draft, begun.to_string()).map_err(Error::file("write", &draft))?;
        super::staging::synchronise(&draft)?;
        rename(&draft, &self.state(PENDING).join(BACK))?;
        synchronise_folder(&self.state(PENDING))
    }

    /// How many files of a transaction that was left are to be put back; none if it goes on. It goes back as well where a
    /// content is not what the record says: the disk lost it.
    fn goes_back(&self, record: &Record) -> Result<Option<usize>> {
        let note = self.state(PENDING).join(BACK);
        if note.exists() {
            let text = std::fs::read_to_string(&note).map_err(Error::file("read", &note))?;
            return Ok(Some(text.trim().parse().unwrap_or(record.files.len())));
        }
        let is_damaged = |(index, file): (usize, &FileRecord)| {
            let moving = self.state(PENDING).join(content_name(index, Which::Move));
            file.after.is_some_and(|after| moving.exists() && !after.is_at(&moving))
        };
        let is_torn = record.files.iter().enumerate().any(is_damaged);
        Ok(is_torn.then_some(record.files.len()))
    }

    fn put_back(&self, record: &Record, begun: usize) -> Result<()> {
        self.roll_back(record, begun)?;
        self.forget()
    }

    /// Clears a transaction away that has done nothing; renamed first, as a directory does not go at once.
    fn forget(&self) -> Result<()> {
        if self.state(PENDING).exists() {
            rename(&self.state(PENDING), &self.state(STAGED))?;
        }
        remove_if_there(&self.state(STAGED))
    }

    /// The run that `undo` or `redo` would revert next.
    ///
    /// # Errors
    /// The record can't be read.
    pub fn next(&self, direction: Direction) -> Result<Option<KeptRun>> {
        history::next(&self.root, direction)
    }

    fn stage(&self, plan: &Plan, mut record: Record, staged: &Path) -> Result<Record> {
        remove_if_there(staged)?;
        private_folder(staged)?;
        for change in &plan.changes {
            let after = match &change.step {
                Step::Leave => continue,
                Step::Write { content, bits } => Some((content, *bits)),
                Step::Remove => None,
            };
            // A renamed file is planned by what lies at its old path.
            let before = find(&self.root, &change.path)?;
            let expected = match change.renamed_from {
                Some(_) => &Found::Missing,
                None => &change.before,
            };
            if before != *expected {
                return Err(changed_meanwhile(&change.path));
            }
            let index = record.files.len();
            let place = |which| staged.join(content_name(index, which));
            if let Found::File { content, .. } = &before {
                write_file(&place(Which::Before), content, 0o600, false)?;
            }
            if let Some((content, bits)) = after {
                write_file(&place(Which::After), content, 0o600, false)?;
                let is_there = before.content().is_some();
                write_file(&place(Which::Move), content, bits, is_there)?;
            }
            record.files.push(FileRecord {
                path: change.path.clone(),
                before: match &before {
                    Found::File { content, bits } => Some(Version::of(content, *bits)),
                    Found::Missing | Found::Other(_) => None,
                },
                after: after.map(|(content, bits)| Version::of(content, bits)),
            });
        }
        record.write(staged)?;
        Ok(record)
    }

    /// Moves everything to its place; done again after a kill, it does what is left. Returns the files that were changed
    /// meanwhile and therefore stay. An error comes with the number of files that were done.
    fn perform(&self, record: &Record) -> std::result::Result<Vec<String>, (Error, usize)> {
        let mut kept = Vec::new();
        for (index, file) in record.files.iter().enumerate() {
            let is_done = self.perform_one(index, file).map_err(|error| (error, index))?;
            if !is_done {
                kept.push(file.path.clone());
            }
        }
        let folders: BTreeSet<_> = record
            .files
            .iter()
            .filter_map(|file| on_disk(&self.root, &file.path).parent().map(Path::to_path_buf))
            .collect();
        for folder in folders.iter().filter(|folder| folder.exists()) {
            synchronise_folder(folder).map_err(|error| (error, record.files.len()))?;
        }
        Ok(kept)
    }

    fn perform_one(&self, index: usize, file: &FileRecord) -> Result<bool> {
        let target = on_disk(&self.root, &file.path);
        let moving = self.state(PENDING).join(content_name(index, Which::Move));
        if file.after.is_some() && !moving.exists() {
            return Ok(true);
        }
        let found = find(&self.root, &file.path)?;
        let is_as_before = match file.before {
            Some(before) => before.is_in(&found),
            None => found == Found::Missing,
        };
        if !is_as_before {
            let is_gone = file.after.is_none() && found == Found::Missing;
            return Ok(is_gone);
        }
        if file.after.is_some() {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
            }
            super::staging::move_path(&moving, &target)?;
        } else {
            std::fs::remove_file(&target).map_err(Error::file("remove", &target))?;
            self.remove_empty_folders(&target);
        }
        Ok(true)
    }

    /// Puts back what the first files of a transaction were before.
    fn roll_back(&self, record: &Record, begun: usize) -> Result<()> {
        for (index, file) in record.files.iter().enumerate().take(begun).rev() {
            let target = on_disk(&self.root, &file.path);
            let found = find(&self.root, &file.path)?;
            let is_changed = match file.after {
                Some(after) => after.is_in(&found),
                None => found == Found::Missing,
            };
            if !is_changed {
                continue;
            }
            let Some(before) = file.before else {
                remove_if_there(&target)?;
                self.remove_empty_folders(&target);
                continue;
            };
            let kept = self.state(PENDING).join(content_name(index, Which::Before));
            let content = std::fs::read(&kept).map_err(Error::file("read", &kept))?;
            if Version::of(&content, before.bits) != before {
                return Err(
                    Error::input(format!("`{}` has been changed or damaged", kept.display())).hint(format!(
                        "restore `{}` from your last commit, then remove `{}`",
                        file.path,
                        self.state(PENDING).display()
                    )),
                );
            }
            let back = self.state(PENDING).join(content_name(index, Which::Move));
            remove_if_there(&back)?;
            write_file(&back, &content, before.bits, true)?;
            super::staging::synchronise(&back)?;
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
            }
            super::staging::move_path(&back, &target)?;
        }
        Ok(())
    }

    /// Removes the directories that a removed file leaves empty, up to the project's own.
    fn remove_empty_folders(&self, removed: &Path) {
        let mut folder = removed.parent();
        while let Some(empty) = folder.filter(|folder| *folder != self.root && folder.starts_with(&self.root)) {
            remove_lone_cache(empty);
            if std::fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
    }
}

/// Removes what Python compiled of removed modules, where a directory holds nothing else.
fn remove_lone_cache(folder: &Path) {
    let names = |folder: &Path| -> Option<Vec<PathBuf>> {
        let entries = std::fs::read_dir(folder).ok()?;
        entries.map(|entry| entry.ok().map(|entry| entry.path())).collect()
    };
    let cache = folder.join("__pycache__");
    let is_alone = names(folder).is_some_and(|found| found == [cache.clone()]) && !cache.is_symlink();
    let is_compiled = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "pyc");
    if is_alone && names(&cache).is_some_and(|found| found.iter().all(is_compiled)) {
        // What can't be removed stays, and its directory with it.
        let _ = std::fs::remove_dir_all(cache);
    }
}

fn changed_meanwhile(path: &str) -> Error {
    Error::input(format!("`{path}` was changed while djscaffold ran")).hint("nothing was written; run this again")
}
