//! Free text becomes a literal of the language that it lands in. Nothing else may put a user's text into a file.

use std::fmt::Write as _;

/// All on one line: runs of white space and control characters become one space.
#[must_use]
pub fn one_line(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|character| {
            if character.is_control() || is_line_end(character) {
                ' '
            } else {
                character
            }
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_line_end(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{85}')
}

/// A Python string literal, quotes included.
pub(crate) fn python(text: &str) -> String {
    double_quoted(text, |character| {
        character.is_control() || is_line_end(character) || is_directional(character)
    })
}

/// A TOML basic string on one line, quotes included.
pub(crate) fn toml(text: &str) -> String {
    double_quoted(text, char::is_control)
}

/// What Python and TOML have in common: backslash escapes, and `\uXXXX` for what must not stand there as it is.
fn double_quoted(text: &str, is_hidden: impl Fn(char) -> bool) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                let _ = write!(literal, "\\u{:04x}", u32::from(hidden));
            }
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// Characters that change the reading direction of source code.
fn is_directional(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A JSON string; YAML reads it as a double-quoted scalar.
pub(crate) fn json(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007f")
        .replace('\u{85}', "\\u0085")
}

/// A value in a dotenv file, on one line, in double quotes.
pub(crate) fn dotenv(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in one_line(text).chars() {
        if matches!(character, '"' | '\\' | '$' | '`') {
            literal.push('\\');
        }
        literal.push(character);
    }
    literal.push('"');
    literal
}

/// One word for a POSIX shell.
pub(crate) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}

/// Inline text in Markdown.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for character in one_line(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '>' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text in HTML, safe in a Django template too.
pub(crate) fn html(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '{' => escaped.push_str("&#123;"),
            '}' => escaped.push_str("&#125;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn toml_reads_back_what_was_quoted(text in any::<String>()) {
            let parsed: ::toml::Table = ::toml::from_str(&format!("x = {}", toml(&text))).unwrap();
            prop_assert_eq!(parsed["x"].as_str(), Some(text.as_str()));
        }

        #[test]
        fn json_reads_back_what_was_quoted(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&json(&text)).unwrap(), text);
        }

        #[test]
        fn shell_words_read_back_what_was_quoted(text in "[^\0]*") {
            prop_assert_eq!(shlex::split(&shell(&text)), Some(vec![text]));
        }

        #[test]
        fn python_reads_back_what_was_quoted(text in any::<String>()) {
            let module = ruff_python_parser::parse_expression(&python(&text)).unwrap().into_syntax();
            prop_assert_eq!(module.body.as_string_literal_expr().map(|literal| literal.value.to_str().to_owned()), Some(text));
        }

        #[test]
        fn the_rest_stays_on_its_line(text in any::<String>()) {
            for quoted in [one_line(&text), dotenv(&text), markdown(&text), python(&text), toml(&text), json(&text)] {
                prop_assert_eq!(quoted.lines().count().max(1), 1);
            }
        }

        #[test]
        fn html_holds_no_markup(text in any::<String>()) {
            let is_clean = !html(&text).contains(['<', '>', '"', '\'', '{', '}']);
            prop_assert!(is_clean);
        }
    }
}
