//! `fill`: the buckets of a key that no record falls into.

use super::{as_named, lets_of, resolved, year_of};
use crate::check::expr::{Place, a};
use crate::check::scope::Scope;
use crate::check::{Checker, Draft};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Buckets, Expr, Grouping, Kind, Stage};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::{Bin, Period, Show, Type};

impl Checker<'_> {
    /// `fill KEY, … [in PERIOD] [with EXPR]`
    pub(super) fn fill(
        &mut self,
        draft: &mut Draft,
        names: &[Name],
        period: Option<&ast::Expr>,
        with: Option<&ast::Expr>,
        span: Span,
    ) {
        let scope = draft.scope.clone();
        let lets = lets_of(draft);
        let Some(grouping) = self.grouping(draft, "fill", span) else {
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
    pub(super) fn filling(&mut self, grouping: &Grouping, with: &ast::Expr) -> Option<Expr> {
        let empty = Scope::default();
        let found = self.expr(Place::row(&empty, crate::check::expr::What::Derive), with);
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
}

/// The buckets of a key, all of these days where they are given.
pub(super) fn buckets(key: &Expr, days: Option<(i32, i32)>) -> Option<Buckets> {
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
