//! Apps and models that come to a project or leave it: what they are to its declaration.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::rewrite::{has_class, models_file};
use super::{Project, migrations};
use crate::catalog::{Catalog, value_fits};
use crate::error::{Error, Result};
use crate::inspect::Note;
use crate::merge::{Plan, Step};
use crate::model::{App, Field, Model, NewModel, parse_field};
use crate::spec::{Answers, Spec, read_toml};
use crate::tree::{Entry, Found, Tree, find};

/// What becomes of it in a project.
impl NewModel {
    /// An error with the words and a mark under a part of one of them.
    fn pointing_at(&self, word: usize, part: std::ops::Range<usize>, message: &str, hints: &[String]) -> Error {
        const WIDTH: usize = 90;
        let words = self.words();
        let mut before = format!("djscaffold add model {}", words[..word].join(" "))
            .trim_end()
            .to_owned();
        let mut after = words[word + 1..].join(" ");
        if before.len() + words[word].len() + after.len() > WIDTH {
            "…".clone_into(&mut before);
            after.truncate(0);
        }
        let width = |text: &str| console::measure_text_width(text);
        let margin = width(&before) + 1 + width(&words[word][..part.start]);
        let marks = "^".repeat(width(&words[word][part]).max(1));
        let line = format!("{before} {} {after}", words[word]);
        let picture = format!("    {}\n    {}{marks}", line.trim_end(), " ".repeat(margin));
        hints
            .iter()
            .fold(Error::input(format!("{message}\n{picture}")), |error, hint| {
                error.hint(hint)
            })
    }

    /// The same with the whole of a word marked.
    fn wrong_word(&self, word: usize, error: &Error) -> Error {
        let length = self.words()[word].len();
        self.pointing_at(word, 0..length, &error.to_string(), &error.hints())
    }

    /// Puts it into the answers.
    pub(super) fn add(&self, answers: &mut Answers, project: &Project, catalog: &Catalog) -> Result<()> {
        let place = format!("{}.{}", self.app, self.name);
        let Some(app) = answers.apps.get(&self.app) else {
            return Err(
                unknown_app(&self.app, answers).hint(format!("add it first: `djscaffold add app {}`", self.app))
            );
        };
        if app.models.contains_key(&self.name) {
            return Err(Error::input(format!("`{place}` is there already")).hint(format!(
                "change its fields in `{}` and run `djscaffold sync`",
                models_file(project, &self.app)
            )));
        }
        if answers.ejected.contains(&models_file(project, &self.app)) && !self.fields.is_empty() {
            return Err(Error::input(format!(
                "`{}` was ejected, so no class is written to it",
                models_file(project, &self.app)
            ))
            .hint(format!("write the class, then run `djscaffold add model {place}`")));
        }
        let is_written = has_class(project, &self.app, &self.name)?;
        if is_written && !self.fields.is_empty() {
            return Err(Error::input(format!(
                "`{}` has a class `{}` already",
                models_file(project, &self.app),
                self.name
            ))
            .hint(format!(
                "its pages, forms and so on are generated from the class as it is by `djscaffold add model {place}`"
            )));
        }
        if self.fields.is_empty() {
            let mut declaring = project.clone();
            if let Some(app) = declaring.layer.apps.get_mut(&self.app) {
                app.models
                    .insert(self.name.clone(), NewModel::pointing(&Model::default(), &self.pointers));
            }
            let told = declaring.answers(catalog);
            let known = declaring
                .snapshot()?
                .models(&self.app, catalog.kinds())
                .unwrap_or_default();
            if !known.contains_key(&self.name) {
                return Err(Error::input(format!(
                    "there is no class `{}` in the models of `{}`",
                    self.name, self.app
                ))
                .did_you_mean(&self.name, known.keys().map(|name| (name.as_str(), name.as_str())))
                .hint(format!(
                    "for a new model, name its fields: `djscaffold add model {place} name:char:120 notes:text?`"
                )));
            }
            answers.apps = told?.0.apps;
            return Ok(());
        }
        let package = format!("{}/models/", project.folder_of(&self.app));
        if project.root.join(&package).is_dir() {
            return Err(
                Error::input(format!("`{package}` is a package, so no class is written to it"))
                    .hint(format!("write the class, then run `djscaffold add model {place}`")),
            );
        }
        let model = self.read(answers, catalog)?;
        self.insert(answers, model);
        if let Err(error) = Spec::from_answers(answers, catalog) {
            return Err(self.located(answers, catalog, error));
        }
        Ok(())
    }

    /// Whether its app gets its first migration with it: it is the first model, and what it points at is in the first
    /// migrations of other apps. Otherwise Django makes the migration.
    pub(super) fn starts(&self, project: &Project, declared: &Spec, spec: &Spec) -> Result<bool> {
        let is_new = |app: &App| app.models.is_empty() && app.migrations.is_empty();
        if self.fields.is_empty() || !declared.apps.get(&self.app).is_some_and(is_new) {
            return Ok(false);
        }
        let targets = spec.apps[&self.app].models[&self.name].fields.values();
        for (app, class) in targets.filter_map(|field| field.to.as_deref()?.split_once('.')) {
            if declared.apps.contains_key(app)
                && app != self.app
                && !migrations::first_has(project, &project.folder_of(app), class)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn insert(&self, answers: &mut Answers, model: Model) {
        if let Some(app) = answers.apps.get_mut(&self.app) {
            app.models.insert(self.name.clone(), model);
        }
    }

    /// The model that the words describe.
    fn read(&self, answers: &Answers, catalog: &Catalog) -> Result<Model> {
        let provided = Spec::from_answers(answers, catalog)?.provided_models(catalog);
        let user = provided
            .iter()
            .find(|(_, target)| target.user)
            .map(|(name, _)| name.as_str());
        let mut model = Model::default();
        for (index, word) in self.fields.iter().enumerate() {
            let (name, field) = parse_field(word, catalog.kinds(), user)
                .map_err(|mistake| self.pointing_at(index + 1, mistake.part, &mistake.message, &mistake.hints))?;
            if model.fields.insert(name.clone(), field).is_some() {
                let message = format!("the field `{name}` stands twice");
                return Err(self.pointing_at(index + 1, 0..name.len(), &message, &[]));
            }
        }
        let mut model = NewModel::pointing(&model, &self.pointers);
        add_slug(&mut model, catalog);
        Ok(model)
    }

    /// The same error with the word marked from which on it comes.
    fn located(&self, answers: &Answers, catalog: &Catalog, error: Error) -> Error {
        let Some(whole) = answers.apps.get(&self.app).and_then(|app| app.models.get(&self.name)) else {
            return error;
        };
        let bare = Model {
            fields: whole.fields.clone(),
            ..Model::default()
        };
        let fails = |model: Model| {
            let mut answers = answers.clone();
            self.insert(&mut answers, model);
            Spec::from_answers(&answers, catalog).err()
        };
        for count in 1..=self.fields.len() {
            let said = |name: &String| {
                self.fields[..count]
                    .iter()
                    .any(|word| word.split(':').next() == Some(name))
            };
            let mut model = bare.clone();
            model.fields.retain(|name, _| said(name));
            if let Some(error) = fails(model) {
                // What the first field alone does not cure is the name's fault, or that field's.
                let is_name = count == 1
                    && error
                        .to_string()
                        .contains(&format!("model name `{}.{}`", self.app, self.name));
                return self.wrong_word(if is_name { 0 } else { count }, &error);
            }
        }
        for count in 1..=self.pointers.len() {
            if let Some(error) = fails(NewModel::pointing(&bare, &self.pointers[..count])) {
                return self.wrong_word(self.fields.len() + 2 * count, &error);
            }
        }
        self.wrong_word(0, &error)
    }
}

/// A slug that is named and not described takes as much text as the label, behind which it stands.
fn add_slug(model: &mut Model, catalog: &Catalog) {
    let (Some(slug), Some(label)) = (&model.slug, &model.label) else {
        return;
    };
    let kind = catalog.kinds().declarable().find(|(_, kind)| kind.can_be("slug"));
    let (Some((kind, _)), Some((index, _, field))) = (kind, model.fields.get_full(label)) else {
        return;
    };
    if !model.fields.contains_key(slug) {
        let field = Field {
            kind: kind.to_owned(),
            unique: true,
            max_length: field.max_length,
            ..Field::default()
        };
        model.fields.shift_insert(index + 1, slug.clone(), field);
    }
}

/// Puts an app without models into the answers.
pub(super) fn add_app(
    name: &str,
    title: Option<&str>,
    options: &[(String, String)],
    answers: &mut Answers,
    project: &Project,
    catalog: &Catalog,
) -> Result<()> {
    let (parent, label) = name.rsplit_once('.').unwrap_or(("", name));
    let package = parent.replace('.', "/");
    if !parent.is_empty() && !project.root.join(&package).join("__init__.py").exists() {
        return Err(
            Error::input(format!("`{package}` is not a package of this project")).hint(format!(
                "make it one: `mkdir -p {package} && touch {package}/__init__.py`"
            )),
        );
    }
    let name = label;
    if answers.apps.contains_key(name) {
        return Err(Error::input(format!("the app `{name}` is there already")).hint(format!(
            "give it a model: `djscaffold add model {name}.Product name:char:120`"
        )));
    }
    let mut app = App {
        title: title.map(str::to_owned),
        ..App::default()
    };
    project.place(name, &mut app);
    if app.module.is_none() && !parent.is_empty() {
        app.module = Some(format!("{parent}.{name}"));
    }
    for (option, text) in options {
        let chosen = catalog
            .components()
            .filter(|component| answers.components.contains_key(&component.name));
        let mut known = chosen.filter_map(|component| component.manifest.options.get(option));
        let Some(spec) = known.find(|spec| spec.per_app) else {
            return Err(Error::input(format!("an app of this project has no option `{option}`")));
        };
        let value = Some(toml::Value::String(text.clone())).filter(|value| value_fits(spec, value).is_ok());
        app.options
            .insert(option.clone(), value.unwrap_or_else(|| read_toml(text)));
    }
    answers.apps.insert(name.to_owned(), app);
    Ok(())
}

/// Takes an app out of the answers.
pub(super) fn remove_app(name: &str, answers: &mut Answers, project: &Project) -> Result<()> {
    if !answers.apps.contains_key(name) {
        return Err(unknown_app(name, answers));
    }
    let begins = format!("{name}.");
    refuse_referrers(
        &format!("`{name}`"),
        &referrers(&answers.apps, |app, _, target| {
            app != name && target.starts_with(&begins)
        }),
    )?;
    if let Some(path) = migrations::dependent_app(project, name, &project.folder_of(name))? {
        return Err(Error::input(format!(
            "`{name}` can't be removed, as `{path}` depends on its migrations"
        ))
        .hint("squash the migrations of that app first, so that none depends on it any more"));
    }
    answers.apps.shift_remove(name);
    Ok(())
}

/// Takes a model out of the answers.
pub(super) fn remove_model(app: &str, name: &str, answers: &mut Answers) -> Result<()> {
    let Some(declared) = answers.apps.get(app) else {
        return Err(unknown_app(app, answers));
    };
    if !declared.models.contains_key(name) {
        let known: Vec<&str> = declared.models.keys().map(String::as_str).collect();
        let error = Error::input(format!("the app `{app}` has no model `{name}`"));
        let error = error.did_you_mean(name, known.iter().map(|known| (*known, *known)));
        return Err(error.hint(match known.as_slice() {
            [] => "it has no models".to_owned(),
            known => format!("models: {}", known.join(", ")),
        }));
    }
    let place = format!("{app}.{name}");
    refuse_referrers(
        &format!("`{place}`"),
        &referrers(&answers.apps, |other, model, target| {
            (other, model) != (app, name) && target == place
        }),
    )?;
    if let Some(declared) = answers.apps.get_mut(app) {
        declared.models.shift_remove(name);
    }
    Ok(())
}

fn unknown_app(name: &str, answers: &Answers) -> Error {
    let known: Vec<&str> = answers.apps.keys().map(String::as_str).collect();
    Error::input(format!("there is no app `{name}`"))
        .did_you_mean(name, known.iter().map(|known| (*known, *known)))
        .hint(if known.is_empty() {
            "this project has no apps".to_owned()
        } else {
            format!("apps: {}", known.join(", "))
        })
}

/// The relations, by `app.Model.field`, of which an app, a model of it and the target are asked about.
fn referrers(apps: &IndexMap<String, App>, is_meant: impl Fn(&str, &str, &str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (app, declared) in apps {
        for (class, model) in &declared.models {
            let relations = model
                .fields
                .iter()
                .filter_map(|(name, field)| Some((name, field.to.as_deref()?)));
            let meant = relations.filter(|(_, target)| is_meant(app, class, target));
            found.extend(meant.map(|(field, _)| format!("{app}.{class}.{field}")));
        }
    }
    found
}

fn refuse_referrers(what: &str, referrers: &[String]) -> Result<()> {
    if referrers.is_empty() {
        return Ok(());
    }
    let points = if referrers.len() == 1 { "points" } else { "point" };
    let message = format!(
        "{what} can't be removed, as `{}` {points} at it",
        referrers.join("`, `")
    );
    Err(Error::input(message)
        .hint("remove these fields from `models.py` and run `djscaffold sync`, or remove their models first"))
}

/// Files that `manage.py startapp` made in a directory and nobody touched, as what was rendered last: they are replaced.
pub(super) fn untouched_start(project: &Project, label: &str, app: &App) -> Result<BTreeMap<String, Entry>> {
    let class = heck::AsUpperCamelCase(label);
    let (module, folder) = (app.module(label), app.folder(label));
    let plain = |import: &str, what: &str| format!("from django.{import}\n\n# {what} here.\n");
    let config = |line: &str| {
        format!(
            "from django.apps import AppConfig\n\n\nclass {class}Config(AppConfig):\n{line}    name = \"{module}\"\n"
        )
    };
    let texts = [
        ("__init__.py", String::new()),
        ("admin.py", plain("contrib import admin", "Register your models")),
        ("apps.py", config("")),
        (
            "apps.py",
            config("    default_auto_field = \"django.db.models.BigAutoField\"\n"),
        ),
        ("migrations/__init__.py", String::new()),
        ("models.py", plain("db import models", "Create your models")),
        ("tests.py", plain("test import TestCase", "Create your tests")),
        ("views.py", plain("shortcuts import render", "Create your views")),
    ];
    let mut found = BTreeMap::new();
    for (name, text) in texts {
        let path = format!("{folder}/{name}");
        if let Found::File { content, .. } = find(&project.root, &path)?
            && String::from_utf8_lossy(&content).replace('\'', "\"").trim_end() == text.trim_end()
        {
            let content = String::from_utf8_lossy(&content).into_owned();
            found.insert(path, Entry::text(content));
        }
    }
    Ok(found)
}

/// What to say of the user's `tests.py` beside a generated package of that name, which Python takes instead.
pub(super) fn hidden_tests(project: &Project, app: &str, plan: &Plan, theirs: &Tree) -> Result<Option<Note>> {
    let folder = project.folder_of(app);
    let (path, package) = (format!("{folder}/tests.py"), format!("{folder}/tests/__init__.py"));
    let is_going = plan
        .changes
        .iter()
        .any(|change| change.path == path && change.step == Step::Remove);
    let is_hidden = theirs.get(&package).is_some() && !is_going && find(&project.root, &path)?.content().is_some();
    Ok(is_hidden.then(|| Note {
        path,
        line: 1,
        text: format!("hidden by the package `{folder}/tests/`: move its tests to a module there"),
    }))
}
