//! What ruff's formatter would change in a module's statements. Templates are written as it writes; what it may still have
//! to do depends on what a user's names and options make of them: lines that are too long, brackets that have become
//! needless or too few. Only such lines are given to it, as it takes longer than all else that a rendering does. Where this
//! can't tell at a glance, it says so, and the whole module is formatted.

use std::ops::Range;

mod layout;
mod lines;

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::Ranged as _;

use layout::is_laid_out;
use lines::{Kind, Lines};

/// How long a line may be, in characters.
pub(super) const WIDTH: usize = 88;

/// What the formatter would not leave as it is, in order; `tokens` are all of a module from the beginning of a line on, and
/// `literal` the lines that were written as the formatter writes them. None if more may have to change than can be told.
pub(super) fn unsettled(source: &str, tokens: &[Token], literal: Literal<'_>) -> Option<Vec<Unsettled>> {
    let mut lines = Lines::new(source);
    let mut unsettled = Vec::new();
    let mut rest = tokens;
    while let Some(first) = rest.first() {
        match first.kind() {
            TokenKind::NonLogicalNewline | TokenKind::Indent | TokenKind::Dedent | TokenKind::EndOfFile => {
                rest = &rest[1..];
            }
            TokenKind::Comment => {
                if !is_plain_comment(text(source, first)) || !lines.comment(first) {
                    return None;
                }
                rest = &rest[1..];
            }
            _ => {
                let end = rest.iter().position(|token| token.kind() == TokenKind::Newline)?;
                let line = without_comment(source, &rest[..end])?;
                let (kind, gap) = lines.statement(line)?;
                unsettled.extend(gap);
                let is_settled = kind == Kind::Docstring
                    || literal.covers(&(line_start(source, first)..rest[end].end().into()))
                    || is_laid_out(source, line, literal);
                if !is_settled {
                    unsettled.push(Unsettled::statement(source, &rest[..end], kind)?);
                }
                rest = &rest[end + 1..];
            }
        }
    }
    // Comments at the end belong to whatever was before.
    lines.are_done().then_some(unsettled)
}

/// The lines of a module that come unchanged from a template, one range for each piece.
#[derive(Clone, Copy)]
pub(super) struct Literal<'a>(pub(super) &'a [Range<usize>]);

impl Literal<'_> {
    /// Whether all of this is in one piece.
    fn covers(self, lines: &Range<usize>) -> bool {
        let next = self.0.partition_point(|piece| piece.start <= lines.start);
        next > 0 && lines.end <= self.0[next - 1].end
    }
}

/// A part of a module that the formatter would change.
pub(super) struct Unsettled {
    /// Where it stands.
    pub(super) range: Range<usize>,
    part: Part,
}

enum Part {
    /// A statement, or the header of one, with a comment behind it and without its line end.
    Statement { indentation: usize, kind: Kind },
    /// What is between two statements, and the line ends that belong there.
    Gap { line_ends: usize },
}

impl Unsettled {
    fn statement(source: &str, tokens: &[Token], kind: Kind) -> Option<Self> {
        let (first, last) = (tokens.first()?, tokens.last()?);
        let indentation = indentation(source, first)?;
        // What comes before a clause can't be made up.
        (kind != Kind::Clause).then_some(Self {
            range: first.start().into()..last.end().into(),
            part: Part::Statement { indentation, kind },
        })
    }

    /// As the formatter writes it, in a module of its own where it is as far to the right; none if that can't be formatted.
    pub(super) fn formatted(&self, source: &str, format: impl Fn(&str) -> Result<String, String>) -> Option<String> {
        let (indentation, kind) = match self.part {
            Part::Statement { indentation, kind } => (indentation, kind),
            Part::Gap { line_ends } => return Some("\n".repeat(line_ends)),
        };
        let depth = indentation / 4;
        let indent = " ".repeat(indentation);
        // What a class begins with has no blank line above it.
        let outer = match kind {
            Kind::Definition | Kind::Class | Kind::Decorator => "class C:\n",
            _ => "if 1:\n",
        };
        let mut module = String::new();
        for level in 0..depth {
            module.push_str(&"    ".repeat(level));
            module.push_str(outer);
        }
        let body = match kind {
            Kind::Definition | Kind::Class | Kind::Header => format!("\n{indent}    pass\n"),
            Kind::Decorator => format!("\n{indent}def f():\n{indent}    pass\n"),
            _ => "\n".to_owned(),
        };
        module.push_str(&indent);
        module.push_str(&source[self.range.clone()]);
        module.push_str(&body);
        let formatted = format(&module).ok()?;
        let statement = formatted.splitn(depth + 1, '\n').last()?.strip_suffix(body.as_str())?;
        Some(statement.strip_prefix(indent.as_str())?.to_owned())
    }
}

fn text<'a>(source: &'a str, token: &Token) -> &'a str {
    &source[usize::from(token.start())..usize::from(token.end())]
}

/// Where a token's line begins.
fn line_start(source: &str, token: &Token) -> usize {
    let at = usize::from(token.start());
    source[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The line on which a token begins.
fn line<'a>(source: &'a str, token: &Token) -> &'a str {
    let rest = &source[line_start(source, token)..];
    &rest[..rest.find('\n').unwrap_or(rest.len())]
}

/// The spaces before the first thing on a token's line; none if there is something else.
fn indentation(source: &str, token: &Token) -> Option<usize> {
    let begin = line_start(source, token);
    let line = &source[begin..];
    let spaces = line.len() - line.trim_start_matches(' ').len();
    (spaces.is_multiple_of(4) && !line[spaces..].starts_with(char::is_whitespace)).then_some(spaces)
}

/// The tokens of a statement without a comment behind it; none if that is not written as the formatter writes it.
fn without_comment<'a>(source: &str, tokens: &'a [Token]) -> Option<&'a [Token]> {
    let [before @ .., last] = tokens else { return None };
    if last.kind() != TokenKind::Comment {
        return Some(tokens);
    }
    let gap = &source[usize::from(before.last()?.end())..usize::from(last.start())];
    (gap == "  " && is_plain_comment(text(source, last))).then_some(before)
}

fn is_plain_comment(comment: &str) -> bool {
    (comment == "#" || comment.starts_with("# ")) && comment.trim_end() == comment
}

fn is_short(line: &str) -> bool {
    line.is_ascii() && line.len() <= WIDTH
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_module;

    use super::*;

    fn count(source: &str, literal: &[Range<usize>]) -> usize {
        let parsed = parse_module(source).unwrap();
        unsettled(source, parsed.tokens(), Literal(literal)).unwrap().len()
    }

    #[test]
    fn what_has_a_line_for_each_element_is_settled() {
        for module in [
            "a = [\n    1,\n    2,\n]\n",
            "a = b(\n    {\n        \"c\": 1,\n    },\n)\n",
            "a, b = c, d\n",
        ] {
            assert_eq!(count(module, &[]), 0, "{module}");
        }
        for module in [
            "a = [\n    1,\n    2\n]\n",
            "a = [\n    1,  \n]\n",
            "a, = b\n",
            "a = (1)\n",
        ] {
            assert_eq!(count(module, &[]), 1, "{module}");
        }
    }

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "each is a range of lines")]
    fn literal_statements_and_elements_are_settled() {
        let module = "a = [\n    b,\n    c if d else (e),  # why\n]\n";
        let element = module.find("    c").unwrap()..module.find(']').unwrap();
        assert_eq!(count(module, &[]), 1);
        assert_eq!(count(module, &[element.start..element.end - 1]), 1);
        assert_eq!(count(module, &[element]), 0);
        assert_eq!(count("a = (1)\n", &[0..8]), 0);
    }

    #[test]
    fn what_is_within_a_class_is_formatted_alone() {
        let source = "class A:\n    @b( 1 )\n    def f(self, ):\n        return {1: 2,}\n";
        let parsed = parse_module(source).unwrap();
        let found = unsettled(source, parsed.tokens(), Literal(&[])).unwrap();
        let format = |module: &str| crate::render::python::format(module, 12);
        let formatted: Vec<_> = found
            .iter()
            .map(|part| part.formatted(source, format).unwrap())
            .collect();
        let exploded = "return {\n            1: 2,\n        }";
        assert_eq!(formatted, ["@b(1)", "def f(\n        self,\n    ):", exploded]);
    }

    #[test]
    fn what_closes_a_bracket_is_no_element() {
        let module = "a = {\n    b: [\n        c,\n    ],\n}\n";
        let closing = module.find("    ]").unwrap()..module.find('}').unwrap();
        assert_eq!(count(module, &[closing]), 0);
    }
}
