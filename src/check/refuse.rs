//! What may not be added up: values that repeat because they were copied along a link, and values that don't
//! add up because their groups hold the same records. Whoever means it writes `each`.

use super::Checker;
use super::expr::a;
use super::scope::{Origin, Scope};
use crate::diagnostic::Diagnostic;
use crate::plan::walk::path_name;
use crate::plan::{Adds, Aggregator, Expr, Kind, Over, Spread};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;

impl Checker<'_> {
    /// The refusals of an aggregate's argument that says no `each`. `name` is what stands before the brackets:
    /// `share` and `running` are sums.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn refuse(
        &mut self,
        function: Aggregator,
        name: &str,
        arg: &Expr,
        at: Option<&ast::Expr>,
        span: Span,
        over: &Over,
        rows: &Scope,
    ) -> Option<()> {
        use Aggregator::{Mean, Median, Quantile, Stddev, Sum};
        let text = at.map_or("", |at| self.text(at.span)).to_string();
        if matches!(function, Sum | Mean | Median | Quantile | Stddev) && arg.spread == Spread::Repeats {
            return self.refuse_repeating(name, arg, at, span, over, rows);
        }
        let each = format!("`{name}(each {text})` takes one value a row, if that is meant");
        if function == Sum && arg.spread == Spread::Mixed && matches!(over, Over::Rows) {
            self.report(
                Diagnostic::new(
                    "relation-mixed",
                    format!("`{text}` mixes the row's own values with ones that repeat along a link"),
                    span,
                )
                .help(each),
            );
            return None;
        }
        if (function == Sum && matches!(arg.adds, Adds::No | Adds::Average))
            || (function == Mean && arg.adds == Adds::Average)
        {
            let why = match arg.adds {
                Adds::Average => "is an average or a quotient: groups of different size would weigh the same",
                _ => "doesn't add up: its groups may hold the same records",
            };
            let mut mistake = Diagnostic::new("relation-additive", format!("`{text}` {why}"), span).help(
                "work it out from the records, in a question that groups as widely as the answer should",
            );
            // `total` works an item out over wider groups.
            if rows.table.is_none() && matches!(at.map(|at| &at.kind), Some(ExprKind::Path(_))) {
                mistake = match name {
                    "share" => mistake.help(format!("right after its grouping: `{text} / total({text})`")),
                    "sum" => {
                        mistake.help(format!("an item's total, right after its grouping, is `total({text})`"))
                    }
                    _ => mistake,
                };
            }
            self.report(mistake.help(each));
            return None;
        }
        Some(())
    }

    /// Refuses what repeats.
    pub(super) fn refuse_repeating(
        &mut self,
        name: &str,
        arg: &Expr,
        at: Option<&ast::Expr>,
        span: Span,
        over: &Over,
        rows: &Scope,
    ) -> Option<()> {
        let text = at.map_or("", |at| self.text(at.span)).to_string();
        let mut mistake = Diagnostic::new(
            "relation-repeats",
            format!(
                "`{text}` repeats: rows that share a record hold the same value, and it would count once for each of them"
            ),
            span,
        );
        if let Some(ExprKind::Path(names)) = at.map(|at| &at.kind) {
            let origin = match names.as_slice() {
                [name] => rows.column(&name.text).and_then(|column| match &column.from {
                    Origin::Made { text, .. } => text.clone(),
                    Origin::Table(_) => repeated_path(arg),
                }),
                _ => None,
            };
            if let Some(origin) = origin {
                mistake = mistake.help(format!("`{name}({origin})` takes each record once"));
            }
        }
        if matches!(over, Over::Rows) {
            mistake = mistake.help(format!("`{name}(each {text})` takes one value a row, if that is meant"));
        }
        self.report(mistake);
        None
    }

    /// Which quantile: the second value of `quantile(x, q)`, a part of the whole.
    pub(super) fn part(&mut self, call: &ast::Call) -> Option<f64> {
        let at = call.args.get(1)?;
        let empty = Scope::default();
        let part = match &at.kind {
            // Names have no place here, and "there is no such column" would mislead.
            ExprKind::Number(_) | ExprKind::Percent(_) | ExprKind::Param(_) | ExprKind::Negate(_) => {
                self.expr(super::expr::Place::row(&empty, super::expr::What::Derive), at)
            }
            ExprKind::Broken => return None,
            _ => super::value(crate::types::Value::Missing, crate::types::Type::Text),
        };
        let message = match (&part.kind, &part.ty) {
            (Kind::Value(crate::types::Value::Number(q)), _) if (0.0..=1.0).contains(q) => return Some(*q),
            (Kind::Value(crate::types::Value::Integer(q @ 0..=1)), crate::types::Type::Integer) => {
                return Some(*q as f64);
            }
            (_, crate::types::Type::Missing) => return None,
            (Kind::Value(crate::types::Value::Number(_) | crate::types::Value::Integer(_)), ty)
                if ty.is_numeric() =>
            {
                format!("a part of the values is from 0 to 1, and this is {}", self.text(at.span))
            }
            (Kind::Value(crate::types::Value::Missing), _) => {
                "`quantile` takes a number that stands in the question".to_string()
            }
            (_, ty) => format!("`quantile` takes a number from 0 to 1, and this is {}", a(ty)),
        };
        let x = self.text(call.args.first().map_or(at.span, |arg| arg.span));
        let help = format!("nine in ten lie below `quantile({x}, 0.9)`, or `quantile({x}, 90%)`");
        self.report(Diagnostic::new("type-quantile", message, at.span).help(help));
        None
    }
}

/// The path that a derived column copies along, as it would be written.
fn repeated_path(arg: &Expr) -> Option<String> {
    match &arg.kind {
        Kind::Path(path, column) => Some(format!("{}.{}", path_name(path), column.name)),
        _ => None,
    }
}
