//! What the parsers read: one statement's tokens with a place in them. Every parser here has nom's
//! form, `fn(Tokens) -> Read<T>`, so nom's combinators join them. Two kinds of failure matter:
//! `Err::Error` says *this isn't what I read, try another*, and `Err::Failure` says *this was mine,
//! and it is broken*, with the diagnostic that the analyst will see.

use std::cell::RefCell;
use std::collections::HashSet;

use nom::error::{ErrorKind, ParseError};
use nom::{Err, IResult};

use super::habits::two_in_a_row;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::ast::Name;
use crate::syntax::span::Span;
use crate::syntax::token::{Token, TokenKind};

/// How deep brackets, `not`, `-` and `if` may nest.
pub const DEEPEST: usize = 256;

/// How tall an expression's tree may be: walking and dropping one is recursive, and a chain of
/// operators leans to the left by one for each.
pub const TALLEST: usize = 1000;

/// What a parser gives.
pub type Read<'a, T> = IResult<Tokens<'a>, T, Problem>;

/// Why a parser gave nothing.
#[derive(Debug)]
pub enum Problem {
    /// Something else stands here.
    Other,
    /// What stands here is broken.
    Broken(Box<Diagnostic>),
    /// It is broken, and has been reported already.
    Reported,
}

impl<I> ParseError<I> for Problem {
    fn from_error_kind(_: I, _: ErrorKind) -> Self {
        Problem::Other
    }

    fn append(_: I, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// What all parsers of one text share.
#[derive(Debug)]
pub struct Shared<'a> {
    /// The whole text, for quoting in messages.
    pub source: &'a str,
    /// Where brackets open that are never closed; that has been reported.
    pub unclosed: HashSet<usize>,
    /// Mistakes after which reading went on. Parsers add to it only when they are sure of their
    /// way, because trying another way would not take anything back.
    pub found: RefCell<Diagnostics>,
}

/// A place in one statement's tokens.
#[derive(Clone, Copy, Debug)]
pub struct Tokens<'a> {
    all: &'a [Token],
    at: usize,
    depth: usize,
    /// The tallest tree read since this was last set to 0.
    pub tall: usize,
    /// A query is read that stands in brackets, and ends where they close.
    pub bracketed: bool,
    shared: &'a Shared<'a>,
}

impl<'a> Tokens<'a> {
    /// The start of a statement.
    pub fn new(all: &'a [Token], shared: &'a Shared<'a>) -> Self {
        Tokens { all, at: 0, depth: 0, tall: 0, bracketed: false, shared }
    }

    /// The next token.
    pub fn peek(self) -> Option<&'a Token> {
        self.all.get(self.at)
    }

    /// The one after that.
    pub fn second(self) -> Option<&'a Token> {
        self.all.get(self.at + 1)
    }

    /// The token just read.
    pub fn before(self) -> Option<&'a Token> {
        self.at.checked_sub(1).and_then(|at| self.all.get(at))
    }

    /// All that has been read.
    pub fn behind(self) -> &'a [Token] {
        self.all.get(..self.at).unwrap_or_default()
    }

    /// All that is still to be read.
    pub fn rest(self) -> &'a [Token] {
        self.all.get(self.at..).unwrap_or_default()
    }

    /// The place `count` tokens on.
    pub fn skip(self, count: usize) -> Self {
        Tokens { at: (self.at + count).min(self.all.len()), ..self }
    }

    /// Is the next token this sign?
    pub fn is_symbol(self, sign: &str) -> bool {
        self.peek().is_some_and(|token| token.is_symbol(sign))
    }

    /// Is a query's end here: the last token's, or the bracket's around it?
    pub fn ends_query(self) -> bool {
        self.peek().is_none() || self.bracketed && self.is_symbol(")")
    }

    /// Is the next token this word?
    pub fn is_word(self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.is_word(word))
    }

    /// The next token's span, or the empty one after the last.
    pub fn here(self) -> Span {
        match (self.peek(), self.before()) {
            (Some(next), _) => next.span,
            (None, Some(last)) => last.span.after(),
            (None, None) => Span::default(),
        }
    }

    /// From `start` to the end of what has been read.
    pub fn since(self, start: Span) -> Span {
        self.before().map_or(start, |last| Span::new(start.start, last.span.end.max(start.end)))
    }

    /// The same place, with the measuring of heights begun anew.
    pub fn flat(self) -> Self {
        Tokens { tall: 0, ..self }
    }

    /// The same place after a tree of height `tall` was put together.
    pub fn grown(self, tall: usize, place: Span) -> Result<Self, Err<Problem>> {
        if tall > TALLEST {
            let message = format!("this expression strings together more than {TALLEST} parts");
            let help = "name parts of it with `let`, or look for the value in a list: `x in [\"a\", \"b\"]`";
            return Err(fail(Diagnostic::new("syntax-depth", message, place).help(help)));
        }
        Ok(Tokens { tall, ..self })
    }

    /// The words at `span`, cut short where they are long.
    pub fn text(self, span: Span) -> String {
        let text = self.shared.source.get(span.start..span.end).unwrap_or_default();
        if text.chars().count() <= 24 {
            return text.to_string();
        }
        text.chars().take(22).chain(['…']).collect()
    }

    /// The whole text.
    pub fn source(self) -> &'a str {
        self.shared.source
    }

    /// Does the bracket that opens here close nowhere?
    pub fn never_closed(self, open: Span) -> bool {
        self.shared.unclosed.contains(&open.start)
    }

    /// Report a mistake and go on.
    pub fn report(self, mistake: Diagnostic) {
        self.shared.found.borrow_mut().push(mistake);
    }
}

/// A broken piece of this parser's own.
pub fn fail(mistake: Diagnostic) -> Err<Problem> {
    Err::Failure(Problem::Broken(Box::new(mistake)))
}

/// Not what this parser reads.
pub fn other<T>() -> Result<T, Err<Problem>> {
    Err(Err::Error(Problem::Other))
}

/// The failure where `what` should stand next.
pub fn lacking(input: Tokens, what: &str) -> Err<Problem> {
    let Some(next) = input.peek() else { return missing(input, what) };
    match &next.kind {
        TokenKind::Bad => Err::Failure(Problem::Reported),
        TokenKind::Symbol("|" | "," | ")" | "]") => missing(input, what),
        _ => unexpected(input, what),
    }
}

/// The failure where something stands that can't, and `what` could.
pub fn unexpected(input: Tokens, what: &str) -> Err<Problem> {
    match input.peek() {
        None => missing(input, what),
        Some(Token { kind: TokenKind::Bad, .. }) => Err::Failure(Problem::Reported),
        Some(next) => {
            let what = what.trim_end_matches(',');
            let message = format!("expected {what}, but found `{}`", input.text(next.span));
            fail(Diagnostic::new("syntax-expected", message, next.span))
        }
    }
}

fn missing(input: Tokens, what: &str) -> Err<Problem> {
    // An open bracket's message says already that something is missing at the end.
    if input.peek().is_none() && input.all.iter().any(|token| input.never_closed(token.span)) {
        return Err::Failure(Problem::Reported);
    }
    let (message, place) = match input.before() {
        Some(last) => (format!("{what} is missing after `{}`", input.text(last.span)), last.span),
        None => (format!("{what} is missing"), input.here()),
    };
    fail(
        Diagnostic::new("syntax-expected", message, place)
            .label(format!("{} should follow", what.trim_end_matches(','))),
    )
}

/// `parser`, whose absence is a mistake.
pub fn required<'a, T>(
    parser: impl Fn(Tokens<'a>) -> Read<'a, T>,
    what: &'static str,
) -> impl Fn(Tokens<'a>) -> Read<'a, T> {
    move |input| match parser(input) {
        Err(Err::Error(_)) => Err(lacking(input, what)),
        result => result,
    }
}

/// One or more, with commas between.
pub fn listed<'a, T>(
    item: impl Fn(Tokens<'a>) -> Read<'a, T>,
    what: &'static str,
) -> impl Fn(Tokens<'a>) -> Read<'a, Vec<T>> {
    move |input| {
        let (mut rest, first) = item(input)?;
        let mut items = vec![first];
        while rest.is_symbol(",") {
            let (after, next) = required(&item, what)(rest.skip(1))?;
            items.push(next);
            rest = after;
        }
        Ok((rest, items))
    }
}

/// One level deeper, where that is allowed.
pub fn nested<'a, T>(input: Tokens<'a>, parser: impl Fn(Tokens<'a>) -> Read<'a, T>) -> Read<'a, T> {
    if input.depth >= DEEPEST {
        let message = format!("this nests more than {DEEPEST} deep");
        let help = "work parts of it out in a `let` before";
        return Err(fail(Diagnostic::new("syntax-depth", message, input.here()).help(help)));
    }
    let (rest, found) = parser(Tokens { depth: input.depth + 1, ..input })?;
    Ok((Tokens { depth: input.depth, ..rest }, found))
}

/// This sign.
pub fn symbol<'a>(sign: &'static str) -> impl Fn(Tokens<'a>) -> Read<'a, Span> {
    move |input| match input.peek() {
        Some(token) if token.is_symbol(sign) => Ok((input.skip(1), token.span)),
        _ => other(),
    }
}

/// This word.
pub fn word<'a>(text: &'static str) -> impl Fn(Tokens<'a>) -> Read<'a, Span> {
    move |input| match input.peek() {
        Some(token) if token.is_word(text) => Ok((input.skip(1), token.span)),
        _ => other(),
    }
}

/// Any name, words of the language among them.
pub fn name(input: Tokens) -> Read<Name> {
    match input.peek() {
        Some(Token { kind: TokenKind::Name { text, .. }, span }) => {
            Ok((input.skip(1), Name { text: text.clone(), span: *span }))
        }
        _ => other(),
    }
}

/// The bracket that closes the one at `open`.
pub fn closing<'a>(sign: &'static str, open: Span) -> impl Fn(Tokens<'a>) -> Read<'a, Span> {
    move |input| match symbol(sign)(input) {
        Ok(done) => Ok(done),
        Err(_) if input.never_closed(open) => Err(Err::Failure(Problem::Reported)),
        Err(_) => match input.peek() {
            Some(next) if next.kind == TokenKind::Bad => Err(Err::Failure(Problem::Reported)),
            Some(next) => {
                let message = format!("expected `,` or `{sign}`, but found `{}`", input.text(next.span));
                let mistake =
                    Diagnostic::new("syntax-expected", message, next.span).also(open, "opened here");
                Err(fail(match two_in_a_row(input) {
                    Some(help) => mistake.help(help),
                    None => mistake,
                }))
            }
            None => Err(lacking(input, "a closing bracket")),
        },
    }
}
