//! An answer without a row is often a text that was typed in another way than the data have it. Where a text or an id
//! is held against a value that its column never has, a note says so, and names the nearest that it has: first what
//! differs in case alone, then by edits. Only then are the column's values read. What is marked `personal` shows none.

use std::sync::Arc;

use super::unknown::{Columns, written};
use crate::catalog::Table;
use crate::diagnostic::distance;
use crate::plan::{Aggregator, BinaryOp, Expr, Grouping, Kind, Made, Output, Over, Query, Stage, Stored};
use crate::types::{Type, Value};

/// As many values are named.
const NAMED: usize = 3;

/// A column that is held against values.
#[derive(Clone, Debug)]
pub struct Suspect {
    /// As the question names it.
    name: String,
    table: Arc<Table>,
    column: Expr,
    wanted: Vec<String>,
}

/// The columns that a question holds against values, each once. A value that must be another, or must not be there,
/// leaves nothing empty.
pub fn suspects(query: &Query) -> Vec<Suspect> {
    let mut found = Vec::new();
    let columns = Columns::of(query);
    let mut look = |expr: &Expr| seek(expr, &columns, &mut found);
    for stage in &query.stages {
        match stage {
            Stage::Where(predicate) => look(predicate),
            Stage::Group(grouping) => grouping.items.iter().for_each(|(_, item)| look(item)),
            _ => {}
        }
    }
    found
}

fn seek(expr: &Expr, columns: &Columns, found: &mut Vec<Suspect>) {
    let mut add = |of: &Expr, values: &[&Value]| {
        let (Type::Text | Type::Id, Some((table, column))) = (&of.ty, columns.stored(of)) else { return };
        let personal = table.column(&column.name).ok().flatten().is_none_or(|column| column.personal);
        if personal {
            return;
        }
        let wanted = values.iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        });
        let name = written(of);
        match found.iter_mut().find(|known| known.name == name && known.table.name == table.name) {
            Some(known) => wanted.for_each(|text| {
                if !known.wanted.contains(&text) {
                    known.wanted.push(text);
                }
            }),
            None => found.push(Suspect {
                name,
                column: own(column, &of.ty),
                table: Arc::clone(table),
                wanted: wanted.collect(),
            }),
        }
    };
    match &expr.kind {
        Kind::Binary(BinaryOp::Eq, a, b) => match (&a.kind, &b.kind) {
            (_, Kind::Value(value)) => add(a, &[value]),
            (Kind::Value(value), _) => add(b, &[value]),
            _ => {}
        },
        Kind::InValues(a, values) => add(a, &values.iter().collect::<Vec<_>>()),
        Kind::Not(_) | Kind::IsMissing(_) => {}
        Kind::Aggregate(aggregate) if aggregate.function != Aggregator::No => {
            let inside = aggregate.filter.iter().chain(&aggregate.arg);
            match &aggregate.over {
                Over::Rows => inside.for_each(|part| seek(part, columns, found)),
                Over::Path(_) | Over::Table { .. } => {
                    let Some(end) = aggregate.over.records() else { return };
                    let columns = Columns::of_records(end);
                    inside.for_each(|part| seek(part, &columns, found));
                }
            }
        }
        _ => expr.children().into_iter().for_each(|child| seek(child, columns, found)),
    }
}

/// The column as one of its own table's rows.
fn own(column: &Arc<Stored>, ty: &Type) -> Expr {
    Expr { kind: Kind::Stored(Arc::clone(column)), ty: ty.clone(), ..Expr::row_count() }
}

impl Suspect {
    /// The question for its values: a row each.
    pub fn values(&self) -> Query {
        let name: Made = "\u{1}value".into();
        let key = Expr { kind: Kind::Made(name.clone()), ..self.column.clone() };
        let output = Output {
            name: "value".to_string(),
            label: None,
            expr: key,
            mark: None,
            data_only: false,
            optional: false,
        };
        Query {
            title: None,
            table: Arc::clone(&self.table),
            stages: vec![Stage::Group(Grouping::new(
                vec![(name, self.column.clone())],
                vec![("\u{1}count".into(), Expr::row_count())],
            ))],
            output: vec![output],
            notes: Vec::new(),
            definitions: Vec::new(),
        }
    }

    /// What to tell the reader, knowing all values: nothing where the wanted ones are among them.
    pub fn text(&self, known: &[&str]) -> Option<String> {
        let absent: Vec<&String> =
            self.wanted.iter().filter(|text| !known.contains(&text.as_str())).collect();
        if absent.is_empty() {
            return None;
        }
        let mut near: Vec<&str> = Vec::new();
        for text in &absent {
            let found = nearest(text, known, self.column.ty == Type::Id);
            near.extend(found.into_iter().filter(|found| !near.contains(found)).collect::<Vec<_>>());
        }
        near.truncate(NAMED);
        let quoted = |texts: Vec<String>, word: &str| match texts.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} {word} {last}", first.join(", ")),
            _ => texts.concat(),
        };
        let absent = quoted(absent.iter().map(|text| quote(text)).collect(), "or");
        let near = quoted(near.into_iter().map(quote).collect(), "and");
        let has = if near.is_empty() { String::new() } else { format!(": the data have {near}") };
        Some(format!("{} is never {absent}{has}", self.name))
    }
}

/// The nearest values, nearest first. Every id is near to another: of them only what differs in case, blanks or
/// leading noughts.
fn nearest<'k>(wanted: &str, known: &[&'k str], id: bool) -> Vec<&'k str> {
    let bare = |text: &str| text.trim().to_lowercase();
    let number = |text: &str| bare(text).trim_start_matches('0').to_string();
    let rank = |value: &&'k str| -> Option<(usize, &'k str)> {
        let same = bare(value) == bare(wanted) || id && number(value) == number(wanted);
        match same {
            true => Some((0, value)),
            false if id => None,
            false => distance(wanted, value).map(|edits| (edits + 1, *value)),
        }
    };
    let mut ranked: Vec<(usize, &str)> = known.iter().filter_map(rank).collect();
    ranked.sort_unstable();
    // What differs in case alone is meant, and nothing else.
    let meant = ranked.first().is_some_and(|(rank, _)| *rank == 0);
    ranked.into_iter().filter(|(rank, _)| !meant || *rank == 0).map(|(_, value)| value).take(NAMED).collect()
}

/// A text as a question writes it.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
