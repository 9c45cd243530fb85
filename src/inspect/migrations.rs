//! Which migration of an app comes last.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Stmt};

use super::module::assigned;
use ruff_python_parser::parse_module;

/// The migration that no other one of the app depends on, given all by stem and source; of several, the highest.
#[must_use]
pub fn leaf(app: &str, files: &[(&str, &str)]) -> Option<String> {
    let needed: BTreeSet<String> = files.iter().flat_map(|(_, source)| dependencies(app, source)).collect();
    let mut stems: Vec<&str> = files.iter().map(|(stem, _)| *stem).collect();
    stems.sort_unstable();
    let last = stems.iter().rev().find(|stem| !needed.contains(**stem));
    last.or(stems.last()).map(|stem| (*stem).to_owned())
}

/// The app's own migrations that one depends on, or replaces; none can be read of a file that does not parse.
fn dependencies(app: &str, source: &str) -> Vec<String> {
    let Ok(parsed) = parse_module(source) else {
        return Vec::new();
    };
    let body = parsed.into_syntax().body;
    let classes = body.iter().filter_map(Stmt::as_class_def_stmt);
    classes
        .filter(|class| class.name.as_str() == "Migration")
        .flat_map(|class| assigned(&class.body))
        .filter(|(name, _)| matches!(*name, "dependencies" | "replaces"))
        .flat_map(|(_, value)| pairs(app, value))
        .collect()
}

fn pairs(app: &str, list: &Expr) -> Vec<String> {
    let items = list.as_list_expr().map(|list| list.elts.as_slice()).unwrap_or_default();
    let literal = |expression: &Expr| Some(expression.as_string_literal_expr()?.value.to_str().to_owned());
    items
        .iter()
        .filter_map(|item| match item.as_tuple_expr()?.elts.as_slice() {
            [label, name] if literal(label)? == app => literal(name),
            _ => None,
        })
        .collect()
}
