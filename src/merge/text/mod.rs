//! The merge of one file's content: what was rendered last, what the user made of it, what is rendered now.
//!
//! A truth table comes first. What it leaves is merged line by line; a merge that its language finds fault with is no
//! result, but a conflict. No line that the user wrote is ever lost.

mod conflict;
mod data;
mod facts;
mod imports;
mod insertions;
mod judge;
mod language;
mod python;
mod regions;
mod removals;
mod requirements;
mod source;
mod statements;
mod whole;

use std::collections::HashMap;

pub use conflict::{Conflict, has_markers, own_side};

use super::Layout;
use super::layout::is_python;
use conflict::Piece;
use facts::Facts;
use imports::Imports;
use judge::Judge;
use language::Language;
use regions::{Kind, Region, Three};
use source::{LineEnds, Shape, Source, key};

/// The file that names the packages which a project needs.
const MANIFEST: &str = "pyproject.toml";

/// What became of a file's three contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merged {
    /// The merge.
    Clean(Vec<u8>),
    /// Both sides changed the same.
    Conflict(Conflict),
    /// One of the three is no text, and all three differ.
    Binary,
}

/// Merges a file: `base` was rendered last, `ours` is the user's, `theirs` is rendered now; all are bytes as on disk.
/// An empty `base` is right for a file that both have made.
#[must_use]
pub fn merge(path: &str, base: &[u8], ours: &[u8], theirs: &[u8], layout: &Layout) -> Merged {
    if ours == base {
        let is_laid_out = layout.apply(path, base) == base;
        let result = if is_laid_out {
            layout.apply(path, theirs)
        } else {
            theirs.into()
        };
        return Merged::Clean(result.into_owned());
    }
    if theirs == base || ours == theirs {
        return Merged::Clean(ours.to_vec());
    }
    let (Some(base), Some(ours), Some(theirs)) = (Source::read(base), Source::read(ours), Source::read(theirs)) else {
        return Merged::Binary;
    };
    let mut sources = Sources { base, ours, theirs };
    let own = sources.own_requirements(path);
    sources.theirs.lines = requirements::without(&sources.theirs.lines, &own);
    if !layout.is_default() && is_python(path) {
        sources.merge_laid_out(path, layout)
    } else {
        sources.settled().unwrap_or_else(|| sources.merge_lines(path, layout))
    }
}

/// What is wrong with a text that was chosen where both sides changed the same, and was not wrong in the user's file.
#[must_use]
pub fn fault(path: &str, ours: &[u8], chosen: &[u8]) -> Option<String> {
    if has_markers(chosen) {
        return Some("conflict markers are left".to_owned());
    }
    let language = Language::of(path);
    let facts = |text: &[u8]| Facts::of(language, &String::from_utf8_lossy(text));
    (ours != chosen && language.is_read())
        .then(|| facts(chosen).fault_beside(&facts(ours)))
        .flatten()
}

/// The requirements of the user's own that stay where another form of them is rendered now.
#[must_use]
pub fn own_requirements(path: &str, base: &[u8], ours: &[u8], theirs: &[u8]) -> Vec<String> {
    let (Some(base), Some(ours), Some(theirs)) = (Source::read(base), Source::read(ours), Source::read(theirs)) else {
        return Vec::new();
    };
    let own = Sources { base, ours, theirs }.own_requirements(path);
    own.into_iter().map(|(_, mine)| mine).collect()
}

/// Whether the user's file is what was rendered, but for its line ends, BOM, last line end and layout.
#[must_use]
pub fn is_same_but_for_layout(path: &str, base: &[u8], ours: &[u8], layout: &Layout) -> bool {
    if base == ours {
        return true;
    }
    let (Some(base), Some(ours)) = (Source::read(base), Source::read(ours)) else {
        return false;
    };
    if base.has_lines_of(&ours) {
        return true;
    }
    let formatted = |source: &Source| layout.format(&source.text());
    !layout.is_default() && is_python(path) && formatted(&base).is_some_and(|base| formatted(&ours) == Some(base))
}

/// The three contents as texts.
struct Sources {
    base: Source,
    ours: Source,
    theirs: Source,
}

impl Sources {
    fn shape(&self) -> Shape {
        Shape::merged(self.base.shape, self.ours.shape, self.theirs.shape)
    }

    /// Requirements that are rendered now and that the user has in a form of their own, with that form.
    fn own_requirements(&self, path: &str) -> Vec<(String, String)> {
        if path != MANIFEST {
            return Vec::new();
        }
        requirements::taken(&self.base.text(), &self.ours.text(), &self.theirs.text())
    }

    /// The truth table, with no regard to line ends.
    fn settled(&self) -> Option<Merged> {
        // Where lines end differently, each stays as it is: the merge of lines sees to that.
        if self.ours.shape.ends != LineEnds::Mixed && self.ours.has_lines_of(&self.base) {
            Some(self.take_theirs())
        } else if self.theirs.has_lines_of(&self.base) || self.ours.has_lines_of(&self.theirs) {
            Some(self.keep_ours())
        } else {
            None
        }
    }

    fn take_theirs(&self) -> Merged {
        Merged::Clean(self.theirs.write(self.shape()))
    }

    fn keep_ours(&self) -> Merged {
        Merged::Clean(self.ours.write(self.ours.shape))
    }

    /// Merges in the project's own layout, so that formatting alone is no change.
    fn merge_laid_out(&self, path: &str, layout: &Layout) -> Merged {
        let format = |source: &Source| layout.format(&source.text()).map(|text| source.with_text(&text));
        let (Some(base), Some(theirs)) = (format(&self.base), format(&self.theirs)) else {
            return self.settled().unwrap_or_else(|| self.merge_lines(path, layout));
        };
        let ours = self.ours.clone();
        let laid_out = Self { base, ours, theirs };
        if let Some(merged) = laid_out.settled().or_else(|| self.settled()) {
            return merged;
        }
        if let Some(ours) = format(&self.ours) {
            if ours.has_lines_of(&laid_out.base) {
                return laid_out.take_theirs();
            }
            if ours.has_lines_of(&laid_out.theirs) {
                return self.keep_ours();
            }
        }
        // A project may have settings that it never applied.
        let nearer = if laid_out.distance() <= self.distance() {
            &laid_out
        } else {
            self
        };
        nearer.merge_lines(path, layout)
    }

    /// How many of the user's lines were not rendered.
    fn distance(&self) -> usize {
        let mut rendered: HashMap<&str, usize> = HashMap::new();
        for line in &self.base.lines {
            *rendered.entry(key(line)).or_default() += 1;
        }
        let is_new = |line: &&String| match rendered.get_mut(key(line)) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        };
        self.ours.lines.iter().filter(is_new).count()
    }

    fn merge_lines(&self, path: &str, layout: &Layout) -> Merged {
        let three = Three {
            base: self.base.lines.clone(),
            ours: self.ours.lines.clone(),
            theirs: self.theirs.lines.clone(),
        };
        if three.base.is_empty() {
            let language = Language::of(path);
            // Two modules that know nothing of each other are one where no name is there twice.
            let both = (language == Language::Python)
                .then(|| attempts(&three, &Judge::new(language, &three), layout))
                .flatten();
            if let Some(pieces) = both.filter(|pieces| !pieces.iter().any(|piece| matches!(piece, Piece::Open { .. })))
            {
                return merged(pieces, self.shape());
            }
            let regions = three.regions_without_base();
            return merged(pieces(&three, &regions, Language::of(path)), self.shape());
        }
        let judge = Judge::new(Language::of(path), &three);
        match attempts(&three, &judge, layout) {
            Some(pieces) => merged(pieces, self.shape()),
            None => merged(all_open(&three, judge.language), self.ours.shape),
        }
    }
}

/// A merge whose text, with what is open left as the user has it, its language finds no fault with.
fn attempts(three: &Three, judge: &Judge<'_>, layout: &Layout) -> Option<Vec<Piece>> {
    let lifted = if judge.language == Language::Python {
        Imports::lift(three, layout)
    } else {
        None
    };
    let by_name = |(three, imports): &(Three, Imports<'_>)| attempt_by_name(three, imports, judge);
    let both_changed = lifted.as_ref().filter(|(_, imports)| imports.both_changed());
    let others = lifted.as_ref().filter(|(_, imports)| !imports.both_changed());
    both_changed
        .and_then(by_name)
        .or_else(|| attempt(three, judge))
        .or_else(|| others.and_then(by_name))
}

fn attempt(three: &Three, judge: &Judge<'_>) -> Option<Vec<Piece>> {
    let mut regions = three.regions();
    let is_valid = |regions: &[Region]| judge.accepts(&lines(three, regions, true));
    insertions::settle(three, judge.language, &mut regions, is_valid);
    removals::settle(three, judge.language, &mut regions, is_valid);
    judge
        .tolerates(&lines(three, &regions, true))
        .then(|| pieces(three, &regions, judge.language))
}

/// The same for texts whose imports were lifted out.
fn attempt_by_name(three: &Three, imports: &Imports<'_>, judge: &Judge<'_>) -> Option<Vec<Piece>> {
    let block = |regions: &[Region]| {
        let sides = [lines(three, regions, true), lines(three, regions, false)];
        let has_place = sides.iter().all(|side| Imports::have_place(side));
        if has_place { imports.render(&sides) } else { None }
    };
    let is_valid = |regions: &[Region]| {
        let merged = block(regions).map(|block| Imports::place(&lines(three, regions, true), &block));
        merged.is_some_and(|merged| judge.accepts(&merged))
    };
    let mut regions = three.regions();
    insertions::settle(three, judge.language, &mut regions, is_valid);
    removals::settle(three, judge.language, &mut regions, is_valid);
    if !is_valid(&regions) {
        return None;
    }
    let block = block(&regions)?;
    let place = |lines: Vec<String>| Imports::place(&lines, &block);
    let placed = pieces(three, &regions, judge.language)
        .into_iter()
        .map(|piece| match piece {
            Piece::Settled(lines) => Piece::Settled(place(lines)),
            Piece::Open { ours, base, theirs } => Piece::Open {
                ours: place(ours),
                base: place(base),
                theirs: place(theirs),
            },
        });
    Some(placed.collect())
}

/// Everything that the new render changed is in conflict, and all else is the user's.
fn all_open(three: &Three, language: Language) -> Vec<Piece> {
    let mut regions = three.regions();
    for region in &mut regions {
        if region.kind == Kind::Theirs {
            region.kind = Kind::Conflict;
        }
    }
    pieces(three, &regions, language)
}

fn lines(three: &Three, regions: &[Region], conflicts_ours: bool) -> Vec<String> {
    let lines = regions.iter().flat_map(|region| three.lines(region, conflicts_ours));
    lines.cloned().collect()
}

fn pieces(three: &Three, regions: &[Region], language: Language) -> Vec<Piece> {
    let mut narrowed = Vec::new();
    for region in regions {
        if region.kind == Kind::Conflict {
            narrowed.extend(three.narrowed(region));
        } else {
            narrowed.push(region.clone());
        }
    }
    if language == Language::Python {
        narrowed = statements::widen(three, narrowed);
    }
    let mut pieces = Vec::new();
    for region in narrowed {
        if region.kind == Kind::Conflict {
            pieces.push(Piece::Open {
                ours: three.ours[region.ours].to_vec(),
                base: three.base[region.base].to_vec(),
                theirs: three.theirs[region.theirs].to_vec(),
            });
            continue;
        }
        let lines = three.lines(&region, true).cloned();
        match pieces.last_mut() {
            Some(Piece::Settled(settled)) => settled.extend(lines),
            _ => pieces.push(Piece::Settled(lines.collect())),
        }
    }
    pieces
}

fn merged(pieces: Vec<Piece>, shape: Shape) -> Merged {
    let conflict = Conflict { pieces, shape };
    if conflict.count() == 0 {
        Merged::Clean(conflict.mine())
    } else {
        Merged::Conflict(conflict)
    }
}
