//! Whether what was rendered last is what would be rendered now, told without rendering.
//!
//! All that a render depends on is hashed: the templates, the declaration, the models, the names of the migrations, and
//! the base that it led to. The hash of the last time when both were the same lies in a file of this machine's.

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

/// Whether the last render that was the same had this key.
pub(super) fn is_fresh(project: &Project, key: &str) -> bool {
    let path = project.root.join(STATE_FOLDER).join(FILE);
    std::fs::read_to_string(path).is_ok_and(|known| known.trim() == key)
}

/// Remembers the key; where that can't be written, the next run renders again.
pub(super) fn remember(project: &Project, key: &str) {
    let path = project.root.join(STATE_FOLDER).join(FILE);
    if !path.is_symlink() {
        let _ = std::fs::write(path, format!("{key}\n"));
    }
}
