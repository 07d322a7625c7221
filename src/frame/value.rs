//! One cell as text, in two ways: [`reader`] for people, [`datum`] for programs. Outputs print them so, and engines
//! where an answer speaks of values of several types, as `describe` does.
//!
//! | value | a reader sees | data have |
//! | --- | --- | --- |
//! | 9878 | `9,878` | `9878` |
//! | 7,600,000,000,000 ng, in kg | `7.6 kg` | `7.6` under `weight [kg]` |
//! | £1,234.50 | `£1,234.50` | `1234.5` under `value [GBP]` |
//! | 0.5625 as a percentage | `56.3%` | `56.25` under `rate [%]` |
//! | a quarter | `2023-Q4` | `2023-Q4` |
//! | £158 over 300 g | `£0.53/g` | `0.5266666666666666` under `price [GBP/g]` |
//! | missing | `—` | nothing, or `null` |

use std::borrow::Cow;

use chrono::Timelike;
use polars::prelude::{
    BooleanChunked, DataType, Float64Chunked, Int32Chunked, Int64Chunked, Series, StringChunked, TimeUnit,
};

use super::number;
use crate::diagnostic::Diagnostic;
use crate::frame::{Column, Frame};
use crate::types::time::{datetime_of, day_text};
use crate::types::{Bin, Rate, RateUnit, Show, Type, Unit, decimal, ratio, unit};

/// One value of a frame, not yet text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number, or a quantity in its base unit.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text, an id, a category or a record.
    Text(&'a str),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00.
    Datetime(i64),
}

/// The values of one column, for reading one by one.
pub enum Cells {
    /// Nothing but missing values.
    Missing,
    /// Of `bool`.
    Bool(BooleanChunked),
    /// Of `integer` and quantities.
    Integer(Int64Chunked),
    /// Of `number`.
    Number(Float64Chunked),
    /// Of everything written as text.
    Text(StringChunked),
    /// Of `date`.
    Date(Int32Chunked),
    /// Of `datetime`.
    Datetime(Int64Chunked),
}

impl Cells {
    /// The values of every column of a frame.
    pub fn of_frame(frame: &Frame) -> Result<Vec<Cells>, Diagnostic> {
        let found = frame.data.columns().len();
        if found != frame.columns.len() {
            return Err(broken(format!("it has {found} columns of values for {}", frame.columns.len())));
        }
        frame
            .columns
            .iter()
            .zip(frame.data.columns())
            .map(|(column, values)| Cells::of(&column.ty, values.as_materialized_series(), &column.name))
            .collect()
    }

    /// The values of a series that holds this type.
    pub fn of(ty: &Type, series: &Series, name: &str) -> Result<Cells, Diagnostic> {
        let stored = match ty {
            Type::Missing => return Ok(Cells::Missing),
            _ if *series.dtype() == DataType::Null => return Ok(Cells::Missing),
            Type::Bool => DataType::Boolean,
            Type::Number | Type::Rate(_) => DataType::Float64,
            Type::Text | Type::Category(_) | Type::Id | Type::Record(_) => DataType::String,
            Type::Date => DataType::Date,
            Type::Datetime => DataType::Datetime(TimeUnit::Microseconds, None),
            Type::Integer | Type::Duration | Type::Money(_) | Type::Mass | Type::Volume | Type::Items(_) => {
                DataType::Int64
            }
        };
        let wrong = |error| broken(format!("its column {name} is no {ty}: {error}"));
        // One chunk, so that a row is found without a search.
        let series = series.strict_cast(&stored).map_err(wrong)?.rechunk();
        let cells = match ty {
            Type::Bool => series.bool().map(|values| Cells::Bool(values.clone())),
            Type::Number | Type::Rate(_) => series.f64().map(|values| Cells::Number(values.clone())),
            Type::Date => series.date().map(|values| Cells::Date(values.physical().clone())),
            Type::Datetime => series.datetime().map(|values| Cells::Datetime(values.physical().clone())),
            _ if stored == DataType::String => series.str().map(|values| Cells::Text(values.clone())),
            _ => series.i64().map(|values| Cells::Integer(values.clone())),
        };
        cells.map_err(wrong)
    }

    /// The value in a row; missing past the end.
    pub fn get(&self, row: usize) -> Cell<'_> {
        let cell = match self {
            Cells::Missing => None,
            Cells::Bool(values) => values.get(row).map(Cell::Bool),
            Cells::Integer(values) => values.get(row).map(Cell::Integer),
            Cells::Number(values) => values.get(row).map(Cell::Number),
            Cells::Text(values) => values.get(row).map(Cell::Text),
            Cells::Date(values) => values.get(row).map(Cell::Date),
            Cells::Datetime(values) => values.get(row).map(Cell::Datetime),
        };
        cell.unwrap_or(Cell::Missing)
    }
}

fn broken(what: String) -> Diagnostic {
    Diagnostic::bare("data-output", format!("the answer could not be written: {what}"))
}

/// Do the column's values stand to the right in a table, as numbers do?
pub fn to_the_right(column: &Column) -> bool {
    column.ty.is_numeric() || column.ty.is_quantity() || matches!(column.ty, Type::Rate(_))
}

/// The unit that a column of quantities is shown in.
fn unit_of(column: &Column) -> Option<Cow<'_, Unit>> {
    match &column.show {
        Show::Unit(unit) => Some(Cow::Borrowed(unit)),
        _ => Unit::default_of(&column.ty).map(Cow::Owned),
    }
}

/// The unit that a column of rates is shown in.
fn rate_unit<'c>(rate: &Rate, column: &'c Column) -> Option<Cow<'c, RateUnit>> {
    match &column.show {
        Show::Rate(unit) => Some(Cow::Borrowed(unit)),
        _ => rate.unit().map(Cow::Owned),
    }
}

/// The heading in data: the name, and in brackets the unit that the numbers below are in.
pub fn heading(column: &Column) -> String {
    let name = &column.name;
    if column.ty.is_quantity() {
        return unit_of(column).map_or_else(|| name.clone(), |unit| format!("{name} [{}]", unit.name));
    }
    if let Type::Rate(rate) = &column.ty {
        return rate_unit(rate, column)
            .map_or_else(|| name.clone(), |unit| format!("{name} [{}]", unit.name()));
    }
    match column.show {
        Show::Percent => format!("{name} [%]"),
        _ => name.clone(),
    }
}

/// A cell as people read it; `None` where it is missing.
pub fn reader(cell: Cell<'_>, column: &Column) -> Option<String> {
    Some(match cell {
        Cell::Missing => return None,
        Cell::Integer(value) if column.ty.is_quantity() => quantity(value, column),
        Cell::Integer(value) => match column.show {
            Show::Percent => number::grouped(&format!("{}%", i128::from(value) * 100)),
            // A year is a number that nobody writes with a comma.
            Show::Bin(_) => value.to_string(),
            _ => number::grouped(&value.to_string()),
        },
        Cell::Number(value) => match (&column.ty, &column.show) {
            (Type::Rate(rate), _) => shown_rate(value, rate, column),
            (_, Show::Percent) => number::percent(value),
            _ => number::short(value),
        },
        Cell::Text(text) => visible(text),
        Cell::Bool(_) | Cell::Date(_) | Cell::Datetime(_) => plain(cell, column, ' '),
    })
}

/// How many decimals an amount in this unit is written with in data: all of them where it is a decimal one
/// (a kilogram is 10¹² nanograms), nine where the digits would never end.
fn decimals(unit: &Unit) -> u32 {
    let digits = unit.num.checked_ilog10().unwrap_or(9);
    if unit.den == 1 && unit.num == 10i128.pow(digits) { digits } else { 9 }
}

/// A cell as data; `None` where it is missing.
pub fn datum<'a>(cell: Cell<'a>, column: &Column) -> Option<Cow<'a, str>> {
    Some(Cow::Owned(match cell {
        Cell::Missing => return None,
        Cell::Text(text) => return Some(Cow::Borrowed(text)),
        Cell::Integer(value) if column.ty.is_quantity() => match unit_of(column) {
            Some(unit) => decimal::format_scaled(i128::from(value), unit.num, unit.den, decimals(&unit)),
            None => value.to_string(),
        },
        Cell::Integer(value) if column.show == Show::Percent => (i128::from(value) * 100).to_string(),
        Cell::Integer(value) => value.to_string(),
        Cell::Number(value) if !value.is_finite() => return None,
        Cell::Number(value) => match (&column.ty, &column.show) {
            (Type::Rate(rate), _) => {
                number::shortest(rate_unit(rate, column).map_or(value, |unit| rate.shown(value, &unit)))
            }
            (_, Show::Percent) => ratio::hundredfold(value),
            _ => number::shortest(value),
        },
        Cell::Bool(_) | Cell::Date(_) | Cell::Datetime(_) => plain(cell, column, 'T'),
    }))
}

/// Is the text of [`datum`] JSON as it stands, without quotes?
pub fn is_json_literal(cell: Cell<'_>) -> bool {
    matches!(cell, Cell::Bool(_) | Cell::Integer(_) | Cell::Number(_))
}

/// What readers and programs see alike, but for what stands between a day and a time.
fn plain(cell: Cell<'_>, column: &Column, between: char) -> String {
    let bin = match column.show {
        Show::Bin(bin) => Some(bin),
        _ => None,
    };
    match cell {
        Cell::Bool(value) => value.to_string(),
        Cell::Date(days) => day_text(days, bin.unwrap_or(Bin::Day)),
        Cell::Datetime(micros) => match bin {
            Some(bin) => {
                day_text(i32::try_from(micros.div_euclid(crate::types::unit::DAY)).unwrap_or(i32::MAX), bin)
            }
            None => datetime(micros, between),
        },
        _ => String::new(),
    }
}

/// A day and a time. For readers (a blank between) without seconds where they are nought; for
/// programs with them, always.
fn datetime(micros: i64, between: char) -> String {
    let Some(at) = datetime_of(micros) else { return format!("{micros} µs") };
    let clock = match (at.second(), at.nanosecond()) {
        (0, 0) if between == ' ' => "%H:%M",
        (_, 0) => "%H:%M:%S",
        _ => "%H:%M:%S%.6f",
    };
    format!("{}{between}{}", at.format("%Y-%m-%d"), at.format(clock))
}

/// A rate with its units: `£40.12/g`, `1.5 kg/day`.
fn shown_rate(value: f64, rate: &Rate, column: &Column) -> String {
    let Some(unit) = rate_unit(rate, column) else { return number::short(value) };
    let value = rate.shown(value, &unit);
    let per = unit::one_of(&unit.per);
    let Type::Money(currency) = rate.of else {
        let amount = number::short(value);
        let name = if amount == "1" || amount == "-1" { unit::one_of(&unit.of) } else { &unit.of.name };
        return format!("{amount} {name}/{per}");
    };
    let amount = number::price(value);
    match (currency.sign(), amount.strip_prefix('-')) {
        (Some(sign), Some(amount)) => format!("-{sign}{amount}/{per}"),
        (Some(sign), None) => format!("{sign}{amount}/{per}"),
        (None, _) => format!("{amount} {currency}/{per}"),
    }
}

/// A quantity with its unit: `7.6 kg`, `£1,234.50`, `1 day`.
fn quantity(value: i64, column: &Column) -> String {
    let Some(unit) = unit_of(column) else { return value.to_string() };
    let Type::Money(currency) = column.ty else {
        let amount = number::amount(value, &unit, 3);
        let name = if matches!(&*amount, "1" | "-1") { unit::one_of(&unit) } else { &unit.name };
        return format!("{} {name}", number::grouped(&amount));
    };
    let amount = number::grouped(&number::money(value, &unit));
    match (currency.sign(), amount.strip_prefix('-')) {
        (Some(sign), Some(amount)) => format!("-{sign}{amount}"),
        (Some(sign), None) => format!("{sign}{amount}"),
        (None, _) => format!("{amount} {currency}"),
    }
}

/// Text with everything that would move the cursor, colour the terminal or turn the line around
/// written out: a line feed as `\n`, an escape as `\u{1b}`.
pub fn visible(text: &str) -> String {
    if !text.contains(unsafe_to_print) {
        return text.to_string();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if unsafe_to_print(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Control characters, line separators and marks of writing direction.
pub(crate) fn unsafe_to_print(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
