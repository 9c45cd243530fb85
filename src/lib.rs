//! djscaffold writes Django projects and keeps looking after them.
//!
//! Data flows one way through the modules: answers → [`spec`] → [`render`] → [`tree`] → [`merge`] → [`apply`] →
//! [`report`]. [`cli`] declares the commands, [`prompt`] asks, [`catalog`] holds what can be generated, [`model`] what an
//! app's models are, [`inspect`] reads them from code, [`living`] changes a project that is there already, and [`setup`]
//! does what is left to do once the files are there. `parsed` has what was parsed when the program was built, and [`cores`]
//! divides work.

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod cores;
pub mod error;
pub mod inspect;
pub mod living;
pub mod merge;
pub mod model;
mod parsed;
pub mod prompt;
pub mod render;
pub mod report;
pub mod setup;
pub mod spec;
pub mod tree;

/// The version of this djscaffold, which projects are marked with.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The same with the commit that was built and its date, if it was built in a clone.
pub const LONG_VERSION: &str = env!("DJSCAFFOLD_VERSION");
