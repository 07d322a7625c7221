//! Expressions: what they are made of, and what type that gives. Operators stand in [`super::operator`],
//! literals in [`super::literal`], calls in [`super::call`] and [`super::aggregate`].

use super::scope::{Scope, whole};
use super::{Checker, Param, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, Expr, Function, Kind, Spread};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::types::{Rate, Show, Type, Unit, Value};

/// Where an expression stands, and so what its names and aggregates mean.
#[derive(Clone, Copy)]
pub(super) struct Place<'s> {
    /// What bare names are.
    pub names: &'s Scope,
    /// The rows of the groups, where an aggregate ranges over a group: the items of `summarise`.
    pub rows: Option<&'s Scope>,
    /// The outer row, where `this.x` means something, and how many aggregates' brackets lie between.
    pub this: Option<(&'s Scope, usize)>,
    /// What kind of place it is.
    pub what: What,
}

/// The kinds of places, as far as aggregates differ in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `let`, `select`, a key, a sort key: a value of each row.
    Value,
    /// `where`.
    Filter,
    /// An item of `summarise`.
    Item,
    /// Inside an aggregate's brackets.
    Inside,
    /// A `derive` of the catalogue: no aggregates.
    Derive,
}

impl<'s> Place<'s> {
    /// A value of each row.
    pub fn row(names: &'s Scope, what: What) -> Self {
        Place { names, rows: None, this: None, what }
    }
}

impl Checker<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self, place: Place<'_>, expr: &ast::Expr) -> Expr {
        match &expr.kind {
            ExprKind::Broken => broken(),
            ExprKind::Missing
            | ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Percent(_)
            | ExprKind::Text(_)
            | ExprKind::Date(_)
            | ExprKind::Datetime(_)
            | ExprKind::Quantity { .. }
            | ExprKind::Money { .. }
            | ExprKind::Rate { .. } => self.literal(expr),
            ExprKind::CalendarSpan(text) => self.broken(
                Diagnostic::new("type-period", format!("{text} is a span of days, not a value"), expr.span)
                    .help(format!("`x in {text}` asks whether a date lies in it")),
            ),
            ExprKind::UnitOf { .. } | ExprKind::Named(_) => {
                let text = self.text(expr.span);
                let mistake = Diagnostic::new(
                    "type-period",
                    format!("`{text}` is a span of days, not a value"),
                    expr.span,
                );
                self.broken(mistake.help(format!("`x in {text}` asks whether a date lies in it")))
            }
            ExprKind::Range(..) | ExprKind::Open { .. } => self.broken(
                Diagnostic::new("type-period", "a span can stand only after `in`", expr.span)
                    .help("`x in a..b` asks whether x lies between the two"),
            ),
            ExprKind::List(_) => self.broken(
                Diagnostic::new("type-list", "a list can stand only after `in`", expr.span)
                    .help("`x in [\"A\", \"B\"]` asks whether x is one of them"),
            ),
            ExprKind::Query(_) => self.broken(
                Diagnostic::new("type-set", "a query is a table of rows, not a value", expr.span)
                    .help("after `in` it is a set of values: `person_id in (arrests | select person_id)`"),
            ),
            ExprKind::Param(name) => match self.params.get(&name.text).cloned() {
                Some(Param::Value(expr)) => expr,
                Some(Param::Broken) => broken(),
                Some(Param::Period(_)) => self.broken(
                    Diagnostic::new(
                        "type-period",
                        format!("${} is a span of days, not a value", name.text),
                        expr.span,
                    )
                    .help(format!("`x in ${}` asks whether a date lies in it", name.text)),
                ),
                None => self.unknown_param(name),
            },
            ExprKind::Path(names) => self.path(place, names),
            ExprKind::Call(call) => self.call(place, call, expr.span),
            ExprKind::Negate(inner) => {
                let operand = self.expr(place, inner);
                match (&operand.kind, &operand.ty) {
                    (_, Type::Missing) => broken(),
                    (Kind::Value(Value::Integer(n)), ty) if *n != i64::MIN => {
                        value(Value::Integer(-n), ty.clone())
                    }
                    (Kind::Value(Value::Number(n)), ty) => value(Value::Number(-n), ty.clone()),
                    (_, ty) if ty.is_numeric() || ty.is_quantity() => {
                        let (adds, ty) = (operand.adds, ty.clone());
                        let show =
                            if operand.show.is_of_calendar() { Show::Plain } else { operand.show.clone() };
                        let made = made_of(Kind::Call(Function::Negate, vec![operand]), ty);
                        Expr { adds, show, ..made }
                    }
                    (_, ty) => {
                        let ty = ty.clone();
                        self.broken(Diagnostic::new(
                            "type-operator",
                            format!("`-` takes a number or a quantity, not {}", a(&ty)),
                            inner.span,
                        ))
                    }
                }
            }
            ExprKind::Not(inner) => {
                let operand = self.boolean(place, inner, "`not`");
                made_of(Kind::Not(Box::new(operand)), Type::Bool)
            }
            ExprKind::Is { expr: inner, .. } if self.is_quoted_column(place.names, inner) => {
                Expr { ty: Type::Bool, ..broken() }
            }
            ExprKind::Is { expr: inner, known } => {
                let operand = self.expr(place, inner);
                if operand.ty == Type::Missing {
                    return Expr { ty: Type::Bool, ..broken() };
                }
                let missing = made_of(Kind::IsMissing(Box::new(operand)), Type::Bool);
                if *known { made_of(Kind::Not(Box::new(missing)), Type::Bool) } else { missing }
            }
            ExprKind::Binary { op, op_span, left, right } => {
                self.binary(place, *op, *op_span, left, right, expr.span)
            }
            ExprKind::In { expr: inner, set, negated } => self.membership(place, inner, set, *negated),
            ExprKind::If { test, then, otherwise } => {
                let test = self.boolean(place, test, "`if`");
                let then_value = self.expr(place, then);
                let else_value = self.expr(place, otherwise);
                let Some((then_value, else_value)) = self.same_type(then_value, then, else_value, otherwise)
                else {
                    return broken();
                };
                let ty = then_value.ty.clone();
                let adds = then_value.adds.and(else_value.adds);
                let show = shared_show(&then_value, &else_value);
                let kind = Kind::If(Box::new(test), Box::new(then_value), Box::new(else_value));
                Expr { adds, show, ..made_of(kind, ty) }
            }
            ExprKind::To { expr: inner, unit } => {
                let operand = self.expr(place, inner);
                self.shown(operand, unit)
            }
        }
    }

    /// A condition; `of` is what wants it.
    pub(super) fn boolean(&mut self, place: Place<'_>, expr: &ast::Expr, of: &str) -> Expr {
        let condition = self.expr(place, expr);
        match &condition.ty {
            Type::Bool => condition,
            Type::Missing => Expr { ty: Type::Bool, ..broken() },
            ty => {
                let mut mistake = Diagnostic::new(
                    "type-condition",
                    format!("{of} needs something true or false, and this is {}", a(ty)),
                    expr.span,
                );
                if let ExprKind::Path(_) = expr.kind {
                    let text = self.text(expr.span);
                    mistake = mistake.help(format!("compare it (`{text} = …`), or ask `{text} is known`"));
                }
                Expr { ty: Type::Bool, ..self.broken(mistake) }
            }
        }
    }

    fn path(&mut self, place: Place<'_>, names: &[Name]) -> Expr {
        let Some(first) = names.first() else { return broken() };
        if first.text == "this" && names.len() > 1 && place.names.column("this").is_none() {
            let Some((outer, up)) = place.this else {
                let mistake = Diagnostic::new(
                    "relation-this",
                    "`this` means nothing here: there is no outer row",
                    first.span,
                );
                let mistake = if self.within > 0 {
                    mistake.help(
                        "a query in brackets stands by itself: no row of the question around it is in sight",
                    )
                } else if place.rows.is_some() || place.what == What::Inside {
                    mistake.help("a group has many rows; `this.x` works in `let`, `select` and `where`, in an aggregate over a path")
                } else {
                    mistake.help("leave `this.` out: bare names are the row's own")
                };
                return self.broken(mistake);
            };
            let inner = self.row_path(outer, names.get(1..).unwrap_or_default());
            if inner.ty == Type::Missing {
                return broken();
            }
            return Expr { kind: Kind::This(Box::new(inner.clone()), up), ..inner };
        }
        if let Some(day) = self.named_day(names)
            && place.names.column(&first.text).is_none()
        {
            return value(Value::Date(day), Type::Date);
        }
        if let Some(measure) = self.measure(place, names) {
            return measure;
        }
        let found = self.row_path(place.names, names);
        if found.ty == Type::Missing {
            // A group's item that names a column of the rows wants an aggregate around it.
            if let Some(rows) = place.rows {
                self.explain_item(rows, names);
            } else if place.what == What::Value {
                self.explain_many(place.names, names);
            }
        }
        found
    }

    /// A bare column in an item of `summarise`: says that an aggregate is missing, in place of "no such
    /// column".
    fn explain_item(&mut self, rows: &Scope, names: &[Name]) {
        let span = whole(names);
        let Some(first) = names.first() else { return };
        let known =
            rows.dotted(names).is_some() || rows.column(&first.text).is_some() || rows.is_link(&first.text);
        let Some(last) = self.mistakes.last() else { return };
        if !known || last.labels.first().map(|label| label.span.start) != Some(first.span.start) {
            return;
        }
        self.mistakes.pop();
        let text = self.text(span).to_string();
        let mut mistake = Diagnostic::new(
            "type-item",
            format!("`{text}` has a value for every row, and an item has one for every group"),
            span,
        )
        .help(format!("say which: `max({text})`, `sum({text})`, …; or group by it: `… by {text}`"));
        if rows.table.as_ref().is_some_and(|table| table.measure(&text).is_some()) {
            mistake =
                mistake.help("the measure of that name stands behind it: `rename` or `drop` the column");
        }
        self.report(mistake);
    }

    /// A path to many records as a value of each row: says where it is one.
    fn explain_many(&mut self, rows: &Scope, names: &[Name]) {
        let of_this = |mistake: &Diagnostic| {
            mistake.code == "relation-many"
                && mistake.labels.first().map(|label| label.span) == Some(whole(names))
        };
        if !self.mistakes.last().is_some_and(of_this) {
            return;
        }
        let help = self.walk(rows, names).and_then(|walk| self.start_from_there(rows, &walk, names));
        if let (Some(help), Some(mistake)) = (help, self.mistakes.last_mut())
            && !mistake.help.contains(&help)
        {
            mistake.help.push(help);
        }
    }

    fn unknown_param(&mut self, name: &Name) -> Expr {
        if !self.defining.is_empty() {
            let message =
                format!("`${}` can't stand here: the catalogue is the same for every question", name.text);
            let mistake = Diagnostic::new("name-param", message, name.span);
            return self.broken(mistake.help("leave it to the questions: `… | where charged_on in $week`"));
        }
        let mut mistake =
            Diagnostic::new("name-param", format!("there is no param `{}`", name.text), name.span);
        let known: Vec<_> = self.params.keys().cloned().collect();
        mistake = match crate::diagnostic::nearest(&name.text, known.iter().map(String::as_str)) {
            Some(near) => mistake.help(format!("did you mean `${near}`?")),
            None => mistake.help(format!("declare it first: `param {}: period = 2023-10`", name.text)),
        };
        self.broken(mistake)
    }

    /// `x to kg`
    fn shown(&mut self, operand: Expr, unit: &Name) -> Expr {
        if operand.ty == Type::Missing {
            return operand;
        }
        if unit.text == "%" {
            return match operand.ty {
                Type::Integer | Type::Number => Expr { show: Show::Percent, ..self.as_number(operand) },
                ref ty => {
                    let message = format!("`to %` shows a number, and this is {}", a(ty));
                    self.broken(Diagnostic::new("type-units", message, unit.span))
                }
            };
        }
        if let Type::Rate(rate) = operand.ty.clone() {
            return self.shown_rate(operand, &rate, unit);
        }
        if unit.text.contains('/') {
            let Some(wanted) = self.rate_unit(unit, None) else { return broken() };
            let message = format!("{} measures a rate, and this is {}", wanted.name(), a(&operand.ty));
            let mistake = Diagnostic::new("type-units", message, unit.span);
            return self.broken(mistake.help("a rate is a quotient: `sum(value) / sum(weight) to £/g`"));
        }
        let Some(found) = self.unit_of(unit, Some(&operand.ty)) else { return broken() };
        if found.ty != operand.ty {
            let message = format!("{} measures {}, and this is {}", found.name, found.ty, a(&operand.ty));
            let mut mistake = Diagnostic::new("type-units", message, unit.span);
            if let Some(own) = Unit::default_of(&operand.ty) {
                mistake = mistake.help(format!("show it in {}, say", own.name));
            }
            return self.broken(mistake);
        }
        Expr { show: Show::Unit(found), ..operand }
    }

    /// `x to £/kg`
    fn shown_rate(&mut self, operand: Expr, rate: &Rate, unit: &Name) -> Expr {
        let own = rate.unit().map_or_else(String::new, |unit| unit.name());
        if !unit.text.contains('/') {
            let Some(found) = self.unit(unit) else { return broken() };
            let message = format!("{} measures {}, and this is a rate", found.name, found.ty);
            let mistake = Diagnostic::new("type-units", message, unit.span);
            return self.broken(mistake.help(format!("a rate has two units: `to {own}`")));
        }
        let Some(wanted) = self.rate_unit(unit, Some(rate)) else { return broken() };
        if (&wanted.of.ty, &wanted.per.ty) == (&rate.of, &rate.per) {
            return Expr { show: Show::Rate(Box::new(wanted)), ..operand };
        }
        let message = format!("this is {} over {}, and {} is not", rate.of, rate.per, wanted.name());
        let mistake = Diagnostic::new("type-units", message, unit.span);
        let turned = (&wanted.of.ty, &wanted.per.ty) == (&rate.per, &rate.of);
        self.broken(if turned {
            mistake.help("turn the division round: what stands above comes first")
        } else {
            mistake.help(format!("show it in {own}, say"))
        })
    }

    /// Both as one type: numbers widened, literals read as what the other side is. Reports where they
    /// can't be.
    pub(super) fn same_type(
        &mut self,
        left: Expr,
        left_at: &ast::Expr,
        right: Expr,
        right_at: &ast::Expr,
    ) -> Option<(Expr, Expr)> {
        let right = self.literal_as(right, right_at, &left.ty)?;
        let left = self.literal_as(left, left_at, &right.ty)?;
        if left.ty == right.ty {
            return Some((left, right));
        }
        match (&left.ty, &right.ty) {
            (Type::Missing, ty) => Some((Expr { ty: ty.clone(), ..left }, right)),
            (ty, Type::Missing) => {
                let ty = ty.clone();
                Some((left, Expr { ty, ..right }))
            }
            (Type::Integer, Type::Number) => Some((self.as_number(left), right)),
            (Type::Number, Type::Integer) => {
                let right = self.as_number(right);
                Some((left, right))
            }
            // A record's title is no id, though it may look like one.
            (Type::Record(table), Type::Id) | (Type::Id, Type::Record(table)) => {
                let (record_at, id_at) =
                    if is_record(&left.ty) { (left_at, right_at) } else { (right_at, left_at) };
                let key = self.catalogue.table(table).and_then(|table| table.key.first().cloned());
                let record = self.text(record_at.span);
                let message = format!("this is a record of {table}, and the other is an id");
                let mut mistake =
                    Diagnostic::new("type-mismatch", message, record_at.span).also(id_at.span, "an id");
                if let (Some(key), ExprKind::Path(_)) = (key, &record_at.kind) {
                    mistake = mistake.help(format!("name its key: `{record}.{key}`"));
                }
                self.report(mistake);
                None
            }
            // Records of one table are compared as such; beside text a record is its title.
            (l, r) if textual(l) && textual(r) && !(is_record(l) && is_record(r)) => {
                Some((self.as_text(left), self.as_text(right)))
            }
            (l, r) => {
                let message = format!("this is {}, and the other is {}", a(r), a(l));
                let mut mistake =
                    Diagnostic::new("type-mismatch", message, right_at.span).also(left_at.span, a(l));
                mistake.help = self.mismatch_help((&left, left_at), (&right, right_at));
                self.report(mistake);
                None
            }
        }
    }

    /// An integer as a number.
    pub(super) fn as_number(&mut self, expr: Expr) -> Expr {
        match (&expr.kind, &expr.ty) {
            (Kind::Value(Value::Integer(n)), Type::Integer) => value(Value::Number(*n as f64), Type::Number),
            (_, Type::Integer) => {
                let (adds, spread, show) = (expr.adds, expr.spread, expr.show.clone());
                Expr {
                    kind: Kind::Call(Function::ToNumber, vec![expr]),
                    ty: Type::Number,
                    show,
                    spread,
                    adds,
                }
            }
            _ => expr,
        }
    }

    /// A category, an id or a record as its text.
    pub(super) fn as_text(&mut self, expr: Expr) -> Expr {
        let spread = expr.spread;
        let function = match expr.ty {
            Type::Category(_) => Function::CategoryText,
            Type::Record(_) => Function::RecordText,
            // Stored as text already.
            Type::Id => return Expr { ty: Type::Text, ..expr },
            _ => return expr,
        };
        Expr {
            kind: Kind::Call(function, vec![expr]),
            ty: Type::Text,
            show: Show::Plain,
            spread,
            adds: Adds::Plain,
        }
    }

    /// A datetime as its day.
    pub(super) fn as_date(&mut self, expr: Expr) -> Expr {
        match expr.ty {
            Type::Datetime => made_of(Kind::Call(Function::ToDate, vec![expr]), Type::Date),
            _ => expr,
        }
    }

    pub(super) fn today(&self) -> i32 {
        self.today
    }
}

/// Text, or something that reads as it beside text.
pub(super) fn textual(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Category(_) | Type::Record(_) | Type::Id)
}

fn is_record(ty: &Type) -> bool {
    matches!(ty, Type::Record(_))
}

/// A type with its article: `a date`, `an integer`, `money (GBP)`.
pub(super) fn a(ty: &Type) -> String {
    let article = match ty {
        Type::Integer | Type::Id => "an ",
        Type::Text | Type::Money(_) | Type::Mass | Type::Volume | Type::Items(_) | Type::Missing => "",
        _ => "a ",
    };
    format!("{article}{ty}")
}

/// How two values of one type are shown together.
pub(super) fn shared_show(left: &Expr, right: &Expr) -> Show {
    match (&left.show, &right.show) {
        (a, b) if a == b => a.clone(),
        // Beside another day a bin is a day like any.
        (a, b) if a.is_of_calendar() || b.is_of_calendar() => Show::Plain,
        (a, _) if right.spread == Spread::Constant => a.clone(),
        (_, b) if left.spread == Spread::Constant => b.clone(),
        _ => Show::Plain,
    }
}
