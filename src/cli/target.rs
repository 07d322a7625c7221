//! Where a command's answers go, as its options say. Everything that can be wrong with `-o` is found before the
//! question runs.

use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use super::Stop;
use super::options::Options;
use crate::catalog::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::frame::Answer;
use crate::output::place::{Place, refused};
use crate::output::{self, Format};
use crate::repl::terminal;

/// Where answers go, and how they are written.
#[derive(Debug)]
pub struct Target {
    format: Format,
    place: Place,
}

impl Target {
    /// The target that the options name; every mistake in `-o` that can be seen beforehand.
    pub fn of(options: &Options) -> Result<Target, Diagnostic> {
        let Some(asked) = options.output.as_deref().filter(|file| *file != Path::new("-")) else {
            let usual = if std::io::stdout().is_terminal() { Format::Table } else { Format::Csv };
            return Ok(Target { format: options.format.unwrap_or(usual), place: Place::Standard });
        };
        let place = Place::of(asked)?;
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
            Some(asked) => Place::of(asked)?,
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
        Ok(Target { format: Format::Table, place: Place::of(asked)? })
    }

    /// Refuses to write over what the answer is made from: the casebook's own files and these.
    pub fn spare(&self, catalogue: &Catalogue, questions: &[PathBuf]) -> Result<(), Diagnostic> {
        self.place.spare(catalogue, questions)
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
        self.place.write(bytes).map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Stop::Closed,
            _ => refused(self.place.name(), &error.to_string()).into(),
        })
    }
}
