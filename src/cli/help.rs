//! What help tells besides the arguments: presets and Django versions from the catalog, and examples.

use clap::Command;

use crate::catalog::Catalog;

/// Commands as one would type them, by the command that they are about; "" is the program itself.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "djscaffold new",
            "djscaffold new shop --yes --preset standard",
            "djscaffold -C shop add celery",
        ],
    ),
    (
        "new",
        &[
            "djscaffold new shop --yes --app catalogue --set accounts.login=email",
            "djscaffold new shop --yes --preset standard --with celery --set api.auth=jwt,session",
            "djscaffold new shop --yes --preset full --without nginx --dry-run",
        ],
    ),
    (
        "add",
        &[
            "djscaffold add celery --dry-run --diff",
            "djscaffold add cache --set cache.backend=memcached",
        ],
    ),
    (
        "set",
        &[
            "djscaffold set app.views=fbv",
            "djscaffold set 'project.title=The shop'",
        ],
    ),
    (
        "regen",
        &[
            "djscaffold regen config/urls.py",
            "djscaffold regen api --discard-edits --dry-run --diff",
        ],
    ),
    ("undo", &["djscaffold undo --list", "djscaffold undo --dry-run --diff"]),
];

/// The command line with all that help tells.
pub(super) fn complete(command: Command, catalog: &Catalog) -> Command {
    let mut command = command;
    for (about, examples) in EXAMPLES {
        let mut text = String::new();
        if matches!(*about, "" | "new") {
            text.push_str(&choices(catalog));
        }
        text.push_str(&format!("Examples:\n  {}", examples.join("\n  ")));
        command = if about.is_empty() {
            command.after_help(text)
        } else {
            command.mut_subcommand(*about, |command| command.after_help(text))
        };
    }
    command
}

fn choices(catalog: &Catalog) -> String {
    let mut text = "Presets:\n".to_owned();
    for name in catalog.preset_names() {
        text.push_str(&format!("  {name:<9} {}\n", catalog.preset_summary(name)));
    }
    text.push_str("\nDjango versions:\n");
    let lines = catalog.lines();
    for (name, line) in &lines.lines {
        let default = if *name == lines.default { " (default)" } else { "" };
        text.push_str(&format!("  {name:<9} {}{default}\n", line.summary));
    }
    text.push('\n');
    text
}
