//! Which migrations an app has, and which of them follow which.

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_module;

use super::module::assigned;
use crate::model::Migration;

/// The migrations of an app, given each file's stem (`0001_initial`) and source. Of a file that does not parse, only
/// its place by number is known.
#[must_use]
pub fn read_migrations(app: &str, files: &[(String, String)]) -> Vec<Migration> {
    let is_migration = |stem: &str| stem != "__init__";
    let mut migrations: Vec<_> = files
        .iter()
        .filter(|(stem, _)| is_migration(stem))
        .map(|(stem, source)| Migration::new(stem, follows(app, source)))
        .collect();
    migrations.sort_by(|one, other| one.stem.cmp(&other.stem));
    migrations
}

fn follows(app: &str, source: &str) -> Vec<String> {
    let needed = migrations_named(source, &["dependencies", "replaces"]).into_iter();
    needed.filter(|(label, _)| label == app).map(|(_, name)| name).collect()
}

/// The migrations that one can't do without, as the app's label and the migration's name, given its source.
#[must_use]
pub fn dependencies(source: &str) -> Vec<(String, String)> {
    migrations_named(source, &["dependencies", "run_before"])
}

/// The pairs of app and migration in some lists of a migration's class.
fn migrations_named(source: &str, lists: &[&str]) -> Vec<(String, String)> {
    let Ok(parsed) = parse_module(source) else {
        return Vec::new();
    };
    let body = parsed.into_syntax().body;
    let classes = body.iter().filter_map(Stmt::as_class_def_stmt);
    classes
        .filter(|class| class.name.as_str() == "Migration")
        .flat_map(|class| assigned(&class.body))
        .filter(|(name, _)| lists.contains(name))
        .flat_map(|(_, value)| pairs(value))
        .collect()
}

/// The pairs of texts in a list.
fn pairs(list: &Expr) -> Vec<(String, String)> {
    let items = list.as_list_expr().map(|list| list.elts.as_slice()).unwrap_or_default();
    let literal = |expression: &Expr| Some(expression.as_string_literal_expr()?.value.to_str().to_owned());
    let pair = |item: &Expr| match item.as_tuple_expr()?.elts.as_slice() {
        [label, name] => Some((literal(label)?, literal(name)?)),
        _ => None,
    };
    items.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::leaf;

    const SECOND: &str = "\
from django.conf import settings
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [
        (\"shop\", \"0009_late\"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        (\"blog\", \"0003_third\"),
    ]
    operations = []
";

    #[test]
    fn only_migrations_of_the_app_itself_are_followed() {
        let files = [("0002_second", SECOND), ("0003_third", ""), ("__init__", "")]
            .map(|(stem, source)| (stem.to_owned(), source.to_owned()));
        let read = read_migrations("blog", &files);
        assert_eq!(read[0], Migration::new("0002_second", ["0003_third".to_owned()]));
        assert_eq!(read.len(), 2);
        assert_eq!(leaf(&read), Some("0002_second"));
    }

    #[test]
    fn a_file_that_does_not_parse_counts_by_its_number() {
        let files = [("0001_initial", ""), ("0002_broken", "class Migration(")]
            .map(|(stem, source)| (stem.to_owned(), source.to_owned()));
        assert_eq!(leaf(&read_migrations("blog", &files)), Some("0002_broken"));
    }
}
