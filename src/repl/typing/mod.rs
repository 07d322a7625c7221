//! What happens while a question is typed, key by key. rustyline asks its helper, the [`Typist`], after each one; the
//! Typist asks the [`Session`] what may be said: the open casebook, the definitions so far, the question that a line
//! which begins with `|` would go on with, the params.
//!
//! [`complete`](mod@complete) says what Tab offers and [`colour`] how a line looks; both are functions of a text and of
//! what is [`known`]. A dim rest of the line is the last question that began so. Enter breaks the line where a bracket is
//! open, or the line ends in `|`, `,`, an operator or a word that wants more; an empty line ends it all the same.

pub mod colour;
mod commands;
pub mod complete;
pub mod known;
mod operand;
mod place;
pub mod rank;
mod words;

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustyline::Context;
use rustyline::completion::{Completer, Pair};
use rustyline::config::CompletionType;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::SearchDirection;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::session::Session;
use super::{PROMPT, terminal};
use crate::Casebook;
use crate::output::value::visible;
use crate::syntax;
use colour::Names;
use known::{Gathered, Known};
use rank::Candidate;

/// A Tab waits so long for what has to be worked out.
const WAIT: Duration = Duration::from_millis(8);

/// Questions up to so many bytes are typed by hand.
const SHORT: usize = 500;

/// A longer text stays plain: to draw all of it again at each key takes more than a hundredth of a second.
const PLAIN: usize = 4000;

/// Notes beside candidates are cut to so many characters.
const NOTE: usize = 48;

/// rustyline's helper. It reads the session and never changes it; the prompt changes it only between two lines.
#[derive(Debug)]
pub struct Typist {
    session: Rc<RefCell<Session>>,
    /// In colours, and with hints, which could not be told from what is typed without them.
    colour: bool,
    /// What was worked out, and the casebook that it is of: another one after `.reload`.
    gathered: RefCell<(Arc<Casebook>, Gathered)>,
    /// The names that there are, and what they were made from.
    names: RefCell<Names>,
}

impl Typist {
    /// A helper that knows what the session knows.
    pub fn new(session: Rc<RefCell<Session>>, colour: bool) -> Typist {
        let casebook = Arc::clone(session.borrow().casebook());
        let names = RefCell::new(Names::of(&session.borrow()));
        Typist { session, colour, gathered: RefCell::new((casebook, Gathered::default())), names }
    }

    /// Where the word at the end of a text begins, and what may be put in its place.
    fn offered(&self, text: &str, wait: Duration) -> (usize, Vec<Candidate>) {
        let session = self.session();
        let mut gathered = self.gathered.borrow_mut();
        if !Arc::ptr_eq(&gathered.0, session.casebook()) {
            *gathered = (Arc::clone(session.casebook()), Gathered::default());
        }
        let until = Instant::now() + wait;
        complete::complete(text, Known { session: &session, gathered: &gathered.1, until })
    }

    /// The rest of the last text that began so, and didn't fail.
    fn begun_so(&self, line: &str, pos: usize, context: &Context) -> Option<String> {
        if line.is_empty() || pos < line.len() {
            return None;
        }
        let history = context.history();
        let mut start = context.history_index().min(history.len().checked_sub(1)?);
        loop {
            let found = history.starts_with(line, start, SearchDirection::Reverse).ok()??;
            if found.entry != line && !self.session().has_failed(&found.entry) {
                return found.entry.get(pos..).map(str::to_string);
            }
            start = found.idx.checked_sub(1)?;
        }
    }

    /// What may be asked.
    pub fn session(&self) -> Ref<'_, Session> {
        self.session.borrow()
    }
}

impl rustyline::Helper for Typist {}

impl Completer for Typist {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (start, found) = self.offered(line.get(..pos).unwrap_or(line), WAIT);
        let size: (usize, usize) =
            terminal::size().map_or((80, 24), |(columns, lines)| (columns.into(), lines.into()));
        let put_in = common_beginning(&found);
        let typed = line.get(start..pos).unwrap_or_default();
        // While several are left, what is typed is lengthened and never replaced.
        let lengthens = put_in.to_lowercase().starts_with(&typed.to_lowercase());
        let completed = match lengthens && put_in.len() > typed.len() {
            true => format!("{}{put_in}{}", &line[..start], &line[pos..]),
            false => line.to_string(),
        };
        let (row, _) = end_of(&completed, size.0);
        let several = found.len() > 1;
        let mut pairs = listed(found, (size.0, size.1.saturating_sub(row)));
        if several && !lengthens {
            pairs.push(Pair { display: String::new(), replacement: typed.to_string() });
        }
        lengthen(&mut pairs, size.0, row);
        Ok((start, pairs))
    }
}

/// In which row and column the cursor stands behind a text that is typed at the prompt, both from 0.
fn end_of(text: &str, columns: usize) -> (usize, usize) {
    let (mut row, mut column) = (0, PROMPT.width());
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        (row, column) = match c {
            '\n' => (row + 1, 0),
            _ if column + wide > columns => (row + 1, wide),
            _ => (row, column + wide),
        };
    }
    if column >= columns { (row + 1, 0) } else { (row, column) }
}

/// How the candidates are listed on a terminal of so many columns and lines: each with its note, which is cut shorter
/// or left out where the list would not fit. What doesn't fit even so is counted in the last place: a list over several
/// screens would take the next keys for answers to whether it goes on.
fn listed(found: Vec<Candidate>, (columns, lines): (usize, usize)) -> Vec<Pair> {
    let wide = found.iter().map(|one| one.text.width()).max().unwrap_or_default();
    let most_rows = lines.saturating_sub(3).max(1);
    let mut shown: Vec<String> = Vec::new();
    let mut room = 0;
    for most in [NOTE, 20, 0] {
        let display = |one: &Candidate| match cut(&one.note, most) {
            note if note.is_empty() => one.text.clone(),
            note => format!("{}{}  {note}", one.text, " ".repeat(wide - one.text.width())),
        };
        shown = found.iter().map(display).collect();
        let widest = shown.iter().map(|text| text.width()).max().unwrap_or_default();
        room = ((columns / (widest + 2)).max(1) * most_rows).max(2);
        if found.len() <= room {
            break;
        }
    }
    let alike = common_beginning(&found);
    let more = found.len().saturating_sub(room);
    let pairs = found.into_iter().zip(shown);
    let mut pairs: Vec<Pair> = pairs.map(|(one, display)| Pair { display, replacement: one.text }).collect();
    if more > 0 {
        pairs.truncate(room - 1);
        // What they all begin with is put in, and this one counts for those that aren't listed.
        pairs.push(Pair { display: format!("… {} more", more + 1), replacement: alike });
    }
    pairs
}

/// Below a list rustyline draws the line anew, from as many rows further up as the typed text takes beyond its first, over
/// the list's last rows. So many empty ones come behind what stands last in the bottom row. Where that is depends on how
/// many candidates rustyline puts side by side, for which it looks at the widest; on some terminals it counts a line end
/// as a column, so another one is made as wide as this might be.
fn lengthen(pairs: &mut [Pair], columns: usize, rows: usize) {
    if rows == 0 || pairs.len() < 2 {
        return;
    }
    let widest = pairs.iter().map(|pair| pair.display.width()).max().unwrap_or_default();
    // Columns are filled one after the other: the last of the bottom row isn't always the last of all.
    let last = |widest: usize| {
        let beside = (columns / (widest + 2).min(columns).max(1)).max(1);
        let high = pairs.len().div_ceil(beside).max(1);
        (0..beside).rev().map(|column| column * high + high - 1).find(|at| *at < pairs.len()).unwrap_or(0)
    };
    let mut at = last(widest);
    if pairs[at].display.width() + rows > widest {
        at = last(widest + rows);
        let other = usize::from(at == 0);
        let pad = widest + rows - pairs[other].display.width();
        pairs[other].display.push_str(&" ".repeat(pad));
    }
    pairs[at].display.push_str(&"\n".repeat(rows));
}

/// What all of them begin with.
fn common_beginning(found: &[Candidate]) -> String {
    let Some((first, others)) = found.split_first() else { return String::new() };
    let alike = |other: &Candidate| {
        first
            .text
            .char_indices()
            .zip(other.text.chars())
            .find(|((_, a), b)| a != b)
            .map_or_else(|| first.text.len().min(other.text.len()), |((at, _), _)| at)
    };
    let end = others.iter().map(alike).min().unwrap_or(first.text.len());
    first.text[..end].to_string()
}

/// A note in one line of at most so many characters.
fn cut(note: &str, most: usize) -> String {
    let note = visible(&note.replace('\n', " "));
    match most {
        0 => String::new(),
        _ if note.chars().count() <= most => note,
        _ => note.chars().take(most - 1).chain(['…']).collect(),
    }
}

impl Hinter for Typist {
    type Hint = Rest;

    fn hint(&self, line: &str, pos: usize, context: &Context) -> Option<Rest> {
        // Where a word begins, what might be said there is wanted soon: it is worked out while the word is typed. Not in
        // a long text, which is pasted rather than typed.
        if pos == line.len() && line.len() < SHORT && line.ends_with([' ', '.', '"', '\'', '(', '[']) {
            self.offered(line, Duration::ZERO);
        }
        if !self.colour || line.len() > PLAIN {
            return None;
        }
        let columns = terminal::width().map_or(80, usize::from);
        // What would begin a row of its own would stay there when the line is drawn again.
        let room = columns.saturating_sub(end_of(line, columns).1 + 2);
        if pos == line.len() && line.ends_with('\n') {
            let shown = cut("it goes on here; an empty line asks it as it is", room);
            return Some(Rest { shown, taken: None });
        }
        let rest = self.begun_so(line, pos, context)?;
        // Of a longer question its next line.
        let first = rest.lines().next().filter(|first| !first.trim().is_empty())?;
        Some(Rest { shown: cut(first, room), taken: Some(first.to_string()) })
    }
}

/// The dim rest of a line.
#[derive(Debug)]
pub struct Rest {
    shown: String,
    /// What the right arrow takes of it.
    taken: Option<String>,
}

impl Hint for Rest {
    fn display(&self) -> &str {
        &self.shown
    }

    fn completion(&self) -> Option<&str> {
        self.taken.as_deref()
    }
}

impl Highlighter for Typist {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        if line.len() > PLAIN {
            return Cow::Borrowed(line);
        }
        let session = self.session();
        let mut names = self.names.borrow_mut();
        if !names.are_of(&session) {
            *names = Names::of(&session);
        }
        Cow::Owned(colour::paint(line, pos, &names))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(format!("\u{1b}[2m{hint}\u{1b}[0m"))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        match candidate.find("  ") {
            Some(at) => Cow::Owned(format!("{}\u{1b}[2m{}\u{1b}[0m", &candidate[..at], &candidate[at..])),
            None => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, line: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::ForcedRefresh && line.len() <= PLAIN
    }
}

impl Validator for Typist {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(if is_whole(context.input()) {
            ValidationResult::Valid(None)
        } else {
            ValidationResult::Incomplete
        })
    }
}

/// Is it ready to be answered? A command is one line.
fn is_whole(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    last.trim().is_empty() || text.trim_start().starts_with('.') || syntax::is_complete(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_fits_the_terminal() {
        let many: Vec<Candidate> =
            (0..30).map(|n| Candidate::new(format!("column_{n}"), "a note that takes its room")).collect();
        let shown = |found: &[Candidate], size| listed(found.to_vec(), size);
        assert_eq!(shown(&many[..2], (80, 24))[0].display, "column_0  a note that takes its room");
        assert_eq!(shown(&many[..12], (100, 7))[0].display, "column_0   a note that takes i…");
        assert_eq!(shown(&many, (80, 12))[0].display, "column_0");
        assert!(shown(&[], (0, 0)).is_empty());
        // Seven beside one another in three lines, the last place for the rest.
        let few = shown(&many, (80, 6));
        assert_eq!(few.len(), 21);
        assert_eq!((&*few[20].display, &*few[20].replacement), ("… 10 more", "column_"));
        // Never one alone, which would be put in.
        let two = shown(&many, (1, 1));
        assert_eq!((two.len(), &*two[1].display), (2, "… 29 more"));
    }

    #[test]
    fn a_list_below_a_line_that_takes_several_rows() {
        let many: Vec<Candidate> = (0..5).map(|n| Candidate::new(format!("c{n}"), "")).collect();
        let shown = |size| {
            let mut pairs = listed(many.clone(), size);
            lengthen(&mut pairs, size.0, 2);
            pairs.into_iter().map(|one| one.display).collect::<Vec<_>>()
        };
        // Two columns of three and two: the third is the last of the bottom row.
        assert_eq!(shown((13, 24)), ["c0  ", "c1", "c2\n\n", "c3", "c4"]);
        // Where another is wide enough, nothing is made wider.
        let mut pairs = listed(vec![Candidate::new("long_one", ""), Candidate::new("b", "")], (80, 24));
        lengthen(&mut pairs, 80, 2);
        assert_eq!([&*pairs[0].display, &*pairs[1].display], ["long_one", "b\n\n"]);
        assert_eq!(shown((80, 24)), ["c0  ", "c1", "c2", "c3", "c4\n\n"]);
    }

    #[test]
    fn where_the_cursor_stands() {
        assert_eq!(end_of("", 80), (0, 10));
        assert_eq!(end_of("abcd", 14), (1, 0));
        assert_eq!(end_of("abc京d", 14), (1, 3));
        assert_eq!(end_of("a\nbc", 14), (1, 2));
    }

    #[test]
    fn what_candidates_begin_with() {
        let common = |words: &[&str]| {
            common_beginning(&words.iter().map(|word| Candidate::new(*word, "")).collect::<Vec<_>>())
        };
        assert_eq!(common(&["offence", "offence_group", "offender"]), "offen");
        assert_eq!(common(&["é1", "è2"]), "");
        assert_eq!(common(&["ab", "b"]), "");
        assert_eq!(common(&["alone"]), "alone");
    }

    #[test]
    fn where_a_question_ends() {
        for whole in [
            "arrests",
            "",
            ".describe (",
            "arrests |\n",
            "| count",
            "arrests\n| take 3",
            "quit",
            "by",
            "a | count",
            "a | sort by",
        ] {
            assert!(is_whole(whole), "{whole:?}");
        }
        for open in [
            "arrests | count by",
            "arrests | sort",
            "arrests | top 3 by n per",
            "arrests |",
            "| count by a,",
            "arrests | where (a\n= 3",
            "# title",
            "let a =",
        ] {
            assert!(!is_whole(open), "{open:?}");
        }
    }
}
