//! The class of a model that comes to the user's `models.py`, or goes from it.
//!
//! The file is written once and the user's from then on. For this one run it is merged as if it were managed: what was
//! rendered last is given the same change first, so that nothing but the class and its imports differs.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{Alias, Stmt};
use ruff_text_size::Ranged as _;

use super::Project;
use crate::catalog::Catalog;
use crate::error::Result;
use crate::inspect::Note;
use crate::merge::{Action, Layout, Merged, Plan, Step, merge};
use crate::render::imports::{ImportOrder, UsedNames, arrange, is_docstring, is_import, parse};
use crate::render::render_one;
use crate::spec::Spec;
use crate::tree::{Entry, Found, Ownership, Tree};

/// Where an app has its models.
pub(super) fn models_file(project: &Project, app: &str) -> String {
    format!("{}/models.py", project.folder_of(app))
}

/// Whether an app's `models.py` has a class of that name.
pub(super) fn has_class(project: &Project, app: &str, name: &str) -> Result<bool> {
    let text = project.read(&models_file(project, app))?.unwrap_or_default();
    Ok(parse(&text).is_ok_and(|module| class_start(&module.body, name).is_some()))
}

/// Where the name of that class stands, in bytes.
fn class_start(module: &[Stmt], name: &str) -> Option<usize> {
    let mut classes = module.iter().filter_map(Stmt::as_class_def_stmt);
    let class = classes.find(|class| class.name.as_str() == name)?;
    Some(class.name.range().start().into())
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
        let path = models_file(project, app);
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
            Merged::Clean(content) if !goes || content != stored.content => {
                (managed(stored.content.clone()), managed(content))
            }
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
        let added = parse(class).ok()?;
        needed.visit_body(&added.body);
        let known: BTreeSet<String> = module.body.iter().flat_map(bound).collect();
        let is_missing = |name: &String| needed.used.contains(name.as_str()) && !known.contains(name);
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
    pub(super) fn note_of(project: &Project, app: &str, class: &str) -> Note {
        let path = models_file(project, app);
        let text = project.read(&path).ok().flatten().unwrap_or_default();
        let start = parse(&text).ok().and_then(|module| class_start(&module.body, class));
        Note {
            path,
            line: 1 + text[..start.unwrap_or_default()].matches('\n').count(),
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
        let arranged = arrange(&format!("{block}\n{USE}{}]\n", names.join(", ")), "", order, None).ok()?;
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

/// The top-level parts of a module that its later form has besides, and the imports of that form.
fn addition(before: &str, after: &str) -> (String, String) {
    let parts = |text: &str| -> Vec<String> { text.trim_end().split("\n\n\n").map(str::to_owned).collect() };
    let (before, mut after) = (parts(before), parts(after));
    let imports = after.remove(0);
    after.retain(|part| !before.contains(part));
    (imports, after.join("\n\n\n"))
}
