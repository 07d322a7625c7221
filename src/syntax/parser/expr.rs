//! Operators. Each has a level, and [`operators`] climbs them: it reads an operand, then as many
//! operators as bind at least as tightly as it was asked for, each with a right operand that binds
//! more tightly still. So `a + b * c` groups as it should, and chains lean to the left.

use nom::Parser;
use nom::combinator::opt;
use nom::sequence::preceded;

use super::input::{Read, Tokens, fail, lacking, nested, required, word};
use super::operand::{operand, starts_operand, unit};
use super::{habits, sql};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind};
use crate::syntax::span::Span;
use crate::syntax::token::Token;

/// How tightly an operator binds, loosest first. `to` is looser than all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `or`
    Or,
    /// `and`
    And,
    /// `not`
    Not,
    /// `=`, `in`, `is missing`, `contains`, …, which don't chain
    Comparison,
    /// `a..b`, which doesn't chain either
    Range,
    /// `??`
    Coalesce,
    /// `+`, `-`
    Sum,
    /// `*`, `/`
    Product,
    /// `-x`
    Sign,
}

/// What can stand after an operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Infix {
    /// Something with a left and a right operand.
    Binary(BinaryOp),
    /// `in`, `not in`
    In {
        /// `not in`
        negated: bool,
    },
    /// `is`
    Is,
    /// `..`
    Range,
    /// SQL's `between`, reported and read as `in a..b`.
    Between,
}

impl Infix {
    fn level(self) -> Level {
        match self {
            Infix::Binary(BinaryOp::Or) => Level::Or,
            Infix::Binary(BinaryOp::And) => Level::And,
            Infix::Binary(BinaryOp::Coalesce) => Level::Coalesce,
            Infix::Binary(BinaryOp::Add | BinaryOp::Sub) => Level::Sum,
            Infix::Binary(BinaryOp::Mul | BinaryOp::Div) => Level::Product,
            Infix::Range => Level::Range,
            _ => Level::Comparison,
        }
    }
}

impl Level {
    /// The level of a right operand.
    fn tighter(self) -> Level {
        match self {
            Level::Or => Level::And,
            Level::And => Level::Not,
            Level::Not => Level::Comparison,
            Level::Comparison => Level::Range,
            Level::Range => Level::Coalesce,
            Level::Coalesce => Level::Sum,
            Level::Sum => Level::Product,
            Level::Product | Level::Sign => Level::Sign,
        }
    }
}

/// A whole expression: operators, then perhaps `to UNIT`.
pub fn expression(input: Tokens) -> Read<Expr> {
    let (rest, expr) = operators(input, Level::Or)?;
    habits::check_to(rest)?;
    let (rest, unit) =
        opt(preceded(word("to"), required(unit, "a unit, such as `kg` or `%`,"))).parse(rest)?;
    match unit {
        None => Ok((rest, expr)),
        Some(unit) => {
            let span = expr.span.to(unit.span);
            let rest = rest.grown(rest.tall + 1, span)?;
            Ok((rest, Expr { kind: ExprKind::To { expr: Box::new(expr), unit }, span }))
        }
    }
}

/// An operand and the operators after it, none looser than `loosest`.
pub fn operators(input: Tokens, loosest: Level) -> Read<Expr> {
    let around = input.tall;
    let (mut rest, mut left) = prefix(input.flat(), loosest)?;
    let mut last = None;
    while let Some((infix, words)) = infix(rest) {
        let level = infix.level();
        if level < loosest {
            break;
        }
        if last == Some(level) && matches!(level, Level::Comparison | Level::Range) {
            return Err(chained(rest, infix));
        }
        (rest, left) = apply(rest, left, infix, words)?;
        last = Some(level);
    }
    misplaced_not(rest)?;
    habits::check_days(rest)?;
    rest.tall = rest.tall.max(around);
    Ok((rest, left))
}

/// `x not contains y`: only `in` has a `not` of its own.
fn misplaced_not(input: Tokens) -> Result<(), nom::Err<super::input::Problem>> {
    let contains = |t: &Token| matches!(t.word(), Some("contains" | "matches" | "starts" | "ends" | "like"));
    if !input.is_word("not") || !input.second().is_some_and(contains) {
        return Ok(());
    }
    let message = "`not` stands before the whole comparison";
    let help = "write `not x contains \"a\"`";
    Err(fail(Diagnostic::new("syntax-expected", message, input.here()).help(help)))
}

/// The operator that stands here, and how many words it has.
fn infix(input: Tokens) -> Option<(Infix, usize)> {
    let next = input.peek()?;
    let second = |word: &str| input.second().is_some_and(|t| sql::spells(t, word));
    let one = |op| Some((Infix::Binary(op), 1));
    if let Some(sign) = next.symbol() {
        return match sign {
            "=" => one(BinaryOp::Eq),
            "!=" => one(BinaryOp::Ne),
            "<" => one(BinaryOp::Lt),
            "<=" => one(BinaryOp::Le),
            ">" => one(BinaryOp::Gt),
            ">=" => one(BinaryOp::Ge),
            "??" => one(BinaryOp::Coalesce),
            "+" => one(BinaryOp::Add),
            "-" => one(BinaryOp::Sub),
            "*" => one(BinaryOp::Mul),
            "/" | "%" => one(BinaryOp::Div),
            ".." => Some((Infix::Range, 1)),
            _ => None,
        };
    }
    // No operand has a name right after it, so capitals can only be the same word in another dress.
    match next.word()?.to_ascii_lowercase().as_str() {
        "or" => one(BinaryOp::Or),
        "and" => one(BinaryOp::And),
        "contains" | "like" | "ilike" => one(BinaryOp::Contains),
        "matches" => one(BinaryOp::Matches),
        "starts" if second("with") => Some((Infix::Binary(BinaryOp::StartsWith), 2)),
        "ends" if second("with") => Some((Infix::Binary(BinaryOp::EndsWith), 2)),
        "in" => Some((Infix::In { negated: false }, 1)),
        "not" if second("in") => Some((Infix::In { negated: true }, 2)),
        "is" => Some((Infix::Is, 1)),
        "between" => Some((Infix::Between, 1)),
        _ => None,
    }
}

/// Read the operator and what stands right of it.
fn apply<'a>(input: Tokens<'a>, left: Expr, infix: Infix, words: usize) -> Read<'a, Expr> {
    let tall = input.tall;
    let after = input.skip(words);
    let op_span = after.since(input.here());
    if infix == Infix::Is {
        let (rest, known) = missing_or_known(after, op_span, input.is_word("is"))?;
        let span = rest.since(left.span);
        return Ok((
            rest.grown(tall + 1, span)?,
            Expr { kind: ExprKind::Is { expr: Box::new(left), known }, span },
        ));
    }
    sql::check_operator(input, op_span);
    let what = match infix {
        Infix::In { .. } => "a list, a range, a period or a query",
        _ => "a value",
    };
    // The left side's height is kept: `operators` gives the taller of the two.
    let side = match infix {
        Infix::Between => Level::Range,
        _ => infix.level(),
    };
    let (rest, right) = required(|i| operators(i, side.tighter()), what)(after)?;
    let (rest, right) = if infix == Infix::Between { sql::between(rest, right)? } else { (rest, right) };
    let span = left.span.to(right.span);
    let rest = rest.grown(rest.tall + 1, span)?;
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match infix {
        Infix::Binary(op) => ExprKind::Binary { op, op_span, left, right },
        Infix::In { negated } => ExprKind::In { expr: left, set: right, negated },
        Infix::Between | Infix::Is => ExprKind::In { expr: left, set: right, negated: false },
        Infix::Range => ExprKind::Range(left, right),
    };
    Ok((rest, Expr { kind, span }))
}

/// After `is`: `missing` or `known`.
fn missing_or_known(input: Tokens, is: Span, is_word: bool) -> Read<bool> {
    let negated = input.peek().is_some_and(|t| sql::spells(t, "not"));
    let input = if negated { input.skip(1) } else { input };
    let Some(token) = input.peek() else { return Err(lacking(input, "the word `missing` or `known`")) };
    let known = if sql::spells(token, "missing") || sql::spells(token, "null") {
        negated
    } else if sql::spells(token, "known") {
        !negated
    } else {
        return Err(lacking(input, "the word `missing` or `known`"));
    };
    let rest = input.skip(1);
    let right = if known { "is known" } else { "is missing" };
    let span = rest.since(is);
    // The words alone: a comment may stand between them.
    let plain = !negated && is_word && input.is_word(if known { "known" } else { "missing" });
    if !plain {
        let written = input.text(span);
        let message = format!("`{written}` is written `{right}` in Casebook");
        input.report(Diagnostic::new("syntax-sql", message, span).label(format!("write `{right}`")));
    }
    Ok((rest, known))
}

fn chained(input: Tokens, infix: Infix) -> nom::Err<super::input::Problem> {
    let (message, help) = match infix {
        Infix::Range => ("a range has two ends, and stands alone", "write `a..b`"),
        _ => ("comparisons don't chain", "join two with `and`: `0 < x and x < 5`"),
    };
    fail(Diagnostic::new("syntax-expected", message, input.here()).label("a second one").help(help))
}

/// `-x`, `not x`, `if …`, or an operand by itself.
fn prefix(input: Tokens, loosest: Level) -> Read<Expr> {
    let Some(first) = input.peek() else { return super::input::other() };
    let second = input.second();
    let works = || second.is_some_and(|t| starts_operand(t) || t.is_symbol("-"));
    if first.is_symbol("-") {
        let (rest, expr) = nested(input.skip(1), required(|i| prefix(i, Level::Sign), "a value"))?;
        return wrap(rest, first.span, expr, ExprKind::Negate);
    }
    if sql::spells(first, "not") && works() {
        if loosest > Level::Not {
            let help = "put brackets around it: `a = (not b)`";
            let message = "`not` binds less tightly than the operator before it";
            return Err(fail(Diagnostic::new("syntax-expected", message, first.span).help(help)));
        }
        sql::check_operator(input, first.span);
        let (rest, expr) = nested(input.skip(1), required(|i| operators(i, Level::Not), "a condition"))?;
        return wrap(rest, first.span, expr, ExprKind::Not);
    }
    if first.is_word("if") && works() {
        return nested(input, condition);
    }
    operand(input)
}

fn wrap<'a>(rest: Tokens<'a>, start: Span, expr: Expr, kind: fn(Box<Expr>) -> ExprKind) -> Read<'a, Expr> {
    let span = start.to(expr.span);
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind: kind(Box::new(expr)), span }))
}

/// `if A then B else C`
fn condition(input: Tokens) -> Read<Expr> {
    let start = input.here();
    let whole = |i| operators(i, Level::Or);
    let (rest, test) = required(whole, "a condition")(input.skip(1))?;
    let (rest, _) = required(word("then"), "`then`")(rest)?;
    let (rest, then) = required(whole, "a value")(rest)?;
    if !rest.is_word("else") {
        let what = "`else`, which every `if` needs,";
        return Err(lacking(rest, what));
    }
    let (rest, otherwise) = required(whole, "a value")(rest.skip(1))?;
    let span = start.to(otherwise.span);
    let kind = ExprKind::If { test: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
    Ok((rest.grown(rest.tall + 1, span)?, Expr { kind, span }))
}
