//! Files of questions. A program's text, what to call it in messages, and which folder's casebook it
//! belongs to.

use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;

/// A program's text and name.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// What messages call it.
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// A question from the command line.
    pub fn question(text: &str) -> Source {
        Source { name: "question".to_string(), text: text.to_string() }
    }

    /// Reads a file; `-` is standard input.
    pub fn read(file: &Path) -> Result<Source, Diagnostic> {
        Source::read_marked(file).map(|(source, _)| source)
    }

    /// The same, and whether the file begins with a mark of its encoding, which is no part of the text.
    pub fn read_marked(file: &Path) -> Result<(Source, bool), Diagnostic> {
        let (name, bytes) = if is_standard_input(file) {
            let mut bytes = Vec::new();
            let read = std::io::stdin().lock().read_to_end(&mut bytes);
            ("standard input".to_string(), read.map(|_| bytes))
        } else {
            (file.display().to_string(), fs::read(file))
        };
        let bytes = bytes.map_err(|error| match error.kind() {
            ErrorKind::NotFound => Diagnostic::bare("data-missing", format!("there is no file {name}")),
            ErrorKind::IsADirectory => {
                Diagnostic::bare("data-unreadable", format!("{name} is a folder, not a file of questions"))
                    .help(format!("name its files: casebook run {}", file.join("*.cbq").display()))
            }
            _ => Diagnostic::bare("data-unreadable", format!("cannot read {name}: {error}")),
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count();
            let byte = bytes.get(at).copied().unwrap_or_default();
            Diagnostic::bare(
                "syntax-encoding",
                format!("{name} is not UTF-8: byte 0x{byte:02X} in line {line}"),
            )
            .help("save the file as UTF-8")
        })?;
        // Some editors write one.
        match text.strip_prefix('\u{feff}') {
            Some(text) => Ok((Source { name, text: text.to_string() }, true)),
            None => Ok((Source { name, text }, false)),
        }
    }
}

/// Is it `-`?
pub fn is_standard_input(file: &Path) -> bool {
    file == Path::new("-")
}

/// The folder that a file of questions is in.
pub fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !is_standard_input(file) => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Is it a file of questions, by its name?
pub fn is_questions(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "cbq")
}

/// The files that are wanted in a folder and in those within, hidden ones left out, in the order of their names.
pub fn files_in(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Diagnostic> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error: std::io::Error| {
            Diagnostic::bare("data-unreadable", format!("cannot read {}: {error}", folder.display()))
        };
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            let path = entry.path();
            // In this folder, a name is enough.
            let path = path.strip_prefix(".").map(Path::to_path_buf).unwrap_or(path);
            match entry.file_type() {
                // Links are not followed: a ring of them would never end.
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if !kind.is_dir() && wanted(&path) => files.push(path),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// There are no files of questions in a folder.
pub fn no_questions(folder: &Path) -> Diagnostic {
    let place = match folder {
        this if this == Path::new(".") => "this folder".to_string(),
        folder => folder.display().to_string(),
    };
    Diagnostic::bare("data-missing", format!("there are no .cbq files in {place}"))
}
