//! Which period goes with which: the month before October, the same ISO week a year ago, the ten days before ten
//! days. Pure reckoning, for `compare`.
//!
//! A period that is not over on the day that a question is asked as of ends with that day, and its counterpart
//! after as many days: sixteen days of October go with the first sixteen of September.

use chrono::{Datelike, Months, NaiveDate, Weekday};

use super::period::{Bin, Period, last_week};
use super::time::{date_of, days};

/// Two periods to be held against each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The one that was asked for, as far as it has got.
    pub now: Period,
    /// What it is held against.
    pub then: Period,
    /// The first is not over and was cut, and the second with it.
    pub cut: bool,
}

impl Period {
    /// With the unit of the calendar before it; any other span with as many days just before it.
    pub fn previous(self, as_of: i32) -> Result<Pair, String> {
        let whole = self.whole(as_of)?;
        let then = match whole.bin {
            Some(bin) => whole.date(whole.first).and_then(|first| bin.last(1, first)),
            None => match (whole.first, whole.last) {
                (Some(first), Some(last)) => last
                    .checked_sub(first)
                    .and_then(|rest| first.checked_sub(rest)?.checked_sub(1))
                    .filter(|first| date_of(*first).is_some())
                    .map(|before| Period::between(Some(before), Some(first - 1))),
                _ => None,
            },
        };
        self.against(then.ok_or_else(|| self.outside())?, as_of)
    }

    /// With the same unit of the year before; any other span with both its ends moved by a year.
    pub fn same_last_year(self, as_of: i32) -> Result<Pair, String> {
        let whole = self.whole(as_of)?;
        let then = match (whole.bin, whole.date(whole.first)) {
            (Some(Bin::Week), Some(first)) => {
                let week = first.iso_week();
                let (year, number) = (week.year() - 1, week.week());
                let monday = NaiveDate::from_isoywd_opt(year, number, Weekday::Mon).ok_or_else(|| {
                    let last = last_week(year);
                    format!("{} has no partner: {year} has ISO weeks W01 to W{last}", whole.label())
                })?;
                Bin::Week.around(monday)
            }
            (Some(Bin::Day), Some(day)) => {
                let before = day.with_year(day.year() - 1).ok_or_else(|| {
                    format!("{} has no partner: {} was no leap year", whole.label(), day.year() - 1)
                })?;
                Bin::Day.around(before)
            }
            (Some(bin), Some(first)) => year_before(first).and_then(|day| bin.around(day)),
            (None, _) => {
                let ends = whole.date(whole.first).zip(whole.date(whole.last));
                let moved = ends.and_then(|(first, last)| year_before(first).zip(year_before(last)));
                moved.map(|(first, last)| Period::between(Some(days(first)), Some(days(last))))
            }
            _ => None,
        };
        self.against(then.ok_or_else(|| self.outside())?, as_of)
    }

    /// With another period, which ends after as many days where this one is not over.
    pub fn against(self, other: Period, as_of: i32) -> Result<Pair, String> {
        let (whole, first) = (self.whole(as_of)?, self.begun(as_of)?);
        let last = whole.last.map_or(as_of, |last| last.min(as_of));
        let cut = self.last.is_none() || whole.last.is_some_and(|whole| last < whole);
        let now = Period { last: Some(last), to_date: cut, ..whole };
        if !cut {
            return Ok(Pair { now, then: other, cut });
        }
        let begins = other
            .first
            .ok_or("the other period has no first day, and this one is not over: say from when")?;
        let after = begins.checked_add(last - first).ok_or_else(|| self.outside())?;
        // February has no thirty days: then all of it.
        let after = other.last.map_or(after, |last| last.min(after));
        Ok(Pair { now, then: Period { last: Some(after), to_date: other.last != Some(after), ..other }, cut })
    }

    /// All of the unit that it is the beginning of; with an end where it has none.
    fn whole(self, as_of: i32) -> Result<Period, String> {
        let first = self.begun(as_of)?;
        let whole = match self.bin.filter(|_| self.to_date) {
            Some(bin) => date_of(first).and_then(|day| bin.around(day)).ok_or_else(|| self.outside())?,
            None => Period { last: Some(self.last.unwrap_or(as_of)), ..self },
        };
        Ok(Period { to_date: false, ..whole })
    }

    /// Its first day, which must have come.
    fn begun(self, as_of: i32) -> Result<i32, String> {
        let first = self.first.ok_or_else(|| {
            format!("`{}` has no first day, so nothing is as long as it: say from when", self.text())
        })?;
        if first > as_of {
            let today = Period::between(Some(as_of), Some(as_of)).text();
            return Err(format!(
                "{} has not begun by {today}, the day that the question is asked as of",
                self.label()
            ));
        }
        Ok(first)
    }

    fn date(self, day: Option<i32>) -> Option<NaiveDate> {
        day.and_then(date_of)
    }

    fn outside(self) -> String {
        format!("what {} is held against lies outside the calendar", self.label())
    }
}

/// The same day a year before; 28 February for the 29th.
fn year_before(day: NaiveDate) -> Option<NaiveDate> {
    day.checked_sub_months(Months::new(12))
}
