//! Giving up on a question. polars looks, between any two steps of its streaming engine, whether an interrupt (Ctrl-C)
//! has come, and if so unwinds; so does a survey. What is in the middle of a step, such as a sort of all rows, ends
//! that step first.
//!
//! An interrupt counts only while something [`cancellable`] runs, and until the last such has ended: whoever gives one
//! up lets it end before starting another.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use polars::error::abort::{self, QueryAborted};

/// How polars marks its unwinding.
const MARK: &str = "__POLARS_ABORT_";

/// From now on an interrupt ends what is [`cancellable`] instead of the process.
pub fn mind() {
    abort::register_polars_abort_mechanism();
}

/// Why work ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// An interrupt.
    Interrupted,
    /// What doesn't fit the memory is put on the disk, and that is full.
    DiskFull,
}

/// Does the work.
pub fn cancellable<T>(work: impl FnOnce() -> T) -> Result<T, Ended> {
    abort::catch_polars_abort(AssertUnwindSafe(work)).map_err(|why| match why {
        QueryAborted::KeyboardInterrupt => Ended::Interrupted,
        QueryAborted::OocOutOfDisk => Ended::DiskFull,
    })
}

/// Has everything ended that an interrupt meant? Until it has, nothing new can begin.
pub fn quiet() -> bool {
    cancellable(|| ()).is_ok()
}

/// Has an interrupt come? Then this goes no further.
pub(crate) fn check() {
    abort::try_raise_polars_abort();
}

/// A panic is caught where polars takes damaged data for a mistake of its own: an interrupt is no damage, and goes on.
pub(crate) fn pass_on(panic: Box<dyn Any + Send>) -> Box<dyn Any + Send> {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    if text.or(panic.downcast_ref::<&str>().copied()).is_some_and(|text| text.contains(MARK)) {
        std::panic::resume_unwind(panic);
    }
    panic
}
