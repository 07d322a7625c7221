//! Aggregates. The group's own rows, or the records at a path's end that they reach, each once, or a table's; then
//! those that pass the filter, in the order that is asked for; then their known values; then one value of them all.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use casebook::catalog::Table;
use casebook::plan::{Aggregate, Aggregator, Expr, Over, SortKey, Step};
use casebook::types::decimal::div_half_even;
use casebook::types::{Decimal, Type};

use super::cell::Cell;
use super::eval::{Here, Row};
use super::{Trouble, exact, unknown};

/// What an aggregate gives for the group here; where there is none, for the row.
pub fn aggregate(here: &Here<'_>, aggregate: &Aggregate) -> Result<Cell, Trouble> {
    match &aggregate.over {
        Over::Rows => {
            let Some((rows, members)) = here.group else { return unknown("an aggregate of no group") };
            let members: Vec<Here> = members.iter().map(|at| here.with(rows, *at)).collect();
            over(aggregate, &members)
        }
        Over::Path(steps) => {
            let starts: BTreeSet<usize> = match here.group {
                Some((rows, members)) => members.iter().filter_map(|at| rows[*at].record).collect(),
                None => here.row.record.into_iter().collect(),
            };
            let Some(last) = steps.last() else { return unknown("a path of no steps") };
            over_records(here, aggregate, last.to(), reached(here, starts, steps))
        }
        Over::Table { table, .. } => over_records(here, aggregate, table, 0..here.records.count(table)),
    }
}

/// An aggregate over these records of a table, whose filter may look at the row here.
fn over_records(
    here: &Here<'_>,
    aggregate: &Aggregate,
    table: &Table,
    records: impl IntoIterator<Item = usize>,
) -> Result<Cell, Trouble> {
    let record = |record| Row { record: Some(record), ..Row::default() };
    let rows: Vec<Row> = records.into_iter().map(record).collect();
    let inside = |row| Here { table, row, beside: None, group: None, outer: Some(here), ..*here };
    over(aggregate, &rows.iter().map(inside).collect::<Vec<_>>())
}

/// The records at a path's end, each once, as they stand.
fn reached(here: &Here<'_>, starts: BTreeSet<usize>, steps: &[Step]) -> BTreeSet<usize> {
    steps.iter().fold(starts, |records, step| match step {
        Step::One(link) => records.iter().filter_map(|record| here.records.follow(link, *record)).collect(),
        Step::Many(link) => records.iter().flat_map(|record| here.records.back(link, *record)).collect(),
    })
}

/// An aggregate over these rows.
pub fn over(aggregate: &Aggregate, rows: &[Here<'_>]) -> Result<Cell, Trouble> {
    let mut kept = Vec::new();
    for row in rows {
        if row.passes(aggregate.filter.as_ref())? {
            kept.push(*row);
        }
    }
    let kept = in_order(kept, &aggregate.sorted)?;
    let Some(arg) = &aggregate.arg else { return of_records(aggregate, kept.len()) };
    let values = kept.iter().map(|row| row.eval(arg)).collect::<Result<Vec<_>, _>>()?;
    let looked_at = values.len();
    let known: Vec<Cell> = values.into_iter().filter(|value| !value.is_missing()).collect();
    of_values(aggregate, arg, looked_at, known)
}

/// Rows by keys, missing last, ties as they stand.
pub fn in_order<'a>(rows: Vec<Here<'a>>, keys: &[SortKey]) -> Result<Vec<Here<'a>>, Trouble> {
    let mut keyed = Vec::new();
    for row in rows {
        keyed.push((row.all(keys.iter().map(|key| &key.expr))?, row));
    }
    keyed.sort_by(|(a, _), (b, _)| by_sort_keys(keys, a, b));
    Ok(keyed.into_iter().map(|(_, row)| row).collect())
}

/// How rows compare whose keys have these values.
pub fn by_sort_keys(keys: &[SortKey], a: &[Cell], b: &[Cell]) -> Ordering {
    let pairs = keys.iter().zip(a.iter().zip(b));
    pairs.map(|(key, (a, b))| a.in_order(b, key.descending)).fold(Ordering::Equal, Ordering::then)
}

/// Of rows or records themselves.
fn of_records(aggregate: &Aggregate, many: usize) -> Result<Cell, Trouble> {
    Ok(match aggregate.function {
        Aggregator::Count | Aggregator::Distinct => Cell::Integer(i64::try_from(many).unwrap_or(i64::MAX)),
        Aggregator::Any => Cell::Bool(many > 0),
        Aggregator::No => Cell::Bool(many == 0),
        other => return unknown(format!("{} of records", other.name())),
    })
}

/// Of known values, out of so many rows.
fn of_values(aggregate: &Aggregate, arg: &Expr, rows: usize, known: Vec<Cell>) -> Result<Cell, Trouble> {
    let count = |many: usize| Cell::Integer(i64::try_from(many).unwrap_or(i64::MAX));
    let best = |order: Ordering| {
        let better = |a: Cell, b: Cell| if b.compare(&a) == Some(order) { b } else { a };
        known.iter().cloned().reduce(better).unwrap_or(Cell::Missing)
    };
    Ok(match aggregate.function {
        Aggregator::Count => count(known.len()),
        Aggregator::Distinct => {
            let mut kinds: Vec<Cell> = Vec::new();
            for value in known {
                if !kinds.iter().any(|kind| kind.is_same(&value)) {
                    kinds.push(value);
                }
            }
            count(kinds.len())
        }
        Aggregator::Any => Cell::Bool(known.iter().any(Cell::is_true)),
        Aggregator::No => Cell::Bool(!known.iter().any(Cell::is_true)),
        Aggregator::All => Cell::Bool(known.iter().all(Cell::is_true)),
        Aggregator::Min => best(Ordering::Less),
        Aggregator::Max => best(Ordering::Greater),
        Aggregator::First => known.into_iter().next().unwrap_or(Cell::Missing),
        Aggregator::Last => known.into_iter().last().unwrap_or(Cell::Missing),
        Aggregator::Sum if rows == 0 && arg.ty == Type::Number => Cell::Number(0.0),
        Aggregator::Sum if rows == 0 => Cell::Integer(0),
        Aggregator::List => {
            let texts: Vec<String> = known.into_iter().filter_map(|value| listed(value, &arg.ty)).collect();
            if texts.len() < rows {
                return unknown("a list of what is no text");
            }
            Cell::text(texts.join(", "))
        }
        _ if known.is_empty() => Cell::Missing,
        Aggregator::Sum => match total(&known) {
            Some(sum) if arg.ty == Type::Number => Cell::Number(exact::unfixed(sum)),
            Some(sum) => i64::try_from(sum).map_or(Cell::Overflow, Cell::Integer),
            None => Cell::Overflow,
        },
        Aggregator::Mean => match (total(&known), i64::try_from(known.len())) {
            (Some(sum), Ok(many)) if arg.ty == Type::Integer => Cell::Number(exact::quotient(sum, many)),
            (Some(sum), Ok(many)) => {
                let mean = div_half_even(sum, many.into());
                match (&arg.ty, mean) {
                    (Type::Number, Some(mean)) => Cell::Number(exact::unfixed(mean)),
                    (_, mean) => Cell::of(mean.and_then(|mean| i64::try_from(mean).ok()), Cell::Integer),
                }
            }
            _ => Cell::Overflow,
        },
        Aggregator::Median => quantile(known, 0.5, &arg.ty),
        Aggregator::Quantile => quantile(known, aggregate.quantile.unwrap_or(0.5), &arg.ty),
        Aggregator::Stddev => deviation(&known, &arg.ty),
    })
}

fn listed(value: Cell, ty: &Type) -> Option<String> {
    match value.shown(ty) {
        Cell::Text(text) => Some(text.to_string()),
        Cell::Integer(n) if *ty == Type::Integer => Some(n.to_string()),
        _ => None,
    }
}

/// The exact sum, of numbers in fixed point; `None` where one is too large for that.
fn total(known: &[Cell]) -> Option<i128> {
    known.iter().try_fold(0i128, |sum, value| match value {
        Cell::Integer(n) => sum.checked_add((*n).into()),
        Cell::Number(n) => sum.checked_add(exact::fixed(*n)?),
        _ => None,
    })
}

/// Between the two values around so large a part of them, in a straight line.
fn quantile(mut known: Vec<Cell>, part: f64, ty: &Type) -> Cell {
    known.sort_by(|a, b| a.in_order(b, false));
    // The part is the decimal that it is written as: so many of so many pieces of the way from first to last.
    let Some(part) = Decimal::parse(&part.to_string()) else { return Cell::Missing };
    let pieces = 10i128.pow(part.scale);
    let way = part.mantissa * i128::try_from(known.len() - 1).unwrap_or(0);
    let (at, rest) = (usize::try_from(way / pieces).unwrap_or(0), way % pieces);
    let (low, high) = (&known[at], known.get(at + 1).unwrap_or(&known[at]));
    match (low, high) {
        (Cell::Integer(low), Cell::Integer(high)) => {
            let (low, high) = (i128::from(*low), i128::from(*high));
            let sum = low * pieces + (high - low) * rest;
            match (ty, i64::try_from(pieces)) {
                (Type::Integer, Ok(pieces)) => Cell::Number(exact::quotient(sum, pieces)),
                (Type::Integer, Err(_)) => Cell::Missing,
                _ => Cell::of(div_half_even(sum, pieces).and_then(|n| i64::try_from(n).ok()), Cell::Integer),
            }
        }
        (Cell::Number(low), Cell::Number(_)) if rest == 0 => Cell::Number(*low),
        (Cell::Number(low), Cell::Number(high)) if rest * 2 == pieces => Cell::number(low / 2.0 + high / 2.0),
        (Cell::Number(low), Cell::Number(high)) => {
            Cell::number(low + (high - low) * (rest as f64 / pieces as f64))
        }
        _ => Cell::Missing,
    }
}

/// The sample's standard deviation, to nine significant digits.
fn deviation(known: &[Cell], ty: &Type) -> Cell {
    let from_first = |value: &Cell| match (value, &known[0]) {
        (Cell::Integer(n), Cell::Integer(first)) => (i128::from(*n) - i128::from(*first)) as f64,
        (Cell::Number(n), Cell::Number(first)) => n - first,
        _ => 0.0,
    };
    let values: Vec<f64> = known.iter().map(from_first).collect();
    if values.len() < 2 {
        return Cell::Missing;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    // Held against the longest way from the mean, no square is too large.
    let longest = values.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
    if longest == 0.0 {
        return if ty.is_quantity() { Cell::Integer(0) } else { Cell::Number(0.0) };
    }
    let squares: f64 = values.iter().map(|value| ((value - mean) / longest).powi(2)).sum();
    let deviation = exact::significant((squares / (values.len() - 1) as f64).sqrt() * longest, 9);
    let deviation = if ty.is_quantity() { deviation.round_ties_even() } else { deviation };
    match ty {
        ty if ty.is_quantity() && deviation >= i64::MAX as f64 => Cell::Missing,
        ty if ty.is_quantity() => Cell::Integer(deviation as i64),
        _ => Cell::number(deviation),
    }
}
