//! Where a relation leads, and what has to be there before what.

use std::cell::OnceCell;

use indexmap::{IndexMap, IndexSet};
use serde_json::Value;

use super::names;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::model::{App, Field, Kind, Model, Provided, resolve};
use crate::spec::Spec;

/// All that rendering a model may have to look up.
pub(super) struct Scope<'a> {
    pub(super) spec: &'a Spec,
    pub(super) catalog: &'a Catalog,
    provided: Provided,
    provided_models: &'a IndexMap<String, Value>,
    /// What modules call the models, by app and class.
    called: IndexMap<&'a str, IndexMap<&'a str, String>>,
    incoming: OnceCell<Incoming>,
    private: OnceCell<IndexSet<(String, String)>>,
}

/// Relations, each as the app and the class of the model that has it and its `on_delete`, by what they point at.
type Incoming = IndexMap<(String, String), Vec<(String, String, Option<String>)>>;

/// A model within its app.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) app: &'a str,
    pub(super) class: &'a str,
    pub(super) model: &'a Model,
}

/// The model that a relation points at.
pub(super) struct Target<'a> {
    pub(super) app: String,
    pub(super) class: String,
    /// What the modules of its app call it.
    pub(super) called: String,
    /// The module of its app.
    pub(super) module: String,
    /// The declared model; none if a component brings it.
    pub(super) model: Option<&'a Model>,
    /// What the component says of the model that it brings.
    pub(super) provided: Option<&'a Value>,
}

impl Target<'_> {
    pub(super) fn is_user(&self) -> bool {
        self.provided.is_some_and(|provided| provided["user"] == true)
    }

    /// The declared model in its app.
    pub(super) fn place(&self) -> Option<Place<'_>> {
        Some(Place {
            app: &self.app,
            class: &self.class,
            model: self.model?,
        })
    }

    /// The name of its pages and the field that stands in their addresses, if it has any.
    pub(super) fn page(&self) -> Option<(String, &str)> {
        Some((names::kebab(&self.class), self.model?.slug.as_deref().unwrap_or("pk")))
    }

    pub(super) fn is(&self, place: &Place<'_>) -> bool {
        self.app == place.app && self.class == place.class
    }
}

impl<'a> Scope<'a> {
    pub(super) fn new(spec: &'a Spec, catalog: &'a Catalog, provided_models: &'a IndexMap<String, Value>) -> Self {
        let provided = spec.provided_models(catalog);
        let taken = &catalog.kinds().taken;
        let is_hidden = |name: &str| {
            taken.hides(name)
                || provided.keys().any(|full| full.rsplit('.').next() == Some(name))
                || ruff_python_stdlib::builtins::is_python_builtin(name, 14, false)
        };
        let called = spec.apps.iter().map(|(app, declared)| {
            let mut names: IndexMap<&str, String> = IndexMap::new();
            for (class, model) in &declared.models {
                let is_free =
                    |name: &String| !is_hidden(name) && !names.values().any(|other| taken.collide(name, other));
                let mut wanted = candidates(app, class);
                let name = if model.is_read { wanted.find(is_free) } else { None };
                names.insert(class, name.unwrap_or_else(|| class.clone()));
            }
            (app.as_str(), names)
        });
        Self {
            called: called.collect(),
            incoming: OnceCell::new(),
            private: OnceCell::new(),
            spec,
            catalog,
            provided,
            provided_models,
        }
    }

    pub(super) fn kind(&self, field: &Field) -> Result<&'a Kind> {
        self.catalog
            .kinds()
            .get(&field.kind)
            .ok_or_else(|| Error::input(format!("there is no field kind `{}`", field.kind)))
    }

    pub(super) fn target(&self, place: &Place<'_>, field: &Field) -> Result<Target<'a>> {
        let to = field.to.as_deref().unwrap_or_default();
        if let Some((app, class)) = to.split_once('.').filter(|_| field.is_foreign) {
            return Ok(Target {
                model: None,
                provided: None,
                called: class.to_owned(),
                module: app.to_owned(),
                app: app.to_owned(),
                class: class.to_owned(),
            });
        }
        let full = resolve(&self.spec.apps, &self.provided, place.app, place.class, to);
        let Some((full, (app, class))) = full.as_ref().and_then(|full| Some((full, full.split_once('.')?))) else {
            return Err(Error::input(format!(
                "`{}.{}` points at `{to}`, which does not exist",
                place.app, place.class
            )));
        };
        let model = self.spec.apps.get(app).and_then(|declared| declared.models.get(class));
        Ok(Target {
            model,
            called: model.map_or(class, |_| self.called(app, class)).to_owned(),
            module: self.module(app),
            provided: self.provided_models.get(full),
            app: app.to_owned(),
            class: class.to_owned(),
        })
    }

    /// The relations of a model, with their fields' names.
    pub(super) fn relations(&self, place: &Place<'a>) -> Result<Vec<(&'a str, &'a Field, Target<'a>)>> {
        let mut relations = Vec::new();
        for (name, field) in &place.model.fields {
            if self.kind(field)?.relation {
                relations.push((name.as_str(), field, self.target(place, field)?));
            }
        }
        Ok(relations)
    }

    /// The relations by the app and the class that they point at.
    fn incoming(&self) -> Result<&Incoming> {
        if let Some(incoming) = self.incoming.get() {
            return Ok(incoming);
        }
        let mut incoming = Incoming::new();
        for (app, declared) in &self.spec.apps {
            for (class, model) in &declared.models {
                for (_, field, target) in self.relations(&Place { app, class, model })? {
                    let relation = (app.clone(), class.clone(), field.on_delete.clone());
                    incoming.entry((target.app, target.class)).or_default().push(relation);
                }
            }
        }
        Ok(self.incoming.get_or_init(|| incoming))
    }

    /// The models of an app, each after those that it points at where that can be.
    pub(super) fn ordered(&self, app: &'a str, declared: &'a App) -> Result<Vec<Place<'a>>> {
        let mut waiting: Vec<Place<'a>> = declared
            .models
            .iter()
            .map(|(class, model)| Place { app, class, model })
            .collect();
        let mut done: IndexSet<&str> = IndexSet::new();
        let mut ordered = Vec::new();
        while !waiting.is_empty() {
            let mut next = None;
            for must_only in [false, true] {
                for (index, place) in waiting.iter().enumerate() {
                    let waits = self.relations(place)?.iter().any(|(_, field, target)| {
                        target.app == app
                            && !target.is(place)
                            && !done.contains(target.class.as_str())
                            && (!must_only || self.is_needed(field))
                    });
                    if !waits {
                        next = Some(index);
                        break;
                    }
                }
                if next.is_some() {
                    break;
                }
            }
            let place = waiting.remove(next.unwrap_or_default());
            done.insert(place.class);
            ordered.push(place);
        }
        Ok(ordered)
    }

    /// Whether an object can't be saved before the target of this relation.
    fn is_needed(&self, field: &Field) -> bool {
        !field.null && self.kind(field).is_ok_and(|kind| flag(kind, "join"))
    }

    /// Refuses models of which no object could ever be saved: each needs another one first.
    pub(super) fn check_savable(&self) -> Result<()> {
        let mut needs: IndexMap<String, IndexSet<String>> = IndexMap::new();
        for (app, declared) in &self.spec.apps {
            for (class, model) in &declared.models {
                names::check_plural(&format!("{app}.{class}"), model)?;
                let place = Place { app, class, model };
                if model.is_read {
                    continue;
                }
                let needed = self
                    .relations(&place)?
                    .into_iter()
                    .filter(|(_, field, target)| {
                        target.model.is_some_and(|model| !model.is_read) && self.is_needed(field)
                    })
                    .map(|(_, _, target)| format!("{}.{}", target.app, target.class))
                    .collect();
                needs.insert(format!("{app}.{class}"), needed);
            }
        }
        while let Some(free) = needs.iter().position(|(_, needed)| needed.is_empty()) {
            if let Some((name, _)) = needs.shift_remove_index(free) {
                for needed in needs.values_mut() {
                    needed.shift_remove(&name);
                }
            }
        }
        if needs.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = needs.keys().map(|name| format!("`{name}`")).collect();
        Err(Error::input(format!(
            "no object of {} could ever be saved: each needs another one first",
            names.join(", ")
        ))
        .hint("give one of these relations `null = true`"))
    }

    /// Whether a model of another app has the same class name.
    pub(super) fn has_namesake(&self, place: &Place<'_>) -> bool {
        let mut others = self.spec.apps.iter().filter(|(app, _)| *app != place.app);
        others.any(|(_, app)| app.models.contains_key(place.class))
    }

    /// Whether rows of others keep rows of this model from being deleted: those that protect them, and those that
    /// protect what is deleted along with them.
    pub(super) fn is_kept(&self, place: &Place<'_>) -> Result<bool> {
        let mut seen = IndexSet::new();
        let mut waiting = vec![(place.app.to_owned(), place.class.to_owned())];
        while let Some(next) = waiting.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            for (app, class, on_delete) in self.incoming()?.get(&next).into_iter().flatten() {
                match on_delete.as_deref() {
                    Some("protect" | "restrict") => return Ok(true),
                    Some("cascade") => waiting.push((app.clone(), class.clone())),
                    _ => {}
                }
            }
        }
        Ok(false)
    }

    /// Whether tests and samples can make a row: each field that must be filled is of a kind that is known, in the rows
    /// that it needs as well.
    pub(super) fn can_make(&self, place: &Place<'_>) -> bool {
        self.can_make_without(place, &mut Vec::new())
    }

    /// The same while rows of these models wait for it.
    fn can_make_without(&self, place: &Place<'_>, waiting: &mut Vec<(String, String)>) -> bool {
        let own = (place.app.to_owned(), place.class.to_owned());
        if place.model.without_table || waiting.contains(&own) {
            return false;
        }
        waiting.push(own);
        let needs = self.relations(place).unwrap_or_default();
        let can_be_made = needs.iter().all(|(_, field, target)| match target.place() {
            Some(place) if self.is_needed(field) => self.can_make_without(&place, waiting),
            _ => true,
        });
        waiting.pop();
        can_be_made
    }

    /// What generated modules call a model: its class, or a name of its own where they call something else so.
    pub(super) fn called(&self, app: &str, class: &str) -> &str {
        let called = self.called.get(app).and_then(|models| models.get(class));
        called.map_or("", String::as_str)
    }

    /// The dotted name of an app's module.
    pub(super) fn module(&self, app: &str) -> String {
        let declared = self.spec.apps.get(app);
        declared.map_or(app, |declared| declared.module(app)).to_owned()
    }

    /// Whether there are objects that not everybody may see.
    pub(super) fn is_guarded(&self, target: &Target<'_>) -> bool {
        let is_guarded = |model: &Model| model.owner.is_some() || model.public.is_some();
        target.model.is_some_and(is_guarded) || self.is_private(&target.app, &target.class)
    }

    /// Whether visitors see no rows of a model: they are their owner's, or part of such rows.
    pub(super) fn is_private(&self, app: &str, class: &str) -> bool {
        let private = self.private.get_or_init(|| self.find_private());
        private.contains(&(app.to_owned(), class.to_owned()))
    }

    fn find_private(&self) -> IndexSet<(String, String)> {
        let apps = self.spec.apps.iter();
        let places: Vec<Place<'_>> = apps
            .flat_map(|(app, declared)| {
                let models = declared.models.iter();
                models.map(move |(class, model)| Place { app, class, model })
            })
            .collect();
        let key = |place: &Place<'_>| (place.app.to_owned(), place.class.to_owned());
        let owned = places.iter().filter(|place| place.model.is_private());
        let mut private: IndexSet<_> = owned.map(key).collect();
        loop {
            let known = private.len();
            for place in &places {
                let relations = self.relations(place).unwrap_or_default().into_iter();
                let mut wholes = relations.filter(|(_, field, _)| self.is_part(place.model, field));
                if wholes.any(|(_, _, target)| private.contains(&(target.app, target.class))) {
                    private.insert(key(place));
                }
            }
            if private.len() == known {
                return private;
            }
        }
    }

    /// Whether rows of a model are part of the one that a relation points at: they go with it, and are neither somebody's nor
    /// made public themselves.
    fn is_part(&self, model: &Model, field: &Field) -> bool {
        let is_whole = model.owner.is_some() || model.public.is_some() || field.is_inherited;
        !is_whole && self.is_needed(field) && field.on_delete.as_deref() == Some("cascade")
    }

    /// Whether only who may view the target may view a row.
    pub(super) fn encloses(&self, model: &Model, field: &Field, target: &Target<'_>) -> bool {
        self.is_part(model, field) && self.is_private(&target.app, &target.class)
    }

    /// The relations of a model to what its rows are private parts of, with the models.
    fn enclosing(&self, place: &Place<'a>) -> Vec<(&'a str, Target<'a>)> {
        let relations = self.relations(place).unwrap_or_default().into_iter();
        let enclosing = relations.filter(|(_, field, target)| self.encloses(place.model, field, target));
        enclosing.map(|(name, _, target)| (name, target)).collect()
    }

    /// The lookups from a row to its owner, several where it is part of several private rows.
    pub(super) fn owners(&self, place: &Place<'_>) -> Vec<String> {
        self.through_wholes(
            place,
            &mut Vec::new(),
            &|place| place.model.owner.clone(),
            &|field, path| format!("{field}__{path}"),
        )
    }

    /// The permissions to view all rows of a model: its own, or those of the rows that its rows are private parts of.
    pub(super) fn views(&self, place: &Place<'_>) -> Vec<String> {
        let view = |place: &Place<'_>| {
            let is_part = self.is_private(place.app, place.class) && !place.model.is_private();
            (!is_part).then(|| format!("{}.view_{}", place.app, place.class.to_lowercase()))
        };
        self.through_wholes(place, &mut Vec::new(), &view, &|_, permission| permission)
    }

    /// What is said of a model, or else of each that its rows are private parts of.
    fn through_wholes(
        &self,
        place: &Place<'_>,
        passed: &mut Vec<(String, String)>,
        say: &dyn Fn(&Place<'_>) -> Option<String>,
        lead: &dyn Fn(&str, String) -> String,
    ) -> Vec<String> {
        let own = (place.app.to_owned(), place.class.to_owned());
        if passed.contains(&own) {
            return Vec::new();
        }
        if let Some(said) = say(place) {
            return vec![said];
        }
        passed.push(own);
        let mut all = Vec::new();
        for (field, target) in self.enclosing(place) {
            let said = target
                .place()
                .map(|place| self.through_wholes(&place, passed, say, lead));
            all.extend(said.into_iter().flatten().map(|said| lead(field, said)));
        }
        passed.pop();
        all
    }

    /// Whether the selector of a model asks other selectors for what is related.
    pub(super) fn asks_others(&self, place: &Place<'_>) -> bool {
        let related = |(_, field, target): &(&str, &Field, Target<'_>)| {
            self.is_guarded(target) && !self.encloses(place.model, field, target)
        };
        self.relations(place)
            .is_ok_and(|relations| relations.iter().any(related))
    }

    /// The other models of its app that point at a model, with the first of their fields that does.
    pub(super) fn referrers(&self, place: &Place<'a>) -> Result<Vec<(Place<'a>, &'a str)>> {
        let mut found = Vec::new();
        for (class, model) in self.spec.apps.get(place.app).iter().flat_map(|app| &app.models) {
            let other = Place {
                app: place.app,
                class,
                model,
            };
            let relations = self.relations(&other)?;
            let points_here = relations.iter().find(|(_, _, target)| target.is(place));
            if let Some((field, _, _)) = points_here.filter(|_| class != place.class) {
                found.push((other, *field));
            }
        }
        Ok(found)
    }

    /// Apps that each app's tables need, transitively.
    pub(super) fn reachable(&self, from: &str) -> Result<IndexSet<String>> {
        let mut found = IndexSet::new();
        let mut waiting = vec![from.to_owned()];
        while let Some(app) = waiting.pop() {
            let Some((app, declared)) = self.spec.apps.get_key_value(&app) else {
                continue;
            };
            for (class, model) in &declared.models {
                for (_, _, target) in self.relations(&Place { app, class, model })? {
                    if target.app != *app && found.insert(target.app.clone()) {
                        waiting.push(target.app);
                    }
                }
            }
        }
        Ok(found)
    }
}

/// What a model can be called, the best first.
fn candidates(app: &str, class: &str) -> impl Iterator<Item = String> {
    let is_plain = class.starts_with(|first: char| first.is_uppercase()) && !class.contains('_');
    let plain = if is_plain {
        class.to_owned()
    } else {
        heck::AsUpperCamelCase(class).to_string()
    };
    let app = heck::AsUpperCamelCase(app).to_string();
    let numbered = (1..).map({
        let plain = plain.clone();
        move |number: u32| format!("{plain}Model{number}")
    });
    [plain.clone(), format!("{app}{plain}"), format!("{plain}Model")]
        .into_iter()
        .chain(numbered)
}

/// A yes-or-no column of the table of kinds.
pub(super) fn flag(kind: &Kind, column: &str) -> bool {
    kind.columns.get(column).and_then(toml::Value::as_bool).unwrap_or(false)
}

/// A column of the table of kinds that holds text.
pub(super) fn column<'k>(kind: &'k Kind, column: &str) -> Option<&'k str> {
    kind.columns.get(column).and_then(toml::Value::as_str)
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;
    use crate::spec::{AnswerLayer, Answers, Spec};

    use super::*;

    fn check(models: &str) -> Result<()> {
        let catalog = Catalog::load(None).unwrap();
        let mut answers = Answers::default();
        let text = format!("[project]\nname = \"myproj\"\n[components.base]\n{models}");
        answers.lay_over(AnswerLayer::parse(&text, "test").unwrap());
        let spec = Spec::from_answers(&answers, &catalog).unwrap();
        Scope::new(&spec, &catalog, &IndexMap::new()).check_savable()
    }

    #[test]
    fn models_that_need_each_other_first_are_refused() {
        let needs = |one: &str, other: &str| {
            format!(
                "[apps.blog.models.A.fields]\nsecond = {{ kind = \"foreign_key\", to = \"B\"{one} }}\n\
                 [apps.blog.models.B.fields]\nfirst = {{ kind = \"one_to_one\", to = \"A\"{other} }}\n"
            )
        };
        assert!(check(&needs("", "")).unwrap_err().to_string().contains("`blog.A`"));
        assert!(check(&needs(", null = true, blank = true", "")).is_ok());
    }

    #[test]
    fn a_plural_is_words() {
        let model = |plural: &str| {
            format!(
                "[apps.blog.models.A]\nplural = \"{plural}\"\n[apps.blog.models.A.fields]\nx = {{ kind = \"text\" }}\n"
            )
        };
        assert!(check(&model("all of these")).is_ok());
        assert!(check(&model("these' %}")).is_err());
    }
}
