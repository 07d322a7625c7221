//! Files that cannot be read, or not whole: each ends with a message that says where, and never with a part of
//! an answer.

use super::*;

const ROWS: &str = "id,borough,n\n1,Camden,5\n2,Lambeth,6\n3,Camden,7\n";

#[test]
fn zero_bytes() {
    for file in ["t.csv", "t.tsv", "t.ndjson", "t.parquet", "t.arrow", "t.csv.gz", "t.csv.zst"] {
        let folder = Folder::new();
        folder.put(file, "");
        folder.fails("t | count", 3, &["error[data-empty]", &format!("{file} is empty")]);
    }
    for (file, bytes) in
        [("t.csv.gz", gzip(b"")), ("t.csv.zst", zstd(b"")), ("t.csv", b"\xef\xbb\xbf".to_vec())]
    {
        let folder = Folder::new();
        folder.put(file, bytes);
        folder.fails("t | count", 3, &["error[data-empty]", &format!("{file} is empty")]);
    }
    for blank in ["\n", "\n\n", "\r\n"] {
        let folder = Folder::new();
        folder.put("t.csv", blank);
        folder.fails("t | count", 3, &["error[data-empty]", "t.csv is empty"]);
        let folder = Folder::new();
        folder.put("t.ndjson", blank);
        folder.fails("t | count", 3, &["error[data-empty]"]);
    }
}

#[test]
fn headings_only() {
    for text in
        ["id,borough,n\n", "id,borough,n", "id,borough,n\r\n", "id,borough,n\n\n\n", "\u{feff}id,borough,n\r"]
    {
        let folder = Folder::new();
        folder.put("t.csv", text);
        folder.answers("t | count", "count\n0\n");
        folder.answers("t", "id,borough,n\n");
        folder.answers("t | summarise n = count(), m = max(borough) by id", "id,n,m\n");
    }
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\nkey = \"id\"\n[tables.t.columns]\nid = \"id\"\nn = \"number\"\nborough = \"text\"\n",
    );
    folder.put("t.csv", "id,borough,n\n");
    folder.answers("t | summarise n = count(), total = sum(n), mean = mean(n)", "n,total,mean\n0,0,\n");
    let folder = Folder::new();
    folder.parquet("t.parquet", vec![Column::new("id".into(), Vec::<i64>::new()), texts("borough", &[])]);
    folder.arrow("u.arrow", vec![Column::new("id".into(), Vec::<i64>::new()), texts("borough", &[])]);
    for table in ["t", "u"] {
        folder.answers(&format!("{table} | count"), "count\n0\n");
        folder.answers(table, "id,borough\n");
        folder.answers(&format!("{table} | summarise total = sum(id)"), "total\n0\n");
    }
}

#[test]
fn ragged_rows() {
    let folder = Folder::new();
    for (text, line, fields) in [
        (format!("{ROWS}4,Camden\n5,Camden,9\n"), 5, 2),
        (format!("{ROWS}\n\n4,Camden,8,9\n"), 7, 4),
        (ROWS.replace("2,Lambeth", "2,\"Lam\nbeth\"") + "4\n", 6, 1),
        ((ROWS.to_string() + "4,Camden\n").replace('\n', "\r\n"), 5, 2),
        ((ROWS.to_string() + "4,Camden\n").replace('\n', "\r"), 5, 2),
        (ROWS.replace("1,Camden,5", "1,Camden, Town,5"), 2, 4),
    ] {
        folder.put("t.csv", &text);
        let place = format!("t.csv, line {line}: {fields} field");
        folder.fails("t | count", 3, &["error[data-read]", &place, "the heading has 3"]);
        folder.put("t.csv", "");
        folder.put("t.csv.gz", gzip(text.as_bytes()));
        fs::remove_file(folder.path("t.csv")).unwrap();
        folder.fails("t | count", 3, &[&place.replace("t.csv", "t.csv.gz")]);
        fs::remove_file(folder.path("t.csv.gz")).unwrap();
    }
    // A quote that is never closed swallows the rest.
    folder.put("t.csv", ROWS.replace("2,Lambeth", "2,\"Lambeth"));
    folder.fails("t | count", 3, &["t.csv, line 3", "a quote that opens in this line may never be closed"]);
    folder.put("t.csv", ROWS.replace("3,Camden,7", "3,Camden,\"7"));
    folder.fails("t | count", 3, &["t.csv, line 4: a quote opens in this record and is never closed"]);
    folder.put("t.csv", "id,borough,\"n\n1,Camden,5\n");
    folder.fails("t | count", 3, &["t.csv, line 1: a quote opens in this record and is never closed"]);
}

#[test]
fn encodings() {
    let folder = Folder::new();
    let latin = b"id,place\n1,Camden\n2,Caf\xe9\n3,M\xfcnchen\n";
    folder.put("t.csv", latin);
    let says = [
        "error[data-encoding]",
        "t.csv, line 3: `Caf\u{fffd}` is not UTF-8 text",
        "encoding = \"windows-1252\"",
    ];
    folder.fails("t | count", 3, &says);
    folder.put("t.csv", latin.map(|byte| if byte == b'\n' { b'\r' } else { byte }));
    folder.fails("t | count", 3, &says);
    folder.put("t.csv", b"id,caf\xe9\n1,x\n");
    folder.fails("t | count", 3, &["the heading line of", "t.csv is not UTF-8 text"]);
    folder.put("t.csv", b"id,place\n1,x\n");
    folder.put("u.ndjson", b"{\"a\":\"x\"}\n{\"a\":\"Caf\xe9\"}\n");
    folder.fails(
        "u | count",
        3,
        &["error[data-encoding]", "u.ndjson, line 2", "encoding = \"windows-1252\""],
    );
    for label in ["windows-1252", "latin1", "iso-8859-1"] {
        let folder = Folder::with(&format!("[tables.t]\nsource = \"t.csv\"\nencoding = \"{label}\"\n"));
        folder.put("t.csv", b"id,place\n1,Camden\n2,Caf\xe9 \x80\n3,M\xfcnchen\n");
        folder.answers("t | where place contains \"café\" | select place", "place\nCafé €\n");
        // A byte-order mark knows better.
        folder.put("t.csv", "\u{feff}id,place\n1,Café\n");
        folder.answers("t | select place", "place\nCafé\n");
    }
    let folder = Folder::with("[tables.t]\nsource = \"t.csv\"\nencoding = \"shift_jis\"\n");
    folder.put("t.csv", b"id,place\n1,\xff\xff\n");
    folder.fails("t | count", 3, &["error[data-encoding]", "t.csv is not all Shift_JIS text"]);
}

/// Bytes that mean nothing, the same in every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(next).collect()
}

#[test]
fn noise_by_any_name() {
    let names =
        ["t.csv", "t.tsv", "t.ndjson", "t.parquet", "t.arrow", "t.csv.gz", "t.csv.zst", "t.ndjson.gz"];
    for file in names {
        for size in [1, 12, 5000, 300_000] {
            let folder = Folder::new();
            folder.put(file, noise(size));
            folder.fails("t | count", 3, &["error[data-"]);
        }
    }
    // With the signs of the format at both ends.
    for (file, magic) in [
        ("t.parquet", &b"PAR1"[..]),
        ("t.arrow", b"ARROW1"),
        ("t.csv.gz", b"\x1f\x8b\x08\x00"),
        ("t.csv.zst", b"\x28\xb5\x2f\xfd"),
    ] {
        let folder = Folder::new();
        folder.put(file, [magic, &noise(2000), magic].concat());
        folder.fails("t | count", 3, &["error[data-"]);
    }
}

#[test]
fn truncated_files() {
    let folder = Folder::new();
    let many: String = (0..50_000).map(|n| format!("{n},Camden,{}\n", n * 7919 % 1000)).collect();
    let text = format!("id,borough,n\n{many}");
    for (file, bytes) in [("t.csv.gz", gzip(text.as_bytes())), ("t.csv.zst", zstd(text.as_bytes()))] {
        for part in [bytes.len() - 1, bytes.len() / 2, 20] {
            let folder = Folder::new();
            folder.put(file, &bytes[..part]);
            folder.fails("t | count", 3, &["error[data-damaged]", &format!("{file} ends in the middle")]);
        }
    }
    let ids: Vec<i64> = (0..50_000).collect();
    let boroughs = vec!["Camden"; 50_000];
    let columns = || vec![Column::new("id".into(), &ids), Column::new("borough".into(), &boroughs)];
    folder.parquet("p.parquet", columns());
    folder.arrow("a.arrow", columns());
    for file in ["p.parquet", "a.arrow"] {
        let bytes = fs::read(folder.path(file)).unwrap();
        let table = file.split_once('.').unwrap().0;
        for part in [bytes.len() - 1, bytes.len() / 2, 5] {
            folder.put(file, &bytes[..part]);
            folder.fails(&format!("{table} | count"), 3, &["error[data-format]", file]);
        }
        // A hole in the middle: an error, or what stands there, but no panic.
        for from in (8..bytes.len() - 200).step_by(bytes.len() / 12) {
            let mut holed = bytes.clone();
            holed[from..from + 100].fill(0xa5);
            folder.put(file, &holed);
            let ended =
                folder.ask(&format!("{table} | summarise n = sum(id), m = count(borough) by borough"));
            assert!(matches!(ended.code, 0 | 3), "{file} with a hole at {from}: {}", ended.err);
            assert!(!ended.err.contains("panicked"), "{file} with a hole at {from}: {}", ended.err);
        }
    }
    // The last line of JSON breaks off.
    folder.put("j.ndjson", "{\"a\":1}\n{\"a\":2}\n{\"a\":");
    folder.fails("j | count", 3, &["error[data-read]", "j.ndjson, line 3: this is no JSON object"]);
}

#[cfg(unix)]
#[test]
fn without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let folder =
        Folder::with("[tables.t]\nsource = \"closed/t.csv\"\n[tables.u]\nsource = \"closed/*.csv\"\n");
    folder.put("closed/t.csv", ROWS);
    folder.put("t.csv", ROWS);
    let mode =
        |name: &str, mode| fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    mode("closed", 0o000);
    if fs::read_dir(folder.path("closed")).is_ok() {
        eprintln!("skipped: this user may read everything");
    } else {
        folder.fails("t | count", 3, &["error[data-unreadable]", "no permission to read"]);
        folder.fails("u | count", 3, &["error[data-unreadable]", "closed"]);
        let ended = folder.run(&["-C", "closed", "query", "t | count"]);
        assert!(ended.code == 3 && ended.err.contains("error[data-unreadable]"), "{ended:?}");
        mode("t.csv", 0o000);
        let ended = folder.run(&["-C", "t.csv", "query", "t | count"]);
        assert!(ended.code == 3 && ended.err.contains("no permission to read"), "{ended:?}");
    }
    mode("closed", 0o755);
}

#[test]
fn what_is_not_there() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"exports/*.csv\"\n[tables.u]\nsource = \"u.csv\"\n[tables.v]\nsource = \"folder.csv\"\n\
         [tables.w]\nsource = \"[a-.csv\"\n",
    );
    folder.fails("t | count", 3, &["error[data-missing]", "no file is named as", "exports/*.csv says"]);
    folder.fails("u | count", 3, &["error[data-missing]", "there is no file", "u.csv"]);
    fs::create_dir(folder.path("folder.csv")).unwrap();
    folder.fails("v | count", 3, &["error[data-unreadable]", "folder.csv is a folder, not a file"]);
    folder.fails("w | count", 3, &["error[data-missing]", "is no pattern of files"]);
    // Without a catalogue.
    let folder = Folder::new();
    folder.fails("t | count", 3, &["error[data-missing]", "holds no casebook"]);
    folder.put("t.xlsx", "x");
    let ended = folder.run(&["-C", "t.xlsx", "query", "t | count"]);
    assert!(ended.code == 3 && ended.err.contains("error[data-format]"), "{ended:?}");
    folder.put("t.csv", ROWS);
    folder.put("t.csv.gz", gzip(ROWS.as_bytes()));
    folder.fails("t | count", 1, &["error[catalogue-duplicate]", "would both be the table `t`"]);
}

#[test]
fn a_file_that_changes_while_a_question_runs() {
    use std::sync::atomic::{AtomicBool, Ordering};
    // Two versions, written in turn; an answer is one of them or an error, and never a mix.
    let version = |n: usize| -> String {
        let rows: String = (0..60_000).map(|row| format!("{row},{n}\n")).collect();
        format!("id,n\n{rows}")
    };
    let folder = Folder::new();
    folder.put("t.csv", version(1));
    let path = folder.path("t.csv");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let text = version(if turn % 2 == 0 { 22 } else { 1 });
                // Written anew in place, or put in its place.
                if turn % 4 < 2 {
                    fs::write(&path, text).unwrap();
                } else {
                    fs::write(path.with_extension("new"), text).unwrap();
                    fs::rename(path.with_extension("new"), &path).unwrap();
                }
                std::thread::sleep(Duration::from_millis(7));
            }
        });
        // So that the writer ends though an answer be wrong.
        struct Done<'d>(&'d AtomicBool);
        impl Drop for Done<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Relaxed);
            }
        }
        let _done = Done(&done);
        let mut refused = 0;
        for _ in 0..40 {
            let ended = folder.ask("t | summarise rows = count(), least = min(n), most = max(n)");
            match ended.code {
                0 => assert!(
                    ["rows,least,most\n60000,1,1\n", "rows,least,most\n60000,22,22\n"].contains(&&*ended.out),
                    "{ended:?}"
                ),
                3 => {
                    assert!(ended.err.contains("error[data-") && ended.out.is_empty(), "{ended:?}");
                    refused += 1;
                }
                _ => panic!("{ended:?}"),
            }
        }
        assert!(refused > 0, "no change was noticed");
    });
    folder.put("t.csv", version(1));
    folder.answers(
        "t | summarise rows = count(), least = min(n), most = max(n)",
        "rows,least,most\n60000,1,1\n",
    );
}
