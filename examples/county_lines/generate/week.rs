//! The plan: the records behind the published figures, exactly, and neighbours that are easy to count by mistake.
//!
//! The figures are those of the Metropolitan Police's bulletin of 20 October 2023. How they come about is invented:
//! who was arrested when, how 377 charges fall on 163 people, which parcels add up to 7.6 kg. Each part draws its
//! records until its figure is used up, so that any seed gives other records and the same totals.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};

use super::records::{
    Arrest, Charge, Event, LAST, Line, MONDAY, Person, Plan, Referral, SUNDAY, Safeguarding, Seizure,
    borough, clock, grams, in_week, moment, ymd,
};
use super::rng::Rng;
use super::words::{self, LAUNDERING, POSSESSION, SLAVERY, TRAFFICKING, VIOLENCE, WEAPONS};

/// Arrests on each day of the week, Monday to Sunday: 290 in all.
const ARRESTS: [usize; 7] = [38, 52, 47, 49, 44, 35, 25];
/// Charges of the week by kind: 287 for trafficking (238 + 49), 377 in all.
const CHARGES: [(usize, &str, &str); 9] = [
    (238, TRAFFICKING, "A"),
    (49, TRAFFICKING, "B"),
    (18, POSSESSION, "A"),
    (22, POSSESSION, "B"),
    (4, POSSESSION, "C"),
    (21, WEAPONS, ""),
    (12, VIOLENCE, ""),
    (7, LAUNDERING, ""),
    (6, SLAVERY, ""),
];
/// The people charged in the week, 163 in all: arrested in it once, arrested in it twice, arrested in the week before,
/// and charged by postal requisition without an arrest.
const CHARGED: [usize; 4] = [129, 12, 18, 4];
const CASH_PENCE: u64 = 21_456_800;
/// Class A and class B in nanograms.
const DRUGS: [(&str, u64); 2] = [("A", 7_600_000_000_000), ("B", 9_300_000_000_000)];
const OUNCE: u64 = 28_349_523_125;
/// What was found with a trigger or a round in it, a line each: 17 pieces.
const FIREARMS: [(&str, &[u64]); 4] = [
    ("Glock", &[2, 1, 1, 1]),
    ("revolver", &[1, 1, 1]),
    ("imitation firearm", &[2, 1, 1, 1]),
    ("live ammunition", &[1, 1, 1, 1]),
];
const BLADES: u64 = 56;
const LINES_CLOSED: usize = 92;
const SAFEGUARDED: usize = 110;
const ATTENDEES: u64 = 9_878;
const OFFERED: usize = 31;
const NRM: usize = 3;

/// The eve of the week and the day after it, where an end that is one day out shows.
const EVE: NaiveDate = ymd(2023, 10, 8);
const AFTER: NaiveDate = ymd(2023, 10, 16);

/// Makes the plan.
pub fn plan(seed: u64) -> Plan {
    let mut planner = Planner { plan: Plan::default(), seed };
    let mut arrests = planner.arrests();
    planner.charges(&mut arrests);
    planner.seizures(&mut arrests);
    planner.safeguarding(&mut arrests);
    planner.lines();
    planner.events();
    planner.referrals();
    planner.orochi();
    for arrest in arrests {
        planner.plan.day(arrest.at.date()).arrests.push(arrest);
    }
    planner.plan
}

struct Planner {
    plan: Plan,
    seed: u64,
}

impl Planner {
    fn person(&mut self) -> Person {
        self.plan.people += 1;
        Person::new(self.seed, self.plan.people)
    }

    /// Somebody who is of the right age on the first day of the week.
    fn aged(&mut self, from: u32, to: u32) -> Person {
        loop {
            let person = self.person();
            if (from..=to).contains(&person.age(MONDAY)) {
                return person;
            }
        }
    }

    /// The arrests of the week, in a random order, the first and the last minute of it among them; then those of the
    /// two minutes next to it.
    fn arrests(&mut self) -> Vec<Arrest> {
        let mut rng = Rng::new(self.seed, "arrests");
        let mut arrests = Vec::new();
        for (date, count) in MONDAY.iter_days().zip(ARRESTS) {
            for _ in 0..count {
                let (person, at) = (self.person(), moment(&mut rng, date));
                arrests.push(arrest(&mut rng, at, person));
            }
        }
        // Both ends of the week in both ways of writing a date.
        for (of, at, old_style) in [
            (0, clock(MONDAY, 0, 0), false),
            (1, clock(MONDAY, 0, 0), true),
            (288, clock(SUNDAY, 23, 59), false),
            (289, clock(SUNDAY, 23, 59), true),
        ] {
            (arrests[of].at, arrests[of].old_style) = (at, old_style);
        }
        rng.shuffle(&mut arrests);
        for (at, old_style) in [
            (clock(EVE, 23, 59), false),
            (clock(EVE, 23, 59), true),
            (clock(AFTER, 0, 0), false),
            (clock(AFTER, 0, 0), true),
        ] {
            let person = self.person();
            arrests.push(Arrest { old_style, ..arrest(&mut rng, at, person) });
        }
        arrests
    }

    /// The charges of the week, and who is charged; then people charged just before and just after it.
    fn charges(&mut self, arrests: &mut Vec<Arrest>) {
        let mut rng = Rng::new(self.seed, "charges");
        let [once, twice, earlier, requisitions] = CHARGED;
        let mut kinds: Vec<_> =
            CHARGES.iter().flat_map(|(count, group, class)| vec![(*group, *class); *count]).collect();
        rng.shuffle(&mut kinds);

        // Everybody gets one charge, and the rest fall where they fall.
        let people = once + twice + earlier + requisitions;
        let mut hands: Vec<Vec<_>> = kinds.drain(..people).map(|kind| vec![kind]).collect();
        for kind in kinds {
            let hand = rng.below(people as u64) as usize;
            hands[hand].push(kind);
        }
        // Two arrests need two charges: the fullest hands go first.
        hands.sort_by_key(|hand| std::cmp::Reverse(hand.len()));
        let mut hands = hands.into_iter();

        // The first arrests of the list are those of people arrested twice, in pairs; the earlier comes first.
        for (at, hand) in (0..).step_by(2).zip(hands.by_ref().take(twice)) {
            if arrests[at].at > arrests[at + 1].at {
                arrests.swap(at, at + 1);
            }
            let (person, age) = (arrests[at].person, arrests[at].age.clone());
            (arrests[at + 1].person, arrests[at + 1].age) = (person, age);
            let half = hand.len().div_ceil(2);
            for (index, (group, class)) in hand.into_iter().enumerate() {
                let to = &mut arrests[at + index / half];
                charge_in_week(&mut rng, to, group, class);
            }
        }
        for (at, hand) in (2 * twice..).zip(hands.by_ref().take(once)) {
            for (group, class) in hand {
                charge_in_week(&mut rng, &mut arrests[at], group, class);
            }
        }
        for hand in hands.by_ref().take(earlier) {
            let (person, date) = (self.person(), MONDAY - Duration::days(rng.between(1, 7) as i64));
            let at = moment(&mut rng, date);
            let mut before = arrest(&mut rng, at, person);
            for (group, class) in hand {
                charge_in_week(&mut rng, &mut before, group, class);
            }
            arrests.push(before);
        }
        for hand in hands {
            let person = Some(self.person());
            let on = MONDAY + Duration::days(rng.between(0, 4) as i64);
            for (group, class) in hand {
                let offence = words::offence(&mut rng, group, class);
                self.plan.day(on).charges.push(Charge { person, on, offence });
            }
        }

        // Thirty of the week's other arrests lead to a charge after it, a third of them on the very next day; and some
        // of the eve's are charged on the eve.
        let uncharged = 2 * twice + once;
        for (index, arrest) in arrests[uncharged..uncharged + 30].iter_mut().enumerate() {
            let on = if index % 3 == 0 { AFTER } else { AFTER + Duration::days(rng.between(0, 10) as i64) };
            charge(&mut rng, arrest, on, TRAFFICKING, "A");
        }
        for _ in 0..6 {
            let (person, at) = (self.person(), moment(&mut rng, EVE));
            let mut eve = arrest(&mut rng, at, person);
            charge(&mut rng, &mut eve, EVE, TRAFFICKING, "A");
            arrests.push(eve);
        }
    }

    /// What was seized in the week, two in three with an arrest of the week behind it.
    fn seizures(&mut self, arrests: &mut [Arrest]) {
        let mut rng = Rng::new(self.seed, "seizures");
        let mut found = Vec::new();
        let day = |rng: &mut Rng| MONDAY + Duration::days(rng.below(7) as i64);

        let mut left = CASH_PENCE;
        while left > 0 {
            let pounds = if rng.percent(60) { 10 * rng.between(3, 150) } else { 5 * rng.between(300, 2_400) };
            let pence = if rng.percent(15) { rng.between(1, 99) } else { 0 };
            // The last bundle takes what is left.
            let bundle = if left > 1_500_000 { pounds * 100 + pence } else { left };
            left -= bundle;
            found.push(Seizure::cash(day(&mut rng), bundle));
        }
        found[3].twice = true;

        for (class, total) in DRUGS {
            let mut left = total;
            // A few parcels are weighed in kilograms and in ounces. Sixteen ounces have five decimals in grams.
            let kilograms: &[u64] = if class == "A" { &[2_100, 1_350, 985] } else { &[3_400, 1_250, 725] };
            for kilogram in kilograms {
                left -= kilogram * 1_000_000_000;
                let quantity = decimal_kilograms(*kilogram);
                let on = day(&mut rng);
                found.push(Seizure::weighed(&mut rng, on, class, quantity, "kg"));
            }
            for ounces in [9, 4, 2, 1] {
                left -= ounces * OUNCE;
                let on = day(&mut rng);
                found.push(Seizure::weighed(&mut rng, on, class, ounces.to_string(), "oz"));
            }
            // The others in grams, to the hundredth; the last one, from the laboratory, takes what is left.
            while left > 0 {
                let centigrams =
                    if rng.percent(70) { rng.between(40, 6_000) } else { rng.between(6_000, 14_000) };
                let parcel = if left > 150_000_000_000 { centigrams * 10_000_000 } else { left };
                left -= parcel;
                let on = day(&mut rng);
                found.push(Seizure::weighed(&mut rng, on, class, grams(parcel), "g"));
            }
        }
        if let Some(parcel) = found.last_mut() {
            parcel.twice = true;
        }
        // Tablets have no weight, and a powder that nobody has analysed yet has no class.
        for class in ["A", "A", "A", "A", "B", "B", "C", "C", "C", "C", "C"] {
            let on = day(&mut rng);
            found.push(Seizure::tablets(&mut rng, on, class));
        }
        for quantity in ["35.5", "118", "4.25"] {
            let on = day(&mut rng);
            found.push(Seizure::weighed(&mut rng, on, "", quantity.to_owned(), "g"));
        }

        for (item, lines) in FIREARMS {
            for pieces in lines {
                let mut seizure = Seizure::pieces(day(&mut rng), "firearm", item, *pieces);
                seizure.twice = item == "Glock" && *pieces == 2;
                found.push(seizure);
            }
        }
        let mut left = BLADES;
        while left > 0 {
            let pieces = rng.weighted(&[(7, 1), (2, 2), (1, 4)]).min(left);
            left -= pieces;
            found.push(Seizure::pieces(day(&mut rng), "weapon", rng.pick(&words::BLADES), pieces));
        }
        for _ in 0..48 {
            let (category, item) = rng.weighted(&[(6, ("phone", "mobile phone")), (1, ("vehicle", "car"))]);
            found.push(Seizure::pieces(
                day(&mut rng),
                category,
                item,
                rng.weighted(&[(4, 1), (2, 2), (1, 5)]),
            ));
        }
        // One of everything on either side.
        for on in [EVE, AFTER] {
            found.push(Seizure::cash(on, rng.between(40, 900) * 1_000));
            for (class, _) in DRUGS {
                found.push(Seizure::weighed(&mut rng, on, class, "56.7".to_owned(), "g"));
            }
            found.push(Seizure::pieces(on, "firearm", rng.pick(&words::FIREARMS), 1));
            found.push(Seizure::pieces(on, "weapon", rng.pick(&words::BLADES), 2));
        }

        for seizure in found {
            // An arrest comes first, or on the same day.
            let arrest = rng.below(arrests.len() as u64) as usize;
            let days = (seizure.on - arrests[arrest].at.date()).num_days();
            if rng.percent(90) && (0..=4).contains(&days) {
                arrests[arrest].seizures.push(seizure);
            } else {
                self.plan.day(seizure.on).seizures.push(seizure);
            }
        }
    }

    /// The people safeguarded in the week: some are children who were arrested, some stand in two records.
    fn safeguarding(&mut self, arrests: &mut [Arrest]) {
        let mut rng = Rng::new(self.seed, "safeguarding");
        let mut people = BTreeSet::new();
        for arrest in arrests.iter_mut().filter(|arrest| in_week(arrest.at.date())) {
            let child = arrest.person.filter(|person| person.age(MONDAY) < 18);
            if let Some(person) = child
                && people.len() < 14
                && people.insert(person)
            {
                let record = Safeguarding::new(&mut rng, Some(person), arrest.at.date());
                arrest.safeguarding.push(record);
            }
        }
        let mut twice = 8;
        while people.len() < SAFEGUARDED {
            let person = if rng.percent(55) { self.aged(0, 17) } else { self.aged(18, 99) };
            people.insert(person);
            let at = rng.below(290) as usize;
            let on = arrests[at].at.date();
            let record = Safeguarding::new(&mut rng, Some(person), on);
            if twice > 0 && rng.percent(15) {
                twice -= 1;
                let again = Safeguarding { category: "vulnerable adult", on: SUNDAY, ..record.clone() };
                self.plan.day(SUNDAY).safeguarding.push(again);
            }
            if rng.percent(60) {
                arrests[at].safeguarding.push(record);
            } else {
                self.plan.day(on).safeguarding.push(record);
            }
        }
        for on in [EVE, AFTER, AFTER] {
            let person = self.person();
            let record = Safeguarding::new(&mut rng, Some(person), on);
            self.plan.day(on).safeguarding.push(record);
        }
    }

    /// The lines closed in the week, and some that were closed next to it or only opened in it.
    fn lines(&mut self) {
        let mut rng = Rng::new(self.seed, "lines");
        let closed = (0..LINES_CLOSED).map(|index| MONDAY + Duration::days(index as i64 % 7));
        for closed in closed.chain([EVE, EVE, EVE, AFTER, AFTER]) {
            let opened = closed - Duration::days(rng.between(25, 700) as i64);
            let line = Line::new(&mut rng, opened, Some(closed));
            self.plan.day(opened).lines.push(line);
        }
        for opened in [MONDAY, ymd(2023, 10, 12), SUNDAY] {
            let line = Line::new(&mut rng, opened, None);
            self.plan.day(opened).lines.push(line);
        }
    }

    /// Training and awareness events, until all places are taken; briefings for officers are neither.
    fn events(&mut self) {
        let mut rng = Rng::new(self.seed, "events");
        let mut left = ATTENDEES;
        while left > 0 {
            let (kind, places) = if rng.percent(60) {
                ("training", rng.between(8, 120))
            } else {
                ("awareness", rng.between(40, 640))
            };
            let attendees = if left > 700 { places } else { left };
            left -= attendees;
            let on = MONDAY
                + Duration::days(rng.weighted(&[(6, 0), (6, 1), (6, 2), (6, 3), (6, 4), (2, 5), (1, 6)]));
            let borough = borough(&mut rng);
            self.plan.day(on).events.push(Event { on, kind, attendees: Some(attendees), borough });
        }
        for (on, kind) in [
            (MONDAY, "briefing"),
            (ymd(2023, 10, 11), "briefing"),
            (SUNDAY, "briefing"),
            (EVE, "awareness"),
            (AFTER, "training"),
            (AFTER, "awareness"),
        ] {
            let attendees = Some(rng.between(20, 200));
            let borough = borough(&mut rng);
            self.plan.day(on).events.push(Event { on, kind, attendees, borough });
        }
    }

    /// Offers of help to young people, three of them by two schemes, and referrals to the national mechanism.
    fn referrals(&mut self) {
        let mut rng = Rng::new(self.seed, "referrals");
        let mut offers = Vec::new();
        for index in 0..OFFERED {
            let person = self.aged(12, 24);
            offers.push((person, words::YOUTH_SCHEMES[index % 3]));
            if index < 3 {
                offers.push((person, words::YOUTH_SCHEMES[(index + 1) % 3]));
            }
        }
        let mut mechanism: Vec<_> = (1..NRM).map(|_| (self.aged(12, 17), words::NRM)).collect();
        // One of them was offered help as well.
        mechanism.push((offers[4].0, words::NRM));
        for (index, (person, scheme)) in offers.into_iter().chain(mechanism).enumerate() {
            let on = MONDAY + Duration::days(rng.below(7) as i64);
            let outcome = rng.weighted(&words::OUTCOMES);
            let twice = index == 1 || index == OFFERED + 3;
            self.plan.day(on).referrals.push(Referral { person: Some(person), on, scheme, outcome, twice });
        }
        for (on, scheme) in
            [(EVE, words::NRM), (AFTER, words::NRM), (EVE, "Catch22"), (AFTER, "Rescue and Response")]
        {
            let person = Some(self.aged(12, 17));
            let outcome = rng.weighted(&words::OUTCOMES);
            self.plan.day(on).referrals.push(Referral { person, on, scheme, outcome, twice: false });
        }
    }

    /// Operation Orochi's arrests for modern slavery, November 2019 to the first days of October 2023, and nothing in
    /// the week: 110 arrests of 106 people; 96 of the arrests lead to charges, against 94 people, 135 in all.
    fn orochi(&mut self) {
        let mut rng = Rng::new(self.seed, "orochi");
        let start = ymd(2019, 11, 4);
        let mut arrests: Vec<Arrest> = Vec::new();
        for index in 0..110 {
            let date = start + Duration::days(index * 13);
            // Two people are charged over two arrests, and two are arrested twice and charged over neither.
            let person = match index {
                50 | 51 => arrests[index as usize - 40].person,
                108 | 109 => arrests[index as usize - 10].person,
                _ => Some(self.person()),
            };
            let at = moment(&mut rng, date);
            arrests.push(Arrest::new(&mut rng, at, person, SLAVERY, "Orochi"));
        }
        let charges = (0..96).chain((0..135 - 96).map(|_| rng.below(96) as usize)).collect::<Vec<_>>();
        for at in charges {
            let on = arrests[at].at.date() + Duration::days(rng.weighted(&[(5, 0), (5, 1), (2, 6), (1, 20)]));
            charge(&mut rng, &mut arrests[at], on, SLAVERY, "");
        }
        for arrest in arrests {
            self.plan.day(arrest.at.date()).arrests.push(arrest);
        }
    }
}

/// An arrest as the week brings them: for drugs mostly, and by one of three operations.
fn arrest(rng: &mut Rng, at: chrono::NaiveDateTime, person: Person) -> Arrest {
    let reason = rng.weighted(&[(14, TRAFFICKING), (2, POSSESSION), (2, WEAPONS), (1, VIOLENCE)]);
    let operation = rng.weighted(&[(6, "Orochi"), (2, "Tern"), (1, "Lapwing"), (1, "")]);
    Arrest::new(rng, at, Some(person), reason, operation)
}

/// Charges within the week, on the day of the arrest or some days later.
fn charge_in_week(rng: &mut Rng, arrest: &mut Arrest, group: &'static str, class: &'static str) {
    // Modern slavery under Orochi is a figure of its own, with arrests of its own.
    if group == SLAVERY && arrest.operation == "Orochi" {
        arrest.operation = "Tern";
    }
    let arrested = arrest.at.date();
    let on =
        (arrested + Duration::days(rng.weighted(&[(4, 0), (5, 1), (2, 2), (1, 4)]))).clamp(MONDAY, SUNDAY);
    charge(rng, arrest, on, group, class);
}

fn charge(rng: &mut Rng, arrest: &mut Arrest, on: NaiveDate, group: &'static str, class: &'static str) {
    let offence = words::offence(rng, group, class);
    arrest.charges.push(Charge { person: arrest.person, on: on.min(LAST), offence });
}

fn decimal_kilograms(grams: u64) -> String {
    super::records::decimal(grams, 1_000, 3)
}
