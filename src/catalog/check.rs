//! Whether the components hang together, told by the file that doesn't.

use std::collections::BTreeSet;

use super::paths::{matches_path, unstored};
use super::{Catalog, Component, OptionKind, OptionSpec};
use crate::error::{Error, Result};
use crate::parsed;

/// Checks every reference between components and every option's default.
pub(super) fn hangs_together(catalog: &Catalog) -> Result<()> {
    let all_texts: Vec<(String, String)> = catalog.components().flat_map(texts).collect();
    let offered: BTreeSet<&str> = all_texts.iter().flat_map(|(_, text)| slots_in(text)).collect();
    for component in catalog.components() {
        let file = format!("{}/component.toml", component.name);
        for name in &component.manifest.conflicts {
            if !catalog.has(name) {
                return Err(Error::template(
                    file,
                    format!("conflicts with `{name}`, which does not exist"),
                ));
            }
        }
        for (name, option) in &component.manifest.options {
            for (verb, said) in [("requires", &option.requires), ("conflicts with", &option.conflicts)] {
                if let Some(choice) = said.keys().find(|choice| !option.choices.contains(choice)) {
                    return Err(Error::template(
                        file,
                        format!("`{name}` can't be `{choice}`, for which it {verb} something"),
                    ));
                }
                if let Some(lacking) = said.values().flatten().find(|name| !catalog.has(name)) {
                    return Err(Error::template(
                        file,
                        format!("`{name}` {verb} `{lacking}`, which does not exist"),
                    ));
                }
            }
            value_fits(option, &option.default)
                .map_err(|problem| Error::template(&file, format!("the default of `{name}` {problem}")))?;
        }
        paths_are_there(component).map_err(|problem| Error::template(&file, problem))?;
        for (slot, path) in component.slots.keys().map(|path| (slot_name(path), path)) {
            if !offered.contains(slot) {
                return Err(Error::template(
                    format!("{}/slots/{path}", component.name),
                    format!("no template has the slot `{slot}`"),
                ));
            }
        }
        for (path, text) in &component.slots {
            let place = format!("{}/slots/{path}", component.name);
            parsed::template(text, parsed::uses_brackets(&place)).map_err(|error| Error::template(&place, error))?;
        }
        for (place, text) in texts(component) {
            options_are_there(catalog, &text).map_err(|problem| Error::template(place, problem))?;
        }
        for slot in component.manifest.slots.keys() {
            if !component.slots.keys().any(|path| slot_name(path) == slot) {
                return Err(Error::template(
                    file,
                    format!("orders the slot `{slot}` but adds nothing to it"),
                ));
            }
        }
    }
    if !catalog.lines.lines.contains_key(&catalog.lines.default) {
        return Err(Error::template("django.toml", "the default is not one of the versions"));
    }
    Ok(())
}

/// Whether each path and pattern of a manifest means one of the component's files.
fn paths_are_there(component: &Component) -> std::result::Result<(), String> {
    let manifest = &component.manifest;
    let paths: Vec<String> = component.files.keys().map(|path| unstored(path)).collect();
    let lists = [
        ("executable", &manifest.executable),
        ("once", &manifest.once),
        ("bare", &manifest.bare),
        ("private", &manifest.private),
        ("fields-in", &manifest.fields_in),
    ];
    let listed = lists
        .into_iter()
        .flat_map(|(key, list)| list.iter().map(move |path| (key, path)));
    let conditions = manifest.conditions.keys().map(|path| ("conditions", path));
    for (key, pattern) in listed.chain(conditions) {
        if !paths.iter().any(|path| matches_path(pattern, path)) {
            return Err(format!("`{key}` names `{pattern}`, which is none of its files"));
        }
    }
    Ok(())
}

/// The texts of a component in which expressions stand, each with its place.
fn texts(component: &Component) -> Vec<(String, String)> {
    let name = &component.name;
    let manifest = &component.manifest;
    let conditions = manifest.conditions.values().cloned();
    let details = [
        &manifest.dependencies,
        &manifest.production_dependencies,
        &manifest.development_dependencies,
    ];
    let details = details
        .into_iter()
        .flat_map(|group| group.values())
        .filter_map(|detail| detail.when.clone());
    let variables = manifest.env.iter().filter_map(|variable| variable.when.clone());
    let tables = manifest.tables.iter().filter_map(|tables| tables.when.clone());
    let steps = manifest
        .next_steps
        .iter()
        .chain(&manifest.after_migrate)
        .chain(&manifest.daily)
        .filter_map(|step| step.when.clone());
    let expressions = conditions.chain(details).chain(variables).chain(tables).chain(steps);
    let files = component.files.iter().filter(|(path, _)| path.ends_with(".hbs"));
    expressions
        .map(|text| (format!("{name}/component.toml"), text))
        .chain(files.filter_map(|(path, content)| {
            Some((
                format!("{name}/files/{path}"),
                String::from_utf8(content.to_vec()).ok()?,
            ))
        }))
        .chain(
            component
                .slots
                .iter()
                .map(|(path, text)| (format!("{name}/slots/{path}"), text.to_string())),
        )
        .collect()
}

/// The slots that a template has.
fn slots_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("slot \"").skip(1).filter_map(|rest| rest.split('"').next())
}

/// Whether each `components.NAME.OPTION` in a text is an option of a component, each NAME after `components` a name, and
/// each text that they are compared with one that can be.
fn options_are_there(catalog: &Catalog, text: &str) -> std::result::Result<(), String> {
    for rest in text.split("components.").skip(1) {
        let belongs =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "._".contains(character);
        let end = rest.find(|character: char| !belongs(character));
        let (path, behind) = rest.split_at(end.unwrap_or(rest.len()));
        let mut parts = path.split('.');
        let (name, option) = (parts.next().unwrap_or_default(), parts.next());
        let Ok(component) = catalog.component(name) else {
            return Err(format!("`components.{name}` is used, but there is no such component"));
        };
        let Some(option) = option.filter(|option| *option != "chosen") else {
            continue;
        };
        let Some(spec) = component.manifest.options.get(option) else {
            return Err(format!(
                "`components.{name}.{option}` is used, but there is no such option"
            ));
        };
        if let Some(compared) = quoted(behind)
            && !spec.choices.is_empty()
            && !spec.choices.iter().any(|choice| choice == compared)
        {
            return Err(format!("`components.{name}.{option}` can't be `{compared}`"));
        }
    }
    for name in text.split("(contains components").skip(1).filter_map(quoted) {
        if !catalog.has(name) {
            return Err(format!("there is no component `{name}`, but it is used"));
        }
    }
    Ok(())
}

/// The text in quotes that an expression goes on with.
fn quoted(behind: &str) -> Option<&str> {
    behind.strip_prefix(" \"")?.split('"').next()
}

/// The slot that a file below `slots/` adds to.
pub(crate) fn slot_name(path: &str) -> &str {
    let path = path.strip_suffix(".hbs").unwrap_or(path);
    path.strip_suffix(".html").unwrap_or(path)
}

/// Whether a value is one that the option takes.
///
/// # Errors
/// What is wrong with it, to be read after the option's name.
pub(crate) fn value_fits(option: &OptionSpec, value: &toml::Value) -> std::result::Result<(), String> {
    let one_of = |value: &toml::Value| match value.as_str() {
        Some(text) if option.choices.iter().any(|choice| choice == text) => Ok(()),
        _ => Err(format!("is {value}; it can be {}", option.choices.join(", "))),
    };
    match option.kind {
        OptionKind::Choice => one_of(value),
        OptionKind::Choices => match value.as_array() {
            Some(values) if values.is_empty() && !option.may_be_empty => {
                Err(format!("is empty; choose from {}", option.choices.join(", ")))
            }
            Some(values) => {
                for (index, value) in values.iter().enumerate() {
                    one_of(value)?;
                    if values[..index].contains(value) {
                        return Err(format!("has {value} twice"));
                    }
                }
                Ok(())
            }
            None => Err(format!(
                "is {value}; it must be a list of {}",
                option.choices.join(", ")
            )),
        },
        OptionKind::Lists => {
            let is_list = |value: &toml::Value| {
                value
                    .as_array()
                    .is_some_and(|list| list.iter().all(toml::Value::is_str))
            };
            match value.as_table() {
                Some(lists) if lists.values().all(is_list) => Ok(()),
                _ => Err(format!(
                    "is {value}; it must be a table of lists of strings: {{ name = [\"one\", \"two\"] }}"
                )),
            }
        }
        OptionKind::Boolean if !value.is_bool() => Err(format!("is {value}; it must be true or false")),
        OptionKind::Integer if !value.is_integer() => Err(format!("is {value}; it must be a whole number")),
        OptionKind::Text if !value.is_str() => Err(format!("is {value}; it must be a string")),
        OptionKind::Boolean | OptionKind::Integer | OptionKind::Text => Ok(()),
    }
}
