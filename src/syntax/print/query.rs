//! Statements and stages. A question stands on one line where it fits and was written on one, or has only one stage;
//! else its table has a line, and so has every stage. What a stage works out stands on one line too where it fits,
//! unless the writer began a new line after its first item: then each has its own, names and `=` below one another.
//!
//! ```casebook
//! charges
//! | summarise people  = distinct(person_id),
//!             charges = count()
//!   by offence_group
//! ```

use unicode_width::UnicodeWidthStr;

use super::doc::{Doc, group, text};
use super::expr::{Bond, begins_named, begins_negated, compares, condition, expr, filled, in_brackets};
use super::joined;
use super::walk::Walk;
use crate::syntax::ast::{
    Against, Expr, ExprKind, Item, Name, Query, SortKey, Source, Stage, StageKind, Statement,
};

/// One statement.
pub fn statement(walk: &mut Walk, statement: &Statement) -> Vec<Doc> {
    joined(|out| match statement {
        Statement::Query(query) => {
            let start = joined(|out| source(walk, &query.source, true, out));
            out.push(stages(walk, start, query, 0));
        }
        Statement::Let(definition) => {
            let start = joined(|out| {
                walk.word("let", out);
                out.push(text(" "));
                walk.name(out);
                out.push(text(" "));
                walk.word("=", out);
                out.push(text(" "));
                source(walk, &definition.query.source, false, out);
            });
            out.push(stages(walk, start, &definition.query, 2));
        }
        Statement::Param(param) => {
            walk.word("param", out);
            out.push(text(" "));
            walk.name(out);
            walk.word(":", out);
            out.push(text(" "));
            walk.name(out);
            if let Some(default) = &param.default {
                out.push(text(" "));
                walk.word("=", out);
                out.push(text(" "));
                out.push(Doc::Align(joined(|out| expr(walk, default, Bond::Whole, out))));
            }
        }
    })
}

/// What a query starts from; `first` where a statement does.
fn source(walk: &mut Walk, source: &Source, first: bool, out: &mut Vec<Doc>) {
    match source {
        Source::Named(_) if first => walk.first_name(out),
        Source::Named(_) => walk.name(out),
        Source::Every { period, .. } => {
            walk.token(out);
            out.push(text(" "));
            walk.word("in", out);
            out.push(text(" "));
            expr(walk, period, Bond::Range, out);
        }
        Source::Periods { periods, .. } => {
            walk.token(out);
            out.push(text(" "));
            let period =
                |walk: &mut Walk, period: &Expr, out: &mut Vec<Doc>| expr(walk, period, Bond::Range, out);
            out.push(Doc::Align(joined(|out| filled(walk, periods, out, period))));
        }
    }
}

/// A query's stages, after its source.
fn stages(walk: &mut Walk, mut parts: Vec<Doc>, query: &Query, indent: usize) -> Doc {
    let broken = query.stages.len() > 1 && walk.between(query.span.start, query.span.end).contains('\n');
    let lines = joined(|out| {
        for one in &query.stages {
            let blank = walk.after_blank();
            walk.notes_past(1, out);
            out.push(Doc::Line { flat: " ", hard: false, blank: Some(blank) });
            piped(walk, one, out);
        }
    });
    parts.push(Doc::Nest(indent, lines));
    Doc::Group { parts, broken }
}

fn piped(walk: &mut Walk, one: &Stage, out: &mut Vec<Doc>) {
    walk.word("|", out);
    out.push(text(" "));
    out.push(group(vec![Doc::Align(joined(|out| stage(walk, one, out)))]));
}

/// A query in brackets.
pub fn bracketed(walk: &mut Walk, query: &Query, out: &mut Vec<Doc>) {
    let whole = joined(|out| {
        walk.query(out, |walk, out| {
            source(walk, &query.source, false, out);
            for one in &query.stages {
                walk.line_past(1, out);
                piped(walk, one, out);
            }
        });
    });
    out.push(group(whole));
}

/// A query inside a stage: its name, or all of it in brackets.
fn other(walk: &mut Walk, query: &Query, out: &mut Vec<Doc>) {
    match &query.source {
        Source::Named(_) if query.stages.is_empty() => walk.name(out),
        _ => bracketed(walk, query, out),
    }
}

fn stage(walk: &mut Walk, stage: &Stage, out: &mut Vec<Doc>) {
    let word = |walk: &mut Walk, word: &str, out: &mut Vec<Doc>| {
        walk.word(word, out);
        out.push(text(" "));
    };
    match &stage.kind {
        StageKind::Where(test) => condition(walk, "where", test, out),
        StageKind::Let(list) => {
            word(walk, "let", out);
            items(walk, list, out);
        }
        StageKind::Select(list) => {
            word(walk, "select", out);
            let plain = |item: &Item| item.name.is_none() && matches!(item.expr.kind, ExprKind::Path(_));
            if list.iter().all(plain) {
                out.push(Doc::Align(joined(|out| filled(walk, list, out, item))));
            } else {
                items(walk, list, out);
            }
        }
        StageKind::Drop(list) => {
            word(walk, "drop", out);
            names(walk, list, out);
        }
        StageKind::Rename(list) => {
            word(walk, "rename", out);
            let pairs = joined(|out| {
                filled(walk, list, out, |walk, _, out| {
                    walk.name(out);
                    out.push(text(" "));
                    word(walk, "=", out);
                    walk.column(out);
                });
            });
            out.push(Doc::Align(pairs));
        }
        StageKind::Summarise { items: list, keys: by } => {
            word(walk, "summarise", out);
            items(walk, list, out);
            clause(walk, "by", by, out);
        }
        StageKind::Count { keys: by } => {
            walk.word("count", out);
            clause(walk, "by", by, out);
        }
        StageKind::Sort(keys) => {
            word(walk, "sort", out);
            out.push(Doc::Align(joined(|out| filled(walk, keys, out, sort_key))));
        }
        StageKind::Take { n, per } => {
            word(walk, "take", out);
            expr(walk, n, Bond::Whole, out);
            clause(walk, "per", per, out);
        }
        StageKind::Top { n, by, per, other } => {
            word(walk, "top", out);
            expr(walk, n, Bond::Whole, out);
            out.push(text(" "));
            word(walk, "by", out);
            sort_key(walk, by, out);
            clause(walk, "per", per, out);
            if other.is_some() {
                walk.line(out);
                walk.words("with other", out);
            }
        }
        StageKind::Distinct(list) => bare_or_names(walk, "distinct", list, out),
        StageKind::Total(list) => bare_or_names(walk, "total", list, out),
        StageKind::Pivot { using, .. } => {
            word(walk, "pivot", out);
            walk.name(out);
            if let Some(using) = using {
                walk.line(out);
                word(walk, "using", out);
                item(walk, using, out);
            }
        }
        StageKind::Unpivot { columns, .. } => {
            word(walk, "unpivot", out);
            names(walk, columns, out);
            walk.line(out);
            word(walk, "into", out);
            walk.name(out);
            word(walk, ",", out);
            walk.name(out);
        }
        StageKind::Fill { keys, period, with } => {
            word(walk, "fill", out);
            names(walk, keys, out);
            if let Some(period) = period {
                walk.line(out);
                word(walk, "in", out);
                expr(walk, period, Bond::Range, out);
            }
            if let Some(with) = with {
                walk.line(out);
                word(walk, "with", out);
                expr(walk, with, Bond::Whole, out);
            }
        }
        StageKind::Compare { of, period, with } => {
            word(walk, "compare", out);
            expr(walk, of, Bond::Coalesce, out);
            out.push(text(" "));
            word(walk, "in", out);
            expr(walk, period, Bond::Range, out);
            walk.line(out);
            word(walk, "with", out);
            match with {
                Against::Previous(_) => walk.word("previous", out),
                Against::LastYear(_) => walk.words("same period last year", out),
                Against::Period(period) => expr(walk, period, Bond::Range, out),
            }
        }
        StageKind::Append(query) => {
            word(walk, "append", out);
            other(walk, query, out);
        }
        StageKind::Except(query) => {
            word(walk, "except", out);
            other(walk, query, out);
        }
        StageKind::Join { many, query, alias, on } => {
            word(walk, "join", out);
            if many.is_some() {
                word(walk, "many", out);
            }
            other(walk, query, out);
            if alias.is_some() {
                out.push(text(" "));
                word(walk, "as", out);
                walk.name(out);
            }
            walk.line(out);
            condition(walk, "on", on, out);
        }
        StageKind::Describe => walk.word("describe", out),
        StageKind::Sample { n, seed } => {
            word(walk, "sample", out);
            expr(walk, n, Bond::Whole, out);
            if let Some(seed) = seed {
                out.push(text(" "));
                word(walk, "seed", out);
                expr(walk, seed, Bond::Whole, out);
            }
        }
        StageKind::Broken => walk.verbatim(stage.span, out),
    }
}

/// `WORD KEY, …`, on a line of its own where it doesn't fit.
fn clause(walk: &mut Walk, word: &str, list: &[Item], out: &mut Vec<Doc>) {
    if !list.is_empty() {
        walk.line(out);
        keys(walk, word, list, out);
    }
}

/// `WORD KEY, …`
pub fn keys(walk: &mut Walk, word: &str, list: &[Item], out: &mut Vec<Doc>) {
    walk.word(word, out);
    out.push(text(" "));
    out.push(Doc::Align(joined(|out| filled(walk, list, out, item))));
}

fn bare_or_names(walk: &mut Walk, word: &str, list: &[Name], out: &mut Vec<Doc>) {
    walk.word(word, out);
    if !list.is_empty() {
        out.push(text(" "));
        names(walk, list, out);
    }
}

fn names(walk: &mut Walk, list: &[Name], out: &mut Vec<Doc>) {
    out.push(Doc::Align(joined(|out| filled(walk, list, out, |walk, _, out| walk.column(out)))));
}

/// Items on one line, or each on its own with the `=` signs below one another.
fn items(walk: &mut Walk, list: &[Item], out: &mut Vec<Doc>) {
    let broken = match list {
        [first, second, ..] => walk.between(first.span.end, second.span.start).contains('\n'),
        _ => false,
    };
    let width = |item: &Item| item.name.as_ref().map_or(0, |name| walk.written(name.span).width());
    let widths: Vec<usize> = list.iter().map(width).collect();
    let widest = widths.iter().copied().max().unwrap_or(0);
    let parts = joined(|out| {
        for (at, (one, width)) in list.iter().zip(&widths).enumerate() {
            if at > 0 {
                walk.line(out);
            }
            padded(walk, one, widest - width, out);
            if at + 1 < list.len() {
                walk.word(",", out);
            }
        }
    });
    out.push(Doc::Group { parts: vec![Doc::Align(parts)], broken });
}

/// `NAME = EXPR`, or an expression that names itself.
pub fn item(walk: &mut Walk, item: &Item, out: &mut Vec<Doc>) {
    padded(walk, item, 0, out);
}

fn padded(walk: &mut Walk, item: &Item, blanks: usize, out: &mut Vec<Doc>) {
    if item.name.is_some() {
        walk.name(out);
        out.push(Doc::Pad(blanks));
        out.push(text(" "));
        walk.word("=", out);
        out.push(text(" "));
    }
    let value = joined(|out| {
        if item.name.is_some() && compares(&item.expr) || item.name.is_none() && begins_named(&item.expr) {
            in_brackets(walk, &item.expr, out);
        } else {
            expr(walk, &item.expr, Bond::Whole, out);
        }
    });
    out.push(group(vec![Doc::Align(value)]));
}

/// `[-]EXPR`
pub fn sort_key(walk: &mut Walk, key: &SortKey, out: &mut Vec<Doc>) {
    if key.descending {
        walk.word("-", out);
        // The sign is of the whole key, and brackets show that.
        expr(walk, &key.expr, Bond::Operand, out);
    } else if begins_negated(&key.expr) {
        in_brackets(walk, &key.expr, out);
    } else {
        expr(walk, &key.expr, Bond::Whole, out);
    }
}
