//! Makes handlebars' own types of what is stored.

use std::collections::HashMap;

use handlebars::template::{
    BlockParam, DecoratorTemplate, DecoratorTemplateBuilder, HelperTemplate, HelperTemplateBuilder, Parameter,
    Subexpression, TemplateElement,
};
use handlebars::{Path, PathSeg, Template};
use serde_json::Value;

use super::stored::{Call, Element, Word};

/// The template of a stored one; none if it is damaged.
pub(super) fn decode(stored: &[u8]) -> Option<Template> {
    template(postcard::from_bytes(stored).ok()?)
}

fn template(elements: Vec<Element<'_>>) -> Option<Template> {
    let mut template = Template::new();
    template.elements = elements.into_iter().map(element).collect::<Option<_>>()?;
    Some(template)
}

fn element(stored: Element<'_>) -> Option<TemplateElement> {
    Some(match stored {
        Element::Text(text) => TemplateElement::RawString(text.to_owned()),
        Element::Comment(text) => TemplateElement::Comment(text.to_owned()),
        Element::Expression(call) => TemplateElement::Expression(Box::new(helper(*call)?)),
        Element::HtmlExpression(call) => TemplateElement::HtmlExpression(Box::new(helper(*call)?)),
        Element::Block(call) => TemplateElement::HelperBlock(Box::new(helper(*call)?)),
        Element::Partial(call) => TemplateElement::PartialExpression(Box::new(decorator(*call)?)),
        Element::PartialBlock(call) => TemplateElement::PartialBlock(Box::new(decorator(*call)?)),
        Element::Decorator(call) => TemplateElement::DecoratorExpression(Box::new(decorator(*call)?)),
        Element::DecoratorBlock(call) => TemplateElement::DecoratorBlock(Box::new(decorator(*call)?)),
    })
}

fn helper(call: Call<'_>) -> Option<HelperTemplate> {
    // What a builder is given it clones: so it is given next to nothing.
    let mut helper = HelperTemplateBuilder::default()
        .name(Parameter::Name(String::new()))
        .params(Vec::new())
        .hash(HashMap::new())
        .block(call.block)
        .chain(call.chain)
        .indent_before_write(call.indent_before_write)
        .build()
        .ok()?;
    helper.name = word(call.name)?;
    helper.params = words(call.params)?;
    helper.hash = named(call.hash)?;
    let mut block_params = call.block_params.into_iter().map(word);
    helper.block_param = match (block_params.next(), block_params.next()) {
        (None, _) => None,
        (Some(single), None) => Some(BlockParam::Single(single?)),
        (Some(first), Some(second)) => Some(BlockParam::Pair((first?, second?))),
    };
    helper.template = inner(call.template)?;
    helper.inverse = inner(call.inverse)?;
    Some(helper)
}

fn decorator(call: Call<'_>) -> Option<DecoratorTemplate> {
    let mut decorator = DecoratorTemplateBuilder::default()
        .name(Parameter::Name(String::new()))
        .params(Vec::new())
        .hash(HashMap::new())
        .indent_before_write(call.indent_before_write)
        .build()
        .ok()?;
    decorator.name = word(call.name)?;
    decorator.params = words(call.params)?;
    decorator.hash = named(call.hash)?;
    decorator.indent = call.indent.map(str::to_owned);
    decorator.template = inner(call.template)?;
    Some(decorator)
}

#[expect(clippy::option_option, reason = "a block without a template is no damage")]
fn inner(elements: Option<Vec<Element<'_>>>) -> Option<Option<Template>> {
    match elements {
        None => Some(None),
        Some(elements) => template(elements).map(Some),
    }
}

fn words(stored: Vec<Word<'_>>) -> Option<Vec<Parameter>> {
    stored.into_iter().map(word).collect()
}

fn named(hash: Vec<(&str, Word<'_>)>) -> Option<HashMap<String, Parameter>> {
    let named = hash
        .into_iter()
        .map(|(name, stored)| Some((name.to_owned(), word(stored)?)));
    named.collect()
}

fn word(stored: Word<'_>) -> Option<Parameter> {
    Some(match stored {
        Word::Name(name) => Parameter::Name(name.to_owned()),
        Word::Path(names, raw) => {
            let segments = names.into_iter().map(|name| PathSeg::Named(name.to_owned())).collect();
            Parameter::Path(Path::Relative((segments, raw.to_owned())))
        }
        Word::Local(level, name, raw) => Parameter::Path(Path::Local((level, name.to_owned(), raw.to_owned()))),
        Word::OtherPath(raw) => Parameter::Path(Path::parse(raw).ok()?),
        Word::Text(text) => Parameter::Literal(Value::String(text.to_owned())),
        Word::Boolean(value) => Parameter::Literal(Value::Bool(value)),
        Word::Integer(number) => Parameter::Literal(Value::from(number)),
        Word::Null => Parameter::Literal(Value::Null),
        Word::Call(call) => Parameter::Subexpression(Subexpression::new(
            word(call.name)?,
            words(call.params)?,
            named(call.hash)?,
        )),
    })
}
