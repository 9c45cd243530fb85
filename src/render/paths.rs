//! Where a template lands: `dot-` prefixes, `__app__` and `__model__`, patterns.

use serde_json::Value;

/// One file that a template gives, and the context it is rendered with.
pub(super) struct Target {
    /// The path in the project.
    pub(super) path: String,
    /// The context, with `app` and `model` where the path asks for them.
    pub(super) context: Value,
}

/// The path as it lands, with `__…__` still in it: `dot-env.example.hbs` → `.env.example`.
pub(super) fn unstored(path: &str) -> String {
    let parts: Vec<_> = path
        .split('/')
        .map(|part| match part.strip_prefix("dot-") {
            Some(rest) => format!(".{rest}"),
            None => part.to_owned(),
        })
        .collect();
    let path = parts.join("/");
    path.strip_suffix(".hbs").map(str::to_owned).unwrap_or(path)
}

/// All files that a template gives: one, one per app, or one per model.
pub(super) fn targets(template: &str, context: &Value) -> Vec<Target> {
    let path = template.replace("__project__", text(&context["project"], "package"));
    if !path.contains("__app__") {
        return vec![Target {
            path,
            context: context.clone(),
        }];
    }
    let mut targets = Vec::new();
    for app in context["apps"].as_array().into_iter().flatten() {
        let mut context = context.clone();
        context["app"] = app.clone();
        let path = path.replace("__app__", text(app, "name"));
        if !path.contains("__model__") {
            targets.push(Target { path, context });
            continue;
        }
        for model in app["models"].as_array().into_iter().flatten() {
            let mut context = context.clone();
            context["model"] = model.clone();
            targets.push(Target {
                path: path.replace("__model__", text(model, "snake")),
                context,
            });
        }
    }
    targets
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// Whether a pattern of `component.toml` means this path: the same path, or a folder (`…/`) that it is in.
pub(super) fn matches(pattern: &str, path: &str) -> bool {
    if pattern.ends_with('/') {
        path.starts_with(pattern)
    } else {
        path == pattern
    }
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
                {"name": "blog", "models": [{"snake": "post"}, {"snake": "tag"}]},
                {"name": "shop", "models": [{"snake": "item"}]},
            ],
        });
        let paths: Vec<_> = targets("__app__/tests/test___model__.py", &context)
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
    fn stored_names_lose_their_disguise() {
        assert_eq!(unstored("dot-github/workflows/ci.yml.hbs"), ".github/workflows/ci.yml");
        assert!(matches("locale/", "locale/.gitkeep") && !matches("LICENSE", "LICENSE-MIT"));
    }
}
