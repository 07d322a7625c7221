//! Grouping. The group's own rows give one frame of partial columns; each path that an aggregate ranges
//! over gives another, gathered from the records that the group's rows reach, each once. They meet on the
//! keys, and the items are worked out from what they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use super::aggregate::{Groups, SIZE, count_skipped, finish, is_mergeable, merged, partials};
use super::expr::to_polars;
use super::filter::counted_value;
use super::lookup::Ends;
use super::reach::{Near, Start, follow, needs_at_end};
use super::rows::{self, Rows, aggregate_name};
use super::{held, identifies, leave_nobody_out, regroup, source};
use crate::catalog::{Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Aggregate, Grouping, Kind, Made, Over, Query, Stage, Step, Stored};
use crate::survey::columnar::col;

/// What joins one-row frames where there are no keys.
pub(super) const ONE: &str = "\u{1}one";

/// `summarise items by keys`
pub(super) fn group(
    rows: &mut Rows,
    keys: &[(Made, plan::Expr)],
    items: &[(Made, plan::Expr)],
) -> Result<(), Diagnostic> {
    let aggregates: Vec<Arc<Aggregate>> =
        items.iter().flat_map(|(_, item)| item.aggregates()).cloned().collect();
    let (own, along): (Vec<_>, Vec<_>) =
        aggregates.iter().cloned().partition(|aggregate| matches!(aggregate.over, Over::Rows));

    // What adds up over the rows is worked out for each of them first.
    let (mut below, mut beside) = (Vec::new(), Vec::new());
    for aggregate in along {
        let kind = if !rows.narrowed && is_below(&aggregate)? { &mut below } else { &mut beside };
        kind.push(aggregate);
    }
    bring_below(rows, &below)?;

    // The keys, as columns of the rows.
    rows.prepare(keys.iter().map(|(_, key)| key))?;
    let names: Vec<PlSmallStr> = (0..keys.len()).map(|at| format!("\u{1}g{at}").into()).collect();
    let columns: Vec<Expr> =
        keys.iter().zip(&names).map(|((_, key), name)| to_polars(key).alias(name.clone())).collect();
    let frame = rows.frame.clone().with_columns(columns);
    let rows_in_groups = Rows { frame, sorted: false, ..rows.clone() };

    // The groups, with what their own rows give; and how many these are, where nobody's are counted.
    let sized = if keys.iter().any(|(_, key)| identifies(&key.ty)) { Groups::Sized } else { Groups::All };
    let mut groups = rows_in_groups.clone();
    groups.frame = partials(rows_in_groups.clone(), &own, &names, sized, &below)?;
    let read: Vec<Expr> = keys
        .iter()
        .zip(&names)
        .filter_map(|((_, key), name)| {
            Some(read_late(&rows.table, key, col(name.clone()))?.alias(name.clone()))
        })
        .collect();
    if !read.is_empty() {
        let gathered: Vec<Arc<Aggregate>> = own.iter().chain(&below).cloned().collect();
        groups.frame = merged(groups.frame.with_columns(read), &gathered, &names, sized);
    }
    groups.brought = Vec::new();
    groups.identity = Vec::new();
    let near: Vec<Expr> = if names.is_empty() {
        groups.frame = groups.frame.with_columns([lit(0i32).alias(ONE)]);
        vec![col(ONE)]
    } else {
        // Nobody is not a very busy offender.
        leave_nobody_out(&mut groups, keys.iter().map(|(_, key)| key).zip(&names), col(SIZE), held);
        names.iter().map(|name| col(name.clone())).collect()
    };

    // What the records at each path's end give.
    for (steps, sharing) in &by_path(&beside) {
        let records = reached(&rows_in_groups, &names, steps, sharing)?;
        let mut gathered = partials(records, sharing, &names, Groups::Reached, &[])?;
        if names.is_empty() {
            gathered = gathered.with_columns([lit(0i32).alias(ONE)]);
        }
        groups.join(gathered, &near, &near, true);
    }

    let (counted, notes): (Vec<Expr>, Vec<_>) =
        aggregates.iter().filter_map(|aggregate| count_skipped(aggregate)).unzip();
    if !counted.is_empty() {
        groups.frame = held(groups.frame.with_columns(counted));
        groups.notes.extend(notes);
    }
    let finished: Vec<Expr> =
        aggregates.iter().map(|aggregate| finish(aggregate).alias(aggregate_name(aggregate))).collect();
    groups.frame = groups.frame.with_columns(finished);

    // The items in turn: each may use those before it, and the keys, by name.
    let renamed: Vec<Expr> =
        keys.iter().zip(&names).map(|((made, _), name)| col(name.clone()).alias(&**made)).collect();
    groups.frame = groups.frame.with_columns(renamed);
    let told = groups.notes.len();
    for (made, item) in items {
        let value = counted_value(&mut groups, item, true);
        groups.frame = groups.frame.with_columns([value.alias(&**made)]);
    }
    if groups.notes.len() > told {
        groups.frame = groups.frame.cache();
    }
    let shown: Vec<Expr> = keys.iter().chain(items).map(|(made, _)| col(&**made)).collect();
    let mut unique: Vec<Expr> = Vec::new();
    for column in shown {
        if !unique.contains(&column) {
            unique.push(column);
        }
    }
    groups.frame = groups.frame.select(unique);
    groups.order = keys.iter().map(|(made, _)| (PlSmallStr::from(&**made), false)).collect();
    groups.sorted = keys.is_empty();
    *rows = groups;
    Ok(())
}

/// A path, and the aggregates that range over it.
type Sharing = (Arc<[Step]>, Vec<Arc<Aggregate>>);

/// Aggregates by the path that they range over.
fn by_path(aggregates: &[Arc<Aggregate>]) -> Vec<Sharing> {
    let mut paths: BTreeMap<String, Sharing> = BTreeMap::new();
    for aggregate in aggregates {
        if let Over::Path(steps) = &aggregate.over {
            let entry = paths.entry(path_text(steps)).or_insert_with(|| (Arc::clone(steps), Vec::new()));
            entry.1.push(Arc::clone(aggregate));
        }
    }
    paths.into_values().collect()
}

/// Does what the aggregate gives for a group add up from what it gives for each row? So it does along to-many
/// links alone, where each record is reached from one row. Links that are not followed by position are left to
/// a join, which holds no more than it must; so are rows of which a filter has left a few, since this would work
/// out what nobody asks.
fn is_below(aggregate: &Aggregate) -> Result<bool, Diagnostic> {
    let Over::Path(steps) = &aggregate.over else { return Ok(false) };
    let many = steps.iter().all(|step| matches!(step, Step::Many(_)));
    let Some(first) = steps.first().filter(|_| many && is_mergeable(aggregate)) else { return Ok(false) };
    Ok(Ends::of(rows::link_of(first))?.numbering.is_some())
}

/// Puts the partial columns of such aggregates beside the rows.
fn bring_below(rows: &mut Rows, aggregates: &[Arc<Aggregate>]) -> Result<(), Diagnostic> {
    for (steps, sharing) in by_path(aggregates) {
        let Some(first) = steps.first() else { continue };
        let (near, ends) = Ends::start(first)?;
        let key = PlSmallStr::from("\u{1}k0");
        let records =
            follow(Start::Keyed(vec![key.clone()]), &steps, needs_at_end(&sharing)?, &rows.lookups)?;
        let partial = partials(records, &sharing, std::slice::from_ref(&key), Groups::Reached, &[])?;
        let near: Vec<Expr> =
            near.iter().map(|column| ends.value(column, col(column.name.as_str()))).collect();
        rows.meet(partial, &near, &[key], &ends, None)?;
    }
    Ok(())
}

/// A group's key that was kept as its file's text, read; `None` for any other.
fn read_late(table: &Table, key: &plan::Expr, value: Expr) -> Option<Expr> {
    let (table, column) = key.column(table)?;
    let Reader::Late(reader) = &column.reader else { return None };
    let read = Stored { reader: (**reader).clone(), ..(**column).clone() };
    Some(source::reading(table, &read, value))
}

/// The question with the texts that its first grouping goes by kept as the file has them, where the groups of
/// unread texts can be merged once they are read: ten million rows of thirty boroughs are read thirty times.
pub(super) fn with_late_keys(query: &Query) -> Result<Query, Diagnostic> {
    let narrowed = super::narrowed(query);
    let mut query = query.clone();
    let rest = query.stages.iter().any(|stage| matches!(stage, Stage::Top { other: Some(_), .. }));
    let Some(Grouping { keys, items, .. }) = query.stages.iter_mut().find_map(|stage| match stage {
        Stage::Group(grouping) if regroup::is_plain(grouping) && !rest => Some(grouping),
        _ => None,
    }) else {
        return Ok(query);
    };
    for aggregate in items.iter().flat_map(|(_, item)| item.aggregates()) {
        let merges = match aggregate.over {
            Over::Rows => is_mergeable(aggregate),
            Over::Path(_) => !narrowed && is_below(aggregate)?,
            Over::Table { .. } => false,
        };
        if !merges {
            return Ok(query);
        }
    }
    for (_, key) in keys {
        let late = key.column(&query.table).and_then(|(table, column)| source::late(table, column));
        if let (Kind::Stored(column) | Kind::Path(_, column), Some(late)) = (&mut key.kind, late) {
            *column = Arc::new(late);
        }
    }
    Ok(query)
}

/// The records at a path's end that each group's rows reach, each once.
fn reached(
    rows: &Rows,
    keys: &[PlSmallStr],
    steps: &Arc<[Step]>,
    aggregates: &[Arc<Aggregate>],
) -> Result<Rows, Diagnostic> {
    let (near, ends) = match steps.first() {
        Some(step) => Ends::start(step)?,
        None => return Err(Diagnostic::bare("fault-engine", "a path of no steps")),
    };
    let mut columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    columns.extend(
        near.iter().enumerate().map(|(at, column)| {
            ends.value(column, col(column.name.as_str())).alias(format!("\u{1}near{at}"))
        }),
    );
    let start = rows.frame.clone().select(columns);
    let apart = matches!(steps.first(), Some(Step::Many(_))) && rows.can_be_held();
    let start = Start::Rows(Box::new(Near { frame: start, carried: keys.to_vec(), apart }));
    follow(start, steps, needs_at_end(aggregates)?, &rows.lookups)
}

fn path_text(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|step| format!("{}.{}", step.name(), rows::link_of(step).from.name))
        .collect::<Vec<_>>()
        .join(".")
}
