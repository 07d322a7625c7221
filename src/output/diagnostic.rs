//! A mistake as text: what is wrong, where, and what to write instead.
//!
//! ```text
//! error[name-column]: arrests has no column boro
//!   ──▶ boroughs.cbq:2:12
//!   │
//! 2 │ | count by boro
//!   │            ^^^^ not a column of arrests
//! help: did you mean borough?
//! ```
//!
//! Drawn here and not by a crate, because the bytes are compared in tests and must not change with
//! somebody else's taste, and because a question may hold anything: tabs, wide characters, escape
//! sequences that must not reach the terminal.

use unicode_width::UnicodeWidthChar;

use super::value::{unsafe_to_print, visible};
use crate::diagnostic::{Diagnostic, Label};
use crate::syntax::span::Span;

/// How many bytes of a line are shown whole where nobody knows how wide the reader's screen is.
const LONG: usize = 180;

/// Where the columns of tab characters stand.
const TAB: usize = 4;

/// The message of a mistake in `source`, which is called `name`, ending in a line break. Where the
/// mistake brings its own source text, that one is shown. On a terminal, which is so many columns wide, a line is cut
/// to what it holds: where it went on in the next line of the screen, what underlines it would stand under nothing.
pub fn diagnostic(
    mistake: &Diagnostic,
    name: &str,
    source: &str,
    colour: bool,
    width: Option<u16>,
) -> String {
    let paint = Paint { colour };
    let head = format!("error[{}]", mistake.code);
    let mut text = format!("{}: {}\n", paint.red(&head), lines(&mistake.message, 2));
    match (&mistake.source, mistake.labels.first()) {
        (Some(own), Some(_)) => snippet(&own.name, &own.text, &mistake.labels, &paint, width, &mut text),
        (None, Some(_)) => snippet(name, source, &mistake.labels, &paint, width, &mut text),
        (Some(own), None) => text.push_str(&format!("  {} {}\n", paint.blue("──▶"), visible(&own.name))),
        (None, None) => {}
    }
    for help in &mistake.help {
        text.push_str(&format!("{} {}\n", paint.cyan("help:"), lines(help, 6)));
    }
    text
}

/// Several lines indented, and nothing in them that steers the terminal.
fn lines(text: &str, indent: usize) -> String {
    let lines: Vec<String> = text.trim_end().lines().map(visible).collect();
    lines.join(&format!("\n{:indent$}", ""))
}

/// One underline on one line of the source.
struct Mark<'a> {
    line: usize,
    from: usize,
    to: usize,
    main: bool,
    text: &'a str,
}

/// How much of a line is shown.
#[derive(Clone, Copy)]
struct Room {
    /// A line of so many bytes is shown whole.
    long: usize,
    /// Of a longer one so many before the label,
    before: usize,
    /// and so many from there on,
    after: usize,
    /// or all that there is room for beside an `…` at each end.
    fill: bool,
}

impl Room {
    fn of(width: Option<u16>, gutter: usize) -> Room {
        // A bar and the blanks around it stand beside the line's number.
        let columns = width.map(|width| usize::from(width).saturating_sub(gutter + 3).max(20));
        let long = columns.map_or(LONG, |columns| columns.min(LONG));
        Room { long, before: long / 3, after: long / 2, fill: columns.is_some() }
    }
}

/// A source whose long lines are cut to what is around the first label on them, and the labels moved
/// along: nobody looks for an underline ten thousand columns to the right.
///
/// A line is measured in bytes, which are never fewer than the columns that it takes, tabs aside.
fn cut(source: &str, labels: &[Label], room: Room) -> (String, Vec<Label>) {
    let mut text = String::new();
    // The lines' place before; the first byte kept of it and the last; and the first one's place after.
    let mut kept: Vec<(Span, Span, usize)> = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let whole = Span::new(start, start + line.len());
        start = whole.end;
        let first =
            labels.iter().map(|label| label.span.start).find(|at| (whole.start..=whole.end).contains(at));
        let boundary = |mut at: usize| {
            at = at.clamp(whole.start, whole.end);
            while !source.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let shown = match first {
            Some(at) if line.trim_end().len() > room.long => {
                let start = boundary(at.saturating_sub(room.before));
                Span::new(start, boundary(if room.fill { start + room.long - 2 } else { at + room.after }))
            }
            _ => whole,
        };
        if shown.start > whole.start {
            text.push('…');
        }
        kept.push((whole, shown, text.len()));
        text.push_str(&source[shown.start..shown.end]);
        if shown.end < whole.end {
            text.push('…');
            if line.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    let moved = |at: usize| {
        let line = kept.iter().find(|(whole, ..)| at < whole.end).or(kept.last());
        line.map_or(0, |(_, shown, after)| after + at.clamp(shown.start, shown.end) - shown.start)
    };
    let labels = labels
        .iter()
        .map(|label| Label {
            span: Span::new(moved(label.span.start), moved(label.span.end)),
            text: label.text.clone(),
        })
        .collect();
    (text, labels)
}

fn snippet(name: &str, source: &str, labels: &[Label], paint: &Paint, width: Option<u16>, text: &mut String) {
    let whole = Source::new(source);
    let Some(place) = labels.first().map(|label| whole.place(whole.settle(label.span).start)) else {
        return;
    };
    let room = Room::of(width, whole.starts.len().to_string().len());
    let shortened = source.lines().any(|line| line.len() > room.long).then(|| cut(source, labels, room));
    let (source, labels) = match &shortened {
        Some((source, labels)) => (source.as_str(), labels.as_slice()),
        None => (source, labels),
    };
    let source = Source::new(source);
    let mut marks = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        source.marks(label, at == 0, &mut marks);
    }
    // The main mark comes first on its line.
    marks.sort_by_key(|mark| (mark.line, !mark.main, mark.from));
    let last = marks.iter().map(|mark| mark.line).max().unwrap_or(0);
    let gutter = (last + 1).to_string().len();
    let bar = paint.blue("│");
    text.push_str(&format!(
        "{:gutter$} {} {}:{}:{}\n{:gutter$} {bar}\n",
        "",
        paint.blue("──▶"),
        visible(name),
        place.0 + 1,
        place.1 + 1,
        ""
    ));
    let mut shown: Option<usize> = None;
    for mark in &marks {
        if shown != Some(mark.line) {
            if shown.is_some_and(|shown| shown + 1 < mark.line) {
                text.push_str(&format!("{:gutter$} {}\n", "", paint.blue("⋮")));
            }
            let number = format!("{:gutter$}", mark.line + 1);
            let line = format!("{} {bar} {}", paint.blue(&number), source.shown(mark.line));
            text.push_str(line.trim_end());
            text.push('\n');
            shown = Some(mark.line);
        }
        let line = underline(&source, mark, paint);
        text.push_str(&format!("{:gutter$} {bar} {line}\n", ""));
    }
}

fn underline(source: &Source, mark: &Mark, paint: &Paint) -> String {
    let indent = source.width(mark.line, mark.from);
    let length = source.width(mark.line, mark.to).saturating_sub(indent).max(1);
    let strokes = if mark.main { "^" } else { "-" }.repeat(length);
    let says = if mark.text.is_empty() { strokes } else { format!("{strokes} {}", visible(mark.text)) };
    let says = if mark.main { paint.red(&says) } else { paint.blue(&says) };
    format!("{:indent$}{says}", "")
}

/// A source text and where its lines begin.
struct Source<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Source { text, starts: std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect() }
    }

    /// The span with its ends inside the text and between characters. An empty span after the last
    /// line break moves back to the last word, where a reader looks.
    fn settle(&self, span: Span) -> Span {
        let floor = |mut at: usize| {
            at = at.min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let (start, end) = (floor(span.start), floor(span.end.max(span.start)));
        if start == self.text.len() {
            let words = self.text.trim_end().len();
            return Span::new(words, words);
        }
        Span::new(start, end)
    }

    /// The number of the line that holds a byte, counted from 0.
    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// A line without its line break, by number.
    fn line(&self, number: usize) -> &'a str {
        let start = self.starts.get(number).copied().unwrap_or(self.text.len());
        let end = self.starts.get(number + 1).map_or(self.text.len(), |next| next - 1);
        let line = &self.text[start..end.max(start)];
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Line and column of a byte, both from 0, the column in characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        (line, self.text[self.starts[line]..at].chars().count())
    }

    /// What to underline for a label: its words; of several lines the first and the last.
    fn marks(&self, label: &'a Label, main: bool, marks: &mut Vec<Mark<'a>>) {
        let span = self.settle(label.span);
        let first = self.line_of(span.start);
        // A span that ends with a line break ends on the line before it.
        let last = self.line_of(if span.end > span.start { span.end - 1 } else { span.end }).max(first);
        let from = span.start - self.starts[first];
        if first == last {
            marks.push(Mark {
                line: first,
                from,
                to: span.end - self.starts[first],
                main,
                text: &label.text,
            });
            return;
        }
        marks.push(Mark { line: first, from, to: self.line(first).len().max(from), main, text: "" });
        let line = self.line(last);
        let indent = line.len() - line.trim_start().len();
        let to = span.end - self.starts[last];
        marks.push(Mark { line: last, from: indent.min(to), to, main, text: &label.text });
    }

    /// A line as it is printed, tabs as blanks.
    fn shown(&self, number: usize) -> String {
        let mut shown = String::new();
        let mut column = 0;
        for c in self.line(number).chars() {
            let width = width(c, column);
            match c {
                '\t' => shown.extend(std::iter::repeat_n(' ', width)),
                c if unsafe_to_print(c) => shown.push('\u{fffd}'),
                c => shown.push(c),
            }
            column += width;
        }
        shown
    }

    /// How many columns of the screen the first `bytes` of a line take.
    fn width(&self, number: usize, bytes: usize) -> usize {
        let line = self.line(number);
        line.char_indices()
            .take_while(|(at, _)| *at < bytes)
            .fold(0, |column, (_, c)| column + width(c, column))
    }
}

/// How wide a character is that stands at a column.
fn width(c: char, column: usize) -> usize {
    match c {
        '\t' => TAB - column % TAB,
        c if unsafe_to_print(c) => 1,
        c => c.width().unwrap_or(0),
    }
}

/// Colours, or none.
struct Paint {
    colour: bool,
}

impl Paint {
    fn red(&self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn blue(&self, text: &str) -> String {
        self.with("34", text)
    }

    fn cyan(&self, text: &str) -> String {
        self.with("36", text)
    }

    fn with(&self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;

    fn shown(source: &str, start: usize, end: usize) -> String {
        let mistake = Diagnostic::new("name-column", "no such column", Span::new(start, end)).label("here");
        diagnostic(&mistake, "q.cbq", source, false, None)
    }

    #[test]
    fn one_word() {
        assert_eq!(
            shown("arrests\n| count by boro\n", 19, 23),
            "error[name-column]: no such column\n  ──▶ q.cbq:2:12\n  │\n2 │ | count by boro\n  │            ^^^^ here\n"
        );
    }

    #[test]
    fn tabs_and_wide_characters() {
        assert!(shown("\ta 東京 x", 10, 11).ends_with("1 │     a 東京 x\n  │            ^ here\n"));
        assert!(shown("\u{1b}[31m x", 6, 7).ends_with("1 │ \u{fffd}[31m x\n  │       ^ here\n"));
        // In the middle of a character: its beginning.
        assert!(shown("é", 1, 1).contains("q.cbq:1:1\n"));
    }

    #[test]
    fn the_end_of_the_input() {
        assert!(shown("arrests |\n\n", 11, 11).ends_with("1 │ arrests |\n  │          ^ here\n"));
        assert!(shown("", 0, 0).ends_with("1 │\n  │ ^ here\n"));
        assert!(shown("abc", 50, 90).ends_with("1 │ abc\n  │    ^ here\n"));
        // A carriage return is no part of the line.
        assert!(shown("abc\r\nd", 0, 5).ends_with("1 │ abc\n  │ ^^^ here\n"));
    }

    #[test]
    fn a_line_wider_than_the_screen() {
        let source =
            format!("arrests | where borough = \"{}\" | count by boro, sex | take 10", "x".repeat(60));
        let at = source.find("boro,").unwrap();
        let mistake = Diagnostic::new("name-column", "no", Span::new(at, at + 4)).label("here");
        let shown = diagnostic(&mistake, "q", &source, false, Some(60));
        let lines: Vec<&str> = shown.lines().skip(3).collect();
        let columns = |line: &str| line.chars().count();
        assert!(lines.iter().all(|line| columns(line) <= 60), "{shown}");
        let carets = lines[1].find('^').map(|at| columns(&lines[1][..at])).unwrap();
        assert_eq!(lines[0].chars().skip(carets).take(4).collect::<String>(), "boro", "{shown}");
        assert!(lines[0].contains('…') && lines[0].ends_with("take 10"), "{shown}");
        // Where it has room, and where nobody knows, it is shown whole.
        assert_eq!(
            diagnostic(&mistake, "q", &source, false, Some(200)),
            diagnostic(&mistake, "q", &source, false, None)
        );
        assert!(diagnostic(&mistake, "q", &source, false, None).contains(&source));
        // Wide characters and a span as long as the line leave something to see.
        let wide = "東京".repeat(40);
        let mistake = Diagnostic::new("name-column", "no", Span::new(0, wide.len()));
        let shown = diagnostic(&mistake, "q", &wide, false, Some(40));
        assert!(
            shown.lines().skip(3).all(|line| line.width() <= 40 && line.contains(['東', '^'])),
            "{shown}"
        );
    }

    #[test]
    fn several_lines() {
        let text = shown("a (\n b\n c\n d) e", 2, 13);
        assert!(text.ends_with("1 │ a (\n  │   ^\n  ⋮\n4 │  d) e\n  │  ^^ here\n"), "{text}");
    }

    #[test]
    fn two_places_and_help() {
        let mistake = Diagnostic::new("type-units", "no", Span::new(9, 10))
            .label("mass")
            .also(Span::new(0, 1), "money")
            .help("first")
            .help("second");
        assert_eq!(
            diagnostic(&mistake, "q", "a\nb\nc\nd\n+ e", false, None),
            "error[type-units]: no\n  ──▶ q:5:2\n  │\n1 │ a\n  │ - money\n  ⋮\n5 │ + e\n  │  ^ mass\nhelp: first\nhelp: second\n"
        );
    }

    #[test]
    fn without_a_place() {
        let mistake = Diagnostic::bare("data-missing", "x.csv isn't there\nat all");
        assert_eq!(
            diagnostic(&mistake, "q", "", false, None),
            "error[data-missing]: x.csv isn't there\n  at all\n"
        );
        let own = mistake.in_source("casebook.toml", "");
        assert!(diagnostic(&own, "q", "", true, None).contains("casebook.toml"));
    }
}
