//! Apps and models as templates see them.

mod api;
mod fields;
mod migration;
mod model;
mod names;
mod scope;
mod testing;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::catalog::Catalog;
use crate::error::Result;
use crate::model::{App, sentence_case};
use crate::spec::Spec;
use model::ModelView;
use scope::Scope;

/// `apps` (each with its `models`, each with its `fields`), `app_options` (the values that apps have of each option)
/// and what all of them use.
pub(super) fn context(spec: &Spec, catalog: &Catalog, provided: &IndexMap<String, Value>) -> Result<Value> {
    let scope = Scope::new(spec, catalog, provided);
    scope.check_savable()?;
    let mut apps = Vec::new();
    for (name, app) in &spec.apps {
        apps.push(app_context(&scope, name, app)?);
    }
    let mut app_options: IndexMap<String, BTreeSet<String>> = IndexMap::new();
    for app in spec.apps.values() {
        for (option, value) in spec.app_options(app, catalog) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            app_options.entry(option).or_default().insert(value);
        }
    }
    let uses_addresses = apps.iter().any(|app| app["uses_addresses"] == true);
    let uses_media = apps.iter().any(|app| app["uses_media"] == true);
    let models: Vec<&Value> = apps
        .iter()
        .filter_map(|app| app["models"].as_array())
        .flatten()
        .collect();
    let any_model = |is_one: &dyn Fn(&Value) -> bool| models.iter().any(|model| is_one(model));
    let uses = |model: &Value, filter: &str| {
        let filters = model["filters"].as_array();
        filters.is_some_and(|filters| filters.iter().any(|used| used == filter))
    };
    Ok(json!({
        "apps": apps,
        "app_options": app_options,
        "api": api::needs(&models),
        "has_owners": apps.iter().any(|app| app["has_owners"] == true),
        "has_dashboards": apps.iter().filter(|app| app["has_owners"] == true).count() > 1,
        "has_public": apps.iter().any(|app| app["has_public"] == true),
        "is_guarded": any_model(&|model| model["is_guarded"] == true),
        "is_guarded_many": any_model(&|model| model["is_guarded_many"] == true),
        "filters": {
            "as_json": any_model(&|model| uses(model, "as_json")),
            "base_name": any_model(&|model| uses(model, "base_name")),
        },
        "uses_addresses": uses_addresses,
        "uses_json": apps.iter().any(|app| app["uses_json"] == true),
        "uses_search": apps.iter().any(|app| app["uses_search"] == true),
        "uses_slugs": apps.iter().any(|app| app["uses_slugs"] == true),
        "uses_labels": apps.iter().any(|app| app["uses_labels"] == true),
        "uses_media": uses_media,
    }))
}

fn app_context(scope: &Scope<'_>, name: &str, app: &App) -> Result<Value> {
    let mut ordered = Vec::new();
    let mut options = Vec::new();
    let mut defined: Vec<&str> = Vec::new();
    for place in scope.ordered(name, app)? {
        let view = ModelView::new(scope, place, &defined)?;
        options.push((place.class.to_owned(), view.meta()));
        ordered.push(view.context()?);
        defined.push(place.class);
    }
    let declared = |model: &Value| app.models.get_index_of(model["name"].as_str().unwrap_or_default());
    let mut models = ordered.clone();
    models.sort_by_key(declared);
    let title = app.title.clone().unwrap_or_else(|| sentence_case(name));
    let mut context = json!({
        "name": name,
        "class": heck::AsUpperCamelCase(name).to_string(),
        "title": title,
        "verbose_name": (name.contains('_') || title != sentence_case(name)).then_some(&title),
        "uses_media": ordered.iter().any(|model| has_some(&model["media"])),
        "uses_labels": ordered.iter().any(|model| model["form"]["clean_label"] == true),
        "uses_addresses": ordered.iter().any(|model| model["form"]["has_addresses"] == true),
        "uses_json": ordered.iter().any(|model| model["form"]["has_json"] == true),
        "uses_search": ordered.iter().any(|model| has_some(&model["query"]["search"])),
        "uses_slugs": ordered.iter().any(|model| !model["slug"].is_null()),
        "has_seed_text": ordered.iter().any(|model| has_some(&model["seed_text"])),
        "has_owners": ordered.iter().any(|model| !model["owner"].is_null()),
        "has_public": ordered.iter().any(|model| !model["public"].is_null()),
        "api": api::aliases(&models),
        "models": models,
        "ordered": ordered,
    });
    let migrations = migration::migrations(scope, name, app, &options)?;
    context["migration"] = migrations["migration"].clone();
    context["relations"] = migrations["relations"].clone();
    context["migrations"] = migrations["migrations"].clone();
    for (option, value) in scope.spec.app_options(app, scope.catalog) {
        context[option] = json!(value);
    }
    Ok(context)
}

fn has_some(list: &Value) -> bool {
    list.as_array().is_some_and(|list| !list.is_empty())
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
