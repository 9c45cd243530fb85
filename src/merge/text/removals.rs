//! One side removed complete elements, the other inserted complete elements right beside them: both have their way.

use std::ops::Range;

use super::insertions::Spot;
use super::language::Language;
use super::regions::{Kind, Region, Three};
use super::source::key;

/// Settles every such conflict that `is_valid` takes, given all regions with that conflict settled.
pub(super) fn settle(
    three: &Three,
    language: Language,
    regions: &mut Vec<Region>,
    is_valid: impl Fn(&[Region]) -> bool,
) {
    if !language.is_read() {
        return;
    }
    let mut index = 0;
    while index < regions.len() {
        let parts = apart(three, language, &regions[index]);
        let count = parts.len();
        let conflict: Vec<Region> = regions.splice(index..=index, parts).collect();
        if count > 1 && !is_valid(regions) {
            regions.splice(index..index + count, conflict);
            index += 1;
        } else {
            index += count;
        }
    }
}

/// What was removed and what was inserted before and after it, each by itself; the region as it is where it is no such
/// conflict.
fn apart(three: &Three, language: Language, region: &Region) -> Vec<Region> {
    let parts = if region.kind != Kind::Conflict || region.base.is_empty() {
        None
    } else if region.theirs.is_empty() {
        around(&three.ours, &region.ours, &three.base[region.base.clone()], language)
    } else if region.ours.is_empty() {
        around(
            &three.theirs,
            &region.theirs,
            &three.base[region.base.clone()],
            language,
        )
    } else {
        None
    };
    let Some((before, after)) = parts else {
        return vec![region.clone()];
    };
    let by_ours = region.theirs.is_empty();
    let (start, end) = (region.base.start, region.base.end);
    let part = |base: Range<usize>, kept: Range<usize>, is_removed: bool| {
        let gone = if by_ours {
            region.theirs.clone()
        } else {
            region.ours.clone()
        };
        let (ours, theirs) = if by_ours { (kept, gone) } else { (gone, kept) };
        let kind = if by_ours == is_removed {
            Kind::Theirs
        } else {
            Kind::Ours
        };
        Region {
            kind,
            base,
            ours,
            theirs,
        }
    };
    vec![
        part(start..start, before.clone(), false),
        part(start..end, before.end..after.start, true),
        part(end..end, after, false),
    ]
}

/// The lines before and after those of the base, if all three are complete.
fn around(
    side: &[String],
    range: &Range<usize>,
    base: &[String],
    language: Language,
) -> Option<(Range<usize>, Range<usize>)> {
    let lines: Vec<&str> = side.iter().map(|line| key(line)).collect();
    let base: Vec<&str> = base.iter().map(|line| key(line)).collect();
    let offset = lines[range.clone()]
        .windows(base.len())
        .position(|window| window == base)?;
    let (start, end) = (range.start + offset, range.start + offset + base.len());
    let is_apart = |spot: Spot| spot.start == spot.middle || spot.middle == spot.end || spot.takes(language, &lines);
    let spots = [
        Spot {
            start: range.start,
            middle: start,
            end,
        },
        Spot {
            start,
            middle: end,
            end: range.end,
        },
    ];
    spots
        .into_iter()
        .all(is_apart)
        .then_some((range.start..start, end..range.end))
}
