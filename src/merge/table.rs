//! The truth table: what happens to one path, by what was rendered last time, what lies there, and what is rendered now.

use super::{
    Action, Change, Dispute, Layout, Merged, Reach, Sides, Step, is_same_but_for_layout, merge, own_requirements,
};
use crate::tree::{Entry, Found, Mode, Ownership};

/// One path with its three sides.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) path: &'a str,
    /// Where base and ours lie, if the file has another name now.
    pub(super) renamed_from: Option<&'a str>,
    pub(super) base: Option<&'a Entry>,
    pub(super) ours: &'a Found,
    pub(super) theirs: Option<&'a Entry>,
    pub(super) layout: &'a Layout,
    /// Whether it stays although it is no longer rendered.
    pub(super) is_left_behind: bool,
}

/// What the three sides come to.
struct Verdict {
    action: Action,
    reason: String,
    step: Step,
    dispute: Option<Dispute>,
}

impl Verdict {
    fn new(action: Action, reason: impl Into<String>, step: Step) -> Self {
        Self {
            action,
            reason: reason.into(),
            step,
            dispute: None,
        }
    }

    fn keep(reason: &str) -> Self {
        Self::new(Action::Keep, reason, Step::Leave)
    }

    fn identical() -> Self {
        Self::new(Action::Identical, "", Step::Leave)
    }

    fn dispute(reason: impl Into<String>, dispute: Dispute) -> Self {
        Self {
            dispute: Some(dispute),
            ..Self::new(Action::Conflict, reason, Step::Leave)
        }
    }
}

/// Three sides of anything small: what one side changed wins; none if both changed it differently.
fn agree<T: PartialEq + Copy>(base: T, ours: T, theirs: T) -> Option<T> {
    if ours == theirs || theirs == base {
        Some(ours)
    } else if ours == base {
        Some(theirs)
    } else {
        None
    }
}

/// Decides about one path.
pub(super) fn decide(case: Case<'_>, reach: &Reach) -> Change {
    let mut verdict = judge(case, reach);
    // A file that stays as it is goes along to its new name all the same.
    if let (Some(old), Found::File { content, bits }, Step::Leave, None) =
        (case.renamed_from, case.ours, &verdict.step, &verdict.dispute)
    {
        verdict.action = Action::Update;
        verdict.reason = format!("renamed from `{old}`");
        verdict.step = Step::Write {
            content: content.clone(),
            bits: *bits,
        };
    }
    let withheld = (verdict.action == Action::Unapplied).then(|| {
        let content = |entry: Option<&Entry>| entry.map(|entry| entry.content.clone()).unwrap_or_default();
        (content(case.base), content(case.theirs))
    });
    let owner = case.theirs.or(case.base);
    Change {
        path: case.path.to_owned(),
        component: owner.map(|entry| entry.component.clone()).unwrap_or_default(),
        action: verdict.action,
        reason: verdict.reason,
        step: verdict.step,
        dispute: verdict.dispute,
        before: case.ours.clone(),
        withheld,
        is_private: case.theirs.is_some_and(|theirs| theirs.mode == Mode::Private),
        renamed_from: case.renamed_from.map(str::to_owned),
    }
}

/// The old name of a file that has another one now.
pub(super) fn moved_away(path: &str, new: &str, sides: Sides<'_>) -> Change {
    let ours = sides.ours.get(path).cloned().unwrap_or(Found::Missing);
    let is_file = matches!(ours, Found::File { .. });
    Change {
        path: path.to_owned(),
        component: sides
            .base
            .get(path)
            .map(|entry| entry.component.clone())
            .unwrap_or_default(),
        action: if is_file { Action::Delete } else { Action::Keep },
        reason: format!("renamed to `{new}`"),
        step: if is_file { Step::Remove } else { Step::Leave },
        dispute: None,
        before: ours,
        withheld: None,
        is_private: false,
        renamed_from: None,
    }
}

fn judge(case: Case<'_>, reach: &Reach) -> Verdict {
    match (case.base, case.ours, case.theirs) {
        (None, _, None) => Verdict::identical(),
        (base, Found::Other(place), theirs) => match (base, theirs) {
            (_, None) => Verdict::keep("no longer part of the project, and replaced by you"),
            (Some(base), Some(theirs)) if base.is_same(theirs) && !reach.restore => Verdict::keep("replaced by you"),
            _ => Verdict::new(Action::Unapplied, format!("it is {}", place.name()), Step::Leave),
        },
        (None, Found::Missing, Some(theirs)) => Verdict::new(Action::Create, "new", fresh(theirs, case)),
        (Some(_), Found::Missing, None) => Verdict::keep("deleted by you"),
        (Some(base), Found::Missing, Some(theirs)) => missing(base, theirs, case, reach),
        (Some(_), _, None) if case.is_left_behind => Verdict::keep("written once, yours since then"),
        (Some(base), Found::File { content, .. }, None) => {
            if is_pristine(base, content, case) {
                Verdict::new(Action::Delete, "no longer part of the project", Step::Remove)
            } else {
                Verdict::dispute("edited by you, and no longer part of the project", Dispute::Removed)
            }
        }
        (base, Found::File { content, bits }, Some(theirs)) => both(base, content, *bits, theirs, case, reach),
    }
}

/// A file as it is written where there is none.
fn fresh(theirs: &Entry, case: Case<'_>) -> Step {
    Step::Write {
        content: case.layout.apply(case.path, &theirs.content).into_owned(),
        bits: theirs.mode.bits(),
    }
}

fn missing(base: &Entry, theirs: &Entry, case: Case<'_>, reach: &Reach) -> Verdict {
    if reach.restore {
        let entry = if theirs.ownership == Ownership::Once && base.digest.is_none() {
            base
        } else {
            theirs
        };
        Verdict::new(Action::Create, "was missing", fresh(entry, case))
    } else if theirs.ownership == Ownership::Once || base.is_same(theirs) {
        Verdict::keep("deleted by you")
    } else {
        Verdict::new(
            Action::Unapplied,
            "you deleted it, and it would change now",
            Step::Leave,
        )
    }
}

fn is_pristine(base: &Entry, content: &[u8], case: Case<'_>) -> bool {
    base.holds(content)
        || base.digest.is_none() && is_same_but_for_layout(case.path, &base.content, content, case.layout)
}

/// A file that is there, and is to be there.
fn both(base: Option<&Entry>, content: &[u8], bits: u32, theirs: &Entry, case: Case<'_>, reach: &Reach) -> Verdict {
    if theirs.mode == Mode::Private {
        return private(content, bits, theirs);
    }
    if reach.discard {
        return discard(base, content, bits, theirs, case);
    }
    if theirs.ownership == Ownership::Once {
        return Verdict::keep("written once, yours since then");
    }
    let runs = agree(
        base.map_or(theirs.is_executable(), Entry::is_executable),
        case.ours.is_executable(),
        theirs.is_executable(),
    );
    let bits = with_executable(bits, runs.unwrap_or_else(|| case.ours.is_executable()));
    let is_moded = bits != bits_of(case.ours);
    if theirs.holds(content) && !is_moded {
        return Verdict::identical();
    }
    if base.is_some_and(|base| base.is_same(theirs)) {
        return Verdict::keep("edited by you");
    }
    if let Some(base) = base
        && base.digest.is_some()
    {
        return merged_binary(base, content, bits, theirs);
    }
    let empty = Vec::new();
    let last = base.map_or(&empty, |base| &base.content);
    match merge(case.path, last, content, &theirs.content, case.layout) {
        Merged::Clean(result) if result == content && !is_moded => Verdict::keep("already has the changes"),
        Merged::Clean(result) => {
            let untouched = base.is_some_and(|base| is_pristine(base, content, case));
            let step = Step::Write { content: result, bits };
            if untouched {
                return Verdict::new(Action::Update, "unchanged by you", step);
            }
            let mut reason = match base {
                Some(_) => "your edits are kept".to_owned(),
                None => "you have a file of that name: both are kept".to_owned(),
            };
            for own in own_requirements(case.path, last, content, &theirs.content) {
                reason.push_str(&format!(", and so is `{own}`"));
            }
            Verdict::new(Action::Merge, reason, step)
        }
        Merged::Conflict(conflict) => {
            let places = match conflict.count() {
                1 => "one place".to_owned(),
                count => format!("{count} places"),
            };
            let reason = if base.is_some() {
                format!("{places} changed by you and by djscaffold")
            } else {
                "you have a file of that name".to_owned()
            };
            Verdict::dispute(reason, Dispute::Text(conflict))
        }
        Merged::Binary => {
            let theirs = theirs.content.clone();
            Verdict::dispute(
                "changed by you and by djscaffold; not a text file",
                Dispute::Binary { theirs },
            )
        }
    }
}

fn merged_binary(base: &Entry, content: &[u8], bits: u32, theirs: &Entry) -> Verdict {
    let theirs_content = theirs.content.clone();
    if base.holds(content) {
        let step = Step::Write {
            content: theirs_content,
            bits,
        };
        return Verdict::new(Action::Update, "unchanged by you", step);
    }
    let dispute = Dispute::Binary { theirs: theirs_content };
    Verdict::dispute("changed by you and by djscaffold; not a text file", dispute)
}

/// The pristine text: of what is written once, as it was written.
fn discard(base: Option<&Entry>, content: &[u8], bits: u32, theirs: &Entry, case: Case<'_>) -> Verdict {
    let entry = match base {
        Some(base) if theirs.ownership == Ownership::Once && base.digest.is_none() => base,
        _ => theirs,
    };
    let pristine = case.layout.apply(case.path, &entry.content);
    let bits_wanted = with_executable(bits, theirs.is_executable());
    if *pristine == *content && bits == bits_wanted {
        return Verdict::identical();
    }
    let step = Step::Write {
        content: pristine.into_owned(),
        bits: bits_wanted,
    };
    Verdict::new(Action::Update, "your edits are discarded", step)
}

/// A file with values of this machine gets the variables that it has not.
fn private(content: &[u8], bits: u32, theirs: &Entry) -> Verdict {
    let (mine, wanted) = (
        String::from_utf8_lossy(content),
        String::from_utf8_lossy(&theirs.content),
    );
    let known: Vec<&str> = mine.lines().filter_map(variable).collect();
    let lacking: Vec<&str> = wanted
        .lines()
        .filter(|line| variable(line).is_some_and(|name| !known.contains(&name)))
        .collect();
    if lacking.is_empty() {
        return Verdict::keep("has every variable");
    }
    let end: &[u8] = if content.windows(2).any(|pair| pair == b"\r\n") {
        b"\r\n"
    } else {
        b"\n"
    };
    let mut content = content.to_vec();
    if !content.is_empty() && !content.ends_with(b"\n") {
        content.extend_from_slice(end);
    }
    for line in lacking {
        content.extend_from_slice(line.as_bytes());
        content.extend_from_slice(end);
    }
    Verdict::new(Action::Merge, "adds missing variables", Step::Write { content, bits })
}

/// The name that a line of a dotenv file sets.
fn variable(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, _) = line.split_once('=')?;
    let name = name.trim();
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || character == '_')
    };
    is_name(name).then_some(name)
}

fn bits_of(found: &Found) -> u32 {
    match found {
        Found::File { bits, .. } => *bits,
        Found::Missing | Found::Other(_) => Mode::Normal.bits(),
    }
}

/// The same permissions, and those who may read may run it, or nobody may.
const fn with_executable(bits: u32, runs: bool) -> u32 {
    if runs == (bits & 0o100 != 0) {
        bits
    } else if runs {
        bits | (bits & 0o444) >> 2
    } else {
        bits & !0o111
    }
}
