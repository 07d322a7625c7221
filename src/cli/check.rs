//! `casebook check FILE…`: compiles, and reads no more of the data than their headings.

use std::path::PathBuf;

use clap::Args;

use super::options::Options;
use super::{Stop, run, say};

/// What `check` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Files of questions; - is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Looks for mistakes in files of questions.
pub fn check(command: &Arguments, options: &Options) -> Result<(), Stop> {
    for file in run::compile(&command.files, options)?.files {
        let questions = match file.queries.len() {
            1 => "1 question".to_string(),
            n => format!("{n} questions"),
        };
        say(&format!("{}: {questions}, no mistakes\n", file.source.name));
    }
    Ok(())
}
