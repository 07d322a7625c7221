//! The ordinary days: four years of records that no published figure counts, in any number.
//!
//! What is asked for in all is dealt out over the days by weight: weekdays differ a little, earlier intensification
//! weeks are busy, and the days of the week itself get nothing, because the plan fills them. A charge or a seizure that
//! would fall into the week comes seven days later instead.

use chrono::{Datelike, Duration, NaiveDate};

use super::records::{
    Arrest, Charge, Day, Event, FIRST, LAST, Line, Person, Referral, Safeguarding, Seizure, borough, decimal,
    in_week, moment, ymd,
};
use super::rng::Rng;
use super::words::{self, LAUNDERING, POSSESSION, SLAVERY, TRAFFICKING, VIOLENCE, WEAPONS};

/// Earlier intensification weeks, by their Mondays.
const BUSY: [NaiveDate; 6] = [
    ymd(2020, 9, 14),
    ymd(2021, 5, 17),
    ymd(2021, 10, 11),
    ymd(2022, 3, 7),
    ymd(2022, 10, 3),
    ymd(2023, 2, 27),
];

fn weight(date: NaiveDate) -> u64 {
    if in_week(date) {
        return 0;
    }
    let usual = [10, 12, 12, 13, 12, 9, 7][date.weekday().num_days_from_monday() as usize];
    let busy = BUSY.iter().any(|monday| (0..7).contains(&(date - *monday).num_days()));
    if busy { usual * 5 } else { usual }
}

/// A number of records dealt out over the days.
struct Share {
    total: u64,
    weights: u64,
    seen: u64,
    dealt: u64,
}

impl Share {
    fn new(total: u64) -> Self {
        let weights = FIRST.iter_days().take_while(|date| *date <= LAST).map(weight).sum();
        Share { total, weights, seen: 0, dealt: 0 }
    }

    /// How many fall on this day. Rounding is of the sum so far, so that nothing is lost.
    fn of(&mut self, date: NaiveDate) -> u64 {
        self.seen += weight(date);
        let due = (u128::from(self.total) * u128::from(self.seen) / u128::from(self.weights)) as u64;
        let count = due - self.dealt;
        self.dealt = due;
        count
    }
}

/// Makes the filler, day by day.
pub struct Filler {
    rng: Rng,
    /// Who is referred after they were safeguarded.
    followed: Rng,
    /// Children safeguarded of late and not referred yet.
    lately: Vec<(NaiveDate, Person)>,
    seed: u64,
    people: u64,
    arrests: Share,
    seizures: Share,
    requisitions: Share,
    lines: Share,
    safeguarding: Share,
    events: Share,
    referrals: Share,
}

impl Filler {
    /// As many `arrests`, and other records in proportion; `people` are known already.
    pub fn new(seed: u64, arrests: u64, people: u64) -> Self {
        Filler {
            rng: Rng::new(seed, "filler"),
            followed: Rng::new(seed, "followed"),
            lately: Vec::new(),
            seed,
            people,
            arrests: Share::new(arrests),
            seizures: Share::new(arrests / 6),
            requisitions: Share::new(arrests / 25),
            lines: Share::new(arrests / 9),
            safeguarding: Share::new(arrests / 8),
            events: Share::new(arrests / 12),
            referrals: Share::new(arrests / 10),
        }
    }

    /// The filler of one day. The days must come in order.
    pub fn day(&mut self, date: NaiveDate) -> Day {
        let mut day = Day::default();
        for _ in 0..self.arrests.of(date) {
            day.arrests.push(self.arrest(date));
        }
        for _ in 0..self.seizures.of(date) {
            day.seizures.push(self.seizure(date));
        }
        for _ in 0..self.requisitions.of(date) {
            let (person, offence) = (self.person(), words::offence(&mut self.rng, POSSESSION, "B"));
            day.charges.push(Charge { person, on: date, offence });
        }
        for _ in 0..self.lines.of(date) {
            let closed = if self.rng.percent(75) { self.later(date, 20, 420) } else { None };
            day.lines.push(Line::new(&mut self.rng, date, closed));
        }
        for _ in 0..self.safeguarding.of(date) {
            let person = self.person();
            day.safeguarding.push(Safeguarding::new(&mut self.rng, person, date));
        }
        for _ in 0..self.events.of(date) {
            let kind = self.rng.weighted(&[(6, "training"), (4, "awareness"), (2, "briefing")]);
            let attendees = if self.rng.percent(4) { None } else { Some(self.rng.between(5, 180)) };
            day.events.push(Event { on: date, kind, attendees, borough: borough(&mut self.rng) });
        }
        let safeguarded = day.arrests.iter().flat_map(|arrest| &arrest.safeguarding).chain(&day.safeguarding);
        let children = safeguarded.filter_map(|record| record.person).filter(|person| person.age(date) < 18);
        self.lately.extend(children.map(|person| (date, person)));
        for _ in 0..self.referrals.of(date) {
            let person = self.young();
            let person = self.referred(person, date);
            let [first, second, third] = words::YOUTH_SCHEMES;
            let scheme = self.rng.weighted(&[(5, first), (4, second), (3, third), (2, words::NRM)]);
            let outcome = self.rng.weighted(&words::OUTCOMES);
            day.referrals.push(Referral { person, on: date, scheme, outcome, twice: false });
        }
        day
    }

    /// Somebody: one in four is known already, a few refuse to say who they are.
    fn person(&mut self) -> Option<Person> {
        if self.rng.percent(2) {
            return None;
        }
        let number = if self.rng.percent(26) {
            self.rng.between(1, self.people)
        } else {
            self.people += 1;
            self.people
        };
        Some(Person::new(self.seed, number))
    }

    fn young(&mut self) -> Option<Person> {
        loop {
            match self.person() {
                Some(person) if person.age(LAST) > 24 => {}
                person => return person,
            }
        }
    }

    /// A later day, between `from` and `to` days on, that is not in the week; none if the records end before it.
    fn later(&mut self, date: NaiveDate, from: u64, to: u64) -> Option<NaiveDate> {
        let on = date + Duration::days(self.rng.between(from, to) as i64);
        let on = if in_week(on) { on + Duration::days(7) } else { on };
        (on <= LAST).then_some(on)
    }

    /// Who is referred: often a child who was safeguarded within the last six weeks, else this person.
    fn referred(&mut self, person: Option<Person>, date: NaiveDate) -> Option<Person> {
        self.lately.retain(|(on, _)| (date - *on).num_days() <= 42);
        if self.lately.is_empty() || !self.followed.percent(40) {
            return person;
        }
        let chosen = self.followed.below(self.lately.len() as u64) as usize;
        Some(self.lately.swap_remove(chosen).1)
    }

    fn arrest(&mut self, date: NaiveDate) -> Arrest {
        let person = self.person();
        let operation = self.rng.weighted(&[(35, "Orochi"), (15, "Tern"), (10, "Lapwing"), (40, "")]);
        let reason = self.reason(operation);
        let at = moment(&mut self.rng, date);
        let mut arrest = Arrest::new(&mut self.rng, at, person, reason, operation);
        if self.rng.percent(55) {
            let charges = self.rng.weighted(&[(50, 1), (28, 2), (13, 3), (6, 4), (3, 6)]);
            let (from, to) = self.rng.weighted(&[(30, (0, 0)), (30, (1, 1)), (20, (2, 7)), (20, (8, 75))]);
            let on = self.later(date, from, to);
            for _ in 0..charges {
                let group = if self.rng.percent(80) { reason } else { self.reason(operation) };
                let class = self.class();
                let offence = words::offence(&mut self.rng, group, class);
                if let Some(on) = on {
                    arrest.charges.push(Charge { person, on, offence });
                }
            }
        }
        for _ in 0..self.rng.weighted(&[(55, 0), (25, 1), (14, 2), (6, 3)]) {
            let days = self.rng.weighted(&[(8, 0), (2, 1), (1, 9)]);
            if let Some(on) = self.later(date, days, days) {
                let seizure = self.seizure(on);
                arrest.seizures.push(seizure);
            }
        }
        if self.rng.percent(3) {
            let record = Safeguarding::new(&mut self.rng, person, date);
            arrest.safeguarding.push(record);
        }
        arrest
    }

    /// Why somebody is arrested or charged: never for modern slavery by Operation Orochi, whose figure is the plan's.
    fn reason(&mut self, operation: &str) -> &'static str {
        let other = if operation == "Orochi" { LAUNDERING } else { SLAVERY };
        self.rng.weighted(&[
            (60, TRAFFICKING),
            (15, POSSESSION),
            (11, WEAPONS),
            (7, VIOLENCE),
            (4, LAUNDERING),
            (3, other),
        ])
    }

    fn class(&mut self) -> &'static str {
        self.rng.weighted(&[(70, "A"), (24, "B"), (4, "C"), (2, "")])
    }

    fn seizure(&mut self, on: NaiveDate) -> Seizure {
        let rng = &mut self.rng;
        let kind = rng.weighted(&[
            (45, "drugs"),
            (22, "cash"),
            (12, "weapon"),
            (2, "firearm"),
            (16, "phone"),
            (3, ""),
        ]);
        match kind {
            "drugs" => self.drugs(on),
            "cash" => {
                let pounds = rng.weighted(&[(6, 200), (3, 1_500), (1, 9_000)]);
                let pence = if rng.percent(20) { rng.below(100) } else { 0 };
                Seizure::cash(on, 5 * rng.between(2, pounds / 5) * 100 + pence)
            }
            "weapon" => Seizure::pieces(on, kind, rng.pick(&words::BLADES), rng.weighted(&[(8, 1), (2, 2)])),
            "firearm" => Seizure::pieces(on, kind, rng.pick(&words::FIREARMS), 1),
            "phone" => Seizure::pieces(on, kind, "mobile phone", rng.weighted(&[(5, 1), (3, 2), (1, 4)])),
            _ => Seizure::pieces(on, "vehicle", "car", 1),
        }
    }

    fn drugs(&mut self, on: NaiveDate) -> Seizure {
        let class = self.class();
        let rng = &mut self.rng;
        let (quantity, unit) = match rng.below(100) {
            0..12 => return Seizure::tablets(rng, on, class),
            12..20 => (decimal(25 * rng.between(1, 16), 100, 2), "oz"),
            20..25 => (decimal(rng.between(25, 2_400), 1_000, 3), "kg"),
            // From the laboratory.
            25..31 => (decimal(rng.between(10_000, 9_000_000), 100_000, 5), "g"),
            _ => (decimal(rng.weighted(&[(6, 40), (3, 600), (1, 9_000)]) + rng.below(900), 100, 2), "g"),
        };
        Seizure::weighed(rng, on, class, quantity, unit)
    }
}
