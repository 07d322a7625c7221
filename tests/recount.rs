//! The example casebook counted by hand: plain loops over the CSV files, without any of Casebook.
//!
//! The figures are those of the Metropolitan Police's bulletin of 20 October 2023. Here they are counted twice, by
//! [`recount`] and by `casebook run bulletin.cbq`, and a third test makes the files anew. So if a figure goes wrong,
//! it shows whether the records, the program, or the generator did it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

mod county;
use county::{ROLES, Record, UNITS, borough, day, folder, number_of, read, scaled};

#[allow(dead_code)]
#[path = "../examples/county_lines/generate.rs"]
mod generate;

const FILES: [&str; 7] = [
    "arrests.csv",
    "charges.csv",
    "seizures.csv",
    "lines.csv",
    "safeguarding.csv",
    "events.csv",
    "referrals.csv",
];

fn in_week(text: &str) -> bool {
    day(text).is_some_and(|day| ((2023, 10, 9)..=(2023, 10, 15)).contains(&day))
}

/// All figures of the bulletin.
#[derive(Debug, PartialEq)]
struct Figures {
    arrests: usize,
    people_charged: usize,
    charges: usize,
    trafficking: usize,
    trafficking_by_class: BTreeMap<String, usize>,
    lines_closed: usize,
    safeguarded: usize,
    attendees: i128,
    firearms: i128,
    weapons: i128,
    /// In nanograms.
    drugs_by_class: BTreeMap<String, i128>,
    drugs: i128,
    /// In pence.
    cash: i128,
    offered: usize,
    mechanism: usize,
    orochi_arrests: usize,
    orochi_defendants: usize,
    orochi_charges: usize,
}

fn recount() -> Figures {
    let arrests = read("arrests.csv");
    let charges = read("charges.csv");
    let week = |records: Vec<Record>, column: &str| -> Vec<Record> {
        records.into_iter().filter(|record| in_week(&record[column])).collect()
    };
    let people = |records: &[&Record]| -> usize {
        records
            .iter()
            .map(|record| &record["person_id"])
            .filter(|id| !id.is_empty())
            .collect::<BTreeSet<_>>()
            .len()
    };

    let orochi: HashSet<_> = arrests
        .iter()
        .filter(|arrest| arrest["operation"] == "Orochi" && arrest["arrested_for"] == "modern slavery")
        .filter(|arrest| day(&arrest["arrested_at"]) >= Some((2019, 11, 1)))
        .map(|arrest| arrest["arrest_id"].clone())
        .collect();
    let orochi_charges: Vec<_> =
        charges.iter().filter(|charge| orochi.contains(&charge["arrest_id"])).collect();
    let (orochi_arrests, orochi_defendants) = (orochi.len(), people(&orochi_charges));
    let orochi_charges = orochi_charges.len();

    let charges = week(charges, "charged_on");
    let trafficking: Vec<_> =
        charges.iter().filter(|charge| charge["offence_group"] == "drug trafficking").collect();
    let mut trafficking_by_class = BTreeMap::new();
    for charge in &trafficking {
        *trafficking_by_class.entry(charge["drug_class"].clone()).or_default() += 1;
    }

    let (mut firearms, mut weapons, mut cash) = (0, 0, 0);
    let mut drugs_by_class = BTreeMap::new();
    for seizure in week(read("seizures.csv"), "seized_on") {
        let (quantity, unit) = (&seizure["quantity"], seizure["unit"].as_str());
        match (seizure["category"].as_str(), unit) {
            ("firearm", "pieces") => firearms += scaled(quantity, 1),
            ("weapon", "pieces") => weapons += scaled(quantity, 1),
            ("cash", "GBP") => cash += scaled(quantity, 100),
            _ => {}
        }
        let nanograms = UNITS.iter().find(|(name, _)| *name == unit);
        if let (Some((_, scale)), "A" | "B") = (nanograms, seizure["drug_class"].as_str()) {
            *drugs_by_class.entry(seizure["drug_class"].clone()).or_default() += scaled(quantity, *scale);
        }
    }

    let safeguarding = week(read("safeguarding.csv"), "date");
    let events = week(read("events.csv"), "date");
    let referrals = week(read("referrals.csv"), "date");
    let (mechanism, offered): (Vec<_>, Vec<_>) =
        referrals.iter().partition(|referral| referral["scheme"] == "National Referral Mechanism");

    Figures {
        arrests: week(arrests, "arrested_at").len(),
        people_charged: people(&charges.iter().collect::<Vec<_>>()),
        charges: charges.len(),
        trafficking: trafficking.len(),
        trafficking_by_class,
        lines_closed: week(read("lines.csv"), "closed_on").len(),
        safeguarded: people(&safeguarding.iter().collect::<Vec<_>>()),
        attendees: events
            .iter()
            .filter(|event| ["training", "awareness"].contains(&event["kind"].as_str()))
            .map(|event| scaled(&event["attendees"], 1))
            .sum(),
        firearms,
        weapons,
        drugs: drugs_by_class.values().sum(),
        drugs_by_class,
        cash,
        offered: people(&offered),
        mechanism: mechanism.len(),
        orochi_arrests,
        orochi_defendants,
        orochi_charges,
    }
}

#[test]
fn the_files_hold_the_published_figures() {
    let kilogram = 1_000_000_000_000_i128;
    let by_class = |a, b| BTreeMap::from([("A".to_owned(), a), ("B".to_owned(), b)]);
    let published = Figures {
        arrests: 290,
        people_charged: 163,
        charges: 377,
        trafficking: 287,
        trafficking_by_class: BTreeMap::from([("A".to_owned(), 238), ("B".to_owned(), 49)]),
        lines_closed: 92,
        safeguarded: 110,
        attendees: 9_878,
        firearms: 17,
        weapons: 56,
        drugs_by_class: by_class(76 * kilogram / 10, 93 * kilogram / 10),
        drugs: 169 * kilogram / 10,
        cash: 214_568 * 100,
        offered: 31,
        mechanism: 3,
        orochi_arrests: 110,
        orochi_defendants: 94,
        orochi_charges: 135,
    };
    assert_eq!(recount(), published);
}

#[test]
fn the_bulletin_gives_the_same_figures() {
    let figures = recount();
    let kilograms = |nanograms: i128| nanograms as f64 / 1e12;
    let by_class = |class: &str| json!([class, figures.trafficking_by_class[class]]);
    let drugs = |class: &str| json!([class, kilograms(figures.drugs_by_class[class])]);
    let expected = [
        ("Arrests in the week", json!([[figures.arrests]])),
        (
            "People charged, charges, and charges of drug trafficking",
            json!([[figures.people_charged, figures.charges, figures.trafficking]]),
        ),
        ("Drug trafficking charges by class", json!([by_class("A"), by_class("B")])),
        ("County lines closed, with partner forces", json!([[figures.lines_closed]])),
        ("People safeguarded", json!([[figures.safeguarded]])),
        ("People at training and awareness events", json!([[figures.attendees as i64]])),
        (
            "Firearms seized: Glocks, revolvers, imitation firearms, live ammunition",
            json!([[figures.firearms as i64]]),
        ),
        ("Weapons seized: zombie knives, machetes, swords", json!([[figures.weapons as i64]])),
        ("Drugs seized by class", json!([drugs("A"), drugs("B")])),
        ("Drugs seized, class A and class B together", json!([[kilograms(figures.drugs)]])),
        ("Cash seized", json!([[figures.cash as f64 / 100.0]])),
        ("Young people offered a referral", json!([[figures.offered]])),
        ("Referrals to the National Referral Mechanism", json!([[figures.mechanism]])),
        (
            "Operation Orochi since November 2019: modern slavery",
            json!([[figures.orochi_arrests, figures.orochi_defendants, figures.orochi_charges]]),
        ),
    ];

    let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_casebook"))
        .arg("run")
        .arg(folder().join("bulletin.cbq"))
        .args(["--format", "json"])
        .assert()
        .success();
    let answers: Vec<Value> = serde_json::from_slice(&run.get_output().stdout).unwrap();
    assert_eq!(answers.len(), expected.len());
    for (answer, (title, rows)) in answers.iter().zip(&expected) {
        assert_eq!(answer["title"], *title);
        assert_eq!(floats(&answer["rows"]), floats(rows), "{title}");
    }
}

/// What `rates.cbq` asks first: of the arrests that gave up cash and drugs, by role, how many there are, the cash in
/// 1/10,000 pounds and the drugs in nanograms.
fn cash_beside_drugs() -> BTreeMap<usize, (usize, i128, i128)> {
    let mut found: HashMap<String, (i128, i128)> = HashMap::new();
    for seizure in read("seizures.csv") {
        let (quantity, unit) = (&seizure["quantity"], seizure["unit"].as_str());
        let entry = found.entry(seizure["arrest_id"].clone()).or_default();
        if (seizure["category"].as_str(), unit) == ("cash", "GBP") {
            entry.0 += scaled(quantity, 10_000);
        }
        if let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) {
            entry.1 += scaled(quantity, *scale);
        }
    }
    let mut roles: BTreeMap<usize, (usize, i128, i128)> = BTreeMap::new();
    for arrest in read("arrests.csv") {
        let Some((cash, drugs)) = found.get(&arrest["arrest_id"]).filter(|found| found.0 > 0 && found.1 > 0)
        else {
            continue;
        };
        let role = ROLES.iter().position(|role| *role == arrest["role"]).unwrap_or(ROLES.len());
        let sums = roles.entry(role).or_default();
        *sums = (sums.0 + 1, sums.1 + cash, sums.2 + drugs);
    }
    roles
}

#[test]
fn the_rates_are_quotients_of_the_same_sums() {
    let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_casebook"))
        .arg("run")
        .arg(folder().join("rates.cbq"))
        .args(["--format", "csv"])
        .assert()
        .success();
    let answers = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let mut expected = "role,arrests,cash [GBP],drugs [g],beside [GBP/g]\n".to_string();
    for (role, (arrests, cash, drugs)) in cash_beside_drugs() {
        // Pounds a gram: both sides are whole and below 2^53, so that this division is the only rounding.
        let (over, under) = (cash * 100_000, drugs);
        assert!(over < 1 << 53 && under < 1 << 53);
        let (role, rate) = (ROLES.get(role).unwrap_or(&""), over as f64 / under as f64);
        expected += &format!("{role},{arrests},{},{},{rate}\n", cash as f64 / 1e4, drugs as f64 / 1e9);
    }
    assert_eq!(answers.split("\n\n").next().unwrap().trim(), expected.trim());
}

#[test]
fn questions_over_several_queries_give_what_loops_give() {
    let (arrests, charges, seizures) = (read("arrests.csv"), read("charges.csv"), read("seizures.csv"));
    let day_of = |arrest: &Record| day(&arrest["arrested_at"]);
    let between =
        |arrest: &&Record, from, until| day_of(arrest).is_some_and(|day| (from..=until).contains(&day));
    let week: Vec<&Record> =
        arrests.iter().filter(|arrest| between(arrest, (2023, 10, 9), (2023, 10, 15))).collect();

    let quarter: HashSet<&String> = arrests
        .iter()
        .filter(|arrest| between(arrest, (2023, 7, 1), (2023, 9, 30)))
        .map(|arrest| &arrest["person_id"])
        .filter(|person| !person.is_empty())
        .collect();
    let again: Vec<Value> = week
        .iter()
        .filter(|arrest| quarter.contains(&arrest["person_id"]))
        .map(|arrest| json!(arrest["arrest_id"]))
        .collect();
    assert!(!again.is_empty());

    // Each seizure against each arrest of its arrest's borough.
    let mut of_borough: HashMap<String, Vec<i64>> = HashMap::new();
    let mut place_of: HashMap<&String, String> = HashMap::new();
    for arrest in &arrests {
        let Some(place) = borough(&arrest["borough"]) else { continue };
        place_of.insert(&arrest["arrest_id"], place.clone());
        of_borough.entry(place).or_default().extend(day_of(arrest).map(number_of));
    }
    let mut near: BTreeMap<&str, usize> = BTreeMap::new();
    for seizure in &seizures {
        let Some(place) = place_of.get(&seizure["arrest_id"]) else { continue };
        let Some(seized) = day(&seizure["seized_on"]).map(number_of) else { continue };
        if of_borough[place].iter().any(|arrested| (0..=2).contains(&(seized - arrested))) {
            *near.entry(place).or_default() += 1;
        }
    }
    let near: Vec<Value> = near.iter().map(|(place, count)| json!([place, count])).collect();

    let mut first: BTreeMap<Option<&String>, usize> = BTreeMap::new();
    for arrest in &week {
        let own = charges.iter().filter(|charge| charge["arrest_id"] == arrest["arrest_id"]);
        let first_charge = own.min_by_key(|charge| day(&charge["charged_on"]).unwrap());
        *first.entry(first_charge.map(|charge| &charge["offence_group"])).or_default() += 1;
    }

    let earlier: HashSet<&String> = arrests
        .iter()
        .filter(|arrest| between(arrest, (2023, 1, 1), (2023, 10, 8)))
        .map(|arrest| &arrest["person_id"])
        .collect();
    let new: Vec<&&Record> = week.iter().filter(|arrest| !earlier.contains(&arrest["person_id"])).collect();
    let people: HashSet<&String> =
        new.iter().map(|arrest| &arrest["person_id"]).filter(|p| !p.is_empty()).collect();
    let ids: HashSet<&String> = new.iter().map(|arrest| &arrest["arrest_id"]).collect();
    let charged = charges.iter().filter(|charge| ids.contains(&charge["arrest_id"])).count();

    let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_casebook"))
        .arg("run")
        .arg(folder().join("combining.cbq"))
        .args(["--format", "json"])
        .assert()
        .success();
    let answers: Vec<Value> = serde_json::from_slice(&run.get_output().stdout).unwrap();
    let rows = |title: &str| {
        let answer = answers.iter().find(|answer| answer["title"] == title);
        answer.unwrap_or_else(|| panic!("no question is called {title}"))["rows"].as_array().unwrap().clone()
    };
    let answered = rows("Arrests of the week of people who were arrested in the quarter before, too");
    assert_eq!(answered.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), again);
    assert_eq!(rows("Seizures within two days after an arrest in the same borough"), near);
    let mut answered = rows("What the first charge after an arrest of the week was");
    answered.sort_by_key(ToString::to_string);
    let mut counted: Vec<Value> = first.iter().map(|(group, count)| json!([group, count])).collect();
    counted.sort_by_key(ToString::to_string);
    assert_eq!(answered, counted);
    let answered = rows("Who was arrested in the week and never before in 2023");
    assert_eq!(answered, [json!([people.len(), charged])]);
}

/// The same value with every number as a float: 17 and 17.0 are one figure.
fn floats(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(values) => values.iter().map(floats).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_generator_makes_the_committed_files() {
    let made = tempfile::tempdir().unwrap();
    generate::write(made.path(), generate::Options::default()).unwrap();
    for name in FILES {
        let (made, committed) = (std::fs::read(made.path().join(name)), std::fs::read(folder().join(name)));
        // Not assert_eq!, which would print both files.
        assert!(made.unwrap() == committed.unwrap(), "{name} is not what the generator makes");
    }
}
