//! The command as a script sees it: exit codes, what goes to which stream, and what becomes of `-o`.

mod small;

use std::fs;
use std::path::Path;
use std::process::{Command as Process, Stdio};

use tempfile::TempDir;

use small::{ARRESTS, CATALOGUE, COUNT, COUNTED, casebook, ends, got, put, run};

/// The run ends with this code and message, and prints no answer.
fn fails(folder: &TempDir, arguments: &[&str], code: i32, says: &str) {
    let (ended, out, err) = ends(folder, arguments);
    assert!(ended == code && err.contains(says), "{arguments:?}: {ended}\n{err}");
    assert_eq!(out, "", "{arguments:?}");
    assert!(!err.contains('\u{1b}'), "{arguments:?}: {err}");
}

#[test]
fn a_question_into_a_pipe_is_csv() {
    assert_eq!(ends(&casebook(), &["query", COUNT]), (0, COUNTED.to_string(), String::new()));
}

#[test]
fn formats() {
    let folder = casebook();
    let (code, json, _) = ends(&folder, &["query", COUNT, "--format", "json"]);
    assert_eq!(code, 0);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["columns"], serde_json::json!(["borough", "count"]));
    assert_eq!(json[0]["rows"], serde_json::json!([["Camden", 2], ["Lambeth", 1]]));
    let (_, table, _) = ends(&folder, &["--format", "table", "query", COUNT]);
    assert!(table.starts_with("Borough  count\n─"), "{table}");
    fails(
        &folder,
        &["query", COUNT, "--format", "docx"],
        2,
        "[possible values: table, csv, tsv, json, ndjson, markdown]",
    );
}

#[test]
fn mistakes_in_questions_end_with_1() {
    let folder = casebook();
    fails(&folder, &["query", "arrests | count by boro"], 1, "borough");
    fails(&folder, &["query", "arrests | where"], 1, "error[syntax-");
    fails(&folder, &["query", "arrests | where age = \"x\""], 1, "error[type-");
    fails(&folder, &["query", ""], 1, "error[syntax-");
    fails(&folder, &["query", " # only a comment"], 1, "error[syntax-");
    // Both are reported, with their places.
    let (_, _, err) = ends(&folder, &["query", "arrests | where agee > 1\n| count by boro"]);
    assert!(err.contains("question:1:17") && err.contains("question:2:12"), "{err}");
}

#[test]
fn mistakes_in_the_catalogue_end_with_1() {
    let folder = casebook();
    put(&folder, "casebook.toml", CATALOGUE.replace("arrested_on = \"date\"", "arrested_on = \"dat\""));
    fails(&folder, &["query", COUNT], 1, "casebook.toml:10");
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = casebook();
    fails(&folder, &["query"], 2, "TEXT");
    fails(&folder, &["run"], 2, "FILE");
    fails(&folder, &["nonsense"], 2, "nonsense");
    fails(&folder, &["query", COUNT, "-p", "week"], 2, "NAME=VALUE");
    fails(&folder, &["query", COUNT, "-p", "=1"], 2, "NAME=VALUE");
    fails(&folder, &["query", COUNT, "-p", "a=1", "-p", "a=2"], 2, "twice");
    fails(&folder, &["query", COUNT, "--as-of", "2023-02-30"], 2, "2023-10-09");
    fails(&folder, &["query", COUNT, "-p", "week=2023-W41"], 2, "error[usage-param]");
}

#[test]
fn help_is_no_mistake() {
    let folder = casebook();
    for arguments in [&["--help"][..], &["help", "run"], &["query", "--help"], &["--version"]] {
        let (code, out, err) = ends(&folder, arguments);
        assert!(code == 0 && !out.is_empty() && err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn missing_data_end_with_3() {
    let folder = casebook();
    fails(&folder, &["-C", "nowhere", "query", COUNT], 3, "nowhere");
    fails(&folder, &["run", "missing.cbq"], 3, "error[data-missing]: there is no file missing.cbq");
    fails(&folder, &["run", "."], 3, "folder");
    fs::remove_file(folder.path().join("arrests.csv")).unwrap();
    fails(&folder, &["query", COUNT], 3, "arrests.csv");
    fails(&folder, &["describe", "arrests"], 3, "arrests.csv");
}

#[test]
fn a_key_that_stands_twice_ends_with_3() {
    let folder = casebook();
    put(&folder, "arrests.csv", format!("{ARRESTS}1,2023-10-09,Camden,18\n"));
    fails(&folder, &["query", "charges | count by arrest.borough"], 3, "error[data-");
}

#[test]
fn params() {
    let folder = casebook();
    put(&folder, "week.cbq", "param week: period = 2023-W42\narrests | where arrested_on in $week | count\n");
    assert_eq!(ends(&folder, &["run", "week.cbq"]).1, "count\n1\n");
    assert_eq!(ends(&folder, &["run", "week.cbq", "-p", "week=2023-W41"]).1, "count\n2\n");
    fails(&folder, &["run", "week.cbq", "-p", "week=yes"], 2, "week");
    fails(&folder, &["run", "week.cbq", "-p", "wek=2023-W41"], 2, "wek");
    put(&folder, "needs.cbq", "param n: integer\narrests | where age > $n | count\n");
    fails(&folder, &["run", "needs.cbq"], 2, "no value");
    assert_eq!(ends(&folder, &["run", "needs.cbq", "-p", "n=18"]).1, "count\n1\n");
    // A param is for the files that declare it.
    put(&folder, "plain.cbq", COUNT);
    let (code, out, err) = ends(&folder, &["run", "plain.cbq", "needs.cbq", "-p", "n=18"]);
    assert_eq!((code, out), (0, format!("{COUNTED}\ncount\n1\n")), "{err}");
    fails(&folder, &["run", "plain.cbq", "needs.cbq", "-p", "n=18", "-p", "m=2"], 2, "`m`");
}

#[test]
fn files_and_standard_input() {
    let folder = casebook();
    put(&folder, "two.cbq", format!("# First\n{COUNT}\n\n# Second\ncharges | count\n"));
    let two = format!("{COUNTED}\ncount\n3\n");
    assert_eq!(ends(&folder, &["run", "two.cbq"]).1, two);
    let json = ends(&folder, &["run", "two.cbq", "--format", "json"]).1;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["title"], &json[1]["title"]), (&"First".into(), &"Second".into()));
    for arguments in [&["run", "-"][..], &[]] {
        run(folder.path())
            .args(arguments)
            .write_stdin(got(&folder, "two.cbq"))
            .assert()
            .success()
            .stdout(two.clone());
    }
    run(folder.path()).write_stdin("arrests | cuont").assert().code(1);
}

#[test]
fn the_casebook_is_that_of_the_file() {
    let folder = casebook();
    fs::create_dir_all(folder.path().join("reports/old")).unwrap();
    put(&folder, "reports/old/q.cbq", COUNT);
    let elsewhere = tempfile::tempdir().unwrap();
    let file = folder.path().join("reports/old/q.cbq");
    run(elsewhere.path()).arg("run").arg(&file).assert().success().stdout(COUNTED);
    // In a folder of the casebook, or with -C.
    run(&folder.path().join("reports")).args(["query", COUNT]).assert().success().stdout(COUNTED);
    run(elsewhere.path())
        .arg("-C")
        .arg(folder.path())
        .args(["query", COUNT])
        .assert()
        .success()
        .stdout(COUNTED);
    let toml = folder.path().join("casebook.toml");
    run(elsewhere.path()).args(["query", COUNT, "-C"]).arg(toml).assert().success().stdout(COUNTED);
}

#[test]
fn without_a_catalogue() {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "arrests.csv", ARRESTS);
    assert_eq!(ends(&folder, &["query", COUNT]), (0, COUNTED.to_string(), String::new()));
    assert_eq!(ends(&folder, &["-C", "arrests.csv", "query", "arrests | count"]).1, "count\n3\n");
}

#[test]
fn nothing_is_half_written() {
    let folder = casebook();
    // The second question fails while it runs: the first one's answer isn't shown either.
    put(&folder, "late.cbq", format!("{COUNT}\narrests | count by borogh\n"));
    fails(&folder, &["run", "late.cbq"], 1, "late.cbq:2:20");
    put(&folder, "good.cbq", COUNT);
    fails(&folder, &["run", "good.cbq", "late.cbq", "-o", "out.csv"], 1, "late.cbq:2:20");
    assert!(!folder.path().join("out.csv").exists());
    // The mistakes of all files are reported, and the gravest decides.
    let (code, _, err) = ends(&folder, &["run", "late.cbq", "gone.cbq"]);
    assert!(code == 3 && err.contains("late.cbq:2:20") && err.contains("gone.cbq"), "{code} {err}");
}

#[test]
fn an_output_file() {
    let folder = casebook();
    let (code, out, err) = ends(&folder, &["query", COUNT, "-o", "out.csv"]);
    assert_eq!((code, &*out, &*err), (0, "", ""));
    assert_eq!(got(&folder, "out.csv"), COUNTED);
    assert_eq!(ends(&folder, &["query", COUNT, "-o", "out.json"]).0, 0);
    assert!(got(&folder, "out.json").starts_with("[\n"));
    assert_eq!(ends(&folder, &["query", COUNT, "-o", "out.data", "--format", "csv"]).0, 0);
    assert_eq!(got(&folder, "out.data"), COUNTED);
    // A failed run leaves what was there.
    fails(&folder, &["query", "arrests | cont", "-o", "out.csv"], 1, "error[");
    assert_eq!(got(&folder, "out.csv"), COUNTED);
    // And no scratch files.
    let left =
        fs::read_dir(folder.path()).unwrap().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with(".casebook-")).count(), 0);
}

#[test]
fn output_files_that_are_refused() {
    let folder = casebook();
    fs::create_dir(folder.path().join("sub")).unwrap();
    // Before the question is looked at.
    fails(&folder, &["query", "nonsense |", "-o", "nowhere/out.csv"], 2, "error[usage-output]");
    fails(&folder, &["query", COUNT, "-o", "sub"], 2, "it is a folder");
    fails(&folder, &["query", COUNT, "-o", "sub/new/"], 2, "error[usage-output]");
    fails(&folder, &["query", COUNT, "-o", "out.docx"], 2, ".csv, .tsv");
    fails(&folder, &["query", COUNT, "-o", "arrests.csv"], 2, "made from");
    fails(&folder, &["query", COUNT, "-o", "casebook.toml", "--format", "csv"], 2, "made from");
    put(&folder, "q.cbq", COUNT);
    fails(&folder, &["run", "q.cbq", "-o", "./sub/../q.cbq", "--format", "csv"], 2, "made from");
    assert_eq!(
        (got(&folder, "arrests.csv"), got(&folder, "q.cbq")),
        (ARRESTS.to_string(), COUNT.to_string())
    );
}

#[cfg(unix)]
#[test]
fn output_files_keep_their_rights_and_links() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = casebook();
    put(&folder, "plain", "");
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().mode() & 0o777;
    assert_eq!(ends(&folder, &["query", COUNT, "-o", "out.csv"]).0, 0);
    assert_eq!(mode("out.csv"), mode("plain"));
    fs::set_permissions(folder.path().join("out.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("out.csv", folder.path().join("link.csv")).unwrap();
    assert_eq!(ends(&folder, &["query", "charges | count", "-o", "link.csv"]).0, 0);
    assert_eq!((got(&folder, "out.csv"), mode("out.csv")), ("count\n3\n".to_string(), 0o640));
    assert!(folder.path().join("link.csv").is_symlink());
    fs::set_permissions(folder.path().join("out.csv"), fs::Permissions::from_mode(0o444)).unwrap();
    fails(&folder, &["query", COUNT, "-o", "out.csv"], 2, "write-protected");
    assert_eq!(ends(&folder, &["query", COUNT, "--format", "csv", "-o", "/dev/null"]).0, 0);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn a_reader_who_leaves_ends_the_run_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..50_000).map(|n| format!("{n},some text that fills the pipe\n")).collect();
    put(&folder, "many.csv", format!("n,t\n{rows}"));
    let mut child = Process::new(env!("CARGO_BIN_EXE_casebook"))
        .args(["query", "many"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(0), String::new()));
    // A full disk is no reader who left.
    if Path::new("/dev/full").exists() {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = Process::new(env!("CARGO_BIN_EXE_casebook"));
        let status = command
            .args(["query", "many"])
            .current_dir(folder.path())
            .stdout(full)
            .stderr(Stdio::null())
            .status();
        assert_eq!(status.unwrap().code(), Some(2));
    }
}

#[test]
fn files_that_are_no_text() {
    let folder = casebook();
    put(&folder, "latin.cbq", b"arrests\n| where borough = \"Caf\xe9\"\n");
    fails(
        &folder,
        &["run", "latin.cbq"],
        1,
        "error[syntax-encoding]: latin.cbq is not UTF-8: byte 0xE9 in line 2",
    );
    fails(&folder, &["check", "latin.cbq"], 1, "line 2");
    run(folder.path()).args(["run", "-"]).write_stdin(&b"\xff"[..]).assert().code(1);
    put(&folder, "mark.cbq", format!("\u{feff}{COUNT}\r\n"));
    assert_eq!(ends(&folder, &["run", "mark.cbq"]).1, COUNTED);
}

#[test]
fn checking() {
    let folder = casebook();
    put(&folder, "good.cbq", format!("{COUNT}; charges | count\n"));
    let (code, out, err) = ends(&folder, &["check", "good.cbq"]);
    assert_eq!((code, &*out, &*err), (0, "", "good.cbq: 2 questions, no mistakes\n"));
    put(&folder, "bad.cbq", "charges | count by drug_clas\n");
    fails(&folder, &["check", "good.cbq", "bad.cbq"], 1, "bad.cbq:1:20");
}

#[test]
fn describing() {
    let folder = casebook();
    let (code, out, _) = ends(&folder, &["describe"]);
    assert!(code == 0 && out.contains("arrests,,arrests.csv,arrest_id,charges\n"), "{out}");
    let (code, out, _) = ends(&folder, &["describe", "charges", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(json[0]["rows"][2], serde_json::json!(["drug_class", "category", "A, B", null, null, null]));
    assert_eq!(json[1]["rows"][0], serde_json::json!(["arrest", "to one", "arrests", "arrest_id"]));
    fails(&folder, &["describe", "arests"], 1, "did you mean `arrests`?");
}

#[test]
fn functions_and_their_help() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<&str> = casebook::builtins::all().map(|builtin| builtin.name).collect();
    // A page for readers, into a pipe too; an area each.
    let (code, out, err) = ends(&folder, &["functions"]);
    assert_eq!((code, &*err), (0, ""));
    assert!(out.starts_with("time\n\nwritten ") && out.contains("\naggregates\n\n"), "{out}");
    assert!(names.iter().all(|name| out.contains(&format!("\n{name}("))), "{out}");
    let (_, json, _) = ends(&folder, &["functions", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["columns"], serde_json::json!(["area", "name", "signature", "help", "example"]));
    let listed: Vec<&str> =
        json[0]["rows"].as_array().unwrap().iter().map(|row| row[1].as_str().unwrap()).collect();
    assert_eq!(listed, names);
    assert_eq!(
        ends(&folder, &["functions", "sqrt"]).1,
        "sqrt(x)\n    the square root; missing below nought\n\n    arrests | summarise give_or_take = sqrt(count()) by borough\n"
    );
    let (_, csv, _) = ends(&folder, &["functions", "sqrt", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.contains("\nnumbers,sqrt,sqrt(x),"), "{csv}");
    assert_eq!(ends(&folder, &["functions", "-o", "functions.md"]).0, 0);
    assert!(
        got(&folder, "functions.md")
            .starts_with("## time\n\n| written | gives |\n| --- | --- |\n| day(date) |")
    );
    fails(
        &folder,
        &["functions", "roudn"],
        1,
        "error[name-function]: there is no function `roudn`\nhelp: did you mean `round`?",
    );
    fails(&folder, &["functions", "xylophone"], 1, "help: `casebook functions` lists them");
}

#[test]
fn completions_are_scripts() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (code, out, err) = ends(&folder, &["completions", shell]);
        assert_eq!((code, &*err), (0, ""), "{shell}");
        for word in ["completions", "describe", "as-of"] {
            assert!(out.contains(word), "{shell}: {word}");
        }
    }
    fails(&folder, &["completions", "bsh"], 2, "bash");
    assert_eq!(ends(&folder, &["completions", "bash", "-o", "casebook.bash"]).0, 0);
    // Where there is a bash, it reads the script.
    match Process::new("bash").args(["-n", "casebook.bash"]).current_dir(folder.path()).output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => eprintln!("skipped: bash is not there"),
        output => {
            let output = output.unwrap();
            assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        }
    }
}

#[test]
fn explaining() {
    let folder = casebook();
    let (code, out, err) = ends(&folder, &["explain", COUNT]);
    assert!(code == 0 && out.contains("arrests"), "{out}{err}");
    fails(&folder, &["explain", "arrests | count by boro"], 1, "borough");
}

#[test]
fn colours_only_when_asked() {
    let folder = casebook();
    let err = ends(&folder, &["query", "x", "--color", "always"]).2;
    assert!(err.contains("\u{1b}["), "{err}");
    for color in ["auto", "never"] {
        assert!(!ends(&folder, &["query", "x", "--color", color]).2.contains('\u{1b}'));
    }
}

#[test]
fn notes_go_to_standard_error() {
    let folder = casebook();
    let (code, out, err) = ends(&folder, &["query", "arrests | where age > 18 | count"]);
    assert_eq!((code, &*out), (0, "count\n1\n"));
    assert!(err.lines().all(|line| line.starts_with("note: ")), "{err}");
}

#[test]
fn notes_can_be_left_out() {
    let folder = casebook();
    put(&folder, "c.cbq", "arrests | where borough = \"Nowhere\" | count");
    let note = "note: borough is never \"Nowhere\"";
    for how in [&["query", "arrests | where borough = \"Nowhere\" | count"][..], &["run", "c.cbq"]] {
        assert!(ends(&folder, how).2.contains(note), "{how:?}");
        let quiet: Vec<&str> = how.iter().copied().chain(["--no-notes"]).collect();
        assert_eq!(ends(&folder, &quiet), (0, "count\n0\n".to_string(), String::new()));
    }
}

#[test]
fn laying_out() {
    let folder = casebook();
    put(&folder, "odd.cbq", "\u{feff}# Title\r\narrests|count   by borough;charges # all\r\n");
    put(&folder, "tidy.cbq", format!("{COUNT}\n"));
    // What differs is named, and stays.
    fails(&folder, &["fmt", "--check", "odd.cbq", "tidy.cbq"], 1, "odd.cbq:1:1");
    assert!(got(&folder, "odd.cbq").starts_with('\u{feff}'));
    let (code, out, err) = ends(&folder, &["fmt", "odd.cbq", "tidy.cbq"]);
    assert_eq!((code, &*out, &*err), (0, "", "odd.cbq: laid out\n"));
    assert_eq!(got(&folder, "odd.cbq"), format!("# Title\n{COUNT}\ncharges    # all\n"));
    assert_eq!(ends(&folder, &["fmt", "--check", "odd.cbq", "tidy.cbq"]), (0, String::new(), String::new()));
    // All files of a folder, and of those in it.
    fs::create_dir(folder.path().join("sub")).unwrap();
    put(&folder, "sub/deep.cbq", "arrests|count");
    put(&folder, "sub/no.txt", "arrests|count");
    fails(&folder, &["fmt", "--check", "."], 1, "deep.cbq:1:1");
    assert_eq!(ends(&folder, &["fmt", "."]).0, 0);
    assert_eq!(
        (got(&folder, "sub/deep.cbq"), got(&folder, "sub/no.txt").len()),
        ("arrests | count\n".into(), 13)
    );
    fs::remove_file(folder.path().join("sub/deep.cbq")).unwrap();
    fails(&folder, &["fmt", "sub"], 3, "no .cbq files");
    // Standard input goes to standard output.
    let lay_out = |arguments: &[&str], text: &str| {
        run(folder.path())
            .args(arguments)
            .write_stdin(text)
            .output()
            .map(|output| (output.status.code(), String::from_utf8(output.stdout).unwrap()))
    };
    assert_eq!(lay_out(&["fmt", "-"], "a|count").unwrap(), (Some(0), "a | count\n".to_string()));
    assert_eq!(lay_out(&["fmt", "-"], "# only this ").unwrap(), (Some(0), "# only this\n".to_string()));
    assert_eq!(lay_out(&["fmt", "--check", "-"], "a|count").unwrap(), (Some(1), String::new()));
}

#[test]
fn what_cannot_be_laid_out_is_left_alone() {
    let folder = casebook();
    put(&folder, "broken.cbq", "arrests|where|count");
    put(&folder, "latin.cbq", b"arrests|where x = \"\xe9\"");
    put(&folder, "good.cbq", "arrests|count");
    let (code, out, err) = ends(&folder, &["fmt", "broken.cbq", "latin.cbq", "good.cbq"]);
    assert_eq!((code, &*out), (1, ""));
    assert!(err.contains("broken.cbq:1:9") && err.contains("latin.cbq is not UTF-8"), "{err}");
    assert_eq!(got(&folder, "broken.cbq"), "arrests|where|count");
    assert_eq!(fs::read(folder.path().join("latin.cbq")).unwrap().len(), 21);
    assert_eq!(got(&folder, "good.cbq"), "arrests | count\n");
    fails(&folder, &["fmt", "gone.cbq"], 3, "there is no file gone.cbq");
    fails(&folder, &["fmt"], 2, "FILE");
    fails(&folder, &["fmt", "good.cbq", "-o", "x.cbq"], 2, "in place");
    let mut rights = fs::metadata(folder.path().join("broken.cbq")).unwrap().permissions();
    rights.set_readonly(true);
    put(&folder, "kept.cbq", "arrests|count");
    fs::set_permissions(folder.path().join("kept.cbq"), rights).unwrap();
    fails(&folder, &["fmt", "kept.cbq"], 2, "write-protected");
    assert_eq!(got(&folder, "kept.cbq"), "arrests|count");
}
