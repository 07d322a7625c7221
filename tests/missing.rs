//! Missing made visible: what filters, aggregates' brackets and calculations leave out, and what the data have in the
//! place of a text that they never have. The records fit on a screen, and every count was made by hand; that filters
//! count right whatever stands before them, `tests/second_reading.rs` shows on generated questions.

use casebook::{Casebook, Settings};

/// A casebook in a temporary folder.
struct Book {
    casebook: Casebook,
    _folder: tempfile::TempDir,
}

const ARRESTS: &str = "\
arrest_id,squad_id,at,borough,age,role
A1,S1,2023-10-01,Lambeth,17,runner
A2,S1,2023-10-02,N/K,30,runner
A3,S2,2023-09-30,,12,
A4,S9,2023-10-04,Brent,,other
A5,,,Brent,40,runner
A6,S2,2023-10-06,,,other
";

/// A3 has two, one of them without a class; one belongs to no arrest, one to an arrest that isn't there.
const CHARGES: &str = "\
charge_id,arrest_id,class,grams,unit,part,parts
C1,A1,A,5,g,3,0
C2,A1,,7,,4,2
C3,A3,,,g,0,0
C4,A3,B,12,tablets,5,
C5,,B,1,kg,6,3
C6,A77,A,2,g,7,0
";

const SQUADS: &str = "squad_id,name\nS1,North\nS2,\n";

const CATALOGUE: &str = r#"
[units]
tablets = "items"

[tables.arrests]
source = "arrests.csv"
key = "arrest_id"
missing = ["N/K"]
links.squad = { to = "squads", by = "squad_id", back = "arrests" }
[tables.arrests.columns]
arrest_id = "id"
squad_id = "id"
at = "date"
borough = "text"
age = "integer"
role = { type = "category", values = ["runner", "other"] }
[tables.arrests.derive]
child = "age < 18"

[tables.charges]
source = "charges.csv"
key = "charge_id"
links.arrest = { to = "arrests", by = "arrest_id", back = "charges" }
[tables.charges.columns]
charge_id = "id"
arrest_id = "id"
class = { type = "category", values = ["A", "B"] }
weight = { type = "mass", from = "grams", unit_from = "unit" }
unit = "text"
part = "integer"
parts = "integer"

[tables.squads]
source = "squads.csv"
key = "squad_id"
[tables.squads.columns]
squad_id = "id"
name = { type = "text" }

[tables.staff]
source = "staff.csv"
[tables.staff.columns]
name = { type = "text", personal = true }
badge = "id"
post = "text"
"#;

impl Book {
    fn new() -> Book {
        let folder = tempfile::tempdir().unwrap();
        let staff = "name,badge,post\nAnn,0012,Desk\nBob,AB7,desk\nCy,AB8,Desk Two\n";
        for (name, text) in [
            ("casebook.toml", CATALOGUE),
            ("arrests.csv", ARRESTS),
            ("charges.csv", CHARGES),
            ("squads.csv", SQUADS),
            ("staff.csv", staff),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Book { casebook: Casebook::open(folder.path()).unwrap(), _folder: folder }
    }

    /// The notes of a question but for those on values that do not fit, with and without the engine's optimiser the
    /// same.
    fn notes(&self, question: &str) -> Vec<String> {
        let queries = self.casebook.compile(question, &Settings::default());
        let query = queries.unwrap_or_else(|mistakes| panic!("{question}\n{mistakes:#?}")).remove(0);
        let answer = self.casebook.answer(&query).unwrap_or_else(|error| panic!("{question}\n{error:#?}"));
        let plain = self.casebook.answer_unoptimised(&query).unwrap();
        assert_eq!(answer.notes, plain.notes, "{question}");
        answer.notes.into_iter().filter(|note| !note.contains("does not fit")).collect()
    }

    fn says(&self, question: &str, notes: &[&str]) {
        assert_eq!(self.notes(question), notes, "{question}");
    }
}

#[test]
fn filters() {
    let book = Book::new();
    book.says("arrests | where arrest_id = \"A1\"", &[]);
    book.says("arrests | where borough = \"Lambeth\"", &["3 rows are left out where borough is missing"]);
    book.says("arrests | where borough != \"Lambeth\"", &["3 rows are left out where borough is missing"]);
    book.says("arrests | where not borough = \"Lambeth\"", &["3 rows are left out where borough is missing"]);
    book.says("arrests | where borough in [\"Brent\"]", &["3 rows are left out where borough is missing"]);
    book.says("arrests | where borough contains \"l\"", &["3 rows are left out where borough is missing"]);
    book.says("arrests | where at in 2023-10", &["1 row is left out where at is missing"]);
    // A derived column is what it is made of.
    book.says("arrests | where child", &["2 rows are left out where age is missing"]);
    // What speaks of missing itself leaves nothing out.
    book.says("arrests | where borough is missing", &[]);
    book.says("arrests | where borough ?? \"?\" = \"?\"", &[]);
    book.says("arrests | where if age > 20 then true else false", &[]);
}

#[test]
fn only_what_is_unknown() {
    let book = Book::new();
    // A2: 30 and no borough. A4: Brent and no age. A6 has neither. A3 is 12, and so out whatever its borough.
    book.says(
        "arrests | where borough = \"Brent\" and age > 17",
        &["3 rows are left out where borough or age is missing"],
    );
    // A2 is 30, and so in whatever its borough; A3 is 12, A4 of Brent is in.
    book.says(
        "arrests | where borough = \"Brent\" or age > 17",
        &["2 rows are left out where borough or age is missing"],
    );
    book.says(
        "arrests | where age in 20..40 and borough is known",
        &["1 row is left out where age is missing"],
    );
    // A3 alone lacks a borough though it is known whether it is a child.
    book.says(
        "arrests | where if age < 18 then borough = \"Lambeth\" else false",
        &["1 row is left out where borough is missing"],
    );
    book.says(
        "arrests | where (age ?? 0) > 17 and borough = \"Lambeth\"",
        &["1 row is left out where borough is missing"],
    );
}

#[test]
fn one_after_the_other() {
    let book = Book::new();
    // A6 has neither, and A4 is of Brent; A2 and A3 have an age and are no more than 30.
    book.says(
        "arrests | where age <= 30 | where borough = \"Lambeth\" | count by role",
        &["1 row is left out where age is missing", "2 rows are left out where borough is missing"],
    );
    book.says(
        "arrests | where borough = \"Brent\" | where age < 50 | count",
        &["3 rows are left out where borough is missing", "1 row is left out where age is missing"],
    );
    // Different rows for want of the same column: A4, then A6.
    book.says(
        "arrests | where arrest_id != \"A4\" or age > 1 | where arrest_id != \"A6\" or age > 1 | count",
        &["2 rows are left out where age is missing"],
    );
}

#[test]
fn made_columns_and_paths() {
    let book = Book::new();
    book.says(
        "arrests | let b = borough, double = age * 2 | where b = \"Brent\" | where double > 1",
        &["3 rows are left out where b is missing", "1 row is left out where double is missing"],
    );
    // A3 and A6 belong to a squad without a name, A4 to one that isn't there, A5 to none.
    book.says("arrests | where squad.name = \"North\"", &["4 rows are left out where squad.name is missing"]);
    book.says(
        "charges | where arrest.squad.name = \"North\"",
        &["4 rows are left out where arrest.squad.name is missing"],
    );
    book.says(
        "arrests | where max(charges.part) > 3",
        &["4 rows are left out where max(charges.part) is missing"],
    );
    book.says("arrests | where count(charges) > 3", &[]);
}

#[test]
fn amounts_in_other_units_leave_nothing_out() {
    let book = Book::new();
    let ours = |question: &str| -> Vec<String> {
        book.notes(question).into_iter().filter(|note| note.contains("left out")).collect()
    };
    // C2 has no unit and C3 no amount; the tablets of C4 are another column's.
    assert_eq!(ours("charges | where weight > 1 g"), ["2 rows are left out where weight is missing"]);
    assert_eq!(ours("charges | let w = weight | where w > 1 g"), ["2 rows are left out where w is missing"]);
    assert_eq!(
        ours("charges | let w = weight | take 5 | where w > 1 g"),
        ["2 rows are left out where w is missing"]
    );
}

/// Nor does a calculation with them fail.
#[test]
fn calculations_with_amounts_in_other_units() {
    let book = Book::new();
    let failed = |question: &str| -> Vec<String> {
        book.notes(question).into_iter().filter(|note| note.contains("too large")).collect()
    };
    assert_eq!(failed("charges | let u = weight * 2 | summarise n = count(u)"), [""; 0]);
    assert_eq!(failed("charges | let w = weight | let u = w * 2 | where u > 1 g | count"), [""; 0]);
    // Of C1, C5 and C6 alone it is too much.
    let told = failed("charges | let u = weight * 1_000_000_000 * 1_000_000_000 | summarise n = count(u)");
    assert!(told.len() == 1 && told[0].contains("has no value in 3 rows"), "{told:?}");
}

/// Two queries within that leave out the same rows do so once.
#[test]
fn two_queries_within_leave_the_same_rows_out_once() {
    let book = Book::new();
    let within = |filter: &str| format!("arrest_id in (arrests | where {filter} | select arrest_id)");
    let told = |test: String| book.notes(&format!("arrests | where {test} | count"));
    let once = told(within("age > 20"));
    assert_eq!(once.len(), 1, "{once:?}");
    assert_eq!(told(format!("{} or {}", within("age > 20"), within("age > 20 and age > 15"))), once);
}

#[test]
fn later_filters() {
    let book = Book::new();
    book.says(
        "arrests | count by borough | where borough = \"Brent\"",
        &["1 group is left out where borough is missing"],
    );
    book.says(
        "arrests | summarise a = mean(age) by role | where a > 1",
        // Both others are without an age.
        &["1 group is left out where a is missing", "2 missing values are left out of mean(age)"],
    );
    book.says(
        "arrests | take 3 | where borough = \"Brent\" | take 1",
        &["2 rows are left out where borough is missing"],
    );
    book.says(
        "arrests | let n = count(per role) | where borough = \"Brent\" | where age > 3 | count by n",
        &["3 rows are left out where borough is missing", "1 row is left out where age is missing"],
    );
    // Rows that are read twice are counted once.
    book.says(
        "arrests | take 6 | where borough = \"Brent\" | summarise n = count(), c = count(charges), s = count(squad) by role",
        &["3 rows are left out where borough is missing"],
    );
}

#[test]
fn periods_side_by_side() {
    let book = Book::new();
    book.says(
        "arrests | compare at in 2023-10 with previous | count",
        &["1 row is left out where at is missing"],
    );
}

#[test]
fn within_brackets() {
    let book = Book::new();
    book.says(
        "arrests | summarise l = count(where borough = \"Lambeth\"), n = count() by role",
        &["3 rows are left out of count(where borough = \"Lambeth\") where borough is missing"],
    );
    // Of those that a filter kept; A5 belongs to no squad, and so to no group.
    book.says(
        "arrests | where role = \"runner\" | summarise l = count(where borough = \"Lambeth\") by squad",
        &[
            "1 row is left out where role is missing",
            "1 row is left out of count(where borough = \"Lambeth\") where borough is missing",
            "1 row without squad belongs to no group and is left out",
        ],
    );
    // Each charge once: C2 and C3.
    book.says(
        "arrests | where any(charges where class = \"A\")",
        &["2 rows of charges are left out of any(charges where class = \"A\") where class is missing"],
    );
    book.says(
        "arrests | where age > 15 | summarise c = count(charges where class = \"A\") by role",
        &[
            "2 rows are left out where age is missing",
            "1 row of charges is left out of count(charges where class = \"A\") where class is missing",
        ],
    );
}

#[test]
fn queries_within() {
    let book = Book::new();
    book.says(
        "charges | where arrest_id in (arrests | where borough = \"Lambeth\" | select arrest_id) | count",
        &[
            "1 row is left out where arrest_id is missing",
            "3 rows of arrests are left out where borough is missing",
        ],
    );
    book.says(
        "arrests | where arrest_id = \"A1\" | append (arrests | where age > 30)",
        &["2 rows of arrests are left out where age is missing"],
    );
}

#[test]
fn calculations() {
    let book = Book::new();
    // C3 divides 0, and C1 and C6 divide by 0 too; C4 has no divisor.
    book.says(
        "charges | let each_one = part / parts | select charge_id, each_one",
        &["part / parts has no value in 3 rows: division by 0"],
    );
    book.says(
        "charges | select charge_id, x = part / parts",
        &["part / parts has no value in 3 rows: division by 0"],
    );
    // Of the rows that are kept: C1 alone.
    book.says(
        "charges | let x = part / parts | where arrest_id = \"A1\" | summarise n = count(x)",
        &[
            "1 row is left out where arrest_id is missing",
            "part / parts has no value in 1 row: division by 0",
        ],
    );
    book.says("charges | let x = (part / parts) ?? 0 | summarise s = sum(x)", &[]);
    book.says("charges | let x = if parts = 0 then 0 else part / parts | select x", &[]);
    book.says(
        "charges | where part / parts > 1",
        &["4 rows are left out where parts or part / parts is missing"],
    );
    book.says(
        "charges | let big = part * 9_000_000_000_000_000_000 | select big",
        &["part * 9000000000000000000 has no value in 5 rows: too large"],
    );
    book.says(
        "charges | let d = date(2023, 2, part + 25) | select d",
        &["date(2023, 2, (part + 25)) has no value in 4 rows: no such day"],
    );
    book.says(
        "arrests | let n = integer(borough) | select n",
        &["integer(borough) has no value in 3 rows: no whole number is written there"],
    );
    // In groups too.
    book.says(
        "charges | summarise rate = count() / sum(parts) by class",
        &[
            "1 missing value is left out of sum(parts)",
            "count() / sum(parts) has no value in 1 group: division by 0",
        ],
    );
}

#[test]
fn nothing_found() {
    let book = Book::new();
    let about = "3 rows are left out where borough is missing";
    book.says(
        "arrests | where borough = \"lambeth\"",
        &[about, "borough is never \"lambeth\": the data have \"Lambeth\""],
    );
    book.says(
        "arrests | where borough = \"Bernt\" | count",
        &[about, "borough is never \"Bernt\": the data have \"Brent\""],
    );
    book.says(
        "arrests | where borough in [\"brent\", \"Lambet\"] | count by role",
        &[about, "borough is never \"brent\" or \"Lambet\": the data have \"Brent\" and \"Lambeth\""],
    );
    book.says("arrests | where borough = \"Paris\" | count", &[about, "borough is never \"Paris\""]);
    // The data have it, and nothing else is to blame.
    book.says(
        "arrests | where borough = \"Brent\" and age > 90",
        &["2 rows are left out where borough or age is missing"],
    );
    book.says(
        "charges | where arrest.squad.name = \"north\"",
        &[
            "4 rows are left out where arrest.squad.name is missing",
            "arrest.squad.name is never \"north\": the data have \"North\"",
        ],
    );
    book.says(
        "arrests | count by borough | where borough = \"brent\"",
        &[
            "1 group is left out where borough is missing",
            "borough is never \"brent\": the data have \"Brent\"",
        ],
    );
    book.says(
        "arrests | where any(squad.arrests where borough = \"brent\")",
        &[
            "3 rows of arrests are left out of any(squad.arrests where borough = \"brent\") where borough is missing",
            "borough is never \"brent\": the data have \"Brent\"",
        ],
    );
    // Of several that differ in case alone, each; others are not meant then.
    book.says(
        "staff | where post = \"DESK\"",
        &["post is never \"DESK\": the data have \"Desk\" and \"desk\""],
    );
    // What is personal shows nothing, and ids only what is written in another way.
    book.says("staff | where name = \"ann\"", &[]);
    book.says("staff | where badge = \"12\"", &["badge is never \"12\": the data have \"0012\""]);
    book.says("staff | where badge = \"AB9\"", &["badge is never \"AB9\""]);
}

#[test]
fn wrong_values_that_leave_rows() {
    let book = Book::new();
    let lambeth = "borough is never \"lambeth\": the data have \"Lambeth\"";
    for question in [
        "arrests | where borough != \"lambeth\" | count",
        "arrests | where borough not in [\"lambeth\"] | count",
        "arrests | where borough in [\"lambeth\", \"Brent\"] | count",
        "arrests | where borough = \"Brent\" or borough = \"lambeth\"",
        "arrests | where not (borough = \"lambeth\" and age > 90)",
        "arrests | where age > 90 or not borough in [\"Brent\", \"lambeth\"]",
        "arrests | summarise n = count(where borough != \"lambeth\") by role",
        "arrests | let there = borough = \"lambeth\" | count by there",
        "arrests | where no(squad.arrests where borough = \"lambeth\")",
        "arrests | count by borough | where borough != \"lambeth\"",
        "arrests | append (arrests | where borough = \"lambeth\")",
        "arrests | where arrest_id not in (arrests | where borough = \"lambeth\" | select arrest_id)",
    ] {
        let notes = book.notes(question);
        let told = notes.iter().filter(|note| *note == lambeth).count();
        assert_eq!(told, 1, "{question}: {notes:#?}");
    }
    book.says("staff | where post = \"Desk\" or post = \"nobody\"", &["post is never \"nobody\""]);
    book.says(
        "staff | where post != \"desk two\"",
        &["post is never \"desk two\": the data have \"Desk Two\""],
    );
    // All of them are there.
    book.says("staff | where post not in [\"Desk\", \"desk\"]", &[]);
    // The row for the rest has what no record has; a key that it keeps, only what they have.
    let rest = "arrests | where borough is known | count by borough | top 1 by count with other";
    for then in [
        "where borough = \"other\"",
        "where borough != \"other\"",
        "where borough in [\"other\"]",
        "let b = borough | where b = \"other\"",
    ] {
        book.says(&format!("{rest} | {then}"), &[]);
    }
    book.says(
        "arrests | where borough is known | count by borough, arrest_id | top 1 by count per borough with other \
         | where borough != \"lambeth\"",
        &[lambeth],
    );
    // What is personal shows nothing, not even that it is not there.
    book.says("staff | where name != \"ann\"", &[]);
}

#[test]
fn wrong_values_among_many() {
    let folder = tempfile::tempdir().unwrap();
    let lines = |n: usize| (0..n).map(|at| format!("s{at}, KENT \n")).collect::<String>();
    std::fs::write(folder.path().join("few.csv"), format!("street,area\n{}", lines(500))).unwrap();
    std::fs::write(folder.path().join("many.csv"), format!("street,area\n{}", lines(501))).unwrap();
    let catalogue = "[tables.few]\nsource = \"few.csv\"\n[tables.few.columns]\narea = { type = \"text\", case = \"title\" }\n\
                     [tables.many]\nsource = \"many.csv\"\n";
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let book = Book { casebook: Casebook::open(folder.path()).unwrap(), _folder: folder };
    let says = "street is never \"S17\": the data have \"s17\"";
    book.says("few | where street != \"S17\" | count", &[says]);
    book.says("few | where street != \"s17\" | count", &[]);
    // Values are held against as they are read.
    book.says("few | where area != \"Kent\" or street = \"s1\"", &[]);
    book.says(
        "few | where area = \"KENT\" or street = \"s1\"",
        &["area is never \"KENT\": the data have \"Kent\""],
    );
    // Of more values than anybody remembers, it takes an answer without rows to ask.
    book.says("many | where street != \"S17\" | count", &[]);
    book.says("many | where street = \"S17\" | count", &[says]);
    // A few of them stand for all, first those that are there in another way of writing; each once.
    book.says(
        "few | where street in [\"s1\", \"Avenue\", \"Avenue\", \"Boulevard\", \"Crescent\", \"S17\"] | count",
        &["street is never \"S17\", \"Avenue\", \"Boulevard\" and 1 more: the data have \"s17\""],
    );
}

#[test]
fn many_wrong_values_among_many() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = (0..20_000).map(|at| format!("00{at}\n")).collect();
    std::fs::write(folder.path().join("many.csv"), format!("number\n{lines}")).unwrap();
    let catalogue = "[tables.many]\nsource = \"many.csv\"\n[tables.many.columns]\nnumber = \"id\"\n";
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let book = Book { casebook: Casebook::open(folder.path()).unwrap(), _folder: folder };
    let listed =
        |before: &str| (1..=20_000).map(|at| format!("\"{before}{at}\"")).collect::<Vec<_>>().join(", ");
    let begun = std::time::Instant::now();
    book.says(
        &format!("many | where number in [{}] | count", listed("")),
        &["number is never \"1\", \"2\", \"3\" and 19,997 more: the data have \"001\", \"002\" and \"003\""],
    );
    book.says(
        &format!("many | where number in [{}] | count", listed("x")),
        &["number is never \"x1\", \"x2\", \"x3\" and 19,997 more"],
    );
    // Each held against each takes minutes.
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn thousands_are_set_off_as_in_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = (0..2500).map(|at| if at % 2 == 0 { "a,\n" } else { "b,x\n" }).collect();
    std::fs::write(folder.path().join("t.csv"), format!("k,n\n{lines}")).unwrap();
    let catalogue = "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nn = \"integer\"\n";
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let book = Book { casebook: Casebook::open(folder.path()).unwrap(), _folder: folder };
    let unfit =
        "values do not fit and count as missing: 1,250 of t.n (first t.csv, line 3: \"x\" is no integer)";
    book.says("t | where n > 1", &[unfit, "2,500 rows are left out where n is missing"]);
    book.says("t | summarise n = sum(n)", &[unfit, "2,500 missing values are left out of sum(n)"]);
}

#[test]
fn filters_one_after_another() {
    let book = Book::new();
    let borough = |n: &str| format!("{n} left out where borough is missing");
    // Of A2, A3 and A6, A3 is of September, and A5 is no arrest of Lambeth whatever its day.
    for question in [
        "arrests | where borough = \"Lambeth\" | where at in 2023-10",
        "arrests | where at in 2023-10 | where borough = \"Lambeth\"",
        "arrests | where borough = \"Lambeth\" | where at in 2023-10 | where arrest_id != \"A1\"",
    ] {
        book.says(question, &[&borough("2 rows are")]);
    }
    // A4 is of Brent; A6 lacks both and is counted once, A2 and A3 lack a borough.
    book.says(
        "arrests | where age > 1 | where borough = \"Lambeth\"",
        &["1 row is left out where age is missing", &borough("2 rows are")],
    );
}

#[test]
fn periods_beyond_the_records() {
    let book = Book::new();
    let missing = "1 row is left out where at is missing";
    let (ends, begins) = ("at ends on 2023-10-06", "at begins on 2023-09-30");
    for (question, note) in [
        ("arrests | where at in 2024 | count", ends),
        ("arrests | where at in 2024-01 | count by role", ends),
        ("arrests | where at >= 2023-10-07", ends),
        ("arrests | where at > 2023-10-06 | count", ends),
        ("arrests | where 2020-01-01 > at | count", begins),
        ("arrests | where at < 2023-09-30", begins),
        ("arrests | where at in 2020-01-01..2020-12-31 and at in 2023", begins),
    ] {
        book.says(question, &[missing, note]);
    }
    let told = |question: &str| book.notes(question).pop().unwrap_or_default();
    assert_eq!(told("arrests | summarise n = count(where at in 2024)"), ends);
    assert_eq!(told("charges | where arrest.at in 2024"), "arrest.at ends on 2023-10-06");
    // Within the records nothing else is to blame, and what must lie elsewhere leaves nothing empty.
    for question in [
        "arrests | where at in 2023-10-03 | count",
        "arrests | where at <= 2023-10-06 and age > 90 | count",
        "arrests | where not at in 2024 and age > 90 | count",
        "arrests | where at in 2024 or age = 17 | count",
    ] {
        let notes = book.notes(question);
        assert!(!notes.iter().any(|note| note.contains(" on 20")), "{question}: {notes:#?}");
    }
}

#[test]
fn columns_that_no_name_means() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let of = |file: &str, text: &str| {
        std::fs::write(place(file), text).unwrap();
        Casebook::open(&place(file)).unwrap()
    };
    let people = of("people.csv", "Name,Name,Age\nAnn,Lee,30\nBob,May,40\n");
    let notes = |casebook: &Casebook, question: &str| {
        let query = casebook.compile(question, &Settings::default()).unwrap().remove(0);
        casebook.answer(&query).unwrap().notes
    };
    let twice = "in the heading of people.csv `Name` stands twice: these columns are left out; casebook.toml can name one \
                 by from = \"Name#2\"";
    for question in
        ["people", "people | where Age > 30 | sort Age", "people | let x = Age + 1", "people | describe"]
    {
        assert_eq!(notes(&people, question), [twice], "{question}");
    }
    for question in ["people | count", "people | select Age", "people | count by Age"] {
        assert_eq!(notes(&people, question), [""; 0], "{question}");
    }
    // It is about what is listed in the end, once.
    for question in [
        "people | append (people | take 1)",
        "people | except people",
        "people | unpivot Age into what, n",
        "people | join (people | select Age | take 1) as other on other.Age = Age",
    ] {
        assert_eq!(notes(&people, question), [twice], "{question}");
    }
    for question in [
        "people | append (people | take 1) | count",
        "people | select Age | except people | count",
        "people | unpivot Age into what, n | select n",
    ] {
        assert_eq!(notes(&people, question), [""; 0], "{question}");
    }
    let mistake = people.compile("people | select Name", &Settings::default()).unwrap_err().remove(0);
    assert!(mistake.help[0].contains("`Name` stands twice in the heading of people.csv"), "{mistake:#?}");
    assert!(mistake.help[1].contains("from = \"Name#2\""), "{mistake:#?}");
    let all = of("all.csv", "a,a,,select,a,\n1,2,3,4,5,6\n");
    assert_eq!(
        notes(&all, "all"),
        [
            "in the heading of all.csv `a` stands 3 times and 2 names are blank: these columns are left out; casebook.toml \
          can name one by from = \"a#3\""
        ]
    );
    let blank = of("blank.csv", "Name,,Age\nAnn,Lee,30\n");
    assert!(
        notes(&blank, "blank")[0]
            .starts_with("in the heading of blank.csv 1 name is blank: this column is left out")
    );
    // What the note says can be done.
    for (file, from) in [("people.csv", "Name#2"), ("blank.csv", ""), ("all.csv", "#2")] {
        let catalogue = format!(
            "[tables.t]\nsource = \"{file}\"\n[tables.t.columns]\nother = {{ type = \"text\", from = \"{from}\" }}\n"
        );
        std::fs::write(place("casebook.toml"), catalogue).unwrap();
        let named = Casebook::open(folder.path()).unwrap();
        let query = named.compile("t | select other", &Settings::default()).unwrap().remove(0);
        let answer = named.answer(&query).unwrap();
        assert_eq!(
            answer.frame.data.columns()[0].str().unwrap().get(0),
            Some(if file == "all.csv" { "6" } else { "Lee" })
        );
        assert_eq!(notes(&named, "t").len(), usize::from(file == "all.csv"));
    }
}

#[test]
fn without_notes() {
    let Book { casebook, _folder } = Book::new();
    let casebook = casebook.noted(false);
    let query = casebook.compile("arrests | where borough = \"lambeth\"", &Settings::default()).unwrap();
    assert_eq!(casebook.answer(&query[0]).unwrap().notes, [""; 0]);
}
