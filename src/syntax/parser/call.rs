//! The one form of all functions, aggregates and windows. Whatever narrows an aggregate stands inside
//! its brackets: `sum(each value where category = "cash" per borough sorted by week over 4 rows)`.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::expr::{Level, expression, operators};
use super::input::{Problem, Read, Tokens, closing, fail, lacking, listed, name, required, symbol, word};
use super::item::{items, sort_keys};
use super::operand::starts_operand;
use super::sql;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Call, Expr, ExprKind, Name, Over};
use crate::syntax::span::Span;
use crate::syntax::token::{Token, TokenKind};

/// `NAME( … )`
pub fn call(input: Tokens) -> Read<Expr> {
    let (rest, name) = name(input)?;
    let (rest, open) = symbol("(")(rest)?;
    let rest = sql::skip_star(rest, &name);
    count_distinct(rest, &name)?;
    let (rest, each) = each(rest);
    let (rest, args) = arguments(rest, each.is_some())?;
    let (rest, filter) = opt(preceded(word("where"), required(expression, "a condition"))).parse(rest)?;
    let (rest, per) = opt(preceded(word("per"), required(items, "a key"))).parse(rest)?;
    let (rest, sorted_by) = opt(preceded(sorted, required(sort_keys, "a key"))).parse(rest)?;
    let (rest, over) = opt(preceded(word("over"), over)).parse(rest)?;
    late_clause(rest)?;
    let (rest, _) = closing(")", open)(rest)?;
    let span = rest.since(name.span);
    let call = Call {
        name,
        each,
        args,
        filter,
        per: per.unwrap_or_default(),
        sorted_by: sorted_by.unwrap_or_default(),
        over,
    };
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind: ExprKind::Call(Box::new(call)), span }))
}

/// `count(distinct x)`, as SQL says it.
fn count_distinct(input: Tokens, name: &Name) -> Result<(), nom::Err<Problem>> {
    let [distinct, column, after, ..] = input.rest() else { return Ok(()) };
    let ends = matches!(after.symbol(), Some(")" | "." | ",")) || after.is_word("where");
    let named = matches!(column.kind, TokenKind::Name { .. });
    if !sql::spells(distinct, "distinct") || !named || !ends || !name.text.eq_ignore_ascii_case("count") {
        return Ok(());
    }
    let column = input.text(column.span);
    let column = if after.is_symbol(".") { format!("{column}.…") } else { column };
    let message = "`distinct` is an aggregate of its own";
    let help = format!("write `distinct({column})`");
    Err(fail(Diagnostic::new("syntax-sql", message, name.span.to(distinct.span)).help(help)))
}

/// `each`, unless a column is named so.
fn each(input: Tokens) -> (Tokens, Option<Span>) {
    let works = |t: &Token| starts_operand(t) || t.is_symbol("-");
    match (input.peek(), input.second()) {
        (Some(first), Some(second)) if first.is_word("each") && works(second) => {
            (input.skip(1), Some(first.span))
        }
        _ => (input, None),
    }
}

fn arguments(input: Tokens, needed: bool) -> Read<Vec<Expr>> {
    if !needed && (input.is_symbol(")") || begins_clause(input)) {
        return Ok((input, Vec::new()));
    }
    required(listed(expression, "a value"), "a value")(input)
}

/// Does a clause begin here, rather than a column of that name?
fn begins_clause(input: Tokens) -> bool {
    let Some(second) = input.second() else { return false };
    match input.peek().and_then(Token::word) {
        Some("sorted") => second.is_word("by"),
        Some("where" | "per" | "over") => starts_operand(second) || second.is_symbol("-"),
        _ => false,
    }
}

fn sorted(input: Tokens) -> Read<Span> {
    let (rest, _) = word("sorted")(input)?;
    required(word("by"), "`by`")(rest)
}

/// After `over`: `N rows [before]` or `DURATION of COL`.
fn over(input: Tokens) -> Read<Over> {
    let size = |i| operators(i, Level::Sum);
    let (rest, amount) =
        required(size, "a number of rows or a time, such as `4 rows` or `90 days of date`,")(input)?;
    let amount = Box::new(amount);
    if rest.is_word("of") {
        let (rest, of) = required(size, "a column of dates")(rest.skip(1))?;
        return Ok((rest, Over::Span { duration: amount, of: Box::new(of) }));
    }
    if !rest.is_word("rows") && !rest.is_word("row") {
        return Err(lacking(rest, "`rows`, or `of` and a column of dates,"));
    }
    let rest = rest.skip(1);
    let before = rest.is_word("before");
    Ok((if before { rest.skip(1) } else { rest }, Over::Rows { n: amount, before }))
}

/// A clause that stands after one it should stand before, or twice, or behind a `|`.
fn late_clause(input: Tokens) -> Result<(), nom::Err<Problem>> {
    if input.is_symbol("|") && input.second().is_some_and(|t| t.is_word("where")) {
        let message = "inside an aggregate `where` needs no `|`";
        let help = "write `any(charges where …)`";
        return Err(fail(Diagnostic::new("syntax-expected", message, input.here()).help(help)));
    }
    if !begins_clause(input) {
        return Ok(());
    }
    let word = input.text(input.here());
    let message = format!("`{word}` stands too late here, or twice");
    let help = "the order is: arguments, `where …`, `per …`, `sorted by …`, `over …`";
    Err(fail(Diagnostic::new("syntax-expected", message, input.here()).help(help)))
}
