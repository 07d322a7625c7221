//! A file to write to, which is written whole or not at all: what can be wrong with it is found before there is
//! anything to write, and the file appears under its name when the last byte is in it.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::catalog::{self, Catalogue};
use crate::diagnostic::Diagnostic;

/// Where bytes go.
#[derive(Debug)]
pub enum Place {
    /// Standard output.
    Standard,
    /// A file, by its own name (not that of a link to it), that need not be there yet.
    File {
        /// Its own name.
        path: PathBuf,
        /// As it was asked for.
        asked: PathBuf,
    },
    /// A device or a pipe: written to, not replaced.
    Device(PathBuf),
}

impl Place {
    /// The place of that name; every mistake in it that can be seen beforehand.
    pub fn of(asked: &Path) -> Result<Place, Diagnostic> {
        place(asked)
    }

    /// Refuses to write over what answers are made from: the casebook's own files and these.
    pub fn spare(&self, catalogue: &Catalogue, questions: &[PathBuf]) -> Result<(), Diagnostic> {
        let Place::File { path, asked } = self else { return Ok(()) };
        let tables = catalogue.tables.iter().flat_map(|table| {
            let files = table.source.files().unwrap_or_default();
            files.iter().map(|file| file.path.clone())
        });
        let own = std::iter::once(catalogue.folder.join(catalog::FILE));
        let said = catalogue.sources.files().map(Path::to_path_buf);
        let mut sources = tables.chain(own).chain(said).chain(questions.iter().cloned());
        if sources.any(|source| source.canonicalize().is_ok_and(|source| source == *path)) {
            return Err(refused(asked, "it is what the answer is made from"));
        }
        Ok(())
    }

    /// Writes these bytes.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Place::Standard => {
                let mut out = io::stdout().lock();
                out.write_all(bytes).and_then(|()| out.flush())
            }
            Place::Device(path) => {
                fs::OpenOptions::new().append(true).open(path).and_then(|mut out| out.write_all(bytes))
            }
            Place::File { path, .. } => replace(path, bytes),
        }
    }

    /// What it is called in messages.
    pub fn name(&self) -> &Path {
        match self {
            Place::Standard => Path::new("standard output"),
            Place::Device(path) => path,
            Place::File { asked, .. } => asked,
        }
    }
}

/// It can't be written.
pub fn refused(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::bare("usage-output", format!("cannot write {}: {why}", path.display()))
}

fn place(asked: &Path) -> Result<Place, Diagnostic> {
    // What these lead to may be a file that others write to as well: no place to put a new file in.
    if ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].iter().any(|own| asked == Path::new(own)) {
        return Ok(Place::Standard);
    }
    if asked.starts_with("/dev/fd") || asked.starts_with("/proc") || asked == Path::new("/dev/stderr") {
        return Ok(Place::Device(asked.to_path_buf()));
    }
    // What stands there already, links followed.
    let path = match asked.canonicalize() {
        Ok(path) => path,
        Err(_) => return new_place(asked),
    };
    let found = fs::metadata(&path).map_err(|error| refused(asked, &error.to_string()))?;
    if found.is_dir() {
        return Err(refused(asked, "it is a folder").help("name a file in it"));
    }
    if !found.is_file() {
        return Ok(Place::Device(path));
    }
    if found.permissions().readonly() {
        return Err(refused(asked, "it is write-protected"));
    }
    probe(&path, asked)?;
    Ok(Place::File { path, asked: asked.to_path_buf() })
}

/// A file that isn't there yet, in a folder that must be.
fn new_place(asked: &Path) -> Result<Place, Diagnostic> {
    let Some(name) = asked.file_name() else { return Err(refused(asked, "it names no file")) };
    if asked.as_os_str().to_string_lossy().ends_with(std::path::is_separator) {
        return Err(refused(asked, "there is no such folder"));
    }
    let folder = match asked.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let inside = folder.canonicalize().map_err(|error| match error.kind() {
        ErrorKind::NotFound => refused(asked, &format!("there is no folder {}", folder.display())),
        _ => refused(asked, &error.to_string()),
    })?;
    let path = inside.join(name);
    if path.is_symlink() {
        return Err(refused(asked, "it is a link that leads nowhere"));
    }
    probe(&path, asked)?;
    Ok(Place::File { path, asked: asked.to_path_buf() })
}

/// Tries whether the folder takes a new file.
fn probe(path: &Path, asked: &Path) -> Result<(), Diagnostic> {
    scratch(path).map(|_| ()).map_err(|error| refused(asked, &error.to_string()))
}

/// An unnamed neighbour of the file, with the rights that a new file has.
fn scratch(path: &Path) -> std::io::Result<NamedTempFile> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    builder.prefix(".casebook-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = scratch(path)?;
    file.write_all(bytes)?;
    // A file that is replaced keeps its rights.
    if let Ok(found) = fs::metadata(path) {
        file.as_file().set_permissions(found.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}
