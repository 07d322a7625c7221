//! Small tables: five of them, four linked, from none to a dozen records each, with missing values and missing
//! keys, links that lead nowhere, ties, texts in odd letters, days before 1970, and now and then the largest and
//! smallest numbers that there are. A sixth is made of the keys of people, who are written in each of the others in its
//! own way.

use std::collections::BTreeMap;

use super::Random;
use crate::second::data::File;

/// A type, as far as growing an expression needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Integer,
    Number,
    Text,
    /// By its place in [`LISTS`].
    Category(usize),
    Id,
    Date,
    Datetime,
    Duration,
    Money,
    Mass,
    Volume,
    Items,
}

/// The values of the categories.
pub const LISTS: [&[&str]; 5] = [
    &["north", "south", "east"],
    &["runner", "line holder", "other"],
    &["C", "A", "B"],
    &["cash", "drug", "knife"],
    &["P2", "7", "P0", "12"],
];

/// Texts, so few that many are alike.
pub const TEXTS: [&str; 14] = [
    "Barnet",
    "barnet",
    "Brent",
    "Bexley",
    "a",
    "A",
    "é",
    "Ünï",
    "ß",
    "x y",
    "a,b",
    "say \"a\"",
    "12",
    "-3.50",
];
/// Days, some at the ends of weeks, months and years.
pub const DAYS: [&str; 12] = [
    "1969-12-31",
    "1970-01-01",
    "2000-02-29",
    "2022-12-31",
    "2023-01-01",
    "2023-06-30",
    "2023-09-30",
    "2023-10-09",
    "2023-10-15",
    "2023-10-16",
    "2023-12-31",
    "2024-02-29",
];
/// Times of day.
const CLOCKS: [&str; 6] = ["00:00", "00:00:00", "23:59:59", "12:30", "23:59:59.999999", "06:00:01"];
const NUMBERS: [&str; 9] = ["0", "0.5", "0.1", "-2.25", "1.005", "3", "123456.789", "0.3", "2.5"];
const WILD_NUMBERS: [&str; 5] = ["1e17", "-1e300", "2.5e-10", "0.0000000005", "999999999999999999"];
const WILD_INTEGERS: [&str; 4] =
    ["9223372036854775807", "-9223372036854775808", "4611686018427387904", "9007199254740993"];
const AMOUNTS: [&str; 8] = ["0", "5", "10.5", "-3.25", "0.00005", "0.00015", "1250", "7.6"];
const WILD_AMOUNTS: [&str; 2] = ["900000000000000", "-922337203685477.5808"];

/// A column that questions may name.
#[derive(Clone, Debug)]
pub struct Column {
    pub name: &'static str,
    pub ty: Ty,
}

/// A link to one record.
#[derive(Clone, Debug)]
pub struct Link {
    pub name: &'static str,
    pub from: usize,
    pub to: usize,
    pub back: &'static str,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<Column>,
}

/// A casebook.
#[derive(Clone, Debug)]
pub struct World {
    pub tables: Vec<Table>,
    pub links: Vec<Link>,
    /// The catalogue.
    pub toml: String,
    /// The records, by the tables' names.
    pub files: BTreeMap<String, File>,
}

/// What stands in a file under a heading.
#[derive(Clone, Copy)]
enum Fill {
    /// The table's own keys.
    Key,
    /// Another table's keys, by their first letter.
    Of(&'static str, usize),
    Plain(Ty),
    /// A bare amount, or its unit.
    Quantity,
    Unit,
    /// Who it was, written in the table's own way.
    Person,
}

/// Table, its file's headings, and what the catalogue says of each.
type Sheet = (&'static str, &'static [(&'static str, &'static str, Fill)]);

const SHEETS: [Sheet; 5] = [
    (
        "teams",
        &[
            ("team", "KEY", Fill::Key),
            ("name", "\"text\"", Fill::Plain(Ty::Text)),
            ("grade", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("since", "\"date\"", Fill::Plain(Ty::Date)),
            ("force", "LIST0", Fill::Plain(Ty::Category(0))),
        ],
    ),
    (
        "arrests",
        &[
            ("arrest_id", "KEY", Fill::Key),
            ("team_id", "\"id\"", Fill::Of("T", 0)),
            ("person", "PERSON", Fill::Person),
            ("at", "\"datetime\"", Fill::Plain(Ty::Datetime)),
            ("age", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("borough", "\"text\"", Fill::Plain(Ty::Text)),
            ("role", "LIST1", Fill::Plain(Ty::Category(1))),
            ("bail", "\"bool\"", Fill::Plain(Ty::Bool)),
            ("score", "\"number\"", Fill::Plain(Ty::Number)),
            ("fine", "\"money\"", Fill::Plain(Ty::Money)),
        ],
    ),
    (
        "charges",
        &[
            ("charge_id", "KEY", Fill::Key),
            ("arrest_id", "\"id\"", Fill::Of("A", 1)),
            ("person", "PERSON", Fill::Person),
            ("charged", "\"date\"", Fill::Plain(Ty::Date)),
            ("offence", "\"text\"", Fill::Plain(Ty::Text)),
            ("class", "LIST2", Fill::Plain(Ty::Category(2))),
            ("points", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("amount", "\"money\"", Fill::Plain(Ty::Money)),
            ("guilty", "\"bool\"", Fill::Plain(Ty::Bool)),
        ],
    ),
    (
        "seizures",
        &[
            ("seizure_id", "KEY", Fill::Key),
            ("arrest_id", "\"id\"", Fill::Of("A", 1)),
            ("found", "\"datetime\"", Fill::Plain(Ty::Datetime)),
            ("kind", "LIST3", Fill::Plain(Ty::Category(3))),
            ("quantity", "", Fill::Quantity),
            ("unit", "\"text\"", Fill::Unit),
            ("risk", "\"number\"", Fill::Plain(Ty::Number)),
            ("places", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("owner", "PERSON", Fill::Person),
        ],
    ),
    (
        "things",
        &[
            ("n", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("m", "\"integer\"", Fill::Plain(Ty::Integer)),
            ("x", "\"number\"", Fill::Plain(Ty::Number)),
            ("y", "\"number\"", Fill::Plain(Ty::Number)),
            ("t", "\"text\"", Fill::Plain(Ty::Text)),
            ("c", "LIST0", Fill::Plain(Ty::Category(0))),
            ("b", "\"bool\"", Fill::Plain(Ty::Bool)),
            ("i", "PERSON", Fill::Person),
            ("d", "\"date\"", Fill::Plain(Ty::Date)),
            ("e", "\"date\"", Fill::Plain(Ty::Date)),
            ("at", "\"datetime\"", Fill::Plain(Ty::Datetime)),
            ("cash", "\"money\"", Fill::Plain(Ty::Money)),
            ("weight", "{ type = \"mass\", unit = \"g\" }", Fill::Plain(Ty::Mass)),
            ("spell", "{ type = \"duration\", unit = \"hours\" }", Fill::Plain(Ty::Duration)),
            ("drink", "{ type = \"volume\", unit = \"us fl oz\" }", Fill::Plain(Ty::Volume)),
            ("pills", "{ type = \"items\", kind = \"tablets\" }", Fill::Plain(Ty::Items)),
        ],
    ),
];

/// Of each table that names people: its place, the column, the link from there and the way back.
const PEOPLE: [(usize, &str, &str, &str); 4] = [
    (1, "person", "who", "arrests"),
    (2, "person", "suspect", "charges"),
    (3, "owner", "owned_by", "seized"),
    (4, "i", "holder", "things"),
];
/// How a table may write people: what the catalogue says, the type, and how they stand in the file. As texts some of
/// them are the same people.
const WRITTEN: [(&str, Ty, &[&str]); 5] = [
    ("\"id\"", Ty::Id, &["P0", "P1", "P2", "P3"]),
    ("\"id\"", Ty::Id, &["7", "12", "P2", " 7 ", "p0"]),
    ("\"integer\"", Ty::Integer, &["7", "07", "12", "-3", "0"]),
    ("{ type = \"text\", case = \"upper\" }", Ty::Text, &["p0", " P1", "P1 ", "p 2", "7"]),
    ("LIST4", Ty::Category(4), LISTS[4]),
];

/// What seizures' quantities are, by their units.
const MEASURED: [(&str, &str, Ty); 3] =
    [("weight", "mass", Ty::Mass), ("value", "money", Ty::Money), ("pills", "items", Ty::Items)];

impl World {
    /// The casebook of a seed.
    pub fn random(random: &mut Random) -> World {
        let mut links = vec![
            Link { name: "squad", from: 1, to: 0, back: "arrests" },
            Link { name: "arrest", from: 2, to: 1, back: "charges" },
            Link { name: "arrest", from: 3, to: 1, back: "seizures" },
        ];
        // How each table writes people, whether it makes them up or looks for them, or neither.
        let alike = random.percent(50);
        let written: Vec<usize> =
            PEOPLE.iter().map(|_| if alike { 0 } else { random.below(WRITTEN.len()) }).collect();
        let mut roles: Vec<usize> = PEOPLE.iter().map(|_| random.weighted(&[6, 2, 2])).collect();
        if !roles.contains(&0) {
            roles[random.below(PEOPLE.len())] = 0;
        }
        let mut members = Vec::new();
        for ((from, column, name, back), role) in PEOPLE.iter().zip(&roles) {
            if *role < 2 {
                links.push(Link { name, from: *from, to: SHEETS.len(), back });
            }
            if *role == 0 {
                let table = SHEETS[*from].0;
                members.push(format!(
                    "{{ column = \"{table}.{column}\", link = \"{name}\", back = \"{back}\" }}"
                ));
            }
        }
        let wild = random.percent(20);
        // Keys that number their records are followed by position, others by their text.
        let numbered = random.percent(60);
        let marker = random.percent(30);
        let keys: Vec<Vec<String>> =
            ["T", "A", "C", "S", "-"].iter().map(|letter| World::keys(random, letter, numbered)).collect();
        let mut toml = "currency = \"GBP\"\n[units]\ntablets = \"items\"\n".to_string();
        let mut files = BTreeMap::new();
        let mut tables = Vec::new();
        for (at, (name, sheet)) in SHEETS.iter().enumerate() {
            toml += &format!("[tables.{name}]\nsource = \"{name}.csv\"\n");
            if let Some((key, ..)) = sheet.iter().find(|(.., fill)| matches!(fill, Fill::Key)) {
                toml += &format!("key = \"{key}\"\n");
            }
            if *name == "teams" {
                toml += random.pick(&[
                    "",
                    "title = \"name\"\n",
                    "title = [\"force\", \"grade\"]\n",
                    "title = \"grade\"\n",
                ]);
            }
            if marker {
                toml += "missing = [\"N/K\", \"12\"]\n";
            }
            let people = PEOPLE.iter().position(|(from, ..)| *from == at);
            for link in links.iter().filter(|link| link.from == at) {
                let by = match link.to {
                    0 => "team_id",
                    1 => "arrest_id",
                    // Those that make people up say so there.
                    _ if people.is_none_or(|at| roles[at] == 0) => continue,
                    _ => PEOPLE[people.unwrap_or(0)].1,
                };
                let to = SHEETS.get(link.to).map_or("people", |(name, _)| name);
                let (name, back) = (link.name, link.back);
                toml += &format!("links.{name} = {{ to = \"{to}\", by = \"{by}\", back = \"{back}\" }}\n");
            }
            toml += &format!("[tables.{name}.columns]\n");
            let mut columns = Vec::new();
            let people = people.map_or(0, |at| written[at]);
            for (heading, says, fill) in *sheet {
                let says = if *says == "PERSON" { WRITTEN[people].0 } else { says };
                let ty = match fill {
                    Fill::Key | Fill::Of(..) => Ty::Id,
                    Fill::Person => WRITTEN[people].1,
                    Fill::Plain(ty) => *ty,
                    Fill::Unit => Ty::Text,
                    Fill::Quantity => {
                        for (name, says, ty) in MEASURED {
                            let kind = if ty == Ty::Items { ", kind = \"tablets\"" } else { "" };
                            toml += &format!(
                                "{name} = {{ type = \"{says}\", from = \"quantity\", unit_from = \"unit\"{kind} }}\n"
                            );
                            columns.push(Column { name, ty });
                        }
                        continue;
                    }
                };
                let says = match (says.strip_prefix("LIST"), says) {
                    (Some(list), _) => {
                        let list = LISTS[list.parse::<usize>().unwrap_or(0)];
                        format!("{{ type = \"category\", values = {list:?} }}")
                    }
                    (None, "KEY") if numbered => "\"id\"".to_string(),
                    (None, "KEY") => "{ type = \"text\", case = \"upper\" }".to_string(),
                    (None, says) => says.to_string(),
                };
                let ty = if says.contains("upper") { Ty::Text } else { ty };
                toml += &format!("{heading} = {says}\n");
                columns.push(Column { name: heading, ty });
            }
            tables.push(Table { name, columns });
            files.insert((*name).to_string(), World::file(random, sheet, &keys, at, wild, people));
        }
        toml += &format!("[tables.people]\nkey = \"person\"\nkeys_of = [{}]\n", members.join(", "));
        tables.push(Table { name: "people", columns: vec![Column { name: "person", ty: Ty::Id }] });
        World { tables, links, toml, files }
    }

    fn keys(random: &mut Random, letter: &str, numbered: bool) -> Vec<String> {
        let many = if random.percent(15) { random.below(2) } else { 2 + random.below(11) };
        let mut keys: Vec<String> = Vec::new();
        for at in 1..=many {
            keys.push(if numbered {
                format!("{letter}{at:02}")
            } else {
                format!("{letter}{}X", at * 7 % 13)
            });
        }
        for at in (1..keys.len()).rev() {
            if random.percent(30) {
                keys.swap(at, at - 1);
            }
        }
        keys
    }

    fn file(
        random: &mut Random,
        sheet: &[(&str, &str, Fill)],
        keys: &[Vec<String>],
        own: usize,
        wild: bool,
        people: usize,
    ) -> File {
        let holes: Vec<usize> = sheet
            .iter()
            .map(|(.., fill)| match fill {
                Fill::Key => [0, 0, 10][random.below(3)],
                _ => [0, 15, 15, 50, 100][random.weighted(&[6, 5, 5, 3, 1])],
            })
            .collect();
        let row = |at: usize, random: &mut Random| {
            sheet
                .iter()
                .zip(&holes)
                .map(|((.., fill), hole)| match fill {
                    _ if random.percent(*hole) => String::new(),
                    Fill::Key => keys[own][at].clone(),
                    Fill::Person => random.pick(WRITTEN[people].2).to_string(),
                    Fill::Of(letter, table) => match keys.get(*table) {
                        Some(keys) if !keys.is_empty() && !random.percent(12) => {
                            keys[random.below(keys.len())].clone()
                        }
                        Some(_) => format!("{letter}99"),
                        None => format!("{letter}{}", random.below(4)),
                    },
                    Fill::Plain(ty) => field(random, *ty, wild),
                    Fill::Quantity => AMOUNTS[random.below(AMOUNTS.len())].to_string(),
                    Fill::Unit => {
                        random.pick(&["g", "kg", "oz", "GBP", "tablets", "tablets", "GBP", "g"]).to_string()
                    }
                })
                .collect()
        };
        let rows = (0..keys[own].len()).map(|at| row(at, random)).collect();
        File { headings: sheet.iter().map(|(heading, ..)| (*heading).to_string()).collect(), rows }
    }
}

fn field(random: &mut Random, ty: Ty, wild: bool) -> String {
    let wild = wild && random.percent(25);
    match ty {
        Ty::Bool => random.pick(&["true", "false"]).to_string(),
        Ty::Integer if wild => random.pick(&WILD_INTEGERS).to_string(),
        Ty::Integer => (i64::try_from(random.below(14)).unwrap_or(0) - 3).to_string(),
        Ty::Number if wild => random.pick(&WILD_NUMBERS).to_string(),
        Ty::Number => random.pick(&NUMBERS).to_string(),
        Ty::Text if random.percent(5) => "N/K".to_string(),
        Ty::Text => random.pick(&TEXTS).to_string(),
        Ty::Category(list) => random.pick(LISTS[list]).to_string(),
        Ty::Id => format!("P{}", random.below(4)),
        Ty::Date => random.pick(&DAYS).to_string(),
        Ty::Datetime => {
            let between = random.pick(&["T", " "]);
            format!("{}{between}{}", random.pick(&DAYS), random.pick(&CLOCKS))
        }
        Ty::Money if wild => random.pick(&WILD_AMOUNTS).to_string(),
        Ty::Duration | Ty::Money | Ty::Mass | Ty::Volume | Ty::Items => random.pick(&AMOUNTS).to_string(),
    }
}
