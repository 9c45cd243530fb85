//! How each file of a project stands: against what was rendered last, and against what would be rendered now.

use std::collections::BTreeMap;

use super::{Intent, Outlook, Project, look_ahead};
use crate::catalog::Source;
use crate::error::{Error, Result};
use crate::merge::{Layout, has_markers, is_same_but_for_layout};
use crate::render::DECLARATION;
use crate::tree::{Entry, Found, Ownership};

/// How one file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileState {
    /// As it was rendered, its layout apart.
    Pristine,
    /// Changed by the user.
    Edited,
    /// Written once, the user's since then.
    Yours,
    /// Deleted by the user.
    Missing,
    /// Something else stands in its place: a link, a directory.
    Replaced,
    /// The markers of a conflict are left in it.
    Conflict,
    /// The user's alone.
    Ejected,
}

impl FileState {
    /// The word that reports use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pristine => "pristine",
            Self::Edited => "edited",
            Self::Yours => "yours",
            Self::Missing => "missing",
            Self::Replaced => "replaced",
            Self::Conflict => "conflict",
            Self::Ejected => "ejected",
        }
    }
}

/// How a project stands.
#[derive(Debug)]
pub struct Standing {
    /// Each file's state with its component, by path; those that were ejected belong to none.
    pub files: BTreeMap<String, (String, FileState)>,
    /// What `sync` would do.
    pub pending: Pending,
}

/// What `sync` would do to a project, where that can be told.
#[derive(Debug)]
pub enum Pending {
    /// The markers of a conflict are left: first they are settled.
    Conflicts,
    /// The declaration or the models can't be read.
    Unreadable(Error),
    /// This.
    Known(Box<Outlook>),
}

impl Standing {
    /// The files in which the markers of a conflict are left.
    pub fn conflicts(&self) -> impl Iterator<Item = &str> {
        self.files
            .iter()
            .filter(|(_, (_, state))| *state == FileState::Conflict)
            .map(|(path, _)| path.as_str())
    }
}

/// Looks at every file that was rendered last, and at no other, and asks what `sync` would do.
///
/// # Errors
/// The files or what djscaffold keeps of them can't be read. That the models can't be is no error, but
/// [`Pending::Unreadable`].
pub fn standing(project: &Project, source: &Source) -> Result<Standing> {
    let files = file_states(project)?;
    let has_conflicts = files.values().any(|(_, state)| *state == FileState::Conflict);
    let pending = if has_conflicts {
        Pending::Conflicts
    } else {
        match look_ahead(project, source, &Intent::Update) {
            Ok(outlook) => {
                if outlook.is_calm() {
                    outlook.remember(project, source)?;
                }
                Pending::Known(Box::new(outlook))
            }
            Err(error @ Error::Input { .. }) => Pending::Unreadable(error),
            Err(error) => return Err(error),
        }
    };
    Ok(Standing { files, pending })
}

/// Each rendered file's state with its component, by path.
fn file_states(project: &Project) -> Result<BTreeMap<String, (String, FileState)>> {
    let mut layout = None;
    let ours = project.found()?;
    let mut files = BTreeMap::new();
    for (path, entry) in project.base()?.iter().filter(|(path, _)| *path != DECLARATION) {
        let found = ours.get(path).unwrap_or(&Found::Missing);
        let state = state(path, entry, found, project, &mut layout)?;
        files.insert(path.to_owned(), (entry.component.clone(), state));
    }
    let ejected = project
        .ejected()
        .map(|path| (path.to_owned(), (String::new(), FileState::Ejected)));
    files.extend(ejected);
    Ok(files)
}

fn state(
    path: &str,
    entry: &Entry,
    found: &Found,
    project: &Project,
    layout: &mut Option<Layout>,
) -> Result<FileState> {
    let content = match found {
        Found::Missing => return Ok(FileState::Missing),
        Found::Other(_) => return Ok(FileState::Replaced),
        Found::File { content, .. } => content,
    };
    if entry.holds(content) && entry.is_executable() == found.is_executable() {
        return Ok(FileState::Pristine);
    }
    if has_markers(content) {
        return Ok(FileState::Conflict);
    }
    if entry.ownership == Ownership::Once {
        return Ok(FileState::Yours);
    }
    if entry.digest.is_some() || entry.is_executable() != found.is_executable() {
        return Ok(FileState::Edited);
    }
    // How the project lays out Python is asked for where a file differs only.
    if layout.is_none() {
        *layout = Some(project.layout()?);
    }
    let is_same = layout
        .as_ref()
        .is_some_and(|layout| is_same_but_for_layout(path, &entry.content, content, layout));
    Ok(if is_same {
        FileState::Pristine
    } else {
        FileState::Edited
    })
}

/// A file that is not as it was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Its path.
    pub path: String,
    /// What was rendered last, in the project's layout.
    pub generated: Vec<u8>,
    /// What it is now; empty if it is not there.
    pub mine: Vec<u8>,
}

/// Every file that was edited or deleted.
///
/// # Errors
/// The project can't be read.
pub fn edits(project: &Project) -> Result<Vec<Edited>> {
    let base = project.base()?;
    let layout = project.layout()?;
    let mut edits = Vec::new();
    for (path, (_, state)) in file_states(project)? {
        if matches!(state, FileState::Pristine | FileState::Replaced) {
            continue;
        }
        let Some(entry) = base.get(&path) else { continue };
        let mine = project.known(&path).unwrap_or_default().to_vec();
        edits.push(Edited {
            generated: layout.apply(&path, &entry.content).into_owned(),
            mine,
            path,
        });
    }
    Ok(edits)
}
