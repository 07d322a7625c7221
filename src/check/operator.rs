//! Operators: which types each takes, and what type, what repetition and what additivity come out.

use super::expr::{Place, a, shared_show, textual};
use super::scope::{Scope, ScopeColumn, as_written};
use super::{Checker, broken, made_of, value};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, BinaryOp, Expr, Kind, Spread};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::time::date_of;
use crate::types::{Bin, Period, Rate, Show, Type, Value};

impl Checker<'_> {
    /// `left op right`
    pub(super) fn binary(
        &mut self,
        place: Place<'_>,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        use BinaryOp::{
            Add, And, Coalesce, Contains, Div, EndsWith, Eq, Ge, Gt, Le, Lt, Matches, Mul, Ne, Or,
            StartsWith, Sub,
        };
        match op {
            And | Or => {
                let name = if op == And { "`and`" } else { "`or`" };
                let l = self.boolean(place, left, name);
                let r = self.boolean(place, right, name);
                binary(op, l, r, Type::Bool)
            }
            Eq | Ne | Lt | Le | Gt | Ge => self.comparison(place, op, op_span, left, right, span),
            Contains | StartsWith | EndsWith | Matches => self.text_match(place, op, left, right),
            Coalesce => {
                let l = self.expr(place, left);
                let r = self.expr(place, right);
                self.coalesce(l, left, r, right)
            }
            Add | Sub | Mul | Div => {
                if let Some(moved) = self.add_months(place, op, op_span, left, right) {
                    return moved;
                }
                let l = self.expr(place, left);
                let r = self.expr(place, right);
                if l.ty == Type::Missing || r.ty == Type::Missing {
                    return broken();
                }
                self.arithmetic(op, op_span, l, left, r, right)
            }
        }
    }

    /// The left value, or the right one where that is missing.
    pub(super) fn coalesce(&mut self, l: Expr, left: &ast::Expr, r: Expr, right: &ast::Expr) -> Expr {
        let Some((l, r)) = self.same_type(l, left, r, right) else { return broken() };
        let (adds, show) = (l.adds.and(r.adds), shared_show(&l, &r));
        let ty = l.ty.clone();
        Expr { adds, show, ..binary(BinaryOp::Coalesce, l, r, ty) }
    }

    fn comparison(
        &mut self,
        place: Place<'_>,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
    ) -> Expr {
        let nothing = Expr { ty: Type::Bool, ..broken() };
        for side in [left, right] {
            if matches!(side.kind, ExprKind::Missing) {
                let other = if std::ptr::eq(side, left) { right } else { left };
                let text = self.text(other.span);
                let is = if op == BinaryOp::Ne { "is known" } else { "is missing" };
                let mistake = Diagnostic::new(
                    "type-missing",
                    "nothing equals `missing`: such a comparison is never true",
                    span,
                )
                .help(format!("write `{text} {is}`"));
                self.report(mistake);
                return nothing;
            }
        }
        // A bin against a span of its own grain: `month(x) = 2023-10`.
        for (bin_side, span_side, op) in [(left, right, op), (right, left, op.turned())] {
            if let Some(period) = self.span_operand(span_side) {
                let bin = self.expr(place, bin_side);
                return self.bin_comparison(op, op_span, bin, bin_side, period, span_side);
            }
        }
        if self.is_quoted_column(place.names, left) {
            return nothing;
        }
        let l = self.expr(place, left);
        let found = self.mistakes.len();
        let r = self.expr(place, right);
        if l.ty == Type::Missing || r.ty == Type::Missing {
            self.want_quotes(&l, right, found);
            return nothing;
        }
        // A year beside a bin is a span too, of another grain: only `fy(x) = fy 2023` means something.
        for (bin, bin_at, year_at, op) in [(&l, left, right, op), (&r, right, left, op.turned())] {
            let bin_of_days = bin.ty == Type::Date && matches!(bin.show, Show::Bin(_));
            if bin_of_days && matches!(year_at.kind, ExprKind::Number(_)) {
                if self.number_beside_bin(bin, bin_at, year_at, span) {
                    return nothing;
                }
                let Ok(Some(year)) = self.period(year_at) else { return nothing };
                return self.bin_comparison(op, op_span, bin.clone(), bin_at, year, year_at);
            }
        }
        // A datetime beside a date is compared by its day.
        let (l, r) = match (&l.ty, &r.ty) {
            (Type::Datetime, Type::Date) => (self.as_date(l), r),
            (Type::Date, Type::Datetime) => {
                let r = self.as_date(r);
                (l, r)
            }
            _ => (l, r),
        };
        let ordering = !matches!(op, BinaryOp::Eq | BinaryOp::Ne);
        for (id, number) in [(&l, right), (&r, left)] {
            if ordering && id.ty == Type::Id && matches!(number.kind, ExprKind::Number(_)) {
                return Expr { ty: Type::Bool, ..self.number_beside_id(op_span) };
            }
        }
        let Some((l, r)) = self.same_type(l, left, r, right) else { return nothing };
        if ordering {
            self.tell_of_numbers_in_text(&l, left, right);
        }
        if !ordering {
            for (bin, day, day_at) in [(&l, &r, right), (&r, &l, left)] {
                self.refuse_day_in_mid_bin(bin, day, day_at);
            }
        }
        if ordering && !l.ty.is_ordered() {
            let ty = l.ty.clone();
            return Expr {
                ty: Type::Bool,
                ..self.broken(
                    Diagnostic::new(
                        "type-operator",
                        format!("`{}` compares what has an order, and this is {}", op.text(), a(&ty)),
                        op_span,
                    )
                    .help("use `=` or `!=`"),
                )
            };
        }
        binary(op, l, r, Type::Bool)
    }

    /// The first day of a period, where it is one of the grain of a bin.
    pub(super) fn span_of_grain(&mut self, bin: &Expr, period: &ast::Expr) -> Option<i32> {
        let Show::Bin(grain) = bin.show else { return None };
        let period = self.span_operand(period)?;
        (bin.ty == Type::Date && period.bin == Some(grain) && !period.to_date).then_some(period.first)?
    }

    /// `week(x) = 2023-10-11`, a Wednesday: no week begins there, so no bin is ever equal to it.
    fn refuse_day_in_mid_bin(&mut self, bin: &Expr, day: &Expr, day_at: &ast::Expr) {
        let (Show::Bin(grain), Type::Date, Kind::Value(Value::Date(day))) = (&bin.show, &bin.ty, &day.kind)
        else {
            return;
        };
        let Some(date) = date_of(*day) else { return };
        if grain.first(date) == Some(date) {
            return;
        }
        let text = self.text(day_at.span);
        let mistake = Diagnostic::new(
            "type-period",
            format!("no {} begins on {text}, and the other side is one", grain.name()),
            day_at.span,
        );
        self.report(mistake.help(format!("`{} of {text}` is the one that holds it", grain.name())));
    }

    /// An id has the order of its text, in which 9 comes after 10.
    pub(super) fn number_beside_id(&mut self, at: Span) -> Expr {
        let message = "an id is compared as text, and 9 comes after 10 there";
        let mistake = Diagnostic::new("type-operator", message, at);
        self.broken(mistake.help("declare the column as an integer, if it counts something"))
    }

    fn bin_comparison(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        bin: Expr,
        bin_at: &ast::Expr,
        period: Period,
        period_at: &ast::Expr,
    ) -> Expr {
        let nothing = Expr { ty: Type::Bool, ..broken() };
        let text = self.text(period_at.span);
        let at = self.text(bin_at.span);
        match (&bin.ty, &bin.show, period.bin, period.first) {
            (Type::Missing, ..) => nothing,
            (Type::Date, Show::Bin(grain), Some(span), Some(first)) if *grain == span && !period.to_date => {
                binary(op, bin, value(Value::Date(first), Type::Date), Type::Bool)
            }
            (Type::Date, Show::Bin(grain), ..) => {
                let mistake = Diagnostic::new(
                    "type-period",
                    format!("{text} is no {}, and the other side is one", grain.name()),
                    period_at.span,
                );
                let mistake = match (grain, &period_at.kind) {
                    (Bin::Fy(_), ExprKind::Number(_)) => mistake.help(format!("write `fy {text}`")),
                    _ => mistake.help(format!("`{at} in {text}` asks whether it begins in that span")),
                };
                Expr { ty: Type::Bool, ..self.broken(mistake) }
            }
            (Type::Date | Type::Datetime, ..) => {
                let mistake = Diagnostic::new(
                    "type-period",
                    format!("{text} is a span of days: a date is not equal to it, before it or after it"),
                    op_span,
                );
                let mistake = match op {
                    BinaryOp::Ge => mistake.help(format!("`{at} in since {text}`")),
                    BinaryOp::Le => mistake.help(format!("`{at} in until {text}`")),
                    BinaryOp::Ne => mistake.help(format!("`{at} not in {text}`")),
                    BinaryOp::Lt => mistake.help(format!("`{at} not in since {text}`")),
                    BinaryOp::Gt => mistake.help(format!("`{at} not in until {text}`")),
                    _ => mistake.help(format!("`{at} in {text}`")),
                };
                Expr { ty: Type::Bool, ..self.broken(mistake) }
            }
            (ty, ..) => {
                let mistake = Diagnostic::new(
                    "type-mismatch",
                    format!("{text} is a span of days, and the other side is {}", a(ty)),
                    period_at.span,
                )
                .also(bin_at.span, a(ty));
                Expr { ty: Type::Bool, ..self.broken(mistake) }
            }
        }
    }

    /// `age < "18"`, of an age that is text, puts "9" behind "18".
    fn tell_of_numbers_in_text(&mut self, l: &Expr, left: &ast::Expr, right: &ast::Expr) {
        let number = matches!(&right.kind, ExprKind::Text(text) if text.trim().parse::<f64>().is_ok());
        if l.ty != Type::Text || !number {
            return;
        }
        let text = self.text(left.span).to_string();
        self.note(format!(
            "`{text}` is text, which is compared letter by letter: `integer({text})` compares numbers"
        ));
    }

    /// A text beside a text that is no column was meant as one: `borough = Lambeth`. The mistakes from `found` on are
    /// that side's.
    fn want_quotes(&mut self, other: &Expr, side: &ast::Expr, found: usize) {
        let ExprKind::Path(names) = &side.kind else { return };
        let [name] = names.as_slice() else { return };
        let unknown = self.mistakes.get_mut(found).filter(|mistake| mistake.code == "name-column");
        if let Some(mistake) = unknown.filter(|_| textual(&other.ty)) {
            mistake.help.insert(0, format!("a text stands in quotes: \"{}\"", name.text));
        }
    }

    /// A mistake where a text stands that is a column's name: `"borough" = "Lambeth"` is the same for every row.
    pub(super) fn is_quoted_column(&mut self, scope: &Scope, expr: &ast::Expr) -> bool {
        let ExprKind::Text(text) = &expr.kind else { return false };
        let called = |column: &&ScopeColumn| column.name.eq_ignore_ascii_case(text);
        let Some(column) = scope.columns.iter().find(called) else { return false };
        let message = format!("this is the text \"{text}\", the same for every row");
        let help = format!("the column is written {}", as_written(&column.name));
        self.report(Diagnostic::new("name-quoted", message, expr.span).help(help));
        true
    }

    fn text_match(&mut self, place: Place<'_>, op: BinaryOp, left: &ast::Expr, right: &ast::Expr) -> Expr {
        let nothing = Expr { ty: Type::Bool, ..broken() };
        if self.is_quoted_column(place.names, left) {
            return nothing;
        }
        let mut sides: Vec<Expr> = Vec::new();
        for side in [left, right] {
            let found = self.mistakes.len();
            let expr = self.expr(place, side);
            match &expr.ty {
                Type::Missing => {
                    if let Some(l) = sides.first() {
                        let l = l.clone();
                        self.want_quotes(&l, side, found);
                    }
                    return nothing;
                }
                Type::Id => {
                    let mistake = Diagnostic::new(
                        "type-operator",
                        format!("`{}` looks into text, and this is an id", op.text()),
                        side.span,
                    )
                    .help("an id can be compared, counted and followed");
                    self.report(mistake);
                    return nothing;
                }
                ty if textual(ty) => sides.push(self.as_text(expr)),
                ty => {
                    let message = format!("`{}` looks into text, and this is {}", op.text(), a(ty));
                    self.report(Diagnostic::new("type-operator", message, side.span));
                    return nothing;
                }
            }
        }
        let (Some(r), Some(l)) = (sides.pop(), sides.pop()) else { return nothing };
        if op == BinaryOp::Matches {
            let Kind::Value(Value::Text(pattern)) = &r.kind else {
                let mistake =
                    Diagnostic::new("type-pattern", "`matches` takes a pattern in quotes", right.span);
                self.report(mistake);
                return nothing;
            };
            if let Err(error) = regex::Regex::new(pattern) {
                let why = error.to_string();
                let why =
                    why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_string();
                self.report(
                    Diagnostic::new("type-pattern", "this is no regular expression", right.span)
                        .label(why)
                        .help("`contains` looks for the text as it stands"),
                );
                return nothing;
            }
        }
        binary(op, l, r, Type::Bool)
    }

    pub(super) fn arithmetic(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        l: Expr,
        left: &ast::Expr,
        r: Expr,
        right: &ast::Expr,
    ) -> Expr {
        use BinaryOp::{Add, Div, Mul, Sub};
        let ty = match (op, &l.ty, &r.ty) {
            (Add, x, y) if textual(x) && textual(y) && *x != Type::Id && *y != Type::Id => {
                let (l, r) = (self.as_text(l), self.as_text(r));
                return binary(op, l, r, Type::Text);
            }
            (Add | Sub | Mul, Type::Integer, Type::Integer) => Type::Integer,
            (_, x, y) if x.is_numeric() && y.is_numeric() => Type::Number,
            (Add | Sub, x, y) if x == y && x.is_quantity() => x.clone(),
            (Sub, Type::Datetime, Type::Datetime) => Type::Duration,
            (Sub, Type::Date | Type::Datetime, Type::Date | Type::Datetime) => {
                let (l, r) = (self.as_date(l), self.as_date(r));
                return binary(op, l, r, Type::Duration);
            }
            (Add | Sub, Type::Date | Type::Datetime, Type::Duration) => l.ty.clone(),
            (Add, Type::Duration, Type::Date | Type::Datetime) => {
                let ty = r.ty.clone();
                return binary(op, r, l, ty);
            }
            (Mul, x, y) if x.is_quantity() && y.is_numeric() => x.clone(),
            (Mul, x, y) if x.is_numeric() && y.is_quantity() => {
                let ty = y.clone();
                let (adds, show) = (scaled_adds(&r, &l), r.show.clone());
                return Expr { adds, show, ..binary(op, r, l, ty) };
            }
            (Div, x, y) if x.is_quantity() && y.is_numeric() => x.clone(),
            (Div, x, y) if x == y && (x.is_quantity() || matches!(x, Type::Rate(_))) => Type::Number,
            (Div, x, y) if let Some(rate) = Rate::between(x, y) => Type::Rate(rate.into()),
            (Div, x, Type::Rate(rate)) if *x == rate.of => rate.per.clone(),
            (Mul, Type::Rate(rate), y) if *y == rate.per => rate.of.clone(),
            (Mul | Div, Type::Rate(_), y) if y.is_numeric() => l.ty.clone(),
            (Mul, x, Type::Rate(rate)) if x.is_numeric() || *x == rate.per => {
                return self.arithmetic(op, op_span, r, right, l, left);
            }
            (_, x, y) => {
                let mistake = self.no_arithmetic(op, op_span, x, left, y, right);
                return self.broken(mistake);
            }
        };
        // Beside a number an integer becomes one; beside a quantity each keeps its kind.
        let (l, r) = if ty == Type::Number && l.ty.is_numeric() {
            (self.as_number(l), self.as_number(r))
        } else {
            (l, r)
        };
        let adds = match op {
            Add | Sub => l.adds.and(r.adds),
            Mul => scaled_adds(&l, &r),
            _ => quotient_adds(&l, &r),
        };
        let show = match op {
            Add | Sub => shared_show(&l, &r),
            // A date that was a bin is none after an addition; a share of a quantity keeps its unit.
            _ if ty == l.ty && (ty.is_quantity() || matches!(ty, Type::Rate(_))) => l.show.clone(),
            _ => Show::Plain,
        };
        let show = if show.is_of_calendar() { Show::Plain } else { show };
        Expr { adds, show, ..binary(op, l, r, ty) }
    }

    fn no_arithmetic(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        x: &Type,
        left: &ast::Expr,
        y: &Type,
        right: &ast::Expr,
    ) -> Diagnostic {
        let message = match op {
            BinaryOp::Add => format!("{} and {} can't be added", a(x), a(y)),
            BinaryOp::Sub => format!("{} can't be taken from {}", a(y), a(x)),
            BinaryOp::Mul => format!("{} and {} can't be multiplied", a(x), a(y)),
            _ => format!("{} can't be divided by {}", a(x), a(y)),
        };
        let measured = |ty: &Type| ty.is_quantity() || matches!(ty, Type::Rate(_));
        let code = if measured(x) || measured(y) { "type-units" } else { "type-operator" };
        let mistake =
            Diagnostic::new(code, message, op_span).label("").also(left.span, a(x)).also(right.span, a(y));
        match (op, x, y) {
            (_, Type::Id, _) | (_, _, Type::Id) => {
                mistake.help("an id identifies: it can be compared and counted, not reckoned with")
            }
            (BinaryOp::Add | BinaryOp::Sub, Type::Rate(_), Type::Rate(_)) => mistake.help(
                "rates don't add up, nor do averages: divide one sum by another, `sum(value) / sum(weight)`",
            ),
            (BinaryOp::Mul, Type::Rate(rate), y) | (BinaryOp::Mul, y, Type::Rate(rate))
                if y.is_quantity() =>
            {
                mistake.help(format!("times {} it would be {}", rate.per, rate.of))
            }
            (BinaryOp::Div, Type::Money(_), Type::Money(_)) => {
                mistake.help("two currencies don't meet: what one costs in the other changes by the day")
            }
            (BinaryOp::Add | BinaryOp::Sub, x, y) if x.is_quantity() && y.is_quantity() => {
                mistake.help("only amounts of one kind add up; keep them in two columns")
            }
            (BinaryOp::Add | BinaryOp::Sub, Type::Date | Type::Datetime, Type::Integer) => {
                let amount = self.text(right.span);
                mistake.help(match right.kind {
                    ExprKind::Number(_) => format!("say of what: `{amount} days`"),
                    ExprKind::Path(_) => format!("say of what: `{amount} * 1 days`"),
                    _ => format!("say of what: `({amount}) * 1 days`"),
                })
            }
            (BinaryOp::Add | BinaryOp::Sub, x, Type::Integer | Type::Number) if x.is_quantity() => {
                mistake.help("a bare number has no unit: write it with one")
            }
            _ => mistake,
        }
    }
}

pub(super) fn binary(op: BinaryOp, l: Expr, r: Expr, ty: Type) -> Expr {
    made_of(Kind::Binary(op, Box::new(l), Box::new(r)), ty)
}

/// Of a product: a constant multiple adds up as the other factor does.
fn scaled_adds(l: &Expr, r: &Expr) -> Adds {
    match (l.spread, r.spread) {
        (Spread::Constant, _) => r.adds,
        (_, Spread::Constant) => l.adds,
        _ => match l.adds.and(r.adds) {
            Adds::Yes => Adds::No,
            adds => adds,
        },
    }
}

/// Of a quotient: of ordinary columns an ordinary value, by a constant as the dividend, else an average.
fn quotient_adds(l: &Expr, r: &Expr) -> Adds {
    if r.spread == Spread::Constant {
        return l.adds;
    }
    match l.adds.and(r.adds) {
        Adds::Plain => Adds::Plain,
        _ => Adds::Average,
    }
}
