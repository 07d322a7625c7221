//! What functions and reckoning of time give, on a few lines worked out by hand.

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

const RECORDS: &str = "n,at,day,other,born\n\
    1,2023-10-31 23:59:59,2023-10-31,2023-10-29,2004-02-29\n\
    2,2024-02-29 00:00,2024-02-29,2024-03-02,2000-10-16\n\
    3,2023-10-02 08:30,2023-10-02,2023-10-02,2030-01-01\n\
    4,,,,\n\
    5,9999-12-31 12:00,9999-12-31,0001-01-01,1999-12-31\n";

/// The answer as CSV, or the code of what is wrong; as of 16 October 2023.
fn ask(head: &str, question: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let types = "at = \"datetime\"\nday = \"date\"\nother = \"date\"\nborn = \"date\"\n";
    let catalogue =
        format!("{head}[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nn = \"integer\"\n{types}");
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    std::fs::write(folder.path().join("t.csv"), RECORDS).unwrap();
    let casebook = Casebook::open(folder.path()).unwrap();
    let settings = Settings { as_of: Some(19_646), ..Settings::default() };
    match casebook.compile(question, &settings) {
        Ok(queries) => {
            let answer = casebook.answer(&queries[0]).unwrap();
            String::from_utf8(write(&[answer], Format::Csv, Options::default()).unwrap()).unwrap()
        }
        Err(mistakes) => format!("{}: {}", mistakes[0].code, mistakes[0].message),
    }
}

/// The one column that an expression gives, row by row.
#[track_caller]
fn gives(expr: &str, wanted: [&str; 5]) {
    let answer = ask("", &format!("t | sort n | select x = {expr}"));
    let values: Vec<&str> =
        answer.lines().skip(1).map(|line| if line == "\"\"" { "" } else { line }).collect();
    assert_eq!(values, wanted, "{expr}");
}

#[test]
fn bins_and_parts() {
    gives("day(at)", ["2023-10-31", "2024-02-29", "2023-10-02", "", "9999-12-31"]);
    gives("week(at)", ["2023-10-30", "2024-02-26", "2023-10-02", "", "9999-12-27"]);
    gives("quarter(at)", ["2023-Q4", "2024-Q1", "2023-Q4", "", "9999-Q4"]);
    gives("fy(day)", ["fy 2023", "fy 2023", "fy 2023", "", "fy 9999"]);
    gives("weekday(at)", ["Tuesday", "Thursday", "Monday", "", "Friday"]);
    gives("hour(at)", ["23", "0", "8", "", "12"]);
    gives("month_of_year(day)", ["10", "2", "10", "", "12"]);
    gives("day_of_month(at)", ["31", "29", "2", "", "31"]);
    // What is reckoned from an hour is no hour.
    gives("hour(at) + 1000", ["1023", "1000", "1008", "", "1012"]);
}

#[test]
fn financial_years_begin_when_the_catalogue_says() {
    for (month, years) in [
        ("January", ["fy 2023", "fy 2024"]),
        ("October", ["fy 2023", "fy 2023"]),
        ("November", ["fy 2022", "fy 2023"]),
    ] {
        let head = format!("financial_year_starts = \"{month}\"\n");
        let answer = ask(&head, "t | where n <= 2 | sort n | select fy(at)");
        assert_eq!(answer, format!("fy\n{}\n{}\n", years[0], years[1]), "{month}");
    }
    let head = "financial_year_starts = \"October\"\n";
    assert_eq!(ask(head, "t | where day in this fy | count"), "count\n3\n");
    assert_eq!(ask(head, "t | where fy(day) = this fy | count"), "count\n3\n");
    assert_eq!(ask(head, "t | where day in fy to date | count"), "count\n1\n");
    assert_eq!(ask("", "t | where day in fy to date | count"), "count\n1\n");
    assert_eq!(ask("", "t | where fy(day) in [fy 2022, fy 2023] | count"), "count\n3\n");
    assert_eq!(ask("", "t | count by fy(day)"), "fy,count\nfy 2023,3\nfy 9999,1\n,1\n");
}

#[test]
fn groups_by_weekday_stand_in_the_order_of_the_week() {
    assert_eq!(
        ask("", "t | count by weekday(at)"),
        "weekday,count\nMonday,1\nTuesday,1\nThursday,1\nFriday,1\n,1\n"
    );
    assert_eq!(ask("", "t | where weekday(at) > \"Monday\" | count"), "count\n3\n");
    assert_eq!(ask("", "t | where weekday(at) in [\"Monday\", \"Friday\"] | count"), "count\n2\n");
    assert_eq!(ask("", "t | summarise last = max(weekday(at))"), "last\nFriday\n");
}

#[test]
fn durations_and_months_are_added() {
    gives(
        "at + 90 minutes",
        ["2023-11-01T01:29:59", "2024-02-29T01:30:00", "2023-10-02T10:00:00", "", "9999-12-31T13:30:00"],
    );
    gives("at + 1 day", ["2023-11-01T23:59:59", "2024-03-01T00:00:00", "2023-10-03T08:30:00", "", ""]);
    gives("day + 36 hours", ["2023-11-01", "2024-03-01", "2023-10-03", "", ""]);
    gives("day - 36 hours", ["2023-10-30", "2024-02-28", "2023-10-01", "", "9999-12-30"]);
    // Taking away is adding what is less than nought.
    gives("day + -36 hours", ["2023-10-30", "2024-02-28", "2023-10-01", "", "9999-12-30"]);
    gives("day + 1 month", ["2023-11-30", "2024-03-29", "2023-11-02", "", ""]);
    gives("1 quarter + day", ["2024-01-31", "2024-05-29", "2024-01-02", "", ""]);
    gives(
        "at - 1 year",
        ["2022-10-31T23:59:59", "2023-02-28T00:00:00", "2022-10-02T08:30:00", "", "9998-12-31T12:00:00"],
    );
    gives("other - 2023 years", ["", "0001-03-02", "", "", ""]);
    gives("day + 9999999999 months", ["", "", "", "", ""]);
    gives("day - other", ["2", "-2", "0", "", "3652058"]);
    gives("at - day", ["0", "0", "0", "", "0"]);
    assert_eq!(ask("", "t | where day + 1 month = 2023-11-30 | count"), "count\n1\n");
    assert_eq!(ask("", "t | where day in today - 2 weeks..today + 1 month | count"), "count\n2\n");
}

#[test]
fn made_of_parts() {
    gives("date(2023, n, 30)", ["2023-01-30", "", "2023-03-30", "2023-04-30", "2023-05-30"]);
    gives(
        "datetime(day, 23, 59)",
        ["2023-10-31T23:59:00", "2024-02-29T23:59:00", "2023-10-02T23:59:00", "", "9999-12-31T23:59:00"],
    );
    gives("datetime(2023-10-09, n * 8, 0)", ["2023-10-09T08:00:00", "2023-10-09T16:00:00", "", "", ""]);
    gives(
        "datetime(at, 0, n - 2)",
        ["", "2024-02-29T00:00:00", "2023-10-02T00:01:00", "", "9999-12-31T00:03:00"],
    );
    gives("age(born, day)", ["19", "23", "", "", "8000"]);
    gives("age(born, today)", ["19", "23", "", "", "23"]);
    gives("age(2004-02-29, at)", ["19", "20", "19", "", "7995"]);
}

#[test]
fn days_have_names() {
    gives("yesterday", ["2023-10-15"; 5]);
    gives("tomorrow - today", ["1"; 5]);
    assert_eq!(
        ask("", "t | where at < 2023-11 | count"),
        "type-period: 2023-11 is a span of days: a date is not equal to it, before it or after it"
    );
    assert_eq!(
        ask("", "param d: date = yesterday\nt | where n = 3 | let x = $d | select x"),
        "x\n2023-10-15\n"
    );
    assert_eq!(ask("", "param p: period = last 1 month\nt | where month(day) = $p | count"), "count\n0\n");
}
