//! Periods that begin with a word: `since 2019-11`, `week of 2023-10-09`, `last 4 weeks`, `year to date`,
//! `fy 2023`. Those made of two ends (`a..b`) are an operator's work, in [`super::expr`], and a month or a day by
//! itself is a literal. Whether there are so many weeks, or such a year, is the checker's to say.
//!
//! The words are columns' names as well, so two or three tokens decide: no operand has a name or a number right
//! behind it.

use nom::Err;

use super::expr::{Level, operators};
use super::input::{Problem, Read, Tokens, fail, name, required};
use super::operand::starts_operand;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Expr, ExprKind, Name, NamedPeriod, Which};
use crate::syntax::token::{Token, TokenKind};

/// The units of the calendar.
pub const UNITS: [&str; 6] = ["day", "week", "month", "quarter", "year", "fy"];
/// Many of them.
pub const MANY: [&str; 6] = ["days", "weeks", "months", "quarters", "years", "fys"];

/// Words that stand before a unit, here or elsewhere.
pub const RELATIVE: [&str; 7] = ["this", "last", "next", "previous", "past", "current", "coming"];

/// Does a period begin here, rather than a column of that name?
pub fn begins(input: Tokens) -> bool {
    let Some(second) = input.second() else { return false };
    match input.peek().and_then(Token::word) {
        Some("since" | "until") => starts_operand(second) && !infix_word(second),
        Some(word) if UNITS.contains(&word) && second.is_word("of") => true,
        _ => relative(input) || to_date(input) || financial_year(input),
    }
}

/// Is this a word that stands between two values?
fn infix_word(token: &Token) -> bool {
    matches!(token.word(), Some("not" | "contains" | "starts" | "ends" | "matches"))
}

fn is_unit(token: &Token) -> bool {
    token.word().is_some_and(|word| UNITS.contains(&word) || MANY.contains(&word))
}

/// `last 7 days`, `this week`, and the same in words of other people's.
fn relative(input: Tokens) -> bool {
    let begins = input.peek().and_then(Token::word).is_some_and(|word| RELATIVE.contains(&word));
    let goes_on = |second: &Token| matches!(second.kind, TokenKind::Number(_)) || is_unit(second);
    begins && input.second().is_some_and(goes_on)
}

/// `year to date`
fn to_date(input: Tokens) -> bool {
    let third = input.skip(2);
    input.peek().and_then(Token::word).is_some_and(|word| UNITS.contains(&word))
        && input.second().is_some_and(|second| second.is_word("to"))
        && third.is_word("date")
}

/// `fy 2023`
fn financial_year(input: Tokens) -> bool {
    let word = input.peek().and_then(Token::word);
    let year = |token: &Token| matches!(token.kind, TokenKind::Number(_) | TokenKind::CalendarSpan(_));
    word.is_some_and(|word| word.eq_ignore_ascii_case("fy")) && input.second().is_some_and(year)
}

/// A period that begins with a word.
pub fn period(input: Tokens) -> Read<Expr> {
    let start = input.here();
    let named = if relative(input) {
        Some(relative_period(input)?)
    } else if to_date(input) {
        let (_, unit) = name(input)?;
        Some((input.skip(3), NamedPeriod::ToDate { unit }))
    } else if financial_year(input) {
        Some(fy(input)?)
    } else {
        None
    };
    if let Some((rest, period)) = named {
        return Ok((rest, Expr { kind: ExprKind::Named(period), span: rest.since(start) }));
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

/// `last month`, `last 4 weeks`
fn relative_period(input: Tokens) -> Read<NamedPeriod> {
    let (rest, word) = name(input)?;
    let (rest, count) = match rest.peek() {
        Some(Token { kind: TokenKind::Number(digits), span }) => {
            (rest.skip(1), Some(Name { text: digits.clone(), span: *span }))
        }
        _ => (rest, None),
    };
    let so_far = || input.text(rest.since(word.span));
    let Some(unit) = rest.peek().filter(|token| is_unit(token)) else {
        return Err(no_unit(rest, &so_far()));
    };
    let (rest, unit) =
        (rest.skip(1), Name { text: unit.word().unwrap_or_default().to_string(), span: unit.span });
    let which = match word.text.as_str() {
        "this" => Which::This,
        "last" => Which::Last,
        "next" => Which::Next,
        other => {
            let now = match other {
                "current" => "this",
                "coming" => "next",
                _ => "last",
            };
            let message = format!("`{other}` names no period");
            return Err(fail(
                Diagnostic::new("syntax-expected", message, word.span).label(format!("write `{now}`")),
            ));
        }
    };
    if rest.is_word("of") {
        let span = rest.skip(1).since(word.span);
        let message = format!("`{} {}` is a whole period by itself", word.text, unit.text);
        let help =
            format!("leave `of` out, or name a day: `{} of 2023-10-09`", unit.text.trim_end_matches('s'));
        return Err(fail(Diagnostic::new("syntax-expected", message, span).help(help)));
    }
    Ok((rest, NamedPeriod::Relative { which, count, unit }))
}

/// `last 7` of nothing, or of something that is no span of days.
fn no_unit(rest: Tokens, so_far: &str) -> Err<Problem> {
    let help = format!("`{so_far} days`, or weeks, months, quarters, years, fy");
    let clock = ["hour", "hours", "minute", "minutes", "second", "seconds"];
    let mistake = match rest.peek().filter(|token| token.word().is_some()) {
        Some(token) if token.word().is_some_and(|word| clock.contains(&word)) => {
            Diagnostic::new("syntax-expected", "a period is made of whole days", token.span).help(help)
        }
        Some(token) => {
            let message = format!("`{}` is no unit of the calendar", rest.text(token.span));
            Diagnostic::new("syntax-expected", message, token.span).help(help)
        }
        None => {
            let at = rest.before().map_or(rest.here(), |token| token.span);
            Diagnostic::new("syntax-expected", format!("`{so_far}` of what?"), at).help(help)
        }
    };
    fail(mistake)
}

/// `fy 2023`
fn fy(input: Tokens) -> Read<NamedPeriod> {
    let (rest, word) = name(input)?;
    let Some(token) = rest.peek() else { return super::input::other() };
    let rest = rest.skip(1);
    let year = match &token.kind {
        TokenKind::Number(digits) => digits.as_str(),
        TokenKind::CalendarSpan(text) => text.as_str(),
        _ => "",
    };
    if word.text != "fy" {
        let mistake =
            Diagnostic::new("syntax-expected", "words of the language are in small letters", word.span);
        return Err(fail(mistake.label("write `fy`")));
    }
    // `fy 2023/24`, `fy 2023-24`
    let divided =
        rest.is_symbol("/") && rest.second().is_some_and(|t| matches!(t.kind, TokenKind::Number(_)));
    if divided || !matches!(token.kind, TokenKind::Number(_)) {
        let end = if divided { rest.skip(2) } else { rest };
        let message = "a financial year goes by the year in which it begins";
        let begins: String = year.chars().take_while(char::is_ascii_digit).collect();
        return Err(fail(
            Diagnostic::new("syntax-expected", message, end.since(word.span))
                .label(format!("write `fy {begins}`")),
        ));
    }
    Ok((rest, NamedPeriod::Fy { year: Name { text: year.to_string(), span: token.span } }))
}
