//! Quotients. A quotient of two whole numbers has a nearest 64-bit float, and that is what a question gets, however
//! large the two are: [`nearest`] rounds once. The way back is harder: a float that came from 158 / 300 is not 158 /
//! 300, and a hundred times it is not the nearest float to 5,266.66… hundredths. [`fraction`] finds the simplest
//! fraction that rounds to a float, nearly always the one it came from, so that [`scaled`] may reckon on with that.

use super::decimal::Decimal;

/// Up to here a float holds every whole number.
const WHOLE: u128 = 1 << f64::MANTISSA_DIGITS;

/// The nearest float to `p / q`; `None` for `q = 0`.
pub fn nearest(p: i128, q: i128) -> Option<f64> {
    if q == 0 {
        return None;
    }
    if p.unsigned_abs() <= WHOLE && q.unsigned_abs() <= WHOLE {
        // Both are exact, and a division of floats rounds once.
        return Some(p as f64 / q as f64);
    }
    // Digit by digit, more of them than a float can tell apart, and one more that says whether anything is left. The
    // text is then read as a float, which rounds once as well.
    let negative = (p < 0) != (q < 0);
    let (p, q) = (p.unsigned_abs(), q.unsigned_abs());
    let mut digits = (p / q).to_string();
    let mut rest = p % q;
    let mut exponent = 0;
    let mut significant = if p >= q { digits.len() } else { 0 };
    while rest != 0 && significant < 25 && exponent < 400 {
        // A rest too large to take ten times is of a divisor so large that a bit less of both is the same.
        let (digit, after) = match rest.checked_mul(10) {
            Some(tenfold) => (tenfold / q, tenfold % q),
            None => (rest / (q / 10), 0),
        };
        digits.push(char::from(b'0' + u8::try_from(digit.min(9)).unwrap_or(9)));
        significant += usize::from(significant > 0 || digit > 0);
        rest = after;
        exponent += 1;
    }
    if rest != 0 {
        digits.push('1');
        exponent += 1;
    }
    let sign = if negative { "-" } else { "" };
    format!("{sign}{digits}e-{exponent}").parse().ok()
}

/// The simplest fraction, numerator and denominator, that rounds to this float; `None` for one so large or so small
/// that 128 bits don't hold what is around it.
pub fn fraction(value: f64) -> Option<(i128, i128)> {
    if value == 0.0 || !value.is_finite() {
        return (value == 0.0).then_some((0, 1));
    }
    let size = value.abs();
    let bits = size.to_bits();
    let exponent = i32::try_from(bits >> 52).ok()?;
    if exponent == 0 {
        return None;
    }
    let mantissa = i128::from((bits & ((1 << 52) - 1)) | (1 << 52));
    // value = mantissa * 2^power, and all within half a step of it rounds to it.
    let power = exponent - 1075;
    let half = u32::try_from(1 - power).ok().filter(|half| *half <= 120)?;
    let (low, high, unit) = (2 * mantissa - 1, 2 * mantissa + 1, 1i128 << half);
    let (p, q) = simplest((low, unit), (high, unit))?;
    Some(if value < 0.0 { (-p, q) } else { (p, q) })
}

/// The fraction of the smallest denominator between two positive ones, by their continued fractions.
fn simplest(low: (i128, i128), high: (i128, i128)) -> Option<(i128, i128)> {
    let mut terms = Vec::new();
    let (mut low, mut high) = (low, high);
    let last = loop {
        let whole = low.0.checked_div(low.1)?;
        if whole * low.1 == low.0 {
            break whole;
        }
        if (whole + 1).checked_mul(high.1)? <= high.0 {
            break whole + 1;
        }
        terms.push(whole);
        // What is left of both, turned over: the larger becomes the smaller.
        (low, high) = ((high.1, high.0 - whole * high.1), (low.1, low.0 - whole * low.1));
    };
    let (mut p, mut q) = (last, 1);
    for whole in terms.into_iter().rev() {
        (p, q) = (whole.checked_mul(p)?.checked_add(q)?, p);
    }
    Some((p, q))
}

/// The nearest float to `value * num / den`, where `value` stands for the quotient that it probably came from.
pub fn scaled(value: f64, num: i128, den: i128) -> f64 {
    if num == den {
        return value;
    }
    let exactly = || {
        let (p, q) = origin(value)?;
        // Reduced crosswise, so that less overflows.
        let (a, b) = (gcd(num, q), gcd(p, den));
        let over = (p / b).checked_mul(num / a)?;
        nearest(over, (q / a).checked_mul(den / b)?)
    };
    exactly().unwrap_or_else(|| value * (num as f64 / den as f64))
}

/// The quotient that a float probably came from. One of small numbers hardly comes up by chance: near a float chosen
/// at random the two multiply to about 2⁵³. Else a decimal, where few digits say so.
fn origin(value: f64) -> Option<(i128, i128)> {
    const BY_CHANCE: i128 = 1_000_000_000_000;
    let simple = fraction(value);
    if let Some((p, q)) = simple
        && p.checked_mul(q).is_some_and(|size| size.abs() < BY_CHANCE)
    {
        return simple;
    }
    if is_short(value) {
        let decimal = Decimal::of_f64(value)?;
        return Some((decimal.mantissa, 10i128.checked_pow(decimal.scale)?));
    }
    simple
}

/// Has it few enough digits for a float to hold every decimal of so many?
fn is_short(value: f64) -> bool {
    let text = format!("{value:e}");
    let digits = text.split('e').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit);
    digits.count() <= 15
}

/// The greatest common divisor, at least 1.
pub fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.saturating_abs(), b.saturating_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// The digits of a float times a hundred, without an exponent: 0.07 gives `7`, 158 / 300 `52.666666666666664`.
pub fn hundredfold(value: f64) -> String {
    // Adding nought makes -0 plain 0.
    (scaled(value, 100, 1) + 0.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_once() {
        assert_eq!(nearest(1, 0), None);
        assert_eq!(nearest(-7, 2), Some(-3.5));
        assert_eq!(nearest(0, -5), Some(0.0));
        // 2^53 + 1 over 1 is half-way and goes to the even one; a bit more goes up.
        assert_eq!(nearest((1 << 53) + 1, 1), Some(9_007_199_254_740_992.0));
        assert_eq!(nearest(((1 << 53) + 1) * 1_000_000 + 1, 1_000_000), Some(9_007_199_254_740_994.0));
        assert_eq!(nearest(i128::from(i64::MAX), i128::from(i64::MAX)), Some(1.0));
        assert_eq!(nearest(1, i128::from(i64::MAX)), Some(1.0 / 9_223_372_036_854_775_807.0));
        assert_eq!(nearest(10i128.pow(30), 3), Some(1e30 / 3.0));
    }

    #[test]
    fn finds_the_fraction() {
        for (p, q) in [(158, 300), (1, 3), (7, 100), (-22, 7), (999_999, 1_000_003), (12_345_678, 87_654_321)]
        {
            let d = gcd(p, q);
            assert_eq!(fraction(p as f64 / q as f64), Some((p / d, q / d)));
        }
        assert_eq!(fraction(0.0), Some((0, 1)));
        assert_eq!(fraction(1e300), None);
        assert_eq!(fraction(5e-324), None);
    }

    #[test]
    fn a_hundred_times_a_quotient() {
        // Every quotient of two small numbers is the nearest float to its hundredfold.
        for q in 1..400i128 {
            for p in 0..q {
                let expected = nearest(100 * p, q).unwrap().to_string();
                assert_eq!(hundredfold(nearest(p, q).unwrap()), expected, "{p} / {q}");
            }
        }
        for (value, digits) in
            [(0.07, "7"), (0.5625, "56.25"), (-0.005, "-0.5"), (12.0, "1200"), (0.0, "0"), (-0.0, "0")]
        {
            assert_eq!(hundredfold(value), digits);
        }
        assert_eq!(hundredfold(1e300).len(), 303);
        assert_eq!(hundredfold(0.123_456_789_012_345), "12.3456789012345");
    }
}
