//! Derived columns may use each other, through links too, but not themselves: `a = 'b + 1'`, `b = 'a - 1'`
//! has no answer. The columns and what they use make a graph; a walk that comes back to where it is has
//! found a cycle.

use super::model::From;
use super::resolve::{Draft, Resolver};
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Call, Expr, ExprKind, Over};

/// A column by its table's and its own position.
type Node = (usize, usize);

/// Reports every cycle, once.
pub(super) fn refuse(resolver: &mut Resolver, drafts: &[Draft]) {
    let graph = Graph { drafts };
    let mut done: Vec<Node> = Vec::new();
    for (table, draft) in drafts.iter().enumerate() {
        for column in 0..draft.table.declared.len() {
            let mut path = Vec::new();
            if let Some(cycle) = graph.cycle((table, column), &mut path, &mut done) {
                resolver.report(graph.message(&cycle));
            }
        }
    }
}

struct Graph<'d> {
    drafts: &'d [Draft],
}

impl Graph<'_> {
    /// The first cycle that a walk from `node` runs into. What was walked is done: no cycle is met twice.
    fn cycle(&self, node: Node, path: &mut Vec<Node>, done: &mut Vec<Node>) -> Option<Vec<Node>> {
        if let Some(start) = path.iter().position(|earlier| *earlier == node) {
            return Some(path[start..].to_vec());
        }
        if done.contains(&node) {
            return None;
        }
        let column = &self.drafts[node.0].table.declared[node.1];
        let mut uses = Vec::new();
        if let From::Derived { expr, .. } = &column.from {
            self.uses(expr, node.0, node.0, &mut uses);
        }
        path.push(node);
        let found = uses.into_iter().find_map(|next| self.cycle(next, path, done));
        path.pop();
        done.push(node);
        found
    }

    fn message(&self, cycle: &[Node]) -> Diagnostic {
        let across = cycle.iter().any(|(table, _)| *table != cycle[0].0);
        let name = |(table, column): Node| {
            let table = &self.drafts[table].table;
            let column = &table.declared[column].name;
            if across { format!("{}.{column}", table.name) } else { column.clone() }
        };
        let span = |(table, column): Node| self.drafts[table].table.declared[column].span.unwrap_or_default();
        let names: Vec<String> = cycle.iter().chain(&cycle[..1]).map(|node| name(*node)).collect();
        let message = format!("`{}` is derived from itself: {}", names[0], names.join(" → "));
        let mut diagnostic = Diagnostic::new("catalogue-cycle", message, span(cycle[0]));
        for node in &cycle[1..] {
            diagnostic = diagnostic.also(span(*node), "");
        }
        diagnostic
    }

    /// The derived columns that an expression over rows of `table` uses. `outer` is what `this` means.
    fn uses(&self, expr: &Expr, table: usize, outer: usize, found: &mut Vec<Node>) {
        match &expr.kind {
            ExprKind::Path(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
                match names.as_slice() {
                    ["this", rest @ ..] => self.path(rest, outer, found),
                    names => self.path(names, table, found),
                };
            }
            ExprKind::Call(call) => self.call(call, table, outer, found),
            ExprKind::Negate(one) | ExprKind::Not(one) => self.uses(one, table, outer, found),
            ExprKind::Is { expr, .. } | ExprKind::To { expr, .. } => self.uses(expr, table, outer, found),
            ExprKind::Open { bound, .. } => self.uses(bound, table, outer, found),
            ExprKind::UnitOf { date, .. } => self.uses(date, table, outer, found),
            ExprKind::Binary { left, right, .. } => {
                self.uses(left, table, outer, found);
                self.uses(right, table, outer, found);
            }
            ExprKind::In { expr, set, .. } => {
                self.uses(expr, table, outer, found);
                self.uses(set, table, outer, found);
            }
            ExprKind::Range(first, last) => {
                self.uses(first, table, outer, found);
                self.uses(last, table, outer, found);
            }
            ExprKind::List(items) => {
                for item in items {
                    self.uses(item, table, outer, found);
                }
            }
            ExprKind::If { test, then, otherwise } => {
                for part in [test, then, otherwise] {
                    self.uses(part, table, outer, found);
                }
            }
            _ => {}
        }
    }

    /// An aggregate over a path names, after its argument, columns of the path's last table.
    fn call(&self, call: &Call, table: usize, outer: usize, found: &mut Vec<Node>) {
        for argument in &call.args {
            self.uses(argument, table, outer, found);
        }
        let inner = match call.args.first().map(|argument| &argument.kind) {
            Some(ExprKind::Path(names)) if call.each.is_none() => {
                let names: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
                self.path(&names, table, &mut Vec::new())
            }
            _ => table,
        };
        let rest = call
            .filter
            .iter()
            .chain(call.per.iter().map(|item| &item.expr))
            .chain(call.sorted_by.iter().map(|key| &key.expr));
        for part in rest {
            self.uses(part, inner, outer, found);
        }
        if let Some(Over::Span { of, .. }) = &call.over {
            self.uses(of, inner, outer, found);
        }
    }

    /// Follows a path through links; the derived column at its end is found, and its last table returned.
    fn path(&self, names: &[&str], from: usize, found: &mut Vec<Node>) -> usize {
        let mut at = from;
        for (step, name) in names.iter().enumerate() {
            let table = &self.drafts[at].table;
            let next = match (table.link(name), table.back(name)) {
                (Some(link), _) => &link.to,
                (None, Some(back)) => &back.from,
                (None, None) => {
                    let column = table.declared.iter().position(|column| column.name == *name);
                    if let Some(column) = column.filter(|_| step + 1 == names.len()) {
                        found.push((at, column));
                    }
                    break;
                }
            };
            match self.drafts.iter().position(|draft| draft.table.name == *next) {
                Some(position) => at = position,
                None => break,
            }
        }
        at
    }
}
