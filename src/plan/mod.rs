//! The typed logical plan: what is asked, with every name resolved and every type known, and no word on
//! how an engine does it. The checker makes it; engines, `explain` and the tests' second reading use it.
//!
//! Three things in it keep counting right. An [`Aggregate`] says what it ranges over: the group's own
//! rows, or the records at the end of a path, each once. [`Spread`] says whether a column's values repeat
//! because they were copied along a link. [`Adds`] says whether a column's values may be added up.

mod height;
mod print;
mod prune;
pub mod walk;

use std::fmt;
use std::sync::Arc;

use crate::catalog::{Link, Reader, Table};
use crate::types::{Bin, Period, Show, Type, Unit, Value};

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
    /// The catalogue's definitions in it, in the order met.
    pub definitions: Vec<Definition>,
}

/// Something that the catalogue defines, and a question uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name, behind its table's: `charges.people`.
    pub name: String,
    /// What it is, as written.
    pub text: String,
    /// The file and line that say so.
    pub place: String,
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
    /// A text that a table shows in the value's place, where it is not missing: `total`, `new`.
    pub mark: Option<Expr>,
    /// For data formats alone: a table shows it in other ways.
    pub data_only: bool,
    /// Left out where all its values are missing: what a pivot has for rows without its key, say.
    pub optional: bool,
}

/// One step that changes rows.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Keep the rows for which it is true.
    Where(Expr),
    /// Add a column, under a name that no earlier column of the plan has.
    Let(Made, Expr),
    /// One row a group, or one row over all where there are no keys.
    Group(Grouping),
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
        /// One more row (of each group) for the rest.
        other: Option<Box<Other>>,
    },
    /// The first row of each combination of values.
    Distinct {
        /// The values.
        on: Vec<Expr>,
        /// They are all that the rows show, so that rows without an id stay; else nobody is not one of the
        /// somebodies that `distinct person_id` keeps.
        whole: bool,
    },
    /// The values of a key become columns: one row for each combination of what is kept.
    Pivot(Pivot),
    /// Columns become rows: each row once for each of them.
    Unpivot {
        /// The columns, by the names that the answer gives them; of one type.
        columns: Vec<(String, Expr)>,
        /// Holds the names.
        key: Made,
        /// Holds the values.
        value: Made,
    },
    /// The rows of another query below these.
    Append {
        /// What stands in each column afterwards: of these rows, and the query's output at the same position.
        columns: Vec<(Made, Expr)>,
        /// The other query; its outputs have the same types.
        query: Arc<Query>,
    },
    /// Without the rows that another query has.
    Except {
        /// What is compared with the query's outputs, position by position; missing equals missing.
        on: Vec<Expr>,
        /// The other query.
        query: Arc<Query>,
    },
    /// Each row beside the rows of another query that it meets, or beside missing values.
    Join {
        /// The other query.
        query: Arc<Query>,
        /// The columns that its outputs become.
        columns: Vec<Made>,
        /// What must be equal: of these rows, and of the others in terms of `columns`. Missing equals nothing.
        equal: Vec<(Expr, Expr)>,
        /// What else must be true, of both.
        also: Option<Expr>,
        /// A row may meet several; else that is an error.
        many: bool,
    },
    /// One row for each column: its name, type, missing and distinct values, smallest and largest.
    Describe {
        /// The columns looked at.
        columns: Vec<(String, Expr)>,
        /// What holds the name, the type, the counts of missing and of different values, and the ends as text.
        made: [Made; 6],
    },
    /// As many rows, chosen by their numbers and a seed: the same ones at every run.
    Sample {
        /// How many.
        n: u64,
        /// Which sample.
        seed: u64,
    },
}

/// A grouping, and what was said right after it. Everything is worked out from the records.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// What makes a group, in order of the columns.
    pub keys: Vec<(Made, Expr)>,
    /// What is worked out for each: outside its aggregates an item reads keys and earlier items.
    pub items: Vec<(Made, Expr)>,
    /// Beside the same of another period.
    pub against: Option<Against>,
    /// Rows for buckets that no record falls into.
    pub fill: Option<Fill>,
    /// Rows that collapse keys.
    pub totals: Option<Totals>,
    /// `total(item per key)`: columns that hold an item worked out over wider groups.
    pub wider: Vec<Wider>,
}

/// The other side of `compare`: the groups of another period meet those of this one on their keys.
#[derive(Clone, Debug)]
pub struct Against {
    /// The rows of this period.
    pub now: Expr,
    /// The rows of the other; a row may be in both.
    pub then: Expr,
    /// The keys of the other side's rows, position by position.
    pub keys: Vec<Expr>,
    /// The items of the other side; they read keys and earlier ones of these.
    pub items: Vec<(Made, Expr)>,
    /// What is worked out from both sides' items.
    pub changes: Vec<(Made, Expr)>,
}

/// Buckets that appear though no record falls into them.
#[derive(Clone, Debug)]
pub struct Fill {
    /// Each key that is filled, by its position, and its buckets. The other keys stay as they occur.
    pub keys: Vec<(usize, Buckets)>,
    /// What stands in every item of such a row; without one, what each aggregate gives over no rows.
    pub with: Option<Expr>,
}

/// The buckets of a key, in order.
#[derive(Clone, Debug)]
pub enum Buckets {
    /// Spans of the calendar: those of the given first and last day, else from the first to the last that occurs.
    Spans(Bin, Option<(i32, i32)>),
    /// Whole numbers (or a category's positions) from one to another, both included.
    Numbers(i64, i64),
    /// False and true.
    Bools,
    /// Whole numbers from the first to the last that occurs: years, say.
    Occurring,
}

/// Total rows.
#[derive(Clone, Debug)]
pub struct Totals {
    /// A column that says of each row which keys it collapses, as [`level_code`] writes it. Ordinary rows have 0.
    pub level: Made,
    /// The levels that appear besides 0, in order: the bit `1 << position` for each key that is collapsed.
    pub levels: Vec<u64>,
}

/// A level as the level column has it: its bits, below how many there are, so that rows that collapse fewer keys come
/// first.
pub fn level_code(level: u64) -> i64 {
    i64::from(level.count_ones()) << 32 | i64::try_from(level & u64::from(u32::MAX)).unwrap_or_default()
}

/// An item over wider groups.
#[derive(Clone, Debug)]
pub struct Wider {
    /// The column that holds it.
    pub made: Made,
    /// The item, of either side, or a change.
    pub item: Made,
    /// The positions of the keys that still make its groups.
    pub per: Vec<usize>,
}

/// What `with other` needs to work out the rest from its records.
#[derive(Clone, Debug)]
pub struct Other {
    /// The columns made since the grouping, row by row.
    pub lets: Vec<(Made, Expr)>,
    /// The positions of the keys that the rest keeps: those of `per`.
    pub kept: Vec<usize>,
    /// What stands in each of the other keys, by position.
    pub labels: Vec<(usize, Expr)>,
}

/// A key's values as columns.
#[derive(Clone, Debug)]
pub struct Pivot {
    /// What tells the rows apart afterwards.
    pub keep: Vec<(Made, Expr)>,
    /// The key whose values become columns.
    pub on: Expr,
    /// What stands in them: one value for each combination of `keep` and `on`.
    pub using: Expr,
    /// What stands where there is no such combination; it may read `keep`, the key itself (which is each column's own
    /// value there), and `carried`.
    pub nothing: Option<Expr>,
    /// Columns that hold one value for each combination of `keep`, for `nothing` to read.
    pub carried: Vec<Made>,
    /// The columns in order, where they are known from the question; else the data say.
    pub columns: Option<Vec<(Made, Value)>>,
    /// The columns for rows whose key is missing, and for those that collapse it.
    pub missing: Made,
    /// As `missing`, of total rows; with the level column and the key's bit in it.
    pub total: Option<(Made, Made, u64)>,
    /// The levels whose rows were asked for. Of others there may be a total, and no cell holds nothing for all that.
    pub levels: Vec<u64>,
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
    /// A value that hangs on other rows too.
    Window(Arc<Window>),
    /// Whether it is among the values of another query's one column; unknown for a missing value.
    InQuery(Box<Expr>, Arc<Query>),
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
    /// In this order, ties as the records stand, for those that hang on one.
    pub sorted: Vec<SortKey>,
    /// Which quantile, from 0 to 1.
    pub quantile: Option<f64>,
}

/// A value of each row that hangs on the other rows of its group.
#[derive(Clone, Debug)]
pub struct Window {
    /// Tells the windows and aggregates of a question apart.
    pub id: usize,
    /// As it was written.
    pub text: String,
    /// What is worked out.
    pub what: Windowed,
    /// What makes a group; all rows are one where there is nothing. Where an id or a record is missing in it, there
    /// is no value.
    pub per: Vec<Expr>,
    /// The order of a group's rows, ties in row order.
    pub sorted: Vec<SortKey>,
    /// Rows of totals stand apart: where this column is not 0, there is no value, and no other row sees them.
    pub level: Option<Made>,
}

/// What a window works out.
#[derive(Clone, Debug)]
pub enum Windowed {
    /// An aggregate over the group: of its rows, or of the records that they reach.
    Whole(Arc<Aggregate>),
    /// An aggregate over a part of the group around each row.
    Sliding(Arc<Aggregate>, Frame),
    /// The competition rank of a value in the group: 1, 2, 2, 4; of rows that pass the filter.
    Rank(SortKey, Option<Expr>),
    /// Which row of the group it is, from 1; of rows that pass the filter.
    RowNumber(Option<Expr>),
    /// The sum of a value up to and including the row.
    Running(Arc<Aggregate>),
    /// A value so many rows before (or, negative, after).
    Before(Expr, i64),
}

/// The part of a group that an aggregate slides over.
#[derive(Clone, Debug)]
pub enum Frame {
    /// So many rows, this one the last of them, or, with `before`, those before this one. Missing where there are
    /// fewer.
    Rows {
        /// How many.
        n: u64,
        /// Without this row.
        before: bool,
    },
    /// The rows whose time lies after this row's less so many microseconds, up to this row's.
    Span {
        /// How long.
        micros: i64,
        /// The time: a date or a datetime.
        of: Expr,
    },
}

/// What an aggregate ranges over.
#[derive(Clone, Debug)]
pub enum Over {
    /// The group's own rows.
    Rows,
    /// The records at the end of a path that the group's rows reach, each once.
    Path(Arc<[Step]>),
    /// All records of a table, from a calendar's row: which of them are meant, the filter says.
    Table {
        /// The table.
        table: Arc<Table>,
        /// None of them can stand in two rows.
        once: bool,
    },
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
            Stage::Group(grouping) => grouping.exprs(),
            Stage::Sort(keys) => keys.iter().map(|key| &key.expr).collect(),
            Stage::Take { per, .. } => per.iter().collect(),
            Stage::Top { by, per, .. } => std::iter::once(&by.expr).chain(per).collect(),
            Stage::Distinct { on, .. } | Stage::Except { on, .. } => on.iter().collect(),
            Stage::Pivot(pivot) => {
                let kept = pivot.keep.iter().map(|(_, expr)| expr);
                kept.chain([&pivot.on, &pivot.using]).chain(&pivot.nothing).collect()
            }
            Stage::Unpivot { columns, .. } | Stage::Describe { columns, .. } => {
                columns.iter().map(|(_, expr)| expr).collect()
            }
            Stage::Append { columns, .. } => columns.iter().map(|(_, expr)| expr).collect(),
            Stage::Join { equal, also, .. } => {
                equal.iter().flat_map(|(left, right)| [left, right]).chain(also).collect()
            }
            Stage::Sample { .. } => Vec::new(),
        }
    }
}

impl Grouping {
    /// Groups, and nothing said after.
    pub fn new(keys: Vec<(Made, Expr)>, items: Vec<(Made, Expr)>) -> Grouping {
        Grouping { keys, items, against: None, fill: None, totals: None, wider: Vec::new() }
    }

    /// The expressions over the rows that are grouped, and over each group.
    fn exprs(&self) -> Vec<&Expr> {
        let mut exprs: Vec<&Expr> = self.keys.iter().chain(&self.items).map(|(_, expr)| expr).collect();
        if let Some(against) = &self.against {
            exprs.extend([&against.now, &against.then]);
            exprs.extend(&against.keys);
            exprs.extend(against.items.iter().chain(&against.changes).map(|(_, expr)| expr));
        }
        exprs.extend(self.fill.iter().filter_map(|fill| fill.with.as_ref()));
        exprs
    }
}

impl Over {
    /// The table whose records are ranged over, where they are not the group's own rows.
    pub fn records(&self) -> Option<&Arc<Table>> {
        match self {
            Over::Rows => None,
            Over::Path(steps) => steps.last().map(Step::to),
            Over::Table { table, .. } => Some(table),
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
