//! Typed expressions as text, grown from the outside in: an expression of a type is a column of it, a value at a
//! path's end, a literal, or an operator or function around smaller ones.

use super::world::{DAYS, LISTS, TEXTS, Ty, World};
use super::{Features, Random};

/// A column that rows have.
#[derive(Clone, Debug)]
pub struct Col {
    pub name: String,
    pub ty: Ty,
    /// It was copied along a link, or doesn't add up: sums of it want `each`.
    pub each: bool,
}

/// What names mean at a place.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The table whose rows these are, until they are grouped.
    pub table: Option<usize>,
    /// They are a calendar's.
    pub calendar: bool,
    pub cols: Vec<Col>,
    /// The outer row, for `this`.
    pub outer: Option<Box<Scope>>,
    /// May an aggregate over related records stand here?
    pub related: bool,
}

/// One step of a path: a link's place in the world, and whether it is followed backwards.
pub type Step = (usize, bool);

/// Grows expressions.
pub struct Grower<'w> {
    pub world: &'w World,
    pub random: Random,
    pub features: Features,
}

/// The types that have an order.
const ORDERED: [Ty; 11] = [
    Ty::Integer,
    Ty::Integer,
    Ty::Number,
    Ty::Text,
    Ty::Category(0),
    Ty::Date,
    Ty::Datetime,
    Ty::Money,
    Ty::Mass,
    Ty::Duration,
    Ty::Id,
];

impl Grower<'_> {
    /// The scope of a table's own rows.
    pub fn scope(&self, table: usize) -> Scope {
        let col =
            |column: &super::world::Column| Col { name: column.name.into(), ty: column.ty, each: false };
        let cols = self.world.tables[table].columns.iter().map(col).collect();
        Scope { table: Some(table), calendar: false, cols, outer: None, related: true }
    }

    /// The scope of a calendar's rows.
    pub fn calendar_scope(&self) -> Scope {
        let col = |(name, ty): (&str, Ty)| Col { name: name.into(), ty, each: false };
        let cols = [("start", Ty::Date), ("end", Ty::Date), ("label", Ty::Text)].map(col).to_vec();
        Scope { table: None, calendar: true, cols, outer: None, related: true }
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        self.random.below(end)
    }

    /// A condition.
    pub fn condition(&mut self, scope: &Scope, depth: usize) -> String {
        let deeper = depth.saturating_sub(1);
        let weights =
            if depth == 0 { [0, 0, 6, 3, 2, 1, 2, 0, 0, 0] } else { [3, 2, 6, 3, 2, 2, 2, 3, 1, 1] };
        // A calendar has little to say of itself, and so have people.
        let bare = scope.calendar || scope.cols.len() == 1;
        if depth > 0 && bare && scope.related && self.random.percent(30) {
            return self.related(scope, Ty::Bool, deeper).unwrap_or_else(|| self.condition(scope, deeper));
        }
        match self.random.weighted(&weights) {
            0 => {
                let op = self.random.pick(&["and", "or"]);
                format!("({} {op} {})", self.condition(scope, deeper), self.condition(scope, deeper))
            }
            1 => format!("(not {})", self.condition(scope, deeper)),
            2 => {
                let ty = self.ordered(scope);
                let ops: &[&str] =
                    if ty == Ty::Id { &["=", "!="] } else { &["=", "!=", "<", "<=", ">", ">="] };
                let op = self.random.pick(ops);
                format!("({} {op} {})", self.value(scope, ty, deeper), self.value(scope, ty, deeper))
            }
            3 => self.membership(scope, deeper),
            4 => {
                let ty = self.ordered(scope);
                let is = self.random.pick(&["missing", "known"]);
                format!("({} is {is})", self.value(scope, ty, deeper))
            }
            5 => {
                let text = self.value(scope, Ty::Text, deeper);
                match self.below(4) {
                    0 => format!(
                        "({text} contains \"{}\")",
                        self.random.pick(&["A", "b", "", "É", "ÜN", "re"])
                    ),
                    1 => format!("({text} starts with \"{}\")", self.random.pick(&["B", "b", "ba", "é"])),
                    2 => format!("({text} ends with \"{}\")", self.random.pick(&["T", "t", "net", "ss"])),
                    _ => format!(
                        "({text} matches \"{}\")",
                        self.random.pick(&["^B", "n.t$", "[a-c]", "^$", "é|ß"])
                    ),
                }
            }
            6 => match self.column(scope, Ty::Bool) {
                Some(column) => column,
                None => self.random.pick(&["true", "false"]).to_string(),
            },
            7 => self.related(scope, Ty::Bool, deeper).unwrap_or_else(|| self.condition(scope, deeper)),
            8 => {
                let (test, then) = (self.condition(scope, deeper), self.condition(scope, deeper));
                format!("(if {test} then {then} else {})", self.condition(scope, deeper))
            }
            _ => format!("({} ?? {})", self.condition(scope, deeper), self.random.pick(&["true", "false"])),
        }
    }

    /// A type with an order; one that the scope has a column of, mostly.
    fn ordered(&mut self, scope: &Scope) -> Ty {
        let here: Vec<Ty> = scope.cols.iter().map(|col| col.ty).filter(|ty| *ty != Ty::Bool).collect();
        if here.is_empty() || self.random.percent(20) {
            let at = self.below(ORDERED.len());
            return ORDERED[at];
        }
        here[self.below(here.len())]
    }

    fn membership(&mut self, scope: &Scope, depth: usize) -> String {
        let not = self.random.pick(&["", "not "]);
        let ty = self.ordered(scope);
        let x = self.value(scope, ty, depth);
        match ty {
            Ty::Date | Ty::Datetime if self.random.percent(70) => format!("({x} {not}in {})", self.period()),
            Ty::Integer | Ty::Number | Ty::Money | Ty::Mass if self.random.percent(50) => {
                let (low, high) = (self.below(6), self.below(6));
                let literal = |n: usize| match ty {
                    Ty::Money => format!("£{n}"),
                    Ty::Mass => format!("{n} g"),
                    _ => n.to_string(),
                };
                format!("({x} {not}in {}..{})", literal(low.min(high)), literal(low.max(high)))
            }
            _ => {
                let many = self.below(4);
                let mut items: Vec<String> = (0..many).map(|_| self.literal(ty)).collect();
                if self.random.percent(15) {
                    items.push("missing".to_string());
                }
                if self.random.percent(5) {
                    items.extend((0..9).map(|_| self.literal(ty)));
                }
                format!("({x} {not}in [{}])", items.join(", "))
            }
        }
    }

    /// A span of days.
    pub fn period(&mut self) -> String {
        match self.below(8) {
            0 => "2023".to_string(),
            1 => self.random.pick(&["2023-10", "2023-09", "1969-12", "2023-12"]).to_string(),
            2 => self.random.pick(&["2023-Q4", "2023-Q3", "2023-Q1"]).to_string(),
            3 => self.random.pick(&["2023-W41", "2023-W42", "2022-W52", "2023-W01"]).to_string(),
            4 => "2023-10-09..2023-10-15".to_string(),
            5 => format!("since {}", self.random.pick(&["2023-10", "2023-10-10", "1970-01-01"])),
            6 => format!("until {}", self.random.pick(&["2023-10-09", "2023-09", "1969-12-31"])),
            _ => format!("week of {}", self.random.pick(&DAYS)),
        }
    }

    /// A value that stands in the question.
    pub fn literal(&mut self, ty: Ty) -> String {
        let small = i64::try_from(self.below(14)).unwrap_or(0) - 3;
        match ty {
            Ty::Bool => self.random.pick(&["true", "false"]).to_string(),
            Ty::Integer if self.random.percent(2) => "9223372036854775807".to_string(),
            Ty::Integer => small.to_string(),
            Ty::Number => {
                self.random.pick(&["0.5", "0.1", "2.0", "3.5", "50%", "0.0", "1.005", "-2.25"]).to_string()
            }
            Ty::Text => quoted(self.random.pick(&TEXTS)),
            Ty::Category(list) => quoted(self.random.pick(LISTS[list])),
            Ty::Id => {
                format!("\"{}\"", self.random.pick(&["P0", "P1", "P2", "7", "A01", "A02", "T01", "C03"]))
            }
            Ty::Date => self.random.pick(&DAYS).to_string(),
            Ty::Datetime => {
                format!("{}T{}", self.random.pick(&DAYS), self.random.pick(&["00:00", "12:30", "23:59:59"]))
            }
            Ty::Duration => {
                self.random.pick(&["2 days", "90 minutes", "1 hour", "3 weeks", "0 days"]).to_string()
            }
            Ty::Money => self.random.pick(&["£5", "£10.50", "£0", "£1.5k", "5 GBP"]).to_string(),
            Ty::Mass => self.random.pick(&["5 g", "1 oz", "0.5 kg", "0 g"]).to_string(),
            Ty::Volume => self.random.pick(&["10 ml", "2 us fl oz", "1 l"]).to_string(),
            Ty::Items => self.random.pick(&["5 tablets", "0 tablets", "12 tablets"]).to_string(),
        }
    }

    /// A column of this type: the row's, one at a to-one path's end, or the outer row's.
    fn column(&mut self, scope: &Scope, ty: Ty) -> Option<String> {
        let mut found: Vec<String> = Vec::new();
        let of = |scope: &Scope| -> Vec<String> {
            scope.cols.iter().filter(|col| col.ty == ty).map(|col| col.name.clone()).collect()
        };
        let own = of(scope);
        found.extend(own.iter().cloned().chain(own.iter().cloned()));
        if let Some(table) = scope.table {
            for path in self.paths(table, 2).into_iter().filter(|path| path.iter().all(|(_, back)| !back)) {
                let end = self.world.links[path[path.len() - 1].0].to;
                let names = self.path_text(&path);
                found.extend(of(&self.scope(end)).into_iter().map(|name| format!("{names}.{name}")));
            }
        }
        if let Some(outer) = &scope.outer {
            found.extend(of(outer).into_iter().map(|name| format!("this.{name}")));
        }
        (!found.is_empty()).then(|| found[self.below(found.len())].clone())
    }

    /// Every way along links from a table, of so many steps at most.
    pub fn paths(&self, table: usize, most: usize) -> Vec<Vec<Step>> {
        let mut all: Vec<Vec<Step>> = Vec::new();
        let mut ends: Vec<(usize, Vec<Step>)> = vec![(table, Vec::new())];
        for _ in 0..most {
            let mut next = Vec::new();
            for (end, path) in &ends {
                for (at, link) in self.world.links.iter().enumerate() {
                    for (here, there, back) in [(link.from, link.to, false), (link.to, link.from, true)] {
                        if here == *end {
                            let mut path = path.clone();
                            path.push((at, back));
                            all.push(path.clone());
                            next.push((there, path));
                        }
                    }
                }
            }
            ends = next;
        }
        all
    }

    /// A path as it is written.
    pub fn path_text(&self, path: &[Step]) -> String {
        let name = |(at, back): &Step| {
            let link = &self.world.links[*at];
            if *back { link.back } else { link.name }
        };
        path.iter().map(name).collect::<Vec<_>>().join(".")
    }

    /// The table at a path's end.
    pub fn end(&self, path: &[Step]) -> usize {
        let (at, back) = path[path.len() - 1];
        if back { self.world.links[at].from } else { self.world.links[at].to }
    }

    /// An aggregate over related records, for one row; a calendar's rows are related to all by their spans.
    fn related(&mut self, scope: &Scope, ty: Ty, depth: usize) -> Option<String> {
        if scope.calendar && scope.related {
            return self.over_table(scope, ty, depth);
        }
        let table = scope.table.filter(|_| scope.related)?;
        let paths: Vec<Vec<Step>> =
            self.paths(table, 3).into_iter().filter(|path| path.iter().any(|(_, back)| *back)).collect();
        if paths.is_empty() {
            return None;
        }
        let path = paths[self.below(paths.len())].clone();
        let outermost = scope.outer.clone().unwrap_or_else(|| Box::new(scope.clone()));
        self.over_path(&path, ty, Some(outermost), depth)
    }

    /// An aggregate of this type over a path.
    pub fn over_path(
        &mut self,
        path: &[Step],
        ty: Ty,
        outer: Option<Box<Scope>>,
        depth: usize,
    ) -> Option<String> {
        let names = self.path_text(path);
        let end = Scope { outer, related: depth > 0, ..self.scope(self.end(path)) };
        let filter = if self.random.percent(50) {
            format!(" where {}", self.condition(&end, depth.min(1)))
        } else {
            String::new()
        };
        self.over_records(&names, &end, ty, &filter)
    }

    /// An aggregate of this type over the records of a table that a calendar's row means.
    fn over_table(&mut self, calendar: &Scope, ty: Ty, depth: usize) -> Option<String> {
        let tables = self.world.tables.len();
        // One that has such values, if any of a few.
        let mut table = self.below(tables);
        for _ in 0..3 {
            if ty == Ty::Bool || self.world.tables[table].columns.iter().any(|column| column.ty == ty) {
                break;
            }
            table = self.below(tables);
        }
        let outer = Some(Box::new(calendar.clone()));
        let end = Scope { outer, related: depth > 0, ..self.scope(table) };
        let meant = self.meant(table, calendar);
        let filter = match self.below(10) {
            0..5 => meant,
            5 | 6 => format!("{meant} and {}", self.condition(&end, depth.min(1))),
            7 => format!("{} and {meant}", self.condition(&end, depth.min(1))),
            8 => format!("({meant} or {})", self.condition(&end, depth.min(1))),
            _ => format!("{meant} and {}", self.meant(table, calendar)),
        };
        self.over_records(self.world.tables[table].name, &end, ty, &format!(" where {filter}"))
    }

    /// Which records of a table a calendar's row means.
    fn meant(&mut self, table: usize, calendar: &Scope) -> String {
        let end = self.scope(table);
        let mut dates: Vec<String> = Vec::new();
        for ty in [Ty::Date, Ty::Datetime] {
            dates.extend((0..3).filter_map(|_| self.column(&end, ty)));
        }
        let span = "this.start - 11 months..this.end";
        let Some(first) = dates.first().cloned() else {
            // Nothing of its own has a date, but what belongs to it may.
            let back = self.paths(table, 2).into_iter().filter(|path| path.iter().all(|(_, back)| *back));
            let back: Vec<_> = back.collect();
            let path = match back.len() {
                0 => return "length(this.label) > 5".to_string(),
                many => back[self.below(many)].clone(),
            };
            let there = self.scope(self.end(&path));
            let date = self.column(&there, Ty::Datetime).or_else(|| self.column(&there, Ty::Date));
            let (names, date) = (self.path_text(&path), date.unwrap_or_else(|| "this.start".to_string()));
            return match self.below(4) {
                0 if !date.contains('.') => format!("min({names}.{date}) in this"),
                1 => format!("count({names} where {date} in {span}) >= 2"),
                _ => format!("any({names} where {date} in this)"),
            };
        };
        let other = dates[self.below(dates.len())].clone();
        let many = 1 + self.below(40);
        let days = if self.random.percent(30) { format!("{many} months") } else { format!("{many} days") };
        match self.below(24) {
            0 => format!("{other} in {span}"),
            // With one day more, spans side by side share a day.
            1 if self.random.percent(50) => format!("{first} in this.start..this.end + 1 day"),
            1 => format!("{first} in this.start..this.end + {days}"),
            2 => format!("{other} >= this.start and {other} < this.end + 1 day"),
            3 => format!("{first} <= this.end and {first} > this.end - {days}"),
            4 => format!("{first} <= this.end and ({other} is missing or {other} > this.end)"),
            5 => format!("({first} in this or {other} in this)"),
            6 => format!("(not {other} in this)"),
            7 => format!("{other} not in this"),
            8 => format!("this.start <= {other} and this.end >= {first}"),
            9 => format!("{first} + 3 days in this"),
            10 => format!("month({other}) = this.start"),
            11 => format!("{first} = this.start + {days}"),
            12 => format!("this.start < {} and {other} in this", self.random.pick(&DAYS)),
            13 => format!("{} in this", self.random.pick(&DAYS)),
            14 => format!("{other} in this.start + {days}..this.end - {days}"),
            15 => format!("{first} in this and {other} <= this.end"),
            16 => {
                let own: Vec<Col> =
                    calendar.cols.iter().filter(|col| col.name.starts_with('v')).cloned().collect();
                let Some(col) = own.first() else { return format!("{first} in this") };
                let value = self.value(&end, col.ty, 0);
                let op = if matches!(col.ty, Ty::Bool | Ty::Id) { "=" } else { "<=" };
                format!("{value} {op} this.{} and {first} in this", col.name)
            }
            _ => format!("{other} in this"),
        }
    }

    /// An aggregate of this type over records, whose names stand before their columns.
    fn over_records(&mut self, names: &str, end: &Scope, ty: Ty, filter: &str) -> Option<String> {
        let columns = |ty: Ty| -> Vec<String> {
            end.cols.iter().filter(|col| col.ty == ty).map(|col| format!("{names}.{}", col.name)).collect()
        };
        let call = |function: &str, arg: &str| Some(format!("{function}({arg}{filter})"));
        match ty {
            Ty::Bool => {
                let bools = columns(Ty::Bool);
                match self.below(4) {
                    0 => call("any", names),
                    1 => call("no", names),
                    2 if !bools.is_empty() => {
                        let arg = bools[self.below(bools.len())].clone();
                        let function = self.random.pick(&["any", "all", "no"]);
                        call(function, &arg)
                    }
                    _ => {
                        let ty = self.ordered(end);
                        let arg = columns(ty).first().cloned()?;
                        let function = self.random.pick(&["any", "all", "no"]);
                        let literal = self.literal(ty);
                        call(function, &format!("{arg} {} {literal}", if ty == Ty::Id { "=" } else { "<=" }))
                    }
                }
            }
            Ty::Integer if self.random.percent(60) => {
                let ty = self.ordered(end);
                match columns(ty).first() {
                    Some(arg) if self.random.percent(60) => {
                        let function = self.random.pick(&["count", "distinct"]);
                        call(function, arg)
                    }
                    _ => call("count", names),
                }
            }
            Ty::Text if self.features.aggregates && self.random.percent(30) => {
                let found = columns(ty);
                let arg = found.get(self.below(found.len()))?;
                let key = self.ordered(end);
                let key = self.value(end, key, 0);
                Some(format!("list({arg}{filter} sorted by {key})"))
            }
            _ => {
                let found = columns(ty);
                if found.is_empty() {
                    return None;
                }
                let arg = found[self.below(found.len())].clone();
                if self.features.aggregates && self.random.percent(20) {
                    let key = self.ordered(end);
                    let (key, minus) = (self.value(end, key, 0), self.random.pick(&["", "-"]));
                    let function = self.random.pick(&["first", "last"]);
                    return Some(format!("{function}({arg}{filter} sorted by {minus}{key})"));
                }
                let function = match ty {
                    Ty::Integer => self.random.pick(&["sum", "min", "max"]),
                    Ty::Number | Ty::Money | Ty::Mass | Ty::Volume | Ty::Items | Ty::Duration => {
                        self.random.pick(&["sum", "mean", "median", "min", "max", "quantile"])
                    }
                    _ => self.random.pick(&["min", "max"]),
                };
                if function == "quantile" {
                    return Some(format!("quantile({arg}, 0.9{filter})"));
                }
                // One value a record, at the end of a link from it.
                let far = if end.outer.as_ref().is_some_and(|outer| outer.calendar) && self.random.percent(25)
                {
                    self.column(&Scope { outer: None, ..end.clone() }, ty).filter(|far| far.contains('.'))
                } else {
                    None
                };
                match far {
                    Some(far) => call(function, &format!("each {names}.{far}")),
                    None => call(function, &arg),
                }
            }
        }
    }

    /// A value of this type.
    pub fn value(&mut self, scope: &Scope, ty: Ty, depth: usize) -> String {
        if ty == Ty::Bool {
            return self.condition(scope, depth);
        }
        let plain = |me: &mut Self| match me.column(scope, ty) {
            Some(column) if me.random.percent(75) => column,
            _ => me.literal(ty),
        };
        let deeper = depth.saturating_sub(1);
        if depth > 0 && scope.calendar && scope.related && self.random.percent(50) {
            return self.related(scope, ty, deeper).unwrap_or_else(|| plain(self));
        }
        if depth == 0 || self.random.percent(45) {
            return plain(self);
        }
        match self.random.weighted(&[12, 3, 3, 4]) {
            0 => self.compound(scope, ty, deeper).unwrap_or_else(|| plain(self)),
            1 => format!("({} ?? {})", self.value(scope, ty, deeper), self.value(scope, ty, deeper)),
            2 => {
                let (test, then) = (self.condition(scope, deeper), self.value(scope, ty, deeper));
                format!("(if {test} then {then} else {})", self.value(scope, ty, deeper))
            }
            _ => self.related(scope, ty, deeper).unwrap_or_else(|| plain(self)),
        }
    }

    /// An operator or function that gives this type.
    fn compound(&mut self, scope: &Scope, ty: Ty, depth: usize) -> Option<String> {
        if self.features.functions
            && self.random.percent(30)
            && let Some(newer) = self.newer(scope, ty, depth)
        {
            return Some(newer);
        }
        let choice = self.below(6);
        let mut of = |ty: Ty| self.value(scope, ty, depth);
        Some(match (ty, choice) {
            (Ty::Integer, 0) => format!("({} + {})", of(ty), of(ty)),
            (Ty::Integer, 1) => format!("({} - {})", of(ty), of(ty)),
            (Ty::Integer, 2) => format!("({} * {})", of(ty), of(ty)),
            (Ty::Integer, 3) => format!("length({})", of(Ty::Text)),
            (Ty::Integer, 4) => format!("year({})", of(Ty::Date)),
            (Ty::Integer, _) => match self.below(4) {
                0 => format!("integer({})", self.value(scope, Ty::Text, depth)),
                1 => format!("round({}, 5)", self.value(scope, ty, depth)),
                2 => format!("(-{})", self.value(scope, ty, depth)),
                _ => format!("abs({})", self.value(scope, ty, depth)),
            },
            (Ty::Number, 0) => format!("({} / {})", of(Ty::Integer), of(Ty::Integer)),
            (Ty::Number, 1) => format!("({} / {})", of(Ty::Money), of(Ty::Money)),
            (Ty::Number, 2) => format!("({} * {})", of(ty), of(ty)),
            (Ty::Number, 3) => format!("({} + {})", of(ty), of(Ty::Integer)),
            (Ty::Number, 4) => match self.below(3) {
                0 => format!("round({}, 0.1)", self.value(scope, ty, depth)),
                1 => format!("round({})", self.value(scope, ty, depth)),
                _ => format!("abs({})", self.value(scope, ty, depth)),
            },
            (Ty::Number, _) => format!("({} - {})", of(ty), of(ty)),
            (Ty::Text, 0) => format!("({} + {})", of(ty), of(ty)),
            (Ty::Text, 1) => format!("lower({})", of(ty)),
            (Ty::Text, 2) => format!("upper({})", of(ty)),
            (Ty::Text, 3) => format!("left({}, {})", of(ty), self.below(4)),
            (Ty::Text, 4) => format!("right({}, {})", of(ty), self.below(4)),
            (Ty::Text, _) => format!("({} + \"\")", of(Ty::Category(scope.table.unwrap_or(0).min(3)))),
            (Ty::Date, 0) => format!("day({})", of(Ty::Datetime)),
            (Ty::Date, 1) => format!("week({})", of(Ty::Date)),
            (Ty::Date, 2) => format!("month({})", of(Ty::Datetime)),
            (Ty::Date, 3) => format!("({} + {} days)", of(ty), self.below(40)),
            (Ty::Date, 4) => format!("({} - 2 weeks)", of(ty)),
            (Ty::Date, _) => format!("date(2023, {}, {})", of(Ty::Integer), of(Ty::Integer)),
            (Ty::Datetime, 0 | 1) => format!("({} + {})", of(ty), of(Ty::Duration)),
            (Ty::Datetime, 2) => format!("({} - 90 minutes)", of(ty)),
            (Ty::Duration, 0) => format!("({} - {})", of(Ty::Datetime), of(Ty::Datetime)),
            (Ty::Duration, 1) => format!("({} - {})", of(Ty::Date), of(Ty::Datetime)),
            (Ty::Duration, 2) => format!("({} - {})", of(Ty::Date), of(Ty::Date)),
            (Ty::Duration | Ty::Money | Ty::Mass | Ty::Volume | Ty::Items, choice) => match choice {
                0 => format!("({} + {})", of(ty), of(ty)),
                1 => format!("({} - {})", of(ty), of(ty)),
                2 => format!("({} * {})", of(ty), of(Ty::Number)),
                3 => format!("({} / {})", of(ty), of(Ty::Integer)),
                4 => format!("({} / {})", of(ty), of(Ty::Number)),
                _ => match self.below(4) {
                    0 => format!("abs({})", self.value(scope, ty, depth)),
                    1 => format!("(-{})", self.value(scope, ty, depth)),
                    2 => format!(
                        "({} * {})",
                        self.value(scope, Ty::Integer, depth),
                        self.value(scope, ty, depth)
                    ),
                    _ => {
                        let step = match ty {
                            Ty::Money => "£2",
                            Ty::Mass => "3 g",
                            Ty::Volume => "10 ml",
                            Ty::Items => "5 tablets",
                            _ => "7 hours",
                        };
                        format!("round({}, {step})", self.value(scope, ty, depth))
                    }
                },
            },
            _ => return None,
        })
    }

    /// Functions that later versions bring.
    fn newer(&mut self, scope: &Scope, ty: Ty, depth: usize) -> Option<String> {
        let choice = self.below(4);
        let mut of = |ty: Ty| self.value(scope, ty, depth);
        Some(match (ty, choice) {
            (Ty::Integer, 0) => format!("hour({})", of(Ty::Datetime)),
            (Ty::Integer, 1) => format!("month_of_year({})", of(Ty::Date)),
            (Ty::Integer, 2) => format!("mod({}, {})", of(ty), of(ty)),
            (Ty::Integer, _) => format!("age({}, {})", of(Ty::Date), of(Ty::Date)),
            (Ty::Number, 0) => format!("floor({}, 0.5)", of(ty)),
            (Ty::Number, 1) => format!("ceil({})", of(ty)),
            (Ty::Number, _) => format!("clamp({}, 0.0, 2.5)", of(ty)),
            (Ty::Text, 0) => format!("split({}, \"a\", {})", of(ty), ["1", "2", "-1"][choice]),
            (Ty::Text, 1) => format!("replace({}, \"e\", \"--\")", of(ty)),
            (Ty::Text, 2) => format!("mid({}, 2, 3)", of(ty)),
            (Ty::Text, _) => format!("trim({})", of(ty)),
            (Ty::Date, 0) => format!("quarter({})", of(ty)),
            (Ty::Date, 1) => format!("fy({})", of(ty)),
            (Ty::Date, _) => format!("({} + {} months)", of(ty), self.below(30)),
            (Ty::Datetime, 0) => format!("datetime({}, 12, {})", of(Ty::Date), of(Ty::Integer)),
            (Ty::Datetime, _) => format!("({} - {} months)", of(ty), self.below(30)),
            (Ty::Money, 0) => format!("clamp({}, £0, £10)", of(ty)),
            (Ty::Money, 1) => format!("mod({}, £2)", of(ty)),
            (Ty::Mass, 0) => format!("floor({}, 3 g)", of(ty)),
            _ => return None,
        })
    }
}

fn quoted(text: &str) -> String {
    if text.contains('"') { format!("'{text}'") } else { format!("\"{text}\"") }
}
