//! Whether the components hang together, told by the file that doesn't.

use super::{Catalog, OptionKind, OptionSpec};
use crate::error::{Error, Result};

/// Checks every reference between components and every option's default.
pub(super) fn hangs_together(catalog: &Catalog) -> Result<()> {
    for component in catalog.components() {
        let file = format!("{}/component.toml", component.name);
        for name in &component.manifest.conflicts {
            if !catalog.has(name) {
                return Err(Error::template(
                    file,
                    format!("conflicts with `{name}`, which is not there"),
                ));
            }
        }
        for (name, option) in &component.manifest.options {
            value_fits(option, &option.default)
                .map_err(|problem| Error::template(&file, format!("the default of `{name}` {problem}")))?;
        }
        for slot in component.manifest.slots.keys() {
            if !component.slots.keys().any(|path| slot_name(path) == slot) {
                return Err(Error::template(
                    file,
                    format!("orders the slot `{slot}` but adds nothing to it"),
                ));
            }
        }
    }
    if !catalog.lines.lines.contains_key(&catalog.lines.default) {
        return Err(Error::template("django.toml", "the default is not one of the lines"));
    }
    Ok(())
}

/// The slot that a file below `slots/` adds to.
pub(crate) fn slot_name(path: &str) -> &str {
    let path = path.strip_suffix(".hbs").unwrap_or(path);
    path.strip_suffix(".html").unwrap_or(path)
}

/// Whether a value is one that the option takes.
///
/// # Errors
/// What is wrong with it, to be read after the option's name.
pub(crate) fn value_fits(option: &OptionSpec, value: &toml::Value) -> std::result::Result<(), String> {
    let one_of = |value: &toml::Value| match value.as_str() {
        Some(text) if option.choices.iter().any(|choice| choice == text) => Ok(()),
        _ => Err(format!("is {value}; it can be {}", option.choices.join(", "))),
    };
    match option.kind {
        OptionKind::Choice => one_of(value),
        OptionKind::Choices => match value.as_array() {
            Some(values) => {
                for (index, value) in values.iter().enumerate() {
                    one_of(value)?;
                    if values[..index].contains(value) {
                        return Err(format!("has {value} twice"));
                    }
                }
                Ok(())
            }
            None => Err(format!("is {value}; it is a list of {}", option.choices.join(", "))),
        },
        OptionKind::Boolean if !value.is_bool() => Err(format!("is {value}; it can be true or false")),
        OptionKind::Integer if !value.is_integer() => Err(format!("is {value}; it is a whole number")),
        OptionKind::Text if !value.is_str() => Err(format!("is {value}; it is a text")),
        OptionKind::Boolean | OptionKind::Integer | OptionKind::Text => Ok(()),
    }
}
