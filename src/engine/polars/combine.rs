//! Other queries' rows: below these, left out, beside them, or as a set of values.

use std::sync::Arc;

use super::rows::Rows;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Query, Stage};

/// A stage that reads another query, or looks at each row by itself.
pub(super) fn stage(_rows: &mut Rows, stage: &Stage) -> Result<(), Diagnostic> {
    Err(Diagnostic::bare("fault-engine", format!("not yet: {stage:?}")))
}

/// Brings in whether a value is among another query's.
pub(super) fn bring_membership(
    _rows: &mut Rows,
    _value: &plan::Expr,
    _query: &Arc<Query>,
) -> Result<(), Diagnostic> {
    Err(Diagnostic::bare("fault-engine", "not yet"))
}

/// Where it stands then.
pub(super) fn membership_name(value: &plan::Expr, query: &Arc<Query>) -> String {
    format!("\u{1}in.{value}.{:p}", Arc::as_ptr(query))
}
