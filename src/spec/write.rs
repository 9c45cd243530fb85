//! Writing `djscaffold.toml`. Entries stand apart and in a stable order, so that two branches that each add something
//! rarely collide.

use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, value};

use super::project::FACTS;
use super::{FORMAT, Spec, Templates};
use crate::error::{Error, Result};
use crate::model::{App, Model};

const HEADING: &str =
    "# What this project is made of, for djscaffold. The fields of models live in each app's `models.py`;
# here are only pointers into them.
";

/// The text of `djscaffold.toml`.
///
/// # Errors
/// A value that TOML can't hold: never for a valid declaration.
pub fn write_declaration(spec: &Spec, version: &str) -> Result<String> {
    let mut document = DocumentMut::new();
    document.insert("format", value(FORMAT));
    document.insert("version", value(version));
    if let Some(ejected) = ejected(spec) {
        document.insert("ejected", ejected);
    }
    if let Some(templates) = &spec.templates {
        document.insert("templates", Item::Table(own_templates(templates)));
    }

    let project = toml::Table::try_from(&spec.project).map_err(|error| Error::template("djscaffold.toml", error))?;
    let mut table = Table::new();
    for key in FACTS {
        if let Some(entry) = project.get(key) {
            table.insert(key, value(to_edit(entry)));
        }
    }
    if !spec.python.is_empty() {
        table.insert("python", value(spec.python.iter().collect::<Array>()));
    }
    document.insert("project", Item::Table(table));

    let mut components = implicit();
    for (name, options) in &spec.components {
        let mut table = Table::new();
        for (option, chosen) in options {
            table.insert(option, value(to_edit(chosen)));
        }
        components.insert(name, Item::Table(table));
    }
    document.insert("components", Item::Table(components));

    let mut apps = implicit();
    for (name, app) in &spec.apps {
        apps.insert(name, Item::Table(app_table(app)?));
    }
    document.insert("apps", Item::Table(apps));
    Ok(format!("{HEADING}{document}"))
}

/// An app's own entries and its models.
pub(super) fn app_table(app: &App) -> Result<Table> {
    let mut table = Table::new();
    table.set_implicit(app.title.is_none() && app.options.is_empty() && !app.models.is_empty());
    if let Some(title) = &app.title {
        table.insert("title", value(title));
    }
    for (option, chosen) in &app.options {
        table.insert(option, value(to_edit(chosen)));
    }
    let mut models = implicit();
    for (name, model) in &app.models {
        models.insert(name, Item::Table(model_table(model)?));
    }
    table.insert("models", Item::Table(models));
    Ok(table)
}

/// A model's pointers into its fields.
pub(super) fn model_table(model: &Model) -> Result<Table> {
    let pointers = toml::Table::try_from(model).map_err(|error| Error::template("djscaffold.toml", error))?;
    let mut table = Table::new();
    for (pointer, target) in &pointers {
        table.insert(pointer, value(to_edit(target)));
    }
    Ok(table)
}

/// The list of files that djscaffold has nothing to do with, if there are any.
pub(super) fn ejected(spec: &Spec) -> Option<Item> {
    let paths: Array = spec.ejected.iter().map(String::as_str).collect();
    (!paths.is_empty()).then(|| value(paths))
}

/// Where the team's own templates are.
pub(super) fn own_templates(templates: &Templates) -> Table {
    let mut table = Table::new();
    table.insert("path", value(&templates.path));
    table.insert("digest", value(&templates.digest));
    table
}

pub(super) fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

pub(super) fn to_edit(from: &toml::Value) -> toml_edit::Value {
    match from {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(truth) => (*truth).into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(values) => values.iter().map(to_edit).collect::<Array>().into(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, entry)| (key.as_str(), to_edit(entry)))
            .collect::<InlineTable>()
            .into(),
    }
}
