//! The values of a choice: a class of choices, nested or not, or pairs.

use indexmap::IndexMap;
use ruff_python_ast::{Expr, StmtClassDef};

use super::module::{Module, assigned, django_name};
use super::values::text;

/// A class of text choices.
pub(super) struct ChoiceClass<'a> {
    pub(super) name: &'a str,
    /// By member name: its value and what people read.
    pub(super) members: IndexMap<String, (String, String)>,
}

impl ChoiceClass<'_> {
    pub(super) fn labels(&self) -> IndexMap<String, String> {
        self.members.values().cloned().collect()
    }
}

/// The class of choices that `Status`, `Post.Status` or another path names, as seen from within a model.
pub(super) fn choice_class<'a>(
    module: &Module<'a>,
    lineage: &[&'a StmtClassDef],
    expression: &Expr,
) -> Option<ChoiceClass<'a>> {
    let full = module.full_name(expression)?;
    let class = match full.rsplit_once('.') {
        Some((outer, name)) => nested(module.classes.get(outer)?, name)?,
        None => lineage
            .iter()
            .find_map(|class| nested(class, &full))
            .or_else(|| module.classes.get(full.as_str()).copied())?,
    };
    let is_text = |base: &String| django_name(base).as_deref() == Some("TextChoices");
    if !module.outer_bases(class).iter().any(is_text) {
        return None;
    }
    let mut members = IndexMap::new();
    for class in module.lineage(class).into_iter().rev() {
        for (name, value) in assigned(&class.body).filter(|(name, _)| !name.starts_with('_')) {
            members.insert(name.to_owned(), member(module, name, value)?);
        }
    }
    Some(ChoiceClass {
        name: class.name.as_str(),
        members,
    })
}

fn nested<'a>(class: &'a StmtClassDef, name: &str) -> Option<&'a StmtClassDef> {
    let mut classes = class.body.iter().filter_map(|statement| statement.as_class_def_stmt());
    classes.find(|nested| nested.name.as_str() == name)
}

/// `"draft", _("Draft")` or `"draft"`, for which Django makes the label from the member's name.
fn member(module: &Module<'_>, name: &str, value: &Expr) -> Option<(String, String)> {
    if let Expr::Tuple(pair) = value {
        let [value, label] = pair.elts.as_slice() else {
            return None;
        };
        return Some((text(module, value)?, text(module, label)?));
    }
    let value = match value {
        Expr::Call(call) if module.full_name(&call.func)? == "enum.auto" => name.to_owned(),
        value => text(module, value)?,
    };
    Some((value, title(&name.replace('_', " "))))
}

/// Python's `str.title` for what a member can be called.
fn title(text: &str) -> String {
    let mut titled = String::new();
    let mut is_inside = false;
    for character in text.chars() {
        if is_inside {
            titled.extend(character.to_lowercase());
        } else {
            titled.extend(character.to_uppercase());
        }
        is_inside = character.is_alphabetic();
    }
    titled
}

/// `[("draft", _("Draft")), …]` or `{"draft": "Draft"}`, by value.
pub(super) fn pairs(module: &Module<'_>, expression: &Expr) -> Option<IndexMap<String, String>> {
    let pair = |value: &Expr, label: &Expr| Some((text(module, value)?, text(module, label)?));
    match expression {
        Expr::List(list) => list
            .elts
            .iter()
            .map(|item| split(item).and_then(|(one, two)| pair(one, two)))
            .collect(),
        Expr::Tuple(tuple) => tuple
            .elts
            .iter()
            .map(|item| split(item).and_then(|(one, two)| pair(one, two)))
            .collect(),
        Expr::Dict(dict) => dict
            .items
            .iter()
            .map(|item| pair(item.key.as_ref()?, &item.value))
            .collect(),
        _ => None,
    }
}

fn split(item: &Expr) -> Option<(&Expr, &Expr)> {
    let elements = match item {
        Expr::Tuple(tuple) => &tuple.elts,
        Expr::List(list) => &list.elts,
        _ => return None,
    };
    match elements.as_slice() {
        [value, label] => Some((value, label)),
        _ => None,
    }
}
