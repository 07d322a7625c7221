//! An answer as bytes. A [`Format`] says how: [`table`] and [`markdown`] for readers, [`csv`], [`tsv`], [`json`] and
//! [`ndjson`] for programs, one file each. [`crate::frame::value`] makes a cell's text, in two ways: as people read it (`7.6 kg`, `9,878`) and
//! as data (`7.6` under `weight [kg]`). [`diagnostic`] makes a message of a mistake.

pub mod csv;
pub mod diagnostic;
pub mod json;
pub mod listing;
pub mod markdown;
pub mod ndjson;
pub mod place;
pub mod shown;
pub mod table;
pub mod tsv;

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
    /// Tab-separated values
    Tsv,
    /// A list of {"title", "columns", "rows"}
    Json,
    /// An object a row, a line each
    Ndjson,
    /// A table for readers in Markdown
    Markdown,
}

/// The endings of files, and the format that each names. Of several, the first is the one that is given to new files.
pub const ENDINGS: [(&str, Format); 7] = [
    ("csv", Format::Csv),
    ("tsv", Format::Tsv),
    ("json", Format::Json),
    ("ndjson", Format::Ndjson),
    ("jsonl", Format::Ndjson),
    ("md", Format::Markdown),
    ("txt", Format::Table),
];

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
        let known = ENDINGS.iter().find(|(known, _)| ending.as_deref() == Some(*known));
        known.map(|(_, format)| *format).ok_or_else(|| {
            Diagnostic::bare("usage-format", format!("the ending of {} says no format", file.display()))
                .help("known endings are .csv, .tsv, .json, .ndjson, .jsonl, .md and .txt (a table)")
                .help("or say --format table, csv, tsv, json, ndjson or markdown")
        })
    }

    /// The ending that a new file in this format has.
    pub fn ending(self) -> &'static str {
        ENDINGS.iter().find(|(_, format)| *format == self).map_or("txt", |(ending, _)| ending)
    }
}

/// Writes the answers of a run, in order.
pub fn write(answers: &[Answer], format: Format, options: Options) -> Result<Vec<u8>, Diagnostic> {
    match format {
        Format::Table => table::write(answers, options),
        Format::Csv => csv::write(answers),
        Format::Tsv => tsv::write(answers),
        Format::Json => json::write(answers),
        Format::Ndjson => ndjson::write(answers),
        Format::Markdown => markdown::write(answers),
    }
}
