//! Windows: values that hang on the other rows of a group.

use super::{Builtin, Windowing, window};

pub(super) const TABLE: &[Builtin] = &[
    window(
        "share",
        Windowing::Share,
        "share(x [per …])",
        "a row's part of the sum over its group, of the rows that are left there: write it before `top`",
        "arrests | count by borough, role | let share = share(count per borough) to % | top 1 by count per borough",
    ),
    window(
        "rank",
        Windowing::Rank,
        "rank([-]x [per …])",
        "where a value stands in its group: 1, 2, 2, 4; with `-` the largest first",
        "arrests | count by borough | let rank = rank(-count)",
    ),
    window(
        "row_number",
        Windowing::RowNumber,
        "row_number([per …] sorted by …)",
        "which row of its group it is, from 1",
        "arrests | let nth = row_number(per person_id sorted by arrested_at) | where nth = 2 | count",
    ),
    window(
        "running",
        Windowing::Running,
        "running(x [where …] [per …] sorted by …)",
        "the sum so far, the row itself included",
        "arrests | count by month(arrested_at) | let so_far = running(count sorted by month)",
    ),
    window(
        "before",
        Windowing::Before,
        "before(x [, n] [per …] sorted by …)",
        "the value one row before, or n rows",
        "arrests | count by month(arrested_at) | let change = count - before(count sorted by month)",
    ),
    window(
        "after",
        Windowing::After,
        "after(x [, n] [per …] sorted by …)",
        "the value one row after, or n rows",
        "arrests | let next = after(arrested_at per person_id sorted by arrested_at) | take 5",
    ),
    window(
        "total",
        Windowing::Total,
        "total(item [per …])",
        "after a grouping: an item worked out over all its records, or those of wider groups",
        "arrests | summarise people = distinct(person_id) by borough | let part = people / total(people) to %",
    ),
];
