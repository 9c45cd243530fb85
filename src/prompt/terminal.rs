//! A terminal that answers, through dialoguer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use console::{Term, measure_text_width, style, truncate_str};
use dialoguer::theme::ColorfulTheme;
use dialoguer::{Confirm, Editor, Input, MultiSelect, Select};

use super::{Choice, Prompter, Rules};
use crate::error::{Error, Result};

static IGNORE_INTERRUPTS: AtomicBool = AtomicBool::new(false);
static HANDLER: Once = Once::new();
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

/// From now on Ctrl-C ends the prompt that waits, and nothing else: without this the process would die with the cursor
/// hidden, or in the middle of writing.
pub fn ignore_interrupts() {
    IGNORE_INTERRUPTS.store(true, Ordering::SeqCst);
    handle_interrupts();
}

/// From now on Ctrl-C ends the program with these lines: what is done, and what is left to do.
pub fn tell_at_interrupt(lines: String) {
    *LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    handle_interrupts();
}

fn handle_interrupts() {
    HANDLER.call_once(|| {
        // Where no handler can be set, Ctrl-C ends the program as it always does.
        let _ = ctrlc::set_handler(|| {
            if !IGNORE_INTERRUPTS.load(Ordering::SeqCst) {
                let term = Term::stderr();
                let _ = term.show_cursor();
                let lines = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner);
                if !lines.is_empty() {
                    let _ = term.write_line(&format!("\n{lines}"));
                }
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
    /// Writes lines above a question and returns how many, so that they can go when it is answered.
    fn above(&self, help: &str, keys: &str) -> usize {
        let lines: Vec<String> = [help, keys]
            .into_iter()
            .filter(|text| !text.is_empty())
            .flat_map(|text| textwrap::wrap(text, self.width()))
            .map(std::borrow::Cow::into_owned)
            .collect();
        for line in &lines {
            self.line(&format!("{}", style(line).for_stderr().dim()));
        }
        lines.len()
    }

    /// Takes away what stood above a question.
    fn clear(&self, above: usize) {
        // What can't be cleared stays: nothing depends on it.
        let _ = self.term.clear_last_lines(above);
    }

    /// Says how a question was answered.
    fn answer(&self, question: &str, answer: &str) {
        let line = format!("{} {question} · {answer}", style("✔").for_stderr().green());
        self.line(&truncate_str(&line, self.width(), "…"));
    }

    /// How wide a line may be, one column less than the terminal: some wrap as soon as the last one is filled.
    fn width(&self) -> usize {
        usize::from(self.term.size().1).saturating_sub(1).max(20)
    }

    /// The choices in a column each for what they are called and what they are, cut where the terminal ends.
    fn labels(&self, choices: &[Choice], margin: usize) -> Vec<String> {
        let widths = choices.iter().map(|choice| measure_text_width(&choice.label));
        let widest = widths.max().unwrap_or_default();
        let label = |choice: &Choice| match choice.help.as_str() {
            "" => choice.label.clone(),
            help => format!("{:<widest$}  {help}", choice.label),
        };
        let width = self.width().saturating_sub(margin);
        let cut = |choice| truncate_str(&label(choice), width, "…").into_owned();
        choices.iter().map(cut).collect()
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
                Error::input(format!("cannot read from the terminal: {error}"))
                    .hint("add `--yes` to skip the questions")
            }
        })
    }
}

/// What stands before each choice: the mark of where the cursor is, and in a list of several that of what is chosen.
const MARGIN: usize = 2;
const MARGIN_OF_SEVERAL: usize = 4;
/// What stands round the question where a text is typed.
const MARGIN_OF_TEXT: usize = 5;

impl Prompter for Terminal {
    fn choose(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>> {
        let chosen = self.step(question, help, choices, default)?;
        self.answer(question, chosen.map_or("back", |index| choices[index].label.trim()));
        Ok(chosen)
    }

    fn step(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>> {
        let above = self.above(help, "↑ ↓ move · enter choose · esc back");
        let answer = Select::with_theme(&self.theme)
            .with_prompt(question)
            .items(self.labels(choices, MARGIN))
            .default(default)
            .report(false)
            .interact_on_opt(&self.term);
        let chosen = self.answered(answer)?;
        self.clear(above);
        Ok(chosen)
    }

    fn choose_several(
        &mut self,
        question: &str,
        help: &str,
        choices: &[Choice],
        default: &[bool],
        least: usize,
    ) -> Result<Option<Vec<usize>>> {
        let mut help = help.to_owned();
        loop {
            let above = self.above(&help, "↑ ↓ move · space toggle · enter done · esc back");
            let answer = MultiSelect::with_theme(&self.theme)
                .with_prompt(question)
                .items(self.labels(choices, MARGIN_OF_SEVERAL))
                .defaults(default)
                .report(false)
                .interact_on_opt(&self.term);
            let chosen = self.answered(answer)?;
            self.clear(above);
            let said = chosen.as_ref().map(|chosen| {
                let labels: Vec<&str> = chosen.iter().map(|index| choices[*index].label.as_str()).collect();
                labels.join(", ")
            });
            if chosen.as_ref().is_some_and(|chosen| chosen.len() < least) {
                help = format!("Choose at least {least}.");
                continue;
            }
            self.answer(question, said.as_deref().unwrap_or("back"));
            return Ok(chosen);
        }
    }

    fn confirm(&mut self, question: &str, help: &str, default: bool) -> Result<bool> {
        let above = self.above(help, "");
        let answer = Confirm::with_theme(&self.theme)
            .with_prompt(question)
            .default(default)
            .report(false)
            .interact_on(&self.term);
        let is_yes = self.answered(answer)?;
        self.clear(above);
        self.answer(question, if is_yes { "yes" } else { "no" });
        Ok(is_yes)
    }

    fn text(&mut self, question: &str, help: &str, default: &str, rules: Rules<'_>) -> Result<String> {
        let mut help = help.to_owned();
        let mut initial = None;
        loop {
            let above = self.above(&help, "");
            let prompt = match default {
                "" => question.to_owned(),
                default => format!("{question} ({default})"),
            };
            let mut input = Input::<String>::with_theme(&self.theme)
                .with_prompt(&prompt)
                .allow_empty(true)
                .report(false);
            if let Some(initial) = initial.take() {
                input = input.with_initial_text::<String>(initial);
            }
            let typed = self.answered(input.interact_text_on(&self.term))?;
            // The last row is cleared already, those that a long text filled are not.
            let filled = measure_text_width(&prompt) + measure_text_width(&typed) + MARGIN_OF_TEXT;
            self.clear(above + filled / usize::from(self.term.size().1).max(1));
            let typed = match typed.as_str() {
                "" => default.to_owned(),
                _ => typed,
            };
            match (rules.check)(&typed) {
                Ok(()) => {
                    self.answer(question, &typed);
                    return Ok(typed);
                }
                Err(error) => {
                    initial = (rules.propose)(&typed);
                    let mut parts = vec![error.to_string()];
                    match initial {
                        Some(_) => parts.push("how about this?".to_owned()),
                        None => parts.extend(error.hints().iter().cloned()),
                    }
                    help = parts.join("; ");
                }
            }
        }
    }

    fn edit(&mut self, text: &str, extension: &str) -> Result<Option<String>> {
        let edited = Editor::new().extension(extension).edit(text);
        self.answered(edited)
    }

    fn show(&mut self, lines: &str) {
        self.line(lines);
    }
}
