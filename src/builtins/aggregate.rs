//! Aggregates: what is worked out over many rows.

use super::{Aggregator, Builtin, aggregate};

pub(super) const TABLE: &[Builtin] = &[
    aggregate(
        "count",
        Aggregator::Count,
        "count([x] [where …])",
        "how many rows, known values, or records at a path's end",
        "arrests | summarise arrests = count(), charges = count(charges) by borough",
    ),
    aggregate(
        "sum",
        Aggregator::Sum,
        "sum(x [where …])",
        "the exact sum of the known values",
        "seizures | summarise cash = sum(value where category = \"cash\")",
    ),
    aggregate(
        "mean",
        Aggregator::Mean,
        "mean(x [where …])",
        "the exact sum over the count of known values",
        "charges | summarise age = mean(arrest.age) by offence",
    ),
    aggregate(
        "median",
        Aggregator::Median,
        "median(x [where …])",
        "the middle known value, or half-way between the middle two",
        "arrests | summarise age = median(age) by borough",
    ),
    aggregate(
        "min",
        Aggregator::Min,
        "min(x [where …])",
        "the smallest known value",
        "arrests | summarise first = min(arrested_at) by borough",
    ),
    aggregate(
        "max",
        Aggregator::Max,
        "max(x [where …])",
        "the largest known value",
        "arrests | summarise last = max(arrested_at) by borough",
    ),
    aggregate(
        "distinct",
        Aggregator::Distinct,
        "distinct(x [where …])",
        "how many different known values",
        "charges | summarise people = distinct(person_id)",
    ),
    aggregate(
        "any",
        Aggregator::Any,
        "any(x [where …])",
        "whether a value is true, or there is a record",
        "arrests | where any(charges where trafficking) | count",
    ),
    aggregate(
        "all",
        Aggregator::All,
        "all(x [where …])",
        "whether no known value is false; true where there are none",
        "arrests | where all(charges.trafficking) | count",
    ),
    aggregate(
        "no",
        Aggregator::No,
        "no(x [where …])",
        "whether no value is true, or there is no record",
        "arrests | where no(charges) | count by borough",
    ),
];
