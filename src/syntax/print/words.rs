//! Which names need their backticks. A word of the language is reserved only where it can stand, so most of them are
//! names without backticks too; but where somebody wrote the backticks, or where brackets that stood around such a
//! name are left out, only backticks make sure that it stays a name.

use crate::syntax::lexer::lex;
use crate::syntax::token::{CONTINUING_WORDS, STAGES, TokenKind};

/// Words whose reading hangs on what stands behind them: `week of …`, `if …`, `each …`.
const LEADING: [&str; 30] = [
    "if", "not", "since", "until", "each", "this", "last", "next", "previous", "day", "week", "month",
    "quarter", "year", "fy", "days", "weeks", "months", "quarters", "years", "contains", "starts", "ends",
    "matches", "like", "ilike", "between", "true", "false", "missing",
];

/// Other words of the language, besides stages and those that a line may begin with.
const WORDS: [&str; 29] = [
    "param",
    "let",
    "summarize",
    "many",
    "seed",
    "same",
    "period",
    "other",
    "known",
    "null",
    "of",
    "rows",
    "row",
    "before",
    "from",
    "asc",
    "desc",
    "ascending",
    "descending",
    "us",
    "imperial",
    "fl",
    "group",
    "order",
    "limit",
    "having",
    "filter",
    "chart",
    "suppress",
];

/// Is the name no plain word, or a word that may be read as one of the language?
pub fn needs_quotes(name: &str) -> bool {
    let lower = name.to_lowercase();
    let listed = [LEADING.as_slice(), WORDS.as_slice(), CONTINUING_WORDS.as_slice(), STAGES.as_slice()];
    !is_plain(name) || listed.iter().any(|words| words.contains(&lower.as_str()))
}

/// May the word be read as one of the language where something else follows it than before?
pub fn hangs_on_what_follows(word: &str) -> bool {
    LEADING.contains(&word) || CONTINUING_WORDS.contains(&word)
}

/// Would a line that begins with this word go on with the statement above, or a word before it bind to it?
pub fn continues_a_line(word: &str) -> bool {
    CONTINUING_WORDS.contains(&word) || matches!(word, "contains" | "matches" | "starts" | "ends")
}

fn is_plain(name: &str) -> bool {
    let lexed = lex(name);
    let same = |kind: &TokenKind| *kind == TokenKind::Name { text: name.to_string(), quoted: false };
    lexed.found.is_empty() && matches!(lexed.tokens.as_slice(), [token] if same(&token.kind))
}
