//! One field: `title = models.CharField(max_length=200)`.

use ruff_python_ast::{Expr, ExprCall};
use serde_json::{Value, json};

use super::arguments::Reading;
use super::choices::{ChoiceClass, choice_class, pairs};
use super::module::{Module, django_name};
use super::values;
use crate::model::{
    Choices, Field, Kind, Kinds, PrimaryKey, UNKNOWN, check_field, choice_member, choices_class, default_fits,
    given_options,
};

/// What a field is read against.
pub(super) struct Ground<'g> {
    pub(super) app: &'g str,
    pub(super) kinds: &'g Kinds,
    /// The user model by its full name.
    pub(super) user: Option<&'g str>,
}

/// Whether a call makes a field, by its class: one of Django's, or one that is called so.
pub(super) fn is_field(module: &Module<'_>, call: &ExprCall) -> bool {
    let is_field_name = |name: &str| name.ends_with("Field") || name.ends_with("ForeignKey");
    match module.django_class(&call.func) {
        Some(class) => is_field_name(&class),
        None => module.full_name(&call.func).is_some_and(|full| is_field_name(&full)),
    }
}

/// Classes that are called as fields are and never stand in a form.
const NOT_IN_FORMS: [&str; 5] = [
    "AutoField",
    "BigAutoField",
    "BinaryField",
    "GeneratedField",
    "GenericForeignKey",
];

/// Reads a field; none if it is never in a form, which is noted where it could have been.
pub(super) fn read_field(ground: &Ground<'_>, name: &str, reading: &mut Reading<'_, '_>) -> Option<Field> {
    let class = reading.module.full_name(&reading.call.func).unwrap_or_default();
    let class = class.rsplit('.').next().unwrap_or_default();
    let is_made = ["default", "db_default"]
        .iter()
        .any(|name| reading.named(name).is_some());
    if NOT_IN_FORMS.contains(&class) || (reading.flag("primary_key") && is_made) {
        return None;
    }
    let editable = reading.named("editable");
    if editable.is_some_and(|value| values::boolean(reading.module, value) == Some(false)) {
        reading.note("is left out: it is not editable");
        return None;
    }
    if name.starts_with('_') {
        reading.note("is left out: templates can't use names that begin with an underscore");
        return None;
    }
    if reading.flag("primary_key") {
        return Some(unknown(reading)); // people choose the key
    }
    let class = reading.module.django_class(&reading.call.func);
    let has_choices = reading.named("choices").is_some();
    let found = class
        .as_deref()
        .and_then(|class| ground.kinds.of_class(class, has_choices));
    let Some((kind_name, kind)) = found else {
        return Some(unknown(reading));
    };
    if reading
        .call
        .arguments
        .keywords
        .iter()
        .any(|keyword| keyword.arg.is_none())
    {
        reading.note("has `**` arguments that can't be read");
    }
    let mut field = Field {
        kind: kind_name.to_owned(),
        null: reading.flag("null"),
        blank: reading.flag("blank"),
        unique: reading.flag("unique"),
        index: reading.flag("db_index"),
        auto_now: reading.flag("auto_now"),
        auto_now_add: reading.flag("auto_now_add"),
        max_length: reading.number("max_length"),
        max_digits: reading.number("max_digits"),
        decimal_places: reading.number("decimal_places"),
        help_text: reading.text("help_text"),
        ..Field::default()
    };
    let class = read_choices(name, &mut field, reading);
    if kind.relation {
        let Some(target) = read_target(ground, reading) else {
            return Some(unknown(reading));
        };
        field.to = Some(target);
        field.on_delete = kind.takes("on_delete").then(|| read_on_delete(reading)).flatten();
        field.related_name = read_related_name(ground, reading);
    }
    take_what_fits(&mut field, kind, reading);
    read_default(&mut field, kind, class.as_ref(), reading);
    match check_field(reading.place, name, &field, ground.kinds) {
        Ok(()) => Some(field),
        Err(error) => {
            let problem = error.to_string();
            let problem = problem
                .split_once("` ")
                .map_or(problem.as_str(), |(_, problem)| problem);
            reading.note(&format!("is only named in forms and the API: it {problem}"));
            Some(unknown(reading))
        }
    }
}

/// Reads whether a field is the key.
pub(super) fn read_key(ground: &Ground<'_>, name: &str, reading: &mut Reading<'_, '_>) -> Option<PrimaryKey> {
    if !reading.flag("primary_key") {
        return None;
    }
    let class = reading.module.django_class(&reading.call.func);
    let kind = class.as_deref().and_then(|class| ground.kinds.of_class(class, false));
    Some(PrimaryKey {
        name: name.to_owned(),
        kind: kind.map(|(name, _)| name.to_owned()),
    })
}

/// A field that generated code names and no more. A form wants an answer where a row would do without, so that a default
/// or NULL makes no difference to whether tests can fill it in.
fn unknown(reading: &mut Reading<'_, '_>) -> Field {
    Field {
        kind: UNKNOWN.to_owned(),
        null: reading.flag("null"),
        blank: reading.flag("blank"),
        ..Field::default()
    }
}

fn read_choices<'a>(name: &str, field: &mut Field, reading: &mut Reading<'a, '_>) -> Option<ChoiceClass<'a>> {
    let given = reading.named("choices").filter(|value| !value.is_none_literal_expr())?;
    let named = match given {
        Expr::Attribute(attribute) if attribute.attr.as_str() == "choices" => &attribute.value,
        other => other,
    };
    if let Some(class) = choice_class(reading.module, reading.lineage, named) {
        let as_made = class.name == choices_class(name)
            && is_nested(reading, class.name)
            && class
                .members
                .iter()
                .all(|(member, (value, _))| *member == choice_member(value));
        field.raw_choices = !as_made;
        field.choices = Some(Choices::Labelled(class.labels()));
        return Some(class);
    }
    match pairs(reading.module, given) {
        Some(pairs) => {
            field.raw_choices = true;
            field.choices = Some(Choices::Labelled(pairs));
        }
        None => reading.note("has choices that can't be read"),
    }
    None
}

/// Whether generated code finds the class of choices within the model.
fn is_nested(reading: &Reading<'_, '_>, name: &str) -> bool {
    let bodies = reading.lineage.iter().flat_map(|class| &class.body);
    bodies
        .filter_map(|statement| statement.as_class_def_stmt())
        .any(|nested| nested.name.as_str() == name)
}

/// `app.Model` or `self`.
fn read_target(ground: &Ground<'_>, reading: &mut Reading<'_, '_>) -> Option<String> {
    let target = reading.at("to", 0).and_then(|target| {
        let written = match target {
            Expr::Call(call) => reading.module.full_name(&call.func)?,
            other => values::text(reading.module, other).or_else(|| reading.module.full_name(other))?,
        };
        Some(match written.as_str() {
            "django.conf.settings.AUTH_USER_MODEL" | "django.contrib.auth.get_user_model" => ground.user?.to_owned(),
            "self" => written,
            name => match name.split_once(".models.").filter(|_| !target.is_string_literal_expr()) {
                // An app's label is the last part of its module.
                Some((app, class)) => {
                    let app = app
                        .rsplit('.')
                        .next()
                        .filter(|app| !app.is_empty())
                        .unwrap_or(ground.app);
                    format!("{app}.{}", class.rsplit('.').next().unwrap_or(class))
                }
                None if name.contains('.') => written,
                None => format!("{}.{name}", ground.app),
            },
        })
    });
    if target.is_none() {
        reading.note("is only named in forms and the API: its target can't be read");
    }
    target
}

fn read_on_delete(reading: &mut Reading<'_, '_>) -> Option<String> {
    let given = reading.at("on_delete", 1)?;
    let name = reading.module.full_name(given).and_then(|full| django_name(&full));
    if let Some("CASCADE" | "PROTECT" | "RESTRICT" | "SET_NULL") = name.as_deref() {
        return name.map(|name| name.to_lowercase());
    }
    reading.note("has an `on_delete` that djscaffold does not know; it is treated as `CASCADE`");
    None
}

fn read_related_name(ground: &Ground<'_>, reading: &mut Reading<'_, '_>) -> Option<String> {
    let name = reading.text("related_name")?;
    let class = reading
        .lineage
        .first()
        .map(|class| class.name.to_lowercase())
        .unwrap_or_default();
    Some(name.replace("%(class)s", &class).replace("%(app_label)s", ground.app))
}

/// Drops the options that the kind does not take.
fn take_what_fits(field: &mut Field, kind: &Kind, reading: &mut Reading<'_, '_>) {
    // Django makes an index for these without being asked.
    field.index = field.index && kind.takes("index") && !field.unique;
    for (option, is_given) in given_options(field) {
        if !is_given || kind.takes(option) {
            continue;
        }
        match option {
            "null" => field.null = false,
            "unique" => field.unique = false,
            "max_length" => field.max_length = None,
            "max_digits" => field.max_digits = None,
            "decimal_places" => field.decimal_places = None,
            "auto_now" => field.auto_now = false,
            "auto_now_add" => field.auto_now_add = false,
            "choices" => (field.choices, field.raw_choices) = (None, false),
            _ => continue,
        }
        reading.note(&format!(
            "has a `{option}`, which djscaffold ignores in this kind of field"
        ));
    }
}

fn read_default(field: &mut Field, kind: &Kind, class: Option<&ChoiceClass<'_>>, reading: &mut Reading<'_, '_>) {
    let Some(given) = reading.named("default").filter(|value| !value.is_none_literal_expr()) else {
        return;
    };
    let given = reading.module.returned(given).unwrap_or(given);
    let kind_of_default = kind.default.as_deref().unwrap_or_default();
    let value = default_value(kind_of_default, given, class, reading.module);
    match value.filter(|value| default_fits(field, kind, value)) {
        Some(value) if kind.default.is_some() => field.default = Some(value),
        _ => reading.note("has a default that can't be read; it is treated as having none"),
    }
}

fn default_value(
    kind_of_default: &str,
    given: &Expr,
    class: Option<&ChoiceClass<'_>>,
    module: &Module<'_>,
) -> Option<Value> {
    let full = module.full_name(given);
    let is_one_of = |names: &[&str]| full.as_deref().is_some_and(|full| names.contains(&full));
    match kind_of_default {
        "now" => is_one_of(&[
            "django.utils.timezone.now",
            "django.utils.timezone.localdate",
            "datetime.date.today",
            "datetime.datetime.now",
        ])
        .then(|| json!("now")),
        "uuid" => is_one_of(&["uuid.uuid4"]).then(|| json!("uuid4")),
        "seconds" => values::seconds(module, given).map(Value::from),
        "number" => values::decimal(module, given),
        "json" if is_one_of(&["dict"]) => Some(json!({})),
        "json" if is_one_of(&["list"]) => Some(json!([])),
        "choice" => match given {
            Expr::Attribute(attribute) if attribute.attr.as_str() == "value" => {
                default_value(kind_of_default, &attribute.value, class, module)
            }
            Expr::Attribute(attribute) => {
                let (value, _) = class?.members.get(attribute.attr.as_str())?;
                Some(json!(value))
            }
            other => values::json(module, other),
        },
        _ => values::json(module, given),
    }
}
