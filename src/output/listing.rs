//! An answer that no question gave: what `casebook describe` lists. It is made into a frame like any
//! other, so that every format can print it.

use polars::prelude::{Column as Values, DataFrame};

use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Column, Frame};
use crate::types::{Show, Type};

/// A frame of text under these headings; a row with too few cells ends in missing ones.
pub fn listing(title: &str, headings: &[&str], rows: &[Vec<Option<String>>]) -> Result<Answer, Diagnostic> {
    let values = headings.iter().enumerate().map(|(at, _)| {
        let cells: Vec<Option<&str>> =
            rows.iter().map(|row| row.get(at).and_then(|c| c.as_deref())).collect();
        Values::new(at.to_string().into(), cells)
    });
    let data = DataFrame::new(rows.len(), values.collect()).map_err(|error| {
        Diagnostic::bare("data-output", format!("the listing could not be made: {error}"))
    })?;
    let columns = headings
        .iter()
        .map(|heading| Column {
            name: (*heading).to_string(),
            label: None,
            ty: Type::Text,
            show: Show::Plain,
            data_only: false,
        })
        .collect();
    Ok(Answer { title: Some(title.to_string()), frame: Frame::plain(data, columns), notes: Vec::new() })
}
