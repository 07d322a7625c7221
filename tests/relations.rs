//! Aggregates over relations against plain loops. Small random tables with missing links, dangling links,
//! missing values, parents without children and with many; every aggregate, over every path, in `let`,
//! `where` and `summarise`, must give what walking from record to record by hand gives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use casebook::output::{Format, Options, write};
use casebook::{Casebook, Settings};

/// A record: its table has the same columns as all others, so that any path's end can be asked the same.
#[derive(Clone, Debug)]
struct Record {
    id: usize,
    /// The id of the record that it belongs to, which may not exist.
    up: Option<usize>,
    v: Option<i64>,
    f: Option<bool>,
    g: Option<&'static str>,
}

/// lines ← arrests ← charges, seizures
const TABLES: [&str; 4] = ["lines", "arrests", "charges", "seizures"];

/// A table's to-one link: its name, and the table it leads to.
fn link(table: &str) -> Option<(&'static str, &'static str)> {
    match table {
        "arrests" => Some(("line", "lines")),
        "charges" | "seizures" => Some(("arrest", "arrests")),
        _ => None,
    }
}

struct World {
    tables: BTreeMap<&'static str, Vec<Record>>,
    /// Each table is two files.
    split: bool,
    /// Keys are numbers as they stand, so that links are followed by position; else by their texts.
    numbered: bool,
}

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

impl World {
    fn random(seed: u64) -> World {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
        let mut tables = BTreeMap::new();
        let mut above = 0;
        for table in TABLES {
            let size = match (seed, table) {
                (0, "charges") => 0,
                (1, _) => 1,
                _ => 3 + dice.roll(12),
            };
            let parents = if table == "seizures" { tables.get("arrests").map_or(0, Vec::len) } else { above };
            let records: Vec<Record> = (0..size as usize)
                .map(|id| Record {
                    id,
                    // A fifth have no link, some a link to nobody; few parents, so that some have many.
                    up: (dice.roll(5) > 0).then(|| dice.roll(parents as u64 + 2) as usize),
                    v: (dice.roll(4) > 0).then(|| dice.roll(9) as i64 - 2),
                    f: (dice.roll(4) > 0).then(|| dice.roll(2) == 0),
                    g: [None, Some("a"), Some("b"), Some("c")][dice.roll(4) as usize],
                })
                .collect();
            above = records.len();
            tables.insert(table, records);
        }
        World { tables, split: seed % 4 > 1, numbered: seed.is_multiple_of(2) }
    }

    fn write(&self, folder: &Path) {
        let mut catalogue = String::new();
        for (table, records) in &self.tables {
            // Two files of one table, read as one where they are alike, and one by one where their columns differ.
            let parts =
                if self.split { records.split_at(records.len() / 2) } else { (&records[..], &[][..]) };
            for (part, records) in [parts.0, parts.1].into_iter().enumerate() {
                let shuffled = part == 1 && !self.numbered;
                let mut csv = String::from(if shuffled { "g,id,up,v,f\n" } else { "id,up,v,f,g\n" });
                for r in records {
                    let up = r.up.map_or(String::new(), |up| up.to_string());
                    let v = r.v.map_or(String::new(), |v| v.to_string());
                    let f = r.f.map_or(String::new(), |f| f.to_string());
                    // A padded text is read; one that is as it stands need not be.
                    let pad = if !self.numbered && r.id % 3 == 1 { " " } else { "" };
                    let (id, g) = (r.id, r.g.unwrap_or(""));
                    match shuffled {
                        true => writeln!(csv, "{pad}{g},{id},{up},{v},{f}").unwrap(),
                        false => writeln!(csv, "{id},{up},{v},{f},{pad}{g}").unwrap(),
                    }
                }
                if part == 0 || self.split {
                    std::fs::write(folder.join(format!("{table}-{part}.csv")), csv).unwrap();
                }
            }
            writeln!(catalogue, "[tables.{table}]\nsource = \"{table}-*.csv\"\nkey = \"id\"").unwrap();
            if let Some((name, to)) = link(table) {
                writeln!(catalogue, "links.{name} = {{ to = \"{to}\", by = \"up\", back = \"{table}\" }}")
                    .unwrap();
            }
            let key = if self.numbered { "\"id\"" } else { "{ type = \"text\", case = \"upper\" }" };
            writeln!(
                catalogue,
                "[tables.{table}.columns]\nid = {key}\nup = {key}\nv = \"integer\"\nf = \"bool\"\ng = \"text\"\n"
            )
            .unwrap();
        }
        std::fs::write(folder.join("casebook.toml"), catalogue).unwrap();
    }

    fn records(&self, table: &str) -> &[Record] {
        &self.tables[table]
    }

    /// The records that one step leads to from those of `table`, each once.
    fn step(
        &self,
        table: &'static str,
        from: &BTreeSet<usize>,
        step: &str,
    ) -> (&'static str, BTreeSet<usize>) {
        if let Some((name, to)) = link(table)
            && name == step
        {
            let ups: BTreeSet<usize> = from.iter().filter_map(|id| self.records(table)[*id].up).collect();
            return (to, ups.into_iter().filter(|id| *id < self.records(to).len()).collect());
        }
        let back = *TABLES.iter().find(|name| **name == step).unwrap();
        let reached = self.records(back).iter().filter(|r| r.up.is_some_and(|up| from.contains(&up)));
        (back, reached.map(|r| r.id).collect())
    }

    fn reach(&self, table: &'static str, from: BTreeSet<usize>, path: &[&str]) -> Vec<Record> {
        let (mut table, mut here) = (table, from);
        for step in path {
            (table, here) = self.step(table, &here, step);
        }
        here.into_iter().map(|id| self.records(table)[id].clone()).collect()
    }
}

/// The aggregates: how each is written over a path (or over rows, where it is empty).
const AGGREGATES: [&str; 12] = [
    "count",
    "count v",
    "sum v",
    "mean v",
    "median v",
    "min v",
    "max v",
    "distinct v",
    "any f",
    "all f",
    "no f",
    "no",
];

fn written(aggregate: &str, path: &str, filter: &str) -> String {
    let (name, column) = aggregate.split_once(' ').unwrap_or((aggregate, ""));
    let argument = match (path, column) {
        ("", column) => column.to_string(),
        (path, "") => path.to_string(),
        (path, column) => format!("{path}.{column}"),
    };
    format!("{name}({})", format!("{argument}{filter}").trim())
}

/// By hand, as CSV shows it.
fn by_hand(aggregate: &str, records: &[Record]) -> String {
    let mut v: Vec<i64> = records.iter().filter_map(|r| r.v).collect();
    v.sort_unstable();
    let f: Vec<bool> = records.iter().filter_map(|r| r.f).collect();
    let number = |x: f64| format!("{x}");
    let shown = |x: Option<String>| x.unwrap_or_default();
    match aggregate {
        "count" => records.len().to_string(),
        "count v" => v.len().to_string(),
        "sum v" if records.is_empty() => "0".to_string(),
        "sum v" => shown((!v.is_empty()).then(|| v.iter().sum::<i64>().to_string())),
        "mean v" => shown((!v.is_empty()).then(|| number(v.iter().sum::<i64>() as f64 / v.len() as f64))),
        "median v" => {
            let middle = |n: usize| (v[(n - 1) / 2] + v[n / 2]) as f64 / 2.0;
            shown((!v.is_empty()).then(|| number(middle(v.len()))))
        }
        "min v" => shown(v.first().map(i64::to_string)),
        "max v" => shown(v.last().map(i64::to_string)),
        "distinct v" => v.iter().collect::<BTreeSet<_>>().len().to_string(),
        "any f" => f.contains(&true).to_string(),
        "all f" => (!f.contains(&false)).to_string(),
        "no f" => (!f.contains(&true)).to_string(),
        "no" => records.is_empty().to_string(),
        other => panic!("{other}"),
    }
}

const FILTERS: [&str; 4] = ["", " where v > 1", " where f", " where not f or v is missing"];

fn passes(filter: &str, r: &Record) -> bool {
    match filter {
        "" => true,
        " where v > 1" => r.v.is_some_and(|v| v > 1),
        " where f" => r.f == Some(true),
        " where not f or v is missing" => r.f == Some(false) || r.v.is_none(),
        other => panic!("{other}"),
    }
}

/// Every path of one to three steps; how many of its steps lead to one record.
fn paths(table: &'static str) -> Vec<Vec<&'static str>> {
    let mut found: Vec<(Vec<&'static str>, &'static str)> = vec![(Vec::new(), table)];
    let mut all = Vec::new();
    for _ in 0..3 {
        let mut longer = Vec::new();
        for (path, end) in &found {
            let mut next: Vec<(&'static str, &'static str)> = link(end).into_iter().collect();
            next.extend(
                TABLES.iter().filter(|t| link(t).is_some_and(|(_, to)| to == *end)).map(|t| (*t, *t)),
            );
            for (step, to) in next {
                let mut path = path.clone();
                path.push(step);
                all.push(path.clone());
                longer.push((path, to));
            }
        }
        found = longer;
    }
    all
}

fn leads_to_many(path: &[&str]) -> bool {
    path.iter().any(|step| TABLES.contains(step))
}

struct Asked {
    casebook: Casebook,
    seed: u64,
}

impl Asked {
    fn check(&self, question: &str, expected: &str) {
        let queries = self
            .casebook
            .compile(question, &Settings::default())
            .unwrap_or_else(|mistakes| panic!("seed {}: {question}\n{mistakes:#?}", self.seed));
        let answer = self
            .casebook
            .answer(&queries[0])
            .unwrap_or_else(|e| panic!("seed {}: {question}\n{e:#?}", self.seed));
        let got = String::from_utf8(write(&[answer], Format::Csv, Options::default()).unwrap()).unwrap();
        assert_eq!(got, expected, "seed {}: {question}", self.seed);
    }
}

fn ids(records: &[Record]) -> BTreeSet<usize> {
    records.iter().map(|r| r.id).collect()
}

/// The rows of each group in order, missing last; one group over all without a key.
fn groups(records: &[Record], keyed: bool) -> Vec<(String, Vec<Record>)> {
    if !keyed {
        return vec![(String::new(), records.to_vec())];
    }
    let mut by: BTreeMap<(bool, &str), Vec<Record>> = BTreeMap::new();
    for r in records {
        by.entry((r.g.is_none(), r.g.unwrap_or(""))).or_default().push(r.clone());
    }
    by.into_iter().map(|((_, g), rows)| (format!("{g},"), rows)).collect()
}

fn world(seed: u64, test: impl Fn(&World, &Asked)) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::random(seed);
    world.write(folder.path());
    let asked = Asked { casebook: Casebook::open(folder.path()).unwrap(), seed };
    test(&world, &asked);
}

#[test]
fn summarise_over_every_path() {
    for seed in 0..6 {
        world(seed, |world, asked| {
            for table in TABLES {
                let records = world.records(table);
                let mut all = paths(table);
                all.push(Vec::new());
                for path in all {
                    for filter in FILTERS {
                        for keyed in [true, false] {
                            // All aggregates in one question: they must not disturb each other.
                            let aggregates = AGGREGATES
                                .iter()
                                .filter(|a| !path.is_empty() || !filter.is_empty() || **a != "no");
                            let aggregates: Vec<&str> = aggregates.copied().collect();
                            let items: Vec<String> = aggregates
                                .iter()
                                .enumerate()
                                .map(|(n, a)| format!("x{n} = {}", written(a, &path.join("."), filter)))
                                .collect();
                            let names: Vec<String> = (0..aggregates.len()).map(|n| format!("x{n}")).collect();
                            let by = if keyed { " by g" } else { "" };
                            let question = format!("{table} | summarise {}{by}", items.join(", "));
                            let mut expected =
                                format!("{}{}\n", if keyed { "g," } else { "" }, names.join(","));
                            for (g, rows) in groups(records, keyed) {
                                let reached: Vec<Record> = world
                                    .reach(table, ids(&rows), &path)
                                    .into_iter()
                                    .filter(|r| passes(filter, r))
                                    .collect();
                                let values: Vec<String> =
                                    aggregates.iter().map(|a| by_hand(a, &reached)).collect();
                                writeln!(expected, "{g}{}", values.join(",")).unwrap();
                            }
                            asked.check(&question, &expected);
                        }
                    }
                }
            }
        });
    }
}

#[test]
fn one_aggregate_alone() {
    // Alone, an aggregate's filter may be applied sooner: the groups must still all be there. And a bare
    // count reads no column at all: the rows must still all be counted.
    for seed in 2..5 {
        world(seed, |world, asked| {
            let paths = [
                ("arrests", vec!["charges"]),
                ("charges", vec!["arrest"]),
                ("charges", vec![]),
                ("lines", vec!["arrests", "charges"]),
                ("charges", vec!["arrest", "seizures"]),
            ];
            for (table, path) in paths {
                for aggregate in AGGREGATES.iter().filter(|a| !path.is_empty() || **a != "no") {
                    let forms = FILTERS.iter().flat_map(|filter| {
                        [
                            (*filter, " by g", false),
                            (*filter, "", false),
                            (*filter, " by g", true),
                            (*filter, "", true),
                        ]
                    });
                    for (filter, by, narrowed) in forms {
                        // Of rows that a filter left a path is followed in another way.
                        let before = if narrowed { " | where v is known" } else { "" };
                        let call = written(aggregate, &path.join("."), filter);
                        let question = format!("{table}{before} | summarise x = {call}{by}");
                        let with_count = format!("{table}{before} | summarise n = count(), x = {call}{by}");
                        let key = if by.is_empty() { "" } else { "g," };
                        let mut expected = format!("{key}x\n");
                        let mut expected_with_count = format!("{key}n,x\n");
                        let here = world.records(table).iter().filter(|r| !narrowed || r.v.is_some());
                        for (g, rows) in groups(&here.cloned().collect::<Vec<_>>(), !by.is_empty()) {
                            let reached = world.reach(table, ids(&rows), &path);
                            let reached: Vec<Record> =
                                reached.into_iter().filter(|r| passes(filter, r)).collect();
                            let x = by_hand(aggregate, &reached);
                            // A line of one empty field is quoted, or it would be a blank line.
                            let alone = if by.is_empty() && x.is_empty() { "\"\"" } else { x.as_str() };
                            writeln!(expected, "{g}{alone}").unwrap();
                            writeln!(expected_with_count, "{g}{},{x}", rows.len()).unwrap();
                        }
                        asked.check(&question, &expected);
                        asked.check(&with_count, &expected_with_count);
                    }
                }
            }
        });
    }
}

#[test]
fn let_and_where_over_every_path() {
    for seed in 0..5 {
        world(seed, |world, asked| {
            for table in TABLES {
                for path in paths(table).into_iter().filter(|path| leads_to_many(path)) {
                    for filter in FILTERS {
                        let items: Vec<String> = AGGREGATES
                            .iter()
                            .enumerate()
                            .map(|(n, a)| format!("x{n} = {}", written(a, &path.join("."), filter)))
                            .collect();
                        let names: Vec<String> = (0..AGGREGATES.len()).map(|n| format!("x{n}")).collect();
                        let question =
                            format!("{table} | let {} | select id, {}", items.join(", "), names.join(", "));
                        let mut expected = format!("id,{}\n", names.join(","));
                        let mut kept = "id\n".to_string();
                        for r in world.records(table) {
                            let reached = world.reach(table, BTreeSet::from([r.id]), &path);
                            let reached: Vec<Record> =
                                reached.into_iter().filter(|r| passes(filter, r)).collect();
                            let values: Vec<String> =
                                AGGREGATES.iter().map(|a| by_hand(a, &reached)).collect();
                            writeln!(expected, "{},{}", r.id, values.join(",")).unwrap();
                            let sum: Option<i64> = by_hand("sum v", &reached).parse().ok();
                            if reached.len() > 1 || sum.is_some_and(|sum| sum < 0) {
                                writeln!(kept, "{}", r.id).unwrap();
                            }
                        }
                        asked.check(&question, &expected);
                        let count = written("count", &path.join("."), filter);
                        let sum = written("sum v", &path.join("."), filter);
                        asked.check(&format!("{table} | where {count} > 1 or {sum} < 0 | select id"), &kept);
                    }
                }
            }
        });
    }
}

#[test]
fn values_along_to_one_paths() {
    for seed in 0..8 {
        world(seed, |world, asked| {
            let mut expected = "id,a,b,c\n".to_string();
            let mut kept = "id\n".to_string();
            for r in world.records("charges") {
                let arrest = world.reach("charges", BTreeSet::from([r.id]), &["arrest"]);
                let line = world.reach("charges", BTreeSet::from([r.id]), &["arrest", "line"]);
                let v = |rs: &[Record]| rs.first().and_then(|r| r.v);
                let shown = |v: Option<i64>| v.map_or(String::new(), |v| v.to_string());
                let sum = v(&arrest).zip(v(&line)).map(|(a, b)| a + b);
                writeln!(expected, "{},{},{},{}", r.id, shown(v(&arrest)), shown(v(&line)), shown(sum))
                    .unwrap();
                if line.is_empty() || v(&arrest) > v(&line) && v(&line).is_some() {
                    writeln!(kept, "{}", r.id).unwrap();
                }
            }
            asked.check(
                "charges | let a = arrest.v, b = arrest.line.v, c = a + arrest.line.v | select id, a, b, c",
                &expected,
            );
            asked.check(
                "charges | where arrest.line is missing or arrest.v > arrest.line.v | select id",
                &kept,
            );
        });
    }
}

#[test]
fn each_and_mixed_values_count_rows() {
    for seed in 0..8 {
        world(seed, |world, asked| {
            let mut expected = "g,s,m,d\n".to_string();
            for (g, rows) in groups(world.records("charges"), true) {
                let of = |r: &Record| {
                    world.reach("charges", BTreeSet::from([r.id]), &["arrest"]).first().and_then(|a| a.v)
                };
                let each: Vec<Record> = rows.iter().map(|r| Record { v: of(r), ..r.clone() }).collect();
                let mixed: Vec<Record> = rows
                    .iter()
                    .map(|r| Record { v: r.v.zip(of(r)).map(|(a, b)| a - b), ..r.clone() })
                    .collect();
                writeln!(
                    expected,
                    "{g}{},{},{}",
                    by_hand("sum v", &each),
                    by_hand("mean v", &each),
                    by_hand("median v", &mixed)
                )
                .unwrap();
            }
            asked.check(
                "charges | summarise s = sum(each arrest.v), m = mean(each arrest.v), d = median(v - arrest.v) by g",
                &expected,
            );
        });
    }
}

#[test]
fn this_is_the_outer_row() {
    for seed in 0..8 {
        world(seed, |world, asked| {
            let mut expected = "id,n,s,deep\n".to_string();
            for r in world.records("seizures") {
                let charges = world.reach("seizures", BTreeSet::from([r.id]), &["arrest", "charges"]);
                let near: Vec<Record> =
                    charges.into_iter().filter(|c| c.v.zip(r.v).is_some_and(|(a, b)| a <= b)).collect();
                // Arrests of the same line that have a charge above this seizure's value.
                let arrests = world.reach("seizures", BTreeSet::from([r.id]), &["arrest", "line", "arrests"]);
                let deep = arrests.into_iter().filter(|a| {
                    let charges = world.reach("arrests", BTreeSet::from([a.id]), &["charges"]);
                    charges.iter().any(|c| c.v.zip(r.v).is_some_and(|(a, b)| a > b))
                });
                writeln!(expected, "{},{},{},{}", r.id, near.len(), by_hand("sum v", &near), deep.count())
                    .unwrap();
            }
            asked.check(
                "seizures | let n = count(arrest.charges where v <= this.v), s = sum(arrest.charges.v where v <= this.v), \
                 deep = count(arrest.line.arrests where any(charges where v > this.v)) | select id, n, s, deep",
                &expected,
            );
        });
    }
}

#[test]
fn aggregates_inside_aggregates() {
    for seed in 0..8 {
        world(seed, |world, asked| {
            let mut expected = "g,n,m,deep\n".to_string();
            for (g, rows) in groups(world.records("lines"), true) {
                let mut n = 0;
                let mut m = Vec::new();
                for r in &rows {
                    let arrests = world.reach("lines", BTreeSet::from([r.id]), &["arrests"]);
                    n += usize::from(!arrests.is_empty());
                    m.push(arrests.len() as i64);
                }
                let arrests = world.reach("lines", ids(&rows), &["arrests"]);
                let deep = arrests
                    .iter()
                    .filter(|a| !world.reach("arrests", BTreeSet::from([a.id]), &["charges"]).is_empty());
                let max = m.iter().max().map_or(String::new(), i64::to_string);
                writeln!(expected, "{g}{n},{max},{}", deep.count()).unwrap();
            }
            asked.check(
                "lines | summarise n = count(where any(arrests)), m = max(count(arrests)), deep = count(arrests where any(charges)) by g",
                &expected,
            );
        });
    }
}

#[test]
fn groups_by_a_record() {
    for seed in 0..8 {
        world(seed, |world, asked| {
            // Titles default to the key; rows without a record form no group.
            let mut by: BTreeMap<String, Vec<Record>> = BTreeMap::new();
            for r in world.records("charges") {
                for arrest in world.reach("charges", BTreeSet::from([r.id]), &["arrest"]) {
                    by.entry(arrest.id.to_string()).or_default().push(r.clone());
                }
            }
            let mut expected = "arrest,n,s\n".to_string();
            for (id, rows) in by {
                writeln!(expected, "{id},{},{}", rows.len(), by_hand("sum v", &rows)).unwrap();
            }
            asked.check("charges | summarise n = count(), s = sum(v) by arrest", &expected);
        });
    }
}
