//! A second, slower reading of the language: what DESIGN.md says, row by row over plain values, without the data
//! frames of the first. Where the two differ, one of them misreads.
//!
//! ```text
//! generate ─▶ files, question ─ compile ─▶ plan ─┬─ interpret ─▶ rows ─┐
//!                                                └─ the engine ─▶ rows ┴─ compare ─▶ shrink
//! ```
//!
//! [`interpret`] walks a plan's stages, [`group`] and [`combine`] are its longer ones; [`eval`] works expressions
//! out, [`gather`] aggregates, [`window`] what hangs on other rows. [`cell`] and [`exact`] are the values,
//! [`data`] the records. [`generate`] makes casebooks and questions from a seed, and [`compare`] asks both.

pub mod cell;
pub mod combine;
pub mod compare;
pub mod data;
pub mod eval;
pub mod exact;
pub mod functions;
pub mod gather;
pub mod generate;
pub mod group;
pub mod interpret;
pub mod window;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// A sum that the answer needs is too large.
    Overflow,
    /// A row of a `join` without `many` meets several.
    Several,
    /// This reading doesn't know it (yet): such questions are left out, and counted.
    Unknown(String),
}

/// What this reading can't say.
pub fn unknown<T>(what: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Unknown(what.into()))
}
