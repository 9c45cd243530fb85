//! How a parsed template is stored in the program: its parts one after the other, each followed by what it holds, for
//! postcard. `encode` writes it, and `decode` reads it.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

/// The parsed templates, and tables, in JSON, by the [`key`] of their text and in the order of the keys.
pub(crate) type Shelf<'a> = Vec<(u128, &'a [u8])>;

/// What the stored form of a text is found by; `brackets` as in the pass before parsing.
pub(crate) fn key(text: &str, brackets: bool) -> u128 {
    xxh3_128(text.as_bytes()) ^ u128::from(brackets)
}

/// The text by which a condition of a `component.toml` is decided: `yes` or nothing.
pub(crate) fn condition(condition: &str) -> String {
    format!("{{{{#if {condition}}}}}yes{{{{/if}}}}")
}

/// A part of a template. A template is the number of its elements, then each element.
#[derive(Serialize, Deserialize)]
pub(crate) enum Element<'a> {
    Text(&'a str),
    Comment(&'a str),
    // These are followed by their call.
    Expression,
    HtmlExpression,
    Block,
    Partial,
    PartialBlock,
    Decorator,
    DecoratorBlock,
}

/// A helper, a partial or a decorator. It is followed by its name, its parameters, its hash (each name with its word),
/// its block parameters, its template and its inverse.
#[derive(Serialize, Deserialize)]
pub(crate) struct Call<'a> {
    pub(crate) params: usize,
    pub(crate) hash: usize,
    /// How many names stand between the bars of `as |item key|`.
    pub(crate) block_params: usize,
    pub(crate) template: bool,
    pub(crate) inverse: bool,
    pub(crate) indent: Option<&'a str>,
    pub(crate) indent_before_write: bool,
    pub(crate) block: bool,
    pub(crate) chain: bool,
}

/// A name, a path, a literal, or a helper's value.
#[derive(Serialize, Deserialize)]
pub(crate) enum Word<'a> {
    Name(&'a str),
    /// `app.name`: segments with dots between them.
    Path(&'a str),
    /// `@index`: how many blocks up, the name, and as it stands in the text.
    Local(usize, &'a str, &'a str),
    /// Any other path, such as `../name`, as it stands in the text.
    OtherPath(&'a str),
    Text(&'a str),
    Boolean(bool),
    Integer(i64),
    Null,
    /// It is followed by its call.
    Call,
}
