//! What is in the user's own code: which models there are, told by the project's own Django; which migration comes last and
//! what modules take from one another, read with ruff's parser without running anything.

mod ask;
mod fill;
mod key;
mod migrations;
mod module;
mod references;
mod snapshot;

use indexmap::IndexMap;

use crate::model::Model;

pub use ask::ask;
pub use fill::fill;
pub use key::{closure, models_key};
pub use migrations::{dependencies, read_migrations};
pub use references::{Unresolved, files_of, unresolved};
pub use snapshot::{SNAPSHOT, SeenApp, Snapshot};

/// The models of one app by class name.
pub type FoundModels = IndexMap<String, FoundModel>;

/// One model as Django has it.
#[derive(Debug)]
pub struct FoundModel {
    /// The file that defines it.
    pub path: String,
    /// Why it can have no pages; none if it can.
    pub refusal: Option<&'static str>,
    /// Its fields and what else Django told; no pointers.
    pub model: Model,
}

/// Something about a file that people should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file, for messages.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub text: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` line {}: {}", self.path, self.line, self.text)
    }
}
