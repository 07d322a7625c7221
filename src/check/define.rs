//! What the catalogue defines in the language itself: derived columns, measures, shared queries. Each is checked as if
//! it were written where it is used, but stands by itself: it sees its table's own columns and other definitions, and
//! none of the program's names. Its places are the catalogue's, and mistakes in it are shown there.
//!
//! When a catalogue is opened all of them are looked at, as far as that goes without reading records. The first line
//! of a file is read, so that names are held against it; what hangs on a type that only the records know waits until
//! the definition is used. What is used of them is kept with each question, for `explain`.

use std::fmt;
use std::sync::Arc;

use super::expr::{Place, What};
use super::scope::Scope;
use super::{Checker, Draft, broken};
use crate::Settings;
use crate::catalog::{Catalogue, Column, Definition, Format, From, Table};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{self, Expr};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::Type;

/// The kinds of definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[tables.charges.derive]`
    Column,
    /// `[tables.charges.measures]`
    Measure,
    /// `[let]`
    Query,
}

/// Which definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its kind.
    pub kind: Kind,
    /// The table that it is of; a query is of none.
    pub table: Option<Arc<str>>,
    /// Its name.
    pub name: String,
}

/// A definition that has been checked.
#[derive(Debug)]
pub struct Checked {
    /// Which one.
    pub key: Key,
    /// What its values are, as far as that is known.
    pub ty: Option<Type>,
    /// What is wrong with it.
    pub mistakes: Diagnostics,
}

/// How much may be read to check definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Headings, where a file begins with them.
    Headings,
    /// Whatever must be known: the types of columns that the catalogue doesn't declare, say.
    Records,
}

/// Checks all definitions of a catalogue, in its order.
pub fn definitions(catalogue: &Catalogue, reading: Reading) -> Vec<Checked> {
    let settings = Settings::default();
    let mut checker =
        Checker { glance: reading == Reading::Headings, ..Checker::new("", catalogue, &settings) };
    let mut checked = Vec::new();
    for table in &catalogue.tables {
        for column in &table.declared {
            if let From::Derived(_) = column.from {
                let key = Key::of(Kind::Column, Some(table), &column.name);
                checked.push(checker.checked(key, |checker| checker.derived_column(table, column).ty));
            }
        }
        for measure in &table.measures {
            let key = Key::of(Kind::Measure, Some(table), &measure.name);
            let rows = Scope { table: Some(table.clone()), ..Scope::default() };
            checked.push(checker.checked(key, |checker| checker.expanded(&rows, table, measure).ty));
        }
    }
    for query in &catalogue.queries {
        let key = Key::of(Kind::Query, None, &query.name);
        checked.push(checker.checked(key, |checker| {
            checker.shared(query);
            Type::Missing
        }));
    }
    checked
}

impl Key {
    fn of(kind: Kind, table: Option<&Arc<Table>>, name: &str) -> Key {
        Key { kind, table: table.map(|table| table.name.clone()), name: name.to_string() }
    }
}

/// `charges.people`, `supply`
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Some(table) => write!(f, "{table}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl<'a> Checker<'a> {
    fn checked(&mut self, key: Key, check: impl FnOnce(&mut Self) -> Type) -> Checked {
        self.unsure = false;
        let ty = check(self);
        let mut mistakes = std::mem::take(&mut self.mistakes);
        if self.unsure {
            // What was not read may be all that is wrong with what is reported after a mistake of another kind.
            let certain =
                |mistake: &Diagnostic| ["name-", "catalogue-"].iter().any(|of| mistake.code.starts_with(of));
            let sure = mistakes.iter().take_while(|mistake| certain(mistake)).count();
            mistakes.truncate(sure);
        }
        Checked { key, ty: Some(ty).filter(|ty| *ty != Type::Missing), mistakes }
    }

    /// The names of a table's columns, and whether these are all that it has: at a glance the records may know more.
    pub(super) fn known_names(&mut self, table: &Arc<Table>) -> Result<(Vec<String>, bool), Diagnostic> {
        // What is made of keys has no columns but those that are declared.
        let declares_all = table.hide_others || table.made.is_some();
        let begins_with_them = !table.source.pattern && table.source.format != Format::Ndjson;
        if !self.glance || (begins_with_them && !declares_all) {
            match super::scope::names_of(table) {
                Ok(names) => return Ok((names, true)),
                Err(mistake) if !self.glance => return Err(mistake),
                // A file that can't be read is no mistake of the definition's.
                Err(_) => {}
            }
        }
        self.unsure |= !declares_all;
        Ok((table.declared.iter().map(|column| column.name.clone()).collect(), declares_all))
    }

    /// Notes that a definition is used.
    fn uses<T>(&mut self, key: &Key, definition: &Definition<T>) {
        let place = self.catalogue.sources.place(definition.span);
        let used = plan::Definition { name: key.to_string(), text: definition.text.clone(), place };
        if !self.used.contains(&used) {
            self.used.push(used);
        }
    }

    /// Checks what stands in the catalogue: no name of the program means anything there, and mistakes are shown in
    /// the catalogue's file. `None` where it is defined by itself, which is reported.
    fn within<T>(&mut self, key: &Key, span: Span, check: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.circular.contains(key) {
            return None;
        }
        if let Some(at) = self.defining.iter().position(|(earlier, _)| earlier == key) {
            let circle = self.defining.split_off(at);
            self.report(circular(&circle));
            self.circular.extend(circle.iter().map(|(key, _)| key.clone()));
            self.defining.extend(circle);
            return None;
        }
        self.defining.push((key.clone(), span));
        let source = std::mem::replace(&mut self.source, self.catalogue.sources.text());
        let mistakes = std::mem::take(&mut self.mistakes);
        let params = std::mem::take(&mut self.params);
        let named = std::mem::take(&mut self.named);
        let around = std::mem::take(&mut self.within);
        let wider = std::mem::take(&mut self.wider);
        let made = check(self);
        self.wider = wider;
        self.within = around;
        self.named = named;
        self.params = params;
        let found = std::mem::replace(&mut self.mistakes, mistakes);
        self.source = source;
        self.defining.pop();
        for mistake in found {
            let mistake = self.catalogue.sources.placed(mistake);
            self.report(mistake);
        }
        Some(made)
    }

    /// A derived column's value in a row of its table.
    pub(super) fn derived_column(&mut self, table: &Arc<Table>, column: &Column) -> Expr {
        let From::Derived(definition) = &column.from else { return broken() };
        let key = Key::of(Kind::Column, Some(table), &column.name);
        self.unsure |= self.unsure_of.contains(&key);
        if let Some((_, known, used)) = self.derived.iter().find(|(known, ..)| *known == key) {
            let (known, used) = (known.clone(), used.clone());
            self.used_too(&used);
            return known;
        }
        let outer = std::mem::take(&mut self.used);
        let unsure = std::mem::take(&mut self.unsure);
        self.uses(&key, definition);
        let made = self.within(&key, definition.span, |checker| {
            let scope = checker.table_scope(table);
            checker.expr(Place::row(&scope, What::Derive), &definition.is)
        });
        let used = std::mem::replace(&mut self.used, outer);
        self.used_too(&used);
        self.settle(&key, unsure);
        let made = made.filter(|made| self.is_within_bounds(made, definition.span)).unwrap_or_else(broken);
        // Within a circle it is known only once it is left.
        if self.defining.iter().all(|(open, _)| *open != key) {
            self.derived.push((key, made.clone(), used));
        }
        made
    }

    /// A measure's value over the groups that `rows` make, or over the records that they reach.
    pub(super) fn expanded(
        &mut self,
        rows: &Scope,
        table: &Arc<Table>,
        measure: &Definition<ast::Expr>,
    ) -> Expr {
        let key = Key::of(Kind::Measure, Some(table), &measure.name);
        self.uses(&key, measure);
        let around = self.measuring.replace(measure.name.clone());
        let made = self.within(&key, measure.span, |checker| {
            // The table's columns as the catalogue has them, whatever the question has made of their names.
            let own = checker.table_scope(table);
            let rows = Scope { along: rows.along.clone(), filtered: rows.filtered, ..own };
            let group = Scope { blind: rows.blind, ..Scope::default() };
            let place = Place { names: &group, rows: Some(&rows), this: None, what: What::Item };
            checker.expr(place, &measure.is)
        });
        self.measuring = around;
        made.unwrap_or_else(broken)
    }

    /// A shared query, ready to go on; `None` where it is wrong.
    pub(super) fn shared(&mut self, query: &Definition<ast::Query>) -> Option<Draft> {
        let key = Key::of(Kind::Query, None, &query.name);
        self.unsure |= self.unsure_of.contains(&key);
        if let Some((_, draft)) = self.shared.iter().find(|(name, _)| *name == query.name) {
            return draft.clone();
        }
        let outer = std::mem::take(&mut self.used);
        let unsure = std::mem::take(&mut self.unsure);
        let (before, notes) = (self.mistakes.len(), std::mem::take(&mut self.notes));
        let measuring = self.measuring.take();
        let draft = self.within(&key, query.span, |checker| {
            let draft = checker.query(&query.is)?;
            checker.compared_in_the_end(&draft);
            Some(draft)
        });
        (self.measuring, self.notes) = (measuring, notes);
        self.settle(&key, unsure);
        self.used = outer;
        self.uses(&key, query);
        let mine = self.used.pop();
        let draft = draft.flatten().filter(|_| self.mistakes.len() == before).map(|mut draft| {
            draft.uses.splice(0..0, mine);
            draft
        });
        if self.defining.iter().all(|(open, _)| *open != key) {
            self.shared.push((query.name.clone(), draft.clone()));
        }
        draft
    }

    /// What uses a definition that hangs on records hangs on them too; `before` is what was known before.
    fn settle(&mut self, key: &Key, before: bool) {
        if self.unsure {
            self.unsure_of.push(key.clone());
        }
        self.unsure |= before;
    }

    /// Notes that what another definition or query uses is used here.
    pub(super) fn used_too(&mut self, used: &[plan::Definition]) {
        for one in used {
            if !self.used.contains(one) {
                self.used.push(one.clone());
            }
        }
    }
}

/// What comes back to where it began.
fn circular(circle: &[(Key, Span)]) -> Diagnostic {
    let names: Vec<String> = circle.iter().chain(&circle[..1]).map(|(key, _)| key.to_string()).collect();
    let message = format!("`{}` is defined by itself: {}", names[0], names.join(" → "));
    let mut mistake = Diagnostic::new("catalogue-cycle", message, circle[0].1);
    for (_, span) in &circle[1..] {
        mistake = mistake.also(*span, "");
    }
    mistake
}
