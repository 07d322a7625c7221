//! Rows on their way through a question: a lazy frame, what stands in it besides its plain columns, and
//! the order that its rows are meant to be in.
//!
//! Everything that a row's expressions need from other tables is brought in as columns first
//! ([`Rows::prepare`]); after that an expression is polars' own ([`super::expr`]). A value at the end of a
//! path `arrest.officer` stands in a column `#arrest.officer.age`, an aggregate in `#a7`, and the outer
//! row's `x` in `#this.x`. The `#` stands for U+0001 here, which no heading holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use super::lookup::{Ends, Lookups};
use super::note::Note;
use super::reach::{Near, Start, follow, needs_at_end, outer_values};
use super::{aggregate, expr, made, source};
use crate::catalog::{From, Reader, Table};
use crate::diagnostic::Diagnostic;
use crate::engine::notes::unknown::Columns;
use crate::plan::walk::path_name;
use crate::plan::{self, Aggregate, Kind, LinkRef, Over, Path, Step, Stored};
use crate::survey::columnar::col;

/// Rows of one table, or of groups.
#[derive(Clone)]
pub(super) struct Rows {
    /// The table whose records they are, until they are grouped.
    pub table: Arc<Table>,
    /// Some of its records have been left out.
    pub narrowed: bool,
    /// No record stands there twice, as one does that several groups reach.
    pub apart: bool,
    /// The rows.
    pub frame: LazyFrame,
    /// The rows are in the order that a sort by these columns gives (smallest first unless said).
    pub order: Vec<(PlSmallStr, bool)>,
    /// They are in that order now.
    pub sorted: bool,
    /// Columns brought in from elsewhere: path values, aggregates, outer values.
    pub brought: Vec<PlSmallStr>,
    /// The columns that tell one row from another; empty where nothing asked for them.
    pub identity: Vec<PlSmallStr>,
    /// Tells totals, where it is not 0, from ordinary rows. They come last, and stand apart from all that counts.
    pub level: Option<PlSmallStr>,
    /// What the last grouping grouped, where something later asks for the rest of it.
    pub records: Option<Box<super::regroup::Grouped>>,
    /// What the question's columns are made of.
    pub origins: Arc<Columns>,
    /// The columns that a pivot took from the data: the name, and what holds the values.
    pub pivoted: Vec<(String, PlSmallStr)>,
    /// What must be read before the rows can be.
    pub lookups: Lookups,
    /// What to tell the reader once the rows have been worked out.
    pub notes: Vec<Note>,
}

impl Rows {
    /// Records of a table, in no order, each standing there once, and nothing brought to them yet.
    pub(super) fn new(table: &Arc<Table>, frame: LazyFrame, origins: Columns, lookups: Lookups) -> Rows {
        Rows {
            table: Arc::clone(table),
            narrowed: false,
            apart: true,
            frame,
            order: Vec::new(),
            sorted: false,
            brought: Vec::new(),
            identity: Vec::new(),
            level: None,
            records: None,
            origins: Arc::new(origins),
            pivoted: Vec::new(),
            lookups,
            notes: Vec::new(),
        }
    }

    /// Brings in what `exprs` need: values along to-one paths, and aggregates over related records.
    pub(super) fn prepare<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e plan::Expr>,
    ) -> Result<(), Diagnostic> {
        let mut paths: Vec<&plan::Expr> = Vec::new();
        let mut aggregates: Vec<Arc<Aggregate>> = Vec::new();
        let mut windows: Vec<&Arc<plan::Window>> = Vec::new();
        let mut sets: Vec<(&plan::Expr, &Arc<plan::Query>)> = Vec::new();
        for expr in exprs {
            expr.visit(&mut |part| match &part.kind {
                Kind::Path(..) | Kind::Record(_) => paths.push(part),
                Kind::Aggregate(aggregate) => aggregates.push(aggregate.clone()),
                Kind::Window(window) => windows.push(window),
                Kind::InQuery(inner, query) => sets.push((inner, query)),
                _ => {}
            });
        }
        self.follow_to_one(&paths)?;
        for aggregate in aggregates {
            if !self.has(&aggregate_name(&aggregate)) {
                self.bring_aggregate(&aggregate)?;
            }
        }
        for window in windows {
            if !self.has(&super::window::name(window)) {
                super::window::bring(self, window)?;
            }
        }
        for (value, query) in sets {
            if !self.has(&super::membership::name(value, query)) {
                super::membership::bring(self, value, query)?;
            }
        }
        Ok(())
    }

    fn has(&self, name: &str) -> bool {
        self.brought.iter().any(|brought| brought == name)
    }

    /// Joins the records at the ends of to-one paths, for the columns that are wanted of them.
    fn follow_to_one(&mut self, wanted: &[&plan::Expr]) -> Result<(), Diagnostic> {
        let mut needs: BTreeMap<(usize, String), Need> = BTreeMap::new();
        let mut records: Vec<Path> = Vec::new();
        for part in wanted {
            match &part.kind {
                Kind::Path(path, column) => need(&mut needs, path)?.add(column.clone()),
                Kind::Record(path) => {
                    let Some(last) = path.last() else { continue };
                    let columns = title_columns(&last.to)?;
                    let entry = need(&mut needs, path)?;
                    columns.into_iter().for_each(|column| entry.add(column));
                    records.push(path.clone());
                }
                _ => {}
            }
        }
        for ((_, name), need) in needs {
            let missing: Vec<Arc<Stored>> = need
                .columns
                .into_iter()
                .filter(|column| !self.has(&path_column(&name, &column.name)))
                .collect();
            let Some(link) = need.path.last() else { continue };
            let ends = Ends::of(link)?;
            let keyed = ends.numbering.is_none() || records.iter().any(|path| path_name(path) == name);
            let key = format!("\u{1}{name}.#key0");
            if missing.is_empty() && (!keyed || self.has(&key)) {
                continue;
            }
            let before = need.path.get(..need.path.len() - 1).unwrap_or_default();
            let near: Vec<Expr> =
                ends.by.iter().map(|by| ends.value(by, col(step_column(before, &by.name)))).collect();
            if let ([near], true) = (near.as_slice(), made::is_of_keys(link)) {
                let names = missing.iter().map(|column| path_column(&name, &column.name));
                let names: Vec<PlSmallStr> = names.chain([key]).map(PlSmallStr::from).collect();
                let columns: Vec<Expr> = names.iter().map(|name| near.clone().alias(name.clone())).collect();
                self.frame = self.frame.clone().with_columns(columns);
                self.brought.extend(names);
                continue;
            }
            let mut right: Vec<Expr> = Vec::new();
            for (at, key) in ends.key.iter().enumerate().filter(|_| keyed) {
                let copy = format!("\u{1}{name}.#key{at}");
                if !self.has(&copy) {
                    right.push(key_text(key, source::read(&link.to, key)).alias(copy.as_str()));
                    self.brought.push(copy.into());
                }
            }
            for column in &missing {
                let as_name = path_column(&name, &column.name);
                right.push(source::read(&link.to, column).alias(as_name.as_str()));
                self.brought.push(as_name.into());
            }
            let mut far: Vec<PlSmallStr> = Vec::new();
            for (at, key) in ends.key.iter().enumerate() {
                let name = PlSmallStr::from(format!("\u{1}far{at}"));
                right.push(ends.value(key, source::read(&link.to, key)).alias(name.clone()));
                far.push(name);
            }
            // Who counts beside the answer finds what the answer looked up.
            let wanted: Vec<PlSmallStr> = right.iter().filter_map(aggregate::output_name).collect();
            let known = format!("{}: {}", self.table.name, wanted.join(" "));
            self.meet(source::raw(&link.to, false)?.select(right), &near, &far, &ends, Some(known))?;
        }
        for path in records {
            let name = path_name(&path);
            let column = record_column(&name);
            let Some(link) = path.last() else { continue };
            if !self.has(&column) {
                let value = record_value(&link.to, &name, link.link.key.len())?;
                self.frame = self.frame.clone().with_columns([value.alias(column.as_str())]);
                self.brought.push(column.into());
            }
        }
        Ok(())
    }

    /// Works out an aggregate over related records for each row.
    fn bring_aggregate(&mut self, aggregate: &Arc<Aggregate>) -> Result<(), Diagnostic> {
        let steps = match &aggregate.over {
            Over::Path(steps) => steps,
            Over::Table { table, .. } => return super::spans::bring(self, aggregate, table),
            Over::Rows => return Ok(()),
        };
        let ones = steps.iter().take_while(|step| matches!(step, Step::One(_))).count();
        let prefix: Path = steps.iter().take(ones).map(link_of).cloned().collect();
        let rest = steps.get(ones..).unwrap_or_default();
        let Some(Step::Many(first)) = rest.first() else { return Ok(()) };
        // Where the path starts from: the record itself, or the one that to-one links lead to.
        let ends = Ends::of(first)?;
        let start: Vec<Expr> = if prefix.is_empty() {
            ends.key.iter().map(|key| ends.value(key, col(key.name.as_str()))).collect()
        } else {
            let mut needs = BTreeMap::new();
            ends.key
                .iter()
                .try_for_each(|key| need(&mut needs, &prefix).map(|need| need.add(key.clone())))?;
            let exprs: Vec<plan::Expr> = ends.key.iter().map(|key| path_expr(&prefix, key)).collect();
            self.follow_to_one(&exprs.iter().collect::<Vec<_>>())?;
            let name = path_name(&prefix);
            ends.key.iter().map(|key| ends.value(key, col(path_column(&name, &key.name)))).collect()
        };
        let outer = outer_values(aggregate);
        let group = std::slice::from_ref(aggregate);
        if outer.is_empty() {
            // Once for each value of the key, whatever rows there are.
            let keys: Vec<PlSmallStr> = (0..start.len()).map(|at| format!("\u{1}k{at}").into()).collect();
            let records = follow(Start::Keyed(keys.clone()), rest, needs_at_end(group)?, &self.lookups)?;
            if let (Some(numbering), [place], [key]) = (&ends.numbering, start.as_slice(), keys.as_slice())
                && let Some(hits) = aggregate::hits(records.clone(), aggregate)?
            {
                let any = self.lookups.presence(hits, key, numbering, place.clone());
                let value = if aggregate.function == plan::Aggregator::Any { any } else { any.not() };
                self.bring(aggregate, value);
                return Ok(());
            }
            let partial = aggregate::partials(records, group, &keys, aggregate::Groups::Reached, &[])?;
            self.meet(partial, &start, &keys, &ends, None)?;
        } else {
            // For each row by itself, since the filter looks at it.
            let here: Vec<plan::Expr> =
                outer.iter().filter(|(_, up)| *up == 1).map(|(inner, _)| inner.clone()).collect();
            self.bring_outer(&here)?;
            let outer: Vec<String> = outer.iter().map(|(inner, _)| outer_name(inner)).collect();
            let identity = self.identity.clone();
            let keys: Vec<PlSmallStr> = (0..identity.len()).map(|at| format!("\u{1}k{at}").into()).collect();
            let mut columns: Vec<Expr> =
                identity.iter().zip(&keys).map(|(from, to)| col(from.clone()).alias(to.clone())).collect();
            columns.extend(
                start.iter().enumerate().map(|(at, value)| value.clone().alias(format!("\u{1}near{at}"))),
            );
            columns.extend(outer.iter().map(col));
            let mut carried = keys.clone();
            carried.extend(outer.iter().map(PlSmallStr::from));
            let near = self.frame.clone().select(columns);
            let start = Start::Rows(Box::new(Near {
                frame: near,
                carried,
                apart: prefix.is_empty() && self.can_be_held(),
            }));
            let records = follow(start, rest, needs_at_end(group)?, &self.lookups)?;
            let partial = aggregate::partials(records, group, &keys, aggregate::Groups::Reached, &[])?;
            let near: Vec<Expr> = identity.iter().map(|name| col(name.clone())).collect();
            let far: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
            // A group's key may be missing, and is its own all the same.
            self.join(partial, &near, &far, true);
        }
        self.bring(aggregate, aggregate::finish(aggregate));
        Ok(())
    }

    pub(super) fn bring(&mut self, aggregate: &Aggregate, value: Expr) {
        let name = aggregate_name(aggregate);
        self.frame = self.frame.clone().with_columns([value.alias(name.as_str())]);
        self.brought.push(name.into());
    }

    /// Adds the columns of a frame beside the rows: at its `far` columns a link from the `near` ends leads to no
    /// more than one of its rows. Two frames of one `known` name are the same.
    pub(super) fn meet(
        &mut self,
        frame: LazyFrame,
        near: &[Expr],
        far: &[PlSmallStr],
        ends: &Ends,
        known: Option<String>,
    ) -> Result<(), Diagnostic> {
        if let (Some(numbering), [near], [far]) = (&ends.numbering, near, far) {
            let place = PlSmallStr::from(format!("\u{1}place{}", self.brought.len()));
            self.brought.push(place.clone());
            let held = self.lookups.records(frame, far, numbering, known)?;
            let found = held.columns(&col(place.clone()));
            self.frame = self.frame.clone().with_columns([near.clone().alias(place)]).with_columns(found);
            return Ok(());
        }
        let far: Vec<Expr> = far.iter().map(|name| col(name.clone())).collect();
        self.join(frame, near, &far, false);
        Ok(())
    }

    /// Makes the outer row's values columns, so that they can travel with it.
    pub(super) fn bring_outer(&mut self, outer: &[plan::Expr]) -> Result<(), Diagnostic> {
        let fresh: Vec<&plan::Expr> = outer.iter().filter(|inner| !self.has(&outer_name(inner))).collect();
        self.prepare(fresh.iter().copied())?;
        let columns: Vec<Expr> =
            fresh.iter().map(|inner| expr::to_polars(inner).alias(outer_name(inner))).collect();
        self.brought.extend(fresh.iter().map(|inner| PlSmallStr::from(outer_name(inner))));
        self.frame = self.frame.clone().with_columns(columns);
        Ok(())
    }

    /// Adds the columns of `other` beside the rows whose keys meet; every row stays once, because the keys
    /// of `other` are unique.
    pub(super) fn join(&mut self, other: LazyFrame, near: &[Expr], far: &[Expr], missing_meet: bool) {
        let mut args = JoinArgs::new(JoinType::Left);
        args.nulls_equal = missing_meet;
        args.coalesce = JoinCoalesce::CoalesceColumns;
        // polars' own joins want plain columns for keys to drop them again.
        let keyed: Vec<Expr> =
            near.iter().enumerate().map(|(at, key)| key.clone().alias(format!("\u{1}near{at}"))).collect();
        let names: Vec<Expr> = (0..near.len()).map(|at| col(format!("\u{1}near{at}"))).collect();
        let joined = self.frame.clone().with_columns(keyed).join(other, names, far.to_vec(), args);
        let temporary: Vec<PlSmallStr> = (0..near.len()).map(|at| format!("\u{1}near{at}").into()).collect();
        self.frame = joined.drop(by_name(temporary, true, false));
        self.sorted = false;
    }

    /// May related records be held against the rows in a lookup? Not where a record stands twice. Nor where the rows
    /// count what they leave out: a lookup reads them once more.
    pub(super) fn can_be_held(&self) -> bool {
        self.apart && self.notes.is_empty()
    }

    /// Puts the rows in their order.
    pub(super) fn settle(&mut self) {
        if self.sorted || self.order.is_empty() {
            return;
        }
        let by: Vec<Expr> = self.order.iter().map(|(name, _)| col(name.clone())).collect();
        let options = SortMultipleOptions::default()
            .with_order_descending_multi(self.order.iter().map(|(_, descending)| *descending))
            .with_nulls_last(true);
        self.frame = self.frame.clone().sort_by_exprs(by, options);
        self.sorted = true;
    }
}

/// What is wanted of the records at a to-one path's end.
struct Need {
    path: Path,
    columns: Vec<Arc<Stored>>,
}

impl Need {
    fn add(&mut self, column: Arc<Stored>) {
        if !self.columns.iter().any(|known| known.name == column.name) {
            self.columns.push(column);
        }
    }
}

/// The entry of a path, and with it those of all paths before it, which must hold its link's columns.
fn need<'n>(needs: &'n mut BTreeMap<(usize, String), Need>, path: &Path) -> Result<&'n mut Need, Diagnostic> {
    for length in 2..=path.len() {
        let before: Path = path.iter().take(length - 1).cloned().collect();
        let Some(link) = path.get(length - 1) else { continue };
        for by in &link.link.by {
            let column = stored(&link.from, by)?;
            let entry = needs
                .entry((length - 1, path_name(&before)))
                .or_insert_with(|| Need { path: before.clone(), columns: Vec::new() });
            entry.add(column);
        }
    }
    Ok(needs
        .entry((path.len(), path_name(path)))
        .or_insert_with(|| Need { path: path.clone(), columns: Vec::new() }))
}

/// A stored column of a table, by its name in the catalogue.
pub(super) fn stored(table: &Table, name: &str) -> Result<Arc<Stored>, Diagnostic> {
    let column = table.column(name)?.ok_or_else(|| {
        Diagnostic::bare(
            "catalogue-column",
            format!("{} has no column `{name}` for its key or link", table.name),
        )
    })?;
    match &column.from {
        From::Stored { heading, reader, missing } => Ok(Arc::new(Stored {
            name: column.name.clone(),
            heading: heading.clone(),
            reader: reader.clone(),
            missing: missing.clone(),
        })),
        _ => Err(Diagnostic::bare(
            "catalogue-column",
            format!(
                "`{name}` of {} is worked out: a key, link or title needs a column of the file",
                table.name
            ),
        )),
    }
}

pub(super) fn key_columns(table: &Table, key: &[String]) -> Result<Vec<Arc<Stored>>, Diagnostic> {
    key.iter().map(|name| stored(table, name)).collect()
}

fn title_columns(table: &Table) -> Result<Vec<Arc<Stored>>, Diagnostic> {
    table.title.iter().map(|name| stored(table, name)).collect()
}

/// What tells records apart in an answer: a text that sorts as the titles do, then the title as it is shown,
/// then the key; [`super::expr::record_title`] takes the middle one.
fn record_value(table: &Table, path: &str, keys: usize) -> Result<Expr, Diagnostic> {
    let key_names: Vec<Expr> = (0..keys).map(|at| col(format!("\u{1}{path}.#key{at}"))).collect();
    let key = concat_str(&key_names, ", ", false);
    let mut sorted = Vec::new();
    let mut titles = Vec::new();
    for column in title_columns(table)? {
        let value = col(path_column(path, &column.name));
        sorted.push(super::values::sortable(value.clone()));
        titles.push(match &column.reader {
            Reader::Category(category, _) => super::values::category_text(value, category.values.clone()),
            Reader::Quantity(unit) => super::values::quantity_text(value, unit.clone()),
            _ => value.cast(DataType::String),
        });
    }
    // Where a record has no title, its key shows; where there is no record, nothing does.
    let (sorted, shown) = if titles.is_empty() {
        (key.clone(), key.clone())
    } else {
        let title = concat_str(&titles, ", ", true);
        let shown = when(title.clone().str().len_bytes().gt(lit(0))).then(title).otherwise(key.clone());
        (concat_str(&sorted, "\u{1}", false), shown)
    };
    Ok(concat_str([sorted, shown, key], "\u{1f}", false))
}

/// A key's value as text: the two ends of a link may be stored differently and still meet. A category is the
/// text it stands for, and a number without a fraction is written without a point.
pub(super) fn key_text(column: &Stored, value: Expr) -> Expr {
    match &column.reader {
        Reader::Category(category, _) => super::values::category_text(value, category.values.clone()),
        Reader::Number => super::values::number_text(value),
        _ => value.cast(DataType::String),
    }
}

pub(super) fn link_of(step: &Step) -> &Arc<LinkRef> {
    match step {
        Step::One(link) | Step::Many(link) => link,
    }
}

fn step_column(before: &[Arc<LinkRef>], column: &str) -> String {
    if before.is_empty() { column.to_string() } else { path_column(&path_name(before), column) }
}

/// Where a path's column stands.
pub(super) fn path_column(path: &str, column: &str) -> String {
    format!("\u{1}{path}.{column}")
}

/// Where a path's record stands.
pub(super) fn record_column(path: &str) -> String {
    format!("\u{1}{path}.#record")
}

/// Where an aggregate's value stands.
pub(super) fn aggregate_name(aggregate: &Aggregate) -> String {
    format!("\u{1}a{}", aggregate.id)
}

/// Where an outer row's value stands.
pub(super) fn outer_name(inner: &plan::Expr) -> String {
    format!("\u{1}this.{inner}")
}

fn path_expr(path: &Path, column: &Arc<Stored>) -> plan::Expr {
    plan::Expr {
        kind: Kind::Path(path.clone(), column.clone()),
        ty: crate::types::Type::Id,
        show: crate::types::Show::Plain,
        spread: plan::Spread::Repeats,
        adds: plan::Adds::Plain,
    }
}
