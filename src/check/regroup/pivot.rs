//! `pivot`: the values of a key become columns.

use super::fill::buckets;
use super::total::{grouping_levels, level_column, marked};
use super::{as_named, lets_of, resolved};
use crate::check::expr::{Place, a};
use crate::check::scope::{Groups, Origin, ScopeColumn};
use crate::check::stage::made_name;
use crate::check::{Checker, Draft};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Buckets, Expr, Kind, Made, Spread, Stage};
use crate::syntax::ast::{self, Name};
use crate::syntax::span::Span;
use crate::types::{Type, Value};

impl Checker<'_> {
    /// `pivot NAME [using ITEM]`
    pub(super) fn pivot(&mut self, draft: &mut Draft, on: &Name, using: Option<&ast::Item>, span: Span) {
        let scope = draft.scope.clone();
        let Some(groups) = scope.groups.clone() else {
            if !scope.blind {
                let mistake =
                    Diagnostic::new("relation-regroup", "`pivot` spreads the groups of a grouping", span);
                self.report(mistake.help("`… | count by borough, role | pivot role`"));
            }
            return;
        };
        let Some(at) = self.key_at(&scope, on, "pivot") else { return };
        let shown = scope.shown_keys();
        let Some((_, on_column)) = shown.iter().find(|(key, _)| *key == at) else { return };
        let (on_column, keys): ((usize, ScopeColumn), Vec<(usize, ScopeColumn)>) = (
            (at, (*on_column).clone()),
            shown
                .iter()
                .filter(|(key, _)| *key != at)
                .map(|(key, column)| (*key, (*column).clone()))
                .collect(),
        );
        if let Some((made, _)) = groups
            .keys
            .iter()
            .enumerate()
            .find(|(key, _)| *key != at && !keys.iter().any(|(k, _)| k == key))
            .map(|(_, key)| key)
        {
            let message = format!("`{}` tells the groups apart, and is no longer shown", as_named(made));
            let mistake = Diagnostic::new("relation-regroup", message, span);
            self.report(mistake.help("keep it, or group without it"));
            return;
        }
        let is_key = |column: &ScopeColumn| shown.iter().any(|(_, key)| key.name == column.name);
        let values: Vec<&ScopeColumn> =
            scope.columns.iter().filter(|column| !is_key(column) && !column.data_only).collect();
        let listed =
            || values.iter().map(|column| format!("`{}`", column.name)).collect::<Vec<_>>().join(", ");
        let (cell, used) = match (using, values.as_slice()) {
            (Some(item), _) => {
                let expr = self.expr(Place::row(&scope, crate::check::expr::What::Value), &item.expr);
                let used = names_in(&item.expr);
                (expr, used)
            }
            (None, [only]) => (self.scope_column(&scope, only, span), vec![only.name.clone()]),
            (None, []) => {
                self.report(Diagnostic::new(
                    "relation-regroup",
                    "there is nothing to put into the columns",
                    span,
                ));
                return;
            }
            (None, _) => {
                let message = format!("which of {} goes into the columns?", listed());
                let first = values.first().map_or("", |column| column.name.as_str());
                let help = format!("`pivot {} using {first}`; `drop` the others before", on.text);
                self.report(Diagnostic::new("relation-regroup", message, span).help(help));
                return;
            }
        };
        if cell.ty == Type::Missing {
            draft.scope.blind = true;
            return;
        }
        let left: Vec<&str> = values
            .iter()
            .map(|column| column.name.as_str())
            .filter(|name| using.is_some() && !used.iter().any(|used| used == name))
            .collect();
        if !left.is_empty() {
            let names = left.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!(
                "{names} {} neither a key nor what goes into the columns",
                if left.len() == 1 { "is" } else { "are" }
            );
            let help = format!(
                "leave {} out before: `drop {}`",
                if left.len() == 1 { "it" } else { "them" },
                left.join(", ")
            );
            self.report(Diagnostic::new("relation-regroup", message, span).help(help));
            return;
        }
        let Some((_, key)) = groups.keys.get(at).cloned() else { return };
        if !can_head(&key.ty) {
            let message = format!("`{}` is {}, whose values can't be names of columns", on.text, a(&key.ty));
            let help = "make bands of it first: `bucket(x, 0, 10, 100)`";
            self.report(Diagnostic::new("type-pivot", message, on.span).help(help));
            return;
        }
        let lets = lets_of(draft);
        let mut nothing = Some(cell.clone().over_nothing(&groups.made));
        // A group that a stage since left out has a value, which no longer is there.
        let since = draft.stages.iter().rev().take_while(|stage| !matches!(stage, Stage::Group(_)));
        let fewer = since.into_iter().any(|stage| !matches!(stage, Stage::Let(..) | Stage::Sort(_)));
        if fewer || nothing.as_ref().is_some_and(|expr| !expr.windows().is_empty()) {
            nothing = None;
        }
        let carried = match &nothing {
            Some(expr) => self.carried(draft, expr, &groups, at),
            None => Some(Vec::new()),
        };
        if carried.is_none() {
            nothing = None;
        }
        let carried = carried.unwrap_or_default();
        let on_expr = self.scope_column(&scope, &on_column.1, span);
        let keep: Vec<(Made, Expr)> = keys
            .iter()
            .filter_map(|(_, column)| {
                let expr = self.scope_column(&scope, column, span);
                match &expr.kind {
                    Kind::Made(made) => Some((made.clone(), expr.clone())),
                    _ => None,
                }
            })
            .collect();
        let mut columns: Vec<ScopeColumn> = keys.into_iter().map(|(_, column)| column).collect();
        let known = known_values(&on_expr, &resolved(&key, &lets));
        let bit = 1u64 << at;
        let total = scope.level.clone().and_then(|level| {
            let collapses = grouping_levels(draft).iter().any(|level| level & bit != 0);
            collapses.then(|| (made_name(draft, "total"), level, bit))
        });
        let missing = made_name(draft, "missing");
        let shown =
            |made: &Made| Expr { kind: Kind::Made(made.clone()), spread: Spread::Own, ..cell.clone() };
        let mut add = |name: &str, made: &Made, optional: bool| {
            let mut unique = if name.is_empty() { "(empty)".to_string() } else { name.to_string() };
            let mut number = 2;
            while columns.iter().any(|column| column.name == unique) {
                unique = format!("{name}_{number}");
                number += 1;
            }
            let from = Origin::Made { expr: shown(made), text: None };
            columns.push(ScopeColumn { optional, ..ScopeColumn::plain(unique, None, from) });
        };
        let fixed = known.map(|known| {
            let made: Vec<(Made, Value)> = known
                .into_iter()
                .map(|(name, value)| {
                    let made = made_name(draft, &name);
                    add(&name, &made, false);
                    (made, value)
                })
                .collect();
            add("missing", &missing, true);
            if let Some((total, ..)) = &total {
                add("total", total, true);
            }
            made
        });
        draft.scope.open = fixed.is_none();
        // The other keys' totals stay rows.
        let levels: Vec<u64> = {
            let mut left: Vec<u64> =
                grouping_levels(draft).iter().map(|level| level & !bit).filter(|level| *level != 0).collect();
            left.sort_unstable_by_key(|level| plan::level_code(*level));
            left.dedup();
            left
        };
        if let Some(level) = scope.level.clone() {
            if levels.is_empty() {
                draft.scope.level = None;
            } else {
                let names: Vec<(usize, String)> = scope
                    .shown_keys()
                    .into_iter()
                    .filter(|(key, _)| *key != at)
                    .map(|(key, column)| (key, column.name.clone()))
                    .collect();
                for (key, name) in &names {
                    let collapsed: Vec<u64> =
                        levels.iter().copied().filter(|level| level & (1 << key) != 0).collect();
                    if let Some(column) = columns.iter_mut().find(|column| column.name == *name) {
                        column.mark = marked(&level, &collapsed, "total");
                    }
                }
                columns.push(level_column(&level, &levels, &names));
            }
        }
        draft.scope.columns = columns;
        draft.scope.groups = None;
        draft.stages.push(Stage::Pivot(plan::Pivot {
            keep,
            on: on_expr,
            using: cell,
            nothing,
            carried,
            columns: fixed,
            missing,
            total,
            levels: std::iter::once(0).chain(grouping_levels(draft)).collect(),
        }));
    }

    /// What a cell of nothing reads beside the keys: items over wider groups, which are the same for a whole row.
    /// `None` where it reads what a row has no one value for.
    pub(super) fn carried(
        &self,
        draft: &Draft,
        nothing: &Expr,
        groups: &Groups,
        at: usize,
    ) -> Option<Vec<Made>> {
        let wider = draft.stages.iter().rev().find_map(|stage| match stage {
            Stage::Group(grouping) => Some(&grouping.wider),
            _ => None,
        });
        let mut carried = Vec::new();
        let mut fits = true;
        nothing.visit(&mut |part| match &part.kind {
            Kind::Made(made) if groups.keys.iter().any(|(key, _)| key == made) => {}
            Kind::Made(made) => {
                let found = wider.and_then(|wider| wider.iter().find(|wider| wider.made == *made));
                fits &= found.is_some_and(|wider| !wider.per.contains(&at));
                carried.push(made.clone());
            }
            Kind::InQuery(..) => fits = false,
            _ => {}
        });
        fits.then_some(carried)
    }
}

/// Can its values be the names of columns?
pub(super) fn can_head(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool | Type::Integer | Type::Text | Type::Category(_) | Type::Id | Type::Date | Type::Record(_)
    )
}

/// The values of a key, with their names, where the question alone says which there are.
pub(super) fn known_values(on: &Expr, key: &Expr) -> Option<Vec<(String, Value)>> {
    match (&on.ty, buckets(key, None)) {
        (Type::Category(category), _) => {
            let values = category.values.iter().zip(0u32..);
            Some(values.map(|(text, at)| (text.clone(), Value::Category(at))).collect())
        }
        (Type::Bool, _) => {
            Some(vec![("false".to_string(), Value::Bool(false)), ("true".to_string(), Value::Bool(true))])
        }
        (Type::Integer, Some(Buckets::Numbers(first, last))) => {
            Some((first..=last).map(|n| (n.to_string(), Value::Integer(n))).collect())
        }
        _ => None,
    }
}

/// The plain names in an expression.
pub(super) fn names_in(expr: &ast::Expr) -> Vec<String> {
    let mut names = Vec::new();
    crate::check::reach::each_path(expr, &mut |path: &[Name]| {
        if let [name] = path {
            names.push(name.text.clone());
        }
    });
    names
}
