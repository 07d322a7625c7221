//! How tall an expression is: how many operations stand on one another, each waiting for the one below. A chain of one
//! operator, `a or b or c`, is one operation of many operands, as is a sum or product of one type, `a + b - c`: engines
//! work them out side by side, or in a loop.

use super::{BinaryOp, Expr, Function, Kind};
use crate::types::Type;

impl Expr {
    /// How many operations stand on one another in it; those inside an aggregate's brackets are counted with it.
    pub fn height(&self) -> usize {
        use BinaryOp::{Add, And, Coalesce, Div, Mul, Or, Sub};
        let tallest = |parts: &[&Expr]| parts.iter().map(|part| part.height()).max().unwrap_or(0);
        match &self.kind {
            Kind::This(inner, _) => inner.height(),
            Kind::Aggregate(aggregate) => tallest(&aggregate.parts().collect::<Vec<_>>()),
            Kind::Window(window) => tallest(&window.parts()),
            Kind::Binary(op @ (And | Or | Coalesce), ..) => 1 + tallest(&self.operands(*op)),
            // A day has to become a number first, and a number a day.
            Kind::Binary(Sub, left, _) if left.ty == Type::Date && self.ty == Type::Duration => {
                3 + tallest(&self.children())
            }
            Kind::Binary(Add | Sub | Mul | Div, ..) | Kind::Call(Function::AddMonths, _) => {
                let (mut operands, mut first) = (Vec::new(), self);
                while let Some((left, right)) = first.step().filter(|_| first.ty == self.ty) {
                    operands.push(right);
                    first = left;
                }
                operands.push(first);
                1 + tallest(&operands)
            }
            _ => match self.children().as_slice() {
                [] => 0,
                parts => 1 + tallest(parts),
            },
        }
    }

    /// The sides of an operation of arithmetic.
    fn step(&self) -> Option<(&Expr, &Expr)> {
        use BinaryOp::{Add, Div, Mul, Sub};
        match &self.kind {
            Kind::Binary(Add | Sub | Mul | Div, left, right) => Some((left, right)),
            Kind::Call(Function::AddMonths, args) => args.first().zip(args.get(1)),
            _ => None,
        }
    }
}
