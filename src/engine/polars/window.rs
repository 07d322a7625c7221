//! Windows: values of a row that hang on the other rows of its group.

use std::sync::Arc;

use super::rows::Rows;
use crate::diagnostic::Diagnostic;
use crate::plan::Window;

/// Works a window out for each row, as a column of [`name`].
pub(super) fn bring(_rows: &mut Rows, _window: &Arc<Window>) -> Result<(), Diagnostic> {
    Err(Diagnostic::bare("fault-engine", "not yet"))
}

/// Where a window's value stands.
pub(super) fn name(window: &Window) -> String {
    format!("\u{1}w{}", window.id)
}
