//! A plan becomes files, as one transaction: killed at any moment, a run leaves nothing or all of it.
//!
//! A project in a folder of its own is staged beside it and renamed into place. In a folder that holds something
//! already, the files are staged below `.djscaffold/`, a journal names the moves, and then they happen; what a killed
//! run left is finished or cleared away by the next one.

mod log;
mod record;
mod staging;
mod transaction;

use std::path::{Path, PathBuf};

pub use log::{Run, runs};
pub use record::{FileRecord, Record, Version};
pub use transaction::{Contents, Recovery, Writer, recover};

use crate::error::{Error, Result};
use crate::merge::{Action, Plan, Step};
use crate::tree::{Entry, Tree, is_inside, on_disk};
use staging::{Lock, move_path, remove_if_there, write_file};

/// The folder in a project that holds what djscaffold remembers.
pub const STATE_FOLDER: &str = ".djscaffold";
const JOURNAL: &str = "journal";
const STAGING: &str = "staging";
const LOCK: &str = "lock";

/// What a folder holds where a project is to be written.
#[derive(Debug)]
pub enum Ground {
    /// Nothing: the project becomes the folder.
    Free,
    /// A folder that is empty or holds what a fresh clone does: it and all of that stay.
    Existing(Tree),
    /// A killed run's moves were just finished: the project is there, whole.
    Recovered,
}

/// Looks at the folder where a project is to be written, and finishes what a killed run left there.
///
/// # Errors
/// It holds something that is not a fresh clone's, or can't be read.
pub fn survey(target: &Path) -> Result<Ground> {
    if !target.exists() && target.symlink_metadata().is_err() {
        return Ok(Ground::Free);
    }
    if !target.is_dir() {
        return Err(
            Error::input(format!("`{}` is there and is not a folder", target.display()))
                .hint("take another name, or say where to write with `--into DIR`"),
        );
    }
    if finish(target)? {
        return Ok(Ground::Recovered);
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
                "the folder `{}` is not empty: it holds `{name}`",
                target.display()
            ))
            .hint("take another name or another folder (`--into DIR`)")
            .hint("only `.git`, a README and a LICENSE may be there already"));
        }
        if name != ".git" && entry.path().is_file() {
            let content = std::fs::read(entry.path()).map_err(Error::file("read", entry.path()))?;
            let kept = Entry {
                content,
                ..Entry::text("")
            };
            found.insert(name, kept);
        }
    }
    Ok(Ground::Existing(found))
}

fn is_clones(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    name == ".git"
        || ["README", "LICENSE", "LICENCE"]
            .iter()
            .any(|known| stem.eq_ignore_ascii_case(known))
}

/// Writes a project's files.
///
/// # Errors
/// The file system refuses, or another run writes at the same place. Nothing is left then.
pub fn write_project(plan: &Plan, target: &Path, ground: &Ground) -> Result<()> {
    match ground {
        Ground::Free => write_whole(plan, target),
        Ground::Existing(_) => write_into(plan, target),
        Ground::Recovered => Ok(()),
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
    let outcome = stage_and_publish(plan, &work, &target);
    if outcome.is_err()
        && let Some(created) = created
    {
        // Only empty folders go: somebody else may have put something there meanwhile.
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
        .and_then(|()| write_all(plan, &staged))
        .and_then(|()| staging::synchronise_all(&staged));
    if let Err(error) = staging {
        drop(lock);
        remove_if_there(&state)?;
        return Err(error);
    }
    let moves = top_level_moves(plan);
    let draft = state.join("journal.new");
    std::fs::write(&draft, moves.join("\n")).map_err(Error::file("write", &draft))?;
    staging::synchronise(&draft)?;
    std::fs::rename(&draft, state.join(JOURNAL)).map_err(Error::file("write", state.join(JOURNAL)))?;
    staging::synchronise_folder(&state)?;
    finish_moves(target)?;
    drop(lock);
    remove_if_there(&state.join(LOCK))
}

/// What is renamed into place: top-level files and folders, and the files of djscaffold's own folder one by one.
fn top_level_moves(plan: &Plan) -> Vec<String> {
    let mut moves: Vec<String> = plan
        .with_action(Action::Create)
        .map(|change| match change.path.split_once('/') {
            Some((STATE_FOLDER, _)) | None => change.path.clone(),
            Some((folder, _)) => folder.to_owned(),
        })
        .collect();
    moves.dedup();
    moves
}

/// Whether a killed `new` left moves to be finished.
fn journal_of_new(target: &Path) -> bool {
    target.join(STATE_FOLDER).join(JOURNAL).exists()
}

/// Finishes the moves that a journal names; whether there was one.
fn finish(target: &Path) -> Result<bool> {
    let state = target.join(STATE_FOLDER);
    if !journal_of_new(target) {
        return Ok(false);
    }
    let lock = Lock::take(&state.join(LOCK))?;
    finish_moves(target)?;
    drop(lock);
    remove_if_there(&state.join(LOCK))?;
    Ok(true)
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
    remove_if_there(&journal)
}

fn write_all(plan: &Plan, root: &Path) -> Result<()> {
    std::fs::create_dir_all(root).map_err(Error::file("create", root))?;
    for change in plan.with_action(Action::Create) {
        if let Step::Write { content, bits } = &change.step {
            write_file(&on_disk(root, &change.path), content, *bits, false)?;
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
