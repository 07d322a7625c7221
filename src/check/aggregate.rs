//! Aggregates: what each ranges over, and what its result may be used for.
//!
//! The names in the argument decide. All at the end of one path: the aggregate ranges over the records
//! there, each once. Some of the row's own: one value a row. Two ends: an error. Then the refusals
//! ([`super::refuse`]): a sum of what repeats, or of what does not add up, needs `each`.

use std::sync::Arc;

use super::expr::{Place, What, a};
use super::reach::{Reach, without_path};
use super::scope::Scope;
use super::{Checker, broken};
use crate::diagnostic::Diagnostic;
use crate::plan::{Adds, Aggregate, Aggregator, Expr, Kind, Over, SortKey, Spread, Step};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Show, Type};

/// What an aggregate reads of each row or record that it ranges over.
pub(super) struct Read<'a> {
    /// The value, and where it stands.
    pub arg: Option<(Expr, &'a ast::Expr)>,
    /// After `where`.
    pub filter: Option<Expr>,
    /// After `sorted by`.
    pub sorted: Vec<SortKey>,
    /// What it ranges over.
    pub over: Over,
}

impl Checker<'_> {
    /// An aggregate call.
    pub(super) fn aggregate(
        &mut self,
        place: Place<'_>,
        function: Aggregator,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        if place.what == What::Derive {
            return self.broken(
                Diagnostic::new("relation-derive", "an aggregate can't stand here", span)
                    .help("derived columns are worked out from one row, along links to one record"),
            );
        }
        let rows = place.rows.unwrap_or(place.names);
        if !self.well_formed(rows, function, call, span) {
            return broken();
        }
        let arg = call.args.first();
        let Some(reach) = self.reach(rows, arg, call, span) else {
            return broken();
        };
        let grouped = place.rows.is_some();
        let table = reach.table.is_some();
        if reach.steps.is_empty() && !grouped && !table {
            // In `let` and `select` it is over all rows.
            return match place.what {
                What::Value => self.whole(place, function, call, span),
                _ => self.rows_aggregate_outside_group(place, function, span),
            };
        }
        let many = reach.steps.iter().any(|step| matches!(step, Step::Many(_)));
        if !grouped && !many && !table {
            let text = arg.map_or("", |arg| self.text(arg.span)).to_string();
            return self.broken(
                Diagnostic::new(
                    "relation-one",
                    format!("`{text}` is one value for each row: there is nothing to gather"),
                    span,
                )
                .help(format!("write `{text}` as it is"))
                .help(format!("over groups of rows, say which: `{}({text} per …)`", function.name())),
            );
        }
        let aggregate = if let Some(table) = &reach.table {
            self.over_table(place, function, call, table, span)
        } else if reach.steps.is_empty() {
            self.over_rows(rows, function, call)
        } else {
            self.over_path(place, rows, function, call, &reach)
        };
        let Some(mut aggregate) = aggregate else { return broken() };
        if let Kind::Aggregate(made) = &mut aggregate.kind
            && let Some(made) = Arc::get_mut(made)
        {
            made.text = self.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(measure) = &self.measuring {
                made.text.push_str(&format!(" in the measure {measure}"));
            }
        }
        aggregate
    }

    /// Whether the call has the arguments and clauses that its function takes; reports what is wrong.
    pub(super) fn well_formed(
        &mut self,
        rows: &Scope,
        function: Aggregator,
        call: &ast::Call,
        span: Span,
    ) -> bool {
        let name = &call.name.text;
        let wanted = if function == Aggregator::Quantile { 2 } else { 1 };
        let arg = call.args.first();
        if call.args.iter().any(|arg| matches!(arg.kind, ExprKind::Broken)) {
            return false;
        }
        let mistake = |message: String, at: Span| Diagnostic::new("type-call", message, at);
        let wrong = if arg.is_none()
            && !matches!(function, Aggregator::Count | Aggregator::Any | Aggregator::No)
        {
            let help = match function {
                Aggregator::All => format!("a condition: `all({}.… = …)`", related(rows)),
                Aggregator::Quantile => "a value, and what part lies below: `quantile(x, 0.9)`".to_string(),
                Aggregator::First | Aggregator::Last => format!("`{name}(value sorted by …)`"),
                _ => format!("`{name}(value)`, `{name}({}.value where …)`", related(rows)),
            };
            mistake(format!("`{name}` of what?"), span).help(help)
        } else if arg.is_none() && call.filter.is_none() && function != Aggregator::Count {
            mistake(format!("`{name}` of what?"), span).help(format!(
                "`{name}(where …)` of the rows, `{name}({})` of the records at a path's end",
                related(rows)
            ))
        } else if function == Aggregator::Quantile && call.args.len() == 1 {
            let x = arg.map_or("x", |arg| self.text(arg.span));
            mistake("`quantile` takes a value, and what part of the values lies below".to_string(), span)
                .help(format!("`quantile({x}, 0.9)`"))
        } else if call.args.len() > wanted {
            let many = if wanted == 1 { "one value" } else { "a value and a part" };
            mistake(format!("`{name}` takes {many}, not {}", call.args.len()), span).help(match function {
                Aggregator::Distinct => "for combinations: `distinct a, b | count` counts rows of the two",
                Aggregator::Min | Aggregator::Max => {
                    "of one row's values: `if a < b then a else b`, or `clamp(x, low, high)`"
                }
                _ => "one aggregate for each value",
            })
        } else {
            return self.well_ordered(rows, function, call, span);
        };
        self.report(wrong);
        false
    }

    /// Whether it says an order where it hangs on one, and none where it doesn't.
    fn well_ordered(&mut self, rows: &Scope, function: Aggregator, call: &ast::Call, span: Span) -> bool {
        let name = &call.name.text;
        let ordered = matches!(function, Aggregator::First | Aggregator::Last);
        if ordered && call.sorted_by.is_empty() && call.over.is_none() {
            let mistake = self.without_an_order(rows, call, span);
            self.report(mistake);
            return false;
        }
        if ordered || function == Aggregator::List || call.over.is_some() {
            return true;
        }
        let Some(key) = call.sorted_by.first() else { return true };
        let key_text = self.text(key.span);
        let mistake = Diagnostic::new("type-window", format!("`{name}` is the same in any order"), key.span);
        let mistake = match function {
            Aggregator::Sum => mistake.help(format!("the sum so far: `running(… sorted by {key_text})`")),
            Aggregator::Count => mistake.help(format!("the rows so far: `row_number(sorted by {key_text})`")),
            _ => mistake,
        };
        self.report(
            mistake.help(format!("over the rows before each: `{name}(… sorted by {key_text} over 4 rows)`")),
        );
        false
    }

    /// Over the group's own rows.
    fn over_rows(&mut self, rows: &Scope, function: Aggregator, call: &ast::Call) -> Option<Expr> {
        // In the brackets a name is the record's, wherever the group's rows have it from.
        let record = Scope { along: Vec::new(), ..rows.clone() };
        let inside = Place { names: &record, rows: None, this: None, what: What::Inside };
        let arg = call.args.first().map(|arg| (self.expr(inside, arg), arg));
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        let sorted = self.window_order(inside, &call.sorted_by)?;
        let over = match rows.along.as_slice() {
            [] => Over::Rows,
            along => Over::Path(along.into()),
        };
        self.finish_aggregate(function, call, Read { arg, filter, sorted, over }, rows)
    }

    /// Over the records at a path's end.
    fn over_path(
        &mut self,
        place: Place<'_>,
        rows: &Scope,
        function: Aggregator,
        call: &ast::Call,
        reach: &Reach,
    ) -> Option<Expr> {
        let end = reach.steps.last()?.to().clone();
        let end_scope = self.table_scope(&end);
        // Outside a group, `this` is the outer row; further in, it stays the outermost one.
        let outermost = place.this.map_or((place.names, 1), |(outer, up)| (outer, up + 1));
        let this = if place.rows.is_some() { None } else { Some(outermost) };
        let inside = Place { names: &end_scope, rows: None, this, what: What::Inside };
        let arg = match call.args.first() {
            Some(arg) => {
                let ends_at_records =
                    matches!(&arg.kind, ExprKind::Path(names) if names.len() == reach.depth);
                if ends_at_records {
                    None
                } else {
                    let stripped = without_path(arg, reach.depth);
                    Some((self.expr(inside, &stripped), arg))
                }
            }
            None => None,
        };
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        let sorted = self.window_order(inside, &call.sorted_by)?;
        let steps = [rows.along.as_slice(), &reach.steps].concat();
        let read = Read { arg, filter, sorted, over: Over::Path(steps.into()) };
        self.finish_aggregate(function, call, read, rows)
    }

    /// Types, refusals, and what the result repeats and adds up to.
    pub(super) fn finish_aggregate(
        &mut self,
        function: Aggregator,
        call: &ast::Call,
        read: Read<'_>,
        rows: &Scope,
    ) -> Option<Expr> {
        let Read { arg, filter, sorted, over } = read;
        let (arg, at) = match arg {
            Some((arg, at)) => (Some(arg), Some(at)),
            None => (None, None),
        };
        if arg.as_ref().is_some_and(|arg| arg.ty == Type::Missing) {
            return None;
        }
        let span = at.map_or(call.name.span, |at| at.span);
        let text = at.map_or("", |at| self.text(at.span)).to_string();
        let name = &call.name.text;
        let ty = match (&arg, function) {
            (None, Aggregator::Count) => Type::Integer,
            (None, Aggregator::Any | Aggregator::No) => Type::Bool,
            (None, Aggregator::Distinct) => Type::Integer,
            (None, Aggregator::All) => {
                self.report(
                    Diagnostic::new("type-call", "`all` asks whether something holds for every record, and these are the records themselves", call.name.span)
                        .help(format!("`all({}.… = …)`, or `any(…)`, `no(… where not …)`", self.first_arg_text(call))),
                );
                return None;
            }
            (None, _) => {
                self.report(
                    Diagnostic::new(
                        "type-call",
                        format!("`{name}` takes a column, and a path to records has none"),
                        call.args.first().map_or(call.name.span, |arg| arg.span),
                    )
                    .help(format!(
                        "name one: `{name}({}.…)`; `count({0})` counts them",
                        self.first_arg_text(call)
                    )),
                );
                return None;
            }
            (Some(arg), _) => self.result_type(function, name, arg, span, &text)?,
        };
        let quantile = match function {
            Aggregator::Quantile => Some(self.part(call)?),
            _ => None,
        };
        if let Some(arg) = &arg
            && call.each.is_none()
        {
            self.refuse(function, name, arg, at, span, &over, rows)?;
        }
        let only_many = match &over {
            Over::Rows => true,
            Over::Path(steps) => steps.iter().all(|step| matches!(step, Step::Many(_))),
            Over::Table { once, .. } => *once,
        };
        let adds = match function {
            Aggregator::Count if only_many => Adds::Yes,
            Aggregator::Sum if only_many => match arg.as_ref().map(|arg| arg.adds) {
                Some(adds @ (Adds::No | Adds::Average)) => adds,
                _ => Adds::Yes,
            },
            Aggregator::Mean | Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev => {
                Adds::Average
            }
            Aggregator::Any | Aggregator::All | Aggregator::No => Adds::Plain,
            _ => Adds::No,
        };
        // Counted along a link to one record, a value is the same for all rows that share it.
        let spread = match &over {
            Over::Path(steps) if matches!(steps.first(), Some(Step::One(_))) => Spread::Repeats,
            _ => Spread::Own,
        };
        let show = match (&arg, function) {
            (None, _) => Show::Plain,
            (Some(arg), Aggregator::Min | Aggregator::Max | Aggregator::First | Aggregator::Last) => {
                arg.show.clone()
            }
            (
                Some(arg),
                Aggregator::Sum
                | Aggregator::Mean
                | Aggregator::Median
                | Aggregator::Quantile
                | Aggregator::Stddev,
            ) => match &arg.show {
                show if show.is_of_calendar() => Show::Plain,
                show => show.clone(),
            },
            _ => Show::Plain,
        };
        let id = self.fresh_id();
        let aggregate = Aggregate { id, text: String::new(), function, over, arg, filter, sorted, quantile };
        Some(Expr { kind: Kind::Aggregate(Arc::new(aggregate)), ty, show, spread, adds })
    }

    /// The type of an aggregate's value; reports an argument that it does not take. `name` is what stands before the
    /// brackets: `share` and `running` are sums.
    fn result_type(
        &mut self,
        function: Aggregator,
        name: &str,
        arg: &Expr,
        span: Span,
        text: &str,
    ) -> Option<Type> {
        let mistake = |message: String| Some(Diagnostic::new("type-aggregate", message, span));
        let (ty, wrong) = match (function, &arg.ty) {
            (Aggregator::Count, Type::Bool) => (
                Type::Integer,
                mistake(
                    "`count` counts known values, and of a condition true and false are both known"
                        .to_string(),
                )
                .map(|m| m.help(format!("`count(where {text})` counts the rows for which it is true"))),
            ),
            (Aggregator::Count | Aggregator::Distinct, _) => (Type::Integer, None),
            (Aggregator::Any | Aggregator::All | Aggregator::No, Type::Bool) => (Type::Bool, None),
            (Aggregator::Any | Aggregator::All | Aggregator::No, ty) => (
                Type::Bool,
                mistake(format!("`{name}` takes a condition, and this is {}", a(ty)))
                    .map(|m| m.help(format!("`{name}({text} = …)`, `{name}({text} is known)`"))),
            ),
            (Aggregator::Sum | Aggregator::Mean, Type::Rate(_)) => (
                arg.ty.clone(),
                mistake(format!("`{name}` of a rate means nothing: a little and a lot would weigh the same"))
                    .map(|m| m.help("divide one sum by another: `sum(value) / sum(weight)`")),
            ),
            (Aggregator::Median, Type::Rate(_)) => (arg.ty.clone(), None),
            (Aggregator::Sum, ty) if ty.is_numeric() || ty.is_quantity() => (ty.clone(), None),
            (Aggregator::Mean | Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev, ty)
                if ty.is_numeric() =>
            {
                (Type::Number, None)
            }
            (Aggregator::Mean | Aggregator::Median | Aggregator::Quantile | Aggregator::Stddev, ty)
                if ty.is_quantity() =>
            {
                (ty.clone(), None)
            }
            (Aggregator::First | Aggregator::Last, ty) => (ty.clone(), None),
            (Aggregator::List, Type::Bool) => (
                Type::Text,
                mistake("`list` joins texts, and a condition has none".to_string())
                    .map(|m| m.help(format!("`count(where {text})` counts the rows for which it is true"))),
            ),
            (Aggregator::List, _) => (Type::Text, None),
            (Aggregator::Min | Aggregator::Max, ty) if ty.is_ordered() => (ty.clone(), None),
            (Aggregator::Min | Aggregator::Max, ty) => {
                (ty.clone(), mistake(format!("`{name}` takes what has an order, and this is {}", a(ty))))
            }
            (_, ty) => {
                let m = mistake(format!("`{name}` takes a number or a quantity, and this is {}", a(ty)));
                let m = match ty {
                    Type::Date | Type::Datetime => m.map(|m| m.help("`min` and `max` work on dates")),
                    Type::Bool => m.map(|m| {
                        m.help(format!("`count(where {text})` counts the rows for which it is true"))
                    }),
                    Type::Text | Type::Id | Type::Category(_) => m.map(|m| {
                        let m = m.help(format!(
                            "`count({text})` counts known values, `distinct({text})` different ones"
                        ));
                        let part = match (function, name) {
                            (Aggregator::Quantile, _) => ", …",
                            (_, "running") => " sorted by …",
                            _ => "",
                        };
                        match ty {
                            Type::Text => m.help(format!(
                                "`{name}(number({text}){part})` works on the numbers that the text holds"
                            )),
                            _ => m,
                        }
                    }),
                    _ => m,
                };
                (ty.clone(), m)
            }
        };
        match wrong {
            None => Some(ty),
            Some(mistake) => {
                self.report(mistake);
                None
            }
        }
    }

    fn rows_aggregate_outside_group(&mut self, place: Place<'_>, function: Aggregator, span: Span) -> Expr {
        let text = self.text(span).to_string();
        let name = function.name();
        let mistake = match place.what {
            What::Filter => Diagnostic::new(
                "relation-aggregate",
                format!("`where` looks at one row, and `{text}` at a group of them"),
                span,
            )
            .help(format!("group first, then filter: `summarise n = {text} by … | where n …`"))
            .help(format!("or hold each row against its group: `{}`", with_per(&text))),
            What::Inside => Diagnostic::new(
                "relation-aggregate",
                format!("`{text}` stands inside another aggregate, which looks at one record"),
                span,
            )
            .help(format!("name what it ranges over: `{name}({} …)`", related(place.names))),
            _ => Diagnostic::new(
                "relation-aggregate",
                format!("`{text}` is worked out over many rows, and this stage gives a value to each row"),
                span,
            )
            .help(format!("`summarise {text} by …` gives one row a group"))
            .help(format!("over related records, name them: `{name}({} …)`", related(place.names))),
        };
        self.broken(mistake)
    }

    fn first_arg_text(&self, call: &ast::Call) -> String {
        call.args.first().map_or("", |arg| self.text(arg.span)).to_string()
    }
}

/// A call with a group named in it.
fn with_per(call: &str) -> String {
    match call.strip_suffix(')') {
        Some(open) if open.ends_with('(') => format!("{open}per …)"),
        Some(open) => format!("{open} per …)"),
        None => call.to_string(),
    }
}

/// A to-many link of these rows, for examples in help.
pub(super) fn related(rows: &Scope) -> &str {
    rows.table.as_ref().and_then(|table| table.backs.first()).map_or("…", |back| back.name.as_str())
}
