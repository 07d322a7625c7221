//! An answer without a row is often one about days of which there are no records yet: `arrested_at in last week`, where
//! the last export is two months old. Where a question holds a date against days that all lie after the latest of its
//! column, or before the earliest, a note says where that is. Only then are the column's ends read. What is marked
//! `personal` shows none.

use std::sync::Arc;

use super::unknown::written;
use super::{compared, nearest};
use crate::catalog::Table;
use crate::plan::{Aggregate, Aggregator, BinaryOp, Expr, Function, Grouping, Kind, Made, Query};
use crate::types::time::day_text;
use crate::types::{Bin, Period, Type, Value};

/// A column that is held against spans of days.
#[derive(Clone, Debug)]
pub struct Dated {
    /// As the question names it.
    name: String,
    table: Arc<Table>,
    column: Expr,
    wanted: Vec<Period>,
}

/// The columns that a question holds against days, each once. What must lie elsewhere leaves nothing empty.
pub fn dated(query: &Query) -> Vec<Dated> {
    let mut found: Vec<Dated> = Vec::new();
    compared::each(query, &mut |expr, columns, turned| {
        let Some((of, wanted)) = days(expr).filter(|_| !turned) else { return };
        let Some((table, column)) = nearest::public(of, columns) else { return };
        let name = written(of);
        match found.iter_mut().find(|known| known.name == name && known.table.name == table.name) {
            Some(known) => known.wanted.push(wanted),
            None => found.push(Dated { name, table: Arc::clone(table), column, wanted: vec![wanted] }),
        }
    });
    found
}

/// The date that an expression asks for, and the days that it wants.
fn days(expr: &Expr) -> Option<(&Expr, Period)> {
    let whole = |of: &'_ Expr| matches!(of.ty, Type::Date | Type::Datetime);
    match &expr.kind {
        Kind::InPeriod(of, period) => Some((of, *period)),
        Kind::InRange(of, low, high) if whole(of) => Some((bare(of), Period::between(day(low), day(high)))),
        Kind::Binary(op, a, b) if whole(a) => {
            let (of, value, op) = match (day(a), day(b)) {
                (None, Some(value)) => (a, value, *op),
                (Some(value), None) => (b, value, op.turned()),
                _ => return None,
            };
            let period = match op {
                BinaryOp::Eq => Period::between(Some(value), Some(value)),
                // At noon of a day there may be more of it; behind a day itself there is none.
                BinaryOp::Gt if of.ty == Type::Date => Period::between(value.checked_add(1), None),
                BinaryOp::Lt if of.ty == Type::Date => Period::between(None, value.checked_sub(1)),
                BinaryOp::Ge | BinaryOp::Gt => Period::between(Some(value), None),
                BinaryOp::Le | BinaryOp::Lt => Period::between(None, Some(value)),
                _ => return None,
            };
            Some((bare(of), period))
        }
        _ => None,
    }
}

/// The day of a value that stands in the question.
fn day(expr: &Expr) -> Option<i32> {
    match &expr.kind {
        Kind::Value(Value::Date(day)) => Some(*day),
        Kind::Value(Value::Datetime(micros)) => {
            i32::try_from(micros.div_euclid(crate::types::unit::DAY)).ok()
        }
        _ => None,
    }
}

/// A datetime of which the day is asked.
fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        Kind::Call(Function::ToDate, args) => args.first().unwrap_or(expr),
        _ => expr,
    }
}

impl Dated {
    /// The question for its earliest and its latest value: a row.
    pub fn ends(&self) -> Query {
        let end = |name: &str, function: Aggregator, id: usize| -> (Made, Expr) {
            let count = Expr::row_count();
            let Kind::Aggregate(rows) = &count.kind else { return (name.into(), count) };
            let aggregate = Aggregate { id, function, arg: Some(self.column.clone()), ..(**rows).clone() };
            (name.into(), Expr { kind: Kind::Aggregate(Arc::new(aggregate)), ..self.column.clone() })
        };
        let items = vec![
            end("\u{1}first", Aggregator::Min, usize::MAX - 1),
            end("\u{1}last", Aggregator::Max, usize::MAX - 2),
        ];
        nearest::asked(&self.table, Grouping::new(Vec::new(), items))
    }

    /// What to tell the reader, knowing the column's first and last day: nothing where a wanted one lies between them.
    pub fn text(&self, first: i32, last: i32) -> Option<String> {
        let says =
            |what: &str, day: i32| Some(format!("{} {what} on {}", self.name, day_text(day, Bin::Day)));
        if self.wanted.iter().any(|wanted| wanted.first.is_some_and(|day| day > last)) {
            return says("ends", last);
        }
        if self.wanted.iter().any(|wanted| wanted.last.is_some_and(|day| day < first)) {
            return says("begins", first);
        }
        None
    }
}
