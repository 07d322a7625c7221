//! Values with meaning: types, units, exact decimals, dates and periods. No data frames here, and no
//! syntax: the checker, the catalogue, the engines and the outputs all speak in these terms.

pub mod against;
pub mod decimal;
pub mod period;
pub mod rate;
pub mod ratio;
pub mod step;
pub mod time;
pub mod unit;

use std::fmt;
use std::sync::Arc;

pub use decimal::Decimal;
pub use period::{Bin, Period};
pub use rate::{Rate, RateUnit};
pub use unit::{Currency, Unit, Units};

/// What a value is. Quantities (money, mass, volume, items, duration) are whole counts of a small base
/// unit in 64 bits, so that sums are exact: see [`unit`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number of 64 bits.
    Integer,
    /// A 64-bit float; never NaN or infinite.
    Number,
    /// Text.
    Text,
    /// Text out of a fixed, ordered list.
    Category(Arc<Category>),
    /// Something that identifies: compared as text, no arithmetic.
    Id,
    /// A day.
    Date,
    /// Wall-clock time of the catalogue's time zone, to the microsecond.
    Datetime,
    /// A span of time, in microseconds.
    Duration,
    /// Counts of 1/10,000 of a currency's unit.
    Money(Currency),
    /// Nanograms.
    Mass,
    /// Nanolitres.
    Volume,
    /// Counts of 1/10,000 of one kind of thing: records do hold half tablets.
    Items(Arc<str>),
    /// One dimension over another: a 64-bit float in the default units of both.
    Rate(Arc<Rate>),
    /// A record of the named table: what a to-one link gives.
    Record(Arc<str>),
    /// The literal `missing`, or a value that an error has already been reported for: fits everywhere.
    Missing,
}

/// The list behind a category.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Category {
    /// The values in the catalogue's order.
    pub values: Vec<String>,
}

impl Type {
    /// Is it a whole count of a base unit?
    pub fn is_quantity(&self) -> bool {
        matches!(self, Type::Money(_) | Type::Mass | Type::Volume | Type::Items(_) | Type::Duration)
    }

    /// Integer or number.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Type::Integer | Type::Number)
    }

    /// Text or something written as text.
    pub fn is_textual(&self) -> bool {
        matches!(self, Type::Text | Type::Category(_))
    }

    /// Has it an order that `<`, `min` and `sort` can use?
    pub fn is_ordered(&self) -> bool {
        !matches!(self, Type::Bool | Type::Record(_))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("bool"),
            Type::Integer => f.write_str("integer"),
            Type::Number => f.write_str("number"),
            Type::Text => f.write_str("text"),
            Type::Category(_) => f.write_str("category"),
            Type::Id => f.write_str("id"),
            Type::Date => f.write_str("date"),
            Type::Datetime => f.write_str("datetime"),
            Type::Duration => f.write_str("duration"),
            Type::Money(currency) => write!(f, "money ({currency})"),
            Type::Mass => f.write_str("mass"),
            Type::Volume => f.write_str("volume"),
            Type::Items(kind) => write!(f, "items ({kind})"),
            Type::Rate(rate) => match rate.unit() {
                Some(unit) => write!(f, "rate ({})", unit.name()),
                None => f.write_str("rate"),
            },
            Type::Record(table) => write!(f, "record of {table}"),
            Type::Missing => f.write_str("missing"),
        }
    }
}

/// How a column's values are shown, where that is not simply by type.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Show {
    /// By type: mass in g, volume in ml, duration in days, money in its currency.
    #[default]
    Plain,
    /// A quantity in this unit.
    Unit(Unit),
    /// A rate in this unit.
    Rate(Box<RateUnit>),
    /// A number times a hundred.
    Percent,
    /// The first day of a span, at its grain.
    Bin(Bin),
    /// An integer that comes round again, and so lies between these two: an hour, a month of the year.
    Cyclic(i64, i64),
}

impl Show {
    /// Does it say what part of the calendar a value is? What is reckoned from such a value is none any more.
    pub fn is_of_calendar(&self) -> bool {
        matches!(self, Show::Bin(_) | Show::Cyclic(..))
    }
}

/// One value that stands in a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Missing,
    /// True or false.
    Bool(bool),
    /// A whole number, or a quantity in its base unit.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text, or an id.
    Text(String),
    /// The position in a category's list.
    Category(u32),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00.
    Datetime(i64),
}
