//! A column's values as readers see them, for the places where an answer or a message speaks of them.

use polars::prelude::*;

use crate::frame::{self, value};
use crate::types::{Show, Type};

/// The texts of a column as the engine holds it.
pub(super) fn readable(series: &Series, ty: &Type, show: &Show) -> PolarsResult<Vec<Option<String>>> {
    match ty {
        Type::Category(category) => {
            let codes = series.cast(&DataType::UInt32)?;
            let text = |code: Option<u32>| category.values.get(code? as usize).cloned();
            Ok(codes.u32()?.iter().map(text).collect())
        }
        Type::Record(_) => {
            let title = |value: Option<&str>| value?.split('\u{1f}').nth(1).map(str::to_string);
            Ok(series.str()?.iter().map(title).collect())
        }
        _ => {
            let column = frame::Column {
                name: String::new(),
                label: None,
                ty: ty.clone(),
                show: show.clone(),
                data_only: false,
            };
            let cells = value::Cells::of(ty, series, "")
                .map_err(|mistake| polars_err!(ComputeError: "{}", mistake.message))?;
            Ok((0..series.len()).map(|row| value::reader(cells.get(row), &column)).collect())
        }
    }
}
