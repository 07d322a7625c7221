//! `casebook completions SHELL`: a script that makes a shell complete commands and options.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Stop;
use super::options::Options;
use super::target::Target;

/// What `completions` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub fn completions(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let target = Target::plain(options)?;
    let mut script = Vec::new();
    generate(command.shell, &mut super::Arguments::command(), "casebook", &mut script);
    target.deliver(&script)
}
