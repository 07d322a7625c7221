//! The county lines questions that hang on other rows, counted by plain loops over the CSV files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime};

use super::ask;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")
}

type Record = HashMap<String, String>;

/// A file's records; a line that repeats another whole is left out.
fn read(name: &str) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(folder().join(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut seen = HashSet::new();
    let lines = reader.records().map(Result::unwrap);
    lines
        .filter(|line| seen.insert(line.iter().map(str::to_owned).collect::<Vec<_>>()))
        .map(|line| header.iter().map(str::to_owned).zip(line.iter().map(|v| v.trim().to_owned())).collect())
        .collect()
}

/// Either of the two ways in which the files write a time.
fn time(text: &str) -> NaiveDateTime {
    ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .unwrap_or_else(|| panic!("{text}"))
}

/// A borough as the catalogue reads it: every word with a capital, some values missing.
fn borough(text: &str) -> Option<String> {
    if ["", "N/K", "Unknown"].contains(&text) {
        return None;
    }
    let word = |word: &str| word[..1].to_uppercase() + &word[1..].to_lowercase();
    Some(text.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// Pounds and pence as ten-thousandths.
fn money(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{part:0<4}").parse().unwrap()
}

fn pounds(amount: i64) -> String {
    let part = format!("{:04}", amount % 10_000);
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{}", amount / 10_000) } else { format!("{}.{part}", amount / 10_000) }
}

/// The rows of an answer.
fn answer(question: &str) -> Vec<String> {
    let said = ask(&folder(), question);
    said.lines().skip(1).filter(|line| !line.starts_with("note: ")).map(str::to_owned).collect()
}

/// Keys with text before the missing one, as answers are sorted.
fn key(value: Option<String>) -> (bool, String) {
    (value.is_none(), value.unwrap_or_default())
}

#[test]
fn three_arrests_within_ninety_days() {
    let arrests = read("arrests.csv");
    let mut people: BTreeMap<(bool, String), BTreeSet<String>> = BTreeMap::new();
    let mut times: HashMap<&str, Vec<NaiveDateTime>> = HashMap::new();
    for arrest in &arrests {
        times.entry(&arrest["person_id"]).or_default().push(time(&arrest["arrested_at"]));
    }
    for one in &arrests {
        let (person, at) = (&one["person_id"], time(&one["arrested_at"]));
        let within = |then: &&NaiveDateTime| at - Days::new(90) < **then && **then <= at;
        if !person.is_empty() && times[person.as_str()].iter().filter(within).count() >= 3 {
            people.entry(key(borough(&one["borough"]))).or_default().insert(person.clone());
        }
    }
    let counted: Vec<String> =
        people.iter().map(|((_, borough), people)| format!("{borough},{}", people.len())).collect();
    assert!(!counted.is_empty());
    let question = "arrests | where count(per person_id over 90 days of arrested_at) >= 3 \
                    | summarise people = distinct(person_id) by borough";
    assert_eq!(answer(question), counted);
}

#[test]
fn cash_of_people_arrested_more_than_once() {
    let arrests = read("arrests.csv");
    let mut times: HashMap<&str, usize> = HashMap::new();
    arrests.iter().for_each(|arrest| *times.entry(&arrest["person_id"]).or_default() += 1);
    let again: HashMap<&str, &str> = arrests
        .iter()
        .filter(|arrest| !arrest["person_id"].is_empty() && times[arrest["person_id"].as_str()] > 1)
        .map(|arrest| (arrest["arrest_id"].as_str(), arrest["role"].as_str()))
        .collect();
    let mut cash: HashMap<&str, i64> = again.values().map(|role| (*role, 0)).collect();
    let seizures = read("seizures.csv");
    for seizure in seizures.iter().filter(|seizure| seizure["category"] == "cash" && seizure["unit"] == "GBP")
    {
        if let Some(role) = again.get(seizure["arrest_id"].as_str()) {
            *cash.get_mut(role).unwrap() += money(&seizure["quantity"]);
        }
    }
    let counted: Vec<String> = ["line holder", "runner", "other", ""]
        .iter()
        .filter_map(|role| cash.get(role).map(|cash| format!("{role},{}", pounds(*cash))))
        .collect();
    let question = "arrests | where count(per person_id) > 1 \
                    | summarise cash = sum(seizures.value where category = \"cash\") by role";
    assert_eq!(answer(question), counted);
}

#[test]
fn cash_so_far() {
    let mut days: BTreeMap<String, i64> = BTreeMap::new();
    for seizure in read("seizures.csv") {
        let day = &seizure["seized_on"];
        if day.starts_with("2023-10-") && seizure["category"] == "cash" {
            *days.entry(day.clone()).or_default() += money(&seizure["quantity"]);
        }
    }
    let mut so_far = 0;
    let counted: Vec<String> = days
        .iter()
        .map(|(day, cash)| {
            so_far += cash;
            format!("{day},{},{}", pounds(*cash), pounds(so_far))
        })
        .collect();
    assert!(counted.len() > 10);
    let question = "seizures | where seized_on in 2023-10 and category = \"cash\" \
                    | summarise cash = sum(value) by day(seized_on) | let so_far = running(cash sorted by day)";
    assert_eq!(answer(question), counted);
}

#[test]
fn four_weeks_mean() {
    let mut weeks: BTreeMap<NaiveDate, i64> = BTreeMap::new();
    for arrest in read("arrests.csv") {
        let day = time(&arrest["arrested_at"]).date();
        let monday = day - Days::new(day.weekday().num_days_from_monday().into());
        if (NaiveDate::from_ymd_opt(2023, 9, 4)..=NaiveDate::from_ymd_opt(2023, 10, 29)).contains(&Some(day))
        {
            *weeks.entry(monday).or_default() += 1;
        }
    }
    let weeks: Vec<(NaiveDate, i64)> = weeks.into_iter().collect();
    let counted: Vec<String> = weeks
        .iter()
        .enumerate()
        .map(|(at, (week, count))| {
            let four = at.checked_sub(3).map(|from| weeks[from..=at].iter().map(|(_, n)| n).sum::<i64>());
            let mean = four.map_or(String::new(), |sum| (sum as f64 / 4.0).to_string());
            let change =
                at.checked_sub(1).map_or(String::new(), |before| (count - weeks[before].1).to_string());
            format!("{week},{count},{mean},{change}")
        })
        .collect();
    assert_eq!(counted.len(), 8);
    let question = "arrests | where arrested_at in 2023-09-04..2023-10-29 | count by week(arrested_at) \
                    | let mean = mean(count sorted by week over 4 rows), change = count - before(count sorted by week)";
    assert_eq!(answer(question), counted);
}

#[test]
fn shares_of_boroughs() {
    let mut boroughs: BTreeMap<(bool, String), usize> = BTreeMap::new();
    let week = NaiveDate::from_ymd_opt(2023, 10, 9)..=NaiveDate::from_ymd_opt(2023, 10, 15);
    for arrest in read("arrests.csv") {
        if week.contains(&Some(time(&arrest["arrested_at"]).date())) {
            *boroughs.entry(key(borough(&arrest["borough"]))).or_default() += 1;
        }
    }
    let all: usize = boroughs.values().sum();
    assert_eq!(all, 290);
    let mut counted: Vec<(usize, &str, usize)> = boroughs
        .iter()
        .map(|((_, name), n)| (1 + boroughs.values().filter(|other| *other > n).count(), name.as_str(), *n))
        .collect();
    counted.sort_by_key(|(rank, ..)| *rank);
    let question = "arrests | where arrested_at in 2023-W41 | count by borough \
                    | let share = share(count) to %, rank = rank(-count) | sort rank | take 10";
    let answer = answer(question);
    assert_eq!(answer.len(), 10);
    for ((rank, name, n), line) in counted.iter().zip(answer) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(
            (cells[0], cells[1], cells[3]),
            (*name, n.to_string().as_str(), rank.to_string().as_str())
        );
        let share: f64 = cells[2].parse().unwrap();
        assert!((share - *n as f64 * 100.0 / all as f64).abs() < 1e-9, "{line}");
    }
}
