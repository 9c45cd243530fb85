//! The environment of a project whose dependencies have changed.

use std::path::Path;

use super::environment::{by_hand, uv_of};
use super::programs::run_uv;
use super::{Environment, make_environment, with_progress};
use crate::report::{Outcome, Progress};

/// Locks and installs the packages that `after` asks for, if `before` asked for others; none if it asked for the same.
/// Both are the text of `pyproject.toml`. With `skip`, or where there is no environment to bring up to date, only says
/// what is due.
#[must_use]
pub fn refresh_environment(
    folder: &Path,
    before: Option<&str>,
    after: Option<&str>,
    pythons: &[String],
    skip: bool,
    progress: Progress,
) -> Option<Environment> {
    if requirements(before) == requirements(after) {
        return None;
    }
    let is_locked = folder.join("uv.lock").exists();
    let has_environment = folder.join(".venv").exists();
    if skip || !(is_locked || has_environment) {
        let mut environment = make_environment(folder, pythons, true, progress);
        let why = if skip {
            "--no-sync"
        } else {
            "the project has no environment yet"
        };
        environment.outcome = Outcome::Skipped(why.to_owned());
        environment.due = by_hand(folder);
        return Some(environment);
    }
    let Some(uv) = uv_of(folder).filter(|_| is_locked) else {
        return Some(make_environment(folder, pythons, false, progress));
    };
    let outcome = with_progress(progress, "locking and installing the project's packages", || {
        let run = |arguments: &[&str]| run_uv(&uv, folder, arguments);
        let synced = run(&["lock"]).and_then(|_| {
            if has_environment {
                run(&["sync"])
            } else {
                Ok(String::new())
            }
        });
        match synced {
            Ok(_) if has_environment => Outcome::Done("locked and installed the changed packages".to_owned()),
            Ok(_) => Outcome::Done("locked the changed packages".to_owned()),
            Err(reason) => Outcome::Failed {
                reason,
                command: "uv sync".to_owned(),
            },
        }
    });
    let due = match &outcome {
        Outcome::Failed { command, .. } => vec![command.clone()],
        Outcome::Done(_) | Outcome::Skipped(_) => Vec::new(),
    };
    Some(Environment {
        outcome,
        python: "uv run".to_owned(),
        due,
    })
}

/// Every requirement in the order of the file, with the Pythons it is for.
fn requirements(manifest: Option<&str>) -> Vec<toml::Value> {
    let table: toml::Table = manifest.and_then(|text| toml::from_str(text).ok()).unwrap_or_default();
    let project = table.get("project");
    let parts = ["requires-python", "dependencies", "optional-dependencies"];
    let mut found: Vec<toml::Value> = parts.iter().filter_map(|part| project?.get(part)).cloned().collect();
    found.extend(table.get("dependency-groups").cloned());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_other_requirements_are_a_change() {
        let before = "[project]\nname = \"a\"\ndependencies = [\"django\"]\n[tool.ruff]\nline-length = 88\n";
        let laid_out = "[project]\nname = \"a\"\ndependencies = [\n  \"django\",\n]\n[tool.ruff]\nline-length = 120\n";
        let other = "[project]\nname = \"a\"\ndependencies = [\"django\"]\n[dependency-groups]\ndev = [\"ruff\"]\n";
        assert_eq!(requirements(Some(before)), requirements(Some(laid_out)));
        assert_ne!(requirements(Some(before)), requirements(Some(other)));
    }
}
