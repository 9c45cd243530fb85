//! What a file's language says about a merge of it.

use std::collections::{BTreeMap, BTreeSet};

use super::language::Language;
use super::{data, python};

/// What can be wrong with a text, so far as its language can be read.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) parses: bool,
    /// Names that are used and bound nowhere.
    pub(super) unbound: BTreeSet<String>,
    /// What stands there more than once and should not: how often too many.
    pub(super) repeated: BTreeMap<String, usize>,
}

impl Facts {
    pub(super) fn of(language: Language, text: &str) -> Self {
        if is_nested_too_deeply(text) {
            return Self::default();
        }
        match language {
            Language::Python => python::facts(text),
            Language::Toml => data::toml(text),
            Language::Yaml => data::yaml(text),
            Language::Json => data::json(text),
            Language::DotEnv => data::dotenv(text),
            Language::Markdown | Language::Ini | Language::Other => Self {
                parses: true,
                ..Self::default()
            },
        }
    }

    /// Whether nothing is wrong with a merge that was not wrong in one of its sides.
    pub(super) fn are_no_worse_than(&self, ours: &Self, theirs: &Self) -> bool {
        self.parses
            && self
                .unbound
                .iter()
                .all(|name| ours.unbound.contains(name) || theirs.unbound.contains(name))
            && self.repeated.iter().all(|(what, times)| {
                [ours, theirs]
                    .iter()
                    .any(|side| side.repeated.get(what).is_some_and(|there| there >= times))
            })
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.parses && self.unbound.is_empty() && self.repeated.is_empty()
    }

    pub(super) fn repeat(&mut self, what: String) {
        *self.repeated.entry(what).or_default() += 1;
    }
}

/// Parsers call themselves for every bracket; none of a person's files is like this.
fn is_nested_too_deeply(text: &str) -> bool {
    let mut depth = 0_usize;
    text.bytes().any(|byte| {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 200
    })
}
