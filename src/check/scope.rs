//! What names mean at a place in a query: the columns that a row has there, and, while rows are a
//! table's own, the links that lead from it.

use std::sync::Arc;

use super::{Checker, broken};
use crate::catalog::{self, Column, From, Link, Reader, Table};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Adds, Expr, Kind, LinkRef, Made, Path, Spread, Step, Stored};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::{Show, Type};

/// The names of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The table whose own rows these are; `None` after a grouping.
    pub table: Option<Arc<Table>>,
    /// The way from a group's rows to these, where a measure is asked of related records.
    pub along: Vec<Step>,
    /// The columns, in order.
    pub columns: Vec<ScopeColumn>,
    /// A broken stage came before: unknown names go unreported.
    pub blind: bool,
    /// The table whose links an earlier stage ended.
    pub ended: Option<Ended>,
    /// A `where` has left rows out.
    pub filtered: bool,
    /// The stage that left the first of them and no others: `top` or `take`.
    pub cut: Option<&'static str>,
    /// They show all that the table has: nobody chose among its columns.
    pub lists_all: bool,
    /// What the rows are groups of, after a grouping.
    pub groups: Option<Groups>,
    /// Tells total rows, where it is not 0.
    pub level: Option<Made>,
    /// A pivot took columns from the data: what follows can't name them.
    pub open: bool,
}

/// What the rows of a grouping are made of.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    /// What each column made by the grouping or since stands for, in terms of earlier ones.
    pub made: Vec<(Made, Expr)>,
    /// The keys among them, in order.
    pub keys: Vec<(Made, Expr)>,
}

/// Rows that are no longer a table's own.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    /// The table.
    pub table: Arc<Table>,
    /// What ended its links, with its article: `a grouping`.
    pub by: &'static str,
}

/// One column that a row has.
#[derive(Clone, Debug)]
pub(super) struct ScopeColumn {
    pub name: String,
    pub label: Option<String>,
    pub from: Origin,
    /// A text that a table shows in place of a value, where it is not missing.
    pub mark: Option<Expr>,
    /// For data formats alone.
    pub data_only: bool,
    /// Left out of the answer where all its values are missing.
    pub optional: bool,
}

impl ScopeColumn {
    /// A column that shows its values and nothing else.
    pub fn plain(name: String, label: Option<String>, from: Origin) -> ScopeColumn {
        ScopeColumn { name, label, from, mark: None, data_only: false, optional: false }
    }
}

/// Where a column of a row comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The table's own column of this name.
    Table(String),
    /// The question made it; `text` is how, where it repeats.
    Made { expr: Expr, text: Option<String> },
}

impl Scope {
    /// The rows of a table, with these of its columns.
    pub fn of(table: Arc<Table>, names: Vec<String>) -> Scope {
        let columns = names
            .into_iter()
            .map(|name| {
                let label = table.declared.iter().find(|c| c.name == name).and_then(|c| c.label.clone());
                ScopeColumn::plain(name.clone(), label, Origin::Table(name))
            })
            .collect();
        Scope { table: Some(table), columns, ..Scope::default() }
    }

    /// The columns that are the grouping's keys, each with its key's position.
    pub fn shown_keys(&self) -> Vec<(usize, &ScopeColumn)> {
        let Some(groups) = &self.groups else { return Vec::new() };
        let key = |column: &ScopeColumn| {
            let Origin::Made { expr: Expr { kind: Kind::Made(made), .. }, .. } = &column.from else {
                return None;
            };
            groups.keys.iter().position(|(key, _)| key == made)
        };
        self.columns.iter().filter_map(|column| Some((key(column)?, column))).collect()
    }

    /// What stands after a stage whose rows are no table's own: no columns yet, and no links.
    pub fn after(&self, by: &'static str) -> Scope {
        let ended = self.table.clone().map(|table| Ended { table, by }).or(self.ended.clone());
        Scope { blind: self.blind, ended, ..Scope::default() }
    }

    pub fn column(&self, name: &str) -> Option<&ScopeColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column that a dotted name is as a whole: one that `join … as a` named `a.x`. A link goes before it.
    pub fn dotted(&self, names: &[Name]) -> Option<&ScopeColumn> {
        let (first, rest) = names.split_first()?;
        if rest.is_empty() {
            return self.column(&first.text);
        }
        if self.is_link(&first.text) {
            return None;
        }
        let parts: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        self.column(&parts.join("."))
    }

    /// The columns that `join … as NAME` added, without the name.
    pub fn joined(&self, name: &str) -> Vec<String> {
        let inside =
            |column: &ScopeColumn| Some(column.name.strip_prefix(name)?.strip_prefix('.')?.to_string());
        self.columns.iter().filter_map(inside).collect()
    }

    /// Is the name one of a link from here?
    pub fn is_link(&self, name: &str) -> bool {
        self.table.as_ref().is_some_and(|table| table.link(name).is_some() || table.back(name).is_some())
    }
}

/// A dotted name, followed.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    /// The links followed.
    pub steps: Vec<Step>,
    /// The column at the end; `None` where the path ends at records.
    pub column: Option<Name>,
}

impl Walk {
    /// Does it lead to many records?
    pub fn is_many(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Many(_)))
    }

    /// The links, where all lead to one record.
    pub fn path(&self) -> Option<Path> {
        self.steps
            .iter()
            .map(|step| match step {
                Step::One(link) => Some(link.clone()),
                Step::Many(_) => None,
            })
            .collect()
    }
}

impl Checker<'_> {
    /// The scope of a whole table; reports what keeps its headings from being read.
    pub(super) fn table_scope(&mut self, table: &Arc<Table>) -> Scope {
        match self.known_names(table) {
            Ok((names, all)) => Scope { blind: !all, lists_all: true, ..Scope::of(table.clone(), names) },
            Err(mistake) => {
                self.report(mistake);
                Scope { blind: true, ..Scope::of(table.clone(), Vec::new()) }
            }
        }
    }

    /// Follows a dotted name; reports and gives `None` where it leads nowhere.
    pub(super) fn walk(&mut self, scope: &Scope, names: &[Name]) -> Option<Walk> {
        if let Some(column) = scope.dotted(names) {
            let name = Name { text: column.name.clone(), span: whole(names) };
            return Some(Walk { steps: Vec::new(), column: Some(name) });
        }
        let mut steps = Vec::new();
        let Some(mut table) = scope.table.clone() else {
            self.unknown(scope, names);
            return None;
        };
        for (position, name) in names.iter().enumerate() {
            if let Some(step) = self.step(&table, &name.text) {
                table = step.to().clone();
                steps.push(step);
                continue;
            }
            if position == 0 {
                self.unknown(scope, names);
                return None;
            }
            let (known, all) = match self.known_names(&table) {
                Ok(known) => known,
                Err(mistake) => {
                    self.report(mistake);
                    return None;
                }
            };
            let is_column = known.contains(&name.text);
            if is_column && position + 1 == names.len() {
                return Some(Walk { steps, column: Some(name.clone()) });
            }
            let mistake = if is_column {
                Diagnostic::new(
                    "relation-path",
                    format!("`{}` is a column of {}, not a link", name.text, table.name),
                    name.span,
                )
                .help("only the last part of a path can be a column")
            } else if table.measure(&name.text).is_some() {
                super::measure::misplaced(&table, &names[..=position])
            } else if !all {
                return None;
            } else {
                let mistake = Diagnostic::new(
                    "name-column",
                    format!("{} has no column or link `{}`", table.name, name.text),
                    name.span,
                );
                let links = links_of(&table);
                let measures: Vec<String> = table.measures.iter().map(|one| one.name.clone()).collect();
                match nearest(&name.text, known.iter().chain(&links).chain(&measures).map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean {}?", as_written(near))),
                    None => mistake.help(listing("it has", &known, &links)),
                }
            };
            self.report(mistake);
            return None;
        }
        Some(Walk { steps, column: None })
    }

    pub(super) fn step(&self, table: &Arc<Table>, name: &str) -> Option<Step> {
        if let Some(link) = table.link(name) {
            let to = self.catalogue.table(&link.to)?.clone();
            return Some(Step::One(Arc::new(LinkRef { from: table.clone(), link: link.clone(), to })));
        }
        let back = table.back(name)?;
        let from = self.catalogue.table(&back.from)?.clone();
        let link: Link = from.link(&back.link)?.clone();
        Some(Step::Many(Arc::new(LinkRef { from, link, to: table.clone() })))
    }

    /// Reports a first name that means nothing here.
    fn unknown(&mut self, scope: &Scope, names: &[Name]) {
        let Some(name) = names.first() else { return };
        if let Some(table) = scope.table.as_ref().filter(|table| table.measure(&name.text).is_some()) {
            self.report(super::measure::misplaced(table, &names[..1]));
            return;
        }
        if scope.blind {
            return;
        }
        let known: Vec<String> = scope.columns.iter().map(|column| column.name.clone()).collect();
        let text = &name.text;
        let joined = scope.joined(text);
        if !joined.is_empty() && !known.contains(text) {
            self.unknown_joined(names, &joined);
            return;
        }
        if names.len() > 1 && known.contains(text) {
            let mut mistake =
                Diagnostic::new("relation-path", format!("`{text}` is a column, not a link"), name.span);
            mistake.help = self.grouped_record_help(scope, names);
            if mistake.help.is_empty() {
                mistake = mistake.help("nothing can follow it after a dot");
            }
            self.report(mistake);
            return;
        }
        if let Some(Ended { table, by }) = &scope.ended
            && (table.link(text).is_some() || table.back(text).is_some())
        {
            let message = format!(
                "{by} came before: its rows are no longer {}, and `{text}` leads nowhere",
                table.name
            );
            let last = names.last().map(|name| name.text.as_str()).filter(|_| names.len() > 1);
            let kept = last.filter(|last| scope.column(last).is_some());
            let help = match *by {
                "a grouping" if kept.is_some() => format!("here it is called `{}`", kept.unwrap_or_default()),
                "a grouping" => format!("work it out in the grouping, or group by `{text}` too"),
                by => format!(
                    "work it out before the {}, in `let`",
                    by.trim_start_matches("an ").trim_start_matches("a ")
                ),
            };
            self.report(Diagnostic::new("relation-ended", message, name.span).help(help));
            return;
        }
        if let Some(Ended { table, by }) = &scope.ended
            && table.measure(text).is_some()
        {
            self.report(super::measure::ended(table, by, name));
            return;
        }
        let links = scope.table.as_ref().map(links_of).unwrap_or_default();
        let what = match &scope.table {
            Some(table) if known.is_empty() => format!("{} has no column or link `{text}`", table.name),
            _ => format!("there is no column `{text}` here"),
        };
        let mut mistake = Diagnostic::new("name-column", what, name.span);
        let repeated = scope.table.as_ref().and_then(|table| table.repeated_heading(text));
        if let Some(repeated) = repeated {
            mistake = mistake.help(format!("{repeated}, and nobody says which is meant")).help(format!(
                "{} can: name = {{ type = \"text\", from = \"{text}#2\" }} is the second of them",
                catalog::FILE
            ));
        } else if self.params.contains_key(text) {
            mistake = mistake.help(format!("`${text}` is the param"));
        } else if text == "this" {
            mistake = mistake.help("`this.x` is the outer row's x: it can stand in an aggregate over a path, in `let`, `select` and `where`");
        } else if scope.open {
            mistake =
                mistake.help("`pivot` took its columns from the data, and they can't be named after it");
        } else if let Some(table) = self.table_with(scope, text) {
            mistake = mistake.help(format!(
                "{table} has it: from a calendar's row an aggregate names its table, `count({table} where … in this)`"
            ));
        } else if let Some((column, table)) = self.elsewhere(scope, text) {
            mistake = mistake.help(format!("{table} has it: `{column}`"));
        } else if let Some(help) = self.related_help(scope, text) {
            mistake = mistake.help(help);
        } else if let Some(help) = self.time_function_help(scope, text) {
            mistake = mistake.help(help);
        } else if let Some(near) = nearest(text, known.iter().chain(&links).map(String::as_str)) {
            mistake = mistake.help(format!("did you mean {}?", as_written(near)));
        } else {
            mistake = mistake.help(listing("there is", &known, &links));
        }
        self.report(mistake);
    }

    /// Reports a name that leads nowhere among the columns of joined rows.
    fn unknown_joined(&mut self, names: &[Name], joined: &[String]) {
        let [alias, rest @ ..] = names else { return };
        let text = &alias.text;
        let listed: Vec<String> = joined.iter().map(|name| format!("{text}.{name}")).collect();
        let mistake = match rest {
            [] => Diagnostic::new(
                "name-column",
                format!("`{text}` stands for the joined rows, and is no column"),
                alias.span,
            )
            .help(listing("there is", &listed, &[])),
            [name, ..] => {
                let message = format!("the joined rows `{text}` have no column `{}`", name.text);
                let mistake = Diagnostic::new("name-column", message, name.span);
                if joined.contains(&name.text) {
                    let message = format!("`{text}.{}` is a column, not a link", name.text);
                    let mistake = Diagnostic::new("relation-path", message, name.span);
                    self.report(mistake.help("nothing can follow it after a dot"));
                    return;
                }
                match nearest(&name.text, joined.iter().map(String::as_str)) {
                    Some(near) => mistake.help(format!("did you mean `{text}.{near}`?")),
                    None => mistake.help(listing("they have", &listed, &[])),
                }
            }
        };
        self.report(mistake);
    }

    /// The shortest to-one path to a column or link of that name, up to three links away.
    fn elsewhere(&self, scope: &Scope, name: &str) -> Option<(String, Arc<str>)> {
        let mut ends = vec![(String::new(), scope.table.clone()?)];
        for _ in 0..3 {
            let mut further = Vec::new();
            for (path, table) in &ends {
                for link in &table.links {
                    let Some(to) = self.catalogue.table(&link.to) else { continue };
                    let path = format!("{path}{}.", link.name);
                    let column = names_of(to).is_ok_and(|names| names.iter().any(|known| known == name));
                    if column || to.link(name).is_some() {
                        return Some((format!("{path}{name}"), to.name.clone()));
                    }
                    further.push((path, to.clone()));
                }
            }
            ends = further;
        }
        None
    }

    /// The value of a row's column.
    pub(super) fn scope_column(&mut self, scope: &Scope, column: &ScopeColumn, span: Span) -> Expr {
        match (&column.from, &scope.table) {
            (Origin::Table(name), Some(table)) => self.table_column(&table.clone(), name, span),
            (Origin::Table(_), None) => broken(),
            (Origin::Made { expr, .. }, _) => expr.clone(),
        }
    }

    /// The value of a table's column, in a row of that table.
    pub(super) fn table_column(&mut self, table: &Arc<Table>, name: &str, span: Span) -> Expr {
        let found = if self.glance {
            // A list of values and a type that nobody declares are known to the records alone.
            let declared = table.declared.iter().find(|column| column.name == name);
            let declared = declared.filter(|_| table.lists.iter().all(|list| list.column != name));
            let Some(column) = declared else {
                self.unsure = true;
                return broken();
            };
            Ok(Some(column))
        } else {
            table.column(name)
        };
        let column = match found {
            Ok(Some(column)) => column.clone(),
            Ok(None) => {
                return self.broken(Diagnostic::new(
                    "name-column",
                    format!("{} has no column `{name}`", table.name),
                    span,
                ));
            }
            Err(mistake) => return self.broken(mistake),
        };
        let own = |kind, ty| Expr { kind, ty, show: Show::Plain, spread: Spread::Own, adds: Adds::Plain };
        match &column.from {
            From::Stored { heading, reader, missing } => {
                let stored = Stored {
                    name: column.name.clone(),
                    heading: heading.clone(),
                    reader: reader.clone(),
                    missing: missing.clone(),
                };
                own(Kind::Stored(Arc::new(stored)), column.ty.clone())
            }
            From::Measured { heading, missing, unit_from, codes, .. } => {
                let amount = Stored {
                    name: format!("\u{1}amount.{}", column.name),
                    heading: heading.clone(),
                    reader: Reader::Amount,
                    missing: missing.clone(),
                };
                let amount = own(Kind::Stored(Arc::new(amount)), Type::Text);
                let unit = self.unit_text(table, &column, unit_from);
                if unit.ty == Type::Missing {
                    return broken();
                }
                let kinds = self.catalogue.units.kinds.clone().into();
                let codes = codes.clone().into();
                own(
                    Kind::Measure { amount: Box::new(amount), unit: Box::new(unit), codes, kinds },
                    column.ty.clone(),
                )
            }
            From::Derived(_) => self.derived_column(table, &column),
        }
    }

    /// The text of the unit that a measured column names by `unit_from`.
    fn unit_text(&mut self, table: &Arc<Table>, column: &Column, unit_from: &ast::Expr) -> Expr {
        let ExprKind::Path(names) = &unit_from.kind else { return broken() };
        let before = std::mem::take(&mut self.mistakes);
        let scope = self.table_scope(table);
        let unit = self.row_path(&scope, names);
        let found = std::mem::replace(&mut self.mistakes, before);
        for mistake in found {
            let text = names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
            let message =
                format!("unit_from = \"{text}\" of {}.{}: {}", table.name, column.name, mistake.message);
            let mut whole = Diagnostic::new("catalogue-unit", message, column.span.unwrap_or_default());
            whole.help = mistake.help;
            self.report(self.catalogue.sources.placed(whole));
        }
        match &unit.ty {
            Type::Category(_) => self.as_text(unit),
            _ => unit,
        }
    }

    /// A path's value in a row: an own column, or one at the end of to-one links.
    pub(super) fn row_path(&mut self, scope: &Scope, names: &[Name]) -> Expr {
        match self.walk(scope, names) {
            Some(walk) => self.walk_value(scope, &walk, names),
            None => broken(),
        }
    }

    /// The value at the end of a walk that leads to one record.
    pub(super) fn walk_value(&mut self, scope: &Scope, walk: &Walk, names: &[Name]) -> Expr {
        let span = whole(names);
        if walk.steps.is_empty() {
            let Some(column) = walk.column.as_ref().and_then(|name| scope.column(&name.text)).cloned() else {
                return broken();
            };
            return self.scope_column(scope, &column, span);
        }
        let Some(path) = walk.path() else {
            let text = names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
            let many = walk.steps.iter().find(|step| matches!(step, Step::Many(_)));
            let to = many.map_or_else(String::new, |step| format!("{} ", step.to().name));
            let mut mistake = Diagnostic::new(
                "relation-many",
                format!("`{text}` leads to many records: {to}can stand only in an aggregate"),
                span,
            );
            mistake = match &walk.column {
                Some(_) => mistake.help(self.aggregates_help(walk, &text)),
                None => mistake.help(format!("say what of them: `count({text})`, `any({text} where …)`, …")),
            };
            return self.broken(mistake);
        };
        let Some(to) = path.last().map(|link| link.to.clone()) else { return broken() };
        match &walk.column {
            None => Expr {
                ty: Type::Record(to.name.clone()),
                kind: Kind::Record(path),
                show: Show::Plain,
                spread: Spread::Repeats,
                adds: Adds::Plain,
            },
            Some(name) => {
                let column = self.table_column(&to, &name.text, name.span);
                if column.ty == Type::Missing {
                    return column;
                }
                Expr { spread: Spread::Repeats, ..column.seen_along(&path) }
            }
        }
    }
}

/// The span of a dotted name.
pub(super) fn whole(names: &[Name]) -> Span {
    match (names.first(), names.last()) {
        (Some(first), Some(last)) => first.span.to(last.span),
        _ => Span::default(),
    }
}

fn links_of(table: &Arc<Table>) -> Vec<String> {
    let links = table.links.iter().map(|link| link.name.clone());
    links.chain(table.backs.iter().map(|back| back.name.clone())).collect()
}

/// The names of a table's columns in the file's order, derived ones last. Reads no more than the headings.
pub(super) fn names_of(table: &Arc<Table>) -> Result<Vec<String>, Diagnostic> {
    let headings = table.headings()?;
    let place = |name: &str| {
        let declared = table.declared.iter().find(|column| column.name == name);
        let heading = match declared.map(|column| &column.from) {
            Some(From::Stored { heading, .. } | From::Measured { heading, .. }) => heading.as_str(),
            Some(From::Derived(_)) => return usize::MAX,
            None => name,
        };
        headings.iter().position(|known| known == heading).unwrap_or(usize::MAX)
    };
    let mut names: Vec<String> = table.names().into_iter().map(str::to_string).collect();
    names.sort_by_key(|name| place(name));
    Ok(names)
}

/// A name in a message, as a question would write it.
pub(super) fn as_written(name: &str) -> String {
    // A column of joined rows is written as a path is.
    let plain = |part: &str| {
        let first = part.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
        first && part.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    if name.split('.').all(plain) { format!("`{name}`") } else { format!("`` `{name}` ``, in its backticks") }
}

/// `there is a, b, c and 4 more`
pub(super) fn listing(lead: &str, names: &[String], links: &[String]) -> String {
    let all: Vec<_> = names.iter().chain(links).collect();
    if all.is_empty() {
        return format!("{lead} none");
    }
    let shown: Vec<_> = all.iter().take(12).map(|name| format!("`{name}`")).collect();
    let more = all.len() - shown.len();
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{lead} {}{tail}", shown.join(", "))
}
