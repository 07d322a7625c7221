//! What a catalogue says of a file's values, on every kind of file.

use super::*;

/// One column `x` of texts, under a declaration, as CSV and as Parquet.
#[track_caller]
fn reads(declared: &str, values: &[&str], shown: &[&str], unfit: &str) {
    for file in ["t.csv", "t.parquet", "t.ndjson"] {
        let folder = Folder::with(&format!(
            "[units]\ntablets = \"items\"\n[tables.t]\nsource = \"{file}\"\n[tables.t.columns]\n{declared}\n"
        ));
        let rows: Vec<String> = (1..=values.len()).map(|row| row.to_string()).collect();
        match file {
            "t.csv" => {
                let mut out = csv::Writer::from_writer(Vec::new());
                out.write_record(["row", "x"]).unwrap();
                rows.iter().zip(values).for_each(|(row, value)| out.write_record([row, *value]).unwrap());
                folder.put(file, out.into_inner().unwrap());
            }
            "t.ndjson" => {
                let line = |(row, value): (&String, &&str)| {
                    format!("{}\n", serde_json::json!({"row": row, "x": value}))
                };
                folder.put(file, rows.iter().zip(values).map(line).collect::<String>());
            }
            _ => folder.parquet(
                file,
                vec![texts("row", &rows.iter().map(String::as_str).collect::<Vec<_>>()), texts("x", values)],
            ),
        }
        let body: String = rows.iter().zip(shown).map(|(row, value)| format!("{row},{value}\n")).collect();
        let ended = folder.ask("t | select row, x");
        assert_eq!(
            (ended.code, ended.out.split_once('\n').unwrap().1),
            (0, &*body),
            "{declared}: {}",
            ended.err
        );
        let place = |line: &str| match line.split_once("ROW ") {
            Some((before, number)) => {
                let (number, after) = number.split_once(')').unwrap();
                let number: usize = number.parse().unwrap();
                match file {
                    "t.csv" => format!("{before}{file}, line {}){after}", number + 1),
                    "t.ndjson" => format!("{before}{file}, line {number}){after}"),
                    _ => format!("{before}{file}, row {number}){after}"),
                }
            }
            None => line.to_string(),
        };
        assert_eq!(ended.err, unfit.lines().map(|line| place(line) + "\n").collect::<String>(), "{declared}");
        assert_eq!(folder.ask("t | select row, x"), ended);
    }
}

const ONE: &str = "note: a value does not fit and counts as missing: 1 of t.x (ROW ";

#[test]
fn categories_and_codes() {
    reads(
        "x = { type = \"category\", values = [\"A\", \"B\"] }",
        &["A", " B ", "", "C", "a"],
        &["A", "B", "", "", ""],
        "note: values do not fit and count as missing: 2 of t.x (first ROW 4)",
    );
    // Two codes may mean one thing; a code is not read as its own word's code.
    let codes = "x = { type = \"category\", values = { M = \"male\", F = \"female\", W = \"female\" }, missing = [\"U\"] }";
    reads(codes, &["F", "M", "W", "U", "male"], &["female", "male", "female", "", ""], &format!("{ONE}5)"));
    let folder = Folder::with(&format!("[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\n{codes}\n"));
    folder.put("t.csv", "row,x\n1,W\n2,F\n3,M\n4,U\n");
    folder.answers("t | count by x", "x,count\nmale,1\nfemale,2\n,1\n");
    folder.fails("t | where x = \"femal\" | count", 1, &["did you mean \"female\"?"]);
}

#[test]
fn values_from_another_table() {
    let catalogue = "[tables.offences]\nsource = \"offences.csv\"\nmissing = \"-\"\n[tables.offences.columns]\nname = { type = \"text\", case = \"title\" }\n\
        [tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nx = { type = \"category\", values_from = \"offences.name\" }\n";
    let folder = Folder::with(catalogue);
    folder.put("offences.csv", "code,name\n1,theft\n2,ARSON\n3,theft\n4,-\n5,\n");
    folder.put("t.csv", "row,x\n1,ARSON\n2,theft\n3,Theft\n4,fraud\n5,\n");
    let one = "note: a value does not fit and counts as missing: 1 of t.x (t.csv, line 5)\n";
    folder.notes("t | count by x", "x,count\nTheft,2\nArson,1\n,2\n", one);
    folder.fails("t | where x = \"Thet\" | count", 1, &["did you mean \"Theft\"?"]);
    // The list grows: what was kept of the table's survey no longer holds.
    folder.put("offences.csv", "code,name\n1,theft\n2,ARSON\n3,fraud\n");
    folder.answers("t | count by x", "x,count\nTheft,2\nArson,1\nFraud,1\n,1\n");
    folder.put("offences.csv", "code,name\n1,\n");
    folder.fails("t | count by x", 1, &["values_from = \"offences.name\" finds no value"]);
    fs::remove_file(folder.path("offences.csv")).unwrap();
    folder.fails("t | count by x", 3, &["error[data-missing]", "offences.csv"]);
    folder.parquet("offences.parquet", vec![texts("name", &["theft", "", "ARSON", "theft"])]);
    folder.put("casebook.toml", catalogue.replace("offences.csv", "offences.parquet"));
    folder.notes("t | count by x", "x,count\nTheft,2\nArson,1\n,2\n", one);
}

#[test]
fn dates_in_several_formats_and_years_of_two_digits() {
    let formats = "x = { type = \"date\", formats = [\"%d/%m/%Y\", \"%Y-%m-%d\"] }";
    reads(
        formats,
        &["03/04/2023", "2023-04-03", "3 April", "29/02/2023", "29/02/2024"],
        &["2023-04-03", "2023-04-03", "", "", "2024-02-29"],
        "note: values do not fit and count as missing: 2 of t.x (first ROW 3)",
    );
    reads(
        "x = { type = \"date\", formats = [\"%d-%b-%y\"] }",
        &["30-JUN-18", "01-jan-69", "01-Jan-68"],
        &["2018-06-30", "1969-01-01", "2068-01-01"],
        "",
    );
    reads(
        "x = { type = \"date\", formats = [\"%d-%b-%y\"], years = [1920, 2019] }",
        &["30-JUN-18", "01-jan-20"],
        &["2018-06-30", "1920-01-01"],
        "",
    );
    reads(
        "x = { type = \"datetime\", formats = [\"%d/%m/%Y %H:%M\"] }",
        &["03/04/2023 23:59", "03/04/2023", "03/04/2023 24:00"],
        &["2023-04-03T23:59:00", "", ""],
        "note: values do not fit and count as missing: 2 of t.x (first ROW 2)",
    );
    reads(
        "x = \"date\"",
        &["2023-04-03", "2023-04-03T10:00", "2023-04-31"],
        &["2023-04-03", "2023-04-03", ""],
        &format!("{ONE}3)"),
    );
}

#[test]
fn quantities() {
    reads(
        "x = { type = \"mass\", unit = \"lb\" }",
        &["1", "0.5", "two"],
        &["453.59237", "226.796185", ""],
        &format!("{ONE}3)"),
    );
    reads(
        "x = { type = \"items\", kind = \"tablets\" }",
        &["12", "0.5", "1,000"],
        &["12", "0.5", "1000"],
        "",
    );
    reads(
        "x = { type = \"money\", currency = \"EUR\" }",
        &["€1,234.50", "12 EUR", "(3)", "£5", "1.23456"],
        &["1234.5", "12", "-3", "", "1.2346"],
        &format!("{ONE}4)"),
    );
}

#[test]
fn unit_codes() {
    let catalogue = "[units]\ntablets = \"items\"\n[unit_codes.nibrs]\nGM = \"g\"\nKG = \"kg\"\nFO = \"us fl oz\"\nDU = \"tablets\"\nXX = false\n\
        [tables.t]\nsource = \"FILE\"\n[tables.t.columns]\nweight = { type = \"mass\", from = \"n\", unit_from = \"u\", units = \"nibrs\" }\n\
        fluid = { type = \"volume\", from = \"n\", unit_from = \"u\", units = \"nibrs\" }\n\
        pills = { type = \"items\", kind = \"tablets\", from = \"n\", unit_from = \"u\", units = \"nibrs\" }\n";
    let question = "t | summarise w = sum(weight), f = sum(fluid) to ml, p = sum(pills)";
    let answer = "w [g],f [ml],p [tablets]\n2005,29.57353,3\n";
    // Another dimension, or declared as none, is no fault; a unit of nobody is, and an amount without one.
    let unfit = |first: &str| {
        format!(
            "note: values do not fit and count as missing: 2 of t.weight (first {first}), 2 of t.fluid (first {first}), 2 of t.pills (first {first})\n"
        )
    };
    let n = ["5", "2", "1", "3", "7", "8", "9"];
    let u = ["GM", "KG", "FO", "DU", "XX", "ZZ", ""];
    let folder = Folder::with(&catalogue.replace("FILE", "t.csv"));
    let rows: String = n.iter().zip(u).map(|(n, u)| format!("{n},{u}\n")).collect();
    folder.put("t.csv", format!("n,u\n{rows}"));
    folder.notes(question, answer, &unfit("t.csv, line 7"));
    folder.put("casebook.toml", catalogue.replace("FILE", "t.parquet"));
    folder.parquet("t.parquet", vec![Column::new("n".into(), [5i64, 2, 1, 3, 7, 8, 9]), texts("u", &u)]);
    folder.notes(question, answer, &unfit("t.parquet, row 6"));
}

#[test]
fn missing_by_table_and_column() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\nmissing = [\"N/K\", \"Unknown\"]\n[tables.t.columns]\na = \"text\"\nb = { type = \"integer\", missing = [\"-1\", \"99\"] }\nc = { type = \"text\", case = \"upper\" }\n",
    );
    folder.put("t.csv", "a,b,c,d\nN/K,5,unknown,N/K\n-1,-1,Unknown,99\n x ,99,n/k,\nUnknown,N/K,x,x\n");
    folder.answers("t", "a,b,c,d\n,5,UNKNOWN,\n-1,,,99\nx,,,\n,,X,x\n");
}

#[test]
fn strict() {
    let table = "[tables.t]\nsource = \"t.csv\"\nSTRICT[tables.t.columns]\nx = \"integer\"\nd = \"date\"\n";
    let rows = "x,d,y\n1,2023-10-09,5\n2,2023-13-09,6\nx,2023-10-10,7\ny,,8\n";
    for catalogue in [
        table.replace("STRICT", "strict = true\n"),
        format!("strict = true\n{}", table.replace("STRICT", "")),
    ] {
        let folder = Folder::with(&catalogue);
        folder.put("t.csv", rows);
        folder.fails(
            "t | summarise n = sum(x)",
            3,
            &["error[data-unfit]", "2 values of t.x do not fit: first t.csv, line 4"],
        );
        folder.fails(
            "t | where d in 2023 | count",
            3,
            &["error[data-unfit]", "1 value of t.d does not fit: t.csv, line 3"],
        );
        // A question is only answered for what it uses.
        folder.answers("t | summarise n = sum(y)", "n\n26\n");
        folder.answers("t | count", "count\n4\n");
        folder.put("t.csv", rows.replace("x,2023", "3,2023").replace("y,,8", "4,,8"));
        folder.answers("t | summarise n = sum(x)", "n\n10\n");
    }
    // A table may be less strict than its casebook.
    let folder = Folder::with(&format!("strict = true\n{}", table.replace("STRICT", "strict = false\n")));
    folder.put("t.csv", rows);
    let ended = folder.ask("t | summarise n = sum(x)");
    assert_eq!((ended.code, &*ended.out), (0, "n\n3\n"), "{}", ended.err);
}

#[test]
fn keys_of_several_columns_and_hidden_ones() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\nkey = [\"force\", \"n\"]\nothers = \"hide\"\n[tables.t.columns]\nforce = \"text\"\nn = \"id\"\n\
         [tables.u]\nsource = \"u.parquet\"\nlinks.t = { to = \"t\", by = [\"force\", \"n\"], back = \"us\" }\n[tables.u.columns]\nforce = \"text\"\nn = \"id\"\n",
    );
    folder.put("t.csv", "force,n,secret\nMET,1,x\nMET,2,y\nKENT,1,z\n,3,w\n");
    folder.parquet(
        "u.parquet",
        vec![
            texts("force", &["MET", "KENT", "KENT", "", "MET"]),
            Column::new("n".into(), [1i64, 1, 2, 3, 1]),
            Column::new("w".into(), [1i64, 2, 3, 4, 5]),
        ],
    );
    folder.answers("t", "force,n\nMET,1\nMET,2\nKENT,1\n,3\n");
    folder.fails("t | select secret", 1, &["there is no column `secret` here"]);
    folder.answers(
        "t | let w = sum(us.w) | select force, n, w",
        "force,n,w\nMET,1,6\nMET,2,0\nKENT,1,2\n,3,0\n",
    );
    folder.put("t.csv", "force,n,secret\nMET,1,x\nMET,1,y\nKENT,1,z\n");
    folder.fails("u | count by t", 3, &["error[data-key]", "MET / 1"]);
}

#[test]
fn one_note_counts_what_did_not_fit_in_the_columns_used() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\na = \"integer\"\nb = \"date\"\nc = \"bool\"\n",
    );
    folder.put("t.csv", "a,b,c\nx,2023-10-09,yes\n1,soon,true\n,,\n2,2023-10-10,no\n");
    let note = |what: &str| format!("note: values do not fit and count as missing: {what}\n");
    let left_out = "note: 2 rows are left out where c is missing\n";
    let unfit = note("2 of t.c (first t.csv, line 2)");
    folder.notes("t | where c | count", "count\n1\n", &format!("{unfit}{left_out}"));
    folder.notes(
        "t | select a, b",
        "a,b\n,2023-10-09\n1,\n,\n2,2023-10-10\n".replace("\n,\n", "\n").as_str(),
        "note: values do not fit and count as missing: 1 of t.a (t.csv, line 2), 1 of t.b (t.csv, line 3)\n",
    );
    folder.answers("t | count", "count\n3\n");
}

#[test]
fn the_first_value_that_does_not_fit_is_shown() {
    let catalogue = "[tables.t]\nsource = \"FILE\"\n[tables.t.columns]\na = \"integer\"\nb = { type = \"category\", values = [\"A\"] }\n\
        d = \"date\"\np = { type = \"integer\", personal = true }\n";
    let long = "the day after the one before it";
    let folder = Folder::with(&catalogue.replace("FILE", "t.csv"));
    folder.put("t.csv", format!("a,b,d,p\nn/k,Z,{long},secret\nx,A,,\n"));
    let columns =
        ["a", "b", "d", "p"].into_iter().zip([["n/k", "x"], ["Z", "A"], [long, ""], ["secret", ""]]);
    folder.parquet("t.parquet", columns.map(|(name, values)| texts(name, &values)).collect());
    for (file, place) in [("t.csv", "t.csv, line 2"), ("t.parquet", "t.parquet, row 1")] {
        folder.put("casebook.toml", catalogue.replace("FILE", file));
        // From the file, and from what was kept of it.
        for _ in 0..2 {
            let ended = folder.run(&["query", "t | summarise max(a), count(b), max(d), max(p)"]);
            for part in [
                format!("2 of t.a (first {place}: \"n/k\" is no integer)"),
                format!("1 of t.b ({place}: \"Z\" is none of its values)"),
                format!("1 of t.d ({place}: \"the day after the one be…\" is no date)"),
                format!("1 of t.p ({place})"),
            ] {
                assert!(ended.err.contains(&part), "no `{part}` in {}", ended.err);
            }
        }
    }
    folder.put("casebook.toml", format!("strict = true\n{}", catalogue.replace("FILE", "t.csv")));
    let ended = folder.run(&["query", "t | summarise max(a)"]);
    assert!(ended.err.contains("2 values of t.a do not fit: first t.csv, line 2: \"n/k\" is no integer"));
}
