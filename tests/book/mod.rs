//! A casebook of a few lines, and what it answers.

use std::path::Path;

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

/// A casebook in a temporary folder.
pub struct Book {
    /// Where it is.
    pub folder: tempfile::TempDir,
}

impl Book {
    /// These files, under their names.
    pub fn new(files: &[(&str, &str)]) -> Book {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Book { folder }
    }

    /// The answer as CSV and its notes, or the code and message of what is wrong.
    pub fn ask(&self, question: &str) -> String {
        ask(self.folder.path(), question)
    }

    /// The question has this answer.
    pub fn gives(&self, question: &str, expected: &str) {
        assert_eq!(self.ask(question), expected, "{question}");
    }

    /// The question is refused with this code.
    pub fn refuses(&self, question: &str, code: &str) {
        let said = self.ask(question);
        assert!(said.starts_with(&format!("{code}: ")), "{question}\n{said}");
    }
}

/// The same of the casebook in a folder.
pub fn ask(folder: &Path, question: &str) -> String {
    let casebook = match Casebook::open(folder) {
        Ok(casebook) => casebook,
        Err(mistakes) => return format!("{}: {}", mistakes[0].code, mistakes[0].message),
    };
    // As of 16 October 2023.
    let settings = Settings { as_of: Some(19_646), ..Settings::default() };
    let queries = match casebook.compile(question, &settings) {
        Ok(queries) => queries,
        Err(mistakes) => return format!("{}: {}", mistakes[0].code, mistakes[0].message),
    };
    match casebook.answer(&queries[0]) {
        Ok(answer) => {
            let notes: String = answer.notes.iter().map(|note| format!("note: {note}\n")).collect();
            let csv = write(&[answer], Format::Csv, Options::default()).unwrap();
            String::from_utf8(csv).unwrap() + &notes
        }
        Err(mistake) => format!("{}: {}", mistake.code, mistake.message),
    }
}
