//! What Django told goes into the declaration, which holds pointers only.

use indexmap::IndexMap;

use super::module::line_of_class;
use super::{FoundModel, FoundModels, Note, Snapshot};
use crate::error::{Error, Result};
use crate::model::{App, Kinds, Model, Provided, canonical, resolve};

/// Gives the declared models the fields that the code has: models in the declaration's order, fields in the code's.
/// `read` gives the text of a file, for the lines in messages; `is_new` tells of a model whether it was not there before.
///
/// # Errors
/// An app or a model that is declared is not in the code, or a pointer names a field that is gone: all that is so at once.
pub fn fill(
    apps: IndexMap<String, App>,
    snapshot: &Snapshot,
    read: impl Fn(&str) -> Option<String>,
    is_new: impl Fn(&str, &str) -> bool,
    kinds: &Kinds,
    provided: &Provided,
) -> Result<(IndexMap<String, App>, Vec<Note>)> {
    let mut filled = apps;
    let mut notes = Vec::new();
    let mut problems: Vec<Error> = Vec::new();
    let line = |path: &str, class: &str| read(path).map_or(1, |text| line_of_class(&text, class));
    for (app_name, app) in &mut filled {
        let Some(mut found) = snapshot.models(app_name, kinds) else {
            problems.push(missing_app(app_name));
            continue;
        };
        app.place(
            snapshot
                .app(app_name)
                .map(|seen| (seen.name.as_str(), seen.entry.as_deref())),
        );
        let mut refused = Vec::new();
        for (class, model) in &mut app.models {
            let Some(read) = found.shift_remove(class) else {
                problems.push(missing_model(app_name, class, &found));
                continue;
            };
            if let Some(refusal) = read.refusal {
                refused.push(class.clone());
                let text = format!("`{class}` {refusal}: it gets no pages and no API");
                notes.push(note(&read, line(&read.path, class), text));
                continue;
            }
            let fields = read.model.fields.iter();
            let unfilled: Vec<&str> = fields
                .filter(|(_, field)| field.is_unfilled)
                .map(|(name, _)| name.as_str())
                .collect();
            if is_new(app_name, class) && !unfilled.is_empty() {
                let text = format!(
                    "no form can fill in `{class}.{}`: unless your code sets it, no row can be created",
                    unfilled.join(&format!("`, `{class}."))
                );
                notes.push(note(&read, line(&read.path, class), text));
            }
            problems.extend(lost_pointers(&read, || line(&read.path, class), class, model));
            *model = Model {
                owner: model.owner.take(),
                label: model.label.take(),
                slug: model.slug.take(),
                public: model.public.take(),
                plural: model.plural.take(),
                ..read.model
            };
        }
        app.models.retain(|class, _| !refused.contains(class));
        notes.extend(undeclared(&found, app_name, true, line));
    }
    for (label, _) in snapshot.apps().filter(|(label, _)| !filled.contains_key(*label)) {
        let found = snapshot.models(label, kinds).unwrap_or_default();
        notes.extend(undeclared(&found, label, false, line));
    }
    if let Some(error) = Error::all(problems) {
        return Err(error);
    }
    mark_foreign(&mut filled, provided);
    inherit_rules(&mut filled);
    notes.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    Ok((canonical(&filled, kinds, provided), notes))
}

fn missing_app(app: &str) -> Error {
    Error::input(format!("Django has no app `{app}`, which `djscaffold.toml` declares")).hint(format!(
        "add it to `INSTALLED_APPS`, or remove `[apps.{app}]` from `djscaffold.toml`"
    ))
}

fn missing_model(app: &str, class: &str, others: &FoundModels) -> Error {
    let error = Error::input(format!(
        "Django has no model `{app}.{class}`, which `djscaffold.toml` declares"
    ))
    .hint(format!(
        "rename `[apps.{app}.models.{class}]` as the model was renamed, or remove it"
    ));
    let others: Vec<_> = others.keys().map(|name| format!("`{name}`")).collect();
    if others.is_empty() {
        error
    } else {
        error.hint(format!("undeclared models there: {}", others.join(", ")))
    }
}

fn lost_pointers(read: &FoundModel, line: impl Fn() -> usize, class: &str, model: &Model) -> Vec<Error> {
    let public = model.public.as_ref();
    let pointers = [
        ("owner", model.owner.as_ref()),
        ("label", model.label.as_ref()),
        ("slug", model.slug.as_ref()),
        ("public", public.map(|public| &public.field)),
        ("public", public.and_then(|public| public.since.as_ref())),
    ];
    let lost = pointers
        .into_iter()
        .filter_map(|(pointer, field)| Some((pointer, field?)))
        .filter(|(_, field)| !read.model.fields.contains_key(*field));
    lost.map(|(pointer, field)| {
        Error::input(format!(
            "`{}` line {}: `{class}` has no field `{field}`, which its `{pointer}` in `djscaffold.toml` names",
            read.path,
            line()
        ))
        .hint("use the field's current name, or remove the entry")
    })
    .collect()
}

/// What to run so that models which are in the code get pages, too.
fn undeclared(models: &FoundModels, app: &str, is_declared: bool, line: impl Fn(&str, &str) -> usize) -> Option<Note> {
    let (first, model) = models.first()?;
    let names: Vec<String> = models.keys().map(|name| format!("`{name}`")).collect();
    let is = if names.len() == 1 { "is" } else { "are" };
    let before = if is_declared {
        String::new()
    } else {
        format!("`djscaffold add app {app}` and ")
    };
    let each = if names.len() == 1 { "" } else { ", and so on" };
    let text = format!(
        "{} {is} not declared; for pages, forms and API run {before}`djscaffold add model {app}.{first}`{each}",
        names.join(", ")
    );
    Some(note(model, line(&model.path, first), text))
}

fn note(model: &FoundModel, line: usize, text: String) -> Note {
    Note {
        path: model.path.clone(),
        line,
        text,
    }
}

/// Who may see the rows of a parent may see those of its children and proxies, unless these say something of their own.
fn inherit_rules(apps: &mut IndexMap<String, App>) {
    let declared = apps.clone();
    let parent = |label: &String| {
        let (app, class) = label.split_once('.')?;
        declared.get(app)?.models.get(class)
    };
    for model in apps.values_mut().flat_map(|app| app.models.values_mut()) {
        if model.owner.is_some() || model.public.is_some() {
            continue;
        }
        let rules = model.parents.iter().filter_map(parent);
        if let Some(rules) = rules
            .into_iter()
            .find(|parent| parent.owner.is_some() || parent.public.is_some())
        {
            model.owner.clone_from(&rules.owner);
            model.public.clone_from(&rules.public);
        }
    }
}

/// Relations to models that are not declared: there is nothing to link to, and nobody who knows who may see what.
fn mark_foreign(apps: &mut IndexMap<String, App>, provided: &Provided) {
    let declared = apps.clone();
    for (app_name, app) in apps {
        for (class, model) in &mut app.models {
            for field in model.fields.values_mut() {
                let to = field.to.as_deref();
                field.is_foreign = to.is_some_and(|to| resolve(&declared, provided, app_name, class, to).is_none());
                field.is_narrow |= field.is_foreign;
            }
        }
    }
}
