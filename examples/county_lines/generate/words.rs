//! The words that records are made of: boroughs, offences, what is seized, and how often.

use super::rng::Rng;

pub const TRAFFICKING: &str = "drug trafficking";
pub const POSSESSION: &str = "possession";
pub const SLAVERY: &str = "modern slavery";
pub const WEAPONS: &str = "weapons";
pub const VIOLENCE: &str = "violence";
pub const LAUNDERING: &str = "money laundering";

/// The London boroughs, and how often each appears: the weights are invented.
pub const BOROUGHS: [(u64, &str); 32] = [
    (3, "Barking and Dagenham"),
    (3, "Barnet"),
    (1, "Bexley"),
    (3, "Brent"),
    (2, "Bromley"),
    (5, "Camden"),
    (6, "Croydon"),
    (3, "Ealing"),
    (4, "Enfield"),
    (4, "Greenwich"),
    (6, "Hackney"),
    (3, "Hammersmith and Fulham"),
    (5, "Haringey"),
    (1, "Harrow"),
    (2, "Havering"),
    (2, "Hillingdon"),
    (2, "Hounslow"),
    (4, "Islington"),
    (2, "Kensington and Chelsea"),
    (1, "Kingston upon Thames"),
    (8, "Lambeth"),
    (6, "Lewisham"),
    (1, "Merton"),
    (6, "Newham"),
    (2, "Redbridge"),
    (1, "Richmond upon Thames"),
    (7, "Southwark"),
    (1, "Sutton"),
    (5, "Tower Hamlets"),
    (4, "Waltham Forest"),
    (3, "Wandsworth"),
    (4, "Westminster"),
];

/// The forces that lead on a line; about half of the lines are the Met's own.
pub const FORCES: [(u64, &str); 9] = [
    (16, "Metropolitan Police"),
    (3, "Kent Police"),
    (3, "Essex Police"),
    (2, "Sussex Police"),
    (2, "Hampshire Constabulary"),
    (2, "Thames Valley Police"),
    (1, "Norfolk Constabulary"),
    (1, "Suffolk Constabulary"),
    (2, "British Transport Police"),
];

/// What the lines call themselves, with a number behind it. All invented.
pub const LINE_NAMES: [&str; 24] = [
    "Amber", "Badger", "Cobalt", "Dexter", "Echo", "Finch", "Granite", "Harlow", "Indigo", "Jasper", "Kite",
    "Lemon", "Marble", "Nickel", "Otter", "Pepper", "Quartz", "Ridge", "Saffron", "Topaz", "Umber", "Velvet",
    "Willow", "Zephyr",
];

pub const YOUTH_SCHEMES: [&str; 3] = ["Rescue and Response", "Catch22", "The Prince's Trust"];
pub const NRM: &str = "National Referral Mechanism";
pub const OUTCOMES: [(u64, &str); 4] = [(5, "accepted"), (3, "declined"), (2, "awaiting"), (1, "")];

/// What somebody is charged with.
#[derive(Clone, Copy)]
pub struct Offence {
    pub name: &'static str,
    pub group: &'static str,
    pub class: &'static str,
}

/// An offence of a group. The class is that of the drug, and empty for everything else.
pub fn offence(rng: &mut Rng, group: &'static str, class: &'static str) -> Offence {
    let (names, class): (&[&'static str], _) = match group {
        TRAFFICKING => (
            &[
                "possession with intent to supply",
                "being concerned in supply",
                "supplying a controlled drug",
                "conspiracy to supply",
            ],
            class,
        ),
        POSSESSION => (&["possession of a controlled drug"], class),
        SLAVERY => (&["arranging travel for exploitation", "forced or compulsory labour"], ""),
        WEAPONS => {
            (&["bladed article in public", "offensive weapon in public", "possession of a firearm"], "")
        }
        VIOLENCE => (&["actual bodily harm", "grievous bodily harm", "affray", "robbery"], ""),
        _ => (&["possessing criminal property"], ""),
    };
    Offence { name: rng.pick(names), group, class }
}

/// A drug that is weighed, of a class.
pub fn weighed(rng: &mut Rng, class: &str) -> &'static str {
    match class {
        "A" => rng.pick(&["crack cocaine", "heroin", "cocaine"]),
        "B" => rng.pick(&["cannabis", "cannabis", "ketamine", "amphetamine"]),
        "C" => rng.pick(&["GBL", "khat"]),
        _ => "unidentified powder",
    }
}

/// A drug that is counted, of a class.
pub fn counted(rng: &mut Rng, class: &str) -> &'static str {
    match class {
        "A" => "MDMA",
        "B" => rng.pick(&["codeine", "methylphenidate"]),
        _ => rng.pick(&["diazepam", "pregabalin", "zopiclone"]),
    }
}

pub const BLADES: [&str; 3] = ["zombie knife", "machete", "sword"];
pub const FIREARMS: [&str; 4] = ["Glock", "revolver", "imitation firearm", "live ammunition"];
