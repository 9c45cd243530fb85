//! Two who each ran djscaffold merge with git, as with any other text.

use std::path::Path;
use std::process::Command;

use crate::site::Site;

fn git(root: &Path, arguments: &[&str]) -> bool {
    let identity = [
        "-c",
        "user.name=Zoe",
        "-c",
        "user.email=zoe@example.com",
        "-c",
        "commit.gpgsign=false",
    ];
    let output = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    output.status.success()
}

fn commit(site: &Site, message: &str) {
    assert!(git(&site.root, &["add", "--all"]) && git(&site.root, &["commit", "--quiet", "--message", message]));
}

/// Two branches from one beginning, each with a command run and committed; then the second is merged into the first.
/// Says whether git left no conflict.
fn merged(site: &Site, first: &[&str], second: &[&str]) -> bool {
    assert!(git(&site.root, &["init", "--quiet", "--initial-branch=main"]));
    commit(site, "begin");
    for (branch, command) in [("first", first), ("second", second)] {
        assert!(git(&site.root, &["checkout", "--quiet", "-b", branch, "main"]));
        site.must(0, &[command, &["--yes", "--no-sync"]].concat());
        commit(site, branch);
    }
    assert!(git(&site.root, &["checkout", "--quiet", "first"]));
    git(&site.root, &["merge", "--quiet", "--no-edit", "second"])
}

fn conflicted(site: &Site) -> Vec<String> {
    let output = Command::new("git")
        .args(["diff", "--name-only", "--diff-filter=U"])
        .current_dir(&site.root)
        .output()
        .unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The project that both commands would have made, one after the other.
fn together(preset: &str, first: &[&str], second: &[&str]) -> Site {
    let site = Site::new(preset);
    for command in [first, second] {
        site.must(0, &[command, &["--yes", "--no-sync"]].concat());
    }
    site
}

fn assert_same(site: &Site, wanted: &Site) {
    let (found, wanted) = (site.files(), wanted.files());
    for (path, content) in &wanted {
        assert!(
            found.get(path) == Some(content),
            "{path} is not as both commands make it"
        );
    }
}

#[test]
fn branches_that_git_merges_need_a_clean_sync_at_most() {
    let pairs: [(&str, &[&str], &[&str]); 3] = [
        ("minimal", &["add", "health"], &["set", "base.license=mit"]),
        (
            "standard",
            &["set", "database.connections=persistent"],
            &["set", "app.views=cbv"],
        ),
        ("standard", &["set", "api.auth=jwt,session"], &["add", "gunicorn"]),
    ];
    for (preset, first, second) in pairs {
        let site = Site::new(preset);
        assert!(
            merged(&site, first, second),
            "{first:?} and {second:?}: {:?}",
            conflicted(&site)
        );
        site.must(0, &["sync", "--yes", "--no-sync"]);
        assert_same(&site, &together(preset, first, second));
        site.must(0, &["check"]);
    }
}

/// What people do with a conflict between two additions: keep both.
fn keep_both(text: &str) -> String {
    let is_marker = |line: &str| {
        ["<<<<<<<", "=======", ">>>>>>>"]
            .iter()
            .any(|marker| line.starts_with(marker))
    };
    text.split_inclusive('\n').filter(|line| !is_marker(line)).collect()
}

#[test]
fn what_git_leaves_in_conflict_in_the_base_is_no_matter() {
    let (first, second): (&[&str], &[&str]) = (&["add", "gunicorn"], &["add", "health"]);
    let site = Site::new("minimal");
    assert!(
        !merged(&site, first, second),
        "git had no conflict: take other components"
    );
    let left = conflicted(&site);
    assert!(
        left.contains(&".djscaffold/base".to_owned()),
        "no conflict in the base: {left:?}"
    );
    for path in left.iter().filter(|path| *path != ".djscaffold/base") {
        site.write(path, keep_both(&site.read(path)));
    }
    assert!(site.read(".djscaffold/base").contains("\n<<<<<<< "));
    commit(&site, "merge");
    site.must(0, &["status"]);
    site.must(0, &["sync", "--yes", "--no-sync"]);
    let base = site.read(".djscaffold/base");
    assert!(!base.contains("\n<<<<<<< "));
    assert!(base == together("minimal", first, second).read(".djscaffold/base"));
    let settings = site.read("config/settings/base.py");
    assert_eq!(
        settings.matches("config.health.HealthMiddleware").count(),
        1,
        "{settings}"
    );
    site.must(0, &["check"]);
}

#[test]
fn a_dirty_tree_and_a_folder_of_a_repository_are_no_matter() {
    let site = Site::new("minimal");
    assert!(git(site.root.parent().unwrap(), &["init", "--quiet"]));
    site.write("notes.txt", "mine\n")
        .edit("accounts/views.py", "def ", "# mine\ndef ");
    site.must(0, &["add", "health", "--yes", "--no-sync"]);
    assert_eq!(site.read("notes.txt"), "mine\n");
    site.must(0, &["undo", "--yes", "--no-sync"]);
    assert!(site.read("accounts/views.py").contains("# mine"));
}
