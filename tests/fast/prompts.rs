//! The questions, answered by a script instead of a terminal.

use std::collections::VecDeque;

use djscaffold::error::{Error, Result};
use djscaffold::prompt::{Choice, Decision, Prompter, Question, Rules, Session, ask_model};
use djscaffold::spec::{Answers, Spec};

use crate::support::catalog;

/// Answers questions by a part of their text; what the script does not name gets its default.
#[derive(Default)]
struct Script {
    answers: VecDeque<(&'static str, &'static str)>,
    asked: Vec<String>,
    helps: Vec<String>,
    shown: Vec<String>,
    refused: Vec<(String, Option<String>)>,
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
    fn choose(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>> {
        self.helps.push(help.to_owned());
        match self.answer_to(question) {
            Some("ctrl-c") => Err(Error::Interrupted),
            Some("esc") => Ok(None),
            Some(answer) => {
                let found = choices.iter().position(|choice| choice.label.contains(answer));
                assert!(found.is_some(), "no {answer} in {choices:?}");
                Ok(found)
            }
            None => Ok(Some(default)),
        }
    }

    fn step(&mut self, question: &str, help: &str, choices: &[Choice], default: usize) -> Result<Option<usize>> {
        self.choose(question, help, choices, default)
    }

    fn choose_several(
        &mut self,
        question: &str,
        _: &str,
        choices: &[Choice],
        default: &[bool],
        _: usize,
    ) -> Result<Option<Vec<usize>>> {
        self.answer_to(question);
        Ok(Some((0..choices.len()).filter(|index| default[*index]).collect()))
    }

    fn confirm(&mut self, question: &str, _: &str, default: bool) -> Result<bool> {
        Ok(self.answer_to(question).map_or(default, |answer| answer == "yes"))
    }

    fn text(&mut self, question: &str, _: &str, default: &str, rules: Rules<'_>) -> Result<String> {
        loop {
            let answer = self.answer_to(question).unwrap_or(default);
            match (rules.check)(answer) {
                Ok(()) => return Ok(answer.to_owned()),
                Err(error) => self.refused.push((error.to_string(), (rules.propose)(answer))),
            }
        }
    }

    fn edit(&mut self, _: &str, _: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn show(&mut self, lines: &str) {
        self.shown.push(lines.to_owned());
    }
}

fn run(script: &mut Script, said: Vec<Question>) -> Result<(Decision, Spec)> {
    let catalog = catalog();
    let begin = |preset: Option<&str>| {
        let mut answers = Answers::from_preset(preset.unwrap_or("minimal"), &catalog)?;
        answers.set_project("name", "mysite");
        Ok(answers)
    };
    let mut session = Session::new(&catalog, &begin, &|_| Ok(()), said);
    let (decision, answers) = session.run(script, &|spec| Ok(format!("shown: {}", spec.project.name)))?;
    assert_eq!(
        script.answers.len(),
        0,
        "not asked: {:?}; asked: {:?}",
        script.answers,
        script.asked
    );
    Ok((decision, Spec::from_answers(&answers, &catalog)?))
}

fn components(spec: &Spec) -> Vec<&str> {
    spec.components.keys().map(String::as_str).collect()
}

/// The components of a preset after some switches in the checklist.
fn switched(preset: &'static str, pressed: &[&'static str]) -> (Script, Spec) {
    let mut answers = vec![("Preset", preset), ("What now", "Customize")];
    answers.extend(pressed.iter().map(|name| ("Components", *name)));
    answers.extend([("Components", "Done"), ("Options", "Done"), ("What now", "Write it")]);
    let mut script = Script::new(&answers);
    let (_, spec) = run(&mut script, Vec::new()).unwrap();
    (script, spec)
}

#[test]
fn a_preset_as_it_is_takes_three_answers() {
    for preset in ["minimal", "standard", "full", "api"] {
        let mut script = Script::new(&[("Preset", preset)]);
        let (decision, spec) = run(&mut script, Vec::new()).unwrap();
        assert_eq!(decision, Decision::Write);
        assert_eq!(
            (spec.project.name.as_str(), spec.project.title.as_str()),
            ("mysite", "Mysite")
        );
        assert_eq!(script.asked, ["Preset", "Project name", "What now?"]);
        let catalog = catalog();
        let mut wanted = Answers::from_preset(preset, &catalog).unwrap();
        wanted.set_project("name", "mysite");
        assert_eq!(spec, Spec::from_answers(&wanted, &catalog).unwrap());
    }
}

#[test]
fn presets_stand_in_the_order_in_which_they_build_on_each_other() {
    let names = catalog().preset_names().join(" ");
    assert_eq!(names, "minimal standard api full cloud");
}

#[test]
fn a_name_that_cannot_be_is_turned_into_one_that_can() {
    for (typed, proposed) in [
        ("my shop", "my-shop"),
        ("café", "cafe"),
        ("Grüße aus Köln", "grusse-aus-koln"),
        ("class", "class-site"),
        ("2fast", "fast"),
    ] {
        let mut script = Script::new(&[("Project name", typed), ("Project name", "shop")]);
        let (_, spec) = run(&mut script, Vec::new()).unwrap();
        assert_eq!(spec.project.name, "shop");
        assert_eq!(script.refused.len(), 1, "{typed}: {:?}", script.refused);
        assert_eq!(script.refused[0].1.as_deref(), Some(proposed));
    }
}

#[test]
fn options_are_changed_one_by_one() {
    let mut script = Script::new(&[
        ("What now", "Customize"),
        ("Components", "Done"),
        ("Options", "First app"),
        ("First app", "mysite"),
        ("First app", "sales"),
        ("Options", "Time zone"),
        ("Time zone", "Mars/Olympus"),
        ("Time zone", "Europe/Berlin"),
        ("Options", "How do users log in"),
        ("How do users log in", "email"),
        ("Options", "Who may sign up"),
        ("Who may sign up", "esc"),
        ("Options", "Done"),
        ("What now", "Write it"),
    ]);
    let (_, spec) = run(&mut script, Vec::new()).unwrap();
    assert_eq!(spec.apps.keys().collect::<Vec<_>>(), ["sales"]);
    assert_eq!(spec.project.time_zone, "Europe/Berlin");
    assert_eq!(spec.components["accounts"]["login"].as_str(), Some("email"));
    assert_eq!(spec.components["accounts"]["signup"].as_str(), Some("open"));
    assert_eq!(script.refused.len(), 2, "{:?}", script.refused);
}

#[test]
fn what_is_switched_on_brings_what_it_needs_and_says_so() {
    let (script, spec) = switched("minimal", &["celery"]);
    assert_eq!(
        components(&spec),
        ["base", "accounts", "app", "cache", "celery", "quality", "redis"]
    );
    assert!(
        script
            .helps
            .iter()
            .any(|help| help.contains("celery is on") && help.contains("cache")),
        "{:?}",
        script.helps
    );
}

#[test]
fn what_is_switched_off_takes_along_what_needs_it() {
    let (script, spec) = switched("full", &["cache"]);
    assert!(!spec.components.contains_key("celery") && spec.components.contains_key("docker"));
    assert!(
        script
            .helps
            .iter()
            .any(|help| help.contains("cache is off") && help.contains("celery")),
        "{:?}",
        script.helps
    );
    let (_, spec) = switched("minimal", &["celery", "cache"]);
    assert_eq!(components(&spec), ["base", "accounts", "app", "quality"]);
}

#[test]
fn of_two_that_exclude_each_other_one_is_on() {
    let (_, spec) = switched("minimal", &["tasks", "celery"]);
    assert!(spec.components.contains_key("celery") && !spec.components.contains_key("tasks"));
}

#[test]
fn what_others_need_that_stay_cannot_be_switched_off() {
    let (script, spec) = switched("api", &["[x] api"]);
    assert!(spec.components.contains_key("api"));
    assert!(
        script.helps.iter().any(|help| help.contains("api stays")),
        "{:?}",
        script.helps
    );
}

#[test]
fn every_step_leads_back() {
    let mut script = Script::new(&[
        ("What now", "Customize"),
        ("Components", "Done"),
        ("Options", "esc"),
        ("Components", "[ ] api"),
        ("Components", "esc"),
        ("What now", "esc"),
        ("Preset", "standard"),
        ("Project name", "other"),
        ("What now", "Preview"),
        ("What now", "Write it"),
    ]);
    let (_, spec) = run(&mut script, Vec::new()).unwrap();
    assert_eq!(spec.project.name, "other");
    assert!(
        spec.components.contains_key("database"),
        "the preset that was taken in the end"
    );
    assert_eq!(script.shown, ["shown: other"]);
}

#[test]
fn what_does_not_fit_together_cannot_be_written() {
    let mut script = Script::new(&[
        ("Preset", "standard"),
        ("What now", "Customize"),
        ("Components", "async"),
        ("Components", "Done"),
        ("Options", "connections"),
        ("connections", "persistent"),
        ("Options", "Done"),
        ("What now", "Cancel"),
    ]);
    let mut told = Vec::new();
    let result = run(&mut script, Vec::new());
    assert!(result.is_err());
    told.append(&mut script.helps);
    assert!(
        told.iter()
            .any(|help| help.contains("don't go together") && help.contains("async")),
        "{told:?}"
    );
}

#[test]
fn leaving_is_an_answer_and_interrupting_too() {
    let mut script = Script::new(&[("What now", "Cancel")]);
    assert_eq!(run(&mut script, Vec::new()).unwrap().0, Decision::Cancel);
    let mut script = Script::new(&[("Preset", "ctrl-c")]);
    assert!(matches!(run(&mut script, Vec::new()), Err(Error::Interrupted)));
}

#[test]
fn what_flags_said_is_not_asked() {
    let mut script = Script::default();
    run(&mut script, vec![Question::Preset, Question::Project("name")]).unwrap();
    assert_eq!(script.asked, ["What now?"]);
}

/// The model that a script's answers make, in a project of the preset `minimal`.
fn asked(answers: &[(&'static str, &'static str)]) -> (Script, djscaffold::model::NewModel) {
    let catalog = catalog();
    let mut all = Answers::from_preset("minimal", &catalog).unwrap();
    all.set_project("name", "mysite");
    let spec = Spec::from_answers(&all, &catalog).unwrap();
    let mut script = Script::new(answers);
    let class = |spec: &Spec, app: &str, name: &str| {
        let model = &spec.apps[app].models[name];
        Ok(format!(
            "{name}: {}",
            model.fields.keys().map(String::as_str).collect::<Vec<_>>().join(", ")
        ))
    };
    let model = ask_model(&mut script, &spec, &catalog, &class).unwrap();
    assert_eq!(
        script.answers.len(),
        0,
        "not asked: {:?}; asked: {:?}",
        script.answers,
        script.asked
    );
    (script, model)
}

#[test]
fn a_model_is_asked_for_field_by_field_and_shown() {
    let (script, model) = asked(&[
        ("App", "blog"),
        ("Model", "post"),
        ("Model", "Post"),
        ("Model", "Product"),
        ("Field", "Name"),
        ("Field", "name"),
        ("Kind", "char"),
        ("max_length", "long"),
        ("max_length", "120"),
        ("empty", "no"),
        ("What now", "Another"),
        ("Field", "tag"),
        ("Kind", "foreign_key"),
        ("to,", "Tga"),
        ("to,", "Tag"),
        ("empty", "yes"),
        ("What now", "Another"),
        ("Field", "oops"),
        ("Kind", "date"),
        ("What now", "Remove"),
        ("Field", "status"),
        ("Kind", "choice"),
        ("choices", "draft,live"),
        ("What now", "Done"),
        ("names an object", "name"),
        ("visible to everyone", "status=live"),
    ]);
    assert_eq!(
        model.words(),
        [
            "blog.Product",
            "name:char:120",
            "tag:foreign_key:Tag?",
            "status:choice:draft,live",
            "--label",
            "name",
            "--public",
            "status=live"
        ]
    );
    assert_eq!(script.shown[..2], ["Product: name", "Product: name, tag"]);
    let last = script.shown.last().unwrap();
    assert!(
        last.contains("djscaffold add model blog.Product name:char:120 'tag:foreign_key:Tag?'"),
        "{last}"
    );
    let refused: Vec<&str> = script.refused.iter().map(|(error, _)| error.as_str()).collect();
    assert_eq!(refused.len(), 5, "{refused:?}");
    assert!(
        refused[1].contains("already") && refused[3].contains("whole number") && refused[4].contains("Tga"),
        "{refused:?}"
    );
}
