//! An answer as bytes. A [`Format`] says how: [`table`] for readers, [`csv`] and [`json`] for programs,
//! one file each. [`crate::frame::value`] makes a cell's text, in two ways: as people read it (`7.6 kg`, `9,878`) and
//! as data (`7.6` under `weight [kg]`). [`diagnostic`] makes a message of a mistake.

pub mod csv;
pub mod diagnostic;
pub mod json;
pub mod listing;
pub mod table;

use std::path::Path;

use clap::ValueEnum;

use crate::diagnostic::Diagnostic;
use crate::frame::Answer;
pub use crate::frame::value;

/// How answers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For readers, in a terminal
    Table,
    /// Comma-separated values
    Csv,
    /// A list of {"title", "columns", "rows"}
    Json,
}

/// What else a writer needs to know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// How many columns of characters the terminal has; `None` where lines may be as long as they like.
    pub width: Option<u16>,
}

impl Format {
    /// The format that a file's ending names; a mistake that lists the endings where it names none.
    pub fn of_file(file: &Path) -> Result<Format, Diagnostic> {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("csv") => Ok(Format::Csv),
            Some("json") => Ok(Format::Json),
            Some("txt") => Ok(Format::Table),
            _ => Err(Diagnostic::bare(
                "usage-format",
                format!("the ending of {} says no format", file.display()),
            )
            .help("known endings are .csv, .json and .txt (a table)")
            .help("or say --format table, csv or json")),
        }
    }
}

/// Writes the answers of a run, in order.
pub fn write(answers: &[Answer], format: Format, options: Options) -> Result<Vec<u8>, Diagnostic> {
    match format {
        Format::Table => table::write(answers, options),
        Format::Csv => csv::write(answers),
        Format::Json => json::write(answers),
    }
}
