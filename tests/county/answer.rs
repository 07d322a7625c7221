//! Answers that were counted by hand, to be held against a golden file. A figure that is exact is written out and must
//! stand there letter by letter; a quotient is a float whose last digits hang on the order of the divisions, and
//! must be there but for those.

use std::fmt::Display;
use std::path::Path;

/// A decimal times `scale`, exactly; a half is rounded to the even side.
pub fn scaled(text: &str, scale: i128) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let power = 10_i128.pow(part.len() as u32);
    let number = format!("{whole}{part}").parse::<i128>().unwrap() * scale;
    let (quotient, twice) = (number.div_euclid(power), 2 * number.rem_euclid(power));
    quotient + i128::from(twice > power || twice == power && quotient % 2 == 1)
}

/// One cell of an answer.
#[derive(Clone, Debug)]
pub enum Cell {
    /// What it says, to the letter.
    Exact(String),
    /// A float, but for its last digits.
    Near(f64),
}

/// An answer: its columns, and its rows.
#[derive(Debug)]
pub struct Counted {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Counted {
    /// No rows yet.
    pub fn of(columns: &[&str]) -> Counted {
        Counted { columns: columns.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// One more row.
    pub fn row(&mut self, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.columns.len(), "{:?}", self.columns);
        self.rows.push(cells);
    }
}

/// A text or a whole number.
pub fn exact(value: impl Display) -> Cell {
    Cell::Exact(value.to_string())
}

/// A text or a whole number, or nothing where it is missing.
pub fn maybe(value: Option<impl Display>) -> Cell {
    value.map_or_else(empty, exact)
}

/// Nothing: what is missing.
pub fn empty() -> Cell {
    Cell::Exact(String::new())
}

/// A count of 1/10^`places`, written as a decimal without trailing noughts.
pub fn decimal(count: i128, places: usize) -> Cell {
    let digits = format!("{:0>width$}", count.abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let text = format!("{}{whole}.{part}", if count < 0 { "-" } else { "" });
    exact(text.trim_end_matches('0').trim_end_matches('.'))
}

/// A decimal where it is known.
pub fn maybe_decimal(count: Option<i128>, places: usize) -> Cell {
    count.map_or_else(empty, |count| decimal(count, places))
}

/// One number over another, in per cent; nothing over nought is missing.
pub fn percent(part: i128, whole: i128) -> Cell {
    if whole == 0 { empty() } else { Cell::Near(part as f64 / whole as f64 * 100.0) }
}

/// A float where it is known.
pub fn near(value: Option<f64>) -> Cell {
    value.map_or_else(empty, Cell::Near)
}

/// Holds the answers of a golden file against those counted: each column, each row, each cell.
pub fn hold(golden: &Path, counted: &[(&str, Counted)]) {
    hold_answers(&golden.display().to_string(), &std::fs::read_to_string(golden).unwrap(), counted);
}

/// Holds answers in CSV, by the name of what gave them, against those counted.
pub fn hold_answers(from: &str, text: &str, counted: &[(&str, Counted)]) {
    let answers: Vec<&str> = text.split("\n\n").collect();
    let mut wrong = String::new();
    for (answer, (title, counted)) in answers.iter().zip(counted) {
        if let Some(why) = difference(answer, counted) {
            wrong += &format!("{title}: {why}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(answers.len(), counted.len(), "answers of {from} that nobody counted");
}

/// The first thing that is not as counted.
fn difference(answer: &str, counted: &Counted) -> Option<String> {
    let mut reader = csv::Reader::from_reader(answer.as_bytes());
    let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    if columns != counted.columns {
        return Some(format!("columns {columns:?}, and not {:?}", counted.columns));
    }
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (at, (row, wanted)) in rows.iter().zip(&counted.rows).enumerate() {
        let same = row.iter().zip(wanted).all(|(cell, wanted)| match wanted {
            Cell::Exact(text) => cell == text,
            Cell::Near(value) => {
                cell.parse::<f64>().is_ok_and(|cell| (cell - value).abs() <= 1e-11 * value.abs().max(1.0))
            }
        });
        if !same {
            return Some(format!("row {} is {row:?}, and not {wanted:?}", at + 1));
        }
    }
    (rows.len() != counted.rows.len()).then(|| format!("{} rows, and not {}", rows.len(), counted.rows.len()))
}
