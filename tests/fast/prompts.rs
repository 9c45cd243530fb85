//! The questions, answered by a script instead of a terminal.

use std::collections::VecDeque;

use djscaffold::error::{Error, Result};
use djscaffold::prompt::{Check, Choice, Decision, Prompter, Question, Session};
use djscaffold::spec::{Answers, Spec};

use crate::support::catalog;

/// Answers questions by a part of their text; what the script does not name gets its default.
#[derive(Default)]
struct Script {
    answers: VecDeque<(&'static str, &'static str)>,
    asked: Vec<String>,
    refused: Vec<String>,
}

impl Script {
    fn new(answers: &[(&'static str, &'static str)]) -> Self {
        Self {
            answers: answers.iter().copied().collect(),
            ..Self::default()
        }
    }

    fn answer_to(&mut self, question: &str) -> Option<&'static str> {
        self.asked.push(question.to_owned());
        let (wanted, answer) = *self.answers.front()?;
        question.contains(wanted).then(|| {
            self.answers.pop_front();
            answer
        })
    }
}

impl Prompter for Script {
    fn choose(&mut self, question: &str, _: &str, choices: &[Choice], default: usize) -> Result<usize> {
        match self.answer_to(question) {
            Some("ctrl-c") => Err(Error::Interrupted),
            Some(answer) => Ok(choices
                .iter()
                .position(|choice| choice.label == answer)
                .expect("such a choice")),
            None => Ok(default),
        }
    }

    fn choose_several(&mut self, question: &str, _: &str, choices: &[Choice], default: &[bool]) -> Result<Vec<usize>> {
        self.answer_to(question);
        Ok((0..choices.len()).filter(|index| default[*index]).collect())
    }

    fn text(&mut self, question: &str, _: &str, default: &str, check: Check<'_>) -> Result<String> {
        loop {
            let answer = self.answer_to(question).unwrap_or(default);
            match check(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(error) => self.refused.push(error.to_string()),
            }
        }
    }

    fn edit(&mut self, _: &str, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn show(&mut self, _: &str) {}
}

fn run(script: &mut Script, said: Vec<Question>) -> Result<(Decision, Spec)> {
    let catalog = catalog();
    let begin = |preset: Option<&str>| {
        let mut answers = Answers::from_preset(preset.unwrap_or("minimal"), &catalog)?;
        answers.set_project("name", "mysite");
        Ok(answers)
    };
    let mut session = Session::new(&catalog, &begin, &|_| Ok(()), said);
    let (decision, answers) = session.run(script, &|_| Ok(String::new()))?;
    Ok((decision, Spec::from_answers(&answers, &catalog)?))
}

#[test]
fn the_defaults_make_the_preset() {
    let mut script = Script::default();
    let (decision, spec) = run(&mut script, Vec::new()).unwrap();
    assert_eq!(decision, Decision::Write);
    assert_eq!(
        (spec.project.name.as_str(), spec.project.title.as_str()),
        ("mysite", "Mysite")
    );
    assert!(
        script.asked[0].contains("Preset"),
        "the preset comes first: {:?}",
        script.asked
    );
    assert!(script.asked[1].contains("Project name"), "{:?}", script.asked);
}

#[test]
fn a_name_that_cannot_be_is_refused_at_the_prompt() {
    let mut script = Script::new(&[
        ("Project name", "class"),
        ("Project name", "shop"),
        ("First app", "shop"),
        ("First app", "sales"),
    ]);
    let (_, spec) = run(&mut script, Vec::new()).unwrap();
    assert_eq!(spec.project.name, "shop");
    assert_eq!(spec.apps.keys().collect::<Vec<_>>(), ["sales"]);
    assert_eq!(script.refused.len(), 2, "{:?}", script.refused);
}

#[test]
fn one_answer_can_be_changed_after_the_summary() {
    let mut script = Script::new(&[
        ("What now", "Change an answer"),
        ("Which one", "Time zone"),
        ("Time zone", "Mars/Olympus"),
        ("Time zone", "Europe/Berlin"),
        ("What now", "Write the project"),
    ]);
    let (decision, spec) = run(&mut script, Vec::new()).unwrap();
    assert_eq!(decision, Decision::Write);
    assert_eq!(spec.project.time_zone, "Europe/Berlin");
    assert_eq!(script.refused.len(), 1);
}

#[test]
fn leaving_is_an_answer_and_interrupting_too() {
    let mut script = Script::new(&[("What now", "Leave without writing")]);
    assert_eq!(run(&mut script, Vec::new()).unwrap().0, Decision::Cancel);
    let mut script = Script::new(&[("Django", "ctrl-c")]);
    assert!(matches!(run(&mut script, Vec::new()), Err(Error::Interrupted)));
}

#[test]
fn what_flags_said_is_not_asked() {
    let mut script = Script::default();
    run(
        &mut script,
        vec![Question::Preset, Question::Project("name"), Question::Project("django")],
    )
    .unwrap();
    assert!(
        !script
            .asked
            .iter()
            .any(|asked| asked.contains("Preset") || asked.contains("Django")),
        "{:?}",
        script.asked
    );
}
