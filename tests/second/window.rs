//! Windows: a value of each row that hangs on the other rows of its group. The rows of the group in their order,
//! the place of this one among them, and a part of them around it.

use casebook::plan::{Frame, Window, Windowed};
use casebook::types::Type;

use super::cell::{Cell, same};
use super::eval::{Here, moment};
use super::gather::{self, in_order};
use super::{Trouble, unknown};

/// What a window gives for the row here.
pub fn window(here: &Here<'_>, window: &Window) -> Result<Cell, Trouble> {
    let Some((rows, place)) = here.beside else { return unknown("a window of no rows") };
    let is_total = |at: usize| {
        let level = window.level.as_ref().and_then(|level| rows[at].made.get(level));
        level.is_some_and(|level| !level.is_same(&Cell::Integer(0)))
    };
    let keys = here.all(&window.per)?;
    let nobody = |(cell, ty): (&Cell, &Type)| cell.is_missing() && matches!(ty, Type::Id | Type::Record(_));
    if is_total(place) || keys.iter().zip(window.per.iter().map(|key| &key.ty)).any(nobody) {
        return Ok(Cell::Missing);
    }
    let mut members = Vec::new();
    for at in 0..rows.len() {
        if !is_total(at) && same(&here.with(rows, at).all(&window.per)?, &keys) {
            members.push(at);
        }
    }
    if let Windowed::Whole(aggregate) = &window.what {
        return gather::aggregate(&Here { group: Some((rows, &members)), ..*here }, aggregate);
    }
    let group = in_order(members.iter().map(|at| here.with(rows, *at)).collect(), &window.sorted)?;
    let is_here = |other: &Here<'_>| std::ptr::eq(other.row, here.row);
    let Some(own) = group.iter().position(is_here) else { return unknown("a row outside its own group") };
    Ok(match &window.what {
        Windowed::Whole(_) => Cell::Missing,
        Windowed::Sliding(aggregate, Frame::Rows { n, before }) => {
            let end = if *before { own } else { own + 1 };
            let n = usize::try_from(*n).unwrap_or(usize::MAX);
            match end.checked_sub(n) {
                Some(start) => gather::over(aggregate, &group[start..end])?,
                None => Cell::Missing,
            }
        }
        Windowed::Sliding(aggregate, Frame::Span { micros, of }) => {
            let Some(until) = moment(&here.eval(of)?) else { return Ok(Cell::Missing) };
            let mut near = Vec::new();
            for other in group {
                let at = moment(&other.eval(of)?);
                if at
                    .is_some_and(|at| at <= until && i128::from(at) > i128::from(until) - i128::from(*micros))
                {
                    near.push(other);
                }
            }
            gather::over(aggregate, &near)?
        }
        Windowed::Running(aggregate) => gather::over(aggregate, &group[..=own])?,
        Windowed::Rank(key, filter) => {
            let own = here.eval(&key.expr)?;
            if own.is_missing() || !here.passes(filter.as_ref())? {
                return Ok(Cell::Missing);
            }
            let mut rank = 1;
            for other in group {
                let value = other.eval(&key.expr)?;
                let before = value.in_order(&own, key.descending).is_lt();
                rank += i64::from(!value.is_missing() && before && other.passes(filter.as_ref())?);
            }
            Cell::Integer(rank)
        }
        Windowed::RowNumber(filter) => {
            if !here.passes(filter.as_ref())? {
                return Ok(Cell::Missing);
            }
            let mut number = 0;
            for other in &group[..=own] {
                number += i64::from(other.passes(filter.as_ref())?);
            }
            Cell::Integer(number)
        }
        Windowed::Before(value, many) => {
            let at = i64::try_from(own).unwrap_or(i64::MAX).checked_sub(*many);
            match at.and_then(|at| group.get(usize::try_from(at).ok()?)) {
                Some(other) => other.eval(value)?,
                None => Cell::Missing,
            }
        }
    })
}
