//! The words that completion offers beside names: stages with their forms, what may follow a value, periods.

use chrono::Datelike;

use super::rank::Candidate;
use crate::types::time::date_of;
use crate::types::{Bin, Period};

/// How each stage is written.
pub const STAGES: [(&str, &str); 21] = [
    ("where", "PREDICATE"),
    ("count", "[by KEY, …]"),
    ("summarise", "NAME = AGGREGATE, … [by KEY, …]"),
    ("sort", "[-]KEY, …"),
    ("top", "N by KEY [per KEY, …] [with other]"),
    ("take", "N [per KEY, …]"),
    ("let", "NAME = EXPRESSION, …"),
    ("select", "ITEM, …"),
    ("drop", "NAME, …"),
    ("rename", "NEW = OLD, …"),
    ("distinct", "[NAME, …]"),
    ("total", "[KEY, …]"),
    ("pivot", "NAME [using ITEM]"),
    ("unpivot", "NAME, … into KEY, VALUE"),
    ("fill", "KEY, … [in PERIOD] [with VALUE]"),
    ("compare", "DATE in PERIOD with previous"),
    ("append", "QUERY"),
    ("except", "QUERY"),
    ("join", "QUERY [as NAME] on PREDICATE"),
    ("describe", ""),
    ("sample", "N [seed S]"),
];

/// What may follow a value in any expression.
const OPERATORS: [&str; 14] = [
    "and",
    "or",
    "in",
    "not in",
    "is missing",
    "is known",
    "contains",
    "starts with",
    "ends with",
    "matches",
    "to",
    "not contains",
    "not matches",
    "per",
];

/// The units that a calendar lists.
pub const CALENDARS: [&str; 5] = ["days", "weeks", "months", "quarters", "years"];

/// The units that a period may be of, for `this` and its like.
const SPANS: [&str; 6] = ["week", "month", "quarter", "year", "fy", "day"];

/// What may follow a value in a stage, or in an aggregate's brackets, which are no stage.
pub fn after_value(stage: &str, in_brackets: bool) -> Vec<Candidate> {
    let own: &[&str] = match stage {
        _ if in_brackets => &["where", "per", "sorted by", "over"],
        "count" | "summarise" => &["by"],
        "take" => &["per"],
        "top" => &["by", "per", "with other"],
        "pivot" => &["using"],
        "unpivot" => &["into"],
        "fill" => &["in", "with"],
        "compare" => &["in", "with previous", "with same period last year", "with"],
        "join" => &["on", "as"],
        "sample" => &["seed"],
        _ => &[],
    };
    let operators: &[&str] = match stage {
        "where" | "let" | "select" | "summarise" | "join" => &OPERATORS[..13],
        _ if in_brackets => &OPERATORS[..13],
        _ => &[],
    };
    own.iter().chain(operators).map(|word| Candidate::new(*word, "")).collect()
}

/// What may follow `this`, `last` and `next`.
pub fn spans() -> Vec<Candidate> {
    SPANS.iter().map(|word| Candidate::new(*word, "")).collect()
}

/// What may follow `last 4`.
pub fn many_spans() -> Vec<Candidate> {
    SPANS.iter().filter(|word| **word != "fy").map(|word| Candidate::new(format!("{word}s"), "")).collect()
}

/// Some periods, with the days that they are, as of a day.
pub fn periods(today: i32) -> Vec<Candidate> {
    let Some(day) = date_of(today) else { return Vec::new() };
    let days = |period: Option<Period>| period.map_or(String::new(), |period| period.text());
    let relative: [(&str, Option<Period>); 11] = [
        ("last week", Bin::Week.last(1, day)),
        ("this week", Bin::Week.around(day)),
        ("last 7 days", Bin::Day.last(7, day)),
        ("last 4 weeks", Bin::Week.last(4, day)),
        ("last month", Bin::Month.last(1, day)),
        ("this month", Bin::Month.around(day)),
        ("last quarter", Bin::Quarter.last(1, day)),
        ("last year", Bin::Year.last(1, day)),
        ("this year", Bin::Year.around(day)),
        ("year to date", Bin::Year.to_date(day)),
        ("today", Bin::Day.around(day)),
    ];
    let mut found: Vec<Candidate> =
        relative.into_iter().map(|(words, period)| Candidate::new(words, days(period))).collect();
    // How the calendar's own spans are written: those before the present ones.
    for bin in [Bin::Week, Bin::Month, Bin::Quarter, Bin::Year] {
        let before = bin.first(day).and_then(|first| bin.first(first.pred_opt()?));
        if let Some(first) = before {
            let written = match bin {
                // A week is shown by its first day, and asked for by its number.
                Bin::Week => format!("{:?}", first.iso_week()),
                _ => bin.label(first),
            };
            found.push(Candidate::new(written, days(bin.around(first))));
        }
    }
    found.push(Candidate::new("since", "DATE"));
    found.push(Candidate::new("until", "DATE"));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::token;

    #[test]
    fn every_stage_has_a_form() {
        for stage in token::STAGES {
            assert!(STAGES.iter().any(|(name, _)| *name == stage), "{stage}");
        }
    }
}
