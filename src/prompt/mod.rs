//! The questions. What is asked comes from the catalog; who answers (a terminal, a test) stands behind [`Prompter`].

mod conflicts;
mod questions;
mod session;
mod terminal;

pub use conflicts::{confirm, settle_by_asking};
pub use questions::Question;
pub use session::{Decision, Session};
pub use terminal::{Terminal, ignore_interrupts, stop_ignoring_interrupts};

use crate::error::Result;

/// One thing that can be chosen, with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// When to take it; may be empty.
    pub help: String,
}

/// A check that a text must pass; the error is shown at the prompt, which then asks again.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<()>;

/// Somebody who answers questions.
pub trait Prompter {
    /// Asks for one of several; returns its index.
    ///
    /// # Errors
    /// The user pressed Ctrl-C, or the terminal is gone.
    fn choose(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<usize>;

    /// Asks for any of several; returns their indices.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn choose_several(
        &mut self,
        question: &str,
        help: &str,
        choices: &[Choice],
        default: &[bool],
    ) -> Result<Vec<usize>>;

    /// Asks for a text that passes the check.
    ///
    /// # Errors
    /// As [`Prompter::choose`].
    fn text(&mut self, question: &str, help: &str, default: &str, check: Check<'_>) -> Result<String>;

    /// Lets a text be changed in the user's editor; none if it was left as it is. The extension tells the editor what
    /// it is: `.py`.
    ///
    /// # Errors
    /// As [`Prompter::choose`], or there is no editor.
    fn edit(&mut self, text: &str, extension: &str) -> Result<Option<String>>;

    /// Shows some lines.
    fn show(&mut self, lines: &str);
}
