//! How each file of a project stands: against what was rendered last, and against what would be rendered now.

use std::collections::BTreeMap;

use super::project::found_at;
use super::{Intent, Outlook, Project, look_ahead};
use crate::catalog::Source;
use crate::error::Result;
use crate::merge::{Layout, has_markers, is_same_but_for_layout};
use crate::render::DECLARATION;
use crate::tree::{Entry, Found, Ownership, Tree};

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
    /// Something else stands in its place: a link, a folder.
    Replaced,
    /// The markers of a conflict are left in it.
    Conflict,
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
        }
    }
}

/// How a project stands.
#[derive(Debug, Default)]
pub struct Standing {
    /// Each file's state with its component, by path.
    pub files: BTreeMap<String, (String, FileState)>,
    /// What `sync` would do; none while the markers of a conflict are left.
    pub pending: Option<Outlook>,
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

/// Looks at every file that was rendered last, and at no other.
///
/// # Errors
/// As [`look_ahead`], conflicts apart.
pub fn standing(project: &Project, source: &Source) -> Result<Standing> {
    let mut base = project.base()?;
    base.remove(DECLARATION);
    let mut layout = None;
    let ours = found_at(&project.root, &[&base])?;
    let mut standing = Standing::default();
    for (path, entry) in base.iter() {
        let found = ours.get(path).unwrap_or(&Found::Missing);
        let state = state(path, entry, found, project, &mut layout)?;
        standing.files.insert(path.to_owned(), (entry.component.clone(), state));
    }
    if standing.conflicts().next().is_none() {
        let pending = look_ahead(project, source, &Intent::Update)?;
        if pending.is_calm() {
            pending.remember(project, source)?;
        }
        standing.pending = Some(pending);
    }
    Ok(standing)
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
pub fn edits(project: &Project, standing: &Standing) -> Result<Vec<Edited>> {
    let base: Tree = project.base()?;
    let layout = project.layout()?;
    let mut edits = Vec::new();
    for (path, (_, state)) in &standing.files {
        if matches!(state, FileState::Pristine | FileState::Replaced) {
            continue;
        }
        let Some(entry) = base.get(path) else { continue };
        let ours = crate::tree::find(&project.root, path)?;
        edits.push(Edited {
            path: path.clone(),
            generated: layout.apply(path, &entry.content).into_owned(),
            mine: ours.content().unwrap_or_default().to_vec(),
        });
    }
    Ok(edits)
}
