//! JSON: always a list of answers, even of one, each `{"title", "columns", "rows"}` with a line a row.
//! Rows are lists in the order of the columns. Numbers and quantities are JSON numbers with all their
//! digits, which is why they are written as text here and not as floats; missing is `null`.

use super::value::{Cell, Cells, datum, heading, is_json_literal};
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Column};

/// Writes answers as one list.
pub fn write(answers: &[Answer]) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    bytes.push(b'[');
    for (at, answer) in answers.iter().enumerate() {
        bytes.extend_from_slice(if at > 0 { b",\n  {\n" } else { b"\n  {\n" });
        one(answer, &mut bytes)?;
        bytes.extend_from_slice(b"  }");
    }
    bytes.extend_from_slice(if answers.is_empty() { b"]\n" } else { b"\n]\n" });
    Ok(bytes)
}

fn one(answer: &Answer, bytes: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let frame = &answer.frame;
    bytes.extend_from_slice(b"    \"title\": ");
    match &answer.title {
        Some(title) => string(title, bytes)?,
        None => bytes.extend_from_slice(b"null"),
    }
    bytes.extend_from_slice(b",\n    \"columns\": [");
    for (at, column) in frame.columns.iter().enumerate() {
        if at > 0 {
            bytes.extend_from_slice(b", ");
        }
        string(&heading(column), bytes)?;
    }
    bytes.extend_from_slice(b"],\n    \"rows\": [");
    let cells = Cells::of_frame(frame)?;
    let height = frame.data.height();
    for row in 0..height {
        bytes.extend_from_slice(if row > 0 { b",\n      [" } else { b"\n      [" });
        for (at, (column, cells)) in frame.columns.iter().zip(&cells).enumerate() {
            if at > 0 {
                bytes.extend_from_slice(b", ");
            }
            value(cells.get(row), column, bytes)?;
        }
        bytes.push(b']');
    }
    bytes.extend_from_slice(if height > 0 { b"\n    ]\n" } else { b"]\n" });
    Ok(())
}

/// A cell as JSON.
pub(super) fn value(cell: Cell<'_>, column: &Column, bytes: &mut Vec<u8>) -> Result<(), Diagnostic> {
    match datum(cell, column) {
        None => bytes.extend_from_slice(b"null"),
        Some(text) if is_json_literal(cell) => bytes.extend_from_slice(text.as_bytes()),
        Some(text) => string(&text, bytes)?,
    }
    Ok(())
}

pub(super) fn string(text: &str, bytes: &mut Vec<u8>) -> Result<(), Diagnostic> {
    serde_json::to_writer(bytes, text).map_err(|error| {
        Diagnostic::bare("data-output", format!("the answer could not be written as JSON: {error}"))
    })
}
