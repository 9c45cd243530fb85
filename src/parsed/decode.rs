//! Makes handlebars' own types of what is stored.

use std::collections::HashMap;
use std::sync::LazyLock;

use handlebars::template::{
    BlockParam, DecoratorTemplate, DecoratorTemplateBuilder, HelperTemplate, HelperTemplateBuilder, Parameter,
    Subexpression, TemplateElement,
};
use handlebars::{Path, PathSeg, Template};
use serde::Deserialize;
use serde_json::Value;

use super::stored::{Call, Element, Word};

/// The template of a stored one; none if it is damaged.
pub(super) fn decode(stored: &'static [u8]) -> Option<Template> {
    Decoder(stored).template()
}

/// A helper with nothing in it, without and with indentation: only handlebars' builder can say which.
static HELPERS: LazyLock<Option<[HelperTemplate; 2]>> = LazyLock::new(|| {
    let helper = |indents| {
        HelperTemplateBuilder::default()
            .name(Parameter::Name(String::new()))
            .params(Vec::new())
            .hash(HashMap::new())
            .block(false)
            .chain(false)
            .indent_before_write(indents)
            .build()
            .ok()
    };
    Some([helper(false)?, helper(true)?])
});

/// What is still to be read.
struct Decoder(&'static [u8]);

impl Decoder {
    fn take<T: Deserialize<'static>>(&mut self) -> Option<T> {
        let (value, rest) = postcard::take_from_bytes(self.0).ok()?;
        self.0 = rest;
        Some(value)
    }

    fn template(&mut self) -> Option<Template> {
        let count = self.take()?;
        let mut template = Template::new();
        template.elements = self.many(count, Self::element)?;
        Some(template)
    }

    fn many<T>(&mut self, count: usize, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }

    fn element(&mut self) -> Option<TemplateElement> {
        Some(match self.take()? {
            Element::Text(text) => TemplateElement::RawString(text.to_owned()),
            Element::Comment(text) => TemplateElement::Comment(text.to_owned()),
            Element::Expression => TemplateElement::Expression(self.helper()?),
            Element::HtmlExpression => TemplateElement::HtmlExpression(self.helper()?),
            Element::Block => TemplateElement::HelperBlock(self.helper()?),
            Element::Partial => TemplateElement::PartialExpression(self.decorator()?),
            Element::PartialBlock => TemplateElement::PartialBlock(self.decorator()?),
            Element::Decorator => TemplateElement::DecoratorExpression(self.decorator()?),
            Element::DecoratorBlock => TemplateElement::DecoratorBlock(self.decorator()?),
        })
    }

    fn helper(&mut self) -> Option<Box<HelperTemplate>> {
        let call: Call<'_> = self.take()?;
        let mut helper = Box::new(HELPERS.as_ref()?[usize::from(call.indent_before_write)].clone());
        helper.block = call.block;
        helper.chain = call.chain;
        helper.name = self.word()?;
        helper.params = self.many(call.params, Self::word)?;
        helper.hash = self.hash(call.hash)?;
        helper.block_param = match call.block_params {
            0 => None,
            1 => Some(BlockParam::Single(self.word()?)),
            _ => Some(BlockParam::Pair((self.word()?, self.word()?))),
        };
        if call.template {
            helper.template = Some(self.template()?);
        }
        if call.inverse {
            helper.inverse = Some(self.template()?);
        }
        Some(helper)
    }

    fn decorator(&mut self) -> Option<Box<DecoratorTemplate>> {
        let call: Call<'_> = self.take()?;
        let mut decorator = DecoratorTemplateBuilder::default()
            .name(self.word()?)
            .params(self.many(call.params, Self::word)?)
            .hash(self.hash(call.hash)?)
            .indent_before_write(call.indent_before_write)
            .build()
            .ok()?;
        decorator.indent = call.indent.map(str::to_owned);
        if call.template {
            decorator.template = Some(self.template()?);
        }
        Some(Box::new(decorator))
    }

    fn hash(&mut self, count: usize) -> Option<HashMap<String, Parameter>> {
        let pairs = self.many(count, |decoder| {
            Some((decoder.take::<&str>()?.to_owned(), decoder.word()?))
        })?;
        Some(pairs.into_iter().collect())
    }

    fn word(&mut self) -> Option<Parameter> {
        Some(match self.take()? {
            Word::Name(name) => Parameter::Name(name.to_owned()),
            Word::Path(raw) => {
                let segments = raw.split('.').map(|name| PathSeg::Named(name.to_owned())).collect();
                Parameter::Path(Path::Relative((segments, raw.to_owned())))
            }
            Word::Local(level, name, raw) => Parameter::Path(Path::Local((level, name.to_owned(), raw.to_owned()))),
            Word::OtherPath(raw) => Parameter::Path(Path::parse(raw).ok()?),
            Word::Text(text) => Parameter::Literal(Value::String(text.to_owned())),
            Word::Boolean(value) => Parameter::Literal(Value::Bool(value)),
            Word::Integer(number) => Parameter::Literal(Value::from(number)),
            Word::Null => Parameter::Literal(Value::Null),
            Word::Call => {
                let call: Call<'_> = self.take()?;
                let (name, params) = (self.word()?, self.many(call.params, Self::word)?);
                Parameter::Subexpression(Subexpression::new(name, params, self.hash(call.hash)?))
            }
        })
    }
}
