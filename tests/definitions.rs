//! What a catalogue defines: a measure gives the same as its definition written out, whatever stands around it; a shared
//! query the same as its words; and both stand by themselves, whatever names the question has made.

use std::path::Path;
use std::process::Command;

use casebook::check::Reading;
use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

/// 16 October 2023.
const AS_OF: i32 = 19_646;

struct Book(tempfile::TempDir);

impl Book {
    fn new(files: &[(&str, &str)]) -> Book {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Book(folder)
    }

    /// The answers as CSV and their notes, or the codes and messages of what is wrong.
    fn ask(&self, question: &str) -> (String, Vec<String>) {
        let told = |mistakes: Vec<casebook::diagnostic::Diagnostic>| {
            let told: Vec<String> =
                mistakes.iter().map(|mistake| format!("{}: {}", mistake.code, mistake.message)).collect();
            (told.join("\n"), Vec::new())
        };
        let casebook = match Casebook::open(self.0.path()) {
            Ok(casebook) => casebook,
            Err(mistakes) => return told(mistakes),
        };
        let settings = Settings { as_of: Some(AS_OF), ..Settings::default() };
        let queries = match casebook.compile(question, &settings) {
            Ok(queries) => queries,
            Err(mistakes) => return told(mistakes),
        };
        let answers: Vec<_> = queries.iter().map(|query| casebook.answer(query).unwrap()).collect();
        let notes = answers.iter().flat_map(|answer| answer.notes.clone()).collect();
        (String::from_utf8(write(&answers, Format::Csv, Options::default()).unwrap()).unwrap(), notes)
    }

    fn gives(&self, question: &str, expected: &str) {
        assert_eq!(self.ask(question).0.trim_end().replace('\n', " "), expected, "{question}");
    }

    /// Both questions have one answer, headings included.
    fn same(&self, short: &str, long: &str) {
        let (answer, notes) = self.ask(short);
        let (wanted, wanted_notes) = self.ask(long);
        assert!(wanted.lines().count() > 1, "{long}\n{wanted}");
        assert_eq!(answer, wanted, "{short}\n{long}");
        assert_eq!(notes.len(), wanted_notes.len(), "{notes:?}\n{wanted_notes:?}");
    }

    fn command(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("XDG_CACHE_HOME", self.0.path().join("cache"))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

const ARRESTS: &str = "arrest_id,person_id,arrested_at,age,borough\n\
    1,p,2023-10-01,17,Lambeth\n\
    2,q,2023-10-02,30,Lambeth\n\
    3,p,2023-10-08,17,Camden\n\
    4,r,2023-10-09,,\n\
    5,s,2023-09-30,41,Brent\n";

/// q was charged twice on one arrest, p on two; the last charge has no arrest and no person.
const CHARGES: &str = "charge_id,arrest_id,person_id,charged_on,class,fine\n\
    a,1,p,2023-10-01,A,£10\n\
    b,2,q,2023-10-03,A,£20\n\
    c,2,q,2023-10-04,B,\n\
    d,3,p,2023-10-09,B,£40\n\
    e,4,r,2023-10-09,A,£80\n\
    f,,,2023-10-10,C,£160\n";

const CASEBOOK: &str = r#"
include = ["shared/force.toml"]

[tables.arrests]
source = "arrests.csv"
key = "arrest_id"

[tables.arrests.columns]
arrest_id = "id"
person_id = "id"
arrested_at = "date"
age = "integer"

[tables.charges]
source = "charges.csv"
key = "charge_id"
links.arrest = { to = "arrests", by = "arrest_id", back = "charges" }

[tables.charges.columns]
charge_id = "id"
person_id = "id"
charged_on = { type = "date", label = "Charged" }
class = { type = "category", values = ["A", "B", "C"] }
fine = "money"

[tables.charges.derive]
prompt = { is = 'charged_on - arrest.arrested_at <= 1 day', label = "Prompt", comment = "within a day" }
"#;

const FORCE: &str = r#"
[tables.charges.measures]
people = { is = 'distinct(person_id)', label = "People charged", comment = "each person once" }
each_charged = 'count() / people'
fines = 'sum(fine)'
class_a_rate = 'count(where class = "A") / count() to %'
ages = 'mean(arrest.age)'
ages_by_charge = 'mean(each arrest.age)'
typical = 'median(charged_on - arrest.arrested_at)'
prompt_ones = 'count(where prompt)'
brought = 'distinct(arrest.person_id where age is known)'
repeaters = 'count(where person_id in seen_twice)'

[tables.arrests.measures]
charged = 'count(where any(charges)) / count() to %'
charged_people = 'charges.people'

[let]
seen_twice = """
charges
| count by person_id    # somebody's
| where count > 1 and person_id is known
| select person_id"""
serious = { is = 'charges | where class = "A"', label = "Serious", comment = "class A" }
serious_fines = 'serious | summarise fines by class'
"#;

fn book() -> Book {
    Book::new(&[
        ("casebook.toml", CASEBOOK),
        ("shared/force.toml", FORCE),
        ("arrests.csv", ARRESTS),
        ("charges.csv", CHARGES),
    ])
}

/// Measures of charges, and what they stand for.
const MEASURES: &[(&str, &str)] = &[
    ("people", "distinct(person_id)"),
    ("each_charged", "count() / distinct(person_id)"),
    ("fines", "sum(fine)"),
    ("class_a_rate", "count(where class = \"A\") / count() to %"),
    ("ages", "mean(arrest.age)"),
    ("ages_by_charge", "mean(each arrest.age)"),
    ("typical", "median(charged_on - arrest.arrested_at)"),
    ("prompt_ones", "count(where prompt)"),
    ("brought", "distinct(arrest.person_id where age is known)"),
    (
        "repeaters",
        "count(where person_id in (charges | count by person_id | where count > 1 and person_id is known | select person_id))",
    ),
];

#[test]
fn worked_out_by_hand() {
    let book = book();
    book.gives(
        "charges | summarise people, each_charged, fines, class_a_rate, ages, ages_by_charge, typical, prompt_ones, brought, repeaters",
        "people,each_charged,fines [GBP],class_a_rate [%],ages,ages_by_charge,typical [days],prompt_ones,brought,repeaters \
         3,2,310,50,21.333333333333332,23.5,1,4,2,4",
    );
    // Over arrests: three people were charged; of five arrests four led to a charge.
    book.gives(
        "arrests | summarise charges.people, charged, charged_people",
        "people,charged [%],charged_people 3,80,3",
    );
    // The two of Lambeth brought three charges against two people; p's second arrest stands in Camden.
    book.gives(
        "arrests | summarise n = count(), charges.people, charges.fines, charges.ages_by_charge by borough",
        "borough,n,people,fines [GBP],ages_by_charge Brent,1,0,0, Camden,1,1,40,17 Lambeth,2,2,30,25.666666666666668 ,1,1,80,",
    );
    book.gives("serious | count", "count 3");
    book.gives("serious_fines", "class,fines [GBP] A,110");
    book.gives("arrests | where person_id in seen_twice | count", "count 3");
}

#[test]
fn a_measure_is_its_definition() {
    let book = book();
    for (name, long) in MEASURES {
        let both = |rest: &str| {
            let with = |what: &str| rest.replace("M", what);
            book.same(&with(name), &with(long));
        };
        both("charges | summarise x = M");
        both("charges | summarise x = M by class | sort -x");
        both(
            "charges | where charged_on in 2023-10-03..2023-10-09 | summarise x = M, n = count() by class | total",
        );
        both(
            "charges | compare charged_on in 2023-10-08..2023-10-14 with previous | summarise x = M by class",
        );
        both("charges | summarise x = M by class, arrest.borough | total class, borough | pivot class");
        both("charges | summarise x = M by arrest.borough | top 1 by x with other");
        both("charges | summarise x = M by class | let of_all = total(x)");
        both("charges | summarise x = M by charged_on | fill charged_on");
        both(
            "charges | append (charges | take 0) | count | append (charges | summarise count = count() | where count > 99)",
        );
    }
}

#[test]
fn along_a_path_a_measure_ranges_over_the_records_there() {
    let book = book();
    for (short, long) in [
        ("charges.people", "distinct(charges.person_id)"),
        ("charges.fines", "sum(charges.fine)"),
        ("charges.class_a_rate", "count(charges where class = \"A\") / count(charges) to %"),
        ("charges.each_charged", "count(charges) / distinct(charges.person_id)"),
        ("charges.ages", "mean(charges.arrest.age)"),
        ("charges.prompt_ones", "count(charges where prompt)"),
        ("charged_people", "distinct(charges.person_id)"),
    ] {
        let both = |rest: &str| book.same(&rest.replace("M", short), &rest.replace("M", long));
        both("arrests | summarise x = M");
        both("arrests | summarise x = M by borough | total");
        both(
            "arrests | compare arrested_at in 2023-10-08..2023-10-14 with previous | summarise x = M by borough",
        );
    }
    // Of each row's records.
    book.same(
        "arrests | let n = charges.people, f = charges.fines | where charges.people > 0 | select arrest_id, n, f",
        "arrests | let n = distinct(charges.person_id), f = sum(charges.fine) | where any(charges) | select arrest_id, n, f",
    );
    // Back along the link to one record.
    book.same(
        "charges | summarise x = arrest.charged by class",
        "charges | summarise x = count(arrest where any(charges)) / count(arrest) to % by class",
    );
}

#[test]
fn a_definition_stands_by_itself() {
    let book = book();
    // Whatever the question has made of the names in it.
    book.same(
        "charges | let person_id = 1, fine = class | summarise x = people, y = fines by charged_on",
        "charges | summarise x = distinct(person_id), y = sum(fine) by charged_on",
    );
    book.same(
        "charges | rename who = person_id | drop fine | summarise x = people, y = fines",
        "charges | summarise x = distinct(person_id), y = sum(fine)",
    );
    // An item before it, a key and a column go before a measure.
    book.gives("charges | summarise people = count(), twice = people * 2", "people,twice 6,12");
    book.gives("charges | summarise n = count(), x = people by people = class | take 1", "people,n,x A,3,A");
    book.gives("charges | summarise people = people", "people 3");
    book.gives("charges | let people = fine | summarise x = max(people)", "x [GBP] 160");
    // The program's own names mean nothing in it.
    book.gives("let seen = charges | take 1\nparam week: period = 2023-10\nserious | count", "count 3");
    book.gives(
        "let serious = charges | take 1\nserious | count",
        "name-taken: `serious` is a query that the casebook shares",
    );
    let (_, notes) = book.ask("charges | summarise fines, sum(fine)");
    assert_eq!(
        notes,
        [
            "1 missing value is left out of sum(fine) in the measure fines",
            "1 missing value is left out of sum(fine)"
        ]
    );
}

#[test]
fn the_files_of_one_table_are_looked_for_where_they_are_named() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "include = 'force/all.toml'\n[tables.arrests]\nkey = 'id'\n[tables.arrests.measures]\nn = 'count()'\n",
        ),
        ("force/all.toml", "include = ['units.toml', 'tables.toml']\ncurrency = 'EUR'\n"),
        ("force/units.toml", "\u{feff}[units]\ntablets = 'items'\n[let]\nall = 'arrests | summarise n'\n"),
        (
            "force/tables.toml",
            "include = ['units.toml']\n[tables.arrests]\nsource = 'data/a.csv'\n[tables.arrests.columns]\nid = 'id'\n",
        ),
        ("force/data/a.csv", "id\n1\n2\n"),
    ]);
    book.gives("all", "n 2");
    let casebook = Casebook::open(book.0.path()).unwrap();
    assert_eq!(casebook.catalogue().currency.code(), "EUR");
    let files: Vec<_> = casebook.catalogue().sources.files().map(|file| file.file_name().unwrap()).collect();
    assert_eq!(files, ["casebook.toml", "all.toml", "units.toml", "tables.toml"]);
    let (code, _, err) =
        book.command(&["query", "arrests | count", "-o", "force/units.toml", "--format", "csv"]);
    assert!(code == Some(2) && err.contains("it is what the answer is made from"), "{err}");
}

#[test]
fn what_is_not_there_stops_no_other_question() {
    let book = book();
    std::fs::remove_file(book.0.path().join("arrests.csv")).unwrap();
    // The measures of arrests, and those of charges that lead there, wait until they are asked for.
    book.gives("charges | summarise fines by class | take 1", "class,fines [GBP] A,110");
    let asked = |question: &str| {
        let casebook = Casebook::open(book.0.path()).unwrap();
        casebook.compile(question, &Settings::default()).unwrap_err().remove(0).code
    };
    assert_eq!(asked("charges | summarise ages"), "data-missing");
    // Headings that don't agree with the catalogue are told by who asks.
    std::fs::write(book.0.path().join("arrests.csv"), "arrest_id\n").unwrap();
    book.gives("charges | summarise fines by class | take 1", "class,fines [GBP] A,110");
    let (code, _, err) = book.command(&["describe"]);
    assert!(code == Some(1) && err.contains("has no column `person_id`"), "{err}");
    std::fs::remove_file(book.0.path().join("arrests.csv")).unwrap();
    let (code, out, err) = book.command(&["describe"]);
    assert!(code == Some(0) && out.contains("serious"), "{out}");
    assert!(err.contains("note: `charges.ages` could not be checked: "), "{err}");
}

#[test]
fn what_only_the_records_know_waits() {
    let toml = "[tables.a]\nsource = 'SOURCE'\n[tables.a.measures]\ntotal_x = 'sum(x)'\ny = 'max(nowhere)'\n";
    let open = |files: &[(&str, &str)], source: &str| {
        let catalogue = toml.replace("SOURCE", source);
        let book = Book::new(&[&[("casebook.toml", catalogue.as_str())], files].concat());
        let found = Casebook::open(book.0.path()).map(|_| ()).unwrap_err_or_default();
        (book, found)
    };
    // The heading says that there is no such column; that x is text is known to the lines below.
    let (_, found) = open(&[("a.csv", "x\nabc\n")], "a.csv");
    assert_eq!(found, ["there is no column `nowhere` here"]);
    // Of many files, and of lines that each bring their own names, nothing is read to open a casebook.
    let (book, found) = open(&[("1.csv", "x\nabc\n"), ("2.csv", "x\n")], "*.csv");
    assert_eq!(found, [""; 0]);
    let casebook = Casebook::open(book.0.path()).unwrap();
    let checked = casebook.definitions(Reading::Records);
    let told: Vec<&str> = checked.iter().map(|one| one.mistakes[0].message.as_str()).collect();
    assert_eq!(
        told,
        ["`sum` takes a number or a quantity, and this is text", "there is no column `nowhere` here"]
    );
    let (book, found) = open(&[("a.ndjson", "{\"x\": 1}\n")], "a.ndjson");
    assert_eq!(found, [""; 0]);
    assert_eq!(book.ask("a | summarise y").0, "name-column: there is no column `nowhere` here");
    std::fs::write(book.0.path().join("q.cbq"), "a | count\n").unwrap();
    let (code, _, err) = book.command(&["check", "q.cbq"]);
    assert!(code == Some(1) && err.contains("casebook.toml:5:10"), "{err}");
}

trait Told {
    fn unwrap_err_or_default(self) -> Vec<String>;
}

impl Told for Result<(), Vec<casebook::diagnostic::Diagnostic>> {
    fn unwrap_err_or_default(self) -> Vec<String> {
        self.err().unwrap_or_default().into_iter().map(|mistake| mistake.message).collect()
    }
}

#[test]
fn they_are_described() {
    let book = book();
    let shown = |arguments: &[&str]| {
        let (code, out, err) = book.command(&[arguments, &["--format", "table"]].concat());
        assert_eq!((code, err.as_str()), (Some(0), ""));
        out.replace(&*book.0.path().file_name().unwrap().to_string_lossy(), "BOOK")
    };
    insta::assert_snapshot!("describe", shown(&["describe"]));
    insta::assert_snapshot!("describe_charges", shown(&["describe", "charges"]));
    insta::assert_snapshot!(
        "labelled",
        shown(&["query", "charges | summarise people, charges = count() by prompt"])
    );
}

#[test]
fn they_are_explained() {
    let book = book();
    let explained = |question: &str| {
        let (code, out, err) = book.command(&["explain", question]);
        assert_eq!(code, Some(0), "{err}");
        let lines =
            out.lines().skip_while(|line| *line != "by the catalogue").take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(explained("charges | count by class"), "");
    let questions = [
        "serious | where prompt | summarise each_charged by class",
        "arrests | where person_id in seen_twice | summarise charged_people",
        "let a = charges | where prompt\na | summarise repeaters | let again = total(repeaters)",
        // A column is there though nobody names it.
        "charges | take 3",
    ];
    insta::assert_snapshot!(
        "explain",
        questions.map(|asked| format!("{asked}\n{}", explained(asked))).join("\n\n")
    );
    assert_eq!(explained("charges | take 3 | select charge_id"), "");
}

#[test]
fn the_example_is_whole() {
    let casebook =
        Casebook::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines")).unwrap();
    let checked = casebook.definitions(Reading::Records);
    let names: Vec<String> = checked.iter().map(|one| one.key.to_string()).collect();
    assert_eq!(names, ["arrests.child", "charges.trafficking", "charges.people", "drug_seizures"]);
    assert!(checked.iter().all(|one| one.mistakes.is_empty()));
}
