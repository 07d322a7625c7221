//! Where answers go: standard output, or a file that is written whole or not at all. Everything that
//! can be wrong with `-o` is found before the question runs; the file appears under its name when the
//! last byte is in it.

use std::fs;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::Stop;
use super::options::Options;
use crate::catalog::{self, Catalogue};
use crate::diagnostic::Diagnostic;
use crate::frame::Answer;
use crate::output::{self, Format};
use crate::repl::terminal;

/// Where answers go, and how they are written.
#[derive(Debug)]
pub struct Target {
    format: Format,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Standard output.
    Standard,
    /// A file, by its own name (not that of a link to it), that need not be there yet.
    File { path: PathBuf, asked: PathBuf },
    /// A device or a pipe: written to, not replaced.
    Device(PathBuf),
}

impl Target {
    /// The target that the options name; every mistake in `-o` that can be seen beforehand.
    pub fn of(options: &Options) -> Result<Target, Diagnostic> {
        let Some(asked) = options.output.as_deref().filter(|file| *file != Path::new("-")) else {
            let usual = if std::io::stdout().is_terminal() { Format::Table } else { Format::Csv };
            return Ok(Target { format: options.format.unwrap_or(usual), place: Place::Standard });
        };
        let place = place(asked)?;
        let format = match options.format {
            Some(format) => format,
            None => Format::of_file(asked)?,
        };
        Ok(Target { format, place })
    }

    /// The same for what is written to be read: a table into a pipe, too, unless the options name a format.
    pub fn read(options: &Options) -> Result<Target, Diagnostic> {
        let target = Target::of(options)?;
        match (options.format, &target.place) {
            (None, Place::Standard) => Ok(Target { format: Format::Table, ..target }),
            _ => Ok(target),
        }
    }

    /// How answers are written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The target of plain text, which has no format to choose.
    pub fn plain(options: &Options) -> Result<Target, Diagnostic> {
        let place = match options.output.as_deref().filter(|file| *file != Path::new("-")) {
            Some(asked) => place(asked)?,
            None => Place::Standard,
        };
        Ok(Target { format: Format::Table, place })
    }

    /// Standard output, for plain text.
    pub fn standard() -> Target {
        Target { format: Format::Table, place: Place::Standard }
    }

    /// A file, for plain text.
    pub fn file(asked: &Path) -> Result<Target, Diagnostic> {
        Ok(Target { format: Format::Table, place: place(asked)? })
    }

    /// Refuses to write over what the answer is made from: the casebook's own files and these.
    pub fn spare(&self, catalogue: &Catalogue, questions: &[PathBuf]) -> Result<(), Diagnostic> {
        let Place::File { path, asked } = &self.place else { return Ok(()) };
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

    /// Writes all answers, in order.
    pub fn write(&self, answers: &[Answer]) -> Result<(), Stop> {
        let width = match self.place {
            Place::Standard if self.format == Format::Table => terminal::width(),
            _ => None,
        };
        self.deliver(&output::write(answers, self.format, output::Options { width })?)
    }

    /// Writes these bytes.
    pub fn deliver(&self, bytes: &[u8]) -> Result<(), Stop> {
        match &self.place {
            Place::Standard => {
                let mut out = std::io::stdout().lock();
                let written = out.write_all(bytes).and_then(|()| out.flush());
                written.map_err(|error| failed(Path::new("standard output"), &error))
            }
            Place::Device(path) => {
                let written =
                    fs::OpenOptions::new().append(true).open(path).and_then(|mut out| out.write_all(bytes));
                written.map_err(|error| failed(path, &error))
            }
            Place::File { path, asked } => replace(path, bytes).map_err(|error| failed(asked, &error)),
        }
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Stop {
    if error.kind() == ErrorKind::BrokenPipe {
        return Stop::Closed;
    }
    refused(path, &error.to_string()).into()
}

fn refused(path: &Path, why: &str) -> Diagnostic {
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
