//! `casebook query 'arrests | count by borough'`

use clap::Args;

use super::options::Options;
use super::source::Source;
use super::target::Target;
use super::{Stop, notes};
use crate::repl::session;

/// What `query` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The question, in quotes
    #[arg(value_name = "TEXT")]
    text: String,
}

/// Answers one question.
pub fn query(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let settings = options.settings()?;
    let target = Target::of(options)?;
    let casebook = options.open()?;
    target.spare(casebook.catalogue(), &[])?;
    let source = Source::question(&command.text);
    let answers = session::ask(&casebook, &source.text, &settings)
        .map_err(|mistakes| Stop::Mistakes(vec![(source, mistakes)]))?;
    target.write(&answers)?;
    notes(&answers);
    Ok(())
}
