//! `join`: other rows beside these. Its condition is the one place where the names of two kinds of rows are in sight
//! at once; afterwards the others' columns are columns like any, but that their values repeat.

use std::sync::Arc;

use super::expr::{Place, What};
use super::operator::binary;
use super::scope::{Origin, Scope, ScopeColumn, listing};
use super::stage::made_name;
use super::{Checker, Draft};
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr, Kind, Made, Query, Spread, Stage};
use crate::syntax::ast::{self, Name};
use crate::types::{Type, Value};

impl Checker<'_> {
    /// `join [many] QUERY [as NAME] on PRED`
    pub(super) fn join(
        &mut self,
        draft: &mut Draft,
        many: bool,
        query: &ast::Query,
        alias: Option<&Name>,
        on: &ast::Expr,
    ) {
        let rows = draft.scope.clone();
        let mut after = rows.after("a `join`");
        (after.cut, after.lists_all) = (rows.cut, rows.lists_all);
        let other = self.other(query);
        let Some((other, theirs)) =
            other.filter(|(other, _)| self.names_are_free(&rows, other, query, alias))
        else {
            draft.scope = Scope { blind: true, ..after };
            return;
        };
        // Within the condition both sides are in sight, and these rows' links.
        let mut both = rows.clone();
        let mut columns: Vec<Made> = Vec::new();
        for (output, column) in other.output.iter().zip(&theirs.columns) {
            let name = match alias {
                Some(alias) => format!("{}.{}", alias.text, output.name),
                None => output.name.clone(),
            };
            let made = made_name(draft, &name);
            columns.push(made.clone());
            let expr = Expr { kind: Kind::Made(made), spread: Spread::Repeats, ..output.expr.clone() };
            let text = match &column.from {
                Origin::Made { text, .. } => text.clone(),
                Origin::Table(_) => None,
            };
            let label = if alias.is_some() { None } else { output.label.clone() };
            both.columns.push(ScopeColumn::plain(name, label, Origin::Made { expr, text }));
        }
        let condition = self.boolean(Place::row(&both, What::Filter), on, "`on`");
        for (position, column) in both.columns.iter().enumerate() {
            let mut expr = self.scope_column(&both, column, query.span);
            let text = match &column.from {
                Origin::Made { text, .. } => text.clone(),
                Origin::Table(_) => None,
            };
            if many || position >= rows.columns.len() {
                expr.spread = Spread::Repeats;
            }
            let from = Origin::Made { expr, text };
            after.columns.push(ScopeColumn::plain(column.name.clone(), column.label.clone(), from));
        }
        draft.scope = after;
        let gathers = |expr: &Expr| !expr.aggregates().is_empty() || !expr.windows().is_empty();
        if gathers(&condition) {
            let message = "`on` compares the values of two rows, and this gathers many";
            let mistake = Diagnostic::new("relation-join", message, on.span);
            self.report(mistake.help("work it out before the join, in `let`"));
            return;
        }
        if condition.ty == Type::Missing || matches!(condition.kind, Kind::Value(Value::Missing)) {
            return;
        }
        let mut equal: Vec<(Expr, Expr)> = Vec::new();
        let mut also: Option<Expr> = None;
        for part in condition.operands(BinaryOp::And) {
            match equality(part, &columns) {
                Some(sides) => equal.push(sides),
                None => {
                    also = Some(match also {
                        Some(before) => binary(BinaryOp::And, before, part.clone(), Type::Bool),
                        None => part.clone(),
                    });
                }
            }
        }
        if equal.is_empty() {
            let message = "`on` needs an equality between a column of these rows and one of the others";
            let mistake = Diagnostic::new("relation-join", message, on.span);
            let here = rows.columns.first().map_or("x", |column| column.name.as_str());
            let shared = rows.columns.iter().find(|column| theirs.column(&column.name).is_some());
            let there = match (alias, shared) {
                (Some(alias), Some(shared)) => format!("{}.{}", alias.text, shared.name),
                (Some(alias), None) => format!("{}.…", alias.text),
                (None, _) => "…".to_string(),
            };
            let here = shared.map_or(here, |shared| shared.name.as_str());
            self.report(
                mistake.help(format!("`on {here} = {there} and …`: with it, each row meets few others")),
            );
            return;
        }
        draft.stages.push(Stage::Join { query: Arc::new(other), columns, equal, also, many });
    }

    /// Do the columns that a join adds find free names? Reports what stands in their way.
    fn names_are_free(
        &mut self,
        rows: &Scope,
        other: &Query,
        query: &ast::Query,
        alias: Option<&Name>,
    ) -> bool {
        if let Some(alias) = alias {
            let taken = if rows.is_link(&alias.text) {
                Some(format!("`{}` is a link of these rows", alias.text))
            } else if !rows.joined(&alias.text).is_empty() {
                Some(format!("there are joined rows `{}` already", alias.text))
            } else {
                None
            };
            let free = taken.is_none();
            if let Some(message) = taken {
                let mistake = Diagnostic::new("name-taken", message, alias.span);
                self.report(mistake.help("choose another name for the others"));
            }
            return free;
        }
        let clashing: Vec<String> = other
            .output
            .iter()
            .filter(|output| rows.column(&output.name).is_some())
            .map(|output| output.name.clone())
            .collect();
        let Some(first) = clashing.first() else { return true };
        let message = listing("both have", &clashing, &[]);
        let word = &query.source.word().text;
        let letter: String = word.chars().take(1).collect();
        let named = query.stages.is_empty() && matches!(query.source, ast::Source::Named(_));
        let source = if named { word.as_str() } else { "(…)" };
        let help = format!("name the others: `join {source} as {letter} on {letter}.{first} = …`");
        self.report(Diagnostic::new("name-taken", message, query.span).help(help));
        false
    }
}

/// The two sides of an equality between these rows and the others, these first; `None` where it is none.
fn equality(part: &Expr, theirs: &[Made]) -> Option<(Expr, Expr)> {
    let Kind::Binary(BinaryOp::Eq, left, right) = &part.kind else { return None };
    match (sides(left, theirs), sides(right, theirs)) {
        ((true, false), (false, true)) => Some(((**left).clone(), (**right).clone())),
        ((false, true), (true, false)) => Some(((**right).clone(), (**left).clone())),
        _ => None,
    }
}

/// Does an expression read these rows, and does it read the others?
fn sides(expr: &Expr, theirs: &[Made]) -> (bool, bool) {
    let (mut here, mut there) = (false, false);
    expr.visit(&mut |part| match &part.kind {
        Kind::Made(made) if theirs.contains(made) => there = true,
        Kind::Made(_) | Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) => here = true,
        // What is looked up in yet another query is asked of the pairs.
        Kind::InQuery(..) => (here, there) = (true, true),
        _ => {}
    });
    (here, there)
}
