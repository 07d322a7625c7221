//! Where a source becomes typed columns. A file's values come in as text (Parquet's as they are) and go
//! through the column's [`Reader`]; what doesn't fit is missing. Nothing else in the engine knows files.

use std::collections::HashMap;
use std::sync::Arc;

use polars::io::RowIndex;
use polars::prelude::*;

use crate::catalog::{Case, Format, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::plan::Stored;
use crate::survey;
use crate::types::time::{days, parse_date, parse_date_as, parse_datetime, parse_datetime_as};
use crate::types::{Decimal, Unit, Units};

/// The column that numbers a table's lines.
pub(super) const ROW: &str = "#·row";

/// A table as its file has it: every column as text (or as Parquet has it), under its heading. With
/// `rows`, a column [`ROW`] numbers the lines.
pub(super) fn raw(table: &Table, rows: bool) -> Result<LazyFrame, Diagnostic> {
    let path = PlRefPath::new(table.path.to_string_lossy());
    let index = (rows || table.drop_repeated).then(|| RowIndex { name: ROW.into(), offset: 0 });
    let headings = table.headings()?;
    let frame = match table.format {
        Format::Csv => {
            let schema: Schema =
                unique(headings).map(|name| (PlSmallStr::from(name), DataType::String)).collect();
            LazyCsvReader::new(path)
                .with_schema(Some(Arc::new(schema)))
                .with_has_header(true)
                .with_glob(false)
                .with_row_index(index)
                .finish()
        }
        Format::Parquet => LazyFrame::scan_parquet(
            path,
            ScanArgsParquet { row_index: index, glob: false, ..Default::default() },
        ),
    };
    let mut frame = frame.map_err(|error| super::read_error(&error))?;
    if table.format == Format::Csv {
        let empty = table.empty_lines.get_or_init(|| survey::has_empty_lines(&table.path)).clone()?;
        // Only where there are any, because this reads every column.
        let something = unique(headings).map(|name| col(name).is_not_null()).reduce(Expr::or);
        if let (true, Some(something)) = (empty, something) {
            frame = frame.filter(something);
        }
    }
    if !table.drop_repeated {
        return Ok(frame);
    }
    // Of lines that are the same throughout, the first stays.
    let all: Vec<Expr> = unique(headings).map(col).collect();
    Ok(frame.group_by(all).agg([col(ROW).min()]))
}

/// Headings made different: a second `0` is `0#·2`, which no heading is.
fn unique(headings: &[String]) -> impl Iterator<Item = String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    headings.iter().map(move |heading| {
        let count = seen.entry(heading.as_str()).or_insert(0);
        *count += 1;
        if *count == 1 { heading.clone() } else { format!("{heading}#·{count}") }
    })
}

/// A stored column's value, from the raw frame.
pub(super) fn read(table: &Table, column: &Stored) -> Expr {
    let raw = col(column.heading.as_str());
    let markers: Arc<[String]> = table.missing.iter().chain(&column.missing).cloned().collect();
    // A field of nothing but blanks is as empty as any.
    let known = move |text: &str| {
        let trimmed = text.trim();
        !trimmed.is_empty() && !markers.iter().any(|marker| marker == trimmed)
    };
    match &column.reader {
        // Blanks around a text are an export's padding: `Lambeth` and `Lambeth ` are one borough.
        Reader::Text(case) => {
            let case = *case;
            super::values::text(raw, move |text| {
                let read = cased(text.trim(), case);
                (known(text) && known(&read)).then_some(read)
            })
        }
        // Other tools write an id with gaps as a float: 7.0 is 7.
        Reader::Id => raw.map(
            move |column| {
                let series = column.as_materialized_series();
                let float = series.dtype().is_float();
                let text = series.cast(&DataType::String)?;
                let read = |text: &str| {
                    let text = text.trim();
                    let text = if float { text.strip_suffix(".0").unwrap_or(text) } else { text };
                    known(text).then(|| text.to_string())
                };
                let out: StringChunked = text.str()?.iter().map(|text| text.and_then(read)).collect();
                Ok(out.with_name(series.name().clone()).into_column())
            },
            |_, field| Ok(Field::new(field.name().clone(), DataType::String)),
        ),
        Reader::Category(_, codes) => {
            let codes: HashMap<String, u32> = codes.iter().cloned().collect();
            parse::<UInt32Type>(raw, DataType::UInt32, move |text| {
                known(text).then(|| codes.get(text.trim()).copied()).flatten()
            })
        }
        Reader::Bool => raw.map(
            move |column| {
                let series = column.as_materialized_series();
                if series.dtype() == &DataType::Boolean {
                    return Ok(column);
                }
                let text = series.cast(&DataType::String)?;
                let out: BooleanChunked = text
                    .str()?
                    .iter()
                    .map(|text| match text.filter(|text| known(text))?.trim() {
                        trimmed if trimmed.eq_ignore_ascii_case("true") => Some(true),
                        trimmed if trimmed.eq_ignore_ascii_case("false") => Some(false),
                        _ => None,
                    })
                    .collect();
                Ok(out.with_name(series.name().clone()).into_column())
            },
            |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)),
        ),
        Reader::Integer => {
            parse::<Int64Type>(raw, DataType::Int64, move |text| known(text).then(|| integer(text)).flatten())
        }
        Reader::Number => parse::<Float64Type>(raw, DataType::Float64, move |text| {
            known(text).then(|| number(text)).flatten()
        }),
        Reader::Date(formats) => {
            let formats = formats.clone();
            let read = move |text: &str| known(text).then(|| date(text, &formats)).flatten();
            parse::<Int32Type>(raw, DataType::Date, read)
        }
        Reader::Datetime(formats) => {
            let formats = formats.clone();
            let read = move |text: &str| known(text).then(|| datetime(text, &formats)).flatten();
            parse::<Int64Type>(raw, DataType::Datetime(TimeUnit::Microseconds, None), read)
        }
        Reader::Quantity(unit) => {
            let unit = unit.clone();
            parse::<Int64Type>(raw, DataType::Int64, move |text| {
                known(text).then(|| amount(text, &unit)).flatten()
            })
        }
    }
}

/// Amounts in the units that stand beside them: missing where a unit isn't one of `codes`, or, without
/// codes, isn't one of `ty`.
pub(super) fn measure(
    amount_text: Expr,
    unit_text: Expr,
    codes: &[(String, Unit)],
    units: Units,
    ty: crate::types::Type,
) -> Expr {
    let codes: HashMap<String, Unit> = codes.iter().cloned().collect();
    amount_text.map_many(
        move |columns| {
            let name = columns[0].name().clone();
            let amounts = columns[0].as_materialized_series().cast(&DataType::String)?;
            let names = columns[1].as_materialized_series().cast(&DataType::String)?;
            let (amounts, names) = (amounts.str()?, names.str()?);
            let mut known: HashMap<String, Option<Unit>> = HashMap::new();
            let len = if amounts.len() == 1 { names.len() } else { amounts.len() };
            let mut out = PrimitiveChunkedBuilder::<Int64Type>::new(name, len);
            for row in 0..len {
                let text = amounts.get(if amounts.len() == 1 { 0 } else { row });
                let unit = names.get(if names.len() == 1 { 0 } else { row });
                let value = text.zip(unit).and_then(|(text, unit)| {
                    if !known.contains_key(unit) {
                        let found = if codes.is_empty() {
                            units.find_in_data(unit).filter(|found| found.ty == ty)
                        } else {
                            codes.get(unit.trim()).cloned()
                        };
                        known.insert(unit.to_string(), found);
                    }
                    amount(text, known.get(unit)?.as_ref()?)
                });
                out.append_option(value);
            }
            Ok(out.finish().into_column())
        },
        &[unit_text],
        |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)),
    )
}

/// Text row by row into another type, stored as `T`.
fn parse<T>(
    raw: Expr,
    dtype: DataType,
    read: impl Fn(&str) -> Option<T::Native> + Send + Sync + 'static,
) -> Expr
where
    T: PolarsNumericType,
    ChunkedArray<T>: IntoSeries,
{
    let wanted = dtype.clone();
    raw.map(
        move |column| {
            let series = column.as_materialized_series();
            // Parquet's dates and datetimes are no text to be read.
            let temporal = matches!(series.dtype(), DataType::Date | DataType::Datetime(_, None));
            if temporal && matches!(wanted, DataType::Date | DataType::Datetime(..)) {
                return series.cast(&wanted).map(Column::from);
            }
            let text = series.cast(&DataType::String)?;
            let mut out = PrimitiveChunkedBuilder::<T>::new(series.name().clone(), series.len());
            for value in text.str()?.iter() {
                out.append_option(value.and_then(&read));
            }
            out.finish().into_series().cast(&wanted).map(Column::from)
        },
        move |_, field| Ok(Field::new(field.name().clone(), dtype.clone())),
    )
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        // 12.0 is a whole number that a spreadsheet wrote.
        Decimal::parse(text)
            .filter(|d| d.mantissa % 10i128.checked_pow(d.scale).unwrap_or(i128::MAX) == 0)?
            .scaled(1, 1)
    })
}

/// A number's nearest float; more digits or a larger exponent than [`Decimal`] holds are read as floats are.
fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    let number = match Decimal::parse(text) {
        Some(decimal) => decimal.to_f64(),
        None if text.bytes().all(digits) => text.parse().ok()?,
        None => return None,
    };
    number.is_finite().then_some(number)
}

fn amount(text: &str, unit: &Unit) -> Option<i64> {
    Decimal::parse(text)?.scaled(unit.num, unit.den)
}

fn date(text: &str, formats: &[String]) -> Option<i32> {
    let text = text.trim();
    if formats.is_empty() {
        return parse_date(text)
            .map(days)
            .or_else(|| parse_datetime(text).map(|at| at.div_euclid(crate::types::unit::DAY) as i32));
    }
    formats.iter().find_map(|format| parse_date_as(text, format)).map(days)
}

fn datetime(text: &str, formats: &[String]) -> Option<i64> {
    let text = text.trim();
    if formats.is_empty() {
        return parse_datetime(text)
            .or_else(|| parse_date(text).map(|day| crate::types::time::midnight(days(day))));
    }
    formats.iter().find_map(|format| parse_datetime_as(text, format))
}

fn cased(text: &str, case: Case) -> String {
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

    #[test]
    fn titles() {
        assert_eq!(title("KING'S CROSS"), "King's Cross");
        assert_eq!(title("kingston-upon-thames 2ND"), "Kingston-Upon-Thames 2nd");
    }

    #[test]
    fn headings_that_stand_twice() {
        let headings = ["0".to_string(), "a".to_string(), "0".to_string()];
        assert_eq!(unique(&headings).collect::<Vec<_>>(), ["0", "a", "0#·2"]);
    }

    #[test]
    fn whole_numbers() {
        assert_eq!(integer(" 12.0 "), Some(12));
        assert_eq!(integer("12.5"), None);
    }
}
