//! Comma-separated values after RFC 4180, with line feeds. A heading line, then the rows; a blank line
//! stands between two answers. Missing is an empty field, a quantity a plain number.
//!
//! ```text
//! drug_class,weight [kg]
//! A,7.6
//! B,9.3
//! ```

use super::value::{Cells, datum, heading};
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Frame};

/// Writes answers one below the other.
pub fn write(answers: &[Answer]) -> Result<Vec<u8>, Diagnostic> {
    separated(answers, b',')
}

/// The same with another separator. A field that holds it, a quote or a line break stands in quotes.
pub(super) fn separated(answers: &[Answer], separator: u8) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            bytes.push(b'\n');
        }
        bytes = frame(&answer.frame, separator, bytes)?;
    }
    Ok(bytes)
}

fn frame(frame: &Frame, separator: u8, bytes: Vec<u8>) -> Result<Vec<u8>, Diagnostic> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(bytes);
    let cells = Cells::of_frame(frame)?;
    writer.write_record(frame.columns.iter().map(heading)).map_err(failed)?;
    let mut record = csv::ByteRecord::new();
    for row in 0..frame.data.height() {
        record.clear();
        for (column, cells) in frame.columns.iter().zip(&cells) {
            record.push_field(datum(cells.get(row), column).as_deref().unwrap_or("").as_bytes());
        }
        writer.write_byte_record(&record).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error()))
}

fn failed(error: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::bare("data-output", format!("the answer could not be written: {error}"))
}
