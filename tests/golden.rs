//! The county lines questions against their golden files, by `casebook test`: the same bytes on every run, with one
//! thread and with two. `tests/golden_tables` holds what a reader sees of answers with totals, changes and the rest: to
//! add one, add a file and let `casebook test --bless` write what is expected. Their figures are counted by hand in
//! `recount_weekly.rs`; here it is their dress that counts.

use std::path::Path;
use std::process::Command;

/// The command at the root of the repository, on the county lines: what it says on standard output and error.
fn said(arguments: &[&str], threads: &str) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["-C", "examples/county_lines"])
        .args(arguments)
        .env("POLARS_MAX_THREADS", threads)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}, {threads} threads\n{out}{err}");
    (out, err)
}

#[test]
fn the_same_bytes_on_every_run_and_thread_count() {
    for threads in ["1", "2", "2", "2"] {
        let (out, _) = said(&["test", "examples/county_lines"], threads);
        assert!(out.ends_with("\n\n8 passed\n"), "{out}");
    }
}

#[test]
fn tables_say_total_new_and_other() {
    for threads in ["1", "2"] {
        let (out, _) = said(&["test", "tests/golden_tables"], threads);
        assert!(out.ends_with("\n\n6 passed\n"), "{out}");
    }
    // What is no part of the answer: its note.
    let (_, notes) = said(&["run", "tests/golden_tables/unfinished.cbq", "--as-of", "2023-10-15"], "2");
    assert_eq!(
        notes,
        "note: this month is not over yet: it is compared as far as 2023-10-15: 2023-10-01..2023-10-15 against \
         2023-09-01..2023-09-15\n"
    );
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    for (name, number, today, question) in relative {
        let golden = std::fs::read_to_string(folder.join(format!("{name}.expected.csv"))).unwrap();
        let wanted = golden.split("\n\n").nth(number - 1).unwrap();
        for threads in ["1", "2"] {
            let (answer, _) = said(&["query", question, "--format", "csv", "--as-of", today], threads);
            assert_eq!(answer.trim_end(), wanted.trim_end(), "{question}");
        }
    }
}
