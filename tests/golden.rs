//! The county lines questions against their golden files: the same bytes on every run, with one thread
//! and with two.

use std::path::{Path, PathBuf};
use std::process::Command;

fn county_lines() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")
}

fn answers(questions: &Path, threads: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    command.args(["run", "--format", "csv"]).arg(questions);
    if questions.ends_with("time.cbq") {
        // The others name days, and are the same on any.
        command.args(["--as-of", "2023-10-16"]);
    }
    said(&mut command, threads)
}

fn said(command: &mut Command, threads: &str) -> String {
    let output = command.env("POLARS_MAX_THREADS", threads).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_bytes_on_every_run_and_thread_count() {
    let folder = county_lines();
    for name in ["bulletin", "questions", "combining", "rates", "time", "weekly", "ten"] {
        let golden = std::fs::read_to_string(folder.join(format!("{name}.expected.csv"))).unwrap();
        let questions = folder.join(format!("{name}.cbq"));
        for threads in ["1", "2", "2", "2"] {
            let answers = answers(&questions, threads);
            for (number, (got, wanted)) in answers.lines().zip(golden.lines()).enumerate() {
                assert_eq!(got, wanted, "{name}.expected.csv, line {}, {threads} threads", number + 1);
            }
            assert_eq!(answers.len(), golden.len(), "{name}, {threads} threads");
        }
    }
}

#[test]
fn a_question_of_this_week_is_that_of_its_dates() {
    // The golden files name days, so that they hold on any day. Asked on the right one, what hangs on today is the same.
    let relative = [
        (
            "weekly",
            3,
            "2023-10-15",
            "arrests | compare arrested_at in this week with previous | count by borough | total",
        ),
        // As the design has it.
        (
            "ten",
            3,
            "2023-10-30",
            "charges | compare charged_on in last 4 weeks with previous | count by offence | top 5 by count_change",
        ),
    ];
    for (name, number, today, question) in relative {
        let golden = std::fs::read_to_string(county_lines().join(format!("{name}.expected.csv"))).unwrap();
        let wanted = golden.split("\n\n").nth(number - 1).unwrap();
        for threads in ["1", "2"] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
            command
                .arg("-C")
                .arg(county_lines())
                .args(["query", question, "--format", "csv", "--as-of", today]);
            assert_eq!(said(&mut command, threads).trim_end(), wanted.trim_end(), "{question}");
        }
    }
}
