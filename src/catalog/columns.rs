//! What a table's file adds to its entry in the catalogue. Headings are read when a question first uses the
//! table, and held against what the catalogue says of them; the types of columns that it doesn't declare are
//! inferred when the first of them is asked for, from the whole file, and then kept.

use std::collections::HashMap;
use std::sync::Arc;

use super::model::{Column, FILE_NAME, From, List, Table};
use super::sources::Sources;
use crate::diagnostic::{Diagnostic, nearest};
use crate::files::field::{Markers, cased};
use crate::files::is_numbered;
use crate::files::{Case, Reader};
use crate::survey::{self, Survey};
use crate::syntax::ast::ExprKind;
use crate::syntax::span::Span;
use crate::types::{Category, Type};

/// The catalogue's text, and where in it a table names columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    pub sources: Arc<Sources>,
    pub key: Option<Span>,
    pub title: Option<Span>,
    /// Of each link, the key that names its columns (`by`, or the `keys_of` of another table), and where.
    pub by: Vec<(&'static str, Span)>,
}

/// How many headings a message lists.
const LISTED: usize = 12;

impl Table {
    /// The headings of the file, or of all files in the order of first appearance, once they agree with the
    /// catalogue.
    pub fn headings(&self) -> Result<&[String], Diagnostic> {
        let read = self.headings.get_or_init(|| {
            if let Some(made) = &self.made {
                return made.headings(self);
            }
            let mut headings: Vec<String> = Vec::new();
            survey::recall_headings(self)?;
            for file in self.source.files()? {
                for heading in &file.shape()?.headings {
                    if !headings.contains(heading) {
                        headings.push(heading.clone());
                    }
                }
            }
            self.check(&headings)?;
            Ok(headings)
        });
        read.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    /// What was found in the table's files.
    pub fn survey(&self) -> Result<&Survey, Diagnostic> {
        self.surveyed.get_or_init(|| survey::of(self)).as_ref().map_err(Clone::clone)
    }

    /// The declared columns, categories with their values from wherever these stand.
    pub fn stored(&self) -> Result<&[Column], Diagnostic> {
        if self.lists.is_empty() {
            return Ok(&self.declared);
        }
        let filled = self.stored.get_or_init(|| {
            let mut columns = self.declared.clone();
            for list in &self.lists {
                let (values, codes) = list.read()?;
                let column = columns.iter_mut().find(|column| column.name == list.column);
                if let Some(Column { ty, from: From::Stored { reader, .. }, .. }) = column {
                    let category = Arc::new(Category { values });
                    *ty = Type::Category(Arc::clone(&category));
                    *reader = Reader::Category(category, codes);
                }
            }
            Ok(columns)
        });
        filled.as_ref().map(Vec::as_slice).map_err(Clone::clone)
    }

    /// The headings that are columns though the catalogue doesn't name them.
    pub fn undeclared_headings(&self) -> Result<Vec<String>, Diagnostic> {
        Ok(self.undeclared(self.headings()?).map(str::to_string).collect())
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
        if self.declared(name).is_some() {
            return Ok(self.stored()?.iter().find(|column| column.name == name));
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
                && !is_numbered(headings, heading)
        };
        headings.iter().filter(own).map(String::as_str)
    }

    fn all_columns(&self) -> Result<Vec<Column>, Diagnostic> {
        let headings = self.headings()?;
        let undeclared: Vec<&str> = self.undeclared(headings).collect();
        // No more is read than must be: what is declared needs no survey to be known.
        let survey = if undeclared.is_empty() { None } else { Some(self.survey()?) };
        let declared = self.stored()?;
        let mut columns = Vec::new();
        for heading in headings {
            if undeclared.contains(&heading.as_str()) {
                let found = survey.and_then(|survey| survey.column(heading)?.inferred.as_ref());
                let reader = found.map_or(Reader::Text(Case::Keep), |found| found.reader(self.zone));
                columns.push(inferred(heading, reader));
            } else {
                let here = |column: &&Column| column.heading() == Some(heading.as_str());
                columns.extend(declared.iter().filter(here).cloned());
            }
        }
        let elsewhere = |column: &&Column| column.heading().is_none_or(|heading| heading == FILE_NAME);
        columns.extend(declared.iter().filter(elsewhere).cloned());
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
            if heading == FILE_NAME || headings.iter().any(|known| known == heading) {
                continue;
            }
            let twin = format!("{heading}#1");
            let times = match is_numbered(headings, &twin) {
                true => headings.iter().filter(|other| other.starts_with(twin.trim_end_matches('1'))).count(),
                false => 0,
            };
            let span = column.span.unwrap_or_default();
            if let Some(first) = found.take() {
                let text = if times == 0 { "nor this one" } else { "and this one stands more than once" };
                found = Some(first.also(span, text));
                continue;
            }
            let file = self.source.path.display();
            let message = if times == 0 {
                format!("{file} has no column `{heading}`")
            } else {
                format!("{file} has {times} columns `{heading}`, so `{}` could be any of them", column.name)
            };
            let mut diagnostic = Diagnostic::new("catalogue-column", message, span);
            if times == 0 {
                diagnostic = suggest(diagnostic, heading, headings);
            } else {
                diagnostic = diagnostic.help(format!("from = \"{heading}#2\" takes the second of them"));
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
        for (link, (key, span)) in self.links.iter().zip(&self.written.by) {
            wanted.push((key, names(&link.by, Some(*span))));
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

    /// A link or a measure and an undeclared column cannot share a name.
    fn check_clashes(&self, headings: &[String]) -> Result<(), Diagnostic> {
        for column in self.declared.iter().filter(|column| matches!(column.from, From::Derived(_))) {
            let heading = |name: &str| headings.iter().any(|known| known == name);
            let renamed = self.declared.iter().any(|other| other.heading() == Some(column.name.as_str()));
            if !self.hide_others && self.made.is_none() && heading(&column.name) && !renamed {
                let file = self.source.path.display();
                let message = format!("`{}` is derived, and a column of {file} too", column.name);
                let diagnostic = Diagnostic::new("catalogue-duplicate", message, column.span.unwrap_or_default())
                    .help(format!(
                        "call the file's own otherwise: {0}_as_recorded = {{ type = \"text\", from = \"{0}\" }}, say",
                        column.name
                    ));
                return Err(self.placed(diagnostic));
            }
        }
        for heading in self.undeclared(headings) {
            let (what, span) = if let Some(measure) = self.measure(heading) {
                ("measure", Some(measure.span))
            } else if let Some(link) = self.link(heading) {
                ("link", link.span)
            } else if self.back(heading).is_some() {
                ("way back of a link", self.span)
            } else {
                continue;
            };
            let message = format!(
                "`{heading}` is a {what} of the table `{}`, and a column of {} too",
                self.name,
                self.source.path.display()
            );
            let diagnostic = Diagnostic::new("catalogue-duplicate", message, span.unwrap_or_default());
            let help = match what {
                "measure" => "give the measure another name".to_string(),
                _ => format!(
                    "give one of them another name: {heading}_id = {{ type = \"id\", from = \"{heading}\" }}, say"
                ),
            };
            return Err(self.placed(diagnostic.help(help)));
        }
        Ok(())
    }

    /// A mistake that points into casebook.toml.
    fn placed(&self, diagnostic: Diagnostic) -> Diagnostic {
        self.written.sources.placed(diagnostic)
    }
}

/// Values in order, and the texts in data that stand for them.
type Values = (Vec<String>, Vec<(String, u32)>);

impl List {
    /// The values that stand in the other table's column, each once, in its order.
    fn read(&self) -> Result<Values, Diagnostic> {
        let From::Stored { heading, reader, missing } = &self.values.from else {
            return Ok(Values::default());
        };
        let case = match reader {
            Reader::Text(case) => *case,
            _ => Case::Keep,
        };
        let markers = Markers::new(&self.missing, missing);
        let mut values: Vec<String> = Vec::new();
        let mut at: HashMap<String, u32> = HashMap::new();
        let mut codes: HashMap<String, u32> = HashMap::new();
        for file in self.source.files()? {
            let known = file.shape()?.headings.contains(heading);
            if !known {
                let message = format!("{} has no column `{heading}`", file.path.display());
                let mistake = Diagnostic::bare("catalogue-values", message);
                return Err(mistake.help(format!("values_from = \"{}\" asks for it", self.written)));
            }
            survey::fields(file, &[heading], &mut |fields| {
                let Some(text) = fields.first().and_then(|field| markers.known(field)) else { return };
                let value = cased(text, case);
                let next = u32::try_from(values.len()).unwrap_or(u32::MAX);
                let at = *at.entry(value.clone()).or_insert_with(|| {
                    values.push(value.clone());
                    next
                });
                codes.insert(text.to_string(), at);
                codes.entry(value).or_insert(at);
            })?;
        }
        if values.is_empty() {
            let message = format!("values_from = \"{}\" finds no value", self.written);
            return Err(Diagnostic::bare("catalogue-values", message));
        }
        let mut codes: Vec<(String, u32)> = codes.into_iter().collect();
        codes.sort();
        Ok((values, codes))
    }
}

impl Column {
    /// The file's heading that the values come from; none for a derived column.
    pub fn heading(&self) -> Option<&str> {
        match &self.from {
            From::Stored { heading, .. } | From::Measured { heading, .. } => Some(heading),
            From::Derived(_) => None,
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
