//! What answers mean, on casebooks of a few lines: each case was once a wrong number, or could be one. The
//! expected answers were worked out by hand.

mod book;

use std::process::Command;

use book::Book;

/// Arrests, charges, seizures and people: missing and dangling links, two people of one name.
fn book() -> Book {
    Book::new(&[
        (
            "casebook.toml",
            r#"
[tables.arr]
source = "arr.csv"
key = "a"
links.person = { to = "person", by = "p", back = "arrs" }
[tables.arr.columns]
a = "id"
p = "id"
at = "datetime"
age = "integer"

[tables.ch]
source = "ch.csv"
key = "c"
links.arr = { to = "arr", by = "a", back = "chs" }
links.person = { to = "person", by = "p", back = "chs" }
[tables.ch.columns]
c = "id"
a = "id"
p = "id"
on = "date"
val = "number"

[tables.sz]
source = "sz.csv"
key = "s"
links.arr = { to = "arr", by = "a", back = "szs" }
[tables.sz.columns]
s = "id"
a = "id"
day = "date"
age = "integer"
val = "money"

[tables.person]
source = "person.csv"
key = "p"
title = "name"
[tables.person.columns]
p = "id"
name = "text"
"#,
        ),
        (
            "arr.csv",
            "a,p,at,age\nA1,P1,2023-10-09 23:59:59,20\nA2,P1,2023-10-10 00:00:00,21\nA3,P2,1969-12-31 23:59:59,30\n\
             A4,,2023-12-31 12:00,40\nA5,P9,,50\n",
        ),
        (
            "ch.csv",
            "c,a,p,on,val\nc1,A1,P1,2023-10-11,1\nc2,A1,P2,2023-10-08,2\nc3,A2,P2,2023-10-20,4\nc4,,P1,2023-10-20,8\n\
             c5,A9,P3,,16\nc6,A3,P1,1970-01-02,\n",
        ),
        (
            "sz.csv",
            "s,a,day,age,val\ns1,A1,2023-10-12,1,5\ns2,A1,2023-10-01,25,10.00005\ns3,A2,2023-10-10,3,\n\
             s4,A3,1969-12-30,9,-2.5\n",
        ),
        ("person.csv", "p,name\nP1,Ann\nP2,Ann\nP3,\n"),
    ])
}

#[test]
fn an_aggregate_inside_another_keeps_its_own_names() {
    let book = book();
    // After `where` the inner arr.age is the seizure's arrest's, not the seizure's own age.
    book.gives("ch | summarise s = sum(arr.age + count(arr.szs where arr.age > 20))", "s\n73\n");
    book.refuses("ch | summarise s = sum(arr.age + count(person.chs))", "relation-ends");
    book.gives("arr | summarise most = max(count(chs))", "most\n2\n");
}

#[test]
fn this_reaches_as_far_as_it_says() {
    let book = book();
    // In `let` it is the outermost row, however deep it stands.
    book.gives(
        "arr | let n = count(chs where any(arr.szs where day > this.at)) | select a, n",
        "a,n\nA1,2\nA2,0\nA3,0\nA4,0\nA5,0\n",
    );
    // In a group it is the record that the outer aggregate looks at.
    book.gives("ch | summarise n = count(arr where any(szs where day > this.at))", "n\n1\n");
    book.gives(
        "arr | where any(szs where day > this.at) | let late = count(chs where on > this.at) | select a, late",
        "a,late\nA1,1\n",
    );
}

#[test]
fn a_column_of_a_calendar_called_as_a_table_is() {
    let book = book();
    // Whatever asks for `this` is about the table, as it was before there was a column of that name.
    book.gives(
        "months in 2023-10..2023-11 | let ch = count(ch where on in this), big = count(ch where on in this and val > 2), \
         val = sum(ch.val where on >= this.start and on <= this.end) | select label, ch, big, val",
        "label,ch,big,val\n2023-10,4,2,15\n2023-11,0,0,0\n",
    );
    book.gives(
        "periods 2023-10-12, 2023-10 | let arr = count(arr where at in this), seized = count(arr where any(szs where day in this)) \
         | select label, arr, seized",
        "label,arr,seized\n2023-10-12,0,1\n2023-10,2,2\n",
    );
    // All else is about the column.
    book.gives(
        "months in 2023-10..2023-11 | let ch = count(ch where on in this) | let most = max(ch), some = max(ch where ch < 4) \
         | select ch, most, some",
        "ch,most,some\n4,4,0\n0,4,0\n",
    );
}

#[test]
fn records_are_themselves_not_their_titles() {
    let book = book();
    book.gives(
        "ch | let same = (person = arr.person) | select c, same",
        "c,same\nc1,true\nc2,false\nc3,false\nc4,\nc5,\nc6,false\n",
    );
    book.gives("ch | where person = \"Ann\" | count", "count\n5\n");
    // Two people of one name are two groups; a person without a name shows the key.
    book.gives("ch | count by person", "person,count\nAnn,3\nAnn,2\nP3,1\n");
}

#[test]
fn ends_of_a_range_keep_their_own_rule() {
    let book = book();
    book.gives(
        "arr | where at in 2023-10-09..2023-10-09T12:00 | count",
        "count\n0\nnote: 1 row is left out where at is missing\n",
    );
    book.gives(
        "arr | where at in 2023-10-09T23:59:59..2023-10-10 | select a",
        "a\nA1\nA2\nnote: 1 row is left out where at is missing\n",
    );
    book.gives(
        "arr | where at in 2023-10-09 | select a",
        "a\nA1\nnote: 1 row is left out where at is missing\n",
    );
    book.gives(
        "arr | where at in [2023-10-09, 1969-12-31] | select a",
        "a\nA1\nA3\nnote: 1 row is left out where at is missing\n",
    );
    book.gives(
        "arr | where at in until 1969-12-31 | select a",
        "a\nA3\nnote: 1 row is left out where at is missing\n",
    );
    book.gives(
        "arr | where a = \"A3\" | select d = day(at), w = week(at), m = month(at)",
        "d,w,m\n1969-12-31,1969-12-29,1969-12\n",
    );
    book.gives(
        "ch | where on - arr.at > 1 day | select c",
        "c\nc1\nc3\nc6\nnote: 2 rows are left out where on or arr.at is missing\n",
    );
    book.refuses("arr | where age in 30..20 | count", "type-set");
}

#[test]
fn what_was_copied_along_a_link_does_not_add_up_as_a_key_either() {
    let book = book();
    book.refuses("ch | count by c, age = arr.age | summarise s = sum(age)", "relation-additive");
    book.gives("ch | summarise s = sum(arr.age)", "s\n71\n");
    book.gives(
        "ch | count by c, age = arr.age | summarise s = sum(each age)",
        "s\n91\nnote: 2 missing values are left out of sum(each age)\n",
    );
}

#[test]
fn a_bin_beside_another_day_is_a_day() {
    book().gives(
        "arr | count by m = month(at) ?? 2023-10-15",
        "m,count\n1969-12-01,1\n2023-10-01,2\n2023-10-15,1\n2023-12-01,1\n",
    );
}

#[test]
fn nobody_is_no_group_and_is_counted() {
    let book = book();
    let note = "note: 1 row without p belongs to no group and is left out\n";
    book.gives("arr | count by p", &format!("p,count\nP1,2\nP2,1\nP9,1\n{note}"));
    // A later filter on the groups changes nothing of that.
    book.gives("arr | count by p, age | where age = 20 | select p", &format!("p\nP1\n{note}"));
    book.gives("arr | take 1 per p | select a", &format!("a\nA1\nA3\nA5\n{note}"));
    book.gives("arr | distinct p | count", &format!("count\n3\n{note}"));
    book.gives("arr | select p | distinct | count", "count\n4\n");
    // A text is no person: its missing values are a group, last.
    book.gives("ch | count by name = person.name", "name,count\nAnn,5\n,1\n");
}

#[test]
fn sums_of_none_and_of_missing() {
    let book = book();
    book.gives("arr | summarise s = sum(age where age > 90), m = mean(age where age > 90)", "s,m\n0,\n");
    book.gives(
        "sz | where s = \"s3\" | summarise s = sum(val), n = count(val), d = distinct(val)",
        "s [GBP],n,d\n,0,0\nnote: 1 missing value is left out of sum(val)\n",
    );
    // 10.00005 is read as 10.0000, half to even.
    book.gives(
        "sz | summarise s = sum(val), m = mean(val), t = sum(val) / 3",
        "s [GBP],m [GBP],t [GBP]\n12.5,4.1667,4.1667\nnote: 1 missing value is left out of sum(val)\nnote: 1 missing value is left out of mean(val)\n",
    );
    book.gives(
        "sz | where s = \"s1\" | select fifth = val * 20%, none = val / 0, ratio = val / £2",
        "fifth [GBP],none [GBP],ratio\n1,,2.5\nnote: val / 0 has no value in 1 row: division by 0\n",
    );
}

#[test]
fn three_valued_logic() {
    let book = book();
    book.gives("ch | where val > 2 | count", "count\n3\nnote: 1 row is left out where val is missing\n");
    book.gives(
        "ch | where not (val > 2) | count",
        "count\n2\nnote: 1 row is left out where val is missing\n",
    );
    book.gives("ch | where (val > 2) is missing | count", "count\n1\n");
    book.gives("ch | where val > 2 or on = 1970-01-02 | count", "count\n4\n");
    book.gives(
        "ch | where val not in [1, missing] | count",
        "count\n4\nnote: 1 row is left out where val is missing\n",
    );
    book.gives(
        "ch | where val not in [] | count",
        "count\n5\nnote: 1 row is left out where val is missing\n",
    );
    book.gives("ch | let x = if val > 2 then \"big\" else \"else\" | count by x", "x,count\nbig,3\nelse,3\n");
}

/// The outer row of an aggregate inside another may stand in a group whose key is missing.
#[test]
fn this_reaches_into_a_group_without_a_key() {
    let book = book();
    book.gives(
        "ch | where val is missing | summarise n = count(arr where any(chs where on > this.at)) by val",
        "val,n\n,1\n",
    );
}

/// What is true of every row counts them all, whatever else is asked.
#[test]
fn a_filter_that_reads_no_column() {
    let book = book();
    book.gives("ch | summarise n = count(where \"Ann\" starts with \"an\"), m = count(arr)", "n,m\n6,3\n");
    book.gives("ch | summarise n = count(where 2023-10-09 != 2023-10-10), m = count(arr.szs)", "n,m\n6,4\n");
}

/// The names that `unpivot` makes are a category like any.
#[test]
fn the_smallest_of_unpivoted_names() {
    let book = book();
    let question = "arr | select a, age, n = 1 | unpivot age, n into k, v | where v > 900 | summarise m = max(k) by a | total";
    book.gives(question, "a,m,total_level\n,,a\n");
    let question = "arr | take 1 | select a, age, n = age | unpivot n, age into k, v | summarise m = max(k) by a | let s = max(m)";
    book.gives(question, "a,m,s\nA1,age,age\n");
}

/// The same where rows are no longer a file's.
#[test]
fn a_question_that_only_counts() {
    let book = book();
    book.gives("arr | count by age | where not (2 days in []) | count", "count\n5\n");
    book.gives(
        "arr | let n = row_number(sorted by age) | where \"Ann\" starts with \"an\" | count",
        "count\n5\n",
    );
    book.gives("arr | let old = age > 30 | count by old | pivot old | count", "count\n1\n");
}

/// A total beside each group and a choice of groups don't meet.
#[test]
fn the_first_of_each_after_a_total() {
    book().gives(
        "arr | where age < 40 | summarise n = count() by age | let all = total(n per age) | distinct age | take 4 per all",
        "age,n,all\n20,1,1\n21,1,1\n30,1,1\n",
    );
}

/// The median is the quantile of a half, to the last bit.
#[test]
fn a_half_is_the_middle() {
    let book = Book::new(&[("t.csv", "x\n0.1\n0.5\n")]);
    book.gives("t | summarise m = median(x), q = quantile(x, 0.5)", "m,q\n0.3,0.3\n");
}

/// Without keys there is one group: either it is shown or it is the rest.
#[test]
fn the_rest_of_one_group() {
    let book = book();
    book.gives("ch | count | top 1 by count with other", "count\n6\n");
    book.gives("ch | count | top 0 by count with other", "count\n6\n");
}

/// Literals have a type of their own, whatever stands beside them.
#[test]
fn a_choice_between_literals() {
    let book = book();
    book.gives(
        "sz | take 1 | let a = 5 g ?? 0 g, b = 3 ?? 1, c = £2 ?? £1, d = 2023-10-09 ?? 2023-10-10 | select a, b, c, d",
        "a [g],b,c [GBP],d\n5,3,2,2023-10-09\n",
    );
}

#[test]
fn sorting_and_taking() {
    let book = book();
    book.gives("ch | sort -val, c | select c", "c\nc5\nc4\nc3\nc2\nc1\nc6\n");
    book.gives("ch | sort val | take 2 | select c", "c\nc1\nc2\n");
    book.gives("ch | top 2 by -val | select c", "c\nc1\nc2\n");
    book.gives(
        "ch | top 1 by val per arr.age | select c, age = arr.age",
        "c,age\nc2,20\nc3,21\nc5,\nc6,30\n",
    );
    book.gives(
        "ch | sort -c | take 1 per a | select c",
        "c\nc6\nc5\nc3\nc2\nnote: 1 row without a belongs to no group and is left out\n",
    );
    book.gives("ch | sort -person | take 2 | select c", "c\nc5\nc2\n");
}

#[test]
fn overflow_is_an_error_in_sums_and_missing_in_rows() {
    let book = Book::new(&[("t.csv", "n,x,big\n9223372036854775807,123456789.12345678,1e+40\n1,0.1,2.5\n")]);
    book.refuses("t | summarise s = sum(n)", "data-overflow");
    book.gives("t | select m = n + 1", "m\n\"\"\n2\nnote: n + 1 has no value in 1 row: too large\n");
    book.gives("t | summarise m = mean(n)", "m\n4611686018427388000\n");
    book.gives("t | where n > 1 | summarise s = sum(x)", "s\n123456789.12345678\n");
    book.gives("t | select big", "big\n10000000000000000000000000000000000000000\n2.5\n");
    // What a filter leaves out can't be too large to add.
    book.gives("t | summarise s = sum(big where big < 10), n = count()", "s,n\n2.5,2\n");
    book.refuses("t | summarise s = sum(big)", "data-overflow");
}

/// Two tables whose link's ends hold `near` and `far`, of these types.
fn linked(near: &str, near_type: &str, far: &str, far_type: &str) -> Book {
    let catalogue = format!(
        "[tables.near]\nsource = \"near.csv\"\nlinks.far = {{ to = \"far\", by = \"k\", back = \"nears\" }}\n\
         [tables.near.columns]\nk = {near_type}\n\
         [tables.far]\nsource = \"far.csv\"\nkey = \"k\"\n[tables.far.columns]\nk = {far_type}\nw = \"integer\"\n"
    );
    Book::new(&[("casebook.toml", &catalogue), ("near.csv", near), ("far.csv", far)])
}

#[test]
fn the_ends_of_a_link_meet_as_text() {
    let near = "k,n\n1,x\n2,y\n,z\n";
    let far = "k,w\n1,10\n2,20\n";
    for (near, near_type) in [
        (near, "\"id\""),
        (near, "\"integer\""),
        (near, "\"text\""),
        ("k,n\n1.0,x\n2.0,y\n,z\n", "\"number\""),
        (near, "{ type = \"category\", values = [\"2\", \"1\"] }"),
    ] {
        for far_type in
            ["\"id\"", "\"integer\"", "\"number\"", "{ type = \"category\", values = [\"1\", \"2\"] }"]
        {
            let book = linked(near, near_type, far, far_type);
            book.gives("near | select n, w = far.w", "n,w\nx,10\ny,20\nz,\n");
            book.gives("far | select w, n = count(nears)", "w,n\n10,1\n20,1\n");
        }
    }
}

#[test]
fn a_key_must_be_one_as_it_is_read() {
    let near = "k,n\n1,x\n";
    for (far, far_type, repeated) in [
        ("k,w\n1,10\n01,20\n", "\"integer\"", true),
        ("k,w\n1,10\n 1,20\n", "\"id\"", true),
        ("k,w\na,10\nA,20\n", "{ type = \"text\", case = \"upper\" }", true),
        ("k,w\n1,10\n1,20\n", "\"id\"", true),
        // Missing keys are nobody's, however many.
        ("k,w\n1,10\n,20\n \t,30\n", "\"id\"", false),
    ] {
        let book = linked(near, "\"id\"", far, far_type);
        let said = book.ask("near | select w = far.w");
        assert_eq!(said.starts_with("data-key: "), repeated, "{far}{far_type}: {said}");
    }
}

#[test]
fn titles_sort_as_what_they_are() {
    let catalogue = |title: &str| {
        format!(
            "[units]\npills = \"items\"\n\
             [tables.ev]\nsource = \"ev.csv\"\nlinks.off = {{ to = \"off\", by = [\"k\", \"j\"], back = \"evs\" }}\n\
             [tables.ev.columns]\nk = \"id\"\nj = \"id\"\n\
             [tables.off]\nsource = \"off.csv\"\nkey = [\"k\", \"j\"]\ntitle = {title}\n[tables.off.columns]\nk = \"id\"\nj = \"id\"\n\
             rank = \"integer\"\nkind = {{ type = \"category\", values = [\"z\", \"a\"] }}\nbulk = {{ type = \"mass\", unit = \"g\" }}\n"
        )
    };
    let ev = "k,j\n1,a\n1,b\n2,a\n2,a\n,a\n";
    let off = "k,j,rank,kind,bulk\n1,a,100,a,2\n1,b,9,z,0.5\n2,a,,,\n";
    let asked = |title: &str| {
        let catalogue = catalogue(title);
        Book::new(&[("casebook.toml", &catalogue), ("ev.csv", ev), ("off.csv", off)]).ask("ev | count by off")
    };
    let note = "note: 1 row without off belongs to no group and is left out\n";
    assert_eq!(asked("\"rank\""), format!("off,count\n9,1\n100,1\n\"2, a\",2\n{note}"));
    assert_eq!(asked("\"kind\""), format!("off,count\nz,1\na,1\n\"2, a\",2\n{note}"));
    assert_eq!(
        asked("[\"bulk\", \"rank\"]"),
        format!("off,count\n\"0.5 g, 9\",1\n\"2 g, 100\",1\n\"2, a\",2\n{note}")
    );
}

#[test]
fn two_readings_of_one_heading() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[unit_codes.one]\nG = \"g\"\n[unit_codes.two]\nG = \"kg\"\n[tables.m]\nsource = \"m.csv\"\nkey = \"i\"\n\
             [tables.m.columns]\ni = \"id\"\n\
             q1 = { type = \"mass\", from = \"q\", unit_from = \"u\", units = \"one\", missing = [\"0\"] }\n\
             q2 = { type = \"mass\", from = \"q\", unit_from = \"u\", units = \"two\", missing = [\"9\"] }\n\
             [tables.k]\nsource = \"k.csv\"\nlinks.m = { to = \"m\", by = \"i\", back = \"ks\" }\n[tables.k.columns]\ni = \"id\"\n",
        ),
        ("m.csv", "i,q,u\n1,0,G\n2,9,G\n3,5,G\n"),
        ("k.csv", "i\n1\n3\n3\n"),
    ]);
    book.gives("m | select i, q1, q2", "i,q1 [g],q2 [g]\n1,,0\n2,9,\n3,5,5000\n");
    book.gives(
        "m | let a = count(ks where this.q1 > 1 kg), b = count(ks where this.q2 > 1 kg) | select i, a, b",
        "i,a,b\n1,0,0\n2,0,0\n3,0,2\n",
    );
}

#[test]
fn files_as_they_come() {
    let book = Book::new(&[
        ("blank.csv", "a,b\n1,2\n\n3,4\n\n\n5,6\n\n"),
        ("empties.csv", "a,b\n1,2\n,\n\"\",\"\"\n3,4\n"),
        ("one.csv", "a\n1\n\n3\n"),
        ("padded.csv", "place,n\nLambeth,1\nLambeth ,2\n"),
        ("twice.csv", "a,b,a\n1,2,3\n"),
        ("odd.csv", "# of arrests,#row,#g0\n1,2,3\n"),
        ("dates.csv", "d,e\n23-10-09,2023-10-09\n09-10-23,2023-10-10\n"),
    ]);
    book.gives("blank | count", "count\n3\n");
    book.gives("blank | summarise n = count(), s = sum(b)", "n,s\n3,12\n");
    book.gives("blank | where b is missing | count", "count\n0\n");
    book.gives("one | count", "count\n2\n");
    // Nor are lines of nothing but commas, which spreadsheets leave at the end.
    book.gives("empties | count", "count\n2\n");
    book.gives("padded | summarise n = sum(n) by place", "place,n\nLambeth,3\n");
    book.gives("twice | count", "count\n1\n");
    book.refuses("twice | select a", "name-column");
    book.gives("odd | sort `#row` | select `# of arrests`, `#row`, `#g0`", "# of arrests,#row,#g0\n1,2,3\n");
    book.gives("dates | where e in 2023-10-09 | select d", "d\n23-10-09\n");
}

#[test]
fn declared_formats_decide() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\n\
             d = { type = \"date\", formats = [\"%d/%m/%Y\", \"%d/%m/%y\"] }\n\
             t = { type = \"datetime\", formats = [\"%d/%m/%Y\", \"%d/%m/%Y %H:%M\"] }\n",
        ),
        ("t.csv", "d,t\n09/10/2023,09/10/2023\n09/10/23,09/10/2023 14:30\n09/10/69,x\n"),
    ]);
    book.gives(
        "t",
        "d,t\n2023-10-09,2023-10-09T00:00:00\n2023-10-09,2023-10-09T14:30:00\n1969-10-09,\n\
         note: a value does not fit and counts as missing: 1 of t.t (t.csv, line 4: \"x\" is no datetime)\n",
    );
}

#[test]
fn a_damaged_line_is_named() {
    let book = Book::new(&[("t.csv", "a,b\n1,2\n3,4,5\n")]);
    let said = book.ask("t | sort a");
    assert!(said.starts_with("data-read: ") && said.contains("t.csv, line 3: 3 fields"), "{said}");
}

#[test]
fn an_answer_has_the_same_bytes_on_every_thread_count() {
    let mut near = String::from("k,g,n\n");
    let mut far = String::from("k,w\n");
    for n in 0..60_000 {
        near.push_str(&format!("{},{},0.{}\n", n * 7 % 5_000, n * 13 % 97, n % 1_000));
    }
    for n in 0..5_000 {
        far.push_str(&format!("{n},{}\n", n % 31));
    }
    let book = linked(&near, "\"id\"", &far, "\"id\"");
    let ask = |threads: &str, question: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_casebook"))
            .args(["query", question])
            .current_dir(book.folder.path())
            .env("POLARS_MAX_THREADS", threads)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    for question in [
        "near | summarise n = count(), s = sum(n), m = mean(n), w = mean(far.w) by g",
        "near | where far.w > 3 | select k, g, w = far.w",
        "near | sort g | take 1000",
        "near | top 2 by n per g",
        "near | distinct g",
        "far | let s = sum(nears.n) | sort -s | select k, s",
    ] {
        let one = ask("1", question);
        assert!(one.len() > 100, "{question}");
        for _ in 0..2 {
            assert_eq!(ask("2", question), one, "{question}");
        }
    }
}

/// Keys that number their records are followed by position: what is written otherwise is no such key.
#[test]
fn keys_out_of_order_with_gaps() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[tables.a]\nsource = \"a.csv\"\nkey = \"id\"\n[tables.a.columns]\nid = \"id\"\nn = \"integer\"\n\
             [tables.b]\nsource = \"b.csv\"\nlinks.a = { to = \"a\", by = \"a_id\", back = \"bs\" }\n\
             [tables.b.columns]\na_id = \"id\"\n",
        ),
        ("a.csv", "id,place,n\nA012,x,1\nA010,y,2\nA1000,x,3\nA015,,4\n,z,5\nA009,y,\n"),
        (
            "b.csv",
            "b,a_id\n1,A010\n2,A10\n3,A0010\n4, A012 \n5,\n6,A011\n7,A1000\n8,A015\n9,A009\n10,a010\n11,A012\n12,B010\n",
        ),
    ]);
    book.gives(
        "b | select b, n = a.n, place = a.place",
        "b,n,place\n1,2,y\n2,,\n3,,\n4,1,x\n5,,\n6,,\n7,3,x\n8,4,\n9,,y\n10,,\n11,1,x\n12,,\n",
    );
    book.gives("b | where a is missing | count", "count\n6\n");
    book.gives("b | where a.place is missing | count", "count\n7\n");
    book.gives(
        "a | select id, many = count(bs), some = any(bs where b > 6), all_small = all(bs.b < 9)",
        "id,many,some,all_small\nA012,2,true,false\nA010,1,false,true\nA1000,1,true,true\nA015,1,true,true\n,0,false,true\nA009,1,true,false\n",
    );
    book.gives("a | where no(bs) | count", "count\n1\n");
    book.gives(
        "a | summarise many = count(bs), most = max(bs.b) by place",
        "place,many,most\nx,3,11\ny,2,9\nz,0,\n,1,8\n",
    );
    book.gives("b | count by a", "a,count\nA009,1\nA010,1\nA012,2\nA015,1\nA1000,1\nnote: 6 rows without a belong to no group and are left out\n");
}

/// A key that several records share is no key, whether a link leads there or not.
#[test]
fn a_repeated_key_is_refused() {
    let toml = |more: &str| format!("[tables.t]\nsource = \"t.csv\"\n{more}");
    let ask = |more: &str| {
        let book = Book::new(&[("casebook.toml", &toml(more)), ("t.csv", "id,n\n1,5\n2,6\n2,6\n,7\n,7\n")]);
        book.ask("t | summarise n = count(), s = sum(n)")
    };
    assert_eq!(ask(""), "n,s\n5,31\n");
    assert!(ask("key = \"id\"\n").starts_with("data-key: the key `id` of `t` is not unique"));
    assert_eq!(ask("key = \"id\"\nrepeated = \"drop\"\n"), "n,s\n3,18\n");
}

/// A key that is a number meets what is that number, however either is written.
#[test]
fn number_keys_meet_as_numbers() {
    let catalogue = |key: &str, by: &str| {
        format!(
            "[tables.parents]\nsource = \"parents.csv\"\nkey = \"pid\"\n[tables.parents.columns]\npid = \"{key}\"\n\
             [tables.kids]\nsource = \"kids.csv\"\nlinks.parent = {{ to = \"parents\", by = \"pid\", back = \"kids\" }}\n\
             [tables.kids.columns]\npid = \"{by}\"\n"
        )
    };
    let ask = |key: &str, by: &str, parents: &str, kids: &str| {
        let book = Book::new(&[
            ("casebook.toml", &catalogue(key, by)),
            ("parents.csv", parents),
            ("kids.csv", kids),
        ]);
        book.ask("parents | select nm, n = count(kids), v = sum(kids.v)")
    };
    let kids = "kid,pid,v\nk1,001,1\nk2,1,2\nk3,002,4\n";
    let parents = "pid,nm\n001,a\n002,b\n003,c\n";
    assert_eq!(ask("integer", "integer", parents, kids), "nm,n,v\na,2,3\nb,1,4\nc,0,0\n");
    assert_eq!(ask("integer", "id", parents, kids), "nm,n,v\na,1,2\nb,0,0\nc,0,0\n");
    assert_eq!(ask("id", "id", parents, kids), "nm,n,v\na,1,1\nb,1,4\nc,0,0\n");
    let below = "kid,pid,v\nk1,-1,1\nk2,-2,2\nk3,-1.0,4\n";
    assert_eq!(ask("integer", "integer", "pid,nm\n-1,a\n-2,b\n", below), "nm,n,v\na,2,5\nb,1,2\n");
    assert_eq!(ask("id", "integer", "pid,nm\n-1,a\n-2,b\n", below), "nm,n,v\na,2,5\nb,1,2\n");
    let pretty = "kid,pid,v\nk1,1001,1\nk2,\"1,002\",2\n";
    assert_eq!(
        ask("integer", "integer", "pid,nm\n\"1,001\",a\n\"1,002\",b\n", pretty),
        "nm,n,v\na,1,1\nb,1,2\n"
    );
}

/// Two links up and down again, where a record stands in several groups.
fn crossing(key: &str) -> Book {
    let toml = format!(
        "[tables.ps]\nsource = \"ps.csv\"\nkey = \"pid\"\n[tables.ps.columns]\npid = {key}\n\
         [tables.xs]\nsource = \"xs.csv\"\nkey = \"xid\"\nlinks.p = {{ to = \"ps\", by = \"pid\", back = \"xs\" }}\n\
         [tables.xs.columns]\nxid = {key}\npid = {key}\nperson = \"id\"\n\
         [tables.bs]\nsource = \"bs.csv\"\nkey = \"bid\"\nlinks.p = {{ to = \"ps\", by = \"pid\", back = \"bs\" }}\n\
         [tables.bs.columns]\nbid = {key}\npid = {key}\n\
         [tables.cs]\nsource = \"cs.csv\"\nkey = \"cid\"\nlinks.b = {{ to = \"bs\", by = \"bid\", back = \"cs\" }}\n\
         [tables.cs.columns]\ncid = {key}\nbid = {key}\n\
         [tables.ds]\nsource = \"ds.csv\"\nkey = \"did\"\nlinks.x = {{ to = \"xs\", by = \"xid\", back = \"ds\" }}\n\
         [tables.ds.columns]\ndid = {key}\nxid = {key}\n"
    );
    Book::new(&[
        ("casebook.toml", &toml),
        ("ps.csv", "pid\n1\n2\n"),
        ("xs.csv", "xid,pid,k,w,person\n1,1,p,0,P1\n2,1,q,0,P1\n3,2,p,0,\n4,2,q,5,\n5,1,r,0,P2\n"),
        ("bs.csv", "bid,pid,v\n1,1,1\n2,1,2\n3,2,3\n"),
        ("cs.csv", "cid,bid,v\n1,1,5\n2,2,1\n3,3,9\n4,3,1\n"),
        ("ds.csv", "did,xid,v\n1,1,1\n2,1,2\n3,5,3\n"),
    ])
}

#[test]
fn records_that_stand_in_several_groups() {
    // Links by position, and by text.
    for key in ["\"id\"", "{ type = \"text\", case = \"upper\" }"] {
        let book = crossing(key);
        book.gives(
            "xs | summarise n = count(p.bs where any(cs where v > this.v)) by k",
            "k,n\np,2\nq,2\nr,1\n",
        );
        book.gives(
            "xs | let n = count(p.bs where any(cs where v > this.w)) | select xid, n",
            "xid,n\n1,2\n2,2\n3,1\n4,1\n5,2\n",
        );
        book.gives(
            "xs | let n = count(p.bs where no(cs where v > this.w)) | select xid, n",
            "xid,n\n1,0\n2,0\n3,0\n4,0\n5,0\n",
        );
        book.gives(
            "xs | summarise n = sum(p.bs.v where count(cs where v > this.v) > 0) by k",
            "k,n\np,4\nq,4\nr,1\n",
        );
        // Rows without a person are counted once, however often they are read.
        let note = "note: 2 rows without person belong to no group and are left out\n";
        book.gives(
            "xs | take 1 per person | summarise d = distinct(ds.v) by k",
            &format!("k,d\np,2\nr,1\n{note}"),
        );
        book.gives(
            "xs | take 1 per person | let n = count(ds where v > this.w) | select xid, n",
            &format!("xid,n\n1,2\n5,1\n{note}"),
        );
    }
}

/// A key that the catalogue doesn't type is one by what it turns out to hold.
#[test]
fn a_key_that_nobody_declared() {
    let book = |days: &str| {
        Book::new(&[
            (
                "casebook.toml",
                "[tables.days]\nsource = \"days.csv\"\nkey = \"d\"\n\
                 [tables.kids]\nsource = \"kids.csv\"\nlinks.day = { to = \"days\", by = \"d\", back = \"kids\" }\n",
            ),
            ("days.csv", days),
            ("kids.csv", "kid,d\n1,1.5\n2,2\n"),
        ])
    };
    assert!(book("d,x\n1.5,1\n1.50,2\n").ask("kids | where day.x > 0 | count").starts_with("data-key: "));
    book("d,x\n1.5,1\n2.0,2\n").gives("kids | where day.x > 0 | count", "count\n2\n");
}

#[test]
fn files_of_one_table_are_counted_together() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[tables.ps]\nsource = \"ps*.csv\"\nkey = \"p\"\n\
             [tables.ks]\nsource = \"ks*.csv\"\nlinks.parent = { to = \"ps\", by = \"p\", back = \"ks\" }\n",
        ),
        ("ps1.csv", "p,n\n1,1\n2,2\n"),
        // Another order, so that they are read one by one; the others as one.
        ("ps2.csv", "n,p\n3,3\n4,4\n"),
        ("ks1.csv", "k,p,n\n1,1,5\n2,2,6\n"),
        ("ks2.csv", "k,p,n\n3,2,7\n4,9,8\n"),
    ]);
    book.gives("ps | summarise d = distinct(ks.n)", "d\n3\n");
    book.gives("ps | summarise m = median(ks.n)", "m\n6\n");
    book.gives("ps | where n > 1 | summarise k = count(ks)", "k\n2\n");
    book.gives("ps | where n > 1 | count", "count\n3\n");
    book.gives("ks | where n > 5 | count", "count\n3\n");
    book.gives("ks", "k,p,n\n1,1,5\n2,2,6\n3,2,7\n4,9,8\n");
}

#[test]
fn what_texts_read_as() {
    let book = Book::new(&[
        (
            "casebook.toml",
            "[unit_codes.n]\nGM = \"g\"\nKG = \"kg\"\n[tables.t]\nsource = \"t.csv\"\n[tables.t.columns]\n\
             m = \"money\"\nat = \"datetime\"\nunit = { type = \"text\", case = \"upper\" }\n\
             w = { type = \"mass\", from = \"q\", unit_from = \"unit\", units = \"n\" }\n",
        ),
        ("t.csv", "m,at,q,unit\n0e-2000000000,2023-10-09  4:30,2,gm\n1e-30,2023-10-09 23:59:60,3,KG\n"),
    ]);
    // Nothing of this is a value that does not fit.
    book.gives("t | select m, w", "m [GBP],w [g]\n0,2\n0,3000\n");
    book.gives("t | summarise known = count(at)", "known\n2\n");
}

/// Headings that look like the engine's own names, or like patterns of them.
#[test]
fn odd_headings_are_names() {
    let book = Book::new(&[
        ("h.csv", "#g0,role,n,#test0\n1,5,1,true\n2,5,1,false\n"),
        ("re.csv", "^n.*$,n1,*\n1,5,1\n2,6,1\n"),
    ]);
    book.gives("h | summarise s = sum(`#g0`) by role", "role,s\n5,3\n");
    book.gives("h | where role = 4 or `#test0` | count", "count\n1\n");
    book.gives("re | summarise s = sum(`^n.*$`), t = sum(`*`)", "s,t\n3,2\n");
}

#[test]
fn padding_makes_no_other_record() {
    let book = Book::new(&[
        ("casebook.toml", "[tables.a]\nsource = \"a.csv\"\nrepeated = \"drop\"\nkey = [\"f\", \"n\"]\n"),
        ("a.csv", "f,n,x\nA,1,p\n A,1 ,p\n   \nB,2,q\n"),
    ]);
    book.gives("a | summarise n = count(), s = sum(n)", "n,s\n2,3\n");
    let truths = Book::new(&[("t.csv", "id,b\n1,true\n2,false\n3,\n")]);
    truths.gives("t | where not b | count", "count\n1\nnote: 1 row is left out where b is missing\n");
    truths.gives("t", "id,b\n1,true\n2,false\n3,\n");
}
