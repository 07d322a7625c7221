//! The tree of a program as it was written: no names resolved, no types known. The parser makes it,
//! the checker reads it and `fmt` will print it. Every node has its [`Span`].

use super::span::Span;

/// A file of questions, or one typed line.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Program {
    /// Definitions and questions in the order written.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `param week: period = 2023-10-09..2023-10-15`
    Param(ParamDef),
    /// `let supply = charges | where …`
    Let(LetDef),
    /// `charges | count by offence`
    Query(Query),
}

/// A name as written, without its backticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands, backticks included.
    pub span: Span,
}

/// A value that the command line may give.
#[derive(Clone, Debug, PartialEq)]
pub struct ParamDef {
    /// What `$name` and `-p name=…` call it.
    pub name: Name,
    /// A type's name: `period`, `date`, `text`, `mass`, …
    pub ty: Name,
    /// The value where the command line gives none. An expression, or a [`ExprKind::Range`] or other period.
    pub default: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// A named query.
#[derive(Clone, Debug, PartialEq)]
pub struct LetDef {
    /// Its name, usable as a table from here on.
    pub name: Name,
    /// What it stands for.
    pub query: Query,
    /// The whole statement.
    pub span: Span,
}

/// A table or named query, then stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The comment lines right above, without `#`, joined by blanks.
    pub title: Option<String>,
    /// Where its rows come from.
    pub source: Source,
    /// The stages, in order.
    pub stages: Vec<Stage>,
    /// From the source's name to the last stage's end.
    pub span: Span,
}

/// What a question starts from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A table, or a query named earlier.
    Named(Name),
    /// `months in 2023`: a row for each span of that kind.
    Every {
        /// `days`, `weeks`, `months`, `quarters` or `years`.
        unit: Name,
        /// What they lie in.
        period: Expr,
    },
    /// `periods $week, $last_week`: a row for each.
    Periods {
        /// `periods`
        word: Name,
        /// The spans, in order.
        periods: Vec<Expr>,
    },
}

impl Source {
    /// The word that it begins with: a table's name, or a calendar's word.
    pub fn word(&self) -> &Name {
        match self {
            Source::Named(name) => name,
            Source::Every { unit, .. } => unit,
            Source::Periods { word, .. } => word,
        }
    }
}

/// One stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// From its keyword to its end.
    pub span: Span,
}

/// The stages of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum StageKind {
    /// `where PRED`
    Where(Expr),
    /// `let NAME = EXPR, …`: every item has a name.
    Let(Vec<Item>),
    /// `select ITEM, …`
    Select(Vec<Item>),
    /// `drop NAME, …`
    Drop(Vec<Name>),
    /// `rename NEW = OLD, …`
    Rename(Vec<Renaming>),
    /// `summarise ITEM, … [by KEY, …]`
    Summarise {
        /// What to work out for each group.
        items: Vec<Item>,
        /// What makes a group; none for one row over all.
        keys: Vec<Item>,
    },
    /// `count [by KEY, …]`
    Count {
        /// What makes a group.
        keys: Vec<Item>,
    },
    /// `sort [-]EXPR, …`
    Sort(Vec<SortKey>),
    /// `take N [per KEY, …]`
    Take {
        /// How many rows.
        n: Expr,
        /// Of each of these groups.
        per: Vec<Item>,
    },
    /// `top N by [-]EXPR [per KEY, …]`
    Top {
        /// How many rows.
        n: Expr,
        /// Largest by this.
        by: SortKey,
        /// Of each of these groups.
        per: Vec<Item>,
        /// `with other`: one more row for the rest.
        other: Option<Span>,
    },
    /// `distinct [NAME, …]`
    Distinct(Vec<Name>),
    /// `pivot NAME [using ITEM]`
    Pivot {
        /// The column whose values become columns.
        on: Name,
        /// What stands in them.
        using: Option<Item>,
    },
    /// `unpivot NAME, … into K, V`
    Unpivot {
        /// The columns that become rows.
        columns: Vec<Name>,
        /// The new column of their names.
        key: Name,
        /// The new column of their values.
        value: Name,
    },
    /// `fill KEY, … [in PERIOD] [with EXPR]`
    Fill {
        /// The keys whose missing buckets appear.
        keys: Vec<Name>,
        /// All of these days, rather than from the first to the last.
        period: Option<Expr>,
        /// What stands in the rows that appear.
        with: Option<Expr>,
    },
    /// `compare COL in PERIOD with previous`
    Compare {
        /// The column of dates.
        of: Expr,
        /// This period,
        period: Expr,
        /// against that one.
        with: Against,
    },
    /// `total [KEY, …]`
    Total(Vec<Name>),
    /// `append QUERY`
    Append(Query),
    /// `except QUERY`
    Except(Query),
    /// `join [many] QUERY [as NAME] on PRED`
    Join {
        /// Rows may find several partners.
        many: Option<Span>,
        /// The other rows.
        query: Query,
        /// What their columns go by.
        alias: Option<Name>,
        /// Which rows meet.
        on: Expr,
    },
    /// `describe`
    Describe,
    /// `sample N [seed S]`
    Sample {
        /// How many rows.
        n: Expr,
        /// Another seed, another sample.
        seed: Option<Expr>,
    },
    /// A stage that could not be read; it has been reported, and names that it might have made are
    /// unknown, so nothing after it reports an unknown name.
    Broken,
}

/// What a period is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Against {
    /// `previous`
    Previous(Span),
    /// `same period last year`
    LastYear(Span),
    /// A period of its own.
    Period(Expr),
}

/// `NAME = EXPR`, or an expression that names itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The name given, where one is.
    pub name: Option<Name>,
    /// The value.
    pub expr: Expr,
    /// Both.
    pub span: Span,
}

/// `NEW = OLD`
#[derive(Clone, Debug, PartialEq)]
pub struct Renaming {
    /// The new name.
    pub new: Name,
    /// The present one.
    pub old: Name,
}

/// `[-]EXPR`: the leading `-` is the direction of the whole key, not a negation.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// Largest first.
    pub descending: bool,
    /// What to sort by.
    pub expr: Expr,
    /// Both.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `missing`
    Missing,
    /// `true`, `false`
    Bool(bool),
    /// `42`, `1_000`, `0.5`: the digits as written, underscores taken out. An integer has no point.
    Number(String),
    /// `20%`: the digits before the sign.
    Percent(String),
    /// `"Lambeth"`, `'it''s'`: the text meant, doubled quotes undone.
    Text(String),
    /// `2023-10-09`
    Date(String),
    /// `2023-10-09T14:30` or with seconds
    Datetime(String),
    /// `2023-10`, `2023-Q4`, `2023-W41`: spans of the calendar other than a year (a number) or a day.
    CalendarSpan(String),
    /// `7.6 kg`, `2 us fl oz`, `12 tablets`, `200 GBP`, `2 days`: digits, and the unit's words joined by one blank.
    Quantity {
        /// The digits as written, underscores taken out.
        number: String,
        /// The unit's words.
        unit: Name,
    },
    /// `£200`, `£1.5m`, `$20`, `€3k`: sign, digits and the multiplier (`k`, `m`, `bn`) where there is one.
    Money {
        /// `£`, `$` or `€`.
        sign: char,
        /// The digits as written, underscores and commas taken out.
        number: String,
        /// The multiplier as written.
        multiplier: Option<String>,
    },
    /// `£40/g`, `1.5 kg/day`: an amount with its unit, and one more right behind a `/` without blanks around it.
    Rate {
        /// Money or a quantity.
        amount: Box<Expr>,
        /// The words of the unit below.
        per: Name,
    },
    /// `$name`
    Param(Name),
    /// `borough`, `arrest.borough`, `this.arrested_at`: one name or more.
    Path(Vec<Name>),
    /// A function or an aggregate; only the checker knows which. `[1, 2]` is [`ExprKind::List`].
    Call(Box<Call>),
    /// `-x`
    Negate(Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// Two operands and what stands between them.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// `x is missing`, `x is known`
    Is {
        /// The value looked at.
        expr: Box<Expr>,
        /// `is known` rather than `is missing`.
        known: bool,
    },
    /// `x in SET`, `x not in SET`
    In {
        /// The value looked for.
        expr: Box<Expr>,
        /// A list, a range or a period.
        set: Box<Expr>,
        /// `not in`.
        negated: bool,
    },
    /// `["A", "B"]`
    List(Vec<Expr>),
    /// `(arrests | where … | select person_id)`: stands after `in`.
    Query(Box<Query>),
    /// `a..b`, both ends included. Stands after `in`, as a param's default and in brackets there.
    Range(Box<Expr>, Box<Expr>),
    /// `since X`, `until X`
    Open {
        /// `since` rather than `until`.
        since: bool,
        /// The date or calendar span.
        bound: Box<Expr>,
    },
    /// `week of DATE`, `month of DATE`, …
    UnitOf {
        /// `day`, `week`, `month`, `quarter`, `year`, `fy`.
        unit: Name,
        /// Any day in it.
        date: Box<Expr>,
    },
    /// A period that a few words name: `last 4 weeks`, `year to date`, `fy 2023`.
    Named(NamedPeriod),
    /// `if A then B else C`
    If {
        /// The condition.
        test: Box<Expr>,
        /// Where it is true.
        then: Box<Expr>,
        /// Where it is false or unknown.
        otherwise: Box<Expr>,
    },
    /// `x to kg`, `x to %`: the unit's words joined by one blank.
    To {
        /// The value.
        expr: Box<Expr>,
        /// The unit, `%` included.
        unit: Name,
    },
    /// An expression that could not be read and has been reported: it has every type.
    Broken,
}

/// The periods that a few words name.
#[derive(Clone, Debug, PartialEq)]
pub enum NamedPeriod {
    /// `this week`, `last month`, `last 4 weeks`, `next 7 days`
    Relative {
        /// Which of them.
        which: Which,
        /// How many, as written.
        count: Option<Name>,
        /// `week`, `weeks`, …
        unit: Name,
    },
    /// `year to date`
    ToDate {
        /// `year`, `fy`, …
        unit: Name,
    },
    /// `fy 2023`
    Fy {
        /// As written.
        year: Name,
    },
}

/// Where a relative period lies from the day that the question is asked as of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// `this`
    This,
    /// `last`
    Last,
    /// `next`
    Next,
}

/// `NAME( [each] [EXPR {, EXPR}] [where PRED] [per KEY, …] [sorted by [-]KEY, …] [over …] )`
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function's or aggregate's name.
    pub name: Name,
    /// `each` stood first.
    pub each: Option<Span>,
    /// The arguments.
    pub args: Vec<Expr>,
    /// After `where`.
    pub filter: Option<Expr>,
    /// After `per`.
    pub per: Vec<Item>,
    /// After `sorted by`.
    pub sorted_by: Vec<SortKey>,
    /// After `over`.
    pub over: Option<Over>,
}

/// The frame of a sliding aggregate.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// `over N rows [before]`
    Rows {
        /// How many.
        n: Box<Expr>,
        /// This row is left out.
        before: bool,
    },
    /// `over DURATION of COL`
    Span {
        /// How long.
        duration: Box<Expr>,
        /// The column of dates.
        of: Box<Expr>,
    },
}

/// Operators between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `contains`
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `matches`
    Matches,
    /// `??`
    Coalesce,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

impl BinaryOp {
    /// The same comparison with its sides changed.
    #[must_use]
    pub fn turned(self) -> BinaryOp {
        match self {
            BinaryOp::Lt => BinaryOp::Gt,
            BinaryOp::Le => BinaryOp::Ge,
            BinaryOp::Gt => BinaryOp::Lt,
            BinaryOp::Ge => BinaryOp::Le,
            other => other,
        }
    }

    /// The operator as written.
    pub fn text(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Eq => "=",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::Contains => "contains",
            BinaryOp::StartsWith => "starts with",
            BinaryOp::EndsWith => "ends with",
            BinaryOp::Matches => "matches",
            BinaryOp::Coalesce => "??",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Div => "/",
        }
    }
}
