//! Numbers and quantities, and choices between values.

use super::{Builtin, Function, function};

pub(super) const TABLE: &[Builtin] = &[
    function(
        "round",
        Function::Round,
        "round(x [, nearest])",
        "to the nearest whole, or the nearest multiple of a second value; halves away from nought",
        "seizures | summarise cash = round(sum(value), £1000)",
    ),
    function(
        "abs",
        Function::Abs,
        "abs(x)",
        "the size without the sign",
        "arrests | let years = abs(age - 18) | take 5",
    ),
];
