//! THE table of functions and aggregates. A built-in is one row here: its name, how it is written, a line
//! of help with an example. The checker finds it by name and asks `check/call.rs` what it takes; each
//! engine says it in one arm of a `match`, and the compiler lists the engine that has none. One file an area.

mod aggregate;
mod number;
mod text;
mod time;
mod window;

/// A function of a row's values. The first few are written by the checker, not by people: they convert
/// operands to the type that the other one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Function {
    /// integer → number
    ToNumber,
    /// datetime → date
    ToDate,
    /// category → text
    CategoryText,
    /// record → its title
    RecordText,
    /// A date or datetime, and so many months: `d + 3 months`.
    AddMonths,
    /// `day(x)`
    Day,
    /// `week(x)`
    Week,
    /// `month(x)`
    Month,
    /// `quarter(x)`
    Quarter,
    /// `fy(x)`: of the day, and of the first month, which the checker adds.
    Fy,
    /// `year(x)`
    Year,
    /// `weekday(x)`
    Weekday,
    /// `hour(x)`
    Hour,
    /// `month_of_year(x)`
    MonthOfYear,
    /// `day_of_month(x)`
    DayOfMonth,
    /// `datetime(d, h, m)`
    Datetime,
    /// `age(birth, at)`
    Age,
    /// `date(y, m, d)`
    Date,
    /// `lower(text)`
    Lower,
    /// `upper(text)`
    Upper,
    /// `trim(text)`
    Trim,
    /// `length(text)`
    Length,
    /// `left(text, n)`
    Left,
    /// `right(text, n)`
    Right,
    /// `mid(text, from, n)`
    Mid,
    /// `split(text, separator, n)`
    Split,
    /// `replace(text, old, new)`
    Replace,
    /// `integer(text)`
    Integer,
    /// `number(text)`
    Number,
    /// `round(x, nearest)`
    Round,
    /// `floor(x, multiple)`
    Floor,
    /// `ceil(x, multiple)`
    Ceil,
    /// `abs(x)`
    Abs,
    /// `mod(x, y)`
    Mod,
    /// `sqrt(x)`
    Sqrt,
    /// `clamp(x, low, high)`
    Clamp,
    /// `bucket(x, edge, …)`: the position of the category that the first edges, in order, bound.
    Bucket,
    /// Unary minus.
    Negate,
}

/// What is worked out over a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregator {
    /// Rows, or known values.
    Count,
    /// The exact sum.
    Sum,
    /// The exact sum over the count of known values.
    Mean,
    /// The middle value.
    Median,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// How many different known values.
    Distinct,
    /// Whether one is true, or there is one.
    Any,
    /// Whether none is false.
    All,
    /// Whether none is true, or there is none.
    No,
    /// A value that so large a part of the values lie below.
    Quantile,
    /// The sample's standard deviation.
    Stddev,
    /// The first known value in an order.
    First,
    /// The last known value in an order.
    Last,
    /// All known values as one text.
    List,
}

/// What a window works out beside aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Windowing {
    /// A row's part of its group's sum.
    Share,
    /// Where a value stands among its group's.
    Rank,
    /// Which row of its group it is.
    RowNumber,
    /// The sum so far.
    Running,
    /// The value of an earlier row.
    Before,
    /// The value of a later row.
    After,
    /// A grouping's item over wider groups.
    Total,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A function of the row.
    Function(Function),
    /// An aggregate.
    Aggregate(Aggregator),
    /// A window.
    Window(Windowing),
    /// `??` between as many values as there are.
    Coalesce,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// As it is written.
    pub name: &'static str,
    /// What it is.
    pub meaning: Meaning,
    /// How it is written.
    pub signature: &'static str,
    /// What it gives, in a line.
    pub help: &'static str,
    /// A question that uses it, on the county lines casebook.
    pub example: &'static str,
}

const fn function(
    name: &'static str,
    function: Function,
    signature: &'static str,
    help: &'static str,
    example: &'static str,
) -> Builtin {
    Builtin { name, meaning: Meaning::Function(function), signature, help, example }
}

const fn coalesce(
    name: &'static str,
    signature: &'static str,
    help: &'static str,
    example: &'static str,
) -> Builtin {
    Builtin { name, meaning: Meaning::Coalesce, signature, help, example }
}

const fn aggregate(
    name: &'static str,
    aggregate: Aggregator,
    signature: &'static str,
    help: &'static str,
    example: &'static str,
) -> Builtin {
    Builtin { name, meaning: Meaning::Aggregate(aggregate), signature, help, example }
}

const fn window(
    name: &'static str,
    window: Windowing,
    signature: &'static str,
    help: &'static str,
    example: &'static str,
) -> Builtin {
    Builtin { name, meaning: Meaning::Window(window), signature, help, example }
}

/// All built-ins, one slice an area.
pub const AREAS: [(&str, &[Builtin]); 5] = [
    ("time", time::TABLE),
    ("text", text::TABLE),
    ("numbers", number::TABLE),
    ("aggregates", aggregate::TABLE),
    ("windows", window::TABLE),
];

/// All built-ins, in the order of the reference.
pub fn all() -> impl Iterator<Item = &'static Builtin> + Clone {
    AREAS.into_iter().flat_map(|(_, rows)| rows)
}

/// The built-in of that name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    all().find(|builtin| builtin.name == name)
}

impl Aggregator {
    /// Its name in the language.
    pub fn name(self) -> &'static str {
        all().find(|row| row.meaning == Meaning::Aggregate(self)).map_or("?", |row| row.name)
    }
}

impl Function {
    /// Its name in the language, or in plans.
    pub fn name(self) -> &'static str {
        match self {
            Function::ToNumber => "number",
            Function::ToDate => "date",
            Function::CategoryText | Function::RecordText => "text",
            Function::Negate => "-",
            Function::AddMonths => "add_months",
            _ => all().find(|row| row.meaning == Meaning::Function(self)).map_or("?", |row| row.name),
        }
    }
}

/// The aggregate of that name, here or elsewhere.
pub fn aggregate_of(name: &str) -> Option<&'static str> {
    let builtin = find(name).or_else(|| find(alias(name)?))?;
    matches!(builtin.meaning, Meaning::Aggregate(_)).then_some(builtin.name)
}

/// What other languages call a built-in.
pub fn alias(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "avg" | "average" => "mean",
        "len" | "char_length" => "length",
        "lcase" | "tolower" => "lower",
        "ucase" | "toupper" => "upper",
        "strip" | "clean" => "trim",
        "substitute" | "regexp_replace" => "replace",
        "split_part" | "textsplit" | "textbefore" | "textafter" => "split",
        "concat" | "concatenate" | "textjoin" => "a + b",
        "find" | "search" | "instr" | "position" | "charindex" | "strpos" => "text contains \"…\"",
        "exists" => "any",
        "countif" => "count(where …)",
        "sumif" => "sum(… where …)",
        "nunique" | "dcount" | "count_distinct" | "unique" => "distinct",
        "string_agg" | "group_concat" | "listagg" => "list",
        "percentile" | "percentile_cont" => "quantile",
        "std" | "stdev" | "stddev_samp" => "stddev",
        "lag" => "before",
        "lead" => "after",
        "cumsum" | "cum_sum" => "running",
        "trunc" => "day",
        "date_trunc" | "datetrunc" | "monthname" => "month",
        "today" | "now" | "getdate" | "current_date" | "curdate" => "today",
        "substring" | "substr" => "mid",
        "int" | "cint" | "toint" => "integer",
        "float" | "todouble" => "number",
        "ceiling" | "roundup" => "ceil",
        "rounddown" => "floor",
        "modulo" | "remainder" => "mod",
        "cut" | "bin" | "band" | "width_bucket" => "bucket",
        "nvl" | "ifnull" | "isnull" | "iferror" | "nz" => "coalesce",
        "iif" | "ifelse" | "if_else" | "case" | "switch" | "ifs" | "case_when" => "if A then B else C",
        "greatest" | "least" => "if a > b then a else b",
        _ => return None,
    })
}
