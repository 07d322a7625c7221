//! Grouping. The group's own rows give one frame of partial columns; each path that an aggregate ranges
//! over gives another, gathered from the records that the group's rows reach, each once. They meet on the
//! keys, and the items are worked out from what they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use super::aggregate::{Groups, SIZE, count_skipped, finish, partials};
use super::expr::to_polars;
use super::leave_nobody_out;
use super::reach::{Start, follow, needs_at_end};
use super::lookup::Ends;
use super::rows::{self, Rows, aggregate_name};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Aggregate, Made, Over, Step};

/// What joins one-row frames where there are no keys.
const ONE: &str = "#one";

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

    // The keys, as columns of the rows.
    rows.prepare(keys.iter().map(|(_, key)| key))?;
    let names: Vec<PlSmallStr> = (0..keys.len()).map(|at| format!("#g{at}").into()).collect();
    let columns: Vec<Expr> =
        keys.iter().zip(&names).map(|((_, key), name)| to_polars(key).alias(name.clone())).collect();
    let frame = rows.frame.clone().with_columns(columns);
    let rows_in_groups = Rows { frame, sorted: false, order: Vec::new(), ..rows.clone() };

    // The groups, with what their own rows give.
    let mut groups = rows_in_groups.clone();
    groups.frame = partials(rows_in_groups.clone(), &own, &names, Groups::All)?;
    groups.brought = Vec::new();
    groups.identity = Vec::new();
    let near: Vec<Expr> = if names.is_empty() {
        groups.frame = groups.frame.with_columns([lit(0i32).alias(ONE)]);
        vec![col(ONE)]
    } else {
        // Nobody is not a very busy offender.
        leave_nobody_out(&mut groups, keys.iter().map(|(_, key)| key).zip(&names), col(SIZE));
        names.iter().map(|name| col(name.clone())).collect()
    };

    // What the records at each path's end give.
    let mut by_path: BTreeMap<String, Vec<Arc<Aggregate>>> = BTreeMap::new();
    for aggregate in &along {
        if let Over::Path(steps) = &aggregate.over {
            by_path.entry(path_text(steps)).or_default().push(aggregate.clone());
        }
    }
    for sharing in by_path.values() {
        let Some(Over::Path(steps)) = sharing.first().map(|aggregate| &aggregate.over) else { continue };
        let records = reached(&rows_in_groups, &names, steps, sharing)?;
        let mut gathered = partials(records, sharing, &names, Groups::Reached)?;
        if names.is_empty() {
            gathered = gathered.with_columns([lit(0i32).alias(ONE)]);
        }
        groups.join(gathered, &near, &near, true);
    }

    let (counted, notes): (Vec<Expr>, Vec<_>) =
        aggregates.iter().filter_map(|aggregate| count_skipped(aggregate)).unzip();
    if !counted.is_empty() {
        // Counted before any later filter, and once.
        groups.frame = groups.frame.with_columns(counted).cache();
        groups.notes.extend(notes);
    }
    let finished: Vec<Expr> =
        aggregates.iter().map(|aggregate| finish(aggregate).alias(aggregate_name(aggregate))).collect();
    groups.frame = groups.frame.with_columns(finished);

    // The items in turn: each may use those before it, and the keys, by name.
    let renamed: Vec<Expr> =
        keys.iter().zip(&names).map(|((made, _), name)| col(name.clone()).alias(&**made)).collect();
    groups.frame = groups.frame.with_columns(renamed);
    for (made, item) in items {
        groups.frame = groups.frame.with_columns([to_polars(item).alias(&**made)]);
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
    columns.extend(near.iter().enumerate().map(|(at, column)| {
        ends.value(column, col(column.name.as_str())).alias(format!("#near{at}"))
    }));
    let start = rows.frame.clone().select(columns);
    follow(Start::Rows(Box::new(start), keys.to_vec()), steps, needs_at_end(aggregates)?, &rows.lookups)
}

fn path_text(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|step| format!("{}.{}", step.name(), rows::link_of(step).from.name))
        .collect::<Vec<_>>()
        .join(".")
}
