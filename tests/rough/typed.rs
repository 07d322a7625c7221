//! Columnar files whose columns have types of their own, under each type that a catalogue gives.

use super::*;

pub(super) const DAY: i64 = 86_400_000_000;

fn days(name: &str, days: &[Option<i32>]) -> Column {
    Column::new(name.into(), days).cast(&DataType::Date).unwrap()
}

pub(super) fn moments(name: &str, unit: TimeUnit, counts: &[Option<i64>]) -> Column {
    Column::new(name.into(), counts).cast(&DataType::Datetime(unit, None)).unwrap()
}

/// One stored column `x` beside a number for each row, in both columnar formats: what shows of it and the note.
#[track_caller]
fn shows(declared: &str, stored: Column, shown: &[&str], note: &str) {
    let rows: Vec<i64> = (1..=stored.len() as i64).collect();
    for file in ["t.parquet", "t.arrow"] {
        let folder = Folder::with(&format!(
            "[tables.t]\nsource = \"{file}\"\n[tables.t.columns]\nrow = \"integer\"\n{declared}\n"
        ));
        let columns = vec![Column::new("row".into(), &rows), stored.clone()];
        if file == "t.parquet" {
            folder.parquet(file, columns)
        } else {
            folder.arrow(file, columns)
        }
        let note = note.replace("FILE", file);
        let answer: String = rows.iter().zip(shown).map(|(row, value)| format!("{row},{value}\n")).collect();
        let ended = folder.ask("t | sort row");
        assert_eq!((ended.code, &*ended.err), (0, &*note), "{declared} of {}", stored.dtype());
        let body = ended.out.split_once('\n').unwrap().1;
        assert_eq!(body, answer, "{declared} of {}", stored.dtype());
        assert_eq!(folder.ask("t | sort row"), ended);
        let known = shown.iter().filter(|value| !value.is_empty()).count();
        assert_eq!(folder.ask("t | where x is known | count").out, format!("count\n{known}\n"));
    }
}

fn unfit(count: usize, row: usize) -> String {
    match count {
        1 => format!("note: a value does not fit and counts as missing: 1 of t.x (FILE, row {row})\n"),
        n => format!("note: values do not fit and count as missing: {n} of t.x (first FILE, row {row})\n"),
    }
}

#[test]
fn whole_numbers() {
    let ints = Column::new("x".into(), [Some(7i32), None, Some(-12)]);
    for declared in ["x = \"integer\"", "x = \"number\"", "x = \"id\"", "x = \"text\"", ""] {
        shows(declared, ints.clone(), &["7", "", "-12"], "");
    }
    let short = Column::new("x".into(), [Some(7u8), None, Some(255)]);
    for declared in ["x = \"integer\"", "x = \"number\"", "x = \"id\"", "x = \"text\"", ""] {
        shows(declared, short.clone(), &["7", "", "255"], "");
    }
    let coded = "x = { type = \"category\", values = { \"7\" = \"seven\", \"-12\" = \"twelve\" } }";
    shows(coded, ints.clone(), &["seven", "", "twelve"], "");
    shows("x = \"money\"", ints.clone(), &["7", "", "-12"], "");
    shows("x = { type = \"mass\", unit = \"kg\" }", ints.clone(), &["7000", "", "-12000"], "");
    shows("x = { type = \"integer\", missing = [\"-12\"] }", ints.clone(), &["7", "", ""], "");
    shows("x = { type = \"id\", missing = \"7\" }", ints.clone(), &["", "", "-12"], "");
    shows("x = { type = \"money\", missing = \"7\" }", ints.clone(), &["", "", "-12"], "");
    shows("x = \"date\"", ints.clone(), &["", "", ""], &unfit(2, 1));
    shows("x = \"bool\"", ints, &["", "", ""], &unfit(2, 1));
}

#[test]
fn more_than_63_bits() {
    let large = Column::new("x".into(), [Some(5u64), None, Some(u64::MAX)]);
    shows("x = \"integer\"", large.clone(), &["5", "", ""], &unfit(1, 3));
    shows("x = \"id\"", large.clone(), &["5", "", "18446744073709551615"], "");
    shows("x = \"text\"", large.clone(), &["5", "", "18446744073709551615"], "");
    // Undeclared: what 64 bits don't hold is an identifier, as it is in a text file.
    shows("", large, &["5", "", "18446744073709551615"], "");
    shows("", Column::new("x".into(), [Some(5u64), None, Some(6)]), &["5", "", "6"], "");
}

#[test]
fn floats() {
    let whole = Column::new("x".into(), [Some(7.0f64), None, Some(12_345_678_901.0)]);
    for declared in ["x = \"integer\"", "x = \"id\"", "x = \"text\"", "x = \"number\""] {
        shows(declared, whole.clone(), &["7", "", "12345678901"], "");
    }
    shows(
        "x = { type = \"category\", values = { \"7\" = \"seven\" } }",
        whole,
        &["seven", "", ""],
        &unfit(1, 3),
    );
    let floats =
        Column::new("x".into(), [Some(0.1f64), Some(f64::NAN), Some(1e-7), Some(-2.5), Some(f64::INFINITY)]);
    for declared in ["x = \"number\"", ""] {
        shows(declared, floats.clone(), &["0.1", "", "0.0000001", "-2.5", ""], &unfit(1, 5));
    }
    shows("x = \"money\"", floats.clone(), &["0.1", "", "0", "-2.5", ""], &unfit(1, 5));
    shows("x = \"integer\"", floats.clone(), &["", "", "", "", ""], &unfit(4, 1));
    shows(
        "x = { type = \"number\", missing = [\"-2.5\", \".1\"] }",
        floats,
        &["", "", "0.0000001", "", ""],
        &unfit(1, 5),
    );
    let short = Column::new("x".into(), [Some(0.1f32), None, Some(7.0)]);
    for declared in ["x = \"number\"", "", "x = \"text\"", "x = \"id\""] {
        shows(declared, short.clone(), &["0.1", "", "7"], "");
    }
}

#[test]
fn decimals() {
    let stored =
        Column::new("x".into(), [Some(12.5f64), None, Some(-3.0)]).cast(&DataType::Decimal(18, 2)).unwrap();
    shows("x = \"number\"", stored.clone(), &["12.5", "", "-3"], "");
    shows("", stored.clone(), &["12.5", "", "-3"], "");
    shows("x = \"money\"", stored.clone(), &["12.5", "", "-3"], "");
    shows("x = \"integer\"", stored, &["", "", "-3"], &unfit(1, 1));
}

#[test]
fn truths() {
    let stored = Column::new("x".into(), [Some(true), None, Some(false)]);
    for declared in ["x = \"bool\"", "", "x = \"text\""] {
        shows(declared, stored.clone(), &["true", "", "false"], "");
    }
    shows(
        "x = { type = \"category\", values = { true = \"yes\", false = \"no\" } }",
        stored.clone(),
        &["yes", "", "no"],
        "",
    );
    shows("x = \"integer\"", stored, &["", "", ""], &unfit(2, 1));
}

#[test]
fn dates() {
    let stored = days("x", &[Some(19_639), None, Some(-1)]);
    let shown = ["2023-10-09", "", "1969-12-31"];
    for declared in ["x = \"date\"", "", "x = \"text\"", "x = { type = \"date\", formats = [\"%d/%m/%Y\"] }"]
    {
        shows(declared, stored.clone(), &shown, "");
    }
    shows("x = \"datetime\"", stored.clone(), &["2023-10-09T00:00:00", "", "1969-12-31T00:00:00"], "");
    shows("x = { type = \"date\", missing = \"1969-12-31\" }", stored.clone(), &["2023-10-09", "", ""], "");
    let own = "x = { type = \"date\", formats = [\"%d/%m/%Y\"], missing = \"31/12/1969\" }";
    shows(own, stored, &["2023-10-09", "", ""], "");
}

#[test]
fn datetimes() {
    let half_past = 19_639 * DAY + DAY / 2 + 30 * 60_000_000;
    let shown = ["2023-10-09T12:30:00", "", "1969-12-31T23:59:59"];
    for (unit, factor) in
        [(TimeUnit::Milliseconds, 0), (TimeUnit::Microseconds, 1), (TimeUnit::Nanoseconds, 1000)]
    {
        let count = |micros: i64| if factor == 0 { micros / 1000 } else { micros * factor };
        let stored = moments("x", unit, &[Some(count(half_past)), None, Some(count(-1_000_000))]);
        for declared in
            ["x = \"datetime\"", "", "x = { type = \"datetime\", formats = [\"%d/%m/%Y %H:%M\"] }"]
        {
            shows(declared, stored.clone(), &shown, "");
        }
        shows("x = \"date\"", stored.clone(), &["2023-10-09", "", "1969-12-31"], "");
        shows("x = \"text\"", stored.clone(), &["2023-10-09 12:30:00", "", "1969-12-31 23:59:59"], "");
        shows(
            "x = { type = \"datetime\", missing = \"2023-10-09 12:30\" }",
            stored.clone(),
            &["", "", shown[2]],
            "",
        );
    }
}

#[test]
fn texts_of_all_kinds() {
    let stored = Column::new("x".into(), [Some(" Camden "), Some(""), Some("  "), None, Some("N/K")]);
    shows("x = { type = \"text\", missing = \"N/K\" }", stored.clone(), &["Camden", "", "", "", ""], "");
    shows("x = { type = \"id\", missing = \"N/K\" }", stored.clone(), &["Camden", "", "", "", ""], "");
    shows("", stored, &["Camden", "", "", "", "N/K"], "");
    // Nothing but an empty text is odd about these.
    let stored = Column::new("x".into(), [Some("a"), Some(""), None]);
    for declared in ["x = \"text\"", "x = \"id\"", ""] {
        shows(declared, stored.clone(), &["a", "", ""], "");
    }
    let stored = Column::new("x".into(), [Some("B"), Some("A"), None, Some("B")]);
    let stored = stored.cast(&DataType::from_categories(Categories::global())).unwrap();
    for declared in ["x = \"text\"", "x = \"id\"", "", "x = { type = \"category\", values = [\"A\", \"B\"] }"]
    {
        shows(declared, stored.clone(), &["B", "A", "", "B"], "");
    }
    // Declared as what the texts say.
    let stored = Column::new("x".into(), [Some("09/10/2023"), Some("2023-10-09")]);
    let declared = "x = { type = \"date\", formats = [\"%d/%m/%Y\"] }";
    shows(declared, stored, &["2023-10-09", ""], &unfit(1, 2));
}

#[test]
fn units_beside_amounts() {
    let catalogue = |file: &str| {
        format!(
            "[tables.t]\nsource = \"{file}\"\nmissing = [\"-1\"]\n[tables.t.columns]\n\
             weight = {{ type = \"mass\", from = \"amount\", unit_from = \"unit\" }}\n\
             cash = {{ type = \"money\", from = \"amount\", unit_from = \"unit\" }}\n"
        )
    };
    let amounts = [
        Column::new("amount".into(), [Some(1.5f64), Some(-1.0), Some(20.0), Some(3.0), None]),
        Column::new("amount".into(), [Some(1.5f32), Some(-1.0), Some(20.0), Some(3.0), None]),
        Column::new("amount".into(), [Some("1.5"), Some("-1"), Some("£20"), Some("3.0"), None]),
    ];
    for amount in amounts {
        let folder = Folder::with(&catalogue("t.parquet"));
        let unit = Column::new("unit".into(), ["kg", "g", "GBP", "stone", "g"]);
        folder.parquet("t.parquet", vec![amount, unit]);
        folder.notes(
            "t | summarise weights = count(weight), drugs = sum(weight), cash = sum(cash)",
            "weights,drugs [g],cash [GBP]\n1,1500,20\n",
            "note: values do not fit and count as missing: 1 of t.weight (t.parquet, row 4), 1 of t.cash (t.parquet, row 4)\n",
        );
    }
}

#[test]
fn keys_and_links_of_other_types() {
    // The charges' arrest ids are floats because one is missing; those of the arrests are texts.
    let catalogue = |arrests: &str| {
        format!(
            "[tables.arrests]\nsource = \"{arrests}\"\nkey = \"id\"\n[tables.arrests.columns]\nid = \"id\"\n\
             [tables.charges]\nsource = \"charges.parquet\"\n\
             links.arrest = {{ to = \"arrests\", by = \"arrest_id\", back = \"charges\" }}\n\
             [tables.charges.columns]\narrest_id = \"id\"\n"
        )
    };
    let folder = Folder::with(&catalogue("arrests.csv"));
    folder.put("arrests.csv", "id,borough\n1,Camden\n2,Lambeth\n");
    let ids = Column::new("arrest_id".into(), [Some(1.0f64), Some(2.0), None]);
    folder.parquet("charges.parquet", vec![Column::new("n".into(), [1i64, 2, 3]), ids]);
    folder.answers("charges | count by arrest.borough", "borough,count\nCamden,1\nLambeth,1\n,1\n");
    folder.answers("arrests | summarise n = count(charges) by borough", "borough,n\nCamden,1\nLambeth,1\n");
    // A key that stands twice is found whatever it is stored as.
    folder.put("casebook.toml", catalogue("arrests.parquet"));
    for ids in [Column::new("id".into(), [1.0f64, 2.0]), Column::new("id".into(), [1u8, 2])] {
        folder.parquet("arrests.parquet", vec![ids, Column::new("borough".into(), ["Camden", "Lambeth"])]);
        folder.answers("charges | count by arrest.borough", "borough,count\nCamden,1\nLambeth,1\n,1\n");
    }
    for ids in [Column::new("id".into(), [2.0f64, 2.0]), Column::new("id".into(), [2u8, 2])] {
        folder.parquet("arrests.parquet", vec![ids, Column::new("borough".into(), ["Camden", "Lambeth"])]);
        folder.fails(
            "charges | count by arrest.borough",
            3,
            &["error[data-key]", "several records have `2`"],
        );
    }
}

#[test]
fn lists_and_bytes_are_no_columns() {
    let folder = Folder::new();
    let list = Column::new("list".into(), [Series::new("".into(), [1, 2]), Series::new("".into(), [3])]);
    let bytes = Column::new("bytes".into(), [&b"ab"[..], &b"c"[..]]);
    folder.parquet("t.parquet", vec![list, Column::new("a".into(), [1, 2]), bytes]);
    folder.answers("t", "a\n1\n2\n");
    folder.answers("t | count", "count\n2\n");
    folder.fails("t | select bytes", 1, &["there is no column `bytes` here"]);
    let folder = Folder::new();
    folder.parquet("t.parquet", vec![Column::new("bytes".into(), [&b"ab"[..], &b"c"[..]])]);
    folder.fails("t | count", 3, &["error[data-empty]", "t.parquet has no column of single values"]);
}

#[test]
fn empty_rows() {
    let folder = Folder::new();
    let a = Column::new("a".into(), [None, Some(1), None, Some(2), None]);
    let b = Column::new("b".into(), [Some(""), None, Some("x"), None, Some(" ")]);
    folder.parquet("t.parquet", vec![a.clone(), b.clone()]);
    folder.arrow("u.arrow", vec![a, b]);
    folder.put("v.csv", "a,b\n,\"\"\n1,\n,x\n2,\n, \n");
    for table in ["t", "u", "v"] {
        folder.answers(&format!("{table} | count"), "count\n3\n");
        folder.answers(table, "a,b\n1,\n,x\n2,\n");
    }
}

#[test]
fn many_batches() {
    // More rows than a batch holds, with keys, gaps and repeated lines in all of them.
    let rows = 400_000i64;
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.parquet\"\nkey = \"id\"\nrepeated = \"drop\"\n[tables.t.columns]\nid = \"id\"\nn = \"integer\"\n",
    );
    let ids: Vec<String> = (0..rows).map(|n| format!("A{:07}", n % (rows - 1000))).collect();
    let values: Vec<Option<i64>> =
        (0..rows).map(|n| Some(n % (rows - 1000)).filter(|n| n % 1000 != 0)).collect();
    folder.parquet("t.parquet", vec![Column::new("id".into(), &ids), Column::new("n".into(), &values)]);
    let n = rows - 1000;
    let sum: i64 = (0..n).filter(|n| n % 1000 != 0).sum();
    folder.notes(
        "t | summarise rows = count(), ids = distinct(id), known = count(n), sum = sum(n)",
        &format!("rows,ids,known,sum\n{n},{n},{},{sum}\n", n - n / 1000),
        &format!("note: {} missing values are left out of sum(n)\n", n / 1000),
    );
}

/// Whose clocks? Without an answer such a time is no wall clock.
#[test]
fn times_with_a_zone_in_a_casebook_without_one() {
    let stored = zoned(TimeUnit::Microseconds, "UTC", &[Some(0), None]);
    shows("x = \"datetime\"", stored.clone(), &["", ""], &unfit(1, 1));
    let note = "note: t.x holds times that say how far from Greenwich they are, so it is left as text; to read them on \
                your clocks write timezone = \"Europe/London\" or the like at the head of the catalogue\n";
    shows("", stored, &["1970-01-01 00:00:00.000000+00:00", ""], note);
}

pub(super) fn zoned(unit: TimeUnit, zone: &str, counts: &[Option<i64>]) -> Column {
    let zone = polars::prelude::TimeZone::opt_try_new(Some(zone)).unwrap();
    moments("x", unit, counts).cast(&DataType::Datetime(unit, zone)).unwrap()
}
