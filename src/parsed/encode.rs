//! Puts what handlebars' parser gives into the form that is stored. It runs when the program is built.

use std::collections::HashMap;

use handlebars::template::{
    BlockParam, DecoratorTemplate, HelperTemplate, HelperTemplateBuilder, Parameter, TemplateElement,
};
use handlebars::{Path, PathSeg, Template};
use serde_json::Value;

use super::stored::{Call, Element, Word};

/// What a template is made of; none if something in it has no stored form.
pub(crate) fn encode(template: &Template) -> Option<Vec<Element<'_>>> {
    template.elements.iter().map(element).collect()
}

fn element(element: &TemplateElement) -> Option<Element<'_>> {
    Some(match element {
        TemplateElement::RawString(text) => Element::Text(text),
        TemplateElement::Comment(text) => Element::Comment(text),
        TemplateElement::Expression(call) => Element::Expression(Box::new(helper(call)?)),
        TemplateElement::HtmlExpression(call) => Element::HtmlExpression(Box::new(helper(call)?)),
        TemplateElement::HelperBlock(call) => Element::Block(Box::new(helper(call)?)),
        TemplateElement::PartialExpression(call) => Element::Partial(Box::new(decorator(call)?)),
        TemplateElement::PartialBlock(call) => Element::PartialBlock(Box::new(decorator(call)?)),
        TemplateElement::DecoratorExpression(call) => Element::Decorator(Box::new(decorator(call)?)),
        TemplateElement::DecoratorBlock(call) => Element::DecoratorBlock(Box::new(decorator(call)?)),
        _ => return None,
    })
}

fn helper(call: &HelperTemplate) -> Option<Call<'_>> {
    let block_params = match &call.block_param {
        None => Vec::new(),
        Some(BlockParam::Single(first)) => vec![word(first)?],
        Some(BlockParam::Pair((first, second))) => vec![word(first)?, word(second)?],
        Some(_) => return None,
    };
    Some(Call {
        name: word(&call.name)?,
        params: call.params.iter().map(word).collect::<Option<_>>()?,
        hash: hash(&call.hash)?,
        block_params,
        template: inner(call.template.as_ref())?,
        inverse: inner(call.inverse.as_ref())?,
        indent: None,
        indent_before_write: indents_before_write(call),
        block: call.block,
        chain: call.chain,
    })
}

/// A fact that handlebars keeps to itself: a helper without it is another one.
fn indents_before_write(call: &HelperTemplate) -> bool {
    let mut bare = call.clone();
    bare.template = None;
    bare.inverse = None;
    bare.block_param = None;
    let without = HelperTemplateBuilder::default()
        .name(bare.name.clone())
        .params(bare.params.clone())
        .hash(bare.hash.clone())
        .block(bare.block)
        .chain(bare.chain)
        .indent_before_write(false)
        .build();
    without.is_ok_and(|without| without != bare)
}

fn decorator(call: &DecoratorTemplate) -> Option<Call<'_>> {
    Some(Call {
        name: word(&call.name)?,
        params: call.params.iter().map(word).collect::<Option<_>>()?,
        hash: hash(&call.hash)?,
        block_params: Vec::new(),
        template: inner(call.template.as_ref())?,
        inverse: None,
        indent: call.indent.as_deref(),
        indent_before_write: decorator_indents(call),
        block: false,
        chain: false,
    })
}

fn decorator_indents(call: &DecoratorTemplate) -> bool {
    let mut bare = call.clone();
    bare.template = None;
    bare.indent = None;
    let without = handlebars::template::DecoratorTemplateBuilder::default()
        .name(bare.name.clone())
        .params(bare.params.clone())
        .hash(bare.hash.clone())
        .indent_before_write(false)
        .build();
    without.is_ok_and(|without| without != bare)
}

#[expect(clippy::option_option, reason = "what is not there is stored, too")]
fn inner(template: Option<&Template>) -> Option<Option<Vec<Element<'_>>>> {
    match template {
        None => Some(None),
        Some(template) => encode(template).map(Some),
    }
}

fn hash(hash: &HashMap<String, Parameter>) -> Option<Vec<(&str, Word<'_>)>> {
    let mut words = Vec::new();
    for (name, parameter) in hash {
        words.push((name.as_str(), word(parameter)?));
    }
    // The same program from the same templates.
    words.sort_by_key(|(name, _)| *name);
    Some(words)
}

fn word(parameter: &Parameter) -> Option<Word<'_>> {
    Some(match parameter {
        Parameter::Name(name) => Word::Name(name),
        Parameter::Path(Path::Relative((segments, raw))) => {
            let names = segments.iter().map(|segment| match segment {
                PathSeg::Named(name) => Some(name.as_str()),
                _ => None,
            });
            match names.collect() {
                Some(names) => Word::Path(names, raw),
                None => Word::OtherPath(raw),
            }
        }
        Parameter::Path(Path::Local((level, name, raw))) => Word::Local(*level, name, raw),
        Parameter::Literal(Value::String(text)) => Word::Text(text),
        Parameter::Literal(Value::Bool(value)) => Word::Boolean(*value),
        Parameter::Literal(Value::Number(number)) => Word::Integer(number.as_i64()?),
        Parameter::Literal(Value::Null) => Word::Null,
        Parameter::Subexpression(call) => match call.as_element() {
            TemplateElement::Expression(call) => Word::Call(Box::new(helper(call)?)),
            _ => return None,
        },
        _ => return None,
    })
}
