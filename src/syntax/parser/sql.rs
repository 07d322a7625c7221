//! Hints for what other languages write. An analyst who comes from SQL writes `GROUP BY`, `IS NULL`
//! or `count(*)` out of habit; each gets a message that shows the Casebook way, and wherever it is
//! clear what was meant it is read so, that later mistakes are found in the same run.

use super::expr::{Level, expression, operators};
use super::input::{Problem, Read, Tokens, closing, fail, lacking, listed, required};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::span::Span;
use crate::syntax::token::{STAGES, Token, TokenKind};

/// Stages of other languages, with what takes the same things here.
const STAGES_ELSEWHERE: [(&str, &str); 14] = [
    ("filter", "where"),
    ("having", "where"),
    ("order", "sort"),
    ("arrange", "sort"),
    ("limit", "take"),
    ("head", "take"),
    ("derive", "let"),
    ("mutate", "let"),
    ("extend", "let"),
    ("project", "select"),
    ("aggregate", "summarise"),
    ("unique", "distinct"),
    ("union", "append"),
    ("minus", "except"),
];

fn hint(message: impl Into<String>, place: Span) -> Diagnostic {
    Diagnostic::new("syntax-sql", message, place)
}

/// Is the token this word, in capitals or not?
pub fn spells(token: &Token, word: &str) -> bool {
    token.word().is_some_and(|text| text.eq_ignore_ascii_case(word))
}

fn next_spells(input: Tokens, word: &str) -> bool {
    input.peek().is_some_and(|token| spells(token, word))
}

fn report_capitals(input: Tokens, written: &str, place: Span) {
    let right = written.to_lowercase();
    let message = format!("`{written}` is written `{right}`: words of the language are in lower case");
    input.report(hint(message, place).label(format!("write `{right}`")));
}

/// Report an operator in another language's dress.
pub fn check_operator(input: Tokens, place: Span) {
    let Some(token) = input.peek() else { return };
    if token.is_symbol("%") {
        let help = "write `20%` without a blank for a percentage, `mod(a, b)` for what a division leaves";
        input.report(hint("`%` belongs to a number, and is no operator", place).help(help));
    } else if spells(token, "like") || spells(token, "ilike") {
        let help =
            "write `contains`, `starts with` or `ends with`, which ignore case, or `matches` for a pattern";
        input.report(hint("there is no `like` in Casebook", place).help(help));
    } else if spells(token, "between") {
        let help = "write `x in a..b`: both ends are included";
        input.report(hint("`between` is written `in` with a range", place).help(help));
    } else if token.word().is_some() {
        // The words alone: a comment may stand between them.
        let words = input.rest().iter().take_while(|token| token.span.end <= place.end);
        if words.filter_map(Token::word).any(|word| word.chars().any(char::is_uppercase)) {
            report_capitals(input, &input.text(place), place);
        }
    }
}

/// After `between LOW`: `and HIGH`, read as a range.
pub fn between<'a>(input: Tokens<'a>, low: Expr) -> Read<'a, Expr> {
    if !next_spells(input, "and") {
        return Err(lacking(input, "`and` and the upper end"));
    }
    let (rest, high) = required(|i| operators(i, Level::Coalesce), "a value")(input.skip(1))?;
    let span = low.span.to(high.span);
    Ok((rest, Expr { kind: ExprKind::Range(Box::new(low), Box::new(high)), span }))
}

/// `NULL` where a value should stand.
pub fn report_null(input: Tokens) {
    let help = "to find such rows: `x is missing`";
    input.report(hint("`NULL` is written `missing`", input.here()).help(help));
}

/// `("A", "B")`, from its first comma on: read as the list that was meant.
pub fn round_list(input: Tokens, first: Expr, open: Span) -> Read<Expr> {
    let (rest, more) = required(listed(expression, "a value"), "a value")(input.skip(1))?;
    let (rest, _) = closing(")", open)(rest)?;
    let span = rest.since(open);
    input.report(hint("a list stands in square brackets", span).help("write `[\"A\", \"B\"]`"));
    let items = std::iter::once(first).chain(more).collect();
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind: ExprKind::List(items), span }))
}

/// The `*` in `count(*)`.
pub fn skip_star<'a>(input: Tokens<'a>, name: &Name) -> Tokens<'a> {
    if !input.is_symbol("*") || !input.second().is_some_and(|t| t.is_symbol(")")) {
        return input;
    }
    let right = name.text.to_lowercase();
    input.report(hint(format!("`{right}` needs no `*`"), input.here()).label(format!("write `{right}()`")));
    input.skip(1)
}

/// `EXPR as NAME`: here the name comes first.
pub fn alias<'a>(input: Tokens<'a>, expr: Span) -> Read<'a, Option<Name>> {
    let (Some(first), Some(second)) = (input.peek(), input.second()) else { return Ok((input, None)) };
    let TokenKind::Name { text, .. } = &second.kind else { return Ok((input, None)) };
    if !spells(first, "as") {
        return Ok((input, None));
    }
    let written = input.text(first.span);
    let help = format!("write `{} = {}`", input.text(second.span), input.text(expr));
    input.report(hint(format!("a name comes first, so there is no `{written}`"), first.span).help(help));
    Ok((input.skip(2), Some(Name { text: text.clone(), span: second.span })))
}

/// `KEY desc`: here a `-` before the key says so. True for `desc`.
pub fn direction(input: Tokens, key: Span) -> (Tokens, bool) {
    let Some(token) = input.peek() else { return (input, false) };
    let down = spells(token, "desc") || spells(token, "descending");
    if !down && !spells(token, "asc") && !spells(token, "ascending") {
        return (input, false);
    }
    let written = input.text(token.span);
    let key = input.text(key);
    let help =
        if down { format!("write `-{key}`") } else { format!("write `{key}`: smallest first is the rule") };
    input.report(
        hint(format!("there is no `{written}`: a `-` before a key turns it round"), token.span).help(help),
    );
    (input.skip(1), down)
}

/// The `by` in `sort by x`.
pub fn skip_by(input: Tokens) -> Tokens {
    if !next_spells(input, "by") || input.second().is_none_or(|t| t.is_symbol("|") || t.is_symbol(",")) {
        return input;
    }
    input.report(
        hint("`sort` needs no `by`", input.here()).help("write `sort x`, or `sort -x` for the largest first"),
    );
    input.skip(1)
}

/// `SELECT … FROM …` at a statement's start.
pub fn check_select(input: Tokens) -> Result<(), nom::Err<Problem>> {
    let starts = next_spells(input, "select");
    if !starts || input.second().is_none_or(|t| t.is_symbol("|")) {
        return Ok(());
    }
    let from = input.rest().iter().position(|t| spells(t, "from"));
    let Some(from) = from else { return Ok(()) };
    let table = input.skip(from + 1).peek().map_or("arrests".to_string(), |t| input.text(t.span));
    Err(fail(
        hint("a question starts with its table, not with `select`", input.here())
            .label("SQL begins like this")
            .help(format!("write `{table} | where … | select …`, or `{table} | count by …`")),
    ))
}

/// `select *`
pub fn select_all(input: Tokens) -> nom::Err<Problem> {
    let help = "leave the stage out: all columns are shown unless a stage says otherwise";
    fail(hint("there is no `select *`", input.here()).help(help))
}

/// The `from` in `from arrests | …`.
pub fn skip_from(input: Tokens) -> Tokens {
    let table = input.second().filter(|t| matches!(t.kind, TokenKind::Name { .. }));
    let (true, Some(table)) = (next_spells(input, "from"), table) else { return input };
    let message = "a question starts with its table, with no word before it";
    input.report(hint(message, input.here()).help(format!("write `{} | …`", input.text(table.span))));
    input.skip(1)
}

/// Does a stage of SQL begin here, with no `|` before it?
pub fn begins_stage(input: Tokens) -> bool {
    let Some(word) = input.peek().and_then(Token::word) else { return false };
    let second = |word: &str| input.second().is_some_and(|t| spells(t, word));
    match word.to_lowercase().as_str() {
        "group" | "order" => second("by"),
        "limit" => input.second().is_some_and(|t| matches!(t.kind, TokenKind::Number(_))),
        "having" => true,
        _ => false,
    }
}

/// A stage of another language: the one that was meant, where one takes the same things.
pub fn stage(input: Tokens) -> Result<Option<(Tokens, &'static str)>, nom::Err<Problem>> {
    let Some(written) = input.peek().and_then(Token::word) else { return Ok(None) };
    let lower = written.to_lowercase();
    if let Some(stage) = STAGES.into_iter().find(|stage| *stage == lower) {
        report_capitals(input, written, input.here());
        return Ok(Some((input.skip(1), stage)));
    }
    let by = input.second().filter(|t| spells(t, "by"));
    if let ("group", Some(by)) = (lower.as_str(), by) {
        let span = input.here().to(by.span);
        let help = "write `count by x`, or `summarise n = count() by x`";
        return Err(fail(hint("grouping is part of `count` and `summarise`", span).help(help)));
    }
    let counts = input.second().is_some_and(|next| matches!(next.kind, TokenKind::Number(_)));
    let elsewhere = STAGES_ELSEWHERE.into_iter().find(|(elsewhere, _)| *elsewhere == lower);
    // `first` of anything else than rows is an aggregate.
    let Some((_, stage)) = elsewhere.or((lower == "first" && counts).then_some(("first", "take"))) else {
        return Ok(None);
    };
    let (rest, place) = match by {
        Some(by) => (input.skip(2), input.here().to(by.span)),
        None => (input.skip(1), input.here()),
    };
    let message = format!("`{}` is `{stage}` in Casebook", input.text(place));
    let code =
        if matches!(lower.as_str(), "having" | "order" | "limit") { "syntax-sql" } else { "name-stage" };
    input.report(Diagnostic::new(code, message, place).label(format!("write `{stage}`")));
    Ok(Some((rest, stage)))
}
