//! JSON lines: an object a row, a line each, its keys the headings. Numbers keep all their digits and missing is `null`,
//! as in [`super::json`]. An answer without rows is no line at all.
//!
//! ```text
//! {"drug_class":"A","weight [kg]":7.6}
//! {"drug_class":"B","weight [kg]":9.3}
//! ```
//!
//! Of several answers the rows follow one another. A program that reads lines takes them for one table, so each says
//! which answer it is of: its number and title stand before its own cells.

use std::collections::HashSet;

use super::json;
use super::value::{Cells, heading};
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Frame};

/// What says which answer a row is of.
const OF: [&str; 2] = ["answer", "title"];

/// Writes answers, their rows one after another.
pub fn write(answers: &[Answer]) -> Result<Vec<u8>, Diagnostic> {
    let mut bytes = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        let mut start = Vec::new();
        if answers.len() > 1 {
            start.extend_from_slice(format!("\"{}\":{},\"{}\":", OF[0], at + 1, OF[1]).as_bytes());
            match &answer.title {
                Some(title) => json::string(title, &mut start)?,
                None => start.extend_from_slice(b"null"),
            }
            start.push(b',');
        }
        let keys = keys(&answer.frame, if answers.len() > 1 { &OF } else { &[] })?;
        rows(&answer.frame, &start, &keys, &mut bytes)?;
    }
    Ok(bytes)
}

/// The key of each column, as JSON. A program that meets a key twice in an object drops one of its values.
fn keys(frame: &Frame, taken: &[&str]) -> Result<Vec<Vec<u8>>, Diagnostic> {
    let mut seen: HashSet<String> = taken.iter().map(|name| (*name).to_string()).collect();
    let mut keys = Vec::new();
    for name in frame.columns.iter().map(heading) {
        let mut key = Vec::new();
        json::string(&name, &mut key)?;
        key.push(b':');
        keys.push(key);
        if taken.contains(&&*name) {
            let mistake = Diagnostic::bare(
                "usage-format",
                format!("several answers can't be written as ndjson where one has a column `{name}`"),
            );
            return Err(mistake
                .help("ndjson says in `answer` and `title` which answer a row is of: rename the column")
                .help("or write one answer a file"));
        }
        if !seen.insert(name.clone()) {
            let mistake = format!("two columns of the answer are headed `{name}`, and ndjson holds one");
            return Err(Diagnostic::bare("usage-format", mistake).help("rename one of them"));
        }
    }
    Ok(keys)
}

fn rows(frame: &Frame, start: &[u8], keys: &[Vec<u8>], bytes: &mut Vec<u8>) -> Result<(), Diagnostic> {
    let cells = Cells::of_frame(frame)?;
    for row in 0..frame.data.height() {
        bytes.push(b'{');
        bytes.extend_from_slice(start);
        for (at, ((column, cells), key)) in frame.columns.iter().zip(&cells).zip(keys).enumerate() {
            if at > 0 {
                bytes.push(b',');
            }
            bytes.extend_from_slice(key);
            json::value(cells.get(row), column, bytes)?;
        }
        bytes.extend_from_slice(b"}\n");
    }
    Ok(())
}
