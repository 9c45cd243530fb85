//! Conditions and short texts in `component.toml`: handlebars, like the templates.

use handlebars::{Handlebars, Renderable as _, StringOutput};

use super::helpers;
use super::view::View;
use crate::error::{Error, Result};
use crate::parsed;

/// Evaluates the small expressions of `component.toml`.
pub(super) struct Conditions {
    handlebars: Handlebars<'static>,
}

impl Default for Conditions {
    fn default() -> Self {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.register_escape_fn(handlebars::no_escape);
        helpers::register(&mut handlebars);
        Self { handlebars }
    }
}

impl Conditions {
    /// Whether a condition such as `(eq django "5.2")` holds; no condition always does.
    pub(super) fn holds(&self, condition: Option<&str>, view: View<'_>, component: &str) -> Result<bool> {
        let Some(condition) = condition else { return Ok(true) };
        let rendered = self.text(&parsed::condition(condition), view, component)?;
        Ok(rendered == "yes")
    }

    /// A text with tags in it.
    pub(super) fn text(&self, text: &str, view: View<'_>, component: &str) -> Result<String> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        let wrong = |error: &dyn std::fmt::Display| {
            Error::template(format!("{component}/component.toml"), format!("`{text}`: {error}"))
        };
        let template = parsed::template(text, false).map_err(|error| wrong(&error))?;
        let mut output = StringOutput::new();
        template
            .render(&self.handlebars, view.context, &mut view.begin(), &mut output)
            .map_err(|error| wrong(&error))?;
        output.into_string().map_err(|error| wrong(&error))
    }
}
