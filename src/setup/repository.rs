//! The project's git repository and its first commit.

use std::path::Path;

use super::programs::Git;
use crate::report::Outcome;

const MESSAGE: &str = "Start the project with djscaffold";

/// Makes a repository (where there is none) and commits all that is there.
///
/// `author` is the name and e-mail address that the user answered; git's own settings come first. `written` are the files
/// of the project: those that an ignore file of somebody's own keeps out are named.
#[must_use]
pub fn first_commit<'a>(
    folder: &Path,
    author: Option<(&str, &str)>,
    written: impl Iterator<Item = &'a str>,
) -> Outcome {
    let Some(git) = Git::find() else {
        return Outcome::Skipped("git is not installed".to_owned());
    };
    let run = |arguments: &[&str]| git.run(folder, arguments, "");
    let by_hand = format!("git add --all && git commit --message \"{MESSAGE}\"");
    if !folder.join(".git").exists() {
        if run(&["rev-parse", "--is-inside-work-tree"]).is_ok() {
            return Outcome::Skipped("the directory is already inside a repository".to_owned());
        }
        if let Err(reason) = run(&["init", "--quiet", "--initial-branch=main"]) {
            return Outcome::Failed {
                reason,
                command: format!("git init && {by_hand}"),
            };
        }
    }
    let knows_author = run(&["config", "user.email"]).is_ok_and(|email| !email.is_empty());
    let mut commit = Vec::new();
    let identity = author.map(|(name, email)| [format!("user.name={name}"), format!("user.email={email}")]);
    for setting in identity.iter().flatten().filter(|_| !knows_author) {
        commit.extend(["-c", setting]);
    }
    commit.extend([
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--no-verify",
        "--message",
        MESSAGE,
    ]);
    let outcome = run(&["add", "--all"]).and_then(|_| run(&commit));
    let left_out = kept_out(&git, folder, written);
    match outcome {
        Ok(_) if left_out.is_empty() => Outcome::Done("all of it to a git repository".to_owned()),
        Ok(_) => Outcome::Failed {
            reason: format!("an ignore file outside the project excludes {}", left_out.join(", ")),
            command: format!("git add --force {} && git commit --amend --no-edit", left_out.join(" ")),
        },
        Err(reason) => Outcome::Failed {
            command: by_hand_for(&reason, by_hand),
            reason,
        },
    }
}

/// The command that goes on after a failure: one that would fail the same way is of no use.
fn by_hand_for(reason: &str, by_hand: String) -> String {
    let lacks_author = reason.contains("user.email") || reason.contains("user.name");
    if lacks_author {
        format!("git config user.name \"NAME\" && git config user.email ADDRESS && {by_hand}")
    } else {
        by_hand
    }
}

/// The files of a project that somebody's own ignore file keeps out of its repository.
fn kept_out<'a>(git: &Git, folder: &Path, written: impl Iterator<Item = &'a str>) -> Vec<String> {
    let also = ["uv.lock", ".python-version"]
        .into_iter()
        .filter(|path| folder.join(path).exists());
    let paths: Vec<&str> = written.chain(also).collect();
    let ask = ["check-ignore", "--verbose", "--stdin"];
    // It fails where nothing is ignored.
    let told = git.run(folder, &ask, &paths.join("\n")).unwrap_or_default();
    let foreign = told.lines().filter_map(|line| {
        let (rule, path) = line.split_once('\t')?;
        let is_foreign = Path::new(rule).is_absolute() || rule.starts_with(".git/");
        is_foreign.then(|| path.to_owned())
    });
    foreign.collect()
}
