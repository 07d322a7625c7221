//! What is made of columns that nobody declared.

use super::*;

/// A table of one column beside a number for each row.
fn column(values: &[&str]) -> Folder {
    let folder = Folder::new();
    let rows: String = values.iter().enumerate().map(|(row, value)| format!("{row},\"{value}\"\n")).collect();
    folder.put("t.csv", format!("row,x\n{rows}"));
    folder
}

/// The type that `describe` gives, and what a question that uses the column says beside the answer.
#[track_caller]
fn is(values: &[&str], ty: &str, says: &[&str]) {
    let folder = column(values);
    let described = folder.run(&["describe", "t"]).out;
    assert!(described.contains(&format!("\nx,{ty},")), "{values:?}: {described}");
    let ended = folder.ask("t | count by x");
    assert_eq!(ended.code, 0, "{}", ended.err);
    if says.is_empty() {
        assert_eq!(ended.err, "", "{values:?}");
    }
    for part in says {
        assert!(ended.err.contains(part), "{values:?}: no {part} in {}", ended.err);
    }
}

#[test]
fn types() {
    is(&["1", "-2", ""], "integer", &[]);
    is(&["1", "2.5"], "number", &[]);
    is(&["true", "false", ""], "bool", &[]);
    is(&["2023-10-09", ""], "date", &[]);
    is(&["2023-10-09 14:30", "2023-10-09T14:30:15"], "datetime", &[]);
    is(&["a", "1"], "text", &[]);
    is(&["", ""], "text", &[]);
    is(&["01", "2"], "text", &[]);
    is(&["99999999999999999999", "1"], "text", &[]);
    is(&["1 ", "2"], "integer", &[]);
}

#[test]
fn the_last_line_counts() {
    let rows: String = (0..30_000).map(|n| format!("{n},{n}\n")).collect();
    for (last, ty) in [("007", "text"), ("n/a", "text"), ("1.5", "number"), ("7", "integer")] {
        let folder = Folder::new();
        folder.put("t.csv", format!("row,x\n{rows}0,{last}\n"));
        let described = folder.run(&["describe", "t"]).out;
        assert!(described.contains(&format!("\nx,{ty},")), "{last}: {described}");
        folder.answers("t | sort -row | take 1 | select x", "x\n29999\n");
    }
    let folder = Folder::new();
    folder.put("t.csv", format!("row,x\n{rows}30000,007\n"));
    folder.answers("t | where x starts with \"00\" | select x", "x\n007\n");
}

#[test]
fn dates_of_one_clear_format() {
    for (values, day) in [
        (&["03/04/2023", "13/04/2023"][..], "2023-04-03"),
        (&["04/03/2023", "04/13/2023"], "2023-04-03"),
        (&["03-Apr-23", "13-APR-23"], "2023-04-03"),
        (&["3 April 2023", "13 April 2023"], "2023-04-03"),
        (&["03.04.2023", "13.04.2023"], "2023-04-03"),
        (&["2023/04/03", "2023/04/13"], "2023-04-03"),
    ] {
        is(values, "date", &[]);
        column(values).answers("t | where x in 2023-04-01..2023-04-05 | select x", &format!("x\n{day}\n"));
    }
    is(&["13/04/2023 09:30", "03/04/2023 23:59"], "datetime", &[]);
    column(&["13/04/2023 09:30", "03/04/2023 23:59"])
        .answers("t | where x in 2023-04-03 | select x", "x\n2023-04-03T23:59:00\n");
}

#[test]
fn ambiguous_dates_stay_text_and_a_note_says_how_to_declare_them() {
    let says = [
        "note: t.x holds dates that",
        "\"%d/%m/%Y\" and \"%m/%d/%Y\"",
        "below [tables.t.columns] write x = { type = \"date\", formats = [\"%d/%m/%Y\"] }",
    ];
    is(&["03/04/2023", "01/02/2023"], "text", &says);
    // As the note says, it works.
    let folder = column(&["03/04/2023", "01/02/2023"]);
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nx = { type = \"date\", formats = [\"%d/%m/%Y\"] }\n");
    folder.answers("t | select x", "x\n2023-04-03\n2023-02-01\n");
    // A datetime is declared as one.
    is(
        &["03/04/2023 10:00", "01/02/2023 11:00"],
        "text",
        &["x = { type = \"datetime\", formats = [\"%d/%m/%Y %H:%M\"] }"],
    );
    // A question that doesn't use the column isn't told.
    column(&["03/04/2023", "01/02/2023"]).answers("t | count by row", "row,count\n0,1\n1,1\n");
}

#[test]
fn three_formats_in_one_column() {
    let folder = column(&["03/04/2023", "2023-04-03", "3 Apr 2023", "13/13/2023"]);
    is(&["03/04/2023", "2023-04-03", "3 Apr 2023"], "text", &[]);
    folder.put(
        "casebook.toml",
        "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nx = { type = \"date\", formats = [\"%d/%m/%Y\", \"%Y-%m-%d\", \"%d %b %Y\"] }\n",
    );
    folder.notes(
        "t | where x = 2023-04-03 | count",
        "count\n3\n",
        "note: a value does not fit and counts as missing: 1 of t.x (t.csv, line 5)\n\
         note: 1 row is left out where x is missing\n",
    );
}

#[test]
fn numbers_as_people_write_them() {
    let values = ["1,234", "(56)", "7.5*", "-8", "£9"];
    is(
        &values[..4],
        "text",
        &[
            "note: t.x holds numbers that are not all written plainly, so it is left as text",
            "write x = \"number\"",
        ],
    );
    is(&values, "text", &[]);
    let folder = column(&values);
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nx = \"number\"\nm = { type = \"money\", from = \"x\" }\n");
    let fit = "note: a value does not fit and counts as missing: 1 of t.x (t.csv, line 6)\n";
    folder.notes("t | select x, m", "x,m [GBP]\n1234,1234\n-56,-56\n7.5,7.5\n-8,-8\n,9\n", fit);
    folder.notes("t | summarise m = sum(m)", "m [GBP]\n1186.5\n", "");
    // What could be read in two ways is not read.
    let folder = column(&["1,5", "1.234,5", "12,34", "1 234", "--5", "5-", "(5", "$5", "0x10", "1e5", "٣"]);
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nx = \"number\"\n");
    folder.notes(
        "t | where x is known | select x",
        "x\n100000\n",
        "note: values do not fit and count as missing: 10 of t.x (first t.csv, line 2)\n",
    );
}

#[test]
fn columns_of_columnar_files_keep_their_types() {
    let folder = Folder::new();
    folder.parquet(
        "t.parquet",
        vec![
            texts("code", &["1", "2"]),
            texts("day", &["2023-10-09", "03/04/2023"]),
            Column::new("n".into(), [1i64, 2]),
        ],
    );
    let described = folder.run(&["describe", "t"]).out;
    for line in ["\ncode,text,", "\nday,text,", "\nn,integer,"] {
        assert!(described.contains(line), "{described}");
    }
}
