//! A walk over the tokens of a text, in step with the tree. The tree says what is printed next; the tokens say how it
//! was written (`1_000`, `'Lambeth'`) and between which of them comments stood. Brackets that only group are no part
//! of the tree, so the walk passes over them: the printer sets those that the tree needs.
//!
//! Comments are put out where the walk comes past them: before a place where a line may end, if they stood before what
//! follows it, so that each stays beside or above what it stood beside or above.

use std::collections::HashSet;

use super::doc::{Doc, Note, hard_line, line, text};
use super::words;
use crate::syntax::lexer::{Comment, Lexed};
use crate::syntax::span::Span;
use crate::syntax::token::{Token, TokenKind};

/// A place in a text's tokens and comments.
pub struct Walk<'a> {
    source: &'a str,
    tokens: Vec<Token>,
    comments: &'a [Comment],
    at: usize,
    noted: usize,
    /// Where brackets stand that are printed.
    kept: HashSet<usize>,
}

impl<'a> Walk<'a> {
    /// The beginning of a text.
    pub fn new(source: &'a str, lexed: &'a Lexed) -> Self {
        let tokens = lexed.tokens.iter().filter(|t| t.kind != TokenKind::Newline).cloned().collect();
        Walk { source, tokens, comments: &lexed.comments, at: 0, noted: 0, kept: HashSet::new() }
    }

    /// The text between two places.
    pub fn between(&self, start: usize, end: usize) -> &'a str {
        self.source.get(start..end).unwrap_or_default()
    }

    /// Begins the statement at a place: a `;` before it is passed over.
    pub fn begin(&mut self, start: usize) {
        self.at = self.tokens.partition_point(|token| token.span.start < start);
    }

    /// The next comment before a place.
    pub fn next_comment(&mut self, before: usize) -> Option<&'a Comment> {
        let comment = self.comments.get(self.noted).filter(|comment| comment.span.start < before)?;
        self.noted += 1;
        Some(comment)
    }

    /// The next comment, where it stands inside the statement that ends at `end`, or behind it on its line.
    pub fn comment_beside(&mut self, end: usize) -> Option<&'a Comment> {
        let comment = self.comments.get(self.noted)?;
        let blank = |c: char| c == ';' || c.is_whitespace() && c != '\n';
        let behind = || !comment.alone && self.between(end, comment.span.start).chars().all(blank);
        if comment.span.start >= end && !behind() {
            return None;
        }
        self.noted += 1;
        Some(comment)
    }

    /// Puts out the comments before a place.
    fn notes(&mut self, before: usize, out: &mut Vec<Doc>) -> bool {
        let start = out.len();
        while let Some(comment) = self.next_comment(before) {
            out.push(Doc::Comment(Note::of(comment, self.source)));
        }
        out.len() > start
    }

    /// The token that comes `count` after the next, brackets that group left out.
    fn real(&self, count: usize) -> Option<usize> {
        let tokens = self.tokens.iter().enumerate().skip(self.at);
        tokens.filter(|(_, t)| !t.is_symbol("(") && !t.is_symbol(")")).nth(count).map(|(at, _)| at)
    }

    /// Puts out the next token as it was written.
    pub fn token(&mut self, out: &mut Vec<Doc>) {
        if let Some(at) = self.real(0) {
            let written = self.raw(at, out);
            out.push(text(written));
        }
    }

    fn raw(&mut self, at: usize, out: &mut Vec<Doc>) -> String {
        let Some(span) = self.tokens.get(at).map(|token| token.span) else { return String::new() };
        self.notes(span.start, out);
        self.at = at + 1;
        self.between(span.start, span.end).to_string()
    }

    /// Puts out a word or a sign of the language.
    pub fn word(&mut self, word: &str, out: &mut Vec<Doc>) {
        if let Some(at) = self.real(0) {
            self.raw(at, out);
        }
        out.push(text(word));
    }

    /// Puts out several words with blanks between.
    pub fn words(&mut self, words: &str, out: &mut Vec<Doc>) {
        for (at, word) in words.split(' ').enumerate() {
            if at > 0 {
                out.push(text(" "));
            }
            self.word(word, out);
        }
    }

    /// Puts out a name, in backticks where it needs them.
    pub fn name(&mut self, out: &mut Vec<Doc>) {
        if let Some(at) = self.real(0) {
            self.raw(at, out);
            out.push(text(self.spelt(at)));
        }
    }

    /// Puts out a column's name: `a.x` is one, of joined rows.
    pub fn column(&mut self, out: &mut Vec<Doc>) {
        self.name(out);
        while self.real(0).and_then(|at| self.tokens.get(at)).is_some_and(|token| token.is_symbol(".")) {
            self.word(".", out);
            self.name(out);
        }
    }

    /// Puts out the name that a statement begins with.
    pub fn first_name(&mut self, out: &mut Vec<Doc>) {
        let continues = |t: &Token| t.word().is_some_and(words::continues_a_line);
        match self.real(0) {
            Some(at) if self.tokens.get(at).is_some_and(continues) => {
                let word = self.raw(at, out);
                out.push(text(format!("`{word}`")));
            }
            _ => self.name(out),
        }
    }

    /// How the name at a place is printed.
    pub fn written(&self, span: Span) -> String {
        self.spelt(self.tokens.partition_point(|token| token.span.start < span.start))
    }

    fn spelt(&self, at: usize) -> String {
        let Some(token) = self.tokens.get(at) else { return String::new() };
        let written = self.between(token.span.start, token.span.end);
        // What is printed before or behind a word may not be what was written there, and it is read by that.
        let left_out = |at: usize| !self.kept.contains(&at);
        let next = self.tokens.get(at + 1);
        let ends = next.is_some_and(|next| next.is_symbol(";") || next.is_symbol(")") && left_out(at + 1));
        let before = at.checked_sub(1).filter(|before| left_out(*before));
        let begins =
            before.and_then(|before| self.tokens.get(before)).is_some_and(|token| token.is_symbol("("));
        let exposed = |word: &str| {
            ends && words::hangs_on_what_follows(word) || begins && words::continues_a_line(word)
        };
        match &token.kind {
            TokenKind::Name { text, quoted: true } if !words::needs_quotes(text) => text.clone(),
            TokenKind::Name { text, quoted: false } if exposed(text) => {
                format!("`{text}`")
            }
            _ => written.to_string(),
        }
    }

    /// Puts out the tokens of a place as they were written, blanks between where there were some.
    pub fn verbatim(&mut self, span: Span, out: &mut Vec<Doc>) {
        let mut end = None;
        for at in self.at..self.tokens.len() {
            let Some(token) = self.tokens.get(at).map(|token| token.span) else { break };
            if token.start >= span.end {
                break;
            }
            if token.start < span.start {
                continue;
            }
            if end.is_some_and(|end| end < token.start) {
                out.push(text(" "));
            }
            end = Some(token.end);
            let written = self.raw(at, out);
            out.push(text(written));
        }
    }

    /// A line may end here, and the comments before what follows stand before it.
    pub fn line(&mut self, out: &mut Vec<Doc>) {
        self.line_past(0, out);
    }

    /// A line may end here, before an operator of `count` tokens: comments before the operand after it stand before it.
    pub fn line_past(&mut self, count: usize, out: &mut Vec<Doc>) {
        self.notes_past(count, out);
        out.push(line());
    }

    /// Puts out the comments before the token `count` after the next.
    pub fn notes_past(&mut self, count: usize, out: &mut Vec<Doc>) {
        if let Some(token) = self.real(count).and_then(|at| self.tokens.get(at)) {
            self.notes(token.span.start, out);
        }
    }

    /// Does a blank line stand before the next token?
    pub fn after_blank(&self) -> bool {
        let start = self.real(0).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.start);
        super::doc::ends_blank(self.between(0, start))
    }

    /// The brackets around an expression are printed; where it has some already, they are these.
    pub fn keep(&mut self, span: Span) {
        let open = self.tokens.partition_point(|token| token.span.start < span.start);
        let close = self.partner(open);
        if self.tokens.get(close).is_some_and(|token| token.is_symbol(")") && token.span.end == span.end) {
            self.kept.extend([open, close]);
        }
    }

    /// Puts out the brackets of a call, whose name was the last token, and what stands inside.
    pub fn call(&mut self, out: &mut Vec<Doc>, inside: impl FnOnce(&mut Self, &mut Vec<Doc>)) {
        self.bracketed(self.at, out, inside);
    }

    /// Puts out a list's brackets and what stands inside.
    pub fn list(&mut self, out: &mut Vec<Doc>, inside: impl FnOnce(&mut Self, &mut Vec<Doc>)) {
        let Some(open) = self.real(0) else { return };
        self.bracketed(open, out, inside);
    }

    /// Puts out the brackets around a query, whose table is the next name, and what stands inside.
    pub fn query(&mut self, out: &mut Vec<Doc>, inside: impl FnOnce(&mut Self, &mut Vec<Doc>)) {
        let Some(open) = self.real(0).and_then(|name| name.checked_sub(1)) else { return };
        self.bracketed(open, out, inside);
    }

    /// Puts out the bracket at `open`, what stands inside, and the bracket that closes it. Comments right behind the
    /// one or right before the other get lines of their own.
    fn bracketed(&mut self, open: usize, out: &mut Vec<Doc>, inside: impl FnOnce(&mut Self, &mut Vec<Doc>)) {
        let close = self.partner(open);
        self.kept.extend([open, close]);
        let opening = self.raw(open, out);
        out.push(text(&*opening));
        let start_of =
            |walk: &Self, at: usize| walk.tokens.get(at).map_or(usize::MAX, |token| token.span.start);
        let end = start_of(self, close);
        let first = self.real(0).map_or(end, |at| start_of(self, at)).min(end);
        let mut parts = Vec::new();
        if self.notes(first, &mut parts) {
            parts.push(hard_line());
            inside(self, &mut parts);
            out.push(Doc::Nest(2, parts));
        } else {
            inside(self, &mut parts);
            out.push(Doc::Align(parts));
        }
        if self.notes(end, out) {
            out.push(hard_line());
        }
        self.at = close + 1;
        out.push(text(if opening == "[" { "]" } else { ")" }));
    }

    /// The bracket that closes the one at `open`.
    fn partner(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.symbol() {
                Some("(" | "[") => depth += 1,
                Some(")" | "]") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }
}
