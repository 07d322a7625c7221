//! Orders that a window or an aggregate says, and what hangs on one and says none.

use super::Checker;
use super::expr::Place;
use super::scope::{Origin, Scope};
use crate::diagnostic::Diagnostic;
use crate::plan::{Kind, SortKey};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Type, Value};

impl Checker<'_> {
    /// The keys after `sorted by`, where there are any.
    pub(super) fn window_order(&mut self, inside: Place<'_>, keys: &[ast::SortKey]) -> Option<Vec<SortKey>> {
        let mut order = Vec::new();
        for key in keys {
            let expr = self.expr(inside, &key.expr);
            if expr.ty == Type::Missing {
                return None;
            }
            order.push(SortKey { descending: key.descending, expr });
        }
        Some(order)
    }

    /// The order that a window says; an error where it hangs on one and says none.
    pub(super) fn order_of(
        &mut self,
        inside: Place<'_>,
        call: &ast::Call,
        span: Span,
    ) -> Option<Vec<SortKey>> {
        if call.sorted_by.is_empty() {
            let mistake = self.without_an_order(inside.names, call, span);
            self.report(mistake);
            return None;
        }
        self.window_order(inside, &call.sorted_by)
    }

    /// What hangs on the order of rows and says none.
    pub(super) fn without_an_order(&self, rows: &Scope, call: &ast::Call, span: Span) -> Diagnostic {
        let text = self.text(span);
        let open = text.strip_suffix(')').unwrap_or(text);
        let by = an_order(rows);
        let example = match &call.over {
            Some(_) => format!("{} … sorted by {by} over …)", call.name.text).replacen(' ', "(", 1),
            None if open.ends_with('(') => format!("{open}sorted by {by})"),
            None => format!("{open} sorted by {by})"),
        };
        Diagnostic::new("type-order", format!("`{text}` hangs on the order of the rows, and says none"), span)
            .help(format!("say which: `{example}`"))
    }

    /// A whole number from 1 that stands in the question.
    pub(super) fn how_many(
        &mut self,
        inside: Place<'_>,
        n: &ast::Expr,
        of: &str,
        example: &str,
    ) -> Option<u64> {
        let number = self.expr(inside, n);
        match (&number.kind, &number.ty) {
            (Kind::Value(Value::Integer(n @ 1..)), Type::Integer) => u64::try_from(*n).ok(),
            (_, Type::Missing) => None,
            _ => {
                let message =
                    format!("`{of}` takes a whole number of rows from 1, which stands in the question");
                self.report(Diagnostic::new("type-count", message, n.span).help(example));
                None
            }
        }
    }
}

/// A column that rows are likely to be put in order by.
fn an_order(rows: &Scope) -> String {
    let timely = |ty: &Type| matches!(ty, Type::Date | Type::Datetime);
    let found = rows.columns.iter().find(|column| match (&column.from, &rows.table) {
        (Origin::Made { expr, .. }, _) => timely(&expr.ty),
        (Origin::Table(name), Some(table)) => {
            table.column(name).ok().flatten().is_some_and(|column| timely(&column.ty))
        }
        _ => false,
    });
    found.map_or_else(|| "…".to_string(), |column| column.name.clone())
}
