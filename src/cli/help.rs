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
            "djscaffold add app shop",
            "djscaffold add model shop.Product name:char:120 price:decimal:8,2",
        ],
    ),
    (
        "add app",
        &[
            "djscaffold add app shop --views cbv",
            "djscaffold add app shop --title 'The shop'",
        ],
    ),
    (
        "add model",
        &[
            "djscaffold add model",
            "djscaffold add model shop.Category name:char:50! --label name",
            "djscaffold add model shop.Product name:char:120 price:decimal:8,2 stock:positive=0 \\\n      \
             status:choice:draft,live=draft 'category:fk:Category?' owner:user \\\n      \
             --label name --slug slug --owner owner --public status=live",
            "djscaffold add model shop.Invoice --label number     # the class is in shop/models.py",
        ],
    ),
    (
        "remove",
        &[
            "djscaffold remove celery --dry-run",
            "djscaffold remove model shop.Product",
            "djscaffold remove app shop",
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
        if *about == "add model" {
            text.push_str(&fields(catalog));
        }
        text.push_str(&format!("Examples:\n  {}", examples.join("\n  ")));
        let names: Vec<&str> = about.split_whitespace().collect();
        command = with_help(command, &names, text);
    }
    command
}

fn with_help(command: Command, names: &[&str], text: String) -> Command {
    match names.split_first() {
        None => command.after_help(text),
        Some((name, names)) => command.mut_subcommand(name, |command| with_help(command, names, text)),
    }
}

/// How a field is written, with an example of every kind.
fn fields(catalog: &Catalog) -> String {
    let mut text = "Fields, one word each; in most shells, words with ? or ! need quotes:\n".to_owned();
    for (form, about) in [
        ("?", "may be empty; the same as an argument: optional"),
        ("!", "unique; the same as an argument: unique"),
        (
            "=VALUE",
            "the default of a new object; in double quotes if it ends in ? or !",
        ),
        ("index", "as an argument: the column has an index"),
    ] {
        text.push_str(&format!("  {form:<9} {about}\n"));
    }
    text.push_str("\nKinds, with their arguments and an example:\n");
    for (name, kind) in catalog.kinds().declarable() {
        let names: Vec<&str> = std::iter::once(name)
            .chain(kind.short.iter().map(String::as_str))
            .chain(kind.user_short.as_deref())
            .collect();
        let flags = ["auto_now_add", "auto_now"].into_iter().filter(|flag| kind.takes(flag));
        let arguments: Vec<&str> = kind.arguments.iter().map(String::as_str).chain(flags).collect();
        let example = kind.example.as_deref().unwrap_or_default();
        let line = format!("  {:<24} {:<32} {example}", names.join(", "), arguments.join(", "));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str("\non_delete: cascade (default), protect, restrict, set_null. to: a model, self, or user.\n\n");
    text
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
