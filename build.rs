//! Makes the build notice a template that was added, as `include_dir!` alone sees only changed ones; and says which commit
//! is built, for `--version`.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=templates");
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
