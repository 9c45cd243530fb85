//! What paths in a component mean.

/// The path as it lands, with `__…__` still in it: `dot-env.example.hbs` → `.env.example`.
pub(crate) fn unstored(path: &str) -> String {
    let parts: Vec<_> = path
        .split('/')
        .map(|part| match part.strip_prefix("dot-") {
            Some(rest) => format!(".{rest}"),
            None => part.to_owned(),
        })
        .collect();
    let path = parts.join("/");
    path.strip_suffix(".hbs").map(str::to_owned).unwrap_or(path)
}

/// Whether a pattern of `component.toml` means this path: the same path, or a directory (`…/`) that it is in.
pub(crate) fn matches_path(pattern: &str, path: &str) -> bool {
    if pattern.ends_with('/') {
        path.starts_with(pattern)
    } else {
        path == pattern
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_names_lose_their_disguise() {
        assert_eq!(unstored("dot-github/workflows/ci.yml.hbs"), ".github/workflows/ci.yml");
        assert!(matches_path("locale/", "locale/.gitkeep") && !matches_path("LICENSE", "LICENSE-MIT"));
    }
}
