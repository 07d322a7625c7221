//! Expressions, for one row at a time. A [`Here`] is where one stands: the row, the rows beside it, the group
//! that it is worked out for, and the row outside, which `this` reads.

use std::collections::BTreeMap;

use casebook::catalog::Table;
use casebook::plan::{BinaryOp, Expr, Kind, LinkRef, Made};
use casebook::types::time::midnight;
use casebook::types::unit::DAY;
use casebook::types::{Decimal, Period, Type, Units, decimal};

use super::cell::Cell;
use super::data::{Records, amount};
use super::{Trouble, exact, functions, gather, unknown, window};

/// A row on its way through a question.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// The record that it is, until rows are grouped.
    pub record: Option<usize>,
    /// The columns that the question made.
    pub made: BTreeMap<Made, Cell>,
    /// The rows that it was worked out from, once they are grouped: of this period, and of the other.
    pub members: [Vec<usize>; 2],
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub struct Here<'a> {
    /// All records.
    pub records: &'a Records,
    /// Whose record the row is.
    pub table: &'a Table,
    /// The row.
    pub row: &'a Row,
    /// All rows that the stage sees, and the place of this one among them.
    pub beside: Option<(&'a [Row], usize)>,
    /// The group that aggregates are worked out for: rows, and the places of those that are in it.
    pub group: Option<(&'a [Row], &'a [usize])>,
    /// The row outside an aggregate's brackets.
    pub outer: Option<&'a Here<'a>>,
}

impl<'a> Here<'a> {
    /// The row at a place among others.
    pub fn at(records: &'a Records, table: &'a Table, rows: &'a [Row], place: usize) -> Here<'a> {
        Here { records, table, row: &rows[place], beside: Some((rows, place)), group: None, outer: None }
    }

    /// Another row of the same table, by itself.
    pub fn with(self, rows: &'a [Row], place: usize) -> Here<'a> {
        Here { row: &rows[place], beside: Some((rows, place)), group: None, ..self }
    }

    /// The values of several expressions.
    pub fn all<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> Result<Vec<Cell>, Trouble> {
        exprs.into_iter().map(|expr| self.eval(expr)).collect()
    }

    /// Whether it is true; where nothing is said, it is.
    pub fn passes(&self, test: Option<&Expr>) -> Result<bool, Trouble> {
        test.map_or(Ok(true), |test| Ok(self.eval(test)?.is_true()))
    }

    /// The record at a path's end.
    fn follow(&self, path: &[std::sync::Arc<LinkRef>]) -> Option<usize> {
        path.iter().try_fold(self.row.record?, |record, link| self.records.follow(link, record))
    }

    /// The value of a column: a sum that is too large is trouble only for who reads it.
    pub fn column(&self, expr: &Expr) -> Result<Cell, Trouble> {
        match self.eval(expr) {
            Err(Trouble::Overflow) => Ok(Cell::Overflow),
            other => other,
        }
    }

    /// An expression's value.
    pub fn eval(&self, expr: &Expr) -> Result<Cell, Trouble> {
        let value = self.unread(expr)?;
        if matches!(value, Cell::Overflow) {
            self.records.overflowed.set(true);
            return Err(Trouble::Overflow);
        }
        Ok(value)
    }

    fn unread(&self, expr: &Expr) -> Result<Cell, Trouble> {
        Ok(match &expr.kind {
            Kind::Value(value) => Cell::from(value),
            Kind::Stored(column) => match self.row.record {
                Some(record) => self.records.value(self.table, column, record),
                None => return unknown(format!("the column {} of rows that are no records", column.name)),
            },
            Kind::Path(path, column) => match (self.follow(path), path.last()) {
                (Some(record), Some(link)) => self.records.value(&link.to, column, record),
                _ => Cell::Missing,
            },
            Kind::Record(path) => match (self.follow(path), path.last()) {
                (Some(record), Some(link)) => self.records.record(&link.to, record),
                _ => Cell::Missing,
            },
            Kind::Made(name) => match self.row.made.get(name) {
                Some(cell) => cell.clone(),
                None => return unknown(format!("the column {name}")),
            },
            Kind::This(inner, up) => {
                let outer = (0..*up).try_fold(self, |here, _| here.outer);
                match outer {
                    Some(outer) => outer.eval(inner)?,
                    None => return unknown("an outer row that isn't there"),
                }
            }
            Kind::Measure { amount: text, unit, codes, kinds } => {
                let (Cell::Text(text), Cell::Text(unit)) = (self.eval(text)?, self.eval(unit)?) else {
                    return Ok(Cell::Missing);
                };
                let units = Units { kinds: kinds.to_vec() };
                let coded = codes.iter().find(|(code, _)| code == unit.trim()).map(|(_, unit)| unit.clone());
                let named = || units.find_in_data(&unit).filter(|unit| unit.ty == expr.ty);
                let unit = if codes.is_empty() { named() } else { coded };
                Cell::of(unit.and_then(|unit| amount(&text, &unit)), Cell::Integer)
            }
            Kind::Binary(op, left, right) => {
                binary(*op, &self.eval(left)?, &left.ty, &self.eval(right)?, &right.ty)?
            }
            Kind::Not(inner) => match self.eval(inner)? {
                Cell::Bool(truth) => Cell::Bool(!truth),
                _ => Cell::Missing,
            },
            Kind::IsMissing(inner) => Cell::Bool(self.eval(inner)?.is_missing()),
            Kind::InValues(inner, values) => match self.eval(inner)? {
                Cell::Missing => Cell::Missing,
                known => Cell::Bool(values.iter().any(|value| known.is_same(&Cell::from(value)))),
            },
            Kind::InRange(inner, low, high) => {
                let (known, low, high) = (self.eval(inner)?, self.eval(low)?, self.eval(high)?);
                let from = Cell::of(known.compare(&low).map(|order| order.is_ge()), Cell::Bool);
                let until = Cell::of(known.compare(&high).map(|order| order.is_le()), Cell::Bool);
                and(&from, &until)
            }
            Kind::InPeriod(inner, period) => match self.eval(inner)? {
                Cell::Date(day) => Cell::Bool(holds(period, day)),
                Cell::Datetime(at) => {
                    Cell::Bool(i32::try_from(at.div_euclid(DAY)).is_ok_and(|day| holds(period, day)))
                }
                _ => Cell::Missing,
            },
            Kind::If(test, then, otherwise) => {
                let (then, otherwise) = (self.eval(then)?, self.eval(otherwise)?);
                if self.eval(test)?.is_true() { then } else { otherwise }
            }
            Kind::Call(function, args) => functions::call(*function, args, &self.all(args)?, &expr.ty)?,
            Kind::Aggregate(aggregate) => gather::aggregate(self, aggregate)?,
            Kind::Window(window) => window::window(self, window)?,
            Kind::InQuery(inner, query) => {
                let values = super::interpret::rows(self.records, query)?;
                match self.eval(inner)? {
                    Cell::Missing => Cell::Missing,
                    known => Cell::Bool(values.iter().flatten().any(|value| known.is_same(value))),
                }
            }
        })
    }
}

/// Does a span hold a day?
fn holds(period: &Period, day: i32) -> bool {
    period.first.is_none_or(|first| first <= day) && period.last.is_none_or(|last| day <= last)
}

/// False where either is, unknown where one is unknown and the other is not false.
fn and(a: &Cell, b: &Cell) -> Cell {
    match (a, b) {
        (Cell::Bool(false), _) | (_, Cell::Bool(false)) => Cell::Bool(false),
        (Cell::Bool(true), Cell::Bool(true)) => Cell::Bool(true),
        _ => Cell::Missing,
    }
}

fn or(a: &Cell, b: &Cell) -> Cell {
    match (a, b) {
        (Cell::Bool(true), _) | (_, Cell::Bool(true)) => Cell::Bool(true),
        (Cell::Bool(false), Cell::Bool(false)) => Cell::Bool(false),
        _ => Cell::Missing,
    }
}

fn binary(op: BinaryOp, a: &Cell, a_ty: &Type, b: &Cell, b_ty: &Type) -> Result<Cell, Trouble> {
    let compared = |holds: fn(std::cmp::Ordering) -> bool| Cell::of(a.compare(b).map(holds), Cell::Bool);
    let looked = |holds: fn(&str, &str) -> bool| match (a, b) {
        (Cell::Text(a), Cell::Text(b)) => Cell::Bool(holds(&a.to_lowercase(), &b.to_lowercase())),
        _ => Cell::Missing,
    };
    Ok(match op {
        BinaryOp::And => and(a, b),
        BinaryOp::Or => or(a, b),
        BinaryOp::Eq => compared(std::cmp::Ordering::is_eq),
        BinaryOp::Ne => compared(std::cmp::Ordering::is_ne),
        BinaryOp::Lt => compared(std::cmp::Ordering::is_lt),
        BinaryOp::Le => compared(std::cmp::Ordering::is_le),
        BinaryOp::Gt => compared(std::cmp::Ordering::is_gt),
        BinaryOp::Ge => compared(std::cmp::Ordering::is_ge),
        BinaryOp::Contains => looked(|a, b| a.contains(b)),
        BinaryOp::StartsWith => looked(|a, b| a.starts_with(b)),
        BinaryOp::EndsWith => looked(|a, b| a.ends_with(b)),
        BinaryOp::Matches => match (a, b) {
            (Cell::Text(a), Cell::Text(b)) => {
                Cell::Bool(regex::Regex::new(b).expect("a checked pattern").is_match(a))
            }
            _ => Cell::Missing,
        },
        BinaryOp::Coalesce => {
            if a.is_missing() {
                b.clone()
            } else {
                a.clone()
            }
        }
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
            return arithmetic(op, a, a_ty, b, b_ty);
        }
    })
}

/// Missing where either side is, where nothing divides, and where the result has no room.
fn arithmetic(op: BinaryOp, a: &Cell, a_ty: &Type, b: &Cell, b_ty: &Type) -> Result<Cell, Trouble> {
    use BinaryOp::{Add, Div, Mul, Sub};
    use Cell::{Date, Datetime, Integer, Number, Text};
    let whole = |n: Option<i128>| Cell::of(n.and_then(|n| i64::try_from(n).ok()), Cell::Integer);
    Ok(match (op, a, b) {
        (_, Cell::Missing, _) | (_, _, Cell::Missing) => Cell::Missing,
        (Add, Text(a), Text(b)) => Cell::text(format!("{a}{b}")),
        (Sub, Date(a), Date(b)) => whole(Some((i128::from(*a) - i128::from(*b)) * i128::from(DAY))),
        (Sub, Datetime(a), Datetime(b)) => whole(Some(i128::from(*a) - i128::from(*b))),
        (Add | Sub, Date(day), Integer(span)) => {
            // Of the span only whole days count.
            let span = if op == Add { span / DAY } else { -(span / DAY) };
            Cell::of(functions::in_calendar(i128::from(*day) + i128::from(span)), Cell::Date)
        }
        (Add | Sub, Datetime(at), Integer(span)) => {
            let span = i128::from(*span);
            let moved = i128::from(*at) + if op == Add { span } else { -span };
            let there = functions::in_calendar(moved.div_euclid(i128::from(DAY))).is_some();
            if there { Cell::of(i64::try_from(moved).ok(), Cell::Datetime) } else { Cell::Missing }
        }
        (Add, Integer(a), Integer(b)) => whole(Some(i128::from(*a) + i128::from(*b))),
        (Sub, Integer(a), Integer(b)) => whole(Some(i128::from(*a) - i128::from(*b))),
        (Mul, Integer(a), Integer(b)) => whole(Some(i128::from(*a) * i128::from(*b))),
        (Div, Integer(a), Integer(b)) if a_ty.is_quantity() && b_ty.is_quantity() => {
            if *b == 0 {
                Cell::Missing
            } else {
                Cell::Number(exact::quotient((*a).into(), *b))
            }
        }
        (Div, Integer(a), Integer(b)) => whole(decimal::div_half_even((*a).into(), (*b).into())),
        // A quantity by a number: exactly by the decimal that the number prints as.
        (Mul, Integer(a), Number(b)) => {
            Cell::of(Decimal::of_f64(*b).and_then(|by| by.scaled((*a).into(), 1)), Cell::Integer)
        }
        (Div, Integer(a), Number(b)) => whole(Decimal::of_f64(*b).and_then(|by| {
            let up = i128::from(*a).checked_mul(10i128.checked_pow(by.scale)?)?;
            decimal::div_half_even(up, by.mantissa)
        })),
        (Add, Number(a), Number(b)) => Cell::number(a + b),
        (Sub, Number(a), Number(b)) => Cell::number(a - b),
        (Mul, Number(a), Number(b)) => Cell::number(a * b),
        (Div, Number(a), Number(b)) => Cell::number(a / b),
        _ => return unknown(format!("{a:?} {} {b:?}", op.text())),
    })
}

/// A day's first microsecond, or the moment itself.
pub fn moment(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Date(day) => Some(midnight(*day)),
        Cell::Datetime(at) => Some(*at),
        _ => None,
    }
}
