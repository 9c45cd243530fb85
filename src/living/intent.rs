//! What a run is to change about a declaration, and how far it goes.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{Project, models};
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::merge::Reach;
use crate::model::NewModel;
use crate::render::DECLARATION;
use crate::report::shell_word;
use crate::spec::{Answers, Options, Spec, parse_setting};
use crate::tree::{Entry, Tree};

/// What is to be done with a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Components come in.
    Add {
        /// Their names.
        components: Vec<String>,
        /// Options of them, as `component.option=value`.
        settings: Vec<String>,
    },
    /// Components go.
    Remove {
        /// Their names.
        components: Vec<String>,
    },
    /// An app without models comes in.
    AddApp {
        /// Its name.
        name: String,
        /// What it is called on pages.
        title: Option<String>,
        /// Its own values of options that can differ by app.
        options: Vec<(String, String)>,
    },
    /// An app goes.
    RemoveApp {
        /// Its name.
        name: String,
    },
    /// A model comes in.
    AddModel(NewModel),
    /// A model goes.
    RemoveModel {
        /// Its app.
        app: String,
        /// The name of its class.
        name: String,
    },
    /// Options or facts about the project change: `component.option=value`, `project.title=value`.
    Set {
        /// One each.
        settings: Vec<String>,
    },
    /// The project becomes what its declaration says.
    Sync,
    /// The project becomes what this version of djscaffold writes.
    Update,
    /// Files are rendered again.
    Regenerate {
        /// Components, files and directories; everything if there is none.
        targets: Vec<String>,
        /// Whether the user's edits go.
        discard: bool,
    },
    /// Files become the user's alone.
    Eject {
        /// Their paths.
        paths: Vec<String>,
    },
    /// Files that were ejected are looked after again.
    Return {
        /// Their paths.
        paths: Vec<String>,
    },
}

impl Intent {
    /// The command that asks for it, as it is told to people.
    #[must_use]
    pub fn command(&self) -> String {
        let said = |command: &str, words: &[String]| {
            let mut all = vec![command.to_owned()];
            all.extend(words.iter().map(|word| shell_word(word)));
            all.join(" ")
        };
        match self {
            Self::Add { components, settings } => {
                let set = settings
                    .iter()
                    .flat_map(|setting| ["--set".to_owned(), setting.clone()]);
                said("add", &components.iter().cloned().chain(set).collect::<Vec<_>>())
            }
            Self::Remove { components } => said("remove", components),
            Self::AddApp { name, title, options } => {
                let title = title.iter().map(|title| ("title", title));
                let flags = title.chain(options.iter().map(|(option, value)| (option.as_str(), value)));
                let flags = flags.flat_map(|(flag, value)| [format!("--{flag}"), value.clone()]);
                said(
                    "add app",
                    &std::iter::once(name.clone()).chain(flags).collect::<Vec<_>>(),
                )
            }
            Self::RemoveApp { name } => said("remove app", std::slice::from_ref(name)),
            Self::AddModel(model) => said("add model", &model.words()),
            Self::RemoveModel { app, name } => said("remove model", &[format!("{app}.{name}")]),
            Self::Set { settings } => said("set", settings),
            Self::Sync => "sync".to_owned(),
            Self::Update => "update".to_owned(),
            Self::Regenerate { targets, discard } => {
                let flag = discard.then(|| "--discard-edits".to_owned());
                said("regen", &targets.iter().cloned().chain(flag).collect::<Vec<_>>())
            }
            Self::Eject { paths } => said("eject", paths),
            Self::Return { paths } => said("eject --return", paths),
        }
    }

    /// Changes the answers of the declaration.
    pub(super) fn change(
        &self,
        answers: &mut Answers,
        project: &Project,
        base: &Tree,
        catalog: &Catalog,
    ) -> Result<()> {
        match self {
            Self::Add { components, settings } => {
                for component in components {
                    catalog.chosen(component)?;
                    answers.with(component);
                }
                // What comes along can be given options, too.
                let settable = Spec::from_answers(answers, catalog)?.components;
                set_all(answers, settings, &settable, catalog)
            }
            Self::Remove { components } => remove(answers, components, catalog),
            Self::AddApp { name, title, options } => {
                models::add_app(name, title.as_deref(), options, answers, project, catalog)
            }
            Self::RemoveApp { name } => models::remove_app(name, answers, project),
            Self::AddModel(model) => model.add(answers, project, catalog),
            Self::RemoveModel { app, name } => models::remove_model(app, name, answers),
            Self::Set { settings } => {
                let settable = answers.components.clone();
                set_all(answers, settings, &settable, catalog)
            }
            Self::Eject { paths } => eject(answers, paths, project, base),
            Self::Return { paths } => give_back(answers, paths, project),
            Self::Sync | Self::Update | Self::Regenerate { .. } => Ok(()),
        }
    }

    /// The class that comes to an app's `models.py` or goes from it: the app, its name, and whether it goes.
    pub(super) fn class(&self) -> Option<(&str, &str, bool)> {
        match self {
            Self::AddModel(model) => Some((&model.app, &model.name, false)),
            Self::RemoveModel { app, name } => Some((app, name, true)),
            _ => None,
        }
    }

    /// How far the run goes.
    ///
    /// # Errors
    /// A target is neither a component nor a file of the project.
    pub(super) fn reach(&self, project: &Project, base: &Tree, theirs: &Tree) -> Result<Reach> {
        let Self::Regenerate { targets, discard } = self else {
            let gone = match self {
                Self::RemoveApp { name } => Some(format!("{}/", project.folder_of(name))),
                _ => None,
            };
            return Ok(Reach {
                gone,
                ..Reach::default()
            });
        };
        let mut reach = Reach {
            restore: true,
            discard: *discard,
            ..Reach::default()
        };
        if targets.is_empty() {
            return Ok(reach);
        }
        let mut only = BTreeSet::new();
        for target in targets {
            let path = project.path(target)?;
            let all = || theirs.iter().chain(base.iter());
            let is_below = |(found, _): &(&str, &Entry)| path.holds(found);
            let mut paths: Vec<&str> = all().filter(is_below).map(|(path, _)| path).collect();
            if paths.is_empty() || path.as_str() == target {
                let of_component = all().filter(|(_, entry)| entry.component == *target);
                paths.extend(of_component.map(|(path, _)| path));
            }
            if paths.is_empty() {
                return Err(Error::input(format!(
                    "`{target}` is neither a component of this project nor a file that djscaffold wrote"
                ))
                .hint("`djscaffold status` lists both"));
            }
            only.extend(paths.into_iter().map(str::to_owned));
        }
        reach.only = Some(only);
        Ok(reach)
    }
}

fn set_all(
    answers: &mut Answers,
    settings: &[String],
    settable: &IndexMap<String, Options>,
    catalog: &Catalog,
) -> Result<()> {
    for setting in settings {
        if let Some((fact, value)) = setting.strip_prefix("project.").and_then(|rest| rest.split_once('=')) {
            answers.set_project(fact, value);
            continue;
        }
        let (component, option, value) = parse_setting(setting, catalog)?;
        if !settable.contains_key(&component) {
            return Err(Error::input(format!(
                "`{setting}` sets an option of a component that this project does not have"
            ))
            .hint(format!("add it: `djscaffold add {component} --set {setting}`")));
        }
        answers.set(&component, &option, value);
    }
    Ok(())
}

fn remove(answers: &mut Answers, components: &[String], catalog: &Catalog) -> Result<()> {
    for name in components {
        if let Some(reason) = &catalog.component(name)?.manifest.fixed
            && answers.components.contains_key(name)
        {
            return Err(fixed_component(name, "removed from", reason));
        }
        let is_left =
            |other: &str| answers.components.contains_key(other) && !components.iter().any(|going| going == other);
        let needed_by = catalog.dependents(name, &is_left, &answers.components);
        if !needed_by.is_empty() && answers.components.contains_key(name) {
            let error = Error::input(format!(
                "`{name}` can't be removed, as it is needed by `{}`",
                needed_by.join("`, `")
            ));
            for other in &needed_by {
                if let Some(reason) = &catalog.component(other)?.manifest.fixed {
                    return Err(error.hint(format!("`{other}` stays: {reason}")));
                }
            }
            return Err(error.hint(format!(
                "remove those too: `djscaffold remove {},{}`",
                components.join(","),
                needed_by.join(",")
            )));
        }
        answers.drop(name);
    }
    Ok(())
}

fn eject(answers: &mut Answers, paths: &[String], project: &Project, base: &Tree) -> Result<()> {
    for said in paths {
        let path = project.path(said)?.to_string();
        if path == DECLARATION || !(base.get(&path).is_some() || answers.ejected.contains(&path)) {
            return Err(
                Error::input(format!("`{path}` is not managed by djscaffold")).hint("`djscaffold status` lists them")
            );
        }
        answers.ejected.insert(path);
    }
    Ok(())
}

fn give_back(answers: &mut Answers, paths: &[String], project: &Project) -> Result<()> {
    for said in paths {
        let path = project.path(said)?.to_string();
        if !answers.ejected.remove(&path) {
            return Err(
                Error::input(format!("`{path}` was not ejected")).hint("`djscaffold status` lists those that were")
            );
        }
    }
    Ok(())
}

fn fixed_component(name: &str, what: &str, reason: &str) -> Error {
    Error::input(format!("`{name}` can't be {what} an existing project")).hint(reason)
}

/// Refuses what is settled by a project's beginning.
pub(super) fn check_fixed(last: &Spec, next: &Spec, catalog: &Catalog) -> Result<()> {
    if last.project.name != next.project.name {
        return Err(Error::input(format!(
            "the project's name is fixed at `new`: it was `{}`",
            last.project.name
        ))
        .hint("databases, volumes and images are named after it; set `project.title` to change the title on pages"));
    }
    for component in catalog.components() {
        let (before, after) = (
            last.components.get(&component.name),
            next.components.get(&component.name),
        );
        if let Some(reason) = &component.manifest.fixed
            && before.is_some() != after.is_some()
        {
            let what = if after.is_some() { "added to" } else { "removed from" };
            return Err(fixed_component(&component.name, what, reason));
        }
        for (name, option) in &component.manifest.options {
            let values = (
                before.and_then(|options| options.get(name)),
                after.and_then(|options| options.get(name)),
            );
            if let (Some(reason), (Some(was), Some(is))) = (&option.fixed, values)
                && was != is
            {
                return Err(Error::input(format!(
                    "`{}.{name}` is fixed at `new`: it was {was}, and can't become {is}",
                    component.name
                ))
                .hint(reason.clone()));
            }
        }
    }
    Ok(())
}
