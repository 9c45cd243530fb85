//! How a statement is laid out: what is on which line.

use ruff_python_ast::token::{Token, TokenKind};
use ruff_text_size::Ranged as _;

use super::{Literal, indentation, is_short, line, line_start, text};

/// A bracket that is open.
struct Open {
    /// Whether each of its elements has a line of its own.
    is_exploded: bool,
    /// Of the line that it is opened on.
    indentation: usize,
    /// Whether it is that of a tuple.
    is_tuple: bool,
    elements: usize,
    /// Whether something in the element that is being read leaves the layout of a further bracket open.
    is_unsettled: bool,
}

/// Whether a statement is on one line that is short enough, or each bracket that spans lines has a comma at the end, which
/// makes the formatter give each element a line. Elements on `literal` lines are as the formatter writes them.
pub(super) fn is_laid_out(source: &str, tokens: &[Token], literal: Literal<'_>) -> bool {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return false;
    };
    if source[line_start(source, first)..usize::from(last.end())].contains("\\\n") {
        return false;
    }
    let mut reader = Reader {
        source,
        begins_with: first.kind(),
        open: Vec::new(),
        is_unsettled: false,
        was_exploded: false,
        in_f_string: false,
    };
    let mut before: Option<&Token> = None;
    let mut rest = tokens;
    let mut is_first_on_line = true;
    while let Some(token) = rest.first() {
        let ends_line = token.kind() == TokenKind::NonLogicalNewline;
        if std::mem::replace(&mut is_first_on_line, ends_line) {
            if reader.begins_element(before)
                && let Some((comma, behind)) = literal_element(source, rest, literal)
            {
                reader.takes_comma(behind.first());
                before = Some(comma);
                rest = behind;
                continue;
            }
            if !is_short(line(source, token)) {
                return false;
            }
        }
        if !reader.takes(before, token, rest.get(1)) {
            return false;
        }
        if !ends_line {
            before = Some(token);
        }
        rest = &rest[1..];
    }
    reader.open.is_empty()
}

/// The comma behind the element that the tokens begin with, and the tokens from its line end on, if all its lines are
/// literal and nothing else is on them.
fn literal_element<'t>(source: &str, tokens: &'t [Token], literal: Literal<'_>) -> Option<(&'t Token, &'t [Token])> {
    let mut depth = 0_usize;
    let comma = 'found: {
        for (index, token) in tokens.iter().enumerate() {
            if is_opener(token.kind()) {
                depth += 1;
            } else if is_closer(token.kind()) {
                depth = depth.checked_sub(1)?;
            } else if depth == 0 && token.kind() == TokenKind::Comma {
                break 'found index;
            }
        }
        return None;
    };
    let behind = &tokens[comma + 1..];
    let behind = match behind.first()?.kind() {
        TokenKind::Comment => &behind[1..],
        _ => behind,
    };
    let line_end = behind
        .first()
        .filter(|token| token.kind() == TokenKind::NonLogicalNewline)?;
    let lines = line_start(source, &tokens[0])..usize::from(line_end.end());
    literal.covers(&lines).then_some((&tokens[comma], behind))
}

/// Reads the tokens of a statement.
struct Reader<'a> {
    source: &'a str,
    begins_with: TokenKind,
    open: Vec<Open>,
    /// The same outside of all brackets.
    is_unsettled: bool,
    /// Whether the token before closed a bracket that spans lines.
    was_exploded: bool,
    in_f_string: bool,
}

impl Reader<'_> {
    /// Whether the formatter would leave a token where it is; `before` is the one before it that is no line end.
    fn takes(&mut self, before: Option<&Token>, token: &Token, next: Option<&Token>) -> bool {
        if before.is_some_and(|before| !is_well_spaced(self.source, before, token)) {
            return false;
        }
        let kind = token.kind();
        // Behind a bracket that spans lines, little can stand.
        if std::mem::take(&mut self.was_exploded) && !matches!(kind, TokenKind::Comma | TokenKind::Colon) {
            let is_return = kind == TokenKind::Rarrow && self.begins_with == TokenKind::Def && self.open.is_empty();
            if !is_return {
                return false;
            }
        }
        match kind {
            TokenKind::Comment | TokenKind::Semi => false,
            TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace => self.opens(before, token, next),
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace => self.closes(before, token),
            TokenKind::Comma => self.takes_comma(next),
            TokenKind::NonLogicalNewline => self.breaks(before, next),
            _ => self.reads(before, token),
        }
    }

    /// Whether an element of a bracket may begin here, and each bracket that is open gives every element a line.
    fn begins_element(&self, before: Option<&Token>) -> bool {
        let is_after = before.is_some_and(|before| is_opener(before.kind()) || before.kind() == TokenKind::Comma);
        is_after && !self.open.is_empty() && self.open.iter().all(|within| within.is_exploded)
    }

    fn takes_comma(&mut self, next: Option<&Token>) -> bool {
        let next = next.map(Token::kind);
        let Some(within) = self.open.last_mut() else {
            // A tuple without brackets; one that ends in a comma gets them.
            self.is_unsettled = true;
            return !matches!(next, None | Some(TokenKind::Equal | TokenKind::In | TokenKind::Colon));
        };
        within.elements += 1;
        within.is_unsettled = false;
        !within.is_exploded || next == Some(TokenKind::NonLogicalNewline)
    }

    fn opens(&mut self, before: Option<&Token>, token: &Token, next: Option<&Token>) -> bool {
        let Some(opened) = opened(self.source, token, before, next.map(Token::kind)) else {
            return false;
        };
        let is_unsettled = self.open.last().map_or(self.is_unsettled, |outer| outer.is_unsettled);
        if opened.is_exploded && (is_unsettled || self.open.iter().any(|outer| !outer.is_exploded)) {
            return false;
        }
        self.open.push(opened);
        true
    }

    fn closes(&mut self, before: Option<&Token>, token: &Token) -> bool {
        let Some(closed) = self.open.pop() else { return false };
        let ends_in_comma = before.is_some_and(|token| token.kind() == TokenKind::Comma);
        self.was_exploded = closed.is_exploded;
        let is_first = || {
            let place = line_start(self.source, token) + closed.indentation;
            place == usize::from(token.start()) && indentation(self.source, token) == Some(closed.indentation)
        };
        // Around one thing that is no tuple they may be needless.
        if closed.is_tuple && closed.elements == 0 && before.is_none_or(|token| token.kind() != TokenKind::Lpar) {
            return false;
        }
        // A tuple of one has its comma for another reason.
        ends_in_comma == closed.is_exploded
            && (!closed.is_exploded || is_first() && !(closed.is_tuple && closed.elements < 2))
    }

    /// At the end of a line within brackets.
    fn breaks(&self, before: Option<&Token>, next: Option<&Token>) -> bool {
        let (Some(within), Some(before), Some(next)) = (self.open.last(), before, next) else {
            return false;
        };
        let is_after = is_opener(before.kind()) || before.kind() == TokenKind::Comma;
        let wanted = within.indentation + if is_closer(next.kind()) { 0 } else { 4 };
        within.is_exploded && is_after && indentation(self.source, next) == Some(wanted)
    }

    /// Any other token.
    fn reads(&mut self, before: Option<&Token>, token: &Token) -> bool {
        let kind = token.kind();
        match kind {
            TokenKind::FStringStart if !self.in_f_string => self.in_f_string = true,
            TokenKind::FStringEnd => self.in_f_string = false,
            // Which quotes are used within depends on the version of Python.
            TokenKind::String | TokenKind::FStringStart if self.in_f_string => return false,
            _ => {}
        }
        if unsettles(kind) {
            match self.open.last_mut() {
                Some(within) => within.is_unsettled = true,
                None => self.is_unsettled = true,
            }
        }
        is_plain(self.source, token, before)
    }
}

const fn is_opener(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Lpar | TokenKind::Lsqb | TokenKind::Lbrace)
}

const fn is_closer(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace)
}

/// A bracket as it is opened; none if the formatter might take it away or not explode it.
fn opened(source: &str, token: &Token, before: Option<&Token>, next: Option<TokenKind>) -> Option<Open> {
    let is_exploded = next == Some(TokenKind::NonLogicalNewline);
    let kind_before = before.map(Token::kind);
    let is_called = matches!(
        kind_before,
        Some(TokenKind::Name | TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Def | TokenKind::Class)
    );
    let can_explode = matches!(
        kind_before,
        None | Some(
            TokenKind::Name
                | TokenKind::Equal
                | TokenKind::Comma
                | TokenKind::Return
                | TokenKind::Colon
                | TokenKind::Import
                | TokenKind::Lpar
                | TokenKind::Lsqb
                | TokenKind::Lbrace
        )
    );
    let is_subscript = is_called && token.kind() == TokenKind::Lsqb;
    // Those round the targets of a loop go.
    if is_exploded && (!can_explode || is_subscript) || kind_before == Some(TokenKind::For) {
        return None;
    }
    Some(Open {
        is_exploded,
        indentation: indentation(source, token)?,
        is_tuple: token.kind() == TokenKind::Lpar && !is_called && kind_before != Some(TokenKind::Import),
        elements: 0,
        is_unsettled: false,
    })
}

/// Whether brackets and commas have a space where they should, and nothing has more than one.
fn is_well_spaced(source: &str, before: &Token, token: &Token) -> bool {
    let clings = is_closer(token.kind()) || token.kind() == TokenKind::Comma;
    let gap = &source[usize::from(before.end())..usize::from(token.start())];
    if token.kind() == TokenKind::NonLogicalNewline {
        // Any comment outside literal lines was refused before.
        return gap.is_empty() || gap.contains('#');
    }
    match gap {
        "" => before.kind() != TokenKind::Comma || clings,
        " " => !is_opener(before.kind()) && !clings,
        _ => gap.contains('\n'),
    }
}

/// Whether a token is written as the formatter writes it.
fn is_plain(source: &str, token: &Token, before: Option<&Token>) -> bool {
    let written = text(source, token);
    let is_behind_one =
        || before.is_some_and(|before| matches!(before.kind(), TokenKind::String | TokenKind::FStringEnd));
    match token.kind() {
        TokenKind::String => {
            let quoted = written.trim_start_matches(|first: char| first.is_ascii_lowercase());
            !is_behind_one()
                && !written.starts_with('u')
                && quoted.starts_with('"')
                && !quoted.starts_with("\"\"\"")
                && has_plain_escapes(quoted)
        }
        TokenKind::FStringStart => !is_behind_one() && matches!(written, "f\"" | "rf\""),
        TokenKind::FStringMiddle => has_plain_escapes(written) && !written.contains('"'),
        // As an operator it is left to the formatter.
        TokenKind::At => before.is_none(),
        TokenKind::TStringStart | TokenKind::Complex | TokenKind::IpyEscapeCommand => false,
        TokenKind::Float => {
            written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                && !(written.ends_with('.') || written.starts_with('.'))
        }
        TokenKind::Int => written.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_'),
        _ => true,
    }
}

/// Whether the formatter leaves the escapes of a string in double quotes.
fn has_plain_escapes(quoted: &str) -> bool {
    let mut escapes = quoted.split('\\').skip(1);
    escapes.all(|behind| {
        behind.starts_with([
            'n', 't', 'r', 'd', 'w', 's', 'b', 'A', 'Z', 'S', 'D', 'W', '.', '-', '/',
        ])
    })
}

/// Whether a bracket behind the token may be laid out in ways that are not looked at: anything but names, values and what
/// brackets are opened for.
const fn unsettles(kind: TokenKind) -> bool {
    !matches!(
        kind,
        TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::String
            | TokenKind::FStringStart
            | TokenKind::FStringMiddle
            | TokenKind::FStringEnd
            | TokenKind::Equal
            | TokenKind::Dot
            | TokenKind::Colon
            | TokenKind::Ellipsis
            | TokenKind::Return
            | TokenKind::Def
            | TokenKind::Class
            | TokenKind::From
            | TokenKind::Import
            | TokenKind::At
            | TokenKind::True
            | TokenKind::False
            | TokenKind::None
    )
}
