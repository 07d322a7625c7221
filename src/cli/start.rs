//! `casebook` alone: the prompt, or the questions that come through a pipe.

use std::io::{ErrorKind, IsTerminal};
use std::path::PathBuf;

use super::options::Options;
use super::{Stop, run};
use crate::diagnostic::Diagnostic;
use crate::repl::{self, Repl};

/// Opens the prompt.
pub fn start(options: &Options) -> Result<(), Stop> {
    if !std::io::stdin().is_terminal() {
        return run::run(&[PathBuf::from("-")], options);
    }
    if options.output.is_some() {
        let mistake = Diagnostic::bare("usage-output", "-o is for query, run and the other commands");
        return Err(mistake.help("at the prompt, answers go to the terminal").into());
    }
    let settings = options.settings()?;
    let casebook = options.open()?;
    let style = repl::Style { format: options.format, colour: options.colour() };
    Repl::new(casebook, settings, style).and_then(Repl::run).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Stop::Closed,
        _ => Diagnostic::bare("usage-terminal", format!("the terminal is gone: {error}")).into(),
    })
}
