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
    /// Names that are imported and not used.
    pub(super) unused: BTreeSet<String>,
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
            Language::Dockerfile => data::dockerfile(text),
            Language::Markdown | Language::Ini | Language::Other => Self {
                parses: true,
                ..Self::default()
            },
        }
    }

    /// Whether nothing is wrong with a merge that was not wrong in one of its sides.
    pub(super) fn are_no_worse_than(&self, ours: &Self, theirs: &Self) -> bool {
        let has_no_new = |mine: &BTreeSet<String>, of: fn(&Self) -> &BTreeSet<String>| {
            mine.iter()
                .all(|name| of(ours).contains(name) || of(theirs).contains(name))
        };
        self.parses
            && has_no_new(&self.unbound, |side| &side.unbound)
            && has_no_new(&self.unused, |side| &side.unused)
            && self.repeated.iter().all(|(what, times)| {
                [ours, theirs]
                    .iter()
                    .any(|side| side.repeated.get(what).is_some_and(|there| there >= times))
            })
    }

    /// What is wrong here that is not wrong in another text, in a few words.
    pub(super) fn fault_beside(&self, other: &Self) -> Option<String> {
        if !self.parses {
            return Some("it can't be parsed any more".to_owned());
        }
        if let Some(name) = self.unbound.difference(&other.unbound).next() {
            return Some(format!("`{name}` is used but neither defined nor imported"));
        }
        let is_new = |(what, times): &(&String, &usize)| other.repeated.get(*what).is_none_or(|there| there < *times);
        let (what, _) = self.repeated.iter().find(is_new)?;
        Some(format!("{what} appears twice"))
    }

    pub(super) fn is_faultless(&self) -> bool {
        self.parses && self.unbound.is_empty() && self.unused.is_empty() && self.repeated.is_empty()
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
