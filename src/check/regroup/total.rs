//! `total` and `total(x)`: rows that collapse keys, and items over wider groups.

use super::{as_named, either};
use crate::check::expr::Place;
use crate::check::scope::{Groups, Origin, ScopeColumn};
use crate::check::{Checker, Draft, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Adds, Expr, Kind, Made, Spread, Stage, Totals, Wider};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::{Show, Type, Value};

/// How many keys a grouping may have for its totals to be told apart in 64 bits, and for a reader to follow.
pub(super) const MOST_KEYS: usize = 16;

/// What data formats call the column that tells total rows: the keys that they collapse.
pub(super) const TOTAL_LEVEL: &str = "total_level";

impl Checker<'_> {
    /// `total [KEY, …]`
    pub(super) fn total(&mut self, draft: &mut Draft, names: &[Name], span: Span) {
        let scope = draft.scope.clone();
        let Some(grouping) = self.grouping(draft, "total", span) else {
            return;
        };
        let count = grouping.keys.len();
        let refuse = |message: String, help: &str| Diagnostic::new("type-total", message, span).help(help);
        if count == 0 {
            let mistake =
                refuse("without keys there is one row, which is the total".to_string(), "leave it out");
            self.report(mistake);
            return;
        }
        if grouping.totals.is_some() {
            self.report(refuse("there are totals already".to_string(), "name all keys in one `total`"));
            return;
        }
        if count > MOST_KEYS || names.len() > 6 {
            self.report(refuse(
                format!("totals of {count} keys are too many to read"),
                "name up to six of the keys",
            ));
            return;
        }
        let levels: Vec<u64> = if names.is_empty() {
            vec![(1u64 << count) - 1]
        } else {
            let mut named: Vec<usize> = Vec::new();
            for name in names {
                let Some(at) = self.key_at(&scope, name, "total") else { return };
                if !named.contains(&at) {
                    named.push(at);
                }
            }
            let mask = |set: u64| {
                named
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| set & (1 << bit) != 0)
                    .map(|(_, at)| 1u64 << at)
                    .sum()
            };
            let mut levels: Vec<u64> = (1..1u64 << named.len()).map(mask).collect();
            levels.sort_unstable_by_key(|level| plan::level_code(*level));
            levels
        };
        let level = Made::from(format!("\u{1}level{}", self.fresh_id()));
        if scope.column(TOTAL_LEVEL).is_some() {
            let message =
                format!("`total` gives data formats a column `{TOTAL_LEVEL}`, and there is one already");
            self.report(Diagnostic::new("name-taken", message, span).help("rename the other"));
        }
        if let Some(Stage::Group(grouping)) = draft.stages.last_mut() {
            grouping.totals = Some(Totals { level: level.clone(), levels: levels.clone() });
        }
        let keys: Vec<(usize, String)> =
            scope.shown_keys().into_iter().map(|(at, column)| (at, column.name.clone())).collect();
        for (at, name) in &keys {
            let collapsed: Vec<u64> = levels.iter().copied().filter(|level| level & (1 << at) != 0).collect();
            if let Some(column) = draft.scope.columns.iter_mut().find(|column| column.name == *name) {
                column.mark = marked(&level, &collapsed, "total");
            }
        }
        draft.scope.columns.push(level_column(&level, &levels, &keys));
        draft.scope.level = Some(level);
    }

    /// `total(x [per KEY, …])`
    pub(in crate::check) fn total_of(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Expr {
        let refuse =
            |message: String, help: &str| Diagnostic::new("relation-regroup", message, span).help(help);
        let Some(groups) = place.names.groups.clone().filter(|_| place.rows.is_none()) else {
            if place.names.blind {
                return broken();
            }
            let help = "`summarise people = distinct(person_id) by borough | let part = people / total(people) to %`";
            return self.broken(refuse(
                "`total(x)` asks a grouping for what an item is over all its records".to_string(),
                help,
            ));
        };
        if call.each.is_some() || call.filter.is_some() || !call.sorted_by.is_empty() || call.over.is_some() {
            return self.broken(refuse(
                "`total` takes an item, and `per` keys".to_string(),
                "`total(people per borough)`",
            ));
        }
        let [arg] = call.args.as_slice() else {
            return self.broken(refuse(
                format!("`total` takes one item, not {}", call.args.len()),
                "`total(people)`",
            ));
        };
        let mut per = Vec::new();
        for key in &call.per {
            let ExprKind::Path(names) = &key.expr.kind else {
                return self.broken(refuse(
                    "`per` takes keys of the grouping here".to_string(),
                    "name one: `per borough`",
                ));
            };
            let [name] = names.as_slice() else {
                return self.broken(refuse(
                    "`per` takes keys of the grouping here".to_string(),
                    "name one: `per borough`",
                ));
            };
            match self.key_at(place.names, name, "per") {
                Some(at) => per.push(at),
                None => return broken(),
            }
        }
        let item = self.expr(place, arg);
        if item.ty == Type::Missing {
            return broken();
        }
        let mut asked: Vec<Wider> = Vec::new();
        match self.widened(&item, &groups, &per, &mut asked) {
            Ok(expr) => {
                self.wider.extend(asked);
                Expr { ty: item.ty, show: item.show, spread: Spread::Repeats, adds: Adds::No, ..expr }
            }
            Err(why) => self.broken(refuse(why, "`total(x)` takes what the grouping worked out")),
        }
    }

    /// An expression over a grouping's columns, with each item in it replaced by the same over wider groups.
    pub(super) fn widened(
        &mut self,
        expr: &Expr,
        groups: &Groups,
        per: &[usize],
        asked: &mut Vec<Wider>,
    ) -> Result<Expr, String> {
        if !expr.windows().is_empty() {
            return Err("this hangs on other rows, and has no value for all of them".to_string());
        }
        let mut wrong = None;
        let mut fresh = || {
            self.next_id += 1;
            self.next_id
        };
        let mut nested: Vec<(Made, Expr)> = Vec::new();
        let mapped = expr.clone().map(&mut |kind| {
            let Kind::Made(made) = &kind else { return kind };
            if let Some(at) = groups.keys.iter().position(|(key, _)| key == made) {
                if !per.contains(&at) {
                    wrong =
                        Some(format!("`{}` is a key: over all records it has no one value", as_named(made)));
                }
                return kind;
            }
            match groups.made.iter().find(|(known, _)| known == made) {
                // Made since the grouping from its columns.
                Some((_, value)) if value.aggregates().is_empty() && reads_made(value) => {
                    nested.push((made.clone(), value.clone()));
                    kind
                }
                Some(_) => {
                    let wider = Made::from(format!("\u{1}wider{}", fresh()));
                    asked.push(Wider { made: wider.clone(), item: made.clone(), per: per.to_vec() });
                    Kind::Made(wider)
                }
                None => kind,
            }
        });
        if let Some(why) = wrong {
            return Err(why);
        }
        let mut whole = mapped;
        for (made, value) in nested {
            let value = self.widened(&value, groups, per, asked)?;
            whole = whole.map(&mut |kind| match &kind {
                Kind::Made(known) if *known == made => value.kind.clone(),
                _ => kind,
            });
        }
        Ok(whole)
    }
}

/// Does an expression read columns that the question made, and nothing else of a row?
pub(super) fn reads_made(expr: &Expr) -> bool {
    let mut made = false;
    expr.visit(&mut |part| made |= matches!(part.kind, Kind::Made(_)));
    made
}

pub(super) fn level_is(level: &Made, levels: &[u64]) -> Expr {
    let column = Expr {
        kind: Kind::Made(level.clone()),
        ty: Type::Integer,
        show: Show::Plain,
        spread: Spread::Own,
        adds: Adds::No,
    };
    let values = levels.iter().map(|level| Value::Integer(plan::level_code(*level))).collect();
    made_of(Kind::InValues(Box::new(column), values), Type::Bool)
}

/// A text in the rows of these levels.
pub(super) fn marked(level: &Made, levels: &[u64], text: &str) -> Option<Expr> {
    (!levels.is_empty()).then(|| either(level_is(level, levels), text))
}

/// The column that tells data formats which keys a total row collapses; empty in ordinary rows.
pub(super) fn level_column(level: &Made, levels: &[u64], keys: &[(usize, String)]) -> ScopeColumn {
    let mut text = value(Value::Missing, Type::Text);
    for mask in levels.iter().rev() {
        let names: Vec<&str> =
            keys.iter().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, name)| name.as_str()).collect();
        let then = value(Value::Text(names.join(", ")), Type::Text);
        let kind = Kind::If(Box::new(level_is(level, &[*mask])), Box::new(then), Box::new(text));
        text = made_of(kind, Type::Text);
    }
    let from = Origin::Made { expr: text, text: None };
    ScopeColumn { data_only: true, ..ScopeColumn::plain(TOTAL_LEVEL.to_string(), None, from) }
}

/// The levels of the last grouping's totals.
pub(super) fn grouping_levels(draft: &Draft) -> Vec<u64> {
    let grouping = draft.stages.iter().rev().find_map(|stage| match stage {
        Stage::Group(grouping) => grouping.totals.as_ref(),
        _ => None,
    });
    grouping.map(|totals| totals.levels.clone()).unwrap_or_default()
}
