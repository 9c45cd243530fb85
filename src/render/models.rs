//! Apps and models as templates see them.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::error::Result;
use crate::spec::Spec;

/// `apps` (each with its `models`, each with its `fields`) and `uses_media`.
pub(super) fn context(spec: &Spec, catalog: &Catalog, _provided: &IndexMap<String, Value>) -> Result<Value> {
    let apps: Vec<Value> = spec
        .apps
        .iter()
        .map(|(name, app)| {
            let models: Vec<Value> = app
                .models
                .iter()
                .map(|(model_name, model)| {
                    let fields: Vec<Value> = model
                        .fields
                        .iter()
                        .map(|(field_name, field)| json!({"name": field_name, "kind": field.kind}))
                        .collect();
                    json!({
                        "name": model_name,
                        "snake": heck::AsSnakeCase(model_name).to_string(),
                        "fields": fields,
                    })
                })
                .collect();
            let mut context = json!({
                "name": name,
                "class": heck::AsUpperCamelCase(name).to_string(),
                "title": app.title.clone().unwrap_or_else(|| crate::model::sentence_case(name)),
                "models": models,
            });
            for (option, value) in spec.app_options(app, catalog) {
                context[option] = json!(value);
            }
            context
        })
        .collect();
    let uses_media = used_kinds(spec)
        .iter()
        .any(|kind| catalog.kinds().get(kind).is_some_and(|kind| kind.media));
    Ok(json!({ "apps": apps, "uses_media": uses_media }))
}

/// The packages that the kinds of field in use need.
pub(super) fn requirements(context: &Value, catalog: &Catalog) -> BTreeSet<String> {
    let fields = context["apps"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|app| app["models"].as_array().into_iter().flatten())
        .flat_map(|model| model["fields"].as_array().into_iter().flatten());
    fields
        .filter_map(|field| catalog.kinds().get(field["kind"].as_str()?)?.requirement.clone())
        .collect()
}

fn used_kinds(spec: &Spec) -> BTreeSet<String> {
    spec.apps
        .values()
        .flat_map(|app| app.models.values())
        .flat_map(|model| model.fields.values())
        .map(|field| field.kind.clone())
        .collect()
}
