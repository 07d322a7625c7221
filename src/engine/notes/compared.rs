//! Where a question holds values against something: all comparisons in it, each with what the columns beside it stand
//! for, and whether it stands so that a row is kept where it is true, or where it is not.

use super::unknown::Columns;
use crate::plan::{Aggregate, Aggregator, Expr, Kind, Over, Query, Stage, Windowed};

/// Calls `see` on every expression of a question at any depth, within its aggregates and other queries as well, with
/// the columns of the rows that it stands in and whether it is turned round, by `not` or by `no(…)`.
pub(super) fn each(query: &Query, see: &mut dyn FnMut(&Expr, &Columns, bool)) {
    let columns = Columns::of(query);
    let shown = query.output.iter().map(|column| &column.expr);
    for expr in query.stages.iter().flat_map(Stage::exprs).chain(shown) {
        walk(expr, &columns, false, see);
    }
    query.stages.iter().filter_map(Stage::query).for_each(|other| each(other, see));
}

fn walk(expr: &Expr, columns: &Columns, turned: bool, see: &mut dyn FnMut(&Expr, &Columns, bool)) {
    see(expr, columns, turned);
    match &expr.kind {
        // What is missing there is another matter.
        Kind::IsMissing(_) => {}
        Kind::Not(inner) => walk(inner, columns, !turned, see),
        Kind::InQuery(inner, query) => {
            walk(inner, columns, turned, see);
            each(query, &mut |part, columns, own| see(part, columns, own != turned));
        }
        Kind::Aggregate(aggregate) => inside(aggregate, columns, turned, see),
        Kind::Window(window) => {
            window.parts().into_iter().for_each(|part| walk(part, columns, turned, see));
            if let Windowed::Whole(aggregate) = &window.what {
                inside(aggregate, columns, turned, see);
            }
        }
        _ => expr.children().into_iter().for_each(|child| walk(child, columns, turned, see)),
    }
}

fn inside(
    aggregate: &Aggregate,
    columns: &Columns,
    turned: bool,
    see: &mut dyn FnMut(&Expr, &Columns, bool),
) {
    let turned = turned != (aggregate.function == Aggregator::No);
    let parts = aggregate.filter.iter().chain(&aggregate.arg);
    match &aggregate.over {
        Over::Rows => parts.for_each(|part| walk(part, columns, turned, see)),
        Over::Path(_) | Over::Table { .. } => {
            let Some(end) = aggregate.over.records() else { return };
            let columns = Columns::of_records(end);
            parts.for_each(|part| walk(part, &columns, turned, see));
        }
    }
}
