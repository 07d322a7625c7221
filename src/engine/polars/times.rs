//! Days and times over columns: bins, parts, and arithmetic that ends where the calendar does. A result beyond the
//! years 1 to 9999 is missing.

use polars::prelude::*;

use super::values::{Step, typed, whole2};
use crate::plan::{Expr as Plan, Function, Kind};
use crate::types::time::{self, age, date_of, day_of, days, in_calendar, midnight};
use crate::types::unit::DAY;
use crate::types::{Bin, Type, Value};

/// A function of days and times, of operands that are polars' already; `None` for one of another area.
pub(super) fn call(function: Function, args: &[Plan], operands: &[Expr]) -> Option<Expr> {
    let [x, rest @ ..] = operands else { return None };
    let x = x.clone();
    let whole = |x: Expr| x.cast(DataType::Int64);
    Some(match function {
        Function::Day => x,
        // 1970-01-01 was a Thursday: three days after its week's Monday.
        Function::Week => by_day(x, |day| day.checked_sub(day.checked_add(3)?.rem_euclid(7))),
        // What is asked of twice is worked out twice: a column may be, and no tall expression.
        Function::Month if args.first().is_some_and(|date| date.size(8) == 8) => first_day(x, Bin::Month),
        Function::Month => {
            let days = |x: Expr| x.cast(DataType::Int32);
            (days(x.clone()) - days(x.dt().day()) + lit(1i32)).cast(DataType::Date)
        }
        Function::Quarter => first_day(x, Bin::Quarter),
        Function::Fy => match args.get(1).map(|month| &month.kind) {
            Some(Kind::Value(Value::Integer(month))) => {
                first_day(x, Bin::Fy(u8::try_from(*month).unwrap_or(1)))
            }
            _ => x,
        },
        Function::Year => whole(x.dt().year()),
        Function::Weekday => (x.dt().weekday().cast(DataType::Int32) - lit(1i32)).cast(DataType::UInt32),
        Function::Hour => whole(x.dt().hour()),
        Function::MonthOfYear => whole(x.dt().month()),
        Function::DayOfMonth => whole(x.dt().day()),
        Function::Date => made_of_three(x, rest, DataType::Date, |year, month, day| {
            let day = day_of(i32::try_from(year).ok()?, u32::try_from(month).ok()?, u32::try_from(day).ok()?);
            day.map(i64::from)
        }),
        Function::Datetime => made_of_three(x.cast(DataType::Int32), rest, moment(), |day, hour, minute| {
            let clock = (0..24).contains(&hour) && (0..60).contains(&minute);
            clock
                .then(|| midnight(i32::try_from(day).ok()?).checked_add((hour * 60 + minute) * 60_000_000))?
        }),
        Function::Age => {
            whole2(x.cast(DataType::Int32), rest.first()?.clone().cast(DataType::Int32), |birth, at| {
                age(i32::try_from(birth).ok()?, i32::try_from(at).ok()?)
            })
        }
        _ => return None,
    })
}

/// Adds months to days or moments; `None` for what is neither.
pub(super) fn add_months(to: &Type) -> Option<Step> {
    match to {
        Type::Date => Some(Step::Whole(later)),
        Type::Datetime => Some(Step::Whole(|at, months| {
            let day = i32::try_from(later(at.div_euclid(DAY), months)?).ok()?;
            midnight(day).checked_add(at.rem_euclid(DAY))
        })),
        _ => None,
    }
}

/// So many months later, in days.
fn later(day: i64, months: i64) -> Option<i64> {
    time::add_months(i32::try_from(day).ok()?, months).map(i64::from)
}

/// Adds a duration to days or moments, or takes it away; `None` for what is neither. Of days only whole ones count.
pub(super) fn shift(what: &Type, back: bool) -> Option<Step> {
    Some(Step::Whole(match (what, back) {
        (Type::Date, false) => |day, span| in_calendar(day.checked_add(span / DAY)?).map(i64::from),
        (Type::Date, true) => |day, span| in_calendar(day.checked_sub(span / DAY)?).map(i64::from),
        (Type::Datetime, false) => |at, span| within(i64::checked_add(at, span)?),
        (Type::Datetime, true) => |at, span| within(i64::checked_sub(at, span)?),
        _ => return None,
    }))
}

/// A moment that the calendar has.
fn within(at: i64) -> Option<i64> {
    in_calendar(at.div_euclid(DAY)).map(|_| at)
}

fn moment() -> DataType {
    DataType::Datetime(TimeUnit::Microseconds, None)
}

/// The first days of the spans that hold the days of a column.
fn first_day(x: Expr, bin: Bin) -> Expr {
    by_day(x, move |day| bin.first(date_of(day)?).map(days))
}

/// Row by row over the days of a column of dates. Neighbours are often one day, and reckoned once.
fn by_day(x: Expr, f: impl Fn(i32) -> Option<i32> + Send + Sync + 'static) -> Expr {
    x.map(
        move |column| {
            let column = column.as_materialized_series().cast(&DataType::Int32)?;
            let mut known: Option<(i32, Option<i32>)> = None;
            let of = |day: i32| match known {
                Some((before, found)) if before == day => found,
                _ => {
                    let found = f(day);
                    known = Some((day, found));
                    found
                }
            };
            let mut of = of;
            let out: Int32Chunked = column.i32()?.iter().map(|day| of(day?)).collect();
            out.with_name(column.name().clone()).into_series().cast(&DataType::Date).map(Column::from)
        },
        typed(DataType::Date),
    )
}

/// Row by row over three columns of whole counts, a constant stretched to the others' length.
fn made_of_three(
    x: Expr,
    rest: &[Expr],
    dtype: DataType,
    f: impl Fn(i64, i64, i64) -> Option<i64> + Send + Sync + 'static,
) -> Expr {
    let wanted = dtype.clone();
    x.map_many(
        move |columns| {
            let name = columns[0].name().clone();
            let mut parts: Vec<Int64Chunked> = Vec::with_capacity(columns.len());
            for column in columns.iter() {
                parts.push(
                    column.as_materialized_series().cast(&DataType::Int64)?.i64()?.rechunk().into_owned(),
                );
            }
            let rows = parts.iter().map(|part| part.len()).find(|len| *len != 1).unwrap_or(1);
            let at = |part: usize, row: usize| {
                let part = parts.get(part)?;
                part.get(if part.len() == 1 { 0 } else { row })
            };
            let out: Int64Chunked = (0..rows).map(|row| f(at(0, row)?, at(1, row)?, at(2, row)?)).collect();
            let out = out.with_name(name).into_series();
            let out = if wanted == DataType::Date { out.cast(&DataType::Int32)? } else { out };
            out.cast(&wanted).map(Column::from)
        },
        rest,
        move |_, fields| Ok(Field::new(fields[0].name().clone(), dtype.clone())),
    )
}
