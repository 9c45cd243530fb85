//! Asking about a plan: whether to write it, and which side wins where both changed the same.

use super::{Choice, Prompter};
use crate::error::Result;
use crate::merge::{Change, Dispute, Plan, Settlement};
use crate::report::{in_colour, unified_diff};

#[derive(Clone, Copy)]
enum Answer {
    Mine,
    Theirs,
    Markers,
    Edit,
    Diff,
}

/// Asks about every dispute of a plan; the empty answer keeps what the user has.
///
/// # Errors
/// As [`Prompter::choose`]; nothing is settled on the disk by then.
pub fn settle_by_asking(prompter: &mut dyn Prompter, plan: &mut Plan, version: &str) -> Result<()> {
    for change in plan.changes.iter_mut().filter(|change| change.dispute.is_some()) {
        let settlement = ask(prompter, change, version)?;
        change.settle(settlement);
    }
    Ok(())
}

fn ask(prompter: &mut dyn Prompter, change: &Change, version: &str) -> Result<Settlement> {
    let mut answers = vec![
        (Answer::Mine, Choice::new("keep yours", "")),
        (Answer::Theirs, Choice::new("take djscaffold's", "")),
    ];
    if matches!(change.dispute, Some(Dispute::Text(_))) {
        answers.push((
            Answer::Markers,
            Choice::new("leave markers", "both sides, to choose from later"),
        ));
        answers.push((Answer::Edit, Choice::new("edit", "in your editor, with both sides")));
    }
    answers.push((Answer::Diff, Choice::new("show the diff", "and ask again")));
    prompter.show(&format!("\n{}: {}", change.path, change.reason));
    if let Some(Dispute::Text(conflict)) = &change.dispute {
        prompter.show(&conflict.told());
    }
    let choices: Vec<Choice> = answers.iter().map(|(_, choice)| choice.clone()).collect();
    loop {
        let Some(chosen) = prompter.choose(&change.path, "", &choices, 0)? else {
            continue;
        };
        match answers[chosen].0 {
            Answer::Mine => return Ok(Settlement::Mine),
            Answer::Theirs => return Ok(Settlement::Theirs),
            Answer::Markers => {
                return Ok(Settlement::Markers {
                    version: version.to_owned(),
                });
            }
            Answer::Edit => {
                if let Some(edited) = edit(prompter, change, version)? {
                    return Ok(Settlement::Text(edited));
                }
            }
            Answer::Diff => prompter.show(&in_colour(&difference(change))),
        }
    }
}

/// What the user made of both sides; none if they left it as it was.
fn edit(prompter: &mut dyn Prompter, change: &Change, version: &str) -> Result<Option<Vec<u8>>> {
    let Some(Dispute::Text(conflict)) = &change.dispute else {
        return Ok(None);
    };
    let Ok(text) = String::from_utf8(conflict.with_markers(version)) else {
        return Ok(None);
    };
    let extension = change
        .path
        .rsplit_once('.')
        .map_or(".txt", |(stem, _)| &change.path[stem.len()..]);
    Ok(prompter.edit(&text, extension)?.map(String::into_bytes))
}

fn difference(change: &Change) -> String {
    let mine = change.before.content().unwrap_or_default();
    match &change.dispute {
        Some(Dispute::Text(conflict)) => unified_diff(&change.path, mine, &conflict.theirs()),
        Some(Dispute::Binary { theirs }) => unified_diff(&change.path, mine, theirs),
        Some(Dispute::Removed) | None => unified_diff(&change.path, mine, &[]),
    }
}
