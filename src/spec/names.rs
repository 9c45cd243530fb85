//! Names of projects and apps: they become Python modules, so they must be importable and hide nothing.

use ruff_python_stdlib::identifiers::is_identifier;
use ruff_python_stdlib::keyword::is_keyword;
use ruff_python_stdlib::sys::is_known_standard_library;

use super::Project;
use crate::catalog::Catalog;
use crate::error::{Error, Result};

/// The longest name: Django's content types and tables put more behind it.
const LONGEST: usize = 40;

/// Modules that Python imports or ships without documenting them as its standard library.
const NOT_IN_THE_LIST: [&str; 3] = ["sitecustomize", "test", "usercustomize"];

/// The form of a project's name that Python can import: hyphens become underscores.
#[must_use]
pub fn import_form(name: &str) -> String {
    name.replace('-', "_")
}

/// Checks a project's name.
///
/// # Errors
/// Why it can't be, with a name that can.
pub fn check_project_name(name: &str, catalog: &Catalog) -> Result<()> {
    match problem(&import_form(name), catalog) {
        None => Ok(()),
        Some(problem) => Err(refuse("project", name, &problem, catalog)),
    }
}

/// Checks an app's name within a project.
///
/// # Errors
/// Why it can't be, with a name that can.
pub fn check_app_name(name: &str, project: &Project, catalog: &Catalog) -> Result<()> {
    let problem = if name.contains('-') {
        Some("has a hyphen, which Python can't import".to_owned())
    } else if *name == project.package() {
        Some("is the project's own name".to_owned())
    } else if DJANGOS.contains(&name) {
        Some("is that of an app of Django's".to_owned())
    } else {
        problem(name, catalog)
    };
    match problem {
        None => Ok(()),
        Some(problem) => Err(refuse("app", name, &problem, catalog)),
    }
}

/// The labels of Django's own apps.
const DJANGOS: [&str; 8] = [
    "admin",
    "auth",
    "contenttypes",
    "flatpages",
    "messages",
    "sessions",
    "sites",
    "staticfiles",
];

/// A project's name near a refused one, with hyphens between its words: `my-shop` for `My shop`; none if nothing is left.
#[must_use]
pub fn propose_project_name(name: &str, catalog: &Catalog) -> Option<String> {
    propose(name, "_site", catalog).map(|name| name.replace('_', "-"))
}

/// An app's name near a refused one: `my_shop` for `My shop`; none if nothing is left.
#[must_use]
pub fn propose_app_name(name: &str, catalog: &Catalog) -> Option<String> {
    propose(name, "_app", catalog)
}

fn refuse(what: &str, name: &str, problem: &str, catalog: &Catalog) -> Error {
    let error = Error::input(format!("the {what} name `{}` {problem}", name.escape_debug()));
    let proposal = match what {
        "app" => propose_app_name(name, catalog),
        _ => propose_project_name(name, catalog),
    };
    match proposal {
        Some(proposal) => error.hint(format!("`{proposal}` would work")),
        None => error.hint("use letters, digits and underscores, such as `blog`"),
    }
}

/// Why a name can't be an importable module of its own, if so.
fn problem(name: &str, catalog: &Catalog) -> Option<String> {
    if name.is_empty() {
        return Some("is empty".to_owned());
    }
    if name.contains(['/', '\\']) {
        return Some("is a path; use `--into` to choose the directory".to_owned());
    }
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return Some("begins with a digit, which Python can't import".to_owned());
    }
    if is_keyword(name) {
        return Some("is a reserved word in Python".to_owned());
    }
    if !name.is_ascii() || !is_identifier(name) {
        return Some("is not made of letters, digits and underscores only".to_owned());
    }
    if name != name.to_lowercase() {
        return Some("has capitals; module names are lowercase".to_owned());
    }
    if name.starts_with('_') || name.ends_with('_') {
        return Some("begins or ends with an underscore or hyphen".to_owned());
    }
    if name.len() > LONGEST {
        return Some(format!("is longer than {LONGEST} characters"));
    }
    if NOT_IN_THE_LIST.contains(&name) || (8..=14).any(|minor| is_known_standard_library(minor, name)) {
        return Some("would hide a module of Python's standard library".to_owned());
    }
    catalog
        .reserved_names()
        .get(name)
        .map(|reason| format!("is taken: {reason}"))
}

/// A name near the refused one that is free, in letters that are close to its own.
fn propose(name: &str, suffix: &str, catalog: &Catalog) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut cleaned: String = heck::AsSnakeCase(deunicode::deunicode(last))
        .to_string()
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '_')
        .collect();
    cleaned = cleaned
        .trim_start_matches(|first: char| first.is_ascii_digit() || first == '_')
        .chars()
        .take(LONGEST - 8)
        .collect();
    let cleaned = cleaned.trim_end_matches('_');
    if cleaned.is_empty() {
        return None;
    }
    [
        cleaned.to_owned(),
        format!("{cleaned}{suffix}"),
        format!("my_{cleaned}"),
    ]
    .into_iter()
    .find(|candidate| candidate != name && problem(candidate, catalog).is_none())
}
