//! What the tests over real records share. The records are not part of the repository: a variable of the environment
//! names their folder. Without it, the tests that read them say that they were skipped.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use tempfile::TempDir;

/// Questions over real records: a catalogue, files `NAME.cbq` with their golden outputs `NAME.expected.csv`, and
/// `recount.py`, which counts the same figures without Casebook.
pub struct Records {
    /// Where all that lies, from the root of the repository.
    pub folder: &'static str,
    /// The variable of the environment that names the folder of the records.
    pub variable: &'static str,
    /// The names of the questions.
    pub questions: &'static [&'static str],
}

impl Records {
    /// The answer to a question is the one that was counted without Casebook.
    pub fn check(&self, name: &str) {
        assert!(self.questions.contains(&name), "{name} is not in the list");
        let Some(data) = self.data() else { return };
        let folder = self.casebook(&data);
        let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
            .args(["test", &format!("{name}.cbq")])
            .current_dir(folder.path())
            // No survey of an earlier run, and none left behind.
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .expect("casebook starts");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", said(&output.stdout), said(&output.stderr));
        let passed = format!("ok       {name}.expected.csv\n\n1 passed\n");
        assert_eq!(said(&output.stdout), passed);
    }

    /// A question that nobody runs, or a figure that nobody asks for, would go unnoticed.
    pub fn every_question_has_its_figures(&self) {
        let expected: BTreeSet<String> = self
            .questions
            .iter()
            .flat_map(|name| [format!("{name}.cbq"), format!("{name}.expected.csv")])
            .collect();
        let found: BTreeSet<String> = files(&self.home())
            .map(|file| name_of(&file).to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".cbq") || name.ends_with(".expected.csv"))
            .collect();
        assert_eq!(found, expected);
    }

    /// The golden outputs are what the recount writes.
    pub fn the_recount_gives_the_same_figures(&self) {
        let Some(data) = self.data() else { return };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = self.home().join("recount.py");
        let output =
            match Command::new("python3").arg(&script).arg(&data).arg("-o").arg(folder.path()).output() {
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    eprintln!("skipped: python3 is not there");
                    return;
                }
                output => output.expect("python3 starts"),
            };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for name in self.questions {
            let path = folder.path().join(format!("{name}.expected.csv"));
            let counted = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            assert_eq!(counted, self.golden(name), "{name}");
        }
    }

    /// Where the questions lie.
    pub fn home(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(self.folder)
    }

    /// The folder of the records, or `None` with a line that says so.
    pub fn data(&self) -> Option<PathBuf> {
        let variable = self.variable;
        let Some(folder) = env::var_os(variable).filter(|value| !value.is_empty()) else {
            eprintln!("skipped: {variable} is not set");
            return None;
        };
        // Links to the files are made elsewhere, so a relative folder would lead nowhere.
        Some(fs::canonicalize(&folder).unwrap_or_else(|e| panic!("{variable}: {}: {e}", folder.display())))
    }

    fn golden(&self, name: &str) -> String {
        let path = self.home().join(format!("{name}.expected.csv"));
        fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// A casebook to run in: the catalogue, the questions and what is expected copied, the records linked to.
    fn casebook(&self, data: &Path) -> TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files(&self.home()) {
            let expected = name_of(&file).to_string_lossy().ends_with(".expected.csv");
            if name_of(&file) == "casebook.toml" || has_extension(&file, "cbq") || expected {
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
