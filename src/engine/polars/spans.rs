//! Aggregates over a whole table from a calendar's rows. Each record meets the spans that it may belong to, and what
//! the filter says of the two decides. Which spans may be meant is found by looking for the record's date among their
//! ends, so that records and spans are never all held against each other; where no record can meet two, it has the
//! number of its span and that is all, as in a grouping by month.

use std::sync::Arc;

use polars::prelude::*;

use super::aggregate::{self, Groups, partials};
use super::expr::{all_of, to_polars};
use super::filter::{conjuncts, reads_only_the_file, straight};
use super::made;
use super::reach::{needs_at_end, outer_values};
use super::rows::{Rows, outer_name};
use super::source::{self, ROW};
use super::values::typed;
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::engine::notes::unknown::Columns;
use crate::plan::{self, Aggregate, BinaryOp, Kind};
use crate::survey::columnar::col;
use crate::types::Type;

/// The number of the calendar's row, beside a record.
const AT: &str = "\u{1}at";

/// Works the aggregate out for each row of the calendar that `rows` are of.
pub(super) fn bring(
    rows: &mut Rows,
    aggregate: &Arc<Aggregate>,
    table: &Arc<Table>,
) -> Result<(), Diagnostic> {
    let mut wanted = needs_at_end(std::slice::from_ref(aggregate))?;
    // Rows without any column would be no rows: a filter may look at the span alone.
    wanted.apart |= wanted.columns.is_empty();
    let mut frame = source::raw(table, wanted.apart)?;
    let filter = aggregate.filter.as_ref();
    // What reads no column stays with the aggregate: it is no filter that a scan could answer.
    let of_the_file = |part: &&plan::Expr| reads_only_the_file(part) && part.spread != plan::Spread::Constant;
    let parts = conjuncts(filter).into_iter().filter(of_the_file);
    let tests: Vec<Expr> = parts.map(|part| straight(part, table)).collect();
    if !tests.is_empty() {
        frame = frame.filter(all_of(tests));
    }
    let mut columns: Vec<Expr> =
        wanted.columns.iter().map(|column| source::read(table, column).alias(column.name.as_str())).collect();
    let mut order = Vec::new();
    let mut identity = vec![AT.into()];
    if wanted.apart {
        columns.push(col(ROW));
        order.push((ROW.into(), false));
        identity.push(ROW.into());
    }
    let outer: Vec<plan::Expr> =
        outer_values(aggregate).into_iter().filter(|(_, up)| *up == 1).map(|(inner, _)| inner).collect();
    let origins = Columns::of_records(table);
    let mut records = Rows {
        narrowed: true,
        apart: false,
        order,
        identity,
        ..Rows::new(table, frame.select(columns), origins, rows.lookups.clone())
    };
    if outer.iter().all(is_of_the_calendar) {
        beside_spans(&mut records, &rows.table, filter, &outer)?;
    } else {
        beside_rows(&mut records, rows, &outer)?;
    }
    records.brought.extend(outer.iter().map(|inner| PlSmallStr::from(outer_name(inner))));
    let key = PlSmallStr::from(AT);
    let group = std::slice::from_ref(aggregate);
    let partial = partials(records, group, std::slice::from_ref(&key), Groups::Reached, &[])?;
    rows.join(partial, &[col(ROW)], &[col(key)], false);
    rows.bring(aggregate, aggregate::finish(aggregate));
    Ok(())
}

/// Does the value hang on the span alone, so that it is known before anything is read?
fn is_of_the_calendar(value: &plan::Expr) -> bool {
    let mut own = true;
    value.visit(&mut |part| {
        own &= !matches!(
            part.kind,
            Kind::Made(_)
                | Kind::Path(..)
                | Kind::Record(_)
                | Kind::Aggregate(_)
                | Kind::Window(_)
                | Kind::InQuery(..)
        );
    });
    own
}

/// Puts every record beside every row of the calendar, whose values earlier stages worked out.
fn beside_rows(records: &mut Rows, rows: &mut Rows, outer: &[plan::Expr]) -> Result<(), Diagnostic> {
    rows.bring_outer(outer)?;
    // They are looked at twice, and what is noted on the way to them must count once.
    rows.frame = rows.frame.clone().cache();
    let mut columns = vec![col(ROW).alias(AT)];
    columns.extend(outer.iter().map(|inner| col(outer_name(inner))));
    let near = rows.frame.clone().select(columns);
    records.frame = records.frame.clone().cross_join(near, None);
    Ok(())
}

/// Puts every record beside the spans that its dates allow.
fn beside_spans(
    records: &mut Rows,
    calendar: &Table,
    filter: Option<&plan::Expr>,
    outer: &[plan::Expr],
) -> Result<(), Diagnostic> {
    let failed = |error: PolarsError| super::read_error(&error);
    let Some(made) = &calendar.made else { return Err(Diagnostic::bare("fault-engine", "no calendar")) };
    let limits: Vec<Limits> = conjuncts(filter).into_iter().filter_map(limits).collect();
    let mut columns: Vec<Expr> =
        outer.iter().map(|inner| to_polars(inner).alias(outer_name(inner))).collect();
    let end = |end: &Option<plan::Expr>| match end {
        Some(end) => to_polars(&of_the_outer_row(end)).cast(DataType::Int64),
        None => lit(NULL).cast(DataType::Int64),
    };
    for (at, limit) in limits.iter().enumerate() {
        columns.push(end(&limit.low).alias(format!("\u{1}low{at}")));
        columns.push(end(&limit.high).alias(format!("\u{1}high{at}")));
    }
    let spans = made::raw(calendar, made, true)?.with_columns(columns).collect().map_err(failed)?;
    let ends = |name: String, open: bool, of_missing: i64, of_open: i64| -> Result<Vec<i64>, Diagnostic> {
        let column = spans.column(&name).and_then(|column| column.i64()).map_err(failed)?;
        Ok(column.iter().map(|end| end.unwrap_or(if open { of_open } else { of_missing })).collect())
    };
    let mut bounds = Vec::new();
    for (at, limit) in limits.iter().enumerate() {
        // An end that should be there and is missing makes the comparison unknown, and no record is meant.
        let low = ends(format!("\u{1}low{at}"), limit.low.is_none(), i64::MAX, i64::MIN)?;
        let high = ends(format!("\u{1}high{at}"), limit.high.is_none(), i64::MIN, i64::MAX)?;
        bounds.push(Bounds::new(low, high));
    }
    records.prepare(limits.iter().map(|limit| &limit.value))?;
    let values: Vec<Expr> =
        limits.iter().map(|limit| to_polars(&limit.value).cast(DataType::Int64)).collect();
    records.frame = with_spans(records.frame.clone(), values, bounds, spans.height());
    let spans = Arc::new(spans);
    let given = outer.iter().map(|inner| {
        let (spans, name) = (Arc::clone(&spans), outer_name(inner));
        let dtype = spans.column(&name).map_or(DataType::Null, |column| column.dtype().clone());
        let gather = move |at: Column| {
            let found = spans.column(&name)?.take(at.idx()?)?;
            Ok(found.with_name(at.name().clone()))
        };
        col(AT).map(gather, typed(dtype)).alias(outer_name(inner))
    });
    records.frame = records.frame.clone().with_columns(given.collect::<Vec<_>>());
    Ok(())
}

/// What a part of a filter says of a record's date: it lies between these ends, both expressions over the calendar's row.
/// The filter itself is asked all the same: this only spares it records.
struct Limits {
    value: plan::Expr,
    low: Option<plan::Expr>,
    high: Option<plan::Expr>,
}

/// The limits that a part of a filter sets.
fn limits(part: &plan::Expr) -> Option<Limits> {
    let of_record =
        |expr: &plan::Expr| matches!(expr.ty, Type::Date | Type::Datetime) && is_of_the_record(expr);
    let limits = match &part.kind {
        Kind::InRange(value, low, high) => {
            Limits { value: (**value).clone(), low: Some((**low).clone()), high: Some((**high).clone()) }
        }
        Kind::Binary(op, left, right) => {
            let (value, other, op) = match of_record(left) {
                true => (left, right, *op),
                false => (right, left, op.turned()),
            };
            let (value, other) = ((**value).clone(), Some((**other).clone()));
            match op {
                BinaryOp::Lt | BinaryOp::Le => Limits { value, low: None, high: other },
                BinaryOp::Gt | BinaryOp::Ge => Limits { value, low: other, high: None },
                BinaryOp::Eq => Limits { value, low: other.clone(), high: other },
                _ => return None,
            }
        }
        _ => return None,
    };
    let ends = limits.low.iter().chain(&limits.high);
    (of_record(&limits.value)
        && ends.into_iter().all(|end| end.ty == limits.value.ty && is_of_the_outer_row(end)))
    .then_some(limits)
}

/// Does it hang on the record, and on nothing else?
fn is_of_the_record(expr: &plan::Expr) -> bool {
    let (mut reads, mut own) = (false, true);
    expr.visit(&mut |part| match part.kind {
        Kind::Stored(_) | Kind::Path(..) => reads = true,
        Kind::This(..) | Kind::Aggregate(_) | Kind::Window(_) | Kind::InQuery(..) | Kind::Made(_) => {
            own = false
        }
        _ => {}
    });
    reads && own
}

fn is_of_the_outer_row(expr: &plan::Expr) -> bool {
    let mut outer = true;
    expr.visit(&mut |part| {
        outer &= match &part.kind {
            Kind::This(inner, up) => *up == 1 && is_of_the_calendar(inner),
            Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::Made(_) => false,
            Kind::Aggregate(_) | Kind::Window(_) | Kind::InQuery(..) => false,
            _ => true,
        };
    });
    outer
}

/// An expression over `this` as one over that row itself.
fn of_the_outer_row(expr: &plan::Expr) -> plan::Expr {
    expr.clone().map(&mut |kind| match kind {
        Kind::This(inner, _) => inner.kind,
        other => other,
    })
}

/// Between which ends a value must lie to meet each of the calendar's rows: in days, or in microseconds.
struct Bounds {
    low: Vec<i64>,
    high: Vec<i64>,
    /// Neither end ever goes back from one row to the next, so that the rows that a value meets stand together.
    ascending: bool,
}

impl Bounds {
    fn new(low: Vec<i64>, high: Vec<i64>) -> Bounds {
        let ascending = low.is_sorted() && high.is_sorted();
        Bounds { low, high, ascending }
    }

    /// Can a value meet no more than one row?
    fn apart(&self) -> bool {
        self.ascending && self.high.iter().zip(self.low.iter().skip(1)).all(|(end, next)| end < next)
    }

    /// The rows from the first to the last that a value may meet.
    fn range(&self, value: i64) -> std::ops::Range<usize> {
        if !self.ascending {
            return 0..self.low.len();
        }
        let first = self.high.partition_point(|end| *end < value);
        first..self.low.partition_point(|start| *start <= value)
    }

    fn meets(&self, value: i64, at: usize) -> bool {
        self.low[at] <= value && value <= self.high[at]
    }
}

/// Each record with the number of the calendar's row that it may belong to, in [`AT`]: as often as there are such rows.
fn with_spans(records: LazyFrame, values: Vec<Expr>, bounds: Vec<Bounds>, spans: usize) -> LazyFrame {
    let Some((first, rest)) = values.split_first() else {
        let all: Vec<IdxSize> = (0..spans as IdxSize).collect();
        let all = DataFrame::new(spans, vec![Column::new(AT.into(), all)]).unwrap_or_default();
        return records.cross_join(all.lazy(), None);
    };
    if bounds.iter().any(Bounds::apart) {
        let one = first.clone().map_many(
            move |columns| {
                let mut out: Vec<Option<IdxSize>> = Vec::new();
                each(columns, |values| out.push(rows_of(&bounds, values, spans).next()))?;
                Ok(Column::new(AT.into(), out))
            },
            rest,
            |_, fields| Ok(Field::new(fields[0].name().clone(), IDX_DTYPE)),
        );
        return records.with_columns([one.alias(AT)]).filter(col(AT).is_not_null());
    }
    let many = first.clone().map_many(
        move |columns| {
            let mut out = ListPrimitiveChunkedBuilder::<IdxType>::new(AT.into(), 0, 0, IDX_DTYPE);
            let mut met: Vec<IdxSize> = Vec::new();
            each(columns, |values| {
                met.clear();
                met.extend(rows_of(&bounds, values, spans));
                out.append_slice(&met);
            })?;
            Ok(out.finish().into_column())
        },
        rest,
        |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::List(Box::new(IDX_DTYPE)))),
    );
    let options = ExplodeOptions { empty_as_null: false, keep_nulls: false };
    records.with_columns([many.alias(AT)]).explode(by_name([AT], true, false), options)
}

/// Shows the values of each record, one of each column.
fn each(columns: &[Column], mut see: impl FnMut(&[Option<i64>])) -> PolarsResult<()> {
    let columns: Vec<Int64Chunked> =
        columns.iter().map(|column| Ok(column.i64()?.rechunk().into_owned())).collect::<PolarsResult<_>>()?;
    let height = columns.iter().map(Int64Chunked::len).max().unwrap_or_default();
    let mut values = vec![None; columns.len()];
    for at in 0..height {
        for (value, column) in values.iter_mut().zip(&columns) {
            // A value that stands for all rows is one.
            *value = column.get(if column.len() == 1 { 0 } else { at });
        }
        see(&values);
    }
    Ok(())
}

/// The rows that a record meets, by all of its bounds.
fn rows_of<'b>(
    bounds: &'b [Bounds],
    values: &'b [Option<i64>],
    spans: usize,
) -> impl Iterator<Item = IdxSize> + 'b {
    // A missing date lies nowhere.
    let known = values.iter().all(Option::is_some);
    let met = move || bounds.iter().zip(values.iter().flatten());
    let range = met().fold(0..if known { spans } else { 0 }, |range, (bound, value)| {
        let own = bound.range(*value);
        range.start.max(own.start)..range.end.min(own.end)
    });
    range
        .filter(move |at| met().all(|(bound, value)| bound.ascending || bound.meets(*value, *at)))
        .map(|at| at as IdxSize)
}
