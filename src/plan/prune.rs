//! What nobody reads is not asked for: `join arrests as a` brings in every column of the arrests, and a question
//! reads two of them. The others must not be read, nor be spoken of in the notes after the answer.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Expr, Made, Query, Stage};

impl Query {
    /// The same question, with the columns that a join adds and nothing reads left out.
    #[must_use]
    pub fn pruned(mut self) -> Query {
        let mut read: HashSet<Made> = HashSet::new();
        self.output.iter().for_each(|column| {
            made_in(&column.expr, &mut read);
            column.mark.iter().for_each(|mark| made_in(mark, &mut read));
        });
        for stage in self.stages.iter_mut().rev() {
            stage.exprs().into_iter().for_each(|expr| made_in(expr, &mut read));
            let Stage::Join { query, columns, .. } = stage else { continue };
            let kept: Vec<bool> = columns.iter().map(|made| read.contains(made)).collect();
            let mut keep = kept.iter().copied();
            columns.retain(|_| keep.next().unwrap_or(true));
            let mut keep = kept.iter().copied();
            let mut other = (**query).clone();
            other.output.retain(|_| keep.next().unwrap_or(true));
            *query = Arc::new(other.pruned());
        }
        self
    }
}

/// The columns made by the question that an expression reads, at any depth.
fn made_in(expr: &Expr, read: &mut HashSet<Made>) {
    read.extend(expr.made());
}
