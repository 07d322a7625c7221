//! Windows: values that hang on the other rows of a group.

use super::expr::Place;
use super::{Checker, broken};
use crate::builtins::{Meaning, Windowing};
use crate::diagnostic::Diagnostic;
use crate::plan::Expr;
use crate::syntax::ast;
use crate::syntax::span::Span;

impl Checker<'_> {
    /// A window, or an aggregate that says `per`, `sorted by` or `over`, or stands outside a grouping.
    pub(super) fn window(
        &mut self,
        place: Place<'_>,
        meaning: Meaning,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        if meaning == Meaning::Window(Windowing::Total) {
            return self.total_of(place, call, span);
        }
        self.report(Diagnostic::new("type-window", "windows are not in this version", span));
        broken()
    }
}
