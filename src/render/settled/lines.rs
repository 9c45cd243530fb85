//! What is between statements: the blank lines that the formatter counts.

use std::ops::Range;

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::Ranged as _;

use super::{Part, Unsettled, WIDTH, indentation, is_plain_comment, line_start, text};

/// What stands between two statements: blank lines, and who asks for them.
pub(super) struct Lines<'a> {
    source: &'a str,
    /// The blocks that are open, outermost first.
    blocks: Vec<Block>,
    /// What the line before was, and where it ended.
    before: Option<(Kind, usize)>,
    /// Where comments begin that stand directly above the next statement, and how far they are indented.
    comments: Option<(usize, usize)>,
}

#[derive(Clone, Copy)]
struct Block {
    indentation: usize,
    is_class: bool,
    /// Whether the statement that ended before the present one is a definition.
    after_definition: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Definition,
    Class,
    Decorator,
    Import,
    /// It opens a block.
    Header,
    /// It goes on with a statement: `else`.
    Clause,
    Docstring,
    Other,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let module = Block {
            indentation: 0,
            is_class: false,
            after_definition: false,
        };
        Self {
            source,
            blocks: vec![module],
            before: None,
            comments: None,
        }
    }

    /// Takes in a comment on a line of its own.
    pub(super) fn comment(&mut self, comment: &Token) -> bool {
        let begin = line_start(self.source, comment);
        let Some(indentation) = indentation(self.source, comment) else {
            return false;
        };
        let is_alone = begin + indentation == usize::from(comment.start());
        if !is_alone {
            return false;
        }
        match self.comments {
            None => self.comments = Some((begin, indentation)),
            // A group of comments, all directly above the statement.
            Some((_, known)) if known == indentation => {}
            Some(_) => return false,
        }
        // Nothing but comments up to here, and no blank line among them.
        let (first, _) = self.comments.unwrap_or((begin, 0));
        !self.source[first..begin].contains("\n\n")
    }

    /// Takes in the tokens of a statement, or of the header of one, without the line end. Returns what it is, and the blank
    /// lines above it if they are not as they should be; none if that can't be told.
    pub(super) fn statement(&mut self, tokens: &[Token]) -> Option<(Kind, Option<Unsettled>)> {
        let (first, last) = (tokens.first()?, tokens.last()?);
        let begin = line_start(self.source, first);
        let indentation = indentation(self.source, first)?;
        let kind = self.kind(tokens, first, last)?;
        let start = match self.comments.take() {
            // Behind a decorator, the formatter sets them off.
            Some(_) if matches!(self.before, Some((Kind::Decorator, _))) => return None,
            Some((start, known)) if known == indentation && !self.source[start..begin].contains("\n\n") => start,
            Some(_) => return None,
            None => begin,
        };
        let gap = self.gap(kind, start, indentation)?;
        if matches!(kind, Kind::Definition | Kind::Class | Kind::Header | Kind::Clause) {
            self.blocks.push(Block {
                indentation: indentation + 4,
                is_class: kind == Kind::Class,
                after_definition: false,
            });
        }
        self.before = Some((kind, usize::from(last.end())));
        Some((kind, gap))
    }

    /// Whether nothing is left: comments at the end belong to whatever was before.
    pub(super) const fn are_done(&self) -> bool {
        self.comments.is_none()
    }

    fn kind(&self, tokens: &[Token], first: &Token, last: &Token) -> Option<Kind> {
        let is_header = last.kind() == TokenKind::Colon;
        let kind = match first.kind() {
            TokenKind::Def => Kind::Definition,
            TokenKind::Async if tokens.get(1)?.kind() == TokenKind::Def => Kind::Definition,
            TokenKind::Class => Kind::Class,
            TokenKind::At => Kind::Decorator,
            TokenKind::Import | TokenKind::From => Kind::Import,
            TokenKind::If | TokenKind::For | TokenKind::While | TokenKind::With | TokenKind::Try => Kind::Header,
            TokenKind::Elif | TokenKind::Else | TokenKind::Except | TokenKind::Finally => Kind::Clause,
            TokenKind::Async | TokenKind::Match | TokenKind::Case | TokenKind::Type => return None,
            TokenKind::String if tokens.len() == 1 => {
                // One that begins its block; any other string is a statement like any other.
                let begins = self.before.is_none_or(|(before, _)| {
                    matches!(before, Kind::Definition | Kind::Class | Kind::Header | Kind::Clause)
                });
                if !begins {
                    return None;
                }
                let literal = text(self.source, first);
                return is_plain_docstring(literal, indentation(self.source, first)?).then_some(Kind::Docstring);
            }
            _ => Kind::Other,
        };
        let opens = matches!(kind, Kind::Definition | Kind::Class | Kind::Header | Kind::Clause);
        // A body on the same line goes to one of its own.
        (opens == is_header).then_some(kind)
    }

    /// The blank lines above a statement if the formatter writes others; none if that can't be told.
    #[expect(clippy::option_option, reason = "what can't be told is no gap that is right")]
    fn gap(&mut self, kind: Kind, start: usize, indentation: usize) -> Option<Option<Unsettled>> {
        let is_definition = matches!(kind, Kind::Definition | Kind::Class | Kind::Decorator);
        let Some((before, end)) = self.before else {
            self.blocks.last_mut()?.after_definition = is_definition;
            return (indentation == 0).then_some(None);
        };
        let between = &self.source[end..start];
        if between.contains(" \n") {
            return None;
        }
        let blank = between.bytes().filter(|byte| *byte == b'\n').count().checked_sub(1)?;
        // A comment behind the statement may stand there, too.
        let comment = between.trim();
        if !(comment.is_empty() || between.starts_with("  #") && is_plain_comment(comment)) {
            return None;
        }
        let innermost = self.blocks.last()?.indentation;
        let opens = matches!(before, Kind::Definition | Kind::Class | Kind::Header | Kind::Clause);
        if opens {
            // A block begins.
            self.blocks.last_mut()?.after_definition = is_definition;
            // Only of a class the first blank line goes; a function at the beginning of a branch may get one.
            let is_kept = blank > 0 && before != Kind::Class;
            let is_branch = matches!(before, Kind::Header | Kind::Clause);
            if indentation != innermost || kind == Kind::Clause || is_kept || is_branch && is_definition {
                return None;
            }
            return self.unless(blank, 0, end..start);
        }
        let ends_block = self.blocks.last()?.indentation > indentation;
        while self.blocks.last()?.indentation > indentation {
            let ended = self.blocks.pop()?;
            // A definition at the end of a branch: the formatter looks at more than one level.
            if ended.after_definition && !self.blocks.last()?.after_definition {
                return None;
            }
        }
        let block = self.blocks.last_mut()?;
        if block.indentation != indentation {
            return None;
        }
        let after_definition = std::mem::replace(&mut block.after_definition, is_definition);
        let most = if indentation == 0 { 2 } else { 1 };
        let wanted = match before {
            Kind::Decorator if !is_definition => return None,
            Kind::Decorator => 0,
            _ if kind == Kind::Clause && blank > 0 => return None,
            _ if kind == Kind::Clause => 0,
            _ if is_definition || after_definition => most,
            Kind::Docstring if block.is_class => 1,
            Kind::Import if kind != Kind::Import && !ends_block => blank.clamp(1, most),
            _ => blank.min(most),
        };
        self.unless(blank, wanted, end..start)
    }

    /// A gap with as many blank lines as are wanted, unless there are as many.
    #[expect(clippy::option_option, reason = "as above")]
    fn unless(&self, blank: usize, wanted: usize, between: Range<usize>) -> Option<Option<Unsettled>> {
        if blank == wanted {
            return Some(None);
        }
        // The indentation of what follows stays, and so does a comment that is behind what was before.
        let text = self.source[between.clone()].trim_end_matches(' ');
        let range = between.start..between.start + text.len();
        text.trim().is_empty().then_some(Some(Unsettled {
            range,
            part: Part::Gap { line_ends: wanted + 1 },
        }))
    }
}

/// A docstring whose text the formatter does not touch.
fn is_plain_docstring(literal: &str, indentation: usize) -> bool {
    let Some(content) = literal
        .strip_prefix("\"\"\"")
        .and_then(|rest| rest.strip_suffix("\"\"\""))
    else {
        return false;
    };
    let mut lines = content.split('\n');
    let first = lines.next().unwrap_or_default();
    if first.is_empty() || first.starts_with([' ', '"']) || content.contains(['\\', '\t']) || content.contains("\"\"\"")
    {
        return false;
    }
    let (mut last, mut last_but_one) = (first, first);
    // Indentation beyond that of the quotes, if all lines share it, is removed.
    let mut least = content.contains('\n').then_some(usize::MAX);
    for line in lines {
        let indented = line.len() - line.trim_start_matches(' ').len();
        let is_blank = line.trim_end().is_empty();
        if !line.is_empty() {
            least = least.map(|least| least.min(indented));
        }
        if !is_blank && line.trim_end() != line || !line.is_empty() && indented < indentation {
            return false;
        }
        if last.trim_end() != last {
            return false;
        }
        (last_but_one, last) = (last, line);
    }
    if least.is_some_and(|least| least != indentation) {
        return false;
    }
    // Only that of several lines moves its last quotes to a line of their own.
    let is_long = content.contains('\n') && last.len() + 3 > WIDTH;
    let is_alone = content.contains('\n') && last.len() == indentation && last.trim().is_empty();
    let is_one_line = content.trim_end().len() == first.len();
    if is_long || is_alone && (last_but_one.is_empty() || is_one_line) {
        return false;
    }
    first.trim_end() == first && (is_alone || !last.is_empty() && !last.ends_with(['"', ' ']))
}
