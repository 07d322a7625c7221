//! How a column's fields are read, as data: the rules themselves are [`super::field`]'s.

use std::sync::Arc;

use chrono_tz::Tz;

use crate::types::time::FIRST_YEAR;
use crate::types::{Category, Type, Unit};

/// How a stored column's text (or a columnar file's value) becomes a typed value: see
/// [`super::field`]. What doesn't fit is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Reader {
    /// As it stands, in this case.
    Text(Case),
    /// As it stands, compared as text.
    Id,
    /// As it stands: an amount whose unit stands elsewhere, text or a columnar file's number.
    Amount,
    /// As it stands, to be read so by whoever needs the value: what is grouped by is read once a group.
    Late(Box<Reader>),
    /// Looked up in a list: the raw text, and the value's position.
    Category(Arc<Category>, Vec<(String, u32)>),
    /// `true` and `false`.
    Bool,
    /// A whole number.
    Integer,
    /// A decimal number.
    Number,
    /// A day.
    Date(Formats),
    /// A day and time.
    Datetime(Formats),
    /// An amount in one unit for the whole column (money without `unit`: the catalogue's currency).
    Quantity(Unit),
}

/// How dates are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// strftime's formats, tried in order; as ISO writes them where there are none.
    pub list: Vec<String>,
    /// The first of the hundred years that two digits stand for.
    pub first_year: i32,
    /// Whose wall clock the values become, where the catalogue says: what carries a zone of its own, or is in UTC.
    pub zone: Option<Tz>,
    /// `utc = true`: what carries no zone is Greenwich's.
    pub utc: bool,
}

impl Formats {
    /// As ISO writes dates.
    pub fn iso(zone: Option<Tz>) -> Formats {
        Formats { list: Vec::new(), first_year: FIRST_YEAR, zone, utc: false }
    }
}

/// What is done to a text's case on reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Case {
    /// Nothing.
    #[default]
    Keep,
    /// `case = "title"`: `KING'S CROSS` becomes `King's Cross`.
    Title,
    /// `case = "upper"`
    Upper,
    /// `case = "lower"`
    Lower,
}

impl Reader {
    /// The type of the values that it reads.
    pub fn ty(&self) -> Type {
        match self {
            Reader::Text(_) | Reader::Amount => Type::Text,
            Reader::Late(reader) => reader.ty(),
            Reader::Id => Type::Id,
            Reader::Category(category, _) => Type::Category(Arc::clone(category)),
            Reader::Bool => Type::Bool,
            Reader::Integer => Type::Integer,
            Reader::Number => Type::Number,
            Reader::Date(_) => Type::Date,
            Reader::Datetime(_) => Type::Datetime,
            Reader::Quantity(unit) => unit.ty.clone(),
        }
    }
}
