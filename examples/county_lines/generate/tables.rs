//! The seven files, and the numbers that records get when they are written.

use std::error::Error;
use std::fs::File;
use std::path::Path;

use csv::Writer;

use super::records::{Arrest, Charge, Day, Event, Line, Referral, Safeguarding, Seizure};
use super::rng::Rng;

/// One file, and how many records it has.
struct Table {
    writer: Writer<File>,
    records: u64,
}

impl Table {
    fn create(out: &Path, name: &str, header: &[&str]) -> Result<Self, Box<dyn Error>> {
        let path = out.join(name);
        let mut writer = Writer::from_path(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        writer.write_record(header)?;
        Ok(Table { writer, records: 0 })
    }

    /// The next record's number, behind a letter.
    fn number(&mut self, letter: char) -> String {
        self.records += 1;
        format!("{letter}{:06}", self.records)
    }
}

/// All files, open for writing.
pub struct Tables {
    arrests: Table,
    charges: Table,
    seizures: Table,
    lines: Table,
    safeguarding: Table,
    events: Table,
    referrals: Table,
    /// Seizures that stand in the file once more, at its end: somebody exported the last page twice.
    again: Vec<Vec<String>>,
    rng: Rng,
}

impl Tables {
    pub fn create(out: &Path, seed: u64) -> Result<Self, Box<dyn Error>> {
        std::fs::create_dir_all(out).map_err(|error| format!("{}: {error}", out.display()))?;
        Ok(Tables {
            arrests: Table::create(
                out,
                "arrests.csv",
                &[
                    "arrest_id",
                    "person_id",
                    "arrested_at",
                    "borough",
                    "age",
                    "sex",
                    "role",
                    "operation",
                    "arrested_for",
                    "line_id",
                ],
            )?,
            charges: Table::create(
                out,
                "charges.csv",
                &[
                    "charge_id",
                    "arrest_id",
                    "person_id",
                    "charged_on",
                    "offence",
                    "offence_group",
                    "drug_class",
                ],
            )?,
            seizures: Table::create(
                out,
                "seizures.csv",
                &[
                    "seizure_id",
                    "arrest_id",
                    "seized_on",
                    "category",
                    "item",
                    "drug_class",
                    "quantity",
                    "unit",
                ],
            )?,
            lines: Table::create(out, "lines.csv", &["line_id", "name", "opened_on", "closed_on", "force"])?,
            safeguarding: Table::create(
                out,
                "safeguarding.csv",
                &["record_id", "arrest_id", "person_id", "date", "age", "category"],
            )?,
            events: Table::create(out, "events.csv", &["event_id", "date", "kind", "attendees", "borough"])?,
            referrals: Table::create(
                out,
                "referrals.csv",
                &["referral_id", "person_id", "date", "age", "scheme", "outcome"],
            )?,
            again: Vec::new(),
            rng: Rng::new(seed, "tables"),
        })
    }

    /// Writes a day's records, its arrests in the order in which they were made.
    pub fn write(&mut self, mut day: Day) -> Result<(), Box<dyn Error>> {
        for line in day.lines {
            self.line(line)?;
        }
        day.arrests.sort_by_key(|arrest| arrest.at);
        for arrest in day.arrests {
            self.arrest(arrest)?;
        }
        for charge in day.charges {
            self.charge("", charge)?;
        }
        for seizure in day.seizures {
            // Now and then somebody types the number of a custody record that does not exist.
            let arrest = if self.rng.below(400) == 0 { "A0417" } else { "" };
            self.seizure(arrest, seizure)?;
        }
        for record in day.safeguarding {
            self.safeguarding("", record)?;
        }
        for event in day.events {
            self.event(event)?;
        }
        for referral in day.referrals {
            self.referral(referral)?;
        }
        Ok(())
    }

    /// Writes what stands there twice, and what is still in memory.
    pub fn finish(mut self) -> Result<(), Box<dyn Error>> {
        for seizure in std::mem::take(&mut self.again) {
            self.seizures.writer.write_record(seizure)?;
        }
        for table in [
            &mut self.arrests,
            &mut self.charges,
            &mut self.seizures,
            &mut self.lines,
            &mut self.safeguarding,
            &mut self.events,
            &mut self.referrals,
        ] {
            table.writer.flush()?;
        }
        Ok(())
    }

    fn arrest(&mut self, arrest: Arrest) -> Result<(), Box<dyn Error>> {
        let id = self.arrests.number('A');
        // Two in three hang on a line, one of those opened lately.
        let opened = self.lines.records;
        let line = if opened > 0 && self.rng.percent(66) {
            format!("L{:06}", self.rng.between(opened.saturating_sub(60).max(1), opened))
        } else {
            String::new()
        };
        let format = if arrest.old_style { "%d/%m/%Y %H:%M" } else { "%Y-%m-%d %H:%M" };
        self.arrests.writer.write_record([
            id.as_str(),
            &arrest.person.map(|person| person.id()).unwrap_or_default(),
            &arrest.at.format(format).to_string(),
            &arrest.borough,
            &arrest.age,
            arrest.person.map(|person| person.sex()).unwrap_or_default(),
            arrest.role,
            arrest.operation,
            arrest.arrested_for,
            &line,
        ])?;
        for charge in arrest.charges {
            self.charge(&id, charge)?;
        }
        for seizure in arrest.seizures {
            self.seizure(&id, seizure)?;
        }
        for record in arrest.safeguarding {
            self.safeguarding(&id, record)?;
        }
        Ok(())
    }

    fn charge(&mut self, arrest: &str, charge: Charge) -> Result<(), Box<dyn Error>> {
        let id = self.charges.number('C');
        self.charges.writer.write_record([
            id.as_str(),
            arrest,
            &charge.person.map(|person| person.id()).unwrap_or_default(),
            &charge.on.to_string(),
            charge.offence.name,
            charge.offence.group,
            charge.offence.class,
        ])?;
        Ok(())
    }

    fn seizure(&mut self, arrest: &str, seizure: Seizure) -> Result<(), Box<dyn Error>> {
        let record = vec![
            self.seizures.number('S'),
            arrest.to_owned(),
            seizure.on.to_string(),
            seizure.category.to_owned(),
            seizure.item.to_owned(),
            seizure.class.to_owned(),
            seizure.quantity,
            seizure.unit.to_owned(),
        ];
        self.seizures.writer.write_record(&record)?;
        if seizure.twice {
            self.again.push(record);
        }
        Ok(())
    }

    fn line(&mut self, line: Line) -> Result<(), Box<dyn Error>> {
        let id = self.lines.number('L');
        let closed = line.closed.map(|date| date.to_string()).unwrap_or_default();
        self.lines.writer.write_record([
            id.as_str(),
            &line.name,
            &line.opened.to_string(),
            &closed,
            line.force,
        ])?;
        Ok(())
    }

    fn safeguarding(&mut self, arrest: &str, record: Safeguarding) -> Result<(), Box<dyn Error>> {
        let id = self.safeguarding.number('G');
        self.safeguarding.writer.write_record([
            id.as_str(),
            arrest,
            &record.person.map(|person| person.id()).unwrap_or_default(),
            &record.on.to_string(),
            &record.person.map(|person| person.age(record.on).to_string()).unwrap_or_default(),
            record.category,
        ])?;
        Ok(())
    }

    fn event(&mut self, event: Event) -> Result<(), Box<dyn Error>> {
        let id = self.events.number('E');
        let attendees = event.attendees.map(|people| people.to_string()).unwrap_or_default();
        self.events.writer.write_record([
            id.as_str(),
            &event.on.to_string(),
            event.kind,
            &attendees,
            &event.borough,
        ])?;
        Ok(())
    }

    /// A referral, at once a second time where it stands there twice.
    fn referral(&mut self, referral: Referral) -> Result<(), Box<dyn Error>> {
        let id = self.referrals.number('R');
        for _ in 0..=u8::from(referral.twice) {
            self.referrals.writer.write_record([
                id.as_str(),
                &referral.person.map(|person| person.id()).unwrap_or_default(),
                &referral.on.to_string(),
                &referral.person.map(|person| person.age(referral.on).to_string()).unwrap_or_default(),
                referral.scheme,
                referral.outcome,
            ])?;
        }
        Ok(())
    }
}
