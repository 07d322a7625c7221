//! Documentation that runs: every question in the README, the examples and the built-ins' help.

use std::path::{Path, PathBuf};

use casebook::builtins;
use casebook::output::diagnostic::diagnostic;
use casebook::syntax::format;
use casebook::{Casebook, Settings};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn county_lines() -> Casebook {
    Casebook::open(&root().join("examples/county_lines")).unwrap()
}

/// 16 October 2023, the Monday after the example's week of action.
const AS_OF: i32 = 19_646;

/// Compiles and answers; how many questions there were.
fn runs(casebook: &Casebook, name: &str, source: &str) -> usize {
    let settings = Settings { as_of: Some(AS_OF), ..Settings::default() };
    let queries = casebook.compile(source, &settings).unwrap_or_else(|mistakes| {
        let printed: Vec<String> =
            mistakes.iter().map(|m| diagnostic(m, name, source, false, None)).collect();
        panic!("{}", printed.join("\n"))
    });
    for query in &queries {
        casebook.answer(query).unwrap_or_else(|mistake| panic!("{name}: {}\n{query}", mistake.message));
    }
    queries.len()
}

#[test]
fn the_readme_runs() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let casebook = county_lines();
    let mut questions = 0;
    for (number, block) in readme.split("```casebook\n").skip(1).enumerate() {
        let source = block.split("```").next().unwrap();
        questions += runs(&casebook, &format!("README.md, example {}", number + 1), source);
    }
    assert!(questions >= 25, "{questions} questions");
}

/// Every page of the reference: what stands under ```casebook runs, as of a day in October 2023.
#[test]
fn the_reference_runs() {
    let casebook = county_lines();
    let mut questions = 0;
    for entry in std::fs::read_dir(root().join("docs/reference")).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        for (number, block) in page.split("```casebook\n").skip(1).enumerate() {
            let source = block.split("```").next().unwrap();
            questions += runs(&casebook, &format!("{name}, example {}", number + 1), source);
            assert_eq!(format(source).as_deref(), Ok(source), "{name}");
        }
    }
    assert!(questions >= 20, "{questions} questions");
}

/// Every recipe is laid out, runs as of a day in October 2023, and prints what stands below it.
#[test]
fn the_recipes_print_what_they_show() {
    let page = std::fs::read_to_string(root().join("docs/recipes.md")).unwrap();
    let mut recipes = 0;
    for block in page.split("```casebook\n").skip(1) {
        let (question, rest) = block.split_once("```\n\n```text\n").unwrap();
        let expected = rest.split("```").next().unwrap();
        assert_eq!(format(question).as_deref(), Ok(question));
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_casebook"))
            .args(["query", "--format", "table", "--as-of", "2023-10-16", question])
            .current_dir(root().join("examples/county_lines"))
            .output()
            .unwrap();
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(printed.trim(), expected.trim(), "{question}");
        recipes += 1;
    }
    assert!(recipes >= 15, "{recipes} recipes");
}

#[test]
fn the_builtins_examples_run() {
    let casebook = county_lines();
    for builtin in builtins::all() {
        assert_eq!(runs(&casebook, builtin.name, builtin.example), 1, "{}", builtin.name);
        assert!(builtin.signature.starts_with(builtin.name), "{}", builtin.name);
        let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
        assert!(readme.contains(&format!("`{}(", builtin.name)), "the README does not name {}", builtin.name);
    }
}

#[test]
fn the_examples_are_laid_out() {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["examples/county_lines", "examples/nibrs", "tests/cbp"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap();
        files.extend(
            entries
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|e| e == "cbq")),
        );
    }
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        assert_eq!(format(&source).as_deref(), Ok(source.as_str()), "{}", file.display());
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    for block in readme.split("```casebook\n").skip(1) {
        let source = block.split("```").next().unwrap();
        assert_eq!(format(source).as_deref(), Ok(source), "README.md");
    }
    for builtin in builtins::all() {
        assert_eq!(format(builtin.example).unwrap().trim_end(), builtin.example, "{}", builtin.name);
    }
}

#[test]
fn the_grammar_names_every_stage() {
    let grammar = std::fs::read_to_string(root().join("grammar/casebook.ebnf")).unwrap();
    for stage in casebook::syntax::token::STAGES {
        assert!(grammar.contains(&format!("\"{stage}\"")), "grammar/casebook.ebnf has no \"{stage}\"");
    }
}

#[test]
fn the_readme_shows_what_is_printed() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut shown = 0;
    for block in readme.split("```\n$ casebook query '").skip(1) {
        let (question, rest) = block.split_once("'\n").unwrap();
        let expected = rest.split("```").next().unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_casebook"))
            .args(["query", "--format", "table", question])
            .current_dir(root().join("examples/county_lines"))
            .output()
            .unwrap();
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(printed.trim(), expected.trim(), "{question}");
        shown += 1;
    }
    assert_eq!(shown, 2);
}
