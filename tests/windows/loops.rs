//! Every window against plain loops: for each row the rows that count are gathered, and the aggregate is worked out
//! from the definition.

use super::Book;

/// One row: a group, somebody, a day, a value, whether it counts.
struct Row {
    group: Option<&'static str>,
    id: Option<&'static str>,
    day: Option<i64>,
    n: Option<i64>,
    ok: bool,
}

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn rows(seed: u64) -> Vec<Row> {
    let mut dice = Dice(seed);
    let many = [0, 1, 2, 7, 60][seed as usize % 5];
    (0..many)
        .map(|_| Row {
            group: [Some("x"), Some("y"), None][dice.roll(3) as usize],
            id: [Some("p"), Some("q"), Some("r"), None][dice.roll(4) as usize],
            day: (dice.roll(6) > 0).then(|| dice.roll(12) as i64),
            n: (dice.roll(5) > 0).then(|| dice.roll(9) as i64 - 4),
            ok: dice.roll(3) > 0,
        })
        .collect()
}

fn book(rows: &[Row]) -> Book {
    let mut csv = "row,g,i,d,n,ok\n".to_string();
    for (at, row) in rows.iter().enumerate() {
        let day = row.day.map_or(String::new(), |day| format!("2023-01-{:02}", day + 1));
        let n = row.n.map_or(String::new(), |n| n.to_string());
        let (g, i) = (row.group.unwrap_or(""), row.id.unwrap_or(""));
        csv += &format!("{at},{g},{i},{day},{n},{}\n", row.ok);
    }
    let catalogue = "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nrow = \"integer\"\ng = \"text\"\ni = \"id\"\n\
                     d = \"date\"\nn = \"integer\"\nok = \"bool\"\n";
    Book::new(&[("casebook.toml", catalogue), ("t.csv", &csv)])
}

type Rows<'r> = Vec<&'r Row>;

fn known(rows: &Rows) -> Vec<i64> {
    rows.iter().filter_map(|row| row.n).collect()
}

fn sorted(rows: &Rows) -> Vec<i64> {
    let mut values = known(rows);
    values.sort_unstable();
    values
}

fn number(value: Option<f64>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn text(values: &[i64]) -> String {
    let joined = values.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    if joined.contains(',') { format!("\"{joined}\"") } else { joined }
}

fn quantile(rows: &Rows, q: f64) -> Option<f64> {
    let values = sorted(rows);
    let at = values.len().checked_sub(1)? as f64 * q;
    let (low, high) = (values[at.floor() as usize] as f64, values[at.ceil() as usize] as f64);
    Some(low + (high - low) * at.fract())
}

fn stddev(rows: &Rows) -> Option<f64> {
    let values = known(rows);
    let mean = values.iter().sum::<i64>() as f64 / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (*value as f64 - mean).powi(2)).sum();
    let root = (squares / values.len().checked_sub(1).filter(|many| *many > 0)? as f64).sqrt();
    format!("{root:.8e}").parse().ok()
}

/// An aggregate as it is written and as it is worked out. Those of `all` look at rows, not at known values.
type Aggregate = (&'static str, &'static str, fn(&Rows) -> String);

const AGGREGATES: &[Aggregate] = &[
    ("count", "", |rows| rows.len().to_string()),
    ("count", "n", |rows| known(rows).len().to_string()),
    ("sum", "n", |rows| match (rows.len(), known(rows)) {
        (1.., values) if values.is_empty() => String::new(),
        (_, values) => values.iter().sum::<i64>().to_string(),
    }),
    ("mean", "n", |rows| {
        let values = known(rows);
        let mean = values.iter().sum::<i64>() as f64 / values.len() as f64;
        number((!values.is_empty()).then_some(mean))
    }),
    ("median", "n", |rows| number(quantile(rows, 0.5))),
    ("quantile", "n, 0.25", |rows| number(quantile(rows, 0.25))),
    ("stddev", "n", |rows| number(stddev(rows))),
    ("min", "n", |rows| sorted(rows).first().map_or(String::new(), i64::to_string)),
    ("max", "n", |rows| sorted(rows).last().map_or(String::new(), i64::to_string)),
    ("distinct", "n", |rows| {
        let mut values = sorted(rows);
        values.dedup();
        values.len().to_string()
    }),
    ("any", "n > 0", |rows| known(rows).iter().any(|n| *n > 0).to_string()),
    ("all", "n > 0", |rows| known(rows).iter().all(|n| *n > 0).to_string()),
    ("no", "n > 0", |rows| (!known(rows).iter().any(|n| *n > 0)).to_string()),
    ("first", "n", |rows| known(rows).first().map_or(String::new(), i64::to_string)),
    ("last", "n", |rows| known(rows).last().map_or(String::new(), i64::to_string)),
    ("list", "n", |rows| text(&known(rows))),
];

/// Which rows stand in a row's group, in order: missing days last, ties as the rows stand. `None` for a row of nobody.
fn line<'r>(rows: &'r [Row], of: &Row, per: &str) -> Option<Rows<'r>> {
    let mut line: Rows = match per {
        "g" => rows.iter().filter(|row| row.group == of.group).collect(),
        "i" => {
            of.id?;
            rows.iter().filter(|row| row.id == of.id).collect()
        }
        _ => rows.iter().collect(),
    };
    line.sort_by_key(|row| (row.day.is_none(), row.day));
    Some(line)
}

/// One part: how it is written, and which rows of the line belong to the row at a place.
type Part = (&'static str, for<'r> fn(&Rows<'r>, usize) -> Option<Rows<'r>>);

const PARTS: &[Part] = &[
    ("sorted by d over 1 row", |line, at| Some(vec![line[at]])),
    ("sorted by d over 3 rows", |line, at| at.checked_sub(2).map(|from| line[from..=at].to_vec())),
    ("sorted by d over 3 rows before", |line, at| at.checked_sub(3).map(|from| line[from..at].to_vec())),
    ("over 3 days of d", |line, at| {
        let now = line[at].day?;
        let inside = |row: &&&Row| row.day.is_some_and(|day| now - 3 < day && day <= now);
        Some(line.iter().filter(inside).copied().collect())
    }),
];

/// The answer's columns, row by row, against what the loops give.
fn compare(book: &Book, windows: &[(String, Vec<String>)], seed: u64) {
    let lets: Vec<String> =
        windows.iter().enumerate().map(|(at, (window, _))| format!("w{at} = {window}")).collect();
    let said = book.ask(&format!("t | select {}", lets.join(", ")));
    let answer: Vec<&str> = said.lines().filter(|line| !line.starts_with("note: ")).collect();
    let many = windows.first().map_or(0, |(_, values)| values.len());
    assert_eq!(answer.len(), many + 1, "{said}");
    let mut reader = csv::Reader::from_reader(said.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().take(many).map(Result::unwrap).collect();
    for (at, (window, values)) in windows.iter().enumerate() {
        for (row, value) in values.iter().enumerate() {
            let value = value.trim_matches('"');
            assert_eq!(&records[row][at], value, "seed {seed}, {window}, row {row}");
        }
    }
}

#[test]
fn aggregates_over_whole_groups_and_parts() {
    for seed in [0, 1, 2, 3, 4, 9] {
        let rows = rows(seed);
        let book = book(&rows);
        let mut windows: Vec<(String, Vec<String>)> = Vec::new();
        for per in ["", "g", "i"] {
            for (filter, passes) in [("", None), (" where ok", Some(true))] {
                let keys = if per.is_empty() { String::new() } else { format!(" per {per}") };
                let counts = |line: Rows<'_>, gives: fn(&Rows) -> String| {
                    let line: Vec<&Row> = line.into_iter().filter(|row| passes.is_none() || row.ok).collect();
                    gives(&line)
                };
                for (name, arg, gives) in AGGREGATES {
                    let gap = if arg.is_empty() { "" } else { " " };
                    let inner = format!("{arg}{}", if gap.is_empty() { filter.trim_start() } else { filter });
                    let whole = match *name {
                        "first" | "last" | "list" => format!("{name}({inner}{keys} sorted by d)"),
                        _ if inner.is_empty() => format!("{name}({})", keys.trim_start()),
                        _ => format!("{name}({inner}{keys})"),
                    };
                    let value =
                        |row| line(&rows, row, per).map_or(String::new(), |line| counts(line, *gives));
                    windows.push((whole, rows.iter().map(value).collect()));
                    for (part, inside) in PARTS {
                        // Over a span of time a list is sorted by value.
                        if *name == "list" && part.starts_with("over") {
                            continue;
                        }
                        let value = |row: &Row| {
                            let line = line(&rows, row, per)?;
                            let at = line.iter().position(|other| std::ptr::eq(*other, row))?;
                            Some(counts(inside(&line, at)?, *gives))
                        };
                        let values = rows.iter().map(|row| value(row).unwrap_or_default()).collect();
                        let clauses = format!("{inner}{keys} {part}");
                        windows.push((format!("{name}({})", clauses.trim_start()), values));
                    }
                }
            }
        }
        for windows in windows.chunks(60) {
            compare(&book, windows, seed);
        }
    }
}

#[test]
fn places_in_a_line() {
    for seed in [0, 1, 2, 3, 4, 9] {
        let rows = rows(seed);
        let book = book(&rows);
        let mut windows: Vec<(String, Vec<String>)> = Vec::new();
        for per in ["", "g", "i"] {
            let keys = if per.is_empty() { String::new() } else { format!(" per {per}") };
            let place = |row: &Row| {
                let line = line(&rows, row, per)?;
                let at = line.iter().position(|other| std::ptr::eq(*other, row))?;
                Some((line, at))
            };
            let each = |gives: &dyn Fn(&Row, Rows, usize) -> Option<String>| -> Vec<String> {
                let value = |row| place(row).and_then(|(line, at)| gives(row, line, at));
                rows.iter().map(|row| value(row).unwrap_or_default()).collect()
            };
            let n = |row: &&Row| row.n.map(|n| n.to_string());
            windows.push((
                format!(
                    "row_number({}sorted by d)",
                    keys.trim_start().to_owned() + if per.is_empty() { "" } else { " " }
                ),
                each(&|_, _, at| Some((at + 1).to_string())),
            ));
            windows.push((
                format!("before(n{keys} sorted by d)"),
                each(&|_, line, at| line.get(at.checked_sub(1)?).and_then(n)),
            ));
            windows.push((
                format!("after(n, 2{keys} sorted by d)"),
                each(&|_, line, at| line.get(at + 2).and_then(n)),
            ));
            windows.push((
                format!("rank(n{keys})"),
                each(&|row, line, _| {
                    let own = row.n?;
                    Some((1 + known(&line).iter().filter(|n| **n < own).count()).to_string())
                }),
            ));
            windows.push((
                format!("rank(-n where ok{keys})"),
                each(&|row, line, _| {
                    let own = row.n.filter(|_| row.ok)?;
                    let ahead = line.iter().filter(|other| other.ok && other.n.is_some_and(|n| n > own));
                    Some((1 + ahead.count()).to_string())
                }),
            ));
            windows.push((
                format!("running(n{keys} sorted by d)"),
                each(&|_, line, at| {
                    let values = known(&line[..=at].to_vec());
                    (!values.is_empty()).then(|| values.iter().sum::<i64>().to_string())
                }),
            ));
            windows.push((
                format!("share(n{keys})"),
                each(&|row, line, _| {
                    let share = row.n? as f64 / known(&line).iter().sum::<i64>() as f64;
                    share.is_finite().then(|| (share + 0.0).to_string())
                }),
            ));
        }
        compare(&book, &windows, seed);
    }
}
