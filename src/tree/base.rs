//! The last render as one text file that the project keeps: `.djscaffold/base`.
//!
//! A header line per file (`file`, mode, path), then its content with each line behind one space, so that any content
//! round-trips and git merges it line by line. A last line without an end is marked `\` as in a unified diff. A file
//! that is no text is kept by its hash only. Private files are never in it.

use std::fmt::Write as _;

use super::{Entry, Mode, Ownership, Tree};
use crate::error::{Error, Result};

const HEADER: &str = "djscaffold base 1";

/// Writes a tree as the text of `.djscaffold/base`.
#[must_use]
pub fn write_base(tree: &Tree) -> String {
    let mut text = format!("{HEADER}\n");
    for (path, entry) in tree.iter().filter(|(_, entry)| entry.mode != Mode::Private) {
        let mode = match entry.mode {
            Mode::Executable => "executable",
            Mode::Normal | Mode::Private => "normal",
        };
        let ownership = match entry.ownership {
            Ownership::Managed => "managed",
            Ownership::Once => "once",
        };
        match std::str::from_utf8(&entry.content) {
            Ok(content) => {
                let _ = writeln!(text, "file {mode} {ownership} {path}");
                for line in content.split_inclusive('\n') {
                    text.push(' ');
                    text.push_str(line);
                    if !line.ends_with('\n') {
                        text.push_str("\n\\\n");
                    }
                }
            }
            Err(_) => {
                let _ = writeln!(
                    text,
                    "binary {mode} {ownership} {:016x} {path}",
                    content_hash(&entry.content)
                );
            }
        }
    }
    text
}

/// Reads the text of `.djscaffold/base` back. Binary files come back without their content.
///
/// # Errors
/// The first line that does not fit the format, by its number.
pub fn parse_base(text: &str) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut lines = text.split_inclusive('\n').enumerate();
    if lines.next().map(|(_, line)| line.trim_end()) != Some(HEADER) {
        return Err(malformed(1));
    }
    let mut current: Option<(String, Entry)> = None;
    for (index, line) in lines {
        if let Some(content) = line.strip_prefix(' ') {
            let (_, entry) = current.as_mut().ok_or_else(|| malformed(index + 1))?;
            entry.content.extend_from_slice(content.as_bytes());
        } else if line.trim_end() == "\\" {
            let (_, entry) = current.as_mut().ok_or_else(|| malformed(index + 1))?;
            entry.content.pop();
        } else {
            if let Some((path, entry)) = current.take() {
                tree.insert(path, entry);
            }
            current = Some(parse_header(line.trim_end_matches('\n')).ok_or_else(|| malformed(index + 1))?);
        }
    }
    if let Some((path, entry)) = current {
        tree.insert(path, entry);
    }
    Ok(tree)
}

fn parse_header(line: &str) -> Option<(String, Entry)> {
    let (kind, rest) = line.split_once(' ')?;
    let (mode, rest) = rest.split_once(' ')?;
    let (ownership, rest) = rest.split_once(' ')?;
    let path = match kind {
        "file" => rest,
        "binary" => rest.split_once(' ')?.1,
        _ => return None,
    };
    let entry = Entry {
        content: Vec::new(),
        mode: match mode {
            "normal" => Mode::Normal,
            "executable" => Mode::Executable,
            _ => return None,
        },
        ownership: match ownership {
            "managed" => Ownership::Managed,
            "once" => Ownership::Once,
            _ => return None,
        },
    };
    Some((path.to_owned(), entry))
}

fn malformed(line: usize) -> Error {
    Error::input(format!("`.djscaffold/base` line {line} is not what djscaffold writes"))
        .hint("take the file from version control again")
}

/// FNV-1a, 64 bits: enough to see that a binary file was changed.
fn content_hash(content: &[u8]) -> u64 {
    content.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_round_trips(files in proptest::collection::btree_map("[a-z][a-z/ ._-]{0,12}[a-z]", "(\\PC|\n|\r|\t|\\\\| ){0,80}", 0..5)) {
            let mut tree = Tree::default();
            for (path, content) in files {
                tree.insert(path, Entry::text(content));
            }
            prop_assert_eq!(parse_base(&write_base(&tree)).unwrap(), tree);
        }
    }

    #[test]
    fn secrets_stay_out() {
        let mut tree = Tree::default();
        tree.insert(
            ".env",
            Entry {
                mode: Mode::Private,
                ..Entry::text("SECRET_KEY=hush\n")
            },
        );
        assert!(!write_base(&tree).contains("hush"));
    }
}
