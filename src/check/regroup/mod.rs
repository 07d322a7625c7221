//! What may be said around a grouping, and is worked out from its records: `compare` before it; `fill`, `total`,
//! `pivot`, `top … with other` and `total(x)` after it.
//!
//! `compare` narrows the rows to two periods and waits for the grouping, which then has a second side. `fill` and
//! `total` are said of the grouping itself, so they stand right after it. `total(x)` asks it for one more column.

mod compare;
mod fill;
mod other;
mod pivot;
mod total;

use chrono::Datelike;

use super::scope::Scope;
use super::{Checker, Draft, made_of, value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Expr, Grouping, Kind, Made, Stage};
use crate::syntax::ast::{self, Name, StageKind};
use crate::syntax::span::Span;
use crate::types::time::date_of;
use crate::types::{Type, Value};

pub(super) use compare::Comparing;

impl Checker<'_> {
    /// One of the stages around a grouping.
    pub(super) fn regrouping(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        match &stage.kind {
            StageKind::Compare { of, period, with } => self.compare(draft, of, period, with, stage.span),
            StageKind::Fill { keys, period, with } => {
                self.fill(draft, keys, period.as_ref(), with.as_ref(), stage.span);
            }
            StageKind::Total(names) => self.total(draft, names, stage.span),
            StageKind::Pivot { on, using } => self.pivot(draft, on, using.as_ref(), stage.span),
            _ => {}
        }
    }

    /// May this stage stand here, after totals, a pivot or `compare`? Reports where it may not.
    pub(super) fn may_follow(&mut self, draft: &mut Draft, stage: &ast::Stage) -> bool {
        use StageKind::{Broken, Count, Drop, Let, Pivot, Rename, Select, Sort, Summarise, Take, Top, Where};
        let kind = &stage.kind;
        if matches!(kind, Broken) || draft.scope.blind {
            return true;
        }
        let word = self.text(stage.span).split_whitespace().next().unwrap_or_default().to_string();
        let mistake = if draft.scope.open && !matches!(kind, Sort(_) | Take { .. }) {
            let message =
                format!("`pivot` took its columns from the data, and `{word}` would have to know them");
            Diagnostic::new("relation-pivot", message, stage.span)
                .help("only `sort` and `take` may follow; do the rest before `pivot`")
        } else if draft.comparing.is_some()
            && !matches!(
                kind,
                Where(_) | Let(_) | Select(_) | Drop(_) | Rename(_) | Summarise { .. } | Count { .. }
            )
        {
            let message = format!(
                "`{word}` stands between `compare` and its grouping, where each row is looked at by itself"
            );
            Diagnostic::new("relation-compare", message, stage.span)
                .help("`where` and `let` may stand there; put this before `compare` or after the grouping")
        } else if draft.scope.level.is_some()
            && !matches!(
                kind,
                Let(_) | Select(_) | Drop(_) | Rename(_) | Sort(_) | Take { .. } | Top { .. } | Pivot { .. }
            )
            && !matches!(kind, Summarise { .. } | Count { .. } | StageKind::Fill { .. } | StageKind::Total(_))
        {
            let message =
                format!("`total` came before: its rows stand apart, and `{word}` would mix them in");
            Diagnostic::new("relation-total", message, stage.span)
                .help(format!("put `{word}` before the grouping, or leave `total` to the end"))
        } else {
            return true;
        };
        self.report(mistake);
        draft.scope.blind = true;
        draft.comparing = None;
        false
    }

    /// Hands what `total(x)` asked for to the grouping, and sees that nothing between `compare` and the grouping
    /// looks at other rows.
    pub(super) fn settle_regrouping(&mut self, draft: &mut Draft, before: usize, stage: &ast::Stage) {
        let wider = std::mem::take(&mut self.wider);
        let grouping = draft.stages.iter_mut().rev().find_map(|stage| match stage {
            Stage::Group(grouping) => Some(grouping),
            _ => None,
        });
        if let Some(grouping) = grouping {
            grouping.wider.extend(wider);
        }
        let added = draft.stages.get(before..).unwrap_or_default();
        let looks = added.iter().flat_map(Stage::exprs).any(|expr| !expr.windows().is_empty());
        let waits = draft.comparing.is_some();
        if waits && looks && !matches!(stage.kind, StageKind::Compare { .. }) {
            self.report(
                Diagnostic::new(
                    "relation-compare",
                    "a value that hangs on other rows can't stand between `compare` and its grouping",
                    stage.span,
                )
                .help("it would see the rows of both periods; work it out before `compare`"),
            );
        }
    }

    /// The grouping that a stage is said of, which stands right before it.
    fn grouping(&mut self, draft: &Draft, word: &str, span: Span) -> Option<Grouping> {
        match draft.stages.last() {
            Some(Stage::Group(grouping)) => Some(grouping.clone()),
            _ => {
                let mistake = Diagnostic::new(
                    "relation-regroup",
                    format!("`{word}` is said of a grouping, and stands right after it"),
                    span,
                );
                self.report(
                    mistake.help(format!("`… | count by month(date) | {word} …`, other stages after that")),
                );
                None
            }
        }
    }

    /// The position of the key that a name shows.
    fn key_at(&mut self, scope: &Scope, name: &Name, word: &str) -> Option<usize> {
        let keys = scope.shown_keys();
        if let Some((at, _)) = keys.iter().find(|(_, column)| column.name == name.text) {
            return Some(*at);
        }
        if scope.blind {
            return None;
        }
        let known: Vec<&str> = keys.iter().map(|(_, column)| column.name.as_str()).collect();
        let message = if scope.column(&name.text).is_some() {
            format!("`{}` is worked out for each group, and `{word}` takes a key", name.text)
        } else {
            format!("the grouping has no key `{}`", name.text)
        };
        let mut mistake = Diagnostic::new("name-key", message, name.span);
        if let Some(near) = nearest(&name.text, known.iter().copied()) {
            mistake = mistake.help(format!("did you mean `{near}`?"));
        } else if known.is_empty() {
            mistake = mistake.help("it has no keys");
        } else {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            mistake = mistake.help(format!("its keys are {}", known.join(", ")));
        }
        self.report(mistake);
        None
    }
}

/// A made column as the question calls it: without what keeps it apart from others of its name.
fn as_named(made: &str) -> &str {
    made.split('~').next().unwrap_or(made)
}

/// The columns made before the grouping, for looking through a key's name.
fn lets_of(draft: &Draft) -> Vec<(Made, Expr)> {
    let lets = draft.stages.iter().filter_map(|stage| match stage {
        Stage::Let(made, expr) => Some((made.clone(), expr.clone())),
        _ => None,
    });
    lets.collect()
}

/// What a made column stands for, as far as that is known.
fn resolved(expr: &Expr, lets: &[(Made, Expr)]) -> Expr {
    match &expr.kind {
        Kind::Made(made) => match lets.iter().find(|(known, _)| known == made) {
            Some((_, expr)) => resolved(expr, lets),
            None => expr.clone(),
        },
        _ => expr.clone(),
    }
}

fn year_of(day: i32) -> i32 {
    date_of(day).map_or(0, |date| date.year())
}

/// A text where something is true, and missing elsewhere.
fn either(test: Expr, text: &str) -> Expr {
    let then = value(Value::Text(text.to_string()), Type::Text);
    let otherwise = value(Value::Missing, Type::Text);
    made_of(Kind::If(Box::new(test), Box::new(then), Box::new(otherwise)), Type::Text)
}
