//! How a parsed template is stored in the program: what handlebars' own types hold, borrowing the text.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// The parsed templates, for postcard, and tables, in JSON, by the [`key`] of their text and in the order of the keys.
pub(crate) type Shelf<'a> = Vec<(u128, &'a [u8])>;

/// What the stored form of a text is found by; `brackets` as in the pass before parsing.
pub(crate) fn key(text: &str, brackets: bool) -> u128 {
    xxh3_128(text.as_bytes()) ^ u128::from(brackets)
}

/// The text by which a condition of a `component.toml` is decided: `yes` or nothing.
pub(crate) fn condition(condition: &str) -> String {
    format!("{{{{#if {condition}}}}}yes{{{{/if}}}}")
}

/// A part of a template.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Element<'a> {
    Text(&'a str),
    Comment(&'a str),
    #[serde(borrow)]
    Expression(Box<Call<'a>>),
    #[serde(borrow)]
    HtmlExpression(Box<Call<'a>>),
    #[serde(borrow)]
    Block(Box<Call<'a>>),
    #[serde(borrow)]
    Partial(Box<Call<'a>>),
    #[serde(borrow)]
    PartialBlock(Box<Call<'a>>),
    #[serde(borrow)]
    Decorator(Box<Call<'a>>),
    #[serde(borrow)]
    DecoratorBlock(Box<Call<'a>>),
}

/// A helper, a partial or a decorator with all that it is given.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Call<'a> {
    #[serde(borrow)]
    pub(crate) name: Word<'a>,
    #[serde(borrow)]
    pub(crate) params: Vec<Word<'a>>,
    #[serde(borrow)]
    pub(crate) hash: Vec<(&'a str, Word<'a>)>,
    /// What stands between the bars of `as |item key|`.
    #[serde(borrow)]
    pub(crate) block_params: Vec<Word<'a>>,
    #[serde(borrow)]
    pub(crate) template: Option<Vec<Element<'a>>>,
    #[serde(borrow)]
    pub(crate) inverse: Option<Vec<Element<'a>>>,
    pub(crate) indent: Option<&'a str>,
    pub(crate) indent_before_write: bool,
    pub(crate) block: bool,
    pub(crate) chain: bool,
}

/// A name, a path, a literal, or a helper's value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Word<'a> {
    Name(&'a str),
    /// `app.name`: its segments, and as it stands in the text.
    Path(#[serde(borrow)] Vec<&'a str>, &'a str),
    /// `@index`: how many blocks up, the name, and as it stands in the text.
    Local(usize, &'a str, &'a str),
    /// Any other path, such as `../name`, as it stands in the text.
    OtherPath(&'a str),
    Text(&'a str),
    Boolean(bool),
    Integer(i64),
    Null,
    #[serde(borrow)]
    Call(Box<Call<'a>>),
}
