//! A text file's records, one after another, with the line that each starts on. The csv crate (or serde_json)
//! reads them; [`Watch`] looks over its shoulder for what another reader would take differently.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read};

use csv::ByteRecord;
use memchr::{memchr, memchr_iter};
use polars_buffer::Buffer;

use super::json::{self, Field};
use super::{File, Format, text, unreadable};
use crate::diagnostic::Diagnostic;

/// An open text file.
pub struct Records<'f> {
    file: &'f File,
    separator: u8,
    decoded: bool,
    kind: Kind,
}

enum Kind {
    Separated(csv::Reader<Watch<Box<dyn Read + Send>>>, usize),
    Objects(BufReader<Box<dyn Read + Send>>),
}

/// What is done with a record: its line, its fields in the order of the headings.
pub type Each<'e> = dyn FnMut(u64, &ByteRecord) -> Result<(), Diagnostic> + 'e;

/// What is done with a JSON object: its line, its keys and values.
pub(super) type EachObject<'e> = dyn FnMut(u64, &[(Cow<'_, str>, Field<'_>)]) -> Result<(), Diagnostic> + 'e;

/// What the whole file turned out to be.
#[derive(Debug, Default)]
pub struct Seen {
    /// The engine's own reader would take it for something else: it must be given [`File::rewritten`].
    pub odd: bool,
    /// Some empty fields stand in quotes, which the engine's own reader takes for texts of no letters.
    pub quoted_empty: bool,
    /// Which rows, counted from 0 after the heading, are lines with nothing in them at all.
    pub empty: Vec<u64>,
}

impl<'f> Records<'f> {
    /// The records of a file, in whichever format of text.
    pub fn open(file: &'f File) -> Result<Records<'f>, Diagnostic> {
        match file.format {
            Format::Ndjson => Records::objects(file),
            _ => Ok(Records::separated(file)?.0),
        }
    }

    /// A CSV or TSV file and its headings, as they stand.
    pub(super) fn separated(file: &'f File) -> Result<(Records<'f>, Vec<String>), Diagnostic> {
        let text = file.text()?;
        let mut start = BufReader::with_capacity(text::BUFFER, text.reader);
        let separator = match file.format {
            Format::Tsv => b'\t',
            _ => text::separator(start.fill_buf().map_err(|error| unreadable(&file.path, &error))?),
        };
        let reader: Box<dyn Read + Send> = Box::new(start);
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(separator)
            .buffer_capacity(text::BUFFER)
            .from_reader(Watch::new(reader, separator));
        csv.byte_headers().map_err(|error| unread(file, error))?;
        csv.get_mut().starts.pop_front();
        let record = csv.byte_headers().map_err(|error| unread(file, error))?;
        let path = file.path.display();
        let empty = |message: String| Diagnostic::bare("data-empty", message);
        if record.is_empty() {
            return Err(empty(format!("{path} is empty: it has no heading line")));
        }
        let mut headings = Vec::with_capacity(record.len());
        for field in record {
            let heading = std::str::from_utf8(field).map_err(|_| {
                let message = format!("the heading line of {path} is not UTF-8 text");
                Diagnostic::bare("data-encoding", message).help(SAVE_AS)
            })?;
            headings.push(heading.to_string());
        }
        if headings.iter().any(|heading| heading.contains(['\0', '\u{1}'])) {
            let message = format!("{path} is not text: there are null bytes in its heading line");
            return Err(Diagnostic::bare("data-format", message));
        }
        if let [only] = headings.as_slice()
            && only.is_empty()
        {
            return Err(empty(format!("{path} has an empty heading line")));
        }
        let kind = Kind::Separated(csv, headings.len());
        Ok((Records { file, separator, decoded: text.decoded, kind }, headings))
    }

    /// A file of JSON objects, one a line.
    pub(super) fn objects(file: &'f File) -> Result<Records<'f>, Diagnostic> {
        let text = file.text()?;
        let reader = BufReader::with_capacity(text::BUFFER, text.reader);
        Ok(Records { file, separator: b',', decoded: text.decoded, kind: Kind::Objects(reader) })
    }

    /// What stands between two fields.
    pub fn separator(&self) -> u8 {
        self.separator
    }

    /// Every record in turn. Ends with an error at the first line that is no text, or no record of the
    /// heading's width.
    pub fn each(mut self, each: &mut Each<'_>) -> Result<Seen, Diagnostic> {
        let file = self.file;
        let Kind::Separated(csv, width) = &mut self.kind else {
            return self.each_line(each);
        };
        let width = *width;
        let mut record = ByteRecord::new();
        let mut last = 1;
        while csv.read_byte_record(&mut record).map_err(|error| unread(file, error))? {
            // The csv crate's own count stands where the record before ended: ahead of empty lines, and of the
            // line feed after a carriage return.
            let line = csv.get_mut().starts.pop_front().unwrap_or_default();
            last = line;
            if record.len() == 1 && record.as_slice().trim_ascii().is_empty() {
                // A line of nothing but blanks is no record, however many fields it lacks.
                (1..width).for_each(|_| record.push_field(b""));
            }
            if record.len() != width {
                return Err(ragged(file, line, &record, width));
            }
            if !record.as_slice().is_ascii() {
                check_text(file, line, &record)?;
            }
            each(line, &record)?;
        }
        let watch = csv.get_ref();
        if watch.at == At::Quoted {
            let what = "a quote opens in this record and is never closed";
            return Err(says(file, last, "data-read", what));
        }
        let odd = watch.odd || watch.lone_returns || self.decoded;
        Ok(Seen {
            odd,
            // Written anew, they have none.
            quoted_empty: watch.quoted_empty && !odd,
            empty: watch.empty.clone(),
        })
    }

    /// Every JSON object in turn.
    pub(super) fn each_object(&mut self, each: &mut EachObject<'_>) -> Result<(), Diagnostic> {
        let file = self.file;
        let Kind::Objects(reader) = &mut self.kind else { return Ok(()) };
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(|error| unreadable(&file.path, &error))?;
            if read == 0 {
                break;
            }
            let text = std::str::from_utf8(&line).map_err(|error| {
                let at = error.valid_up_to();
                let around = line.get(at.saturating_sub(20)..).unwrap_or_default();
                not_utf8(file, number, around)
            })?;
            if text.trim().is_empty() {
                continue;
            }
            let object = json::object(text).map_err(|why| {
                says(file, number, "data-read", "this is no JSON object")
                    .help(format!("reading it failed: {why}"))
            })?;
            each(number, &object)?;
        }
        Ok(())
    }

    /// JSON objects as records of the file's headings; an absent or null value is an empty field.
    fn each_line(mut self, each: &mut Each<'_>) -> Result<Seen, Diagnostic> {
        let headings = &self.file.shape()?.headings;
        let places: HashMap<&str, usize> =
            headings.iter().enumerate().map(|(at, heading)| (heading.as_str(), at)).collect();
        let mut record = ByteRecord::new();
        let mut row: Vec<Option<usize>> = Vec::new();
        self.each_object(&mut |line, object| {
            row.clear();
            row.resize(headings.len(), None);
            for (at, (key, _)) in object.iter().enumerate() {
                if let Some(place) = places.get(key.as_ref()).and_then(|place| row.get_mut(*place)) {
                    *place = Some(at);
                }
            }
            record.clear();
            for at in &row {
                let field = at.and_then(|at| object.get(at)).map_or("", |(_, field)| field.text());
                record.push_field(field.as_bytes());
            }
            each(line, &record)
        })?;
        // The engine's own reader takes numbers for floats, and counts lines in another way.
        Ok(Seen { odd: true, quoted_empty: false, empty: Vec::new() })
    }
}

const SAVE_AS: &str = "save it as UTF-8, or say what it is below its table: encoding = \"windows-1252\"";

fn says(file: &File, line: u64, code: &'static str, what: &str) -> Diagnostic {
    Diagnostic::bare(code, format!("{}, line {line}: {what}", file.path.display()))
}

fn ragged(file: &File, line: u64, record: &ByteRecord, width: usize) -> Diagnostic {
    let fields = if record.len() == 1 { "field" } else { "fields" };
    let what = format!("{} {fields}, where the heading has {width}", record.len());
    let fault = says(file, line, "data-read", &what);
    if record.iter().any(|field| field.contains(&b'\n')) {
        fault.help("a quote that opens in this line may never be closed")
    } else {
        fault.help("a separator within a value needs quotes around the value")
    }
}

fn check_text(file: &File, line: u64, record: &ByteRecord) -> Result<(), Diagnostic> {
    for field in record {
        if std::str::from_utf8(field).is_err() {
            return Err(not_utf8(file, line, field));
        }
    }
    Ok(())
}

fn not_utf8(file: &File, line: u64, text: &[u8]) -> Diagnostic {
    let shown: String = String::from_utf8_lossy(text).chars().take(40).collect();
    says(file, line, "data-encoding", &format!("`{}` is not UTF-8 text", shown.trim())).help(SAVE_AS)
}

fn unread(file: &File, error: csv::Error) -> Diagnostic {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => unreadable(&file.path, &error),
        _ => Diagnostic::bare("data-unreadable", format!("cannot read {}: {text}", file.path.display())),
    }
}

/// All records once more, as plain comma-separated UTF-8.
pub(super) fn rewrite(file: &File) -> Result<Buffer<u8>, Diagnostic> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| {
        Diagnostic::bare("data-unreadable", format!("cannot read {}: {error}", file.path.display()))
    };
    out.write_record(&file.shape()?.headings).map_err(failed)?;
    Records::open(file)?.each(&mut |_, record| out.write_byte_record(record).map_err(failed))?;
    let bytes = out.into_inner().map_err(|error| failed(error.into_error().into()))?;
    Ok(bytes.into())
}

/// Bytes on their way to the csv crate. It and the engine agree on records where quotes stand around whole
/// fields and lines end in a line feed; this finds out whether that is so, and which lines are empty.
struct Watch<R> {
    inner: R,
    separator: u8,
    at: At,
    /// The byte before was a carriage return.
    after_return: bool,
    /// The line so far holds nothing.
    line_is_empty: bool,
    /// Lines so far, line breaks within quotes not counted.
    lines: u64,
    odd: bool,
    lone_returns: bool,
    /// The byte before opened a quoted field.
    opened: bool,
    quoted_empty: bool,
    empty: Vec<u64>,
    /// The line that is read, as an editor numbers it: after a line feed, a carriage return or both.
    line: u64,
    /// The byte before was a carriage return, within quotes too.
    returned: bool,
    /// Something of a record has been read that has not ended.
    within: bool,
    /// Where records start that nobody has asked for yet.
    starts: VecDeque<u64>,
}

/// Where in a record a byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Start,
    Unquoted,
    Quoted,
    /// After a quote within quotes: the end of them, or the first of two.
    Quote,
}

impl<R> Watch<R> {
    fn new(inner: R, separator: u8) -> Watch<R> {
        Watch {
            inner,
            separator,
            at: At::Start,
            after_return: false,
            line_is_empty: true,
            lines: 0,
            odd: false,
            lone_returns: false,
            opened: false,
            quoted_empty: false,
            empty: Vec::new(),
            line: 1,
            returned: false,
            within: false,
            starts: VecDeque::new(),
        }
    }

    fn see(&mut self, bytes: &[u8]) {
        let calm = self.at != At::Quoted && self.at != At::Quote && !self.returned;
        if calm && memchr(b'"', bytes).is_none() && memchr(b'\r', bytes).is_none() {
            self.see_plain(bytes);
            return;
        }
        for byte in bytes {
            self.see_byte(*byte);
        }
    }

    /// Bytes without quotes and carriage returns.
    fn see_plain(&mut self, bytes: &[u8]) {
        let mut start = 0;
        for end in memchr_iter(b'\n', bytes) {
            if end > start {
                self.line_is_empty = false;
                self.begin();
            }
            self.end_line();
            self.line += 1;
            self.within = false;
            start = end + 1;
        }
        if start < bytes.len() {
            self.line_is_empty = false;
            self.begin();
        }
        if let Some(last) = bytes.last() {
            self.at = if *last == b'\n' || *last == self.separator { At::Start } else { At::Unquoted };
        }
    }

    /// A byte of a record.
    fn begin(&mut self) {
        if !self.within {
            self.within = true;
            self.starts.push_back(self.line);
        }
    }

    /// Counts lines, and the records that start on them. A carriage return is counted with the byte after it:
    /// a line feed there belongs to the same break.
    fn count(&mut self, byte: u8) {
        if byte == b'\n' || self.returned {
            self.line += 1;
        }
        self.returned = byte == b'\r';
        if self.at != At::Quoted && (byte == b'\n' || byte == b'\r') {
            self.within = false;
        } else {
            self.begin();
        }
    }

    fn see_byte(&mut self, byte: u8) {
        self.count(byte);
        if self.after_return && byte != b'\n' {
            self.lone_returns = true;
        }
        self.after_return = byte == b'\r' && self.at != At::Quoted;
        let opened = std::mem::replace(&mut self.opened, self.at == At::Start && byte == b'"');
        self.quoted_empty |= opened && byte == b'"';
        self.at = match (self.at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (At::Quote, b'"') => At::Quoted,
            (_, b'\n') => {
                self.end_line();
                return;
            }
            (at, b'\r') => at,
            (_, byte) if byte == self.separator => At::Start,
            (At::Start, b'"') => At::Quoted,
            (At::Quote, _) => {
                self.odd = true;
                At::Unquoted
            }
            (_, byte) => {
                self.odd |= byte == b'"';
                At::Unquoted
            }
        };
        self.line_is_empty &= byte == b'\r';
    }

    fn end_line(&mut self) {
        if self.line_is_empty {
            match self.lines.checked_sub(1) {
                Some(row) => self.empty.push(row),
                // Nothing before the heading either: readers differ on where that is.
                None => self.odd = true,
            }
        }
        self.lines += 1;
        self.line_is_empty = true;
        self.at = At::Start;
    }
}

impl<R: Read> Read for Watch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.see(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watched(text: &[u8], chunk: usize) -> (bool, bool, Vec<u64>) {
        let mut watch = Watch::new(std::io::empty(), b',');
        text.chunks(chunk).for_each(|bytes| watch.see(bytes));
        (watch.odd, watch.lone_returns, watch.empty)
    }

    #[test]
    fn what_readers_take_differently() {
        for chunk in [1, 2, 3, 1000] {
            let is = |text: &[u8], odd, lone, empty: &[u64]| {
                let found = watched(text, chunk);
                assert_eq!(found, (odd, lone, empty.to_vec()), "{:?}", String::from_utf8_lossy(text));
            };
            is(b"a,b\n1,2\n", false, false, &[]);
            is(b"a,b\r\n1,\"x, \"\"y\"\"\nz\"\r\n", false, false, &[]);
            is(b"a,b\n\n1,2\n\n", false, false, &[0, 2]);
            is(b"a,b\r\n\r\n1,2\r\n", false, false, &[0]);
            is(b"a,b\n1,\"x\n\ny\"\n\n", false, false, &[1]);
            is(b"a,b\n1,5\" knife\n", true, false, &[]);
            is(b"a,b\n1,\"x\" y\n", true, false, &[]);
            is(b"a,b\n1, \"x\"\n", true, false, &[]);
            is(b"a,b\r1,2\r", false, true, &[]);
            is(b"\na,b\n1,2\n", true, false, &[]);
        }
    }
}
