//! One model as templates see it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::fields::{FieldContext, FieldView};
use super::made_up::Seeds;
use super::names::{Names, database_name};
use super::relations::{Offer, Referrer, Sample, mine};
use super::scope::{Place, Scope, Target, column, flag};
use crate::error::Result;

/// The columns of an admin list, so that it still fits a screen.
const ADMIN_COLUMNS: usize = 7;

/// One model with its surroundings.
pub(super) struct ModelView<'a> {
    pub(super) scope: &'a Scope<'a>,
    pub(super) place: Place<'a>,
    pub(super) fields: Vec<FieldView<'a>>,
    defined: Vec<&'a str>,
    /// The models of its app that have sample rows by then.
    pub(super) seeded: Vec<String>,
    names: Names,
}

/// What templates see of a model.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ModelContext {
    #[serde(flatten)]
    pub(super) names: Names,
    /// What modules call the class.
    pub(super) name: String,
    /// The class.
    pub(super) class: String,
    /// How modules import it: `Post`, or `View as BlogView`.
    import: String,
    /// The manager that gives its rows.
    manager: String,
    pub(super) fields: Vec<FieldContext>,
    pub(super) owner: Option<String>,
    /// Whether the owner may be NULL.
    owner_null: bool,
    /// Whether visitors see none of its rows.
    is_private: bool,
    label: Option<String>,
    /// Whether the label may be NULL.
    label_null: bool,
    /// Whether the label is text of which a slug or a name can be asked.
    pub(super) clean_label: bool,
    pub(super) slug: Option<String>,
    /// The longest slug, in characters.
    slug_length: u32,
    /// How long a label can be that fills a slug, in characters.
    long_label: u32,
    pub(super) public: Option<PublicContext>,
    key: Key,
    choices: Vec<ChoiceClass>,
    pub(super) meta: Meta,
    /// Whether the code says no order, so that selectors give one.
    unordered: bool,
    /// Whether its rows come newest first.
    newest_first: bool,
    /// Relations to one object that come along in a query.
    select: Vec<String>,
    /// Relations to many objects that all may see.
    prefetch: Vec<String>,
    /// Relations to objects of which one may see only some.
    guarded: Vec<Offer>,
    /// Relations to private objects that its rows are part of.
    enclosing: Vec<Offer>,
    /// What a factory is given so that a row is the user's.
    mine: Option<String>,
    /// The permissions to view all its rows; none if there are rows for everyone.
    views: Vec<String>,
    /// Relations in the form that are limited to what one may see.
    offers: Vec<Offer>,
    /// The models of its app whose rows point at one of these.
    referrers: Vec<Referrer>,
    /// Whether a model of another app has the same class name.
    is_namesake: bool,
    /// Whether rows of others can keep one of these from being deleted.
    kept: bool,
    /// Text that searches look into.
    pub(super) search: Vec<String>,
    /// Those that its own table has.
    own_search: Vec<String>,
    search_index: String,
    /// Large columns that a list can do without.
    defer: Vec<String>,
    /// The text that lists show the beginning of.
    excerpt: Option<String>,
    /// The moment that lists and pages show first: since when it is public, or else when it was made.
    dated: Option<String>,
    admin: Admin,
    /// What a list shows of an object besides its name.
    list: Vec<String>,
    has_details: bool,
    pub(super) has_media: bool,
    /// The constraints that compare its fields with one another.
    spanning: Vec<String>,
    /// The fields without which the API takes no change, as their values are unique for a date.
    dated_together: Vec<String>,
    /// What tests have to be permitted so that they find what fields take.
    grants: Vec<String>,
    /// Whether tests take values from an instance that is built for that.
    builds: bool,
    /// Whether people can fill in all that a row needs.
    creatable: bool,
    /// Whether tests ask a field for a value that it takes.
    pub(super) asks_values: bool,
    /// Whether sample rows can be made: each field that must be filled is of a kind that is known.
    pub(super) is_known: bool,
    /// What tests fill the form in with.
    samples: Vec<Sample>,
    tests: TestFields,
    /// What people look at is made of these; none where djscaffold can't tell what would do.
    pub(super) seeds: Option<Seeds>,
}

/// What makes an object visible to everybody.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PublicContext {
    field: String,
    /// The value in Python, with the model's class before a choice.
    value: String,
    /// A value in Python that leaves it hidden.
    private: String,
    /// The value where it is not `True`, for a template.
    choice: Option<String>,
    since: Option<String>,
}

/// What stands in an address for one object.
#[derive(Debug, Clone, Serialize)]
struct Key {
    argument: &'static str,
    #[serde(rename = "type")]
    converter: String,
    python: String,
    field: String,
    /// The name of the primary key.
    name: String,
    /// Whether the primary key is a number.
    is_number: bool,
    /// Whether people choose it.
    is_field: bool,
}

/// The class of a choice's values.
#[derive(Debug, Clone, Serialize)]
struct ChoiceClass {
    class: String,
    members: Vec<Member>,
}

#[derive(Debug, Clone, Serialize)]
struct Member {
    name: String,
    value: String,
    label: String,
}

/// The model's `Meta`.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Meta {
    ordering: Vec<String>,
    indexes: Vec<Index>,
    constraints: Vec<Constraint>,
    verbose_name_plural: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Index {
    fields: Vec<String>,
    name: String,
}

#[derive(Debug, Clone, Serialize)]
struct Constraint {
    field: String,
    values: Vec<String>,
    name: String,
}

/// The options of the model's admin.
#[derive(Debug, Clone, Serialize)]
struct Admin {
    display: Vec<String>,
    autocomplete: Vec<String>,
    raw: Vec<String>,
    joined: Vec<String>,
    hierarchy: Option<String>,
    readonly: Vec<String>,
}

/// The fields that tests try things with.
#[derive(Debug, Clone, Serialize)]
struct TestFields {
    /// One that takes a script, the label if it does.
    script: Option<String>,
    script_is_label: bool,
    /// One in the form that takes the word `Changed`.
    editable: Option<String>,
    /// One that is searched and takes the word `Needle`.
    needle: Option<String>,
    label_unique: bool,
    /// One to order by of which all rows of a factory have the same.
    equal: Option<String>,
    /// What the API shows and takes from nobody.
    read_only: Vec<String>,
}

impl ModelContext {
    /// Whether its form offers users.
    pub(super) fn offers_users(&self) -> bool {
        self.offers.iter().any(|offer| offer.is_user)
    }

    /// The apps whose selectors it asks.
    pub(super) fn selector_apps(&self) -> impl Iterator<Item = String> {
        let offers = self
            .guarded
            .iter()
            .chain(&self.enclosing)
            .chain(&self.offers)
            .filter(|offer| !offer.is_user);
        offers.map(|offer| offer.app_label.clone())
    }

    /// Whether something is filled in when a row is saved.
    pub(super) fn has_signals(&self) -> bool {
        self.slug.is_some() || self.public.as_ref().is_some_and(|public| public.since.is_some())
    }
}

impl<'a> ModelView<'a> {
    pub(super) fn new(scope: &'a Scope<'a>, place: Place<'a>, defined: &[&'a str], seeded: &[String]) -> Result<Self> {
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
            seeded: seeded.to_vec(),
            names: Names::of(place.class, place.model, &scope.catalog.kinds().taken),
        })
    }

    pub(super) fn context(&self) -> Result<ModelContext> {
        let model = self.place.model;
        let label = self.named(model.label.as_deref());
        let slug = self.named(model.slug.as_deref());
        let slug_length = slug.and_then(|slug| slug.field.max_length).unwrap_or(50);
        let has_details =
            |field: &FieldView<'_>| !field.is_label() && !field.is_slug() && !field.is("prose") && field.is_shown();
        let guarded = |field: &&FieldView<'_>| field.is_guarded();
        let enclosing = self.fields.iter().filter(|field| field.encloses);
        let is_private = self.scope.is_private(self.place.app, self.place.class);
        let samples = self.samples();
        let called = self.scope.called(self.place.app, self.place.class).to_owned();
        let fields: Vec<FieldContext> = self.fields.iter().map(|field| field.context(&self.defined)).collect();
        let asks_values = fields.iter().any(FieldContext::asks_value);
        let builds = samples.iter().flatten().any(Sample::is_built);
        Ok(ModelContext {
            import: if called == self.place.class {
                called.clone()
            } else {
                format!("{} as {called}", self.place.class)
            },
            name: called,
            class: self.place.class.to_owned(),
            manager: model.manager().to_owned(),
            fields,
            owner: model.owner.clone(),
            is_private,
            owner_null: self.named(model.owner.as_deref()).is_some_and(|owner| owner.field.null),
            label: model.label.clone(),
            label_null: label.is_some_and(|label| label.field.null),
            clean_label: label.is_some_and(|label| label.in_form() && label.is("script") && !label.field.blank),
            slug: model.slug.clone(),
            slug_length,
            long_label: label
                .and_then(|label| label.field.max_length)
                .map_or(slug_length, |longest| longest.min(slug_length)),
            public: self.public(),
            key: self.key(),
            choices: self.choices(),
            meta: self.meta(),
            unordered: model.unordered,
            newest_first: !model.unordered && self.ordering().0.first().is_some_and(|first| first.starts_with('-')),
            select: self.names_of(|field| field.is("join")),
            prefetch: self.names_of(|field| field.is_many() && !field.is_guarded()),
            guarded: self
                .fields
                .iter()
                .filter(guarded)
                .filter_map(|field| self.offer(field))
                .collect(),
            enclosing: enclosing.filter_map(|field| self.offer(field)).collect(),
            mine: mine(self.scope.owners(&self.place), None),
            views: if is_private {
                self.scope.views(&self.place)
            } else {
                Vec::new()
            },
            offers: self.offers(),
            referrers: self.referrers()?,
            is_namesake: self.scope.has_namesake(&self.place),
            kept: self.scope.is_kept(&self.place)?,
            search: self.searched(),
            own_search: self.names_of(|field| field.is("search") && !field.is_slug() && !field.field.is_inherited),
            search_index: database_name(&format!("{}_search_idx", self.table())),
            defer: self.names_of(|field| field.is("large") && !field.is_label() && !field.field.is_in_str),
            excerpt: self.excerpt(),
            dated: self.dated(),
            admin: self.admin(),
            list: self.list(),
            has_details: self.fields.iter().any(has_details),
            has_media: self.fields.iter().any(|field| field.kind.media),
            is_known: samples.is_some(),
            spanning: model.spanning.clone(),
            dated_together: self.dated_together(),
            grants: self.grants(),
            asks_values: asks_values || builds,
            builds,
            creatable: !self.fields.iter().any(|field| field.field.is_unfilled),
            samples: samples.unwrap_or_default(),
            tests: self.tests(),
            seeds: self.seeds(),
            names: self.names.clone(),
        })
    }

    pub(super) fn named(&self, name: Option<&str>) -> Option<&FieldView<'a>> {
        self.fields.iter().find(|field| Some(field.name) == name)
    }

    fn names_of(&self, wanted: impl Fn(&FieldView<'a>) -> bool) -> Vec<String> {
        let wanted = self.fields.iter().filter(|field| wanted(field));
        wanted.map(|field| field.name.to_owned()).collect()
    }

    fn key(&self) -> Key {
        let model = self.place.model;
        let kinds = self.scope.catalog.kinds();
        let kind = model.key.as_ref().and_then(|key| kinds.get(key.kind.as_deref()?));
        let text = |name: &str| {
            let usual = if model.key.is_none() { "int" } else { "str" };
            let known = kind.and_then(|kind| column(kind, name));
            known.unwrap_or(usual).to_owned()
        };
        let is_number = text("converter") == "int";
        let is_field = model
            .key
            .as_ref()
            .is_some_and(|key| model.fields.contains_key(&key.name));
        let name = model.key.as_ref().map_or("id", |key| &key.name).to_owned();
        match &model.slug {
            Some(field) => Key {
                argument: "slug",
                converter: "slug".to_owned(),
                python: "str".to_owned(),
                field: field.clone(),
                name,
                is_number,
                is_field,
            },
            None => Key {
                argument: "pk",
                converter: text("converter"),
                python: text("python"),
                field: "pk".to_owned(),
                name,
                is_number,
                is_field,
            },
        }
    }

    fn public(&self) -> Option<PublicContext> {
        let public = self.place.model.public.as_ref()?;
        let state = self.named(Some(&public.field));
        let choice = public.value.as_ref().zip(state);
        Some(PublicContext {
            field: public.field.clone(),
            value: choice.map_or_else(|| "True".to_owned(), |(value, state)| state.choice(value)),
            private: choice.map_or_else(|| "False".to_owned(), |(_, state)| state.private_choice()),
            choice: public.value.clone(),
            since: public.since.clone(),
        })
    }

    fn choices(&self) -> Vec<ChoiceClass> {
        let with_choices = self.fields.iter().filter_map(|field| Some((field, field.choices()?)));
        with_choices
            .map(|(field, choices)| ChoiceClass {
                class: field.choices_class(),
                members: choices
                    .into_iter()
                    .map(|(value, label)| Member {
                        name: field.member(&value),
                        value,
                        label,
                    })
                    .collect(),
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

    fn meta(&self) -> Meta {
        let (ordering, order) = self.ordering();
        let mut indexes = Vec::new();
        let mut index = |fields: Vec<&str>, what: &str| {
            indexes.push(Index {
                fields: fields.into_iter().map(str::to_owned).collect(),
                name: database_name(&format!("{}_{what}_idx", self.table())),
            });
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
        Meta {
            ordering,
            indexes,
            constraints: self.constraints(),
            verbose_name_plural: self.names.verbose_name_plural.clone(),
        }
    }

    fn constraints(&self) -> Vec<Constraint> {
        let with_choices = self.fields.iter().filter_map(|field| Some((field, field.choices()?)));
        with_choices
            .map(|(field, choices)| {
                let mut values: Vec<String> = choices.into_iter().map(|(value, _)| value).collect();
                if field.field.blank {
                    values.insert(0, String::new());
                }
                Constraint {
                    field: field.name.to_owned(),
                    values,
                    name: database_name(&format!("{}_{}_valid", self.table(), field.name)),
                }
            })
            .collect()
    }

    fn table(&self) -> String {
        format!("{}_{}", self.place.app, self.place.class.to_lowercase())
    }

    fn searched(&self) -> Vec<String> {
        self.names_of(|field| field.is("search") && !field.is_slug())
    }

    fn admin(&self) -> Admin {
        let model = self.place.model;
        let mut columns = vec![model.label.as_deref().unwrap_or("__str__")];
        for field in &self.fields {
            let is_shown = field.is("column") && !field.is_label() && !field.is_slug();
            if is_shown && columns.len() < ADMIN_COLUMNS {
                columns.push(field.name);
            }
        }
        let is_searched = |field: &FieldView<'a>| {
            let target = field.target.as_ref();
            target.map(|target| self.is_searchable(target))
        };
        let since = model.public.as_ref().and_then(|public| public.since.clone());
        Admin {
            autocomplete: self.names_of(|field| is_searched(field) == Some(true)),
            raw: self.names_of(|field| is_searched(field) == Some(false)),
            joined: self.names_of(|field| field.is("join") && columns.contains(&field.name)),
            hierarchy: self.created().map(|field| field.name.to_owned()).or(since),
            readonly: self.names_of(|field| field.is_automatic() && !field.is_slug()),
            display: columns.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Whether the admin of the target can be searched, as completing a name needs.
    fn is_searchable(&self, target: &Target<'_>) -> bool {
        let Some(model) = target.model else {
            return target.provided.is_some();
        };
        model.fields.iter().any(|(name, field)| {
            model.slug.as_ref() != Some(name) && self.scope.kind(field).is_ok_and(|kind| flag(kind, "search"))
        })
    }

    fn dated_together(&self) -> Vec<String> {
        let fields = self.fields.iter();
        let pairs = fields.filter_map(|field| Some([field.name.to_owned(), field.field.unique_for.clone()?]));
        let names: BTreeSet<String> = pairs.flatten().collect();
        names.into_iter().collect()
    }

    fn excerpt(&self) -> Option<String> {
        let mut prose = self
            .fields
            .iter()
            .filter(|field| field.is("prose") && !field.is_label() && field.is_shown());
        let is_free = self.named(Some("excerpt")).is_none() && !self.place.model.has_excerpt;
        prose.next().filter(|_| is_free).map(|field| field.name.to_owned())
    }

    fn dated(&self) -> Option<String> {
        let since = self.place.model.public.as_ref().and_then(|public| public.since.clone());
        since.or_else(|| self.created().map(|field| field.name.to_owned()))
    }

    fn list(&self) -> Vec<String> {
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

    fn read_only(&self) -> Vec<String> {
        let key = self.key();
        let own = (!key.is_field).then_some(key.name);
        own.into_iter().chain(self.names_of(|field| !field.in_form())).collect()
    }

    fn tests(&self) -> TestFields {
        let label = self.named(self.place.model.label.as_deref());
        let one = |is_one: &dyn Fn(&FieldView<'_>) -> bool| {
            let found = label.into_iter().chain(&self.fields).find(|field| is_one(field));
            found.map(|field| field.name.to_owned())
        };
        let key = self.place.model.key.as_ref().map(|key| key.name.as_str());
        let script = one(&|field| field.is_script() && Some(field.name) != key);
        TestFields {
            script_is_label: script.is_some() && script == self.place.model.label,
            script,
            editable: one(&|field| field.in_form() && field.takes_text(7) && Some(field.name) != key),
            needle: one(&|field| field.is("search") && !field.is_slug() && field.takes_text(6)),
            equal: one(&|field| field.is("filter") && !field.field.is_narrow),
            label_unique: label.is_some_and(|label| label.field.unique),
            read_only: self.read_only(),
        }
    }
}
