//! The questions of `examples/nibrs` over the FBI's own records, against figures counted without Casebook.

#![cfg(unix)]

mod common;

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
        "offences-by-location-and-hour",
        "property-stolen-and-seized",
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
fn offences_by_location_and_hour() {
    RECORDS.check("offences-by-location-and-hour");
}

#[test]
fn property_stolen_and_seized() {
    RECORDS.check("property-stolen-and-seized");
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
