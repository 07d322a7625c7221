//! Every bad program under `tests/bad` against a snapshot of what it prints. To add one, add a file; each
//! is asked of the county lines example.

use std::path::Path;

use casebook::output::diagnostic::diagnostic;
use casebook::{Casebook, Settings};

#[test]
fn every_bad_program_says_what_is_wrong() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let casebook = Casebook::open(&root.join("examples/county_lines")).unwrap();
    let settings = Settings { as_of: Some(19_645), ..Settings::default() };
    let mut seen = 0;
    insta::glob!("bad/*.cbq", |path| {
        let source = std::fs::read_to_string(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let mistakes = casebook.compile(&source, &settings).expect_err(&name);
        let printed: Vec<String> =
            mistakes.iter().map(|mistake| diagnostic(mistake, &name, &source, false, None)).collect();
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(root.join("tests/bad/snapshots"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("says", printed.join("\n")));
        seen += 1;
    });
    assert!(seen >= 30, "{seen} bad programs");
}
