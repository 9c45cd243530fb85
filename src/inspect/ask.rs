//! Asking the project's own Django for its models.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Snapshot;
use crate::error::{Error, Result};

/// Given to the interpreter by its standard input, so that nothing is written.
const PROGRAM: &str = include_str!("django.py");

/// Asks Django for the models of the project in `folder`; `python` is the interpreter or the command that starts it. No
/// `AppConfig.ready()` runs.
///
/// # Errors
/// The interpreter does not start, or Django does not: its own message.
pub fn ask(python: &[String], folder: &Path) -> Result<Snapshot> {
    // What a project prints while it starts stands outside the marks.
    let mark = format!("djscaffold-{}", std::process::id());
    let command = python.join(" ");
    let not_started = |error: std::io::Error| Error::input(format!("`{command}` could not be started: {error}"));
    let (program, arguments) = python
        .split_first()
        .ok_or_else(|| Error::input("no interpreter is named"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .args(["-", &mark])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_started)?;
    if let Some(mut stdin) = child.stdin.take() {
        // An interpreter that ends early says why.
        let _ = stdin.write_all(PROGRAM.as_bytes());
    }
    let output = child.wait_with_output().map_err(not_started)?;
    let said = String::from_utf8_lossy(&output.stdout);
    if let Some(answer) = said.split(&mark).nth(1).filter(|_| output.status.success()) {
        return Snapshot::parse(answer).map_err(|error| Error::input(format!("`{command}` did not answer: {error}")));
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(Error::input(format!(
        "Django does not start, so that it can't say what models there are:\n{}",
        gist(&errors, folder)
    ))
    .hint(format!("`{command} manage.py check` shows more")))
}

/// The last place in the project's own code that a traceback names, and what went wrong.
fn gist(errors: &str, folder: &Path) -> String {
    let lines: Vec<&str> = errors.trim_end().lines().collect();
    let is_own = |line: &str| line.contains("File \"") && !line.contains("site-packages") && !line.contains("<stdin>");
    let below = folder.to_string_lossy();
    let own = lines.iter().rposition(|line| is_own(line) && line.contains(&*below));
    let end = lines
        .iter()
        .rposition(|line| line.starts_with("  "))
        .map_or(0, |last| last + 1);
    let Some(own) = own else {
        return lines[end.min(lines.len().saturating_sub(3))..].join("\n");
    };
    let shown = lines[own..end].iter().enumerate();
    // The frame, its line of code and, in a syntax error, the mark below it.
    let frame = shown
        .take_while(|(index, line)| *index == 0 || !line.trim_start().starts_with("File "))
        .map(|(_, line)| *line);
    frame
        .chain(lines[end..].iter().copied())
        .collect::<Vec<_>>()
        .join("\n")
        .replace(&format!("{below}/"), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_the_projects_own_code_is_told() {
        let errors = "Traceback (most recent call last):\n  File \"<stdin>\", line 9, in main\n  File \"/site/shop/models.py\", line 5, in <module>\n    x = models.CharField(defalt=1)\n  File \"/env/site-packages/django/db/models/fields/__init__.py\", line 1, in __init__\n    super().__init__()\nTypeError: unexpected keyword\n";
        let told = gist(errors, Path::new("/site"));
        assert_eq!(
            told,
            "  File \"shop/models.py\", line 5, in <module>\n    x = models.CharField(defalt=1)\nTypeError: unexpected keyword"
        );
        let errors = "  File \"/site/shop/models.py\", line 3\n    def x(:\n          ^\nSyntaxError: invalid syntax\n";
        assert_eq!(
            gist(errors, Path::new("/site")),
            errors.trim_end().replace("/site/", "")
        );
        assert_eq!(
            gist("there is no Django here\n", Path::new("/site")),
            "there is no Django here"
        );
    }
}
