//! Names that generated modules use besides the models' own, read off the templates: what they import and define.

use std::collections::BTreeSet;

/// The names that no model, field or variable of a project may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenNames {
    /// What an app's modules import: no model and no variable may be called so.
    pub imported: BTreeSet<String>,
    /// What modules import whose class bodies have the model's fields as attributes: no field may be called so.
    pub attributes: BTreeSet<String>,
    /// What classes made for a model are called behind its own name: `Form`, `ListView`.
    pub suffixes: BTreeSet<String>,
    /// What functions and templates of an app call other things: no variable may be called so.
    pub locals: BTreeSet<String>,
}

impl TakenNames {
    /// Takes in the source of a template of an app's module.
    pub fn read_template(&mut self, text: &str, has_fields: bool) {
        for name in imported(text) {
            if has_fields {
                self.attributes.insert(name.clone());
            }
            self.imported.insert(name);
        }
        for (at, prefix) in text.match_indices("class {{name}}") {
            let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
            if !text[line..at].trim().is_empty() {
                continue;
            }
            let class = &text[at + prefix.len()..];
            let end = class.find(|character: char| !character.is_ascii_alphanumeric());
            let suffix = &class[..end.unwrap_or(class.len())];
            if !suffix.is_empty() {
                self.suffixes.insert(suffix.to_owned());
            }
        }
    }

    /// Whether a model of that name, or a class that is made for it, would be called as something that modules import.
    #[must_use]
    pub fn hides(&self, name: &str) -> bool {
        let mut made = self.suffixes.iter().map(|suffix| format!("{name}{suffix}"));
        self.imported.contains(name) || made.any(|class| self.imported.contains(&class))
    }

    /// Whether two models of an app can't be called so: alike, or one as a class that is made for the other.
    #[must_use]
    pub fn collide(&self, name: &str, other: &str) -> bool {
        let is_made_for = |one: &str, of: &str| {
            one.strip_prefix(of)
                .is_some_and(|suffix| suffix.is_empty() || self.suffixes.contains(suffix))
        };
        is_made_for(name, other) || is_made_for(other, name)
    }

    /// The other model that this name would be a class of, if there is one: `PostForm` beside `Post`.
    #[must_use]
    pub fn named_after<'a>(&self, name: &str, mut models: impl Iterator<Item = &'a String>) -> Option<&'a String> {
        models.find(|other| {
            name.strip_prefix(other.as_str())
                .is_some_and(|suffix| self.suffixes.contains(suffix))
        })
    }
}

/// The names that the imports of a template bind, those aside that are made from a model's.
fn imported(text: &str) -> impl Iterator<Item = String> {
    let imports = text.lines().filter_map(|line| match line.strip_prefix("from ") {
        Some(rest) => rest.split_once(" import ").map(|(_, names)| names),
        None => line.strip_prefix("import "),
    });
    let names = imports.flat_map(|names| names.split(','));
    names.filter_map(|name| {
        let bound = name.rsplit_once(" as ").map_or(name, |(_, alias)| alias).trim();
        let first = bound.split('.').next().unwrap_or_default();
        let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        (!first.is_empty() && first.chars().all(is_name)).then(|| first.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_classes_of_a_template_are_found() {
        let mut taken = TakenNames::default();
        taken.read_template(
            "import datetime\nfrom django.db.models import Q, QuerySet as Rows\nfrom {{app.name}}.models import {{name}}\n\
             class {{name}}ListView(ListView):\nclass {{name}}(models.Model):\n\
             # no class {{name}}Comment\n",
            true,
        );
        assert_eq!(Vec::from_iter(&taken.imported), ["Q", "Rows", "datetime"]);
        assert_eq!(taken.imported, taken.attributes);
        assert_eq!(Vec::from_iter(&taken.suffixes), ["ListView"]);
        let models = ["Post".to_owned()];
        assert_eq!(taken.named_after("PostListView", models.iter()), Some(&models[0]));
        assert_eq!(taken.named_after("Postcard", models.iter()), None);
    }
}
