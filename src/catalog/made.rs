//! Tables whose records no file holds. A table of keys has a record for each value that occurs in some columns of
//! other tables: people, who stand in arrests and charges and in no file of their own. A calendar has a record for
//! each span of days that a question names. Both are tables like any other to the rest of the program.

use std::sync::{Arc, OnceLock};

use super::model::{Column, From, Table};
use crate::diagnostic::Diagnostic;
use crate::files::{Case, Formats, Reader, Source};
use crate::survey::Survey;
use crate::types::Type;

/// What a table's records are made of.
#[derive(Clone, Debug)]
pub enum MadeOf {
    /// The values of these columns, each once, in the order of their texts; missing ones are none.
    Keys(Vec<KeyOf>),
    /// Spans of days, in this order.
    Calendar(Arc<[CalendarSpan]>),
}

/// A column whose values are keys.
#[derive(Clone, Debug)]
pub struct KeyOf {
    /// The table that it stands in.
    pub table: Arc<Table>,
    /// Its name.
    pub column: String,
}

/// A span of days with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarSpan {
    /// Its first day, in days since 1970-01-01.
    pub start: i32,
    /// Its last.
    pub end: i32,
    /// What it is called.
    pub label: String,
}

/// The columns of a calendar.
pub const CALENDAR: [&str; 3] = ["start", "end", "label"];

impl MadeOf {
    /// The columns that the records have before any is derived from them. What keeps the tables behind them from
    /// being read keeps this one.
    pub(super) fn headings(&self, table: &Table) -> Result<Vec<String>, Diagnostic> {
        match self {
            MadeOf::Keys(columns) => {
                columns.iter().try_for_each(|of| of.table.headings().map(drop))?;
                Ok(table.key.clone())
            }
            MadeOf::Calendar(_) => Ok(CALENDAR.map(str::to_string).to_vec()),
        }
    }
}

impl Table {
    /// A calendar: a row for each of these spans. `name` is what messages call it.
    pub fn calendar(name: Arc<str>, spans: Arc<[CalendarSpan]>) -> Table {
        let column = |name: &str| {
            let (ty, reader) = match name {
                "label" => (Type::Text, Reader::Text(Case::Keep)),
                _ => (Type::Date, Reader::Date(Formats::iso(None))),
            };
            own_column(name, ty, reader)
        };
        Table {
            made: Some(MadeOf::Calendar(spans)),
            declared: CALENDAR.into_iter().map(column).collect(),
            unique: OnceLock::from(Ok(())),
            surveyed: OnceLock::from(Ok(Survey::of_made())),
            ..Table::new(name, Source::none())
        }
    }
}

/// A column that stands under its own name.
pub(super) fn own_column(name: &str, ty: Type, reader: Reader) -> Column {
    Column {
        name: name.to_string(),
        label: None,
        ty,
        from: From::Stored { heading: name.to_string(), reader, missing: Vec::new() },
        personal: false,
        span: None,
    }
}
