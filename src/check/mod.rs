//! From tree to plan: names are resolved against the catalogue, every expression gets a type, aggregates
//! get what they range over. Nothing is read but headings and what types are inferred from.
//!
//! A mistake is reported once, where it is; what it leaves behind has [`Type::Missing`], which fits
//! everywhere, so that one run reports every mistake and no echo of one.

mod aggregate;
mod calendar;
mod call;
mod combine;
mod days;
mod define;
mod expr;
mod functions;
mod hints;
mod join;
mod literal;
mod measure;
mod membership;
mod operator;
mod order;
mod period;
mod reach;
mod refuse;
mod regroup;
mod reshape;
mod scope;
mod stage;
mod tall;
mod time_functions;
mod top;
mod window;

use std::collections::HashMap;
use std::sync::Arc;

use crate::Settings;
use crate::catalog::{Catalogue, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, nearest};
use crate::plan::{self, Adds, Expr, Kind, Spread};
use crate::syntax::ast::{self, Statement};
use crate::syntax::span::Span;
use crate::types::time::days;
use crate::types::{Period, Show, Type, Value};

pub use define::{Checked, Key, Kind as Defined, Reading, definitions};
use regroup::Comparing;
use scope::Scope;

/// Checks a program against a catalogue: its questions as plans, and every mistake found.
pub fn check(
    program: &ast::Program,
    source: &str,
    catalogue: &Catalogue,
    settings: &Settings,
) -> (Vec<plan::Query>, Diagnostics) {
    let mut checker = Checker::new(source, catalogue, settings);
    let queries = checker.program(program);
    (queries, checker.mistakes)
}

/// The day that the clocks of the catalogue's time zone show; the machine's own where it names none.
pub(crate) fn today(catalogue: &Catalogue) -> i32 {
    days(match catalogue.timezone {
        Some(zone) => chrono::Utc::now().with_timezone(&zone).date_naive(),
        None => chrono::Local::now().date_naive(),
    })
}

/// What is known while a program is checked.
struct Checker<'a> {
    /// The program's text.
    source: &'a str,
    catalogue: &'a Catalogue,
    settings: &'a Settings,
    /// The day that the question is asked as of: one and the same for all of it, though midnight pass.
    today: i32,
    mistakes: Diagnostics,
    params: HashMap<String, Param>,
    /// Queries named by `let`, in order.
    named: Vec<(String, Draft)>,
    /// Derived columns, checked when first used, and the definitions that they use.
    derived: Vec<(define::Key, Expr, Vec<plan::Definition>)>,
    /// The catalogue's shared queries, checked when first used.
    shared: Vec<(String, Option<Draft>)>,
    /// The definitions around what is being checked, outermost first.
    defining: Vec<(define::Key, Span)>,
    /// Definitions that are defined by themselves, and have been reported.
    circular: Vec<define::Key>,
    /// The catalogue's definitions that were met, for the stage that is being checked.
    used: Vec<plan::Definition>,
    /// The measure that is being checked, for notes.
    measuring: Option<String>,
    /// Only what can be known without the records.
    glance: bool,
    /// At a glance something was met that the records alone know.
    unsure: bool,
    /// The definitions that hang on it.
    unsure_of: Vec<define::Key>,
    /// What to tell the reader of the stage that is being checked.
    notes: Vec<String>,
    /// How many queries in brackets lie around what is being checked.
    within: usize,
    /// Tells aggregates apart.
    next_id: usize,
    /// What `total(x)` asks of the last grouping, until the stage that says it is done.
    wider: Vec<plan::Wider>,
}

/// A query that may go on: the plan so far, and what its names mean.
#[derive(Clone)]
struct Draft {
    table: Arc<Table>,
    stages: Vec<plan::Stage>,
    scope: Scope,
    /// Every name given to a made column, so that none is given twice.
    taken: Vec<Arc<str>>,
    notes: Vec<String>,
    /// The catalogue's definitions in it.
    uses: Vec<plan::Definition>,
    /// Two periods that the next grouping sets against each other.
    comparing: Option<Comparing>,
}

impl Draft {
    /// The rows of a table, and nothing done to them.
    fn new(table: Arc<Table>, scope: Scope) -> Draft {
        Draft {
            table,
            stages: Vec::new(),
            scope,
            taken: Vec::new(),
            notes: Vec::new(),
            uses: Vec::new(),
            comparing: None,
        }
    }
}

/// A parameter's value.
#[derive(Clone)]
enum Param {
    Value(Expr),
    Period(Period),
    /// It has been reported.
    Broken,
}

impl<'a> Checker<'a> {
    fn new(source: &'a str, catalogue: &'a Catalogue, settings: &'a Settings) -> Self {
        Checker {
            source,
            catalogue,
            settings,
            today: settings.as_of.unwrap_or_else(|| today(catalogue)),
            mistakes: Vec::new(),
            params: HashMap::new(),
            named: Vec::new(),
            derived: Vec::new(),
            shared: Vec::new(),
            defining: Vec::new(),
            circular: Vec::new(),
            used: Vec::new(),
            measuring: None,
            glance: false,
            unsure: false,
            unsure_of: Vec::new(),
            notes: Vec::new(),
            within: 0,
            next_id: 0,
            wider: Vec::new(),
        }
    }

    fn program(&mut self, program: &ast::Program) -> Vec<plan::Query> {
        let mut queries = Vec::new();
        for statement in &program.statements {
            match statement {
                Statement::Param(param) => self.param(param),
                Statement::Let(definition) => {
                    let name = &definition.name;
                    if self.catalogue.table(&name.text).is_some() {
                        self.report(
                            Diagnostic::new("name-taken", format!("`{}` is a table", name.text), name.span)
                                .help("give the query a name of its own"),
                        );
                    } else if let Some(shared) = self.catalogue.query(&name.text) {
                        let message = format!("`{}` is a query that the casebook shares", name.text);
                        let place = self.catalogue.sources.place(shared.span);
                        self.report(
                            Diagnostic::new("name-taken", message, name.span).help(format!(
                                "use it as it is ({place}), or give this one a name of its own"
                            )),
                        );
                    } else if self.named.iter().any(|(other, _)| *other == name.text) {
                        self.report(Diagnostic::new(
                            "name-taken",
                            format!("`{}` is defined twice", name.text),
                            name.span,
                        ));
                    }
                    if let Some(draft) = self.query(&definition.query) {
                        self.named.push((name.text.clone(), draft));
                    } else if let Some(table) = self.catalogue.tables.first() {
                        // Its own mistake has been reported: later uses of the name are no news.
                        let scope = Scope { blind: true, ..Scope::of(table.clone(), Vec::new()) };
                        self.named.push((name.text.clone(), Draft::new(table.clone(), scope)));
                    }
                }
                Statement::Query(query) => {
                    if let Some(mut draft) = self.query(query) {
                        if draft.scope.lists_all {
                            draft.notes.extend(draft.table.nameless());
                        }
                        queries.extend(self.finish(query.title.clone(), draft));
                    }
                }
            }
        }
        for (given, _) in &self.settings.params {
            if !self.params.contains_key(given) {
                let known: Vec<_> = self.params.keys().map(String::as_str).collect();
                let mut mistake = Diagnostic::bare(
                    "usage-param",
                    format!("there is no param `{given}` to give a value to"),
                );
                if let Some(near) = nearest(given, known.iter().copied()) {
                    mistake = mistake.help(format!("did you mean `-p {near}=…`?"));
                } else if known.is_empty() {
                    mistake = mistake.help("the questions have no `param`");
                }
                self.mistakes.push(mistake);
            }
        }
        queries
    }

    fn finish(&mut self, title: Option<String>, draft: Draft) -> Option<plan::Query> {
        self.compared_in_the_end(&draft);
        let Draft { table, stages, scope, notes, mut uses, .. } = draft;
        if scope.blind {
            return None;
        }
        let mut output = Vec::new();
        let outer = std::mem::take(&mut self.used);
        for column in &scope.columns {
            let expr = self.scope_column(&scope, column, Span::default());
            output.push(plan::Output {
                name: column.name.clone(),
                label: column.label.clone(),
                expr,
                mark: column.mark.clone(),
                data_only: column.data_only,
                optional: column.optional,
            });
        }
        let used = std::mem::replace(&mut self.used, outer);
        uses.extend(used.into_iter().filter(|one| !uses.contains(one)).collect::<Vec<_>>());
        Some(plan::Query { title, table, stages, output, notes, definitions: uses }.pruned())
    }

    fn report(&mut self, mistake: Diagnostic) {
        // The same words at the same place are one mistake, however often a name is looked up.
        if !self.mistakes.contains(&mistake) {
            self.mistakes.push(mistake);
        }
    }

    /// Reports, and gives what fits everywhere.
    fn broken(&mut self, mistake: Diagnostic) -> Expr {
        self.report(mistake);
        broken()
    }

    /// The source text of a span.
    fn text(&self, span: Span) -> &'a str {
        self.source.get(span.start..span.end).unwrap_or_default()
    }

    fn fresh_id(&mut self) -> usize {
        self.next_id += 1;
        self.next_id
    }
}

/// What stands where a mistake was reported.
fn broken() -> Expr {
    value(Value::Missing, Type::Missing)
}

/// A literal.
fn value(value: Value, ty: Type) -> Expr {
    Expr { kind: Kind::Value(value), ty, show: Show::Plain, spread: Spread::Constant, adds: Adds::Plain }
}

/// An expression over others: it repeats and adds up as the rules for its operands say; shown plainly.
fn made_of(kind: Kind, ty: Type) -> Expr {
    let bare = Expr { kind, ty, show: Show::Plain, spread: Spread::Constant, adds: Adds::Plain };
    let operands = bare.children();
    let spread = operands.iter().fold(Spread::Constant, |spread, part| spread.and(part.spread));
    let adds = operands.iter().fold(Adds::Plain, |adds, part| adds.and(part.adds));
    // Of an aggregate's value only sums, differences, constant multiples and choices still add up; the
    // operators say so themselves.
    let adds = if adds == Adds::Yes { Adds::No } else { adds };
    Expr { spread, adds, ..bare }
}
