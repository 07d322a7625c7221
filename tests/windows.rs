//! Windows and the aggregates that come with them: cases worked out by hand, every window against plain loops on
//! random rows ([`loops`]), and the county lines questions counted without Casebook ([`recount`]).

mod book;
#[path = "windows/loops.rs"]
mod loops;
#[path = "windows/recount.rs"]
mod recount;

use book::{Book, ask};

/// The rows alone, blanks between them.
fn rows(book: &Book, question: &str, expected: &str) {
    let said = book.ask(question);
    // Of a single column a missing value is written as an empty text.
    let row = |line: &'_ str| if line == "\"\"" { String::new() } else { line.to_string() };
    let rows: Vec<String> =
        said.lines().skip(1).filter(|line| !line.starts_with("note: ")).map(row).collect();
    assert_eq!(rows.join(" "), expected, "{question}\n{said}");
}

/// Sales, some of them of no shop and by nobody, and shops, one of them without sales.
fn book() -> Book {
    Book::new(&[
        (
            "casebook.toml",
            r#"
currency = "GBP"
[tables.sales]
source = "sales.csv"
key = "id"
links.shop = { to = "shops", by = "shop_id", back = "sales" }
[tables.sales.columns]
id = "id"
shop_id = "id"
person = "id"
at = "datetime"
day = "date"
n = "integer"
x = "number"
v = "money"
kind = { type = "category", values = ["b", "a"] }
name = "text"
ok = "bool"
[tables.shops]
source = "shops.csv"
key = "id"
title = "town"
[tables.shops.columns]
id = "id"
town = "text"
size = "integer"
[tables.none]
source = "none.csv"
[tables.none.columns]
k = "text"
n = "integer"
d = "date"
[tables.ends]
source = "ends.csv"
[tables.ends.columns]
n = "integer"
x = "number"
"#,
        ),
        (
            "sales.csv",
            "id,shop_id,person,at,day,n,x,v,kind,name,ok\n\
             1,S1,P1,2023-01-01T10:00,2023-01-01,5,0.5,10,b,pear,true\n\
             2,S1,P2,2023-01-02T10:00,2023-01-02,3,1.5,-2.5,a,fig,false\n\
             3,S2,P1,2023-01-02T10:00,2023-01-02,,2.5,,a,apple,\n\
             4,S2,,2023-01-05T10:00,2023-01-05,5,,4,b,,true\n\
             5,,P1,,2023-01-03,2,0.25,1,,kiwi,true\n\
             6,S1,P2,2023-01-02T10:00,,4,1.5,3,b,fig,false\n",
        ),
        ("shops.csv", "id,town,size\nS1,York,10\nS2,Ayr,30\nS3,Bath,7\n"),
        ("none.csv", "k,n,d\n"),
        (
            "ends.csv",
            "n,x\n9223372036854775807,1e15\n9223372036854775807,-0.25\n-9223372036854775808,\n\
             -9223372036854775808,1e15\n",
        ),
    ])
}

#[test]
fn a_group_s_value_stands_on_each_of_its_rows() {
    let book = book();
    book.gives(
        "sales | let m = mean(x per shop_id) | select id, m",
        "id,m\n1,1.166666667\n2,1.166666667\n3,2.5\n4,2.5\n5,\n6,1.166666667\n\
         note: 1 row without shop_id has no value of mean(x per shop_id)\n\
         note: 1 missing value is left out of mean(x per shop_id)\n",
    );
    // A missing text or category is a group; a missing id or record is nobody.
    rows(&book, "sales | let c = count(per kind) | select c", "3 2 2 3 1 3");
    rows(&book, "sales | let c = count(per shop, kind) | select c", "2 1 1 1  2");
    rows(&book, "sales | let c = count(per shop) | select c", "3 3 2 2  3");
    rows(&book, "sales | let t = sum(n), m = max(v) | select t, m | take 1", "19,10");
    rows(
        &book,
        "sales | let p = n / sum(n per shop) | select p",
        "0.4166666666666667 0.25  1  0.3333333333333333",
    );
    // Sums over missing values alone are missing, over no rows nought.
    rows(&book, "sales | let s = sum(n where kind = \"a\" per shop) | select s", "3 3    3");
    rows(&book, "sales | let s = sum(n where n > 3 per kind) | select s", "14 0 0 14 0 14");
    rows(&book, "sales | let l = list(name where n > 4 per shop) | select l", "pear pear    pear");
}

#[test]
fn a_group_reaches_each_record_once() {
    let book = book();
    // Of kind b are two sales of S1 and one of S2: the shops' sizes count once each.
    rows(&book, "sales | let m = mean(shop.size per kind) | select m", "20 20 20 20  20");
    rows(
        &book,
        "sales | let m = mean(each shop.size per kind) | select m",
        "16.666666666666668 20 20 16.666666666666668  16.666666666666668",
    );
    rows(&book, "sales | let c = count(shop.sales per kind) | select c", "5 5 5 5 0 5");
    rows(
        &book,
        "shops | let c = count(sales per size > 9), s = sum(sales.n per size > 9) | select c, s",
        "5,17 5,17 0,0",
    );
    rows(
        &book,
        "shops | let c = count(sales) | let s = share(c) to %, r = rank(-c) | select s, r",
        "60,1 40,2 0,3",
    );
}

#[test]
fn windows_stand_wherever_a_row_s_value_does() {
    let book = book();
    rows(&book, "sales | where count(per person) > 2 | select id", "1 3 5");
    rows(&book, "sales | where n > 3 and count(per shop) = 3 | select id", "1 6");
    rows(&book, "sales | where n > 3 | where count(per shop) = 2 | select id", "1 6");
    rows(&book, "sales | sort -count(per shop), -id | select id", "6 2 1 4 3 5");
    rows(&book, "sales | count by c = count(per shop)", "2,2 3,3 ,1");
    rows(&book, "sales | top 2 by rank(name) per kind | select id", "1 6 2 3 5");
    rows(&book, "sales | take 1 per rank(kind) | select id", "1 2 5");
    rows(&book, "sales | select id, rank(-n), share_n = share(n) | take 1", "1,1,0.2631578947368421");
    book.gives(
        "sales | select rank(-n), count(per kind), before(n sorted by id) | take 1",
        "rank_n,count,before_n\n1,3,\n",
    );
    // Of rows that a stage left, made, or put in another order.
    rows(&book, "sales | take 4 | let c = count(), r = rank(v) | select c, r", "4,3 4,1 4, 4,2");
    rows(&book, "sales | top 3 by v | let r = rank(-v) | where r = 2 | select id", "4");
    rows(&book, "sales | distinct shop_id | let c = count() | select id, c", "1,2 3,2");
    rows(&book, "sales | take 1 per kind | let n = row_number(sorted by -id) | select id, n", "1,3 2,2 5,1");
    rows(
        &book,
        "sales | sort -id | let n = row_number(sorted by kind) | select id, n",
        "6,1 5,6 4,2 3,4 2,5 1,3",
    );
    rows(
        &book,
        "sales | let a = count(per shop) | let b = max(a per kind), c = rank(-a) | where c < 4 | select id, b",
        "1,3 2,3 6,3",
    );
    rows(
        &book,
        "sales | summarise n = sum(n) by kind | let s = share(n) to %, c = running(n sorted by -n) | where n > 2 | sort n",
        "a,3,15.789473684210526,17 b,14,73.6842105263158,14",
    );
    rows(&book, "sales | count by kind, day | let c = sum(count per kind) | count by c", "1,1 2,1 3,3");
}

#[test]
fn where_before_a_window_is_noted_for_ids() {
    let book = book();
    book.gives(
        "sales | where n > 2 and person is known | where count(per person) > 1 | count",
        "count\n2\nnote: count(per person) sees only the rows that the `where` before it kept\nnote: 1 row is left out where n is missing\n",
    );
    book.gives(
        "sales | where n > 2 | let c = count(per kind) | count",
        "count\n4\nnote: 1 row is left out where n is missing\n",
    );
    book.gives(
        "sales | where person is known | where n > 2 | count by person | let r = rank(person)",
        "person,count,r\nP1,1,1\nP2,2,2\nnote: 1 row is left out where n is missing\n",
    );
}

#[test]
fn a_share_of_what_top_left_is_noted() {
    let book = book();
    let noted = |question: &str| {
        let said = book.ask(question);
        said.lines().filter_map(|line| line.strip_prefix("note: ")).map(str::to_string).collect::<Vec<_>>()
    };
    let of = |text: &str, stage: &str| {
        format!(
            "{text} is over the rows after `{stage}`; to have those before it in as well: `let x = {text} | {stage} …`"
        )
    };
    let groups = "sales | where n is known | count by kind, day";
    for (question, text, stage) in [
        ("top 1 by count per kind | let s = share(count per kind)", "share(count per kind)", "top"),
        ("take 2 | let s = share(count)", "share(count)", "take"),
        ("top 2 by count | let s = sum(count)", "sum(count)", "top"),
        ("top 2 by count | let s = rank(-count per kind)", "rank(-count per kind)", "top"),
        ("top 2 by count | let s = running(count sorted by day)", "running(count sorted by day)", "top"),
        ("top 2 by count | where share(count per kind) > 10%", "share(count per kind)", "top"),
        // The first of them decides.
        ("take 3 | top 2 by count | let s = share(count), t = share(count) to %", "share(count)", "take"),
        ("top 2 by count | let s = share(count) | let t = share(count) to %", "share(count)", "top"),
        ("top 2 by count | sort -share(count per kind)", "share(count per kind)", "top"),
        ("take 100 | let s = share(count)", "share(count)", "take"),
        // What is put beside or below the rows brings none of those back that were left out.
        (
            "top 1 by count | append (sales | count by kind, day | take 1) | let s = share(count)",
            "share(count)",
            "top",
        ),
    ] {
        let question = format!("{groups} | {question}");
        let notes = noted(&question);
        assert!(notes.contains(&of(text, stage)), "{question}: {notes:#?}");
        assert_eq!(
            notes.iter().filter(|note| note.contains("is over the rows")).count(),
            1,
            "{question}: {notes:#?}"
        );
    }
    for question in [
        "let s = share(count per kind) | top 1 by count per kind",
        // The rest is there as well.
        "top 1 by count with other | let s = share(count)",
        // Places among what is left are what is asked for.
        "top 2 by count | let s = row_number(sorted by day), b = before(count sorted by day)",
        "top 2 by count | summarise n = sum(count) by kind | let s = share(n)",
    ] {
        let question = format!("{groups} | {question}");
        assert!(!noted(&question).iter().any(|note| note.contains("is over the rows")), "{question}");
    }
}

#[test]
fn ranks_leave_gaps_and_missing_has_none() {
    let book = book();
    rows(&book, "sales | let r = rank(n), d = rank(-n) | select r, d", "4,1 2,4 , 4,1 1,5 3,3");
    rows(&book, "sales | let r = rank(name), d = rank(-name) | select r, d", "5,1 2,3 1,5 , 4,2 2,3");
    rows(&book, "sales | let r = rank(-day per shop) | select r", "2 1 2 1  ");
    rows(&book, "sales | let r = rank(kind), s = rank(shop) | select r, s", "1,3 4,3 4,1 1,1 , 1,3");
    rows(
        &book,
        "sales | let r = rank(n where ok), w = row_number(where ok sorted by -id) | select r, w",
        "2,3 , , 2,2 1,1 ,",
    );
}

#[test]
fn neighbours_and_running_sums_go_row_by_row() {
    let book = book();
    rows(
        &book,
        "sales | let b = before(n sorted by day), a = after(name, 2 sorted by -id) | select b, a",
        ", 5, 3,pear 2,fig ,apple 5,",
    );
    rows(
        &book,
        "sales | let b = before(shop sorted by id), k = after(kind sorted by id), o = before(ok, 9 sorted by id) | select b, k, o",
        ",a, York,a, York,b, Ayr,, Ayr,b, ,,",
    );
    rows(&book, "sales | let r = running(v sorted by day) | select r", "10 7.5 7.5 12.5 8.5 15.5");
    rows(
        &book,
        "sales | let r = running(v where kind = \"a\" per shop sorted by day) | select r",
        "0 -2.5    -2.5",
    );
    // So far nothing but a missing value: no sum yet.
    rows(&book, "sales | let r = running(n per shop sorted by id) | select r", "5 8  5  12");
    rows(&book, "sales | let r = running(each shop.size sorted by id) | select r", "10 20 50 80 80 90");
}

#[test]
fn parts_slide() {
    let book = book();
    rows(
        &book,
        "sales | let s = sum(v sorted by id over 2 rows), m = mean(n sorted by id over 2 rows before) | select s, m",
        ", 7.5, -2.5,4 4,3 5,5 4,3.5",
    );
    rows(&book, "sales | let c = count(per person over 1 day of at) | select c", "1 2 1   2");
    rows(
        &book,
        "sales | let c = count(over 2 days of day), l = last(name over 2 days of day) | select c, l",
        "1,pear 3,apple 3,apple 1, 3,kiwi ,",
    );
    rows(
        &book,
        "sales | let c = count(over 24 hours of at), d = count(over 25 hours of at) | select c, d",
        "1,1 3,4 3,4 1,1 , 3,4",
    );
    rows(&book, "sales | let c = max(v where kind = \"b\" over 48 hours of at) | select c", "10 10 10 4  10");
    rows(
        &book,
        "sales | let a = any(ok sorted by id over 2 rows), b = all(ok sorted by id over 2 rows), c = no(where ok sorted by id over 1 row) | select a, b, c",
        ",,false true,false,true false,false,true true,true,false true,true,false true,false,true",
    );
    rows(
        &book,
        "sales | let d = distinct(kind sorted by id over 3 rows), m = median(v sorted by id over 3 rows) | select d, m",
        ", , 2,3.75 2,0.75 2,2.5 1,3",
    );
    rows(
        &book,
        "sales | let l = list(name sorted by -id over 2 rows) | select l",
        "\"fig, pear\" \"apple, fig\" apple kiwi \"fig, kiwi\" ",
    );
    rows(
        &book,
        "sales | let l = list(kind over 9 days of day) | select l",
        "b \"b, a, a\" \"b, a, a\" \"b, b, a, a\" \"b, a, a\" ",
    );
}

#[test]
fn firsts_lasts_and_lists() {
    let book = book();
    book.gives(
        "sales | summarise f = first(name sorted by day), l = last(name sorted by day), a = list(name), b = list(name sorted by -id) by kind",
        "kind,f,l,a,b\nb,pear,fig,\"fig, pear\",\"fig, pear\"\na,fig,apple,\"apple, fig\",\"apple, fig\"\n,kiwi,kiwi,kiwi,kiwi\n\
         note: 1 missing value is left out of first(name sorted by day)\n\
         note: 1 missing value is left out of last(name sorted by day)\n\
         note: 1 missing value is left out of list(name)\n\
         note: 1 missing value is left out of list(name sorted by -id)\n",
    );
    // Ties as the records stand; over a path those of its end; over no records a list is empty.
    rows(
        &book,
        "shops | let f = first(sales.id sorted by kind), l = last(sales.id sorted by kind) | select f, l",
        "1,2 4,3 ,",
    );
    rows(
        &book,
        "sales | summarise l = list(v), d = list(day), n = list(n sorted by -n), t = list(ok is known) by kind | take 0",
        "",
    );
    rows(
        &book,
        "sales | where kind = \"b\" | summarise l = list(v), d = list(day), x = list(x)",
        "\"£3, £4, £10\",\"2023-01-01, 2023-01-05\",\"0.5, 1.5\"",
    );
    rows(&book, "shops | summarise t = list(sales.name sorted by at, -id)", "\"pear, fig, apple, fig\"");
    rows(
        &book,
        "sales | sort -id | summarise f = first(id sorted by kind), g = last(id sorted by kind)",
        "6,5",
    );
    rows(
        &book,
        "sales | let f = first(name per shop sorted by -day), m = last(id per kind sorted by n) | select f, m",
        "fig,4 fig,3 apple,3 apple,4 ,5 fig,4",
    );
    rows(
        &book,
        "none | summarise l = list(k), f = first(k sorted by d), q = quantile(n, 0.5), s = stddev(n)",
        ",,,",
    );
}

#[test]
fn spread_is_exact() {
    let book = book();
    rows(
        &book,
        "sales | summarise q = quantile(n, 0.25), m = quantile(n, 1), z = quantile(n, 0%), s = stddev(n)",
        "3,5,2,1.30384048",
    );
    rows(
        &book,
        "sales | summarise q = quantile(v, 90%), s = stddev(v), x = stddev(x)",
        "7.6,4.588,0.901387819",
    );
    rows(&book, "sales | where id = \"1\" | summarise s = stddev(n), q = quantile(n, 0.3)", ",5");
    rows(
        &book,
        "ends | summarise s = stddev(n), q = quantile(n, 0.5), x = stddev(x), y = quantile(x, 0.25)",
        "10650232700000000000,-0.5,577350269000000,499999999999999.9",
    );
    rows(
        &book,
        "ends | let s = sum(n), r = rank(-n), a = min(n sorted by -n over 2 rows) | select s, r, a",
        "-2,1, -2,1,9223372036854775807 -2,3,-9223372036854775808 -2,3,-9223372036854775808",
    );
    // A sum that no 64 bits hold is an error, not another number.
    book.refuses("ends | let s = running(n sorted by -n)", "data-overflow");
    book.refuses("ends | let s = sum(n sorted by -n over 2 rows)", "data-overflow");
    book.refuses("ends | let s = sum(n where n > 0 per n)", "data-overflow");
    rows(
        &book,
        "ends | let m = mean(n sorted by -n over 2 rows) | select m",
        " 9223372036854776000 -0.5 -9223372036854776000",
    );
}

#[test]
fn empty_tables_and_single_rows() {
    let book = book();
    let all = "let a = count(), b = sum(n per k), c = rank(-n per k), d = row_number(sorted by n), e = running(n sorted by d), \
               f = before(k sorted by n), g = mean(n sorted by n over 2 rows), h = count(per k over 2 days of d), \
               i = share(n), j = list(k), l = quantile(n sorted by n over 1 row, 0.5)";
    assert!(book.ask(&format!("none | {all}")).starts_with("syntax-"));
    let all =
        all.replace("quantile(n sorted by n over 1 row, 0.5)", "quantile(n, 0.5 sorted by n over 1 row)");
    rows(&book, &format!("none | {all}"), "");
    rows(
        &book,
        "none | summarise n = count() | let r = rank(n), s = share(n), c = running(n sorted by n)",
        "0,1,,0",
    );
    rows(
        &book,
        "sales | where id = \"1\" | let r = rank(n), s = share(n), b = before(n sorted by n), w = sum(n sorted by n over 1 row) | select r, s, b, w",
        "1,1,,5",
    );
}

#[test]
fn what_windows_give_adds_up_or_not() {
    let book = book();
    book.refuses("sales | let a = count(per kind) | summarise s = sum(a)", "relation-repeats");
    book.refuses("sales | let a = n / sum(n per kind) | summarise s = sum(a)", "relation-mixed");
    book.refuses("sales | let a = share(n) | summarise s = sum(a)", "relation-mixed");
    book.refuses("sales | let a = running(n sorted by id) | summarise s = sum(a)", "relation-additive");
    book.refuses(
        "sales | let a = sum(n sorted by id over 2 rows) | summarise s = sum(a)",
        "relation-additive",
    );
    book.refuses(
        "sales | let a = mean(n sorted by id over 2 rows) | summarise s = mean(a)",
        "relation-additive",
    );
    book.refuses("sales | let a = before(shop.size sorted by id) | summarise s = sum(a)", "relation-repeats");
    book.refuses(
        "sales | summarise q = quantile(shop.size, 0.5) by kind, shop | summarise q = mean(q)",
        "relation-additive",
    );
    book.refuses("sales | let s = shop.size | let t = stddev(s per kind)", "relation-repeats");
    book.refuses("sales | let s = share(shop.size)", "relation-repeats");
    book.refuses("sales | let s = sum(sales.n sorted by id over 2 rows)", "name-column");
    rows(&book, "sales | let a = rank(n) | summarise m = mean(a), s = sum(each a)", "2.8,14");
    rows(&book, "sales | let a = before(n sorted by id) | summarise s = sum(a)", "15");
}

#[test]
fn no_window_in_a_derived_column() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\nn = \"integer\"\n[tables.t.derive]\nr = 'rank(n)'\n",
        ),
        ("t.csv", "n\n1\n"),
    ]);
    book.refuses("t | select r", "relation-derive");
}
