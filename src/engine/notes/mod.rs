//! What a reader should know beside an answer: how many rows a missing value left out, where a calculation has no
//! value, and what the data have in the place of a text that they never have. No engine is named here. Each count is
//! a question of its own over the same plan ([`left_out`]), so that it hangs on nothing that an engine does to
//! answer quickly, and whoever can answer questions can count. [`unknown`] says when an expression has no value, and
//! [`causes`] for want of what; where the survey found nothing missing there is nothing to ask.

pub mod beyond;
pub mod causes;
mod compared;
pub mod left_out;
pub mod nearest;
pub mod unknown;
