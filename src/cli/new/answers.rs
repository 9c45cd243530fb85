//! The answers of `new`: from flags and files, and from the terminal.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use super::NewArguments;
use crate::VERSION;
use crate::apply;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::prompt::{Decision, Question, Session, Terminal, ignore_interrupts};
use crate::render::{one_line, render};
use crate::setup::make_secrets;
use crate::spec::{AnswerLayer, Answers, Spec, check_project_name, parse_setting};

/// The preset taken when nothing is said.
const DEFAULT_PRESET: &str = "minimal";

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
            let (component, option, value) = parse_setting(setting, catalog)?;
            answers.set(&component, &option, value);
        }
        Ok(answers)
    }

    /// Asks at the terminal; none when the user leaves without writing.
    pub(super) fn ask(&self, catalog: &Catalog) -> Result<Option<Answers>> {
        if !(std::io::stdin().is_terminal() && std::io::stderr().is_terminal()) {
            return Err(Error::input("there is no terminal to ask at")
                .hint("add `--yes`, with NAME and flags for what the defaults don't fit")
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
        let summarise = |spec: &Spec| self.summary(spec, catalog);
        let mut session = Session::new(catalog, &begin, &is_free, self.said(catalog)?);
        let (decision, answers) = session.run(&mut Terminal::default(), &summarise)?;
        Ok((decision == Decision::Write).then_some(answers))
    }

    /// The questions that flags and the answers file answer already.
    fn said(&self, catalog: &Catalog) -> Result<Vec<Question>> {
        let mut said = Vec::new();
        if self.preset.is_some() || self.answers.is_some() {
            said.push(Question::Preset);
        }
        let answers = self.answers(catalog, None)?;
        for fact in ["name", "title", "django"] {
            if answers.project.contains_key(fact) {
                said.push(Question::Project(fact));
            }
        }
        if !self.apps.is_empty() || self.answers.is_some() {
            said.push(Question::FirstApp);
        }
        said.extend(self.with.iter().chain(&self.without).cloned().map(Question::Component));
        for (component, option, _) in answers.settings {
            said.push(Question::Option(component, option));
        }
        Ok(said)
    }

    /// The name that is proposed: the folder's that is written into, if it can be one.
    fn proposed_name(&self, catalog: &Catalog) -> String {
        self.into
            .as_ref()
            .and_then(|folder| std::path::absolute(folder).ok())
            .and_then(|folder| folder.file_name().map(|name| name.to_string_lossy().into_owned()))
            .filter(|name| check_project_name(name, catalog).is_ok())
            .unwrap_or_else(|| "mysite".to_owned())
    }

    /// What will be written, for the user to say yes to.
    fn summary(&self, spec: &Spec, catalog: &Catalog) -> Result<String> {
        let rendered = render(spec, catalog, &make_secrets(spec, catalog)?, VERSION)?;
        let project = &spec.project;
        let mut lines = vec![
            String::new(),
            format!("  {:<12} {} ({})", "Project", project.name, one_line(&project.title)),
            format!("  {:<12} {}", "Django", project.django),
        ];
        for (name, app) in &spec.apps {
            let models: Vec<_> = app.models.keys().map(String::as_str).collect();
            lines.push(format!("  {:<12} {name}: {}", "App", models.join(", ")));
        }
        for (name, options) in &spec.components {
            let chosen: Vec<_> = options
                .iter()
                .map(|(option, value)| {
                    format!(
                        "{option} = {}",
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                    )
                })
                .collect();
            lines.push(
                format!("  {:<12} {name} {}", "Component", chosen.join(", "))
                    .trim_end()
                    .to_owned(),
            );
        }
        lines.push(format!(
            "  {:<12} {} files in `{}`\n",
            "Writes",
            rendered.tree.len(),
            self.folder(&project.name).display()
        ));
        Ok(lines.join("\n"))
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.into.clone().unwrap_or_else(|| PathBuf::from(name))
    }

    pub(super) fn target(&self, spec: &Spec) -> PathBuf {
        self.folder(&spec.project.name)
    }
}
