//! Digits: how many of them a reader wants, where the commas go, and how to shift a decimal point
//! without leaving the decimal system. All rounding is half to even, of the digits that would be
//! printed in full.

use crate::types::decimal::{Decimal, format_scaled};
use crate::types::ratio::hundredfold;
use crate::types::unit::{PER_ONE, Unit};

/// A float's shortest digits, without an exponent: `31`, `0.1`.
pub fn shortest(value: f64) -> String {
    // Adding nought makes -0 plain 0.
    (value + 0.0).to_string()
}

/// A number for readers: three decimals from 1 on, three significant digits below.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-9..1e18).contains(&size) {
        return exponent(value);
    }
    let places = if size >= 1.0 { 3 } else { significant(size) };
    grouped(&rounded(&shortest(value), places))
}

/// A number as a percentage with a decimal at most; more where it would show as nought.
pub fn percent(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let size = value.abs() * 100.0;
    if size != 0.0 && !(1e-9..1e18).contains(&size) {
        return format!("{}%", exponent(value * 100.0));
    }
    let digits = hundredfold(value);
    let mut text = rounded(&digits, 1);
    if value != 0.0 && is_nought(&text) {
        text = rounded(&digits, significant(size));
    }
    format!("{}%", grouped(&text))
}

/// An amount in a unit, with so many decimals at most; more where it would show as nought.
pub fn amount(value: i64, unit: &Unit, places: u32) -> String {
    let text = format_scaled(i128::from(value), unit.num, unit.den, places);
    if value == 0 || !is_nought(&text) {
        return text;
    }
    let size = value.unsigned_abs() as f64 * unit.den as f64 / unit.num as f64;
    format_scaled(i128::from(value), unit.num, unit.den, significant(size))
}

/// An amount of money: two decimals or none, as on a receipt.
pub fn money(value: i64, unit: &Unit) -> String {
    let text = amount(value, unit, 2);
    // `£5.0001` is not whole, and `£0.005` has digits enough.
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match decimals {
        0 if i128::from(value) % PER_ONE != 0 => format!("{text}.00"),
        1 => format!("{text}0"),
        _ => text,
    }
}

/// A price: two decimals or none, more where it would show as nought.
pub fn price(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() || (size != 0.0 && !(1e-9..1e18).contains(&size)) {
        return if value.is_finite() { exponent(value) } else { value.to_string() };
    }
    let digits = shortest(value);
    let mut text = rounded(&digits, 2);
    if value != 0.0 && is_nought(&text) {
        text = rounded(&digits, significant(size));
    }
    let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    match decimals {
        0 if value.fract() != 0.0 => text.push_str(".00"),
        1 => text.push('0'),
        _ => {}
    }
    grouped(&text)
}

/// `1234567.5` as `1,234,567.5`.
pub fn grouped(digits: &str) -> String {
    let start = usize::from(digits.starts_with('-'));
    let end = digits.find(|c: char| c != '-' && !c.is_ascii_digit()).unwrap_or(digits.len());
    if end - start <= 3 {
        return digits.to_string();
    }
    let mut text = String::with_capacity(digits.len() + (end - start) / 3);
    for (at, c) in digits.char_indices() {
        if at > start && at < end && (end - at) % 3 == 0 {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// How many decimals give three significant digits of a number below 1.
fn significant(size: f64) -> u32 {
    if size <= 0.0 {
        return 3;
    }
    // At most 30, so that ten to that power is far from what 128 bits hold.
    (2 - size.log10().floor() as i32).clamp(3, 30).unsigned_abs()
}

/// Digits rounded to so many decimals, noughts at the end left out.
fn rounded(digits: &str, places: u32) -> String {
    let Some(decimal) = Decimal::parse(digits) else { return digits.to_string() };
    match 10i128.checked_pow(decimal.scale) {
        Some(den) if decimal.scale > places => format_scaled(decimal.mantissa, den, 1, places),
        _ => digits.to_string(),
    }
}

fn exponent(value: f64) -> String {
    let text = format!("{value:.2e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn is_nought(text: &str) -> bool {
    !text.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Units;

    #[test]
    fn numbers_for_readers() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (31.0, "31"),
            (1234.5678, "1,234.568"),
            (-1234567.0, "-1,234,567"),
            (0.5, "0.5"),
            (0.123456, "0.123"),
            (0.00123456, "0.00123"),
            (0.9996, "1"),
            (1.0004, "1"),
            (1e20, "1e20"),
            (1.5e-12, "1.5e-12"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent(0.5625), "56.2%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.0004), "0.04%");
        assert_eq!(percent(12.345), "1,234.5%");
    }

    #[test]
    fn amounts() {
        let units = Units::default();
        let kg = units.find("kg").unwrap();
        assert_eq!(amount(7_600_000_000_000, &kg, 3), "7.6");
        assert_eq!(amount(20_000_000, &kg, 3), "0.00002");
        assert_eq!(amount(1, &units.find("t").unwrap(), 3), "0.000000000000001");
        let gbp = units.find("GBP").unwrap();
        assert_eq!(money(12_345_000, &gbp), "1234.50");
        assert_eq!(money(50_000, &gbp), "5");
        assert_eq!(money(50_001, &gbp), "5.00");
        assert_eq!(money(50, &gbp), "0.005");
        assert_eq!(money(-12_345_678, &gbp), "-1234.57");
    }

    #[test]
    fn commas() {
        for (digits, text) in [
            ("1", "1"),
            ("123", "123"),
            ("1234", "1,234"),
            ("-123", "-123"),
            ("-1234.5678", "-1,234.5678"),
            ("1234567%", "1,234,567%"),
        ] {
            assert_eq!(grouped(digits), text);
        }
    }
}
