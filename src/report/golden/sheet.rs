//! An output read back: of each answer the headings, and the cells as they were written.

use serde_json::{Map, Value};

use crate::output::Format;

/// One answer.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its title, where the format has it.
    pub title: Option<String>,
    /// The headings.
    pub columns: Vec<String>,
    /// The cells of each row. Missing is empty.
    pub rows: Vec<Vec<String>>,
}

/// The answers in a text; `None` where the format is for readers, or the text is not of it.
pub fn read(text: &str, format: Format) -> Option<Vec<Sheet>> {
    match format {
        Format::Csv => answers(text).into_iter().map(|answer| separated(answer, b',')).collect(),
        Format::Tsv => answers(text).into_iter().map(|answer| separated(answer, b'\t')).collect(),
        Format::Json => serde_json::from_str::<Vec<Value>>(text).ok()?.iter().map(object).collect(),
        Format::Ndjson => lines(text),
        Format::Table | Format::Markdown => None,
    }
}

/// The parts between blank lines that stand in no quotes.
fn answers(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut at, mut quoted) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        if !quoted && line.trim_end_matches(['\r', '\n']).is_empty() {
            found.push(&text[start..at]);
            start = at + line.len();
        }
        // A quote within quotes is written twice.
        quoted ^= line.matches('"').count() % 2 == 1;
        at += line.len();
    }
    found.push(&text[start..]);
    found.retain(|answer| !answer.is_empty());
    found
}

fn separated(text: &str, separator: u8) -> Option<Sheet> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = reader.records().map(|row| Some(row.ok()?.iter().map(str::to_string).collect()));
    let columns = rows.next()??;
    Some(Sheet { title: None, columns, rows: rows.collect::<Option<_>>()? })
}

fn object(answer: &Value) -> Option<Sheet> {
    let columns = answer.get("columns")?.as_array()?;
    let rows = answer.get("rows")?.as_array()?;
    Some(Sheet {
        title: answer.get("title")?.as_str().map(str::to_string),
        columns: columns.iter().map(|name| name.as_str().map(str::to_string)).collect::<Option<_>>()?,
        rows: rows
            .iter()
            .map(|row| Some(row.as_array()?.iter().map(cell).collect()))
            .collect::<Option<_>>()?,
    })
}

/// Rows with the same keys after one another are one sheet's.
fn lines(text: &str) -> Option<Vec<Sheet>> {
    let mut sheets: Vec<Sheet> = Vec::new();
    for line in text.lines() {
        let row: Map<String, Value> = serde_json::from_str(line).ok()?;
        let columns: Vec<String> = row.keys().cloned().collect();
        let cells = row.values().map(cell).collect();
        match sheets.last_mut() {
            Some(sheet) if sheet.columns == columns => sheet.rows.push(cells),
            _ => sheets.push(Sheet { title: None, columns, rows: vec![cells] }),
        }
    }
    Some(sheets)
}

/// As it is written: a text that looks like a number isn't one.
fn cell(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}
