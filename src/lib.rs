//! Casebook: questions over operational records, asked in one small language.
//!
//! ```text
//! text ─ syntax ─▶ Ast ─ check ─▶ Plan ─ engine ─▶ Frame ─ output ─▶ bytes
//!                         ▲
//!                      catalog
//! ```
//!
//! [`Casebook::open`] reads a catalogue, [`Casebook::compile`] checks a program against it and
//! [`Casebook::answer`] works one of its questions out.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod builtins;
pub mod catalog;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod files;
pub mod frame;
pub mod output;
pub mod plan;
pub mod repl;
pub mod report;
mod room;
pub mod survey;
pub mod syntax;
pub mod types;

use std::path::{Path, PathBuf};

use catalog::Catalogue;
use diagnostic::{Diagnostic, Diagnostics};
use engine::polars::Optimise;
use frame::Answer;

/// An open casebook: a catalogue, and the records that it describes.
#[derive(Debug)]
pub struct Casebook {
    place: PathBuf,
    catalogue: Catalogue,
    noted: bool,
}

/// What a run is given beside the question: `-p name=value` and `--as-of`.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Values for `param`s, as typed.
    pub params: Vec<(String, String)>,
    /// The day that `today` means, in days since 1970-01-01; the machine's own where none is given.
    pub as_of: Option<i32>,
}

impl Casebook {
    /// Opens the casebook at a path: a folder with or without casebook.toml, or a single data file. What the
    /// catalogue defines is checked as far as headings go.
    pub fn open(at: &Path) -> Result<Casebook, Diagnostics> {
        let casebook = Casebook { place: at.to_path_buf(), catalogue: catalog::open(at)?, noted: true };
        let checked = casebook.definitions(check::Reading::Headings);
        let mut mistakes: Diagnostics = Vec::new();
        for mistake in checked.into_iter().flat_map(|one| one.mistakes) {
            if !mistakes.contains(&mistake) {
                mistakes.push(mistake);
            }
        }
        if mistakes.is_empty() { Ok(casebook) } else { Err(mistakes) }
    }

    /// The same casebook, whose answers come with notes or without.
    #[must_use]
    pub fn noted(self, noted: bool) -> Casebook {
        Casebook { noted, ..self }
    }

    /// Do its answers come with notes?
    pub fn is_noted(&self) -> bool {
        self.noted
    }

    /// Checks what the catalogue defines: derived columns, measures, shared queries.
    pub fn definitions(&self, reading: check::Reading) -> Vec<check::Checked> {
        room::with_room(|| check::definitions(&self.catalogue, reading))
    }

    /// The same casebook as it is now, its catalogue and data looked at anew.
    pub fn reopen(&self) -> Result<Casebook, Diagnostics> {
        Ok(Casebook::open(&self.place)?.noted(self.noted))
    }

    /// The catalogue that questions are checked against.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Parses and checks a program; every mistake in it is reported.
    pub fn compile(&self, source: &str, settings: &Settings) -> Result<Vec<plan::Query>, Diagnostics> {
        let (queries, mut mistakes) = room::with_room(|| {
            let (program, mut mistakes) = syntax::parse(source);
            let (queries, found) = check::check(&program, source, &self.catalogue, settings);
            mistakes.extend(found);
            (queries, mistakes)
        });
        if mistakes.is_empty() {
            return Ok(queries);
        }
        mistakes.sort_by_key(|mistake| mistake.labels.first().map_or(0, |label| label.span.start));
        Err(mistakes)
    }

    /// Works one checked question out.
    pub fn answer(&self, query: &plan::Query) -> Result<Answer, Diagnostic> {
        caught(|| engine::polars::answer(query, Optimise::Yes, self.noted))
    }

    /// The same without the engine's optimiser: slower, for tests that it changes nothing.
    #[doc(hidden)]
    pub fn answer_unoptimised(&self, query: &plan::Query) -> Result<Answer, Diagnostic> {
        caught(|| engine::polars::answer(query, Optimise::No, self.noted))
    }

    /// Makes the engine's plan of a question without running it.
    pub fn plan(&self, query: &plan::Query) -> Result<(), Diagnostic> {
        caught(|| engine::polars::plan(query))
    }

    /// Casebook's own plan of a question, and the engine's optimised one.
    pub fn explain(&self, query: &plan::Query) -> Result<String, Diagnostic> {
        let explained = caught(|| {
            let engine = engine::polars::explain(query)?;
            Ok(format!("{query}{}\n{engine}", query.definitions_text()))
        })?;
        Ok(explained.replace('\u{1}', "#"))
    }
}

/// The engine is a large library, and a file may be damaged in ways that it takes for a mistake of its own:
/// a panic in there is an error like any other, and doesn't end the prompt.
fn caught<T>(work: impl FnOnce() -> Result<T, Diagnostic>) -> Result<T, Diagnostic> {
    let work = std::panic::AssertUnwindSafe(|| room::with_room(work));
    std::panic::catch_unwind(work).unwrap_or_else(|panic| {
        let panic = survey::cancel::pass_on(panic);
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        let why = text.lines().next().unwrap_or_default();
        Err(Diagnostic::bare("fault-engine", format!("Casebook itself failed: {why}"))
            .help("the question and its data are not to blame as such: please report them"))
    })
}
