//! A project's directory, and what djscaffold remembers of it.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::DirEntry;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::VERSION;
use crate::apply::{Recovery, recover};
use crate::catalog::{Catalog, Component, Overlay, Source};
use crate::error::{Error, Result};
use crate::inspect::{Note, SNAPSHOT, SeenApp, Snapshot, ask, closure, files_of, fill, models_key};
use crate::merge::{Layout, has_markers};
use crate::model::App;
use crate::render::{BASE, DECLARATION};
use crate::setup::interpreter;
use crate::spec::{AnswerLayer, Answers, Spec, Templates, provided_by};
use crate::tree::{Found, ProjectPath, Tree, find, parse_base};

/// A project on the disk.
#[derive(Debug, Clone)]
pub struct Project {
    /// Its directory: the one with `djscaffold.toml`.
    pub root: PathBuf,
    /// What a killed run had left there.
    pub recovery: Recovery,
    /// The directory below it that the user is in; empty for its own.
    here: String,
    /// The text of `djscaffold.toml`.
    pub declaration: String,
    /// The same, parsed.
    pub(super) layer: AnswerLayer,
    /// The text of `.djscaffold/base`.
    pub(super) base_text: String,
    /// The same, parsed when it is first asked for.
    base: OnceCell<Tree>,
    /// What lay at its paths when that was first asked for.
    found: OnceCell<BTreeMap<String, Found>>,
    /// What Django said, now or when it was asked last.
    snapshot: RefCell<Option<Rc<Snapshot>>>,
    /// Whether it was asked by this run.
    has_asked: Cell<bool>,
}

impl Project {
    /// Opens the project that a directory is in, having brought to an end what a killed run left.
    ///
    /// # Errors
    /// There is none, or what djscaffold keeps of it can't be read.
    pub fn find(from: &Path) -> Result<Self> {
        let (root, recovery) = Self::locate(from)?;
        let declaration = read(&root, DECLARATION)?.unwrap_or_default();
        if has_markers(declaration.as_bytes()) {
            return Err(Error::input(format!("unresolved conflicts in `{DECLARATION}`"))
                .hint("resolve them: keep one side of each, and remove the lines with the markers")
                .hint("`djscaffold undo` reverts the run that left them"));
        }
        let layer = AnswerLayer::parse(declaration.trim_start_matches('\u{feff}'), &format!("`{DECLARATION}`"))?;
        let base_text = read(&root, BASE)?.ok_or_else(|| {
            Error::input(format!(
                "`{BASE}` is missing: djscaffold can't tell what it generated last"
            ))
            .hint("restore it from version control")
        })?;
        Ok(Self {
            here: below(&root, from),
            root,
            recovery,
            declaration,
            layer,
            base_text,
            base: OnceCell::new(),
            found: OnceCell::new(),
            snapshot: RefCell::default(),
            has_asked: Cell::new(false),
        })
    }

    /// The directory of the project that a directory is in, having brought to an end what a killed run left there.
    ///
    /// # Errors
    /// There is none, or the file system refuses.
    pub fn locate(from: &Path) -> Result<(PathBuf, Recovery)> {
        let from = std::path::absolute(from).map_err(Error::file("find", from))?;
        let root = from
            .ancestors()
            .find(|folder| folder.join(DECLARATION).is_file())
            .ok_or_else(|| {
                Error::input(format!(
                    "no djscaffold project found in `{}` or any parent directory",
                    from.display()
                ))
                .hint("change to the project's directory, or create a project: `djscaffold new mysite`")
            })?;
        Ok((root.to_owned(), recover(root)?))
    }

    /// A path as people in this directory write it, as the project has it.
    ///
    /// # Errors
    /// It leads out of the project.
    pub fn path(&self, said: &str) -> Result<ProjectPath> {
        ProjectPath::said(said, &self.here, &self.root)
    }

    /// What was rendered last.
    ///
    /// # Errors
    /// The base is not what djscaffold writes.
    pub fn base(&self) -> Result<&Tree> {
        match self.base.get() {
            Some(base) => Ok(base),
            None => parse_base(&self.base_text).map(|base| self.base.get_or_init(|| base)),
        }
    }

    /// What lay at the paths of the base when that was asked first.
    ///
    /// # Errors
    /// As [`Project::base`], or a file can't be read.
    pub(super) fn found(&self) -> Result<&BTreeMap<String, Found>> {
        match self.found.get() {
            Some(found) => Ok(found),
            None => found_at(&self.root, &[self.base()?]).map(|found| self.found.get_or_init(|| found)),
        }
    }

    /// The content of a file that [`Project::found`] has read already.
    pub(super) fn known(&self, path: &str) -> Option<&[u8]> {
        self.found.get()?.get(path)?.content()
    }

    /// The version of djscaffold that rendered it last.
    #[must_use]
    pub fn version(&self) -> &str {
        self.layer.version.as_deref().unwrap_or(VERSION)
    }

    /// The names of its apps.
    pub(super) fn apps(&self) -> impl Iterator<Item = &str> {
        self.layer.apps.keys().map(String::as_str)
    }

    /// The files that were ejected from what djscaffold looks after.
    pub fn ejected(&self) -> impl Iterator<Item = &str> {
        self.layer.ejected.iter().map(String::as_str)
    }

    /// The text of one of its files; none if it is not there.
    ///
    /// # Errors
    /// It is there, and can't be read or is no text.
    pub(super) fn read(&self, path: &str) -> Result<Option<String>> {
        read(&self.root, path)
    }

    /// The declaration's answers, with the models that Django tells of.
    pub(super) fn answers(&self, catalog: &Catalog) -> Result<(Answers, Vec<Note>)> {
        let first = answers_by(self, &self.layer, catalog, || self.snapshot());
        if first.is_ok() || self.has_asked.get() {
            return first;
        }
        // An app may have been installed since, which no model's code shows.
        let now = self.ask()?;
        answers_by(self, &self.layer, catalog, || Ok(now))
    }

    /// What Django says of the models: what is kept of its last answer, or another one where the code has changed.
    ///
    /// # Errors
    /// Django does not start.
    pub(super) fn snapshot(&self) -> Result<Rc<Snapshot>> {
        if let Some(snapshot) = &*self.snapshot.borrow() {
            return Ok(Rc::clone(snapshot));
        }
        match self.kept_snapshot().filter(|kept| kept.key == self.models_key(kept)) {
            Some(kept) => Ok(Rc::clone(self.snapshot.borrow_mut().insert(Rc::new(kept)))),
            None => self.ask(),
        }
    }

    /// Whether the models have changed since Django was asked.
    #[must_use]
    pub fn models_have_changed(&self) -> bool {
        let kept = self.kept_snapshot();
        kept.is_none_or(|kept| kept.key != self.models_key(&kept))
    }

    /// What is kept of Django's last answer; none if nothing is, or git left it in conflict.
    pub(super) fn kept_snapshot(&self) -> Option<Snapshot> {
        Snapshot::parse(&self.read(SNAPSHOT).ok()??).ok()
    }

    fn ask(&self) -> Result<Rc<Snapshot>> {
        self.has_asked.set(true);
        let python = interpreter(&self.root, &self.layer.project.python)?;
        let base = self.base()?;
        let is_rendered = |app: &SeenApp| {
            files_of(&format!("{}.models", app.name))
                .iter()
                .any(|path| base.get(path).is_some())
        };
        // A component that brings models sees to them itself, and there are packages that are apps without any.
        let is_components = |label: &str, app: &SeenApp| {
            let is_declared = self.apps().any(|declared| declared == label);
            !is_declared && (is_rendered(app) || !app.has_models())
        };
        let mut snapshot = ask(&python, &self.root)?.without(is_components);
        snapshot.key = self.models_key(&snapshot);
        Ok(Rc::clone(self.snapshot.borrow_mut().insert(Rc::new(snapshot))))
    }

    pub(super) fn models_key(&self, snapshot: &Snapshot) -> String {
        self.models_key_by(snapshot, |path| self.read(path).ok().flatten())
    }

    /// The same where files have other texts.
    pub(super) fn models_key_by(&self, snapshot: &Snapshot, read: impl Fn(&str) -> Option<String>) -> String {
        models_key(self.models_modules().chain(snapshot.files()), read)
    }

    /// The directory of an app, by its label.
    pub(super) fn folder_of(&self, label: &str) -> String {
        let mut app = App::default();
        self.place(label, &mut app);
        app.folder(label)
    }

    /// Puts an app where Django said that it is, if it did.
    pub(super) fn place(&self, label: &str, app: &mut App) {
        let snapshot = self.snapshot.borrow();
        let seen = snapshot.as_ref().and_then(|snapshot| snapshot.app(label));
        app.place(seen.map(|seen| (seen.name.as_str(), seen.entry.as_deref())));
    }

    /// Where the models of apps would be.
    fn models_modules(&self) -> impl Iterator<Item = String> {
        let folders = self.app_folders().into_iter();
        folders.flat_map(|folder| files_of(&format!("{}.models", folder.replace('/', "."))))
    }

    /// The directories that can be apps: at the project's top, and in packages there.
    pub(super) fn app_folders(&self) -> Vec<String> {
        let below = |folder: &str| -> Vec<String> {
            let entries = std::fs::read_dir(self.root.join(folder))
                .into_iter()
                .flatten()
                .flatten();
            // Whatever is no link says what it is without being asked.
            let is_folder = |entry: &DirEntry| match entry.file_type() {
                Ok(kind) if !kind.is_symlink() => kind.is_dir(),
                _ => entry.path().is_dir(),
            };
            let folders = entries.filter(is_folder);
            let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
            let names = names.filter(|name| !name.starts_with('.'));
            names
                .map(|name| {
                    if folder.is_empty() {
                        name
                    } else {
                        format!("{folder}/{name}")
                    }
                })
                .collect()
        };
        let top = below("");
        let packages = top
            .iter()
            .filter(|folder| self.root.join(folder).join("__init__.py").exists());
        let within: Vec<String> = packages.flat_map(|folder| below(folder)).collect();
        let mut folders = [top, within].concat();
        folders.sort();
        folders
    }

    /// What it is made of.
    ///
    /// # Errors
    /// The declaration can't be read, or Django does not start.
    pub fn spec(&self, catalog: &Catalog) -> Result<Spec> {
        Spec::from_answers(&self.answers(catalog)?.0, catalog)
    }

    /// What it is made of with the models that Django told of last, without asking again; where the declaration has others,
    /// what it was made of then, and why.
    ///
    /// # Errors
    /// The declaration can't be read, neither this one nor the last.
    pub fn spec_as_known(&self, catalog: &Catalog) -> Result<(Spec, Option<Error>)> {
        let kept = Rc::new(self.kept_snapshot().unwrap_or_default());
        let spec = |layer: &AnswerLayer| {
            let (answers, _) = answers_by(self, layer, catalog, || Ok(Rc::clone(&kept)))?;
            Spec::from_answers(&answers, catalog)
        };
        let error = match spec(&self.layer) {
            Ok(spec) => return Ok((spec, None)),
            Err(error) => error,
        };
        let base = self.base()?;
        let last = base
            .get(DECLARATION)
            .map(|entry| String::from_utf8_lossy(&entry.content).into_owned());
        let last = last.and_then(|text| AnswerLayer::parse(&text, "the last declaration").ok());
        match last.as_ref().map(spec) {
            Some(Ok(spec)) => Ok((spec, Some(error))),
            _ => Err(error),
        }
    }

    /// The Python versions that it runs on, oldest first.
    ///
    /// # Errors
    /// There is no such Django line.
    pub fn pythons(&self, source: &Source) -> Result<Vec<String>> {
        let catalog = Catalog::from_source(source)?;
        let lines = catalog.lines();
        let line = self.layer.project.facts.get("django").unwrap_or(&lines.default);
        Ok(lines.get(line)?.pythons.clone())
    }

    /// How the project lays out Python.
    pub(super) fn layout(&self) -> Result<Layout> {
        // What can't be read decides nothing.
        let read = |path: &str| self.read(path).ok().flatten();
        let ruff = read(".ruff.toml").or_else(|| read("ruff.toml"));
        let layout = Layout::of_project(read("pyproject.toml").as_deref(), ruff.as_deref());
        let base = self.base()?;
        let folders = base
            .iter()
            .filter(|(path, _)| path.ends_with(".py"))
            .filter_map(|(path, _)| path.split_once('/'));
        let packages: BTreeSet<String> = folders.map(|(folder, _)| folder.to_owned()).collect();
        Ok(layout.with_first_party(packages))
    }
}

/// The way from a project's directory to one below it.
fn below(root: &Path, from: &Path) -> String {
    let from = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
    let parts = from
        .strip_prefix(root)
        .map(|rest| rest.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>());
    parts.unwrap_or_default().join("/")
}

/// A team's templates as a project's declaration names them: by the way from the project where both lie in one directory.
#[must_use]
pub fn templates_of(own: &Overlay, root: &Path) -> Templates {
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let inside = own.folder.strip_prefix(&root).map(Path::to_path_buf);
    let beside = root.parent().and_then(|parent| own.folder.strip_prefix(parent).ok());
    let path = match (inside, beside) {
        (Ok(inside), _) => inside,
        (_, Some(beside)) => Path::new("..").join(beside),
        _ => own.folder.clone(),
    };
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Templates {
        path: if path.is_absolute() {
            path.to_string_lossy().into_owned()
        } else {
            parts.join("/")
        },
        digest: own.digest.clone(),
    }
}

/// The templates that a directory's project is written with: the built-in ones, with the team's own over them if its
/// declaration names some. Looks only; where there is no project, or its declaration can't be read, they are the built-in.
///
/// # Errors
/// The directory that is named is not there, or can't be read.
pub fn source_of(from: &Path) -> Result<Source> {
    let from = std::path::absolute(from).map_err(Error::file("find", from))?;
    let root = from.ancestors().find(|folder| folder.join(DECLARATION).is_file());
    let named = root.and_then(|root| {
        let text = std::fs::read_to_string(root.join(DECLARATION)).ok()?;
        let layer = AnswerLayer::parse(text.trim_start_matches('\u{feff}'), DECLARATION).ok()?;
        Some((root.join(&layer.templates.as_ref()?.path), layer.templates?.path))
    });
    let Some((folder, said)) = named else {
        return Ok(Source::embedded());
    };
    if !folder.is_dir() {
        return Err(Error::input(format!(
            "the templates that this project is written with are not in `{said}`"
        ))
        .hint("restore them, or give their directory: `--templates DIR`"));
    }
    Source::with_overlay(Some(&folder))
}

/// A declaration's answers, with the models of a snapshot, which is asked for where components write models.
fn answers_by(
    project: &Project,
    layer: &AnswerLayer,
    catalog: &Catalog,
    snapshot: impl FnOnce() -> Result<Rc<Snapshot>>,
) -> Result<(Answers, Vec<Note>)> {
    let mut answers = answers_of(layer);
    let mut chosen = catalog
        .components()
        .filter(|component| answers.components.contains_key(&component.name));
    if !chosen.any(Component::writes_models) {
        answers.apps.clear();
        return Ok((answers, Vec::new()));
    }
    let provided = provided_by(answers.components.keys().map(String::as_str), catalog);
    let read = |path: &str| project.read(path).ok().flatten();
    let base = project.base()?;
    let last = base
        .get(DECLARATION)
        .and_then(|entry| AnswerLayer::parse(&String::from_utf8_lossy(&entry.content), "the last declaration").ok());
    let is_new = |app: &str, class: &str| {
        let apps = last.as_ref().map(|last| &last.apps);
        apps.is_none_or(|apps| !apps.get(app).is_some_and(|app| app.models.contains_key(class)))
    };
    let (apps, mut notes) = fill(answers.apps, &*snapshot()?, read, is_new, catalog.kinds(), &provided)?;
    answers.apps = apps;
    notes.extend(hidden_modules(project, base, catalog, &mut answers));
    super::migrations::read(project, &mut answers.apps)?;
    notes.extend(super::migrations::loose_ends_of(&answers.apps));
    Ok((answers, notes))
}

/// Takes the models out of apps that are new here and have a package, such as `forms/`, where a module would be written,
/// which Python would never find; or a module that the models import, into which one would be written that imports them.
/// What to say of them.
fn hidden_modules(project: &Project, base: &Tree, catalog: &Catalog, answers: &mut Answers) -> Vec<Note> {
    let chosen = catalog
        .components()
        .filter(|component| answers.components.contains_key(&component.name));
    let files = chosen.flat_map(|component| component.files.keys());
    let modules: BTreeSet<&str> = files
        .filter_map(|path| {
            path.strip_prefix("__app__/")?
                .trim_end_matches(".hbs")
                .strip_suffix(".py")
        })
        .filter(|module| !module.contains('/') && !["__init__", "models"].contains(module))
        .collect();
    let mut notes = Vec::new();
    for (label, app) in &mut answers.apps {
        let folder = app.folder(label);
        let known = base.iter().map(|(path, _)| path);
        let is_new = !known.into_iter().any(|path| {
            let inner = path
                .strip_prefix(&format!("{folder}/"))
                .and_then(|path| path.strip_suffix(".py"));
            inner.is_some_and(|inner| modules.contains(inner) && inner != "apps")
        });
        if !is_new || app.models.is_empty() {
            continue;
        }
        let read = |path: &str| project.read(path).ok().flatten();
        let imported = closure(files_of(&format!("{}.models", app.module(label))), read);
        let found = notes.len();
        for module in &modules {
            let (file, package) = (
                format!("{folder}/{module}.py"),
                format!("{folder}/{module}/__init__.py"),
            );
            let (path, what) = if project.root.join(&package).exists() {
                let what = format!("`{package}` is a package where `{file}` would be written");
                (package, what)
            } else if imported.contains_key(&file) {
                let what = format!("`{file}` is imported by the models, which what would be written there imports");
                (file, what)
            } else {
                continue;
            };
            notes.push(Note {
                text: format!("{what}: the models of `{label}` get no pages and no API until it has another name"),
                path,
                line: 1,
            });
        }
        if notes.len() > found {
            app.models.clear();
        }
    }
    notes
}

/// A declaration as answers.
pub(super) fn answers_of(layer: &AnswerLayer) -> Answers {
    let mut answers = Answers::default();
    answers.lay_over(layer.clone());
    answers
}

fn read(root: &Path, path: &str) -> Result<Option<String>> {
    match find(root, path)? {
        Found::Missing => Ok(None),
        Found::Other(place) => Err(Error::input(format!("`{path}` is {}", place.name()))
            .hint("djscaffold reads and writes only regular files")),
        Found::File { content, .. } => String::from_utf8(content)
            .map(Some)
            .map_err(|_| Error::input(format!("`{path}` is not UTF-8")).hint("save it as UTF-8")),
    }
}

/// What was found, as a map that has every path.
pub(super) fn found_at(root: &Path, trees: &[&Tree]) -> Result<BTreeMap<String, Found>> {
    let paths = trees.iter().flat_map(|tree| tree.iter()).map(|(path, _)| path);
    crate::tree::find_all(root, paths)
}
