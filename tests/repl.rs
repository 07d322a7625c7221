//! The prompt in a real pseudo-terminal.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use assert_cmd::Command as Run;
use casebook::repl::commands::topics::{Ground, TOPICS};
use casebook::{Casebook, Settings};

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
    with(folder, arguments, &[])
}

fn with(folder: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> PtySession {
    let mut command = Command::new(env!("CARGO_BIN_EXE_casebook"));
    command
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path().join("data"))
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .env("TERM", "xterm")
        .env("PAGER", "cat")
        .env("NO_COLOR", "1")
        .envs(environment.iter().copied());
    let mut session = spawn_command(command, Some(20_000)).unwrap();
    session.exp_string("Ctrl-D leaves").unwrap();
    prompt(&mut session);
    session
}

/// What is printed before the next prompt. While a line is typed the prompt may be drawn again, but not at the
/// beginning of a line of its own.
fn prompt(session: &mut PtySession) -> String {
    let (before, _) = session.exp_regex("\n[^\n ]*casebook> ").unwrap();
    // rexpect takes each byte for a character.
    let bytes = before.chars().filter_map(|c| u8::try_from(u32::from(c)).ok());
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

/// Types a line and gives what is printed before the next prompt.
fn says(session: &mut PtySession, line: &str) -> String {
    session.send_line(line).unwrap();
    prompt(session)
}

fn types(session: &mut PtySession, keys: &str) {
    session.send(keys).unwrap();
    session.flush().unwrap();
}

fn leaves(mut session: PtySession) {
    session.send_control('d').unwrap();
    ends(session);
}

fn ends(mut session: PtySession) {
    session.exp_eof().unwrap();
    let status = session.process_mut().wait().unwrap();
    assert!(format!("{status:?}").contains(", 0)"), "{status:?}");
}

/// Makes the terminal so wide and so high.
fn resize(session: &PtySession, columns: u16, lines: u16) {
    let terminal = session.process().get_file_handle().unwrap();
    let size = [columns.to_string(), lines.to_string()];
    let done = Command::new("stty").args(["cols", &size[0], "rows", &size[1]]).stdin(terminal).status();
    assert!(done.unwrap().success());
}

#[test]
fn a_question_is_answered() {
    let (_folder, mut session) = start(&[]);
    let answer = says(&mut session, "arrests | count by borough");
    assert!(answer.contains("Camden       2\r\n") && answer.contains("Lambeth      1\r\n"), "{answer}");
    assert!(answer.contains("2 rows · ") && answer.contains(" · 3 rows read"), "{answer}");
    leaves(session);
}

#[test]
fn a_question_over_several_lines() {
    let (_folder, mut session) = start(&[]);
    session.send_line("arrests |").unwrap();
    session.send_line("summarise n = count(),").unwrap();
    let answer = says(&mut session, "m = count() by borough");
    assert!(answer.contains("Lambeth"), "{answer}");
    // A blank line ends a question that would go on.
    session.send_line("arrests |").unwrap();
    assert!(says(&mut session, "").contains("error[syntax-"));
    // A bracket.
    session.send_line("arrests | where (borough = \"Camden\"").unwrap();
    session.send_line("or borough = \"Lambeth\"").unwrap();
    assert!(says(&mut session, ") | count").contains("    3\r\n"));
    // Alt-Enter, where Enter would ask.
    types(&mut session, "arrests\u{1b}\r| take 1");
    assert!(says(&mut session, "").contains("1  Camden\r\n"));
    session.send_line("quit").unwrap();
    ends(session);
}

#[test]
fn a_program_is_pasted_whole() {
    let (_folder, mut session) = start(&[]);
    types(
        &mut session,
        "\u{1b}[200~let camden = arrests\r| where borough = \"Camden\"\r\r# How many\rcamden\r| count\u{1b}[201~",
    );
    let answer = says(&mut session, "");
    assert!(
        answer.contains("How many") && answer.contains("    2\r\n") && !answer.contains("error"),
        "{answer}"
    );
    leaves(session);
}

#[test]
fn a_bar_goes_on_with_the_last_question() {
    let (folder, mut session) = start(&[]);
    assert!(says(&mut session, "| count").contains("there is no question yet"));
    let message = says(&mut session, "count");
    assert!(message.contains("write the table first") && !message.contains("goes on"), "{message}");
    says(&mut session, "let camden = arrests | where borough = \"Camden\"");
    says(&mut session, "let unused = arrests");
    assert!(says(&mut session, "camden").contains("3  Camden\r\n"));
    let answer = says(&mut session, "| where arrest_id = 3");
    assert!(answer.contains("3  Camden\r\n") && !answer.contains("1  Camden\r\n"), "{answer}");
    // What fails is no step, and its place is that in what was typed.
    let message = says(&mut session, "| count by boro");
    assert!(message.contains("question:1:12") && message.contains("1 │ | count by boro"), "{message}");
    // So does a bar forgotten.
    let message = says(&mut session, "count by borough");
    assert!(message.contains("`| count by borough` goes on with the last question"), "{message}");
    assert!(says(&mut session, "count").contains("`| count` goes on with the last question"));
    // What would be no stage behind a bar either goes on with nothing.
    for line in ["count arrests", "top 10 arrests"] {
        let message = says(&mut session, line);
        assert!(message.contains("write the table first") && !message.contains("goes on"), "{message}");
    }
    let answer = says(&mut session, "| count");
    assert!(answer.contains("    1\r\n"), "{answer}");

    let query = says(&mut session, ".query");
    let program =
        ["let camden = arrests | where borough = \"Camden\"", "camden", "| where arrest_id = 3", "| count"];
    assert!(program.iter().all(|line| query.lines().any(|shown| shown.trim_end() == *line)), "{query}");
    assert!(!query.contains("unused"), "{query}");

    assert!(says(&mut session, ".save steps").contains("casebook run steps.cbq"));
    let saved = fs::read_to_string(folder.path().join("steps.cbq")).unwrap();
    assert_eq!(saved, casebook::syntax::format(&saved).unwrap());
    let mut run = Run::new(env!("CARGO_BIN_EXE_casebook"));
    run.args(["run", "steps.cbq"])
        .current_dir(folder.path())
        .env("XDG_CACHE_HOME", folder.path().join("cache"));
    run.assert().success().stdout("count\n1\n");
    // Nothing is written over by mistake.
    assert!(says(&mut session, ".save steps").contains("it is there already"));
    assert!(says(&mut session, ".save! steps").contains("saved"));
    assert!(says(&mut session, ".save! arrests.csv").contains("it is what the answer is made from"));

    let query = says(&mut session, ".back");
    assert!(query.contains("where arrest_id") && !query.contains("count"), "{query}");
    says(&mut session, ".back");
    assert!(says(&mut session, "| count").contains("    2\r\n"));
    says(&mut session, ".back");
    assert!(says(&mut session, ".back").contains("there is no step to take back"));

    // Which question would go on is not clear after a definition.
    says(&mut session, "let other = arrests");
    let message = says(&mut session, "| count");
    assert!(message.contains("`other | …`") && message.contains("`it | …`"), "{message}");
    leaves(session);
}

#[test]
fn it_is_the_last_question() {
    let (_folder, mut session) = start(&[]);
    assert!(says(&mut session, "it | count").contains("none has been answered yet"));
    says(&mut session, "\u{1b}[200~arrests | take 1\rarrests | count by borough\u{1b}[201~");
    let answer = says(&mut session, "it | sort -count | take 1");
    assert!(answer.contains("Camden       2\r\n") && !answer.contains("Lambeth"), "{answer}");
    // A mistake in what was typed, and one in what it stands for.
    assert!(says(&mut session, "it | sort -n").contains("question:1:12"));
    assert!(
        says(&mut session, "arrests | where borough in (it | select borough) | count").contains("    2\r\n")
    );
    // What columns there are only the data know: nothing can count them.
    says(&mut session, "arrests | count by arrest_id, borough | pivot borough");
    let message = says(&mut session, "it | where arrest_id is known");
    assert!(message.contains("error[") && message.contains("pivot"), "{message}");
    leaves(session);
}

#[test]
fn an_editor_mends_the_question() {
    let (folder, session) = start(&[]);
    leaves(session);
    let editor = folder.path().join("editor.sh");
    fs::write(&editor, "sed -i 's/take 1/take 2/' \"$1\"\n").unwrap();
    let editor = format!("sh '{}'", editor.display());
    let mut session = with(&folder, &[], &[("EDITOR", &editor)]);
    says(&mut session, "arrests | take 1");
    let answer = says(&mut session, ".edit");
    assert!(answer.contains("2  Lambeth\r\n"), "{answer}");
    assert!(says(&mut session, ".query").contains("take 2"));
    assert!(says(&mut session, ".edit").contains("nothing changed"));
    leaves(session);
    let mut session = with(&folder, &[], &[("VISUAL", "no-such-editor")]);
    assert!(says(&mut session, ".edit").contains("cannot start no-such-editor"));
    leaves(session);
}

#[test]
fn a_mistake_is_shown_and_forgotten() {
    let (_folder, mut session) = start(&[]);
    let message = says(&mut session, "arrests | count by boro");
    assert!(message.contains("question:1:20") && message.contains("borough"), "{message}");
    assert!(says(&mut session, "arrests | count").contains("    3\r\n"));
    session.send_line("exit").unwrap();
    ends(session);
}

#[test]
fn commands_that_are_wrong() {
    let (_folder, mut session) = start(&[]);
    let message = says(&mut session, ".decribe arrests");
    assert!(message.contains("did you mean .describe?") && message.contains("^^^^^^^^"), "{message}");
    assert!(says(&mut session, ".describe arests").contains("did you mean `arrests`?"));
    assert!(says(&mut session, ".describe").contains("for example .describe arrests"));
    assert!(says(&mut session, ".tables now").contains("takes nothing behind it"));
    assert!(says(&mut session, ".set kys vi").contains("did you mean keys?"));
    assert!(says(&mut session, ".set keys ed").contains("keys is emacs or vi"));
    assert!(says(&mut session, ".set rows -1").contains("error[usage-setting]"));
    assert!(says(&mut session, ".format exel").contains("error[usage-format]"));
    assert!(says(&mut session, ".all").contains("no question has been answered yet"));
    assert!(says(&mut session, ".export x.csv").contains("no question has been answered yet"));
    says(&mut session, "arrests");
    assert!(says(&mut session, ".export x.what").contains("the ending of x.what says no format"));
    assert!(says(&mut session, ".export nowhere/x.csv").contains("there is no folder nowhere"));
    leaves(session);
}

#[test]
fn looking_around() {
    let (folder, mut session) = start(&[]);
    assert!(says(&mut session, ".tables").contains("arrests  —      arrests.csv"));
    assert!(says(&mut session, ".describe arrests").contains("borough    text"));
    assert!(says(&mut session, ".functions median").contains("median("));
    assert!(says(&mut session, ".help").contains("arrests | count by borough"));
    assert!(says(&mut session, ".help keys").contains("Alt-Enter"));
    assert!(says(&mut session, ".help save").contains(".save weekly.cbq"));
    assert!(says(&mut session, ".explain arrests | count").contains("arrests"));
    let message = says(&mut session, ".explain arrests | count by boro");
    assert!(message.contains("question:1:29"), "{message}");
    says(&mut session, "arrests | take 2");
    assert!(says(&mut session, ".export two.csv").contains("2 rows written to two.csv"));
    assert_eq!(
        fs::read_to_string(folder.path().join("two.csv")).unwrap(),
        "arrest_id,borough\n1,Camden\n2,Lambeth\n"
    );
    says(&mut session, ".format csv");
    assert!(says(&mut session, "arrests | take 1").contains("arrest_id,borough\r\n1,Camden\r\n"));
    assert!(says(&mut session, ".set").contains("format  csv"));
    says(&mut session, ".set as-of 2023-10-16");
    assert!(says(&mut session, ".set").contains("as-of   2023-10-16  the day that today means"));
    leaves(session);
}

/// Examples are made for the casebook that is open: on one with everything each topic has one, and all of them run; on a
/// folder with one small table those that are there do.
#[test]
fn every_example_of_the_help_runs() {
    let county_lines = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("the arrests.csv"), ARRESTS).unwrap();
    for (place, all) in [(county_lines.as_path(), true), (folder.path(), false)] {
        let casebook = Casebook::open(place).unwrap();
        let ground = Ground::of(casebook.catalogue()).unwrap();
        let mut run = 0;
        for topic in TOPICS {
            let Some(example) = ground.example(topic) else {
                assert!(!all, "{} has no example", topic.name);
                continue;
            };
            let queries = casebook.compile(&example, &Settings::default());
            let queries = queries.unwrap_or_else(|mistakes| panic!("{example}: {mistakes:?}"));
            casebook.answer(&queries[0]).unwrap();
            assert_eq!(casebook::syntax::format(&example).unwrap(), format!("{example}\n"));
            run += 1;
        }
        assert!(run >= 10, "{run}");
    }
}

#[test]
fn what_changed_is_noticed() {
    let (folder, mut session) = start(&[]);
    assert!(says(&mut session, "arrests | count").contains("    3\r\n"));
    fs::write(folder.path().join("arrests.csv"), format!("{ARRESTS}4,Brent\n")).unwrap();
    let message = says(&mut session, "arrests | count");
    assert!(message.contains("note: arrests.csv has changed: .reload looks anew"), "{message}");
    assert!(!says(&mut session, "arrests | count").contains("note:"));
    says(&mut session, ".reload");
    assert!(says(&mut session, "arrests | count").contains("    4\r\n"));
    leaves(session);
}

/// 30 rows of 12 columns.
fn wide() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let heading: Vec<String> = (1..=12).map(|n| format!("column_{n:02}")).collect();
    let rows = (1..=300).map(|row| format!("東京{row}{}\n", ",1234567".repeat(11)));
    let text = format!("{}\n{}", heading.join(","), rows.collect::<String>());
    fs::write(folder.path().join("wide.csv"), text).unwrap();
    folder
}

#[test]
fn tables_fit_the_terminal() {
    let folder = wide();
    let mut session = with(&folder, &[], &[]);
    for (columns, lines, shown, rows) in [(40, 24, 3, 16), (80, 24, 7, 16), (200, 50, 12, 42)] {
        resize(&session, columns, lines);
        let answer = says(&mut session, "wide");
        assert!(answer.contains(&format!("column_{shown:02}\r\n")), "{columns}: {answer}");
        let left = if shown < 12 { format!("{} more columns do not", 12 - shown) } else { "⋮".to_string() };
        assert!(answer.contains(&left), "{columns}: {answer}");
        let flat = answer.replace("\r\n", " ");
        assert!(flat.contains(&format!("300 rows, {rows} of them shown")), "{columns}: {answer}");
        assert!(
            answer.contains("東京1 ") && answer.contains("東京300 ") && !answer.contains("東京150 "),
            "{answer}"
        );
        for line in answer.lines().skip(1) {
            let width = unicode_width::UnicodeWidthStr::width(line);
            assert!(width <= usize::from(columns), "{columns}: {line}");
        }
    }
    let all = says(&mut session, ".all");
    assert!(all.contains("東京150 ") && all.contains("column_12\r\n"), "{all}");
    says(&mut session, ".set rows 4");
    let answer = says(&mut session, "wide | select column_01");
    assert!(answer.contains("東京2\r\n⋮\r\n東京299\r\n"), "{answer}");
    leaves(session);
}

#[test]
fn ctrl_c_clears_what_was_typed() {
    let (_folder, mut session) = start(&[]);
    types(&mut session, "arrests | nonsense");
    session.exp_string("nonsense").unwrap();
    session.send_control('c').unwrap();
    prompt(&mut session);
    session.send_line("arrests |").unwrap();
    session.send_control('c').unwrap();
    prompt(&mut session);
    let answer = says(&mut session, "arrests | count");
    assert!(answer.contains("    3\r\n") && !answer.contains("error"), "{answer}");
    session.send_line(".quit").unwrap();
    ends(session);
}

/// The example's records at a size that takes a while.
fn many() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_casebook"));
    let generator = program.parent().unwrap().join("examples/generate_county_lines");
    assert!(generator.is_file(), "cargo build --release --examples makes {}", generator.display());
    let out = folder.path().to_str().unwrap();
    let made = Command::new(generator).args(["--out", out, "--arrests", "400000"]).status().unwrap();
    assert!(made.success());
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines/casebook.toml");
    fs::copy(catalogue, folder.path().join("casebook.toml")).unwrap();
    folder
}

/// A question that takes many seconds and little memory: window after window over all charges.
fn long() -> String {
    let window = |n: usize| format!("let n{n} = rank(charged_on per person_id) + {n}");
    let windows: Vec<String> = (0..40).map(window).collect();
    let sum: Vec<String> = (0..40).map(|n| format!("n{n}")).collect();
    let many = "charges | append charges | append charges | append charges";
    format!("{many} | {} | where {} > 5 | count", windows.join(" | "), sum.join(" + "))
}

#[test]
fn ctrl_c_gives_up_a_long_question() {
    let folder = many();
    let mut session = with(&folder, &[], &[]);
    says(&mut session, "arrests | where child | count by borough | take 1");
    let before = says(&mut session, ".query");
    // While the files are looked at for the first time, and while the engine runs.
    for pause in [100, 700, 1500] {
        session.send_line(&long()).unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        let start = Instant::now();
        session.send_control('c').unwrap();
        let said = prompt(&mut session);
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        assert!(said.contains("given up"), "{pause}: {said}");
    }
    // The session is as it was, and answers are right.
    assert_eq!(says(&mut session, ".query"), before);
    let answer =
        says(&mut session, "charges | summarise arrests = count(arrest) by none = missing | select arrests");
    // It may have waited for the one before to end, and said so.
    assert!(answer.contains("───") && !answer.contains("error"), "{answer}");
    let answer = says(&mut session, "arrests | count");
    assert!(answer.contains("400,000\r\n"), "{answer}");
    leaves(session);
}

#[test]
fn definitions_stay() {
    let (_folder, mut session) = start(&[]);
    let silence = says(&mut session, "let camden = arrests | where borough = \"Camden\"");
    assert!(!silence.contains("error"), "{silence}");
    assert!(says(&mut session, "camden | count").contains("    2\r\n"));
    // Places are those of the new line, not of all that was typed.
    let message = says(&mut session, "camden | count by boro");
    assert!(message.contains("question:1:19"), "{message}");
    // A definition can be given anew.
    let silence = says(&mut session, "let camden = arrests | where borough != \"Camden\"");
    assert!(!silence.contains("error"), "{silence}");
    assert!(says(&mut session, "camden | count").contains("    1\r\n"));
    // What starts with a bar goes on with the question.
    says(&mut session, "| let twice = count * 2");
    assert!(says(&mut session, "| select twice").contains("    2\r\n"));
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn history_comes_back() {
    use std::os::unix::fs::PermissionsExt;

    let (folder, mut session) = start(&[]);
    says(&mut session, "arrests | count");
    // One that fails can be mended.
    says(&mut session, "arrests | count by boro");
    types(&mut session, "\u{1b}[A\u{7f}\u{7f}\u{7f}\u{7f}borough\r");
    assert!(prompt(&mut session).contains("Camden       2\r\n"));
    leaves(session);
    let file = folder.path().join("state/casebook/history");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    // Rights that somebody gave are taken back.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();

    let mut session = open(&folder, &[]);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    types(&mut session, "\u{1b}[A");
    session.exp_string("arrests | count by borough").unwrap();
    assert!(says(&mut session, "").contains("Camden       2\r\n"));
    // Ctrl-R.
    types(&mut session, "\u{12}count\u{12}\u{12}");
    session.exp_string("reverse-i-search").unwrap();
    session.send_control('c').unwrap();
    prompt(&mut session);
    leaves(session);
    assert!(fs::read_to_string(&file).unwrap().contains("arrests | count by boro\n"));
}

#[test]
fn a_catalogue_can_want_no_history() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let catalogue = "history = false\n[tables.arrests]\nsource = \"arrests.csv\"\n";
    fs::write(folder.path().join("casebook.toml"), catalogue).unwrap();
    let mut session = open(&folder, &[]);
    says(&mut session, "arrests | count");
    // For as long as the session lasts.
    types(&mut session, "\u{1b}[A\r");
    assert!(prompt(&mut session).contains("    3\r\n"));
    leaves(session);
    assert!(!folder.path().join("state").exists());
}

/// On a terminal that prints one line below the other and nothing else.
#[test]
fn a_dumb_terminal() {
    let (folder, session) = start(&[]);
    leaves(session);
    let mut session = with(&folder, &[], &[("TERM", "dumb")]);
    session.send_line("arrests |").unwrap();
    session.send_line("count by borough").unwrap();
    let answer = session.exp_string("rows read").unwrap();
    assert!(answer.contains("Camden       2\r\n") && !answer.contains('\u{1b}'), "{answer:?}");
    leaves(session);
}

/// Questions through a pipe are answered as a file's are.
#[test]
fn standard_input_that_is_no_terminal() {
    let (folder, session) = start(&[]);
    leaves(session);
    let mut run = Run::new(env!("CARGO_BIN_EXE_casebook"));
    run.current_dir(folder.path()).env("XDG_CACHE_HOME", folder.path().join("cache"));
    run.write_stdin("arrests\n| count\narrests | take 1\n");
    run.assert().success().stdout("count\n3\n\narrest_id,borough\n1,Camden\n").stderr("");
    let mut run = Run::new(env!("CARGO_BIN_EXE_casebook"));
    run.current_dir(folder.path())
        .env("XDG_CACHE_HOME", folder.path().join("cache"))
        .write_stdin(".tables\n");
    let said = run.assert().failure().code(1).get_output().stderr.clone();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("commands that begin with a point are for the prompt"), "{said}");
}

#[test]
fn params_from_the_command_line() {
    let (_folder, mut session) = start(&["-p", "place=Lambeth"]);
    assert!(says(&mut session, "arrests | count").contains("    3\r\n"));
    says(&mut session, "param place: text = \"Camden\"");
    assert!(says(&mut session, "arrests | where borough = $place | count").contains("    1\r\n"));
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn lines_that_are_pasted_at_once_are_all_read() {
    let (_folder, mut session) = start(&[]);
    session.send("arrests |\rcount by borough\rarrests | take 1\r").unwrap();
    session.flush().unwrap();
    let answer = prompt(&mut session);
    assert!(answer.contains("Camden       2\r\n"), "{answer}");
    let answer = prompt(&mut session);
    assert!(answer.contains("1  Camden\r\n"), "{answer}");
    session.send_control('d').unwrap();
    ends(session);
}

#[test]
fn tab_completes() {
    let (_folder, mut session) = start(&[]);
    // A table, a stage, a column; each as far as what is typed says.
    types(&mut session, "arr\t | wh\tbor\t = \"Lam");
    // Its values are read in the background, from the quote on.
    std::thread::sleep(Duration::from_secs(2));
    let answer = says(&mut session, "\t");
    assert!(answer.contains("arrests | where borough = \"Lambeth\""), "{answer}");
    assert!(answer.contains("2  Lambeth\r\n") && !answer.contains("Camden\r\n"), "{answer}");
    // Letters in their order will do, and a bar goes on with the question.
    types(&mut session, "| count by brg");
    std::thread::sleep(Duration::from_millis(300));
    let answer = says(&mut session, "\t");
    assert!(answer.contains("Lambeth      1\r\n") && !answer.contains("error"), "{answer}");
    // What the columns of the answer are.
    types(&mut session, "| sort -co");
    std::thread::sleep(Duration::from_millis(300));
    types(&mut session, "\t");
    let list = prompt(&mut session);
    assert!(list.contains("count(") && list.contains("integer"), "{list}");
    let answer = says(&mut session, "unt");
    assert!(answer.contains("Lambeth      1\r\n"), "{answer}");
    // A command, and what it takes.
    let described = says(&mut session, ".desc\t arr\t");
    assert!(described.contains("arrest_id") && described.contains("type"), "{described}");
    leaves(session);
}

#[test]
fn a_question_asked_before_is_hinted_at() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let mut session = with(&folder, &["--color", "always"], &[]);
    says(&mut session, "arrests | count by borough");
    types(&mut session, "arr");
    session.exp_string("\u{1b}[2mests | count by borough\u{1b}[0m").unwrap();
    // The right arrow takes it.
    let answer = says(&mut session, "\u{1b}[C");
    assert!(answer.contains("Lambeth      1\r\n"), "{answer}");
    // What nobody knows is underlined while it is typed.
    types(&mut session, "arrests | count by x ");
    session.exp_string("\u{1b}[4;31mx\u{1b}[0m").unwrap();
    session.send_control('c').unwrap();
    session.exp_regex("\n.*casebook> ").unwrap();
    leaves(session);
}

/// The columns of a table that was never read are gathered in the background, which may take a while.
#[test]
fn nothing_is_drawn_over_what_is_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut records = String::from("arrest_id,borough\n");
    // As much as is read in a second and more.
    for n in 0..8_000_000 {
        records.push_str(&format!("{n},Camden\n"));
    }
    fs::write(folder.path().join("arrests.csv"), records).unwrap();
    let mut session = open(&folder, &[]);
    // Nothing is drawn on a terminal without size.
    resize(&session, 80, 24);
    types(&mut session, "arrests | where borough = \"");
    std::thread::sleep(Duration::from_secs(2));
    let answer = says(&mut session, "\u{15}arrests | take 1");
    let typed = answer.split("arrests | take 1").next().unwrap();
    assert!(!typed.contains("reading"), "{typed}");
    leaves(session);
}

/// What `.export` writes is the answer of the question that `.query` shows.
#[test]
fn an_export_is_of_the_question_so_far() {
    let (folder, mut session) = start(&[]);
    let file = folder.path().join("out.csv");
    let written = || fs::read_to_string(&file).unwrap();
    says(&mut session, "arrests | count by borough");
    says(&mut session, "| where borough = \"Camden\"");
    says(&mut session, ".export out.csv");
    assert_eq!(written(), "borough,count\nCamden,2\n");
    // The one before is asked again.
    says(&mut session, ".back");
    let message = says(&mut session, ".export out.csv");
    assert!(message.contains("it is there already") && message.contains(".export! out.csv"), "{message}");
    assert_eq!(written(), "borough,count\nCamden,2\n");
    says(&mut session, ".export! out.csv");
    assert_eq!(written(), "borough,count\nCamden,2\nLambeth,1\n");
    let message = says(&mut session, ".export out.xlsx");
    assert!(message.contains("known endings are") && !message.contains("--format"), "{message}");
    // So is one whose definitions have changed since, and a mistake in that is shown there.
    says(&mut session, "let few = arrests | take 1");
    says(&mut session, "few | select arrest_id");
    says(&mut session, "let few = arrests | take 2");
    says(&mut session, ".export! out.csv");
    assert_eq!(written(), "arrest_id\n1\n2\n");
    says(&mut session, "let few = arrests | count");
    let message = says(&mut session, ".export! out.csv");
    assert!(
        message.contains("the question so far:") && message.contains("few | select arrest_id"),
        "{message}"
    );
    leaves(session);
}

#[test]
fn a_saved_question_is_run_as_it_was_asked() {
    let (folder, mut session) = start(&["--as-of", "2023-10-16", "-p", "place=Lambeth"]);
    says(&mut session, "param place: text = \"Camden\"");
    says(&mut session, "arrests | where borough = $place | count");
    let said = says(&mut session, ".save a file");
    assert!(
        said.contains("saved: casebook run --as-of 2023-10-16 -p 'place=Lambeth' 'a file.cbq'")
            || said.contains("saved: casebook run --as-of 2023-10-16 -p place=Lambeth 'a file.cbq'"),
        "{said}"
    );
    let mut run = Run::new(env!("CARGO_BIN_EXE_casebook"));
    run.current_dir(folder.path()).env("XDG_CACHE_HOME", folder.path().join("cache"));
    run.args(["run", "--as-of", "2023-10-16", "-p", "place=Lambeth", "a file.cbq"]);
    run.assert().success().stdout("count\n1\n");
    leaves(session);
}

#[test]
fn a_pager_that_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let mut session = with(&folder, &[], &[("PAGER", "/")]);
    resize(&session, 80, 6);
    says(&mut session, "arrests");
    let said = says(&mut session, ".all");
    assert!(said.contains("cannot start /") && said.contains("3  Camden"), "{said}");
    leaves(session);
}

/// Headings that would colour the terminal, a blank of several bytes, a no-break space behind a command.
#[test]
fn tab_on_what_is_odd() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("odd.csv"), "id,a\u{1b}[31mb,caf\u{e9}\n1,x,y\n").unwrap();
    let mut session = open(&folder, &[]);
    types(&mut session, ".help a\u{a0}\t\u{15}");
    types(&mut session, "odd | where ");
    std::thread::sleep(Duration::from_millis(500));
    types(&mut session, "\t");
    let list = prompt(&mut session);
    assert!(list.contains("caf\u{e9}") && !list.contains("\u{1b}[31m"), "{list:?}");
    says(&mut session, "\u{15}odd | count");
    let said = says(&mut session, ".explain odd");
    assert!(said.contains("id") && !said.contains("\u{1b}[31m"), "{said:?}");
    says(&mut session, ".format csv");
    let said = says(&mut session, "odd");
    assert!(said.contains("1,x,y") && !said.contains("\u{1b}[31m"), "{said:?}");
    leaves(session);
}

#[test]
fn a_history_that_is_a_link_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let (kept, other) = (folder.path().join("state/casebook"), folder.path().join("other"));
    fs::create_dir_all(&kept).unwrap();
    fs::write(&other, "").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&other, kept.join("history")).unwrap();
    let mut session = open(&folder, &[]);
    says(&mut session, "arrests | count");
    leaves(session);
    assert_eq!(fs::read_to_string(&other).unwrap(), "");
    assert_eq!(fs::metadata(&other).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_catalogue_that_is_changed_or_gone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let catalogue = folder.path().join("casebook.toml");
    let says_so = "[tables.arrests]\nsource = \"arrests.csv\"\n";
    fs::write(&catalogue, says_so).unwrap();
    let mut session = open(&folder, &[]);
    says(&mut session, "arrests | count");
    // From now on nothing is kept.
    fs::write(&catalogue, format!("history = false\n{says_so}")).unwrap();
    says(&mut session, ".reload");
    says(&mut session, "arrests | where borough = \"a name\" | count");
    // Without it everything would mean something else.
    fs::remove_file(&catalogue).unwrap();
    let message = says(&mut session, ".reload");
    assert!(message.contains("casebook.toml is gone"), "{message}");
    assert!(says(&mut session, "arrests | count").contains("    3\r\n"));
    leaves(session);
    let kept = fs::read_to_string(folder.path().join("state/casebook/history")).unwrap();
    assert!(kept.contains("arrests | count") && !kept.contains("a name"), "{kept}");
}

#[test]
fn an_editor_is_given_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("arrests.csv"), ARRESTS).unwrap();
    let editor = folder.path().join("editor");
    fs::write(&editor, "#!/bin/sh\nsed -i s/boro/borough/ \"$1\"\n").unwrap();
    let mut command = Command::new("chmod");
    assert!(command.arg("+x").arg(&editor).status().unwrap().success());
    let mut session = with(&folder, &[], &[("VISUAL", ""), ("EDITOR", editor.to_str().unwrap())]);
    says(&mut session, "arrests | count by borough");
    says(&mut session, "arrests | count by boro | take 1");
    let answer = says(&mut session, ".edit");
    assert!(answer.contains("Camden       2\r\n") && !answer.contains("Lambeth"), "{answer}");
    leaves(session);
}

#[test]
fn a_session_that_is_pasted_with_its_prompts() {
    let (_folder, mut session) = start(&[]);
    let answer = says(&mut session, "casebook> arrests | count by borough");
    assert!(answer.contains("Camden       2\r\n"), "{answer}");
    leaves(session);
}

#[test]
fn changed_definitions_are_told() {
    let (_folder, mut session) = start(&[]);
    says(&mut session, "let few = arrests | take 1");
    says(&mut session, "few | count");
    let said = says(&mut session, "let few = arrests | take 2");
    assert!(said.contains("note: the question so far was asked with another `few`"), "{said}");
    assert!(says(&mut session, "it").contains("    2\r\n"));
    leaves(session);
}
