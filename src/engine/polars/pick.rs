//! Which rows stay: `take`, `top` and what `distinct` shares with them. The rows to keep are told by their numbers.

use polars::prelude::*;

use super::expr::to_polars;
use super::rows::Rows;
use super::{fresh, leave_nobody_out, number, read_error, union};
use crate::diagnostic::Diagnostic;
use crate::plan;
use crate::survey::columnar::col;

/// Works on the ordinary rows alone, and puts those of totals below what comes of them.
pub(super) fn beside_totals(
    rows: &mut Rows,
    work: impl FnOnce(&mut Rows) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let Some(level) = rows.level.clone() else { return work(rows) };
    let position = number(rows, "l");
    let schema = rows.frame.collect_schema().map_err(|error| read_error(&error))?;
    let names: Vec<Expr> =
        schema.iter_names().filter(|name| **name != position).map(|name| col(name.clone())).collect();
    let is_total = col(level.clone()).neq(lit(0i64));
    let totals = rows.frame.clone().filter(is_total.clone());
    rows.frame = rows.frame.clone().filter(is_total.not()).drop(by_name([position.clone()], true, false));
    work(rows)?;
    rows.settle();
    rows.frame = rows.frame.clone().with_row_index(position.clone(), None);
    let mut columns = names;
    columns.push(col(position.clone()));
    let both = [rows.frame.clone().select(columns.clone()), totals.select(columns)];
    rows.frame = union(both)?;
    rows.order = vec![(level, false), (position, false)];
    rows.sorted = false;
    Ok(())
}

/// The first rows, of each group where there are keys.
pub(super) fn take(rows: &mut Rows, n: u64, per: &[plan::Expr]) -> Result<(), Diagnostic> {
    if per.is_empty() {
        rows.settle();
        rows.frame = rows.frame.clone().slice(0, IdxSize::try_from(n).unwrap_or(IdxSize::MAX));
        return Ok(());
    }
    let position = number(rows, "t");
    let keys = keys_of(rows, per, true)?;
    rows.frame = first_of_each(rows.frame.clone(), &keys, &position, n);
    rows.order = vec![(position, false)];
    rows.sorted = false;
    Ok(())
}

pub(super) fn top(rows: &mut Rows, n: u64, by: &plan::SortKey, per: &[plan::Expr]) -> Result<(), Diagnostic> {
    if per.is_empty() {
        let order = sort_columns(rows, std::slice::from_ref(by), "t")?;
        rows.order.splice(0..0, order);
        rows.sorted = false;
        rows.settle();
        rows.frame = rows.frame.clone().slice(0, IdxSize::try_from(n).unwrap_or(IdxSize::MAX));
        return Ok(());
    }
    // Groups come by first appearance, so number the rows before they are sorted.
    let position = number(rows, "t");
    let keys = keys_of(rows, per, true)?;
    let first = PlSmallStr::from(format!("{position}.first"));
    let key_columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let firsts = rows
        .frame
        .clone()
        .group_by(key_columns.clone())
        .agg([col(position.clone()).min().alias(first.clone())]);
    rows.join(firsts, &key_columns, &key_columns, true);
    let mut order = vec![(first, false)];
    order.extend(sort_columns(rows, std::slice::from_ref(by), "t")?);
    order.push((position, false));
    rows.order = order;
    rows.sorted = false;
    let ranked = number(rows, "r");
    rows.frame = first_of_each(rows.frame.clone(), &keys, &ranked, n);
    rows.order = vec![(ranked, false)];
    rows.sorted = false;
    Ok(())
}

/// Columns that hold sort keys, and their directions.
pub(super) fn sort_columns(
    rows: &mut Rows,
    keys: &[plan::SortKey],
    what: &str,
) -> Result<Vec<(PlSmallStr, bool)>, Diagnostic> {
    rows.prepare(keys.iter().map(|key| &key.expr))?;
    let mut order = Vec::new();
    let mut columns = Vec::new();
    for key in keys {
        let name = fresh(rows, what);
        columns.push(to_polars(&key.expr).alias(name.clone()));
        order.push((name, key.descending));
    }
    rows.frame = rows.frame.clone().with_columns(columns);
    Ok(order)
}

/// Columns that hold group keys. With `somebody`, rows without an id or a record are left out: nobody is
/// no group.
pub(super) fn keys_of(
    rows: &mut Rows,
    keys: &[plan::Expr],
    somebody: bool,
) -> Result<Vec<PlSmallStr>, Diagnostic> {
    rows.prepare(keys)?;
    let names: Vec<PlSmallStr> = keys.iter().map(|_| fresh(rows, "p")).collect();
    let columns: Vec<Expr> =
        keys.iter().zip(&names).map(|(key, name)| to_polars(key).alias(name.clone())).collect();
    rows.frame = rows.frame.clone().with_columns(columns);
    if somebody {
        leave_nobody_out(rows, keys.iter().zip(&names), lit(1u64), LazyFrame::cache);
    }
    Ok(names)
}

/// The first `n` rows of each group, by the numbers in `position`.
pub(super) fn first_of_each(
    frame: LazyFrame,
    keys: &[PlSmallStr],
    position: &PlSmallStr,
    n: u64,
) -> LazyFrame {
    let keys: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    // The numbers of the rows to keep, then the rows themselves.
    let kept = frame
        .clone()
        .group_by(keys)
        .agg([col(position.clone()).sort(SortOptions::default()).head(Some(n as usize)).alias("\u{1}kept")])
        .select([col("\u{1}kept").explode(ExplodeOptions { empty_as_null: false, keep_nulls: true })]);
    frame.join(kept, [col(position.clone())], [col("\u{1}kept")], JoinArgs::new(JoinType::Semi))
}
