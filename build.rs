//! Parses the templates and the tables, so that the program need not; makes the build notice a template that was added, as
//! `include_dir!` alone sees only changed ones; says which commit is built, for `--version`; and how it is linked.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use handlebars::Template;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

#[path = "src/parsed/encode.rs"]
mod encode;
#[path = "src/parsed/stored.rs"]
mod stored;
#[path = "src/parsed/tags.rs"]
mod tags;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const KINDS: &str = "src/model/kinds.toml";

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/parsed");
    println!("cargo::rerun-if-changed={KINDS}");
    println!("cargo::rerun-if-changed=templates");
    let place = PathBuf::from(std::env::var("OUT_DIR")?).join("parsed");
    std::fs::write(place, shelf(Path::new("templates"), Path::new(KINDS))?)?;
    println!(
        "cargo::rustc-env=DJSCAFFOLD_TEMPLATES={:x}",
        digest(Path::new("templates"))?
    );

    if std::env::var("CARGO_CFG_TARGET_OS")? == "linux" && std::env::var("CARGO_CFG_TARGET_ENV")? == "gnu" {
        // A fixed address: else 26,000 pointers, most of them in tables, are adjusted at each start.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }

    let version = env!("CARGO_PKG_VERSION");
    let commit = git(&["log", "-1", "--format=%h %cs"]);
    match commit {
        Some(commit) => println!("cargo::rustc-env=DJSCAFFOLD_VERSION={version} ({commit})"),
        // A source archive: the version says it all.
        None => println!("cargo::rustc-env=DJSCAFFOLD_VERSION={version}"),
    }
    // Both say when another commit is built.
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    Ok(())
}

/// All templates and tables below a directory, parsed, and one table more. What can't be parsed is left out: whoever
/// reads it is told so.
fn shelf(root: &Path, table: &Path) -> Result<Vec<u8>> {
    let mut texts = Vec::from_iter(read(table));
    collect(root, &mut texts)?;
    let mut parsed = BTreeMap::new();
    for (path, text) in &texts {
        let path = path
            .strip_prefix(root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        if path.ends_with(".toml")
            && let Ok(table) = text.parse::<toml::Table>()
        {
            for expression in expressions(&table) {
                store(&expression, false, &mut parsed);
            }
            let json = serde_json::to_vec(&table)?;
            parsed.insert(stored::key(text, false), json);
        } else if path.ends_with(".hbs") || path.contains("/slots/") {
            store(text, tags::uses_brackets(&path), &mut parsed);
        }
    }
    let shelf: stored::Shelf<'_> = parsed.iter().map(|(key, bytes)| (*key, bytes.as_slice())).collect();
    Ok(postcard::to_allocvec(&shelf)?)
}

/// A hash of all files below a directory.
fn digest(folder: &Path) -> Result<u64> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    let mut hasher = Xxh3::new();
    for path in paths {
        hasher.update(path.to_string_lossy().as_bytes());
        if path.is_dir() {
            hasher.update(&digest(&path)?.to_le_bytes());
        } else {
            hasher.update(&xxh3_64(&std::fs::read(&path)?).to_le_bytes());
        }
    }
    Ok(hasher.digest())
}

fn collect(folder: &Path, texts: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, texts)?;
        } else {
            texts.extend(read(&path));
        }
    }
    Ok(())
}

/// A file with its text; none if it has no text.
fn read(path: &Path) -> Option<(PathBuf, String)> {
    Some((path.to_owned(), std::fs::read_to_string(path).ok()?))
}

fn store(text: &str, brackets: bool, parsed: &mut BTreeMap<u128, Vec<u8>>) {
    if let Ok(template) = Template::compile(&tags::prepare(text, brackets))
        && let Some(bytes) = encode::encode(&template)
    {
        parsed.insert(stored::key(text, brackets), bytes);
    }
}

/// The conditions and the texts with tags of a `component.toml`.
fn expressions(manifest: &toml::Table) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in manifest {
        gather(value, name == "conditions" || name == "when", &mut found);
    }
    found
}

fn gather(value: &toml::Value, is_condition: bool, found: &mut Vec<String>) {
    match value {
        toml::Value::String(text) if is_condition => found.push(stored::condition(text)),
        toml::Value::String(text) if text.contains("{{") => found.push(text.clone()),
        toml::Value::Array(values) => values.iter().for_each(|value| gather(value, is_condition, found)),
        toml::Value::Table(table) => {
            for (name, value) in table {
                gather(value, is_condition || name == "when", found);
            }
        }
        _ => {}
    }
}

/// What git prints in a clone of djscaffold; none elsewhere, as in an archive that lies in another repository.
fn git(arguments: &[&str]) -> Option<String> {
    if !Path::new(".git").exists() {
        return None;
    }
    let output = Command::new("git").args(arguments).output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !printed.trim().is_empty()).then(|| printed.trim().to_owned())
}
