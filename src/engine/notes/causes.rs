//! Why an expression has no value: which of the columns that it reads are missing there, and which calculation in it has
//! none though all that it reads is known. Each cause says, in an expression of the plan, where it is one.
//!
//! A cause holds only where the whole has no value. Most operations have none as soon as an operand has none, so
//! nothing need be added on the way up; `and`, `or`, `??` and `if` may have one all the same, and what is found below
//! them is narrowed to where they have not. A chain of one operator is one operation of many operands: what a
//! thousand comparisons joined by `or` have to say is no larger than they are.

use std::collections::{HashMap, HashSet};

use super::unknown::{
    Columns, all, and, any, binary, failings, is_missing, not, or, own_name, truth, written,
};
use crate::plan::{BinaryOp, Expr, Kind};

/// A reason why an expression has no value.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The column that is missing, or the calculation that has no value, as it is written.
    pub name: String,
    /// Where it is the reason.
    pub holds: Expr,
    /// Of a calculation over known values: what is wrong there.
    pub why: Option<&'static str>,
}

/// How large the conditions may be, in parts, that tell apart which of an expression's calculations has no value; those
/// of one that is larger still are told as one. As large may be those that narrow what is missing: deeper within an
/// expression than anybody looks, what is missing counts as a reason wherever the whole has no value.
const TOLD_APART: usize = 4000;

impl Columns {
    /// Why it has no value, where it has none: what it reads that is missing, and what in it has no value though all
    /// it reads is known. In the order of writing, each name once.
    pub fn causes(&self, expr: &Expr) -> Vec<Cause> {
        let mut search = Search { columns: self, left: TOLD_APART, narrows: TOLD_APART, found: Vec::new() };
        search.look(expr);
        let Search { left, mut found, .. } = search;
        if left == 0 {
            found.retain(|cause| cause.why.is_none());
        }
        let mut causes = merged(found);
        if left == 0 {
            let known = not(any(causes.iter().map(|cause| cause.holds.clone()).collect()));
            let holds = and(is_missing(expr.clone()), known);
            causes.push(Cause { name: written(expr), holds, why: Some("a calculation in it has none") });
        }
        causes
    }

    /// Where a filter that is unknown leaves a row out, and why; `None` where it never does.
    pub fn left_out(&self, predicate: &Expr) -> Option<(Expr, Vec<Cause>)> {
        let (unknown, causes) = (self.unknown(predicate)?, self.causes(predicate));
        let holds = match self.is_measured(predicate) {
            true => and(unknown, any(causes.iter().map(|cause| cause.holds.clone()).collect())),
            false => unknown,
        };
        Some((holds, causes))
    }

    /// Where it has no value because a calculation in it has none, though all that this reads is known.
    pub fn failures(&self, expr: &Expr) -> Vec<Cause> {
        let Some(unknown) = self.unknown(expr) else { return Vec::new() };
        let whole = written(expr);
        let causes = self.causes(expr).into_iter().filter(|cause| cause.why.is_some());
        let narrow = |mut cause: Cause| {
            if cause.name != whole {
                cause.holds = and(unknown.clone(), cause.holds);
            }
            cause
        };
        causes.map(narrow).collect()
    }
}

/// The causes of one name as one.
fn merged(found: Vec<Cause>) -> Vec<Cause> {
    let mut merged: Vec<(Cause, Vec<Expr>)> = Vec::new();
    let mut places: HashMap<(String, Option<&str>), usize> = HashMap::new();
    let mut told: HashSet<(usize, String)> = HashSet::new();
    for cause in found {
        let at = *places.entry((cause.name.clone(), cause.why)).or_insert(merged.len());
        let holds = told.insert((at, cause.holds.to_string())).then(|| cause.holds.clone());
        if at == merged.len() {
            merged.push((cause, Vec::new()));
        }
        merged[at].1.extend(holds);
    }
    merged.into_iter().map(|(cause, holds)| Cause { holds: any(holds), ..cause }).collect()
}

/// Looking through an expression.
struct Search<'c> {
    columns: &'c Columns,
    /// How many parts the conditions of calculations may still have.
    left: usize,
    /// How many what narrows may.
    narrows: usize,
    /// In the order of writing.
    found: Vec<Cause>,
}

impl Search<'_> {
    /// Whether all that was found holds only where the expression has no value.
    fn look(&mut self, expr: &Expr) -> bool {
        let columns = self.columns;
        match &expr.kind {
            Kind::Value(_) => self.leaf("a value".to_string(), expr),
            Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::This(..) => {
                self.leaf(expr.to_string(), expr);
            }
            Kind::Aggregate(aggregate) => self.leaf(aggregate.text.clone(), expr),
            Kind::Window(window) => self.leaf(window.text.clone(), expr),
            Kind::Made(name) => match columns.beside(name).filter(|origin| columns.is_measured(origin)) {
                Some(origin) => {
                    let Some(unknown) = columns.unknown(expr) else { return true };
                    let (within, _) = self.within(|search| search.look(origin));
                    let holds = any(within.into_iter().map(|cause| cause.holds).collect());
                    self.found.push(Cause {
                        name: own_name(name).to_string(),
                        holds: and(unknown, holds),
                        why: None,
                    });
                }
                None => self.leaf(own_name(name).to_string(), expr),
            },
            // An amount in another dimension's unit belongs to another column, and is no missing value of this one.
            Kind::Measure { amount, unit, .. } => {
                if columns.may_miss(expr) {
                    let shown = amount.to_string();
                    let name = shown.trim_start_matches("\u{1}amount.").to_string();
                    let holds = or(is_missing((**amount).clone()), is_missing((**unit).clone()));
                    self.found.push(Cause { name, holds, why: None });
                }
            }
            Kind::IsMissing(_) => {}
            Kind::Binary(BinaryOp::Coalesce, ..) if !columns.may_miss(expr) => {}
            Kind::Binary(op @ (BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce), ..) => {
                for operand in expr.operands(*op) {
                    self.look_below(operand, None);
                }
                return false;
            }
            Kind::If(test, then, otherwise) => {
                // An unknown test is not true.
                let test = binary(BinaryOp::Coalesce, (**test).clone(), truth(false));
                self.look_below(then, Some(&test));
                self.look_below(otherwise, Some(&not(test.clone())));
            }
            Kind::Binary(..)
            | Kind::Call(..)
            | Kind::InRange(..)
            | Kind::Not(_)
            | Kind::InValues(..)
            | Kind::InPeriod(..)
            | Kind::InQuery(..) => {
                let operands = steps(expr);
                // All of them, whatever the first ones say.
                let mut exact = true;
                for operand in &operands {
                    exact &= self.look(operand);
                }
                self.calculation(expr, &operands);
                return exact;
            }
        }
        true
    }

    /// What is the reason wherever it has no value.
    fn leaf(&mut self, name: String, expr: &Expr) {
        if let Some(holds) = self.columns.unknown(expr) {
            self.found.push(Cause { name, holds, why: None });
        }
    }

    /// Of an operand that may have no value without the whole having none; it counts only where `only` is true.
    fn look_below(&mut self, operand: &Expr, only: Option<&Expr>) {
        let (within, exact) = self.within(|search| search.look(operand));
        let within = merged(within);
        if !exact {
            self.narrows = self.narrows.saturating_sub(within.len() * operand.size(self.narrows));
        }
        let unknown = if exact || self.narrows == 0 { None } else { self.columns.unknown(operand) };
        for cause in within {
            let holds = only.into_iter().chain(&unknown).cloned().chain([cause.holds]).collect();
            self.found.push(Cause { holds: all(holds), ..cause });
        }
    }

    fn within(&mut self, look: impl FnOnce(&mut Self) -> bool) -> (Vec<Cause>, bool) {
        let before = std::mem::take(&mut self.found);
        let exact = look(self);
        (std::mem::replace(&mut self.found, before), exact)
    }

    /// Where the operation itself has no value of operands that have.
    fn calculation(&mut self, expr: &Expr, operands: &[&Expr]) {
        for (why, when) in failings(expr) {
            self.left = self.left.saturating_sub(2 * expr.size(self.left));
            if self.left == 0 {
                return;
            }
            // An amount in another dimension's unit has no value here, though nothing of it is missing.
            let known = operands.iter().filter_map(|operand| match self.columns.is_measured(operand) {
                true => Some(not(is_missing((*operand).clone()))),
                false => self.columns.unknown(operand).map(not),
            });
            let holds = [is_missing(expr.clone())].into_iter().chain(known).chain(when).collect();
            self.found.push(Cause { name: written(expr), holds: all(holds), why: Some(why) });
        }
    }
}

/// What an operation is worked out from: its operands, and of a chain such as `a + b - c`, each step of which may fail for
/// the same reason and no other, those of all its steps.
fn steps(expr: &Expr) -> Vec<&Expr> {
    let only = |expr: &Expr| match failings(expr).as_slice() {
        [(why, None)] => Some(*why),
        _ => None,
    };
    let level = |expr: &Expr| match &expr.kind {
        Kind::Binary(BinaryOp::Add | BinaryOp::Sub, ..) => Some(BinaryOp::Add),
        Kind::Binary(BinaryOp::Mul, ..) => Some(BinaryOp::Mul),
        _ => None,
    };
    let (why, of) = (only(expr), level(expr));
    let mut operands = Vec::new();
    let mut step = expr;
    while let (Kind::Binary(_, left, right), true) = (&step.kind, why.is_some() && of.is_some()) {
        operands.push(&**right);
        step = left;
        if level(step) != of || only(step) != why {
            break;
        }
    }
    if operands.is_empty() {
        return expr.children();
    }
    operands.push(step);
    operands.reverse();
    operands
}
