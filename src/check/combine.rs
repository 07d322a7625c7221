//! Stages that bring in other queries' rows, and those that look at rows by themselves: `append`, `except`, `join`,
//! `unpivot`, `describe`, `sample`, and `x in (QUERY)`.

use super::expr::Place;
use super::{Checker, Draft, broken};
use crate::diagnostic::Diagnostic;
use crate::plan::Expr;
use crate::syntax::ast;
use crate::types::Type;

impl Checker<'_> {
    /// One of these stages.
    pub(super) fn combining(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        self.report(Diagnostic::new("syntax-later", "this stage is not in this version", stage.span));
        draft.scope.blind = true;
    }

    /// `x in (QUERY)`
    pub(super) fn in_query(&mut self, _place: Place<'_>, _operand: Expr, set: &ast::Expr) -> Option<Expr> {
        self.report(Diagnostic::new("syntax-later", "a query after `in` is not in this version", set.span));
        Some(Expr { ty: Type::Bool, ..broken() })
    }
}
