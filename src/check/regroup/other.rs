//! `with other`: what the rest of a `top` is called, and what it is worked out from.

use std::sync::Arc;

use super::as_named;
use crate::check::expr::a;
use crate::check::scope::Origin;
use crate::check::{Checker, Draft, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{self, Expr, Kind, Stage};
use crate::syntax::span::Span;
use crate::types::{Type, Value};

impl Checker<'_> {
    /// `with other`
    pub(in crate::check) fn the_rest(
        &mut self,
        draft: &mut Draft,
        per: &[Expr],
        span: Span,
    ) -> Option<Box<plan::Other>> {
        let refuse =
            |message: &str, help: &str| Diagnostic::new("relation-regroup", message, span).help(help);
        let at = draft.stages.iter().rposition(|stage| matches!(stage, Stage::Group(_)));
        let since = at.map(|at| draft.stages.get(at + 1..).unwrap_or_default());
        let mut lets = Vec::new();
        for stage in since.unwrap_or_default() {
            match stage {
                Stage::Let(made, expr) if expr.windows().is_empty() => {
                    lets.push((made.clone(), expr.clone()))
                }
                Stage::Let(..) => {
                    let help =
                        "put that `let` after `top … with other`: it then sees the row of the others too";
                    self.report(refuse(
                        "a value that hangs on other rows came before, and there is none for the others",
                        help,
                    ));
                    return None;
                }
                _ => {
                    let help = "`… | count by offence | top 3 by count with other`";
                    self.report(refuse("`with other` works the rest out from the records: `top` stands right after the grouping, or after `let`", help));
                    return None;
                }
            }
        }
        let (Some(_), Some(groups)) = (since, draft.scope.groups.clone()) else {
            let help = "`… | count by offence | top 3 by count with other`";
            self.report(refuse("`with other` is of the groups of a grouping", help));
            return None;
        };
        let mut kept = Vec::new();
        for key in per {
            let found = match &key.kind {
                Kind::Made(made) => groups.keys.iter().position(|(known, _)| known == made),
                _ => None,
            };
            match found {
                Some(at) => kept.push(at),
                None if key.ty == Type::Missing => return None,
                None => {
                    self.report(refuse("`per` takes keys of the grouping here", "name one: `per borough`"));
                    return None;
                }
            }
        }
        let mut labels = Vec::new();
        for (at, (made, key)) in groups.keys.iter().enumerate() {
            if kept.contains(&at) {
                continue;
            }
            let Some((ty, label)) = other_label(&key.ty) else {
                let message =
                    format!("`{}` is {}, and has no value for the others", as_named(made), a(&key.ty));
                let mistake = Diagnostic::new("relation-regroup", message, span);
                self.report(
                    mistake.help("`with other` takes keys that are text, categories, ids or records"),
                );
                return None;
            };
            // Whatever has the key's list of values has one more.
            for column in &mut draft.scope.columns {
                if let Origin::Made { expr, .. } = &mut column.from
                    && expr.ty == key.ty
                {
                    expr.ty = ty.clone();
                }
            }
            for (_, expr) in &mut lets {
                *expr = with_type(expr.clone(), &key.ty, &ty);
            }
            labels.push((at, value(label, ty)));
        }
        if let Some(groups) = &mut draft.scope.groups {
            for (at, label) in &labels {
                if let Some((_, key)) = groups.keys.get_mut(*at) {
                    key.ty = label.ty.clone();
                }
            }
        }
        Some(Box::new(plan::Other { lets, kept, labels }))
    }
}

/// The type of a key that has a value for all others, and that value.
pub(super) fn other_label(ty: &Type) -> Option<(Type, Value)> {
    Some(match ty {
        Type::Text | Type::Id => (ty.clone(), Value::Text("other".to_string())),
        // Sorts last, and shows its middle part.
        Type::Record(_) => (ty.clone(), Value::Text("\u{10FFFF}\u{1f}other\u{1f}".to_string())),
        Type::Category(category) => {
            let mut values = category.values.clone();
            let taken = |name: &str| values.iter().any(|value| value == name);
            let name = ["other", "all other", "other (the rest)"].into_iter().find(|name| !taken(name))?;
            let at = u32::try_from(values.len()).ok()?;
            values.push(name.to_string());
            (Type::Category(Arc::new(crate::types::Category { values })), Value::Category(at))
        }
        _ => return None,
    })
}

/// The expression with a category's list of values replaced by one that goes on where it ends.
pub(super) fn with_type(expr: Expr, old: &Type, new: &Type) -> Expr {
    if old == new {
        return expr;
    }
    let widen = |expr: &mut Expr| {
        if expr.ty == *old {
            expr.ty = new.clone();
        }
    };
    let mut whole = expr.map(&mut |mut kind| {
        match &mut kind {
            Kind::Call(_, args) => args.iter_mut().for_each(widen),
            Kind::Binary(_, a, b) => [a, b].into_iter().for_each(|part| widen(part)),
            Kind::If(_, a, b) => [a, b].into_iter().for_each(|part| widen(part)),
            Kind::InValues(a, _) | Kind::IsMissing(a) | Kind::InQuery(a, _) => widen(a),
            Kind::InRange(a, b, c) => [a, b, c].into_iter().for_each(|part| widen(part)),
            _ => {}
        }
        kind
    });
    widen(&mut whole);
    whole
}
