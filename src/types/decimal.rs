//! Exact decimals, for reading amounts without a float in between. `7.6 kg` is 76 tenths of a kilogram
//! and so exactly 7,600,000,000,000 nanograms.

/// `mantissa / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// All digits.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u32,
}

impl Decimal {
    /// Reads `[+-]digits[.digits][e[+-]digits]`, blanks around it ignored; `None` for anything else or
    /// more digits than 128 bits hold.
    pub fn parse(text: &str) -> Option<Decimal> {
        let text = text.trim();
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, exponent) = match digits.find(['e', 'E']) {
            Some(at) => (&digits[..at], digits[at + 1..].parse::<i32>().ok()?),
            None => (digits, 0),
        };
        // Most amounts are short, and 128 bits are slow.
        if let Some(short) = Decimal::parse_short(digits) {
            let exponent = i32::try_from(short.scale).ok()?.checked_sub(exponent)?;
            if let Ok(scale) = u32::try_from(exponent) {
                let mantissa = if negative { -short.mantissa } else { short.mantissa };
                return Some(Decimal { mantissa, scale });
            }
        }
        let mut mantissa: i128 = 0;
        let mut scale: i32 = 0;
        let mut seen_point = false;
        let mut seen_digit = false;
        for byte in digits.bytes() {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    scale += i32::from(seen_point);
                    seen_digit = true;
                }
                b'.' if !seen_point => seen_point = true,
                _ => return None,
            }
        }
        if !seen_digit {
            return None;
        }
        scale = scale.checked_sub(exponent)?;
        if scale < 0 {
            mantissa = mantissa.checked_mul(10i128.checked_pow(scale.unsigned_abs())?)?;
            scale = 0;
        }
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale: scale.unsigned_abs() })
    }

    /// Up to eighteen digits and a point.
    fn parse_short(digits: &str) -> Option<Decimal> {
        if digits.len() > 18 {
            return None;
        }
        let mut mantissa: i64 = 0;
        let mut point = None;
        for (at, byte) in digits.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
                b'.' if point.is_none() => point = Some(at),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |at| digits.len() - at - 1);
        let some = digits.len() > usize::from(point.is_some());
        some.then(|| u32::try_from(scale).ok().map(|scale| Decimal { mantissa: mantissa.into(), scale }))?
    }

    /// The decimal that a float prints as: 0.2 is two tenths, whatever its bits say.
    pub fn of_f64(number: f64) -> Option<Decimal> {
        const BILLION: f64 = 1e9;
        let scaled = number * BILLION;
        let nano = (scaled + 0.5f64.copysign(scaled)) as i64;
        // So far from the limits of a float only one count of nine places prints as this number.
        if scaled.abs() < 1e15 && nano as f64 / BILLION == number {
            return Some(Decimal { mantissa: nano.into(), scale: 9 });
        }
        Decimal::parse(&number.to_string())
    }

    /// `self * num / den`, rounded half to even once; `None` where 64 bits don't hold it.
    pub fn scaled(self, num: i128, den: i128) -> Option<i64> {
        if let Some(short) = self.scaled_short(num, den) {
            return Some(short);
        }
        let mut decimal = self;
        loop {
            if decimal.mantissa == 0 {
                return Some(0);
            }
            let divisor = 10i128.checked_pow(decimal.scale).and_then(|power| power.checked_mul(den));
            if let (Some(product), Some(divisor)) = (decimal.mantissa.checked_mul(num), divisor) {
                return i64::try_from(div_half_even(product, divisor)?).ok();
            }
            // A zero at the end says nothing and made the product too large.
            if decimal.mantissa % 10 != 0 {
                return None;
            }
            decimal = Decimal { mantissa: decimal.mantissa / 10, scale: decimal.scale.checked_sub(1)? };
        }
    }

    /// The same where 64 bits hold all of it.
    fn scaled_short(self, num: i128, den: i128) -> Option<i64> {
        let short = |n: i128| i64::try_from(n).ok();
        let (mantissa, num, den) = (short(self.mantissa)?, short(num)?, short(den)?);
        let power = 10i64.checked_pow(self.scale)?;
        if den == 1 && num % power == 0 {
            return mantissa.checked_mul(num / power);
        }
        let product = mantissa.checked_mul(num)?;
        let divisor = power.checked_mul(den)?;
        if divisor == 1 {
            return Some(product);
        }
        let (quotient, rest) = (product.checked_div(divisor)?, product.checked_rem(divisor)?);
        if rest == 0 {
            return Some(quotient);
        }
        i64::try_from(div_half_even(product.into(), divisor.into())?).ok()
    }

    /// The nearest 64-bit float.
    pub fn to_f64(self) -> f64 {
        // Through text, which rounds once; mantissa as float over a power of ten would round twice.
        format!("{}e-{}", self.mantissa, self.scale).parse().unwrap_or(f64::NAN)
    }
}

/// `a / b` rounded to the nearest whole number, halves to the even one; `None` for `b = 0`.
pub fn div_half_even(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let rest = a.checked_rem(b)?;
    if rest == 0 {
        return Some(quotient);
    }
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    // |b| - |rest| cannot overflow, where 2 * |rest| could.
    let left = b.unsigned_abs() - rest.unsigned_abs();
    match rest.unsigned_abs().cmp(&left) {
        std::cmp::Ordering::Less => Some(quotient),
        std::cmp::Ordering::Greater => Some(quotient + away),
        std::cmp::Ordering::Equal => Some(if quotient % 2 == 0 { quotient } else { quotient + away }),
    }
}

/// `a / b` rounded to the nearest whole number, halves to the one further from nought, as people round what they see;
/// `None` for `b = 0`.
pub fn div_half_away(a: i128, b: i128) -> Option<i128> {
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    // |b| - |rest| cannot overflow, where 2 * |rest| could.
    let left = b.unsigned_abs() - rest.unsigned_abs();
    Some(if rest.unsigned_abs() >= left { quotient + away } else { quotient })
}

/// An amount as programs have it: `value * den / num` as digits, rounded half to even to at most `decimals` of them
/// after the point, noughts at the end left out.
pub fn format_scaled(value: i128, num: i128, den: i128, decimals: u32) -> String {
    format_rounded(value, num, den, decimals, div_half_even)
}

/// The same as people read it: halves go away from nought.
pub fn format_shown(value: i128, num: i128, den: i128, decimals: u32) -> String {
    format_rounded(value, num, den, decimals, div_half_away)
}

fn format_rounded(
    value: i128,
    num: i128,
    den: i128,
    decimals: u32,
    divide: fn(i128, i128) -> Option<i128>,
) -> String {
    // value counts base units, of which a unit holds num/den: value * den / num units.
    let power = 10i128.pow(decimals);
    let scaled = value.checked_mul(den).and_then(|v| v.checked_mul(power)).and_then(|v| divide(v, num));
    let Some(scaled) = scaled else {
        return format!("{}", value as f64 * den as f64 / num as f64);
    };
    let digits = scaled.unsigned_abs();
    let power = power.unsigned_abs();
    let mut text = format!("{}", digits / power);
    if decimals > 0 && digits % power != 0 {
        let fraction = format!("{:0width$}", digits % power, width = decimals as usize);
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    if scaled < 0 { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_what_is_long() {
        let scaled = |text: &str| Decimal::parse(text).unwrap().scaled(1_000_000_000, 1);
        assert_eq!(scaled("0e-2000000000"), Some(0));
        assert_eq!(scaled("1.000000000000000000000000000000"), Some(1_000_000_000));
        assert_eq!(scaled("0.0000000000000000000000000000001"), Some(0));
        assert_eq!(scaled("12345678901234567890"), None);
    }

    #[test]
    fn reads_exactly() {
        assert_eq!(Decimal::parse(" 7.60 "), Some(Decimal { mantissa: 760, scale: 2 }));
        assert_eq!(Decimal::parse("-.5"), Some(Decimal { mantissa: -5, scale: 1 }));
        assert_eq!(Decimal::parse("1E-05"), Some(Decimal { mantissa: 1, scale: 5 }));
        assert_eq!(Decimal::parse("2e3"), Some(Decimal { mantissa: 2000, scale: 0 }));
        for bad in ["", ".", "-", "1.2.3", "12a", "--1", "1e", "nan"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn rounds_half_to_even() {
        let rounded: Vec<_> =
            [5, 15, 25, -5, -15, -25, 26, -26, 24].map(|n| div_half_even(n, 10).unwrap()).into();
        assert_eq!(rounded, [0, 2, 2, 0, -2, -2, 3, -3, 2]);
        assert_eq!(div_half_even(1, 0), None);
        assert_eq!(Decimal::parse("0.00005").unwrap().scaled(10_000, 1), Some(0));
        assert_eq!(Decimal::parse("0.00015").unwrap().scaled(10_000, 1), Some(2));
    }

    #[test]
    fn rounds_half_away() {
        let rounded: Vec<_> =
            [5, 15, 25, -5, -15, -25, 26, -26, 24, -24].map(|n| div_half_away(n, 10).unwrap()).into();
        assert_eq!(rounded, [1, 2, 3, -1, -2, -3, 3, -3, 2, -2]);
        assert_eq!(div_half_away(5, -10), Some(-1));
        assert_eq!(div_half_away(20, 10), Some(2));
        assert_eq!(div_half_away(i128::MAX, i128::MAX), Some(1));
        assert_eq!(div_half_away(1, 0), None);
    }

    #[test]
    fn prints_units() {
        assert_eq!(format_scaled(7_600_000_000_000, 1_000_000_000_000, 1, 9), "7.6");
        assert_eq!(format_scaled(-50, 10_000, 1, 2), "0"); // -0.005 to the even nought
        assert_eq!(format_scaled(-150, 10_000, 1, 2), "-0.02");
        assert_eq!(format_scaled(2_145_680_000, 10_000, 1, 2), "214568");
    }
}
