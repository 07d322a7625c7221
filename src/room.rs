//! Room on the stack. Trees are read, checked, planned and printed by walking down them, an expression may be a thousand
//! operators tall, and nobody knows how much is left of the stack we are on: a thread's is small.

/// With so much left there is no need for more.
const ENOUGH: usize = 4 * 1024 * 1024;

/// What the tallest tree needs, several times over. What is not touched of it costs nothing.
const ROOM: usize = 64 * 1024 * 1024;

/// Does the work where there is room for it.
pub(crate) fn with_room<T>(work: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(ENOUGH, ROOM, work)
}
