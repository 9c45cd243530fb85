//! What the modules of a project take from one another, and whether it is there.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use ruff_python_ast::visitor::{Visitor, walk_alias, walk_expr, walk_parameter, walk_stmt};
use ruff_python_ast::{Alias, ExceptHandler, Expr, ExprContext, Parameter, Stmt, StmtImportFrom, StmtTry};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextSize};

use super::module::line_of;
use crate::cores::on_all;

/// Something that a module takes from another one of the project, and that is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// The file that takes it.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The module, as Python names it: `blog.views`.
    pub module: String,
    /// The name in it; none where there is no such module.
    pub name: Option<String>,
}

/// Finds what is taken from a project's modules (their texts by path) and is not there. `packages` are the names at its
/// top; what is imported from elsewhere is none of its business, nor are files that can't be read.
#[must_use]
pub fn unresolved(modules: &BTreeMap<String, String>, packages: &BTreeSet<String>) -> Vec<Unresolved> {
    let read = || {
        let modules = modules.par_iter();
        modules
            .map(|(path, text)| (path.as_str(), Module::read(text)))
            .collect()
    };
    let project = Project {
        modules: on_all(read),
        packages,
    };
    let mut found = BTreeSet::new();
    for (path, module) in &project.modules {
        for taken in &module.taken {
            let Some(full) = absolute(path, taken.level, &taken.module) else {
                continue;
            };
            let lacking = project.lacks(&full, taken.name.as_deref());
            // Of what is imported as a module its names are asked for in turn.
            let inner = taken
                .name
                .as_ref()
                .map_or(full.clone(), |name| format!("{full}.{name}"));
            let attributes = module
                .attributes
                .iter()
                .filter(|used| Some(&used.alias) == taken.alias.as_ref());
            let attributes = attributes.filter(|_| project.file_of(&inner).is_some());
            let from_module = attributes.filter(|used| project.lacks(&inner, Some(&used.name)).is_some());
            let mut tell = |at: TextSize, module: String, name: Option<String>| {
                found.insert(Unresolved {
                    path: (*path).to_owned(),
                    line: modules.get(*path).map_or(1, |text| line_of(text, at)),
                    module,
                    name,
                });
            };
            if let Some((module, name)) = lacking {
                tell(taken.at, module, name);
            }
            for used in from_module {
                tell(used.at, inner.clone(), Some(used.name.clone()));
            }
        }
    }
    found.into_iter().collect()
}

/// The files that a module can lie in, by its name.
#[must_use]
pub fn files_of(module: &str) -> [String; 2] {
    let path = module.replace('.', "/");
    [format!("{path}.py"), format!("{path}/__init__.py")]
}

struct Project<'a> {
    modules: BTreeMap<&'a str, Module>,
    packages: &'a BTreeSet<String>,
}

impl Project<'_> {
    fn file_of(&self, module: &str) -> Option<&Module> {
        files_of(module).iter().find_map(|path| self.modules.get(path.as_str()))
    }

    fn is_folder(&self, module: &str) -> bool {
        let folder = format!("{}/", module.replace('.', "/"));
        let first = self.modules.range(folder.as_str()..).next();
        first.is_some_and(|(path, _)| path.starts_with(&folder))
    }

    /// The module that is not there, or the module and the name that it lacks.
    fn lacks(&self, module: &str, name: Option<&str>) -> Option<(String, Option<String>)> {
        let package = module.split('.').next().unwrap_or(module);
        if !self.packages.contains(package) {
            return None;
        }
        let file = self.file_of(module);
        if file.is_none() && !self.is_folder(module) {
            return Some((module.to_owned(), None));
        }
        let name = name.filter(|name| *name != "*" && !name.starts_with("__"))?;
        let inner = format!("{module}.{name}");
        let is_there = file.is_some_and(|file| file.is_open || file.names.contains(name))
            || self.file_of(&inner).is_some()
            || self.is_folder(&inner);
        (!is_there).then(|| (module.to_owned(), Some(name.to_owned())))
    }
}

/// The full name of what a module imports from; none where the dots lead out of the project.
pub(super) fn absolute(path: &str, level: u32, module: &str) -> Option<String> {
    if level == 0 {
        return Some(module.to_owned());
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    for _ in 0..level {
        parts.pop()?;
    }
    parts.extend(module.split('.').filter(|part| !part.is_empty()));
    (!parts.is_empty()).then(|| parts.join("."))
}

/// One import of one name.
struct Taken {
    level: u32,
    module: String,
    name: Option<String>,
    /// What the module calls it.
    alias: Option<String>,
    at: TextSize,
}

/// A name asked of an imported module: `views.home`.
struct Attribute {
    alias: String,
    name: String,
    at: TextSize,
}

/// What a module has, and what it takes from others.
#[derive(Default)]
struct Module {
    names: BTreeSet<String>,
    /// Whether it may have any name: it takes in all of another one, makes names as they are asked for, or can't be read.
    is_open: bool,
    taken: Vec<Taken>,
    attributes: Vec<Attribute>,
}

impl Module {
    fn read(text: &str) -> Self {
        let Ok(parsed) = parse_module(text) else {
            return Self {
                is_open: true,
                ..Self::default()
            };
        };
        let body = &parsed.syntax().body;
        let mut top = TopNames::default();
        top.visit_body(body);
        let mut reader = Reader::default();
        reader.visit_body(body);
        // What has another meaning somewhere in the file is not followed.
        reader.attributes.retain(|used| !reader.bound.contains(&used.alias));
        Self {
            is_open: top.names.contains("*") || top.names.contains("__getattr__"),
            names: top.names,
            taken: reader.taken,
            attributes: reader.attributes,
        }
    }
}

/// The names that a module has at its top, whatever it takes for them to be there.
#[derive(Default)]
struct TopNames {
    names: BTreeSet<String>,
}

impl<'a> Visitor<'a> for TopNames {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => drop(self.names.insert(function.name.to_string())),
            Stmt::ClassDef(class) => drop(self.names.insert(class.name.to_string())),
            _ => walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Name(name) = expression
            && name.ctx == ExprContext::Store
        {
            self.names.insert(name.id.to_string());
        }
        walk_expr(self, expression);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
        self.names.insert(name.split('.').next().unwrap_or(name).to_owned());
        walk_alias(self, alias);
    }
}

#[derive(Default)]
struct Reader {
    taken: Vec<Taken>,
    attributes: Vec<Attribute>,
    bound: BTreeSet<String>,
    /// How many `try` lie round what is read that do without an import which fails.
    lenient: usize,
}

impl Reader {
    fn take_from(&mut self, import: &StmtImportFrom) {
        let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
        for alias in &import.names {
            self.taken.push(Taken {
                level: import.level,
                module: module.clone(),
                name: Some(alias.name.to_string()),
                alias: Some(alias.asname.as_ref().unwrap_or(&alias.name).to_string()),
                at: alias.start(),
            });
        }
    }
}

fn does_without_imports(statement: &StmtTry) -> bool {
    statement.handlers.iter().any(|handler| {
        let ExceptHandler::ExceptHandler(clause) = handler;
        clause.type_.as_ref().is_none_or(|caught| {
            let named = |one: &Expr| {
                matches!(one, Expr::Name(name)
                    if ["ImportError", "ModuleNotFoundError", "Exception"].contains(&name.id.as_str()))
            };
            named(caught) || matches!(&**caught, Expr::Tuple(several) if several.elts.iter().any(named))
        })
    })
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Try(guarded) if does_without_imports(guarded) => {
                self.lenient += 1;
                self.visit_body(&guarded.body);
                self.lenient -= 1;
                for handler in &guarded.handlers {
                    self.visit_except_handler(handler);
                }
                self.visit_body(&guarded.orelse);
                self.visit_body(&guarded.finalbody);
                return;
            }
            Stmt::ImportFrom(import) if self.lenient == 0 => self.take_from(import),
            Stmt::Import(import) if self.lenient == 0 => {
                for alias in &import.names {
                    self.taken.push(Taken {
                        level: 0,
                        module: alias.name.to_string(),
                        name: None,
                        alias: alias.asname.as_ref().map(ToString::to_string),
                        at: alias.start(),
                    });
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Attribute(attribute) if attribute.ctx == ExprContext::Load => {
                if let Expr::Name(name) = &*attribute.value {
                    self.attributes.push(Attribute {
                        alias: name.id.to_string(),
                        name: attribute.attr.to_string(),
                        at: attribute.attr.start(),
                    });
                }
            }
            Expr::Name(name) if name.ctx != ExprContext::Load => drop(self.bound.insert(name.id.to_string())),
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bound.insert(parameter.name.to_string());
        walk_parameter(self, parameter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacking(modules: &[(&str, &str)]) -> Vec<String> {
        let modules: BTreeMap<String, String> = modules
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect();
        let packages = ["blog", "config"].map(str::to_owned).into();
        unresolved(&modules, &packages)
            .into_iter()
            .map(|one| {
                let name = one.name.map(|name| format!(".{name}")).unwrap_or_default();
                format!("{}:{} {}{name}", one.path, one.line, one.module)
            })
            .collect()
    }

    #[test]
    fn what_is_there_resolves() {
        let views = "import os\nfrom django.http import Http404\nif os:\n    X, (Y, *Z) = 1, (2,)\nwith open(__file__) as handle:\n    pass\nclass Home:\n    inner = 1\n";
        assert_eq!(
            lacking(&[
                ("blog/__init__.py", ""),
                ("blog/views.py", views),
                (
                    "blog/deep/one.py",
                    "from ..views import Home, X, Y, Z, handle, Http404\nfrom .. import views\n"
                ),
                (
                    "config/urls.py",
                    "import blog.views as v\nfrom blog import views, deep\nfrom elsewhere import y\nviews.Home, v.X\n"
                ),
                ("manage.py", "from config import urls\nurls.__name__\n"),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn what_is_not_there_is_named_with_its_line() {
        assert_eq!(
            lacking(&[
                ("blog/__init__.py", ""),
                ("blog/views.py", "class Home:\n    inner = 1\n"),
                (
                    "blog/urls.py",
                    "from . import views\n\nviews.Home\nviews.Start\nfrom .views import inner\n"
                ),
                (
                    "config/urls.py",
                    "def f():\n    from blog.gone import x\n    import blog.lost\n"
                ),
            ]),
            [
                "blog/urls.py:4 blog.views.Start",
                "blog/urls.py:5 blog.views.inner",
                "config/urls.py:2 blog.gone",
                "config/urls.py:3 blog.lost"
            ]
        );
    }

    #[test]
    fn what_may_be_missing_is_let_be() {
        let lenient = "try:\n    from blog.gone import x\nexcept (ValueError, ImportError):\n    x = None\n";
        let shadowed = "from blog import views\ndef f(views):\n    return views.anything\n";
        assert_eq!(
            lacking(&[
                ("blog/views.py", ""),
                ("blog/open.py", "from somewhere import *\n"),
                ("blog/lazy.py", "def __getattr__(name): ...\n"),
                ("blog/broken.py", "class (\n"),
                ("config/a.py", lenient),
                ("config/b.py", shadowed),
                (
                    "config/c.py",
                    "from blog.open import x\nfrom blog.lazy import y\nfrom blog.broken import z\n"
                ),
                ("config/d.py", "from ..... import too_far\n"),
            ]),
            [""; 0]
        );
    }
}
