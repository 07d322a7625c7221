//! Text.

use super::{Builtin, Function, function};

pub(super) const TABLE: &[Builtin] = &[
    function(
        "lower",
        Function::Lower,
        "lower(text)",
        "the text in small letters",
        "arrests | count by place = lower(borough)",
    ),
    function(
        "upper",
        Function::Upper,
        "upper(text)",
        "the text in capitals",
        "arrests | count by place = upper(borough)",
    ),
    function(
        "length",
        Function::Length,
        "length(text)",
        "how many characters",
        "charges | summarise longest = max(length(offence))",
    ),
    function(
        "left",
        Function::Left,
        "left(text, n)",
        "the first n characters",
        "arrests | count by initial = left(borough, 1)",
    ),
    function(
        "right",
        Function::Right,
        "right(text, n)",
        "the last n characters",
        "lines | count by number = right(name, 2)",
    ),
    function(
        "integer",
        Function::Integer,
        "integer(text)",
        "the whole number that a text is; missing where it is none",
        "lines | summarise largest = max(integer(right(name, 2)))",
    ),
    function(
        "number",
        Function::Number,
        "number(text)",
        "the number that a text is; missing where it is none",
        "lines | summarise largest = max(number(right(name, 2)))",
    ),
];
