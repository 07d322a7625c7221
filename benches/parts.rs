//! What the parts of a question cost, apart from its records: reading the question itself, reading fields, and
//! writing an answer. `cargo bench --bench parts`; whole processes are compare.py's.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use casebook::catalog::Formats;
use casebook::files::field;
use casebook::output::{self, Format};
use casebook::repl::session::Session;
use casebook::repl::typing::colour::{Names, paint};
use casebook::repl::typing::complete::complete;
use casebook::repl::typing::known::{Gathered, Known};
use casebook::types::{Currency, Unit};
use casebook::{Casebook, Settings};
use criterion::{Criterion, criterion_group, criterion_main};

fn example() -> Casebook {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    Casebook::open(&folder).expect("the example opens")
}

/// A question with a little of everything.
const LONG: &str = r#"
param week: period = 2023-10-09..2023-10-15
arrests
| where arrested_at in $week and (role = "runner" or age < 18) and any(charges where trafficking)
| let quick = any(charges where charged_on - arrest.arrested_at <= 2 days), minor = age < 18
| summarise arrests = count(), minors = count(where minor), charges = count(charges),
            class_a = count(charges where drug_class = "A"), people = distinct(charges.person_id),
            cash = sum(seizures.value where category = "cash"), drugs = sum(seizures.weight) to kg
  by borough, line.force
| sort -charges, borough
| take 20
"#;

fn questions(c: &mut Criterion) {
    let casebook = example();
    let settings = Settings { as_of: Some(19_645), ..Settings::default() };
    let bulletin = include_str!("../examples/county_lines/bulletin.cbq");
    for (name, text) in [("bulletin", bulletin), ("long", LONG)] {
        c.bench_function(&format!("parse {name}"), |b| b.iter(|| casebook::syntax::parse(black_box(text))));
        c.bench_function(&format!("parse and check {name}"), |b| {
            b.iter(|| casebook.compile(black_box(text), &settings).expect("it compiles"));
        });
    }
    let queries = casebook.compile(LONG, &settings).expect("it compiles");
    c.bench_function("plan long", |b| b.iter(|| casebook.plan(black_box(&queries[0])).expect("it plans")));
}

fn fields(c: &mut Criterion) {
    let formats = |list: &[&str]| Formats {
        list: list.iter().map(|format| (*format).to_string()).collect(),
        ..Formats::iso(None)
    };
    let pounds = Unit::money(Currency::GBP);
    let both = formats(&["%Y-%m-%d %H:%M", "%d/%m/%Y %H:%M"]);
    c.bench_function("datetime, ISO", |b| {
        b.iter(|| field::datetime(black_box("2023-10-09 14:30"), &formats(&[])))
    });
    c.bench_function("datetime, second format", |b| {
        b.iter(|| field::datetime(black_box("09/10/2023 14:30"), &both));
    });
    c.bench_function("date, 30-JUN-18", |b| {
        let formats = formats(&["%d-%b-%y"]);
        b.iter(|| field::date(black_box("30-JUN-18"), &formats));
    });
    c.bench_function("amount, plain", |b| b.iter(|| field::amount(black_box("1234.56"), &pounds)));
    c.bench_function("amount, pretty", |b| b.iter(|| field::amount(black_box("£1,234.56"), &pounds)));
    c.bench_function("number", |b| b.iter(|| field::number(black_box("82.02976"))));
}

fn answers(c: &mut Criterion) {
    let casebook = example();
    let queries = casebook.compile("charges | take 10000", &Settings::default()).expect("it compiles");
    for (name, format) in [("csv", Format::Csv), ("json", Format::Json)] {
        c.bench_function(&format!("write 4,300 rows as {name}"), |b| {
            b.iter_batched(
                || vec![casebook.answer(&queries[0]).expect("it answers")],
                |answers| output::write(&answers, format, output::Options::default()).expect("it is written"),
                criterion::BatchSize::LargeInput,
            );
        });
    }
}

/// What a key costs, and a Tab once what it needs has been gathered. `CASEBOOK_LARGE` names a folder with the example's
/// records at another size, to set beside it: neither should cost more for being larger.
fn typing(c: &mut Criterion) {
    let large = std::env::var_os("CASEBOOK_LARGE")
        .map(|folder| ("large", Casebook::open(Path::new(&folder)).expect("the large example opens")));
    for (size, casebook) in [("example", example())].into_iter().chain(large) {
        let session = Session::new(casebook, Settings { as_of: Some(19_645), ..Settings::default() });
        let names = Names::of(&session);
        c.bench_function(&format!("colour a long question, {size}"), |b| {
            b.iter(|| paint(black_box(LONG), LONG.len(), &names));
        });
        let gathered = Gathered::default();
        let offered = |text: &str, patience: Duration| {
            let known = Known { session: &session, gathered: &gathered, until: Instant::now() + patience };
            complete(text, known).1.len()
        };
        for (place, text) in [
            ("a table", "cha".to_string()),
            ("a column behind a path", "charges | where arrest.line.".to_string()),
            ("a column behind a grouping", "charges | count by arrest.borough, offence | sort ".to_string()),
            ("values", "charges | where offence = \"".to_string()),
            ("behind a long question", format!("{LONG}| where ")),
        ] {
            assert!(offered(&text, Duration::from_secs(600)) > 0, "{place}");
            c.bench_function(&format!("Tab for {place}, {size}"), |b| {
                b.iter(|| offered(black_box(&text), Duration::ZERO));
            });
        }
    }
}

criterion_group!(parts, questions, fields, answers, typing);
criterion_main!(parts);
