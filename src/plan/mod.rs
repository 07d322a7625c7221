//! The typed logical plan: what is asked, with every name resolved and every type known, and no word on
//! how an engine does it. The checker makes it; engines, `explain` and the tests' second reading use it.
//!
//! Three things in it keep counting right. An [`Aggregate`] says what it ranges over: the group's own
//! rows, or the records at the end of a path, each once. [`Spread`] says whether a column's values repeat
//! because they were copied along a link. [`Adds`] says whether a column's values may be added up.

mod print;
pub mod walk;

use std::fmt;
use std::sync::Arc;

use crate::catalog::{Link, Reader, Table};
use crate::types::{Period, Show, Type, Unit, Value};

pub use crate::builtins::{Aggregator, Function};
pub use crate::syntax::ast::BinaryOp;

/// One question.
#[derive(Clone, Debug)]
pub struct Query {
    /// The comment above it.
    pub title: Option<String>,
    /// The table that its rows start from.
    pub table: Arc<Table>,
    /// What is done to them, in order.
    pub stages: Vec<Stage>,
    /// The columns of the answer. `select`, `drop` and `rename` are all in here.
    pub output: Vec<Output>,
    /// Things worth telling the reader whatever the data say.
    pub notes: Vec<String>,
}

/// One column of the answer.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its name.
    pub name: String,
    /// What the catalogue calls it for readers.
    pub label: Option<String>,
    /// Its value: a column, stored or made, or a derived column's expression.
    pub expr: Expr,
}

/// One step that changes rows.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Keep the rows for which it is true.
    Where(Expr),
    /// Add a column, under a name that no earlier column of the plan has.
    Let(Made, Expr),
    /// One row a group, or one row over all where there are no keys.
    Group {
        /// What makes a group, in order of the columns.
        keys: Vec<(Made, Expr)>,
        /// What is worked out for each: outside its aggregates an item reads keys and earlier items.
        items: Vec<(Made, Expr)>,
    },
    /// Put in order; missing last, ties as they were.
    Sort(Vec<SortKey>),
    /// The first rows, of each group where there are keys.
    Take {
        /// How many.
        n: u64,
        /// Of each of these groups.
        per: Vec<Expr>,
    },
    /// The largest rows, of each group where there are keys.
    Top {
        /// How many.
        n: u64,
        /// Largest by this.
        by: SortKey,
        /// Of each of these groups, in order of first appearance.
        per: Vec<Expr>,
    },
    /// The first row of each combination of values.
    Distinct {
        /// The values.
        on: Vec<Expr>,
        /// They are all that the rows show, so that rows without an id stay; else nobody is not one of the
        /// somebodies that `distinct person_id` keeps.
        whole: bool,
    },
}

/// The name of a column that the question made, unique in the plan.
pub type Made = Arc<str>;

/// A key to sort by.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Largest first.
    pub descending: bool,
    /// What to sort by.
    pub expr: Expr,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// What its values are.
    pub ty: Type,
    /// The unit or grain that they are shown in.
    pub show: Show,
    /// Whether they repeat.
    pub spread: Spread,
    /// Whether they add up.
    pub adds: Adds,
}

/// The forms of a typed expression. Operands have the types that the form needs: the checker has put
/// a [`Function`] around them that converts, where they hadn't.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A value that stands in the question.
    Value(Value),
    /// A column of the row's own table, as stored.
    Stored(Arc<Stored>),
    /// A column at the end of a to-one path.
    Path(Path, Arc<Stored>),
    /// The record at the end of a to-one path: its title, told apart by its key.
    Record(Path),
    /// A column that the question made.
    Made(Made),
    /// The same, read from an outer row: `this.x`. The number says how many aggregates' brackets lie
    /// between: 1 is the row that the aggregate around it is worked out for.
    This(Box<Expr>, usize),
    /// An amount and its unit's text; missing where the unit isn't one of these.
    Measure {
        /// The amounts' text.
        amount: Box<Expr>,
        /// The units' text.
        unit: Box<Expr>,
        /// What the text may be, and the unit it means. Empty: units by their own names, of this type.
        codes: Arc<[(String, Unit)]>,
        /// The kinds of items that the catalogue knows, for units by their own names.
        kinds: Arc<[Arc<str>]>,
    },
    /// Two operands.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `not`
    Not(Box<Expr>),
    /// `x is missing`
    IsMissing(Box<Expr>),
    /// Whether it is one of these; unknown for a missing value.
    InValues(Box<Expr>, Vec<Value>),
    /// Whether it lies between two values, both included.
    InRange(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Whether a date or datetime lies in a span of whole days.
    InPeriod(Box<Expr>, Period),
    /// `if A then B else C`; an unknown condition is not true.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// A function of the row's values.
    Call(Function, Vec<Expr>),
    /// An aggregate.
    Aggregate(Arc<Aggregate>),
}

/// A column as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What engines call it; unique in its table.
    pub name: String,
    /// The file's heading.
    pub heading: String,
    /// How its values are read.
    pub reader: Reader,
    /// What reads as missing, beside the table's markers.
    pub missing: Vec<String>,
}

/// To-one links, followed one after another; at least one.
pub type Path = Arc<[Arc<LinkRef>]>;

/// A link with the tables at its ends.
#[derive(Clone, Debug)]
pub struct LinkRef {
    /// The table that holds the link.
    pub from: Arc<Table>,
    /// The link.
    pub link: Link,
    /// The table that it leads to.
    pub to: Arc<Table>,
}

/// One step of a path that may lead to many records.
#[derive(Clone, Debug)]
pub enum Step {
    /// Along a link, to one record.
    One(Arc<LinkRef>),
    /// Against a link, to the records of its `from` that point here. The name is the link's `back`.
    Many(Arc<LinkRef>),
}

/// An aggregate: a function over a group's rows, or over the records that they reach.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// Tells the aggregates of a question apart.
    pub id: usize,
    /// As it was written, for notes.
    pub text: String,
    /// What is worked out.
    pub function: Aggregator,
    /// What it ranges over.
    pub over: Over,
    /// The value of each row or record; `None` counts them.
    pub arg: Option<Expr>,
    /// Only rows or records for which it is true.
    pub filter: Option<Expr>,
}

/// What an aggregate ranges over.
#[derive(Clone, Debug)]
pub enum Over {
    /// The group's own rows.
    Rows,
    /// The records at the end of a path that the group's rows reach, each once.
    Path(Arc<[Step]>),
}

/// Where a column's values stand once for each record, and where they were copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// The same everywhere: a literal.
    Constant,
    /// A value of the row's own.
    Own,
    /// Copied from a record that other rows may share.
    Repeats,
    /// Worked out from both.
    Mixed,
}

/// Whether the sum of a column's values means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adds {
    /// An ordinary column.
    Plain,
    /// A count or sum whose groups don't overlap.
    Yes,
    /// An aggregate whose groups overlap: a distinct count, say.
    No,
    /// A mean, a median or a quotient: not even its mean means something.
    Average,
}

impl Spread {
    /// Of an expression over two.
    #[must_use]
    pub fn and(self, other: Spread) -> Spread {
        match (self, other) {
            (Spread::Constant, s) | (s, Spread::Constant) => s,
            (a, b) if a == b => a,
            _ => Spread::Mixed,
        }
    }
}

impl Adds {
    /// Of a sum, a difference or a choice between two.
    #[must_use]
    pub fn and(self, other: Adds) -> Adds {
        use Adds::{Average, No, Plain, Yes};
        match (self, other) {
            (Average, _) | (_, Average) => Average,
            (No, _) | (_, No) => No,
            (Yes, _) | (_, Yes) => Yes,
            (Plain, Plain) => Plain,
        }
    }
}

impl Stage {
    /// The expressions that the stage itself holds.
    pub fn exprs(&self) -> Vec<&Expr> {
        match self {
            Stage::Where(expr) | Stage::Let(_, expr) => vec![expr],
            Stage::Group { keys, items } => keys.iter().chain(items).map(|(_, expr)| expr).collect(),
            Stage::Sort(keys) => keys.iter().map(|key| &key.expr).collect(),
            Stage::Take { per, .. } => per.iter().collect(),
            Stage::Top { by, per, .. } => std::iter::once(&by.expr).chain(per).collect(),
            Stage::Distinct { on, .. } => on.iter().collect(),
        }
    }
}

impl Step {
    /// The table that it leads to.
    pub fn to(&self) -> &Arc<Table> {
        match self {
            Step::One(link) => &link.to,
            Step::Many(link) => &link.from,
        }
    }

    /// Its name in a path.
    pub fn name(&self) -> &str {
        match self {
            Step::One(link) => &link.link.name,
            Step::Many(link) => link.link.back.as_deref().unwrap_or("?"),
        }
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::query(self, f)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print::expr(self, f)
    }
}
