//! A text as lines, and what is on disk around them.

const BOM: &str = "\u{feff}";

/// How the lines of a file end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// There is no line end in it.
    None,
    Lf,
    CrLf,
    /// Some of both: its lines keep their carriage returns.
    Mixed,
}

/// What is around the lines on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) bom: bool,
    pub(super) ends: LineEnds,
    pub(super) final_newline: bool,
}

impl Shape {
    /// The shape of a merge: the user's, but for what only the new render changed.
    pub(super) fn merged(base: Self, ours: Self, theirs: Self) -> Self {
        Self {
            bom: ours.bom,
            ends: if ours.ends == LineEnds::None {
                theirs.ends
            } else {
                ours.ends
            },
            final_newline: if ours.final_newline == base.final_newline {
                theirs.final_newline
            } else {
                ours.final_newline
            },
        }
    }

    /// The lines as bytes for the disk.
    pub(super) fn write<'a>(self, lines: impl Iterator<Item = &'a str>) -> Vec<u8> {
        let end = if self.ends == LineEnds::CrLf { "\r\n" } else { "\n" };
        let mut text = if self.bom { BOM.to_owned() } else { String::new() };
        let mut last = None;
        for line in lines {
            if last.is_some() {
                text.push_str(end);
            }
            text.push_str(line);
            last = Some(line);
        }
        // An empty last line would be lost without its end.
        if last.is_some_and(|last| self.final_newline || last.is_empty()) {
            text.push_str(end);
        }
        text.into_bytes()
    }
}

/// One of the three texts of a merge.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) shape: Shape,
    pub(super) lines: Vec<String>,
}

impl Source {
    /// Reads bytes as on disk; those that are no text give nothing.
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(content).ok().filter(|text| !text.contains('\0'))?;
        let (bom, text) = text.strip_prefix(BOM).map_or((false, text), |text| (true, text));
        let ends = line_ends(text);
        let final_newline = text.is_empty() || text.ends_with('\n');
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        if final_newline {
            lines.pop();
        }
        if ends == LineEnds::CrLf {
            let ended = if final_newline { lines.len() } else { lines.len() - 1 };
            for line in &mut lines[..ended] {
                line.pop();
            }
        }
        let shape = Shape {
            bom,
            ends,
            final_newline,
        };
        Some(Self { shape, lines })
    }

    /// Whether the lines are the same; how they end is no difference.
    pub(super) fn has_lines_of(&self, other: &Self) -> bool {
        self.lines.len() == other.lines.len()
            && self
                .lines
                .iter()
                .zip(&other.lines)
                .all(|(mine, other)| key(mine) == key(other))
    }

    /// The text with a line feed after each line.
    pub(super) fn text(&self) -> String {
        text_of(&self.lines)
    }

    /// The same file with other lines.
    pub(super) fn with_text(&self, text: &str) -> Self {
        Self {
            shape: self.shape,
            lines: lines_of(text),
        }
    }

    /// The lines as this file has them on disk.
    pub(super) fn write(&self, shape: Shape) -> Vec<u8> {
        shape.write(self.lines.iter().map(String::as_str))
    }
}

/// Lines with a line feed after each.
pub(super) fn text_of<S: AsRef<str>>(lines: &[S]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.as_ref());
        text.push('\n');
    }
    text
}

/// The lines of a text that has line feeds.
pub(super) fn lines_of(text: &str) -> Vec<String> {
    text.split_terminator('\n').map(str::to_owned).collect()
}

/// What makes two lines the same.
pub(super) fn key(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

fn line_ends(text: &str) -> LineEnds {
    let all = text.matches('\n').count();
    match text.matches("\r\n").count() {
        _ if all == 0 => LineEnds::None,
        0 => LineEnds::Lf,
        with_return if with_return == all => LineEnds::CrLf,
        _ => LineEnds::Mixed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_as_it_was() {
        let texts = [
            "",
            "a",
            "a\n",
            "\n",
            "\n\n",
            "a\r\nb\r\n",
            "a\r\nb",
            "a\r\nb\r",
            "a\nb\r\n",
            "\u{feff}a\n",
            "\u{feff}",
            "a\rb\n",
        ];
        for text in texts {
            let source = Source::read(text.as_bytes()).unwrap();
            assert_eq!(source.write(source.shape), text.as_bytes(), "{text:?}");
        }
        assert!(Source::read(b"a\0b").is_none());
        assert!(Source::read(b"\xff\n").is_none());
    }
}
