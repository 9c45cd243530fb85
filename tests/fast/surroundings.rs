//! What the caller's shell, hook or machine has set does not lead djscaffold elsewhere.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::program;

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder);
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A repository of somebody else's with one commit.
fn other(parent: &Path) -> std::path::PathBuf {
    let other = parent.join("other");
    fs_err::create_dir(&other).unwrap();
    git(&other, &["init", "--quiet", "--initial-branch=main"]);
    fs_err::write(other.join("theirs.txt"), "theirs\n").unwrap();
    git(&other, &["add", "--all"]);
    let author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    git(
        &other,
        &[&author[..], &["commit", "--quiet", "--message", "Theirs"]].concat(),
    );
    other
}

fn new(parent: &Path, variables: &[(&str, &Path)]) -> Output {
    fs_err::write(
        parent.join(".gitconfig"),
        "[user]\nname = Ada\nemail = ada@example.org\n",
    )
    .unwrap();
    let mut command = Command::new(program());
    command
        .args(["new", "shop", "--yes", "--no-sync"])
        .env("HOME", parent)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .current_dir(parent);
    for (name, value) in variables {
        command.env(name, value);
    }
    command.output().unwrap()
}

#[test]
fn a_commit_goes_to_no_other_repository() {
    for names in [
        &["GIT_DIR"][..],
        &["GIT_DIR", "GIT_WORK_TREE"],
        &["GIT_INDEX_FILE"],
        &["GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"],
        &["GIT_OBJECT_DIRECTORY"],
        &["GIT_COMMON_DIR", "GIT_DIR"],
    ] {
        let parent = tempfile::tempdir().unwrap();
        let other = other(parent.path());
        let before = git(&other, &["ls-files", "--stage"]);
        let value = |name: &str| match name {
            "GIT_WORK_TREE" => other.clone(),
            "GIT_INDEX_FILE" => other.join(".git/index"),
            "GIT_OBJECT_DIRECTORY" => other.join(".git/objects"),
            "GIT_PREFIX" => "deep/".into(),
            _ => other.join(".git"),
        };
        let values: Vec<_> = names.iter().map(|name| (*name, value(name))).collect();
        let variables: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_path())).collect();
        let output = new(parent.path(), &variables);
        assert!(output.status.success(), "{names:?}");
        assert_eq!(git(&other, &["ls-files", "--stage"]), before, "{names:?}");
        assert_eq!(git(&other, &["rev-list", "--count", "--all"]).trim(), "1", "{names:?}");
        let project = parent.path().join("shop");
        assert_eq!(
            git(&project, &["rev-list", "--count", "--all"]).trim(),
            "1",
            "{names:?}"
        );
        assert_eq!(git(&project, &["status", "--porcelain"]), "", "{names:?}");
        git(&project, &["fsck", "--strict"]);
    }
}

#[test]
fn what_a_global_ignore_file_keeps_out_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let ignore = parent.path().join(".config/git/ignore");
    fs_err::create_dir_all(ignore.parent().unwrap()).unwrap();
    fs_err::write(&ignore, "*.css\n.env*\nlocal.py\nuv.lock\n").unwrap();
    let output = new(parent.path(), &[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("static/css/site.css"), "{said}");
    assert!(!said.contains("committed all"), "{said}");
    let project = parent.path().join("shop");
    let tracked = git(&project, &["ls-files"]);
    for path in [".env.example", "config/settings/local.py", "manage.py"] {
        assert!(tracked.lines().any(|line| line == path), "{path}");
    }
    let hint = said.split("run `").nth(1).unwrap().split('`').next().unwrap();
    let mut by_hand = Command::new("sh");
    by_hand
        .args(["-c", hint])
        .current_dir(&project)
        .env("HOME", parent.path());
    by_hand.envs([
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.org"),
    ]);
    assert!(by_hand.output().unwrap().status.success(), "{hint}");
    assert!(git(&project, &["ls-files"]).contains("static/css/site.css"));
    assert!(!git(&project, &["ls-files"]).lines().any(|line| line == ".env"));
}
