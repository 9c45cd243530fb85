//! The last render as one text file that the project keeps: `.djscaffold/base`.
//!
//! A header line per file (`file`, mode, ownership, component, path), then its content with each line behind one space, so
//! that any content round-trips and git merges it line by line. A last line without an end is marked `\` as in a unified
//! diff. A file that is no text is kept by its hash only. Private files are never in it.
//!
//! Every line that is content begins with a space, so what git leaves of a conflict can't be mistaken for any. One side of
//! it is as good as the other: what the project and the next render have both is no change, whatever the base says.

use std::fmt::Write as _;

use xxhash_rust::xxh3::xxh3_64;

use super::path::is_inside;
use super::{Entry, Mode, Ownership, Tree};
use crate::error::{Error, Result};

const HEADER: &str = "djscaffold base 1";
/// Stands for the component of djscaffold's own files.
const NO_COMPONENT: &str = "-";

/// Writes a tree as the text of `.djscaffold/base`.
#[must_use]
pub fn write_base(tree: &Tree) -> String {
    let entries = || tree.iter().filter(|(_, entry)| entry.mode != Mode::Private);
    let length: usize = entries().map(|(_, entry)| entry.content.len()).sum();
    // With room for headers and spaces.
    let mut text = String::with_capacity(length + length / 8);
    text.push_str(HEADER);
    text.push('\n');
    for (path, entry) in entries() {
        write_entry(&mut text, path, entry);
    }
    text
}

fn write_entry(text: &mut String, path: &str, entry: &Entry) {
    let mode = match entry.mode {
        Mode::Executable => "executable",
        Mode::Normal | Mode::Private => "normal",
    };
    let ownership = match entry.ownership {
        Ownership::Managed => "managed",
        Ownership::Once => "once",
    };
    let component = match entry.component.as_str() {
        "" => NO_COMPONENT,
        component => component,
    };
    let content = std::str::from_utf8(&entry.content)
        .ok()
        .filter(|_| entry.digest.is_none());
    let Some(content) = content else {
        let digest = entry.digest.unwrap_or_else(|| xxh3_64(&entry.content));
        let _ = writeln!(text, "binary {mode} {ownership} {component} {digest:016x} {path}");
        return;
    };
    let _ = writeln!(text, "file {mode} {ownership} {component} {path}");
    for line in content.split_inclusive('\n') {
        text.push(' ');
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\\n");
        }
    }
}

/// Reads the text of `.djscaffold/base` back. Binary files come back by their hash, and of what git left in conflict the
/// first side is taken.
///
/// # Errors
/// The first line that does not fit the format, by its number.
pub fn parse_base(text: &str) -> Result<Tree> {
    let mut tree = Tree::default();
    let mut current: Option<(String, Entry)> = None;
    let mut conflict = Side::Both;
    let mut has_header = false;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        // Nearly all lines are like this.
        if conflict == Side::Both
            && let Some((_, entry)) = &mut current
            && let Some(content) = line.strip_prefix(' ')
        {
            entry.content.extend_from_slice(content.as_bytes());
        } else if let Some(next) = Side::after(line) {
            conflict = next;
        } else if conflict == Side::Other {
        } else if !has_header {
            if line.trim_end() != HEADER {
                return Err(malformed(index + 1));
            }
            has_header = true;
        } else if line.trim_end() == "\\" {
            let (_, entry) = current.as_mut().ok_or_else(|| malformed(index + 1))?;
            entry.content.pop();
        } else {
            if let Some((path, entry)) = current.take() {
                tree.insert(path, entry);
            }
            current = Some(parse_header(line.trim_end_matches(['\n', '\r'])).ok_or_else(|| malformed(index + 1))?);
        }
    }
    if let Some((path, entry)) = current {
        tree.insert(path, entry);
    }
    if has_header { Ok(tree) } else { Err(malformed(1)) }
}

/// Where in a conflict of git's a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// In none, or on the side that is taken.
    Both,
    /// On a side that is left out.
    Other,
}

impl Side {
    /// Where the lines behind a marker stand; none if the line is no marker.
    fn after(line: &str) -> Option<Self> {
        let marker = line.get(..7)?;
        match marker {
            "<<<<<<<" | ">>>>>>>" => Some(Self::Both),
            "|||||||" | "=======" => Some(Self::Other),
            _ => None,
        }
    }
}

fn parse_header(line: &str) -> Option<(String, Entry)> {
    let (kind, rest) = line.split_once(' ')?;
    let (mode, rest) = rest.split_once(' ')?;
    let (ownership, rest) = rest.split_once(' ')?;
    let (component, rest) = rest.split_once(' ')?;
    let (digest, path) = match kind {
        "file" => (None, rest),
        "binary" => {
            let (digest, path) = rest.split_once(' ')?;
            (Some(u64::from_str_radix(digest, 16).ok()?), path)
        }
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
        component: if component == NO_COMPONENT { "" } else { component }.to_owned(),
        digest,
    };
    is_inside(path).then(|| (path.to_owned(), entry))
}

fn malformed(line: usize) -> Error {
    Error::input(format!("`.djscaffold/base` line {line} is not what djscaffold writes"))
        .hint("restore the file from version control")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_round_trips(files in proptest::collection::btree_map("[a-z]([a-z ._-]{0,6}[a-z])?(/[a-z]([a-z ._-]{0,6}[a-z])?){0,2}", "(\\PC|\n|\r|\t|\\\\| ){0,80}", 0..5)) {
            let mut tree = Tree::default();
            for (path, content) in files {
                tree.insert(path, Entry::text(content));
            }
            prop_assert_eq!(parse_base(&write_base(&tree)).unwrap(), tree);
        }
    }

    #[test]
    fn of_a_conflict_that_git_left_one_side_is_taken() {
        let text = "djscaffold base 1\nfile normal managed base a.py\n one\n<<<<<<< HEAD\n mine\n||||||| x\n old\n\
                    =======\n theirs\nfile normal managed api b.py\n b\n>>>>>>> other\n two\n";
        let tree = parse_base(text).unwrap();
        assert_eq!(tree.get("a.py").unwrap().content, b"one\nmine\ntwo\n");
        assert!(tree.get("b.py").is_none());
    }

    #[test]
    fn a_path_out_of_the_project_is_refused() {
        for path in ["../x", "/etc/passwd", "a/../../x", ""] {
            let text = format!("djscaffold base 1\nfile normal managed base {path}\n x\n");
            assert!(parse_base(&text).is_err(), "{path}");
        }
    }

    #[test]
    fn a_binary_file_is_known_again() {
        let mut tree = Tree::default();
        let content = vec![0xff, 0, 1];
        tree.insert(
            "logo.png",
            Entry {
                content: content.clone(),
                ..Entry::text("")
            },
        );
        let read = parse_base(&write_base(&tree)).unwrap();
        let entry = read.get("logo.png").unwrap();
        assert!(entry.holds(&content) && !entry.holds(b"other"));
        assert_eq!(write_base(&read), write_base(&tree));
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
