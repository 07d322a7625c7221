//! What each function gives for each kind of value: ordinary, missing, empty, at the ends of what is stored. Every
//! case goes the whole way, from a file to an answer as JSON, where a missing value is `null` and an empty text is not.

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};
use serde_json::Value;

/// The answer to a question over a table `t` with a column `x` of this type that holds these fields, and whole
/// numbers in `n`: its rows, and the notes. An error is its code.
fn ask(ty: &str, fields: &[&str], stages: &str) -> Result<(Vec<Vec<Value>>, Vec<String>), String> {
    let folder = tempfile::tempdir().unwrap();
    let catalogue = format!(
        "currency = \"GBP\"\n[units]\npills = \"items\"\n[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\n\
         n = \"integer\"\nx = {ty}\n"
    );
    std::fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let rows: String = fields
        .iter()
        .enumerate()
        .map(|(n, x)| format!("{},\"{}\"\n", n + 1, x.replace('"', "\"\"")))
        .collect();
    std::fs::write(folder.path().join("t.csv"), format!("n,x\n{rows}")).unwrap();
    let casebook = Casebook::open(folder.path()).unwrap();
    let queries = casebook
        .compile(&format!("t | {stages}"), &Settings::default())
        .map_err(|mistakes| format!("{}: {}", mistakes[0].code, mistakes[0].message))?;
    let answer = casebook.answer(&queries[0]).map_err(|mistake| mistake.code.to_string())?;
    let notes = answer.notes.clone();
    let json = write(&[answer], Format::Json, Options::default()).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let rows = json[0]["rows"].as_array().unwrap();
    Ok((rows.iter().map(|row| row.as_array().unwrap().clone()).collect(), notes))
}

/// Of each input field, the output as JSON.
fn gives(ty: &str, expr: &str, cases: &[(&str, &str)]) {
    let fields: Vec<&str> = cases.iter().map(|(input, _)| *input).collect();
    let (rows, _) =
        ask(ty, &fields, &format!("select n, y = {expr}")).unwrap_or_else(|e| panic!("{expr}: {e}"));
    assert_eq!(rows.len(), cases.len(), "{expr}");
    for ((input, expected), row) in cases.iter().zip(&rows) {
        assert_eq!(row[1].to_string(), *expected, "{expr} of {input:?}");
    }
}

const TEXT: &str = "\"text\"";
const INTEGER: &str = "\"integer\"";
const NUMBER: &str = "\"number\"";
const MASS: &str = "{ type = \"mass\", unit = \"g\" }";
const MONEY: &str = "\"money\"";
const MIN: &str = "-9223372036854775808";
const MAX: &str = "9223372036854775807";

#[test]
fn texts() {
    // An e with a combining accent is two characters, as Unicode counts; the last is outside the first plane.
    let odd = "e\u{301}é😀";
    gives(
        TEXT,
        "lower(x)",
        &[("ABC", "\"abc\""), ("", "null"), ("ÉßΣ", "\"éßς\""), (odd, "\"e\u{301}é😀\"")],
    );
    gives(TEXT, "upper(x)", &[("abc", "\"ABC\""), ("", "null"), ("ß", "\"SS\""), ("é", "\"É\"")]);
    gives(TEXT, "length(x)", &[("abc", "3"), ("", "null"), (odd, "4"), ("a\u{a0}b", "3")]);
    gives(TEXT, "trim(x)", &[("  a b  ", "\"a b\""), ("", "null"), ("\u{a0}a\t", "\"a\""), (" é ", "\"é\"")]);
    gives(TEXT, "left(x, 2)", &[("abc", "\"ab\""), ("a", "\"a\""), ("", "null"), (odd, "\"e\u{301}\"")]);
    gives(TEXT, "left(x, 0)", &[("abc", "\"\""), ("", "null")]);
    gives(TEXT, "left(x, 9_000_000_000_000_000_000)", &[("abc", "\"abc\"")]);
    gives(TEXT, "right(x, 2)", &[("abc", "\"bc\""), ("a", "\"a\""), ("", "null"), (odd, "\"é😀\"")]);
    gives(TEXT, "mid(x, 2, 2)", &[("abcd", "\"bc\""), ("ab", "\"b\""), ("a", "\"\""), ("", "null")]);
    gives(TEXT, "mid(x, 3, 1)", &[(odd, "\"é\"")]);
}

#[test]
fn parts_of_texts() {
    let cases = [("a,b,c", "\"b\""), ("a", "null"), ("", "null"), ("a,,c", "\"\""), (",", "\"\"")];
    gives(TEXT, "split(x, \",\", 2)", &cases);
    gives(TEXT, "split(x, \",\", -1)", &[("a,b,c", "\"c\""), ("a", "\"a\""), ("a,", "\"\""), ("", "null")]);
    gives(TEXT, "split(x, \",\", -3)", &[("a,b,c", "\"a\""), ("a,b", "null")]);
    gives(TEXT, "split(x, \" - \", 1)", &[("a - b", "\"a\""), ("a-b", "\"a-b\"")]);
    gives(TEXT, "trim(split(x, \";\", 2))", &[("Smith; J", "\"J\"")]);
    gives(
        TEXT,
        "replace(x, \"a\", \"bb\")",
        &[("aXa", "\"bbXbb\""), ("b", "\"b\""), ("", "null"), ("A", "\"A\"")],
    );
    gives(TEXT, "replace(x, \".\", \"\")", &[("1.2.3", "\"123\""), (".", "\"\"")]);
    gives(TEXT, "replace(x, \"\u{301}\", \"\")", &[("e\u{301}", "\"e\"")]);
}

#[test]
fn texts_as_numbers() {
    gives(
        TEXT,
        "integer(x)",
        &[("7", "7"), (" 7 ", "7"), ("7.5", "null"), ("x", "null"), ("", "null"), (MAX, MAX)],
    );
    gives(TEXT, "number(x)", &[("7.5", "7.5"), ("x", "null"), ("", "null"), ("1e3", "1000")]);
}

#[test]
fn multiples() {
    gives(NUMBER, "round(x)", &[("2.5", "3"), ("-2.5", "-3"), ("2.4999", "2"), ("", "null"), ("0", "0")]);
    gives(
        NUMBER,
        "round(x, 0.01)",
        &[("0.285", "0.29"), ("1.005", "1.01"), ("1e300", "1e+300"), ("-0.285", "-0.29")],
    );
    gives(NUMBER, "floor(x)", &[("2.5", "2"), ("-2.5", "-3"), ("", "null"), ("3", "3")]);
    gives(NUMBER, "floor(x, 0.1)", &[("0.3", "0.3"), ("0.35", "0.3"), ("-0.35", "-0.4")]);
    gives(NUMBER, "ceil(x)", &[("2.5", "3"), ("-2.5", "-2"), ("", "null"), ("3", "3")]);
    gives(NUMBER, "ceil(x, 0.1)", &[("0.3", "0.3"), ("0.31", "0.4")]);
    gives(
        INTEGER,
        "round(x, 5)",
        &[
            ("12", "10"),
            ("13", "15"),
            ("-12", "-10"),
            ("", "null"),
            (MAX, "9223372036854775805"),
            ("8", "10"),
        ],
    );
    gives(
        INTEGER,
        "floor(x, 10)",
        &[("19", "10"), ("-1", "-10"), ("20", "20"), (MIN, "null"), (MAX, "9223372036854775800")],
    );
    gives(
        INTEGER,
        "ceil(x, 10)",
        &[("11", "20"), ("-19", "-10"), ("20", "20"), (MAX, "null"), (MIN, "-9223372036854775800")],
    );
    gives(INTEGER, "floor(x)", &[("7", "7"), (MIN, MIN)]);
    gives(INTEGER, "round(x, 0.5)", &[("7", "7")]);
    gives(MASS, "round(x, 1 kg)", &[("1499", "1000"), ("1500", "2000"), ("-1500", "-2000"), ("", "null")]);
    gives(MASS, "floor(x, 1 oz)", &[("28.349523125", "28.349523125"), ("28.349523124", "0")]);
    gives(MONEY, "ceil(x, £0.50)", &[("1.01", "1.5"), ("-1.01", "-1")]);
    gives(NUMBER, "round(x / 1 to %)", &[("0.436", "44"), ("0.005", "1"), ("", "null")]);
    gives(NUMBER, "round(x / 1 to %, 0.1%)", &[("0.43649", "43.6"), ("0.4365", "43.7")]);
}

#[test]
fn sizes_rests_and_roots() {
    gives(INTEGER, "abs(x)", &[("-7", "7"), ("7", "7"), ("", "null"), (MIN, "null"), (MAX, MAX)]);
    gives(NUMBER, "abs(x)", &[("-0.5", "0.5"), ("", "null"), ("-1e300", "1e+300")]);
    gives(MASS, "abs(x)", &[("-7.5", "7.5"), ("", "null")]);
    // The sign is the divisor's.
    gives(INTEGER, "mod(x, 3)", &[("7", "1"), ("-7", "2"), ("6", "0"), ("", "null"), (MIN, "1"), (MAX, "1")]);
    gives(INTEGER, "mod(x, -3)", &[("7", "-2"), ("-7", "-1")]);
    gives(INTEGER, "mod(x, 0)", &[("7", "null"), ("0", "null"), ("", "null")]);
    gives(INTEGER, "mod(x, -1)", &[(MIN, "0")]);
    gives(INTEGER, "mod(x, n - 1)", &[("7", "null"), ("7", "0"), ("7", "1")]);
    gives(NUMBER, "mod(x, 0.1)", &[("0.3", "0"), ("0.35", "0.05"), ("-0.05", "0.05"), ("", "null")]);
    gives(NUMBER, "mod(x, 0)", &[("1", "null"), ("1e300", "null")]);
    gives(INTEGER, "mod(x, 0.5)", &[("7", "0")]);
    gives(MASS, "mod(x, 1 oz)", &[("30", "1.650476875"), ("28.349523125", "0"), ("", "null")]);
    gives(MONEY, "mod(x, £20)", &[("70", "10"), ("-70", "10"), ("60", "0")]);
    gives(
        NUMBER,
        "sqrt(x)",
        &[("16", "4"), ("2", "1.4142135623730951"), ("-1", "null"), ("", "null"), ("0", "0")],
    );
    gives(INTEGER, "sqrt(x)", &[("9", "3"), (MIN, "null")]);
}

#[test]
fn bounds() {
    gives(
        INTEGER,
        "clamp(x, 0, 10)",
        &[("-5", "0"), ("5", "5"), ("15", "10"), ("", "null"), (MIN, "0"), (MAX, "10")],
    );
    gives(INTEGER, "clamp(x, 0, 2.5)", &[("-5", "0"), ("1", "1"), ("3", "2.5")]);
    gives(INTEGER, "clamp(x, 0.5, 3)", &[("-5", "0.5"), ("7", "3")]);
    gives(NUMBER, "clamp(x, -1, 1)", &[("-1e300", "-1"), ("0.5", "0.5"), ("", "null")]);
    gives(MASS, "clamp(x, 1 g, 1 kg)", &[("0", "1"), ("5000", "1000"), ("7", "7")]);
    gives(
        "\"date\"",
        "clamp(x, 2023-01-01, 2023-12-31)",
        &[
            ("2022-05-05", "\"2023-01-01\""),
            ("2023-05-05", "\"2023-05-05\""),
            ("2024-05-05", "\"2023-12-31\""),
            ("", "null"),
        ],
    );
    gives(
        "\"datetime\"",
        "clamp(x, 2023-01-01T06:00, 2023-01-01T18:00)",
        &[("2023-01-01 05:59", "\"2023-01-01T06:00:00\""), ("2023-01-01 18:00", "\"2023-01-01T18:00:00\"")],
    );
}

#[test]
fn buckets_of_integers() {
    let cases = [
        ("-1", "\"below 0\""),
        ("0", "\"0–17\""),
        ("17", "\"0–17\""),
        ("18", "\"18\""),
        ("19", "\"19–24\""),
        ("24", "\"19–24\""),
        ("25", "\"25+\""),
        ("", "null"),
        (MIN, "\"below 0\""),
        (MAX, "\"25+\""),
    ];
    gives(INTEGER, "bucket(x, 0, 18, 19, 25)", &cases);
    gives(INTEGER, "bucket(x, -5, 0)", &[("-6", "\"below -5\""), ("-1", "\"-5 to -1\""), ("0", "\"0+\"")]);
    gives(INTEGER, "bucket(x, 18)", &[("17", "\"below 18\""), ("18", "\"18+\"")]);
    gives(INTEGER, "bucket(x, 0, 17.5)", &[("17", "\"0–17.5\""), ("18", "\"17.5+\"")]);
}

#[test]
fn buckets_of_what_has_no_next() {
    let mass = [
        ("27.999999999", "\"0 g–28 g\""),
        ("28", "\"28 g–1 kg\""),
        ("1000", "\"1 kg+\""),
        ("-1", "\"below 0 g\""),
    ];
    gives(MASS, "bucket(x, 0 g, 28 g, 1 kg)", &mass);
    gives(
        MASS,
        "bucket(x, 1 oz)",
        &[("28.349523125", "\"1 oz+\""), ("28.349523124", "\"below 1 oz\""), ("", "null")],
    );
    gives(MONEY, "bucket(x, £0, £1k)", &[("999.9999", "\"£0–£1000\""), ("1000", "\"£1000+\"")]);
    gives(NUMBER, "bucket(x, 0, 0.5)", &[("0.499999999999", "\"0–0.5\""), ("0.5", "\"0.5+\""), ("", "null")]);
    gives(NUMBER, "bucket(x, 0%, 12.5%)", &[("0.12", "\"0%–12.5%\""), ("0.125", "\"12.5%+\"")]);
    gives(
        "\"date\"",
        "bucket(x, 2023-01-01, 2023-04-01)",
        &[
            ("2022-12-31", "\"before 2023-01-01\""),
            ("2023-03-31", "\"2023-01-01–2023-03-31\""),
            ("2023-04-01", "\"since 2023-04-01\""),
            ("", "null"),
        ],
    );
    gives(
        "\"datetime\"",
        "bucket(x, 2023-01-01, 2023-04-01)",
        &[("2023-03-31 23:59:59", "\"2023-01-01–2023-03-31\""), ("2023-04-01 00:00", "\"since 2023-04-01\"")],
    );
    gives(
        "\"datetime\"",
        "bucket(x, 2023-01-01T06:00, 2023-01-01T18:00)",
        &[
            ("2023-01-01 18:00", "\"since 2023-01-01 18:00\""),
            ("2023-01-01 05:59:59", "\"before 2023-01-01 06:00\""),
        ],
    );
    gives("\"date\"", "bucket(x - 2023-01-01, 0 days, 1 week)", &[("2023-01-07", "\"0 days–1 weeks\"")]);
}

#[test]
fn buckets_are_in_order_and_lose_nothing() {
    let fields = ["30", "-1", "5", "", "18", "100"];
    let (rows, _) = ask(INTEGER, &fields, "count by b = bucket(x, 0, 18, 25)").unwrap();
    let found: Vec<String> = rows.iter().map(|row| format!("{} {}", row[0], row[1])).collect();
    assert_eq!(found, ["\"below 0\" 1", "\"0–17\" 1", "\"18–24\" 1", "\"25+\" 2", "null 1"]);
    let (rows, _) =
        ask(INTEGER, &fields, "where bucket(x, 0, 18, 25) in [\"0–17\", \"25+\"] | count").unwrap();
    assert_eq!(rows[0][0], 3);
    let (rows, _) = ask(INTEGER, &fields, "where bucket(x, 0, 18, 25) >= \"18–24\" | count").unwrap();
    assert_eq!(rows[0][0], 3);
}

#[test]
fn the_first_that_is_known() {
    gives(INTEGER, "coalesce(x, n)", &[("7", "7"), ("", "2")]);
    gives(INTEGER, "coalesce(x, missing, 0.5)", &[("7", "7"), ("", "0.5")]);
    gives(
        INTEGER,
        "coalesce(if x > 5 then x else missing, if x > 3 then 0 else missing, -1)",
        &[("7", "7"), ("4", "0"), ("1", "-1"), ("", "-1")],
    );
    gives(TEXT, "coalesce(x, \"none\")", &[("a", "\"a\""), ("", "\"none\"")]);
    gives(
        INTEGER,
        "if x < 5 then \"low\" else if x < 10 then \"mid\" else \"high\"",
        &[("1", "\"low\""), ("5", "\"mid\""), ("10", "\"high\""), ("", "\"high\"")],
    );
}

#[test]
fn rates() {
    // £n over x grams.
    gives(
        MASS,
        "£158 / x",
        &[("300", "0.5266666666666666"), ("", "null"), ("0", "null"), ("0.000000001", "158000000000")],
    );
    gives(MASS, "£158 / x to £/kg", &[("300", "526.6666666666666")]);
    gives(MASS, "£158 / x to £/oz", &[("28.349523125", "158"), ("300", "14.930748845833334")]);
    gives(MASS, "x / 2 days to kg/day", &[("3000", "1.5")]);
    gives(MASS, "x / 12 pills", &[("3", "0.25")]);
    gives(MASS, "12 pills / x", &[("3", "4")]);
    // Back again, rounded once.
    gives(MASS, "x * £40/g", &[("2.5", "100"), ("", "null"), ("9223372036", "368934881440")]);
    gives(MASS, "£40/g * x", &[("-2.5", "-100")]);
    gives(MASS, "x * (£1 / 3 g)", &[("3", "1"), ("0.00015", "0"), ("0.00045", "0.0001")]);
    gives(MONEY, "x / £40/g", &[("100", "2.5"), ("", "null")]);
    gives(MASS, "£158 / x > £0.5/g", &[("300", "true"), ("316", "false"), ("", "null")]);
    gives(MASS, "£158 / x = £0.5/g", &[("316", "true"), ("300", "false")]);
    gives(MASS, "£1k/kg = £1/g", &[("1", "true")]);
    gives(MASS, "(£158 / x) / £1/g", &[("316", "0.5")]);
    gives(MASS, "(£158 / x) * 2", &[("316", "1")]);
    gives(MASS, "2 * (£158 / x) / 4", &[("316", "0.25")]);
    gives(MASS, "-£3/g", &[("1", "-3")]);
    gives(MASS, "round(£158 / x, £0.25/g)", &[("300", "0.5")]);
    gives(MASS, "bucket(£158 / x, £0/g, £0.5/g)", &[("300", "\"£0.5/g+\""), ("317", "\"£0/g–£0.5/g\"")]);
    gives(MASS, "£158 / x in £0.4/g..£0.5/g", &[("316", "true"), ("300", "false")]);
    gives(MASS, "£158 / x ?? £1/g", &[("", "1")]);
}

#[test]
fn rates_of_groups() {
    let (rows, _) =
        ask(MASS, &["1", "3", ""], "summarise a = sum(£1 * n) / sum(x), m = median(£12 / x)").unwrap();
    // £6 over 4 g; £12/g and £4/g, of which the middle is £8/g.
    assert_eq!(rows[0].iter().map(Value::to_string).collect::<Vec<_>>(), ["1.5", "8"]);
    let (rows, notes) = ask(MASS, &["1", ""], "summarise m = median(£12 / x)").unwrap();
    assert_eq!((rows[0][0].to_string().as_str(), notes.len()), ("12", 1));
    let (rows, _) = ask(MASS, &["3", "1", "2", ""], "let p = £12 / x | sort p | select n, p").unwrap();
    let order: Vec<String> = rows.iter().map(|row| row[0].to_string()).collect();
    assert_eq!(order, ["1", "3", "2", "4"]);
}

#[test]
fn quotients_in_per_cent() {
    gives(
        INTEGER,
        "x / 300 to %",
        &[("158", "52.666666666666664"), ("1", "0.3333333333333333"), ("300", "100"), ("", "null")],
    );
    gives(INTEGER, "x / 100 to %", &[("7", "7"), ("29", "29"), ("57", "57"), ("-115", "-115")]);
    gives(MASS, "x / 3 g to %", &[("1", "33.333333333333336"), ("9007199254.740993", "300239975158.0331")]);
}

#[test]
fn wrong_calls() {
    for (ty, expr, code) in [
        (INTEGER, "bucket(x)", "type-call"),
        (INTEGER, "bucket(x, 5, 5)", "type-call"),
        (INTEGER, "clamp(x, 10, 0)", "type-call"),
        (INTEGER, "mod(x, \"a\")", "type-call"),
        (TEXT, "left(x, 1 g)", "type-call"),
        (TEXT, "split(x, \"\", 1)", "type-call"),
        (TEXT, "split(x, \",\", 0)", "type-call"),
        (MASS, "(£1 / x) + (£1 / x)", "type-units"),
        (MASS, "(£1 / x) + £1", "type-units"),
        (MASS, "£1 / x to g/£", "type-units"),
        (MASS, "x * £40/ml", "type-units"),
        (NUMBER, "round(x to %, 1)", "type-call"),
    ] {
        let said = ask(ty, &["1"], &format!("select y = {expr}")).unwrap_err();
        assert!(said.starts_with(&format!("{code}:")), "{expr}: {said}");
    }
}
