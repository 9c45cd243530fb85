//! Puts what handlebars' parser gives into the form that is stored. It runs when the program is built.

use std::collections::{BTreeMap, HashMap};

use handlebars::template::{
    BlockParam, DecoratorTemplate, DecoratorTemplateBuilder, HelperTemplate, HelperTemplateBuilder, Parameter,
    TemplateElement,
};
use handlebars::{Path, PathSeg, Template};
use serde::Serialize;
use serde_json::Value;

use super::stored::{Call, Element, Word};

/// What a template is made of; none if something in it has no stored form.
pub(crate) fn encode(template: &Template) -> Option<Vec<u8>> {
    let mut encoder = Encoder(Vec::new());
    encoder.template(template)?;
    Some(encoder.0)
}

/// What has been stored so far.
struct Encoder(Vec<u8>);

impl Encoder {
    fn put(&mut self, value: &impl Serialize) -> Option<()> {
        self.0.extend(postcard::to_allocvec(value).ok()?);
        Some(())
    }

    fn template(&mut self, template: &Template) -> Option<()> {
        self.put(&template.elements.len())?;
        template.elements.iter().try_for_each(|element| self.element(element))
    }

    fn element(&mut self, element: &TemplateElement) -> Option<()> {
        match element {
            TemplateElement::RawString(text) => self.put(&Element::Text(text)),
            TemplateElement::Comment(text) => self.put(&Element::Comment(text)),
            TemplateElement::Expression(call) => self.kind(&Element::Expression)?.helper(call),
            TemplateElement::HtmlExpression(call) => self.kind(&Element::HtmlExpression)?.helper(call),
            TemplateElement::HelperBlock(call) => self.kind(&Element::Block)?.helper(call),
            TemplateElement::PartialExpression(call) => self.kind(&Element::Partial)?.decorator(call),
            TemplateElement::PartialBlock(call) => self.kind(&Element::PartialBlock)?.decorator(call),
            TemplateElement::DecoratorExpression(call) => self.kind(&Element::Decorator)?.decorator(call),
            TemplateElement::DecoratorBlock(call) => self.kind(&Element::DecoratorBlock)?.decorator(call),
            _ => None,
        }
    }

    fn kind(&mut self, kind: &Element<'_>) -> Option<&mut Self> {
        self.put(kind)?;
        Some(self)
    }

    fn helper(&mut self, helper: &HelperTemplate) -> Option<()> {
        let block_params = match &helper.block_param {
            None => Vec::new(),
            Some(BlockParam::Single(first)) => vec![first],
            Some(BlockParam::Pair((first, second))) => vec![first, second],
            Some(_) => return None,
        };
        self.put(&Call {
            params: helper.params.len(),
            hash: helper.hash.len(),
            block_params: block_params.len(),
            template: helper.template.is_some(),
            inverse: helper.inverse.is_some(),
            indent: None,
            indent_before_write: indents_before_write(helper),
            block: helper.block,
            chain: helper.chain,
        })?;
        self.given(&helper.name, &helper.params, &helper.hash)?;
        block_params.into_iter().try_for_each(|name| self.word(name))?;
        let mut inner = [&helper.template, &helper.inverse].into_iter().flatten();
        inner.try_for_each(|template| self.template(template))
    }

    fn decorator(&mut self, decorator: &DecoratorTemplate) -> Option<()> {
        self.put(&Call {
            params: decorator.params.len(),
            hash: decorator.hash.len(),
            block_params: 0,
            template: decorator.template.is_some(),
            inverse: false,
            indent: decorator.indent.as_deref(),
            indent_before_write: decorator_indents(decorator),
            block: false,
            chain: false,
        })?;
        self.given(&decorator.name, &decorator.params, &decorator.hash)?;
        let mut inner = decorator.template.iter();
        inner.try_for_each(|template| self.template(template))
    }

    fn given(&mut self, name: &Parameter, params: &[Parameter], hash: &HashMap<String, Parameter>) -> Option<()> {
        self.word(name)?;
        params.iter().try_for_each(|param| self.word(param))?;
        // In order: the same program from the same templates.
        for (name, value) in BTreeMap::from_iter(hash) {
            self.put(name)?;
            self.word(value)?;
        }
        Some(())
    }

    fn word(&mut self, parameter: &Parameter) -> Option<()> {
        let word = match parameter {
            Parameter::Name(name) => Word::Name(name),
            Parameter::Path(Path::Relative((segments, raw))) => {
                let names = raw.split('.').map(|name| PathSeg::Named(name.to_owned()));
                if segments.iter().cloned().eq(names) {
                    Word::Path(raw)
                } else {
                    Word::OtherPath(raw)
                }
            }
            Parameter::Path(Path::Local((level, name, raw))) => Word::Local(*level, name, raw),
            Parameter::Literal(Value::String(text)) => Word::Text(text),
            Parameter::Literal(Value::Bool(value)) => Word::Boolean(*value),
            Parameter::Literal(Value::Number(number)) => Word::Integer(number.as_i64()?),
            Parameter::Literal(Value::Null) => Word::Null,
            Parameter::Subexpression(call) => {
                let TemplateElement::Expression(helper) = call.as_element() else {
                    return None;
                };
                self.put(&Word::Call)?;
                return self.helper(helper);
            }
            _ => return None,
        };
        self.put(&word)
    }
}

/// A fact that handlebars keeps to itself: a helper without it is another one.
fn indents_before_write(helper: &HelperTemplate) -> bool {
    let mut bare = helper.clone();
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

fn decorator_indents(decorator: &DecoratorTemplate) -> bool {
    let mut bare = decorator.clone();
    bare.template = None;
    bare.indent = None;
    let without = DecoratorTemplateBuilder::default()
        .name(bare.name.clone())
        .params(bare.params.clone())
        .hash(bare.hash.clone())
        .indent_before_write(false)
        .build();
    without.is_ok_and(|without| without != bare)
}
