//! Apps and models that come to a project or leave it.
//!
//! `models.py` is written once and the user's from then on. A class that comes or goes is merged into it as if it were
//! managed: what was rendered last is given the same change first, so that nothing but the class and its imports differs.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{Alias, Stmt};
use ruff_text_size::Ranged as _;

use super::{Project, migrations};
use crate::catalog::{Catalog, value_fits};
use crate::error::{Error, Result};
use crate::inspect::Note;
use crate::merge::{Action, Layout, Merged, Plan, Step, merge};
use crate::model::{App, Field, Model, NewModel, parse_field};
use crate::render::imports::{ImportOrder, UsedNames, arrange, is_docstring, is_import, parse};
use crate::render::render_one;
use crate::spec::{Answers, Spec, read_toml};
use crate::tree::{Entry, Found, Ownership, Tree, find};

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
                models_file(&self.app)
            )));
        }
        if answers.ejected.contains(&models_file(&self.app)) && !self.fields.is_empty() {
            return Err(Error::input(format!(
                "`{}` was ejected, so no class is written to it",
                models_file(&self.app)
            ))
            .hint(format!("write the class, then run `djscaffold add model {place}`")));
        }
        let is_written = has_class(project, &self.app, &self.name)?;
        if is_written && !self.fields.is_empty() {
            return Err(Error::input(format!(
                "`{}` has a class `{}` already",
                models_file(&self.app),
                self.name
            ))
            .hint(format!(
                "its pages, forms and so on are generated from the class as it is by `djscaffold add model {place}`"
            )));
        }
        if is_written {
            let mut declaring = project.clone();
            if let Some(app) = declaring.layer.apps.get_mut(&self.app) {
                app.models
                    .insert(self.name.clone(), NewModel::pointing(&Model::default(), &self.pointers));
            }
            answers.apps = declaring.answers(catalog)?.0.apps;
            return Ok(());
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
            if declared.apps.contains_key(app) && app != self.app && !migrations::first_has(project, app, class)? {
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
        if self.fields.is_empty() {
            return Err(
                Error::input(format!("the model `{}.{}` has no fields", self.app, self.name)).hint(format!(
                    "name some: `djscaffold add model {}.{} name:char:120 notes:text?`",
                    self.app, self.name
                )),
            );
        }
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
            let mut model = bare.clone();
            model.fields.truncate(count);
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
    catalog: &Catalog,
) -> Result<()> {
    if answers.apps.contains_key(name) {
        return Err(Error::input(format!("the app `{name}` is there already")).hint(format!(
            "give it a model: `djscaffold add model {name}.Product name:char:120`"
        )));
    }
    let mut app = App {
        title: title.map(str::to_owned),
        ..App::default()
    };
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
    if let Some(path) = migrations::dependent_app(project, name)? {
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

/// Where an app has its models.
fn models_file(app: &str) -> String {
    format!("{app}/models.py")
}

/// Whether an app's `models.py` has a class of that name.
fn has_class(project: &Project, app: &str, name: &str) -> Result<bool> {
    let text = project.read(&models_file(app))?.unwrap_or_default();
    let is_it = |statement: &Stmt| {
        statement
            .as_class_def_stmt()
            .is_some_and(|class| class.name.as_str() == name)
    };
    Ok(parse(&text).is_ok_and(|module| module.body.iter().any(is_it)))
}

/// The `models.py` of an app of which a class comes or goes.
pub(super) struct Rewrite {
    path: String,
    /// The base of its merge.
    base: Entry,
    /// What is merged into the user's file.
    theirs: Entry,
    /// Whether the class goes: then it stays if the user has changed it.
    goes: bool,
    /// What is rendered for it and with it: for a file that nothing can be merged into.
    addition: (String, String),
}

impl Rewrite {
    /// The rewriting of an app's models; none where the file stays as it is.
    pub(super) fn of(
        (app, class, goes): (&str, &str, bool),
        project: &Project,
        catalog: &Catalog,
        (declared, base): (&Spec, &Tree),
        theirs: &Tree,
    ) -> Result<Option<Self>> {
        let path = models_file(app);
        let sides = (
            base.get(&path),
            theirs.get(&path),
            render_one(declared, catalog, &path, project.version())?,
        );
        let (Some(stored), Some(after), Some(before)) = sides else {
            return Ok(None);
        };
        if has_class(project, app, class)? != goes {
            return Ok(None);
        }
        let managed = |content: Vec<u8>| Entry {
            content,
            ownership: Ownership::Managed,
            ..after.clone()
        };
        let layout = Layout::default();
        let text = |entry: &Entry| String::from_utf8_lossy(&entry.content).into_owned();
        let addition = addition(&text(&before), &text(after));
        let (base, theirs) = match merge(&path, &before.content, &stored.content, &after.content, &layout) {
            Merged::Clean(content) => (managed(stored.content.clone()), managed(content)),
            // The user has changed the class, or what stands beside the new one, in ways that Django sees.
            _ if goes => return Ok(None),
            _ => (managed(before.content), managed(after.content.clone())),
        };
        Ok(Some(Self {
            path,
            base,
            theirs,
            goes,
            addition,
        }))
    }

    /// Lets the file be merged as one that is managed.
    pub(super) fn prepare(&self, base: &mut Tree, theirs: &mut Tree) {
        base.insert(&self.path, self.base.clone());
        theirs.insert(&self.path, self.theirs.clone());
    }

    /// Leaves a class that the user has changed in its place; otherwise the next run takes the change for rendered.
    /// Whether the class comes or goes.
    pub(super) fn settle(&self, plan: &mut Plan, next: &mut Tree, layout: &Layout) -> bool {
        let mut changes = plan.changes.iter_mut();
        let disputed = changes.find(|change| change.path == self.path && change.dispute.is_some());
        if let Some(change) = disputed {
            if self.goes {
                change.dispute = None;
                change.action = Action::Keep;
                change.step = Step::Leave;
                return false;
            }
            if let Found::File { content, bits } = &change.before
                && let Some(content) = self.appended_to(content, layout, &import_order(next))
            {
                change.step = Step::Write { content, bits: *bits };
                change.dispute = None;
                change.action = Action::Merge;
                "added at the end".clone_into(&mut change.reason);
            }
        }
        if let Some(entry) = next.get(&self.path) {
            let entry = Entry {
                content: self.theirs.content.clone(),
                ..entry.clone()
            };
            next.insert(&self.path, entry);
        }
        true
    }

    /// The user's file with the class at its end and the imports that it needs at its top; none if that is no Python.
    fn appended_to(&self, content: &[u8], layout: &Layout, order: &ImportOrder) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(content).ok().filter(|text| !text.contains('\r'))?;
        let (imports, class) = &self.addition;
        let class = layout.apply(&self.path, class.as_bytes());
        let class = std::str::from_utf8(&class).ok()?.trim_end();
        let (module, rendered) = (parse(text).ok()?, parse(imports).ok()?);
        let mut needed = UsedNames::default();
        needed.visit_body(&parse(class).ok()?.body);
        let known: BTreeSet<String> = module.body.iter().flat_map(bound).collect();
        let is_missing = |name: &String| needed.used.contains(name) && !known.contains(name);
        let missing = rendered
            .body
            .iter()
            .filter(|import| bound(import).iter().any(is_missing));
        let missing: Vec<&str> = missing.map(|import| &imports[import.range().to_std_range()]).collect();
        let docstring = module.body.first().filter(|first| is_docstring(first));
        let own = module.body[usize::from(docstring.is_some())..]
            .iter()
            .take_while(|own| is_import(own));
        let own: Vec<&Stmt> = own.collect();
        let start = docstring.map_or(0, |docstring| usize::from(docstring.end()));
        let range = match (own.first(), own.last()) {
            (Some(first), Some(last)) => {
                let end = usize::from(last.end());
                let comment = text[end..].find('\n').unwrap_or(text.len() - end);
                usize::from(first.start())..end + comment
            }
            _ => start..start,
        };
        let (before, block, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
        let block = sorted(block, &missing, order);
        let before = if own.is_empty() && docstring.is_some() {
            format!("{before}\n\n")
        } else {
            before.to_owned()
        };
        let after = if own.is_empty() {
            format!("\n\n{}", after.trim_start())
        } else {
            after.to_owned()
        };
        let appended = format!("{}\n\n\n{class}\n", format!("{before}{block}{after}").trim());
        parse(&appended).is_ok().then(|| appended.into_bytes())
    }

    /// What to say of a class that stays.
    pub(super) fn note_of(app: &str, class: &str) -> Note {
        Note {
            path: models_file(app),
            line: 1,
            text: format!(
                "`{class}` stays there, as you have changed it or what is around it; remove it by hand once nothing needs it"
            ),
        }
    }
}

/// The order of imports in a project whose files these are.
fn import_order(files: &Tree) -> ImportOrder {
    let folders = files.iter().filter(|(path, _)| path.ends_with(".py"));
    let folders = folders.filter_map(|(path, _)| path.split_once('/'));
    ImportOrder {
        first_party: folders.map(|(folder, _)| folder.to_owned()).collect(),
        python_minor: 11,
    }
}

/// A module's imports with those that are missing: sorted, or behind the others where comments stand between them.
fn sorted(own: &str, missing: &[&str], order: &ImportOrder) -> String {
    const USE: &str = "_ = [";
    let block = format!("{own}\n{}", missing.join("\n")).trim().to_owned();
    let arranged = parse(&block).ok().filter(|_| !own.contains('#')).and_then(|module| {
        let names: Vec<String> = module.body.iter().flat_map(bound).collect();
        let arranged = arrange(&format!("{block}\n{USE}{}]\n", names.join(", ")), "", order).ok()?;
        Some(arranged.rsplit_once(USE)?.0.trim().to_owned())
    });
    arranged.unwrap_or(block)
}

/// The names that a statement binds, as far as it imports or defines them.
fn bound(statement: &Stmt) -> Vec<String> {
    let alias = |alias: &Alias| {
        let name = alias.asname.as_ref().unwrap_or(&alias.name);
        name.split('.').next().unwrap_or(name).to_owned()
    };
    match statement {
        Stmt::Import(import) => import.names.iter().map(alias).collect(),
        Stmt::ImportFrom(import) => import.names.iter().map(alias).collect(),
        Stmt::ClassDef(class) => vec![class.name.to_string()],
        Stmt::FunctionDef(function) => vec![function.name.to_string()],
        _ => Vec::new(),
    }
}

/// Files that `manage.py startapp` made in a directory and nobody touched, as what was rendered last: they are replaced.
pub(super) fn untouched_start(project: &Project, app: &str) -> Result<BTreeMap<String, Entry>> {
    let class = heck::AsUpperCamelCase(app);
    let plain = |import: &str, what: &str| format!("from django.{import}\n\n# {what} here.\n");
    let config = |line: &str| {
        format!("from django.apps import AppConfig\n\n\nclass {class}Config(AppConfig):\n{line}    name = \"{app}\"\n")
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
        let path = format!("{app}/{name}");
        if let Found::File { content, .. } = find(&project.root, &path)?
            && String::from_utf8_lossy(&content).replace('\'', "\"").trim_end() == text.trim_end()
        {
            let content = String::from_utf8_lossy(&content).into_owned();
            found.insert(path, Entry::text(content));
        }
    }
    Ok(found)
}

/// The top-level parts of a module that its later form has besides, and the imports of that form.
fn addition(before: &str, after: &str) -> (String, String) {
    let parts = |text: &str| -> Vec<String> { text.trim_end().split("\n\n\n").map(str::to_owned).collect() };
    let (before, mut after) = (parts(before), parts(after));
    let imports = after.remove(0);
    after.retain(|part| !before.contains(part));
    (imports, after.join("\n\n\n"))
}

/// What to say of the user's `tests.py` beside a generated package of that name, which Python takes instead.
pub(super) fn hidden_tests(project: &Project, app: &str, plan: &Plan, theirs: &Tree) -> Result<Option<Note>> {
    let (path, package) = (format!("{app}/tests.py"), format!("{app}/tests/__init__.py"));
    let is_going = plan
        .changes
        .iter()
        .any(|change| change.path == path && change.step == Step::Remove);
    let is_hidden = theirs.get(&package).is_some() && !is_going && find(&project.root, &path)?.content().is_some();
    Ok(is_hidden.then(|| Note {
        path,
        line: 1,
        text: format!("hidden by the package `{app}/tests/`: move its tests to a module there"),
    }))
}
