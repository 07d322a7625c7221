//! Golden tests: an answer against the one that was kept, `weekly.cbq` against `weekly.expected.csv` beside it. The same
//! bytes pass. Where they differ, what a reader wants to know is which figure of which row, so the data formats are read
//! back as tables ([`sheet`]) and held against each other by row and column ([`compare`]); what differs otherwise, and
//! the formats for readers, by line.

mod compare;
mod sheet;

use std::path::{Path, PathBuf};

use similar::{ChangeTag, TextDiff};

use crate::output::value::visible;
use crate::output::{ENDINGS, Format};

/// So many lines around one that differs are shown.
const AROUND: usize = 2;

/// Lines that differ are looked for among so many pairs at most: the search for the fewest takes that many steps.
const PAIRS: usize = 25_000_000;

/// The file that keeps the answers of a file of questions in a format of this ending.
pub fn kept(questions: &Path, ending: &str) -> PathBuf {
    questions.with_extension(format!("expected.{ending}"))
}

/// The answers that are kept beside a file of questions, and their formats.
pub fn kept_beside(questions: &Path) -> Vec<(PathBuf, Format)> {
    let beside = ENDINGS.iter().map(|(ending, format)| (kept(questions, ending), *format));
    beside.filter(|(file, _)| file.is_file()).collect()
}

/// Is it the same? A file whose every line ends in a carriage return has been through a tool that writes lines so.
pub fn same(expected: &str, got: &str) -> bool {
    let lines = expected.matches('\n').count();
    let returns = expected.matches("\r\n").count();
    expected == got || (returns > 0 && lines == returns && expected.replace("\r\n", "\n") == got)
}

/// What differs, a line each; nothing where it is the same. The titles are those of the answers that were got.
pub fn differences(expected: &str, got: &str, format: Format, titles: &[Option<&str>]) -> Vec<String> {
    if same(expected, got) {
        return Vec::new();
    }
    let read = |text| sheet::read(text, format);
    let found = match (read(expected), read(got)) {
        (Some(expected), Some(got)) => compare::sheets(&expected, &got, titles),
        _ => Vec::new(),
    };
    // The same cells, written in another way.
    if found.is_empty() { by_line(expected, got) } else { found }
}

/// Lines that are missing (`-`) and new (`+`), with those around them.
fn by_line(expected: &str, got: &str) -> Vec<String> {
    let mut lines = vec!["- expected, + got".to_string()];
    if expected.lines().count().saturating_mul(got.lines().count()) > PAIRS {
        let at = expected.lines().zip(got.lines()).take_while(|(expected, got)| expected == got).count();
        let line = |text: &str| visible(text.lines().nth(at).unwrap_or_default());
        lines.push(format!("line {}", at + 1));
        lines.extend([format!("-{}", line(expected)), format!("+{}", line(got))]);
        return lines;
    }
    let diff = TextDiff::from_lines(expected, got);
    for group in diff.grouped_ops(AROUND) {
        if let Some(first) = group.first() {
            lines.push(format!("line {}", first.new_range().start + 1));
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
                ChangeTag::Equal => ' ',
            };
            let text = change.value();
            let end = if text.ends_with('\n') { "" } else { " (and no line break)" };
            lines.push(format!("{sign}{}{end}", visible(text.strip_suffix('\n').unwrap_or(text))));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(expected: &str, got: &str) -> Vec<String> {
        differences(expected, got, Format::Csv, &[None])
    }

    #[test]
    fn a_file_with_carriage_returns_throughout_is_the_same() {
        assert!(same("a,b\r\n1,2\r\n", "a,b\n1,2\n"));
        assert!(!same("a,b\r\n1,2\n", "a,b\n1,2\n"));
        assert!(!same("", "a\n"));
    }

    #[test]
    fn a_cell() {
        let found = csv("borough,count\nCamden,1\nLambeth,2\n", "borough,count\nCamden,1\nLambeth,3\n");
        assert_eq!(found, ["row 2, borough Lambeth: count is 3, expected 2"]);
        let found = csv("count\n7\n", "count\n\"\"\n");
        assert_eq!(found, ["row 1: count is missing, expected 7"]);
        // As many columns as it takes to tell rows apart.
        let found = csv("a,b,n\nx,1,5\nx,2,6\n,1,7\n", "a,b,n\nx,1,5\nx,2,9\n,1,8\n");
        assert_eq!(
            found,
            ["row 2, a x, b 2: n is 9, expected 6", "row 3, a missing, b 1: n is 8, expected 7"]
        );
    }

    #[test]
    fn rows() {
        let expected = "borough,count\nCamden,1\nLambeth,2\nSutton,3\n";
        assert_eq!(
            csv(expected, "borough,count\nCamden,1\nHackney,8\nSutton,3\n"),
            [
                "row 2 of the expected is missing: borough Lambeth, count 2",
                "row 2 is new: borough Hackney, count 8"
            ]
        );
        assert_eq!(
            csv(expected, "borough,count\nSutton,3\nCamden,1\nLambeth,2\n"),
            ["the rows stand in another order: row 1, borough Sutton, expected here: borough Camden"]
        );
        assert_eq!(csv(expected, "borough,count\n").len(), 3);
        assert_eq!(
            csv("a,b,c,d,e,f,g,h,i,j\n1,2,3,4,5,6,7,8,9,0\n", "a,b,c,d,e,f,g,h,i,j\n"),
            ["row 1 of the expected is missing: a 1, b 2, c 3, d 4, e 5, f 6, g 7, h 8 … and 2 more"]
        );
        // Rows that nothing tells apart are counted off.
        assert_eq!(
            csv("x\n1\n1\n2\n3\n", "x\n1\n2\n4\n"),
            ["row 2 of the expected is missing: x 1", "row 3: x is 4, expected 3"]
        );
        // Nor does a first column that is another throughout.
        assert_eq!(
            csv("k,n\nA,1\nB,2\n", "k,n\na,1\nb,2\n"),
            ["row 1: k is a, expected A", "row 2: k is b, expected B"]
        );
    }

    #[test]
    fn columns() {
        let expected = "borough,count\nCamden,1\n";
        assert_eq!(csv(expected, "borough,count,share [%]\nCamden,1,100\n"), ["column `share [%]` is new"]);
        assert_eq!(
            csv(expected, "borough,arrests\nCamden,1\n"),
            ["column `count` is missing", "column `arrests` is new"]
        );
        assert_eq!(
            csv("a,b\n1,2\n", "b,a\n2,1\n"),
            ["the columns stand in another order: `b`, `a`, expected `a`, `b`"]
        );
    }

    #[test]
    fn answers() {
        let differ = |expected, got| {
            differences(expected, got, Format::Csv, &[Some("One"), None, Some("Three")]).join("\n")
        };
        let expected = "a\n1\n\nb\n\"x\n\ny\"\n\nc\n3\n";
        assert_eq!(
            differ(expected, "a\n1\n\nb\n\"x\n\ny\"\n\nc\n4\n"),
            "answer 3, Three\n  row 1: c is 4, expected 3"
        );
        assert_eq!(differ(expected, "a\n1\n\nc\n3\n"), "answer 2 of the expected is missing: b");
        assert_eq!(differ("b\n2\n", "a\n1\n\nb\n2\n"), "answer 1, One, is new");
    }

    #[test]
    fn json_keeps_texts_and_numbers_apart() {
        let json = |cell: &str, title: &str| {
            format!("[{{\"title\": {title}, \"columns\": [\"k\", \"n\"], \"rows\": [[\"a\", {cell}]]}}]")
        };
        let found = differences(&json("12", "null"), &json("\"12\"", "\"T\""), Format::Json, &[Some("T")]);
        assert_eq!(found, ["the title is `T`, expected none", "row 1: n is \"12\", expected 12"]);
        let found = differences("{\"a\":1,\"b\":null}\n", "{\"a\":1,\"b\":2}\n", Format::Ndjson, &[None]);
        assert_eq!(found, ["row 1: b is 2, expected missing"]);
        // Not what is kept as JSON.
        assert_eq!(differences("[", "[]", Format::Json, &[])[0], "- expected, + got");
    }

    #[test]
    fn lines() {
        let found = differences("T\n\n1\n2\n3\n4\n", "T\n\n1\n2\n3\n5", Format::Table, &[Some("T")]);
        assert_eq!(found, ["- expected, + got", "line 4", " 2", " 3", "-4", "+5 (and no line break)"]);
        // The same cells, in quotes that nobody needs.
        assert_eq!(csv("\"a\"\n1\n", "a\n1\n"), ["- expected, + got", "line 1", "-\"a\"", "+a", " 1"]);
    }
}
