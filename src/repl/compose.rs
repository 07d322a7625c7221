//! What is typed is seldom all of a question: definitions typed before stand in front of it, a line that begins with
//! `|` goes on with the last question, and `it` stands for it. [`Composed`] is the whole text, and remembers where each
//! piece came from, so that a mistake is shown in what was typed.

use crate::diagnostic::{Diagnostic, Label};
use crate::syntax::Span;

/// A text made of pieces.
#[derive(Clone, Debug, Default)]
pub struct Composed {
    /// The whole.
    pub text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
struct Piece {
    span: Span,
    origin: Origin,
}

#[derive(Clone, Copy, Debug)]
enum Origin {
    /// Typed, from this byte on.
    Typed(usize),
    /// Said before; what it is called in messages.
    Before(&'static str),
}

impl Composed {
    /// Adds a part of what was typed.
    pub fn typed(&mut self, typed: &str, part: Span) {
        let text = typed.get(part.start..part.end).unwrap_or_default();
        self.push(text, Origin::Typed(part.start));
    }

    /// Adds something that was said before.
    pub fn before(&mut self, name: &'static str, text: &str) {
        self.push(text, Origin::Before(name));
    }

    /// Adds another whole.
    pub fn append(&mut self, other: Composed) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.pieces.extend(other.pieces.into_iter().map(|piece| Piece {
            span: Span::new(start + piece.span.start, start + piece.span.end),
            ..piece
        }));
    }

    fn push(&mut self, text: &str, origin: Origin) {
        let start = self.text.len();
        self.text.push_str(text);
        self.pieces.push(Piece { span: Span::new(start, self.text.len()), origin });
    }

    /// A mistake in the whole as one in what was typed alone; one whose place was said before is shown there.
    pub fn moved(&self, mut mistake: Diagnostic) -> Diagnostic {
        let Some(main) = mistake.labels.first().filter(|_| mistake.source.is_none()) else { return mistake };
        let at = main.span.start;
        // The end of the whole belongs to its last piece.
        let home = self.pieces.iter().find(|piece| at < piece.span.end).or(self.pieces.last());
        let Some(home) = home else { return mistake };
        match home.origin {
            Origin::Typed(_) => {
                mistake.labels = mistake.labels.into_iter().filter_map(|label| self.back(label)).collect();
                mistake
            }
            Origin::Before(name) => {
                let within = |label: &Label| (home.span.start..=home.span.end).contains(&label.span.start);
                mistake.labels.retain(within);
                for label in &mut mistake.labels {
                    let end = label.span.end.min(home.span.end);
                    label.span = Span::new(label.span.start - home.span.start, end - home.span.start);
                }
                let text = self.text.get(home.span.start..home.span.end).unwrap_or_default();
                mistake.in_source(name, text)
            }
        }
    }

    /// A label as one on what was typed; `None` where it stands in something else.
    fn back(&self, mut label: Label) -> Option<Label> {
        let place = |at: usize| {
            self.pieces.iter().rev().find_map(|piece| match piece.origin {
                Origin::Typed(from) if (piece.span.start..=piece.span.end).contains(&at) => {
                    Some(from + at - piece.span.start)
                }
                _ => None,
            })
        };
        let start = place(label.span.start)?;
        let end = place(label.span.end).unwrap_or(start).max(start);
        label.span = Span::new(start, end);
        Some(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `let a = b;` before, `it` in the middle of what was typed.
    fn composed() -> Composed {
        let mut whole = Composed::default();
        whole.before("an earlier definition", "let a = b;");
        let typed = "it | count";
        whole.before("the question so far", "arrests | take 3");
        whole.typed(typed, Span::new(2, typed.len()));
        whole
    }

    #[test]
    fn places_move_back() {
        let whole = composed();
        assert_eq!(whole.text, "let a = b;arrests | take 3 | count");
        let mistake = Diagnostic::new("name-x", "x", Span::new(29, 34)).also(Span::new(4, 5), "earlier");
        let mistake = whole.moved(mistake);
        assert_eq!(mistake.labels.len(), 1);
        assert_eq!(mistake.labels[0].span, Span::new(5, 10));
        // At the very end, too.
        let mistake = whole.moved(Diagnostic::new("syntax-x", "x", Span::new(34, 34)));
        assert_eq!(mistake.labels[0].span, Span::new(10, 10));
    }

    #[test]
    fn what_was_said_before_is_shown_there() {
        let mistake = composed().moved(Diagnostic::new("name-x", "x", Span::new(8, 9)));
        assert_eq!(mistake.source.map(|source| source.text).as_deref(), Some("let a = b;"));
        let mistake = composed().moved(Diagnostic::new("name-x", "x", Span::new(10, 34)));
        assert_eq!(mistake.labels[0].span, Span::new(0, 16));
        assert_eq!(mistake.source.map(|source| source.name).as_deref(), Some("the question so far"));
    }
}
