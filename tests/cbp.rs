//! Questions over the drug seizures that U.S. Customs and Border Protection publishes, against figures counted without
//! Casebook: several files as one table, pounds with sixteen decimals, fiscal years turned into dates.

#![cfg(unix)]

mod common;

use common::Records;

const RECORDS: Records = Records {
    folder: "tests/cbp",
    variable: "CASEBOOK_CBP",
    questions: &[
        "air-and-marine-by-drug-and-year",
        "fentanyl-by-month",
        "few-heavy-records",
        "files",
        "fiscal-years",
        "heaviest-area-by-drug",
        "heaviest-areas",
        "land-share",
        "pounds-by-drug-and-year",
        "traces",
        "weight-of-a-seizure",
    ],
};

#[test]
fn air_and_marine_by_drug_and_year() {
    RECORDS.check("air-and-marine-by-drug-and-year");
}

#[test]
fn fentanyl_by_month() {
    RECORDS.check("fentanyl-by-month");
}

#[test]
fn few_heavy_records() {
    RECORDS.check("few-heavy-records");
}

#[test]
fn files() {
    RECORDS.check("files");
}

#[test]
fn fiscal_years() {
    RECORDS.check("fiscal-years");
}

#[test]
fn heaviest_area_by_drug() {
    RECORDS.check("heaviest-area-by-drug");
}

#[test]
fn heaviest_areas() {
    RECORDS.check("heaviest-areas");
}

#[test]
fn land_share() {
    RECORDS.check("land-share");
}

#[test]
fn pounds_by_drug_and_year() {
    RECORDS.check("pounds-by-drug-and-year");
}

#[test]
fn traces() {
    RECORDS.check("traces");
}

#[test]
fn weight_of_a_seizure() {
    RECORDS.check("weight-of-a-seizure");
}

#[test]
fn every_question_has_its_figures() {
    RECORDS.every_question_has_its_figures();
}

#[test]
fn the_recount_gives_the_same_figures() {
    RECORDS.the_recount_gives_the_same_figures();
}
