//! What a run would do, worked out before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::intent::{Intent, check_fixed};
use super::models::{hidden_tests, untouched_start};
use super::project::{answers_of, found_at, templates_of};
use super::rewrite::Rewrite;
use super::{Project, freshness, migrations};
use crate::VERSION;
use crate::catalog::{Catalog, Source};
use crate::error::{Error, Result};
use crate::inspect::{Note, SNAPSHOT, Snapshot};
use crate::merge::{Action, Change, Plan, Reach, Sides, Step, has_markers, next_base};
use crate::model::App;
use crate::render::{BASE, DECLARATION, Step as NextStep, database_apps, render};
use crate::report::shell_word;
use crate::setup::make_secrets;
use crate::spec::{AnswerLayer, Spec, edit_declaration};
use crate::tree::{Entry, Found, Mode, Ownership, Tree, find, write_base};

const README: &str = "README.md";

/// What a run would do.
#[derive(Debug, Default)]
pub struct Outlook {
    /// The changes, with those of djscaffold's own files.
    pub plan: Plan,
    /// What of the models could not be read.
    pub notes: Vec<Note>,
    /// Commands of `manage.py` that take tables away while the code that made them is still there.
    pub farewells: Vec<String>,
    /// Whether `manage.py migrate` is due then.
    pub needs_migrate: bool,
    /// Whether `manage.py makemigrations` is due then: models came or went that no migration knows.
    pub needs_makemigrations: bool,
    /// Whether `sync` has something to write once there are such migrations.
    pub needs_sync: bool,
    /// Whether files of the project's own apps change.
    pub changes_apps: bool,
    /// What the components that come have to show: sections of README, and steps for later.
    pub news: News,
    /// The Python versions that the project runs on, oldest first.
    pub pythons: Vec<String>,
    /// Whether the project is then as it is rendered, all of it.
    is_whole: bool,
    /// What Django said of the models, where the project keeps something else.
    snapshot: Option<String>,
}

/// What is new to see in a project.
#[derive(Debug, Default)]
pub struct News {
    /// Headings of README.
    pub sections: Vec<String>,
    /// What the new components have for later.
    pub steps: Vec<NextStep>,
}

impl Outlook {
    /// Whether nothing is to be written and nobody has to look at anything.
    #[must_use]
    pub fn is_calm(&self) -> bool {
        self.plan.notable().next().is_none()
    }

    /// Keeps what Django said where nothing else is to be written.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn keep_snapshot(&self, project: &Project) -> Result<()> {
        let Some(text) = self.snapshot.as_ref().filter(|_| self.is_calm()) else {
            return Ok(());
        };
        let path = project.root.join(SNAPSHOT);
        std::fs::write(&path, text).map_err(Error::file("write", &path))
    }

    /// Remembers, once everything is written, that the base is what is rendered: the next look needs no render.
    ///
    /// # Errors
    /// The project can't be read.
    pub fn remember(&self, project: &Project, source: &Source) -> Result<()> {
        if self.is_whole && self.snapshot.is_none() {
            let written = Project::find(&project.root)?;
            freshness::remember(&written, &freshness::key(&written, source.digest())?);
        }
        Ok(())
    }
}

/// What would be rendered now, with the declaration that says so.
struct Wanted {
    tree: Tree,
    declaration: String,
    components: BTreeSet<String>,
    /// The directories of the apps.
    apps: BTreeSet<String>,
    /// Files that are the user's alone.
    ejected: BTreeSet<String>,
    renames: BTreeMap<String, String>,
    notes: Vec<Note>,
    farewells: Vec<String>,
    /// The app that comes, with its label.
    added: Option<(String, App)>,
    /// Whether apps with tables come.
    has_new_tables: bool,
    /// Whether a migration waits for that of a model.
    needs_sync: bool,
    /// Whether a model comes or goes without a migration, as far as its class does.
    needs_makemigrations: bool,
    rewrite: Option<Rewrite>,
    steps: Vec<NextStep>,
    pythons: Vec<String>,
    /// What Django says of the models.
    snapshot: Option<Snapshot>,
}

/// Works out what a run would do.
///
/// # Errors
/// What is wanted can't be; a file still holds the markers of an earlier conflict; the models can't be read.
pub fn look_ahead(project: &Project, source: &Source, intent: &Intent) -> Result<Outlook> {
    check_version(project, intent)?;
    check_templates(project, source, intent)?;
    let key = freshness::key(project, source.digest())?;
    if matches!(intent, Intent::Sync | Intent::Update) && freshness::is_fresh(project, &key) {
        refuse_markers(project.found()?, project.base()?)?;
        return Ok(Outlook::default());
    }
    let catalog = Catalog::from_source(source)?;
    let mut base = project.base()?.clone();
    let wanted = want(project, &catalog, source, intent, &base)?;
    // Edited or not: from now on nobody but the user has to do with them.
    for path in &wanted.ejected {
        base.remove(path);
    }
    let (mut base_files, mut their_files) = (without_declaration(&base), without_declaration(&wanted.tree));
    if let Some(rewrite) = &wanted.rewrite {
        rewrite.prepare(&mut base_files, &mut their_files);
    }
    if let Some((label, app)) = &wanted.added {
        prepare_start(project, label, app, &mut base_files, &mut their_files)?;
    }
    let ours = found_at(&project.root, &[&base_files, &their_files])?;
    refuse_markers(&ours, &base_files)?;
    let mut reach = intent.reach(project, &base, &wanted.tree)?;
    reach.follow(&wanted.renames);
    reach.components = wanted.components;
    // They get what they lack when the project changes, and when that is asked for.
    let whole = Reach {
        components: reach.components.clone(),
        ..Reach::default()
    };
    let changes_something = next_base(&base, &wanted.tree, &whole) != base;
    reach.spare_private = !changes_something && !matches!(intent, Intent::Regenerate { .. });
    let layout = project.layout()?;
    let sides = Sides {
        base: &base_files,
        ours: &ours,
        theirs: &their_files,
        layout: &layout,
        renames: &wanted.renames,
    };
    let mut plan = Plan::merge(sides, &reach);
    let gone = match intent {
        Intent::RemoveApp { name } => Some((name.as_str(), project.folder_of(name))),
        _ => None,
    };
    let farewells = farewells(project, &mut plan, wanted.farewells, gone.as_ref())?;
    let needs_migrate = wanted.has_new_tables || migrations::are_written(&plan);
    let is_in_app = |path: &str| {
        wanted.apps.iter().any(|folder| {
            path.strip_prefix(folder.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        })
    };
    let changes_apps = plan
        .notable()
        .any(|change| change.step != Step::Leave && is_in_app(&change.path) && !migrations::is_one(&change.path));
    let mut next = next_base(&base, &wanted.tree, &reach);
    let mut notes = wanted.notes;
    notes.extend(gone.and_then(|(_, folder)| left_behind(project, &folder, &plan)));
    if changes_something {
        notes.extend(wanted.ejected.iter().map(|path| left_alone(path)));
    }
    let mut needs_makemigrations = wanted.needs_makemigrations;
    let mut removes_class = false;
    if let Some((app, class, goes)) = intent.class() {
        let changes = wanted
            .rewrite
            .is_some_and(|rewrite| rewrite.settle(&mut plan, &mut next, &layout));
        needs_makemigrations &= changes || !goes;
        removes_class = changes && goes;
        if goes && !changes {
            notes.push(Rewrite::note_of(project, app, class));
        }
        notes.extend(hidden_tests(project, app, &plan, &wanted.tree)?);
    }
    plan.changes.extend(own_changes(project, &wanted.declaration, &next)?);
    let removed = intent.class().filter(|_| removes_class);
    let snapshot = match wanted.snapshot {
        Some(snapshot) => snapshot_after(project, &plan, snapshot, removed)?,
        None => None,
    };
    if let Some(text) = snapshot.as_ref().filter(|_| plan.notable().next().is_some()) {
        plan.changes.extend(own_change(project, SNAPSHOT, text.clone())?);
    }
    Ok(Outlook {
        // What could not be read is said every time.
        is_whole: !matches!(intent, Intent::Regenerate { .. }) && notes.is_empty(),
        plan,
        notes,
        farewells,
        needs_migrate,
        needs_makemigrations,
        needs_sync: wanted.needs_sync,
        changes_apps,
        news: News {
            sections: new_sections(&base, &wanted.tree),
            steps: wanted.steps,
        },
        pythons: wanted.pythons,
        snapshot,
    })
}

/// The commands that take tables away, each once: of an app that goes all at once. `gone` is its name and its directory.
fn farewells(
    project: &Project,
    plan: &mut Plan,
    wanted: Vec<String>,
    gone: Option<&(&str, String)>,
) -> Result<Vec<String>> {
    let folder = gone.map(|(_, folder)| folder.as_str());
    let mut farewells = wanted;
    farewells.extend(migrations::settle(project, plan, folder)?);
    let mut seen = BTreeSet::new();
    farewells.retain(|command| seen.insert(command.clone()));
    if let Some((name, _)) = gone {
        let (of_app, all) = (format!("migrate {name} "), format!("migrate {name} zero"));
        farewells.retain(|command| !command.starts_with(&of_app) || *command == all);
    }
    Ok(farewells)
}

/// The label of an app with this dotted name, as Django gives it.
fn label_of(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// What to say of the files that stay of an app that goes.
fn left_behind(project: &Project, folder: &str, plan: &Plan) -> Option<Note> {
    let is_going = |path: &str| {
        let mut changes = plan.changes.iter();
        changes.any(|change| change.path == path && change.step == Step::Remove)
    };
    let (mut waiting, mut left) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(project.root.join(&folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() && !path.ends_with("__pycache__") {
                waiting.push(path);
            } else if entry.path().is_file() && !is_going(&path) {
                left.push(format!("`{path}`"));
            }
        }
    }
    left.sort();
    (!left.is_empty()).then(|| Note {
        path: folder.to_owned(),
        line: 1,
        text: format!(
            "{} stay, as djscaffold did not write them as they are; remove them once you need them no more",
            left.join(", ")
        ),
    })
}

/// What to say of an ejected file when others change: it may lack what these need.
fn left_alone(path: &str) -> Note {
    Note {
        path: path.to_owned(),
        line: 1,
        text: format!(
            "it was ejected, so nothing changes in it; `djscaffold eject --return {path} --dry-run --diff` shows what would"
        ),
    }
}

/// What is to be kept of Django's answer once a plan is carried out; none if it is that already.
fn snapshot_after(
    project: &Project,
    plan: &Plan,
    mut snapshot: Snapshot,
    removed: Option<(&str, &str, bool)>,
) -> Result<Option<String>> {
    if let Some((app, class, true)) = removed {
        snapshot.remove_model(app, class);
    }
    snapshot.key = project.models_key_by(&snapshot, |path| planned(plan, project, path));
    let kept = project.read(SNAPSHOT).ok().flatten();
    Ok(Some(snapshot.write()?).filter(|text| kept.as_ref() != Some(text)))
}

/// The text of a file once a plan is carried out.
fn planned(plan: &Plan, project: &Project, path: &str) -> Option<String> {
    let change = plan.changes.iter().find(|change| change.path == path);
    match change.map(|change| &change.step) {
        Some(Step::Write { content, .. }) => Some(String::from_utf8_lossy(content).into_owned()),
        Some(Step::Remove) => None,
        Some(Step::Leave) | None => project.read(path).ok().flatten(),
    }
}

/// The command that brings a project to what this djscaffold writes.
#[must_use]
pub fn due_command(project: &Project, source: &Source) -> &'static str {
    let is_older = version_parts(project.version()) < version_parts(VERSION);
    if is_older || has_other_templates(project, source) {
        "djscaffold update"
    } else {
        "djscaffold sync"
    }
}

fn check_version(project: &Project, intent: &Intent) -> Result<()> {
    let written_by = project.version();
    match version_parts(written_by).cmp(&version_parts(VERSION)) {
        std::cmp::Ordering::Greater => Err(Error::input(format!(
            "this project was last written by djscaffold {written_by}; this is {VERSION}"
        ))
        .hint("install the newer version")),
        std::cmp::Ordering::Less if *intent != Intent::Update => Err(Error::input(format!(
            "this project was last written by djscaffold {written_by}; this is {VERSION}"
        ))
        .hint("update it first: `djscaffold update`")),
        _ => Ok(()),
    }
}

fn version_parts(version: &str) -> Vec<u64> {
    version
        .split(['.', '-', '+'])
        .map_while(|part| part.parse().ok())
        .collect()
}

/// The team's own templates change by `update` only, as the version of djscaffold does.
fn check_templates(project: &Project, source: &Source, intent: &Intent) -> Result<()> {
    if *intent == Intent::Update || !has_other_templates(project, source) {
        return Ok(());
    }
    let written_with = project.layer.templates.as_ref().map(|templates| &templates.path);
    Err(Error::input(match (written_with, source.own()) {
        (Some(path), _) => {
            format!("the templates in `{path}` have changed since this project was last written")
        }
        (None, _) => "this project was last written without your own templates".to_owned(),
    })
    .hint(match source.own() {
        Some(own) if written_with.is_none_or(|path| project.root.join(path) != own.folder) => {
            let folder = own.folder.display().to_string();
            format!(
                "apply them first: `djscaffold update --templates {}`",
                shell_word(&folder)
            )
        }
        _ => "apply them first: `djscaffold update`".to_owned(),
    }))
}

fn has_other_templates(project: &Project, source: &Source) -> bool {
    source.own().map(|own| own.digest.as_str())
        != project
            .layer
            .templates
            .as_ref()
            .map(|templates| templates.digest.as_str())
}

fn want(project: &Project, catalog: &Catalog, source: &Source, intent: &Intent, base: &Tree) -> Result<Wanted> {
    let (mut answers, notes) = project.answers(catalog)?;
    let declared = Spec::from_answers(&answers, catalog)?;
    answers.templates = source.own().map(|own| templates_of(own, &project.root));
    intent.change(&mut answers, project, base, catalog)?;
    let spec = Spec::from_answers(&answers, catalog)?;
    let last = base
        .get(DECLARATION)
        .and_then(|entry| spec_of(&entry.content, &spec.apps, catalog));
    let mut farewells = Vec::new();
    let mut has_new_tables = false;
    if let Some(last) = &last {
        check_fixed(last, &spec, catalog)?;
        let (going, coming) = table_changes(last, &spec, catalog)?;
        farewells.extend(going.iter().map(|app| format!("migrate {app} zero")));
        has_new_tables = !coming.is_empty();
    }
    if let Intent::RemoveApp { name } = intent
        && !migrations::names(project, &project.folder_of(name)).is_empty()
    {
        farewells.push(format!("migrate {name} zero"));
    }
    let rendered = render(&spec, catalog, &make_secrets(&spec, catalog)?, VERSION)?;
    let is_new = |step: &NextStep| {
        let known = last.as_ref().map(|last| last.components.contains_key(&step.component));
        step.later.is_some() && known == Some(false)
    };
    let mut tree = rendered.tree;
    tree.remove(BASE);
    let has_models = tree.remove(SNAPSHOT).is_some();
    let added = match intent {
        Intent::AddApp { name, .. } => spec.apps.get_key_value(label_of(name)),
        _ => None,
    };
    let added = added.map(|(label, app)| (label.clone(), app.clone()));
    if let Some((label, app)) = &added
        && !tree
            .iter()
            .any(|(path, _)| path.starts_with(&format!("{}/", app.folder(label))))
    {
        return Err(Error::input("this project has no component that makes apps")
            .hint("choose one when you create a project: `djscaffold new --help`"));
    }
    for (label, app) in &spec.apps {
        let folder = app.folder(label);
        if project.root.join(&folder).join("models").is_dir() {
            tree.remove(&format!("{folder}/models.py"));
        }
    }
    let snapshot = if has_models {
        let mut snapshot = (*project.snapshot()?).clone();
        snapshot.extend(Snapshot::of(&spec.apps, catalog.kinds()));
        if let Intent::RemoveApp { name } = intent {
            snapshot.remove_app(name);
        }
        Some(snapshot)
    } else {
        None
    };
    let starts = match intent {
        Intent::AddModel(model) if model.starts(project, &declared, &spec)? => Some(model.app.as_str()),
        _ => None,
    };
    let needs_sync = migrations::withhold(project, &spec.apps, starts, base, &mut tree)?;
    let rewrite = match intent.class() {
        Some(class) => Rewrite::of(class, project, catalog, (&declared, base), &tree)?,
        None => None,
    };
    let needs_makemigrations = match intent.class() {
        Some((_, _, true)) => true,
        Some((app, _, false)) => {
            starts.is_none() && (rewrite.is_some() || !migrations::have_all(project, app, &spec.apps[app])?)
        }
        None => false,
    };
    Ok(Wanted {
        declaration: edit_declaration(&project.declaration, &declared, &spec, VERSION)?,
        components: spec.components.keys().cloned().collect(),
        apps: spec.apps.iter().map(|(label, app)| app.folder(label)).collect(),
        ejected: spec.ejected.clone(),
        renames: rendered.renames,
        steps: rendered.next_steps.into_iter().filter(is_new).collect(),
        pythons: catalog.lines().get(&spec.project.django)?.pythons.clone(),
        snapshot,
        tree,
        notes,
        farewells,
        added,
        has_new_tables,
        needs_sync,
        needs_makemigrations,
        rewrite,
    })
}

/// The headings that README gets.
fn new_sections(before: &Tree, after: &Tree) -> Vec<String> {
    let headings = |tree: &Tree| -> Vec<String> {
        let text = tree.get(README).map(|entry| String::from_utf8_lossy(&entry.content));
        let lines = text.iter().flat_map(|text| text.lines());
        let headings = lines.filter_map(|line| line.strip_prefix("## ").map(str::to_owned));
        headings.collect()
    };
    let known = headings(before);
    let mut headings = headings(after);
    headings.retain(|heading| !known.contains(heading));
    headings
}

/// A former declaration, as far as it can still be read, with the models of today.
pub(super) fn spec_of(declaration: &[u8], apps: &IndexMap<String, App>, catalog: &Catalog) -> Option<Spec> {
    let layer = AnswerLayer::parse(
        std::str::from_utf8(declaration).ok()?.trim_start_matches('\u{feff}'),
        "the last declaration",
    )
    .ok()?;
    let mut answers = answers_of(&layer);
    answers.apps.clone_from(apps);
    Spec::from_answers(&answers, catalog).ok()
}

/// The labels of the apps with tables that are in one declaration only: of those that go, and of those that come.
pub(super) fn table_changes(before: &Spec, after: &Spec, catalog: &Catalog) -> Result<(Vec<String>, Vec<String>)> {
    let (before, after) = (database_apps(before, catalog)?, database_apps(after, catalog)?);
    let lacking =
        |these: &[String], those: &[String]| these.iter().filter(|app| !those.contains(app)).cloned().collect();
    Ok((lacking(&before, &after), lacking(&after, &before)))
}

/// Takes the files of a directory that `startapp` made, as far as nobody touched them, for rendered last.
fn prepare_start(project: &Project, label: &str, app: &App, base: &mut Tree, theirs: &mut Tree) -> Result<()> {
    for (path, entry) in untouched_start(project, label, app)? {
        if let Some(wanted) = theirs.get(&path).cloned() {
            theirs.insert(
                &path,
                Entry {
                    ownership: Ownership::Managed,
                    ..wanted
                },
            );
        }
        base.insert(path, entry);
    }
    Ok(())
}

fn without_declaration(tree: &Tree) -> Tree {
    let mut tree = tree.clone();
    tree.remove(DECLARATION);
    tree
}

/// Refuses files with the markers of a conflict; what stands as it was rendered has none, whatever its text.
fn refuse_markers(ours: &BTreeMap<String, Found>, base: &Tree) -> Result<()> {
    let is_as_rendered = |path: &str, content: &[u8]| base.get(path).is_some_and(|entry| entry.holds(content));
    let is_marked = |path: &str, found: &Found| {
        let content = found.content();
        content.is_some_and(|content| !is_as_rendered(path, content) && has_markers(content))
    };
    let marked = ours.iter().filter(|(path, found)| is_marked(path, found));
    let marked: Vec<&str> = marked.map(|(path, _)| path.as_str()).collect();
    if marked.is_empty() {
        return Ok(());
    }
    Err(Error::input(format!("unresolved conflicts in `{}`", marked.join("`, `")))
        .hint("resolve them: keep one side of each, remove the lines with `<<<<<<<`, `|||||||`, `=======` and `>>>>>>>`, and run this again")
        .hint("`djscaffold undo` reverts the run that left them"))
}

/// The changes of djscaffold's own two files.
fn own_changes(project: &Project, declaration: &str, base: &Tree) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for (path, text) in [(DECLARATION, declaration.to_owned()), (BASE, write_base(base))] {
        changes.extend(own_change(project, path, text)?);
    }
    Ok(changes)
}

/// The change of a file of djscaffold's own, if it has another text.
fn own_change(project: &Project, path: &str, text: String) -> Result<Option<Change>> {
    let before = find(&project.root, path)?;
    let bits = match &before {
        Found::File { bits, .. } => *bits,
        Found::Missing | Found::Other(_) => Mode::Normal.bits(),
    };
    if before.content() == Some(text.as_bytes()) {
        return Ok(None);
    }
    Ok(Some(Change {
        path: path.to_owned(),
        component: String::new(),
        action: Action::Update,
        reason: "what djscaffold keeps".to_owned(),
        step: Step::Write {
            content: text.into_bytes(),
            bits,
        },
        dispute: None,
        before,
        withheld: None,
        is_private: false,
        renamed_from: None,
    }))
}
