//! Aggregates: what each ranges over, and what its result may be used for.
//!
//! The names in the argument decide. All at the end of one path: the aggregate ranges over the records
//! there, each once. Some of the row's own: one value a row. Two ends: an error. Then the refusals: a sum
//! of what repeats, or of what does not add up, needs `each`.

use std::sync::Arc;

use super::expr::{Place, What, a};
use super::reach::{Reach, without_path};
use super::scope::Scope;
use super::{Checker, broken};
use crate::diagnostic::Diagnostic;
use crate::plan::walk::path_name;
use crate::plan::{Adds, Aggregate, Aggregator, Expr, Kind, Over, Spread, Step};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::span::Span;
use crate::types::{Show, Type};

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
        if call.args.len() > 1 {
            return self.broken(
                Diagnostic::new(
                    "type-call",
                    format!("`{}` takes one value, not {}", call.name.text, call.args.len()),
                    span,
                )
                .help(match function {
                    Aggregator::Distinct => {
                        "for combinations: `distinct a, b | count` counts rows of the two"
                    }
                    Aggregator::Min | Aggregator::Max => {
                        "of one row's values: `if a < b then a else b`, or `clamp(x, low, high)`"
                    }
                    _ => "one aggregate for each value",
                }),
            );
        }
        let rows = place.rows.unwrap_or(place.names);
        let arg = call.args.first();
        if arg.is_some_and(|arg| matches!(arg.kind, ExprKind::Broken)) {
            return broken();
        }
        if arg.is_none() && !matches!(function, Aggregator::Count | Aggregator::Any | Aggregator::No) {
            let help = match function {
                Aggregator::All => format!("a condition: `all({}.… = …)`", related(rows)),
                _ => format!("`{0}(value)`, `{0}({1}.value where …)`", function.name(), related(rows)),
            };
            return self.broken(
                Diagnostic::new("type-call", format!("`{}` of what?", call.name.text), span).help(help),
            );
        }
        if arg.is_none() && call.filter.is_none() && function != Aggregator::Count {
            return self.broken(
                Diagnostic::new("type-call", format!("`{}` of what?", call.name.text), span).help(format!(
                    "`{0}(where …)` of the rows, `{0}({1})` of the records at a path's end",
                    function.name(),
                    related(rows)
                )),
            );
        }
        let Some(reach) = self.reach(rows, arg, call, span) else {
            return broken();
        };
        let grouped = place.rows.is_some();
        if reach.steps.is_empty() && !grouped {
            return self.rows_aggregate_outside_group(place, function, span);
        }
        let many = reach.steps.iter().any(|step| matches!(step, Step::Many(_)));
        if !grouped && !many {
            let text = arg.map_or("", |arg| self.text(arg.span)).to_string();
            return self.broken(
                Diagnostic::new(
                    "relation-one",
                    format!("`{text}` is one value for each row: there is nothing to gather"),
                    span,
                )
                .help(format!("write `{text}` as it is")),
            );
        }
        let aggregate = if reach.steps.is_empty() {
            self.over_rows(rows, function, call)
        } else {
            self.over_path(place, rows, function, call, &reach)
        };
        let Some(mut aggregate) = aggregate else { return broken() };
        if let Kind::Aggregate(made) = &mut aggregate.kind
            && let Some(made) = Arc::get_mut(made)
        {
            made.text = self.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        }
        aggregate
    }

    /// Over the group's own rows.
    fn over_rows(&mut self, rows: &Scope, function: Aggregator, call: &ast::Call) -> Option<Expr> {
        let inside = Place { names: rows, rows: None, this: None, what: What::Inside };
        let arg = call.args.first().map(|arg| (self.expr(inside, arg), arg));
        let filter = call.filter.as_ref().map(|filter| self.boolean(inside, filter, "`where`"));
        self.finish_aggregate(function, call, arg, filter, Over::Rows, rows)
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
        self.finish_aggregate(function, call, arg, filter, Over::Path(reach.steps.clone().into()), rows)
    }

    /// Types, refusals, and what the result repeats and adds up to.
    fn finish_aggregate(
        &mut self,
        function: Aggregator,
        call: &ast::Call,
        arg: Option<(Expr, &ast::Expr)>,
        filter: Option<Expr>,
        over: Over,
        rows: &Scope,
    ) -> Option<Expr> {
        let (arg, at) = match arg {
            Some((arg, at)) => (Some(arg), Some(at)),
            None => (None, None),
        };
        if arg.as_ref().is_some_and(|arg| arg.ty == Type::Missing) {
            return None;
        }
        let span = at.map_or(call.name.span, |at| at.span);
        let text = at.map_or("", |at| self.text(at.span)).to_string();
        let name = function.name();
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
            (Some(arg), _) => self.result_type(function, arg, span, &text)?,
        };
        if let Some(arg) = &arg
            && call.each.is_none()
        {
            self.refuse(function, arg, at, span, &over, rows)?;
        }
        let only_many = match &over {
            Over::Rows => true,
            Over::Path(steps) => steps.iter().all(|step| matches!(step, Step::Many(_))),
        };
        let adds = match function {
            Aggregator::Count if only_many => Adds::Yes,
            Aggregator::Sum if only_many => match arg.as_ref().map(|arg| arg.adds) {
                Some(adds @ (Adds::No | Adds::Average)) => adds,
                _ => Adds::Yes,
            },
            Aggregator::Mean | Aggregator::Median => Adds::Average,
            Aggregator::Any | Aggregator::All | Aggregator::No => Adds::Plain,
            _ => Adds::No,
        };
        // Counted along a link to one record, a value is the same for all rows that share it.
        let spread = match &over {
            Over::Path(steps) if matches!(steps.first(), Some(Step::One(_))) => Spread::Repeats,
            _ => Spread::Own,
        };
        let show = match (&arg, function) {
            (
                Some(arg),
                Aggregator::Sum | Aggregator::Mean | Aggregator::Median | Aggregator::Min | Aggregator::Max,
            ) => match &arg.show {
                Show::Bin(_) if !matches!(function, Aggregator::Min | Aggregator::Max) => Show::Plain,
                show => show.clone(),
            },
            _ => Show::Plain,
        };
        let id = self.fresh_id();
        let aggregate = Aggregate {
            id,
            text: String::new(),
            function,
            over,
            arg,
            filter,
            sorted: Vec::new(),
            quantile: None,
        };
        Some(Expr { kind: Kind::Aggregate(Arc::new(aggregate)), ty, show, spread, adds })
    }

    fn result_type(&mut self, function: Aggregator, arg: &Expr, span: Span, text: &str) -> Option<Type> {
        let name = function.name();
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
            (Aggregator::Mean | Aggregator::Median, ty) if ty.is_numeric() => (Type::Number, None),
            (Aggregator::Mean | Aggregator::Median, ty) if ty.is_quantity() => (ty.clone(), None),
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
                        m.help(format!(
                            "`count({text})` counts known values, `distinct({text})` different ones"
                        ))
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

    /// The refusals: sums and means of what repeats, sums of what doesn't add up.
    fn refuse(
        &mut self,
        function: Aggregator,
        arg: &Expr,
        at: Option<&ast::Expr>,
        span: Span,
        over: &Over,
        rows: &Scope,
    ) -> Option<()> {
        use Aggregator::{Mean, Median, Sum};
        let name = function.name();
        let text = at.map_or("", |at| self.text(at.span)).to_string();
        if matches!(function, Sum | Mean | Median) && arg.spread == Spread::Repeats {
            let mut mistake = Diagnostic::new(
                "relation-repeats",
                format!(
                    "`{text}` repeats: rows that share a record hold the same value, and it would count once for each of them"
                ),
                span,
            );
            if let Some(ExprKind::Path(names)) = at.map(|at| &at.kind) {
                let origin = match names.as_slice() {
                    [name] => rows.column(&name.text).and_then(|column| match &column.from {
                        super::scope::Origin::Made { text, .. } => text.clone(),
                        super::scope::Origin::Table(_) => repeated_path(arg),
                    }),
                    _ => None,
                };
                if let Some(origin) = origin {
                    mistake = mistake.help(format!("`{name}({origin})` takes each record once"));
                }
            }
            if matches!(over, Over::Rows) {
                mistake =
                    mistake.help(format!("`{name}(each {text})` takes one value a row, if that is meant"));
            }
            self.report(mistake);
            return None;
        }
        if function == Sum && arg.spread == Spread::Mixed && matches!(over, Over::Rows) {
            self.report(
                Diagnostic::new(
                    "relation-mixed",
                    format!("`{text}` mixes the row's own values with ones that repeat along a link"),
                    span,
                )
                .help(format!("`sum(each {text})` takes one value a row, if that is meant")),
            );
            return None;
        }
        if (function == Sum && matches!(arg.adds, Adds::No | Adds::Average))
            || (function == Mean && arg.adds == Adds::Average)
        {
            let why = match arg.adds {
                Adds::Average => "is an average or a quotient: groups of different size would weigh the same",
                _ => "doesn't add up: its groups may hold the same records",
            };
            let mut mistake = Diagnostic::new("relation-additive", format!("`{text}` {why}"), span).help(
                "work it out from the records, in a question that groups as widely as the answer should",
            );
            mistake = mistake.help(format!("`{name}(each {text})` takes one value a row, if that is meant"));
            self.report(mistake);
            return None;
        }
        Some(())
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
            .help(format!("group first, then filter: `summarise n = {text} by … | where n …`")),
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

/// The path that a derived column copies along, as it would be written.
fn repeated_path(arg: &Expr) -> Option<String> {
    match &arg.kind {
        Kind::Path(path, column) => Some(format!("{}.{}", path_name(path), column.name)),
        _ => None,
    }
}

/// A to-many link of these rows, for examples in help.
fn related(rows: &Scope) -> &str {
    rows.table.as_ref().and_then(|table| table.backs.first()).map_or("…", |back| back.name.as_str())
}
