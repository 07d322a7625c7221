//! Calls: the functions of the built-ins' table. What a name between brackets stands for is looked up
//! there; aggregates go on to [`super::aggregate`].

use super::expr::{Place, a, textual};
use super::operator::wrapped;
use super::{Checker, broken, made_of, value};
use crate::builtins::{self, Meaning};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Adds, Expr, Function, Kind};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Bin, Show, Type, Value};

impl Checker<'_> {
    /// `NAME(…)`
    pub(super) fn call(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Expr {
        let name = &call.name;
        let Some(builtin) = builtins::find(&name.text) else {
            let mut mistake =
                Diagnostic::new("name-function", format!("there is no function `{}`", name.text), name.span);
            let known = builtins::all().map(|builtin| builtin.name);
            if let Some(near) = alias(&name.text).or_else(|| nearest(&name.text, known.clone())) {
                mistake = mistake.help(format!("did you mean `{near}`?"));
            } else {
                mistake = mistake.help(format!("there are {}", known.collect::<Vec<_>>().join(", ")));
            }
            return self.broken(mistake);
        };
        match builtin.meaning {
            meaning @ Meaning::Window(_) => self.window(place, meaning, call, span),
            meaning @ Meaning::Aggregate(_) if !call.per.is_empty() || call.over.is_some() => {
                self.window(place, meaning, call, span)
            }
            Meaning::Aggregate(aggregate) => self.aggregate(place, aggregate, call, span),
            Meaning::Function(function) => {
                let clauses = [
                    ("per", call.per.first().map(|key| key.span)),
                    ("sorted by", call.sorted_by.first().map(|key| key.span)),
                    ("over", call.over.as_ref().map(|_| span)),
                ];
                if let Some((word, Some(at))) = clauses.into_iter().find(|(_, at)| at.is_some()) {
                    return self.broken(Diagnostic::new(
                        "type-call",
                        format!("`{word}` belongs to aggregates, and `{}` is a function", name.text),
                        at,
                    ));
                }
                if let Some(each) = call.each {
                    return self.broken(Diagnostic::new(
                        "type-call",
                        format!("`each` belongs to aggregates, and `{}` is a function", name.text),
                        each,
                    ));
                }
                if let Some(filter) = &call.filter {
                    return self.broken(Diagnostic::new(
                        "type-call",
                        format!("`where` belongs to aggregates, and `{}` is a function", name.text),
                        filter.span,
                    ));
                }
                self.function(place, function, builtin.signature, call, span)
            }
        }
    }

    fn function(
        &mut self,
        place: Place<'_>,
        function: Function,
        signature: &str,
        call: &ast::Call,
        span: Span,
    ) -> Expr {
        let args: Vec<Expr> = call.args.iter().map(|arg| self.expr(place, arg)).collect();
        let (least, most) = match function {
            Function::Round => (1, 2),
            Function::Left | Function::Right => (2, 2),
            Function::Date => (3, 3),
            _ => (1, 1),
        };
        let (Some(first), Some(first_at)) = (args.first().cloned(), call.args.first()) else {
            return self.broken(
                Diagnostic::new("type-call", format!("`{}` takes a value", call.name.text), span)
                    .help(format!("it is written `{signature}`")),
            );
        };
        if args.len() < least || args.len() > most {
            return self.broken(
                Diagnostic::new(
                    "type-call",
                    format!(
                        "`{}` takes {most} value{}, not {}",
                        call.name.text,
                        if most == 1 { "" } else { "s" },
                        args.len()
                    ),
                    span,
                )
                .help(format!("it is written `{signature}`")),
            );
        }
        if args.iter().any(|arg| arg.ty == Type::Missing) {
            return broken();
        }
        let given = a(&first.ty);
        let wrong = |wanted: &str| {
            Diagnostic::new(
                "type-call",
                format!("`{}` takes {wanted}, and this is {given}", call.name.text),
                first_at.span,
            )
            .help(format!("it is written `{signature}`"))
        };
        match function {
            Function::Day | Function::Week | Function::Month | Function::Year => {
                if !matches!(first.ty, Type::Date | Type::Datetime) {
                    let mistake = wrong("a date or a datetime");
                    return self.broken(mistake);
                }
                let bin = match function {
                    Function::Day => Bin::Day,
                    Function::Week => Bin::Week,
                    Function::Month => Bin::Month,
                    // Written without separators, as the year that it is.
                    _ => {
                        return Expr {
                            show: Show::Bin(Bin::Year),
                            ..wrapped(function, self.as_date(first), Type::Integer)
                        };
                    }
                };
                let day = self.as_date(first);
                Expr { show: Show::Bin(bin), ..wrapped(function, day, Type::Date) }
            }
            Function::Lower | Function::Upper | Function::Length => {
                if !textual(&first.ty) || first.ty == Type::Id {
                    let mistake = wrong("text");
                    return self.broken(mistake);
                }
                let text = self.as_text(first);
                wrapped(function, text, if function == Function::Length { Type::Integer } else { Type::Text })
            }
            Function::Left | Function::Right => {
                if !textual(&first.ty) || first.ty == Type::Id {
                    let mistake = wrong("text");
                    return self.broken(mistake);
                }
                let many = args.get(1).cloned().unwrap_or_else(broken);
                if !matches!(many.kind, Kind::Value(Value::Integer(0..))) {
                    let at = call.args.get(1).map_or(span, |arg| arg.span);
                    let message =
                        format!("`{}` takes a whole number that stands in the question", call.name.text);
                    return self.broken(
                        Diagnostic::new("type-call", message, at)
                            .help(format!("it is written `{signature}`")),
                    );
                }
                let text = self.as_text(first);
                made_of(Kind::Call(function, vec![text, many]), Type::Text)
            }
            Function::Integer | Function::Number => {
                if !textual(&first.ty) || first.ty == Type::Id {
                    let mistake = wrong("text");
                    return self.broken(mistake);
                }
                let text = self.as_text(first);
                wrapped(
                    function,
                    text,
                    if function == Function::Integer { Type::Integer } else { Type::Number },
                )
            }
            Function::Date => {
                for (arg, at) in args.iter().zip(&call.args) {
                    if arg.ty != Type::Integer {
                        let message = format!("`date` takes integers, and this is {}", a(&arg.ty));
                        let mistake = Diagnostic::new("type-call", message, at.span);
                        return self.broken(mistake.help(format!("it is written `{signature}`")));
                    }
                }
                made_of(Kind::Call(function, args), Type::Date)
            }
            Function::Abs => {
                if !first.ty.is_numeric() && !first.ty.is_quantity() {
                    let mistake = wrong("a number or a quantity");
                    return self.broken(mistake);
                }
                let (ty, show) = (first.ty.clone(), first.show.clone());
                Expr { show, ..wrapped(function, first, ty) }
            }
            _ => {
                let nearest = args.get(1).cloned().map(|nearest| (nearest, call.args.get(1)));
                self.round(first, first_at, nearest, wrong)
            }
        }
    }

    /// `round(x, nearest)`: to the nearest multiple of a constant, halves away from nought.
    fn round(
        &mut self,
        x: Expr,
        x_at: &ast::Expr,
        nearest: Option<(Expr, Option<&ast::Expr>)>,
        wrong: impl Fn(&str) -> Diagnostic,
    ) -> Expr {
        if !x.ty.is_numeric() && !x.ty.is_quantity() {
            return self.broken(wrong("a number or a quantity"));
        }
        let (x, nearest) = match nearest {
            None if x.ty == Type::Integer => return x,
            None if x.ty == Type::Number => (x, value(Value::Number(1.0), Type::Number)),
            None => {
                let mistake = wrong("what to round to as well")
                    .help("`round(sum(value), £1000)`, `round(weight, 1 kg)`");
                return self.broken(mistake);
            }
            Some((nearest, at)) => {
                let at = at.unwrap_or(x_at);
                let Some((x, nearest)) = self.same_type(x, x_at, nearest, at) else { return broken() };
                let positive = match &nearest.kind {
                    Kind::Value(Value::Integer(n)) => *n > 0,
                    Kind::Value(Value::Number(n)) => *n >= 1e-9,
                    _ => false,
                };
                if !positive {
                    return self.broken(
                        Diagnostic::new(
                            "type-call",
                            "`round` takes a positive value that stands in the question",
                            at.span,
                        )
                        .help("`round(n, 5)` rounds to the nearest 5, `round(x, 0.1)` to one place"),
                    );
                }
                (x, nearest)
            }
        };
        let (ty, show) = (x.ty.clone(), x.show.clone());
        let adds = if x.adds == Adds::Yes { Adds::No } else { x.adds };
        Expr { show, adds, ..made_of(Kind::Call(Function::Round, vec![x, nearest]), ty) }
    }
}

/// What other languages call a built-in.
fn alias(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "avg" | "average" => "mean",
        "len" | "char_length" => "length",
        "lcase" | "tolower" => "lower",
        "ucase" | "toupper" => "upper",
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
        "substring" | "substr" | "mid" => "left",
        "int" | "cint" | "toint" => "integer",
        "float" | "todouble" => "number",
        _ => return None,
    })
}
