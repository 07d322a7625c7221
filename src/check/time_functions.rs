//! The functions of days and times, and months and years added to dates: what each takes, and what comes out.

use std::sync::Arc;

use super::expr::{Place, a};
use super::{Checker, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr, Function, Kind};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Bin, Category, Show, Type, Value};

/// The days of the week, in the order of their weeks.
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// What a function takes in one place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A date, or the day of a datetime.
    Day,
    /// A datetime.
    Time,
    /// An integer.
    Whole,
}

impl Takes {
    fn words(self) -> &'static str {
        match self {
            Takes::Day => "a date or a datetime",
            Takes::Time => "a datetime",
            Takes::Whole => "an integer",
        }
    }

    fn fits(self, ty: &Type) -> bool {
        match self {
            Takes::Day => matches!(ty, Type::Date | Type::Datetime),
            Takes::Time => *ty == Type::Datetime,
            Takes::Whole => *ty == Type::Integer,
        }
    }
}

/// What a function of this area takes; `None` for one of another.
fn takes(function: Function) -> Option<&'static [Takes]> {
    use Takes::{Day, Time, Whole};
    Some(match function {
        Function::Day
        | Function::Week
        | Function::Month
        | Function::Quarter
        | Function::Fy
        | Function::Year => &[Day],
        Function::Weekday | Function::MonthOfYear | Function::DayOfMonth => &[Day],
        Function::Hour => &[Time],
        Function::Date => &[Whole, Whole, Whole],
        Function::Datetime => &[Day, Whole, Whole],
        Function::Age => &[Day, Day],
        _ => return None,
    })
}

/// Is this a function of one date or time, and is a value of this type one?
pub(super) fn takes_one(function: Function, ty: &Type) -> bool {
    matches!(takes(function), Some([only]) if only.fits(ty))
}

impl Checker<'_> {
    /// A call of one of the functions of time; `None` where it is another.
    pub(super) fn time_function(
        &mut self,
        place: Place<'_>,
        function: Function,
        signature: &str,
        call: &ast::Call,
        span: Span,
    ) -> Option<Expr> {
        let takes = takes(function)?;
        let args: Vec<Expr> = call.args.iter().map(|arg| self.expr(place, arg)).collect();
        let name = &call.name.text;
        let written = format!("it is written `{signature}`");
        if args.is_empty() {
            let mistake = Diagnostic::new("type-call", format!("`{name}` takes a value"), span);
            return Some(self.broken(mistake.help(written)));
        }
        if args.len() != takes.len() {
            let s = if takes.len() == 1 { "" } else { "s" };
            let message = format!("`{name}` takes {} value{s}, not {}", takes.len(), args.len());
            return Some(self.broken(Diagnostic::new("type-call", message, span).help(written)));
        }
        if args.iter().any(|arg| arg.ty == Type::Missing) {
            return Some(broken());
        }
        for (position, ((arg, at), wanted)) in args.iter().zip(&call.args).zip(takes).enumerate() {
            if wanted.fits(&arg.ty) {
                continue;
            }
            let which = match (takes.len(), position) {
                (1, _) => "",
                (_, 0) => " first",
                (_, 1) => " second",
                _ => " third",
            };
            let message = format!("`{name}` takes {}{which}, and this is {}", wanted.words(), a(&arg.ty));
            let mut mistake = Diagnostic::new("type-call", message, at.span).help(written);
            if *wanted == Takes::Time && arg.ty == Type::Date {
                mistake = mistake.help("a date has no time of day");
            }
            return Some(self.broken(mistake));
        }
        if function == Function::Age && self.is_today(place, call.args.first()) {
            let mistake =
                Diagnostic::new("type-call", "nobody was born `today`: the birth comes first", span);
            return Some(self.broken(mistake.help(written)));
        }
        Some(self.made_of_time(function, args))
    }

    fn is_today(&self, place: Place<'_>, arg: Option<&ast::Expr>) -> bool {
        match arg.map(|arg| &arg.kind) {
            Some(ExprKind::Path(names)) => {
                let here = names.first().and_then(|name| place.names.column(&name.text));
                here.is_none() && self.named_day(names).is_some()
            }
            _ => false,
        }
    }

    /// A function of time with what it takes.
    fn made_of_time(&mut self, function: Function, args: Vec<Expr>) -> Expr {
        let (ty, show) = match function {
            Function::Day => (Type::Date, Show::Bin(Bin::Day)),
            Function::Week => (Type::Date, Show::Bin(Bin::Week)),
            Function::Month => (Type::Date, Show::Bin(Bin::Month)),
            Function::Quarter => (Type::Date, Show::Bin(Bin::Quarter)),
            Function::Fy => (Type::Date, Show::Bin(self.catalogue.financial_year)),
            // Written without separators, as the year that it is.
            Function::Year => (Type::Integer, Show::Bin(Bin::Year)),
            Function::Weekday => (weekday(), Show::Plain),
            Function::Hour => (Type::Integer, Show::Cyclic(0, 23)),
            Function::MonthOfYear => (Type::Integer, Show::Cyclic(1, 12)),
            Function::Date => (Type::Date, Show::Plain),
            Function::Datetime => (Type::Datetime, Show::Plain),
            _ => (Type::Integer, Show::Plain),
        };
        let mut operands = Vec::new();
        for arg in args {
            operands.push(if function == Function::Hour { arg } else { self.as_date(arg) });
        }
        if let (Function::Fy, Bin::Fy(month)) = (function, self.catalogue.financial_year) {
            operands.push(value(Value::Integer(month.into()), Type::Integer));
        }
        Expr { show, ..made_of(Kind::Call(function, operands), ty) }
    }

    /// A literal number of months, quarters or years, in months; `None` where the expression is something else,
    /// and an error that has been reported where there are no so many.
    pub(super) fn months(&mut self, expr: &ast::Expr) -> Option<Result<i64, ()>> {
        let ExprKind::Quantity { number, unit } = &expr.kind else { return None };
        if self.catalogue.units.find(&unit.text).is_some() {
            return None;
        }
        let each = match unit.text.as_str() {
            "month" | "months" => 1,
            "quarter" | "quarters" => 3,
            "year" | "years" => 12,
            _ => return None,
        };
        let months = number.parse::<i64>().ok().and_then(|many| many.checked_mul(each));
        Some(months.ok_or_else(|| {
            let mistake = match number.contains('.') {
                true => Diagnostic::new(
                    "type-units",
                    format!("only whole {}s are added to a date", unit.text.trim_end_matches('s')),
                    expr.span,
                )
                .help("months have no fixed length, so none can be cut in two"),
                false => Diagnostic::new("type-range", format!("{number} is too large"), expr.span),
            };
            self.report(mistake);
        }))
    }

    /// `DATE + 3 months`, `DATE - 1 year`; `None` where no months are added.
    pub(super) fn add_months(
        &mut self,
        place: Place<'_>,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Option<Expr> {
        let (date_at, months_at, sign) = match op {
            BinaryOp::Sub => (left, right, -1),
            BinaryOp::Add if matches!(right.kind, ExprKind::Quantity { .. }) => (left, right, 1),
            BinaryOp::Add => (right, left, 1),
            _ => return None,
        };
        let months = self.months(months_at)?;
        let date = self.expr(place, date_at);
        let (Ok(months), true) = (months, date.ty != Type::Missing) else { return Some(broken()) };
        if !matches!(date.ty, Type::Date | Type::Datetime) {
            let message = format!("months and years are added to dates, and this is {}", a(&date.ty));
            let mistake = Diagnostic::new("type-operator", message, op_span)
                .label("")
                .also(date_at.span, a(&date.ty))
                .help("`today + 3 months`, `arrested_at - 1 year`");
            return Some(self.broken(mistake));
        }
        let ty = date.ty.clone();
        let months = value(Value::Integer(sign * months), Type::Integer);
        Some(made_of(Kind::Call(Function::AddMonths, vec![date, months]), ty))
    }
}

/// Monday to Sunday.
fn weekday() -> Type {
    Type::Category(Arc::new(Category { values: WEEKDAYS.map(str::to_string).to_vec() }))
}
