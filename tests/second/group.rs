//! Groupings, and what is said right after one. Everything is worked out from the records: a total, a bucket that
//! nothing falls into and the other side of a comparison are groups like any, of other rows.

use casebook::plan::{Buckets, Expr, Fill, Grouping, Made, level_code};
use casebook::types::time::{date_of, days};
use casebook::types::{Bin, Type};
use chrono::{Days, NaiveDate};

use super::cell::{Cell, by_keys, same};
use super::eval::{Here, Row};
use super::interpret::{Asked, is_nobody};
use super::{Trouble, unknown};

/// What a grouping gives.
pub struct Grouped {
    /// A row for each group, then the totals.
    pub rows: Vec<Row>,
    /// The column that tells totals.
    pub level: Option<Made>,
}

/// The places of a group's rows: of this period, and of the other.
type Members = [Vec<usize>; 2];

/// Every day of fifty years is no group that this reading, which looks at all rows for each, has to work out.
const MOST: usize = 200;

/// The groups of these rows, in the order of their keys.
pub fn group(asked: &Asked<'_>, grouping: &Grouping) -> Result<Grouped, Trouble> {
    let mut groups: Vec<(Vec<Cell>, Members)> = Vec::new();
    let own: Vec<&Expr> = grouping.keys.iter().map(|(_, key)| key).collect();
    let sides: Vec<(Option<&Expr>, Vec<&Expr>)> = match &grouping.against {
        Some(against) => {
            vec![(Some(&against.now), own), (Some(&against.then), against.keys.iter().collect())]
        }
        None => vec![(None, own)],
    };
    for (side, (test, keys)) in sides.iter().enumerate() {
        for place in 0..asked.rows.len() {
            let here = asked.at(place);
            if !here.passes(*test)? {
                continue;
            }
            let values = here.all(keys.iter().copied())?;
            if is_nobody(&values, keys.iter().map(|key| &key.ty)) {
                continue;
            }
            let known = groups.iter().position(|(known, _)| same(known, &values));
            let at = known.unwrap_or_else(|| {
                groups.push((values, Members::default()));
                groups.len() - 1
            });
            groups[at].1[side].push(place);
        }
    }
    if grouping.keys.is_empty() && groups.is_empty() {
        groups.push((Vec::new(), Members::default()));
    }
    let occurring = groups.clone();
    if let Some(fill) = &grouping.fill {
        for keys in filled(fill, &occurring, &grouping.keys)? {
            if !groups.iter().any(|(known, _)| same(known, &keys)) {
                groups.push((keys, Members::default()));
            }
        }
    }
    groups.sort_by(|(a, _), (b, _)| by_keys(a, b));
    let mut rows = Vec::new();
    for (keys, members) in &groups {
        let mut row = worked_out(asked, grouping, keys.clone(), members.clone())?;
        if let Some(fill) = grouping.fill.as_ref().filter(|_| members.concat().is_empty()) {
            instead(asked, grouping, fill, &mut row)?;
        }
        rows.push((0, row));
    }
    if let Some(totals) = &grouping.totals {
        for level in &totals.levels {
            let mut whole: Vec<(Vec<Cell>, Members)> = Vec::new();
            if grouping.keys.iter().enumerate().all(|(at, _)| level >> at & 1 == 1) {
                whole.push((vec![Cell::Missing; grouping.keys.len()], Members::default()));
            }
            for (keys, members) in &groups {
                let keys: Vec<Cell> = keys
                    .iter()
                    .enumerate()
                    .map(|(at, key)| if level >> at & 1 == 1 { Cell::Missing } else { key.clone() })
                    .collect();
                let known = whole.iter().position(|(known, _)| same(known, &keys));
                let at = known.unwrap_or_else(|| {
                    whole.push((keys, Members::default()));
                    whole.len() - 1
                });
                for (all, members) in whole[at].1.iter_mut().zip(members) {
                    all.extend(members);
                    all.sort_unstable();
                }
            }
            whole.sort_by(|(a, _), (b, _)| by_keys(a, b));
            for (keys, members) in whole {
                rows.push((*level, worked_out(asked, grouping, keys, members)?));
            }
        }
    }
    for wider in &grouping.wider {
        for (level, row) in &mut rows {
            let per: Vec<usize> = wider.per.iter().copied().filter(|at| *level >> at & 1 == 0).collect();
            let key = |row: &Row| -> Vec<Cell> {
                per.iter().map(|at| row.made[&grouping.keys[*at].0].clone()).collect()
            };
            let own = key(row);
            let mut members = Members::default();
            for (keys, of) in &groups {
                if same(&per.iter().map(|at| keys[*at].clone()).collect::<Vec<_>>(), &own) {
                    for (all, of) in members.iter_mut().zip(of) {
                        all.extend(of);
                        all.sort_unstable();
                    }
                }
            }
            let keys = grouping.keys.iter().map(|(made, _)| row.made[made].clone()).collect();
            let whole = worked_out(asked, grouping, keys, members)?;
            let Some(value) = whole.made.get(&wider.item) else { return unknown("a total of no item") };
            row.made.insert(wider.made.clone(), value.clone());
        }
    }
    let level = grouping.totals.as_ref().map(|totals| totals.level.clone());
    let rows = rows.into_iter().map(|(at, mut row)| {
        row.made.extend(level.clone().map(|level| (level, Cell::Integer(level_code(at)))));
        row
    });
    Ok(Grouped { rows: rows.collect(), level: level.clone() })
}

/// One group's row: its keys, and its items in turn.
pub fn worked_out(
    asked: &Asked<'_>,
    grouping: &Grouping,
    keys: Vec<Cell>,
    members: Members,
) -> Result<Row, Trouble> {
    let mut row = Row { members, ..Row::default() };
    row.made.extend(grouping.keys.iter().map(|(made, _)| made.clone()).zip(keys));
    let mut sides = vec![(0, &grouping.items)];
    if let Some(against) = &grouping.against {
        sides.extend([(1, &against.items), (0, &against.changes)]);
    }
    for (side, items) in sides {
        for (made, item) in items {
            let value = Here {
                records: asked.records,
                table: asked.table,
                row: &row,
                beside: None,
                group: Some((&asked.rows, &row.members[side])),
                outer: None,
            }
            .column(item)?;
            row.made.insert(made.clone(), value);
        }
    }
    Ok(row)
}

/// `fill … with x`: what stands in every item of a row that no record falls into.
fn instead(asked: &Asked<'_>, grouping: &Grouping, fill: &Fill, row: &mut Row) -> Result<(), Trouble> {
    let Some(with) = &fill.with else { return Ok(()) };
    let rows = [row.clone()];
    let value = Here::at(asked.records, asked.table, &rows, 0).eval(with)?;
    for (made, _) in &grouping.items {
        row.made.insert(made.clone(), value.clone());
    }
    Ok(())
}

/// All combinations of filled keys' buckets with the other keys as they occur.
fn filled(
    fill: &Fill,
    groups: &[(Vec<Cell>, Members)],
    keys: &[(Made, Expr)],
) -> Result<Vec<Vec<Cell>>, Trouble> {
    let is_filled = |at: usize| fill.keys.iter().any(|(position, _)| *position == at);
    let mut others: Vec<Vec<Cell>> = Vec::new();
    if (0..keys.len()).all(is_filled) {
        others.push(vec![Cell::Missing; keys.len()]);
    }
    for (found, _) in groups {
        let other: Vec<Cell> = found
            .iter()
            .enumerate()
            .map(|(at, key)| if is_filled(at) { Cell::Missing } else { key.clone() })
            .collect();
        if !others.iter().any(|known| same(known, &other)) {
            others.push(other);
        }
    }
    let mut combinations = others;
    for (position, buckets) in &fill.keys {
        let occurring: Vec<Cell> = groups.iter().map(|(keys, _)| keys[*position].clone()).collect();
        let buckets = cells_of(buckets, &keys[*position].1.ty, &occurring)?;
        if combinations.len() * buckets.len() > MOST {
            return unknown("more groups than it has time for");
        }
        combinations = combinations
            .iter()
            .flat_map(|keys| {
                buckets.iter().map(|bucket| {
                    let mut keys = keys.clone();
                    keys[*position] = bucket.clone();
                    keys
                })
            })
            .collect();
    }
    Ok(combinations)
}

fn cells_of(buckets: &Buckets, ty: &Type, occurring: &[Cell]) -> Result<Vec<Cell>, Trouble> {
    let known = || occurring.iter().filter(|cell| !cell.is_missing()).cloned();
    let ends = || {
        let first = known().min_by(|a, b| a.in_order(b, false))?;
        Some((first, known().max_by(|a, b| a.in_order(b, false))?))
    };
    Ok(match buckets {
        Buckets::Bools => vec![Cell::Bool(false), Cell::Bool(true)],
        Buckets::Numbers(from, to) => {
            let category = matches!(ty, Type::Category(_));
            let cell = |n: i64| {
                if category { Cell::of(u32::try_from(n).ok(), Cell::Category) } else { Cell::Integer(n) }
            };
            (*from..=*to).map(cell).collect()
        }
        Buckets::Occurring => match ends() {
            Some((Cell::Integer(first), Cell::Integer(last))) => (first..=last).map(Cell::Integer).collect(),
            _ => Vec::new(),
        },
        Buckets::Spans(bin, within) => {
            let ends = match (within, ends()) {
                (Some(ends), _) => Some(*ends),
                (None, Some((Cell::Date(first), Cell::Date(last)))) => Some((first, last)),
                _ => None,
            };
            let Some((first, last)) = ends else { return Ok(Vec::new()) };
            let mut cells = Vec::new();
            let mut day = date_of(first).and_then(|day| beginning(*bin, day));
            while let Some(date) = day.filter(|date| days(*date) <= last) {
                cells.push(Cell::Date(days(date)));
                let next = bin.around(date).and_then(|span| date_of(span.last?));
                day = next.and_then(|last| last.checked_add_days(Days::new(1)));
            }
            cells
        }
    })
}

fn beginning(bin: Bin, day: NaiveDate) -> Option<NaiveDate> {
    date_of(bin.around(day)?.first?)
}
