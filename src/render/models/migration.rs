//! The first migration of each app, equal in state to what `makemigrations` would write.
//!
//! Within an app, a relation to a table that is not there yet is added after all tables. Between apps that point at
//! each other, relations to a later app wait for a second migration, which depends on the first ones of both.

use indexmap::IndexSet;
use serde::Serialize;

use super::fields::{FieldView, Reader};
use super::model::{Meta, ModelContext};
use super::scope::{Scope, Target};
use crate::error::Result;
use crate::model::{App, FIRST, Migration, RELATIONS};

/// What templates of migrations see of an app.
#[derive(Debug, Serialize)]
pub(super) struct Migrations {
    /// The first migration.
    migration: Initial,
    /// The second one; none if there is no need for it.
    relations: Option<Relations>,
    /// Those that are there when all templates that name theirs themselves are rendered.
    #[serde(rename = "migrations")]
    all: Vec<Migration>,
}

#[derive(Debug, Serialize)]
struct Initial {
    dependencies: IndexSet<String>,
    tables: Vec<Table>,
    added: Vec<Column>,
    /// Whether a default is made by a function of `models.py`.
    has_functions: bool,
}

#[derive(Debug, Serialize)]
struct Relations {
    dependencies: IndexSet<String>,
    added: Vec<Column>,
}

#[derive(Debug, Serialize)]
struct Table {
    class: String,
    fields: Vec<Column>,
    options: Option<Meta>,
}

#[derive(Debug, Serialize)]
struct Column {
    model: String,
    name: String,
    definition: String,
}

impl Migrations {
    /// The migrations of an app whose models are these.
    pub(super) fn new(scope: &Scope<'_>, app: &str, declared: &App, models: &[ModelContext]) -> Result<Self> {
        let mut first = IndexSet::new();
        let mut second = IndexSet::new();
        let mut tables = Vec::new();
        let (mut added, mut late) = (Vec::new(), Vec::new());
        let mut created: Vec<&str> = Vec::new();
        for place in scope.ordered(app, declared)? {
            created.push(place.class);
            let mut fields = Vec::new();
            for (name, field) in &place.model.fields {
                let view = FieldView::new(scope, place, name, field)?;
                let column = Column {
                    model: place.class.to_lowercase(),
                    name: name.clone(),
                    definition: view.definition(Reader::Migration),
                };
                match &view.target {
                    Some(target) if waits_for_app(scope, app, target)? => {
                        second.insert(dependency(target));
                        late.push(column);
                    }
                    Some(target) if target.app == app && !created.contains(&target.class.as_str()) => {
                        added.push(column);
                    }
                    Some(target) => {
                        if target.app != app {
                            first.insert(dependency(target));
                        }
                        fields.push(column);
                    }
                    None => fields.push(column),
                }
            }
            let model = models.iter().find(|model| model.class == place.class);
            tables.push(Table {
                class: place.class.to_owned(),
                fields,
                options: model.map(|model| model.meta.clone()),
            });
        }
        let is_new = declared.migrations.is_empty();
        let has_second = declared.migrations.iter().any(|migration| migration.stem == RELATIONS);
        // Afterwards, migrations are made by Django.
        let relations = if late.is_empty() || !(is_new || has_second) {
            None
        } else {
            second.insert(format!("(\"{app}\", \"{FIRST}\")"));
            second.sort();
            Some(Relations {
                dependencies: second,
                added: late,
            })
        };
        first.sort();
        let own_functions = format!("{app}.models.");
        let columns = tables.iter().flat_map(|table| &table.fields);
        let has_functions = columns
            .into_iter()
            .any(|column| column.definition.contains(&own_functions));
        Ok(Self {
            all: all_migrations(declared, relations.is_some()),
            migration: Initial {
                dependencies: first,
                tables,
                added,
                has_functions,
            },
            relations,
        })
    }
}

/// The migrations that are there when all templates that name theirs themselves are rendered.
fn all_migrations(declared: &App, has_relations: bool) -> Vec<Migration> {
    if !declared.migrations.is_empty() {
        return declared.migrations.clone();
    }
    let mut migrations = vec![Migration::new(FIRST, [])];
    if has_relations {
        migrations.push(Migration::new(RELATIONS, [FIRST.to_owned()]));
    }
    migrations
}

/// Whether the target's app is declared later and needs this one in turn.
fn waits_for_app(scope: &Scope<'_>, app: &str, target: &Target<'_>) -> Result<bool> {
    let apps = &scope.spec.apps;
    let is_later = apps.get_index_of(target.app.as_str()) > apps.get_index_of(app);
    Ok(target.model.is_some() && target.app != app && is_later && scope.reachable(&target.app)?.contains(app))
}

fn dependency(target: &Target<'_>) -> String {
    if target.is_user() {
        "migrations.swappable_dependency(settings.AUTH_USER_MODEL)".to_owned()
    } else {
        format!("(\"{}\", \"{FIRST}\")", target.app)
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::Catalog;
    use crate::spec::{AnswerLayer, Answers, Spec};

    fn spec(models: &str) -> (Spec, Catalog) {
        let catalog = Catalog::load(None).unwrap();
        let mut answers = Answers::default();
        let text = format!("[project]\nname = \"myproj\"\n[components.base]\n{models}");
        answers.lay_over(AnswerLayer::parse(&text, "test").unwrap());
        (Spec::from_answers(&answers, &catalog).unwrap(), catalog)
    }

    fn of(models: &str, app: &str) -> Value {
        let (spec, catalog) = spec(models);
        let provided = IndexMap::new();
        let scope = Scope::new(&spec, &catalog, &provided);
        as_json(&Migrations::new(&scope, app, &spec.apps[app], &[]).unwrap())
    }

    fn as_json(migrations: &Migrations) -> Value {
        serde_json::to_value(migrations).unwrap()
    }

    fn classes(migration: &Value) -> Vec<&str> {
        let tables = migration["migration"]["tables"].as_array().unwrap();
        tables.iter().map(|table| table["class"].as_str().unwrap()).collect()
    }

    const POINTER: &str = "kind = \"foreign_key\", null = true, blank = true";

    #[test]
    fn tables_come_after_those_that_they_point_at() {
        let models = "[apps.blog.models.Post.fields]\ntag = { kind = \"foreign_key\", to = \"Tag\" }\n\
                      [apps.blog.models.Tag.fields]\nname = { kind = \"text\" }\n";
        assert_eq!(classes(&of(models, "blog")), ["Tag", "Post"]);
    }

    #[test]
    fn an_app_that_has_migrations_gets_no_second_one() {
        let models = format!(
            "[apps.blog.models.A.fields]\nsecond = {{ {POINTER}, to = \"shop.B\" }}\n\
             [apps.shop.models.B.fields]\nfirst = {{ {POINTER}, to = \"blog.A\" }}\n"
        );
        let (mut spec, catalog) = spec(&models);
        let (provided, stems) = (IndexMap::new(), ["0001_initial", "0002_price"]);
        spec.apps["blog"].migrations = stems.map(|stem| Migration::new(stem, [])).to_vec();
        let scope = Scope::new(&spec, &catalog, &provided);
        let migrations = as_json(&Migrations::new(&scope, "blog", &spec.apps["blog"], &[]).unwrap());
        assert!(migrations["relations"].is_null());
        assert_eq!(migrations["migrations"][1]["stem"], "0002_price");
    }

    #[test]
    fn a_circle_within_an_app_is_closed_after_its_tables() {
        let models = format!(
            "[apps.blog.models.A.fields]\nsecond = {{ {POINTER}, to = \"B\" }}\n\
             [apps.blog.models.B.fields]\nfirst = {{ {POINTER}, to = \"A\" }}\n"
        );
        let migration = of(&models, "blog");
        assert_eq!(migration["migration"]["added"][0]["name"], "second");
        assert!(migration["relations"].is_null());
    }

    #[test]
    fn a_circle_between_apps_is_closed_by_a_second_migration_of_the_earlier() {
        let models = format!(
            "[apps.blog.models.A.fields]\nsecond = {{ {POINTER}, to = \"shop.B\" }}\n\
             [apps.shop.models.B.fields]\nfirst = {{ {POINTER}, to = \"blog.A\" }}\n"
        );
        let (blog, shop) = (of(&models, "blog"), of(&models, "shop"));
        assert_eq!(
            blog["relations"]["dependencies"],
            json!(["(\"blog\", \"0001_initial\")", "(\"shop\", \"0001_initial\")"])
        );
        assert_eq!(blog["migration"]["dependencies"], json!([]));
        assert_eq!(
            shop["migration"]["dependencies"],
            json!(["(\"blog\", \"0001_initial\")"])
        );
        assert!(shop["relations"].is_null());
    }
}
