//! Other queries' rows against plain loops: `in`, `append`, `except`, `join`, `unpivot`, `describe` and `sample` on
//! small random tables with missing values, repeated rows and nothing in them at all, and cases worked out by hand.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

/// A casebook in a temporary folder.
struct Book {
    casebook: Casebook,
    _folder: tempfile::TempDir,
}

impl Book {
    fn new(files: &[(&str, &str)]) -> Book {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Book { casebook: Casebook::open(folder.path()).unwrap(), _folder: folder }
    }

    /// The last question's answer as CSV and its notes (but for what filters leave out, which `tests/missing.rs`
    /// counts), or the code and message of what is wrong.
    fn ask(&self, question: &str) -> String {
        let queries = match self.casebook.compile(question, &Settings::default()) {
            Ok(queries) => queries,
            Err(mistakes) => return format!("{}: {}", mistakes[0].code, mistakes[0].message),
        };
        match self.casebook.answer(queries.last().unwrap()) {
            Ok(answer) => {
                let notes = answer.notes.iter().filter(|note| !note.contains(" left out where "));
                let notes: String = notes.map(|note| format!("note: {note}\n")).collect();
                let csv = write(&[answer], Format::Csv, Options::default()).unwrap();
                String::from_utf8(csv).unwrap() + &notes
            }
            Err(mistake) => format!("{}: {}", mistake.code, mistake.message),
        }
    }

    fn gives(&self, question: &str, expected: &str) {
        assert_eq!(self.ask(question), expected, "{question}");
    }

    fn refuses(&self, question: &str, code: &str) {
        let said = self.ask(question);
        assert!(said.starts_with(&format!("{code}: ")), "{question}\n{said}");
    }
}

/// A row of either table.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    i: usize,
    k: Option<&'static str>,
    n: Option<i64>,
    v: Option<i64>,
    d: Option<u32>,
}

/// Two tables of the same columns.
struct World {
    t: Vec<Row>,
    u: Vec<Row>,
    book: Book,
}

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

const KEYS: [&str; 4] = ["a", "b", "c", "B"];

fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

fn date(day: Option<u32>) -> String {
    day.map_or(String::new(), |day| format!("2023-01-{day:02}"))
}

impl World {
    fn random(seed: u64) -> World {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let mut table = |size: u64| -> Vec<Row> {
            (0..size as usize)
                .map(|i| Row {
                    i,
                    k: (dice.roll(5) > 0).then(|| KEYS[dice.roll(4) as usize]),
                    n: (dice.roll(4) > 0).then(|| dice.roll(5) as i64 - 1),
                    v: (dice.roll(4) > 0).then(|| dice.roll(6) as i64),
                    d: (dice.roll(4) > 0).then(|| 1 + dice.roll(6) as u32),
                })
                .collect()
        };
        let (t, u) = match seed {
            0 => (table(0), table(0)),
            1 => (table(0), table(6)),
            2 => (table(6), table(0)),
            3 => (table(1), table(1)),
            _ => (table(12), table(9)),
        };
        let csv = |rows: &[Row]| {
            let mut csv = String::from("i,k,n,v,d,x,at,c\n");
            for row in rows {
                let (k, n, v, d) = (text(row.k), text(row.n), text(row.v), date(row.d));
                let x = row.n.map_or(String::new(), |n| format!("{n}.0"));
                let at = row.d.map_or(String::new(), |_| format!("{d} 13:30"));
                writeln!(csv, "{},{k},{n},{v},{d},{x},{at},{k}", row.i).unwrap();
            }
            csv
        };
        let columns = |list: &str| {
            format!(
                "i = \"id\"\nk = \"text\"\nn = \"integer\"\nv = \"integer\"\nd = \"date\"\nx = \"number\"\n\
                 at = \"datetime\"\nc = {{ type = \"category\", values = [{list}] }}\n"
            )
        };
        let catalogue = format!(
            "[tables.t]\nsource = \"t.csv\"\nkey = \"i\"\n[tables.t.columns]\n{}\
             [tables.u]\nsource = \"u.csv\"\nkey = \"i\"\n[tables.u.columns]\n{}",
            columns("\"c\", \"B\", \"b\", \"a\""),
            columns("\"a\", \"b\", \"c\", \"B\"")
        );
        let book = Book::new(&[("casebook.toml", &catalogue), ("t.csv", &csv(&t)), ("u.csv", &csv(&u))]);
        World { t, u, book }
    }

    /// The rows' numbers, under the heading `i`.
    fn numbers<'r>(rows: impl IntoIterator<Item = &'r Row>) -> String {
        rows.into_iter().fold("i\n".to_string(), |csv, row| csv + &format!("{}\n", row.i))
    }
}

const SEEDS: u64 = 24;

#[test]
fn membership_in_a_query() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        let ks: BTreeSet<&str> = world.u.iter().filter_map(|row| row.k).collect();
        let ns: BTreeSet<i64> = world.u.iter().filter_map(|row| row.n).collect();
        let ds: BTreeSet<u32> = world.u.iter().filter_map(|row| row.d).collect();
        let ids: BTreeSet<i64> = world.u.iter().map(|row| row.i as i64).collect();
        let k = |row: &Row| row.k.map(|k| ks.contains(k));
        let n = |row: &Row| row.n.map(|n| ns.contains(&n));
        let d = |row: &Row| row.d.map(|d| ds.contains(&d));
        let by_id = |row: &Row| row.n.map(|n| ids.contains(&n));
        type Test<'t> = &'t dyn Fn(&Row) -> Option<bool>;
        let cases: [(&str, Test); 14] = [
            ("k in (u | select k)", &k),
            ("k in (u | select c)", &k),
            ("c in (u | select k)", &k),
            ("c in (u | select c)", &k),
            ("k in (u | let a = \"a\" | select a)", &|row| row.k.map(|k| !world.u.is_empty() && k == "a")),
            ("n in (u | select n)", &n),
            ("n in (u | select x)", &n),
            ("x in (u | select n)", &n),
            ("x in (u | select x)", &n),
            ("d in (u | select d)", &d),
            ("at in (u | select d)", &d),
            ("d in (u | select at)", &d),
            ("n in (u | select i)", &by_id),
            ("k in (u | where n in (t | select n) | select k)", &|row| {
                let here: BTreeSet<i64> = world.t.iter().filter_map(|row| row.n).collect();
                let met = |other: &&Row| other.n.is_some_and(|n| here.contains(&n));
                let ks: BTreeSet<&str> = world.u.iter().filter(met).filter_map(|row| row.k).collect();
                row.k.map(|k| ks.contains(k))
            }),
        ];
        for (test, holds) in cases {
            let yes = world.t.iter().filter(|row| holds(row) == Some(true));
            world.book.gives(&format!("t | where {test} | select i"), &World::numbers(yes));
            let no = world.t.iter().filter(|row| holds(row) == Some(false));
            let negated = test.replacen(" in ", " not in ", 1);
            world.book.gives(&format!("t | where {negated} | select i"), &World::numbers(no));
            let each = world
                .t
                .iter()
                .fold("i,y\n".to_string(), |csv, row| csv + &format!("{},{}\n", row.i, text(holds(row))));
            world.book.gives(&format!("t | let y = {test} | select i, y"), &each);
            let many = world.t.iter().filter(|row| holds(row) == Some(true)).count();
            let sums: i64 =
                world.t.iter().filter(|row| holds(row) == Some(false)).filter_map(|row| row.v).sum();
            let counted = world.book.ask(&format!(
                "t | summarise many = count(where {test}), sums = sum((v ?? 0) where {negated})"
            ));
            assert_eq!(counted.lines().nth(1).unwrap(), format!("{many},{sums}"), "{test}");
        }
        // A value is among those of its own column exactly where it is known.
        let known = world.t.iter().filter(|row| row.n.is_some());
        world.book.gives("let mine = t | select n\nt | where n in mine | select i", &World::numbers(known));
    }
}

#[test]
fn rows_below_and_rows_left_out() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        let line = |row: &Row, n: String| format!("{n},{},{}\n", text(row.k), row.i);
        // First these rows, then those, by name and not by place; widened.
        let mut both = "w,k,i\n".to_string();
        world.t.iter().for_each(|row| both += &line(row, text(row.n)));
        world.u.iter().for_each(|row| both += &line(row, text(row.n)));
        world.book.gives("t | select w = n, k, i | append (u | select i, k, w = n)", &both);
        world.book.gives("t | select w = n, k, i | append (u | select i, k, w = x)", &both);
        world.book.gives("t | select w = x, k = c, i | append (u | select i, k = c, w = n)", &both);
        let mut sorted: Vec<&Row> = world.u.iter().collect();
        sorted.sort_by_key(|row| (row.v.is_none(), std::cmp::Reverse(row.v)));
        let mut backwards: Vec<&Row> = world.t.iter().collect();
        backwards.sort_by_key(|row| (row.n.is_none(), row.n));
        let ordered = World::numbers(backwards.iter().copied().chain(sorted.iter().copied()));
        world.book.gives("t | sort n | select i | append (u | sort -v | select i)", &ordered);
        let taken = World::numbers(backwards.iter().copied().chain(sorted.iter().copied().take(4)).take(9));
        world.book.gives("t | sort n | append (u | sort -v | take 4) | take 9 | select i", &taken);
        let size = world.t.len() + 2 * world.u.len();
        world.book.gives("t | append u | append u | count", &format!("count\n{size}\n"));
        world.book.gives(
            "t | append u | summarise n = count(), per = distinct(k)",
            &format!(
                "n,per\n{},{}\n",
                world.t.len() + world.u.len(),
                world.t.iter().chain(&world.u).filter_map(|row| row.k).collect::<BTreeSet<_>>().len()
            ),
        );
        // Split in three, a table is itself again.
        let test = "n > 1";
        let again = world.book.ask(&format!(
            "t | where {test} | append (t | where not ({test})) | append (t | where ({test}) is missing)"
        ));
        let whole = world.book.ask("t");
        let bag = |csv: &str| {
            let mut lines: Vec<String> = csv.lines().map(str::to_string).collect();
            lines.sort();
            lines
        };
        assert_eq!(bag(&again), bag(&whole), "seed {seed}");

        let ks: BTreeSet<Option<&str>> = world.u.iter().map(|row| row.k).collect();
        let pairs: BTreeSet<(Option<&str>, Option<i64>)> = world.u.iter().map(|row| (row.k, row.n)).collect();
        let rest = World::numbers(world.t.iter().filter(|row| !ks.contains(&row.k)));
        world.book.gives("t | except (u | select k) | select i", &rest);
        world.book.gives("t | except (u | select k = c) | select i", &rest);
        let rest = World::numbers(world.t.iter().filter(|row| !pairs.contains(&(row.k, row.n))));
        world.book.gives("t | except (u | select n, k) | select i", &rest);
        world.book.gives("t | except (u | select k, n = x) | select i", &rest);
        world.book.gives("t | except t | count", "count\n0\n");
        world.book.gives("t | except (t | append t) | count", "count\n0\n");
    }
}

#[test]
fn rows_beside() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        type Meets<'m> = &'m dyn Fn(&Row, &Row) -> bool;
        let by_k = |t: &Row, u: &Row| t.k.is_some() && t.k == u.k;
        let by_both = |t: &Row, u: &Row| by_k(t, u) && t.n.is_some() && t.n == u.n;
        let by_day = |t: &Row, u: &Row| {
            by_k(t, u) && t.d.zip(u.d).is_some_and(|(t, u)| (0..=2).contains(&(i64::from(t) - i64::from(u))))
        };
        let cases: [(&str, Meets); 8] = [
            ("a.k = k", &by_k),
            ("k = a.c", &by_k),
            ("c = a.c", &by_k),
            ("a.n = n and a.k = k", &by_both),
            ("a.x = n and k = a.k", &by_both),
            ("a.k = k and d - a.d in 0 days..2 days", &by_day),
            ("d - a.d in 0 days..2 days and k = a.k and a.i in (u | select i)", &by_day),
            ("a.n = n and a.k = k and (n > 0 or v is missing)", &|t, u| {
                by_both(t, u) && (t.n > Some(0) || t.v.is_none())
            }),
        ];
        for (on, meets) in cases {
            // Partners in the query's order, which is not the table's.
            let mut others: Vec<&Row> = world.u.iter().collect();
            others.sort_by_key(|row| (row.v.is_none(), std::cmp::Reverse(row.v)));
            let mut csv = "i,j,w\n".to_string();
            let mut several = BTreeSet::new();
            for t in &world.t {
                let met: Vec<&&Row> = others.iter().filter(|u| meets(t, u)).collect();
                if met.len() > 1 {
                    several.insert(t.i);
                }
                met.iter().for_each(|u| writeln!(csv, "{},{},{}", t.i, u.i, text(u.v)).unwrap());
                if met.is_empty() {
                    writeln!(csv, "{},,", t.i).unwrap();
                }
            }
            let ask = |many: &str, then: &str| {
                world.book.ask(&format!("t | join {many}(u | sort -v) as a on {on} | {then}"))
            };
            let question = format!("seed {seed}: {on}");
            assert_eq!(ask("many ", "select i, j = a.i, w = a.v"), csv, "{question}");
            let pairs = csv.lines().count() - 1;
            assert_eq!(ask("many ", "count"), format!("count\n{pairs}\n"), "{question}");
            let partners = csv.lines().skip(1).filter(|line| line.split(',').nth(1) != Some("")).count();
            assert_eq!(
                ask("many ", "where a.i is known | count"),
                format!("count\n{partners}\n"),
                "{question}"
            );
            if several.is_empty() {
                assert_eq!(ask("", "select i, j = a.i, w = a.v"), csv, "{question}");
                assert_eq!(ask("", "count"), format!("count\n{}\n", world.t.len()), "{question}");
            } else {
                // Whatever comes after it, and however little of it is looked at.
                for then in
                    ["count", "take 1 | select i", "where a.v = 77 | select i", "where i = 999 | count"]
                {
                    let said = ask("", then);
                    assert!(
                        said.starts_with("data-join: rows meet more than one row of u"),
                        "{question}\n{said}"
                    );
                }
            }
        }
        // One partner at most: by the first row of each key.
        let mut csv = "k,i,j\n".to_string();
        for t in &world.t {
            let first = world.u.iter().find(|u| by_k(t, u));
            writeln!(csv, "{},{},{}", text(t.k), t.i, text(first.map(|u| u.i))).unwrap();
        }
        world.book.gives(
            "t | join (u | where k is known | distinct k | select j = i, key = k) on key = k | select k, i, j",
            &csv,
        );
        // Grouped by a column of these rows, read once a group, and by one of the others.
        let mut counts = std::collections::BTreeMap::new();
        for t in &world.t {
            let met = world.u.iter().filter(|u| by_k(t, u)).count().max(1);
            *counts.entry((t.k.is_none(), t.k)).or_insert(0) += met;
        }
        let grouped = counts
            .iter()
            .fold("k,count\n".to_string(), |csv, ((_, k), count)| csv + &format!("{},{count}\n", text(*k)));
        world.book.gives("t | join many u as a on a.k = k | count by k", &grouped);
    }
}

#[test]
fn columns_that_become_rows() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        let mut csv = "i,what,value\n".to_string();
        for row in &world.t {
            writeln!(csv, "{},v,{}\n{0},n,{}", row.i, text(row.v), text(row.n)).unwrap();
        }
        world.book.gives("t | select i, n, v | unpivot v, n into what, value", &csv);
        world.book.gives("t | select i, v, n = x | unpivot v, n into what, value", &csv);
        let known = |pick: fn(&Row) -> Option<i64>| world.t.iter().filter_map(pick).count();
        let (v, n) = (known(|row| row.v), known(|row| row.n));
        let counted = match world.t.len() {
            0 => "what,known\n".to_string(),
            _ => format!("what,known\nv,{v}\nn,{n}\n"),
        };
        world
            .book
            .gives("t | unpivot v, n into what, value | summarise known = count(value) by what", &counted);
        let mut sorted: Vec<&Row> = world.t.iter().collect();
        sorted.sort_by_key(|row| (row.v.is_none(), std::cmp::Reverse(row.v)));
        let mut csv = "i,which\n".to_string();
        sorted.iter().for_each(|row| csv += &format!("{},n\n{0},x\n{0},w\n", row.i));
        let lines: Vec<&str> = csv.lines().take(8).collect();
        world.book.gives(
            "t | sort -v | let w = 1.5 | unpivot n, x, w into which, value | take 7 | select i, which",
            &(lines.join("\n") + "\n"),
        );
        world.book.gives(
            "t | let w = 2 | let y = 3 | unpivot w, y into which, value | summarise total = sum(value)",
            &format!("total\n{}\n", 5 * world.t.len()),
        );
    }
}

#[test]
fn what_columns_hold() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        let facts = |values: Vec<Option<String>>, smallest: Option<String>, largest: Option<String>| {
            let known: BTreeSet<&String> = values.iter().flatten().collect();
            let missing = values.iter().filter(|value| value.is_none()).count();
            format!("{missing},{},{},{}", known.len(), text(smallest), text(largest))
        };
        let n: Vec<Option<i64>> = world.t.iter().map(|row| row.n).collect();
        let k: Vec<Option<&str>> = world.t.iter().map(|row| row.k).collect();
        let d: Vec<Option<u32>> = world.t.iter().map(|row| row.d).collect();
        let order = ["c", "B", "b", "a"];
        let place = |k: &&str| order.iter().position(|known| known == k);
        let strings =
            |values: &[Option<&str>]| values.iter().map(|v| v.map(str::to_string)).collect::<Vec<_>>();
        let ends = |values: Vec<Option<i64>>| {
            let known = values.iter().flatten();
            (known.clone().min().map(i64::to_string), known.max().map(i64::to_string))
        };
        let (n_low, n_high) = ends(n.clone());
        let day = |day: Option<&u32>| day.map(|day| date(Some(*day)));
        let lines = [
            format!(
                "n,integer,{}",
                facts(n.iter().map(|n| n.map(|n| n.to_string())).collect(), n_low, n_high)
            ),
            format!(
                "k,text,{}",
                facts(
                    strings(&k),
                    k.iter().flatten().min().map(|k| (*k).to_string()),
                    k.iter().flatten().max().map(|k| (*k).to_string())
                )
            ),
            format!(
                "c,category,{}",
                facts(
                    strings(&k),
                    k.iter().flatten().min_by_key(|k| place(k)).map(|k| (*k).to_string()),
                    k.iter().flatten().max_by_key(|k| place(k)).map(|k| (*k).to_string())
                )
            ),
            format!(
                "d,date,{}",
                facts(
                    d.iter().map(|d| d.map(|d| d.to_string())).collect(),
                    day(d.iter().flatten().min()),
                    day(d.iter().flatten().max())
                )
            ),
            format!(
                "b,bool,{}",
                facts(n.iter().map(|n| n.map(|n| (n > 1).to_string())).collect(), None, None)
            ),
        ];
        let csv =
            lines.iter().fold("column,type,missing,distinct,smallest,largest\n".to_string(), |csv, line| {
                csv + line + "\n"
            });
        world.book.gives("t | let b = n > 1 | select n, k, c, d, b | describe", &csv);
        world.book.gives("t | describe | count", "count\n8\n");
    }
}

#[test]
fn samples() {
    for seed in 0..SEEDS {
        let world = World::random(seed);
        let drawn = |question: &str| -> Vec<usize> {
            world.book.ask(question).lines().skip(1).map(|line| line.parse().unwrap()).collect()
        };
        for n in [0, 1, 3, 7, 100] {
            let sample = drawn(&format!("t | sample {n} | select i"));
            assert_eq!(sample.len(), n.min(world.t.len()));
            assert!(sample.is_sorted(), "in the rows' order");
            assert_eq!(sample, drawn(&format!("t | sample {n} seed 1 | select i")));
            // A larger sample holds a smaller one.
            let more = drawn(&format!("t | sample {} | select i", n + 1));
            assert!(sample.iter().all(|row| more.contains(row)));
            let sorted = drawn(&format!("t | sort -i | sample {n} seed 5 | select i"));
            assert_eq!(sorted.len(), n.min(world.t.len()));
        }
    }
    let world = World::random(9);
    let samples: BTreeSet<String> =
        (0..40).map(|seed| world.book.ask(&format!("t | sample 4 seed {seed} | select i"))).collect();
    assert!(samples.len() > 30, "{} samples of 40 seeds", samples.len());
}

/// Two tables with links, quantities in units, and people who are nobody.
fn records() -> Book {
    Book::new(&[
        (
            "casebook.toml",
            r#"
[tables.arr]
source = "arr.csv"
key = "a"
[tables.arr.columns]
a = "id"
p = "id"
age = "integer"
sex = { type = "category", values = ["M", "F"] }

[tables.ch]
source = "ch.csv"
key = "c"
links.arr = { to = "arr", by = "a", back = "chs" }
[tables.ch.columns]
c = "id"
a = "id"
on = "date"
w = { type = "mass", unit = "g" }
odd = "integer"
"#,
        ),
        ("arr.csv", "a,p,age,sex\nA1,P1,20,M\nA2,,30,F\nA3,P1,,M\nA4,P2,40,\n"),
        (
            "ch.csv",
            "c,a,on,w,odd\nC1,A1,2023-01-02,1.5,x\nC2,A1,2023-01-02,,1\nC3,A3,2023-01-01,0.5,2\nC4,,2023-01-05,2,3\n",
        ),
    ])
}

#[test]
fn by_hand() {
    let book = records();
    // Links stay usable after `except`, and aggregates count each record once.
    book.gives(
        "arr | except (ch | where on >= 2023-01-05 | select a) | summarise n = count(), c = count(chs), w = sum(chs.w)",
        "n,c,w [g]\n4,3,2\nnote: 1 missing value is left out of sum(chs.w)\n",
    );
    book.gives("arr | except (ch | select a) | select a, c = count(chs)", "a,c\nA2,0\nA4,0\n");
    // A query within an aggregate's brackets, over related records and with a link of its own.
    book.gives(
        "arr | let n = count(chs where a in (ch | where arr.age = 20 | select a)) | select a, n",
        "a,n\nA1,2\nA2,0\nA3,0\nA4,0\n",
    );
    book.gives(
        "arr | summarise n = count(), c = count(chs where c not in (ch | where w > 1 g | select c)) by sex",
        "sex,n,c\nM,2,2\nF,1,0\n,1,0\n",
    );
    // A grouped query; nobody is no group, and the note says so once, however often the values are asked for.
    book.gives(
        "arr | let again = p in (arr | count by p | where count > 1 | select p) | count by again",
        "again,count\nfalse,1\ntrue,2\n,1\nnote: 1 row without p belongs to no group and is left out\n",
    );
    book.gives(
        "arr | except (arr | distinct p | select a) | summarise n = count(), c = count(chs), k = count(chs.arr)",
        "n,c,k\n2,1,1\nnote: 1 row without p belongs to no group and is left out\n",
    );
    book.gives(
        "arr | append (arr | distinct p) | top 2 by age per sex | select a",
        "a\nA1\nA1\nA2\nA4\nA4\nnote: 1 row without p belongs to no group and is left out\n",
    );
    // Missing equals nothing in a join, and missing is passed over in a set.
    book.gives(
        "ch | join arr as r on r.a = a and r.age < 30 | select c, r.p",
        "c,p\nC1,P1\nC2,P1\nC3,\nC4,\n",
    );
    book.gives("arr | where p in (arr | where age is missing | select p) | select a", "a\nA1\nA3\n");
    book.gives("arr | where age in (arr | where age is missing | select age) | count", "count\n0\n");
    book.gives("arr | where age not in (arr | where age is missing | select age) | count", "count\n3\n");
    // The columns that nothing reads are spoken of in no note; those that something reads are.
    book.gives("arr | join many ch as h on h.a = a | count by sex", "sex,count\nM,3\nF,1\n,1\n");
    let unfit = "note: a value does not fit and counts as missing: 1 of ch.odd (ch.csv, line 2: \"x\" is no integer)\n";
    let said = book.ask("arr | join many ch as h on h.a = a | select h.odd | take 2");
    assert_eq!(said, format!("odd\n\"\"\n1\n{unfit}"));
    // What repeats.
    book.refuses("ch | join arr as r on r.a = a | summarise x = sum(r.age)", "relation-repeats");
    book.refuses("arr | join many ch as h on h.a = a | summarise x = sum(age)", "relation-repeats");
    book.refuses(
        "ch | let age = arr.age | select age | append (arr | select age) | summarise x = mean(age)",
        "relation-repeats",
    );
    book.refuses("ch | unpivot on into k, v | summarise x = sum(w)", "relation-repeats");
    book.refuses(
        "arr | summarise n = distinct(p) by sex | append (arr | summarise n = count() by sex) | summarise n = sum(n)",
        "relation-additive",
    );
    book.gives(
        "ch | join arr as r on r.a = a | summarise x = sum(w), n = count(r.p)",
        "x [g],n\n4,3\nnote: 1 missing value is left out of sum(w)\n",
    );
    book.gives(
        "ch | join arr as r on r.a = a | summarise x = sum(each r.age)",
        "x\n40\nnote: 2 missing values are left out of sum(each r.age)\n",
    );
    // Shown as the first side shows it.
    book.gives(
        "ch | select w = w to kg | take 1 | append (ch | where c = \"C3\" | select w)",
        "w [kg]\n0.0015\n0.0005\n",
    );
    book.gives(
        "ch | select m = month(on) | take 1 | append (ch | where c = \"C4\" | select m = on)",
        "m\n2023-01-01\n2023-01-05\n",
    );
    // A column that one side lacks.
    book.gives(
        "arr | take 1 | select a, age | append (ch | take 1 | let age = missing | select a, age)",
        "a,age\nA1,20\nA1,\n",
    );
    // The key of a join's mistake is written as readers see it.
    book.gives(
        "arr | join (ch | select a, day = on, w) as h on h.a = a",
        "data-join: rows meet more than one row of ch, where a is A1",
    );
    // Joined rows go by their names from there on, in every stage.
    book.gives(
        "ch | join arr as r on r.a = a | drop r.p, arr.a | count",
        "name-column: there is no column `arr.a` here",
    );
    book.gives(
        "ch | join arr as r on r.a = a | rename years = r.age | distinct r.sex | select c, years, r.sex | sort r_sex",
        "name-column: there is no column `r_sex` here",
    );
    book.gives(
        "ch | join arr as r on r.a = a | join arr as q on q.p = r.p and q.a != r.a | select c, one = r.a, two = q.a",
        "c,one,two\nC1,A1,A3\nC2,A1,A3\nC3,A3,A1\nC4,,\n",
    );
    // A record is one beside a record.
    book.gives("ch | where arr in (ch | where w > 1 g | select arr) | select c", "c\nC1\nC2\n");
    // A description goes on as any rows do.
    book.gives(
        "ch | describe | where `missing` > 0 | select column, `missing`",
        "column,missing\na,1\nw,1\nodd,1\nnote: a value does not fit and counts as missing: 1 of ch.odd (ch.csv, line 2: \"x\" is no integer)\n",
    );
    book.gives(
        "ch | select w | describe",
        "column,type,missing,distinct,smallest,largest\nw,mass,1,3,0.5 g,2 g\n",
    );
    book.gives("ch | sample 2 | summarise n = count(), a = count(arr)", &{
        let sampled = book.ask("ch | sample 2 | select a");
        let known: BTreeSet<&str> = sampled.lines().skip(1).filter(|a| !a.is_empty()).collect();
        format!("n,a\n2,{}\n", known.len())
    });
}

#[test]
fn a_row_that_meets_two_is_an_error_of_the_data() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/county_lines");
    for (question, said) in [
        (
            "arrests | join charges as c on c.arrest_id = arrest_id | count",
            "error[data-join]: rows meet more than one row of charges, where arrest_id is A000002, A000004, A000006 and others",
        ),
        (
            "seizures | let place = arrest.borough | join arrests as a on a.borough = place and seized_on = day(a.arrested_at) | take 1",
            "error[data-join]: rows meet more than one row of arrests, where (place, seized_on) is (Barking And Dagenham, 2021-05-25), (Barnet, 2021-10-11), (Barnet, 2023-03-02) and others",
        ),
        (
            "lines | where name in (arrests | join charges as c on c.arrest_id = arrest_id | select c.offence) | count",
            "error[data-join]: rows meet more than one row of charges, where arrest_id is A000002, A000004, A000006 and others",
        ),
    ] {
        for threads in ["1", "2", "2"] {
            let run = assert_cmd::Command::new(env!("CARGO_BIN_EXE_casebook"))
                .args(["query", question])
                .current_dir(&folder)
                .env("POLARS_MAX_THREADS", threads)
                .assert()
                .code(3);
            let output = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
            assert_eq!(output.lines().next(), Some(said), "{question}");
            assert!(output.contains("help: `join many`"), "{output}");
        }
    }
}
