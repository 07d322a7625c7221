//! What may be said right after a grouping, and is worked out from its records: `compare` before it, `fill`,
//! `total`, `pivot`, `top … with other` and `total(x)` after it.

use super::{Checker, Draft};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast;

impl Checker<'_> {
    /// One of these stages.
    pub(super) fn regrouping(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        self.report(Diagnostic::new("syntax-later", "this stage is not in this version", stage.span));
        draft.scope.blind = true;
    }
}
