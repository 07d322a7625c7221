//! The same tables as Parquet: each CSV file, typed as its columns mean it, in the same order.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::sink::{SinkDestination, SinkTarget};
use polars::prelude::*;

const FILES: [&str; 7] = ["arrests", "charges", "seizures", "lines", "safeguarding", "events", "referrals"];

/// Writes each of the folder's CSV files once more, as Parquet. They stream through: little is in memory at once.
pub fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    for file in FILES {
        let path = |ending: &str| PlRefPath::new(folder.join(file).with_extension(ending).to_string_lossy());
        let options = ParquetWriteOptions { row_group_size: Some(250_000), ..Default::default() };
        typed(LazyCsvReader::new(path("csv")).with_infer_schema_length(Some(0)).finish()?)?
            .sink(
                SinkDestination::File { target: SinkTarget::Path(path("parquet")) },
                FileWriteFormat::Parquet(Arc::new(options)),
                UnifiedSinkArgs::default(),
            )?
            .collect_with_engine(Engine::Streaming)?;
    }
    Ok(())
}

/// Text columns as what they mean. What does not fit is a mistake of ours, and an error.
fn typed(mut table: LazyFrame) -> PolarsResult<LazyFrame> {
    let names: Vec<PlSmallStr> = table.collect_schema()?.iter_names_cloned().collect();
    let columns: Vec<Expr> = names
        .into_iter()
        .map(|name| match name.as_str() {
            // Some ages are not known in words.
            "age" | "attendees" => {
                only(&name, col(name.clone()).neq(lit("N/K"))).strict_cast(DataType::Int64)
            }
            "quantity" => col(name).strict_cast(DataType::Float64),
            "date" | "charged_on" | "seized_on" | "opened_on" | "closed_on" => {
                col(name).str().to_date(format("%Y-%m-%d"))
            }
            "arrested_at" => {
                let day_first = col(name.clone()).str().contains_literal(lit("/"));
                let read = |rows: Expr, written: &str| {
                    let rows = only(&name, rows).str();
                    rows.to_datetime(Some(TimeUnit::Microseconds), None, format(written), lit("raise"))
                };
                coalesce(&[
                    read(day_first.clone().not(), "%Y-%m-%d %H:%M"),
                    read(day_first, "%d/%m/%Y %H:%M"),
                ])
            }
            _ => col(name),
        })
        .collect();
    Ok(table.select(columns))
}

/// A column's values in some rows alone.
fn only(name: &PlSmallStr, rows: Expr) -> Expr {
    when(rows).then(col(name.clone())).otherwise(lit(NULL))
}

fn format(written: &str) -> StrptimeOptions {
    StrptimeOptions { format: Some(written.into()), ..Default::default() }
}
