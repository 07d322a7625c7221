//! What a question starts from: a table or a named query, or a calendar, `months in 2023` and `periods A, B`.
//!
//! No table's name has `in` or a period behind it, so a casebook may have tables called `months` and `periods` too.

use super::expr::{Level, operators};
use super::input::{Read, Tokens, fail, name, required};
use super::operand::starts_operand;
use super::period;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Name, Source};
use crate::syntax::token::{STAGES, Token};

/// The units whose spans a calendar may list.
const UNITS: [&str; 5] = ["days", "weeks", "months", "quarters", "years"];

/// A table's name, or a calendar.
pub fn source(input: Tokens) -> Read<Source> {
    let (rest, first) = name(input)?;
    match (units(input), lists_periods(input)) {
        (Some(many), _) => every(input, rest, first, &many),
        (None, true) => periods(rest, first),
        (None, false) => Ok((rest, Source::Named(first))),
    }
}

/// Does a calendar begin here, rather than a table or column of that name?
pub fn begins_calendar(input: Tokens) -> bool {
    units(input).is_some() || lists_periods(input)
}

/// The plural of a unit's word, where `in` stands behind it.
fn units(input: Tokens) -> Option<String> {
    let many = format!("{}s", input.peek()?.word()?.trim_end_matches('s'));
    (input.second()?.is_word("in") && UNITS.contains(&many.as_str())).then_some(many)
}

fn lists_periods(input: Tokens) -> bool {
    let rest = input.skip(1);
    input.is_word("periods") && rest.peek().is_some_and(|next| begins_period(rest, next))
}

/// `months in PERIOD`
fn every<'a>(input: Tokens<'a>, rest: Tokens<'a>, unit: Name, many: &str) -> Read<'a, Source> {
    if unit.text != many {
        let message = "a calendar lists many spans";
        let mistake = Diagnostic::new("syntax-expected", message, input.here());
        return Err(fail(mistake.label(format!("write `{many}`"))));
    }
    let (rest, period) = required(|i| operators(i, Level::Range), "a period")(rest.skip(1))?;
    Ok((rest, Source::Every { unit, period }))
}

/// `periods A, B`
fn periods(input: Tokens, word: Name) -> Read<Source> {
    let mut periods = Vec::new();
    let mut rest = input;
    loop {
        let (after, period) = required(|i| operators(i, Level::Range), "a period")(rest)?;
        periods.push(period);
        if !after.is_symbol(",") {
            return Ok((after, Source::Periods { word, periods }));
        }
        rest = after.skip(1);
    }
}

/// A stage's word has lost its `|`, and begins no period.
fn begins_period(input: Tokens, next: &Token) -> bool {
    let stage = next.word().is_some_and(|word| STAGES.contains(&word));
    period::begins(input) || next.is_symbol("-") || starts_operand(next) && !stage
}
