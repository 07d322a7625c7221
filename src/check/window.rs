//! Windows: values of a row that hang on the other rows of its group.
//!
//! Three shapes. An aggregate with `per` is what a grouping would give, on each of the group's rows, so its
//! argument reaches for records as in `summarise`. A sliding aggregate (`over …`) takes one value a row, and so
//! do `share`, `running`, `rank`, `before` and `after`: a value along a link repeats there, and wants `each`.
//! What hangs on the order of rows says which: nothing takes the order that the rows happen to have.

use std::sync::Arc;

use super::aggregate::Read;
use super::expr::{Place, What, a};
use super::{Checker, broken, made_of, value};
use crate::builtins::{Meaning, Windowing};
use crate::diagnostic::Diagnostic;
use crate::plan::{
    Adds, Aggregate, Aggregator, BinaryOp, Expr, Frame, Kind, Over, SortKey, Spread, Window, Windowed,
};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Show, Type, Value};

impl Checker<'_> {
    /// A window, or an aggregate that says `per` or `over`.
    pub(super) fn window(
        &mut self,
        place: Place<'_>,
        meaning: Meaning,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        if meaning == Meaning::Window(Windowing::Total) {
            return self.total_of(place, call, span);
        }
        if let Some(mistake) = self.misplaced(place, meaning, call, span) {
            return self.broken(mistake);
        }
        let made = match meaning {
            Meaning::Aggregate(function) => match &call.over {
                None => return self.whole(place, function, call, span),
                Some(over) => self.sliding(place, function, call, over, span),
            },
            Meaning::Window(Windowing::Share) => self.share(place, call, span),
            Meaning::Window(Windowing::Rank) => self.rank(place, call, span),
            Meaning::Window(Windowing::RowNumber) => self.row_number(place, call, span),
            Meaning::Window(Windowing::Running) => self.running(place, call, span),
            Meaning::Window(window @ (Windowing::Before | Windowing::After)) => {
                self.neighbour(place, window, call, span)
            }
            // It was answered above, and a function is no window.
            Meaning::Window(Windowing::Total) | Meaning::Function(_) | Meaning::Coalesce => None,
        };
        made.unwrap_or_else(broken)
    }

    /// Where no window can stand, and what to do instead.
    fn misplaced(
        &self,
        place: Place<'_>,
        meaning: Meaning,
        call: &ast::Call,
        span: Span,
    ) -> Option<Diagnostic> {
        let text = self.text(span);
        let name = &call.name.text;
        match place.what {
            What::Derive => Some(
                Diagnostic::new("relation-derive", format!("`{text}` can't stand here"), span)
                    .help("derived columns are worked out from one row, along links to one record"),
            ),
            What::Inside => Some(
                Diagnostic::new(
                    "type-window",
                    format!("`{text}` hangs on other rows, and stands inside brackets that look at one"),
                    span,
                )
                .help(format!("work it out first: `let x = {text} | …`, then use `x`")),
            ),
            What::Item => {
                let mistake = Diagnostic::new(
                    "type-window",
                    format!("`{text}` gives a value to every row, and `summarise` one to every group"),
                    span,
                );
                Some(match meaning {
                    Meaning::Aggregate(_) if call.over.is_none() => {
                        mistake.help("leave `per …` out: the groups are those after `by`").help(format!(
                            "on each row of the answer: `summarise … by … | let x = {name}(… per …)`"
                        ))
                    }
                    _ => mistake.help(format!("first `summarise … by …`, then `let x = {name}(…)`")),
                })
            }
            What::Value | What::Filter => None,
        }
    }

    /// An aggregate over the row's group; over all rows where the call names none.
    pub(super) fn whole(
        &mut self,
        place: Place<'_>,
        function: Aggregator,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        let per = self.window_keys(place, &call.per, span);
        self.after_a_cut(place, span);
        let grouped = Place { names: place.names, rows: Some(place.names), this: None, what: What::Item };
        let found = self.aggregate(grouped, function, call, span);
        let (Kind::Aggregate(aggregate), Some(per)) = (found.kind, per) else { return broken() };
        let what = Windowed::Whole(aggregate);
        let like = Expr { spread: Spread::Repeats, ..value(Value::Missing, found.ty) };
        self.made_window(
            place,
            what,
            per,
            Vec::new(),
            span,
            Expr { show: found.show, adds: found.adds, ..like },
        )
    }

    /// An aggregate over a part of the group around the row.
    fn sliding(
        &mut self,
        place: Place<'_>,
        function: Aggregator,
        call: &ast::Call,
        over: &ast::Over,
        span: Span,
    ) -> Option<Expr> {
        if !self.well_formed(place.names, function, call, span) {
            return None;
        }
        let per = self.window_keys(place, &call.per, span);
        let inside = inside(place);
        let (sorted, frame) = match over {
            ast::Over::Rows { n, before } => {
                let sorted = self.order_of(inside, call, span);
                let n = self.how_many(inside, n, "over", "`over 4 rows`");
                (sorted, n.map(|n| Frame::Rows { n, before: *before }))
            }
            ast::Over::Span { duration, of } => {
                (Some(Vec::new()), self.span_frame(inside, duration, of, call))
            }
        };
        let aggregate = self.over_values(place, function, call, true)?;
        let (sorted, frame, per) = (sorted?, frame?, per?);
        let Kind::Aggregate(inner) = aggregate.kind else { return None };
        // Parts overlap: what adds up over groups doesn't over them.
        let adds = if aggregate.adds == Adds::Yes { Adds::No } else { aggregate.adds };
        let like = Expr { spread: Spread::Own, ..value(Value::Missing, aggregate.ty) };
        let like = Expr { show: aggregate.show, adds, ..like };
        Some(self.made_window(place, Windowed::Sliding(inner, frame), per, sorted, span, like))
    }

    /// `over 90 days of arrested_at`
    fn span_frame(
        &mut self,
        inside: Place<'_>,
        duration: &ast::Expr,
        of: &ast::Expr,
        call: &ast::Call,
    ) -> Option<Frame> {
        let time = self.text(of.span).to_string();
        if let Some(key) = call.sorted_by.first() {
            self.report(
                Diagnostic::new("type-window", format!("`over … of {time}` goes by {time}"), key.span)
                    .help("leave `sorted by` out"),
            );
            return None;
        }
        let long = self.expr(inside, duration);
        let at = self.expr(inside, of);
        if long.ty == Type::Missing || at.ty == Type::Missing {
            return None;
        }
        if !matches!(at.ty, Type::Date | Type::Datetime) {
            let message = format!("`over` goes by a date or a datetime, and this is {}", a(&at.ty));
            self.report(
                Diagnostic::new("type-window", message, of.span)
                    .help("`over 90 days of arrested_at`; by rows: `sorted by … over 4 rows`"),
            );
            return None;
        }
        match (&long.kind, &long.ty) {
            (Kind::Value(Value::Integer(micros @ 1..)), Type::Duration) => {
                Some(Frame::Span { micros: *micros, of: at })
            }
            (_, ty) => {
                let message = match ty {
                    Type::Duration => {
                        "`over` takes a time longer than nought that stands in the question".to_string()
                    }
                    ty => format!("`over` takes a time, and this is {}", a(ty)),
                };
                self.report(
                    Diagnostic::new("type-window", message, duration.span)
                        .help(format!("`over 90 days of {time}`, `over 36 hours of {time}`")),
                );
                None
            }
        }
    }

    /// An aggregate of one value a row.
    fn over_values(
        &mut self,
        place: Place<'_>,
        function: Aggregator,
        call: &ast::Call,
        slides: bool,
    ) -> Option<Expr> {
        let inside = inside(place);
        let arg = call.args.first().map(|arg| (self.expr(inside, arg), arg));
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        if let Some((value, at)) = &arg
            && slides
            && call.each.is_none()
            && value.spread == Spread::Repeats
        {
            self.refuse_repeating(&call.name.text, value, Some(at), at.span, &Over::Rows, place.names)?;
        }
        let read = Read { arg, filter, sorted: Vec::new(), over: Over::Rows };
        self.finish_aggregate(function, call, read, place.names)
    }

    /// `share(x per …)`: x over its group's sum.
    fn share(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Option<Expr> {
        self.only(call, &[Clause::Each, Clause::Per], span)?;
        let arg = self.one_value(call, span)?;
        let per = self.window_keys(place, &call.per, span);
        self.after_a_cut(place, span);
        let sum = self.over_values(place, Aggregator::Sum, call, false)?;
        let per = per?;
        let Kind::Aggregate(aggregate) = &sum.kind else { return None };
        let x = aggregate.arg.clone()?;
        let what = Windowed::Whole(Arc::clone(aggregate));
        let like = Expr { spread: Spread::Repeats, ..value(Value::Missing, sum.ty) };
        let like = Expr { show: sum.show, adds: sum.adds, ..like };
        let group = self.made_window(place, what, per, Vec::new(), span, like);
        let share = self.arithmetic(BinaryOp::Div, call.name.span, x, arg, group, arg);
        Some(match &place.names.level {
            // A total's part of itself.
            Some(level) => {
                let level = Expr { kind: Kind::Made(level.clone()), ..value(Value::Missing, Type::Integer) };
                let nought = value(Value::Integer(0), Type::Integer);
                let is_total = Kind::Binary(BinaryOp::Ne, Box::new(level), Box::new(nought));
                let is_total = made_of(is_total, Type::Bool);
                let all = value(Value::Number(1.0), Type::Number);
                let (spread, adds) = (share.spread, share.adds);
                let kind = Kind::If(Box::new(is_total), Box::new(all), Box::new(share));
                Expr { spread, adds, ..made_of(kind, Type::Number) }
            }
            None => share,
        })
    }

    /// `rank([-]x per …)`
    fn rank(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Option<Expr> {
        self.only(call, &[Clause::Where, Clause::Per], span)?;
        let arg = self.one_value(call, span)?;
        let per = self.window_keys(place, &call.per, span);
        self.after_a_cut(place, span);
        // The sign is the direction of the whole key, for texts and dates too.
        let (descending, arg) = match &arg.kind {
            ExprKind::Negate(inner) => (true, &**inner),
            _ => (false, arg),
        };
        let inside = inside(place);
        let expr = self.expr(inside, arg);
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        if expr.ty == Type::Missing {
            return None;
        }
        let what = Windowed::Rank(SortKey { descending, expr }, filter);
        Some(self.made_window(place, what, per?, Vec::new(), span, position()))
    }

    /// `row_number(per … sorted by …)`
    fn row_number(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Option<Expr> {
        self.only(call, &[Clause::Where, Clause::Per, Clause::Sorted], span)?;
        if let Some(arg) = call.args.first() {
            let text = self.text(arg.span);
            self.report(
                Diagnostic::new("type-call", "`row_number` takes no value", arg.span)
                    .help(format!("`row_number(sorted by {text})` counts the rows in that order")),
            );
            return None;
        }
        let per = self.window_keys(place, &call.per, span);
        let inside = inside(place);
        let sorted = self.order_of(inside, call, span);
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        Some(self.made_window(place, Windowed::RowNumber(filter), per?, sorted?, span, position()))
    }

    /// `running(x per … sorted by …)`
    fn running(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Option<Expr> {
        self.only(call, &[Clause::Each, Clause::Where, Clause::Per, Clause::Sorted], span)?;
        self.one_value(call, span)?;
        let per = self.window_keys(place, &call.per, span);
        self.after_a_cut(place, span);
        let sorted = self.order_of(inside(place), call, span);
        let sum = self.over_values(place, Aggregator::Sum, call, true)?;
        let Kind::Aggregate(aggregate) = sum.kind else { return None };
        // Each row's sum holds those before it.
        let adds = if sum.adds == Adds::Yes { Adds::No } else { sum.adds };
        let like = Expr { spread: Spread::Own, ..value(Value::Missing, sum.ty) };
        let like = Expr { show: sum.show, adds, ..like };
        Some(self.made_window(place, Windowed::Running(aggregate), per?, sorted?, span, like))
    }

    /// `before(x, n per … sorted by …)`, `after(…)`
    fn neighbour(
        &mut self,
        place: Place<'_>,
        window: Windowing,
        call: &ast::Call,
        span: Span,
    ) -> Option<Expr> {
        self.only(call, &[Clause::Per, Clause::Sorted], span)?;
        let name = &call.name.text;
        if call.args.is_empty() || call.args.len() > 2 {
            self.report(
                Diagnostic::new("type-call", format!("`{name}` takes a value, and how many rows away"), span)
                    .help(format!("`{name}(x sorted by …)`, `{name}(x, 2 sorted by …)`")),
            );
            return None;
        }
        let per = self.window_keys(place, &call.per, span);
        let inside = inside(place);
        let sorted = self.order_of(inside, call, span);
        let away = match call.args.get(1) {
            Some(n) => self.how_many(inside, n, name, &format!("`{name}(x, 2 sorted by …)`"))?,
            None => 1,
        };
        let away = i64::try_from(away).unwrap_or(i64::MAX);
        let arg = call.args.first()?;
        let found = self.expr(inside, arg);
        if found.ty == Type::Missing {
            return None;
        }
        let like = Expr { kind: Kind::Value(Value::Missing), ..found.clone() };
        let away = if window == Windowing::After { -away } else { away };
        Some(self.made_window(place, Windowed::Before(found, away), per?, sorted?, span, like))
    }

    fn made_window(
        &mut self,
        place: Place<'_>,
        what: Windowed,
        per: Vec<Expr>,
        sorted: Vec<SortKey>,
        span: Span,
        like: Expr,
    ) -> Expr {
        let text = self.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        let named =
            |aggregate: Arc<Aggregate>| Arc::new(Aggregate { text: text.clone(), ..(*aggregate).clone() });
        let what = match what {
            Windowed::Whole(aggregate) => Windowed::Whole(named(aggregate)),
            Windowed::Sliding(aggregate, frame) => Windowed::Sliding(named(aggregate), frame),
            Windowed::Running(aggregate) => Windowed::Running(named(aggregate)),
            other => other,
        };
        let level = place.names.level.clone();
        let window = Window { id: self.fresh_id(), text, what, per, sorted, level };
        Expr { kind: Kind::Window(Arc::new(window)), ..like }
    }

    /// The keys after `per`.
    fn window_keys(&mut self, place: Place<'_>, keys: &[ast::Item], span: Span) -> Option<Vec<Expr>> {
        let inside = inside(place);
        let mut found = Vec::new();
        for key in keys {
            let expr = self.expr(inside, &key.expr);
            let text = self.text(key.expr.span);
            if let Some(name) = &key.name {
                let message = format!("`{} =` gives a name, and a key after `per` needs none", name.text);
                self.report(
                    Diagnostic::new("type-key", message, key.span)
                        .help(format!("to compare: `per ({} = {text})`", name.text)),
                );
                return None;
            }
            if expr.ty == Type::Missing {
                return None;
            }
            if expr.spread == Spread::Constant {
                self.report(
                    Diagnostic::new("type-key", "a constant makes no groups", key.expr.span)
                        .help("name a column: `per borough`"),
                );
                return None;
            }
            found.push(expr);
        }
        // Of somebody's records some are out of sight: the reader should know.
        let identifies = |key: &Expr| matches!(key.ty, Type::Id | Type::Record(_));
        if place.names.filtered && found.iter().any(identifies) {
            let text = self.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
            self.note(format!("{text} sees only the rows that the `where` before it kept"));
        }
        Some(found)
    }

    /// A share of what `top` leaves is one of a few rows, and often meant as one of all; whether it left any out, the
    /// data know.
    fn after_a_cut(&mut self, place: Place<'_>, span: Span) {
        if let Some(stage) = place.names.cut {
            let text = self.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
            self.note(format!(
                "{text} is over the rows after `{stage}`; to have those before it in as well: `let x = {text} | {stage} …`"
            ));
        }
    }

    /// Tells the reader, once.
    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The one value that a window takes.
    fn one_value<'c>(&mut self, call: &'c ast::Call, span: Span) -> Option<&'c ast::Expr> {
        let name = &call.name.text;
        match call.args.as_slice() {
            [only] if matches!(only.kind, ExprKind::Broken) => None,
            [only] => Some(only),
            [] => {
                self.report(
                    Diagnostic::new("type-call", format!("`{name}` of what?"), span)
                        .help(format!("name a value: `{}`", written(name))),
                );
                None
            }
            many => {
                let message = format!("`{name}` takes one value, not {}", many.len());
                self.report(
                    Diagnostic::new("type-call", message, span)
                        .help(format!("it is written `{}`", written(name))),
                );
                None
            }
        }
    }

    /// Refuses clauses that a window does not take.
    fn only(&mut self, call: &ast::Call, taken: &[Clause], span: Span) -> Option<()> {
        let said = [
            (Clause::Each, call.each),
            (Clause::Where, call.filter.as_ref().map(|filter| filter.span)),
            (Clause::Per, call.per.first().map(|key| key.span)),
            (Clause::Sorted, call.sorted_by.first().map(|key| key.span)),
            (Clause::Over, call.over.as_ref().map(|_| span)),
        ];
        for (clause, at) in said {
            let Some(at) = at.filter(|_| !taken.contains(&clause)) else { continue };
            let name = &call.name.text;
            let mistake =
                Diagnostic::new("type-window", format!("`{name}` takes no `{}`", clause.text()), at)
                    .help(format!("it is written `{}`", written(name)));
            let mistake = match (clause, name.as_str()) {
                (Clause::Where, "share") => mistake.help("of some rows alone: `x / sum(x where … per …)`"),
                (Clause::Sorted, "rank") => mistake.help("it goes by its own value: `rank(-x per …)`"),
                (Clause::Over, "running") => {
                    mistake.help("over so many rows: `sum(x sorted by … over 4 rows)`")
                }
                _ => mistake,
            };
            self.report(mistake);
            return None;
        }
        Some(())
    }

    /// Reports an aggregate over all rows where a value for each of them is wanted.
    pub(super) fn same_for_all(&mut self, expr: &Expr, span: Span) -> bool {
        let Kind::Window(window) = &expr.kind else { return false };
        if !window.per.is_empty() || !matches!(window.what, Windowed::Whole(_)) {
            return false;
        }
        let text = self.text(span);
        self.report(
            Diagnostic::new("relation-aggregate", format!("`{text}` is the same for every row"), span)
                .help(format!("`summarise {text} by …` gives one row a group"))
                .help("each row's group: `… per …` inside the brackets"),
        );
        true
    }
}

/// What can stand in a window's brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    Each,
    Where,
    Per,
    Sorted,
    Over,
}

impl Clause {
    fn text(self) -> &'static str {
        match self {
            Clause::Each => "each",
            Clause::Where => "where",
            Clause::Per => "per",
            Clause::Sorted => "sorted by",
            Clause::Over => "over",
        }
    }
}

/// Inside a window's brackets names are the row's, and no further window stands there.
fn inside(place: Place<'_>) -> Place<'_> {
    Place { names: place.names, rows: None, this: None, what: What::Inside }
}

/// How a built-in is written.
fn written(name: &str) -> &'static str {
    crate::builtins::find(name).map_or("…", |builtin| builtin.signature)
}

/// What a rank or a row's number is like: an ordinary value of the row's own.
fn position() -> Expr {
    Expr { show: Show::Plain, spread: Spread::Own, ..value(Value::Missing, Type::Integer) }
}
