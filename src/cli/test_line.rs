//! The line of a file of questions that says what `casebook test` asks it with, among the comments at its head:
//!
//! ```text
//! # casebook test --as-of 2023-10-16 -p week=2023-W41
//! ```
//!
//! It is a comment, and no other command heeds it: the same file is asked as of today by `casebook run`.

use clap::Parser;

use super::options::{day, param};
use crate::diagnostic::Diagnostic;
use crate::syntax::Span;

/// How the line begins; what comes after is an option, or else the comment is prose.
const START: &str = "casebook test -";

/// What the line says.
#[derive(Debug, Default, Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
pub struct TestLine {
    /// Values of params
    #[arg(short, long = "param", value_parser = param)]
    pub params: Vec<(String, String)>,
    /// The day that `today` means
    #[arg(long, value_parser = day)]
    pub as_of: Option<i32>,
}

impl TestLine {
    /// Reads the line of a file; says nothing where there is none.
    pub fn of(source: &str) -> Result<TestLine, Diagnostic> {
        let mut found = None;
        let mut at = 0;
        for line in source.split_inclusive('\n') {
            let span = Span::new(at, at + line.trim_end().len());
            at += line.len();
            let text = line.trim();
            if !text.is_empty() && !text.starts_with('#') {
                break;
            }
            let said = text.trim_start_matches('#').trim_start();
            if !said.starts_with(START) {
                continue;
            }
            if found.is_some() {
                return Err(wrong("a second line that says how the file is tested", span));
            }
            found = Some(read(&said[START.len() - 1..], span)?);
        }
        Ok(found.unwrap_or_default())
    }
}

fn read(options: &str, span: Span) -> Result<TestLine, Diagnostic> {
    let words = shlex::split(options).ok_or_else(|| wrong("a quote in this line is not closed", span))?;
    let line = TestLine::try_parse_from(words).map_err(|usage| {
        let text = usage.to_string();
        let first = text.lines().next().unwrap_or_default();
        wrong(first.strip_prefix("error: ").unwrap_or(first), span)
    })?;
    for (at, (name, _)) in line.params.iter().enumerate() {
        if line.params[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(wrong(&format!("-p gives `{name}` twice"), span));
        }
    }
    Ok(line)
}

fn wrong(message: &str, span: Span) -> Diagnostic {
    Diagnostic::new("test-line", message, span)
        .help("a file says once what it is tested with: # casebook test --as-of 2023-10-16 -p week=2023-W41")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_among_the_comments_at_the_head() {
        let line =
            TestLine::of("# Title\n\n#  casebook test -p a=1 --as-of 1970-01-02 -p 'b=x y'\na\n").unwrap();
        assert_eq!(line.as_of, Some(1));
        assert_eq!(line.params, [("a".into(), "1".into()), ("b".into(), "x y".into())]);
        for prose in ["", "# casebook test runs this\n", "arrests\n# casebook test --as-of 1970-01-02\n"] {
            let line = TestLine::of(prose).unwrap();
            assert!(line.as_of.is_none() && line.params.is_empty(), "{prose}");
        }
    }

    #[test]
    fn what_is_wrong_with_it() {
        let said = |text: &str| {
            let mistake = TestLine::of(text).unwrap_err();
            (mistake.message, mistake.labels[0].span.start, mistake.labels[0].span.end)
        };
        assert_eq!(said("\n# casebook test --asof 2023-10-16\n").0, "unexpected argument '--asof' found");
        assert!(said("# casebook test --as-of 2023-10-32").0.ends_with("a day is written like 2023-10-09"));
        assert_eq!(said("# casebook test -p a=1 -p a=2\n"), ("-p gives `a` twice".to_string(), 0, 29));
        assert_eq!(said("# casebook test -p 'a=1\n").0, "a quote in this line is not closed");
        let twice = "# casebook test -p a=1\n# casebook test -p b=1\n";
        assert_eq!(said(twice), ("a second line that says how the file is tested".to_string(), 23, 45));
    }
}
