//! The catalogue: every bad `tests/catalogue/bad/*.toml` has a snapshot of what is said of it, so a new case
//! is a new file; the good ones are opened and looked at, over files that the tests write.

use std::fmt::Write as _;
use std::path::Path;

use casebook::Casebook;
use casebook::catalog::{self, Case, Catalogue, From, Reader};
use casebook::diagnostic::Diagnostic;
use casebook::engine::polars as engine;
use casebook::files::Source;
use casebook::types::Type;

/// A diagnostic in a few plain lines: code and message, the lines it points to, the help.
fn shown(diagnostic: &Diagnostic) -> String {
    let mut out = format!("{}: {}\n", diagnostic.code, diagnostic.message);
    for label in &diagnostic.labels {
        let Some(source) = &diagnostic.source else { continue };
        let start = label.span.start.min(source.text.len());
        let before = &source.text[..start];
        let line = before.matches('\n').count();
        let words = &source.text[start..label.span.end.clamp(start, source.text.len())];
        let text = source.text.lines().nth(line).unwrap_or("");
        let own = source.name.ends_with(".toml") && !source.name.contains('/');
        let name = if own { "line" } else { source.name.as_str() };
        let said = format!("{words:?} {}", label.text);
        let _ = writeln!(out, "  {name} {}: {text}\n     at {}", line + 1, said.trim_end());
    }
    for help in &diagnostic.help {
        let _ = writeln!(out, "  help: {help}");
    }
    out
}

fn opened(folder: &Path) -> Catalogue {
    catalog::open(folder).unwrap_or_else(|found| {
        panic!("{}", found.iter().map(shown).collect::<Vec<_>>().join("\n"));
    })
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// What one table's use says where it must fail.
fn complaint(files: &[(&str, &str)], table: &str) -> String {
    let folder = folder(files);
    let catalogue = opened(folder.path());
    let error = catalogue.table(table).unwrap().columns().unwrap_err();
    shown(&error).replace(&format!("{}/", folder.path().display()), "")
}

#[test]
fn bad_catalogues() {
    insta::with_settings!({
        snapshot_path => "catalogue/snapshots",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::glob!("catalogue/bad/*.toml", |path| {
            let found = Casebook::open(path).expect_err("a bad catalogue");
            assert!(found.iter().all(|one| one.exit_code() == 1), "{found:?}");
            insta::assert_snapshot!(found.iter().map(shown).collect::<Vec<_>>().join("\n"));
        });
    });
}

#[test]
fn nibrs_opens_whole() {
    let catalogue = opened(Path::new("tests/catalogue/good/nibrs.toml"));
    assert_eq!(catalogue.name, "NIBRS Minnesota 2018");
    assert_eq!(catalogue.currency.code(), "USD");
    assert_eq!(catalogue.tables.len(), 17);
    let drugs = catalogue.table("drugs").unwrap();
    let weight = drugs.declared.iter().find(|column| column.name == "weight").unwrap();
    let From::Measured { heading, codes, known, .. } = &weight.from else { panic!("{weight:?}") };
    assert_eq!(heading, "EST_DRUG_QTY");
    let codes: Vec<&str> = codes.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["GM", "KG", "OZ", "LB"]);
    assert_eq!(known.len(), 11);
    let incidents = catalogue.table("incidents").unwrap();
    let backs: Vec<&str> = incidents.backs.iter().map(|back| back.name.as_str()).collect();
    assert_eq!(backs, ["offences", "arrestees", "property"]);
    assert_eq!(catalogue.table("agencies").unwrap().title, ["name", "kind"]);
}

#[test]
fn a_catalogue_means_what_it_says() {
    let catalogue = opened(Path::new("tests/catalogue/good/county-lines.toml"));
    let names: Vec<&str> = catalogue.tables.iter().map(|table| &*table.name).collect();
    assert_eq!(names, ["charges", "arrests", "seizures"], "in the order written");
    let arrests = catalogue.table("arrests").unwrap();
    assert!(arrests.drop_repeated);
    assert_eq!(arrests.title, ["arrest_id"]);
    assert_eq!(arrests.missing, ["N/K", "Unknown"]);
    let column = |table: &str, name: &str| {
        catalogue.table(table).unwrap().declared.iter().find(|column| column.name == name).unwrap().clone()
    };
    let Type::Category(sex) = column("arrests", "sex").ty else { panic!() };
    assert_eq!(sex.values, ["male", "female", "unknown"], "in the order written, each once");
    let From::Stored { reader: Reader::Category(_, codes), .. } = column("arrests", "sex").from else {
        panic!()
    };
    let codes: Vec<(&str, u32)> = codes.iter().map(|(code, at)| (code.as_str(), *at)).collect();
    assert_eq!(codes, [("M", 0), ("F", 1), ("B", 1), ("9", 2)]);
    let borough = column("arrests", "borough");
    assert_eq!(borough.heading(), Some("BOROUGH"));
    let From::Stored { reader, missing, .. } = &borough.from else { panic!() };
    assert_eq!((reader, missing.as_slice()), (&Reader::Text(Case::Title), ["-".to_string()].as_slice()));
    assert!(column("arrests", "person_id").personal);
    let From::Measured { codes, known, .. } = column("seizures", "weight").from else { panic!() };
    assert!(codes.is_empty() && known.is_empty(), "units are read by their own names");
    assert_eq!(column("seizures", "value").ty.to_string(), "money (GBP)");
    assert_eq!(column("seizures", "paid").ty.to_string(), "money (USD)");
    let link = catalogue.table("charges").unwrap().link("arrest").unwrap().clone();
    assert_eq!(
        (link.by, link.key),
        (vec!["force".into(), "arrest_id".into()], vec!["force".to_string(), "arrest_id".into()])
    );
}

#[test]
fn columns_come_in_the_files_order() {
    let folder = folder(&[
        (
            "casebook.toml",
            r#"
            [tables.seizures]
            source = "seizures.csv"
            missing = ["N/K"]
            [tables.seizures.columns]
            weight = { type = "mass", from = "quantity", unit_from = "unit" }
            value = { type = "money", from = "quantity", unit_from = "unit" }
            place = { type = "text", from = "BOROUGH" }
            [tables.seizures.derive]
            heavy = 'weight > 1 kg'
            "#,
        ),
        (
            "seizures.csv",
            "\u{feff}seizure_id,BOROUGH,n,x,x,quantity,unit,,code,seized_on,at,ok,ratio,none\n\
             1,Lambeth,5,1,2,7.5,g,,007,2023-10-09,2023-10-09T14:30,true,0.5,\n\
             2,Brent,N/K,1,2,8,kg,,12,2023-10-10,2023-10-09 14:30:15,false,1,N/K\n\
             3,,-7,1,2,8,,,,,,,,\n",
        ),
    ]);
    let catalogue = opened(folder.path());
    let table = catalogue.table("seizures").unwrap();
    let columns: Vec<String> =
        table.columns().unwrap().iter().map(|column| format!("{}: {}", column.name, column.ty)).collect();
    let expected = [
        "seizure_id: integer",
        "place: text",
        "n: integer",
        "weight: mass",
        "value: money (GBP)",
        "unit: text",
        "code: text",
        "seized_on: date",
        "at: datetime",
        "ok: bool",
        "ratio: number",
        "none: text",
        "heavy: missing",
    ];
    assert_eq!(columns, expected);
    assert!(table.column("BOROUGH").unwrap().is_none(), "gone under its old name");
    assert!(table.column("x").unwrap().is_none(), "stands twice");
    assert!(table.column("quantity").unwrap().is_none());
    assert!(table.names().contains(&"seizure_id"));
}

#[test]
fn others_can_be_hidden() {
    let folder = folder(&[
        (
            "casebook.toml",
            "[tables.a]\nsource = \"a.csv\"\nothers = \"hide\"\n[tables.a.columns]\nid = \"id\"\n",
        ),
        ("a.csv", "x,id\n1,2\n"),
    ]);
    let catalogue = opened(folder.path());
    let table = catalogue.table("a").unwrap();
    assert_eq!(table.names(), ["id"]);
    assert_eq!(table.columns().unwrap().len(), 1);
    assert!(table.column("x").unwrap().is_none());
}

#[test]
fn a_declared_column_costs_no_more_than_the_headings() {
    // The second line is no UTF-8, and the file is large only in spirit: what isn't read cannot fail.
    let folder =
        folder(&[("casebook.toml", "[tables.a]\nsource = \"a.csv\"\n[tables.a.columns]\nid = \"id\"\n")]);
    std::fs::write(folder.path().join("a.csv"), b"id,name\n1,\xff\xfe\n").unwrap();
    let catalogue = opened(folder.path());
    let table = catalogue.table("a").unwrap();
    assert_eq!(table.column("id").unwrap().unwrap().ty, Type::Id);
    assert_eq!(table.column("name").unwrap_err().code, "data-encoding");
}

#[test]
fn headings_that_are_not_there() {
    let toml = "[tables.arrests]\nsource = \"arrests.csv\"\n[tables.arrests.columns]\n\
                borough = \"text\"\nage = { type = \"integer\", from = \"AGE\" }\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("arrests.csv", "arrest_id,Borough,age\n")], "arrests"), @r#"
    catalogue-column: arrests.csv has no column `borough`
      line 4: borough = "text"
         at "borough"
      line 5: age = { type = "integer", from = "AGE" }
         at "age" nor this one
      help: did you mean `Borough`?
      help: its columns are `arrest_id`, `Borough` and `age`
    "#);
}

#[test]
fn a_derived_column_with_a_headings_name() {
    let toml = "[tables.stops]\nsource = \"stops.csv\"\n[tables.stops.derive]\nspeed = 'length(area)'\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("stops.csv", "area,speed\nN,4\n")], "stops"), @r#"
    catalogue-duplicate: `speed` is derived, and a column of stops.csv too
      line 4: speed = 'length(area)'
         at "speed"
      help: call the file's own otherwise: speed_as_recorded = { type = "text", from = "speed" }, say
    "#);
}

#[test]
fn headings_that_stand_twice() {
    let toml = "[tables.arrests]\nsource = \"arrests.csv\"\n[tables.arrests.columns]\nyear = { type = \"integer\", from = \"0\" }\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("arrests.csv", "arrest_id,0,0\n")], "arrests"), @r#"
    catalogue-column: arrests.csv has 2 columns `0`, so `year` could be any of them
      line 4: year = { type = "integer", from = "0" }
         at "year"
      help: from = "0#2" takes the second of them
    "#);
}

#[test]
fn keys_that_are_not_there() {
    let toml = "[tables.arrests]\nsource = \"arrests.csv\"\nkey = \"arest_id\"\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("arrests.csv", "arrest_id,borough\n")], "arrests"), @r#"
    catalogue-column: `key` names `arest_id`, and the table `arrests` has no such column
      line 3: key = "arest_id"
         at "\"arest_id\""
      help: did you mean `arrest_id`?
      help: its columns are `arrest_id` and `borough`
    "#);
    let toml = "[tables.arrests]\nsource = \"arrests.csv\"\nkey = \"ARREST\"\n[tables.arrests.columns]\nid = { type = \"id\", from = \"ARREST\" }\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("arrests.csv", "ARREST,borough\n")], "arrests"), @r#"
    catalogue-column: `key` names `ARREST`, and the table `arrests` has no such column
      line 3: key = "ARREST"
         at "\"ARREST\""
      help: the catalogue calls that column `id`
    "#);
}

#[test]
fn a_link_with_a_columns_name() {
    let toml = "[tables.a]\nsource = \"a.csv\"\nlinks.b = { to = \"b\", by = \"b\" }\n[tables.b]\nsource = \"b.csv\"\nkey = \"id\"\n";
    insta::assert_snapshot!(
        complaint(&[("casebook.toml", toml), ("a.csv", "a,b\n"), ("b.csv", "id\n")], "a"), @r#"
    catalogue-duplicate: `b` is a link of the table `a`, and a column of a.csv too
      line 3: links.b = { to = "b", by = "b" }
         at "b"
      help: give one of them another name: b_id = { type = "id", from = "b" }, say
    "#);
}

#[test]
fn a_folder_and_a_file_are_casebooks() {
    let folder =
        folder(&[("b.csv", "x,y\n1,a\n"), ("a.CSV", "id\n01\n"), ("notes.txt", "no"), (".c.csv", "z\n")]);
    let catalogue = opened(folder.path());
    let names: Vec<&str> = catalogue.tables.iter().map(|table| &*table.name).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(catalogue.table("a").unwrap().columns().unwrap()[0].ty, Type::Text);
    let single = opened(&folder.path().join("b.csv"));
    assert_eq!(single.name, "b");
    assert_eq!(single.table("b").unwrap().columns().unwrap()[0].ty, Type::Integer);
}

#[test]
fn casebooks_that_are_none() {
    let empty = tempfile::tempdir().unwrap();
    let at = |name: &str| empty.path().join(name);
    let code = |path: &Path| catalog::open(path).unwrap_err()[0].code;
    assert_eq!(code(&at("nowhere")), "data-missing");
    assert_eq!(code(empty.path()), "data-missing");
    std::fs::write(at("a.txt"), "x").unwrap();
    assert_eq!(code(&at("a.txt")), "data-format");
    std::fs::write(at("a.csv"), "x\n").unwrap();
    std::fs::write(at("a.parquet"), "x").unwrap();
    assert_eq!(code(empty.path()), "catalogue-duplicate");
    std::fs::write(at("casebook.toml"), b"name = \"\xff\"").unwrap();
    assert_eq!(code(empty.path()), "catalogue-syntax");
}

#[test]
fn the_nearest_casebook_above() {
    let folder = folder(&[("casebook.toml", "")]);
    let below = folder.path().join("questions/2023");
    std::fs::create_dir_all(&below).unwrap();
    assert_eq!(catalog::find(&below), folder.path());
    assert_eq!(catalog::find(folder.path()), folder.path());
    let alone = tempfile::tempdir().unwrap();
    assert_eq!(catalog::find(alone.path()), alone.path());
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("folder.csv")).unwrap();
    std::fs::create_dir(at("folder.parquet")).unwrap();
    let files: [(&str, &[u8]); 7] = [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n\n"),
        ("bom.csv", b"\xEF\xBB\xBF"),
        ("latin.csv", b"na\xefve,b\n"),
        ("empty.parquet", b""),
        ("text.parquet", b"id,name\n1,a\n"),
        ("cut.parquet", b"PAR1\x00\x00\x00\x00\xff\xff\xff\x7fPAR1"),
    ];
    for (name, bytes) in files {
        std::fs::write(at(name), bytes).unwrap();
    }
    let code = |name: &str| {
        let path = at(name);
        let source = Source::file(path.clone(), catalog::Format::of(&path).unwrap());
        let error = source.files().and_then(|files| files[0].shape()).unwrap_err();
        assert!(error.message.contains(name), "{error:?}");
        assert_eq!(error.exit_code(), 3);
        error.code
    };
    assert_eq!(code("nowhere.csv"), "data-missing");
    assert_eq!(code("nowhere.parquet"), "data-missing");
    assert_eq!(code("folder.csv"), "data-unreadable");
    assert_eq!(code("folder.parquet"), "data-unreadable");
    assert_eq!(code("empty.csv"), "data-empty");
    assert_eq!(code("blank.csv"), "data-empty");
    assert_eq!(code("bom.csv"), "data-empty");
    assert_eq!(code("latin.csv"), "data-encoding");
    assert_eq!(code("empty.parquet"), "data-empty");
    assert_eq!(code("text.parquet"), "data-format");
    assert_eq!(code("cut.parquet"), "data-format");
}

#[test]
fn keys_of_odd_files() {
    let toml = "[tables.a]\nsource = \"a.csv\"\nkey = \"id\"\n";
    let keys = |data: &str| {
        let folder = folder(&[("casebook.toml", toml), ("a.csv", data)]);
        engine::repeated_keys(opened(folder.path()).table("a").unwrap()).map_err(|error| error.message)
    };
    assert_eq!(keys("id,x"), Ok(vec![]));
    assert_eq!(keys("\u{feff}id,x\r\n1,a\r\n1,b\r\n"), Ok(vec!["1".to_string()]));
    let ragged = keys("x,y,id\n1,2,3\n1,2\n").unwrap_err();
    assert!(ragged.ends_with("a.csv, line 3: 2 fields, where the heading has 3"), "{ragged}");
    assert_eq!(keys("id,x\n\"a\nb\",1\n\"a\nb\",2\n\"\",3\n\"\",4\n"), Ok(vec!["a\nb".to_string()]));
}

#[test]
fn keys_are_checked() {
    let toml = |more: &str| {
        format!(
            "[tables.a]\nsource = \"a.csv\"\nkey = [\"force\", \"id\"]\nmissing = \"N/K\"\n{more}\n[tables.a.columns]\nid = \"id\"\n"
        )
    };
    let data = "force,id,x,0,0\nmet,1,a,p,q\nmet,2,a,p,q\nmet,1,b,p,q\nbtp,1,a,p,q\nmet,,a,p,q\nmet,,a,p,q\nN/K,7,a,p,q\nN/K,7,b,p,q\n\
                met,2,a,p,q\n";
    let keys = |more: &str| {
        let folder = folder(&[("casebook.toml", &toml(more)), ("a.csv", data)]);
        let catalogue = opened(folder.path());
        let table = catalogue.table("a").unwrap();
        let error = engine::check_key(table).unwrap_err();
        let shown = shown(&error).replace(&format!("{}/", folder.path().display()), "");
        (engine::repeated_keys(table).unwrap(), shown)
    };
    let (repeated, said) = keys("");
    assert_eq!(repeated, ["met / 1", "met / 2"]);
    insta::assert_snapshot!(said, @r#"
    data-key: the key `force` and `id` of `a` is not unique in a.csv: several records have `met / 1` and `met / 2`
      help: repeated = "drop" below [tables.a] leaves out lines that repeat another whole
      help: otherwise mend the file, or name a key that tells the records apart
    "#);
    let (repeated, said) = keys("repeated = \"drop\"");
    assert_eq!(repeated, ["met / 1"]);
    insta::assert_snapshot!(said, @r#"
    data-key: the key `force` and `id` of `a` is not unique in a.csv: several records have `met / 1`
      help: these lines differ in other columns: mend the file, or name a key that tells them apart
    "#);
    let many = (0..40).map(|n| format!("{},a\n", n / 2)).collect::<String>();
    let folder = folder(&[
        ("casebook.toml", "[tables.a]\nsource = \"a.csv\"\nkey = \"id\"\n"),
        ("a.csv", &format!("id,x\n{many}")),
    ]);
    let catalogue = opened(folder.path());
    assert_eq!(engine::repeated_keys(catalogue.table("a").unwrap()).unwrap(), ["0", "1", "10"]);
}

#[test]
fn parquet_is_typed_by_its_schema() {
    use polars::prelude::*;
    let folder = tempfile::tempdir().unwrap();
    let mut frame = df!["id" => [1i64, 2, 2], "name" => ["a", "b", "b"], "x" => [0.5, 1.0, 1.0], "ok" => [true, false, false]].unwrap();
    let file = std::fs::File::create(folder.path().join("a.parquet")).unwrap();
    ParquetWriter::new(file).finish(&mut frame).unwrap();
    let toml = "[tables.a]\nsource = \"a.parquet\"\nkey = \"id\"\n";
    std::fs::write(folder.path().join("casebook.toml"), toml).unwrap();
    let catalogue = opened(folder.path());
    let table = catalogue.table("a").unwrap();
    let columns: Vec<String> =
        table.columns().unwrap().iter().map(|column| format!("{} {}", column.name, column.ty)).collect();
    assert_eq!(columns, ["id integer", "name text", "x number", "ok bool"]);
    assert_eq!(engine::repeated_keys(table).unwrap(), ["2"]);
}
