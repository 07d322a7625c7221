//! `casebook check FILE…`: compiles, and reads no more of the data than their headings, and what only they know of the
//! types of columns that the catalogue doesn't declare. What the catalogue defines is checked too, used or not.

use std::path::PathBuf;

use clap::Args;

use super::options::Options;
use super::{Stop, run, say};
use crate::Casebook;
use crate::check::{Checked, Reading};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// What `check` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files of questions; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Looks for mistakes in files of questions.
pub fn check(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let programs = run::compile(&command.files, options)?;
    for casebook in programs.casebooks.values() {
        definitions(casebook)?;
    }
    for file in programs.files {
        let questions = match file.queries.len() {
            1 => "1 question".to_string(),
            n => format!("{n} questions"),
        };
        say(&format!("{}: {questions}, no mistakes\n", file.source.name));
    }
    Ok(())
}

/// Checks what the catalogue defines; where a table's records can't be read, a note says what that left unchecked.
pub fn definitions(casebook: &Casebook) -> Result<Vec<Checked>, Diagnostics> {
    let mut checked = casebook.definitions(Reading::Records);
    let mut wrong: Diagnostics = Vec::new();
    for one in &mut checked {
        let (unread, mistakes): (Diagnostics, Diagnostics) = std::mem::take(&mut one.mistakes)
            .into_iter()
            .partition(|mistake| mistake.code.starts_with("data-"));
        if let Some(Diagnostic { message, .. }) = unread.first() {
            say(&format!("note: `{}` could not be checked: {message}\n", one.key));
        }
        for mistake in mistakes {
            if !wrong.contains(&mistake) {
                wrong.push(mistake);
            }
        }
    }
    if wrong.is_empty() { Ok(checked) } else { Err(wrong) }
}
