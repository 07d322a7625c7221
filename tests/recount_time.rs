//! The questions of time over the example casebook, counted without any of Casebook: plain loops over the CSV files,
//! with the days of the week and the quarters by chrono.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")
}

/// A file's records by heading.
fn read(name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder().join(name)).unwrap();
    let header = reader.headers().unwrap().clone();
    let record = |line: csv::StringRecord| {
        header.iter().map(str::to_owned).zip(line.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|line| record(line.unwrap())).collect()
}

fn moments(name: &str, column: &str) -> Vec<NaiveDateTime> {
    let moment = |text: &str| {
        let formats = ["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"];
        formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    };
    let records = read(name);
    let found: Vec<_> = records.iter().filter_map(|record| moment(&record[column])).collect();
    assert_eq!(found.len(), records.len());
    found
}

fn days(name: &str, column: &str) -> Vec<NaiveDate> {
    read(name).iter().filter_map(|record| record[column].parse().ok()).collect()
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// How many there are of each, as lines of CSV below a heading.
fn counted<T: Ord>(heading: &str, values: impl Iterator<Item = T>, show: impl Fn(&T) -> String) -> String {
    let mut counts: BTreeMap<T, u32> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_default() += 1);
    let lines: String = counts.iter().map(|(value, count)| format!("{},{count}\n", show(value))).collect();
    format!("{heading},count\n{lines}")
}

#[test]
fn the_questions_of_time_give_the_same_figures() {
    let arrests = moments("arrests.csv", "arrested_at");
    let charges = days("charges.csv", "charged_on");
    let mut weekdays = "weekday,arrests,night\n".to_string();
    for (at, name) in
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].into_iter().enumerate()
    {
        let on = arrests.iter().filter(|t| t.weekday().num_days_from_monday() as usize == at);
        let night = on.clone().filter(|t| !(6..22).contains(&t.hour()));
        weekdays.push_str(&format!("{name},{},{}\n", on.count(), night.count()));
    }
    let week = arrests.iter().filter(|t| (day(2023, 10, 9)..=day(2023, 10, 15)).contains(&t.date()));
    let quarters = charges.iter().filter(|d| (day(2022, 1, 1)..=day(2023, 9, 30)).contains(d));
    let quarter = |d: &NaiveDate| (d.year(), d.month().div_ceil(3));
    let fy = |d: &NaiveDate| if d.month() >= 4 { d.year() } else { d.year() - 1 };
    let monday = |d: &NaiveDate| *d - chrono::Days::new(d.weekday().num_days_from_monday().into());
    let four = charges.iter().filter(|d| (day(2023, 9, 18)..=day(2023, 10, 15)).contains(d));
    let so_far = arrests.iter().filter(|t| (day(2023, 4, 1)..=day(2023, 10, 16)).contains(&t.date()));
    let lines: Vec<(NaiveDate, NaiveDate)> = read("lines.csv")
        .iter()
        .filter_map(|line| Some((line["opened_on"].parse().ok()?, line["closed_on"].parse().ok()?)))
        .collect();
    let years = lines.iter().map(|(opened, closed)| closed.years_since(*opened).unwrap());
    let quick = lines.iter().filter(|(opened, closed)| *closed <= *opened + chrono::Months::new(3)).count();
    let answers = [
        weekdays,
        counted("hour", week.map(|t| t.hour()), |hour| hour.to_string()),
        counted("quarter", quarters.map(quarter), |(year, quarter)| format!("{year}-Q{quarter}")),
        counted("fy", charges.iter().map(fy), |year| format!("fy {year}")),
        counted("week", four.map(monday), |day| day.to_string()),
        counted("month", so_far.map(|t| (t.year(), t.month())), |(year, month)| format!("{year}-{month:02}")),
        counted("years", years, |years| years.to_string()),
        format!("count\n{quick}\n"),
    ];
    let golden = std::fs::read_to_string(folder().join("time.expected.csv")).unwrap();
    assert_eq!(golden, answers.join("\n"));
}
