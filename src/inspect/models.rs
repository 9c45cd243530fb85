//! The models of one `models.py`.

use indexmap::IndexMap;
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef};

use super::arguments::Reading;
use super::fields::{Ground, is_field, read_field, read_key};
use super::module::{Module, assigned, django_name, parse};
use super::{FoundModel, FoundModels, Note};
use crate::error::Result;
use crate::model::{Kinds, Provided};

/// Reads the models of an app's `models.py`; `path` is what messages call the file.
///
/// # Errors
/// The file is no valid Python.
pub fn read_models(path: &str, source: &str, app: &str, kinds: &Kinds, provided: &Provided) -> Result<FoundModels> {
    let body = parse(path, source)?;
    let module = Module::new(path, source, &body);
    let user = provided.iter().find(|(_, target)| target.user);
    let ground = Ground {
        app,
        kinds,
        user: user.map(|(name, _)| name.as_str()),
    };
    let mut found = FoundModels::default();
    for (name, class) in &module.classes {
        if is_model(&module, class) && !is_abstract(class) {
            let model = read_model(&ground, &module, class, &mut found.notes);
            found.models.insert((*name).to_owned(), model);
        }
    }
    Ok(found)
}

/// Whether a class is a model: by what it inherits, or by its fields where that is defined elsewhere.
fn is_model<'a>(module: &Module<'a>, class: &'a StmtClassDef) -> bool {
    let bases = module.outer_bases(class);
    let known: Vec<_> = bases.iter().filter_map(|base| django_name(base)).collect();
    known.iter().any(|base| base == "Model")
        || (known.is_empty() && !bases.is_empty() && fields(module, class).next().is_some())
}

/// The base that a model gets its fields from, if that is defined elsewhere.
fn unseen_base<'a>(module: &Module<'a>, class: &'a StmtClassDef) -> Option<String> {
    let bases = module.outer_bases(class);
    let is_seen = bases.iter().any(|base| django_name(base).is_some());
    bases.into_iter().next().filter(|_| !is_seen)
}

fn is_abstract(class: &StmtClassDef) -> bool {
    meta(class)
        .any(|(name, value)| name == "abstract" && value.as_boolean_literal_expr().is_some_and(|literal| literal.value))
}

/// Whether a class says how its rows are ordered; an empty order is none.
fn has_ordering(class: &StmtClassDef) -> bool {
    let is_empty = |value: &Expr| match value {
        Expr::List(list) => list.elts.is_empty(),
        Expr::Tuple(tuple) => tuple.elts.is_empty(),
        _ => false,
    };
    meta(class).any(|(name, value)| name == "ordering" && !is_empty(value))
}

/// What the class `Meta` of a model's class assigns.
fn meta(class: &StmtClassDef) -> impl Iterator<Item = (&str, &Expr)> {
    let nested = class.body.iter().filter_map(Stmt::as_class_def_stmt);
    nested
        .filter(|nested| nested.name.as_str() == "Meta")
        .flat_map(|meta| assigned(&meta.body))
}

/// The calls in a class's body that make fields.
fn fields<'a>(module: &Module<'a>, class: &'a StmtClassDef) -> impl Iterator<Item = (&'a str, &'a ExprCall)> {
    assigned(&class.body)
        .filter_map(|(name, value)| Some((name, value.as_call_expr()?)))
        .filter(|(_, call)| is_field(module, call))
}

fn read_model<'a>(
    ground: &Ground<'_>,
    module: &'a Module<'a>,
    class: &'a StmtClassDef,
    notes: &mut Vec<Note>,
) -> FoundModel {
    let mut lineage = module.lineage(class);
    lineage.retain(|ancestor| ancestor.name == class.name || is_abstract(ancestor));
    let line = module.line(&class.name);
    if let Some(base) = unseen_base(module, class) {
        notes.push(Note {
            path: module.path.to_owned(),
            line,
            text: format!(
                "`{}` may have more fields from `{base}`, which is not in this file",
                class.name
            ),
        });
    }
    let mut model = FoundModel {
        fields: IndexMap::new(),
        field_lines: IndexMap::new(),
        key: None,
        unordered: !lineage.iter().any(|class| has_ordering(class)),
        line,
    };
    for (name, call) in inherited(module, &lineage) {
        let place = format!("{}.{name}", class.name);
        let mut reading = Reading {
            module,
            lineage: &lineage,
            place: &place,
            call,
            notes,
        };
        if let Some(key) = read_key(ground, name, &mut reading) {
            model.key = Some(key);
        }
        if let Some(field) = read_field(ground, name, &mut reading) {
            model.fields.insert(name.to_owned(), field);
            model.field_lines.insert(name.to_owned(), module.line(call));
        }
    }
    model
}

/// All fields of a model in Django's order: as they stand in the file, a redefined one where it is redefined.
fn inherited<'a>(module: &Module<'a>, lineage: &[&'a StmtClassDef]) -> Vec<(&'a str, &'a ExprCall)> {
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for class in lineage {
        let mut own: IndexMap<&str, &ExprCall> = IndexMap::new();
        for (name, call) in fields(module, class).filter(|(name, _)| !seen.contains(name)) {
            own.insert(name, call);
        }
        found.extend(own);
        // `name = None` takes an inherited field away.
        seen.extend(assigned(&class.body).map(|(name, _)| name));
    }
    found.sort_by_key(|(_, call)| module.line(*call));
    found
}
