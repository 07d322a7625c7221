//! Files as they come: every way to store records gives the same answers, and what is rough about a file is
//! either read right or refused with a message that says where. The real command runs on each, in a folder
//! and with a cache of the test's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use assert_cmd::Command;
use polars::prelude::*;
use tempfile::TempDir;

#[path = "rough/broken.rs"]
mod broken;
#[path = "rough/cache.rs"]
mod cache;
#[path = "rough/catalogue.rs"]
mod catalogue;
#[path = "rough/forms.rs"]
mod forms;
#[path = "rough/inferred.rs"]
mod inferred;
#[path = "rough/ndjson.rs"]
mod ndjson;
#[path = "rough/odd.rs"]
mod odd;
#[path = "rough/several.rs"]
mod several;
#[path = "rough/typed.rs"]
mod typed;
#[path = "rough/zones.rs"]
mod zones;

/// A folder of data, and a cache beside it.
struct Folder {
    dir: TempDir,
    cache: TempDir,
}

/// How a run of the command ended.
#[derive(Debug, PartialEq)]
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new() -> Folder {
        Folder { dir: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap() }
    }

    /// A folder with a catalogue.
    fn with(catalogue: &str) -> Folder {
        let folder = Folder::new();
        folder.put("casebook.toml", catalogue);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes a file, as of an hour ago, so that what is found in it is kept.
    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        self.age(name);
    }

    fn age(&self, name: &str) {
        let file = fs::OpenOptions::new().append(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    fn parquet(&self, name: &str, columns: Vec<Column>) {
        ParquetWriter::new(fs::File::create(self.path(name)).unwrap()).finish(&mut frame(columns)).unwrap();
        self.age(name);
    }

    fn arrow(&self, name: &str, columns: Vec<Column>) {
        IpcWriter::new(fs::File::create(self.path(name)).unwrap()).finish(&mut frame(columns)).unwrap();
        self.age(name);
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
        command.current_dir(self.dir.path()).env("XDG_CACHE_HOME", self.cache.path()).env("NO_COLOR", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let output = self.command().args(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Of values that do not fit the notes say where the first stands; what it is, a test of its own asks.
    fn ask(&self, question: &str) -> Ended {
        let ended = self.run(&["query", question]);
        let value = regex::Regex::new(r#": "([^"\\]|\\.)*" is no(ne of its values| [a-z]+)\)"#).unwrap();
        Ended { err: value.replace_all(&ended.err, ")").into_owned(), ..ended }
    }

    /// The answer to a question, twice the same: from the files and from what was kept of them. Without a word
    /// beside it.
    #[track_caller]
    fn answers(&self, question: &str, answer: &str) {
        self.notes(question, answer, "");
    }

    /// The answer, and what standard error says.
    #[track_caller]
    fn notes(&self, question: &str, answer: &str, notes: &str) {
        let first = self.ask(question);
        assert_eq!((first.code, &*first.out, &*first.err), (0, answer, notes), "{question}");
        assert_eq!(self.ask(question), first, "once more: {question}");
    }

    /// The run ends with this code, says all of these, and gives no answer.
    #[track_caller]
    fn fails(&self, question: &str, code: i32, says: &[&str]) {
        for _ in 0..2 {
            let ended = self.ask(question);
            assert_eq!((ended.code, &*ended.out), (code, ""), "{question}: {}", ended.err);
            for part in says {
                assert!(ended.err.contains(part), "{question}: no `{part}` in\n{}", ended.err);
            }
        }
    }
}

fn frame(columns: Vec<Column>) -> DataFrame {
    DataFrame::new(columns[0].len(), columns).unwrap()
}

/// A column of texts; the empty one is null.
fn texts(name: &str, values: &[&str]) -> Column {
    let values: Vec<Option<&str>> =
        values.iter().map(|value| Some(*value).filter(|v| !v.is_empty())).collect();
    Column::new(name.into(), values)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// The files in a folder and those below it.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}
