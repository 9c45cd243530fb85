//! Slots: places in one component's file where others add to it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::OnceLock;

use handlebars::{
    BlockContext, BlockParamHolder, Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext,
    RenderErrorReason, Renderable as _, Template,
};

use super::settled::WIDTH;
use super::written::Written;
use crate::catalog::{Component, slot_name};
use crate::error::{Error, Result};
use crate::parsed;

/// The fragments of each slot in their order.
#[derive(Default)]
pub(super) struct Slots {
    fragments: BTreeMap<String, Vec<Fragment>>,
}

/// What a component adds to a slot; parsed where it is first rendered.
struct Fragment {
    /// Its path below `templates/`.
    name: String,
    text: Cow<'static, str>,
    template: OnceLock<Template>,
}

impl Fragment {
    fn template(&self) -> std::result::Result<&Template, RenderErrorReason> {
        if let Some(template) = self.template.get() {
            return Ok(template);
        }
        let mut template = parsed::template(&self.text, parsed::uses_brackets(&self.name))?;
        template.name = Some(self.name.clone());
        Ok(self.template.get_or_init(|| template))
    }
}

impl Slots {
    /// Collects what the chosen components contribute, ordered by `after` and `before`, else as the components are.
    ///
    /// # Errors
    /// The wishes contradict each other.
    pub(super) fn collect(components: &[&Component]) -> Result<Self> {
        let mut contributions: BTreeMap<&str, Vec<(&Component, Fragment)>> = BTreeMap::new();
        for component in components {
            for (path, text) in &component.slots {
                let fragment = Fragment {
                    name: format!("{}/slots/{path}", component.name),
                    text: text.clone(),
                    template: OnceLock::new(),
                };
                contributions
                    .entry(slot_name(path))
                    .or_default()
                    .push((component, fragment));
            }
        }
        let mut slots = Self::default();
        for (slot, unordered) in contributions {
            slots.fragments.insert(slot.to_owned(), in_order(slot, unordered)?);
        }
        Ok(slots)
    }
}

fn in_order(slot: &str, mut waiting: Vec<(&Component, Fragment)>) -> Result<Vec<Fragment>> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let must_wait = |component: &Component| {
            waiting.iter().any(|(other, _)| {
                let wish = component.manifest.slots.get(slot);
                let others_wish = other.manifest.slots.get(slot);
                wish.is_some_and(|wish| wish.after.as_ref() == Some(&other.name))
                    || others_wish.is_some_and(|wish| wish.before.as_ref() == Some(&component.name))
            })
        };
        let Some(next) = waiting.iter().position(|(component, _)| !must_wait(component)) else {
            return Err(Error::template(
                "component.toml",
                format!("`after` and `before` of the slot `{slot}` form a cycle"),
            ));
        };
        ordered.push(waiting.remove(next).1);
    }
    Ok(ordered)
}

thread_local! {
    /// What slots leave for the file that this thread renders.
    static HOISTED: RefCell<Hoisted> = RefCell::default();
}

#[derive(Debug, Default)]
struct Hoisted {
    is_python: bool,
    /// What goes to the top of a Python file.
    imports: String,
}

/// Begins a file.
pub(super) fn begin(is_python: bool) {
    let imports = String::new();
    HOISTED.set(Hoisted { is_python, imports });
}

/// The imports that the file's slots contributed.
pub(super) fn hoisted_imports() -> String {
    HOISTED.with_borrow_mut(|hoisted| std::mem::take(&mut hoisted.imports))
}

/// `{{slot "name" "indentation" model=this}}`: what is passed by name is seen by what lands there.
pub(super) struct SlotHelper {
    pub(super) slots: Slots,
}

impl HelperDef for SlotHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text_of = |index: usize| helper.param(index).and_then(|param| param.value().as_str());
        let name = text_of(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("slot", 0))?;
        let indentation = text_of(1).unwrap_or_default();
        let Some(fragments) = self.slots.fragments.get(name) else {
            return Ok(());
        };
        let block = seen_with(state, helper);
        let mut is_first = true;
        for fragment in fragments {
            let template = fragment.template()?;
            let mut inner = RenderContext::new(None);
            inner.replace_blocks([block.clone()].into());
            let mut written = Written::default();
            template.render(registry, context, &mut inner, &mut written)?;
            let rendered = written.text.trim_end();
            let mut begin = HOISTED.with_borrow_mut(|hoisted| {
                if !hoisted.is_python {
                    return 0;
                }
                let (imports, _) = split_imports(rendered);
                hoisted.imports.push_str(imports);
                imports.len()
            });
            if begin == rendered.len() {
                continue;
            }
            // An empty line at the beginning parts it from what stands before it in the slot.
            if is_first {
                begin = rendered.len() - rendered[begin..].trim_start_matches('\n').len();
            }
            is_first = false;
            // A heading or a comment at the beginning opens a paragraph of its own.
            if rendered[begin..].starts_with('#') {
                out.write("\n")?;
            }
            written.text.truncate(rendered.len());
            written.text.push('\n');
            write_indented(&written, begin, indentation, out)?;
        }
        Ok(())
    }
}

/// Writes the lines from `begin` on, indented. Literal lines that still fit are written in one piece, so that they stay
/// literal.
fn write_indented(written: &Written, begin: usize, indentation: &str, out: &mut dyn Output) -> std::io::Result<()> {
    let mut at = begin;
    let mut piece: Option<&Range<usize>> = None;
    let mut lines = String::new();
    for line in written.text[begin..].split_inclusive('\n') {
        let range = at..at + line.len();
        at = range.end;
        let (indentation, line) = match line.trim_end_matches('\n') {
            blank if blank.trim().is_empty() => ("", ""),
            line => (indentation, line),
        };
        let is_within = |piece: &&Range<usize>| piece.start <= range.start && range.end <= piece.end;
        let is_movable = indentation.is_empty() || line.is_ascii() && indentation.len() + line.len() <= WIDTH;
        let known = piece.filter(is_within).filter(|_| is_movable);
        if known.is_none() {
            out.write(&std::mem::take(&mut lines))?;
        }
        piece = known
            .or_else(|| written.literal.iter().find(is_within))
            .filter(|_| is_movable);
        if piece.is_some() {
            lines.extend([indentation, line, "\n"]);
        } else {
            for part in [indentation, line, "\n"] {
                out.write(part)?;
            }
        }
    }
    out.write(&lines)
}

/// The outermost block, as the file sees it, with what a slot passes on by name.
fn seen_with<'rc>(state: &mut RenderContext<'_, 'rc>, helper: &Helper<'rc>) -> BlockContext<'rc> {
    let blocks = state.replace_blocks(VecDeque::new());
    let mut outermost = blocks.back().cloned().unwrap_or_default();
    state.replace_blocks(blocks);
    for (name, passed) in helper.hash() {
        let seen = match passed.context_path() {
            Some(path) => BlockParamHolder::path(path.clone()),
            None => BlockParamHolder::value(passed.value().clone()),
        };
        outermost.set_block_param(name, seen);
    }
    outermost
}

/// The import lines that a Python fragment begins with, and the rest.
fn split_imports(fragment: &str) -> (&str, &str) {
    let mut end = 0;
    let mut open = false;
    for line in fragment.split_inclusive('\n') {
        let begins = line.starts_with("from ") || line.starts_with("import ");
        if !(begins || open || line.trim().is_empty()) {
            break;
        }
        open = (open || begins && line.contains('(')) && !line.contains(')');
        end += line.len();
    }
    fragment.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_literal_where_they_still_fit() {
        let mut fragment = Written::default();
        for piece in ["a = 1\n\nb = ", "2", "\nc = 3\n", &format!("{}\n", "d".repeat(86))] {
            fragment.write(piece).unwrap();
        }
        for (indentation, known) in [
            ("", vec!["a = 1\n\n", "c = 3\n", "ddd"]),
            ("    ", vec!["    a = 1\n\n", "    c = 3\n"]),
        ] {
            let mut file = Written::default();
            write_indented(&fragment, 0, indentation, &mut file).unwrap();
            let literal: Vec<_> = file.literal.iter().map(|range| &file.text[range.clone()]).collect();
            assert_eq!(literal.len(), known.len(), "{literal:?}");
            assert!(
                literal.iter().zip(known).all(|(found, known)| found.starts_with(known)),
                "{literal:?}"
            );
        }
    }

    #[test]
    fn a_fragments_imports_are_told_from_its_body() {
        assert_eq!(
            split_imports("from a import (\n    b,\n)\nimport c\n\nx\nimport d\n").1,
            "x\nimport d\n"
        );
        assert_eq!(split_imports("x,\n"), ("", "x,\n"));
    }
}
