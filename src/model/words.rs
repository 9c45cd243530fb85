//! A field as one word of a command line: `name:kind[:arguments][?][!][=default]`. What a kind is called for short and
//! what its arguments mean, the table of kinds says.

use std::ops::Range;

use serde_json::Value;

use super::validate::{check_field, default_fits, wanted_default};
use super::{Choices, Field, Kind, Kinds, Model, Public};

/// A model that is to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewModel {
    /// Its app.
    pub app: String,
    /// The name of its class.
    pub name: String,
    /// Its fields, a word each; none if the class is in `models.py` already.
    pub fields: Vec<String>,
    /// What points into its fields: `owner`, `label`, `slug`, `public` or `plural`, each with its value.
    pub pointers: Vec<(String, String)>,
}

impl NewModel {
    /// The words of a command line that asks for it, from the model's name on.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = vec![format!("{}.{}", self.app, self.name)];
        words.extend(self.fields.iter().cloned());
        for (pointer, value) in &self.pointers {
            words.extend([format!("--{pointer}"), value.clone()]);
        }
        words
    }

    /// A model with pointers into its fields.
    #[must_use]
    pub fn pointing(model: &Model, pointers: &[(String, String)]) -> Model {
        let mut model = model.clone();
        for (pointer, value) in pointers {
            let text = Some(value.clone());
            match pointer.as_str() {
                "owner" => model.owner = text,
                "label" => model.label = text,
                "slug" => model.slug = text,
                "plural" => model.plural = text,
                _ => model.public = Some(public(value)),
            }
        }
        model
    }
}

/// `status=live` or `is_public`, and behind a comma the field that remembers since when.
fn public(text: &str) -> Public {
    let (state, since) = match text.split_once(',') {
        Some((state, since)) => (state, Some(since.to_owned())),
        None => (text, None),
    };
    let (field, value) = match state.split_once('=') {
        Some((field, value)) => (field, Some(value.to_owned())),
        None => (state, None),
    };
    Public {
        field: field.to_owned(),
        value,
        since,
    }
}

/// A word that is no field: which part of it is wrong, why, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The part, in bytes of the word.
    pub part: Range<usize>,
    /// Why it is wrong.
    pub message: String,
    /// What is allowed.
    pub hints: Vec<String>,
}

impl Mistake {
    fn new(part: Range<usize>, message: impl Into<String>, hints: &[String]) -> Self {
        Self {
            part,
            message: message.into(),
            hints: hints.to_vec(),
        }
    }
}

/// Whatever may be empty.
const OPTIONAL: char = '?';
/// Whatever is there only once.
const UNIQUE: char = '!';
/// The same as a word among the arguments, for shells in which `?` and `!` mean something.
const OPTIONAL_WORD: &str = "optional";

/// A part of a word, and where it begins.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Part<'a> {
    const fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    /// What stands before and behind the first of these characters.
    fn split(self, separator: char) -> (Self, Option<Self>) {
        match self.text.split_once(separator) {
            Some((before, after)) => (
                Self { text: before, ..self },
                Some(Self {
                    text: after,
                    start: self.start + before.len() + separator.len_utf8(),
                }),
            ),
            None => (self, None),
        }
    }

    /// Without the marks at its end, with these.
    fn without_marks(self) -> (Self, &'a str) {
        let text = self.text.trim_end_matches([OPTIONAL, UNIQUE]);
        (Self { text, ..self }, &self.text[text.len()..])
    }
}

/// Reads a word as a field's name and the field. `user` is the project's user model.
///
/// # Errors
/// The part that is wrong.
pub fn parse_field(word: &str, kinds: &Kinds, user: Option<&str>) -> Result<(String, Field), Mistake> {
    let (head, default) = Part { text: word, start: 0 }.split('=');
    let (head, marks) = head.without_marks();
    let (default, late_marks) = default.map_or((None, ""), |default| {
        let (default, marks) = without_marks_behind(default);
        (Some(default), marks)
    });
    let (name, rest) = head.split(':');
    let Some(rest) = rest else {
        return Err(Mistake::new(
            0..word.len(),
            format!("the field `{}` has no kind", name.text),
            &[example_of(name.text, "char", kinds), known(kinds)],
        ));
    };
    let (said, arguments) = rest.split(':');
    let (kind_name, kind, points_at_user) = find(said, kinds)?;
    let mut field = Field {
        kind: kind_name.to_owned(),
        to: points_at_user.then(|| user.map(str::to_owned)).flatten(),
        ..Field::default()
    };
    if points_at_user && user.is_none() {
        return Err(Mistake::new(said.range(), "this project has no user model", &[]));
    }
    let hint = kind.example.as_ref().map(|example| format!("for example `{example}`"));
    let hint: Vec<String> = hint.into_iter().collect();
    let with_example = |mut mistake: Mistake| {
        mistake.hints.extend(hint.clone());
        mistake
    };
    if let Some(arguments) = arguments {
        read_arguments(arguments, kind, user, &mut field).map_err(with_example)?;
    }
    let unmark = |mark: char| marks.contains(mark) || late_marks.contains(mark);
    field.blank |= unmark(OPTIONAL);
    field.unique |= unmark(UNIQUE);
    // Text has an empty value of its own, which can be there once only if it has to be unique.
    let has_empty = kind.default.as_deref() == Some("string") && !field.unique;
    field.null = field.blank && kind.takes("null") && !has_empty;
    let whole = 0..default.map_or(word.len(), |default| default.start.saturating_sub(1));
    let place = name.text.to_owned();
    check_field(&place, name.text, &field, kinds).map_err(|error| {
        let mut hints = error.hints();
        hints.extend(hint.clone());
        Mistake::new(whole, error.to_string(), &hints)
    })?;
    if let Some(default) = default {
        let read = read_default(default, kind, &field).map_err(with_example);
        field.default = Some(read?);
        check_field(&place, name.text, &field, kinds)
            .map_err(|error| Mistake::new(default.range(), error.to_string(), &error.hints()))?;
    }
    Ok((place, field))
}

/// A default without the marks behind it; those within quotes are part of it.
fn without_marks_behind(default: Part<'_>) -> (Part<'_>, &str) {
    let (text, marks) = default.without_marks();
    let is_open = text.text.starts_with('"') && !(text.text.len() > 1 && text.text.ends_with('"'));
    if is_open { (default, "") } else { (text, marks) }
}

/// The kind of that name, and whether the name says that it points at the user model.
fn find<'k>(said: Part<'_>, kinds: &'k Kinds) -> Result<(&'k str, &'k Kind, bool), Mistake> {
    let is_short = |kind: &Kind| kind.short.iter().any(|short| short == said.text);
    let is_user = |kind: &Kind| kind.user_short.as_deref() == Some(said.text);
    kinds
        .declarable()
        .find(|(name, kind)| *name == said.text || is_short(kind) || is_user(kind))
        .map(|(name, kind)| (name, kind, is_user(kind)))
        .ok_or_else(|| {
            let names = kinds.declarable().flat_map(|(name, kind)| {
                let short = kind.short.iter().chain(&kind.user_short).map(String::as_str);
                std::iter::once(name).chain(short)
            });
            let near = names
                .map(|name| (strsim::damerau_levenshtein(said.text, name), name))
                .filter(|(distance, _)| *distance <= said.text.chars().count() / 3)
                .min();
            let mut hints: Vec<String> = near
                .map(|(_, name)| format!("did you mean `{name}`?"))
                .into_iter()
                .collect();
            hints.push(known(kinds));
            Mistake::new(
                said.range(),
                format!("there is no kind of field `{}`", said.text),
                &hints,
            )
        })
}

/// All kinds, as their examples call them.
fn known(kinds: &Kinds) -> String {
    let names: Vec<String> = kinds
        .declarable()
        .flat_map(|(name, kind)| {
            let example = kind.example.as_deref().unwrap_or_default();
            let said = example.split([':', '=', OPTIONAL, UNIQUE]).nth(1).unwrap_or(name);
            std::iter::once(said.to_owned()).chain(kind.user_short.clone())
        })
        .collect();
    format!("kinds: {}", names.join(", "))
}

fn example_of(name: &str, kind: &str, kinds: &Kinds) -> String {
    let example = kinds
        .get(kind)
        .and_then(|kind| kind.example.as_deref())
        .unwrap_or_default();
    let rest = example.split_once(':').map_or(kind, |(_, rest)| rest);
    format!("for example `{name}:{rest}`")
}

fn read_arguments(arguments: Part<'_>, kind: &Kind, user: Option<&str>, field: &mut Field) -> Result<(), Mistake> {
    let mut places = kind.arguments.iter();
    let mut rest = Some(arguments);
    while let Some(part) = rest {
        let (word, next) = part.split(',');
        rest = next;
        if is_list(kind) {
            let values = match field.choices.take() {
                Some(Choices::Values(values)) => values,
                _ => Vec::new(),
            };
            let values = values.into_iter().chain([word.text.to_owned()]).collect();
            field.choices = Some(Choices::Values(values));
        } else if let Some(flag) = flag(field, word.text) {
            if word.text != OPTIONAL_WORD && !kind.takes(word.text) {
                let message = format!("a `{}` takes no `{}`", field.kind, word.text);
                return Err(Mistake::new(word.range(), message, &[]));
            }
            *flag = true;
        } else {
            if let Some(colon) = word.text.find(':') {
                let hint = format!("separate arguments with commas: `{}`", kind.arguments.join(","));
                let range = word.start + colon..word.start + word.text.len();
                return Err(Mistake::new(
                    range,
                    "a colon stands before the kind and the arguments only",
                    &[hint],
                ));
            }
            let Some(place) = places.next() else {
                let message = match kind.arguments.as_slice() {
                    [] => format!("a `{}` takes no argument", field.kind),
                    known => format!("a `{}` takes no more than {}", field.kind, known.join(", ")),
                };
                return Err(Mistake::new(word.range(), message, &[]));
            };
            if !word.text.is_empty() {
                set(field, place, word.text, user).map_err(|message| Mistake::new(word.range(), message, &[]))?;
            }
        }
    }
    Ok(())
}

/// Whether all arguments are one list.
fn is_list(kind: &Kind) -> bool {
    kind.arguments.iter().any(|argument| argument == "choices")
}

/// The option that a word among the arguments switches on.
fn flag<'f>(field: &'f mut Field, word: &str) -> Option<&'f mut bool> {
    match word {
        OPTIONAL_WORD => Some(&mut field.blank),
        "unique" => Some(&mut field.unique),
        "index" => Some(&mut field.index),
        "auto_now" => Some(&mut field.auto_now),
        "auto_now_add" => Some(&mut field.auto_now_add),
        _ => None,
    }
}

fn set(field: &mut Field, option: &str, text: &str, user: Option<&str>) -> Result<(), String> {
    let number = || {
        let wrong = |_| format!("`{option}` is a whole number, not `{text}`");
        text.parse::<u32>().map(Some).map_err(wrong)
    };
    match option {
        "max_length" => field.max_length = number()?,
        "max_digits" => field.max_digits = number()?,
        "decimal_places" => field.decimal_places = number()?,
        "to" if text == "user" && user.is_some() => field.to = user.map(str::to_owned),
        "to" => field.to = Some(text.to_owned()),
        "on_delete" => field.on_delete = Some(text.to_owned()),
        _ => field.related_name = Some(text.to_owned()),
    }
    Ok(())
}

/// A default as the table of kinds wants it.
fn read_default(default: Part<'_>, kind: &Kind, field: &Field) -> Result<Value, Mistake> {
    let text = Value::String(default.text.to_owned());
    let as_json = serde_json::from_str(default.text).ok();
    let value = match kind.default.as_deref() {
        Some("integer" | "float" | "seconds" | "boolean" | "json") => as_json.unwrap_or(text),
        Some("string") if default.text.starts_with('"') => as_json.unwrap_or(text),
        Some(_) => text,
        None => {
            let message = format!("a `{}` takes no default", field.kind);
            return Err(Mistake::new(default.range(), message, &[]));
        }
    };
    if default_fits(field, kind, &value) {
        return Ok(value);
    }
    let wanted = wanted_default(kind.default.as_deref().unwrap_or_default());
    Err(Mistake::new(
        default.range(),
        format!("`{}` is no default here; it takes {wanted}", default.text),
        &[],
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(word: &str) -> Result<(String, Field), Mistake> {
        parse_field(word, &Kinds::embedded().unwrap(), Some("accounts.CustomUser"))
    }

    fn field(text: &str) -> Field {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_word_is_what_an_answers_file_says_at_length() {
        let same = [
            ("x:char:120", "kind = \"char\"\nmax_length = 120"),
            ("x:str:120,index", "kind = \"char\"\nmax_length = 120\nindex = true"),
            (
                "x:decimal:8,2",
                "kind = \"decimal\"\nmax_digits = 8\ndecimal_places = 2",
            ),
            ("x:positive=0", "kind = \"positive\"\ndefault = 0"),
            (
                "x:int=-1?",
                "kind = \"integer\"\ndefault = -1\nnull = true\nblank = true",
            ),
            (
                "x:decimal:4,2=1e1",
                "kind = \"decimal\"\nmax_digits = 4\ndecimal_places = 2\ndefault = \"1e1\"",
            ),
            ("x:bool=true", "kind = \"boolean\"\ndefault = true"),
            (
                "x:decimal:8,2=9.90",
                "kind = \"decimal\"\nmax_digits = 8\ndecimal_places = 2\ndefault = \"9.90\"",
            ),
            (
                "x:choice:draft,live=draft",
                "kind = \"choice\"\nchoices = [\"draft\", \"live\"]\ndefault = \"draft\"",
            ),
            ("x:char:9?", "kind = \"char\"\nmax_length = 9\nblank = true"),
            (
                "x:char:9?!",
                "kind = \"char\"\nmax_length = 9\nblank = true\nnull = true\nunique = true",
            ),
            ("x:char:9,unique", "kind = \"char\"\nmax_length = 9\nunique = true"),
            (
                "x:char:9=why?",
                "kind = \"char\"\nmax_length = 9\nblank = true\ndefault = \"why\"",
            ),
            (
                "x:char:9=\"why?\"",
                "kind = \"char\"\nmax_length = 9\ndefault = \"why?\"",
            ),
            ("x:datetime:auto_now_add", "kind = \"datetime\"\nauto_now_add = true"),
            ("x:email=a@b.cd", "kind = \"email\"\ndefault = \"a@b.cd\""),
            ("x:date:optional", "kind = \"date\"\nnull = true\nblank = true"),
            ("x:datetime=now", "kind = \"datetime\"\ndefault = \"now\""),
            (
                "x:json={\"a\": [1, \"b=c\"]}",
                "kind = \"json\"\ndefault = { a = [1, \"b=c\"] }",
            ),
            (
                "x:fk:shop.Tag?",
                "kind = \"foreign_key\"\nto = \"shop.Tag\"\nnull = true\nblank = true",
            ),
            (
                "x:fk:Tag,set_null,xs?",
                "kind = \"foreign_key\"\nto = \"Tag\"\non_delete = \"set_null\"\nrelated_name = \"xs\"\nnull = true\nblank = true",
            ),
            (
                "x:m2m:Tag,xs?",
                "kind = \"many_to_many\"\nto = \"Tag\"\nrelated_name = \"xs\"\nblank = true",
            ),
            ("x:user", "kind = \"foreign_key\"\nto = \"accounts.CustomUser\""),
            (
                "x:user:,protect",
                "kind = \"foreign_key\"\nto = \"accounts.CustomUser\"\non_delete = \"protect\"",
            ),
            ("x:o2o:user", "kind = \"one_to_one\"\nto = \"accounts.CustomUser\""),
        ];
        for (word, long) in same {
            assert_eq!(read(word), Ok(("x".to_owned(), field(long))), "{word}");
        }
    }

    #[test]
    fn the_wrong_part_is_pointed_at() {
        let wrong = [
            ("price", "price", "has no kind"),
            ("x:chr:9", "chr", "no kind of field `chr`"),
            ("x:char", "x:char", "needs `max_length`"),
            ("x:char:long", "long", "whole number"),
            ("x:decimal:8,2,1", "1", "no more than max_digits, decimal_places"),
            ("x:text:9,9", "9", "no more than max_length"),
            ("x:date:auto_now,unique=now", "now", "only one of"),
            ("x:positive=-1", "-1", "whole number"),
            ("x:choice:a,b=c", "c", "one of its choices"),
            ("x:choice:a,b!", "x:choice:a,b!", "takes no `unique`"),
            ("x:bool:index=yes", "yes", "true or false"),
            ("x:image=a.png", "a.png", "takes no default"),
            ("x:fk:Tag,drop", "x:fk:Tag,drop", "unknown `on_delete` `drop`"),
            ("Name:text", "Name:text", "lowercase"),
            ("x:m2m:Tag,unique", "unique", "takes no `unique`"),
            ("x:email=foo", "foo", "a valid value for this kind of field"),
            ("x:slug=a b", "a b", "a valid value for this kind of field"),
            (
                "x:url=example.com",
                "example.com",
                "a valid value for this kind of field",
            ),
            ("x:ip=1.2.3", "1.2.3", "an IP address"),
            ("x:decimal:4,2=0.999", "0.999", "no more digits"),
            ("x:decimal:4,2=100", "100", "no more digits"),
            ("x:decimal:4,2=1e9", "1e9", "no more digits"),
            ("x:decimal:4,2=1e-5", "1e-5", "no more digits"),
            ("self:text", "self:text", "first argument"),
        ];
        for (word, part, said) in wrong {
            let mistake = read(word).unwrap_err();
            assert!(mistake.message.contains(said), "{word}: {}", mistake.message);
            let last = word.rfind(part).unwrap();
            assert_eq!(mistake.part, last..last + part.len(), "{word}");
        }
        let hints = read("x:chr:9").unwrap_err().hints;
        assert_eq!(hints[0], "did you mean `char`?");
        assert!(hints[1].starts_with("kinds: char, text"), "{hints:?}");
    }

    #[test]
    fn every_kind_has_an_example_that_is_one() {
        for (name, kind) in Kinds::embedded().unwrap().declarable() {
            let example = kind.example.as_deref().unwrap_or_default();
            let (_, field) = read(example).unwrap_or_else(|mistake| panic!("{name}: {example}: {mistake:?}"));
            assert_eq!(field.kind, name);
        }
    }
}
