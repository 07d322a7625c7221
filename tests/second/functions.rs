//! Functions of a row's values, by their names in the language; the first few convert, and have none. A missing
//! argument makes the result missing.

use std::cmp::Ordering;

use casebook::plan::{Expr, Function};
use casebook::types::time::{date_of, day_of, days, midnight};
use casebook::types::unit::DAY;
use casebook::types::{Decimal, Type};
use chrono::{Datelike, Months, NaiveDate};

use super::cell::Cell;
use super::{Trouble, exact, unknown};

/// What a function gives for these values.
pub fn call(function: Function, exprs: &[Expr], args: &[Cell], ty: &Type) -> Result<Cell, Trouble> {
    if args.iter().any(Cell::is_missing) {
        return Ok(Cell::Missing);
    }
    let names = args.first().zip(exprs.first().map(|expr| &expr.ty));
    Ok(match (function, names) {
        (Function::ToNumber, Some((Cell::Integer(n), _))) => Cell::Number(*n as f64),
        (Function::ToDate, Some((Cell::Datetime(at), _))) => {
            Cell::of(i32::try_from(at.div_euclid(DAY)).ok(), Cell::Date)
        }
        (Function::CategoryText | Function::RecordText, Some((cell, ty))) => cell.clone().shown(ty),
        _ => return named(function.name(), args, ty),
    })
}

fn named(name: &str, args: &[Cell], ty: &Type) -> Result<Cell, Trouble> {
    use Cell::{Date, Datetime, Integer, Number, Text};
    let whole = |n: Option<i128>| Cell::of(n.and_then(|n| i64::try_from(n).ok()), Cell::Integer);
    let part =
        |day: i32, of: fn(NaiveDate) -> u32| Cell::of(date_of(day).map(of).map(i64::from), Cell::Integer);
    Ok(match (name, args) {
        ("-", [Integer(n)]) => whole(Some(-i128::from(*n))),
        ("-", [Number(n)]) => Number(-n),
        ("abs", [Integer(n)]) => whole(Some(i128::from(*n).abs())),
        ("abs", [Number(n)]) => Number(n.abs()),
        ("round" | "floor" | "ceil", [Integer(n), Integer(step)]) => {
            whole(multiple(name, (*n).into(), (*step).into()))
        }
        ("round" | "floor" | "ceil", [Number(n), Number(step)]) => match exact::aligned(*n, *step) {
            Some((n, step, scale)) => match multiple(name, n, step) {
                Some(mantissa) => Cell::number(Decimal { mantissa, scale }.to_f64()),
                None => return unknown("a number too long to round"),
            },
            None => return unknown("a number too long to round"),
        },
        ("mod", [Integer(a), Integer(b)]) => {
            let (a, b) = (i128::from(*a), i128::from(*b));
            whole(
                a.checked_rem(b).map(|rest| if rest != 0 && (rest < 0) != (b < 0) { rest + b } else { rest }),
            )
        }
        ("clamp", [x, low, high]) => {
            let x = if x.compare(low) == Some(Ordering::Less) { low } else { x };
            if x.compare(high) == Some(Ordering::Greater) { high.clone() } else { x.clone() }
        }
        ("sqrt", [Number(x)]) => Cell::number(x.sqrt()),
        // The number of the first edge that is not reached.
        ("bucket", [x, edges @ ..]) => {
            let reached = edges.iter().filter(|edge| x.compare(edge).is_some_and(Ordering::is_ge)).count();
            Cell::Category(u32::try_from(reached).unwrap_or(u32::MAX))
        }
        ("lower", [Text(text)]) => Cell::text(text.to_lowercase()),
        ("upper", [Text(text)]) => Cell::text(text.to_uppercase()),
        ("trim", [Text(text)]) => Cell::text(text.trim()),
        ("length", [Text(text)]) => whole(i128::try_from(text.chars().count()).ok()),
        ("left", [Text(text), Integer(n)]) => Cell::text(text.chars().take(many(*n)).collect::<String>()),
        ("right", [Text(text), Integer(n)]) => {
            let before = text.chars().count().saturating_sub(many(*n));
            Cell::text(text.chars().skip(before).collect::<String>())
        }
        ("mid", [Text(text), Integer(from), Integer(n)]) => {
            Cell::text(text.chars().skip(many(*from).saturating_sub(1)).take(many(*n)).collect::<String>())
        }
        ("split", [Text(text), Text(separator), Integer(n)]) => {
            let parts: Vec<&str> = text.split(&**separator).collect();
            let at = if *n < 0 { parts.len().checked_sub(many(-n)) } else { many(*n).checked_sub(1) };
            at.and_then(|at| parts.get(at)).map_or(Cell::Missing, Cell::text)
        }
        ("replace", [Text(text), Text(old), Text(new)]) => Cell::text(text.replace(&**old, new)),
        ("integer", [Text(text)]) => Cell::of(casebook::files::field::integer(text), Cell::Integer),
        ("number", [Text(text)]) => Cell::of(casebook::files::field::number(text), Cell::Number),
        ("day", [Date(day)]) => Date(*day),
        ("week", [Date(day)]) => first(*day, |date| date.checked_sub_days(days_since_monday(date))),
        ("month", [Date(day)]) => first(*day, |date| date.with_day(1)),
        ("quarter", [Date(day)]) => {
            first(*day, |date| NaiveDate::from_ymd_opt(date.year(), (date.month() - 1) / 3 * 3 + 1, 1))
        }
        ("fy", [Date(day), Integer(month)]) => {
            let start = u32::try_from(*month).unwrap_or(1);
            first(*day, |date| {
                NaiveDate::from_ymd_opt(date.year() - i32::from(date.month() < start), start, 1)
            })
        }
        ("year", [Date(day)]) => Cell::of(date_of(*day).map(|date| date.year().into()), Cell::Integer),
        ("month_of_year", [Date(day)]) => part(*day, |date| date.month()),
        ("day_of_month", [Date(day)]) => part(*day, |date| date.day()),
        ("weekday", [Date(day)]) => {
            let at = date_of(*day).map(|date| date.weekday().num_days_from_monday());
            if *ty == Type::Integer {
                Cell::of(at.map(i64::from), Cell::Integer)
            } else {
                Cell::of(at, Cell::Category)
            }
        }
        ("hour", [Datetime(at)]) => Integer(at.rem_euclid(DAY) / (DAY / 24)),
        ("date", [Integer(year), Integer(month), Integer(day)]) => {
            let (year, month, day) = (i32::try_from(*year), u32::try_from(*month), u32::try_from(*day));
            let parts = year.ok().zip(month.ok()).zip(day.ok());
            Cell::of(parts.and_then(|((year, month), day)| day_of(year, month, day)), Cell::Date)
        }
        ("datetime", [Date(day), Integer(hour @ 0..24), Integer(minute @ 0..60)]) => {
            Datetime(midnight(*day) + (hour * 60 + minute) * (DAY / 24 / 60))
        }
        ("datetime", [Date(_), Integer(_), Integer(_)]) => Cell::Missing,
        // Whole years: as many birthdays as there were.
        ("age", [Date(birth), Date(at)]) if at < birth => Cell::Missing,
        ("age", [Date(birth), Date(at)]) => {
            let years = date_of(*birth).zip(date_of(*at)).map(|(birth, at)| {
                let before = (at.month(), at.day()) < (birth.month(), birth.day());
                i64::from(at.year() - birth.year()) - i64::from(before)
            });
            Cell::of(years, Cell::Integer)
        }
        ("add_months", [Date(day), Integer(months)]) => Cell::of(add_months(*day, *months), Cell::Date),
        ("add_months", [Datetime(at), Integer(months)]) => {
            let day = i32::try_from(at.div_euclid(DAY)).ok().and_then(|day| add_months(day, *months));
            Cell::of(day.map(|day| midnight(day) + at.rem_euclid(DAY)), Cell::Datetime)
        }
        _ => return unknown(format!("the function {name} of {args:?}")),
    })
}

/// To a multiple: the nearest, the one below, the one above.
fn multiple(name: &str, value: i128, step: i128) -> Option<i128> {
    let below = value.div_euclid(step).checked_mul(step)?;
    match name {
        "round" => exact::nearest(value, step),
        "ceil" if below < value => below.checked_add(step),
        _ => Some(below),
    }
}

fn many(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}

fn first(day: i32, of: impl Fn(NaiveDate) -> Option<NaiveDate>) -> Cell {
    Cell::of(date_of(day).and_then(of).map(days), Cell::Date)
}

fn days_since_monday(date: NaiveDate) -> chrono::Days {
    chrono::Days::new(date.weekday().num_days_from_monday().into())
}

/// A day of the years 1 to 9999.
pub fn in_calendar(day: i128) -> Option<i32> {
    let day = i32::try_from(day).ok()?;
    (1..=9999).contains(&date_of(day)?.year()).then_some(day)
}

/// The month's last day where it is too short.
fn add_months(day: i32, months: i64) -> Option<i32> {
    let (date, size) = (date_of(day)?, Months::new(u32::try_from(months.unsigned_abs()).ok()?));
    let moved = if months < 0 { date.checked_sub_months(size)? } else { date.checked_add_months(size)? };
    in_calendar(days(moved).into())
}
