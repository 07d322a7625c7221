//! A plan as `explain` prints it: close to how the question was written, with every path, conversion and
//! derived column spelled out.

use std::fmt::{self, Formatter, Write};

use super::walk::path_name;
use super::{Aggregate, Expr, Kind, Over, Query, SortKey, Stage};
use crate::types::time::{date_of, datetime_of};
use crate::types::{Type, Unit, Value, decimal};

/// The whole plan, a stage a line.
pub(super) fn query(query: &Query, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}", query.table.name)?;
    for stage in &query.stages {
        f.write_str("| ")?;
        match stage {
            Stage::Where(expr) => write!(f, "where {expr}")?,
            Stage::Let(name, expr) => write!(f, "let {name} = {expr}")?,
            Stage::Group { keys, items } => {
                f.write_str("summarise ")?;
                named(items, f)?;
                if !keys.is_empty() {
                    f.write_str(" by ")?;
                    named(keys, f)?;
                }
            }
            Stage::Sort(keys) => {
                f.write_str("sort ")?;
                list(keys, f, sort_key)?;
            }
            Stage::Take { n, per } => {
                write!(f, "take {n}")?;
                groups(per, f)?;
            }
            Stage::Top { n, by, per } => {
                write!(f, "top {n} by ")?;
                sort_key(by, f)?;
                groups(per, f)?;
            }
            Stage::Distinct { on, .. } => {
                f.write_str("distinct ")?;
                list(on, f, expr)?;
            }
        }
        f.write_char('\n')?;
    }
    f.write_str("gives ")?;
    list(&query.output, f, |column, f| write!(f, "{}: {}", column.name, column.expr.ty))?;
    f.write_char('\n')
}

fn list<T>(
    items: &[T],
    f: &mut Formatter<'_>,
    print: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        print(item, f)?;
    }
    Ok(())
}

fn named(items: &[(super::Made, Expr)], f: &mut Formatter<'_>) -> fmt::Result {
    list(items, f, |(name, expr), f| write!(f, "{name} = {expr}"))
}

fn sort_key(key: &SortKey, f: &mut Formatter<'_>) -> fmt::Result {
    if key.descending {
        f.write_char('-')?;
    }
    expr(&key.expr, f)
}

fn groups(per: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    if per.is_empty() {
        return Ok(());
    }
    f.write_str(" per ")?;
    list(per, f, expr)
}

/// One expression, with brackets around every operation.
pub(super) fn expr(expr: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    match &expr.kind {
        Kind::Value(literal) => value(literal, &expr.ty, f),
        Kind::Stored(column) => f.write_str(&column.name),
        Kind::Path(path, column) => write!(f, "{}.{}", path_name(path), column.name),
        Kind::Record(path) => f.write_str(&path_name(path)),
        Kind::Made(name) => f.write_str(name),
        Kind::This(inner, _) => write!(f, "this.{inner}"),
        Kind::Measure { amount, unit, .. } => write!(f, "{}({amount} in {unit})", expr.ty),
        Kind::Binary(op, a, b) => write!(f, "({a} {} {b})", op.text()),
        Kind::Not(a) => write!(f, "not {a}"),
        Kind::IsMissing(a) => write!(f, "({a} is missing)"),
        Kind::InValues(a, values) => {
            write!(f, "({a} in [")?;
            list(values, f, |v, f| value(v, &a.ty, f))?;
            f.write_str("])")
        }
        Kind::InRange(a, low, high) => write!(f, "({a} in {low}..{high})"),
        Kind::InPeriod(a, period) => write!(f, "({a} in {})", period.text()),
        Kind::If(test, then, otherwise) => write!(f, "(if {test} then {then} else {otherwise})"),
        Kind::Call(function, args) => {
            write!(f, "{}(", function.name())?;
            list(args, f, self::expr)?;
            f.write_char(')')
        }
        Kind::Aggregate(aggregate) => self::aggregate(aggregate, f),
    }
}

fn aggregate(aggregate: &Aggregate, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{}(", aggregate.function.name())?;
    let mut gap = "";
    match &aggregate.over {
        Over::Rows if aggregate.arg.is_some() => write!(f, "each ")?,
        Over::Rows => {}
        Over::Path(steps) => {
            let names: Vec<_> = steps.iter().map(super::Step::name).collect();
            write!(f, "{}", names.join("."))?;
            gap = if aggregate.arg.is_some() { ": " } else { " " };
        }
    }
    if let Some(arg) = &aggregate.arg {
        write!(f, "{gap}{arg}")?;
        gap = " ";
    }
    if let Some(filter) = &aggregate.filter {
        write!(f, "{gap}where {filter}")?;
    }
    f.write_char(')')
}

fn value(value: &Value, ty: &Type, f: &mut Formatter<'_>) -> fmt::Result {
    match (value, ty) {
        (Value::Missing, _) => f.write_str("missing"),
        (Value::Bool(b), _) => write!(f, "{b}"),
        (Value::Integer(n), ty) => match Unit::default_of(ty) {
            Some(unit) => {
                write!(f, "{} {}", decimal::format_scaled(i128::from(*n), unit.num, unit.den, 9), unit.name)
            }
            None => write!(f, "{n}"),
        },
        (Value::Number(n), Type::Rate(rate)) => match rate.unit() {
            Some(unit) => write!(f, "{n} {}", unit.name()),
            None => write!(f, "{n}"),
        },
        (Value::Number(n), _) => write!(f, "{n}"),
        (Value::Text(text), _) => write!(f, "{text:?}"),
        (Value::Category(at), Type::Category(category)) => {
            write!(f, "{:?}", category.values.get(*at as usize).map_or("?", String::as_str))
        }
        (Value::Category(at), _) => write!(f, "{at}"),
        (Value::Date(day), _) => match date_of(*day) {
            Some(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            None => write!(f, "day {day}"),
        },
        (Value::Datetime(at), _) => match datetime_of(*at) {
            Some(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%S")),
            None => write!(f, "{at} µs"),
        },
    }
}
