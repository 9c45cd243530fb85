//! What people and machines are told: one printer, status words right-aligned in one column, data to stdout and talk to
//! stderr.

mod diff;
mod outcome;
mod progress;
mod shell;

use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
pub use diff::{in_colour, unified_diff};
pub use outcome::Outcome;
pub use progress::{Progress, Spinner};
pub use shell::shell_word;

use crate::error::{Error, Result};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON document on stdout.
    Json,
}

const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default().bold();

/// The one place that prints.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    quiet: bool,
}

impl Printer {
    /// A printer; a quiet one says only what went wrong, and data.
    #[must_use]
    pub const fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A status word and what it is about.
    pub fn status(self, word: &str, text: &str) {
        self.styled(GOOD, word, text);
    }

    /// A step that was done (told by its status word), skipped or failed (told by its name).
    pub fn outcome(self, word: &str, name: &str, outcome: &Outcome) {
        match outcome {
            Outcome::Done(what) => self.styled(GOOD, word, what),
            Outcome::Skipped(why) => self.styled(NOTE, "skipped", &format!("{name}: {why}")),
            Outcome::Failed { reason, command } => {
                talk(&format!(
                    "{WARN}warning{WARN:#}: {name}: {reason}\n{NOTE}hint{NOTE:#}: run `{command}` by hand"
                ));
            }
        }
    }

    fn styled(self, style: Style, word: &str, text: &str) {
        if !self.quiet {
            talk(&format!("{style}{word:>10}{style:#} {text}"));
        }
    }

    /// A path and what happens to it; what is open stands out.
    pub fn change(self, verb: &str, is_open: bool, text: &str) {
        self.styled(if is_open { WARN } else { NOTE }, verb, text);
    }

    /// Something that people should know before they go on.
    pub fn warning(self, text: &str) {
        if !self.quiet {
            talk(&format!("{WARN}warning{WARN:#}: {text}"));
        }
    }

    /// A line for people.
    pub fn line(self, text: &str) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Data: to stdout.
    ///
    /// # Errors
    /// It can't be written, as on a full disk. A reader that has gone (`| head`) is no error.
    pub fn data(self, text: &str) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let written = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(Error::file("write", "standard output")(error))
            }
            _ => Ok(()),
        }
    }

    /// Progress that matches how quiet this printer is.
    #[must_use]
    pub fn progress(self) -> Progress {
        Progress::new(self.quiet)
    }
}

static IS_VERBOSE: AtomicBool = AtomicBool::new(false);

/// From now on the commands that are run are told, or not.
pub fn set_verbose(is_verbose: bool) {
    IS_VERBOSE.store(is_verbose, Ordering::Relaxed);
}

/// Tells which command is run, if the user wants to know.
pub(crate) fn running(command: &Command) {
    if IS_VERBOSE.load(Ordering::Relaxed) {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let words: Vec<String> = words.map(|word| shell_word(&word.to_string_lossy())).collect();
        talk(&format!("{NOTE}{:>10}{NOTE:#} {}", "running", words.join(" ")));
    }
}

/// A number with its word: `1 file`, `2 files`.
#[must_use]
pub fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}

/// An error and its hints, to stderr.
pub fn error(error: &Error) {
    talk(&format!("{BAD}error{BAD:#}: {error}"));
    for hint in error.hints() {
        talk(&format!("{NOTE}hint{NOTE:#}: {hint}"));
    }
}

fn talk(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = writeln!(err, "{text}");
}
