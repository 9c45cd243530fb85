//! The languages that a merge knows something of.

use super::source::key;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Toml,
    Yaml,
    Json,
    DotEnv,
    Dockerfile,
    Markdown,
    Ini,
    Other,
}

impl Language {
    pub(super) fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with(".env") {
            return Self::DotEnv;
        }
        if name.starts_with("Dockerfile") {
            return Self::Dockerfile;
        }
        match name.rsplit('.').next().unwrap_or_default() {
            "py" => Self::Python,
            "toml" => Self::Toml,
            "yml" | "yaml" => Self::Yaml,
            "json" => Self::Json,
            "md" => Self::Markdown,
            "ini" | "cfg" | "editorconfig" => Self::Ini,
            _ => Self::Other,
        }
    }

    /// Whether faults in it can be told by reading it.
    pub(super) const fn is_read(self) -> bool {
        !matches!(self, Self::Markdown | Self::Ini | Self::Other)
    }

    /// Whether a line begins a section that all lines up to the next such line belong to.
    pub(super) fn is_heading(self, line: &str) -> bool {
        match self {
            Self::Toml | Self::Ini => line.starts_with('['),
            Self::Markdown => line.starts_with('#'),
            _ => false,
        }
    }

    /// Whether a line says nothing by itself, so that what follows is what counts.
    pub(super) fn is_blank_or_comment(self, line: &str) -> bool {
        let line = key(line).trim();
        line.is_empty() || (matches!(self, Self::Toml | Self::Ini) && line.starts_with('#'))
    }
}
