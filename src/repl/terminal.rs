//! What the terminal is like.

use std::io::IsTerminal;

/// How many columns of characters standard output has; `None` where it is no terminal.
pub fn width() -> Option<u16> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    // The prompt's editor knows how to ask on every platform.
    let (columns, _) = rustyline::DefaultEditor::new().ok()?.dimensions()?;
    Some(columns)
}
