//! Changing a `djscaffold.toml` that the user may have edited: only what differs is touched.

use toml_edit::{DocumentMut, Item, Table, value};

use super::write::{ejected, to_edit, write_declaration};
use super::{Options, Spec};
use crate::error::{Error, Result};

/// The text with what differs between two declarations changed in it. `old` is the declaration that the text holds.
///
/// # Errors
/// The text is no TOML.
pub fn edit_declaration(text: &str, old: &Spec, new: &Spec, version: &str) -> Result<String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Error::input(format!("`djscaffold.toml`: {}", error.to_string().trim_end()))
    })?;
    let written_by = document.get("version").and_then(Item::as_str).unwrap_or(version);
    if text == write_declaration(old, written_by)? {
        return write_declaration(new, version);
    }
    set(document.as_table_mut(), "version", value(version));
    match ejected(new) {
        Some(paths) if new.ejected != old.ejected => set(document.as_table_mut(), "ejected", paths),
        None => {
            document.remove("ejected");
        }
        Some(_) => {}
    }
    edit_project(&mut document, old, new)?;
    edit_components(&mut document, old, new);
    Ok(document.to_string())
}

/// Puts a value where another one is, with the comments and the space round it.
fn set(table: &mut Table, key: &str, mut item: Item) {
    if let (Some(old), Some(new)) = (table.get(key).and_then(Item::as_value), item.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(place) => *place = item,
        None => {
            table.insert(key, item);
        }
    }
}

fn edit_project(document: &mut DocumentMut, old: &Spec, new: &Spec) -> Result<()> {
    let facts =
        |spec: &Spec| toml::Table::try_from(&spec.project).map_err(|error| Error::template("djscaffold.toml", error));
    let (before, after) = (facts(old)?, facts(new)?);
    let changed: Vec<_> = after
        .iter()
        .filter(|(key, fact)| before.get(*key) != Some(*fact))
        .collect();
    if let Some(table) = table_mut(document.as_table_mut(), "project") {
        for (key, fact) in changed {
            set(table, key, value(to_edit(fact)));
        }
    }
    Ok(())
}

fn table_mut<'a>(parent: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    let item = parent.entry(key).or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    if let Item::Value(toml_edit::Value::InlineTable(inline)) = item {
        *item = Item::Table(std::mem::take(inline).into_table());
    }
    item.as_table_mut()
}

fn edit_components(document: &mut DocumentMut, old: &Spec, new: &Spec) {
    let Some(components) = table_mut(document.as_table_mut(), "components") else {
        return;
    };
    for name in old.components.keys().filter(|name| !new.components.contains_key(*name)) {
        components.remove(name);
    }
    for (name, options) in &new.components {
        let before = old.components.get(name);
        if before == Some(options) {
            continue;
        }
        let is_new = !components.contains_key(name);
        if let Some(table) = table_mut(components, name) {
            table.set_implicit(false);
            edit_options(table, before, options, is_new);
        }
    }
    let mut order: Vec<String> = new.components.keys().cloned().collect();
    let others = components.iter().map(|(name, _)| name.to_owned());
    order.extend(
        others
            .filter(|name| !new.components.contains_key(name))
            .collect::<Vec<_>>(),
    );
    // A table without a place of its own is written behind the one before it.
    for name in order {
        if let Some((key, item)) = components.remove_entry(&name) {
            components.insert_formatted(&key, item);
        }
    }
}

fn edit_options(table: &mut Table, before: Option<&Options>, after: &Options, is_new: bool) {
    for (option, chosen) in after {
        let last = before.and_then(|options| options.get(option));
        if is_new || last != Some(chosen) {
            set(table, option, value(to_edit(chosen)));
        }
    }
    for option in before.into_iter().flat_map(Options::keys) {
        if !after.contains_key(option) {
            table.remove(option);
        }
    }
}
