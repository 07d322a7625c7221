//! What the data says about itself. Each version of a table's files is read through once: whether every line
//! is a record, whether the key is one, which values don't fit their columns, what undeclared columns hold.
//! What was found is kept in the platform's cache folder ([`cache`]), so that a later question pays for none
//! of it, and what a note says does not hang on how a question was worked out.

mod cache;
pub mod cancel;
pub mod columnar;
pub mod facts;
mod infer;
mod keys;
mod numbering;
mod pass;
pub mod progress;
mod units;
mod values;

use serde::{Deserialize, Serialize};

use crate::catalog::Table;
use crate::diagnostic::Diagnostic;

pub use infer::{Hint, Inferred};
pub use keys::{key_error, repeated_in};
pub use numbering::Numbering;
pub use units::each as fields;
pub use values::Texts;

/// What was found in a table's files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    /// Each file, in order.
    pub files: Vec<FileFacts>,
    /// Each column that holds something of a file: the declared ones, then the others.
    pub columns: Vec<ColumnFacts>,
    /// No two records have the same key: true where there is no key, and false where it is not settled.
    pub unique: bool,
    /// With `repeated = "drop"`, the rows that repeat another whole: their numbers over all files.
    pub repeated: Vec<u64>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its headings.
    pub headings: Vec<String>,
    /// How many lines or rows it has, those with nothing in them included.
    pub rows: u64,
    /// The numbers of those with nothing in them, which are no records.
    pub blank: Vec<u64>,
    /// It must be rewritten for the engine's reader.
    pub odd: bool,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// Its name; the heading where the catalogue doesn't name it.
    pub name: String,
    /// What it would hold, where the catalogue doesn't say.
    pub inferred: Option<Inferred>,
    /// How many records have no value here, those that don't fit included.
    pub missing: u64,
    /// How many have one that does not fit.
    pub unfit: u64,
    /// The file and line of the first that does not fit.
    pub first: Option<(usize, u64)>,
    /// Every field is the value as it stands: nothing to trim, mark as missing or convert.
    pub plain: bool,
    /// How its values are numbered, where they are identifiers; never for a personal column.
    pub numbering: Option<Numbering>,
    /// Which texts it has, where these are few; never for a personal column.
    pub texts: Option<Texts>,
}

impl ColumnFacts {
    /// Has it this text? Nobody knows of a column that has too many.
    pub fn has(&self, text: &str) -> Option<bool> {
        self.texts.as_ref().map(|texts| texts.has(text))
    }
}

impl Survey {
    /// Of a table that no file holds: there is nothing to find.
    pub fn of_made() -> Survey {
        Survey { files: Vec::new(), columns: Vec::new(), unique: true, repeated: Vec::new() }
    }

    /// What was found of a column.
    pub fn column(&self, name: &str) -> Option<&ColumnFacts> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// How a key of this one column numbers the records, where nearly every number is one.
    pub fn numbering(&self, key: &str) -> Option<&Numbering> {
        self.column(key)?.numbering.as_ref().filter(|numbering| numbering.dense)
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        let lines: u64 = self.files.iter().map(|file| file.rows - file.blank.len() as u64).sum();
        lines - self.repeated.len() as u64
    }
}

/// The survey of a table's files as they are now: the one that was kept, or a new one.
pub fn of(table: &Table) -> Result<Survey, Diagnostic> {
    let entry = cache::Entry::of(table)?;
    if let Some(survey) = entry.read() {
        return Ok(survey);
    }
    // A file that is being written looks broken, and is not.
    let survey = pass::survey(table).map_err(|error| table.source.unchanged().err().unwrap_or(error))?;
    // What changed under way must not be kept as what it was before.
    table.source.unchanged()?;
    entry.write(&survey);
    Ok(survey)
}

/// Spares files of JSON lines, whose headings stand all over them, a reading for these alone, where a survey
/// was kept.
pub fn recall_headings(table: &Table) -> Result<(), Diagnostic> {
    if table.source.format != crate::files::Format::Ndjson {
        return Ok(());
    }
    if let Some(kept) = cache::Entry::of(table)?.read() {
        for (file, facts) in table.source.files()?.iter().zip(&kept.files) {
            file.know(&facts.headings);
        }
    }
    Ok(())
}
