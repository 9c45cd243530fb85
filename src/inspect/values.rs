//! Literals of Python as values: texts, numbers, and what JSON can hold.

use ruff_python_ast::{Expr, ExprCall, Number, Operator, UnaryOp};
use serde_json::{Map, Value};

use super::module::Module;

/// The text of a literal, or of one that is marked for translation.
pub(super) fn text(module: &Module<'_>, expression: &Expr) -> Option<String> {
    match module.constant(expression) {
        Expr::StringLiteral(literal) => Some(literal.value.to_str().to_owned()),
        Expr::Call(call) if is_translation(module, call) => text(module, call.arguments.args.first()?),
        _ => None,
    }
}

fn is_translation(module: &Module<'_>, call: &ExprCall) -> bool {
    let name = module.full_name(&call.func).unwrap_or_default();
    let is_marker = ["gettext", "gettext_lazy", "gettext_noop"]
        .iter()
        .any(|marker| name.strip_prefix("django.utils.translation.") == Some(marker));
    is_marker && call.arguments.len() == 1
}

/// A whole number.
pub(super) fn integer(module: &Module<'_>, expression: &Expr) -> Option<i64> {
    json(module, expression)?.as_i64()
}

/// `True` or `False`.
pub(super) fn boolean(module: &Module<'_>, expression: &Expr) -> Option<bool> {
    json(module, expression)?.as_bool()
}

/// Any literal that JSON can hold.
pub(super) fn json(module: &Module<'_>, expression: &Expr) -> Option<Value> {
    match module.constant(expression) {
        Expr::NoneLiteral(_) => Some(Value::Null),
        Expr::BooleanLiteral(literal) => Some(Value::Bool(literal.value)),
        Expr::StringLiteral(literal) => Some(Value::String(literal.value.to_str().to_owned())),
        Expr::NumberLiteral(literal) => number(&literal.value, false),
        Expr::UnaryOp(unary) => match (unary.op, &*unary.operand) {
            (UnaryOp::USub, Expr::NumberLiteral(literal)) => number(&literal.value, true),
            (UnaryOp::UAdd, Expr::NumberLiteral(literal)) => number(&literal.value, false),
            _ => None,
        },
        // `60 * 60` is how people write an hour.
        Expr::BinOp(operation) if operation.op == Operator::Mult => {
            let (left, right) = (integer(module, &operation.left)?, integer(module, &operation.right)?);
            left.checked_mul(right).map(Value::from)
        }
        Expr::List(list) => list.elts.iter().map(|item| json(module, item)).collect(),
        Expr::Tuple(tuple) => tuple.elts.iter().map(|item| json(module, item)).collect(),
        Expr::Dict(dict) => {
            let mut entries = Map::new();
            for item in &dict.items {
                let key = json(module, item.key.as_ref()?)?.as_str()?.to_owned();
                entries.insert(key, json(module, &item.value)?);
            }
            Some(Value::Object(entries))
        }
        _ => None,
    }
}

fn number(literal: &Number, is_negative: bool) -> Option<Value> {
    let sign = if is_negative { "-" } else { "" };
    match literal {
        Number::Int(int) => format!("{sign}{int}").parse::<i64>().ok().map(Value::from),
        Number::Float(float) => {
            let float = if is_negative { -float } else { *float };
            serde_json::Number::from_f64(float).map(Value::Number)
        }
        Number::Complex { .. } => None,
    }
}

/// `timedelta(days=1, hours=2)` in whole seconds.
pub(super) fn seconds(module: &Module<'_>, expression: &Expr) -> Option<i64> {
    const UNITS: [(&str, i64); 5] = [
        ("weeks", 604_800),
        ("days", 86_400),
        ("hours", 3_600),
        ("minutes", 60),
        ("seconds", 1),
    ];
    let call = module.constant(expression).as_call_expr()?;
    if module.full_name(&call.func)? != "datetime.timedelta" {
        return None;
    }
    let positional = ["days", "seconds"].into_iter().zip(&call.arguments.args);
    let named = call
        .arguments
        .keywords
        .iter()
        .map(|keyword| Some((keyword.arg.as_ref()?.as_str(), &keyword.value)));
    let mut total = 0i64;
    for part in positional.map(Some).chain(named) {
        let (unit, amount) = part?;
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total = total.checked_add(integer(module, amount)?.checked_mul(*length)?)?;
    }
    (call.arguments.args.len() <= 2).then_some(total)
}

/// `Decimal("0.5")`, or a plain number.
pub(super) fn decimal(module: &Module<'_>, expression: &Expr) -> Option<Value> {
    let value = match module.constant(expression) {
        Expr::Call(call) if module.full_name(&call.func)? == "decimal.Decimal" && call.arguments.len() == 1 => {
            json(module, call.arguments.args.first()?)?
        }
        plain => json(module, plain)?,
    };
    (value.is_number() || value.is_string()).then_some(value)
}
