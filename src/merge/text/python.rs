//! What can be wrong with a Python module that parses.

use std::collections::BTreeSet;

use ruff_python_ast::comparable::ComparableExpr;
use ruff_python_ast::visitor::{
    Visitor, walk_alias, walk_arguments, walk_body, walk_except_handler, walk_expr, walk_parameter, walk_pattern,
    walk_stmt, walk_type_param,
};
use ruff_python_ast::{
    Alias, Arguments, ExceptHandler, Expr, ExprContext, Identifier, Parameter, Pattern, Stmt, TypeParam,
};
use ruff_python_parser::parse_module;
use ruff_python_stdlib::builtins::is_python_builtin;

use super::facts::Facts;
use crate::render::imports::UsedNames;

/// The newest Python that djscaffold knows: a name that any Python has built in is no fault.
const NEWEST_MINOR: u8 = 14;

pub(super) fn facts(text: &str) -> Facts {
    let mut reader = Reader::default();
    if let Ok(module) = parse_module(text) {
        reader.facts.parses = true;
        reader.count_assignments("", &module.syntax().body);
        reader.visit_body(&module.syntax().body);
        let mut names = UsedNames::default();
        names.visit_body(&module.syntax().body);
        reader.imported.retain(|name| !names.used.contains(name.as_str()));
    }
    let Reader {
        mut facts,
        bound,
        used,
        imported,
        ..
    } = reader;
    facts.unused = imported.into_iter().filter(|name| name != "*").collect();
    // A star may bind anything.
    if !bound.contains("*") {
        facts.unbound = used.difference(&bound).cloned().collect();
    }
    facts
}

#[derive(Default)]
struct Reader {
    facts: Facts,
    bound: BTreeSet<String>,
    used: BTreeSet<String>,
    imported: BTreeSet<String>,
    /// The classes that lie round what is read, as a path.
    classes: String,
}

impl Reader {
    fn bind(&mut self, name: &str) {
        self.bound.insert(name.to_owned());
    }

    fn bind_all<'a>(&mut self, names: impl IntoIterator<Item = &'a Identifier>) {
        for name in names {
            self.bind(name);
        }
    }

    /// Names that a module or a class gives twice: the later one hides the first.
    fn count_assignments(&mut self, scope: &str, body: &[Stmt]) {
        let mut seen = BTreeSet::new();
        for name in body.iter().flat_map(assigned) {
            if !seen.insert(name) {
                self.facts.repeat(format!("name {scope}.{name}"));
            }
        }
    }

    fn repeated_strings(&mut self, elements: &[Expr]) {
        let mut seen = BTreeSet::new();
        for element in elements {
            if let Expr::StringLiteral(literal) = element
                && !seen.insert(literal.value.to_str())
            {
                self.facts.repeat(format!("element {}", literal.value.to_str()));
            }
        }
    }

    /// URL patterns of a list of which none but the first is ever reached.
    fn repeated_patterns(&mut self, elements: &[Expr]) {
        let mut seen = Vec::new();
        for call in elements.iter().filter_map(Expr::as_call_expr) {
            let is_pattern = name_of(&call.func).is_some_and(|name| ["path", "re_path"].contains(&name));
            let (true, Some(Expr::StringLiteral(pattern))) = (is_pattern, call.arguments.args.first()) else {
                continue;
            };
            let leads_on = |target: &Expr| {
                target
                    .as_call_expr()
                    .is_some_and(|call| name_of(&call.func) == Some("include"))
            };
            // Several may lead on from one prefix, each to other patterns.
            let target = call
                .arguments
                .args
                .get(1)
                .filter(|target| leads_on(target))
                .map(ComparableExpr::from);
            let one = (pattern.value.to_str(), target);
            if seen.contains(&one) {
                self.facts.repeat(format!("URL pattern \"{}\"", one.0));
            }
            seen.push(one);
        }
    }

    fn repeated_keys<'a>(&mut self, keys: impl Iterator<Item = &'a Expr>) {
        let mut seen = BTreeSet::new();
        for key in keys {
            let text = match key {
                Expr::StringLiteral(literal) => format!("{:?}", literal.value.to_str()),
                Expr::NumberLiteral(literal) => format!("{:?}", literal.value),
                Expr::BytesLiteral(literal) => format!("{:?}", literal.value.bytes().collect::<Vec<_>>()),
                _ => continue,
            };
            if !seen.insert(text.clone()) {
                self.facts.repeat(format!("key {text}"));
            }
        }
    }
}

/// What a statement gives a name to, where it stands alone.
fn assigned(statement: &Stmt) -> Vec<&str> {
    match statement {
        Stmt::Assign(assignment) => assignment.targets.iter().filter_map(name_of).collect(),
        Stmt::AnnAssign(assignment) => name_of(&assignment.target).into_iter().collect(),
        Stmt::FunctionDef(function) => vec![function.name.as_str()],
        Stmt::ClassDef(class) => vec![class.name.as_str()],
        Stmt::ImportFrom(import) => import.names.iter().map(bound_by).filter(|name| *name != "*").collect(),
        // `import a.b` and `import a.c` both bind `a`, and none hides the other.
        Stmt::Import(import) => import
            .names
            .iter()
            .filter(|alias| alias.asname.is_some() || !alias.name.contains('.'))
            .map(bound_by)
            .collect(),
        _ => Vec::new(),
    }
}

fn name_of(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Name(name) => Some(name.id.as_str()),
        _ => None,
    }
}

fn bound_by(alias: &Alias) -> &str {
    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
    name.split('.').next().unwrap_or(name)
}

const fn leaves(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::Return(_) | Stmt::Raise(_) | Stmt::Break(_) | Stmt::Continue(_)
    )
}

impl<'a> Visitor<'a> for Reader {
    fn visit_body(&mut self, body: &'a [Stmt]) {
        // What stands behind a `return` never runs.
        if body.iter().rev().skip(1).any(leaves) {
            self.facts.repeat("way out".to_owned());
        }
        walk_body(self, body);
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.bind(&function.name),
            Stmt::ClassDef(class) => {
                self.bind(&class.name);
                let outer = self.classes.len();
                self.classes.push_str(&format!(".{}", class.name));
                let scope = self.classes.clone();
                self.count_assignments(&scope, &class.body);
                walk_stmt(self, statement);
                self.classes.truncate(outer);
                return;
            }
            Stmt::Global(global) => self.bind_all(&global.names),
            Stmt::Nonlocal(nonlocal) => self.bind_all(&nonlocal.names),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                let name_text = name.id.as_str();
                let is_known = name_text.starts_with("__") || is_python_builtin(name_text, NEWEST_MINOR, false);
                if name.ctx != ExprContext::Load {
                    self.bind(name_text);
                } else if !is_known {
                    self.used.insert(name_text.to_owned());
                }
            }
            Expr::Dict(dict) => self.repeated_keys(dict.items.iter().filter_map(|item| item.key.as_ref())),
            Expr::List(list) => {
                self.repeated_strings(&list.elts);
                self.repeated_patterns(&list.elts);
            }
            Expr::Tuple(tuple) => self.repeated_strings(&tuple.elts),
            Expr::Set(set) => self.repeated_strings(&set.elts),
            _ => {}
        }
        walk_expr(self, expression);
    }

    fn visit_alias(&mut self, alias: &'a Alias) {
        self.bind(bound_by(alias));
        self.imported.insert(bound_by(alias).to_owned());
        walk_alias(self, alias);
    }

    fn visit_arguments(&mut self, arguments: &'a Arguments) {
        let mut seen = BTreeSet::new();
        for name in arguments.keywords.iter().filter_map(|keyword| keyword.arg.as_ref()) {
            if !seen.insert(name.as_str()) {
                self.facts.repeat(format!("argument {name}"));
            }
        }
        walk_arguments(self, arguments);
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bind(&parameter.name);
        walk_parameter(self, parameter);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(clause) = handler;
        self.bind_all(&clause.name);
        walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(capture) => self.bind_all(&capture.name),
            Pattern::MatchStar(capture) => self.bind_all(&capture.name),
            Pattern::MatchMapping(mapping) => self.bind_all(&mapping.rest),
            _ => {}
        }
        walk_pattern(self, pattern);
    }

    fn visit_type_param(&mut self, parameter: &'a TypeParam) {
        self.bind(parameter.name());
        walk_type_param(self, parameter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_bind_a_name_counts() {
        let source = "import a.b, c as d\nfrom e import f as g\n\ndef h[T](i, *j, k=1, **l) -> T:\n    global m\n    with open(i) as n:\n        pass\n    try:\n        pass\n    except ValueError as o:\n        print(o, n, m, j, k, l)\n    match i:\n        case {'x': p, **q}:\n            print(p, q)\n        case [r, *s]:\n            print(r, s)\n    return [t for t in (u := [i])] + [lambda v: v, u, a, d, g, h, __file__]\n";
        let facts = facts(source);
        assert!(facts.is_faultless(), "{facts:?}");
    }

    #[test]
    fn an_unbound_name_is_told() {
        assert_eq!(facts("x = y\n").unbound, BTreeSet::from(["y".to_owned()]));
        assert!(facts("from a import *\nx = y\n").unbound.is_empty());
    }

    #[test]
    fn an_unused_import_is_told() {
        let source = "from a import b, c as d, e, f\nimport g.h\n__all__ = ['e']\ndef i() -> 'f': return g\n";
        assert_eq!(facts(source).unused, BTreeSet::from(["b".to_owned(), "d".to_owned()]));
    }

    #[test]
    fn repetitions_are_told() {
        for source in [
            "x = {'a': 1, \"a\": 2}\n",
            "x = {1: 1, 1: 2}\n",
            "x = ['a', 'b', 'a']\n",
            "x = 1\nx = 2\n",
            "class A:\n    x = 1\n    def x(self): pass\n",
            "from a import x\nfrom b import x\n",
            "def f():\n    return 1\n    return 2\n",
            "print(end=1, sep=2, end=3)\n",
            "x = [path('a', y), path('a', z)]\ny = z = path = 1\n",
            "x = [path('a', include('b')), path('a', include('b'))]\ninclude = path = 1\n",
        ] {
            assert_eq!(facts(source).repeated.values().sum::<usize>(), 1, "{source}");
        }
        for source in [
            "import a.b\nimport a.c\na\n",
            "def f():\n    x = 1\n    x = 2\n",
            "x = {**a, **a}\na = 1\n",
            "x = [path('a', include('b')), path('a', include('c')), path('a', y)]\ninclude = path = y = 1\n",
        ] {
            assert!(facts(source).is_faultless(), "{source}");
        }
    }
}
