//! Tables that no file holds: people made of the keys that stand in other tables, and calendars, from whose rows
//! aggregates range over any table. Cases worked out by hand, and the links to people against joins on small random
//! tables; `tests/second_reading.rs` asks thousands of questions more.

mod book;

use std::fmt::Write as _;

use book::Book;

/// Arrests, charges and visits. People are ids in one and whole numbers in another; visits look for people and make none
/// up. One arrest is nobody's, and one has no date.
fn book() -> Book {
    Book::new(&[
        (
            "casebook.toml",
            r#"
currency = "GBP"

[tables.arrests]
source = "arrests.csv"
key = "a"
[tables.arrests.columns]
a = "id"
p = "id"
at = "datetime"
age = "integer"

[tables.charges]
source = "charges.csv"
key = "c"
links.arrest = { to = "arrests", by = "a", back = "charges" }
[tables.charges.columns]
c = "id"
a = "id"
p = "integer"
on = "date"
amount = "money"

[tables.visits]
source = "visits.csv"
key = "v"
links.visitor = { to = "people", by = "who", back = "visits" }
[tables.visits.columns]
v = "id"
who = "id"

[tables.empty]
source = "empty.csv"
[tables.empty.columns]
p = "id"
on = "date"
until = "date"

[tables.people]
keys_of = ["arrests.p", "charges.p", "empty.p"]
link = "person"
"#,
        ),
        (
            "arrests.csv",
            "a,p,at,age\n\
             A1,7,2023-01-31 23:59:59,20\n\
             A2,7,2023-02-01 00:00,30\n\
             A3,P2,2023-02-28 12:00,40\n\
             A4,,2023-03-01 00:00,50\n\
             A5,12,,60\n\
             A6,P2,2023-12-31 23:59:59.999999,10\n",
        ),
        (
            "charges.csv",
            "c,a,p,on,amount\n\
             C1,A1,7,2023-02-01,10\n\
             C2,A1,12,2023-01-01,20\n\
             C3,A3,99,2023-03-05,40\n\
             C4,A6,,2023-03-31,80\n\
             C5,A9,07,,160\n",
        ),
        ("visits.csv", "v,who\nV1,7\nV2,X\nV3,\nV4,99\n"),
        // A line of commas is no record.
        ("empty.csv", "p,on,until\n,,\n"),
    ])
}

#[test]
fn people_are_the_texts_of_their_keys() {
    let book = book();
    book.gives("people", "p\n12\n7\n99\nP2\n");
    // 07 as a whole number is 7, and so is the text 7.
    book.gives(
        "people | let n = count(arrests), m = count(charges), amount = sum(charges.amount), \
         seen = count(visits), first = min(arrests.at)",
        "p,n,m,amount [GBP],seen,first\n\
         12,1,1,20,0,\n\
         7,2,2,170,1,2023-01-31T23:59:59\n\
         99,0,1,40,1,\n\
         P2,2,0,0,0,2023-02-28T12:00:00\n",
    );
    book.gives("people | where count(arrests) >= 2 | count", "count\n2\n");
    book.gives("people | where no(charges) and no(visits) | select p", "p\nP2\n");
    // From one table by way of people to another.
    book.gives(
        "arrests | select a, n = count(person.charges), by = person.p, sum = sum(person.charges.amount)",
        "a,n,by,sum [GBP]\nA1,2,7,170\nA2,2,7,170\nA3,0,P2,0\nA4,0,,0\nA5,1,12,20\nA6,0,P2,0\n",
    );
    // Of the people charged with an arrest, those arrested again: each is asked by itself.
    book.gives(
        "arrests | select n = count(charges.person where count(arrests where at > this.at) > 0)",
        "n\n1\n0\n0\n0\n0\n0\n",
    );
    // The two arrests of 7 reach the same two charges, each of which counts once.
    book.gives("arrests | summarise n = count(person.charges), people = count(person)", "n,people\n3,3\n");
}

#[test]
fn missing_keys_belong_to_nobody() {
    let book = book();
    book.gives("arrests | where person.p is missing | select a", "a\nA4\n");
    book.gives(
        "arrests | count by person",
        "person,count\n12,1\n7,2\nP2,2\nnote: 1 row without person belongs to no group and is left out\n",
    );
    // A4 is not the other missing charge's, C4.
    book.gives("arrests | where a = \"A4\" | select n = count(person.charges)", "n\n0\n");
    // By hand: a value that nobody is called by leads nowhere, as a missing one does.
    book.gives("visits | summarise n = count(visitor), m = count(visitor.charges)", "n,m\n2,3\n");
    book.gives("visits | select v, p = visitor.p", "v,p\nV1,7\nV2,\nV3,\nV4,99\n");
    book.gives(
        "visits | count by visitor",
        "visitor,count\n7,1\n99,1\nnote: 2 rows without visitor belong to no group and are left out\n",
    );
}

#[test]
fn records_of_a_row_s_span() {
    let book = book();
    // The last second of January is January's, and the first of February February's.
    book.gives(
        "months in 2023-Q1 | let n = count(arrests where at in this), people = distinct(arrests.p where at in this), \
         rolling = count(arrests where at in this.start - 1 month..this.end), \
         so_far = count(arrests where at <= this.end), charged = any(charges where arrest.at in this)",
        "start,end,label,n,people,rolling,so_far,charged\n\
         2023-01-01,2023-01-31,2023-01,1,1,1,1,true\n\
         2023-02-01,2023-02-28,2023-02,2,2,3,3,true\n\
         2023-03-01,2023-03-31,2023-03,1,0,3,4,false\n",
    );
    book.gives("days in 2023-12-31 | select n = count(arrests where at in this)", "n\n1\n");
    book.gives(
        "months in 2023-Q1 | select n = count(charges where this.start <= on and on < this.end), \
         m = count(charges where not on in this), o = count(charges where on in this or on is missing)",
        "n,m,o\n1,3,2\n1,3,2\n1,2,3\n",
    );
    // Nested: of the arrests of a month those that were charged in it.
    book.gives(
        "months in 2023-Q1 | select n = count(arrests where any(charges where on in this)), \
         o = count(arrests where at in this and any(charges where on in this)), \
         p = count(people where min(arrests.at) in this)",
        "n,o,p\n1,1,1\n1,0,1\n2,0,0\n",
    );
    // A column of the calendar is the outer row's too.
    book.gives(
        "months in 2023-Q1 | let least = if label = \"2023-02\" then 35 else 0 \
         | select n = count(arrests where at in this and age >= this.least)",
        "n\n1\n1\n1\n",
    );
    book.gives(
        "months in 2023-Q1 | select list(arrests.a where at in this sorted by -at), \
         last(arrests.a where at <= this.end sorted by at), mean(arrests.age where at in this), \
         quantile(arrests.age, 0.5 where at <= this.end), sum(charges.amount where on in this)",
        "list_a,last_a,mean_age,quantile_age,sum_amount [GBP]\n\
         A1,A1,20,20,20\n\"A3, A2\",A3,35,30,10\nA4,A4,50,35,120\n",
    );
}

/// Counts by way of a calendar are those of a grouping with its empty buckets.
#[test]
fn a_calendar_has_the_counts_of_a_grouping() {
    let book = book();
    for (unit, bin, period) in [
        ("months", "month", "2023"),
        ("quarters", "quarter", "2022-10..2023-12"),
        ("weeks", "week", "2023-W01..2023-W52"),
        ("days", "day", "2023-02-20..2023-03-10"),
    ] {
        let numbers = |question: &str| -> Vec<String> {
            let said = book.ask(question);
            said.lines().skip(1).filter(|line| !line.starts_with("note")).map(str::to_string).collect()
        };
        let calendar = numbers(&format!("{unit} in {period} | select n = count(arrests where at in this)"));
        let grouping =
            format!("arrests | where at in {period} | count by {bin}(at) | fill {bin} in {period}");
        assert_eq!(calendar, numbers(&format!("{grouping} | select count")), "{unit}");
        assert!(calendar.len() > 4, "{calendar:?}");
    }
}

#[test]
fn spans_at_the_ends_are_cut() {
    let book = book();
    book.gives(
        "weeks in 2023-10-04..2023-10-17",
        "start,end,label\n\
         2023-10-04,2023-10-08,2023-10-02\n\
         2023-10-09,2023-10-15,2023-10-09\n\
         2023-10-16,2023-10-17,2023-10-16\n\
         note: 2023-10-02 and 2023-10-16 are cut at the ends of 2023-10-04..2023-10-17\n",
    );
    // A week is called by its Monday, in the period or not.
    book.gives(
        "weeks in 2021 | where start <= 2021-01-10 or end >= 2021-12-27",
        "start,end,label\n\
         2021-01-01,2021-01-03,2020-12-28\n\
         2021-01-04,2021-01-10,2021-01-04\n\
         2021-12-27,2021-12-31,2021-12-27\n\
         note: 2020-12-28 and 2021-12-27 are cut at the ends of 2021\n",
    );
    book.gives(
        "months in 2024-02-28..2024-02-29 | select start, end",
        "start,end\n2024-02-28,2024-02-29\nnote: 2024-02 is cut at the ends of 2024-02-28..2024-02-29\n",
    );
    book.gives(
        "years in 2022..2023 | select start, end, label",
        "start,end,label\n2022-01-01,2022-12-31,2022\n2023-01-01,2023-12-31,2023\n",
    );
    book.refuses("months in since 2023", "type-period");
    book.refuses("days in 0001-01-01..2023-01-01", "type-period");
}

#[test]
fn periods_may_overlap_and_stand_in_any_order() {
    let book = book();
    book.gives(
        "periods 2023-03, 2023, 2023-02-28..2023-03-01, 2023-03 | let n = count(arrests where at in this)",
        "start,end,label,n\n\
         2023-03-01,2023-03-31,2023-03,1\n\
         2023-01-01,2023-12-31,2023,5\n\
         2023-02-28,2023-03-01,2023-02-28..2023-03-01,2\n\
         2023-03-01,2023-03-31,2023-03,1\n",
    );
    book.gives(
        "periods last week | select start, end, label",
        "start,end,label\n2023-10-09,2023-10-15,2023-W41\n",
    );
}

/// What no record can be counted twice in adds up; what may be, doesn't.
#[test]
fn what_adds_up() {
    let book = book();
    let months = "months in 2023 | let n = ";
    for (value, sum) in [
        ("count(arrests where at in this)", "5"),
        ("count(arrests where age > 15 and at in this)", "4"),
        ("count(charges where arrest.at in this)", "4"),
        ("count(charges.p where on in this)", "3"),
        ("sum(arrests.age where at in this)", "150"),
        ("count(arrests where at in this) - count(charges where on in this)", "1"),
    ] {
        book.gives(&format!("{months}{value} | summarise s = sum(n)"), &format!("s\n{sum}\n"));
        assert!(
            book.ask(&format!("{months}{value} | let r = running(n sorted by start), s = share(n)"))
                .starts_with("start,")
        );
    }
    for value in [
        "count(arrests where at in this.start - 11 months..this.end)",
        "count(arrests where at <= this.end)",
        "count(arrests where at in this or age > 20)",
        "count(arrests where not at in this)",
        "count(arrests where at in this.start..this.end + 1 day)",
        "count(arrests where at + 3 days in this)",
        "count(people where min(arrests.at) in this)",
        "distinct(arrests.p where at in this)",
        "max(arrests.age where at in this)",
        "mean(arrests.age where at in this)",
    ] {
        for sum in ["summarise s = sum(n)", "let r = running(n sorted by start)", "let s = share(n)"] {
            book.refuses(&format!("{months}{value} | {sum}"), "relation-additive");
        }
        assert!(
            book.ask(&format!("{months}{value} | summarise s = sum(each n)")).starts_with('s'),
            "{value}"
        );
    }
    let n = "let n = count(arrests where at in this)";
    book.gives(&format!("periods 2023-02, 2023-01 | {n} | summarise s = sum(n)"), "s\n3\n");
    book.refuses(&format!("periods 2023-01, 2023 | {n} | summarise s = sum(n)"), "relation-additive");
    book.refuses(
        &format!("periods 2023-01, 2023-01-31..2023-02-01 | {n} | summarise s = sum(n)"),
        "relation-additive",
    );
    // Another span than the row's own may hold a record twice, by whatever name.
    book.refuses(
        "months in 2023 | let start = start - 1 month \
         | let n = count(arrests where at in this.start..this.end) | summarise s = sum(n)",
        "relation-additive",
    );
}

/// A filter that reads the span and nothing of the records means all of them, or none.
#[test]
fn a_filter_of_the_span_alone() {
    let book = book();
    book.gives(
        "months in 2023-Q1 | select n = count(arrests where this.start < 2023-02-15), \
         m = count(arrests where 2023-02-01 in this), o = count(arrests where this.label = \"2023-03\"), \
         p = no(arrests where this.label = \"2023-03\"), q = count(people where this.label = \"2023-03\"), \
         r = sum(arrests.age where this.start < 2023-02-15)",
        "n,m,o,p,q,r\n6,0,0,true,0,210\n6,6,0,true,0,210\n0,0,6,false,4,0\n",
    );
    for filter in ["true", "false", "1 = 1", "age > 20", "at in 2023"] {
        book.refuses(&format!("months in 2023 | let n = count(arrests where {filter})"), "relation-table");
    }
}

#[test]
fn a_column_may_be_called_as_a_table_is() {
    let book = book();
    // What asks for `this` is about the table, as it was before there was a column of that name.
    book.gives(
        "months in 2023-Q1 | let arrests = count(arrests where at in this), \
         older = count(arrests where at in this and age > 30), \
         ages = sum(arrests.age where at >= this.start and at <= this.end), \
         charged = count(arrests where any(charges where on in this)) | drop start, end",
        "label,arrests,older,ages,charged\n2023-01,1,0,20,1\n2023-02,2,1,70,1\n2023-03,1,1,50,2\n",
    );
    // All else is about the column.
    book.gives(
        "months in 2023-Q1 | let arrests = count(arrests where at in this) \
         | select arrests, most = max(arrests), few = max(arrests where arrests < 2)",
        "arrests,most,few\n1,2,1\n2,2,1\n1,2,1\n",
    );
}

#[test]
fn no_records_at_all() {
    let book = book();
    book.gives(
        "months in 2023-Q1 | select n = count(empty where on in this), \
         m = count(empty where on <= this.end and 2023-02-03 <= this.end), \
         o = sum(charges.amount where on in this.start - 10 years..this.end - 10 years), \
         p = min(empty.on where on <= this.end and until > this.start), q = any(empty where 2023-02-03 in this)",
        "n,m,o [GBP],p,q\n0,0,0,,false\n0,0,0,,false\n0,0,0,,false\n",
    );
}

/// In brackets after `in`, `append`, `except` and `join`, and by name.
#[test]
fn calendars_within_questions() {
    let book = book();
    book.gives(
        "let busy = months in 2023 | where count(arrests where at in this) > 1; busy | select label",
        "label\n2023-02\n",
    );
    book.gives(
        "charges | where on in (days in 2023-02-01..2023-03-05 | where any(arrests where at in this) | select end) | select c",
        "c\nC1\nnote: 1 row is left out where on is missing\n",
    );
    book.gives(
        "years in 2023 | select label, n = count(arrests where at in this) \
         | append (quarters in 2023 | select label, n = count(arrests where at in this))",
        "label,n\n2023,5\n2023-Q1,4\n2023-Q2,0\n2023-Q3,0\n2023-Q4,1\n",
    );
    book.gives("months in 2023-Q1 | except (months in 2023-02) | select label", "label\n2023-01\n2023-03\n");
    // A row keeps its span, whatever its columns are called by now.
    book.gives(
        "quarters in 2023 | let start = end | select label, start | let n = count(arrests where at in this) | drop start",
        "label,n\n2023-Q1,4\n2023-Q2,0\n2023-Q3,0\n2023-Q4,1\n",
    );
    book.gives(
        "quarters in 2023 | select label | let n = count(arrests where at in this)",
        "label,n\n2023-Q1,4\n2023-Q2,0\n2023-Q3,0\n2023-Q4,1\n",
    );
    book.gives(
        "charges | join (days in 2023-02 | let n = count(arrests where at in this)) as day on day.start = on \
         | where day.n is known | select c, day.n",
        "c,n\nC1,1\n",
    );
    // What begins like a calendar in brackets and has no stage asks a column.
    let columns = Book::new(&[("t.csv", "months,periods\n1,2\n5,6\n")]);
    columns.gives("t | where (months in [1, 2]) and (periods in [2]) | count", "count\n1\n");
}

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// The link from a member to the people, and back to another table, gives what a join on the key gives.
#[test]
fn a_member_s_link_is_a_join() {
    let toml = ["a", "b"].map(|name| {
        format!("[tables.{name}]\nsource = \"{name}.csv\"\n[tables.{name}.columns]\ni = \"integer\"\np = \"id\"\nv = \"integer\"\n")
    });
    let toml = toml.concat() + "[tables.people]\nkeys_of = [\"a.p\", \"b.p\"]\nlink = \"person\"\n";
    for seed in 0..30 {
        let mut dice = Dice(seed);
        let files = ["a", "b"].map(|_| {
            let mut csv = "i,p,v\n".to_string();
            for i in 0..dice.roll(12) {
                let key = dice.roll(8);
                let key = if key < 6 { format!("P{key}") } else { String::new() };
                let v = dice.roll(6);
                let v = if v < 5 { v.to_string() } else { String::new() };
                writeln!(csv, "{i},{key},{v}").unwrap();
            }
            csv
        });
        let book = Book::new(&[("casebook.toml", toml.as_str()), ("a.csv", &files[0]), ("b.csv", &files[1])]);
        let rows = |question: &str| -> Vec<String> {
            let said = book.ask(question);
            said.lines().skip(1).filter(|line| !line.starts_with("note")).map(str::to_string).collect()
        };
        for (path, grouped, none) in [
            ("count(person.b)", "count()", " ?? 0"),
            ("count(person.b.v)", "count(v)", " ?? 0"),
            ("sum(person.b.v where v > 1)", "sum(v where v > 1)", " ?? 0"),
            ("min(person.b.v)", "min(v)", ""),
            ("mean(person.b.v)", "mean(v)", ""),
            ("distinct(person.b.v)", "distinct(v)", " ?? 0"),
        ] {
            let other = format!("(b | summarise x = {grouped} by q = p)");
            let joined = rows(&format!("a | join {other} as o on o.q = p | select i, x = o.x{none}"));
            assert_eq!(rows(&format!("a | select i, x = {path}")), joined, "{seed}: {path}\n{files:#?}");
        }
        let met = "a | join many b as o on o.p = p and o.i > i | summarise x = count(o.i) by i";
        let followed = rows("a | select i, x = count(person.b where i > this.i)");
        assert_eq!(followed, rows(met), "{seed}\n{files:#?}");
        let keys = "a | select p | append (b | select p) | where p is known | distinct p | sort p";
        assert_eq!(rows("people"), rows(keys), "{seed}");
    }
}
