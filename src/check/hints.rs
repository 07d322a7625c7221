//! What was likely meant, where a value is not what it stands beside: numbers in a column of text, an amount without its
//! unit, a path to many records. Only help lines are made of these guesses. Those about days are in [`super::days`].

use super::days::{day_meant, moment_meant};
use super::expr::{a, textual};
use super::scope::{Origin, Scope, Walk, names_of};
use super::{Checker, time_functions};
use crate::builtins::{self, Meaning};
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::plan::{BinaryOp, Expr, Kind, Step};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::{Type, Unit, Value};

const COMPARISONS: [BinaryOp; 6] =
    [BinaryOp::Eq, BinaryOp::Ne, BinaryOp::Lt, BinaryOp::Le, BinaryOp::Gt, BinaryOp::Ge];

impl Checker<'_> {
    /// What to write where two types don't meet.
    pub(super) fn mismatch_help(&self, left: (&Expr, &ast::Expr), right: (&Expr, &ast::Expr)) -> Vec<String> {
        let found = self.mismatch_of(left, right);
        if found.is_empty() { self.mismatch_of(right, left) } else { found }
    }

    /// The same, of one side against the other.
    fn mismatch_of(&self, (l, left): (&Expr, &ast::Expr), (r, right): (&Expr, &ast::Expr)) -> Vec<String> {
        let number = matches!(right.kind, ExprKind::Number(_));
        let help = match (&l.ty, &r.ty) {
            (Type::Date | Type::Datetime, Type::Text) if is_literal(r) => {
                let what = if l.ty == Type::Date { "a date" } else { "a date or a time" };
                match moment_meant(right) {
                    Some(meant) => format!("{what} is written without quotes: {meant}"),
                    None if l.ty == Type::Date => format!("{what} is written such as 2023-10-09"),
                    None => format!("{what} is written such as 2023-10-09 or 2023-10-09T14:30"),
                }
            }
            (Type::Date | Type::Datetime, Type::Integer | Type::Number)
                if let Some(day) = day_meant(right) =>
            {
                format!("a date is written year-month-day: {day}")
            }
            (Type::Date | Type::Datetime, Type::Integer) if number => {
                "a year, a month or a span of days follows `in`: `x in 2023`".to_string()
            }
            (Type::Integer | Type::Number, Type::Text) if let Kind::Value(Value::Text(text)) = &r.kind => {
                if text.trim().parse::<f64>().is_ok() {
                    format!("a number is written without quotes: {}", text.trim())
                } else if is_literal(l) {
                    return Vec::new();
                } else {
                    let column = self.text(left.span);
                    let found = shown(&format!("{column} is missing"));
                    format!("what is no number counts as missing there: {found} finds it")
                }
            }
            (Type::Text, Type::Integer | Type::Number) if !is_literal(l) => {
                return self.number_in_text(left, r, right);
            }
            (Type::Rate(rate), _) => {
                let amount = match &right.kind {
                    ExprKind::Number(digits) => digits.as_str(),
                    ExprKind::Money { number, .. } | ExprKind::Quantity { number, .. } => number,
                    _ => return Vec::new(),
                };
                match rate.unit() {
                    Some(unit) => format!("a rate has two units: `{}`", unit.written(amount)),
                    None => return Vec::new(),
                }
            }
            (ty, Type::Integer | Type::Number) if ty.is_quantity() => {
                let (ExprKind::Number(digits), Some(unit)) = (&right.kind, Unit::default_of(ty)) else {
                    return Vec::new();
                };
                match ty {
                    Type::Money(currency) => match currency.sign() {
                        Some(sign) => format!("say what of: `{sign}{digits}`"),
                        None => format!("say what of: `{digits} {currency}`"),
                    },
                    _ => format!("say what of: `{digits} {}`", unit.name),
                }
            }
            _ => return Vec::new(),
        };
        vec![help]
    }

    /// A column of text beside a number: it may hold numbers among other things, or digits that are no amount.
    fn number_in_text(&self, column: &ast::Expr, number: &Expr, at: &ast::Expr) -> Vec<String> {
        let text = self.text(column.span);
        let reader = if number.ty == Type::Integer { "integer" } else { "number" };
        let (first, last) = if column.span.start < at.span.start { (column, at) } else { (at, column) };
        let sign = self.text(Span::new(first.span.end, last.span.start)).trim();
        let Some(op) = COMPARISONS.into_iter().find(|op| op.text() == sign) else {
            let read = shown(&format!("{reader}({text})"));
            return vec![format!("{} is text: {read} reads the numbers in it", shown(text))];
        };
        let whole = first.span.to(last.span);
        let read = self.with_other(whole, column.span, &format!("{reader}({text})"));
        let mut help = vec![format!("{} is text: {} compares the numbers in it", shown(text), shown(&read))];
        if let (BinaryOp::Eq | BinaryOp::Ne, ExprKind::Number(digits)) = (op, &at.kind) {
            let quoted = self.with_other(whole, at.span, &format!("\"{digits}\""));
            help.push(format!("{} compares it as text", shown(&quoted)));
        }
        help
    }

    /// Numbers in a list beside text, `borough in [5, 6]`: reported once for all of them, and true, where there are any.
    pub(super) fn is_text_among_numbers(
        &mut self,
        operand: &Expr,
        inner: &ast::Expr,
        list: Span,
        items: &[ast::Expr],
    ) -> bool {
        let number = |item: &ast::Expr| match &item.kind {
            ExprKind::Number(digits) => Some((digits.clone(), item.span)),
            _ => None,
        };
        let numbers: Vec<(String, Span)> = items.iter().filter_map(number).collect();
        let Some((first, at)) = numbers.first() else { return false };
        if !matches!(operand.ty, Type::Text | Type::Record(_)) {
            return false;
        }
        let ty = if first.contains('.') { Type::Number } else { Type::Integer };
        let message = format!("this is {}, and the other is text", a(&ty));
        let mut mistake = Diagnostic::new("type-mismatch", message, *at).also(inner.span, "text");
        let whole = inner.span.to(list);
        let mut quoted = self.text(whole).to_string();
        for (digits, place) in numbers.iter().rev() {
            quoted
                .replace_range(place.start - whole.start..place.end - whole.start, &format!("\"{digits}\""));
        }
        if numbers.len() == items.len() && !is_literal(operand) {
            let fractions = numbers.iter().any(|(digits, _)| digits.contains('.'));
            let reader = if fractions { "number" } else { "integer" };
            let read = self.with_other(whole, inner.span, &format!("{reader}({})", self.text(inner.span)));
            mistake = mistake.help(format!("{} compares the numbers in it", shown(&read)));
        }
        self.report(mistake.help(format!("{} compares it as text", shown(&quoted))));
        true
    }

    /// The text of a place with other words in a part of it.
    pub(super) fn with_other(&self, whole: Span, part: Span, words: &str) -> String {
        let before = self.text(Span::new(whole.start, part.start));
        format!("{before}{words}{}", self.text(Span::new(part.end, whole.end)))
    }

    /// A function of time that is named as if it were a column: the same of the rows' dates.
    pub(super) fn time_function_help(&self, scope: &Scope, name: &str) -> Option<String> {
        let Meaning::Function(function) = builtins::find(name)?.meaning else { return None };
        let fits = |ty: &Type| time_functions::takes_one(function, ty);
        let of = |column: &super::scope::ScopeColumn| match (&column.from, &scope.table) {
            (Origin::Made { expr, .. }, _) => fits(&expr.ty),
            (Origin::Table(name), Some(table)) => self.type_of(table, name).is_some_and(|ty| fits(&ty)),
            _ => false,
        };
        let columns = scope.columns.iter().filter(|column| of(column)).take(3);
        let calls: Vec<String> = columns.map(|column| format!("`{name}({})`", column.name)).collect();
        let (last, others) = calls.split_last()?;
        let joined = match others {
            [] => last.clone(),
            others => format!("{} or {last}", others.join(", ")),
        };
        Some(format!("`{name}` is a function: write {joined}"))
    }

    /// The type of a table's column, where that can be known here.
    fn type_of(&self, table: &Table, name: &str) -> Option<Type> {
        match table.declared.iter().find(|column| column.name == name) {
            Some(column) => Some(column.ty.clone()),
            None if self.glance => None,
            None => Some(table.column(name).ok()??.ty.clone()),
        }
    }

    /// What an aggregate can say of the column at the end of a path to many records.
    pub(super) fn aggregates_help(&self, walk: &Walk, text: &str) -> String {
        let end = walk.steps.last().map(Step::to);
        let ty = end.zip(walk.column.as_ref()).and_then(|(end, name)| self.type_of(end, &name.text));
        let examples = match ty {
            None => format!("`count({text})`, `max({text})`, `any({text} = …)`"),
            Some(Type::Bool) => format!("`any({text})`, `all({text})`"),
            Some(Type::Date | Type::Datetime) => {
                format!("`min({text})`, `max({text})`, `any({text} in …)`")
            }
            Some(ref ty) if textual(ty) => format!("`count({text})`, `distinct({text})`, `any({text} = …)`"),
            Some(Type::Rate(_)) => format!("`median({text})`, `max({text})`"),
            Some(_) => format!("`sum({text})`, `max({text})`, `any({text} > …)`"),
        };
        format!("say which: {examples}, …")
    }

    /// Where a path to many records is a plain value of its own table: the question asked from there.
    pub(super) fn start_from_there(&self, scope: &Scope, walk: &Walk, names: &[Name]) -> Option<String> {
        let many = walk.steps.iter().rposition(|step| matches!(step, Step::Many(_)))?;
        let table = walk.steps.get(many)?.to();
        let left: Vec<&str> = names.get(many + 1..)?.iter().map(|name| name.text.as_str()).collect();
        if left.is_empty() {
            return None;
        }
        let there = format!("or start from there: `{} | count by {}`", table.name, left.join("."));
        let back: Option<Vec<&str>> = walk.steps[..=many]
            .iter()
            .rev()
            .map(|step| match step {
                Step::Many(link) => Some(link.link.name.as_str()),
                Step::One(_) => None,
            })
            .collect();
        // Nobody counts by an amount.
        let end = walk.steps.last()?.to();
        let ty = walk.column.as_ref().and_then(|name| self.type_of(end, &name.text));
        if ty.is_some_and(|ty| ty.is_quantity() || matches!(ty, Type::Number | Type::Rate(_))) {
            return None;
        }
        let rows = scope.table.as_ref()?;
        let of_groups = |ty: &Type| matches!(ty, Type::Text | Type::Category(_));
        let column = rows.declared.iter().find(|column| of_groups(&column.ty));
        Some(match (back, column) {
            (Some(back), Some(column)) => {
                format!("{there}, from which `{}.{}` leads back", back.join("."), column.name)
            }
            (Some(back), None) => format!("{there}, from which `{}` leads back", back.join(".")),
            _ => there,
        })
    }

    /// Of a column that rows have not, but records that belong to them: how to ask it of those.
    pub(super) fn related_help(&self, scope: &Scope, column: &str) -> Option<String> {
        let rows = scope.table.as_ref()?;
        let has = |table: &str| {
            let names = self.catalogue.table(table).and_then(|table| names_of(table).ok());
            names.is_some_and(|names| names.iter().any(|name| name == column))
        };
        let mut found = rows.backs.iter().filter(|back| has(&back.from));
        let (first, second) = (found.next()?, found.next());
        let asked = format!("`any({} where {column} …)`", first.name);
        Some(match second {
            None => format!("`{}` has it: {asked}, or start from `{}`", first.name, first.from),
            Some(second) => {
                format!(
                    "`{}` and `{}` have it: {asked}, or start from `{}`",
                    first.name, second.name, first.from
                )
            }
        })
    }

    /// Of a dotted name whose first part is a record that rows were grouped by: why nothing follows it, and what to
    /// write.
    pub(super) fn grouped_record_help(&self, scope: &Scope, names: &[Name]) -> Vec<String> {
        let (Some(first), Some(ended)) = (names.first(), &scope.ended) else { return Vec::new() };
        let key = scope.column(&first.text).map(|column| &column.from);
        let (Some(Origin::Made { expr, .. }), Some(link)) = (key, ended.table.link(&first.text)) else {
            return Vec::new();
        };
        let Type::Record(table) = &expr.ty else { return Vec::new() };
        let whole: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
        let mut help = vec![format!(
            "links end at a grouping: make it a key there as well, `by {}, {}`",
            first.text,
            whole.join(".")
        )];
        if let Some(back) = &link.back {
            help.push(format!("or start from there: `{table} | let n = count({back})`"));
        }
        help
    }
}

/// Words of the language in a message, told from those around them though they hold backticks themselves.
pub(super) fn shown(words: &str) -> String {
    if words.contains('`') { format!("`` {words} ``") } else { format!("`{words}`") }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Value(_))
}
