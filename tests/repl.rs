//! The prompt in a real pseudo-terminal.

#![cfg(unix)]

use std::fs;
use std::process::Command;

use rexpect::session::{PtySession, spawn_command};
use tempfile::TempDir;

const ARRESTS: &str = "arrest_id,borough\n1,Camden\n2,Lambeth\n3,Camden\n";

/// A folder with one table, and the prompt on it.
fn start(arguments: &[&str]) -> (TempDir, PtySession) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let session = open(&folder, arguments);
    (folder, session)
}

fn open(folder: &TempDir, arguments: &[&str]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("TERM", "xterm")
        .env("NO_COLOR", "1");
    let mut session = spawn_command(command, Some(20_000)).unwrap();
    session.exp_string(": arrests").unwrap();
    session.exp_string("casebook> ").unwrap();
    session
}

/// Types a line and gives what is printed before the next prompt.
fn says(session: &mut PtySession, line: &str) -> String {
    session.send_line(line).unwrap();
    session.exp_string("casebook> ").unwrap()
}

fn ends(mut session: PtySession) {
    session.exp_eof().unwrap();
    let status = session.process_mut().wait().unwrap();
    assert!(format!("{status:?}").contains(", 0)"), "{status:?}");
}

#[test]
fn a_question_is_answered() {
    let (_folder, mut session) = start(&[]);
    let answer = says(&mut session, "arrests | count by borough");
    assert!(answer.contains("Camden       2\r\n") && answer.contains("Lambeth      1\r\n"), "{answer}");
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn a_question_over_several_lines() {
    let (_folder, mut session) = start(&[]);
    session.send_line("arrests |").unwrap();
    session.exp_string("      ... ").unwrap();
    session.send_line("summarise n = count(),").unwrap();
    session.exp_string("      ... ").unwrap();
    let answer = says(&mut session, "m = count() by borough");
    assert!(answer.contains("Lambeth"), "{answer}");
    // A blank line ends a question that would go on.
    session.send_line("arrests |").unwrap();
    session.exp_string("      ... ").unwrap();
    assert!(says(&mut session, "").contains("error[syntax-"));
    session.send_line("quit").unwrap();
    ends(session);
}

#[test]
fn a_mistake_is_shown_and_forgotten() {
    let (_folder, mut session) = start(&[]);
    let message = says(&mut session, "arrests | count by boro");
    assert!(message.contains("question:1:20") && message.contains("borough"), "{message}");
    assert!(says(&mut session, "arrests | count").contains('3'));
    session.send_line("exit").unwrap();
    ends(session);
}

#[test]
fn ctrl_c_clears_what_was_typed() {
    let (_folder, mut session) = start(&[]);
    session.send("arrests | nonsense").unwrap();
    session.flush().unwrap();
    session.exp_string("nonsense").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("casebook> ").unwrap();
    session.send_line("arrests |").unwrap();
    session.exp_string("      ... ").unwrap();
    session.send_control('c').unwrap();
    session.exp_string("casebook> ").unwrap();
    let answer = says(&mut session, "arrests | count");
    assert!(answer.contains('3') && !answer.contains("error"), "{answer}");
    session.send_line(".quit").unwrap();
    ends(session);
}

#[test]
fn definitions_stay() {
    let (_folder, mut session) = start(&[]);
    let silence = says(&mut session, "let camden = arrests | where borough = \"Camden\"");
    assert!(!silence.contains("error"), "{silence}");
    assert!(says(&mut session, "camden | count").contains('2'));
    // Places are those of the new line, not of all that was typed.
    let message = says(&mut session, "camden | count by boro");
    assert!(message.contains("question:1:19"), "{message}");
    // A definition can be given anew.
    let silence = says(&mut session, "let camden = arrests | where borough != \"Camden\"");
    assert!(!silence.contains("error"), "{silence}");
    assert!(says(&mut session, "camden | count").contains('1'));
    // What starts with a bar doesn't go on with the definition.
    assert!(says(&mut session, "| count").contains("error[syntax-"));
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn history_comes_back() {
    let (folder, mut session) = start(&[]);
    says(&mut session, "arrests | count");
    session.send_control('d').unwrap();
    ends(session);
    let mut session = open(&folder, &[]);
    // The up arrow.
    session.send("\u{1b}[A").unwrap();
    session.flush().unwrap();
    session.exp_string("arrests | count").unwrap();
    session.send_line("").unwrap();
    assert!(session.exp_string("casebook> ").unwrap().contains('3'));
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn params_from_the_command_line() {
    let (_folder, mut session) = start(&["-p", "place=Lambeth"]);
    assert!(says(&mut session, "arrests | count").contains('3'));
    says(&mut session, "param place: text = \"Camden\"");
    assert!(says(&mut session, "arrests | where borough = $place | count").contains('1'));
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn lines_that_are_pasted_at_once_are_all_read() {
    let (_folder, mut session) = start(&[]);
    session.send("arrests |\rcount by borough\rarrests | take 1\r").unwrap();
    session.flush().unwrap();
    let answer = session.exp_string("casebook> ").unwrap();
    assert!(answer.contains("Camden       2\r\n"), "{answer}");
    let answer = session.exp_string("casebook> ").unwrap();
    assert!(answer.contains("1  Camden\r\n"), "{answer}");
    session.send_control('d').unwrap();
    ends(session);
}
