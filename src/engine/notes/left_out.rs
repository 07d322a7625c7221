//! How many rows are left out because a value is missing, and where a calculation has no value: questions that count,
//! over the same plan, asked beside the answer.
//!
//! `arrests | where borough = "Lambeth"` leaves out where borough is missing, and of
//! `arrests | where arrested_at in 2023-10 | where borough = "Lambeth"` only the arrests of October are asked. What
//! stands at a question's head is counted so: filters, columns made row by row, and what narrows an aggregate in the
//! grouping that follows. What comes later works on rows that are dear to make again; there an engine counts on its
//! way, by the same [`Columns`].

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::causes::Cause;
use super::unknown::{Columns, all, and, any, binary, not, not_false, truth};
use crate::frame::count;
use crate::plan::{Aggregate, BinaryOp, Expr, Grouping, Kind, Made, Output, Over, Query, Stage};
use crate::types::Type;

/// Something to be counted.
#[derive(Clone, Debug)]
pub struct Count {
    /// How the numbers are got.
    pub how: How,
    of: Of,
    /// What is missing, or has no value, and why.
    names: Vec<(String, Option<&'static str>)>,
}

/// How numbers are got.
#[derive(Clone, Debug)]
pub enum How {
    /// The survey has counted already.
    Known(u64),
    /// By a question of one row, in these of its columns: all, and then those for each reason, where there are several.
    /// Counts that stand one after another may share it.
    Asked(Arc<Query>, Range<usize>),
}

/// What is counted.
#[derive(Clone, Debug, PartialEq)]
enum Of {
    /// Rows that a filter leaves out.
    Rows(Whose),
    /// Rows, or records of a table, that an aggregate's own filter leaves out.
    Bracket(Whose, String),
    /// Rows for which a calculation has no value.
    Values,
}

/// Which rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    /// The table, where they are not the question's own.
    pub table: Option<String>,
    /// They are groups.
    pub groups: bool,
    /// Which of the queries within the question's own they are of: two of these may leave out the same rows.
    pub part: usize,
}

/// Rows that are left out for want of something.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Which rows.
    pub whose: Whose,
    /// Out of which aggregate, where they are left out of one alone.
    pub of: Option<String>,
    /// What is missing there.
    pub names: Vec<String>,
    /// How many.
    pub n: u64,
}

/// What is to be counted for a question, in the order in which it is told.
pub fn counts(query: &Query) -> Vec<Count> {
    let mut found = Vec::new();
    of_query(query, &Whose::default(), &mut found);
    found
}

/// As many filters one after another are each asked about by a question of its own: the survey may know the answer.
const ONE_BY_ONE: usize = 8;

/// How many stages at the head work on the table's own rows, each by itself: those that are counted here.
pub fn head(query: &Query) -> usize {
    let alone = |stage: &&Stage| {
        matches!(stage, Stage::Where(_) | Stage::Let(..) | Stage::Sort(_))
            && stage.exprs().iter().all(|expr| expr.windows().is_empty())
    };
    query.stages.iter().take_while(alone).count()
}

fn of_query(query: &Query, whose: &Whose, found: &mut Vec<Count>) {
    let asking = Asking { query, columns: Columns::of(query) };
    let head = head(query);
    let mut at = 0;
    while at < head {
        let (before, stages) = (&query.stages[..at], &query.stages[at..head]);
        let filters = stages.iter().take_while(|stage| matches!(stage, Stage::Where(_))).count();
        let together = if filters > ONE_BY_ONE { filters } else { 1 };
        for expr in stages[..together].iter().flat_map(Stage::exprs) {
            asking.along_paths(before, expr, found);
        }
        match &stages[0] {
            Stage::Where(_) if together > 1 => asking.filters(before, &stages[..together], whose, found),
            Stage::Where(predicate) => {
                let next = stages[1..filters].iter().flat_map(Stage::exprs);
                found.extend(asking.filter(before, predicate, next, whose));
            }
            _ => {}
        }
        at += together;
    }
    let before = &query.stages[..head];
    match query.stages.get(head) {
        Some(Stage::Group(grouping)) => asking.grouping(before, grouping, found),
        Some(_) => {}
        None => {
            for column in &query.output {
                asking.along_paths(before, &column.expr, found);
            }
        }
    }
    asking.values(before, found);
    // The queries within.
    let shown = query.output.iter().map(|column| &column.expr);
    let mut within: Vec<&Arc<Query>> = query.stages.iter().filter_map(Stage::query).collect();
    for expr in query.stages.iter().flat_map(Stage::exprs).chain(shown) {
        expr.visit_all(&mut |part| {
            if let Kind::InQuery(_, query) = &part.kind {
                within.push(query);
            }
        });
    }
    // The same one used twice leaves out the same rows.
    let mut met = HashSet::new();
    for other in within.into_iter().filter(|other| met.insert(other.to_string())) {
        let whose = Whose { part: found.len() + 1, ..Whose::records(&other.table.name) };
        of_query(other, &whose, found);
    }
}

/// A question about which others are asked.
struct Asking<'q> {
    query: &'q Query,
    columns: Columns,
}

impl Asking<'_> {
    /// The rows for which a filter is unknown, and which those right after it would not have dropped anyway: several of
    /// them are one that joins them by `and`.
    fn filter<'e>(
        &self,
        before: &[Stage],
        predicate: &Expr,
        next: impl Iterator<Item = &'e Expr>,
        whose: &Whose,
    ) -> Option<Count> {
        let (unknown, causes) = self.columns.left_out(predicate)?;
        let holds = next.fold(unknown, |holds, next| and(holds, not_false(next.clone())));
        self.count(before, holds, &causes, Of::Rows(whose.clone()))
    }

    /// The same of many filters one after another, by one question: each is asked of the rows that those before it
    /// keep and those behind it may, and a question for each would ask all of these again.
    fn filters(&self, before: &[Stage], filters: &[Stage], whose: &Whose, found: &mut Vec<Count>) {
        let mut stages = before.to_vec();
        let mut asked: Vec<_> =
            filters.iter().flat_map(Stage::exprs).map(|expr| (expr, self.columns.left_out(expr))).collect();
        let mut later: Vec<Expr> = Vec::new();
        for (predicate, unknown) in asked.iter_mut().rev() {
            if let Some((unknown, _)) = unknown {
                if later.len() > 1 {
                    let name: Made = format!("\u{1}later{}", stages.len()).into();
                    let kept = Expr { kind: Kind::Made(name.clone()), ..unknown.clone() };
                    stages.push(Stage::Let(name, all(std::mem::replace(&mut later, vec![kept]))));
                }
                *unknown = all(later.iter().cloned().chain([unknown.clone()]).collect());
            }
            later.push(not_false(predicate.clone()));
        }
        let mut passed: Vec<Expr> = Vec::new();
        let mut wanted = Vec::new();
        for (predicate, unknown) in asked {
            if let Some((unknown, causes)) = unknown {
                if passed.len() > 1 {
                    let name: Made = format!("\u{1}kept{}", stages.len()).into();
                    let kept = Expr { kind: Kind::Made(name.clone()), ..unknown.clone() };
                    stages.push(Stage::Let(name, all(std::mem::replace(&mut passed, vec![kept]))));
                }
                wanted.push((all(passed.iter().cloned().chain([unknown]).collect()), causes));
            }
            passed.push(binary(BinaryOp::Coalesce, predicate.clone(), truth(false)));
        }
        found.extend(self.together(&stages, wanted, &Of::Rows(whose.clone())));
    }

    /// The records that the filters of aggregates over paths leave out.
    fn along_paths(&self, before: &[Stage], expr: &Expr, found: &mut Vec<Count>) {
        for aggregate in expr.aggregates() {
            let (Over::Path(steps), Some(filter)) = (&aggregate.over, &aggregate.filter) else { continue };
            let Some(end) = steps.last() else { continue };
            // What looks at the outer row has as many answers as there are rows.
            let mut looks_out = false;
            filter.visit_all(&mut |part| looks_out |= matches!(part.kind, Kind::This(..)));
            let columns = Columns::of_records(end.to());
            let Some((unknown, causes)) = columns.left_out(filter).filter(|_| !looks_out) else { continue };
            let counted = |filter: Expr, at: usize| counting(at, aggregate.over.clone(), filter);
            let mut items = vec![counted(unknown.clone(), 0)];
            if causes.len() > 1 {
                let each = causes.iter().enumerate();
                items.extend(
                    each.map(|(at, cause)| counted(and(unknown.clone(), cause.holds.clone()), at + 1)),
                );
            }
            let numbers = 0..items.len();
            found.push(Count {
                how: How::Asked(Arc::new(self.asked(before, None, items)), numbers),
                of: Of::Bracket(Whose::records(&end.to().name), aggregate.text.clone()),
                names: named(&causes),
            });
        }
    }

    /// What the filters of a grouping's aggregates leave out.
    fn grouping(&self, before: &[Stage], grouping: &Grouping, found: &mut Vec<Count>) {
        // Nobody's rows are in no group.
        let mut before = before.to_vec();
        for (_, key) in grouping.keys.iter().filter(|(_, key)| matches!(key.ty, Type::Id | Type::Record(_))) {
            before.extend(self.columns.unknown(key).map(|unknown| Stage::Where(not(unknown))));
        }
        for (_, expr) in grouping.keys.iter().chain(&grouping.items) {
            for aggregate in expr.aggregates() {
                let (Over::Rows, Some(filter)) = (&aggregate.over, &aggregate.filter) else { continue };
                let Some((unknown, causes)) = self.columns.left_out(filter) else { continue };
                let of = Of::Bracket(Whose::default(), aggregate.text.clone());
                found.extend(self.count(&before, unknown, &causes, of));
            }
            self.along_paths(&before, expr, found);
        }
    }

    /// The rows that are kept and for which a calculation has no value though all that it reads is known.
    fn values(&self, before: &[Stage], found: &mut Vec<Count>) {
        let later = self.query.stages.iter().skip(before.len()).flat_map(Stage::exprs);
        let shown = self.query.output.iter().map(|column| &column.expr);
        let kept = needed(before, later.chain(shown));
        let mut exprs: Vec<&Expr> = kept
            .iter()
            .filter_map(|stage| match stage {
                Stage::Let(_, value) => Some(value),
                _ => None,
            })
            .collect();
        if let Some(Stage::Group(grouping)) = self.query.stages.get(before.len()) {
            exprs.extend(grouping.keys.iter().map(|(_, key)| key));
        }
        let failures: Vec<Vec<Cause>> = exprs.into_iter().map(|expr| self.columns.failures(expr)).collect();
        let failures = failures.into_iter().filter(|causes| !causes.is_empty());
        let holds = |causes: &[Cause]| any(causes.iter().map(|cause| cause.holds.clone()).collect());
        let failures: Vec<(Expr, Vec<Cause>)> = failures.map(|causes| (holds(&causes), causes)).collect();
        if failures.len() <= ONE_BY_ONE {
            let counts = failures.into_iter();
            found.extend(counts.filter_map(|(holds, causes)| self.count(before, holds, &causes, Of::Values)));
        } else {
            found.extend(self.together(before, failures, &Of::Values));
        }
    }

    /// Many counts over the same rows, by one question.
    fn together(&self, before: &[Stage], wanted: Vec<(Expr, Vec<Cause>)>, of: &Of) -> Vec<Count> {
        let (mut items, mut counts) = (Vec::new(), Vec::new());
        for (holds, causes) in wanted {
            let from = items.len();
            items.push(counting(items.len(), Over::Rows, holds.clone()));
            for cause in causes.iter().filter(|_| causes.len() > 1) {
                let holds = and(holds.clone(), cause.holds.clone());
                items.push(counting(items.len(), Over::Rows, holds));
            }
            counts.push((from..items.len(), named(&causes)));
        }
        if counts.is_empty() {
            return Vec::new();
        }
        let asked = Arc::new(self.asked(before, None, items));
        let count = |(at, names)| Count { how: How::Asked(Arc::clone(&asked), at), of: of.clone(), names };
        counts.into_iter().map(count).collect()
    }

    /// The rows for which it is true, and for which reason.
    fn count(&self, before: &[Stage], holds: Expr, causes: &[Cause], of: Of) -> Option<Count> {
        let names = named(causes);
        if let (Kind::IsMissing(inner), true) = (&holds.kind, needed(before, [&holds]).is_empty())
            && let Kind::Stored(column) = &inner.kind
            && let Some(facts) = self.query.table.survey().ok()?.column(&column.name)
        {
            return Some(Count { how: How::Known(facts.missing), of, names });
        }
        let mut items = vec![Expr::row_count()];
        if causes.len() > 1 {
            let each = causes.iter().enumerate();
            items.extend(each.map(|(at, cause)| counting(at + 1, Over::Rows, cause.holds.clone())));
        }
        let numbers = 0..items.len();
        let asked = self.asked(before, Some(holds), items);
        Some(Count { how: How::Asked(Arc::new(asked), numbers), of, names })
    }

    /// The question for these numbers of the rows that stages leave.
    fn asked(&self, before: &[Stage], filter: Option<Expr>, items: Vec<Expr>) -> Query {
        let mut stages: Vec<Stage> =
            needed(before, filter.iter().chain(&items)).into_iter().cloned().collect();
        stages.extend(filter.map(Stage::Where));
        let items: Vec<(Made, Expr)> =
            items.into_iter().enumerate().map(|(at, item)| (format!("\u{1}n{at}").into(), item)).collect();
        let shown = |(name, item): &(Made, Expr)| Output {
            name: name.to_string(),
            label: None,
            expr: Expr { kind: Kind::Made(name.clone()), ..item.clone() },
            mark: None,
            data_only: false,
            optional: false,
        };
        let output = items.iter().map(shown).collect();
        stages.push(Stage::Group(Grouping::new(Vec::new(), items)));
        Query {
            title: None,
            table: Arc::clone(&self.query.table),
            stages,
            output,
            notes: Vec::new(),
            definitions: Vec::new(),
        }
    }
}

/// The filters among stages, and the columns that these or `exprs` read. An order counts nothing.
fn needed<'s>(stages: &'s [Stage], exprs: impl IntoIterator<Item = &'s Expr>) -> Vec<&'s Stage> {
    let mut read: HashSet<Made> = exprs.into_iter().flat_map(Expr::made).collect();
    let mut kept = Vec::new();
    for stage in stages.iter().rev() {
        let wanted = match stage {
            Stage::Where(_) => true,
            Stage::Let(name, _) => read.contains(name),
            _ => false,
        };
        if wanted {
            read.extend(stage.exprs().into_iter().flat_map(Expr::made));
            kept.push(stage);
        }
    }
    kept.reverse();
    kept
}

/// `count(where …)` over rows, or over the records that they reach. The question's own aggregates have small numbers.
fn counting(at: usize, over: Over, filter: Expr) -> Expr {
    let count = Expr::row_count();
    let Kind::Aggregate(rows) = &count.kind else { return count };
    let aggregate = Aggregate { id: usize::MAX - at - 1, over, filter: Some(filter), ..(**rows).clone() };
    Expr { kind: Kind::Aggregate(Arc::new(aggregate)), ..count }
}

fn named(causes: &[Cause]) -> Vec<(String, Option<&'static str>)> {
    causes.iter().map(|cause| (cause.name.clone(), cause.why)).collect()
}

impl Whose {
    fn records(table: &str) -> Whose {
        Whose { table: Some(table.to_string()), groups: false, part: 0 }
    }
}

/// What to tell the reader of what was counted, for each count with its numbers (all of them, and those for each
/// reason), and of what `later` filters left out: first what is left out, then what has no value.
pub fn texts(counted: &[(Count, Vec<u64>)], later: Vec<LeftOut>) -> (Vec<String>, Vec<String>) {
    let mut told: Vec<LeftOut> = Vec::new();
    let mut values = Vec::new();
    for (count, numbers) in counted {
        let n = numbers.first().copied().unwrap_or_default();
        let each = numbers.get(1..).filter(|each| !each.is_empty()).unwrap_or(numbers);
        let (whose, of) = match &count.of {
            Of::Rows(whose) => (whose.clone(), None),
            Of::Bracket(whose, aggregate) => (whose.clone(), Some(aggregate.clone())),
            Of::Values => {
                let text =
                    |((name, why), n): (&(String, Option<&str>), &u64)| no_value(name, (*why)?, *n, false);
                values.extend(count.names.iter().zip(each).filter_map(text));
                continue;
            }
        };
        let mut names: Vec<String> = Vec::new();
        for ((name, _), _) in count.names.iter().zip(each).filter(|(_, n)| **n > 0) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        tell(&mut told, LeftOut { whose, of, names, n });
    }
    later.into_iter().for_each(|more| tell(&mut told, more));
    (told.iter().filter_map(LeftOut::text).collect(), values)
}

/// One more. Two filters of a query, one after the other, leave out different rows for want of the same column, and
/// are told as one; the same aggregate in two items leaves out the same ones, and so may two queries within.
fn tell(told: &mut Vec<LeftOut>, more: LeftOut) {
    let rows = |left: &LeftOut| (left.whose.table.clone(), left.whose.groups);
    let same =
        |known: &LeftOut| rows(known) == rows(&more) && known.of == more.of && known.names == more.names;
    let after = |known: &LeftOut| more.of.is_none() && known.whose.part == more.whose.part;
    if let Some(known) = told.iter_mut().find(|known| same(known) && after(known)) {
        known.n += more.n;
    } else if !told.iter().any(|known| same(known) && known.n == more.n) {
        told.push(more);
    }
}

/// What is named, cut short where it is long.
fn short(name: &str) -> String {
    const LONG: usize = 200;
    match name.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_string(),
    }
}

/// So many of them.
fn many(n: u64, what: &str) -> String {
    format!("{} {what}{}", count(n), if n == 1 { "" } else { "s" })
}

impl LeftOut {
    /// `12 rows are left out where borough is missing`; nothing where there are none.
    fn text(&self) -> Option<String> {
        let rows = many(self.n, if self.whose.groups { "group" } else { "row" });
        let of_table = self.whose.table.iter().map(|table| format!(" of {table}"));
        let of_aggregate = self.of.iter().map(|aggregate| format!(" of {}", short(aggregate)));
        let are = if self.n == 1 { "is" } else { "are" };
        let why = match self.names.as_slice() {
            [] => "something".to_string(),
            [one] => short(one),
            [first @ .., last] => {
                let first: Vec<String> = first.iter().map(|name| short(name)).collect();
                format!("{} or {}", first.join(", "), short(last))
            }
        };
        let (whose, of): (String, String) = (of_table.collect(), of_aggregate.collect());
        (self.n > 0).then(|| format!("{rows}{whose} {are} left out{of} where {why} is missing"))
    }
}

/// `x / y has no value in 3 rows: division by 0`; nothing where it has one everywhere.
pub fn no_value(what: &str, why: &str, n: u64, groups: bool) -> Option<String> {
    let rows = many(n, if groups { "group" } else { "row" });
    (n > 0).then(|| format!("{} has no value in {rows}: {why}", short(what)))
}
