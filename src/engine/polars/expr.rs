//! A plan's expression as polars' own, once [`super::rows::Rows::prepare`] has brought in what it needs.

use polars::prelude::*;

use super::rows::{aggregate_name, outer_name, path_column, record_column};
use super::values::Step;
use super::{functions, source, times, values};
use crate::plan::walk::path_name;
use crate::plan::{self, BinaryOp, Kind};
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
pub(super) fn to_polars(expr: &plan::Expr) -> Expr {
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
        Kind::Binary(op, left, right) => binary(*op, left, right, expr),
        Kind::Not(inner) => to_polars(inner).not(),
        Kind::IsMissing(inner) => to_polars(inner).is_null(),
        Kind::InValues(inner, values) => {
            // A few are compared one by one; not with what would have to be worked out as often.
            let few = values.len() <= 8 && inner.size(8) < 8;
            in_values(to_polars(inner), values, &inner.ty, few)
        }
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
        Kind::Call(function, args) => {
            steps(expr).unwrap_or_else(|| functions::call(*function, args, &expr.ty))
        }
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

fn in_values(x: Expr, values: &[Value], ty: &Type, few: bool) -> Expr {
    let unknown_if_missing = |found: Expr| when(x.clone().is_null()).then(lit(NULL)).otherwise(found);
    match values {
        [] => unknown_if_missing(lit(false)).cast(DataType::Boolean),
        values if few => {
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

fn binary(op: BinaryOp, left: &plan::Expr, right: &plan::Expr, whole: &plan::Expr) -> Expr {
    // A chain of one operator is one operation: polars asks every expression about all below it, again and again.
    let each = || whole.operands(op).into_iter().map(to_polars).collect::<Vec<Expr>>();
    let sides = || (to_polars(left), to_polars(right));
    let both = |join: fn(Expr, Expr) -> Expr| {
        let (a, b) = sides();
        join(a, b)
    };
    match op {
        BinaryOp::And => all_of(each()),
        BinaryOp::Or => joined(each(), Expr::or).unwrap_or_else(|| lit(false)),
        BinaryOp::Coalesce => coalesce(&each()),
        BinaryOp::Add if left.ty == Type::Text => concat_str(each(), "", false),
        BinaryOp::Eq => both(Expr::eq),
        BinaryOp::Ne => both(Expr::neq),
        BinaryOp::Lt => both(Expr::lt),
        BinaryOp::Le => both(Expr::lt_eq),
        BinaryOp::Gt => both(Expr::gt),
        BinaryOp::Ge => both(Expr::gt_eq),
        BinaryOp::Contains => {
            both(|a, b| a.str().to_lowercase().str().contains_literal(b.str().to_lowercase()))
        }
        BinaryOp::StartsWith => both(|a, b| a.str().to_lowercase().str().starts_with(b.str().to_lowercase())),
        BinaryOp::EndsWith => both(|a, b| a.str().to_lowercase().str().ends_with(b.str().to_lowercase())),
        BinaryOp::Matches => both(|a, b| a.str().contains(b, true)),
        BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => steps(whole).unwrap_or_else(|| {
            let (a, b) = sides();
            arithmetic(op, a, left, b, right, &whole.ty)
        }),
    }
}

/// All must be true. Of tests joined by `&` polars makes a filter each, and of those a chain again, as tall as they
/// are many; what it knows to do with some of them it won't find among hundreds.
pub(super) fn all_of(tests: Vec<Expr>) -> Expr {
    match tests.len() {
        0..=128 => joined(tests, Expr::and).unwrap_or_else(|| lit(true)),
        _ => all_horizontal(tests).unwrap_or_else(|_| lit(true)),
    }
}

/// Halves first: a thousand joined one after another would be a tree of that height.
fn joined(mut parts: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    if parts.len() < 2 {
        return parts.pop();
    }
    let rest = parts.split_off(parts.len() / 2);
    Some(join(joined(parts, join)?, joined(rest, join)?))
}

/// The operation on two values of a row that an expression is, and these values, where it is a plain one.
fn step(expr: &plan::Expr) -> Option<(Step, &plan::Expr, &plan::Expr)> {
    use BinaryOp::{Add, Div, Mul, Sub};
    let (op, left, right) = match &expr.kind {
        Kind::Binary(op @ (Add | Sub | Mul | Div), left, right) => (op, &**left, &**right),
        Kind::Call(plan::Function::AddMonths, args) => {
            let [date, months] = args.as_slice() else { return None };
            return Some((times::add_months(&date.ty)?, date, months));
        }
        _ => return None,
    };
    let whole = |ty: &Type| *ty == Type::Integer || ty.is_quantity();
    let step = match (op, &left.ty, &right.ty) {
        (_, Type::Number, Type::Number) | (Mul | Div, Type::Rate(_), Type::Integer | Type::Number) => {
            Step::Number(match op {
                Add => |a, b| a + b,
                Sub => |a, b| a - b,
                Mul => |a, b| a * b,
                _ => |a, b| a / b,
            })
        }
        (_, Type::Date | Type::Datetime, Type::Duration) => times::shift(&left.ty, *op == Sub)?,
        (Mul, x, Type::Number) if x.is_quantity() => Step::Scaled(values::times),
        (Div, x, Type::Number) if x.is_quantity() => Step::Scaled(values::over),
        (Div, x, Type::Integer) if x.is_quantity() => Step::Whole(values::share),
        (Add, x, y) if whole(x) && whole(y) => Step::Whole(i64::checked_add),
        (Sub, x, y) if whole(x) && whole(y) => Step::Whole(i64::checked_sub),
        (Mul, x, y) if whole(x) && whole(y) => Step::Whole(i64::checked_mul),
        _ => return None,
    };
    Some((step, left, right))
}

/// A plain operation on what another of its kind gives, and so on, in the order of writing: it matters to what is too
/// large, and to the last digit of a number. `None` where it isn't a plain one.
fn steps(whole: &plan::Expr) -> Option<Expr> {
    let (mut steps, mut first) = (Vec::new(), whole);
    while let Some((step, left, right)) = step(first).filter(|_| dtype(&first.ty) == dtype(&whole.ty)) {
        steps.push((step, to_polars(right)));
        first = left;
    }
    steps.reverse();
    (!steps.is_empty()).then(|| values::steps(to_polars(first), steps, dtype(&whole.ty)))
}

/// The other operations, with units, days and moments.
fn arithmetic(op: BinaryOp, a: Expr, left: &plan::Expr, b: Expr, right: &plan::Expr, ty: &Type) -> Expr {
    use BinaryOp::{Div, Mul, Sub};
    match (op, &left.ty, &right.ty) {
        (Mul, Type::Rate(rate), y) if *y == rate.per => values::whole_number(b, a, rate.times()),
        (Div, x, Type::Rate(rate)) if *x == rate.of => values::whole_number(a, b, rate.bought()),
        (Div, Type::Rate(_), _) => values::number2(a, b, |a, b| a / b),
        (Sub, Type::Date, Type::Date) => {
            let days = |x: Expr| x.cast(DataType::Int32).cast(DataType::Int64);
            values::whole2(days(a), days(b), values::day_span)
        }
        (Sub, Type::Datetime, Type::Datetime) => {
            values::whole2(a.cast(DataType::Int64), b.cast(DataType::Int64), i64::checked_sub)
        }
        // What is left is one quantity over another.
        _ => match ty {
            Type::Rate(rate) => values::quotient(a, b, rate.quotient()),
            _ => values::quotient(a, b, |a, b| nearest(a.into(), b.into())),
        },
    }
}

/// What shows for a record: its value without the key that tells it apart.
pub(super) fn record_title(x: Expr) -> Expr {
    values::text(x, |value| value.split('\u{1f}').nth(1).map(str::to_string))
}
