//! Words of commands that people paste.

/// A word as a shell reads it back.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let plain = text
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "/._-+~=,:".contains(character));
    if plain && !text.is_empty() {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(shell_word("api.auth=jwt,session"), "api.auth=jwt,session");
        assert_eq!(shell_word("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(shell_word(""), "''");
    }
}
