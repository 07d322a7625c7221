//! The reading itself. Text is read record by record, a columnar file in batches of rows; both give the same
//! findings, by the rules of [`crate::files::field`].

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono_tz::Tz;
use polars::prelude::*;

use super::infer::Fits;
use super::progress::Progress;
use super::units::UnitLook;
use super::{ColumnFacts, FileFacts, Inferred, Survey, columnar, numbering, values};
use crate::catalog::{Case, FILE_NAME, From, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::files::File;
use crate::files::field::{Found, Look, Markers, hashed};
use crate::files::records::Records;

/// Reads all of a table's files.
pub(super) fn survey(table: &Table) -> Result<Survey, Diagnostic> {
    let mut pass = Pass::new(table)?;
    let progress = Progress::of(table)?;
    for (number, file) in table.source.files()?.iter().enumerate() {
        if file.format.is_text() {
            pass.text(number, file, &progress)?;
        } else {
            pass.columnar(number, file, &progress)?;
        }
        progress.done(file);
    }
    Ok(pass.finish())
}

/// What is known so far.
struct Pass<'t> {
    table: &'t Table,
    columns: Vec<Counted>,
    /// What columnar files keep under each heading, or are made to.
    dtypes: HashMap<String, Option<DataType>>,
    /// Which of the columns make the key.
    key: Vec<usize>,
    keys: Vec<u64>,
    lines: HashSet<(u64, u64)>,
    files: Vec<FileFacts>,
    repeated: Vec<u64>,
    /// Rows in the files before this one.
    before: u64,
}

/// A column that is looked at.
struct Counted {
    heading: String,
    /// Whose clocks the table's times are read on.
    zone: Option<Tz>,
    how: How,
    /// How it is compared as a part of the key.
    key: Look,
    /// How its identifiers are numbered; none for what is no identifier, or personal.
    numbering: Option<numbering::Watch>,
    /// Which texts it has; none for what holds no text, or personal.
    texts: Option<values::Watch>,
    facts: ColumnFacts,
}

enum How {
    Declared(Look),
    /// An amount whose unit is elsewhere.
    Measured(Box<UnitLook>),
    /// Nobody says what it is.
    Open {
        markers: Markers,
        fits: Fits,
        typed: Option<Inferred>,
    },
}

impl<'t> Pass<'t> {
    fn new(table: &'t Table) -> Result<Pass<'t>, Diagnostic> {
        let mut columns = Vec::new();
        let facts = |name: &str| ColumnFacts {
            name: name.to_string(),
            inferred: None,
            missing: 0,
            unfit: 0,
            first: None,
            plain: true,
            numbering: None,
            texts: None,
        };
        let is_key = |name: &String| table.key.len() == 1 && table.key.contains(name);
        let watch = |wanted: bool| wanted.then(numbering::Watch::default);
        for column in table.stored()? {
            let mut identifies = false;
            let mut is_text = false;
            let (how, heading, key) = match &column.from {
                From::Stored { heading, .. } if heading == FILE_NAME => continue,
                From::Stored { heading, reader, missing } => {
                    let look = || Look::new(reader, &table.missing, missing);
                    identifies = match reader {
                        Reader::Id => true,
                        Reader::Integer | Reader::Text(Case::Keep) => is_key(&column.name),
                        _ => false,
                    };
                    is_text = matches!(reader, Reader::Text(_) | Reader::Id);
                    (How::Declared(look()), heading, look())
                }
                From::Measured { heading, missing, .. } => {
                    let look = Look::new(&Reader::Id, &table.missing, missing);
                    (How::Measured(Box::new(UnitLook::of(table, column)?)), heading, look)
                }
                From::Derived(_) => continue,
            };
            let numbering = watch(identifies && !column.personal);
            columns.push(Counted {
                heading: heading.clone(),
                zone: table.zone,
                how,
                key,
                numbering,
                texts: (is_text && !column.personal).then(values::Watch::new),
                facts: facts(&column.name),
            });
        }
        let mut dtypes = HashMap::new();
        if !table.source.format.is_text() {
            for heading in table.headings()? {
                dtypes.insert(heading.clone(), columnar::common(table, heading)?);
            }
        }
        for heading in table.undeclared_headings()? {
            let typed = dtypes.get(&heading).map(|dtype| {
                dtype.as_ref().map_or(Inferred::Text(None), |dtype| Inferred::of(dtype, table.zone))
            });
            let is_text = typed.as_ref().is_none_or(|typed| matches!(typed, Inferred::Text(_)));
            let texts = is_text.then(values::Watch::new);
            let how = How::Open { markers: Markers::new(&table.missing, &[]), fits: Fits::ALL, typed };
            let key = Look::new(&Reader::Id, &table.missing, &[]);
            let numbering = watch(is_key(&heading));
            columns.push(Counted {
                heading: heading.clone(),
                zone: table.zone,
                how,
                key,
                numbering,
                texts,
                facts: facts(&heading),
            });
        }
        let at = |name: &String| columns.iter().position(|column: &Counted| column.facts.name == *name);
        let key = table.key.iter().filter_map(at).collect();
        Ok(Pass {
            table,
            columns,
            dtypes,
            key,
            keys: Vec::new(),
            lines: HashSet::new(),
            files: Vec::new(),
            repeated: Vec::new(),
            before: 0,
        })
    }

    /// A text file, record by record.
    fn text(&mut self, number: usize, file: &File, progress: &Progress) -> Result<(), Diagnostic> {
        let headings = &file.shape()?.headings;
        let position = |heading: &str| headings.iter().position(|known| known == heading);
        let places: Vec<Option<usize>> =
            self.columns.iter().map(|column| position(&column.heading)).collect();
        let units: Vec<Vec<Option<usize>>> = self
            .columns
            .iter()
            .map(|column| match &column.how {
                How::Measured(unit) => unit.headings().map(position).collect(),
                _ => Vec::new(),
            })
            .collect();
        let mut rows: u64 = 0;
        let mut blank: Vec<u64> = Vec::new();
        let mut repeated: Vec<u64> = Vec::new();
        let mut read: u64 = 0;
        // A record's fields in the order of the table's headings, whatever the file's own is.
        let order: Vec<Option<usize>> =
            self.table.headings()?.iter().map(|heading| position(heading)).collect();
        let seen = Records::open(file)?.each(&mut |line, record| {
            let row = rows;
            rows += 1;
            read += record.as_slice().len() as u64 + record.len() as u64;
            if rows.is_multiple_of(16_384) {
                progress.at(read);
            }
            let field = |place: &Option<usize>| {
                place
                    .and_then(|at| record.get(at))
                    .map_or("", |field| std::str::from_utf8(field).unwrap_or(""))
            };
            let nothing = record.iter().all(|field| field.trim_ascii().is_empty());
            let mut again =
                || self.table.drop_repeated && !self.lines.insert(fingerprint(order.iter().map(field)));
            if nothing || again() {
                if nothing { &mut blank } else { &mut repeated }.push(row);
                // The engine's reader meets the line all the same.
                for (column, place) in self.columns.iter_mut().zip(&places) {
                    column.facts.plain &= column.is_plain(field(place));
                }
                return Ok(());
            }
            for ((column, place), unit) in self.columns.iter_mut().zip(&places).zip(&units) {
                column.see(number, line, field(place), &mut unit.iter().map(field));
            }
            let key = key_of(self.key.iter().map(|at| self.columns[*at].key.key(field(&places[*at]))));
            self.keys.extend(key);
            Ok(())
        })?;
        // The engine's reader counts lines with nothing in them at all, this one passes over them.
        let shift = |rows: &mut Vec<u64>| {
            let mut empty = seen.empty.iter().peekable();
            let mut before = 0;
            for row in rows {
                while empty.next_if(|at| **at <= *row + before).is_some() {
                    before += 1;
                }
                *row += before;
            }
        };
        if seen.quoted_empty {
            let gaps = self.columns.iter_mut().filter(|column| column.facts.missing > 0);
            gaps.for_each(|column| column.facts.plain = false);
        }
        if !seen.odd {
            shift(&mut blank);
            shift(&mut repeated);
            blank.extend(&seen.empty);
            blank.sort_unstable();
            rows += seen.empty.len() as u64;
        }
        self.repeated.extend(repeated.into_iter().map(|row| self.before + row));
        self.before += rows;
        self.files.push(FileFacts { headings: headings.clone(), rows, blank, odd: seen.odd });
        Ok(())
    }

    /// A columnar file, a batch of rows at a time.
    fn columnar(&mut self, number: usize, file: &File, progress: &Progress) -> Result<(), Diagnostic> {
        let headings = &file.shape()?.headings;
        let rows = columnar::height(file).unwrap_or(0).max(1);
        let mut facts = FileFacts { headings: headings.clone(), rows: 0, blank: Vec::new(), odd: false };
        let names: Vec<&str> = headings.iter().map(String::as_str).collect();
        columnar::batches(file, &names, &mut |batch| {
            let failed = |error: PolarsError| columnar::unread(file, &error);
            self.batch(number, batch, &mut facts).map_err(failed)?;
            progress.at((file.version.size as f64 * facts.rows as f64 / rows as f64) as u64);
            Ok(())
        })?;
        self.before += facts.rows;
        self.files.push(facts);
        Ok(())
    }

    /// The next rows of a columnar file.
    fn batch(&mut self, number: usize, batch: DataFrame, facts: &mut FileFacts) -> PolarsResult<()> {
        let first = facts.rows;
        let height = batch.height();
        facts.rows += height as u64;
        let mut columns: HashMap<&str, Series> = HashMap::new();
        for column in batch.columns() {
            let mut series = column.as_materialized_series().clone();
            if let Some(Some(dtype)) = self.dtypes.get(column.name().as_str()) {
                series = columnar::cast(&series, dtype)?;
            }
            columns.insert(column.name().as_str(), series);
        }
        // Which rows are records.
        let mut left_out = vec![false; height];
        let mut any = false;
        for row in columnar::blank(&batch)? {
            (left_out[row], any) = (true, true);
            facts.blank.push(first + row as u64);
        }
        if self.table.drop_repeated {
            let mut prints = vec![(DefaultHasher::new(), seeded()); height];
            for heading in self.table.headings().unwrap_or_default() {
                let text = columns.get(heading.as_str()).map(columnar::text).transpose()?;
                for (row, (one, other)) in prints.iter_mut().enumerate() {
                    let field = text.as_ref().and_then(|text| text.get(row)).unwrap_or("").trim();
                    field.hash(one);
                    field.hash(other);
                }
            }
            for (row, (one, other)) in prints.into_iter().enumerate() {
                if !left_out[row] && !self.lines.insert((one.finish(), other.finish())) {
                    (left_out[row], any) = (true, true);
                    self.repeated.push(self.before + first + row as u64);
                }
            }
        }
        let kept: Vec<usize> = (0..height).filter(|row| !left_out[*row]).collect();
        if any {
            let mask: BooleanChunked = left_out.iter().map(|out| Some(!out)).collect();
            for series in columns.values_mut() {
                *series = series.filter(&mask)?;
            }
        }
        let at = |row: usize| (number, first + kept.get(row).copied().unwrap_or(row) as u64 + 1);
        for column in &mut self.columns {
            column.batch(&columns, kept.len(), &at)?;
        }
        self.batch_keys(&columns, kept.len())
    }

    /// The keys of the records of a batch.
    fn batch_keys(&mut self, columns: &HashMap<&str, Series>, height: usize) -> PolarsResult<()> {
        let mut keys: Vec<Option<u64>> = Vec::new();
        for (part, at) in self.key.iter().enumerate() {
            let column = &self.columns[*at];
            let hashes = match columns.get(column.heading.as_str()) {
                Some(series) => column.keys(series)?,
                None => vec![None; height],
            };
            if part == 0 {
                keys = hashes;
            } else {
                let both = |(key, part): (&Option<u64>, Option<u64>)| Some(hashed(&((*key)?, part?)));
                keys = keys.iter().zip(hashes).map(both).collect();
            }
        }
        self.keys.extend(keys.into_iter().flatten());
        Ok(())
    }

    fn finish(mut self) -> Survey {
        self.keys.sort_unstable();
        let mut unique = self.keys.windows(2).all(|pair| pair[0] != pair[1]);
        // A key that nobody declared was compared as text: 1.5 and 1.50 are one number. The engine will say.
        unique &= self.key.iter().all(|at| match &self.columns[*at].how {
            How::Open { fits, typed, .. } => {
                let inferred = typed.clone().unwrap_or_else(|| fits.inferred());
                matches!(inferred, Inferred::Text(_) | Inferred::Integer | Inferred::Bool)
            }
            _ => true,
        });
        let columns = self
            .columns
            .into_iter()
            .map(|column| {
                let inferred = match column.how {
                    How::Open { fits, typed, .. } => Some(typed.unwrap_or_else(|| fits.inferred())),
                    _ => None,
                };
                let numbering = column.numbering.and_then(numbering::Watch::numbering);
                let is_text = inferred.as_ref().is_none_or(|inferred| matches!(inferred, Inferred::Text(_)));
                let texts = column.texts.filter(|_| is_text).and_then(values::Watch::texts);
                ColumnFacts { inferred, numbering, texts, ..column.facts }
            })
            .collect();
        Survey { files: self.files, columns, unique, repeated: self.repeated }
    }
}

impl Counted {
    /// A batch of a columnar file's rows; `at` says in which file and which row of it one is.
    fn batch(
        &mut self,
        columns: &HashMap<&str, Series>,
        height: usize,
        at: &dyn Fn(usize) -> (usize, u64),
    ) -> PolarsResult<()> {
        let Some(series) = columns.get(self.heading.as_str()) else {
            self.facts.missing += height as u64;
            return Ok(());
        };
        let (reader, markers) = match &self.how {
            How::Declared(look) => (look.reader().clone(), look.markers().clone()),
            How::Measured(_) => (Reader::Amount, Markers::default()),
            How::Open { markers, typed, .. } => (
                typed.as_ref().map_or(Reader::Text(Case::Keep), |typed| typed.reader(self.zone)),
                markers.clone(),
            ),
        };
        if let Some(values) = columnar::native(series, &reader, &markers)? {
            self.facts.missing += values.null_count() as u64;
            if let Some(numbering) = &mut self.numbering {
                columnar::text(&values)?.iter().flatten().for_each(|text| numbering.see(text));
            }
            if let Some(texts) = &mut self.texts
                && !texts.is_over()
            {
                columnar::text(&values)?
                    .iter()
                    .flatten()
                    .for_each(|text| texts.see(text, || Some(Cow::Borrowed(text))));
            }
            if values.null_count() > series.null_count() {
                self.lost(series, &values, &markers, at)?;
            }
            return Ok(());
        }
        let text = columnar::text(series)?;
        // A cast, which is what is done to plain values, writes some types in another way.
        self.facts.plain &=
            matches!(series.dtype(), DataType::String | DataType::Boolean) || series.dtype().is_integer();
        let units: Vec<Option<StringChunked>> = match &self.how {
            How::Measured(unit) => {
                let column = |heading: &str| columns.get(heading).map(columnar::text).transpose();
                unit.headings().map(column).collect::<PolarsResult<_>>()?
            }
            _ => Vec::new(),
        };
        for row in 0..height {
            let (file, line) = at(row);
            let Some(field) = text.get(row) else {
                self.facts.missing += 1;
                continue;
            };
            // Nothing to a reader of text, and a value to the engine.
            self.facts.plain &= !field.is_empty();
            let mut unit =
                units.iter().map(|unit| unit.as_ref().and_then(|unit| unit.get(row)).unwrap_or(""));
            self.see(file, line, field, &mut unit);
        }
        Ok(())
    }

    /// Values that are null once they are read: they mean that there is none, or they don't fit.
    fn lost(
        &mut self,
        stored: &Series,
        values: &Series,
        markers: &Markers,
        at: &dyn Fn(usize) -> (usize, u64),
    ) -> PolarsResult<()> {
        self.facts.plain = false;
        // Found native without them, a value is one that fits.
        let (was, is) = (stored.is_not_null(), values.is_null());
        let fits = match &self.how {
            How::Declared(look) => columnar::native(stored, look.reader(), &Markers::default())?,
            _ => None,
        };
        let text = columnar::text(stored)?;
        for row in 0..stored.len() {
            if was.get(row) != Some(true) || is.get(row) != Some(true) {
                continue;
            }
            let marked = fits.as_ref().is_some_and(|fits| !fits.get(row).is_ok_and(|value| value.is_null()));
            if marked || text.get(row).and_then(|text| markers.known(text)).is_none() {
                continue;
            }
            match &mut self.how {
                // What 64 bits don't hold is no number, but an identifier.
                How::Open { typed, .. } if stored.dtype().is_integer() && fits.is_none() => {
                    *typed = Some(Inferred::Text(None));
                    self.facts.missing -= 1;
                }
                _ => {
                    self.facts.unfit += 1;
                    self.facts.first.get_or_insert(at(row));
                }
            }
        }
        Ok(())
    }

    /// A number for each value of a key, as [`Look::key`] gives it for text.
    fn keys(&self, series: &Series) -> PolarsResult<Vec<Option<u64>>> {
        let look = &self.key;
        let values = columnar::native(series, look.reader(), look.markers())?;
        let floats = values.as_ref().filter(|values| *values.dtype() == DataType::Float64);
        if let Some(floats) = floats {
            return Ok(floats.f64()?.iter().map(|n| n.map(|n| hashed(&(n + 0.0).to_bits()))).collect());
        }
        let text = match &values {
            Some(days) if days.dtype().is_temporal() => {
                columnar::text(&days.to_physical_repr().cast(&DataType::Int64)?)?
            }
            Some(values) => columnar::text(values)?,
            None => columnar::text(series)?,
        };
        let mut hashes = Vec::with_capacity(text.len());
        for field in text.iter() {
            let field = field.unwrap_or("");
            hashes.push(match &values {
                Some(_) if field.is_empty() => None,
                Some(values) if *values.dtype() == DataType::Boolean => Some(hashed(&(field == "true"))),
                Some(_) => Some(hashed(field)),
                None => look.key(field),
            });
        }
        Ok(hashes)
    }

    /// Is the field of a line that is left out a value as it stands, or none at all?
    fn is_plain(&self, field: &str) -> bool {
        match &self.how {
            How::Declared(look) => look.at(field).is_plain(field),
            How::Measured(_) => false,
            How::Open { markers, .. } => markers.known(field).unwrap_or("").len() == field.len(),
        }
    }

    /// One more field, and the texts that say its unit.
    fn see<'f>(&mut self, file: usize, line: u64, field: &'f str, unit: &mut dyn Iterator<Item = &'f str>) {
        let found = match &mut self.how {
            How::Declared(look) => look.at(field),
            How::Measured(look) => look.at(field, unit),
            How::Open { markers, fits, .. } => match markers.known(field) {
                None => Found::Missing,
                Some(text) => {
                    *fits = fits.and(text);
                    Found::Value { plain: text.len() == field.len() }
                }
            },
        };
        self.facts.plain &= found.is_plain(field);
        match found {
            Found::Missing => self.facts.missing += 1,
            Found::Unfit => {
                self.facts.missing += 1;
                self.facts.unfit += 1;
                self.facts.first.get_or_insert((file, line));
            }
            Found::Value { .. } => {
                if let (Some(numbering), Some(text)) = (&mut self.numbering, self.key.text(field)) {
                    numbering.see(&text);
                }
                if let Some(texts) = &mut self.texts {
                    texts.see(field, || match &self.how {
                        How::Declared(look) => look.value(field),
                        How::Open { markers, .. } => markers.known(field).map(Cow::Borrowed),
                        How::Measured(_) => None,
                    });
                }
            }
        }
    }
}

/// One number for a key of several parts; none where a part is missing, or where there is no key.
fn key_of(mut parts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut key = parts.next()??;
    for part in parts {
        key = hashed(&(key, part?));
    }
    Some(key)
}

fn seeded() -> DefaultHasher {
    let mut hasher = DefaultHasher::new();
    hasher.write_u8(1);
    hasher
}

/// A record as a number of 128 bits: that two records share one by chance is not to be reckoned with.
fn fingerprint<'f>(record: impl Iterator<Item = &'f str>) -> (u64, u64) {
    let (mut first, mut second) = (DefaultHasher::new(), seeded());
    // Blanks around a value are padding.
    for field in record.map(str::trim) {
        field.hash(&mut first);
        field.hash(&mut second);
    }
    (first.finish(), second.finish())
}
