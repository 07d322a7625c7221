//! What the functions of a row's values take and give. Most are a line of [`takes`], which reads like a table:
//! what stands in each place between the brackets, and what comes out. `left(text, n)` is `Text, Count` and gives
//! text; its caller need not know that a category's value has become its text on the way. Where the arguments
//! have to suit each other (`round(x, nearest)`, `clamp(x, low, high)`), [`number`] and [`bucket`] say how.

mod bucket;
mod number;

use std::ops::RangeInclusive;

use super::expr::{a, textual};
use super::{Checker, broken, made_of};
use crate::diagnostic::Diagnostic;
use crate::plan::{Expr, Function, Kind};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Show, Type, Value};

/// A call of a function, as it was written.
pub(super) struct Called<'c> {
    /// The function; none for what only looks like one.
    pub function: Option<Function>,
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
    /// A text that stands in the question, empty or not.
    Words,
    /// A text that stands in the question and can be looked for.
    Sought,
    /// A whole number, not below nought, that stands in the question.
    Count,
    /// A place counted from 1, that stands in the question.
    Place,
    /// The same, or from -1 at the end.
    EitherEnd,
    /// A number.
    Number,
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
    use Slot::{Amount, Count, EitherEnd, Number, Place, Sought, Text, Words};
    Some(match function {
        Function::Lower | Function::Upper | Function::Trim => (&[Text], Gives::Text),
        Function::Length => (&[Text], Gives::Integer),
        Function::Left | Function::Right => (&[Text, Count], Gives::Text),
        Function::Mid => (&[Text, Place, Count], Gives::Text),
        Function::Split => (&[Text, Sought, EitherEnd], Gives::Text),
        Function::Replace => (&[Text, Sought, Words], Gives::Text),
        Function::Integer => (&[Text], Gives::Integer),
        Function::Number => (&[Text], Gives::Number),
        Function::Sqrt => (&[Number], Gives::Number),
        Function::Abs => (&[Amount], Gives::Same),
        _ => return None,
    })
}

impl Checker<'_> {
    /// A function of the row's values.
    pub(super) fn row_function(&mut self, called: &Called<'_>, function: Function, args: Vec<Expr>) -> Expr {
        let Some((slots, gives)) = takes(function) else {
            return match function {
                Function::Mod => self.remainder(called, args),
                Function::Clamp => self.clamp(called, args),
                Function::Bucket => self.bucket(called, args),
                _ => self.rounding(called, function, args),
            };
        };
        let Some(args) = self.counted(called, args, slots.len()..=slots.len()) else { return broken() };
        let (ty, show) = match (gives, args.first()) {
            (Gives::Same, Some(first)) => (first.ty.clone(), first.show.clone()),
            (Gives::Integer, _) => (Type::Integer, Show::Plain),
            (Gives::Number, _) => (Type::Number, Show::Plain),
            _ => (Type::Text, Show::Plain),
        };
        let mut taken = Vec::new();
        for (at, (arg, slot)) in args.into_iter().zip(slots).enumerate() {
            let Some(arg) = self.slot(called, at, arg, *slot) else { return broken() };
            taken.push(arg);
        }
        Expr { show, ..made_of(Kind::Call(function, taken), ty) }
    }

    /// `coalesce(x, y, …)`: `x ?? y ?? …`
    pub(super) fn first_known(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        if !self.is_many(called, args.len(), 2..=usize::MAX) {
            return broken();
        }
        let mut rest = args.into_iter().zip(called.at);
        let Some((mut known, first)) = rest.next() else { return broken() };
        for (next, at) in rest {
            known = self.coalesce(known, first, next, at);
        }
        known
    }

    /// The arguments, where there are as many as the function takes and none has been reported already.
    pub(super) fn counted(
        &mut self,
        called: &Called<'_>,
        args: Vec<Expr>,
        wanted: RangeInclusive<usize>,
    ) -> Option<Vec<Expr>> {
        let fits = self.is_many(called, args.len(), wanted);
        (fits && !args.iter().any(|arg| arg.ty == Type::Missing)).then_some(args)
    }

    /// Are there as many arguments as the function takes? Reports where there aren't.
    fn is_many(&mut self, called: &Called<'_>, given: usize, wanted: RangeInclusive<usize>) -> bool {
        let fits = wanted.contains(&given);
        if !fits {
            let many = match (*wanted.start(), *wanted.end()) {
                (1, 1) => "a value".to_string(),
                (least, usize::MAX) => format!("{least} values or more"),
                (least, most) if least == most => format!("{most} values"),
                (least, most) => format!("{least} or {most} values"),
            };
            let message = match given {
                0 => format!("`{}` takes {many}", called.name),
                given => format!("`{}` takes {many}, not {given}", called.name),
            };
            let mistake = Diagnostic::new("type-call", message, called.span);
            self.report(mistake.help(format!("it is written `{}`", called.signature)));
        }
        fits
    }

    /// An argument as its place needs it; reports one that doesn't fit.
    fn slot(&mut self, called: &Called<'_>, at: usize, arg: Expr, slot: Slot) -> Option<Expr> {
        let fits = match (slot, &arg.kind) {
            (Slot::Text, _) => textual(&arg.ty) && arg.ty != Type::Id,
            (Slot::Words, kind) => matches!(kind, Kind::Value(Value::Text(_))),
            (Slot::Sought, kind) => matches!(kind, Kind::Value(Value::Text(text)) if !text.is_empty()),
            (Slot::Count, kind) => matches!(kind, Kind::Value(Value::Integer(0..))),
            (Slot::Place, kind) => matches!(kind, Kind::Value(Value::Integer(1..))),
            (Slot::EitherEnd, kind) => matches!(kind, Kind::Value(Value::Integer(..=-1 | 1..))),
            (Slot::Number, _) => arg.ty.is_numeric(),
            (Slot::Amount, _) => arg.ty.is_numeric() || arg.ty.is_quantity(),
        };
        // A quantity that stands in the question is a whole count too, but no count of characters.
        let counted = matches!(slot, Slot::Count | Slot::Place | Slot::EitherEnd);
        if fits && !(counted && arg.ty != Type::Integer) {
            return Some(match slot {
                Slot::Text => self.as_text(arg),
                Slot::Number => self.as_number(arg),
                _ => arg,
            });
        }
        let mistake = match slot {
            Slot::Text => called.wrong(at, &arg, "text"),
            Slot::Words => called.unfit(at, "a text"),
            Slot::Sought => called.unfit(at, "a text, not an empty one,"),
            Slot::Count => called.unfit(at, "a whole number, not below nought,"),
            Slot::Place => called.unfit(at, "a place, from 1 on,"),
            Slot::EitherEnd => called
                .unfit(at, "a place")
                .help("1 is the first part, 2 the second; -1 is the last, -2 the one before it"),
            Slot::Number => called.wrong(at, &arg, "a number"),
            Slot::Amount => called.wrong(at, &arg, "a number or a quantity"),
        };
        self.report(mistake);
        None
    }

    /// All arguments of the first one's type, or the first one of theirs, where that is wider.
    fn same_kind(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Option<Vec<Expr>> {
        let mut args = args.into_iter();
        let (mut first, first_at) = (args.next()?, called.at.first()?);
        let mut others: Vec<Expr> = args.collect();
        // Twice, so that what came before a wider one is widened as well.
        for _ in 0..2 {
            for (other, at) in others.iter_mut().zip(called.at.iter().skip(1)) {
                let (one, two) = self.same_type(first, first_at, other.clone(), at)?;
                (first, *other) = (one, two);
            }
        }
        others.insert(0, first);
        Some(others)
    }
}
