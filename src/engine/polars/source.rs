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
use crate::survey::columnar::col;
use crate::survey::{FileFacts, columnar};
use crate::types::{Decimal, Unit, Units};

/// The column that numbers a table's lines.
pub(super) const ROW: &str = "\u{1}·row";

/// A table's records as its files have them: every column as text (or as a columnar file has it), under its
/// heading. Lines that are no records are left out. With `rows`, a column [`ROW`] numbers the lines, over all
/// files.
pub(super) fn raw(table: &Table, rows: bool) -> Result<LazyFrame, Diagnostic> {
    if let Some(made) = &table.made {
        return super::made::raw(table, made, rows);
    }
    let survey = table.survey()?;
    let files = table.source.files()?;
    let failed = |error: PolarsError| super::read_error(&error);
    if let Some(facts) = alike(table)? {
        let index = rows.then(|| RowIndex { name: ROW.into(), offset: 0 });
        return scan(table, files, facts, index).map_err(failed);
    }
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
        let mut frame = scan(table, std::slice::from_ref(file), facts, index).map_err(failed)?;
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
        _ => concat(frames, UnionArgs { rechunk: false, ..Default::default() }).map_err(failed),
    }
}

/// What was found in each of several files, where they are all the same in form and every line is a record: then
/// they are read as one, which holds no more of them at a time than of one.
fn alike(table: &Table) -> Result<Option<&FileFacts>, Diagnostic> {
    let (files, survey) = (table.source.files()?, table.survey()?);
    let ([first, rest @ ..], [facts, others @ ..]) = (files, survey.files.as_slice()) else {
        return Ok(None);
    };
    if rest.is_empty() || table.file.is_some() || !survey.repeated.is_empty() {
        return Ok(None);
    }
    let whole = |facts: &FileFacts| facts.blank.is_empty() && !facts.odd;
    let mut alike =
        whole(facts) && others.iter().all(|other| whole(other) && other.headings == facts.headings);
    let shape = first.shape()?;
    for file in files {
        let own = file.shape()?;
        let packed = Format::is_packed(&file.path);
        alike &= !packed && own.separator == shape.separator && own.schema == shape.schema;
    }
    Ok(alike.then_some(facts))
}

/// A file, or several that are alike, under their headings.
fn scan(
    table: &Table,
    files: &[File],
    facts: &FileFacts,
    index: Option<RowIndex>,
) -> PolarsResult<LazyFrame> {
    let paths = files.iter().map(|file| PlRefPath::new(file.path.to_string_lossy()));
    let sources = ScanSources::Paths(paths.collect());
    let failed = |mistake: Diagnostic| polars_err!(ComputeError: "{}", mistake.message);
    let Some(file) = files.first() else { polars_bail!(ComputeError: "a table of no files") };
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
                (LazyCsvReader::new_with_sources(sources), file.shape().map_err(failed)?.separator)
            };
            reader
                .with_schema(Some(Arc::new(schema)))
                .with_has_header(true)
                .with_separator(separator)
                .with_glob(false)
                .with_row_index(index)
                .finish()
        }
        Format::Parquet => LazyFrame::scan_parquet_sources(
            sources,
            ScanArgsParquet { row_index: index, glob: false, ..Default::default() },
        ),
        Format::Arrow => LazyFrame::scan_ipc_sources(
            sources,
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
        let here = facts.headings.contains(heading);
        let value = if here { col(heading.as_str()) } else { lit(NULL) };
        let value = match common_dtype(table, heading)? {
            // In the same way as the survey took it.
            Some(dtype) if here && !file.format.is_text() => {
                let wanted = dtype.clone();
                let cast = move |column: Column| {
                    Ok(columnar::cast(column.as_materialized_series(), &wanted)?.into_column())
                };
                value.map(cast, move |_, field| Ok(Field::new(field.name().clone(), dtype.clone())))
            }
            Some(dtype) => value.cast(dtype),
            None => value,
        };
        columns.push(value.alias(heading.as_str()));
    }
    if table.file.is_some() {
        columns.push(lit(file.name()).alias(FILE_NAME));
    }
    if rows {
        columns.push(col(ROW));
    }
    Ok(frame.select(columns))
}

/// What all files of a table keep under a heading, or are made to.
fn common_dtype(table: &Table, heading: &str) -> Result<Option<DataType>, Diagnostic> {
    match table.source.format.is_text() {
        true => Ok(Some(text_dtype(table, heading))),
        false => columnar::common(table, heading),
    }
}

/// A stored column's value, from the raw frame.
pub(super) fn read(table: &Table, column: &Stored) -> Expr {
    let raw = col(column.heading.as_str());
    if table.made.is_some() {
        return raw;
    }
    // What the survey found to be the value as it stands needs no reading.
    let plain = match &column.reader {
        Reader::Late(_) => return raw.cast(DataType::String),
        Reader::Text(_) | Reader::Id => Some((DataType::String, true)),
        Reader::Integer => Some((DataType::Int64, true)),
        Reader::Number => Some((DataType::Float64, true)),
        // Text must be read, but a columnar file may have them as they are.
        Reader::Bool => Some((DataType::Boolean, false)),
        Reader::Date(_) => Some((DataType::Date, false)),
        // Greenwich's time is not the wall clock's.
        Reader::Datetime(formats) if !formats.utc => {
            Some((DataType::Datetime(TimeUnit::Microseconds, None), false))
        }
        _ => None,
    };
    if let Some((dtype, castable)) = plain.filter(|_| is_plain(table, &column.name)) {
        // A cast to what it is would hide the column from the scan's statistics.
        if matches!(common_dtype(table, &column.heading), Ok(Some(stored)) if stored == dtype) {
            return raw;
        }
        if castable {
            return raw.cast(dtype);
        }
    }
    reading(table, column, raw)
}

/// A stored column's value, from its text (or a columnar file's value).
pub(super) fn reading(table: &Table, column: &Stored, raw: Expr) -> Expr {
    let markers = Markers::new(&table.missing, &column.missing);
    match &column.reader {
        Reader::Late(_) => raw,
        // Blanks around a text are an export's padding: `Lambeth` and `Lambeth ` are one borough.
        Reader::Text(case) => {
            let case = *case;
            super::values::text(as_text(table, column, raw), move |text| {
                let read = cased(markers.known(text)?, case);
                markers.known(&read).is_some().then_some(read)
            })
        }
        Reader::Amount => {
            // Markers are texts, and a columnar file's numbers need none unless they are numbers too.
            let direct = !markers.may_be_numbers();
            raw.map(
                move |column| {
                    let series = column.as_materialized_series();
                    if direct && *series.dtype() == DataType::Float64 {
                        return Ok(column);
                    }
                    let text = columnar::text(series)?;
                    let out: StringChunked =
                        text.iter().map(|text| text.and_then(|text| markers.known(text))).collect();
                    Ok(out.with_name(series.name().clone()).into_column())
                },
                move |_, field| {
                    let kept = direct && *field.dtype() == DataType::Float64;
                    let dtype = if kept { DataType::Float64 } else { DataType::String };
                    Ok(Field::new(field.name().clone(), dtype))
                },
            )
        }
        Reader::Id => {
            let marked = markers.clone();
            parse(raw, &column.reader, markers, DataType::String, move |text| -> StringChunked {
                text.iter().map(|text| text.and_then(|text| marked.known(text))).collect()
            })
        }
        Reader::Category(_, codes) => {
            let codes = Codes::new(codes);
            let marked = markers.clone();
            parse(raw, &column.reader, markers, DataType::UInt32, move |text| -> UInt32Chunked {
                text.iter().map(|text| codes.get(marked.known(text?)?)).collect()
            })
        }
        Reader::Bool => {
            let marked = markers.clone();
            parse(raw, &column.reader, markers, DataType::Boolean, move |text| -> BooleanChunked {
                text.iter().map(|text| truth(marked.known(text?)?)).collect()
            })
        }
        Reader::Integer => {
            let marked = markers.clone();
            parse(raw, &column.reader, markers, DataType::Int64, move |text| -> Int64Chunked {
                text.iter().map(|text| integer(marked.known(text?)?)).collect()
            })
        }
        Reader::Number => {
            let marked = markers.clone();
            parse(raw, &column.reader, markers, DataType::Float64, move |text| -> Float64Chunked {
                text.iter().map(|text| number(marked.known(text?)?)).collect()
            })
        }
        Reader::Date(formats) => {
            let (formats, marked) = (formats.clone(), markers.clone());
            parse(raw, &column.reader, markers, DataType::Date, move |text| -> Int32Chunked {
                text.iter().map(|text| date(marked.known(text?)?, &formats)).collect()
            })
        }
        Reader::Datetime(formats) => {
            let (formats, marked) = (formats.clone(), markers.clone());
            let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
            parse(raw, &column.reader, markers, dtype, move |text| -> Int64Chunked {
                text.iter().map(|text| datetime(marked.known(text?)?, &formats)).collect()
            })
        }
        Reader::Quantity(unit) => {
            let (unit, marked) = (unit.clone(), markers.clone());
            parse(raw, &column.reader, markers, DataType::Int64, move |text| -> Int64Chunked {
                text.iter().map(|text| amount(marked.known(text?)?, &unit)).collect()
            })
        }
    }
}

/// A columnar file's values as a text file would have them.
fn as_text(table: &Table, column: &Stored, raw: Expr) -> Expr {
    match common_dtype(table, &column.heading) {
        Ok(Some(dtype)) if dtype != DataType::String => raw.map(
            |column| Ok(columnar::text(column.as_materialized_series())?.into_column()),
            |_, field| Ok(Field::new(field.name().clone(), DataType::String)),
        ),
        _ => raw,
    }
}

/// The column to group by in place of this one, whose texts are read once a group; `None` where reading costs
/// nothing, or where the file does not keep text.
pub(super) fn late(table: &Table, column: &Stored) -> Option<Stored> {
    let costs = match column.reader {
        _ if table.made.is_some() => false,
        Reader::Text(_) => !is_plain(table, &column.name),
        Reader::Category(..) => true,
        _ => false,
    };
    let stored = common_dtype(table, &column.heading).ok()??;
    (costs && stored == DataType::String).then(|| Stored {
        name: format!("\u{1}late.{}", column.name),
        reader: Reader::Late(Box::new(column.reader.clone())),
        ..column.clone()
    })
}

/// Whether a category's value is this one, asked of the raw frame; `None` where only the reader can say.
pub(super) fn is_value(table: &Table, column: &Stored, value: u32) -> Option<Expr> {
    let Reader::Category(_, codes) = &column.reader else { return None };
    let facts = table.survey().ok()?.column(&column.name)?;
    let stored = common_dtype(table, &column.heading).ok()??;
    // A value that does not fit is unknown, and not another value.
    if !facts.plain || facts.unfit > 0 || stored != DataType::String {
        return None;
    }
    let raw = || col(column.heading.as_str());
    let codes = codes.iter().filter(|(_, at)| *at == value).map(|(code, _)| raw().eq(lit(code.as_str())));
    codes.reduce(Expr::or)
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
            let names = columnar::text(columns[1].as_materialized_series())?;
            let names = names.rechunk();
            let amounts = columns[0].as_materialized_series();
            let of = |unit: &str| -> Option<Unit> {
                if codes.is_empty() {
                    units.find_in_data(unit).filter(|found| found.ty == ty)
                } else {
                    codes.get(unit.trim()).cloned()
                }
            };
            let mut known = Remembered::default();
            let len = if amounts.len() == 1 { names.len() } else { amounts.len() };
            let seat = |many: usize, row: usize| if many == 1 { 0 } else { row };
            let out: Int64Chunked = if amounts.dtype() == &DataType::Float64 {
                let floats = amounts.f64()?.rechunk();
                let value = |row: usize| {
                    let unit = known.get(names.get(seat(names.len(), row))?, of)?;
                    Decimal::of_f64(floats.get(seat(floats.len(), row))?)?.scaled(unit.num, unit.den)
                };
                (0..len).map(value).collect()
            } else {
                let texts = columnar::text(amounts)?.rechunk().into_owned();
                let value = |row: usize| {
                    let unit = known.get(names.get(seat(names.len(), row))?, of)?;
                    amount(texts.get(seat(texts.len(), row))?, unit)
                };
                (0..len).map(value).collect()
            };
            Ok(out.with_name(name).into_column())
        },
        &[unit_text],
        |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Int64)),
    )
}

/// The units that texts stand for, the last one asked for at hand: a column has few, often in runs.
#[derive(Default)]
struct Remembered<'t> {
    units: Vec<(&'t str, Option<Unit>)>,
    last: usize,
}

impl<'t> Remembered<'t> {
    fn get(&mut self, text: &'t str, of: impl Fn(&str) -> Option<Unit>) -> Option<&Unit> {
        if self.units.get(self.last).is_none_or(|(known, _)| *known != text) {
            self.last = self.units.iter().position(|(known, _)| *known == text).unwrap_or_else(|| {
                // Nobody's export has so many units: what has is free text.
                if self.units.len() == 64 {
                    self.units.clear();
                }
                self.units.push((text, of(text)));
                self.units.len() - 1
            });
        }
        self.units.get(self.last)?.1.as_ref()
    }
}

/// Values into a type: those that a columnar file has as good as that by themselves, others by way of text.
fn parse<T: IntoSeries>(
    raw: Expr,
    reader: &Reader,
    markers: Markers,
    dtype: DataType,
    read: impl Fn(&StringChunked) -> T + Send + Sync + 'static,
) -> Expr {
    let (wanted, reader) = (dtype.clone(), reader.clone());
    raw.map(
        move |column| {
            let series = column.as_materialized_series();
            let values = match columnar::native(series, &reader, &markers)? {
                Some(values) => values,
                None => read(&columnar::text(series)?).into_series(),
            };
            Ok(values.cast(&wanted)?.with_name(series.name().clone()).into_column())
        },
        move |_, field| Ok(Field::new(field.name().clone(), dtype.clone())),
    )
}
