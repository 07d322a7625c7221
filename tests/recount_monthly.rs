//! The monthly questions, counted by hand: plain loops over the CSV files, without any of Casebook, written from what the
//! titles of the questions say in English. Calendars, people who stand in several tables, and residents are all here
//! loops within loops: a span of days, and everything in the files that could fall into it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::process::Command;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

mod county;
use county::answer::{Cell, Counted, decimal, exact, hold_answers, near, percent};
use county::{Record, borough, date, folder, known, minute, read, value, weight};

/// All tables that the questions are about, read once.
struct Files {
    arrests: Vec<Record>,
    charges: Vec<Record>,
    seizures: Vec<Record>,
    lines: Vec<Record>,
    safeguarding: Vec<Record>,
    referrals: Vec<Record>,
    boroughs: Vec<Record>,
}

impl Files {
    fn read() -> Files {
        Files {
            arrests: read("arrests.csv"),
            charges: read("charges.csv"),
            seizures: read("seizures.csv"),
            lines: read("lines.csv"),
            safeguarding: read("safeguarding.csv"),
            referrals: read("referrals.csv"),
            boroughs: read("boroughs.csv"),
        }
    }

    /// When each known person was arrested.
    fn arrests_of(&self) -> HashMap<String, Vec<NaiveDateTime>> {
        let mut found: HashMap<String, Vec<NaiveDateTime>> = HashMap::new();
        for arrest in &self.arrests {
            if let Some(person) = known(&arrest["person_id"]) {
                found.entry(person).or_default().push(minute(&arrest["arrested_at"]));
            }
        }
        found
    }
}

/// Some days, the first and the last of them included.
#[derive(Clone, Copy)]
struct Span(NaiveDate, NaiveDate);

impl Span {
    fn of(first: &str, last: &str) -> Span {
        Span(date(first), date(last))
    }

    fn holds(self, day: NaiveDate) -> bool {
        self.0 <= day && day <= self.1
    }

    /// Whether a field names one of the days; an empty one names none.
    fn has(self, field: &str) -> bool {
        known(field).is_some_and(|field| self.holds(date(&field)))
    }
}

fn day(arrest: &Record) -> NaiveDate {
    minute(&arrest["arrested_at"]).date()
}

fn distinct<'a>(people: impl Iterator<Item = &'a str>) -> usize {
    people.filter_map(known).collect::<HashSet<_>>().len()
}

/// The months from October 2022 to September 2023.
fn months() -> Vec<Span> {
    let mut found = Vec::new();
    for (year, month) in (10..=12).map(|month| (2022, month)).chain((1..=9).map(|month| (2023, month))) {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let first_of = |(year, month)| NaiveDate::from_ymd_opt(year, month, 1).unwrap();
        found.push(Span(first_of((year, month)), first_of(next) - Days::new(1)));
    }
    found
}

fn month_name(day: NaiveDate) -> Cell {
    exact(day.format("%Y-%m"))
}

/// The three weeks of action, by the names that their days give them.
const WEEKS: [(&str, &str); 3] =
    [("2022-10-03", "2022-10-09"), ("2023-02-27", "2023-03-05"), ("2023-10-09", "2023-10-15")];

/// Arrests, people charged, charges and lines closed in a week.
fn counts(files: &Files, week: Span) -> [usize; 4] {
    let charges: Vec<&Record> =
        files.charges.iter().filter(|charge| week.has(&charge["charged_on"])).collect();
    [
        files.arrests.iter().filter(|arrest| week.holds(day(arrest))).count(),
        distinct(charges.iter().map(|charge| &*charge["person_id"])),
        charges.len(),
        files.lines.iter().filter(|line| week.has(&line["closed_on"])).count(),
    ]
}

fn press_sheet(files: &Files, weeks: &[(&str, &str)]) -> Counted {
    let mut answer = Counted::of(&[
        "label",
        "arrests",
        "people_charged",
        "charges",
        "lines_closed",
        "people_safeguarded",
        "cash [GBP]",
        "drugs [kg]",
    ]);
    for (first, last) in weeks {
        let week = Span::of(first, last);
        let safe = files.safeguarding.iter().filter(|record| week.has(&record["date"]));
        let seized: Vec<&Record> =
            files.seizures.iter().filter(|seizure| week.has(&seizure["seized_on"])).collect();
        let cash = seized.iter().filter(|seizure| seizure["category"] == "cash");
        let drugs = seized.iter().filter(|seizure| ["A", "B"].contains(&&*seizure["drug_class"]));
        let mut row = vec![exact(format!("{first}..{last}"))];
        row.extend(counts(files, week).map(exact));
        row.push(exact(distinct(safe.map(|record| &*record["person_id"]))));
        row.push(decimal(cash.filter_map(|seizure| value(seizure)).sum(), 4));
        row.push(decimal(drugs.filter_map(|seizure| weight(seizure)).sum(), 12));
        answer.row(row);
    }
    answer
}

fn a_column_a_week(files: &Files) -> Counted {
    let labels = WEEKS.map(|(first, last)| format!("{first}..{last}"));
    let mut answer = Counted::of(&["figure", &labels[0], &labels[1], &labels[2]]);
    let counts = WEEKS.map(|(first, last)| counts(files, Span::of(first, last)));
    // In the order in which the question names them.
    for (at, figure) in ["arrests", "people_charged", "charges", "lines_closed"].into_iter().enumerate() {
        let mut row = vec![exact(figure)];
        row.extend(counts.map(|counts| exact(counts[at])));
        answer.row(row);
    }
    answer
}

fn lines_open(files: &Files) -> Counted {
    let mut answer = Counted::of(&["start", "end", "label", "open", "opened", "closed"]);
    for month in months() {
        let [mut open, mut opened, mut closed] = [0; 3];
        for line in &files.lines {
            let from = date(&line["opened_on"]);
            let to = known(&line["closed_on"]).map(|day| date(&day));
            open += i32::from(from <= month.1 && to.is_none_or(|to| to > month.1));
            opened += i32::from(month.holds(from));
            closed += i32::from(to.is_some_and(|to| month.holds(to)));
        }
        answer.row(vec![
            exact(month.0),
            exact(month.1),
            month_name(month.0),
            exact(open),
            exact(opened),
            exact(closed),
        ]);
    }
    answer
}

fn rolling_year(files: &Files) -> Counted {
    let mut answer = Counted::of(&["start", "end", "label", "people"]);
    for month in months() {
        // The first of the month after this one, a year before.
        let after = month.1 + Days::new(1);
        let year = Span(after.with_year(after.year() - 1).unwrap(), month.1);
        let arrests = files.arrests.iter().filter(|arrest| year.holds(day(arrest)));
        let people = distinct(arrests.map(|arrest| &*arrest["person_id"]));
        answer.row(vec![exact(month.0), exact(month.1), month_name(month.0), exact(people)]);
    }
    answer
}

fn first_arrests(files: &Files) -> Counted {
    let october = Span::of("2023-10-01", "2023-10-31");
    let [mut people, mut first] = [0; 2];
    for arrests in files.arrests_of().values() {
        if arrests.iter().any(|at| october.holds(at.date())) {
            people += 1;
            first += i32::from(october.holds(arrests.iter().min().unwrap().date()));
        }
    }
    let mut answer = Counted::of(&["people", "first_arrests"]);
    answer.row(vec![exact(people), exact(first)]);
    answer
}

/// The same time of the same day a year on; of a leap day, the last of that February.
fn a_year_on(at: NaiveDateTime) -> NaiveDateTime {
    let year = at.year() + 1;
    let day = at.date().with_year(year).unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).unwrap());
    day.and_time(at.time())
}

fn arrested_again(files: &Files) -> Counted {
    let [mut people, mut again] = [0; 2];
    for arrests in files.arrests_of().values() {
        let of_2022: Vec<&NaiveDateTime> = arrests.iter().filter(|at| at.year() == 2022).collect();
        people += i128::from(!of_2022.is_empty());
        again += i128::from(
            of_2022.iter().any(|at| arrests.iter().any(|later| later > at && *later <= a_year_on(**at))),
        );
    }
    let mut answer = Counted::of(&["people", "again", "rate [%]"]);
    answer.row(vec![exact(people), exact(again), percent(again, people)]);
    answer
}

fn children_referred(files: &Files) -> Counted {
    let mut referrals: HashMap<String, Vec<NaiveDate>> = HashMap::new();
    for referral in &files.referrals {
        if let Some(person) = known(&referral["person_id"]) {
            referrals.entry(person).or_default().push(date(&referral["date"]));
        }
    }
    let mut years: BTreeMap<i32, (HashSet<String>, HashSet<String>)> = BTreeMap::new();
    for record in &files.safeguarding {
        if known(&record["age"]).is_some_and(|age| age.parse::<u32>().unwrap() < 18) {
            let on = date(&record["date"]);
            let (children, referred) = years.entry(on.year()).or_default();
            let Some(person) = known(&record["person_id"]) else { continue };
            let days = referrals.get(&person).map(|days| &**days).unwrap_or_default();
            if days.iter().any(|day| (0..=28).contains(&(*day - on).num_days())) {
                referred.insert(person.clone());
            }
            children.insert(person);
        }
    }
    let mut answer = Counted::of(&["year", "children", "referred", "rate [%]"]);
    for (year, (children, referred)) in years {
        let (children, referred) = (children.len() as i128, referred.len() as i128);
        answer.row(vec![exact(year), exact(children), exact(referred), percent(referred, children)]);
    }
    answer
}

fn arrests_per_resident(files: &Files) -> Counted {
    let year = Span::of("2022-10-01", "2023-09-30");
    let mut found: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for place in &files.boroughs {
        found.insert(borough(&place["borough"]).unwrap(), (0, place["residents"].parse().unwrap()));
    }
    for arrest in files.arrests.iter().filter(|arrest| year.holds(day(arrest))) {
        if let Some(borough) = borough(&arrest["borough"]) {
            // A borough whose residents nobody counted would be left out in silence.
            found.get_mut(&borough).unwrap_or_else(|| panic!("{borough}")).0 += 1;
        }
    }
    let rate = |arrests: u32, residents: u32| f64::from(arrests) * 1000.0 / f64::from(residents);
    let force = rate(found.values().map(|of| of.0).sum(), found.values().map(|of| of.1).sum());
    let mut rows: Vec<(String, (u32, u32))> = found.into_iter().collect();
    // The highest rate first, where a / b > c / d is a * d > c * b; of equal ones, the first by name.
    rows.sort_by(|(_, one), (_, other)| (other.0 * one.1).cmp(&(one.0 * other.1)));
    let mut answer = Counted::of(&["borough", "arrests", "residents", "rate", "force"]);
    for (borough, (arrests, residents)) in rows.into_iter().take(5) {
        answer.row(vec![
            exact(borough),
            exact(arrests),
            exact(residents),
            near(Some(rate(arrests, residents))),
            near(Some(force)),
        ]);
    }
    answer
}

fn this_year_and_last(files: &Files) -> Counted {
    let now = Span::of("2023-04-01", "2023-10-16");
    let then = Span::of("2022-04-01", "2022-10-16");
    let mut found: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    for day in files.arrests.iter().map(day) {
        if now.holds(day) {
            found.entry(day.month()).or_default().0 += 1;
        }
        if then.holds(day) {
            found.entry(day.month()).or_default().1 += 1;
        }
    }
    let mut so_far = (0, 0);
    let mut answer = Counted::of(&["month", "n", "n_previous", "so_far", "so_far_last_year"]);
    for (month, (n, before)) in found {
        so_far = (so_far.0 + n, so_far.1 + before);
        answer.row(vec![
            exact(format!("2023-{month:02}")),
            exact(n),
            exact(before),
            exact(so_far.0),
            exact(so_far.1),
        ]);
    }
    answer
}

#[test]
fn the_monthly_questions_give_what_loops_give() {
    let files = Files::read();
    let counted = [
        ("The press sheet of the week", press_sheet(&files, &WEEKS[2..])),
        ("Three weeks of action", press_sheet(&files, &WEEKS)),
        ("A column a week", a_column_a_week(&files)),
        ("Lines open at each month's end", lines_open(&files)),
        ("People arrested in twelve months", rolling_year(&files)),
        ("First arrests", first_arrests(&files)),
        ("Arrested again within a year", arrested_again(&files)),
        ("Children referred within 28 days", children_referred(&files)),
        ("Arrests per 1,000 residents", arrests_per_resident(&files)),
        ("This financial year against the last one", this_year_and_last(&files)),
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
        .args(["run", "--format", "csv", "--as-of", "2023-10-16"])
        .arg(folder().join("monthly.cbq"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    hold_answers("monthly.cbq", &String::from_utf8(output.stdout).unwrap(), &counted);
}
