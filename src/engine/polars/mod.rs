//! The polars engine: a plan becomes one lazy query, run by the streaming engine.
//!
//! Each table that a question needs is scanned for just the columns that it reads ([`source`]). What a row
//! needs from other tables is joined to it ([`rows`]); groups gather what each of their aggregates ranges
//! over, each record once ([`group`], [`aggregate`]); arithmetic is exact ([`values`]).

mod aggregate;
mod answer;
mod beside;
mod combine;
mod expr;
mod filter;
mod functions;
mod group;
mod join;
mod line;
mod lists;
mod lookup;
mod made;
mod membership;
mod note;
mod pick;
mod pivot;
mod reach;
mod readable;
mod regroup;
mod reshape;
mod rows;
mod slide;
mod source;
mod spans;
mod times;
mod values;
mod window;

use std::sync::Arc;

use polars::prelude::*;

use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::engine::notes::left_out;
use crate::engine::notes::unknown::Columns;
use crate::frame::Answer;
use crate::plan::walk::Used;
use crate::plan::{self, Kind, Over, Query, Stage, Stored};
use crate::survey::columnar::col;
use crate::survey::{self, facts};
use crate::types::Type;

use answer::{framed, pivoted_by, shown_value};
use expr::{all_of, to_polars};
use filter::{
    adjacent, conjuncts, counted_filter, counted_value, filter, filters, leading_filters,
    reads_only_the_file, straight,
};
use lookup::Lookups;
use note::{Left, Note};
use pick::{beside_totals, first_of_each, keys_of, sort_columns, take, top};
use rows::Rows;
use source::ROW;

/// Whether polars may rewrite a lazy query before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimise {
    /// As questions are answered.
    Yes,
    /// Only as far as it must be to run at all: what tests hold the other against.
    No,
}

/// Works a question out, and with `noted` what a reader should know beside the answer.
pub fn answer(query: &Query, optimise: Optimise, noted: bool) -> Result<Answer, Diagnostic> {
    let used = Used::of(query);
    let mut notes = used.notes().to_vec();
    notes.extend(facts::notes(&used)?);
    check_keys(&used)?;
    let (lazy, rows) = compile(query, Lookups::default(), true)?;
    let data = collected(lazy, &rows.lookups, optimise);
    // A file that was replaced under way explains an error, and makes an answer nobody's.
    let unchanged = || used.tables().try_for_each(|table| table.source.unchanged());
    unchanged()?;
    let data = data.map_err(|error| read_error(&error))?;
    if let Some(mistake) = rows.lookups.mistake() {
        return Err(mistake);
    }
    let frame = framed(query, &rows, data);
    if noted {
        // Before anything else is counted.
        let met: Vec<Note> = rows.lookups.notes().into_iter().chain(rows.notes.iter().cloned()).collect();
        let beside = beside::notes(query, &frame, &met, &rows.lookups, optimise);
        unchanged()?;
        for note in beside {
            // The same aggregate in two items says it once.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    } else {
        notes.clear();
    }
    Ok(Answer { title: query.title.clone(), frame, notes })
}

/// What a lazy query gives, once what it looks up is read.
fn collected(lazy: LazyFrame, lookups: &Lookups, optimise: Optimise) -> PolarsResult<DataFrame> {
    let as_asked = |lazy: LazyFrame| match optimise {
        Optimise::Yes => lazy,
        // Types are part of what a query means, not of how fast it is.
        Optimise::No => lazy.with_optimizations(OptFlags::TYPE_COERCION | OptFlags::TYPE_CHECK),
    };
    lookups.read(as_asked)?;
    Ok(as_asked(lazy).collect_with_engine(Engine::Streaming)?.unwrap_single())
}

/// Makes the lazy query, not optimised, and leaves it.
pub fn plan(query: &Query) -> Result<(), Diagnostic> {
    compile(query, Lookups::default(), false).map(drop)
}

/// The engine's optimised plan, as polars prints it.
pub fn explain(query: &Query) -> Result<String, Diagnostic> {
    let (lazy, rows) = compile(query, Lookups::default(), false)?;
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
fn compile(query: &Query, lookups: Lookups, runs: bool) -> Result<(LazyFrame, Rows), Diagnostic> {
    let mut rows = rows_of(query, lookups, true, runs)?;
    rows.settle();
    let groups = has_groups(&query.stages);
    let mut columns: Vec<Expr> = Vec::new();
    for (at, column) in query.output.iter().enumerate() {
        let value = counted_value(&mut rows, &column.expr, groups);
        columns.push(shown_value(value, &column.expr.ty).alias(format!("c{at}")));
    }
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

/// A question's rows after its last stage, with all that its columns need; `ordered` where their order matters.
fn rows_of(query: &Query, lookups: Lookups, ordered: bool, runs: bool) -> Result<Rows, Diagnostic> {
    let query = &group::with_late_keys(query)?;
    let mut rows = start(query, lookups, ordered)?;
    let first = leading_filters(query);
    // The others were applied to the scan.
    let mut conditions = conjuncts(adjacent(&query.stages[..first]));
    conditions.retain(|part| !reads_only_the_file(part));
    filters(&mut rows, &conditions)?;
    // What is left out of the head's rows is counted beside the answer, and of later ones on the way.
    let head = left_out::head(query);
    let mut next = first;
    while let Some(stage) = query.stages.get(next) {
        let at = next;
        next += 1;
        let again = query.stages[at..].iter().any(|stage| matches!(stage, Stage::Top { other: Some(_), .. }));
        let told = rows.notes.len();
        match stage {
            Stage::Where(_) if at < head => {
                let predicates = adjacent(&query.stages[at..head]);
                next = at + predicates.len();
                filters(&mut rows, &conjuncts(predicates))?;
            }
            Stage::Where(predicate) if at >= head => {
                counted_filter(&mut rows, predicate, has_groups(&query.stages[..at]))?;
            }
            Stage::Let(name, value) if at >= head => {
                rows.prepare([value])?;
                let value = counted_value(&mut rows, value, has_groups(&query.stages[..at])).alias(&**name);
                rows.frame = rows.frame.clone().with_columns([value]);
            }
            _ => {
                if matches!(stage, Stage::Take { .. } | Stage::Top { .. })
                    && rows.notes.iter().any(Note::wants_all)
                {
                    rows.frame = held(rows.frame.clone());
                }
                self::stage(&mut rows, stage, again, runs)?;
                continue;
            }
        }
        // A later filter must not move below what counts, and who reads the rows twice counts them once.
        if rows.notes.len() > told && at + 1 < query.stages.len() {
            rows.frame = rows.frame.clone().cache();
        }
    }
    rows.prepare(query.output.iter().map(|column| &column.expr))?;
    Ok(rows)
}

/// The table's rows, typed, with the columns that the question reads, and its first filters applied.
fn start(query: &Query, lookups: Lookups, ordered: bool) -> Result<Rows, Diagnostic> {
    let table = &query.table;
    let numbered = needs_rows(query, ordered);
    let mut frame = source::raw(table, numbered)?;
    let mut conditions = conjuncts(adjacent(&query.stages[..leading_filters(query)]));
    conditions.retain(|part| reads_only_the_file(part));
    if !conditions.is_empty() {
        frame = frame.filter(all_of(conditions.iter().map(|part| straight(part, table)).collect()));
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
        frame = if !conditions.is_empty() || table.made.is_some() {
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
        narrowed: narrowed(query),
        order: if numbered { vec![(ROW.into(), false)] } else { Vec::new() },
        sorted: true,
        identity: if numbered { vec![ROW.into()] } else { Vec::new() },
        ..Rows::new(table, frame.select(typed), Columns::of(query), lookups)
    })
}

/// Are rows groups after these stages?
fn has_groups(stages: &[Stage]) -> bool {
    stages.iter().any(|stage| matches!(stage, Stage::Group(_)))
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
        Over::Table { .. } => true,
    })
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

/// The rows of frames that have the same columns, one below the other.
fn union(frames: impl AsRef<[LazyFrame]>) -> Result<LazyFrame, Diagnostic> {
    concat(frames, UnionArgs::default()).map_err(|error| read_error(&error))
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
        // What keeps a made column apart from others of its name is no part of it.
        Kind::Made(made) => made.split('~').next().unwrap_or(made).to_string(),
        Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) => key.to_string(),
        _ => name.to_string(),
    }
}

/// Is a missing value of this type nobody, rather than one more group?
fn identifies(ty: &Type) -> bool {
    matches!(ty, Type::Id | Type::Record(_))
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
