//! `casebook describe [TABLE]`: the tables and shared queries, or one table's columns, measures and links, in any format.

use clap::Args;

use super::check::definitions;
use super::options::Options;
use super::target::Target;
use super::{Stop, notes};
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
        None => {
            definitions(&casebook)?;
            describe::casebook(catalogue)?
        }
        Some(name) => {
            let found = describe::find(catalogue, name)?;
            describe::table(found, &definitions(&casebook)?)?
        }
    };
    target.write(&answers)?;
    if casebook.is_noted() {
        notes(&answers);
    }
    Ok(())
}
