//! What was likely meant where days, months and spans of them are written otherwise: with slashes, in quotes, with `-`
//! or `to` between two ends, or by a number alone. A span that is offered has been read first, as it would be again.

use chrono::{Datelike, NaiveDate};

use super::Checker;
use super::hints::shown;
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::days::day_of_parts;
use crate::syntax::parse_expression;
use crate::syntax::span::Span;
use crate::types::period::parse_span;
use crate::types::time::{FIRST_YEAR, date_of, full_year, parse_date, parse_datetime};
use crate::types::{Bin, Show, Type};

impl Checker<'_> {
    /// How to write what stands where a span of days should, or behind `since` and the like; `otherwise` where that
    /// can't be told.
    pub(super) fn span_help(&mut self, behind: &str, set: &ast::Expr, otherwise: &str) -> String {
        self.meant_span_help(behind, set).unwrap_or_else(|| otherwise.to_string())
    }

    /// The same, where it can be told.
    pub(super) fn meant_span_help(&mut self, behind: &str, set: &ast::Expr) -> Option<String> {
        let meant = self.span_meant(set)?;
        if !self.is_period(&format!("{behind}{meant}")) {
            return None;
        }
        Some(match &set.kind {
            ExprKind::Text(text) if text.trim() == meant => format!("write it without quotes: `{meant}`"),
            _ => format!("write `{meant}`"),
        })
    }

    fn span_meant(&self, set: &ast::Expr) -> Option<String> {
        match &set.kind {
            ExprKind::Text(text) => {
                let inside = parse_expression(text).ok()?;
                Some(self.span_meant(&inside).unwrap_or_else(|| text.trim().to_string()))
            }
            ExprKind::Path(names) => {
                // A month without its year: the latest one.
                let [name] = names.as_slice() else { return None };
                let month = name.text.parse::<chrono::Month>().ok()?.number_from_month();
                let today = date_of(self.today())?;
                let year = if month > today.month() { today.year() - 1 } else { today.year() };
                Some(format!("{year}-{month:02}"))
            }
            _ => ends_meant(set),
        }
    }

    /// Does the text read as a span of days here?
    fn is_period(&mut self, text: &str) -> bool {
        let Ok(expr) = parse_expression(text) else { return false };
        let before = self.mistakes.len();
        let period = self.period(&expr);
        self.mistakes.truncate(before);
        matches!(period, Ok(Some(_)))
    }

    /// The number of a month beside a month, `month(x) = 10`, `month(x) in 4..9`; reported, and true, where it is one.
    /// `whole` is all of the comparison.
    pub(super) fn number_beside_bin(
        &mut self,
        bin: &Expr,
        bin_at: &ast::Expr,
        set: &ast::Expr,
        whole: Span,
    ) -> bool {
        let (Show::Bin(grain), Type::Date) = (&bin.show, &bin.ty) else { return false };
        let Some(today) = date_of(self.today()) else { return false };
        let numbers: Vec<&ast::Expr> = match &set.kind {
            ExprKind::Range(low, high) => vec![low, high],
            ExprKind::List(items) => items.iter().collect(),
            _ => vec![set],
        };
        let number = |at: &&ast::Expr| match &at.kind {
            ExprKind::Number(digits) if digits.len() < 3 => Some((digits.parse::<u32>().ok()?, at.span)),
            _ => None,
        };
        let found: Vec<(u32, Span)> = numbers.iter().filter_map(number).collect();
        let spans: Vec<Option<String>> =
            found.iter().map(|(number, _)| latest_of_number(*grain, *number, today)).collect();
        let odd = spans.iter().position(Option::is_none);
        let Some((number, place)) = found.get(odd.unwrap_or(0)).copied() else { return false };
        let name = grain.name();
        let spans: Vec<String> = spans.into_iter().flatten().collect();
        let Some(example) = spans.first().filter(|_| odd.is_none()) else {
            let (last, example) = match grain {
                Bin::Day => (31, "2023-10-09"),
                Bin::Week => (53, "2023-W41"),
                Bin::Month => (12, "2023-10"),
                _ => (4, "2023-Q4"),
            };
            let message = format!("{number} is no {name}: {name}s go from 1 to {last}");
            let mistake = Diagnostic::new("type-period", message, place);
            self.report(mistake.help(format!("a {name} has its year with it, as in {example}")));
            return true;
        };
        let message = format!("{number} is no {name}: a {name} has its year with it, as in {example}");
        let mistake = Diagnostic::new("type-period", message, place);
        let of = match &bin_at.kind {
            ExprKind::Call(call) => call.args.first().map(|arg| self.text(arg.span)),
            _ => None,
        };
        let cyclic = match grain {
            Bin::Month => Some("month_of_year"),
            Bin::Day => Some("day_of_month"),
            _ => None,
        };
        // Beside another thing than numbers, or in a range from December on, neither would do.
        let backwards = matches!(set.kind, ExprKind::Range(..)) && !found.is_sorted_by_key(|found| found.0);
        let alike = found.len() == numbers.len() && !backwards;
        self.report(match (cyclic, of) {
            _ if !alike => mistake,
            (Some(function), Some(of)) => {
                let meant = self.with_other(whole, bin_at.span, &format!("{function}({of})"));
                mistake.help(format!("that of any year: {}", shown(&meant)))
            }
            _ => {
                let mut meant = self.text(whole).to_string();
                for ((_, place), span) in found.iter().zip(&spans).rev() {
                    meant.replace_range(place.start - whole.start..place.end - whole.start, span);
                }
                mistake.help(format!("write {}", shown(&meant)))
            }
        });
        true
    }
}

/// The latest span of a grain that has this number in its year, or its month: of 41 the week `2023-W41`. `None` where no
/// year has one.
fn latest_of_number(grain: Bin, number: u32, today: NaiveDate) -> Option<String> {
    let year = today.year();
    let of = |year: i32| match grain {
        Bin::Month => Some(format!("{year}-{number:02}")),
        Bin::Quarter => Some(format!("{year}-Q{number}")),
        Bin::Week => Some(format!("{year}-W{number:02}")),
        _ => None,
    };
    match grain {
        Bin::Day => {
            let months = (0..2).filter_map(|back| today.checked_sub_months(chrono::Months::new(back)));
            let mut days = months.filter_map(|month| month.with_day(number));
            days.next().map(|day| day.to_string())
        }
        Bin::Year => Some(full_year(i32::try_from(number).ok()?, FIRST_YEAR).to_string()),
        Bin::Fy(_) => Some(format!("fy {}", full_year(i32::try_from(number).ok()?, FIRST_YEAR))),
        // A year in seven or less has a week 53.
        _ => (0..8).filter_map(|back| of(year - back)).find(|span| parse_span(span).is_ok()),
    }
}

/// The day that is written otherwise: `09/10/2023`, or in quotes.
pub(super) fn day_meant(expr: &ast::Expr) -> Option<String> {
    if let ExprKind::Text(text) = &expr.kind {
        let inside = parse_expression(text).ok()?;
        return match inside.kind {
            ExprKind::Text(_) => None,
            ExprKind::Date(day) => parse_date(&day).map(|_| day),
            _ => day_meant(&inside),
        };
    }
    let ExprKind::Binary { op: op @ (BinaryOp::Div | BinaryOp::Sub), left, right, .. } = &expr.kind else {
        return None;
    };
    let ExprKind::Binary { op: inner, left: first, right: second, .. } = &left.kind else { return None };
    match (&first.kind, &second.kind, &right.kind) {
        (ExprKind::Number(first), ExprKind::Number(second), ExprKind::Number(third)) if inner == op => {
            day_of_parts(first, second, third)
        }
        _ => None,
    }
}

/// The day or the time in quotes, as questions write it: all of the text or nothing.
pub(super) fn moment_meant(expr: &ast::Expr) -> Option<String> {
    let ExprKind::Text(text) = &expr.kind else { return None };
    let written = text.trim().replacen(' ', "T", 1);
    match parse_expression(&written).map(|inside| inside.kind) {
        Ok(ExprKind::Datetime(at)) => parse_datetime(&at).map(|_| at),
        _ => day_meant(expr),
    }
}

/// Two ends of a span with something else than `..` between them, or one or two days written otherwise.
fn ends_meant(set: &ast::Expr) -> Option<String> {
    let end = |end: &ast::Expr| match &end.kind {
        ExprKind::Date(text) | ExprKind::CalendarSpan(text) => Some(text.clone()),
        ExprKind::Param(name) => Some(format!("${}", name.text)),
        ExprKind::Path(names) => match names.as_slice() {
            [name] => Some(name.text.clone()),
            _ => None,
        },
        _ => day_meant(end),
    };
    if let Some(day) = day_meant(set) {
        return Some(day);
    }
    match &set.kind {
        ExprKind::Range(low, high) => {
            day_meant(low).or_else(|| day_meant(high))?;
            Some(format!("{}..{}", end(low)?, end(high)?))
        }
        ExprKind::Binary { op: BinaryOp::Sub, left, right, .. } => {
            Some(format!("{}..{}", end(left)?, end(right)?))
        }
        _ => None,
    }
}
