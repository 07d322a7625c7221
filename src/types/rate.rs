//! Rates: one dimension over another, such as pounds a gram. A rate is the 64-bit float nearest to the exact quotient
//! of its two sides, both in the unit they are shown in by default: £214,568 over 16.9 kg is 12.696331360946745,
//! pounds a gram. It was rounded once, from whole counts, so that neither threads nor engines show in it; in another
//! unit it is the nearest float to the quotient in that unit, as far as the float itself still tells (see
//! [`super::ratio`]). Times an amount of what it is over, it is an amount again, rounded half to even once.

use super::decimal::div_half_even;
use super::ratio::{gcd, nearest, scaled};
use super::unit::one_of;
use super::{Decimal, Type, Unit};

/// What a rate is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The dimension above: of £/g money.
    pub of: Type,
    /// The dimension below: of £/g mass.
    pub per: Type,
}

/// What a rate is shown in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateUnit {
    /// The unit above.
    pub of: Unit,
    /// The unit below.
    pub per: Unit,
}

impl Rate {
    /// The rate of an amount over one of another dimension; `None` where these make none. Two currencies don't: what
    /// one costs in the other changes by the day.
    pub fn between(of: &Type, per: &Type) -> Option<Rate> {
        let money = matches!(of, Type::Money(_)) && matches!(per, Type::Money(_));
        (of.is_quantity() && per.is_quantity() && of != per && !money)
            .then(|| Rate { of: of.clone(), per: per.clone() })
    }

    /// The unit it is shown in unless `to` says otherwise.
    pub fn unit(&self) -> Option<RateUnit> {
        Some(RateUnit { of: Unit::default_of(&self.of)?, per: Unit::default_of(&self.per)? })
    }

    /// What a quotient of base units is multiplied by to be one of default units.
    fn factor(&self) -> Option<(i128, i128)> {
        let RateUnit { of, per } = self.unit()?;
        let (num, den) = (per.num * of.den, per.den * of.num);
        let common = gcd(num, den);
        Some((num / common, den / common))
    }

    /// What an amount over another is, both in base units; `None` over nought.
    pub fn quotient(&self) -> impl Fn(i64, i64) -> Option<f64> + Send + Sync + use<> {
        let factor = self.factor();
        move |of, per| {
            let (num, den) = factor?;
            nearest(i128::from(of).checked_mul(num)?, i128::from(per).checked_mul(den)?)
        }
    }

    /// What so much of the lower side, in base units, comes to at a rate.
    pub fn times(&self) -> impl Fn(i64, f64) -> Option<i64> + Send + Sync + use<> {
        let factor = self.factor();
        move |per, rate| {
            let (num, den) = factor?;
            product(per, rate, den, num)
        }
    }

    /// How much of the lower side, in base units, so much of the upper one buys at a rate; `None` at nought.
    pub fn bought(&self) -> impl Fn(i64, f64) -> Option<i64> + Send + Sync + use<> {
        let factor = self.factor();
        move |of, rate| {
            let (num, den) = factor?;
            let rate = Decimal::of_f64(rate)?;
            let (over, under) = (10i128.checked_pow(rate.scale)?, rate.mantissa.checked_mul(den)?);
            let common = gcd(over, under);
            let over = i128::from(of).checked_mul(num)?.checked_mul(over / common)?;
            i64::try_from(div_half_even(over, under / common)?).ok()
        }
    }

    /// The value of a literal: a decimal of one unit over one of another.
    pub fn literal(&self, amount: Decimal, unit: &RateUnit) -> Option<f64> {
        let (num, den) = self.factor()?;
        let power = 10i128.checked_pow(amount.scale)?;
        // The unit above in base units, over one of the unit below.
        let (over, under) = (unit.of.num.checked_mul(unit.per.den)?, unit.of.den.checked_mul(unit.per.num)?);
        let common = gcd(over, under);
        let (over, under) = ((over / common).checked_mul(num)?, (under / common).checked_mul(den)?);
        let common = gcd(over, under);
        nearest(amount.mantissa.checked_mul(over / common)?, power.checked_mul(under / common)?)
    }

    /// A rate in another unit.
    pub fn shown(&self, value: f64, unit: &RateUnit) -> f64 {
        let Some(own) = self.unit() else { return value };
        // How many of the new units one of the old ones is, above and below.
        let (of_num, of_den) = (own.of.num * unit.of.den, own.of.den * unit.of.num);
        let (per_num, per_den) = (own.per.num * unit.per.den, own.per.den * unit.per.num);
        let (a, b) = (gcd(of_num, of_den), gcd(per_num, per_den));
        let (num, den) = (of_num / a, of_den / a);
        match (num.checked_mul(per_den / b), den.checked_mul(per_num / b)) {
            (Some(num), Some(den)) => scaled(value, num / gcd(num, den), den / gcd(num, den)),
            _ => value * (num as f64 / den as f64) * (per_den as f64 / per_num as f64),
        }
    }
}

/// `amount * rate * num / den`, rounded half to even once.
fn product(amount: i64, rate: f64, num: i128, den: i128) -> Option<i64> {
    let rate = Decimal::of_f64(rate)?;
    rate.scaled(i128::from(amount).checked_mul(num)?, den)
}

impl RateUnit {
    /// So many of it, as a question writes them: `£40/g`, `1.5 kg/day`.
    pub fn written(&self, digits: &str) -> String {
        let per = one_of(&self.per);
        let sign = match &self.of.ty {
            Type::Money(currency) => currency.sign(),
            _ => None,
        };
        match (sign, digits.strip_prefix('-')) {
            (Some(sign), Some(digits)) => format!("-{sign}{digits}/{per}"),
            (Some(sign), None) => format!("{sign}{digits}/{per}"),
            (None, _) => format!("{digits} {}/{per}", self.of.name),
        }
    }

    /// As it is written: `GBP/g`, `kg/day`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.of.name, one_of(&self.per))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{Currency, Units};

    fn price() -> Rate {
        Rate::between(&Type::Money(Currency::GBP), &Type::Mass).unwrap()
    }

    #[test]
    fn there_and_back() {
        let price = price();
        // £158 over 300 g.
        let rate = price.quotient()(1_580_000, 300_000_000_000).unwrap();
        assert_eq!(rate, 158.0 / 300.0);
        assert_eq!(price.times()(300_000_000_000, rate), Some(1_580_000));
        assert_eq!(price.bought()(1_580_000, rate), Some(300_000_000_000));
        assert_eq!(price.quotient()(1, 0), None);
        assert_eq!(price.bought()(1, 0.0), None);
        assert_eq!(price.quotient()(i64::MAX, i64::MAX), Some(100_000.0));
        assert_eq!(price.times()(i64::MAX, 100_000.0), Some(i64::MAX));
        assert_eq!(price.times()(i64::MAX, 200_000.0), None);
    }

    #[test]
    fn in_other_units() {
        let (price, units) = (price(), Units::default());
        let unit = |per: &str| RateUnit { of: units.find("GBP").unwrap(), per: units.find(per).unwrap() };
        let forty = Decimal::parse("40").unwrap();
        assert_eq!(price.literal(forty, &unit("g")), Some(40.0));
        assert_eq!(price.literal(forty, &unit("kg")), Some(0.04));
        assert_eq!(price.shown(0.04, &unit("kg")), 40.0);
        let ounce = price.literal(forty, &unit("oz")).unwrap();
        assert_eq!(ounce, 40.0 / 28.349_523_125);
        assert_eq!(price.shown(ounce, &unit("oz")), 40.0);
        assert_eq!(price.shown(158.0 / 300.0, &unit("kg")), 158_000.0 / 300.0);
        let flow = Rate::between(&Type::Mass, &Type::Duration).unwrap();
        let kg_a_day = RateUnit { of: units.find("kg").unwrap(), per: units.find("days").unwrap() };
        assert_eq!(kg_a_day.name(), "kg/day");
        assert_eq!(flow.shown(1500.0, &kg_a_day), 1.5);
        assert_eq!(Rate::between(&Type::Mass, &Type::Mass), None);
    }
}
