//! Stages that give an answer another shape, or bring in the rows of other questions.

use std::sync::Arc;

use casebook::plan::{Expr, Made, Pivot, Query, level_code};

use super::Trouble;
use super::cell::{Cell, same};
use super::eval::{Here, Row};
use super::interpret::{self, Asked};

/// `pivot`: one row for each combination of what is kept, by first appearance; rows of totals keep apart, but for
/// those that collapse the key, which make a column of the others.
pub fn pivot(asked: &mut Asked<'_>, pivot: &Pivot) -> Result<(), Trouble> {
    let Some(columns) = &pivot.columns else { return super::unknown("a pivot whose columns the data say") };
    // A level's bits stand below their number.
    let level = |row: &Row| match asked.level.as_ref().and_then(|level| row.made.get(level)) {
        Some(Cell::Integer(code)) => u64::try_from(code & i64::from(u32::MAX)).unwrap_or(0),
        _ => 0,
    };
    let bit = pivot.total.as_ref().map_or(0, |(.., bit)| *bit);
    let mut rows: Vec<(Vec<Cell>, u64, Vec<usize>)> = Vec::new();
    if pivot.keep.is_empty() && asked.level.is_none() {
        rows.push(Default::default());
    }
    for place in 0..asked.rows.len() {
        let here = asked.at(place);
        let kept = here.all(pivot.keep.iter().map(|(_, expr)| expr))?;
        let own = level(here.row) & !bit;
        match rows.iter_mut().find(|(known, level, _)| *level == own && same(known, &kept)) {
            Some((.., places)) => places.push(place),
            None => rows.push((kept, own, vec![place])),
        }
    }
    rows.sort_by_key(|(_, level, _)| level_code(*level));
    let cell = |place: usize| -> Result<Option<&Made>, Trouble> {
        let here = asked.at(place);
        let key = here.eval(&pivot.on)?;
        Ok(match &pivot.total {
            Some((made, ..)) if level(here.row) & bit != 0 => Some(made),
            _ if key.is_missing() => Some(&pivot.missing),
            _ => columns.iter().find(|(_, value)| Cell::from(value).is_same(&key)).map(|(made, _)| made),
        })
    };
    let mut used = Vec::new();
    for place in 0..asked.rows.len() {
        used.extend(cell(place)?);
    }
    // A column that no row is in isn't there, where the question does not name it.
    let optional = pivot.total.iter().map(|(made, ..)| made).chain([&pivot.missing]);
    let all = columns.iter().map(|(made, _)| (made, true));
    let all: Vec<_> = all.chain(optional.map(|made| (made, used.contains(&made)))).collect();
    // A total that nobody asked for is not nothing.
    let was_asked = |own: u64, made: &Made| {
        let collapses = pivot.total.as_ref().is_some_and(|(total, ..)| total == made);
        let wanted = pivot.levels.iter().filter(|level| (*level & bit != 0) == collapses);
        asked.level.is_none() || wanted.map(|level| level & !bit).any(|level| level == own)
    };
    let mut made = Vec::new();
    for (kept, level, places) in &rows {
        let mut row = Row::default();
        row.made.extend(pivot.keep.iter().map(|(made, _)| made.clone()).zip(kept.iter().cloned()));
        for (made, is_there) in &all {
            let nothing = match &pivot.nothing {
                Some(nothing) if *is_there && was_asked(*level, made) => {
                    let none = [Row::default()];
                    Here::at(asked.records, asked.table, &none, 0).eval(nothing)?
                }
                _ => Cell::Missing,
            };
            row.made.insert((*made).clone(), nothing);
        }
        if let Some(name) = &asked.level {
            row.made.insert(name.clone(), Cell::Integer(level_code(*level)));
        }
        for place in places {
            if let Some(made) = cell(*place)? {
                row.made.insert(made.clone(), asked.at(*place).column(&pivot.using)?);
            }
        }
        made.push(row);
    }
    asked.rows = made;
    Ok(())
}

/// `unpivot`: each row once for each of the columns.
pub fn unpivot(
    asked: &mut Asked<'_>,
    columns: &[(String, Expr)],
    key: &Made,
    value: &Made,
) -> Result<(), Trouble> {
    let mut rows = Vec::new();
    for place in 0..asked.rows.len() {
        // The names are a category, in the order in which the question has them.
        for (name, (_, column)) in (0..).zip(columns) {
            let mut row = asked.rows[place].clone();
            row.made.insert(key.clone(), Cell::Category(name));
            row.made.insert(value.clone(), asked.at(place).column(column)?);
            rows.push(row);
        }
    }
    asked.rows = rows;
    Ok(())
}

/// `append`: the other rows below these.
pub fn append(asked: &mut Asked<'_>, columns: &[(Made, Expr)], query: &Query) -> Result<(), Trouble> {
    let mut rows = Vec::new();
    for place in 0..asked.rows.len() {
        let mut row = Row::default();
        for (made, expr) in columns {
            row.made.insert(made.clone(), asked.at(place).column(expr)?);
        }
        rows.push(row);
    }
    for cells in interpret::rows(asked.records, query)? {
        let made = columns.iter().map(|(made, _)| made.clone()).zip(cells).collect();
        rows.push(Row { made, ..Row::default() });
    }
    asked.rows = rows;
    Ok(())
}

/// `except`: without the rows that the other question has.
pub fn except(asked: &mut Asked<'_>, on: &[Expr], query: &Query) -> Result<(), Trouble> {
    let others = interpret::rows(asked.records, query)?;
    let mut kept = Vec::new();
    for place in 0..asked.rows.len() {
        let own = asked.at(place).all(on)?;
        if !others.iter().any(|other| same(other, &own)) {
            kept.push(place);
        }
    }
    asked.keep(kept);
    Ok(())
}

/// `join`: each row beside those that it meets, or beside missing values.
pub fn join(
    asked: &mut Asked<'_>,
    query: &Arc<Query>,
    columns: &[Made],
    equal: &[(Expr, Expr)],
    also: Option<&Expr>,
    many: bool,
) -> Result<(), Trouble> {
    let others = interpret::rows(asked.records, query)?;
    let mut rows = Vec::new();
    for place in 0..asked.rows.len() {
        let beside = |cells: &[Cell]| {
            let mut row = asked.rows[place].clone();
            row.made.extend(columns.iter().cloned().zip(cells.iter().cloned()));
            row
        };
        let mut met = Vec::new();
        for other in &others {
            let both = [beside(other)];
            let here = Here::at(asked.records, asked.table, &both, 0);
            let mut meets = here.passes(also)?;
            for (left, right) in equal {
                meets &= here.eval(left)?.compare(&here.eval(right)?).is_some_and(|order| order.is_eq());
            }
            if meets {
                met.extend(both);
            }
        }
        if met.len() > 1 && !many {
            return Err(Trouble::Several);
        }
        if met.is_empty() {
            met.push(beside(&vec![Cell::Missing; columns.len()]));
        }
        rows.extend(met);
    }
    asked.rows = rows;
    Ok(())
}
