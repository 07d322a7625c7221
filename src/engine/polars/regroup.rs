//! What was said right after a grouping: another period's groups beside these, buckets that no record fell into,
//! totals, items over wider groups, and the rest of a `top`. All of it is worked out from the records: the
//! rows are grouped again, by fewer keys or with other filters, and the results meet on their keys.

use polars::prelude::*;

use super::expr::{dtype, to_polars};
use super::group::{ONE, group};
use super::note::Left;
use super::rows::Rows;
use super::{identifies, leave_nobody_out, union};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Against, Buckets, Fill, Grouping, Made, Other};
use crate::survey::columnar::col;
use crate::types::period::bins_between;
use crate::types::time::date_of;
use crate::types::{Bin, Type};

/// A grouping and the rows that it groups, for what needs them again.
#[derive(Clone)]
pub(super) struct Grouped {
    rows: Rows,
    grouping: Grouping,
}

/// Groups that are shown by themselves, so that `other` is of all records but theirs.
struct Kept {
    frame: LazyFrame,
    keys: Vec<PlSmallStr>,
}

/// Is it a plain `summarise`, with nothing said after?
pub(super) fn is_plain(grouping: &Grouping) -> bool {
    grouping.against.is_none()
        && grouping.fill.is_none()
        && grouping.totals.is_none()
        && grouping.wider.is_empty()
}

/// Groups the rows. What a later `with other` needs stays with them where `again` says so.
pub(super) fn grouped(rows: &mut Rows, grouping: &Grouping, again: bool) -> Result<(), Diagnostic> {
    if let Some(level) = rows.level.take() {
        // Totals stand apart: nothing counts them.
        rows.frame = rows.frame.clone().filter(col(level).eq(lit(0i64)));
    }
    rows.records = None;
    if is_plain(grouping) && !again {
        return group(rows, &grouping.keys, &grouping.items);
    }
    if !rows.notes.is_empty() {
        // What is counted on the way is counted once, however often the rows are grouped.
        rows.frame = rows.frame.clone().cache();
    }
    if grouping.keys.iter().any(|(_, key)| identifies(&key.ty)) {
        let somebody = |(_, key): &&(Made, plan::Expr)| identifies(&key.ty);
        let keys: Vec<&plan::Expr> = grouping.keys.iter().filter(somebody).map(|(_, key)| key).collect();
        rows.prepare(keys.iter().copied())?;
        let names: Vec<PlSmallStr> = keys.iter().map(|_| super::fresh(rows, "n")).collect();
        let columns: Vec<Expr> =
            keys.iter().zip(&names).map(|(key, name)| to_polars(key).alias(name.clone())).collect();
        rows.frame = rows.frame.clone().with_columns(columns);
        leave_nobody_out(rows, keys.into_iter().zip(&names), lit(1u64), LazyFrame::cache);
        rows.narrowed = true;
    }
    let records = Grouped { rows: rows.clone(), grouping: grouping.clone() };
    let all = (1u64 << grouping.keys.len()) - 1;
    let mut result = records.level(0, None)?;
    if let Some(totals) = &grouping.totals {
        let mut frames = vec![result.frame];
        for mask in &totals.levels {
            frames.push(records.level(*mask & all, None)?.frame);
        }
        result.frame = union(frames)?;
        result.level = Some(PlSmallStr::from(&*totals.level));
        result.order.insert(0, (PlSmallStr::from(&*totals.level), false));
        result.sorted = false;
    }
    result.records = again.then(|| Box::new(records));
    *rows = result;
    Ok(())
}

/// A level's code. polars gives a literal the smallest type that holds it, and frames are put together by type.
fn level_lit(mask: u64) -> Expr {
    lit(plan::level_code(mask)).cast(DataType::Int64)
}

impl Grouped {
    /// The groups of one level: the keys in `mask` are collapsed, and hold missing.
    fn level(&self, mask: u64, kept: Option<&Kept>) -> Result<Rows, Diagnostic> {
        let mut result = self.groups(mask, kept)?;
        for wider in &self.grouping.wider {
            let per: Vec<usize> = wider.per.iter().copied().filter(|at| mask & (1 << at) == 0).collect();
            let around = self.bits_but(&per);
            let names: Vec<Expr> = per.iter().filter_map(|at| self.key(*at)).map(col).collect();
            let mut columns = names.clone();
            columns.push(col(&*wider.item).alias(&*wider.made));
            let found = self.groups(around, None)?.frame.select(columns);
            if names.is_empty() {
                let one = || lit(0i32).alias(ONE);
                result.frame = result.frame.with_columns([one()]);
                result.join(found.with_columns([one()]), &[col(ONE)], &[col(ONE)], true);
            } else {
                result.join(found, &names, &names, true);
            }
        }
        // Every level has the same columns in the same order.
        let mut columns: Vec<Expr> = Vec::new();
        for (at, (made, key)) in self.grouping.keys.iter().enumerate() {
            columns.push(match mask & (1 << at) == 0 {
                true => col(&**made),
                false => lit(NULL).cast(dtype(&key.ty)).alias(&**made),
            });
        }
        let against = self.grouping.against.as_ref();
        let others = against.into_iter().flat_map(|against| against.items.iter().chain(&against.changes));
        columns.extend(self.grouping.items.iter().chain(others).map(|(made, _)| col(&**made)));
        columns.extend(self.grouping.wider.iter().map(|wider| col(&*wider.made)));
        if let Some(totals) = &self.grouping.totals {
            columns.push(level_lit(mask).alias(&*totals.level));
        }
        result.frame = result.frame.select(columns);
        result.order =
            self.grouping.keys.iter().map(|(made, _)| (PlSmallStr::from(&**made), false)).collect();
        result.sorted = false;
        Ok(result)
    }

    fn key(&self, at: usize) -> Option<&str> {
        self.grouping.keys.get(at).map(|(made, _)| &**made)
    }

    /// The mask that leaves only these keys.
    fn bits_but(&self, per: &[usize]) -> u64 {
        (0..self.grouping.keys.len()).filter(|at| !per.contains(at)).map(|at| 1u64 << at).sum()
    }

    /// The groups by the keys that are not in `mask`, filled, with what both periods give.
    fn groups(&self, mask: u64, kept: Option<&Kept>) -> Result<Rows, Diagnostic> {
        let left = |at: usize| mask & (1 << at) == 0;
        let keys: Vec<(Made, plan::Expr)> = self
            .grouping
            .keys
            .iter()
            .enumerate()
            .filter(|(at, _)| left(*at))
            .map(|(_, key)| key.clone())
            .collect();
        let mut result = match &self.grouping.against {
            None => {
                let mut rows = self.rows.clone();
                if let Some(kept) = kept {
                    let exprs: Vec<plan::Expr> =
                        self.grouping.keys.iter().map(|(_, key)| key.clone()).collect();
                    without(&mut rows, kept, &exprs)?;
                }
                group(&mut rows, &keys, &self.grouping.items)?;
                rows
            }
            Some(against) => self.both(against, &keys, mask, kept)?,
        };
        if let Some(fill) = self.grouping.fill.as_ref().filter(|_| kept.is_none()) {
            let asked: Vec<(&Made, &plan::Expr, &Buckets)> = fill
                .keys
                .iter()
                .filter(|(at, _)| left(*at))
                .filter_map(|(at, buckets)| {
                    self.grouping.keys.get(*at).map(|(made, key)| (made, key, buckets))
                })
                .collect();
            if !asked.is_empty() {
                let names: Vec<&str> = keys.iter().map(|(made, _)| &**made).collect();
                result.frame = self.filled(result.frame, fill, &names, &asked)?;
                result.sorted = false;
            }
        }
        if let Some(against) = &self.grouping.against {
            for (made, change) in &against.changes {
                result.frame = result.frame.with_columns([to_polars(change).alias(&**made)]);
            }
        }
        Ok(result)
    }

    /// The groups of both periods, each beside its counterpart; one that a period lacks has there what its items
    /// give over no rows.
    fn both(
        &self,
        against: &Against,
        keys: &[(Made, plan::Expr)],
        mask: u64,
        kept: Option<&Kept>,
    ) -> Result<Rows, Diagnostic> {
        let side = |only: &plan::Expr, all: &[plan::Expr], items: &[(Made, plan::Expr)]| {
            let mut rows = self.rows.clone();
            rows.narrowed = true;
            rows.prepare([only])?;
            rows.frame = rows.frame.filter(to_polars(only));
            if let Some(kept) = kept {
                without(&mut rows, kept, all)?;
            }
            let by: Vec<(Made, plan::Expr)> = self
                .grouping
                .keys
                .iter()
                .zip(all)
                .enumerate()
                .filter(|(at, _)| mask & (1 << at) == 0)
                .map(|(_, ((made, _), key))| (made.clone(), key.clone()))
                .collect();
            group(&mut rows, &by, items)?;
            Ok::<Rows, Diagnostic>(rows)
        };
        let own: Vec<plan::Expr> = self.grouping.keys.iter().map(|(_, key)| key.clone()).collect();
        let mut now = side(&against.now, &own, &self.grouping.items)?;
        let then = side(&against.then, &against.keys, &against.items)?;
        // What was counted before the grouping was so for both.
        for note in then.notes.iter().skip(self.rows.notes.len()) {
            let mut note = note.clone();
            if let Left::Values(aggregate) = &mut note.of {
                aggregate.push_str(" of the other period");
                now.notes.push(note);
            }
        }
        let one = keys.is_empty();
        let mut names: Vec<Expr> = keys.iter().map(|(made, _)| col(&**made)).collect();
        let mut frames = [(now.frame, "\u{1}now"), (then.frame, "\u{1}then")].map(|(frame, name)| {
            let mut marks = vec![lit(true).alias(name)];
            marks.extend(one.then(|| lit(0i32).alias(ONE)));
            frame.with_columns(marks)
        });
        if one {
            names.push(col(ONE));
        }
        let [a, b] = &mut frames;
        let mut joined = beside(std::mem::take(a), std::mem::take(b), names);
        for (present, items) in [("\u{1}now", &self.grouping.items), ("\u{1}then", &against.items)] {
            joined = filled_in(joined, &col(present).is_null(), items, None);
        }
        now.frame = joined;
        now.sorted = false;
        now.order = keys.iter().map(|(made, _)| (PlSmallStr::from(&**made), false)).collect();
        Ok(now)
    }

    /// The same rows, and those of buckets that no record falls into.
    fn filled(
        &self,
        frame: LazyFrame,
        fill: &Fill,
        keys: &[&str],
        asked: &[(&Made, &plan::Expr, &Buckets)],
    ) -> Result<LazyFrame, Diagnostic> {
        // Its rows are looked at three times, and what they count on the way is counted once.
        let frame = frame.cache();
        let others: Vec<Expr> = keys
            .iter()
            .filter(|key| asked.iter().all(|(made, ..)| **key != &***made))
            .map(|key| col(*key))
            .collect();
        let mut grid =
            (!others.is_empty()).then(|| frame.clone().select(others).unique(None, UniqueKeepStrategy::Any));
        for (made, key, buckets) in asked {
            let column = buckets_of(frame.clone(), made, key, buckets)?;
            grid = Some(match grid {
                None => column,
                Some(grid) => grid.cross_join(column, None),
            });
        }
        let Some(grid) = grid else { return Ok(frame) };
        let names: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
        let present = frame.with_columns([lit(true).alias("\u{1}present")]);
        let joined = beside(grid, present, names);
        let against = self.grouping.against.iter().flat_map(|against| &against.items);
        let items: Vec<(Made, plan::Expr)> = self.grouping.items.iter().chain(against).cloned().collect();
        Ok(filled_in(joined, &col("\u{1}present").is_null(), &items, fill.with.as_ref()))
    }
}

/// The rows of both that meet on their keys, and those of either that meet none. Missing meets missing.
fn beside(left: LazyFrame, right: LazyFrame, keys: Vec<Expr>) -> LazyFrame {
    let mut args = JoinArgs::new(JoinType::Full);
    args.nulls_equal = true;
    args.coalesce = JoinCoalesce::CoalesceColumns;
    left.join(right, keys.clone(), keys, args)
}

/// In rows that `absent` tells, each item as it is over no rows, or `with`.
fn filled_in(
    mut frame: LazyFrame,
    absent: &Expr,
    items: &[(Made, plan::Expr)],
    with: Option<&plan::Expr>,
) -> LazyFrame {
    for (made, item) in items {
        let nothing = match with {
            Some(with) => to_polars(with).cast(dtype(&item.ty)),
            None => to_polars(&item.clone().over_nothing(&[])),
        };
        let value = when(absent.clone()).then(nothing).otherwise(col(&**made));
        frame = frame.with_columns([value.alias(&**made)]);
    }
    frame
}

/// A key's buckets, as a column of its name.
fn buckets_of(
    frame: LazyFrame,
    made: &Made,
    key: &plan::Expr,
    buckets: &Buckets,
) -> Result<LazyFrame, Diagnostic> {
    let name = PlSmallStr::from(&**made);
    let ready = |column: Column| {
        let column = column.cast(&dtype(&key.ty)).map_err(|error| super::read_error(&error))?;
        let frame = DataFrame::new(column.len(), vec![column]).map_err(|error| super::read_error(&error))?;
        Ok(frame.lazy())
    };
    match buckets {
        Buckets::Bools => ready(Column::new(name, [false, true])),
        Buckets::Numbers(first, last) => ready(Column::new(name, (*first..=*last).collect::<Vec<i64>>())),
        Buckets::Spans(bin, Some((first, last))) => ready(Column::new(name, spans(*bin, *first, *last))),
        Buckets::Spans(_, None) | Buckets::Occurring => {
            let bin = match buckets {
                Buckets::Spans(bin, _) => Some(*bin),
                _ => None,
            };
            let dtype = dtype(&key.ty);
            let schema = Schema::from_iter([Field::new(name.clone(), dtype.clone())]);
            let ends = frame.select([
                col(name.clone()).min().alias("\u{1}first"),
                col(name.clone()).max().alias("\u{1}last"),
            ]);
            let expand = move |ends: DataFrame| {
                let end = |name: &str| {
                    let column = ends.column(name)?.as_materialized_series().cast(&DataType::Int64)?;
                    Ok::<Option<i64>, PolarsError>(column.i64()?.get(0))
                };
                let all: Vec<i64> = match (end("\u{1}first")?, end("\u{1}last")?) {
                    (Some(first), Some(last)) => match bin {
                        Some(bin) => {
                            let day = |n: i64| i32::try_from(n).unwrap_or_default();
                            spans(bin, day(first), day(last)).into_iter().map(i64::from).collect()
                        }
                        None => (first..=last).collect(),
                    },
                    _ => Vec::new(),
                };
                let days = dtype == DataType::Date;
                let column = Column::new(name.clone(), all);
                let column = if days { column.cast(&DataType::Int32)? } else { column };
                let column = column.cast(&dtype)?;
                DataFrame::new(column.len(), vec![column])
            };
            Ok(ends.map(
                expand,
                OptFlags::empty(),
                Some(std::sync::Arc::new(move |_: &Schema| Ok(std::sync::Arc::new(schema.clone())))),
                Some("buckets"),
            ))
        }
    }
}

/// The first days of the spans from the one that holds a day to the one that holds another.
fn spans(bin: Bin, first: i32, last: i32) -> Vec<i32> {
    match (date_of(first), date_of(last)) {
        (Some(first), Some(last)) => bins_between(bin, first, last),
        _ => Vec::new(),
    }
}

/// Leaves out the rows whose group is among those kept.
fn without(rows: &mut Rows, kept: &Kept, keys: &[plan::Expr]) -> Result<(), Diagnostic> {
    rows.prepare(keys)?;
    let names: Vec<PlSmallStr> = keys.iter().map(|_| super::fresh(rows, "o")).collect();
    let columns: Vec<Expr> =
        keys.iter().zip(&names).map(|(key, name)| to_polars(key).alias(name.clone())).collect();
    let mut args = JoinArgs::new(JoinType::Anti);
    args.nulls_equal = true;
    let mut near: Vec<Expr> = names.into_iter().map(col).collect();
    let mut far: Vec<Expr> = kept.keys.iter().map(|name| col(name.clone())).collect();
    let mut frame = rows.frame.clone().with_columns(columns);
    let mut shown = kept.frame.clone();
    if near.is_empty() {
        // Without keys there is one group, and it is shown or not.
        let only = super::fresh(rows, "o");
        frame = frame.with_columns([lit(0i32).alias(only.clone())]);
        shown = shown.with_columns([lit(0i32).alias(only.clone())]).select([col(only.clone())]);
        (near, far) = (vec![col(only.clone())], vec![col(only)]);
    }
    rows.frame = frame.join(shown, near, far, args);
    rows.narrowed = true;
    rows.sorted = false;
    Ok(())
}

/// How many records a group has, of this period and the other.
const LEFT: &str = "\u{1}left";
const LEFT_THEN: &str = "\u{1}left_then";

/// One more row (of each group) for all records but those of the groups that are shown.
pub(super) fn with_other(rows: &mut Rows, other: &Other) -> Result<(), Diagnostic> {
    let Some(mut records) = rows.records.clone() else {
        return Err(Diagnostic::bare("fault-engine", "the records of a grouping are gone"));
    };
    records.grouping.items.push((LEFT.into(), plan::Expr::row_count()));
    if let Some(against) = &mut records.grouping.against {
        against.items.push((LEFT_THEN.into(), plan::Expr::row_count()));
    }
    let grouping = &records.grouping;
    // They are shown, and left out of the rest.
    let position = super::number(rows, "o");
    let ordinary = match &rows.level {
        Some(level) => rows.frame.clone().filter(col(level.clone()).eq(lit(0i64))),
        None => rows.frame.clone(),
    };
    let keys: Vec<PlSmallStr> = grouping.keys.iter().map(|(made, _)| PlSmallStr::from(&**made)).collect();
    let mut key_columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    if key_columns.is_empty() {
        // A frame of no columns has no rows either.
        key_columns.push(col(position.clone()));
    }
    let kept = Kept { frame: ordinary.clone().select(key_columns), keys };
    let mut rest = records.level(records.bits_but(&other.kept), Some(&kept))?;
    // Over no records at all there would be one row, of nothing.
    let left = records.grouping.against.as_ref().map_or(col(LEFT), |_| col(LEFT) + col(LEFT_THEN));
    rest.frame = rest.frame.filter(left.gt(lit(0i64)));
    if let Some(level) = &rows.level {
        rest.frame = rest.frame.with_columns([level_lit(0).alias(level.clone())]);
    }
    let labels = named(&mut rest, &ordinary, other, grouping);
    rest.frame = rest.frame.with_columns(labels);
    for (made, value) in &other.lets {
        rest.prepare([value])?;
        rest.frame = rest.frame.with_columns([to_polars(value).alias(&**made)]);
    }
    // Below the rows of its own group.
    let per: Vec<Expr> =
        other.kept.iter().filter_map(|at| grouping.keys.get(*at)).map(|(made, _)| col(&**made)).collect();
    if per.is_empty() {
        rest.frame = rest.frame.with_columns([lit(IdxSize::MAX).cast(IDX_DTYPE).alias(position.clone())]);
    } else {
        let mut below = per.clone();
        below.push(col(position.clone()));
        let last = ordinary.select(below).group_by(per.clone()).agg([col(position.clone()).max()]);
        rest.join(last, &per, &per, true);
    }
    let order = PlSmallStr::from("\u{1}below");
    rows.frame = rows.frame.clone().with_columns([lit(0i32).alias(order.clone())]);
    rest.frame = rest.frame.with_columns([lit(1i32).alias(order.clone())]);
    let mut names: Vec<Expr> = records.columns(&other.lets).into_iter().map(col).collect();
    names.extend([col(position.clone()), col(order.clone())]);
    let both = [rows.frame.clone().select(names.clone()), rest.frame.select(names)];
    rows.frame = union(both)?;
    rows.order = rows.level.iter().map(|level| (level.clone(), false)).collect();
    rows.order.extend([(position, false), (order, false)]);
    rows.sorted = false;
    Ok(())
}

/// What the others are called, key by key. Where a group that is shown has that very name, they take another: two rows
/// of one name could not be told apart, and `pivot` would keep one of them.
fn named(rest: &mut Rows, shown: &LazyFrame, other: &Other, grouping: &Grouping) -> Vec<Expr> {
    const NAMES: [&str; 2] = ["other", "all other"];
    let one = col(ONE);
    let taken = |at: usize, name: usize| format!("\u{1}taken{at}_{name}");
    let mut tests = vec![lit(0i32).alias(ONE)];
    let mut labels = Vec::new();
    for (at, label) in &other.labels {
        let Some((made, key)) = grouping.keys.get(*at) else { continue };
        let mut text = to_polars(label).cast(dtype(&key.ty));
        if matches!(key.ty, Type::Text | Type::Id) {
            for (number, name) in NAMES.iter().enumerate() {
                let is = col(&**made).eq(lit(*name)).any(true);
                tests.push(is.alias(taken(*at, number)));
            }
            let second = when(col(taken(*at, 1))).then(lit("other (the rest)")).otherwise(lit(NAMES[1]));
            text = when(col(taken(*at, 0))).then(second).otherwise(text);
        }
        labels.push(text.alias(&**made));
    }
    if tests.len() > 1 {
        rest.frame = rest.frame.clone().with_columns([lit(0i32).alias(ONE)]);
        rest.join(shown.clone().select(tests), std::slice::from_ref(&one), std::slice::from_ref(&one), true);
    }
    labels
}

impl Grouped {
    /// Every column that the groups have, and those made since.
    fn columns(&self, lets: &[(Made, plan::Expr)]) -> Vec<PlSmallStr> {
        let against = self.grouping.against.iter();
        let others = against.flat_map(|against| against.items.iter().chain(&against.changes));
        let made = self.grouping.keys.iter().chain(&self.grouping.items).chain(others).chain(lets);
        let made = made.map(|(made, _)| made).chain(self.grouping.wider.iter().map(|wider| &wider.made));
        let made = made.chain(self.grouping.totals.iter().map(|totals| &totals.level));
        made.filter(|made| ![LEFT, LEFT_THEN].contains(&&***made)).map(|made| (&**made).into()).collect()
    }
}
