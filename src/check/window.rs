//! Windows: values that hang on the other rows of a group.

use super::expr::Place;
use super::{Checker, broken};
use crate::builtins::Meaning;
use crate::diagnostic::Diagnostic;
use crate::plan::Expr;
use crate::syntax::ast;
use crate::syntax::span::Span;

impl Checker<'_> {
    /// A window, or an aggregate that says `per`, `sorted by` or `over`, or stands outside a grouping.
    pub(super) fn window(
        &mut self,
        _place: Place<'_>,
        _meaning: Meaning,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        let _ = call;
        self.report(Diagnostic::new("type-window", "windows are not in this version", span));
        broken()
    }
}
