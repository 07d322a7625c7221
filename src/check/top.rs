//! `top 3 by offence`: text has no largest. What was meant is mostly what is most frequent, or else the alphabet, which
//! `sort` and `take` say. The same goes for ids and for records, which would be ranked by their text.

use super::Checker;
use super::hints::shown;
use super::scope::{Origin, Scope};
use super::stage::{call_name, own_name};
use crate::diagnostic::Diagnostic;
use crate::plan;
use crate::syntax::ast::{self, StageKind};
use crate::syntax::token::quoted;
use crate::types::Type;

impl Checker<'_> {
    /// Does a `top` rank by what has no size? Reported, and true, where it does.
    pub(super) fn is_top_by_text(&mut self, scope: &Scope, key: &plan::SortKey, stage: &ast::Stage) -> bool {
        let StageKind::Top { n, by, per, other } = &stage.kind else { return false };
        let (kind, is) = match &key.expr.ty {
            Type::Text => ("text has", "text".to_string()),
            Type::Id => ("an id has", "an id".to_string()),
            Type::Record(table) => ("a record has", format!("a record of {table}")),
            _ => return false,
        };
        let (n, column) = (self.text(n.span), self.text(by.expr.span));
        let texts: Vec<&str> = per.iter().map(|item| self.text(item.span)).collect();
        // After a grouping a key goes by its name.
        let name = |item: &ast::Item| match (&item.name, own_name(&item.expr)) {
            (Some(name), _) => Some(quoted(&name.text)),
            (None, Some(names)) if names.len() == 1 => Some(self.text(item.span).to_string()),
            (None, Some(names)) => names.last().map(|name| quoted(name)),
            (None, None) => call_name(&item.expr),
        };
        let names: Option<Vec<String>> = per.iter().map(name).collect();
        let per = |keys: &[String]| match keys {
            [] => String::new(),
            keys => format!(" per {}", keys.join(", ")),
        };
        let here = per(&texts.iter().map(|text| text.to_string()).collect::<Vec<_>>());
        let rest = if other.is_some() { " with other" } else { "" };
        let message = format!("`top` takes the largest, and {kind} no size: {} is {is}", shown(column));
        let mut mistake = Diagnostic::new("type-order", message, by.span);
        let amount = scope.columns.iter().find(|column| match &column.from {
            Origin::Made { expr, .. } => expr.ty.is_numeric() || expr.ty.is_quantity(),
            Origin::Table(_) => false,
        });
        if let (Some(_), Some(amount)) = (&scope.groups, amount) {
            let amount = amount.name.split('.').map(quoted).collect::<Vec<_>>().join(".");
            let ranked = shown(&format!("top {n} by {amount}{here}{rest}"));
            mistake = mistake.help(format!("{ranked} ranks by a number"));
        } else if let (None, Some(names)) = (&scope.groups, names) {
            let keys = [&[column], texts.as_slice()].concat().join(", ");
            let counted = shown(&format!("count by {keys} | top {n} by count{}{rest}", per(&names)));
            mistake = mistake.help(format!("{counted} takes the commonest"));
        }
        // There the rest is left out.
        if other.is_none() {
            let (sign, which) = if key.descending { ("", "first") } else { ("-", "last") };
            let ranked = shown(&format!("sort {sign}{column} | take {n}{here}"));
            mistake = mistake.help(format!("{ranked} takes the {which} by the alphabet"));
            if !key.descending {
                let first = shown(&format!("sort {column} | take {n}{here}"));
                mistake = mistake.help(format!("{first} takes the first"));
            }
        }
        self.report(mistake);
        true
    }
}
