//! What was likely meant, where a value is not what it stands beside: days as other countries and spreadsheets write
//! them, numbers in a column of text, a month's number beside a month. Only help lines are made of these guesses.

use chrono::{Datelike, NaiveDate};

use super::expr::textual;
use super::scope::{Origin, Scope, Walk, names_of};
use super::stage::{call_name, own_name};
use super::{Checker, time_functions};
use crate::builtins::{self, Meaning};
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::plan::{self, BinaryOp, Expr, Kind, Step};
use crate::syntax::ast::{self, ExprKind, Name, StageKind};
use crate::syntax::span::Span;
use crate::types::time::date_of;
use crate::types::{Bin, Show, Type, Unit, Value};

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
                let day = day_meant(right).unwrap_or_else(|| "2023-10-09".to_string());
                format!("a date is written without quotes: {day}")
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

    /// The text of a place with other words in a part of it.
    fn with_other(&self, whole: Span, part: Span, words: &str) -> String {
        let before = self.text(Span::new(whole.start, part.start));
        format!("{before}{words}{}", self.text(Span::new(part.end, whole.end)))
    }

    /// How to write what stands where a span of days should; `otherwise` where that can't be told.
    pub(super) fn span_help(&mut self, set: &ast::Expr, otherwise: &str) -> String {
        self.meant_span_help(set).unwrap_or_else(|| otherwise.to_string())
    }

    /// The same, where it can be told.
    pub(super) fn meant_span_help(&mut self, set: &ast::Expr) -> Option<String> {
        let meant = self.span_meant(set)?;
        Some(match set.kind {
            ExprKind::Text(_) => format!("write it without quotes: `{meant}`"),
            _ => format!("write `{meant}`"),
        })
    }

    fn span_meant(&mut self, set: &ast::Expr) -> Option<String> {
        match &set.kind {
            ExprKind::Text(text) => {
                let inside = crate::syntax::parse_expression(text).ok()?;
                let before = self.mistakes.len();
                let period = self.period(&inside);
                self.mistakes.truncate(before);
                match period {
                    Ok(Some(_)) => Some(text.trim().to_string()),
                    _ => self.span_meant(&inside),
                }
            }
            ExprKind::Path(names) => {
                // A month without its year: the latest one.
                let [name] = names.as_slice() else { return None };
                let month = name.text.parse::<chrono::Month>().ok()?.number_from_month();
                let today = date_of(self.today())?;
                let year = if month > today.month() { today.year() - 1 } else { today.year() };
                Some(format!("{year}-{month:02}"))
            }
            _ => ends_meant(set),
        }
    }

    /// The number of a month beside a month, `month(x) = 10`; reported, and true, where it is one. `whole` is all of
    /// the comparison.
    pub(super) fn number_beside_bin(
        &mut self,
        bin: &Expr,
        bin_at: &ast::Expr,
        number_at: &ast::Expr,
        whole: Span,
    ) -> bool {
        let (Show::Bin(grain), Type::Date, ExprKind::Number(digits)) = (&bin.show, &bin.ty, &number_at.kind)
        else {
            return false;
        };
        let Some(number) = digits.parse::<u32>().ok().filter(|_| digits.len() < 3) else { return false };
        let Some(today) = date_of(self.today()) else { return false };
        let of = match &bin_at.kind {
            ExprKind::Call(call) => call.args.first().map(|arg| self.text(arg.span)),
            _ => None,
        };
        let cyclic = match grain {
            Bin::Month => Some("month_of_year"),
            Bin::Day => Some("day_of_month"),
            _ => None,
        };
        let span = match grain {
            Bin::Month => format!("{}-{number:02}", today.year()),
            Bin::Quarter => format!("{}-Q{number}", today.year()),
            Bin::Week => format!("{}-W{number:02}", today.year()),
            _ => format!("{}-{:02}-{number:02}", today.year(), today.month()),
        };
        let name = grain.name();
        let message = format!("{number} is no {name}: a {name} has its year with it, as in {span}");
        let mistake = Diagnostic::new("type-period", message, number_at.span);
        self.report(match (cyclic, of) {
            (Some(function), Some(of)) => {
                let meant = self.with_other(whole, bin_at.span, &format!("{function}({of})"));
                mistake.help(format!("that of any year: `{meant}`"))
            }
            _ => mistake.help(format!("write `{}`", self.with_other(whole, number_at.span, &span))),
        });
        true
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

    /// `top 3 by offence`: text has no largest, and what was meant is mostly what is most frequent. Reported, and true,
    /// where it is so.
    pub(super) fn is_top_by_text(&mut self, scope: &Scope, key: &plan::SortKey, stage: &ast::Stage) -> bool {
        let StageKind::Top { n, by, per, .. } = &stage.kind else { return false };
        if key.expr.ty != Type::Text {
            return false;
        }
        let (n, column) = (self.text(n.span), self.text(by.expr.span));
        let texts: Vec<&str> = per.iter().map(|item| self.text(item.span)).collect();
        // After a grouping a key goes by its name.
        let name = |item: &ast::Item| match (&item.name, own_name(&item.expr)) {
            (Some(name), _) => Some(name.text.clone()),
            (None, Some(names)) if names.len() == 1 => Some(self.text(item.span).to_string()),
            (None, Some(names)) => names.last().cloned(),
            (None, None) => call_name(&item.expr),
        };
        let names: Option<Vec<String>> = per.iter().map(name).collect();
        let per = |keys: &[String]| match keys {
            [] => String::new(),
            keys => format!(" per {}", keys.join(", ")),
        };
        let here = per(&texts.iter().map(|text| text.to_string()).collect::<Vec<_>>());
        let mut mistake = Diagnostic::new(
            "type-order",
            format!("`top` takes the largest, and text has no size: {} is text", shown(column)),
            by.span,
        );
        let amount = scope.columns.iter().find(|column| match &column.from {
            Origin::Made { expr, .. } => expr.ty.is_numeric() || expr.ty.is_quantity(),
            Origin::Table(_) => false,
        });
        if let (Some(_), Some(amount)) = (&scope.groups, amount) {
            let ranked = shown(&format!("top {n} by {}{here}", amount.name));
            mistake = mistake.help(format!("{ranked} ranks by a number"));
        } else if let (None, Some(names)) = (&scope.groups, names) {
            let keys = [&[column], texts.as_slice()].concat().join(", ");
            let counted = shown(&format!("count by {keys} | top {n} by count{}", per(&names)));
            mistake = mistake.help(format!("{counted} takes the commonest"));
        }
        let first = shown(&format!("sort {column} | take {n}{here}"));
        self.report(mistake.help(format!("{first} takes the first by the alphabet")));
        true
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
fn shown(words: &str) -> String {
    if words.contains('`') { format!("`` {words} ``") } else { format!("`{words}`") }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, Kind::Value(_))
}

/// The day that three numbers mean, `09/10/2023`: the day first where both readings are possible.
fn day_meant(expr: &ast::Expr) -> Option<String> {
    if let ExprKind::Text(text) = &expr.kind {
        let inside = crate::syntax::parse_expression(text).ok()?;
        return match inside.kind {
            ExprKind::Text(_) => None,
            ExprKind::Date(day) => Some(day),
            _ => day_meant(&inside),
        };
    }
    let ExprKind::Binary { op: op @ (BinaryOp::Div | BinaryOp::Sub), left, right, .. } = &expr.kind else {
        return None;
    };
    let ExprKind::Binary { op: inner, left: first, right: second, .. } = &left.kind else { return None };
    let (ExprKind::Number(first), ExprKind::Number(second), ExprKind::Number(third), true) =
        (&first.kind, &second.kind, &right.kind, inner == op)
    else {
        return None;
    };
    let part = |digits: &str| digits.parse::<u32>().ok();
    let year = |digits: &str| match digits.len() {
        4 => digits.parse::<i32>().ok(),
        2 => digits.parse::<i32>().ok().map(|year| 2000 + year),
        _ => None,
    };
    let day =
        |year: Option<i32>, month: &str, day: &str| NaiveDate::from_ymd_opt(year?, part(month)?, part(day)?);
    let meant = if first.len() == 4 {
        day(year(first), second, third)
    } else {
        day(year(third), second, first).or_else(|| day(year(third), first, second))
    };
    meant.map(|day| day.to_string())
}

/// Two ends of a span with something else than `..` between them, or one or two days written otherwise.
fn ends_meant(set: &ast::Expr) -> Option<String> {
    let end = |end: &ast::Expr| match &end.kind {
        ExprKind::Date(text) | ExprKind::CalendarSpan(text) => Some(text.clone()),
        ExprKind::Path(names) => names.first().map(|name| name.text.clone()),
        _ => day_meant(end),
    };
    if let Some(day) = day_meant(set) {
        return Some(day);
    }
    match &set.kind {
        ExprKind::Range(low, high) => {
            day_meant(low).or_else(|| day_meant(high))?;
            Some(format!("{}..{}", end(low)?, end(high)?))
        }
        ExprKind::Binary { op: BinaryOp::Sub, left, right, .. } => {
            Some(format!("{}..{}", end(left)?, end(right)?))
        }
        _ => None,
    }
}
