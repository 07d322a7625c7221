//! Where in a source text something stands. Every token, every node of the tree and every
//! diagnostic carries a [`Span`], so that a message can underline the very words it is about.

/// A half-open range of byte offsets into one source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just after the last byte.
    pub end: usize,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Self {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span at this one's end: where something is missing.
    pub fn after(self) -> Self {
        Span { start: self.end, end: self.end }
    }
}
