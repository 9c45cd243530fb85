//! Facts about the project itself: `[project]` in the declaration.

use std::str::FromStr as _;

use indexmap::IndexMap;
use serde::Serialize;

use super::import_form;
use crate::catalog::DjangoLines;
use crate::error::{Error, Result};

/// The entries of `[project]`, in the order in which people fill them in.
pub(super) const FACTS: [&str; 9] = [
    "name",
    "title",
    "description",
    "author",
    "email",
    "domain",
    "time_zone",
    "language",
    "django",
];

/// What the project is called and for whom; defaults take nothing from the machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Project {
    /// Its name; may hold hyphens.
    pub name: String,
    /// What people read on its pages.
    pub title: String,
    /// One sentence about the project.
    pub description: String,
    /// Who writes it.
    pub author: String,
    /// Where to write to them.
    pub email: String,
    /// Where it will be served.
    pub domain: String,
    /// A name in the IANA time zone database.
    pub time_zone: String,
    /// A language code as Django has it.
    pub language: String,
    /// The Django line.
    pub django: String,
}

impl Project {
    /// Makes the facts of what was answered, with defaults for the rest.
    ///
    /// # Errors
    /// An unknown entry, no name, or a value that can't be.
    pub fn from_answers(answers: &IndexMap<String, String>, lines: &DjangoLines) -> Result<Self> {
        if let Some(unknown) = answers.keys().find(|key| !FACTS.contains(&key.as_str())) {
            return Err(Error::input(format!("`[project]` has the unknown entry `{unknown}`"))
                .hint(format!("entries: {}", FACTS.join(", "))));
        }
        let take = |key: &str, default: &str| answers.get(key).map_or_else(|| default.to_owned(), Clone::clone);
        let name = take("name", "");
        let title = match answers.get("title").filter(|title| !title.trim().is_empty()) {
            Some(title) => title.clone(),
            None => crate::model::sentence_case(&name),
        };
        let project = Self {
            title,
            description: take("description", ""),
            author: take("author", ""),
            email: take("email", ""),
            domain: take("domain", "example.com"),
            time_zone: take("time_zone", "UTC"),
            language: take("language", "en-us"),
            django: take("django", &lines.default),
            name,
        };
        check_time_zone(&project.time_zone)?;
        check_domain(&project.domain)?;
        if !project.email.is_empty() {
            check_email(&project.email)?;
        }
        check_language(&project.language)?;
        for (fact, text) in [("title", &project.title), ("author", &project.author)] {
            check_line(fact, text)?;
        }
        lines.get(&project.django)?;
        Ok(project)
    }

    /// The name in the form that Python can import.
    #[must_use]
    pub fn package(&self) -> String {
        import_form(&self.name)
    }

    /// The name in the form that clouds and DNS take: small letters, digits and hyphens.
    #[must_use]
    pub fn slug(&self) -> String {
        self.name.to_lowercase().replace('_', "-").trim_matches('-').to_owned()
    }
}

/// Checks a time zone against the IANA database.
///
/// # Errors
/// There is no such zone; names near ones.
pub fn check_time_zone(name: &str) -> Result<()> {
    if chrono_tz::Tz::from_str(name).is_ok() {
        return Ok(());
    }
    let wanted = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let near: Vec<_> = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .filter(|zone| !wanted.is_empty() && zone.to_lowercase().contains(&wanted))
        .take(3)
        .collect();
    let error = Error::input(format!("there is no time zone `{}`", name.escape_debug()));
    Err(if near.is_empty() {
        error.hint("use a name from the IANA database, such as `UTC` or `Europe/Berlin`")
    } else {
        error.hint(format!("near: {}", near.join(", ")))
    })
}

/// Checks a domain name: labels of letters, digits and hyphens; an internationalised one as it is written.
///
/// # Errors
/// It is none.
pub fn check_domain(domain: &str) -> Result<()> {
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().count() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|character| character.is_alphanumeric() || character == '-')
    };
    let last_has_letter = domain
        .rsplit('.')
        .next()
        .is_some_and(|last| last.chars().any(char::is_alphabetic));
    if domain.len() <= 253 && last_has_letter && domain.split('.').all(label) {
        return Ok(());
    }
    Err(
        Error::input(format!("`{}` is not a domain name", domain.escape_debug()))
            .hint("write it without scheme and path, such as `example.com`"),
    )
}

/// Checks an e-mail address, as strictly as Django does.
///
/// # Errors
/// It is none.
pub fn check_email(email: &str) -> Result<()> {
    let valid = email.rsplit_once('@').is_some_and(|(local, domain)| {
        let atom = |atom: &str| {
            !atom.is_empty()
                && atom
                    .chars()
                    .all(|character| character.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{}|~-".contains(character))
        };
        email.len() <= 254
            && local.len() <= 64
            && local.split('.').all(atom)
            && domain.contains('.')
            && check_domain(domain).is_ok()
    });
    if valid {
        return Ok(());
    }
    Err(Error::input(format!("`{}` is not an email address", email.escape_debug())).hint("such as `zoe@example.com`"))
}

/// Checks a text that stands in headers of emails and at the top of pages.
fn check_line(fact: &str, text: &str) -> Result<()> {
    if text.chars().any(char::is_control) {
        return Err(
            Error::input(format!("the {fact} `{}` has more than one line", text.escape_debug()))
                .hint("remove line breaks and other control characters; `description` may have several lines"),
        );
    }
    Ok(())
}

/// Checks that the language is the English of some country, as the texts of the templates are.
fn check_language(language: &str) -> Result<()> {
    let is_english = match language.strip_prefix("en") {
        Some("") => true,
        Some(rest) => rest
            .strip_prefix('-')
            .is_some_and(|country| country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_lowercase())),
        None => false,
    };
    if is_english {
        return Ok(());
    }
    Err(Error::input(format!(
        "the texts of pages are English: `{}` is not",
        language.escape_debug()
    ))
    .hint("use `en`, `en-us`, `en-gb` or another variety of English; all texts are marked for translation"))
}
