//! What the tests share.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use djscaffold::catalog::Catalog;
use djscaffold::render::{Rendered, Secrets, needed_secrets, render};
use djscaffold::spec::{AnswerLayer, Answers, Spec};

/// The built program.
pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_djscaffold"))
}

pub(crate) fn catalog() -> Catalog {
    Catalog::load(None).unwrap()
}

/// A declaration from the preset `minimal` with an answers file's text over it.
pub(crate) fn spec(catalog: &Catalog, answers: &str) -> djscaffold::error::Result<Spec> {
    let mut all = Answers::from_preset("minimal", catalog)?;
    all.set_project("name", "myproj");
    all.lay_over(AnswerLayer::parse(answers, "the test")?);
    Spec::from_answers(&all, catalog)
}

pub(crate) fn rendered(catalog: &Catalog, spec: &Spec) -> Rendered {
    rendered_as(catalog, spec, "0.0.0")
}

/// A project as that version of djscaffold renders it.
pub(crate) fn rendered_as(catalog: &Catalog, spec: &Spec, version: &str) -> Rendered {
    let secrets: Secrets = needed_secrets(spec, catalog)
        .map(|(name, length)| (name.to_owned(), "s".repeat(length)))
        .collect();
    render(spec, catalog, &secrets, version).unwrap()
}

/// Every file below a folder by its path; a folder that is not there holds none.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs_err::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            found.insert(relative, fs_err::read(&path).unwrap());
        }
    }
}
