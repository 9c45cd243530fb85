//! Whether a merge is fit to be a result.

use std::cell::OnceCell;

use super::facts::Facts;
use super::language::Language;
use super::regions::Three;
use super::source::text_of;

/// Compares a merge with the two sides it is made of.
pub(super) struct Judge<'a> {
    pub(super) language: Language,
    three: &'a Three,
    ours: OnceCell<Facts>,
    theirs: OnceCell<Facts>,
}

impl<'a> Judge<'a> {
    pub(super) const fn new(language: Language, three: &'a Three) -> Self {
        Self {
            language,
            three,
            ours: OnceCell::new(),
            theirs: OnceCell::new(),
        }
    }

    /// Whether a merge can be read, and has no fault that neither side has.
    pub(super) fn accepts(&self, lines: &[String]) -> bool {
        if !self.language.is_read() {
            return true;
        }
        let facts = Facts::of(self.language, &text_of(lines));
        facts.is_faultless() || facts.are_no_worse_than(self.ours(), self.theirs())
    }

    /// The same, but a file that the user left in disorder may stay so; not in Python, where it would not run.
    pub(super) fn tolerates(&self, lines: &[String]) -> bool {
        self.accepts(lines) || (self.language != Language::Python && !self.ours().parses)
    }

    fn ours(&self) -> &Facts {
        self.ours
            .get_or_init(|| Facts::of(self.language, &text_of(&self.three.ours)))
    }

    fn theirs(&self) -> &Facts {
        self.theirs
            .get_or_init(|| Facts::of(self.language, &text_of(&self.three.theirs)))
    }
}
