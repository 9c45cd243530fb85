//! The relations of a model from the side of a user: what may be seen and chosen, and what tests choose.

use serde::Serialize;

use super::fields::FieldView;
use super::model::ModelView;
use super::names::Names;
use super::scope::{Place, Target, flag};
use crate::error::Result;
use crate::model::Model;

/// A relation with the objects that a user may see of it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Offer {
    /// The field.
    pub(super) name: String,
    /// What gives the objects, as it is called in the module of selectors.
    selector: String,
    /// The app that the selector is of.
    pub(super) app_label: String,
    /// The class of the objects, as the app's modules call it.
    class: String,
    /// The manager that gives them.
    manager: String,
    /// The permissions to view all the objects.
    views: Vec<Permission>,
    pub(super) is_user: bool,
    many: bool,
    /// Whether the selector itself asks others, which would not end.
    nested: bool,
    /// Whether the relation takes some of them only.
    limited: bool,
    /// The factory of the objects; none where djscaffold can't make one.
    factory: Option<Factory>,
}

/// A permission as Django stores it.
#[derive(Debug, Clone, Serialize)]
struct Permission {
    app_label: String,
    codename: String,
}

impl Permission {
    /// The permission that is written `app.codename`.
    fn of(name: &str) -> Option<Self> {
        let (app_label, codename) = name.split_once('.')?;
        Some(Self {
            app_label: app_label.to_owned(),
            codename: codename.to_owned(),
        })
    }
}

/// A model of the same app whose rows point at this one.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Referrer {
    #[serde(flatten)]
    names: Names,
    /// The class.
    name: String,
    /// The relation.
    field: String,
    /// Whether the relation is to many.
    many: bool,
    /// Whether only one row can point at the same one.
    exclusive: bool,
    owner: Option<String>,
    public: bool,
    is_private: bool,
    /// What makes one of its rows the user's, beside the relation.
    mine: Option<String>,
    /// What stands in the address of one of its rows.
    key: String,
    /// Whether its selector asks others for what is related.
    nested: bool,
    /// Whether tests can make a row.
    is_known: bool,
}

/// A value that tests fill a field of the form in with.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Sample {
    name: String,
    value: String,
    /// What a client of the API sends, where that is something else.
    sent: Option<String>,
    many: bool,
    media: bool,
    /// Whether a form asks for it.
    in_form: bool,
    /// Whether the API refuses to do without it.
    in_api: bool,
    /// Whether a row has the very text that people type.
    is_text: bool,
    /// The factory that makes what it points at.
    factory: Option<Factory>,
}

impl Sample {
    /// Whether it is taken from an instance that is built for that.
    pub(super) fn is_built(&self) -> bool {
        self.sent.is_some()
    }
}

/// The factory of another model.
#[derive(Debug, Clone, Serialize)]
struct Factory {
    app: String,
    module: String,
    name: String,
    /// Whether it is of the same app.
    is_own: bool,
    /// What it is called in a test.
    call: String,
}

impl ModelView<'_> {
    /// The objects that a relation can lead to, as far as one may see them; none if all may see all of them.
    pub(super) fn offer(&self, field: &FieldView<'_>) -> Option<Offer> {
        let target = field.target.as_ref()?;
        let taken = &self.scope.catalog.kinds().taken;
        let selector = match target.model {
            Some(model) => Names::of(&target.class, model, taken).variable_plural,
            None => target.provided?["selector"].as_str()?.to_owned(),
        };
        Some(Offer {
            name: field.name.to_owned(),
            selector,
            app_label: target.app.clone(),
            // Those of another app are reached through its module.
            class: if target.app == self.place.app {
                target.called.clone()
            } else {
                target.class.clone()
            },
            manager: target.model.map_or("objects", Model::manager).to_owned(),
            views: self
                .views(target)
                .iter()
                .filter_map(|name| Permission::of(name))
                .collect(),
            is_user: target.is_user(),
            many: field.is_many(),
            limited: field.field.is_limited,
            nested: target.place().is_some_and(|place| self.scope.asks_others(&place)),
            factory: target
                .place()
                .filter(|place| self.scope.can_make(place))
                .map(|_| self.factory(target)),
        })
    }

    /// The models whose rows a page of this one lists.
    pub(super) fn referrers(&self) -> Result<Vec<Referrer>> {
        let found = self.scope.referrers(&self.place)?.into_iter();
        let referrer = |(place, field): (Place<'_>, &str)| {
            let kind = self.scope.kind(&place.model.fields[field])?;
            Ok(Referrer {
                names: Names::of(place.class, place.model, &self.scope.catalog.kinds().taken),
                name: self.scope.called(place.app, place.class).to_owned(),
                field: field.to_owned(),
                many: !flag(kind, "join"),
                exclusive: flag(kind, "exclusive"),
                owner: place.model.owner.clone(),
                public: place.model.public.is_some(),
                is_private: self.scope.is_private(place.app, place.class),
                mine: mine(self.scope.owners(&place), Some(field)),
                key: place.model.slug.clone().unwrap_or_else(|| "pk".to_owned()),
                nested: self.scope.asks_others(&place),
                is_known: self.scope.can_make(&place) && !place.model.fields[field].read_only,
            })
        };
        found.map(referrer).collect()
    }

    /// The relations in the form whose choices are limited.
    pub(super) fn offers(&self) -> Vec<Offer> {
        let limited = |field: &&FieldView<'_>| {
            field.in_form() && (field.is_offered || field.target.as_ref().is_some_and(Target::is_user))
        };
        self.fields
            .iter()
            .filter(limited)
            .filter_map(|field| self.offer(field))
            .collect()
    }

    /// What tests have to be permitted so that they find what fields take.
    pub(super) fn grants(&self) -> Vec<String> {
        let limited = self
            .fields
            .iter()
            .filter(|field| field.field.is_limited && field.in_form());
        let is_user = |field: &&FieldView<'_>| field.target.as_ref().is_some_and(Target::is_user);
        let hidden = limited.filter(|field| field.is_offered || is_user(field));
        hidden
            .filter_map(|field| field.target.as_ref())
            .flat_map(|target| self.views(target))
            .collect()
    }

    /// The permissions to view all that a relation can point at.
    fn views(&self, target: &Target<'_>) -> Vec<String> {
        match target.place() {
            Some(place) => self.scope.views(&place),
            None => vec![format!("{}.view_{}", target.app, target.class.to_lowercase())],
        }
    }

    /// What has to be filled in for a new object; none if djscaffold can't tell.
    pub(super) fn samples(&self) -> Option<Vec<Sample>> {
        if !self.scope.can_make(&self.place) {
            return None;
        }
        let asked = self.fields.iter().filter(|field| {
            let has_default = field.field.default.is_some() && !field.has_empty_default();
            field.in_form() && !field.field.blank && !has_default
        });
        asked.map(|field| self.sample(field)).collect()
    }

    fn sample(&self, field: &FieldView<'_>) -> Option<Sample> {
        let mut factory = None;
        let is_spanned = !self.place.model.spanning.is_empty() && field.target.is_none();
        let is_narrow = (field.field.is_narrow || is_spanned) && !field.kind.media;
        let asked = |function: &str| format!("{function}(built, \"{}\")", field.name);
        let value = match &field.target {
            _ if is_narrow => asked("typed"),
            None if field.kind.media => field.sample(),
            None => field.sent()?,
            Some(target) if target.is_user() => "user.pk".to_owned(),
            Some(target) => {
                let model = target.model?;
                let owners = target.place().map(|place| self.scope.owners(&place));
                let public = || model.public.as_ref().map(|_| "public=True".to_owned());
                let values = mine(owners.unwrap_or_default(), None).or_else(public);
                let values = values.unwrap_or_default();
                let made = self.factory(target);
                let value = format!("{}.create({values}).pk", made.call);
                factory = Some(made);
                value
            }
        };
        Some(Sample {
            name: field.name.to_owned(),
            value: if field.is_many() { format!("[{value}]") } else { value },
            many: field.is_many(),
            media: field.kind.media,
            in_form: !field.is("unasked"),
            in_api: field.field.default.is_none() && !(field.field.null && field.is("unasked")),
            is_text: field.is("script") && !is_narrow,
            sent: is_narrow.then(|| asked("sent")),
            factory,
        })
    }

    fn factory(&self, target: &Target<'_>) -> Factory {
        let (name, is_own) = (format!("{}Factory", target.called), target.app == self.place.app);
        Factory {
            app: target.app.clone(),
            module: target.module.clone(),
            call: if is_own {
                name.clone()
            } else {
                format!("{}_factories.{name}", target.app)
            },
            name,
            is_own,
        }
    }
}

/// What a factory is given so that a row is the user's, as the arguments of its call; none if there is nothing to give. A row
/// that is given for `beside` has its owner already.
pub(super) fn mine(owners: Vec<String>, beside: Option<&str>) -> Option<String> {
    let is_given = |path: &str| path.split_once("__").is_some_and(|(field, _)| Some(field) == beside);
    let arguments = owners.into_iter().filter(|path| !is_given(path));
    let arguments: Vec<String> = arguments.map(|path| format!("{path}=user")).collect();
    (!arguments.is_empty()).then(|| arguments.join(", "))
}
