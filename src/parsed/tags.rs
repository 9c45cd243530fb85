//! The textual pass before a template is parsed: `[[ ]]` tags where the file's own language uses `{{ }}`, and slots that
//! stand alone on a line.

/// Whether a file's own language uses `{{ }}`, so that our tags are `[[ ]]` there.
pub(crate) fn uses_brackets(path: &str) -> bool {
    let path = path.strip_suffix(".hbs").unwrap_or(path);
    let is_workflow = path.contains(".github/") || path.contains("dot-github/");
    path.ends_with(".html") || is_workflow && (path.ends_with(".yml") || path.ends_with(".yaml"))
}

/// Turns a template's text into what handlebars parses.
pub(crate) fn prepare(text: &str, brackets: bool) -> String {
    let text = if brackets {
        text.replace("{{", "\\{{").replace("[[", "{{").replace("]]", "}}")
    } else {
        text.to_owned()
    };
    let mut prepared = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        match content
            .strip_prefix("{{slot \"")
            .and_then(|rest| rest.strip_suffix("}}"))
            .and_then(|rest| rest.split_once('"'))
        {
            // As a block whose tags have lines of their own, it takes these lines with it: an empty slot leaves no trace. The
            // indentation goes to what lands there.
            Some((name, more)) => {
                let indentation = &line[..line.len() - line.trim_start().len()];
                prepared.push_str(&format!(
                    "{{{{#slot \"{name}\" \"{indentation}\"{more}}}}}\n{{{{/slot}}}}\n"
                ));
            }
            None => prepared.push_str(line),
        }
    }
    prepared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_ours_and_braces_theirs() {
        assert_eq!(prepare("{{ x }} [[name]]", true), "\\{{ x }} {{name}}");
        assert!(
            uses_brackets("a/b.html.hbs") && uses_brackets(".github/workflows/ci.yml") && !uses_brackets("compose.yml")
        );
    }

    #[test]
    fn a_slot_alone_on_its_line_takes_the_line_with_it() {
        assert_eq!(
            prepare("a\n    {{slot \"x\"}}\nb\n", false),
            "a\n{{#slot \"x\" \"    \"}}\n{{/slot}}\nb\n"
        );
        assert_eq!(
            prepare("  {{slot \"x\" model=this}}\n", false),
            "{{#slot \"x\" \"  \" model=this}}\n{{/slot}}\n"
        );
    }
}
