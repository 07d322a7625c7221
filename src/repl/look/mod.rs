//! Looking around: what a casebook holds and what may be written. The command line and the prompt show the same.

pub mod describe;
pub mod functions;
pub mod links;
