//! Both sides only inserted at one spot: both insertions stay, if each is complete and they do not get in each other's way.

use std::collections::BTreeSet;
use std::ops::Range;

use super::language::Language;
use super::regions::{Kind, Region, Three};
use super::source::{key, text_of};
use super::whole;

/// Settles every conflict of insertions that `is_valid` takes, given all regions with that conflict settled.
pub(super) fn settle(three: &Three, language: Language, regions: &mut [Region], is_valid: impl Fn(&[Region]) -> bool) {
    for index in 0..regions.len() {
        let region = &regions[index];
        if region.kind != Kind::Conflict || !region.base.is_empty() {
            continue;
        }
        let (ours, theirs) = (&three.ours[region.ours.clone()], &three.theirs[region.theirs.clone()]);
        if ours.is_empty() || theirs.is_empty() {
            continue;
        }
        if are_entries(ours) && are_entries(theirs) && theirs.iter().any(|line| ours.contains(line)) {
            regions[index].kind = Kind::Union;
            if !is_valid(regions) {
                regions[index].kind = Kind::Conflict;
            }
            continue;
        }
        if are_alike(language, ours, theirs) {
            continue;
        }
        let orders = [
            (Kind::TheirsThenOurs, theirs.len(), ours.len()),
            (Kind::OursThenTheirs, ours.len(), theirs.len()),
        ];
        let settled = orders.into_iter().any(|(kind, first, second)| {
            regions[index].kind = kind;
            let start = regions[..index]
                .iter()
                .map(|region| three.lines(region, true).count())
                .sum();
            let lines: Vec<&str> = regions
                .iter()
                .flat_map(|region| three.lines(region, true))
                .map(|line| key(line))
                .collect();
            let spot = Spot {
                start,
                middle: start + first,
                end: start + first + second,
            };
            spot.takes(language, &lines) && is_valid(regions)
        });
        if !settled {
            regions[index].kind = Kind::Conflict;
        }
    }
}

/// Whether each line is an entry of a list by itself.
fn are_entries(lines: &[String]) -> bool {
    lines.iter().all(|line| {
        let (entry, _) = line.split_once("  #").unwrap_or((line, ""));
        let entry = entry.trim();
        let count = |brackets: &[char]| entry.matches(brackets).count();
        entry.len() > 1 && entry.ends_with(',') && count(&['(', '[', '{']) == count(&[')', ']', '}'])
    })
}

/// Whether both sides may have inserted the same thing.
fn are_alike(language: Language, ours: &[String], theirs: &[String]) -> bool {
    let said = |lines: &[String]| -> BTreeSet<String> {
        let lines = lines.iter().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let (ours, theirs) = (said(ours), said(theirs));
    let nothing = ours.is_empty() || theirs.is_empty();
    if language.is_read() {
        !nothing && (ours.is_subset(&theirs) || theirs.is_subset(&ours))
    } else {
        !ours.is_disjoint(&theirs)
    }
}

/// Where two insertions follow each other: the lines `start..middle` and `middle..end`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub(super) start: usize,
    pub(super) middle: usize,
    pub(super) end: usize,
}

impl Spot {
    fn first(self) -> Range<usize> {
        self.start..self.middle
    }

    fn second(self) -> Range<usize> {
        self.middle..self.end
    }

    /// Whether the lines have two complete insertions here.
    pub(super) fn takes(self, language: Language, lines: &[&str]) -> bool {
        let reader = (language == Language::Python).then(|| whole::Reader::new(&text_of(lines)));
        self.places(lines)
            .any(|spot| spot.fits(language, lines) && reader.as_ref().is_none_or(|reader| reader.are_whole(spot)))
    }

    /// Among lines like its own, an insertion can be seen at several places: `), (` between two brackets is the same
    /// change as `( )` before or after one.
    fn places(self, lines: &[&str]) -> impl Iterator<Item = Self> {
        let shortest = self.first().len().min(self.second().len());
        let movable = (0..shortest.min(self.start)).take_while(move |up| {
            let line = lines[self.start - 1 - up];
            line == lines[self.middle - 1 - up] && line == lines[self.end - 1 - up]
        });
        (0..=movable.count()).map(move |up| Self {
            start: self.start - up,
            middle: self.middle - up,
            end: self.end - up,
        })
    }

    /// Whether the second does not become a part of the first.
    fn fits(self, language: Language, lines: &[&str]) -> bool {
        let (first, second) = (&lines[self.first()], &lines[self.second()]);
        let (Some(first_indent), Some(second_indent)) = (indents(first), indents(second)) else {
            return true;
        };
        let is_even = |(begin, least): (usize, usize)| begin == least;
        let said = second.iter().find(|line| !language.is_blank_or_comment(line));
        first_indent.0 >= second_indent.0
            && (language == Language::Python || (is_even(first_indent) && is_even(second_indent)))
            && (!first.iter().any(|line| language.is_heading(line))
                || said.is_none_or(|line| language.is_heading(line)))
    }
}

/// How far the first line that is not blank is indented, and the one that is indented least.
fn indents(lines: &[&str]) -> Option<(usize, usize)> {
    let indents = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len());
    Some((indents.clone().next()?, indents.min()?))
}
