//! Where a source becomes typed columns. A file's values come in as text (a columnar file's as they are) and
//! go through the column's [`Reader`]; what doesn't fit is missing. Nothing else in the engine knows files.

use std::collections::HashMap;
use std::sync::Arc;

use polars::io::RowIndex;
use polars::prelude::*;

use crate::catalog::{FILE_NAME, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::files::field::{Codes, Markers, amount, cased, date, datetime, integer, number, truth};
use crate::files::{File, Format};
use crate::plan::Stored;
use crate::survey::FileFacts;
use crate::types::{Decimal, Unit, Units};

/// The column that numbers a table's lines.
pub(super) const ROW: &str = "#·row";

/// A table's records as its files have them: every column as text (or as a columnar file has it), under its
/// heading. Lines that are no records are left out. With `rows`, a column [`ROW`] numbers the lines, over all
/// files.
pub(super) fn raw(table: &Table, rows: bool) -> Result<LazyFrame, Diagnostic> {
    let survey = table.survey()?;
    let files = table.source.files()?;
    let mut frames = Vec::with_capacity(files.len());
    let mut before: u64 = 0;
    for (file, facts) in files.iter().zip(&survey.files) {
        let left_out: Vec<u64> = facts
            .blank
            .iter()
            .map(|row| before + row)
            .chain(survey.repeated.iter().copied().filter(|row| (before..before + facts.rows).contains(row)))
            .collect();
        let numbered = rows || !left_out.is_empty();
        let index = numbered.then(|| RowIndex { name: ROW.into(), offset: before as IdxSize });
        let mut frame = scan(table, file, facts, index).map_err(|error| super::read_error(&error))?;
        if !left_out.is_empty() {
            let numbers: Vec<IdxSize> = left_out.into_iter().map(|row| row as IdxSize).collect();
            let numbers = Series::new("left out".into(), numbers);
            frame = frame.filter(col(ROW).is_in(lit(numbers).implode(false), false).not());
        }
        if files.len() > 1 || table.file.is_some() {
            frame = united(table, file, facts, frame, rows)?;
        }
        before += facts.rows;
        frames.push(frame);
    }
    match frames.len() {
        1 => Ok(frames.remove(0)),
        _ => concat(frames, UnionArgs { rechunk: false, ..Default::default() })
            .map_err(|error| super::read_error(&error)),
    }
}

/// One file, under its headings.
fn scan(
    table: &Table,
    file: &File,
    facts: &FileFacts,
    index: Option<RowIndex>,
) -> PolarsResult<LazyFrame> {
    let path = PlRefPath::new(file.path.to_string_lossy());
    let failed = |mistake: Diagnostic| polars_err!(ComputeError: "{}", mistake.message);
    match file.format {
        Format::Csv | Format::Tsv | Format::Ndjson => {
            let dtype = |heading: &String| (PlSmallStr::from(heading.as_str()), text_dtype(table, heading));
            let schema: Schema = facts.headings.iter().map(dtype).collect();
            // What only our own reader reads right goes through memory: quotes within fields, other encodings,
            // JSON with its numbers as they stand.
            let (reader, separator) = if facts.odd {
                let bytes = [file.rewritten().map_err(failed)?];
                (LazyCsvReader::new_with_sources(ScanSources::Buffers(Arc::new(bytes))), b',')
            } else {
                (LazyCsvReader::new(path), file.shape().map_err(failed)?.separator)
            };
            reader
                .with_schema(Some(Arc::new(schema)))
                .with_has_header(true)
                .with_separator(separator)
                .with_glob(false)
                .with_row_index(index)
                .finish()
        }
        Format::Parquet => LazyFrame::scan_parquet(
            path,
            ScanArgsParquet { row_index: index, glob: false, ..Default::default() },
        ),
        Format::Arrow => LazyFrame::scan_ipc(
            path,
            IpcScanOptions::default(),
            UnifiedScanArgs { row_index: index, glob: false, ..Default::default() },
        ),
    }
}

/// What a CSV file's column is read as: numbers where the survey found nothing else, and text.
fn text_dtype(table: &Table, heading: &str) -> DataType {
    let here = |column: &&crate::catalog::Column| column.heading() == Some(heading);
    let columns = table.columns().unwrap_or_default();
    let mut columns = columns.iter().filter(here);
    let (Some(column), None) = (columns.next(), columns.next()) else { return DataType::String };
    match &column.from {
        crate::catalog::From::Stored { reader: Reader::Integer, .. } if is_plain(table, &column.name) => {
            DataType::Int64
        }
        crate::catalog::From::Stored { reader: Reader::Number, .. } if is_plain(table, &column.name) => {
            DataType::Float64
        }
        _ => DataType::String,
    }
}

/// Did the survey find every field of the column to be the value as it stands?
fn is_plain(table: &Table, name: &str) -> bool {
    let facts = table.survey().ok().and_then(|survey| survey.column(name));
    facts.is_some_and(|facts| facts.plain)
}

/// A file of several, its columns as all files together have them.
fn united(
    table: &Table,
    file: &File,
    facts: &FileFacts,
    frame: LazyFrame,
    rows: bool,
) -> Result<LazyFrame, Diagnostic> {
    let mut columns: Vec<Expr> = Vec::new();
    for heading in table.headings()? {
        let value = if facts.headings.contains(heading) { col(heading.as_str()) } else { lit(NULL) };
        let dtype = common_dtype(table, heading)?;
        columns.push(match dtype {
            Some(dtype) => value.cast(dtype).alias(heading.as_str()),
            None => value.alias(heading.as_str()),
        });
    }
    if table.file.is_some() {
        columns.push(lit(file.name()).alias(FILE_NAME));
    }
    if rows {
        columns.push(col(ROW));
    }
    Ok(frame.select(columns))
}

/// What the files of a table keep under a heading: text where they differ; `None` where all keep the same.
fn common_dtype(table: &Table, heading: &str) -> Result<Option<DataType>, Diagnostic> {
    let mut found: Option<&polars::prelude::ArrowDataType> = None;
    for file in table.source.files()? {
        if file.format.is_text() {
            return Ok(Some(text_dtype(table, heading)));
        }
        let shape = file.shape()?;
        let own = shape.schema.as_ref().and_then(|schema| schema.get(heading)).map(|field| &field.dtype);
        match (own, found) {
            (Some(own), Some(before)) if own != before => return Ok(Some(DataType::String)),
            (Some(own), _) => found = Some(own),
            (None, _) => {}
        }
    }
    Ok(found.map(|dtype| DataType::from_arrow_dtype(dtype)))
}

/// A stored column's value, from the raw frame.
pub(super) fn read(table: &Table, column: &Stored) -> Expr {
    let raw = col(column.heading.as_str());
    // What the survey found to be the value as it stands needs no reading.
    if is_plain(table, &column.name) {
        match &column.reader {
            Reader::Text(_) | Reader::Id => return raw.cast(DataType::String),
            Reader::Integer => return raw.cast(DataType::Int64),
            Reader::Number => return raw.cast(DataType::Float64),
            _ => {}
        }
    }
    let markers = Markers::new(&table.missing, &column.missing);
    // Markers are texts, and a columnar file's numbers need none unless they are numbers too.
    let direct = !markers.may_be_numbers();
    match &column.reader {
        // Blanks around a text are an export's padding: `Lambeth` and `Lambeth ` are one borough.
        Reader::Text(case) => {
            let case = *case;
            super::values::text(raw, move |text| {
                let read = cased(markers.known(text)?, case);
                markers.known(&read).is_some().then_some(read)
            })
        }
        Reader::Amount => raw.map(
            move |column| {
                let series = column.as_materialized_series();
                if direct && *series.dtype() == DataType::Float64 {
                    return Ok(column);
                }
                let text = series.cast(&DataType::String)?;
                let out: StringChunked =
                    text.str()?.iter().map(|text| text.and_then(|text| markers.known(text))).collect();
                Ok(out.with_name(series.name().clone()).into_column())
            },
            move |_, field| {
                let kept = direct && *field.dtype() == DataType::Float64;
                let dtype = if kept { DataType::Float64 } else { DataType::String };
                Ok(Field::new(field.name().clone(), dtype))
            },
        ),
        // Other tools write an id with gaps as a float: 7.0 is 7.
        Reader::Id => raw.map(
            move |column| {
                let series = column.as_materialized_series();
                let float = series.dtype().is_float();
                let text = series.cast(&DataType::String)?;
                let read = |text: &str| {
                    let text = markers.known(text)?;
                    let text = if float { text.strip_suffix(".0").unwrap_or(text) } else { text };
                    Some(text.to_string())
                };
                let out: StringChunked = text.str()?.iter().map(|text| text.and_then(read)).collect();
                Ok(out.with_name(series.name().clone()).into_column())
            },
            |_, field| Ok(Field::new(field.name().clone(), DataType::String)),
        ),
        Reader::Category(_, codes) => {
            let codes = Codes::new(codes);
            parse::<UInt32Type>(raw, DataType::UInt32, None, move |text| codes.get(markers.known(text)?))
        }
        Reader::Bool => raw.map(
            move |column| {
                let series = column.as_materialized_series();
                if series.dtype() == &DataType::Boolean {
                    return Ok(column);
                }
                let text = series.cast(&DataType::String)?;
                let read = |text: Option<&str>| truth(markers.known(text?)?);
                let out: BooleanChunked = text.str()?.iter().map(read).collect();
                Ok(out.with_name(series.name().clone()).into_column())
            },
            |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)),
        ),
        Reader::Integer => {
            let stored = |dtype: &DataType| dtype.is_integer() && *dtype != DataType::UInt64;
            parse::<Int64Type>(raw, DataType::Int64, direct.then_some(stored), move |text| {
                integer(markers.known(text)?)
            })
        }
        Reader::Number => {
            let stored = |dtype: &DataType| dtype.is_integer() && *dtype != DataType::UInt64;
            parse::<Float64Type>(raw, DataType::Float64, direct.then_some(stored), move |text| {
                number(markers.known(text)?)
            })
        }
        Reader::Date(formats) => {
            let formats = formats.clone();
            parse::<Int32Type>(raw, DataType::Date, Some(is_moment), move |text| {
                date(markers.known(text)?, &formats)
            })
        }
        Reader::Datetime(formats) => {
            let formats = formats.clone();
            let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
            parse::<Int64Type>(raw, dtype, Some(is_moment), move |text| {
                datetime(markers.known(text)?, &formats)
            })
        }
        Reader::Quantity(unit) => {
            let unit = unit.clone();
            parse::<Int64Type>(raw, DataType::Int64, None, move |text| amount(markers.known(text)?, &unit))
        }
    }
}

/// A columnar file's dates and datetimes are no text to be read.
fn is_moment(dtype: &DataType) -> bool {
    matches!(dtype, DataType::Date | DataType::Datetime(_, None))
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
            let names = columns[1].as_materialized_series().cast(&DataType::String)?;
            let names = names.str()?.rechunk();
            let amounts = columns[0].as_materialized_series();
            let len = if amounts.len() == 1 { names.len() } else { amounts.len() };
            let mut known: PlHashMap<&str, Option<Unit>> = PlHashMap::new();
            let of = |unit: &str| -> Option<Unit> {
                if codes.is_empty() {
                    units.find_in_data(unit).filter(|found| found.ty == ty)
                } else {
                    codes.get(unit.trim()).cloned()
                }
            };
            let mut out = PrimitiveChunkedBuilder::<Int64Type>::new(name, len);
            let text;
            let floats;
            let at = |row: usize| if amounts.len() == 1 { 0 } else { row };
            let value: Box<dyn Fn(usize, &Unit) -> Option<i64>> = if amounts.dtype() == &DataType::Float64 {
                floats = amounts.f64()?.rechunk();
                Box::new(|row, unit| Decimal::of_f64(floats.get(at(row))?)?.scaled(unit.num, unit.den))
            } else {
                text = amounts.cast(&DataType::String)?.str()?.rechunk().into_owned();
                Box::new(|row, unit| amount(text.get(at(row))?, unit))
            };
            for row in 0..len {
                let unit = names.get(if names.len() == 1 { 0 } else { row });
                let unit = unit.map(|unit| known.entry(unit).or_insert_with(|| of(unit)));
                out.append_option(unit.and_then(|unit| value(row, unit.as_ref()?)));
            }
            Ok(out.finish().into_column())
        },
        &[unit_text],
        |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)),
    )
}

/// Text row by row into another type, stored as `T`. Columns that are `stored` in a type already are cast.
fn parse<T>(
    raw: Expr,
    dtype: DataType,
    stored: Option<fn(&DataType) -> bool>,
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
            if stored.is_some_and(|stored| stored(series.dtype())) {
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
