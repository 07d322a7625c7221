//! Records that no file holds ([`MadeOf`]): the keys that stand in some tables, each once, and the spans of a calendar.
//!
//! A record of keys is its key and nothing else, and where a link to it comes from one of the columns that it is made
//! of, there is one for every value. So such a link is followed without reading anything.

use polars::prelude::*;

use super::rows::{key_text, stored};
use super::source::{self, ROW};
use super::union;
use crate::catalog::{CALENDAR, CalendarSpan, MadeOf, Table};
use crate::diagnostic::Diagnostic;
use crate::plan::{LinkRef, Step, Stored};
use crate::survey::columnar::col;

/// The records, as [`source::raw`] has those of files; with `rows` numbered, keys in the order of their texts.
pub(super) fn raw(table: &Table, made: &MadeOf, rows: bool) -> Result<LazyFrame, Diagnostic> {
    let frame = match made {
        MadeOf::Keys(columns) => {
            let key = table.key.first().map_or("", String::as_str);
            let values = |of: &crate::catalog::KeyOf| {
                let column = stored(&of.table, &of.column)?;
                let text = key_text(&column, source::read(&of.table, &column));
                Ok(source::raw(&of.table, false)?.select([text.alias(key)]))
            };
            let values: Vec<LazyFrame> = columns.iter().map(values).collect::<Result<_, Diagnostic>>()?;
            let known = union(values)?.filter(col(key).is_not_null());
            let each = known.unique(None, UniqueKeepStrategy::Any);
            if rows { each.sort([key], SortMultipleOptions::default()) } else { each }
        }
        MadeOf::Calendar(spans) => calendar(spans).map_err(|error| super::read_error(&error))?.lazy(),
    };
    Ok(if rows { frame.with_row_index(ROW, None) } else { frame })
}

fn calendar(spans: &[CalendarSpan]) -> PolarsResult<DataFrame> {
    let days = |name: &str, day: fn(&CalendarSpan) -> i32| {
        let days: Vec<i32> = spans.iter().map(day).collect();
        Column::new(name.into(), days).cast(&DataType::Date)
    };
    let [start, end, label] = CALENDAR;
    let labels: Vec<&str> = spans.iter().map(|span| span.label.as_str()).collect();
    let columns =
        vec![days(start, |span| span.start)?, days(end, |span| span.end)?, Column::new(label.into(), labels)];
    DataFrame::new(spans.len(), columns)
}

/// Does a step lead from each known value to a record, because the records are made of these values?
pub(super) fn always_leads(step: &Step) -> bool {
    matches!(step, Step::One(link) if is_of_keys(link))
}

/// Is the link's near column one of those that the far table is made of?
pub(super) fn is_of_keys(link: &LinkRef) -> bool {
    let Some(MadeOf::Keys(columns)) = &link.to.made else { return false };
    let [by] = link.link.by.as_slice() else { return false };
    columns.iter().any(|of| of.table.name == link.from.name && of.column == *by)
}

/// The records of keys that pairs lead to: each pair once, with the key as what the next step starts from and as the
/// columns that are wanted of it. `next` is how many columns that step has.
pub(super) fn at_keys(
    pairs: LazyFrame,
    carried: &[PlSmallStr],
    next: usize,
    wanted: &[std::sync::Arc<Stored>],
) -> LazyFrame {
    let key = || col("\u{1}near0");
    let mut columns: Vec<Expr> = carried.iter().map(|name| col(name.clone())).collect();
    columns.extend((0..next).map(|at| key().alias(format!("\u{1}near{at}"))));
    columns.extend(wanted.iter().map(|column| key().alias(column.name.as_str())));
    columns.push(key().alias("\u{1}met"));
    pairs.unique(None, UniqueKeepStrategy::Any).filter(key().is_not_null()).select(columns)
}
