//! What may be said around a grouping, and is worked out from its records: `compare` before it; `fill`, `total`,
//! `pivot`, `top … with other` and `total(x)` after it.
//!
//! `compare` narrows the rows to two periods and waits for the grouping, which then has a second side. `fill` and
//! `total` are said of the grouping itself, so they stand right after it. `total(x)` asks it for one more column.

use std::sync::Arc;

use chrono::Datelike;

use super::expr::{Place, a};
use super::operator::binary;
use super::scope::{Groups, Origin, Scope, ScopeColumn};
use super::stage::made_name;
use super::{Checker, Draft, broken, made_of, value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{
    self, Adds, Against, BinaryOp, Buckets, Expr, Function, Grouping, Kind, Made, Spread, Stage, Totals,
    Wider,
};
use crate::syntax::ast::{self, ExprKind, Name, StageKind};
use crate::syntax::span::Span;
use crate::types::time::{date_of, days};
use crate::types::unit::DAY;
use crate::types::{Bin, Period, Show, Type, Value};

/// Two periods that are to be set against each other.
#[derive(Clone)]
pub(super) struct Comparing {
    /// The column of dates.
    of: Expr,
    now: Period,
    then: Period,
    span: Span,
}

/// How many keys a grouping may have for its totals to be told apart in 64 bits, and for a reader to follow.
const MOST_KEYS: usize = 16;

impl Checker<'_> {
    /// One of the stages around a grouping.
    pub(super) fn regrouping(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        match &stage.kind {
            StageKind::Compare { of, period, with } => self.compare(draft, of, period, with, stage.span),
            StageKind::Fill { keys, period, with } => {
                self.fill(draft, keys, period.as_ref(), with.as_ref(), stage.span);
            }
            StageKind::Total(names) => self.total(draft, names, stage.span),
            StageKind::Pivot { on, using } => self.pivot(draft, on, using.as_ref(), stage.span),
            _ => {}
        }
    }

    /// May this stage stand here, after totals, a pivot or `compare`? Reports where it may not.
    pub(super) fn may_follow(&mut self, draft: &mut Draft, stage: &ast::Stage) -> bool {
        use StageKind::{Broken, Count, Drop, Let, Pivot, Rename, Select, Sort, Summarise, Take, Top, Where};
        let kind = &stage.kind;
        if matches!(kind, Broken) || draft.scope.blind {
            return true;
        }
        let word = self.text(stage.span).split_whitespace().next().unwrap_or_default().to_string();
        let mistake = if draft.scope.open && !matches!(kind, Sort(_) | Take { .. }) {
            let message =
                format!("`pivot` took its columns from the data, and `{word}` would have to know them");
            Diagnostic::new("relation-pivot", message, stage.span)
                .help("only `sort` and `take` may follow; do the rest before `pivot`")
        } else if draft.comparing.is_some()
            && !matches!(
                kind,
                Where(_) | Let(_) | Select(_) | Drop(_) | Rename(_) | Summarise { .. } | Count { .. }
            )
        {
            let message = format!(
                "`{word}` stands between `compare` and its grouping, where each row is looked at by itself"
            );
            Diagnostic::new("relation-compare", message, stage.span)
                .help("`where` and `let` may stand there; put this before `compare` or after the grouping")
        } else if draft.scope.level.is_some()
            && !matches!(
                kind,
                Let(_) | Select(_) | Drop(_) | Rename(_) | Sort(_) | Take { .. } | Top { .. } | Pivot { .. }
            )
            && !matches!(kind, Summarise { .. } | Count { .. } | StageKind::Fill { .. } | StageKind::Total(_))
        {
            let message =
                format!("`total` came before: its rows stand apart, and `{word}` would mix them in");
            Diagnostic::new("relation-total", message, stage.span)
                .help(format!("put `{word}` before the grouping, or leave `total` to the end"))
        } else {
            return true;
        };
        self.report(mistake);
        draft.scope.blind = true;
        draft.comparing = None;
        false
    }

    /// Hands what `total(x)` asked for to the grouping, and sees that nothing between `compare` and the grouping
    /// looks at other rows.
    pub(super) fn settle_regrouping(&mut self, draft: &mut Draft, before: usize, stage: &ast::Stage) {
        let wider = std::mem::take(&mut self.wider);
        let grouping = draft.stages.iter_mut().rev().find_map(|stage| match stage {
            Stage::Group(grouping) => Some(grouping),
            _ => None,
        });
        if let Some(grouping) = grouping {
            grouping.wider.extend(wider);
        }
        let added = draft.stages.get(before..).unwrap_or_default();
        let looks = added.iter().flat_map(Stage::exprs).any(|expr| !expr.windows().is_empty());
        let waits = draft.comparing.is_some();
        if waits && looks && !matches!(stage.kind, StageKind::Compare { .. }) {
            self.report(
                Diagnostic::new(
                    "relation-compare",
                    "a value that hangs on other rows can't stand between `compare` and its grouping",
                    stage.span,
                )
                .help("it would see the rows of both periods; work it out before `compare`"),
            );
        }
    }

    /// Reports a `compare` that no grouping came after.
    pub(super) fn compared_in_the_end(&mut self, draft: &Draft) {
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
    fn compare(
        &mut self,
        draft: &mut Draft,
        of: &ast::Expr,
        period: &ast::Expr,
        with: &ast::Against,
        span: Span,
    ) {
        let scope = draft.scope.clone();
        let column = self.expr(Place::row(&scope, super::expr::What::Value), of);
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
                let mistake = Diagnostic::new("type-compare", "this is no period", period.span)
                    .help("write `2023-10`, `2023-10-09..2023-10-15` or the like");
                self.report(mistake);
                return;
            }
        };
        let Some((now, then)) = self.periods(draft, now, period, with) else { return };
        let within = |period: Period| made_of(Kind::InPeriod(Box::new(column.clone()), period), Type::Bool);
        draft.stages.push(Stage::Where(binary(BinaryOp::Or, within(now), within(then), Type::Bool)));
        draft.comparing = Some(Comparing { of: column, now, then, span });
    }

    /// The two periods, cut where the first is not over.
    fn periods(
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
    pub(super) fn set_against(
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
    fn paired(&mut self, key: &Expr, comparing: &Comparing, lets: &[(Made, Expr)]) -> Expr {
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
    fn growth(&mut self, now: &Expr, then: &Expr) -> Option<Expr> {
        let change = difference(now, then)?;
        let (change, then) = match &now.ty {
            Type::Integer | Type::Number => (self.as_number(change), self.as_number(then.clone())),
            ty if ty.is_quantity() => (change, then.clone()),
            _ => return None,
        };
        let quotient = binary(BinaryOp::Div, change, then, Type::Number);
        Some(Expr { show: Show::Percent, adds: Adds::Average, spread: Spread::Own, ..quotient })
    }

    /// The grouping that a stage is said of, which stands right before it.
    fn grouping<'d>(&mut self, draft: &'d mut Draft, word: &str, span: Span) -> Option<&'d mut Grouping> {
        let right_after = matches!(draft.stages.last(), Some(Stage::Group(_)));
        match draft.stages.last_mut() {
            Some(Stage::Group(grouping)) if right_after => Some(grouping),
            _ => {
                let mistake = Diagnostic::new(
                    "relation-regroup",
                    format!("`{word}` is said of a grouping, and stands right after it"),
                    span,
                );
                self.report(
                    mistake.help(format!("`… | count by month(date) | {word} …`, other stages after that")),
                );
                None
            }
        }
    }

    /// The position of the key that a name shows.
    fn key_at(&mut self, scope: &Scope, name: &Name, word: &str) -> Option<usize> {
        let keys = scope.shown_keys();
        if let Some((at, _)) = keys.iter().find(|(_, column)| column.name == name.text) {
            return Some(*at);
        }
        if scope.blind {
            return None;
        }
        let known: Vec<&str> = keys.iter().map(|(_, column)| column.name.as_str()).collect();
        let message = if scope.column(&name.text).is_some() {
            format!("`{}` is worked out for each group, and `{word}` takes a key", name.text)
        } else {
            format!("the grouping has no key `{}`", name.text)
        };
        let mut mistake = Diagnostic::new("name-key", message, name.span);
        if let Some(near) = nearest(&name.text, known.iter().copied()) {
            mistake = mistake.help(format!("did you mean `{near}`?"));
        } else if known.is_empty() {
            mistake = mistake.help("it has no keys");
        } else {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            mistake = mistake.help(format!("its keys are {}", known.join(", ")));
        }
        self.report(mistake);
        None
    }

    /// `fill KEY, … [in PERIOD] [with EXPR]`
    fn fill(
        &mut self,
        draft: &mut Draft,
        names: &[Name],
        period: Option<&ast::Expr>,
        with: Option<&ast::Expr>,
        span: Span,
    ) {
        let scope = draft.scope.clone();
        let lets = lets_of(draft);
        let Some(grouping) = self.grouping(draft, "fill", span).map(|grouping| grouping.clone()) else {
            return;
        };
        let days = match period {
            None => None,
            Some(period) => match self.period(period) {
                Err(()) => return,
                Ok(Some(Period { first: Some(first), last: Some(last), .. })) => Some((first, last)),
                Ok(_) => {
                    let mistake =
                        Diagnostic::new("type-period", "this is no period with two ends", period.span);
                    self.report(mistake.help("`fill month in 2023` has all of its months"));
                    return;
                }
            },
        };
        let mut keys: Vec<(usize, Buckets)> = Vec::new();
        let mut in_time = false;
        for name in names {
            let Some(at) = self.key_at(&scope, name, "fill") else { continue };
            let Some((_, key)) = grouping.keys.get(at) else { continue };
            let Some(buckets) = buckets(&resolved(key, &lets), days) else {
                let message =
                    format!("`{}` is {}, which has no buckets that could be missing", name.text, a(&key.ty));
                let mistake = Diagnostic::new("type-fill", message, name.span);
                self.report(mistake.help("`fill` takes spans of the calendar, categories and the like"));
                continue;
            };
            in_time |= matches!(buckets, Buckets::Spans(..)) || key.show == Show::Bin(Bin::Year);
            if !keys.iter().any(|(known, _)| *known == at) {
                keys.push((at, buckets));
            }
        }
        if let Some(period) = period
            && !in_time
            && !keys.is_empty()
        {
            let mistake =
                Diagnostic::new("type-fill", "none of these keys is a span of the calendar", period.span);
            self.report(mistake.help("leave `in …` out"));
            return;
        }
        let with = with.and_then(|with| self.filling(&grouping, with));
        if let Some(Stage::Group(grouping)) = draft.stages.last_mut()
            && !keys.is_empty()
        {
            grouping.fill = Some(plan::Fill { keys, with });
        }
    }

    /// What stands in the rows that `fill` adds: one value that fits every item.
    fn filling(&mut self, grouping: &Grouping, with: &ast::Expr) -> Option<Expr> {
        let empty = Scope::default();
        let found = self.expr(Place::row(&empty, super::expr::What::Derive), with);
        if matches!(with.kind, ExprKind::Missing) {
            return Some(found);
        }
        if found.ty == Type::Missing {
            return None;
        }
        let against = grouping.against.iter().flat_map(|against| &against.items);
        for (made, item) in grouping.items.iter().chain(against) {
            let fits = item.ty == found.ty || (item.ty == Type::Number && found.ty == Type::Integer);
            if !fits {
                let message =
                    format!("this is {}, and `{}` is {}", a(&found.ty), as_named(made), a(&item.ty));
                let mistake = Diagnostic::new("type-fill", message, with.span);
                let help = "without `with` each aggregate gives what it gives over no rows: 0 for counts";
                self.report(mistake.help(help));
                return None;
            }
        }
        Some(found)
    }

    /// `total [KEY, …]`
    fn total(&mut self, draft: &mut Draft, names: &[Name], span: Span) {
        let scope = draft.scope.clone();
        let Some(grouping) = self.grouping(draft, "total", span).map(|grouping| grouping.clone()) else {
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

    /// `pivot NAME [using ITEM]`
    fn pivot(&mut self, draft: &mut Draft, on: &Name, using: Option<&ast::Item>, span: Span) {
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
                let expr = self.expr(Place::row(&scope, super::expr::What::Value), &item.expr);
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
    fn carried(&self, draft: &Draft, nothing: &Expr, groups: &Groups, at: usize) -> Option<Vec<Made>> {
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

    /// `with other`
    pub(super) fn the_rest(
        &mut self,
        draft: &mut Draft,
        per: &[Expr],
        span: Span,
    ) -> Option<Box<plan::Other>> {
        let refuse =
            |message: &str, help: &str| Diagnostic::new("relation-regroup", message, span).help(help);
        let at = draft.stages.iter().rposition(|stage| matches!(stage, Stage::Group(_)));
        let since = at.map(|at| draft.stages.get(at + 1..).unwrap_or_default());
        let mut lets = Vec::new();
        for stage in since.unwrap_or_default() {
            match stage {
                Stage::Let(made, expr) if expr.windows().is_empty() => {
                    lets.push((made.clone(), expr.clone()))
                }
                Stage::Let(..) => {
                    let help =
                        "put that `let` after `top … with other`: it then sees the row of the others too";
                    self.report(refuse(
                        "a value that hangs on other rows came before, and there is none for the others",
                        help,
                    ));
                    return None;
                }
                _ => {
                    let help = "`… | count by offence | top 3 by count with other`";
                    self.report(refuse("`with other` works the rest out from the records: `top` stands right after the grouping, or after `let`", help));
                    return None;
                }
            }
        }
        let (Some(_), Some(groups)) = (since, draft.scope.groups.clone()) else {
            let help = "`… | count by offence | top 3 by count with other`";
            self.report(refuse("`with other` is of the groups of a grouping", help));
            return None;
        };
        let mut kept = Vec::new();
        for key in per {
            let found = match &key.kind {
                Kind::Made(made) => groups.keys.iter().position(|(known, _)| known == made),
                _ => None,
            };
            match found {
                Some(at) => kept.push(at),
                None if key.ty == Type::Missing => return None,
                None => {
                    self.report(refuse("`per` takes keys of the grouping here", "name one: `per borough`"));
                    return None;
                }
            }
        }
        let mut labels = Vec::new();
        for (at, (made, key)) in groups.keys.iter().enumerate() {
            if kept.contains(&at) {
                continue;
            }
            let Some((ty, label)) = other_label(&key.ty) else {
                let message =
                    format!("`{}` is {}, and has no value for the others", as_named(made), a(&key.ty));
                let mistake = Diagnostic::new("relation-regroup", message, span);
                self.report(
                    mistake.help("`with other` takes keys that are text, categories, ids or records"),
                );
                return None;
            };
            // Whatever has the key's list of values has one more.
            for column in &mut draft.scope.columns {
                if let Origin::Made { expr, .. } = &mut column.from
                    && expr.ty == key.ty
                {
                    expr.ty = ty.clone();
                }
            }
            for (_, expr) in &mut lets {
                *expr = with_type(expr.clone(), &key.ty, &ty);
            }
            labels.push((at, value(label, ty)));
        }
        if let Some(groups) = &mut draft.scope.groups {
            for (at, label) in &labels {
                if let Some((_, key)) = groups.keys.get_mut(*at) {
                    key.ty = label.ty.clone();
                }
            }
        }
        Some(Box::new(plan::Other { lets, kept, labels }))
    }

    /// `total(x [per KEY, …])`
    pub(super) fn total_of(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Expr {
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
    fn widened(
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

/// What data formats call the column that tells total rows: the keys that they collapse.
const TOTAL_LEVEL: &str = "total_level";

/// A made column as the question calls it: without what keeps it apart from others of its name.
fn as_named(made: &str) -> &str {
    made.split('~').next().unwrap_or(made)
}

/// Does an expression read columns that the question made, and nothing else of a row?
fn reads_made(expr: &Expr) -> bool {
    let mut made = false;
    expr.visit(&mut |part| made |= matches!(part.kind, Kind::Made(_)));
    made
}

/// The columns made before the grouping, for looking through a key's name.
fn lets_of(draft: &Draft) -> Vec<(Made, Expr)> {
    let lets = draft.stages.iter().filter_map(|stage| match stage {
        Stage::Let(made, expr) => Some((made.clone(), expr.clone())),
        _ => None,
    });
    lets.collect()
}

/// What a made column stands for, as far as that is known.
fn resolved(expr: &Expr, lets: &[(Made, Expr)]) -> Expr {
    match &expr.kind {
        Kind::Made(made) => match lets.iter().find(|(known, _)| known == made) {
            Some((_, expr)) => resolved(expr, lets),
            None => expr.clone(),
        },
        _ => expr.clone(),
    }
}

/// An expression with what its made columns stand for in their place, at any depth: `week(d)` is a bin of what `d` is.
fn unnamed(expr: &Expr, lets: &[(Made, Expr)]) -> Expr {
    expr.clone().map(&mut |kind| match &kind {
        Kind::Made(made) => match lets.iter().find(|(known, _)| known == made) {
            Some((_, expr)) => unnamed(expr, lets).kind,
            None => kind,
        },
        _ => kind,
    })
}

/// The levels of the last grouping's totals.
fn grouping_levels(draft: &Draft) -> Vec<u64> {
    let grouping = draft.stages.iter().rev().find_map(|stage| match stage {
        Stage::Group(grouping) => grouping.totals.as_ref(),
        _ => None,
    });
    grouping.map(|totals| totals.levels.clone()).unwrap_or_default()
}

fn year_of(day: i32) -> i32 {
    date_of(day).map_or(0, |date| date.year())
}

/// `n_change`: this period's value less the other's, of what can be taken away.
fn difference(now: &Expr, then: &Expr) -> Option<Expr> {
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
fn is_new(now: &Expr, then: &Expr) -> Expr {
    let nought = |ty: &Type| match ty {
        Type::Number => value(Value::Number(0.0), Type::Number),
        ty => value(Value::Integer(0), ty.clone()),
    };
    let was = binary(BinaryOp::Eq, then.clone(), nought(&then.ty), Type::Bool);
    let is = binary(BinaryOp::Ne, now.clone(), nought(&now.ty), Type::Bool);
    either(binary(BinaryOp::And, was, is, Type::Bool), "new")
}

/// Does an expression hold one that is so?
fn mentions(expr: &Expr, is: &dyn Fn(&Expr) -> bool) -> bool {
    let mut found = false;
    expr.visit(&mut |part| found |= is(part));
    found
}

/// A text where something is true, and missing elsewhere.
fn either(test: Expr, text: &str) -> Expr {
    let then = value(Value::Text(text.to_string()), Type::Text);
    let otherwise = value(Value::Missing, Type::Text);
    made_of(Kind::If(Box::new(test), Box::new(then), Box::new(otherwise)), Type::Text)
}

fn level_is(level: &Made, levels: &[u64]) -> Expr {
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
fn marked(level: &Made, levels: &[u64], text: &str) -> Option<Expr> {
    (!levels.is_empty()).then(|| either(level_is(level, levels), text))
}

/// The column that tells data formats which keys a total row collapses; empty in ordinary rows.
fn level_column(level: &Made, levels: &[u64], keys: &[(usize, String)]) -> ScopeColumn {
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

/// The buckets of a key, all of these days where they are given.
fn buckets(key: &Expr, days: Option<(i32, i32)>) -> Option<Buckets> {
    let name = match &key.kind {
        Kind::Call(function, _) => function.name(),
        _ => "",
    };
    Some(match (&key.ty, &key.show, name) {
        (Type::Date, Show::Bin(bin), _) => Buckets::Spans(*bin, days),
        (Type::Date, ..) => Buckets::Spans(Bin::Day, days),
        (Type::Category(category), ..) => {
            Buckets::Numbers(0, i64::try_from(category.values.len()).ok()?.checked_sub(1)?)
        }
        (Type::Bool, ..) => Buckets::Bools,
        (Type::Integer, _, "hour") => Buckets::Numbers(0, 23),
        (Type::Integer, _, "month_of_year") => Buckets::Numbers(1, 12),
        (Type::Integer, Show::Bin(_), _) => match days {
            Some((first, last)) => Buckets::Numbers(year_of(first).into(), year_of(last).into()),
            None => Buckets::Occurring,
        },
        _ => return None,
    })
}

/// Can its values be the names of columns?
fn can_head(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Bool | Type::Integer | Type::Text | Type::Category(_) | Type::Id | Type::Date | Type::Record(_)
    )
}

/// The values of a key, with their names, where the question alone says which there are.
fn known_values(on: &Expr, key: &Expr) -> Option<Vec<(String, Value)>> {
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

/// The type of a key that has a value for all others, and that value.
fn other_label(ty: &Type) -> Option<(Type, Value)> {
    Some(match ty {
        Type::Text | Type::Id => (ty.clone(), Value::Text("other".to_string())),
        // Sorts last, and shows its middle part.
        Type::Record(_) => (ty.clone(), Value::Text("\u{10FFFF}\u{1f}other\u{1f}".to_string())),
        Type::Category(category) => {
            let mut values = category.values.clone();
            let taken = |name: &str| values.iter().any(|value| value == name);
            let name = ["other", "all other", "other (the rest)"].into_iter().find(|name| !taken(name))?;
            let at = u32::try_from(values.len()).ok()?;
            values.push(name.to_string());
            (Type::Category(Arc::new(crate::types::Category { values })), Value::Category(at))
        }
        _ => return None,
    })
}

/// The expression with a category's list of values replaced by one that goes on where it ends.
fn with_type(expr: Expr, old: &Type, new: &Type) -> Expr {
    if old == new {
        return expr;
    }
    let widen = |expr: &mut Expr| {
        if expr.ty == *old {
            expr.ty = new.clone();
        }
    };
    let mut whole = expr.map(&mut |mut kind| {
        match &mut kind {
            Kind::Call(_, args) => args.iter_mut().for_each(widen),
            Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|part| widen(part)),
            Kind::If(_, a, b) => [a, b].into_iter().for_each(|part| widen(part)),
            Kind::InValues(a, _) | Kind::IsMissing(a) | Kind::InQuery(a, _) => widen(a),
            Kind::InRange(a, b, c) => [a, b, c].into_iter().for_each(|part| widen(part)),
            _ => {}
        }
        kind
    });
    widen(&mut whole);
    whole
}

/// The plain names in an expression.
fn names_in(expr: &ast::Expr) -> Vec<String> {
    let mut names = Vec::new();
    super::reach::each_path(expr, &mut |path: &[Name]| {
        if let [name] = path {
            names.push(name.text.clone());
        }
    });
    names
}
