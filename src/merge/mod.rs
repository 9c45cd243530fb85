//! What was rendered last time, what is rendered now and what lies in the directory become a plan: a change for every path,
//! each with its reason. Nothing is written here.
//!
//! File by file a small truth table decides ([`table`]); where both sides changed the same file, its text is merged
//! ([`text`]); what can't be merged is a dispute, which somebody settles ([`change`]).

mod change;
mod layout;
mod plan;
mod table;
mod text;

pub use change::{Action, Change, Dispute, Settlement, Step};
pub use layout::Layout;
pub use plan::{Plan, Reach, Sides, next_base};
pub use text::{Conflict, Merged, fault, has_markers, is_same_but_for_layout, merge, own_requirements, own_side};
