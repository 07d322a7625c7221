//! `casebook fmt FILE…`: the one layout of questions. A file is written whole or not at all, and only where something
//! changes; one that cannot be read as a program is left as it is and the others are still done. `--check` writes
//! nothing and shows the first line of each file that would change.

use std::path::{Path, PathBuf};

use clap::Args;

use super::options::Options;
use super::source::{Source, files_in, is_questions, is_standard_input, no_questions};
use super::target::Target;
use super::{Stop, say};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{self, Span};

/// What `fmt` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files of questions, or folders of them (*.cbq); - is standard input, written to standard output
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write nothing: name the files that would change, and end with 1 where there are some
    #[arg(long)]
    check: bool,
}

/// Puts files of questions in their layout.
pub fn fmt(command: &Arguments, options: &Options) -> Result<(), Stop> {
    if options.output.is_some() {
        return Err(Diagnostic::bare("usage-output", "`fmt` writes its files in place")
            .help("casebook fmt - < FILE > OTHER leaves the file as it is")
            .into());
    }
    let mut mistakes: Vec<(Source, Diagnostics)> = Vec::new();
    for file in &command.files {
        let found = match files_of(file) {
            Ok(files) => files,
            Err(mistake) => {
                mistakes.push((Source::default(), vec![mistake]));
                continue;
            }
        };
        for file in found {
            match one(&file, command.check) {
                Ok(()) => {}
                Err(Stop::Mistakes(found)) => mistakes.extend(found),
                Err(stop) => return Err(stop),
            }
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(Stop::Mistakes(mistakes)) }
}

/// Puts one file in its layout, or finds that it isn't.
fn one(file: &Path, check: bool) -> Result<(), Stop> {
    let (source, marked) = Source::read_marked(file)?;
    let tidy = match syntax::format(&source.text) {
        Ok(tidy) => tidy,
        Err(found) => return Err(Stop::Mistakes(vec![(source, found)])),
    };
    if !syntax::same_meaning(&source.text, &tidy) {
        let name = &source.name;
        let message = format!("the layout of {name} would read as something else, so it is left as it is");
        return Err(Diagnostic::bare("fault-layout", message).help("please report the file").into());
    }
    let changed = marked || tidy != source.text;
    if check && changed {
        let mistake = differs(&source.text, &tidy, marked);
        return Err(Stop::Mistakes(vec![(source, vec![mistake])]));
    }
    if check {
        return Ok(());
    }
    if is_standard_input(file) {
        return Target::standard().deliver(tidy.as_bytes());
    }
    if changed {
        Target::file(file)?.deliver(tidy.as_bytes())?;
        say(&format!("{}: laid out\n", source.name));
    }
    Ok(())
}

/// The first line that would change.
fn differs(text: &str, tidy: &str, marked: bool) -> Diagnostic {
    let lines = || text.split_inclusive('\n');
    let same = lines().zip(tidy.split_inclusive('\n')).take_while(|(was, is)| was == is);
    let at: usize = same.map(|(was, _)| was.len()).sum();
    let here = text.get(at..).unwrap_or_default().split('\n').next().unwrap_or_default();
    let mistake = |what: String| {
        Diagnostic::new(
            "layout",
            "this is not laid out as `casebook fmt` would",
            Span::new(at, at + here.len()),
        )
        .label(what)
    };
    match tidy.get(at..).unwrap_or_default().split('\n').next() {
        _ if marked && text == tidy => mistake("the file begins with a byte-order mark".to_string()),
        Some(line) if here.strip_suffix('\r') == Some(line) => {
            mistake("the line ends with a carriage return".to_string())
        }
        Some(line) if here == line => mistake("the last line does not end".to_string()),
        Some("") if here.trim().is_empty() => mistake("blanks, or blank lines too many".to_string()),
        Some(line) => mistake(format!("it would be `{}`", line.trim_end())),
        None => mistake("nothing would stand here".to_string()),
    }
}

/// The file, or the files of questions in a folder, in the order of their names.
fn files_of(file: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    if !file.is_dir() {
        return Ok(vec![file.to_path_buf()]);
    }
    let files = files_in(file, is_questions)?;
    if files.is_empty() {
        return Err(no_questions(file));
    }
    Ok(files)
}
