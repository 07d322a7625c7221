//! What a reader sees of answers with totals, changes and the rest: each question under `tests/golden_tables`, asked of
//! the county lines on the last day of the intensification week, against a snapshot of its table and its notes. To add
//! one, add a file. The figures are counted by hand in `recount_weekly.rs`; here it is their dress that counts.

use std::path::Path;
use std::process::Command;

#[test]
fn tables_say_total_new_and_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    insta::glob!("golden_tables/*.cbq", |path| {
        let question = std::fs::read_to_string(path).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
            .arg("-C")
            .arg(root.join("examples/county_lines"))
            .args(["query", "--format", "table", "--as-of", "2023-10-15", &question])
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{notes}");
        let table = String::from_utf8(output.stdout).unwrap();
        // A table's lines may end in blanks, which no snapshot keeps.
        let table: String = table.lines().map(|line| format!("{}\n", line.trim_end())).collect();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root.join("tests/golden_tables/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("table", format!("{table}{notes}")));
    });
}
