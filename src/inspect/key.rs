//! Whether the code that models are made of is what it was, told without running it.

use std::collections::BTreeMap;
use std::hash::Hash as _;

use ruff_python_ast::comparable::ComparableStmt;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{ModModule, Stmt};
use ruff_python_parser::parse_module;
use xxhash_rust::xxh3::Xxh3;

use super::files_of;
use super::references::absolute;

/// The hash of the syntax, comments and layout apart, of the modules that define models and of the project's modules that
/// these import. `models` are the paths to begin with; `read` gives the text of a file of the project, if it is there.
///
/// What can't be parsed counts as it is written: Django says what is wrong with it.
pub fn models_key(models: impl IntoIterator<Item = String>, read: impl Fn(&str) -> Option<String>) -> String {
    let mut hasher = Xxh3::new();
    closure(models, read).hash(&mut hasher);
    format!("{:032x}", hasher.digest128())
}

/// The modules that define models and those of the project's that these import, each with the hash of its syntax.
pub fn closure(
    models: impl IntoIterator<Item = String>,
    read: impl Fn(&str) -> Option<String>,
) -> BTreeMap<String, u64> {
    let mut waiting: Vec<String> = models.into_iter().collect();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    while let Some(path) = waiting.pop() {
        if seen.contains_key(&path) {
            continue;
        }
        let Some(text) = read(&path) else { continue };
        let mut hasher = Xxh3::new();
        match parse_module(&text) {
            Ok(parsed) => {
                let module = parsed.into_syntax();
                for statement in &module.body {
                    ComparableStmt::from(statement).hash(&mut hasher);
                }
                let imported = imports(&module).into_iter();
                let imported = imported.filter_map(|import| absolute(&path, import.level, &import.module));
                waiting.extend(imported.flat_map(|module| {
                    let mut packages = module.split('.').map(str::len).scan(0, |end, length| {
                        *end += length + 1;
                        Some(*end - 1)
                    });
                    // A package's own module runs before those within.
                    let packages: Vec<String> = packages.by_ref().map(|end| module[..end].to_owned()).collect();
                    packages
                        .iter()
                        .flat_map(|package| files_of(package))
                        .collect::<Vec<_>>()
                }));
            }
            Err(_) => hasher.update(text.as_bytes()),
        }
        seen.insert(path, hasher.digest());
    }
    seen
}

/// One module that another one imports, or a name of it that may be a module.
struct Import {
    level: u32,
    module: String,
}

fn imports(module: &ModModule) -> Vec<Import> {
    let mut found = Imports(Vec::new());
    found.visit_body(&module.body);
    found.0
}

struct Imports(Vec<Import>);

impl<'a> Visitor<'a> for Imports {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let mut add = |level, module| self.0.push(Import { level, module });
        match statement {
            Stmt::Import(import) => import.names.iter().for_each(|alias| add(0, alias.name.to_string())),
            Stmt::ImportFrom(import) => {
                let from = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let inner = format!("{from}.{}", alias.name);
                    add(import.level, inner.trim_start_matches('.').to_owned());
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(files: &[(&str, &str)]) -> String {
        let read = |path: &str| {
            files
                .iter()
                .find(|(name, _)| *name == path)
                .map(|(_, text)| (*text).to_owned())
        };
        models_key(["shop/models.py".to_owned()], read)
    }

    #[test]
    fn comments_and_layout_are_no_change() {
        let one = key(&[("shop/models.py", "x = f(1, 2)  # two\n\n\nclass A: pass\n")]);
        assert_eq!(
            one,
            key(&[("shop/models.py", "x = f(\n    1,\n    2,\n)\nclass A:\n    pass\n")])
        );
        assert_ne!(one, key(&[("shop/models.py", "x = f(1, 3)\nclass A: pass\n")]));
    }

    #[test]
    fn what_models_import_counts_and_nothing_else() {
        let models = (
            "shop/models.py",
            "from .base import Named\nfrom lib import choices\nimport django\n",
        );
        let chosen = ("lib/choices.py", "A = 1\n");
        let of = |base: &str, package: &str, other: &str| {
            key(&[
                models,
                ("shop/base.py", base),
                chosen,
                ("lib/__init__.py", package),
                ("shop/views.py", other),
            ])
        };
        let one = of("class Named: pass", "", "x = 1");
        assert_eq!(one, of("class Named: pass", "", "x = 2"));
        assert_ne!(one, of("class Named: x = 1", "", "x = 1"));
        assert_ne!(one, of("class Named: pass", "import lib.more", "x = 1"));
    }

    #[test]
    fn what_does_not_parse_counts_as_it_is() {
        assert_ne!(
            key(&[("shop/models.py", "class (")]),
            key(&[("shop/models.py", "class ((")])
        );
    }
}
