//! Following a path to the records at its end: as pairs of what they are reached from and the record, each
//! pair once. And what must be read on the way: the columns that expressions, links and outer rows want.

use std::sync::Arc;

use polars::prelude::*;

use super::aggregate::is_ordered;
use super::lookup::{Ends, Lookups};
use super::made;
use super::rows::{Rows, key_columns, link_of, outer_name, stored};
use super::source::{self, ROW};
use crate::diagnostic::Diagnostic;
use crate::engine::notes::unknown::Columns;
use crate::plan::{self, Aggregate, Kind, Over, Step, Stored, Windowed};
use crate::survey::columnar::col;

/// Where a walk over to-many links starts.
pub(super) enum Start {
    /// From every record at the first link's end: the columns that hold its key, under these names.
    Keyed(Vec<PlSmallStr>),
    /// From rows.
    Rows(Box<Near>),
}

/// Rows that hold the first link's key in `#near0`, ….
pub(super) struct Near {
    /// The rows.
    pub frame: LazyFrame,
    /// The columns to carry along.
    pub carried: Vec<PlSmallStr>,
    /// No two rows have the same key: they are records of the table that it is the key of.
    pub apart: bool,
}

/// What is wanted of the records at the end of a path: columns, and whether they must be told apart.
pub(super) struct Wanted {
    pub columns: Vec<Arc<Stored>>,
    pub apart: bool,
}

/// What aggregates over one path read of the records at its end.
pub(super) fn needs_at_end(aggregates: &[Arc<Aggregate>]) -> Result<Wanted, Diagnostic> {
    let mut wanted = Wanted { columns: Vec::new(), apart: false };
    for aggregate in aggregates {
        for expr in aggregate.parts() {
            own_columns(expr, &mut wanted.columns)?;
            wanted.apart |= needs_identity(expr);
        }
        // Ties stay as the records stand.
        wanted.apart |= is_ordered(aggregate);
    }
    Ok(wanted)
}

/// Does a nested aggregate look at the row around it?
pub(super) fn needs_identity(expr: &plan::Expr) -> bool {
    expr.aggregates().iter().any(|aggregate| !outer_values(aggregate).is_empty())
}

/// Follows a path from `start`: the records at its end, each once for each combination of the carried
/// columns.
pub(super) fn follow(
    start: Start,
    steps: &[Step],
    wanted: Wanted,
    lookups: &Lookups,
) -> Result<Rows, Diagnostic> {
    let mut carried: Vec<PlSmallStr>;
    // The pairs so far: carried columns, and `#near…`, the key that the next step starts from.
    let mut near: Option<LazyFrame>;
    let mut near_apart = true;
    match start {
        Start::Keyed(names) => {
            carried = names;
            near = None;
        }
        Start::Rows(rows) => {
            carried = rows.carried;
            near = Some(rows.frame);
            near_apart = rows.apart;
        }
    }
    let from_apart = near_apart;
    let mut wanted = Some(wanted);
    let Some(last) = steps.last() else { return Err(Diagnostic::bare("fault-engine", "a path of no steps")) };
    let mut end = Rows {
        // Along to-many links each record is reached from one other.
        apart: from_apart && steps.iter().all(|step| matches!(step, Step::Many(_))),
        ..Rows::new(last.to(), LazyFrame::default(), Columns::of_records(last.to()), lookups.clone())
    };
    for (position, step) in steps.iter().enumerate() {
        let link = link_of(step);
        let table = step.to();
        let last = position + 1 == steps.len();
        let ends = Ends::of(link)?;
        let here = match step {
            Step::One(_) => &ends.key,
            Step::Many(_) => &ends.by,
        };
        // The key that the next step starts from.
        let next: Vec<Expr> = match steps.get(position + 1) {
            None => Vec::new(),
            Some(next) => {
                let (near, ends) = Ends::start(next)?;
                near.iter().map(|column| ends.value(column, source::read(table, column))).collect()
            }
        };
        let ended = if last { wanted.take() } else { None };
        let apart = ended.as_ref().is_some_and(|wanted| wanted.apart);
        if let (Some(pairs), true) = (&near, made::always_leads(step) && !apart) {
            let wanted = ended.map(|wanted| wanted.columns).unwrap_or_default();
            let met = made::at_keys(pairs.clone(), &carried, next.len(), &wanted);
            if last {
                end.identity = identity_of(&carried);
                end.brought.extend(outer_of(&carried));
                end.frame = met;
                carried = Vec::new();
            } else {
                near = Some(met);
                near_apart = false;
            }
            continue;
        }
        let raw = source::raw(table, apart)?;
        let mut columns: Vec<Expr> = here
            .iter()
            .enumerate()
            .map(|(at, key)| ends.value(key, source::read(table, key)).alias(format!("\u{1}far{at}")))
            .collect();
        columns.extend(next.iter().enumerate().map(|(at, key)| key.clone().alias(format!("\u{1}next{at}"))));
        if let Some(wanted) = &ended {
            columns.extend(
                wanted.columns.iter().map(|column| source::read(table, column).alias(column.name.as_str())),
            );
        }
        if apart {
            columns.push(col(ROW));
        }
        if last && carried.is_empty() {
            // Rows without any column would be no rows: something must stand in them to be counted.
            columns.extend(here.first().map(|key| source::read(table, key).alias("\u{1}met")));
        }
        let far = raw.clone().select(columns.clone());
        let known = (0..here.len()).map(|at| col(format!("\u{1}far{at}")).is_not_null()).reduce(Expr::and);
        let far = match known {
            Some(known) => far.filter(known),
            None => far,
        };
        let far_names: Vec<PlSmallStr> = (0..here.len()).map(|at| format!("\u{1}far{at}").into()).collect();
        let met = match near.take() {
            None => {
                let renamed: Vec<PlSmallStr> = carried.clone();
                far.rename(far_names, renamed, true)
            }
            Some(mut pairs) => {
                if matches!(step, Step::One(_)) {
                    // Rows that share a record reach it once.
                    pairs = pairs.unique(None, UniqueKeepStrategy::Any);
                }
                let near: Vec<PlSmallStr> =
                    (0..here.len()).map(|at| format!("\u{1}near{at}").into()).collect();
                match (step, &ends.numbering, near.as_slice(), far_names.as_slice()) {
                    (Step::One(_), Some(numbering), [near], [place]) => {
                        let held = lookups.records(far, place, numbering, None)?;
                        let places = col(near.clone());
                        let met = pairs.filter(held.has(places.clone())).with_columns(held.columns(&places));
                        met.drop(by_name([near.clone()], false, false))
                    }
                    // Of the far records those are kept whose near one is among the rows: asked of the file itself,
                    // so that no more is read of the others.
                    (Step::Many(_), Some(numbering), [near], [place]) if near_apart => {
                        let held = lookups.records(pairs, near, numbering, None)?;
                        let key = here.first().map(|key| ends.value(key, source::read(table, key)));
                        let raw = key.into_iter().fold(raw, |raw, key| raw.filter(held.has(key)));
                        let met = raw.select(columns).with_columns(held.columns(&col(place.clone())));
                        met.drop(by_name([place.clone()], false, false))
                    }
                    _ => {
                        let left: Vec<Expr> = near.iter().map(|name| col(name.clone())).collect();
                        let right: Vec<Expr> = far_names.iter().map(|name| col(name.clone())).collect();
                        let met = pairs.join(far, left, right, JoinArgs::new(JoinType::Inner));
                        met.drop(by_name(near, false, false))
                    }
                }
            }
        };
        if last {
            end.identity = identity_of(&carried);
            if apart {
                end.identity.push(ROW.into());
                end.order = vec![(ROW.into(), false)];
            }
            end.brought.extend(outer_of(&carried));
            end.frame = met;
            carried = Vec::new();
        } else {
            let mut keep: Vec<Expr> = carried.iter().map(|name| col(name.clone())).collect();
            keep.extend(
                (0..next.len()).map(|at| col(format!("\u{1}next{at}")).alias(format!("\u{1}near{at}"))),
            );
            near = Some(met.select(keep));
            near_apart = false;
        }
    }
    Ok(end)
}

/// Of what is carried along, the columns that tell what a record is reached from.
fn identity_of(carried: &[PlSmallStr]) -> Vec<PlSmallStr> {
    carried.iter().filter(|name| !name.starts_with("\u{1}this.")).cloned().collect()
}

/// Of what is carried along, the outer row's values.
fn outer_of(carried: &[PlSmallStr]) -> impl Iterator<Item = PlSmallStr> {
    carried.iter().filter(|name| name.starts_with("\u{1}this.")).cloned()
}

/// The stored columns of the row's own table that an expression reads, those from which its paths and
/// aggregates start included.
pub(super) fn own_columns(expr: &plan::Expr, found: &mut Vec<Arc<Stored>>) -> Result<(), Diagnostic> {
    match &expr.kind {
        Kind::Stored(column) => add(found, column.clone()),
        Kind::Path(path, _) | Kind::Record(path) => {
            if let Some(link) = path.first() {
                for by in &link.link.by {
                    add(found, stored(&link.from, by)?);
                }
            }
        }
        // An outer value comes with the row.
        Kind::This(..) => {}
        Kind::Aggregate(aggregate) => own_columns_of(aggregate, found)?,
        Kind::Window(window) => {
            for part in window.parts() {
                own_columns(part, found)?;
            }
            if let Windowed::Whole(aggregate) = &window.what {
                own_columns_of(aggregate, found)?;
            }
        }
        _ => {
            for child in expr.children() {
                own_columns(child, found)?;
            }
        }
    }
    Ok(())
}

/// The same of an aggregate.
fn own_columns_of(aggregate: &Aggregate, found: &mut Vec<Arc<Stored>>) -> Result<(), Diagnostic> {
    let steps: &[Step] = match &aggregate.over {
        Over::Rows => return aggregate.parts().try_for_each(|inner| own_columns(inner, found)),
        Over::Path(steps) => steps,
        Over::Table { .. } => &[],
    };
    let near = match steps.first() {
        Some(Step::One(link)) => key_columns(&link.from, &link.link.by)?,
        Some(Step::Many(link)) => key_columns(&link.to, &link.link.key)?,
        None => Vec::new(),
    };
    near.into_iter().for_each(|column| add(found, column));
    // What stands further out comes with the row.
    let here = outer_values(aggregate).into_iter().filter(|(_, up)| *up == 1);
    here.into_iter().try_for_each(|(inner, _)| own_columns(&inner, found))
}

fn add(found: &mut Vec<Arc<Stored>>, column: Arc<Stored>) {
    if !found.iter().any(|known| known.name == column.name) {
        found.push(column);
    }
}

/// The outer rows' values that an aggregate reads, in its own brackets or further in, each with how far out
/// it stands: 1 is the row that the aggregate is worked out for.
pub(super) fn outer_values(aggregate: &Aggregate) -> Vec<(plan::Expr, usize)> {
    let mut found: Vec<(plan::Expr, usize)> = Vec::new();
    let mut add = |inner: plan::Expr, up: usize| {
        if up > 0 && !found.iter().any(|(known, _)| outer_name(known) == outer_name(&inner)) {
            found.push((inner, up));
        }
    };
    for expr in aggregate.parts() {
        expr.visit(&mut |part| {
            if let Kind::This(inner, up) = &part.kind {
                add((**inner).clone(), *up);
            }
        });
        for nested in expr.aggregates() {
            for (inner, up) in outer_values(nested) {
                add(inner, up - 1);
            }
        }
    }
    found
}
