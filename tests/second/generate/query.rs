//! Questions: a table or a calendar, and up to five stages. What names there are after each is kept track of, loosely:
//! the checker has the last word.

use super::expr::{Col, Grower, Scope};
use super::world::{Ty, World};
use super::{Features, Random};

/// A question as it is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it starts from: a table's name, or a calendar.
    pub source: String,
    /// It has a name, by which the question starts.
    pub named: bool,
    pub stages: Vec<String>,
}

impl Question {
    /// Its text.
    pub fn text(&self) -> String {
        let stages: String = self.stages.iter().map(|stage| format!(" | {stage}")).collect();
        if self.named {
            return format!("let cal = {}; cal{stages}", self.source);
        }
        format!("{}{stages}", self.source)
    }
}

/// A predicate over a table's rows, for tests of what `where` keeps.
pub fn predicate(world: &World, random: &mut Random, features: Features) -> (String, String) {
    let mut grower = Grower { world, random: random.clone(), features };
    let (source, scope) = grower.source();
    let predicate = grower.condition(&scope, 3);
    *random = grower.random;
    (source, predicate)
}

impl Grower<'_> {
    /// What a question starts from, and the names that its rows have.
    pub fn source(&mut self) -> (String, Scope) {
        if self.features.calendars && self.random.percent(20) {
            return (self.calendar(), self.calendar_scope());
        }
        let table = self.below(self.world.tables.len());
        (self.world.tables[table].name.to_string(), self.scope(table))
    }

    /// A calendar: spans side by side, cut at the ends or not, and such as overlap and stand in no order.
    pub fn calendar(&mut self) -> String {
        if self.random.percent(30) {
            let periods: Vec<&str> = (0..1 + self.below(4)).map(|_| self.random.pick(&PERIODS)).collect();
            return format!("periods {}", periods.join(", "));
        }
        self.random.pick(&CALENDARS).to_string()
    }
}

/// A question over a world.
pub fn question(world: &World, random: &mut Random, features: Features) -> Question {
    let grower = Grower { world, random: random.clone(), features };
    let mut writer = Writer { grower, names: 0, filled: Vec::new(), grouped: false };
    let (source, mut scope) = writer.grower.source();
    let named = scope.calendar && writer.grower.random.percent(20);
    let mut stages = Vec::new();
    if scope.calendar {
        // Its own columns are few.
        for _ in 0..1 + writer.grower.below(2) {
            stages.push(format!("let {}", writer.made(&mut scope)));
        }
    }
    for _ in 0..1 + writer.grower.below(5) {
        let stage = writer.stage(&mut scope);
        stages.extend(stage);
    }
    *random = writer.grower.random;
    Question { source, named, stages }
}

/// A question under way.
pub struct Writer<'w> {
    pub grower: Grower<'w>,
    names: usize,
    /// Keys of the grouping that came just before, as far as `fill` and `total` may name them.
    pub filled: Vec<String>,
    pub grouped: bool,
}

/// Calendars, none of more rows than a plain reading has time for.
const CALENDARS: [&str; 14] = [
    "months in 2023",
    "months in 2022-12-15..2023-02-10",
    "months in 2023-06..2024-03",
    "quarters in 2022-12-31..2023-12-31",
    "quarters in 2023",
    "weeks in 2023-09-20..2023-10-20",
    "weeks in 2023-10",
    "weeks in last 6 weeks",
    "days in 2023-W41",
    "days in 2023-10-09",
    "days in 1969-12-30..1970-01-02",
    "years in 1969-12-31..2024-02-29",
    "years in 2022-06..2024-06",
    "months in fy 2023",
];
/// Spans, some of which lie in others.
const PERIODS: [&str; 12] = [
    "2023",
    "2022-W52",
    "2023-10",
    "2023-Q4",
    "2023-10-09",
    "2023-10-09..2023-10-15",
    "2023-09-30..2023-10-09",
    "1969-12",
    "1969-12-31..2000-02-29",
    "this month",
    "fy 2023",
    "last 4 weeks",
];

/// Types that a column of an answer may well have.
const ANY: [Ty; 10] = [
    Ty::Integer,
    Ty::Integer,
    Ty::Number,
    Ty::Text,
    Ty::Bool,
    Ty::Date,
    Ty::Money,
    Ty::Duration,
    Ty::Mass,
    Ty::Category(1),
];

impl Writer<'_> {
    pub fn fresh(&mut self) -> String {
        self.names += 1;
        format!("v{}", self.names)
    }

    fn any(&mut self) -> Ty {
        let at = self.grower.below(ANY.len());
        ANY[at]
    }

    fn stage(&mut self, scope: &mut Scope) -> Vec<String> {
        let features = self.grower.features;
        let after = std::mem::take(&mut self.grouped);
        if after && features.regroup && self.grower.random.percent(50) {
            return self.after_grouping(scope);
        }
        if features.combine && self.grower.random.percent(15) {
            return self.combined(scope);
        }
        if features.windows && self.grower.random.percent(20) {
            return vec![self.windows(scope)];
        }
        let first = self.names == 0 && scope.table.is_some();
        match self.grower.random.weighted(&[8, 6, 9, 4, 3, 4, 2, 3, 1, 1, 3]) {
            0 => vec![format!("where {}", self.grower.condition(scope, 2))],
            1 => {
                let many = 1 + self.grower.below(2);
                let items: Vec<String> = (0..many).map(|_| self.made(scope)).collect();
                vec![format!("let {}", items.join(", "))]
            }
            2 => {
                let mut stages = Vec::new();
                if features.compare && first && self.grower.random.percent(25) {
                    let dates: Vec<String> = self.columns(scope, |ty| matches!(ty, Ty::Date | Ty::Datetime));
                    if let Some(date) = dates.first() {
                        let with = self.grower.random.pick(&["previous", "same period last year", "2023-01"]);
                        let period = self.grower.random.pick(&[
                            "2023-10",
                            "2023-Q4",
                            "2023-10-09..2023-10-15",
                            "2023",
                        ]);
                        stages.push(format!("compare {date} in {period} with {with}"));
                    }
                }
                stages.push(self.summarise(scope));
                stages
            }
            3 => {
                let keys: Vec<String> = (0..1 + self.grower.below(2)).map(|_| self.sort_key(scope)).collect();
                vec![format!("sort {}", keys.join(", "))]
            }
            4 => {
                let per = self.per(scope);
                vec![format!("take {}{per}", self.grower.below(5))]
            }
            5 => {
                let key = self.sort_key(scope);
                let per = self.per(scope);
                let other = if after && features.other && self.grower.random.percent(50) {
                    " with other"
                } else {
                    ""
                };
                // Where nothing is shown of a group, where its rest would stand is not said.
                let least = usize::from(!other.is_empty());
                vec![format!("top {} by {key}{per}{other}", least + self.grower.below(3))]
            }
            6 => {
                let many = self.grower.below(3);
                let names: Vec<String> = (0..many).filter_map(|_| self.name(scope)).collect();
                vec![format!("distinct {}", names.join(", "))]
            }
            7 => vec![self.select(scope)],
            8 => match self.name(scope) {
                Some(name) if scope.cols.len() > 1 => {
                    scope.cols.retain(|col| col.name != name);
                    vec![format!("drop {name}")]
                }
                _ => Vec::new(),
            },
            9 => match self.name(scope) {
                Some(name) => {
                    let new = self.fresh();
                    if let Some(col) = scope.cols.iter_mut().find(|col| col.name == name) {
                        col.name.clone_from(&new);
                    }
                    vec![format!("rename {new} = {name}")]
                }
                None => Vec::new(),
            },
            _ => {
                let (keys, cols) = self.keys(scope);
                *scope = grouped(cols);
                scope.cols.push(Col { name: "count".into(), ty: Ty::Integer, each: false });
                self.grouped = true;
                vec![format!("count{keys}")]
            }
        }
    }

    /// `name = value`, and the column that it makes.
    fn made(&mut self, scope: &mut Scope) -> String {
        let ty = self.any();
        let value = self.grower.value(scope, ty, 2);
        let name = self.fresh();
        // What is asked of one day adds up, unless the spans overlap.
        let adds = scope.calendar
            && (value.starts_with("count(") || value.starts_with("sum("))
            && value.contains(" in this")
            && self.grower.random.percent(40);
        let each = (value.contains('.') || value.contains('(')) && !adds;
        scope.cols.push(Col { name: name.clone(), ty, each });
        format!("{name} = {value}")
    }

    pub fn columns(&self, scope: &Scope, wanted: impl Fn(Ty) -> bool) -> Vec<String> {
        scope.cols.iter().filter(|col| wanted(col.ty)).map(|col| col.name.clone()).collect()
    }

    pub fn name(&mut self, scope: &Scope) -> Option<String> {
        (!scope.cols.is_empty()).then(|| scope.cols[self.grower.below(scope.cols.len())].name.clone())
    }

    pub fn sort_key(&mut self, scope: &Scope) -> String {
        let minus = self.grower.random.pick(&["", "-"]);
        let key = match self.name(scope) {
            Some(name) if self.grower.random.percent(75) => name,
            _ => {
                let ty = self.any();
                self.grower.value(scope, ty, 1)
            }
        };
        format!("{minus}{key}")
    }

    pub fn per(&mut self, scope: &Scope) -> String {
        if self.grower.random.percent(60) {
            return String::new();
        }
        let key = match (self.link(scope), self.name(scope)) {
            (Some(link), _) if self.grower.random.percent(20) => link,
            (_, Some(name)) => name,
            _ => return String::new(),
        };
        format!(" per {key}")
    }

    /// A link that leads to one record.
    fn link(&mut self, scope: &Scope) -> Option<String> {
        let paths = self.grower.paths(scope.table?, 2);
        let paths: Vec<_> = paths.into_iter().filter(|path| path.iter().all(|(_, back)| !back)).collect();
        let path = paths.get(self.grower.below(paths.len()))?;
        Some(self.grower.path_text(path))
    }

    fn select(&mut self, scope: &mut Scope) -> String {
        let mut cols: Vec<Col> = Vec::new();
        let mut items = Vec::new();
        for _ in 0..1 + self.grower.below(3) {
            match self.name(scope) {
                Some(name) if self.grower.random.percent(60) => {
                    if let Some(col) =
                        scope.cols.iter().find(|col| col.name == name && cols.iter().all(|c| c.name != name))
                    {
                        cols.push(col.clone());
                        items.push(name);
                    }
                }
                _ => {
                    let mut wider = scope.clone();
                    items.push(self.made(&mut wider));
                    cols.extend(wider.cols.pop());
                }
            }
        }
        if items.is_empty() {
            return "distinct".to_string();
        }
        scope.cols = cols;
        format!("select {}", items.join(", "))
    }

    /// ` by …`, and the columns that the keys make.
    fn keys(&mut self, scope: &Scope) -> (String, Vec<Col>) {
        let mut cols: Vec<Col> = Vec::new();
        let mut keys = Vec::new();
        self.filled.clear();
        let many = self.grower.random.weighted(&[4, 6, 3, 1]);
        for _ in 0..many {
            let link = self.link(scope);
            let name = self.fresh();
            let (text, ty) = match (self.grower.random.weighted(&[8, 2, 4, 3]), self.name(scope), link) {
                (1, _, Some(link)) => (link, None),
                (2, _, _) => {
                    let bins: &[&str] = if self.grower.features.functions {
                        &["day", "week", "month", "quarter"]
                    } else {
                        &["day", "week", "month"]
                    };
                    let bin = self.grower.random.pick(bins);
                    let date = self.grower.value(scope, Ty::Date, 1);
                    (format!("{bin}({date})"), Some(Ty::Date))
                }
                (3, _, _) | (_, None, _) => {
                    let ty = self.any();
                    (self.grower.value(scope, ty, 2), Some(ty))
                }
                (_, Some(column), _) => {
                    let ty = scope.cols.iter().find(|col| col.name == column).map(|col| col.ty);
                    (column, ty)
                }
            };
            keys.push(format!("{name} = {text}"));
            self.filled.push(name.clone());
            if let Some(ty) = ty {
                cols.push(Col { name, ty, each: text.contains('.') });
            }
        }
        if keys.is_empty() { (String::new(), cols) } else { (format!(" by {}", keys.join(", ")), cols) }
    }

    fn summarise(&mut self, scope: &mut Scope) -> String {
        let (keys, mut cols) = self.keys(scope);
        // What hangs on a row's span is worked out before.
        scope.related &= !scope.calendar || self.grower.random.percent(10);
        let mut items = Vec::new();
        for _ in 0..1 + self.grower.below(4) {
            let (item, ty, each) = self.item(scope);
            let name = self.fresh();
            items.push(format!("{name} = {item}"));
            cols.push(Col { name, ty, each });
        }
        *scope = grouped(cols);
        self.grouped = true;
        format!("summarise {}{keys}", items.join(", "))
    }

    /// An aggregate of a group: text, type, and whether it doesn't add up.
    fn item(&mut self, scope: &Scope) -> (String, Ty, bool) {
        if let Some(table) = scope.table
            && self.grower.random.percent(40)
        {
            let paths = self.grower.paths(table, 3);
            if !paths.is_empty() {
                let path = paths[self.grower.below(paths.len())].clone();
                let ty = self.any();
                if let Some(item) = self.grower.over_path(&path, ty, None, 1) {
                    let each = path.iter().any(|(_, back)| !back)
                        || !item.starts_with("sum") && !item.starts_with("count");
                    return (item, ty, each);
                }
            }
        }
        let filter = if self.grower.random.percent(35) {
            format!(" where {}", self.grower.condition(scope, 1))
        } else {
            String::new()
        };
        let chosen = self.grower.random.weighted(&[3, 2, 6, 6, 2]);
        let numeric = |ty: Ty| {
            matches!(
                ty,
                Ty::Integer | Ty::Number | Ty::Money | Ty::Mass | Ty::Volume | Ty::Items | Ty::Duration
            )
        };
        match chosen {
            0 => (format!("count({})", filter.trim()), Ty::Integer, false),
            1 => {
                let (test, function) =
                    (self.grower.condition(scope, 1), self.grower.random.pick(&["any", "all", "no"]));
                (format!("{function}({test}{filter})"), Ty::Bool, true)
            }
            2 => {
                let cols: Vec<Col> = scope.cols.iter().filter(|col| numeric(col.ty)).cloned().collect();
                let (arg, ty, mut each) = if cols.is_empty() || self.grower.random.percent(30) {
                    let ty =
                        [Ty::Integer, Ty::Number, Ty::Money, Ty::Duration, Ty::Mass][self.grower.below(5)];
                    (self.grower.value(scope, ty, 1), ty, true)
                } else {
                    let col = &cols[self.grower.below(cols.len())];
                    (col.name.clone(), col.ty, col.each)
                };
                each |= self.grower.random.percent(10);
                let newer: &[&str] = if self.grower.features.aggregates {
                    &["sum", "mean", "median", "quantile", "stddev"]
                } else {
                    &["sum", "sum", "mean", "median"]
                };
                let function = self.grower.random.pick(newer);
                let part = if function == "quantile" { [", 0.9", ", 25%"][self.grower.below(2)] } else { "" };
                let ty = if matches!(function, "sum" | "stddev") || !matches!(ty, Ty::Integer) {
                    ty
                } else {
                    Ty::Number
                };
                let each_word = if each { "each " } else { "" };
                (format!("{function}({each_word}{arg}{part}{filter})"), ty, function != "sum")
            }
            3 => {
                let Some(name) = self.name(scope) else { return ("count()".into(), Ty::Integer, false) };
                let ty = scope.cols.iter().find(|col| col.name == name).map_or(Ty::Text, |col| col.ty);
                let function = self.grower.random.pick(&["min", "max", "distinct", "count"]);
                match function {
                    "min" | "max" if ty != Ty::Bool => (format!("{function}({name}{filter})"), ty, true),
                    "count" if ty != Ty::Bool => (format!("count({name}{filter})"), Ty::Integer, false),
                    _ => (format!("distinct({name}{filter})"), Ty::Integer, true),
                }
            }
            _ if self.grower.features.aggregates => {
                let key = self.sort_key(scope);
                let Some(name) = self.name(scope) else { return ("count()".into(), Ty::Integer, false) };
                let ty = scope.cols.iter().find(|col| col.name == name).map_or(Ty::Text, |col| col.ty);
                let function = self.grower.random.pick(&["first", "last"]);
                (format!("{function}({name}{filter} sorted by {key})"), ty, true)
            }
            _ => {
                let (a, b) = (self.grower.condition(scope, 1), self.grower.condition(scope, 1));
                (format!("count(where {a}) / count(where {b})"), Ty::Number, true)
            }
        }
    }
}

/// What is left after a grouping.
fn grouped(cols: Vec<Col>) -> Scope {
    Scope { table: None, calendar: false, cols, outer: None, related: false }
}
