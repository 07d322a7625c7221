//! What comes out of the engine: values as outputs have them, the columns that only the data knew, and the texts that
//! a table shows in the place of a value.

use polars::prelude::*;

use super::rows::Rows;
use super::{expr, values};
use crate::frame::{Column as FrameColumn, Frame};
use crate::plan::{self, Query, Stage};
use crate::types::Type;

/// A column of the answer: what came for it, what it is, whether it is left out where nothing stands in it, and what a
/// table shows in the place of its values.
type Came = (Option<Column>, FrameColumn, bool, Option<StringChunked>);

/// A value as outputs have it.
pub(super) fn shown_value(value: Expr, ty: &Type) -> Expr {
    match ty {
        Type::Category(category) => values::category_text(value, category.values.clone()),
        Type::Record(_) => expr::record_title(value),
        _ => value,
    }
}

/// What stands in the columns that a pivot took from the data.
pub(super) fn pivoted_by(query: &Query) -> Option<&plan::Expr> {
    query.stages.iter().rev().find_map(|stage| match stage {
        Stage::Pivot(pivot) if pivot.columns.is_none() => Some(&pivot.using),
        _ => None,
    })
}

/// The answer's columns and what they are, from the data that came.
pub(super) fn framed(query: &Query, rows: &Rows, mut data: DataFrame) -> Frame {
    let came = |name: String| data.column(&name).ok().cloned();
    let own = query.output.iter().enumerate().map(|(at, column)| -> Came {
        let mark = came(format!("m{at}")).and_then(|mark| mark.str().ok().cloned());
        let found = FrameColumn {
            name: column.name.clone(),
            label: column.label.clone(),
            ty: column.expr.ty.clone(),
            show: column.expr.show.clone(),
            data_only: column.data_only,
        };
        (came(format!("c{at}")), found, column.optional, mark)
    });
    let mut all: Vec<Came> = own.collect();
    if let Some(using) = pivoted_by(query) {
        let pivoted = rows.pivoted.iter().enumerate().map(|(at, (name, made))| -> Came {
            let found = FrameColumn {
                name: name.clone(),
                label: None,
                ty: using.ty.clone(),
                show: using.show.clone(),
                data_only: false,
            };
            let optional = !made.starts_with("\u{1}column");
            (came(format!("v{at}")), found, optional, None)
        });
        // What only data formats have is last, as it is where the question alone says which columns there are.
        let at = all.iter().position(|(_, column, ..)| column.data_only).unwrap_or(all.len());
        let pivoted: Vec<Came> = pivoted.collect();
        all.splice(at..at, pivoted);
    }
    let mut columns = Vec::new();
    let mut kept = Vec::new();
    let mut marks = Vec::new();
    for (found, column, optional, mark) in all {
        let Some(values) = found.filter(|values| !optional || values.null_count() < values.len()) else {
            continue;
        };
        kept.push(values.with_name(format!("c{}", kept.len()).into()));
        columns.push(column);
        marks.push(mark);
    }
    let height = data.height();
    if let Ok(frame) = DataFrame::new(height, kept) {
        data = frame;
    }
    Frame { data, columns, marks }
}
