//! The components as a checklist: what is switched on brings what it needs, what is switched off takes along what needs it.

use super::{Choice, Prompter};
use crate::catalog::{Catalog, Component};
use crate::error::Result;
use crate::spec::Answers;

const DONE: &str = "Done";

/// Lets the user switch components on and off. Each `(component, is on)` that changed is given to `switch`, which returns
/// the answers after it. Returns whether the user is done, rather than going back.
///
/// # Errors
/// As [`Prompter::choose`], or answers that can't be made.
pub(super) fn choose_components(
    prompter: &mut dyn Prompter,
    catalog: &Catalog,
    mut answers: Answers,
    switch: &mut dyn FnMut(&str, bool) -> Result<Answers>,
) -> Result<bool> {
    let offered: Vec<&Component> = catalog
        .components()
        .filter(|component| component.manifest.question.is_some())
        .collect();
    let mut note = "Parts of the project, besides accounts and apps".to_owned();
    let mut at = 0;
    loop {
        let on = chosen(&answers, catalog);
        let is_on = |name: &str| on.iter().any(|other| other == name);
        let mut choices = vec![Choice::new(DONE, "")];
        choices.extend(offered.iter().map(|component| {
            let mark = if is_on(&component.name) { "[x]" } else { "[ ]" };
            Choice::new(format!("{mark} {}", component.name), component.manifest.summary.clone())
        }));
        let Some(pressed) = prompter.step("Components", &note, &choices, at)? else {
            return Ok(false);
        };
        let Some(component) = pressed.checked_sub(1).map(|index| offered[index]) else {
            return Ok(true);
        };
        at = pressed;
        let name = component.name.as_str();
        let goes_on = !is_on(name);
        let others = if goes_on {
            excluded(component, &on, catalog)
        } else {
            catalog.dependents(name, &is_on, &answers.components)
        };
        let stays = |other: &&String| !offered.iter().any(|offered| offered.name == **other);
        if let Some(other) = others.iter().find(stays) {
            note = format!("{name} stays: {other} needs it");
            continue;
        }
        answers = switch(name, goes_on)?;
        for other in &others {
            answers = switch(other, false)?;
        }
        let mut came = chosen(&answers, catalog);
        came.retain(|other| other != name && !is_on(other));
        for other in came.iter().filter(|other| !stays(other)) {
            answers = switch(other, true)?; // it is shown as on, so it stays when what needs it goes
        }
        note = told(name, goes_on, &came, &others);
    }
}

/// What a switch did, in a line.
fn told(name: &str, goes_on: bool, came: &[String], left: &[String]) -> String {
    let mut note = format!("{name} is {}", if goes_on { "on" } else { "off" });
    if !came.is_empty() {
        note.push_str(&format!(", with what it needs: {}", came.join(", ")));
    }
    if !left.is_empty() {
        let why = if goes_on {
            "what conflicts with it"
        } else {
            "what needs it"
        };
        note.push_str(&format!(
            ", {} {why}: {}",
            if goes_on { "without" } else { "and so is" },
            left.join(", ")
        ));
    }
    note
}

/// The names of what is on, with all that it requires.
fn chosen(answers: &Answers, catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut pending: Vec<String> = answers.components.keys().cloned().collect();
    while let Some(name) = pending.pop() {
        if names.contains(&name) {
            continue;
        }
        if let Ok(component) = catalog.component(&name) {
            pending.extend(component.required(answers.components.get(&name)).map(str::to_owned));
        }
        names.push(name);
    }
    names
}

/// What is on and excludes this component, or is excluded by it.
fn excluded(component: &Component, on: &[String], catalog: &Catalog) -> Vec<String> {
    let excludes = |one: &Component, other: &str| one.manifest.conflicts.iter().any(|name| name == other);
    let clashes = |name: &&String| {
        let other = catalog.component(name);
        excludes(component, name) || other.is_ok_and(|other| excludes(other, &component.name))
    };
    on.iter().filter(clashes).cloned().collect()
}
