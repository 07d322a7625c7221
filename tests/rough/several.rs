//! Patterns of files as one table.

use super::*;

const LACKS: &str = "note: 1 of 3 files of t has no column extra, which is missing there: b.csv\n";

#[test]
fn columns_in_another_order_and_more_of_them() {
    let folder = Folder::with("[tables.t]\nsource = \"x/*.csv\"\nfile = \"from_file\"\n");
    folder.put("x/a.csv", "id,n,extra\n1,5,p\n2,6,\n");
    folder.put("x/b.csv", "n,id\n7,3\n");
    folder.put("x/c.csv", "extra;id;n\nq;4;8\n");
    folder.put("x/.hidden.csv", "id,n\n9,9\n");
    folder.put("x/d.txt", "nothing");
    folder.answers(
        "t | select id, n, from_file",
        "id,n,from_file\n1,5,a.csv\n2,6,a.csv\n3,7,b.csv\n4,8,c.csv\n",
    );
    folder.notes("t | select id, extra", "id,extra\n1,p\n2,\n3,\n4,q\n", LACKS);
    folder.answers(
        "t | summarise n = sum(n), rows = count() by from_file",
        "from_file,n,rows\na.csv,11,2\nb.csv,7,1\nc.csv,8,1\n",
    );
    folder.answers("t | where from_file = \"b.csv\" | select id", "id\n3\n");
    folder.notes("t | where extra is missing | count", "count\n2\n", LACKS);
    folder.notes("t | take 1 per extra | sort -id | select id", "id\n4\n2\n1\n", LACKS);
    // One more file.
    folder.put("x/e.csv", "id,n,extra\n5,9,z\n");
    folder.answers("t | summarise n = sum(n)", "n\n35\n");
    fs::remove_file(folder.path("x/e.csv")).unwrap();
    folder.answers("t | summarise n = sum(n)", "n\n26\n");
}

#[test]
fn a_declared_column_that_no_file_has() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"x/*.csv\"\n[tables.t.columns]\nid = \"id\"\nextra = \"integer\"\n",
    );
    folder.put("x/a.csv", "id,n\n1,5\n");
    folder.put("x/b.csv", "id,n\n2,5\n");
    folder.fails("t | count by extra", 1, &["error[catalogue-column]", "x/*.csv has no column `extra`"]);
    // One of them will do.
    folder.put("x/c.csv", "id,n,extra\n3,5,7\n");
    let lacks = "note: 2 of 3 files of t have no column extra, which is missing there: a.csv, b.csv\n";
    folder.notes("t | count by extra", "extra,count\n7,1\n,2\n", lacks);
}

#[test]
fn types_are_those_of_all_files() {
    let folder = Folder::with("[tables.t]\nsource = \"*.csv\"\n");
    folder.put("a.csv", "a,b,c,d\n1,2,2023-10-09,1\n");
    folder.put("b.csv", "a,b,c,d\n01,2.5,09/10/2023,\n");
    folder.answers("t", "a,b,c,d\n1,2,2023-10-09,1\n01,2.5,09/10/2023,\n");
    folder.answers("t | summarise b = sum(b), d = count(d)", "b,d\n4.5,1\n");
    folder.fails("t | summarise a = sum(a)", 1, &["error[type-"]);
    folder.fails("t | where c in 2023 | count", 1, &["error[type-"]);
}

#[test]
fn faults_name_their_file() {
    let folder = Folder::with("[tables.t]\nsource = \"*.csv\"\n[tables.t.columns]\nn = \"integer\"\n");
    folder.put("a.csv", "id,n\n1,5\n");
    folder.put("b.csv", "id,n\n2,6\n3,x\n\n4,y\n");
    folder.put("c.csv", "n,id\nz,5\n");
    folder.notes("t | summarise n = sum(n)", "n\n11\n", "note: values do not fit and count as missing: 3 of t.n (first b.csv, line 3)\nnote: 3 missing values are left out of sum(n)\n");
    folder.put("c.csv", "n,id\n1,2,3\n");
    folder.fails("t | count", 3, &["error[data-read]", "c.csv, line 2: 3 fields"]);
    folder.put("c.csv", "");
    folder.fails("t | count", 3, &["error[data-empty]", "c.csv is empty"]);
    folder.put("c.csv", b"n,id\n1,\xe9\n");
    folder.fails("t | count", 3, &["error[data-encoding]", "c.csv, line 2"]);
}

#[test]
fn keys_over_all_files() {
    let catalogue = |key: &str| {
        format!(
            "[tables.t]\nsource = \"x/*.csv\"\nfile = \"part\"\nkey = {key}\n[tables.t.columns]\nid = \"id\"\n\
             [tables.u]\nsource = \"u.csv\"\nlinks.t = {{ to = \"t\", by = [\"part\", \"id\"] }}\n[tables.u.columns]\nid = \"id\"\n"
        )
    };
    // A file's name may be part of the key.
    let folder = Folder::with(&catalogue("[\"part\", \"id\"]"));
    folder.put("x/a.csv", "id,n\n1,5\n2,6\n");
    folder.put("x/b.csv", "n,id\n7,1\n8,2\n");
    folder.put("u.csv", "part,id,w\na.csv,1,10\nb.csv,1,20\nb.csv,3,30\n");
    folder.answers("u | select w, n = t.n", "w,n\n10,5\n20,7\n30,\n");
    folder.put("casebook.toml", catalogue("\"id\"").replace("by = [\"part\", \"id\"]", "by = \"id\""));
    folder.fails("u | select w, n = t.n", 3, &["error[data-key]", "`1` and `2`"]);
}

#[test]
fn repeated_lines_over_all_files() {
    let folder = Folder::with("[tables.t]\nsource = \"x/*.csv\"\nrepeated = \"drop\"\n");
    folder.put("x/a.csv", "id,n\n1,2\n1,2\n\n3,4\n");
    // 2,1 here is another record than 1,2 there.
    folder.put("x/b.csv", "n,id\n2,1\n1,2\n4,3\n");
    folder.put("x/c.csv", "id,n,extra\n3,4,\n3,4,x\n");
    folder.answers("t | select id, n", "id,n\n1,2\n3,4\n2,1\n3,4\n");
    folder.answers("t | summarise rows = count(), n = sum(n)", "rows,n\n4,11\n");
}

#[test]
fn folders_at_any_depth_and_packed_files() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"x/**/*.csv.gz\"\n[tables.u]\nsource = \"x/202[34]-?/*.csv.gz\"\n",
    );
    folder.put("x/2022-1/a.csv.gz", gzip(b"id\n1\n"));
    folder.put("x/2023-1/a.csv.gz", gzip(b"id\n2\n"));
    folder.put("x/2024-2/deep/a.csv.gz", gzip(b"id\n3\n"));
    folder.put("x/2024-2/b.csv.gz", gzip(b"id\n4\n"));
    folder.answers("t", "id\n1\n2\n4\n3\n");
    folder.answers("u", "id\n2\n4\n");
    // A file of just that name is no pattern.
    let folder = Folder::with("[tables.t]\nsource = \"a[1].csv\"\n");
    folder.put("a[1].csv", "id\n1\n");
    folder.put("a1.csv", "id\n2\n");
    folder.answers("t", "id\n1\n");
}

#[test]
fn columnar_parts_with_types_of_their_own() {
    for arrow in [false, true] {
        let ending = if arrow { "arrow" } else { "parquet" };
        let folder = Folder::with(&format!(
            "[tables.t]\nsource = \"*.{ending}\"\nfile = \"part\"\n[tables.t.columns]\nid = \"id\"\nseen = \"date\"\n"
        ));
        let put = |name: &str, columns| {
            let name = format!("{name}.{ending}");
            if arrow { folder.arrow(&name, columns) } else { folder.parquet(&name, columns) }
        };
        put(
            "a",
            vec![
                Column::new("id".into(), [1i32, 2]),
                Column::new("n".into(), [1i8, 2]),
                Column::new("x".into(), [1i64, 2]),
                Column::new("seen".into(), [0i32, 1]).cast(&DataType::Date).unwrap(),
            ],
        );
        put(
            "b",
            vec![
                Column::new("seen".into(), [2i64 * 86_400_000, 3 * 86_400_000 + 1])
                    .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
                    .unwrap(),
                Column::new("x".into(), [1.5f64, 3.0]),
                Column::new("id".into(), [Some(3.0f64), None]),
                Column::new("n".into(), [1_000_000_000_000i64, 4]),
            ],
        );
        put("c", vec![texts("id", &["04", " x "]), Column::new("n".into(), [5i64, 6])]);
        folder.notes(
            "t | select id, n, seen, part",
            &format!(
                "id,n,seen,part\n1,1,1970-01-01,a.{ending}\n2,2,1970-01-02,a.{ending}\n3,1000000000000,1970-01-03,b.{ending}\n\
                 ,4,1970-01-04,b.{ending}\n04,5,,c.{ending}\nx,6,,c.{ending}\n"
            ),
            &format!("note: 1 of 3 files of t has no column seen, which is missing there: c.{ending}\n"),
        );
        folder.answers("t | summarise n = sum(n), ids = distinct(id)", "n,ids\n1000000000018,5\n");
        // Whole numbers and others are left as text where nobody says what they are: ids may be among them.
        let lacks = format!("note: 1 of 3 files of t has no column x, which is missing there: c.{ending}\n");
        folder.notes("t | select x", "x\n1\n2\n1.5\n3\n\"\"\n\"\"\n", &lacks);
        let typed = fs::read_to_string(folder.path("casebook.toml")).unwrap() + "x = \"number\"\n";
        folder.put("casebook.toml", typed);
        folder.notes(
            "t | summarise x = sum(x), known = count(x)",
            "x,known\n7.5,4\n",
            &(lacks + "note: 2 missing values are left out of sum(x)\n"),
        );
    }
}

#[test]
fn a_folder_without_a_catalogue() {
    let folder = Folder::new();
    folder.put("a.csv", "id\n1\n");
    folder.put("b.tsv", "id\tn\n2\t3\n");
    folder.put("c.ndjson", "{\"id\":4}\n");
    folder.put("d.csv.gz", gzip(b"id\n5\n"));
    folder.put("e.jsonl.zst", zstd(b"{\"id\":6}\n"));
    folder.parquet("f.parquet", vec![Column::new("id".into(), [7i64])]);
    folder.arrow("g.arrow", vec![Column::new("id".into(), [8i64])]);
    folder.put("readme.txt", "nothing");
    for (table, id) in [("a", 1), ("b", 2), ("c", 4), ("d", 5), ("e", 6), ("f", 7), ("g", 8)] {
        folder.answers(&format!("{table} | select id"), &format!("id\n{id}\n"));
    }
    // Each of them alone.
    for (file, id) in [("b.tsv", 2), ("d.csv.gz", 5), ("e.jsonl.zst", 6), ("f.parquet", 7)] {
        let table = file.split_once('.').unwrap().0;
        let ended = folder.run(&["-C", file, "query", &format!("{table} | select id")]);
        assert_eq!((ended.code, ended.out), (0, format!("id\n{id}\n")), "{}", ended.err);
    }
}

#[test]
fn files_that_are_alike() {
    let folder =
        Folder::with("[tables.t]\nsource = \"*.csv\"\n[tables.u]\nsource = \"*.csv\"\nfile = \"part\"\n");
    folder.put("a.csv", "\u{feff}id,what,n\n1,\"x\ny\",5\n");
    folder.put("b.csv", "\u{feff}id,what,n\r\n2,,6\r\n");
    folder.put("c.csv", "id,what,n\n");
    folder.put("d.csv", "id,what,n\n3,z,7");
    folder.put("e.csv", "\"id\",\"what\",\"n\"\n4,w,8\n");
    let rows = "id,what,n\n1,\"x\ny\",5\n2,,6\n3,z,7\n4,w,8\n";
    folder.answers("t", rows);
    folder.answers("u | drop part", rows);
    folder.answers("t | summarise ids = sum(id), n = sum(n), rows = count()", "ids,n,rows\n10,26,4\n");
    // Packed whatever its name says; an odd one; one with an empty line.
    for (name, bytes) in [
        ("c.csv", gzip(b"id,what,n\n5,v,9\n")),
        ("c.csv", b"id,what,n\n5,v\",9\n".to_vec()),
        ("c.csv", b"id,what,n\n\n5,v,9\n\n".to_vec()),
        ("c.csv", b"id;what;n\n5;v;9\n".to_vec()),
    ] {
        folder.put(name, bytes);
        folder.answers("t | summarise ids = sum(id), n = sum(n), rows = count()", "ids,n,rows\n15,35,5\n");
        let left_out = "note: 1 row is left out where what is missing\n";
        folder.notes("t | where what starts with \"v\" or what = \"z\" | select id", "id\n5\n3\n", left_out);
        folder.notes(
            "u | where what starts with \"v\" or what = \"z\" | select id, part",
            "id,part\n5,c.csv\n3,d.csv\n",
            left_out,
        );
    }
}

#[test]
fn json_lines_in_parts() {
    let folder = Folder::with("[tables.t]\nsource = \"*.ndjson\"\n");
    folder.put("a.ndjson", "{\"id\":1,\"n\":5}\n");
    folder.put("b.ndjson", "{\"n\":6,\"id\":2}\n{\"id\":3,\"extra\":\"x\"}\n");
    folder.answers("t | select id, n", "id,n\n1,5\n2,6\n3,\n");
    let lacks = "note: 1 of 2 files of t has no column extra, which is missing there: a.ndjson\n";
    folder.notes("t", "id,n,extra\n1,5,\n2,6,\n3,,x\n", lacks);
}
