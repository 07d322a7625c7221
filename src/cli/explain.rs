//! `casebook explain 'arrests | count by borough'`: the plan, and what the engine makes of it.

use clap::Args;

use super::Stop;
use super::options::Options;
use super::source::Source;
use super::target::Target;
use crate::repl::session;

/// What `explain` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The question, in quotes
    #[arg(value_name = "TEXT")]
    text: String,
}

/// Shows what will be done for a question.
pub fn explain(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let settings = options.settings()?;
    let target = Target::plain(options)?;
    let casebook = options.open()?;
    target.spare(casebook.catalogue(), &[])?;
    let source = Source::question(&command.text);
    let text = session::explain(&casebook, &source.text, &settings)
        .map_err(|mistakes| Stop::Mistakes(vec![(source, mistakes)]))?;
    target.deliver(text.as_bytes())
}
