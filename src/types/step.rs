//! Multiples: which one is the nearest, the one below or the one above, and what is left over one. Numbers are
//! reckoned with as the decimals that they print as: 0.285 to the nearest 0.01 is 0.29, and 0.3 holds 0.1 three
//! times with nothing left, whatever their bits say.

use super::Decimal;

/// Which multiple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// The nearest; from half-way the one further from nought.
    Nearest,
    /// The next below, or the value itself.
    Below,
    /// The next above, or the value itself.
    Above,
}

/// A multiple of a step above nought; `None` where 64 bits don't hold it.
pub fn whole(value: i64, step: i64, to: To) -> Option<i64> {
    i64::try_from(multiple(value.into(), step.into(), to)?).ok()
}

/// A multiple of a step above nought.
pub fn number(value: f64, step: f64, to: To) -> f64 {
    let in_decimal = || {
        let (value, step, scale) = aligned(value, step)?;
        Some(Decimal { mantissa: multiple(value, step, to)?, scale }.to_f64())
    };
    // Of what has so many digits every float is a multiple, as far as floats can tell.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let in_float = || match value / step {
        steps if steps.abs() >= WHOLE => value,
        steps => {
            step * match to {
                To::Nearest => steps.round(),
                To::Below => steps.floor(),
                To::Above => steps.ceil(),
            }
        }
    };
    in_decimal().unwrap_or_else(in_float)
}

fn multiple(value: i128, step: i128, to: To) -> Option<i128> {
    let steps = match to {
        To::Below => value.checked_div_euclid(step)?,
        To::Above => value.checked_neg()?.checked_div_euclid(step)?.checked_neg()?,
        To::Nearest => {
            let size =
                value.checked_abs()?.checked_mul(2)?.checked_add(step)?.checked_div(step.checked_mul(2)?)?;
            if value < 0 { -size } else { size }
        }
    };
    steps.checked_mul(step)
}

/// What is left of a value over whole divisors, with the divisor's sign; `None` over nought.
pub fn whole_rest(value: i64, divisor: i64) -> Option<i64> {
    i64::try_from(rest(value.into(), divisor.into())?).ok()
}

/// What is left of a value over whole divisors, with the divisor's sign; no number over nought.
pub fn number_rest(value: f64, divisor: f64) -> f64 {
    let in_decimal = || {
        let (value, divisor, scale) = aligned(value, divisor)?;
        Some(Decimal { mantissa: rest(value, divisor)?, scale }.to_f64())
    };
    let in_float = || {
        let rest = value % divisor;
        if rest != 0.0 && (rest < 0.0) != (divisor < 0.0) { rest + divisor } else { rest }
    };
    in_decimal().unwrap_or_else(in_float)
}

fn rest(value: i128, divisor: i128) -> Option<i128> {
    let rest = value.checked_rem(divisor)?;
    Some(if rest != 0 && (rest < 0) != (divisor < 0) { rest + divisor } else { rest })
}

/// Two numbers as counts of the same decimal place, and which one.
fn aligned(a: f64, b: f64) -> Option<(i128, i128, u32)> {
    let (a, b) = (Decimal::of_f64(a)?, Decimal::of_f64(b)?);
    let scale = a.scale.max(b.scale);
    let at = |decimal: Decimal| decimal.mantissa.checked_mul(10i128.checked_pow(scale - decimal.scale)?);
    Some((at(a)?, at(b)?, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiples() {
        let all = |value, step| [To::Nearest, To::Below, To::Above].map(|to| whole(value, step, to));
        assert_eq!(all(7, 5), [Some(5), Some(5), Some(10)]);
        assert_eq!(all(-7, 5), [Some(-5), Some(-10), Some(-5)]);
        assert_eq!(all(10, 5), [Some(10); 3]);
        assert_eq!(all(i64::MIN, 1), [Some(i64::MIN); 3]);
        assert_eq!(all(i64::MAX, 10), [None, Some(9_223_372_036_854_775_800), None]);
        let all = |value, step| [To::Nearest, To::Below, To::Above].map(|to| number(value, step, to));
        assert_eq!(all(0.285, 0.01), [0.29, 0.28, 0.29]);
        assert_eq!(all(0.3, 0.1), [0.3; 3]);
        assert_eq!(all(-2.5, 1.0), [-3.0, -3.0, -2.0]);
        assert_eq!(all(1e300, 0.1), [1e300; 3]);
        assert_eq!(all(1e-300, 1.0), [0.0, 0.0, 1.0]);
    }

    #[test]
    fn rests() {
        assert_eq!(
            [(7, 3), (-7, 3), (7, -3), (-7, -3)].map(|(a, b)| whole_rest(a, b)),
            [1, 2, -2, -1].map(Some)
        );
        assert_eq!(whole_rest(1, 0), None);
        assert_eq!(whole_rest(i64::MIN, -1), Some(0));
        assert_eq!(number_rest(0.3, 0.1), 0.0);
        assert_eq!(number_rest(-0.5, 2.0), 1.5);
        assert!(number_rest(1.0, 0.0).is_nan());
    }
}
