//! Days and times, in the proleptic Gregorian calendar. Dates are days since 1970-01-01, datetimes
//! microseconds since its midnight on the wall clock of the catalogue's time zone. A moment of the whole world
//! (`14:30Z`) becomes one once, when it is read: [`wall_clock`]. Spans of days are [`super::period`]'s.

use chrono::{DateTime, Datelike, FixedOffset, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

use super::period::Bin;
use super::unit::DAY;

/// A day, at the grain of the span that it begins: `2023-10`, `2023-Q4`.
pub fn day_text(days: i32, bin: Bin) -> String {
    date_of(days).map_or_else(|| format!("day {days}"), |date| bin.label(date))
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

/// The year that two digits stand for, among the hundred from `first_year` on.
pub fn full_year(short: i32, first_year: i32) -> i32 {
    first_year + (short - first_year).rem_euclid(100)
}

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
                year = Some(full_year(short, first_year));
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
        return date.with_year(full_year(date.year(), first_year));
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
    if std::fmt::Write::write_fmt(&mut written, format_args!("{}", sample.and_utc().format(format))).is_err()
    {
        return false;
    }
    parse_instant_as(&written, format, FIRST_YEAR)
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

/// A moment of the whole world, in microseconds since 1970 at Greenwich, as the wall clocks of a time zone show it.
pub fn wall_clock(micros: i64, zone: Tz) -> Option<i64> {
    let there = zone.from_utc_datetime(&datetime_of(micros)?);
    Some(self::micros(there.naive_local()))
}

/// `2023-10-09T14:30:00Z`, `2023-10-09 14:30+01:00`: microseconds since 1970 at Greenwich.
pub fn parse_instant(text: &str) -> Option<i64> {
    let text = text.trim();
    let (local, offset) = match text.strip_suffix(['Z', 'z']) {
        Some(local) => (local, 0),
        None => {
            // Behind the date, whose own signs are no offset.
            let at = 10 + text.get(10..)?.rfind(['+', '-'])?;
            let (local, offset) = text.split_at_checked(at)?;
            (local, parse_offset(offset)?)
        }
    };
    parse_datetime(local)?.checked_sub(offset)
}

/// `+01:00`, `-0530`, `+01`, in microseconds.
fn parse_offset(text: &str) -> Option<i64> {
    let digits =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?;
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.len() {
        2 => (rest, "0"),
        4 => rest.split_at_checked(2)?,
        5 => rest.split_once(':').filter(|(hours, _)| hours.len() == 2)?,
        _ => return None,
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60_000_000)
}

/// Does a format say how far from Greenwich the clock is?
pub fn has_offset(format: &str) -> bool {
    ["%z", "%:z", "%::z", "%#z", "%+"].iter().any(|offset| format.contains(offset))
}

/// A moment in one of strftime's formats, at Greenwich: with its own offset where the format has one.
pub fn parse_instant_as(text: &str, format: &str, first_year: i32) -> Option<i64> {
    if !has_offset(format) {
        return parse_datetime_as(text, format, first_year);
    }
    let at: DateTime<FixedOffset> = DateTime::parse_from_str(text.trim(), format).ok()?;
    let local = at.naive_local();
    let date = plausible(local.date(), format, first_year)?;
    micros(date.and_time(local.time())).checked_sub(i64::from(at.offset().local_minus_utc()) * 1_000_000)
}

/// A day, where it lies in the years that can be written: 1 to 9999.
pub fn in_calendar(day: i64) -> Option<i32> {
    let day = i32::try_from(day).ok()?;
    (1..=9999).contains(&date_of(day)?.year()).then_some(day)
}

/// The same day so many months on, or back; the month's last where it is too short.
pub fn add_months(day: i32, months: i64) -> Option<i32> {
    let (date, size) = (date_of(day)?, Months::new(u32::try_from(months.unsigned_abs()).ok()?));
    let moved = if months < 0 { date.checked_sub_months(size) } else { date.checked_add_months(size) };
    in_calendar(days(moved?).into())
}

/// Whole years between a birth and a day; none before the birth. Who was born on 29 February is a year older on
/// 1 March where there is no 29th.
pub fn age(birth: i32, at: i32) -> Option<i64> {
    if at < birth {
        return None;
    }
    let (birth, at) = (date_of(birth)?, date_of(at)?);
    let had_birthday = (at.month(), at.day()) >= (birth.month(), birth.day());
    Some(i64::from(at.year() - birth.year()) - i64::from(!had_birthday))
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
        for good in
            ["%d/%m/%Y", "%Y-%m-%d %H:%M", "%d-%b-%y", "%F", "%Y%m%d", "%m/%d/%y %I:%M %p", "%Y%m%d %T %z"]
        {
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

    #[test]
    fn moments_with_an_offset() {
        let at = |text: &str| parse_datetime(text).unwrap();
        for text in [
            "2023-10-09T13:30Z",
            "2023-10-09 14:30:00+01:00",
            "2023-10-09T14:30:00.000+0100",
            "2023-10-09T14:30+01",
            "2023-10-09T08:00-05:30",
            "2023-10-09T13:30:00-00:00",
        ] {
            assert_eq!(parse_instant(text), Some(at("2023-10-09T13:30")), "{text}");
        }
        for bad in [
            "2023-10-09T13:30",
            "2023-10-09",
            "2023-10-09Z",
            "2023-10-09T13:30+1",
            "2023-10-09T13:30+24:00",
            "é+01:00",
            "2023-10-09T13:30+01:60",
            "Z",
            "",
        ] {
            assert_eq!(parse_instant(bad), None, "{bad}");
        }
        let read = |text, format| parse_instant_as(text, format, FIRST_YEAR);
        assert_eq!(read("09/10/2023 14:30 +0100", "%d/%m/%Y %H:%M %z"), Some(at("2023-10-09T13:30")));
        assert_eq!(read("09/10/23 14:30 +0100", "%d/%m/%y %H:%M %z"), Some(at("2023-10-09T13:30")));
        assert_eq!(read("09/10/2023 14:30", "%d/%m/%Y %H:%M"), Some(at("2023-10-09T14:30")));
        assert_eq!(read("09/10/2023 14:30", "%d/%m/%Y %H:%M %z"), None);
    }

    /// London's clocks go forward at 1:00 on 26 March 2023 and back at 2:00 on 29 October.
    #[test]
    fn wall_clocks_change_twice_a_year() {
        let zone: Tz = "Europe/London".parse().unwrap();
        for (utc, london) in [
            ("2023-03-26T00:59:59", "2023-03-26T00:59:59"),
            ("2023-03-26T01:00", "2023-03-26T02:00"),
            ("2023-10-29T00:59:59", "2023-10-29T01:59:59"),
            ("2023-10-29T01:00", "2023-10-29T01:00"),
            ("2023-06-30T23:30", "2023-07-01T00:30"),
            ("1969-07-20T20:17", "1969-07-20T21:17"),
        ] {
            assert_eq!(wall_clock(parse_datetime(utc).unwrap(), zone), parse_datetime(london), "{utc}");
        }
        assert_eq!(wall_clock(i64::MAX, zone), None);
    }

    #[test]
    fn months_end_where_they_end() {
        let day = |text: &str| days(parse_date(text).unwrap());
        for (from, months, to) in [
            ("2023-10-31", 1, "2023-11-30"),
            ("2023-10-31", 4, "2024-02-29"),
            ("2023-10-31", -8, "2023-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", 48, "2028-02-29"),
        ] {
            assert_eq!(add_months(day(from), months), Some(day(to)), "{from} {months}");
        }
        assert_eq!(add_months(day("9999-12-31"), 1), None);
        assert_eq!(add_months(0, i64::MIN), None);
    }

    #[test]
    fn birthdays() {
        let age = |birth, at| age(days(parse_date(birth).unwrap()), days(parse_date(at).unwrap()));
        assert_eq!(age("2000-10-09", "2023-10-08"), Some(22));
        assert_eq!(age("2000-10-09", "2023-10-09"), Some(23));
        assert_eq!(age("2004-02-29", "2023-02-28"), Some(18));
        assert_eq!(age("2004-02-29", "2023-03-01"), Some(19));
        assert_eq!(age("2004-02-29", "2024-02-29"), Some(20));
        assert_eq!(age("2004-02-29", "2004-02-29"), Some(0));
        assert_eq!(age("2004-02-29", "2004-02-28"), None);
    }
}
