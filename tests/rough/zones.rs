//! Moments of the whole world, read on the clocks of the catalogue's time zone: each way to store them, over both
//! the changes of the clocks.

use super::typed::{DAY, moments, zoned};
use super::*;

/// Microseconds since 1970, by hand: 26 March 2023 is day 19,442 and 29 October day 19,659.
const CHANGES: [(i64, i64, &str); 6] = [
    (19_442, 3_599, "2023-03-26T00:59:59"),
    (19_442, 3_600, "2023-03-26T02:00:00"),
    (19_538, 84_600, "2023-07-01T00:30:00"),
    (19_659, 3_599, "2023-10-29T01:59:59"),
    (19_659, 3_600, "2023-10-29T01:00:00"),
    (-165, 73_020, "1969-07-20T21:17:00"),
];

/// Each way to store moments, read on London's clocks, over both their changes.
#[test]
fn times_become_those_of_the_wall_clock() {
    let micros: Vec<Option<i64>> =
        CHANGES.iter().map(|(day, second, _)| Some(day * DAY + second * 1_000_000)).collect();
    let wall: Vec<&str> = CHANGES.iter().map(|(.., wall)| *wall).collect();
    let rows: Vec<i64> = (1..=6).collect();
    let head = "timezone = \"Europe/London\"\n[tables.t]\nsource = \"FILE\"\n[tables.t.columns]\nrow = \"integer\"\n";
    let ways = [
        ("x = { type = \"datetime\", utc = true }\n", moments("x", TimeUnit::Microseconds, &micros)),
        ("x = { type = \"datetime\", utc = true }\n", zoned(TimeUnit::Microseconds, "UTC", &micros)),
        ("x = \"datetime\"\n", zoned(TimeUnit::Microseconds, "UTC", &micros)),
        ("x = \"datetime\"\n", zoned(TimeUnit::Microseconds, "America/New_York", &micros)),
        ("", zoned(TimeUnit::Microseconds, "UTC", &micros)),
    ];
    let answer: String = rows.iter().zip(&wall).map(|(row, at)| format!("{row},{at}\n")).collect();
    for (declared, stored) in ways {
        for file in ["t.parquet", "t.arrow"] {
            let folder = Folder::with(&format!("{}{declared}", head.replace("FILE", file)));
            let columns = vec![Column::new("row".into(), &rows), stored.clone()];
            match file {
                "t.parquet" => folder.parquet(file, columns),
                _ => folder.arrow(file, columns),
            }
            on_londons_clocks(&folder, &answer);
        }
    }
    let texts = |utc: &dyn Fn(&str) -> String| -> Vec<String> {
        let at =
            |at: i64| casebook::types::time::datetime_of(at).unwrap().format("%Y-%m-%dT%H:%M:%S").to_string();
        micros.iter().flatten().map(|micros| utc(&at(*micros))).collect()
    };
    let ways = [
        ("x = { type = \"datetime\", utc = true }\n", texts(&|at| at.to_string())),
        ("x = { type = \"datetime\", utc = true }\n", texts(&|at| format!("{at}Z"))),
        ("x = { type = \"datetime\", utc = true }\n", texts(&|at| format!("{at}+00:00").replace('T', " "))),
        (
            "x = { type = \"datetime\", utc = true, formats = [\"%d.%m.%Y %H:%M:%S\"] }\n",
            texts(&|at| format!("{}.{}.{} {}", &at[8..10], &at[5..7], &at[..4], &at[11..])),
        ),
        (
            "x = { type = \"datetime\", utc = true, formats = [\"%Y%m%d %H:%M:%S %z\"] }\n",
            texts(&|at| format!("{} {} +0000", at[..10].replace('-', ""), &at[11..])),
        ),
    ];
    for (declared, values) in ways {
        let folder = Folder::with(&format!("{}{declared}", head.replace("FILE", "t.csv")));
        let lines: String = rows.iter().zip(&values).map(|(row, at)| format!("{row},{at}\n")).collect();
        folder.put("t.csv", format!("row,x\n{lines}"));
        on_londons_clocks(&folder, &answer);
        let folder = Folder::with(&format!("{}{declared}", head.replace("FILE", "t.ndjson")));
        let lines: String = rows
            .iter()
            .zip(&values)
            .map(|(row, at)| format!("{{\"row\": {row}, \"x\": \"{at}\"}}\n"))
            .collect();
        folder.put("t.ndjson", lines);
        on_londons_clocks(&folder, &answer);
    }
}

/// Asked twice, the second time of what the cache knows; and filters find what is shown.
fn on_londons_clocks(folder: &Folder, answer: &str) {
    folder.notes("t | sort row", &format!("row,x\n{answer}"), "");
    folder.notes("t | where x in 2023-07-01 | select row", "row\n3\n", "");
    folder.notes("t | where x >= 2023-10-29T01:30 | select row", "row\n4\n", "");
    folder.notes("t | where hour(x) = 1 | sort row | select row", "row\n4\n5\n", "");
    folder.notes("t | where x < 2023-03-26T02:00 and x > 2023-03-26T00:59 | select row", "row\n1\n", "");
}

/// A time without a zone beside `utc = true` is Greenwich's; what is marked as missing is so as the file has it.
#[test]
fn marked_moments_are_marked_at_greenwich() {
    let head = "timezone = \"Europe/London\"\n[tables.t]\nsource = \"FILE\"\nmissing = [\"2023-07-01 00:00\"]\n[tables.t.columns]\nx = { type = \"datetime\", utc = true }\n";
    let day = 19_539 * DAY;
    let folder = Folder::with(&head.replace("FILE", "t.parquet"));
    folder.parquet(
        "t.parquet",
        vec![moments("x", TimeUnit::Microseconds, &[Some(day), Some(day - 3_600_000_000)])],
    );
    folder.notes("t", "x\n\"\"\n2023-07-01T00:00:00\n", "");
    let folder = Folder::with(&head.replace("FILE", "t.csv"));
    folder.put("t.csv", "x\n2023-07-01 00:00\n2023-06-30 23:00\n");
    folder.notes("t", "x\n\"\"\n2023-07-01T00:00:00\n", "");
}

/// Offsets in text that nobody declared: the note says how.
#[test]
fn offsets_in_text() {
    let folder = Folder::new();
    folder.put("t.csv", "x\n2023-10-09T14:30:00Z\n2023-10-09T14:30:00+01:00\n");
    let ended = folder.ask("t | where x is known | count");
    assert!(ended.err.contains("x = { type = \"datetime\", utc = true }"), "{}", ended.err);
    assert_eq!(ended.out, "count\n2\n");
}
