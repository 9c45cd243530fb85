//! What a model is called: in Python, in addresses, on pages, in the database.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Model, TakenNames, sentence_case};

/// Django's limit for the names of indexes and constraints.
const LONGEST: usize = 30;

/// The names of one model, all made from its class name and its plural.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Names {
    /// `blogpost`: what Django calls it in tables and permissions.
    pub(super) lower: String,
    /// `blog_post`: in file names and names of functions.
    pub(super) snake: String,
    /// `blog-post`: in addresses and names of addresses.
    pub(super) kebab: String,
    /// `blog-posts`, always another than `kebab`: where the list is.
    pub(super) path: String,
    /// `blog_post`: a variable, never a Python word or a name that is used for something else.
    pub(super) variable: String,
    /// `blog_posts`: a variable for several.
    pub(super) variable_plural: String,
    /// `blog post`
    pub(super) human: String,
    /// `Blog post`
    pub(super) title: String,
    /// `blog posts`
    pub(super) human_plural: String,
    /// `Blog posts`
    pub(super) title_plural: String,
    /// The plural, where Django would make another one.
    pub(super) verbose_name_plural: Option<String>,
}

impl Names {
    /// Names a model.
    pub(super) fn of(class: &str, model: &Model, taken: &TakenNames) -> Self {
        let snake = heck::AsSnakeCase(class).to_string();
        let human = snake.replace('_', " ");
        let human_plural = model.plural.clone().unwrap_or_else(|| plural(&human));
        let plural_snake = identifier(&human_plural);
        let several = if plural_snake.is_empty() || plural_snake == snake {
            format!("{snake}_list")
        } else {
            plural_snake
        };
        // A function called `news_list` is the view of the list.
        let rows = if several == format!("{snake}_list") {
            format!("{snake}_objects")
        } else {
            several.clone()
        };
        Self {
            lower: class.to_lowercase(),
            kebab: kebab(class),
            path: several.replace('_', "-"),
            variable: free(&snake, "object", taken),
            variable_plural: free(&rows, "objects", taken),
            title: sentence_case(&human),
            title_plural: sentence_case(&human_plural),
            verbose_name_plural: (human_plural != format!("{human}s")).then(|| human_plural.clone()),
            snake,
            human,
            human_plural,
        }
    }

    /// What its addresses begin with.
    pub(super) fn addresses(&self) -> [&str; 2] {
        [&self.kebab, &self.path]
    }
}

/// `BlogPost` → `blog-post`: the name of a model's pages.
pub(super) fn kebab(class: &str) -> String {
    heck::AsKebabCase(class).to_string()
}

/// Refuses a plural that is more than words: it stands in many places.
pub(super) fn check_plural(place: &str, model: &Model) -> Result<()> {
    let is_word = |character: char| character.is_alphanumeric() || " -".contains(character);
    match &model.plural {
        Some(plural) if plural.trim().is_empty() || !plural.chars().all(is_word) => Err(Error::input(format!(
            "the `plural` of `{place}` is not of letters, digits, spaces and hyphens"
        ))),
        _ => Ok(()),
    }
}

/// The last word in the plural: `blog post` → `blog posts`.
fn plural(human: &str) -> String {
    let (before, last) = human
        .rsplit_once(' ')
        .map_or(("", human), |(before, last)| (before, last));
    let last = if takes_s(last) {
        format!("{last}s")
    } else {
        pluralizer::pluralize(last, 2, false)
    };
    if before.is_empty() {
        last
    } else {
        format!("{before} {last}")
    }
}

/// Whether it is a word whose plural is known without pluralizer, whose rules take longer to compile than a project takes to
/// render.
fn takes_s(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("words.txt").split_whitespace().collect());
    WORDS.contains(word)
}

/// What of a text can stand in a Python name.
fn identifier(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect();
    let snake = heck::AsSnakeCase(&kept).to_string();
    snake
        .trim_start_matches(|first: char| first.is_ascii_digit())
        .to_owned()
}

/// The name, or the name with the suffix if it means something else already.
fn free(name: &str, suffix: &str, taken: &TakenNames) -> String {
    let is_taken = taken.imported.contains(name)
        || taken.locals.contains(name)
        || ruff_python_stdlib::keyword::is_keyword(name)
        || ruff_python_stdlib::builtins::is_python_builtin(name, 14, false);
    if is_taken {
        format!("{name}_{suffix}")
    } else {
        name.to_owned()
    }
}

/// The name of an index or a constraint: cut where it is too long, with a hash so that it stays the only one.
pub(super) fn database_name(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let hash = format!("{:06x}", fnv1a(name) & 0x00ff_ffff);
    let kind = name.rsplit('_').next().unwrap_or_default();
    let kept = LONGEST - hash.len() - kind.len() - 2;
    format!("{}_{hash}_{kind}", name[..kept].trim_end_matches('_'))
}

/// A hash that never changes between versions of Rust.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(class: &str) -> Names {
        let mut taken = TakenNames::default();
        taken.read_template("from django.contrib import messages\n", false);
        Names::of(class, &Model::default(), &taken)
    }

    #[test]
    fn plurals_are_english() {
        assert_eq!(names("Category").title_plural, "Categories");
        assert_eq!(names("BlogPost").human_plural, "blog posts");
        assert_eq!(names("BlogPost").verbose_name_plural, None);
        assert_eq!(names("Category").verbose_name_plural.as_deref(), Some("categories"));
    }

    #[test]
    fn a_word_that_takes_an_s_takes_it_by_the_rules() {
        for word in include_str!("words.txt").split_whitespace() {
            assert_eq!(pluralizer::pluralize(word, 2, false), format!("{word}s"));
        }
    }

    #[test]
    fn a_list_is_never_called_as_its_object() {
        for class in ["News", "Sheep", "Series"] {
            let names = names(class);
            assert_ne!(names.kebab, names.path);
            assert_ne!(names.variable, names.variable_plural);
        }
    }

    #[test]
    fn variables_hide_nothing() {
        assert_eq!(names("Class").variable, "class_object");
        assert_eq!(names("Message").variable_plural, "messages_objects");
        assert_eq!(names("Type").variable, "type_object");
    }

    #[test]
    fn long_database_names_are_cut_and_stay_different() {
        let first = database_name("shop_verylongmodelname_with_owner_idx");
        let second = database_name("shop_verylongmodelname_with_other_idx");
        assert!(first.len() <= 30 && second.len() <= 30);
        assert_ne!(first, second);
        assert!(first.ends_with("_idx"));
        assert_eq!(database_name("blog_post_owner_idx"), "blog_post_owner_idx");
    }
}
