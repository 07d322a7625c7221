//! `casebook describe [TABLE]`: the tables, or one table's columns and links, in any format.

use clap::Args;

use super::Stop;
use super::options::Options;
use super::target::Target;
use crate::repl::look::describe;

/// What `describe` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The table [default: all of them]
    #[arg(value_name = "TABLE")]
    table: Option<String>,
}

/// Describes the casebook, or one table of it.
pub fn describe(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let target = Target::of(options)?;
    let casebook = options.open()?;
    let catalogue = casebook.catalogue();
    target.spare(catalogue, &[])?;
    let answers = match &command.table {
        None => vec![describe::tables(catalogue)?],
        Some(name) => describe::table(describe::find(catalogue, name)?)?,
    };
    target.write(&answers)
}
