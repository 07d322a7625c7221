//! The questions of `examples/nibrs` over the FBI's own records, against figures counted without Casebook.

#![cfg(unix)]

mod common;

#[allow(dead_code)]
#[path = "county/answer.rs"]
mod answer;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use answer::{Counted, exact, hold, maybe_decimal, scaled};
use chrono::{Datelike, NaiveDate};
use common::Records;

const RECORDS: Records = Records {
    folder: "examples/nibrs",
    variable: "CASEBOOK_NIBRS",
    questions: &[
        "age-by-arrest-type",
        "arrests-by-month",
        "arrests-under-18",
        "busiest-agencies",
        "clearance-by-agency",
        "days-to-arrest",
        "drugs-by-agency-and-month",
        "drugs-by-measure",
        "drugs-by-weight",
        "drugs-without-arrest",
        "incidents-by-month",
        "offences-by-location-and-hour",
        "open-incidents",
        "property-stolen-and-seized",
        "stolen-by-quarter",
        "weapons-of-arrestees",
    ],
};

#[test]
fn age_by_arrest_type() {
    RECORDS.check("age-by-arrest-type");
}

#[test]
fn arrests_by_month() {
    RECORDS.check("arrests-by-month");
}

#[test]
fn arrests_under_18() {
    RECORDS.check("arrests-under-18");
}

#[test]
fn busiest_agencies() {
    RECORDS.check("busiest-agencies");
}

#[test]
fn clearance_by_agency() {
    RECORDS.check("clearance-by-agency");
}

#[test]
fn days_to_arrest() {
    RECORDS.check("days-to-arrest");
}

#[test]
fn drugs_by_agency_and_month() {
    RECORDS.check("drugs-by-agency-and-month");
}

#[test]
fn drugs_by_measure() {
    RECORDS.check("drugs-by-measure");
}

#[test]
fn drugs_by_weight() {
    RECORDS.check("drugs-by-weight");
}

#[test]
fn drugs_without_arrest() {
    RECORDS.check("drugs-without-arrest");
}

#[test]
fn incidents_by_month() {
    RECORDS.check("incidents-by-month");
}

#[test]
fn offences_by_location_and_hour() {
    RECORDS.check("offences-by-location-and-hour");
}

#[test]
fn open_incidents() {
    RECORDS.check("open-incidents");
}

#[test]
fn property_stolen_and_seized() {
    RECORDS.check("property-stolen-and-seized");
}

#[test]
fn stolen_by_quarter() {
    RECORDS.check("stolen-by-quarter");
}

#[test]
fn weapons_of_arrestees() {
    RECORDS.check("weapons-of-arrestees");
}

#[test]
fn every_question_has_its_figures() {
    RECORDS.every_question_has_its_figures();
}

#[test]
fn the_recount_gives_the_same_figures() {
    RECORDS.the_recount_gives_the_same_figures();
}

/// A file's records, as maps from heading to text. Of a heading that stands twice the first counts.
fn read(folder: &Path, name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(folder.join(name)).unwrap();
    let headings = reader.headers().unwrap().clone();
    let record = |line: csv::StringRecord| {
        let mut record = HashMap::new();
        for (heading, cell) in headings.iter().zip(line.iter()) {
            record.entry(heading.to_string()).or_insert_with(|| cell.to_string());
        }
        record
    };
    reader.records().map(|line| record(line.unwrap())).collect()
}

/// Records by their key.
fn by<'a>(
    records: &'a [HashMap<String, String>],
    key: &str,
) -> HashMap<&'a str, &'a HashMap<String, String>> {
    records.iter().map(|record| (&*record[key], record)).collect()
}

#[test]
fn the_first_two_questions_give_what_loops_give() {
    let Some(data) = RECORDS.data() else { return };
    let read = |name: &str| read(&data, name);

    // Incidents with a drug offence and nobody arrested.
    let types = read("NIBRS_OFFENSE_TYPE.csv");
    let types = by(&types, "OFFENSE_TYPE_ID");
    let offences = read("NIBRS_OFFENSE.csv");
    let drugs: HashSet<&str> = offences
        .iter()
        .filter(|offence| types[&*offence["OFFENSE_TYPE_ID"]]["OFFENSE_CODE"] == "35A")
        .map(|offence| &*offence["INCIDENT_ID"])
        .collect();
    let arrestees = read("NIBRS_ARRESTEE.csv");
    let arrested: HashSet<&str> = arrestees.iter().map(|arrestee| &*arrestee["INCIDENT_ID"]).collect();
    let incidents = read("NIBRS_incident.csv");
    let found = incidents.iter().map(|incident| &*incident["INCIDENT_ID"]);
    let found = found.filter(|id| drugs.contains(id) && !arrested.contains(id)).count();
    let mut answer = Counted::of(&["count"]);
    answer.row(vec![exact(found)]);
    hold(&RECORDS.home().join("drugs-without-arrest.expected.csv"), &[("1", answer)]);

    // Grams of each drug, an agency and a month, quiet months included.
    let units: [(&str, i128); 4] =
        [("GM", 1_000_000_000), ("KG", 1_000_000_000_000), ("OZ", 28_349_523_125), ("LB", 453_592_370_000)];
    let (names, measures) = (read("NIBRS_SUSPECTED_DRUG_TYPE.csv"), read("NIBRS_DRUG_MEASURE_TYPE.csv"));
    let (names, measures) = (by(&names, "SUSPECTED_DRUG_TYPE_ID"), by(&measures, "DRUG_MEASURE_TYPE_ID"));
    let (properties, agencies) = (read("NIBRS_PROPERTY.csv"), read("agencies.csv"));
    let (properties, agencies) = (by(&properties, "PROPERTY_ID"), by(&agencies, "AGENCY_ID"));
    let incidents = by(&incidents, "INCIDENT_ID");
    let entries = read("NIBRS_SUSPECTED_DRUG.csv");
    // By drug and agency, and in each by month: the weights of its entries.
    type Months = BTreeMap<i32, Vec<Option<i128>>>;
    let mut found: BTreeMap<(&str, String), Months> = BTreeMap::new();
    for entry in &entries {
        let incident = incidents[&*properties[&*entry["PROPERTY_ID"]]["INCIDENT_ID"]];
        let Some(agency) = agencies.get(&*incident["AGENCY_ID"]) else { continue };
        let agency = format!("{}, {}", agency["PUB_AGENCY_NAME"], agency["AGENCY_TYPE_NAME"]);
        let on = NaiveDate::parse_from_str(&incident["INCIDENT_DATE"], "%d-%b-%y").unwrap();
        let measure =
            measures.get(&*entry["DRUG_MEASURE_TYPE_ID"]).map(|measure| &*measure["DRUG_MEASURE_CODE"]);
        let unit = units.iter().find(|(unit, _)| Some(*unit) == measure);
        let weight = unit
            .filter(|_| !entry["EST_DRUG_QTY"].is_empty())
            .map(|(_, scale)| scaled(&entry["EST_DRUG_QTY"], *scale));
        let drug = &*names[&*entry["SUSPECTED_DRUG_TYPE_ID"]]["SUSPECTED_DRUG_NAME"];
        let months = found.entry((drug, agency)).or_default();
        months.entry(on.year() * 12 + on.month0() as i32).or_default().push(weight);
    }
    let months = || found.values().flat_map(BTreeMap::keys);
    let span = *months().min().unwrap()..=*months().max().unwrap();
    let mut answer = Counted::of(&["drug", "agency", "month", "grams [g]"]);
    for ((drug, agency), months) in &found {
        for month in span.clone() {
            // Nothing found weighs nothing; what was found and not weighed has a weight that is not known.
            let weights = months.get(&month).map(|weights| &**weights).unwrap_or_default();
            let known = weights.is_empty() || weights.iter().any(Option::is_some);
            let sum = known.then(|| weights.iter().flatten().sum());
            let name = format!("{}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
            answer.row(vec![exact(drug), exact(agency), exact(name), maybe_decimal(sum, 9)]);
        }
    }
    hold(&RECORDS.home().join("drugs-by-agency-and-month.expected.csv"), &[("2", answer)]);
}
