//! Where template files come from: the ones built in, and a directory laid over them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Template files by their path below `templates/`, with `/` between the parts.
#[derive(Debug, Default)]
pub struct Source {
    files: BTreeMap<Cow<'static, str>, Cow<'static, [u8]>>,
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
    pub fn embedded() -> Self {
        let mut source = Self::default();
        source.add_embedded(&EMBEDDED);
        source
    }

    /// The templates built into the program, with the directory of a team's own laid over them if one is given.
    ///
    /// # Errors
    /// As [`Source::overlay`].
    pub fn with_overlay(folder: Option<&Path>) -> Result<Self> {
        let mut source = Self::embedded();
        if let Some(folder) = folder {
            let mut own = Self::default();
            own.overlay(folder)?;
            source.overlay = Some(Overlay {
                folder: std::path::absolute(folder).map_err(Error::file("find", folder))?,
                digest: format!("{:016x}", own.digest()),
            });
            source.files.extend(own.files);
        }
        Ok(source)
    }

    /// The team's own templates, if there are any.
    #[must_use]
    pub const fn own(&self) -> Option<&Overlay> {
        self.overlay.as_ref()
    }

    /// Whether there are no files but those built in.
    pub(crate) fn is_embedded(&self) -> bool {
        self.files.values().all(|content| matches!(content, Cow::Borrowed(_)))
    }

    fn add_embedded(&mut self, folder: &'static Dir<'static>) {
        for entry in folder.entries() {
            match entry {
                DirEntry::Dir(folder) => self.add_embedded(folder),
                DirEntry::File(file) => {
                    let path = file.path().to_string_lossy();
                    let path = if path.contains('\\') { path.replace('\\', "/").into() } else { path };
                    self.add(path, Cow::Borrowed(file.contents()));
                }
            }
        }
    }

    /// Lays a directory's files over those that are there: equal paths are replaced, others added.
    ///
    /// # Errors
    /// A file or directory that can't be read.
    pub fn overlay(&mut self, folder: &Path) -> Result<()> {
        self.overlay_below(folder, folder)
    }

    fn overlay_below(&mut self, root: &Path, folder: &Path) -> Result<()> {
        let entries = std::fs::read_dir(folder).map_err(Error::file("read", folder))?;
        for entry in entries {
            let path = entry.map_err(Error::file("read", folder))?.path();
            if path.is_dir() {
                self.overlay_below(root, &path)?;
            } else if let Ok(relative) = path.strip_prefix(root) {
                let content = std::fs::read(&path).map_err(Error::file("read", &path))?;
                let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
                self.add(parts.join("/").into(), Cow::Owned(content));
            }
        }
        Ok(())
    }

    fn add(&mut self, path: Cow<'static, str>, content: Cow<'static, [u8]>) {
        // What tools leave behind is no template; those whose names begin with a dot are stored as `dot-…`.
        let is_left_behind = |part: &str| part.starts_with('.') || part == "__pycache__";
        if !path.split('/').any(is_left_behind) {
            self.files.insert(path, content);
        }
    }

    /// A hash of all files.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hasher = Xxh3::new();
        for (path, content) in &self.files {
            for part in [path.as_bytes(), &**content] {
                hasher.update(&part.len().to_le_bytes());
                hasher.update(part);
            }
        }
        hasher.digest()
    }

    /// A file's content.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Cow::as_ref)
    }

    /// The top-level directories that hold a file of that name.
    #[must_use]
    pub fn folders_with(&self, file: &str) -> BTreeSet<String> {
        self.files
            .keys()
            .filter_map(|path| path.split_once('/'))
            .filter(|(_, rest)| *rest == file)
            .map(|(folder, _)| folder.to_owned())
            .collect()
    }

    /// The files below a directory, their paths relative to it.
    pub fn files_below(&self, folder: &str) -> impl Iterator<Item = (&str, &Cow<'static, [u8]>)> {
        let prefix = format!("{folder}/");
        let from = self.files.range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded));
        from.map_while(move |(path, content)| path.strip_prefix(&prefix).map(|relative| (relative, content)))
    }
}
