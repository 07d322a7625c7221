//! How the text of one field reads as a value. These are the rules of the whole program: the survey counts by
//! them what does not fit, and the engine reads by them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Case, Formats, Reader};
use crate::types::time::{self, days, parse_date, parse_datetime};
use crate::types::{Decimal, Type, Unit};

/// What is no value beside the empty field: `N/K`, say.
#[derive(Clone, Debug, Default)]
pub struct Markers(Vec<String>);

impl Markers {
    /// A table's markers and a column's own.
    pub fn new(table: &[String], column: &[String]) -> Markers {
        Markers(table.iter().chain(column).cloned().collect())
    }

    /// Might one of them be a number's text?
    pub fn may_be_numbers(&self) -> bool {
        self.0.iter().any(|marker| marker.bytes().any(|byte| byte.is_ascii_digit()))
    }

    /// Those that are whole numbers.
    pub fn integers(&self) -> Vec<i64> {
        self.0.iter().filter_map(|marker| marker.parse().ok()).collect()
    }

    /// Those that are numbers.
    pub fn numbers(&self) -> Vec<f64> {
        self.0.iter().filter_map(|marker| number(marker)).collect()
    }

    /// Those that are days or moments, in microseconds since 1970.
    pub fn moments(&self, formats: &Formats) -> Vec<i64> {
        let iso = Formats { list: Vec::new(), ..formats.clone() };
        let read = |marker: &String| datetime(marker, formats).or_else(|| datetime(marker, &iso));
        self.0.iter().filter_map(read).collect()
    }

    /// The text without blanks around it, where it is a value at all.
    pub fn known<'t>(&self, text: &'t str) -> Option<&'t str> {
        let text = trimmed(text);
        (!text.is_empty() && !self.0.iter().any(|marker| marker == text)).then_some(text)
    }
}

/// Without the blanks around it: an export's padding.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        [only] if only.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// What a field turns out to be in a column of some type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No value.
    Missing,
    /// A value that is not of the column's type.
    Unfit,
    /// A value.
    Value {
        /// The text is the value as any reader would take it: nothing to trim, look up or convert but digits.
        plain: bool,
    },
}

impl Found {
    /// Would any reader take the field for what it is: the value as it stands, or none at all?
    pub fn is_plain(self, field: &str) -> bool {
        match self {
            Found::Missing => field.is_empty(),
            Found::Unfit => false,
            Found::Value { plain } => plain,
        }
    }
}

/// A column's reader, ready to look at fields one by one.
#[derive(Debug)]
pub struct Look {
    markers: Markers,
    reader: Reader,
    codes: Codes,
}

/// The texts that stand for a category's values.
#[derive(Debug, Default)]
pub enum Codes {
    /// None at all.
    #[default]
    None,
    /// So few that looking at each is the quickest.
    Few(Vec<(String, u32)>),
    /// More.
    Many(HashMap<String, u32>),
}

impl Codes {
    /// Of a category's reader.
    pub fn new(codes: &[(String, u32)]) -> Codes {
        match codes {
            [] => Codes::None,
            few if few.len() <= 12 => Codes::Few(few.to_vec()),
            many => Codes::Many(many.iter().cloned().collect()),
        }
    }

    /// The position of the value that a text stands for.
    pub fn get(&self, text: &str) -> Option<u32> {
        match self {
            Codes::None => None,
            Codes::Few(codes) => codes.iter().find(|(code, _)| code == text).map(|(_, at)| *at),
            Codes::Many(codes) => codes.get(text).copied(),
        }
    }
}

/// A field's value.
enum Read<'t> {
    Text(Cow<'t, str>),
    Truth(bool),
    Whole(i64),
    Number(f64),
}

impl Look {
    /// For a column that is read so.
    pub fn new(reader: &Reader, table: &[String], column: &[String]) -> Look {
        let codes = match reader {
            Reader::Category(_, codes) => Codes::new(codes),
            _ => Codes::None,
        };
        Look { markers: Markers::new(table, column), reader: reader.clone(), codes }
    }

    /// How it reads.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// What it takes for no value.
    pub fn markers(&self) -> &Markers {
        &self.markers
    }

    /// What this field is.
    pub fn at(&self, field: &str) -> Found {
        let Some(text) = self.markers.known(field) else { return Found::Missing };
        let Some(read) = self.read(text) else { return Found::Unfit };
        let whole = text.len() == field.len();
        match (read, &self.reader) {
            (Read::Text(read), Reader::Text(_)) if self.markers.known(&read).is_none() => Found::Missing,
            (Read::Text(read), Reader::Text(_) | Reader::Id) => Found::Value { plain: whole && read == text },
            (_, Reader::Integer) => Found::Value { plain: whole && is_canonical(text) },
            (_, Reader::Number) => Found::Value { plain: whole && is_canonical_number(text) },
            (_, Reader::Category(..)) => Found::Value { plain: whole },
            _ => Found::Value { plain: false },
        }
    }

    /// A number that is the same for fields whose values are one as a key; `None` where there is no value.
    pub fn key(&self, field: &str) -> Option<u64> {
        let read = self.read(self.markers.known(field)?)?;
        Some(match read {
            Read::Text(text) => hashed(self.markers.known(&text)?),
            Read::Truth(truth) => hashed(&truth),
            // As text, so that an integer meets an id.
            Read::Whole(n) => hashed(n.to_string().as_str()),
            Read::Number(n) => hashed(&(n + 0.0).to_bits()),
        })
    }

    /// The value of a column of text; none in a column of anything else.
    pub fn value<'t>(&'t self, field: &'t str) -> Option<Cow<'t, str>> {
        match self.read(self.markers.known(field)?)? {
            Read::Text(text) => self.markers.known(&text).is_some().then_some(text),
            _ => None,
        }
    }

    /// The text of a value that identifies, as links compare it.
    pub fn text<'t>(&self, field: &'t str) -> Option<Cow<'t, str>> {
        let text = self.markers.known(field)?;
        match self.reader {
            Reader::Integer => integer(text).map(|n| Cow::Owned(n.to_string())),
            _ => Some(Cow::Borrowed(text)),
        }
    }

    fn read<'t>(&'t self, text: &'t str) -> Option<Read<'t>> {
        Some(match &self.reader {
            Reader::Text(Case::Keep) | Reader::Id | Reader::Amount => Read::Text(Cow::Borrowed(text)),
            Reader::Late(_) => return None,
            Reader::Text(case) => Read::Text(Cow::Owned(cased(text, *case))),
            Reader::Category(category, _) => {
                let value = category.values.get(usize::try_from(self.codes.get(text)?).ok()?)?;
                Read::Text(Cow::Borrowed(value))
            }
            Reader::Bool => Read::Truth(truth(text)?),
            Reader::Integer => Read::Whole(integer(text)?),
            Reader::Number => Read::Number(number(text)?),
            Reader::Date(formats) => Read::Whole(date(text, formats)?.into()),
            Reader::Datetime(formats) => Read::Whole(datetime(text, formats)?),
            Reader::Quantity(unit) => Read::Whole(amount(text, unit)?),
        })
    }
}

/// The same number for the same value, on every machine.
pub fn hashed<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Digits that are a whole number as any reader writes it: no sign but `-`, no leading zero.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    (1..=18).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && (digits[0] != b'0' || text == "0")
}

/// Digits, with a point among them or not, that any reader takes for the same number.
fn is_canonical_number(text: &str) -> bool {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            is_canonical(whole)
                && !fraction.is_empty()
                && text.len() <= 18
                && fraction.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => is_canonical(text),
    }
}

/// `true` or `false`, in any case.
pub fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// A whole number; `12.0` is one that a spreadsheet wrote, `1,234` one that it made pretty.
pub fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        decimal(text)
            .filter(|d| d.mantissa % 10i128.checked_pow(d.scale).unwrap_or(i128::MAX) == 0)?
            .scaled(1, 1)
    })
}

/// A number's nearest float; more digits or a larger exponent than [`Decimal`] holds are read as floats are.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let number = match text.bytes().all(digits) {
        true => text.parse().ok()?,
        false => decimal(text)?.to_f64(),
    };
    number.is_finite().then_some(number)
}

/// An amount in a unit, as a count of the base unit. Money may have its own currency's sign or code beside it.
pub fn amount(text: &str, unit: &Unit) -> Option<i64> {
    let text = text.trim();
    if let Some(read) = decimal(text) {
        return read.scaled(unit.num, unit.den);
    }
    let Type::Money(currency) = &unit.ty else { return None };
    // (£1,234.50): the sign may stand within the brackets.
    let (text, negative) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => match text.strip_prefix('-') {
            Some(rest) => (rest.trim_start(), true),
            None => (text, false),
        },
    };
    let bare = currency
        .sign()
        .and_then(|sign| text.strip_prefix(sign))
        .or_else(|| text.strip_prefix(currency.code()))
        .or_else(|| text.strip_suffix(currency.code()))?
        .trim();
    let read = decimal(bare)?;
    if negative && read.mantissa < 0 {
        return None;
    }
    let mantissa = if negative { -read.mantissa } else { read.mantissa };
    Decimal { mantissa, ..read }.scaled(unit.num, unit.den)
}

/// A decimal number as people and programs write it: `1234.5`, `1,234.5`, `(12)` for −12 and `12*` with a
/// footnote's mark. A comma stands before every three digits of a whole part or nowhere: `1,5` is none.
pub fn decimal(text: &str) -> Option<Decimal> {
    if let Some(read) = Decimal::parse(text) {
        return Some(read);
    }
    let text = text.trim().trim_end_matches('*').trim_end();
    let (text, negative) = match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) => (inner.trim(), true),
        None => (text, false),
    };
    if negative && text.starts_with(['-', '+']) {
        return None;
    }
    let whole = text.split('.').next()?;
    let groups: Vec<&str> = whole.trim_start_matches(['-', '+']).split(',').collect();
    if let [first, rest @ ..] = groups.as_slice()
        && !rest.is_empty()
        && (!(1..=3).contains(&first.len()) || rest.iter().any(|group| group.len() != 3))
    {
        return None;
    }
    let fraction = text.get(whole.len()..)?;
    if fraction.contains(',') {
        return None;
    }
    let mut read = Decimal::parse(&format!("{}{fraction}", whole.replace(',', "")))?;
    if negative {
        read.mantissa = -read.mantissa;
    }
    Some(read)
}

/// A day, in days since 1970: in one of these formats, or as ISO writes it, a time after it cut off.
pub fn date(text: &str, formats: &Formats) -> Option<i32> {
    let text = text.trim();
    if formats.list.is_empty() {
        return parse_date(text)
            .map(days)
            .or_else(|| parse_datetime(text).map(|at| at.div_euclid(crate::types::unit::DAY) as i32));
    }
    formats.list.iter().find_map(|format| time::parse_date_as(text, format, formats.first_year)).map(days)
}

/// A moment, in microseconds since 1970 by the wall clock: in one of these formats, or as ISO writes it. What is
/// in UTC, or says how far from it, becomes what the clocks of the catalogue's time zone show.
pub fn datetime(text: &str, formats: &Formats) -> Option<i64> {
    let text = text.trim();
    let read = if formats.list.is_empty() {
        let midnight = || parse_date(text).map(|day| time::midnight(days(day)));
        let instant = || time::parse_instant(text).filter(|_| formats.utc);
        parse_datetime(text).or_else(midnight).or_else(instant)
    } else {
        let read = if formats.utc { time::parse_instant_as } else { time::parse_datetime_as };
        formats.list.iter().find_map(|format| read(text, format, formats.first_year))
    };
    match formats.zone.filter(|_| formats.utc) {
        Some(zone) => time::wall_clock(read?, zone),
        None => read,
    }
}

/// A text in the case that the catalogue wants.
pub fn cased(text: &str, case: Case) -> String {
    match case {
        Case::Keep => text.to_string(),
        Case::Upper => text.to_uppercase(),
        Case::Lower => text.to_lowercase(),
        Case::Title => title(text),
    }
}

/// The first letter of each word in capitals, the rest small; an apostrophe within a word starts no
/// new one: `KING'S CROSS` is `King's Cross`.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut within = false;
    for letter in text.chars() {
        if within {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
        within = letter.is_alphanumeric() || (within && matches!(letter, '\'' | '’'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Currency;

    #[test]
    fn titles() {
        assert_eq!(title("KING'S CROSS"), "King's Cross");
        assert_eq!(title("kingston-upon-thames 2ND"), "Kingston-Upon-Thames 2nd");
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(integer(" 12.0 "), Some(12));
        assert_eq!(integer("12.5"), None);
        assert_eq!(integer("1,234"), Some(1234));
        assert_eq!(integer("(1,234)"), Some(-1234));
        assert_eq!(integer("7*"), Some(7));
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, value) in
            [("1,234.5", 1234.5), ("12,345,678", 12_345_678.0), ("(0.5)", -0.5), ("-1,000", -1000.0)]
        {
            assert_eq!(number(text), Some(value), "{text}");
        }
        for odd in ["1,5", "1,23,456", ",123", "1234,567", "1.234,5", "(-5)", "*", "()", "£5", "5%", "1,2345"]
        {
            assert_eq!(number(odd), None, "{odd}");
        }
    }

    #[test]
    fn money_as_people_write_it() {
        let pounds = Unit::money(Currency::GBP);
        let read = |text: &str| amount(text, &pounds);
        assert_eq!(read("£1,234.50"), Some(12_345_000));
        assert_eq!(read("(£12)"), Some(-120_000));
        assert_eq!(read("-£12"), Some(-120_000));
        assert_eq!(read("12 GBP"), Some(120_000));
        assert_eq!(read("£12*"), Some(120_000));
        assert_eq!(read("$12"), None);
        assert_eq!(read("12 USD"), None);
    }
}
