//! The parser and the printer held to grammar/casebook.ebnf: sentences written from the grammar itself parse, and
//! `casebook fmt` keeps what they mean and every comment in them.

use std::fs;
use std::path::Path;

use casebook::syntax::lexer::lex;
use casebook::syntax::{format, parse, same_meaning};

#[path = "grammar/ebnf.rs"]
mod ebnf;
#[path = "grammar/sentences.rs"]
mod sentences;
use ebnf::Grammar;
use sentences::Writer;

fn grammar() -> Grammar {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/casebook.ebnf");
    ebnf::read(&fs::read_to_string(file).unwrap(), "Name")
}

fn parses(source: &str) {
    let found = parse(source).1;
    assert!(found.is_empty(), "{source}\n{found:#?}");
}

#[test]
fn every_way_of_the_grammar_parses() {
    let grammar = grammar();
    let mut writer = Writer::new(&grammar, 1);
    for _ in 0..3_000 {
        let tokens = writer.sentence("Program");
        let source = writer.set(&tokens, false);
        parses(&source);
    }
    for _ in 0..20 {
        writer.sentence("Comment");
    }
    // The words are what a name is not: no sentence takes them from there.
    let unused: Vec<&String> = grammar
        .productions
        .keys()
        .filter(|name| *name != "Word" && !writer.used.contains(name.as_str()))
        .collect();
    assert!(unused.is_empty(), "no sentence has {unused:?}");
    let untaken = |(at, way): (usize, &String)| (!writer.taken.contains(&at)).then(|| way.clone());
    let untaken: Vec<String> =
        grammar.ways.iter().enumerate().filter_map(untaken).filter(|way| !way.starts_with("Word ")).collect();
    assert!(untaken.is_empty(), "no sentence takes these ways: {untaken:#?}");
}

/// Where the trees or the comments of two texts part.
fn difference(one: &str, other: &str) -> String {
    let shown = |source: &str| {
        let comments: Vec<String> = lex(source).comments.into_iter().map(|comment| comment.text).collect();
        let (program, found) = parse(source);
        let lines = format!("{found:#?}{program:#?}{comments:#?}");
        lines
            .lines()
            .filter(|line| !line.contains("start: ") && !line.contains("end: "))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let (one, other) = (shown(one), shown(other));
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    let from =
        |text: &str| text.lines().skip(same.saturating_sub(12)).take(24).collect::<Vec<_>>().join("\n");
    format!("the one has\n{}\nand the other\n{}", from(&one), from(&other))
}

/// What is wrong with the layout of a text.
fn wrong(source: &str) -> Option<String> {
    let Ok(tidy) = format(source) else { return Some(format!("{source}\n--- does not parse")) };
    if !same_meaning(source, &tidy) {
        return Some(format!("{source}\n--- is not\n{tidy}\n--- where {}", difference(source, &tidy)));
    }
    match format(&tidy) {
        Ok(again) if again == tidy => None,
        again => Some(format!("{source}\n--- first\n{tidy}\n--- then\n{}", again.unwrap_or_default())),
    }
}

#[test]
fn the_layout_keeps_the_meaning_and_is_one() {
    let grammar = grammar();
    let mut writer = Writer::new(&grammar, 2);
    let mut failures = Vec::new();
    for _ in 0..2_000 {
        let tokens = writer.sentence("Program");
        let source = writer.set(&tokens, true);
        failures.extend(wrong(&source));
    }
    // The shortest says most.
    failures.sort_by_key(String::len);
    let shortest = failures.first().map_or("", String::as_str);
    assert!(failures.is_empty(), "{} texts, such as\n{shortest}", failures.len());
}
