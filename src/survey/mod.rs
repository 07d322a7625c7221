//! What the data says about itself: a file's headings, the types its values would fit, and whether its keys
//! are keys. The files are read as they are, text by text; nothing here knows a question.

mod faults;
mod headings;
mod infer;
mod keys;

use std::io::ErrorKind;
use std::path::Path;

use crate::diagnostic::Diagnostic;

pub use faults::{first_fault, has_empty_lines};
pub use headings::headings;
pub use infer::infer;
pub use keys::{key_error, repeated_in};

/// The words for a file that could not be opened or read.
fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let file = path.display();
    match error.kind() {
        ErrorKind::NotFound => Diagnostic::bare("data-missing", format!("there is no file {file}")),
        ErrorKind::PermissionDenied => {
            Diagnostic::bare("data-unreadable", format!("no permission to read {file}"))
        }
        ErrorKind::IsADirectory => folder(path),
        _ => Diagnostic::bare("data-unreadable", format!("cannot read {file}: {error}")),
    }
}

fn folder(path: &Path) -> Diagnostic {
    Diagnostic::bare("data-unreadable", format!("{} is a folder, not a file", path.display()))
}

/// Opens a data file.
fn open(path: &Path) -> Result<std::fs::File, Diagnostic> {
    let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    match file.metadata() {
        Ok(found) if found.is_dir() => Err(folder(path)),
        _ => Ok(file),
    }
}
