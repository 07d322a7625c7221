//! An answer as data: a data frame with, for each column, what its values mean. Engines make it,
//! outputs print it.
//!
//! How a type is stored in the data frame: `bool` as Boolean, `integer` and all quantities (money, mass,
//! volume, items, duration) as Int64 counts of the base unit, `number` as Float64, `text` and `id` as
//! String, `date` as Date, `datetime` as Datetime in microseconds without a zone. Categories and
//! records arrive here as the String that is shown.

mod number;
pub mod value;

use polars::prelude::{ChunkTake, DataFrame, IdxCa, IdxSize, StringChunked};

use crate::types::{Show, Type};

/// A table of values and their meaning.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The values; a column for each of `columns`, in the same order, named after their position.
    pub data: DataFrame,
    /// What each column is.
    pub columns: Vec<Column>,
    /// For each column, texts that a table shows in the place of its values, where there are any: `total`, `new`.
    pub marks: Vec<Option<StringChunked>>,
}

/// How many, for a reader: `1,234`.
pub fn count(n: u64) -> String {
    number::grouped(&n.to_string())
}

impl Frame {
    /// Values that show as they are.
    pub fn plain(data: DataFrame, columns: Vec<Column>) -> Frame {
        let marks = vec![None; columns.len()];
        Frame { data, columns, marks }
    }

    /// Its first and last rows alone.
    #[must_use]
    pub fn ends(&self, first: usize, last: usize) -> Frame {
        let height = self.data.height();
        let rows: Vec<IdxSize> = (0..height.min(first))
            .chain(height.saturating_sub(last).max(first)..height)
            .filter_map(|row| IdxSize::try_from(row).ok())
            .collect();
        let rows = IdxCa::from_vec("rows".into(), rows);
        let Ok(data) = self.data.take(&rows) else { return self.clone() };
        let marks = self.marks.iter().map(|marks| marks.as_ref()?.take(&rows).ok());
        Frame { data, columns: self.columns.clone(), marks: marks.collect() }
    }

    /// The mark of a cell.
    pub fn mark(&self, column: usize, row: usize) -> Option<&str> {
        self.marks.get(column)?.as_ref()?.get(row)
    }
}

/// What a column of an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the question.
    pub name: String,
    /// What the catalogue calls it for readers.
    pub label: Option<String>,
    /// Its type.
    pub ty: Type,
    /// The unit or grain that it is shown in.
    pub show: Show,
    /// For data formats alone: a table shows it in other ways.
    pub data_only: bool,
}

/// What one question gave.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The comment above the question.
    pub title: Option<String>,
    /// The values.
    pub frame: Frame,
    /// Notes for the reader, each a sentence: what missing values left out, say.
    pub notes: Vec<String>,
}
