//! Other queries' rows: below these (`append`), left out (`except`), beside them (`join`, in [`super::join`]), and as
//! a set of values (`x in (QUERY)`).
//!
//! Such a query is checked by itself, as if it stood alone: no name of the question around it means anything in it.
//! What the two have to do with each other is said by names (`append`, `except`), by a condition (`join`) or by
//! position (`in`, whose query has one column), and what is compared must be of types that can be.

use std::sync::Arc;

use super::calendar::counts_spans;
use super::expr::{Place, What, a};
use super::scope::{Origin, Scope, ScopeColumn, as_written, listing};
use super::stage::made_name;
use super::{Checker, Draft, made_of, value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Adds, Expr, Kind, Made, Query, Spread, Stage};
use crate::syntax::ast::{self, ExprKind, Name, StageKind};
use crate::syntax::span::Span;
use crate::types::{Show, Type, Value};

impl Checker<'_> {
    /// One of the stages that bring in other rows, or that look at rows by themselves.
    pub(super) fn combining(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        if self.has_totals(&draft.scope, stage.span) {
            return;
        }
        match &stage.kind {
            StageKind::Append(query) => self.append(draft, query),
            StageKind::Except(query) => self.except(draft, query),
            StageKind::Join { many, query, alias, on } => {
                self.join(draft, many.is_some(), query, alias.as_ref(), on);
            }
            _ => self.reshaping(draft, stage),
        }
    }

    /// Total rows stand apart from all others, so that nothing counts a thing twice.
    fn has_totals(&mut self, scope: &Scope, span: Span) -> bool {
        let has = scope.level.is_some() || scope.columns.iter().any(|column| column.data_only);
        if has {
            let mistake =
                Diagnostic::new("type-total", "total rows stand apart, and can't be mixed with others", span);
            self.report(mistake.help("let `total` come last"));
        }
        has
    }

    /// A query within this one; `None` where it is wrong, which has been reported.
    pub(super) fn other(&mut self, query: &ast::Query) -> Option<(Query, Scope)> {
        self.within += 1;
        let before = self.mistakes.len();
        // What this stage asked of its own grouping is no matter of the other query's.
        let wider = std::mem::take(&mut self.wider);
        let draft = self.query(query);
        self.wider = wider;
        self.within -= 1;
        // What is wrong within it would only be echoed by what is made of it.
        let draft = draft.filter(|_| self.mistakes.len() == before)?;
        if self.has_totals(&draft.scope, query.span) {
            return None;
        }
        if draft.scope.open {
            let message = "`pivot` took its columns from the data, and they can't be known here";
            self.report(
                Diagnostic::new("relation-pivot", message, query.span)
                    .help("leave `pivot` to the end of the whole question"),
            );
            return None;
        }
        let scope = draft.scope.clone();
        let query = self.finish(None, draft)?;
        self.used_too(&query.definitions);
        Some((query, scope))
    }

    /// Is the name after `in` a query's? A column of that name is no set of values.
    pub(super) fn is_query(&mut self, place: Place<'_>, names: &[Name]) -> bool {
        let [name] = names else { return false };
        let known = self.query_names();
        if known.contains(&name.text) {
            return true;
        }
        // A name that is nearly a query's is taken for it, so that the message names the right one.
        let column = place.names.column(&name.text).is_some() || place.names.is_link(&name.text);
        !column && known.iter().any(|known| nearest(&name.text, [known.as_str()]).is_some())
    }

    /// `x in (QUERY)`
    pub(super) fn in_query(
        &mut self,
        place: Place<'_>,
        operand: Expr,
        inner: &ast::Expr,
        query: &ast::Query,
    ) -> Option<Expr> {
        if place.what == What::Item {
            let message = "an item can't look for a group's value in a query";
            let mistake = Diagnostic::new("type-set", message, query.span);
            self.report(mistake.help("do it after the grouping: `… | let among = n in (…)`"));
            return None;
        }
        if place.what == What::Derive {
            let mistake = Diagnostic::new("relation-derive", "a query can't stand here", query.span);
            self.report(
                mistake.help("derived columns are worked out from one row, along links to one record"),
            );
            return None;
        }
        let (mut other, _) = self.other(query)?;
        let [column] = other.output.as_mut_slice() else {
            let message =
                format!("after `in` stands one column of values, and this has {}", other.output.len());
            let wanted = match &inner.kind {
                ExprKind::Path(names) => names.last().map(|name| name.text.clone()),
                _ => None,
            };
            let named = |name: &String| other.output.iter().any(|column| column.name == *name);
            let wanted = wanted.filter(named).or(other.output.first().map(|column| column.name.clone()));
            let mistake = Diagnostic::new("type-set", message, query.span);
            self.report(match wanted {
                Some(name) => {
                    let text = self.text(query.span);
                    let text = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text);
                    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                    let name = as_written(&name);
                    let name = name.split('`').find(|part| !part.is_empty()).unwrap_or_default();
                    mistake.help(format!("say which: `({text} | select {name})`"))
                }
                None => mistake,
            });
            return None;
        };
        if operand.ty == Type::Missing {
            return None;
        }
        let at = ast::Expr { kind: ExprKind::Broken, span: query.span };
        let (here_is, there_is) = (a(&operand.ty), a(&column.expr.ty));
        let before = self.mistakes.len();
        let Some((operand, found)) = self.meet(operand, inner, column.expr.clone(), &at) else {
            // A value that is none of a category's says so itself.
            if self.mistakes.get(before).is_some_and(|mistake| mistake.code == "type-mismatch") {
                self.mistakes.truncate(before);
                let message = format!("the query gives {there_is}, and what is looked for is {here_is}");
                let mistake = Diagnostic::new("type-mismatch", message, query.span);
                self.report(mistake.also(inner.span, here_is));
            }
            return None;
        };
        column.expr = found;
        Some(made_of(Kind::InQuery(Box::new(operand), Arc::new(other)), Type::Bool))
    }

    /// Both as one type, as a comparison would have them; an id may stay beside an integer.
    fn meet(
        &mut self,
        left: Expr,
        left_at: &ast::Expr,
        right: Expr,
        right_at: &ast::Expr,
    ) -> Option<(Expr, Expr)> {
        let literal = |expr: &Expr| matches!(expr.kind, Kind::Value(_));
        // A bin is told by its first day, which a day or another bin may be by chance.
        let bin = |expr: &Expr| match expr.show {
            Show::Bin(bin) => Some(bin),
            _ => None,
        };
        if left.ty == Type::Date && right.ty == Type::Date && bin(&left) != bin(&right) {
            let message = "one of these is a span of the calendar, and the other is another or a day";
            self.report(
                Diagnostic::new("type-period", message, right_at.span)
                    .help("make both the same: `month(x) in (… | select month(date))`"),
            );
            return None;
        }
        match (&left.ty, &right.ty) {
            (Type::Id, Type::Integer) | (Type::Integer, Type::Id) if !literal(&left) && !literal(&right) => {
                Some((left, right))
            }
            (Type::Datetime, Type::Date) => Some((self.as_date(left), right)),
            (Type::Date, Type::Datetime) => {
                let right = self.as_date(right);
                Some((left, right))
            }
            _ => self.same_type(left, left_at, right, right_at),
        }
    }

    /// `append QUERY`
    fn append(&mut self, draft: &mut Draft, query: &ast::Query) {
        let Some((mut other, _)) = self.other(query) else {
            draft.scope = Scope { blind: true, ..draft.scope.after("an `append`") };
            return;
        };
        let scope = draft.scope.clone();
        let mut after = scope.after("an `append`");
        (after.cut, after.lists_all) = (scope.cut, scope.lists_all);
        if !self.same_names(&scope, &other, query.span) {
            draft.scope = Scope { blind: true, ..after };
            return;
        }
        let mut columns: Vec<(Made, Expr)> = Vec::new();
        let mut outputs = Vec::new();
        for column in &scope.columns {
            let Some(at) = other.output.iter().position(|output| output.name == column.name) else {
                continue;
            };
            let mut output = other.output.swap_remove(at);
            let here = self.scope_column(&scope, column, query.span);
            let (here_is, there_is) = (a(&here.ty), a(&output.expr.ty));
            let Some((mut here, there)) = self.alike(here, output.expr) else {
                self.differ(&column.name, &here_is, &there_is, query.span);
                after.blind = true;
                continue;
            };
            here.show = shown_as(&here.show, &there.show);
            let made = made_name(draft, &column.name);
            let both = Expr {
                kind: Kind::Made(made.clone()),
                spread: worse(here.spread, there.spread),
                adds: match here.adds.and(there.adds) {
                    // Two calendars may hold the same spans, and what was counted in them the same records.
                    Adds::Yes if counts_spans(&draft.table) || counts_spans(&other.table) => Adds::No,
                    adds => adds,
                },
                ty: here.ty.clone(),
                show: here.show.clone(),
            };
            let from = Origin::Made { expr: both, text: None };
            after.columns.push(ScopeColumn::plain(column.name.clone(), column.label.clone(), from));
            columns.push((made, here));
            output.expr = there;
            outputs.push(output);
        }
        other.output = outputs;
        draft.stages.push(Stage::Append { columns, query: Arc::new(other) });
        draft.scope = after;
    }

    /// Reports a column that is one thing here and another there.
    fn differ(&mut self, name: &str, here: &str, there: &str, span: Span) {
        let message = format!("`{name}` is {there} there, and {here} here");
        let mistake = Diagnostic::new("type-mismatch", message, span);
        let times = [here, there].iter().all(|ty| ["a date", "a datetime"].contains(ty));
        self.report(match times {
            true => mistake.help(format!("`let {name} = day({name})` makes a date of a datetime")),
            false => mistake.help("make them one type on either side, in `let`"),
        });
    }

    /// Have the two the same columns? Reports what differs.
    fn same_names(&mut self, scope: &Scope, other: &Query, span: Span) -> bool {
        let here: Vec<&str> = scope.columns.iter().map(|column| column.name.as_str()).collect();
        let there: Vec<&str> = other.output.iter().map(|column| column.name.as_str()).collect();
        let only = |some: &[&str], others: &[&str]| -> Vec<String> {
            some.iter().filter(|name| !others.contains(name)).map(|name| (*name).to_string()).collect()
        };
        let (only_here, only_there) = (only(&here, &there), only(&there, &here));
        if only_here.is_empty() && only_there.is_empty() {
            return true;
        }
        if scope.blind {
            return false;
        }
        let mut differs = Vec::new();
        for (names, whose) in [(&only_here, "only these rows have"), (&only_there, "only the query has")] {
            if !names.is_empty() {
                differs.push(listing(whose, names, &[]));
            }
        }
        let message = format!("the two must have the same columns: {}", differs.join("; "));
        let mistake = Diagnostic::new("name-columns", message, span);
        let mistake = mistake.help("`select` the same columns on either side, or `drop` those that differ");
        self.report(match only_here.iter().chain(&only_there).next() {
            Some(name) => {
                mistake.help(format!("`let {name} = missing` stands in for a column that one of them lacks"))
            }
            None => mistake,
        });
        false
    }

    /// Two columns that become one: of one type, integers widened to numbers, categories of different lists as text.
    pub(super) fn alike(&mut self, left: Expr, right: Expr) -> Option<(Expr, Expr)> {
        let ty = common(&left.ty, &right.ty)?;
        let left = self.typed_as(left, &ty);
        Some((left, self.typed_as(right, &ty)))
    }

    /// A value as the type that [`common`] found.
    pub(super) fn typed_as(&mut self, expr: Expr, ty: &Type) -> Expr {
        match (&expr.ty, ty) {
            (own, ty) if own == ty => expr,
            (Type::Missing, ty) => value(Value::Missing, ty.clone()),
            (_, Type::Number) => self.as_number(expr),
            _ => self.as_text(expr),
        }
    }

    /// `except QUERY`
    fn except(&mut self, draft: &mut Draft, query: &ast::Query) {
        let Some((mut other, _)) = self.other(query) else { return };
        let scope = draft.scope.clone();
        let mut on = Vec::new();
        let strange: Vec<String> = other
            .output
            .iter()
            .filter(|output| scope.column(&output.name).is_none())
            .map(|output| output.name.clone())
            .collect();
        if !strange.is_empty() {
            if scope.blind {
                return;
            }
            let known: Vec<String> = scope.columns.iter().map(|column| column.name.clone()).collect();
            let what = listing("these rows have no", &strange, &[]);
            let message = format!("the query's columns are compared with these rows' by name, and {what}");
            let mistake = Diagnostic::new("name-columns", message, query.span);
            let mistake =
                match known.iter().find(|name| other.output.iter().any(|output| output.name == **name)) {
                    Some(name) => {
                        mistake.help(format!("`select` what tells them apart there: `… | select {name}`"))
                    }
                    None => mistake.help(listing("these rows have", &known, &[])),
                };
            self.report(mistake);
            return;
        }
        for output in &mut other.output {
            let Some(column) = scope.column(&output.name) else { continue };
            let here = self.scope_column(&scope, column, query.span);
            let at = ast::Expr { kind: ExprKind::Broken, span: query.span };
            let (here_is, there_is) = (a(&here.ty), a(&output.expr.ty));
            let before = self.mistakes.len();
            let Some((here, there)) = self.meet(here, &at, output.expr.clone(), &at) else {
                self.mistakes.truncate(before);
                self.differ(&output.name, &here_is, &there_is, query.span);
                return;
            };
            on.push(here);
            output.expr = there;
        }
        draft.stages.push(Stage::Except { on, query: Arc::new(other) });
    }
}

/// The type that two columns of one column's values have together.
pub(super) fn common(left: &Type, right: &Type) -> Option<Type> {
    match (left, right) {
        (left, right) if left == right => Some(left.clone()),
        (Type::Missing, ty) | (ty, Type::Missing) => Some(ty.clone()),
        (Type::Integer, Type::Number) | (Type::Number, Type::Integer) => Some(Type::Number),
        (left, right) if left.is_textual() && right.is_textual() => Some(Type::Text),
        _ => None,
    }
}

/// How values of two columns are shown in one: as those of the first. Beside another day, a bin is a day like any.
pub(super) fn shown_as(first: &Show, second: &Show) -> Show {
    match (first, second) {
        (first, second) if first == second => first.clone(),
        (Show::Bin(_), _) | (_, Show::Bin(_)) => Show::Plain,
        (first, _) => first.clone(),
    }
}

/// How the values of two columns repeat once they stand in one.
pub(super) fn worse(left: Spread, right: Spread) -> Spread {
    match (left, right) {
        (Spread::Repeats, _) | (_, Spread::Repeats) => Spread::Repeats,
        (Spread::Mixed, _) | (_, Spread::Mixed) => Spread::Mixed,
        _ => Spread::Own,
    }
}
