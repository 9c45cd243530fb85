//! Where a template lands: `dot-` prefixes, `__app__`, `__model__` and `__number__`, patterns.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::AppPlace;
use crate::model::{Migration, MigrationPlace, migration_place};

/// What stands in a path for the number of a migration, with the underscore before its name.
const NUMBER: &str = "__number___";

/// One file that a template gives.
#[derive(Debug)]
pub(super) struct Target {
    /// The path in the project.
    pub(super) path: String,
    /// The app it is rendered for.
    pub(super) app: Option<AppPlace>,
    /// The model it is rendered for, by its place in the app's `models`.
    pub(super) model: Option<usize>,
    /// The migration that it follows, if it is one that is numbered.
    pub(super) after: Option<String>,
}

/// Where the templates of a project land, one after another.
pub(super) struct Landing<'a> {
    context: &'a Value,
    /// The migrations of apps for which some were written.
    migrations: BTreeMap<AppPlace, Vec<Migration>>,
}

impl<'a> Landing<'a> {
    /// Where templates land before any is written.
    pub(super) const fn new(context: &'a Value) -> Self {
        Self {
            context,
            migrations: BTreeMap::new(),
        }
    }

    /// All files that a template gives: one, one per app, or one per model. Apps without models have it if it is `bare`.
    pub(super) fn targets(&self, template: &str, is_bare: bool) -> Vec<Target> {
        let path = template.replace("__project__", text(&self.context["project"], "package"));
        if !path.contains("__app__") {
            return vec![Target {
                path,
                app: None,
                model: None,
                after: None,
            }];
        }
        let mut targets = Vec::new();
        for (app, declared) in self.apps(is_bare) {
            // The directory first; within it, files are named by the label.
            let path = path.replacen(
                "__app__/",
                &format!("{}/", text(declared, "path")),
                usize::from(path.starts_with("__app__/")),
            );
            let path = path.replace("__app__", text(declared, "name"));
            if !path.contains("__model__") {
                let (path, after) = self.numbered(path, app);
                targets.push(Target {
                    path,
                    app: Some(app),
                    model: None,
                    after,
                });
                continue;
            }
            for (index, declared) in declared["models"].as_array().into_iter().flatten().enumerate() {
                targets.push(Target {
                    path: path.replace("__model__", text(declared, "snake")),
                    app: Some(app),
                    model: Some(index),
                    after: None,
                });
            }
        }
        targets
    }

    fn apps(&self, is_bare: bool) -> impl Iterator<Item = (AppPlace, &'a Value)> {
        let context = self.context;
        let lists = if is_bare { &["apps", "bare_apps"][..] } else { &["apps"] };
        lists.iter().flat_map(move |list| {
            let apps = context[list].as_array().into_iter().flatten().enumerate();
            apps.map(|(index, app)| ((*list, index), app))
        })
    }

    /// The path of a migration with the number that is due, and the migration that it follows.
    fn numbered(&self, path: String, app: AppPlace) -> (String, Option<String>) {
        let Some(name) = path.rsplit_once(NUMBER).and_then(|(_, name)| name.strip_suffix(".py")) else {
            return (path, None);
        };
        let MigrationPlace { number, after } = migration_place(&self.migrations(app), name);
        let path = path.replace(NUMBER, &format!("{number}_"));
        (path, after)
    }

    fn migrations(&self, (list, index): AppPlace) -> Vec<Migration> {
        let declared = || serde_json::from_value(self.context[list][index]["migrations"].clone());
        let known = self.migrations.get(&(list, index)).cloned();
        known.unwrap_or_else(|| declared().unwrap_or_default())
    }

    /// Counts a migration that is written, so that the next one goes behind it.
    pub(super) fn count(&mut self, target: &Target) {
        let (Some(app), Some(after)) = (target.app, &target.after) else {
            return;
        };
        let stem = target.path.rsplit('/').next().unwrap_or_default();
        let stem = stem.trim_end_matches(".py");
        let mut migrations = self.migrations(app);
        if !migrations.iter().any(|migration| migration.stem == stem) {
            migrations.push(Migration::new(stem, [after.clone()]));
            self.migrations.insert(app, migrations);
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_model_path_gives_a_file_for_each_model_of_each_app() {
        let context = json!({
            "project": {"package": "p"},
            "apps": [
                {"name": "blog", "path": "blog", "models": [{"snake": "post"}, {"snake": "tag"}]},
                {"name": "shop", "path": "shop", "models": [{"snake": "item"}]},
            ],
        });
        let paths: Vec<_> = Landing::new(&context)
            .targets("__app__/tests/test___model__.py", false)
            .into_iter()
            .map(|target| target.path)
            .collect();
        assert_eq!(
            paths,
            [
                "blog/tests/test_post.py",
                "blog/tests/test_tag.py",
                "shop/tests/test_item.py"
            ]
        );
    }

    #[test]
    fn an_app_without_models_has_what_is_bare() {
        let context = json!({
            "project": {"package": "p"},
            "apps": [{"name": "blog", "path": "blog", "models": [{"snake": "post"}]}],
            "bare_apps": [{"name": "shop", "path": "shop", "models": []}],
        });
        let paths = |template, is_bare| {
            let targets = Landing::new(&context).targets(template, is_bare);
            targets.into_iter().map(|target| target.path).collect::<Vec<_>>()
        };
        assert_eq!(paths("__app__/apps.py", true), ["blog/apps.py", "shop/apps.py"]);
        assert_eq!(paths("__app__/views.py", false), ["blog/views.py"]);
    }

    #[test]
    fn a_numbered_migration_goes_behind_what_was_written_before() {
        let context = json!({
            "project": {"package": "p"},
            "apps": [{"name": "blog", "path": "blog", "models": [], "migrations": [{"stem": "0004_price", "follows": []}]}],
        });
        let mut landing = Landing::new(&context);
        let mut landed = Vec::new();
        for template in ["search", "audit", "search"] {
            let template = format!("__app__/migrations/__number___{template}.py");
            for target in landing.targets(&template, false) {
                landing.count(&target);
                landed.push((target.path, target.after.unwrap_or_default()));
            }
        }
        let expected = [
            ("0005_search", "0004_price"),
            ("0006_audit", "0005_search"),
            ("0005_search", "0004_price"),
        ];
        assert_eq!(
            landed,
            expected.map(|(stem, after)| (format!("blog/migrations/{stem}.py"), after.to_owned()))
        );
    }
}
