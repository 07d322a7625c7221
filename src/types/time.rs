//! Days, calendar spans and periods, in the proleptic Gregorian calendar and ISO 8601 weeks. Dates are
//! days since 1970-01-01, datetimes microseconds since its midnight on the wall clock: no time zone here.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};

use super::unit::DAY;

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
}

/// A span of whole days, both ends included; an end that isn't there is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub first: Option<i32>,
    /// The last day.
    pub last: Option<i32>,
    /// The calendar span that it is, where it is one.
    pub bin: Option<Bin>,
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
        }
    }

    /// The span of this kind that holds a day.
    pub fn around(self, day: NaiveDate) -> Option<Period> {
        let first = match self {
            Bin::Day => day,
            Bin::Week => day.week(Weekday::Mon).checked_first_day()?,
            Bin::Month => day.with_day(1)?,
            Bin::Quarter => day.with_day(1)?.with_month(day.month0() / 3 * 3 + 1)?,
            Bin::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1)?,
        };
        let next = match self {
            Bin::Day => first.checked_add_days(Days::new(1))?,
            Bin::Week => first.checked_add_days(Days::new(7))?,
            Bin::Month => first.checked_add_months(Months::new(1))?,
            Bin::Quarter => first.checked_add_months(Months::new(3))?,
            Bin::Year => first.checked_add_months(Months::new(12))?,
        };
        Some(Period { first: Some(days(first)), last: Some(days(next) - 1), bin: Some(self) })
    }
}

/// Days since 1970-01-01.
pub fn days(date: NaiveDate) -> i32 {
    date.to_epoch_days()
}

/// The date of a count of days since 1970-01-01.
pub fn date_of(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_epoch_days(days)
}

/// `2023-10-09`; `None` where there is no such day.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok()
}

/// `2023-10-09T14:30` with a `T` or a blank, with or without seconds; microseconds since 1970.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    let at = text.find(['T', ' '])?;
    let date = parse_date(&text[..at])?;
    let clock = &text[at + 1..];
    let time = ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"]
        .iter()
        .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
    Some(micros(date.and_time(time)))
}

/// Microseconds since 1970-01-01T00:00.
pub fn micros(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_micros()
}

/// The wall-clock time of a count of microseconds since 1970.
pub fn datetime_of(micros: i64) -> Option<NaiveDateTime> {
    Some(chrono::DateTime::from_timestamp_micros(micros)?.naive_utc())
}

/// A day's first microsecond.
pub fn midnight(days: i32) -> i64 {
    i64::from(days) * DAY
}

/// `2023-10`, `2023-Q4`, `2023-W41`; the reason where there is no such span.
pub fn parse_span(text: &str) -> Result<Period, String> {
    let bad = || format!("there is no {text} in the calendar");
    let (year, rest) = text.split_once('-').ok_or_else(bad)?;
    let year: i32 = year.parse().map_err(|_| bad())?;
    if let Some(week) = rest.strip_prefix('W') {
        let week: u32 = week.parse().map_err(|_| bad())?;
        let monday = NaiveDate::from_isoywd_opt(year, week, Weekday::Mon).ok_or_else(|| {
            let last = NaiveDate::from_ymd_opt(year, 12, 28).map_or(52, |d| d.iso_week().week());
            format!("{year} has ISO weeks W01 to W{last}")
        })?;
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

/// The period of a calendar year.
pub fn year(year: i32) -> Option<Period> {
    Bin::Year.around(NaiveDate::from_ymd_opt(year, 1, 1)?)
}

impl Period {
    /// As a question would write it.
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
}
