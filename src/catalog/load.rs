//! From the files on disk to a catalogue, or to every mistake in them.

use std::path::Path;

use super::model::Catalogue;
use super::{include, raw, resolve};
use crate::diagnostic::Diagnostics;

/// Reads and checks a `casebook.toml` and what it includes.
pub(super) fn load(path: &Path) -> Result<Catalogue, Diagnostics> {
    let (sources, mut found) = include::gather(path).map_err(|mistake| vec![mistake])?;
    let (mut raw, more) = raw::read(&sources);
    // What a file would say that can't be read is no mistake of what the others say.
    raw.partial |= !found.is_empty();
    found.extend(more);
    resolve::resolve(raw, path, sources, found)
}
