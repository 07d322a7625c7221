//! `casebook functions [NAME]`: the table of built-ins, for readers an area at a time, for programs as one list; or one
//! of them with a question that uses it.

use clap::Args;

use super::Stop;
use super::options::Options;
use super::target::Target;
use crate::builtins::{self, Builtin};
use crate::diagnostic::{Diagnostic, nearest};
use crate::output::Format;
use crate::output::listing::listing;

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
    let wanted = command.name.as_deref().map(find).transpose()?;
    if !matches!(target.format(), Format::Table | Format::Markdown) {
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
    let areas = builtins::AREAS.iter().map(|(area, rows)| {
        let rows: Vec<_> = rows.iter().map(|b| vec![text(b.signature), text(b.help)]).collect();
        listing(area, &["written", "gives"], &rows)
    });
    target.write(&areas.collect::<Result<Vec<_>, _>>()?)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_string())
}

fn find(name: &str) -> Result<&'static Builtin, Diagnostic> {
    builtins::find(name).ok_or_else(|| {
        let mistake = Diagnostic::bare("name-function", format!("there is no function `{name}`"));
        mistake.help(match nearest(name, builtins::all().map(|builtin| builtin.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`casebook functions` lists them".to_string(),
        })
    })
}
