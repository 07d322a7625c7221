//! What a table's file adds to its entry in the catalogue. Headings are read when a question first uses the
//! table, and held against what the catalogue says of them; the types of columns that it doesn't declare are
//! inferred when the first of them is asked for, from the whole file, and then kept.

use std::sync::Arc;

use super::model::{Case, Column, From, Reader, Table};
use crate::diagnostic::{Diagnostic, SourceText, nearest};
use crate::survey;
use crate::syntax::ast::ExprKind;
use crate::syntax::span::Span;
use crate::types::Type;

/// casebook.toml, and where in it a table names columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub source: Option<Arc<SourceText>>,
    pub key: Option<Span>,
    pub title: Option<Span>,
    /// `by` of each link.
    pub by: Vec<Span>,
}

/// How many headings a message lists.
const LISTED: usize = 12;

impl Table {
    /// The file's headings, once they are read and agree with the catalogue.
    pub fn headings(&self) -> Result<&[String], Diagnostic> {
        let read = self.headings.get_or_init(|| {
            let headings = survey::headings(&self.path, self.format)?;
            self.check(&headings)?;
            Ok(headings)
        });
        read.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    /// All columns: the file's in its order (those that share a heading in the catalogue's), then the derived
    /// ones. Undeclared ones have inferred types, for which the whole file is read once.
    pub fn columns(&self) -> Result<&[Column], Diagnostic> {
        let all = self.all.get_or_init(|| self.all_columns());
        all.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    /// The column of that name. For a declared one no more than the headings is read.
    pub fn column(&self, name: &str) -> Result<Option<&Column>, Diagnostic> {
        let headings = self.headings()?;
        if let Some(column) = self.declared(name) {
            return Ok(Some(column));
        }
        if !self.undeclared(headings).any(|heading| heading == name) {
            return Ok(None);
        }
        Ok(self.columns()?.iter().find(|column| column.name == name))
    }

    /// The names of all columns, without reading more than the headings; of the declared ones alone where
    /// these cannot be read.
    pub fn names(&self) -> Vec<&str> {
        let declared = self.declared.iter().map(|column| column.name.as_str());
        match self.headings() {
            Ok(headings) => declared.chain(self.undeclared(headings)).collect(),
            Err(_) => declared.collect(),
        }
    }

    fn declared(&self, name: &str) -> Option<&Column> {
        self.declared.iter().find(|column| column.name == name)
    }

    /// Headings that are columns of their own name though the catalogue doesn't name them: not those it
    /// gives another name, nor empty or repeated ones.
    fn undeclared<'t>(&'t self, headings: &'t [String]) -> impl Iterator<Item = &'t str> {
        let own = |heading: &&String| {
            !self.hide_others
                && !heading.is_empty()
                && self.declared(heading).is_none()
                && !self.declared.iter().any(|column| column.heading() == Some(heading.as_str()))
                && headings.iter().filter(|other| other == heading).count() == 1
        };
        headings.iter().filter(own).map(String::as_str)
    }

    fn all_columns(&self) -> Result<Vec<Column>, Diagnostic> {
        let headings = self.headings()?;
        let undeclared: Vec<&str> = self.undeclared(headings).collect();
        let mut readers = if undeclared.is_empty() {
            Vec::new().into_iter()
        } else {
            survey::infer(&self.path, self.format, &undeclared, &self.missing)?.into_iter()
        };
        let mut columns = Vec::new();
        for heading in headings {
            if undeclared.contains(&heading.as_str()) {
                let reader = readers.next().unwrap_or(Reader::Text(Case::Keep));
                columns.push(inferred(heading, reader));
            } else {
                let here = |column: &&Column| column.heading() == Some(heading.as_str());
                columns.extend(self.declared.iter().filter(here).cloned());
            }
        }
        columns.extend(self.declared.iter().filter(|column| column.heading().is_none()).cloned());
        Ok(columns)
    }

    /// Holds the headings against what the catalogue says of them.
    fn check(&self, headings: &[String]) -> Result<(), Diagnostic> {
        self.check_declared(headings)?;
        self.check_named(headings)?;
        self.check_clashes(headings)
    }

    /// Every declared column's heading must stand in the file, once.
    fn check_declared(&self, headings: &[String]) -> Result<(), Diagnostic> {
        let mut found: Option<Diagnostic> = None;
        for column in &self.declared {
            let Some(heading) = column.heading() else { continue };
            let times = headings.iter().filter(|other| *other == heading).count();
            if times == 1 {
                continue;
            }
            let span = column.span.unwrap_or_default();
            if let Some(first) = found.take() {
                let text = if times == 0 { "nor this one" } else { "and this one stands more than once" };
                found = Some(first.also(span, text));
                continue;
            }
            let file = self.path.display();
            let message = if times == 0 {
                format!("{file} has no column `{heading}`")
            } else {
                format!("{file} has {times} columns `{heading}`, so `{}` could be any of them", column.name)
            };
            let mut diagnostic = Diagnostic::new("catalogue-column", message, span);
            if times == 0 {
                diagnostic = suggest(diagnostic, heading, headings);
            } else {
                diagnostic = diagnostic.help("give them different headings in the file");
            }
            found = Some(diagnostic);
        }
        found.map_or(Ok(()), |diagnostic| Err(self.placed(diagnostic)))
    }

    /// What `key`, `title`, `by` and `unit_from` name must be a column.
    fn check_named(&self, headings: &[String]) -> Result<(), Diagnostic> {
        let names = |names: &[String], span: Option<Span>| -> Vec<(String, Span)> {
            names.iter().map(|name| (name.clone(), span.unwrap_or_default())).collect()
        };
        let mut wanted = vec![("key", names(&self.key, self.written.key))];
        // Without a title of its own, the table shows its key.
        if self.written.title.is_some() {
            wanted.push(("title", names(&self.title, self.written.title)));
        }
        for (link, span) in self.links.iter().zip(&self.written.by) {
            wanted.push(("by", names(&link.by, Some(*span))));
        }
        for column in &self.declared {
            if let From::Measured { unit_from, .. } = &column.from
                && let ExprKind::Path(path) = &unit_from.kind
                && let [name] = path.as_slice()
            {
                wanted.push(("unit_from", vec![(name.text.clone(), name.span)]));
            }
        }
        for (key, names) in wanted {
            for (name, span) in names {
                if self.declared(&name).is_some() || self.undeclared(headings).any(|heading| heading == name)
                {
                    continue;
                }
                let message =
                    format!("`{key}` names `{name}`, and the table `{}` has no such column", self.name);
                let mut diagnostic = Diagnostic::new("catalogue-column", message, span);
                let renamed = self.declared.iter().find(|column| column.heading() == Some(name.as_str()));
                if let Some(column) = renamed {
                    diagnostic =
                        diagnostic.help(format!("the catalogue calls that column `{}`", column.name));
                } else {
                    let known: Vec<String> = self
                        .declared
                        .iter()
                        .map(|column| column.name.as_str())
                        .chain(self.undeclared(headings))
                        .map(str::to_string)
                        .collect();
                    diagnostic = suggest(diagnostic, &name, &known);
                }
                return Err(self.placed(diagnostic));
            }
        }
        Ok(())
    }

    /// A link and an undeclared column cannot share a name.
    fn check_clashes(&self, headings: &[String]) -> Result<(), Diagnostic> {
        for heading in self.undeclared(headings) {
            let (what, span) = if let Some(link) = self.link(heading) {
                ("link", link.span)
            } else if self.back(heading).is_some() {
                ("way back of a link", self.span)
            } else {
                continue;
            };
            let message = format!(
                "`{heading}` is a {what} of the table `{}`, and a column of {} too",
                self.name,
                self.path.display()
            );
            let diagnostic = Diagnostic::new("catalogue-duplicate", message, span.unwrap_or_default())
                .help(format!(
                    "give one of them another name: {heading}_id = {{ type = \"id\", from = \"{heading}\" }}, say"
                ));
            return Err(self.placed(diagnostic));
        }
        Ok(())
    }

    /// A mistake that points into casebook.toml.
    fn placed(&self, diagnostic: Diagnostic) -> Diagnostic {
        match &self.written.source {
            Some(source) => diagnostic.in_source(&source.name, &source.text),
            None => Diagnostic { labels: Vec::new(), ..diagnostic },
        }
    }
}

impl Column {
    /// The file's heading that the values come from; none for a derived column.
    pub fn heading(&self) -> Option<&str> {
        match &self.from {
            From::Stored { heading, .. } | From::Measured { heading, .. } => Some(heading),
            From::Derived { .. } => None,
        }
    }
}

impl Reader {
    /// The type of the values that it reads.
    pub fn ty(&self) -> Type {
        match self {
            Reader::Text(_) => Type::Text,
            Reader::Id => Type::Id,
            Reader::Category(category, _) => Type::Category(Arc::clone(category)),
            Reader::Bool => Type::Bool,
            Reader::Integer => Type::Integer,
            Reader::Number => Type::Number,
            Reader::Date(_) => Type::Date,
            Reader::Datetime(_) => Type::Datetime,
            Reader::Quantity(unit) => unit.ty.clone(),
        }
    }
}

fn inferred(heading: &str, reader: Reader) -> Column {
    Column {
        name: heading.to_string(),
        label: None,
        ty: reader.ty(),
        from: From::Stored { heading: heading.to_string(), reader, missing: Vec::new() },
        personal: false,
        span: None,
    }
}

fn suggest(diagnostic: Diagnostic, wanted: &str, known: &[String]) -> Diagnostic {
    let diagnostic = match nearest(wanted, known.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    };
    if known.len() <= LISTED {
        diagnostic.help(format!("its columns are {}", super::listed(known)))
    } else {
        let more = known.len() - LISTED;
        diagnostic.help(format!("its columns are {} and {more} more", super::listed(&known[..LISTED])))
    }
}
