//! What is asked beside an answer, by questions that [`crate::engine::notes`] makes.

use std::sync::Arc;

use polars::prelude::*;

use super::Optimise;
use super::lookup::Lookups;
use super::note::Note;
use crate::diagnostic::Diagnostic;
use crate::engine::notes::left_out::{self, Count};
use crate::engine::notes::{beyond, nearest};
use crate::frame::Frame;
use crate::plan::{Query, Stage};

/// What to tell the reader of an answer: how many rows missing values left out, what was `met` on the way, and, where
/// the answer is empty, what the data have in the place of a text that they never have. A count that fails takes no
/// answer away, and says so.
pub(super) fn notes(
    query: &Query,
    frame: &Frame,
    met: &[Note],
    lookups: &Lookups,
    optimise: Optimise,
) -> Vec<String> {
    let later = met.iter().filter_map(Note::left_out).collect();
    let (mut notes, values) = match counted(query, lookups, optimise) {
        Ok(counted) => left_out::texts(&counted, later),
        Err(mistake) => {
            let why = format!("what missing values left out could not be counted: {}", mistake.message);
            (left_out::texts(&[], later).0.into_iter().chain([why]).collect(), Vec::new())
        }
    };
    notes.extend(met.iter().filter_map(Note::text));
    notes.extend(values);
    let nothing = says_nothing(query, frame);
    notes.extend(near(query, nothing, optimise).unwrap_or_else(|mistake| {
        vec![format!("the nearest values could not be read: {}", mistake.message)]
    }));
    if nothing {
        notes.extend(beyond(query, optimise).unwrap_or_else(|mistake| {
            vec![format!("the earliest and latest dates could not be read: {}", mistake.message)]
        }));
    }
    notes
}

fn ask(query: &Query, lookups: Lookups, optimise: Optimise) -> Result<DataFrame, Diagnostic> {
    let (lazy, rows) = super::compile(query, lookups, true)?;
    super::collected(lazy, &rows.lookups, optimise).map_err(|error| super::read_error(&error))
}

/// What is counted by questions of its own; they find what the answer looked up.
fn counted(
    query: &Query,
    lookups: &Lookups,
    optimise: Optimise,
) -> Result<Vec<(Count, Vec<u64>)>, Diagnostic> {
    let mut counted = Vec::new();
    let mut last: Option<(Arc<Query>, Vec<u64>)> = None;
    for count in left_out::counts(query) {
        let numbers = match &count.how {
            left_out::How::Known(n) => vec![*n],
            left_out::How::Asked(query, numbers) => {
                let answered = match last.take().filter(|(asked, _)| Arc::ptr_eq(asked, query)) {
                    Some((_, answered)) => answered,
                    None => {
                        let found = ask(query, lookups.clone(), optimise)?;
                        let number = |column: &Column| column.i64().ok()?.get(0)?.try_into().ok();
                        found.columns().iter().map(|column| number(column).unwrap_or_default()).collect()
                    }
                };
                let numbers = answered.get(numbers.clone()).unwrap_or_default().to_vec();
                last = Some((Arc::clone(query), answered));
                numbers
            }
        };
        counted.push((count, numbers));
    }
    Ok(counted)
}

/// What the data have in the place of texts that they never have.
fn near(query: &Query, says_nothing: bool, optimise: Optimise) -> Result<Vec<String>, Diagnostic> {
    let mut notes = Vec::new();
    for suspect in nearest::suspects(query).iter().filter(|suspect| suspect.is_worth_asking(says_nothing)) {
        let values = ask(&suspect.values(), Lookups::default(), optimise)?;
        let Some(column) = values.columns().first() else { continue };
        let texts = column.str().map_err(|error| super::read_error(&error))?;
        notes.extend(suspect.text(&texts.iter().flatten().collect::<Vec<_>>()));
    }
    Ok(notes)
}

/// Where the dates of the data begin or end, of those that a question wants beyond.
fn beyond(query: &Query, optimise: Optimise) -> Result<Vec<String>, Diagnostic> {
    let mut notes = Vec::new();
    for dated in beyond::dated(query) {
        let ends = ask(&dated.ends(), Lookups::default(), optimise)?;
        let day = |column: &Column| column.cast(&DataType::Date)?.date().map(|days| days.physical().get(0));
        let days: PolarsResult<Vec<Option<i32>>> = ends.columns().iter().map(day).collect();
        if let [Some(first), Some(last)] = days.map_err(|error| super::read_error(&error))?.as_slice() {
            notes.extend(dated.text(*first, *last));
        }
    }
    Ok(notes)
}

/// Has an answer no row, or one over everything in which there is nothing but noughts?
fn says_nothing(query: &Query, frame: &Frame) -> bool {
    let whole =
        query.stages.iter().any(|stage| matches!(stage, Stage::Group(group) if group.keys.is_empty()));
    let nought = |column: &Column| match column.get(0) {
        Ok(value) => {
            value.is_null() || value.extract::<f64>() == Some(0.0) || value == AnyValue::Boolean(false)
        }
        Err(_) => true,
    };
    frame.data.height() == 0 || whole && frame.data.height() == 1 && frame.data.columns().iter().all(nought)
}
