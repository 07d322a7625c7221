//! A layout that is not settled yet: texts, and the places where a line may end. A [`Doc::Group`] stands on one line
//! where it fits and breaks at all of its own lines where it doesn't; the groups inside it then decide for themselves.
//! So an outer break comes before an inner one, and a reader sees the question's parts before their details.
//!
//! A comment runs to its line's end, so the next place where a line may end becomes one where it must. That is settled
//! by [`settle`] before anything is measured; [`super::page`] then does the measuring.

use crate::syntax::lexer::Comment;

/// A piece of a layout.
#[derive(Debug)]
pub enum Doc {
    /// Characters on one line.
    Text(String),
    /// A place where a line may end.
    Line {
        /// What stands here where it doesn't.
        flat: &'static str,
        /// It ends here in any case.
        hard: bool,
        /// Blank lines that stood here are kept, as one: there was one before the text that follows.
        blank: Option<bool>,
    },
    /// A comment: it waits for the end of the line.
    Comment(Note),
    /// Parts on one line, or each of its own lines broken.
    Group {
        /// What it is made of.
        parts: Vec<Doc>,
        /// It breaks in any case.
        broken: bool,
    },
    /// Lines inside begin at the column where this begins.
    Align(Vec<Doc>),
    /// Lines inside begin so many columns further right.
    Nest(usize, Vec<Doc>),
    /// So many blanks where the group around is broken: what brings `=` signs below one another.
    Pad(usize),
}

/// A comment that is to be printed.
#[derive(Clone, Debug)]
pub struct Note {
    /// From its `#` on.
    pub text: String,
    /// It had a line to itself.
    pub alone: bool,
    /// A blank line stood before it.
    pub blank: bool,
}

impl Note {
    /// What there is to print of a comment.
    pub fn of(comment: &Comment, source: &str) -> Note {
        let span = comment.span;
        let text = source.get(span.start..span.end).unwrap_or_default().trim_end().to_string();
        let before = source.get(..span.start).unwrap_or_default();
        Note { text, alone: comment.alone, blank: ends_blank(before) }
    }
}

/// Does a text end in a blank line, whatever blanks begin the next one?
pub fn ends_blank(text: &str) -> bool {
    let gap = text.len() - text.trim_end().len();
    text.get(text.len() - gap..).unwrap_or_default().matches('\n').count() > 1
}

/// A text.
pub fn text(text: impl Into<String>) -> Doc {
    Doc::Text(text.into())
}

/// A place where a line may end, and a blank stands where it doesn't.
pub fn line() -> Doc {
    Doc::Line { flat: " ", hard: false, blank: None }
}

/// A line's end.
pub fn hard_line() -> Doc {
    Doc::Line { flat: "", hard: true, blank: None }
}

/// Parts on one line where they fit.
pub fn group(parts: Vec<Doc>) -> Doc {
    Doc::Group { parts, broken: false }
}

/// Make each line hard that comes first after a comment, and each group broken that has a hard line in it. True where
/// some line is hard.
pub fn settle(parts: &mut [Doc], commented: &mut bool) -> bool {
    let mut breaks = false;
    for part in parts {
        breaks |= match part {
            Doc::Text(_) | Doc::Pad(_) => false,
            Doc::Comment(_) => {
                *commented = true;
                false
            }
            Doc::Line { hard, .. } => {
                *hard |= std::mem::take(commented);
                *hard
            }
            Doc::Group { parts, broken } => {
                *broken |= settle(parts, commented);
                *broken
            }
            Doc::Align(parts) | Doc::Nest(_, parts) => settle(parts, commented),
        };
    }
    breaks
}
