//! What is too tall or too large to be worked out. The parser keeps what is written within bounds; but derived columns
//! stand for what they are made of, and operations of different types, each on the result of the one before, are
//! worked out one inside another, which takes an engine's threads room that they may not have.

use super::Checker;
use crate::diagnostic::Diagnostic;
use crate::plan::Expr;
use crate::syntax::span::Span;

/// How many operations may stand on one another. polars' threads have been seen to hold twice as many, and not three
/// times.
const TALLEST: usize = 600;

/// How many parts an expression may have, with all that derived columns stand for.
const LARGEST: usize = 100_000;

impl Checker<'_> {
    /// Reports an expression that no engine could be asked to work out.
    pub(super) fn is_within_bounds(&mut self, expr: &Expr, place: Span) -> bool {
        let message = if expr.size(LARGEST) >= LARGEST {
            format!("this has more than {LARGEST} parts, with what its derived columns stand for")
        } else if expr.height() > TALLEST {
            format!("this stacks more than {TALLEST} operations on one another")
        } else {
            return true;
        };
        let help = "work parts of it out in a `let` before";
        self.report(Diagnostic::new("syntax-depth", message, place).help(help));
        false
    }
}
