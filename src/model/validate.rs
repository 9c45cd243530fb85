//! Whether declared models can become Django models, told by the name of what can't.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use indexmap::IndexMap;
use ruff_python_stdlib::identifiers::is_identifier;
use serde_json::Value;

use super::{App, Field, Kind, Kinds, Model, UNKNOWN};
use crate::error::{Error, Result};

/// Models that are there besides the apps' own, by `app.Model` → names that must not be taken on them.
pub type Provided = BTreeMap<String, ProvidedTarget>;

/// What a relation has to know of a model that a component brings.
#[derive(Debug, Clone, Default)]
pub struct ProvidedTarget {
    /// Whether it is the user model.
    pub user: bool,
    /// Attribute names it has already.
    pub fields: Vec<String>,
}

/// Attributes of every Django model.
const MODEL_ATTRIBUTES: &[&str] = &[
    "adelete",
    "arefresh_from_db",
    "asave",
    "check",
    "clean",
    "clean_fields",
    "date_error_message",
    "delete",
    "from_db",
    "full_clean",
    "get_absolute_url",
    "get_constraints",
    "get_deferred_fields",
    "id",
    "objects",
    "pk",
    "prepare_database_save",
    "refresh_from_db",
    "save",
    "save_base",
    "serializable_value",
    "unique_error_message",
    "validate_constraints",
    "validate_unique",
];

/// First arguments of methods: `Model(self=…)` is an error of Python's.
const METHOD_ARGUMENTS: &[&str] = &["cls", "self"];

/// The class within a model that is none.
const RESERVED: &[&str] = &["Meta"];

/// The key under which the `toml` crate hands a moment in time to other formats.
const MOMENT: &str = "$__toml_private_datetime";

const ON_DELETE: &[&str] = &["cascade", "protect", "restrict", "set_null"];

/// Checks all apps' models against each other, the kinds and the models that components bring.
///
/// # Errors
/// The first thing that does not fit, by app, model and field, with the way out.
pub fn validate_apps(apps: &IndexMap<String, App>, kinds: &Kinds, provided: &Provided) -> Result<()> {
    for (app_name, app) in apps {
        let mut seen = BTreeMap::new();
        for (name, model) in &app.models {
            let place = format!("{app_name}.{name}");
            // What Django has taken is right as it is.
            if model.is_read {
                check_pointers(&place, app_name, model, apps, kinds, provided)?;
                continue;
            }
            check_model_name(&place, name, kinds, provided)?;
            if let Some(other) = seen.insert(name.to_lowercase(), name) {
                return Err(Error::input(format!(
                    "`{app_name}.{other}` and `{place}` would have the same table: Django ignores case there"
                )));
            }
            if let Some(other) = kinds.taken.named_after(name, app.models.keys()) {
                return Err(Error::input(format!(
                    "the model name `{place}` is also the name of a class generated for `{app_name}.{other}`"
                ))
                .hint("give one of the two another name"));
            }
            if model.fields.is_empty() {
                return Err(Error::input(format!("the model `{place}` has no fields"))
                    .hint(format!("give it some under `[apps.{app_name}.models.{name}.fields]`")));
            }
            for (field_name, field) in &model.fields {
                let column = format!("{field_name}_id");
                if field.to.is_some() && model.fields.contains_key(&column) {
                    return Err(Error::input(format!(
                        "the field `{place}.{column}` has the name of the column of `{place}.{field_name}`"
                    )));
                }
                check_field(&format!("{place}.{field_name}"), field_name, field, kinds)?;
            }
            check_pointers(&place, app_name, model, apps, kinds, provided)?;
        }
    }
    check_relations(apps, kinds, provided)
}

/// The full name of a relation's target, `app.Model`; none if there is no such model.
#[must_use]
pub fn resolve(
    apps: &IndexMap<String, App>,
    provided: &Provided,
    app: &str,
    model: &str,
    target: &str,
) -> Option<String> {
    let full = match target.split_once('.') {
        _ if target == "self" => format!("{app}.{model}"),
        Some(_) => target.to_owned(),
        None => format!("{app}.{target}"),
    };
    let (target_app, target_model) = full.split_once('.')?;
    let own = apps
        .get(target_app)
        .is_some_and(|app| app.models.contains_key(target_model));
    (own || provided.contains_key(&full)).then_some(full)
}

fn check_model_name(place: &str, name: &str, kinds: &Kinds, provided: &Provided) -> Result<()> {
    let is_provided = provided.keys().any(|full| full.rsplit('.').next() == Some(name));
    let problem = if !is_identifier(name) {
        "is not a Python identifier"
    } else if !name.is_ascii() || !name.starts_with(|first: char| first.is_ascii_uppercase()) || name.contains('_') {
        "is not in CapWords: letters and digits, the first a capital"
    } else if is_provided
        || RESERVED.contains(&name)
        || kinds.taken.hides(name)
        || ruff_python_stdlib::builtins::is_python_builtin(name, 14, false)
    {
        "would hide a name that the generated code needs"
    } else {
        return Ok(());
    };
    Err(Error::input(format!("the model name `{place}` {problem}")).hint("use a singular noun, such as `BlogPost`"))
}

/// Checks one field by itself.
///
/// # Errors
/// What does not fit, with the field's place.
pub(super) fn check_field(place: &str, name: &str, field: &Field, kinds: &Kinds) -> Result<()> {
    // It is named where it stands in the code, and nothing is made of it.
    if field.kind == UNKNOWN {
        return Ok(());
    }
    let refuse = |problem: String| Err(Error::input(format!("the field `{place}` {problem}")));
    if !is_identifier(name) || !name.is_ascii() || name != name.to_lowercase() {
        return refuse("has a name that is not a lowercase Python identifier".to_owned());
    }
    if name.starts_with('_') || name.ends_with('_') || name.contains("__") {
        return refuse("has a name with an underscore where Django's lookups don't allow one".to_owned());
    }
    if METHOD_ARGUMENTS.contains(&name) {
        return refuse("has the name of a method's first argument in Python".to_owned());
    }
    if MODEL_ATTRIBUTES.contains(&name) {
        return refuse(format!("would hide Django's own `{name}`"));
    }
    if kinds.taken.attributes.contains(name) {
        return refuse(format!("would hide the `{name}` that the generated code uses"));
    }
    let Some(kind) = kinds.get(&field.kind) else {
        let known: Vec<_> = kinds.declarable().map(|(name, _)| name).collect();
        return Err(
            Error::input(format!("the field `{place}` has the unknown kind `{}`", field.kind))
                .hint(format!("kinds: {}", known.join(", "))),
        );
    };
    for (option, given) in given_options(field) {
        if given && !kind.takes(option) {
            return refuse(format!("is of kind `{}`, which takes no `{option}`", field.kind));
        }
        if !given && kind.requires.iter().any(|required| required == option) {
            return refuse(format!("is of kind `{}`, which needs `{option}`", field.kind));
        }
    }
    check_values(place, field, kind)
}

/// Each option that only some kinds take, and whether the field has it.
fn given_options(field: &Field) -> [(&'static str, bool); 13] {
    [
        ("null", field.null),
        ("unique", field.unique),
        ("index", field.index),
        ("default", field.default.is_some()),
        ("max_length", field.max_length.is_some()),
        ("max_digits", field.max_digits.is_some()),
        ("decimal_places", field.decimal_places.is_some()),
        ("auto_now_add", field.auto_now_add),
        ("auto_now", field.auto_now),
        ("choices", field.choices.is_some()),
        ("to", field.to.is_some()),
        ("on_delete", field.on_delete.is_some()),
        ("related_name", field.related_name.is_some()),
    ]
}

fn check_values(place: &str, field: &Field, kind: &Kind) -> Result<()> {
    let refuse = |problem: &str| Err(Error::input(format!("the field `{place}` {problem}")));
    if field.max_length == Some(0) || field.max_digits == Some(0) {
        return refuse("has a length of 0");
    }
    if field.decimal_places > field.max_digits {
        return refuse("has more `decimal_places` than `max_digits`");
    }
    let automatic =
        usize::from(field.auto_now) + usize::from(field.auto_now_add) + usize::from(field.default.is_some());
    if automatic > 1 {
        return refuse("can have only one of `auto_now`, `auto_now_add` and `default`");
    }
    if field.unique && field.index {
        return refuse("is unique, so it has an index already: leave `index` out");
    }
    if let Some(on_delete) = &field.on_delete {
        if !ON_DELETE.contains(&on_delete.as_str()) {
            return Err(
                Error::input(format!("the field `{place}` has the unknown `on_delete` `{on_delete}`"))
                    .hint(format!("it can be {}", ON_DELETE.join(", "))),
            );
        }
        if on_delete == "set_null" && !field.null {
            return refuse("sets NULL on delete, so it needs `null = true`");
        }
    }
    if let Some(choices) = &field.choices {
        check_choices(place, field, &choices.labelled())?;
    }
    if let (Some(value), Some(kind_of_default)) = (&field.default, &kind.default)
        && !default_fits(field, kind, value)
    {
        return Err(unfit_default(place, kind_of_default, value));
    }
    Ok(())
}

fn check_choices(place: &str, field: &Field, choices: &[(String, String)]) -> Result<()> {
    let refuse = |problem: String| Err(Error::input(format!("the field `{place}` {problem}")));
    if choices.is_empty() {
        return refuse("has no choices".to_owned());
    }
    let mut members = BTreeSet::new();
    for (value, _) in choices {
        let member = if field.raw_choices {
            value.clone()
        } else {
            super::choice_member(value)
        };
        if !field.raw_choices && !is_identifier(&member) {
            return refuse(format!(
                "has the choice `{value}`, which can't be made into a Python name"
            ));
        }
        if !members.insert(member) {
            return refuse(format!("has the choice `{value}` twice"));
        }
        let longest = field.max_length.map_or(usize::MAX, |length| length as usize);
        if value.chars().count() > longest {
            return refuse(format!(
                "has the choice `{value}`, which is longer than its `max_length`"
            ));
        }
    }
    Ok(())
}

/// Whether a field can have the default, given the type of default that its kind takes.
pub(super) fn default_fits(field: &Field, kind: &Kind, value: &Value) -> bool {
    match kind.default.as_deref().unwrap_or_default() {
        "integer" | "seconds" => value
            .as_i64()
            .is_some_and(|number| kind.minimum.is_none_or(|minimum| number >= minimum)),
        "float" => value.is_number(),
        "number" => match value {
            Value::Number(number) => decimal_fits(field, &number.to_string()),
            _ => value.as_str().is_some_and(|text| decimal_fits(field, text)),
        },
        "boolean" => value.is_boolean(),
        "now" => value.as_str() == Some("now"),
        "uuid" => value.as_str() == Some("uuid4"),
        "json" => (value.is_object() || value.is_array()) && !holds_moment(value),
        "choice" => value.as_str().is_some_and(|text| {
            field
                .choices
                .as_ref()
                .is_some_and(|choices| choices.labelled().iter().any(|(choice, _)| choice == text))
        }),
        "address" => value.as_str().is_some_and(|text| text.parse::<IpAddr>().is_ok()),
        _ => value.as_str().is_some_and(|text| {
            let length = text.chars().count();
            let is_short = field.max_length.is_none_or(|longest| length <= longest as usize);
            is_short && (text.is_empty() || is_written_as(kind, text))
        }),
    }
}

/// Whether a text is what its kind takes, as far as that can be told by its signs.
fn is_written_as(kind: &Kind, text: &str) -> bool {
    match kind.written_as.as_deref() {
        Some("email") => text.rsplit_once('@').is_some_and(|(user, domain)| {
            !user.is_empty() && (domain.contains('.') || domain == "localhost") && !text.contains(char::is_whitespace)
        }),
        Some("slug") => text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
        Some("url") => text.split_once("://").is_some_and(|(scheme, rest)| {
            ["http", "https", "ftp", "ftps"].contains(&scheme.to_ascii_lowercase().as_str())
                && !rest.is_empty()
                && !text.contains(char::is_whitespace)
        }),
        _ => true,
    }
}

/// TOML has a type for moments in time, JSON has none.
fn holds_moment(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.iter().any(|(key, entry)| key == MOMENT || holds_moment(entry)),
        Value::Array(values) => values.iter().any(holds_moment),
        _ => false,
    }
}

fn unfit_default(place: &str, kind_of_default: &str, value: &Value) -> Error {
    let wanted = wanted_default(kind_of_default);
    Error::input(format!(
        "the field `{place}` has the default {value}; it takes {wanted}"
    ))
}

/// What a default must be, given the type of default that a kind takes.
pub(crate) fn wanted_default(kind_of_default: &str) -> &'static str {
    match kind_of_default {
        "integer" => "a whole number (of the right sign)",
        "seconds" => "a whole number of seconds",
        "float" => "a number",
        "number" => "a number with no more digits than the field has, or such a decimal in quotes",
        "address" => "an IP address",
        "boolean" => "true or false",
        "now" => "\"now\"",
        "uuid" => "\"uuid4\"",
        "json" => "a table or a list",
        "choice" => "one of its choices",
        _ => "a valid value for this kind of field",
    }
}

/// Whether the text is a decimal, and has no more digits than the field takes.
fn decimal_fits(field: &Field, text: &str) -> bool {
    if !is_decimal(text) {
        return false;
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let Ok(exponent) = exponent.parse::<i64>() else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let behind_point = (length(fraction) - exponent).max(0);
    let before_point = (length(significant) + exponent - length(fraction)).max(0);
    let places = field.decimal_places.map_or(behind_point, i64::from);
    let digits = field.max_digits.map_or(i64::MAX, i64::from);
    significant.is_empty() || behind_point <= places && before_point <= digits - places
}

/// Whether Python's `Decimal` takes the text: `-1`, `.5`, `1e-3`.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    [whole, fraction, exponent].into_iter().all(is_digits)
        && !(whole.is_empty() && fraction.is_empty())
        && !exponent.is_empty()
}

fn check_pointers(
    place: &str,
    app_name: &str,
    model: &Model,
    apps: &IndexMap<String, App>,
    kinds: &Kinds,
    provided: &Provided,
) -> Result<()> {
    let field = |pointer: &str, name: &str| {
        model.fields.get(name).ok_or_else(|| {
            Error::input(format!(
                "the `{pointer}` of `{place}` is `{name}`, but there is no such field"
            ))
        })
    };
    let misfit = |pointer: &str, name: &str, wanted: &str| {
        Err(Error::input(format!(
            "the `{pointer}` of `{place}` is `{name}`, which is not {wanted}"
        )))
    };
    let can_be = |field: &Field, pointer: &str| kinds.get(&field.kind).is_some_and(|kind| kind.can_be(pointer));
    if let Some(name) = &model.owner {
        let owner = field("owner", name)?;
        let to_user = owner.to.as_deref().is_some_and(|target| {
            resolve(apps, provided, app_name, "", target)
                .is_some_and(|full| provided.get(&full).is_some_and(|target| target.user))
        });
        if !to_user || !can_be(owner, "owner") {
            return misfit("owner", name, "a foreign key to the user model");
        }
    }
    if let Some(name) = &model.label
        && !can_be(field("label", name)?, "label")
    {
        return misfit("label", name, "a text field");
    }
    if let Some(name) = &model.slug {
        if model.label.is_none() || model.label.as_ref() == Some(name) {
            return Err(Error::input(format!(
                "`{place}` has a `slug` but no `label` to make it from"
            )));
        }
        let slug = field("slug", name)?;
        if !can_be(slug, "slug") || slug.null {
            return misfit("slug", name, "a slug that can't be NULL");
        }
        if !slug.unique {
            let not_unique = misfit("slug", name, "unique");
            return not_unique.map_err(|error| error.hint(format!("write `{name}:slug!` (`unique=True` in Django)")));
        }
    }
    if let Some(public) = &model.public {
        let state = field("public", &public.field)?;
        let fits = can_be(state, "public")
            && match &public.value {
                None => state.choices.is_none() && !state.null,
                Some(value) => {
                    let choices = state.choices.as_ref().map(super::Choices::labelled).unwrap_or_default();
                    choices.iter().any(|(choice, _)| choice == value)
                }
            };
        if !fits {
            return misfit("public", &public.field, "a boolean, or a choice with that value");
        }
        if let Some(name) = &public.since {
            let since = field("public", name)?;
            if !can_be(since, "since") || !since.null || !since.blank {
                return misfit("public", name, "a datetime with `null = true` and `blank = true`");
            }
        }
    }
    Ok(())
}

/// Every relation has a target, and no two give the target the same attribute.
fn check_relations(apps: &IndexMap<String, App>, kinds: &Kinds, provided: &Provided) -> Result<()> {
    let mut attributes: BTreeMap<(String, String), String> = BTreeMap::new();
    for (app_name, app) in apps {
        for (model_name, model) in &app.models {
            for field in model.fields.keys() {
                let place = format!("{app_name}.{model_name}.{field}");
                attributes.insert((format!("{app_name}.{model_name}"), field.clone()), place);
            }
        }
    }
    for (name, target) in provided {
        for field in &target.fields {
            attributes.insert((name.clone(), field.clone()), format!("{name}.{field}"));
        }
    }
    for (app_name, app) in apps {
        for (model_name, model) in app.models.iter().filter(|(_, model)| !model.is_read) {
            for (field_name, field) in &model.fields {
                if !kinds.get(&field.kind).is_some_and(|kind| kind.relation) {
                    continue;
                }
                let place = format!("{app_name}.{model_name}.{field_name}");
                let target = field.to.as_deref().unwrap_or_default();
                let Some(full) = resolve(apps, provided, app_name, model_name, target) else {
                    return Err(unknown_target(&place, target, apps, provided));
                };
                let accessor = match &field.related_name {
                    // Django's way to have no name on the target.
                    Some(name) if name.ends_with('+') => continue,
                    Some(name) if !is_identifier(name) => {
                        return Err(Error::input(format!(
                            "the `related_name` of `{place}` is not a Python identifier"
                        )));
                    }
                    Some(name) => name.clone(),
                    None if field.kind == "many_to_many" && full == format!("{app_name}.{model_name}") => continue,
                    None if field.kind == "one_to_one" => model_name.to_lowercase(),
                    None => format!("{}_set", model_name.to_lowercase()),
                };
                if let Some(other) = attributes.insert((full.clone(), accessor.clone()), place.clone()) {
                    return Err(
                        Error::input(format!("`{place}` and `{other}` would both be `{full}`'s `{accessor}`"))
                            .hint(format!("give `{place}` another `related_name`")),
                    );
                }
                // The query name is `related_name`, or without one the model's own; it must not be a field either.
                let query = field.related_name.clone().unwrap_or_else(|| model_name.to_lowercase());
                if query != accessor
                    && let Some(other) = attributes.insert((full.clone(), query.clone()), place.clone())
                {
                    return Err(Error::input(format!(
                        "`{place}` and `{other}` would both be `{full}`'s `{query}` in queries"
                    ))
                    .hint(format!("give `{place}` a `related_name`")));
                }
            }
        }
    }
    Ok(())
}

fn unknown_target(place: &str, target: &str, apps: &IndexMap<String, App>, provided: &Provided) -> Error {
    let mut known: Vec<String> = apps
        .iter()
        .flat_map(|(app, declared)| declared.models.keys().map(move |model| format!("{app}.{model}")))
        .collect();
    known.extend(provided.keys().cloned());
    let users = provided.iter().filter(|(_, model)| model.user);
    // As Django's own is called.
    let users = users.flat_map(|(name, _)| ["User", "auth.User"].map(|called| (called, name.as_str())));
    let names = known.iter().flat_map(|name| {
        let model = name.split_once('.').map_or(name.as_str(), |(_, model)| model);
        [name.as_str(), model].map(|called| (called, name.as_str()))
    });
    Error::input(format!(
        "the field `{place}` points at `{target}`, which does not exist"
    ))
    .did_you_mean(target, names.chain(users))
    .hint(format!("models: {}, or `self`", known.join(", ")))
}
