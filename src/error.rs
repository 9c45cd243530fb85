//! The one error of the library: what was wrong, and what to do next.

use std::path::PathBuf;

/// What can go wrong, told so that the user knows the way out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked for something that can't be done; nothing was written.
    #[error("{message}")]
    Input {
        /// What was wrong, and where.
        message: String,
        /// What to do next, one line each.
        hints: Vec<String>,
    },
    /// The file system refused.
    #[error("could not {action} `{}`: {source}", path.display())]
    File {
        /// What was being done: "read", "write", …
        action: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A template of ours (or of a pack) is wrong: not the user's fault.
    #[error("template `{template}`: {message}")]
    Template {
        /// The template's path below `templates/`.
        template: String,
        /// What is wrong with it, with its line where known.
        message: String,
    },
    /// The user pressed Ctrl-C at a prompt.
    #[error("interrupted; nothing was written")]
    Interrupted,
}

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An input error without a hint yet.
    pub fn input(message: impl Into<String>) -> Self {
        Self::Input {
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// The same error with one more hint; other kinds of error are returned as they are.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        if let Self::Input { hints, .. } = &mut self {
            hints.push(hint.into());
        }
        self
    }

    /// The same error with a hint at the name that was meant, if one of these is near: a typo away, or called so by some
    /// (`(what people say, name)`).
    #[must_use]
    pub fn did_you_mean<'a>(self, said: &str, names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let said = said.to_lowercase();
        let near = names
            .into_iter()
            .filter_map(|(known, name)| Some((distance(&said, &known.to_lowercase())?, name)))
            .min_by_key(|(distance, _)| *distance);
        match near {
            Some((_, name)) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Several errors as one, each with its own hints; none if there are none.
    #[must_use]
    pub fn all(errors: Vec<Self>) -> Option<Self> {
        let mut errors = errors.into_iter();
        let mut first = errors.next()?;
        for error in errors {
            let (said, said_hints) = (error.to_string(), error.hints());
            if let Self::Input { message, hints } = &mut first {
                *message = format!("{message}\n{said}");
                hints.extend(
                    said_hints
                        .into_iter()
                        .filter(|hint| !hints.contains(hint))
                        .collect::<Vec<_>>(),
                );
            }
        }
        Some(first)
    }

    /// A template error.
    pub fn template(template: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Template {
            template: template.into(),
            message: message.to_string(),
        }
    }

    /// Wraps an I/O error with what was being done to which path.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// What the user can do next, one line each.
    #[must_use]
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Input { hints, .. } => hints.clone(),
            Self::Template { .. } => {
                vec!["this is a bug in the template, not in your input".to_owned()]
            }
            Self::File { .. } | Self::Interrupted => Vec::new(),
        }
    }
}

/// How far a name is from what was said, if it is near enough for a typo. Of two names in the same app or component, the rest
/// alone counts.
fn distance(said: &str, known: &str) -> Option<usize> {
    let (said, known) = match (said.rsplit_once('.'), known.rsplit_once('.')) {
        (Some((within, said)), Some((also, known))) if within == also => (said, known),
        _ => (said, known),
    };
    let distance = strsim::damerau_levenshtein(said, known);
    (distance <= said.chars().count() / 3).then_some(distance)
}
