//! How a line looks while it is typed: its tokens in the colours of what they are, the bracket that belongs to the one at
//! the cursor, and what nobody knows underlined. It goes by the names that there are anywhere, and asks nothing of the
//! data, so that it costs nothing a key.

use std::collections::HashSet;
use std::sync::Arc;

use crate::Casebook;
use crate::builtins;
use crate::catalog::CALENDAR;
use crate::repl::commands;
use crate::repl::session::{Definition, Session};
use crate::syntax::Span;
use crate::syntax::lexer;
use crate::syntax::token::{CONTINUING_WORDS, STAGES, Token, TokenKind};

const STAGE: &str = "1;36";
const KEYWORD: &str = "36";
const TABLE: &str = "1;32";
const FUNCTION: &str = "35";
const LITERAL: &str = "33";
const COMMENT: &str = "2";
const UNKNOWN: &str = "4;31";
const BRACKET: &str = "1;7";

/// Words of the language that are no stages.
const WORDS: [&str; 46] = [
    "let",
    "param",
    "is",
    "missing",
    "known",
    "contains",
    "starts",
    "ends",
    "matches",
    "true",
    "false",
    "if",
    "each",
    "this",
    "last",
    "next",
    "today",
    "yesterday",
    "tomorrow",
    "since",
    "until",
    "previous",
    "same",
    "period",
    "periods",
    "rows",
    "before",
    "other",
    "many",
    "seed",
    "of",
    "date",
    "summarize",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "fy",
    "weeks",
    "months",
    "quarters",
    "years",
    "fys",
    "past",
    "it",
];

/// The names that there are.
#[derive(Debug)]
pub struct Names {
    casebook: Arc<Casebook>,
    definitions: Vec<Definition>,
    question: Option<String>,
    /// What a question may start from.
    tables: HashSet<String>,
    /// Everything that may be named in one.
    all: HashSet<String>,
    /// The question so far has columns that its text doesn't name.
    open: bool,
}

impl Names {
    /// Those of a casebook, of the definitions so far, and of the question so far.
    pub fn of(session: &Session) -> Names {
        let catalogue = session.casebook().catalogue();
        let definitions = session.definitions().to_vec();
        let mut tables: HashSet<String> =
            catalogue.tables.iter().map(|table| table.name.to_string()).collect();
        tables.extend(catalogue.queries.iter().map(|query| query.name.clone()));
        tables.extend(definitions.iter().map(|definition| definition.name.clone()));
        tables.extend(["it".to_string()]);
        let mut all: HashSet<String> = tables.clone();
        for table in &catalogue.tables {
            all.extend(table.names().into_iter().map(str::to_string));
            all.extend(table.measures.iter().map(|measure| measure.name.clone()));
            all.extend(table.links.iter().map(|link| link.name.clone()));
            all.extend(table.backs.iter().map(|back| back.name.clone()));
        }
        all.extend(builtins::all().map(|builtin| builtin.name.to_string()));
        all.extend(catalogue.units.names().flat_map(str::split_whitespace).map(str::to_string));
        let words = WORDS.iter().chain(&STAGES).chain(&CONTINUING_WORDS).chain(&CALENDAR);
        all.extend(words.map(|word| word.to_string()));
        let question = session.question().map(str::to_string);
        let mut names = Names {
            casebook: Arc::clone(session.casebook()),
            definitions,
            question,
            tables,
            all,
            open: false,
        };
        let texts = session.definitions().iter().map(|d| d.text.as_str()).chain(session.question());
        for text in texts {
            let tokens = lexer::lex(text).tokens;
            names.open |= opens(&tokens);
            names.all.extend(defined(&tokens).map(str::to_string));
        }
        names
    }

    /// Is nothing new since they were gathered?
    pub fn are_of(&self, session: &Session) -> bool {
        Arc::ptr_eq(&self.casebook, session.casebook())
            && self.question.as_deref() == session.question()
            && self.definitions == session.definitions()
    }
}

/// The names that a text gives: before `=`, behind `as`, and in `into K, V`.
fn defined(tokens: &[Token]) -> impl Iterator<Item = &str> {
    let given = |at: usize| {
        let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
        tokens.get(at + 1).is_some_and(|next| next.is_symbol("=") || next.is_symbol(":"))
            || before(1).is_some_and(|token| token.is_word("as") || token.is_word("into"))
            || before(3).is_some_and(|token| token.is_word("into"))
    };
    tokens.iter().enumerate().filter_map(move |(at, token)| match &token.kind {
        TokenKind::Name { text, .. } if given(at) => Some(text.as_str()),
        _ => None,
    })
}

/// Has it a stage whose columns have names that stand nowhere?
fn opens(tokens: &[Token]) -> bool {
    let stages = ["pivot", "unpivot", "compare", "describe", "join"];
    tokens
        .windows(2)
        .any(|pair| pair[0].is_symbol("|") && pair[1].word().is_some_and(|word| stages.contains(&word)))
}

/// The line with its colours. The cursor stands before the byte `pos`.
pub fn paint(line: &str, pos: usize, names: &Names) -> String {
    if line.trim_start().starts_with('.') {
        return paint_command(line, pos);
    }
    let lexed = lexer::lex(line);
    let tokens = &lexed.tokens;
    let own: HashSet<&str> = defined(tokens).collect();
    let open = names.open || opens(tokens);
    let brackets = matching(tokens, pos);
    let mut painted: Vec<(Span, &str)> =
        lexed.comments.iter().map(|comment| (comment.span, COMMENT)).collect();
    for (at, token) in tokens.iter().enumerate() {
        let style = if brackets.is_some_and(|(a, b)| at == a || at == b) {
            Some(BRACKET)
        } else {
            let class = style(tokens, at, names, &own, open);
            // A word that may still become one isn't wrong yet.
            let typed = token.span.end == pos && class == Some(UNKNOWN);
            class.filter(|_| !(typed && begins(token, names, &own)))
        };
        painted.extend(style.map(|style| (token.span, style)));
    }
    painted.sort_by_key(|(span, _)| span.start);
    let mut text = String::with_capacity(line.len() * 2);
    let mut done = 0;
    for (span, style) in painted {
        let (Some(before), Some(own)) = (line.get(done..span.start), line.get(span.start..span.end)) else {
            continue;
        };
        text.push_str(before);
        text.push_str(&format!("\u{1b}[{style}m{own}\u{1b}[0m"));
        done = span.end;
    }
    text.push_str(line.get(done..).unwrap_or_default());
    text
}

/// The style of a token; `None` as it is.
fn style(
    tokens: &[Token],
    at: usize,
    names: &Names,
    own: &HashSet<&str>,
    open: bool,
) -> Option<&'static str> {
    let token = &tokens[at];
    let before = tokens[..at].last();
    let text = match &token.kind {
        TokenKind::Name { text, .. } => text.as_str(),
        TokenKind::Bad => return Some(UNKNOWN),
        _ => return token.is_literal().then_some(LITERAL),
    };
    let word = token.word();
    let next = tokens.get(at + 1);
    let within_path = before.is_some_and(|token| token.is_symbol("."));
    if before.is_some_and(|token| token.is_symbol("|")) {
        let stage = word.is_some_and(|word| STAGES.contains(&word) || word == "summarize");
        return Some(if stage { STAGE } else { UNKNOWN });
    }
    if next.is_some_and(|next| next.is_symbol("(")) && !within_path && builtins::find(text).is_some() {
        return Some(FUNCTION);
    }
    if starts(tokens, at) {
        let calendar = next.is_some_and(|next| next.is_word("in")) || word == Some("periods");
        return match word {
            Some("let" | "param") if next.is_some() => Some(KEYWORD),
            Some(word) if tokens.len() == 1 && commands::BARE.contains(&word) => None,
            _ if calendar => Some(KEYWORD),
            _ if names.tables.contains(text) || own.contains(text) => Some(TABLE),
            _ => Some(UNKNOWN),
        };
    }
    if within_path || own.contains(text) {
        return (!open && !names.all.contains(text) && !own.contains(text)).then_some(UNKNOWN);
    }
    let continuing = word.is_some_and(|word| CONTINUING_WORDS.contains(&word));
    if continuing || word.is_some_and(|word| is_keyword_here(word, before, next)) {
        return Some(KEYWORD);
    }
    let made = || text.split_once('_').is_some_and(|(function, _)| builtins::find(function).is_some());
    (!open && !names.all.contains(text) && !made()).then_some(UNKNOWN)
}

/// Words that are columns' names in other places.
fn is_keyword_here(word: &str, before: Option<&Token>, next: Option<&Token>) -> bool {
    let behind = |words: &[&str]| before.is_some_and(|token| words.iter().any(|word| token.is_word(word)));
    match word {
        "missing" | "known" => behind(&["is", "not"]),
        "true" | "false" | "today" | "if" | "contains" | "matches" => true,
        "starts" | "ends" => next.is_some_and(|next| next.is_word("with")),
        "this" | "last" | "next" | "since" | "until" => behind(&["in", "with"]),
        _ => false,
    }
}

/// Does a statement or a query in brackets begin here?
fn starts(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|before| &tokens[before]) else { return true };
    let named = before.is_symbol("=") && at.checked_sub(3).is_some_and(|at| tokens[at].is_word("let"));
    // `| let a = b` is a stage.
    let stage = at.checked_sub(4).is_some_and(|at| tokens[at].is_symbol("|"));
    before.is_symbol(";") || named && !stage
}

/// May it become a name that there is?
fn begins(token: &Token, names: &Names, own: &HashSet<&str>) -> bool {
    let Some(word) = token.word() else { return true };
    names.all.iter().any(|name| name.starts_with(word)) || own.iter().any(|name| name.starts_with(word))
}

/// The bracket at the cursor, or right before it, and the one that belongs to it.
fn matching(tokens: &[Token], pos: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut found = None;
    for (at, token) in tokens.iter().enumerate() {
        match token.symbol() {
            Some("(" | "[") => open.push(at),
            Some(")" | "]") => {
                let from = open.pop()?;
                let here = |at: usize| tokens[at].span.start == pos || tokens[at].span.end == pos;
                if here(from) || here(at) {
                    // The inner one of two, where both are.
                    found = found.or(Some((from, at)));
                }
            }
            _ => {}
        }
    }
    found
}

fn paint_command(line: &str, pos: usize) -> String {
    let start = line.len() - line.trim_start().len();
    let end = line[start..].find(char::is_whitespace).map_or(line.len(), |at| start + at);
    let name = line.get(start + 1..end).unwrap_or_default();
    let known = commands::named(name).is_some()
        || pos == end && commands::all().any(|command| command.name.starts_with(name));
    let style = if known { STAGE } else { UNKNOWN };
    format!("{}\u{1b}[{style}m{}\u{1b}[0m{}", &line[..start], &line[start..end], &line[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_belong_together() {
        let tokens = lexer::lex("a((b)c)").tokens;
        assert_eq!(matching(&tokens, 2), Some((2, 4)));
        assert_eq!(matching(&tokens, 7), Some((1, 6)));
        assert_eq!(matching(&tokens, 0), None);
    }
}
