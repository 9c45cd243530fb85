//! The fast tests: the program as a user meets it, and laws of what it renders. No tool but git and the program itself.
#![allow(missing_docs, reason = "tests are read by their names")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics has failed"
)]

mod apps_and_models;
mod command_line;
mod components;
mod django_models;
mod equal_renders;
mod living_commands;
mod living_edits;
mod living_lists;
mod living_recovery;
mod living_teams;
mod living_truth;
mod living_update;
mod merging_examples;
mod merging_git;
mod merging_laws;
mod mistakes;
mod nothing_lost;
mod numbered_migrations;
mod package;
mod prompts;
mod random_models;
mod rendering;
mod site;
mod support;
mod surroundings;
mod terminal;
mod terminal_changes;
mod transaction;
