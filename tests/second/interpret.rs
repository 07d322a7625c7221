//! A question, stage by stage: each takes all rows and gives all rows, in order.

use std::rc::Rc;

use casebook::catalog::Table;
use casebook::plan::{Expr, Grouping, Made, Other, Query, SortKey, Stage};
use casebook::types::Type;

use super::cell::{Cell, same};
use super::compare::Rows;
use super::data::Records;
use super::eval::{Here, Row};
use super::gather::in_order;
use super::group::{self, Grouped};
use super::{Trouble, combine};

/// A group: its keys, and the places of its rows.
pub type Group = (Vec<Cell>, Vec<usize>);

/// A question under way.
pub struct Asked<'q> {
    /// All records.
    pub records: &'q Records,
    /// The table that it starts from.
    pub table: &'q Table,
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// Where total rows are told from others.
    pub level: Option<Made>,
    /// For how many rows filters were neither true nor false, so far.
    pub unknown: u64,
    /// What the rows were worked out from, where that is a grouping.
    grouped: Option<(Rc<Vec<Row>>, &'q Grouping)>,
}

/// The answer, as it is shown: the names of its columns, and its rows; and for how many rows filters were neither
/// true nor false.
pub fn answer(records: &Records, query: &Query) -> Result<(Rows, u64), Trouble> {
    let asked = run(records, query)?;
    let mut names = Vec::new();
    let mut answer: Vec<Vec<Cell>> = vec![Vec::new(); asked.rows.len()];
    for column in &query.output {
        let cells = (0..asked.rows.len())
            .map(|place| asked.at(place).eval(&column.expr))
            .collect::<Result<Vec<_>, _>>()?;
        if column.optional && cells.iter().all(Cell::is_missing) {
            continue;
        }
        names.push(column.name.clone());
        for (row, cell) in answer.iter_mut().zip(cells) {
            row.push(cell.shown(&column.expr.ty));
        }
    }
    Ok(((names, answer), asked.unknown))
}

/// The answer as other questions read it.
pub fn rows(records: &Records, query: &Query) -> Result<Vec<Vec<Cell>>, Trouble> {
    let asked = run(records, query)?;
    (0..asked.rows.len())
        .map(|place| asked.at(place).all(query.output.iter().map(|column| &column.expr)))
        .collect()
}

fn run<'q>(records: &'q Records, query: &'q Query) -> Result<Asked<'q>, Trouble> {
    let rows = (0..records.count(&query.table)).map(|record| Row { record: Some(record), ..Row::default() });
    let rows = rows.collect();
    let mut asked = Asked { records, table: &query.table, rows, level: None, unknown: 0, grouped: None };
    // Filters right after one another are one, as long as rows are looked at one by one.
    let alone = |stage: &&Stage| {
        matches!(stage, Stage::Where(_) | Stage::Let(..) | Stage::Sort(_))
            && stage.exprs().iter().all(|expr| expr.windows().is_empty())
    };
    let head = query.stages.iter().take_while(alone).count();
    for (at, stage) in query.stages.iter().enumerate() {
        let next = query.stages.get(at + 1..head).unwrap_or_default().iter().map_while(|stage| match stage {
            Stage::Where(test) => Some(test),
            _ => None,
        });
        asked.stage(stage, &next.collect::<Vec<_>>())?;
    }
    Ok(asked)
}

impl<'q> Asked<'q> {
    /// Where expressions over the row at a place stand.
    pub fn at(&self, place: usize) -> Here<'_> {
        Here::at(self.records, self.table, &self.rows, place)
    }

    /// Keeps the rows at these places, in this order.
    pub fn keep(&mut self, places: impl IntoIterator<Item = usize>) {
        self.rows = places.into_iter().map(|place| self.rows[place].clone()).collect();
    }

    /// The places of total rows, which stand apart, behind the others.
    pub fn apart(&self) -> (Vec<usize>, Vec<usize>) {
        let is_total = |place: &usize| match &self.level {
            Some(level) => !self.rows[*place].made.get(level).is_none_or(|at| at.is_same(&Cell::Integer(0))),
            None => false,
        };
        let (totals, others) = (0..self.rows.len()).partition(is_total);
        (others, totals)
    }

    /// The places of total rows, a list for each level, as they stand.
    fn levels(&self, level: &Made, totals: &[usize]) -> Vec<Vec<usize>> {
        let mut levels: Vec<(Cell, Vec<usize>)> = Vec::new();
        for place in totals {
            let own = self.rows[*place].made[level].clone();
            match levels.iter_mut().find(|(known, _)| known.is_same(&own)) {
                Some((_, places)) => places.push(*place),
                None => levels.push((own, vec![*place])),
            }
        }
        levels.into_iter().map(|(_, places)| places).collect()
    }

    fn stage(&mut self, stage: &'q Stage, next: &[&Expr]) -> Result<(), Trouble> {
        match stage {
            Stage::Where(test) => {
                let mut kept = Vec::new();
                for place in 0..self.rows.len() {
                    match self.at(place).eval(test)? {
                        Cell::Bool(true) => kept.push(place),
                        Cell::Missing => {
                            let here = self.at(place);
                            let falls = |test: &&Expr| matches!(here.eval(test), Ok(Cell::Bool(false)));
                            self.unknown += u64::from(!next.iter().any(falls));
                        }
                        _ => {}
                    }
                }
                self.keep(kept);
            }
            Stage::Let(made, value) => self.add(made, value)?,
            Stage::Group(grouping) => {
                // No aggregate counts a total.
                let (others, _) = self.apart();
                self.keep(others);
                let Grouped { rows, level } = group::group(self, grouping)?;
                let records = Rc::new(std::mem::replace(&mut self.rows, rows));
                (self.level, self.grouped) = (level, Some((records, grouping)));
            }
            Stage::Sort(keys) => {
                let (others, totals) = self.apart();
                let mut order = self.sorted(others, keys)?;
                // Totals of more keys come after those of fewer, whatever they are sorted by.
                for level in self.level.iter().flat_map(|level| self.levels(level, &totals)) {
                    order.extend(self.sorted(level, keys)?);
                }
                self.keep(order);
            }
            Stage::Take { n, per } => {
                let (others, totals) = self.apart();
                let kept = self.first_of_each(others, per, *n)?;
                self.keep(kept.into_iter().chain(totals));
            }
            Stage::Top { n, by, per, other } => self.top(*n, by, per, other.as_deref())?,
            Stage::Distinct { on, whole } => {
                let (others, totals) = self.apart();
                let mut kept = Vec::new();
                for (_, places) in self.groups(others, on, !whole)? {
                    kept.extend(places.first());
                }
                kept.sort_unstable();
                self.keep(kept.into_iter().chain(totals));
            }
            Stage::Pivot(pivot) => combine::pivot(self, pivot)?,
            Stage::Unpivot { columns, key, value } => combine::unpivot(self, columns, key, value)?,
            Stage::Append { columns, query } => combine::append(self, columns, query)?,
            Stage::Except { on, query } => combine::except(self, on, query)?,
            Stage::Join { query, columns, equal, also, many } => {
                combine::join(self, query, columns, equal, also.as_ref(), *many)?;
            }
            Stage::Describe { .. } => return super::unknown("describe"),
            Stage::Sample { .. } => return super::unknown("sample"),
        }
        Ok(())
    }

    /// A column, worked out for each row as the rows stand.
    fn add(&mut self, made: &Made, value: &Expr) -> Result<(), Trouble> {
        let values: Vec<Cell> =
            (0..self.rows.len()).map(|place| self.at(place).column(value)).collect::<Result<_, _>>()?;
        for (row, value) in self.rows.iter_mut().zip(values) {
            row.made.insert(made.clone(), value);
        }
        Ok(())
    }

    /// The same places in the order of keys.
    fn sorted(&self, places: Vec<usize>, keys: &[SortKey]) -> Result<Vec<usize>, Trouble> {
        let rows = places.into_iter().map(|place| self.at(place)).collect();
        Ok(in_order(rows, keys)?.iter().filter_map(|here| here.beside).map(|(_, place)| place).collect())
    }

    /// The places of each group, by first appearance. With `somebody`, rows without an id or a record are in none.
    pub fn groups(&self, places: Vec<usize>, keys: &[Expr], somebody: bool) -> Result<Vec<Group>, Trouble> {
        let mut groups: Vec<Group> = Vec::new();
        for place in places {
            let values = self.at(place).all(keys)?;
            if somebody && is_nobody(&values, keys.iter().map(|key| &key.ty)) {
                continue;
            }
            match groups.iter_mut().find(|(known, _)| same(known, &values)) {
                Some((_, members)) => members.push(place),
                None => groups.push((values, vec![place])),
            }
        }
        Ok(groups)
    }

    /// The first places of each group, in the order of the rows.
    fn first_of_each(&self, places: Vec<usize>, per: &[Expr], n: u64) -> Result<Vec<usize>, Trouble> {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let groups = self.groups(places, per, true)?;
        let mut kept: Vec<usize> =
            groups.iter().flat_map(|(_, members)| members.iter().take(n)).copied().collect();
        kept.sort_unstable();
        Ok(kept)
    }

    fn top(&mut self, n: u64, by: &SortKey, per: &[Expr], other: Option<&'q Other>) -> Result<(), Trouble> {
        let n = usize::try_from(n).unwrap_or(usize::MAX);
        let (others, totals) = self.apart();
        let mut kept = Vec::new();
        if n == 0 && other.is_none() {
            // Then nobody asks what they would have been sorted by.
            self.keep(totals);
            return Ok(());
        }
        let mut found = Vec::new();
        for (_, places) in self.groups(others, per, true)? {
            let mut places = self.sorted(places, std::slice::from_ref(by))?;
            let rest = places.split_off(n.min(places.len()));
            found.push((places, rest));
        }
        let shown: Vec<usize> = found.iter().flat_map(|(places, _)| places).copied().collect();
        for (places, rest) in found {
            kept.extend(places.into_iter().map(|place| self.rows[place].clone()));
            if let Some(other) = other.filter(|_| !rest.is_empty()) {
                kept.push(self.rest(&rest, &shown, other)?);
            }
        }
        kept.extend(totals.into_iter().map(|place| self.rows[place].clone()));
        self.rows = kept;
        Ok(())
    }

    /// One row for several groups, worked out from their records. It is not called as one of those shown is.
    fn rest(&self, places: &[usize], shown: &[usize], other: &'q Other) -> Result<Row, Trouble> {
        let Some((records, grouping)) = &self.grouped else { return super::unknown("the rest of no groups") };
        let members = [0, 1].map(|side| {
            let mut all: Vec<usize> =
                places.iter().flat_map(|place| &self.rows[*place].members[side]).copied().collect();
            all.sort_unstable();
            all
        });
        let before = Asked { rows: records.to_vec(), grouped: None, level: None, ..*self };
        let mut keys = Vec::new();
        for (at, (made, _)) in grouping.keys.iter().enumerate() {
            let label = other.labels.iter().find(|(position, _)| *position == at);
            keys.push(match label {
                _ if other.kept.contains(&at) => self.rows[places[0]].made[made].clone(),
                Some((_, label)) if matches!(label.ty, Type::Text | Type::Id) => {
                    let taken =
                        |name: &Cell| shown.iter().any(|place| self.rows[*place].made[made].is_same(name));
                    let mut names = ["other", "all other", "other (the rest)"].map(Cell::text).into_iter();
                    let name = names.find(|name| !taken(name));
                    name.unwrap_or_else(|| Cell::text("other (the rest)"))
                }
                Some((_, label)) => labelled(self.at(places[0]).eval(label)?, &grouping.keys[at].1.ty),
                None => Cell::Missing,
            });
        }
        let mut row = group::worked_out(&before, grouping, keys, members)?;
        let level = grouping.totals.as_ref().map(|totals| (totals.level.clone(), Cell::Integer(0)));
        row.made.extend(level);
        for (made, value) in &other.lets {
            let rows = [row];
            let value = Here::at(self.records, self.table, &rows, 0).column(value)?;
            [row] = rows;
            row.made.insert(made.clone(), value);
        }
        Ok(row)
    }
}

/// A label among a key's values: among records it is one that comes after all others.
fn labelled(label: Cell, ty: &Type) -> Cell {
    match (&label, ty) {
        (Cell::Text(text), Type::Record(_)) => {
            let shown = text.split('\u{1f}').nth(1).unwrap_or(text).to_string();
            let title = vec![Cell::text("\u{10ffff}")];
            Cell::Record(Rc::new(super::cell::Record { title, shown, key: "\u{10ffff}".to_string() }))
        }
        _ => label,
    }
}

/// Is one of these keys an id or a record that is missing?
pub fn is_nobody<'t>(values: &[Cell], types: impl Iterator<Item = &'t Type>) -> bool {
    let identifies = |ty: &Type| matches!(ty, Type::Id | Type::Record(_));
    values.iter().zip(types).any(|(value, ty)| value.is_missing() && identifies(ty))
}
