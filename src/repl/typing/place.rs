//! Where in a question the cursor stands, told from the tokens before it: the word that is being typed, the brackets
//! around it, the query and the stage that it is in. Nothing is looked up here.

use crate::diagnostic::Diagnostic;
use crate::syntax::token::{CONTINUING_WORDS, Token, TokenKind};
use crate::syntax::{layout, lexer};

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stem {
    /// A name or nothing yet.
    Word,
    /// A text whose quotes are open.
    Text,
    /// Behind `$`.
    Param,
}

/// The place of the cursor.
#[derive(Debug)]
pub struct Place<'a> {
    /// What is typed of the word so far, without an opening quote.
    pub stem: &'a str,
    /// Its kind.
    pub kind: Stem,
    /// Where the completed word begins, its quote included.
    pub start: usize,
    /// The statement's tokens before it, without line ends.
    pub tokens: Vec<Token>,
    /// Where the statement begins.
    pub statement: usize,
    /// The open brackets, from the outermost; the first is the statement itself.
    pub levels: Vec<Level>,
    /// Which of the levels is the query that the cursor is in.
    pub query: usize,
}

/// An open bracket, or the statement itself.
#[derive(Clone, Debug, Default)]
pub struct Level {
    /// The first token in it.
    pub start: usize,
    /// Its bars.
    pub bars: Vec<usize>,
}

impl<'a> Place<'a> {
    /// The place at the end of a text; `None` in a comment.
    pub fn at_end(text: &'a str) -> Option<Place<'a>> {
        let lexed = lexer::lex(text);
        if lexed.comments.last().is_some_and(|comment| comment.span.end == text.len()) {
            return None;
        }
        let mut all = lexed.tokens;
        let (start, stem, kind) = stem(text, &mut all, &lexed.found);
        let (statement, tokens) = last_statement(&all, &text[start..]);
        let levels = levels(&tokens);
        let innermost = levels.len() - 1;
        let query = (1..levels.len()).rev().find(|&at| !levels[at].bars.is_empty()).unwrap_or(0);
        // A query may begin right behind this bracket.
        let opened = innermost > 0 && levels[innermost].start == tokens.len() && tokens.len() > 1;
        let begins = opened
            && ["in", "append", "except", "join", "many"]
                .iter()
                .any(|word| tokens[tokens.len() - 2].is_word(word))
            && tokens[tokens.len() - 1].is_symbol("(");
        let query = if begins { innermost } else { query };
        Some(Place { stem, kind, start, tokens, statement, levels, query })
    }

    /// The token before the cursor's word, `back` tokens further.
    pub fn before(&self, back: usize) -> Option<&Token> {
        self.tokens.len().checked_sub(back + 1).and_then(|at| self.tokens.get(at))
    }

    /// Is this the word before the cursor's?
    pub fn follows(&self, word: &str) -> bool {
        self.before(0).is_some_and(|token| token.is_word(word))
    }

    /// The tokens of the stage, from its word on; none before the first bar.
    pub fn stage(&self) -> Option<&[Token]> {
        let bar = self.levels[self.query].bars.last()?;
        self.tokens.get(bar + 1..)
    }

    /// Where the query's tokens begin: behind `let NAME =` where that names it.
    pub fn source(&self) -> usize {
        let start = self.levels[self.query].start;
        let names = |token: Option<&Token>| token.is_some_and(|token| token.is_word("let"));
        let is = self.tokens.get(start + 2).is_some_and(|token| token.is_symbol("="));
        if self.query == 0 && names(self.tokens.get(start)) && is { start + 3 } else { start }
    }

    /// The first token at the cursor's own level: of its bracket, or of its stage.
    pub fn level(&self) -> usize {
        let level = &self.levels[self.levels.len() - 1];
        level.bars.last().map_or(level.start, |bar| bar + 1)
    }

    /// The path whose last token is before index `end`: `arrest.borough`.
    pub fn path_to(&self, end: usize) -> Option<Vec<&str>> {
        let mut names = Vec::new();
        let mut at = end;
        loop {
            at = at.checked_sub(1)?;
            let TokenKind::Name { text, .. } = &self.tokens.get(at)?.kind else { return None };
            names.push(text.as_str());
            match at.checked_sub(1).and_then(|before| self.tokens.get(before)) {
                Some(point) if point.is_symbol(".") => at -= 1,
                _ => break,
            }
        }
        names.reverse();
        Some(names)
    }
}

/// Takes the word that is being typed off the tokens.
fn stem<'a>(text: &'a str, tokens: &mut Vec<Token>, found: &[Diagnostic]) -> (usize, &'a str, Stem) {
    let nothing = (text.len(), "", Stem::Word);
    let Some(last) = tokens.last() else { return nothing };
    let from = last.span.start;
    let written = &text[from..last.span.end];
    let at_end = last.span.end == text.len();
    let wrong =
        |token: &Token| found.iter().flat_map(|fault| &fault.labels).any(|label| label.span == token.span);
    let found = match &last.kind {
        TokenKind::Name { quoted: false, .. } if at_end => (from, written, Stem::Word),
        TokenKind::Param(name) if at_end => (from, &text[text.len() - name.len()..], Stem::Param),
        TokenKind::Currency('$') if at_end => (from, "", Stem::Param),
        // What is wrong with a quoted one is that its quote is open, whatever blanks stand at the end.
        TokenKind::Text(_) | TokenKind::Bad if wrong(last) => match written.chars().next() {
            Some('"' | '\'') => (from, &text[from + 1..], Stem::Text),
            Some('`') => (from, &text[from + 1..], Stem::Word),
            _ => return nothing,
        },
        _ => return nothing,
    };
    tokens.pop();
    found
}

/// Where the last statement begins, and its tokens. `next` follows them.
fn last_statement(all: &[Token], next: &str) -> (usize, Vec<Token>) {
    let mut statement = 0;
    let mut tokens: Vec<Token> = Vec::new();
    let mut depth = 0usize;
    for (at, token) in all.iter().enumerate() {
        match token.symbol() {
            Some("(" | "[") => depth += 1,
            Some(")" | "]") => depth = depth.saturating_sub(1),
            _ => {}
        }
        let after = &all[at + 1..];
        // The word that is being typed is none of the tokens.
        let goes_on = after.is_empty() && CONTINUING_WORDS.contains(&next);
        let line_ends =
            token.kind == TokenKind::Newline && !goes_on && layout::ends_statement(&tokens, after);
        if depth == 0 && (token.is_symbol(";") || line_ends) {
            statement = token.span.end;
            tokens.clear();
        } else if token.kind != TokenKind::Newline {
            tokens.push(token.clone());
        }
    }
    (statement, tokens)
}

fn levels(tokens: &[Token]) -> Vec<Level> {
    let mut levels = vec![Level::default()];
    for (at, token) in tokens.iter().enumerate() {
        match token.symbol() {
            Some("(" | "[") => levels.push(Level { start: at + 1, bars: Vec::new() }),
            Some(")" | "]") if levels.len() > 1 => drop(levels.pop()),
            Some("|") => {
                if let Some(level) = levels.last_mut() {
                    level.bars.push(at);
                }
            }
            _ => {}
        }
    }
    levels
}
