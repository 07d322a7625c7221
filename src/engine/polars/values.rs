//! Exact arithmetic over columns. Quantities are 64-bit counts, and polars' own operators on them wrap
//! in silence; what stands here checks every row, rounds half to even where it rounds, and makes missing
//! what has no answer. A constant comes as a column of one row and is stretched.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use polars::prelude::*;

use crate::files::field;
use crate::types::decimal::{div_half_even, format_scaled};
use crate::types::ratio::nearest;
use crate::types::unit::DAY;
use crate::types::{Decimal, Unit};

/// What an overflowing sum's error begins with, so that it can be told from a read error.
pub(super) const OVERFLOW: &str = "casebook-overflow: ";

/// A field of the first input's name with another type.
pub(super) fn typed(
    dtype: DataType,
) -> impl Fn(&Schema, &Field) -> PolarsResult<Field> + Send + Sync + 'static {
    move |_, field| Ok(Field::new(field.name().clone(), dtype.clone()))
}

fn typed_many(dtype: DataType) -> impl Fn(&Schema, &[Field]) -> PolarsResult<Field> + Send + Sync + 'static {
    move |_, fields| Ok(Field::new(fields[0].name().clone(), dtype.clone()))
}

/// Row by row over one column of whole counts.
pub(super) fn whole(x: Expr, f: impl Fn(i64) -> Option<i64> + Send + Sync + 'static) -> Expr {
    x.map(
        move |column| {
            let column = column.as_materialized_series().cast(&DataType::Int64)?;
            let values = column.i64()?;
            let out: Int64Chunked = values.iter().map(|v| v.and_then(&f)).collect();
            Ok(out.with_name(column.name().clone()).into_column())
        },
        typed(DataType::Int64),
    )
}

/// Row by row over one column of numbers; what isn't finite becomes missing.
pub(super) fn number(x: Expr, f: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Expr {
    x.map(
        move |column| {
            let column = column.as_materialized_series().cast(&DataType::Float64)?;
            let values = column.f64()?;
            let out: Float64Chunked = values.iter().map(|v| v.map(&f).filter(|v| v.is_finite())).collect();
            Ok(out.with_name(column.name().clone()).into_column())
        },
        typed(DataType::Float64),
    )
}

/// Texts as the whole numbers that they are.
pub(super) fn whole_of_text(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::String)?;
            let out: Int64Chunked = series.str()?.iter().map(|v| field::integer(v?)).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::Int64),
    )
}

/// Texts as the numbers that they are.
pub(super) fn number_of_text(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::String)?;
            let out: Float64Chunked = series.str()?.iter().map(|v| field::number(v?)).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::Float64),
    )
}

/// The rows of two columns side by side, a single row stretched to the other's length.
fn pairs<A: Copy, B: Copy>(
    a: impl Fn(usize) -> Option<A>,
    a_len: usize,
    b: impl Fn(usize) -> Option<B>,
    b_len: usize,
) -> impl Iterator<Item = Option<(A, B)>> {
    let len = if a_len == 1 { b_len } else { a_len };
    (0..len).map(move |row| {
        let a = a(if a_len == 1 { 0 } else { row })?;
        let b = b(if b_len == 1 { 0 } else { row })?;
        Some((a, b))
    })
}

/// Row by row over two columns.
fn two<A, B, O>(
    x: Expr,
    y: Expr,
    f: impl Fn(A::Native, B::Native) -> Option<O::Native> + Send + Sync + 'static,
) -> Expr
where
    A: PolarsNumericType,
    B: PolarsNumericType,
    O: PolarsNumericType,
    ChunkedArray<O>: IntoSeries,
{
    x.map_many(
        move |columns| {
            let name = columns[0].name().clone();
            let a = columns[0].as_materialized_series().cast(&A::get_static_dtype())?;
            let b = columns[1].as_materialized_series().cast(&B::get_static_dtype())?;
            let (a, b) = (a.unpack::<A>()?.rechunk(), b.unpack::<B>()?.rechunk());
            let rows = pairs(|row| a.get(row), a.len(), |row| b.get(row), b.len());
            let out: ChunkedArray<O> = rows.map(|pair| pair.and_then(|(a, b)| f(a, b))).collect();
            Ok(out.with_name(name).into_series().into_column())
        },
        &[y],
        typed_many(O::get_static_dtype()),
    )
}

/// Row by row over two columns of whole counts.
pub(super) fn whole2(x: Expr, y: Expr, f: impl Fn(i64, i64) -> Option<i64> + Send + Sync + 'static) -> Expr {
    two::<Int64Type, Int64Type, Int64Type>(x, y, f)
}

/// Row by row over a column of whole counts and one of numbers.
pub(super) fn whole_number(
    x: Expr,
    y: Expr,
    f: impl Fn(i64, f64) -> Option<i64> + Send + Sync + 'static,
) -> Expr {
    two::<Int64Type, Float64Type, Int64Type>(x, y, f)
}

/// Row by row over two columns of numbers; what isn't finite becomes missing.
pub(super) fn number2(x: Expr, y: Expr, f: impl Fn(f64, f64) -> f64 + Send + Sync + 'static) -> Expr {
    two::<Float64Type, Float64Type, Float64Type>(x, y, move |a, b| Some(f(a, b)).filter(|v| v.is_finite()))
}

/// Row by row over two columns of whole counts, of which a number is made.
pub(super) fn quotient(
    x: Expr,
    y: Expr,
    f: impl Fn(i64, i64) -> Option<f64> + Send + Sync + 'static,
) -> Expr {
    two::<Int64Type, Int64Type, Float64Type>(x, y, f)
}

/// An operation on what a chain of them has come to and one more operand.
pub(super) enum Step {
    /// Whole counts.
    Whole(fn(i64, i64) -> Option<i64>),
    /// A whole count and a number.
    Scaled(fn(i64, f64) -> Option<i64>),
    /// Numbers; what isn't finite becomes missing.
    Number(fn(f64, f64) -> f64),
}

/// Row by row, one step after another; all give values that are stored alike.
pub(super) fn steps(first: Expr, steps: Vec<(Step, Expr)>, dtype: DataType) -> Expr {
    let wanted = dtype.clone();
    let (steps, operands): (Vec<Step>, Vec<Expr>) = steps.into_iter().unzip();
    first.map_many(
        move |columns| {
            let Some((first, operands)) = columns.split_first() else { polars_bail!(NoData: "no operand") };
            let rows = columns.iter().map(Column::len).find(|len| *len != 1).unwrap_or(1);
            let operands = || steps.iter().zip(operands);
            let out = if wanted != DataType::Float64 {
                let mut so_far = values::<Int64Type>(first, rows)?;
                for (step, operand) in operands() {
                    match step {
                        Step::Whole(f) => go_on(&mut so_far, &values::<Int64Type>(operand, rows)?, f),
                        Step::Scaled(f) => go_on(&mut so_far, &values::<Float64Type>(operand, rows)?, f),
                        Step::Number(_) => {}
                    }
                }
                let counts = so_far.into_iter().collect::<Int64Chunked>().into_series();
                match wanted {
                    // Days are narrower than moments and amounts.
                    DataType::Date => counts.cast(&DataType::Int32)?.cast(&wanted)?,
                    _ => counts.cast(&wanted)?,
                }
            } else {
                let mut so_far = values::<Float64Type>(first, rows)?;
                for (step, operand) in operands() {
                    if let Step::Number(f) = step {
                        let f = |a, b| Some(f(a, b)).filter(|v| v.is_finite());
                        go_on(&mut so_far, &values::<Float64Type>(operand, rows)?, f);
                    }
                }
                so_far.into_iter().collect::<Float64Chunked>().into_series()
            };
            Ok(out.with_name(first.name().clone()).into_column())
        },
        &operands,
        typed_many(dtype),
    )
}

/// A column's values, a single one for every row.
fn values<T: PolarsNumericType>(column: &Column, rows: usize) -> PolarsResult<Vec<Option<T::Native>>> {
    let series = column.as_materialized_series().to_physical_repr().cast(&T::get_static_dtype())?;
    let values = series.unpack::<T>()?;
    Ok(if values.len() == 1 { vec![values.get(0); rows] } else { values.iter().collect() })
}

fn go_on<A: Copy, B: Copy>(so_far: &mut [Option<A>], operand: &[Option<B>], f: impl Fn(A, B) -> Option<A>) {
    for (so_far, operand) in so_far.iter_mut().zip(operand) {
        *so_far = so_far.zip(*operand).and_then(|(a, b)| f(a, b));
    }
}

/// A quantity times a number, rounded half to even.
pub(super) fn times(quantity: i64, factor: f64) -> Option<i64> {
    let decimal = Decimal::of_f64(factor)?;
    decimal.scaled(i128::from(quantity), 1)
}

/// A quantity over a number, rounded half to even; over nought missing.
pub(super) fn over(quantity: i64, divisor: f64) -> Option<i64> {
    let decimal = Decimal::of_f64(divisor)?;
    let dividend = i128::from(quantity).checked_mul(10i128.checked_pow(decimal.scale)?)?;
    i64::try_from(div_half_even(dividend, decimal.mantissa)?).ok()
}

/// A quantity over a whole number, rounded half to even; over nought missing.
pub(super) fn share(quantity: i64, divisor: i64) -> Option<i64> {
    i64::try_from(div_half_even(quantity.into(), divisor.into())?).ok()
}

/// The microseconds of whole days.
pub(super) fn day_span(first: i64, second: i64) -> Option<i64> {
    first.checked_sub(second)?.checked_mul(DAY)
}

/// Numbers as whole counts of 10⁻⁹ in 128 bits, so that their sum hangs on no order.
pub(super) fn fixed_point(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::Float64)?;
            let mut out = PrimitiveChunkedBuilder::<Int128Type>::new(series.name().clone(), series.len());
            for value in series.f64()?.iter() {
                match value {
                    Some(v) => out.append_value(nano_of(v)?),
                    None => out.append_null(),
                }
            }
            Ok(out.finish().into_column())
        },
        typed(DataType::Int128),
    )
}

/// A number as a whole count of 10⁻⁹.
pub(super) fn nano_of(v: f64) -> PolarsResult<i128> {
    // Ten to the eighteenth leaves room for a hundred billion rows.
    if v.abs() >= 1e18 {
        polars_bail!(ComputeError: "{OVERFLOW}{v} is too large to be summed exactly");
    }
    let whole = v.trunc();
    let rest = ((v - whole) * 1e9).round_ties_even();
    Ok(whole as i128 * 1_000_000_000 + rest as i128)
}

/// A sum in 128 bits as a 64-bit count.
pub(super) fn sum_of(v: i128) -> PolarsResult<i64> {
    match i64::try_from(v) {
        Ok(v) => Ok(v),
        Err(_) => polars_bail!(ComputeError: "{OVERFLOW}a sum is too large for 64 bits"),
    }
}

/// A sum in 128 bits as a 64-bit count; an error where that doesn't hold it.
pub(super) fn checked_sum(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::Int128)?;
            let mut out = PrimitiveChunkedBuilder::<Int64Type>::new(series.name().clone(), series.len());
            for value in series.i128()?.iter() {
                match value {
                    Some(v) => out.append_value(sum_of(v)?),
                    None => out.append_null(),
                }
            }
            Ok(out.finish().into_column())
        },
        typed(DataType::Int64),
    )
}

/// A fixed-point sum as a number.
pub(super) fn from_fixed_point(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::Int128)?;
            let sums = series.i128()?;
            let out: Float64Chunked = sums.iter().map(|v| v.map(nano_to_f64)).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::Float64),
    )
}

pub(super) fn nano_to_f64(nano: i128) -> f64 {
    Decimal { mantissa: nano, scale: 9 }.to_f64()
}

/// What a mean is of.
#[derive(Clone, Copy, Debug)]
pub(super) enum MeanOf {
    /// Integers: a number comes out.
    Integers,
    /// Fixed-point numbers: a number comes out.
    Numbers,
    /// Quantities: a quantity comes out, rounded half to even.
    Quantities,
}

/// An exact sum over a count.
pub(super) fn mean(sum: Expr, count: Expr, of: MeanOf) -> Expr {
    let dtype = if matches!(of, MeanOf::Quantities) { DataType::Int64 } else { DataType::Float64 };
    sum.map_many(
        move |columns| {
            let name = columns[0].name().clone();
            let sums = columns[0].as_materialized_series().cast(&DataType::Int128)?;
            let counts = columns[1].as_materialized_series().cast(&DataType::Int64)?;
            let (sums, counts) = (sums.i128()?.rechunk(), counts.i64()?.rechunk());
            let rows = pairs(|row| sums.get(row), sums.len(), |row| counts.get(row), counts.len());
            let rows = rows.map(|pair| pair.filter(|(_, count)| *count > 0));
            Ok(match of {
                MeanOf::Quantities => {
                    let mean =
                        |(sum, count): (i128, i64)| i64::try_from(div_half_even(sum, count.into())?).ok();
                    let out: Int64Chunked = rows.map(|pair| pair.and_then(mean)).collect();
                    out.with_name(name).into_column()
                }
                MeanOf::Integers => {
                    let out: Float64Chunked =
                        rows.map(|pair| pair.and_then(|(sum, count)| nearest(sum, count.into()))).collect();
                    out.with_name(name).into_column()
                }
                MeanOf::Numbers => {
                    let mean = |(sum, count): (i128, i64)| div_half_even(sum, count.into()).map(nano_to_f64);
                    let out: Float64Chunked = rows.map(|pair| pair.and_then(mean)).collect();
                    out.with_name(name).into_column()
                }
            })
        },
        &[count],
        typed_many(dtype),
    )
}

/// Numbers as text, those without a fraction as integers are written.
pub(super) fn number_text(x: Expr) -> Expr {
    x.map(
        |column| {
            let series = column.as_materialized_series().cast(&DataType::Float64)?;
            // Nought has no sign here.
            let out: StringChunked = series.f64()?.iter().map(|v| v.map(|v| (v + 0.0).to_string())).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::String),
    )
}

/// Amounts as text with their unit.
pub(super) fn quantity_text(x: Expr, unit: Unit) -> Expr {
    x.map(
        move |column| {
            let series = column.as_materialized_series().cast(&DataType::Int64)?;
            let text = |v: i64| format!("{} {}", format_scaled(v.into(), unit.num, unit.den, 9), unit.name);
            let out: StringChunked = series.i64()?.iter().map(|v| v.map(text)).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::String),
    )
}

/// Values of any type as text that sorts as they do, missing last.
pub(super) fn sortable(x: Expr) -> Expr {
    const LAST: &str = "\u{10ffff}";
    x.map(
        |column| {
            let series = column.as_materialized_series();
            let name = series.name().clone();
            let out: StringChunked = match series.dtype() {
                DataType::String => {
                    series.str()?.iter().map(|v| Some(v.unwrap_or(LAST).to_string())).collect()
                }
                DataType::Float64 => {
                    // The bits of a float sort as it does, once the negative ones are turned round.
                    let bits = |v: f64| {
                        let bits = v.to_bits();
                        if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
                    };
                    let text = |v: Option<f64>| v.map_or(LAST.to_string(), |v| format!("{:016x}", bits(v)));
                    series.f64()?.iter().map(|v| Some(text(v))).collect()
                }
                _ => {
                    let whole = series.to_physical_repr().cast(&DataType::Int64)?;
                    let text = |v: i64| format!("{:016x}", v.cast_unsigned() ^ (1 << 63));
                    whole.i64()?.iter().map(|v| Some(v.map_or(LAST.to_string(), text))).collect()
                }
            };
            Ok(out.with_name(name).into_column())
        },
        typed(DataType::String),
    )
}

/// The values as they are; on the way the `weight` of every missing one is added to `count`.
pub(super) fn counting_missing(x: Expr, weight: Expr, count: Arc<AtomicU64>, dtype: DataType) -> Expr {
    x.map_many(
        move |columns| {
            let missing = columns[0].as_materialized_series().is_null();
            let weights = columns[1].as_materialized_series().cast(&DataType::UInt64)?;
            let weights = weights.u64()?;
            let single = weights.len() == 1;
            for (row, missing) in missing.iter().enumerate() {
                if missing == Some(true) {
                    count
                        .fetch_add(weights.get(if single { 0 } else { row }).unwrap_or(0), Ordering::Relaxed);
                }
            }
            Ok(std::mem::take(&mut columns[0]))
        },
        &[weight],
        typed_many(dtype),
    )
}

/// The values as they are; on the way the rows for which `flag` is true are added to `count`.
pub(super) fn counting_true(x: Expr, flag: Expr, count: Arc<AtomicU64>, dtype: DataType) -> Expr {
    x.map_many(
        move |columns| {
            let flags = columns[1].as_materialized_series().cast(&DataType::Boolean)?;
            let hits = flags.bool()?.sum().unwrap_or(0);
            // A constant stands for every row.
            let rows = if flags.len() == 1 { columns[0].len() as u64 } else { 1 };
            count.fetch_add(u64::from(hits) * rows, Ordering::Relaxed);
            Ok(std::mem::take(&mut columns[0]))
        },
        &[flag],
        typed_many(dtype),
    )
}

/// The values as they are; on the way the difference between the other two columns is added to `count`.
pub(super) fn counting_skipped(
    x: Expr,
    rows: Expr,
    known: Expr,
    count: Arc<AtomicU64>,
    dtype: DataType,
) -> Expr {
    x.map_many(
        move |columns| {
            let rows = columns[1].as_materialized_series().cast(&DataType::Int64)?.sum::<i64>()?;
            let known = columns[2].as_materialized_series().cast(&DataType::Int64)?.sum::<i64>()?;
            count.fetch_add(u64::try_from(rows - known).unwrap_or(0), Ordering::Relaxed);
            Ok(std::mem::take(&mut columns[0]))
        },
        &[rows, known],
        typed_many(dtype),
    )
}

/// As many different texts are remembered with what becomes of them.
const REMEMBERED: usize = 4096;

/// Text row by row. A column of few different texts is worked out once for each.
pub(super) fn text(x: Expr, f: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Expr {
    x.map(
        move |column| {
            let series = column.as_materialized_series().cast(&DataType::String)?;
            let mut known: PlHashMap<&str, Option<String>> = PlHashMap::new();
            let mut out = StringChunkedBuilder::new(series.name().clone(), series.len());
            for value in series.str()?.iter() {
                let Some(value) = value else {
                    out.append_null();
                    continue;
                };
                if let Some(known) = known.get(value) {
                    out.append_option(known.as_deref());
                    continue;
                }
                let made = f(value);
                out.append_option(made.as_deref());
                if known.len() < REMEMBERED {
                    known.insert(value, made);
                }
            }
            Ok(out.finish().into_column())
        },
        typed(DataType::String),
    )
}

/// A category's positions as its values.
pub(super) fn category_text(x: Expr, values: Vec<String>) -> Expr {
    x.map(
        move |column| {
            let series = column.as_materialized_series().cast(&DataType::UInt32)?;
            let codes = series.u32()?;
            let out: StringChunked =
                codes.iter().map(|code| values.get(code? as usize).map(String::as_str)).collect();
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::String),
    )
}
