//! What can be wrong with files of data.

use std::collections::BTreeSet;
use std::fmt;

use saphyr::{LoadableYamlNode as _, Yaml};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use toml_edit::{DocumentMut, Item, Value};

use super::facts::Facts;

/// The parser refuses a key that stands twice in a table.
pub(super) fn toml(text: &str) -> Facts {
    let mut facts = Facts::default();
    if let Ok(document) = text.parse::<DocumentMut>() {
        facts.parses = true;
        repeated_in_item(document.as_item(), &mut facts);
    }
    facts
}

fn repeated_in_item(item: &Item, facts: &mut Facts) {
    match item {
        Item::None => {}
        Item::Value(value) => repeated_in_value(value, facts),
        Item::Table(table) => table.iter().for_each(|(_, item)| repeated_in_item(item, facts)),
        Item::ArrayOfTables(tables) => {
            for (_, item) in tables.iter().flat_map(toml_edit::Table::iter) {
                repeated_in_item(item, facts);
            }
        }
    }
}

fn repeated_in_value(value: &Value, facts: &mut Facts) {
    match value {
        Value::Array(array) => {
            repeated_elements(array.iter().filter_map(Value::as_str), facts);
            array.iter().for_each(|value| repeated_in_value(value, facts));
        }
        Value::InlineTable(table) => table.iter().for_each(|(_, value)| repeated_in_value(value, facts)),
        _ => {}
    }
}

fn repeated_elements<'a>(elements: impl Iterator<Item = &'a str>, facts: &mut Facts) {
    let mut seen = BTreeSet::new();
    for element in elements {
        if !seen.insert(element) {
            facts.repeat(format!("element {element}"));
        }
    }
}

/// The parser refuses a key that stands twice in a mapping.
pub(super) fn yaml(text: &str) -> Facts {
    let mut facts = Facts::default();
    if let Ok(documents) = Yaml::load_from_str(text) {
        facts.parses = true;
        for document in &documents {
            repeated_in_yaml(document, &mut facts);
        }
    }
    facts
}

fn repeated_in_yaml(node: &Yaml<'_>, facts: &mut Facts) {
    match node {
        Yaml::Sequence(elements) => {
            repeated_elements(elements.iter().filter_map(Yaml::as_str), facts);
            for element in elements {
                repeated_in_yaml(element, facts);
            }
        }
        Yaml::Mapping(mapping) => mapping.values().for_each(|value| repeated_in_yaml(value, facts)),
        Yaml::Tagged(_, node) => repeated_in_yaml(node, facts),
        _ => {}
    }
}

pub(super) fn json(text: &str) -> Facts {
    Facts {
        parses: serde_json::from_str::<UniqueKeys>(text).is_ok(),
        ..Facts::default()
    }
}

/// JSON of which only one thing counts: that no key stands twice in an object.
struct UniqueKeys;

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for UniqueKeys {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self, A::Error> {
        while elements.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, _)) = entries.next_entry::<String, Self>()? {
            if !keys.insert(key) {
                return Err(A::Error::custom("a key appears twice"));
            }
        }
        Ok(self)
    }
}

/// A variable that is commented out counts: whoever looks for it finds two.
pub(super) fn dotenv(text: &str) -> Facts {
    let mut facts = Facts {
        parses: true,
        ..Facts::default()
    };
    let mut seen = BTreeSet::new();
    for name in text.lines().filter_map(variable) {
        if !seen.insert(name) {
            facts.repeat(format!("variable {name}"));
        }
    }
    facts
}

fn variable(line: &str) -> Option<&str> {
    let line = line.trim_start().trim_start_matches('#').trim_start();
    let (name, _) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    let is_name = name
        .trim()
        .chars()
        .all(|character| character.is_alphanumeric() || character == '_');
    (is_name && !name.trim().is_empty()).then_some(name.trim())
}

/// Stages that are named and that nothing builds; what looks like an image is taken for one.
pub(super) fn dockerfile(text: &str) -> Facts {
    let mut facts = Facts {
        parses: true,
        ..Facts::default()
    };
    let mut stages = BTreeSet::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is = |index: usize, word: &str| words.get(index).is_some_and(|is| is.eq_ignore_ascii_case(word));
        let named = words.iter().find_map(|word| word.strip_prefix("--from="));
        let named = named.or_else(|| line.split("from=").nth(1).filter(|_| is(0, "RUN")));
        if let Some(named) = named.map(|named| named.split([',', ' ']).next().unwrap_or_default())
            && !named.contains([':', '/', '.', '$'])
            && !named.bytes().all(|byte| byte.is_ascii_digit())
            && !stages.contains(named)
        {
            facts.unbound.insert(named.to_owned());
        }
        if let Some(at) = (0..words.len()).find(|at| is(0, "FROM") && is(*at, "AS"))
            && let Some(stage) = words.get(at + 1)
            && !stages.insert((*stage).to_owned())
        {
            facts.repeat(format!("stage {stage}"));
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_that_nothing_builds_is_told() {
        let facts = dockerfile(
            "FROM python:3.13 AS build\nFROM scratch as web\nCOPY --from=build --chown=1 /a /b\nCOPY --from=0 /a /b\n\
             COPY --from=ghcr.io/uv:1 /uv /uv\nRUN --mount=type=bind,from=static,source=/x true\nFROM build AS web\n",
        );
        assert_eq!(facts.unbound, BTreeSet::from(["static".to_owned()]));
        assert_eq!(facts.repeated.len(), 1);
    }

    #[test]
    fn a_repeated_key_is_no_data() {
        assert!(json("{\"a\": [1, {\"b\": null}], \"b\": true}").parses);
        assert!(!json("{\"a\": {\"b\": 1, \"b\": 2}}").parses);
        assert!(yaml("a: 1\nb: {a: 2}\n").parses);
        assert!(!yaml("a:\n  b: 1\n  b: 2\n").parses);
        assert!(toml("[a]\nb = 1\n[c]\nb = 1\n").parses);
        assert!(!toml("[a]\nb = 1\nb = 2\n").parses);
    }

    #[test]
    fn a_repeated_element_is_told() {
        assert_eq!(yaml("a:\n  - x\n  - y\n  - x\n").repeated.len(), 1);
        assert_eq!(toml("[a]\nb = [\"x\", \"y\", \"x\"]\n").repeated.len(), 1);
    }

    #[test]
    fn a_variable_counts_when_it_is_commented_out() {
        assert_eq!(dotenv("A=1\n# A=2\nexport B=3\n# see A=2\n").repeated.len(), 1);
    }
}
