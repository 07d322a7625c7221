//! Files as they come: which ones a table's source names, what is in them once they are unpacked and
//! decoded, and how one field's text reads as a value. Nothing here knows a data frame or a question.
//!
//! ```text
//! "exports/*.csv.gz" ─ source ─▶ files ─ text ─▶ UTF-8 ─ records ─▶ fields ─ field ─▶ values
//! ```

pub mod field;
mod format;
mod headings;
mod json;
mod reader;
pub mod records;
mod source;
pub mod text;

use std::io::ErrorKind;
use std::path::Path;

use crate::diagnostic::Diagnostic;

pub use format::Format;
pub use headings::{is_numbered, numbered_apart};
pub use reader::{Case, Formats, Reader};
pub use source::{File, Source, Version};

/// The words for a file that could not be opened or read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let file = path.display();
    match error.kind() {
        ErrorKind::NotFound => Diagnostic::bare("data-missing", format!("there is no file {file}")),
        ErrorKind::PermissionDenied => {
            Diagnostic::bare("data-unreadable", format!("no permission to read {file}"))
        }
        ErrorKind::IsADirectory => folder(path),
        ErrorKind::UnexpectedEof => {
            Diagnostic::bare("data-damaged", format!("{file} ends in the middle: it is not whole"))
                .help("copy or export it again")
        }
        _ => Diagnostic::bare("data-unreadable", format!("cannot read {file}: {error}")),
    }
}

fn folder(path: &Path) -> Diagnostic {
    Diagnostic::bare("data-unreadable", format!("{} is a folder, not a file", path.display()))
}

/// Opens a data file.
pub fn open(path: &Path) -> Result<std::fs::File, Diagnostic> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    match file.metadata() {
        Ok(found) if found.is_dir() => Err(folder(path)),
        _ => Ok(file),
    }
}
