//! What the modules of a project take from one another, once a plan is written: a merge sees one file at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Project, freshness};
use crate::error::{Error, Result};
use crate::inspect::{Note, Unresolved, files_of, unresolved};
use crate::merge::{Plan, Step};

/// What a module takes from another one and would not find there when the plan is written. What the user's own modules
/// take from each other is none of ours: one of the two was rendered, now or last.
///
/// # Errors
/// The project can't be read.
pub fn references(project: &Project, plan: &Plan) -> Result<References> {
    let mut rendered: BTreeSet<String> = project.base()?.iter().map(|(path, _)| path.to_owned()).collect();
    let mut modules = modules(project, &rendered)?;
    let is_change = |step: &Step| !matches!(step, Step::Leave);
    let is_still = !plan.changes.iter().any(|change| is_change(&change.step));
    let key = is_still.then(|| freshness::modules_key(&modules, &rendered));
    if key.as_ref().is_some_and(|key| freshness::are_resolved(project, key)) {
        return Ok(References::default());
    }
    for change in &plan.changes {
        if !change.component.is_empty() {
            rendered.insert(change.path.clone());
        }
        if let Some(old) = &change.renamed_from {
            modules.remove(old);
        }
        match &change.step {
            Step::Write { content, .. } if is_module(&change.path) => {
                let text = String::from_utf8_lossy(content).into_owned();
                modules.insert(change.path.clone(), text);
            }
            Step::Remove => drop(modules.remove(&change.path)),
            Step::Write { .. } | Step::Leave => {}
        }
    }
    let packages = modules.keys().chain(&rendered).filter(|path| is_module(path));
    let packages = packages.filter_map(|path| path.split('/').next());
    let packages = packages.map(|name| name.trim_end_matches(".py").to_owned()).collect();
    let is_ours = |found: &Unresolved| {
        rendered.contains(&found.path) || files_of(&found.module).iter().any(|path| rendered.contains(path))
    };
    let found = unresolved(&modules, &packages).into_iter().filter(is_ours);
    let loose: Vec<Note> = found.map(note).collect();
    let key = key.filter(|_| loose.is_empty());
    Ok(References { loose, key })
}

/// What the modules of a project take from one another.
#[derive(Debug, Default)]
pub struct References {
    /// What is not found.
    pub loose: Vec<Note>,
    /// The hash of modules that find all that they take, and of which nothing is to change.
    key: Option<String>,
}

impl References {
    /// Remembers that all is found, so that nobody looks through the same modules again.
    pub fn remember(&self, project: &Project) {
        if let Some(key) = &self.key {
            freshness::remember_resolved(project, key);
        }
    }
}

fn note(found: Unresolved) -> Note {
    let text = match found.name {
        Some(name) => format!("there is no `{name}` in `{}`", found.module),
        None => format!("there is no module `{}`", found.module),
    };
    Note {
        path: found.path,
        line: found.line,
        text,
    }
}

fn is_module(path: &str) -> bool {
    path.ends_with(".py")
}

/// The texts of a project's modules by path. Environments and hidden directories are passed over, and at the project's top
/// whatever holds neither a module nor a file that was rendered: uploads, what other tools keep.
fn modules(project: &Project, rendered: &BTreeSet<String>) -> Result<BTreeMap<String, String>> {
    let mut modules = BTreeMap::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let place = project.root.join(&folder);
        let entries = std::fs::read_dir(&place).map_err(Error::file("read", &place))?;
        let entries: Vec<_> = entries.collect::<Result<_, _>>().map_err(Error::file("read", &place))?;
        let is_at_top = !folder.is_empty() && !folder.contains('/');
        let holds_module = || {
            entries
                .iter()
                .any(|entry| is_module(&entry.file_name().to_string_lossy()))
        };
        let prefix = format!("{folder}/");
        let holds_rendered = || {
            rendered
                .range(prefix.clone()..)
                .next()
                .is_some_and(|path| path.starts_with(&prefix))
        };
        if is_at_top && !holds_module() && !holds_rendered() {
            continue;
        }
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            let Ok(kind) = entry.file_type() else { continue };
            let is_foreign = name.starts_with('.') || ["__pycache__", "node_modules"].contains(&name.as_str());
            if kind.is_dir() && !is_foreign && !entry.path().join("pyvenv.cfg").exists() {
                folders.push(path);
            } else if kind.is_file() && is_module(&path) {
                // What is no text is no module either.
                let text = match project.known(&path) {
                    Some(content) => String::from_utf8(content.to_vec()).ok(),
                    None => std::fs::read_to_string(entry.path()).ok(),
                };
                modules.extend(text.map(|text| (path, text)));
            }
        }
    }
    Ok(modules)
}
