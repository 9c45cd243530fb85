//! Whether what was rendered last is what would be rendered now, told without rendering.
//!
//! All that a render depends on is hashed: the templates, the declaration, the models, the names of the migrations, and
//! the base that it led to. The hash of the last time when both were the same lies in a file of this machine's, and below it
//! the hash of the modules when all their references were last found.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::Xxh3;

use super::Project;
use crate::VERSION;
use crate::apply::STATE_FOLDER;
use crate::error::Result;
use crate::inspect::SNAPSHOT;

const FILE: &str = "fresh";

/// The hash of all that a render of the project depends on.
pub(super) fn key(project: &Project, templates: u64) -> Result<String> {
    let mut hasher = Xxh3::new();
    let mut part = |bytes: &[u8]| {
        hasher.update(&bytes.len().to_le_bytes());
        hasher.update(bytes);
    };
    part(VERSION.as_bytes());
    part(&templates.to_le_bytes());
    part(project.declaration.as_bytes());
    part(project.base_text.as_bytes());
    let kept = project.kept_snapshot().unwrap_or_default();
    part(project.models_key(&kept).as_bytes());
    part(project.read(SNAPSHOT)?.unwrap_or_default().as_bytes());
    for app in project.app_folders() {
        for name in super::migrations::names(project, &app) {
            part(name.as_bytes());
        }
    }
    Ok(format!("{:032x}", hasher.digest128()))
}

/// The hash of a project's modules, by path, and of the paths that were rendered.
pub(super) fn modules_key(modules: &BTreeMap<String, String>, rendered: &BTreeSet<String>) -> String {
    let mut hasher = Xxh3::new();
    hasher.update(VERSION.as_bytes());
    hasher.update(&modules.len().to_le_bytes());
    let texts = modules.iter().flat_map(|(path, text)| [path, text]);
    for part in texts.chain(rendered) {
        hasher.update(&part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    format!("{:032x}", hasher.digest128())
}

/// Whether the last render that was the same had this key.
pub(super) fn is_fresh(project: &Project, key: &str) -> bool {
    known(project).0 == key
}

/// Whether the modules had this key when they last found all that they take.
pub(super) fn are_resolved(project: &Project, key: &str) -> bool {
    known(project).1 == key
}

/// Remembers the key of a render; where that can't be written, the next run renders again.
pub(super) fn remember(project: &Project, key: &str) {
    write(project, key, &known(project).1);
}

/// Remembers the key of modules; where that can't be written, the next run looks through them again.
pub(super) fn remember_resolved(project: &Project, key: &str) {
    write(project, &known(project).0, key);
}

/// The keys of the last render and of the last modules; empty where there was none.
fn known(project: &Project) -> (String, String) {
    let path = project.root.join(STATE_FOLDER).join(FILE);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let (render, modules) = text.split_once('\n').unwrap_or_default();
    (render.to_owned(), modules.trim_end().to_owned())
}

fn write(project: &Project, render: &str, modules: &str) {
    let path = project.root.join(STATE_FOLDER).join(FILE);
    if !path.is_symlink() {
        let _ = std::fs::write(path, format!("{render}\n{modules}\n"));
    }
}
