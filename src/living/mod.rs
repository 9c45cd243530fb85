//! A project that is there already: it is opened, its declaration changed, rendered anew and merged with what its owner
//! made of it. All commands but `new` are this motion; they differ in how the new declaration comes about and in how far
//! they go ([`Intent`]).

mod freshness;
mod intent;
mod migrations;
mod models;
mod outlook;
mod project;
mod references;
mod rewrite;
mod standing;
mod takeback;

pub use intent::Intent;
pub use outlook::{News, Outlook, due_command, look_ahead};
pub use project::{Project, source_of, templates_of};
pub use references::{References, references};
pub use standing::{Edited, FileState, Pending, Standing, edits, standing};
pub use takeback::{TakeBack, take_back};
