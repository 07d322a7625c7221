//! Functions of numbers and quantities whose arguments have to suit each other.

use super::Called;
use crate::check::{Checker, broken, made_of, value};
use crate::plan::{Adds, Expr, Kind};
use crate::types::{Type, Value};

impl Checker<'_> {
    /// `round(x, nearest)`: to the nearest multiple of a constant, halves away from nought.
    pub(super) fn rounding(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        let Some(args) = self.counted(called, args, 1..=2) else { return broken() };
        let mut args = args.into_iter();
        let (Some(x), nearest) = (args.next(), args.next()) else { return broken() };
        if !x.ty.is_numeric() && !x.ty.is_quantity() {
            return self.broken(called.wrong(0, &x, "a number or a quantity"));
        }
        let (x, nearest) = match nearest {
            None if x.ty == Type::Integer => return x,
            None if x.ty == Type::Number => (x, value(Value::Number(1.0), Type::Number)),
            None => {
                let mistake = called.wrong(0, &x, "what to round to as well");
                return self.broken(mistake.help("`round(sum(value), £1000)`, `round(weight, 1 kg)`"));
            }
            Some(nearest) => {
                let [x_at, at, ..] = called.at else { return broken() };
                let Some((x, nearest)) = self.same_type(x, x_at, nearest, at) else { return broken() };
                let positive = match &nearest.kind {
                    Kind::Value(Value::Integer(n)) => *n > 0,
                    Kind::Value(Value::Number(n)) => *n >= 1e-9,
                    _ => false,
                };
                if !positive {
                    let message = "`round` takes a positive value that stands in the question";
                    let help = "`round(n, 5)` rounds to the nearest 5, `round(x, 0.1)` to one place";
                    return self.broken(called.mistake(1, message).help(help));
                }
                (x, nearest)
            }
        };
        let (ty, show) = (x.ty.clone(), x.show.clone());
        let adds = if x.adds == Adds::Yes { Adds::No } else { x.adds };
        Expr { show, adds, ..made_of(Kind::Call(called.function, vec![x, nearest]), ty) }
    }
}
