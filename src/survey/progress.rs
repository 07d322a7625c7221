//! What a terminal shows while a survey takes long.

use std::sync::LazyLock;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::cancel;
use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::files::File;

/// All that moves on the terminal is drawn by one hand, so that one line doesn't overwrite another. Draws nothing where
/// standard error is no terminal.
pub static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// A bar on the terminal, for what takes long.
pub(super) struct Progress {
    bar: ProgressBar,
    started: std::time::Instant,
    drawn: std::cell::Cell<bool>,
    before: std::cell::Cell<u64>,
}

impl Progress {
    pub(super) fn of(table: &Table) -> Result<Progress, Diagnostic> {
        let total = table.source.files()?.iter().map(|file| file.version.size).sum();
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("reading {msg} once {bar:30} {percent}%") {
            bar.set_style(style);
        }
        bar.set_message(table.name.to_string());
        Ok(Progress {
            bar,
            started: std::time::Instant::now(),
            drawn: std::cell::Cell::new(false),
            before: std::cell::Cell::new(0),
        })
    }

    /// So many bytes of the file have been read, about. Where the question was given up, no more are.
    pub(super) fn at(&self, bytes: u64) {
        cancel::check();
        if !self.drawn.get() && self.started.elapsed().as_millis() > 700 {
            self.drawn.set(true);
            BARS.add(self.bar.clone());
        }
        self.bar.set_position((self.before.get() + bytes).min(self.bar.length().unwrap_or(0)));
    }

    pub(super) fn done(&self, file: &File) {
        self.before.set(self.before.get() + file.version.size);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        BARS.remove(&self.bar);
    }
}
