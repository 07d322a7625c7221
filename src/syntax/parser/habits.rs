//! Days, periods and names as people write them elsewhere: `9-15 October 2023`, `week 41`, `last wek`, and names of
//! several words. No operand has a name or a number right behind it, so where one stands there something was meant
//! otherwise; what it was is told by the words before.

use chrono::{Month, NaiveDate};

use super::input::{Problem, Tokens, fail, unexpected};
use super::period::{MANY, RELATIVE, UNITS};
use crate::builtins;
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::span::Span;
use crate::syntax::token::{STAGES, Token, TokenKind};

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
        [first, last] => format!("{}..{}", day(first)?, day(last)?),
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
        "week" if number <= 53 => format!("W{number:02}"),
        "quarter" if number <= 4 => format!("Q{number}"),
        "month" if number <= 12 => format!("{number:02}"),
        "year" if (1000..=9999).contains(&number) => {
            let message = "a year is its four digits alone";
            return Some(mistake(message, end.since(word.span)).help(format!("write `{number}`")));
        }
        _ => return None,
    };
    let message = format!("a {unit} is written with its year, the year first");
    let help = match year {
        Some(year) => format!("write `{year}-{part}`"),
        None => format!("`2023-{part}` is that of 2023"),
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
    let (low, high) = (input.text(before.span), input.text(after.span));
    // `9 to 15 October 2023`
    let in_words =
        input.skip(2).peek().and_then(Token::word).is_some_and(|word| word.parse::<Month>().is_ok());
    let help = match in_words {
        true => "days are written in figures: `2023-10-09..2023-10-15`".to_string(),
        false => format!("write `{low}..{high}`"),
    };
    let message = "`to` shows a value in another unit; between two ends stands `..`";
    let place = before.span.to(after.span);
    Err(fail(mistake(message, place).help(help)))
}

/// The failure where nothing of `what` follows.
pub fn astray(input: Tokens, what: &str) -> nom::Err<Problem> {
    match (unexpected(input, what), two_in_a_row(input)) {
        (nom::Err::Failure(Problem::Broken(mistake)), Some(help)) => fail(mistake.help(help)),
        (failure, _) => failure,
    }
}

/// What to write for a name right behind a name: a function's brackets, or one name with blanks in it.
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
    several_words(input).map(|name| format!("a name of several words stands in backticks: `{name}`"))
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
