//! What completion may be told. Most of it stands in the catalogue and costs nothing. What has to be worked out (the
//! columns that rows have after some stages, the frequent values of a column) is worked out on a thread of its own when
//! it is first wanted, and [`Kept`]: a Tab waits for it a few thousandths of a second and no longer, so the next one
//! finds what this one missed.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

use crate::catalog::{Catalogue, From, MadeOf, Table};
use crate::frame::value::{Cell, Cells};
use crate::plan::{Expr, Kind, Query, Stage};
use crate::repl::session::Session;
use crate::survey::cancel;
use crate::syntax::token::quoted;
use crate::types::Type;
use crate::{Casebook, Settings};

/// As many values of a column are offered.
const VALUES: usize = 50;

/// Longer values are none that one completes.
const LONGEST: usize = 60;

/// As many results are kept before all are forgotten.
const MOST: usize = 1000;

/// Results by what they are of, none where they are being worked out.
type Results<T> = HashMap<String, Option<T>>;

/// Results, kept. Clones share them.
pub struct Kept<T> {
    found: Arc<(Mutex<Results<T>>, Condvar)>,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Kept { found: Arc::clone(&self.found) }
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept { found: Arc::default() }
    }
}

impl<T> Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl<T: Clone + Send + 'static> Kept<T> {
    /// The result of that name, once it is there; work that was not begun before begins now.
    fn get(&self, key: &str, until: Instant, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let (lock, news) = &*self.found;
        let mut found = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if !found.contains_key(key) {
            if found.len() >= MOST {
                found.retain(|_, result| result.is_none());
            }
            found.insert(key.to_string(), None);
            let (kept, own) = (self.clone(), key.to_string());
            std::thread::spawn(move || {
                let result =
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cancel::cancellable(work)));
                let (lock, news) = &*kept.found;
                let mut found = lock.lock().unwrap_or_else(PoisonError::into_inner);
                match result.ok().and_then(Result::ok) {
                    Some(result) => drop(found.insert(own, Some(result))),
                    // Given up with a question: it may be wanted again.
                    None => drop(found.remove(&own)),
                }
                news.notify_all();
            });
        }
        let waiting = |found: &mut Results<T>| found.get(key).is_some_and(Option::is_none);
        let waited = news.wait_timeout_while(found, until.saturating_duration_since(Instant::now()), waiting);
        let (found, _) = waited.unwrap_or_else(PoisonError::into_inner);
        found.get(key).cloned().flatten()
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Of {
    /// The table.
    pub table: Arc<Table>,
    /// Its column's name there.
    pub column: String,
}

/// A column of the rows at a place.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its name.
    pub name: String,
    /// Its type; [`Type::Missing`] where it isn't known (yet).
    pub ty: Type,
    /// The table's column whose values these are; none where they are worked out.
    pub of: Option<Of>,
}

/// What the rows at a place have.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Their columns.
    pub columns: Vec<Seen>,
    /// The table whose links they still have.
    pub table: Option<Arc<Table>>,
}

impl Row {
    fn of(query: &Query, catalogue: &Catalogue) -> Row {
        let ends = |stage: &Stage| {
            matches!(stage, Stage::Group(_) | Stage::Pivot(_) | Stage::Describe { .. } | Stage::Append { .. })
        };
        let outputs = query.output.iter().filter(|output| !output.data_only);
        Row {
            columns: outputs
                .map(|output| Seen {
                    name: output.name.clone(),
                    ty: output.expr.ty.clone(),
                    of: origin(query, &output.expr, catalogue),
                })
                .collect(),
            table: (!query.stages.iter().any(ends)).then(|| query.table.clone()),
        }
    }

    /// As far as the catalogue and the headings say.
    fn at_first_sight(table: &Arc<Table>) -> Row {
        let ty = |name: &str| {
            let declared = table.declared.iter().find(|column| column.name == name);
            let stored = declared.filter(|column| !matches!(column.from, From::Derived(_)));
            stored.map_or(Type::Missing, |column| column.ty.clone())
        };
        let of = |name: &str| Some(Of { table: Arc::clone(table), column: name.to_string() });
        let columns =
            table.names().into_iter().map(|name| Seen { name: name.to_string(), ty: ty(name), of: of(name) });
        Row { columns: columns.collect(), table: Some(Arc::clone(table)) }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Seen> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Is it a row of a calendar, whose span is `this`?
    pub fn is_of_calendar(&self) -> bool {
        self.table.as_ref().is_some_and(|table| matches!(table.made, Some(MadeOf::Calendar(_))))
    }
}

/// The table's column that an expression is, under whatever names earlier stages gave it.
fn origin(query: &Query, expr: &Expr, catalogue: &Catalogue) -> Option<Of> {
    if let Some((table, stored)) = expr.column(&query.table) {
        return Some(Of { table: Arc::clone(catalogue.table(&table.name)?), column: stored.name.clone() });
    }
    let Kind::Made(made) = &expr.kind else { return None };
    let of = query.stages.iter().find_map(|stage| match stage {
        Stage::Let(name, value) if name == made => Some(value),
        Stage::Group(grouping) => grouping.keys.iter().find(|(name, _)| name == made).map(|(_, key)| key),
        _ => None,
    });
    origin(query, of?, catalogue)
}

/// What has been worked out so far, of one casebook.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    rows: Kept<Option<Arc<Row>>>,
    values: Kept<Arc<Vec<String>>>,
}

/// What may be asked.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// The casebook, the definitions, the question so far.
    pub session: &'a Session,
    /// What was worked out before.
    pub gathered: &'a Gathered,
    /// Until when results that aren't there yet are waited for.
    pub until: Instant,
}

impl Known<'_> {
    /// What the rows that a typed text ends with have: of its last question.
    pub fn row_after(&self, typed: &str) -> Option<Arc<Row>> {
        let request = self.session.request(typed).ok()?;
        let key = request.program().to_string();
        let casebook = Arc::clone(self.session.casebook());
        let work = move || Some(Arc::new(Row::of(request.compile()?.last()?, casebook.catalogue())));
        self.gathered.rows.get(&key, self.until, work).flatten()
    }

    /// What a table's records have.
    pub fn row_of(&self, table: &Arc<Table>) -> Arc<Row> {
        let casebook = Arc::clone(self.session.casebook());
        let question = quoted(&table.name);
        let key = format!("table {}", table.name);
        let work = move || {
            let queries = casebook.compile(&question, &Settings::default()).ok()?;
            Some(Arc::new(Row::of(queries.last()?, casebook.catalogue())))
        };
        let found = self.gathered.rows.get(&key, self.until, work).flatten();
        found.unwrap_or_else(|| Arc::new(Row::at_first_sight(table)))
    }

    /// The frequent values of a text column, the most frequent first; none where it is personal, or is worked out and
    /// so might show what is.
    pub fn values(&self, of: &Of) -> Arc<Vec<String>> {
        if !self.may_show(of) {
            return Arc::default();
        }
        let casebook = Arc::clone(self.session.casebook());
        let (table, column) = (quoted(&of.table.name), quoted(&of.column));
        let question = format!(
            "{table} | summarise `how many` = count() by `of` = {column} | where `of` is known | \
             top {VALUES} by `how many`"
        );
        let key = format!("{table}.{column}");
        let work = move || Arc::new(frequent(&casebook, &question).unwrap_or_default());
        self.gathered.values.get(&key, self.until, work).unwrap_or_default()
    }

    /// May a column's values be shown to one who didn't ask for them?
    pub fn may_show(&self, of: &Of) -> bool {
        let declared = of.table.declared.iter().find(|declared| declared.name == of.column);
        declared.is_none_or(|declared| !declared.personal && !matches!(declared.from, From::Derived(_)))
    }
}

fn frequent(casebook: &Casebook, question: &str) -> Option<Vec<String>> {
    let queries = casebook.compile(question, &Settings::default()).ok()?;
    let answer = casebook.answer(queries.last()?).ok()?;
    let cells = Cells::of_frame(&answer.frame).ok()?;
    let text = |row: usize| match cells.first()?.get(row) {
        Cell::Text(text) if text.len() <= LONGEST && !text.contains(char::is_control) => {
            Some(text.to_string())
        }
        _ => None,
    };
    Some((0..answer.frame.data.height()).filter_map(text).collect())
}
