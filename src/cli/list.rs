//! `djscaffold list`: what can be generated.

use std::path::Path;

use clap::Args;
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::catalog::{Catalog, Component, OptionSpec, unstored};
use crate::error::Result;
use crate::living::Project;
use crate::report::{Format, Printer};
use crate::spec::{Options, setting_text};

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Show only this component
    component: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

/// The components of the project that the user stands in, each with its options; empty elsewhere.
type Chosen = IndexMap<String, Options>;

/// Lists presets and components; in a project with what it has of them.
pub(super) fn run(arguments: &ListArguments, catalog: &Catalog, printer: Printer) -> Result<()> {
    let chosen = Project::find(Path::new("."))
        .and_then(|project| project.spec_as_known(catalog))
        .map(|(spec, _)| spec.components)
        .unwrap_or_default();
    let components: Vec<&Component> = match &arguments.component {
        Some(name) => vec![catalog.component(name)?],
        None => catalog.components().collect(),
    };
    match arguments.format {
        Format::Json => {
            let listed: Vec<Value> = components
                .iter()
                .map(|component| component_json(component, &chosen))
                .collect();
            let presets: Vec<Value> = catalog
                .preset_names()
                .into_iter()
                .map(|name| json!({ "name": name, "summary": catalog.preset_summary(name) }))
                .collect();
            let document = json!({ "format": 1, "presets": presets, "components": listed });
            printer.data(&format!("{document:#}"))?;
        }
        Format::Text if arguments.component.is_some() => {
            printer.data(&format!(
                "{}{}",
                describe(&components, &chosen),
                particulars(components[0])
            ))?;
        }
        Format::Text => printer.data(&format!("{}{}", presets(catalog), describe(&components, &chosen)))?,
    }
    Ok(())
}

fn presets(catalog: &Catalog) -> String {
    let mut text = "presets:\n".to_owned();
    for name in catalog.preset_names() {
        text.push_str(&format!("    {name}: {}\n", catalog.preset_summary(name)));
    }
    text.push('\n');
    text
}

fn component_json(component: &Component, chosen: &Chosen) -> Value {
    let manifest = &component.manifest;
    let of_project = chosen.get(&component.name);
    let options: Vec<Value> = manifest
        .options
        .iter()
        .map(|(name, option)| {
            json!({
                "name": name,
                "type": option.kind,
                "choices": option.choices,
                "default": option.default,
                "value": of_project.and_then(|options| options.get(name)),
                "help": option.help,
                "fixed": option.fixed.is_some(),
                "per_app": option.per_app,
            })
        })
        .collect();
    json!({
        "name": component.name,
        "summary": manifest.summary,
        "chosen": of_project.is_some(),
        "requires": manifest.requires,
        "conflicts": manifest.conflicts,
        "options": options,
    })
}

fn describe(components: &[&Component], chosen: &Chosen) -> String {
    let mut text = String::new();
    for component in components {
        let of_project = chosen.get(&component.name);
        let mark = if of_project.is_some() { " (in this project)" } else { "" };
        text.push_str(&format!("{}: {}{mark}\n", component.name, component.manifest.summary));
        if !component.manifest.requires.is_empty() {
            text.push_str(&format!("    needs {}\n", component.manifest.requires.join(", ")));
        }
        for (name, option) in &component.manifest.options {
            let fixed = if option.fixed.is_some() { ", fixed at `new`" } else { "" };
            let value = of_project.and_then(|options| options.get(name));
            let value = value
                .map(|value| format!(", here {}", plain(value)))
                .unwrap_or_default();
            text.push_str(&format!(
                "    {}.{name} = {}{fixed}{value}\n",
                component.name,
                values(option)
            ));
            text.push_str(&format!("        {}\n", option.help));
            for (choice, help) in &option.help_choices {
                text.push_str(&format!("        {choice}: {help}\n"));
            }
        }
    }
    text
}

/// The names that start these lines: what stands before `end`, at the given indent.
fn names_in<'a>(lines: impl Iterator<Item = &'a str>, indent: &str, end: &str) -> Vec<String> {
    let is_letter = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        let name = line.strip_prefix(indent).and_then(|line| line.split_once(end));
        let name = name
            .map(|(name, _)| name)
            .filter(|name| name.starts_with(char::is_alphabetic));
        if let Some(name) = name.filter(|name| name.chars().all(is_letter))
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// The settings that a component sets, by its modules of settings and what it adds to others'.
fn settings(component: &Component) -> Vec<String> {
    let modules = component
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("config/settings/"));
    let modules = modules.filter_map(|(_, content)| std::str::from_utf8(content).ok());
    let slots = component.slots.iter().filter(|(slot, _)| slot.starts_with("settings."));
    let texts = modules.chain(slots.map(|(_, text)| text.as_ref()));
    let mut names = names_in(texts.flat_map(str::lines), "", " =");
    names.retain(|name| !name.contains(char::is_lowercase));
    names
}

/// The services that a component starts, by its compose files and what it adds to others'.
fn services(component: &Component) -> Vec<String> {
    let files = component.files.iter().filter(|(path, _)| path.starts_with("compose."));
    let files = files.filter_map(|(_, content)| std::str::from_utf8(content).ok()?.split_once("services:\n"));
    let is_inside = |line: &&str| !line.starts_with(char::is_alphabetic);
    let lines = files.flat_map(|(_, services)| services.lines().take_while(is_inside));
    let is_of_services = |slot: &str| slot.starts_with("compose.") && slot.contains(".services");
    let slots = component.slots.iter().filter(|(slot, _)| is_of_services(slot));
    let mut names = names_in(lines, "  ", ":");
    names.extend(names_in(slots.flat_map(|(_, text)| text.lines()), "", ":"));
    names
}

/// The files, settings, packages, variables and services of a component, whatever its options.
fn particulars(component: &Component) -> String {
    let manifest = &component.manifest;
    let files = component
        .files
        .keys()
        .map(|path| unstored(path).replace("__app__", "APP"));
    let packages = manifest
        .all_dependencies()
        .map(|dependency| dependency.requirement.to_owned());
    let variables = manifest.env.iter().map(|variable| variable.name.clone());
    let mut text = String::new();
    for (what, list) in [
        ("files", files.collect::<Vec<_>>()),
        ("settings", settings(component)),
        ("packages", packages.collect()),
        ("variables", variables.collect()),
        ("services", services(component)),
    ] {
        if !list.is_empty() {
            text.push_str(&format!("    {what}:\n        {}\n", list.join("\n        ")));
        }
    }
    text
}

/// A value as `--set` takes it, or a word for none.
fn plain(value: &toml::Value) -> String {
    match setting_text(value).as_str() {
        "" => "none".to_owned(),
        text => text.to_owned(),
    }
}

fn values(option: &OptionSpec) -> String {
    let default = plain(&option.default);
    if option.choices.is_empty() {
        format!("{default} (default)")
    } else {
        format!("{} (default {default})", option.choices.join(" | "))
    }
}
