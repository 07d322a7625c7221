//! Windows: values of a row that hang on the other rows of its group.
//!
//! What looks at the rows themselves is worked out over all of them at once, in plain loops ([`super::slide`]). Only an
//! aggregate over the records at a path's end is worked out as a grouping would ([`super::group`]) and joined to the
//! rows, missing keys meeting missing ones: for polars each such fork doubles the plan, so it is kept to where it must
//! be. Either way the rows are worked out once and kept: what is counted on the way is counted once.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use polars::prelude::*;

use super::aggregate::says_what_it_skips;
use super::expr::{dtype, to_polars};
use super::line::{self, Groups};
use super::lists;
use super::note::{Left, Note};
use super::rows::Rows;
use super::slide::{self, Given, Inside, Of, Part};
use super::{group, identifies};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Aggregate, Aggregator, Frame, Kind, Made, Over, Window, Windowed};
use crate::survey::columnar::col;
use crate::types::unit::DAY;
use crate::types::{Show, Type};

/// Works a window out for each row, as a column of [`name`].
pub(super) fn bring(rows: &mut Rows, window: &Arc<Window>) -> Result<(), Diagnostic> {
    match &window.what {
        Windowed::Whole(aggregate) if matches!(aggregate.over, Over::Path(_)) => {
            along_a_path(rows, window, aggregate)?;
        }
        _ => over_rows(rows, window)?,
    }
    rows.frame = rows.frame.clone().cache();
    rows.brought.push(name(window).into());
    Ok(())
}

/// Where a window's value stands.
pub(super) fn name(window: &Window) -> String {
    format!("\u{1}w{}", window.id)
}

/// A helping column of a window.
fn part(window: &Window, what: &str) -> PlSmallStr {
    format!("{}.{what}", name(window)).into()
}

/// Of rows of totals the others see nothing.
fn is_ordinary(level: &Made) -> Expr {
    col(&**level).cast(DataType::Int64).eq(lit(0i64))
}

/// An aggregate over the records that the group's rows reach.
fn along_a_path(rows: &mut Rows, window: &Window, aggregate: &Arc<Aggregate>) -> Result<(), Diagnostic> {
    rows.prepare(&window.per)?;
    rows.frame = rows.frame.clone().cache();
    let mut groups = rows.clone();
    if let Some(level) = &window.level {
        groups.frame = groups.frame.filter(is_ordinary(level));
    }
    let value = PlSmallStr::from(name(window));
    let keys: Vec<(Made, plan::Expr)> = (0..window.per.len())
        .map(|at| Made::from(part(window, &format!("p{at}")).as_str()))
        .zip(window.per.iter().cloned())
        .collect();
    let item = plan::Expr {
        kind: Kind::Aggregate(Arc::clone(aggregate)),
        ty: Type::Missing,
        show: Show::Plain,
        spread: plan::Spread::Repeats,
        adds: plan::Adds::No,
    };
    group::group(&mut groups, &keys, &[(Made::from(value.as_str()), item)])?;
    for mut note in groups.notes.into_iter().skip(rows.notes.len()) {
        if let Left::Rows(key) = note.of {
            note.of = Left::Unseen(key, window.text.clone());
        }
        rows.notes.push(note);
    }
    let far: Vec<Expr> = keys.iter().map(|(made, _)| col(&**made)).collect();
    if far.is_empty() {
        let one = part(window, "one");
        let only = groups.frame.with_columns([lit(0i32).alias(one.clone())]);
        rows.join(only, &[lit(0i32)], &[col(one)], false);
    } else {
        let near: Vec<Expr> = window.per.iter().map(to_polars).collect();
        rows.join(groups.frame, &near, &far, true);
    }
    if let Some(level) = &window.level {
        let seen = when(is_ordinary(level)).then(col(value.clone())).otherwise(lit(NULL));
        rows.frame = rows.frame.clone().with_columns([seen.alias(value)]);
    }
    Ok(())
}

/// What is worked out over the rows in their order.
struct Spec {
    name: PlSmallStr,
    /// The groups' keys, and whether a missing one is nobody.
    per: Vec<(PlSmallStr, Option<Note>)>,
    /// What puts a group in order, largest first where it says so.
    sorted: Vec<(PlSmallStr, bool)>,
    filter: Option<PlSmallStr>,
    value: Option<PlSmallStr>,
    /// The span's column of times.
    time: Option<(PlSmallStr, Note)>,
    level: Option<PlSmallStr>,
    what: What,
    skipped: Option<Note>,
}

/// The kernel.
enum What {
    Rank,
    RowNumber,
    Before(i64),
    Slide { function: Aggregator, shape: Shape, of: Of, quantile: f64, ty: Type, show: Show },
}

/// The part that slides.
enum Shape {
    /// All of the group; a list in its order, or else by value.
    All(bool),
    SoFar,
    Rows(u64, bool),
    Span(i64),
}

/// What looks at the rows themselves.
fn over_rows(rows: &mut Rows, window: &Window) -> Result<(), Diagnostic> {
    rows.prepare(window.parts())?;
    let mut order: &[plan::SortKey] = &window.sorted;
    if let Windowed::Whole(aggregate) = &window.what {
        rows.prepare(aggregate.parts())?;
        order = &aggregate.sorted;
    }
    let mut columns: Vec<Expr> = Vec::new();
    let mut column = |what: &str, expr: &plan::Expr| {
        let name = part(window, what);
        columns.push(to_polars(expr).alias(name.clone()));
        name
    };
    let unseen =
        |key: &plan::Expr, name: &str| Note::new(Left::Unseen(super::nobody(key, name), window.text.clone()));
    let per =
        window.per.iter().enumerate().map(|(at, key)| {
            (column(&format!("p{at}"), key), identifies(&key.ty).then(|| unseen(key, "a key")))
        });
    let per: Vec<_> = per.collect();
    let mut sorted: Vec<(PlSmallStr, bool)> = order
        .iter()
        .enumerate()
        .map(|(at, key)| (column(&format!("s{at}"), &key.expr), key.descending))
        .collect();
    let (mut filter, mut value, mut time, mut skipped) = (None, None, None, None);
    let mut aggregated =
        |aggregate: &Aggregate, shape: Shape, column: &mut dyn FnMut(&str, &plan::Expr) -> PlSmallStr| {
            filter = aggregate.filter.as_ref().map(|expr| column("in", expr));
            value = aggregate.arg.as_ref().map(|expr| column("value", expr));
            if aggregate.arg.is_some() && says_what_it_skips(aggregate) {
                skipped = Some(Note::new(Left::Values(aggregate.text.clone())));
            }
            let (ty, show) = match &aggregate.arg {
                Some(arg) => (arg.ty.clone(), arg.show.clone()),
                None => (Type::Integer, Show::Plain),
            };
            let of = match &ty {
                Type::Number => Of::Numbers,
                ty if ty.is_quantity() => Of::Quantities,
                _ => Of::Integers,
            };
            let quantile = aggregate.quantile.unwrap_or(0.5);
            What::Slide { function: aggregate.function, shape, of, quantile, ty, show }
        };
    let what = match &window.what {
        Windowed::Whole(aggregate) => {
            aggregated(aggregate, Shape::All(!aggregate.sorted.is_empty()), &mut column)
        }
        Windowed::Rank(key, test) => {
            let name = column("value", &key.expr);
            sorted.push((name.clone(), key.descending));
            value = Some(name);
            filter = test.as_ref().map(|test| column("in", test));
            What::Rank
        }
        Windowed::RowNumber(test) => {
            filter = test.as_ref().map(|test| column("in", test));
            What::RowNumber
        }
        Windowed::Before(of, away) => {
            value = Some(column("value", of));
            What::Before(*away)
        }
        Windowed::Running(aggregate) => aggregated(aggregate, Shape::SoFar, &mut column),
        Windowed::Sliding(aggregate, Frame::Rows { n, before }) => {
            aggregated(aggregate, Shape::Rows(*n, *before), &mut column)
        }
        Windowed::Sliding(aggregate, Frame::Span { micros, of }) => {
            let what = aggregated(aggregate, Shape::Span(*micros), &mut column);
            let name = column("time", of);
            sorted.push((name.clone(), false));
            time = Some((name, unseen(of, "a time")));
            what
        }
    };
    rows.notes.extend(per.iter().filter_map(|(_, note)| note.clone()));
    rows.notes.extend(time.iter().map(|(_, note)| note.clone()));
    rows.notes.extend(skipped.clone());
    let level = window.level.as_ref().map(|level| PlSmallStr::from(&**level));
    let spec = Spec { name: name(window).into(), per, sorted, filter, value, time, level, what, skipped };
    let temporary: Vec<PlSmallStr> = columns.iter().filter_map(super::aggregate::output_name).collect();
    let (own, own_type) = (spec.name.clone(), type_of(window));
    rows.frame = rows.frame.clone().with_columns(columns);
    // In a group as a whole the order of rows shows only where ties of an order stay as they are.
    if !matches!(window.what, Windowed::Whole(_)) || !order.is_empty() {
        rows.settle();
    }
    let gone = temporary.clone();
    let schema = move |before: &Schema| {
        let mut after: Schema = before.iter_fields().filter(|field| !gone.contains(field.name())).collect();
        after.with_column(own.clone(), own_type.clone());
        Ok(Arc::new(after))
    };
    let work = move |frame: DataFrame| {
        let column = worked_out(&frame, &spec)?;
        let mut frame = frame.drop_many(temporary.iter().cloned());
        frame.with_column(column)?;
        Ok(frame)
    };
    rows.frame = rows.frame.clone().map(work, OptFlags::empty(), Some(Arc::new(schema)), Some("window"));
    Ok(())
}

/// The type of the column that comes out.
fn type_of(window: &Window) -> DataType {
    match &window.what {
        Windowed::Rank(..) | Windowed::RowNumber(_) => DataType::Int64,
        Windowed::Before(of, _) => dtype(&of.ty),
        Windowed::Whole(aggregate) | Windowed::Running(aggregate) | Windowed::Sliding(aggregate, _) => {
            let ty = aggregate.arg.as_ref().map_or(Type::Integer, |arg| arg.ty.clone());
            match aggregate.function {
                Aggregator::Count | Aggregator::Distinct => DataType::Int64,
                Aggregator::Any | Aggregator::All | Aggregator::No => DataType::Boolean,
                Aggregator::List => DataType::String,
                Aggregator::Sum
                | Aggregator::Min
                | Aggregator::Max
                | Aggregator::First
                | Aggregator::Last => dtype(&ty),
                Aggregator::Mean | Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev => {
                    if ty.is_quantity() { DataType::Int64 } else { DataType::Float64 }
                }
            }
        }
    }
}

fn worked_out(frame: &DataFrame, spec: &Spec) -> PolarsResult<Column> {
    let height = frame.height();
    if u32::try_from(height).is_err() {
        polars_bail!(ComputeError: "a window over more than four billion rows");
    }
    let series = |name: &PlSmallStr| Ok::<_, PolarsError>(frame.column(name)?.as_materialized_series());
    // Rows that no group holds: totals, and those of nobody.
    let mut out = match &spec.level {
        Some(level) => line::codes(series(level)?)?.into_iter().map(|level| level != Some(0)).collect(),
        None => vec![false; height],
    };
    let mut keys = Vec::new();
    for (name, note) in &spec.per {
        let codes = line::labels(series(name)?)?;
        if let Some(note) = note {
            for (out, code) in out.iter_mut().zip(&codes) {
                if code.is_none() && !*out {
                    *out = true;
                    note.count.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        keys.push(codes);
    }
    let mut order = Vec::new();
    for (name, descending) in &spec.sorted {
        order.push((line::codes(series(name)?)?, *descending));
    }
    let counts = match &spec.filter {
        Some(filter) => line::truths(series(filter)?)?,
        None => vec![true; height],
    };
    let groups = Groups::of(&keys, &order, &out);
    let value = match &spec.value {
        Some(name) => Some(frame.column(name)?),
        None => None,
    };
    let given = match &spec.what {
        What::Rank => match order.last() {
            Some((of, _)) => slide::rank(&groups, of, &counts),
            None => Given::Whole(vec![None; height]),
        },
        What::RowNumber => slide::row_number(&groups, &counts),
        What::Before(away) => slide::neighbour(&groups, height, *away),
        What::Slide { function, shape, of, quantile, ty, show } => {
            let part = match (shape, &spec.time) {
                (Shape::All(_), _) => Part::All,
                (Shape::Rows(n, before), _) => Part::Rows(*n, *before),
                (Shape::Span(micros), Some((time, note))) => {
                    Part::Span(*micros, times(series(time)?, &out, note)?)
                }
                _ => Part::SoFar,
            };
            let texts = match (function, value) {
                (Aggregator::List, Some(value)) => lists::texts(value.as_materialized_series(), ty, show)?,
                _ => Vec::new(),
            };
            // Over rows a list comes in their order; over a span of time it says none.
            let in_order = matches!(shape, Shape::All(true) | Shape::Rows(..));
            let value = value.map(Column::as_materialized_series);
            let inside = Inside::new(*function, counts, value, texts, (*of, *quantile, in_order))?;
            if let Some(note) = &spec.skipped {
                note.count.fetch_add(inside.skipped(&out), Ordering::Relaxed);
            }
            slide::slide(&groups, height, &part, inside)?
        }
    };
    given.column(&spec.name, value)
}

/// Times in microseconds; rows without one are counted.
fn times(series: &Series, out: &[bool], note: &Note) -> PolarsResult<Vec<Option<i64>>> {
    let days = *series.dtype() == DataType::Date;
    let times: Vec<Option<i64>> = line::codes(series)?
        .into_iter()
        .map(|time| if days { time.and_then(|day| day.checked_mul(DAY)) } else { time })
        .collect();
    let missing = times.iter().zip(out).filter(|(time, out)| time.is_none() && !**out).count();
    note.count.fetch_add(missing as u64, Ordering::Relaxed);
    Ok(times)
}
