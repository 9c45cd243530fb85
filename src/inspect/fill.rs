//! What was read goes into the declaration, which holds pointers only.

use indexmap::IndexMap;

use super::{FoundModel, FoundModels, Note, read_models};
use crate::error::{Error, Result};
use crate::model::{App, Field, Kinds, Model, Provided, UNKNOWN, canonical, resolve};

/// Gives the declared models the fields that the code has: models in the declaration's order, fields in the code's.
///
/// # Errors
/// A `models.py` that is missing or no valid Python, a declared model that is not in the code, or a pointer to a field
/// that is gone.
pub fn fill(
    apps: IndexMap<String, App>,
    read: impl Fn(&str) -> Result<Option<String>>,
    kinds: &Kinds,
    provided: &Provided,
) -> Result<(IndexMap<String, App>, Vec<Note>)> {
    let mut filled = apps;
    let mut notes = Vec::new();
    for (app_name, app) in &mut filled {
        let path = path(app_name);
        let Some(source) = read(&path)? else {
            return Err(Error::input(format!(
                "`{path}` is missing; the models of `{app_name}` are read from it"
            ))
            .hint(format!(
                "restore it; models in a directory, `{app_name}/models/`, are not read"
            )));
        };
        let mut found = read_models(&path, &source, app_name, kinds, provided)?;
        for (class, model) in &mut app.models {
            let Some(read) = found.models.shift_remove(class) else {
                return Err(missing_model(&path, app_name, class, &found));
            };
            model.fields.clone_from(&read.fields);
            model.unordered = read.unordered;
            model.key.clone_from(&read.key);
            check_pointers(&path, class, model, &read, &found.notes)?;
        }
        let is_declared = |note: &Note| {
            let class = note.text.trim_start_matches('`').split(['.', '`']).next();
            class.is_some_and(|class| app.models.contains_key(class))
        };
        notes.extend(found.notes.into_iter().filter(is_declared));
        notes.extend(undeclared(&path, app_name, &found.models));
    }
    name_strangers(&mut filled, provided);
    check_not_empty(&filled)?;
    notes.sort_by(|one, other| (&one.path, one.line).cmp(&(&other.path, other.line)));
    Ok((canonical(&filled, kinds, provided), notes))
}

fn path(app: &str) -> String {
    format!("{app}/models.py")
}

fn missing_model(path: &str, app: &str, class: &str, found: &FoundModels) -> Error {
    let error = Error::input(format!(
        "`{path}` has no model `{class}`, which `djscaffold.toml` declares"
    ));
    let others: Vec<_> = found.models.keys().map(|name| format!("`{name}`")).collect();
    let error = error.hint(format!(
        "remove `[apps.{app}.models.{class}]`, or give the model its old name back"
    ));
    if others.is_empty() {
        error
    } else {
        error.hint(format!("undeclared models there: {}", others.join(", ")))
    }
}

fn check_pointers(path: &str, class: &str, model: &Model, read: &FoundModel, notes: &[Note]) -> Result<()> {
    let public = model.public.as_ref();
    let pointers = [
        ("owner", model.owner.as_ref()),
        ("label", model.label.as_ref()),
        ("slug", model.slug.as_ref()),
        ("public", public.map(|public| &public.field)),
        ("public", public.and_then(|public| public.since.as_ref())),
    ];
    for (pointer, field) in pointers {
        let Some(field) = field.filter(|field| !read.fields.contains_key(*field)) else {
            continue;
        };
        let error = Error::input(format!(
            "`{path}` line {}: `{class}` has no field `{field}`, which its `{pointer}` in `djscaffold.toml` names",
            read.line
        ));
        let place = format!("`{class}.{field}` ");
        return Err(match notes.iter().find(|note| note.text.starts_with(&place)) {
            Some(note) => error.hint(note.to_string()),
            None => error.hint("use the field's current name, or remove the entry"),
        });
    }
    Ok(())
}

/// What to declare so that a model which is in the code gets pages, too.
fn undeclared<'a>(
    path: &'a str,
    app: &'a str,
    models: &'a IndexMap<String, FoundModel>,
) -> impl Iterator<Item = Note> + 'a {
    models.iter().map(move |(class, model)| Note {
        path: path.to_owned(),
        line: model.line,
        text: format!(
            "`{class}` is not declared; for its pages, forms and API put `[apps.{app}.models.{class}]` into \
             `djscaffold.toml` and run `djscaffold sync`"
        ),
    })
}

/// Relations to models that are not declared are only named, as are fields of kinds that are not known.
fn name_strangers(apps: &mut IndexMap<String, App>, provided: &Provided) {
    let declared = apps.clone();
    for (app_name, app) in apps {
        for (class, model) in &mut app.models {
            for field in model.fields.values_mut() {
                let Some(target) = field.to.take() else { continue };
                field.to = known_target(&declared, provided, app_name, class, &target);
                if field.to.is_none() {
                    *field = Field {
                        kind: UNKNOWN.to_owned(),
                        null: field.null,
                        blank: field.blank,
                        ..Field::default()
                    };
                }
            }
        }
    }
}

/// The target's full name; Django finds it whatever its case.
fn known_target(
    apps: &IndexMap<String, App>,
    provided: &Provided,
    app: &str,
    class: &str,
    target: &str,
) -> Option<String> {
    resolve(apps, provided, app, class, target).or_else(|| {
        let own = apps
            .iter()
            .flat_map(|(app, declared)| declared.models.keys().map(move |model| format!("{app}.{model}")));
        own.chain(provided.keys().cloned())
            .find(|full| full.eq_ignore_ascii_case(target))
    })
}

fn check_not_empty(apps: &IndexMap<String, App>) -> Result<()> {
    for (app_name, app) in apps {
        if let Some((class, _)) = app.models.iter().find(|(_, model)| model.fields.is_empty()) {
            return Err(Error::input(format!(
                "`{}`: `{class}` has no field that djscaffold can read",
                path(app_name)
            ))
            .hint(format!(
                "give it one, or remove `[apps.{app_name}.models.{class}]` from `djscaffold.toml`"
            )));
        }
    }
    Ok(())
}
