//! What the terminal is like.

use std::io::IsTerminal;

/// How many columns and lines of characters standard output has; `None` where it is no terminal.
pub fn size() -> Option<(u16, u16)> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    // The prompt's editor knows how to ask on every platform.
    rustyline::DefaultEditor::new().ok()?.dimensions()
}

/// How many columns of characters it has.
pub fn width() -> Option<u16> {
    size().map(|(columns, _)| columns)
}

/// Does it print one line below the other and nothing else?
pub fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}
