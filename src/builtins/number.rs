//! Numbers and quantities, and choices between values.

use super::{Builtin, Function, coalesce, function};

pub(super) const TABLE: &[Builtin] = &[
    function(
        "round",
        Function::Round,
        "round(x [, nearest])",
        "to the nearest whole, or the nearest multiple of a second value; halves away from nought",
        "seizures | summarise cash = round(sum(value), £1000)",
    ),
    function(
        "floor",
        Function::Floor,
        "floor(x [, multiple])",
        "down to the whole, or to a multiple of a second value: -1.5 to -2",
        "seizures | count by grams = floor(weight, 10 g)",
    ),
    function(
        "ceil",
        Function::Ceil,
        "ceil(x [, multiple])",
        "up to the whole, or to a multiple of a second value: -1.5 to -1",
        "arrests | count by up_to = ceil(age, 10)",
    ),
    function(
        "abs",
        Function::Abs,
        "abs(x)",
        "the size without the sign",
        "arrests | let years = abs(age - 18) | take 5",
    ),
    function(
        "mod",
        Function::Mod,
        "mod(x, y)",
        "what is left of x after whole ys, with the sign of y; missing where y is nought",
        "seizures | where category = \"cash\" and mod(value, £20) != £0 | count",
    ),
    function(
        "sqrt",
        Function::Sqrt,
        "sqrt(x)",
        "the square root; missing below nought",
        "arrests | summarise give_or_take = sqrt(count()) by borough",
    ),
    function(
        "clamp",
        Function::Clamp,
        "clamp(x, low, high)",
        "x, but no less than low and no more than high",
        "seizures | summarise value = sum(clamp(value, £0, £5000))",
    ),
    function(
        "bucket",
        Function::Bucket,
        "bucket(x, edge, …)",
        "the span between two edges that holds x, the lower edge included: a category, in order",
        "arrests | count by band = bucket(age, 0, 18, 25, 40)",
    ),
    coalesce(
        "coalesce",
        "coalesce(x, y, …)",
        "the first that is not missing; also written `x ?? y`",
        "charges | count by place = coalesce(arrest.borough, arrest.line.force, \"not known\")",
    ),
];
