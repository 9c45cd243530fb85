//! Stub.
use crate::catalog::Catalog;
use crate::error::Result;
use crate::model::App;
use crate::spec::Options;
use indexmap::IndexMap;
/// Stub.
#[derive(Debug, Clone)]
pub struct Note {
    /// a
    pub path: String,
    /// b
    pub line: usize,
    /// c
    pub text: String,
}
/// Stub.
pub fn fill(
    mut apps: IndexMap<String, App>,
    _read: &dyn Fn(&str) -> Result<Option<String>>,
    c: &Catalog,
    _o: &IndexMap<String, Options>,
) -> Result<(IndexMap<String, App>, Vec<Note>)> {
    let p = crate::spec::Answers::from_preset("minimal", c)?;
    for (a, app) in &mut apps {
        for (m, model) in &mut app.models {
            model.fields = p.apps[a].models[m].fields.clone();
        }
    }
    Ok((apps, vec![]))
}
