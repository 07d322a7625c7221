//! Periods against a calendar of the test's own: a loop over days that knows leap years, Mondays and nothing else.
//! For every day of 2015 to 2030, every unit, financial years with several first months, and periods relative to
//! each day.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use casebook::plan::{Expr, Kind, Stage};
use casebook::types::time::date_of;
use casebook::types::{Bin, Period};
use casebook::{Casebook, Settings};

/// One day, with all that the calendar says of it.
#[derive(Clone, Copy, Debug)]
struct Day {
    /// Days since 1970-01-01.
    number: i32,
    year: i32,
    month: u32,
    day: u32,
    /// 0 for Monday.
    weekday: i32,
    /// Weeks since some Monday.
    week: i32,
}

/// 2011 to 2034, a day at a time from 1970-01-01, which was a Thursday.
static CALENDAR: LazyLock<Vec<Day>> = LazyLock::new(|| {
    let mut days = Vec::new();
    let mut now = Day { number: 0, year: 1970, month: 1, day: 1, weekday: 3, week: 0 };
    while now.year < 2035 {
        if now.year >= 2011 {
            days.push(now);
        }
        let leap = now.year % 4 == 0 && (now.year % 100 != 0 || now.year % 400 == 0);
        let length = match now.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        };
        now.number += 1;
        now.weekday = (now.weekday + 1) % 7;
        now.week += i32::from(now.weekday == 0);
        now.day += 1;
        if now.day > length {
            (now.day, now.month) = (1, now.month + 1);
        }
        if now.month > 12 {
            (now.month, now.year) = (1, now.year + 1);
        }
    }
    days
});

/// The days that questions are asked as of.
fn asked() -> impl Iterator<Item = Day> {
    CALENDAR.iter().copied().filter(|day| (2015..=2030).contains(&day.year))
}

const BINS: [Bin; 9] = [
    Bin::Day,
    Bin::Week,
    Bin::Month,
    Bin::Quarter,
    Bin::Year,
    Bin::Fy(1),
    Bin::Fy(4),
    Bin::Fy(10),
    Bin::Fy(12),
];

/// Which span of a unit a day is in: by the definition alone.
fn span_of(bin: Bin, day: Day) -> i32 {
    match bin {
        Bin::Day => day.number,
        Bin::Week => day.week,
        Bin::Month => day.year * 12 + day.month as i32 - 1,
        Bin::Quarter => day.year * 4 + (day.month as i32 - 1) / 3,
        Bin::Year => day.year,
        // The year in which it began.
        Bin::Fy(first) => day.year - i32::from(day.month < u32::from(first)),
    }
}

/// The first and last day of every span of a unit.
fn spans(bin: Bin) -> HashMap<i32, (i32, i32)> {
    let mut spans: HashMap<i32, (i32, i32)> = HashMap::new();
    for day in CALENDAR.iter() {
        let ends = spans.entry(span_of(bin, *day)).or_insert((day.number, day.number));
        ends.1 = day.number;
    }
    spans
}

fn ends(period: Period) -> (i32, i32) {
    (period.first.unwrap(), period.last.unwrap())
}

#[test]
fn a_unit_holds_the_days_that_its_definition_says() {
    for bin in BINS {
        let spans = spans(bin);
        for day in asked() {
            let own = span_of(bin, day);
            let around = bin.around(date_of(day.number).unwrap()).unwrap();
            assert_eq!(
                (ends(around), around.bin, around.to_date),
                (spans[&own], Some(bin), false),
                "{bin:?} {day:?}"
            );
        }
    }
}

#[test]
fn whole_units_before_and_after() {
    for bin in BINS {
        let spans = spans(bin);
        let most = match bin {
            Bin::Day => 400,
            Bin::Week => 54,
            Bin::Month => 13,
            Bin::Quarter => 5,
            _ => 1,
        };
        for day in asked() {
            let (own, date) = (span_of(bin, day), date_of(day.number).unwrap());
            for many in [1, 2, 4, most].into_iter().filter(|many| *many <= most) {
                let last = bin.last(many, date).unwrap();
                assert_eq!(
                    ends(last),
                    (spans[&(own - many)].0, spans[&(own - 1)].1),
                    "last {many} {bin:?} {day:?}"
                );
                let next = bin.next(many, date).unwrap();
                assert_eq!(
                    ends(next),
                    (spans[&(own + 1)].0, spans[&(own + many)].1),
                    "next {many} {bin:?} {day:?}"
                );
                assert_eq!((last.bin, next.bin), ((many == 1).then_some(bin), (many == 1).then_some(bin)));
            }
            let to_date = bin.to_date(date).unwrap();
            assert_eq!(
                (ends(to_date), to_date.to_date),
                ((spans[&own].0, day.number), true),
                "{bin:?} to {day:?}"
            );
        }
    }
}

/// The question's own words, compiled as of a few days of each month.
#[test]
fn questions_mean_these_days() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    let casebook = Casebook::open(&folder).unwrap();
    let units = [
        ("day", Bin::Day),
        ("week", Bin::Week),
        ("month", Bin::Month),
        ("quarter", Bin::Quarter),
        ("year", Bin::Year),
        ("fy", Bin::Fy(4)),
    ];
    let maps: Vec<_> = units.iter().map(|(_, bin)| spans(*bin)).collect();
    for day in asked().filter(|day| matches!(day.day, 1 | 16 | 29 | 31)) {
        let mut wanted: Vec<(String, (i32, i32))> = vec![
            ("today".into(), (day.number, day.number)),
            ("yesterday".into(), (day.number - 1, day.number - 1)),
            ("tomorrow".into(), (day.number + 1, day.number + 1)),
            ("last 7 days".into(), (day.number - 7, day.number - 1)),
            ("today - 6 days..today".into(), (day.number - 6, day.number)),
            (format!("{}", day.year), maps[4][&day.year]),
            (format!("fy {}", day.year), maps[5][&day.year]),
            (format!("{}-{:02}", day.year, day.month), maps[2][&span_of(Bin::Month, day)]),
            (format!("{}-Q{}", day.year, (day.month - 1) / 3 + 1), maps[3][&span_of(Bin::Quarter, day)]),
            (format!("{}..fy {}", day.year, day.year), (maps[4][&day.year].0, maps[5][&day.year].1)),
            (
                format!("last month..{}-{:02}-{:02}", day.year, day.month, day.day),
                (maps[2][&(span_of(Bin::Month, day) - 1)].0, day.number),
            ),
        ];
        for ((word, bin), spans) in units.iter().zip(&maps) {
            let own = span_of(*bin, day);
            wanted.extend([
                (format!("this {word}"), spans[&own]),
                (format!("last {word}"), spans[&(own - 1)]),
                (format!("last 1 {word}"), spans[&(own - 1)]),
                (format!("next {word}"), spans[&(own + 1)]),
                (format!("last 2 {word}s"), (spans[&(own - 2)].0, spans[&(own - 1)].1)),
                (format!("{word} to date"), (spans[&own].0, day.number)),
                (format!("{word} of {}-{:02}-{:02}", day.year, day.month, day.day), spans[&own]),
                (format!("{word} of yesterday"), spans[&span_of(*bin, before(day))]),
            ]);
        }
        let settings = Settings { as_of: Some(day.number), ..Settings::default() };
        let questions: Vec<String> =
            wanted.iter().map(|(period, _)| format!("charges | where charged_on in {period}")).collect();
        let queries = casebook.compile(&questions.join("\n"), &settings).unwrap();
        for (query, (text, wanted)) in queries.iter().zip(&wanted) {
            let [Stage::Where(Expr { kind: Kind::InPeriod(_, period), .. })] = query.stages.as_slice() else {
                panic!("{text}: {query}")
            };
            assert_eq!(ends(*period), *wanted, "{text} as of {day:?}");
        }
    }
}

fn before(day: Day) -> Day {
    CALENDAR[(day.number - CALENDAR[0].number - 1) as usize]
}

/// Every ISO week by its number: the first is the one with the year's first Thursday.
#[test]
fn weeks_have_numbers() {
    let mut seen = 0;
    for thursday in asked().filter(|day| day.weekday == 3) {
        let first = CALENDAR.iter().find(|day| day.year == thursday.year && day.weekday == 3).unwrap();
        let text = format!("{}-W{:02}", thursday.year, thursday.week - first.week + 1);
        let week = casebook::types::period::parse_span(&text).unwrap();
        assert_eq!(ends(week), (thursday.number - 3, thursday.number + 3), "{text}");
        assert_eq!(week.label(), text);
        seen += 1;
    }
    assert_eq!(seen, 835);
}

/// What compare is to hold a period against, asked on every day: units by their definition, cut where they are not
/// over.
#[test]
fn units_go_with_the_unit_before() {
    for bin in BINS {
        let spans = spans(bin);
        for day in asked() {
            let own = span_of(bin, day);
            let (this, last, older) = (spans[&own], spans[&(own - 1)], spans[&(own - 2)]);
            let date = date_of(day.number).unwrap();
            // A unit that is over.
            let pair = bin.last(1, date).unwrap().previous(day.number).unwrap();
            assert_eq!((ends(pair.now), ends(pair.then), pair.cut), (last, older, false), "{bin:?} {day:?}");
            // One that may not be, whole or to date.
            let held = day.number - this.0;
            let cut = day.number < this.1;
            let then = if cut { (last.0, last.1.min(last.0 + held)) } else { last };
            for period in [bin.around(date).unwrap(), bin.to_date(date).unwrap()] {
                let pair = period.previous(day.number).unwrap();
                assert_eq!(
                    (ends(pair.now), ends(pair.then), pair.cut),
                    ((this.0, day.number), then, cut),
                    "{bin:?} {day:?}"
                );
                assert_eq!((pair.now.bin, pair.then.bin), (Some(bin), Some(bin)));
            }
        }
    }
}

#[test]
fn units_go_with_the_same_of_last_year() {
    for bin in BINS {
        let spans = spans(bin);
        let months = match bin {
            Bin::Month => 12,
            Bin::Quarter => 4,
            Bin::Year | Bin::Fy(_) => 1,
            _ => continue,
        };
        for day in asked() {
            let own = span_of(bin, day);
            let (this, then) = (spans[&own], spans[&(own - months)]);
            let held = day.number - this.0;
            let cut = day.number < this.1;
            let then = if cut { (then.0, then.1.min(then.0 + held)) } else { then };
            let pair = bin.around(date_of(day.number).unwrap()).unwrap().same_last_year(day.number).unwrap();
            assert_eq!(
                (ends(pair.now), ends(pair.then), pair.cut),
                ((this.0, day.number), then, cut),
                "{bin:?} {day:?}"
            );
        }
    }
    for day in asked() {
        let date = date_of(day.number).unwrap();
        let partner = CALENDAR
            .iter()
            .find(|other| (other.year, other.month, other.day) == (day.year - 1, day.month, day.day));
        let pair = Bin::Day.around(date).unwrap().same_last_year(day.number);
        assert_eq!(
            pair.map(|pair| ends(pair.then)).ok(),
            partner.map(|day| (day.number, day.number)),
            "{day:?}"
        );
        // The week whose Thursday has the same number among its year's Thursdays.
        let nth = |thursday: &Day| {
            CALENDAR
                .iter()
                .filter(|d| d.year == thursday.year && d.weekday == 3 && d.number <= thursday.number)
                .count()
        };
        let thursday = CALENDAR.iter().find(|other| other.week == day.week && other.weekday == 3).unwrap();
        let own = nth(thursday);
        let partner = CALENDAR
            .iter()
            .filter(|other| other.year == thursday.year - 1 && other.weekday == 3)
            .nth(own - 1);
        let pair = Bin::Week.around(date).unwrap().same_last_year(day.number - day.weekday + 6);
        let whole = partner.map(|thursday| (thursday.number - 3, thursday.number + 3));
        assert_eq!(pair.clone().map(|pair| ends(pair.then)).ok(), whole, "{day:?}: {pair:?}");
        if whole.is_none() {
            assert!(pair.unwrap_err().contains("-W53 has no partner"));
        }
    }
}

/// Days since 1970 of a day of the test's calendar.
fn on(year: i32, month: u32, day: u32) -> i32 {
    CALENDAR.iter().find(|d| (d.year, d.month, d.day) == (year, month, day)).unwrap().number
}

#[test]
fn other_spans_go_with_as_many_days() {
    let as_of = on(2023, 10, 16);
    let span = |first, last| Period::between(Some(first), last);
    let ten = span(on(2023, 10, 6), Some(on(2023, 10, 15)));
    let pair = ten.previous(as_of).unwrap();
    assert_eq!((ends(pair.then), pair.cut), ((on(2023, 9, 26), on(2023, 10, 5)), false));
    let pair = ten.same_last_year(as_of).unwrap();
    assert_eq!((ends(pair.then), pair.cut), ((on(2022, 10, 6), on(2022, 10, 15)), false));
    // A week in days is no week of the calendar.
    let week = span(on(2023, 10, 9), Some(on(2023, 10, 15)));
    assert_eq!(ends(week.same_last_year(as_of).unwrap().then), (on(2022, 10, 9), on(2022, 10, 15)));
    // Not over: both are cut.
    let quarter = span(on(2023, 10, 1), Some(on(2023, 12, 31)));
    let pair = quarter.previous(as_of).unwrap();
    assert_eq!((ends(pair.now), pair.cut), ((on(2023, 10, 1), as_of), true));
    assert_eq!(ends(pair.then), (on(2023, 7, 1), on(2023, 7, 16)));
    assert_eq!(ends(quarter.same_last_year(as_of).unwrap().then), (on(2022, 10, 1), on(2022, 10, 16)));
    // Without an end it ends with the day that is asked.
    let pair = span(on(2023, 10, 1), None).previous(as_of).unwrap();
    assert_eq!(
        (ends(pair.now), ends(pair.then), pair.cut),
        ((on(2023, 10, 1), as_of), (on(2023, 9, 15), on(2023, 9, 30)), true)
    );
    // Held against another by name.
    let pair = quarter.against(span(on(2023, 4, 1), Some(on(2023, 4, 10))), as_of).unwrap();
    assert_eq!(ends(pair.then), (on(2023, 4, 1), on(2023, 4, 10)));
    // 29 February has no partner among days, and as an end of a span moves to the 28th.
    let leap = span(on(2024, 2, 1), Some(on(2024, 2, 29)));
    assert_eq!(ends(leap.same_last_year(on(2024, 3, 1)).unwrap().then), (on(2023, 2, 1), on(2023, 2, 28)));
    let day = Bin::Day.around(date_of(on(2024, 2, 29)).unwrap()).unwrap();
    assert!(day.same_last_year(on(2024, 3, 1)).unwrap_err().contains("2024-02-29 has no partner"));
}

#[test]
fn what_goes_with_nothing_says_so() {
    let as_of = on(2023, 10, 16);
    let until = Period::between(None, Some(as_of));
    for failed in [until.previous(as_of), until.same_last_year(as_of)] {
        assert!(failed.unwrap_err().contains("`until 2023-10-16` has no first day"));
    }
    let next = Bin::Month.next(1, date_of(as_of).unwrap()).unwrap();
    assert!(next.previous(as_of).unwrap_err().starts_with("2023-11 has not begun by 2023-10-16"));
    assert!(next.same_last_year(as_of).is_err());
    let early = Period::between(Some(i32::MIN / 2), Some(as_of));
    assert!(early.previous(as_of).is_err());
    assert!(early.same_last_year(as_of).is_err());
}
