//! A casebook without a catalogue: a single file is one table, a folder one for each data file in it. The
//! tables are named after the files, all columns are inferred, and there are no links.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::model::{Catalogue, Table};
use super::name_of;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::files::{Format, Source};
use crate::types::{Currency, Units};

/// The casebook of a single data file.
pub(super) fn file(at: &Path) -> Result<Catalogue, Diagnostics> {
    let Some(format) = Format::of(at) else {
        let message = format!("{} is no file that this version reads", at.display());
        return Err(vec![
            Diagnostic::bare("data-format", message)
                .help(format!("it reads {} files, and folders of them", Format::ENDINGS)),
        ]);
    };
    let folder = at.parent().map(Path::to_path_buf).unwrap_or_default();
    Ok(casebook(at, folder, vec![table(at, format)]))
}

/// The casebook of a folder's data files.
pub(super) fn folder(at: &Path) -> Result<Catalogue, Diagnostics> {
    let unreadable = |error: std::io::Error| {
        vec![Diagnostic::bare("data-unreadable", format!("cannot list {}: {error}", at.display()))]
    };
    let mut files: Vec<(PathBuf, Format)> = Vec::new();
    for entry in std::fs::read_dir(at).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        match Format::of(&path) {
            Some(format) if !hidden && !Format::is_expected(&path) && path.is_file() => {
                files.push((path, format));
            }
            _ => {}
        }
    }
    if files.is_empty() {
        let message = format!("{} holds no casebook", at.display());
        return Err(vec![Diagnostic::bare("data-missing", message).help(format!(
            "a casebook is a folder with a {}, or with {} files",
            super::FILE,
            Format::ENDINGS
        ))]);
    }
    files.sort_by_cached_key(|(path, _)| (Format::split(path).map(|(stem, _)| stem), path.clone()));
    let tables: Vec<Arc<Table>> = files.iter().map(|(path, format)| table(path, *format)).collect();
    let mut found = Vec::new();
    for pair in tables.windows(2) {
        if pair[0].name == pair[1].name {
            let message = format!(
                "{} and {} would both be the table `{}`",
                pair[0].source.path.display(),
                pair[1].source.path.display(),
                pair[0].name
            );
            found.push(
                Diagnostic::bare("catalogue-duplicate", message)
                    .help(format!("a {} can name them apart", super::FILE)),
            );
        }
    }
    if found.is_empty() { Ok(casebook(at, at.to_path_buf(), tables)) } else { Err(found) }
}

fn casebook(at: &Path, folder: PathBuf, tables: Vec<Arc<Table>>) -> Catalogue {
    Catalogue {
        name: name_of(at),
        folder,
        timezone: None,
        financial_year: super::model::FINANCIAL_YEAR,
        currency: Currency::GBP,
        units: Units::default(),
        tables,
        history: true,
        queries: Vec::new(),
        sources: Arc::default(),
    }
}

fn table(path: &Path, format: Format) -> Arc<Table> {
    let name = Format::split(path).map(|(stem, _)| stem).unwrap_or_default();
    Arc::new(Table::new(Arc::from(name), Source::file(path.to_path_buf(), format)))
}
