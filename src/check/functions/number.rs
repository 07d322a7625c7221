//! Functions of numbers, quantities and times whose arguments have to suit each other.

use std::cmp::Ordering;

use super::Called;
use crate::check::{Checker, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, Expr, Function, Kind};
use crate::syntax::ast::{self, ExprKind};
use crate::types::{Show, Type, Value};

impl Checker<'_> {
    /// `round(x, nearest)`, `floor(x, multiple)`, `ceil(x, multiple)`: to a multiple of a constant.
    pub(super) fn rounding(&mut self, called: &Called<'_>, function: Function, args: Vec<Expr>) -> Expr {
        let Some(args) = self.counted(called, args, 1..=2) else { return broken() };
        let mut args = args.into_iter();
        let (Some(x), nearest) = (args.next(), args.next()) else { return broken() };
        if !is_amount(&x.ty) && !matches!(x.ty, Type::Rate(_)) {
            return self.broken(called.wrong(0, &x, "a number or a quantity"));
        }
        let name = called.name;
        let (x, nearest) = match nearest {
            None if x.ty == Type::Integer => return x,
            // The wholes of what is shown: of 0.436 as a percentage, 44%.
            None if x.show == Show::Percent => (x, value(Value::Number(0.01), Type::Number)),
            None if x.ty == Type::Number => (x, value(Value::Number(1.0), Type::Number)),
            None => {
                let mistake = called.wrong(0, &x, "what to round to as well");
                return self
                    .broken(mistake.help(format!("`{name}(sum(value), £1000)`, `{name}(weight, 1 kg)`")));
            }
            Some(nearest) => {
                let [x_at, at, ..] = called.at else { return broken() };
                if let (Show::Percent, ExprKind::Number(digits)) = (&x.show, &at.kind) {
                    return self.broken(ambiguous_percent(
                        called,
                        self.text(without_unit(x_at).span),
                        digits,
                    ));
                }
                let Some((x, nearest)) = self.same_type(x, x_at, nearest, at) else { return broken() };
                let positive = match &nearest.kind {
                    Kind::Value(Value::Integer(n)) => *n > 0,
                    Kind::Value(Value::Number(n)) => *n >= 1e-9,
                    _ => false,
                };
                if !positive {
                    let message = format!("`{name}` takes a positive value that stands in the question");
                    let help = match function {
                        Function::Round => {
                            "`round(n, 5)` rounds to the nearest 5, `round(x, 0.1)` to one place".to_string()
                        }
                        _ => format!("`{name}(n, 5)` gives a multiple of 5, `{name}(x, 0.1)` one place"),
                    };
                    return self.broken(called.mistake(1, message).help(help));
                }
                (x, nearest)
            }
        };
        let (ty, show) = (x.ty.clone(), x.show.clone());
        let adds = if x.adds == Adds::Yes { Adds::No } else { x.adds };
        Expr { show, adds, ..made_of(Kind::Call(function, vec![x, nearest]), ty) }
    }

    /// `mod(x, y)`
    pub(super) fn remainder(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        let Some(args) = self.counted(called, args, 2..=2) else { return broken() };
        if let Some((at, arg)) = args.iter().enumerate().find(|(_, arg)| !is_amount(&arg.ty)) {
            return self.broken(called.wrong(at, arg, "numbers or quantities"));
        }
        let Some(args) = self.same_kind(called, args) else { return broken() };
        let Some((ty, show)) = args.first().map(|x| (x.ty.clone(), x.show.clone())) else { return broken() };
        Expr { show, ..made_of(Kind::Call(Function::Mod, args), ty) }
    }

    /// `clamp(x, low, high)`
    pub(super) fn clamp(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        let Some(args) = self.counted(called, args, 3..=3) else { return broken() };
        if let Some(x) = args.first()
            && !is_amount(&x.ty)
            && !matches!(x.ty, Type::Date | Type::Datetime | Type::Rate(_))
        {
            return self.broken(called.wrong(0, x, "a number, a quantity, a date or a datetime"));
        }
        let Some(args) = self.same_kind(called, args) else { return broken() };
        let [x, low, high] = args.as_slice() else { return broken() };
        for (at, bound) in [(1, low), (2, high)] {
            if !matches!(bound.kind, Kind::Value(_)) {
                return self.broken(
                    called.unfit(at, "bounds").help("between values of a row: `if a < b then a else b`"),
                );
            }
        }
        if ordering(low, high) == Some(Ordering::Greater) {
            let mistake = called.mistake(1, "nothing is both: the lower bound is above the upper one");
            return self.broken(mistake.label("").also(called.span_of(2), "the upper one"));
        }
        let (ty, show, adds) = (x.ty.clone(), x.show.clone(), x.adds);
        let adds = if adds == Adds::Yes { Adds::No } else { adds };
        Expr { show, adds, ..made_of(Kind::Call(Function::Clamp, args), ty) }
    }
}

fn is_amount(ty: &Type) -> bool {
    ty.is_numeric() || ty.is_quantity()
}

/// How two values that stand in the question compare.
pub(super) fn ordering(left: &Expr, right: &Expr) -> Option<Ordering> {
    let (Kind::Value(left), Kind::Value(right)) = (&left.kind, &right.kind) else { return None };
    match (left, right) {
        (Value::Integer(a), Value::Integer(b)) | (Value::Datetime(a), Value::Datetime(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// What stands before `to`.
fn without_unit(expr: &ast::Expr) -> &ast::Expr {
    match &expr.kind {
        ExprKind::To { expr, .. } => expr,
        _ => expr,
    }
}

/// `round(x to %, 0.1)`: a tenth of a per cent, or a tenth?
fn ambiguous_percent(called: &Called<'_>, x: &str, digits: &str) -> Diagnostic {
    called
        .mistake(1, "what is shown in per cent is rounded to per cent, and this is a bare number")
        .help(format!("write `{}({x} to %, {digits}%)`", called.name))
}
