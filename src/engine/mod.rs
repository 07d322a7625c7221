//! Engines: each takes a [`crate::plan::Query`] and gives a [`crate::frame::Frame`]. They know plans and
//! catalogues; they know no syntax.

pub mod notes;
pub mod polars;
