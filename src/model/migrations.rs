//! The migrations that an app has, and where one more goes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The first migration of an app.
pub const FIRST: &str = "0001_initial";
/// The second one of an app whose first could not hold all relations.
pub const RELATIONS: &str = "0002_relations";

/// One migration of an app.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Migration {
    /// Its file's name without `.py`: `0001_initial`.
    pub stem: String,
    /// The migrations of the same app that it comes after or stands for.
    pub follows: Vec<String>,
}

/// Where a migration goes among those that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationPlace {
    /// Its number, in four digits.
    pub number: String,
    /// The migration that it depends on; none if it is the first.
    pub after: Option<String>,
}

impl Migration {
    /// A migration after others.
    #[must_use]
    pub fn new(stem: impl Into<String>, follows: impl IntoIterator<Item = String>) -> Self {
        Self {
            stem: stem.into(),
            follows: follows.into_iter().collect(),
        }
    }

    fn number(&self) -> Option<(u32, &str)> {
        let (digits, name) = self.stem.split_once('_')?;
        (digits.len() >= 4).then_some((digits.parse().ok()?, name))
    }
}

/// The migration that no other one follows; of several, the highest.
#[must_use]
pub fn leaf(migrations: &[Migration]) -> Option<&str> {
    let followed: BTreeSet<&str> = migrations
        .iter()
        .flat_map(|migration| &migration.follows)
        .map(String::as_str)
        .collect();
    let stems = || migrations.iter().map(|migration| migration.stem.as_str());
    stems()
        .filter(|stem| !followed.contains(stem))
        .max()
        .or_else(|| stems().max())
}

/// The migrations that no other one follows where these are several: Django asks for a merge of them.
#[must_use]
pub fn loose_ends(migrations: &[Migration]) -> Vec<&str> {
    let followed: BTreeSet<&str> = migrations
        .iter()
        .flat_map(|migration| &migration.follows)
        .map(String::as_str)
        .collect();
    let stems = migrations.iter().map(|migration| migration.stem.as_str());
    let ends: Vec<&str> = stems.filter(|stem| !followed.contains(stem)).collect();
    if ends.len() > 1 { ends } else { Vec::new() }
}

/// The place of the migration called `name` (`search`): the one that it has, or else behind all others.
#[must_use]
pub fn migration_place(migrations: &[Migration], name: &str) -> MigrationPlace {
    let numbered = || {
        migrations
            .iter()
            .filter_map(|migration| Some((migration, migration.number()?)))
    };
    if let Some((own, (number, _))) = numbered().find(|(_, (_, found))| *found == name) {
        let below = migrations
            .iter()
            .map(|migration| &migration.stem)
            .filter(|stem| **stem < own.stem);
        return MigrationPlace {
            number: format!("{number:04}"),
            after: own.follows.last().or_else(|| below.max()).cloned(),
        };
    }
    let highest = numbered().map(|(_, (number, _))| number).max().unwrap_or_default();
    MigrationPlace {
        number: format!("{:04}", highest.saturating_add(1)),
        after: leaf(migrations).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn migrations(stems: &[(&str, &[&str])]) -> Vec<Migration> {
        stems
            .iter()
            .map(|(stem, follows)| Migration::new(*stem, follows.iter().map(|stem| (*stem).to_owned())))
            .collect()
    }

    fn place(stems: &[(&str, &[&str])]) -> (String, Option<String>) {
        let place = migration_place(&migrations(stems), "search");
        (place.number, place.after)
    }

    #[test]
    fn a_new_migration_goes_behind_all_others() {
        assert_eq!(place(&[]), ("0001".into(), None));
        assert_eq!(
            place(&[("0001_initial", &[]), ("0007_price", &["0001_initial"])]),
            ("0008".into(), Some("0007_price".into()))
        );
    }

    #[test]
    fn what_is_there_keeps_its_number_and_what_it_follows() {
        let stems: &[(&str, &[&str])] = &[
            ("0001_initial", &[]),
            ("0002_search", &["0001_initial"]),
            ("0003_price", &["0002_search"]),
        ];
        assert_eq!(place(stems), ("0002".into(), Some("0001_initial".into())));
    }

    #[test]
    fn another_migration_of_a_like_name_is_not_it() {
        assert_eq!(place(&[("0002_full_search", &[])]).0, "0003");
    }

    #[test]
    fn the_leaf_is_what_nothing_follows() {
        let of = |stems| leaf(&migrations(stems)).map(str::to_owned);
        // Made by hand, and numbered as people like.
        assert_eq!(
            of(&[
                ("0001_initial", &[]),
                ("0002_late", &["0003_early"]),
                ("0003_early", &["0001_initial"])
            ]),
            Some("0002_late".into())
        );
        // Two branches that nobody has merged.
        assert_eq!(
            of(&[
                ("0001_initial", &[]),
                ("0002_one", &["0001_initial"]),
                ("0002_two", &["0001_initial"])
            ]),
            Some("0002_two".into())
        );
        // A circle is no order; the number is the best guess.
        assert_eq!(
            of(&[("0001_a", &["0002_b"]), ("0002_b", &["0001_a"])]),
            Some("0002_b".into())
        );
        assert_eq!(of(&[]), None);
    }
}
