//! Parquet and Arrow files: typed columns, in batches. What a value of a stored type is in a column of
//! Casebook's is said here once, for the survey and for the engine: [`native`] where the stored type is as good
//! as the wanted one, [`text`] and the rules of [`crate::files::field`] otherwise.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;

use polars::prelude::*;

use super::cancel;
use crate::catalog::{Formats, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::files::field::Markers;
use crate::files::{File, Format};
use crate::types::time::wall_clock;
use crate::types::unit::DAY;

/// The column of that very name. polars' own `col` takes `*` and `^a$` for patterns, and a heading may be such.
pub fn col(name: impl Into<PlSmallStr>) -> Expr {
    Expr::Column(name.into())
}

/// Opens a columnar file for polars.
fn scan(file: &File) -> PolarsResult<LazyFrame> {
    let path = PlRefPath::new(file.path.to_string_lossy());
    match file.format {
        Format::Arrow => LazyFrame::scan_ipc(
            path,
            IpcScanOptions::default(),
            UnifiedScanArgs { glob: false, ..Default::default() },
        ),
        _ => LazyFrame::scan_parquet(path, ScanArgsParquet { glob: false, ..Default::default() }),
    }
}

/// All rows of some columns, in order and a batch at a time.
pub(super) fn batches(
    file: &File,
    headings: &[&str],
    each: &mut dyn FnMut(DataFrame) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let columns: Vec<Expr> = headings.iter().map(|heading| col(*heading)).collect();
    std::thread::scope(|scope| {
        let (send, batches) = sync_channel(1);
        let reading = scope.spawn(move || -> PolarsResult<()> {
            let mut first = 0;
            for rows in parts(file)? {
                let part = scan(file)?.select(columns.clone()).slice(first, rows);
                first += i64::from(rows);
                let batch = part.collect_with_engine(Engine::Streaming)?.unwrap_single();
                // Nobody listens any more: stop.
                if send.send(batch).is_err() {
                    break;
                }
            }
            Ok(())
        });
        let mut stopped = Ok(());
        for batch in &batches {
            stopped = each(batch);
            if stopped.is_err() {
                break;
            }
        }
        drop(batches);
        // polars takes some damage for a mistake of its own, and panics.
        let read = reading.join().map_err(cancel::pass_on);
        let read = read.unwrap_or_else(|_| Err(polars_err!(ComputeError: "its data make no sense")));
        stopped?;
        read.map_err(|error| unread(file, &error))
    })
}

/// As many rows are looked at together, or what a file keeps together where that is more.
const TOGETHER: IdxSize = 250_000;

/// The rows of a file in parts: whole row groups, since nothing less is read of them. One is read while the one
/// before is looked at, so that memory holds a few and not the file.
fn parts(file: &File) -> PolarsResult<Vec<IdxSize>> {
    if file.format == Format::Arrow {
        let rows = height(file).unwrap_or(0);
        let mut parts = vec![TOGETHER; usize::try_from(rows / u64::from(TOGETHER)).unwrap_or(0)];
        parts.push((rows % u64::from(TOGETHER)) as IdxSize);
        return Ok(parts);
    }
    let mut parts: Vec<IdxSize> = Vec::new();
    let opened = std::fs::File::open(&file.path)?;
    for group in &ParquetReader::new(opened).get_metadata()?.row_groups {
        let rows = group.num_rows() as IdxSize;
        match parts.last_mut() {
            Some(last) if *last + rows <= TOGETHER => *last += rows,
            _ => parts.push(rows),
        }
    }
    Ok(parts)
}

/// How many rows a file says that it has.
pub(super) fn height(file: &File) -> Option<u64> {
    let read = || -> PolarsResult<Option<i64>> {
        let frame = scan(file)?.select([len().cast(DataType::Int64)]);
        Ok(frame.collect_with_engine(Engine::Streaming)?.unwrap_single().columns()[0].i64()?.get(0))
    };
    let rows = catch_unwind(AssertUnwindSafe(read)).map_err(cancel::pass_on).ok()?.ok()??;
    u64::try_from(rows).ok()
}

pub(super) fn unread(file: &File, error: &PolarsError) -> Diagnostic {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let message = format!("{} could not be read, it may be damaged", file.path.display());
    Diagnostic::bare("data-damaged", message).help(format!("reading it failed: {first}"))
}

/// What the files of a table keep under a heading, or are made to: text where they differ in more than width. `None` where no
/// file has it, or where files are text.
pub fn common(table: &Table, heading: &str) -> Result<Option<DataType>, Diagnostic> {
    let mut found: Option<DataType> = None;
    for file in table.source.files()? {
        let schema = file.shape()?.schema.as_ref();
        let Some(field) = schema.and_then(|schema| schema.get(heading)) else { continue };
        let Some(own) = dtype_of(field) else {
            let message = format!("{} keeps `{heading}` in a type that makes no sense", file.path.display());
            return Err(Diagnostic::bare("data-format", message));
        };
        found = Some(match found {
            Some(before) => both(before, own),
            None => own,
        });
    }
    Ok(found)
}

fn dtype_of(field: &ArrowField) -> Option<DataType> {
    catch_unwind(AssertUnwindSafe(|| DataType::from_arrow_field(field))).ok()
}

/// A type for the values of two.
fn both(one: DataType, other: DataType) -> DataType {
    let whole =
        |dtype: &DataType| dtype.is_integer() && !matches!(dtype, DataType::UInt64 | DataType::Int128);
    let moment = |dtype: &DataType| matches!(dtype, DataType::Date | DataType::Datetime(_, None));
    let instant = |dtype: &DataType| matches!(dtype, DataType::Datetime(_, Some(_)));
    match (&one, &other) {
        _ if one == other => one,
        (DataType::Null, _) => other,
        (_, DataType::Null) => one,
        _ if whole(&one) && whole(&other) => DataType::Int64,
        _ if moment(&one) && moment(&other) => DataType::Datetime(TimeUnit::Microseconds, None),
        // Of two zones the instants are the same.
        _ if instant(&one) && instant(&other) => {
            DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC))
        }
        _ => DataType::String,
    }
}

/// The rows that hold nothing in any column: a text file's empty lines.
pub(super) fn blank(batch: &DataFrame) -> PolarsResult<Vec<usize>> {
    // Columns without a gap rule most rows out, so they come first.
    let mut columns: Vec<&Series> =
        batch.columns().iter().map(|column| column.as_materialized_series()).collect();
    columns.sort_by_key(|series| (series.null_count(), *series.dtype() == DataType::String));
    let mut rows: Option<Vec<usize>> = None;
    for series in columns {
        let known = series.is_not_null();
        let mut empty: Box<dyn Fn(usize) -> bool> = Box::new(|row| known.get(row) != Some(true));
        if let Ok(text) = series.str() {
            empty = Box::new(|row| text.get(row).is_none_or(|text| text.trim_ascii().is_empty()));
        } else if series.null_count() == 0 {
            return Ok(Vec::new());
        }
        let left: Vec<usize> = match rows {
            None => (0..series.len()).filter(|row| empty(*row)).collect(),
            Some(rows) => rows.into_iter().filter(|row| empty(*row)).collect(),
        };
        if left.is_empty() {
            return Ok(left);
        }
        rows = Some(left);
    }
    Ok(rows.unwrap_or_default())
}

/// A column in another stored type.
pub fn cast(series: &Series, dtype: &DataType) -> PolarsResult<Series> {
    match dtype {
        _ if series.dtype() == dtype => Ok(series.clone()),
        DataType::String => Ok(text(series)?.into_series()),
        _ => series.cast(dtype),
    }
}

/// A column's values as a text file would have them: a whole number without a point though it be a float, a
/// moment without what is nought. What is not a number is no value.
pub fn text(series: &Series) -> PolarsResult<StringChunked> {
    let name = series.name().clone();
    let made: StringChunked = match series.dtype() {
        DataType::Float64 => series.f64()?.iter().map(|n| n.filter(|n| !n.is_nan()).map(number)).collect(),
        DataType::Float32 => series.f32()?.iter().map(|n| n.filter(|n| !n.is_nan()).map(number)).collect(),
        DataType::Datetime(_, None) => {
            let text = series.cast(&DataType::String)?;
            let whole = |text: &str| match text.split_once('.') {
                Some((seconds, fraction)) if fraction.bytes().all(|b| b == b'0') => seconds.to_string(),
                _ => text.to_string(),
            };
            text.str()?.iter().map(|text| text.map(whole)).collect()
        }
        _ => return Ok(series.cast(&DataType::String)?.str()?.clone()),
    };
    Ok(made.with_name(name))
}

/// Rust's own text of a float has no exponent, and a point only where there is a fraction.
fn number(n: impl ToString + PartialEq + Default) -> String {
    if n == Default::default() { "0".to_string() } else { n.to_string() }
}

/// The values, where the column is stored in a type that holds what the reader reads: as `Int64`, `Float64`,
/// `Boolean`, `Date`, `Datetime` or `String`. What is marked as missing or doesn't fit is null. `None` where
/// the values must be read as text.
pub fn native(series: &Series, reader: &Reader, markers: &Markers) -> PolarsResult<Option<Series>> {
    let own = series.dtype();
    let whole = own.is_integer() && !matches!(own, DataType::Int128 | DataType::UInt128);
    let moment = matches!(own, DataType::Date | DataType::Datetime(_, None));
    let values = match reader {
        // What 64 bits with a sign don't hold becomes null.
        Reader::Integer if whole => {
            let values = series.cast(&DataType::Int64)?;
            without(values.i64()?, &markers.integers()).into_series()
        }
        Reader::Id if whole && *own != DataType::UInt64 => {
            let values = series.cast(&DataType::Int64)?;
            without(values.i64()?, &markers.integers()).into_series().cast(&DataType::String)?
        }
        Reader::Integer if *own == DataType::Float64 => {
            let marked = markers.numbers();
            let fits = |n: f64| n.fract() == 0.0 && n.abs() < 9e15 && !marked.contains(&n);
            let values: Int64Chunked =
                series.f64()?.iter().map(|n| n.filter(|n| fits(*n)).map(|n| n as i64)).collect();
            values.into_series()
        }
        Reader::Number if whole => {
            let values = series.cast(&DataType::Float64)?;
            without(values.f64()?, &markers.numbers()).into_series()
        }
        Reader::Number if *own == DataType::Float64 => {
            let marked = markers.numbers();
            let values = series.f64()?;
            match marked.is_empty() && values.iter().all(|n| n.is_none_or(f64::is_finite)) {
                true => series.clone(),
                false => {
                    let fits = |n: &f64| n.is_finite() && !marked.contains(n);
                    let values: Float64Chunked = values.iter().map(|n| n.filter(fits)).collect();
                    values.into_series()
                }
            }
        }
        Reader::Bool if *own == DataType::Boolean => series.clone(),
        Reader::Date(formats) if moment || zoned(own, formats) => {
            let days: Int32Chunked = on_the_clock(series, formats, markers)?
                .iter()
                .map(|at| at.and_then(|at| i32::try_from(at.div_euclid(DAY)).ok()))
                .collect();
            days.into_series().cast(&DataType::Date)?
        }
        Reader::Datetime(formats) if moment || zoned(own, formats) => {
            let dtype = DataType::Datetime(TimeUnit::Microseconds, None);
            on_the_clock(series, formats, markers)?.into_series().cast(&dtype)?
        }
        _ => return Ok(None),
    };
    Ok(Some(values.with_name(series.name().clone())))
}

/// Does a column hold moments that know how far from Greenwich they are, and the catalogue whose clocks to read?
fn zoned(dtype: &DataType, formats: &Formats) -> bool {
    matches!(dtype, DataType::Datetime(_, Some(_))) && formats.zone.is_some()
}

/// Dates and datetimes as the wall clock shows them, in microseconds since 1970, without those that are marked.
fn on_the_clock(series: &Series, formats: &Formats, markers: &Markers) -> PolarsResult<Int64Chunked> {
    let values = instants(series)?;
    let Some(zone) = formats.zone.filter(|_| formats.utc || zoned(series.dtype(), formats)) else {
        return Ok(without(&values, &markers.moments(formats)));
    };
    let values: Int64Chunked = values.iter().map(|at| wall_clock(at?, zone)).collect();
    Ok(without(&values, &markers.moments(&Formats { utc: true, ..formats.clone() })))
}

/// Dates and datetimes in microseconds since 1970, the part below cut off towards the past.
fn instants(series: &Series) -> PolarsResult<Int64Chunked> {
    let physical = series.to_physical_repr().cast(&DataType::Int64)?;
    let physical = physical.i64()?;
    Ok(match series.dtype() {
        DataType::Date => physical.iter().map(|day| day.and_then(|day| day.checked_mul(DAY))).collect(),
        DataType::Datetime(TimeUnit::Nanoseconds, _) => {
            physical.iter().map(|at| at.map(|at| at.div_euclid(1000))).collect()
        }
        DataType::Datetime(TimeUnit::Milliseconds, _) => {
            physical.iter().map(|at| at.and_then(|at| at.checked_mul(1000))).collect()
        }
        _ => physical.clone(),
    })
}

/// Without the values that mean that there is none.
fn without<T>(values: &ChunkedArray<T>, marked: &[T::Native]) -> ChunkedArray<T>
where
    T: PolarsNumericType,
    T::Native: PartialEq,
{
    if marked.is_empty() {
        return values.clone();
    }
    values.iter().map(|value| value.filter(|value| !marked.contains(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_as_text() {
        let floats = Series::new("n".into(), [7.0, -0.0, 0.1, 1e16, 1.5e-7]);
        let texts: Vec<Option<String>> =
            text(&floats).unwrap().iter().map(|t| t.map(str::to_string)).collect();
        let wanted = ["7", "0", "0.1", "10000000000000000", "0.00000015"];
        assert_eq!(texts, wanted.map(|text| Some(text.to_string())));
    }

    #[test]
    fn times_before_1970() {
        let times =
            Series::new("t".into(), [-1i64]).cast(&DataType::Datetime(TimeUnit::Nanoseconds, None)).unwrap();
        assert_eq!(instants(&times).unwrap().get(0), Some(-1));
        let reader = Reader::Date(Formats::iso(None));
        let days = native(&times, &reader, &Markers::default()).unwrap().unwrap();
        assert_eq!(days.date().unwrap().phys.get(0), Some(-1));
    }
}
