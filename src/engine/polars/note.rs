//! What is counted while an answer is worked out, and what it says to the reader. The counters are filled by the
//! expressions that they are put on the way of ([`super::values`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::catalog::Table;
use crate::engine::notes::left_out::{self, LeftOut, Whose};
use crate::frame::count;

/// What missing values leave out, counted while an answer is worked out.
#[derive(Clone, Debug)]
pub(super) struct Note {
    /// How many rows or values.
    pub count: Arc<AtomicU64>,
    /// Of what.
    pub of: Left,
}

/// What is left out where something is missing.
#[derive(Clone, Debug)]
pub(super) enum Left {
    /// Rows without this key, which belong to no group.
    Rows(String),
    /// Missing values, by this aggregate.
    Values(String),
    /// Rows without this, which have no value of this window.
    Unseen(String, String),
    /// Rows for which a filter is unknown, for want of these: each with how many of the rows lack it.
    Unknown(Whose, Vec<(String, Arc<AtomicU64>)>),
    /// Rows (or groups) for which a calculation has no value, and why.
    NoValue(String, &'static str, bool),
}

impl Note {
    /// A note that counts nothing yet.
    pub(super) fn new(of: Left) -> Note {
        Note { count: Arc::default(), of }
    }

    /// What to tell the reader; nothing where nothing was left out.
    pub(super) fn text(&self) -> Option<String> {
        let n = self.count.load(Ordering::Relaxed);
        let many = count(n);
        Some(match (&self.of, n) {
            (_, 0) => return None,
            (Left::Rows(key), 1) => format!("1 row without {key} belongs to no group and is left out"),
            (Left::Rows(key), _) => format!("{many} rows without {key} belong to no group and are left out"),
            (Left::Unseen(key, window), 1) => format!("1 row without {key} has no value of {window}"),
            (Left::Unseen(key, window), _) => format!("{many} rows without {key} have no value of {window}"),
            (Left::Values(aggregate), 1) => format!("1 missing value is left out of {aggregate}"),
            (Left::Values(aggregate), _) => format!("{many} missing values are left out of {aggregate}"),
            // They are told together with those that are counted beside the answer.
            (Left::Unknown(..), _) => return None,
            (Left::NoValue(what, why, groups), n) => return left_out::no_value(what, why, n, *groups),
        })
    }

    /// The rows that a filter left out.
    pub(super) fn left_out(&self) -> Option<LeftOut> {
        let Left::Unknown(whose, each) = &self.of else { return None };
        let lacking = each.iter().filter(|(_, count)| count.load(Ordering::Relaxed) > 0);
        let names = lacking.map(|(name, _)| name.clone()).collect();
        let n = self.count.load(Ordering::Relaxed);
        Some(LeftOut { whose: whose.clone(), of: None, names, n })
    }

    /// Must all rows be seen for it, however few are wanted in the end?
    pub(super) fn wants_all(&self) -> bool {
        matches!(self.of, Left::Unknown(..) | Left::NoValue(..))
    }

    /// Says that the rows are another query's.
    pub(super) fn within(mut self, table: &Table) -> Note {
        if let Left::Unknown(whose, _) = &mut self.of {
            whose.table.get_or_insert_with(|| table.name.to_string());
        }
        self
    }
}
