//! What stands around a grouping, asked with ill will: `compare`, `fill`, `total`, `pivot` and `top … with other` on
//! casebooks of a few lines, where each could give a wrong number. The expected answers were worked out by hand.

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

/// A casebook in a temporary folder: a catalogue and its files.
struct Book(tempfile::TempDir);

impl Book {
    fn new(files: &[(&str, &str)]) -> Book {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Book(folder)
    }

    /// The answer as CSV, or the code and message of what is wrong.
    fn ask(&self, question: &str) -> String {
        let casebook = Casebook::open(self.0.path()).unwrap();
        let queries = match casebook.compile(question, &Settings::default()) {
            Ok(queries) => queries,
            Err(mistakes) => return format!("{}: {}", mistakes[0].code, mistakes[0].message),
        };
        match casebook.answer(&queries[0]) {
            Ok(answer) => {
                String::from_utf8(write(&[answer], Format::Csv, Options::default()).unwrap()).unwrap()
            }
            Err(mistake) => format!("{}: {}", mistake.code, mistake.message),
        }
    }

    /// The answer, its lines parted by blanks.
    fn gives(&self, question: &str, expected: &str) {
        let said = self.ask(question);
        assert_eq!(said.trim_end().replace('\n', " "), expected, "{question}");
    }
}

/// Arrests and charges: two boroughs and none, a person without a number, weeks without anything.
fn book() -> Book {
    Book::new(&[
        (
            "casebook.toml",
            r#"
name = "Regrouping"
currency = "GBP"

[tables.arrests]
source = "arrests.csv"
key = "id"
title = "id"

[tables.arrests.columns]
id = "id"
person = "id"
on = "date"
borough = "text"
role = { type = "category", values = ["runner", "holder", "other"] }
cash = "money"

[tables.charges]
source = "charges.csv"
key = "id"
links.arrest = { to = "arrests", by = "arrest_id", back = "charges" }

[tables.charges.columns]
id = "id"
arrest_id = "id"
offence = "text"
"#,
        ),
        (
            "arrests.csv",
            "id,person,on,borough,role,cash\n\
             a1,p1,2023-10-02,Camden,runner,10\n\
             a2,p1,2023-10-09,Camden,runner,\n\
             a3,p2,2023-10-09,Camden,holder,5\n\
             a4,p2,2023-10-23,Brent,runner,7\n\
             a5,,2023-10-24,,runner,\n",
        ),
        ("charges.csv", "id,arrest_id,offence\nc1,a1,theft\nc2,a1,supply\nc3,a3,supply\nc4,,theft\n"),
    ])
}

#[test]
fn the_column_of_levels_is_last() {
    let book = book();
    // Whether the columns are known from the question or only from the data.
    book.gives(
        "arrests | count by borough, role | total borough, role | pivot role",
        "borough,runner,holder,other,total,total_level Brent,1,0,0,1, Camden,2,1,0,3, ,1,0,0,1, ,4,1,0,5,borough",
    );
    book.gives(
        "arrests | count by borough, month(on) | total borough, month | pivot month",
        "borough,2023-10,total,total_level Brent,1,1, Camden,3,3, ,1,1, ,5,5,borough",
    );
}

#[test]
fn totals_that_keep_the_pivoted_key_stay_rows() {
    // The total of a month that isn't known is another row than the months' total.
    let book = book();
    book.gives(
        "arrests | count by borough, role | total borough | pivot role",
        "borough,runner,holder,other,total_level Brent,1,0,0, Camden,2,1,0, ,1,0,0, ,4,1,0,borough",
    );
    book.gives(
        "arrests | count by borough, on = month(on) | total borough | pivot on",
        "borough,2023-10,total_level Brent,1, Camden,3, ,1, ,5,borough",
    );
}

#[test]
fn totals_that_collapse_fewer_keys_come_first() {
    let book = book();
    let said = book.ask("arrests | count by borough, role, month(on) | total month, role, borough");
    assert_eq!(said.lines().last().unwrap(), ",,,5,\"borough, role, month\"");
    let mut order: Vec<String> = Vec::new();
    for line in said.lines().skip(1) {
        let level = line.splitn(5, ',').nth(4).unwrap().to_string();
        if !order.contains(&level) {
            order.push(level);
        }
    }
    let wanted = [
        "",
        "borough",
        "role",
        "month",
        "\"borough, role\"",
        "\"borough, month\"",
        "\"role, month\"",
        "\"borough, role, month\"",
    ];
    assert_eq!(order, wanted);
}

#[test]
fn a_pivot_fills_only_cells_that_no_record_is_in() {
    let book = book();
    // `total` alone is the total of all: no row has one of its own, and no column.
    book.gives(
        "arrests | count by borough, role | total | pivot role",
        "borough,runner,holder,other,total,total_level Brent,1,0,0,, Camden,2,1,0,, ,1,0,0,, ,,,,5,borough",
    );
    book.gives(
        "arrests | count by borough, role | total role | pivot role",
        "borough,runner,holder,other,total Brent,1,0,0,1 Camden,2,1,0,3 ,1,0,0,1",
    );
    // A group that was left out since is not a group of nothing.
    book.gives(
        "arrests | count by borough, role | where count > 1 | pivot role",
        "borough,runner,holder,other Camden,2,,",
    );
    book.gives(
        "arrests | count by borough, role | top 1 by count per borough with other | pivot role",
        "borough,runner,holder,other,all other Brent,1,,, Camden,2,,,1 ,1,,,",
    );
}

#[test]
fn the_rest_is_not_called_as_a_group_that_is_shown() {
    let book = Book::new(&[("t.csv", "what,n\nother,1\nother,2\nother,3\nx,1\nx,5\ny,1\n")]);
    book.gives("t | count by what | top 1 by count with other", "what,count other,3 all other,3");
    book.gives("t | count by what | top 2 by count with other", "what,count other,3 x,2 all other,1");
    // Where it is itself of the rest, nothing else has the name.
    book.gives("t | summarise most = max(n) by what | top 1 by most with other", "what,most x,5 other,3");
    // A pivot has both.
    book.gives(
        "t | count by what, big = n > 0 | top 1 by count per big with other | pivot what",
        "big,all other,other true,3,3",
    );
}

#[test]
fn the_column_of_levels_stays_what_it_is() {
    let book = book();
    let taken = "name-taken: `total_level` tells total rows from others";
    book.gives("arrests | count by borough | total | let total_level = 1", taken);
    book.gives("arrests | count by borough | total | rename total_level = count", taken);
    book.gives("arrests | count by borough | total | select borough, total_level = count", taken);
    book.gives(
        "arrests | count by borough | total | select total_level, borough",
        "total_level,borough ,Brent ,Camden , borough,",
    );
    book.gives(
        "arrests | count by borough | total | select borough, level = total_level",
        "borough,level,total_level Brent,, Camden,, ,, ,borough,borough",
    );
}

#[test]
fn nothing_pivoted_is_nothing() {
    let book = book();
    book.gives("arrests | where on in 2020 | count by month(on) | pivot month", "\"\"");
    book.gives("arrests | where on in 2020 | count by borough, month(on) | pivot month", "borough");
    // What the question alone says is there.
    book.gives("arrests | where on in 2020 | count by role | pivot role", "runner,holder,other 0,0,0");
}

#[test]
fn a_bin_of_the_compared_column_is_paired_by_whatever_name() {
    let book = book();
    let compared = "2023-10-09..2023-10-15 with 2023-10-02..2023-10-08";
    let wanted = "week,count,count_previous,count_change,count_change_pct [%] 2023-10-09,2,1,1,100";
    for question in [
        format!("arrests | compare on in {compared} | count by week(on)"),
        format!("arrests | let d = on | compare d in {compared} | count by week(d)"),
        format!("arrests | let d = on | compare on in {compared} | count by week(d)"),
        format!("arrests | let d = on | compare d in {compared} | count by week(on)"),
        format!("arrests | let d = on, week = week(d) | compare d in {compared} | count by week"),
        format!("arrests | rename d = on | compare d in {compared} | let week = week(d) | count by week"),
        format!("arrests | let d = on | let e = d | compare e in {compared} | count by week(d)"),
    ] {
        book.gives(&question, wanted);
    }
    // Over a link, too.
    book.gives(
        "charges | let d = arrest.on | compare d in 2023-10-09..2023-10-15 with previous | count by day = day(d)",
        "day,count,count_previous,count_change,count_change_pct [%] 2023-10-09,1,2,-1,-50",
    );
}

/// What reviewers found, each a wrong number or a fault once.
#[test]
fn what_was_found() {
    let book = book();
    // A helper of `top` took the place of `total(x)`.
    book.gives(
        "arrests | count by borough, role | top 1 by count per borough | let a = total(count)",
        "borough,role,count,a Brent,runner,1,5 Camden,runner,2,5 ,runner,1,5",
    );
    book.gives(
        "arrests | count by borough, role | sort borough | sort role | take 1 per borough | let a = total(count) | select a",
        "a 5 5 5",
    );
    book.gives(
        "arrests | count by borough, role | top 1 by count / total(count per borough) per borough with other | select role, count",
        "role,count runner,1 runner,2 all other,1 runner,1",
    );
    // Totals whose column of levels was dropped were counted as records.
    for question in [
        "arrests | select borough, n = 1 | append (arrests | summarise n = count() by borough | total | drop total_level)",
        "arrests | where borough in (arrests | count by borough | total | drop count, total_level) | count",
    ] {
        assert!(book.ask(question).starts_with("type-total"), "{question}");
    }
    // A copy of a category had no name for the others.
    book.gives(
        "arrests | count by role | let copy = role, text = upper(role) | top 1 by count with other | select copy, text, count",
        "copy,text,count runner,RUNNER,4 all other,ALL OTHER,1",
    );
    // What an empty cell holds reads totals, and the key itself.
    book.gives(
        "arrests | count by borough, role | let part = count / total(count per borough) to % | drop count | pivot role using part",
        "borough,runner [%],holder [%],other [%] Brent,100,0,0 Camden,66.66666666666667,33.333333333333336,0 ,100,0,0",
    );
    book.gives(
        "arrests | count by borough, role | let x = if role = \"runner\" then count else 7 | drop count | pivot role using x",
        "borough,runner,holder,other Brent,1,7,7 Camden,2,7,7 ,1,7,7",
    );
    // A query in the same stage took `total(x)` for its own grouping.
    book.gives(
        "arrests | count by borough | let part = total(count), known = borough in (arrests | count by borough | select borough)",
        "borough,count,part,known Brent,1,5,true Camden,3,5,true ,1,5,",
    );
    book.gives(
        "arrests | count by borough | let known = borough in (arrests | where cash > £6 | select borough) | top 1 by count with other",
        "borough,count,known Camden,3,true other,2,false",
    );
    let item =
        "arrests | summarise n = count(), f = n in (arrests | count by role | select count) by borough";
    assert!(book.ask(item).starts_with("type-set"), "{}", book.ask(item));
}
