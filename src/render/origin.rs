//! What wrote a file: the component, its template, the slots that others fill in it, and the options that it asks for.

use std::collections::BTreeSet;

use super::context;
use super::paths::Landing;
use crate::catalog::{Catalog, Component, matches_path, slot_name, unstored};
use crate::error::Result;
use crate::spec::Spec;

/// Where a file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The component whose file it is.
    pub component: String,
    /// The template's path below `templates/`.
    pub template: String,
    /// The slots in it that are filled, each with the components that fill it.
    pub slots: Vec<(String, Vec<String>)>,
    /// The options that it or what fills its slots asks for: `api.auth`.
    pub options: BTreeSet<String>,
}

/// The origin of a file; none if no template writes it.
///
/// # Errors
/// A `component.toml` is wrong.
pub fn origin(path: &str, spec: &Spec, catalog: &Catalog) -> Result<Option<Origin>> {
    let components: Vec<&Component> = catalog
        .components()
        .filter(|component| spec.components.contains_key(&component.name))
        .collect();
    let context = context::build(spec, catalog, &components, "")?;
    let landing = Landing::new(context.data());
    for component in &components {
        for (stored, content) in &component.files {
            let template = unstored(stored);
            let is_bare = component.manifest.bare.contains(&template);
            let targets = landing.targets(&template, is_bare);
            if !targets.iter().any(|target| target.path == path) {
                continue;
            }
            let mut origin = Origin {
                component: component.name.clone(),
                template: format!("{}/files/{stored}", component.name),
                slots: Vec::new(),
                options: BTreeSet::new(),
            };
            for (pattern, condition) in &component.manifest.conditions {
                if matches_path(pattern, &template) {
                    options_in(condition, &components, &mut origin.options);
                }
            }
            if stored.ends_with(".hbs") {
                trace(&String::from_utf8_lossy(content), &components, &mut origin);
            }
            return Ok(Some(origin));
        }
    }
    Ok(None)
}

/// Follows a template's text into the slots that it names.
fn trace(text: &str, components: &[&Component], origin: &mut Origin) {
    options_in(text, components, &mut origin.options);
    for after in text.split("slot \"").skip(1) {
        let Some((name, _)) = after.split_once('"') else {
            continue;
        };
        if origin.slots.iter().any(|(known, _)| known == name) {
            continue;
        }
        let fills = |component: &&&Component| component.slots.keys().any(|path| slot_name(path) == name);
        let filling: Vec<&Component> = components.iter().filter(fills).copied().collect();
        if filling.is_empty() {
            continue;
        }
        let names = filling.iter().map(|component| component.name.clone()).collect();
        origin.slots.push((name.to_owned(), names));
        for component in filling {
            for (path, fragment) in &component.slots {
                if slot_name(path) == name {
                    trace(fragment, components, origin);
                }
            }
        }
    }
}

/// The options that a text names, as `components.api.auth` or, where apps can differ, as `app.views`.
fn options_in(text: &str, components: &[&Component], options: &mut BTreeSet<String>) {
    for component in components {
        for (name, option) in &component.manifest.options {
            let is_named = text.contains(&format!("components.{}.{name}", component.name))
                || option.per_app && text.contains(&format!("app.{name}"));
            if is_named {
                options.insert(format!("{}.{name}", component.name));
            }
        }
    }
}
