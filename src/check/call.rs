//! Calls: what a name before brackets stands for is looked up in the built-ins' table. Aggregates go on to
//! [`super::aggregate`], functions of a row's values to [`super::functions`].

use super::Checker;
use super::expr::Place;
use super::functions::Called;
use crate::builtins::{self, Meaning};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::Expr;
use crate::syntax::ast;
use crate::syntax::span::Span;

impl Checker<'_> {
    /// `NAME(…)`
    pub(super) fn call(&mut self, place: Place<'_>, call: &ast::Call, span: Span) -> Expr {
        let name = &call.name;
        let Some(builtin) = builtins::find(&name.text) else {
            let mut mistake =
                Diagnostic::new("name-function", format!("there is no function `{}`", name.text), name.span);
            let known = builtins::all().map(|builtin| builtin.name);
            if let Some(near) = builtins::alias(&name.text).or_else(|| nearest(&name.text, known.clone())) {
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
            Meaning::Function(_) | Meaning::Coalesce => {
                let filter = call.filter.as_ref().map(|filter| filter.span);
                let clauses = [
                    ("each", call.each),
                    ("where", filter),
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
                let function = match builtin.meaning {
                    Meaning::Function(function) => Some(function),
                    _ => None,
                };
                if let Some(made) =
                    function.and_then(|of| self.time_function(place, of, builtin.signature, call, span))
                {
                    return made;
                }
                let args: Vec<Expr> = call.args.iter().map(|arg| self.expr(place, arg)).collect();
                let called =
                    Called { function, name: &name.text, signature: builtin.signature, at: &call.args, span };
                self.function(&called, args)
            }
        }
    }

    /// A function of the row's values, its arguments checked by themselves first.
    fn function(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        match called.function {
            Some(function) => self.row_function(called, function, args),
            None => self.first_known(called, args),
        }
    }
}
