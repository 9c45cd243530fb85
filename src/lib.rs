//! djscaffold writes Django projects and keeps looking after them.
//!
//! Data flows one way through the modules: answers → [`spec`] → [`render`] → [`tree`] → [`merge`] → [`apply`] →
//! [`report`]. [`cli`] declares the commands, [`prompt`] asks, [`catalog`] holds what can be generated, [`model`] what an
//! app's models are, and [`setup`] does what is left to do once the files are there.

pub mod apply;
pub mod catalog;
pub mod cli;
pub mod error;
pub mod inspect;
pub mod merge;
pub mod model;
pub mod prompt;
pub mod render;
pub mod report;
pub mod setup;
pub mod spec;
pub mod tree;
