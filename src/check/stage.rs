//! Stages: each takes the draft of a query and the names its rows have, and leaves both as they are
//! after it. `select`, `drop` and `rename` change names only.

use std::sync::Arc;

use super::expr::{Place, What};
use super::scope::{Groups, Origin, Scope, ScopeColumn, as_written, listing};
use super::{Checker, Draft};
use crate::diagnostic::{Diagnostic, nearest};
use crate::plan::{self, Adds, Expr, Grouping, Kind, Spread, Stage};
use crate::syntax::ast::{self, ExprKind, Name, StageKind};
use crate::syntax::span::Span;
use crate::syntax::table_first;
use crate::syntax::token::STAGES;
use crate::types::Type;

impl Checker<'_> {
    /// A query; `None` where its table isn't known.
    pub(super) fn query(&mut self, query: &ast::Query) -> Option<Draft> {
        let mut draft = self.source(&query.source)?;
        for stage in &query.stages {
            if self.may_follow(&mut draft, stage) {
                let before = draft.stages.len();
                let outer = std::mem::take(&mut self.notes);
                let used = std::mem::take(&mut self.used);
                self.stage(&mut draft, stage);
                draft.notes.extend(std::mem::replace(&mut self.notes, outer));
                let used = std::mem::replace(&mut self.used, used);
                let new = used.into_iter().filter(|one| !draft.uses.contains(one)).collect::<Vec<_>>();
                draft.uses.extend(new);
                self.settle_regrouping(&mut draft, before, stage);
                let new = draft.stages.get(before..).unwrap_or_default().iter().flat_map(Stage::exprs);
                if !new.into_iter().all(|expr| self.is_within_bounds(expr, stage.span)) {
                    draft.scope.blind = true;
                }
            }
        }
        Some(draft)
    }

    fn source(&mut self, source: &ast::Source) -> Option<Draft> {
        let outer = std::mem::take(&mut self.notes);
        let draft = match source {
            ast::Source::Named(name) => self.named_source(name),
            ast::Source::Every { unit, period } => self.every_span(unit, period),
            ast::Source::Periods { word, periods } => self.these_spans(word, periods),
        };
        let notes = std::mem::replace(&mut self.notes, outer);
        draft.map(|draft| Draft { notes: [draft.notes, notes].concat(), ..draft })
    }

    fn named_source(&mut self, name: &Name) -> Option<Draft> {
        // A definition that could not be read keeps its name and has been reported.
        if name.text.is_empty() {
            return None;
        }
        if let Some((_, draft)) = self.named.iter().rev().find(|(known, _)| *known == name.text) {
            return Some(draft.clone());
        }
        if let Some(table) = self.catalogue.table(&name.text).cloned() {
            let scope = self.table_scope(&table);
            return Some(Draft::new(table, scope));
        }
        if let Some(shared) = self.catalogue.query(&name.text) {
            return self.shared(shared);
        }
        if STAGES.contains(&name.text.as_str()) {
            self.report(table_first(&name.text, name.span));
            return None;
        }
        let known = self.query_names();
        let mistake = Diagnostic::new("name-table", format!("there is no table `{}`", name.text), name.span);
        let mistake =
            match (Self::calendar_help(&name.text), nearest(&name.text, known.iter().map(String::as_str))) {
                (Some(help), _) => mistake.help(help),
                (None, Some(near)) => mistake.help(format!("did you mean {}?", as_written(near))),
                (None, None) => mistake.help(listing("there are", &known, &[])),
            };
        self.report(mistake);
        None
    }

    /// What a question may start from: tables, the program's own queries and the catalogue's.
    pub(super) fn query_names(&self) -> Vec<String> {
        let tables = self.catalogue.tables.iter().map(|table| table.name.to_string());
        let named = self.named.iter().map(|(name, _)| name.clone());
        let shared = self.catalogue.queries.iter().map(|query| query.name.clone());
        tables.chain(named).chain(shared).collect()
    }

    fn stage(&mut self, draft: &mut Draft, stage: &ast::Stage) {
        match &stage.kind {
            StageKind::Broken => draft.scope.blind = true,
            StageKind::Where(predicate) => {
                let scope = draft.scope.clone();
                let predicate = self.boolean(Place::row(&scope, What::Filter), predicate, "`where`");
                draft.stages.push(Stage::Where(predicate));
                draft.scope.filtered = true;
            }
            StageKind::Let(items) => {
                for item in items {
                    let Some(name) = &item.name else { continue };
                    self.free_name(&draft.scope, name);
                    self.add(draft, name.text.clone(), item, What::Value);
                }
            }
            StageKind::Select(items) => self.select(draft, items),
            StageKind::Drop(names) => {
                for name in names {
                    if !self.is_shown(draft, name) {
                        continue;
                    }
                    if draft.scope.column(&name.text).is_some_and(|column| column.data_only) {
                        let message = format!("without `{}` total rows would look like others", name.text);
                        let mistake = Diagnostic::new("type-total", message, name.span);
                        self.report(mistake.help("it stands in data formats alone: leave it"));
                        continue;
                    }
                    draft.scope.columns.retain(|column| column.name != name.text);
                    draft.scope.lists_all = false;
                }
            }
            StageKind::Rename(renamings) => {
                for renaming in renamings {
                    if !self.is_shown(draft, &renaming.old) {
                        continue;
                    }
                    let free = self.free_name(&draft.scope, &renaming.new);
                    let taken = free && draft.scope.column(&renaming.new.text).is_some();
                    if taken && renaming.new.text != renaming.old.text {
                        self.report(Diagnostic::new(
                            "name-taken",
                            format!("there is a column `{}` already", renaming.new.text),
                            renaming.new.span,
                        ));
                        continue;
                    }
                    if let Some(column) = draft.scope.columns.iter_mut().find(|c| c.name == renaming.old.text)
                    {
                        column.name.clone_from(&renaming.new.text);
                        column.label = None;
                    }
                }
            }
            StageKind::Summarise { items, keys } => self.group(draft, items, keys, stage.span),
            StageKind::Count { keys } => {
                let name = Name { text: "count".to_string(), span: stage.span };
                let call = ast::Call {
                    name: name.clone(),
                    each: None,
                    args: Vec::new(),
                    filter: None,
                    per: Vec::new(),
                    sorted_by: Vec::new(),
                    over: None,
                };
                let expr = ast::Expr { kind: ExprKind::Call(Box::new(call)), span: stage.span };
                let item = ast::Item { name: None, expr, span: stage.span };
                self.group(draft, &[item], keys, stage.span);
            }
            StageKind::Sort(keys) => {
                let scope = draft.scope.clone();
                let keys = keys.iter().filter_map(|key| self.sort_key(&scope, key)).collect();
                draft.stages.push(Stage::Sort(keys));
            }
            StageKind::Take { n, per } => {
                let n = self.row_count(n, "take");
                let per = self.per(draft, per);
                if let Some(n) = n {
                    draft.stages.push(Stage::Take { n, per });
                    draft.scope.cut = Some("take");
                }
            }
            StageKind::Top { n, by, per, other } => {
                let n = self.row_count(n, "top");
                let scope = draft.scope.clone();
                let by = self.sort_key(&scope, by);
                let by = by.filter(|key| !self.is_top_by_text(&scope, key, stage));
                let per = self.per(draft, per);
                let other = other.and_then(|span| self.the_rest(draft, &per, span));
                if let (Some(n), Some(by)) = (n, by) {
                    // `top` is largest first: a leading `-` turns that round.
                    let by = plan::SortKey { descending: !by.descending, ..by };
                    // The row for the rest holds what it leaves out.
                    draft.scope.cut = draft.scope.cut.or(other.is_none().then_some("top"));
                    draft.stages.push(Stage::Top { n, by, per, other });
                }
            }
            StageKind::Distinct(names) => {
                let scope = draft.scope.clone();
                let mut on = Vec::new();
                for column in &scope.columns {
                    if names.is_empty() {
                        on.push(self.scope_column(&scope, column, stage.span));
                    }
                }
                for name in names {
                    if self.is_shown(draft, name) {
                        on.push(self.row_path(&scope, std::slice::from_ref(name)));
                    }
                }
                draft.stages.push(Stage::Distinct { on, whole: names.is_empty() });
            }
            StageKind::Compare { .. }
            | StageKind::Fill { .. }
            | StageKind::Total(_)
            | StageKind::Pivot { .. } => self.regrouping(draft, stage),
            StageKind::Unpivot { .. }
            | StageKind::Append(_)
            | StageKind::Except(_)
            | StageKind::Join { .. }
            | StageKind::Describe
            | StageKind::Sample { .. } => self.combining(draft, stage),
        }
    }

    /// Is it a column of the rows? Reports where it isn't.
    pub(super) fn is_shown(&mut self, draft: &Draft, name: &Name) -> bool {
        if draft.scope.column(&name.text).is_some() {
            return true;
        }
        if draft.scope.is_link(&name.text) {
            self.report(
                Diagnostic::new("name-column", format!("`{}` is a link, not a column", name.text), name.span)
                    .help("it takes no room: leave it"),
            );
            return false;
        }
        // Reports the name as an expression would.
        self.walk(&draft.scope.clone(), std::slice::from_ref(name));
        false
    }

    /// A made column may not take a link's name: the link could no longer be followed. Nor that of the column by
    /// which data formats tell total rows.
    fn free_name(&mut self, scope: &Scope, name: &Name) -> bool {
        let what = if scope.is_link(&name.text) {
            "is a link of these rows"
        } else if scope.columns.iter().any(|column| column.data_only && column.name == name.text) {
            "tells total rows from others"
        } else {
            return true;
        };
        self.report(
            Diagnostic::new("name-taken", format!("`{}` {what}", name.text), name.span)
                .help(format!("choose another name, `{}_value` say", name.text)),
        );
        false
    }

    /// Works a value out for each row, as a column of that name.
    fn add(&mut self, draft: &mut Draft, name: String, item: &ast::Item, what: What) {
        let scope = draft.scope.clone();
        let expr = self.expr(Place::row(&scope, what), &item.expr);
        let text = match (expr.spread, &item.expr.kind) {
            (Spread::Repeats, ExprKind::Path(_)) => Some(self.text(item.expr.span).to_string()),
            _ => None,
        };
        let made = made_name(draft, &name);
        draft.stages.push(Stage::Let(made.clone(), expr.clone()));
        if let Some(groups) = &mut draft.scope.groups {
            groups.made.push((made.clone(), expr.clone()));
        }
        let from = Origin::Made { expr: Expr { kind: Kind::Made(made), ..expr }, text };
        match draft.scope.columns.iter_mut().find(|column| column.name == name) {
            Some(column) => *column = ScopeColumn::plain(name, None, from),
            None => draft.scope.columns.push(ScopeColumn::plain(name, None, from)),
        }
    }

    fn select(&mut self, draft: &mut Draft, items: &[ast::Item]) {
        let scope = draft.scope.clone();
        let mut columns: Vec<ScopeColumn> = Vec::new();
        let all: Vec<&ast::Item> = items.iter().collect();
        for item in items {
            let plain = match &item.expr.kind {
                ExprKind::Path(names) => scope.dotted(names).cloned(),
                _ => None,
            };
            let Some(name) = self.item_name(item, &all) else { continue };
            if self.constant_key(&scope, item) {
                continue;
            }
            if let Some(given) = &item.name {
                self.free_name(&scope, given);
            }
            let column = if let Some(plain) = plain {
                let label = if item.name.is_some() { None } else { plain.label };
                let data_only = plain.data_only && item.name.is_none();
                ScopeColumn { name: name.clone(), label, data_only, ..plain }
            } else {
                let expr = self.expr(Place::row(&scope, What::Value), &item.expr);
                let label = if item.name.is_some() { None } else { self.path_label(&scope, &item.expr) };
                let text = matches!(item.expr.kind, ExprKind::Path(_))
                    .then(|| self.text(item.expr.span).to_string());
                let made = made_name(draft, &name);
                draft.stages.push(Stage::Let(made.clone(), expr.clone()));
                if let Some(groups) = &mut draft.scope.groups {
                    groups.made.push((made.clone(), expr.clone()));
                }
                let from = Origin::Made { expr: Expr { kind: Kind::Made(made), ..expr }, text };
                ScopeColumn::plain(name.clone(), label, from)
            };
            self.distinct_name(&columns, &name, item);
            columns.push(column);
        }
        // What tells totals in data formats stays.
        let levels = scope.columns.iter().filter(|column| column.data_only);
        let left = levels.filter(|level| columns.iter().all(|column| column.name != level.name));
        let left: Vec<ScopeColumn> = left.cloned().collect();
        columns.extend(left);
        draft.scope.columns = columns;
        draft.scope.lists_all = false;
    }

    fn group(&mut self, draft: &mut Draft, items: &[ast::Item], keys: &[ast::Item], span: Span) {
        let rows = draft.scope.clone();
        let all: Vec<&ast::Item> = keys.iter().chain(items).collect();
        let mut made_keys = Vec::new();
        let mut made_items = Vec::new();
        let mut after = rows.after("a grouping");
        for key in keys {
            if self.constant_key(&rows, key) {
                continue;
            }
            let Some(name) = self.item_name(key, &all) else {
                continue;
            };
            let expr = self.expr(Place::row(&rows, What::Value), &key.expr);
            self.same_for_all(&expr, key.expr.span);
            let label = if key.name.is_some() { None } else { self.path_label(&rows, &key.expr) };
            self.distinct_name(&after.columns, &name, key);
            let made = made_name(draft, &name);
            made_keys.push((made.clone(), expr.clone()));
            // A value copied along a link may be the key of many groups: it still doesn't add up.
            let copied = matches!(expr.spread, Spread::Repeats | Spread::Mixed);
            let adds = if copied { Adds::No } else { expr.adds };
            let after_expr = Expr { kind: Kind::Made(made), spread: Spread::Own, adds, ..expr };
            after.columns.push(ScopeColumn::plain(
                name,
                label,
                Origin::Made { expr: after_expr, text: None },
            ));
        }
        if items.is_empty() && keys.is_empty() {
            self.report(
                Diagnostic::new("syntax-expected", "`summarise` needs something to work out", span)
                    .help("`summarise n = count() by borough`"),
            );
        }
        for item in items {
            let Some(name) = self.item_name(item, &all) else {
                continue;
            };
            let place = Place { names: &after.clone(), rows: Some(&rows), this: None, what: What::Item };
            let expr = self.expr(place, &item.expr);
            let label = match item.name {
                Some(_) => None,
                None => self.measure_label(&rows, &after, &item.expr),
            };
            self.distinct_name(&after.columns, &name, item);
            let made = made_name(draft, &name);
            made_items.push((made.clone(), expr.clone()));
            // One row a group: nothing repeats any more.
            let after_expr = Expr { kind: Kind::Made(made), spread: Spread::Own, ..expr };
            after.columns.push(ScopeColumn::plain(
                name,
                label,
                Origin::Made { expr: after_expr, text: None },
            ));
        }
        let groups = Groups { made: made_items.clone(), keys: made_keys.clone() };
        after.groups = Some(groups);
        let mut grouping = Grouping::new(made_keys, made_items);
        if let Some(comparing) = draft.comparing.take() {
            self.set_against(draft, &mut after, &mut grouping, &comparing, span);
        }
        draft.stages.push(Stage::Group(grouping));
        draft.scope = after;
    }

    fn sort_key(&mut self, scope: &Scope, key: &ast::SortKey) -> Option<plan::SortKey> {
        if self.is_quoted_column(scope, &key.expr) {
            return None;
        }
        let expr = self.expr(Place::row(scope, What::Value), &key.expr);
        if expr.ty == Type::Missing || self.same_for_all(&expr, key.expr.span) {
            return None;
        }
        Some(plan::SortKey { descending: key.descending, expr })
    }

    fn per(&mut self, draft: &Draft, keys: &[ast::Item]) -> Vec<Expr> {
        let scope = draft.scope.clone();
        let mut found = Vec::new();
        for key in keys {
            let expr = self.expr(Place::row(&scope, What::Value), &key.expr);
            if expr.spread == Spread::Constant && expr.ty != Type::Missing {
                self.report(
                    Diagnostic::new("type-key", "a constant makes no groups", key.expr.span)
                        .help("name a column: `per borough`"),
                );
            }
            self.same_for_all(&expr, key.expr.span);
            found.push(expr);
        }
        found
    }

    /// `by role = "runner"` names a constant where a comparison was meant.
    fn constant_key(&mut self, scope: &Scope, item: &ast::Item) -> bool {
        let constant = !has_names(&item.expr) && !matches!(item.expr.kind, ExprKind::Broken);
        let taken = item.name.as_ref().is_some_and(|name| scope.column(&name.text).is_some());
        if !constant
            || (item.name.is_some()
                && !taken
                && !matches!(item.expr.kind, ExprKind::Text(_) | ExprKind::Bool(_)))
        {
            return false;
        }
        let value = self.text(item.expr.span);
        let mistake = Diagnostic::new("type-key", "a constant is the same for every row", item.span);
        let mistake = match &item.name {
            Some(name) => mistake.help(format!("to compare: `is_{} = ({} = {value})`", name.text, name.text)),
            None => mistake.help("name a column"),
        };
        self.report(mistake);
        true
    }

    pub(super) fn distinct_name(&mut self, columns: &[ScopeColumn], name: &str, item: &ast::Item) {
        if columns.iter().any(|column| column.name == name) {
            let mut mistake =
                Diagnostic::new("name-taken", format!("two columns would be named `{name}`"), item.span);
            let value = self.text(item.expr.span);
            mistake = mistake.help(format!("name one of them: `{name}_2 = {value}`"));
            self.report(mistake);
        }
    }

    /// What an item is called: its name, or what it is. `all` are the items of the stage: those that are
    /// named or are bare columns have the first claim on a name.
    pub(super) fn item_name(&mut self, item: &ast::Item, all: &[&ast::Item]) -> Option<String> {
        if let Some(name) = &item.name {
            return Some(name.text.clone());
        }
        let claims = |other: &&ast::Item, short: &str| {
            !std::ptr::eq(*other, item)
                && match (&other.name, own_name(&other.expr).as_deref()) {
                    (Some(name), _) => name.text == short,
                    (None, Some([only])) => only == short,
                    // Of several paths the first has the short name.
                    (None, Some([.., last])) => last == short && other.span.start < item.span.start,
                    _ => false,
                }
        };
        let named = match own_name(&item.expr) {
            Some(names) => {
                let short = names.last().cloned().unwrap_or_default();
                if names.len() > 1 && all.iter().any(|other| claims(other, &short)) {
                    Some(names.join("_"))
                } else {
                    Some(short)
                }
            }
            None => call_name(&item.expr),
        };
        if named.is_none() && !matches!(item.expr.kind, ExprKind::Broken) {
            let value = self.text(item.expr.span);
            self.report(
                Diagnostic::new("name-needed", "this needs a name", item.expr.span)
                    .help(format!("`NAME = {value}`")),
            );
        }
        named
    }

    /// The catalogue's label of the column that an expression names.
    fn path_label(&mut self, scope: &Scope, expr: &ast::Expr) -> Option<String> {
        let ExprKind::Path(names) = &expr.kind else { return None };
        if let Some(column) = scope.dotted(names) {
            return column.label.clone();
        }
        let before = self.mistakes.len();
        let walk = self.walk(scope, names);
        self.mistakes.truncate(before);
        let walk = walk?;
        let column = walk.column?;
        let table = walk.steps.last()?.to();
        table.declared.iter().find(|declared| declared.name == column.text)?.label.clone()
    }
}

/// A name for the plan that no other column has, close to the one in the question.
pub(super) fn made_name(draft: &mut Draft, name: &str) -> Arc<str> {
    let plain = name.trim_start_matches('#');
    let own = draft.table.names();
    let mut made: Arc<str> = Arc::from(plain);
    let mut number = 2;
    while made.is_empty() || draft.taken.contains(&made) || own.iter().any(|known| *known == &*made) {
        made = Arc::from(format!("{plain}~{number}"));
        number += 1;
    }
    draft.taken.push(made.clone());
    made
}

/// Does the expression name anything that differs between rows?
fn has_names(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Path(names) => names.first().is_none_or(|name| name.text != "today"),
        ExprKind::Call(_) => true,
        ExprKind::Negate(a) | ExprKind::Not(a) => has_names(a),
        ExprKind::Is { expr, .. } | ExprKind::To { expr, .. } | ExprKind::In { expr, .. } => has_names(expr),
        ExprKind::Binary { left, right, .. } => has_names(left) || has_names(right),
        ExprKind::If { test, then, otherwise } => has_names(test) || has_names(then) || has_names(otherwise),
        _ => false,
    }
}

/// The names of a column or a path.
pub(super) fn own_name(expr: &ast::Expr) -> Option<Vec<String>> {
    match &expr.kind {
        ExprKind::Path(names) => Some(names.iter().map(|name| name.text.clone()).collect()),
        ExprKind::To { expr, .. } => own_name(expr),
        _ => None,
    }
}

/// A function by its name, an aggregate or a window by its name and the last part of its argument.
pub(super) fn call_name(expr: &ast::Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::To { expr, .. } => call_name(expr),
        ExprKind::Call(call) => {
            let aggregate = crate::builtins::find(&call.name.text)
                .is_some_and(|row| !matches!(row.meaning, crate::builtins::Meaning::Function(_)));
            // Of `rank(-n)` the sign is a direction.
            let argument = call.args.first().map(|arg| match &arg.kind {
                ExprKind::Negate(inner) if aggregate => &**inner,
                _ => arg,
            });
            let argument = argument.and_then(own_name).and_then(|names| names.last().cloned());
            match argument {
                Some(last) if aggregate => Some(format!("{}_{last}", call.name.text)),
                _ => Some(call.name.text.clone()),
            }
        }
        _ => None,
    }
}
