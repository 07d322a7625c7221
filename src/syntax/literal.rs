//! Literals that begin with a digit or a currency's sign. Each is one token, so blanks decide:
//! `2023-10` is a month and `2023 - 10` a subtraction, `0..2` is a range and `0.2` a number.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while_m_n, take_while1};
use nom::character::complete::{char, one_of, satisfy};
use nom::combinator::{map, not, opt, peek, recognize, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded, terminated};
use nom::{IResult, Parser};

use super::lexer::{Piece, fault};
use super::token::TokenKind;

/// Can this character go on a name?
pub(super) fn in_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Any literal but a text.
pub(super) fn literal(text: &str) -> IResult<&str, Piece> {
    alt((
        map(terminated(recognize((date, char('T'), time)), ends), |t: &str| {
            sound(TokenKind::Datetime(t.into()))
        }),
        map(terminated(date, ends), |t: &str| sound(TokenKind::Date(t.into()))),
        careless_date,
        map(terminated(calendar_span, ends), |t: &str| sound(TokenKind::CalendarSpan(t.into()))),
        map(money, sound),
        map(terminated(decimal, char('%')), |t: &str| sound(TokenKind::Percent(plain(t)))),
        map(decimal, |t: &str| sound(TokenKind::Number(plain(t)))),
        bare_fraction,
    ))
    .parse(text)
}

fn sound(kind: TokenKind) -> Piece {
    (kind, None)
}

/// The digits alone.
fn plain(text: &str) -> String {
    text.chars().filter(|c| *c != '_' && *c != ',').collect()
}

/// A literal ends where no letter or digit follows.
fn ends(text: &str) -> IResult<&str, ()> {
    not(satisfy(in_name)).parse(text)
}

fn digits<'a>(count: usize) -> impl Parser<&'a str, Output = &'a str, Error = nom::error::Error<&'a str>> {
    take_while_m_n(count, count, |c: char| c.is_ascii_digit())
}

fn date(text: &str) -> IResult<&str, &str> {
    recognize((digits(4), char('-'), digits(2), char('-'), digits(2))).parse(text)
}

fn time(text: &str) -> IResult<&str, &str> {
    recognize((digits(2), char(':'), digits(2), opt((char(':'), digits(2))))).parse(text)
}

fn calendar_span(text: &str) -> IResult<&str, &str> {
    let part = alt((recognize(pair(char('Q'), digits(1))), recognize(pair(char('W'), digits(2))), digits(2)));
    recognize((digits(4), char('-'), part)).parse(text)
}

/// `2023-10-9`: a day or a month short of a digit would otherwise read as a sum.
fn careless_date(text: &str) -> IResult<&str, Piece> {
    let short = || take_while_m_n(1, 2, |c: char| c.is_ascii_digit());
    let (after, (year, _, month, _, day, ())) =
        (digits(4), char('-'), short(), char('-'), short(), ends).parse(text)?;
    let meant = format!("{year}-{month:0>2}-{day:0>2}");
    let fault = fault("syntax-expected", "a date has two digits for the month and two for the day")
        .label(format!("write `{meant}`"))
        .help("a subtraction has blanks around its `-`");
    Ok((after, (TokenKind::Date(meant), Some(fault))))
}

/// Digits with `_` between them.
fn integer(text: &str) -> IResult<&str, &str> {
    let run = || take_while1(|c: char| c.is_ascii_digit());
    recognize(pair(run(), many0_count(pair(take_while1(|c| c == '_'), run())))).parse(text)
}

/// `1_000`, `0.5`. A point counts only before a digit, so `0..2` stays a range.
fn decimal(text: &str) -> IResult<&str, &str> {
    recognize(pair(integer, opt(pair(char('.'), integer)))).parse(text)
}

/// `.5`
fn bare_fraction(text: &str) -> IResult<&str, Piece> {
    let (after, digits) = preceded(char('.'), integer).parse(text)?;
    let meant = format!("0.{}", plain(digits));
    let fault = fault("syntax-expected", "a number begins with a digit").label(format!("write `{meant}`"));
    Ok((after, (TokenKind::Number(meant), Some(fault))))
}

/// `£200`, `£1.5m`, `£214,568`
fn money(text: &str) -> IResult<&str, TokenKind> {
    let three = verify(take_while1(|c: char| c.is_ascii_digit()), |run: &str| run.len() == 3);
    let grouped =
        recognize((integer, many0_count(preceded(char(','), three)), opt(pair(char('.'), integer))));
    let multiplier = terminated(alt((tag("bn"), tag("k"), tag("m"))), ends);
    let sign = terminated(one_of("£$€"), peek(satisfy(|c| c.is_ascii_digit())));
    map((sign, grouped, opt(multiplier)), |(sign, number, multiplier): (char, &str, Option<&str>)| {
        TokenKind::Money { sign, number: plain(number), multiplier: multiplier.map(str::to_string) }
    })
    .parse(text)
}
