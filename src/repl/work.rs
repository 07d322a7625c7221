//! Work that may take long. It is done on a thread of its own, so that Ctrl-C gives the prompt back at once whatever the
//! engine is in the middle of. What was given up ends by itself (see [`cancel`]) and its result goes nowhere; until it
//! has, the next question waits for it: two at once would share the memory, and an interrupt means both.
//!
//! After half a second a line shows that something is going on, and for how long.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::SIGINT;

use super::terminal;
use crate::survey::cancel::{self, Ended};
use crate::survey::progress::BARS;

/// Work that takes longer shows it.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often Ctrl-C is looked for.
const BEAT: Duration = Duration::from_millis(20);

/// Why work has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Ctrl-C.
    GivenUp,
    /// The disk is full.
    DiskFull,
    /// It panicked.
    Fault,
}

/// Does work, one piece at a time.
#[derive(Debug)]
pub struct Worker {
    interrupted: Arc<AtomicBool>,
    given_up: Option<JoinHandle<()>>,
}

impl Worker {
    /// From now on Ctrl-C gives work up and doesn't end the process.
    pub fn new() -> io::Result<Worker> {
        let interrupted = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(SIGINT, Arc::clone(&interrupted))?;
        cancel::mind();
        // What is looked at in the background, for completion, has nothing to show while a line is typed.
        BARS.set_draw_target(ProgressDrawTarget::hidden());
        Ok(Worker { interrupted, given_up: None })
    }

    /// Has Ctrl-C been pressed since the last piece of work began?
    pub fn interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// What came before doesn't count.
    pub fn forget_interrupts(&self) {
        self.interrupted.store(false, Ordering::Relaxed);
    }

    /// Does the work.
    pub fn run<T: Send + 'static>(&mut self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Lost> {
        self.forget_interrupts();
        let sign = Sign::new();
        // An interrupt ends what is gathered in the background as well, and until all of that has ended it stands.
        while self.given_up.as_ref().is_some_and(|before| !before.is_finished()) || !cancel::quiet() {
            sign.show("the question that was given up is still ending");
            if self.interrupted() {
                return Err(Lost::GivenUp);
            }
            std::thread::sleep(BEAT);
        }
        self.given_up = None;
        let (done, result) = channel();
        let thread = std::thread::spawn(move || {
            // Where nobody waits any more, nobody wants it.
            let _ = done.send(cancel::cancellable(work));
        });
        loop {
            match result.recv_timeout(BEAT) {
                Ok(Ok(found)) => return Ok(found),
                Ok(Err(Ended::Interrupted)) => return Err(Lost::GivenUp),
                Ok(Err(Ended::DiskFull)) => return Err(Lost::DiskFull),
                Err(RecvTimeoutError::Disconnected) => return Err(Lost::Fault),
                Err(RecvTimeoutError::Timeout) if self.interrupted() => {
                    self.given_up = Some(thread);
                    return Err(Lost::GivenUp);
                }
                Err(RecvTimeoutError::Timeout) => sign.show("working, Ctrl-C gives up"),
            }
        }
    }
}

/// The line that shows that something is going on.
struct Sign {
    bar: ProgressBar,
    start: Instant,
}

impl Sign {
    fn new() -> Sign {
        if !terminal::is_dumb() {
            BARS.set_draw_target(ProgressDrawTarget::stderr());
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
            bar.set_style(style);
        }
        Sign { bar, start: Instant::now() }
    }

    fn show(&self, message: &'static str) {
        if self.start.elapsed() < PATIENCE {
            return;
        }
        if self.bar.message() != message {
            self.bar.set_message(message);
            BARS.add(self.bar.clone());
        }
        self.bar.tick();
    }
}

impl Drop for Sign {
    fn drop(&mut self) {
        let _ = BARS.clear();
        // What goes on by itself has nothing more to show.
        BARS.set_draw_target(ProgressDrawTarget::hidden());
        self.bar.finish_and_clear();
        BARS.remove(&self.bar);
    }
}
