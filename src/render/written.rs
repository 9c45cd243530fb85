//! What a template writes, and which lines of it come unchanged from the template.

use std::ops::Range;

use handlebars::Output;

/// A file's text as it is rendered.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    /// The whole lines that are the template's own words, in order: what is written at once with line ends. A value begins
    /// behind other text and has one line end at most, and slots write at once only lines that were literal.
    pub(super) literal: Vec<Range<usize>>,
}

impl Output for Written {
    fn write(&mut self, piece: &str) -> std::io::Result<()> {
        let begin = self.text.len();
        let is_line_start = begin == 0 || self.text.ends_with('\n');
        let first = if is_line_start {
            Some(0)
        } else {
            piece.find('\n').map(|at| at + 1)
        };
        if let (Some(first), Some(last)) = (first, piece.rfind('\n'))
            && first <= last
        {
            self.literal.push(begin + first..begin + last + 1);
        }
        self.text.push_str(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_lines_are_literal() {
        let mut written = Written::default();
        for piece in ["a = 1\nb = ", "m(\n2)", "\nc = 3\nd = 4\ne = ", "5\n", "f\n"] {
            written.write(piece).unwrap();
        }
        let lines: Vec<_> = written
            .literal
            .iter()
            .map(|range| &written.text[range.clone()])
            .collect();
        assert_eq!(lines, ["a = 1\n", "c = 3\nd = 4\n", "f\n"]);
    }
}
