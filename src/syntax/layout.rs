//! Layout: where one statement ends and the next begins, and which bracket belongs to which. A line
//! end ends a statement unless a bracket is open, the line ends in something that wants more, or the
//! next line begins with something that no statement begins with. All of that is settled here, so
//! the parser sees one slice of tokens a statement and never a line end.
//!
//! A bracket that is never closed is reported here and then counts as no bracket, so that the
//! statements after it are still read; one too many is reported and dropped.

use std::collections::HashSet;

use super::lexer::Lexed;
use super::span::Span;
use super::token::{CONTINUING_WORDS, STAGES, Token, TokenKind};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Stages that say something by their word alone.
const WHOLE_STAGES: [&str; 4] = ["count", "distinct", "total", "describe"];

/// Operators that may begin a statement as well, as the name of a table.
const CONTINUES: [&str; 2] = ["contains", "matches"];

/// A text in statements.
#[derive(Debug, Default)]
pub struct Layout {
    /// The tokens of each statement, none of them empty.
    pub statements: Vec<Vec<Token>>,
    /// Where brackets stand that are never closed.
    pub unclosed: HashSet<usize>,
    /// What was wrong.
    pub found: Diagnostics,
}

/// What to make of each bracket.
#[derive(Default)]
struct Brackets {
    /// Index of each opening bracket that is never closed.
    unclosed: Vec<usize>,
    /// Index of each closing bracket that nothing opened.
    stray: HashSet<usize>,
    /// Index of a closing bracket of the wrong shape, and of the one it closes.
    wrong: Vec<(usize, usize)>,
}

/// Cut a text into statements.
pub fn lay_out(lexed: &Lexed) -> Layout {
    let mut tokens = lexed.tokens.clone();
    let mut brackets = match_brackets(&tokens, false);
    if !brackets.unclosed.is_empty() || !brackets.stray.is_empty() || !brackets.wrong.is_empty() {
        brackets = match_brackets(&tokens, true);
    }
    let mut layout = Layout::default();
    for &(close, open) in &brackets.wrong {
        mend(&mut tokens, open, close, &mut layout.found);
    }
    let unclosed: HashSet<usize> = brackets.unclosed.iter().copied().collect();
    layout.unclosed =
        unclosed.iter().filter_map(|&at| tokens.get(at)).map(|token| token.span.start).collect();

    let mut depth = 0usize;
    let mut current: Vec<Token> = Vec::new();
    let mut open: Vec<Span> = Vec::new();
    let mut stray: Vec<Span> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let ends = match token.symbol() {
            Some("(" | "[") if unclosed.contains(&at) => {
                open.push(token.span);
                false
            }
            Some("(" | "[") => {
                depth += 1;
                false
            }
            Some(")" | "]") if brackets.stray.contains(&at) => {
                stray.push(token.span);
                continue;
            }
            Some(")" | "]") => {
                depth = depth.saturating_sub(1);
                false
            }
            Some(";") => true,
            _ if token.kind == TokenKind::Newline => {
                if depth > 0 || !ends_statement(&current, tokens.get(at + 1..).unwrap_or_default()) {
                    continue;
                }
                true
            }
            _ => false,
        };
        if ends {
            finish(&mut layout, &mut current, &mut open, &mut stray, lexed);
        } else {
            current.push(token.clone());
        }
    }
    finish(&mut layout, &mut current, &mut open, &mut stray, lexed);
    layout
}

/// Does the text so far certainly go on? For the prompt, which then shows a second line.
pub fn is_open(lexed: &Lexed) -> bool {
    let tokens: Vec<Token> = lexed.tokens.iter().filter(|t| t.kind != TokenKind::Newline).cloned().collect();
    let Some(last) = tokens.last() else { return !lexed.comments.is_empty() };
    // A text ends in its line, so its mistake is said at once, whatever brackets it may have swallowed.
    if lexed.found.iter().any(|found| found.code == "syntax-string") {
        return false;
    }
    let statement = tokens.iter().rposition(|t| t.is_symbol(";")).map_or(0, |at| at + 1);
    let statement = tokens.get(statement..).unwrap_or_default();
    (!last.is_symbol(";") && wants_more(statement)) || !match_brackets(statement, false).unclosed.is_empty()
}

/// Pair the brackets. Where some don't pair, `guess` keeps the mistake to one statement: a line that
/// looks like a statement's first then closes whatever is open.
fn match_brackets(tokens: &[Token], guess: bool) -> Brackets {
    let mut brackets = Brackets::default();
    let mut stack: Vec<(usize, &str)> = Vec::new();
    let (mut round, mut square) = (0usize, 0usize);
    for (at, token) in tokens.iter().enumerate() {
        match token.symbol() {
            Some(open @ ("(" | "[")) => {
                if open == "(" {
                    round += 1
                } else {
                    square += 1
                }
                stack.push((at, open));
            }
            Some(close @ (")" | "]")) => {
                let wanted = if close == ")" { "(" } else { "[" };
                let somewhere = if close == ")" { round > 0 } else { square > 0 };
                // Those inside the one that this closes are never closed themselves.
                while somewhere && stack.last().is_some_and(|(_, open)| *open != wanted) {
                    if let Some((inner, open)) = stack.pop() {
                        if open == "(" {
                            round -= 1
                        } else {
                            square -= 1
                        }
                        brackets.unclosed.push(inner);
                    }
                }
                match stack.pop() {
                    Some((opened, open)) => {
                        if open == "(" {
                            round -= 1
                        } else {
                            square -= 1
                        }
                        if open != wanted {
                            brackets.wrong.push((at, opened));
                        }
                    }
                    None => {
                        brackets.stray.insert(at);
                    }
                }
            }
            Some(";") => {
                brackets.unclosed.extend(stack.drain(..).map(|(at, _)| at));
                (round, square) = (0, 0);
            }
            None if guess && token.kind == TokenKind::Newline && looks_new(tokens, at) => {
                brackets.unclosed.extend(stack.drain(..).map(|(at, _)| at));
                (round, square) = (0, 0);
            }
            _ => {}
        }
    }
    brackets.unclosed.extend(stack.into_iter().map(|(at, _)| at));
    brackets
}

/// Does the line after this line end look like the first of a statement?
fn looks_new(tokens: &[Token], newline: usize) -> bool {
    let (before, after) = tokens.split_at(newline);
    let next = |n: usize| after.get(n + 1);
    let sign = |n: usize, sign: &str| next(n).is_some_and(|t| t.is_symbol(sign));
    let named = |n: usize| next(n).is_some_and(|t| matches!(t.kind, TokenKind::Name { .. }));
    let defines = next(0).is_some_and(|t| t.is_word("let") || t.is_word("param"));
    let begins = named(0) && (sign(1, "|") || defines && named(1) && (sign(2, "=") || sign(2, ":")));
    let opened = before.last().is_some_and(|t| t.is_symbol("(") || t.is_symbol("["));
    begins && !opened && !wants_more(before)
}

/// `(1, 2]`: say so, and go on as though the right bracket stood there.
fn mend(tokens: &mut [Token], open: usize, close: usize, found: &mut Diagnostics) {
    let Some((was, opened)) = tokens.get(open).and_then(|t| Some((t.symbol()?, t.span))) else { return };
    let Some(token) = tokens.get_mut(close) else { return };
    let right = if was == "(" { ")" } else { "]" };
    found.push(
        Diagnostic::new("syntax-bracket", format!("`{was}` is closed with `{right}`"), token.span)
            .label(format!("write `{right}`"))
            .also(opened, "opened here"),
    );
    token.kind = TokenKind::Symbol(right);
}

/// Put a statement away, and report its brackets: once, however many are wrong.
fn finish(
    layout: &mut Layout,
    current: &mut Vec<Token>,
    open: &mut Vec<Span>,
    stray: &mut Vec<Span>,
    lexed: &Lexed,
) {
    // A text that is never closed has swallowed the bracket; that has been reported.
    let swallowed = |at: Span| {
        let strings = lexed.found.iter().filter(|d| d.code == "syntax-string");
        strings.flat_map(|d| &d.labels).any(|label| {
            at.end <= label.span.start && current.last().is_some_and(|last| label.span.end <= last.span.end)
        })
    };
    if let (Some(&at), Some(last)) = (open.last(), current.last())
        && !swallowed(at)
    {
        let message = match open.len() {
            1 => "this bracket is never closed".to_string(),
            n => format!("{n} brackets are never closed, this one among them"),
        };
        let end = last.span.after();
        layout.found.push(
            Diagnostic::new("syntax-bracket", message, at)
                .label("opened here")
                .also(end, "the question ends here"),
        );
    }
    if let Some(&at) = stray.first() {
        let message = match stray.len() {
            1 => "this bracket closes nothing".to_string(),
            n => format!("{n} brackets close nothing, this one first"),
        };
        layout.found.push(Diagnostic::new("syntax-bracket", message, at).label("nothing is open here"));
    }
    open.clear();
    stray.clear();
    if !current.is_empty() {
        layout.statements.push(std::mem::take(current));
    }
}

/// Does a line end outside brackets end the statement? `before` are the statement's tokens so far, without line ends,
/// and `after` what comes next.
pub fn ends_statement(before: &[Token], after: &[Token]) -> bool {
    !wants_more(before) && !goes_on(after)
}

/// Does a line that ends like this go on?
fn wants_more(line: &[Token]) -> bool {
    let Some((last, before)) = line.split_last() else { return false };
    match (&last.kind, last.word()) {
        (TokenKind::Symbol(sign), _) => {
            matches!(*sign, "|" | "," | ".." | "??")
                || matches!(*sign, "=" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/")
        }
        (_, Some(word)) if before.last().is_some_and(|t| t.is_symbol("|")) => {
            STAGES.contains(&word) && !WHOLE_STAGES.contains(&word)
        }
        (_, Some("not")) => true,
        (_, Some("by")) if before.last().is_some_and(|t| t.is_word("count")) => true,
        // `not in`; other words behind it are names.
        (_, Some(word)) if before.last().is_some_and(|t| t.is_word("not")) => word == "in",
        // A column may have one of these names; where something precedes it that it belongs to, it has not.
        (_, Some(word)) => {
            (CONTINUES.contains(&word) || CONTINUING_WORDS.contains(&word)) && ends_value(before)
        }
        _ => false,
    }
}

/// Does this end in something that can be the left side of an operator?
fn ends_value(line: &[Token]) -> bool {
    let Some((last, before)) = line.split_last() else { return false };
    match last.word() {
        Some("not") => true,
        Some(word) if CONTINUING_WORDS.contains(&word) => false,
        Some(word) if CONTINUES.contains(&word) && ends_value(before) => false,
        Some(word) if STAGES.contains(&word) => !before.last().is_some_and(|t| t.is_symbol("|")),
        Some(_) => true,
        None => !matches!(last.symbol(), Some(sign) if sign != ")" && sign != "]"),
    }
}

/// Does a line that begins like this go on with the one above?
fn goes_on(line: &[Token]) -> bool {
    let Some(first) = line.first() else { return false };
    let followed =
        line.get(1).is_some_and(|t| t.kind != TokenKind::Newline && !t.is_symbol("|") && !t.is_symbol(";"));
    match (first.symbol(), first.word()) {
        (Some(sign), _) => !matches!(sign, "(" | "[" | ")" | "]" | ";" | ":" | "." | "%"),
        (_, Some(word)) if CONTINUES.contains(&word) => followed,
        (_, Some("starts" | "ends")) => line.get(1).is_some_and(|t| t.is_word("with")),
        (_, Some(word)) => CONTINUING_WORDS.contains(&word),
        _ => false,
    }
}
