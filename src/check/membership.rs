//! `x in SET`: lists, ranges and spans of days.

use super::expr::{Place, a};
use super::operator::binary;
use super::{Checker, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr, Kind};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Type, Value};

impl Checker<'_> {
    /// `x in SET`
    pub(super) fn membership(
        &mut self,
        place: Place<'_>,
        inner: &ast::Expr,
        set: &ast::Expr,
        negated: bool,
    ) -> Expr {
        let nothing = Expr { ty: Type::Bool, ..broken() };
        let operand = self.expr(place, inner);
        let found = match &set.kind {
            ExprKind::Broken => return nothing,
            ExprKind::List(_) if self.number_beside_bin(&operand, inner, set, inner.span.to(set.span)) => {
                return nothing;
            }
            ExprKind::List(items) => self.in_list(place, operand, inner, set.span, items),
            ExprKind::Query(query) => self.in_query(place, operand, inner, query),
            ExprKind::Path(names) if is_this(place, names) => self.in_this(place, operand, inner, set.span),
            ExprKind::Path(names) if self.is_query(place, names) => {
                let name = names.first().cloned();
                let name = name.unwrap_or(ast::Name { text: String::new(), span: set.span });
                let query = ast::Query {
                    title: None,
                    source: ast::Source::Named(name),
                    stages: Vec::new(),
                    span: set.span,
                };
                self.in_query(place, operand, inner, &query)
            }
            _ if operand.ty == Type::Missing => {
                // Still look at the set, which may hold a mistake of its own.
                if let Ok(None) = self.period(set) {
                    self.set_parts(place, set);
                }
                return nothing;
            }
            _ if self.number_beside_bin(&operand, inner, set, inner.span.to(set.span)) => return nothing,
            _ if matches!(operand.ty, Type::Date | Type::Datetime) => match self.period(set) {
                Err(()) => return nothing,
                Ok(Some(period)) => Some(made_of(Kind::InPeriod(Box::new(operand), period), Type::Bool)),
                Ok(None) => self.in_range(place, operand, inner, set),
            },
            _ => self.in_range(place, operand, inner, set),
        };
        let Some(found) = found else { return nothing };
        if negated { made_of(Kind::Not(Box::new(found)), Type::Bool) } else { found }
    }

    fn set_parts(&mut self, place: Place<'_>, set: &ast::Expr) {
        match &set.kind {
            ExprKind::Range(low, high) => {
                self.expr(place, low);
                self.expr(place, high);
            }
            ExprKind::Param(_) => {
                if let Ok(None) = self.period(set) {
                    self.expr(place, set);
                }
            }
            _ => {}
        }
    }

    fn in_list(
        &mut self,
        place: Place<'_>,
        operand: Expr,
        inner: &ast::Expr,
        list: Span,
        items: &[ast::Expr],
    ) -> Option<Expr> {
        if self.is_text_among_numbers(&operand, inner, list, items) {
            return None;
        }
        let operand = match operand.ty {
            Type::Record(_) => self.as_text(operand),
            _ => operand,
        };
        // A datetime among days is compared by its day.
        let days = |item: &ast::Expr| matches!(item.kind, ExprKind::Date(_) | ExprKind::Missing);
        let operand = if items.iter().all(days) { self.as_date(operand) } else { operand };
        let mut values = Vec::new();
        let mut broken = operand.ty == Type::Missing;
        let mut fraction = false;
        for item in items {
            if matches!(item.kind, ExprKind::Missing) {
                // `in` passes over missing values.
                continue;
            }
            // Among bins stand spans of their own grain: `month(x) in [2023-09, 2023-10]`.
            let found = match self.span_of_grain(&operand, item) {
                Some(first) => value(Value::Date(first), Type::Date),
                None => self.expr(place, item),
            };
            if found.ty == Type::Missing || operand.ty == Type::Missing {
                broken = true;
                continue;
            }
            let Some(found) = self.literal_as(found, item, &operand.ty) else {
                broken = true;
                continue;
            };
            fraction |= operand.ty == Type::Integer && found.ty == Type::Number;
            let fits = found.ty == operand.ty || (operand.ty == Type::Integer && found.ty == Type::Number);
            let timely = matches!(operand.ty, Type::Date | Type::Datetime);
            // A day that is written as a division is one that stands in the question.
            let help = self.mismatch_help((&operand, inner), (&found, item));
            match &found.kind {
                Kind::Value(literal) if fits => values.push(literal.clone()),
                kind if matches!(kind, Kind::Value(_)) || timely && !help.is_empty() => {
                    let message = format!("this is {}, and the other is {}", a(&found.ty), a(&operand.ty));
                    let mut mistake =
                        Diagnostic::new("type-mismatch", message, item.span).also(inner.span, a(&operand.ty));
                    mistake.help = help;
                    if timely && mistake.help.is_empty() {
                        mistake = mistake.help("a list holds days; a span stands by itself: `x in 2023-10`");
                    }
                    self.report(mistake);
                    broken = true;
                }
                _ => {
                    let mistake = Diagnostic::new(
                        "type-list",
                        "a list holds values that stand in the question",
                        item.span,
                    );
                    self.report(mistake.help("compare with `=` and join with `or`"));
                    broken = true;
                }
            }
        }
        if broken {
            return None;
        }
        let operand = if fraction {
            for value in &mut values {
                if let Value::Integer(n) = value {
                    *value = Value::Number(*n as f64);
                }
            }
            self.as_number(operand)
        } else {
            operand
        };
        Some(made_of(Kind::InValues(Box::new(operand), values), Type::Bool))
    }

    pub(super) fn in_range(
        &mut self,
        place: Place<'_>,
        operand: Expr,
        inner: &ast::Expr,
        set: &ast::Expr,
    ) -> Option<Expr> {
        let ExprKind::Range(low, high) = &set.kind else {
            let dates = matches!(operand.ty, Type::Date | Type::Datetime);
            let looks_like_dates = match &set.kind {
                ExprKind::CalendarSpan(_)
                | ExprKind::Date(_)
                | ExprKind::Open { .. }
                | ExprKind::Named(_)
                | ExprKind::UnitOf { .. } => true,
                ExprKind::Param(name) => matches!(self.params.get(&name.text), Some(super::Param::Period(_))),
                _ => false,
            };
            let mistake = if looks_like_dates && !dates {
                Diagnostic::new(
                    "type-mismatch",
                    format!("this is a span of days, and the other is {}", a(&operand.ty)),
                    set.span,
                )
                .also(inner.span, a(&operand.ty))
                .help("only a date or a datetime lies in a span of days")
            } else {
                let meant = if dates { self.meant_span_help("", set) } else { None };
                // What the operand is may itself be the mistake: an unknown name is reported first.
                let before = self.mistakes.len();
                self.expr(place, set);
                if self.mistakes.len() > before && meant.is_none() {
                    return None;
                }
                self.mistakes.truncate(before);
                let help = meant.unwrap_or_else(|| {
                    if dates {
                        "a span of days: `in 2023-10`, `in 2023-10-09..2023-10-15`".to_string()
                    } else {
                        "a list or a range: `in [\"A\", \"B\"]`, `in 18..24`".to_string()
                    }
                });
                Diagnostic::new("type-set", "after `in` stands a set of values", set.span).help(help)
            };
            self.report(mistake);
            return None;
        };
        if matches!(operand.ty, Type::Date | Type::Datetime)
            && let Some(help) = self.meant_span_help("", set)
        {
            let quoted = |end: &ast::Expr| matches!(end.kind, ExprKind::Text(_));
            let message = match quoted(low) || quoted(high) {
                true => "this is text, and a date is written without quotes",
                false => "these are numbers, and a date is written year-month-day",
            };
            self.report(Diagnostic::new("type-set", message, set.span).help(help));
            return None;
        }
        let lower = self.expr(place, low);
        let upper = self.expr(place, high);
        if lower.ty == Type::Missing || upper.ty == Type::Missing {
            return None;
        }
        if operand.ty == Type::Datetime && lower.ty != upper.ty {
            return self.between_date_and_datetime(operand, inner, lower, low, upper, high);
        }
        // A datetime between two dates is compared by its day.
        let by_day = operand.ty == Type::Datetime && (lower.ty == Type::Date || upper.ty == Type::Date);
        let (operand, lower, upper) = if by_day {
            (self.as_date(operand), self.as_date(lower), self.as_date(upper))
        } else {
            (operand, lower, upper)
        };
        let (operand, lower, upper) = if operand.ty == Type::Date {
            (operand, self.as_date(lower), self.as_date(upper))
        } else {
            (operand, lower, upper)
        };
        let number = |bound: &ast::Expr| matches!(bound.kind, ExprKind::Number(_));
        if operand.ty == Type::Id && (number(low) || number(high)) {
            self.number_beside_id(set.span);
            return None;
        }
        let (operand, lower) = self.same_type(operand, inner, lower, low)?;
        let (operand, upper) = self.same_type(operand, inner, upper, high)?;
        let (lower, operand) =
            if operand.ty == Type::Number { (self.as_number(lower), operand) } else { (lower, operand) };
        if !operand.ty.is_ordered() {
            self.report(Diagnostic::new(
                "type-set",
                format!("a range takes what has an order, and this is {}", a(&operand.ty)),
                inner.span,
            ));
            return None;
        }
        let backwards = match (&lower.kind, &upper.kind) {
            (Kind::Value(Value::Integer(low)), Kind::Value(Value::Integer(high))) => low > high,
            (Kind::Value(Value::Number(low)), Kind::Value(Value::Number(high))) => low > high,
            (Kind::Value(Value::Text(low)), Kind::Value(Value::Text(high))) => low > high,
            (Kind::Value(Value::Category(low)), Kind::Value(Value::Category(high))) => low > high,
            _ => false,
        };
        if backwards {
            let mistake = Diagnostic::new("type-set", "this range ends before it begins", set.span);
            self.report(mistake.help("write the smaller end first"));
            return None;
        }
        Some(made_of(Kind::InRange(Box::new(operand), Box::new(lower), Box::new(upper)), Type::Bool))
    }

    /// A range whose one end is a day and the other a time: each end is compared by its own rule.
    fn between_date_and_datetime(
        &mut self,
        operand: Expr,
        inner: &ast::Expr,
        lower: Expr,
        low: &ast::Expr,
        upper: Expr,
        high: &ast::Expr,
    ) -> Option<Expr> {
        let mut side = |op, bound: Expr, bound_at: &ast::Expr| {
            let operand =
                if bound.ty == Type::Date { self.as_date(operand.clone()) } else { operand.clone() };
            let (operand, bound) = self.same_type(operand, inner, bound, bound_at)?;
            Some(binary(op, operand, bound, Type::Bool))
        };
        let from = side(BinaryOp::Ge, lower, low)?;
        let until = side(BinaryOp::Le, upper, high)?;
        Some(binary(BinaryOp::And, from, until, Type::Bool))
    }
}

/// `this` by itself, where it is no column.
fn is_this(place: Place<'_>, names: &[ast::Name]) -> bool {
    matches!(names, [name] if name.text == "this") && place.names.column("this").is_none()
}
