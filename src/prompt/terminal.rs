//! A terminal that answers, through dialoguer.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use console::{Term, style};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Editor, Input, MultiSelect, Select};

use super::{Check, Choice, Prompter};
use crate::error::{Error, Result};

static IGNORE_INTERRUPTS: AtomicBool = AtomicBool::new(false);
static HANDLER: Once = Once::new();

/// From now on Ctrl-C ends the prompt that waits, and nothing else: without this the process would die with the cursor
/// hidden, or in the middle of writing.
pub fn ignore_interrupts() {
    IGNORE_INTERRUPTS.store(true, Ordering::SeqCst);
    HANDLER.call_once(|| {
        // Where no handler can be set, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(|| {
            if !IGNORE_INTERRUPTS.load(Ordering::SeqCst) {
                let _ = Term::stderr().show_cursor();
                std::process::exit(130);
            }
        });
    });
}

/// From now on Ctrl-C ends the program again.
pub fn stop_ignoring_interrupts() {
    IGNORE_INTERRUPTS.store(false, Ordering::SeqCst);
}

/// Asks on the terminal that stderr is.
pub struct Terminal {
    term: Term,
    theme: ColorfulTheme,
}

impl Default for Terminal {
    fn default() -> Self {
        Self {
            term: Term::stderr(),
            theme: ColorfulTheme::default(),
        }
    }
}

impl Terminal {
    fn help(&self, help: &str) {
        if !help.is_empty() {
            self.line(&format!("{}", style(help).for_stderr().dim()));
        }
    }

    fn line(&self, text: &str) {
        // A terminal that takes no line will not take the question either, and that is reported.
        let _ = self.term.write_line(text);
    }

    fn answered<T>(&self, answer: dialoguer::Result<T>) -> Result<T> {
        answer.map_err(|dialoguer::Error::IO(error)| {
            let _ = self.term.show_cursor();
            if error.kind() == std::io::ErrorKind::Interrupted {
                Error::Interrupted
            } else {
                Error::input(format!("the terminal gives no answer: {error}")).hint("add `--yes` to be asked nothing")
            }
        })
    }
}

fn labels(choices: &[Choice]) -> Vec<String> {
    let widest = choices
        .iter()
        .map(|choice| choice.label.chars().count())
        .max()
        .unwrap_or_default();
    choices
        .iter()
        .map(|choice| match choice.help.as_str() {
            "" => choice.label.clone(),
            help => format!("{:<widest$}  {help}", choice.label),
        })
        .collect()
}

impl Prompter for Terminal {
    fn choose(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<usize> {
        self.help(help);
        let answer = Select::with_theme(&self.theme)
            .with_prompt(question)
            .items(labels(choices))
            .default(default)
            .report(false)
            .interact_on(&self.term);
        let chosen = self.answered(answer)?;
        self.line(&format!(
            "{} {question} · {}",
            style("✔").for_stderr().green(),
            choices[chosen].label
        ));
        Ok(chosen)
    }

    fn choose_several(
        &mut self,
        question: &str,
        help: &str,
        choices: &[Choice],
        default: &[bool],
    ) -> Result<Vec<usize>> {
        self.help(help);
        let answer = MultiSelect::with_theme(&self.theme)
            .with_prompt(format!("{question} (space marks, enter is done)"))
            .items(labels(choices))
            .defaults(default)
            .interact_on(&self.term);
        self.answered(answer)
    }

    fn text(&mut self, question: &str, help: &str, default: &str, check: Check<'_>) -> Result<String> {
        self.help(help);
        let answer = Input::<String>::with_theme(&self.theme)
            .with_prompt(question)
            .default(default.to_owned())
            .show_default(!default.is_empty())
            .allow_empty(true)
            .validate_with(|text: &String| -> std::result::Result<(), String> {
                check(text).map_err(|error| {
                    let mut parts = vec![error.to_string()];
                    parts.extend(error.hints());
                    parts.join("; ")
                })
            })
            .interact_text_on(&self.term);
        self.answered(answer)
    }

    fn edit(&mut self, text: &str, extension: &str) -> Result<Option<String>> {
        let edited = Editor::new().extension(extension).edit(text);
        self.answered(edited)
    }

    fn show(&mut self, lines: &str) {
        self.line(lines);
    }
}
