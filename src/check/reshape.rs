//! Stages that look at rows by themselves: `unpivot`, `describe` and `sample`.

use std::sync::Arc;

use super::combine::{common, shown_as, worse};
use super::expr::a;
use super::scope::{Origin, Scope, ScopeColumn};
use super::stage::made_name;
use super::{Checker, Draft};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, Expr, Kind, Made, Spread, Stage};
use crate::syntax::ast::{self, ExprKind, Name, StageKind};
use crate::syntax::span::Span;
use crate::types::{Category, Show, Type};

/// The seed of a sample that names none.
const SEED: u64 = 1;

impl Checker<'_> {
    /// One of these stages.
    pub(super) fn reshaping(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        match &stage.kind {
            StageKind::Unpivot { columns, key, value } => self.unpivot(draft, columns, key, value),
            StageKind::Describe => self.describe(draft, stage.span),
            StageKind::Sample { n, seed } => {
                let n = self.row_count(n, "sample");
                let seed = seed.as_ref().map_or(Some(SEED), |seed| self.seed(seed));
                if let (Some(n), Some(seed)) = (n, seed) {
                    draft.stages.push(Stage::Sample { n, seed });
                }
            }
            _ => {}
        }
    }

    fn seed(&mut self, seed: &ast::Expr) -> Option<u64> {
        if let ExprKind::Number(digits) = &seed.kind
            && let Ok(seed) = digits.parse()
        {
            return Some(seed);
        }
        let mistake = Diagnostic::new("type-count", "`seed` takes a whole number", seed.span);
        self.report(mistake.help("`sample 100 seed 7`: another seed, another sample"));
        None
    }

    /// `unpivot NAME, … into K, V`
    fn unpivot(&mut self, draft: &mut Draft, names: &[Name], key: &Name, value: &Name) {
        let rows = draft.scope.clone();
        let mut after = rows.after("an `unpivot`");
        after.lists_all = rows.lists_all;
        let mut columns: Vec<(&Name, Expr)> = Vec::new();
        for name in names {
            if columns.iter().any(|(before, _)| before.text == name.text) {
                let message = format!("`{}` is named twice", name.text);
                self.report(Diagnostic::new("name-taken", message, name.span));
            } else if self.is_shown(draft, name) {
                let column = self.row_path(&rows, std::slice::from_ref(name));
                columns.push((name, column));
            } else {
                after.blind = true;
            }
        }
        // They become one column.
        let mut ty = Type::Missing;
        for (name, column) in &columns {
            match common(&ty, &column.ty) {
                Some(found) => ty = found,
                None => {
                    let message = format!("one column holds values of one type: this is {}", a(&column.ty));
                    let mut mistake = Diagnostic::new("type-mismatch", message, name.span);
                    if let Some((first, of)) = columns.first() {
                        mistake = mistake.also(first.span, a(&of.ty));
                    }
                    self.report(mistake);
                    after.blind = true;
                }
            }
        }
        for column in &rows.columns {
            if names.iter().any(|name| name.text == column.name) {
                continue;
            }
            let expr = self.scope_column(&rows, column, key.span);
            let text = match &column.from {
                Origin::Made { text, .. } => text.clone(),
                Origin::Table(_) => None,
            };
            let from = Origin::Made { expr: Expr { spread: Spread::Repeats, ..expr }, text };
            after.columns.push(ScopeColumn::plain(column.name.clone(), column.label.clone(), from));
        }
        for (position, name) in [key, value].into_iter().enumerate() {
            if after.column(&name.text).is_some() || (position == 1 && key.text == name.text) {
                let message = format!("there is a column `{}` already", name.text);
                self.report(Diagnostic::new("name-taken", message, name.span));
            }
        }
        let Some((_, first)) = columns.first().cloned() else {
            draft.scope = Scope { blind: true, ..after };
            return;
        };
        let (mut spread, mut adds, mut show) = (Spread::Own, Adds::Plain, first.show.clone());
        let mut values: Vec<(String, Expr)> = Vec::new();
        for (name, column) in columns {
            spread = worse(spread, column.spread);
            adds = adds.and(column.adds);
            show = shown_as(&show, &column.show);
            values.push((name.text.clone(), self.typed_as(column, &ty)));
        }
        let category = Category { values: values.iter().map(|(name, _)| name.clone()).collect() };
        let (key_made, value_made) = (made_name(draft, &key.text), made_name(draft, &value.text));
        let made = |made: &Made, ty, show, spread, adds| Origin::Made {
            expr: Expr { kind: Kind::Made(made.clone()), ty, show, spread, adds },
            text: None,
        };
        let key_type = Type::Category(Arc::new(category));
        let from = made(&key_made, key_type, Show::Plain, Spread::Own, Adds::Plain);
        after.columns.push(ScopeColumn::plain(key.text.clone(), None, from));
        let from = made(&value_made, ty, show, spread, adds);
        after.columns.push(ScopeColumn::plain(value.text.clone(), None, from));
        draft.stages.push(Stage::Unpivot { columns: values, key: key_made, value: value_made });
        draft.scope = after;
    }

    /// `describe`
    fn describe(&mut self, draft: &mut Draft, span: Span) {
        let rows = draft.scope.clone();
        let mut after = rows.after("a `describe`");
        after.lists_all = rows.lists_all;
        let mut columns = Vec::new();
        for column in &rows.columns {
            columns.push((column.name.clone(), self.scope_column(&rows, column, span)));
        }
        let made = ["column", "type", "missing", "distinct", "smallest", "largest"].map(|name| {
            let made = made_name(draft, name);
            let (ty, adds) = match name {
                "missing" => (Type::Integer, Adds::Yes),
                "distinct" => (Type::Integer, Adds::No),
                _ => (Type::Text, Adds::Plain),
            };
            let expr =
                Expr { kind: Kind::Made(made.clone()), ty, show: Show::Plain, spread: Spread::Own, adds };
            after.columns.push(ScopeColumn::plain(name.to_string(), None, Origin::Made { expr, text: None }));
            made
        });
        draft.stages.push(Stage::Describe { columns, made });
        draft.scope = after;
    }
}
