//! Where a file goes wrong. The engine says that it could not read; this looks for the line.

use std::io::BufRead;
use std::path::Path;

use super::headings::{csv_error, csv_reader, headings};
use super::{open, unreadable};
use crate::catalog::Format;
use crate::diagnostic::Diagnostic;

/// The first line of a CSV file that is not text, or has another number of fields than the heading; `None`
/// where nothing is wrong with any.
pub fn first_fault(path: &Path) -> Option<Diagnostic> {
    match find(path) {
        Ok(fault) => fault,
        Err(mistake) => Some(mistake),
    }
}

fn find(path: &Path) -> Result<Option<Diagnostic>, Diagnostic> {
    let width = headings(path, Format::Csv)?.len();
    let mut reader = csv_reader(path)?;
    let mut record = csv::ByteRecord::new();
    loop {
        let more = reader.read_byte_record(&mut record).map_err(|error| csv_error(path, error))?;
        if !more {
            return Ok(None);
        }
        let line = record.position().map_or(0, csv::Position::line);
        let says =
            |what: String| Diagnostic::bare("data-read", format!("{}, line {line}: {what}", path.display()));
        if let Some(field) = record.iter().find(|field| std::str::from_utf8(field).is_err()) {
            let shown = String::from_utf8_lossy(field);
            let shown: String = shown.chars().take(40).collect();
            return Ok(Some(says(format!("`{shown}` is not UTF-8 text")).help("save the file as UTF-8")));
        }
        if record.len() != width {
            let broken = record.iter().any(|field| field.contains(&b'\n'));
            let fault = says(format!("{} fields, where the heading has {width}", record.len()));
            return Ok(Some(if broken {
                fault.help("a quote that opens in this line may never be closed")
            } else {
                fault.help("a comma within a value needs quotes around the value")
            }));
        }
    }
}

/// Has a CSV file lines without anything in them, but for separators? Spreadsheets like to leave such lines
/// at the end, and they are no records. Also true where a value within quotes holds such a line.
pub fn has_empty_lines(path: &Path) -> Result<bool, Diagnostic> {
    let mut lines = std::io::BufReader::with_capacity(1 << 20, open(path)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => return Ok(false),
            Ok(_) if line.iter().all(|byte| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n')) => {
                return Ok(true);
            }
            Ok(_) => {}
            Err(error) => return Err(unreadable(path, &error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, bytes).unwrap();
        first_fault(&path).map(|fault| fault.message.rsplit("t.csv").next().unwrap().to_string())
    }

    #[test]
    fn the_line_is_named() {
        assert_eq!(fault(b"a,b\n1,2\n"), None);
        assert_eq!(
            fault(b"a,b\n1,2\n1,2,3\n").as_deref(),
            Some(", line 3: 3 fields, where the heading has 2")
        );
        assert_eq!(fault(b"a,b\n1,\xff\n").as_deref(), Some(", line 2: `\u{fffd}` is not UTF-8 text"));
        assert_eq!(fault(b"a,b\n1,\"2\n3,4\n5,6,7\n").as_deref(), None);
    }
}
