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
        "quarter",
        Function::Quarter,
        "quarter(date)",
        "the quarter of a calendar year",
        "arrests | count by quarter(arrested_at)",
    ),
    function(
        "fy",
        Function::Fy,
        "fy(date)",
        "the financial year, by the year in which it begins; its first month is the catalogue's, or April",
        "arrests | count by fy(arrested_at)",
    ),
    function(
        "year",
        Function::Year,
        "year(date)",
        "the calendar year, an integer",
        "arrests | count by year(arrested_at)",
    ),
    function(
        "weekday",
        Function::Weekday,
        "weekday(date)",
        "the day of the week, Monday to Sunday",
        "arrests | where weekday(arrested_at) in [\"Saturday\", \"Sunday\"] | count",
    ),
    function(
        "hour",
        Function::Hour,
        "hour(datetime)",
        "the hour of the day, 0 to 23",
        "arrests | count by hour(arrested_at)",
    ),
    function(
        "month_of_year",
        Function::MonthOfYear,
        "month_of_year(date)",
        "the number of the month, 1 to 12",
        "arrests | count by month_of_year(arrested_at)",
    ),
    function(
        "day_of_month",
        Function::DayOfMonth,
        "day_of_month(date)",
        "the number of the day in its month, 1 to 31",
        "arrests | count by day_of_month(arrested_at)",
    ),
    function(
        "age",
        Function::Age,
        "age(birth, date)",
        "whole years since a birth; missing before it",
        "lines | where closed_on is known | count by years = age(opened_on, closed_on)",
    ),
    function(
        "date",
        Function::Date,
        "date(year, month, day)",
        "the day of these three integers; missing where there is none",
        "arrests | where arrested_at >= date(2023, 10, 9) | count",
    ),
    function(
        "datetime",
        Function::Datetime,
        "datetime(date, hour, minute)",
        "this time of that day; missing where there is none",
        "arrests | where arrested_at >= datetime(2023-10-09, 18, 0) | count",
    ),
];
