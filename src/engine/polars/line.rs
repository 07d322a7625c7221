//! The rows of each group, lined up in an order. Values of every type become whole numbers first ([`codes`]), which sort
//! as they do and are equal where they are: so groups and orders need one kind of comparison.

use polars::prelude::*;

/// A row's number in the frame.
pub(super) type Row = u32;

/// The rows of each group, in order.
pub(super) struct Groups {
    rows: Vec<Row>,
    ends: Vec<usize>,
}

impl Groups {
    /// Rows that are alike in `keys`, by the columns of `order` (largest first where it says so), missing last, ties as
    /// the rows stand. Those that are `out` are in no group.
    pub(super) fn of(keys: &[Vec<Code>], order: &[(Vec<Code>, bool)], out: &[bool]) -> Groups {
        let mut group_of: Vec<u32> = vec![0; out.len()];
        let mut many: usize = 1;
        for key in keys {
            let mut known: PlHashMap<(u32, Code), u32> = PlHashMap::new();
            for (group, code) in group_of.iter_mut().zip(key) {
                let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
                *group = *known.entry((*group, *code)).or_insert(next);
            }
            many = known.len();
        }
        let mut line: Vec<Row> =
            (0..out.len()).zip(out).filter(|(_, out)| !**out).map(|(row, _)| row as Row).collect();
        if !order.is_empty() {
            let by = |row: Row, (codes, down): &(Vec<Code>, bool)| {
                let code = codes.get(row as usize).copied().flatten();
                // The bits of a whole number turned round sort the other way.
                (code.is_none(), code.map(|code| if *down { !code } else { code }))
            };
            line.sort_by(|a, b| {
                order.iter().map(|key| by(*a, key).cmp(&by(*b, key))).find(|o| o.is_ne()).unwrap_or(
                    // A stable sort leaves them as they stand.
                    std::cmp::Ordering::Equal,
                )
            });
        }
        // Each row to its group's seats, in the order of the line.
        let group = |row: Row| group_of.get(row as usize).map_or(0, |group| *group as usize);
        let mut ends = vec![0usize; many];
        for row in &line {
            ends[group(*row)] += 1;
        }
        let mut seats = Vec::with_capacity(many);
        let mut taken = 0;
        for end in &mut ends {
            seats.push(taken);
            taken += *end;
            *end = taken;
        }
        let mut rows = vec![0; line.len()];
        for row in line {
            let seat = &mut seats[group(row)];
            rows[*seat] = row;
            *seat += 1;
        }
        Groups { rows, ends }
    }

    /// The rows of each group.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[Row]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.rows[start..*end])
    }
}

/// A value as a whole number that sorts as it does and is equal where it is; nothing where it is missing.
pub(super) type Code = Option<i64>;

/// The codes of a column.
pub(super) fn codes(series: &Series) -> PolarsResult<Vec<Code>> {
    Ok(match series.dtype() {
        DataType::String => {
            let texts = series.str()?;
            let mut places: PlHashMap<&str, i64> = texts.iter().flatten().map(|text| (text, 0)).collect();
            let mut sorted: Vec<&str> = places.keys().copied().collect();
            sorted.sort_unstable();
            for (place, text) in sorted.into_iter().enumerate() {
                places.insert(text, place as i64);
            }
            texts.iter().map(|text| places.get(text?).copied()).collect()
        }
        DataType::Float64 => series.f64()?.iter().map(|value| value.map(float_code)).collect(),
        DataType::Boolean => series.bool()?.iter().map(|value| value.map(i64::from)).collect(),
        _ => series.to_physical_repr().cast(&DataType::Int64)?.i64()?.iter().collect(),
    })
}

/// As [`codes`], where nobody asks for an order: texts in that of their first appearance.
pub(super) fn labels(series: &Series) -> PolarsResult<Vec<Code>> {
    if *series.dtype() != DataType::String {
        return codes(series);
    }
    let mut known: PlHashMap<&str, i64> = PlHashMap::new();
    let mut label = |text| {
        let next = known.len() as i64;
        *known.entry(text).or_insert(next)
    };
    Ok(series.str()?.iter().map(|text| text.map(&mut label)).collect())
}

/// The bits of a float sort as it does, once those of negative ones are turned round. Nought has no sign.
fn float_code(value: f64) -> i64 {
    let bits = (value + 0.0).to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// Truths, unknown ones false.
pub(super) fn truths(series: &Series) -> PolarsResult<Vec<bool>> {
    Ok(series.cast(&DataType::Boolean)?.bool()?.iter().map(|value| value == Some(true)).collect())
}
