//! Units and currencies. A quantity is a whole count of a base unit: nanograms, nanolitres,
//! microseconds, 1/10,000 of a currency's unit or of an item. A [`Unit`] says how many base units it
//! holds, as a fraction, because a fluid ounce is no whole number of nanolitres.
//!
//! Sources: the international avoirdupois pound is 453.59237 g and the ounce a sixteenth of it (1959
//! agreement); the US gallon is 231 cubic inches; the imperial gallon is 4.54609 l (Weights and
//! Measures Act 1985).

use std::fmt;
use std::sync::Arc;

use super::Type;
use super::decimal::format_scaled;

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// The currencies that questions and catalogues may name.
const CURRENCIES: &[&str] = &[
    "GBP", "USD", "EUR", "AUD", "BRL", "CAD", "CHF", "CNY", "COP", "CZK", "DKK", "HKD", "HUF", "INR", "JPY",
    "KRW", "MXN", "NOK", "NZD", "PKR", "PLN", "RON", "SEK", "SGD", "TRY", "ZAR",
];

impl Currency {
    /// Pounds sterling.
    pub const GBP: Currency = Currency(*b"GBP");

    /// The currency of a code, `GBP` say; `None` for one that isn't known.
    pub fn of(code: &str) -> Option<Currency> {
        CURRENCIES.contains(&code).then(|| code.as_bytes().try_into().ok().map(Currency)).flatten()
    }

    /// The currency of a sign: `£`, `$` (US dollars) or `€`.
    pub fn of_sign(sign: char) -> Option<Currency> {
        match sign {
            '£' => Some(Currency::GBP),
            '$' => Some(Currency(*b"USD")),
            '€' => Some(Currency(*b"EUR")),
            _ => None,
        }
    }

    /// Its code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Its sign, where it has one of its own.
    pub fn sign(&self) -> Option<char> {
        match self.code() {
            "GBP" => Some('£'),
            "USD" => Some('$'),
            "EUR" => Some('€'),
            _ => None,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// How many base units of money or of items one of them holds.
pub const PER_ONE: i128 = 10_000;
/// Microseconds a day.
pub const DAY: i64 = 86_400_000_000;

/// A unit of a quantity: `num / den` base units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As shown and written: `kg`, `us fl oz`, `GBP`, `tablets`.
    pub name: Arc<str>,
    /// What it measures.
    pub ty: Type,
    /// Base units, numerator.
    pub num: i128,
    /// Base units, denominator.
    pub den: i128,
}

/// Name, other names, what it measures, base units as a fraction. The one table of units.
const TABLE: &[(&str, &[&str], Type, i128, i128)] = &[
    ("ug", &["µg", "mcg", "microgram", "micrograms"], Type::Mass, 1_000, 1),
    ("mg", &["milligram", "milligrams"], Type::Mass, 1_000_000, 1),
    ("g", &["gram", "grams", "gramme", "grammes"], Type::Mass, 1_000_000_000, 1),
    ("kg", &["kilo", "kilos", "kilogram", "kilograms"], Type::Mass, 1_000_000_000_000, 1),
    ("t", &["tonne", "tonnes"], Type::Mass, 1_000_000_000_000_000, 1),
    ("oz", &["ounce", "ounces"], Type::Mass, 28_349_523_125, 1),
    ("lb", &["lbs"], Type::Mass, 453_592_370_000, 1),
    ("ul", &["µl"], Type::Volume, 1_000, 1),
    ("ml", &["millilitre", "millilitres"], Type::Volume, 1_000_000, 1),
    ("cl", &["centilitre", "centilitres"], Type::Volume, 10_000_000, 1),
    ("l", &["litre", "litres"], Type::Volume, 1_000_000_000, 1),
    ("us fl oz", &[], Type::Volume, 295_735_295_625, 10_000),
    ("us pt", &[], Type::Volume, 473_176_473, 1),
    ("us gal", &[], Type::Volume, 3_785_411_784, 1),
    ("imperial fl oz", &[], Type::Volume, 284_130_625, 10),
    ("imperial pt", &[], Type::Volume, 568_261_250, 1),
    ("imperial gal", &[], Type::Volume, 4_546_090_000, 1),
    ("seconds", &["second", "s"], Type::Duration, 1_000_000, 1),
    ("minutes", &["minute", "min"], Type::Duration, 60_000_000, 1),
    ("hours", &["hour", "h"], Type::Duration, 3_600_000_000, 1),
    ("days", &["day"], Type::Duration, DAY as i128, 1),
    ("weeks", &["week"], Type::Duration, 7 * DAY as i128, 1),
];

/// The units that a catalogue's questions may use: the built-in ones and its own kinds of items.
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// Kinds of items, by the plural that the catalogue declares.
    pub kinds: Vec<Arc<str>>,
}

impl Units {
    /// The unit of that name, as a question writes it.
    pub fn find(&self, name: &str) -> Option<Unit> {
        for (own, others, ty, num, den) in TABLE {
            if *own == name || others.contains(&name) {
                return Some(Unit { name: Arc::from(*own), ty: ty.clone(), num: *num, den: *den });
            }
        }
        if let Some(currency) = Currency::of(name) {
            return Some(Unit::money(currency));
        }
        self.kinds
            .iter()
            .find(|kind| &***kind == name || kind.strip_suffix('s') == Some(name))
            .map(|kind| Unit::items(kind.clone()))
    }

    /// The unit of that name as data write it: case and blanks around it don't matter.
    pub fn find_in_data(&self, name: &str) -> Option<Unit> {
        let name = name.trim();
        let sign = name.chars().next().filter(|c| name.len() == c.len_utf8());
        self.find(name)
            .or_else(|| sign.and_then(Currency::of_sign).map(Unit::money))
            .or_else(|| self.find(&name.to_lowercase()))
            .or_else(|| self.find(&name.to_uppercase()))
            .or_else(|| {
                let kind = self.kinds.iter().find(|kind| kind.eq_ignore_ascii_case(name))?;
                Some(Unit::items(kind.clone()))
            })
    }

    /// Every name a question may write, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.measures().chain(CURRENCIES.iter().copied())
    }

    /// The same without currencies.
    pub fn measures(&self) -> impl Iterator<Item = &str> {
        TABLE
            .iter()
            .flat_map(|(own, others, ..)| std::iter::once(*own).chain(others.iter().copied()))
            .chain(self.kinds.iter().map(|kind| &**kind))
    }

    /// The names of the units of one dimension.
    pub fn names_of(&self, ty: &Type) -> impl Iterator<Item = &str> {
        self.names().filter(move |name| self.find(name).is_some_and(|unit| unit.ty == *ty))
    }
}

impl Unit {
    /// One unit of a currency.
    pub fn money(currency: Currency) -> Unit {
        Unit { name: Arc::from(currency.code()), ty: Type::Money(currency), num: PER_ONE, den: 1 }
    }

    /// One item of a kind.
    pub fn items(kind: Arc<str>) -> Unit {
        Unit { name: kind.clone(), ty: Type::Items(kind), num: PER_ONE, den: 1 }
    }

    /// So many base units as a question writes them: `£40`, `2.5 kg`.
    pub fn written(&self, amount: i64) -> String {
        let digits = format_scaled(i128::from(amount), self.num, self.den, 9);
        let sign = match &self.ty {
            Type::Money(currency) => currency.sign(),
            _ => None,
        };
        match (sign, digits.strip_prefix('-')) {
            (Some(sign), Some(digits)) => format!("-{sign}{digits}"),
            (Some(sign), None) => format!("{sign}{digits}"),
            (None, _) => format!("{digits} {}", self.name),
        }
    }

    /// The unit a quantity is shown in unless `to` says otherwise: g, ml, days, the currency, the items.
    pub fn default_of(ty: &Type) -> Option<Unit> {
        let named = |name: &str| Units::default().find(name);
        match ty {
            Type::Mass => named("g"),
            Type::Volume => named("ml"),
            Type::Duration => named("days"),
            Type::Money(currency) => Some(Unit::money(*currency)),
            Type::Items(kind) => Some(Unit::items(kind.clone())),
            _ => None,
        }
    }
}

/// The name of a single one: `day`, `tablet`. Kinds of items are plurals, of which those that just
/// take an s can be told.
pub fn one_of(unit: &Unit) -> &str {
    let plain = matches!(unit.ty, Type::Duration | Type::Items(_))
        && !["ss", "us", "is", "ies", "xes", "ches", "shes", "sses", "zes"]
            .iter()
            .any(|end| unit.name.ends_with(end));
    if plain { unit.name.strip_suffix('s').unwrap_or(&unit.name) } else { &unit.name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_ounces_are_a_pound() {
        let units = Units::default();
        assert_eq!(units.find("oz").unwrap().num * 16, units.find("lb").unwrap().num);
        assert_eq!(units.find("us fl oz").unwrap().num * 128, units.find("us gal").unwrap().num * 10_000);
        assert_eq!(
            units.find("imperial fl oz").unwrap().num * 160,
            units.find("imperial gal").unwrap().num * 10
        );
    }
}
