//! `casebook test` as a script sees it: what it says of a figure that changed, and what it ends with.

mod small;

use std::fs;

use small::{COUNT, COUNTED, casebook, ends, got, put, run};
use tempfile::TempDir;

/// A casebook with a file of two questions, and what is expected of it.
fn kept() -> TempDir {
    let folder = casebook();
    put(
        &folder,
        "two.cbq",
        format!("# Arrests by borough\n{COUNT}\n\n# Charges by class\ncharges | count by drug_class\n"),
    );
    put(&folder, "two.expected.csv", format!("{COUNTED}\ndrug_class,count\nA,2\nB,1\n"));
    folder
}

/// The run ends with this code; what it says on standard output.
fn ends_with(folder: &TempDir, arguments: &[&str], code: i32) -> String {
    let (ended, out, err) = ends(folder, arguments);
    assert_eq!(ended, code, "{arguments:?}\n{out}{err}");
    out
}

/// The same, and a message on standard error.
fn mistaken(folder: &TempDir, arguments: &[&str], code: i32) -> String {
    let (ended, out, err) = ends(folder, arguments);
    assert_eq!(ended, code, "{arguments:?}\n{out}{err}");
    format!("{out}---\n{err}")
}

#[test]
fn what_is_as_expected_passes() {
    let folder = kept();
    put(&folder, "plain.cbq", COUNT);
    assert_eq!(
        ends(&folder, &["test"]),
        (0, "ok       two.expected.csv\n\n1 passed, 1 has no expected output\n".to_string(), String::new())
    );
    // From a folder below, by name, and from elsewhere.
    fs::create_dir(folder.path().join("below")).unwrap();
    run(&folder.path().join("below")).arg("test").assert().success();
    assert_eq!(ends_with(&folder, &["test", "two.cbq"], 0), "ok       two.expected.csv\n\n1 passed\n");
    let elsewhere = tempfile::tempdir().unwrap();
    run(elsewhere.path()).arg("test").arg(folder.path()).assert().success();
    run(elsewhere.path()).args(["test", "-C"]).arg(folder.path()).assert().success();
}

#[test]
fn a_cell_a_row_and_a_column_are_named() {
    let folder = kept();
    put(&folder, "two.expected.csv", "borough,count\nCamden,3\nLambeth,1\n\ndrug_class,count\nA,2\nB,1\n");
    insta::assert_snapshot!(ends_with(&folder, &["test"], 1), @r"
    differs  two.expected.csv
             answer 1, Arrests by borough
               row 1, borough Camden: count is 2, expected 3

    0 passed, 1 differs
    ");
    put(
        &folder,
        "two.expected.csv",
        "borough,count,share [%]\nCamden,2,1\nLambeth,1,1\nSutton,1,1\n\ndrug_class,count\nA,2\n",
    );
    insta::assert_snapshot!(ends_with(&folder, &["test"], 1), @r"
    differs  two.expected.csv
             answer 1, Arrests by borough
               column `share [%]` is missing
               row 3 of the expected is missing: borough Sutton, count 1
             answer 2, Charges by class
               row 2 is new: drug_class B, count 1

    0 passed, 1 differs
    ");
    put(&folder, "two.expected.csv", "borough\nCamden\nLambeth\n");
    insta::assert_snapshot!(ends_with(&folder, &["test"], 1), @r"
    differs  two.expected.csv
             answer 1, Arrests by borough
               column `count` is new
             answer 2, Charges by class, is new

    0 passed, 1 differs
    ");
    // A reader's formats, by line.
    put(&folder, "two.expected.csv", got(&folder, "two.expected.csv") + "\n\n");
    put(&folder, "two.expected.txt", "Arrests by borough\n\nBorough  count\n");
    insta::assert_snapshot!(ends_with(&folder, &["test"], 1), @r"
    differs  two.expected.csv
             answer 1, Arrests by borough
               column `count` is new
             answer 2, Charges by class, is new
    differs  two.expected.txt
             - expected, + got
             line 2
              
              Borough  count
             +──────────────
             +Camden       2
             +Lambeth      1
             +
             +Charges by class
             +
             +drug_class  count
             +─────────────────
             +A               2
             +B               1

    0 passed, 2 differ
    ");
}

#[test]
fn long_lists_of_differences_are_cut() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "many.csv", (0..100).fold("n,k\n".to_string(), |text, n| format!("{text}{n},x\n")));
    put(&folder, "many.cbq", "many | sort n\n");
    put(&folder, "many.expected.csv", "n,k\n");
    let out = ends_with(&folder, &["test"], 1);
    assert!(out.contains("row 20 is new: n 19, k x\n         … and 80 more lines\n"), "{out}");
}

#[test]
fn blessed_it_passes() {
    let folder = kept();
    put(&folder, "two.expected.csv", "borough\n");
    put(&folder, "two.expected.ndjson", "");
    put(&folder, "plain.cbq", COUNT);
    // Of a folder, what is there is written anew and nothing is added.
    let out = ends_with(&folder, &["test", "--bless"], 0);
    assert_eq!(
        out,
        "written  two.expected.csv\nwritten  two.expected.ndjson\n\n\
         2 written, 0 unchanged, 1 has no expected output\n"
    );
    assert_eq!(got(&folder, "two.expected.csv"), format!("{COUNTED}\ndrug_class,count\nA,2\nB,1\n"));
    assert_eq!(ends_with(&folder, &["test", "two.cbq"], 0).lines().last(), Some("2 passed"));
    // A file that is named gets one, as csv or in the format that is named.
    assert_eq!(
        ends_with(&folder, &["test", "--bless", "plain.cbq"], 0).lines().last(),
        Some("1 written, 0 unchanged")
    );
    assert_eq!(got(&folder, "plain.expected.csv"), COUNTED);
    for (format, ending) in [("table", "txt"), ("tsv", "tsv"), ("json", "json"), ("markdown", "md")] {
        put(&folder, "other.cbq", COUNT);
        ends_with(&folder, &["test", "--bless", "other.cbq", "--format", format], 0);
        assert!(
            ends_with(&folder, &["test", "other.cbq"], 0)
                .contains(&format!("ok       other.expected.{ending}"))
        );
        fs::remove_file(folder.path().join(format!("other.expected.{ending}"))).unwrap();
    }
    // Beside what it has, the format that is named.
    let out = ends_with(&folder, &["test", "--bless", "plain.cbq", "--format", "markdown"], 0);
    assert_eq!(out.lines().last(), Some("1 written, 1 unchanged"));
    fs::remove_file(folder.path().join("plain.expected.md")).unwrap();
    // What is wrong is left as it was, and the others are written.
    put(&folder, "bad.cbq", "arrests | cuont\n");
    put(&folder, "bad.expected.csv", "kept\n");
    put(&folder, "plain.expected.csv", "");
    assert!(
        ends_with(&folder, &["test", "--bless"], 1)
            .ends_with("\n1 written, 2 unchanged, 1 is wrong, 1 has no expected output\n")
    );
    assert_eq!(got(&folder, "bad.expected.csv"), "kept\n");
    let left =
        fs::read_dir(folder.path()).unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with(".casebook-")).count(), 0);
}

#[test]
fn what_hangs_on_today_says_its_day() {
    let folder = casebook();
    let question = "arrests | where arrested_on in last week | count";
    put(&folder, "today.cbq", format!("{question}\n"));
    put(&folder, "today.expected.csv", "count\n2\n");
    insta::assert_snapshot!(mistaken(&folder, &["test"], 1), @"
    wrong    today.cbq

    0 passed, 1 is wrong
    ---
    error[test-today]: the answers of today.cbq hang on the day they are asked, so they would be others tomorrow
    help: say the day in a comment at the file's head: # casebook test --as-of 2023-10-16
    help: or say --as-of on the command line
    ");
    mistaken(&folder, &["test", "--bless"], 1);
    assert_eq!(got(&folder, "today.expected.csv"), "count\n2\n");
    ends_with(&folder, &["test", "--as-of", "2023-10-16"], 0);
    // The file's own line is for it alone, and goes before the command line's.
    put(&folder, "today.cbq", format!("# casebook test --as-of 2023-10-16\n\n{question}\n"));
    ends_with(&folder, &["test"], 0);
    ends_with(&folder, &["test", "--as-of", "2023-10-23"], 0);
    assert_eq!(ends_with(&folder, &["run", "today.cbq", "--as-of", "2023-10-23"], 0), "count\n1\n");
    // A question of days is the same on any.
    put(&folder, "days.cbq", "arrests | where arrested_on in 2023-W41 | count\n");
    put(&folder, "days.expected.csv", "count\n2\n");
    ends_with(&folder, &["test", "days.cbq"], 0);
}

#[test]
fn params_of_a_test() {
    let folder = casebook();
    let question = "param week: period\nparam place: text\narrests | where arrested_on in $week and borough = $place | count\n";
    put(&folder, "week.cbq", format!("# casebook test -p week=2023-W41 -p 'place=Camden'\n\n{question}"));
    put(&folder, "week.expected.csv", "count\n1\n");
    ends_with(&folder, &["test"], 0);
    ends_with(&folder, &["test", "-p", "week=2023-W01"], 0);
    put(&folder, "week.cbq", format!("# casebook test -p place=Camden\n\n{question}"));
    ends_with(&folder, &["test", "-p", "week=2023-W42"], 0);
    // What the line gets wrong is shown in it.
    put(&folder, "week.cbq", format!("# casebook test -p place=Camden --asof 2023-10-16\n\n{question}"));
    insta::assert_snapshot!(mistaken(&folder, &["test"], 1), @"
    wrong    week.cbq

    0 passed, 1 is wrong
    ---
    error[test-line]: unexpected argument '--asof' found
      ──▶ week.cbq:1:1
      │
    1 │ # casebook test -p place=Camden --asof 2023-10-16
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: a file says once what it is tested with: # casebook test --as-of 2023-10-16 -p week=2023-W41
    ");
    put(&folder, "week.cbq", format!("# casebook test -p wek=2023-W41\n\n{question}"));
    assert!(mistaken(&folder, &["test"], 2).contains("wek"));
}

#[test]
fn what_cannot_be_tested() {
    let folder = kept();
    put(&folder, "bad.cbq", "arrests | count by borogh\n");
    put(&folder, "bad.expected.csv", COUNTED);
    put(&folder, "gone.expected.csv", COUNTED);
    put(&folder, "two.expected.xlsx", "");
    put(&folder, ".hidden.cbq", b"\xff");
    insta::assert_snapshot!(mistaken(&folder, &["test"], 1), @"
    wrong    bad.cbq
    ok       two.expected.csv
    orphan   gone.expected.csv: there is no .cbq file beside it
    orphan   two.expected.xlsx: its ending names no format

    1 passed, 1 is wrong, 2 expected outputs are of no questions
    ---
    error[name-column]: there is no column `borogh` here
      ──▶ bad.cbq:1:20
      │
    1 │ arrests | count by borogh
      │                    ^^^^^^
    help: did you mean `borough`?
    ");
    // Missing data, a catalogue that is wrong: said once for all files.
    put(&folder, "three.cbq", COUNT);
    put(&folder, "three.expected.csv", COUNTED);
    fs::remove_file(folder.path().join("bad.cbq")).unwrap();
    fs::remove_file(folder.path().join("charges.csv")).unwrap();
    let said = mistaken(&folder, &["test"], 3);
    assert!(said.contains("wrong    two.cbq") && said.contains("ok       three.expected.csv"), "{said}");
    assert!(said.contains("error[data-") && said.contains("charges.csv"), "{said}");
    put(&folder, "casebook.toml", "nam = 1\n");
    let said = mistaken(&folder, &["test"], 1);
    assert_eq!(said.matches("error[catalogue-key]").count(), 1, "{said}");
    assert!(said.contains("0 passed, 2 are wrong, 3 expected outputs are of no questions\n"), "{said}");
}

#[test]
fn files_that_are_not_there() {
    let folder = casebook();
    put(&folder, "plain.cbq", COUNT);
    let empty = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(mistaken(&empty, &["test"], 3), @"
    ---
    error[data-missing]: there are no .cbq files in this folder
    ");
    insta::assert_snapshot!(mistaken(&folder, &["test", "none.cbq"], 3), @"
    wrong    none.cbq

    0 passed, 1 is wrong
    ---
    error[data-missing]: there is no file none.cbq
    ");
    insta::assert_snapshot!(mistaken(&folder, &["test", "plain.cbq"], 1), @"
    wrong    plain.cbq

    0 passed, 1 is wrong
    ---
    error[test-expected]: nothing says what is expected of plain.cbq
    help: casebook test --bless plain.cbq writes plain.expected.csv
    ");
    insta::assert_snapshot!(mistaken(&folder, &["test", "arrests.csv"], 2), @"
    ---
    error[usage-path]: arrests.csv is no file of questions by its name
    help: name a file that ends in .cbq, or a folder
    ");
    insta::assert_snapshot!(mistaken(&folder, &["test", "-o", "x.txt"], 2), @"
    ---
    error[usage-output]: `test` says what it found on standard output
    help: casebook test > FILE keeps it
    ");
    assert!(mistaken(&folder, &["test", "-"], 2).contains("error[usage-path]"));
    put(&folder, "latin.cbq", b"arrests | where borough = \"Caf\xe9\"\n");
    assert!(mistaken(&folder, &["test", "latin.cbq", "--bless"], 1).contains("error[syntax-encoding]"));
    assert!(!folder.path().join("latin.expected.csv").exists());
    // What is kept is no text.
    put(&folder, "plain.expected.csv", b"borough,count\nCamden,2\nL\xe9,1\n");
    assert!(ends_with(&folder, &["test"], 1).contains("row 2 of the expected is missing: borough L\u{fffd}"));
    // Nothing to test is no failure where nothing was named.
    fs::remove_file(folder.path().join("plain.expected.csv")).unwrap();
    assert_eq!(ends_with(&folder, &["test"], 0), "\n0 passed, 2 have no expected output\n");
}

#[test]
fn what_is_expected_is_no_table() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "arrests.csv", "borough\nCamden\n");
    put(&folder, "q.cbq", "arrests | count\n");
    ends_with(&folder, &["test", "--bless", "q.cbq"], 0);
    assert!(!ends_with(&folder, &["describe"], 0).contains("expected"));
    ends_with(&folder, &["test"], 0);
}

#[cfg(unix)]
#[test]
fn a_protected_file_is_left() {
    let folder = kept();
    put(&folder, "two.expected.csv", "borough\n");
    let file = folder.path().join("two.expected.csv");
    let mut rights = fs::metadata(&file).unwrap().permissions();
    rights.set_readonly(true);
    fs::set_permissions(&file, rights).unwrap();
    assert!(mistaken(&folder, &["test", "--bless"], 2).contains("write-protected"));
    assert_eq!(got(&folder, "two.expected.csv"), "borough\n");
}
