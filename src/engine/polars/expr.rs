//! A plan's expression as polars' own, once [`super::rows::Rows::prepare`] has brought in what it needs.

use polars::prelude::*;

use super::rows::{aggregate_name, outer_name, path_column, record_column};
use super::{functions, source, times, values};
use crate::plan::walk::path_name;
use crate::plan::{BinaryOp, Kind};
use crate::survey::columnar::col;
use crate::types::ratio::nearest;
use crate::types::time::midnight;
use crate::types::{Type, Units, Value};

/// How values of a type are stored while a question is worked out.
pub(super) fn dtype(ty: &Type) -> DataType {
    match ty {
        Type::Bool => DataType::Boolean,
        Type::Integer | Type::Money(_) | Type::Mass | Type::Volume | Type::Items(_) | Type::Duration => {
            DataType::Int64
        }
        Type::Number | Type::Rate(_) => DataType::Float64,
        Type::Text | Type::Id | Type::Record(_) | Type::Missing => DataType::String,
        Type::Category(_) => DataType::UInt32,
        Type::Date => DataType::Date,
        Type::Datetime => DataType::Datetime(TimeUnit::Microseconds, None),
    }
}

/// The expression, over a frame that [`super::rows::Rows::prepare`] has seen it for.
pub(super) fn to_polars(expr: &crate::plan::Expr) -> Expr {
    match &expr.kind {
        Kind::Value(value) => literal(value, &expr.ty),
        Kind::Stored(column) => col(column.name.as_str()),
        Kind::Path(path, column) => col(path_column(&path_name(path), &column.name)),
        Kind::Record(path) => col(record_column(&path_name(path))),
        Kind::Made(name) => col(&**name),
        Kind::This(inner, _) => col(outer_name(inner)),
        Kind::Aggregate(aggregate) => col(aggregate_name(aggregate)),
        Kind::Window(window) => col(super::window::name(window)),
        Kind::InQuery(inner, query) => col(super::membership::name(inner, query)),
        Kind::Measure { amount, unit, codes, kinds } => {
            let units = Units { kinds: kinds.to_vec() };
            source::measure(to_polars(amount), to_polars(unit), codes, units, expr.ty.clone())
        }
        Kind::Binary(op, left, right) => binary(*op, left, right, &expr.ty),
        Kind::Not(inner) => to_polars(inner).not(),
        Kind::IsMissing(inner) => to_polars(inner).is_null(),
        Kind::InValues(inner, values) => in_values(to_polars(inner), values, &inner.ty),
        Kind::InRange(inner, low, high) => {
            let x = to_polars(inner);
            x.clone().gt_eq(to_polars(low)).and(x.lt_eq(to_polars(high)))
        }
        Kind::InPeriod(inner, period) => {
            let x = to_polars(inner);
            let known = x.clone().is_not_null();
            let at = |day: i32| match inner.ty {
                Type::Datetime => literal(&Value::Datetime(midnight(day)), &Type::Datetime),
                _ => literal(&Value::Date(day), &Type::Date),
            };
            let from = period.first.map(|first| x.clone().gt_eq(at(first)));
            // The whole last day is in: up to, not including, the midnight after it.
            let until = period.last.and_then(|last| last.checked_add(1)).map(|next| x.clone().lt(at(next)));
            match (from, until) {
                (Some(from), Some(until)) => from.and(until),
                (Some(one), None) | (None, Some(one)) => one,
                (None, None) => when(known).then(lit(true)).otherwise(lit(NULL)),
            }
        }
        Kind::If(test, then, otherwise) => {
            when(to_polars(test)).then(to_polars(then)).otherwise(to_polars(otherwise))
        }
        Kind::Call(function, args) => functions::call(*function, args, &expr.ty),
    }
}

/// A literal of a type: `lit` alone leaves it to polars how wide a number is.
pub(super) fn literal(value: &Value, ty: &Type) -> Expr {
    match value {
        Value::Missing => lit(NULL).cast(dtype(ty)),
        Value::Bool(b) => lit(*b),
        Value::Integer(n) => lit(Scalar::from(*n)),
        Value::Number(n) => lit(Scalar::from(*n)),
        Value::Text(text) => lit(text.as_str()),
        Value::Category(at) => lit(Scalar::from(*at)),
        Value::Date(day) => lit(Scalar::from(*day)).cast(DataType::Date),
        Value::Datetime(at) => lit(Scalar::from(*at)).cast(DataType::Datetime(TimeUnit::Microseconds, None)),
    }
}

fn in_values(x: Expr, values: &[Value], ty: &Type) -> Expr {
    let unknown_if_missing = |found: Expr| when(x.clone().is_null()).then(lit(NULL)).otherwise(found);
    match values {
        [] => unknown_if_missing(lit(false)).cast(DataType::Boolean),
        values if values.len() <= 8 => {
            let each = values.iter().map(|value| x.clone().eq(literal(value, ty)));
            each.reduce(Expr::or).unwrap_or_else(|| lit(false))
        }
        values => {
            let list = match values.first() {
                Some(Value::Text(_)) => {
                    series(values, |v| if let Value::Text(t) = v { Some(t.as_str()) } else { None })
                }
                Some(Value::Number(_)) => {
                    series(values, |v| if let Value::Number(n) = v { Some(*n) } else { None })
                }
                Some(Value::Category(_)) => {
                    series(values, |v| if let Value::Category(n) = v { Some(*n) } else { None })
                }
                Some(Value::Date(_)) => {
                    series(values, |v| if let Value::Date(n) = v { Some(*n) } else { None })
                }
                Some(Value::Bool(_)) => {
                    series(values, |v| if let Value::Bool(b) = v { Some(*b) } else { None })
                }
                _ => series(values, |v| match v {
                    Value::Integer(n) | Value::Datetime(n) => Some(*n),
                    _ => None,
                }),
            };
            let list = list.cast(&dtype(ty)).unwrap_or(list);
            x.is_in(lit(list).implode(true), false)
        }
    }
}

fn series<'v, T>(values: &'v [Value], pick: impl Fn(&'v Value) -> Option<T>) -> Series
where
    Series: NamedFrom<Vec<T>, [T]>,
    T: 'v,
{
    Series::new("set".into(), values.iter().filter_map(pick).collect::<Vec<T>>())
}

fn binary(op: BinaryOp, left: &crate::plan::Expr, right: &crate::plan::Expr, ty: &Type) -> Expr {
    let (a, b) = (to_polars(left), to_polars(right));
    match op {
        BinaryOp::And => a.and(b),
        BinaryOp::Or => a.or(b),
        BinaryOp::Eq => a.eq(b),
        BinaryOp::Ne => a.neq(b),
        BinaryOp::Lt => a.lt(b),
        BinaryOp::Le => a.lt_eq(b),
        BinaryOp::Gt => a.gt(b),
        BinaryOp::Ge => a.gt_eq(b),
        BinaryOp::Contains => a.str().to_lowercase().str().contains_literal(b.str().to_lowercase()),
        BinaryOp::StartsWith => a.str().to_lowercase().str().starts_with(b.str().to_lowercase()),
        BinaryOp::EndsWith => a.str().to_lowercase().str().ends_with(b.str().to_lowercase()),
        BinaryOp::Matches => a.str().contains(b, true),
        BinaryOp::Coalesce => coalesce(&[a, b]),
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
            arithmetic(op, a, left, b, right, ty)
        }
    }
}

fn arithmetic(
    op: BinaryOp,
    a: Expr,
    left: &crate::plan::Expr,
    b: Expr,
    right: &crate::plan::Expr,
    ty: &Type,
) -> Expr {
    use BinaryOp::{Add, Div, Mul, Sub};
    match (op, &left.ty, &right.ty) {
        (Mul, Type::Rate(rate), y) if *y == rate.per => values::whole_number(b, a, rate.times()),
        (Div, x, Type::Rate(rate)) if *x == rate.of => values::whole_number(a, b, rate.bought()),
        (Mul, Type::Rate(_), _) => values::number2(a, b, |a, b| a * b),
        (Div, Type::Rate(_), _) => values::number2(a, b, |a, b| a / b),
        (Add, Type::Text, _) => concat_str([a, b], "", false),
        (Sub, Type::Date, Type::Date) => {
            let days = |x: Expr| x.cast(DataType::Int32).cast(DataType::Int64);
            values::whole2(days(a), days(b), values::day_span)
        }
        (Sub, Type::Datetime, Type::Datetime) => {
            values::whole2(a.cast(DataType::Int64), b.cast(DataType::Int64), i64::checked_sub)
        }
        (_, Type::Date, Type::Duration) => times::shift_date(a, b, if op == Add { 1 } else { -1 }),
        (_, Type::Datetime, Type::Duration) => times::shift_datetime(a, b, op == Sub),
        (Div, x, y) if x.is_quantity() && y.is_quantity() => match ty {
            Type::Rate(rate) => values::quotient(a, b, rate.quotient()),
            _ => values::quotient(a, b, |a, b| nearest(a.into(), b.into())),
        },
        (Mul, x, Type::Number) if x.is_quantity() => values::whole_number(a, b, values::times),
        (Div, x, Type::Number) if x.is_quantity() => values::whole_number(a, b, values::over),
        (Div, x, Type::Integer) if x.is_quantity() => values::whole2(a, b, |a, b| {
            i64::try_from(crate::types::decimal::div_half_even(a.into(), b.into())?).ok()
        }),
        (_, Type::Number, _) => {
            let f = match op {
                Add => |a: f64, b: f64| a + b,
                Sub => |a: f64, b: f64| a - b,
                Mul => |a: f64, b: f64| a * b,
                _ => |a: f64, b: f64| a / b,
            };
            values::number2(a, b, f)
        }
        _ => {
            let f = match op {
                Add => i64::checked_add,
                Sub => i64::checked_sub,
                _ => i64::checked_mul,
            };
            values::whole2(a, b, f)
        }
    }
}

/// What shows for a record: its value without the key that tells it apart.
pub(super) fn record_title(x: Expr) -> Expr {
    values::text(x, |value| value.split('\u{1f}').nth(1).map(str::to_string))
}
