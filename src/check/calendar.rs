//! Calendars: `months in 2023` and `periods A, B` are tables with a row a span, and from their rows an aggregate may
//! range over any table, because `this.start`, `this.end` and `in this` say which records are meant.
//!
//! What such an aggregate gives adds up only where no record can stand in two rows: a count or a sum, its filter
//! holds `COL in this` with nothing but `and` around it, and the spans don't overlap.

use std::sync::Arc;

use super::aggregate::Read;
use super::expr::{Place, What, a};
use super::reach::{each_path, without_path};
use super::scope::{Origin, Scope, ScopeColumn, whole};
use super::{Checker, Draft};
use crate::catalog::{CALENDAR, CalendarSpan, MadeOf, Table};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{Aggregator, BinaryOp, Expr, Function, Kind, Over};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::syntax::span::Span;
use crate::types::period::bins_between;
use crate::types::time::date_of;
use crate::types::{Bin, Period, Type};

/// The longest calendar: more than five hundred years of days.
const LONGEST: usize = 200_000;

impl Checker<'_> {
    /// `months in 2023`
    pub(super) fn every_span(&mut self, unit: &Name, period: &ast::Expr) -> Option<Draft> {
        let bin = self.calendar_unit(unit).ok()?;
        let (Some(first), Some(last)) = self.bounded(period).map(|found| (found.first, found.last))? else {
            return None;
        };
        let spans = self.spans(bin, first, last);
        if spans.len() > LONGEST {
            let message = format!("`{}` holds {} {}", self.text(period.span), spans.len(), unit.text);
            self.report(Diagnostic::new("type-period", message, period.span).help("name a shorter period"));
            return None;
        }
        // A span that the period cuts is shorter than the others: sums over it are no trend.
        let whole = |span: &CalendarSpan| {
            let around = date_of(span.start).and_then(|day| bin.around(day));
            around.is_some_and(|around| around.first == Some(span.start) && around.last == Some(span.end))
        };
        let cut: Vec<&str> =
            spans.iter().filter(|span| !whole(span)).map(|span| span.label.as_str()).collect();
        if !cut.is_empty() {
            let is = if cut.len() == 1 { "is" } else { "are" };
            let whole = self.text(period.span);
            self.notes.push(format!("{} {is} cut at the ends of {whole}", cut.join(" and ")));
        }
        Some(self.calendar(self.text(unit.span.to(period.span)), spans))
    }

    /// The spans of a unit, those at the ends cut.
    fn spans(&self, bin: Bin, first: i32, last: i32) -> Vec<CalendarSpan> {
        let (Some(from), Some(to)) = (date_of(first), date_of(last)) else { return Vec::new() };
        let starts = bins_between(bin, from, to);
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([last]);
        let labels =
            starts.iter().map(|start| date_of(*start).map_or_else(String::new, |day| bin.label(day)));
        let spans = starts.iter().zip(ends).zip(labels);
        spans.map(|((start, end), label)| CalendarSpan { start: (*start).max(first), end, label }).collect()
    }

    /// `periods A, B`
    pub(super) fn these_spans(&mut self, word: &Name, periods: &[ast::Expr]) -> Option<Draft> {
        let mut spans = Vec::new();
        for period in periods {
            let found = self.bounded(period)?;
            let (Some(start), Some(end)) = (found.first, found.last) else { continue };
            spans.push(CalendarSpan { start, end, label: found.label() });
        }
        let end = periods.last().map_or(word.span, |last| last.span);
        Some(self.calendar(self.text(word.span.to(end)), spans))
    }

    /// A period with both ends.
    fn bounded(&mut self, expr: &ast::Expr) -> Option<Period> {
        let text = self.text(expr.span);
        let mistake = match self.period(expr).ok()? {
            Some(period @ Period { first: Some(_), last: Some(_), .. }) => return Some(period),
            Some(_) => Diagnostic::new("type-period", format!("`{text}` has no end"), expr.span)
                .help("name both ends: `2019-11..2023-10`, `2019-11..today`"),
            None if matches!(&expr.kind, ExprKind::Param(name) if !self.params.contains_key(&name.text)) => {
                self.expr(Place::row(&Scope::default(), What::Derive), expr);
                return None;
            }
            None => Diagnostic::new("type-period", format!("`{text}` is no period"), expr.span)
                .help("`2023`, `2023-10`, `2023-10-09..2023-10-15`, `last 4 weeks`, `year to date`"),
        };
        self.report(mistake);
        None
    }

    fn calendar(&mut self, name: &str, spans: Vec<CalendarSpan>) -> Draft {
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let table = Arc::new(Table::calendar(Arc::from(name), spans.into()));
        let scope = Scope::of(Arc::clone(&table), CALENDAR.map(str::to_string).to_vec());
        Draft::new(table, scope)
    }

    /// The table that an aggregate ranges over, where it stands in a calendar's row and its argument names one; an
    /// error that has been reported where it names more.
    pub(super) fn table_named(
        &mut self,
        rows: &Scope,
        names: &[&[Name]],
        nested: &[&[Name]],
        filter: Option<&ast::Expr>,
    ) -> Result<Option<Arc<Table>>, ()> {
        if !is_calendar(rows) {
            return Ok(None);
        }
        // An earlier item may be called as its table is, `charges = count(charges where …)`. What asks for `this` can be
        // no window over the calendar's rows, and so means the table.
        let of_this = filter.is_some_and(asks_for_this);
        let mut found: Option<(Arc<Table>, &[Name])> = None;
        for dotted in names.iter().chain(nested) {
            let Some(first) = dotted.first() else { continue };
            let found_table = self.catalogue.table(&first.text).cloned();
            let table_first = of_this && found_table.is_some();
            if first.text == "this" || !table_first && rows.column(&first.text).is_some() {
                continue;
            }
            let Some(table) = found_table else {
                let known = self.catalogue.tables.iter().map(|table| &*table.name);
                if let Some(near) = nearest(&first.text, known) {
                    let message = format!("there is no column or table `{}`", first.text);
                    let mistake = Diagnostic::new("name-table", message, first.span);
                    self.report(mistake.help(format!("did you mean `{near}`?")));
                    return Err(());
                }
                if dotted.len() == 1 && self.named_day(dotted).is_some() {
                    continue;
                }
                return Ok(None);
            };
            match &found {
                Some((other, at)) if other.name != table.name => {
                    let message = format!("this names two tables, {} and {}", other.name, table.name);
                    let mistake = Diagnostic::new("relation-ends", message, whole(dotted));
                    self.report(
                        mistake
                            .also(whole(at), format!("{}", other.name))
                            .help("an aggregate ranges over one table: work the two out one after the other"),
                    );
                    return Err(());
                }
                _ => found = Some((table, dotted)),
            }
        }
        Ok(found.map(|(table, _)| table))
    }

    /// The first table that has a column of that name, where the rows are a calendar's.
    pub(super) fn table_with(&self, rows: &Scope, column: &str) -> Option<Arc<str>> {
        let mut tables = self.catalogue.tables.iter().filter(|_| is_calendar(rows));
        let declared = |table: &Table| table.declared.iter().any(|known| known.name == column);
        tables.find(|table| declared(table)).map(|table| Arc::clone(&table.name))
    }

    /// What a calendar's word without a period lacks.
    pub(super) fn calendar_help(word: &str) -> Option<&'static str> {
        Some(match word {
            "days" => "a calendar says what it lists: `days in 2023-10`",
            "weeks" => "a calendar says what it lists: `weeks in 2023-Q4`",
            "months" => "a calendar says what it lists: `months in 2023`",
            "quarters" | "years" => "a calendar says what it lists: `quarters in 2020..2023`",
            "periods" => "a calendar says what it lists: `periods 2023-W41, 2023-W40`",
            _ => return None,
        })
    }

    /// An aggregate over a table's records, from a calendar's row.
    pub(super) fn over_table(
        &mut self,
        place: Place<'_>,
        function: Aggregator,
        call: &ast::Call,
        table: &Arc<Table>,
        span: Span,
    ) -> Option<Expr> {
        let text = self.text(span);
        if place.rows.is_some() {
            let message = format!("`{text}` hangs on a row's span, and a group has many rows");
            self.report(
                Diagnostic::new("relation-table", message, span)
                    .help(format!("work it out first: `let n = {text} | summarise …`")),
            );
            return None;
        }
        let Some(filter) = &call.filter else {
            let message = format!("every row would look at all {}", table.name);
            let date = date_of_table(table).unwrap_or_else(|| "…".to_string());
            let open = text.strip_suffix(')').unwrap_or(text);
            self.report(
                Diagnostic::new("relation-table", message, span)
                    .help(format!("say which are meant: `{open} where {date} in this)`")),
            );
            return None;
        };
        let end_scope = self.table_scope(table);
        // Further in, `this` stays the outermost row.
        let this = Some(place.this.map_or((place.names, 1), |(outer, up)| (outer, up + 1)));
        let inside = Place { names: &end_scope, rows: None, this, what: What::Inside };
        let arg = match call.args.first() {
            Some(ast::Expr { kind: ExprKind::Path(names), .. }) if names.len() == 1 => None,
            Some(arg) => {
                let own = without_path(arg, 1);
                if call.each.is_none() && self.leads_on(&end_scope, &own, arg, function)? {
                    return None;
                }
                Some((self.expr(inside, &own), arg))
            }
            None => None,
        };
        let told = self.mistakes.len();
        let filter_expr = self.boolean(inside, filter, "`where`");
        if self.mistakes.len() > told {
            return None;
        }
        if !reads_outer(&filter_expr) {
            let message = format!("nothing here says which {} belong to a row's span", table.name);
            let date = date_of_table(table).unwrap_or_else(|| "…".to_string());
            self.report(
                Diagnostic::new("relation-table", message, filter.span)
                    .help(format!("`… and {date} in this`, or compare with `this.start` and `this.end`")),
            );
            return None;
        }
        let sorted = self.window_order(inside, &call.sorted_by)?;
        let once = place.names.table.as_deref().is_some_and(apart) && in_this(&filter_expr);
        let over = Over::Table { table: Arc::clone(table), once };
        let read = Read { arg, filter: Some(filter_expr), sorted, over };
        self.finish_aggregate(function, call, read, place.names)
    }

    /// Reports an argument that leads away from the table's own records.
    fn leads_on(
        &mut self,
        scope: &Scope,
        own: &ast::Expr,
        arg: &ast::Expr,
        function: Aggregator,
    ) -> Option<bool> {
        let mut away: Option<Span> = None;
        each_path(own, &mut |names| {
            if names.first().is_some_and(|first| scope.is_link(&first.text)) {
                away.get_or_insert(whole(names));
            }
        });
        let Some(at) = away else { return Some(false) };
        let (text, name) = (self.text(arg.span), function.name());
        let message = format!("`{}` leads away from the records that `where` looks at", self.text(at));
        self.report(
            Diagnostic::new("relation-table", message, at)
                .help(format!("`{name}(each {text} where …)` takes one value a record")),
        );
        Some(true)
    }

    /// `x in this`: whether a date lies in the span of the row around it.
    pub(super) fn in_this(
        &mut self,
        place: Place<'_>,
        operand: Expr,
        inner: &ast::Expr,
        at: Span,
    ) -> Option<Expr> {
        if operand.ty == Type::Missing {
            return None;
        }
        let Some((outer, up)) = place.this.filter(|(outer, _)| is_calendar(outer)) else {
            let message = "`in this` asks for the span of a calendar's row, and there is none around here";
            self.report(
                Diagnostic::new("relation-this", message, at)
                    .help("`months in 2023 | let n = count(arrests where arrested_at in this)`"),
            );
            return None;
        };
        // A row keeps its span though its ends are no longer shown.
        let mut outer = outer.clone();
        for name in CALENDAR {
            if outer.column(name).is_none() {
                outer.columns.push(ScopeColumn::plain(
                    name.to_string(),
                    None,
                    Origin::Table(name.to_string()),
                ));
            }
        }
        let place = Place { this: Some((&outer, up)), ..place };
        if !matches!(operand.ty, Type::Date | Type::Datetime) {
            let message = format!("a date lies in a span, and this is {}", a(&operand.ty));
            self.report(Diagnostic::new("type-set", message, inner.span));
            return None;
        }
        let end = |name: &str| {
            let names = ["this", name].map(|text| Name { text: text.to_string(), span: at });
            Box::new(ast::Expr { kind: ExprKind::Path(names.to_vec()), span: at })
        };
        let [start, last, _] = CALENDAR;
        let span = ast::Expr { kind: ExprKind::Range(end(start), end(last)), span: at };
        self.in_range(place, operand, inner, &span)
    }
}

/// Does what was written name the row around it, at any depth?
fn asks_for_this(expr: &ast::Expr) -> bool {
    let mut found = false;
    each_path(expr, &mut |names| found |= names.first().is_some_and(|first| first.text == "this"));
    found
}

/// Does the expression look at the row around it, at any depth?
fn reads_outer(expr: &Expr) -> bool {
    let mut found = false;
    expr.visit(&mut |part| found |= matches!(part.kind, Kind::This(..)));
    found || expr.aggregates().iter().any(|aggregate| aggregate.parts().any(reads_outer))
}

/// Is one of the things that all must be true `COL in this`, of a date of the record's own or at a path's end? Then a
/// record stands in no more rows than there are spans that hold its day.
fn in_this(filter: &Expr) -> bool {
    match &filter.kind {
        Kind::Binary(BinaryOp::And, left, right) => in_this(left) || in_this(right),
        Kind::InRange(value, low, high) => {
            let value = match &value.kind {
                Kind::Call(Function::ToDate, args) => args.first().map(|arg| &arg.kind),
                kind => Some(kind),
            };
            let [start, end, _] = CALENDAR;
            matches!(value, Some(Kind::Stored(_) | Kind::Path(..))) && is_end(low, start) && is_end(high, end)
        }
        _ => false,
    }
}

fn is_end(expr: &Expr, name: &str) -> bool {
    let Kind::This(inner, 1) = &expr.kind else { return false };
    matches!(&inner.kind, Kind::Stored(column) if column.name == name)
}

/// A column of dates, for examples in help.
fn date_of_table(table: &Table) -> Option<String> {
    let date = |ty: &Type| matches!(ty, Type::Date | Type::Datetime);
    table.declared.iter().find(|column| date(&column.ty)).map(|column| column.name.clone())
}

/// Are the rows those of a calendar?
pub(super) fn is_calendar(scope: &Scope) -> bool {
    scope.table.as_deref().is_some_and(|table| matches!(table.made, Some(MadeOf::Calendar(_))))
}

/// Do no two spans share a day?
fn apart(table: &Table) -> bool {
    let Some(MadeOf::Calendar(spans)) = &table.made else { return false };
    let mut spans: Vec<&CalendarSpan> = spans.iter().collect();
    spans.sort_by_key(|span| span.start);
    spans.windows(2).all(|pair| pair[0].end < pair[1].start)
}
