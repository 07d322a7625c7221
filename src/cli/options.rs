//! What can be said with every command, and what follows from it: which casebook, which colours, what
//! `today` means.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args, ValueEnum};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::output::Format;
use crate::types::time;
use crate::{Casebook, Settings, catalog};

/// Options of every command.
#[derive(Debug, Args)]
pub struct Options {
    /// The casebook: a folder, a casebook.toml or a single data file [default: in this folder or above]
    #[arg(short = 'C', long = "casebook", value_name = "PATH", global = true)]
    pub casebook: Option<PathBuf>,
    /// Give a param its value
    #[arg(
        short = 'p',
        long = "param",
        value_name = "NAME=VALUE",
        value_parser = param,
        action = ArgAction::Append,
        global = true
    )]
    pub params: Vec<(String, String)>,
    /// The day that `today` means [default: today]
    #[arg(long, value_name = "DATE", value_parser = day, global = true)]
    pub as_of: Option<i32>,
    /// How to write the answers [default: from the ending of -o; else table on a terminal, csv into a pipe]
    #[arg(long, value_enum, global = true)]
    pub format: Option<Format>,
    /// Write the answers to a file, whole or not at all
    #[arg(short, long, value_name = "FILE", global = true)]
    pub output: Option<PathBuf>,
    /// No notes beside the answers: what missing values left out, say
    #[arg(long, global = true)]
    pub no_notes: bool,
    /// Colours in messages
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", global = true)]
    pub color: Colour,
}

/// When messages are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Options {
    /// Are messages coloured?
    pub fn colour(&self) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
                !refused && !dumb && std::io::stderr().is_terminal()
            }
        }
    }

    /// What a question is given beside its text. A param given twice is a mistake.
    pub fn settings(&self) -> Result<Settings, Diagnostic> {
        for (at, (name, _)) in self.params.iter().enumerate() {
            if self.params[..at].iter().any(|(earlier, _)| earlier == name) {
                return Err(Diagnostic::bare("usage-param", format!("-p gives `{name}` twice")));
            }
        }
        Ok(Settings { params: self.params.clone(), as_of: self.as_of })
    }

    /// Where the casebook of a folder is.
    pub fn place(&self, folder: &Path) -> PathBuf {
        self.casebook.clone().unwrap_or_else(|| catalog::find(folder))
    }

    /// Opens the casebook that `-C` names, or that this folder belongs to.
    pub fn open(&self) -> Result<Casebook, Diagnostics> {
        self.open_at(&self.place(Path::new(".")))
    }

    /// Opens the casebook at a place.
    pub fn open_at(&self, place: &Path) -> Result<Casebook, Diagnostics> {
        Ok(Casebook::open(place)?.noted(!self.no_notes))
    }
}

pub(super) fn param(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_string(), value.to_string())),
        _ => Err("write NAME=VALUE, as in -p week=2023-W41".to_string()),
    }
}

pub(super) fn day(text: &str) -> Result<i32, String> {
    time::parse_date(text).map(time::days).ok_or_else(|| "a day is written like 2023-10-09".to_string())
}
