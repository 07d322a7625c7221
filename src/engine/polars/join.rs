//! `join`: each row beside those of another query that it meets. The equalities find the pairs, what else must be
//! true is asked of each pair, and only then is it decided who has no partner.
//!
//! Without `many` a row may meet one. Rows that meet more are found on the way, without stopping it, so that the
//! message names the same keys however the work was shared out.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use polars::prelude::*;

use super::combine::{once, other};
use super::expr::to_polars;
use super::membership::side_by_side;
use super::readable::readable;
use super::rows::Rows;
use super::{filter, fresh, number};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Made, Query};
use crate::survey::columnar::col;
use crate::types::{Show, Type};

/// How many keys a message names.
const NAMED: usize = 3;

/// Rows of a join that met more than one.
pub(super) struct Met {
    /// What is joined: the other table's name.
    with: String,
    /// What had to be equal.
    on: String,
    /// It is nobody's business which: what is personal stands in no message.
    personal: bool,
    /// The first keys of such rows, one more than is named.
    keys: Mutex<BTreeSet<String>>,
}

impl Met {
    /// What is wrong with them, where there are any.
    pub(super) fn mistake(&self) -> Option<Diagnostic> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.is_empty() {
            return None;
        }
        let mut named = keys.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        if keys.len() > NAMED {
            named.push_str(" and others");
        }
        let is = if self.personal { "is the same".to_string() } else { format!("is {named}") };
        let message = format!("rows meet more than one row of {}, where {} {is}", self.with, self.on);
        Some(
            Diagnostic::bare("data-join", message)
                .help("`join many` gives a row for each that is met")
                .help("or narrow the others until one is left: `… | sort … | take 1 per …`"),
        )
    }

    fn add(&self, key: String) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key);
        if keys.len() > NAMED + 1 {
            keys.pop_last();
        }
    }
}

/// Each row beside those that it meets, or beside missing values.
pub(super) fn join(
    rows: &mut Rows,
    query: &Arc<Query>,
    columns: &[Made],
    equal: &[(plan::Expr, plan::Expr)],
    also: Option<&plan::Expr>,
    many: bool,
) -> Result<(), Diagnostic> {
    rows.prepare(equal.iter().map(|(here, _)| here))?;
    let names: Vec<PlSmallStr> = columns.iter().map(|made| PlSmallStr::from(&**made)).collect();
    let values = query.output.iter().map(|column| to_polars(&column.expr)).collect();
    let others = other(rows, query, values, &names, true)?;
    let (near, far): (Vec<Expr>, Vec<Expr>) =
        equal.iter().map(|(here, there)| side_by_side(here, there)).unzip();
    let far_names: Vec<PlSmallStr> = (0..far.len()).map(|at| format!("\u{1}far{at}").into()).collect();
    let keys: Vec<Expr> = far_names.iter().map(|name| col(name.clone())).collect();
    let aliased: Vec<Expr> =
        far.into_iter().zip(&far_names).map(|(value, name)| value.alias(name.clone())).collect();
    // Missing equals nothing.
    let known = keys.iter().map(|key| key.clone().is_not_null()).reduce(Expr::and);
    let partners = others.frame.with_columns(aliased);
    let partners = known.into_iter().fold(partners, LazyFrame::filter);
    let mut brought = names;
    brought.extend(others.order.iter().map(|(name, _)| name.clone()));

    let (partners, near, keys) = match also {
        None => (partners, near, keys),
        Some(also) => {
            let place = number(rows, "j");
            let pairs = paired(rows, partners, &near, &keys, also)?;
            let mut kept = vec![place.clone()];
            kept.extend(brought.iter().cloned());
            let place = vec![col(place)];
            (pairs.select(kept.into_iter().map(col).collect::<Vec<_>>()), place.clone(), place)
        }
    };
    if many {
        rows.join(partners, &near, &keys, false);
        rows.order.extend(others.order);
        rows.identity = Vec::new();
        rows.apart = false;
    } else {
        let met = fresh(rows, "met");
        let mut first: Vec<Expr> = brought.iter().map(|name| col(name.clone()).first()).collect();
        first.push(len().cast(DataType::Int64).alias(met.clone()));
        let single = partners.group_by(keys.clone()).agg(first);
        rows.join(single, &near, &keys, false);
        watch(rows, query, equal, met);
    }
    rows.brought.extend(brought);
    once(rows, others.counts);
    Ok(())
}

/// The pairs for which all conditions are true.
fn paired(
    rows: &Rows,
    partners: LazyFrame,
    near: &[Expr],
    far: &[Expr],
    also: &plan::Expr,
) -> Result<LazyFrame, Diagnostic> {
    let mut pairs = rows.clone();
    let named: Vec<PlSmallStr> = (0..near.len()).map(|at| format!("\u{1}near{at}").into()).collect();
    let keyed: Vec<Expr> =
        near.iter().zip(&named).map(|(value, name)| value.clone().alias(name.clone())).collect();
    let near: Vec<Expr> = named.into_iter().map(col).collect();
    let frame = pairs.frame.with_columns(keyed);
    pairs.frame = frame.join(partners, near, far.to_vec(), JoinArgs::new(JoinType::Inner));
    pairs.sorted = false;
    pairs.apart = false;
    filter(&mut pairs, also)?;
    Ok(pairs.frame)
}

/// Looks at every row on its way for how many it met.
fn watch(rows: &mut Rows, query: &Query, equal: &[(plan::Expr, plan::Expr)], met: PlSmallStr) {
    let on: Vec<String> = equal.iter().map(|(here, _)| written(here)).collect();
    let on: Vec<&str> = on.iter().map(String::as_str).collect();
    let personal = equal.iter().any(|(_, far)| {
        let column = far.column(&query.table);
        column.is_some_and(|(table, stored)| {
            table.declared.iter().any(|column| column.name == stored.name && column.personal)
        })
    });
    let seen = Arc::new(Met {
        with: query.table.name.to_string(),
        on: listed(&on),
        personal,
        keys: Mutex::default(),
    });
    rows.lookups.watch(Arc::clone(&seen));
    let keys: Vec<Expr> = equal.iter().map(|(here, _)| to_polars(here)).collect();
    let types: Vec<(Type, Show)> =
        equal.iter().map(|(here, _)| (here.ty.clone(), here.show.clone())).collect();
    let look = col(met).map_many(
        move |columns| {
            let met = columns[0].as_materialized_series();
            let name = met.name().clone();
            let several: BooleanChunked = met.i64()?.iter().map(|many| Some(many.unwrap_or(0) > 1)).collect();
            if several.any() {
                let mut parts = Vec::new();
                for (column, (ty, show)) in columns.iter().skip(1).zip(&types) {
                    parts.push(readable(&column.as_materialized_series().filter(&several)?, ty, show)?);
                }
                let rows = parts.first().map_or(0, Vec::len);
                for row in 0..rows {
                    let key: Vec<&str> = parts
                        .iter()
                        .map(|part| part.get(row).and_then(Option::as_deref).unwrap_or("—"))
                        .collect();
                    seen.add(listed(&key));
                }
            }
            Ok(BooleanChunked::full(name, true, several.len()).into_column())
        },
        &keys,
        |_, fields| Ok(Field::new(fields[0].name().clone(), DataType::Boolean)),
    );
    // No later filter may go before it: every row is looked at, whatever becomes of it.
    let flags = OptFlags::PROJECTION_PUSHDOWN | OptFlags::STREAMING;
    rows.frame = rows.frame.clone().filter(look).map(Ok, flags, None, Some("met"));
}

/// One thing by itself, several in brackets.
fn listed(parts: &[&str]) -> String {
    match parts {
        [one] => (*one).to_string(),
        several => format!("({})", several.join(", ")),
    }
}

/// A key as the question writes it: names that the plan had to tell apart have a number behind.
fn written(key: &plan::Expr) -> String {
    let text = key.to_string();
    match text.rsplit_once('~') {
        Some((name, number))
            if matches!(key.kind, plan::Kind::Made(_)) && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            name.to_string()
        }
        _ => text,
    }
}
