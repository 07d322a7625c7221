//! Other queries' rows: below these, or left out. The other query is compiled as a question of its own, but for its
//! order: which of its rows comes first is said by columns that travel along, and nobody sorts before somebody
//! looks.

use std::sync::Arc;

use polars::prelude::*;

use super::expr::to_polars;
use super::membership::side_by_side;
use super::rows::Rows;
use super::{fresh, read_error, rows_of, union};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Made, Query};
use crate::survey::columnar::col;

/// Another query's rows.
pub(super) struct Other {
    /// Its columns under the names that were asked for, and those that put the rows in order.
    pub frame: LazyFrame,
    /// The order.
    pub order: Vec<(PlSmallStr, bool)>,
    /// It counts what it leaves out, and so must not be worked out twice.
    pub counts: bool,
}

/// The rows of `query`, its columns as `values` under `names`; what it has to say is said with these rows.
pub(super) fn other(
    rows: &mut Rows,
    query: &Query,
    values: Vec<Expr>,
    names: &[PlSmallStr],
    ordered: bool,
) -> Result<Other, Diagnostic> {
    let mut inner = rows_of(query, rows.lookups.clone(), ordered, false)?;
    let counts = !inner.notes.is_empty();
    rows.notes.extend(std::mem::take(&mut inner.notes).into_iter().map(|note| note.within(&query.table)));
    let mut columns: Vec<Expr> =
        values.into_iter().zip(names).map(|(value, name)| value.alias(name.clone())).collect();
    let mut kept: Vec<Expr> = names.iter().map(|name| col(name.clone())).collect();
    let order = if ordered { moved(rows, &inner.order, &mut columns, &mut kept) } else { Vec::new() };
    // Constants stretch to as many rows as there are only beside others.
    Ok(Other { frame: inner.frame.with_columns(columns).select(kept), order, counts })
}

/// The columns of an order under fresh names.
fn moved(
    rows: &mut Rows,
    order: &[(PlSmallStr, bool)],
    columns: &mut Vec<Expr>,
    kept: &mut Vec<Expr>,
) -> Vec<(PlSmallStr, bool)> {
    let mut moved = Vec::new();
    for (from, descending) in order {
        let name = fresh(rows, "o");
        columns.push(col(from.clone()).alias(name.clone()));
        kept.push(col(name.clone()));
        moved.push((name, *descending));
    }
    moved
}

/// What was counted on the way is counted once, however often the rows are looked at from here on.
pub(super) fn once(rows: &mut Rows, counts: bool) {
    if counts {
        rows.frame = rows.frame.clone().cache();
    }
}

/// The rows of another query below these.
pub(super) fn append(
    rows: &mut Rows,
    columns: &[(Made, plan::Expr)],
    query: &Query,
) -> Result<(), Diagnostic> {
    rows.prepare(columns.iter().map(|(_, value)| value))?;
    let names: Vec<PlSmallStr> = columns.iter().map(|(made, _)| PlSmallStr::from(&**made)).collect();
    let values = query.output.iter().map(|column| to_polars(&column.expr)).collect();
    let there = other(rows, query, values, &names, true)?;

    let side = fresh(rows, "side");
    let mut values: Vec<Expr> = columns.iter().map(|(made, value)| to_polars(value).alias(&**made)).collect();
    let mut kept: Vec<Expr> = names.iter().map(|name| col(name.clone())).collect();
    let own = rows.order.clone();
    let here_order = moved(rows, &own, &mut values, &mut kept);
    let mut here = rows.frame.clone().with_columns(values).select(kept);
    let mut below = there.frame;

    // First these rows in their order, then those in theirs; what orders the one is missing in the other.
    let ordering: Vec<PlSmallStr> =
        here_order.iter().chain(&there.order).map(|(name, _)| name.clone()).collect();
    let (here_schema, below_schema) = (schema(&mut here)?, schema(&mut below)?);
    let completed = |frame: LazyFrame, own: &Schema, others: &Schema, number: i32| {
        let mut added = vec![lit(number).alias(side.clone())];
        for name in ordering.iter().filter(|name| !own.contains(name)) {
            let dtype = others.get(name).cloned().unwrap_or(DataType::Boolean);
            added.push(lit(NULL).cast(dtype).alias(name.clone()));
        }
        let all = names.iter().chain([&side]).chain(&ordering).map(|name| col(name.clone()));
        frame.with_columns(added).select(all.collect::<Vec<_>>())
    };
    let both =
        [completed(here, &here_schema, &below_schema, 0), completed(below, &below_schema, &here_schema, 1)];
    rows.frame = union(both)?;
    rows.order = vec![(side, false)];
    rows.order.extend(here_order);
    rows.order.extend(there.order);
    rows.sorted = false;
    rows.narrowed = true;
    rows.apart = false;
    rows.identity = Vec::new();
    // Nothing that was brought in before is there any more.
    rows.brought = ordering;
    rows.brought.extend(rows.order.first().map(|(side, _)| side.clone()));
    once(rows, there.counts);
    Ok(())
}

fn schema(frame: &mut LazyFrame) -> Result<SchemaRef, Diagnostic> {
    frame.collect_schema().map_err(|error| read_error(&error))
}

/// Without the rows that another query has; missing equals missing.
pub(super) fn except(rows: &mut Rows, on: &[plan::Expr], query: &Arc<Query>) -> Result<(), Diagnostic> {
    rows.prepare(on)?;
    let (here, there): (Vec<Expr>, Vec<Expr>) =
        on.iter().zip(&query.output).map(|(here, there)| side_by_side(here, &there.expr)).unzip();
    let near: Vec<PlSmallStr> = on.iter().map(|_| fresh(rows, "e")).collect();
    let far: Vec<PlSmallStr> = (0..on.len()).map(|at| format!("\u{1}far{at}").into()).collect();
    let other = other(rows, query, there, &far, false)?;
    let keys: Vec<Expr> =
        here.into_iter().zip(&near).map(|(value, name)| value.alias(name.clone())).collect();
    let mut args = JoinArgs::new(JoinType::Anti);
    args.nulls_equal = true;
    let named = |names: Vec<PlSmallStr>| names.into_iter().map(col).collect::<Vec<Expr>>();
    rows.frame = rows.frame.clone().with_columns(keys).join(other.frame, named(near), named(far), args);
    rows.sorted = false;
    once(rows, other.counts);
    Ok(())
}
