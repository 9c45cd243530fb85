//! One model as templates see it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::FieldView;
use super::names::{Names, database_name};
use super::scope::{Place, Scope, Target, column};
use crate::error::Result;
use crate::model::Choices;

/// The columns of an admin list, so that it still fits a screen.
const ADMIN_COLUMNS: usize = 7;

/// One model with its surroundings.
pub(super) struct ModelView<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) place: Place<'a>,
    pub(super) fields: Vec<FieldView<'a>>,
    defined: Vec<&'a str>,
    names: Names,
}

impl<'a> ModelView<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, place: Place<'a>, defined: &[&'a str]) -> Result<Self> {
        let fields = place
            .model
            .fields
            .iter()
            .map(|(name, field)| FieldView::new(scope, place, name, field))
            .collect::<Result<_>>()?;
        Ok(Self {
            scope,
            place,
            fields,
            defined: defined.to_vec(),
            names: Names::of(place.class, place.model),
        })
    }

    pub(super) fn context(&self) -> Result<Value> {
        let model = self.place.model;
        let mut context =
            serde_json::to_value(&self.names).map_err(|error| crate::error::Error::template("models", error))?;
        context["name"] = json!(self.place.class);
        context["fields"] = self.fields.iter().map(|field| field.context(&self.defined)).collect();
        context["owner"] = json!(model.owner);
        context["label"] = json!(model.label);
        context["label_null"] = json!(self.named(model.label.as_deref()).is_some_and(|label| label.field.null));
        context["slug"] = json!(model.slug);
        context["public"] = self.public();
        context["key"] = self.key();
        context["choices"] = self.choices();
        context["meta"] = self.meta();
        context["query"] = self.query();
        context["form"] = self.form();
        context["admin"] = self.admin();
        context["media"] = self.names_of(|field| field.kind.media);
        context["keeper"] = self.keeper()?;
        context["list"] = self.list();
        context["is_guarded"] = json!(self.fields.iter().any(FieldView::is_guarded));
        context["is_guarded_many"] = json!(self.fields.iter().any(|field| field.is_guarded() && field.is_many()));
        context["filters"] = self.filters();
        let has_details = self
            .fields
            .iter()
            .any(|field| !self.is_label(field) && !self.is_slug(field));
        context["has_details"] = json!(has_details);
        context["seed_related"] = json!(self.seed_related());
        context["seed_text"] = self.seed_text();
        context["tests"] = self.tests();
        context["api"] = self.api();
        Ok(context)
    }

    pub(super) fn named(&self, name: Option<&str>) -> Option<&FieldView<'a>> {
        self.fields.iter().find(|field| Some(field.name) == name)
    }

    pub(super) fn names_of(&self, wanted: impl Fn(&FieldView<'a>) -> bool) -> Value {
        self.fields
            .iter()
            .filter(|field| wanted(field))
            .map(|field| field.name)
            .collect()
    }

    fn is_label(&self, field: &FieldView<'_>) -> bool {
        self.place.model.label.as_deref() == Some(field.name)
    }

    pub(super) fn is_slug(&self, field: &FieldView<'_>) -> bool {
        self.place.model.slug.as_deref() == Some(field.name)
    }

    /// What stands in an address for one object.
    fn key(&self) -> Value {
        match &self.place.model.slug {
            Some(field) => json!({"argument": "slug", "type": "slug", "python": "str", "field": field}),
            None => json!({"argument": "pk", "type": "int", "python": "int", "field": "pk"}),
        }
    }

    fn public(&self) -> Value {
        let Some(public) = &self.place.model.public else {
            return Value::Null;
        };
        let state = self.named(Some(&public.field));
        let choice = public.value.as_ref().zip(state);
        let value = choice.map(|(value, state)| format!("{}.{}", state.choices_class(), state.member(value)));
        let is_raw = choice.is_some_and(|(_, state)| state.field.raw_choices);
        json!({"field": public.field, "value": value, "raw": public.value, "is_raw": is_raw, "since": public.since})
    }

    fn choices(&self) -> Value {
        let with_choices = self
            .fields
            .iter()
            .filter_map(|field| Some((field, field.field.choices.as_ref()?)));
        with_choices
            .map(|(field, choices)| {
                json!({"class": field.choices_class(), "field": field.name, "members": members(field, choices)})
            })
            .collect()
    }

    /// The field that tells when an object was made.
    fn created(&self) -> Option<&FieldView<'a>> {
        self.fields.iter().find(|field| field.field.auto_now_add)
    }

    /// What lists are ordered by, and of that what an index can hold.
    fn ordering(&self) -> (Vec<String>, Option<String>) {
        if let Some(created) = self.created() {
            let newest = format!("-{}", created.name);
            return (vec![newest.clone(), "-pk".to_owned()], Some(newest));
        }
        // A long text has no index, and does not fit into the address of a next page.
        let label = self.named(self.place.model.label.as_deref());
        match label.filter(|label| label.is("indexable")) {
            Some(label) => {
                let name = label.name.to_owned();
                let index = Some(name.clone());
                let ordering = if label.field.unique {
                    vec![name]
                } else {
                    vec![name, "pk".to_owned()]
                };
                (ordering, index)
            }
            None => (vec!["-pk".to_owned()], None),
        }
    }

    /// `ordering`, `indexes`, `constraints` and `verbose_name_plural` of the model's `Meta`.
    pub(super) fn meta(&self) -> Value {
        let (ordering, order) = self.ordering();
        let mut indexes = Vec::new();
        let mut index = |fields: Vec<&str>, what: &str| {
            let name = database_name(&format!("{}_{what}_idx", self.table()));
            indexes.push(json!({"fields": fields, "name": name}));
        };
        let model = self.place.model;
        if let Some(order) = &order {
            if let Some(owner) = &model.owner {
                index(vec![owner, order], "owner");
            }
            if let Some(public) = &model.public {
                index(vec![&public.field, order], "public");
            }
            let has_index = self
                .named(Some(order.trim_start_matches('-')))
                .is_some_and(|field| field.field.unique || field.field.index);
            // For those who may view all, and for lists of what is public or one's own.
            if !has_index {
                index(vec![order], "order");
            }
        } else if let Some(public) = &model.public
            && self.named(Some(&public.field)).is_some_and(|state| !state.field.index)
        {
            index(vec![&public.field], "public");
        }
        json!({
            "ordering": ordering,
            "indexes": indexes,
            "constraints": self.constraints(),
            "verbose_name_plural": self.names.verbose_name_plural,
        })
    }

    fn constraints(&self) -> Vec<Value> {
        let with_choices = self
            .fields
            .iter()
            .filter_map(|field| Some((field, field.field.choices.as_ref()?)));
        with_choices
            .map(|(field, choices)| {
                let mut values: Vec<String> = choices.labelled().into_iter().map(|(value, _)| value).collect();
                if field.field.blank {
                    values.insert(0, String::new());
                }
                let name = database_name(&format!("{}_{}_valid", self.table(), field.name));
                json!({"field": field.name, "values": values, "name": name})
            })
            .collect()
    }

    fn table(&self) -> String {
        format!("{}_{}", self.place.app, self.place.class.to_lowercase())
    }

    fn query(&self) -> Value {
        json!({
            "select": self.names_of(|field| field.is("join")),
            "prefetch": self.names_of(FieldView::is_many),
            "has_related": self.fields.iter().any(|field| field.kind.relation),
            "defer": self.deferred().map(|field| field.name).collect::<Vec<_>>(),
            "search": self.searched(),
            "search_index": database_name(&format!("{}_search_idx", self.table())),
        })
    }

    /// The large columns that a list can do without.
    pub(super) fn deferred(&self) -> impl Iterator<Item = &FieldView<'a>> {
        self.fields
            .iter()
            .filter(|field| field.is("large") && !self.is_label(field))
    }

    fn searched(&self) -> Value {
        self.names_of(|field| field.is("search") && !self.is_slug(field))
    }

    fn form(&self) -> Value {
        let widgets: Vec<Value> = self
            .fields
            .iter()
            .filter(|field| field.in_form())
            .filter_map(|field| Some(json!({"name": field.name, "widget": column(field.kind, "widget")?})))
            .collect();
        let label = self.named(self.place.model.label.as_deref());
        json!({
            "fields": self.names_of(FieldView::in_form),
            "widgets": widgets,
            "clean_label": label.is_some_and(|label| label.in_form() && label.is("script") && !label.field.blank),
            "is_multipart": self.fields.iter().any(|field| field.kind.media),
            "has_addresses": self.fields.iter().any(|field| field.is("scheme")),
            "has_json": self.fields.iter().any(|field| field.is("strict")),
        })
    }

    fn admin(&self) -> Value {
        let model = self.place.model;
        let first = model.label.as_deref().unwrap_or("__str__");
        let mut columns = vec![first];
        for field in &self.fields {
            let is_shown = field.is("column") && !self.is_label(field) && !self.is_slug(field);
            if is_shown && columns.len() < ADMIN_COLUMNS {
                columns.push(field.name);
            }
        }
        let (mut autocomplete, mut raw, mut joined) = (Vec::new(), Vec::new(), Vec::new());
        for field in &self.fields {
            let Some(target) = &field.target else { continue };
            if self.is_searchable(target) {
                autocomplete.push(field.name);
            } else {
                raw.push(field.name);
            }
            if field.is("join") && columns.contains(&field.name) {
                joined.push(field.name);
            }
        }
        let since = model.public.as_ref().and_then(|public| public.since.as_deref());
        let automatic = |field: &FieldView<'_>| field.is_automatic() && !self.is_slug(field);
        json!({
            "display": columns,
            "filter": self.names_of(|field| field.is("filter")),
            "search": self.searched(),
            "autocomplete": autocomplete,
            "raw": raw,
            "joined": joined,
            "hierarchy": self.created().map(|field| field.name).or(since),
            "readonly": self.names_of(automatic),
        })
    }

    /// Whether the admin of the target can be searched, as completing a name needs.
    fn is_searchable(&self, target: &Target<'_>) -> bool {
        let Some(model) = target.model else {
            return target.provided.is_some();
        };
        model.fields.iter().any(|(name, field)| {
            model.slug.as_ref() != Some(name)
                && self
                    .scope
                    .kind(field)
                    .is_ok_and(|kind| super::scope::flag(kind, "search"))
        })
    }

    /// The factory and the field of a relation that keeps objects of this model from being deleted.
    fn keeper(&self) -> Result<Value> {
        for (app, declared) in &self.scope.spec.apps {
            for (class, model) in &declared.models {
                for (name, field, target) in self.scope.relations(&Place { app, class, model })? {
                    let keeps = matches!(field.on_delete.as_deref(), Some("protect" | "restrict"));
                    if keeps && target.is(&self.place) {
                        let factory = self.scope.factory(&self.place, app, class);
                        return Ok(json!({"factory": factory, "field": name}));
                    }
                }
            }
        }
        Ok(Value::Null)
    }

    /// The template filters of ours that its detail page shows values with.
    fn filters(&self) -> Value {
        let filters: BTreeSet<&str> = self.fields.iter().filter_map(FieldView::filter).collect();
        json!(filters)
    }

    /// What a list shows of an object besides its name.
    fn list(&self) -> Value {
        let relations = self.fields.iter().filter(|field| field.kind.relation);
        relations
            .map(|field| match field.condition() {
                Some(condition) if !field.is_many() => {
                    format!("{{% if {condition} %}}{}{{% endif %}}", field.display())
                }
                _ => field.display(),
            })
            .collect()
    }

    /// Arguments that give a sample object relations to samples that are there already.
    fn seed_related(&self) -> Vec<String> {
        let many = self.fields.iter().filter(|field| field.is_many());
        many.filter_map(|field| {
            let target = field.target.as_ref()?;
            if target.is_user() {
                return Some(format!("{}=[user]", field.name));
            }
            let is_there = target.app == self.place.app && self.defined.contains(&target.class.as_str());
            is_there.then(|| format!("{}={}.objects.all()[:2]", field.name, target.class))
        })
        .collect()
    }

    /// Text that reads well, for what a sample object's factory would number.
    fn seed_text(&self) -> Value {
        self.fields
            .iter()
            .filter_map(|field| Some(json!({"name": field.name, "text": field.seed_text()?})))
            .collect()
    }
}

fn members(field: &FieldView<'_>, choices: &Choices) -> Vec<Value> {
    choices
        .labelled()
        .into_iter()
        .map(|(value, label)| json!({"name": field.member(&value), "value": value, "label": label}))
        .collect()
}
