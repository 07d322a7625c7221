//! Rows looked at by themselves: columns that become rows, what each column holds, and a sample.

use polars::prelude::*;

use super::expr::{dtype, to_polars};
use super::readable::readable;
use super::rows::Rows;
use super::values::typed;
use super::{fresh, read_error};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Made};
use crate::survey::columnar::col;
use crate::types::{Show, Type};

/// Each row once for each of the columns, in their order.
pub(super) fn unpivot(
    rows: &mut Rows,
    columns: &[(String, plan::Expr)],
    key: &Made,
    value: &Made,
) -> Result<(), Diagnostic> {
    rows.prepare(columns.iter().map(|(_, column)| column))?;
    let failed = |error: PolarsError| read_error(&error);
    let keys: Vec<Expr> = (0u32..).zip(columns).map(|(at, _)| lit(Scalar::from(at))).collect();
    let values: Vec<Expr> =
        columns.iter().map(|(_, column)| to_polars(column).cast(dtype(&column.ty))).collect();
    let keys = concat_list(keys).map_err(failed)?.alias(&**key);
    let values = concat_list(values).map_err(failed)?.alias(&**value);
    let both = [PlSmallStr::from(&**key), PlSmallStr::from(&**value)];
    rows.frame = rows.frame.clone().with_columns([keys, values]).explode(
        by_name(both.clone(), true, false),
        ExplodeOptions { empty_as_null: false, keep_nulls: true },
    );
    rows.order.extend(both.into_iter().take(1).map(|key| (key, false)));
    rows.identity = Vec::new();
    rows.apart = false;
    Ok(())
}

/// One row for each column.
pub(super) fn describe(
    rows: &mut Rows,
    columns: &[(String, plan::Expr)],
    made: &[Made; 6],
) -> Result<(), Diagnostic> {
    rows.prepare(columns.iter().map(|(_, column)| column))?;
    let at = fresh(rows, "n");
    let named = |what: &str, at: usize| PlSmallStr::from(format!("\u{1}{what}{at}"));
    let mut values = Vec::new();
    let mut gathered = Vec::new();
    for (position, (_, column)) in columns.iter().enumerate() {
        let value = named("d", position);
        values.push(to_polars(column).alias(value.clone()));
        let missing = col(value.clone()).null_count().cast(DataType::Int64);
        // polars counts missing as one more kind.
        let kinds = col(value.clone()).n_unique().cast(DataType::Int64)
            - missing.clone().gt(lit(0i64)).cast(DataType::Int64);
        gathered.push(missing.alias(named("missing", position)));
        gathered.push(kinds.alias(named("kinds", position)));
        if has_ends(&column.ty) {
            gathered.push(col(value.clone()).min().alias(named("min", position)));
            gathered.push(col(value).max().alias(named("max", position)));
        }
    }
    let kept: Vec<Expr> = (0..columns.len()).map(|position| col(named("d", position))).collect();
    let described: Vec<(String, Type, Show)> =
        columns.iter().map(|(name, column)| (name.clone(), column.ty.clone(), column.show.clone())).collect();
    let names: Vec<PlSmallStr> = made.iter().map(|made| PlSmallStr::from(&**made)).collect();
    let table = {
        let at = at.clone();
        move |facts: DataFrame| -> PolarsResult<DataFrame> {
            let count = |name: PlSmallStr| Ok::<_, PolarsError>(facts.column(&name)?.i64()?.get(0));
            let mut missing = Vec::new();
            let mut kinds = Vec::new();
            let mut ends: [Vec<Option<String>>; 2] = Default::default();
            for (position, (_, ty, show)) in described.iter().enumerate() {
                missing.push(count(named("missing", position))?);
                kinds.push(count(named("kinds", position))?);
                for (end, what) in ends.iter_mut().zip(["min", "max"]) {
                    let text = if has_ends(ty) {
                        let value = facts.column(&named(what, position))?.as_materialized_series();
                        readable(value, ty, show)?.into_iter().next().flatten()
                    } else {
                        None
                    };
                    end.push(text);
                }
            }
            let column: Vec<&str> = described.iter().map(|(name, ..)| name.as_str()).collect();
            let types: Vec<String> = described.iter().map(|(_, ty, _)| ty.to_string()).collect();
            let [smallest, largest] = ends;
            let numbers: Vec<u32> = (0u32..).zip(&described).map(|(at, _)| at).collect();
            let height = described.len();
            let name = |at: usize| names.get(at).cloned().unwrap_or_default();
            let columns = vec![
                Column::new(name(0), column),
                Column::new(name(1), types),
                Column::new(name(2), missing),
                Column::new(name(3), kinds),
                Column::new(name(4), smallest),
                Column::new(name(5), largest),
                Column::new(at.clone(), numbers),
            ];
            DataFrame::new(height, columns)
        }
    };
    let text = [0, 1, 4, 5];
    let mut schema = Schema::default();
    for (position, name) in made.iter().enumerate() {
        let dtype = if text.contains(&position) { DataType::String } else { DataType::Int64 };
        schema.insert(PlSmallStr::from(&**name), dtype);
    }
    schema.insert(at.clone(), DataType::UInt32);
    let schema = SchemaRef::new(schema);
    rows.frame = if columns.is_empty() {
        DataFrame::empty_with_schema(&schema).lazy()
    } else {
        let facts = rows.frame.clone().with_columns(values).select(kept).select(gathered);
        let given = move |_: &Schema| Ok(SchemaRef::clone(&schema));
        facts.map(table, OptFlags::empty(), Some(std::sync::Arc::new(given)), Some("describe"))
    };
    rows.order = vec![(at.clone(), false)];
    rows.sorted = true;
    rows.brought = vec![at];
    rows.identity = Vec::new();
    rows.apart = false;
    Ok(())
}

/// Has a type a smallest and a largest value?
fn has_ends(ty: &Type) -> bool {
    !matches!(ty, Type::Bool | Type::Missing)
}

/// As many rows, chosen by a hash of their numbers.
pub(super) fn sample(rows: &mut Rows, n: u64, seed: u64) {
    rows.settle();
    let place = fresh(rows, "n");
    let hash = fresh(rows, "h");
    let hashed = col(place.clone()).map(
        move |column| {
            let numbers = column.as_materialized_series().cast(&DataType::UInt64)?;
            let out: UInt64Chunked =
                numbers.u64()?.iter().map(|number| number.map(|number| mixed(seed, number))).collect();
            Ok(out.with_name(column.name().clone()).into_column())
        },
        typed(DataType::UInt64),
    );
    rows.frame = rows
        .frame
        .clone()
        .with_row_index(place.clone(), None)
        .with_columns([hashed.alias(hash.clone())])
        .sort_by_exprs([col(hash)], SortMultipleOptions::default())
        .slice(0, IdxSize::try_from(n).unwrap_or(IdxSize::MAX));
    rows.order = vec![(place, false)];
    rows.sorted = false;
}

/// A row's place in the lottery: splitmix64, which is the same on every machine, and for one seed gives no two rows
/// the same.
fn mixed(seed: u64, number: u64) -> u64 {
    let step = |state: u64| {
        let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^ (state >> 31)
    };
    // The seed is stirred first, so that neighbouring seeds have nothing in common.
    step(step(seed).wrapping_add(number))
}

#[cfg(test)]
mod tests {
    use super::mixed;

    #[test]
    fn a_sample_is_the_same_everywhere() {
        let drawn = [0, 1, 2].map(|number| mixed(1, number));
        assert_eq!(drawn, [0x5e41_ab08_7439_611e, 0x86d6_fd95_3217_ae03, 0xbcd9_dbb4_9673_066b]);
        let mut all: Vec<u64> = (0..10_000).map(|number| mixed(7, number)).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10_000);
    }
}
