//! The imports at a module's top are merged by name: they are taken out before the lines are merged, and put back sorted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::slice;

use ruff_python_ast::visitor::Visitor as _;
use ruff_python_ast::{Alias, Stmt};
use ruff_python_stdlib::sys::is_known_standard_library;
use ruff_text_size::Ranged as _;

use super::regions::Three;
use super::source::{lines_of, text_of};
use crate::merge::Layout;
use crate::render::imports::{Block, ImportOrder, UsedNames, is_docstring, is_import, parse};

/// Stands for the imports while the lines are merged.
const PLACE: &str = "import djscaffold_merges_these_imports";

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Import {
    /// The dots and the module of `from … import`.
    from: Option<(u32, String)>,
    name: String,
    asname: Option<String>,
}

impl Import {
    fn new(from: Option<(u32, String)>, alias: &Alias) -> Self {
        let asname = alias.asname.as_ref().map(ToString::to_string);
        Self {
            from,
            name: alias.name.to_string(),
            asname,
        }
    }

    /// The name that the module knows it by.
    fn bound(&self) -> &str {
        let name = self.asname.as_deref().unwrap_or(&self.name);
        if self.from.is_none() && self.asname.is_none() {
            name.split('.').next().unwrap_or(name)
        } else {
            name
        }
    }

    /// The top-level package, unless its section is known without the project.
    fn package(&self, python_minor: u8) -> Option<&str> {
        let module = match &self.from {
            Some((0, module)) => module,
            None => &self.name,
            Some(_) => return None,
        };
        let top = module.split('.').next().unwrap_or(module);
        (top != "__future__" && !is_known_standard_library(python_minor, top)).then_some(top)
    }
}

/// The imports at one text's top.
#[derive(Debug, Default)]
struct Head {
    /// Where they stand.
    lines: Range<usize>,
    /// Each with the comment behind it.
    imports: BTreeMap<Import, String>,
    /// The packages between blank lines.
    groups: Vec<BTreeSet<String>>,
}

impl Head {
    /// Reads the imports; what sorting them would lose (comments between them, two on one line) gives nothing.
    fn read(lines: &[String], python_minor: u8) -> Option<Self> {
        let text = text_of(lines);
        let module = parse(&text).ok()?;
        let body = &module.body;
        let from = usize::from(body.first().is_some_and(is_docstring));
        let statements: Vec<_> = body[from..]
            .iter()
            .take_while(|statement| is_import(statement))
            .collect();
        let mut head = Self::default();
        let line_at = |offset: usize| text[..offset].matches('\n').count();
        for statement in statements {
            let (start, end) = (usize::from(statement.start()), usize::from(statement.end()));
            let (first, last) = (line_at(start), line_at(end));
            let comment = text[end..].split('\n').next().unwrap_or_default().trim();
            let is_alone = start == 0 || text[..start].ends_with('\n');
            if !is_alone || text[start..end].contains('#') || !(comment.is_empty() || comment.starts_with('#')) {
                return None;
            }
            if head.groups.is_empty() {
                head.lines.start = first;
            } else if lines[head.lines.end..first].iter().any(|line| !line.trim().is_empty()) {
                return None;
            }
            if head.groups.is_empty() || head.lines.end < first {
                head.groups.push(BTreeSet::new());
            }
            head.lines.end = last + 1;
            for import in imports_of(statement) {
                if let (Some(group), Some(package)) = (head.groups.last_mut(), import.package(python_minor)) {
                    group.insert(package.to_owned());
                }
                head.imports.insert(import, comment.to_owned());
            }
        }
        head.groups.retain(|group| !group.is_empty());
        Some(head)
    }

    /// The lines with one in the imports' place.
    fn lifted(&self, lines: &[String]) -> Vec<String> {
        if self.lines.is_empty() {
            return lines.to_vec();
        }
        let place = [PLACE.to_owned()];
        [&lines[..self.lines.start], &place, &lines[self.lines.end..]].concat()
    }

    fn binds(&self, name: &str) -> bool {
        self.imports.keys().any(|import| import.bound() == name)
    }
}

fn imports_of(statement: &Stmt) -> Vec<Import> {
    match statement {
        Stmt::Import(import) => import.names.iter().map(|alias| Import::new(None, alias)).collect(),
        Stmt::ImportFrom(import) => {
            let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
            let from = Some((import.level, module));
            import
                .names
                .iter()
                .map(|alias| Import::new(from.clone(), alias))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The imports of the three texts.
#[derive(Debug)]
pub(super) struct Imports<'a> {
    base: Head,
    ours: Head,
    theirs: Head,
    /// The names that either side uses.
    used_by_ours: BTreeSet<String>,
    used_by_theirs: BTreeSet<String>,
    layout: &'a Layout,
}

impl<'a> Imports<'a> {
    /// Takes the imports out of the three texts, if they can be merged by name.
    pub(super) fn lift(three: &Three, layout: &'a Layout) -> Option<(Three, Self)> {
        let minor = layout.python_minor();
        let imports = Self {
            base: Head::read(&three.base, minor)?,
            ours: Head::read(&three.ours, minor)?,
            theirs: Head::read(&three.theirs, minor)?,
            used_by_ours: used_names(slice::from_ref(&three.ours)),
            used_by_theirs: used_names(slice::from_ref(&three.theirs)),
            layout,
        };
        if imports.ours.imports.is_empty() || imports.theirs.imports.is_empty() {
            return None;
        }
        let lifted = Three {
            base: imports.base.lifted(&three.base),
            ours: imports.ours.lifted(&three.ours),
            theirs: imports.theirs.lifted(&three.theirs),
        };
        Some((lifted, imports))
    }

    /// Whether both sides import something else than before.
    pub(super) fn both_changed(&self) -> bool {
        !self.ours.imports.keys().eq(self.base.imports.keys()) && self.theirs_changed()
    }

    pub(super) fn theirs_changed(&self) -> bool {
        !self.theirs.imports.keys().eq(self.base.imports.keys())
    }

    /// The merged imports for modules with these lines; nothing if a comment of the user's would be lost.
    pub(super) fn render(&self, modules: &[Vec<String>]) -> Option<Vec<String>> {
        let used = used_names(modules);
        let order = ImportOrder {
            first_party: self.first_party(),
            python_minor: self.layout.python_minor(),
        };
        let mut block = Block::default();
        for (import, comment) in self.merged(&used) {
            let members = match import.from {
                None => &mut block.plain,
                Some(from) => block.from.entry(from).or_default(),
            };
            members.insert((import.name, import.asname), comment);
        }
        let text = self.layout.format(&block.render(&order))?;
        let keeps_comments = self.ours.imports.values().all(|comment| text.contains(comment));
        keeps_comments.then(|| lines_of(&text))
    }

    /// Puts the imports back in their place.
    pub(super) fn place(lines: &[String], block: &[String]) -> Vec<String> {
        let one = |line: &String| {
            if line == PLACE {
                block.to_vec()
            } else {
                vec![line.clone()]
            }
        };
        lines.iter().flat_map(one).collect()
    }

    /// Whether there is exactly one place for the imports.
    pub(super) fn have_place(lines: &[String]) -> bool {
        lines.iter().filter(|line| *line == PLACE).count() == 1
    }

    /// The user's imports with those that the new render added and without those that it dropped, unless they are used.
    fn merged(&self, used: &BTreeSet<String>) -> BTreeMap<Import, String> {
        let (base, ours, theirs) = (&self.base.imports, &self.ours.imports, &self.theirs.imports);
        let is_new = |import: &Import| !base.contains_key(import);
        let replaced = |name: &str| theirs.keys().any(|import| is_new(import) && import.bound() == name);
        let stays = |import: &Import| {
            let name = import.bound();
            is_new(import) || theirs.contains_key(import) || name == "*" || (used.contains(name) && !replaced(name))
        };
        let comes = |import: &Import| {
            let name = import.bound();
            is_new(import) || (used.contains(name) && !self.ours.binds(name))
        };
        let mine = ours.iter().filter(|(import, _)| stays(import));
        let new = theirs
            .iter()
            .filter(|(import, _)| !ours.contains_key(import) && comes(import));
        // What a side used, and the merge of both uses no more.
        let is_orphan = |import: &Import| {
            let name = import.bound();
            let is_idle = |side: &BTreeMap<Import, String>, used: &BTreeSet<String>| {
                side.contains_key(import) && !used.contains(name)
            };
            let was_idle = is_idle(ours, &self.used_by_ours) || is_idle(theirs, &self.used_by_theirs);
            name != "*" && !used.contains(name) && !was_idle
        };
        mine.chain(new)
            .filter(|(import, _)| !is_orphan(import))
            .map(|(import, comment)| (import.clone(), comment.clone()))
            .collect()
    }

    /// The project's own packages: those that are known to be, and those that stand with them or last.
    fn first_party(&self) -> BTreeSet<String> {
        let mut known: BTreeMap<&str, bool> = self
            .layout
            .first_party()
            .iter()
            .map(|package| (package.as_str(), true))
            .collect();
        for head in [&self.theirs, &self.base, &self.ours] {
            for (index, group) in head.groups.iter().enumerate() {
                let neighbour = group.iter().find_map(|package| known.get(package.as_str()).copied());
                let by_place = (head.groups.len() > 1).then_some(index + 1 == head.groups.len());
                if let Some(is_first_party) = neighbour.or(by_place) {
                    for package in group {
                        known.entry(package).or_insert(is_first_party);
                    }
                }
            }
        }
        let own = known.into_iter().filter(|(_, is_first_party)| *is_first_party);
        own.map(|(package, _)| package.to_owned()).collect()
    }
}

/// The names that modules use; every word where one cannot be read.
fn used_names(modules: &[Vec<String>]) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for lines in modules {
        let text = text_of(lines);
        if let Ok(module) = parse(&text) {
            let mut names = UsedNames::default();
            names.visit_body(&module.body);
            used.extend(names.used.into_iter().map(str::to_owned));
        } else {
            let words = text.split(|character: char| !(character.is_alphanumeric() || character == '_'));
            used.extend(words.map(str::to_owned));
        }
    }
    used
}
