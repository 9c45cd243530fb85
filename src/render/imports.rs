//! Imports are written plainly at the top of a template, all that any of its branches may need; here they are merged
//! with those that slots contribute, freed of the unused, and ordered as ruff's isort rules order them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use ruff_python_ast::token::Token;
use ruff_python_ast::visitor::{Visitor, walk_annotation, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ModModule, Stmt};
use ruff_python_parser::{Parsed, parse_module};
use ruff_python_stdlib::sys::is_known_standard_library;
use ruff_text_size::{Ranged as _, TextSize};

use super::python;
use super::settled::{Literal, WIDTH, unsettled};

/// What the order of imports depends on.
#[derive(Debug)]
pub(crate) struct ImportOrder {
    /// The top-level packages of the project itself.
    pub(crate) first_party: BTreeSet<String>,
    /// The minor version of the oldest Python.
    pub(crate) python_minor: u8,
}

/// Formats a module: sorts its leading imports, with `contributed` (import statements as text) and without unused ones,
/// and lays out the rest as ruff's formatter does. A built-in template is known to be written as it writes: given which of
/// its lines are `literal`, only what can have changed is formatted.
///
/// # Errors
/// The module is no valid Python: the parser's message with the line.
pub(crate) fn arrange(
    source: &str,
    contributed: &str,
    order: &ImportOrder,
    literal: Option<&[Range<usize>]>,
) -> Result<String, String> {
    let parsed = parsed(source)?;
    let added = parse(contributed)?;
    let body = &parsed.syntax().body;
    let first = usize::from(body.first().is_some_and(is_docstring));
    let count = body[first..]
        .iter()
        .take_while(|statement| is_import(statement))
        .count();
    let imports = &body[first..first + count];
    let rest = &body[first + count..];

    let mut names = UsedNames::default();
    names.visit_body(rest);
    let mut block = Block::default();
    for (text, statements) in [(source, imports), (contributed, added.body.as_slice())] {
        for statement in statements {
            block.add(text, statement, &names.used);
        }
    }

    let docstring_end = if first == 1 { usize::from(body[0].end()) } else { 0 };
    let imports_end = imports
        .last()
        .map_or(docstring_end, |last| line_end(source, last.end().into()));
    let head_end = imports.first().map_or(docstring_end, |import| {
        comments_start(source, docstring_end, import.start().into())
    });
    let head = source[..head_end].trim_end();
    let rendered: String = block.render(order).lines().map(wrapped).collect();
    let gap = &source[imports_end..source.len() - source[imports_end..].trim_start().len()];
    let behind = &source[imports_end + gap.rfind('\n').map_or(0, |newline| newline + 1)..];
    let format = |source: &str| python::format(source, order.python_minor);
    let is_definition = rest
        .first()
        .is_some_and(|first| begins_with_definition(source, first, behind));
    let join = |behind: &str| {
        let mut text = String::with_capacity(source.len() + rendered.len());
        for (part, blank_lines) in [(head, 0), (&rendered, 1), (behind, if is_definition { 2 } else { 1 })] {
            let part = part.trim_end();
            if !part.is_empty() {
                if !text.is_empty() {
                    text.push_str(&"\n\n\n"[..=blank_lines]);
                }
                text.push_str(part);
            }
        }
        text.push('\n');
        text
    };
    let is_settled = (head.is_empty() || rest.is_empty() || !rendered.is_empty())
        && is_plain_head(head)
        && rendered.lines().all(|line| line.len() <= WIDTH && line.is_ascii());
    let begin = source.len() - behind.len();
    let tokens = parsed.tokens().after(TextSize::try_from(begin).unwrap_or_default());
    if is_settled
        && let Some(literal) = literal
        && let Some(settled) = settle(source, begin, tokens, Literal(literal), format)
    {
        let text = join(&settled);
        #[cfg(debug_assertions)]
        if std::env::var_os(UNCHECKED).is_none() {
            assert_formatted(&text, &format(&join(behind))?);
        }
        return Ok(text);
    }
    format(&join(behind))
}

/// The variable with which a debug build leaves that to the formatter which a release build does: to count the work.
#[cfg(debug_assertions)]
const UNCHECKED: &str = "DJSCAFFOLD_UNCHECKED";

/// Panics with the difference if what is said to be settled is not as the formatter would write it.
#[cfg(debug_assertions)]
fn assert_formatted(settled: &str, formatted: &str) {
    let difference = || {
        similar::TextDiff::from_lines(settled, formatted)
            .unified_diff()
            .to_string()
    };
    assert!(settled == formatted, "said to be settled:\n{}", difference());
}

/// What is behind the imports with each unsettled statement formatted; none if it has to be formatted as a whole.
fn settle(
    source: &str,
    begin: usize,
    tokens: &[Token],
    literal: Literal<'_>,
    format: impl Fn(&str) -> Result<String, String>,
) -> Option<String> {
    let mut settled = String::with_capacity(source.len() - begin);
    let mut done = begin;
    for statement in unsettled(source, tokens, literal)? {
        settled.push_str(&source[done..statement.range.start]);
        settled.push_str(&statement.formatted(source, &format)?);
        done = statement.range.end;
    }
    settled.push_str(&source[done..]);
    Some(settled)
}

/// An import on lines of their own if it is too long for one.
fn wrapped(line: &str) -> String {
    match line.split_once(" import ") {
        Some((module, members)) if line.len() > WIDTH && !line.contains('#') => {
            let members = members.split(", ").map(|member| format!("    {member},\n"));
            format!("{module} import (\n{})\n", members.collect::<String>())
        }
        _ => format!("{line}\n"),
    }
}

/// Whether what is behind the imports begins with a function or a class, comments directly above it included.
fn begins_with_definition(source: &str, first: &Stmt, behind: &str) -> bool {
    let begin = source.len() - behind.len();
    let has_gap = source[begin..usize::from(first.start())].contains("\n\n");
    matches!(first, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) && !has_gap
}

/// Whether ruff's formatter leaves what is before the imports: nothing, or a docstring on one line.
fn is_plain_head(head: &str) -> bool {
    let content = head.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\""));
    let is_plain = |text: &str| !text.is_empty() && text.trim() == text && !text.contains(['\\', '"', '\n', '\t']);
    head.is_empty() || content.is_some_and(is_plain)
}

fn parsed(source: &str) -> Result<Parsed<ModModule>, String> {
    parse_module(source).map_err(|error| {
        let offset = usize::from(error.location.start());
        let line = source[..offset.min(source.len())].matches('\n').count();
        let text = source.lines().nth(line).unwrap_or_default();
        format!(
            "renders to invalid Python: {} at line {}: `{}`",
            error.error,
            line + 1,
            text.trim()
        )
    })
}

pub(crate) fn parse(source: &str) -> Result<ModModule, String> {
    parsed(source).map(Parsed::into_syntax)
}

pub(crate) fn is_docstring(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Expr(expression) if expression.value.is_string_literal_expr())
}

pub(crate) fn is_import(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Import(_) | Stmt::ImportFrom(_))
}

fn line_end(source: &str, offset: usize) -> usize {
    source[offset..]
        .find('\n')
        .map_or(source.len(), |length| offset + length)
}

/// Where the comment lines directly above an import begin.
fn comments_start(source: &str, from: usize, import: usize) -> usize {
    let mut start = import;
    while let Some(line_start) = source[from..start.saturating_sub(1).max(from)]
        .rfind('\n')
        .map(|at| from + at + 1)
    {
        if !source[line_start..start].trim_start().starts_with('#') {
            break;
        }
        start = line_start;
    }
    start
}

/// A name with its alias → the comment on its line.
pub(crate) type Members = BTreeMap<(String, Option<String>), String>;

/// A module's imports, each once.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// `import a.b [as c]` → its comment.
    pub(crate) plain: Members,
    /// `from a import b`: module → member → comment. Aliased members are kept apart, as isort does.
    pub(crate) from: BTreeMap<(u32, String), Members>,
}

impl Block {
    fn add(&mut self, text: &str, statement: &Stmt, used: &HashSet<&str>) {
        let comment = text[usize::from(statement.end())..line_end(text, statement.end().into())]
            .trim()
            .to_owned();
        let kept = |bound: &str| used.contains(bound) || comment.contains("noqa") || bound == "*";
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.name.to_string();
                    let asname = alias.asname.as_ref().map(ToString::to_string);
                    let bound = asname
                        .clone()
                        .unwrap_or_else(|| name.split('.').next().unwrap_or_default().to_owned());
                    if kept(&bound) {
                        self.plain.entry((name, asname)).or_insert_with(|| comment.clone());
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map(ToString::to_string).unwrap_or_default();
                for alias in &import.names {
                    let name = alias.name.to_string();
                    let asname = alias
                        .asname
                        .as_ref()
                        .map(ToString::to_string)
                        .filter(|asname| *asname != name);
                    if module == "__future__" || kept(asname.as_deref().unwrap_or(&name)) {
                        self.from
                            .entry((import.level, module.clone()))
                            .or_default()
                            .entry((name, asname))
                            .or_insert_with(|| comment.clone());
                    }
                }
            }
            _ => {}
        }
    }

    pub(crate) fn render(&self, order: &ImportOrder) -> String {
        let mut lines: BTreeMap<(u8, LineKey), String> = BTreeMap::new();
        for ((name, asname), comment) in &self.plain {
            let text = match asname {
                Some(asname) => format!("import {name} as {asname}"),
                None => format!("import {name}"),
            };
            let key = LineKey::plain(name, asname.as_deref());
            lines.insert((section(0, name, order), key), with_comment(&text, comment));
        }
        for ((level, module), members) in &self.from {
            let path = format!("{}{module}", ".".repeat(*level as usize));
            let mut groups: Vec<Vec<(&str, Option<&str>, &str)>> = vec![Vec::new()];
            for ((name, asname), comment) in members {
                let member = (name.as_str(), asname.as_deref(), comment.as_str());
                if asname.is_some() || name == "*" {
                    groups.push(vec![member]);
                } else {
                    groups[0].push(member);
                }
            }
            for mut group in groups.into_iter().filter(|group| !group.is_empty()) {
                group.sort_by_cached_key(|(name, asname, _)| member_key(name, *asname));
                let names: Vec<_> = group
                    .iter()
                    .map(|(name, asname, _)| {
                        asname.map_or_else(|| (*name).to_owned(), |asname| format!("{name} as {asname}"))
                    })
                    .collect();
                let comment = group
                    .iter()
                    .map(|(_, _, comment)| *comment)
                    .find(|comment| !comment.is_empty());
                let text = format!("from {path} import {}", names.join(", "));
                let key = LineKey::from(*level, module, group[0].0, group[0].1);
                lines.insert(
                    (section(*level, module, order), key),
                    with_comment(&text, comment.unwrap_or_default()),
                );
            }
        }
        let mut text = String::new();
        let mut previous = None;
        for ((section, _), line) in &lines {
            if previous.is_some_and(|previous| previous != section) {
                text.push('\n');
            }
            previous = Some(section);
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

fn with_comment(text: &str, comment: &str) -> String {
    if comment.is_empty() {
        text.to_owned()
    } else {
        format!("{text}  {comment}")
    }
}

/// Future, standard library, third party, first party, relative: isort's sections in their order.
fn section(level: u32, module: &str, order: &ImportOrder) -> u8 {
    let top = module.split('.').next().unwrap_or_default();
    if level > 0 {
        4
    } else if top == "__future__" {
        0
    } else if order.first_party.contains(top) {
        3
    } else if is_known_standard_library(order.python_minor, top) {
        1
    } else {
        2
    }
}

/// How isort orders lines within a section: `import` before `from`, then by module without regard to case.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct LineKey {
    is_from: bool,
    distance: std::cmp::Reverse<u32>,
    module: (String, String),
    member: MemberKey,
}

type MemberKey = (u8, String, String, Option<String>);

impl LineKey {
    fn plain(module: &str, asname: Option<&str>) -> Self {
        Self {
            is_from: false,
            distance: std::cmp::Reverse(0),
            module: (natural(&module.to_lowercase()), natural(module)),
            member: (0, String::new(), String::new(), asname.map(str::to_owned)),
        }
    }

    fn from(level: u32, module: &str, member: &str, asname: Option<&str>) -> Self {
        Self {
            is_from: true,
            distance: std::cmp::Reverse(level),
            module: (natural(&module.to_lowercase()), natural(module)),
            member: member_key(member, asname),
        }
    }
}

/// isort's `order-by-type`: constants, then classes, then the rest.
fn member_key(name: &str, asname: Option<&str>) -> MemberKey {
    let is_upper = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
    let kind = if name.len() > 1 && is_upper {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    };
    (
        kind,
        natural(&name.to_lowercase()),
        natural(name),
        asname.map(str::to_owned),
    )
}

/// A form of the text in which numbers sort by their value.
fn natural(text: &str) -> String {
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return text.to_owned();
    }
    let mut key = String::new();
    let mut digits = String::new();
    for character in text.chars().chain(std::iter::once('\0')) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>20}"));
            digits.clear();
        }
        if character != '\0' {
            key.push(character);
        }
    }
    key
}

/// Collects the names that a module's body reads, those in string annotations and `__all__` too.
#[derive(Debug, Default)]
pub(crate) struct UsedNames<'a> {
    pub(crate) used: HashSet<&'a str>,
    in_annotation: bool,
}

impl<'a> Visitor<'a> for UsedNames<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Stmt::ClassDef(class) = statement {
            // A base such as `QuerySet["Post"]` names a class in a string.
            for base in class.bases() {
                self.visit_annotation(base);
            }
        }
        if let Stmt::Assign(assignment) = statement
            && assignment
                .targets
                .iter()
                .any(|target| target.as_name_expr().is_some_and(|name| name.id == "__all__"))
        {
            self.visit_annotation(&assignment.value);
        }
        walk_stmt(self, statement);
    }

    fn visit_annotation(&mut self, expression: &'a Expr) {
        let outer = std::mem::replace(&mut self.in_annotation, true);
        walk_annotation(self, expression);
        self.in_annotation = outer;
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                self.used.insert(&name.id);
            }
            Expr::StringLiteral(literal) if self.in_annotation => {
                let words = literal
                    .value
                    .to_str()
                    .split(|character: char| !(character.is_alphanumeric() || character == '_'));
                self.used.extend(words.filter(|word| !word.is_empty()));
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> ImportOrder {
        ImportOrder {
            first_party: BTreeSet::from(["core".to_owned()]),
            python_minor: 11,
        }
    }

    #[test]
    fn unused_imports_go_and_the_rest_is_ordered_by_section() {
        let source = "\"\"\"Doc.\"\"\"\nfrom .models import Tag, Post\nfrom core.x import y\nimport os\nfrom django.db import models, transaction\nimport environ  # noqa: F401\n\nprint(os, models, y, Post, Tag)\n";
        assert_eq!(
            arrange(source, "from django.urls import path\n", &order(), Some(&[])).unwrap(),
            "\"\"\"Doc.\"\"\"\n\nimport os\n\nimport environ  # noqa: F401\nfrom django.db import models\n\nfrom core.x import y\n\nfrom .models import Post, Tag\n\nprint(os, models, y, Post, Tag)\n"
        );
    }

    #[test]
    fn contributed_imports_are_merged() {
        assert_eq!(
            arrange(
                "from a import b\n\nx = [b, C, D]\n",
                "from a import D, C\nfrom a import e\n",
                &order(),
                Some(&[])
            )
            .unwrap(),
            "from a import D, C, b\n\nx = [b, C, D]\n".replace("D, C", "C, D")
        );
    }

    #[test]
    fn an_alias_stands_apart_and_a_string_annotation_counts() {
        assert_eq!(
            arrange(
                "from t import g as _, g\nfrom .m import Post\nclass A(Q[\"Post\"]):\n    x = _(g)\n",
                "",
                &order(),
                Some(&[])
            )
            .unwrap(),
            "from t import g\nfrom t import g as _\n\nfrom .m import Post\n\n\nclass A(Q[\"Post\"]):\n    x = _(g)\n"
        );
    }

    #[test]
    fn a_star_stands_apart() {
        assert_eq!(
            arrange(
                "from .base import *\nfrom .base import env\n\nx = env\n",
                "",
                &order(),
                Some(&[])
            )
            .unwrap(),
            "from .base import *\nfrom .base import env\n\nx = env\n"
        );
    }

    #[test]
    fn invalid_python_is_told_with_its_line() {
        let error = arrange("x = 1\ny = = 2\n", "", &order(), Some(&[])).unwrap_err();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn what_is_not_formatted_is_as_the_formatter_writes_it() {
        let modules = [
            "x = 1 \ny = 2\n",
            "import a\n\n \n\na = 2\n",
            "foo(\n    a, \n)\n",
            "x = a,\n",
            "x = (a,)\n",
            "@a @b\ndef f():\n    pass\n",
            "def f():\n    \"\"\"One (\n        two).\"\"\"\n    return 1\n",
            "def f():\n    \"\"\"One.\n    \"\"\"\n    return 1\n",
            "for (a, b) in c:\n    pass\n",
            "x = (1)\n",
            "x = a and (b)\n",
            "x = (a or b) and (c)\n",
            "x = [\n    1,\n    *a,\n]\n",
            "x = {\n    \"a\": (\n        1,\n        2,\n    ),\n}\n",
            "x = .5 + 5.\n",
            "def f():\n\n    x = 1\n",
            "@a\n# why\ndef f():\n    return 1\n",
            "if a:\n    b = 1\n\nelse:\n    b = 2\n",
            "if x:\n\n    def f():\n        pass\n",
            "if a:\n    from b import c\nd = c\n",
            "class A:\n    x = 1\n    \"\"\"Attribute.\"\"\"\n    y = 2\n",
            "class A:\n\n    x = 1\n    def f(self):\n        \"\"\"Doc.\"\"\"\n        return 1\n\n\n    y = 2\nz = 3\n",
            "@a\n\ndef f():\n    return {\n        \"a\": 1\n    }\nasync def g(): pass\n",
            "x = {\n    \"a\": [1,\n        2],\n}\ny = f'{a}' \"b\" 'c'\nz = \"\\\"\"\n",
            "def f(a, b,):\n    if a: return b\n    else:\n        return [\n            a,\n        ]\n# end\n",
            "long = one_function(with_arguments, that_are_many) or another_function(with_arguments, that_are_many)  # why\n",
            "class Long(FirstOfTheBasesThatItHas, SecondOfTheBasesThatItHas, ThirdOfTheBasesThatItHas):\n    x = 1\n",
            "try:\n    a = 1\nexcept (ValueError, TypeError, AttributeError, ArithmeticError, KeyError, IndexError) as error:\n    raise\n",
            "# one\n\n# two\nx = 1\n\n\n\n# three\ndef f():\n    # four\n    return 1\n\n\n\ny = 2\n",
        ];
        for module in modules {
            let whole = arrange(module, "", &order(), None);
            assert_eq!(arrange(module, "", &order(), Some(&[])), whole, "{module}");
        }
    }
}
