//! Answers as they come in: a preset, then an answers file, then flags or prompts, each laid over the one before.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Deserialize;

use super::{FORMAT, Options};
use crate::catalog::{Catalog, OptionKind};
use crate::error::{Error, Result};
use crate::model::App;
use crate::parsed;

/// All that was answered, not yet checked against each other.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Answers {
    /// The preset that they began with.
    pub preset: String,
    /// Facts about the project, by their name in `[project]`.
    pub project: IndexMap<String, String>,
    /// The command that starts the project's Python; empty where it is found without being told.
    pub python: Vec<String>,
    /// The components with the options that were answered.
    pub components: IndexMap<String, Options>,
    /// Components that were left out by name.
    pub without: Vec<String>,
    /// Options that were set one by one: component, option, value.
    pub settings: Vec<(String, String, toml::Value)>,
    /// The apps.
    pub apps: IndexMap<String, App>,
    /// Files that djscaffold has nothing to do with any more.
    pub ejected: BTreeSet<String>,
    /// The team's own templates.
    pub templates: Option<Templates>,
}

/// The templates of a team's own that a project is written with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    /// The directory, seen from the project's.
    pub path: String,
    /// A hash of its files when the project was last written.
    pub digest: String,
}

/// One layer of answers: a preset's or an answers file's text, parsed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerLayer {
    /// The version of the format.
    pub format: Option<i64>,
    /// The djscaffold that wrote it.
    pub version: Option<String>,
    /// What a preset is, in a line.
    pub summary: Option<String>,
    /// Files that djscaffold has nothing to do with any more.
    #[serde(default)]
    pub ejected: BTreeSet<String>,
    /// The team's own templates.
    pub templates: Option<Templates>,
    /// The preset that the file builds on.
    pub preset: Option<String>,
    /// Facts about the project.
    #[serde(default)]
    pub project: ProjectLayer,
    /// Components with options.
    #[serde(default)]
    pub components: IndexMap<String, Options>,
    /// Apps with models.
    #[serde(default)]
    pub apps: IndexMap<String, App>,
}

/// `[project]` in a layer.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProjectLayer {
    /// The command that starts the project's Python.
    #[serde(default)]
    pub python: Vec<String>,
    /// All else.
    #[serde(flatten)]
    pub facts: IndexMap<String, String>,
}

impl AnswerLayer {
    /// Parses a layer; `origin` names it in errors.
    ///
    /// # Errors
    /// No TOML, an unknown entry, or a newer format.
    pub fn parse(text: &str, origin: &str) -> Result<Self> {
        let layer: Self = parsed::toml(text).map_err(|error| {
            Error::input(format!(
                "{origin} is not an answers file: {}",
                error.to_string().trim_end()
            ))
        })?;
        match layer.format {
            Some(format) if format > FORMAT => Err(Error::input(format!(
                "{origin} has format {format}; this djscaffold knows formats up to {FORMAT}"
            ))
            .hint("install a newer djscaffold")),
            _ => Ok(layer),
        }
    }
}

impl Answers {
    /// Begins with a preset, laid over the one that it builds on.
    ///
    /// # Errors
    /// There is no such preset, or it builds on itself.
    pub fn from_preset(name: &str, catalog: &Catalog) -> Result<Self> {
        let mut layers: Vec<(String, AnswerLayer)> = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(preset) = next {
            let origin = format!("the preset `{preset}`");
            if layers.iter().any(|(seen, _)| *seen == preset) {
                return Err(Error::input(format!("{origin} builds on itself")));
            }
            let layer = AnswerLayer::parse(catalog.preset(&preset)?, &origin)?;
            let below = layer.preset.clone();
            layers.push((preset, layer));
            next = below;
        }
        let mut answers = Self {
            preset: name.to_owned(),
            ..Self::default()
        };
        for (_, layer) in layers.into_iter().rev() {
            answers.lay_over(layer);
        }
        Ok(answers)
    }

    /// Lays an answers file over these answers. Its apps take the place of those that were there.
    pub fn lay_over(&mut self, layer: AnswerLayer) {
        self.project.extend(layer.project.facts);
        if !layer.project.python.is_empty() {
            self.python = layer.project.python;
        }
        self.ejected.extend(layer.ejected);
        self.templates = layer.templates.or_else(|| self.templates.take());
        for (name, options) in layer.components {
            self.components.entry(name).or_default().extend(options);
        }
        if !layer.apps.is_empty() {
            self.apps = layer.apps;
        }
    }

    /// Sets a fact about the project.
    pub fn set_project(&mut self, key: &str, value: impl Into<String>) {
        self.project.insert(key.to_owned(), value.into());
    }

    /// Adds a component with its defaults, if it is not there.
    pub fn with(&mut self, component: &str) {
        self.without.retain(|name| name != component);
        self.components.entry(component.to_owned()).or_default();
    }

    /// Leaves a component out.
    pub fn without(&mut self, component: &str) {
        self.drop(component);
        if !self.without.iter().any(|name| name == component) {
            self.without.push(component.to_owned());
        }
    }

    /// Takes a component out, if nothing else needs it.
    pub fn drop(&mut self, component: &str) {
        self.components.shift_remove(component);
    }

    /// Sets one option of a component that is chosen or that another one will bring.
    pub fn set(&mut self, component: &str, option: &str, value: toml::Value) {
        self.settings
            .push((component.to_owned(), option.to_owned(), value.clone()));
        if let Some(options) = self.components.get_mut(component) {
            options.insert(option.to_owned(), value);
        } else {
            self.components
                .insert(component.to_owned(), Options::from_iter([(option.to_owned(), value)]));
        }
    }

    /// Gives the first app another name; the others stay.
    ///
    /// # Errors
    /// As [`Answers::name_apps`].
    pub fn rename_first_app(&mut self, name: &str) -> Result<()> {
        let mut others = std::mem::take(&mut self.apps);
        let Some((first_name, first)) = others.shift_remove_index(0) else {
            return Ok(());
        };
        if others.contains_key(name) {
            return Err(Error::input(format!("there are two apps called `{name}`")));
        }
        // Relations that name the app go along.
        for field in others
            .values_mut()
            .flat_map(|app| app.models.values_mut())
            .flat_map(|model| model.fields.values_mut())
        {
            if let Some(model) = field
                .to
                .as_deref()
                .and_then(|target| target.strip_prefix(&format!("{first_name}.")))
            {
                field.to = Some(format!("{name}.{model}"));
            }
        }
        self.apps.insert(first_name, first);
        self.name_apps(&[name.to_owned()])?;
        self.apps.extend(others);
        Ok(())
    }

    /// Names the apps. The first gets the first app's models; each further one gets a copy of them, with relations to
    /// models outside of it renamed so that they don't collide.
    ///
    /// # Errors
    /// There is no app to copy, or a name stands twice.
    pub fn name_apps(&mut self, names: &[String]) -> Result<()> {
        let Some((original_name, original)) = self.apps.first().map(|(name, app)| (name.clone(), app.clone())) else {
            return Err(Error::input("these answers have no app whose models could be taken"));
        };
        let mut apps = IndexMap::new();
        for name in names {
            let mut app = original.clone();
            app.title = original.title.clone().filter(|_| *name == original_name);
            for field in app.models.values_mut().flat_map(|model| model.fields.values_mut()) {
                let own = field
                    .to
                    .as_ref()
                    .and_then(|target| target.strip_prefix(&format!("{original_name}.")))
                    .map(str::to_owned);
                match (own, &mut field.related_name) {
                    (Some(model), _) => field.to = Some(model),
                    (None, Some(related_name))
                        if !apps.is_empty() && field.to.as_ref().is_some_and(|target| target.contains('.')) =>
                    {
                        *related_name = format!("{name}_{related_name}");
                    }
                    _ => {}
                }
            }
            if apps.insert(name.clone(), app).is_some() {
                return Err(Error::input(format!("there are two apps called `{name}`")));
            }
        }
        self.apps = apps;
        Ok(())
    }
}

/// Reads `component.option=value` and gives the value the type that the option takes.
///
/// # Errors
/// The form is another, or the component or option is unknown, or the value does not fit.
pub fn parse_setting(text: &str, catalog: &Catalog) -> Result<(String, String, toml::Value)> {
    let form = || {
        Error::input(format!("`--set {text}` is not of the form `component.option=value`"))
            .hint("`djscaffold list` shows all components and options")
    };
    let (path, value) = text.split_once('=').ok_or_else(form)?;
    let (component, option) = path.split_once('.').ok_or_else(form)?;
    let manifest = &catalog.component(component)?.manifest;
    let spec = manifest.options.get(option).ok_or_else(|| {
        let known: Vec<_> = manifest.options.keys().map(String::as_str).collect();
        let near = known.iter().map(|name| (*name, *name));
        Error::input(format!("`{component}` has no option `{option}`"))
            .did_you_mean(option, near)
            .hint(if known.is_empty() {
                "it has no options".to_owned()
            } else {
                format!("options: {}", known.join(", "))
            })
    })?;
    let typed = match spec.kind {
        OptionKind::Choice | OptionKind::Text => toml::Value::String(value.to_owned()),
        OptionKind::Choices => toml::Value::Array(
            value
                .split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| toml::Value::String(part.to_owned()))
                .collect(),
        ),
        OptionKind::Lists => read_toml(value),
        OptionKind::Boolean => value
            .parse()
            .map_or_else(|_| toml::Value::String(value.to_owned()), toml::Value::Boolean),
        OptionKind::Integer => value
            .parse()
            .map_or_else(|_| toml::Value::String(value.to_owned()), toml::Value::Integer),
    };
    crate::catalog::value_fits(spec, &typed).map_err(|problem| {
        let near = spec.choices.iter().map(|name| (name.as_str(), name.as_str()));
        Error::input(format!("`{component}.{option}` {problem}")).did_you_mean(value, near)
    })?;
    Ok((component.to_owned(), option.to_owned(), typed))
}

/// A value as `--set` takes it: [`parse_setting`] reads it back.
pub(crate) fn setting_text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(values) => values.iter().map(setting_text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// A value as TOML writes it, or else the text itself.
pub(crate) fn read_toml(text: &str) -> toml::Value {
    let table: std::result::Result<toml::Table, _> = toml::from_str(&format!("value = {text}"));
    let value = table.ok().and_then(|mut table| table.remove("value"));
    value.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}
