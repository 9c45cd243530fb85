//! What a `pyproject.toml` asks for, compared by the names of the packages: a requirement that the user has written is
//! not written a second time in another form.

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Item, TableLike};

/// A requirement with the list that it stands in.
type Requirement = (String, String);

/// Of the requirements that are new in `theirs`, those of which `ours` has a form of its own: as they are rendered, with
/// the user's beside them. All three are texts of a `pyproject.toml`; what can't be read asks for nothing.
pub(super) fn taken(base: &str, ours: &str, theirs: &str) -> Vec<(String, String)> {
    let (base, ours, theirs) = (requirements(base), requirements(ours), requirements(theirs));
    let own: Vec<&Requirement> = ours.difference(&base).filter(|own| !theirs.contains(own)).collect();
    let new = theirs.difference(&base).filter(|new| !ours.contains(new));
    let same = |one: &Requirement, other: &Requirement| one.0 == other.0 && package(&one.1) == package(&other.1);
    new.filter_map(|new| {
        let mine = own.iter().find(|own| same(own, new))?;
        Some((new.1.clone(), mine.1.clone()))
    })
    .collect()
}

/// The lines without those that hold nothing but these requirements.
pub(super) fn without(lines: &[String], taken: &[(String, String)]) -> Vec<String> {
    let is_taken = |line: &&String| {
        let element = line.trim().trim_end_matches(',').trim_matches(['"', '\'']);
        taken.iter().any(|(rendered, _)| rendered == element)
    };
    lines.iter().filter(|line| !is_taken(line)).cloned().collect()
}

fn requirements(text: &str) -> BTreeSet<Requirement> {
    let mut found = BTreeSet::new();
    let Ok(document) = text.parse::<DocumentMut>() else {
        return found;
    };
    let mut take = |list: &str, item: &Item| {
        let elements = item.as_array().into_iter().flat_map(|array| array.iter());
        found.extend(elements.filter_map(|one| Some((list.to_owned(), one.as_str()?.to_owned()))));
    };
    if let Some(project) = document.get("project").and_then(Item::as_table_like) {
        take("project", project.get("dependencies").unwrap_or(&Item::None));
        let optional = project.get("optional-dependencies").and_then(Item::as_table_like);
        for (name, item) in optional.into_iter().flat_map(TableLike::iter) {
            take(&format!("optional {name}"), item);
        }
    }
    let groups = document.get("dependency-groups").and_then(Item::as_table_like);
    for (name, item) in groups.into_iter().flat_map(TableLike::iter) {
        take(&format!("group {name}"), item);
    }
    found
}

/// The name of the package in its one form.
/// <https://packaging.python.org/en/latest/specifications/name-normalization/>
fn package(requirement: &str) -> String {
    let name = requirement
        .trim()
        .split(|character: char| !(character.is_alphanumeric() || "-_.".contains(character)));
    let name = name.into_iter().next().unwrap_or_default().to_lowercase();
    name.split(['-', '_', '.'])
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_known_by_its_name() {
        for (one, other) in [
            ("Django_Redis[hiredis]>=5", "django-redis==6.0.0"),
            ("a.b ; x", "A-B@ https://x"),
        ] {
            assert_eq!(package(one), package(other));
        }
        assert_ne!(package("django-redis"), package("django"));
    }

    #[test]
    fn only_what_the_user_added_to_the_same_list_is_taken() {
        let base = "[project]\ndependencies = [\n    \"django>=5\",\n]\n";
        let ours = base.replace(">=5\",", ">=5\",\n    \"Redis==6.0\",\n    \"extra\",");
        let ours = format!("{ours}[dependency-groups]\ndev = [\"faker==1\"]\n");
        let theirs = base.replace(">=5\",", ">=5\",\n    \"faker>=40\",\n    \"redis>=5\",");
        let taken = taken(base, &ours, &theirs);
        assert_eq!(taken, [("redis>=5".to_owned(), "Redis==6.0".to_owned())]);
        let lines: Vec<String> = theirs.lines().map(str::to_owned).collect();
        assert!(!without(&lines, &taken).iter().any(|line| line.contains("redis")));
    }
}
