//! A three-way merge of lines: the base cut into regions by who changed them.

use std::ops::Range;

use similar::{Algorithm, capture_diff_slices};

use super::source::key;

/// The lines of the three texts.
#[derive(Debug, Clone)]
pub(super) struct Three {
    pub(super) base: Vec<String>,
    pub(super) ours: Vec<String>,
    pub(super) theirs: Vec<String>,
}

/// What becomes of a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The user's lines: nobody changed them, only the user did, or both did alike.
    Ours,
    /// The new render's lines: only it changed them.
    Theirs,
    /// Both inserted here: both stay, the new render's first.
    TheirsThenOurs,
    /// Both inserted here: both stay, the user's first.
    OursThenTheirs,
    /// Both inserted entries of a list here: the user's stay, and behind them those that the user has not.
    Union,
    /// Both changed it, each in their way.
    Conflict,
}

/// A range of lines of each text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) kind: Kind,
    pub(super) base: Range<usize>,
    pub(super) ours: Range<usize>,
    pub(super) theirs: Range<usize>,
}

impl Three {
    /// The lines that a region has in a merge; a conflict has the user's, or the new render's.
    pub(super) fn lines<'a>(&'a self, region: &Region, conflicts_ours: bool) -> impl Iterator<Item = &'a String> {
        let ours = &self.ours[region.ours.clone()];
        let theirs = &self.theirs[region.theirs.clone()];
        let none: &[String] = &[];
        let (first, second) = match region.kind {
            Kind::Conflict if conflicts_ours => (ours, none),
            Kind::Ours => (ours, none),
            Kind::Theirs | Kind::Conflict => (theirs, none),
            Kind::TheirsThenOurs => (theirs, ours),
            Kind::OursThenTheirs | Kind::Union => (ours, theirs),
        };
        let is_union = region.kind == Kind::Union;
        first
            .iter()
            .chain(second.iter().filter(move |line| !is_union || !first.contains(line)))
    }

    /// Cuts the three texts into regions.
    pub(super) fn regions(&self) -> Vec<Region> {
        let ours = edits(&self.base, &self.ours);
        let theirs = edits(&self.base, &self.theirs);
        let mut regions = Regions {
            three: self,
            found: Vec::new(),
        };
        let (mut ours_side, mut theirs_side) = (Side::new(&ours), Side::new(&theirs));
        let mut done = 0;
        while let Some(start) = [ours_side.next_start(), theirs_side.next_start()]
            .into_iter()
            .flatten()
            .min()
        {
            regions.settle(
                Kind::Ours,
                done..start,
                ours_side.at(done..start),
                theirs_side.at(done..start),
            );
            let (ours_from, theirs_from) = (ours_side.position(start), theirs_side.position(start));
            let (ours_next, theirs_next) = (ours_side.next, theirs_side.next);
            let mut end = start;
            while ours_side.take_touching(&mut end) || theirs_side.take_touching(&mut end) {}
            let region = Region {
                kind: Kind::Conflict,
                base: start..end,
                ours: ours_from..ours_side.position(end),
                theirs: theirs_from..theirs_side.position(end),
            };
            match (ours_side.next > ours_next, theirs_side.next > theirs_next) {
                (true, true) => regions.both_changed(&region),
                (true, false) => regions.push(Kind::Ours, region),
                (false, _) => regions.push(Kind::Theirs, region),
            }
            done = end;
        }
        let rest = done..self.base.len();
        regions.settle(
            Kind::Ours,
            rest.clone(),
            ours_side.at(rest.clone()),
            theirs_side.at(rest),
        );
        regions.found
    }

    /// With nothing that both began from: what both have alike is settled, all else is in conflict.
    pub(super) fn regions_without_base(&self) -> Vec<Region> {
        let mut regions = Regions {
            three: self,
            found: Vec::new(),
        };
        let (mut ours, mut theirs) = (0, 0);
        for edit in edits(&self.ours, &self.theirs) {
            let alike = edit.base.start - ours;
            regions.settle(Kind::Ours, 0..0, ours..edit.base.start, theirs..theirs + alike);
            regions.settle(Kind::Conflict, 0..0, edit.base.clone(), edit.side.clone());
            (ours, theirs) = (edit.base.end, edit.side.end);
        }
        regions.settle(Kind::Ours, 0..0, ours..self.ours.len(), theirs..self.theirs.len());
        regions.found
    }

    /// A conflict without the lines that both sides begin or end with.
    pub(super) fn narrowed(&self, region: &Region) -> Vec<Region> {
        let ours = &self.ours[region.ours.clone()];
        let theirs = &self.theirs[region.theirs.clone()];
        let before = common(ours.iter(), theirs.iter());
        let after = common(ours[before..].iter().rev(), theirs[before..].iter().rev());
        let mut regions = Regions {
            three: self,
            found: Vec::new(),
        };
        let at = |range: &Range<usize>| (range.start + before, range.end - after);
        let ((ours_start, ours_end), (theirs_start, theirs_end)) = (at(&region.ours), at(&region.theirs));
        let start = region.base.start;
        regions.settle(
            Kind::Ours,
            start..start,
            region.ours.start..ours_start,
            region.theirs.start..theirs_start,
        );
        regions.settle(
            Kind::Conflict,
            region.base.clone(),
            ours_start..ours_end,
            theirs_start..theirs_end,
        );
        let end = region.base.end;
        regions.settle(
            Kind::Ours,
            end..end,
            ours_end..region.ours.end,
            theirs_end..region.theirs.end,
        );
        regions.found
    }
}

struct Regions<'a> {
    three: &'a Three,
    found: Vec<Region>,
}

impl Regions<'_> {
    fn settle(&mut self, kind: Kind, base: Range<usize>, ours: Range<usize>, theirs: Range<usize>) {
        let region = Region {
            kind,
            base,
            ours,
            theirs,
        };
        self.push(kind, region);
    }

    fn push(&mut self, kind: Kind, region: Region) {
        if !(region.base.is_empty() && region.ours.is_empty() && region.theirs.is_empty()) {
            self.found.push(Region { kind, ..region });
        }
    }

    /// Both changed a region: lines at its ends that none of them did change are no part of it.
    fn both_changed(&mut self, region: &Region) {
        let base = &self.three.base[region.base.clone()];
        let ours = &self.three.ours[region.ours.clone()];
        let theirs = &self.three.theirs[region.theirs.clone()];
        let before = common(base.iter(), ours.iter()).min(common(base.iter(), theirs.iter()));
        let (base, ours, theirs) = (&base[before..], &ours[before..], &theirs[before..]);
        let after = common(base.iter().rev(), ours.iter().rev()).min(common(base.iter().rev(), theirs.iter().rev()));
        let head = |range: &Range<usize>| range.start..range.start + before;
        let body = |range: &Range<usize>| range.start + before..range.end - after;
        let tail = |range: &Range<usize>| range.end - after..range.end;
        self.settle(Kind::Ours, head(&region.base), head(&region.ours), head(&region.theirs));
        let kind = if alike(ours, theirs) || alike(base, theirs) {
            Kind::Ours
        } else if alike(base, ours) {
            Kind::Theirs
        } else {
            Kind::Conflict
        };
        self.settle(kind, body(&region.base), body(&region.ours), body(&region.theirs));
        self.settle(Kind::Ours, tail(&region.base), tail(&region.ours), tail(&region.theirs));
    }
}

/// How many lines both begin with.
fn common<'a>(one: impl Iterator<Item = &'a String>, other: impl Iterator<Item = &'a String>) -> usize {
    one.zip(other).take_while(|(one, other)| key(one) == key(other)).count()
}

fn alike(one: &[String], other: &[String]) -> bool {
    one.len() == other.len() && common(one.iter(), other.iter()) == one.len()
}

/// A range of the base and what one side has in its place.
#[derive(Debug, Clone)]
struct Edit {
    base: Range<usize>,
    side: Range<usize>,
}

/// Walks through one side's edits.
struct Side<'a> {
    edits: &'a [Edit],
    next: usize,
}

impl<'a> Side<'a> {
    const fn new(edits: &'a [Edit]) -> Self {
        Self { edits, next: 0 }
    }

    fn next_start(&self) -> Option<usize> {
        self.edits.get(self.next).map(|edit| edit.base.start)
    }

    /// Where a line of the base lies on this side, after all edits that were taken.
    fn position(&self, base: usize) -> usize {
        let last = self.next.checked_sub(1).and_then(|index| self.edits.get(index));
        last.map_or(base, |edit| edit.side.end + (base - edit.base.end))
    }

    fn at(&self, base: Range<usize>) -> Range<usize> {
        self.position(base.start)..self.position(base.end)
    }

    /// Takes the next edit if it touches what ends at `end`.
    fn take_touching(&mut self, end: &mut usize) -> bool {
        let Some(edit) = self.edits.get(self.next).filter(|edit| edit.base.start <= *end) else {
            return false;
        };
        *end = edit.base.end.max(*end);
        self.next += 1;
        true
    }
}

/// What one side changed, in order; two edits never touch. An insertion that could lie at several places lies at the last
/// of them, so that both sides' insertions at one spot meet.
fn edits(base: &[String], side: &[String]) -> Vec<Edit> {
    let base_keys: Vec<_> = base.iter().map(|line| key(line)).collect();
    let side_keys: Vec<_> = side.iter().map(|line| key(line)).collect();
    let mut edits: Vec<Edit> = Vec::new();
    for operation in capture_diff_slices(Algorithm::Histogram, &base_keys, &side_keys) {
        let edit = Edit {
            base: operation.old_range(),
            side: operation.new_range(),
        };
        if matches!(operation, similar::DiffOp::Equal { .. }) {
            continue;
        }
        match edits.last_mut() {
            Some(last) if last.base.end == edit.base.start && last.side.end == edit.side.start => {
                last.base.end = edit.base.end;
                last.side.end = edit.side.end;
            }
            _ => edits.push(edit),
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn an_insertion_lies_as_far_down_as_it_can() {
        let base = lines("a ( x ) ( y ) b");
        let spot = |side: &str| {
            let found = edits(&base, &lines(side));
            assert_eq!(found.len(), 1, "{found:?}");
            (found[0].base.clone(), found[0].side.clone())
        };
        // `z ) (` behind the second bracket is the same as `( z )` before it.
        assert_eq!(spot("a ( x ) ( z ) ( y ) b"), (5..5, 5..8));
        assert_eq!(spot("a ( x ) ( y ) ( y ) b"), (7..7, 7..10));
    }

    #[test]
    fn regions_cover_all_lines_in_order() {
        let three = Three {
            base: lines("a b c d e f g"),
            ours: lines("a B c d X e f g"),
            theirs: lines("a b c d Y e g"),
        };
        let kinds: Vec<_> = three.regions().iter().map(|region| region.kind).collect();
        assert_eq!(
            kinds,
            [
                Kind::Ours,
                Kind::Ours,
                Kind::Ours,
                Kind::Conflict,
                Kind::Ours,
                Kind::Theirs,
                Kind::Ours
            ]
        );
    }
}
