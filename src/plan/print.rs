//! A plan as `explain` prints it: close to how the question was written, with every path, conversion and
//! derived column spelled out.

use std::fmt::{self, Formatter, Write};

use super::walk::path_name;
use super::{Aggregate, Expr, Frame, Grouping, Kind, Over, Query, SortKey, Stage, Window, Windowed};
use crate::types::time::{date_of, datetime_of};
use crate::types::{Type, Unit, Value, decimal};

/// The whole plan, a stage a line.
pub(super) fn query(query: &Query, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "{}", query.table.name)?;
    for stage in &query.stages {
        f.write_str("| ")?;
        match stage {
            Stage::Where(expr) => write!(f, "where {expr}")?,
            Stage::Let(name, expr) => write!(f, "let {name} = {expr}")?,
            Stage::Group(grouping) => self::grouping(grouping, f)?,
            Stage::Sort(keys) => {
                f.write_str("sort ")?;
                list(keys, f, sort_key)?;
            }
            Stage::Take { n, per } => {
                write!(f, "take {n}")?;
                groups(per, f)?;
            }
            Stage::Top { n, by, per, other } => {
                write!(f, "top {n} by ")?;
                sort_key(by, f)?;
                groups(per, f)?;
                f.write_str(if other.is_some() { " with other" } else { "" })?;
            }
            Stage::Distinct { on, .. } => {
                f.write_str("distinct ")?;
                list(on, f, expr)?;
            }
            Stage::Pivot(pivot) => write!(f, "pivot {} using {}", pivot.on, pivot.using)?,
            Stage::Unpivot { columns, key, value } => {
                f.write_str("unpivot ")?;
                list(columns, f, |(_, expr), f| self::expr(expr, f))?;
                write!(f, " into {key}, {value}")?;
            }
            Stage::Append { query, .. } => write!(f, "append ({})", one_line(query))?,
            Stage::Except { query, .. } => write!(f, "except ({})", one_line(query))?,
            Stage::Join { query, equal, also, many, .. } => {
                let many = if *many { "many " } else { "" };
                write!(f, "join {many}({}) on ", one_line(query))?;
                list(equal, f, |(left, right), f| write!(f, "{left} = {right}"))?;
                if let Some(also) = also {
                    write!(f, " and {also}")?;
                }
            }
            Stage::Describe { columns, .. } => {
                f.write_str("describe ")?;
                list(columns, f, |(_, expr), f| self::expr(expr, f))?;
            }
            Stage::Sample { n, seed } => write!(f, "sample {n} seed {seed}")?,
        }
        f.write_char('\n')?;
    }
    f.write_str("gives ")?;
    list(&query.output, f, |column, f| write!(f, "{}: {}", column.name, column.expr.ty))?;
    f.write_char('\n')
}

impl Query {
    /// What the catalogue defines of it, a line each.
    pub fn definitions_text(&self) -> String {
        let lines =
            self.definitions.iter().map(|one| format!("  {} = {}    # {}\n", one.name, one.text, one.place));
        let lines: String = lines.collect();
        if lines.is_empty() { lines } else { format!("by the catalogue\n{lines}") }
    }
}

/// A query inside another.
fn one_line(query: &Query) -> String {
    let printed = query.to_string();
    let lines: Vec<&str> = printed.lines().take_while(|line| !line.starts_with("gives ")).collect();
    lines.join(" ")
}

fn grouping(grouping: &Grouping, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str("summarise ")?;
    named(&grouping.items, f)?;
    if !grouping.keys.is_empty() {
        f.write_str(" by ")?;
        named(&grouping.keys, f)?;
    }
    if let Some(against) = &grouping.against {
        write!(f, "\n  where {} against {}", against.now, against.then)?;
    }
    let key = |at: &usize| grouping.keys.get(*at).map_or("?", |(made, _)| &**made);
    if let Some(fill) = &grouping.fill {
        let keys: Vec<&str> = fill.keys.iter().map(|(at, _)| key(at)).collect();
        write!(f, "\n  fill {}", keys.join(", "))?;
        if let Some(with) = &fill.with {
            write!(f, " with {with}")?;
        }
    }
    if let Some(totals) = &grouping.totals {
        write!(f, "\n  total, {} levels", totals.levels.len())?;
    }
    for wider in &grouping.wider {
        write!(f, "\n  {} = total({})", wider.made, wider.item)?;
        if !wider.per.is_empty() {
            write!(f, " per {}", wider.per.iter().map(key).collect::<Vec<_>>().join(", "))?;
        }
    }
    Ok(())
}

fn list<T>(
    items: &[T],
    f: &mut Formatter<'_>,
    print: impl Fn(&T, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(", ")?;
        }
        print(item, f)?;
    }
    Ok(())
}

fn named(items: &[(super::Made, Expr)], f: &mut Formatter<'_>) -> fmt::Result {
    list(items, f, |(name, expr), f| write!(f, "{name} = {expr}"))
}

fn sort_key(key: &SortKey, f: &mut Formatter<'_>) -> fmt::Result {
    if key.descending {
        f.write_char('-')?;
    }
    expr(&key.expr, f)
}

fn groups(per: &[Expr], f: &mut Formatter<'_>) -> fmt::Result {
    if per.is_empty() {
        return Ok(());
    }
    f.write_str(" per ")?;
    list(per, f, expr)
}

/// One expression, with brackets around every operation.
pub(super) fn expr(expr: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    match &expr.kind {
        Kind::Value(literal) => value(literal, &expr.ty, f),
        Kind::Stored(column) => f.write_str(&column.name),
        Kind::Path(path, column) => write!(f, "{}.{}", path_name(path), column.name),
        Kind::Record(path) => f.write_str(&path_name(path)),
        Kind::Made(name) => f.write_str(name),
        Kind::This(inner, _) => write!(f, "this.{inner}"),
        Kind::Measure { amount, unit, .. } => write!(f, "{}({amount} in {unit})", expr.ty),
        Kind::Binary(op, a, b) => write!(f, "({a} {} {b})", op.text()),
        Kind::Not(a) => write!(f, "not {a}"),
        Kind::IsMissing(a) => write!(f, "({a} is missing)"),
        Kind::InValues(a, values) => {
            write!(f, "({a} in [")?;
            list(values, f, |v, f| value(v, &a.ty, f))?;
            f.write_str("])")
        }
        Kind::InRange(a, low, high) => write!(f, "({a} in {low}..{high})"),
        Kind::InPeriod(a, period) => write!(f, "({a} in {})", period.text()),
        Kind::If(test, then, otherwise) => write!(f, "(if {test} then {then} else {otherwise})"),
        Kind::Call(function, args) => {
            write!(f, "{}(", function.name())?;
            list(args, f, self::expr)?;
            f.write_char(')')
        }
        Kind::Aggregate(aggregate) => self::aggregate(aggregate, f),
        Kind::Window(window) => self::window(window, f),
        Kind::InQuery(a, query) => write!(f, "({a} in ({}))", one_line(query)),
    }
}

fn window(window: &Window, f: &mut Formatter<'_>) -> fmt::Result {
    match &window.what {
        Windowed::Whole(inner) | Windowed::Sliding(inner, _) => aggregate(inner, f)?,
        Windowed::Running(inner) => {
            f.write_str("running ")?;
            aggregate(inner, f)?;
        }
        Windowed::Rank(key, filter) => {
            f.write_str("rank(")?;
            sort_key(key, f)?;
            filtered(filter.as_ref(), f)?;
            f.write_char(')')?;
        }
        Windowed::RowNumber(filter) => {
            f.write_str("row_number(")?;
            filtered(filter.as_ref(), f)?;
            f.write_char(')')?;
        }
        Windowed::Before(value, n) if *n < 0 => write!(f, "after({value}, {})", n.unsigned_abs())?,
        Windowed::Before(value, n) => write!(f, "before({value}, {n})")?,
    }
    groups(&window.per, f)?;
    if !window.sorted.is_empty() {
        f.write_str(" sorted by ")?;
        list(&window.sorted, f, sort_key)?;
    }
    match &window.what {
        Windowed::Sliding(_, Frame::Rows { n, before }) => {
            write!(f, " over {n} rows{}", if *before { " before" } else { "" })
        }
        Windowed::Sliding(_, Frame::Span { micros, of }) => write!(f, " over {micros} µs of {of}"),
        _ => Ok(()),
    }
}

fn filtered(filter: Option<&Expr>, f: &mut Formatter<'_>) -> fmt::Result {
    match filter {
        Some(filter) => write!(f, " where {filter}"),
        None => Ok(()),
    }
}

fn aggregate(aggregate: &Aggregate, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{}(", aggregate.function.name())?;
    let mut gap = "";
    match &aggregate.over {
        Over::Rows if aggregate.arg.is_some() => write!(f, "each ")?,
        Over::Rows => {}
        Over::Table { table, .. } => {
            f.write_str(&table.name)?;
            gap = if aggregate.arg.is_some() { ": " } else { " " };
        }
        Over::Path(steps) => {
            let names: Vec<_> = steps.iter().map(super::Step::name).collect();
            write!(f, "{}", names.join("."))?;
            gap = if aggregate.arg.is_some() { ": " } else { " " };
        }
    }
    if let Some(arg) = &aggregate.arg {
        write!(f, "{gap}{arg}")?;
        gap = " ";
    }
    if let Some(q) = aggregate.quantile {
        write!(f, ", {q}")?;
    }
    if let Some(filter) = &aggregate.filter {
        write!(f, "{gap}where {filter}")?;
    }
    if !aggregate.sorted.is_empty() {
        f.write_str(" sorted by ")?;
        list(&aggregate.sorted, f, sort_key)?;
    }
    f.write_char(')')
}

fn value(value: &Value, ty: &Type, f: &mut Formatter<'_>) -> fmt::Result {
    match (value, ty) {
        (Value::Missing, _) => f.write_str("missing"),
        (Value::Bool(b), _) => write!(f, "{b}"),
        (Value::Integer(n), ty) => match Unit::default_of(ty) {
            Some(unit) => {
                write!(f, "{} {}", decimal::format_scaled(i128::from(*n), unit.num, unit.den, 9), unit.name)
            }
            None => write!(f, "{n}"),
        },
        (Value::Number(n), Type::Rate(rate)) => match rate.unit() {
            Some(unit) => write!(f, "{n} {}", unit.name()),
            None => write!(f, "{n}"),
        },
        (Value::Number(n), _) => write!(f, "{n}"),
        (Value::Text(text), _) => write!(f, "{text:?}"),
        (Value::Category(at), Type::Category(category)) => {
            write!(f, "{:?}", category.values.get(*at as usize).map_or("?", String::as_str))
        }
        (Value::Category(at), _) => write!(f, "{at}"),
        (Value::Date(day), _) => match date_of(*day) {
            Some(date) => write!(f, "{}", date.format("%Y-%m-%d")),
            None => write!(f, "day {day}"),
        },
        (Value::Datetime(at), _) => match datetime_of(*at) {
            Some(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%S")),
            None => write!(f, "{at} µs"),
        },
    }
}
