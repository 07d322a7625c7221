//! A small casebook in a temporary folder, and the real command in it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// Its catalogue.
pub const CATALOGUE: &str = r#"
name = "Small"

[tables.arrests]
source = "arrests.csv"
key = "arrest_id"

[tables.arrests.columns]
arrest_id = "id"
arrested_on = "date"
borough = { type = "text", label = "Borough" }
age = "integer"

[tables.charges]
source = "charges.csv"
key = "charge_id"
links.arrest = { to = "arrests", by = "arrest_id", back = "charges" }

[tables.charges.columns]
charge_id = "id"
arrest_id = "id"
drug_class = { type = "category", values = ["A", "B"] }
"#;

/// Its arrests.
pub const ARRESTS: &str = "\
arrest_id,arrested_on,borough,age
1,2023-10-09,Camden,17
2,2023-10-10,Lambeth,25
3,2023-10-16,Camden,
";

const CHARGES: &str = "\
charge_id,arrest_id,drug_class
10,1,A
11,1,B
12,2,A
";

/// A question.
pub const COUNT: &str = "arrests | count by borough";
/// Its answer as csv.
pub const COUNTED: &str = "borough,count\nCamden,2\nLambeth,1\n";

/// A casebook in a temporary folder.
pub fn casebook() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "casebook.toml", CATALOGUE);
    put(&folder, "arrests.csv", ARRESTS);
    put(&folder, "charges.csv", CHARGES);
    folder
}

/// Writes a file of it.
pub fn put(folder: &TempDir, name: &str, text: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), text).unwrap();
}

/// Reads one.
pub fn got(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

/// The command in a folder, away from the reader's own caches and colours.
pub fn run(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    command.current_dir(folder).env("XDG_CACHE_HOME", folder.join(".cache")).env_remove("NO_COLOR");
    command
}

/// Exit code, standard output, standard error.
pub fn ends(folder: &TempDir, arguments: &[&str]) -> (i32, String, String) {
    let output = run(folder.path()).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}
