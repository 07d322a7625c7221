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
use crate::types::{Type, Value};

/// What later versions bring, so that a name known from elsewhere gets a straight answer.
const WINDOWS: &[&str] = &["share", "rank", "row_number", "running", "before", "after"];

impl Checker<'_> {
    /// `NAME(…)`
    pub(super) fn call(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Expr {
        let name = &call.name;
        let Some(builtin) = builtins::find(&name.text) else {
            let mut mistake =
                Diagnostic::new("name-function", format!("there is no function `{}`", name.text), name.span);
            let known = builtins::all().map(|builtin| builtin.name);
            if WINDOWS.contains(&name.text.as_str()) {
                mistake = mistake.help("windows are not in this version");
            } else if let Some(near) = alias(&name.text).or_else(|| nearest(&name.text, known.clone())) {
                mistake = mistake.help(format!("did you mean `{near}`?"));
            } else {
                mistake = mistake.help(format!("there are {}", known.collect::<Vec<_>>().join(", ")));
            }
            return self.broken(mistake);
        };
        if !call.per.is_empty() || !call.sorted_by.is_empty() || call.over.is_some() {
            let word = if !call.per.is_empty() {
                "per"
            } else if call.over.is_some() {
                "over"
            } else {
                "sorted by"
            };
            return self.broken(
                Diagnostic::new(
                    "type-window",
                    format!("`{word}` inside brackets makes a window, and windows are not in this version"),
                    span,
                )
                .help("group with `summarise … by …` instead"),
            );
        }
        match builtin.meaning {
            Meaning::Aggregate(aggregate) => self.aggregate(place, aggregate, call, span),
            Meaning::Function(function) => {
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
        if let Some(made) = self.time_function(place, function, signature, call, span) {
            return made;
        }
        let args: Vec<Expr> = call.args.iter().map(|arg| self.expr(place, arg)).collect();
        let (least, most) = match function {
            Function::Round => (1, 2),
            Function::Left | Function::Right => (2, 2),
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
        "total" => "sum",
        "exists" => "any",
        "countif" => "count(where …)",
        "sumif" => "sum(… where …)",
        "nunique" | "dcount" | "count_distinct" | "unique" => "distinct",
        "trunc" => "day",
        "substring" | "substr" | "mid" => "left",
        "int" | "cint" | "toint" => "integer",
        "float" | "todouble" => "number",
        _ => return None,
    })
}
