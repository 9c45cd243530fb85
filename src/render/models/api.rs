//! One model as the templates of its API see it.

use serde_json::{Value, json};

use super::fields::FieldView;
use super::model::ModelView;

impl ModelView<'_> {
    /// Its serializers, filters and viewset, and what their tests send.
    pub(super) fn api(&self) -> Value {
        let is_deferred = |name: &str| self.deferred().any(|field| field.name == name);
        let displays: Vec<Value> = self
            .fields
            .iter()
            .filter_map(|field| self.related_name(field))
            .collect();
        let fields = self.serialized(&displays);
        let in_list: Vec<&String> = fields.iter().filter(|name| !is_deferred(name)).collect();
        let extra: Vec<Value> = self
            .fields
            .iter()
            .filter_map(|field| Some(json!({"name": field.name, "arguments": field.serializer_arguments()?})))
            .collect();
        let filters: Vec<Value> = self
            .fields
            .iter()
            .filter(|field| !field.lookups().is_empty())
            .map(|field| json!({"name": field.name, "lookups": field.lookups()}))
            .collect();
        let choosable = |field: &&FieldView<'_>| field.kind.relation && field.in_form();
        json!({
            "list_fields": (in_list.len() < fields.len()).then_some(in_list),
            "fields": fields,
            "displays": displays,
            "read_only": self.names_of(|field| !field.in_form()),
            "extra": extra,
            "filters": filters,
            "ordering": self.names_of(|field| !field.kind.relation && !field.lookups().is_empty()),
            "relates": self.fields.iter().any(|field| choosable(&field)),
            "relates_many": self.fields.iter().filter(choosable).any(FieldView::is_many),
            "nullable_text": self.fields.iter().any(|field| field.in_form() && field.is_text() && field.field.null),
            "sent": self.sent(|field| field.in_form() && !field.kind.relation),
            "ignored": self.sent(|field| !field.in_form() && !field.kind.relation),
            "kept": self.names_of(|field| !field.in_form() && !field.field.auto_now),
            "unique": self.unique(),
            "exclusive": self.names_of(|field| field.in_form() && (field.field.unique || field.is("exclusive"))),
            "clearable": self.names_of(|field| field.kind.media && field.field.blank),
            "response": alias("Response", self.place.class == "Response"),
        })
    }

    /// The names of a serializer's fields: each relation to the left of what it is called.
    fn serialized(&self, displays: &[Value]) -> Vec<String> {
        let mut names = vec!["id".to_owned()];
        for field in &self.fields {
            names.push(field.name.to_owned());
            let display = displays.iter().find(|display| display["source"] == field.name);
            names.extend(display.and_then(|display| display["name"].as_str()).map(str::to_owned));
        }
        names
    }

    /// The serializer field that says what a related object is called, unless a field of the model has its name.
    pub(super) fn related_name(&self, field: &FieldView<'_>) -> Option<Value> {
        let name = format!("{}_display", field.name);
        if !field.kind.relation || self.place.model.fields.contains_key(&name) {
            return None;
        }
        let guarded = if field.is_guarded() { "Guarded" } else { "" };
        let many = if field.is_many() { "List" } else { "" };
        let class = format!("{guarded}Display{many}Field");
        Some(json!({"name": name, "source": field.name, "class": class}))
    }

    /// Values that tests send for these fields.
    fn sent(&self, wanted: impl Fn(&FieldView<'_>) -> bool) -> Vec<Value> {
        let fields = self.fields.iter().filter(|field| wanted(field));
        fields
            .filter_map(|field| Some(json!({"name": field.name, "value": field.sent()?})))
            .collect()
    }

    /// A field that people fill and no two objects have the same in.
    fn unique(&self) -> Value {
        let is_unique = |field: &&FieldView<'_>| field.in_form() && field.field.unique && field.sent().is_some();
        let unique = self.fields.iter().find(is_unique);
        unique.map_or(Value::Null, |field| json!({"name": field.name, "value": field.sent()}))
    }
}

impl FieldView<'_> {
    /// What a model serializer can't tell from the model field.
    fn serializer_arguments(&self) -> Option<&'static str> {
        let field = self.field;
        if !self.in_form() || self.is_many() {
            None
        } else if self.kind.media && field.blank {
            Some(r#"{"allow_null": True}"#)
        } else if self.is("strict") && field.blank {
            Some(r#"{"allow_empty": True}"#)
        } else if !field.null || field.blank || self.is("unasked") {
            None
        } else if field.default.is_some() {
            Some(r#"{"allow_null": False}"#)
        } else {
            Some(r#"{"allow_null": False, "required": True}"#)
        }
    }

    /// What a list can be filtered by.
    fn lookups(&self) -> Vec<&str> {
        let lookups = self.kind.columns.get("lookups").and_then(toml::Value::as_array);
        let mut lookups: Vec<&str> = lookups.into_iter().flatten().filter_map(toml::Value::as_str).collect();
        if self.field.null && !lookups.is_empty() {
            lookups.push("isnull");
        }
        lookups
    }
}

/// What the API's modules of the whole project need to have.
pub(super) fn needs(models: &[&Value]) -> Value {
    let any = |key: &str| models.iter().any(|model| model["api"][key] == true);
    let shows = |class: &str| {
        models.iter().any(|model| {
            let displays = model["api"]["displays"].as_array();
            displays.is_some_and(|displays| displays.iter().any(|display| display["class"] == class))
        })
    };
    let (guarded, guarded_many) = (shows("GuardedDisplayField"), shows("GuardedDisplayListField"));
    json!({
        "relates": any("relates"),
        "relates_many": any("relates_many"),
        "nullable_text": any("nullable_text"),
        "displays": guarded || shows("DisplayField"),
        "displays_many": guarded_many || shows("DisplayListField"),
        "guarded": guarded,
        "guarded_many": guarded_many,
    })
}

/// What an app's viewsets call the classes that a model may be called as.
pub(super) fn aliases(models: &[Value]) -> Value {
    let alias = |class: &str| alias(class, models.iter().any(|model| model["name"] == class));
    json!({"request": alias("Request"), "response": alias("Response")})
}

fn alias(class: &str, is_taken: bool) -> String {
    if is_taken {
        format!("Api{class}")
    } else {
        class.to_owned()
    }
}
