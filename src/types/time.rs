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

/// A day, at the grain of the span that it begins: `2023-10`, `2023-Q4`.
pub fn day_text(days: i32, bin: Bin) -> String {
    let Some(date) = date_of(days) else { return format!("day {days}") };
    match bin {
        Bin::Day | Bin::Week => date.format("%Y-%m-%d").to_string(),
        Bin::Month => date.format("%Y-%m").to_string(),
        Bin::Quarter => format!("{:04}-Q{}", date.year(), date.month0() / 3 + 1),
        Bin::Year => format!("{:04}", date.year()),
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

/// The day of a year from 1 to 9999, a month and a day of the month; `None` where there is none.
pub fn day_of(year: i32, month: u32, day: u32) -> Option<i32> {
    (1..=9999).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day).map(days))?
}

/// `2023-10-09`, four digits, two and two; `None` where there is no such day.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.trim().as_bytes();
    let &[a, b, c, d, b'-', e, f, b'-', g, h] = bytes else { return None };
    if ![a, b, c, d, e, f, g, h].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |high: u8, low: u8| u32::from(high - b'0') * 10 + u32::from(low - b'0');
    let year = i32::try_from(two(a, b) * 100 + two(c, d)).ok()?;
    NaiveDate::from_ymd_opt(year, two(e, f), two(g, h))
}

/// Where a year of two digits begins to count, unless the catalogue says otherwise: 69 is 1969, 68 is 2068.
pub const FIRST_YEAR: i32 = 1969;

/// A date in one of strftime's formats. A year of two digits is the one of the hundred from `first_year` on,
/// and one of four has four: `%Y` does not take `23` for the year 23.
pub fn parse_date_as(text: &str, format: &str, first_year: i32) -> Option<NaiveDate> {
    if let Some(at) = read_quickly(text, format, first_year) {
        return Some(at.date());
    }
    if lacks_a_sign_of(text, format) {
        return None;
    }
    plausible(NaiveDate::parse_from_str(text.trim(), format).ok()?, format, first_year)
}

/// A date and time in one of strftime's formats; midnight where the format holds no time.
pub fn parse_datetime_as(text: &str, format: &str, first_year: i32) -> Option<i64> {
    if let Some(at) = read_quickly(text, format, first_year) {
        return Some(micros(at));
    }
    if lacks_a_sign_of(text, format) {
        return None;
    }
    let text = text.trim();
    match NaiveDateTime::parse_from_str(text, format) {
        Ok(at) => plausible(at.date(), format, first_year).map(|date| micros(date.and_time(at.time()))),
        Err(_) => parse_date_as(text, format, first_year).map(|date| midnight(days(date))),
    }
}

/// Is a sign that stands in the format nowhere in the text, so that no reader would find a date there?
fn lacks_a_sign_of(text: &str, format: &str) -> bool {
    let mut bytes = format.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            bytes.next();
        } else if matches!(byte, b'-' | b'/' | b'.' | b':' | b',') && !text.as_bytes().contains(&byte) {
            return true;
        }
    }
    false
}

/// The same for what nearly every export holds, all digits in their places, some ten times as fast as chrono;
/// `None` where chrono must say.
fn read_quickly(text: &str, format: &str, first_year: i32) -> Option<NaiveDateTime> {
    fn digits(rest: &mut &[u8], many: usize) -> Option<u32> {
        let (digits, after) = rest.split_at_checked(many)?;
        *rest = after;
        digits.iter().try_fold(0, |n, byte| byte.is_ascii_digit().then(|| n * 10 + u32::from(byte - b'0')))
    }
    let mut rest = text.trim().as_bytes();
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut hour, mut minute, mut second) = (None, None, None);
    let mut format = format.bytes();
    while let Some(byte) = format.next() {
        if byte != b'%' {
            rest = rest.strip_prefix(&[byte])?;
            continue;
        }
        match format.next()? {
            b'Y' => year = Some(i32::try_from(digits(&mut rest, 4)?).ok().filter(|year| *year >= 1000)?),
            b'y' => {
                let short = i32::try_from(digits(&mut rest, 2)?).ok()?;
                year = Some(first_year + (short - first_year).rem_euclid(100));
            }
            b'm' => month = Some(digits(&mut rest, 2)?),
            b'd' => day = Some(digits(&mut rest, 2)?),
            b'H' => hour = Some(digits(&mut rest, 2)?),
            b'M' => minute = Some(digits(&mut rest, 2)?),
            b'S' => second = Some(digits(&mut rest, 2)?),
            b'b' => {
                const NAMES: [&[u8]; 12] = [
                    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
                    b"dec",
                ];
                let (name, after) = rest.split_at_checked(3)?;
                rest = after;
                let at = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
                month = Some(u32::try_from(at).ok()? + 1);
            }
            _ => return None,
        }
    }
    if !rest.is_empty() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year?, month?, day?)?;
    match (hour, minute) {
        (None, None) if second.is_none() => date.and_hms_opt(0, 0, 0),
        (Some(hour), Some(minute)) => date.and_hms_opt(hour, minute, second.unwrap_or(0)),
        _ => None,
    }
}

/// Does a format write years with two digits?
pub fn has_short_year(format: &str) -> bool {
    ["%y", "%D", "%x"].iter().any(|short| format.contains(short))
}

fn plausible(date: NaiveDate, format: &str, first_year: i32) -> Option<NaiveDate> {
    if has_short_year(format) {
        return date.with_year(first_year + (date.year() - first_year).rem_euclid(100));
    }
    (1000..=9999).contains(&date.year()).then_some(date)
}

/// Does a format hold a whole date?
pub fn is_date_format(format: &str) -> bool {
    let Some(sample) = NaiveDate::from_ymd_opt(2021, 11, 23).and_then(|day| day.and_hms_opt(12, 34, 56))
    else {
        return false;
    };
    let mut written = String::new();
    if std::fmt::Write::write_fmt(&mut written, format_args!("{}", sample.format(format))).is_err() {
        return false;
    }
    parse_datetime_as(&written, format, FIRST_YEAR)
        .and_then(datetime_of)
        .is_some_and(|read| read.date() == sample.date())
}

/// `2023-10-09T14:30` with a `T` or a blank, with or without seconds; microseconds since 1970.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    let at = text.find(['T', ' '])?;
    let date = parse_date(text.get(..at)?)?;
    let clock = text.get(at + 1..)?;
    Some(micros(date.and_time(parse_clock(clock)?)))
}

fn parse_clock(clock: &str) -> Option<NaiveTime> {
    let two = |at: usize| {
        let digits = clock.as_bytes().get(at..at + 2)?;
        digits
            .iter()
            .all(u8::is_ascii_digit)
            .then(|| u32::from(digits[0] - b'0') * 10 + u32::from(digits[1] - b'0'))
    };
    let quick = || match clock.as_bytes() {
        [_, _, b':', _, _] => NaiveTime::from_hms_opt(two(0)?, two(3)?, 0),
        [_, _, b':', _, _, b':', _, _] => NaiveTime::from_hms_opt(two(0)?, two(3)?, two(6)?),
        _ => None,
    };
    quick().or_else(|| {
        ["%H:%M", "%H:%M:%S", "%H:%M:%S%.f"]
            .iter()
            .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())
    })
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

/// The first days of the spans from the one that holds `first` to the one that holds `last`.
pub fn bins_between(bin: Bin, first: NaiveDate, last: NaiveDate) -> Vec<i32> {
    let next = |span: &Period| bin.around(date_of(span.last?.checked_add(1)?)?);
    let spans = std::iter::successors(bin.around(first), next);
    spans.map_while(|span| span.first.filter(|first| *first <= days(last))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_four_digit_years() {
        assert!(parse_date("2023-10-09").is_some());
        for bad in ["23-10-09", "09-10-23", "+2023-10-09", "2023-1-5", "2023-02-30", "2023-10-09x"] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
        assert_eq!(parse_date_as("09/10/23", "%d/%m/%Y", FIRST_YEAR), None);
        assert_eq!(parse_date_as("09/10/23", "%d/%m/%y", FIRST_YEAR), NaiveDate::from_ymd_opt(2023, 10, 9));
    }

    /// Wherever the quick way has an answer, it is chrono's.
    #[test]
    fn quick_reading_is_chronos() {
        let formats =
            ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M:%S", "%d-%b-%y", "%d.%m.%Y", "%m/%d/%y", "%b %d, %Y"];
        let texts = [
            "2023-10-09 14:30",
            "2023-02-29 14:30",
            "2023-10-09 24:00",
            "0999-10-09 00:00",
            "25/12/2023 23:59:60",
            "25/12/2023 23:59:59",
            "30-JUN-18",
            "30-jun-68",
            "29-Feb-00",
            "31-Jun-18",
            "09.10.2023",
            "9.10.2023",
            "12/31/99",
            "13/01/99",
            "Oct 09, 2023",
            "Oct 9, 2023",
            "+023-10-09 14:30",
            "2023-10-09 14:3",
        ];
        let mut answered = 0;
        for (format, text) in formats.iter().flat_map(|format| texts.iter().map(move |text| (format, text))) {
            let Some(quick) = read_quickly(text, format, FIRST_YEAR) else { continue };
            let date = NaiveDate::parse_from_str(text, format).unwrap();
            assert_eq!(plausible(date, format, FIRST_YEAR), Some(quick.date()), "{text} as {format}");
            if format.contains("%H") {
                assert_eq!(NaiveDateTime::parse_from_str(text, format), Ok(quick), "{text} as {format}");
            }
            answered += 1;
        }
        assert_eq!(answered, 8);
    }

    #[test]
    fn two_digit_years_are_1969_to_2068() {
        for (text, year) in [("69", 1969), ("99", 1999), ("00", 2000), ("68", 2068)] {
            let date = parse_date_as(&format!("09-Oct-{text}"), "%d-%b-%y", FIRST_YEAR);
            assert_eq!(date, NaiveDate::from_ymd_opt(year, 10, 9));
        }
    }

    #[test]
    fn two_digit_years_as_the_catalogue_says() {
        for (text, year) in [("20", 1920), ("99", 1999), ("00", 2000), ("19", 2019)] {
            let date = parse_date_as(&format!("09-Oct-{text}"), "%d-%b-%y", 1920);
            assert_eq!(date, NaiveDate::from_ymd_opt(year, 10, 9));
        }
    }

    #[test]
    fn formats_hold_a_whole_date() {
        for good in ["%d/%m/%Y", "%Y-%m-%d %H:%M", "%d-%b-%y", "%F", "%Y%m%d", "%m/%d/%y %I:%M %p"] {
            assert!(is_date_format(good), "{good}");
        }
        for bad in ["dd/mm/yyyy", "%H:%M", "%m/%Y", "%Q", ""] {
            assert!(!is_date_format(bad), "{bad}");
        }
        assert_eq!(
            parse_datetime_as("09/10/2023", "%d/%m/%Y", FIRST_YEAR),
            Some(midnight(days(parse_date("2023-10-09").unwrap())))
        );
    }

    /// A period's days are exactly those that its definition says.
    #[test]
    fn bins_hold_their_days() {
        let mut day = NaiveDate::from_ymd_opt(1965, 1, 1).unwrap();
        while day.year() < 2031 {
            let n = days(day);
            let week = Bin::Week.around(day).unwrap();
            assert_eq!(week.last.unwrap() - week.first.unwrap(), 6);
            assert_eq!(date_of(week.first.unwrap()).unwrap().weekday(), Weekday::Mon);
            let iso = day.iso_week();
            assert_eq!(parse_span(&format!("{}-W{:02}", iso.year(), iso.week())).unwrap(), week);
            let month = Bin::Month.around(day).unwrap();
            assert_eq!(parse_span(&day.format("%Y-%m").to_string()).unwrap(), month);
            let (first, last) =
                (date_of(month.first.unwrap()).unwrap(), date_of(month.last.unwrap()).unwrap());
            assert_eq!((first.day(), first.month(), last.month()), (1, day.month(), day.month()));
            assert_ne!(last.succ_opt().unwrap().month(), day.month());
            for span in [week, month, Bin::Quarter.around(day).unwrap(), year(day.year()).unwrap()] {
                assert!((span.first.unwrap()..=span.last.unwrap()).contains(&n));
            }
            day = day.succ_opt().unwrap();
        }
    }
}
