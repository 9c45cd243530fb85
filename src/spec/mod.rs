//! The declaration: what a project is made of. `djscaffold.toml` is one written down; an answers file is the same
//! format with the models' fields.

mod answers;
mod edit;
mod names;
mod project;
mod write;

use std::collections::BTreeSet;

use indexmap::IndexMap;

pub use answers::{AnswerLayer, Answers, Templates, parse_setting};
pub(crate) use answers::{read_toml, setting_text};
pub use edit::edit_declaration;
pub use names::{check_app_name, check_project_name, import_form, propose_app_name, propose_project_name};
pub use project::{Project, check_domain, check_email, check_time_zone};
pub use write::write_declaration;

use crate::catalog::{Catalog, value_fits};
use crate::error::{Error, Result};
use crate::model::{App, Provided, ProvidedTarget, canonical, validate_apps};

/// The version of the declaration's format; a newer one is refused.
pub const FORMAT: i64 = 1;

/// The option values of one component.
pub type Options = IndexMap<String, toml::Value>;

/// A whole, valid declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Facts about the project itself.
    pub project: Project,
    /// The command that starts the project's Python; empty where it is found without being told.
    pub python: Vec<String>,
    /// The components with the value of every option, in the catalog's order.
    pub components: IndexMap<String, Options>,
    /// The apps in their order, their models in the one form of [`canonical`].
    pub apps: IndexMap<String, App>,
    /// Files that djscaffold has nothing to do with any more.
    pub ejected: BTreeSet<String>,
    /// The team's own templates.
    pub templates: Option<Templates>,
}

impl Spec {
    /// Makes a valid declaration of answers: fills in what is required and every default, and checks all of it.
    ///
    /// # Errors
    /// The first answer that can't be, with the way out.
    pub fn from_answers(answers: &Answers, catalog: &Catalog) -> Result<Self> {
        let project = Project::from_answers(&answers.project, catalog.lines())?;
        check_project_name(&project.name, catalog)?;
        let components = resolve_components(answers, catalog)?;
        let spec = Self {
            project,
            python: answers.python.clone(),
            components,
            apps: answers.apps.clone(),
            ejected: answers.ejected.clone(),
            templates: answers.templates.clone(),
        };
        spec.checked(catalog)
    }

    /// The declaration with its apps checked against each other, and their models in their one form.
    ///
    /// # Errors
    /// The first thing about an app that can't be, with the way out.
    pub fn checked(mut self, catalog: &Catalog) -> Result<Self> {
        self.check_apps(catalog)?;
        self.apps = canonical(&self.apps, catalog.kinds(), &self.provided_models(catalog));
        Ok(self)
    }

    /// The models that the chosen components bring, as targets of relations.
    #[must_use]
    pub fn provided_models(&self, catalog: &Catalog) -> Provided {
        provided_by(self.components.keys().map(String::as_str), catalog)
    }

    /// The options that can differ by app, each with the app's own value or else the project's.
    #[must_use]
    pub fn app_options(&self, app: &App, catalog: &Catalog) -> Options {
        let chosen = catalog
            .components()
            .filter(|component| self.components.contains_key(&component.name));
        chosen
            .flat_map(|component| {
                let per_app = component.manifest.options.iter().filter(|(_, option)| option.per_app);
                per_app.map(move |(name, option)| (component, name, option))
            })
            .map(|(component, name, option)| {
                let value = app
                    .options
                    .get(name)
                    .or_else(|| self.components.get(&component.name)?.get(name));
                (name.clone(), value.unwrap_or(&option.default).clone())
            })
            .collect()
    }

    fn check_apps(&self, catalog: &Catalog) -> Result<()> {
        let mut seen: Vec<&str> = Vec::new();
        for (name, app) in &self.apps {
            // What Django has taken is right as it is.
            if !app.models.values().any(|model| model.is_read) {
                check_app_name(name, &self.project, catalog)?;
            }
            if seen.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                return Err(Error::input(format!("there are two apps called `{name}`")));
            }
            seen.push(name);
            for (option, value) in &app.options {
                let spec = catalog
                    .components()
                    .filter(|component| self.components.contains_key(&component.name))
                    .find_map(|component| component.manifest.options.get(option).filter(|spec| spec.per_app))
                    .ok_or_else(|| Error::input(format!("`[apps.{name}]` has the unknown entry `{option}`")))?;
                value_fits(spec, value)
                    .map_err(|problem| Error::input(format!("`{option}` of the app `{name}` {problem}")))?;
            }
        }
        validate_apps(&self.apps, catalog.kinds(), &self.provided_models(catalog))
    }
}

/// The models that components bring, and those that they require, as targets of relations. An unknown component brings none.
#[must_use]
pub fn provided_by<'a>(components: impl Iterator<Item = &'a str>, catalog: &Catalog) -> Provided {
    let mut chosen: BTreeSet<&str> = components.collect();
    // From the last to the first: each stands behind those that it requires.
    let ordered: Vec<_> = catalog.components().collect();
    for component in ordered.iter().rev() {
        if chosen.contains(component.name.as_str()) {
            chosen.extend(component.manifest.requires.iter().map(String::as_str));
        }
    }
    let chosen = ordered
        .into_iter()
        .filter(|component| chosen.contains(component.name.as_str()));
    chosen
        .flat_map(|component| &component.manifest.models)
        .map(|(name, model)| {
            let target = ProvidedTarget {
                user: model.user,
                fields: model.fields.clone(),
            };
            (name.clone(), target)
        })
        .collect()
}

fn resolve_components(answers: &Answers, catalog: &Catalog) -> Result<IndexMap<String, Options>> {
    for name in answers.without.iter().chain(answers.components.keys()) {
        catalog.component(name)?;
    }
    let wanted = answers
        .components
        .keys()
        .filter(|name| !answers.without.contains(*name))
        .cloned();
    let chosen = catalog.with_required(wanted, &answers.components)?;
    if chosen.is_empty() {
        return Err(Error::input("a project needs at least one component")
            .hint("choose a preset, or name components with `--with`"));
    }
    let mut components = IndexMap::new();
    for component in &chosen {
        if answers.without.contains(&component.name) {
            let by: Vec<_> = chosen
                .iter()
                .filter(|other| {
                    other
                        .required(answers.components.get(&other.name))
                        .any(|name| name == component.name)
                })
                .map(|other| other.name.as_str())
                .collect();
            return Err(Error::input(format!(
                "`{}` can't be left out, as it is needed by `{}`",
                component.name,
                by.join("`, `")
            ))
            .hint(format!(
                "leave those out too: `--without {},{}`",
                component.name,
                by.join(",")
            )));
        }
        let mut options = Options::new();
        for (name, spec) in &component.manifest.options {
            options.insert(name.clone(), spec.default.clone());
        }
        for (name, value) in answers.components.get(&component.name).into_iter().flatten() {
            let Some(spec) = component.manifest.options.get(name) else {
                let known: Vec<_> = component.manifest.options.keys().map(String::as_str).collect();
                return Err(
                    Error::input(format!("`{}` has no option `{name}`", component.name)).hint(if known.is_empty() {
                        "it has no options".to_owned()
                    } else {
                        format!("options: {}", known.join(", "))
                    }),
                );
            };
            value_fits(spec, value)
                .map_err(|problem| Error::input(format!("`{}.{name}` {problem}", component.name)))?;
            options.insert(name.clone(), value.clone());
        }
        components.insert(component.name.clone(), options);
    }
    for (component, name) in answers.settings.iter().map(|(component, name, _)| (component, name)) {
        if !components.contains_key(component) {
            return Err(Error::input(format!(
                "`--set {component}.{name}=…` is for a component that is not chosen"
            ))
            .hint(format!("add it: `--with {component}`")));
        }
    }
    Ok(components)
}
