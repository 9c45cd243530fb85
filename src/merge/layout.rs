//! Stub.
use std::borrow::Cow;
/// Stub.
#[derive(Debug, Default)]
pub struct Layout;
impl Layout {
    /// Stub.
    pub fn of_project(_: Option<&str>, _: Option<&str>) -> Self {
        Self
    }
    /// Stub.
    pub fn is_default(&self) -> bool {
        true
    }
    /// Stub.
    pub fn apply<'a>(&self, _: &str, content: &'a [u8]) -> Cow<'a, [u8]> {
        Cow::Borrowed(content)
    }
}
