//! Paths in a project: relative, with `/` between their parts, and never out of it.

use std::path::{Component, Path};

use crate::error::{Error, Result};

/// The path of a file or directory in a project; empty for the project's own directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectPath(String);

impl ProjectPath {
    /// The path that people mean who stand in the directory `here` of the project in `root`.
    ///
    /// # Errors
    /// It leads out of the project, or into what git keeps there.
    pub fn said(said: &str, here: &str, root: &Path) -> Result<Self> {
        let outside = || {
            Error::input(format!("`{said}` is not in the project")).hint(format!(
                "paths are relative to the current directory; the project is in `{}`",
                root.display()
            ))
        };
        let path = Path::new(said);
        let (mut parts, rest) = if path.is_absolute() {
            (Vec::new(), path.strip_prefix(root).map_err(|_| outside())?)
        } else {
            let here = here.split('/').filter(|part| !part.is_empty());
            (here.map(str::to_owned).collect(), path)
        };
        for component in rest.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    parts.pop().ok_or_else(outside)?;
                }
                Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
                Component::Prefix(_) | Component::RootDir => return Err(outside()),
            }
        }
        let path = parts.join("/");
        if path.is_empty() || is_inside(&path) {
            Ok(Self(path))
        } else {
            Err(outside())
        }
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether another path is this one or lies below it.
    #[must_use]
    pub fn holds(&self, other: &str) -> bool {
        self.0.is_empty()
            || other
                .strip_prefix(&self.0)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl std::fmt::Display for ProjectPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a path stays in the project, and out of what git keeps there: such a path may come from others, and is written
/// to.
pub(crate) fn is_inside(path: &str) -> bool {
    let parts = || path.split(['/', '\\']);
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    let has_drive = path.as_bytes().get(1) == Some(&b':');
    !has_drive && parts().all(is_plain) && !parts().any(|part| part.eq_ignore_ascii_case(".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_from_where_people_stand() {
        let root = std::env::temp_dir().join("site");
        let path = |said: &str, here: &str| ProjectPath::said(said, here, &root).map(|path| path.to_string()).ok();
        assert_eq!(path("urls.py", "config").as_deref(), Some("config/urls.py"));
        assert_eq!(path("../manage.py", "config").as_deref(), Some("manage.py"));
        assert_eq!(path("./config//urls.py", "").as_deref(), Some("config/urls.py"));
        assert_eq!(path(".", "").as_deref(), Some(""));
        let absolute = root.join("config/urls.py");
        assert_eq!(
            path(&absolute.to_string_lossy(), "blog").as_deref(),
            Some("config/urls.py")
        );
        for said in [
            "../config/urls.py",
            "config/../../site/manage.py",
            "/etc/passwd",
            ".git/config",
            "a/.GIT/x",
            "C:x",
        ] {
            assert_eq!(path(said, ""), None, "{said}");
        }
    }

    #[test]
    fn what_a_folder_holds() {
        let root = std::env::temp_dir();
        let folder = ProjectPath::said("blog", "", &root).unwrap();
        assert!(folder.holds("blog") && folder.holds("blog/views.py") && !folder.holds("blogs/views.py"));
        assert!(ProjectPath::said(".", "", &root).unwrap().holds("manage.py"));
    }
}
