//! What a session remembers between two texts: the question that is narrowed down, `it`, definitions, params.

use std::path::Path;

use casebook::output::{self, Format, Options};
use casebook::repl::session::Session;
use casebook::{Casebook, Settings};

fn session(params: &[(&str, &str)]) -> Session {
    let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let settings = Settings { params, as_of: Some(19_646) };
    Session::new(Casebook::open(Path::new("examples/county_lines")).unwrap(), settings)
}

/// The last line of the last answer, as CSV; what is wrong where there is none.
fn asked(session: &mut Session, text: &str) -> Result<String, String> {
    let mistake = |mistakes: &[casebook::diagnostic::Diagnostic]| {
        format!("{}: {}\n{}", mistakes[0].code, mistakes[0].message, mistakes[0].help.join("\n"))
    };
    let request = session.request(text).map_err(|mistakes| mistake(&mistakes))?;
    let reply = request.answer();
    session.keep(request, &reply);
    let answers = reply.answers.map_err(|mistakes| mistake(&mistakes))?;
    let Some(last) = answers.last() else { return Ok(String::new()) };
    let csv = output::write(std::slice::from_ref(&last.answer), Format::Csv, Options::default()).unwrap();
    Ok(String::from_utf8(csv).unwrap().trim_end().lines().last().unwrap().to_string())
}

fn says(session: &mut Session, text: &str, answer: &str) {
    assert_eq!(asked(session, text).as_deref(), Ok(answer), "{text}");
}

fn refuses(session: &mut Session, text: &str, part: &str) {
    let mistake = asked(session, text).expect_err(text);
    assert!(mistake.contains(part), "{text}: {mistake}");
}

#[test]
fn steps_and_back() {
    let mut s = session(&[]);
    says(&mut s, "arrests | count", "4000");
    says(&mut s, "arrests | where role = \"runner\"\n| count by sex | count", "3");
    says(&mut s, "| where count > 2", "3");
    assert!(s.back());
    assert!(s.question().unwrap().ends_with("| count"));
    assert!(s.back() && !s.back());
    says(&mut s, "it", "4000");
}

#[test]
fn it_is_the_question_before() {
    let mut s = session(&[]);
    says(&mut s, "arrests | count by sex", ",116");
    says(&mut s, "it | count", "3");
    // Of two questions in one text it isn't clear which.
    refuses(&mut s, "charges | count\nit", "give that one a name");
    // What is called so goes first, whether it was defined before or is with it.
    says(&mut s, "let it = charges | count\nit", "4311");
    says(&mut s, "it | count", "1");
}

#[test]
fn a_param_called_it_is_no_query() {
    let mut s = session(&[]);
    says(&mut s, "param it: integer = 3", "");
    says(&mut s, "arrests | take $it | count", "3");
    says(&mut s, "it", "3");
}

#[test]
fn a_changed_definition_is_told() {
    let mut s = session(&[]);
    says(&mut s, "let s = charges | where drug_class = \"A\"", "");
    says(&mut s, "s | count", "2198");
    assert!(s.changed_since().is_empty());
    // One that nothing needs.
    says(&mut s, "let other = arrests", "");
    assert!(s.changed_since().is_empty());
    says(&mut s, "let s = charges", "");
    assert_eq!(s.changed_since(), ["s"]);
    refuses(&mut s, "| where count > 1", "`s | …` goes on");
    says(&mut s, "it", "4311");
    assert!(s.changed_since().is_empty());
    // That was a step of its own: the one before it had another meaning.
    assert!(s.back());
    assert_eq!(s.changed_since(), ["s"]);
}

#[test]
fn a_text_that_fails_leaves_no_doubt() {
    let mut s = session(&[]);
    says(&mut s, "let s = charges | where drug_class = \"A\"", "");
    says(&mut s, "s | count", "2198");
    // It compiles, and fails where it meets the records.
    refuses(
        &mut s,
        "let s = arrests | take 5\ns | join charges as c on c.arrest_id = arrest_id | count",
        "data-join",
    );
    assert_eq!(s.changed_since(), ["s"]);
    refuses(&mut s, "| let d = count", "`s | …` goes on");
}

#[test]
fn a_definition_that_others_need_can_be_changed() {
    let mut s = session(&[]);
    says(&mut s, "param n: integer = 2", "");
    says(&mut s, "let firsts = arrests | take $n", "");
    says(&mut s, "let more = firsts | append firsts", "");
    says(&mut s, "more | count", "4");
    says(&mut s, "param n: integer = 3", "");
    says(&mut s, "it", "6");
    says(&mut s, "let firsts = arrests | take 10", "");
    says(&mut s, "more | count", "20");
    assert_eq!(s.definitions().len(), 3);
    refuses(&mut s, "let firsts = firsts | take 1", "would be made from itself");
    refuses(&mut s, "let firsts = charges\nmore | count", "define `firsts` first");
    // A param leaves it clear what a bar goes on with.
    says(&mut s, "more | count", "20");
    says(&mut s, "param other: integer = 1", "");
    says(&mut s, "| where count > 1", "20");
}

#[test]
fn a_broken_definition_stops_only_what_needs_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |heading: &str| {
        std::fs::write(folder.path().join("arrests.csv"), format!("{heading}\n1,30\n2,17\n")).unwrap()
    };
    write("id,age");
    let mut s = Session::new(Casebook::open(folder.path()).unwrap(), Settings::default());
    says(&mut s, "let minors = arrests | where age < 18", "");
    write("id,years");
    s.reload().unwrap();
    says(&mut s, "arrests | count", "2");
    refuses(&mut s, "minors | count", "age");
}

/// What is asked again, whole, is the same question.
#[test]
fn a_param_said_again_is_no_other() {
    let mut s = session(&[("n", "5")]);
    says(&mut s, "param n: integer = 3; arrests | take $n | count", "5");
    says(&mut s, "param n: integer = 3; arrests | take $n | count", "5");
    let program = s.program().unwrap();
    says(&mut s, &program, "5");
    let laid_out = s.program_laid_out().unwrap();
    says(&mut s, &laid_out, "5");
    assert_eq!(s.params(), [("n".to_string(), "5".to_string())]);
    says(&mut s, "param n: integer = 4; arrests | take $n | count", "4");
    assert!(s.params().is_empty());
}

#[test]
fn names_of_columns_are_no_changes() {
    let mut s = session(&[]);
    says(&mut s, "arrests | count by role | count", "4");
    says(&mut s, "let role = arrests | take 3", "");
    assert!(s.changed_since().is_empty());
    // Two that would need each other.
    says(&mut s, "let a = arrests", "");
    says(&mut s, "let b = a | take 2", "");
    refuses(&mut s, "let a = b | take 1", "`a` would be made from itself");
}

#[test]
fn params_given_beside_the_questions() {
    let mut s = session(&[("week", "2023-10-09..2023-10-15"), ("unused", "1")]);
    says(&mut s, "param week: period = 2023-10-02..2023-10-08", "");
    says(&mut s, "arrests | where arrested_at in $week | count", "290");
    assert_eq!(s.params(), [("week".to_string(), "2023-10-09..2023-10-15".to_string())]);
    // A column of that name is no param.
    says(&mut s, "arrests | let week = 1 | take 1 | count", "1");
    assert!(s.params().is_empty() && !s.program().unwrap().contains("param"));
    says(&mut s, "param week: period = 2023-W40", "");
    says(&mut s, "arrests | where arrested_at in $week | count", "41");
    assert!(s.params().is_empty());
}
