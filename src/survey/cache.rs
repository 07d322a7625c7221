//! Surveys that are kept: a small JSON file each, readable by its owner alone. Of the data themselves it holds
//! nothing but the prefix and the first and last number of identifiers, and salted hashes of the texts of a column that
//! has few; and nothing of a personal column. It is found again by the table's name and place, and holds only for the
//! very versions of files that were read, what the catalogue asks of them, and the very program that read them. A table
//! has one: what a column held before it was marked `personal` is not kept beside what is known since. A cache that
//! cannot be read or written is as good as none.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};

use super::{Survey, units};
use crate::catalog::{Column, From, Table};
use crate::diagnostic::Diagnostic;
use crate::files::Version;
use crate::files::field::hashed;
use crate::syntax::ast::ExprKind;

/// A file that was written so lately may yet change without its time of modification showing it.
const SETTLED: Duration = Duration::from_secs(2);

/// Where a table's survey is kept.
pub(super) struct Entry {
    place: Option<PathBuf>,
    head: Head,
    settled: bool,
}

/// What a kept survey holds for.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Head {
    program: String,
    asks: String,
    files: Vec<(String, Version)>,
}

#[derive(Serialize)]
struct Kept<'k> {
    head: &'k Head,
    survey: &'k Survey,
}

#[derive(Deserialize)]
struct Read {
    head: Head,
    survey: Survey,
}

impl Entry {
    /// The entry of a table's files as they are now.
    pub(super) fn of(table: &Table) -> Result<Entry, Diagnostic> {
        let mut files = Vec::new();
        let mut latest = 0;
        let lookups = units::sources(table);
        for source in std::iter::once(&table.source).chain(lookups) {
            for file in source.files()? {
                let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
                latest = latest.max(file.version.modified);
                files.push((path.to_string_lossy().into_owned(), file.version.clone()));
            }
        }
        let asks = asks(table)?;
        let place = std::path::absolute(&table.source.path).unwrap_or_else(|_| table.source.path.clone());
        let name = format!("{:016x}.json", hashed(&(&*table.name, place)));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Entry {
            place: folder().map(|folder| folder.join(name)),
            head: Head { program: PROGRAM.to_string(), asks, files },
            settled: now.as_nanos().saturating_sub(latest) > SETTLED.as_nanos(),
        })
    }

    /// The survey that was kept, where one was and still holds.
    pub(super) fn read(&self) -> Option<Survey> {
        let bytes = fs::read(self.place.as_ref()?).ok()?;
        let kept: Read = serde_json::from_slice(&bytes).ok()?;
        (kept.head == self.head).then_some(kept.survey)
    }

    /// Keeps a survey, whole or not at all.
    pub(super) fn write(&self, survey: &Survey) {
        let Some(place) = self.place.as_ref().filter(|_| self.settled) else { return };
        let kept = || -> std::io::Result<()> {
            let folder = place.parent().unwrap_or(place);
            private(folder)?;
            let mut file = tempfile::Builder::new().prefix(".survey-").tempfile_in(folder)?;
            file.write_all(&serde_json::to_vec(&Kept { head: &self.head, survey })?)?;
            file.persist(place).map(|_| ()).map_err(|error| error.error)
        };
        // Nothing is lost but time.
        drop(kept());
    }
}

/// The program and the form of what it keeps.
const PROGRAM: &str = concat!("casebook ", env!("CARGO_PKG_VERSION"), ", surveys 9");

/// All that the catalogue says which the findings depend on.
fn asks(table: &Table) -> Result<String, Diagnostic> {
    let mut text = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        table.source.format,
        table.source.encoding.map(encoding_rs::Encoding::name),
        table.key,
        table.drop_repeated,
        table.missing,
        table.hide_others,
        table.zone,
    );
    for column in table.stored()? {
        // Places in casebook.toml change with every line that is written above.
        let how = match &column.from {
            From::Stored { heading, reader, missing } => format!("{heading:?} {reader:?} {missing:?}"),
            From::Measured { heading, missing, unit_from, codes, known, units } => {
                let path = match &unit_from.kind {
                    ExprKind::Path(names) => names.iter().map(|name| name.text.as_str()).collect(),
                    _ => Vec::new(),
                };
                format!("{heading:?} {missing:?} {path:?} {codes:?} {known:?} {units:?} {:?}", column.ty)
            }
            From::Derived(_) => continue,
        };
        text.push_str(&format!("\n{:?} {} {how}", column.name, column.personal));
    }
    let of = |columns: &[Column]| -> Vec<String> {
        columns
            .iter()
            .map(|column| match &column.from {
                From::Stored { heading, reader, missing } => format!("{heading:?} {reader:?} {missing:?}"),
                _ => String::new(),
            })
            .collect()
    };
    for path in &table.units {
        let unit = of(std::slice::from_ref(&path.unit));
        text.push_str(&format!("\n{:?} {unit:?}", path.column));
        for hop in &path.hops {
            text.push_str(&format!(" {:?} {:?} {:?}", of(&hop.by), of(&hop.key), hop.missing));
        }
    }
    // Twice, with different beginnings, is as good as the whole text.
    Ok(format!("{:016x}{:016x}", hashed(&text), hashed(&("again", &text))))
}

fn folder() -> Option<PathBuf> {
    Some(etcetera::choose_base_strategy().ok()?.cache_dir().join("casebook").join("surveys"))
}

/// Makes a folder that is its owner's alone.
fn private(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
