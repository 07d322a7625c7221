//! Lines as they will stand in the file. A layout is written line by line: a group that fits in what is left of the
//! line stands there, another is broken. Comments wait for the line's end: the first that stood behind something is
//! set beside it, any other gets a line of its own below.
//!
//! At the end, comments beside lines that stand together are set below one another, as in
//!
//! ```casebook
//! arrests | count by borough          # how many of each
//! arrests | where age < 18 | count    # filters
//! ```

use unicode_width::UnicodeWidthStr;

use super::doc::{Doc, Note, settle};

/// How wide a line may be, comments beside it aside.
pub const WIDTH: usize = 110;

/// A line wider than this doesn't push its neighbours' comments to the right.
const COMMENTED: usize = 72;

/// How far from its line a comment stands.
const BESIDE: usize = 4;

/// The lines so far.
#[derive(Debug, Default)]
pub struct Page {
    rows: Vec<Row>,
    code: String,
    column: usize,
    waiting: Vec<Note>,
}

#[derive(Debug, Default)]
struct Row {
    code: String,
    comment: Option<String>,
}

/// A part to be written, with what holds there.
#[derive(Clone, Copy)]
struct Task<'a> {
    indent: usize,
    flat: bool,
    doc: &'a Doc,
}

/// The parts as tasks, the first of them last.
fn inside(parts: &[Doc], indent: usize, flat: bool) -> impl Iterator<Item = Task<'_>> {
    parts.iter().rev().map(move |doc| Task { indent, flat, doc })
}

impl Page {
    /// Nothing has been written yet.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes a statement. Its last line is still open for comments.
    pub fn statement(&mut self, mut parts: Vec<Doc>) {
        settle(&mut parts, &mut false);
        let mut tasks: Vec<Task> = inside(&parts, 0, false).collect();
        while let Some(Task { indent, flat, doc }) = tasks.pop() {
            match doc {
                Doc::Text(text) => self.write(text),
                Doc::Pad(blanks) if !flat => self.write(&" ".repeat(*blanks)),
                Doc::Pad(_) => {}
                Doc::Comment(note) => self.waiting.push(note.clone()),
                Doc::Line { flat: instead, .. } if flat => self.write(instead),
                Doc::Line { blank, .. } => self.end_line(indent, *blank),
                Doc::Align(parts) => tasks.extend(inside(parts, self.column, flat)),
                Doc::Nest(more, parts) => tasks.extend(inside(parts, indent + more, flat)),
                Doc::Group { parts, broken } => {
                    let flat = !broken && (flat || self.fits(parts, &tasks));
                    tasks.extend(inside(parts, indent, flat));
                }
            }
        }
    }

    /// Puts a comment behind the open line, or below where another stands there already.
    pub fn comment_beside(&mut self, note: Note) {
        self.waiting.push(note);
    }

    /// Ends the open line. True where a comment had to be set below, which is then no title of what follows.
    pub fn end_statement(&mut self) -> bool {
        let rows = self.rows.len();
        self.end_line(0, None);
        self.rows.len() > rows + 1
    }

    /// Writes a comment on a line of its own.
    pub fn comment(&mut self, text: &str) {
        self.rows.push(Row { code: text.to_string(), comment: None });
    }

    /// Leaves a line blank.
    pub fn blank(&mut self) {
        self.rows.push(Row::default());
    }

    /// The text, comments set below one another.
    pub fn text(mut self) -> String {
        for paragraph in self.rows.split_mut(|row| row.code.is_empty()) {
            let width = |row: &Row| row.comment.as_ref().map(|_| row.code.width());
            let widest = paragraph.iter().filter_map(width).filter(|width| *width <= COMMENTED).max();
            for row in paragraph {
                let Some(comment) = row.comment.take() else { continue };
                let blanks = widest.unwrap_or(0).saturating_sub(row.code.width()) + BESIDE;
                row.code.push_str(&" ".repeat(blanks));
                row.code.push_str(&comment);
            }
        }
        self.rows.into_iter().map(|row| row.code + "\n").collect()
    }

    fn write(&mut self, text: &str) {
        self.code.push_str(text);
        self.column += text.width();
    }

    /// Ends a line, sets the comments that wait, and begins another.
    fn end_line(&mut self, indent: usize, blank: Option<bool>) {
        let mut row = Row { code: std::mem::take(&mut self.code).trim_end().to_string(), comment: None };
        let mut waiting = std::mem::take(&mut self.waiting).into_iter().peekable();
        if let Some(note) = waiting.next_if(|note| !note.alone) {
            row.comment = Some(note.text);
        }
        self.rows.push(row);
        for note in waiting {
            if note.blank && note.alone && blank.is_some() {
                self.blank();
            }
            self.rows.push(Row { code: format!("{:indent$}{}", "", note.text), comment: None });
        }
        if blank == Some(true) {
            self.blank();
        }
        self.code = " ".repeat(indent);
        self.column = indent;
    }

    /// Do these parts fit in what is left of the line, with what follows them on it?
    fn fits(&self, parts: &[Doc], after: &[Task]) -> bool {
        let Some(mut left) = WIDTH.checked_sub(self.column) else { return false };
        let mut tasks: Vec<(bool, &Doc)> = parts.iter().rev().map(|doc| (true, doc)).collect();
        let mut after = after.iter().rev();
        loop {
            let (flat, doc) = match tasks.pop() {
                Some(task) => task,
                None => match after.next() {
                    Some(task) => (task.flat, task.doc),
                    None => return true,
                },
            };
            let width = match doc {
                Doc::Text(text) => text.width(),
                Doc::Line { flat: instead, hard: false, .. } if flat => instead.width(),
                Doc::Line { .. } => return true,
                Doc::Pad(blanks) if !flat => *blanks,
                Doc::Pad(_) | Doc::Comment(_) => 0,
                Doc::Group { parts, broken } => {
                    tasks.extend(parts.iter().rev().map(|doc| (flat && !broken, doc)));
                    0
                }
                Doc::Align(parts) | Doc::Nest(_, parts) => {
                    tasks.extend(parts.iter().rev().map(|doc| (flat, doc)));
                    0
                }
            };
            match left.checked_sub(width) {
                Some(rest) => left = rest,
                None => return false,
            }
        }
    }
}
