//! The questions of `examples/nibrs` over the FBI's own records, against figures counted without Casebook.
//!
//! The records are not part of the repository: `CASEBOOK_NIBRS` names the folder of the extract. Without it,
//! the tests that read it say that they were skipped.

#![cfg(unix)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use tempfile::TempDir;

/// Every question: a file `NAME.cbq` with its golden output `NAME.expected.csv`.
const QUESTIONS: [&str; 12] = [
    "age-by-arrest-type",
    "arrests-by-month",
    "arrests-under-18",
    "busiest-agencies",
    "clearance-by-agency",
    "days-to-arrest",
    "drugs-by-measure",
    "drugs-by-weight",
    "drugs-without-arrest",
    "offences-by-location-and-hour",
    "property-stolen-and-seized",
    "weapons-of-arrestees",
];

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/nibrs")
}

/// The folder of the extract, or `None` with a line that says so.
fn extract() -> Option<PathBuf> {
    let Some(folder) = env::var_os("CASEBOOK_NIBRS").filter(|value| !value.is_empty()) else {
        eprintln!("skipped: CASEBOOK_NIBRS is not set");
        return None;
    };
    // Links to the files are made elsewhere, so a relative folder would lead nowhere.
    Some(fs::canonicalize(&folder).unwrap_or_else(|e| panic!("CASEBOOK_NIBRS: {}: {e}", folder.display())))
}

fn files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry of the folder").path())
}

fn has_extension(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn name_of(file: &Path) -> &OsStr {
    file.file_name().expect("a file has a name")
}

fn golden(name: &str) -> String {
    let path = example().join(format!("{name}.expected.csv"));
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A casebook to run in: the catalogue and the questions copied, the records linked to.
fn casebook(data: &Path) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in files(&example()) {
        if name_of(&file) == "casebook.toml" || has_extension(&file, "cbq") {
            fs::copy(&file, folder.path().join(name_of(&file))).expect("a copy");
        }
    }
    for file in files(data) {
        if has_extension(&file, "csv") {
            std::os::unix::fs::symlink(&file, folder.path().join(name_of(&file))).expect("a link");
        }
    }
    folder
}

fn check(name: &str) {
    let Some(data) = extract() else { return };
    let folder = casebook(&data);
    let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
        .args(["run", &format!("{name}.cbq"), "--format", "csv"])
        .current_dir(folder.path())
        // No survey of an earlier run, and none left behind.
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .output()
        .expect("casebook starts");
    let notes = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {}\n{notes}", output.status);
    let answer = String::from_utf8(output.stdout).expect("an answer in UTF-8");
    let golden = golden(name);
    assert!(answer == golden, "{name}\n--- counted\n{golden}\n--- answered\n{answer}\n--- notes\n{notes}");
}

#[test]
fn age_by_arrest_type() {
    check("age-by-arrest-type");
}

#[test]
fn arrests_by_month() {
    check("arrests-by-month");
}

#[test]
fn arrests_under_18() {
    check("arrests-under-18");
}

#[test]
fn busiest_agencies() {
    check("busiest-agencies");
}

#[test]
fn clearance_by_agency() {
    check("clearance-by-agency");
}

#[test]
fn days_to_arrest() {
    check("days-to-arrest");
}

#[test]
fn drugs_by_measure() {
    check("drugs-by-measure");
}

#[test]
fn drugs_by_weight() {
    check("drugs-by-weight");
}

#[test]
fn drugs_without_arrest() {
    check("drugs-without-arrest");
}

#[test]
fn offences_by_location_and_hour() {
    check("offences-by-location-and-hour");
}

#[test]
fn property_stolen_and_seized() {
    check("property-stolen-and-seized");
}

#[test]
fn weapons_of_arrestees() {
    check("weapons-of-arrestees");
}

/// A question that nobody runs, or a figure that nobody asks for, would go unnoticed.
#[test]
fn every_question_has_its_figures() {
    let expected: BTreeSet<String> =
        QUESTIONS.iter().flat_map(|name| [format!("{name}.cbq"), format!("{name}.expected.csv")]).collect();
    let found: BTreeSet<String> = files(&example())
        .map(|file| name_of(&file).to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".cbq") || name.ends_with(".expected.csv"))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn the_recount_gives_the_same_figures() {
    let Some(data) = extract() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = example().join("recount.py");
    let output = match Command::new("python3").arg(&script).arg(&data).arg("-o").arg(folder.path()).output() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            eprintln!("skipped: python3 is not there");
            return;
        }
        output => output.expect("python3 starts"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for name in QUESTIONS {
        let path = folder.path().join(format!("{name}.expected.csv"));
        let counted = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert_eq!(counted, golden(name), "{name}");
    }
}
