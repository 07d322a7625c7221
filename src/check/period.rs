//! Periods: spans of whole days that need no data to be known. What is relative (`last 4 weeks`) is reckoned from
//! the day that the question is asked as of, what is financial from the catalogue's first month.

use super::{Checker, Param};
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr, Kind};
use crate::syntax::ast::{self, ExprKind, Name, NamedPeriod, Which};
use crate::types::period::{self, parse_span};
use crate::types::time::{add_months, date_of, in_calendar};
use crate::types::unit::DAY;
use crate::types::{Bin, Period, Type, Value};

/// A period, `None` where the expression is something else, or an error that has been reported.
pub(super) type Found = Result<Option<Period>, ()>;

/// The days that have names.
const NAMED_DAYS: [(&str, i32); 3] = [("yesterday", -1), ("today", 0), ("tomorrow", 1)];

impl Checker<'_> {
    /// A span of days, where the expression is one that needs no data; `None` where it isn't. An error is
    /// one that has been reported.
    pub(super) fn period(&mut self, expr: &ast::Expr) -> Found {
        match &expr.kind {
            ExprKind::CalendarSpan(text) => match parse_span(text) {
                Ok(period) => Ok(Some(period)),
                Err(why) => self.no_period("type-date", format!("there is no {text}: {why}"), expr),
            },
            ExprKind::Number(digits) => {
                match digits.parse().ok().filter(|_| digits.len() == 4).and_then(period::year) {
                    Some(year) => Ok(Some(year)),
                    None => {
                        let mistake =
                            Diagnostic::new("type-period", format!("{digits} is no year"), expr.span);
                        self.report(mistake.help("a year has four digits: `x in 2023`"));
                        Err(())
                    }
                }
            }
            ExprKind::Param(name) => match self.params.get(&name.text) {
                Some(Param::Period(period)) => Ok(Some(*period)),
                _ => Ok(self.constant_date(expr)?.and_then(one_day)),
            },
            ExprKind::Range(low, high) => {
                let Some(first) = self.bound(low)? else { return Ok(None) };
                let Some(last) = self.bound(high)? else { return Ok(None) };
                let period = Period::between(first.first, last.last);
                if let (Some(first), Some(last)) = (period.first, period.last)
                    && first > last
                {
                    let mistake =
                        Diagnostic::new("type-period", "this span ends before it begins", expr.span);
                    self.report(mistake.help("write the earlier end first"));
                    return Err(());
                }
                Ok(Some(period))
            }
            ExprKind::Open { since, bound } => {
                let Some(period) = self.bound(bound)? else {
                    let word = if *since { "since" } else { "until" };
                    let message = format!("`{word}` takes a day, a month or a year");
                    let mistake = Diagnostic::new("type-period", message, bound.span);
                    let help = self.span_help(&format!("{word} "), bound, &format!("`x in {word} 2023-10`"));
                    self.report(mistake.help(help));
                    return Err(());
                };
                Ok(Some(if *since {
                    Period::between(period.first, None)
                } else {
                    Period::between(None, period.last)
                }))
            }
            ExprKind::UnitOf { unit, date } => {
                let bin = self.calendar_unit(unit)?;
                let Some(day) = self.constant_date(date)? else {
                    let message = format!("`{} of` takes a day", unit.text);
                    let mistake = Diagnostic::new("type-period", message, date.span);
                    let of = format!("{} of ", unit.text);
                    let help = self.span_help(&of, date, &format!("`{of}2023-10-09`"));
                    self.report(mistake.help(help));
                    return Err(());
                };
                self.in_the_calendar(date_of(day).and_then(|day| bin.around(day)), expr)
            }
            ExprKind::Named(named) => self.named_period(named, expr),
            _ => Ok(self.constant_date(expr)?.and_then(one_day)),
        }
    }

    /// `last 4 weeks`, `year to date`, `fy 2023`
    fn named_period(&mut self, named: &NamedPeriod, expr: &ast::Expr) -> Found {
        let Some(today) = date_of(self.today()) else { return Ok(None) };
        match named {
            NamedPeriod::Fy { year } => {
                let Bin::Fy(month) = self.catalogue.financial_year else { return Ok(None) };
                let digits = &year.text;
                let found = digits.parse().ok().filter(|_| digits.len() == 4);
                match found.and_then(|year| period::financial_year(year, month)) {
                    Some(period) => Ok(Some(period)),
                    None => {
                        let mistake =
                            Diagnostic::new("type-period", format!("{digits} is no year"), year.span);
                        self.report(mistake.help("the financial year that begins in 2023 is `fy 2023`"));
                        Err(())
                    }
                }
            }
            NamedPeriod::ToDate { unit } => {
                let bin = self.calendar_unit(unit)?;
                self.in_the_calendar(bin.to_date(today), expr)
            }
            NamedPeriod::Relative { which, count, unit } => {
                let bin = self.calendar_unit(unit)?;
                let many = self.how_many_units(*which, count.as_ref(), unit, expr)?;
                let period = match which {
                    Which::This => bin.around(today),
                    Which::Last => bin.last(many, today),
                    Which::Next => bin.next(many, today),
                };
                self.in_the_calendar(period, expr)
            }
        }
    }

    /// The number in `last 4 weeks`; one where there is none.
    fn how_many_units(
        &mut self,
        which: Which,
        count: Option<&Name>,
        unit: &Name,
        expr: &ast::Expr,
    ) -> Result<i32, ()> {
        let one = unit.text.trim_end_matches('s');
        let word = match which {
            Which::This => "this",
            Which::Last => "last",
            Which::Next => "next",
        };
        let mut wrong = |message: String, at, help: String| {
            self.report(Diagnostic::new("type-period", message, at).help(help));
            Err(())
        };
        let Some(count) = count else {
            if one == unit.text {
                return Ok(1);
            }
            let example =
                if which == Which::This { String::new() } else { format!(", or `{word} 4 {one}s`") };
            return wrong(
                format!("`{word} {}` does not say how many", unit.text),
                expr.span,
                format!("`{word} {one}`{example}"),
            );
        };
        if which == Which::This {
            let help = format!(
                "`this {one}` is the one that holds today; `last {} {one}s` are those before",
                count.text
            );
            return wrong(format!("there is only one {one} that is `this`"), count.span, help);
        }
        match count.text.parse() {
            Ok(0) => wrong(
                format!("`{word} 0 {}` holds no day", unit.text),
                count.span,
                format!("`this {one}` is the one that holds today"),
            ),
            Ok(many) => Ok(many),
            Err(_) if count.text.contains('.') => {
                wrong(format!("a period holds whole {one}s"), count.span, format!("`{word} 4 {one}s`"))
            }
            Err(_) => self.no_period("type-period", outside(self.text(expr.span)), expr).map(|_| 0),
        }
    }

    /// The unit of the calendar of that name, one or many.
    pub(super) fn calendar_unit(&mut self, unit: &Name) -> Result<Bin, ()> {
        Ok(match unit.text.trim_end_matches('s') {
            "day" => Bin::Day,
            "week" => Bin::Week,
            "month" => Bin::Month,
            "quarter" => Bin::Quarter,
            "year" => Bin::Year,
            "fy" => self.catalogue.financial_year,
            other => {
                let message = format!("there is no calendar unit `{other}`");
                let mistake = Diagnostic::new("name-unit", message, unit.span);
                self.report(
                    mistake.help("there are day, week, month, quarter, year and fy: `week of 2023-10-09`"),
                );
                return Err(());
            }
        })
    }

    fn in_the_calendar(&mut self, period: Option<Period>, expr: &ast::Expr) -> Found {
        match period {
            Some(period) => Ok(Some(period)),
            None => self.no_period("type-period", outside(self.text(expr.span)), expr),
        }
    }

    fn no_period(&mut self, code: &'static str, message: String, expr: &ast::Expr) -> Found {
        self.report(Diagnostic::new(code, message, expr.span));
        Err(())
    }

    /// One end of a range of days: a day, or a calendar span.
    fn bound(&mut self, expr: &ast::Expr) -> Found {
        match &expr.kind {
            ExprKind::Range(..) | ExprKind::Open { .. } => Ok(None),
            _ => self.period(expr),
        }
    }

    /// The day of a name such as `yesterday`.
    pub(super) fn named_day(&self, names: &[Name]) -> Option<i32> {
        let [name] = names else { return None };
        let (_, after) = NAMED_DAYS.iter().find(|(known, _)| *known == name.text)?;
        self.today().checked_add(*after)
    }

    /// A day that needs no data: a literal, `today`, a param, or one of these with some days or months added.
    pub(super) fn constant_date(&mut self, expr: &ast::Expr) -> Result<Option<i32>, ()> {
        match &expr.kind {
            ExprKind::Date(_) => match self.literal(expr).kind {
                Kind::Value(Value::Date(day)) => Ok(Some(day)),
                _ => Err(()),
            },
            ExprKind::Path(names) => Ok(self.named_day(names)),
            ExprKind::Param(name) => match self.params.get(&name.text) {
                Some(Param::Value(Expr { kind: Kind::Value(Value::Date(day)), .. })) => Ok(Some(*day)),
                Some(Param::Period(Period { first: Some(first), last: Some(last), .. })) if first == last => {
                    Ok(Some(*first))
                }
                Some(Param::Broken) => Err(()),
                _ => Ok(None),
            },
            ExprKind::Binary { op: op @ (BinaryOp::Add | BinaryOp::Sub), left, right, .. }
                if matches!(right.kind, ExprKind::Quantity { .. }) =>
            {
                let Some(day) = self.constant_date(left)? else { return Ok(None) };
                let sign = if *op == BinaryOp::Add { 1 } else { -1 };
                if let Some(months) = self.months(right) {
                    return months.map(|months| add_months(day, sign * months));
                }
                match self.literal(right) {
                    Expr { kind: Kind::Value(Value::Integer(span)), ty: Type::Duration, .. } => {
                        Ok(in_calendar(i64::from(day) + sign * (span / DAY)))
                    }
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// A period as an operand of a comparison: a calendar span, one that words name, or a param.
    pub(super) fn span_operand(&mut self, expr: &ast::Expr) -> Option<Period> {
        match &expr.kind {
            ExprKind::CalendarSpan(_) | ExprKind::Named(_) | ExprKind::UnitOf { .. } => {
                self.period(expr).ok().flatten()
            }
            ExprKind::Param(name) => match self.params.get(&name.text) {
                Some(Param::Period(period)) => Some(*period),
                _ => None,
            },
            _ => None,
        }
    }
}

fn one_day(day: i32) -> Option<Period> {
    date_of(day).and_then(|day| Bin::Day.around(day))
}

fn outside(text: &str) -> String {
    format!("`{text}` lies outside the calendar")
}
