//! One value, and the three questions that the language asks of two: are they equal, which comes first, and are
//! they one key? The first two have no answer where one is missing; as keys, missing values are one.

use std::cmp::Ordering;
use std::rc::Rc;

use casebook::types::{Type, Value};

/// A value.
#[derive(Clone, Debug)]
pub enum Cell {
    /// None.
    Missing,
    /// A sum that is too large: reading it is an error, having it is none.
    Overflow,
    /// True or false.
    Bool(bool),
    /// A whole number, or a quantity in its base unit.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Text, or an id.
    Text(Rc<str>),
    /// A position in a category's list.
    Category(u32),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00.
    Datetime(i64),
    /// A record, as a link leads to it.
    Record(Rc<Record>),
}

/// A record: told apart by its key, sorted and shown by its title.
#[derive(Clone, Debug)]
pub struct Record {
    /// The title's values.
    pub title: Vec<Cell>,
    /// The title as it is shown; the key where there is none.
    pub shown: String,
    /// The key's values as text.
    pub key: String,
}

impl Cell {
    /// A text.
    pub fn text(text: impl AsRef<str>) -> Cell {
        Cell::Text(Rc::from(text.as_ref()))
    }

    /// Of a value that may be none.
    pub fn of<T>(value: Option<T>, cell: fn(T) -> Cell) -> Cell {
        value.map_or(Cell::Missing, cell)
    }

    /// A number; what isn't finite is missing.
    pub fn number(value: f64) -> Cell {
        if value.is_finite() { Cell::Number(value) } else { Cell::Missing }
    }

    /// Is there no value?
    pub fn is_missing(&self) -> bool {
        matches!(self, Cell::Missing)
    }

    /// Is it true? Unknown is not.
    pub fn is_true(&self) -> bool {
        matches!(self, Cell::Bool(true))
    }

    /// How two known values compare; `None` where one is missing.
    pub fn compare(&self, other: &Cell) -> Option<Ordering> {
        use Cell::{Bool, Category, Date, Datetime, Integer, Number, Record, Text};
        Some(match (self, other) {
            (Bool(a), Bool(b)) => a.cmp(b),
            (Integer(a), Integer(b)) | (Datetime(a), Datetime(b)) => a.cmp(b),
            (Number(a), Number(b)) => a.partial_cmp(b)?,
            (Text(a), Text(b)) => a.cmp(b),
            (Category(a), Category(b)) => a.cmp(b),
            (Date(a), Date(b)) => a.cmp(b),
            (Record(a), Record(b)) => {
                let titles = a.title.iter().zip(&b.title).map(|(a, b)| a.in_order(b, false));
                let titles = titles.fold(Ordering::Equal, Ordering::then);
                titles.then_with(|| a.shown.cmp(&b.shown)).then_with(|| a.key.cmp(&b.key))
            }
            _ => return None,
        })
    }

    /// Which comes first in a sort: missing values last, whatever the direction.
    pub fn in_order(&self, other: &Cell, descending: bool) -> Ordering {
        match self.compare(other) {
            Some(order) if descending => order.reverse(),
            Some(order) => order,
            None => self.is_missing().cmp(&other.is_missing()),
        }
    }

    /// Are they the same key? Missing is the same as missing.
    pub fn is_same(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Missing, Cell::Missing) => true,
            (Cell::Record(a), Cell::Record(b)) => a.key == b.key,
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }

    /// The same in every bit; but nought has no sign.
    pub fn is_exactly(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Number(a), Cell::Number(b)) => (a + 0.0).to_bits() == (b + 0.0).to_bits(),
            _ => self.is_same(other),
        }
    }

    /// As an answer shows it: a category's text, a record's title.
    pub fn shown(self, ty: &Type) -> Cell {
        match (&self, ty) {
            (Cell::Category(at), Type::Category(category)) => {
                category.values.get(*at as usize).map_or(Cell::Missing, Cell::text)
            }
            (Cell::Record(record), _) => Cell::text(&record.shown),
            _ => self,
        }
    }
}

/// Are they the same keys?
pub fn same(a: &[Cell], b: &[Cell]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_same(b))
}

/// In order of the first key, then the second, …, missing last.
pub fn by_keys(a: &[Cell], b: &[Cell]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| a.in_order(b, false)).fold(Ordering::Equal, Ordering::then)
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Cell {
        match value {
            Value::Missing => Cell::Missing,
            Value::Bool(truth) => Cell::Bool(*truth),
            Value::Integer(n) => Cell::Integer(*n),
            Value::Number(n) => Cell::Number(*n),
            Value::Text(text) => Cell::text(text),
            Value::Category(at) => Cell::Category(*at),
            Value::Date(day) => Cell::Date(*day),
            Value::Datetime(at) => Cell::Datetime(*at),
        }
    }
}
