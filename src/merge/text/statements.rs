//! A conflict in a module holds whole statements: half of a call is nothing that anybody can choose.

use std::ops::Range;

use ruff_python_ast::Stmt;
use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextSize};

use super::regions::{Kind, Region, Three};
use super::source::text_of;

/// Widens every conflict until it begins and ends between two statements in each of the three texts that can be read.
pub(super) fn widen(three: &Three, mut regions: Vec<Region>) -> Vec<Region> {
    let cuts = [&three.base, &three.ours, &three.theirs].map(|lines| Cuts::of(lines));
    let is_clean = |at: [usize; 3]| cuts.iter().zip(at).all(|(cuts, line)| cuts.are_between(line));
    let mut index = 0;
    while index < regions.len() {
        while regions[index].kind == Kind::Conflict && index > 0 && !is_clean(starts(&regions[index])) {
            let before = &mut regions[index - 1];
            let last = if is_plain(before) { 1 } else { usize::MAX };
            let taken = each(before, |range| range.end - last.min(range.len())..range.end);
            *before = shortened(before, |range| range.start..range.end - last.min(range.len()));
            let is_gone = is_empty(before);
            regions[index] = joined(&taken, &regions[index]);
            if is_gone {
                regions.remove(index - 1);
                index -= 1;
            }
        }
        while regions[index].kind == Kind::Conflict && index + 1 < regions.len() && !is_clean(ends(&regions[index])) {
            let behind = &mut regions[index + 1];
            let first = if is_plain(behind) { 1 } else { usize::MAX };
            let taken = each(behind, |range| range.start..range.start + first.min(range.len()));
            *behind = shortened(behind, |range| range.start + first.min(range.len())..range.end);
            let is_gone = is_empty(behind);
            regions[index] = joined(&regions[index], &taken);
            if is_gone {
                regions.remove(index + 1);
            }
        }
        index += 1;
    }
    regions
}

fn starts(region: &Region) -> [usize; 3] {
    [region.base.start, region.ours.start, region.theirs.start]
}

fn ends(region: &Region) -> [usize; 3] {
    [region.base.end, region.ours.end, region.theirs.end]
}

/// Whether a region's lines stand beside each other in all three texts, so that one of them can be taken away.
fn is_plain(region: &Region) -> bool {
    region.kind == Kind::Ours && region.base.len() == region.ours.len() && region.ours.len() == region.theirs.len()
}

fn is_empty(region: &Region) -> bool {
    region.base.is_empty() && region.ours.is_empty() && region.theirs.is_empty()
}

fn each(region: &Region, part: impl Fn(&Range<usize>) -> Range<usize>) -> Region {
    Region {
        kind: Kind::Conflict,
        base: part(&region.base),
        ours: part(&region.ours),
        theirs: part(&region.theirs),
    }
}

fn shortened(region: &Region, part: impl Fn(&Range<usize>) -> Range<usize>) -> Region {
    Region {
        kind: region.kind,
        ..each(region, part)
    }
}

fn joined(first: &Region, second: &Region) -> Region {
    Region {
        kind: Kind::Conflict,
        base: first.base.start..second.base.end,
        ours: first.ours.start..second.ours.end,
        theirs: first.theirs.start..second.theirs.end,
    }
}

/// Where one text can be cut.
struct Cuts {
    /// Lines that go on with what the line before them began.
    inside: Vec<bool>,
}

impl Cuts {
    fn of(lines: &[String]) -> Self {
        let text = text_of(lines);
        let mut reader = Reader {
            text: &text,
            inside: vec![false; lines.len() + 1],
        };
        if let Ok(module) = parse_module(&text) {
            reader.visit_body(&module.syntax().body);
        }
        Self { inside: reader.inside }
    }

    /// Whether a statement, or a line of its own such as the head of a function, ends before a line.
    fn are_between(&self, line: usize) -> bool {
        !self.inside.get(line).copied().unwrap_or_default()
    }
}

struct Reader<'a> {
    text: &'a str,
    inside: Vec<bool>,
}

impl Reader<'_> {
    fn hold_together(&mut self, from: TextSize, to: TextSize) {
        let line = |at: TextSize| self.text[..usize::from(at)].matches('\n').count();
        let (first, last) = (line(from), line(to));
        self.inside[first + 1..=last].fill(true);
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        // Of what has a body only the head is held together.
        let head = match statement {
            Stmt::FunctionDef(function) => Some(match &function.returns {
                Some(returns) => returns.end(),
                None => function.parameters.end(),
            }),
            Stmt::ClassDef(class) => Some(match &class.arguments {
                Some(arguments) => arguments.end(),
                None => class.name.end(),
            }),
            Stmt::If(branch) => Some(branch.test.end()),
            Stmt::While(repeated) => Some(repeated.test.end()),
            Stmt::For(repeated) => Some(repeated.iter.end()),
            Stmt::With(with) => with.items.last().map(Ranged::end),
            Stmt::Match(matched) => Some(matched.subject.end()),
            Stmt::Try(_) => Some(statement.start()),
            _ => Some(statement.end()),
        };
        self.hold_together(statement.start(), head.unwrap_or(statement.start()));
        walk_stmt(self, statement);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_statements_only() {
        let lines: Vec<String> = "@one(\n    1,\n)\ndef f(\n    a,\n):\n    if (\n        a\n    ):\n        x = [\n            1,\n        ]\n    '''doc\n    more'''\n\ny = 1"
            .lines()
            .map(str::to_owned)
            .collect();
        let cuts = Cuts::of(&lines);
        let clean: Vec<usize> = (0..=lines.len()).filter(|line| cuts.are_between(*line)).collect();
        assert_eq!(clean, [0, 6, 8, 9, 12, 14, 15, 16]);
    }
}
