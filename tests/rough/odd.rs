//! What is odd about a file and yet read right.

use super::*;

#[test]
fn quotes_where_they_do_not_belong() {
    let folder = Folder::new();
    let text = "id,what,n\n1,5\" knife,3\n2,\"a \"\"b\"\" c\",4\n3, \"spaced\",5\n4,\"shut\" up,6\n5,\"two\nlines, and a comma\",7\n";
    let shown = "id,what\n1,\"5\"\" knife\"\n2,\"a \"\"b\"\" c\"\n3,\"\"\"spaced\"\"\"\n4,shut up\n5,\"two\nlines, and a comma\"\n";
    for (name, bytes) in [
        ("t.csv", text.as_bytes().to_vec()),
        ("t.csv", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("t.csv", text.replace("\n2,", "\n\n2,").into_bytes()),
        ("u.csv.gz", gzip(text.as_bytes())),
        ("v.csv.zst", zstd(text.as_bytes())),
    ] {
        folder.put(name, bytes);
        let table = name.split_once('.').unwrap().0;
        folder.answers(&format!("{table} | select id, what"), shown);
        folder.answers(&format!("{table} | summarise n = sum(n), rows = count()"), "n,rows\n25,5\n");
    }
}

#[test]
fn blank_lines_before_the_heading() {
    let folder = Folder::new();
    for text in ["\n\nid,n\n1,2\n\n3,4\n", "\r\nid,n\r\n1,2\r\n3,4\r\n", "\u{feff}\nid,n\n1,2\n3,4\n"] {
        folder.put("t.csv", text);
        folder.answers("t", "id,n\n1,2\n3,4\n");
        folder.answers("t | summarise n = sum(n)", "n\n6\n");
    }
}

#[test]
fn blank_lines_and_repeated_ones() {
    let catalogue = |key: &str| format!("[tables.t]\nsource = \"t.csv\"\n{key}repeated = \"drop\"\n");
    let folder = Folder::with(&catalogue(""));
    let rows = "id,n,what\n\n1,5,a\n1,5,a\n\n2,6,\"x\ny\"\n , ,\n2,6,\"x\ny\"\n3,7,b\n\n3,7,b\n3,7,c\n";
    for text in [rows.to_string(), rows.replace('\n', "\r\n"), rows.replace(",b", ",b\"\"")] {
        folder.put("t.csv", &text);
        folder
            .answers("t | summarise rows = count(), n = sum(n), ids = distinct(id)", "rows,n,ids\n4,25,3\n");
        folder.answers("t | select id, n", "id,n\n1,5\n2,6\n3,7\n3,7\n");
        folder.answers("t | sort -id | take 1 | select id, n", "id,n\n3,7\n");
    }
    // Lines that differ in anything are two records, of which a key can be only one's.
    folder.put(
        "casebook.toml",
        catalogue("key = \"id\"\n") + "[tables.u]\nsource = \"u.csv\"\nlinks.t = { to = \"t\", by = \"id\" }\n[tables.u.columns]\nid = \"integer\"\n[tables.t.columns]\nid = \"integer\"\n",
    );
    folder.put("u.csv", "id,w\n1,9\n");
    folder.fails("u | count by t.n", 3, &["error[data-key]", "several records have `3`"]);
    folder.put("t.csv", rows.replace("3,7,c\n", ""));
    folder.answers("u | select w, n = t.n", "w,n\n9,5\n");
}

#[test]
fn one_column() {
    let folder = Folder::new();
    for text in ["n\n1\n\n2\n\"\"\n3\n", "n\r\n1\r\n\r\n2\r\n \r\n3\r\n", "\u{feff}n\n1\n2\n3"] {
        folder.put("t.csv", text);
        folder.answers("t", "n\n1\n2\n3\n");
        folder.answers("t | summarise rows = count(), n = sum(n)", "rows,n\n3,6\n");
    }
    folder.put("t.csv", "what\nx\n\ny\"\n");
    folder.answers("t", "what\nx\n\"y\"\"\"\n");
}

#[test]
fn empty_texts_in_quotes() {
    let folder = Folder::new();
    for text in [
        "id,what,n\n1,\"\",\"\"\n2,x,\"5\"\n3,,\n",
        "id,what,n\n\"1\",\"\",\"\"\n\"2\",\"x\",\"5\"\n\"3\",\"\",\"\"\n",
    ] {
        folder.put("t.csv", text);
        folder.answers("t | where what is missing | count", "count\n2\n");
        folder.answers("t | count by what", "what,count\nx,1\n,2\n");
        folder.notes("t | summarise n = sum(n)", "n\n5\n", "note: 2 missing values are left out of sum(n)\n");
        folder.answers("t | summarise n = count(n)", "n\n1\n");
    }
}

#[test]
fn three_hundred_columns() {
    let folder = Folder::new();
    let headings: Vec<String> = (1..=300).map(|n| format!("c{n}")).collect();
    let row = |factor: usize| (1..=300).map(|n| (n * factor).to_string()).collect::<Vec<_>>().join(",");
    let text = format!("{}\n{}\n{}\n", headings.join(","), row(1), row(2));
    folder.put("t.csv", &text);
    folder.answers("t | summarise a = sum(c1), b = sum(c300)", "a,b\n3,900\n");
    folder.answers("t | where c150 = 300 | select c299", "c299\n598\n");
    folder.answers("t", &text);
    folder.parquet(
        "u.parquet",
        headings
            .iter()
            .enumerate()
            .map(|(at, name)| Column::new(name.as_str().into(), [at as i64 + 1, 2 * at as i64 + 2]))
            .collect(),
    );
    folder.answers("u | summarise a = sum(c1), b = sum(c300)", "a,b\n3,900\n");
    folder.put("t.csv", format!("{text}{}", row(1).rsplit_once(',').unwrap().0));
    folder.fails("t | count", 3, &["t.csv, line 4: 299 fields, where the heading has 300"]);
}

#[test]
fn five_million_letters_in_a_field() {
    let folder = Folder::new();
    let long = "é, \"x\"\n".repeat(700_000);
    let quoted = long.replace('"', "\"\"");
    folder.put("t.csv", format!("id,what,n\n1,\"{quoted}\",5\n2,short,6\n"));
    folder.put("u.csv.gz", gzip(format!("id,what,n\n1,\"{quoted}\",5\n2,short,6\n").as_bytes()));
    let line =
        |id: usize, what: &str, n: usize| serde_json::json!({"id": id, "what": what, "n": n}).to_string();
    folder.put("v.ndjson", format!("{}\n{}\n", line(1, &long, 5), line(2, "short", 6)));
    folder.parquet(
        "w.parquet",
        vec![
            Column::new("id".into(), [1, 2]),
            Column::new("what".into(), [long.as_str(), "short"]),
            Column::new("n".into(), [5, 6]),
        ],
    );
    let letters = long.trim().chars().count();
    for table in ["t", "u", "v", "w"] {
        folder
            .answers(&format!("{table} | select id, l = length(what)"), &format!("id,l\n1,{letters}\n2,5\n"));
        folder.answers(&format!("{table} | where what contains \"É, \" | summarise n = sum(n)"), "n\n5\n");
    }
    folder.put("t.csv", format!("id,what,n\n1,{},5\n2,short,6\n3\n", "x".repeat(5_000_000)));
    folder.fails("t | count", 3, &["t.csv, line 4: 1 field, where"]);
}

#[test]
fn headings_that_stand_twice() {
    let folder = Folder::new();
    folder.put("t.csv", "id,n,what,n\n1,2,x,30\n4,5,y,60\n");
    folder.notes(
        "t",
        "id,what\n1,x\n4,y\n",
        "note: in the heading of t.csv `n` stands twice: these columns are left out; casebook.toml can name one by from = \"n#2\"\n",
    );
    folder.fails("t | select n", 1, &["there is no column `n` here"]);
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\na = { type = \"integer\", from = \"n#1\" }\nb = { type = \"integer\", from = \"n#2\" }\n",
    );
    for text in ["id,n,what,n\n1,2,x,30\n4,5,y,60\n", "id,n,what,n\r\n1,2,x\",30\r\n4,5,y,60\r\n"] {
        folder.put("t.csv", text);
        folder.answers("t | summarise a = sum(a), b = sum(b)", "a,b\n7,90\n");
    }
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nn = \"integer\"\n");
    folder.fails(
        "t | summarise n = sum(n)",
        1,
        &["error[catalogue-column]", "has 2 columns `n`", "from = \"n#2\""],
    );
}

#[test]
fn headings_as_people_write_them() {
    let folder = Folder::new();
    folder.put("t.csv", "Arrest Date,\"No, of\",,É*\n2023-10-09,5,x,1\n");
    folder.answers("t | select `Arrest Date`, `No, of`, `É*`", "Arrest Date,\"No, of\",É*\n2023-10-09,5,1\n");
    folder.notes(
        "t",
        "Arrest Date,\"No, of\",É*\n2023-10-09,5,1\n",
        "note: in the heading of t.csv 1 name is blank: this column is left out; casebook.toml can name it by from = \"\"\n",
    );
    // Names that polars would take for patterns.
    folder.put("u.csv", "*,^a$,a,n\n1,2,3,4\n");
    folder.answers("u | summarise s = sum(`*`), p = sum(`^a$`), a = sum(a)", "s,p,a\n1,2,3\n");
    folder.answers("u | select `^a$`, n", "^a$,n\n2,4\n");
    let one = |name: &str, n: i64| Column::new(name.into(), [n]);
    folder.parquet("v.parquet", vec![one("*", 1), one("^a$", 2), one("a", 3), one("n", 4)]);
    folder.answers("v | summarise s = sum(`*`), p = sum(`^a$`), a = sum(a)", "s,p,a\n1,2,3\n");
}

#[test]
fn blanks_around_values() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.csv\"\nmissing = \"N/K\"\n[tables.t.columns]\nid = \"id\"\nn = \"integer\"\nd = \"date\"\nb = \"bool\"\nc = { type = \"category\", values = [\"A\"] }\nw = { type = \"mass\", unit = \"kg\" }\n",
    );
    folder.put("t.csv", "id,n,d,b,c,w\n 1 , 5 ,2023-10-09 , True, A ,\t2\n2,\u{a0}6, 2023-10-10,false,A,3\n3, N/K , N/K, N/K,N/K ,N/K\n");
    folder
        .answers("t", "id,n,d,b,c,w [g]\n1,5,2023-10-09,true,A,2000\n2,6,2023-10-10,false,A,3000\n3,,,,,\n");
}
