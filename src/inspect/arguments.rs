//! The arguments of one field, and a place for what can't be read of them.

use ruff_python_ast::{Expr, ExprCall, StmtClassDef};

use super::Note;
use super::module::Module;
use super::values;

/// One field's call with its surroundings.
pub(super) struct Reading<'a, 'n> {
    pub(super) module: &'a Module<'a>,
    /// The model, then the classes that it inherits.
    pub(super) lineage: &'n [&'a StmtClassDef],
    /// `Post.title`
    pub(super) place: &'n str,
    pub(super) call: &'a ExprCall,
    pub(super) notes: &'n mut Vec<Note>,
}

impl<'a> Reading<'a, '_> {
    /// Notes what was left out: `` `Post.title` … ``
    pub(super) fn note(&mut self, text: &str) {
        self.notes.push(Note {
            path: self.module.path.to_owned(),
            line: self.module.line(self.call),
            text: format!("`{}` {text}", self.place),
        });
    }

    /// An argument by name; a name assigned in the class or the module is looked up.
    pub(super) fn named(&self, name: &str) -> Option<&'a Expr> {
        let keyword = self.call.arguments.find_keyword(name)?;
        Some(self.resolved(&keyword.value))
    }

    /// An argument by name or place.
    pub(super) fn at(&self, name: &str, position: usize) -> Option<&'a Expr> {
        let positional = self.call.arguments.find_positional(position);
        self.named(name)
            .or_else(|| positional.map(|value| self.resolved(value)))
    }

    fn resolved(&self, expression: &'a Expr) -> &'a Expr {
        let in_class = expression.as_name_expr().and_then(|name| {
            let mut bodies = self.lineage.iter().map(|class| class.body.as_slice());
            bodies.find_map(|body| {
                let mut assigned = super::module::assigned(body);
                assigned.find_map(|(assigned, value)| (assigned == name.id.as_str()).then_some(value))
            })
        });
        in_class.unwrap_or_else(|| self.module.constant(expression))
    }

    /// A yes or no; no where nothing is said.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        let Some(value) = self.named(name) else { return false };
        let read = values::boolean(self.module, value);
        if read.is_none() {
            self.note(&format!("has a `{name}` that can't be read; it is treated as false"));
        }
        read.unwrap_or_default()
    }

    /// A length.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        let value = self.named(name).filter(|value| !value.is_none_literal_expr())?;
        let read = values::integer(self.module, value).and_then(|number| u32::try_from(number).ok());
        if read.is_none() {
            self.note(&format!("has a `{name}` that can't be read"));
        }
        read
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.named(name).filter(|value| !value.is_none_literal_expr())?;
        let read = values::text(self.module, value);
        if read.is_none() {
            self.note(&format!("has a `{name}` that can't be read"));
        }
        read
    }
}
