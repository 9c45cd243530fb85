//! What the table of kinds leaves open, filled in.

/// The names that can stand behind a `$` in the table of kinds; of those that begin alike, the longer first.
const PLACEHOLDERS: [&str; 17] = [
    "choice_value",
    "choice",
    "values",
    "value",
    "text",
    "all",
    "object",
    "opposite",
    "url",
    "max_length",
    "max_digits",
    "few_digits",
    "decimal_places",
    "label",
    "snake",
    "name",
    "app",
];

/// A text with what stands for its placeholders, each filled in once: what a user wrote is none of them.
pub(super) fn placeholders(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        let behind = &rest[start + 1..];
        let found = PLACEHOLDERS.into_iter().find(|name| behind.starts_with(name));
        filled.push_str(&rest[..start]);
        if let Some((name, value)) = found.and_then(|name| Some((name, value(name)?))) {
            filled.push_str(&value);
            rest = &behind[name.len()..];
        } else {
            filled.push('$');
            rest = behind;
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_is_not_filled_in_again() {
        let value = |name: &str| (name == "value").then(|| "\"$name, $value\"".to_owned());
        assert_eq!(placeholders("f($value, $other)", value), "f(\"$name, $value\", $other)");
    }
}
