//! Aggregates, in two steps: what polars gathers for each group (partial columns such as an exact sum in
//! 128 bits and a count of known values), and what becomes of it once it stands beside the rows or groups
//! that asked. A row that nothing was gathered for gets what the aggregate gives over no rows.

use std::sync::Arc;

use polars::prelude::*;

use super::expr::{dtype, literal, to_polars};
use super::rows::{Left, Note, Rows};
use super::values::{self, MeanOf};
use crate::diagnostic::Diagnostic;
use crate::plan::{Aggregate, Aggregator, Kind};
use crate::types::{Type, Value};

/// How many rows a group has; with [`Groups::All`].
pub(super) const SIZE: &str = "#size";

/// A partial column of an aggregate: `rows` it looked at, `known` values, their `sum`, …
fn part(aggregate: &Aggregate, what: &str) -> String {
    format!("#a{}.{what}", aggregate.id)
}

/// Which groups [`partials`] gives a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// Every group that has rows, even where no row passes an aggregate's filter.
    All,
    /// Those that something was gathered for will do: the others get the value over no rows.
    Reached,
}

/// The partial columns of aggregates that range over the same rows, a row for each group.
pub(super) fn partials(
    mut rows: Rows,
    aggregates: &[Arc<Aggregate>],
    keys: &[PlSmallStr],
    groups: Groups,
) -> Result<LazyFrame, Diagnostic> {
    let exprs: Vec<&crate::plan::Expr> =
        aggregates.iter().flat_map(|aggregate| aggregate.arg.iter().chain(&aggregate.filter)).collect();
    rows.prepare(exprs)?;
    let mut frame = rows.frame;
    // The filter of an aggregate that stands alone is one on the rows themselves.
    let shared = match aggregates {
        [only] if groups == Groups::Reached || keys.is_empty() => only.filter.as_ref(),
        _ => None,
    };
    if let Some(filter) = shared {
        frame = frame.filter(to_polars(filter));
    }
    let mut columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let mut gathered: Vec<Expr> = Vec::new();
    for aggregate in aggregates {
        let filter = if shared.is_some() { None } else { aggregate.filter.as_ref().map(to_polars) };
        gather(aggregate, filter, &mut columns, &mut gathered);
    }
    if groups == Groups::All {
        gathered.push(len().alias(SIZE));
    }
    // Nothing but the number of rows is asked: then no column may stand in for them, since polars takes a
    // literal that stands alone for one row.
    let frame = if columns.is_empty() {
        frame
    } else {
        let names: Vec<Expr> = columns.iter().filter_map(output_name).map(col).collect();
        frame.with_columns(columns).select(names)
    };
    Ok(if keys.is_empty() {
        frame.select(gathered)
    } else {
        let keys: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
        frame.group_by(keys).agg(gathered)
    })
}

/// The rows of which one is enough to settle the aggregate; `None` for one that must see them all.
pub(super) fn hits(mut rows: Rows, aggregate: &Aggregate) -> Result<Option<LazyFrame>, Diagnostic> {
    let hit = match (aggregate.function, &aggregate.arg) {
        (Aggregator::Any | Aggregator::No, arg) => arg.as_ref().map(to_polars),
        (Aggregator::All, Some(arg)) => Some(to_polars(arg).not()),
        _ => return Ok(None),
    };
    rows.prepare(aggregate.arg.iter().chain(&aggregate.filter))?;
    let tests = aggregate.filter.as_ref().map(to_polars).into_iter().chain(hit);
    Ok(Some(tests.fold(rows.frame, LazyFrame::filter)))
}

/// The name that a column is given: each is a key, or under an alias.
fn output_name(column: &Expr) -> Option<PlSmallStr> {
    match column {
        Expr::Alias(_, name) | Expr::Column(name) => Some(name.clone()),
        _ => None,
    }
}

/// What each row contributes, and how a group gathers it.
fn gather(aggregate: &Aggregate, filter: Option<Expr>, columns: &mut Vec<Expr>, gathered: &mut Vec<Expr>) {
    let name = |what: &str| part(aggregate, what);
    let masked = |value: Expr| match &filter {
        Some(filter) => when(filter.clone()).then(value).otherwise(lit(NULL)),
        None => value,
    };
    let rows = match &filter {
        Some(filter) => {
            columns.push(filter.clone().fill_null(lit(false)).cast(DataType::Int64).alias(name("in")));
            col(name("in")).sum()
        }
        None => len().cast(DataType::Int64),
    };
    let Some(arg) = &aggregate.arg else {
        gathered.push(rows.alias(name("rows")));
        return;
    };
    let value = to_polars(arg);
    let known = col(name("value")).count().cast(DataType::Int64).alias(name("known"));
    match aggregate.function {
        Aggregator::Count => {
            columns.push(masked(value).alias(name("value")));
            gathered.push(known);
        }
        Aggregator::Sum | Aggregator::Mean => {
            let value = masked(value);
            let value = if arg.ty == Type::Number {
                values::fixed_point(value)
            } else {
                value.cast(DataType::Int128)
            };
            columns.push(value.alias(name("value")));
            gathered.push(col(name("value")).sum().alias(name("sum")));
            gathered.push(known);
            gathered.push(rows.alias(name("rows")));
        }
        Aggregator::Median | Aggregator::Min | Aggregator::Max => {
            columns.push(masked(value).alias(name("value")));
            let value = col(name("value"));
            gathered.push(match aggregate.function {
                Aggregator::Median => value.implode(true).alias(name("list")),
                Aggregator::Min => value.min().alias(name("best")),
                _ => value.max().alias(name("best")),
            });
            gathered.push(known);
            gathered.push(rows.alias(name("rows")));
        }
        Aggregator::Distinct => {
            columns.push(masked(value).alias(name("value")));
            gathered.push(col(name("value")).n_unique().cast(DataType::Int64).alias(name("kinds")));
            gathered.push(known);
            gathered.push(len().cast(DataType::Int64).alias(name("all")));
        }
        Aggregator::Any | Aggregator::No => {
            columns.push(masked(value).fill_null(lit(false)).cast(DataType::Int64).alias(name("value")));
            gathered.push(col(name("value")).sum().alias(name("hits")));
        }
        Aggregator::All => {
            columns
                .push(masked(value.not()).fill_null(lit(false)).cast(DataType::Int64).alias(name("value")));
            gathered.push(col(name("value")).sum().alias(name("hits")));
        }
    }
}

/// An aggregate's value from its partial columns; over no rows where there are none.
pub(super) fn finish(aggregate: &Aggregate) -> Expr {
    let name = |what: &str| col(part(aggregate, what));
    let none = |what: &str| name(what).fill_null(lit(0i64));
    let arg = aggregate.arg.as_ref();
    let ty = arg.map_or(Type::Integer, |arg| arg.ty.clone());
    match aggregate.function {
        Aggregator::Count | Aggregator::Distinct if arg.is_none() => none("rows"),
        Aggregator::Any if arg.is_none() => none("rows").gt(lit(0i64)),
        Aggregator::No if arg.is_none() => none("rows").eq(lit(0i64)),
        Aggregator::Count => none("known"),
        Aggregator::Sum => {
            let sum = if ty == Type::Number {
                values::from_fixed_point(name("sum"))
            } else {
                values::checked_sum(name("sum"))
            };
            let nought = if ty == Type::Number { Value::Number(0.0) } else { Value::Integer(0) };
            when(none("rows").eq(lit(0i64)))
                .then(literal(&nought, &ty))
                .when(none("known").eq(lit(0i64)))
                .then(lit(NULL).cast(dtype(&ty)))
                .otherwise(sum)
        }
        Aggregator::Mean => {
            let of = match ty {
                Type::Integer => MeanOf::Integers,
                Type::Number => MeanOf::Numbers,
                _ => MeanOf::Quantities,
            };
            values::mean(name("sum"), none("known"), of)
        }
        Aggregator::Median => values::median(name("list"), ty.is_quantity(), ty == Type::Integer),
        Aggregator::Min | Aggregator::Max => name("best"),
        // polars counts missing as one more kind.
        Aggregator::Distinct => {
            let missing = none("all").gt(none("known")).cast(DataType::Int64);
            none("kinds") - missing
        }
        Aggregator::Any => none("hits").gt(lit(0i64)),
        Aggregator::All | Aggregator::No => none("hits").eq(lit(0i64)),
    }
}

/// A count of the missing values that an aggregate passes over, put on the way of a partial column that its
/// value is made from; `None` where passing over them is what it is for, or where most of them are amounts
/// in other units, which belong to another column and leave nothing out.
pub(super) fn count_skipped(aggregate: &Aggregate) -> Option<(Expr, Note)> {
    let arg = aggregate.arg.as_ref()?;
    let mut measured = false;
    arg.visit(&mut |part| measured |= matches!(part.kind, Kind::Measure { .. }));
    if measured {
        return None;
    }
    let name = |what: &str| part(aggregate, what);
    let (main, dtype) = match aggregate.function {
        Aggregator::Sum | Aggregator::Mean => ("known", DataType::Int64),
        Aggregator::Median if arg.ty == Type::Number => ("list", DataType::List(Box::new(DataType::Float64))),
        Aggregator::Median => ("list", DataType::List(Box::new(DataType::Int64))),
        Aggregator::Min | Aggregator::Max => ("best", dtype(&arg.ty)),
        _ => return None,
    };
    let note = Note::new(Left::Values(aggregate.text.clone()));
    let counted = values::counting_skipped(
        col(name(main)),
        col(name("rows")),
        col(name("known")),
        note.count.clone(),
        dtype,
    );
    Some((counted, note))
}
