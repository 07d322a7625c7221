//! `bucket(x, 0, 18, 25, 40)`: the span between two edges that holds x, as an ordered category. Its values are
//! texts that say what is in them, and so differ with what has a next value and what hasn't:
//!
//! | of | edges | values |
//! | --- | --- | --- |
//! | integers | `0, 18, 25` | `below 0`, `0–17`, `18–24`, `25+` |
//! | numbers, quantities, durations | `0 g, 28 g, 1 kg` | `below 0 g`, `0 g–28 g`, `28 g–1 kg`, `1 kg+` |
//! | dates | `2023-01-01, 2023-04-01` | `before 2023-01-01`, `2023-01-01–2023-03-31`, `since 2023-04-01` |
//! | datetimes | `2023-10-09T08:00, …` | `before …`, `2023-10-09 08:00–2023-10-09 20:00`, `since …` |
//!
//! The lower edge is always in its span and the upper one never: 28 g exactly is in `28 g–1 kg`. What is below the
//! first edge has a value of its own, so that nothing is lost from a total.

use std::cmp::Ordering;
use std::sync::Arc;

use super::Called;
use super::number::ordering;
use crate::check::{Checker, broken, made_of};
use crate::plan::{Expr, Function, Kind};
use crate::syntax::ast::{self, ExprKind};
use crate::types::time::{date_of, datetime_of};
use crate::types::{Category, Show, Type, Unit, Units, Value, ratio};

impl Checker<'_> {
    /// `bucket(x, edge, …)`
    pub(super) fn bucket(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        let Some(mut args) = self.counted(called, args, 2..=usize::MAX) else { return broken() };
        let Some(x) = args.first().cloned() else { return broken() };
        let measured = x.ty.is_numeric() || x.ty.is_quantity();
        if !measured && !matches!(x.ty, Type::Date | Type::Datetime | Type::Rate(_)) {
            let mistake = called.wrong(0, &x, "a number, a quantity, a date or a datetime");
            return self.broken(mistake);
        }
        // Between days a datetime counts by its day, as in a comparison.
        if x.ty == Type::Datetime && args.iter().skip(1).all(|edge| edge.ty == Type::Date) {
            args[0] = self.as_date(x);
        }
        let Some(args) = self.same_kind(called, args) else { return broken() };
        for (at, edge) in args.iter().enumerate().skip(1) {
            if !matches!(edge.kind, Kind::Value(_)) {
                let mistake = called.mistake(at, "an edge is a value that stands in the question");
                return self
                    .broken(mistake.help("buckets are the same for all rows: `bucket(age, 0, 18, 25)`"));
            }
        }
        for (at, pair) in args.windows(2).enumerate().skip(1) {
            let [lower, upper] = pair else { continue };
            if ordering(lower, upper) != Some(Ordering::Less) {
                let mistake = called.mistake(at + 1, "this edge is not above the one before it");
                return self.broken(
                    mistake.label("").also(called.span_of(at), "the one before").help("edges go upwards"),
                );
            }
        }
        let Some(x) = args.first() else { return broken() };
        let written = called.at.get(1..).unwrap_or_default();
        let edges: Vec<(&Expr, String)> = args
            .iter()
            .skip(1)
            .zip(written)
            .map(|(edge, at)| {
                (
                    edge,
                    edge_text(
                        edge,
                        edge_unit(edge, &x.show, at, &self.catalogue.units).as_ref(),
                        is_percent(&x.show, at),
                    ),
                )
            })
            .collect();
        let values = labels(&x.ty, &edges);
        let category = Category { values };
        made_of(Kind::Call(Function::Bucket, args), Type::Category(Arc::new(category)))
    }
}

/// What the buckets are called; `edges` are their values and texts.
fn labels(ty: &Type, edges: &[(&Expr, String)]) -> Vec<String> {
    let (Some((_, first)), Some((_, last))) = (edges.first(), edges.last()) else { return Vec::new() };
    let is_time = matches!(ty, Type::Date | Type::Datetime);
    // Beside a minus a dash would be one too many.
    let dash = if edges.iter().any(|(_, text)| text.starts_with('-')) { " to " } else { "–" };
    let mut labels = vec![format!("{} {first}", if is_time { "before" } else { "below" })];
    for pair in edges.windows(2) {
        let [(_, lower), (edge, upper)] = pair else { continue };
        // The last value that is in, where there is one.
        let upper = match &edge.kind {
            Kind::Value(Value::Integer(n)) if *ty == Type::Integer => (n - 1).to_string(),
            Kind::Value(Value::Date(day)) => day_text(day - 1),
            _ => upper.clone(),
        };
        labels.push(if *lower == upper { upper } else { format!("{lower}{dash}{upper}") });
    }
    labels.push(if is_time { format!("since {last}") } else { format!("{last}+") });
    labels
}

/// An edge as it was written, without what only sets digits apart.
fn edge_text(edge: &Expr, unit: Option<&Unit>, percent: bool) -> String {
    match (&edge.kind, unit) {
        (Kind::Value(Value::Date(day)), _) => day_text(*day),
        (Kind::Value(Value::Datetime(at)), _) => {
            datetime_of(*at).map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M").to_string())
        }
        (Kind::Value(Value::Number(n)), _) if let Type::Rate(rate) = &edge.ty => {
            rate.unit().map_or_else(String::new, |unit| unit.written(&n.to_string()))
        }
        (Kind::Value(Value::Number(n)), _) if percent => format!("{}%", ratio::hundredfold(*n)),
        (Kind::Value(Value::Number(n)), _) => n.to_string(),
        (Kind::Value(Value::Integer(n)), Some(unit)) => unit.written(*n),
        (Kind::Value(Value::Integer(n)), None) => n.to_string(),
        _ => String::new(),
    }
}

fn day_text(day: i32) -> String {
    date_of(day).map_or_else(String::new, |date| date.format("%Y-%m-%d").to_string())
}

/// The unit that an edge was written in; where it stands for itself, the one that x is shown in.
fn edge_unit(edge: &Expr, show: &Show, written: &ast::Expr, units: &Units) -> Option<Unit> {
    match (&written.kind, show) {
        (ExprKind::Quantity { unit, .. }, _) => units.find(&unit.text),
        (ExprKind::Negate(inner), _) => edge_unit(edge, show, inner, units),
        (_, Show::Unit(unit)) => Some(unit.clone()),
        _ => Unit::default_of(&edge.ty),
    }
}

/// Are an edge's hundredths meant?
fn is_percent(show: &Show, written: &ast::Expr) -> bool {
    *show == Show::Percent || matches!(written.kind, ExprKind::Percent(_))
}
