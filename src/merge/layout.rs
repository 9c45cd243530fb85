//! How a project lays out its Python.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ruff_python_ast::PythonVersion;
use ruff_python_formatter::{
    DocstringCode, DocstringCodeLineWidth, MagicTrailingComma, PyFormatOptions, QuoteStyle, format_module_source,
};
use toml_edit::{DocumentMut, Item};

/// How the project lays out Python: its own settings of ruff. The default is what djscaffold renders with.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    line_length: Option<u16>,
    indent_width: Option<u8>,
    target_minor: Option<u8>,
    quotes: QuoteStyle,
    tabs: bool,
    skip_magic_trailing_comma: bool,
    docstring_code: bool,
    docstring_line_length: Option<u16>,
    /// The oldest Python that `requires-python` names: ruff formats for it where no target is set.
    oldest_minor: Option<u8>,
    first_party: BTreeSet<String>,
}

impl Layout {
    /// Reads the layout from the texts of `pyproject.toml` and of `.ruff.toml` or `ruff.toml`, which wins. What is absent
    /// or cannot be read leaves the default.
    #[must_use]
    pub fn of_project(pyproject: Option<&str>, ruff: Option<&str>) -> Self {
        let pyproject = pyproject.and_then(|text| text.parse::<DocumentMut>().ok());
        let settings = match (ruff, &pyproject) {
            (Some(text), _) => text
                .parse::<DocumentMut>()
                .ok()
                .map(|document| document.as_item().clone()),
            (None, Some(document)) => item(document.as_item(), &["tool", "ruff"]).cloned(),
            (None, None) => None,
        };
        let mut layout = settings.map(|settings| Self::read(&settings)).unwrap_or_default();
        layout.oldest_minor = pyproject
            .as_ref()
            .and_then(|document| item(document.as_item(), &["project", "requires-python"]))
            .and_then(Item::as_str)
            .and_then(oldest_minor);
        layout
    }

    fn read(settings: &Item) -> Self {
        let text = |path: &[&str]| item(settings, path).and_then(Item::as_str);
        let flag = |path: &[&str]| item(settings, path).and_then(Item::as_bool).unwrap_or_default();
        let number = |path: &[&str]| item(settings, path).and_then(Item::as_integer);
        Self {
            line_length: number(&["line-length"]).and_then(width),
            indent_width: number(&["indent-width"])
                .and_then(|width| u8::try_from(width).ok().filter(|width| *width > 0)),
            target_minor: text(&["target-version"])
                .and_then(|version| version.strip_prefix("py3"))
                .and_then(|minor| minor.parse().ok()),
            quotes: text(&["format", "quote-style"])
                .and_then(|style| style.parse().ok())
                .unwrap_or_default(),
            tabs: text(&["format", "indent-style"]) == Some("tab"),
            skip_magic_trailing_comma: flag(&["format", "skip-magic-trailing-comma"]),
            docstring_code: flag(&["format", "docstring-code-format"]),
            docstring_line_length: number(&["format", "docstring-code-line-length"]).and_then(width),
            ..Self::default()
        }
    }

    /// Names the project's own top-level packages, which are imported after all others.
    #[must_use]
    pub fn with_first_party(mut self, packages: impl IntoIterator<Item = String>) -> Self {
        self.first_party.extend(packages);
        self
    }

    /// Whether Python is laid out as it is rendered.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.line_length.is_none_or(|length| length == 88)
            && self.indent_width.is_none_or(|width| width == 4)
            && self.target_minor.is_none()
            && self.quotes == QuoteStyle::Double
            && !(self.tabs || self.skip_magic_trailing_comma || self.docstring_code)
    }

    /// A rendered file as this project would have it: Python is formatted, anything else and what does not parse stays
    /// as it is.
    #[must_use]
    pub fn apply<'a>(&self, path: &str, content: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_default() || !is_python(path) {
            return Cow::Borrowed(content);
        }
        let formatted = std::str::from_utf8(content).ok().and_then(|source| self.format(source));
        formatted.map_or(Cow::Borrowed(content), |formatted| Cow::Owned(formatted.into_bytes()))
    }

    /// Formats a module with line feeds as its line ends.
    pub(super) fn format(&self, source: &str) -> Option<String> {
        Some(format_module_source(source, self.options()?).ok()?.into_code())
    }

    pub(super) const fn first_party(&self) -> &BTreeSet<String> {
        &self.first_party
    }

    /// The minor version of the Python that the project is written for.
    pub(super) fn python_minor(&self) -> u8 {
        self.target_minor.or(self.oldest_minor).unwrap_or(11)
    }

    fn options(&self) -> Option<PyFormatOptions> {
        let mut options = PyFormatOptions::default()
            .with_quote_style(self.quotes)
            .with_target_version(PythonVersion {
                major: 3,
                minor: self.python_minor(),
            });
        if let Some(length) = self.line_length {
            options = options.with_line_width(length.try_into().ok()?);
        }
        if let Some(width) = self.indent_width {
            options = options.with_indent_width(width.try_into().ok()?);
        }
        if self.tabs {
            options = with_tabs(options);
        }
        if self.skip_magic_trailing_comma {
            options = options.with_magic_trailing_comma(MagicTrailingComma::Ignore);
        }
        if self.docstring_code {
            options = options.with_docstring_code(DocstringCode::Enabled);
        }
        if let Some(length) = self.docstring_line_length {
            options = options.with_docstring_code_line_width(DocstringCodeLineWidth::Fixed(length.try_into().ok()?));
        }
        Some(options)
    }
}

#[expect(
    clippy::default_trait_access,
    reason = "the type is in a crate that is no dependency of ours"
)]
fn with_tabs(options: PyFormatOptions) -> PyFormatOptions {
    options.with_indent_style(Default::default())
}

pub(super) fn is_python(path: &str) -> bool {
    path.ends_with(".py")
}

fn item<'a>(settings: &'a Item, path: &[&str]) -> Option<&'a Item> {
    path.iter().try_fold(settings, |item, key| item.get(key))
}

/// A length of line that ruff takes.
fn width(value: i64) -> Option<u16> {
    u16::try_from(value).ok().filter(|width| (1..=320).contains(width))
}

/// `11` of `>=3.11,<4`.
fn oldest_minor(requirement: &str) -> Option<u8> {
    let (_, rest) = requirement.split_once(">=")?;
    let minor = rest.trim_start().strip_prefix("3.")?;
    let digits = minor.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "x = \"a\"\n\n\ndef f(first_argument, second_argument, third_argument, fourth_argument, fifth):\n    return x\n";

    fn formatted(layout: &Layout) -> String {
        String::from_utf8(layout.apply("a.py", SOURCE.as_bytes()).into_owned()).unwrap()
    }

    #[test]
    fn the_settings_of_pyproject_are_used() {
        let pyproject =
            "[tool.ruff]\nline-length = 40\n[tool.ruff.format]\nquote-style = \"single\"\nindent-style = \"tab\"\n";
        let layout = Layout::of_project(Some(pyproject), None);
        assert!(!layout.is_default());
        let text = formatted(&layout);
        assert!(text.starts_with("x = 'a'\n"), "{text}");
        assert!(text.contains("\n\tfirst_argument,\n"), "{text}");
        assert!(text.contains("\n\treturn x\n"), "{text}");
    }

    #[test]
    fn the_file_of_ruff_wins() {
        let pyproject = "[tool.ruff]\nline-length = 40\n";
        assert!(Layout::of_project(Some(pyproject), Some("line-length = 88\n")).is_default());
        assert!(!Layout::of_project(None, Some("indent-width = 2\n")).is_default());
    }

    #[test]
    fn what_cannot_be_read_leaves_the_default() {
        for text in [
            "",
            "[tool.ruff",
            "[tool.ruff]\nline-length = \"x\"\n",
            "[tool.ruff]\nline-length = 0\n",
        ] {
            assert!(Layout::of_project(Some(text), None).is_default(), "{text}");
        }
        assert!(Layout::of_project(None, None).is_default());
    }

    #[test]
    fn other_files_and_invalid_python_stay() {
        let layout = Layout::of_project(None, Some("line-length = 20\n"));
        assert_eq!(&*layout.apply("a.md", SOURCE.as_bytes()), SOURCE.as_bytes());
        assert_eq!(&*layout.apply("a.py", b"x = = 'a'\n"), b"x = = 'a'\n");
    }

    #[test]
    fn the_oldest_python_is_read() {
        assert_eq!(oldest_minor(">=3.12"), Some(12));
        assert_eq!(oldest_minor("<4, >= 3.11.2"), Some(11));
        assert_eq!(oldest_minor("==3"), None);
    }
}
