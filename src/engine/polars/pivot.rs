//! `pivot`: the values of a key become columns. Rows that share all other keys become one, which holds a value for
//! each column: a group-by whose aggregates pick the one row of each cell.

use polars::prelude::*;

use super::aggregate::output_name;
use super::expr::{literal, to_polars};
use super::rows::Rows;
use super::values;
use crate::diagnostic::Diagnostic;
use crate::plan::{Kind, Made, Pivot, level_code};
use crate::survey::columnar::col;
use crate::types::time::day_text;
use crate::types::{Bin, Show, Type, Value};

/// What a cell's row is told by.
const ON: &str = "\u{1}on";
const USING: &str = "\u{1}using";
const COLLAPSED: &str = "\u{1}collapsed";

/// `pivot on using …`. Columns that only the data know are asked of them first, unless the plan alone is wanted.
pub(super) fn pivot(rows: &mut Rows, pivot: &Pivot, runs: bool) -> Result<(), Diagnostic> {
    let position = super::number(rows, "v");
    let mut exprs = vec![&pivot.on, &pivot.using];
    exprs.extend(pivot.keep.iter().map(|(_, expr)| expr));
    rows.prepare(exprs)?;
    let mut columns: Vec<Expr> =
        pivot.keep.iter().map(|(made, expr)| to_polars(expr).alias(&**made)).collect();
    columns.push(to_polars(&pivot.on).alias(ON));
    columns.push(to_polars(&pivot.using).alias(USING));
    columns.push(col(position.clone()));
    columns.extend(pivot.carried.iter().map(|made| col(&**made)));
    let mut keys: Vec<Expr> = pivot.keep.iter().map(|(made, _)| col(&**made)).collect();
    // Of total rows those that collapse the key make a column, and the other keys' levels stay.
    let bit = pivot.total.as_ref().map_or(0, |(_, _, bit)| *bit);
    let collapsed = match &rows.level {
        Some(level) => {
            let bits = |code: i64| u64::try_from(code & i64::from(u32::MAX)).unwrap_or_default();
            let has = values::whole(col(level.clone()), move |code| Some(i64::from(bits(code) & bit != 0)));
            let has = has.neq(lit(0i64));
            let rest = values::whole(col(level.clone()), move |code| Some(level_code(bits(code) & !bit)));
            columns.push(rest.alias(level.clone()));
            keys.push(col(level.clone()));
            has
        }
        None => lit(false),
    };
    columns.push(collapsed.alias(COLLAPSED));
    let names: Vec<Expr> = columns.iter().filter_map(output_name).map(col).collect();
    let mut frame = rows.frame.clone().with_columns(columns).select(names);
    let mut empty = false;

    let wanted: Vec<(Made, Value)> = match &pivot.columns {
        Some(columns) => columns.clone(),
        None if !runs => Vec::new(),
        None => {
            rows.lookups.read(|lazy| lazy).map_err(|error| super::read_error(&error))?;
            let data =
                frame.collect_with_engine(Engine::Streaming).map_err(|error| super::read_error(&error))?;
            let data = data.unwrap_single();
            let found = values_of(&data, pivot)?;
            empty = data.height() == 0;
            frame = data.lazy();
            rows.pivoted =
                found.iter().map(|(name, made, _)| (name.clone(), PlSmallStr::from(&**made))).collect();
            found.into_iter().map(|(_, made, value)| (made, value)).collect()
        }
    };
    let own: Vec<Value> = wanted.iter().map(|(_, value)| value.clone()).collect();
    let ordinary = col(COLLAPSED).not();
    let mut cells: Vec<(Made, Expr)> = wanted
        .into_iter()
        .map(|(made, value)| (made, ordinary.clone().and(col(ON).eq(literal(&value, &pivot.on.ty)))))
        .collect();
    let fixed = pivot.columns.is_some();
    let mut optional: Vec<(Made, Expr)> = vec![(pivot.missing.clone(), ordinary.and(col(ON).is_null()))];
    if let Some((total, ..)) = &pivot.total {
        optional.push((total.clone(), col(COLLAPSED)));
    }
    let known = cells.len();
    cells.extend(optional);

    let is = |at: usize| format!("\u{1}is{at}");
    let mut gathered = vec![col(position.clone()).min()];
    gathered.extend(pivot.carried.iter().map(|made| col(&**made).first()));
    for (at, (made, test)) in cells.iter().enumerate() {
        let here = test.clone().fill_null(lit(false));
        gathered.push(col(USING).filter(here.clone()).first().alias(&**made));
        gathered.push(here.any(true).alias(is(at)));
    }
    frame = match keys.is_empty() {
        // Where the data gave no column, there is nothing for a row to hold.
        true if empty => frame.select(gathered).limit(0),
        // Where only the number of rows is asked of it, this one would be taken for those below it.
        true => super::held(frame.select(gathered)),
        false => frame.group_by(keys).agg(gathered),
    };
    if let Some(nothing) = &pivot.nothing {
        // Cells that nobody asked for stay empty: `total` alone gives the grand total, and none of each row.
        let level = rows.level.clone();
        let asked = |total: bool| match &level {
            Some(level) => {
                let codes: Vec<i64> = pivot
                    .levels
                    .iter()
                    .filter(|level| (*level & bit != 0) == total)
                    .map(|level| level_code(level & !bit))
                    .collect();
                values::whole(col(level.clone()), move |code| Some(codes.contains(&code).into()))
                    .neq(lit(0i64))
            }
            None => lit(true),
        };
        let filled: Vec<Expr> = cells
            .iter()
            .enumerate()
            .map(|(at, (made, _))| {
                let total = at > known;
                let mut absent = col(is(at)).not().and(asked(total));
                if at >= known {
                    // A column that no row is in isn't there.
                    absent = absent.and(col(is(at)).any(true));
                }
                // The key has the column's own value there; no value, where the column has none.
                let own = own.get(at).cloned().unwrap_or(Value::Missing);
                let nothing = nothing.clone().map(&mut |kind| match (&kind, &pivot.on.kind) {
                    (Kind::Made(made), Kind::Made(on)) if made == on => Kind::Value(own.clone()),
                    _ => kind,
                });
                when(absent).then(to_polars(&nothing)).otherwise(col(&**made)).alias(&**made)
            })
            .collect();
        frame = frame.with_columns(filled);
    }
    if !fixed {
        for (made, name) in
            [(Some(&pivot.missing), "missing"), (pivot.total.as_ref().map(|total| &total.0), "total")]
        {
            if let Some(made) = made {
                rows.pivoted.push((name.to_string(), PlSmallStr::from(&**made)));
            }
        }
        unique_names(&mut rows.pivoted, pivot);
    }
    rows.frame = frame;
    rows.order = rows.level.iter().map(|level| (level.clone(), false)).collect();
    rows.order.push((position, false));
    rows.sorted = false;
    rows.records = None;
    Ok(())
}

/// The different values of the key, in order, each with its name and its column's.
fn values_of(data: &DataFrame, pivot: &Pivot) -> Result<Vec<(String, Made, Value)>, Diagnostic> {
    let fault = |error: PolarsError| super::read_error(&error);
    let collapsed = data.column(COLLAPSED).and_then(|column| Ok(column.bool()?.clone())).map_err(fault)?;
    let on = data.column(ON).map_err(fault)?.filter(&!collapsed).map_err(fault)?;
    let on = on.drop_nulls().unique().map_err(fault)?.sort(SortOptions::default()).map_err(fault)?;
    let series = on.as_materialized_series();
    let mut found = Vec::new();
    for at in 0..series.len() {
        let Ok(any) = series.get(at) else { continue };
        let (value, text) = match (any, &pivot.on.ty) {
            (AnyValue::Boolean(value), _) => (Value::Bool(value), value.to_string()),
            (AnyValue::Int64(value), _) => (Value::Integer(value), value.to_string()),
            (AnyValue::Float64(value), _) => (Value::Number(value), value.to_string()),
            (AnyValue::UInt32(value), Type::Category(category)) => {
                let text = category.values.get(value as usize).cloned().unwrap_or_default();
                (Value::Category(value), text)
            }
            (AnyValue::Date(day), _) => {
                let bin = if let Show::Bin(bin) = pivot.on.show { bin } else { Bin::Day };
                (Value::Date(day), day_text(day, bin))
            }
            (AnyValue::String(text), Type::Record(_)) => {
                (Value::Text(text.to_string()), text.split('\u{1f}').nth(1).unwrap_or(text).to_string())
            }
            (AnyValue::String(text), _) => (Value::Text(text.to_string()), text.to_string()),
            _ => {
                let message = format!("{} can't be the names of columns", pivot.on.ty);
                return Err(Diagnostic::bare("fault-engine", message));
            }
        };
        found.push((text, Made::from(format!("\u{1}column{at}")), value));
    }
    Ok(found)
}

/// No two columns of one name, nor one of a kept column's.
fn unique_names(pivoted: &mut [(String, PlSmallStr)], pivot: &Pivot) {
    let mut taken: Vec<String> = pivot.keep.iter().map(|(made, _)| made.to_string()).collect();
    for (name, _) in pivoted {
        let plain = if name.is_empty() { "(empty)".to_string() } else { name.clone() };
        let mut number = 2;
        *name = plain.clone();
        while taken.contains(name) {
            *name = format!("{plain}_{number}");
            number += 1;
        }
        taken.push(name.clone());
    }
}
