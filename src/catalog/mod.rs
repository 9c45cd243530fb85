//! What can be generated: every directory below `templates/` that holds a `component.toml`, the presets, and the Django
//! lines. The catalog names no component itself; it reads them and checks that they hang together.

mod check;
mod lines;
mod manifest;
mod paths;
mod source;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use indexmap::IndexMap;
use rayon::prelude::*;

pub(crate) use check::{slot_name, value_fits};
pub use lines::{DjangoLine, DjangoLines};
pub use manifest::{
    ContainerValue, DatabaseTables, Dependency, DependencyDetail, EnvironmentVariable, Identity, Manifest, NextStep,
    OptionKind, OptionSpec, Process, ProvidedModel, SlotOrder,
};
pub(crate) use paths::{matches_path, unstored};
pub use source::{Overlay, Source};

use crate::cores::on_all;
use crate::error::{Error, Result};
use crate::model::{Kinds, TakenNames};
use crate::parsed;

/// One directory of `templates/`: a thing that a project can be made of.
#[derive(Debug)]
pub struct Component {
    /// The directory's name.
    pub name: String,
    /// What `component.toml` says.
    pub manifest: Manifest,
    /// The files it owns: path below `files/` → content.
    pub files: BTreeMap<String, Cow<'static, [u8]>>,
    /// What it adds to others' files: file name below `slots/` → content.
    pub slots: BTreeMap<String, Cow<'static, str>>,
}

/// Where components that make apps have the models.
const MODELS: &str = "__app__/models.py";

impl Component {
    /// Whether it makes apps.
    #[must_use]
    pub fn writes_models(&self) -> bool {
        self.files.keys().any(|path| path.trim_end_matches(".hbs") == MODELS)
    }

    /// What it requires: by itself, and by the choices that were answered or else are its defaults.
    pub fn required<'a>(&'a self, answered: Option<&IndexMap<String, toml::Value>>) -> impl Iterator<Item = &'a str> {
        let by_choice = self.taken(answered, |option| &option.requires);
        let by_choice = by_choice.flat_map(|(_, components)| components);
        self.manifest.requires.iter().chain(by_choice).map(String::as_str)
    }

    /// What it can't be combined with: itself or one of its choices, each with the component's name.
    fn excluded<'a>(
        &'a self,
        answered: Option<&IndexMap<String, toml::Value>>,
    ) -> impl Iterator<Item = (String, &'a str)> {
        let by_choice = self.taken(answered, |option| &option.conflicts);
        let by_choice = by_choice.flat_map(|(choice, others)| others.iter().map(move |other| (choice.clone(), other)));
        let by_itself = self.manifest.conflicts.iter().map(|other| (self.name.clone(), other));
        by_itself.chain(by_choice).map(|(who, other)| (who, other.as_str()))
    }

    /// The values, as `component.option=choice`, that can be combined with a component where this one can't; none if it
    /// is no value.
    fn instead_of(&self, value: &str, other: &str) -> Vec<String> {
        let named = value.split_once('=').and_then(|(path, _)| path.split_once('.'));
        let Some((name, option)) = named.and_then(|(_, name)| Some((name, self.manifest.options.get(name)?))) else {
            return Vec::new();
        };
        let excludes = |choice: &String| {
            option
                .conflicts
                .get(choice)
                .is_some_and(|others| others.iter().any(|it| it == other))
        };
        let allowed = option.choices.iter().filter(|choice| !excludes(choice));
        allowed.map(|choice| format!("{}.{name}={choice}", self.name)).collect()
    }

    /// What is said of the choices that were answered, or else are the defaults: `component.option=choice`, components.
    fn taken<'a>(
        &'a self,
        answered: Option<&IndexMap<String, toml::Value>>,
        said: fn(&OptionSpec) -> &IndexMap<String, Vec<String>>,
    ) -> impl Iterator<Item = (String, &'a Vec<String>)> {
        let mut taken = Vec::new();
        for (name, option) in &self.manifest.options {
            let value = answered
                .and_then(|answered| answered.get(name))
                .unwrap_or(&option.default);
            for (choice, components) in said(option) {
                let is_taken = match value.as_array() {
                    Some(values) => values.iter().any(|value| value.as_str() == Some(choice)),
                    None => value.as_str() == Some(choice),
                };
                if is_taken {
                    taken.push((format!("{}.{name}={choice}", self.name), components));
                }
            }
        }
        taken.into_iter()
    }
}

/// Everything that can be generated.
#[derive(Debug)]
pub struct Catalog {
    components: IndexMap<String, Component>,
    presets: BTreeMap<String, String>,
    lines: DjangoLines,
    kinds: Kinds,
    reserved: OnceLock<BTreeMap<String, String>>,
    /// Whether all that it was read from is part of the program.
    pub(crate) is_built_in: bool,
}

impl Catalog {
    /// Reads the built-in templates, with the directory of a team's own laid over them if one is given.
    ///
    /// # Errors
    /// A directory that can't be read, or a component that doesn't hang together.
    pub fn load(overlay: Option<&Path>) -> Result<Self> {
        Self::from_source(&Source::with_overlay(overlay)?)
    }

    /// Reads a catalog from a set of template files.
    ///
    /// # Errors
    /// As [`Catalog::load`].
    pub fn from_source(source: &Source) -> Result<Self> {
        let names = source.folders_with("component.toml");
        let read = || names.par_iter().map(|name| read_component(source, name)).collect();
        let components: Vec<_> = on_all(read);
        let components = names.into_iter().zip(components);
        let components = components.map(|(name, component)| Ok((name, component?)));
        let mut catalog = Self {
            components: order(components.collect::<Result<_>>()?)?,
            presets: source
                .files_below("presets")
                .filter_map(|(path, content)| {
                    let name = path.strip_suffix(".toml")?;
                    Some((name.to_owned(), String::from_utf8_lossy(content).into_owned()))
                })
                .collect(),
            lines: parse(source, "django.toml")?,
            kinds: Kinds::embedded()?,
            reserved: OnceLock::new(),
            is_built_in: source.is_embedded(),
        };
        // The built-in ones do: a test looks at them.
        if !catalog.is_built_in {
            check::hangs_together(&catalog)?;
        }
        catalog.kinds.taken = catalog.taken_names();
        Ok(catalog)
    }

    /// The names that the modules of an app use besides the models' own.
    fn taken_names(&self) -> TakenNames {
        let mut taken = TakenNames::default();
        for component in self.components() {
            let manifest = &component.manifest;
            taken.locals.extend(manifest.local_names.iter().cloned());
            for (path, content) in &component.files {
                let landing = path.trim_end_matches(".hbs");
                if !landing.contains("__app__") || !landing.ends_with(".py") {
                    continue;
                }
                if let Ok(text) = std::str::from_utf8(content) {
                    let has_fields = manifest.fields_in.iter().any(|scope| scope == landing);
                    taken.read_template(text, has_fields);
                }
            }
        }
        taken
    }

    /// The components, each after those that it requires.
    pub fn components(&self) -> impl Iterator<Item = &Component> {
        self.components.values()
    }

    /// The component of that name.
    ///
    /// # Errors
    /// There is none: the message names those that there are.
    pub fn component(&self, name: &str) -> Result<&Component> {
        self.components.get(name).ok_or_else(|| {
            let known: Vec<_> = self.components.keys().map(String::as_str).collect();
            let called = self.components().flat_map(|component| {
                let names = component.manifest.aliases.iter().chain([&component.name]);
                names.map(|called| (called.as_str(), component.name.as_str()))
            });
            Error::input(format!("there is no component `{name}`"))
                .did_you_mean(name, called)
                .hint(format!("components: {}", known.join(", ")))
                .hint("`djscaffold list` describes them")
        })
    }

    /// The component of that name, for somebody who chooses it.
    ///
    /// # Errors
    /// There is none, or it is there for others only.
    pub fn chosen(&self, name: &str) -> Result<&Component> {
        let component = self.component(name)?;
        if !component.manifest.shared {
            return Ok(component);
        }
        let requiring = self.components().filter(|other| {
            let by_choice = other
                .manifest
                .options
                .values()
                .flat_map(|option| option.requires.values());
            by_choice
                .chain([&other.manifest.requires])
                .flatten()
                .any(|required| required == name)
        });
        let requiring: Vec<_> = requiring.map(|other| other.name.as_str()).collect();
        Err(Error::input(format!(
            "`{name}` is added with the first component that needs it, and removed with the last"
        ))
        .hint(format!("components that can need it: {}", requiring.join(", "))))
    }

    /// Whether there is a component of that name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.components.contains_key(name)
    }

    /// The presets' names, each after the one that it builds on.
    #[must_use]
    pub fn preset_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.presets.keys().map(String::as_str).collect();
        names.sort_by_key(|name| self.presets_below(name));
        names
    }

    /// On how many others a preset builds.
    fn presets_below(&self, name: &str) -> usize {
        let mut below = 0;
        let mut next = self.preset_entry(name, "preset");
        while let Some(name) = next.filter(|_| below < self.presets.len()) {
            below += 1;
            next = self.preset_entry(&name, "preset");
        }
        below
    }

    fn preset_entry(&self, name: &str, entry: &str) -> Option<String> {
        let table: toml::Table = parsed::toml(self.presets.get(name)?).ok()?;
        table.get(entry)?.as_str().map(str::to_owned)
    }

    /// A preset's text: an answers file.
    ///
    /// # Errors
    /// There is no such preset.
    pub fn preset(&self, name: &str) -> Result<&str> {
        self.presets.get(name).map(String::as_str).ok_or_else(|| {
            let known = self.preset_names();
            Error::input(format!("there is no preset `{name}`"))
                .did_you_mean(name, known.iter().map(|name| (*name, *name)))
                .hint(format!("presets: {}", known.join(", ")))
        })
    }

    /// What a preset is, in a line.
    #[must_use]
    pub fn preset_summary(&self, name: &str) -> String {
        self.preset_entry(name, "summary").unwrap_or_default()
    }

    /// The Django lines that can be generated for.
    #[must_use]
    pub fn lines(&self) -> &DjangoLines {
        &self.lines
    }

    /// The kinds of field.
    #[must_use]
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// Adds what each of `chosen` requires, by itself and by the options that were answered, and returns all in the
    /// catalog's order. What is there for others only is taken where others require it, and not because it was chosen.
    ///
    /// # Errors
    /// An unknown component, or two that can't be combined.
    pub fn with_required(
        &self,
        chosen: impl IntoIterator<Item = String>,
        answered: &IndexMap<String, IndexMap<String, toml::Value>>,
    ) -> Result<Vec<&Component>> {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut pending: Vec<String> = Vec::new();
        for name in chosen {
            if !self.component(&name)?.manifest.shared {
                pending.push(name);
            }
        }
        while let Some(name) = pending.pop() {
            let required = self.component(&name)?.required(answered.get(&name));
            if wanted.insert(name) {
                pending.extend(required.map(str::to_owned));
            }
        }
        for name in &wanted {
            for (who, other) in self.component(name)?.excluded(answered.get(name)) {
                if wanted.contains(other) {
                    let instead = self.component(name)?.instead_of(&who, other);
                    let hint = if instead.is_empty() {
                        "leave one out".to_owned()
                    } else {
                        format!(
                            "choose another value with `--set {}`, or leave one out",
                            instead.join("`, `")
                        )
                    };
                    return Err(Error::input(format!("`{who}` and `{other}` can't be combined")).hint(format!(
                        "{hint}: `--without {other}` for a new project, `djscaffold remove {other}` in an existing one"
                    )));
                }
            }
        }
        Ok(self
            .components()
            .filter(|component| wanted.contains(&component.name))
            .collect())
    }

    /// What is there and needs a component, directly or through others; the nearest first.
    #[must_use]
    pub fn dependents(
        &self,
        name: &str,
        is_there: &dyn Fn(&str) -> bool,
        answered: &IndexMap<String, IndexMap<String, toml::Value>>,
    ) -> Vec<String> {
        let mut found = vec![name.to_owned()];
        let mut next = 0;
        while let Some(needed) = found.get(next).cloned() {
            for component in self.components().filter(|component| is_there(&component.name)) {
                let needs = component
                    .required(answered.get(&component.name))
                    .any(|name| name == needed);
                if needs && !found.contains(&component.name) {
                    found.push(component.name.clone());
                }
            }
            next += 1;
        }
        found.split_off(1)
    }

    /// The top-level modules and directories that a project's own apps must not be called: what components put there, and
    /// what their packages install. Each with the reason why.
    #[must_use]
    pub fn reserved_names(&self) -> &BTreeMap<String, String> {
        self.reserved.get_or_init(|| self.read_reserved_names())
    }

    fn read_reserved_names(&self) -> BTreeMap<String, String> {
        let mut reserved = BTreeMap::new();
        for component in self.components() {
            for path in component.files.keys() {
                if let Some((folder, _)) = path.split_once('/').filter(|(folder, _)| !folder.starts_with("__")) {
                    let reason = || format!("djscaffold's `{}` has a directory of that name", component.name);
                    reserved.entry(folder.to_owned()).or_insert_with(reason);
                } else if let Some(module) = path.trim_end_matches(".hbs").strip_suffix(".py") {
                    let reason = || format!("djscaffold's `{}` has a module of that name", component.name);
                    reserved.entry(module.to_owned()).or_insert_with(reason);
                }
            }
            for tables in &component.manifest.tables {
                let reason = format!("`{}` installs a Django app with that label", component.name);
                reserved.insert(tables.app.clone(), reason);
            }
            for dependency in component.manifest.all_dependencies() {
                for module in dependency.modules {
                    reserved.insert(
                        module.clone(),
                        format!("the package `{}` uses it", dependency.package()),
                    );
                }
            }
        }
        for module in self.lines.modules.iter().chain(self.kinds.modules()) {
            reserved.insert(module.clone(), "an installed package uses it".to_owned());
        }
        reserved
    }
}

fn read_component(source: &Source, name: &str) -> Result<Component> {
    let manifest: Manifest = parse(source, &format!("{name}/component.toml"))?;
    let files = source
        .files_below(&format!("{name}/files"))
        .map(|(path, content)| (path.to_owned(), content.clone()))
        .collect();
    let mut slots = BTreeMap::new();
    for (path, content) in source.files_below(&format!("{name}/slots")) {
        let is_wrong = |_| Error::template(format!("{name}/slots/{path}"), "is not UTF-8");
        let text = match content {
            Cow::Borrowed(content) => Cow::Borrowed(std::str::from_utf8(content).map_err(is_wrong)?),
            Cow::Owned(content) => Cow::Owned(std::str::from_utf8(content).map_err(is_wrong)?.to_owned()),
        };
        slots.insert(path.to_owned(), text);
    }
    Ok(Component {
        name: name.to_owned(),
        manifest,
        files,
        slots,
    })
}

fn parse<T: serde::de::DeserializeOwned>(source: &Source, path: &str) -> Result<T> {
    let content = source.get(path).ok_or_else(|| Error::template(path, "is missing"))?;
    let text = std::str::from_utf8(content).map_err(|error| Error::template(path, error))?;
    parsed::toml(text).map_err(|error| Error::template(path, error))
}

/// Puts each component after those it requires; among equals, by name.
fn order(mut unordered: BTreeMap<String, Component>) -> Result<IndexMap<String, Component>> {
    let mut ordered: IndexMap<String, Component> = IndexMap::new();
    while !unordered.is_empty() {
        let next = unordered
            .iter()
            .find(|(_, component)| {
                component
                    .manifest
                    .requires
                    .iter()
                    .all(|name| ordered.contains_key(name))
            })
            .map(|(name, _)| name.clone());
        let Some(component) = next.and_then(|name| unordered.remove(&name)) else {
            let missing = unordered.values().find_map(|component| {
                let mut required = component.manifest.requires.iter();
                let lacking = required.find(|name| !ordered.contains_key(*name) && !unordered.contains_key(*name))?;
                let file = format!("{}/component.toml", component.name);
                Some(Error::template(
                    file,
                    format!("requires `{lacking}`, which does not exist"),
                ))
            });
            let stuck: Vec<_> = unordered.into_keys().collect();
            return Err(missing.unwrap_or_else(|| {
                let file = format!("{}/component.toml", stuck[0]);
                Error::template(file, format!("{} require each other", stuck.join(", ")))
            }));
        };
        ordered.insert(component.name.clone(), component);
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_components_hang_together() {
        check::hangs_together(&Catalog::load(None).unwrap()).unwrap();
    }
}
