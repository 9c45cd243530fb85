//! How a step went that may fail without harm.

/// How a step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done(String),
    /// There was nothing to do, and why.
    Skipped(String),
    /// It failed: why, and the command to run by hand.
    Failed {
        /// What went wrong, in a line.
        reason: String,
        /// What to run by hand.
        command: String,
    },
}
