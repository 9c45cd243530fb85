//! Apps and models as templates see them.

mod fields;
mod made_up;
mod migration;
mod model;
mod names;
mod placeholders;
mod relations;
mod scope;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::model::{App, sentence_case};
use crate::spec::{Options, Spec};
use migration::Migrations;
use model::{ModelContext, ModelView};
use scope::Scope;

/// What a project's apps are to templates.
#[derive(Debug, Serialize)]
pub(super) struct ProjectModels {
    /// The apps with models.
    apps: Vec<AppContext>,
    /// The apps without.
    bare_apps: Vec<AppContext>,
    /// Both, in the order of the declaration.
    all_apps: Vec<AppName>,
    has_dashboards: bool,
    uses_addresses: bool,
    uses_media: bool,
    uses_search: bool,
    /// Whether a form offers users to choose from.
    uses_users: bool,
    /// Whether tests ask fields for values that they take.
    uses_values: bool,
    /// The packages that the kinds of field in use need.
    #[serde(skip)]
    pub(super) requirements: BTreeSet<String>,
}

/// One app, with models or without.
#[derive(Debug, Serialize)]
struct AppName {
    module: String,
    /// What `INSTALLED_APPS` has for it.
    entry: String,
    path: String,
    title: String,
}

/// One app with its models.
#[derive(Debug, Serialize)]
struct AppContext {
    name: String,
    /// `apps.blog`
    module: String,
    /// `apps/blog`
    path: String,
    /// What `INSTALLED_APPS` has for it.
    #[serde(skip)]
    entry: String,
    /// `Blog`, as its configuration is called.
    class: String,
    title: String,
    /// The title, where Django would not make it of the name.
    verbose_name: Option<String>,
    /// The models in the order of the declaration.
    models: Vec<ModelContext>,
    /// The models, each after those that it points at where that can be.
    ordered: Vec<ModelContext>,
    /// The other apps whose selectors this one's ask.
    neighbours: Vec<Neighbour>,
    has_owners: bool,
    has_public: bool,
    /// Whether one of its models is published by its owner.
    has_published: bool,
    /// Whether something is filled in when a row is saved.
    has_signals: bool,
    has_slugs: bool,
    /// Whether slugs are made of labels that people type.
    has_labels: bool,
    /// Whether sample data can be made for one of its models.
    has_samples: bool,
    uses_faker: bool,
    uses_openings: bool,
    uses_sentences: bool,
    uses_media: bool,
    uses_search: bool,
    #[serde(flatten)]
    migrations: Migrations,
    #[serde(flatten)]
    options: Options,
}

/// An app whose selectors another one asks.
#[derive(Debug, Serialize)]
struct Neighbour {
    name: String,
    module: String,
}

impl ProjectModels {
    /// Describes the apps of a declaration.
    ///
    /// # Errors
    /// A relation without a target, or models of which no row could ever be saved.
    pub(super) fn new(spec: &Spec, catalog: &Catalog, provided: &IndexMap<String, Value>) -> Result<Self> {
        let scope = Scope::new(spec, catalog, provided);
        scope.check_savable()?;
        let apps = spec
            .apps
            .iter()
            .map(|(name, app)| AppContext::new(&scope, name, app))
            .collect::<Result<Vec<_>>>()?;
        let all_apps = apps.iter().map(|app| AppName {
            module: app.module.clone(),
            entry: app.entry.clone(),
            path: app.path.clone(),
            title: app.title.clone(),
        });
        let all_apps = all_apps.collect();
        let (bare_apps, apps): (Vec<_>, Vec<_>) = apps.into_iter().partition(|app| app.models.is_empty());
        let kinds = spec.apps.values().flat_map(|app| app.models.values());
        let kinds = kinds.flat_map(|model| model.fields.values()).map(|field| &field.kind);
        let requirements = kinds.filter_map(|kind| catalog.kinds().get(kind)?.requirement.clone());
        let models = || apps.iter().flat_map(|app| &app.models);
        Ok(Self {
            has_dashboards: apps.iter().filter(|app| app.has_owners).count() > 1,
            uses_addresses: models().any(|model| model.fields.iter().any(|field| field.address)),
            uses_media: apps.iter().any(|app| app.uses_media),
            uses_search: apps.iter().any(|app| app.uses_search),
            uses_users: models().any(ModelContext::offers_users),
            uses_values: models().any(|model| model.is_known && model.asks_values),
            requirements: requirements.collect(),
            apps,
            bare_apps,
            all_apps,
        })
    }

    /// The same as JSON.
    pub(super) fn to_json(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(|error| Error::template("models", error))
    }
}

impl AppContext {
    fn new(scope: &Scope<'_>, name: &str, app: &App) -> Result<Self> {
        let mut ordered = Vec::new();
        let mut defined: Vec<&str> = Vec::new();
        let mut seeded: Vec<String> = Vec::new();
        for place in scope.ordered(name, app)? {
            let context = ModelView::new(scope, place, &defined, &seeded)?.context()?;
            seeded.extend(context.seeds.is_some().then(|| context.class.clone()));
            ordered.push(context);
            defined.push(place.class);
        }
        let mut models = ordered.clone();
        models.sort_by_key(|model| app.models.get_index_of(&model.class));
        check_addresses(name, &models)?;
        let title = app.title.clone().unwrap_or_else(|| sentence_case(name));
        let seeds = || ordered.iter().filter_map(|model| model.seeds.as_ref());
        let neighbours: BTreeSet<String> = models
            .iter()
            .flat_map(ModelContext::selector_apps)
            .filter(|other| other != name)
            .collect();
        let is_named = name.contains('_') || title != sentence_case(name);
        Ok(Self {
            name: name.to_owned(),
            module: scope.module(name),
            path: app.folder(name),
            entry: app.entry.clone().unwrap_or_else(|| scope.module(name)),
            class: heck::AsUpperCamelCase(name).to_string(),
            verbose_name: is_named.then(|| title.clone()),
            title,
            neighbours: neighbours
                .into_iter()
                .map(|name| Neighbour {
                    module: scope.module(&name),
                    name,
                })
                .collect(),
            has_owners: models.iter().any(|model| model.owner.is_some()),
            has_public: models.iter().any(|model| model.public.is_some()),
            has_published: models
                .iter()
                .any(|model| model.public.is_some() && model.owner.is_some()),
            has_signals: models.iter().any(ModelContext::has_signals),
            has_labels: models.iter().any(|model| model.slug.is_some() && model.clean_label),
            has_slugs: models.iter().any(|model| model.slug.is_some()),
            has_samples: seeds().next().is_some(),
            uses_faker: seeds().any(|seeds| seeds.uses_faker),
            uses_openings: seeds().any(|seeds| seeds.uses_openings),
            uses_sentences: seeds().any(|seeds| seeds.uses_sentences),
            uses_media: models.iter().any(|model| model.has_media),
            uses_search: models.iter().any(|model| !model.search.is_empty()),
            migrations: Migrations::new(scope, name, app, &ordered)?,
            options: scope.spec.app_options(app, scope.catalog),
            models,
            ordered,
        })
    }
}

/// Refuses models that would have the same addresses: `Person` and `People`.
fn check_addresses(app: &str, models: &[ModelContext]) -> Result<()> {
    let mut known: Vec<(&str, &str)> = Vec::new();
    for model in models {
        let own = model.names.addresses();
        if let Some((word, other)) = known.iter().find(|(word, _)| own.contains(word)) {
            return Err(Error::input(format!(
                "`{app}.{other}` and `{app}.{}` would both have pages under `{word}/`",
                model.name
            ))
            .hint(format!(
                "give one of them another plural: `plural = \"…\"` in `[apps.{app}.models.{}]`, or another name",
                model.name
            )));
        }
        known.extend(own.map(|word| (word, model.name.as_str())));
    }
    Ok(())
}
