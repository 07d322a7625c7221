//! Which records an aggregate's argument reaches: the dotted names in it are followed, and must all end at one
//! path's end, or all in the row. Then the argument is read at that end, the path's names left out.

use std::sync::Arc;

use super::Checker;
use super::scope::{Scope, Walk, whole};
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::plan::Step;
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;

/// The columns that an argument names.
pub(super) struct Reach {
    /// The path that they all stand at the end of; empty for the row itself.
    pub steps: Vec<Step>,
    /// How many names of each dotted name the path takes.
    pub depth: usize,
    /// A table that the argument names, in a calendar's row: the aggregate ranges over its records.
    pub table: Option<Arc<Table>>,
}

impl Checker<'_> {
    /// What the names of an argument reach: one path for all, or the row.
    pub(super) fn reach(
        &mut self,
        rows: &Scope,
        arg: Option<&ast::Expr>,
        call: &ast::Call,
        span: Span,
    ) -> Option<Reach> {
        let row = Reach { steps: Vec::new(), depth: 0, table: None };
        let Some(arg) = arg else { return Some(row) };
        let mut names = Vec::new();
        let mut nested = Vec::new();
        paths(arg, &mut names, &mut nested);
        if let Some(table) = self.table_named(rows, &names, &nested, call.filter.as_ref()).ok()? {
            return Some(Reach { table: Some(table), ..row });
        }
        let mut own = false;
        let mut ends: Vec<(Walk, &[Name])> = Vec::new();
        for dotted in names {
            let Some(first) = dotted.first() else { continue };
            if first.text == "this"
                || (dotted.len() == 1 && first.text == "today" && rows.column("today").is_none())
            {
                continue;
            }
            let walk = self.walk(rows, dotted)?;
            if walk.steps.is_empty() { own = true } else { ends.push((walk, dotted)) }
        }
        let Some((first, first_names)) = ends.first() else { return Some(row) };
        let many = ends.iter().find(|(walk, _)| walk.is_many());
        let depth = first.steps.len();
        let begins_alike = |names: &[Name]| {
            names.len() >= depth && names.iter().zip(*first_names).take(depth).all(|(a, b)| a.text == b.text)
        };
        let same = ends.iter().all(|(walk, names)| walk.steps.len() == depth && begins_alike(names));
        // A nested aggregate is worked out for the same record: its path goes on from there.
        let astray = nested.iter().find(|names| names.len() == depth || !begins_alike(names));
        if let Some(each) = call.each {
            if let Some((_, names)) = many {
                let text = self.text(whole(names)).to_string();
                self.report(
                    Diagnostic::new(
                        "relation-each",
                        format!("`each` takes one value a row, and `{text}` leads to many"),
                        each,
                    )
                    .help("leave `each` out: every record counts once"),
                );
                return None;
            }
            return Some(row);
        }
        if own {
            if let Some((_, names)) = many {
                let text = self.text(whole(names)).to_string();
                self.report(
                    Diagnostic::new(
                        "relation-mixed",
                        format!(
                            "`{text}` leads to many records and can't be mixed with the row's own columns"
                        ),
                        span,
                    )
                    .help("work one of the two out first, in `let`"),
                );
                return None;
            }
            return Some(row);
        }
        if !same {
            let others: Vec<String> = ends
                .iter()
                .map(|(walk, _)| walk.steps.iter().map(Step::name).collect::<Vec<_>>().join("."))
                .collect();
            let mut distinct = others.clone();
            distinct.dedup();
            self.report(
                Diagnostic::new(
                    "relation-ends",
                    format!("these columns stand at the ends of different paths: {}", distinct.iter().map(|p| format!("`{p}`")).collect::<Vec<_>>().join(", ")),
                    arg.span,
                )
                .help("an aggregate ranges over the records at one path's end; after `where`, links lead on from there"),
            );
            return None;
        }
        if let Some(names) = astray {
            let path = self.text(whole(names)).to_string();
            let end = first.steps.iter().map(Step::name).collect::<Vec<_>>().join(".");
            self.report(
                Diagnostic::new(
                    "relation-ends",
                    format!("this ranges over `{end}`, and `{path}` doesn't go on from there"),
                    whole(names),
                )
                .also(whole(first_names), format!("`{end}`"))
                .help(format!("an aggregate inside another starts from its records: `{end}.…`")),
            );
            return None;
        }
        // `count(arrest)` and `count(charges)` end at the records; so does a path inside a larger
        // expression, where it is a mistake that the operator reports.
        Some(Reach { steps: first.steps.clone(), depth, table: None })
    }
}

/// All dotted names of an expression that stand in the same row, and apart those that nested aggregates
/// start from there. What stands after a nested one's `where` is read at its own path's end.
pub(super) fn paths<'a>(expr: &'a ast::Expr, found: &mut Vec<&'a [Name]>, nested: &mut Vec<&'a [Name]>) {
    match &expr.kind {
        ExprKind::Path(names) => found.push(names),
        ExprKind::Call(call) if is_aggregate(call) => {
            let mut inner = Vec::new();
            call.args.iter().for_each(|arg| paths(arg, &mut inner, nested));
            nested.extend(inner);
        }
        ExprKind::Call(call) => call.args.iter().for_each(|arg| paths(arg, found, nested)),
        _ => children(expr, &mut |child| paths(child, found, nested)),
    }
}

/// Shows every dotted name of an expression, those in calls included.
pub(super) fn each_path(expr: &ast::Expr, see: &mut dyn FnMut(&[Name])) {
    match &expr.kind {
        ExprKind::Path(names) => see(names),
        ExprKind::Call(call) => {
            let per = call.per.iter().map(|item| &item.expr);
            let sorted = call.sorted_by.iter().map(|key| &key.expr);
            call.args
                .iter()
                .chain(&call.filter)
                .chain(per)
                .chain(sorted)
                .for_each(|part| each_path(part, see));
        }
        _ => children(expr, &mut |child| each_path(child, see)),
    }
}

fn is_aggregate(call: &ast::Call) -> bool {
    let meaning = crate::builtins::find(&call.name.text).map(|builtin| builtin.meaning);
    matches!(meaning, Some(crate::builtins::Meaning::Aggregate(_)))
}

/// The expressions directly inside one, calls aside.
fn children<'a>(expr: &'a ast::Expr, see: &mut dyn FnMut(&'a ast::Expr)) {
    match &expr.kind {
        ExprKind::Negate(a) | ExprKind::Not(a) => see(a),
        ExprKind::Is { expr: a, .. } | ExprKind::To { expr: a, .. } => see(a),
        ExprKind::Open { bound: a, .. } | ExprKind::UnitOf { date: a, .. } => see(a),
        ExprKind::Binary { left, right, .. } => {
            see(left);
            see(right);
        }
        ExprKind::In { expr: a, set, .. } => {
            see(a);
            // A name there is a query's, and no column; but for `this`.
            if !matches!(&set.kind, ExprKind::Path(names) if names.iter().all(|name| name.text != "this")) {
                see(set);
            }
        }
        ExprKind::Range(a, b) => {
            see(a);
            see(b);
        }
        ExprKind::List(items) => items.iter().for_each(see),
        ExprKind::If { test, then, otherwise } => {
            see(test);
            see(then);
            see(otherwise);
        }
        _ => {}
    }
}

/// The expression as it reads at the path's end: the first `depth` names of every dotted name left out.
pub(super) fn without_path(expr: &ast::Expr, depth: usize) -> ast::Expr {
    let again = |expr: &ast::Expr| without_path(expr, depth);
    let boxed = |expr: &ast::Expr| Box::new(again(expr));
    let kind = match &expr.kind {
        ExprKind::Path(names) => match names.get(depth..) {
            Some(rest) if !rest.is_empty() && names.first().is_some_and(|name| name.text != "this") => {
                ExprKind::Path(rest.to_vec())
            }
            _ => expr.kind.clone(),
        },
        ExprKind::Call(call) => {
            let mut call = (**call).clone();
            call.args = call.args.iter().map(again).collect();
            if !is_aggregate(&call) {
                call.filter = call.filter.as_ref().map(again);
            }
            ExprKind::Call(Box::new(call))
        }
        ExprKind::Negate(a) => ExprKind::Negate(boxed(a)),
        ExprKind::Not(a) => ExprKind::Not(boxed(a)),
        ExprKind::Is { expr, known } => ExprKind::Is { expr: boxed(expr), known: *known },
        ExprKind::To { expr, unit } => ExprKind::To { expr: boxed(expr), unit: unit.clone() },
        ExprKind::Binary { op, op_span, left, right } => {
            ExprKind::Binary { op: *op, op_span: *op_span, left: boxed(left), right: boxed(right) }
        }
        ExprKind::In { expr, set, negated } => {
            ExprKind::In { expr: boxed(expr), set: boxed(set), negated: *negated }
        }
        ExprKind::Range(a, b) => ExprKind::Range(boxed(a), boxed(b)),
        ExprKind::List(items) => ExprKind::List(items.iter().map(again).collect()),
        ExprKind::If { test, then, otherwise } => {
            ExprKind::If { test: boxed(test), then: boxed(then), otherwise: boxed(otherwise) }
        }
        other => other.clone(),
    };
    ast::Expr { kind, span: expr.span }
}
