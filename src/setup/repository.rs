//! The project's git repository and its first commit.

use std::path::Path;
use std::process::Command;

use super::run_quietly;
use crate::report::Outcome;

const MESSAGE: &str = "Start the project with djscaffold";

/// Makes a repository (where there is none) and commits all that is there.
///
/// `author` is the name and e-mail address that the user answered; git's own settings come first.
#[must_use]
pub fn first_commit(folder: &Path, author: Option<(&str, &str)>) -> Outcome {
    let Ok(git) = which::which("git") else {
        return Outcome::Skipped("git is not installed".to_owned());
    };
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&git);
        command.args(arguments);
        run_quietly(command, folder)
    };
    let by_hand = format!("git add --all && git commit --message \"{MESSAGE}\"");
    if !folder.join(".git").exists() {
        if run(&["rev-parse", "--is-inside-work-tree"]).is_ok() {
            return Outcome::Skipped("the folder is inside a repository already".to_owned());
        }
        if let Err(reason) = run(&["init", "--quiet", "--initial-branch=main"]) {
            return Outcome::Failed {
                reason,
                command: format!("git init && {by_hand}"),
            };
        }
    }
    let knows_author = run(&["config", "user.email"]).is_ok_and(|email| !email.is_empty());
    let mut identity = Vec::new();
    if let Some((name, email)) = author.filter(|_| !knows_author) {
        identity = vec![
            "-c".to_owned(),
            format!("user.name={name}"),
            "-c".to_owned(),
            format!("user.email={email}"),
        ];
    }
    let mut commit: Vec<&str> = identity.iter().map(String::as_str).collect();
    commit.extend([
        "-c",
        "commit.gpgsign=false",
        "commit",
        "--quiet",
        "--no-verify",
        "--message",
        MESSAGE,
    ]);
    match run(&["add", "--all"]).and_then(|_| run(&commit)) {
        Ok(_) => Outcome::Done("all of it to a git repository".to_owned()),
        Err(reason) => Outcome::Failed {
            reason,
            command: by_hand,
        },
    }
}
