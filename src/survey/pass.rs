//! The reading itself. Text is read record by record, a columnar file column by column; both give the same
//! findings, by the rules of [`crate::files::field`].

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use polars::prelude::*;

use super::infer::Fits;
use super::units::UnitLook;
use super::{ColumnFacts, FileFacts, Inferred, Survey};
use crate::catalog::{FILE_NAME, From, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::files::field::{Found, Look, Markers};
use crate::files::records::Records;
use crate::files::{File, Format};

/// Reads all of a table's files.
pub(super) fn survey(table: &Table) -> Result<Survey, Diagnostic> {
    let mut pass = Pass::new(table)?;
    let progress = Progress::of(table)?;
    for (number, file) in table.source.files()?.iter().enumerate() {
        if file.format.is_text() {
            pass.text(number, file, &progress)?;
        } else {
            pass.columnar(number, file)?;
        }
        progress.done(file);
    }
    Ok(pass.finish())
}

/// What is known so far.
struct Pass<'t> {
    table: &'t Table,
    columns: Vec<Counted>,
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
    how: How,
    /// How it is compared as a part of the key.
    key: Look,
    facts: ColumnFacts,
}

enum How {
    Declared(Look),
    /// An amount whose unit is elsewhere.
    Measured(UnitLook),
    /// Nobody says what it is.
    Open { markers: Markers, fits: Fits, typed: Option<Inferred> },
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
        };
        for column in table.stored()? {
            let (how, heading, key) = match &column.from {
                From::Stored { heading, .. } if heading == FILE_NAME => continue,
                From::Stored { heading, reader, missing } => {
                    let look = || Look::new(reader, &table.missing, missing);
                    (How::Declared(look()), heading, look())
                }
                From::Measured { heading, missing, .. } => {
                    let look = Look::new(&Reader::Id, &table.missing, missing);
                    (How::Measured(UnitLook::of(table, column)?), heading, look)
                }
                From::Derived { .. } => continue,
            };
            columns.push(Counted { heading: heading.clone(), how, key, facts: facts(&column.name) });
        }
        for heading in table.undeclared_headings()? {
            let how = How::Open { markers: Markers::new(&table.missing, &[]), fits: Fits::ALL, typed: None };
            let key = Look::new(&Reader::Id, &table.missing, &[]);
            columns.push(Counted { heading: heading.clone(), how, key, facts: facts(&heading) });
        }
        let at = |name: &String| columns.iter().position(|column: &Counted| column.facts.name == *name);
        let key = table.key.iter().filter_map(at).collect();
        Ok(Pass {
            table,
            columns,
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
        let places: Vec<Option<usize>> = self.columns.iter().map(|column| position(&column.heading)).collect();
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
        let order: Vec<Option<usize>> = self.table.headings()?.iter().map(|heading| position(heading)).collect();
        let seen = Records::open(file)?.each(&mut |line, record| {
            let row = rows;
            rows += 1;
            read += record.as_slice().len() as u64 + record.len() as u64;
            if rows % 16_384 == 0 {
                progress.at(read);
            }
            if record.iter().all(|field| field.trim_ascii().is_empty()) {
                blank.push(row);
                // The engine's reader meets the line all the same.
                for (column, place) in self.columns.iter_mut().zip(&places) {
                    let field = place.and_then(|at| record.get(at));
                    column.facts.plain &= field.is_none_or(<[u8]>::is_empty);
                }
                return Ok(());
            }
            let field = |place: &Option<usize>| {
                place.and_then(|at| record.get(at)).map_or("", |field| std::str::from_utf8(field).unwrap_or(""))
            };
            if self.table.drop_repeated && !self.lines.insert(fingerprint(order.iter().map(field))) {
                repeated.push(row);
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

    /// A columnar file, column by column.
    fn columnar(&mut self, number: usize, file: &File) -> Result<(), Diagnostic> {
        let shape = file.shape()?;
        let rows = height(file)?;
        let mut left_out: HashSet<usize> = HashSet::new();
        if self.table.drop_repeated {
            let mut prints = vec![(DefaultHasher::new(), seeded()); rows];
            for heading in &shape.headings {
                let fields = strings(file, heading)?;
                for ((first, second), field) in prints.iter_mut().zip(fields.str_fields()?) {
                    field.hash(first);
                    field.hash(second);
                }
            }
            for (row, (first, second)) in prints.into_iter().enumerate() {
                if !self.lines.insert((first.finish(), second.finish())) {
                    left_out.insert(row);
                    self.repeated.push(self.before + row as u64);
                }
            }
        }
        let mut keys: Vec<Option<u64>> = if self.key.is_empty() { Vec::new() } else { vec![Some(0); rows] };
        for at in 0..self.columns.len() {
            let column = &mut self.columns[at];
            let dtype = shape.schema.as_ref().and_then(|schema| schema.get(column.heading.as_str()));
            let known = shape.headings.contains(&column.heading).then_some(dtype).flatten();
            let Some(dtype) = known else {
                column.facts.missing += rows as u64;
                column.facts.plain = false;
                keys.iter_mut().filter(|_| self.key.contains(&at)).for_each(|key| *key = None);
                continue;
            };
            if let How::Open { typed, .. } = &mut column.how {
                let own = Inferred::of(&dtype.dtype);
                *typed = Some(typed.take().map_or(own.clone(), |before| before.and(own)));
            }
            let fields = strings(file, &column.heading)?;
            let units: Vec<Strings> = match &column.how {
                How::Measured(unit) => {
                    unit.headings().map(|heading| strings(file, heading)).collect::<Result<_, _>>()?
                }
                _ => Vec::new(),
            };
            let units: Vec<&StringChunked> = units.iter().map(Strings::chunked).collect::<Result<_, _>>()?;
            for (row, field) in fields.str_fields()?.enumerate() {
                if left_out.contains(&row) {
                    continue;
                }
                let field = field.unwrap_or("");
                let mut unit = units.iter().map(|unit| unit.get(row).unwrap_or(""));
                column.see(number, row as u64 + 1, field, &mut unit);
                if self.key.contains(&at)
                    && let Some(key) = keys.get_mut(row)
                {
                    *key = key.zip(column.key.key(field)).map(|pair| crate::files::field::hashed(&pair));
                }
            }
        }
        let kept = keys.into_iter().enumerate().filter(|(row, _)| !left_out.contains(row));
        self.keys.extend(kept.filter_map(|(_, key)| key));
        self.before += rows as u64;
        let headings = shape.headings.clone();
        self.files.push(FileFacts { headings, rows: rows as u64, blank: Vec::new(), odd: false });
        Ok(())
    }

    fn finish(mut self) -> Survey {
        self.keys.sort_unstable();
        let unique = self.keys.windows(2).all(|pair| pair[0] != pair[1]);
        let columns = self
            .columns
            .into_iter()
            .map(|column| {
                let inferred = match column.how {
                    How::Open { fits, typed, .. } => Some(typed.unwrap_or_else(|| fits.inferred())),
                    _ => None,
                };
                ColumnFacts { inferred, ..column.facts }
            })
            .collect();
        Survey { files: self.files, columns, unique, repeated: self.repeated }
    }
}

impl Counted {
    /// One more field, and the texts that say its unit.
    fn see<'f>(&mut self, file: usize, line: u64, field: &'f str, unit: &mut dyn Iterator<Item = &'f str>) {
        let found = match &mut self.how {
            How::Declared(look) => look.at(field),
            How::Measured(look) => look.at(field, unit),
            How::Open { markers, fits, .. } => match markers.known(field) {
                None => Found::Missing,
                Some(text) => {
                    // Blanks around it would be lost in any other type.
                    *fits = fits.and(field);
                    Found::Value { plain: text.len() == field.len() }
                }
            },
        };
        match found {
            Found::Missing => {
                self.facts.missing += 1;
                self.facts.plain &= field.is_empty();
            }
            Found::Unfit => {
                self.facts.missing += 1;
                self.facts.unfit += 1;
                self.facts.first.get_or_insert((file, line));
                self.facts.plain = false;
            }
            Found::Value { plain } => self.facts.plain &= plain,
        }
    }
}

/// One number for a key of several parts; none where a part is missing, or where there is no key.
fn key_of(mut parts: impl Iterator<Item = Option<u64>>) -> Option<u64> {
    let mut key = parts.next()??;
    for part in parts {
        key = crate::files::field::hashed(&(key, part?));
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
    for field in record {
        field.hash(&mut first);
        field.hash(&mut second);
    }
    (first.finish(), second.finish())
}

/// A column of a columnar file, as text.
pub(super) struct Strings(Column);

impl Strings {
    pub(super) fn chunked(&self) -> Result<&StringChunked, Diagnostic> {
        self.0.str().map_err(|error| unread(&error))
    }

    fn str_fields(&self) -> Result<impl Iterator<Item = Option<&str>>, Diagnostic> {
        Ok(self.chunked()?.iter())
    }
}

fn scan(file: &File) -> PolarsResult<LazyFrame> {
    let path = PlRefPath::new(file.path.to_string_lossy());
    match file.format {
        Format::Arrow => LazyFrame::scan_ipc(
            path,
            IpcScanOptions::default(),
            UnifiedScanArgs { glob: false, ..Default::default() },
        ),
        _ => LazyFrame::scan_parquet(path, ScanArgsParquet { glob: false, ..Default::default() }),
    }
}

/// A column of a columnar file, each value as text.
pub(super) fn strings(file: &File, heading: &str) -> Result<Strings, Diagnostic> {
    let read = || {
        let frame = scan(file)?.select([col(heading).cast(DataType::String)]);
        Ok(frame.collect_with_engine(Engine::Streaming)?.unwrap_single())
    };
    let frame = read().map_err(|error: PolarsError| unread(&error))?;
    let column = frame.columns().first().cloned();
    Ok(Strings(column.unwrap_or_else(|| Column::new_empty(heading.into(), &DataType::String))))
}

fn height(file: &File) -> Result<usize, Diagnostic> {
    let read = || {
        let frame = scan(file)?.select([len().cast(DataType::Int64)]);
        frame.collect_with_engine(Engine::Streaming)?.unwrap_single().columns()[0].i64().map(|n| n.get(0))
    };
    let rows = read().map_err(|error: PolarsError| unread(&error))?;
    Ok(usize::try_from(rows.unwrap_or(0)).unwrap_or(0))
}

fn unread(error: &PolarsError) -> Diagnostic {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Diagnostic::bare("data-read", format!("the records could not be read: {first}"))
}

/// A bar on the terminal, for what takes long.
struct Progress {
    bar: ProgressBar,
    started: std::time::Instant,
    before: std::cell::Cell<u64>,
}

impl Progress {
    fn of(table: &Table) -> Result<Progress, Diagnostic> {
        let total = table.source.files()?.iter().map(|file| file.version.size).sum();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("reading {msg} once {bar:30} {percent}%") {
            bar.set_style(style);
        }
        bar.set_message(table.name.to_string());
        Ok(Progress { bar, started: std::time::Instant::now(), before: std::cell::Cell::new(0) })
    }

    /// So many bytes of the file have been read, about.
    fn at(&self, bytes: u64) {
        if self.bar.is_hidden() && self.started.elapsed().as_millis() > 700 {
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.set_position((self.before.get() + bytes).min(self.bar.length().unwrap_or(0)));
    }

    fn done(&self, file: &File) {
        self.before.set(self.before.get() + file.version.size);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
