//! A plan becomes files, as one transaction: killed at any moment, a run leaves nothing or all of it.
//!
//! A project in a directory of its own is staged beside it and renamed into place. In a directory that holds something
//! already, the files are staged below `.djscaffold/`, a journal names the moves, and then they happen; what a killed
//! run left is finished or cleared away by the next one.

mod history;
mod log;
mod record;
mod staging;
mod transaction;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

pub use history::{Contents, Direction, KeptRun, Kind, kept_runs};
pub use log::{Run, runs};
pub use record::{FileRecord, Record, Version};
pub use transaction::{Recovery, Writer, recover};

use crate::cores::on_all;
use crate::error::{Error, Result};
use crate::merge::{Plan, Step};
use crate::tree::{Entry, Tree, is_inside, on_disk};
use staging::{Lock, move_path, remove_if_there, write_content, write_file};

/// The directory in a project that holds what djscaffold remembers.
pub const STATE_FOLDER: &str = ".djscaffold";
const JOURNAL: &str = "journal";
const STAGING: &str = "staging";
const LOCK: &str = "lock";
/// The journal of moves that the system refused and that are taken back.
const BACK: &str = "journal.back";
/// What files held that the moves replace.
const KEPT: &str = "kept";

/// What a directory holds where a project is to be written.
#[derive(Debug)]
pub enum Ground {
    /// Nothing: the project becomes the directory.
    Free,
    /// A directory that is empty or holds what a fresh clone does: it and all of that stay.
    Existing(Tree),
    /// What a killed run left in the midst of its moves: [`complete`] brings it to an end.
    Interrupted,
}

/// Looks at the directory where a project is to be written, and does nothing there.
///
/// # Errors
/// It holds something that is not a fresh clone's, or can't be read.
pub fn survey(target: &Path) -> Result<Ground> {
    if !target.exists() && target.symlink_metadata().is_err() {
        return Ok(Ground::Free);
    }
    if !target.is_dir() {
        return Err(
            Error::input(format!("`{}` exists and is not a directory", target.display()))
                .hint("choose another name, or another directory with `--into DIR`"),
        );
    }
    if journal_of_new(target) {
        return Ok(Ground::Interrupted);
    }
    let mut found = Tree::default();
    for entry in std::fs::read_dir(target).map_err(Error::file("read", target))? {
        let entry = entry.map_err(Error::file("read", target))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == STATE_FOLDER && !entry.path().join("base").exists() {
            continue;
        }
        if !is_clones(&name) {
            return Err(Error::input(format!(
                "the directory `{}` is not empty: it holds `{name}`",
                target.display()
            ))
            .hint("choose another name, or another directory with `--into DIR`")
            .hint("only README, LICENSE and dotfiles may exist already"));
        }
        if name != ".git" {
            collect(&entry.path(), &name, &mut found)?;
        }
    }
    Ok(Ground::Existing(found))
}

/// Takes in a file that is there already, or all files of a directory.
fn collect(place: &Path, path: &str, found: &mut Tree) -> Result<()> {
    let metadata = place.symlink_metadata().map_err(Error::file("read", place))?;
    if metadata.is_dir() {
        for entry in std::fs::read_dir(place).map_err(Error::file("read", place))? {
            let entry = entry.map_err(Error::file("read", place))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            collect(&entry.path(), &format!("{path}/{name}"), found)?;
        }
    } else if place.is_file() {
        let content = std::fs::read(place).map_err(Error::file("read", place))?;
        let kept = Entry {
            content,
            ..Entry::text("")
        };
        found.insert(path.to_owned(), kept);
    }
    Ok(())
}

/// Whether a fresh clone may hold it: what tools keep in files and directories with a dot, and what a host writes.
fn is_clones(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let is_hosts = |known: &str| stem.eq_ignore_ascii_case(known);
    (name.starts_with('.') && name != ".env" && name != ".venv")
        || ["README", "LICENSE", "LICENCE"].iter().any(|known| is_hosts(known))
}

/// Writes a project's files.
///
/// # Errors
/// The file system refuses, or another run writes at the same place. Nothing is left then.
pub fn write_project(plan: &Plan, target: &Path, ground: &Ground) -> Result<()> {
    match ground {
        Ground::Free => write_whole(plan, target),
        Ground::Existing(_) => write_into(plan, target),
        Ground::Interrupted => complete(target).map(drop),
    }
}

fn write_whole(plan: &Plan, target: &Path) -> Result<()> {
    let target = std::path::absolute(target).map_err(Error::file("find", target))?;
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        return write_into(plan, &target);
    };
    let created = first_missing(parent);
    std::fs::create_dir_all(parent).map_err(Error::file("create", parent))?;
    let work = parent.join(format!(".{}.djscaffold", name.to_string_lossy()));
    refuse_foreign(&work)?;
    let outcome = stage_and_publish(plan, &work, &target);
    if outcome.is_err()
        && let Some(created) = created
    {
        // Only empty directories go: somebody else may have put something there meanwhile.
        let mut folder = Some(parent);
        while let Some(empty) = folder.filter(|folder| folder.starts_with(&created)) {
            if std::fs::remove_dir(empty).is_err() {
                break;
            }
            folder = empty.parent();
        }
    }
    outcome
}

/// Refuses a directory that somebody else has made where this one is to be staged.
fn refuse_foreign(work: &Path) -> Result<()> {
    let Ok(entries) = std::fs::read_dir(work) else {
        return Ok(());
    };
    let mut names = entries.flatten().map(|entry| entry.file_name());
    let is_foreign = work.is_symlink() || names.any(|name| name != LOCK && name != STAGING);
    if is_foreign {
        return Err(Error::input(format!(
            "`{}` exists already, and djscaffold did not create it",
            work.display()
        ))
        .hint("move it, or choose another name"));
    }
    Ok(())
}

fn stage_and_publish(plan: &Plan, work: &Path, target: &Path) -> Result<()> {
    std::fs::create_dir_all(work).map_err(Error::file("create", work))?;
    let lock = Lock::take(&work.join(LOCK))?;
    let staged = work.join(STAGING);
    let outcome = remove_if_there(&staged)
        .and_then(|()| write_all(plan, &staged))
        .and_then(|()| move_path(&staged, target));
    drop(lock);
    remove_if_there(work)?;
    outcome
}

fn write_into(plan: &Plan, target: &Path) -> Result<()> {
    let state = target.join(STATE_FOLDER);
    std::fs::create_dir_all(&state).map_err(Error::file("create", &state))?;
    let lock = Lock::take(&state.join(LOCK))?;
    let staged = state.join(STAGING);
    let staging = remove_if_there(&staged)
        .and_then(|()| remove_if_there(&state.join(KEPT)))
        .and_then(|()| keep_replaced(plan, &state))
        .and_then(|()| write_all(plan, &staged))
        .and_then(|()| staging::synchronise_all(&state));
    if let Err(error) = staging {
        drop(lock);
        remove_if_there(&state)?;
        return Err(error);
    }
    let moves = top_level_moves(plan, target);
    let draft = state.join("journal.new");
    std::fs::write(&draft, moves.join("\n")).map_err(Error::file("write", &draft))?;
    staging::synchronise(&draft)?;
    std::fs::rename(&draft, state.join(JOURNAL)).map_err(Error::file("write", state.join(JOURNAL)))?;
    staging::synchronise_folder(&state)?;
    let outcome = finish_moves(target).or_else(|error| {
        // All or nothing: which of the two is on the disk before anything goes back.
        std::fs::rename(state.join(JOURNAL), state.join(BACK)).map_err(Error::file("write", state.join(BACK)))?;
        staging::synchronise_folder(&state)?;
        take_moves_back(target)?;
        Err(error)
    });
    drop(lock);
    let cleared = if outcome.is_ok() {
        remove_if_there(&state.join(LOCK))
    } else {
        remove_if_there(&state)
    };
    outcome.and(cleared)
}

/// What is renamed into place: top-level files and directories, and the files of directories that are there one by one.
fn top_level_moves(plan: &Plan, target: &Path) -> Vec<String> {
    let mut moves: Vec<String> = written(plan, false)
        .chain(written(plan, true))
        .map(|(path, ..)| match path.split_once('/') {
            Some((STATE_FOLDER, _)) | None => path.to_owned(),
            Some((folder, _)) if target.join(folder).exists() => path.to_owned(),
            Some((folder, _)) => folder.to_owned(),
        })
        .collect();
    moves.dedup();
    moves
}

/// Whether a killed `new` left moves to be finished.
fn journal_of_new(target: &Path) -> bool {
    let state = target.join(STATE_FOLDER);
    state.join(JOURNAL).exists() || state.join(BACK).exists()
}

/// Brings to an end what a killed run left in a directory: whether the project is there then, whole.
///
/// # Errors
/// Another run is writing, or the file system refuses.
pub fn complete(target: &Path) -> Result<bool> {
    let state = target.join(STATE_FOLDER);
    let lock = Lock::take(&state.join(LOCK))?;
    let is_there = end_moves(target)?;
    drop(lock);
    remove_if_there(&state.join(LOCK))?;
    Ok(is_there)
}

/// Finishes the moves of a killed `new` or takes them back, as it had been decided; whether they are done.
fn end_moves(target: &Path) -> Result<bool> {
    let state = target.join(STATE_FOLDER);
    if state.join(BACK).exists() {
        take_moves_back(target)?;
        return Ok(false);
    }
    if state.join(JOURNAL).exists() {
        finish_moves(target)?;
    }
    Ok(true)
}

/// Takes the moves back that the journal of a run names which the system refused.
fn take_moves_back(target: &Path) -> Result<()> {
    let state = target.join(STATE_FOLDER);
    let journal = state.join(BACK);
    let moves = std::fs::read_to_string(&journal).map_err(Error::file("read", &journal))?;
    for path in moves.lines().filter(|path| is_inside(path)) {
        let from = state.join(STAGING).join(path);
        if from.symlink_metadata().is_ok() {
            continue;
        }
        match std::fs::read(state.join(KEPT).join(path)) {
            Ok(content) => {
                remove_if_there(&target.join(path))?;
                write_file(&target.join(path), &content, 0o644, false)?;
            }
            Err(_) => remove_if_there(&target.join(path))?,
        }
    }
    remove_if_there(&state.join(STAGING))?;
    remove_if_there(&state.join(KEPT))?;
    remove_if_there(&journal)
}

fn finish_moves(target: &Path) -> Result<()> {
    let state = target.join(STATE_FOLDER);
    let journal = state.join(JOURNAL);
    let moves = std::fs::read_to_string(&journal).map_err(Error::file("read", &journal))?;
    for path in moves.lines().filter(|path| is_inside(path)) {
        let from = state.join(STAGING).join(path);
        if from.symlink_metadata().is_ok() {
            move_path(&from, &target.join(path))?;
        }
    }
    remove_if_there(&state.join(STAGING))?;
    remove_if_there(&state.join(KEPT))?;
    remove_if_there(&journal)
}

/// The files that a plan writes, the private ones or the others: path, content, permission bits.
fn written(plan: &Plan, is_private: bool) -> impl Iterator<Item = (&str, &[u8], u32)> {
    let changes = plan.changes.iter();
    let changes = changes.filter(move |change| change.is_private == is_private);
    changes.filter_map(|change| match &change.step {
        Step::Write { content, bits } => Some((change.path.as_str(), content.as_slice(), *bits)),
        Step::Leave | Step::Remove => None,
    })
}

/// Writes all files. Those that hold secrets come last, so that they lie in a directory that a kill can leave behind for as
/// short as can be.
fn write_all(plan: &Plan, root: &Path) -> Result<()> {
    std::fs::create_dir_all(root).map_err(Error::file("create", root))?;
    for is_private in [false, true] {
        let files = written(plan, is_private);
        let files: Vec<_> = files
            .map(|(path, content, bits)| (on_disk(root, path), content, bits))
            .collect();
        let folders: BTreeSet<&Path> = files.iter().filter_map(|(path, ..)| path.parent()).collect();
        for folder in folders {
            std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        }
        let write = |(path, content, bits): &(PathBuf, &[u8], u32)| write_content(path, content, *bits, false);
        on_all(|| files.par_iter().try_for_each(write))?;
    }
    Ok(())
}

/// Keeps what files hold that are to be replaced, for the case that all goes back.
fn keep_replaced(plan: &Plan, state: &Path) -> Result<()> {
    for change in &plan.changes {
        if let (Step::Write { .. }, Some(content)) = (&change.step, change.before.content()) {
            write_file(&on_disk(&state.join(KEPT), &change.path), content, 0o600, false)?;
        }
    }
    Ok(())
}

/// The topmost ancestor that does not exist yet.
fn first_missing(path: &Path) -> Option<PathBuf> {
    path.ancestors()
        .take_while(|ancestor| !ancestor.exists())
        .last()
        .map(Path::to_path_buf)
}
