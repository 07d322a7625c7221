//! Stages that give an answer another shape, or bring in the rows of other questions.

use std::sync::Arc;

use casebook::plan::{Expr, Made, Pivot, Query};

use super::Trouble;
use super::cell::{Cell, same};
use super::eval::{Here, Row};
use super::interpret::{self, Asked};

/// `pivot`: one row for each combination of what is kept, by first appearance.
pub fn pivot(asked: &mut Asked<'_>, pivot: &Pivot) -> Result<(), Trouble> {
    let Some(columns) = &pivot.columns else { return super::unknown("a pivot whose columns the data say") };
    let keep: Vec<Expr> = pivot.keep.iter().map(|(_, expr)| expr.clone()).collect();
    let mut rows = Vec::new();
    let (mut some_missing, mut some_total) = (false, false);
    for (kept, places) in asked.groups((0..asked.rows.len()).collect(), &keep, false)? {
        let mut row = Row::default();
        row.made.extend(pivot.keep.iter().map(|(made, _)| made.clone()).zip(kept));
        let nothing = match (&pivot.nothing, places.first()) {
            (Some(nothing), Some(place)) => asked.at(*place).eval(nothing)?,
            _ => Cell::Missing,
        };
        let total = pivot.total.as_ref().map(|(made, ..)| made);
        let all = columns.iter().map(|(made, _)| made).chain([&pivot.missing]).chain(total);
        row.made.extend(all.map(|made| (made.clone(), nothing.clone())));
        for place in places {
            let here = asked.at(place);
            let key = here.eval(&pivot.on)?;
            let collapsed = pivot.total.as_ref().filter(|(_, level, bit)| {
                matches!(here.row.made.get(level), Some(Cell::Integer(at)) if u64::try_from(*at).unwrap_or(0) & bit != 0)
            });
            let made = match (collapsed, key) {
                (Some((made, ..)), _) => {
                    some_total = true;
                    Some(made)
                }
                (None, Cell::Missing) => {
                    some_missing = true;
                    Some(&pivot.missing)
                }
                (None, key) => {
                    columns.iter().find(|(_, value)| Cell::from(value).is_same(&key)).map(|(made, _)| made)
                }
            };
            let value = here.column(&pivot.using)?;
            row.made.extend(made.map(|made| (made.clone(), value)));
        }
        rows.push(row);
    }
    asked.rows = rows;
    if !some_missing {
        asked.hidden.push(pivot.missing.clone());
    }
    asked.hidden.extend(pivot.total.iter().filter(|_| !some_total).map(|(made, ..)| made.clone()));
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
        for (name, column) in columns {
            let mut row = asked.rows[place].clone();
            row.made.insert(key.clone(), Cell::text(name));
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
