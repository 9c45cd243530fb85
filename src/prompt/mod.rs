//! The questions. What is asked comes from the catalog; who answers (a terminal, a test) stands behind [`Prompter`].

mod checklist;
mod conflicts;
mod models;
mod questions;
mod session;
mod terminal;

pub use conflicts::settle_by_asking;
pub use models::{ask_app, ask_model};
pub use questions::Question;
pub use session::{Decision, Session};
pub use terminal::{Terminal, ignore_interrupts, stop_ignoring_interrupts, tell_at_interrupt};

use crate::error::Result;

/// One thing that can be chosen, with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// When to take it; may be empty.
    pub help: String,
}

impl Choice {
    fn new(label: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            help: help.into(),
        }
    }
}

/// What a typed text must be.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Refuses a text; the error is shown at the prompt, which then asks again.
    pub check: &'a dyn Fn(&str) -> Result<()>,
    /// What a refused text is turned into, for the user to edit.
    pub propose: &'a dyn Fn(&str) -> Option<String>,
}

/// A check that a text must pass.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<()>;

/// Somebody who answers questions.
pub trait Prompter {
    /// Asks for one of several; returns its index, or none to go back.
    ///
    /// # Errors
    /// The user pressed Ctrl-C, or the terminal is gone.
    fn choose(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>>;

    /// The same for a step of a longer choice, which leaves no line behind.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn step(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>>;

    /// Asks for any of several, at least `least` of them; returns their indices, or none to go back.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn choose_several(
        &mut self,
        question: &str,
        help: &str,
        choices: &[Choice],
        default: &[bool],
        least: usize,
    ) -> Result<Option<Vec<usize>>>;

    /// Asks a question of yes or no.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn confirm(&mut self, question: &str, help: &str, default: bool) -> Result<bool>;

    /// Asks for a text.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn text(&mut self, question: &str, help: &str, default: &str, rules: Rules<'_>) -> Result<String>;

    /// Lets a text be changed in the user's editor; none if it was left as it is. The extension tells the editor what
    /// it is: `.py`.
    ///
    /// # Errors
    /// As [`Prompter::choose`], or there is no editor.
    fn edit(&mut self, text: &str, extension: &str) -> Result<Option<String>>;

    /// Shows some lines.
    fn show(&mut self, lines: &str);
}
