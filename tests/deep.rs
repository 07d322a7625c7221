//! Questions as long and as deep as the grammar allows answer right, and at once: each shape here took minutes or ended
//! the process when its cost grew faster than its length. They run on a test's thread, whose stack is small. What they
//! are held against is counted by a short question, or by hand.

use std::path::Path;

use casebook::{Casebook, Settings};

fn book() -> Casebook {
    Casebook::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")).expect("it opens")
}

/// The one number that a question gives, and its notes.
fn asked(book: &Casebook, question: &str) -> (String, Vec<String>) {
    let start: String = question.chars().take(80).collect();
    let queries = book.compile(question, &Settings::default());
    let query = queries.unwrap_or_else(|mistakes| panic!("{start}\n{:?}", mistakes[0].message)).remove(0);
    let answer = book.answer(&query).unwrap_or_else(|error| panic!("{start}\n{error:?}"));
    let value = answer.frame.data.columns()[0].get(0).expect("a row").to_string();
    (value, answer.notes)
}

fn codes(book: &Casebook, question: &str) -> Vec<&'static str> {
    let mistakes = book.compile(question, &Settings::default()).err().unwrap_or_default();
    mistakes.iter().map(|mistake| mistake.code).collect()
}

/// So many parts with something between them.
fn joined(n: usize, between: &str, part: impl Fn(usize) -> String) -> String {
    (0..n).map(part).collect::<Vec<_>>().join(between)
}

fn counted(condition: &str) -> String {
    format!("arrests | where {condition} | count")
}

/// `n` pieces of text before and after a core.
fn around(n: usize, before: &str, core: &str, after: &str) -> String {
    format!("{}{core}{}", before.repeat(n), after.repeat(n))
}

#[test]
fn a_thousand_operators_answer_as_a_short_question_does() {
    let book = book();
    let ages = |from: usize| joined(300, ", ", |at| (at + from).to_string());
    let same = |long: String, short: &str| {
        let ((value, notes), (wanted, why)) = (asked(&book, &long), asked(&book, short));
        let start: String = long.chars().take(80).collect();
        assert_eq!(value, wanted, "{start}");
        assert_eq!(notes, why, "{start}");
    };
    let in_list = counted(&format!("age in [{}]", ages(20)));
    same(counted(&joined(1000, " or ", |at| format!("age = {}", at + 20))), &in_list);
    same(counted(&format!("not ({})", joined(999, " and ", |at| format!("age != {}", at + 20)))), &in_list);
    same(counted(&joined(1000, " and ", |at| format!("age != {}", at + 20))), &counted("age < 20"));
    same(format!("arrests {}| count", "| where age > 20 ".repeat(1000)), &counted("age > 20"));
    same(
        format!("arrests | let a = age {}| count", "| where a > 20 ".repeat(300)),
        "arrests | let a = age | where a > 20 | count",
    );
    same(counted(&format!("({}) > 20", joined(1000, " ?? ", |_| "age".to_string()))), &counted("age > 20"));
    same(
        counted(&format!("{} > 20000", joined(999, " + ", |_| "age".to_string()))),
        &counted("age * 999 > 20000"),
    );
    same(counted(&format!("age{} > 20", " / 1".repeat(999))), &counted("age > 20"));
    same(counted(&format!("age{} > 20", " + 0.5 - 0.5".repeat(450))), &counted("age > 20"));
    same(
        counted(&format!("arrested_at{} in 2023-10", " + 1 day - 1 day".repeat(450))),
        &counted("arrested_at in 2023-10"),
    );
    same(
        counted(&format!("{} starts with \"\"", joined(999, " + ", |_| "borough".to_string()))),
        &counted("borough starts with \"\""),
    );
    same(
        counted(&joined(499, " or ", |at| format!("age = {} and borough = \"Lambeth\"", at + 20))),
        &counted(&format!("age in [{}] and borough = \"Lambeth\"", ages(20))),
    );
    // Of records that are looked up, and behind a grouping.
    same(
        format!("charges | where {} | count", joined(999, " or ", |at| format!("arrest.age = {}", at + 20))),
        &format!("charges | where arrest.age in [{}] | count", ages(20)),
    );
    same(
        format!(
            "arrests | summarise n = count() by borough | where {} | count",
            joined(999, " or ", |at| format!("n = {at}"))
        ),
        "arrests | summarise n = count() by borough | where n < 999 | count",
    );
}

#[test]
fn what_nests_to_the_limit_answers_too() {
    let book = book();
    let same = |long: &str, short: &str| {
        assert_eq!(asked(&book, &counted(long)), asked(&book, &counted(short)), "{short}");
    };
    same(&around(250, "not ", "age > 20", ""), "age > 20");
    same(&around(250, "(", "age > 20", ")"), "age > 20");
    same(&around(250, "- ", "age > 20", ""), "age > 20");
    same(&format!("({}age) > 20", joined(250, "", |at| format!("if age = {at} then age else "))), "age > 20");
    same(&format!("{} > 140", around(120, "abs(1 + ", "age", ")")), "age > 20");
    same(&format!("{} = 2023-10", around(200, "month(", "arrested_at", ")")), "arrested_at in 2023-10");
    same(&around(100, "(", "age > 20", " or age = 21) and age != 400"), "age > 20");
}

#[test]
fn columns_made_of_columns() {
    let book = book();
    // Each is made of the one before, twice: what is known of one is found out once.
    let long = joined(400, " ", |at| format!("| let x{} = x{at} - x{at} + age", at + 1));
    let (value, _) = asked(&book, &format!("arrests | let x0 = age {long} | where x400 > 20 | count"));
    assert_eq!(value, asked(&book, &counted("age > 20")).0);
}

#[test]
fn calculations_without_a_value_are_told_as_one_where_they_are_too_many() {
    let book = book();
    let sum = joined(500, " + ", |_| "age * 1_000_000_000_000_000_000".to_string());
    let (value, notes) = asked(&book, &format!("arrests | let x = {sum} | summarise n = count(x)"));
    assert_eq!(value, "0");
    assert!(notes.iter().any(|note| note.contains("has no value in 3,857 rows")), "{notes:?}");
    assert!(notes.iter().all(|note| note.chars().count() < 400), "{notes:?}");
}

#[test]
fn what_no_engine_could_be_asked_is_refused() {
    let book = book();
    let long = |n: usize| counted(&joined(n, " or ", |at| format!("age = {at}")));
    assert_eq!(codes(&book, &long(1000)), [""; 0]);
    assert_eq!(codes(&book, &long(1001)), ["syntax-depth"]);
    // Days, durations, days again: no chain of one type.
    let days =
        |n: usize| counted(&format!("arrested_at{} in 2023-10", " - 2023-01-01 + 2023-01-01".repeat(n)));
    assert_eq!(codes(&book, &days(100)), [""; 0]);
    assert_eq!(codes(&book, &days(200)), ["syntax-depth"]);
    assert_eq!(asked(&book, &days(100)).0, asked(&book, &counted("arrested_at in 2023-10")).0);
}

#[test]
fn derived_columns_do_not_get_round_the_bounds() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("t.csv", "n\n1\n");
    let derived = joined(40, "\n", |at| format!("x{} = 'x{at} * x{at} - x{at}'", at + 1));
    write(
        "casebook.toml",
        &format!(
            "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nn = \"integer\"\n[tables.t.derive]\nx0 = 'n'\n{derived}\n"
        ),
    );
    let mistakes = Casebook::open(folder.path()).err().unwrap_or_default();
    assert!(
        !mistakes.is_empty() && mistakes.iter().all(|mistake| mistake.code == "syntax-depth"),
        "{mistakes:?}"
    );
}
