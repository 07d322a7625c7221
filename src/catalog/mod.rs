//! The catalogue: what a casebook's words mean. A folder holds data and a `casebook.toml` that names the
//! tables, types their columns and links them; a folder without one, or a single file, is a casebook too,
//! its types inferred.
//!
//! ```text
//! casebook.toml ─ load ─▶ raw ─ resolve ─▶ model::Catalogue
//! ```
//!
//! `include` gathers the file and those that it includes, and `sources` keeps their texts, for messages;
//! `raw` is what they say as written, every part with its place; `resolve` gives its names their meaning and
//! reports every mistake it finds; `columns` adds, when a question first needs it, what the data files
//! say themselves. Opening a catalogue reads no data.

mod bare;
mod column;
mod columns;
mod definitions;
mod include;
mod keys;
mod links;
mod load;
mod made;
pub mod model;
mod nameless;
mod raw;
mod resolve;
mod sources;

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics};

pub use crate::files::{Case, Format, Formats, Reader};
pub use made::{CALENDAR, CalendarSpan, KeyOf, MadeOf};
pub use model::{Back, Catalogue, Column, Definition, FILE_NAME, From, Hop, Link, List, Table, UnitPath};
pub use sources::Sources;

/// The name of a catalogue's file.
pub const FILE: &str = "casebook.toml";

/// Opens the casebook at a path: a folder with or without `casebook.toml`, the `casebook.toml` itself, or a
/// single data file. Mistakes in the catalogue are all reported at once.
pub fn open(at: &Path) -> Result<Catalogue, Diagnostics> {
    let found = match std::fs::metadata(at) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let message = format!("there is no file or folder {}", at.display());
            return Err(vec![Diagnostic::bare("data-missing", message)]);
        }
        Err(error) => {
            let message = format!("cannot open {}: {error}", at.display());
            return Err(vec![Diagnostic::bare("data-unreadable", message)]);
        }
    };
    if found.is_dir() {
        let catalogue = at.join(FILE);
        if catalogue.is_file() { load::load(&catalogue) } else { bare::folder(at) }
    } else if ending(at).as_deref() == Some("toml") {
        load::load(at)
    } else {
        bare::file(at)
    }
}

/// The casebook that a folder belongs to: itself or the nearest folder above that has a `casebook.toml`;
/// the folder itself where none has.
pub fn find(from: &Path) -> PathBuf {
    let whole = std::path::absolute(from).unwrap_or_else(|_| from.to_path_buf());
    match whole.ancestors().position(|folder| folder.join(FILE).is_file()) {
        // As it was given, so that messages show the path that the reader knows.
        None | Some(0) => from.to_path_buf(),
        Some(steps) => whole.ancestors().nth(steps).unwrap_or(&whole).to_path_buf(),
    }
}

/// A file name's ending without the dot, in lower case.
fn ending(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

/// The name of a folder, or of a file without its ending.
fn name_of(path: &Path) -> String {
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if let Some((stem, _)) = Format::split(&whole).filter(|_| !whole.is_dir()) {
        return stem;
    }
    let name = if whole.is_dir() { whole.file_name() } else { whole.file_stem() };
    name.map_or_else(|| "casebook".to_string(), |name| name.to_string_lossy().into_owned())
}

/// `` `a`, `b` and `c` ``
pub(crate) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        None => "none".to_string(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
