//! The command that gives the same answers without asking.

use super::NewArguments;
use super::answers::DEFAULT_PRESET;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::report::shell_word;
use crate::spec::{Answers, Spec, setting_text};

/// The command that writes the project of this declaration, as flags over its preset.
///
/// # Errors
/// The preset or the answers file can't be read any more.
pub(super) fn command(arguments: &NewArguments, answers: &Answers, spec: &Spec, catalog: &Catalog) -> Result<String> {
    let begin = NewArguments {
        answers: arguments.answers.clone(),
        ..NewArguments::default()
    };
    let mut begin = begin.answers(catalog, Some(&answers.preset))?;
    begin.set_project("name", &spec.project.name);
    let begin = Spec::from_answers(&begin, catalog)?;
    let mut words = vec![
        "djscaffold".to_owned(),
        "new".to_owned(),
        spec.project.name.clone(),
        "--yes".to_owned(),
    ];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), shell_word(value)]);
    if let Some(path) = &arguments.answers {
        flag("--answers", &path.display().to_string());
    }
    if answers.preset != DEFAULT_PRESET {
        flag("--preset", &answers.preset);
    }
    if let Some(into) = &arguments.into {
        flag("--into", &into.display().to_string());
    }
    let facts =
        |spec: &Spec| toml::Table::try_from(&spec.project).map_err(|error| Error::template("djscaffold.toml", error));
    let (before, after) = (facts(&begin)?, facts(spec)?);
    for (fact, value) in after.iter().filter(|(fact, value)| before.get(*fact) != Some(*value)) {
        let value = value.as_str().unwrap_or_default();
        match fact.as_str() {
            "title" => flag("--title", value),
            "django" => flag("--django", value),
            fact => flag("--set", &format!("project.{fact}={value}")),
        }
    }
    if !begin.apps.keys().eq(spec.apps.keys()) {
        for app in spec.apps.keys() {
            flag("--app", app);
        }
    }
    let missing = |one: &Spec, other: &Spec| {
        let names = one
            .components
            .keys()
            .filter(|name| !other.components.contains_key(*name));
        let is_shared = |name: &&String| catalog.component(name).is_ok_and(|component| component.manifest.shared);
        names
            .filter(|name| !is_shared(name))
            .cloned()
            .collect::<Vec<_>>()
            .join(",")
    };
    for (name, components) in [("--with", missing(spec, &begin)), ("--without", missing(&begin, spec))] {
        if !components.is_empty() {
            flag(name, &components);
        }
    }
    for (component, options) in &spec.components {
        let manifest = &catalog.component(component)?.manifest;
        for (option, value) in options {
            let before = begin.components.get(component).and_then(|options| options.get(option));
            let default = manifest.options.get(option).map(|spec| &spec.default);
            if before.or(default) != Some(value) {
                flag("--set", &format!("{component}.{option}={}", setting_text(value)));
            }
        }
    }
    Ok(words.join(" "))
}
