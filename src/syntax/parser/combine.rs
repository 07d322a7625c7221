//! Stages that bring in other rows: those of another period (`compare`) or of another query (`append`, `except`,
//! `join`), which is named or stands in brackets.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::expr::{Level, expression, operators};
use super::input::{Read, Tokens, closing, name, nested, other, required, symbol, word};
use super::source::begins_calendar;
use super::statement;
use crate::syntax::ast::{Against, Query, Source, StageKind};

/// `compare COL in PERIOD with previous`
pub fn compare(input: Tokens) -> Read<StageKind> {
    let size = |i| operators(i, Level::Range);
    let (rest, of) = required(|i| operators(i, Level::Coalesce), "a column of dates")(input)?;
    let (rest, _) = required(word("in"), "`in` and a period")(rest)?;
    let (rest, period) = required(size, "a period")(rest)?;
    let what = "`with previous`, `with same period last year` or `with` and a period";
    let (rest, _) = required(word("with"), what)(rest)?;
    let start = rest.here();
    let words = |words: &[&str]| {
        let tokens = rest.rest();
        words.iter().enumerate().all(|(at, word)| tokens.get(at).is_some_and(|token| token.is_word(word)))
    };
    let (rest, with) = if words(&["same", "period", "last", "year"]) {
        let rest = rest.skip(4);
        (rest, Against::LastYear(rest.since(start)))
    } else if words(&["previous"]) {
        let rest = rest.skip(1);
        (rest, Against::Previous(rest.since(start)))
    } else {
        let (rest, period) = required(size, "`previous`, `same period last year` or a period")(rest)?;
        (rest, Against::Period(period))
    };
    Ok((rest, StageKind::Compare { of, period, with }))
}

/// Another query: its name, or all of it in brackets.
pub fn query(input: Tokens) -> Read<Query> {
    let one = |input| match symbol("(")(input) {
        Ok(_) => nested(input, bracketed),
        Err(_) => {
            let (rest, source) = name(input)?;
            let span = source.span;
            Ok((rest, Query { title: None, source: Source::Named(source), stages: Vec::new(), span }))
        }
    };
    required(one, "a query: a name, or all of it in brackets,")(input)
}

/// Does a query in brackets begin here? One that starts from a calendar looks like `(months in 2023)`, which asks a
/// column, until its first stage.
pub fn begins_query(input: Tokens) -> bool {
    let inside = input.skip(1);
    let named = name(inside).is_ok() && input.skip(2).is_symbol("|");
    input.is_symbol("(") && (named || begins_calendar(inside) && has_stages(inside))
}

/// Does a `|` come before the bracket is closed?
fn has_stages(inside: Tokens) -> bool {
    let mut open = 0usize;
    for token in inside.rest() {
        let any = |signs: [&str; 2]| signs.iter().any(|sign| token.is_symbol(sign));
        if any(["(", "["]) {
            open += 1;
        } else if any([")", "]"]) {
            let Some(left) = open.checked_sub(1) else { return false };
            open = left;
        } else if open == 0 && token.is_symbol("|") {
            return true;
        }
    }
    false
}

/// `(arrests | where …)`
pub fn bracketed(input: Tokens) -> Read<Query> {
    let (rest, open) = symbol("(")(input)?;
    if input.never_closed(open) {
        return other();
    }
    let mut inside = rest;
    inside.bracketed = true;
    let (mut rest, query) = required(statement::query, "a table's name")(inside)?;
    rest.bracketed = input.bracketed;
    let (rest, _) = closing(")", open)(rest)?;
    Ok((rest, Query { span: rest.since(open), ..query }))
}

/// `join [many] QUERY [as NAME] on PRED`
pub fn join(input: Tokens) -> Read<StageKind> {
    let start = input.here();
    let many = input.is_word("many")
        && input.second().is_some_and(|next| !next.is_word("on") && !next.is_word("as"));
    let rest = if many { input.skip(1) } else { input };
    let (rest, query) = query(rest)?;
    let (rest, alias) = opt(preceded(word("as"), required(name, "a name"))).parse(rest)?;
    let (rest, _) = required(word("on"), "`on` and which rows meet")(rest)?;
    let (rest, on) = required(expression, "a condition")(rest)?;
    Ok((rest, StageKind::Join { many: many.then_some(start), query, alias, on }))
}
