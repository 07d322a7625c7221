//! Both readings of a question, side by side. Where they differ, stages and then records are left out as long as
//! they still do, so that a person can see why.

use std::collections::BTreeMap;
use std::fmt::Write;

use casebook::output::value::{Cell as Shown, Cells};
use casebook::plan::{Kind, Query, Stage};
use casebook::{Casebook, Settings};
use tempfile::TempDir;

use super::Trouble;
use super::cell::Cell;
use super::data::{File, Records};
use super::generate::query::Question;
use super::interpret;

/// The names of an answer's columns, and its rows.
pub type Rows = (Vec<String>, Vec<Vec<Cell>>);

/// A casebook in a folder of its own, and its records read the second way.
pub struct Book {
    pub casebook: Casebook,
    pub records: Records,
    /// Gone with it.
    _folder: TempDir,
}

/// What came of a question.
#[derive(Debug)]
pub enum Verdict {
    /// The checker refuses it.
    Refused(&'static str),
    /// The second reading can't say.
    Unknown(String),
    /// Both say the same, over so many rows.
    Same(usize),
    /// They don't: what each said.
    Differs(String),
}

impl Book {
    /// Writes a casebook and opens it.
    pub fn new(toml: &str, files: &BTreeMap<String, File>) -> Book {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("casebook.toml"), toml).expect("a catalogue");
        for (name, file) in files {
            std::fs::write(folder.path().join(format!("{name}.csv")), csv(file)).expect("a file");
        }
        let casebook = Casebook::open(folder.path()).unwrap_or_else(|error| panic!("{error:#?}\n{toml}"));
        Book { casebook, records: Records::new(files), _folder: folder }
    }

    /// Checks a question; the code of what is wrong with it.
    pub fn compile(&self, text: &str) -> Result<Query, &'static str> {
        // A day for `today`, the same at every run.
        let settings = Settings { as_of: Some(19_650), ..Settings::default() };
        match self.casebook.compile(text, &settings) {
            Ok(mut queries) => Ok(queries.remove(0)),
            Err(mistakes) => Err(mistakes[0].code),
        }
    }

    /// What the engine says; the code of what is wrong.
    pub fn engine(&self, query: &Query, optimised: bool) -> Result<Rows, String> {
        self.engine_and_notes(query, optimised).map(|(rows, _)| rows)
    }

    /// The same, with its notes.
    pub fn engine_and_notes(&self, query: &Query, optimised: bool) -> Result<(Rows, Vec<String>), String> {
        let answer =
            if optimised { self.casebook.answer(query) } else { self.casebook.answer_unoptimised(query) };
        let answer = answer.map_err(|error| format!("{}: {}", error.code, error.message))?;
        let frame = answer.frame;
        let cells = Cells::of_frame(&frame).map_err(|error| error.message)?;
        let names = frame.columns.iter().map(|column| column.name.clone()).collect();
        let rows =
            (0..frame.data.height()).map(|row| cells.iter().map(|column| cell(column.get(row))).collect());
        Ok(((names, rows.collect()), answer.notes))
    }

    /// May an engine have found a sum too large that the answer doesn't need?
    fn may_overflow(&self) -> bool {
        self.records.wild || self.records.overflowed.get()
    }

    /// Asks a question both ways.
    pub fn ask(&self, text: &str) -> Verdict {
        let query = match self.compile(text) {
            Ok(query) => query,
            Err(code) => return Verdict::Refused(code),
        };
        self.records.overflowed.set(false);
        let (second, unknown) = match interpret::answer(&self.records, &query) {
            Err(Trouble::Unknown(what)) => return Verdict::Unknown(what),
            Err(trouble) => (Err(trouble), 0),
            Ok((rows, unknown)) => (Ok(rows), unknown),
        };
        let (first, notes) = match self.engine_and_notes(&query, true) {
            Ok((rows, notes)) => (Ok(rows), notes),
            Err(error) => (Err(error), Vec::new()),
        };
        if first.is_ok() && second.is_ok() && is_counted(&query) && left_out(&notes) != unknown {
            return Verdict::Differs(format!(
                "{unknown} rows are left out, and it says: {notes:#?}\n{query}"
            ));
        }
        match (&first, &second) {
            (Ok(first), Ok(second)) if is_same(first, second) => Verdict::Same(second.1.len()),
            (Err(error), Err(Trouble::Overflow)) if error.starts_with("data-overflow") => Verdict::Same(0),
            // What would have been too large, or have met several, is not shown.
            (Ok((_, rows)), Err(_)) if rows.is_empty() => Verdict::Same(0),
            // It was not needed, and an engine need not know that.
            (Err(error), Ok(_)) if error.starts_with("data-overflow") && self.may_overflow() => {
                Verdict::Same(0)
            }
            (Err(error), Err(Trouble::Several)) if error.starts_with("data-") => Verdict::Same(0),
            _ => {
                let second = second.map_err(|trouble| format!("{trouble:?}"));
                Verdict::Differs(format!(
                    "the engine:\n{}the second reading:\n{}{query}",
                    table(&first),
                    table(&second)
                ))
            }
        }
    }
}

/// How many rows or groups the question's own filters left out, by its notes.
fn left_out(notes: &[String]) -> u64 {
    let number = |note: &String| {
        let (n, rest) = note.split_once(' ')?;
        let own = ["row", "rows", "group", "groups"].iter().any(|what| {
            let rest = rest.strip_prefix(what);
            rest.is_some_and(|rest| {
                rest.starts_with(" is left out where ") || rest.starts_with(" are left out where ")
            })
        });
        n.replace(',', "").parse::<u64>().ok().filter(|_| own)
    };
    notes.iter().filter_map(number).sum()
}

/// Is every row counted that its filters leave out? Not where an amount is in another dimension's unit, which leaves
/// nothing out, nor where no row is wanted.
fn is_counted(query: &Query) -> bool {
    let mut counted = true;
    for stage in &query.stages {
        counted &= !matches!(stage, Stage::Take { n: 0, .. } | Stage::Top { n: 0, .. });
        for expr in stage.exprs() {
            expr.visit(&mut |part| counted &= !matches!(part.kind, Kind::Measure { .. }));
        }
    }
    counted
}

/// Are two answers the same, in every bit?
pub fn is_same(first: &Rows, second: &Rows) -> bool {
    let same = |(a, b): (&Vec<Cell>, &Vec<Cell>)| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_exactly(b))
    };
    first.0 == second.0 && first.1.len() == second.1.len() && first.1.iter().zip(&second.1).all(same)
}

/// A cell of the engine's as one of ours.
fn cell(shown: Shown<'_>) -> Cell {
    match shown {
        Shown::Missing => Cell::Missing,
        Shown::Bool(truth) => Cell::Bool(truth),
        Shown::Integer(n) => Cell::Integer(n),
        Shown::Number(n) => Cell::Number(n),
        Shown::Text(text) => Cell::text(text),
        Shown::Date(day) => Cell::Date(day),
        Shown::Datetime(at) => Cell::Datetime(at),
    }
}

/// An answer for people to look at.
pub fn table(rows: &Result<Rows, String>) -> String {
    let mut out = String::new();
    match rows {
        Err(error) => writeln!(out, "  {error}").expect("a string"),
        Ok((names, rows)) => {
            writeln!(out, "  {}", names.join(" | ")).expect("a string");
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| format!("{cell:?}")).collect();
                writeln!(out, "  {}", cells.join(" | ")).expect("a string");
            }
        }
    }
    out
}

/// A file as it is written.
pub fn csv(file: &File) -> String {
    let field = |field: &String| {
        if field.contains([',', '"', '\n']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            field.clone()
        }
    };
    let line = |fields: &Vec<String>| fields.iter().map(field).collect::<Vec<_>>().join(",") + "\n";
    std::iter::once(&file.headings).chain(&file.rows).map(line).collect()
}

/// The least of a question and its records over which the readings still differ, and what they say there.
pub fn shrink(toml: &str, files: &BTreeMap<String, File>, question: &Question) -> String {
    let differs = |files: &BTreeMap<String, File>, question: &Question| match Book::new(toml, files)
        .ask(&question.text())
    {
        Verdict::Differs(how) => Some(how),
        _ => None,
    };
    let (mut files, mut question) = (files.clone(), question.clone());
    let Some(mut how) = differs(&files, &question) else {
        return "it differs no more when asked again".to_string();
    };
    for at in (0..question.stages.len()).rev() {
        let mut fewer = question.clone();
        fewer.stages.remove(at);
        if let Some(still) = differs(&files, &fewer) {
            (question, how) = (fewer, still);
        }
    }
    let names: Vec<String> = files.keys().cloned().collect();
    for name in &names {
        let mut at = files[name].rows.len();
        while at > 0 {
            at -= 1;
            let mut fewer = files.clone();
            fewer.entry(name.clone()).and_modify(|file| {
                file.rows.remove(at);
            });
            if let Some(still) = differs(&fewer, &question) {
                (files, how) = (fewer, still);
            }
        }
    }
    for name in &names {
        let (rows, columns) = (files[name].rows.len(), files[name].headings.len());
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            let mut fewer = files.clone();
            fewer.entry(name.clone()).and_modify(|file| file.rows[row][column].clear());
            if let Some(still) = differs(&fewer, &question) {
                (files, how) = (fewer, still);
            }
        }
    }
    let mut out = format!("{}\n", question.text());
    for (name, file) in files.iter().filter(|(_, file)| !file.rows.is_empty()) {
        write!(out, "--- {name}.csv\n{}", csv(file)).expect("a string");
    }
    out + "---\n" + &how
}
