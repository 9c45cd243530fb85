//! What is left for a person to settle.

use super::source::{Shape, key};

const OURS: &str = "<<<<<<< yours";
const BASE: &str = "||||||| generated before";
const MIDDLE: &str = "=======";
const THEIRS: &str = ">>>>>>> djscaffold";

/// A stretch of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Settled(Vec<String>),
    Open {
        ours: Vec<String>,
        base: Vec<String>,
        theirs: Vec<String>,
    },
}

/// A merge in which both sides changed the same: settled and conflicting regions in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub(super) pieces: Vec<Piece>,
    pub(super) shape: Shape,
}

impl Conflict {
    /// How many conflicts there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pieces
            .iter()
            .filter(|piece| matches!(piece, Piece::Open { .. }))
            .count()
    }

    /// The file with every conflict settled for the user, and everything else merged.
    #[must_use]
    pub fn mine(&self) -> Vec<u8> {
        self.settled(|ours, _| ours)
    }

    /// The file with every conflict settled for the new render, and everything else merged.
    #[must_use]
    pub fn theirs(&self) -> Vec<u8> {
        self.settled(|_, theirs| theirs)
    }

    /// Each conflict for people: what is the user's, what djscaffold generates now, and what it was before.
    #[must_use]
    pub fn told(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            let Piece::Open { ours, base, theirs } = piece else {
                continue;
            };
            for (whose, side) in [("yours", ours), ("djscaffold's", theirs), ("before", base)] {
                text.push_str(&format!("  {whose}:\n"));
                match side.as_slice() {
                    [] => text.push_str("    (nothing)\n"),
                    lines => lines.iter().for_each(|line| text.push_str(&format!("    {line}\n"))),
                }
            }
        }
        text
    }

    fn settled<'a>(&'a self, choose: impl Fn(&'a [String], &'a [String]) -> &'a [String]) -> Vec<u8> {
        let lines = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Settled(lines) => lines,
            Piece::Open { ours, theirs, .. } => choose(ours, theirs),
        });
        self.shape.write(lines.map(String::as_str))
    }

    /// The file with markers round every conflict; `version` is of the djscaffold that renders now.
    #[must_use]
    pub fn with_markers(&self, version: &str) -> Vec<u8> {
        let end = format!("{THEIRS} {version}");
        let mut lines: Vec<&str> = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Settled(settled) => lines.extend(settled.iter().map(String::as_str)),
                Piece::Open { ours, base, theirs } => {
                    for (marker, side) in [(OURS, ours), (BASE, base), (MIDDLE, theirs)] {
                        lines.push(marker);
                        lines.extend(side.iter().map(String::as_str));
                    }
                    lines.push(&end);
                }
            }
        }
        let ends_open = matches!(self.pieces.last(), Some(Piece::Open { .. }));
        let shape = Shape {
            final_newline: self.shape.final_newline || ends_open,
            ..self.shape
        };
        shape.write(lines.into_iter())
    }
}

/// Whether a file still holds markers of a conflict that we wrote.
#[must_use]
pub fn has_markers(content: &[u8]) -> bool {
    // Most files contain no marker's text.
    let has_words = |text: &str| [OURS, BASE, THEIRS].iter().any(|marker| text.contains(marker));
    if std::str::from_utf8(content).is_ok_and(|text| !has_words(text)) {
        return false;
    }
    content.split(|byte| *byte == b'\n').any(|line| {
        let Ok(line) = std::str::from_utf8(line) else {
            return false;
        };
        let line = key(line.trim_start_matches('\u{feff}'));
        line == OURS || line == BASE || line.strip_prefix(THEIRS).is_some_and(|rest| rest.starts_with(' '))
    })
}

/// A file with markers of ours, as its owner had it there: their side of each conflict, and all that is settled.
#[must_use]
pub fn own_side(content: &[u8]) -> Vec<u8> {
    let mut is_theirs = false;
    let is_kept = |line: &&[u8]| {
        let text = String::from_utf8_lossy(line);
        let text = key(text.trim_end_matches(['\r', '\n']).trim_start_matches('\u{feff}'));
        let ends = text.strip_prefix(THEIRS).is_some_and(|rest| rest.starts_with(' '));
        is_theirs = (is_theirs || text == BASE) && !ends;
        !(is_theirs || ends || text == OURS)
    };
    let lines = content.split_inclusive(|byte| *byte == b'\n');
    lines.filter(is_kept).flatten().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::text::source::LineEnds;

    fn conflict(ends: LineEnds) -> Conflict {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        Conflict {
            pieces: vec![
                Piece::Settled(lines("a")),
                Piece::Open {
                    ours: lines("mine"),
                    base: lines("old"),
                    theirs: lines("new"),
                },
            ],
            shape: Shape {
                bom: false,
                ends,
                final_newline: false,
            },
        }
    }

    #[test]
    fn markers_name_the_sides() {
        let conflict = conflict(LineEnds::CrLf);
        let text = String::from_utf8(conflict.with_markers("0.2")).unwrap();
        assert_eq!(
            text,
            "a\r\n<<<<<<< yours\r\nmine\r\n||||||| generated before\r\nold\r\n=======\r\nnew\r\n>>>>>>> djscaffold 0.2\r\n"
        );
        assert!(has_markers(text.as_bytes()));
        assert_eq!(
            (conflict.mine(), conflict.theirs()),
            (b"a\r\nmine".to_vec(), b"a\r\nnew".to_vec())
        );
    }

    #[test]
    fn other_lines_are_no_markers() {
        assert!(!has_markers(
            b"Title\n=======\n <<<<<<< yours\n<<<<<<< HEAD\n>>>>>>> djscaffolding\n"
        ));
    }

    #[test]
    fn the_owners_side_of_markers_is_what_they_had() {
        for ends in [LineEnds::Lf, LineEnds::CrLf] {
            let conflict = conflict(ends);
            let (owned, mine) = (own_side(&conflict.with_markers("1.0")), conflict.mine());
            assert_eq!(owned.trim_ascii_end(), mine.trim_ascii_end());
        }
        assert_eq!(own_side(b"a\n=======\nb"), b"a\n=======\nb");
    }
}
