//! The names of a file's columns: a CSV file's first record, a Parquet file's schema.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use polars::prelude::{ArrowDataType, ArrowSchema, ParquetReader, SerReader};

use super::{open, unreadable};
use crate::catalog::Format;
use crate::diagnostic::Diagnostic;

/// The headings in the file's order, as they stand.
pub fn headings(path: &Path, format: Format) -> Result<Vec<String>, Diagnostic> {
    match format {
        Format::Csv => csv_headings(path),
        Format::Parquet => {
            let schema = parquet_schema(path)?;
            let plain = schema.iter().filter(|(_, field)| is_plain(&field.dtype));
            Ok(plain.map(|(name, _)| name.as_str().to_string()).collect())
        }
    }
}

/// Has it one value a row that a question can use? Lists, structs, bytes and the like have not.
fn is_plain(dtype: &ArrowDataType) -> bool {
    use ArrowDataType as T;
    !matches!(
        dtype,
        T::List(_)
            | T::LargeList(_)
            | T::FixedSizeList(..)
            | T::Struct(_)
            | T::Map(..)
            | T::Union(_)
            | T::Binary
            | T::LargeBinary
            | T::BinaryView
            | T::FixedSizeBinary(_)
            | T::Duration(_)
            | T::Interval(_)
    )
}

fn csv_headings(path: &Path) -> Result<Vec<String>, Diagnostic> {
    let mut reader = csv_reader(path)?;
    let record = reader.byte_headers().map_err(|error| csv_error(path, error))?;
    if record.is_empty() {
        let message = format!("{} is empty: it has no heading line", path.display());
        return Err(Diagnostic::bare("data-empty", message));
    }
    let mut headings = Vec::with_capacity(record.len());
    for (at, field) in record.iter().enumerate() {
        let field = if at == 0 { field.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(field) } else { field };
        let heading = std::str::from_utf8(field).map_err(|_| {
            let message = format!("the heading line of {} is not UTF-8 text", path.display());
            Diagnostic::bare("data-encoding", message).help("save the file as UTF-8")
        })?;
        headings.push(heading.to_string());
    }
    if let [only] = headings.as_slice()
        && only.is_empty()
    {
        let message = format!("{} has an empty heading line", path.display());
        return Err(Diagnostic::bare("data-empty", message));
    }
    Ok(headings)
}

/// A CSV file, its first record read as headings.
pub(super) fn csv_reader(path: &Path) -> Result<csv::Reader<std::fs::File>, Diagnostic> {
    Ok(csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 18).from_reader(open(path)?))
}

pub(super) fn csv_error(path: &Path, error: csv::Error) -> Diagnostic {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(path, &error),
        _ => Diagnostic::bare("data-unreadable", format!("cannot read {}: {text}", path.display())),
    }
}

/// A Parquet file's schema.
pub(super) fn parquet_schema(path: &Path) -> Result<Arc<ArrowSchema>, Diagnostic> {
    let file = open(path)?;
    if file.metadata().is_ok_and(|found| found.len() == 0) {
        return Err(Diagnostic::bare("data-empty", format!("{} is empty", path.display())));
    }
    let damaged = |why: String| {
        let message = format!("{} is no Parquet file, or a damaged one", path.display());
        Diagnostic::bare("data-format", message).help(format!("reading it failed: {why}"))
    };
    // polars takes some damage to a file's metadata for a mistake of its own, and panics.
    match catch_unwind(AssertUnwindSafe(|| ParquetReader::new(file).schema())) {
        Ok(schema) => schema.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its metadata make no sense".to_string())),
    }
}
