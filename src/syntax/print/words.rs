//! Which names need their backticks. A word of the language is reserved only where it can stand, so most of them are
//! names without backticks too; but where somebody wrote the backticks, or where brackets that stood around such a
//! name are left out, only backticks make sure that it stays a name.

use crate::syntax::lexer::lex;
use crate::syntax::token::{CONTINUING_WORDS, STAGES, TokenKind};

/// Words of the language besides stages and those that a line may begin with.
const WORDS: [&str; 60] = [
    "param",
    "let",
    "summarize",
    "many",
    "seed",
    "same",
    "period",
    "with",
    "other",
    "if",
    "contains",
    "starts",
    "ends",
    "matches",
    "missing",
    "known",
    "true",
    "false",
    "null",
    "since",
    "until",
    "of",
    "each",
    "rows",
    "row",
    "before",
    "from",
    "like",
    "ilike",
    "between",
    "asc",
    "desc",
    "ascending",
    "descending",
    "us",
    "imperial",
    "fl",
    "this",
    "last",
    "next",
    "previous",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "fy",
    "days",
    "weeks",
    "months",
    "quarters",
    "years",
    "group",
    "order",
    "limit",
    "having",
    "filter",
    "date",
    "chart",
    "suppress",
];

/// Is the name no plain word, or a word that may be read as one of the language?
pub fn needs_quotes(name: &str) -> bool {
    let lower = name.to_lowercase();
    let listed = [WORDS.as_slice(), CONTINUING_WORDS.as_slice(), STAGES.as_slice()];
    !is_plain(name) || listed.iter().any(|words| words.contains(&lower.as_str()))
}

/// Would a line that begins with this word go on with the statement above?
pub fn continues_a_line(word: &str) -> bool {
    CONTINUING_WORDS.contains(&word) || matches!(word, "contains" | "matches" | "starts" | "ends")
}

fn is_plain(name: &str) -> bool {
    let lexed = lex(name);
    let same = |kind: &TokenKind| *kind == TokenKind::Name { text: name.to_string(), quoted: false };
    lexed.found.is_empty() && matches!(lexed.tokens.as_slice(), [token] if same(&token.kind))
}
