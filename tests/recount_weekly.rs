//! The weekly questions and the ten of the design, counted by hand: plain loops over the CSV files, without any of
//! Casebook. Each function below says in loops what one question says in a line, and its rows are held against the
//! whole of that question's golden answer, so `tests/golden.rs` holds the program to these loops.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, Timelike};

mod county;
use county::answer::{Cell, Counted, decimal, empty, exact, hold, maybe, maybe_decimal, near, percent};
use county::{
    Key, ROLES, Record, borough, date, folder, key, known, minute, monday, read, value, weight, within,
};

/// All tables that the questions are about, read once.
struct Files {
    arrests: Vec<Record>,
    charges: Vec<Record>,
    seizures: Vec<Record>,
}

impl Files {
    fn read() -> Files {
        Files { arrests: read("arrests.csv"), charges: read("charges.csv"), seizures: read("seizures.csv") }
    }

    /// The borough of each arrest, by its number.
    fn boroughs(&self) -> HashMap<&str, Option<String>> {
        self.arrests.iter().map(|arrest| (&*arrest["arrest_id"], borough(&arrest["borough"]))).collect()
    }

    /// The seizures of each arrest that there is.
    fn seized_at(&self) -> HashMap<&str, Vec<&Record>> {
        let mut found: HashMap<&str, Vec<&Record>> =
            self.arrests.iter().map(|arrest| (&*arrest["arrest_id"], Vec::new())).collect();
        for seizure in &self.seizures {
            if let Some(of) = found.get_mut(&*seizure["arrest_id"]) {
                of.push(seizure);
            }
        }
        found
    }
}

fn arrested_on(arrest: &Record) -> NaiveDate {
    minute(&arrest["arrested_at"]).date()
}

/// How many of each key.
fn counts<T: Ord>(keys: impl IntoIterator<Item = T>) -> BTreeMap<T, i128> {
    let mut found = BTreeMap::new();
    for key in keys {
        *found.entry(key).or_default() += 1;
    }
    found
}

/// A change in per cent of what was; of nothing there is none.
fn change(now: i128, then: i128) -> [Cell; 4] {
    [exact(now), exact(then), exact(now - then), percent(now - then, then)]
}

const WEEK: (&str, &str) = ("2023-10-09", "2023-10-15");
const YEAR: (&str, &str) = ("2023-01-02", "2023-10-29");

fn people_charged(files: &Files) -> Counted {
    let charges: Vec<&Record> =
        files.charges.iter().filter(|charge| within(date(&charge["charged_on"]), WEEK.0, WEEK.1)).collect();
    let people: HashSet<String> = charges.iter().filter_map(|charge| known(&charge["person_id"])).collect();
    let trafficking = charges.iter().filter(|charge| charge["offence_group"] == "drug trafficking").count();
    let mut answer = Counted::of(&["people", "charges", "trafficking"]);
    answer.row(vec![exact(people.len()), exact(charges.len()), exact(trafficking)]);
    answer
}

fn weight_by_class(files: &Files) -> Counted {
    let mut sums: BTreeMap<Key<String>, Option<i128>> = BTreeMap::new();
    for seizure in &files.seizures {
        if within(date(&seizure["seized_on"]), WEEK.0, WEEK.1) && seizure["category"] == "drugs" {
            let sum = sums.entry(key(known(&seizure["drug_class"]))).or_default();
            if let Some(weight) = weight(seizure) {
                *sum = Some(sum.unwrap_or(0) + weight);
            }
        }
    }
    let mut answer = Counted::of(&["drug_class", "drugs [kg]"]);
    for ((_, class), sum) in sums {
        answer.row(vec![maybe(class), maybe_decimal(sum, 12)]);
    }
    answer
}

fn this_week_and_last(files: &Files) -> Counted {
    let mut found: BTreeMap<Key<String>, (i128, i128)> = BTreeMap::new();
    let mut total = (0, 0);
    for arrest in &files.arrests {
        let day = arrested_on(arrest);
        let now = i128::from(within(day, WEEK.0, WEEK.1));
        let then = i128::from(within(day, "2023-10-02", "2023-10-08"));
        if now + then == 1 {
            let group = found.entry(key(borough(&arrest["borough"]))).or_default();
            *group = (group.0 + now, group.1 + then);
            total = (total.0 + now, total.1 + then);
        }
    }
    let columns =
        ["borough", "count", "count_previous", "count_change", "count_change_pct [%]", "total_level"];
    let mut answer = Counted::of(&columns);
    for ((_, borough), (now, then)) in found {
        answer.row([&[maybe(borough)], &change(now, then)[..], &[empty()]].concat());
    }
    answer.row([&[empty()], &change(total.0, total.1)[..], &[exact("borough")]].concat());
    answer
}

fn commonest_offences(files: &Files) -> Counted {
    let boroughs = files.boroughs();
    let mut found: BTreeMap<Key<String>, BTreeMap<&str, i128>> = BTreeMap::new();
    for charge in &files.charges {
        if within(date(&charge["charged_on"]), WEEK.0, WEEK.1) {
            let borough = boroughs.get(&*charge["arrest_id"]).cloned().flatten();
            *found.entry(key(borough)).or_default().entry(&charge["offence"]).or_default() += 1;
        }
    }
    let mut answer = Counted::of(&["borough", "offence", "count", "share [%]"]);
    for ((_, borough), offences) in found {
        let all: i128 = offences.values().sum();
        let mut ranked: Vec<(&str, i128)> = offences.into_iter().collect();
        // A stable sort: of equally many, the first by name.
        ranked.sort_by_key(|(_, count)| -count);
        let rest: i128 = ranked.iter().skip(3).map(|(_, count)| count).sum();
        ranked.truncate(3);
        if rest > 0 {
            ranked.push(("other", rest));
        }
        for (offence, count) in ranked {
            answer.row(vec![maybe(borough.clone()), exact(offence), exact(count), percent(count, all)]);
        }
    }
    answer
}

fn boroughs_by_weeks(files: &Files) -> Counted {
    let of_weeks: Vec<(Key<String>, NaiveDate)> = files
        .arrests
        .iter()
        .filter(|arrest| within(arrested_on(arrest), "2023-09-18", "2023-10-29"))
        .map(|arrest| (key(borough(&arrest["borough"])), monday(arrested_on(arrest))))
        .collect();
    let weeks: BTreeSet<NaiveDate> = of_weeks.iter().map(|(_, week)| *week).collect();
    let names: Vec<String> = weeks.iter().map(ToString::to_string).collect();
    let mut columns = vec!["borough"];
    columns.extend(names.iter().map(|name| &**name));
    columns.extend(["total", "total_level"]);
    let mut answer = Counted::of(&columns);
    let mut row = |borough: Option<Option<String>>| {
        let of = |week: Option<NaiveDate>| {
            let same = |(place, monday): &&(Key<String>, NaiveDate)| {
                borough.as_ref().is_none_or(|borough| place.1 == *borough)
                    && week.is_none_or(|week| *monday == week)
            };
            exact(of_weeks.iter().filter(same).count())
        };
        let mut cells = vec![maybe(borough.clone().flatten())];
        cells.extend(weeks.iter().map(|week| of(Some(*week))));
        cells.push(of(None));
        cells.push(if borough.is_none() { exact("borough") } else { empty() });
        answer.row(cells);
    };
    for (_, borough) in of_weeks.iter().map(|(borough, _)| borough.clone()).collect::<BTreeSet<_>>() {
        row(Some(borough));
    }
    row(None);
    answer
}

fn moving_mean(files: &Files) -> Counted {
    let slavery = files.arrests.iter().filter(|arrest| arrest["arrested_for"] == "modern slavery");
    let found = counts(slavery.map(|arrest| monday(arrested_on(arrest))));
    let mut counts = Vec::new();
    let mut answer = Counted::of(&["week", "arrests", "moving"]);
    let mut week = monday(date(YEAR.0));
    while week <= date(YEAR.1) {
        counts.push(found.get(&week).copied().unwrap_or(0));
        let four = counts.len().checked_sub(4).map(|from| counts[from..].iter().sum::<i128>());
        let mean = four.map(|sum| sum as f64 / 4.0);
        answer.row(vec![exact(week), exact(counts[counts.len() - 1]), near(mean)]);
        week += Duration::days(7);
    }
    // Else the question would not show what it is for.
    assert!(counts.contains(&0));
    answer
}

fn charge_rates(files: &Files) -> Counted {
    let with_charge: HashSet<&str> = files.charges.iter().map(|charge| &*charge["arrest_id"]).collect();
    let mut found: BTreeMap<Key<String>, (i128, i128)> = BTreeMap::new();
    let mut force = (0, 0);
    for arrest in &files.arrests {
        if within(arrested_on(arrest), YEAR.0, YEAR.1) {
            let charged = i128::from(with_charge.contains(&*arrest["arrest_id"]));
            let group = found.entry(key(borough(&arrest["borough"]))).or_default();
            *group = (group.0 + 1, group.1 + charged);
            force = (force.0 + 1, force.1 + charged);
        }
    }
    let mut answer = Counted::of(&["borough", "arrests", "charged", "rate [%]", "apart [%]"]);
    for ((_, borough), (arrests, charged)) in found {
        // One fraction: what the two rates differ by.
        let apart = percent(charged * force.0 - force.1 * arrests, arrests * force.0);
        answer.row(vec![maybe(borough), exact(arrests), exact(charged), percent(charged, arrests), apart]);
    }
    answer
}

fn weekday_by_hour(files: &Files) -> Counted {
    const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    let mut found = [[0; 24]; 7];
    for arrest in &files.arrests {
        let at = minute(&arrest["arrested_at"]);
        if within(at.date(), YEAR.0, YEAR.1) {
            found[at.weekday().num_days_from_monday() as usize][at.hour() as usize] += 1;
        }
    }
    let hours: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let columns: Vec<&str> = std::iter::once("weekday").chain(hours.iter().map(|hour| &**hour)).collect();
    let mut answer = Counted::of(&columns);
    for (day, hours) in DAYS.iter().zip(found) {
        answer.row(std::iter::once(exact(day)).chain(hours.map(exact)).collect());
    }
    answer
}

fn cash_for_a_gram(files: &Files) -> Counted {
    let mut found: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for seizures in files.seized_at().values() {
        let drugs: Vec<&&Record> = seizures.iter().filter(|seizure| seizure["category"] == "drugs").collect();
        let items: BTreeSet<&str> = drugs.iter().map(|seizure| &*seizure["item"]).collect();
        let cash: Vec<i128> = seizures
            .iter()
            .filter(|seizure| seizure["category"] == "cash")
            .filter_map(|seizure| value(seizure))
            .collect();
        let weights: Vec<i128> = drugs.iter().filter_map(|seizure| weight(seizure)).collect();
        if items.len() == 1 && !cash.is_empty() && !weights.is_empty() {
            let sums = found.entry(items.first().unwrap()).or_default();
            *sums = (sums.0 + weights.iter().sum::<i128>(), sums.1 + cash.iter().sum::<i128>());
        }
    }
    let mut answer = Counted::of(&["item", "grams [g]", "cash [GBP]", "price [GBP/g]"]);
    for (item, (grams, cash)) in found {
        let price = (cash * 100_000) as f64 / grams as f64;
        answer.row(vec![exact(item), decimal(grams, 9), decimal(cash, 4), near(Some(price))]);
    }
    answer
}

#[test]
fn the_weekly_questions_give_what_loops_give() {
    let files = Files::read();
    let counted = [
        ("People charged", people_charged(&files)),
        ("Weight seized by class", weight_by_class(&files)),
        ("This week against the previous one", this_week_and_last(&files)),
        ("The three commonest offences", commonest_offences(&files)),
        ("Boroughs by weeks", boroughs_by_weeks(&files)),
        ("Mean over four weeks", moving_mean(&files)),
        ("Charge rates", charge_rates(&files)),
        ("Weekday by hour", weekday_by_hour(&files)),
        ("Cash for a gram", cash_for_a_gram(&files)),
    ];
    hold(&folder().join("weekly.expected.csv"), &counted);
}

/// Each person's arrests: where and when.
fn by_person(files: &Files) -> HashMap<String, Vec<(NaiveDateTime, &Record)>> {
    let mut found: HashMap<String, Vec<(NaiveDateTime, &Record)>> = HashMap::new();
    for arrest in &files.arrests {
        if let Some(person) = known(&arrest["person_id"]) {
            found.entry(person).or_default().push((minute(&arrest["arrested_at"]), arrest));
        }
    }
    found
}

fn three_in_ninety_days(files: &Files) -> Counted {
    let mut found: BTreeMap<Key<String>, HashSet<String>> = BTreeMap::new();
    for (person, arrests) in by_person(files) {
        for (at, arrest) in &arrests {
            let near = arrests.iter().filter(|(other, _)| *at - Duration::days(90) < *other && other <= at);
            if near.count() >= 3 {
                found.entry(key(borough(&arrest["borough"]))).or_default().insert(person.clone());
            }
        }
    }
    let mut answer = Counted::of(&["borough", "people"]);
    for ((_, borough), people) in found {
        answer.row(vec![maybe(borough), exact(people.len())]);
    }
    answer
}

fn charged_within_28_days(files: &Files) -> Counted {
    let mut charged_on: HashMap<&str, Vec<NaiveDate>> = HashMap::new();
    for charge in &files.charges {
        charged_on.entry(&charge["arrest_id"]).or_default().push(date(&charge["charged_on"]));
    }
    // Of this quarter and of last year's: arrests, and those with a charge in time.
    let mut found: BTreeMap<Key<String>, [(i128, i128); 2]> = BTreeMap::new();
    for arrest in &files.arrests {
        let day = arrested_on(arrest);
        let side = if within(day, "2023-07-01", "2023-09-30") {
            0
        } else if within(day, "2022-07-01", "2022-09-30") {
            1
        } else {
            continue;
        };
        let charges = charged_on.get(&*arrest["arrest_id"]).map(|days| &**days).unwrap_or_default();
        let in_time = charges.iter().any(|charged| (*charged - day).num_days() <= 28);
        let sums = &mut found.entry(key(borough(&arrest["borough"]))).or_default()[side];
        *sums = (sums.0 + 1, sums.1 + i128::from(in_time));
    }
    let columns = ["borough", "rate [%]", "rate_previous [%]", "rate_change [%]", "rate_change_pct [%]"];
    let mut answer = Counted::of(&columns);
    for ((_, borough), [(now, hit), (then, hit_then)]) in found {
        // hit / now - hit_then / then, and that over hit_then / then.
        let less = hit * then - hit_then * now;
        answer.row(vec![
            maybe(borough),
            percent(hit, now),
            percent(hit_then, then),
            percent(less, now * then),
            percent(less, now * hit_then),
        ]);
    }
    answer
}

fn grown_most(files: &Files) -> Counted {
    let mut found: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for charge in &files.charges {
        let day = date(&charge["charged_on"]);
        let now = i128::from(within(day, "2023-10-02", "2023-10-29"));
        let then = i128::from(within(day, "2023-09-04", "2023-10-01"));
        if now + then == 1 {
            let sums = found.entry(&charge["offence"]).or_default();
            *sums = (sums.0 + now, sums.1 + then);
        }
    }
    let mut ranked: Vec<(&str, (i128, i128))> = found.into_iter().collect();
    ranked.sort_by_key(|(_, (now, then))| then - now);
    let mut answer =
        Counted::of(&["offence", "count", "count_previous", "count_change", "count_change_pct [%]"]);
    for (offence, (now, then)) in ranked.into_iter().take(5) {
        answer.row([&[exact(offence)], &change(now, then)[..]].concat());
    }
    answer
}

fn cash_of_repeat_arrests(files: &Files) -> Counted {
    let seized_at = files.seized_at();
    // By the catalogue's order of roles; seizures of cash with their values, where known.
    let mut found: BTreeMap<usize, Vec<Option<i128>>> = BTreeMap::new();
    for arrests in by_person(files).into_values().filter(|arrests| arrests.len() > 1) {
        for (_, arrest) in arrests {
            let role = ROLES.iter().position(|role| *role == arrest["role"]).unwrap_or(ROLES.len());
            let cash =
                seized_at[&*arrest["arrest_id"]].iter().filter(|seizure| seizure["category"] == "cash");
            found.entry(role).or_default().extend(cash.map(|seizure| value(seizure)));
        }
    }
    let mut answer = Counted::of(&["role", "cash [GBP]"]);
    for (role, values) in found {
        let unknown = !values.is_empty() && values.iter().all(Option::is_none);
        let sum = (!unknown).then(|| values.into_iter().flatten().sum());
        answer.row(vec![maybe(ROLES.get(role)), maybe_decimal(sum, 4)]);
    }
    answer
}

fn cash_so_far(files: &Files) -> Counted {
    let mut days: BTreeMap<NaiveDate, i128> = BTreeMap::new();
    for seizure in files.seizures.iter().filter(|seizure| seizure["category"] == "cash") {
        *days.entry(date(&seizure["seized_on"])).or_default() += value(seizure).unwrap();
    }
    let mut so_far = 0;
    let mut answer = Counted::of(&["day", "cash [GBP]", "so_far [GBP]"]);
    for (day, cash) in days {
        so_far += cash;
        answer.row(vec![exact(day), decimal(cash, 4), decimal(so_far, 4)]);
    }
    answer
}

fn boroughs_by_class(files: &Files) -> Counted {
    const CLASSES: [&str; 3] = ["A", "B", "C"];
    let boroughs = files.boroughs();
    let rows: Vec<(Key<String>, Option<String>, Option<String>)> = files
        .charges
        .iter()
        .map(|charge| {
            let borough = boroughs.get(&*charge["arrest_id"]).cloned().flatten();
            (key(borough), known(&charge["drug_class"]), known(&charge["person_id"]))
        })
        .collect();
    let mut answer = Counted::of(&["borough", "A", "B", "C", "missing", "total", "total_level"]);
    let mut row = |borough: Option<Key<String>>| {
        // `None` is every class, `Some(None)` the missing one. Each person once, whatever else is in the row.
        let people = |class: Option<Option<&str>>| {
            let found: HashSet<&String> = rows
                .iter()
                .filter(|(place, ..)| borough.as_ref().is_none_or(|borough| borough == place))
                .filter(|(_, of, _)| class.is_none_or(|class| of.as_deref() == class))
                .filter_map(|(.., person)| person.as_ref())
                .collect();
            exact(found.len())
        };
        let mut cells = vec![maybe(borough.clone().and_then(|(_, borough)| borough))];
        cells.extend(CLASSES.map(|class| people(Some(Some(class)))));
        cells.extend([people(Some(None)), people(None)]);
        cells.push(if borough.is_none() { exact("borough") } else { empty() });
        answer.row(cells);
    };
    for borough in rows.iter().map(|(borough, ..)| borough.clone()).collect::<BTreeSet<_>>() {
        row(Some(borough));
    }
    row(None);
    answer
}

fn seized_near_an_arrest(files: &Files) -> Counted {
    let boroughs = files.boroughs();
    let mut arrests: HashMap<String, Vec<NaiveDate>> = HashMap::new();
    for arrest in &files.arrests {
        if let Some(borough) = borough(&arrest["borough"]) {
            arrests.entry(borough).or_default().push(arrested_on(arrest));
        }
    }
    let mut found: BTreeMap<&str, i128> = BTreeMap::new();
    for seizure in &files.seizures {
        let Some(Some(place)) = boroughs.get(&*seizure["arrest_id"]) else { continue };
        let day = date(&seizure["seized_on"]);
        if arrests[place].iter().any(|arrested| (0..=2).contains(&(day - *arrested).num_days())) {
            *found.entry(place).or_default() += 1;
        }
    }
    let mut answer = Counted::of(&["place", "seizures"]);
    for (place, seizures) in found {
        answer.row(vec![exact(place), exact(seizures)]);
    }
    answer
}

fn roles_of_each_band(files: &Files) -> Counted {
    const BANDS: [(&str, i32, i32); 5] = [
        ("below 0", i32::MIN, -1),
        ("0–17", 0, 17),
        ("18–24", 18, 24),
        ("25–39", 25, 39),
        ("40+", 40, i32::MAX),
    ];
    // By band, of which there is one more for no age, and by role, with one more for none.
    let mut found = [[0_i128; ROLES.len() + 1]; BANDS.len() + 1];
    for arrest in &files.arrests {
        let age: Option<i32> = known(&arrest["age"]).map(|age| age.parse().unwrap());
        let band = age.and_then(|age| BANDS.iter().position(|(_, from, to)| (*from..=*to).contains(&age)));
        let role = ROLES.iter().position(|role| *role == arrest["role"]);
        found[band.unwrap_or(BANDS.len())][role.unwrap_or(ROLES.len())] += 1;
    }
    let mut columns = vec!["band".to_string()];
    columns.extend(ROLES.iter().chain(&["missing"]).map(|role| format!("{role} [%]")));
    let mut answer = Counted::of(&columns.iter().map(|name| &**name).collect::<Vec<_>>());
    for (band, roles) in found.iter().enumerate() {
        let all: i128 = roles.iter().sum();
        if all > 0 {
            let cells = roles.iter().map(|count| if *count == 0 { empty() } else { percent(*count, all) });
            answer.row(std::iter::once(maybe(BANDS.get(band).map(|band| band.0))).chain(cells).collect());
        }
    }
    answer
}

#[test]
fn the_ten_questions_give_what_loops_give() {
    let files = Files::read();
    let counted = [
        ("3 Three arrests in 90 days", three_in_ninety_days(&files)),
        ("4 Charged within 28 days", charged_within_28_days(&files)),
        ("5 Offences that grew most", grown_most(&files)),
        ("6 Cash of people arrested more than once", cash_of_repeat_arrests(&files)),
        ("7 Cash so far", cash_so_far(&files)),
        ("8 Boroughs by class", boroughs_by_class(&files)),
        ("9 Seizures near an arrest", seized_near_an_arrest(&files)),
        ("10 Roles of each band", roles_of_each_band(&files)),
    ];
    hold(&folder().join("ten.expected.csv"), &counted);
}
