//! The benchmark's questions by hand: what somebody who knows polars well would write instead of Casebook.
//!
//! `by_hand QUESTION FOLDER csv|parquet` prints the answer as CSV.

use std::error::Error;
use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [question, folder, format] = arguments.as_slice() else {
        return Err("by_hand QUESTION FOLDER csv|parquet".into());
    };
    let files = Files { folder, csv: format == "csv" };
    let answer = ask(question, &files)?.collect_with_engine(Engine::Streaming)?;
    CsvWriter::new(std::io::stdout()).finish(&mut answer.unwrap_single())?;
    Ok(())
}

/// The tables, as CSV or as Parquet.
struct Files<'a> {
    folder: &'a str,
    csv: bool,
}

impl Files<'_> {
    fn table(&self, name: &str, columns: &[&str]) -> PolarsResult<LazyFrame> {
        if !self.csv {
            let path = PlRefPath::new(format!("{}/{name}.parquet", self.folder));
            return LazyFrame::scan_parquet(path, ScanArgsParquet::default());
        }
        let dtype = |column: &str| match column {
            "age" | "attendees" => DataType::Int64,
            "quantity" => DataType::Float64,
            "date" | "charged_on" | "seized_on" | "opened_on" | "closed_on" => DataType::Date,
            _ => DataType::String,
        };
        let schema: Schema = columns.iter().map(|column| ((*column).into(), dtype(column))).collect();
        // Some ages are not known in words.
        let words = NullValues::Named(vec![("age".into(), "N/K".into())]);
        LazyCsvReader::new(PlRefPath::new(format!("{}/{name}.csv", self.folder)))
            .with_schema(Some(Arc::new(schema)))
            .with_null_values((name == "arrests").then_some(words))
            .finish()
    }

    fn arrests(&self) -> PolarsResult<LazyFrame> {
        const COLUMNS: [&str; 10] = [
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
        ];
        let arrests = self.table("arrests", &COLUMNS)?;
        let borough = || col("borough");
        let is_not = |word: &str| borough().neq(lit(word));
        let known = is_not("N/K").and(is_not("UNKNOWN")).and(is_not(""));
        // One after the other, so that the first is worked out once.
        let arrests = arrests
            .with_column(borough().str().strip_chars(lit(NULL)).str().to_uppercase())
            .with_column(when(known).then(borough()).otherwise(lit(NULL)).alias("borough"));
        if !self.csv {
            return Ok(arrests);
        }
        let read = |format: &str| {
            let options =
                StrptimeOptions { format: Some(format.into()), strict: false, ..Default::default() };
            col("arrested_at").str().to_datetime(Some(TimeUnit::Microseconds), None, options, lit("raise"))
        };
        let arrested_at = coalesce(&[read("%Y-%m-%d %H:%M"), read("%d/%m/%Y %H:%M")]);
        Ok(arrests.with_column(arrested_at.alias("arrested_at")))
    }

    fn charges(&self) -> PolarsResult<LazyFrame> {
        self.table(
            "charges",
            &["charge_id", "arrest_id", "person_id", "charged_on", "offence", "offence_group", "drug_class"],
        )
    }

    fn seizures(&self) -> PolarsResult<LazyFrame> {
        self.table(
            "seizures",
            &["seizure_id", "arrest_id", "seized_on", "category", "item", "drug_class", "quantity", "unit"],
        )
    }

    fn lines(&self) -> PolarsResult<LazyFrame> {
        self.table("lines", &["line_id", "name", "opened_on", "closed_on", "force"])
    }

    fn safeguarding(&self) -> PolarsResult<LazyFrame> {
        self.table("safeguarding", &["record_id", "arrest_id", "person_id", "date", "age", "category"])
    }

    fn events(&self) -> PolarsResult<LazyFrame> {
        self.table("events", &["event_id", "date", "kind", "attendees", "borough"])
    }

    fn referrals(&self) -> PolarsResult<LazyFrame> {
        self.table("referrals", &["referral_id", "person_id", "date", "age", "scheme", "outcome"])
    }
}

fn ask(question: &str, files: &Files) -> PolarsResult<LazyFrame> {
    let answer = match question {
        // The bulletin's.
        "arrests" => files.arrests()?.filter(in_week_time("arrested_at")).select([len()]),
        "charged" => files.charges()?.filter(in_week("charged_on")).select([
            known("person_id").n_unique(),
            len(),
            is("offence_group", "drug trafficking").sum().alias("trafficking"),
        ]),
        "charged_class" => files
            .charges()?
            .filter(in_week("charged_on").and(is("offence_group", "drug trafficking")))
            .group_by([col("drug_class")])
            .agg([len()])
            .sort(["drug_class"], nulls_last()),
        "lines" => files.lines()?.filter(in_week("closed_on")).select([len()]),
        "safeguarded" => {
            files.safeguarding()?.filter(in_week("date")).select([known("person_id").n_unique()])
        }
        "events" => files
            .events()?
            .filter(in_week("date").and(is("kind", "training").or(is("kind", "awareness"))))
            .select([col("attendees").sum()]),
        "firearms" | "weapons" => {
            let category = if question == "firearms" { "firearm" } else { "weapon" };
            files
                .seizures()?
                .filter(in_week("seized_on").and(is("category", category)).and(is("unit", "pieces")))
                .select([col("quantity").sum()])
        }
        "drugs_class" => files
            .seizures()?
            .filter(in_week("seized_on").and(is("category", "drugs")).and(class_a_or_b()))
            .group_by([col("drug_class")])
            .agg([kilograms().sum()])
            .sort(["drug_class"], nulls_last()),
        "drugs_both" => files
            .seizures()?
            .filter(in_week("seized_on").and(is("category", "drugs")).and(class_a_or_b()))
            .select([kilograms().sum()]),
        "cash" => files
            .seizures()?
            .filter(in_week("seized_on").and(is("category", "cash")).and(is("unit", "GBP")))
            .select([col("quantity").sum()]),
        "young" => {
            let schemes = ["Rescue and Response", "Catch22", "The Prince's Trust"];
            let ours = lit(Series::new("".into(), schemes)).implode(false);
            files
                .referrals()?
                .filter(in_week("date").and(col("scheme").is_in(ours, false)))
                .select([known("person_id").n_unique()])
        }
        "referred" => files
            .referrals()?
            .filter(in_week("date").and(is("scheme", "National Referral Mechanism")))
            .select([len()]),
        "orochi" => {
            let since = lit(Scalar::new_datetime(microseconds(2019, 11, 1), TimeUnit::Microseconds, None));
            let ours = is("operation", "Orochi").and(is("arrested_for", "modern slavery"));
            files
                .arrests()?
                .filter(col("arrested_at").gt_eq(since).and(ours))
                .select([col("arrest_id")])
                .left_join(files.charges()?, col("arrest_id"), col("arrest_id"))
                .select([
                    col("arrest_id").n_unique(),
                    known("person_id").n_unique(),
                    col("charge_id").count().alias("charges"),
                ])
        }
        // Eleven more.
        "filter" => files.arrests()?.filter(col("age").lt(lit(18)).and(is("role", "runner"))).select([len()]),
        "text_groups" => count_by(files.arrests()?, "borough"),
        "distinct" => files
            .charges()?
            .group_by([col("offence_group")])
            .agg([known("person_id").n_unique()])
            .sort(["offence_group"], nulls_last()),
        "to_one" => count_by(charges_with(files, "borough")?, "borough"),
        "no" => count_by(
            files.arrests()?.join(
                files.charges()?,
                [col("arrest_id")],
                [col("arrest_id")],
                JoinType::Anti.into(),
            ),
            "role",
        ),
        "any" => {
            let in_time = col("charged_on")
                .cast(DataType::Datetime(TimeUnit::Microseconds, None))
                .lt_eq(col("arrested_at") + lit(chrono::TimeDelta::days(2)));
            files
                .charges()?
                .inner_join(files.arrests()?, col("arrest_id"), col("arrest_id"))
                .filter(in_time)
                .select([col("arrest_id").n_unique()])
        }
        "two_to_many" => {
            let charges = files.charges()?.group_by([col("arrest_id")]).agg([len().alias("charges")]);
            let cash = files
                .seizures()?
                .filter(is("category", "cash").and(is("unit", "GBP")))
                .group_by([col("arrest_id")])
                .agg([col("quantity").sum().alias("cash")]);
            files
                .arrests()?
                .left_join(charges, col("arrest_id"), col("arrest_id"))
                .left_join(cash, col("arrest_id"), col("arrest_id"))
                .group_by([col("borough")])
                .agg([len(), col("charges").sum(), col("cash").sum()])
                .sort(["borough"], nulls_last())
        }
        "top" => charges_with(files, "borough")?
            .group_by([col("borough"), col("offence")])
            .agg([len().alias("n")])
            .sort(["borough", "n", "offence"], nulls_last().with_order_descending_multi([false, true, false]))
            .group_by_stable([col("borough")])
            .head(Some(3)),
        "bins" => files
            .arrests()?
            .group_by([col("arrested_at").dt().truncate(lit("1mo")).alias("month")])
            .agg([len()])
            .sort(["month"], nulls_last())
            .with_column(col("month").dt().strftime("%Y-%m")),
        "mean_each_once" => files
            .charges()?
            .select([col("offence_group"), col("arrest_id")])
            .unique(None, UniqueKeepStrategy::Any)
            .left_join(files.arrests()?, col("arrest_id"), col("arrest_id"))
            .group_by([col("offence_group")])
            .agg([col("age").mean()])
            .sort(["offence_group"], nulls_last()),
        "units" => files
            .seizures()?
            .filter(is("category", "drugs"))
            .group_by([col("drug_class")])
            .agg([kilograms().sum()])
            .sort(["drug_class"], nulls_last()),
        _ => polars_bail!(ComputeError: "there is no question {question}"),
    };
    Ok(answer)
}

fn is(column: &str, value: &str) -> Expr {
    col(column).eq(lit(value))
}

fn known(column: &str) -> Expr {
    col(column).drop_nulls()
}

fn class_a_or_b() -> Expr {
    is("drug_class", "A").or(is("drug_class", "B"))
}

fn kilograms() -> Expr {
    when(is("unit", "g"))
        .then(col("quantity") * lit(0.001))
        .when(is("unit", "kg"))
        .then(col("quantity"))
        .when(is("unit", "oz"))
        .then(col("quantity") * lit(0.028349523125))
        .otherwise(lit(NULL))
}

fn count_by(table: LazyFrame, column: &str) -> LazyFrame {
    table.group_by([col(column)]).agg([len()]).sort([column], nulls_last())
}

fn charges_with(files: &Files, column: &str) -> PolarsResult<LazyFrame> {
    let arrests = files.arrests()?.select([col("arrest_id"), col(column)]);
    Ok(files.charges()?.left_join(arrests, col("arrest_id"), col("arrest_id")))
}

fn nulls_last() -> SortMultipleOptions {
    SortMultipleOptions::default().with_nulls_last(true)
}

/// The days of the week from 9 to 15 October 2023.
fn in_week(column: &str) -> Expr {
    let day = |day| lit(Scalar::new_date((microseconds(2023, 10, day) / 86_400_000_000) as i32));
    col(column).gt_eq(day(9)).and(col(column).lt(day(16)))
}

fn in_week_time(column: &str) -> Expr {
    let day = |day| lit(Scalar::new_datetime(microseconds(2023, 10, day), TimeUnit::Microseconds, None));
    col(column).gt_eq(day(9)).and(col(column).lt(day(16)))
}

fn microseconds(year: i32, month: u32, day: u32) -> i64 {
    let date = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_micros()
}
