//! A short notation for trees: every operator has its bracket, so what binds to what can be seen.

use casebook::syntax::ast::{
    Against, Expr, ExprKind, Item, NamedPeriod, Over, Query, SortKey, Stage, StageKind,
};

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
    format!("{}: {} stages", query.source.word().text, query.stages.len())
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

/// A stage with its expressions in brackets.
pub fn stage(stage: &Stage) -> String {
    match &stage.kind {
        StageKind::Where(test) => format!("where {}", shown(test)),
        StageKind::Let(items) => format!("let {}", join(items, item)),
        StageKind::Select(items) => format!("select {}", join(items, item)),
        StageKind::Drop(names) => format!("drop {}", join(names, |n| n.text.clone())),
        StageKind::Rename(pairs) => {
            format!("rename {}", join(pairs, |p| format!("{}: {}", p.new.text, p.old.text)))
        }
        StageKind::Summarise { items, keys } => {
            format!("summarise {} by {}", join(items, item), join(keys, item))
        }
        StageKind::Count { keys } => format!("count by {}", join(keys, item)),
        StageKind::Sort(keys) => format!("sort {}", join(keys, key)),
        StageKind::Take { n, per } => format!("take {} per {}", shown(n), join(per, item)),
        StageKind::Top { n, by, per, other } => {
            let other = if other.is_some() { " with other" } else { "" };
            format!("top {} by {} per {}{other}", shown(n), key(by), join(per, item))
        }
        StageKind::Distinct(names) => format!("distinct {}", join(names, |n| n.text.clone())),
        StageKind::Pivot { on, using } => {
            format!("pivot {} using {}", on.text, join(using.as_slice(), item))
        }
        StageKind::Unpivot { columns, key, value } => {
            format!("unpivot {} into {}: {}", join(columns, |n| n.text.clone()), key.text, value.text)
        }
        StageKind::Fill { keys, period, with } => {
            let keys = join(keys, |n| n.text.clone());
            format!("fill {keys} in {} with {}", join(period.as_slice(), shown), join(with.as_slice(), shown))
        }
        StageKind::Compare { of, period, with } => {
            let with = match with {
                Against::Previous(_) => "previous".to_string(),
                Against::LastYear(_) => "last year".to_string(),
                Against::Period(period) => shown(period),
            };
            format!("compare {} in {} with {with}", shown(of), shown(period))
        }
        StageKind::Total(names) => format!("total {}", join(names, |n| n.text.clone())),
        StageKind::Append(query) => format!("append {}", subquery(query)),
        StageKind::Except(query) => format!("except {}", subquery(query)),
        StageKind::Join { many, query, alias, on } => {
            let many = if many.is_some() { "many " } else { "" };
            let alias = join(alias.as_slice(), |n| n.text.clone());
            format!("join {many}{} as {alias} on {}", subquery(query), shown(on))
        }
        StageKind::Describe => "describe".to_string(),
        StageKind::Sample { n, seed } => {
            format!("sample {} seed {}", shown(n), join(seed.as_slice(), shown))
        }
        StageKind::Broken => "broken".to_string(),
    }
}
