//! Generated questions over small generated tables give the same answer in two readings of the language: the
//! engine's, and a plain row-by-row one in `tests/second`. Beside it stand two properties that need no second
//! reading. What differs is shrunk and shown with its seed.
//!
//! `CASEBOOK_CASES=200000` asks more questions than the 10,000 of every run; `CASEBOOK_SEED=7` asks those of another
//! seed, and `CASEBOOK_SEED=1.204` only those of one casebook, as a failure names it.
//!
//! The questions are asked by processes of their own, two at a time, with a cache folder that is not the user's.

#![forbid(unsafe_code)]

mod second;

use std::collections::BTreeMap;
use std::process::Command;

use second::compare::{Book, Rows, Verdict, is_same, shrink, table};
use second::generate::query::{self, Question};
use second::generate::world::World;
use second::generate::{Features, Random};

/// What this version knows: turned on as the language grows.
const FEATURES: Features = Features {
    windows: true,
    aggregates: true,
    functions: true,
    compare: true,
    regroup: true,
    other: true,
    combine: true,
    calendars: true,
};

/// How many questions each casebook is asked.
const QUESTIONS: u64 = 40;
/// How many processes ask them.
const PROCESSES: u64 = 2;
/// Says to a process which part of the work is its own.
const PART: &str = "CASEBOOK_SECOND_PART";

/// What is to be asked.
#[derive(Clone, Copy)]
struct Plan {
    seed: u64,
    /// Only this casebook.
    only: Option<u64>,
    cases: u64,
}

impl Plan {
    fn of(cases: u64) -> Plan {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let seed = std::env::var("CASEBOOK_SEED").unwrap_or_else(|_| "1".to_string());
        let (seed, only) = match seed.split_once('.') {
            Some((seed, only)) => (seed.to_string(), only.parse().ok()),
            None => (seed, None),
        };
        let seed = seed.parse().expect("CASEBOOK_SEED is a number, or two with a point between");
        Plan {
            seed,
            only,
            cases: number("CASEBOOK_CASES").map_or(cases, |all: u64| all * cases / 10_000).max(QUESTIONS),
        }
    }

    /// The numbers of the casebooks that one process opens.
    fn casebooks(self, part: u64) -> Vec<u64> {
        match self.only {
            Some(only) => vec![only].into_iter().filter(|_| part == 0).collect(),
            None => (0..self.cases.div_ceil(QUESTIONS)).filter(|at| at % PROCESSES == part).collect(),
        }
    }

    /// The casebook of a number, and the stream that its questions come from.
    fn world(self, number: u64) -> (World, Random) {
        let mut random = Random::new(self.seed.wrapping_mul(1_000_003).wrapping_add(number));
        random = Random::new(random.next());
        (World::random(&mut random), random)
    }
}

/// Runs a test in processes of its own: `work` in each of them, on its part. What it counts is summed up.
fn in_parts(
    test: &str,
    cases: u64,
    work: impl Fn(Plan, u64) -> BTreeMap<String, u64>,
) -> BTreeMap<String, u64> {
    let plan = Plan::of(cases);
    let own = std::env::var(PART).ok().and_then(|part| part.strip_prefix(&format!("{test} "))?.parse().ok());
    if let Some(part) = own {
        for (what, many) in work(plan, part) {
            println!("\ncounted {many} {what}");
        }
        return BTreeMap::new();
    }
    let cache = tempfile::tempdir().expect("a temporary folder");
    let start = |part: u64| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--exact", test, "--nocapture"]).env(PART, format!("{test} {part}"));
        // One process with one thread, one with two: neither may show in an answer.
        command.env("XDG_CACHE_HOME", cache.path()).env("POLARS_MAX_THREADS", (part + 1).to_string());
        std::thread::spawn(move || command.output().expect("a process of this program"))
    };
    let running: Vec<_> = (0..PROCESSES).map(start).collect();
    let mut counted = BTreeMap::new();
    let mut failed = Vec::new();
    for output in running.into_iter().map(|thread| thread.join().expect("a thread")) {
        let said = String::from_utf8_lossy(&output.stdout);
        for line in said.lines().filter_map(|line| line.strip_prefix("counted ")) {
            let (many, what) = line.split_once(' ').expect("a number and a word");
            *counted.entry(what.to_string()).or_default() += many.parse::<u64>().expect("a number");
        }
        if !output.status.success() {
            failed.push(format!("{said}\n{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    println!("{counted:#?}");
    counted
}

fn count(counted: &mut BTreeMap<String, u64>, what: impl Into<String>) {
    *counted.entry(what.into()).or_default() += 1;
}

/// Ends a process whose casebook showed a difference.
fn fail(plan: Plan, number: u64, what: &str) -> ! {
    panic!("CASEBOOK_SEED={}.{number}\n{what}", plan.seed)
}

#[test]
fn both_readings_give_the_same_answers() {
    let counted = in_parts("both_readings_give_the_same_answers", 10_000, |plan, part| {
        let mut counted = BTreeMap::new();
        let mut differences = Vec::new();
        for number in plan.casebooks(part) {
            let (world, mut random) = plan.world(number);
            let book = Book::new(&world.toml, &world.files);
            for _ in 0..QUESTIONS {
                let question = query::question(&world, &mut random, FEATURES);
                count(&mut counted, "asked");
                match book.ask(&question.text()) {
                    Verdict::Refused(code) => count(&mut counted, format!("refused, {code}")),
                    Verdict::Unknown(what) => count(&mut counted, format!("unknown, {what}")),
                    Verdict::Same(rows) => {
                        count(&mut counted, "the same");
                        if rows > 0 {
                            count(&mut counted, "the same, with rows");
                        }
                    }
                    Verdict::Differs(_) => {
                        let least = shrink(&world.toml, &world.files, &question);
                        differences.push(format!(
                            "CASEBOOK_SEED={}.{number}\n{}\n{least}",
                            plan.seed,
                            question.text()
                        ));
                    }
                }
                // A dozen show what is wrong as well as all of them.
                if differences.len() >= 30 {
                    panic!("{}", differences.join("\n\n"));
                }
            }
        }
        assert!(differences.is_empty(), "{}", differences.join("\n\n"));
        counted
    });
    if let (Some(asked), Some(same)) = (counted.get("asked"), counted.get("the same")) {
        assert!(same * 3 >= asked * 2, "too few of the questions are ones: {same} of {asked}");
    }
}

/// For any predicate, the rows for which it is true, those for which it is false and those for which it is unknown
/// are together the table, each once; and so are their counts and sums.
#[test]
fn a_predicate_parts_the_rows() {
    in_parts("a_predicate_parts_the_rows", 1_500, |plan, part| {
        let mut counted = BTreeMap::new();
        for number in plan.casebooks(part) {
            let (world, mut random) = plan.world(number);
            let book = Book::new(&world.toml, &world.files);
            for _ in 0..QUESTIONS {
                let (name, predicate) = query::predicate(&world, &mut random, FEATURES);
                let Ok(whole) = book.compile(&name) else { continue };
                let parts = [
                    format!("{name} | where {predicate}"),
                    format!("{name} | where not {predicate}"),
                    format!("{name} | where {predicate} is missing"),
                ];
                if book.compile(&parts[0]).is_err() {
                    count(&mut counted, "refused");
                    continue;
                }
                let ask = |question: &str| -> Rows {
                    let query = book
                        .compile(question)
                        .unwrap_or_else(|code| fail(plan, number, &format!("{question}\n{code}")));
                    book.engine(&query, true)
                        .unwrap_or_else(|error| fail(plan, number, &format!("{question}\n{error}")))
                };
                let all = book.engine(&whole, true).unwrap_or_else(|error| fail(plan, number, &error)).1;
                let mut left = all.clone();
                for row in parts.iter().flat_map(|question| ask(question).1) {
                    let same = |other: &Vec<_>| {
                        is_same(&(Vec::new(), vec![row.clone()]), &(Vec::new(), vec![other.clone()]))
                    };
                    match left.iter().position(same) {
                        Some(at) => drop(left.swap_remove(at)),
                        None => fail(
                            plan,
                            number,
                            &format!("{predicate} keeps twice, or made up, {row:?} of {name}"),
                        ),
                    }
                }
                if !left.is_empty() {
                    fail(plan, number, &format!("no part of {predicate} has {left:?} of {name}"));
                }
                let summed = "summarise n = count(), s = sum(1)";
                let summed = match name.as_str() {
                    "things" => "summarise n = count(), s = sum(d - e), w = sum(weight) ?? 0 g",
                    "seizures" => "summarise n = count(), s = sum(places) ?? 0, w = sum(weight) ?? 0 g",
                    "arrests" => {
                        "summarise n = count(), s = sum(score) ?? 0.0, w = sum(charges.amount) ?? £0"
                    }
                    "charges" => "summarise n = count(), s = sum(points) ?? 0, w = sum(amount) ?? £0",
                    "teams" => "summarise n = count(), s = sum(arrests.age) ?? 0",
                    _ => summed,
                };
                parted(
                    &book,
                    plan,
                    number,
                    &format!("{name} | {summed}"),
                    &parts.map(|part| format!("{part} | {summed}")),
                );
                count(&mut counted, "the parts are the whole");
            }
        }
        counted
    });
}

/// The sums of the parts are those of the whole, where nothing is too large.
fn parted(book: &Book, plan: Plan, number: u64, whole: &str, parts: &[String]) {
    use second::cell::Cell;
    let ask = |question: &str| match book.compile(question) {
        Ok(query) => book.engine(&query, true).ok().map(|answer| answer.1),
        Err(code) => fail(plan, number, &format!("{question}\n{code}")),
    };
    let (Some(all), Some(of)) = (ask(whole), parts.iter().map(|part| ask(part)).collect::<Option<Vec<_>>>())
    else {
        return;
    };
    for (column, total) in all[0].iter().enumerate() {
        let cells: Vec<&Cell> = of.iter().map(|rows| &rows[0][column]).collect();
        let same = match total {
            Cell::Integer(total) => {
                let sum: i128 = cells
                    .iter()
                    .map(|cell| if let Cell::Integer(n) = cell { i128::from(*n) } else { 0 })
                    .sum();
                sum == i128::from(*total)
            }
            Cell::Number(total) => {
                let nano = |n: f64| second::exact::fixed(n);
                let sum: Option<i128> = cells
                    .iter()
                    .map(|cell| if let Cell::Number(n) = cell { nano(*n) } else { Some(0) })
                    .sum();
                // A sum of more than fifteen digits has no room for them all in a float.
                sum.is_none_or(|sum| sum.abs() >= 1 << 50) || sum == nano(*total)
            }
            // All missing, in every part.
            _ => cells.iter().all(|cell| matches!(cell, Cell::Missing | Cell::Integer(0))),
        };
        if !same {
            fail(plan, number, &format!("{whole}\n{total:?} is not the sum of {cells:?}\n{parts:#?}"));
        }
    }
}

/// An answer hangs on no optimisation.
#[test]
fn the_optimiser_changes_nothing() {
    in_parts("the_optimiser_changes_nothing", 1_500, |plan, part| {
        let mut counted = BTreeMap::new();
        for number in plan.casebooks(part) {
            let (world, mut random) = plan.world(number);
            let book = Book::new(&world.toml, &world.files);
            for _ in 0..QUESTIONS {
                let question: Question = query::question(&world, &mut random, FEATURES);
                let Ok(query) = book.compile(&question.text()) else { continue };
                let (with, without) = (book.engine(&query, true), book.engine(&query, false));
                let same = match (&with, &without) {
                    (Ok(with), Ok(without)) => is_same(with, without),
                    // A sum that nobody needs may be too large, where it is worked out.
                    (_, Err(error)) => error.starts_with("data-overflow"),
                    (Err(_), Ok(_)) => false,
                };
                if !same {
                    let how =
                        format!("{}\nwith:\n{}without:\n{}", question.text(), table(&with), table(&without));
                    fail(plan, number, &how);
                }
                count(&mut counted, "the same");
            }
        }
        counted
    });
}
