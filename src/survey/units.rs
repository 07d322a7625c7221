//! Amounts whose unit stands in another column, or at the end of a to-one path: which of them are in a unit
//! that nobody declared.

use std::borrow::Cow;
use std::collections::HashMap;

use super::columnar;
use crate::catalog::{Column, From, Hop, Table};
use crate::diagnostic::Diagnostic;
use crate::files::field::{self, Found, Look, Markers};
use crate::files::records::Records;
use crate::files::{File, Reader, Source};
use crate::types::{Type, Unit, Units};

/// The other files that a table's units come from.
pub(super) fn sources(table: &Table) -> impl Iterator<Item = &Source> {
    table.units.iter().flat_map(|path| path.hops.iter().map(|hop| &hop.source))
}

/// Where an amount's unit is read.
pub(super) enum UnitText {
    /// Beside it, under this heading.
    Own(String, Look),
    /// Along a path that these columns lead into: the unit by their values.
    Path(Vec<(String, Look)>, HashMap<Vec<u64>, String>),
    /// In files that cannot be read: nothing can be said.
    Unknown,
}

/// How an amount and its unit are looked at.
pub(super) struct UnitLook {
    markers: Markers,
    text: UnitText,
    ty: Type,
    codes: HashMap<String, Unit>,
    known: Vec<String>,
    units: Units,
    /// What texts met so far mean.
    met: HashMap<String, Means>,
}

/// What a unit's text means for a column.
#[derive(Clone)]
enum Means {
    /// A unit of the column's type.
    Unit(Unit),
    /// One that is declared, and of another dimension or none.
    Other,
    /// Nobody declared it.
    Nothing,
}

/// As many texts are remembered.
const REMEMBERED: usize = 1024;

impl UnitLook {
    /// Of a measured column.
    pub(super) fn of(table: &Table, column: &Column) -> Result<UnitLook, Diagnostic> {
        let From::Measured { missing, unit_from, codes, known, units, .. } = &column.from else {
            return Err(Diagnostic::bare("fault-survey", "only a measured column has a unit elsewhere"));
        };
        let path = table.units.iter().find(|path| path.column == column.name);
        let text = match path {
            Some(path) => match lookup(&path.hops, &path.unit) {
                Ok(found) => {
                    let first = path.hops.first().map(|hop| hop.by.as_slice()).unwrap_or_default();
                    UnitText::Path(looks(first, &table.missing), found)
                }
                Err(_) => UnitText::Unknown,
            },
            None => own(table, unit_from)?,
        };
        Ok(UnitLook {
            markers: Markers::new(&table.missing, missing),
            text,
            ty: column.ty.clone(),
            codes: codes.iter().cloned().collect(),
            known: known.clone(),
            units: units.clone(),
            met: HashMap::new(),
        })
    }

    /// The headings of this table that say the unit.
    pub(super) fn headings(&self) -> impl Iterator<Item = &str> {
        let (own, path): (Option<&String>, &[(String, Look)]) = match &self.text {
            UnitText::Own(heading, _) => (Some(heading), &[]),
            UnitText::Path(by, _) => (None, by),
            UnitText::Unknown => (None, &[]),
        };
        own.into_iter().map(String::as_str).chain(path.iter().map(|(heading, _)| heading.as_str()))
    }

    /// What an amount is, beside the fields under [`UnitLook::headings`].
    pub(super) fn at(&mut self, amount: &str, fields: &mut dyn Iterator<Item = &str>) -> Found {
        let Some(amount) = self.markers.known(amount) else { return Found::Missing };
        let unit = match &self.text {
            UnitText::Own(_, look) => fields.next().and_then(|field| look.value(field)),
            UnitText::Path(by, found) => by
                .iter()
                .zip(fields)
                .map(|((_, look), field)| look.key(field))
                .collect::<Option<Vec<u64>>>()
                .and_then(|key| found.get(&key))
                .map(|unit| Cow::Borrowed(unit.as_str())),
            UnitText::Unknown => return Found::Missing,
        };
        // An amount of nobody knows what.
        let Some(name) = unit.as_deref() else { return Found::Unfit };
        if let Some(means) = self.met.get(name) {
            return found(amount, means);
        }
        let means = self.means(name);
        let answer = found(amount, &means);
        if self.met.len() < REMEMBERED {
            self.met.insert(name.to_string(), means);
        }
        answer
    }

    fn means(&self, name: &str) -> Means {
        if self.known.is_empty() {
            return match self.units.find_in_data(name) {
                Some(unit) if unit.ty == self.ty => Means::Unit(unit),
                Some(_) => Means::Other,
                None => Means::Nothing,
            };
        }
        match self.codes.get(name) {
            Some(unit) => Means::Unit(unit.clone()),
            None if self.known.iter().any(|known| known == name) => Means::Other,
            None => Means::Nothing,
        }
    }
}

fn found(amount: &str, means: &Means) -> Found {
    match means {
        Means::Other => Found::Missing,
        Means::Unit(unit) if field::amount(amount, unit).is_some() => Found::Value { plain: false },
        Means::Unit(_) | Means::Nothing => Found::Unfit,
    }
}

/// A unit in a column of the table itself.
fn own(table: &Table, unit_from: &crate::syntax::ast::Expr) -> Result<UnitText, Diagnostic> {
    let crate::syntax::ast::ExprKind::Path(names) = &unit_from.kind else { return Ok(UnitText::Unknown) };
    let [name] = names.as_slice() else { return Ok(UnitText::Unknown) };
    let declared = table.stored()?.iter().find(|column| column.name == name.text);
    Ok(match declared.map(|column| &column.from) {
        Some(From::Stored { heading, reader, missing }) => {
            UnitText::Own(heading.clone(), Look::new(reader, &table.missing, missing))
        }
        Some(_) => UnitText::Unknown,
        None => UnitText::Own(name.text.clone(), Look::new(&Reader::Id, &table.missing, &[])),
    })
}

fn looks(columns: &[Column], markers: &[String]) -> Vec<(String, Look)> {
    let look = |column: &Column| match &column.from {
        From::Stored { heading, reader, missing } => {
            Some((heading.clone(), Look::new(reader, markers, missing)))
        }
        _ => None,
    };
    columns.iter().filter_map(look).collect()
}

/// The unit at the end of a path, by the key of the first table on it.
fn lookup(hops: &[Hop], unit: &Column) -> Result<HashMap<Vec<u64>, String>, Diagnostic> {
    let Some((hop, rest)) = hops.split_first() else { return Ok(HashMap::new()) };
    let beyond = lookup(rest, unit)?;
    let key = looks(&hop.key, &hop.missing);
    let next = looks(rest.first().map_or(std::slice::from_ref(unit), |next| &next.by), &hop.missing);
    let headings: Vec<&str> = key.iter().chain(&next).map(|(heading, _)| heading.as_str()).collect();
    let mut found = HashMap::new();
    for file in hop.source.files()? {
        each(file, &headings, &mut |fields| {
            let (own, far) = fields.split_at(key.len());
            let values = |looks: &[(String, Look)], fields: &[&str]| {
                looks
                    .iter()
                    .zip(fields)
                    .map(|((_, look), field)| look.key(field))
                    .collect::<Option<Vec<u64>>>()
            };
            let unit = match rest.is_empty() {
                true => far
                    .first()
                    .zip(next.first())
                    .and_then(|(field, (_, look))| Some(look.value(field)?.into_owned())),
                false => values(&next, far).and_then(|by| beyond.get(&by).cloned()),
            };
            if let (Some(key), Some(unit)) = (values(&key, own), unit) {
                found.insert(key, unit);
            }
        })?;
    }
    Ok(found)
}

/// Some fields of every record of a file.
pub fn each(file: &File, headings: &[&str], each: &mut dyn FnMut(&[&str])) -> Result<(), Diagnostic> {
    let shape = file.shape()?;
    if !file.format.is_text() {
        return columnar::batches(file, headings, &mut |batch| {
            let texts = batch.columns().iter().map(|column| columnar::text(column.as_materialized_series()));
            let texts =
                texts.collect::<Result<Vec<_>, _>>().map_err(|error| columnar::unread(file, &error))?;
            for row in 0..batch.height() {
                let fields: Vec<&str> = texts.iter().map(|column| column.get(row).unwrap_or("")).collect();
                each(&fields);
            }
            Ok(())
        });
    }
    let places: Vec<Option<usize>> =
        headings.iter().map(|heading| shape.headings.iter().position(|known| known == heading)).collect();
    Records::open(file)?.each(&mut |_, record| {
        let field = |place: &Option<usize>| {
            place.and_then(|at| record.get(at)).map_or("", |field| std::str::from_utf8(field).unwrap_or(""))
        };
        let fields: Vec<&str> = places.iter().map(field).collect();
        each(&fields);
        Ok(())
    })?;
    Ok(())
}

/// As far down a file is looked into once more for the sake of a note.
const NEAR: u64 = 10_000;

/// The field of the record at this line or row, where that is not far down. What is kept of a survey holds no value,
/// so it is read again.
pub(super) fn field_at(file: &File, heading: &str, line: u64) -> Option<String> {
    if line > NEAR {
        return None;
    }
    let mut found = None;
    // An error is how reading stops: what is wrong with the file the survey has said.
    let enough = || Err(Diagnostic::bare("data-read", "enough is read"));
    if file.format.is_text() {
        let place = file.shape().ok()?.headings.iter().position(|known| known == heading)?;
        let stopped = Records::open(file).ok()?.each(&mut |at, record| {
            if at < line {
                return Ok(());
            }
            let field = record.get(place).filter(|_| at == line);
            found = field.and_then(|field| Some(std::str::from_utf8(field).ok()?.to_string()));
            enough()
        });
        drop(stopped);
    } else {
        let mut before = 0;
        let stopped = columnar::batches(file, &[heading], &mut |batch| {
            let row = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX) - before;
            before += batch.height();
            if row >= batch.height() {
                return Ok(());
            }
            let column = batch.columns().first().map(|column| column.as_materialized_series());
            let text = column.and_then(|column| columnar::text(column).ok());
            found = text.and_then(|text| text.get(row).map(str::to_string));
            enough()
        });
        drop(stopped);
    }
    found
}
