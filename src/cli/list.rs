//! `djscaffold list`: what can be generated.

use clap::Args;
use serde_json::{Value, json};

use crate::catalog::{Catalog, Component, OptionSpec};
use crate::error::Result;
use crate::report::{Format, Printer};

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only this component
    component: Option<String>,

    /// How to write the result
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
}

pub(super) fn run(arguments: &ListArguments, catalog: &Catalog, printer: Printer) -> Result<()> {
    let components: Vec<&Component> = match &arguments.component {
        Some(name) => vec![catalog.component(name)?],
        None => catalog.components().collect(),
    };
    match arguments.format {
        Format::Json => {
            let listed: Vec<Value> = components.iter().map(|component| component_json(component)).collect();
            printer.data(&format!("{:#}", json!({ "format": 1, "components": listed })))?;
        }
        Format::Text => printer.data(&describe(&components))?,
    }
    Ok(())
}

fn component_json(component: &Component) -> Value {
    let manifest = &component.manifest;
    let options: Vec<Value> = manifest
        .options
        .iter()
        .map(|(name, option)| {
            json!({
                "name": name,
                "type": option.kind,
                "choices": option.choices,
                "default": option.default,
                "help": option.help,
                "fixed": option.fixed.is_some(),
                "per_app": option.per_app,
            })
        })
        .collect();
    json!({
        "name": component.name,
        "summary": manifest.summary,
        "requires": manifest.requires,
        "conflicts": manifest.conflicts,
        "options": options,
    })
}

fn describe(components: &[&Component]) -> String {
    let mut text = String::new();
    for component in components {
        text.push_str(&format!("{}: {}\n", component.name, component.manifest.summary));
        if !component.manifest.requires.is_empty() {
            text.push_str(&format!("    needs {}\n", component.manifest.requires.join(", ")));
        }
        for (name, option) in &component.manifest.options {
            let fixed = if option.fixed.is_some() { ", fixed at `new`" } else { "" };
            text.push_str(&format!("    {}.{name} = {}{fixed}\n", component.name, values(option)));
            text.push_str(&format!("        {}\n", option.help));
            for (choice, help) in &option.help_choices {
                text.push_str(&format!("        {choice}: {help}\n"));
            }
        }
    }
    text
}

fn values(option: &OptionSpec) -> String {
    let default = match &option.default {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) if items.is_empty() => "none".to_owned(),
        default => default.to_string(),
    };
    if option.choices.is_empty() {
        format!("{default} (default)")
    } else {
        format!("{} (default {default})", option.choices.join(" | "))
    }
}
