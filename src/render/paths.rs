//! Where a template lands: `dot-` prefixes, `__app__`, `__model__` and `__number__`, patterns.

use serde_json::{Value, json};

use crate::model::{Migration, MigrationPlace, migration_place};

/// What stands in a path for the number of a migration, with the underscore before its name.
const NUMBER: &str = "__number___";

/// One file that a template gives.
#[derive(Debug)]
pub(super) struct Target {
    /// The path in the project.
    pub(super) path: String,
    /// The app it is rendered for, by its list in the context and its place there.
    pub(super) app: Option<(&'static str, usize)>,
    /// The model it is rendered for, by its place in the app's `models`.
    pub(super) model: Option<usize>,
    /// The migration that it follows, if it is one that is numbered.
    after: Option<String>,
}

/// All files that a template gives: one, one per app, or one per model. Apps without models have it if it is `bare`.
pub(super) fn targets(template: &str, is_bare: bool, context: &Value) -> Vec<Target> {
    let path = template.replace("__project__", text(&context["project"], "package"));
    if !path.contains("__app__") {
        return vec![Target {
            path,
            app: None,
            model: None,
            after: None,
        }];
    }
    let mut targets = Vec::new();
    for (app, declared) in apps(is_bare, context) {
        let app = Some(app);
        // The directory first; within it, files are named by the label.
        let path = path.replacen(
            "__app__/",
            &format!("{}/", text(declared, "path")),
            usize::from(path.starts_with("__app__/")),
        );
        let path = path.replace("__app__", text(declared, "name"));
        if !path.contains("__model__") {
            let (path, after) = numbered(path, declared);
            targets.push(Target {
                path,
                app,
                model: None,
                after,
            });
            continue;
        }
        for (index, declared) in declared["models"].as_array().into_iter().flatten().enumerate() {
            targets.push(Target {
                path: path.replace("__model__", text(declared, "snake")),
                app,
                model: Some(index),
                after: None,
            });
        }
    }
    targets
}

fn apps(is_bare: bool, context: &Value) -> impl Iterator<Item = ((&'static str, usize), &Value)> {
    let lists = if is_bare { &["apps", "bare_apps"][..] } else { &["apps"] };
    lists.iter().flat_map(|list| {
        let apps = context[list].as_array().into_iter().flatten().enumerate();
        apps.map(|(index, app)| ((*list, index), app))
    })
}

/// The path of a migration with the number that is due, and the migration that it follows.
fn numbered(path: String, app: &Value) -> (String, Option<String>) {
    let Some(name) = path.rsplit_once(NUMBER).and_then(|(_, name)| name.strip_suffix(".py")) else {
        return (path, None);
    };
    let MigrationPlace { number, after } = migration_place(&migrations(app), name);
    let path = path.replace(NUMBER, &format!("{number}_"));
    (path, after)
}

fn migrations(app: &Value) -> Vec<Migration> {
    serde_json::from_value(app["migrations"].clone()).unwrap_or_default()
}

/// Counts a migration that was written, so that the next one goes behind it.
pub(super) fn count(context: &mut Value, target: &Target) {
    let (Some((list, index)), Some(after)) = (target.app, &target.after) else {
        return;
    };
    let stem = target
        .path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .trim_end_matches(".py");
    let app = &mut context[list][index];
    let mut migrations = migrations(app);
    if !migrations.iter().any(|migration| migration.stem == stem) {
        migrations.push(Migration::new(stem, [after.clone()]));
        app["migrations"] = json!(migrations);
    }
}

/// Puts the app and the model of a target where its template finds them: `app` and `model`.
pub(super) fn enter(context: &mut Value, target: &Target) {
    let app = target.app.map(|(list, index)| {
        let mut app = context[list][index].clone();
        app["after"] = json!(target.after);
        app
    });
    let model = target
        .model
        .and_then(|index| app.as_ref().map(|app| app["models"][index].clone()));
    for (key, value) in [("app", app), ("model", model)] {
        match value {
            Some(value) => context[key] = value,
            None => {
                context.as_object_mut().map(|entries| entries.shift_remove(key));
            }
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
        let paths: Vec<_> = targets("__app__/tests/test___model__.py", false, &context)
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
            let targets = targets(template, is_bare, &context).into_iter();
            targets.map(|target| target.path).collect::<Vec<_>>()
        };
        assert_eq!(paths("__app__/apps.py", true), ["blog/apps.py", "shop/apps.py"]);
        assert_eq!(paths("__app__/views.py", false), ["blog/views.py"]);
    }

    #[test]
    fn a_numbered_migration_goes_behind_what_was_written_before() {
        let mut context = json!({
            "project": {"package": "p"},
            "apps": [{"name": "blog", "path": "blog", "models": [], "migrations": [{"stem": "0004_price", "follows": []}]}],
        });
        let mut landed = Vec::new();
        for template in ["search", "audit", "search"] {
            let template = format!("__app__/migrations/__number___{template}.py");
            for target in targets(&template, false, &context) {
                enter(&mut context, &target);
                landed.push((target.path.clone(), context["app"]["after"].clone()));
                count(&mut context, &target);
            }
        }
        let expected = [
            ("0005_search", "0004_price"),
            ("0006_audit", "0005_search"),
            ("0005_search", "0004_price"),
        ];
        assert_eq!(
            landed,
            expected.map(|(stem, after)| (format!("blog/migrations/{stem}.py"), json!(after)))
        );
    }
}
