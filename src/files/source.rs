//! What a table's source names: one file, or by a pattern several, in the order of their names. Each is
//! known by its size and time of modification, so that a file that changes is noticed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::UNIX_EPOCH;

use encoding_rs::Encoding;
use polars_buffer::Buffer;
use serde::{Deserialize, Serialize};

use super::headings::{self, Shape};
use super::{Format, text, unreadable};
use crate::diagnostic::Diagnostic;

/// Where a table's records are.
#[derive(Clone, Debug)]
pub struct Source {
    /// The file, or a pattern of files.
    pub path: PathBuf,
    /// How they are read.
    pub format: Format,
    /// What their text is encoded in, where that is not UTF-8.
    pub encoding: Option<&'static Encoding>,
    /// The path is a pattern: `exports/*.csv`.
    pub pattern: bool,
    files: Arc<OnceLock<Result<Vec<File>, Diagnostic>>>,
}

/// One file.
#[derive(Debug)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// What it was when it was first looked at.
    pub version: Version,
    /// How it is read.
    pub format: Format,
    encoding: Option<&'static Encoding>,
    shape: OnceLock<Result<Shape, Diagnostic>>,
    rewritten: OnceLock<Result<Buffer<u8>, Diagnostic>>,
}

/// What tells one version of a file from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its length in bytes.
    pub size: u64,
    /// When it was last written, in nanoseconds since 1970. Tools that copy and unpack set it back.
    pub modified: u128,
    /// When anything about it was last changed, which nobody can set; nought where the system doesn't say.
    pub changed: i128,
}

impl Version {
    /// Of the file that is there now.
    pub fn of(path: &Path) -> Result<Version, Diagnostic> {
        let found = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if found.is_dir() {
            return Err(super::folder(path));
        }
        let modified = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        Ok(Version {
            size: found.len(),
            modified: modified.map_or(0, |since| since.as_nanos()),
            changed: changed(&found),
        })
    }
}

#[cfg(unix)]
fn changed(found: &std::fs::Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt;
    i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_: &std::fs::Metadata) -> i128 {
    0
}

impl Source {
    /// A single file, whatever its name looks like.
    pub fn file(path: PathBuf, format: Format) -> Source {
        Source { path, format, encoding: None, pattern: false, files: Arc::default() }
    }

    /// No file at all: the records are made of something else.
    pub fn none() -> Source {
        let files = Arc::new(OnceLock::from(Ok(Vec::new())));
        Source { path: PathBuf::new(), format: Format::Csv, encoding: None, pattern: false, files }
    }

    /// What a catalogue in `folder` names: a pattern where there are `*`, `?` or `[…]` in it and no file of
    /// just that name.
    pub fn named(folder: &Path, name: &str, format: Format, encoding: Option<&'static Encoding>) -> Source {
        let path = folder.join(name);
        let pattern = name.contains(['*', '?', '[']) && !path.exists();
        Source { path, format, encoding, pattern, files: Arc::default() }
    }

    /// The files, in the order of their paths; an error where there is none.
    pub fn files(&self) -> Result<&[File], Diagnostic> {
        let found = self.files.get_or_init(|| self.find());
        found.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    fn find(&self) -> Result<Vec<File>, Diagnostic> {
        let file = |path: PathBuf| {
            Ok(File {
                version: Version::of(&path)?,
                path,
                format: self.format,
                encoding: self.encoding,
                shape: OnceLock::new(),
                rewritten: OnceLock::new(),
            })
        };
        if !self.pattern {
            return Ok(vec![file(self.path.clone())?]);
        }
        let pattern = self.path.to_string_lossy();
        let no_pattern = |why: String| {
            Diagnostic::bare("data-missing", format!("`{pattern}` is no pattern of files: {why}"))
        };
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let found = glob::glob_with(&pattern, options).map_err(|error| no_pattern(error.to_string()))?;
        let mut files = Vec::new();
        for path in found {
            let path = path.map_err(|error| unreadable(error.path(), error.error()))?;
            if !path.is_dir() {
                files.push(file(path)?);
            }
        }
        if files.is_empty() {
            return Err(Diagnostic::bare("data-missing", format!("no file is named as {pattern} says"))
                .help("`*` stands for any part of a name, `**` for folders at any depth"));
        }
        Ok(files)
    }

    /// An error where a file is not what it was when it was first looked at.
    pub fn unchanged(&self) -> Result<(), Diagnostic> {
        for file in self.files()? {
            if !Version::of(&file.path).is_ok_and(|now| now == file.version) {
                let message = format!("{} has changed since it was first looked at", file.path.display());
                return Err(Diagnostic::bare("data-changed", message)
                    .help("ask again, once whatever writes the file is done"));
            }
        }
        Ok(())
    }
}

impl File {
    /// Its name without the folders above it.
    pub fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Its headings and how they are separated.
    pub fn shape(&self) -> Result<&Shape, Diagnostic> {
        self.shape.get_or_init(|| headings::shape(self)).as_ref().map_err(Clone::clone)
    }

    /// The headings of a file of JSON lines, where they are known already: they stand all over the file.
    pub fn know(&self, headings: &[String]) {
        if self.format == Format::Ndjson {
            self.shape
                .get_or_init(|| Ok(Shape { headings: headings.to_vec(), separator: b',', schema: None }));
        }
    }

    /// Its text, unpacked and decoded.
    pub fn text(&self) -> Result<text::Text, Diagnostic> {
        text::open(&self.path, self.encoding)
    }

    /// The same records as plain comma-separated UTF-8, for a file that only [`super::records`] reads right.
    pub fn rewritten(&self) -> Result<Buffer<u8>, Diagnostic> {
        self.rewritten.get_or_init(|| super::records::rewrite(self)).clone()
    }
}
