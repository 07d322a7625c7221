//! The polars engine: a plan becomes one lazy query, run by the streaming engine.
//!
//! Each table that a question needs is scanned for just the columns that it reads ([`source`]). What a row
//! needs from other tables is joined to it ([`rows`]); groups gather what each of their aggregates ranges
//! over, each record once ([`group`], [`aggregate`]); arithmetic is exact ([`values`]).

mod aggregate;
mod combine;
mod expr;
mod functions;
mod group;
mod join;
mod line;
mod lists;
mod lookup;
mod membership;
mod pivot;
mod reach;
mod readable;
mod regroup;
mod reshape;
mod rows;
mod slide;
mod source;
mod times;
mod values;
mod window;

use std::collections::BTreeMap;
use std::sync::Arc;

use polars::prelude::*;

use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::frame::{Answer, Column as FrameColumn, Frame};
use crate::plan::walk::Used;
use crate::plan::{self, Kind, Over, Query, Stage, Stored};
use crate::survey::columnar::col;
use crate::survey::{self, facts};
use crate::types::{Type, Value};

use expr::to_polars;
use lookup::Lookups;
use rows::{Left, Note, Rows};
use source::ROW;

/// Whether polars may rewrite a lazy query before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimise {
    /// As questions are answered.
    Yes,
    /// Only as far as it must be to run at all: what tests hold the other against.
    No,
}

/// Works a question out.
pub fn answer(query: &Query, optimise: Optimise) -> Result<Answer, Diagnostic> {
    let used = Used::of(query);
    let mut notes = used.notes().to_vec();
    notes.extend(facts::notes(&used)?);
    check_keys(&used)?;
    let (lazy, rows) = compile(query, true)?;
    let as_asked = |lazy: LazyFrame| match optimise {
        Optimise::Yes => lazy,
        // Types are part of what a query means, not of how fast it is.
        Optimise::No => lazy.with_optimizations(OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK),
    };
    let data =
        rows.lookups.read(as_asked).and_then(|()| as_asked(lazy).collect_with_engine(Engine::Streaming));
    // A file that was replaced under way explains an error, and makes an answer nobody's.
    used.tables().try_for_each(|table| table.source.unchanged())?;
    let data = data.map_err(|error| read_error(&error))?.unwrap_single();
    if let Some(mistake) = rows.lookups.mistake() {
        return Err(mistake);
    }
    let frame = framed(query, &rows, data);
    for note in rows.lookups.notes().iter().chain(&rows.notes).filter_map(Note::text) {
        // The same aggregate in two items says it once.
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    Ok(Answer { title: query.title.clone(), frame, notes })
}

/// Makes the lazy query, not optimised, and leaves it.
pub fn plan(query: &Query) -> Result<(), Diagnostic> {
    compile(query, false).map(drop)
}

/// The engine's optimised plan, as polars prints it.
pub fn explain(query: &Query) -> Result<String, Diagnostic> {
    let (lazy, rows) = compile(query, false)?;
    let plans = || -> PolarsResult<Vec<String>> {
        let mut plans = rows.lookups.explain()?;
        plans.push(lazy.explain(true)?);
        Ok(plans)
    };
    Ok(plans().map_err(|error| read_error(&error))?.join("\n\n"))
}

/// The engine's own names begin with a sign that no heading has; people read it as `#`.
fn shown(text: &str) -> String {
    text.replace('\u{1}', "#")
}

/// What polars reports, as a diagnostic.
fn read_error(error: &PolarsError) -> Diagnostic {
    let text = error.to_string();
    if let Some(at) = text.find(values::OVERFLOW) {
        let why = text.get(at + values::OVERFLOW.len()..).unwrap_or_default();
        let why = why.lines().next().unwrap_or_default().trim();
        return Diagnostic::bare("data-overflow", why.to_string())
            .help("narrow the question, or round what it adds");
    }
    let first = shown(text.lines().next().unwrap_or_default());
    Diagnostic::bare("data-read", format!("the records could not be read: {first}"))
}

/// The whole question as one lazy query, and its rows for what must be read before and said after.
fn compile(query: &Query, runs: bool) -> Result<(LazyFrame, Rows), Diagnostic> {
    let mut rows = rows_of(query, Lookups::default(), true, runs)?;
    rows.settle();
    let mut columns: Vec<Expr> = query
        .output
        .iter()
        .enumerate()
        .map(|(at, column)| shown_value(to_polars(&column.expr), &column.expr.ty).alias(format!("c{at}")))
        .collect();
    if let Some(using) = pivoted_by(query) {
        for (at, (_, name)) in rows.pivoted.iter().enumerate() {
            columns.push(shown_value(col(name.clone()), &using.ty).alias(format!("v{at}")));
        }
    }
    for (at, column) in query.output.iter().enumerate() {
        columns.extend(column.mark.iter().map(|mark| to_polars(mark).alias(format!("m{at}"))));
    }
    // A question that shows nothing but constants still has as many rows as it has.
    let names: Vec<Expr> = columns.iter().filter_map(aggregate::output_name).map(col).collect();
    Ok((rows.frame.clone().with_columns(columns).select(names), rows))
}

/// A value as outputs have it.
fn shown_value(value: Expr, ty: &Type) -> Expr {
    match ty {
        Type::Category(category) => values::category_text(value, category.values.clone()),
        Type::Record(_) => expr::record_title(value),
        _ => value,
    }
}

/// What stands in the columns that a pivot took from the data.
fn pivoted_by(query: &Query) -> Option<&plan::Expr> {
    query.stages.iter().rev().find_map(|stage| match stage {
        Stage::Pivot(pivot) if pivot.columns.is_none() => Some(&pivot.using),
        _ => None,
    })
}

/// A column of the answer: what came for it, what it is, whether it is left out where nothing stands in it, and what a
/// table shows in the place of its values.
type Came = (Option<Column>, FrameColumn, bool, Option<StringChunked>);

/// The answer's columns and what they are, from the data that came.
fn framed(query: &Query, rows: &Rows, mut data: DataFrame) -> Frame {
    let came = |name: String| data.column(&name).ok().cloned();
    let own = query.output.iter().enumerate().map(|(at, column)| -> Came {
        let mark = came(format!("m{at}")).and_then(|mark| mark.str().ok().cloned());
        let found = FrameColumn {
            name: column.name.clone(),
            label: column.label.clone(),
            ty: column.expr.ty.clone(),
            show: column.expr.show.clone(),
            data_only: column.data_only,
        };
        (came(format!("c{at}")), found, column.optional, mark)
    });
    let mut all: Vec<Came> = own.collect();
    if let Some(using) = pivoted_by(query) {
        let pivoted = rows.pivoted.iter().enumerate().map(|(at, (name, made))| -> Came {
            let found = FrameColumn {
                name: name.clone(),
                label: None,
                ty: using.ty.clone(),
                show: using.show.clone(),
                data_only: false,
            };
            let optional = !made.starts_with("\u{1}column");
            (came(format!("v{at}")), found, optional, None)
        });
        // What only data formats have is last, as it is where the question alone says which columns there are.
        let at = all.iter().position(|(_, column, ..)| column.data_only).unwrap_or(all.len());
        let pivoted: Vec<Came> = pivoted.collect();
        all.splice(at..at, pivoted);
    }
    let mut columns = Vec::new();
    let mut kept = Vec::new();
    let mut marks = Vec::new();
    for (found, column, optional, mark) in all {
        let Some(values) = found.filter(|values| !optional || values.null_count() < values.len()) else {
            continue;
        };
        kept.push(values.with_name(format!("c{}", kept.len()).into()));
        columns.push(column);
        marks.push(mark);
    }
    let height = data.height();
    if let Ok(frame) = DataFrame::new(height, kept) {
        data = frame;
    }
    Frame { data, columns, marks }
}

/// A question's rows after its last stage, with all that its columns need; `ordered` where their order matters.
fn rows_of(query: &Query, lookups: Lookups, ordered: bool, runs: bool) -> Result<Rows, Diagnostic> {
    let query = &group::with_late_keys(query)?;
    let mut rows = start(query, lookups, ordered)?;
    let first = leading_filters(query);
    for stage in &query.stages[..first] {
        let Stage::Where(predicate) = stage else { break };
        for part in conjuncts(predicate) {
            // The rest was applied to the scan.
            if !reads_only_the_file(part) {
                filter(&mut rows, part)?;
            }
        }
    }
    for (at, stage) in query.stages.iter().enumerate().skip(first) {
        let again = query.stages[at..].iter().any(|stage| matches!(stage, Stage::Top { other: Some(_), .. }));
        self::stage(&mut rows, stage, again, runs)?;
    }
    rows.prepare(query.output.iter().map(|column| &column.expr))?;
    Ok(rows)
}

/// The table's rows, typed, with the columns that the question reads, and its first filters applied.
fn start(query: &Query, lookups: Lookups, ordered: bool) -> Result<Rows, Diagnostic> {
    let table = &query.table;
    let numbered = needs_rows(query, ordered);
    let mut frame = source::raw(table, numbered)?;
    let mut filtered = false;
    for stage in &query.stages[..leading_filters(query)] {
        let Stage::Where(predicate) = stage else { break };
        for part in conjuncts(predicate) {
            if reads_only_the_file(part) {
                frame = frame.filter(straight(part, table));
                filtered = true;
            }
        }
    }
    let mut columns: Vec<Arc<Stored>> = Vec::new();
    let grouped = query.stages.iter().position(|stage| matches!(stage, Stage::Group(_)));
    for stage in &query.stages[..grouped.map_or(query.stages.len(), |at| at + 1)] {
        for expr in stage.exprs() {
            reach::own_columns(expr, &mut columns)?;
        }
    }
    if grouped.is_none() {
        for column in &query.output {
            reach::own_columns(&column.expr, &mut columns)?;
        }
    }
    let mut typed: Vec<Expr> =
        columns.iter().map(|column| source::read(table, column).alias(column.name.as_str())).collect();
    if numbered {
        typed.push(col(ROW));
    }
    if typed.is_empty() {
        // Nothing but the number of rows is asked. The survey knows it; of those that pass a filter, any column
        // will do to count them.
        typed.push(col("\u{1}any"));
        frame = if filtered {
            let heading = table.headings()?.first().map_or("", String::as_str).to_string();
            frame.with_columns([col(heading).alias("\u{1}any")])
        } else {
            let records = usize::try_from(table.survey()?.records()).unwrap_or(usize::MAX);
            DataFrame::new(records, vec![Column::full_null("\u{1}any".into(), records, &DataType::Boolean)])
                .map_err(|error| read_error(&error))?
                .lazy()
        };
    }
    Ok(Rows {
        table: Arc::clone(table),
        narrowed: narrowed(query),
        apart: true,
        frame: frame.select(typed),
        order: if numbered { vec![(ROW.into(), false)] } else { Vec::new() },
        sorted: true,
        brought: Vec::new(),
        identity: if numbered { vec![ROW.into()] } else { Vec::new() },
        level: None,
        records: None,
        pivoted: Vec::new(),
        lookups,
        notes: Vec::new(),
    })
}

/// How many stages at the head are filters that look at each row by itself: they may be applied in any order.
fn leading_filters(query: &Query) -> usize {
    let alone = |stage: &&Stage| matches!(stage, Stage::Where(predicate) if predicate.windows().is_empty());
    query.stages.iter().take_while(alone).count()
}

/// What all must be true for a predicate to be.
fn conjuncts(predicate: &plan::Expr) -> Vec<&plan::Expr> {
    match &predicate.kind {
        Kind::Binary(plan::BinaryOp::And, left, right) => {
            let mut parts = conjuncts(left);
            parts.extend(conjuncts(right));
            parts
        }
        _ => vec![predicate],
    }
}

/// Keeps the rows for which it is true.
fn filter(rows: &mut Rows, predicate: &plan::Expr) -> Result<(), Diagnostic> {
    rows.prepare([predicate])?;
    let mut test = to_polars(predicate);
    if predicate.spread == plan::Spread::Constant {
        // Asked of rows of which nothing but the number is wanted, a filter that reads no column finds none: it is made
        // to read one.
        let schema = rows.frame.collect_schema().map_err(|error| read_error(&error))?;
        if let Some((name, _)) = schema.get_at_index(0) {
            test = when(col(name.clone()).is_null()).then(test.clone()).otherwise(test);
        }
    }
    rows.frame = rows.frame.clone().filter(test);
    Ok(())
}

/// Is some of the table left out before the first grouping?
fn narrowed(query: &Query) -> bool {
    let before = query.stages.iter().take_while(|stage| !matches!(stage, Stage::Group(_)));
    before.into_iter().any(|stage| !matches!(stage, Stage::Let(..) | Stage::Sort(_)))
}

/// Does the order of rows, or which row is which, matter to the question? `ordered` says whether it does to whoever
/// reads the answer.
fn needs_rows(query: &Query, ordered: bool) -> bool {
    // What a stage does to each row by itself, or to all of them in any order, needs none.
    let unordered = |stage: &Stage| {
        matches!(
            stage,
            Stage::Where(_)
                | Stage::Let(..)
                | Stage::Append { .. }
                | Stage::Except { .. }
                | Stage::Join { .. }
                | Stage::Unpivot { .. }
                | Stage::Describe { .. }
        )
    };
    let grouped = query.stages.iter().position(|stage| matches!(stage, Stage::Group(_)));
    let before = &query.stages[..grouped.unwrap_or(query.stages.len())];
    grouped.is_none() && ordered
        || before.iter().any(|stage| !unordered(stage))
        || query
            .stages
            .iter()
            .take(grouped.map_or(usize::MAX, |at| at + 1))
            .any(|stage| stage.exprs().into_iter().any(|expr| looks_out(expr) || hangs_on_order(expr)))
}

/// Is there something in it whose value hangs on the order of the rows?
fn hangs_on_order(expr: &plan::Expr) -> bool {
    let ordered = |aggregate: &plan::Aggregate| {
        matches!(aggregate.over, Over::Rows) && aggregate::is_ordered(aggregate)
    };
    expr.aggregates().iter().any(|aggregate| ordered(aggregate))
        || expr.windows().iter().any(|window| match &window.what {
            plan::Windowed::Whole(aggregate) => {
                ordered(aggregate) || aggregate.parts().chain(&window.per).any(looks_out)
            }
            _ => true,
        })
}

/// Is there an aggregate in it, at any depth, that looks at the row around it?
fn looks_out(expr: &plan::Expr) -> bool {
    expr.aggregates().iter().any(|aggregate| match aggregate.over {
        Over::Rows => aggregate.parts().any(looks_out),
        Over::Path(_) => !reach::outer_values(aggregate).is_empty(),
    })
}

/// Is the predicate one over columns of the file alone?
fn reads_only_the_file(predicate: &plan::Expr) -> bool {
    let mut only = true;
    predicate.visit(&mut |part| {
        only &= !matches!(
            part.kind,
            Kind::Path(..)
                | Kind::Record(_)
                | Kind::Made(_)
                | Kind::This(..)
                | Kind::Aggregate(_)
                | Kind::Window(_)
                | Kind::InQuery(..)
        );
    });
    only
}

/// The predicate over the raw frame: each column read on the spot, so that polars can take the filter to
/// the scan.
fn straight(predicate: &plan::Expr, table: &Table) -> Expr {
    let mut stored: BTreeMap<String, Arc<Stored>> = BTreeMap::new();
    predicate.visit(&mut |part| {
        if let Kind::Stored(column) = &part.kind {
            stored.insert(column.name.clone(), column.clone());
        }
    });
    let (asked, tests) = with_raw_tests(predicate.clone(), table);
    to_polars(&asked).map_expr(|part| match &part {
        Expr::Column(name) => match (tests.get(name.as_str()), stored.get(name.as_str())) {
            (Some(test), _) => test.clone(),
            (None, Some(column)) => source::read(table, column),
            (None, None) => part,
        },
        _ => part,
    })
}

/// The predicate with each `category = value` and its like in it replaced by a name, and what that name stands for: a
/// comparison of the file's own text, which a scan can answer from its statistics.
fn with_raw_tests(predicate: plan::Expr, table: &Table) -> (plan::Expr, BTreeMap<String, Expr>) {
    let mut tests: BTreeMap<String, Expr> = BTreeMap::new();
    let predicate = predicate.map(&mut |kind| {
        let is = |inner: &plan::Expr, value: &Value| match (&inner.kind, value) {
            (Kind::Stored(column), Value::Category(value)) => source::is_value(table, column, *value),
            _ => None,
        };
        let test = match &kind {
            Kind::Binary(op @ (plan::BinaryOp::Eq | plan::BinaryOp::Ne), left, right) => {
                let equal = match (&left.kind, &right.kind) {
                    (_, Kind::Value(value)) => is(left, value),
                    (Kind::Value(value), _) => is(right, value),
                    _ => None,
                };
                if *op == plan::BinaryOp::Eq { equal } else { equal.map(Expr::not) }
            }
            Kind::InValues(inner, values) if values.len() <= 8 => {
                let tests: Option<Vec<Expr>> = values.iter().map(|value| is(inner, value)).collect();
                tests.and_then(|tests| tests.into_iter().reduce(Expr::or))
            }
            _ => None,
        };
        let Some(test) = test else { return kind };
        let name = format!("\u{1}test{}", tests.len());
        tests.insert(name.clone(), test);
        Kind::Made(name.into())
    });
    (predicate, tests)
}

/// `again`: a later stage asks for the records of the last grouping. `runs`: the data may be asked what columns there are.
fn stage(rows: &mut Rows, stage: &Stage, again: bool, runs: bool) -> Result<(), Diagnostic> {
    match stage {
        Stage::Where(predicate) => filter(rows, predicate)?,
        Stage::Let(name, value) => {
            rows.prepare([value])?;
            rows.frame = rows.frame.clone().with_columns([to_polars(value).alias(&**name)]);
        }
        Stage::Group(grouping) => regroup::grouped(rows, grouping, again)?,
        Stage::Sort(keys) => {
            let order = sort_columns(rows, keys, "s")?;
            // Totals stay last.
            let first = usize::from(rows.level.is_some());
            rows.order.splice(first..first, order);
            rows.sorted = false;
        }
        Stage::Take { n, per } => beside_totals(rows, |rows| take(rows, *n, per))?,
        Stage::Top { n, by, per, other } => {
            beside_totals(rows, |rows| top(rows, *n, by, per))?;
            if let Some(other) = other {
                regroup::with_other(rows, other)?;
            }
        }
        Stage::Distinct { on, whole } => {
            let position = number(rows, "d");
            let keys = keys_of(rows, on, !whole)?;
            rows.frame = first_of_each(rows.frame.clone(), &keys, &position, 1);
            rows.order = vec![(position, false)];
            rows.sorted = false;
        }
        Stage::Pivot(pivot) => pivot::pivot(rows, pivot, runs)?,
        Stage::Append { columns, query } => combine::append(rows, columns, query)?,
        Stage::Except { on, query } => combine::except(rows, on, query)?,
        Stage::Join { query, columns, equal, also, many } => {
            join::join(rows, query, columns, equal, also.as_ref(), *many)?;
        }
        Stage::Unpivot { columns, key, value } => reshape::unpivot(rows, columns, key, value)?,
        Stage::Describe { columns, made } => reshape::describe(rows, columns, made)?,
        Stage::Sample { n, seed } => reshape::sample(rows, *n, *seed),
    }
    Ok(())
}

/// Works on the ordinary rows alone, and puts those of totals below what comes of them.
fn beside_totals(
    rows: &mut Rows,
    work: impl FnOnce(&mut Rows) -> Result<(), Diagnostic>,
) -> Result<(), Diagnostic> {
    let Some(level) = rows.level.clone() else { return work(rows) };
    let position = number(rows, "l");
    let schema = rows.frame.collect_schema().map_err(|error| read_error(&error))?;
    let names: Vec<Expr> =
        schema.iter_names().filter(|name| **name != position).map(|name| col(name.clone())).collect();
    let is_total = col(level.clone()).neq(lit(0i64));
    let totals = rows.frame.clone().filter(is_total.clone());
    rows.frame = rows.frame.clone().filter(is_total.not()).drop(by_name([position.clone()], true, false));
    work(rows)?;
    rows.settle();
    rows.frame = rows.frame.clone().with_row_index(position.clone(), None);
    let mut columns = names;
    columns.push(col(position.clone()));
    let args = UnionArgs { parallel: true, rechunk: false, to_supertypes: false, ..UnionArgs::default() };
    let both = [rows.frame.clone().select(columns.clone()), totals.select(columns)];
    rows.frame = concat(both, args).map_err(|error| read_error(&error))?;
    rows.order = vec![(level, false), (position, false)];
    rows.sorted = false;
    Ok(())
}

/// The first rows, of each group where there are keys.
fn take(rows: &mut Rows, n: u64, per: &[plan::Expr]) -> Result<(), Diagnostic> {
    if per.is_empty() {
        rows.settle();
        rows.frame = rows.frame.clone().slice(0, IdxSize::try_from(n).unwrap_or(IdxSize::MAX));
        return Ok(());
    }
    let position = number(rows, "t");
    let keys = keys_of(rows, per, true)?;
    rows.frame = first_of_each(rows.frame.clone(), &keys, &position, n);
    rows.order = vec![(position, false)];
    rows.sorted = false;
    Ok(())
}

fn top(rows: &mut Rows, n: u64, by: &plan::SortKey, per: &[plan::Expr]) -> Result<(), Diagnostic> {
    if per.is_empty() {
        let order = sort_columns(rows, std::slice::from_ref(by), "t")?;
        rows.order.splice(0..0, order);
        rows.sorted = false;
        rows.settle();
        rows.frame = rows.frame.clone().slice(0, IdxSize::try_from(n).unwrap_or(IdxSize::MAX));
        return Ok(());
    }
    // Groups come by first appearance, so number the rows before they are sorted.
    let position = number(rows, "t");
    let keys = keys_of(rows, per, true)?;
    let first = PlSmallStr::from(format!("{position}.first"));
    let key_columns: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let firsts = rows
        .frame
        .clone()
        .group_by(key_columns.clone())
        .agg([col(position.clone()).min().alias(first.clone())]);
    rows.join(firsts, &key_columns, &key_columns, true);
    let mut order = vec![(first, false)];
    order.extend(sort_columns(rows, std::slice::from_ref(by), "t")?);
    order.push((position, false));
    rows.order = order;
    rows.sorted = false;
    let ranked = number(rows, "r");
    rows.frame = first_of_each(rows.frame.clone(), &keys, &ranked, n);
    rows.order = vec![(ranked, false)];
    rows.sorted = false;
    Ok(())
}

/// Puts the rows in order and numbers them; the name of the column that holds the numbers. What is numbered is
/// looked at twice, and so worked out once and kept.
fn number(rows: &mut Rows, what: &str) -> PlSmallStr {
    rows.settle();
    let name = fresh(rows, what);
    rows.frame = rows.frame.clone().with_row_index(name.clone(), None).cache();
    name
}

/// A name for a helping column that the rows don't have yet.
fn fresh(rows: &mut Rows, what: &str) -> PlSmallStr {
    let name = PlSmallStr::from(format!("\u{1}{what}{}", rows.brought.len()));
    rows.brought.push(name.clone());
    name
}

/// Columns that hold sort keys, and their directions.
fn sort_columns(
    rows: &mut Rows,
    keys: &[plan::SortKey],
    what: &str,
) -> Result<Vec<(PlSmallStr, bool)>, Diagnostic> {
    rows.prepare(keys.iter().map(|key| &key.expr))?;
    let mut order = Vec::new();
    let mut columns = Vec::new();
    for key in keys {
        let name = fresh(rows, what);
        columns.push(to_polars(&key.expr).alias(name.clone()));
        order.push((name, key.descending));
    }
    rows.frame = rows.frame.clone().with_columns(columns);
    Ok(order)
}

/// Columns that hold group keys. With `somebody`, rows without an id or a record are left out: nobody is
/// no group.
fn keys_of(rows: &mut Rows, keys: &[plan::Expr], somebody: bool) -> Result<Vec<PlSmallStr>, Diagnostic> {
    rows.prepare(keys)?;
    let names: Vec<PlSmallStr> = keys.iter().map(|_| fresh(rows, "p")).collect();
    let columns: Vec<Expr> =
        keys.iter().zip(&names).map(|(key, name)| to_polars(key).alias(name.clone())).collect();
    rows.frame = rows.frame.clone().with_columns(columns);
    if somebody {
        leave_nobody_out(rows, keys.iter().zip(&names), lit(1u64), LazyFrame::cache);
    }
    Ok(names)
}

/// A place that no later filter moves below, so that what is counted there is counted in full. Rows that are
/// looked at twice are kept in a cache instead, below which filters don't reach the scan.
fn held(frame: LazyFrame) -> LazyFrame {
    frame.map(Ok, OptFlags::empty(), None, Some("counted"))
}

/// Leaves out the rows whose key is a missing id or record, and counts them (or what they stand for) before any
/// later filter: `hold` sees to that.
fn leave_nobody_out<'k>(
    rows: &mut Rows,
    keys: impl Iterator<Item = (&'k plan::Expr, &'k PlSmallStr)>,
    weight: Expr,
    hold: fn(LazyFrame) -> LazyFrame,
) {
    for (key, name) in keys.filter(|(key, _)| identifies(&key.ty)) {
        let note = Note::new(Left::Rows(nobody(key, name)));
        let counted = values::counting_missing(
            col(name.clone()),
            weight.clone(),
            note.count.clone(),
            expr::dtype(&key.ty),
        );
        rows.frame = rows.frame.clone().with_columns([counted]).filter(col(name.clone()).is_not_null());
        rows.notes.push(note);
        rows.frame = hold(rows.frame.clone());
    }
}

/// What a row lacks whose key is missing.
fn nobody(key: &plan::Expr, name: &str) -> String {
    match &key.kind {
        Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::Made(_) => key.to_string(),
        _ => name.to_string(),
    }
}

/// Is a missing value of this type nobody, rather than one more group?
fn identifies(ty: &Type) -> bool {
    matches!(ty, Type::Id | Type::Record(_))
}

/// The first `n` rows of each group, by the numbers in `position`.
fn first_of_each(frame: LazyFrame, keys: &[PlSmallStr], position: &PlSmallStr, n: u64) -> LazyFrame {
    let keys: Vec<Expr> = keys.iter().map(|key| col(key.clone())).collect();
    let n = u32::try_from(n).unwrap_or(u32::MAX);
    // The numbers of the rows to keep, then the rows themselves.
    let kept = frame
        .clone()
        .group_by(keys)
        .agg([col(position.clone()).sort(SortOptions::default()).head(Some(n as usize)).alias("\u{1}kept")])
        .select([col("\u{1}kept").explode(ExplodeOptions { empty_as_null: false, keep_nulls: true })]);
    frame.join(kept, [col(position.clone())], [col("\u{1}kept")], JoinArgs::new(JoinType::Semi))
}

/// A key must be one: a record that stands twice would be counted twice, and a row that a link leads there would
/// meet two.
fn check_keys(used: &Used) -> Result<(), Diagnostic> {
    for table in used.tables().filter(|table| !table.key.is_empty()) {
        table.unique.get_or_init(|| check_key(table)).clone()?;
    }
    Ok(())
}

/// An error where the table's key, as read, is not unique.
pub fn check_key(table: &Table) -> Result<(), Diagnostic> {
    if table.survey()?.unique {
        return Ok(());
    }
    let repeated = repeated_keys(table)?;
    if repeated.is_empty() { Ok(()) } else { Err(survey::key_error(table, &repeated)) }
}

/// Up to three values of the table's key that several records have. A key with a missing part counts for
/// nothing, and with `repeated = "drop"` neither do lines that repeat another whole.
pub fn repeated_keys(table: &Table) -> Result<Vec<String>, Diagnostic> {
    let keys: Vec<Expr> = rows::key_columns(table, &table.key)?
        .iter()
        .enumerate()
        .map(|(at, key)| rows::key_text(key, source::read(table, key)).alias(format!("\u{1}key{at}")))
        .collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    survey::repeated_in(source::raw(table, false)?.select(keys)).map_err(|error| read_error(&error))
}
