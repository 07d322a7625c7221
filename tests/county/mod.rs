//! The county lines files read by hand, for the tests that count them again. Nothing here is Casebook's: a record is a
//! map from heading to text, and what the catalogue says of a column (two ways to write a date, three units of weight,
//! capitals in a borough's name, words for what is not known) is said once more, in plain functions.

// Each test that counts again needs a part of it.
#![allow(dead_code)]

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

pub mod answer;

pub use answer::scaled;

/// Grams and kilograms and ounces, in nanograms.
pub const UNITS: [(&str, i128); 3] =
    [("g", 1_000_000_000), ("kg", 1_000_000_000_000), ("oz", 28_349_523_125)];

/// In the catalogue's order.
pub const ROLES: [&str; 3] = ["line holder", "runner", "other"];

/// Where the example casebook lies.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")
}

/// A record by column name.
pub type Record = HashMap<String, String>;

/// A file's records; a line that repeats another whole is left out.
pub fn read(name: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(folder().join(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut seen = HashSet::new();
    let mut records = Vec::new();
    for line in reader.records() {
        let line = line.unwrap();
        if seen.insert(line.iter().map(str::to_owned).collect::<Vec<_>>()) {
            records.push(header.iter().map(str::to_owned).zip(line.iter().map(str::to_owned)).collect());
        }
    }
    records
}

/// A day as year, month and day, which compare as they should; from either of the two ways in which the files write it.
pub fn day(text: &str) -> Option<(u32, u32, u32)> {
    let date = text.split(' ').next()?;
    let turned = date.contains('/');
    let mut parts: Vec<u32> = date
        .split(['-', '/'])
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()
        .filter(|parts: &Vec<_>| parts.len() == 3)?;
    if turned {
        parts.reverse();
    }
    Some((parts[0], parts[1], parts[2]))
}

/// Days since the year 0 or so: enough to tell how many lie between two.
pub fn number_of(day: (u32, u32, u32)) -> i64 {
    let (year, month, day) = (i64::from(day.0), i64::from(day.1), i64::from(day.2));
    // Years that begin in March have their leap day last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + day
}

/// A borough as the catalogue reads it.
pub fn borough(text: &str) -> Option<String> {
    let text = text.trim();
    if ["", "N/K", "Unknown"].contains(&text) {
        return None;
    }
    let words = text.split(' ').map(|word| word[..1].to_uppercase() + &word[1..].to_lowercase());
    Some(words.collect::<Vec<_>>().join(" "))
}

/// What a field says, if it is known.
pub fn known(text: &str) -> Option<String> {
    let text = text.trim();
    (!["", "N/K", "Unknown"].contains(&text)).then(|| text.to_string())
}

/// The minute that a field names, in either of the two ways in which the files write it.
pub fn minute(text: &str) -> NaiveDateTime {
    let formats = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"];
    formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()).unwrap()
}

/// The day that a field names.
pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The Monday of a day's week.
pub fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(day.weekday().num_days_from_monday().into())
}

/// A day between two, both included, as text.
pub fn within(day: NaiveDate, first: &str, last: &str) -> bool {
    (date(first)..=date(last)).contains(&day)
}

/// A seizure's weight in nanograms, where its unit is one of weight.
pub fn weight(seizure: &Record) -> Option<i128> {
    let (_, scale) = UNITS.iter().find(|(unit, _)| *unit == seizure["unit"])?;
    Some(scaled(&seizure["quantity"], *scale))
}

/// A seizure's value in 1/10,000 pounds, where its unit is the pound.
pub fn value(seizure: &Record) -> Option<i128> {
    (seizure["unit"] == "GBP").then(|| scaled(&seizure["quantity"], 10_000))
}

/// What sorts as a group's key does: missing is last.
pub type Key<T> = (bool, Option<T>);

/// A value as the key of a group.
pub fn key<T>(value: Option<T>) -> Key<T> {
    (value.is_none(), value)
}
