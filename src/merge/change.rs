//! One path of a plan, and how a dispute about it is settled.

use super::{Conflict, fault};
use crate::tree::Found;

/// What happens to one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is written for the first time, or again where it was missing.
    Create,
    /// The user has not touched it: it becomes what is rendered now.
    Update,
    /// Both sides changed it, each something else.
    Merge,
    /// It is no longer part of the project, and the user has not touched it.
    Delete,
    /// Both sides changed the same, or one edited what the other removed.
    Conflict,
    /// There is a change for it, and no place to write it to.
    Unapplied,
    /// The user's file stays as it is.
    Keep,
    /// What is there is what was wanted.
    Identical,
}

impl Action {
    /// The word that reports use.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Merge => "merge",
            Self::Delete => "delete",
            Self::Conflict => "conflict",
            Self::Unapplied => "unapplied",
            Self::Keep => "keep",
            Self::Identical => "identical",
        }
    }

    /// Whether somebody still has to look at it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Conflict | Self::Unapplied)
    }
}

/// What is done on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Leave,
    /// The file is written.
    Write {
        /// Its content.
        content: Vec<u8>,
        /// Its permission bits.
        bits: u32,
    },
    /// The file is removed.
    Remove,
}

/// What the two sides can't both have.
#[derive(Debug, Clone)]
pub enum Dispute {
    /// Both changed the same lines.
    Text(Conflict),
    /// Both changed a file that is no text.
    Binary {
        /// What is rendered now.
        theirs: Vec<u8>,
    },
    /// The user edited what is no longer part of the project.
    Removed,
}

/// How a dispute is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The user's side.
    Mine,
    /// The side of what is rendered now.
    Theirs,
    /// Both, between markers, for the user to choose later. What can't hold markers stays as it is.
    Markers {
        /// The version of djscaffold that the markers name.
        version: String,
    },
    /// What the user made of it.
    Text(Vec<u8>),
}

/// One path of a plan.
#[derive(Debug, Clone)]
pub struct Change {
    /// The path.
    pub path: String,
    /// The component whose file it is; empty for djscaffold's own.
    pub component: String,
    /// What happens to it.
    pub action: Action,
    /// Why, in a few words.
    pub reason: String,
    /// What is done on the disk.
    pub step: Step,
    /// What is still to be settled.
    pub dispute: Option<Dispute>,
    /// What lies there now; for a renamed file, at its old path.
    pub before: Found,
    /// What was rendered last time and what is now, where that is not applied.
    pub withheld: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether it holds secrets, which nobody is to be shown.
    pub is_private: bool,
    /// Where it lay before, if the file has another name now.
    pub renamed_from: Option<String>,
}

impl Change {
    /// Settles the dispute, if there is one.
    pub fn settle(&mut self, settlement: Settlement) {
        let Some(dispute) = self.dispute.take() else { return };
        let bits = match &self.before {
            Found::File { bits, .. } => *bits,
            Found::Missing | Found::Other(_) => 0o644,
        };
        let is_choice = matches!(dispute, Dispute::Text(_)) && !matches!(settlement, Settlement::Markers { .. });
        let write = |content: Vec<u8>| Step::Write { content, bits };
        (self.action, self.step) = match (settlement, dispute) {
            (Settlement::Text(content), _) => (Action::Merge, write(content)),
            (Settlement::Mine, Dispute::Text(conflict)) => (Action::Merge, write(conflict.mine())),
            (Settlement::Theirs, Dispute::Text(conflict)) => (Action::Merge, write(conflict.theirs())),
            (Settlement::Markers { version }, Dispute::Text(conflict)) => {
                (Action::Conflict, write(conflict.with_markers(&version)))
            }
            (Settlement::Theirs, Dispute::Binary { theirs }) => (Action::Update, write(theirs)),
            (Settlement::Theirs, Dispute::Removed) => (Action::Delete, Step::Remove),
            (Settlement::Mine, _) => (Action::Keep, self.in_place()),
            (Settlement::Markers { .. }, _) => (Action::Conflict, self.in_place()),
        };
        if let (Step::Write { content, .. }, None, Some(before)) =
            (&self.step, &self.renamed_from, self.before.content())
            && content == before
        {
            (self.action, self.step) = (Action::Keep, Step::Leave);
        }
        // What was chosen is written, and told where it is no better than a merge that would not have been made.
        if let Step::Write { content, .. } = &self.step
            && is_choice
            && let Some(fault) = fault(&self.path, self.before.content().unwrap_or_default(), content)
        {
            (self.action, self.reason) = (Action::Conflict, fault);
        }
    }

    /// What leaves the user's file as it is: nothing, or its move to the new name.
    fn in_place(&self) -> Step {
        match (&self.renamed_from, &self.before) {
            (Some(_), Found::File { content, bits }) => Step::Write {
                content: content.clone(),
                bits: *bits,
            },
            _ => Step::Leave,
        }
    }

    /// What is on the disk before and after, or for what is not applied, what was rendered before and is now.
    #[must_use]
    pub fn sides(&self) -> (&[u8], &[u8]) {
        if let Some((before, after)) = &self.withheld {
            return (before, after);
        }
        let before = self.before.content().unwrap_or_default();
        let after = match &self.step {
            Step::Leave => before,
            Step::Write { content, .. } => content,
            Step::Remove => &[],
        };
        (before, after)
    }
}
