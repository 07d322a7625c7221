//! Calls: what a name before brackets stands for is looked up in the built-ins' table. Aggregates go on to
//! [`super::aggregate`], functions of a row's values to [`super::functions`].

use super::expr::Place;
use super::functions::Called;
use super::operator::wrapped;
use super::{Checker, broken, made_of};
use crate::builtins::{self, Meaning};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Expr, Function, Kind};
use crate::syntax::ast;
use crate::syntax::span::Span;
use crate::types::{Bin, Show, Type};

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
            meaning @ Meaning::Window(_) => self.window(place, meaning, call, span),
            Meaning::Aggregate(aggregate) => self.aggregate(place, aggregate, call, span),
            Meaning::Function(_) | Meaning::Coalesce => {
                let clause = call.each.map(|each| ("each", each));
                let filter = call.filter.as_ref().map(|filter| ("where", filter.span));
                if let Some((word, at)) = clause.or(filter) {
                    return self.broken(Diagnostic::new(
                        "type-call",
                        format!("`{word}` belongs to aggregates, and `{}` is a function", name.text),
                        at,
                    ));
                }
                let args: Vec<Expr> = call.args.iter().map(|arg| self.expr(place, arg)).collect();
                let function = match builtin.meaning {
                    Meaning::Function(function) => Some(function),
                    _ => None,
                };
                let called =
                    Called { function, name: &name.text, signature: builtin.signature, at: &call.args, span };
                self.function(&called, args)
            }
        }
    }

    /// A function of the row's values, its arguments checked by themselves first.
    fn function(&mut self, called: &Called<'_>, args: Vec<Expr>) -> Expr {
        use Function::{Date, Day, Month, Week, Year};
        match called.function {
            Some(function @ (Day | Week | Month | Year | Date)) => self.time_function(called, function, args),
            Some(function) => self.row_function(called, function, args),
            None => self.first_known(called, args),
        }
    }

    /// Days and the spans that hold them.
    fn time_function(&mut self, called: &Called<'_>, function: Function, args: Vec<Expr>) -> Expr {
        let wanted = if function == Function::Date { 3..=3 } else { 1..=1 };
        let Some(args) = self.counted(called, args, wanted) else { return broken() };
        if function == Function::Date {
            if let Some((at, arg)) = args.iter().enumerate().find(|(_, arg)| arg.ty != Type::Integer) {
                return self.broken(called.wrong(at, arg, "integers"));
            }
            return made_of(Kind::Call(function, args), Type::Date);
        }
        let Some(first) = args.into_iter().next() else { return broken() };
        if !matches!(first.ty, Type::Date | Type::Datetime) {
            return self.broken(called.wrong(0, &first, "a date or a datetime"));
        }
        let bin = match function {
            Function::Day => Bin::Day,
            Function::Week => Bin::Week,
            Function::Month => Bin::Month,
            _ => Bin::Year,
        };
        // A year is written without separators, as the integer that it is.
        let ty = if bin == Bin::Year { Type::Integer } else { Type::Date };
        Expr { show: Show::Bin(bin), ..wrapped(function, self.as_date(first), ty) }
    }
}

/// What other languages call a built-in.
fn alias(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "avg" | "average" => "mean",
        "len" | "char_length" => "length",
        "lcase" | "tolower" => "lower",
        "ucase" | "toupper" => "upper",
        "strip" | "clean" => "trim",
        "substitute" | "regexp_replace" => "replace",
        "split_part" | "textsplit" | "textbefore" | "textafter" => "split",
        "concat" | "concatenate" | "textjoin" => "a + b",
        "find" | "search" | "instr" | "position" | "charindex" | "strpos" => "text contains \"…\"",
        "total" => "sum",
        "exists" => "any",
        "countif" => "count(where …)",
        "sumif" => "sum(… where …)",
        "nunique" | "dcount" | "count_distinct" | "unique" => "distinct",
        "trunc" => "day",
        "substring" | "substr" => "mid",
        "int" | "cint" | "toint" => "integer",
        "float" | "todouble" => "number",
        "ceiling" | "roundup" => "ceil",
        "rounddown" => "floor",
        "modulo" | "remainder" => "mod",
        "cut" | "bin" | "band" | "width_bucket" => "bucket",
        "nvl" | "ifnull" | "isnull" | "iferror" | "nz" => "coalesce",
        "iif" | "ifelse" | "if_else" | "case" | "switch" | "ifs" | "case_when" => "if A then B else C",
        "greatest" | "least" => "if a > b then a else b",
        _ => return None,
    })
}
