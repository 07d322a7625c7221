//! How cells look: to readers in tables, to programs in csv and JSON.

use std::path::Path;
use std::sync::Arc;

use casebook::frame::{Answer, Column, Frame};
use casebook::output::{self, Format, Options, table};
use casebook::types::{Bin, Category, Currency, Show, Type, Unit, Units};
use polars::prelude::{
    BooleanChunked, Column as Values, DataFrame, DataType, Int64Chunked, IntoSeries, NamedFrom,
    NewChunkedArray, Series, TimeUnit,
};

const DAY: i64 = 86_400_000_000;
/// 2023-10-09
const MONDAY: i32 = 19_639;

fn column(name: &str, ty: Type, show: Show) -> Column {
    Column { name: name.to_string(), label: None, ty, show, data_only: false }
}

fn unit(name: &str) -> Unit {
    Units { kinds: vec![Arc::from("tablets"), Arc::from("boxes")] }.find(name).unwrap()
}

fn answer(columns: Vec<(Column, Series)>) -> Answer {
    let height = columns.first().map_or(0, |(_, values)| values.len());
    let (columns, values): (Vec<Column>, Vec<Series>) = columns.into_iter().unzip();
    let values = values
        .into_iter()
        .enumerate()
        .map(|(at, values)| Values::from(values.with_name(at.to_string().into())))
        .collect();
    let data = DataFrame::new(height, values).unwrap();
    Answer { title: None, frame: Frame::plain(data, columns), notes: Vec::new() }
}

fn written(answers: &[Answer], format: Format) -> String {
    String::from_utf8(output::write(answers, format, Options::default()).unwrap()).unwrap()
}

/// The cells of a column in a table, without heading, line and blanks.
fn shown(ty: Type, show: Show, values: Series) -> Vec<String> {
    let table = written(&[answer(vec![(column("x", ty, show), values)])], Format::Table);
    table.lines().skip(2).map(|line| line.trim().to_string()).collect()
}

/// Heading and cells of a column in csv.
fn data(ty: Type, show: Show, values: Series) -> Vec<String> {
    let csv = written(&[answer(vec![(column("x", ty, show), values)])], Format::Csv);
    csv.lines().map(str::to_string).collect()
}

fn whole<const N: usize>(values: [i64; N]) -> Series {
    Int64Chunked::from_slice("x".into(), &values).into_series()
}

fn numbers<const N: usize>(values: [f64; N]) -> Series {
    Series::new("x".into(), values.to_vec())
}

fn texts<const N: usize>(values: [&str; N]) -> Series {
    Series::new("x".into(), values.to_vec())
}

#[test]
fn integers_and_numbers() {
    assert_eq!(
        shown(Type::Integer, Show::Plain, whole([9_878, -1_234_567, 0])),
        ["9,878", "-1,234,567", "0"]
    );
    assert_eq!(
        data(Type::Integer, Show::Plain, whole([9_878, i64::MIN])),
        ["x", "9878", "-9223372036854775808"]
    );
    let values = [31.0, 1_234.567_89, 0.001_234, -0.0];
    assert_eq!(shown(Type::Number, Show::Plain, numbers(values)), ["31", "1,234.568", "0.00123", "0"]);
    assert_eq!(data(Type::Number, Show::Plain, numbers(values)), ["x", "31", "1234.56789", "0.001234", "0"]);
    // Years have no comma.
    assert_eq!(shown(Type::Integer, Show::Bin(Bin::Year), whole([2023])), ["2023"]);
}

#[test]
fn percentages() {
    let values = [0.07, 0.5625, 1.0, 0.000_4];
    assert_eq!(shown(Type::Number, Show::Percent, numbers(values)), ["7%", "56.3%", "100%", "0.04%"]);
    assert_eq!(data(Type::Number, Show::Percent, numbers(values)), ["x [%]", "7", "56.25", "100", "0.04"]);
    assert_eq!(data(Type::Integer, Show::Percent, whole([2])), ["x [%]", "200"]);
}

#[test]
fn masses_and_volumes() {
    let kg = Show::Unit(unit("kg"));
    let values = || whole([7_600_000_000_000, 1_234_567_800_000_000, 20_000_000, 0]);
    assert_eq!(shown(Type::Mass, kg.clone(), values()), ["7.6 kg", "1,234.568 kg", "0.00002 kg", "0 kg"]);
    assert_eq!(data(Type::Mass, kg, values()), ["x [kg]", "7.6", "1234.5678", "0.00002", "0"]);
    assert_eq!(shown(Type::Mass, Show::Plain, whole([28_349_523_125])), ["28.35 g"]);
    assert_eq!(data(Type::Mass, Show::Plain, whole([28_349_523_125])), ["x [g]", "28.349523125"]);
    assert_eq!(shown(Type::Volume, Show::Unit(unit("us fl oz")), whole([59_147_059])), ["2 us fl oz"]);
}

#[test]
fn money() {
    let gbp = Type::Money(Currency::GBP);
    let values = || whole([2_145_680_000, 12_345_000, -50_000, -55_000, 50]);
    let table = ["£214,568", "£1,234.50", "-£5", "-£5.50", "£0.01"];
    assert_eq!(shown(gbp.clone(), Show::Plain, values()), table);
    assert_eq!(data(gbp, Show::Plain, values()), ["x [GBP]", "214568", "1234.5", "-5", "-5.5", "0.005"]);
    let chf = Type::Money(Currency::of("CHF").unwrap());
    assert_eq!(shown(chf, Show::Plain, whole([2_000_000, 12_340_000])), ["200 CHF", "1,234 CHF"]);
}

#[test]
fn items_and_durations() {
    let tablets = Type::Items(Arc::from("tablets"));
    let values = || whole([120_000, 10_000, 5_000]);
    assert_eq!(shown(tablets.clone(), Show::Plain, values()), ["12 tablets", "1 tablet", "0.5 tablets"]);
    assert_eq!(data(tablets, Show::Plain, values()), ["x [tablets]", "12", "1", "0.5"]);
    assert_eq!(shown(Type::Items(Arc::from("boxes")), Show::Plain, whole([10_000])), ["1 boxes"]);
    let values = || whole([2 * DAY, DAY, DAY / 2]);
    assert_eq!(shown(Type::Duration, Show::Plain, values()), ["2 days", "1 day", "0.5 days"]);
    assert_eq!(data(Type::Duration, Show::Plain, values()), ["x [days]", "2", "1", "0.5"]);
    assert_eq!(shown(Type::Duration, Show::Unit(unit("hours")), whole([DAY])), ["24 hours"]);
}

#[test]
fn dates() {
    let dates = || Series::new("x".into(), vec![MONDAY]).cast(&DataType::Date).unwrap();
    let cases = [
        (Show::Plain, "2023-10-09"),
        (Show::Bin(Bin::Day), "2023-10-09"),
        (Show::Bin(Bin::Week), "2023-10-09"),
        (Show::Bin(Bin::Month), "2023-10"),
        (Show::Bin(Bin::Quarter), "2023-Q4"),
        (Show::Bin(Bin::Year), "2023"),
    ];
    for (show, text) in cases {
        assert_eq!(shown(Type::Date, show.clone(), dates()), [text]);
        assert_eq!(data(Type::Date, show, dates()), ["x", text]);
    }
}

#[test]
fn times() {
    let start = i64::from(MONDAY) * DAY;
    let half_past_two = start + 14 * 3_600_000_000 + 30 * 60_000_000;
    let times = whole([start, half_past_two, half_past_two + 5_000_000, half_past_two + 1])
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .unwrap();
    let table = ["2023-10-09 00:00", "2023-10-09 14:30", "2023-10-09 14:30:05", "2023-10-09 14:30:00.000001"];
    assert_eq!(shown(Type::Datetime, Show::Plain, times.clone()), table);
    let csv = [
        "x",
        "2023-10-09T00:00:00",
        "2023-10-09T14:30:00",
        "2023-10-09T14:30:05",
        "2023-10-09T14:30:00.000001",
    ];
    assert_eq!(data(Type::Datetime, Show::Plain, times), csv);
}

#[test]
fn text_cannot_steer_the_terminal() {
    let values = texts(["a\nb\tc", "\u{1b}[31mred", "\u{202e}right", "Żółć 東京"]);
    let table = shown(Type::Text, Show::Plain, values.clone());
    assert_eq!(table, ["a\\nb\\tc", "\\u{1b}[31mred", "\\u{202e}right", "Żółć 東京"]);
    let csv = written(&[answer(vec![(column("x", Type::Text, Show::Plain), values)])], Format::Csv);
    assert_eq!(csv, "x\n\"a\nb\tc\"\n\u{1b}[31mred\n\u{202e}right\nŻółć 東京\n");
}

#[test]
fn a_table_for_readers() {
    let category = Arc::new(Category { values: vec!["A".to_string(), "B".to_string()] });
    let mut named = column("drug_class", Type::Category(category), Show::Plain);
    named.label = Some("Class".to_string());
    let mut first = answer(vec![
        (named, Series::new("x".into(), vec![Some("A"), Some(""), None])),
        (
            column("charges", Type::Integer, Show::Plain),
            Series::new("x".into(), vec![Some(9_878i64), Some(1), None]),
        ),
        (
            column("known", Type::Bool, Show::Plain),
            BooleanChunked::from_slice("x".into(), &[true, false, true]).into_series(),
        ),
    ]);
    first.title = Some("Charges\u{7}".to_string());
    let second = answer(vec![(column("n", Type::Integer, Show::Plain), whole([]))]);
    assert_eq!(
        written(&[first, second], Format::Table),
        "Charges\\u{7}\n\
         \n\
         Class  charges  known\n\
         ─────────────────────\n\
         A        9,878  true\n\
         \x20            1  false\n\
         —            —  true\n\
         \n\
         n\n\
         ─\n\
         (no rows)\n"
    );
}

#[test]
fn tables_fold_only_in_a_narrow_terminal() {
    let long = "word ".repeat(30);
    let make = || [answer(vec![(column("x", Type::Text, Show::Plain), texts([long.trim()]))])];
    assert_eq!(written(&make(), Format::Table).lines().count(), 3);
    let narrow = output::write(&make(), Format::Table, Options { width: Some(40) }).unwrap();
    let narrow = String::from_utf8(narrow).unwrap();
    assert!(narrow.lines().count() > 4 && narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
    let wide = output::write(&make(), Format::Table, Options { width: Some(200) }).unwrap();
    assert_eq!(String::from_utf8(wide).unwrap(), written(&make(), Format::Table));
}

/// The widest line, and all lines, of a table fitted into so many columns.
fn fitted(one: &Answer, width: u16) -> (usize, table::Fitted) {
    let fitted = table::fitted(one, table::Room { width: Some(width), rows: None }).unwrap();
    (fitted.text.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap_or(0), fitted)
}

#[test]
fn a_fitted_table_breaks_no_word() {
    let offence = "possession with intent to supply a controlled drug";
    let one = answer(vec![
        (column("charge_id", Type::Id, Show::Plain), texts(["C0001"])),
        (column("offence", Type::Text, Show::Plain), texts([offence])),
        (column("borough", Type::Text, Show::Plain), texts(["Southwark and Kensington"])),
        (column("group", Type::Text, Show::Plain), texts(["drug trafficking"])),
        (
            column("at", Type::Datetime, Show::Plain),
            Series::new("x".into(), [0i64]).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap(),
        ),
    ]);
    for width in 20..130 {
        let (widest, table) = fitted(&one, width);
        assert!(widest <= usize::from(width), "{width}: {}", table.text);
        let words = |text: &str| {
            text.split_whitespace().map(str::to_string).collect::<std::collections::HashSet<_>>()
        };
        let known = words(&format!(
            "C0001 {offence} Southwark and Kensington drug trafficking 1970-01-01 00:00 charge_id offence borough group at"
        ));
        let broken: Vec<String> = words(&table.text)
            .into_iter()
            .filter(|word| !word.starts_with('─') && !known.contains(word))
            .collect();
        assert_eq!(broken, [""; 0], "{width}: {}", table.text);
    }
    // Nothing is left out as long as words fit, and it is the last that are.
    assert_eq!(fitted(&one, 64).1.left_out, [""; 0]);
    assert_eq!(fitted(&one, 40).1.left_out, ["group", "at"]);
    // A text without blanks is broken where it must be, a wide one anywhere.
    let one = answer(vec![
        (column("x", Type::Text, Show::Plain), texts(["東京都".repeat(20).as_str()])),
        (column("y", Type::Text, Show::Plain), texts(["a".repeat(60).as_str()])),
    ]);
    let (widest, table) = fitted(&one, 40);
    assert!(widest <= 40 && table.left_out.is_empty(), "{}", table.text);
}

#[test]
fn csv_separates_answers_and_rows_of_nothing() {
    let one = || {
        answer(vec![(
            column("x", Type::Text, Show::Plain),
            Series::new("x".into(), vec![Some("a,\"b\""), None]),
        )])
    };
    // A row that holds one missing value is no blank line.
    assert_eq!(
        written(&[one(), one()], Format::Csv),
        "x\n\"a,\"\"b\"\"\"\n\"\"\n\nx\n\"a,\"\"b\"\"\"\n\"\"\n"
    );
    assert_eq!(written(&[], Format::Csv), "");
}

#[test]
fn json_has_every_digit() {
    let mut one = answer(vec![
        (column("place", Type::Text, Show::Plain), Series::new("x".into(), vec![Some("a\"b"), None])),
        (
            column("weight", Type::Mass, Show::Unit(unit("kg"))),
            Series::new("x".into(), vec![Some(11_025_508_812_000i64), None]),
        ),
        (column("n", Type::Integer, Show::Plain), whole([i64::MAX, 1])),
        (column("mean", Type::Number, Show::Plain), numbers([31.0, 0.1])),
        (
            column("known", Type::Bool, Show::Plain),
            BooleanChunked::from_slice("x".into(), &[true, false]).into_series(),
        ),
        (
            column("day", Type::Date, Show::Bin(Bin::Year)),
            Series::new("x".into(), vec![Some(MONDAY), None]).cast(&DataType::Date).unwrap(),
        ),
    ]);
    one.title = Some("Two rows".to_string());
    let json = written(&[one], Format::Json);
    assert_eq!(
        json,
        r#"[
  {
    "title": "Two rows",
    "columns": ["place", "weight [kg]", "n", "mean", "known", "day"],
    "rows": [
      ["a\"b", 11.025508812, 9223372036854775807, 31, true, "2023"],
      [null, null, 1, 0.1, false, null]
    ]
  }
]
"#
    );
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    let none = answer(vec![(column("n", Type::Integer, Show::Plain), whole([]))]);
    let json: serde_json::Value =
        serde_json::from_str(&written(&[none.clone(), none], Format::Json)).unwrap();
    assert_eq!(json[1]["rows"], serde_json::json!([]));
    assert_eq!(written(&[], Format::Json), "[]\n");
}

#[test]
fn many_rows_are_quick() {
    let rows = 300_000;
    let count = Series::new("x".into(), (0..rows).collect::<Vec<i64>>());
    let one = [answer(vec![
        (column("n", Type::Integer, Show::Plain), count.clone()),
        (column("weight", Type::Mass, Show::Plain), count),
    ])];
    for format in [Format::Table, Format::Csv, Format::Json] {
        let start = std::time::Instant::now();
        let text = written(&one, format);
        assert!(text.lines().count() > rows as usize);
        // Seconds where it is linear, minutes where it is not.
        assert!(start.elapsed().as_secs() < 30, "{format:?} took {:?}", start.elapsed());
        eprintln!("{format:?} {:?}", start.elapsed());
    }
}

#[test]
fn a_cell_of_any_length() {
    let long = "x".repeat(70_000);
    assert!(shown(Type::Text, Show::Plain, texts([&long])).concat().len() >= long.len());
    let narrow = [answer(vec![(column("x", Type::Text, Show::Plain), texts([&long]))])];
    assert!(output::write(&narrow, Format::Table, Options { width: Some(1) }).is_ok());
    assert!(written(&[answer(Vec::new())], Format::Table).ends_with("(no rows)\n"));
    assert!(output::write(&[answer(Vec::new())], Format::Csv, Options::default()).is_ok());
}

#[test]
fn values_of_another_type_are_no_panic() {
    let wrong = answer(vec![(column("x", Type::Integer, Show::Plain), texts(["a"]))]);
    let mistake = output::write(&[wrong], Format::Csv, Options::default()).unwrap_err();
    assert_eq!(mistake.code, "data-output");
    let all_missing =
        answer(vec![(column("x", Type::Missing, Show::Plain), Series::new_null("x".into(), 2))]);
    assert_eq!(written(&[all_missing], Format::Csv), "x\n\"\"\n\"\"\n");
}

/// Two answers with everything that a format could trip over.
fn awkward() -> Vec<Answer> {
    let mut label = column("class", Type::Text, Show::Plain);
    label.label = Some("Class|kind".to_string());
    let mut first = answer(vec![
        (
            label,
            Series::new("x".into(), [Some("a|b"), Some("tab\there"), Some("two\nlines, \"quoted\""), None]),
        ),
        (
            column("weight", Type::Mass, Show::Unit(unit("kg"))),
            Series::new(
                "x".into(),
                [Some(1_234_500_000_000_000_i64), None, Some(0), Some(-7_600_000_000_000)],
            ),
        ),
        (column("rate", Type::Number, Show::Percent), numbers([0.5625, 1.0, 0.0, 0.07])),
    ]);
    first.title = Some("Seizures *by* class_of_drug".to_string());
    let mut second = answer(vec![
        (
            column("on", Type::Date, Show::Plain),
            Series::new("x".into(), [MONDAY]).cast(&DataType::Date).unwrap(),
        ),
        (column("n_", Type::Integer, Show::Plain), whole([9_878])),
    ]);
    second.frame.columns[1].data_only = true;
    vec![first, second]
}

#[test]
fn tabs_separate_and_quotes_hold() {
    assert_eq!(
        written(&awkward(), Format::Tsv),
        "class\tweight [kg]\trate [%]\n\
         a|b\t1234.5\t56.25\n\
         \"tab\there\"\t\t100\n\
         \"two\nlines, \"\"quoted\"\"\"\t0\t0\n\
         \t-7.6\t7\n\
         \n\
         on\tn_\n2023-10-09\t9878\n"
    );
}

#[test]
fn an_object_a_row() {
    let answers = awkward();
    let one = written(&answers[..1], Format::Ndjson);
    assert_eq!(
        one,
        "{\"class\":\"a|b\",\"weight [kg]\":1234.5,\"rate [%]\":56.25}\n\
         {\"class\":\"tab\\there\",\"weight [kg]\":null,\"rate [%]\":100}\n\
         {\"class\":\"two\\nlines, \\\"quoted\\\"\",\"weight [kg]\":0,\"rate [%]\":0}\n\
         {\"class\":null,\"weight [kg]\":-7.6,\"rate [%]\":7}\n"
    );
    for line in one.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    // Of several answers each row says whose it is.
    let lines = written(&answers, Format::Ndjson);
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 5);
    assert!(
        lines[0].starts_with("{\"answer\":1,\"title\":\"Seizures *by* class_of_drug\",\"class\":\"a|b\",")
    );
    assert_eq!(lines[4], "{\"answer\":2,\"title\":null,\"on\":\"2023-10-09\",\"n_\":9878}");
    // A key that would stand twice.
    let text = |name: &str| answer(vec![(column(name, Type::Text, Show::Plain), texts(["x"]))]);
    let wrong =
        |answers: &[Answer]| output::write(answers, Format::Ndjson, Options::default()).unwrap_err().message;
    assert_eq!(
        wrong(&[text("a"), text("title")]),
        "several answers can't be written as ndjson where one has a column `title`"
    );
    assert_eq!(written(&[text("title")], Format::Ndjson), "{\"title\":\"x\"}\n");
    let twice = answer(vec![
        (column("m", Type::Mass, Show::Unit(unit("kg"))), whole([1])),
        (column("m [kg]", Type::Integer, Show::Plain), whole([1])),
    ]);
    assert_eq!(wrong(&[twice]), "two columns of the answer are headed `m [kg]`, and ndjson holds one");
    // No rows, no lines.
    let none = answer(vec![(column("a", Type::Integer, Show::Plain), whole([]))]);
    assert_eq!(written(&[none], Format::Ndjson), "");
}

#[test]
fn markdown_is_for_readers() {
    assert_eq!(
        written(&awkward(), Format::Markdown),
        "## Seizures \\*by\\* class_of_drug\n\n\
         | Class\\|kind | weight | rate |\n\
         | --- | ---: | ---: |\n\
         | a\\|b | 1,234.5 kg | 56.3% |\n\
         | tab\\\\there | — | 100% |\n\
         | two\\\\nlines, \"quoted\" | 0 kg | 0% |\n\
         | — | -7.6 kg | 7% |\n\
         \n\
         | on |\n| --- |\n| 2023-10-09 |\n"
    );
    let text = ["_a_", "a_b", "<5", "R&B", "Marks & Co", "&amp;", "$5", "~x~", "[x](y)", "`x`", "a\\b"];
    let shown =
        written(&[answer(vec![(column("x", Type::Text, Show::Plain), texts(text))])], Format::Markdown);
    let cells: Vec<&str> = shown.lines().skip(2).map(|line| line.trim_matches(['|', ' '])).collect();
    assert_eq!(
        cells,
        [
            "\\_a\\_",
            "a_b",
            "\\<5",
            "R\\&B",
            "Marks & Co",
            "\\&amp;",
            "\\$5",
            "\\~x\\~",
            "\\[x](y)",
            "\\`x\\`",
            "a\\\\b"
        ]
    );
    let none = answer(vec![(column("a", Type::Integer, Show::Plain), whole([]))]);
    assert_eq!(written(&[none], Format::Markdown), "| a |\n| ---: |\n\n(no rows)\n");
}

#[test]
fn endings_name_formats() {
    let of = |name: &str| Format::of_file(Path::new(name));
    for (name, format) in [
        ("a.csv", Format::Csv),
        ("a.TSV", Format::Tsv),
        ("a.json", Format::Json),
        ("a.ndjson", Format::Ndjson),
        ("a.jsonl", Format::Ndjson),
        ("a.md", Format::Markdown),
        ("a.txt", Format::Table),
    ] {
        assert_eq!(of(name), Ok(format));
        assert_eq!(of(&format!("a.{}", format.ending())), Ok(format));
    }
    let mistake = of("a.docx").unwrap_err();
    assert_eq!((mistake.code, mistake.exit_code()), ("usage-format", 2));
    assert!(of("b").is_err());
    // Whatever is known is listed.
    for (ending, _) in output::ENDINGS {
        assert!(mistake.help[0].contains(&format!(".{ending}")), "{:?}", mistake.help);
    }
}
