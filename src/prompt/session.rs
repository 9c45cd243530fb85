//! One run of questions: the preset, the name, and then whatever the user wants to choose otherwise.

use super::checklist::choose_components;
use super::questions::{Question, Reply};
use super::{Check, Choice, Prompter};
use crate::catalog::Catalog;
use crate::error::Result;
use crate::spec::{Answers, Spec};

/// What the user wants in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write the project.
    Write,
    /// Leave it.
    Cancel,
}

const WRITE: &str = "Write it";
const CUSTOMISE: &str = "Customize";
const SHOW: &str = "Preview";
const CANCEL: &str = "Cancel";
const DONE: &str = "Done";

/// The replies so far, over what flags and files said.
pub struct Session<'a> {
    catalog: &'a Catalog,
    /// The answers without any reply, for a preset if one was chosen.
    begin: &'a dyn Fn(Option<&str>) -> Result<Answers>,
    /// Whether a project of that name can be written.
    is_free: Check<'a>,
    /// What flags and files said already, so that it is not asked first.
    said: Vec<Question>,
    replies: Vec<(Question, Reply)>,
}

impl<'a> Session<'a> {
    /// Begins a session. `begin` gives the answers that flags and files make, for a preset or for the default one.
    pub fn new(
        catalog: &'a Catalog,
        begin: &'a dyn Fn(Option<&str>) -> Result<Answers>,
        is_free: Check<'a>,
        said: Vec<Question>,
    ) -> Self {
        Self {
            catalog,
            begin,
            is_free,
            said,
            replies: Vec::new(),
        }
    }

    /// The answers as they are now.
    ///
    /// # Errors
    /// Flags and files that can't be brought together.
    pub fn answers(&self) -> Result<Answers> {
        let preset = self
            .replies
            .iter()
            .find_map(|(question, reply)| match (question, reply) {
                (Question::Preset, Reply::Text(preset)) => Some(preset.as_str()),
                _ => None,
            });
        let mut answers = (self.begin)(preset)?;
        for (question, reply) in &self.replies {
            question.apply(reply, &mut answers)?;
        }
        Ok(answers)
    }

    /// Asks for preset and name; then the user writes the project, or customises it first, or looks at what `show` tells
    /// of the declaration.
    ///
    /// # Errors
    /// Ctrl-C, or a terminal that is gone.
    pub fn run(
        &mut self,
        prompter: &mut dyn Prompter,
        show: &dyn Fn(&Spec) -> Result<String>,
    ) -> Result<(Decision, Answers)> {
        self.ask_first(prompter)?;
        loop {
            let answers = self.answers()?;
            let spec = Spec::from_answers(&answers, self.catalog);
            let mut choices = vec![CUSTOMISE, CANCEL];
            let help = match &spec {
                Ok(spec) => {
                    choices = vec![WRITE, CUSTOMISE, SHOW, CANCEL];
                    spec.components
                        .keys()
                        .map(String::as_str)
                        .collect::<Vec<_>>()
                        .join(", ")
                }
                Err(error) => format!("these choices don't go together: {error}"),
            };
            let labelled: Vec<Choice> = choices.iter().map(|label| Choice::new(*label, "")).collect();
            let chosen = prompter.step("What now?", &help, &labelled, 0)?;
            match (chosen.map(|index| choices[index]), spec) {
                (Some(WRITE), _) => return Ok((Decision::Write, answers)),
                (Some(CUSTOMISE), _) => self.customise(prompter)?,
                (Some(SHOW), Ok(spec)) => prompter.show(&show(&spec)?),
                (Some(_), _) => return Ok((Decision::Cancel, answers)),
                (None, _) => self.ask_first(prompter)?,
            }
        }
    }

    /// Asks for preset and name, as far as neither flags nor files said them.
    fn ask_first(&mut self, prompter: &mut dyn Prompter) -> Result<()> {
        let first = [Question::Preset, Question::Project("name")];
        for question in first
            .into_iter()
            .filter(|question| !self.said.contains(question))
            .collect::<Vec<_>>()
        {
            // There is nothing before these to go back to.
            while !self.ask(&question, prompter)? {}
        }
        Ok(())
    }

    /// Asks one question; whether there was an answer, rather than a step back.
    fn ask(&mut self, question: &Question, prompter: &mut dyn Prompter) -> Result<bool> {
        let Some(reply) = question.ask(prompter, &self.answers()?, self.catalog, self.is_free)? else {
            return Ok(false);
        };
        self.keep(question.clone(), reply);
        Ok(true)
    }

    fn keep(&mut self, question: Question, reply: Reply) {
        // Behind the others, as a component that goes takes its options along.
        self.replies.retain(|(answered, _)| *answered != question);
        self.replies.push((question, reply));
    }

    /// The components, then the options of what is on; each step leads back to the one before.
    fn customise(&mut self, prompter: &mut dyn Prompter) -> Result<()> {
        loop {
            let (catalog, answers) = (self.catalog, self.answers()?);
            let mut switch = |component: &str, is_on: bool| {
                self.keep(Question::Component(component.to_owned()), Reply::Truth(is_on));
                self.answers()
            };
            if !choose_components(prompter, catalog, answers, &mut switch)? {
                return Ok(());
            }
            if self.change_options(prompter)? {
                return Ok(());
            }
        }
    }

    /// Lets options and facts be changed, one after the other; whether the user is done, rather than going back.
    fn change_options(&mut self, prompter: &mut dyn Prompter) -> Result<bool> {
        let mut at = 0;
        loop {
            let answers = self.answers()?;
            let questions = Question::options(&answers, self.catalog);
            let mut choices = vec![Choice::new(DONE, "")];
            choices.extend(questions.iter().enumerate().map(|(index, question)| {
                Choice::new(
                    format!("{:>2}. {}", index + 1, question.name(self.catalog)),
                    question.current(&answers, self.catalog),
                )
            }));
            let Some(chosen) = prompter.step("Options", "Choose an option to change it", &choices, at)? else {
                return Ok(false);
            };
            let Some(question) = chosen.checked_sub(1).map(|index| &questions[index]) else {
                return Ok(true);
            };
            self.ask(question, prompter)?;
            at = chosen;
        }
    }
}
