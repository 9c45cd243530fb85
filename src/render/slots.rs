//! Slots: places in one component's file where others add to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use handlebars::{Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason};

use crate::catalog::{Component, slot_name};
use crate::error::{Error, Result};

/// The fragments of each slot in their order, by the names they are registered under.
#[derive(Debug, Default)]
pub(super) struct Slots {
    fragments: BTreeMap<String, Vec<String>>,
}

/// One fragment, before it is registered.
pub(super) struct Fragment<'a> {
    /// The name it is registered under: its path below `templates/`.
    pub(super) name: String,
    /// Its text.
    pub(super) text: &'a str,
}

impl Slots {
    /// Collects what the chosen components contribute, ordered by `after` and `before`, else as the components are.
    ///
    /// # Errors
    /// The wishes contradict each other.
    pub(super) fn collect<'a>(components: &[&'a Component]) -> Result<(Self, Vec<Fragment<'a>>)> {
        let mut contributions: BTreeMap<&str, Vec<(&Component, String)>> = BTreeMap::new();
        let mut fragments = Vec::new();
        for component in components {
            for (path, text) in &component.slots {
                let name = format!("{}/slots/{path}", component.name);
                contributions
                    .entry(slot_name(path))
                    .or_default()
                    .push((component, name.clone()));
                fragments.push(Fragment { name, text });
            }
        }
        let mut slots = Self::default();
        for (slot, unordered) in contributions {
            slots.fragments.insert(slot.to_owned(), in_order(slot, unordered)?);
        }
        Ok((slots, fragments))
    }
}

fn in_order(slot: &str, mut waiting: Vec<(&Component, String)>) -> Result<Vec<String>> {
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

/// What slots leave for the file that is being rendered: imports that go to its top.
#[derive(Debug, Clone, Default)]
pub(super) struct Hoisted(Arc<Mutex<Hoist>>);

#[derive(Debug, Default)]
struct Hoist {
    is_python: bool,
    imports: String,
}

impl Hoisted {
    /// Begins a file.
    pub(super) fn begin(&self, is_python: bool) {
        let mut hoist = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *hoist = Hoist {
            is_python,
            imports: String::new(),
        };
    }

    /// The imports that the file's slots contributed.
    pub(super) fn imports(&self) -> String {
        let hoist = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hoist.imports.clone()
    }
}

/// `{{slot "name" "indentation" model=this}}`: what is passed by name is seen by what lands there.
pub(super) struct SlotHelper {
    pub(super) slots: Slots,
    pub(super) hoisted: Hoisted,
}

impl HelperDef for SlotHelper {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text_of = |index: usize| helper.param(index).and_then(|param| param.value().as_str());
        let name = text_of(0).ok_or(RenderErrorReason::ParamNotFoundForIndex("slot", 0))?;
        let indentation = text_of(1).unwrap_or_default();
        let passed = seen_with(context, helper);
        let context = passed.as_ref().unwrap_or(context);
        let mut is_first = true;
        for fragment in self.slots.fragments.get(name).into_iter().flatten() {
            let rendered = registry.render_with_context(fragment, context)?;
            let mut hoist = self.hoisted.0.lock().unwrap_or_else(PoisonError::into_inner);
            let body = if hoist.is_python {
                let (imports, body) = split_imports(&rendered);
                hoist.imports.push_str(imports);
                body
            } else {
                rendered.as_str()
            };
            let mut body = body.trim_end();
            if body.is_empty() {
                continue;
            }
            // An empty line at the beginning parts it from what stands before it in the slot.
            if is_first {
                body = body.trim_start_matches('\n');
            }
            is_first = false;
            // A heading or a comment at the beginning opens a paragraph of its own.
            if body.starts_with('#') {
                out.write("\n")?;
            }
            for line in body.split('\n') {
                if !line.trim().is_empty() {
                    out.write(indentation)?;
                    out.write(line)?;
                }
                out.write("\n")?;
            }
        }
        Ok(())
    }
}

/// The context with what a slot passes on by name; none if it passes nothing.
fn seen_with(context: &Context, helper: &Helper<'_>) -> Option<Context> {
    if helper.hash().is_empty() {
        return None;
    }
    let mut data = context.data().clone();
    for (name, value) in helper.hash() {
        data[*name] = value.value().clone();
    }
    Some(Context::from(data))
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
    fn a_fragments_imports_are_told_from_its_body() {
        assert_eq!(
            split_imports("from a import (\n    b,\n)\nimport c\n\nx\nimport d\n").1,
            "x\nimport d\n"
        );
        assert_eq!(split_imports("x,\n"), ("", "x,\n"));
    }
}
