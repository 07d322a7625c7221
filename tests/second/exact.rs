//! Exact arithmetic. A float stands for the decimal that it prints as, so sums in fixed point need no float in
//! between; a quotient of whole numbers has one nearest float, and a decimal one nearest multiple.

use casebook::types::Decimal;
use casebook::types::decimal::div_half_even;

/// A float as a count of 10⁻⁹, halves to the even one, as the decimal that it prints as; `None` from 10¹⁸ on.
pub fn fixed(value: f64) -> Option<i128> {
    if value.abs() >= 1e18 {
        return None;
    }
    // These digits are those that tell the float from its neighbours, few enough for 128 bits: 5e-10.
    let printed = format!("{value:e}");
    let (digits, exponent) = printed.split_once('e')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let power = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()? + 9;
    match u32::try_from(power) {
        Ok(power) => Some(mantissa * 10i128.pow(power)),
        // A float has seventeen digits: of one so small nothing is left.
        Err(_) if power < -30 => Some(0),
        Err(_) => div_half_even(mantissa, 10i128.pow(power.unsigned_abs())),
    }
}

/// The nearest float to a count of 10⁻⁹.
pub fn unfixed(nano: i128) -> f64 {
    format!("{nano}e-9").parse().unwrap_or(f64::NAN)
}

/// The nearest float to a quotient of whole numbers.
pub fn quotient(dividend: i128, divisor: i64) -> f64 {
    let (size, by) = (dividend.unsigned_abs(), u128::from(divisor.unsigned_abs()));
    if size == 0 {
        return 0.0;
    }
    // As many binary digits as there is room for; one more at the end says that something is left.
    let room = size.leading_zeros();
    let shifted = size << room;
    let digits = (shifted / by) | u128::from(shifted % by != 0);
    let near = digits as f64 / 2f64.powi(i32::try_from(room).unwrap_or(0));
    if (dividend < 0) == (divisor < 0) { near } else { -near }
}

/// Two decimals as whole counts of one power of ten.
pub fn aligned(a: f64, b: f64) -> Option<(i128, i128, u32)> {
    let (a, b) = (Decimal::of_f64(a)?, Decimal::of_f64(b)?);
    let scale = a.scale.max(b.scale);
    let up = |d: Decimal| d.mantissa.checked_mul(10i128.checked_pow(scale - d.scale)?);
    Some((up(a)?, up(b)?, scale))
}

/// The multiple of `step` nearest to `value`, halves away from nought.
pub fn nearest(value: i128, step: i128) -> Option<i128> {
    let twice = value.checked_abs()?.checked_mul(2)?.checked_add(step)?;
    let size = twice.div_euclid(step.checked_mul(2)?).checked_mul(step)?;
    Some(if value < 0 { -size } else { size })
}

/// A float of so many significant digits.
pub fn significant(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits - 1).parse().unwrap_or(f64::NAN)
}

#[test]
fn floats_are_what_they_print_as() {
    for (value, nano) in [
        (0.1, 100_000_000),
        (-2.5, -2_500_000_000),
        (1e-9, 1),
        (0.4e-9, 0),
        (5e-10, 0),
        (15e-10, 2),
        (3e17, 3 * 10i128.pow(26)),
    ] {
        assert_eq!(fixed(value), Some(nano), "{value}");
    }
    for value in [0.1, -2.5, 1e-9, 123_456.789, 3e17] {
        assert_eq!(fixed(value).map(unfixed), Some(value), "{value}");
    }
    // Halves to the even one: these are exact in binary.
    assert_eq!(fixed(0.5f64.powi(10)), Some(976_562));
    assert_eq!(fixed(3.0 * 0.5f64.powi(10)), Some(2_929_688));
    assert_eq!((fixed(1e18), fixed(5e-324)), (None, Some(0)));
}

#[test]
fn quotients_are_the_nearest() {
    for (a, b, near) in [(1, 3, 1.0 / 3.0), (-7, 2, -3.5), (0, 5, 0.0), ((1 << 54) + 2, 2, 2f64.powi(53))] {
        assert_eq!(quotient(a, b), near, "{a} / {b}");
    }
    // A float of the sum first would be rounded twice.
    assert_eq!(quotient((1 << 54) + 6, 2), 2f64.powi(53) + 4.0);
}
