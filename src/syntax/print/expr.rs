//! Expressions. Brackets stand where the tree needs them, and at two places for the reader: around `and` in an `or`,
//! and around a comparison with `=` that is given a name (`is_runner = (role = "runner")`). Chains of one level break
//! before their operators, all of them or none.
//!
//! What has no layout of its own, such as a literal or a period in words, is printed as it was written.

use super::doc::{Doc, group, text};
use super::joined;
use super::query;
use super::walk::Walk;
use crate::syntax::ast::{BinaryOp, Call, Expr, ExprKind, Over};

/// How tightly an expression holds together, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bond {
    /// `x to kg`, or anything
    Whole,
    /// `if a then b else c`
    If,
    /// `or`
    Or,
    /// `and`
    And,
    /// `not`
    Not,
    /// `=`, `in`, `is missing`, …
    Comparison,
    /// `a..b`, `since a`
    Range,
    /// `??`
    Coalesce,
    /// `+`, `-`
    Sum,
    /// `*`, `/`
    Product,
    /// `-x`
    Sign,
    /// All else
    Operand,
}

impl Bond {
    /// What a right operand needs at least.
    fn tighter(self) -> Bond {
        match self {
            Bond::Whole | Bond::If => Bond::Or,
            // `and` in `or` needs no brackets, but not every reader knows that.
            Bond::Or | Bond::And => Bond::Not,
            Bond::Not => Bond::Comparison,
            Bond::Comparison => Bond::Range,
            Bond::Range => Bond::Coalesce,
            Bond::Coalesce => Bond::Sum,
            Bond::Sum => Bond::Product,
            Bond::Product => Bond::Sign,
            Bond::Sign | Bond::Operand => Bond::Operand,
        }
    }
}

fn bond(expr: &Expr) -> Bond {
    match &expr.kind {
        ExprKind::To { .. } => Bond::Whole,
        ExprKind::If { .. } => Bond::If,
        ExprKind::Binary { op, .. } => level(*op),
        ExprKind::Not(_) => Bond::Not,
        ExprKind::Is { .. } | ExprKind::In { .. } => Bond::Comparison,
        ExprKind::Range(..) | ExprKind::Open { .. } | ExprKind::UnitOf { .. } => Bond::Range,
        ExprKind::Negate(_) => Bond::Sign,
        _ => Bond::Operand,
    }
}

fn level(op: BinaryOp) -> Bond {
    match op {
        BinaryOp::Or => Bond::Or,
        BinaryOp::And => Bond::And,
        BinaryOp::Coalesce => Bond::Coalesce,
        BinaryOp::Add | BinaryOp::Sub => Bond::Sum,
        BinaryOp::Mul | BinaryOp::Div => Bond::Product,
        _ => Bond::Comparison,
    }
}

/// An expression, in brackets where it holds together less tightly than it must.
pub fn expr(walk: &mut Walk, expr: &Expr, at_least: Bond, out: &mut Vec<Doc>) {
    if bond(expr) < at_least {
        in_brackets(walk, expr, out);
    } else {
        bare(walk, expr, out);
    }
}

/// An expression without brackets around.
fn bare(walk: &mut Walk, whole: &Expr, out: &mut Vec<Doc>) {
    match &whole.kind {
        ExprKind::Path(names) => {
            for at in 0..names.len() {
                if at > 0 {
                    walk.word(".", out);
                }
                walk.name(out);
            }
        }
        ExprKind::Quantity { unit, .. } => {
            walk.token(out);
            unit_words(walk, &unit.text, out);
        }
        ExprKind::Call(inner) => call(walk, inner, out),
        ExprKind::Negate(inner) => {
            walk.word("-", out);
            expr(walk, inner, Bond::Operand, out);
        }
        ExprKind::Not(inner) => {
            walk.word("not", out);
            out.push(text(" "));
            expr(walk, inner, Bond::Not, out);
        }
        ExprKind::Binary { .. } => chain(walk, whole, 0, out),
        ExprKind::Is { expr: inner, known } => {
            expr(walk, inner, Bond::Range, out);
            out.push(text(" "));
            walk.words(if *known { "is known" } else { "is missing" }, out);
        }
        ExprKind::In { expr: inner, set, negated } => {
            operation(walk, inner, if *negated { "not in" } else { "in" }, set, out);
        }
        ExprKind::List(items) => out.push(group(joined(|out| {
            walk.list(out, |walk, out| {
                filled(walk, items, out, |walk, item, out| expr(walk, item, Bond::Whole, out))
            });
        }))),
        ExprKind::Query(inner) => query::bracketed(walk, inner, out),
        ExprKind::Range(from, to) => {
            // `since a..b` could be read in two ways, and so it isn't written.
            expr(walk, from, Bond::Coalesce, out);
            walk.word("..", out);
            expr(walk, to, Bond::Coalesce, out);
        }
        ExprKind::Open { since, bound } => {
            walk.word(if *since { "since" } else { "until" }, out);
            out.push(text(" "));
            // `since -1` is a subtraction from a column named `since`.
            let at_least = if begins_negated(bound) { Bond::Operand } else { Bond::Coalesce };
            expr(walk, bound, at_least, out);
        }
        ExprKind::UnitOf { unit, date } => {
            walk.word(&unit.text, out);
            out.push(text(" "));
            walk.word("of", out);
            out.push(text(" "));
            expr(walk, date, Bond::Coalesce, out);
        }
        ExprKind::If { .. } => out.push(group(vec![Doc::Align(joined(|out| choice(walk, whole, out)))])),
        ExprKind::To { expr: inner, unit } => {
            expr(walk, inner, Bond::Or, out);
            out.push(text(" "));
            walk.word("to", out);
            unit_words(walk, &unit.text, out);
        }
        ExprKind::Missing
        | ExprKind::Bool(_)
        | ExprKind::Number(_)
        | ExprKind::Percent(_)
        | ExprKind::Text(_)
        | ExprKind::Date(_)
        | ExprKind::Datetime(_)
        | ExprKind::CalendarSpan(_)
        | ExprKind::Money { .. }
        | ExprKind::Param(_) => walk.token(out),
        _ => walk.verbatim(whole.span, out),
    }
}

/// ` us fl oz`, ` £/g`
fn unit_words(walk: &mut Walk, unit: &str, out: &mut Vec<Doc>) {
    out.push(text(" "));
    let (over, under) = unit.split_once('/').map_or((unit, None), |(over, under)| (over, Some(under)));
    walk.words(over, out);
    if let Some(under) = under {
        walk.word("/", out);
        walk.words(under, out);
    }
}

/// Operands of one level with their operators, each of which may begin a line, so many columns further right.
fn chain(walk: &mut Walk, whole: &Expr, nest: usize, out: &mut Vec<Doc>) {
    let top = bond(whole);
    let mut first = whole;
    let mut rest = Vec::new();
    while let ExprKind::Binary { op, left, right, .. } = &first.kind {
        if bond(first) != top || top == Bond::Comparison && !rest.is_empty() {
            break;
        }
        rest.push((*op, right));
        first = left;
    }
    rest.reverse();
    if let (Bond::Comparison, [(op, right)]) = (top, rest.as_slice()) {
        return operation(walk, first, op.text(), right, out);
    }
    let parts = joined(|out| {
        expr(walk, first, top.tighter(), out);
        let lines = joined(|out| {
            for (op, right) in &rest {
                walk.line_past(1, out);
                walk.word(op.text(), out);
                out.push(text(" "));
                expr(walk, right, top.tighter(), out);
            }
        });
        out.push(Doc::Nest(nest, lines));
    });
    out.push(if nest > 0 { group(parts) } else { group(vec![Doc::Align(parts)]) });
}

/// A comparison. What has brackets of its own can break inside them.
fn operation(walk: &mut Walk, left: &Expr, op: &str, right: &Expr, out: &mut Vec<Doc>) {
    let parts = joined(|out| {
        expr(walk, left, Bond::Range, out);
        let after = joined(|out| {
            if matches!(right.kind, ExprKind::List(_) | ExprKind::Query(_) | ExprKind::Call(_)) {
                walk.notes_past(op.split(' ').count(), out);
                out.push(text(" "));
            } else {
                walk.line_past(op.split(' ').count(), out);
            }
            walk.words(op, out);
            out.push(text(" "));
            expr(walk, right, Bond::Range, out);
        });
        out.push(Doc::Nest(2, after));
    });
    out.push(group(vec![Doc::Align(parts)]));
}

/// `if a then b`, then a line for each `else`.
fn choice(walk: &mut Walk, whole: &Expr, out: &mut Vec<Doc>) {
    let ExprKind::If { test, then, otherwise } = &whole.kind else {
        return expr(walk, whole, Bond::Or, out);
    };
    out.push(group(joined(|out| {
        walk.word("if", out);
        out.push(text(" "));
        out.push(Doc::Align(joined(|out| expr(walk, test, Bond::Or, out))));
        let after = joined(|out| {
            walk.line_past(1, out);
            walk.word("then", out);
            out.push(text(" "));
            out.push(Doc::Align(joined(|out| expr(walk, then, Bond::Or, out))));
        });
        out.push(Doc::Nest(3, after));
    })));
    walk.line_past(1, out);
    walk.word("else", out);
    out.push(text(" "));
    choice(walk, otherwise, out);
}

/// Things with commas between, as many on a line as it takes.
pub fn filled<T>(
    walk: &mut Walk,
    things: &[T],
    out: &mut Vec<Doc>,
    print: impl Fn(&mut Walk, &T, &mut Vec<Doc>),
) {
    for (at, thing) in things.iter().enumerate() {
        let parts = joined(|out| {
            if at > 0 {
                walk.line(out);
            }
            print(walk, thing, out);
            if at + 1 < things.len() {
                walk.word(",", out);
            }
        });
        out.push(group(parts));
    }
}

/// `WORD CONDITION`, whose lines begin with `and` or `or`, set so that all operands stand below one another.
pub fn condition(walk: &mut Walk, word: &str, test: &Expr, out: &mut Vec<Doc>) {
    let parts = joined(|out| {
        walk.word(word, out);
        out.push(text(" "));
        match bond(test) {
            Bond::And if word.len() > 3 => chain(walk, test, word.len() - 3, out),
            Bond::Or if word.len() > 2 => chain(walk, test, word.len() - 2, out),
            _ => expr(walk, test, Bond::Whole, out),
        }
    });
    out.push(Doc::Align(parts));
}

fn call(walk: &mut Walk, call: &Call, out: &mut Vec<Doc>) {
    walk.name(out);
    let whole =
        joined(|out| walk.call(out, |walk, out| out.push(group(joined(|out| arguments(walk, call, out))))));
    out.push(group(whole));
}

fn arguments(walk: &mut Walk, call: &Call, out: &mut Vec<Doc>) {
    if call.each.is_some() {
        walk.word("each", out);
        out.push(text(" "));
    }
    let args = joined(|out| {
        filled(walk, &call.args, out, |walk, arg, out| expr(walk, arg, Bond::Whole, out));
    });
    out.push(group(args));
    let mut first = call.args.is_empty();
    let mut clause = |walk: &mut Walk, out: &mut Vec<Doc>| {
        if !std::mem::take(&mut first) {
            walk.line(out);
        }
    };
    if let Some(filter) = &call.filter {
        clause(walk, out);
        condition(walk, "where", filter, out);
    }
    if !call.per.is_empty() {
        clause(walk, out);
        query::keys(walk, "per", &call.per, out);
    }
    if !call.sorted_by.is_empty() {
        clause(walk, out);
        walk.words("sorted by", out);
        out.push(text(" "));
        let keys = joined(|out| filled(walk, &call.sorted_by, out, query::sort_key));
        out.push(Doc::Align(keys));
    }
    match &call.over {
        None => {}
        Some(Over::Rows { n, before }) => {
            clause(walk, out);
            walk.word("over", out);
            out.push(text(" "));
            expr(walk, n, Bond::Sum, out);
            out.push(text(" "));
            walk.word("rows", out);
            if *before {
                out.push(text(" "));
                walk.word("before", out);
            }
        }
        Some(Over::Span { duration, of }) => {
            clause(walk, out);
            walk.word("over", out);
            out.push(text(" "));
            expr(walk, duration, Bond::Sum, out);
            out.push(text(" "));
            walk.word("of", out);
            out.push(text(" "));
            expr(walk, of, Bond::Sum, out);
        }
    }
}

/// Does an item's value compare with `=` outside brackets, so that it reads like a second name?
pub fn compares(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Binary { op: BinaryOp::Eq, .. } => true,
        ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or, left, right, .. } => {
            [left, right].into_iter().any(|side| compares(side))
        }
        ExprKind::Not(inner) | ExprKind::To { expr: inner, .. } => compares(inner),
        _ => false,
    }
}

/// Does an expression begin with `NAME =`, which at an item's head would name it?
pub fn begins_named(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Binary { op: BinaryOp::Eq, left, .. } => match &left.kind {
            ExprKind::Path(names) => names.len() == 1,
            ExprKind::Bool(_) | ExprKind::Missing => true,
            _ => false,
        },
        ExprKind::Binary { op: BinaryOp::And, left, .. } => begins_named(left),
        ExprKind::Binary { op: BinaryOp::Or, left, .. } => bond(left) != Bond::And && begins_named(left),
        ExprKind::To { expr: inner, .. } => begins_named(inner),
        _ => false,
    }
}

/// Does an expression begin with `-`, which at a sort key's head would turn it round?
pub fn begins_negated(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Negate(_) => true,
        ExprKind::Binary { left: first, .. } | ExprKind::Range(first, _) => begins_negated(first),
        ExprKind::Is { expr: first, .. }
        | ExprKind::In { expr: first, .. }
        | ExprKind::To { expr: first, .. } => begins_negated(first),
        _ => false,
    }
}

/// An expression in brackets.
pub fn in_brackets(walk: &mut Walk, value: &Expr, out: &mut Vec<Doc>) {
    walk.keep(value.span);
    out.push(text("("));
    out.push(Doc::Align(joined(|out| bare(walk, value, out))));
    out.push(text(")"));
}
