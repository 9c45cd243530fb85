//! A declaration becomes a tree of files: declaration × models × catalog → [`Tree`]. No disk is touched.

mod conditions;
mod context;
mod helpers;
pub(crate) mod imports;
mod models;
mod origin;
mod paths;
mod python;
mod quoting;
mod settled;
mod slots;
mod translations;
mod view;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use handlebars::{Context, Handlebars, Renderable as _, Template};
use rayon::prelude::*;
use serde_json::Value;

use conditions::Conditions;
pub use context::Secrets;
use imports::ImportOrder;
pub use origin::{Origin, origin};
use paths::{Landing, Target};
pub use quoting::one_line;
use slots::{SlotHelper, Slots};
use view::View;
use written::Written;

use crate::catalog::{Catalog, Component, EnvironmentVariable, Identity, matches_path, unstored};
use crate::cores::on_all;
use crate::error::{Error, Result};
use crate::inspect::{SNAPSHOT, Snapshot, models_key};
use crate::parsed;
use crate::spec::{Spec, write_declaration};
use crate::tree::{Entry, Mode, Ownership, Tree, write_base};

/// Where the declaration is kept in a project.
pub const DECLARATION: &str = "djscaffold.toml";
/// Where the last render is kept in a project.
pub const BASE: &str = ".djscaffold/base";

/// A rendered project.
#[derive(Debug)]
pub struct Rendered {
    /// Its files, with the declaration and the base.
    pub tree: Tree,
    /// What the user does next, with `{python}` for the project's own.
    pub next_steps: Vec<Step>,
    /// Files that older versions called otherwise: old path → new path.
    pub renames: BTreeMap<String, String>,
}

/// A command that works when pasted, or a page that answers when opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The component that says so.
    pub component: String,
    /// As the shell takes it.
    pub command: String,
    /// What it is good for, if it is not for now.
    pub later: Option<String>,
}

/// Renders a project.
///
/// # Errors
/// A template that is wrong, or two components that write the same file.
pub fn render(spec: &Spec, catalog: &Catalog, secrets: &Secrets, version: &str) -> Result<Rendered> {
    let components = chosen(spec, catalog);
    let context = context::build(spec, catalog, &components, version)?;
    let renderer = Renderer::new(catalog, &components, context.data())?;
    let renames = renames(&components, context.data());
    let private_env = context::private_env(&context, &components, secrets)?;
    let mut tree = renderer.render_files(&components, &context, &private_env, |_| true)?;
    for path in &spec.ejected {
        tree.remove(path);
        // It stays the user's where it lies, whatever it would be called now.
        if let Some(renamed) = renames.get(path) {
            tree.remove(renamed);
        }
    }
    tree.insert(DECLARATION, Entry::text(write_declaration(spec, version)?));
    let writes_models = components.iter().any(|component| component.writes_models());
    let snapshot = || writes_models.then(|| snapshot(spec, catalog, &tree));
    let (base, snapshot) = on_all(|| rayon::join(|| write_base(&tree), snapshot));
    if let Some(snapshot) = snapshot {
        tree.insert(SNAPSHOT, Entry::text(snapshot?));
    }
    tree.insert(BASE, Entry::text(base));

    let next_steps = context::steps(
        &components,
        |manifest| &manifest.next_steps,
        View::of_project(&context),
        &Conditions::default(),
    )?;
    Ok(Rendered {
        tree,
        next_steps,
        renames,
    })
}

/// The components of a project, in the catalog's order.
fn chosen<'a>(spec: &Spec, catalog: &'a Catalog) -> Vec<&'a Component> {
    let is_chosen = |component: &&Component| spec.components.contains_key(&component.name);
    catalog.components().filter(is_chosen).collect()
}

/// What Django would say of the models that are declared with their fields.
fn snapshot(spec: &Spec, catalog: &Catalog, tree: &Tree) -> Result<String> {
    let text = |path: &str| Some(String::from_utf8_lossy(&tree.get(path)?.content).into_owned());
    let mut snapshot = Snapshot::of(&spec.apps, catalog.kinds());
    let is_models = |path: &&str| path.ends_with("/models.py") || path.ends_with("/models/__init__.py");
    let files = tree.iter().map(|(path, _)| path).filter(is_models);
    snapshot.key = models_key(files.map(str::to_owned), text);
    snapshot.write()
}

/// One file of a project as [`render`] gives it; none if the project has no such file. Private files are not asked for.
///
/// # Errors
/// As [`render`].
pub fn render_one(spec: &Spec, catalog: &Catalog, path: &str, version: &str) -> Result<Option<Entry>> {
    let components = chosen(spec, catalog);
    let context = context::build(spec, catalog, &components, version)?;
    let renderer = Renderer::new(catalog, &components, context.data())?;
    let mut tree = renderer.render_files(&components, &context, &Value::Null, |target| target == path)?;
    Ok(tree.remove(path))
}

/// The labels of the Django apps with tables that a project has besides its own.
///
/// # Errors
/// A condition in a `component.toml` is wrong.
pub fn database_apps(spec: &Spec, catalog: &Catalog) -> Result<Vec<String>> {
    let components = chosen(spec, catalog);
    let context = context::build(spec, catalog, &components, "")?;
    let conditions = Conditions::default();
    let mut apps = Vec::new();
    for component in &components {
        for tables in &component.manifest.tables {
            if conditions.holds(tables.when.as_deref(), View::of_project(&context), &component.name)? {
                apps.push(tables.app.clone());
            }
        }
    }
    Ok(apps)
}

fn renames(components: &[&Component], context: &Value) -> BTreeMap<String, String> {
    let paths = |pattern: &str| {
        let targets = Landing::new(context).targets(pattern, false);
        targets.into_iter().map(|target| target.path)
    };
    components
        .iter()
        .flat_map(|component| &component.manifest.renamed)
        .flat_map(|(old, new)| paths(old).zip(paths(new)).collect::<Vec<_>>())
        .collect()
}

/// The names of the secrets that a project needs, with their lengths in characters.
pub fn needed_secrets<'a>(spec: &'a Spec, catalog: &'a Catalog) -> impl Iterator<Item = (&'a str, usize)> {
    variables(spec, catalog).filter_map(|variable| Some((variable.name.as_str(), variable.secret?)))
}

/// The names of the variables that say who develops the project.
pub fn needed_identities<'a>(spec: &'a Spec, catalog: &'a Catalog) -> impl Iterator<Item = (&'a str, Identity)> {
    variables(spec, catalog).filter_map(|variable| Some((variable.name.as_str(), variable.identity?)))
}

fn variables<'a>(spec: &'a Spec, catalog: &'a Catalog) -> impl Iterator<Item = &'a EnvironmentVariable> {
    catalog
        .components()
        .filter(|component| spec.components.contains_key(&component.name))
        .flat_map(|component| &component.manifest.env)
}

struct Renderer {
    handlebars: Handlebars<'static>,
    conditions: Conditions,
    /// Whether all templates are part of the program.
    is_built_in: bool,
    order: ImportOrder,
}

impl Renderer {
    fn new(catalog: &Catalog, components: &[&Component], context: &Value) -> Result<Self> {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.register_escape_fn(handlebars::no_escape);
        helpers::register(&mut handlebars);
        let slots = Slots::collect(components)?;
        handlebars.register_helper("slot", Box::new(SlotHelper { slots }));
        let python = context["python"].as_str().unwrap_or_default();
        let python_minor = python
            .rsplit('.')
            .next()
            .and_then(|minor| minor.parse().ok())
            .unwrap_or(11);
        Ok(Self {
            handlebars,
            conditions: Conditions::default(),
            is_built_in: catalog.is_built_in,
            order: ImportOrder {
                first_party: first_party(components, context),
                python_minor,
            },
        })
    }

    /// Renders the files that these components own, those at wanted paths only.
    fn render_files(
        &self,
        components: &[&Component],
        context: &Context,
        private_env: &Value,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Tree> {
        let mut landing = Landing::new(context.data());
        let mut files = Vec::new();
        for component in components {
            for (path, content) in &component.files {
                let file = TemplateFile::new(component, path, content);
                let mut targets = landing.targets(&file.template, file.is_bare);
                targets.retain(|target| is_wanted(&target.path));
                let mut written = Vec::new();
                for target in targets {
                    if self.has_conditions_met(&file, file.view(context, private_env, &target))? {
                        landing.count(&target);
                        written.push(target);
                    }
                }
                files.push((file, written));
            }
        }
        let render = || {
            let files = files.par_iter().with_max_len(1);
            files
                .map(|(file, targets)| self.render_file(file, targets, context, private_env))
                .collect()
        };
        let rendered: Vec<_> = on_all(render);
        let mut tree = Tree::default();
        for ((file, targets), contents) in files.iter().zip(rendered) {
            for (target, content) in targets.iter().zip(contents?) {
                let entry = Entry {
                    content,
                    mode: file.mode(),
                    ownership: file.ownership(),
                    component: file.component.name.clone(),
                    digest: None,
                };
                if tree.insert(&target.path, entry).is_some() {
                    let problem = format!("`{}` is written by another template too", target.path);
                    return Err(Error::template(&file.name, problem));
                }
            }
        }
        Ok(tree)
    }

    /// The content of each file that a template gives.
    fn render_file(
        &self,
        file: &TemplateFile<'_>,
        targets: &[Target],
        context: &Context,
        private_env: &Value,
    ) -> Result<Vec<Vec<u8>>> {
        if !file.is_rendered {
            return Ok(vec![file.content.to_vec(); targets.len()]);
        }
        if targets.is_empty() {
            return Ok(Vec::new());
        }
        let parsed = file.parse()?;
        let texts = targets.iter().map(|target| {
            let view = file.view(context, private_env, target);
            self.render_text(file, &parsed, &target.path, view)
                .map(String::into_bytes)
        });
        texts.collect()
    }

    fn has_conditions_met(&self, file: &TemplateFile<'_>, view: View<'_>) -> Result<bool> {
        for (pattern, condition) in &file.component.manifest.conditions {
            if matches_path(pattern, &file.template)
                && !self.conditions.holds(Some(condition), view, &file.component.name)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn render_text(&self, file: &TemplateFile<'_>, parsed: &Template, landing: &str, view: View<'_>) -> Result<String> {
        let is_python = has_extension(landing, "py");
        slots::begin(is_python);
        let mut written = Written::default();
        parsed
            .render(&self.handlebars, view.context, &mut view.begin(), &mut written)
            .map_err(|error| Error::template(&file.name, format!("{error} (for `{landing}`)")))?;
        let Written { text, literal } = written;
        if is_python {
            let literal = self.is_built_in.then_some(literal.as_slice());
            return imports::arrange(&text, &slots::hoisted_imports(), &self.order, literal)
                .map_err(|problem| Error::template(&file.name, format!("{problem} (for `{landing}`)")));
        }
        let tidied = tidy(&text);
        Ok(if has_extension(landing, "po") {
            translations::unique(&tidied)
        } else {
            tidied
        })
    }
}

/// One file below a component's `files/`.
struct TemplateFile<'a> {
    component: &'a Component,
    /// Its path below `templates/`, for messages.
    name: String,
    /// Where it lands, with `__…__` still in it.
    template: String,
    content: &'a [u8],
    is_rendered: bool,
    is_private: bool,
    /// Whether apps without models have it.
    is_bare: bool,
}

impl<'a> TemplateFile<'a> {
    fn new(component: &'a Component, path: &str, content: &'a [u8]) -> Self {
        let template = unstored(path);
        Self {
            component,
            name: format!("{}/files/{path}", component.name),
            is_rendered: path.ends_with(".hbs"),
            is_private: component.manifest.private.contains(&template),
            is_bare: component.manifest.bare.contains(&template),
            template,
            content,
        }
    }

    /// What it sees for one of the files that it gives.
    fn view<'v>(&self, context: &'v Context, private_env: &'v Value, target: &'v Target) -> View<'v> {
        View {
            app: target.app,
            model: target.model,
            after: target.after.as_deref(),
            private_env: self.is_private.then_some(private_env),
            ..View::of_project(context)
        }
    }

    fn parse(&self) -> Result<Template> {
        let text = std::str::from_utf8(self.content).map_err(|error| Error::template(&self.name, error))?;
        parsed::template(text, parsed::uses_brackets(&self.name)).map_err(|error| Error::template(&self.name, error))
    }

    fn mode(&self) -> Mode {
        if self.is_private {
            Mode::Private
        } else if self.component.manifest.executable.contains(&self.template) {
            Mode::Executable
        } else {
            Mode::Normal
        }
    }

    fn ownership(&self) -> Ownership {
        let patterns = &self.component.manifest.once;
        if self.is_private || patterns.iter().any(|pattern| matches_path(pattern, &self.template)) {
            Ownership::Once
        } else {
            Ownership::Managed
        }
    }
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// No blank lines at either end, never two in a row, no white space at line ends.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && (tidied.is_empty() || tidied.ends_with("\n\n"))) {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied.truncate(tidied.trim_end().len());
    if !tidied.is_empty() {
        tidied.push('\n');
    }
    tidied
}

/// The project's own top-level packages: directories with Python in them, and the apps.
fn first_party(components: &[&Component], context: &Value) -> BTreeSet<String> {
    let folders = components
        .iter()
        .flat_map(|component| component.files.keys())
        .filter(|path| path.contains(".py"))
        .filter_map(|path| path.split_once('/'))
        .map(|(folder, _)| folder.to_owned());
    let apps = context["all_apps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|app| Some(app["module"].as_str()?.split('.').next()?.to_owned()));
    folders.chain(apps).collect()
}
