//! Keys that are none. A link leads to one record only where the target's key is unique; a file that repeats
//! one would count what hangs on it twice. So before a link is followed its target's key is checked, over
//! all records.

use polars::prelude::*;

use super::columnar::col;
use crate::catalog::{Table, listed};
use crate::diagnostic::Diagnostic;

/// How many repeated keys a message names.
const EXAMPLES: usize = 3;

/// The error of a table whose key is not unique: these are values that several records have.
pub fn key_error(table: &Table, repeated: &[String]) -> Diagnostic {
    let personal = table.declared.iter().any(|column| column.personal && table.key.contains(&column.name));
    let which = match repeated.len() {
        // What is personal stands in no message.
        _ if personal => "the same".to_string(),
        EXAMPLES.. => format!("{}, and perhaps others", listed(repeated)),
        _ => listed(repeated),
    };
    let message = format!(
        "the key {} of `{}` is not unique in {}: several records have {which}",
        listed(&table.key),
        table.name,
        table.source.path.display(),
    );
    let diagnostic = Diagnostic::bare("data-key", message);
    if table.drop_repeated {
        diagnostic
            .help("these lines differ in other columns: mend the file, or name a key that tells them apart")
    } else {
        diagnostic
            .help(format!(
                "repeated = \"drop\" below [tables.{}] leaves out lines that repeat another whole",
                table.name
            ))
            .help("otherwise mend the file, or name a key that tells the records apart")
    }
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
