//! Records, read from the very texts that the engine's files hold, by simple rules of our own: the generator
//! writes no file that wants more. Links are followed by comparing keys as text, one record after another. Tables
//! that no file holds are made here again: keys from the texts of the columns that they stand in, calendars from their
//! spans.

use std::cell::{Cell as Flag, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use casebook::catalog::{From, MadeOf, Reader, Table};
use casebook::plan::{LinkRef, Stored};
use casebook::types::time::{days, parse_date, parse_datetime};
use casebook::types::{Decimal, Unit, decimal};

use super::cell::{Cell, Record};

/// A file: headings, and the fields of each record.
#[derive(Clone, Debug)]
pub struct File {
    /// The first line.
    pub headings: Vec<String>,
    /// The others.
    pub rows: Vec<Vec<String>>,
}

/// What was worked out once for each record of a table, by the names of the table and of the column or link.
type Kept<T> = RefCell<HashMap<(String, String), Rc<[T]>>>;

/// All records of a casebook, by the names of their tables.
#[derive(Debug, Default)]
pub struct Records {
    /// Whether some sum was too large, needed or not: then an engine that works out what nobody needs may say so.
    pub overflowed: Flag<bool>,
    /// Whether numbers stand in the files that are too large to add up: an engine may try, for groups that nobody
    /// asks for in the end.
    pub wild: bool,
    files: BTreeMap<String, File>,
    read: Kept<Cell>,
    met: Kept<Option<usize>>,
}

impl Records {
    /// Of these files.
    pub fn new(files: &BTreeMap<String, File>) -> Records {
        let mut files = files.clone();
        // A line of nothing but commas is no record.
        for file in files.values_mut() {
            file.rows.retain(|row| row.iter().any(|field| !field.trim().is_empty()));
        }
        let large = |field: &String| field.parse::<f64>().is_ok_and(|n| n.abs() >= 1e14);
        let wild = files.values().flat_map(|file| file.rows.iter().flatten()).any(large);
        Records { wild, files, ..Records::default() }
    }

    /// How many records a table has.
    pub fn count(&self, table: &Table) -> usize {
        match &table.made {
            Some(MadeOf::Calendar(spans)) => spans.len(),
            Some(MadeOf::Keys(_)) => self.cells(table, &stored(table, &table.key[0])).len(),
            None => self.files.get(&*table.name).map_or(0, |file| file.rows.len()),
        }
    }

    /// A column's value in a record.
    pub fn value(&self, table: &Table, column: &Stored, record: usize) -> Cell {
        match &table.made {
            Some(MadeOf::Calendar(spans)) => match column.name.as_str() {
                "start" => Cell::Date(spans[record].start),
                "end" => Cell::Date(spans[record].end),
                _ => Cell::text(&spans[record].label),
            },
            _ => self.cells(table, column)[record].clone(),
        }
    }

    /// A column's values in all records.
    fn cells(&self, table: &Table, column: &Stored) -> Rc<[Cell]> {
        let place = (table.name.to_string(), column.name.clone());
        if let Some(cells) = self.read.borrow().get(&place) {
            return Rc::clone(cells);
        }
        let cells: Rc<[Cell]> = match &table.made {
            // Each text once, in their order; a missing value is nobody's.
            Some(MadeOf::Keys(columns)) => {
                let mut keys: BTreeSet<String> = BTreeSet::new();
                for of in columns {
                    let column = stored(&of.table, &of.column);
                    let cells = self.cells(&of.table, &column);
                    keys.extend(cells.iter().filter_map(|cell| text(cell, &column.reader)));
                }
                keys.into_iter().map(Cell::text).collect()
            }
            _ => self.fields(table, column),
        };
        self.read.borrow_mut().insert(place, Rc::clone(&cells));
        cells
    }

    /// The values of a column of a file.
    fn fields(&self, table: &Table, column: &Stored) -> Rc<[Cell]> {
        let file = &self.files[&*table.name];
        let at = file.headings.iter().position(|heading| *heading == column.heading);
        let at = at.unwrap_or_else(|| panic!("{} has no heading {}", table.name, column.heading));
        let read = |row: &Vec<String>| {
            let text = row[at].trim();
            let none =
                text.is_empty() || table.missing.iter().chain(&column.missing).any(|none| none == text);
            if none { Cell::Missing } else { read(text, &column.reader) }
        };
        file.rows.iter().map(read).collect()
    }

    /// The record that a link leads to.
    pub fn follow(&self, link: &LinkRef, from: usize) -> Option<usize> {
        let place = (link.from.name.to_string(), link.link.name.clone());
        if let Some(met) = self.met.borrow().get(&place) {
            return met[from];
        }
        let keys: Vec<Option<Vec<String>>> =
            (0..self.count(&link.to)).map(|record| self.key(&link.to, &link.link.key, record)).collect();
        let find = |record| {
            let by = self.key(&link.from, &link.link.by, record)?;
            keys.iter().position(|key| key.as_ref() == Some(&by))
        };
        let met: Rc<[Option<usize>]> = (0..self.count(&link.from)).map(find).collect();
        let found = met[from];
        self.met.borrow_mut().insert(place, met);
        found
    }

    /// The records whose link leads to this one, as they stand.
    pub fn back(&self, link: &LinkRef, to: usize) -> Vec<usize> {
        (0..self.count(&link.from)).filter(|from| self.follow(link, *from) == Some(to)).collect()
    }

    /// A record as a value.
    pub fn record(&self, table: &Table, record: usize) -> Cell {
        let title: Vec<(Cell, Stored)> = table
            .title
            .iter()
            .map(|name| stored(table, name))
            .map(|column| (self.value(table, &column, record), column))
            .collect();
        let texts: Vec<String> =
            title.iter().filter_map(|(cell, column)| text(cell, &column.reader)).collect();
        let Some(key) = self.key(table, &table.key, record) else { return Cell::Missing };
        let key = key.join(", ");
        let shown = if texts.concat().is_empty() { key.clone() } else { texts.join(", ") };
        let title = title.into_iter().map(|(cell, _)| cell).collect();
        Cell::Record(Rc::new(Record { title, shown, key }))
    }

    /// A key's values as text, so that ends of different types meet; `None` where one is missing.
    fn key(&self, table: &Table, names: &[String], record: usize) -> Option<Vec<String>> {
        let part = |name: &String| {
            let column = stored(table, name);
            text(&self.value(table, &column, record), &column.reader)
        };
        names.iter().map(part).collect()
    }
}

/// A stored column, by its name.
fn stored(table: &Table, name: &str) -> Stored {
    let column = table.column(name).expect("a catalogue that reads").expect("a column of that name");
    match &column.from {
        From::Stored { heading, reader, missing } => Stored {
            name: column.name.clone(),
            heading: heading.clone(),
            reader: reader.clone(),
            missing: missing.clone(),
        },
        _ => panic!("{name} of {} is no column of the file", table.name),
    }
}

/// A known field's value; missing where it doesn't fit.
fn read(text: &str, reader: &Reader) -> Cell {
    match reader {
        Reader::Bool => Cell::of(text.parse().ok(), Cell::Bool),
        Reader::Integer => Cell::of(text.parse().ok(), Cell::Integer),
        Reader::Number => Cell::of(text.parse().ok(), Cell::Number),
        Reader::Category(_, codes) => {
            Cell::of(codes.iter().find(|(code, _)| code == text).map(|(_, at)| *at), Cell::Category)
        }
        Reader::Date(_) => Cell::of(parse_date(text).map(days), Cell::Date),
        Reader::Datetime(_) => Cell::of(parse_datetime(text), Cell::Datetime),
        Reader::Quantity(unit) => Cell::of(amount(text, unit), Cell::Integer),
        Reader::Text(casebook::catalog::Case::Upper) => Cell::text(text.to_uppercase()),
        _ => Cell::text(text),
    }
}

/// An amount in a unit, in base units, rounded half to even once.
pub fn amount(text: &str, unit: &Unit) -> Option<i64> {
    let read = Decimal::parse(text)?;
    let power = 10i128.pow(read.scale);
    i64::try_from(decimal::div_half_even(read.mantissa * unit.num, power * unit.den)?).ok()
}

/// What shows for a value in a key or a title.
fn text(cell: &Cell, reader: &Reader) -> Option<String> {
    Some(match (cell, reader) {
        (Cell::Text(text), _) => text.to_string(),
        (Cell::Category(at), Reader::Category(category, _)) => category.values[*at as usize].clone(),
        (Cell::Integer(n), Reader::Quantity(unit)) => {
            format!("{} {}", decimal::format_scaled((*n).into(), unit.num, unit.den, 9), unit.name)
        }
        (Cell::Integer(n), _) => n.to_string(),
        (Cell::Number(n), _) => n.to_string(),
        (Cell::Bool(truth), _) => truth.to_string(),
        _ => return None,
    })
}
