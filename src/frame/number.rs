//! Digits: how many of them a reader wants, where the commas go, and how to shift a decimal point
//! without leaving the decimal system. All rounding is of the digits that would be printed in full, halves
//! away from nought, as `round` and a spreadsheet do it: 56.25% is shown as 56.3%. Data are not rounded here.

use crate::types::decimal::{Decimal, format_shown};
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
    let text = format_shown(i128::from(value), unit.num, unit.den, places);
    if value == 0 || !is_nought(&text) {
        return text;
    }
    let size = value.unsigned_abs() as f64 * unit.den as f64 / unit.num as f64;
    format_shown(i128::from(value), unit.num, unit.den, significant(size))
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
        Some(den) if decimal.scale > places => format_shown(decimal.mantissa, den, 1, places),
        _ => digits.to_string(),
    }
}

fn exponent(value: f64) -> String {
    let text = format!("{value:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = rounded(digits, 2);
    // 9.996 became 10, which is 1 and one power more.
    match (digits.strip_suffix('0').filter(|one| one.ends_with('1')), power.parse::<i32>()) {
        (Some(one), Ok(power)) if !digits.contains('.') => format!("{one}e{}", power + 1),
        _ => format!("{digits}e{power}"),
    }
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
            (1.125e20, "1.13e20"),
            (-9.996e20, "-1e21"),
            (0.3125, "0.313"),
            (-2.0005, "-2.001"),
        ];
        for (value, text) in cases {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent(0.5625), "56.3%");
        assert_eq!(percent(-0.5625), "-56.3%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.0004), "0.04%");
        assert_eq!(percent(12.345), "1,234.5%");
    }

    /// Digits rounded half up as on paper, by their characters alone.
    fn on_paper(digits: &str, places: usize) -> String {
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let kept = format!("{whole}{fraction:0<places$}");
        let kept = &kept[..whole.len() + places];
        let mut carry = fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
        let mut digits: Vec<u8> = format!("0{kept}").into_bytes();
        for digit in digits.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
        }
        let digits = String::from_utf8(digits).unwrap();
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = fraction.trim_end_matches('0');
        let text = if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") };
        if is_nought(&text) { text } else { format!("{sign}{text}") }
    }

    #[test]
    fn shown_as_on_paper() {
        assert_eq!(on_paper("56.25", 1), "56.3");
        assert_eq!(on_paper("-1.005", 2), "-1.01");
        assert_eq!(on_paper("9.996", 2), "10");
        assert_eq!(on_paper("-0.0004", 3), "0");
        let plain = |text: &str| text.replace(',', "");
        // Every eighth, sixteenth, …, where halves are, and decimals of many lengths.
        let halves = (1..=12).flat_map(|power| (0..3000).map(move |n| f64::from(n) / f64::from(1 << power)));
        let decimals = (0..20_000).map(|n| f64::from(n) / 1000.0 + 0.0005);
        // What comes of a linear congruence looks like anything.
        let mut state = 1u64;
        let any = std::iter::from_fn(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Some((state >> 11) as f64 / 9_007_199_254_740_992.0 * 10f64.powi((state % 14) as i32))
        });
        for value in halves.chain(decimals).chain(any.take(20_000)).flat_map(|value| [value, -value]) {
            let digits = shortest(value);
            if value.abs() >= 1.0 || value == 0.0 {
                assert_eq!(plain(&short(value)), on_paper(&digits, 3), "{value:?}");
            } else {
                let places = significant(value.abs()) as usize;
                assert_eq!(plain(&short(value)), on_paper(&digits, places), "{value:?}");
            }
            let shown = percent(value);
            let tenth = on_paper(&hundredfold(value), 1);
            if value == 0.0 || !is_nought(&tenth) {
                assert_eq!(plain(&shown), format!("{tenth}%"), "{value:?}");
            }
            let counted = (value * 10_000.0) as i64;
            let exact = Decimal { mantissa: counted.into(), scale: 4 };
            let digits = format_shown(exact.mantissa, 10_000, 1, 4);
            let gbp = Units::default().find("GBP").unwrap();
            let pence = on_paper(&digits, 2);
            if counted == 0 || !is_nought(&pence) {
                let money = money(counted, &gbp);
                let money = match money.split_once('.') {
                    Some(_) => money.trim_end_matches('0').trim_end_matches('.'),
                    None => &money,
                };
                assert_eq!(money, pence, "{value:?}");
            }
        }
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
        assert_eq!(money(50, &gbp), "0.01");
        assert_eq!(money(-50, &gbp), "-0.01");
        assert_eq!(money(49, &gbp), "0.0049");
        assert_eq!(price(1.005), "1.01");
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
