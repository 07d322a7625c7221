//! THE table of functions and aggregates. A built-in is one row here: its name, how it is written, a line
//! of help with an example. The checker finds it by name and asks `check/call.rs` what it takes; each
//! engine says it in one arm of a `match`, and the compiler lists the engine that has none.

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
    /// `day(x)`
    Day,
    /// `week(x)`
    Week,
    /// `month(x)`
    Month,
    /// `year(x)`
    Year,
    /// `date(y, m, d)`
    Date,
    /// `lower(text)`
    Lower,
    /// `upper(text)`
    Upper,
    /// `length(text)`
    Length,
    /// `left(text, n)`
    Left,
    /// `right(text, n)`
    Right,
    /// `integer(text)`
    Integer,
    /// `number(text)`
    Number,
    /// `round(x, to)`
    Round,
    /// `abs(x)`
    Abs,
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
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A function of the row.
    Function(Function),
    /// An aggregate.
    Aggregate(Aggregator),
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

const fn aggregate(
    name: &'static str,
    aggregate: Aggregator,
    signature: &'static str,
    help: &'static str,
    example: &'static str,
) -> Builtin {
    Builtin { name, meaning: Meaning::Aggregate(aggregate), signature, help, example }
}

/// All built-ins.
pub const TABLE: &[Builtin] = &[
    function(
        "day",
        Function::Day,
        "day(date)",
        "the day of a date or datetime",
        "arrests | count by day(arrested_at)",
    ),
    function(
        "week",
        Function::Week,
        "week(date)",
        "the week, from Monday, shown by its Monday",
        "arrests | count by week(arrested_at)",
    ),
    function(
        "month",
        Function::Month,
        "month(date)",
        "the calendar month",
        "arrests | count by month(arrested_at)",
    ),
    function(
        "year",
        Function::Year,
        "year(date)",
        "the calendar year, an integer",
        "arrests | count by year(arrested_at)",
    ),
    function(
        "date",
        Function::Date,
        "date(year, month, day)",
        "the day of these three integers; missing where there is none",
        "arrests | where arrested_at >= date(2023, 10, 9) | count",
    ),
    function(
        "lower",
        Function::Lower,
        "lower(text)",
        "the text in small letters",
        "arrests | count by place = lower(borough)",
    ),
    function(
        "upper",
        Function::Upper,
        "upper(text)",
        "the text in capitals",
        "arrests | count by place = upper(borough)",
    ),
    function(
        "length",
        Function::Length,
        "length(text)",
        "how many characters",
        "charges | summarise longest = max(length(offence))",
    ),
    function(
        "left",
        Function::Left,
        "left(text, n)",
        "the first n characters",
        "arrests | count by initial = left(borough, 1)",
    ),
    function(
        "right",
        Function::Right,
        "right(text, n)",
        "the last n characters",
        "lines | count by number = right(name, 2)",
    ),
    function(
        "integer",
        Function::Integer,
        "integer(text)",
        "the whole number that a text is; missing where it is none",
        "lines | summarise largest = max(integer(right(name, 2)))",
    ),
    function(
        "number",
        Function::Number,
        "number(text)",
        "the number that a text is; missing where it is none",
        "lines | summarise largest = max(number(right(name, 2)))",
    ),
    function(
        "round",
        Function::Round,
        "round(x [, nearest])",
        "to the nearest whole, or the nearest multiple of a second value; halves away from nought",
        "seizures | summarise cash = round(sum(value), £1000)",
    ),
    function(
        "abs",
        Function::Abs,
        "abs(x)",
        "the size without the sign",
        "arrests | let years = abs(age - 18) | take 5",
    ),
    aggregate(
        "count",
        Aggregator::Count,
        "count([x] [where …])",
        "how many rows, known values, or records at a path's end",
        "arrests | summarise arrests = count(), charges = count(charges) by borough",
    ),
    aggregate(
        "sum",
        Aggregator::Sum,
        "sum(x [where …])",
        "the exact sum of the known values",
        "seizures | summarise cash = sum(value where category = \"cash\")",
    ),
    aggregate(
        "mean",
        Aggregator::Mean,
        "mean(x [where …])",
        "the exact sum over the count of known values",
        "charges | summarise age = mean(arrest.age) by offence",
    ),
    aggregate(
        "median",
        Aggregator::Median,
        "median(x [where …])",
        "the middle known value, or half-way between the middle two",
        "arrests | summarise age = median(age) by borough",
    ),
    aggregate(
        "min",
        Aggregator::Min,
        "min(x [where …])",
        "the smallest known value",
        "arrests | summarise first = min(arrested_at) by borough",
    ),
    aggregate(
        "max",
        Aggregator::Max,
        "max(x [where …])",
        "the largest known value",
        "arrests | summarise last = max(arrested_at) by borough",
    ),
    aggregate(
        "distinct",
        Aggregator::Distinct,
        "distinct(x [where …])",
        "how many different known values",
        "charges | summarise people = distinct(person_id)",
    ),
    aggregate(
        "any",
        Aggregator::Any,
        "any(x [where …])",
        "whether a value is true, or there is a record",
        "arrests | where any(charges where trafficking) | count",
    ),
    aggregate(
        "all",
        Aggregator::All,
        "all(x [where …])",
        "whether no known value is false; true where there are none",
        "arrests | where all(charges.trafficking) | count",
    ),
    aggregate(
        "no",
        Aggregator::No,
        "no(x [where …])",
        "whether no value is true, or there is no record",
        "arrests | where no(charges) | count by borough",
    ),
];

/// The built-in of that name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    TABLE.iter().find(|builtin| builtin.name == name)
}

impl Aggregator {
    /// Its name in the language.
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.meaning == Meaning::Aggregate(self)).map_or("?", |row| row.name)
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
            _ => TABLE.iter().find(|row| row.meaning == Meaning::Function(self)).map_or("?", |row| row.name),
        }
    }
}
