//! A spinner while something takes long; none where nobody watches.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Makes spinners, or silent ones.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    hidden: bool,
}

/// A running spinner.
#[derive(Debug)]
pub struct Spinner(ProgressBar);

impl Progress {
    /// Spinners are shown on a terminal only, and never when quiet.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Self {
            hidden: quiet || !std::io::stderr().is_terminal(),
        }
    }

    /// Starts a spinner.
    #[must_use]
    pub fn spinner(self, message: &str) -> Spinner {
        if self.hidden {
            return Spinner(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner:>10} {msg} {elapsed:.dim}") {
            bar.set_style(style);
        }
        bar.set_message(message.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Spinner(bar)
    }
}

impl Spinner {
    /// Takes the spinner off the screen.
    pub fn finish_and_clear(&self) {
        self.0.finish_and_clear();
    }
}
