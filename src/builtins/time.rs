//! Days, the spans of the calendar that hold them, and times of day.

use super::{Builtin, Function, function};

pub(super) const TABLE: &[Builtin] = &[
    function(
        "day",
        Function::Day,
        "day(date)",
        "the day of a date or datetime",
        "arrests | count by day(arrested_at)",
    ),
    function(
        "week",
        Function::Week,
        "week(date)",
        "the week, from Monday, shown by its Monday",
        "arrests | count by week(arrested_at)",
    ),
    function(
        "month",
        Function::Month,
        "month(date)",
        "the calendar month",
        "arrests | count by month(arrested_at)",
    ),
    function(
        "year",
        Function::Year,
        "year(date)",
        "the calendar year, an integer",
        "arrests | count by year(arrested_at)",
    ),
    function(
        "date",
        Function::Date,
        "date(year, month, day)",
        "the day of these three integers; missing where there is none",
        "arrests | where arrested_at >= date(2023, 10, 9) | count",
    ),
];
