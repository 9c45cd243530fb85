//! Where template files come from: the ones built in, and a directory laid over them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use include_dir::{Dir, DirEntry, include_dir};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Template files by their path, with `/` between the parts.
type Files = BTreeMap<Cow<'static, str>, Cow<'static, [u8]>>;

/// Template files by their path below `templates/`.
#[derive(Debug)]
pub struct Source {
    /// All of them; the built-in ones are looked through where they are first asked for.
    files: OnceLock<Files>,
    overlay: Option<Overlay>,
}

/// A directory of templates of a team's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Where it is, absolute.
    pub folder: PathBuf,
    /// A hash of its files.
    pub digest: String,
}

impl Source {
    /// The templates built into the program.
    #[must_use]
    pub const fn embedded() -> Self {
        Self {
            files: OnceLock::new(),
            overlay: None,
        }
    }

    /// The templates built into the program, with the directory of a team's own laid over them if one is given.
    ///
    /// # Errors
    /// As [`Source::overlay`].
    pub fn with_overlay(folder: Option<&Path>) -> Result<Self> {
        let mut source = Self::embedded();
        if let Some(folder) = folder {
            let own = read_below(folder)?;
            source.overlay = Some(Overlay {
                folder: std::path::absolute(folder).map_err(Error::file("find", folder))?,
                digest: format!("{:016x}", digest(&own)),
            });
            source.lay_over(own);
        }
        Ok(source)
    }

    /// Lays a directory's files over those that are there: equal paths are replaced, others added.
    ///
    /// # Errors
    /// A file or directory that can't be read.
    pub fn overlay(&mut self, folder: &Path) -> Result<()> {
        self.lay_over(read_below(folder)?);
        Ok(())
    }

    fn lay_over(&mut self, own: Files) {
        let mut files = self.files.take().unwrap_or_else(embedded_files);
        files.extend(own);
        self.files = OnceLock::from(files);
    }

    fn files(&self) -> &Files {
        self.files.get_or_init(embedded_files)
    }

    /// The team's own templates, if there are any.
    #[must_use]
    pub const fn own(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// Whether there are no files but those built in.
    pub(crate) fn is_embedded(&self) -> bool {
        let is_built_in = |content| matches!(content, &Cow::Borrowed(_));
        self.files.get().is_none_or(|files| files.values().all(is_built_in))
    }

    /// A hash of all files; of those built in, it was made with the program.
    #[must_use]
    pub fn digest(&self) -> u64 {
        match u64::from_str_radix(env!("DJSCAFFOLD_TEMPLATES"), 16) {
            Ok(built_in) if self.is_embedded() => built_in,
            _ => digest(self.files()),
        }
    }

    /// A file's content.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files().get(path).map(Cow::as_ref)
    }

    /// The top-level directories that hold a file of that name.
    #[must_use]
    pub fn folders_with(&self, file: &str) -> BTreeSet<String> {
        self.files()
            .keys()
            .filter_map(|path| path.split_once('/'))
            .filter(|(_, rest)| *rest == file)
            .map(|(folder, _)| folder.to_owned())
            .collect()
    }

    /// The files below a directory, their paths relative to it.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = (&str, &Cow<'static, [u8]>)> {
        let prefix = format!("{folder}/");
        let from = self
            .files()
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        from.map_while(move |(path, content)| path.strip_prefix(&prefix).map(|relative| (relative, content)))
    }
}

fn embedded_files() -> Files {
    let mut files = Vec::new();
    add_embedded(&EMBEDDED, &mut files);
    files.into_iter().collect()
}

fn add_embedded(folder: &'static Dir<'static>, files: &mut Vec<(Cow<'static, str>, Cow<'static, [u8]>)>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => add_embedded(folder, files),
            DirEntry::File(file) => {
                let path = file.path().to_string_lossy();
                if is_template(&path) {
                    files.push((path, Cow::Borrowed(file.contents())));
                }
            }
        }
    }
}

fn read_below(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    read_into(&mut files, folder, folder)?;
    Ok(files)
}

fn read_into(files: &mut Files, root: &Path, folder: &Path) -> Result<()> {
    let entries = std::fs::read_dir(folder).map_err(Error::file("read", folder))?;
    for entry in entries {
        let path = entry.map_err(Error::file("read", folder))?.path();
        if path.is_dir() {
            read_into(files, root, &path)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            let content = std::fs::read(&path).map_err(Error::file("read", &path))?;
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
            let path = parts.join("/");
            if is_template(&path) {
                files.insert(path.into(), Cow::Owned(content));
            }
        }
    }
    Ok(())
}

/// What tools leave behind is no template; those whose names begin with a dot are stored as `dot-…`.
fn is_template(path: &str) -> bool {
    !path
        .split('/')
        .any(|part| part.starts_with('.') || part == "__pycache__")
}

fn digest(files: &Files) -> u64 {
    let mut hasher = Xxh3::new();
    for (path, content) in files {
        for part in [path.as_bytes(), &**content] {
            hasher.update(&part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    hasher.digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_laid_over_changes_the_digest() {
        let built_in = Source::embedded().digest();
        let folder = tempfile::tempdir().unwrap();
        let digest = || Source::with_overlay(Some(folder.path())).unwrap().digest();
        assert_eq!(digest(), built_in);
        let lay_over = |text: &str| std::fs::write(folder.path().join("django.toml"), text).unwrap();
        lay_over("");
        let laid_over = digest();
        lay_over("#");
        assert!(laid_over != built_in && digest() != laid_over);
    }
}
