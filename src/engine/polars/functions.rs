//! How this engine says each function of a row's values. polars' own where it means the same; else row by row, by
//! what [`crate::types`] says of one value.

use polars::prelude::*;

use super::expr::{dtype, record_title, to_polars};
use super::{times, values};
use crate::plan::{self, Function, Kind};
use crate::types::step::{self, To};
use crate::types::{Type, Value};

/// A function of values; `ty` is what it gives.
pub(super) fn call(function: Function, args: &[plan::Expr], ty: &Type) -> Expr {
    let Some(first) = args.first() else { return lit(NULL).cast(dtype(ty)) };
    let x = to_polars(first);
    match function {
        Function::ToNumber => x.cast(DataType::Float64),
        Function::ToDate => x.dt().date(),
        Function::CategoryText => match &first.ty {
            Type::Category(category) => values::category_text(x, category.values.clone()),
            _ => x,
        },
        Function::RecordText => record_title(x),
        Function::Day
        | Function::Week
        | Function::Month
        | Function::Quarter
        | Function::Fy
        | Function::Year
        | Function::Weekday
        | Function::Hour
        | Function::MonthOfYear
        | Function::DayOfMonth
        | Function::Date
        | Function::Datetime
        | Function::Age
        | Function::AddMonths => {
            let operands: Vec<Expr> = std::iter::once(x).chain(args.iter().skip(1).map(to_polars)).collect();
            times::call(function, args, &operands).unwrap_or_else(|| lit(NULL).cast(dtype(ty)))
        }
        Function::Lower => x.str().to_lowercase(),
        Function::Upper => x.str().to_uppercase(),
        Function::Trim => values::text(x, |text| Some(text.trim().to_string())),
        Function::Length => x.str().len_chars().cast(DataType::Int64),
        Function::Left => {
            let n = count(args, 1);
            values::text(x, move |text| Some(text.chars().take(n).collect()))
        }
        Function::Right => {
            let n = count(args, 1);
            values::text(x, move |text| {
                let before = text.chars().count().saturating_sub(n);
                Some(text.chars().skip(before).collect())
            })
        }
        Function::Mid => {
            let (from, n) = (count(args, 1).saturating_sub(1), count(args, 2));
            values::text(x, move |text| Some(text.chars().skip(from).take(n).collect()))
        }
        Function::Split => {
            let (separator, place) = (words(args, 1), whole(args, 2));
            let nth = usize::try_from(place.unsigned_abs()).unwrap_or(usize::MAX).saturating_sub(1);
            values::text(x, move |text| {
                let part = match place {
                    1.. => text.split(&*separator).nth(nth),
                    _ => text.rsplit(&*separator).nth(nth),
                };
                part.map(str::to_string)
            })
        }
        Function::Replace => {
            let (old, new) = (words(args, 1), words(args, 2));
            values::text(x, move |text| Some(text.replace(&*old, &new)))
        }
        Function::Integer => values::whole_of_text(x),
        Function::Number => values::number_of_text(x),
        Function::Round => multiple(x, args, To::Nearest),
        Function::Floor => multiple(x, args, To::Below),
        Function::Ceil => multiple(x, args, To::Above),
        Function::Mod => {
            let y = args.get(1).map_or_else(|| lit(NULL), to_polars);
            match ty {
                Type::Number => values::number2(x, y, step::number_rest),
                _ => values::whole2(x, y, step::whole_rest),
            }
        }
        Function::Sqrt => values::number(x, f64::sqrt),
        Function::Clamp => clamp(x, args),
        Function::Bucket => bucket(x, args),
        Function::Abs if *ty == Type::Number => values::number(x, f64::abs),
        Function::Abs => values::whole(x, i64::checked_abs),
        Function::Negate if *ty == Type::Number => values::number(x, |value| -value),
        Function::Negate => values::whole(x, i64::checked_neg),
    }
}

/// A multiple of the second argument, which stands in the question.
fn multiple(x: Expr, args: &[plan::Expr], to: To) -> Expr {
    match args.get(1).map(|nearest| &nearest.kind) {
        Some(Kind::Value(Value::Number(nearest))) => {
            let nearest = *nearest;
            values::number(x, move |value| step::number(value, nearest, to))
        }
        Some(Kind::Value(Value::Integer(nearest))) => {
            let nearest = *nearest;
            values::whole(x, move |value| step::whole(value, nearest, to))
        }
        _ => x,
    }
}

/// No less than the second argument, no more than the third.
fn clamp(x: Expr, args: &[plan::Expr]) -> Expr {
    let [_, low, high] = args else { return x };
    match (&low.kind, &high.kind) {
        (&Kind::Value(Value::Integer(low)), &Kind::Value(Value::Integer(high))) => {
            values::whole(x, move |value| Some(value.max(low).min(high)))
        }
        (&Kind::Value(Value::Number(low)), &Kind::Value(Value::Number(high))) => {
            values::number(x, move |value| value.max(low).min(high))
        }
        _ => {
            let (low, high) = (to_polars(low), to_polars(high));
            let least = when(x.clone().lt(low.clone())).then(low).otherwise(x);
            when(least.clone().gt(high.clone())).then(high).otherwise(least)
        }
    }
}

/// How many of the edges a value has reached: the position of its bucket.
fn bucket(x: Expr, args: &[plan::Expr]) -> Expr {
    let edges = args.iter().skip(1);
    if args.first().is_some_and(|x| dtype(&x.ty) == DataType::Float64) {
        let edges: Vec<f64> = edges
            .filter_map(|edge| match edge.kind {
                Kind::Value(Value::Number(n)) => Some(n),
                _ => None,
            })
            .collect();
        positions(x, DataType::Float64, move |series| {
            let values = series.f64()?;
            Ok(values.iter().map(|v| v.map(|v| edges.partition_point(|edge| *edge <= v) as u32)).collect())
        })
    } else {
        let edges: Vec<i64> = edges
            .filter_map(|edge| match edge.kind {
                Kind::Value(Value::Integer(n) | Value::Datetime(n)) => Some(n),
                Kind::Value(Value::Date(day)) => Some(day.into()),
                _ => None,
            })
            .collect();
        positions(x, DataType::Int64, move |series| {
            let values = series.i64()?;
            Ok(values.iter().map(|v| v.map(|v| edges.partition_point(|edge| *edge <= v) as u32)).collect())
        })
    }
}

/// Values of a storage type as positions in a category's list.
fn positions(
    x: Expr,
    stored: DataType,
    f: impl Fn(&Series) -> PolarsResult<UInt32Chunked> + Send + Sync + 'static,
) -> Expr {
    x.map(
        move |column| {
            let series = column.as_materialized_series().to_physical_repr().cast(&stored)?;
            Ok(f(&series)?.with_name(column.name().clone()).into_column())
        },
        values::typed(DataType::UInt32),
    )
}

/// A whole number that stands in the question.
fn whole(args: &[plan::Expr], at: usize) -> i64 {
    match args.get(at).map(|arg| &arg.kind) {
        Some(Kind::Value(Value::Integer(n))) => *n,
        _ => 0,
    }
}

/// The same, as a number of characters.
fn count(args: &[plan::Expr], at: usize) -> usize {
    usize::try_from(whole(args, at)).unwrap_or(usize::MAX)
}

/// A text that stands in the question.
fn words(args: &[plan::Expr], at: usize) -> String {
    match args.get(at).map(|arg| &arg.kind) {
        Some(Kind::Value(Value::Text(text))) => text.clone(),
        _ => String::new(),
    }
}
