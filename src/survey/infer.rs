//! The types of columns that nobody declared. A type is inferred only where every value of the file fits it,
//! so that inference loses nothing: one `n/a` among a million numbers makes a column text. Digits with a
//! leading zero are a code, not a number, and stay text.

use std::path::Path;

use polars::prelude::{ArrowDataType, ArrowTimeUnit};

use super::headings::{csv_error, csv_reader, headings, parquet_schema};
use crate::catalog::{Case, Format, Reader};
use crate::diagnostic::Diagnostic;
use crate::types::time;

/// A set of types that a value, or all values so far, would fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fits(u8);

impl Fits {
    const TEXT: Fits = Fits(0);
    const INTEGER: Fits = Fits(1);
    const NUMBER: Fits = Fits(2);
    const BOOL: Fits = Fits(4);
    const DATE: Fits = Fits(8);
    const DATETIME: Fits = Fits(16);
    const ALL: Fits = Fits(31);

    fn and(self, other: Fits) -> Fits {
        Fits(self.0 & other.0)
    }

    fn holds(self, other: Fits) -> bool {
        self.0 & other.0 != 0
    }

    fn reader(self) -> Reader {
        // A column without a value still fits everything.
        if self == Fits::ALL {
            Reader::Text(Case::Keep)
        } else if self.holds(Fits::INTEGER) {
            Reader::Integer
        } else if self.holds(Fits::NUMBER) {
            Reader::Number
        } else if self.holds(Fits::BOOL) {
            Reader::Bool
        } else if self.holds(Fits::DATE) {
            Reader::Date(Vec::new())
        } else if self.holds(Fits::DATETIME) {
            Reader::Datetime(Vec::new())
        } else {
            Reader::Text(Case::Keep)
        }
    }
}

/// How to read the columns under these headings, each of which stands once in the file; `missing` are the
/// markers that are no values, beside the empty field. A CSV file is read whole, a Parquet file's schema
/// says it.
pub fn infer(
    path: &Path,
    format: Format,
    wanted: &[&str],
    missing: &[String],
) -> Result<Vec<Reader>, Diagnostic> {
    match format {
        Format::Csv => infer_csv(path, wanted, missing),
        Format::Parquet => {
            let schema = parquet_schema(path)?;
            let reader =
                |heading: &&str| schema.get(heading).map_or(Reader::Text(Case::Keep), |f| of(&f.dtype));
            Ok(wanted.iter().map(reader).collect())
        }
    }
}

fn infer_csv(path: &Path, wanted: &[&str], missing: &[String]) -> Result<Vec<Reader>, Diagnostic> {
    let all = headings(path, Format::Csv)?;
    let mut columns: Vec<(Option<usize>, Fits)> =
        wanted.iter().map(|heading| (all.iter().position(|other| other == heading), Fits::ALL)).collect();
    let mut reader = csv_reader(path)?;
    let mut record = csv::ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| csv_error(path, error))? {
        for (at, fits) in &mut columns {
            if *fits == Fits::TEXT {
                continue;
            }
            // A line that ends early leaves its last fields out.
            let Some(value) = at.and_then(|at| record.get(at)) else { continue };
            if value.is_empty() || missing.iter().any(|marker| marker.as_bytes() == value) {
                continue;
            }
            *fits = fits.and(classify(value));
        }
    }
    Ok(columns.into_iter().map(|(_, fits)| fits.reader()).collect())
}

/// The types that a value fits, as it stands: blanks around it make it text.
fn classify(value: &[u8]) -> Fits {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    match digits.first() {
        Some(b't' | b'f') if value == b"true" || value == b"false" => Fits::BOOL,
        Some(b'0'..=b'9' | b'.') => match std::str::from_utf8(value) {
            Ok(text) if is_dated(digits) && digits.len() == value.len() => dated(text),
            Ok(text) => number(text),
            Err(_) => Fits::TEXT,
        },
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
        None if fraction.is_some() => Fits::NUMBER,
        // What 64 bits don't hold is an identifier, not an amount.
        None if text.parse::<i64>().is_ok() => Fits(Fits::INTEGER.0 | Fits::NUMBER.0),
        None => Fits::TEXT,
    }
}

/// How a Parquet column is read, by its type.
fn of(dtype: &ArrowDataType) -> Reader {
    use ArrowDataType as T;
    match dtype {
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
            Reader::Integer
        }
        T::Float16 | T::Float32 | T::Float64 | T::Decimal(..) | T::Decimal256(..) => Reader::Number,
        T::Boolean => Reader::Bool,
        T::Date32 | T::Date64 => Reader::Date(Vec::new()),
        // A time with a zone is an instant; reading it as wall clock would move it.
        T::Timestamp(ArrowTimeUnit::Second | ArrowTimeUnit::Millisecond, None)
        | T::Timestamp(ArrowTimeUnit::Microsecond | ArrowTimeUnit::Nanosecond, None) => {
            Reader::Datetime(Vec::new())
        }
        _ => Reader::Text(Case::Keep),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(value: &str) -> Reader {
        classify(value.as_bytes()).reader()
    }

    #[test]
    fn values_fit_what_they_are() {
        let text = Reader::Text(Case::Keep);
        for integer in ["0", "-7", "42", "9223372036854775807"] {
            assert_eq!(fits(integer), Reader::Integer, "{integer}");
        }
        for number in ["0.5", "-1.25", ".5", "1.2E-05", "1e+3"] {
            assert_eq!(fits(number), Reader::Number, "{number}");
        }
        for code in ["01", "007.5", "-01", "12E4", "9223372036854775808", "1.", ".", "-", "+5", " 5", "1,000"]
        {
            assert_eq!(fits(code), text, "{code}");
        }
        assert_eq!(fits("2023-10-09"), Reader::Date(Vec::new()));
        assert_eq!(fits("2023-10-09 14:30"), Reader::Datetime(Vec::new()));
        assert_eq!(fits("2023-10-09T14:30:15"), Reader::Datetime(Vec::new()));
        for odd in ["2023-13-09", "2023-10-09T25:00", "09/10/2023", "2023-10", "-2023-10-09", "True", "tru"] {
            assert_eq!(fits(odd), text, "{odd}");
        }
        assert_eq!(fits("true"), Reader::Bool);
    }
}
