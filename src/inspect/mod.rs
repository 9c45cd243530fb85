//! What is in the user's own code, read with ruff's parser: nothing is run. `models.py` says which fields there are, a
//! directory of migrations which one comes last.

mod arguments;
mod ask;
mod choices;
mod fields;
mod fill;
mod migrations;
mod models;
mod module;
mod references;
mod snapshot;
mod values;

use indexmap::IndexMap;

use crate::model::{Field, PrimaryKey};

pub use ask::ask;
pub use fill::fill;
pub use migrations::{dependencies, read_migrations};
pub use models::read_models;
pub use references::{Unresolved, files_of, unresolved};
pub use snapshot::{SeenApp, Snapshot};

/// What one `models.py` holds.
#[derive(Debug, Default)]
pub struct FoundModels {
    /// The models by class name; abstract ones live on in those that inherit them.
    pub models: IndexMap<String, FoundModel>,
    /// What was left out.
    pub notes: Vec<Note>,
}

/// One model as it stands in the code.
#[derive(Debug)]
pub struct FoundModel {
    /// Its fields in the code's order.
    pub fields: IndexMap<String, Field>,
    /// The line of each field, from 1.
    pub field_lines: IndexMap<String, usize>,
    /// The field that is the key; none where Django makes one.
    pub key: Option<PrimaryKey>,
    /// Whether nothing in this file says how its rows are ordered.
    pub unordered: bool,
    /// The line of its class, from 1.
    pub line: usize,
}

/// Something that could not be read and is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The file, for messages.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What it is; begins with the field's place: `` `Post.price` … ``.
    pub text: String,
}

impl std::fmt::Display for Note {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "`{}` line {}: {}", self.path, self.line, self.text)
    }
}
