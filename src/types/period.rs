//! Spans of whole days, and the units of the calendar that name them: ISO 8601 weeks, months, quarters, years,
//! and financial years that begin in whatever month the catalogue says.
//!
//! A period remembers what it was made of ([`Period::bin`], [`Period::to_date`]), because `2023-10` and
//! `2023-10-01..2023-10-31` hold the same days, and yet the month before one is September and the span before
//! the other is 31 days. What goes with what is said in [`super::against`].

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::time::{date_of, days};

/// The spans that a calendar falls into, from which bins are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bin {
    /// A day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// A quarter of a calendar year.
    Quarter,
    /// A calendar year.
    Year,
    /// A financial year, by its first month: 4 for April. It is named after the year in which it begins.
    Fy(u8),
}

/// A span of whole days, both ends included; an end that isn't there is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Option<i32>,
    /// The last day.
    pub last: Option<i32>,
    /// The unit of the calendar that it is, or with [`Period::to_date`] is the beginning of.
    pub bin: Option<Bin>,
    /// It holds no more of its unit than the days up to the one that the question is asked as of.
    pub to_date: bool,
}

impl Bin {
    /// Its word in the language.
    pub fn name(self) -> &'static str {
        match self {
            Bin::Day => "day",
            Bin::Week => "week",
            Bin::Month => "month",
            Bin::Quarter => "quarter",
            Bin::Year => "year",
            Bin::Fy(_) => "fy",
        }
    }

    /// The first day of the span that holds a day.
    pub fn first(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Bin::Day => Some(day),
            Bin::Week => day.week(Weekday::Mon).checked_first_day(),
            Bin::Month => day.with_day(1),
            Bin::Quarter => day.with_day(1)?.with_month(day.month0() / 3 * 3 + 1),
            Bin::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1),
            Bin::Fy(month) => {
                let month = u32::from(month);
                let year = if day.month() < month { day.year() - 1 } else { day.year() };
                NaiveDate::from_ymd_opt(year, month, 1)
            }
        }
    }

    /// The first day of the span so many on, or back, from the one that begins here.
    fn step(self, first: NaiveDate, spans: i32) -> Option<NaiveDate> {
        let months = match self {
            Bin::Day | Bin::Week => {
                let days = spans.checked_mul(if self == Bin::Week { 7 } else { 1 })?;
                let size = Days::new(u64::from(days.unsigned_abs()));
                return if days < 0 { first.checked_sub_days(size) } else { first.checked_add_days(size) };
            }
            Bin::Month => 1,
            Bin::Quarter => 3,
            Bin::Year | Bin::Fy(_) => 12,
        };
        let months = spans.checked_mul(months)?;
        let size = Months::new(months.unsigned_abs());
        if months < 0 { first.checked_sub_months(size) } else { first.checked_add_months(size) }
    }

    /// So many spans from the one that begins here.
    fn spans(self, first: NaiveDate, many: i32) -> Option<Period> {
        let next = self.step(first, many)?;
        let bin = (many == 1).then_some(self);
        Some(Period { first: Some(days(first)), last: Some(days(next) - 1), bin, to_date: false })
    }

    /// The span of this kind that holds a day.
    pub fn around(self, day: NaiveDate) -> Option<Period> {
        self.spans(self.first(day)?, 1)
    }

    /// The whole spans before the one that holds a day: `last 4 weeks`.
    pub fn last(self, many: i32, day: NaiveDate) -> Option<Period> {
        self.spans(self.step(self.first(day)?, many.checked_neg()?)?, many)
    }

    /// The whole spans after the one that holds a day: `next 4 weeks`.
    pub fn next(self, many: i32, day: NaiveDate) -> Option<Period> {
        self.spans(self.step(self.first(day)?, 1)?, many)
    }

    /// The span that holds a day, as far as that day: `year to date`.
    pub fn to_date(self, day: NaiveDate) -> Option<Period> {
        Some(Period { last: Some(days(day)), to_date: true, ..self.around(day)? })
    }

    /// The span that begins on a day, as answers show it: a week by its Monday.
    pub fn label(self, first: NaiveDate) -> String {
        match self {
            Bin::Day | Bin::Week => first.format("%Y-%m-%d").to_string(),
            Bin::Month => first.format("%Y-%m").to_string(),
            Bin::Quarter => format!("{:04}-Q{}", first.year(), first.month0() / 3 + 1),
            Bin::Year => format!("{:04}", first.year()),
            Bin::Fy(_) => format!("fy {:04}", first.year()),
        }
    }
}

/// The first days of the spans from the one that holds `first` to the one that holds `last`.
pub fn bins_between(bin: Bin, first: NaiveDate, last: NaiveDate) -> Vec<i32> {
    let spans = std::iter::successors(bin.first(first), |first| bin.step(*first, 1));
    spans.take_while(|first| *first <= last).map(days).collect()
}

/// The years that questions can name.
const YEARS: std::ops::RangeInclusive<i32> = 1000..=9999;

/// The period of a calendar year of four digits.
pub fn year(year: i32) -> Option<Period> {
    YEARS.contains(&year).then(|| Bin::Year.around(NaiveDate::from_ymd_opt(year, 1, 1)?))?
}

/// The period of the financial year that begins in a year of four digits, and in this month.
pub fn financial_year(year: i32, month: u8) -> Option<Period> {
    YEARS.contains(&year).then(|| Bin::Fy(month).around(NaiveDate::from_ymd_opt(year, month.into(), 1)?))?
}

/// The last ISO week of a year: 52 or 53.
pub fn last_week(year: i32) -> u32 {
    // 28 December is always in it.
    NaiveDate::from_ymd_opt(year, 12, 28).map_or(52, |day| day.iso_week().week())
}

/// `2023-10`, `2023-Q4`, `2023-W41`; the reason where there is no such span.
pub fn parse_span(text: &str) -> Result<Period, String> {
    let bad = || format!("there is no {text} in the calendar");
    let (year, rest) = text.split_once('-').ok_or_else(bad)?;
    let year: i32 = year.parse().map_err(|_| bad())?;
    if let Some(week) = rest.strip_prefix('W') {
        let week: u32 = week.parse().map_err(|_| bad())?;
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)
            .ok_or_else(|| format!("{year} has ISO weeks W01 to W{}", last_week(year)))?;
        return Bin::Week.around(monday).ok_or_else(bad);
    }
    if let Some(quarter) = rest.strip_prefix('Q') {
        let quarter: u32 = quarter.parse().map_err(|_| bad())?;
        let first = quarter.checked_sub(1).and_then(|q| NaiveDate::from_ymd_opt(year, q * 3 + 1, 1));
        return first
            .and_then(|day| Bin::Quarter.around(day))
            .ok_or_else(|| "quarters are Q1 to Q4".to_string());
    }
    let month: u32 = rest.parse().map_err(|_| bad())?;
    let first = NaiveDate::from_ymd_opt(year, month, 1).ok_or_else(|| "months are 01 to 12".to_string())?;
    Bin::Month.around(first).ok_or_else(bad)
}

impl Period {
    /// All days from one to another, both included.
    pub fn between(first: Option<i32>, last: Option<i32>) -> Period {
        Period { first, last, bin: None, to_date: false }
    }

    /// As a question would write it, in days.
    pub fn text(&self) -> String {
        let day = |d: i32| date_of(d).map_or_else(|| "?".to_string(), |d| d.format("%Y-%m-%d").to_string());
        match (self.first, self.last) {
            (Some(first), Some(last)) if first == last => day(first),
            (Some(first), Some(last)) => format!("{}..{}", day(first), day(last)),
            (Some(first), None) => format!("since {}", day(first)),
            (None, Some(last)) => format!("until {}", day(last)),
            (None, None) => "any day".to_string(),
        }
    }

    /// As a question would write it, a whole unit of the calendar by its name: `2023-10`, `2023-W41`, `fy 2023`.
    pub fn label(&self) -> String {
        match (self.bin.filter(|_| !self.to_date), self.first.and_then(date_of)) {
            (Some(Bin::Week), Some(first)) => {
                let week = first.iso_week();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            (Some(bin), Some(first)) => bin.label(first),
            _ => self.text(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_what_a_question_writes() {
        for text in ["2023-10", "2023-Q4", "2023-W01", "2020-W53", "1000-01"] {
            assert_eq!(parse_span(text).unwrap().label(), text);
        }
        assert_eq!(year(2023).unwrap().label(), "2023");
        assert_eq!(financial_year(2023, 4).unwrap().label(), "fy 2023");
        assert_eq!(financial_year(2023, 4).unwrap().text(), "2023-04-01..2024-03-31");
        assert_eq!((year(999), year(10_000), financial_year(23, 4)), (None, None, None));
        for bad in ["2023-13", "2023-00", "2023-Q0", "2023-Q5", "2023-W00", "2023-W53"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn far_away_is_nowhere() {
        let day = NaiveDate::from_ymd_opt(2023, 10, 16).unwrap();
        for bin in [Bin::Day, Bin::Week, Bin::Month, Bin::Quarter, Bin::Year, Bin::Fy(4)] {
            assert_eq!(bin.last(i32::MAX, day), None);
            assert_eq!(bin.next(i32::MAX, day), None);
        }
    }
}
