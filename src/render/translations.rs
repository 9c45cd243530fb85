//! `.po` files: each text once, however many models have it.

use std::collections::HashSet;

/// Keeps the first of entries with the same text.
///
/// `text` is a `.po` file whose entries are parted by empty lines, as gettext writes them.
pub(super) fn unique(text: &str) -> String {
    let mut seen = HashSet::new();
    let entries: Vec<&str> = text
        .trim_end()
        .split("\n\n")
        .filter(|entry| seen.insert(message_id(entry)))
        .collect();
    entries.join("\n\n") + "\n"
}

/// What an entry translates, with its context, as it is written.
fn message_id(entry: &str) -> String {
    entry
        .lines()
        .skip_while(|line| !line.starts_with("msg"))
        .take_while(|line| !line.starts_with("msgstr"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_stays_once() {
        let first = "msgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n\nmsgid \"Tags\"\nmsgstr \"Schlagwörter\"\n";
        let again = "\nmsgid \"Tags\"\nmsgstr \"Andere\"\n\nmsgctxt \"menu\"\nmsgid \"Tags\"\nmsgstr \"Dritte\"\n";
        let kept = "\nmsgctxt \"menu\"\nmsgid \"Tags\"\nmsgstr \"Dritte\"\n";
        assert_eq!(unique(&format!("{first}{again}")), format!("{first}{kept}"));
    }
}
