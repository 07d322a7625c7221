//! Links followed by position. Where a table's key numbers its records ([`crate::survey::Numbering`]), what is
//! wanted of it is read once into columns, and a row finds its record there as in an array: no hash table, no
//! text compared. What only asks whether there is a record needs a bit for each.
//!
//! Lookups are read before the question itself runs, in the order in which they were made, because one may
//! use those before it.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use polars::prelude::*;

use super::expr::to_polars;
use super::join::Met;
use super::membership::{Values, among};
use super::note::Note;
use super::rows::{key_columns, key_text, link_of};
use super::values::typed;
use crate::catalog::{Case, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, LinkRef, Query, Step, Stored};
use crate::survey::Numbering;
use crate::survey::columnar::col;

/// What must be read before a question runs, and what all of its parts have to say once it has run: those within
/// an aggregate's brackets or another query's are worked out apart from the question's own rows.
#[derive(Clone, Default)]
pub(super) struct Lookups(Rc<RefCell<Shared>>);

#[derive(Default)]
struct Shared {
    reads: Vec<Lookup>,
    /// The queries whose values are held, so that none is held twice.
    sets: Vec<(Arc<Query>, Arc<OnceLock<Values>>)>,
    /// What is looked up of records at a path's end.
    held: PlHashMap<String, Held>,
    notes: Vec<Note>,
    met: Vec<Arc<Met>>,
}

#[derive(Clone)]
struct Lookup {
    frame: LazyFrame,
    /// The column that holds each row's place.
    place: PlSmallStr,
    places: usize,
    found: Found,
}

#[derive(Clone)]
enum Found {
    Records(Arc<OnceLock<Records>>),
    Set(Arc<OnceLock<Vec<bool>>>),
    Values(Arc<OnceLock<Values>>),
}

impl Found {
    /// A pivot reads what its data hang on before the whole question is read: once is enough, and counts once.
    fn is_read(&self) -> bool {
        match self {
            Found::Records(slot) => slot.get().is_some(),
            Found::Set(slot) => slot.get().is_some(),
            Found::Values(slot) => slot.get().is_some(),
        }
    }
}

/// Columns, and which of their rows stands at which place; `None` where that is the place itself.
struct Records {
    columns: Vec<Column>,
    height: IdxSize,
    rows: Option<Vec<IdxSize>>,
}

/// A place that no row has.
const NOWHERE: IdxSize = IdxSize::MAX;

/// A lookup of records, as expressions use it.
#[derive(Clone)]
pub(super) struct Held {
    slot: Arc<OnceLock<Records>>,
    fields: Vec<(PlSmallStr, DataType)>,
}

impl Held {
    /// The columns of the record at each of these places; missing where there is none.
    pub(super) fn columns(&self, places: &Expr) -> Vec<Expr> {
        let column = |(at, (name, dtype)): (usize, &(PlSmallStr, DataType))| {
            let slot = Arc::clone(&self.slot);
            places
                .clone()
                .map(move |places| gather(&slot, at, &places), typed(dtype.clone()))
                .alias(name.clone())
        };
        self.fields.iter().enumerate().map(column).collect()
    }

    /// Whether there is a record at each of these places.
    pub(super) fn has(&self, places: Expr) -> Expr {
        let slot = Arc::clone(&self.slot);
        places.map(
            move |places| {
                let records = slot.get().ok_or_else(unread)?;
                let has = |place| Some(records.row(place).is_some());
                let out: BooleanChunked = places.u32()?.iter().map(has).collect();
                Ok(out.with_name(places.name().clone()).into_column())
            },
            typed(DataType::Boolean),
        )
    }
}

impl Lookups {
    /// A lookup of the columns of `frame` by its column `place`, which no two of its rows share; the same one again for
    /// the same `known` name.
    pub(super) fn records(
        &self,
        mut frame: LazyFrame,
        place: &PlSmallStr,
        numbering: &Numbering,
        known: Option<String>,
    ) -> Result<Held, Diagnostic> {
        let held = known.as_ref().and_then(|known| self.0.borrow().held.get(known).cloned());
        if let Some(held) = held {
            return Ok(held);
        }
        let schema = frame.collect_schema().map_err(|error| super::read_error(&error))?;
        let fields = schema.iter().filter(|(name, _)| *name != place);
        let fields = fields.map(|(name, dtype)| (name.clone(), dtype.clone())).collect();
        let slot = Arc::default();
        self.add(frame, place, numbering, Found::Records(Arc::clone(&slot)));
        let held = Held { slot, fields };
        if let Some(known) = known {
            self.0.borrow_mut().held.insert(known, held.clone());
        }
        Ok(held)
    }

    /// Whether a row of `frame` stands at each of these places; false where there is no place.
    pub(super) fn presence(
        &self,
        frame: LazyFrame,
        place: &PlSmallStr,
        numbering: &Numbering,
        near: Expr,
    ) -> Expr {
        let found: Arc<OnceLock<Vec<bool>>> = Arc::default();
        let slot = Arc::clone(&found);
        self.add(frame.select([col(place.clone())]), place, numbering, Found::Set(found));
        near.map(
            move |places| {
                let set = slot.get().ok_or_else(unread)?;
                let has =
                    |place: Option<u32>| place.is_some_and(|place| set.get(place as usize) == Some(&true));
                let out: BooleanChunked = places.u32()?.iter().map(|place| Some(has(place))).collect();
                Ok(out.with_name(places.name().clone()).into_column())
            },
            typed(DataType::Boolean),
        )
    }

    fn add(&self, frame: LazyFrame, place: &PlSmallStr, numbering: &Numbering, found: Found) {
        let places = numbering.places();
        self.0.borrow_mut().reads.push(Lookup { frame, place: place.clone(), places, found });
    }

    /// Whether each value is among those of a query's one column, which `frame` holds as `column`; unknown where it
    /// is missing.
    pub(super) fn values(
        &self,
        query: &Arc<Query>,
        frame: LazyFrame,
        column: &PlSmallStr,
        value: Expr,
    ) -> Expr {
        let found: Arc<OnceLock<Values>> = Arc::default();
        let slot = Arc::clone(&found);
        let mut shared = self.0.borrow_mut();
        shared.sets.push((Arc::clone(query), Arc::clone(&found)));
        let found = Found::Values(found);
        shared.reads.push(Lookup { frame, place: column.clone(), places: 0, found });
        among(slot, value)
    }

    /// The same, where the query's values are held already.
    pub(super) fn held_values(&self, query: &Arc<Query>, value: &Expr) -> Option<Expr> {
        let shared = self.0.borrow();
        let (_, slot) = shared.sets.iter().find(|(known, _)| Arc::ptr_eq(known, query))?;
        Some(among(Arc::clone(slot), value.clone()))
    }

    /// Adds notes of rows that are read apart.
    pub(super) fn say(&self, notes: Vec<Note>) {
        self.0.borrow_mut().notes.extend(notes);
    }

    /// The notes of what was read apart.
    pub(super) fn notes(&self) -> Vec<Note> {
        self.0.borrow().notes.clone()
    }

    /// Watches a join whose rows may meet no more than one.
    pub(super) fn watch(&self, met: Arc<Met>) {
        self.0.borrow_mut().met.push(met);
    }

    /// What rows met that may not have, once everything has run.
    pub(super) fn mistake(&self) -> Option<Diagnostic> {
        self.0.borrow().met.iter().find_map(|met| met.mistake())
    }

    /// Reads all of them, each as it comes back from `as_asked`.
    pub(super) fn read(&self, as_asked: impl Fn(LazyFrame) -> LazyFrame) -> PolarsResult<()> {
        for lookup in self.0.borrow().reads.iter().filter(|lookup| !lookup.found.is_read()) {
            let frame = as_asked(lookup.frame.clone());
            let frame = frame.collect_with_engine(Engine::Streaming)?.unwrap_single();
            if let Found::Values(slot) = &lookup.found {
                let values = Values::of(frame.column(&lookup.place)?)?;
                slot.get_or_init(|| values);
                continue;
            }
            let places = frame.column(&lookup.place)?.u32()?;
            match &lookup.found {
                Found::Values(_) => {}
                Found::Set(slot) => {
                    let mut set = vec![false; lookup.places];
                    for place in places.iter().flatten() {
                        if let Some(seat) = set.get_mut(place as usize) {
                            *seat = true;
                        }
                    }
                    slot.get_or_init(|| set);
                }
                Found::Records(slot) => {
                    let rows = rows_by_place(places, lookup.places);
                    let columns = frame.columns().iter().filter(|column| *column.name() != lookup.place);
                    let columns = columns.map(Column::rechunk).collect();
                    let height = places.len() as IdxSize;
                    slot.get_or_init(|| Records { columns, height, rows });
                }
            }
        }
        Ok(())
    }

    /// The plans of all of them, as polars prints them.
    pub(super) fn explain(&self) -> PolarsResult<Vec<String>> {
        self.0.borrow().reads.iter().map(|lookup| lookup.frame.explain(true)).collect()
    }
}

pub(super) fn unread() -> PolarsError {
    polars_err!(ComputeError: "a lookup was used before it was read")
}

/// Which row stands at each place; `None` where every row stands at its own.
fn rows_by_place(places: &UInt32Chunked, size: usize) -> Option<Vec<IdxSize>> {
    let in_order = places.len() == size
        && places.iter().enumerate().all(|(row, place)| place.is_some_and(|place| place as usize == row));
    if in_order {
        return None;
    }
    let mut rows = vec![NOWHERE; size];
    for (row, place) in places.iter().enumerate() {
        if let Some(seat) = place.and_then(|place| rows.get_mut(place as usize)) {
            *seat = row as IdxSize;
        }
    }
    Some(rows)
}

impl Records {
    /// The row at a place.
    fn row(&self, place: Option<u32>) -> Option<IdxSize> {
        match &self.rows {
            None => place.filter(|place| *place < self.height),
            Some(rows) => rows.get(place? as usize).copied().filter(|row| *row != NOWHERE),
        }
    }
}

fn gather(slot: &OnceLock<Records>, at: usize, places: &Column) -> PolarsResult<Column> {
    let records = slot.get().ok_or_else(unread)?;
    let column = records.columns.get(at).ok_or_else(unread)?;
    let rows: IdxCa = places.u32()?.iter().map(|place| records.row(place)).collect();
    Ok(column.take(&rows)?.with_name(places.name().clone()))
}

/// How the two ends of a link meet: by position, where both are read as the target's keys are written, else
/// by their texts.
pub(super) struct Ends {
    /// The columns that hold the other table's key.
    pub by: Vec<Arc<Stored>>,
    /// That key.
    pub key: Vec<Arc<Stored>>,
    /// How it numbers its records.
    pub numbering: Option<Numbering>,
}

impl Ends {
    /// Of a link.
    pub(super) fn of(link: &LinkRef) -> Result<Ends, Diagnostic> {
        let by = key_columns(&link.from, &link.link.by)?;
        let key = key_columns(&link.to, &link.link.key)?;
        let as_written = |columns: &[Arc<Stored>]| {
            columns.len() == 1
                && columns.iter().all(|column| {
                    matches!(column.reader, Reader::Id | Reader::Text(Case::Keep) | Reader::Integer)
                })
        };
        let numbering = match key.first().filter(|_| as_written(&by) && as_written(&key)) {
            Some(key) => link.to.survey()?.numbering(&key.name).cloned(),
            None => None,
        };
        Ok(Ends { by, key, numbering })
    }

    /// What a step starts from: the near columns, and how they meet the other end.
    pub(super) fn start(step: &Step) -> Result<(Vec<Arc<Stored>>, Ends), Diagnostic> {
        let ends = Ends::of(link_of(step))?;
        let near = match step {
            Step::One(_) => ends.by.clone(),
            Step::Many(_) => ends.key.clone(),
        };
        Ok((near, ends))
    }

    /// What of an end's value is compared.
    pub(super) fn value(&self, column: &Stored, value: Expr) -> Expr {
        match &self.numbering {
            Some(numbering) => place(value, numbering.clone()),
            None => key_text(column, value),
        }
    }
}

/// An identifier as its number, where that tells them apart as well: a narrower thing to compare. Other values
/// as they are.
pub(super) fn narrow(table: &Table, value: &plan::Expr) -> Expr {
    let wide = to_polars(value);
    let Some((table, column)) = value.column(table) else { return wide };
    let facts = table.survey().ok().and_then(|survey| survey.column(&column.name));
    match facts.and_then(|facts| facts.numbering.as_ref()) {
        Some(numbering) if column.reader == Reader::Id => place(wide, numbering.clone()),
        _ => wide,
    }
}

/// A key's value as its place.
fn place(value: Expr, numbering: Numbering) -> Expr {
    value.map(
        move |column| {
            let series = column.as_materialized_series();
            let out: UInt32Chunked = match series.dtype() {
                DataType::Int64 => series.i64()?.iter().map(|number| numbering.place_of(number?)).collect(),
                _ => series.str()?.iter().map(|text| numbering.place(text?)).collect(),
            };
            Ok(out.with_name(series.name().clone()).into_column())
        },
        typed(DataType::UInt32),
    )
}
