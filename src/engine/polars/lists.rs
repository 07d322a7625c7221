//! What needs all of a group's values at once: the median, quantiles, the standard deviation, and the values as one
//! text. The values come sorted (or are sorted here), so that it does not show in which order they were gathered.

use polars::prelude::*;

use super::readable::readable;
use super::values::typed;
use crate::types::decimal::div_half_even;
use crate::types::{Decimal, Show, Type};

/// What is worked out of sorted values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Point {
    /// The middle one, or half-way between the middle two.
    Median,
    /// What so large a part of them lie below, between two of them in proportion.
    Quantile(f64),
    /// The sample's standard deviation.
    Stddev,
}

/// The point of each list of values.
pub(super) fn point(lists: Expr, what: Point, ty: &Type) -> Expr {
    let (quantities, integers) = (ty.is_quantity(), *ty == Type::Integer);
    let dtype = if quantities { DataType::Int64 } else { DataType::Float64 };
    lists.map(
        move |column| {
            let name = column.name().clone();
            let lists = column.as_materialized_series().list()?.clone();
            let mut wholes: Vec<Option<i64>> = Vec::new();
            let mut numbers: Vec<Option<f64>> = Vec::new();
            for list in lists.amortized_iter() {
                let list = list.as_ref().map(|list| list.as_ref().clone());
                if quantities || integers {
                    let mut values: Vec<i64> = match &list {
                        Some(list) => list.cast(&DataType::Int64)?.i64()?.iter().flatten().collect(),
                        None => Vec::new(),
                    };
                    values.sort_unstable();
                    if quantities {
                        wholes.push(of_quantities(&values, what));
                    } else {
                        numbers.push(of_integers(&values, what));
                    }
                } else {
                    let mut values: Vec<f64> = match &list {
                        Some(list) => list.cast(&DataType::Float64)?.f64()?.iter().flatten().collect(),
                        None => Vec::new(),
                    };
                    values.sort_unstable_by(f64::total_cmp);
                    numbers.push(of_numbers(&values, what));
                }
            }
            Ok(if quantities {
                Int64Chunked::from_iter(wholes).with_name(name).into_column()
            } else {
                Float64Chunked::from_iter(numbers).with_name(name).into_column()
            })
        },
        typed(dtype),
    )
}

/// Of sorted quantities: a quantity, rounded half to even.
pub(super) fn of_quantities(values: &[i64], what: Point) -> Option<i64> {
    match what {
        Point::Median => {
            let (before, after) = middle(values)?;
            i64::try_from(div_half_even(i128::from(before) + i128::from(after), 2)?).ok()
        }
        Point::Quantile(q) => {
            let (sum, parts) = between(values, q)?;
            i64::try_from(div_half_even(sum, parts)?).ok()
        }
        Point::Stddev => {
            let rounded = deviation(values)?.round_ties_even();
            // Both ends are exact as floats; the upper one is one too large.
            (rounded < i64::MAX as f64).then_some(rounded as i64)
        }
    }
}

/// Of sorted integers: a number.
pub(super) fn of_integers(values: &[i64], what: Point) -> Option<f64> {
    match what {
        Point::Median => {
            let (before, after) = middle(values)?;
            Some((i128::from(before) + i128::from(after)) as f64 / 2.0)
        }
        Point::Quantile(q) => {
            let (sum, parts) = between(values, q)?;
            Some(Decimal { mantissa: sum, scale: parts.checked_ilog10()? }.to_f64())
        }
        Point::Stddev => deviation(values),
    }
}

/// Of sorted numbers: a number.
pub(super) fn of_numbers(values: &[f64], what: Point) -> Option<f64> {
    match what {
        Point::Median => middle(values).map(|(before, after)| before / 2.0 + after / 2.0),
        Point::Quantile(q) => {
            let (at, rest, parts) = position(values.len(), q)?;
            let before = *values.get(at)?;
            if rest == 0 {
                return Some(before);
            }
            let after = *values.get(at + 1)?;
            if rest * 2 == parts {
                // As the median has it, to the last bit.
                return Some(before / 2.0 + after / 2.0);
            }
            let part = rest as f64 / parts as f64;
            let value = before + (after - before) * part;
            Some(if value.is_finite() { value } else { before * (1.0 - part) + after * part })
        }
        Point::Stddev => {
            let first = *values.first()?;
            let from_first: Vec<f64> = values.iter().map(|value| value - first).collect();
            let mean = total(from_first.iter().copied()) / values.len() as f64;
            root_mean_square(&from_first.iter().map(|value| value - mean).collect::<Vec<_>>(), 1.0)
        }
    }
}

/// The two values around the middle.
fn middle<T: Copy>(values: &[T]) -> Option<(T, T)> {
    Some((*values.get(values.len().checked_sub(1)? / 2)?, *values.get(values.len() / 2)?))
}

/// Where a quantile of so many values lies: at a value, and so many parts of the way to the next.
fn position(many: usize, q: f64) -> Option<(usize, i128, i128)> {
    let steps = i128::try_from(many.checked_sub(1)?).ok()?;
    // As it is written: nine tenths, whatever the bits of 0.9 say. Nobody needs more than twelve digits of it.
    let q = Decimal::of_f64((q * 1e12).round() / 1e12)?;
    let parts = 10i128.checked_pow(q.scale)?;
    let way = steps.checked_mul(q.mantissa)?;
    Some((usize::try_from(way / parts).ok()?, way % parts, parts))
}

/// A quantile of whole values, exactly: a sum and what to divide it by, a power of ten.
fn between(values: &[i64], q: f64) -> Option<(i128, i128)> {
    let (at, rest, parts) = position(values.len(), q)?;
    let before = i128::from(*values.get(at)?);
    if rest == 0 {
        return Some((before, 1));
    }
    let after = i128::from(*values.get(at + 1)?);
    Some((before.checked_mul(parts)?.checked_add((after - before).checked_mul(rest)?)?, parts))
}

/// The standard deviation of whole values. How far each is from the mean is exact but for one rounding.
fn deviation(values: &[i64]) -> Option<f64> {
    let first = i128::from(*values.first()?);
    let many = i128::try_from(values.len()).ok()?;
    let from_first = || values.iter().map(|value| i128::from(*value) - first);
    let sum: i128 = from_first().sum();
    // So many times the way from the mean.
    let away: Vec<f64> = from_first().map(|value| (value * many - sum) as f64).collect();
    root_mean_square(&away, many as f64)
}

/// The root of the mean square of ways from a mean (each `times` too long), to nine significant digits; missing for
/// fewer than two.
fn root_mean_square(away: &[f64], times: f64) -> Option<f64> {
    if away.len() < 2 {
        return None;
    }
    let longest = away.iter().fold(0.0f64, |longest, way| longest.max(way.abs()));
    if longest == 0.0 {
        return Some(0.0);
    }
    // Held against the longest, no square is too large for a float.
    let squares = total(away.iter().map(|way| (way / longest) * (way / longest)));
    let root = (squares / (away.len() - 1) as f64).sqrt() * (longest / times);
    let rounded: f64 = format!("{root:.8e}").parse().ok()?;
    rounded.is_finite().then_some(rounded)
}

/// A sum of floats whose error doesn't grow with their number.
fn total(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        let next = sum + value;
        lost += if sum.abs() >= value.abs() { (sum - next) + value } else { (value - next) + sum };
        sum = next;
    }
    sum + lost
}

/// Lists of values as texts with commas between; without `sorted`, sorted by value here.
pub(super) fn joined(lists: Expr, ty: Type, show: Show, sorted: bool) -> Expr {
    lists.map(
        move |column| {
            let name = column.name().clone();
            let lists = column.as_materialized_series().list()?.clone();
            let mut out = StringChunkedBuilder::new(name, lists.len());
            for list in lists.amortized_iter() {
                let Some(list) = list.as_ref().map(|list| list.as_ref().drop_nulls()) else {
                    out.append_value("");
                    continue;
                };
                let list = if sorted { list } else { list.sort(SortOptions::default())? };
                let texts: Vec<String> = texts(&list, &ty, &show)?.into_iter().flatten().collect();
                out.append_value(texts.join(", "));
            }
            Ok(out.finish().into_column())
        },
        typed(DataType::String),
    )
}

/// Values as a reader sees them; text as it stands, since the whole list is shown as one.
pub(super) fn texts(series: &Series, ty: &Type, show: &Show) -> PolarsResult<Vec<Option<String>>> {
    match ty {
        Type::Text | Type::Id => Ok(series.str()?.iter().map(|text| text.map(str::to_string)).collect()),
        _ => readable(series, ty, show),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_two_values() {
        let values = [1, 2, 4, 8];
        assert_eq!(of_integers(&values, Point::Quantile(0.0)), Some(1.0));
        assert_eq!(of_integers(&values, Point::Quantile(1.0)), Some(8.0));
        assert_eq!(of_integers(&values, Point::Quantile(0.5)), Some(3.0));
        assert_eq!(of_integers(&values, Point::Quantile(0.9)), Some(6.8));
        assert_eq!(of_quantities(&values, Point::Quantile(0.25)), Some(2)); // 1.75
        assert_eq!(of_quantities(&[1, 2], Point::Quantile(0.5)), Some(2)); // 1.5 to the even side
        assert_eq!(of_quantities(&[i64::MIN, i64::MAX], Point::Quantile(0.5)), Some(0));
        assert_eq!(
            of_quantities(&[i64::MIN, i64::MAX], Point::Quantile(0.123_456_789_012)),
            Some(-6_945_996_245_788_454_318)
        );
        assert_eq!(of_numbers(&[-1e308, 1e308], Point::Quantile(0.25)), Some(-5e307));
        assert_eq!(of_integers(&[], Point::Quantile(0.5)), None);
    }

    #[test]
    fn deviations_are_exact_to_nine_digits() {
        assert_eq!(of_integers(&[2, 4, 4, 4, 5, 5, 7, 9], Point::Stddev), Some(2.138_089_94));
        assert_eq!(of_integers(&[5], Point::Stddev), None);
        assert_eq!(of_integers(&[i64::MIN, i64::MAX], Point::Stddev), Some(1.304_381_78e19));
        assert_eq!(of_quantities(&[i64::MIN, i64::MAX], Point::Stddev), None);
        assert_eq!(of_numbers(&[1e9 + 0.1, 1e9 + 0.1, 1e9 + 0.1], Point::Stddev), Some(0.0));
        assert_eq!(of_numbers(&[1e200, 3e200], Point::Stddev), Some(1.414_213_56e200));
    }
}
