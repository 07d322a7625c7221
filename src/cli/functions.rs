//! `casebook functions [NAME]`: the table of built-ins, for readers an area at a time, for programs as one list; or one
//! of them with a question that uses it.

use clap::Args;

use super::Stop;
use super::options::Options;
use super::target::Target;
use crate::builtins::{self, Builtin};
use crate::output::Format;
use crate::output::listing::listing;
use crate::repl::look;

/// What `functions` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// One of them, with an example [default: all]
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// Lists the functions and aggregates. Into a pipe, too, it is a page for readers unless a format is named.
pub fn functions(command: &Arguments, options: &Options) -> Result<(), Stop> {
    let target = Target::read(options)?;
    let wanted = command.name.as_deref().map(look::functions::find).transpose()?;
    if !matches!(target.format(), Format::Table | Format::Markdown) {
        let text = |text: &str| Some(text.to_string());
        let rows: Vec<_> = builtins::AREAS
            .iter()
            .flat_map(|(area, rows)| rows.iter().map(move |builtin| (area, builtin)))
            .filter(|(_, builtin)| wanted.is_none_or(|wanted| wanted.name == builtin.name))
            .map(|(area, b)| vec![text(area), text(b.name), text(b.signature), text(b.help), text(b.example)])
            .collect();
        let headings = ["area", "name", "signature", "help", "example"];
        return target.write(&[listing("functions", &headings, &rows)?]);
    }
    if let Some(builtin) = wanted {
        let Builtin { signature, help, example, .. } = builtin;
        return target.deliver(format!("{signature}\n    {help}\n\n    {example}\n").as_bytes());
    }
    target.write(&look::functions::areas()?)
}
