//! Filters, and how far down they go. Those at a question's head that look at each row by itself may be applied in any
//! order; where they read columns of the file alone they are applied to the scan, as comparisons of the file's own
//! text where that will do, so that polars can answer them from a file's statistics.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use super::expr::{all_of, dtype, to_polars};
use super::note::{Left, Note};
use super::rows::Rows;
use super::{source, values};
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::engine::notes::left_out::Whose;
use crate::engine::notes::unknown::and;
use crate::plan::{self, Kind, Query, Stage, Stored};
use crate::survey::columnar::col;
use crate::types::Value;

/// How many stages at the head are filters that look at each row by itself: they may be applied in any order.
pub(super) fn leading_filters(query: &Query) -> usize {
    let alone = |stage: &&Stage| matches!(stage, Stage::Where(predicate) if predicate.windows().is_empty());
    query.stages.iter().take_while(alone).count()
}

/// What all must be true for predicates to be.
pub(super) fn conjuncts<'e>(predicates: impl IntoIterator<Item = &'e plan::Expr>) -> Vec<&'e plan::Expr> {
    predicates.into_iter().flat_map(|predicate| predicate.operands(plan::BinaryOp::And)).collect()
}

/// The predicates of the filters that stages begin with, one right behind another.
pub(super) fn adjacent<'e>(stages: &'e [Stage]) -> Vec<&'e plan::Expr> {
    let predicate = |stage: &'e Stage| match stage {
        Stage::Where(predicate) => Some(predicate),
        _ => None,
    };
    stages.iter().map_while(predicate).collect()
}

/// As many filters at most are made of conditions that stand side by side. A few are applied one by one, so that what
/// a later one looks up is looked up for what an earlier one keeps; of very many, each would be a plan of its own.
const FILTERS: usize = 16;

/// Keeps the rows for which all of them are true.
pub(super) fn filters(rows: &mut Rows, conditions: &[&plan::Expr]) -> Result<(), Diagnostic> {
    for together in conditions.chunks(conditions.len().div_ceil(FILTERS).max(1)) {
        rows.prepare(together.iter().copied())?;
        let tests: Result<Vec<Expr>, _> = together.iter().map(|one| test(rows, one)).collect();
        rows.frame = rows.frame.clone().filter(all_of(tests?));
    }
    Ok(())
}

/// Keeps the rows for which it is true.
pub(super) fn filter(rows: &mut Rows, predicate: &plan::Expr) -> Result<(), Diagnostic> {
    filters(rows, &[predicate])
}

/// Whether it is true, row by row, of rows that have been prepared for it.
fn test(rows: &mut Rows, predicate: &plan::Expr) -> Result<Expr, Diagnostic> {
    let test = to_polars(predicate);
    if predicate.spread == plan::Spread::Constant {
        // Asked of rows of which nothing but the number is wanted, a filter that reads no column finds none: it is made
        // to read one.
        let schema = rows.frame.collect_schema().map_err(|error| super::read_error(&error))?;
        if let Some((name, _)) = schema.get_at_index(0) {
            return Ok(when(col(name.clone()).is_null()).then(test.clone()).otherwise(test));
        }
    }
    Ok(test)
}

/// The same of rows that are dear to make again: those for which it is unknown are counted on the way. What was
/// counted is to be kept by the caller: no later filter may move below, and who reads the rows twice counts once.
pub(super) fn counted_filter(
    rows: &mut Rows,
    predicate: &plan::Expr,
    groups: bool,
) -> Result<(), Diagnostic> {
    let Some((unknown, causes)) = rows.origins.left_out(predicate) else { return filter(rows, predicate) };
    let parts = causes.iter().map(|cause| &cause.holds);
    rows.prepare(parts.clone().chain([predicate, &unknown]))?;
    let mut test = test(rows, predicate)?;
    let each: Vec<_> = causes.iter().map(|cause| (cause.name.clone(), Arc::default())).collect();
    let note = Note::new(Left::Unknown(Whose { groups, ..Whose::default() }, each.clone()));
    let flags = parts.map(|holds| to_polars(&and(unknown.clone(), holds.clone())));
    let counters = each.into_iter().map(|(_, count)| count);
    for (flag, count) in flags.zip(counters).chain([(to_polars(&unknown), note.count.clone())]) {
        test = values::counting_true(test, flag, count, DataType::Boolean);
    }
    let name = super::fresh(rows, "kept");
    rows.frame = rows.frame.clone().with_columns([test.alias(name.clone())]).filter(col(name));
    rows.notes.push(note);
    Ok(())
}

/// A value of rows that have been prepared for it; those for which a calculation in it has none are counted on the way.
pub(super) fn counted_value(rows: &mut Rows, value: &plan::Expr, groups: bool) -> Expr {
    let mut counted = to_polars(value);
    for cause in rows.origins.failures(value) {
        let note = Note::new(Left::NoValue(cause.name, cause.why.unwrap_or_default(), groups));
        counted =
            values::counting_true(counted, to_polars(&cause.holds), note.count.clone(), dtype(&value.ty));
        rows.notes.push(note);
    }
    counted
}

/// Is the predicate one over columns of the file alone?
pub(super) fn reads_only_the_file(predicate: &plan::Expr) -> bool {
    let mut only = true;
    predicate.visit(&mut |part| {
        only &= !matches!(
            part.kind,
            Kind::Path(..)
                | Kind::Record(_)
                | Kind::Made(_)
                | Kind::This(..)
                | Kind::Aggregate(_)
                | Kind::Window(_)
                | Kind::InQuery(..)
        );
    });
    only
}

/// The predicate over the raw frame: each column read on the spot, so that polars can take the filter to
/// the scan.
pub(super) fn straight(predicate: &plan::Expr, table: &Table) -> Expr {
    let mut stored: BTreeMap<String, Arc<Stored>> = BTreeMap::new();
    predicate.visit(&mut |part| {
        if let Kind::Stored(column) = &part.kind {
            stored.insert(column.name.clone(), column.clone());
        }
    });
    let (asked, tests) = with_raw_tests(predicate.clone(), table);
    to_polars(&asked).map_expr(|part| match &part {
        Expr::Column(name) => match (tests.get(name.as_str()), stored.get(name.as_str())) {
            (Some(test), _) => test.clone(),
            (None, Some(column)) => source::read(table, column),
            (None, None) => part,
        },
        _ => part,
    })
}

/// The predicate with each `category = value` and its like in it replaced by a name, and what that name stands for: a
/// comparison of the file's own text, which a scan can answer from its statistics.
pub(super) fn with_raw_tests(predicate: plan::Expr, table: &Table) -> (plan::Expr, BTreeMap<String, Expr>) {
    let mut tests: BTreeMap<String, Expr> = BTreeMap::new();
    let predicate = predicate.map(&mut |kind| {
        let is = |inner: &plan::Expr, value: &Value| match (&inner.kind, value) {
            (Kind::Stored(column), Value::Category(value)) => source::is_value(table, column, *value),
            _ => None,
        };
        let test = match &kind {
            Kind::Binary(op @ (plan::BinaryOp::Eq | plan::BinaryOp::Ne), left, right) => {
                let equal = match (&left.kind, &right.kind) {
                    (_, Kind::Value(value)) => is(left, value),
                    (Kind::Value(value), _) => is(right, value),
                    _ => None,
                };
                if *op == plan::BinaryOp::Eq { equal } else { equal.map(Expr::not) }
            }
            Kind::InValues(inner, values) if values.len() <= 8 => {
                let tests: Option<Vec<Expr>> = values.iter().map(|value| is(inner, value)).collect();
                tests.and_then(|tests| tests.into_iter().reduce(Expr::or))
            }
            _ => None,
        };
        let Some(test) = test else { return kind };
        let name = format!("\u{1}test{}", tests.len());
        tests.insert(name.clone(), test);
        Kind::Made(name.into())
    });
    (predicate, tests)
}
