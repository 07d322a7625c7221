//! `casebook explain 'arrests | count by borough'`: the plan, and what the engine makes of it.

use clap::Args;

use super::Stop;
use super::options::Options;
use super::source::Source;
use super::target::Target;

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
    let queries = casebook
        .compile(&source.text, &settings)
        .map_err(|mistakes| Stop::Mistakes(vec![(source.clone(), mistakes)]))?;
    let mut text = String::new();
    for (at, query) in queries.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let plan = casebook.explain(query);
        text.push_str(&plan.map_err(|mistake| Stop::Mistakes(vec![(source.clone(), vec![mistake])]))?);
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    target.deliver(text.as_bytes())
}
