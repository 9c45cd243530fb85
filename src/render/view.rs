//! What a template sees: the project, and the app and the model that its file is for. All templates share one context.

use handlebars::{BlockParamHolder, Context, RenderContext};
use serde_json::Value;

/// The list in the context that an app stands in, and its place there.
pub(super) type AppPlace = (&'static str, usize);

/// What one rendering sees.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// What is the same for all.
    pub(super) context: &'a Context,
    /// The app, for which a template has `app`.
    pub(super) app: Option<AppPlace>,
    /// The model by its place in the app's `models`, for which a template has `model`.
    pub(super) model: Option<usize>,
    /// The migration that the file follows, for which a template has `after`.
    pub(super) after: Option<&'a str>,
    /// The environment variables with the secrets' values, in place of those without.
    pub(super) private_env: Option<&'a Value>,
}

impl<'a> View<'a> {
    /// The project and nothing more.
    pub(super) const fn of_project(context: &'a Context) -> Self {
        Self {
            context,
            app: None,
            model: None,
            after: None,
            private_env: None,
        }
    }

    /// Where handlebars begins to render.
    pub(super) fn begin<'reg>(&self) -> RenderContext<'reg, 'a> {
        let mut state = RenderContext::new(None);
        let Some(block) = state.block_mut() else {
            return state;
        };
        let place = |(list, index): AppPlace| vec![list.to_owned(), index.to_string()];
        if let Some(app) = self.app {
            block.set_block_param("app", BlockParamHolder::path(place(app)));
            if let Some(model) = self.model {
                let mut path = place(app);
                path.extend(["models".to_owned(), model.to_string()]);
                block.set_block_param("model", BlockParamHolder::path(path));
            }
        }
        if let Some(after) = self.after {
            block.set_block_param("after", BlockParamHolder::value(Value::from(after)));
        }
        if let Some(env) = self.private_env {
            block.set_block_param("env", BlockParamHolder::value(env.clone()));
        }
        state
    }
}
