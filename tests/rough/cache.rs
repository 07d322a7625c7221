//! What is kept of a survey, and for how long.

use super::*;

const CATALOGUE: &str = "[tables.people]\nsource = \"people.csv\"\nkey = \"id\"\n[tables.people.columns]\n\
    id = { type = \"id\", personal = true }\nname = { type = \"text\", personal = true }\nage = \"integer\"\n\
    [tables.stops]\nsource = \"stops.csv\"\nlinks.person = { to = \"people\", by = \"id\" }\n\
    [tables.stops.columns]\nid = { type = \"id\", personal = true }\n";
const PEOPLE: &str = "id,name,age,seen\nQ71,Ada Lovelace,36,03/04/2023\nQ72,Alan Turing,old,05/06/2023\nQ73,Grace Hopper,85,\n";
const STOPS: &str = "id,n\nQ71,1\nQ73,2\nQ71,3\n";
const ASKED: &str = "stops | summarise n = count(), age = mean(each person.age)";
const ANSWER: &str = "n,age\n3,52.333333333333336\n";
const UNFIT: &str =
    "note: a value does not fit and counts as missing: 1 of people.age (people.csv, line 3)\n";

fn casebook() -> Folder {
    let folder = Folder::with(CATALOGUE);
    folder.put("people.csv", PEOPLE);
    folder.put("stops.csv", STOPS);
    folder
}

fn kept(folder: &Folder) -> Vec<PathBuf> {
    files_in(folder.cache.path())
}

/// What was kept, but for the hashes of texts, which are salted anew each time: only `seen` has them.
fn without_hashes(bytes: &[u8]) -> serde_json::Value {
    let mut kept: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    for column in kept["survey"]["columns"].as_array_mut().unwrap() {
        let hashes = column["texts"].take();
        assert_eq!(hashes.is_object(), column["name"] == "seen", "{column}");
    }
    kept
}

/// Changes what was kept.
fn doctor(folder: &Folder, from: &str, to: &str) {
    let mut changed = 0;
    for path in kept(folder) {
        let text = fs::read_to_string(&path).unwrap();
        changed += text.matches(from).count();
        fs::write(path, text.replace(from, to)).unwrap();
    }
    assert!(changed > 0, "{from} is nowhere");
}

/// New bytes of the same length, as of the same time.
fn replace_unseen(folder: &Folder, name: &str, from: &str, to: &str) {
    assert_eq!(from.len(), to.len());
    let path = folder.path(name);
    let modified = fs::metadata(&path).unwrap().modified().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from));
    fs::write(&path, text.replace(from, to)).unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().set_modified(modified).unwrap();
}

#[test]
fn nobody_else_reads_it_and_it_names_nobody() {
    let folder = casebook();
    folder.notes(ASKED, ANSWER, UNFIT);
    folder.ask("people | count by seen");
    let kept = kept(&folder);
    assert_eq!(kept.len(), 2, "{kept:?}");
    for path in kept {
        let text = fs::read_to_string(&path).unwrap();
        // Of a column that is not personal there are hashes, whose digits may be any.
        let text = without_hashes(text.as_bytes()).to_string();
        for value in ["Q7", "Lovelace", "Turing", "Hopper", "36", "85", "old", "03/04", "71", "72"] {
            let survey = text.split_once("\"survey\"").unwrap().1;
            assert!(!survey.contains(value), "{value} in {survey}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
    }
}

#[test]
fn what_becomes_personal_is_looked_at_anew() {
    let open = CATALOGUE.replace(", personal = true", "");
    let folder = casebook();
    folder.put("casebook.toml", &open);
    folder.notes(ASKED, ANSWER, UNFIT);
    let text = || kept(&folder).iter().map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
    assert!(text().contains("\"prefix\":\"Q\"") && text().contains("\"hashes\":["), "{}", text());
    // Back and forth: what was kept of what is personal now is gone.
    for _ in 0..2 {
        folder.put("casebook.toml", CATALOGUE);
        folder.notes(ASKED, ANSWER, UNFIT);
        let found = text();
        assert!(!found.contains("prefix") && found.matches("\"hashes\"").count() == 1, "{found}");
        folder.put("casebook.toml", &open);
        folder.notes(ASKED, ANSWER, UNFIT);
        assert!(text().contains("prefix"));
    }
}

#[test]
fn what_is_kept_of_texts_is_told_by_no_other_entry() {
    let hashes = || {
        let folder = casebook();
        folder.ask("people | count by seen");
        let kept = kept(&folder);
        let entry: serde_json::Value = serde_json::from_str(&fs::read_to_string(&kept[0]).unwrap()).unwrap();
        let columns = entry["survey"]["columns"].as_array().unwrap();
        columns.iter().find(|column| column["name"] == "seen").unwrap()["texts"]["hashes"].to_string()
    };
    assert_ne!(hashes(), hashes());
}

#[test]
fn a_second_question_does_not_read_the_file_again() {
    let folder = casebook();
    folder.notes(ASKED, ANSWER, UNFIT);
    // What was kept is what is said.
    doctor(&folder, "\"first\":[0,3]", "\"first\":[0,9]");
    folder.notes(ASKED, ANSWER, &UNFIT.replace("line 3", "line 9"));
    // Other bytes of the same length, as of the same time: a copy, or an archive that was unpacked.
    if cfg!(unix) {
        replace_unseen(&folder, "people.csv", "Q72", "Q73");
        // Which, is nobody's business: the key is personal.
        folder.fails(ASKED, 3, &["error[data-key]", "several records have the same"]);
        folder.put("casebook.toml", CATALOGUE.replace(", personal = true", ""));
        folder.fails(ASKED, 3, &["error[data-key]", "`Q73`"]);
    }
}

#[test]
fn other_files_and_other_catalogues_are_surveyed_anew() {
    let folder = casebook();
    folder.notes(ASKED, ANSWER, UNFIT);
    // Longer by a line.
    folder.put("people.csv", format!("{PEOPLE}Q74,Edsger Dijkstra,young,\n"));
    let two = "note: values do not fit and count as missing: 2 of people.age (first people.csv, line 3)\n";
    folder.notes(ASKED, ANSWER, two);
    folder.put("people.csv", PEOPLE);
    folder.notes(ASKED, ANSWER, UNFIT);
    // What the catalogue asks.
    folder.put(
        "casebook.toml",
        CATALOGUE.replace("age = \"integer\"", "age = { type = \"integer\", missing = \"old\" }"),
    );
    folder.notes(ASKED, ANSWER, "");
    folder.put("casebook.toml", CATALOGUE.replace("key = \"id\"", "key = \"id\"\nmissing = \"36\""));
    folder.notes(
        "people | summarise age = mean(age)",
        "age\n85\n",
        &format!("{UNFIT}note: 2 missing values are left out of mean(age)\n"),
    );
    // A line above changes nothing.
    let count = kept(&folder).len();
    folder.put("casebook.toml", format!("name = \"People\"\n\n{CATALOGUE}"));
    folder.notes(ASKED, ANSWER, UNFIT);
    assert_eq!(kept(&folder).len(), count);
    folder.put("casebook.toml", CATALOGUE.replace("key = \"id\"", "key = \"id\"\nencoding = \"utf-8\""));
    folder.notes(ASKED, ANSWER, UNFIT);
}

#[test]
fn units_from_another_table_are_part_of_it() {
    let catalogue = "[tables.finds]\nsource = \"finds.csv\"\nlinks.measure = { to = \"codes\", by = \"code\" }\n[tables.finds.columns]\n\
        code = \"id\"\nweight = { type = \"mass\", from = \"amount\", unit_from = \"measure.unit\" }\n\
        [tables.codes]\nsource = \"codes.csv\"\nkey = \"code\"\n[tables.codes.columns]\ncode = \"id\"\nunit = \"text\"\n";
    let folder = Folder::with(catalogue);
    folder.put("codes.csv", "code,unit\n1,g\n2,stone\n");
    folder.put("finds.csv", "code,amount\n1,5\n2,7\n");
    let unfit = "note: a value does not fit and counts as missing: 1 of finds.weight (finds.csv, line 3)\n";
    folder.notes("finds | summarise w = sum(weight), n = count(weight)", "w [g],n\n5,1\n", unfit);
    folder.put("codes.csv", "code,unit\n1,g\n2,kg\n");
    folder.answers("finds | summarise w = sum(weight), n = count(weight)", "w [g],n\n7005,2\n");
    folder.put(
        "casebook.toml",
        catalogue.replace("unit = \"text\"", "unit = { type = \"text\", missing = \"kg\" }"),
    );
    folder.notes("finds | summarise w = sum(weight), n = count(weight)", "w [g],n\n5,1\n", unfit);
}

#[test]
fn damaged_caches() {
    let folder = casebook();
    folder.notes(ASKED, ANSWER, UNFIT);
    let good: Vec<(PathBuf, Vec<u8>)> =
        kept(&folder).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    type Damage = dyn Fn(&[u8]) -> Vec<u8>;
    let damage: [&Damage; 7] = [
        &|_| Vec::new(),
        &|_| b"{".to_vec(),
        &|_| b"{\"head\":{},\"survey\":{}}".to_vec(),
        &|_| vec![0xff; 500],
        &|_| b"[]".to_vec(),
        &|text| text[..text.len() / 2].to_vec(),
        &|text| String::from_utf8(text.to_vec()).unwrap().replace("\"unfit\":1", "\"unfit\":-1").into_bytes(),
    ];
    for damage in damage {
        for (path, bytes) in &good {
            fs::write(path, damage(bytes)).unwrap();
        }
        folder.notes(ASKED, ANSWER, UNFIT);
        // And mended.
        for (path, bytes) in &good {
            assert_eq!(without_hashes(&fs::read(path).unwrap()), without_hashes(bytes));
        }
    }
    // A folder where the file was.
    for (path, _) in &good {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    }
    folder.notes(ASKED, ANSWER, UNFIT);
}

#[test]
fn caches_of_other_programs() {
    let folder = casebook();
    folder.notes(ASKED, ANSWER, UNFIT);
    for path in kept(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        let lie = text.replace("\"unfit\":1", "\"unfit\":7");
        fs::write(&path, &lie).unwrap();
    }
    // What this program kept is believed, what another did is not.
    assert!(folder.ask(ASKED).err.contains("7 of people.age"));
    for path in kept(&folder) {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"program\":\"casebook ", "\"program\":\"casebook 0.")).unwrap();
    }
    folder.notes(ASKED, ANSWER, UNFIT);
}

#[test]
fn without_a_cache() {
    let folder = casebook();
    folder.put("no folder", "");
    let ask = |name: &str, value: Option<&Path>| {
        let mut command = folder.command();
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name).env_remove("XDG_CACHE_HOME"),
        };
        let output = command.args(["query", ASKED]).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert_eq!(
            (output.status.code(), text(output.stdout), text(output.stderr)),
            (Some(0), ANSWER.into(), UNFIT.replace("line 3)", "line 3: \"old\" is no integer)")),
            "{name} {value:?}"
        );
    };
    for place in ["no folder", "no folder/below", "/proc/nowhere", "/dev/null"] {
        let path = folder.path("").join(place);
        ask("XDG_CACHE_HOME", Some(&path));
        ask("XDG_CACHE_HOME", Some(&path));
    }
    ask("HOME", None);
    ask("XDG_CACHE_HOME", Some(Path::new("")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::create_dir(folder.path("closed")).unwrap();
        fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(0o500)).unwrap();
        ask("XDG_CACHE_HOME", Some(&folder.path("closed")));
    }
    assert!(!folder.path("casebook").exists());
}

#[test]
fn a_file_that_was_just_written_is_not_kept() {
    let folder = casebook();
    fs::write(folder.path("people.csv"), PEOPLE).unwrap();
    folder.notes("people | count", "count\n3\n", "");
    assert_eq!(kept(&folder).len(), 0);
}

#[test]
fn many_at_once() {
    let folder = casebook();
    let rows: String = (0..20_000)
        .map(|n| format!("Q{n},Somebody,{},\n", if n == 7 { "old".into() } else { n.to_string() }))
        .collect();
    folder.put("people.csv", format!("id,name,age,seen\n{rows}"));
    let unfit = "note: a value does not fit and counts as missing: 1 of people.age (people.csv, line 9)\n";
    for _ in 0..5 {
        for path in kept(&folder) {
            fs::remove_file(path).unwrap();
        }
        std::thread::scope(|scope| {
            let runs: Vec<_> =
                (0..8).map(|_| scope.spawn(|| folder.ask("people | summarise n = max(age)"))).collect();
            for run in runs {
                let ended = run.join().unwrap();
                assert_eq!((ended.code, &*ended.out), (0, "n\n19999\n"), "{}", ended.err);
                assert!(ended.err.starts_with(unfit), "{}", ended.err);
            }
        });
        let kept = kept(&folder);
        assert_eq!(kept.len(), 1, "{kept:?}");
        serde_json::from_slice::<serde_json::Value>(&fs::read(&kept[0]).unwrap()).unwrap();
    }
}

#[test]
fn json_lines_and_columnar_files_are_kept_too() {
    let folder = Folder::new();
    folder.put("t.ndjson", "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}\n");
    folder.parquet("u.parquet", vec![Column::new("a".into(), [1i64, 2]), texts("b", &["x", "y"])]);
    folder.answers("t | summarise n = sum(a)", "n\n3\n");
    folder.answers("u | summarise n = sum(a)", "n\n3\n");
    assert_eq!(kept(&folder).len(), 2);
    // Of how many records there are, nothing is read but what was kept.
    doctor(&folder, "\"rows\":2", "\"rows\":7");
    folder.answers("t | count", "count\n7\n");
    folder.answers("u | count", "count\n7\n");
}
