//! The types of columns that nobody declared. A type is inferred only where every value of the file fits it,
//! so that inference loses nothing: one `n/a` among a million numbers makes a column text. Digits with a
//! leading zero are a code, not a number, and stay text; so do dates that could be read in two ways.

use chrono_tz::Tz;
use polars::prelude::DataType;
use serde::{Deserialize, Serialize};

use crate::catalog::{Case, Formats, Reader};
use crate::files::field;
use crate::types::time::{self, FIRST_YEAR};

/// What a column turns out to hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Inferred {
    /// Text, or what is left as text.
    Text(Option<Hint>),
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// `true` and `false`.
    Bool,
    /// Days, as ISO writes them or in this format.
    Date(Option<String>),
    /// Moments, as ISO writes them or in this format.
    Datetime(Option<String>),
}

/// Why a column is left as text, and how it can be declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    /// All its values are dates, but in more formats than one.
    Dates(Vec<String>),
    /// All its values are numbers with separators, brackets or marks.
    Numbers,
    /// All its values are times that say how far from Greenwich they are, and nobody says on whose clocks to read
    /// them.
    Instants,
}

impl Inferred {
    /// How the column is read, in a table whose times are on these clocks.
    pub fn reader(&self, zone: Option<Tz>) -> Reader {
        let formats = |format: &Option<String>| Formats {
            list: format.iter().cloned().collect(),
            ..Formats::iso(zone)
        };
        match self {
            Inferred::Text(_) => Reader::Text(Case::Keep),
            Inferred::Integer => Reader::Integer,
            Inferred::Number => Reader::Number,
            Inferred::Bool => Reader::Bool,
            Inferred::Date(format) => Reader::Date(formats(format)),
            Inferred::Datetime(format) => Reader::Datetime(formats(format)),
        }
    }

    /// What a column of columnar files holds, by its type; a time with a zone is one where it is known on whose
    /// clocks to read it.
    pub(super) fn of(dtype: &DataType, zone: Option<Tz>) -> Inferred {
        match dtype {
            DataType::Int128 | DataType::UInt128 => Inferred::Text(None),
            dtype if dtype.is_integer() => Inferred::Integer,
            dtype if dtype.is_float() => Inferred::Number,
            DataType::Decimal(..) => Inferred::Number,
            DataType::Boolean => Inferred::Bool,
            DataType::Date => Inferred::Date(None),
            DataType::Datetime(_, own) if own.is_none() || zone.is_some() => Inferred::Datetime(None),
            DataType::Datetime(..) => Inferred::Text(Some(Hint::Instants)),
            _ => Inferred::Text(None),
        }
    }
}

/// Dates as they stand in exports. Formats that begin with the day and with the month are both here, so that
/// a column that both would read is seen to be ambiguous.
const DATES: &[&str] = &[
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%Y",
    "%d-%b-%y",
    // A month's whole name, or the beginning of it.
    "%d %B %Y",
    "%d %B %y",
    "%B %d, %Y",
];

/// Times of day that may follow a date.
const CLOCKS: &[&str] = &["", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p"];

/// A set of types that a value, or all values so far, would fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fits(u128);

impl Fits {
    const TEXT: Fits = Fits(0);
    const INTEGER: Fits = Fits(1);
    const NUMBER: Fits = Fits(2);
    const BOOL: Fits = Fits(4);
    const DATE: Fits = Fits(8);
    const DATETIME: Fits = Fits(16);
    /// A number as people write it: `1,234`.
    const PRETTY: Fits = Fits(32);
    /// A time with an offset: `2023-10-09T14:30:00Z`.
    const INSTANT: Fits = Fits(1 << 100);
    /// From this bit on, [`DATES`] with each of [`CLOCKS`].
    const DATED: u32 = 6;
    /// Of a column without a value yet.
    pub(super) const ALL: Fits = Fits(u128::MAX);

    fn holds(self, other: Fits) -> bool {
        self.0 & other.0 != 0
    }

    fn format(date: usize, clock: usize) -> Fits {
        Fits(1 << (Fits::DATED as usize + clock * DATES.len() + date))
    }

    /// One more value.
    pub(super) fn and(self, value: &str) -> Fits {
        if self == Fits::TEXT {
            return self;
        }
        let own = classify(value);
        if own != Fits::TEXT {
            return Fits(self.0 & own.0);
        }
        // Formats are tried one by one, and only those that all values so far fit.
        let plausible = (6..=30).contains(&value.len()) && value.bytes().any(|byte| byte.is_ascii_digit());
        let mut fits = 0;
        if plausible {
            for (clock, time) in CLOCKS.iter().enumerate() {
                for (date, day) in DATES.iter().enumerate() {
                    let bit = Fits::format(date, clock);
                    if self.holds(bit) && is_in(value, day, time) {
                        fits |= bit.0;
                    }
                }
            }
        }
        let digits = value.trim_start_matches(['-', '+', '(']).as_bytes();
        let code = matches!(digits, [b'0', b'0'..=b'9', ..]) || digits.iter().any(u8::is_ascii_alphabetic)
            // More digits than a number has are an identifier.
            || digits.iter().all(u8::is_ascii_digit);
        if self.holds(Fits::PRETTY) && !code && field::decimal(value).is_some() {
            fits |= Fits::PRETTY.0;
        }
        if plausible && self.holds(Fits::INSTANT) && time::parse_instant(value).is_some() {
            fits |= Fits::INSTANT.0;
        }
        Fits(self.0 & fits)
    }

    /// What a column of such values holds.
    pub(super) fn inferred(self) -> Inferred {
        // A column without a value still fits everything.
        if self == Fits::ALL {
            return Inferred::Text(None);
        }
        if self.holds(Fits::INTEGER) {
            return Inferred::Integer;
        } else if self.holds(Fits::NUMBER) {
            return Inferred::Number;
        } else if self.holds(Fits::BOOL) {
            return Inferred::Bool;
        } else if self.holds(Fits::DATE) {
            return Inferred::Date(None);
        } else if self.holds(Fits::DATETIME) {
            return Inferred::Datetime(None);
        }
        let mut found: Vec<(String, bool)> = Vec::new();
        for (clock, time) in CLOCKS.iter().enumerate() {
            for (date, day) in DATES.iter().enumerate() {
                if self.holds(Fits::format(date, clock)) {
                    found.push((format!("{day}{time}"), clock > 0));
                }
            }
        }
        match found.as_slice() {
            [] if self.holds(Fits::PRETTY) => Inferred::Text(Some(Hint::Numbers)),
            [] if self.holds(Fits::INSTANT) => Inferred::Text(Some(Hint::Instants)),
            [] => Inferred::Text(None),
            [(format, false)] => Inferred::Date(Some(format.clone())),
            [(format, true)] => Inferred::Datetime(Some(format.clone())),
            _ => {
                let formats = found.into_iter().map(|(format, _)| format).collect();
                Inferred::Text(Some(Hint::Dates(formats)))
            }
        }
    }
}

fn is_in(value: &str, day: &str, clock: &str) -> bool {
    let format = format!("{day}{clock}");
    match clock {
        "" => time::parse_date_as(value, &format, FIRST_YEAR).is_some(),
        _ => value.contains(':') && time::parse_datetime_as(value, &format, FIRST_YEAR).is_some(),
    }
}

/// The plain types that a value fits.
fn classify(value: &str) -> Fits {
    let bytes = value.as_bytes();
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    match digits.first() {
        Some(b't' | b'f') if value == "true" || value == "false" => Fits::BOOL,
        Some(b'0'..=b'9' | b'.') if is_dated(digits) && digits.len() == bytes.len() => dated(value),
        Some(b'0'..=b'9' | b'.') => number(value),
        _ => Fits::TEXT,
    }
}

/// Does it begin as `2023-10-09` does?
fn is_dated(value: &[u8]) -> bool {
    value.len() >= 10
        && value[..10].iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

fn dated(text: &str) -> Fits {
    if text.len() == 10 {
        if time::parse_date(text).is_some() { Fits::DATE } else { Fits::TEXT }
    } else if text.bytes().all(|b| !b.is_ascii_whitespace() || b == b' ')
        && time::parse_datetime(text).is_some()
    {
        Fits::DATETIME
    } else {
        Fits::TEXT
    }
}

fn number(text: &str) -> Fits {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let unsigned = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || whole.len() > 1 && whole.starts_with('0') {
        return Fits::TEXT;
    }
    if fraction.is_some_and(|fraction| fraction.is_empty() || !all_digits(fraction)) {
        return Fits::TEXT;
    }
    if whole.is_empty() && fraction.is_none() {
        return Fits::TEXT;
    }
    match exponent {
        // `12E4` may well be a code; a spreadsheet's `1.2E-05` has a sign.
        Some(exponent) => {
            let signed = exponent.strip_prefix(['-', '+']);
            let number = signed.is_some_and(|digits| !digits.is_empty() && all_digits(digits))
                && text.parse::<f64>().is_ok_and(f64::is_finite);
            if number { Fits::NUMBER } else { Fits::TEXT }
        }
        None if fraction.is_some() => Fits(Fits::NUMBER.0 | Fits::PRETTY.0),
        // What 64 bits don't hold is an identifier, not an amount.
        None if text.parse::<i64>().is_ok() => Fits(Fits::INTEGER.0 | Fits::NUMBER.0 | Fits::PRETTY.0),
        None => Fits::TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(values: &[&str]) -> Inferred {
        values.iter().fold(Fits::ALL, |fits, value| fits.and(value)).inferred()
    }

    #[test]
    fn values_fit_what_they_are() {
        for integer in ["0", "-7", "42", "9223372036854775807"] {
            assert_eq!(inferred(&[integer]), Inferred::Integer, "{integer}");
        }
        for number in ["0.5", "-1.25", ".5", "1.2E-05", "1e+3"] {
            assert_eq!(inferred(&[number]), Inferred::Number, "{number}");
        }
        for code in ["01", "007.5", "-01", "12E4", "9223372036854775808x", "-", " 5 x", "2023-13-09"] {
            assert_eq!(inferred(&[code]), Inferred::Text(None), "{code}");
        }
        assert_eq!(inferred(&["2023-10-09"]), Inferred::Date(None));
        assert_eq!(inferred(&["2023-10-09 14:30"]), Inferred::Datetime(None));
        assert_eq!(inferred(&["2023-10-09T14:30:15"]), Inferred::Datetime(None));
        for odd in ["2023-10-09T25:00", "2023-10", "-2023-10-09", "True", "tru"] {
            assert_eq!(inferred(&[odd]), Inferred::Text(None), "{odd}");
        }
        assert_eq!(inferred(&["true"]), Inferred::Bool);
        assert_eq!(inferred(&["1", "n/a"]), Inferred::Text(None));
        assert_eq!(inferred(&["1", "1.5"]), Inferred::Number);
        assert_eq!(inferred(&["1", "1,234"]), Inferred::Text(Some(Hint::Numbers)));
        assert_eq!(inferred(&["01", "1,234"]), Inferred::Text(None));
        let instants = Inferred::Text(Some(Hint::Instants));
        assert_eq!(inferred(&["2023-10-09T14:30:00Z", "2023-10-09 14:30:00.5+01:00"]), instants);
        assert_eq!(inferred(&["2023-10-09T14:30:00Z", "2023-10-09T14:30:00"]), Inferred::Text(None));
        assert_eq!(inferred(&[]), Inferred::Text(None));
    }

    #[test]
    fn dates_of_one_clear_format() {
        let date = |format: &str| Inferred::Date(Some(format.to_string()));
        assert_eq!(inferred(&["03/04/2023", "13/04/2023"]), date("%d/%m/%Y"));
        assert_eq!(inferred(&["03/04/2023", "04/13/2023"]), date("%m/%d/%Y"));
        assert_eq!(inferred(&["30-JUN-18"]), date("%d-%b-%y"));
        assert_eq!(inferred(&["25/12/2023 09:30"]), Inferred::Datetime(Some("%d/%m/%Y %H:%M".to_string())));
        let both = Hint::Dates(vec!["%d/%m/%Y".to_string(), "%m/%d/%Y".to_string()]);
        assert_eq!(inferred(&["03/04/2023", "01/02/2023"]), Inferred::Text(Some(both)));
        // Three formats in one column are text.
        assert_eq!(inferred(&["03/04/2023", "2023-04-03", "3 Apr 2023"]), Inferred::Text(None));
    }
}
