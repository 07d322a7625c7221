//! The county lines questions against their golden files: the same bytes on every run, with one thread
//! and with two.

use std::path::Path;
use std::process::Command;

fn answers(questions: &Path, threads: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
        .args(["run", "--format", "csv"])
        .arg(questions)
        .env("POLARS_MAX_THREADS", threads)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_same_bytes_on_every_run_and_thread_count() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    for name in ["bulletin", "questions", "combining", "rates"] {
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
