//! The same records in every form that is read.

use super::*;

const HEADINGS: &[&str] =
    &["ref", "seen at", "day", "place", "class", "people", "value", "amount", "unit", "vip", "remark"];

/// As they stand in a CSV file. The fourth record's day is none, the sixth's people and amount are none; the
/// second and the last are one line twice.
const RECORDS: &[[&str; 11]] = &[
    [
        "7",
        "2023-10-09 14:30",
        "09/10/2023",
        "CAMDEN",
        "A",
        "2",
        "£1,234.50",
        "1.5",
        "kg",
        "true",
        "a \"sharp\" knife",
    ],
    ["008", "2023-10-09T23:59:59", "09/10/2023", " Camden ", "B", "1", "(£20)", "500", "g", "false", ""],
    ["9", "2023-10-10", "10/10/2023", "king's cross", "A", "12", "12.25*", "1", "oz", "TRUE", "one\ntwo"],
    ["10", "2023-10-11 00:00", "31/02/2023", "N/K", "", "1,000", "", "3", "stone", "", "x, y; z"],
    ["11", "", "11/10/2023", "Lambeth", "C", "-", "5", "2", "tablets", "false", "Café Zoë — 10 €"],
    ["12", "2023-10-12 08:00", "12/10/2023", "Lambeth", "N/K", "many", "7", "lots", "g", "false", "  "],
    ["13", "2023-10-12 08:00", "12/10/2023", "", "A", "3.0", "0.0001", ".5", "G", "true", "tab\there"],
    ["008", "2023-10-09T23:59:59", "09/10/2023", " Camden ", "B", "1", "(£20)", "500", "g", "false", ""],
];

const COLUMNS: &str = r#"
key = "ref"
repeated = "drop"
missing = ["N/K", "-"]

[tables.finds.columns]
ref = "id"
seen_at = { type = "datetime", from = "seen at" }
day = { type = "date", formats = ["%d/%m/%Y"] }
place = { type = "text", case = "title" }
class = { type = "category", values = ["A", "B", "C"] }
people = "integer"
value = "money"
weight = { type = "mass", from = "amount", unit_from = "unit" }
tablets = { type = "items", kind = "tablets", from = "amount", unit_from = "unit" }
vip = "bool"
remark = "text"
"#;

fn catalogue(source: &str, keys: &str) -> String {
    format!("[units]\ntablets = \"items\"\n\n[tables.finds]\nsource = \"{source}\"\n{keys}{COLUMNS}")
}

/// Question, answer, columns whose unfit values a note tells.
const ASKED: &[(&str, &str, &[&str])] = &[
    ("finds | count", "count\n7\n", &[]),
    ("finds | count by place", "place,count\nCamden,2\nKing's Cross,1\nLambeth,2\n,2\n", &[]),
    ("finds | count by class", "class,count\nA,3\nB,1\nC,1\n,2\n", &[]),
    (
        "finds | summarise people = sum(people), cash = sum(value), drugs = sum(weight), pills = sum(tablets)",
        "people,cash [GBP],drugs [g],pills [tablets]\n1018,1238.7501,2028.849523125,2\n",
        &["people", "weight", "tablets"],
    ),
    ("finds | where seen_at in 2023-10-09..2023-10-10 | count", "count\n3\n", &[]),
    ("finds | where day in 2023-10-12..2023-10-31 | select ref", "ref\n12\n13\n", &["day"]),
    ("finds | where vip | sort ref | select ref, people", "ref,people\n13,3\n7,2\n9,12\n", &["people"]),
    ("finds | where remark contains \"café\" | select ref, remark", "ref,remark\n11,Café Zoë — 10 €\n", &[]),
    ("finds | where remark is missing | select ref", "ref\n008\n12\n", &[]),
    (
        "finds | where remark is known | select remark",
        "remark\n\"a \"\"sharp\"\" knife\"\n\"one\ntwo\"\n\"x, y; z\"\nCafé Zoë — 10 €\ntab\there\n",
        &[],
    ),
    (
        "finds | where ref in [\"008\", \"13\"] | select ref, seen_at",
        "ref,seen_at\n008,2023-10-09T23:59:59\n13,2023-10-12T08:00:00\n",
        &[],
    ),
];

/// `line`: where the records stand, by number.
fn holds(folder: &Folder, file: &str, line: &dyn Fn(usize) -> String) {
    for (question, answer, unfit) in ASKED {
        let ended = folder.ask(question);
        assert_eq!((ended.code, &*ended.out), (0, *answer), "{file}: {question}\n{}", ended.err);
        let notes: Vec<String> = unfit
            .iter()
            .map(|column| {
                match *column {
                    "day" => format!("1 of finds.day ({})", line(4)),
                    "people" => format!("1 of finds.people ({})", line(6)),
                    // A stone is no unit that anybody declared; lots is no amount.
                    "weight" => format!("2 of finds.weight (first {})", line(4)),
                    _ => format!("1 of finds.tablets ({})", line(4)),
                }
            })
            .collect();
        let told: Vec<&str> = ended.err.lines().filter(|line| line.contains(" fit ")).collect();
        match notes.as_slice() {
            [] => assert!(told.is_empty(), "{file}: {question}\n{}", ended.err),
            notes => {
                let what = if notes.len() == 1 && notes[0].starts_with("1 ") {
                    "a value does not fit and counts"
                } else {
                    "values do not fit and count"
                };
                assert_eq!(
                    told,
                    [format!("note: {what} as missing: {}", notes.join(", "))],
                    "{file}: {question}"
                );
            }
        }
        assert_eq!(folder.ask(question), ended, "{file}, once more: {question}");
    }
}

/// Comma-separated and the like; quotes around all fields or where they must be.
fn separated(separator: u8, quotes: csv::QuoteStyle, terminator: csv::Terminator) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new()
        .delimiter(separator)
        .quote_style(quotes)
        .terminator(terminator)
        .from_writer(Vec::new());
    out.write_record(HEADINGS).unwrap();
    RECORDS.iter().for_each(|record| out.write_record(record).unwrap());
    out.into_inner().unwrap()
}

fn plain() -> Vec<u8> {
    separated(b',', csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\n'))
}

fn json_lines() -> Vec<u8> {
    let line = |record: &[&str; 11]| {
        let pairs: serde_json::Map<String, serde_json::Value> =
            HEADINGS.iter().zip(record).map(|(key, value)| (key.to_string(), (*value).into())).collect();
        serde_json::to_string(&pairs).unwrap() + "\n"
    };
    RECORDS.iter().map(line).collect::<String>().into_bytes()
}

fn columns() -> Vec<Column> {
    HEADINGS
        .iter()
        .enumerate()
        .map(|(at, heading)| texts(heading, &RECORDS.iter().map(|record| record[at]).collect::<Vec<_>>()))
        .collect()
}

/// The line of a record in a file with a heading, of which the third is two lines long.
fn line_of(number: usize) -> usize {
    number + 1 + usize::from(number > 3)
}

fn one(file: &str, bytes: &[u8], keys: &str, line: &dyn Fn(usize) -> usize) {
    let folder = Folder::with(&catalogue(file, keys));
    folder.put(file, bytes);
    holds(&folder, file, &|number| format!("{file}, line {}", line(number)));
}

#[test]
fn comma_separated() {
    one("finds.csv", &plain(), "", &line_of);
}

#[test]
fn without_a_last_line_break() {
    one("finds.csv", plain().trim_ascii_end(), "", &line_of);
}

#[test]
fn quotes_everywhere_and_carriage_returns() {
    let all = separated(b',', csv::QuoteStyle::Always, csv::Terminator::CRLF);
    one("finds.csv", &all, "", &line_of);
}

#[test]
fn byte_order_mark_and_semicolons() {
    let text = separated(b';', csv::QuoteStyle::Necessary, csv::Terminator::CRLF);
    one("finds.csv", &[&b"\xef\xbb\xbf"[..], &text].concat(), "", &line_of);
    let quoted = separated(b';', csv::QuoteStyle::Always, csv::Terminator::Any(b'\n'));
    one("finds.csv", &[&b"\xef\xbb\xbf"[..], &quoted].concat(), "", &line_of);
}

#[test]
fn tab_separated() {
    let text = separated(b'\t', csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\n'));
    one("finds.tsv", &text, "", &line_of);
    // Tabs in a file that is named .csv.
    one("finds.csv", &text, "", &line_of);
}

#[test]
fn lone_carriage_returns() {
    let text = separated(b',', csv::QuoteStyle::Necessary, csv::Terminator::Any(b'\r'));
    one("finds.csv", &text, "", &line_of);
}

#[test]
fn blank_lines_between() {
    for (end, blank) in [("\n", "\n"), ("\r\n", "\r\n"), ("\n", "  \n"), ("\n", ",,,,,,,,,,\n")] {
        let terminator = if end == "\n" { csv::Terminator::Any(b'\n') } else { csv::Terminator::CRLF };
        let text = String::from_utf8(separated(b',', csv::QuoteStyle::Necessary, terminator)).unwrap();
        // After the heading, before the second record, two before the fifth, and at the end.
        if blank.trim_matches([',', '\r', '\n']).is_empty() {
            let text = text
                .replace(&format!("remark{end}"), &format!("remark{end}{blank}"))
                .replacen(&format!("{end}008,"), &format!("{end}{blank}008,"), 1)
                .replace(&format!("{end}11,"), &format!("{end}{blank}{blank}11,"));
            let line =
                |number: usize| line_of(number) + 1 + usize::from(number > 1) + 2 * usize::from(number > 4);
            one("finds.csv", format!("{text}{blank}{blank}").as_bytes(), "", &line);
        }
    }
}

#[test]
fn packed() {
    one("finds.csv.gz", &gzip(&plain()), "", &line_of);
    one("finds.csv.zst", &zstd(&plain()), "", &line_of);
    let tabs = separated(b'\t', csv::QuoteStyle::Always, csv::Terminator::CRLF);
    one("finds.tsv.gz", &gzip(&tabs), "", &line_of);
    one("finds.ndjson.gz", &gzip(&json_lines()), "", &|number| number);
    one("finds.jsonl.zst", &zstd(&json_lines()), "", &|number| number);
    // Two packed pieces, one after the other, are one file.
    let text = plain();
    let (head, tail) = text.split_at(text.len() / 2);
    one("finds.csv.gz", &[gzip(head), gzip(tail)].concat(), "", &line_of);
    one("finds.csv.zst", &[zstd(head), zstd(tail)].concat(), "", &line_of);
}

#[test]
fn json() {
    one("finds.ndjson", &json_lines(), "", &|number| number);
    one("finds.jsonl", &[b"\xef\xbb\xbf", &json_lines()[..]].concat(), "", &|number| number);
    let text = String::from_utf8(json_lines()).unwrap();
    let spaced = text.replace('\n', "\r\n\r\n");
    one("finds.ndjson", spaced.as_bytes(), "", &|number| 2 * number - 1);
    one("finds.ndjson", text.trim_end().as_bytes(), "", &|number| number);
}

#[test]
fn columnar() {
    for file in ["finds.parquet", "finds.arrow", "finds.feather"] {
        let folder = Folder::with(&catalogue(file, ""));
        if file == "finds.parquet" {
            folder.parquet(file, columns())
        } else {
            folder.arrow(file, columns())
        }
        holds(&folder, file, &|number| format!("{file}, row {number}"));
    }
}

#[test]
fn other_encodings() {
    let text = String::from_utf8(plain()).unwrap();
    let (windows, _, lost) = encoding_rs::WINDOWS_1252.encode(&text);
    assert!(!lost);
    one("finds.csv", &windows, "encoding = \"windows-1252\"\n", &line_of);
    one("finds.csv.gz", &gzip(&windows), "encoding = \"windows-1252\"\n", &line_of);
    let json = String::from_utf8(json_lines()).unwrap();
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(&json);
    one("finds.ndjson", &windows, "encoding = \"windows-1252\"\n", &|number| number);
    // UTF-16 says so itself.
    let wide: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    one("finds.csv", &wide, "", &line_of);
}

#[test]
fn split_over_files() {
    let folder = Folder::with(&catalogue("parts/*.csv", ""));
    let part = |records: &[[&str; 11]], order: &[usize]| {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(order.iter().map(|at| HEADINGS[*at])).unwrap();
        records.iter().for_each(|record| out.write_record(order.iter().map(|at| record[*at])).unwrap());
        out.into_inner().unwrap()
    };
    let forward: Vec<usize> = (0..11).collect();
    let backward: Vec<usize> = (0..11).rev().collect();
    folder.put("parts/1.csv", part(&RECORDS[..3], &forward));
    folder.put("parts/2.csv", part(&RECORDS[3..5], &backward));
    // A line that repeats one of another file is found though the columns stand in another order.
    folder.put("parts/3.csv", part(&RECORDS[5..], &backward));
    holds(&folder, "parts/*.csv", &|number| match number {
        4 => "2.csv, line 2".to_string(),
        _ => "3.csv, line 2".to_string(),
    });
}
