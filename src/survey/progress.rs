//! What a terminal shows while a survey takes long.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::catalog::Table;
use crate::diagnostic::Diagnostic;
use crate::files::File;

/// A bar on the terminal, for what takes long.
pub(super) struct Progress {
    bar: ProgressBar,
    started: std::time::Instant,
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
        Ok(Progress { bar, started: std::time::Instant::now(), before: std::cell::Cell::new(0) })
    }

    /// So many bytes of the file have been read, about.
    pub(super) fn at(&self, bytes: u64) {
        if self.bar.is_hidden() && self.started.elapsed().as_millis() > 700 {
            // Draws nothing where standard error is no terminal.
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
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
    }
}
