//! One module, parsed: what its names stand for, and its classes with those that they inherit.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use ruff_python_ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextSize};

use crate::error::{Error, Result};

/// Where Django's models and fields can be imported from.
const MODELS: [&str; 2] = ["django.db.models.", "django.contrib.gis.db.models."];

/// Parses a module.
///
/// # Errors
/// It is no valid Python: what the parser says, with the line.
pub(super) fn parse(path: &str, text: &str) -> Result<Vec<Stmt>> {
    match parse_module(text) {
        Ok(parsed) => Ok(parsed.into_syntax().body.into_iter().collect()),
        Err(error) => {
            let line = line_of(text, error.location.start());
            Err(Error::input(format!("`{path}` line {line}: {}", error.error))
                .hint("models are read from that file: fix it, then run djscaffold again"))
        }
    }
}

/// A module's names at its top level.
pub(super) struct Module<'a> {
    pub(super) path: &'a str,
    text: &'a str,
    imported: BTreeMap<&'a str, String>,
    pub(super) classes: IndexMap<&'a str, &'a StmtClassDef>,
    functions: BTreeMap<&'a str, &'a StmtFunctionDef>,
    constants: BTreeMap<&'a str, &'a Expr>,
}

impl<'a> Module<'a> {
    pub(super) fn new(path: &'a str, text: &'a str, body: &'a [Stmt]) -> Self {
        let mut module = Self {
            path,
            text,
            imported: BTreeMap::new(),
            classes: IndexMap::new(),
            functions: BTreeMap::new(),
            constants: assigned(body).collect(),
        };
        for statement in body {
            module.take(statement);
        }
        module
    }

    fn take(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let full = alias.name.as_str();
                    let first = full.split('.').next().unwrap_or_default();
                    match &alias.asname {
                        Some(name) => self.imported.insert(name.as_str(), full.to_owned()),
                        None => self.imported.insert(first, first.to_owned()),
                    };
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(import.level as usize);
                let from = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.imported.insert(name, format!("{dots}{from}.{}", alias.name));
                }
            }
            Stmt::ClassDef(class) => {
                self.classes.insert(class.name.as_str(), class);
            }
            Stmt::FunctionDef(function) => {
                self.functions.insert(function.name.as_str(), function);
            }
            _ => {}
        }
    }

    /// The line of something, from 1.
    pub(super) fn line(&self, at: &impl Ranged) -> usize {
        line_of(self.text, at.start())
    }

    /// The full name of what an expression names: `models.CharField` → `django.db.models.CharField`.
    pub(super) fn full_name(&self, expression: &Expr) -> Option<String> {
        match expression {
            Expr::Name(name) => Some(match self.imported.get(name.id.as_str()) {
                Some(full) if !self.classes.contains_key(name.id.as_str()) => full.clone(),
                _ => name.id.to_string(),
            }),
            Expr::Attribute(attribute) => Some(format!("{}.{}", self.full_name(&attribute.value)?, attribute.attr)),
            _ => None,
        }
    }

    /// What a name was assigned at the top level, followed through further names; all else as it is.
    pub(super) fn constant<'e>(&self, expression: &'e Expr) -> &'e Expr
    where
        'a: 'e,
    {
        let mut found = expression;
        // Two names that stand for each other would never end.
        for _ in 0..4 {
            match found
                .as_name_expr()
                .and_then(|name| self.constants.get(name.id.as_str()))
            {
                Some(next) => found = next,
                None => break,
            }
        }
        found
    }

    /// What a function of this module returns, if it does nothing else.
    pub(super) fn returned(&self, expression: &Expr) -> Option<&'a Expr> {
        let function = self.functions.get(expression.as_name_expr()?.id.as_str())?;
        let mut statements = function.body.iter().filter(|statement| !is_docstring(statement));
        match (statements.next(), statements.next()) {
            (Some(Stmt::Return(returned)), None) => returned.value.as_deref(),
            _ => None,
        }
    }

    /// The class and those of this module that it inherits, itself first.
    pub(super) fn lineage(&self, class: &'a StmtClassDef) -> Vec<&'a StmtClassDef> {
        let mut found = vec![class];
        let mut index = 0;
        while let Some(class) = found.get(index) {
            for base in self.bases(class) {
                if let Some(base) = self.classes.get(base.as_str())
                    && !found.iter().any(|known| known.name == base.name)
                {
                    found.push(base);
                }
            }
            index += 1;
        }
        found
    }

    /// The full names of what a class inherits from other modules.
    pub(super) fn outer_bases(&self, class: &'a StmtClassDef) -> Vec<String> {
        let bases = self.lineage(class).into_iter().flat_map(|class| self.bases(class));
        bases.filter(|base| !self.classes.contains_key(base.as_str())).collect()
    }

    fn bases(&self, class: &StmtClassDef) -> Vec<String> {
        let arguments = class.arguments.iter().flat_map(|arguments| &arguments.args);
        arguments.filter_map(|base| self.full_name(base)).collect()
    }

    /// The class of Django's models module that an expression names, or that the class it names inherits.
    pub(super) fn django_class(&self, expression: &Expr) -> Option<String> {
        let full = self.full_name(expression)?;
        match self.classes.get(full.as_str()) {
            Some(class) => self.outer_bases(class).iter().find_map(|base| django_name(base)),
            None => django_name(&full),
        }
    }
}

/// `django.db.models.fields.CharField` → `CharField`
pub(super) fn django_name(full: &str) -> Option<String> {
    let name = MODELS.iter().find_map(|prefix| full.strip_prefix(prefix))?;
    name.rsplit('.').next().map(str::to_owned)
}

/// The names that a body assigns, with what they are assigned.
pub(super) fn assigned(body: &[Stmt]) -> impl Iterator<Item = (&str, &Expr)> {
    body.iter().filter_map(|statement| match statement {
        Stmt::Assign(assign) => match assign.targets.as_slice() {
            [Expr::Name(name)] => Some((name.id.as_str(), &*assign.value)),
            _ => None,
        },
        Stmt::AnnAssign(assign) => Some((assign.target.as_name_expr()?.id.as_str(), assign.value.as_deref()?)),
        _ => None,
    })
}

fn is_docstring(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr())
}

pub(super) fn line_of(text: &str, at: TextSize) -> usize {
    let end = usize::from(at).min(text.len());
    1 + text.get(..end).unwrap_or(text).matches('\n').count()
}
