//! Walking over a plan's expressions: what engines ask of a question before they build it.

use std::sync::Arc;

use super::{Aggregate, Expr, Kind, LinkRef, Path};

impl Expr {
    /// The expressions directly inside that stand in the same row: not an aggregate's argument and filter,
    /// nor what is read from the outer row.
    pub fn children(&self) -> Vec<&Expr> {
        match &self.kind {
            Kind::Value(_) | Kind::Stored(_) | Kind::Path(..) | Kind::Record(_) | Kind::Made(_) => Vec::new(),
            Kind::Aggregate(_) | Kind::This(..) => Vec::new(),
            Kind::Not(a) | Kind::IsMissing(a) | Kind::InValues(a, _) | Kind::InPeriod(a, _) => {
                vec![a]
            }
            Kind::Measure { amount, unit, .. } => vec![amount, unit],
            Kind::Binary(_, a, b) => vec![a, b],
            Kind::InRange(a, b, c) | Kind::If(a, b, c) => vec![a, b, c],
            Kind::Call(_, args) => args.iter().collect(),
        }
    }

    /// Calls `see` on this expression and on all inside it that stand in the same row.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Expr)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
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
            | Kind::Aggregate(_)) => kind,
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

/// One path after another.
pub fn joined(first: &[Arc<LinkRef>], second: &[Arc<LinkRef>]) -> Path {
    first.iter().chain(second).cloned().collect()
}

/// A path as it is written: `arrest.officer`.
pub fn path_name(path: &[Arc<LinkRef>]) -> String {
    path.iter().map(|link| link.link.name.as_str()).collect::<Vec<_>>().join(".")
}
