//! The table of built-ins, for readers: an area at a time, or one of them with a question that uses it.

use crate::builtins::{self, Builtin};
use crate::diagnostic::{Diagnostic, nearest};
use crate::frame::Answer;
use crate::output::listing::listing;

/// How each function is written and what it gives, an answer an area.
pub fn areas() -> Result<Vec<Answer>, Diagnostic> {
    let areas = builtins::AREAS.iter().map(|(area, rows)| {
        let rows: Vec<_> =
            rows.iter().map(|b| vec![Some(b.signature.to_string()), Some(b.help.to_string())]).collect();
        listing(area, &["written", "gives"], &rows)
    });
    areas.collect()
}

/// The function of that name.
pub fn find(name: &str) -> Result<&'static Builtin, Diagnostic> {
    builtins::find(name).ok_or_else(|| {
        let mistake = Diagnostic::bare("name-function", format!("there is no function `{name}`"));
        mistake.help(match nearest(name, builtins::all().map(|builtin| builtin.name)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`casebook functions` lists them".to_string(),
        })
    })
}
