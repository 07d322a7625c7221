//! Keys that are none. A link leads to one record only where the target's key is unique; a file that repeats
//! one would count what hangs on it twice. So before a link is followed its target's key is checked, over
//! all records.

use std::path::Path;

use polars::prelude::*;

use super::headings::{headings, parquet_schema};
use crate::catalog::{Format, From, Table, listed};
use crate::diagnostic::Diagnostic;

/// How many repeated keys a message names.
const EXAMPLES: usize = 3;

/// An error where the table's key is not unique.
pub fn check_key(table: &Table) -> Result<(), Diagnostic> {
    let repeated = repeated_keys(table)?;
    if repeated.is_empty() {
        return Ok(());
    }
    let more = if repeated.len() < EXAMPLES { "" } else { ", and perhaps others" };
    let message = format!(
        "the key {} of `{}` is not unique in {}: several records have {}{more}",
        listed(&table.key),
        table.name,
        table.path.display(),
        listed(&repeated)
    );
    let diagnostic = Diagnostic::bare("data-key", message);
    Err(if table.drop_repeated {
        diagnostic
            .help("these lines differ in other columns: mend the file, or name a key that tells them apart")
    } else {
        diagnostic
            .help(format!(
                "repeated = \"drop\" below [tables.{}] leaves out lines that repeat another whole",
                table.name
            ))
            .help("otherwise mend the file, or name a key that tells the records apart")
    })
}

/// Up to three values of the table's key that more than one record has, in order; the columns of a key of
/// several are joined with ` / `. A key with a missing part counts for nothing, and with
/// `repeated = "drop"` neither do lines that repeat another whole.
pub fn repeated_keys(table: &Table) -> Result<Vec<String>, Diagnostic> {
    let mut columns = Vec::new();
    for name in &table.key {
        let Some(column) = table.column(name)? else { continue };
        let (From::Stored { heading, missing, .. } | From::Measured { heading, missing, .. }) = &column.from
        else {
            continue;
        };
        let markers = table.missing.iter().chain(missing);
        let mut value = col(heading.as_str());
        let mut gone = value.clone().eq(lit(""));
        for marker in markers {
            gone = gone.or(value.clone().eq(lit(marker.as_str())));
        }
        value = when(gone).then(lit(NULL).cast(DataType::String)).otherwise(value);
        columns.push(value.alias(format!("key {}", columns.len())));
    }
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines = scan_text(&table.path, table.format)?;
    if table.drop_repeated {
        lines = lines.unique(None, UniqueKeepStrategy::Any);
    }
    repeated_in(lines.select(columns)).map_err(|error| failed(&table.path, &error))
}

/// Up to three rows of a frame that stand there more than once, as text and in order. Rows with a missing
/// value don't count.
pub fn repeated_in(keys: LazyFrame) -> PolarsResult<Vec<String>> {
    let mut keys = keys;
    let names: Vec<PlSmallStr> = keys.collect_schema()?.iter_names_cloned().collect();
    let columns: Vec<Expr> = names.iter().map(|name| col(name.clone())).collect();
    let mut known = lit(true);
    for column in &columns {
        known = known.and(column.clone().is_not_null());
    }
    let found = keys
        .filter(known)
        .group_by(columns.clone())
        .agg([len().alias("casebook: times")])
        .filter(col("casebook: times").gt(lit(1)))
        .sort_by_exprs(&columns, SortMultipleOptions::default())
        .limit(EXAMPLES as IdxSize)
        .select(columns.iter().map(|column| column.clone().cast(DataType::String)).collect::<Vec<_>>())
        .collect_with_engine(Engine::Streaming)?
        .unwrap_single();
    let columns: Vec<&StringChunked> =
        found.columns().iter().map(|column| column.str()).collect::<PolarsResult<_>>()?;
    let row = |at: usize| {
        let parts: Vec<&str> = columns.iter().map(|column| column.get(at).unwrap_or("")).collect();
        parts.join(" / ")
    };
    Ok((0..found.height()).map(row).collect())
}

/// A file's lines as text, under its own headings; of a heading that stands more than once none is there.
pub fn scan_text(path: &Path, format: Format) -> Result<LazyFrame, Diagnostic> {
    let Some(name) = path.to_str() else {
        let message = format!("{} has a name that is not UTF-8", path.display());
        return Err(Diagnostic::bare("data-unreadable", message));
    };
    let at = PlRefPath::new(name);
    match format {
        Format::Csv => {
            let headings = headings(path, format)?;
            let mut schema = Schema::with_capacity(headings.len());
            for (position, heading) in headings.iter().enumerate() {
                // Polars wants every name once; a repeated one gets a name that no heading has.
                let name = if headings.iter().filter(|other| *other == heading).count() == 1 {
                    PlSmallStr::from_str(heading)
                } else {
                    PlSmallStr::from_string(format!("casebook: {position}"))
                };
                schema.insert(name, DataType::String);
            }
            LazyCsvReader::new(at)
                .with_glob(false)
                .with_schema(Some(Arc::new(schema)))
                .with_has_header(true)
                .with_truncate_ragged_lines(true)
                .with_missing_is_null(false)
                .finish()
                .map_err(|error| failed(path, &error))
        }
        Format::Parquet => {
            parquet_schema(path)?;
            let args = ScanArgsParquet { glob: false, ..ScanArgsParquet::default() };
            let lines = LazyFrame::scan_parquet(at, args).map_err(|error| failed(path, &error))?;
            Ok(lines.select([all().as_expr().cast(DataType::String)]))
        }
    }
}

fn failed(path: &Path, error: &PolarsError) -> Diagnostic {
    Diagnostic::bare("data-unreadable", format!("cannot read {}: {error}", path.display()))
}
