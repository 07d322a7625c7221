//! JSON lines, whose values have types of their own.

use super::*;

#[test]
fn values_of_all_types() {
    let folder = Folder::new();
    folder.put(
        "t.ndjson",
        "{\"id\":1,\"x\":1.50,\"b\":true,\"d\":\"2023-10-09\",\"t\":\"a \\\"b\\\" \\u00e9\\n\",\"l\":[1,2],\"o\":{\"x\":1}}\n\
         {\"b\":false,\"id\":2,\"x\":-2e3,\"d\":null,\"t\":\"\",\"l\":null}\n\
         {\"id\":3}\n{}\n{\"id\":4,\"x\":0.1,\"new\":\"late\"}\n",
    );
    folder.answers(
        "t",
        "id,x,b,d,t,new\n1,1.5,true,2023-10-09,\"a \"\"b\"\" é\",\n2,-2000,false,,,\n3,,,,,\n4,0.1,,,,late\n",
    );
    folder.answers("t | count", "count\n4\n");
    folder.answers("t | where t is missing | count", "count\n3\n");
    folder.fails("t | select l", 1, &["there is no column `l` here"]);
}

#[test]
fn long_numbers_keep_their_digits() {
    let folder = Folder::with(
        "[tables.t]\nsource = \"t.ndjson\"\nkey = \"id\"\n[tables.t.columns]\nid = \"id\"\nv = \"money\"\n",
    );
    folder.put(
        "t.ndjson",
        "{\"id\":12345678901234567890123,\"v\":123456789012.3456}\n{\"id\":12345678901234567890124,\"v\":0.1}\n",
    );
    folder
        .answers("t", "id,v [GBP]\n12345678901234567890123,123456789012.3456\n12345678901234567890124,0.1\n");
    folder.answers("t | summarise ids = distinct(id)", "ids\n2\n");
    // Undeclared, what 64 bits don't hold is text.
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.ndjson\"\n");
    folder.answers("t | select id", "id\n12345678901234567890123\n12345678901234567890124\n");
}

#[test]
fn what_is_no_json() {
    let folder = Folder::new();
    for (text, line) in [
        ("{\"a\":1}\n[1,2]\n", 2),
        ("{\"a\":1}\n\n{\"a\":1,}\n", 3),
        ("{\"a\":1} {\"a\":2}\n", 1),
        ("a,b\n1,2\n", 1),
        ("[\n{\"a\":1}\n]\n", 1),
        ("{\"a\":\"x\ny\"}\n", 1),
    ] {
        folder.put("t.ndjson", text);
        folder.fails(
            "t | count",
            3,
            &["error[data-read]", &format!("t.ndjson, line {line}: this is no JSON object")],
        );
    }
    folder.put("t.ndjson", "{}\n{\"l\":[1]}\n");
    folder.fails("t | count", 3, &["error[data-empty]", "t.ndjson has no column of single values"]);
}

#[test]
fn repeated_lines_and_gaps() {
    let folder = Folder::with("[tables.t]\nsource = \"t.ndjson\"\nrepeated = \"drop\"\n");
    // One that has its keys in another order, and one that says null, repeat the first.
    folder.put(
        "t.ndjson",
        "{\"a\":1,\"b\":\"x\"}\n\n{\"b\":\"x\",\"a\":1}\n{\"a\":1,\"b\":\"x\",\"c\":null}\n{}\n{\"a\":2,\"b\":\"x\"}\n\n\n{\"a\":2,\"b\":\"x\",\"c\":7}\n",
    );
    folder.answers("t", "a,b,c\n1,x,\n2,x,\n2,x,7\n");
    folder.answers("t | summarise n = sum(a)", "n\n5\n");
    folder.put("casebook.toml", "[tables.t]\nsource = \"t.ndjson\"\n");
    folder.put("t.ndjson", "{\"a\":1}\n{\"a\":null}\n{\"a\":3}\n");
    folder.answers("t", "a\n1\n3\n");
    folder.answers("t | summarise n = sum(a), rows = count()", "n,rows\n4,2\n");
}
