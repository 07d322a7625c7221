//! A text that was typed in another way than the data have it makes a wrong figure: `borough = "lambeth"` counts nobody,
//! `borough != "lambeth"` everybody. Where a text or an id is held against a value that its column never has, a note
//! says so, and names the nearest that it has: first what differs in case alone, then by edits.
//!
//! That a column never has a value is known from its survey, where its texts are few ([`crate::survey::ColumnFacts::has`]); of others it
//! is only asked where an answer is empty, because it takes a reading of the column. So does naming the nearest, which
//! is done for what is never there alone. What is marked `personal` shows none.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::compared;
use super::unknown::{Columns, written};
use crate::catalog::Table;
use crate::diagnostic::distance;
use crate::frame::count;
use crate::plan::{BinaryOp, Expr, Grouping, Kind, Made, Output, Query, Stage, Stored};
use crate::survey::cancel;
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
    /// Without those values there are no rows: one of them is wanted, not ruled out.
    empties: bool,
}

/// The columns that a question holds against values, each once.
pub fn suspects(query: &Query) -> Vec<Suspect> {
    let mut found: Vec<Suspect> = Vec::new();
    compared::each(query, &mut |expr, columns, turned| {
        let (of, values, ruled_out) = match &expr.kind {
            Kind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), a, b) => match (&a.kind, &b.kind) {
                (_, Kind::Value(value)) => (a, std::slice::from_ref(value), *op == BinaryOp::Ne),
                (Kind::Value(value), _) => (b, std::slice::from_ref(value), *op == BinaryOp::Ne),
                _ => return,
            },
            Kind::InValues(a, values) => (a, values.as_slice(), false),
            _ => return,
        };
        if !matches!(of.ty, Type::Text | Type::Id) {
            return;
        }
        let Some((table, column)) = public(of, columns) else { return };
        let name = written(of);
        let at = found.iter().position(|known| known.name == name && known.table.name == table.name);
        let at = at.unwrap_or_else(|| {
            let (table, wanted) = (Arc::clone(table), Vec::new());
            found.push(Suspect { name, table, column, wanted, empties: false });
            found.len() - 1
        });
        let suspect = &mut found[at];
        suspect.empties |= ruled_out == turned;
        suspect.wanted.extend(values.iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }));
    });
    for suspect in &mut found {
        let mut met = HashSet::new();
        suspect.wanted.retain(|text| met.insert(text.clone()));
    }
    found
}

/// The stored column that an expression is, as one of its own table's rows; none that is marked `personal`.
pub(super) fn public<'c>(of: &'c Expr, columns: &'c Columns) -> Option<(&'c Arc<Table>, Expr)> {
    let (table, column) = columns.stored(of)?;
    let personal = table.column(&column.name).ok().flatten().is_none_or(|column| column.personal);
    let kind = Kind::Stored(Arc::<Stored>::clone(column));
    (!personal).then(|| (table, Expr { kind, ty: of.ty.clone(), ..Expr::row_count() }))
}

/// The question for what a grouping of a table's rows gives: its keys, and then its items.
pub(super) fn asked(table: &Arc<Table>, grouping: Grouping) -> Query {
    let output = |(name, expr): &(Made, Expr)| Output {
        name: name.to_string(),
        label: None,
        expr: Expr { kind: Kind::Made(name.clone()), ..expr.clone() },
        mark: None,
        data_only: false,
        optional: false,
    };
    Query {
        title: None,
        table: Arc::clone(table),
        output: grouping.keys.iter().chain(&grouping.items).map(output).collect(),
        stages: vec![Stage::Group(grouping)],
        notes: Vec::new(),
        definitions: Vec::new(),
    }
}

impl Suspect {
    /// Is it worth asking for its values? Where the survey knows which there are, it says whether one is wanted that is
    /// none of them; else only an answer that `says_nothing` for want of one makes it so.
    pub fn is_worth_asking(&self, says_nothing: bool) -> bool {
        let facts = match &self.column.kind {
            Kind::Stored(column) => self.table.survey().ok().and_then(|survey| survey.column(&column.name)),
            _ => None,
        };
        let has = |text: &String| facts.and_then(|facts| facts.has(text));
        self.wanted.iter().any(|text| !has(text).unwrap_or(!(says_nothing && self.empties)))
    }

    /// The question for its values: a row each.
    pub fn values(&self) -> Query {
        let keys = vec![("\u{1}value".into(), self.column.clone())];
        asked(&self.table, Grouping::new(keys, vec![("\u{1}count".into(), Expr::row_count())]))
    }

    /// What to tell the reader, knowing all values: nothing where the wanted ones are among them.
    pub fn text(&self, known: &[&str]) -> Option<String> {
        let there: HashSet<&str> = known.iter().copied().collect();
        let mut absent: Vec<&String> =
            self.wanted.iter().filter(|text| !there.contains(text.as_str())).collect();
        if absent.is_empty() {
            return None;
        }
        let id = self.column.ty == Type::Id;
        let mut alike: HashMap<String, Vec<&str>> = HashMap::new();
        for value in known {
            cancel::check();
            alike.entry(folded(value, id)).or_default().push(value);
        }
        // What is there in another way of writing goes before what is not.
        absent.sort_by_cached_key(|text| {
            cancel::check();
            !alike.contains_key(&folded(text, id))
        });
        let more = absent.len().saturating_sub(NAMED);
        absent.truncate(NAMED);
        let mut near: Vec<&str> = Vec::new();
        for text in &absent {
            let found = match alike.get_mut(&folded(text, id)) {
                Some(alike) => {
                    alike.sort_unstable();
                    alike.clone()
                }
                // Every id is near to another.
                None if id => Vec::new(),
                None => nearest(text, known),
            };
            for value in found.into_iter().take(NAMED) {
                if !near.contains(&value) {
                    near.push(value);
                }
            }
        }
        near.truncate(NAMED);
        let quoted = |texts: Vec<String>, word: &str| match texts.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} {word} {last}", first.join(", ")),
            _ => texts.concat(),
        };
        let absent: Vec<String> = absent.into_iter().map(|text| quote(text)).collect();
        let absent = match more {
            0 => quoted(absent, "or"),
            more => format!("{} and {} more", absent.join(", "), count(more as u64)),
        };
        let near = quoted(near.into_iter().map(quote).collect(), "and");
        let has = if near.is_empty() { String::new() } else { format!(": the data have {near}") };
        Some(format!("{} is never {absent}{has}", self.name))
    }
}

/// A text without what is easily written in another way: case, blanks around it, and leading noughts of an id.
fn folded(text: &str, id: bool) -> String {
    let bare = text.trim().to_lowercase();
    if id { bare.trim_start_matches('0').to_string() } else { bare }
}

/// The nearest values by spelling, nearest first.
fn nearest<'k>(wanted: &str, known: &[&'k str]) -> Vec<&'k str> {
    let ranked = known.iter().filter_map(|value| {
        cancel::check();
        distance(wanted, value).map(|edits| (edits, *value))
    });
    let mut ranked: Vec<(usize, &str)> = ranked.collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, value)| value).collect()
}

/// A text as a question writes it.
fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
