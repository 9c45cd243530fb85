//! One field as templates see it: in the model, its migration, the factory and on pages.

use serde::Serialize;
use serde_json::Value;

use super::placeholders::placeholders;
use super::scope::{Place, Scope, Target, column, flag};
use crate::error::Result;
use crate::model::{Choices, Field, Kind, choice_member, choices_class, sentence_case};
use crate::render::helpers::python_literal;
use crate::render::quoting;

/// One field with its surroundings.
pub(super) struct FieldView<'a> {
    pub(super) place: Place<'a>,
    /// What modules call its model.
    pub(super) called: String,
    pub(super) name: &'a str,
    pub(super) field: &'a Field,
    pub(super) kind: &'a Kind,
    pub(super) target: Option<Target<'a>>,
    /// Whether there are objects that not everybody may choose.
    pub(super) is_offered: bool,
    /// Whether only who may view the target may view a row.
    pub(super) encloses: bool,
}

/// What templates see of a field.
#[derive(Debug, Clone, Serialize)]
pub(super) struct FieldContext {
    name: String,
    label: String,
    many: bool,
    /// Whether it is a relation to many that can be set.
    settable: bool,
    /// Whether it holds a file that people upload.
    media: bool,
    /// `models.CharField(max_length=200)`
    definition: String,
    default_function: Option<DefaultFunction>,
    /// How a page shows it.
    display: String,
    /// What a page asks before it shows it.
    condition: Option<String>,
    /// What a factory gives it.
    factory: Option<String>,
    /// Whether people fill it in.
    in_form: bool,
    /// Whether the program fills it in.
    automatic: bool,
    is_label: bool,
    is_slug: bool,
    prose: bool,
    /// Whether a template can name it.
    shown: bool,
    pub(super) address: bool,
    auto_now: bool,
    /// Whether it takes a script.
    script: bool,
    /// Whether searches look into it and it takes the word `Needle`.
    needle: bool,
    /// Whether a form has less than the row: no NULL of a text, no microseconds of a moment.
    rounded: bool,
    filter: bool,
    widget: Option<String>,
    /// Whether its form shows a widget of ours.
    asks_widget: bool,
    lookups: Vec<String>,
    /// Whether lists of the API can be ordered by it.
    orders: bool,
    /// Its field in the serializer, where that of Django REST framework does not do.
    serializer: Option<String>,
    /// A filter that no row of a factory passes, as an entry of a Python dictionary.
    misses: Option<String>,
    /// Whether lists can be ordered by it and no two rows of a factory have the same.
    varies: bool,
}

impl FieldContext {
    /// Whether its factory asks the field for a value.
    pub(super) fn asks_value(&self) -> bool {
        self.factory
            .as_ref()
            .is_some_and(|factory| factory.contains("value_of("))
    }
}

/// The function that makes a default which can be changed in place.
#[derive(Debug, Clone, Serialize)]
pub(super) struct DefaultFunction {
    name: String,
    returns: &'static str,
    /// What it returns; none if it is Python's own.
    body: Option<String>,
}

/// The script that generated tests try to smuggle in, in characters.
const SCRIPT: u32 = 25;

/// For whom the arguments of a field are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader<'a> {
    /// `models.py`, where these classes stand further up.
    Model { defined: &'a [&'a str] },
    /// A migration, which knows no class of the app.
    Migration,
}

impl<'a> FieldView<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, place: Place<'a>, name: &'a str, field: &'a Field) -> Result<Self> {
        let kind = scope.kind(field)?;
        let target = if kind.relation {
            Some(scope.target(&place, field)?)
        } else {
            None
        };
        let is = |is_so: &dyn Fn(&Target<'_>) -> bool| target.as_ref().is_some_and(is_so);
        Ok(Self {
            called: scope.called(place.app, place.class).to_owned(),
            is_offered: is(&|target| scope.is_guarded(target)),
            encloses: is(&|target| scope.encloses(place.model, field, target)),
            place,
            name,
            field,
            kind,
            target,
        })
    }

    /// What templates see of it.
    pub(super) fn context(&self, defined: &[&str]) -> FieldContext {
        FieldContext {
            name: self.name.to_owned(),
            label: self.label(),
            many: self.is_many(),
            settable: self.is_many() && !self.field.read_only,
            media: self.kind.media,
            definition: self.definition(Reader::Model { defined }),
            default_function: self.default_function(),
            display: self.display(),
            condition: self.condition(),
            factory: self.factory(defined),
            in_form: self.in_form(),
            automatic: !self.in_form(),
            is_label: self.is_label(),
            is_slug: self.is_slug(),
            prose: self.is("prose") && !self.is_label() && self.is_shown(),
            shown: self.is_shown(),
            address: self.is("address"),
            auto_now: self.field.auto_now || self.field.read_only,
            script: self.is_script(),
            needle: self.is("search") && !self.is_slug() && self.takes_text(6),
            rounded: (self.is("instant") && self.field.default.is_some())
                || (self.is("large") && self.is_text() && self.field.null),
            filter: self.is("filter"),
            widget: column(self.kind, "widget").map(str::to_owned),
            asks_widget: self.in_form() && column(self.kind, "widget").is_some(),
            lookups: self.lookups(),
            orders: self.is("indexable"),
            serializer: column(self.kind, "read-only")
                .filter(|_| self.field.read_only)
                .map(str::to_owned),
            misses: self.misses(),
            varies: self.is("indexable") && self.varies(defined),
        }
    }

    pub(super) fn label(&self) -> String {
        sentence_case(self.name)
    }

    /// Filled by the program, not by people.
    pub(super) fn is_automatic(&self) -> bool {
        let model = self.place.model;
        let is = |pointer: &Option<String>| pointer.as_deref() == Some(self.name);
        let since = model.public.as_ref().is_some_and(|public| is(&public.since));
        self.field.read_only || self.field.auto_now || self.field.auto_now_add || is(&model.slug) || since
    }

    pub(super) fn is_owner(&self) -> bool {
        self.place.model.owner.as_deref() == Some(self.name)
    }

    pub(super) fn in_form(&self) -> bool {
        !self.is_automatic() && !self.is_owner()
    }

    pub(super) fn is(&self, column: &str) -> bool {
        flag(self.kind, column)
    }

    pub(super) fn is_text(&self) -> bool {
        self.kind.default.as_deref() == Some("string")
    }

    /// Whether a template can name it.
    pub(super) fn is_shown(&self) -> bool {
        !self.name.starts_with('_')
    }

    /// A text that can hold a script tag.
    pub(super) fn is_script(&self) -> bool {
        self.in_form() && self.takes_text(SCRIPT)
    }

    /// A text that can hold anything of this length.
    pub(super) fn takes_text(&self, length: u32) -> bool {
        self.is("script") && !self.field.is_narrow && self.field.max_length.is_none_or(|longest| longest >= length)
    }

    /// `models.CharField(max_length=200)`
    pub(super) fn definition(&self, reader: Reader<'_>) -> String {
        let is_unique_or_empty = self.field.unique && self.field.blank;
        // Ruff asks for a reason to have two kinds of nothing; the declaration asked for it.
        let noqa = if matches!(reader, Reader::Model { .. }) && self.is_text() && self.field.null && !is_unique_or_empty
        {
            "  # noqa: DJ001\n"
        } else {
            ""
        };
        format!(
            "models.{}({noqa}{})",
            self.kind.class,
            self.arguments(reader).join(", ")
        )
    }

    fn arguments(&self, reader: Reader<'_>) -> Vec<String> {
        let field = self.field;
        let mut arguments = Vec::new();
        if let Some(target) = &self.target {
            arguments.push(match reader {
                Reader::Model { .. } => self.reference(target, reader),
                Reader::Migration => format!("to={}", self.reference(target, reader)),
            });
            if self.is("join") {
                let on_delete = field.on_delete.as_deref().unwrap_or("cascade").to_uppercase();
                arguments.push(format!("on_delete=models.{on_delete}"));
            }
            if let Some(related_name) = &field.related_name {
                arguments.push(format!("related_name={}", quoting::python(related_name)));
                if target.is(&self.place) && !self.is("join") {
                    arguments.push("symmetrical=False".to_owned());
                }
            }
        }
        let numbers = [
            ("max_length", field.max_length),
            ("max_digits", field.max_digits),
            ("decimal_places", field.decimal_places),
        ];
        arguments.extend(
            numbers
                .iter()
                .filter_map(|(name, value)| Some(format!("{name}={}", (*value)?))),
        );
        if let Some(choices) = &field.choices {
            arguments.push(match reader {
                Reader::Model { .. } => format!("choices={}.choices", self.choices_class()),
                Reader::Migration => {
                    let pairs: Vec<_> = choices
                        .labelled()
                        .iter()
                        .map(|(value, label)| format!("({}, {})", quoting::python(value), quoting::python(label)))
                        .collect();
                    format!("choices=[{}]", pairs.join(", "))
                }
            });
        }
        if let Some(default) = self.default(reader) {
            arguments.push(format!("default={default}"));
        }
        let flags = [
            ("auto_now", field.auto_now),
            ("auto_now_add", field.auto_now_add),
            ("unique", field.unique),
            ("db_index", field.index),
            ("null", field.null),
            ("blank", field.blank),
        ];
        arguments.extend(
            flags
                .iter()
                .filter(|(_, is_on)| *is_on)
                .map(|(name, _)| format!("{name}=True")),
        );
        if let Some(help) = &field.help_text {
            let help = quoting::python(help);
            arguments.push(match reader {
                Reader::Model { .. } => format!("help_text=_({help})"),
                Reader::Migration => format!("help_text={help}"),
            });
        }
        let more = self.kind.columns.get("given").and_then(toml::Value::as_array);
        let more = more.into_iter().flatten().filter_map(toml::Value::as_str);
        arguments.extend(more.map(|argument| self.fill(argument)));
        arguments
    }

    /// How the relation names its target.
    fn reference(&self, target: &Target<'_>, reader: Reader<'_>) -> String {
        if let Some(provided) = target.provided {
            return provided["reference"].as_str().unwrap_or_default().to_owned();
        }
        match reader {
            Reader::Migration => quoting::python(&format!("{}.{}", target.app, target.class.to_lowercase())),
            Reader::Model { .. } if target.is(&self.place) => "\"self\"".to_owned(),
            Reader::Model { defined } if target.app == self.place.app => {
                if defined.contains(&target.class.as_str()) {
                    target.class.clone()
                } else {
                    quoting::python(&target.class)
                }
            }
            Reader::Model { .. } => quoting::python(&format!("{}.{}", target.app, target.class)),
        }
    }

    fn default(&self, reader: Reader<'_>) -> Option<String> {
        let value = self.field.default.as_ref()?;
        if let Some(function) = self.default_function() {
            let name = function.name;
            return Some(match reader {
                Reader::Migration if function.body.is_some() => format!("{}.models.{name}", self.place.app),
                _ => name,
            });
        }
        if let (Some(text), Some(_), Reader::Model { .. }) = (value.as_str(), &self.field.choices, reader) {
            return Some(format!("{}.{}", self.choices_class(), self.member(text)));
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let written = column(self.kind, "value").unwrap_or("$value");
        Some(placeholders(written, |name| match name {
            "value" => Some(python_literal(value)),
            "text" => Some(quoting::python(&text)),
            _ => None,
        }))
    }

    /// The function that makes a default which can be changed in place: `dict`, `list`, or one of our own.
    fn default_function(&self) -> Option<DefaultFunction> {
        let value = self.field.default.as_ref()?;
        let (builtin, returns, is_empty) = match value {
            Value::Object(entries) => ("dict", "dict[str, Any]", entries.is_empty()),
            Value::Array(values) => ("list", "list[Any]", values.is_empty()),
            _ => return None,
        };
        let own = format!("default_{}_{}", heck::AsSnakeCase(self.place.class), self.name);
        Some(DefaultFunction {
            name: if is_empty { builtin.to_owned() } else { own },
            returns,
            body: (!is_empty).then(|| python_literal(value)),
        })
    }

    /// Whether its default is a value to the database, and none to a form.
    pub(super) fn has_empty_default(&self) -> bool {
        self.default_function().is_some_and(|function| function.body.is_none())
    }

    /// The nested class of a choice.
    pub(super) fn choices_class(&self) -> String {
        choices_class(self.name)
    }

    /// A choice's name in Python. One that the code calls otherwise is only named in a `models.py` that nobody sees, as
    /// there is the user's own.
    pub(super) fn member(&self, value: &str) -> String {
        if !self.field.raw_choices {
            return choice_member(value);
        }
        let choices = self.field.choices.as_ref().map(Choices::labelled).unwrap_or_default();
        let index = choices.iter().position(|(choice, _)| choice == value);
        format!("VALUE_{}", index.unwrap_or_default())
    }

    /// Each value of a choice with its label; none if it is no choice.
    pub(super) fn choices(&self) -> Option<Vec<(String, String)>> {
        self.field.choices.as_ref().map(Choices::labelled)
    }

    /// A choice in Python, from anywhere: `Post.Status.DRAFT`.
    pub(super) fn choice(&self, value: &str) -> String {
        if self.field.raw_choices {
            return quoting::python(value);
        }
        format!("{}.{}.{}", self.called, self.choices_class(), self.member(value))
    }

    /// How a page shows it, where there is something to show.
    pub(super) fn display(&self) -> String {
        if self.field.has_labels {
            return self.fill("{{ $object.get_$name_display }}");
        }
        let page = self
            .target
            .as_ref()
            .and_then(|target| target.page().map(|page| (target, page)));
        let linked = column(self.kind, "linked-display").zip(page);
        let item = if self.is_many() {
            "item".to_owned()
        } else {
            self.value()
        };
        match linked {
            Some((display, (target, (name, key)))) => {
                let url = format!("{{% url '{}:{name}-detail' {item}.{key} %}}", target.app);
                self.fill_with(display, &[("url", &url)])
            }
            None => self.fill(column(self.kind, "display").unwrap_or("{{ $value }}")),
        }
    }

    /// Where a template finds its value.
    pub(super) fn value(&self) -> String {
        if self.is_guarded() && !self.is_many() {
            format!("object.visible_{}", self.name)
        } else {
            format!("object.{}", self.name)
        }
    }

    /// What a template asks before it shows the field; nothing where there is always something to show.
    pub(super) fn condition(&self) -> Option<String> {
        let value = self.value();
        let is_text = self.is_text() || self.field.choices.is_some();
        if self.is_many() {
            Some(format!("{value}.all"))
        } else if self.is_guarded() {
            Some(value)
        } else if self.field.null && !is_text && !self.kind.relation {
            Some(format!("{value} is not None"))
        } else if self.field.null || (self.field.blank && (is_text || self.kind.media)) {
            Some(value)
        } else {
            None
        }
    }

    /// What lists of the API can be filtered by.
    fn lookups(&self) -> Vec<String> {
        let lookups = self.kind.columns.get("lookups").and_then(toml::Value::as_array);
        let lookups = lookups.into_iter().flatten().filter_map(toml::Value::as_str);
        let mut lookups: Vec<String> = lookups.map(str::to_owned).collect();
        if self.field.null && !lookups.is_empty() {
            lookups.push("isnull".to_owned());
        }
        lookups
    }

    fn misses(&self) -> Option<String> {
        if self.field.has_labels {
            return None;
        }
        let choices = self.choices().unwrap_or_default();
        let other = choices.last().map(|(value, _)| value);
        if other.is_some_and(|value| self.private_choice() == self.choice(value)) {
            return None;
        }
        let is_true = self.field.default == Some(Value::Bool(true));
        let opposite = python_literal(&Value::Bool(!is_true));
        Some(self.with_choice(column(self.kind, "misses")?, &[("opposite", &opposite)]))
    }

    fn varies(&self, defined: &[&str]) -> bool {
        let is_numbered = self
            .factory(defined)
            .is_some_and(|factory| factory.contains("Sequence"));
        let is_short = self.field.max_length.is_some_and(|longest| longest < 3);
        let is_moment = self.is("instant") && (self.field.auto_now || self.field.auto_now_add);
        is_moment || self.is_slug() || (is_numbered && !is_short && !self.field.is_narrow)
    }

    /// A column of the table of kinds that may name one of its choices.
    fn with_choice(&self, text: &str, more: &[(&str, &str)]) -> String {
        let choices = self.choices().unwrap_or_default();
        let choice = choices.last().map(|(value, _)| quoting::python(value));
        let choice = choice.unwrap_or_default();
        self.fill_with(text, &[more, &[("choice_value", &choice)]].concat())
    }

    pub(super) fn is_label(&self) -> bool {
        self.place.model.label.as_deref() == Some(self.name)
    }

    pub(super) fn is_slug(&self) -> bool {
        self.place.model.slug.as_deref() == Some(self.name)
    }

    /// Whether it points at objects that not everybody may see who sees its row.
    pub(super) fn is_guarded(&self) -> bool {
        self.is_offered && !self.encloses
    }

    /// Whether it points at many objects.
    pub(super) fn is_many(&self) -> bool {
        self.kind.relation && !self.is("join")
    }

    /// An uploaded file, to give to a factory.
    pub(super) fn sample(&self) -> String {
        self.fill(column(self.kind, "sample").unwrap_or_default())
    }

    /// What people type and clients send for it in tests.
    pub(super) fn sent(&self) -> Option<String> {
        Some(self.with_choice(column(self.kind, "sent")?, &[]))
    }

    /// A choice that leaves the object private where it can.
    pub(super) fn private_choice(&self) -> String {
        let public = self.place.model.public.as_ref();
        let public = public.filter(|public| public.field == self.name);
        let public = public.and_then(|public| public.value.as_deref());
        let choices = self.choices().unwrap_or_default();
        let private = choices.iter().find(|(value, _)| Some(value.as_str()) != public);
        let value = private.or(choices.first()).map(|(value, _)| value.as_str());
        self.choice(value.unwrap_or_default())
    }

    /// A column of the table of kinds with what it leaves open.
    pub(super) fn fill(&self, text: &str) -> String {
        self.fill_with(text, &[])
    }

    /// The same with more that this place knows of.
    pub(super) fn fill_with(&self, text: &str, more: &[(&str, &str)]) -> String {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let field = self.field;
        let whole = field
            .max_digits
            .zip(field.decimal_places)
            .map(|(all, places)| all - places);
        placeholders(text, |name| {
            if let Some((_, known)) = more.iter().find(|(more, _)| *more == name) {
                return Some((*known).to_owned());
            }
            Some(match name {
                "value" => self.value(),
                "all" => format!("{}.all", self.value()),
                "object" => "object".to_owned(),
                "choice" => self.private_choice(),
                "values" if field.raw_choices => {
                    let values: Vec<Value> = self.choices()?.into_iter().map(|(value, _)| value.into()).collect();
                    python_literal(&Value::Array(values))
                }
                "values" => format!("{}.{}.values", self.called, self.choices_class()),
                "max_length" => number(field.max_length),
                // What people would put before the point, where there is room.
                "few_digits" => number(whole.map(|digits| digits.min(3))),
                "max_digits" => number(field.max_digits),
                "decimal_places" => number(field.decimal_places),
                "label" => self.label(),
                "snake" => heck::AsSnakeCase(self.place.class).to_string(),
                "name" => self.name.to_owned(),
                "app" => self.place.app.to_owned(),
                _ => return None,
            })
        })
    }
}
