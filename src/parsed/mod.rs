//! Templates and tables, parsed: the built-in ones when the program was built, any other as it is read.

mod decode;
mod stored;
mod tags;

use std::sync::LazyLock;

use handlebars::{Template, TemplateError};

use serde::de::DeserializeOwned;

pub(crate) use stored::condition;
use stored::{Shelf, key};
pub(crate) use tags::uses_brackets;

/// What `build.rs` stored.
static SHELF: LazyLock<Shelf<'static>> =
    LazyLock::new(|| postcard::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/parsed"))).unwrap_or_default());

/// A template's text, parsed; `brackets` as in [`tags::prepare`].
///
/// # Errors
/// The text is no template.
pub(crate) fn template(text: &str, brackets: bool) -> Result<Template, TemplateError> {
    match stored(text, brackets) {
        Some(template) => Ok(template),
        None => Template::compile(&tags::prepare(text, brackets)),
    }
}

/// A text in TOML, parsed.
///
/// # Errors
/// The text is not what is wanted.
pub(crate) fn toml<T: DeserializeOwned>(text: &str) -> Result<T, ::toml::de::Error> {
    match bytes(key(text, false)).and_then(|json| serde_json::from_slice(json).ok()) {
        Some(value) => Ok(value),
        None => ::toml::from_str(text),
    }
}

/// The template of a text that is built in.
fn stored(text: &str, brackets: bool) -> Option<Template> {
    decode::decode(bytes(key(text, brackets))?)
}

fn bytes(key: u128) -> Option<&'static [u8]> {
    let index = SHELF.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    Some(SHELF[index].1)
}

#[cfg(test)]
mod tests {
    use handlebars::template::TemplateElement;

    use super::*;
    use crate::catalog::{Catalog, Source};

    /// Without the lines and columns of its parts, which are not stored.
    fn without_places(mut template: Template) -> Template {
        template.mapping.clear();
        for element in &mut template.elements {
            let inner = match element {
                TemplateElement::HelperBlock(call) => vec![&mut call.template, &mut call.inverse],
                TemplateElement::PartialBlock(call) | TemplateElement::DecoratorBlock(call) => vec![&mut call.template],
                _ => Vec::new(),
            };
            for template in inner.into_iter().flatten() {
                *template = without_places(std::mem::take(template));
            }
        }
        template
    }

    fn assert_stored(name: &str, text: &str, brackets: bool) {
        let parsed = Template::compile(&tags::prepare(text, brackets)).unwrap();
        assert_eq!(stored(text, brackets), Some(without_places(parsed)), "{name}");
    }

    #[test]
    fn every_template_is_stored_as_handlebars_parses_it() {
        let source = Source::embedded();
        let mut count = 0;
        for component in Catalog::load(None).unwrap().components() {
            for (path, content) in source.files_below(&component.name) {
                if path.ends_with(".hbs") || path.starts_with("slots/") {
                    let name = format!("{}/{path}", component.name);
                    let text = std::str::from_utf8(content).unwrap();
                    assert_stored(&name, text, tags::uses_brackets(&name));
                    count += 1;
                }
            }
            for expression in component.manifest.conditions.values() {
                assert_stored(&component.name, &condition(expression), false);
            }
            for variable in &component.manifest.env {
                if let Some(expression) = &variable.when {
                    assert_stored(&component.name, &condition(expression), false);
                }
                if variable.example.contains("{{") {
                    assert_stored(&component.name, &variable.example, false);
                }
            }
        }
        assert!(count > 250, "{count}");
    }

    #[test]
    fn another_text_is_parsed_as_it_is_read() {
        assert!(stored("{{a}} of a team's own", false).is_none());
        let template = super::template("[[a]] {{ b }} of a team's own", true).unwrap();
        assert_eq!(template.elements.len(), 2);
    }
}
