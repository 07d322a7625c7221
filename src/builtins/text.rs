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
        "trim",
        Function::Trim,
        "trim(text)",
        "the text without blanks at its ends",
        "charges | count by offence = trim(split(offence, \"(\", 1))",
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
        "mid",
        Function::Mid,
        "mid(text, from, n)",
        "n characters, from the one of that number on; the first is 1",
        "arrests | count by series = mid(borough, 2, 3)",
    ),
    function(
        "split",
        Function::Split,
        "split(text, separator, n)",
        "the n-th of the parts that a separator makes, from the end where n is below nought; missing where there is none",
        "charges | count by first_word = split(offence, \" \", 1)",
    ),
    function(
        "replace",
        Function::Replace,
        "replace(text, old, new)",
        "the text with new wherever old stands in it",
        "charges | count by offence = replace(offence, \"with intent to supply\", \"PWITS\")",
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
