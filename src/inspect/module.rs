//! What more than one reader of modules asks of their syntax.

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged as _, TextSize};

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

/// The line of a class at the top of a module, from 1; the first one where there is no such class.
pub(super) fn line_of_class(text: &str, name: &str) -> usize {
    let Ok(parsed) = parse_module(text) else { return 1 };
    let mut classes = parsed.syntax().body.iter().filter_map(Stmt::as_class_def_stmt);
    let found = classes.find(|class| class.name.as_str() == name);
    found.map_or(1, |class| line_of(text, class.name.start()))
}

pub(super) fn line_of(text: &str, at: TextSize) -> usize {
    let end = usize::from(at).min(text.len());
    1 + text.get(..end).unwrap_or(text).matches('\n').count()
}
