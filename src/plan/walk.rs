//! Walking over a plan's expressions: what engines ask of a question before they build it.

use std::sync::Arc;

use super::{
    Adds, Aggregate, Aggregator, BinaryOp, Expr, Frame, Kind, LinkRef, Made, Over, Path, Query, Spread,
    Stage, Step, Stored, Window, Windowed,
};
use crate::catalog::{MadeOf, Table};
use crate::types::{Show, Type, Value};

impl Expr {
    /// The expressions directly inside that stand in the same row: not an aggregate's argument and filter,
    /// nor what is read from the outer row.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Value(_) | Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::Made(_) => Vec::new(),
            Kind::Aggregate(_) | Kind::Window(_) | Kind::This(..) => Vec::new(),
            Kind::InQuery(a, _) => vec![a],
            Kind::Not(a) | Kind::IsMissing(a) | Kind::InValues(a, _) | Kind::InPeriod(a, _) => {
                vec![a]
            }
            Kind::Measure { amount, unit, .. } => vec![amount, unit],
            Kind::Binary(_, a, b) => vec![a, b],
            Kind::InRange(a, b, c) | Kind::If(a, b, c) => vec![a, b, c],
            Kind::Call(_, args) => args.iter().collect(),
        }
    }

    /// What a chain of one operator joins, `a or b or c`, in order, however it leans; the expression alone where it is none.
    /// For operators that may be taken in any grouping.
    pub fn operands(&self, of: BinaryOp) -> Vec<&Expr> {
        let (mut found, mut waiting) = (Vec::new(), vec![self]);
        while let Some(expr) = waiting.pop() {
            match &expr.kind {
                Kind::Binary(op, left, right) if *op == of => waiting.extend([&**right, left]),
                _ => found.push(expr),
            }
        }
        found
    }

    /// How many expressions it is made of in the same row, counted no further than `most`.
    pub fn size(&self, most: usize) -> usize {
        let (mut size, mut waiting) = (0, vec![self]);
        while let Some(expr) = waiting.pop().filter(|_| size < most) {
            size += 1;
            waiting.extend(expr.children());
        }
        size
    }

    /// The stored column that it is, its own row's (of `table`) or one at a path's end, with the column's table.
    pub fn column<'e>(&'e self, table: &'e Table) -> Option<(&'e Table, &'e Arc<Stored>)> {
        match &self.kind {
            Kind::Stored(column) => Some((table, column)),
            Kind::Path(path, column) => Some((&path.last()?.to, column)),
            _ => None,
        }
    }

    /// Calls `see` on this expression and on all inside it that stand in the same row.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }

    /// The same at any depth: within aggregates' brackets and windows, and what is read from an outer row.
    pub fn visit_all<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        self.visit(&mut |part| {
            see(part);
            let parts: Vec<&Expr> = match &part.kind {
                Kind::This(inner, _) => vec![inner],
                Kind::Aggregate(aggregate) => aggregate.parts().collect(),
                Kind::Window(window) => {
                    let mut parts = window.parts();
                    if let Windowed::Whole(aggregate) = &window.what {
                        parts.extend(aggregate.parts());
                    }
                    parts
                }
                _ => Vec::new(),
            };
            parts.into_iter().for_each(|part| part.visit_all(see));
        });
    }

    /// The columns made by the question that it reads, at any depth.
    pub fn made(&self) -> Vec<Made> {
        let mut read = Vec::new();
        self.visit_all(&mut |part| match &part.kind {
            Kind::Made(made) => read.push(made.clone()),
            Kind::Window(window) => read.extend(window.level.clone()),
            _ => {}
        });
        read
    }

    /// The same expression with each part replaced, from the leaves up.
    #[must_use]
    pub fn map(self, change: &mut dyn FnMut(Kind) -> Kind) -> Expr {
        let mut again = |expr: Box<Expr>| Box::new((*expr).map(change));
        let kind = match self.kind {
            kind @ (Kind::Value(_)
            | Kind::Stored(_)
            | Kind::Path(..)
            | Kind::Record(_)
            | Kind::Made(_)
            | Kind::Aggregate(_)
            | Kind::Window(_)) => kind,
            Kind::InQuery(a, query) => Kind::InQuery(again(a), query),
            Kind::This(a, up) => Kind::This(again(a), up),
            Kind::Not(a) => Kind::Not(again(a)),
            Kind::IsMissing(a) => Kind::IsMissing(again(a)),
            Kind::InValues(a, values) => Kind::InValues(again(a), values),
            Kind::InPeriod(a, period) => Kind::InPeriod(again(a), period),
            Kind::Measure { amount, unit, codes, kinds } => {
                Kind::Measure { amount: again(amount), unit: again(unit), codes, kinds }
            }
            Kind::Binary(op, a, b) => Kind::Binary(op, again(a), again(b)),
            Kind::InRange(a, b, c) => Kind::InRange(again(a), again(b), again(c)),
            Kind::If(a, b, c) => Kind::If(again(a), again(b), again(c)),
            Kind::Call(function, args) => {
                Kind::Call(function, args.into_iter().map(|arg| arg.map(change)).collect())
            }
        };
        Expr { kind: change(kind), ..self }
    }

    /// The aggregates in it that stand in the same row, outermost only, in order.
    pub fn aggregates(&self) -> Vec<&Arc<Aggregate>> {
        let mut found = Vec::new();
        self.visit(&mut |expr| {
            if let Kind::Aggregate(aggregate) = &expr.kind {
                found.push(aggregate);
            }
        });
        found
    }

    /// What it gives for a group of no rows: each aggregate's value over none. `made` are columns that stand for
    /// expressions over such aggregates.
    #[must_use]
    pub fn over_nothing(self, made: &[(Made, Expr)]) -> Expr {
        self.map(&mut |kind| match &kind {
            Kind::Aggregate(aggregate) => Kind::Value(aggregate.over_nothing()),
            Kind::Made(name) => match made.iter().rev().find(|(known, _)| known == name) {
                // What a name stands for reads earlier names.
                Some((_, expr)) => expr.clone().over_nothing(made).kind,
                None => kind,
            },
            _ => kind,
        })
    }

    /// `count()` of the rows of a group.
    #[must_use]
    pub fn row_count() -> Expr {
        let count = Aggregate {
            id: usize::MAX,
            text: String::new(),
            function: Aggregator::Count,
            over: Over::Rows,
            arg: None,
            filter: None,
            sorted: Vec::new(),
            quantile: None,
        };
        let kind = Kind::Aggregate(Arc::new(count));
        Expr { kind, ty: Type::Integer, show: Show::Plain, spread: Spread::Own, adds: Adds::Yes }
    }

    /// The windows in it that stand in the same row, outermost only, in order.
    pub fn windows(&self) -> Vec<&Arc<Window>> {
        let mut found = Vec::new();
        self.visit(&mut |expr| {
            if let Kind::Window(window) = &expr.kind {
                found.push(window);
            }
        });
        found
    }

    /// The expression as it reads from a row that reaches this one's row along `path`.
    #[must_use]
    pub fn seen_along(self, path: &Path) -> Expr {
        self.map(&mut |kind| match kind {
            Kind::Stored(column) => Kind::Path(path.clone(), column),
            Kind::Path(rest, column) => Kind::Path(joined(path, &rest), column),
            Kind::Record(rest) => Kind::Record(joined(path, &rest)),
            other => other,
        })
    }
}

impl Aggregate {
    /// Its value over no rows.
    #[must_use]
    pub fn over_nothing(&self) -> Value {
        match self.function {
            Aggregator::Count | Aggregator::Distinct => Value::Integer(0),
            Aggregator::Sum if self.arg.as_ref().is_some_and(|arg| arg.ty == Type::Number) => {
                Value::Number(0.0)
            }
            Aggregator::Sum => Value::Integer(0),
            Aggregator::Any => Value::Bool(false),
            Aggregator::All | Aggregator::No => Value::Bool(true),
            Aggregator::List => Value::Text(String::new()),
            _ => Value::Missing,
        }
    }

    /// What is read of each row or record that it ranges over.
    pub fn parts(&self) -> impl Iterator<Item = &Expr> {
        self.arg.iter().chain(&self.filter).chain(self.sorted.iter().map(|key| &key.expr))
    }
}

impl Window {
    /// The expressions over the rows that it looks at.
    pub fn parts(&self) -> Vec<&Expr> {
        let mut parts: Vec<&Expr> = self.per.iter().collect();
        parts.extend(self.sorted.iter().map(|key| &key.expr));
        match &self.what {
            // What it ranges over may lie at a path's end: the aggregate as a whole stands in the row.
            Windowed::Whole(_) => {}
            Windowed::Sliding(aggregate, frame) => {
                parts.extend(aggregate.parts());
                if let Frame::Span { of, .. } = frame {
                    parts.push(of);
                }
            }
            Windowed::Running(aggregate) => parts.extend(aggregate.parts()),
            Windowed::Rank(key, filter) => parts.extend(std::iter::once(&key.expr).chain(filter)),
            Windowed::RowNumber(filter) => parts.extend(filter),
            Windowed::Before(value, _) => parts.push(value),
        }
        parts
    }
}

impl Stage {
    /// The other query that it reads.
    pub fn query(&self) -> Option<&Arc<Query>> {
        match self {
            Stage::Append { query, .. } | Stage::Except { query, .. } | Stage::Join { query, .. } => {
                Some(query)
            }
            _ => None,
        }
    }
}

/// One path after another.
pub fn joined(first: &[Arc<LinkRef>], second: &[Arc<LinkRef>]) -> Path {
    first.iter().chain(second).cloned().collect()
}

/// A path as it is written: `arrest.officer`.
pub fn path_name(path: &[Arc<LinkRef>]) -> String {
    path.iter().map(|link| link.link.name.as_str()).collect::<Vec<_>>().join(".")
}

/// What a question reads: its tables, and the columns of each.
#[derive(Debug, Default)]
pub struct Used {
    tables: Vec<(Arc<Table>, Vec<String>)>,
    notes: Vec<String>,
}

impl Used {
    /// Of a whole question.
    pub fn of(query: &Query) -> Used {
        let mut used = Used::default();
        used.query(query);
        used
    }

    /// What is worth telling the reader of the question and of those within it.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    fn query(&mut self, query: &Query) {
        for note in &query.notes {
            if !self.notes.contains(note) {
                self.notes.push(note.clone());
            }
        }
        let table = std::slice::from_ref(&query.table);
        self.columns(&query.table);
        let shown = query.output.iter().map(|column| &column.expr);
        for expr in query.stages.iter().flat_map(Stage::exprs).chain(shown) {
            self.expr(expr, table);
        }
        query.stages.iter().filter_map(Stage::query).for_each(|other| self.query(other));
    }

    /// Each table that is read.
    pub fn tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.iter().map(|(table, _)| table)
    }

    /// Each table with the names of its columns that are read, in the order of first use.
    pub fn by_table(&self) -> impl Iterator<Item = (&Arc<Table>, &[String])> {
        self.tables.iter().map(|(table, columns)| (table, columns.as_slice()))
    }

    fn columns(&mut self, table: &Arc<Table>) -> &mut Vec<String> {
        // What a table is made of is read with it.
        if let Some(MadeOf::Keys(columns)) = &table.made {
            columns.iter().for_each(|of| self.add(&of.table, &of.column));
        }
        let at = self.tables.iter().position(|(known, _)| known.name == table.name).unwrap_or_else(|| {
            self.tables.push((Arc::clone(table), Vec::new()));
            self.tables.len() - 1
        });
        &mut self.tables[at].1
    }

    fn add(&mut self, table: &Arc<Table>, column: &str) {
        // The amount of a measured column stands for it.
        let name = column.strip_prefix("\u{1}amount.").unwrap_or(column);
        let columns = self.columns(table);
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_string());
        }
    }

    fn link(&mut self, link: &LinkRef) {
        link.link.by.iter().for_each(|name| self.add(&link.from, name));
        link.link.key.iter().for_each(|name| self.add(&link.to, name));
    }

    /// `around` are the tables whose rows the expression stands in, the innermost last.
    fn expr(&mut self, expr: &Expr, around: &[Arc<Table>]) {
        match &expr.kind {
            Kind::Stored(column) => {
                if let Some(table) = around.last() {
                    self.add(table, &column.name);
                }
            }
            Kind::Path(path, column) => {
                path.iter().for_each(|link| self.link(link));
                if let Some(last) = path.last() {
                    self.add(&last.to, &column.name);
                }
            }
            Kind::Record(path) => {
                path.iter().for_each(|link| self.link(link));
                if let Some(last) = path.last() {
                    last.to.title.iter().for_each(|name| self.add(&last.to, name));
                }
            }
            Kind::This(inner, up) => {
                let outer = around.len().saturating_sub(*up);
                self.expr(inner, around.get(..outer).unwrap_or_default());
            }
            Kind::Aggregate(aggregate) => self.aggregate(aggregate, around),
            Kind::Window(window) => {
                window.parts().into_iter().for_each(|part| self.expr(part, around));
                if let Windowed::Whole(aggregate) = &window.what {
                    self.aggregate(aggregate, around);
                }
            }
            Kind::InQuery(inner, query) => {
                self.expr(inner, around);
                self.query(query);
            }
            _ => expr.children().into_iter().for_each(|child| self.expr(child, around)),
        }
    }

    fn aggregate(&mut self, aggregate: &Aggregate, around: &[Arc<Table>]) {
        let mut inside = around.to_vec();
        if let Over::Table { table, .. } = &aggregate.over {
            self.columns(table);
            inside.push(Arc::clone(table));
        }
        if let Over::Path(steps) = &aggregate.over {
            for step in steps.iter() {
                let (Step::One(link) | Step::Many(link)) = step;
                self.link(link);
            }
            inside.extend(steps.last().map(|step| Arc::clone(step.to())));
        }
        for part in aggregate.parts() {
            self.expr(part, &inside);
        }
    }
}
