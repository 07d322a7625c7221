//! When an expression has no value: three-valued logic, said in expressions of the plan. `borough = "Lambeth"
//! and age > 17` is unknown where borough is missing and the age is over 17, or the other way round, but where the
//! age is 3 it is false, whatever the borough.
//!
//! What can be missing follows from what the survey found in the files: of a column without missing values, and of
//! all that is worked out from such columns alone, nothing is asked. A link may lead nowhere; that it never does is
//! known where both of its ends are numbered without gaps.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::catalog::{Column, FILE_NAME, From, Table};
use crate::plan::{
    Adds, Aggregator, BinaryOp, Expr, Function, Kind, LinkRef, Made, Query, Spread, Stage, Stored,
};
use crate::types::{Show, Type, Value};

/// What the columns of a question's rows are made of.
#[derive(Clone, Debug)]
pub struct Columns {
    table: Arc<Table>,
    made: HashMap<Made, Origin>,
}

/// What a column that the question made stands for.
#[derive(Clone, Debug)]
struct Origin {
    expr: Expr,
    stands: Stands,
    /// A row that stands for many others holds a name of its own here.
    labelled: bool,
    /// What has been found out about it: columns are made of columns, and each is looked at once.
    may_miss: OnceLock<bool>,
    measured: OnceLock<bool>,
}

impl Origin {
    fn new(expr: &Expr, stands: Stands) -> Origin {
        let (may_miss, measured) = (OnceLock::new(), OnceLock::new());
        Origin { expr: expr.clone(), stands, labelled: false, may_miss, measured }
    }
}

/// Where a made column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stands {
    /// In the rows that its expression reads.
    Beside,
    /// In groups, as a key of theirs: where it identifies, those without it form none.
    Key,
    /// In groups.
    Item,
}

impl Columns {
    /// Of a question's rows.
    pub fn of(query: &Query) -> Columns {
        let mut made = HashMap::new();
        let mut keys: &[(Made, Expr)] = &[];
        for stage in &query.stages {
            if let Stage::Group(grouping) = stage {
                keys = &grouping.keys;
            }
            match stage {
                Stage::Let(name, expr) => {
                    made.insert(name.clone(), Origin::new(expr, Stands::Beside));
                }
                Stage::Top { other: Some(rest), .. } => {
                    for (name, _) in rest.labels.iter().filter_map(|(at, _)| keys.get(*at)) {
                        if let Some(key) = made.get_mut(name) {
                            key.labelled = true;
                        }
                    }
                }
                // What stands in a group that a total, another period or a bucket adds is another matter.
                Stage::Group(grouping) if grouping.fill.is_none() && grouping.against.is_none() => {
                    let whole = grouping.totals.is_none();
                    let keys = grouping.keys.iter().filter(|_| whole).map(|key| (key, Stands::Key));
                    let items = grouping.items.iter().map(|item| (item, Stands::Item));
                    for ((name, expr), stands) in keys.chain(items) {
                        made.insert(name.clone(), Origin::new(expr, stands));
                    }
                }
                _ => {}
            }
        }
        Columns { table: Arc::clone(&query.table), made }
    }

    /// The same names over the records of another table.
    pub fn of_records(table: &Arc<Table>) -> Columns {
        Columns { table: Arc::clone(table), made: HashMap::new() }
    }

    /// The stored column that an expression is, by whatever name, with its table. It holds no value that the table's
    /// own rows have not.
    pub fn stored<'e>(&'e self, expr: &'e Expr) -> Option<(&'e Arc<Table>, &'e Arc<Stored>)> {
        match &expr.kind {
            Kind::Made(name) => {
                let origin = self.made.get(name).filter(|origin| !origin.labelled)?;
                self.stored(&origin.expr)
            }
            Kind::Stored(column) => Some((&self.table, column)),
            Kind::Path(path, column) => Some((&path.last()?.to, column)),
            _ => None,
        }
    }

    /// May it have no value?
    pub fn may_miss(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Value(value) => matches!(value, Value::Missing),
            Kind::Stored(column) => stored_may_miss(&self.table, column),
            Kind::Path(path, column) => {
                path.iter().any(|link| may_lead_nowhere(link))
                    || path.last().is_none_or(|link| stored_may_miss(&link.to, column))
            }
            Kind::Record(path) => path.iter().any(|link| may_lead_nowhere(link)),
            Kind::Made(name) => match self.made.get(name) {
                Some(Origin { expr, stands: Stands::Key, .. })
                    if matches!(expr.ty, Type::Id | Type::Record(_)) =>
                {
                    false
                }
                Some(origin) => *origin.may_miss.get_or_init(|| self.may_miss(&origin.expr)),
                None => true,
            },
            Kind::This(..) | Kind::Window(_) => true,
            Kind::IsMissing(_) => false,
            Kind::Aggregate(aggregate) => !matches!(
                aggregate.function,
                Aggregator::Count
                    | Aggregator::Distinct
                    | Aggregator::Any
                    | Aggregator::All
                    | Aggregator::No
                    | Aggregator::List
            ),
            Kind::Binary(op @ BinaryOp::Coalesce, ..) => {
                expr.operands(*op).into_iter().all(|one| self.may_miss(one))
            }
            Kind::If(_, a, b) => self.may_miss(a) || self.may_miss(b),
            Kind::Measure { amount, unit, .. } => self.may_miss(unit) || self.amount_may_miss(amount),
            Kind::Binary(..) | Kind::Call(..) | Kind::InRange(..) => {
                expr.children().into_iter().any(|child| self.may_miss(child)) || !failings(expr).is_empty()
            }
            Kind::Not(a) | Kind::InValues(a, _) | Kind::InPeriod(a, _) | Kind::InQuery(a, _) => {
                self.may_miss(a)
            }
        }
    }

    /// May an amount whose unit stands elsewhere be missing itself? The survey says so where the amount has a column of
    /// its own; else it says together how many are missing and how many are in another dimension's unit.
    fn amount_may_miss(&self, amount: &Expr) -> bool {
        let own = || {
            let (table, amount) = amount.column(&self.table)?;
            let is_own = |column: &&Column| {
                matches!(column.from, From::Stored { .. })
                    && column.heading() == Some(amount.heading.as_str())
            };
            let column = table.columns().ok()?.iter().find(is_own)?;
            let own_markers =
                matches!(&column.from, From::Stored { missing, .. } if *missing == amount.missing);
            Some(own_markers && table.survey().ok()?.column(&column.name)?.missing == 0)
        };
        self.may_miss(amount) && !own().unwrap_or(false)
    }

    /// Where it has no value: a truth that is itself never missing. `None` where it always has one.
    pub fn unknown(&self, expr: &Expr) -> Option<Expr> {
        if !self.may_miss(expr) {
            return None;
        }
        let either = |a: &Expr, b: &Expr| match (self.unknown(a), self.unknown(b)) {
            (Some(a), Some(b)) => Some(or(a, b)),
            (one, other) => one.or(other),
        };
        match &expr.kind {
            Kind::Not(a) | Kind::InValues(a, _) | Kind::InPeriod(a, _) | Kind::InQuery(a, _) => {
                self.unknown(a)
            }
            Kind::Binary(op, a, b) if compares(*op) => either(a, b),
            Kind::InRange(a, low, high) if !self.may_miss(low) && !self.may_miss(high) => self.unknown(a),
            Kind::Binary(op @ BinaryOp::Coalesce, ..) => {
                let each: Option<Vec<Expr>> =
                    expr.operands(*op).into_iter().map(|one| self.unknown(one)).collect();
                each.map(all)
            }
            Kind::Binary(op @ (BinaryOp::And | BinaryOp::Or), ..) => {
                let operands = expr.operands(*op);
                let mut unknown: Vec<(usize, Expr)> = Vec::new();
                for (at, one) in operands.iter().enumerate() {
                    unknown.extend(self.unknown(one).map(|unknown| (at, unknown)));
                }
                let [(only, unknown)] = unknown.as_slice() else { return Some(is_missing(expr.clone())) };
                let settled = |(at, other): (usize, &&Expr)| match op {
                    _ if at == *only => unknown.clone(),
                    BinaryOp::And => (*other).clone(),
                    _ => not((*other).clone()),
                };
                Some(all(operands.iter().enumerate().map(settled).collect()))
            }
            _ => Some(is_missing(expr.clone())),
        }
    }
}

fn compares(op: BinaryOp) -> bool {
    use BinaryOp::{Contains, EndsWith, Eq, Ge, Gt, Le, Lt, Matches, Ne, StartsWith};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge | Contains | StartsWith | EndsWith | Matches)
}

impl Columns {
    /// What a made column stands for, where that reads the same rows.
    pub(super) fn beside(&self, made: &Made) -> Option<&Expr> {
        self.made.get(made).filter(|origin| origin.stands == Stands::Beside).map(|origin| &origin.expr)
    }

    /// Is there an amount in it whose unit stands elsewhere?
    pub(super) fn is_measured(&self, expr: &Expr) -> bool {
        let mut measured = false;
        expr.visit(&mut |part| {
            measured |= match &part.kind {
                Kind::Measure { .. } => true,
                Kind::Made(name) => self.made.get(name).is_some_and(|origin| {
                    origin.stands == Stands::Beside
                        && *origin.measured.get_or_init(|| self.is_measured(&origin.expr))
                }),
                _ => false,
            }
        });
        measured
    }
}

fn stored_may_miss(table: &Table, column: &Stored) -> bool {
    let name = column.name.trim_start_matches("\u{1}amount.");
    let survey = table.survey().ok();
    // A record that is made of a key, or of a span of days, is whole.
    table.made.is_none()
        && column.heading != FILE_NAME
        && survey.and_then(|survey| survey.column(name)).is_none_or(|facts| facts.missing > 0)
}

/// May a link find no record? Not where every number between the key's first and last is one of its records', and the
/// numbers on this side lie between them.
fn may_lead_nowhere(link: &LinkRef) -> bool {
    let ends = || {
        let ([by], [key]) = (link.link.by.as_slice(), link.link.key.as_slice()) else { return None };
        let (near, far) = (link.from.survey().ok()?, link.to.survey().ok()?);
        let (near, records) = (near.column(by)?, far.records());
        let (own, all) = (near.numbering.as_ref()?, far.numbering(key)?);
        let keyed = far.unique && far.column(key)?.missing == 0;
        let gapless = keyed && u64::try_from(all.places()).ok()? == records;
        let within = own.prefix == all.prefix
            && own.width == all.width
            && (all.first..=all.last).contains(&own.first)
            && (all.first..=all.last).contains(&own.last);
        Some(near.missing == 0 && gapless && within)
    };
    !ends().unwrap_or(false)
}

/// How a calculation may have no value though all that it reads is known, and where that is so beside its having none.
pub(super) fn failings(expr: &Expr) -> Vec<(&'static str, Option<Expr>)> {
    const ZERO: &str = "division by 0";
    const LARGE: &str = "too large";
    const CALENDAR: &str = "not within the years 1 to 9999";
    match &expr.kind {
        Kind::Binary(op, a, b) => match (op, &a.ty, &b.ty) {
            (BinaryOp::Div, ..) => match number(b) {
                // A quotient by 1 or more is no larger than what is divided.
                Some(divisor) if divisor.abs() >= 1.0 => Vec::new(),
                Some(0.0) => vec![(ZERO, None)],
                Some(_) => vec![(LARGE, None)],
                None => {
                    let by_zero = binary(BinaryOp::Eq, (**b).clone(), zero(&b.ty));
                    vec![(ZERO, Some(by_zero.clone())), (LARGE, Some(not(by_zero)))]
                }
            },
            (BinaryOp::Add, Type::Text, _) => Vec::new(),
            // Two days of the calendar are never too far apart.
            (BinaryOp::Sub, Type::Date, Type::Date) | (BinaryOp::Sub, Type::Datetime, Type::Datetime) => {
                Vec::new()
            }
            (BinaryOp::Add | BinaryOp::Sub, Type::Date | Type::Datetime, _) => vec![(CALENDAR, None)],
            (BinaryOp::Mul, ..) if [a, b].iter().any(|side| number(side).is_some_and(|n| n.abs() <= 1.0)) => {
                Vec::new()
            }
            (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, ..) => vec![(LARGE, None)],
            _ => Vec::new(),
        },
        Kind::Call(function, args) => match function {
            Function::Mod => match args.get(1).and_then(number) {
                Some(by) if by != 0.0 => Vec::new(),
                _ => vec![(ZERO, None)],
            },
            Function::Sqrt => vec![("the root of a negative number", None)],
            Function::Date => vec![("no such day", None)],
            Function::Datetime => vec![("no such time", None)],
            Function::AddMonths => vec![(CALENDAR, None)],
            Function::Age => vec![("before the birth", None)],
            Function::Integer => vec![("no whole number is written there", None)],
            Function::Number => vec![("no number is written there", None)],
            Function::Split => vec![("no such part", None)],
            Function::Round | Function::Floor | Function::Ceil | Function::Abs | Function::Negate => {
                vec![(LARGE, None)]
            }
            // The others have a value for each.
            Function::ToNumber
            | Function::ToDate
            | Function::CategoryText
            | Function::RecordText
            | Function::Day
            | Function::Week
            | Function::Month
            | Function::Quarter
            | Function::Fy
            | Function::Year
            | Function::Weekday
            | Function::Hour
            | Function::MonthOfYear
            | Function::DayOfMonth
            | Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Length
            | Function::Left
            | Function::Right
            | Function::Mid
            | Function::Replace
            | Function::Clamp
            | Function::Bucket => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A number that stands in the question.
fn number(expr: &Expr) -> Option<f64> {
    match (&expr.kind, &expr.ty) {
        (Kind::Value(Value::Number(n)), Type::Number) => Some(*n),
        #[expect(clippy::cast_precision_loss, reason = "it is compared with 0 and 1")]
        (Kind::Value(Value::Integer(n)), Type::Integer) => Some(*n as f64),
        (Kind::Call(Function::ToNumber, args), _) => number(args.first()?),
        _ => None,
    }
}

fn zero(ty: &Type) -> Expr {
    let value = match ty {
        Type::Number | Type::Rate(_) => Value::Number(0.0),
        _ => Value::Integer(0),
    };
    Expr { ty: ty.clone(), ..of(Kind::Value(value), Spread::Constant) }
}

/// An expression as it was written, or nearly: without what the checker put around its parts.
pub(super) fn written(expr: &Expr) -> String {
    let plain = expr.clone().map(&mut |kind| match kind {
        Kind::Call(Function::ToNumber | Function::ToDate | Function::CategoryText, mut args)
            if args.len() == 1 =>
        {
            args.remove(0).kind
        }
        Kind::Made(name) => Kind::Made(own_name(&name).into()),
        // A name stands for what has one.
        Kind::Aggregate(aggregate) => Kind::Made(aggregate.text.as_str().into()),
        Kind::Window(window) => Kind::Made(window.text.as_str().into()),
        kind => kind,
    });
    let text = plain.to_string().replace("\u{1}amount.", "");
    // Brackets around the whole.
    match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        Some(inner) if matches!(plain.kind, Kind::Binary(..)) => inner.to_string(),
        _ => text,
    }
}

/// A made column's name: what keeps it apart from others of its name is no part of it.
pub(super) fn own_name(made: &str) -> &str {
    made.split('~').next().unwrap_or(made)
}

/// One of them, or several.
pub(super) fn any(conditions: Vec<Expr>) -> Expr {
    joined(conditions, &or).unwrap_or_else(|| truth(false))
}

/// All of them.
pub(super) fn all(conditions: Vec<Expr>) -> Expr {
    joined(conditions, &and).unwrap_or_else(|| truth(true))
}

/// Halves first, so that what is made of many conditions is no taller than it must be.
fn joined(mut conditions: Vec<Expr>, join: &dyn Fn(Expr, Expr) -> Expr) -> Option<Expr> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let rest = conditions.split_off(conditions.len() / 2);
    Some(join(joined(conditions, join)?, joined(rest, join)?))
}

fn of(kind: Kind, spread: Spread) -> Expr {
    Expr { kind, ty: Type::Bool, show: Show::Plain, spread, adds: Adds::Plain }
}

/// `true` or `false`.
pub(super) fn truth(value: bool) -> Expr {
    of(Kind::Value(Value::Bool(value)), Spread::Constant)
}

pub(super) fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    let spread = a.spread.and(b.spread);
    of(Kind::Binary(op, Box::new(a), Box::new(b)), spread)
}

/// Both.
pub fn and(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::And, a, b)
}

/// True or unknown.
pub(super) fn not_false(a: Expr) -> Expr {
    binary(BinaryOp::Coalesce, a, truth(true))
}

/// One or both.
pub(super) fn or(a: Expr, b: Expr) -> Expr {
    binary(BinaryOp::Or, a, b)
}

/// Not.
pub(super) fn not(a: Expr) -> Expr {
    let spread = a.spread;
    of(Kind::Not(Box::new(a)), spread)
}

/// `a is missing`
pub(super) fn is_missing(a: Expr) -> Expr {
    let spread = a.spread;
    of(Kind::IsMissing(Box::new(a)), spread)
}
