//! The words that completion offers beside names: stages with their forms, what may follow a value, periods.

use chrono::Datelike;

use super::rank::Candidate;
use crate::types::time::date_of;
use crate::types::{Bin, Period, Type};

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

/// What stands before the cursor.
pub enum Operand {
    /// A column of this type.
    Of(Type),
    /// The right side of a comparison, which is whole.
    Compared,
    /// Anything.
    Unknown,
}

impl Operand {
    /// The operators that may follow.
    fn operators(&self) -> Vec<&'static str> {
        const LOGIC: [&str; 2] = ["and", "or"];
        const SAME: [&str; 4] = ["=", "!=", "in", "not in"];
        const ORDER: [&str; 4] = ["<", "<=", ">", ">="];
        const FOUND: [&str; 2] = ["is missing", "is known"];
        const TEXT: [&str; 4] = ["contains", "starts with", "ends with", "matches"];
        match self {
            Operand::Compared => LOGIC.to_vec(),
            Operand::Of(Type::Bool) => [&LOGIC[..], &FOUND].concat(),
            Operand::Of(Type::Text) => [&SAME[..], &TEXT, &FOUND].concat(),
            Operand::Of(Type::Category(_)) => [&SAME[..], &FOUND, &TEXT].concat(),
            Operand::Of(Type::Id) => [&SAME[..], &FOUND].concat(),
            Operand::Of(Type::Date | Type::Datetime) => {
                [&["in", "not in"], &ORDER[..], &["=", "!="], &FOUND].concat()
            }
            Operand::Of(ty) if ty.is_quantity() || ty.is_numeric() => {
                [&ORDER[..], &SAME, &["to"], &FOUND].concat()
            }
            Operand::Of(_) | Operand::Unknown => [&SAME[..], &ORDER, &["to"], &FOUND, &LOGIC].concat(),
        }
    }
}

/// The units that a calendar lists.
pub const CALENDARS: [&str; 5] = ["days", "weeks", "months", "quarters", "years"];

/// The units that a period may be of, for `this` and its like.
const SPANS: [&str; 6] = ["week", "month", "quarter", "year", "day", "fy"];

/// What may follow a key.
pub fn after_key(stage: &str) -> Vec<Candidate> {
    let own: &[&str] = match stage {
        "top" => &["per", "with other"],
        _ => &[],
    };
    own.iter().map(|word| Candidate::new(*word, "")).collect()
}

/// What may follow a value in a stage, or in an aggregate's brackets, which are no stage.
pub fn after_value(stage: &str, in_brackets: bool, operand: &Operand) -> Vec<Candidate> {
    let own: &[&str] = match stage {
        _ if in_brackets => &["where", "per", "sorted by", "over"],
        "count" | "summarise" => &["by"],
        "take" => &["per"],
        "top" => &["by", "per", "with other"],
        "pivot" => &["using"],
        "unpivot" => &["into"],
        "fill" => &["in", "with"],
        "compare" => &["in", "with previous", "with same period last year", "with"],
        "join" => &["as", "on"],
        "sample" => &["seed"],
        _ => &[],
    };
    let operators = match stage {
        "where" | "let" | "select" | "summarise" => operand.operators(),
        _ if in_brackets => operand.operators(),
        _ => Vec::new(),
    };
    own.iter().copied().chain(operators).map(|word| Candidate::new(word, "")).collect()
}

/// A stage may follow.
pub fn next_stage() -> Candidate {
    Candidate::new("| ", "a stage")
}

/// Words of which periods are made.
pub fn is_of_periods(word: &str) -> bool {
    const OTHERS: [&str; 12] = [
        "this",
        "last",
        "next",
        "past",
        "since",
        "until",
        "to",
        "date",
        "of",
        "today",
        "yesterday",
        "tomorrow",
    ];
    let unit = |word: &str| SPANS.iter().any(|span| *span == word || word.strip_suffix('s') == Some(span));
    OTHERS.contains(&word) || unit(word)
}

/// Behind a stage that begins with a number.
pub fn numbers(stage: &str) -> Vec<Candidate> {
    let numbers: &[(&str, &str)] = match stage {
        "top" => &[("3 by ", "KEY"), ("5 by ", "KEY"), ("10 by ", "KEY")],
        "take" => &[("5", "rows"), ("20", "rows")],
        _ => &[("100", "rows")],
    };
    numbers.iter().map(|(number, note)| Candidate::new(*number, *note)).collect()
}

/// What may follow `this`, `last` and `next`, with the days that they are, as of a day.
pub fn spans(word: &str, today: i32) -> Vec<Candidate> {
    let Some(day) = date_of(today) else { return Vec::new() };
    let bins = [Bin::Week, Bin::Month, Bin::Quarter, Bin::Year, Bin::Day];
    let span = |name: &&str| {
        let bin = bins.iter().zip(SPANS).find(|(_, span)| span == name).map(|(bin, _)| *bin)?;
        match word {
            "this" => bin.around(day),
            "last" => bin.last(1, day),
            _ => bin.next(1, day),
        }
    };
    let days = |name: &&str| span(name).map_or(String::new(), |period| period.text());
    SPANS.iter().map(|name| Candidate::new(*name, days(name))).collect()
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
