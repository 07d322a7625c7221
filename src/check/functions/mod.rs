//! What the functions of a row's values take and give. Most are a line of [`takes`], which reads like a table:
//! what stands in each place between the brackets, and what comes out. `left(text, n)` is `Text, Count` and gives
//! text; its caller need not know that a category's value has become its text on the way. Where the arguments
//! have to suit each other (`round(x, nearest)`, `clamp(x, low, high)`), [`number`] says how.

mod number;

use std::ops::RangeInclusive;

use super::expr::{a, textual};
use super::{Checker, broken, made_of};
use crate::diagnostic::Diagnostic;
use crate::plan::{Expr, Function, Kind};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Type, Value};

/// A call of a function, as it was written.
pub(super) struct Called<'c> {
    /// The function.
    pub function: Function,
    /// Its name.
    pub name: &'c str,
    /// How it is written.
    pub signature: &'static str,
    /// Its arguments.
    pub at: &'c [ast::Expr],
    /// All of it.
    pub span: Span,
}

impl Called<'_> {
    /// Where an argument stands; the whole call for one that doesn't.
    fn span_of(&self, at: usize) -> Span {
        self.at.get(at).map_or(self.span, |arg| arg.span)
    }

    /// Something is wrong with an argument.
    fn mistake(&self, at: usize, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new("type-call", message, self.span_of(at))
    }

    /// An argument of another type than the function takes.
    pub fn wrong(&self, at: usize, arg: &Expr, wanted: &str) -> Diagnostic {
        self.mistake(at, format!("`{}` takes {wanted}, and this is {}", self.name, a(&arg.ty)))
            .help(format!("it is written `{}`", self.signature))
    }

    /// An argument that has to stand in the question, and to be more than a value of its type.
    fn unfit(&self, at: usize, wanted: &str) -> Diagnostic {
        self.mistake(at, format!("`{}` takes {wanted} that stands in the question", self.name))
            .help(format!("it is written `{}`", self.signature))
    }
}

/// What may stand in one place between the brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    /// A text, or what reads as one.
    Text,
    /// A whole number, not below nought, that stands in the question.
    Count,
    /// A number or a quantity.
    Amount,
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    /// Text.
    Text,
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// What the first argument is.
    Same,
}

/// The table: what stands in each place, and what comes out. `None` for functions whose arguments have to suit
/// each other.
fn takes(function: Function) -> Option<(&'static [Slot], Gives)> {
    use Slot::{Amount, Count, Text};
    Some(match function {
        Function::Lower | Function::Upper => (&[Text], Gives::Text),
        Function::Length => (&[Text], Gives::Integer),
        Function::Left | Function::Right => (&[Text, Count], Gives::Text),
        Function::Integer => (&[Text], Gives::Integer),
        Function::Number => (&[Text], Gives::Number),
        Function::Abs => (&[Amount], Gives::Same),
        _ => return None,
    })
}

impl Checker<'_> {
    /// A function of the row's values.
    pub(super) fn row_function(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        let Some((slots, gives)) = takes(called.function) else { return self.rounding(called, args) };
        let Some(args) = self.counted(called, args, slots.len()..=slots.len()) else { return broken() };
        let (ty, show) = match (gives, args.first()) {
            (Gives::Same, Some(first)) => (first.ty.clone(), first.show.clone()),
            (Gives::Integer, _) => (Type::Integer, Default::default()),
            (Gives::Number, _) => (Type::Number, Default::default()),
            _ => (Type::Text, Default::default()),
        };
        let mut taken = Vec::new();
        for (at, (arg, slot)) in args.into_iter().zip(slots).enumerate() {
            let Some(arg) = self.slot(called, at, arg, *slot) else { return broken() };
            taken.push(arg);
        }
        Expr { show, ..made_of(Kind::Call(called.function, taken), ty) }
    }

    /// The arguments, where there are as many as the function takes and none has been reported already.
    pub(super) fn counted(
        &mut self,
        called: &Called<'_>,
        args: Vec<Expr>,
        wanted: RangeInclusive<usize>,
    ) -> Option<Vec<Expr>> {
        if !wanted.contains(&args.len()) {
            let (least, most) = (*wanted.start(), *wanted.end());
            let many = match (least, most) {
                (1, 1) => "a value".to_string(),
                (least, usize::MAX) => format!("{least} values or more"),
                (least, most) if least == most => format!("{most} values"),
                (least, most) => format!("{least} to {most} values"),
            };
            let message = match args.len() {
                0 => format!("`{}` takes {many}", called.name),
                given => format!("`{}` takes {many}, not {given}", called.name),
            };
            let mistake = Diagnostic::new("type-call", message, called.span);
            self.report(mistake.help(format!("it is written `{}`", called.signature)));
            return None;
        }
        (!args.iter().any(|arg| arg.ty == Type::Missing)).then_some(args)
    }

    /// An argument as its place needs it; reports one that doesn't fit.
    fn slot(&mut self, called: &Called<'_>, at: usize, arg: Expr, slot: Slot) -> Option<Expr> {
        let mistake = match slot {
            Slot::Text if textual(&arg.ty) && arg.ty != Type::Id => return Some(self.as_text(arg)),
            Slot::Text => called.wrong(at, &arg, "text"),
            Slot::Count if matches!(arg.kind, Kind::Value(Value::Integer(0..))) => return Some(arg),
            Slot::Count => called.unfit(at, "a whole number"),
            Slot::Amount if arg.ty.is_numeric() || arg.ty.is_quantity() => return Some(arg),
            Slot::Amount => called.wrong(at, &arg, "a number or a quantity"),
        };
        self.report(mistake);
        None
    }
}
