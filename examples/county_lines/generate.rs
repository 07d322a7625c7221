//! Writes the example casebook: synthetic county lines records at any scale, from a seed.
//!
//! The records come from two hands. [`week`] holds the *plan*: exactly the arrests, charges, seizures and the rest that
//! make up the published figures of 9 to 15 October 2023 and of Operation Orochi, with neighbours on either side that
//! are easy to count by mistake. [`filler`] makes the ordinary days of four years around it, and keeps clear of what
//! the plan counts. So the figures hold at every scale: more arrests mean more filler.
//!
//! The days are made and written one after another, and nothing is held but the plan and a day, so ten million arrests
//! need no more memory than four thousand:
//!
//! ```sh
//! cargo run --release --example generate_county_lines -- --out /tmp/county_lines --arrests 1000000
//! ```
//!
//! The same seed and number give the same bytes on every machine: the numbers come from a generator of our own
//! ([`rng`]), in integers only.

#[path = "generate/filler.rs"]
mod filler;
#[path = "generate/parquet.rs"]
mod parquet;
#[path = "generate/records.rs"]
mod records;
#[path = "generate/rng.rs"]
mod rng;
#[path = "generate/tables.rs"]
mod tables;
#[path = "generate/week.rs"]
mod week;
#[path = "generate/words.rs"]
mod words;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;

/// What the files are made from. The defaults are those of the committed files.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Arrests in all, the planned ones among them.
    pub arrests: u64,
    /// Where the random numbers start.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options { arrests: 4_000, seed: 20_231_020 }
    }
}

/// Writes the seven files into the folder `out`, which is made where it is not there.
pub fn write(out: &Path, options: Options) -> Result<(), Box<dyn Error>> {
    let mut plan = week::plan(options.seed);
    let planned = plan.arrests();
    let Some(rest) = options.arrests.checked_sub(planned) else {
        return Err(format!("the planned records alone hold {planned} arrests: ask for no fewer").into());
    };
    let mut filler = filler::Filler::new(options.seed, rest, plan.people);
    let mut tables = tables::Tables::create(out, options.seed)?;
    for date in records::FIRST.iter_days().take_while(|date| *date <= records::LAST) {
        let mut day = filler.day(date);
        if let Some(planned) = plan.days.remove(&date) {
            day.append(planned);
        }
        tables.write(day)?;
    }
    tables.finish()?;
    Ok(())
}

/// Write the example casebook's records: the same bytes for the same options.
#[derive(Parser)]
struct Arguments {
    /// The folder to write into
    #[arg(long)]
    out: PathBuf,
    /// How many arrests in all; the other tables grow with them
    #[arg(long, default_value_t = Options::default().arrests)]
    arrests: u64,
    /// Where the random numbers start
    #[arg(long, default_value_t = Options::default().seed)]
    seed: u64,
    /// Write each table as Parquet too, typed
    #[arg(long)]
    parquet: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Arguments { out, arrests, seed, parquet } = Arguments::parse();
    write(&out, Options { arrests, seed })?;
    if parquet {
        parquet::write(&out)?;
    }
    Ok(())
}
