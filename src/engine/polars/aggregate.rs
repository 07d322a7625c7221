//! Aggregates, in two steps: what polars gathers for each group (partial columns such as an exact sum in
//! 128 bits and a count of known values), and what becomes of it once it stands beside the rows or groups
//! that asked. A row that nothing was gathered for gets what the aggregate gives over no rows.

use std::sync::Arc;

use polars::prelude::*;

use super::expr::{dtype, literal, to_polars};
use super::lists::{self, Point};
use super::lookup;
use super::note::{Left, Note};
use super::rows::Rows;
use super::values::{self, MeanOf};
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::plan::{Aggregate, Aggregator, Kind, Spread};
use crate::survey::columnar::col;
use crate::types::{Show, Type, Value};

/// How many rows a group has; with [`Groups::Sized`].
pub(super) const SIZE: &str = "\u{1}size";

/// A partial column of an aggregate: `rows` it looked at, `known` values, their `sum`, …
fn part(aggregate: &Aggregate, what: &str) -> String {
    format!("\u{1}a{}.{what}", aggregate.id)
}

/// Which groups [`partials`] gives a row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// Every group that has rows, even where no row passes an aggregate's filter.
    All,
    /// The same, with how many rows each has.
    Sized,
    /// Those that something was gathered for will do: the others get the value over no rows.
    Reached,
}

/// How a partial column of several parts of a group becomes that of the whole.
#[derive(Clone, Copy)]
enum Merge {
    Sum,
    Min,
    Max,
    /// Not at all.
    Never,
}

/// A partial column: what gathers it, under its name, and how its parts are merged.
struct Gathered {
    name: PlSmallStr,
    value: Expr,
    merge: Merge,
}

impl Gathered {
    fn new(name: impl Into<PlSmallStr>, value: Expr, merge: Merge) -> Gathered {
        Gathered { name: name.into(), value, merge }
    }

    fn gather(&self) -> Expr {
        self.value.clone().alias(self.name.clone())
    }

    fn merge(&self) -> Expr {
        let parts = col(self.name.clone());
        let whole = match self.merge {
            Merge::Min => parts.min(),
            Merge::Max => parts.max(),
            Merge::Sum | Merge::Never => parts.sum(),
        };
        whole.alias(self.name.clone())
    }
}

/// Can the aggregate's partial columns be merged?
pub(super) fn is_mergeable(aggregate: &Aggregate) -> bool {
    gathering(aggregate).iter().all(|part| !matches!(part.merge, Merge::Never))
}

/// An aggregate's partial columns.
fn gathering(aggregate: &Aggregate) -> Vec<Gathered> {
    let mut gathered = Vec::new();
    gather(aggregate, None, None, &[], &mut Vec::new(), &mut gathered);
    gathered
}

/// The merged partial columns of aggregates whose parts stand in several rows of a group.
pub(super) fn merged(
    frame: LazyFrame,
    aggregates: &[Arc<Aggregate>],
    keys: &[PlSmallStr],
    groups: Groups,
) -> LazyFrame {
    let mut merged: Vec<Expr> = merges(aggregates);
    if groups == Groups::Sized {
        merged.push(col(SIZE).sum());
    }
    let keys: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    frame.group_by(keys).agg(merged)
}

fn merges(aggregates: &[Arc<Aggregate>]) -> Vec<Expr> {
    aggregates.iter().flat_map(|aggregate| gathering(aggregate)).map(|part| part.merge()).collect()
}

/// The partial columns of aggregates that range over the same rows, a row for each group. Those of `below` stand
/// in the rows already, each row's own part.
pub(super) fn partials(
    mut rows: Rows,
    aggregates: &[Arc<Aggregate>],
    keys: &[PlSmallStr],
    groups: Groups,
    below: &[Arc<Aggregate>],
) -> Result<LazyFrame, Diagnostic> {
    let exprs: Vec<&crate::plan::Expr> = aggregates.iter().flat_map(|aggregate| aggregate.parts()).collect();
    rows.prepare(exprs)?;
    let mut frame = rows.frame.clone();
    // The filter of an aggregate that stands alone is one on the rows themselves.
    let shared = match aggregates {
        [only] if below.is_empty() && (groups == Groups::Reached || keys.is_empty()) => only.filter.as_ref(),
        _ => None,
    };
    // One that reads no column stays with its aggregate: below a count of rows polars reads no column at all then,
    // and finds no rows to filter.
    let shared = shared.filter(|filter| filter.spread != Spread::Constant);
    if let Some(filter) = shared {
        frame = frame.filter(to_polars(filter));
    }
    let mut columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let mut gathered: Vec<Gathered> = Vec::new();
    for aggregate in aggregates {
        let filter = if shared.is_some() { None } else { aggregate.filter.as_ref().map(to_polars) };
        gather(aggregate, filter, Some(&rows.table), &rows.order, &mut columns, &mut gathered);
    }
    let parts: Vec<Gathered> = below.iter().flat_map(|aggregate| gathering(aggregate)).collect();
    columns.extend(parts.iter().map(|part| col(part.name.clone())));
    gathered.extend(parts.iter().map(|part| Gathered::new(part.name.clone(), part.merge(), part.merge)));
    if groups == Groups::Sized {
        gathered.push(Gathered::new(SIZE, len().cast(DataType::Int64), Merge::Sum));
    }
    if gathered.is_empty() && keys.is_empty() {
        // Nothing is asked of the one group there is.
        let one = Column::new(SIZE.into(), [0i64]);
        return Ok(DataFrame::new(1, vec![one]).map_err(|error| super::read_error(&error))?.lazy());
    }
    // Nothing but the number of rows is asked: then no column may stand in for them, since polars takes a
    // literal that stands alone for one row.
    let frame = if columns.is_empty() {
        frame
    } else {
        let names: Vec<Expr> = columns.iter().filter_map(output_name).map(col).collect();
        frame.with_columns(columns).select(names)
    };
    let keys: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let by = |frame: LazyFrame, keys: Vec<Expr>, values: Vec<Expr>| match keys.is_empty() {
        true => frame.select(values),
        false => frame.group_by(keys).agg(values),
    };
    // Of one distinct count the values are groups themselves, each counted where it is known: a set a group
    // would hold the same values and cost more.
    let mut distinct = aggregates.iter().filter(|aggregate| counts_values(aggregate));
    if let (Some(only), None) = (distinct.next(), distinct.next()) {
        let [value, kinds] = ["value", "kinds"].map(|what| PlSmallStr::from(part(only, what)));
        let rest: Vec<&Gathered> = gathered.iter().filter(|part| part.name != kinds).collect();
        if rest.iter().all(|part| !matches!(part.merge, Merge::Never)) {
            let inner = keys.iter().cloned().chain([col(value.clone())]);
            let frame = frame
                .group_by(inner.collect::<Vec<_>>())
                .agg(rest.iter().map(|part| part.gather()).collect::<Vec<_>>());
            let mut outer: Vec<Expr> = rest.iter().map(|part| part.merge()).collect();
            outer.push(col(value).count().cast(DataType::Int64).alias(kinds));
            return Ok(by(frame, keys, outer));
        }
    }
    Ok(by(frame, keys, gathered.iter().map(Gathered::gather).collect()))
}

fn counts_values(aggregate: &Aggregate) -> bool {
    aggregate.function == Aggregator::Distinct && aggregate.arg.is_some()
}

/// The rows of which one is enough to settle the aggregate; `None` for one that must see them all.
pub(super) fn hits(mut rows: Rows, aggregate: &Aggregate) -> Result<Option<LazyFrame>, Diagnostic> {
    let hit = match (aggregate.function, &aggregate.arg) {
        (Aggregator::Any | Aggregator::No, arg) => arg.as_ref().map(to_polars),
        (Aggregator::All, Some(arg)) => Some(to_polars(arg).not()),
        _ => return Ok(None),
    };
    rows.prepare(aggregate.parts())?;
    let tests = aggregate.filter.as_ref().map(to_polars).into_iter().chain(hit);
    Ok(Some(tests.fold(rows.frame, LazyFrame::filter)))
}

/// The name that a column is given: each is a key, or under an alias.
pub(super) fn output_name(column: &Expr) -> Option<PlSmallStr> {
    match column {
        Expr::Alias(_, name) | Expr::Column(name) => Some(name.clone()),
        _ => None,
    }
}

/// What each row contributes, and how a group gathers it. Where the aggregate hangs on an order, ties stay in that of
/// the rows.
fn gather(
    aggregate: &Aggregate,
    filter: Option<Expr>,
    table: Option<&Table>,
    order: &[(PlSmallStr, bool)],
    columns: &mut Vec<Expr>,
    gathered: &mut Vec<Gathered>,
) {
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
        gathered.push(Gathered::new(name("rows"), rows, Merge::Sum));
        return;
    };
    let value = to_polars(arg);
    let known = Gathered::new(name("known"), col(name("value")).count().cast(DataType::Int64), Merge::Sum);
    let rows = Gathered::new(name("rows"), rows, Merge::Sum);
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
            gathered.push(Gathered::new(name("sum"), col(name("value")).sum(), Merge::Sum));
            gathered.push(known);
            gathered.push(rows);
        }
        Aggregator::Median
        | Aggregator::Quantile
        | Aggregator::Stddev
        | Aggregator::Min
        | Aggregator::Max
        | Aggregator::First
        | Aggregator::Last
        | Aggregator::List => {
            columns.push(masked(value).alias(name("value")));
            let value = col(name("value"));
            gathered.push(match aggregate.function {
                Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev => {
                    Gathered::new(name("list"), value.implode(true), Merge::Never)
                }
                Aggregator::First => {
                    let sorted = in_order(aggregate, value.clone().is_null(), order, columns);
                    Gathered::new(name("best"), sorted.first(), Merge::Never)
                }
                Aggregator::Last => {
                    let sorted = in_order(aggregate, value.clone().is_not_null(), order, columns);
                    Gathered::new(name("best"), sorted.last(), Merge::Never)
                }
                Aggregator::List if aggregate.sorted.is_empty() => {
                    Gathered::new(name("list"), value.implode(true), Merge::Never)
                }
                Aggregator::List => {
                    let sorted = in_order(aggregate, value.clone().is_null(), order, columns);
                    Gathered::new(name("list"), sorted.implode(true), Merge::Never)
                }
                Aggregator::Min => Gathered::new(name("best"), value.min(), Merge::Min),
                _ => Gathered::new(name("best"), value.max(), Merge::Max),
            });
            gathered.push(known);
            gathered.push(rows);
        }
        Aggregator::Distinct => {
            let value = table.map_or(value, |table| lookup::narrow(table, arg));
            columns.push(masked(value).alias(name("value")));
            // polars counts missing as one more kind.
            let missing = col(name("value")).null_count().gt(lit(0)).cast(DataType::Int64);
            let kinds = col(name("value")).n_unique().cast(DataType::Int64) - missing;
            gathered.push(Gathered::new(name("kinds"), kinds, Merge::Never));
        }
        Aggregator::Any | Aggregator::No => {
            columns.push(masked(value).fill_null(lit(false)).cast(DataType::Int64).alias(name("value")));
            gathered.push(Gathered::new(name("hits"), col(name("value")).sum(), Merge::Sum));
        }
        Aggregator::All => {
            columns
                .push(masked(value.not()).fill_null(lit(false)).cast(DataType::Int64).alias(name("value")));
            gathered.push(Gathered::new(name("hits"), col(name("value")).sum(), Merge::Sum));
        }
    }
}

/// A row's values in the aggregate's order: by `first`, by its own keys, then as the rows stand.
fn in_order(
    aggregate: &Aggregate,
    first: Expr,
    order: &[(PlSmallStr, bool)],
    columns: &mut Vec<Expr>,
) -> Expr {
    let (mut by, mut descending) = (vec![first], vec![false]);
    let own = aggregate.sorted.iter().map(|key| (to_polars(&key.expr), key.descending));
    let rows = order.iter().map(|(name, descending)| (col(name.clone()), *descending));
    for (at, (key, down)) in own.chain(rows).enumerate() {
        let name = part(aggregate, &format!("by{at}"));
        columns.push(key.alias(name.as_str()));
        by.push(col(name));
        descending.push(down);
    }
    let options = SortMultipleOptions::default()
        .with_order_descending_multi(descending)
        .with_nulls_last(true)
        .with_maintain_order(true);
    col(part(aggregate, "value")).sort_by(by, options)
}

/// Does its value hang on the order of what it ranges over?
pub(super) fn is_ordered(aggregate: &Aggregate) -> bool {
    !aggregate.sorted.is_empty()
}

/// What it takes of its sorted values.
pub(super) fn point_of(aggregate: &Aggregate) -> Point {
    match aggregate.function {
        Aggregator::Quantile => Point::Quantile(aggregate.quantile.unwrap_or(0.5)),
        Aggregator::Stddev => Point::Stddev,
        _ => Point::Median,
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
        Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev => {
            lists::point(name("list"), point_of(aggregate), &ty)
        }
        Aggregator::Min | Aggregator::Max | Aggregator::First | Aggregator::Last => name("best"),
        Aggregator::List => {
            let show = arg.map_or(Show::Plain, |arg| arg.show.clone());
            lists::joined(name("list"), ty, show, !aggregate.sorted.is_empty())
        }
        Aggregator::Distinct => none("kinds"),
        Aggregator::Any => none("hits").gt(lit(0i64)),
        Aggregator::All | Aggregator::No => none("hits").eq(lit(0i64)),
    }
}

/// Is the reader told how many missing values it passes over? Not where passing over them is what it is for.
pub(super) fn says_what_it_skips(aggregate: &Aggregate) -> bool {
    let quiet = matches!(
        aggregate.function,
        Aggregator::Count | Aggregator::Distinct | Aggregator::Any | Aggregator::All | Aggregator::No
    );
    let mut measured = false;
    if let Some(arg) = &aggregate.arg {
        arg.visit(&mut |part| measured |= matches!(part.kind, Kind::Measure { .. }));
    }
    !quiet && !measured
}

/// A count of the missing values that an aggregate passes over, put on the way of a partial column that its
/// value is made from; `None` where passing over them is what it is for, or where most of them are amounts
/// in other units, which belong to another column and leave nothing out.
pub(super) fn count_skipped(aggregate: &Aggregate) -> Option<(Expr, Note)> {
    if !says_what_it_skips(aggregate) {
        return None;
    }
    let arg = aggregate.arg.as_ref()?;
    let name = |what: &str| part(aggregate, what);
    let (main, dtype) = match aggregate.function {
        Aggregator::Sum | Aggregator::Mean => ("known", DataType::Int64),
        Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev | Aggregator::List => {
            ("list", DataType::List(Box::new(dtype(&arg.ty))))
        }
        _ => ("best", dtype(&arg.ty)),
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
