//! One run of questions: all that matter, a summary, and a way back to any of them.

use super::questions::{Question, Reply};
use super::{Check, Choice, Prompter};
use crate::catalog::Catalog;
use crate::error::Result;
use crate::spec::{Answers, Spec};

/// What the user wants after the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Write the project.
    Write,
    /// Leave it.
    Cancel,
}

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

    /// Asks all that matters, then shows `summarise` of the declaration and lets the user write, change or leave.
    ///
    /// # Errors
    /// Ctrl-C, or a terminal that is gone.
    pub fn run(
        &mut self,
        prompter: &mut dyn Prompter,
        summarise: &dyn Fn(&Spec) -> Result<String>,
    ) -> Result<(Decision, Answers)> {
        while let Some(question) = self.next_question()? {
            self.ask(&question, prompter)?;
        }
        loop {
            let answers = self.answers()?;
            let summary = Spec::from_answers(&answers, self.catalog).and_then(|spec| summarise(&spec));
            let can_write = summary.is_ok();
            match summary {
                Ok(summary) => prompter.show(&summary),
                Err(error) => prompter.show(&format!("this does not fit together: {error}")),
            }
            let mut choices = vec!["Change an answer", "Leave without writing"];
            if can_write {
                choices.insert(0, "Write the project");
            }
            let labelled: Vec<Choice> = choices
                .iter()
                .map(|label| Choice {
                    label: (*label).to_owned(),
                    help: String::new(),
                })
                .collect();
            match choices[prompter.choose("What now?", "", &labelled, 0)?] {
                "Write the project" => return Ok((Decision::Write, answers)),
                "Change an answer" => self.change_one(&answers, prompter)?,
                _ => return Ok((Decision::Cancel, answers)),
            }
        }
    }

    /// The first question that matters and was not answered yet: each answer can bring or take away others.
    fn next_question(&self) -> Result<Option<Question>> {
        let questions = Question::all(&self.answers()?, self.catalog);
        Ok(questions.into_iter().find(|question| {
            question.is_asked()
                && !self.said.contains(question)
                && !self.replies.iter().any(|(answered, _)| answered == question)
        }))
    }

    fn ask(&mut self, question: &Question, prompter: &mut dyn Prompter) -> Result<()> {
        let reply = question.ask(prompter, &self.answers()?, self.catalog, self.is_free)?;
        match self.replies.iter_mut().find(|(answered, _)| answered == question) {
            Some((_, old)) => *old = reply,
            None => self.replies.push((question.clone(), reply)),
        }
        Ok(())
    }

    fn change_one(&mut self, answers: &Answers, prompter: &mut dyn Prompter) -> Result<()> {
        let questions = Question::all(answers, self.catalog);
        let choices: Vec<Choice> = questions
            .iter()
            .map(|question| Choice {
                label: question.name(self.catalog),
                help: question.current(answers, self.catalog),
            })
            .collect();
        let chosen = prompter.choose("Which one?", "", &choices, 0)?;
        self.ask(&questions[chosen], prompter)?;
        // What was chosen may raise questions that did not matter before.
        while let Some(question) = self.next_question()? {
            self.ask(&question, prompter)?;
        }
        Ok(())
    }
}
