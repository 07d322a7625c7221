//! A short notation for trees: every operator has its bracket, so what binds to what can be seen.

use casebook::syntax::ast::{Expr, ExprKind, Item, NamedPeriod, Over, Query, SortKey};

/// Parts with commas between.
pub fn join<T>(parts: &[T], show: impl Fn(&T) -> String) -> String {
    parts.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// `name: value`
pub fn item(item: &Item) -> String {
    match &item.name {
        Some(name) => format!("{}: {}", name.text, shown(&item.expr)),
        None => shown(&item.expr),
    }
}

/// `down value` or `value`
pub fn key(key: &SortKey) -> String {
    format!("{}{}", if key.descending { "down " } else { "" }, shown(&key.expr))
}

/// A query inside another.
pub fn subquery(query: &Query) -> String {
    format!("{}: {} stages", query.source.text, query.stages.len())
}

/// An expression with a bracket around every operator.
pub fn shown(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Missing => "missing".to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Number(digits) => digits.clone(),
        ExprKind::Percent(digits) => format!("{digits}%"),
        ExprKind::Text(text) => format!("{text:?}"),
        ExprKind::Date(text) | ExprKind::Datetime(text) | ExprKind::CalendarSpan(text) => format!("@{text}"),
        ExprKind::Quantity { number, unit } => format!("{number}<{}>", unit.text),
        ExprKind::Rate { amount, per } => format!("(over {} {})", shown(amount), per.text),
        ExprKind::Money { sign, number, multiplier } => {
            format!("{sign}{number}{}", multiplier.as_deref().unwrap_or_default())
        }
        ExprKind::Param(name) => format!("${}", name.text),
        ExprKind::Path(names) => names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join("."),
        ExprKind::Call(call) => {
            let mut inside = vec![join(&call.args, shown)];
            inside.extend(call.each.map(|_| "each".to_string()));
            inside.extend(call.filter.iter().map(|filter| format!("where {}", shown(filter))));
            inside.extend((!call.per.is_empty()).then(|| format!("per {}", join(&call.per, item))));
            inside.extend(
                (!call.sorted_by.is_empty()).then(|| format!("sorted {}", join(&call.sorted_by, key))),
            );
            inside.extend(call.over.iter().map(|over| match over {
                Over::Rows { n, before } => {
                    format!("over {} rows{}", shown(n), if *before { " before" } else { "" })
                }
                Over::Span { duration, of } => format!("over {} of {}", shown(duration), shown(of)),
            }));
            inside.retain(|part| !part.is_empty());
            format!("{}({})", call.name.text, inside.join("; "))
        }
        ExprKind::Query(query) => subquery(query),
        ExprKind::Negate(expr) => format!("(- {})", shown(expr)),
        ExprKind::Not(expr) => format!("(not {})", shown(expr)),
        ExprKind::Binary { op, left, right, .. } => {
            format!("({} {} {})", shown(left), op.text(), shown(right))
        }
        ExprKind::Is { expr, known } => {
            format!("({} is {})", shown(expr), if *known { "known" } else { "missing" })
        }
        ExprKind::In { expr, set, negated } => {
            format!("({} {} {})", shown(expr), if *negated { "not in" } else { "in" }, shown(set))
        }
        ExprKind::List(items) => format!("[{}]", join(items, shown)),
        ExprKind::Range(from, to) => format!("({} .. {})", shown(from), shown(to)),
        ExprKind::Open { since, bound } => {
            format!("({} {})", if *since { "since" } else { "until" }, shown(bound))
        }
        ExprKind::UnitOf { unit, date } => format!("({} of {})", unit.text, shown(date)),
        ExprKind::Named(period) => match period {
            NamedPeriod::Relative { which, count, unit } => {
                let which = format!("{which:?}").to_lowercase();
                let count = count.as_ref().map_or(String::new(), |count| format!("{} ", count.text));
                format!("({which} {count}{})", unit.text)
            }
            NamedPeriod::ToDate { unit } => format!("({} to date)", unit.text),
            NamedPeriod::Fy { year } => format!("(fy {})", year.text),
        },
        ExprKind::If { test, then, otherwise } => {
            format!("(if {} then {} else {})", shown(test), shown(then), shown(otherwise))
        }
        ExprKind::To { expr, unit } => format!("({} to <{}>)", shown(expr), unit.text),
        ExprKind::Broken => "broken".to_string(),
    }
}
