//! What rows that are made up consist of: those of factories, and the sample data that people look at.

use serde::Serialize;
use serde_json::Value;

use super::fields::FieldView;
use super::model::ModelView;
use super::scope::{Target, column};
use crate::model::Model;
use crate::render::quoting;

/// Room for the number behind a label that a factory makes up.
const NUMBER: usize = 12;

/// The most characters that Faker makes a word of, and a sentence or paragraph of the size that kinds.toml asks for.
const WORD: u32 = 20;
const SENTENCE: u32 = 90;
const PARAGRAPH: u32 = 2_000;

/// The values of a row that people look at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Seeds {
    values: Vec<Seed>,
    /// Relations to many rows that are there already.
    many: Vec<Seed>,
    /// Whether one is made of `fake`, and of which of the module's texts.
    pub(super) uses_faker: bool,
    pub(super) uses_openings: bool,
    pub(super) uses_sentences: bool,
}

#[derive(Debug, Clone, Serialize)]
struct Seed {
    name: String,
    value: String,
}

impl FieldView<'_> {
    /// What the factory gives the field; nothing where the model fills it itself or it may be empty.
    pub(super) fn factory(&self, defined: &[&str]) -> Option<String> {
        let field = self.field;
        let asked = || {
            let (model, name) = (&self.called, self.name);
            format!("factory.Sequence(lambda number: value_of({model}, \"{name}\", number))")
        };
        if field.is_unfilled {
            return Some(asked());
        }
        let public = self
            .place
            .model
            .public
            .as_ref()
            .filter(|public| public.field == self.name);
        if let Some(public) = public
            && field.default == Some(public.value.clone().map_or(Value::Bool(true), Value::String))
        {
            return Some(
                public
                    .value
                    .as_ref()
                    .map_or_else(|| "False".to_owned(), |_| self.private_choice()),
            );
        }
        let is_label = self.is_label();
        let is_asked = !field.blank && !self.kind.relation && !self.is("unasked");
        let can_be_empty = (field.null && !is_asked) || (field.blank && !self.is("filled") && !self.kind.relation);
        let has_default = field.default.is_some() && (field.blank || !self.has_empty_default());
        let is_wanted = is_label || self.is_owner() || !(can_be_empty || has_default);
        if self.is_automatic() || self.is_many() || !is_wanted {
            return None;
        }
        if self.field.is_narrow && !self.kind.media {
            return Some(asked());
        }
        if let Some(target) = &self.target {
            return Some(self.related_factory(target, defined));
        }
        let label = self.label();
        let is_short = field
            .max_length
            .is_some_and(|longest| (longest as usize) < label.len() + NUMBER);
        let short = column(self.kind, "short-factory").filter(|_| is_short);
        Some(self.fill(short.or_else(|| column(self.kind, "factory"))?))
    }

    fn related_factory(&self, target: &Target<'_>, defined: &[&str]) -> String {
        let owner = self.place.model.owner.as_deref();
        if let Some(provided) = target.provided {
            if let (true, false, false, Some(owner)) = (target.is_user(), self.is_owner(), self.is("exclusive"), owner)
            {
                return format!("factory.SelfAttribute({})", quoting::python(owner));
            }
            let path = provided["factory"].as_str().unwrap_or_default();
            return format!("factory.SubFactory({})", quoting::python(path));
        }
        let class = format!("{}Factory", target.called);
        let reference = if target.app == self.place.app && defined.contains(&target.class.as_str()) {
            class
        } else {
            quoting::python(&format!("{}.tests.factories.{class}", target.module))
        };
        let theirs = target.model.and_then(|model| model.owner.as_deref());
        let is_public = target.model.is_some_and(|model| model.public.is_some());
        match (theirs, owner) {
            (Some(theirs), Some(own)) => {
                let own = quoting::python(&format!("..{own}"));
                format!("factory.SubFactory({reference}, {theirs}=factory.SelfAttribute({own}))")
            }
            _ if is_public => format!("factory.SubFactory({reference}, public=True)"),
            _ => format!("factory.SubFactory({reference})"),
        }
    }

    /// Whether a row can't be saved before somebody or something fills the field.
    fn must_be_filled(&self) -> bool {
        let has_empty_value =
            !self.kind.relation && matches!(self.kind.default.as_deref(), None | Some("string" | "choice"));
        let is_filled = self.field.blank && has_empty_value
            || self.field.null
            || self.field.default.is_some()
            || self.is_automatic();
        self.is_label() || !(is_filled || self.is_owner() || self.is_many())
    }

    /// What makes up a value that reads well to people, in Python; none if nothing does.
    fn seed(&self) -> Option<String> {
        let fits = |length: u32| self.field.max_length.is_none_or(|longest| longest >= length);
        let unique = column(self.kind, "seed-unique").filter(|_| self.field.unique);
        let short = column(self.kind, "seed-word").filter(|_| !fits(SENTENCE));
        let line = column(self.kind, "seed-line").filter(|_| self.is_label() || !fits(PARAGRAPH));
        if self.field.is_narrow {
            return None;
        }
        let seed = unique.or(short).or(line).or_else(|| column(self.kind, "seed"))?;
        let cut = match self.field.max_length {
            Some(longest) if self.is_text() && !fits(WORD) => format!("[:{longest}]"),
            _ => String::new(),
        };
        Some(self.fill(seed) + &cut)
    }
}

impl ModelView<'_> {
    /// What sample rows are made of; none where djscaffold can't tell what would do.
    pub(super) fn seeds(&self) -> Option<Seeds> {
        let is_there = |target: &Target<'_>| target.app == self.place.app && self.seeded.contains(&target.class);
        let mut seeds = Seeds {
            values: Vec::new(),
            many: Vec::new(),
            uses_faker: false,
            uses_openings: false,
            uses_sentences: false,
        };
        let public = self.place.model.public.as_ref();
        let is_public = |field: &&FieldView<'_>| public.is_some_and(|public| public.field == field.name);
        let model = self.place.model;
        // What is in a parent's table is a row there, too, and what only code knows is not made up.
        let is_ours = |field: &FieldView<'_>| !field.field.is_inherited && !field.field.is_unfilled;
        if model.without_table || !model.spanning.is_empty() || !self.fields.iter().all(is_ours) {
            return None;
        }
        for field in self.fields.iter().filter(|field| !is_public(field)) {
            let name = field.name.to_owned();
            let target = field.target.as_ref();
            let manager = target.and_then(|target| target.model).map_or("objects", Model::manager);
            match &field.target {
                Some(_) if field.field.is_narrow => return None,
                _ if field.field.read_only => {}
                Some(target) if field.is_many() && is_there(target) => {
                    let value = format!("{}.{manager}.order_by(\"?\")[:2]", target.called);
                    seeds.many.push(Seed { name, value });
                }
                _ if !field.must_be_filled() => {}
                Some(_) if field.is("exclusive") => return None,
                Some(target) if target.is_user() => seeds.values.push(Seed {
                    name,
                    value: "user".to_owned(),
                }),
                Some(target) if is_there(target) => {
                    let value = format!("{}.{manager}.order_by(\"?\")[0]", target.called);
                    seeds.values.push(Seed { name, value });
                }
                Some(_) => return None,
                None => {
                    let value = field.seed()?;
                    seeds.uses_faker |= value.contains("fake.");
                    seeds.uses_openings |= value.contains("OPENINGS");
                    seeds.uses_sentences |= value.contains("SENTENCES");
                    seeds.values.push(Seed { name, value });
                }
            }
        }
        Some(seeds)
    }
}
