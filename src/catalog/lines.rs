//! The Django lines that projects can be generated for: `templates/django.toml`.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::error::{Error, Result};

/// All lines, with the one taken when nothing is said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DjangoLines {
    /// The line taken when nothing is said.
    pub default: String,
    /// Top-level modules that Django and the packages it needs install.
    pub modules: Vec<String>,
    /// The lines by name: `5.2`.
    pub lines: IndexMap<String, DjangoLine>,
}

/// One Django line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DjangoLine {
    /// What it is, in a few words.
    pub summary: String,
    /// The requirement that installs it: `django>=5.2.19,<5.3`.
    pub requirement: String,
    /// The Python versions it runs on, oldest first: `3.11`.
    pub pythons: Vec<String>,
}

impl DjangoLines {
    /// The line of that name.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, name: &str) -> Result<&DjangoLine> {
        self.lines.get(name).ok_or_else(|| {
            let known: Vec<_> = self.lines.keys().map(String::as_str).collect();
            Error::input(format!("Django `{name}` is not supported"))
                .hint(format!("Django versions: {}", known.join(", ")))
        })
    }
}

impl DjangoLine {
    /// The oldest Python it runs on.
    #[must_use]
    pub fn oldest_python(&self) -> &str {
        self.pythons.first().map_or("", String::as_str)
    }
}
