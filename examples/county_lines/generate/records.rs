//! The records before they are written: what happened on a day, and what hangs on each arrest.
//!
//! An arrest carries its charges, seizures and safeguarding records with it, so that nobody has to know its number
//! before it gets one. Where a quirk of real exports is a matter of spelling (a borough in capitals, a date written
//! the other way round), it is drawn here, once, for the plan and for the filler alike.

use std::collections::BTreeMap;

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::rng::{Rng, stir};
use super::words::{self, Offence};

/// A day of the calendar, written by its numbers.
pub const fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(date) => date,
        None => panic!("no such day"),
    }
}

/// The first and the last day of the records, and those of the week.
pub const FIRST: NaiveDate = ymd(2019, 11, 1);
pub const LAST: NaiveDate = ymd(2023, 10, 31);
pub const MONDAY: NaiveDate = ymd(2023, 10, 9);
pub const SUNDAY: NaiveDate = ymd(2023, 10, 15);

pub fn in_week(date: NaiveDate) -> bool {
    (MONDAY..=SUNDAY).contains(&date)
}

/// All that is written for one day.
#[derive(Default)]
pub struct Day {
    pub arrests: Vec<Arrest>,
    /// Charges without an arrest: by postal requisition.
    pub charges: Vec<Charge>,
    /// Seizures without an arrest: a search, a find, a parcel.
    pub seizures: Vec<Seizure>,
    pub lines: Vec<Line>,
    pub safeguarding: Vec<Safeguarding>,
    pub events: Vec<Event>,
    pub referrals: Vec<Referral>,
}

impl Day {
    pub fn append(&mut self, mut other: Day) {
        self.arrests.append(&mut other.arrests);
        self.charges.append(&mut other.charges);
        self.seizures.append(&mut other.seizures);
        self.lines.append(&mut other.lines);
        self.safeguarding.append(&mut other.safeguarding);
        self.events.append(&mut other.events);
        self.referrals.append(&mut other.referrals);
    }
}

/// Records with a day each, in order, and how many people are in them.
#[derive(Default)]
pub struct Plan {
    pub days: BTreeMap<NaiveDate, Day>,
    pub people: u64,
}

impl Plan {
    pub fn day(&mut self, date: NaiveDate) -> &mut Day {
        self.days.entry(date).or_default()
    }

    pub fn arrests(&self) -> u64 {
        self.days.values().map(|day| day.arrests.len() as u64).sum()
    }
}

#[derive(Clone)]
pub struct Arrest {
    pub at: NaiveDateTime,
    /// Written as `%d/%m/%Y %H:%M`, as the older of the two custody systems does.
    pub old_style: bool,
    pub person: Option<Person>,
    pub borough: String,
    pub age: String,
    pub role: &'static str,
    pub operation: &'static str,
    pub arrested_for: &'static str,
    pub charges: Vec<Charge>,
    pub seizures: Vec<Seizure>,
    pub safeguarding: Vec<Safeguarding>,
}

impl Arrest {
    pub fn new(
        rng: &mut Rng,
        at: NaiveDateTime,
        person: Option<Person>,
        arrested_for: &'static str,
        operation: &'static str,
    ) -> Self {
        let years = person.map(|person| person.age(at.date()));
        let role = match years {
            _ if rng.percent(4) => "",
            Some(..=19) if rng.percent(75) => "runner",
            Some(20..) if rng.percent(30) => "line holder",
            _ => rng.weighted(&[(2, "other"), (2, "runner"), (1, "line holder")]),
        };
        let age = match years {
            Some(years) if !rng.percent(2) => years.to_string(),
            _ => rng.pick(&["", "N/K"]).to_owned(),
        };
        Arrest {
            at,
            old_style: rng.percent(20),
            person,
            borough: borough(rng),
            age,
            role,
            operation,
            arrested_for,
            charges: Vec::new(),
            seizures: Vec::new(),
            safeguarding: Vec::new(),
        }
    }
}

#[derive(Clone)]
pub struct Charge {
    pub person: Option<Person>,
    pub on: NaiveDate,
    pub offence: Offence,
}

#[derive(Clone)]
pub struct Seizure {
    pub on: NaiveDate,
    pub category: &'static str,
    pub item: &'static str,
    pub class: &'static str,
    pub quantity: String,
    pub unit: &'static str,
    /// The line stands in the file twice.
    pub twice: bool,
}

impl Seizure {
    pub fn cash(on: NaiveDate, pence: u64) -> Self {
        let quantity = if pence.is_multiple_of(100) {
            (pence / 100).to_string()
        } else {
            format!("{}.{:02}", pence / 100, pence % 100)
        };
        Seizure { on, category: "cash", item: "cash", class: "", quantity, unit: "GBP", twice: false }
    }

    pub fn pieces(on: NaiveDate, category: &'static str, item: &'static str, pieces: u64) -> Self {
        Seizure { on, category, item, class: "", quantity: pieces.to_string(), unit: "pieces", twice: false }
    }

    pub fn weighed(
        rng: &mut Rng,
        on: NaiveDate,
        class: &'static str,
        quantity: String,
        unit: &'static str,
    ) -> Self {
        Seizure {
            on,
            category: "drugs",
            item: words::weighed(rng, class),
            class,
            quantity,
            unit,
            twice: false,
        }
    }

    pub fn tablets(rng: &mut Rng, on: NaiveDate, class: &'static str) -> Self {
        let quantity = (rng.between(1, 40) * rng.pick(&[1, 2, 10])).to_string();
        let item = words::counted(rng, class);
        Seizure { on, category: "drugs", item, class, quantity, unit: "tablets", twice: false }
    }
}

#[derive(Clone)]
pub struct Line {
    pub name: String,
    pub opened: NaiveDate,
    pub closed: Option<NaiveDate>,
    pub force: &'static str,
}

impl Line {
    pub fn new(rng: &mut Rng, opened: NaiveDate, closed: Option<NaiveDate>) -> Self {
        let name = format!("{} {}", rng.pick(&words::LINE_NAMES), rng.between(1, 99));
        Line { name, opened, closed, force: rng.weighted(&words::FORCES) }
    }
}

#[derive(Clone)]
pub struct Safeguarding {
    pub person: Option<Person>,
    pub on: NaiveDate,
    pub category: &'static str,
}

impl Safeguarding {
    pub fn new(rng: &mut Rng, person: Option<Person>, on: NaiveDate) -> Self {
        let category = match person.map(|person| person.age(on)) {
            Some(..=17) => rng.weighted(&[(3, "child exploited"), (2, "missing child")]),
            _ => rng.weighted(&[(3, "cuckooing victim"), (2, "vulnerable adult")]),
        };
        Safeguarding { person, on, category }
    }
}

#[derive(Clone)]
pub struct Event {
    pub on: NaiveDate,
    pub kind: &'static str,
    pub attendees: Option<u64>,
    pub borough: String,
}

#[derive(Clone)]
pub struct Referral {
    pub person: Option<Person>,
    pub on: NaiveDate,
    pub scheme: &'static str,
    pub outcome: &'static str,
    /// The line stands in the file twice.
    pub twice: bool,
}

/// Somebody, by number. Sex and birthday follow from the number, so that a person is the same person at every arrest
/// and nobody needs remembering.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Person {
    number: u64,
    nature: u64,
}

impl Person {
    pub fn new(seed: u64, number: u64) -> Self {
        Person { number, nature: stir(seed ^ stir(number)) }
    }

    /// A number that looks like nothing: a product modulo a prime of eight digits repeats only after 99,999,989 people.
    pub fn id(self) -> String {
        format!("P{:08}", u128::from(self.number) * 61_803_399 % 99_999_989)
    }

    pub fn sex(self) -> &'static str {
        match self.nature % 100 {
            0 => "",
            1..=12 => "F",
            _ => "M",
        }
    }

    /// In whole years, on a day. Between 11 and 51 throughout the records.
    pub fn age(self, on: NaiveDate) -> u32 {
        let mut rng = Rng::new(self.nature, "birthday");
        let years = rng.weighted(&[(50, (13, 19)), (30, (20, 29)), (20, (30, 49))]);
        let days = rng.between(years.0, years.1) * 365 + rng.below(365);
        on.years_since(ymd(2021, 11, 1) - Duration::days(days as i64)).unwrap_or(0)
    }
}

/// A moment of a day. Nobody is arrested in the hour that the clocks skip in spring.
pub fn moment(rng: &mut Rng, date: NaiveDate) -> NaiveDateTime {
    let hour = rng.weighted(&[(3, 0), (2, 1), (1, 4), (6, 6), (4, 9), (5, 12), (6, 15), (6, 18), (5, 21)])
        + rng.below(3);
    let skipped =
        date.month() == 3 && date.weekday() == chrono::Weekday::Sun && date.day() >= 25 && hour == 1;
    clock(date, if skipped { 2 } else { hour as u32 }, rng.below(60) as u32)
}

pub fn clock(date: NaiveDate, hour: u32, minute: u32) -> NaiveDateTime {
    date.and_time(NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
}

/// A borough as somebody typed it: mostly as it is written, sometimes shouted or mumbled, sometimes not known.
pub fn borough(rng: &mut Rng) -> String {
    let name = rng.weighted(&words::BOROUGHS);
    match rng.below(100) {
        0..3 => String::new(),
        3..6 => "N/K".to_owned(),
        6 => "Unknown".to_owned(),
        7..15 => name.to_uppercase(),
        15..20 => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// Nanograms as grams, with as many decimals as they need.
pub fn grams(nanograms: u64) -> String {
    decimal(nanograms, 1_000_000_000, 9)
}

/// A number of the `unit`-th part, as a decimal of up to `places`.
pub fn decimal(number: u64, unit: u64, places: usize) -> String {
    let text = format!("{}.{:0places$}", number / unit, number % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
