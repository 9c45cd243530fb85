//! Values that are made on the machine and stay on it.

use crate::catalog::{Catalog, Identity};
use crate::error::{Error, Result};
use crate::render::{Secrets, needed_identities, needed_secrets};
use crate::spec::Spec;

/// New values for all that a project keeps in private files.
///
/// # Errors
/// The system gives no random numbers.
pub fn make_secrets(spec: &Spec, catalog: &Catalog) -> Result<Secrets> {
    let mut secrets = Secrets::new();
    for (name, length) in needed_secrets(spec, catalog) {
        secrets.insert(name.to_owned(), random_text(length)?);
    }
    for (name, identity) in needed_identities(spec, catalog) {
        secrets.insert(name.to_owned(), number_of(identity).to_string());
    }
    Ok(secrets)
}

#[cfg(unix)]
fn number_of(identity: Identity) -> u32 {
    match identity {
        Identity::User => rustix::process::geteuid().as_raw(),
        Identity::Group => rustix::process::getegid().as_raw(),
    }
}

/// Elsewhere files have no such owner: what the images take by themselves.
#[cfg(not(unix))]
fn number_of(_: Identity) -> u32 {
    1000
}

/// Random text of a URL-safe alphabet of 64 characters: six bits each.
fn random_text(length: usize) -> Result<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::input(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 64)]))
        .collect())
}
