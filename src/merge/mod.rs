//! What was rendered last time, what is rendered now and what lies in the folder become a plan: a change for every path,
//! each with its reason. Nothing is written here.

mod layout;
mod text;

pub use layout::Layout;
pub use text::{Conflict, Merged, has_markers, is_same_but_for_layout, merge};

use crate::tree::{Entry, Tree};

/// What happens to one path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It is written for the first time.
    Create,
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
            Self::Keep => "keep",
            Self::Identical => "identical",
        }
    }
}

/// One path of a plan.
#[derive(Debug)]
pub struct Change {
    /// The path.
    pub path: String,
    /// What happens to it.
    pub action: Action,
    /// What was rendered for it.
    pub entry: Entry,
}

/// Everything that a run will do, in the order of the paths.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes.
    pub changes: Vec<Change>,
}

impl Plan {
    /// Plans a project's first writing: what lies in the folder already is the user's and stays.
    #[must_use]
    pub fn first(wanted: &Tree, found: &Tree) -> Self {
        let changes = wanted.iter().map(|(path, entry)| Change {
            path: path.to_owned(),
            action: match found.get(path) {
                None => Action::Create,
                Some(there) if there.content == entry.content => Action::Identical,
                Some(_) => Action::Keep,
            },
            entry: entry.clone(),
        });
        Self {
            changes: changes.collect(),
        }
    }

    /// The changes of one kind.
    pub fn with_action(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.action == action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_there_already_is_kept() {
        let mut wanted = Tree::default();
        let mut found = Tree::default();
        for path in ["LICENSE", "README.md", "manage.py"] {
            wanted.insert(path, Entry::text("generated\n"));
        }
        found.insert("README.md", Entry::text("mine\n"));
        found.insert("LICENSE", Entry::text("generated\n"));
        let plan = Plan::first(&wanted, &found);
        let verbs: Vec<_> = plan.changes.iter().map(|change| change.action.verb()).collect();
        assert_eq!(verbs, ["identical", "keep", "create"]);
    }
}
