//! Stub.
use super::Layout;
/// Stub.
#[derive(Debug, Clone)]
pub enum Merged {
    /// Stub.
    Clean(Vec<u8>),
    /// Stub.
    Conflict(Conflict),
    /// Stub.
    Binary,
}
/// Stub.
#[derive(Debug, Clone)]
pub struct Conflict {
    mine: Vec<u8>,
    theirs: Vec<u8>,
}
impl Conflict {
    /// Stub.
    pub fn count(&self) -> usize {
        1
    }
    /// Stub.
    pub fn mine(&self) -> Vec<u8> {
        self.mine.clone()
    }
    /// Stub.
    pub fn theirs(&self) -> Vec<u8> {
        self.theirs.clone()
    }
    /// Stub.
    pub fn with_markers(&self, _: &str) -> Vec<u8> {
        [b"<<<<<<< yours\n", &self.mine[..], &self.theirs[..]].concat()
    }
}
/// Stub.
pub fn merge(_: &str, base: &[u8], ours: &[u8], theirs: &[u8], _: &Layout) -> Merged {
    if base == ours {
        return Merged::Clean(theirs.to_vec());
    }
    if base == theirs || ours == theirs {
        return Merged::Clean(ours.to_vec());
    }
    let s = |x: &[u8]| String::from_utf8_lossy(x).into_owned();
    let (b, o, t) = (s(base), s(ours), s(theirs));
    let m = similar::TextMerge::from_lines(&b, &o, &t);
    if m.is_conflicted() {
        return Merged::Conflict(Conflict {
            mine: ours.to_vec(),
            theirs: theirs.to_vec(),
        });
    }
    let mut out = Vec::new();
    let _ = m.to_writer(&mut out);
    Merged::Clean(out)
}
/// Stub.
pub fn is_same_but_for_layout(_: &str, base: &[u8], ours: &[u8], _: &Layout) -> bool {
    base == ours
}
/// Stub.
pub fn has_markers(content: &[u8]) -> bool {
    content.starts_with(b"<<<<<<< yours")
}
