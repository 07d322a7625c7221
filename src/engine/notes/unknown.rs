//! When an expression has no value, and why: three-valued logic, said in expressions of the plan. `borough = "Lambeth"
//! and age > 17` is unknown where borough is missing and the age is over 17, or the other way round, but where the
//! age is 3 it is false, whatever the borough.
//!
//! What can be missing follows from what the survey found in the files: of a column without missing values, and of
//! all that is worked out from such columns alone, nothing is asked. A link may lead nowhere; that it never does is
//! known where both of its ends are numbered without gaps.

use std::collections::HashMap;
use std::sync::Arc;

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

/// A reason why an expression has no value.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The column that is missing, or the calculation that has no value, as it is written.
    pub name: String,
    /// Where it is the reason.
    pub holds: Expr,
    /// Of a calculation over known values: what is wrong there.
    pub why: Option<&'static str>,
}

impl Columns {
    /// Of a question's rows.
    pub fn of(query: &Query) -> Columns {
        let mut made = HashMap::new();
        let mut keys: &[(Made, Expr)] = &[];
        let origin = |expr: &Expr, stands| Origin { expr: expr.clone(), stands, labelled: false };
        for stage in &query.stages {
            if let Stage::Group(grouping) = stage {
                keys = &grouping.keys;
            }
            match stage {
                Stage::Let(name, expr) => {
                    made.insert(name.clone(), origin(expr, Stands::Beside));
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
                        made.insert(name.clone(), origin(expr, stands));
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
                Some(origin) => self.may_miss(&origin.expr),
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
            Kind::Binary(BinaryOp::Coalesce, a, b) => self.may_miss(a) && self.may_miss(b),
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
            Kind::Binary(BinaryOp::Coalesce, a, b) => Some(and(self.unknown(a)?, self.unknown(b)?)),
            Kind::Binary(op @ (BinaryOp::And | BinaryOp::Or), a, b) => {
                let settled = |other: &Expr| match op {
                    BinaryOp::And => other.clone(),
                    _ => not(other.clone()),
                };
                match (self.unknown(a), self.unknown(b)) {
                    (Some(a), None) => Some(and(a, settled(b))),
                    (None, Some(b)) => Some(and(settled(a), b)),
                    _ => Some(is_missing(expr.clone())),
                }
            }
            _ => Some(is_missing(expr.clone())),
        }
    }

    /// Why it has no value, where it has none: what it reads that is missing, and what in it has no value though all
    /// it reads is known. In the order of writing, each name once.
    pub fn causes(&self, expr: &Expr) -> Vec<Cause> {
        let mut found: Vec<Cause> = Vec::new();
        for cause in self.all_causes(expr) {
            match found.iter_mut().find(|known| known.name == cause.name && known.why == cause.why) {
                Some(known) => known.holds = or(known.holds.clone(), cause.holds),
                None => found.push(cause),
            }
        }
        found
    }

    /// Where a filter that is unknown leaves a row out, and why; `None` where it never does.
    pub fn left_out(&self, predicate: &Expr) -> Option<(Expr, Vec<Cause>)> {
        let (unknown, causes) = (self.unknown(predicate)?, self.causes(predicate));
        let holds = match self.is_measured(predicate) {
            true => and(unknown, any(causes.clone())),
            false => unknown,
        };
        Some((holds, causes))
    }

    /// Where it has no value because a calculation in it has none, though all that this reads is known.
    pub fn failures(&self, expr: &Expr) -> Vec<Cause> {
        let Some(unknown) = self.unknown(expr) else { return Vec::new() };
        let whole = written(expr);
        let causes = self.causes(expr).into_iter().filter(|cause| cause.why.is_some());
        let narrow = |mut cause: Cause| {
            if cause.name != whole {
                cause.holds = and(unknown.clone(), cause.holds);
            }
            cause
        };
        causes.map(narrow).collect()
    }

    fn all_causes(&self, expr: &Expr) -> Vec<Cause> {
        let Some(unknown) = self.unknown(expr) else { return Vec::new() };
        let column = |name: String, holds: Expr| vec![Cause { name, holds, why: None }];
        match &expr.kind {
            Kind::Value(_) => return column("a value".to_string(), unknown),
            Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::This(..) => {
                return column(expr.to_string(), unknown);
            }
            Kind::Made(name) => {
                let shown = own_name(name).to_string();
                let holds = match self.beside(name).filter(|origin| self.is_measured(origin)) {
                    Some(origin) => and(unknown, any(self.all_causes(origin))),
                    None => unknown,
                };
                return column(shown, holds);
            }
            Kind::Aggregate(aggregate) => return column(aggregate.text.clone(), unknown),
            Kind::Window(window) => return column(window.text.clone(), unknown),
            // An amount in another dimension's unit belongs to another column, and is no missing value of this one.
            Kind::Measure { amount, unit, .. } => {
                let shown = amount.to_string();
                let name = shown.trim_start_matches("\u{1}amount.").to_string();
                return column(name, or(is_missing((**amount).clone()), is_missing((**unit).clone())));
            }
            _ => {}
        }
        let within = |child: &Expr, only: Option<Expr>| -> Vec<Cause> {
            let unknown = self.unknown(child);
            let narrow = |mut cause: Cause| {
                for around in only.iter().chain(&unknown) {
                    if around.to_string() != cause.holds.to_string() {
                        cause.holds = and(around.clone(), cause.holds);
                    }
                }
                cause
            };
            self.all_causes(child).into_iter().map(narrow).collect()
        };
        let mut causes = Vec::new();
        match &expr.kind {
            Kind::If(test, then, otherwise) => {
                // An unknown test is not true.
                let test = binary(BinaryOp::Coalesce, (**test).clone(), truth(false));
                causes.extend(within(then, Some(test.clone())));
                causes.extend(within(otherwise, Some(not(test))));
            }
            _ => expr.children().into_iter().for_each(|child| causes.extend(within(child, None))),
        }
        let known: Vec<Expr> =
            expr.children().into_iter().filter_map(|child| self.unknown(child)).map(not).collect();
        for (why, when) in failings(expr) {
            let here = known.iter().cloned().chain(when);
            let holds = here.fold(is_missing(expr.clone()), and);
            causes.push(Cause { name: written(expr), holds, why: Some(why) });
        }
        causes
    }
}

fn compares(op: BinaryOp) -> bool {
    use BinaryOp::{Contains, EndsWith, Eq, Ge, Gt, Le, Lt, Matches, Ne, StartsWith};
    matches!(op, Eq | Ne | Lt | Le | Gt | Ge | Contains | StartsWith | EndsWith | Matches)
}

impl Columns {
    /// What a made column stands for, where that reads the same rows.
    fn beside(&self, made: &Made) -> Option<&Expr> {
        self.made.get(made).filter(|origin| origin.stands == Stands::Beside).map(|origin| &origin.expr)
    }

    /// Is there an amount in it whose unit stands elsewhere?
    fn is_measured(&self, expr: &Expr) -> bool {
        let mut measured = false;
        expr.visit(&mut |part| {
            measured |= match &part.kind {
                Kind::Measure { .. } => true,
                Kind::Made(name) => self.beside(name).is_some_and(|origin| self.is_measured(origin)),
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
fn failings(expr: &Expr) -> Vec<(&'static str, Option<Expr>)> {
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
fn own_name(made: &str) -> &str {
    made.split('~').next().unwrap_or(made)
}

fn any(causes: Vec<Cause>) -> Expr {
    causes.into_iter().map(|cause| cause.holds).reduce(or).unwrap_or_else(|| truth(false))
}

fn of(kind: Kind, spread: Spread) -> Expr {
    Expr { kind, ty: Type::Bool, show: Show::Plain, spread, adds: Adds::Plain }
}

/// `true` or `false`.
pub(super) fn truth(value: bool) -> Expr {
    of(Kind::Value(Value::Bool(value)), Spread::Constant)
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
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
