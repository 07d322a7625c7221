//! `x in (QUERY)`: the query's values are read once, before the question runs, into a set, and each row asks whether
//! its value is there. So a filter with such a test in it stays one that looks at each row by itself.

use std::sync::{Arc, OnceLock};

use polars::prelude::*;

use super::expr::to_polars;
use super::lookup::unread;
use super::rows::Rows;
use super::values::typed;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Query};
use crate::types::Type;

/// Different values, each once; missing ones are passed over.
pub(super) enum Values {
    /// Texts and ids.
    Texts(PlHashSet<PlSmallStr>),
    /// Whole numbers, quantities, days, times, truths and positions in a category.
    Whole(PlHashSet<i64>),
    /// Numbers, by their bits.
    Numbers(PlHashSet<u64>),
}

impl Values {
    /// Of a column.
    pub(super) fn of(column: &Column) -> PolarsResult<Values> {
        let series = column.as_materialized_series();
        Ok(match series.dtype() {
            DataType::String => Values::Texts(series.str()?.iter().flatten().map(PlSmallStr::from).collect()),
            DataType::Float64 => Values::Numbers(series.f64()?.iter().flatten().map(bits).collect()),
            _ => Values::Whole(series.cast(&DataType::Int64)?.i64()?.iter().flatten().collect()),
        })
    }

    /// Which values of a column are among them.
    fn holds(&self, column: &Column) -> PolarsResult<BooleanChunked> {
        let series = column.as_materialized_series();
        Ok(match self {
            Values::Texts(known) => {
                series.str()?.iter().map(|value| value.map(|value| known.contains(value))).collect()
            }
            Values::Numbers(known) => {
                series.f64()?.iter().map(|value| value.map(|value| known.contains(&bits(value)))).collect()
            }
            Values::Whole(known) => series
                .cast(&DataType::Int64)?
                .i64()?
                .iter()
                .map(|value| value.map(|value| known.contains(&value)))
                .collect(),
        })
    }
}

/// A number's bits; nought has no sign.
fn bits(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// Whether each value is among those that will be held.
pub(super) fn among(slot: Arc<OnceLock<Values>>, value: Expr) -> Expr {
    value.map(
        move |column| {
            let found = slot.get().ok_or_else(unread)?.holds(&column)?;
            Ok(found.with_name(column.name().clone()).into_column())
        },
        typed(DataType::Boolean),
    )
}

/// Brings in whether a value is among another query's.
pub(super) fn bring(rows: &mut Rows, value: &plan::Expr, query: &Arc<Query>) -> Result<(), Diagnostic> {
    let Some(output) = query.output.first() else {
        return Err(Diagnostic::bare("fault-engine", "a set of no column"));
    };
    let (here, there) = side_by_side(value, &output.expr);
    let found = match rows.lookups.held_values(query, &here) {
        Some(found) => found,
        None => {
            let mut inner = super::rows_of(query, rows.lookups.clone(), false, false)?;
            let notes = std::mem::take(&mut inner.notes).into_iter();
            rows.lookups.say(notes.map(|note| note.within(&query.table)).collect());
            let column = PlSmallStr::from("\u{1}value");
            let values = inner
                .frame
                .with_columns([there.alias(column.clone())])
                .select([Expr::Column(column.clone())])
                .unique(None, UniqueKeepStrategy::Any);
            rows.lookups.values(query, values, &column, here)
        }
    };
    let name = name(value, query);
    rows.frame = rows.frame.clone().with_columns([found.alias(name.as_str())]);
    rows.brought.push(name.into());
    Ok(())
}

/// Where it stands then.
pub(super) fn name(value: &plan::Expr, query: &Arc<Query>) -> String {
    format!("\u{1}in.{value}.{:p}", Arc::as_ptr(query))
}

/// Two values as they are compared: beside an id, an integer is its text.
pub(super) fn side_by_side(here: &plan::Expr, there: &plan::Expr) -> (Expr, Expr) {
    let (left, right) = (to_polars(here), to_polars(there));
    match (&here.ty, &there.ty) {
        (Type::Integer, Type::Id) => (left.cast(DataType::String), right),
        (Type::Id, Type::Integer) => (left, right.cast(DataType::String)),
        _ => (left, right),
    }
}
