//! `compare`: the rows are narrowed to two periods, and the next grouping is given a second side.

use chrono::Datelike;

use super::{either, lets_of, year_of};
use crate::check::expr::{Place, a};
use crate::check::operator::binary;
use crate::check::scope::{Origin, Scope, ScopeColumn};
use crate::check::stage::made_name;
use crate::check::{Checker, Draft, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, Against, BinaryOp, Expr, Function, Grouping, Kind, Made, Spread, Stage};
use crate::syntax::ast::{self};
use crate::syntax::span::Span;
use crate::types::time::{date_of, days};
use crate::types::unit::DAY;
use crate::types::{Bin, Period, Show, Type, Value};

/// Two periods that are to be set against each other.
#[derive(Clone)]
pub(in crate::check) struct Comparing {
    /// The column of dates.
    of: Expr,
    now: Period,
    then: Period,
    span: Span,
}

impl Checker<'_> {
    /// Reports a `compare` that no grouping came after.
    pub(in crate::check) fn compared_in_the_end(&mut self, draft: &Draft) {
        if let Some(comparing) = &draft.comparing
            && !draft.scope.blind
        {
            self.report(
                Diagnostic::new("relation-compare", "`compare` needs a grouping after it", comparing.span)
                    .help("`… | compare … | count by borough`"),
            );
        }
    }

    /// `compare COL in PERIOD with …`
    pub(super) fn compare(
        &mut self,
        draft: &mut Draft,
        of: &ast::Expr,
        period: &ast::Expr,
        with: &ast::Against,
        span: Span,
    ) {
        let scope = draft.scope.clone();
        let column = self.expr(Place::row(&scope, crate::check::expr::What::Value), of);
        let found = self.period(period);
        if column.ty == Type::Missing {
            return;
        }
        if !matches!(column.ty, Type::Date | Type::Datetime) {
            let message = format!("`compare` takes a date or a datetime, and this is {}", a(&column.ty));
            self.report(Diagnostic::new("type-compare", message, of.span));
            return;
        }
        let now = match found {
            Err(()) => return,
            Ok(Some(now)) => now,
            Ok(None) => {
                let help =
                    self.span_help("", period, "write `2023-10`, `2023-10-09..2023-10-15` or the like");
                let mistake = Diagnostic::new("type-compare", "this is no period", period.span);
                self.report(mistake.help(help));
                return;
            }
        };
        let Some((now, then)) = self.periods(draft, now, period, with) else { return };
        let within = |period: Period| made_of(Kind::InPeriod(Box::new(column.clone()), period), Type::Bool);
        draft.stages.push(Stage::Where(binary(BinaryOp::Or, within(now), within(then), Type::Bool)));
        draft.comparing = Some(Comparing { of: column, now, then, span });
    }

    /// The two periods, cut where the first is not over.
    pub(super) fn periods(
        &mut self,
        draft: &mut Draft,
        now: Period,
        at: &ast::Expr,
        with: &ast::Against,
    ) -> Option<(Period, Period)> {
        let today = self.today();
        let pair = match with {
            ast::Against::Previous(_) => now.previous(today),
            ast::Against::LastYear(_) => now.same_last_year(today),
            ast::Against::Period(other) => match self.period(other) {
                Ok(Some(then)) => now.against(then, today),
                Ok(None) => {
                    self.report(Diagnostic::new("type-compare", "this is no period", other.span));
                    return None;
                }
                Err(()) => return None,
            },
        };
        match pair {
            Ok(pair) => {
                if pair.cut {
                    let message = "is not over yet: it is compared as far as";
                    let (now, then) = (pair.now.text(), pair.then.text());
                    let last = Period { first: pair.now.last, ..pair.now }.text();
                    let label = self.text(at.span);
                    draft.notes.push(format!("{label} {message} {last}: {now} against {then}"));
                }
                Some((pair.now, pair.then))
            }
            Err(why) => {
                self.report(Diagnostic::new("type-compare", why, at.span));
                None
            }
        }
    }

    /// Gives a grouping its second side.
    pub(in crate::check) fn set_against(
        &mut self,
        draft: &mut Draft,
        after: &mut Scope,
        grouping: &mut Grouping,
        comparing: &Comparing,
        span: Span,
    ) {
        let within =
            |period: Period| made_of(Kind::InPeriod(Box::new(comparing.of.clone()), period), Type::Bool);
        let lets = lets_of(draft);
        let keys = grouping.keys.iter().map(|(_, key)| self.paired(key, comparing, &lets)).collect();
        let mut columns: Vec<ScopeColumn> = Vec::new();
        let mut taken: Vec<String> = after.columns.iter().map(|column| column.name.clone()).collect();
        let mut names: Vec<(Made, Made)> = Vec::new();
        let mut items = Vec::new();
        let mut changes = Vec::new();
        for column in std::mem::take(&mut after.columns) {
            let Origin::Made { expr, .. } = column.from.clone() else { continue };
            let Kind::Made(made) = expr.kind.clone() else { continue };
            let name = column.name.clone();
            let item = grouping.items.iter().find(|(known, _)| *known == made).map(|(_, item)| item.clone());
            columns.push(column);
            let Some(item) = item else { continue };
            let mut add = |checker: &mut Self, suffix: &str, expr: Expr| {
                let name = format!("{name}_{suffix}");
                if taken.contains(&name) {
                    let message = format!("`compare` gives a column `{name}`, and there is one already");
                    checker.report(Diagnostic::new("name-taken", message, span).help("rename the other"));
                }
                taken.push(name.clone());
                let made = made_name(draft, &name);
                let shown = Expr { kind: Kind::Made(made.clone()), ..expr };
                let from = Origin::Made { expr: shown.clone(), text: None };
                columns.push(ScopeColumn::plain(name, None, from));
                (made, shown)
            };
            let (before, previous) = add(self, "previous", expr.clone());
            let renamed = item.map(&mut |kind| match &kind {
                Kind::Made(known) => match names.iter().find(|(now, _)| now == known) {
                    Some((_, then)) => Kind::Made(then.clone()),
                    None => kind,
                },
                _ => kind,
            });
            names.push((made, before.clone()));
            items.push((before, renamed));
            if let Some(change) = difference(&expr, &previous) {
                let (made, _) = add(self, "change", change.clone());
                changes.push((made, change));
            }
            if let Some(change) = self.growth(&expr, &previous) {
                let (made, _) = add(self, "change_pct", change.clone());
                changes.push((made, change));
                if let Some(column) = columns.last_mut() {
                    column.mark = Some(is_new(&expr, &previous));
                }
            }
        }
        after.columns = columns;
        if let Some(groups) = &mut after.groups {
            groups.made.extend(items.iter().chain(&changes).cloned());
        }
        let (now, then) = (within(comparing.now), within(comparing.then));
        grouping.against = Some(Against { now, then, keys, items, changes });
    }

    /// A key of the other period's rows: a bin of the compared column is paired with the one at its place in this
    /// period, first with first; any other key is as it is.
    pub(super) fn paired(&mut self, key: &Expr, comparing: &Comparing, lets: &[(Made, Expr)]) -> Expr {
        let (Some(now), Some(then)) = (comparing.now.first, comparing.then.first) else { return key.clone() };
        let whole = unnamed(key, lets);
        let of = unnamed(&comparing.of, lets).to_string();
        let same = |expr: &Expr| {
            expr.to_string() == of
                || matches!(&expr.kind, Kind::Call(Function::ToDate, args) if args.iter().any(|arg| arg.to_string() == of))
        };
        let bin = match (&whole.kind, &whole.show) {
            (Kind::Call(_, args), Show::Bin(bin)) if args.first().is_some_and(same) => *bin,
            _ if whole.ty == Type::Date && same(&whole) => Bin::Day,
            (_, Show::Bin(bin)) if mentions(&whole, &same) => {
                let message = format!(
                    "this is the {} of something worked out from the compared column, and pairs with none of the other period",
                    bin.name()
                );
                self.report(
                    Diagnostic::new("relation-compare", message, comparing.span)
                        .help("group by a bin of the column itself: `week(date)`"),
                );
                return key.clone();
            }
            _ => return key.clone(),
        };
        let start = |day: i32| date_of(day).and_then(|date| bin.first(date)).map(days);
        let (Some(now), Some(then)) = (start(now), start(then)) else { return key.clone() };
        let moved = match bin {
            Bin::Day | Bin::Week => {
                let days = value(Value::Integer(i64::from(now - then) * DAY), Type::Duration);
                binary(BinaryOp::Add, key.clone(), days, Type::Date)
            }
            _ if key.ty == Type::Integer => {
                let years = value(Value::Integer(i64::from(year_of(now) - year_of(then))), Type::Integer);
                binary(BinaryOp::Add, key.clone(), years, Type::Integer)
            }
            _ => {
                let month = |day: i32| {
                    date_of(day).map_or(0, |day| i64::from(day.year()) * 12 + i64::from(day.month0()))
                };
                let months = value(Value::Integer(month(now) - month(then)), Type::Integer);
                made_of(Kind::Call(Function::AddMonths, vec![key.clone(), months]), Type::Date)
            }
        };
        Expr { show: key.show.clone(), ..moved }
    }

    /// `n_change_pct`: the change over what was, where that can be divided.
    pub(super) fn growth(&mut self, now: &Expr, then: &Expr) -> Option<Expr> {
        let change = difference(now, then)?;
        let (change, then) = match &now.ty {
            Type::Integer | Type::Number => (self.as_number(change), self.as_number(then.clone())),
            ty if ty.is_quantity() => (change, then.clone()),
            _ => return None,
        };
        let quotient = binary(BinaryOp::Div, change, then, Type::Number);
        Some(Expr { show: Show::Percent, adds: Adds::Average, spread: Spread::Own, ..quotient })
    }
}

/// An expression with what its made columns stand for in their place, at any depth: `week(d)` is a bin of what `d` is.
pub(super) fn unnamed(expr: &Expr, lets: &[(Made, Expr)]) -> Expr {
    expr.clone().map(&mut |kind| match &kind {
        Kind::Made(made) => match lets.iter().find(|(known, _)| known == made) {
            Some((_, expr)) => unnamed(expr, lets).kind,
            None => kind,
        },
        _ => kind,
    })
}

/// `n_change`: this period's value less the other's, of what can be taken away.
pub(super) fn difference(now: &Expr, then: &Expr) -> Option<Expr> {
    let ty = match &now.ty {
        ty if ty.is_numeric() || ty.is_quantity() => ty.clone(),
        Type::Date | Type::Datetime => Type::Duration,
        _ => return None,
    };
    let show =
        if matches!(now.show, Show::Bin(_)) || ty == Type::Duration { Show::Plain } else { now.show.clone() };
    let change = binary(BinaryOp::Sub, now.clone(), then.clone(), ty);
    Some(Expr { show, adds: now.adds, spread: Spread::Own, ..change })
}

/// The text `new` where there was nothing before, and is something now.
pub(super) fn is_new(now: &Expr, then: &Expr) -> Expr {
    let nought = |ty: &Type| match ty {
        Type::Number => value(Value::Number(0.0), Type::Number),
        ty => value(Value::Integer(0), ty.clone()),
    };
    let was = binary(BinaryOp::Eq, then.clone(), nought(&then.ty), Type::Bool);
    let is = binary(BinaryOp::Ne, now.clone(), nought(&now.ty), Type::Bool);
    either(binary(BinaryOp::And, was, is, Type::Bool), "new")
}

/// Does an expression hold one that is so?
pub(super) fn mentions(expr: &Expr, is: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    expr.visit(&mut |part| found |= is(part));
    found
}
