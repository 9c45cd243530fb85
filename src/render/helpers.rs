//! The words that templates can use besides handlebars' own.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, RenderContext, RenderError, RenderErrorReason, ScopedJson,
    handlebars_helper,
};
use serde_json::Value;

use super::quoting;

handlebars_helper!(contains: |list: Json, item: Json| match list {
    Value::Array(values) => values.contains(item),
    Value::Object(entries) => item.as_str().is_some_and(|key| entries.contains_key(key)),
    _ => false,
});
handlebars_helper!(names: |list: Json, flag: str| match list {
    Value::Array(entries) => entries.iter().filter(|entry| is_set(&entry[flag])).map(|entry| entry["name"].clone()).collect(),
    _ => Value::Null,
});
handlebars_helper!(one_line: |text: str| quoting::one_line(text));
handlebars_helper!(py: |value: Json| python_literal(value));
handlebars_helper!(toml: |text: str| quoting::toml(text));
handlebars_helper!(yaml: |text: str| quoting::json(text));
handlebars_helper!(compose: |text: str| quoting::json(&text.replace('$', "$$")));
handlebars_helper!(json: |text: str| quoting::json(text));
handlebars_helper!(dotenv: |text: str| quoting::dotenv(text));
handlebars_helper!(shell: |text: str| quoting::shell(text));
handlebars_helper!(markdown: |text: str| quoting::markdown(text));
handlebars_helper!(html: |text: str| quoting::html(text));
handlebars_helper!(comment: |text: str| quoting::one_line(text));

/// Whether an entry of the context counts as true, as in `{{#if}}`.
fn is_set(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(values) => !values.is_empty(),
        _ => true,
    }
}

/// Handlebars' own `eq` and `ne`, but an option of a component that was not chosen equals nothing, where any other path
/// that is missing is an error.
struct Compare {
    name: &'static str,
    wanted: bool,
}

impl HelperDef for Compare {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let mut values = Vec::new();
        for index in 0..2 {
            let param = helper
                .param(index)
                .ok_or(RenderErrorReason::ParamNotFoundForIndex(self.name, index))?;
            let is_option = param
                .relative_path()
                .is_some_and(|path| path.starts_with("components."));
            if param.is_value_missing() && !is_option {
                return Err(RenderErrorReason::MissingVariable(param.relative_path().cloned()).into());
            }
            values.push(param.value());
        }
        Ok(ScopedJson::Derived(((values[0] == values[1]) == self.wanted).into()))
    }
}

/// Registers all helpers.
pub(super) fn register(handlebars: &mut Handlebars<'_>) {
    for (name, wanted) in [("eq", true), ("ne", false)] {
        handlebars.register_helper(name, Box::new(Compare { name, wanted }));
    }
    handlebars.register_helper("contains", Box::new(contains));
    handlebars.register_helper("names", Box::new(names));
    handlebars.register_helper("one_line", Box::new(one_line));
    handlebars.register_helper("py", Box::new(py));
    handlebars.register_helper("toml", Box::new(toml));
    handlebars.register_helper("yaml", Box::new(yaml));
    handlebars.register_helper("compose", Box::new(compose));
    handlebars.register_helper("json", Box::new(json));
    handlebars.register_helper("dotenv", Box::new(dotenv));
    handlebars.register_helper("shell", Box::new(shell));
    handlebars.register_helper("markdown", Box::new(markdown));
    handlebars.register_helper("html", Box::new(html));
    handlebars.register_helper("comment", Box::new(comment));
}

/// A value of the declaration as a Python literal.
pub(super) fn python_literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoting::python(text),
        Value::Array(values) => {
            let items: Vec<_> = values.iter().map(python_literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let items: Vec<_> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", quoting::python(key), python_literal(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
    }
}
