//! Tab-separated values: [`super::csv`] with tabs. A field with a tab, a quote or a line break in it stands in quotes,
//! its own quotes doubled, as Excel and polars read and write them; nothing is escaped with backslashes.

use super::csv;
use crate::diagnostic::Diagnostic;
use crate::frame::Answer;

/// Writes answers one below the other, a blank line between them.
pub fn write(answers: &[Answer]) -> Result<Vec<u8>, Diagnostic> {
    csv::separated(answers, b'\t')
}
