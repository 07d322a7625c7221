//! Tokens: the words of a question. A literal such as `2023-10-09` or `£1.5m` is one token, so the
//! parser never has to ask whether a blank stood somewhere. Words of the language are not told from
//! other names here: `count` is a stage in one place and a column in the next, and only the parser
//! knows which.

use super::span::Span;

/// One word, literal or sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of token.
#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    /// `borough`, `` `Arrest Date` ``, and every word of the language.
    Name {
        /// The name without its backticks.
        text: String,
        /// Backticks stood around it, so it is no word of the language.
        quoted: bool,
    },
    /// `$week`, without the `$`.
    Param(String),
    /// `42`, `1_000`, `0.5`, underscores taken out.
    Number(String),
    /// `20%`, without the sign.
    Percent(String),
    /// `"Lambeth"`: the text meant.
    Text(String),
    /// `2023-10-09`
    Date(String),
    /// `2023-10-09T14:30`
    Datetime(String),
    /// `2023-10`, `2023-Q4`, `2023-W41`
    CalendarSpan(String),
    /// `£1.5m`
    Money {
        /// `£`, `$` or `€`.
        sign: char,
        /// The digits, underscores and commas taken out.
        number: String,
        /// `k`, `m` or `bn`.
        multiplier: Option<String>,
    },
    /// A currency's sign with no digits behind it, as in `to £/g`.
    Currency(char),
    /// An operator, a bracket or other punctuation.
    Symbol(&'static str),
    /// A line's end.
    Newline,
    /// Characters that mean nothing; they have been reported.
    Bad,
}

impl Token {
    /// The word, where this is a name without backticks.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            TokenKind::Name { text, quoted: false } => Some(text),
            _ => None,
        }
    }

    /// Is this the word `text`?
    pub fn is_word(&self, text: &str) -> bool {
        self.word() == Some(text)
    }

    /// The sign, where this is one.
    pub fn symbol(&self) -> Option<&'static str> {
        match self.kind {
            TokenKind::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// Is this the sign `text`?
    pub fn is_symbol(&self, text: &str) -> bool {
        self.symbol() == Some(text)
    }

    /// Is this a value in itself: a number, a text, a date, …?
    pub fn is_literal(&self) -> bool {
        matches!(
            self.kind,
            TokenKind::Param(_)
                | TokenKind::Number(_)
                | TokenKind::Percent(_)
                | TokenKind::Text(_)
                | TokenKind::Date(_)
                | TokenKind::Datetime(_)
                | TokenKind::CalendarSpan(_)
                | TokenKind::Money { .. }
        )
    }
}

/// A name as a question writes it.
pub fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { name.to_string() } else { format!("`{}`", name.replace('`', "``")) }
}

/// Words that a line may begin with to go on with the statement above, because no statement begins
/// with them.
pub const CONTINUING_WORDS: [&str; 19] = [
    "by", "per", "where", "and", "or", "not", "in", "is", "to", "with", "using", "into", "as", "on", "below",
    "sorted", "over", "then", "else",
];

/// The stages that there are, in the order of the reference.
pub const STAGES: [&str; 21] = [
    "where",
    "let",
    "select",
    "drop",
    "rename",
    "summarise",
    "count",
    "sort",
    "take",
    "top",
    "distinct",
    "pivot",
    "unpivot",
    "fill",
    "compare",
    "total",
    "append",
    "except",
    "join",
    "describe",
    "sample",
];
