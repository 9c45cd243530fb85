//! Which questions there are, made from the catalog and what was answered so far.

use crate::catalog::{Catalog, OptionKind, OptionSpec};
use crate::error::Result;
use crate::prompt::{Check, Choice, Prompter, Rules};
use crate::spec::{
    Answers, Project, check_app_name, check_domain, check_email, check_project_name, check_time_zone, propose_app_name,
    propose_project_name, setting_text,
};

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Preset to start from.
    Preset,
    /// A fact of `[project]`.
    Project(&'static str),
    /// What the first app is called.
    FirstApp,
    /// Whether a component is wanted.
    Component(String),
    /// An option of a component: its name, then the option's.
    Option(String, String),
}

/// What was answered to a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Text(String),
    Truth(bool),
    Value(toml::Value),
}

impl Question {
    /// What can be chosen otherwise for these answers: options of all that is on, and facts about the project.
    pub(super) fn options(answers: &Answers, catalog: &Catalog) -> Vec<Self> {
        let mut questions = vec![Self::Project("title")];
        if !answers.apps.is_empty() {
            questions.push(Self::FirstApp);
        }
        questions.push(Self::Project("django"));
        let chosen = catalog
            .with_required(answers.components.keys().cloned(), &answers.components)
            .unwrap_or_default();
        for component in chosen {
            for (name, option) in &component.manifest.options {
                if option.question.is_some() {
                    questions.push(Self::Option(component.name.clone(), name.clone()));
                }
            }
        }
        questions.extend(["description", "author", "email", "domain", "time_zone"].map(Self::Project));
        questions
    }

    /// A few words that name it.
    pub(super) fn name(&self, catalog: &Catalog) -> String {
        match self {
            Self::Preset => "Preset".to_owned(),
            Self::Project("name") => "Project name".to_owned(),
            Self::Project("django") => "Django".to_owned(),
            Self::Project("email") => "Email address".to_owned(),
            Self::Project(fact) => crate::model::sentence_case(fact),
            Self::FirstApp => "First app".to_owned(),
            Self::Component(name) => name.clone(),
            Self::Option(component, option) => {
                let spec = option_spec(catalog, component, option);
                option_free(spec.and_then(|spec| spec.question.clone()), option)
            }
        }
    }

    /// What the answers say to it now.
    pub(super) fn current(&self, answers: &Answers, catalog: &Catalog) -> String {
        match self {
            Self::Preset => answers.preset.clone(),
            Self::Project(fact) => project_default(fact, answers, catalog),
            Self::FirstApp => answers.apps.keys().next().cloned().unwrap_or_default(),
            Self::Component(name) => if answers.components.contains_key(name) {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
            Self::Option(component, option) => setting_text(&current_value(answers, catalog, component, option)),
        }
    }

    /// Asks it; none when the user goes back.
    pub(super) fn ask(
        &self,
        prompter: &mut dyn Prompter,
        answers: &Answers,
        catalog: &Catalog,
        is_free: Check<'_>,
    ) -> Result<Option<Reply>> {
        let name = self.name(catalog);
        let current = self.current(answers, catalog);
        match self {
            Self::Preset => {
                let choices: Vec<Choice> = catalog
                    .preset_names()
                    .into_iter()
                    .map(|preset| Choice::new(preset, catalog.preset_summary(preset)))
                    .collect();
                choose(prompter, &name, "", &choices, &current)
            }
            Self::Project("django") => {
                let lines = &catalog.lines().lines;
                let choices: Vec<Choice> = lines
                    .iter()
                    .map(|(line, about)| {
                        Choice::new(line, format!("{}; Python {}", about.summary, about.pythons.join(", ")))
                    })
                    .collect();
                choose(prompter, &name, "", &choices, &current)
            }
            Self::Project(fact) => {
                let check = |text: &str| match *fact {
                    "name" => check_project_name(text, catalog).and_then(|()| is_free(text)),
                    "time_zone" => check_time_zone(text),
                    "domain" => check_domain(text),
                    "email" if !text.is_empty() => check_email(text),
                    _ => Ok(()),
                };
                let propose = |text: &str| match *fact {
                    "name" => propose_project_name(text, catalog),
                    _ => None,
                };
                let rules = Rules {
                    check: &check,
                    propose: &propose,
                };
                let typed = prompter.text(&name, fact_help(fact), &current, rules)?;
                Ok(Some(Reply::Text(typed)))
            }
            Self::FirstApp => {
                let project = Project::from_answers(&answers.project, catalog.lines())?;
                let rules = Rules {
                    check: &|text| check_app_name(text, &project, catalog),
                    propose: &|text| propose_app_name(text, catalog),
                };
                let help = "A small example app; build on it or delete it";
                Ok(Some(Reply::Text(prompter.text(&name, help, &current, rules)?)))
            }
            Self::Component(component) => {
                let summary = &catalog.component(component)?.manifest.summary;
                let is_on = prompter.confirm(&name, summary, answers.components.contains_key(component))?;
                Ok(Some(Reply::Truth(is_on)))
            }
            Self::Option(component, option) => match option_spec(catalog, component, option) {
                Some(spec) => ask_option(
                    prompter,
                    &name,
                    spec,
                    &current_value(answers, catalog, component, option),
                ),
                None => Ok(Some(Reply::Text(current))),
            },
        }
    }

    /// Lays a reply over the answers.
    pub(super) fn apply(&self, reply: &Reply, answers: &mut Answers) -> Result<()> {
        match (self, reply) {
            (Self::Project(fact), Reply::Text(text)) => answers.set_project(fact, text.clone()),
            (Self::FirstApp, Reply::Text(text)) => answers.rename_first_app(text)?,
            (Self::Component(component), Reply::Truth(true)) => answers.with(component),
            (Self::Component(component), Reply::Truth(false)) => answers.without(component),
            (Self::Option(component, option), Reply::Value(value)) if answers.components.contains_key(component) => {
                answers.set(component, option, value.clone());
            }
            _ => {}
        }
        Ok(())
    }
}

/// A help text, with the components that the answer can't be combined with.
fn with_conflicts(help: String, conflicts: &[String]) -> String {
    if conflicts.is_empty() {
        return help;
    }
    let help = if help.is_empty() { help } else { format!("{help}; ") };
    format!("{help}can't be combined with {}", conflicts.join(", "))
}

fn option_free(question: Option<String>, name: &str) -> String {
    question.map_or_else(
        || crate::model::sentence_case(name),
        |question| question.trim_end_matches('?').to_owned(),
    )
}

fn option_spec<'a>(catalog: &'a Catalog, component: &str, option: &str) -> Option<&'a OptionSpec> {
    catalog.component(component).ok()?.manifest.options.get(option)
}

fn current_value(answers: &Answers, catalog: &Catalog, component: &str, option: &str) -> toml::Value {
    answers
        .components
        .get(component)
        .and_then(|options| options.get(option))
        .or_else(|| option_spec(catalog, component, option).map(|spec| &spec.default))
        .cloned()
        .unwrap_or_else(|| toml::Value::String(String::new()))
}

fn project_default(fact: &str, answers: &Answers, catalog: &Catalog) -> String {
    if let Some(answer) = answers.project.get(fact) {
        return answer.clone();
    }
    let name = answers.project.get("name").cloned().unwrap_or_default();
    match fact {
        "title" => crate::model::sentence_case(&name),
        "django" => catalog.lines().default.clone(),
        "domain" => "example.com".to_owned(),
        "time_zone" => "UTC".to_owned(),
        _ => String::new(),
    }
}

fn fact_help(fact: &str) -> &'static str {
    match fact {
        "name" => "The directory and the Python package; hyphens are fine",
        "title" => "Shown at the top of every page",
        "description" => "One sentence about the project",
        "author" => "For the license and the package metadata",
        "email" => "The sender of email and error reports from the site",
        "domain" => "The domain that serves the site",
        "time_zone" => "A name such as Europe/Berlin",
        _ => "",
    }
}

fn choose(
    prompter: &mut dyn Prompter,
    name: &str,
    help: &str,
    choices: &[Choice],
    current: &str,
) -> Result<Option<Reply>> {
    let default = choices
        .iter()
        .position(|choice| choice.label == current)
        .unwrap_or_default();
    let chosen = prompter.choose(name, help, choices, default)?;
    Ok(chosen.map(|index| Reply::Text(choices[index].label.clone())))
}

fn ask_option(
    prompter: &mut dyn Prompter,
    name: &str,
    spec: &OptionSpec,
    current: &toml::Value,
) -> Result<Option<Reply>> {
    let is_in = |value: &toml::Value, label: &str| match value.as_array() {
        Some(values) => values.iter().any(|value| value.as_str() == Some(label)),
        None => value.as_str() == Some(label),
    };
    let choices: Vec<Choice> = spec
        .choices
        .iter()
        .map(|label| {
            let help = spec.help_choices.get(label).cloned().unwrap_or_default();
            let help = with_conflicts(help, spec.conflicts.get(label).map(Vec::as_slice).unwrap_or_default());
            let mark = if is_in(&spec.default, label) { "(default) " } else { "" };
            Choice::new(label, format!("{mark}{help}").trim_end())
        })
        .collect();
    let value = match spec.kind {
        OptionKind::Choice => {
            let default = spec
                .choices
                .iter()
                .position(|label| is_in(current, label))
                .unwrap_or_default();
            let chosen = prompter.choose(name, &spec.help, &choices, default)?;
            chosen.map(|index| toml::Value::String(spec.choices[index].clone()))
        }
        OptionKind::Boolean => {
            let is_on = prompter.confirm(name, &spec.help, current.as_bool() == Some(true))?;
            Some(toml::Value::Boolean(is_on))
        }
        OptionKind::Choices => {
            let default: Vec<bool> = spec.choices.iter().map(|label| is_in(current, label)).collect();
            let least = usize::from(!spec.may_be_empty);
            let chosen = prompter.choose_several(name, &spec.help, &choices, &default, least)?;
            chosen.map(|chosen| {
                let labels = chosen
                    .into_iter()
                    .map(|index| toml::Value::String(spec.choices[index].clone()));
                toml::Value::Array(labels.collect())
            })
        }
        OptionKind::Integer | OptionKind::Text | OptionKind::Lists => {
            let shown = current.as_str().map_or_else(|| current.to_string(), str::to_owned);
            let typed = |text: &str| match spec.kind {
                OptionKind::Lists => crate::spec::read_toml(text),
                OptionKind::Integer => text
                    .parse()
                    .map_or_else(|_| toml::Value::from(text), toml::Value::Integer),
                _ => toml::Value::from(text),
            };
            let check = |text: &str| {
                crate::catalog::value_fits(spec, &typed(text))
                    .map_err(|problem| crate::error::Error::input(format!("it {problem}")))
            };
            let rules = Rules {
                check: &check,
                propose: &|_| None,
            };
            Some(typed(&prompter.text(name, &spec.help, &shown, rules)?))
        }
    };
    Ok(value.map(Reply::Value))
}
