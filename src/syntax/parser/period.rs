//! Periods that begin with a word: `since 2019-11`, `until 2023-03`, `week of 2023-10-09`. Those made
//! of two ends (`a..b`) are an operator's work, in [`super::expr`], and a month or a day by itself is
//! a literal.

use super::expr::{Level, operators};
use super::input::{Read, Tokens, fail, name, required};
use super::operand::starts_operand;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::token::{Token, TokenKind};

const UNITS: [&str; 6] = ["day", "week", "month", "quarter", "year", "fy"];
const MANY: [&str; 5] = ["days", "weeks", "months", "quarters", "years"];

/// Does a period begin here, rather than a column of that name?
pub fn begins(input: Tokens) -> bool {
    let Some(second) = input.second() else { return false };
    match input.peek().and_then(Token::word) {
        Some("since" | "until") => starts_operand(second) && !infix_word(second),
        Some(unit) if UNITS.contains(&unit) && second.is_word("of") => true,
        _ => relative(input),
    }
}

/// Is this a word that stands between two values?
fn infix_word(token: &Token) -> bool {
    matches!(token.word(), Some("not" | "contains" | "starts" | "ends" | "matches"))
}

/// `last 7 days`, `this week`, `fy 2023`
fn relative(input: Tokens) -> bool {
    let Some(second) = input.second() else { return false };
    let number = matches!(second.kind, TokenKind::Number(_));
    let unit = second.word().is_some_and(|w| UNITS.contains(&w) || MANY.contains(&w));
    match input.peek().and_then(Token::word) {
        Some("this" | "last" | "next" | "previous") => number || unit,
        Some("fy") => number,
        _ => false,
    }
}

/// A period that begins with a word.
pub fn period(input: Tokens) -> Read<Expr> {
    let start = input.here();
    if relative(input) {
        let span = input.skip(2).since(start);
        let message = format!("periods such as `{}` can't be read yet", input.text(span));
        let help = "give the dates: `2023-10-09..2023-10-15`, `2023-10` or `since 2019-11`";
        return Err(fail(Diagnostic::new("syntax-expected", message, span).help(help)));
    }
    let (rest, unit) = name(input)?;
    let of = rest.is_word("of");
    let rest = if of { rest.skip(1) } else { rest };
    let (rest, date) = required(|i| operators(i, Level::Coalesce), "a date")(rest)?;
    let span = start.to(date.span);
    let date = Box::new(date);
    let kind = if of {
        ExprKind::UnitOf { unit, date }
    } else {
        ExprKind::Open { since: unit.text == "since", bound: date }
    };
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind, span }))
}
