//! Conditions and short texts in `component.toml`: handlebars, like the templates.

use handlebars::{Context, Handlebars};

use super::helpers;
use crate::error::{Error, Result};

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
    pub(super) fn holds(&self, condition: Option<&str>, context: &Context, component: &str) -> Result<bool> {
        let Some(condition) = condition else { return Ok(true) };
        let rendered = self.text(&format!("{{{{#if {condition}}}}}yes{{{{/if}}}}"), context, component)?;
        Ok(rendered == "yes")
    }

    /// A text with tags in it.
    pub(super) fn text(&self, text: &str, context: &Context, component: &str) -> Result<String> {
        if !text.contains("{{") {
            return Ok(text.to_owned());
        }
        self.handlebars
            .render_template_with_context(text, context)
            .map_err(|error| Error::template(format!("{component}/component.toml"), format!("`{text}`: {error}")))
    }
}
