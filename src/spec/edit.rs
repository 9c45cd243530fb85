//! Changing a `djscaffold.toml` that the user may have edited: only what differs is touched.

use toml_edit::{DocumentMut, Item, Table, TableLike, value};
use toml_parser::lexer::TokenKind;

use super::write::{app_table, ejected, implicit, model_table, own_templates, to_edit, write_declaration};
use super::{Options, Spec};
use crate::error::{Error, Result};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text with what differs between two declarations changed in it. `old` is the declaration that the text holds.
/// A text of another version also gets the options that it does not name, so that a later default changes nothing.
///
/// # Errors
/// The text is no TOML.
pub fn edit_declaration(text: &str, old: &Spec, new: &Spec, version: &str) -> Result<String> {
    let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (BYTE_ORDER_MARK, rest),
        None => ("", text),
    };
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        Error::input(format!("`djscaffold.toml`: {}", error.to_string().trim_end()))
    })?;
    let written_by = document
        .get("version")
        .and_then(Item::as_str)
        .unwrap_or(version)
        .to_owned();
    if old == new && written_by == version {
        return Ok(format!("{mark}{text}"));
    }
    if text == write_declaration(old, &written_by)? {
        return Ok(format!("{mark}{}", write_declaration(new, version)?));
    }
    set(document.as_table_mut(), "version", value(version));
    match ejected(new) {
        Some(paths) if new.ejected != old.ejected => set(document.as_table_mut(), "ejected", paths),
        None => {
            document.remove("ejected");
        }
        Some(_) => {}
    }
    edit_templates(&mut document, old, new);
    edit_project(&mut document, old, new)?;
    edit_components(&mut document, old, new, written_by != version);
    edit_apps(&mut document, old, new)?;
    let edited = with_comments_of(&text.replace("\r\n", "\n"), &document.to_string().replace("\r\n", "\n"));
    let is_windows = text.contains("\r\n") && !text.replace("\r\n", "").contains('\n');
    let edited = if is_windows {
        edited.replace('\n', "\r\n")
    } else {
        edited
    };
    Ok(format!("{mark}{edited}"))
}

/// The edited text with every comment that went with what was removed: each before the section that followed it.
fn with_comments_of(text: &str, edited: &str) -> String {
    let mut left: Vec<&str> = comments(edited).map(|(_, comment)| comment).collect();
    let mut lines: Vec<String> = edited.lines().map(str::to_owned).collect();
    let old: Vec<&str> = text.lines().collect();
    for (index, comment) in comments(text) {
        if let Some(at) = left.iter().position(|kept| *kept == comment) {
            left.remove(at);
            continue;
        }
        let mut following = old[index + 1..]
            .iter()
            .filter(|line| line.trim_start().starts_with('['));
        let place = following.find_map(|header| lines.iter().position(|line| line.trim() == header.trim()));
        lines.insert(place.unwrap_or(lines.len()), comment.to_owned());
    }
    lines.join("\n") + "\n"
}

/// The comments of a text, each with the index of its line; what looks like one in a string is none.
fn comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let tokens = toml_parser::Source::new(text).lex();
    tokens.filter(|token| token.kind() == TokenKind::Comment).map(|token| {
        let span = token.span();
        let line = text[..span.start()].matches('\n').count();
        (line, text[span.start()..span.end()].trim_end())
    })
}

/// Puts a value where another one is, with the comments and the space round it.
fn set(table: &mut dyn TableLike, key: &str, mut item: Item) {
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

fn edit_templates(document: &mut DocumentMut, old: &Spec, new: &Spec) {
    let Some(templates) = &new.templates else {
        document.remove("templates");
        return;
    };
    if old.templates.as_ref() == Some(templates) {
        return;
    }
    match document.get_mut("templates").and_then(Item::as_table_like_mut) {
        Some(table) => {
            set(table, "path", value(&templates.path));
            set(table, "digest", value(&templates.digest));
        }
        None => {
            document.insert("templates", Item::Table(own_templates(templates)));
        }
    }
}

fn edit_project(document: &mut DocumentMut, old: &Spec, new: &Spec) -> Result<()> {
    let facts =
        |spec: &Spec| toml::Table::try_from(&spec.project).map_err(|error| Error::template("djscaffold.toml", error));
    let (before, after) = (facts(old)?, facts(new)?);
    if let Some(table) = table_mut(document.as_table_mut(), "project") {
        for (key, fact) in after.iter().filter(|(key, fact)| before.get(*key) != Some(*fact)) {
            set(table, key, value(to_edit(fact)));
        }
    }
    Ok(())
}

/// The table of that name, however it is written; made if there is none.
fn table_mut<'a>(parent: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    if !parent.contains_key(key) {
        let mut table = Table::new();
        table.set_implicit(true);
        parent.insert(key, Item::Table(table));
    }
    parent.get_mut(key)?.as_table_like_mut()
}

fn edit_components(document: &mut DocumentMut, old: &Spec, new: &Spec, names_all: bool) {
    let Some(components) = table_mut(document.as_table_mut(), "components") else {
        return;
    };
    for name in old.components.keys().filter(|name| !new.components.contains_key(*name)) {
        components.remove(name);
    }
    for (name, options) in &new.components {
        let before = old.components.get(name);
        if before == Some(options) && !names_all {
            continue;
        }
        let is_new = !components.contains_key(name);
        if let Some(table) = table_mut(components, name) {
            edit_options(table, before, options, is_new || names_all);
        }
        if let Some(table) = components.get_mut(name).and_then(Item::as_table_mut) {
            table.set_implicit(false);
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Item::as_table_mut) {
        put_in_order(components, new);
    }
}

/// Apps and models that came or went; what stayed is the user's.
fn edit_apps(document: &mut DocumentMut, old: &Spec, new: &Spec) -> Result<()> {
    if old.apps.keys().chain(new.apps.keys()).next().is_none() {
        return Ok(());
    }
    let Some(apps) = table_mut(document.as_table_mut(), "apps") else {
        return Ok(());
    };
    for name in old.apps.keys().filter(|name| !new.apps.contains_key(*name)) {
        apps.remove(name);
    }
    for (name, app) in &new.apps {
        let Some(before) = old.apps.get(name) else {
            apps.insert(name, Item::Table(app_table(app)?));
            continue;
        };
        let is_same = before.models.keys().eq(app.models.keys());
        let Some(table) = apps.get_mut(name).filter(|_| !is_same) else {
            continue;
        };
        // An app without models is named all the same.
        if let (Some(table), true) = (table.as_table_mut(), app.models.is_empty()) {
            table.set_implicit(false);
        }
        let Some(models) = table.as_table_like_mut().and_then(models_mut) else {
            continue;
        };
        for model in before.models.keys().filter(|model| !app.models.contains_key(*model)) {
            models.remove(model);
        }
        for (model, pointers) in app
            .models
            .iter()
            .filter(|(model, _)| !before.models.contains_key(*model))
        {
            models.insert(model, Item::Table(model_table(pointers)?));
        }
    }
    Ok(())
}

/// The models of an app; made if there are none.
fn models_mut(app: &mut dyn TableLike) -> Option<&mut dyn TableLike> {
    if !app.contains_key("models") {
        app.insert("models", Item::Table(implicit()));
    }
    app.get_mut("models")?.as_table_like_mut()
}

/// A table without a place of its own is written behind the one before it.
fn put_in_order(components: &mut Table, spec: &Spec) {
    let mut order: Vec<String> = spec.components.keys().cloned().collect();
    let others = components.iter().map(|(name, _)| name.to_owned());
    order.extend(
        others
            .filter(|name| !spec.components.contains_key(name))
            .collect::<Vec<_>>(),
    );
    for name in order {
        if let Some((key, item)) = components.remove_entry(&name) {
            components.insert_formatted(&key, item);
        }
    }
}

fn edit_options(table: &mut dyn TableLike, before: Option<&Options>, after: &Options, names_all: bool) {
    for (option, chosen) in after {
        let last = before.and_then(|options| options.get(option));
        if last != Some(chosen) || (names_all && !table.contains_key(option)) {
            set(table, option, value(to_edit(chosen)));
        }
    }
    for option in before.into_iter().flat_map(Options::keys) {
        if !after.contains_key(option) {
            table.remove(option);
        }
    }
}
