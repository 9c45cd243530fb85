//! The answers of `new`: from flags and files, and from the terminal.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use super::NewArguments;
use super::overview::overview;
use crate::VERSION;
use crate::apply;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::prompt::{Decision, Question, Session, Terminal, ignore_interrupts};
use crate::render::render;
use crate::setup::make_secrets;
use crate::spec::{AnswerLayer, Answers, Spec, check_project_name, parse_setting, propose_project_name};

/// The preset taken when nothing is said.
pub(super) const DEFAULT_PRESET: &str = "minimal";

impl NewArguments {
    /// Preset, answers file and flags, each over the one before.
    pub(super) fn answers(&self, catalog: &Catalog, preset: Option<&str>) -> Result<Answers> {
        let layer = match &self.answers {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(Error::file("read", path))?;
                Some(AnswerLayer::parse(&text, &format!("`{}`", path.display()))?)
            }
            None => None,
        };
        let named = preset
            .or(self.preset.as_deref())
            .or(layer.as_ref().and_then(|layer| layer.preset.as_deref()));
        let mut answers = match (named, &layer) {
            // An answers file with components of its own needs no preset.
            (None, Some(layer)) if !layer.components.is_empty() => Answers::default(),
            (named, _) => Answers::from_preset(named.unwrap_or(DEFAULT_PRESET), catalog)?,
        };
        if let Some(layer) = layer {
            answers.lay_over(layer);
        }
        for (key, value) in [("name", &self.name), ("title", &self.title), ("django", &self.django)] {
            if let Some(value) = value {
                answers.set_project(key, value.clone());
            }
        }
        if !self.apps.is_empty() {
            answers.name_apps(&self.apps)?;
        }
        for component in &self.with {
            catalog.chosen(component)?;
            answers.with(component);
        }
        for component in &self.without {
            catalog.component(component)?;
            answers.without(component);
        }
        for setting in &self.set {
            if let Some((fact, value)) = setting.strip_prefix("project.").and_then(|rest| rest.split_once('=')) {
                answers.set_project(fact, value);
                continue;
            }
            let (component, option, value) = parse_setting(setting, catalog)?;
            answers.set(&component, &option, value);
        }
        Ok(answers)
    }

    /// The components that come along though neither the preset, nor the answers file, nor a flag names them.
    pub(super) fn along<'a>(&self, answers: &Answers, spec: &'a Spec, catalog: &Catalog) -> Result<Vec<&'a str>> {
        // Only what is chosen beyond the preset brings others along.
        if self.with.is_empty() && self.set.is_empty() && self.answers.is_none() {
            return Ok(Vec::new());
        }
        let begin = Self {
            answers: self.answers.clone(),
            ..Self::default()
        };
        let preset = Some(answers.preset.as_str()).filter(|preset| !preset.is_empty());
        let mut begin = begin.answers(catalog, preset)?;
        begin.set_project("name", &spec.project.name);
        let begin = Spec::from_answers(&begin, catalog)?;
        let is_named = |name: &&str| begin.components.contains_key(*name) || self.with.iter().any(|with| with == name);
        Ok(spec
            .components
            .keys()
            .map(String::as_str)
            .filter(|name| !is_named(name))
            .collect())
    }

    /// Asks at the terminal; none when the user leaves without writing.
    pub(super) fn ask(&self, catalog: &Catalog) -> Result<Option<Answers>> {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(Error::input("not a terminal, so no questions can be asked")
                .hint("add `--yes` and NAME, and flags to change the defaults")
                .hint("flags: --title, --app, --preset, --with, --without, --set, --answers, --django"));
        }
        ignore_interrupts();
        let begin = |preset: Option<&str>| {
            let mut answers = self.answers(catalog, preset)?;
            if !answers.project.contains_key("name") {
                answers.set_project("name", self.proposed_name(catalog));
            }
            Ok(answers)
        };
        let is_free = |name: &str| apply::survey(&self.folder(name)).map(|_| ());
        let show = |spec: &Spec| {
            let rendered = render(spec, catalog, &make_secrets(spec, catalog)?, VERSION)?;
            Ok(overview(spec, &rendered, &self.folder(&spec.project.name)))
        };
        let mut session = Session::new(catalog, &begin, &is_free, self.said(catalog)?);
        let (decision, answers) = session.run(&mut Terminal::default(), &show)?;
        Ok((decision == Decision::Write).then_some(answers))
    }

    /// The questions that flags and the answers file answer already.
    fn said(&self, catalog: &Catalog) -> Result<Vec<Question>> {
        let mut said = Vec::new();
        if self.preset.is_some() || self.answers.is_some() {
            said.push(Question::Preset);
        }
        let answers = self.answers(catalog, None)?;
        if answers.project.contains_key("name") {
            said.push(Question::Project("name"));
        }
        Ok(said)
    }

    /// The name that is proposed: the directory's that is written into, if it can be one, or one that is free.
    fn proposed_name(&self, catalog: &Catalog) -> String {
        let into = self.into.as_ref().and_then(|folder| std::path::absolute(folder).ok());
        if let Some(name) = into.as_ref().and_then(|folder| folder.file_name()) {
            let name = name.to_string_lossy();
            return match check_project_name(&name, catalog) {
                Ok(()) => name.into_owned(),
                Err(_) => propose_project_name(&name, catalog).unwrap_or_else(|| "mysite".to_owned()),
            };
        }
        let numbered = (2..100).map(|number| format!("mysite{number}"));
        std::iter::once("mysite".to_owned())
            .chain(numbered)
            .find(|name| apply::survey(&self.folder(name)).is_ok())
            .unwrap_or_else(|| "mysite".to_owned())
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.into.clone().unwrap_or_else(|| PathBuf::from(name))
    }

    pub(super) fn target(&self, spec: &Spec) -> PathBuf {
        self.folder(&spec.project.name)
    }
}
