//! `include = ["force.toml"]`: what a force says once for all its casebooks. An included file may say whatever a
//! catalogue says. The files are read one after the other, and their keys become those of one catalogue: a table
//! that stands in two of them has the keys of both, and a key that two of them say differently is a mistake.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::raw::place;
use super::sources::Sources;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::span::Span;

/// The key that names other files.
pub(super) const INCLUDE: &str = "include";

/// A walk from file to included file.
struct Walk {
    sources: Sources,
    found: Diagnostics,
    /// The files, by the names that the system knows them by.
    read: Vec<PathBuf>,
    /// Those among them that are being read, with the names that messages use.
    within: Vec<(PathBuf, String)>,
}

/// Reads a catalogue's file and all that it includes, and what was wrong on the way. `Err` where the first of them
/// can't be read.
pub(super) fn gather(path: &Path) -> Result<(Sources, Diagnostics), Diagnostic> {
    let name = path.file_name().map_or_else(|| super::FILE.to_string(), |name| name.to_string_lossy().into());
    let mut walk =
        Walk { sources: Sources::default(), found: Vec::new(), read: Vec::new(), within: Vec::new() };
    let text = text_of(path, &path.display().to_string())?;
    walk.file(path, name, &text);
    Ok((walk.sources, walk.found))
}

impl Walk {
    fn file(&mut self, path: &Path, name: String, text: &str) {
        let known = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let span = self.sources.add(name.clone(), Some(path.to_path_buf()), text);
        self.read.push(known.clone());
        self.within.push((known, name.clone()));
        for (file, asked) in self.includes(span) {
            // As one would write it from the first file's folder.
            let shown = Path::new(&name).with_file_name(&file).display().to_string();
            self.included(&path.with_file_name(&file), shown, asked);
        }
        self.within.pop();
    }

    fn included(&mut self, path: &Path, name: String, asked: Span) {
        let known = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if let Some(at) = self.within.iter().position(|(earlier, _)| *earlier == known) {
            let mut names: Vec<&str> = self.within[at..].iter().map(|(_, name)| name.as_str()).collect();
            names.push(names[0]);
            let message = format!("{} includes itself: {}", names[0], names.join(" → "));
            self.found.push(Diagnostic::new("catalogue-include", message, asked));
            return;
        }
        if self.read.contains(&known) {
            return;
        }
        match text_of(path, &name) {
            Ok(text) => self.file(path, name, &text),
            Err(mistake) => {
                let mut included = Diagnostic::new("catalogue-include", mistake.message, asked);
                if mistake.code == "data-missing" {
                    included = included.help("a path starts in the folder of the file that includes it");
                }
                self.found.push(included);
            }
        }
    }

    /// The files that the text at a place includes, each with its place.
    fn includes(&mut self, span: Span) -> Vec<(String, Span)> {
        if !self.sources.slice(span).contains(INCLUDE) {
            return Vec::new();
        }
        let text = in_place(&self.sources, span);
        // What is no TOML is reported where all of it is read.
        let (document, _) = DeTable::parse_recoverable(&text);
        let Some(listed) = document.get_ref().get(INCLUDE) else { return Vec::new() };
        let files = match listed.get_ref() {
            DeValue::Array(files) => files.iter().collect(),
            _ => vec![listed],
        };
        let mut named = Vec::new();
        for file in files {
            match file.get_ref() {
                DeValue::String(name) => named.push((name.to_string(), place(file))),
                _ => {
                    let message = "`include` names files";
                    let mistake = Diagnostic::new("catalogue-value", message, place(file));
                    self.found.push(mistake.help("write include = [\"force.toml\"]"));
                }
            }
        }
        named
    }
}

/// The text at a place behind as many blanks as stand before it, so that toml gives its places as they are among all.
pub(super) fn in_place(sources: &Sources, span: Span) -> String {
    format!("{:1$}{2}", "", span.start, sources.slice(span))
}

/// A file's text; `name` is what messages call it.
fn text_of(path: &Path, name: &str) -> Result<String, Diagnostic> {
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Diagnostic::bare("data-missing", format!("there is no file {name}")),
        ErrorKind::IsADirectory => {
            Diagnostic::bare("data-unreadable", format!("{name} is a folder, not a file of a catalogue"))
        }
        _ => Diagnostic::bare("data-unreadable", format!("cannot read {name}: {error}")),
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        let message = format!("{name} is not UTF-8 text: see line {line}");
        Diagnostic::bare("catalogue-syntax", message)
    })?;
    // Some editors write one.
    Ok(text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text))
}

/// Adds one file's keys to another's.
pub(super) fn merge<'t>(into: &mut DeTable<'t>, from: DeTable<'t>, found: &mut Diagnostics) {
    for (key, value) in from {
        let earlier = into.get_key_value(key.get_ref().as_ref()).map(|(key, _)| place(key));
        let (Some(earlier), Some(known)) = (earlier, into.get_mut(key.get_ref().as_ref())) else {
            into.insert(key, value);
            continue;
        };
        match (known.get_mut(), value.into_inner()) {
            (DeValue::Table(known), DeValue::Table(more)) => merge(known, more, found),
            (known, other) if same(known, &other) => {}
            _ => {
                let message = format!("`{}` is said differently in two files", key.get_ref());
                let mistake = Diagnostic::new("catalogue-include", message, place(&key));
                found.push(mistake.also(earlier, "it is said first in").help("leave one of them out"));
            }
        }
    }
}

fn same(one: &DeValue, other: &DeValue) -> bool {
    match (one, other) {
        (DeValue::String(a), DeValue::String(b)) => a == b,
        (DeValue::Boolean(a), DeValue::Boolean(b)) => a == b,
        (DeValue::Integer(a), DeValue::Integer(b)) => a.as_str() == b.as_str(),
        (DeValue::Array(a), DeValue::Array(b)) => {
            let alike = |(a, b): (&Spanned<DeValue>, &Spanned<DeValue>)| same(a.get_ref(), b.get_ref());
            a.len() == b.len() && a.iter().zip(b.iter()).all(alike)
        }
        _ => false,
    }
}
