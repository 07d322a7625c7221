//! How an answer looks: a table fitted to the terminal, the notes, and a dim line that says how much there is, how long
//! it took and how many records were looked at. Answers go to standard output, all else to standard error.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::pager::Paged;
use super::session::Timed;
use super::{Repl, Trouble, complain, page, pager, terminal};
use crate::frame::Answer;
use crate::output::table::{Room, fitted};
use crate::output::value::{unsafe_to_print, visible};
use crate::output::{self, Format, Options};

/// At least so many rows are shown, however low the terminal is.
const FEWEST: usize = 10;

/// Lines that are not rows: title, heading, notes, the prompt.
const AROUND: usize = 8;

/// As many headings of columns without room are named.
const NAMED: usize = 6;

/// Written between two looks at Ctrl-C.
const CHUNK: usize = 1 << 16;

impl Repl {
    /// Shows an answer.
    pub(super) fn show(&mut self, timed: &Timed) -> Result<(), Trouble> {
        let answer = &timed.answer;
        let mut said = Vec::new();
        let height = answer.frame.data.height();
        if self.format == Format::Table {
            let size = terminal::size();
            let room = Room { width: size.map(|(width, _)| width), rows: self.rows(size) };
            let table = fitted(answer, room)?;
            self.write(table.text.as_bytes())?;
            said.push(match table.rows {
                Some(shown) => format!("{}, {} of them shown: .all for the rest", rows(height), count(shown)),
                None => rows(height),
            });
            if !table.left_out.is_empty() {
                self.dim(&no_room_for(&table.left_out))?;
            }
        } else {
            let (answer, format) = (answer.clone(), self.format);
            let bytes = self.work(move || output::write(&[answer], format, Options::default()))??;
            self.write(&bytes)?;
            said.push(rows(height));
        }
        self.tell_notes(answer)?;
        said.push(seconds(timed.took));
        said.push(format!("{} read", rows(usize::try_from(timed.read).unwrap_or(usize::MAX))));
        self.dim(&said.join(" · "))?;
        self.write(b"\n")
    }

    /// Tells the notes of an answer.
    pub(super) fn tell_notes(&self, answer: &Answer) -> io::Result<()> {
        for note in &answer.notes {
            let note = format!("note: {}", visible(note));
            complain(&format!("{}\n", page::wrap(&note, 6, terminal::width())))?;
        }
        Ok(())
    }

    /// Shows all of an answer: by the pager where it is more than a screen.
    pub(super) fn show_all(&mut self, timed: &Timed) -> Result<(), Trouble> {
        let size = terminal::size().filter(|_| !terminal::is_dumb());
        let answer = timed.answer.clone();
        let format = self.format;
        let text = self.work(move || output::write(&[answer], format, Options::default()))??;
        if size.is_some() && self.page(&printable(&String::from_utf8_lossy(&text)))? {
            return Ok(());
        }
        let answer = timed.answer.clone();
        let width = terminal::width();
        let text = self.work(move || output::write(&[answer], format, Options { width }))??;
        self.write(&text)
    }

    /// Shows a text that is more than a screen by the pager; false where it isn't, or there is none.
    fn page(&self, text: &str) -> io::Result<bool> {
        let Some((width, height)) = terminal::size().filter(|_| !terminal::is_dumb()) else {
            return Ok(false);
        };
        let wide = text.lines().any(|line| unicode_width::UnicodeWidthStr::width(line) > usize::from(width));
        if !wide && text.lines().count() + 2 <= usize::from(height) {
            return Ok(false);
        }
        match pager::show(text.as_bytes())? {
            Paged::Shown => Ok(true),
            Paged::NoPager => Ok(false),
            Paged::Wrong(why) => {
                complain(&format!("note: {}; PAGER names the pager\n", visible(&why)))?;
                Ok(false)
            }
        }
    }

    /// Writes a text of Casebook's own, by the pager where it is more than a screen.
    pub(super) fn tell(&self, text: &str) -> Result<(), Trouble> {
        let text = printable(text);
        if self.page(&text)? { Ok(()) } else { self.write(text.as_bytes()) }
    }

    /// How many rows are shown of a long answer.
    fn rows(&self, size: Option<(u16, u16)>) -> Option<usize> {
        match self.most_rows {
            Some(rows) => Some(rows).filter(|rows| *rows > 0),
            // A file or a pipe takes all of them.
            None => size.map(|(_, height)| usize::from(height).saturating_sub(AROUND).max(FEWEST)),
        }
    }

    /// Writes to standard output; Ctrl-C ends it.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), Trouble> {
        let safe;
        let mut bytes = bytes;
        if io::stdout().is_terminal() {
            safe = printable(&String::from_utf8_lossy(bytes)).into_owned();
            bytes = safe.as_bytes();
        }
        let mut out = io::stdout().lock();
        for chunk in bytes.chunks(CHUNK) {
            out.write_all(chunk)?;
            if bytes.len() > CHUNK && self.worker.interrupted() {
                out.write_all(b"\n")?;
                return Err(Trouble::GivenUp);
            }
        }
        Ok(out.flush()?)
    }

    /// A line that is not the answer.
    pub(super) fn dim(&self, text: &str) -> io::Result<()> {
        let text = page::wrap(&visible(text), 0, terminal::width());
        let coloured = self.style.colour && io::stderr().is_terminal();
        complain(&if coloured { format!("\u{1b}[2m{text}\u{1b}[0m\n") } else { format!("{text}\n") })
    }
}

/// A text of several lines, none of which moves the cursor or colours the terminal.
fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| c != '\n' && c != '\t' && unsafe_to_print(c)) {
        return Cow::Borrowed(text);
    }
    let lines = text.split('\n').map(|line| line.split('\t').map(visible).collect::<Vec<_>>().join("\t"));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

fn no_room_for(columns: &[String]) -> String {
    let mut named = columns.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if columns.len() > NAMED {
        named.push_str(", …");
    }
    let (count, verb) = (columns.len(), if columns.len() == 1 { "column does" } else { "columns do" });
    format!("{count} more {verb} not fit: {named}. .all shows them, | select picks some")
}

/// `1 row`, `1,234 rows`
fn rows(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "row" } else { "rows" })
}

/// With its thousands set off.
fn count(number: usize) -> String {
    crate::frame::count(number as u64)
}

fn seconds(took: Duration) -> String {
    if took < Duration::from_millis(100) {
        return format!("{} ms", took.as_millis());
    }
    format!("{:.2} s", took.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(printable("a\tb\nc"), "a\tb\nc");
        assert_eq!(printable("a\t\u{1b}[31mb\n\u{7}"), "a\t\\u{1b}[31mb\n\\u{7}");
    }

    #[test]
    fn words() {
        assert_eq!(rows(1), "1 row");
        assert_eq!(rows(1_234_567), "1,234,567 rows");
        assert_eq!(count(100), "100");
        let columns: Vec<String> = (0..8).map(|n| format!("c{n}")).collect();
        assert!(no_room_for(&columns[..1]).starts_with("1 more column does not fit: c0."));
        assert!(no_room_for(&columns).starts_with("8 more columns do not fit: c0, c1, c2, c3, c4, c5, …."));
    }
}
