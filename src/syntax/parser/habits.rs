//! Days, periods and names as people write them elsewhere: `9-15 October 2023`, `week 41`, `last wek`, and names of
//! several words. No operand has a name or a number right behind it, so where one stands there something was meant
//! otherwise; what it was is told by the words before.

use chrono::{Month, NaiveDate};

use super::input::{Problem, Tokens, fail, unexpected};
use super::period::{MANY, RELATIVE, UNITS};
use crate::builtins;
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::days::day_of_parts;
use crate::syntax::span::Span;
use crate::syntax::token::{STAGES, Token, TokenKind};
use crate::types::period::parse_span;

/// Words that end a name of several words, or stand before what only looks like one.
const NO_PART: [&str; 18] = [
    "by", "per", "where", "and", "or", "then", "else", "sorted", "over", "with", "using", "into", "on",
    "missing", "known", "rows", "other", "previous",
];

fn mistake(message: impl Into<String>, place: Span) -> Diagnostic {
    Diagnostic::new("syntax-expected", message, place)
}

/// Behind an operand: words that mean a day or a period.
pub fn check_days(input: Tokens) -> Result<(), nom::Err<Problem>> {
    match in_words(input).or_else(|| unit_and_number(input)).or_else(|| misspelt_unit(input)) {
        Some(mistake) => Err(fail(mistake)),
        None => Ok(()),
    }
}

fn whole_number(token: &Token) -> Option<u32> {
    match &token.kind {
        TokenKind::Number(digits) => digits.parse().ok(),
        _ => None,
    }
}

/// `9-15 October 2023`, `October 2023`, `October 9, 2023`, with the year or the day next.
fn in_words(input: Tokens) -> Option<Diagnostic> {
    let [before @ .., word] = input.behind() else { return None };
    let number = whole_number(input.peek()?)?;
    let month = word.word()?.parse::<Month>().ok()?.number_from_month();
    let rest = input.skip(1);
    let (days, start, year, end) = if number > 31 {
        let (days, start) = match before {
            [.., first, dash, last] if dash.is_symbol("-") && whole_number(last).is_some() => {
                (vec![whole_number(first)?, whole_number(last)?], first.span)
            }
            [.., day] if let Some(number) = whole_number(day) => (vec![number], day.span),
            _ => (Vec::new(), word.span),
        };
        (days, start, number, rest)
    } else {
        let rest = if rest.is_symbol(",") { rest.skip(1) } else { rest };
        (vec![number], word.span, whole_number(rest.peek()?)?, rest.skip(1))
    };
    let year = i32::try_from(year).ok().filter(|year| (1000..=9999).contains(year))?;
    let day = |day: u32| NaiveDate::from_ymd_opt(year, month, day);
    let written = match *days {
        [first, last] if first <= last => format!("{}..{}", day(first)?, day(last)?),
        [_, _] => return None,
        [only] => day(only)?.to_string(),
        _ => format!("{year}-{month:02}"),
    };
    let message = "days and months are written in figures, the year first";
    Some(mistake(message, end.since(start)).help(format!("write `{written}`")))
}

/// `week 41`, `month 10 of 2023`, `week 2023-10-09`
fn unit_and_number(input: Tokens) -> Option<Diagnostic> {
    let [before @ .., word] = input.behind() else { return None };
    let unit = word.word().filter(|unit| UNITS.contains(unit))?;
    // `2 week 41` is no period at all.
    if before.last().and_then(whole_number).is_some() {
        return None;
    }
    let next = input.peek()?;
    let rest = input.skip(1);
    if let TokenKind::Date(day) = &next.kind {
        let message = format!("the {unit} that holds a day is the `{unit} of` it");
        return Some(mistake(message, rest.since(word.span)).help(format!("write `{unit} of {day}`")));
    }
    let number = whole_number(next)?;
    let after = if rest.is_word("of") { rest.skip(1) } else { rest };
    let year = after.peek().and_then(whole_number).filter(|year| (1000..=9999).contains(year));
    let end = if year.is_some() { after.skip(1) } else { rest };
    let part = match unit {
        "week" => format!("W{number:02}"),
        "quarter" => format!("Q{number}"),
        "month" => format!("{number:02}"),
        "year" if (1000..=9999).contains(&number) => {
            let message = "a year is its four digits alone";
            return Some(mistake(message, end.since(word.span)).help(format!("write `{number}`")));
        }
        _ => return None,
    };
    let message = format!("a {unit} is written with its year, the year first");
    let there = |year: u32| Some(format!("{year}-{part}")).filter(|span| parse_span(span).is_ok());
    let help = match year {
        Some(year) => format!("write `{}`", there(year)?),
        // Not every year has a week 53.
        None => (2016..=2023).rev().find_map(|year| Some(format!("`{}` is that of {year}", there(year)?)))?,
    };
    Some(mistake(message, end.since(word.span)).help(help))
}

/// `last wek`
fn misspelt_unit(input: Tokens) -> Option<Diagnostic> {
    let word = input.before()?.word().filter(|word| RELATIVE.contains(word))?;
    let next = input.peek()?;
    let written = next.word().filter(|next| !NO_PART.contains(next) && !STAGES.contains(next))?;
    let unit = nearest(written, UNITS.into_iter().chain(MANY))?;
    let message = format!("`{written}` is no unit of the calendar");
    Some(mistake(message, next.span).help(format!("did you mean `{word} {unit}`?")))
}

/// `2023-10-09 to 2023-10-15`
pub fn check_to(input: Tokens) -> Result<(), nom::Err<Problem>> {
    let (Some(before), Some(after)) = (input.before(), input.second()) else { return Ok(()) };
    if !input.is_word("to") || !before.is_literal() || !after.is_literal() {
        return Ok(());
    }
    let message = "`to` shows a value in another unit; between two ends stands `..`";
    let mistake = mistake(message, before.span.to(after.span));
    Err(fail(match ends(input) {
        Some(ends) => mistake.help(format!("write `{ends}`")),
        None => {
            mistake.help("both ends are values as they are written alone, such as `2023-10-09..2023-10-15`")
        }
    }))
}

/// The two ends around a `to`, where all of both is known: `09/10/2023 to 15/10/2023`, `9 to 15 October 2023`.
fn ends(input: Tokens) -> Option<String> {
    let (behind, ahead) = (input.behind(), input.skip(1).rest());
    if let ([.., low], [high, month, year, ..]) = (behind, ahead)
        && let Some(month) = month.word().and_then(|word| word.parse::<Month>().ok())
    {
        let (low, high, year) = (whole_number(low)?, whole_number(high)?, whole_number(year)?);
        let year = i32::try_from(year).ok().filter(|year| (1000..=9999).contains(year))?;
        let day = |day: u32| NaiveDate::from_ymd_opt(year, month.number_from_month(), day);
        return (low <= high).then(|| Some(format!("{}..{}", day(low)?, day(high)?)))?;
    }
    let joins = |token: &&Token| ["/", "-", "+", "*", "."].iter().any(|sign| token.is_symbol(sign));
    let (low, before) = match behind {
        [before @ .., a, first, b, second, c] if first.kind == second.kind && joins(&first) => {
            (slashed(a, first, b, c)?, before.last())
        }
        [before @ .., low] => (input.text(low.span), before.last()),
        [] => return None,
    };
    let (high, after) = match ahead {
        [a, first, b, second, c, after @ ..] if first.kind == second.kind && joins(&first) => {
            (slashed(a, first, b, c)?, after.first())
        }
        [high, after @ ..] => (input.text(high.span), after.first()),
        [] => return None,
    };
    // A unit would go with one of them alone.
    let goes_on = |token: &&Token| {
        joins(token) || token.word().is_some_and(|word| !NO_PART.contains(&word) && !STAGES.contains(&word))
    };
    (!before.is_some_and(|token| joins(&token)) && !after.is_some_and(|token| goes_on(&token)))
        .then(|| format!("{low}..{high}"))
}

/// Three numbers with slashes or hyphens between, as the day that they mean.
fn slashed(a: &Token, sign: &Token, b: &Token, c: &Token) -> Option<String> {
    let digits = |token: &Token| match &token.kind {
        TokenKind::Number(digits) => Some(digits.clone()),
        _ => None,
    };
    let parted = sign.is_symbol("/") || sign.is_symbol("-");
    parted.then(|| day_of_parts(&digits(a)?, &digits(b)?, &digits(c)?))?
}

/// The failure where nothing of `what` follows.
pub fn astray(input: Tokens, what: &str) -> nom::Err<Problem> {
    match (unexpected(input, what), two_in_a_row(input)) {
        (nom::Err::Failure(Problem::Broken(mistake)), Some(help)) => fail(mistake.help(help)),
        (failure, _) => failure,
    }
}

/// What to write for a name right behind a name: a function's brackets, or what parts two names. Nobody knows here
/// which columns there are, so both that and one name with blanks in it are said.
pub fn two_in_a_row(input: Tokens) -> Option<String> {
    let before = input.before()?.word()?;
    let next = input.peek().filter(|next| matches!(next.kind, TokenKind::Name { .. }))?;
    let value = input.text(next.span);
    if before == "count" {
        return Some(format!("groups follow `by`: `count by {value}`; `count(…)` stands in `summarise`"));
    }
    if !STAGES.contains(&before) && builtins::find(before).is_some() {
        return Some(format!("what `{before}` takes stands in brackets: `{before}({value})`"));
    }
    let name = several_words(input)?;
    let between = "between two names stands a comma or an operator";
    Some(format!("{between}; one name of several words stands in backticks: `{name}`"))
}

/// The name that this one and those right before and after it make, blanks and hyphens between them.
fn several_words(input: Tokens<'_>) -> Option<&str> {
    let part =
        |token: &Token| token.word().is_some_and(|word| !NO_PART.contains(&word) && !STAGES.contains(&word));
    let mut behind = input.behind();
    let mut start = behind.last().filter(|token| part(token))?.span;
    while let [.., word, hyphen, _] = behind
        && hyphen.is_symbol("-")
        && part(word)
        && word.span.end == hyphen.span.start
        && hyphen.span.end == start.start
    {
        start = word.span;
        behind = behind.get(..behind.len() - 2)?;
    }
    let last = input.rest().iter().take_while(|token| part(token)).last()?;
    input.source().get(start.start..last.span.end)
}
