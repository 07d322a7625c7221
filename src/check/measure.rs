//! Measures: what a catalogue says is worked out over groups of a table's records, `people = 'distinct(person_id)'`.
//! An item of `summarise` may name one as if it were written there. Of another table's records it is asked along a
//! path, and is then worked out over the records at the path's end, each once, as any aggregate is. A column goes
//! before a measure of the same name.

use std::sync::Arc;

use super::Checker;
use super::expr::{Place, What};
use super::scope::{Scope, whole};
use crate::catalog::{Definition, Table};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Expr, Step};
use crate::syntax::ast::{self, Name};

impl<'a> Checker<'a> {
    /// The value of the measure that a dotted name stands for; `None` where it is none, or can't stand here.
    pub(super) fn measure(&mut self, place: Place<'_>, names: &[Name]) -> Option<Expr> {
        let rows = place.rows.unwrap_or(place.names);
        if place.names.dotted(names).is_some() || rows.dotted(names).is_some() {
            return None;
        }
        let Some((along, table, measure)) = self.measure_at(rows, names) else {
            return self.misspelt_measure(place, names);
        };
        // A row has related records, and no group of its own.
        let many = along.iter().any(|step| matches!(step, Step::Many(_)));
        if place.rows.is_none() && (!many || place.what == What::Derive) {
            return None;
        }
        let rows = Scope { along, filtered: rows.filtered, ..Scope::default() };
        Some(self.expanded(&rows, &table, measure))
    }

    /// The measure at the end of a dotted name, its table, and the way there.
    fn measure_at(
        &self,
        rows: &Scope,
        names: &[Name],
    ) -> Option<(Vec<Step>, Arc<Table>, &'a Definition<ast::Expr>)> {
        let (last, links) = names.split_last()?;
        let (along, table) = self.follow(rows, links)?;
        let measure = self.catalogue.table(&table.name)?.measure(&last.text)?;
        Some((along, table, measure))
    }

    /// The way that links lead, and the table at its end.
    fn follow(&self, rows: &Scope, links: &[Name]) -> Option<(Vec<Step>, Arc<Table>)> {
        let mut table = rows.table.clone()?;
        let mut along = rows.along.clone();
        for name in links {
            let step = self.step(&table, &name.text)?;
            table = step.to().clone();
            along.push(step);
        }
        Some((along, table))
    }

    /// What an item that is a measure is called for readers.
    pub(super) fn measure_label(&self, rows: &Scope, group: &Scope, expr: &ast::Expr) -> Option<String> {
        let ast::ExprKind::Path(names) = &expr.kind else { return None };
        if group.dotted(names).is_some() || rows.dotted(names).is_some() {
            return None;
        }
        self.measure_at(rows, names)?.2.label.clone()
    }

    /// Reports an item's name that is nearly a measure's.
    fn misspelt_measure(&mut self, place: Place<'_>, names: &[Name]) -> Option<Expr> {
        let rows = place.rows.filter(|rows| !rows.blind)?;
        let (last, links) = names.split_last()?;
        let (_, table) = self.follow(rows, links)?;
        if table.measures.is_empty() || self.step(&table, &last.text).is_some() {
            return None;
        }
        let (columns, all) = self.known_names(&table).ok()?;
        if !all || columns.contains(&last.text) {
            return None;
        }
        let measures = table.measures.iter().map(|measure| measure.name.as_str());
        let items = place.names.columns.iter().map(|column| column.name.as_str());
        let near = nearest(&last.text, measures.chain(items.filter(|_| links.is_empty())))?;
        table.measure(near)?;
        let path: Vec<&str> = links.iter().map(|name| name.text.as_str()).chain([near]).collect();
        let message = match links {
            [] => format!("there is no measure `{}` of {}, nor an item before", last.text, table.name),
            _ => format!("{} has no measure `{}`", table.name, last.text),
        };
        let mistake = Diagnostic::new("name-column", message, last.span);
        Some(self.broken(mistake.help(format!("did you mean `{}`?", path.join(".")))))
    }
}

/// What to say of a measure where a value of a row is wanted.
pub(super) fn misplaced(table: &Table, names: &[Name]) -> Diagnostic {
    let text: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
    let text = text.join(".");
    let message = format!("`{text}` is a measure of {}: a group has it, and no row by itself", table.name);
    Diagnostic::new("relation-measure", message, whole(names))
        .help(format!("it is an item of a grouping: `summarise {text} by …`"))
}

/// What to say of a measure whose table's rows are gone.
pub(super) fn ended(table: &Table, by: &str, name: &Name) -> Diagnostic {
    let message =
        format!("{by} came before: its rows are no longer {}, and have no `{}`", table.name, name.text);
    let mistake = Diagnostic::new("relation-ended", message, name.span);
    match by {
        "a grouping" => {
            mistake.help(format!("work it out in the grouping: `summarise …, {} by …`", name.text))
        }
        _ => mistake.help("a measure is worked out over a table's own records"),
    }
}
