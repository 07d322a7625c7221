//! What stands between operators: literals, quantities, names and paths, lists and brackets.

use super::call::call;
use super::combine;
use super::expr::expression;
use super::input::{Read, Tokens, closing, listed, name, nested, other, required};
use super::period;
use super::sql;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Expr, ExprKind, Name};
use crate::syntax::span::Span;
use crate::syntax::token::{STAGES, Token, TokenKind};

/// Words that bind two things together: where a value should stand, one of these with a value after
/// it is itself and no column.
const BINDING: [&str; 16] = [
    "and", "or", "in", "is", "to", "then", "else", "by", "per", "where", "sorted", "over", "as", "with",
    "using", "into",
];

/// Words that may follow a number, besides stages, and so are no units.
const AFTER_NUMBER: [&str; 13] = [
    "seed", "not", "below", "contains", "starts", "ends", "matches", "rows", "row", "before", "of", "like",
    "between",
];

/// Can an operand begin with this token?
pub fn starts_operand(token: &Token) -> bool {
    match &token.kind {
        TokenKind::Name { text, quoted } => *quoted || !BINDING.contains(&text.as_str()),
        TokenKind::Symbol(sign) => matches!(*sign, "(" | "["),
        _ => token.is_literal(),
    }
}

/// Does the word here bind, rather than name a column?
pub fn binds(input: Tokens) -> bool {
    match input.peek().and_then(Token::word) {
        Some("and" | "or" | "then" | "else") => true,
        Some(word) if BINDING.contains(&word) => {
            input.second().is_some_and(|t| starts_operand(t) || t.is_symbol("-"))
        }
        _ => false,
    }
}

/// One operand.
pub fn operand(input: Tokens) -> Read<Expr> {
    let Some(token) = input.peek() else { return other() };
    let rest = input.skip(1);
    let kind = match &token.kind {
        TokenKind::Number(number) => return quantity(rest, number, token.span),
        TokenKind::Percent(number) => ExprKind::Percent(number.clone()),
        TokenKind::Text(text) => ExprKind::Text(text.clone()),
        TokenKind::Date(date) => ExprKind::Date(date.clone()),
        TokenKind::Datetime(time) => ExprKind::Datetime(time.clone()),
        TokenKind::CalendarSpan(span) => ExprKind::CalendarSpan(span.clone()),
        TokenKind::Money { sign, number, multiplier } => {
            let kind =
                ExprKind::Money { sign: *sign, number: number.clone(), multiplier: multiplier.clone() };
            return rate(rest, Expr { kind, span: token.span });
        }
        TokenKind::Param(text) => ExprKind::Param(Name { text: text.clone(), span: token.span }),
        TokenKind::Name { quoted, .. } => return named(input, *quoted),
        TokenKind::Symbol("(") => return nested(input, bracketed),
        TokenKind::Symbol("[") => return nested(input, list),
        _ => return other(),
    };
    Ok((rest, Expr { kind, span: token.span }))
}

/// A number, and the unit right behind it where there is one.
fn quantity<'a>(rest: Tokens<'a>, number: &str, span: Span) -> Read<'a, Expr> {
    let (grouped, after) = thousands(rest, number);
    // Nobody lists 5 and then 000.
    let (rest, number, span) = if grouped.contains("_0") {
        let span = after.since(span);
        let message = "a comma parts two values, also between digits";
        let mistake = Diagnostic::new("syntax-expected", message, span).label(format!("write `{grouped}`"));
        rest.report(mistake);
        (after, grouped.replace('_', ""), span)
    } else {
        (rest, number.to_string(), span)
    };
    if !is_unit(rest) {
        return Ok((rest, Expr { kind: ExprKind::Number(number), span }));
    }
    let (rest, unit) = unit_words(rest)?;
    let span = span.to(unit.span);
    rate(rest, Expr { kind: ExprKind::Quantity { number, unit }, span })
}

/// `5,000`: the number with what stands right behind its commas in threes, and what comes after; the number alone
/// where nothing does.
pub fn thousands<'a>(mut rest: Tokens<'a>, number: &str) -> (String, Tokens<'a>) {
    let mut grouped = number.to_string();
    if number.is_empty() || number.len() > 3 || number.contains('.') {
        return (grouped, rest);
    }
    while let (Some(last), [comma, Token { kind: TokenKind::Number(three), span }, ..]) =
        (rest.before(), rest.rest())
    {
        let attached = last.span.end == comma.span.start && comma.span.end == span.start;
        if !comma.is_symbol(",") || !attached || three.len() != 3 || span.end - span.start != 3 {
            break;
        }
        grouped = format!("{grouped}_{three}");
        rest = rest.skip(2);
    }
    (grouped, rest)
}

/// An amount, and the unit that it is over where one is attached: `£40/g` is a rate, `£40 / g` a division by a
/// column.
fn rate<'a>(rest: Tokens<'a>, amount: Expr) -> Read<'a, Expr> {
    let attached = match rest.rest() {
        [slash, unit, after @ ..] => {
            let called = after.first().is_some_and(|t| t.is_symbol("(") || t.is_symbol("."));
            slash.is_symbol("/")
                && slash.span.start == amount.span.end
                && unit.span.start == slash.span.end
                && !called
                && is_unit(rest.skip(1))
        }
        _ => false,
    };
    if !attached {
        return Ok((rest, amount));
    }
    let (rest, per) = unit_words(rest.skip(1))?;
    let span = amount.span.to(per.span);
    Ok((
        rest.grown(rest.tall + 1, span)?,
        Expr { kind: ExprKind::Rate { amount: Box::new(amount), per }, span },
    ))
}

/// Does a word stand here that may be a unit?
fn is_unit(input: Tokens) -> bool {
    input.peek().and_then(Token::word).is_some_and(|word| {
        // `AND` and its like are capitals for a word of the language, and no unit.
        let lower = word.to_ascii_lowercase();
        let words = [BINDING.as_slice(), AFTER_NUMBER.as_slice(), STAGES.as_slice(), &["summarize"]];
        let capitals = word.chars().all(char::is_uppercase);
        (word != lower && !capitals) || !words.iter().any(|list| list.contains(&lower.as_str()))
    })
}

/// `kg`, `fl oz`, `us fl oz`, `imperial gal`
fn unit_words(input: Tokens) -> Read<Name> {
    let (mut rest, mut unit) = name(input)?;
    while matches!(rest.before().and_then(Token::word), Some("us" | "imperial" | "fl")) {
        if !is_unit(rest) {
            break;
        }
        let (after, next) = name(rest)?;
        unit = Name { text: format!("{} {}", unit.text, next.text), span: unit.span.to(next.span) };
        rest = after;
    }
    Ok((rest, unit))
}

/// After `to`: a unit, a currency or `%`, or one of them over another (`£/g`).
pub fn unit(input: Tokens) -> Read<Name> {
    let (rest, unit) = simple_unit(input)?;
    if !rest.is_symbol("/") {
        return Ok((rest, unit));
    }
    let (rest, under) = required(simple_unit, "a unit")(rest.skip(1))?;
    let span = unit.span.to(under.span);
    Ok((rest, Name { text: format!("{}/{}", unit.text, under.text), span }))
}

fn simple_unit(input: Tokens) -> Read<Name> {
    match input.peek() {
        Some(Token { kind: TokenKind::Currency(sign), span }) => {
            Ok((input.skip(1), Name { text: sign.to_string(), span: *span }))
        }
        Some(token) if token.is_symbol("%") => {
            Ok((input.skip(1), Name { text: "%".to_string(), span: token.span }))
        }
        _ => unit_words(input),
    }
}

/// Whatever begins with a name.
fn named(input: Tokens, quoted: bool) -> Read<Expr> {
    let start = input.here();
    if !quoted {
        if binds(input) {
            return other();
        }
        if let Some(kind) = constant(input) {
            return Ok((input.skip(1), Expr { kind, span: start }));
        }
        if period::begins(input) {
            return nested(input, period::period);
        }
    }
    if input.second().is_some_and(|t| t.is_symbol("(")) {
        return nested(input, call);
    }
    let (mut rest, first) = name(input)?;
    let mut path = vec![first];
    while rest.is_symbol(".") {
        let (after, next) = required(name, "a name")(rest.skip(1))?;
        path.push(next);
        rest = after;
    }
    Ok((rest, Expr { kind: ExprKind::Path(path), span: rest.since(start) }))
}

fn constant(input: Tokens) -> Option<ExprKind> {
    match input.peek()?.word()? {
        "true" => Some(ExprKind::Bool(true)),
        "false" => Some(ExprKind::Bool(false)),
        "missing" => Some(ExprKind::Missing),
        "NULL" => {
            sql::report_null(input);
            Some(ExprKind::Missing)
        }
        _ => None,
    }
}

/// `( … )`
fn bracketed(input: Tokens) -> Read<Expr> {
    let open = input.here();
    if combine::begins_query(input) && !input.never_closed(open) {
        let (rest, query) = combine::bracketed(input)?;
        let span = query.span;
        return Ok((rest.grown(rest.tall + 1, span)?, Expr { kind: ExprKind::Query(Box::new(query)), span }));
    }
    let (rest, mut expr) = required(expression, "a value")(input.skip(1))?;
    if rest.is_symbol(",") {
        return sql::round_list(rest, expr, open);
    }
    let (rest, _) = closing(")", open)(rest)?;
    expr.span = rest.since(open);
    Ok((rest, expr))
}

/// `[a, b]`
fn list(input: Tokens) -> Read<Expr> {
    let open = input.here();
    let inside = input.skip(1);
    if inside.is_symbol("]") {
        let rest = inside.skip(1);
        return Ok((rest, Expr { kind: ExprKind::List(Vec::new()), span: rest.since(open) }));
    }
    let (rest, items) = required(listed(expression, "a value"), "a value")(inside)?;
    let (rest, _) = closing("]", open)(rest)?;
    let span = rest.since(open);
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind: ExprKind::List(items), span }))
}
