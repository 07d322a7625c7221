//! From the file on disk to a catalogue, or to every mistake in it.

use std::path::Path;

use super::model::Catalogue;
use super::{raw, resolve};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceText};

/// Reads and checks a `casebook.toml`.
pub(super) fn load(path: &Path) -> Result<Catalogue, Diagnostics> {
    let bytes = std::fs::read(path).map_err(|error| {
        vec![Diagnostic::bare("data-unreadable", format!("cannot read {}: {error}", path.display()))]
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        let message = format!("{} is not UTF-8 text: see line {line}", path.display());
        vec![Diagnostic::bare("catalogue-syntax", message)]
    })?;
    let name = path.file_name().map_or_else(|| super::FILE.to_string(), |name| name.to_string_lossy().into());
    let source = SourceText { name, text };
    let (raw, mut found) = raw::read(&source);
    match resolve::resolve(raw, path, &source) {
        Ok(catalogue) if found.is_empty() => return Ok(catalogue),
        Ok(_) => {}
        Err(more) => found.extend(more),
    }
    let place = |diagnostic: &Diagnostic| {
        let here = diagnostic.source.as_ref().is_some_and(|shown| shown.name == source.name);
        diagnostic.labels.first().filter(|_| here).map_or(usize::MAX, |label| label.span.start)
    };
    found.sort_by_key(place);
    Err(found)
}
