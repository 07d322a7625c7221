//! What a reader is shown of a frame, in whatever format for readers: the columns that are no matter of programs
//! alone, under what the catalogue calls them, and each cell with its unit or its mark (`total`, `new`).

use super::value::{Cell, Cells, reader, visible};
use crate::diagnostic::Diagnostic;
use crate::frame::{Column, Frame};

/// What stands for a missing value, which so differs from an empty text.
pub const MISSING: &str = "—";

/// What stands below the heading of an answer without rows.
pub const NO_ROWS: &str = "(no rows)\n";

/// The part of a frame that readers see.
pub struct Shown<'a> {
    frame: &'a Frame,
    places: Vec<usize>,
    cells: Vec<Cells>,
    /// The columns, in order.
    pub columns: Vec<&'a Column>,
    /// How many rows there are.
    pub height: usize,
}

impl<'a> Shown<'a> {
    /// What readers see of a frame.
    pub fn of(frame: &'a Frame) -> Result<Shown<'a>, Diagnostic> {
        let (places, columns) =
            frame.columns.iter().enumerate().filter(|(_, column)| !column.data_only).unzip();
        let cells = Cells::of_frame(frame)?;
        Ok(Shown { frame, places, cells, columns, height: frame.data.height() })
    }

    /// The texts of each row's cells.
    pub fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        (0..self.height).map(|row| {
            let cells = self.places.iter().zip(&self.columns);
            cells.map(|(at, column)| self.cell(*at, column, row)).collect()
        })
    }

    fn cell(&self, at: usize, column: &Column, row: usize) -> String {
        if let Some(mark) = self.frame.mark(at, row) {
            return mark.to_string();
        }
        let cell = self.cells.get(at).map_or(Cell::Missing, |cells| cells.get(row));
        reader(cell, column).unwrap_or_else(|| MISSING.to_string())
    }
}

/// The heading of a column: what the catalogue calls it, or its name.
pub fn caption(column: &Column) -> String {
    visible(column.label.as_deref().unwrap_or(&column.name))
}
